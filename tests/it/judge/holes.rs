//! Journals by hand: one for each known hole, beside one that is as it should be, so that the judge itself is not blind.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::journal::{Event, Place, moment};
use super::verdict::{account_id, judge};

/// A journal that is written by hand. Times are days and hours of July 2026, as `"02 10:00"`.
pub(super) struct Book {
    pub(super) events: Vec<Event>,
    now: String,
}

/// Three checks that pass.
const COMPLETE: &[&str] = &["outer_carton_intact", "tamper_evidence_intact", "label_legible"];
const USE_BY: &str = "2027-06-30";

pub(super) fn utc(at: &str) -> String {
    let (day, hour) = at.split_once(' ').unwrap();
    format!("2026-07-{day}T{hour}:00.000000Z")
}

/// An account: of a kind alone outside, `quarantined` at Q, `available` at S, `passed/insp1` at Q.
fn account(name: &str) -> Value {
    let (kind, inspection) = name.split_once('/').map_or((name, None), |(kind, inspection)| (kind, Some(inspection)));
    let location = match kind {
        "quarantined" | "passed" | "rejected" => "Q",
        "available" | "held" => "S",
        _ => return json!({"kind": kind}),
    };
    let place = json!({"location_id": location, "site_id": "site1", "use_by": USE_BY});
    match inspection {
        Some(inspection) => json!({"kind": kind, "place": place, "inspection_id": inspection}),
        None => json!({"kind": kind, "place": place}),
    }
}

fn line(from: &str, to: &str, units: i64) -> Value {
    json!({"lot_id": "lot1", "from": account(from), "to": account(to), "units": units})
}

fn of_pack(pack: &str, mut line: Value) -> Value {
    line["pack_id"] = json!(pack);
    line
}

fn counted_at(at: &str, mut line: Value) -> Value {
    line["at"] = json!(utc(at));
    line
}

impl Book {
    /// A clinic in London with a place to quarantine in and one for stock; a vetted supplier and one without a licence.
    fn clinic() -> Self {
        let mut book = Book { events: Vec::new(), now: utc("01 00:00") };
        let at = "01 00:00";
        book.write(at, "organisation_registered", json!({"id": "org1"}));
        let site = json!({"id": "site1", "name": "L", "jurisdiction": "GB-ENG", "time_zone": "Europe/London"});
        book.write(at, "site_registered", site);
        for (id, purpose) in [("Q", "quarantine"), ("S", "stock"), ("S2", "stock")] {
            book.write(
                at,
                "location_registered",
                json!({"id": id, "site_id": "site1", "name": id, "purpose": purpose}),
            );
        }
        book.write(at, "product_registered", json!({"id": "prd1", "class": "ha_filler", "gtin": "09521234567899"}));
        for id in ["good", "bad"] {
            book.write(at, "supplier_registered", json!({"id": id, "name": id, "approved_classes": ["ha_filler"]}));
        }
        book.write(at, "practitioner_registered", json!({"id": "prac1", "name": "Dr"}));
        for (id, holder, kind) in [
            ("wholesale", "good", "wholesale"),
            ("facility", "site1", "facility"),
            ("registration", "prac1", "professional_registration"),
        ] {
            book.licence(id, holder, kind);
            book.check(at, id, "verified", None);
        }
        book
    }

    fn licence(&mut self, id: &str, holder: &str, kind: &str) {
        let data = json!({
            "id": id, "holder_id": holder, "kind": kind, "number": id, "jurisdiction": "GB", "product_classes": ["*"],
            "valid_from": "2026-01-01", "valid_to": "2027-12-31"
        });
        self.write("01 00:00", "licence_registered", data);
    }

    /// An event, entered now or when it happens, whichever is later.
    pub(super) fn write(&mut self, at: &str, kind: &str, data: Value) {
        let occurred_at = utc(at);
        if occurred_at > self.now {
            self.now.clone_from(&occurred_at);
        }
        self.events.push(Event::of(json!({
            "kind": kind, "occurred_at": occurred_at, "recorded_at": self.now, "actor": {"subject": "somebody"},
            "data": data
        })));
    }

    pub(super) fn check(&mut self, at: &str, licence: &str, outcome: &str, effective_on: Option<&str>) {
        let mut data = json!({"id": "chk", "licence_id": licence, "outcome": outcome, "checked_at": utc(at)});
        if let Some(day) = effective_on {
            data["effective_on"] = json!(day);
        }
        self.write(at, "licence_checked", data);
    }

    fn receipt(&mut self, at: &str, id: &str, supplier: &str, lines: Vec<Value>) {
        let receipt = json!({"id": id, "supplier_id": supplier, "site_id": "site1", "occurred_at": utc(at)});
        self.write(at, "receipt_recorded", receipt);
        let new = json!({"id": "lot1", "product_id": "prd1", "lot": "HC24A", "expiry": USE_BY});
        self.write(at, "stock_received", json!({"line": {"receipt_id": id}, "new_lot": new, "postings": lines}));
    }

