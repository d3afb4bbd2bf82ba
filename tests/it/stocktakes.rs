//! Stock-takes: blind, by several people, approved by another, posted in one command (DOMAIN.md, rules 22 and 22a).

use lotline::caller::Role;
use serde_json::{Value, json};

use super::support::client::codes;
use super::support::clinic::{EXPIRY, GTIN, id, location, scan, site};
use super::support::{Clinic, World, on_both_databases};

on_both_databases!(
    a_room_is_counted_blind_by_several_people,
    what_moved_meanwhile_is_counted_again,
    what_nobody_scanned_is_not_there,
    packs_are_counted_by_their_numbers,
    a_pack_that_lies_elsewhere_is_told,
    a_delivery_of_sixty_packs_is_counted_in_one_call,
    scans_are_judged_one_by_one,
    a_scan_is_taken_back_by_whoever_made_it,
    what_has_shown_its_difference_stays_counted,
    nobody_reads_elsewhere_what_others_count,
    a_count_that_waits_comes_first,
    stock_takes_wait_for_those_who_may,
    stock_takes_that_make_no_sense,
    a_place_is_counted_in_one_stock_take_at_a_time,
    what_was_told_stays_told,
    the_books_are_those_of_when_it_was_counted,
);

const ADA: (&str, &[Role]) = ("ada", &[Role::Purchaser]);
const BERT: (&str, &[Role]) = ("bert", &[Role::Purchaser]);
const QUINN: (&str, &[Role]) = ("quinn", &[Role::Quality]);
type Who<'a> = (&'a str, &'a [Role]);

impl Clinic<'_> {
    fn by(&self, who: Who<'_>, path: &str, body: &Value) -> (u16, Value) {
        self.http.post(&self.token_as(who.0, who.1), path, body)
    }

    fn done_by(&self, who: Who<'_>, path: &str, body: &Value) -> Value {
        let (status, made) = self.by(who, path, body);
        assert!(matches!(status, 200 | 201), "{path} {body}: {status} {made}");
        made
    }

    /// What somebody is told of something.
    fn seen_by(&self, who: Who<'_>, path: &str) -> Value {
        let (status, found) = self.http.get(&self.token_as(who.0, who.1), path);
        assert_eq!(status, 200, "{path}: {found}");
        found
    }

    fn stock_take(&self, places: &[&str]) -> String {
        id(&self.done_by(ADA, "/v1/stock-takes", &json!({"location_ids": places, "reason": "End of the quarter"})))
    }

    fn scans(&self, who: Who<'_>, take: &str, scans: Value) -> Value {
        self.done_by(who, &format!("/v1/stock-takes/{take}/scans"), &json!({"scans": scans}))
    }

    fn close(&self, who: Who<'_>, take: &str) -> Value {
        self.done_by(who, &format!("/v1/stock-takes/{take}/close"), &json!({}))
    }

    fn problem_of(&self, who: Who<'_>, path: &str, body: &Value, status: u16, code: &str) -> Value {
        let before = self.database.state();
        let (found, problem) = self.by(who, path, body);
        assert_eq!((found, &problem["code"]), (status, &json!(code)), "{path} {body}: {problem}");
        if code != "gate_refused" {
            assert_eq!(self.database.state(), before);
        }
        problem
    }

    /// Units of a lot by place and state.
    fn lying(&self, lot: &str) -> Vec<(String, String, i64)> {
        let text = |item: &Value, field: &str| item[field].as_str().unwrap().to_owned();
        let items = self.read(&format!("/v1/stock?lot_id={lot}"))["items"].clone();
        let items = items.as_array().unwrap().iter();
        let mut found: Vec<_> = items
            .map(|item| (text(item, "location_id"), text(item, "state"), item["units"].as_i64().unwrap()))
            .collect();
        found.sort();
        found
    }

    fn assert_lies(&self, lot: &str, expected: &[(&str, &str, i64)]) {
        let mut expected: Vec<_> =
            expected.iter().map(|(place, state, units)| ((*place).to_owned(), (*state).to_owned(), *units)).collect();
        expected.sort();
        assert_eq!(self.lying(lot), expected);
        assert_eq!(self.reconciliation(lot)["balanced"], json!(true));
    }

    fn second_fridge(&self) -> String {
        let mut body = location(&self.site, "stock");
        body["name"] = json!("Fridge 2");
        id(&self.create(Role::Admin, "/v1/locations", &body))
    }

    fn moved(&self, lot: &str, from: &str, to: &str, units: i64) {
        let body = json!({"lot_id": lot, "from_location_id": from, "to_location_id": to, "units": units, "reason": "Restocking"});
        self.create(Role::Quality, "/v1/transfers", &body);
    }

    /// Packs with numbers of a lot, received, inspected and released: the lot.
    fn in_numbered_packs(&self, lot: &str, serials: &[&str]) -> String {
        let lines: Vec<_> =
            serials.iter().map(|serial| json!({"scan": scan("270630", lot, Some(serial)), "packs": 1})).collect();
        let receipt = self.create(Role::Purchaser, "/v1/receipts", &self.receipt(json!(lines)));
        let lot = receipt["lines"][0]["lot_id"].as_str().unwrap().to_owned();
        let units = 2 * i64::try_from(serials.len()).unwrap();
        let mut inspection = self.inspection(&id(&receipt), &lot, units, 0);
        inspection["serials_passed"] = json!(serials);
        self.create(Role::Purchaser, "/v1/inspections", &inspection);
        let mut release = self.release(units);
        release["serials"] = json!(serials);
        self.create(Role::Quality, &format!("/v1/lots/{lot}/releases"), &release);
        lot
    }
}