    pub(super) fn receive(&mut self, at: &str, id: &str, supplier: &str, units: i64) {
        self.receipt(at, id, supplier, vec![line("supplier", "quarantined", units)]);
    }

    fn inspected(&mut self, at: &str, id: &str, units: i64, criteria: &[&str], inspector: &str) {
        let checks: Vec<_> = criteria.iter().map(|c| json!({"criterion": c, "result": "pass"})).collect();
        let data = json!({
            "id": id, "lot_id": "lot1", "location_id": "Q", "checks": checks, "units_passed": units,
            "units_failed": 0, "inspector": inspector
        });
        self.write(at, "packaging_inspected", data);
    }

    pub(super) fn pass(&mut self, at: &str, id: &str, units: i64) {
        self.inspected(at, id, units, COMPLETE, "ada");
        self.passed(at, id, units);
    }

    fn passed(&mut self, at: &str, id: &str, units: i64) {
        let lines = json!([line("quarantined", &format!("passed/{id}"), units)]);
        self.write(at, "stock_passed", json!({"inspection_id": id, "units": units, "postings": lines}));
    }

    fn release_by(&mut self, who: &str, at: &str, inspection: &str, units: i64) {
        let lines = json!([line(&format!("passed/{inspection}"), "available", units)]);
        self.write(at, "stock_released", json!({"release": {"lot_id": "lot1", "released_by": who}, "postings": lines}));
    }

    fn release(&mut self, at: &str, inspection: &str, units: i64) {
        self.release_by("quinn", at, inspection, units);
    }

    pub(super) fn stock(&mut self, units: i64) {
        self.receive("02 10:00", "rec1", "good", units);
        self.pass("02 11:00", "insp1", units);
        self.release("02 12:00", "insp1", units);
    }

    fn administered(&mut self, at: &str, allowed: bool, lines: Vec<Value>) {
        let units: i64 =
            lines.iter().filter(|l| l["to"]["kind"] == "patient").filter_map(|l| l["units"].as_i64()).sum();
        let administration = json!({
            "id": format!("adm{}", self.events.len()), "lot_id": "lot1", "site_id": "site1", "practitioner_id": "prac1",
            "units": units, "decision": {"allowed": allowed, "reasons": []}
        });
        self.write(at, "stock_administered", json!({"administration": administration, "postings": lines}));
    }

    pub(super) fn administer(&mut self, at: &str, units: i64) {
        self.administered(at, true, vec![line("available", "patient", units)]);
    }

    fn void(&mut self, at: &str, administration: usize, to: &str) {
        let lines = json!([line("patient", to, 1)]);
        let void = json!({"administration_id": format!("adm{administration}")});
        self.write(at, "administration_voided", json!({"void": void, "postings": lines}));
    }

    fn hold(&mut self, at: &str, id: &str, scope: (&str, &str), lines: Vec<Value>) {
        let hold = json!({"id": id, "scope_type": scope.0, "scope_id": scope.1, "opened_at": utc(at)});
        self.write(at, "hold_opened", json!({"hold": hold, "postings": lines}));
    }

    fn lift(&mut self, at: &str, id: &str, lines: Vec<Value>) {
        self.write(at, "hold_lifted", json!({"lift": {"hold_id": id, "lifted_at": utc(at)}, "postings": lines}));
    }

    fn moved(&mut self, at: &str, kind: &str, lines: Vec<Value>) {
        self.write(at, kind, json!({"movement": {"lot_id": "lot1"}, "postings": lines}));
    }

    pub(super) fn refused(&mut self, at: &str, codes: &[&str]) {
        let reasons: Vec<_> = codes.iter().map(|code| json!({ "code": code })).collect();
        let request = json!({"lot_id": "lot1", "site_id": "site1", "units": 1});
        let data = json!({"operation": "administer", "request": request, "decision": {"reasons": reasons}});
        self.write(at, "gate_refused", data);
    }
}

/// The sorts of violations that the judge finds are these and no others.
pub(super) fn finds(expected: &[&str], write: impl FnOnce(&mut Book)) {
    let mut book = Book::clinic();
    write(&mut book);
    let found = judge(&book.events);
    let sorts: BTreeSet<&str> = found.iter().map(|violation| violation.kind).collect();
    assert_eq!(sorts, expected.iter().copied().collect(), "{found:#?}");
}

#[test]
fn what_goes_the_way_it_should_is_found_nothing_against() {
    finds(&[], |book| {
        book.stock(4);
        book.administer("03 10:00", 1);
        let voided = book.events.len() - 1;
        book.void("03 11:00", voided, "quarantined");
        book.pass("03 12:00", "insp2", 1);
        book.release("03 13:00", "insp2", 1);
        book.administer("03 14:00", 4);
    });
}