/// One field of each line, by the lot.
/// The outcomes of scans.
fn outcomes(taken: &Value) -> Vec<&str> {
    taken["scans"].as_array().unwrap().iter().map(|scan| scan["outcome"].as_str().unwrap()).collect()
}

fn what_has_shown_its_difference_stays_counted(world: &World) {
    let clinic = world.clinic();
    let [first, second] = ["LOT1", "LOT2"].map(|lot| clinic.receive_inspect_release(lot, 6));
    let numbered = clinic.in_numbered_packs("NUMBERED", &["N1", "N2"]);
    let take = clinic.stock_take(&[&clinic.stock]);
    // A number marks as many units as its pack holds: two here.
    let more =
        json!([{"lot_id": numbered, "serial": "N1", "units": 3}, {"lot_id": numbered, "serial": "N1", "units": 2}]);
    assert_eq!(outcomes(&clinic.scans(ADA, &take, more)), ["too_many_units", "counted"]);
    let part = json!([{"lot_id": numbered, "serial": "N2", "units": 1}, {"lot_id": first, "units": 4}]);
    let taken = clinic.scans(ADA, &take, part);
    assert_eq!(outcomes(&taken), ["counted", "counted"]);
    let scan = taken["scans"][1]["scan"]["id"].clone();
    clinic.close(ADA, &take);
    // Once the differences have shown, only what was reopened is counted; the rest stays as it was told.
    let line = json!({"lines": [{"location_id": clinic.stock, "lot_id": second}], "reason": "Look behind the door"});
    clinic.done_by(QUINN, &format!("/v1/stock-takes/{take}/reopen"), &line);
    let late = json!([{"lot_id": first, "units": 2}, {"lot_id": second, "units": 6}]);
    assert_eq!(outcomes(&clinic.scans(ADA, &take, late)), ["not_reopened", "counted"]);
    let withdrawal = json!({"scan_id": scan, "reason": "Miscounted"});
    clinic.problem_of(ADA, &format!("/v1/stock-takes/{take}/withdrawals"), &withdrawal, 409, "stock_take_not_open");
    let closed = clinic.close(ADA, &take);
    let differences = [("LOT1", json!(-2)), ("LOT2", json!(0)), ("NUMBERED", json!(-1))];
    assert_eq!(of_lines(&closed, "difference"), named(&differences));
    // Whoever closed any round of it is no second person, whoever closed the last one.
    let again = json!({"lines": [{"location_id": clinic.stock, "lot_id": second}], "reason": "Once more"});
    clinic.done_by(ADA, &format!("/v1/stock-takes/{take}/reopen"), &again);
    clinic.close(QUINN, &take);
    clinic.done_by(ADA, &format!("/v1/stock-takes/{take}/reopen"), &again);
    clinic.close(ADA, &take);
    let approve = format!("/v1/stock-takes/{take}/approve");
    clinic.problem_of(QUINN, &approve, &json!({}), 409, "self_approved_stock_take");
    clinic.done_by(("quentin", &[Role::Quality]), &approve, &json!({}));
}

fn nobody_reads_elsewhere_what_others_count(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 6);
    let take = clinic.stock_take(&[&clinic.stock]);
    clinic.scans(ADA, &take, json!([{"lot_id": lot, "units": 5}]));
    let path = format!("/v1/events?subject={take}");
    let kinds = |who: Who<'_>| -> Vec<String> {
        let found = clinic.seen_by(who, &path);
        found["items"].as_array().unwrap().iter().map(|event| event["kind"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(kinds(QUINN), ["stock_take_opened"]);
    assert_eq!(kinds(("ines", &[Role::Auditor])), ["stock_take_opened", "stock_take_scanned"]);
}

fn of_lines(take: &Value, field: &str) -> Vec<(String, Value)> {
    let lines = take["lines"].as_array().unwrap().iter();
    let mut found: Vec<_> =
        lines.map(|line| (line["names"]["lot"].as_str().unwrap().to_owned(), line[field].clone())).collect();
    found.sort_by(|(one, _), (other, _)| one.cmp(other));
    found
}

fn named(rows: &[(&str, Value)]) -> Vec<(String, Value)> {
    rows.iter().map(|(lot, value)| ((*lot).to_owned(), value.clone())).collect()
}

fn a_room_is_counted_blind_by_several_people(world: &World) {
    let clinic = world.clinic();
    let fridge = clinic.second_fridge();
    let [first, second] = ["LOT1", "LOT2"].map(|lot| clinic.receive_inspect_release(lot, 6));
    clinic.moved(&second, &clinic.stock, &fridge, 6);
    let take = clinic.stock_take(&[&clinic.stock, &fridge]);
    let path = format!("/v1/stock-takes/{take}");

    let taken = clinic.scans(ADA, &take, json!([{"lot_id": first, "location_id": clinic.stock, "units": 3}]));
    assert_eq!((&taken["counted"], &taken["scans"][0]["outcome"]), (&json!(1), &json!("counted")));
    clinic.clock.advance_days(1);
    // By the code of a pack, which holds two; and what is left, later and by somebody else.
    let code = scan("270630", "LOT2", None);
    clinic.scans(BERT, &take, json!([{"code": code, "location_id": fridge}, {"code": code, "location_id": fridge}]));
    clinic.scans(BERT, &take, json!([{"lot_id": second, "location_id": fridge, "units": 2}]));
    clinic.scans(QUINN, &take, json!([{"lot_id": first, "location_id": clinic.stock, "units": 2}]));

    // Nobody is told what the books say, or what others have counted.
    for who in [ADA, BERT, QUINN] {
        let shown = clinic.seen_by(who, &path);
        assert_eq!((&shown["state"], &shown["lines"]), (&json!("counting"), &Value::Null), "{shown}");
        let scans = clinic.seen_by(who, &format!("{path}/scans"))["items"].clone();
        assert!(scans.as_array().unwrap().iter().all(|scan| scan["scanned_by"] == who.0), "{scans}");
    }
    assert_eq!(clinic.seen_by(BERT, &format!("{path}/scans"))["items"].as_array().unwrap().len(), 3);

    let closed = clinic.close(ADA, &take);
    assert_eq!(of_lines(&closed, "counted"), named(&[("LOT1", json!(5)), ("LOT2", json!(6))]));
    assert_eq!(of_lines(&closed, "on_books"), named(&[("LOT1", json!(6)), ("LOT2", json!(6))]));
    assert_eq!(of_lines(&closed, "difference"), named(&[("LOT1", json!(-1)), ("LOT2", json!(0))]));
    assert_eq!(closed["site"], "Harley Street");
    assert_eq!(clinic.seen_by(BERT, &format!("{path}/scans"))["items"].as_array().unwrap().len(), 5);

    // A second person: none who counted, and not whoever said that this is all.
    let approve = format!("{path}/approve");
    clinic.problem_of(QUINN, &approve, &json!({}), 409, "self_approved_stock_take");
    clinic.problem_of(("ADA", &[Role::Quality]), &approve, &json!({}), 409, "self_approved_stock_take");
    clinic.problem_of(BERT, &approve, &json!({}), 403, "forbidden");
    let approved = clinic.done_by(("rose", &[Role::Quality]), &approve, &json!({"reason": "Looked myself"}));
    assert_eq!((&approved["state"], &approved["ended_by"]), (&json!("approved"), &json!("rose")));
    assert_eq!(of_lines(&approved, "on_books"), of_lines(&closed, "on_books"));
    clinic.assert_lies(&first, &[(&clinic.stock, "available", 5)]);
    clinic.assert_lies(&second, &[(&fridge, "available", 6)]);
    assert_eq!(clinic.reconciliation(&first)["adjusted"], json!(-1));

    // It is a count like any other, that says of which stock-take it is, at the moment of its last scan.
    let counts = clinic.read("/v1/movements?kind=count");
    let count = &counts["items"][0];
    assert_eq!(counts["items"].as_array().unwrap().len(), 1);
    assert_eq!(
        (&count["stock_take_id"], &count["units"], &count["units_counted"]),
        (&json!(take), &json!(-1), &json!(5))
    );
    assert_eq!((&count["status"], &count["reason"]), (&json!("posted"), &json!("Looked myself")));
    let line = approved["lines"].as_array().unwrap().iter().find(|line| line["names"]["lot"] == "LOT1").unwrap();
    assert_eq!((&line["movement_id"], &line["counted_at"]), (&count["id"], &count["occurred_at"]));
    let chain = clinic.read(&format!("/v1/lots/{first}/custody"));
    assert!(chain["events"].as_array().unwrap().iter().any(|event| event["kind"] == "stock_counted"));
    clinic.problem_of(("rose", &[Role::Quality]), &approve, &json!({}), 409, "stock_take_ended");
    world.assert_verified();
}

fn what_moved_meanwhile_is_counted_again(world: &World) {
    let clinic = world.clinic();
    let fridge = clinic.second_fridge();
    let [first, second, third] = ["LOT1", "LOT2", "LOT3"].map(|lot| clinic.receive_inspect_release(lot, 6));
    let take = clinic.stock_take(&[&clinic.stock]);
    clinic.scans(ADA, &take, json!([{"lot_id": first, "units": 6}, {"lot_id": second, "units": 4}]));
    // One leaves after it was counted; one is not counted at all and leaves; a hold moves nothing.
    clinic.moved(&first, &clinic.stock, &fridge, 2);
    clinic.moved(&third, &clinic.stock, &fridge, 6);
    clinic.hold(&second);
    let closed = clinic.close(ADA, &take);
    assert_eq!(of_lines(&closed, "count_again"), named(&[("LOT1", json!(true)), ("LOT2", json!(false))]));

    let approve = format!("/v1/stock-takes/{take}/approve");
    let refused = clinic.problem_of(QUINN, &approve, &json!({}), 409, "gate_refused");
    assert_eq!(codes(&refused), ["stock_moved_meanwhile"]);
    assert_eq!(refused["reasons"][0]["subject"]["id"], json!(first));
    clinic.assert_lies(&second, &[(&clinic.stock, "held", 6)]);

    // What must be is counted again; the rest stays counted.
    let again = clinic.done_by(QUINN, &format!("/v1/stock-takes/{take}/reopen"), &json!({"reason": "It moved"}));
    assert_eq!((&again["state"], &again["round"], &again["lines"]), (&json!("counting"), &json!(2), &Value::Null));
    let scans = clinic.seen_by(ADA, &format!("/v1/stock-takes/{take}/scans"))["items"].clone();
    let counts: Vec<_> = scans.as_array().unwrap().iter().map(|scan| scan["counts"].clone()).collect();
    assert_eq!(counts, [json!(false), json!(true)]);
    clinic.scans(BERT, &take, json!([{"lot_id": first, "units": 3}]));
    let closed = clinic.close(ADA, &take);
    assert_eq!(of_lines(&closed, "difference"), named(&[("LOT1", json!(-1)), ("LOT2", json!(-2))]));
    clinic.done_by(QUINN, &approve, &json!({}));
    clinic.assert_lies(&first, &[(&clinic.stock, "available", 3), (&fridge, "available", 2)]);
    clinic.assert_lies(&second, &[(&clinic.stock, "held", 4)]);
    clinic.assert_lies(&third, &[(&fridge, "available", 6)]);

    // What comes while others count is not taken for missing.
    let take = clinic.stock_take(&[&clinic.stock]);
    clinic.moved(&third, &fridge, &clinic.stock, 2);
    clinic.scans(ADA, &take, json!([{"lot_id": first, "units": 3}, {"lot_id": second, "units": 4}]));
    let closed = clinic.close(ADA, &take);
    let again = [("LOT1", json!(false)), ("LOT2", json!(false)), ("LOT3", json!(true))];
    assert_eq!(of_lines(&closed, "count_again"), named(&again));
    // A place may be counted again as a whole; what was counted long ago must be.
    let all = json!({"location_ids": [clinic.stock], "reason": "From the beginning"});
    clinic.done_by(ADA, &format!("/v1/stock-takes/{take}/reopen"), &all);
    let scans = json!([{"lot_id": first, "units": 3}, {"lot_id": second, "units": 4}, {"lot_id": third, "units": 2}]);
    clinic.scans(ADA, &take, scans);
    let closed = clinic.close(ADA, &take);
    assert!(of_lines(&closed, "difference").iter().all(|(_, units)| *units == 0), "{closed}");
    clinic.clock.advance_days(31);
    let shown = clinic.seen_by(QUINN, &format!("/v1/stock-takes/{take}"));
    assert!(of_lines(&shown, "count_again").iter().all(|(_, again)| *again == json!(true)), "{shown}");
    world.assert_verified();
}

fn what_nobody_scanned_is_not_there(world: &World) {
    let clinic = world.clinic();
    let [first, second] = ["LOT1", "LOT2"].map(|lot| clinic.receive_inspect_release(lot, 6));
    let take = clinic.stock_take(&[&clinic.stock]);
    // One more than there is, and nothing of the other.
    clinic.scans(ADA, &take, json!([{"lot_id": first, "units": 7}]));
    let closed = clinic.close(BERT, &take);
    assert_eq!(of_lines(&closed, "difference"), named(&[("LOT1", json!(1)), ("LOT2", json!(-6))]));
    clinic.done_by(QUINN, &format!("/v1/stock-takes/{take}/approve"), &json!({}));
    clinic.assert_lies(&first, &[(&clinic.stock, "available", 6), (&clinic.stock, "quarantined", 1)]);
    clinic.assert_lies(&second, &[]);
    // And both are taken back like any count.
    for count in world.read("/v1/movements?kind=count")["items"].as_array().unwrap() {
        let path = format!("/v1/movements/{}/reversals", id(count));
        clinic.create(Role::Quality, &path, &json!({"reason": "The other fridge was meant"}));
    }
    clinic.assert_lies(&first, &[(&clinic.stock, "available", 6)]);
    clinic.assert_lies(&second, &[(&clinic.stock, "quarantined", 6)]);
    world.assert_verified();
}

fn packs_are_counted_by_their_numbers(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.in_numbered_packs("LOT1", &["SN1", "SN2", "SN3", "SN4"]);
    let mut given = clinic.administration(&lot, 1);
    given["serial"] = json!("SN2");
    clinic.create(Role::Practitioner, "/v1/administrations", &given);
    let take = clinic.stock_take(&[&clinic.stock]);
    let seen = |serial: &str, units: i64| json!({"code": scan("270630", "LOT1", Some(serial)), "units": units});
    // SN2 has one unit left, of SN3 one is missing, SN4 is not there, and SN1 is scanned twice.
    let rows = json!([seen("SN1", 2), seen("SN2", 1), seen("SN1", 2), seen("SN3", 1), seen("SN9", 2)]);
    let taken = clinic.scans(ADA, &take, rows);
    let outcomes: Vec<_> = taken["scans"].as_array().unwrap().iter().map(|row| row["outcome"].clone()).collect();
    assert_eq!(outcomes, ["counted", "counted", "scanned_already", "counted", "serial_unknown"]);
    // Nor by somebody else.
    let again = clinic.scans(BERT, &take, json!([{"lot_id": lot, "serial": "SN3"}]));
    assert_eq!((&again["counted"], &again["scans"][0]["outcome"]), (&json!(0), &json!("scanned_already")));
    let closed = clinic.close(ADA, &take);
    let line = &closed["lines"][0];
    assert_eq!((&line["counted"], &line["on_books"], &line["difference"]), (&json!(4), &json!(7), &json!(-3)));
    assert_eq!(line["serials_missing"], json!(["SN4"]));
    clinic.done_by(QUINN, &format!("/v1/stock-takes/{take}/approve"), &json!({}));
    clinic.assert_lies(&lot, &[(&clinic.stock, "available", 4)]);
    let count = &clinic.read("/v1/movements?kind=count")["items"][0];
    assert_eq!((&count["units"], &count["serials"]), (&json!(-3), &json!(["SN4", "SN3"])));

    // What was missing is found: under its number, and in quarantine, as nobody knows where it was.
    let take = clinic.stock_take(&[&clinic.stock]);
    clinic.scans(ADA, &take, json!([seen("SN1", 2), seen("SN2", 1), seen("SN3", 1), seen("SN4", 2)]));
    let closed = clinic.close(ADA, &take);
    assert_eq!(closed["lines"][0]["serials_found"], json!(["SN4"]));
    clinic.done_by(QUINN, &format!("/v1/stock-takes/{take}/approve"), &json!({}));
    clinic.assert_lies(&lot, &[(&clinic.stock, "available", 4), (&clinic.stock, "quarantined", 2)]);
    let packs = clinic.read(&format!("/v1/packs?lot_id={lot}"));
    let pack = packs["items"].as_array().unwrap().iter().find(|pack| pack["serial"] == "SN4").unwrap();
    assert!(pack.to_string().contains("quarantined"), "{pack}");

    // Counted by their sum alone, nobody can say which pack is missing.
    let take = clinic.stock_take(&[&clinic.stock]);
    clinic.scans(ADA, &take, json!([{"lot_id": lot, "units": 5}]));
    clinic.close(ADA, &take);
    let refused = clinic.problem_of(QUINN, &format!("/v1/stock-takes/{take}/approve"), &json!({}), 409, "gate_refused");
    assert_eq!(codes(&refused), ["serials_required"]);
    world.assert_verified();
}

fn a_pack_that_lies_elsewhere_is_told(world: &World) {
    let clinic = world.clinic();
    let fridge = clinic.second_fridge();
    let lot = clinic.in_numbered_packs("LOT1", &["SN1", "SN2", "SN3"]);
    let move_pack = |serial: &str| {
        let body = json!({
            "lot_id": lot, "from_location_id": clinic.stock, "to_location_id": fridge, "units": 2, "serials": [serial],
            "reason": "Restocking"
        });
        clinic.create(Role::Quality, "/v1/transfers", &body);
    };
    move_pack("SN3");
    // Where only one place is counted, a pack of the other is told, and is no difference.
    let take = clinic.stock_take(&[&clinic.stock]);
    let rows =
        json!([{"lot_id": lot, "serial": "SN1"}, {"lot_id": lot, "serial": "SN2"}, {"lot_id": lot, "serial": "SN3"}]);
    clinic.scans(ADA, &take, rows);
    let closed = clinic.close(ADA, &take);
    let line = &closed["lines"][0];
    assert_eq!((&line["counted"], &line["difference"]), (&json!(4), &json!(0)));
    assert_eq!(line["elsewhere"], json!([{"serial": "SN3", "location_id": fridge}]));
    clinic.done_by(QUINN, &format!("/v1/stock-takes/{take}/approve"), &json!({}));
    assert_eq!(clinic.read("/v1/movements?kind=count")["items"], json!([]));

    // Where both are, it is missing at one and found at the other: quarantined, under its number.
    let take = clinic.stock_take(&[&clinic.stock, &fridge]);
    let here = |serial: &str| json!({"lot_id": lot, "serial": serial, "location_id": clinic.stock});
    clinic.scans(ADA, &take, json!([here("SN1"), here("SN2"), here("SN3")]));
    clinic.close(ADA, &take);
    clinic.done_by(QUINN, &format!("/v1/stock-takes/{take}/approve"), &json!({}));
    clinic.assert_lies(&lot, &[(&clinic.stock, "available", 4), (&clinic.stock, "quarantined", 2)]);
    assert_eq!(clinic.reconciliation(&lot)["adjusted"], json!(0));
    world.assert_verified();
}

fn a_delivery_of_sixty_packs_is_counted_in_one_call(world: &World) {
    let clinic = world.clinic();
    let serials: Vec<String> = (1..=60).map(|number| format!("SN{number:02}")).collect();
    let all: Vec<&str> = serials.iter().map(String::as_str).collect();
    // Received, inspected and released in three calls.
    let lot = clinic.in_numbered_packs("LOT1", &all);
    let count = |present: &[&str], units: i64| {
        json!({
            "lot_id": lot, "location_id": clinic.stock, "units_counted": units, "serials_present": present,
            "reason": "Monthly count"
        })
    };
    let made = clinic.create(Role::Quality, "/v1/counts", &count(&all, 120));
    assert_eq!((&made["units"], &made["serials"]), (&json!(0), &json!([])));
    // Those that are not among what is there are missing.
    let made = clinic.create(Role::Quality, "/v1/counts", &count(&all[1..], 118));
    assert_eq!((&made["units"], &made["serials"], &made["status"]), (&json!(-2), &json!(["SN01"]), &json!("posted")));
    clinic.assert_lies(&lot, &[(&clinic.stock, "available", 118)]);
    for (present, units, code) in [
        (&["SN01", "SN02"][..], 4, "serials_mismatch"),
        (&["SN02", "SN02"][..], 2, "duplicate_entry"),
        (&["SN02"][..], 3, "serials_mismatch"),
    ] {
        clinic.problem_of(QUINN, "/v1/counts", &count(present, units), 422, code);
    }
    let mut both = count(&["SN02"], 2);
    both["serials"] = json!(["SN03"]);
    clinic.problem_of(QUINN, "/v1/counts", &both, 422, "serials_mismatch");

    // The same in a stock-take: sixty scans in one call.
    let take = clinic.stock_take(&[&clinic.stock]);
    let rows: Vec<_> = all.iter().map(|serial| json!({"code": scan("270630", "LOT1", Some(serial))})).collect();
    assert_eq!(clinic.scans(ADA, &take, json!(rows))["counted"], json!(60));
    let closed = clinic.close(ADA, &take);
    assert_eq!(closed["lines"][0]["serials_found"], json!(["SN01"]));
    clinic.done_by(QUINN, &format!("/v1/stock-takes/{take}/approve"), &json!({}));
    clinic.assert_lies(&lot, &[(&clinic.stock, "available", 118), (&clinic.stock, "quarantined", 2)]);
    world.assert_verified();
}

fn scans_are_judged_one_by_one(world: &World) {
    let clinic = world.clinic();
    let fridge = clinic.second_fridge();
    let lot = clinic.receive_inspect_release("LOT1", 6);
    let take = clinic.stock_take(&[&clinic.stock, &fridge]);
    let stranger = "lot_01932c07-8d00-7000-8000-000000000006";
    let rows = [
        (json!({"lot_id": lot, "location_id": clinic.stock, "units": 4}), "counted"),
        (json!({"code": "no code at all", "location_id": clinic.stock, "units": 1}), "code_unreadable"),
        (json!({"code": "]d20109520000000011172706301 0X", "location_id": clinic.stock}), "code_unreadable"),
        (json!({"code": "]d2010952000000011017270630\u{1d}10X", "location_id": clinic.stock}), "product_unknown"),
        (json!({"code": format!("]d201{GTIN}17270630"), "location_id": clinic.stock}), "lot_required"),
        (json!({"code": scan("270630", "NEVER", None), "location_id": clinic.stock}), "lot_unknown"),
        (json!({"code": scan("270629", "LOT1", None), "location_id": clinic.stock}), "lot_unknown"),
        (json!({"lot_id": stranger, "location_id": clinic.stock, "units": 1}), "lot_unknown"),
        (json!({"lot_id": lot, "units": 1}), "location_required"),
        (json!({"lot_id": lot, "location_id": clinic.quarantine, "units": 1}), "location_not_counted"),
        (json!({"lot_id": lot, "location_id": clinic.stock}), "units_required"),
        (json!({"location_id": clinic.stock, "units": 1}), "code_or_lot"),
        (json!({"lot_id": lot, "code": scan("270630", "LOT1", None), "location_id": clinic.stock}), "code_or_lot"),
        (json!({"code": scan("270630", "LOT1", None), "location_id": clinic.stock}), "counted"),
    ];
    let sent: Vec<_> = rows.iter().map(|(row, _)| row.clone()).collect();
    let taken = clinic.scans(ADA, &take, json!(sent));
    for ((row, expected), found) in rows.iter().zip(taken["scans"].as_array().unwrap()) {
        assert_eq!(found["outcome"], json!(expected), "{row}: {found}");
        assert_eq!(found["message"].is_string(), *expected != "counted", "{found}");
    }
    assert_eq!(taken["counted"], json!(2));
    // Where nothing counts, nothing is recorded.
    let before = world.database.state();
    assert_eq!(clinic.scans(ADA, &take, json!([sent[1]]))["counted"], json!(0));
    assert_eq!(world.database.state(), before);
    let closed = clinic.close(ADA, &take);
    assert_eq!(of_lines(&closed, "difference"), named(&[("LOT1", json!(0))]));
}

fn a_scan_is_taken_back_by_whoever_made_it(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 6);
    let take = clinic.stock_take(&[&clinic.stock]);
    let withdraw = format!("/v1/stock-takes/{take}/withdrawals");
    let taken = clinic.scans(ADA, &take, json!([{"lot_id": lot, "units": 6}, {"lot_id": lot, "units": 2}]));
    let body = json!({"scan_id": taken["scans"][1]["scan"]["id"], "reason": "Counted twice"});
    clinic.problem_of(BERT, &withdraw, &body, 422, "reference_unknown");
    let back = clinic.done_by(ADA, &withdraw, &body);
    assert_eq!((&back["counts"], &back["withdrawn_reason"]), (&json!(false), &json!("Counted twice")));
    clinic.problem_of(ADA, &withdraw, &body, 409, "scan_withdrawn");
    let closed = clinic.close(BERT, &take);
    assert_eq!(of_lines(&closed, "difference"), named(&[("LOT1", json!(0))]));
    clinic.problem_of(ADA, &withdraw, &body, 409, "stock_take_not_open");
    world.assert_verified();
}