#[test]
fn a_pass_of_returned_units_that_others_use() {
    finds(&["released_uninspected", "unvetted_origin", "negative_balance", "badly_released"], |book| {
        book.receive("02 10:00", "rec1", "good", 5);
        book.pass("02 11:00", "insp1", 5);
        book.moved("02 12:00", "stock_returned", vec![line("passed/insp1", "returned", 5)]);
        book.receive("02 13:00", "rec2", "bad", 5);
        book.release("02 14:00", "insp1", 5);
        book.administer("02 15:00", 1);
    });
}

#[test]
fn a_release_of_units_that_went_back_to_quarantine() {
    finds(&["released_uninspected", "badly_released"], |book| {
        book.stock(2);
        book.moved("03 10:00", "stock_transferred", vec![line("available", "quarantined", 2)]);
        book.moved("03 10:30", "stock_transferred", vec![line("quarantined", "passed/insp1", 2)]);
        book.release("03 11:00", "insp1", 2);
        book.administer("03 12:00", 1);
    });
    // straight out of quarantine, and by a transfer
    finds(&["released_uninspected", "badly_released"], |book| {
        book.receive("02 10:00", "rec1", "good", 2);
        let lines = json!([line("quarantined", "available", 2)]);
        book.write("02 12:00", "stock_released", json!({"release": {"released_by": "quinn"}, "postings": lines}));
        book.administer("02 13:00", 1);
    });
    finds(&["never_released"], |book| {
        book.stock(2);
        book.moved("03 10:00", "stock_transferred", vec![line("available", "quarantined", 2)]);
        book.moved("03 11:00", "stock_transferred", vec![line("quarantined", "available", 2)]);
        book.administer("03 12:00", 1);
    });
}

#[test]
fn held_units_that_were_set_apart_have_no_pass() {
    finds(&["never_released"], |book| {
        book.stock(2);
        book.hold("03 10:00", "hold1", ("lot", "lot1"), vec![line("available", "held", 2)]);
        let mut apart = account("held");
        apart["place"]["location_id"] = json!("Q");
        let step = |from: &Value, to: &Value| json!({"lot_id": "lot1", "from": from, "to": to, "units": 2});
        book.moved("03 11:00", "stock_transferred", vec![step(&account("held"), &apart)]);
        book.moved("03 12:00", "stock_transferred", vec![step(&apart, &account("held"))]);
        book.lift("03 13:00", "hold1", vec![line("held", "available", 2)]);
        book.administer("03 14:00", 1);
    });
}

#[test]
fn a_release_before_the_receipt() {
    finds(&["negative_balance", "released_uninspected", "unvetted_origin"], |book| {
        book.receive("05 10:00", "rec1", "good", 2);
        book.pass("05 11:00", "insp1", 2);
        book.release("04 12:00", "insp1", 2);
    });
}

#[test]
fn an_inspection_before_the_receipt() {
    finds(&["negative_balance", "inspected_what_was_not_there"], |book| {
        book.receive("05 10:00", "rec1", "good", 2);
        book.pass("04 11:00", "insp1", 2);
    });
    finds(&["inspected_what_was_not_there"], |book| {
        book.receive("05 10:00", "rec1", "good", 2);
        book.inspected("04 11:00", "insp1", 2, COMPLETE, "ada");
    });
}

#[test]
fn use_before_the_release() {
    finds(&["not_at_that_place"], |book| {
        book.stock(2);
        book.administer("02 11:30", 1);
    });
    finds(&[], |book| {
        book.stock(2);
        book.check("20 10:00", "registration", "verified", None);
        book.administer("02 12:00", 1);
    });
    // found although a receipt that is entered later makes it good
    finds(&["not_at_that_place"], |book| {
        book.stock(2);
        book.administer("02 11:30", 1);
        book.receive("01 10:00", "rec2", "good", 2);
        book.pass("01 11:00", "insp2", 2);
        book.release("01 12:00", "insp2", 2);
    });
}

#[test]
fn use_from_another_account_than_what_is_available() {
    for from in ["held", "quarantined", "rejected", "unaccounted"] {
        let held: &[_] = if from == "held" { &["held_by_nothing"] } else { &[] };
        finds(&[held, &["not_at_that_place"]].concat(), |book| {
            book.stock(2);
            book.moved("02 13:00", "stock_counted", vec![line("adjustment", from, 1)]);
            book.administered("02 14:00", true, vec![line(from, "patient", 1)]);
        });
    }
}

#[test]
fn use_during_a_hold_that_has_since_been_lifted() {
    let held = |book: &mut Book| {
        book.stock(2);
        book.hold("03 10:00", "hold1", ("lot", "lot1"), vec![line("available", "held", 2)]);
        book.lift("05 10:00", "hold1", vec![line("held", "available", 2)]);
    };
    finds(&["on_hold", "not_at_that_place"], |book| {
        held(book);
        book.administer("04 10:00", 1);
    });
    finds(&[], |book| {
        held(book);
        book.administer("05 10:00", 1);
    });
    // a hold that moved nothing holds all the same
    for scope in [("lot", "lot1"), ("product", "prd1")] {
        finds(&["on_hold", "available_under_hold"], |book| {
            book.stock(2);
            book.hold("03 10:00", "hold1", scope, Vec::new());
            book.administer("04 10:00", 1);
        });
    }
}