/// Two differences to the same books would both be posted.
fn a_count_that_waits_comes_first(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 10);
    let count = json!({"lot_id": lot, "location_id": clinic.stock, "units_counted": 2, "reason": "Monthly"});
    let waiting = clinic.create(Role::Quality, "/v1/counts", &count);
    assert_eq!(waiting["status"], "waiting");
    let take = clinic.stock_take(&[&clinic.stock]);
    clinic.scans(ADA, &take, json!([{"lot_id": lot, "units": 2}]));
    clinic.close(ADA, &take);
    let approve = format!("/v1/stock-takes/{take}/approve");
    let refused = clinic.problem_of(QUINN, &approve, &json!({}), 409, "gate_refused");
    assert_eq!(codes(&refused), ["count_waits"]);
    let reject = format!("/v1/movements/{}/rejections", id(&waiting));
    clinic.done_by(("rose", &[Role::Quality]), &reject, &json!({"reason": "A stock-take has it"}));
    clinic.done_by(QUINN, &approve, &json!({}));
    clinic.assert_lies(&lot, &[(&clinic.stock, "available", 2)]);
    world.assert_verified();
}

fn stock_takes_wait_for_those_who_may(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 6);
    let body = json!({"location_ids": [clinic.stock], "reason": "Yearly", "due": "2026-07-31T16:00:00Z"});
    let take = id(&clinic.done_by(ADA, "/v1/stock-takes", &body));
    let work = |who: Who<'_>, kind: &str| clinic.seen_by(who, &format!("/v1/work?kind={kind}"))["items"].clone();
    for who in [ADA, QUINN] {
        let items = work(who, "count_stock_take");
        assert_eq!(items.as_array().unwrap().len(), 1, "{items}");
        let item = &items[0];
        assert_eq!(
            (&item["names"]["what"], &item["names"]["location"]),
            (&json!("Yearly"), &json!("Fridge for stock"))
        );
        assert_eq!(item["due"], "2026-07-31T16:00:00.000000Z");
        assert_eq!(item["call"]["path"], json!(format!("/v1/stock-takes/{take}/scans")));
    }
    assert_eq!(work(("mary", &[Role::Practitioner]), "count_stock_take"), json!([]));
    clinic.scans(QUINN, &take, json!([{"lot_id": lot, "units": 6}]));
    assert_eq!(work(QUINN, "approve_stock_take"), json!([]));
    clinic.close(ADA, &take);
    assert_eq!(work(ADA, "count_stock_take"), json!([]));
    for (who, waits) in [(ADA, 0), (QUINN, 0), (("rose", &[Role::Quality][..]), 1)] {
        let items = work(who, "approve_stock_take");
        assert_eq!(items.as_array().unwrap().len(), waits, "{who:?} {items}");
    }
    clinic.done_by(("rose", &[Role::Quality]), &format!("/v1/stock-takes/{take}/approve"), &json!({}));
    assert_eq!(work(("rose", &[Role::Quality]), "approve_stock_take"), json!([]));
}