#[test]
fn use_before_a_hold_that_was_entered_first() {
    let entered = |lines: Vec<Value>| {
        move |book: &mut Book| {
            book.stock(2);
            book.hold("03 12:00", "hold1", ("lot", "lot1"), vec![line("available", "held", 2)]);
            book.administered("03 11:00", true, lines);
        }
    };
    let used = line("available", "patient", 1);
    finds(&[], entered(vec![used.clone(), counted_at("03 12:00", line("held", "available", 1))]));
    finds(&["negative_balance"], entered(vec![used]));
}

#[test]
fn use_under_a_hold_on_the_place() {
    let place =
        |location: &str| Place { location: location.to_owned(), site: "site1".to_owned(), use_by: USE_BY.to_owned() };
    for (location, expected) in [("S", &["on_hold", "available_under_hold"][..]), ("S2", &["available_under_hold"])] {
        finds(expected, |book| {
            book.stock(2);
            let mut other = line("available", "available", 1);
            other["to"]["place"]["location_id"] = json!("S2");
            book.moved("02 13:00", "stock_transferred", vec![other]);
            book.hold("03 10:00", "hold1", ("account", &account_id("lot1", &place(location))), Vec::new());
            book.administer("04 10:00", 1);
        });
    }
    // it follows held units
    finds(&["on_hold", "available_under_hold"], |book| {
        book.stock(2);
        book.hold(
            "03 10:00",
            "hold1",
            ("account", &account_id("lot1", &place("S"))),
            vec![line("available", "held", 1)],
        );
        let mut other = line("held", "held", 1);
        other["to"]["place"]["location_id"] = json!("S2");
        let data = json!({"movement": {"lot_id": "lot1"}, "holds": ["hold1"], "postings": [other]});
        book.write("03 11:00", "stock_transferred", data);
        let mut used = line("available", "available", 1);
        used["to"]["place"]["location_id"] = json!("S2");
        book.moved("03 12:00", "stock_transferred", vec![used.clone()]);
        let mut patient = line("available", "patient", 1);
        patient["from"] = used["to"].clone();
        book.administered("04 10:00", true, vec![patient]);
    });
    finds(&["hold_on_nothing"], |book| book.hold("03 10:00", "hold1", ("account", "acct_1"), Vec::new()));
}

#[test]
fn a_void_before_the_administration() {
    finds(&["void_before_administration"], |book| {
        book.stock(2);
        book.administer("03 10:00", 1);
        book.administer("03 12:00", 1);
        let voided = book.events.len() - 1;
        book.void("03 11:00", voided, "quarantined");
    });
    finds(&["void_before_administration", "negative_balance"], |book| {
        book.stock(2);
        book.administer("03 12:00", 1);
        let voided = book.events.len() - 1;
        book.void("03 11:00", voided, "quarantined");
    });
}

#[test]
fn a_void_that_brings_back_what_was_never_received() {
    let against = |book: &mut Book| {
        book.stock(2);
        let lines = vec![line("available", "patient", 2), line("unaccounted", "patient", 3)];
        book.administered("03 10:00", false, lines);
        let id = format!("adm{}", book.events.len() - 1);
        book.write("03 10:00", "deviation_opened", json!({ "administration_id": id }));
        id
    };
    let void = |book: &mut Book, administration: &str, lines: Vec<Value>| {
        let void = json!({"administration_id": administration});
        book.write("03 11:00", "administration_voided", json!({"void": void, "postings": lines}));
    };
    finds(&[], |book| {
        let administration = against(book);
        let lines = vec![line("patient", "quarantined", 2), line("patient", "unaccounted", 3)];
        void(book, &administration, lines);
    });
    finds(&["never_received"], |book| {
        let administration = against(book);
        let lines = vec![line("patient", "quarantined", 2), line("patient", "quarantined", 3)];
        void(book, &administration, lines);
    });
    finds(&["never_received"], |book| {
        let administration = against(book);
        let lines = vec![line("patient", "quarantined", 3), line("patient", "unaccounted", 2)];
        void(book, &administration, lines);
    });
}

#[test]
fn a_void_that_puts_units_straight_into_stock() {
    finds(&["never_released"], |book| {
        book.stock(1);
        book.administer("03 10:00", 1);
        let voided = book.events.len() - 1;
        book.void("03 11:00", voided, "available");
        book.administer("03 12:00", 1);
    });
}