fn stock_takes_that_make_no_sense(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 6);
    let other_site = id(&clinic.create(Role::Admin, "/v1/sites", &site()));
    let far = id(&clinic.create(Role::Admin, "/v1/locations", &location(&other_site, "stock")));
    let many: Vec<_> = (0..21).map(|_| clinic.stock.clone()).collect();
    let stranger = "loc_01932c07-8d00-7000-8000-000000000006";
    for (places, code) in [
        (json!([]), "empty_list"),
        (json!(many), "list_too_long"),
        (json!([clinic.stock, clinic.stock]), "duplicate_entry"),
        (json!([clinic.stock, far]), "invalid_value"),
        (json!([stranger]), "reference_unknown"),
    ] {
        clinic.problem_of(ADA, "/v1/stock-takes", &json!({"location_ids": places}), 422, code);
    }
    let take = clinic.stock_take(&[&clinic.stock]);
    let path = format!("/v1/stock-takes/{take}");
    clinic.problem_of(ADA, &format!("{path}/scans"), &json!({"scans": []}), 422, "empty_list");
    let rows: Vec<_> = (0..201).map(|_| json!({"lot_id": lot, "units": 1})).collect();
    clinic.problem_of(ADA, &format!("{path}/scans"), &json!({"scans": rows}), 422, "list_too_long");
    let approve = format!("{path}/approve");
    clinic.problem_of(QUINN, &approve, &json!({}), 409, "stock_take_not_closed");
    let again = json!({"reason": "Once more"});
    clinic.problem_of(QUINN, &format!("{path}/reopen"), &again, 409, "stock_take_not_closed");
    clinic.close(ADA, &take);
    clinic.problem_of(ADA, &format!("{path}/close"), &json!({}), 409, "stock_take_not_open");
    let scans = json!({"scans": [{"lot_id": lot, "units": 6}]});
    clinic.problem_of(ADA, &format!("{path}/scans"), &scans, 409, "stock_take_not_open");
    clinic.problem_of(QUINN, &format!("{path}/reopen"), &again, 409, "nothing_to_count_again");
    let elsewhere = json!({"location_ids": [clinic.quarantine], "reason": "Once more"});
    clinic.problem_of(QUINN, &format!("{path}/reopen"), &elsewhere, 422, "reference_unknown");
    let line = json!({"lines": [{"location_id": clinic.stock, "lot_id": lot}], "reason": "Once more"});
    clinic.done_by(QUINN, &format!("{path}/reopen"), &line);
    let cancelled = clinic.done_by(ADA, &format!("{path}/cancel"), &json!({"reason": "The wrong room"}));
    assert_eq!((&cancelled["state"], &cancelled["end_reason"]), (&json!("cancelled"), &json!("The wrong room")));
    clinic.problem_of(ADA, &format!("{path}/cancel"), &again, 409, "stock_take_ended");
    clinic.assert_lies(&lot, &[(&clinic.stock, "available", 6)]);
    assert_eq!(EXPIRY, "2027-06-30");

    // A token for the other site neither finds it nor opens one here.
    let theirs = world.sign(&world.organisation, "far", &[Role::Quality], Some(vec![other_site.parse().unwrap()]));
    assert_eq!(world.http.get(&theirs, &path).0, 404);
    assert_eq!(world.http.get(&theirs, "/v1/stock-takes").1["items"], json!([]));
    let (status, problem) = world.http.post(&theirs, "/v1/stock-takes", &json!({"location_ids": [clinic.stock]}));
    assert_eq!((status, &problem["code"]), (422, &json!("reference_unknown")));
    let of =
        |state: &str| clinic.read(&format!("/v1/stock-takes?site_id={}&state={state}", clinic.site))["items"].clone();
    assert_eq!(of("cancelled").as_array().unwrap().len(), 1);
    assert_eq!(of("counting"), json!([]));
    world.assert_verified();
}

fn a_place_is_counted_in_one_stock_take_at_a_time(world: &World) {
    let clinic = world.clinic();
    let fridge = clinic.second_fridge();
    clinic.receive_inspect_release("LOT1", 6);
    let take = clinic.stock_take(&[&clinic.stock]);
    let both = json!({"location_ids": [fridge, clinic.stock]});
    // What another one shows at its closing would be no blind count any more, neither while the first counts nor when it is closed.
    let problem = clinic.problem_of(BERT, "/v1/stock-takes", &both, 409, "places_being_counted");
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains("Fridge for stock") && detail.contains(&take), "{detail}");
    clinic.close(ADA, &take);
    clinic.problem_of(BERT, "/v1/stock-takes", &both, 409, "places_being_counted");
    // Another place is another matter.
    let other = clinic.stock_take(&[&fridge]);
    clinic.done_by(QUINN, &format!("/v1/stock-takes/{take}/approve"), &json!({}));
    clinic.problem_of(BERT, "/v1/stock-takes", &both, 409, "places_being_counted");
    clinic.done_by(ADA, &format!("/v1/stock-takes/{other}/cancel"), &json!({"reason": "Another day"}));
    let last = id(&clinic.done_by(BERT, "/v1/stock-takes", &both));
    clinic.done_by(ADA, &format!("/v1/stock-takes/{last}/cancel"), &json!({"reason": "Another day"}));

    // Nothing lies at a place that was retired, and nothing can be found there.
    clinic.create(Role::Admin, &format!("/v1/locations/{fridge}/retire"), &json!({"reason": "Broken"}));
    clinic.problem_of(ADA, "/v1/stock-takes", &json!({"location_ids": [fridge]}), 409, "retired");
    world.assert_verified();
}