#[test]
fn a_suspension_that_was_verified_away() {
    let suspended = |licence: &'static str, at: &'static str| {
        move |book: &mut Book| {
            book.stock(2);
            book.check("04 09:00", licence, "suspended", Some("2026-07-03"));
            book.check("06 09:00", licence, "verified", None);
            book.administer(at, 1);
        }
    };
    for licence in ["registration", "facility"] {
        finds(&["unlicensed_at_the_chair"], suspended(licence, "04 12:00"));
        finds(&["unlicensed_at_the_chair"], suspended(licence, "06 08:59"));
        finds(&["unlicensed_at_the_chair"], suspended(licence, "03 00:00"));
        finds(&[], suspended(licence, "06 09:00"));
        finds(&[], suspended(licence, "02 22:59"));
        // one that was said of the wrong licence, and taken back
        finds(&[], |book| {
            book.stock(2);
            book.check("04 09:00", licence, "suspended", Some("2026-07-03"));
            book.events.last_mut().unwrap().data["id"] = json!("chk2");
            book.write("04 10:00", "licence_check_reversed", json!({"licence_id": licence, "check_id": "chk2"}));
            book.administer("04 12:00", 1);
        });
    }
    // a verification from before an announced day does not reach beyond it
    finds(&["unlicensed_at_the_chair"], |book| {
        book.stock(2);
        book.check("02 13:00", "registration", "lapsed", Some("2026-07-04"));
        book.check("03 13:00", "registration", "verified", None);
        book.administer("03 14:00", 1);
        book.administer("04 14:00", 1);
    });
    let received = |at: &'static str| {
        move |book: &mut Book| {
            book.check("04 09:00", "wholesale", "suspended", Some("2026-07-03"));
            book.check("06 09:00", "wholesale", "verified", None);
            book.receive(at, "rec1", "good", 2);
            book.pass("06 11:00", "insp1", 2);
            book.release("06 12:00", "insp1", 2);
        }
    };
    finds(&["unvetted_origin"], received("05 10:00"));
    finds(&[], received("06 10:00"));
}

#[test]
fn a_suspension_that_was_entered_after_the_release_is_nobodys_fault() {
    finds(&[], |book| {
        book.stock(2);
        book.check("04 09:00", "wholesale", "suspended", Some("2026-07-01"));
        book.administer("04 10:00", 1);
        book.check("05 09:00", "registration", "suspended", Some("2026-07-03"));
    });
    finds(&["unvetted_origin"], |book| {
        book.receive("02 10:00", "rec1", "good", 2);
        book.pass("02 11:00", "insp1", 2);
        book.check("04 09:00", "wholesale", "suspended", Some("2026-07-01"));
        book.release("04 12:00", "insp1", 2);
    });
}

#[test]
fn found_units_that_go_straight_to_stock() {
    finds(&["never_released"], |book| {
        book.stock(2);
        book.moved("03 10:00", "stock_counted", vec![line("adjustment", "available", 1)]);
        book.administer("03 11:00", 1);
    });
    // where they were is forgotten when all of them are gone
    finds(&[], |book| {
        book.stock(2);
        book.moved("03 10:00", "stock_counted", vec![line("adjustment", "available", 1)]);
        book.moved("03 11:00", "stock_wasted", vec![line("available", "waste", 3)]);
        book.pass_more("04");
        book.administer("04 13:00", 1);
    });
}

impl Book {
    fn pass_more(&mut self, day: &str) {
        self.receive(&format!("{day} 10:00"), "rec2", "good", 1);
        self.pass(&format!("{day} 11:00"), "insp2", 1);
        self.release(&format!("{day} 12:00"), "insp2", 1);
    }
}

#[test]
fn found_units_may_be_of_any_receipt_of_the_lot() {
    let found = |supplier: Option<&'static str>| {
        move |book: &mut Book| {
            if let Some(supplier) = supplier {
                book.receive("02 10:00", "rec1", supplier, 2);
                book.moved("02 11:00", "stock_returned", vec![line("quarantined", "returned", 2)]);
            }
            let new = json!({"id": "lot1", "product_id": "prd1", "lot": "HC24A", "expiry": USE_BY});
            let data = json!({"new_lot": new, "postings": [line("adjustment", "quarantined", 1)]});
            book.write("02 12:00", "stock_counted", data);
            book.pass("02 13:00", "insp1", 1);
            book.release("02 14:00", "insp1", 1);
        }
    };
    finds(&[], found(Some("good")));
    finds(&["unvetted_origin"], found(Some("bad")));
    finds(&["unvetted_origin"], found(None));
}

#[test]
fn a_receipt_that_was_taken_back_is_no_origin() {
    finds(&["unvetted_origin"], |book| {
        book.receive("02 10:00", "rec1", "good", 2);
        let data = json!({
            "corrected": {"receipt_id": "rec1"}, "line": {"receipt_id": "rec1"},
            "postings": [line("quarantined", "supplier", 2)]
        });
        book.write("02 11:00", "receipt_corrected", data);
        book.moved("02 12:00", "stock_counted", vec![line("adjustment", "quarantined", 1)]);
        book.pass("02 13:00", "insp1", 1);
        book.release("02 14:00", "insp1", 1);
    });
}

#[test]
fn four_eyes() {
    for releaser in ["ada", "Ada ", "ａｄａ", "a\u{200d}da", "\u{feff}adA", "a\u{ad}da"] {
        finds(&["released_by_inspector", "badly_released"], |book| {
            book.receive("02 10:00", "rec1", "good", 2);
            book.pass("02 11:00", "insp1", 2);
            book.release_by(releaser, "02 12:00", "insp1", 2);
            book.administer("02 13:00", 1);
        });
    }
}

#[test]
fn an_unvetted_origin() {
    let from_bad = |book: &mut Book| {
        book.receive("02 10:00", "rec1", "bad", 2);
        book.pass("02 11:00", "insp1", 2);
        book.release("02 12:00", "insp1", 2);
        book.administer("02 13:00", 1);
    };
    let expected = ["unvetted_origin", "badly_released"];
    finds(&expected, from_bad);
    // a licence that was never checked, for something else, elsewhere, or of another time is none
    finds(&expected, |book| {
        book.licence("other", "bad", "wholesale");
        from_bad(book);
    });
    for (field, wrong) in [
        ("product_classes", json!(["neuromodulator"])),
        ("jurisdiction", json!("FR")),
        ("valid_to", json!("2026-07-01")),
        ("kind", json!("facility")),
    ] {
        finds(&expected, |book| {
            book.licence("other", "bad", "wholesale");
            book.events.last_mut().unwrap().data[field] = wrong;
            book.check("01 01:00", "other", "verified", None);
            from_bad(book);
        });
    }
    // a check of later speaks for that day
    finds(&[], |book| {
        book.licence("other", "bad", "wholesale");
        book.receive("02 10:00", "rec1", "bad", 2);
        book.pass("02 11:00", "insp1", 2);
        book.check("03 01:00", "other", "verified", None);
        book.release("03 12:00", "insp1", 2);
        book.administer("03 13:00", 1);
    });
    let denied = |denied: &'static str, set_at: &'static str| {
        move |book: &mut Book| {
            let body = json!({"denied_suppliers": [denied], "checklists": {}});
            book.write(set_at, "policy_set", json!({"body": body, "set_at": utc(set_at)}));
            book.stock(2);
        }
    };
    finds(&["unvetted_origin"], denied("good", "02 09:00"));
    finds(&[], denied("good", "02 10:01"));
    finds(&[], denied("bad", "02 09:00"));
    finds(&["unvetted_origin"], |book| {
        let row = json!({"id": "good", "approved_classes": ["neuromodulator"]});
        book.write("02 09:00", "supplier_corrected", json!({ "row": row }));
        book.stock(2);
    });
}

#[test]
fn two_deliveries_that_cannot_be_told_apart() {
    let mixed = |leave: bool| {
        move |book: &mut Book| {
            book.receive("02 10:00", "rec1", "bad", 2);
            if leave {
                book.moved("02 10:30", "stock_returned", vec![line("quarantined", "returned", 2)]);
            }
            book.receive("02 11:00", "rec2", "good", 2);
            book.pass("02 12:00", "insp1", 2);
            book.release("02 13:00", "insp1", 2);
        }
    };
    finds(&["unvetted_origin"], mixed(false));
    finds(&[], mixed(true));
    // packs are told apart by their numbers
    let packs = |released: &'static str| {
        move |book: &mut Book| {
            book.receipt("02 10:00", "rec1", "bad", vec![of_pack("p1", line("supplier", "quarantined", 2))]);
            book.receipt("02 11:00", "rec2", "good", vec![of_pack("p2", line("supplier", "quarantined", 2))]);
            book.inspected("02 12:00", "insp1", 2, COMPLETE, "ada");
            let lines = json!([of_pack(released, line("quarantined", "passed/insp1", 2))]);
            book.write("02 12:00", "stock_passed", json!({"inspection_id": "insp1", "units": 2, "postings": lines}));
            let lines = json!([of_pack(released, line("passed/insp1", "available", 2))]);
            book.write("02 13:00", "stock_released", json!({"release": {"released_by": "quinn"}, "postings": lines}));
        }
    };
    finds(&["unvetted_origin"], packs("p1"));
    finds(&[], packs("p2"));
}

#[test]
fn a_pack_is_released_on_the_pass_of_another() {
    finds(&["negative_balance", "released_uninspected", "unvetted_origin"], |book| {
        let arrived = |pack| of_pack(pack, line("supplier", "quarantined", 2));
        book.receipt("02 10:00", "rec1", "good", vec![arrived("p1"), arrived("p2")]);
        book.inspected("02 12:00", "insp1", 2, COMPLETE, "ada");
        let lines = json!([of_pack("p1", line("quarantined", "passed/insp1", 2))]);
        book.write("02 12:00", "stock_passed", json!({"inspection_id": "insp1", "units": 2, "postings": lines}));
        let lines = json!([of_pack("p2", line("passed/insp1", "available", 2))]);
        book.write("02 13:00", "stock_released", json!({"release": {"released_by": "quinn"}, "postings": lines}));
    });
}