fn what_was_told_stays_told(world: &World) {
    let clinic = world.clinic();
    let fridge = clinic.second_fridge();
    let lot = clinic.in_numbered_packs("LOT1", &["SN1", "SN2", "SN3"]);
    let gone = clinic.in_numbered_packs("LOT2", &["SN5", "SN6"]);
    let plain = clinic.receive_inspect_release("LOT3", 4);
    let body = json!({
        "lot_id": lot, "from_location_id": clinic.stock, "to_location_id": fridge, "units": 2, "serials": ["SN3"],
        "reason": "Restocking"
    });
    clinic.create(Role::Quality, "/v1/transfers", &body);
    // One pack is there, one is missing, one is said to be elsewhere; of another lot nobody saw anything; of the third one is missing.
    let take = clinic.stock_take(&[&clinic.stock]);
    clinic.scans(ADA, &take, json!([{"lot_id": lot, "serial": "SN1"}, {"lot_id": lot, "serial": "SN3"}]));
    clinic.scans(BERT, &take, json!([{"lot_id": plain, "units": 3}]));
    let closed = clinic.close(ADA, &take);
    let told = ["counted", "on_books", "difference", "serials_missing", "elsewhere", "counted_by", "counted_at"];
    assert_eq!(of_lines(&closed, "serials_missing")[0].1, json!(["SN2"]));
    assert_eq!(of_lines(&closed, "elsewhere")[0].1, json!([{"serial": "SN3", "location_id": fridge}]));
    let counters = [("LOT1", json!(["ada"])), ("LOT2", json!(["ada"])), ("LOT3", json!(["bert"]))];
    assert_eq!(of_lines(&closed, "counted_by"), named(&counters));
    let approved = clinic.done_by(QUINN, &format!("/v1/stock-takes/{take}/approve"), &json!({}));
    for shown in [approved, clinic.seen_by(BERT, &format!("/v1/stock-takes/{take}"))] {
        for field in told {
            assert_eq!(of_lines(&shown, field), of_lines(&closed, field), "{field}");
        }
        // What the approval took off the books, by its numbers, also where nothing was scanned.
        let off = [("LOT1", json!(["SN2"])), ("LOT2", json!(["SN5", "SN6"])), ("LOT3", json!([]))];
        assert_eq!(of_lines(&shown, "serials_written_off"), named(&off));
    }
    clinic.assert_lies(&gone, &[]);
    let counts = clinic.read(&format!("/v1/movements?kind=count&lot_id={gone}"));
    assert_eq!(counts["items"][0]["serials"], json!(["SN5", "SN6"]));
    // Who counted is told, beside who approved.
    let chain = clinic.read(&format!("/v1/lots/{plain}/custody"));
    let counted = chain["events"].as_array().unwrap().iter().find(|event| event["kind"] == "stock_counted").unwrap();
    let told = counted["told"].as_str().unwrap();
    assert!(told.ends_with("Counted by bert, approved by quinn."), "{told}");
    world.assert_verified();
}

fn the_books_are_those_of_when_it_was_counted(world: &World) {
    let clinic = world.clinic();
    let fridge = clinic.second_fridge();
    let lot = clinic.receive_inspect_release("LOT1", 6);
    let take = clinic.stock_take(&[&clinic.stock]);
    clinic.scans(ADA, &take, json!([{"lot_id": lot, "units": 5}]));
    clinic.moved(&lot, &clinic.stock, &fridge, 2);
    let closed = clinic.close(ADA, &take);
    let line = &closed["lines"][0];
    assert_eq!((&line["on_books"], &line["difference"], &line["count_again"]), (&json!(6), &json!(-1), &json!(true)));
}

/// A stock-take that others may do anything with.
pub fn of_the_fridge(clinic: &Clinic<'_>) {
    clinic.stock_take(&[&clinic.stock]);
}