#[test]
fn units_of_a_pack_that_move_without_its_number() {
    finds(&["negative_balance"], |book| {
        book.receipt("02 10:00", "rec1", "good", vec![of_pack("p1", line("supplier", "quarantined", 2))]);
        book.moved("02 12:00", "stock_returned", vec![line("quarantined", "returned", 1)]);
    });
}

#[test]
fn the_last_day_counts_and_no_later_one() {
    let with_expiry = |expiry: &'static str, zone: &'static str, at: &'static str| {
        move |book: &mut Book| {
            book.stock(2);
            for event in &mut book.events {
                if event.data["new_lot"].is_object() {
                    event.data["new_lot"]["expiry"] = json!(expiry);
                }
                if event.kind == "site_registered" {
                    event.data["time_zone"] = json!(zone);
                }
            }
            book.administer(at, 1);
        }
    };
    finds(&[], with_expiry("2026-07-03", "Europe/London", "03 22:59"));
    finds(&["expired"], with_expiry("2026-07-03", "Europe/London", "03 23:00"));
    finds(&["expired"], with_expiry("2026-07-03", "Pacific/Auckland", "03 12:00"));
    finds(&[], with_expiry("2026-07-03", "America/New_York", "04 03:59"));
    // neither may it be released
    finds(&["expired"], |book| {
        with_expiry("2026-07-02", "Europe/London", "02 13:00")(book);
        book.receive("03 10:00", "rec2", "good", 2);
        book.pass("03 11:00", "insp2", 2);
        book.release("03 12:00", "insp2", 2);
    });
}

#[test]
fn a_late_entry_that_makes_an_earlier_balance_negative() {
    let wasted = |at: &'static str, later: i64| {
        move |book: &mut Book| {
            book.stock(2);
            book.administer("05 10:00", 2);
            book.moved("06 10:00", "stock_counted", vec![line("adjustment", "quarantined", later)]);
            book.pass("06 11:00", "insp2", later);
            book.release("06 12:00", "insp2", later);
            book.moved(at, "stock_wasted", vec![line("available", "waste", 1)]);
        }
    };
    finds(&["negative_balance"], wasted("03 10:00", 2));
    finds(&[], wasted("06 12:30", 2));
}

#[test]
fn a_count_against_the_books_of_another_moment() {
    let counted = |at: &'static str, units: i64| {
        move |book: &mut Book| {
            book.stock(4);
            book.administer("05 10:00", 3);
            let movement = json!({"lot_id": "lot1", "from_location_id": "S", "units_counted": units});
            let lines = json!([line("available", "adjustment", 1)]);
            book.write(at, "stock_counted", json!({"movement": movement, "postings": lines}));
        }
    };
    finds(&[], counted("06 10:00", 0));
    finds(&["counted_against_other_books"], counted("06 10:00", 1));
    finds(&["negative_balance"], |book| {
        counted("04 10:00", 3)(book);
        book.moved("06 10:00", "stock_wasted", vec![line("available", "waste", 1)]);
    });
    finds(&["counted_against_other_books"], counted("04 10:00", 2));
}

#[test]
fn a_difference_that_nobody_else_reviewed() {
    let counted = |units: i64, posted: bool, reviewer: Option<&'static str>| {
        move |book: &mut Book| {
            book.stock(4);
            let movement = json!({"id": "mov1", "lot_id": "lot1", "from_location_id": "S", "units_counted": units});
            let difference = match units - 4 {
                found if found > 0 => line("adjustment", "quarantined", found),
                missing => line("available", "adjustment", -missing),
            };
            let at_the_shelf = |mut line: Value| {
                if line["to"]["kind"] == "quarantined" {
                    line["to"]["place"]["location_id"] = json!("S");
                }
                json!([line])
            };
            let lines = at_the_shelf(difference);
            let postings = if posted { lines.clone() } else { json!([]) };
            book.write("03 10:00", "stock_counted", json!({"movement": movement, "postings": postings}));
            if let Some(reviewer) = reviewer {
                book.moved("03 11:00", "stock_wasted", vec![line("available", "waste", 1)]);
                let review = json!({"movement_id": "mov1", "outcome": "approved"});
                book.write("03 10:00", "count_reviewed", json!({"review": review, "postings": lines}));
                book.events.last_mut().unwrap().actor = reviewer.to_owned();
            }
        }
    };
    finds(&[], counted(2, true, None));
    finds(&["posted_unreviewed"], counted(1, true, None));
    finds(&["posted_unreviewed"], counted(5, true, None));
    finds(&[], counted(5, false, Some("quinn")));
    finds(&[], counted(1, false, Some("quinn")));
    for reviewer in ["Somebody", "some\u{200b}body", "ＳＯＭＥＢＯＤＹ"] {
        finds(&["reviewed_by_counter"], counted(1, false, Some(reviewer)));
    }
    finds(&["counted_against_other_books"], |book| {
        counted(1, false, Some("quinn"))(book);
        book.events.last_mut().unwrap().lines[0].units = 2;
    });
}

#[test]
fn a_hold_that_does_not_take_what_is_released_late() {
    let released = |lines: Vec<Value>| {
        move |book: &mut Book| {
            book.receive("02 10:00", "rec1", "good", 2);
            book.pass("02 11:00", "insp1", 2);
            book.hold("03 10:00", "hold1", ("lot", "lot1"), Vec::new());
            let lines = [vec![line("passed/insp1", "available", 2)], lines].concat();
            book.write("02 12:00", "stock_released", json!({"release": {"released_by": "quinn"}, "postings": lines}));
        }
    };
    finds(&["available_under_hold"], released(Vec::new()));
    let taken = vec![counted_at("03 10:00", line("available", "held", 2))];
    finds(&[], released(taken.clone()));
    finds(&["held_by_nothing"], |book| {
        released(taken)(book);
        book.lift("04 10:00", "hold1", Vec::new());
    });
}

#[test]
fn a_pass_that_is_inspected_again() {
    let again = |criteria: &'static [&'static str]| {
        move |book: &mut Book| {
            book.receive("02 10:00", "rec1", "good", 2);
            book.inspected("02 11:00", "insp1", 2, criteria, "ada");
            let lines = json!([line("quarantined", "passed/insp1", 2)]);
            book.write("02 11:00", "stock_passed", json!({"inspection_id": "insp1", "postings": lines}));
            let body = json!({"checklists": {"ha_filler": COMPLETE}});
            book.write("02 11:30", "policy_set", json!({"body": body, "set_at": utc("02 11:30")}));
            book.inspected("02 12:00", "insp2", 2, COMPLETE, "bert");
        }
    };
    finds(&["inspected_what_was_not_there"], again(COMPLETE));
    finds(&["passed_without_inspection"], again(&COMPLETE[..2]));
}

#[test]
fn an_incomplete_checklist_that_passes() {
    finds(&["passed_without_inspection", "released_uninspected", "badly_released"], |book| {
        book.receive("02 10:00", "rec1", "good", 2);
        book.inspected("02 11:00", "insp1", 2, &COMPLETE[..2], "ada");
        book.passed("02 11:00", "insp1", 2);
        book.release("02 12:00", "insp1", 2);
        book.administer("02 13:00", 1);
    });
    finds(&[], |book| {
        book.receive("02 10:00", "rec1", "good", 2);
        book.inspected("02 11:00", "insp1", 2, &COMPLETE[..2], "ada");
        book.pass("02 11:00", "insp2", 2);
        book.release("02 12:00", "insp2", 2);
    });
    finds(&["passed_without_inspection"], |book| {
        book.receive("02 10:00", "rec1", "good", 2);
        book.inspected("02 11:00", "insp1", 1, COMPLETE, "ada");
        book.passed("02 11:00", "insp1", 2);
    });
    // when the checklist grows after the pass, it is not complete any more
    let grown = |set_at: &'static str| {
        move |book: &mut Book| {
            let checklists = json!({"ha_filler": ["unit_count_correct"]});
            let body = json!({"denied_suppliers": [], "checklists": checklists});
            book.write("02 13:00", "policy_set", json!({"body": body, "set_at": utc(set_at)}));
            book.stock(2);
        }
    };
    finds(&["released_uninspected"], grown("02 11:30"));
    finds(&[], grown("02 12:30"));
}

#[test]
fn what_was_against_the_rules_has_a_deviation() {
    let retrospective = |opened: bool| {
        move |book: &mut Book| {
            book.stock(1);
            book.administered("02 11:00", false, vec![line("unaccounted", "patient", 1)]);
            if opened {
                let id = format!("adm{}", book.events.len() - 1);
                book.write("02 11:00", "deviation_opened", json!({ "administration_id": id }));
            }
        }
    };
    finds(&[], retrospective(true));
    finds(&["no_deviation"], retrospective(false));
}

#[test]
fn a_refusal_for_what_was_not_so() {
    let asked = |at: &'static str, code: &'static str| {
        move |book: &mut Book| {
            book.stock(2);
            book.hold("05 10:00", "hold1", ("lot", "lot1"), vec![line("available", "held", 2)]);
            book.refused(at, &[code]);
        }
    };
    finds(&["refused_without_ground"], asked("04 10:00", "lot_on_hold"));
    finds(&[], asked("05 10:00", "lot_on_hold"));
    finds(&["refused_without_ground"], asked("04 10:00", "lot_expired"));
    finds(&["refused_without_ground"], asked("04 10:00", "stock_not_on_hand"));
    finds(&[], asked("02 11:59", "lot_quarantined"));
}

#[test]
fn moments_are_read_to_the_microsecond() {
    assert_eq!(moment("2026-07-01T00:00:00.000001Z") - moment("2026-07-01T00:00:00Z"), 1);
}
