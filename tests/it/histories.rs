//! Random histories: whatever is done in whatever order, the books balance and nothing forbidden has happened.
//!
//! The test keeps books of its own, from the answers alone: which units of a lot are released, held, on hand. Where an
//! administration succeeds, they say that it was allowed to.

use std::cell::Cell;
use std::collections::BTreeMap;

use lotline::caller::Role;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};
use serde_json::{Value, json};

use super::support::client::codes;
use super::support::clinic::{Clinic, id, scan};
use super::support::{Kind, World, on_both_databases};

on_both_databases!(books_balance_whatever_happens);

/// One step: what, on which lot, how many units, and a number to choose by.
type Step = (u8, usize, i64, usize);

/// The lots of a history: one good for long, one that runs out while it goes on, one with serial numbers.
const LOTS: usize = 3;

/// What the test knows of a lot.
#[derive(Default)]
struct Books {
    text: String,
    yymmdd: &'static str,
    expiry: &'static str,
    serials: Vec<String>,
    lot: Option<String>,
    receipts: Vec<String>,
    available: i64,
    holds: Vec<String>,
    administrations: Vec<String>,
}

struct History<'a> {
    clinic: &'a Clinic<'a>,
    second_fridge: &'a str,
    books: Vec<Books>,
    /// Sizes of the log, with what was answered then of a lot's reconciliation and stock.
    known: Vec<(u64, String, [Value; 2])>,
    /// How many stock-takes were approved.
    taken: &'a Cell<usize>,
}

fn books_balance_whatever_happens(world: &World) {
    let clinic = world.clinic();
    let second_fridge = id(&clinic.create(
        Role::Admin,
        "/v1/locations",
        &json!({"site_id": clinic.site, "name": "Fridge 2", "purpose": "stock", "min_c": 2, "max_c": 8}),
    ));
    let cases = if matches!(world.database.kind, Kind::Sqlite) { 12 } else { 6 };
    let config = Config { cases, rng_seed: RngSeed::Fixed(20_261_121), failure_persistence: None, ..Config::default() };
    let (number, done, taken) = (Cell::new(0), Cell::new(0), Cell::new(0));
    let steps = prop::collection::vec((0..20_u8, 0..LOTS, 1..4_i64, 0..1000_usize), 20..50);
    TestRunner::new(config)
        .run(&steps, |steps| {
            number.set(number.get() + 1);
            clinic.clock.set("2026-07-01T10:00:00Z");
            let books = (0..LOTS).map(|lot| Books {
                text: format!("H{}L{lot}", number.get()),
                yymmdd: ["270630", "260703", "270630"][lot],
                expiry: ["2027-06-30", "2026-07-03", "2027-06-30"][lot],
                ..Books::default()
            });
            let mut history = History {
                clinic: &clinic,
                second_fridge: &second_fridge,
                books: books.collect(),
                known: Vec::new(),
                taken: &taken,
            };
            for lot in 0..LOTS {
                history.stock_up(lot);
            }
            for step in steps {
                history.take(step);
                history.assert_books(step.1);
                history.keep(step.1, step.3);
            }
            history.assert_known();
            history.clear();
            done.set(done.get() + history.books.iter().map(|books| books.administrations.len()).sum::<usize>());
            Ok(())
        })
        .unwrap();
    // Histories in which nothing reaches a patient would prove nothing.
    assert!(done.get() >= 2 * number.get(), "{} administrations in {} histories", done.get(), number.get());
    assert!(taken.get() * 4 >= number.get(), "{} stock-takes in {} histories", taken.get(), number.get());
    assert_packs_add_up(world);
    world.assert_verified();
    // And so do reports on any period of all of them.
    let journal = super::judge::journal_of(&world.database, &world.organisation);
    let mut told = super::periods::Told::new();
    for number in [20_261_121, u64::MAX / 3, u64::MAX / 7] {
        super::periods::assert_told(world, &world.token(Role::Auditor), &journal, number, &mut told);
    }
    assert!(["received", "administered", "voided", "wasted"].iter().all(|name| told[name] > 0), "{told:?}");
}

impl History<'_> {
    /// Now and then: what is known of a lot.
    fn keep(&mut self, lot: usize, choice: usize) {
        let Some(lot) = self.books[lot].lot.clone().filter(|_| choice.is_multiple_of(7)) else { return };
        let size = super::pasts::size(self.clinic);
        let known = self.known_of(&lot, "");
        self.known.push((size, lot, known));
    }

    fn known_of(&self, lot: &str, parameter: &str) -> [Value; 2] {
        let sign = if parameter.is_empty() { "" } else { "&" };
        let mut lots = self.clinic.read(&format!("/v1/lots/{lot}?{parameter}"));
        let stock = self.clinic.read(&format!("/v1/stock?lot_id={lot}{sign}{parameter}"));
        lots.as_object_mut().unwrap().remove("tree_size");
        [lots, stock["items"].clone()]
    }

    /// What was known then is what was answered then, whatever has happened since.
    fn assert_known(&self) {
        for (size, lot, known) in &self.known {
            assert_eq!(self.known_of(lot, &format!("as_of={size}")), *known, "{lot} as of {size}");
        }
    }

    /// Nothing of it is left: the next history begins on the same day, and what moved in this one would move in its future.
    fn clear(&self) {
        for lot in self.books.iter().filter_map(|books| books.lot.as_ref()) {
            let stock = self.clinic.read(&format!("/v1/stock?lot_id={lot}&limit=200"));
            // All that lies there in a state goes at once, so that nobody has to name its packs.
            let mut there: BTreeMap<(String, String), i64> = BTreeMap::new();
            for item in stock["items"].as_array().unwrap() {
                let text = |field: &str| item[field].as_str().unwrap().to_owned();
                *there.entry((text("location_id"), text("state"))).or_default() += item["units"].as_i64().unwrap();
            }
            for ((place, state), units) in there {
                let body = json!({
                    "lot_id": lot, "from_location_id": place, "units": units, "state": state, "reason": "The end"
                });
                let (status, answer) = self.clinic.post(Role::Quality, "/v1/destructions", &body);
                assert_eq!(status, 201, "{body}: {answer}");
            }
        }
    }

    /// Does one thing; what cannot be done is refused with a problem, never an error of ours.
    fn post(&self, role: Role, path: &str, body: &Value) -> Option<Value> {
        let (status, answer) = self.clinic.post(role, path, body);
        assert!(status < 500, "{path} {body} answered {status}: {answer}");
        (status < 300).then_some(answer)
    }

    fn take(&mut self, (what, lot, units, choice): Step) {
        let role = Role::Quality;
        match what {
            0 | 1 => return self.receive(lot, units),
            2 => return self.inspect(lot, units, choice),
            3 | 4 => return self.release(lot, units),
            // what must not go wrong is done most often
            5 | 6 | 13..=17 | 19.. => return self.administer(lot, choice),
            7 => self.clinic.clock.advance_days(i64::from(choice.is_multiple_of(4))),
            8 => self.hold_or_lift(lot, choice),
            9 => return self.void(lot, choice),
            18 => return self.take_stock(units, choice),
            _ => {}
        }
        let Some(id) = self.books[lot].lot.clone() else { return };
        let from = [&self.clinic.stock, &self.clinic.quarantine, self.second_fridge][choice % 3].to_owned();
        let mut body = json!({"lot_id": id, "from_location_id": from, "units": units, "reason": "a step"});
        if !self.books[lot].serials.is_empty() {
            body["serials"] = json!([self.books[lot].serials[choice % self.books[lot].serials.len()]]);
        }
        let path = match what {
            10 => ["/v1/wastages", "/v1/returns", "/v1/destructions"][choice % 3],
            11 => {
                body["to_location_id"] = json!([self.second_fridge, &self.clinic.quarantine][choice % 2]);
                "/v1/transfers"
            }
            12 => {
                body = json!({"lot_id": id, "location_id": from, "units_counted": units - 1, "reason": "a count"});
                "/v1/counts"
            }
            _ => return,
        };
        if self.post(role, path, &body).is_some() {
            self.recount(lot);
        }
    }

    /// A place is counted as a whole by one person and approved by another: afterwards exactly what was scanned lies there, lot by lot,
    /// whatever the books said; and all else is as it was.
    fn take_stock(&mut self, units: i64, choice: usize) {
        let place = [&self.clinic.stock, &self.clinic.quarantine, self.second_fridge][choice % 3].to_owned();
        let lots: Vec<_> = self.books.iter().filter_map(|books| books.lot.clone()).collect();
        let lies = |lot: &str| -> (i64, i64) {
            let stock = self.clinic.read(&format!("/v1/stock?lot_id={lot}&limit=200"));
            let items = stock["items"].as_array().unwrap();
            let sum = |is_here: bool| {
                let of = items.iter().filter(|item| (item["location_id"] == json!(place)) == is_here);
                of.map(|item| item["units"].as_i64().unwrap()).sum()
            };
            (sum(true), sum(false))
        };
        let take = json!({"location_ids": [place], "reason": "a stock-take"});
        let take = id(&self.post(Role::Purchaser, "/v1/stock-takes", &take).unwrap());
        let mut expected = Vec::new();
        let mut scans = Vec::new();
        for (number, lot) in lots.iter().enumerate() {
            let (here, elsewhere) = lies(lot);
            // Of a lot with numbers, only what needs none of them.
            let is_numbered =
                self.books.iter().any(|books| books.lot.as_ref() == Some(lot) && !books.serials.is_empty());
            let off = [0, 0, units, -units, -here][(choice / 3 + number) % 5];
            let counted = if is_numbered { [here, here + units, 0][choice % 3] } else { (here + off).max(0) };
            if counted > 0 {
                scans.push(json!({"lot_id": lot, "units": counted}));
            }
            expected.push((lot.clone(), counted, elsewhere));
        }
        if !scans.is_empty() {
            self.post(Role::Purchaser, &format!("/v1/stock-takes/{take}/scans"), &json!({"scans": scans})).unwrap();
        }
        self.post(Role::Purchaser, &format!("/v1/stock-takes/{take}/close"), &json!({})).unwrap();
        let approve = format!("/v1/stock-takes/{take}/approve");
        let (status, answer) = self.clinic.post(Role::Quality, &approve, &json!({}));
        if status == 409 {
            // A count that waits is settled first, and nothing was posted until then.
            assert_eq!(codes(&answer), vec!["count_waits"; codes(&answer).len()], "{answer}");
            let reason = json!({"reason": "After the count"});
            self.post(Role::Purchaser, &format!("/v1/stock-takes/{take}/cancel"), &reason).unwrap();
            return;
        }
        assert_eq!(status, 200, "{answer}");
        for (lot, counted, elsewhere) in expected {
            assert_eq!(lies(&lot), (counted, elsewhere), "{lot}: {answer}");
        }
        for lot in 0..LOTS {
            if self.books[lot].lot.is_some() {
                self.recount(lot);
                self.assert_books(lot);
            }
        }
        self.taken.set(self.taken.get() + 1);
    }

    /// A lot begins with a pack that is in use already.
    fn stock_up(&mut self, lot: usize) {
        self.receive(lot, 1);
        self.inspect(lot, 2, 1);
        self.release(lot, 2);
    }

    fn receive(&mut self, lot: usize, packs: i64) {
        let books = &mut self.books[lot];
        let line = if lot == 2 {
            let serial = format!("{}S{}", books.text, books.serials.len());
            books.serials.push(serial.clone());
            json!({"scan": scan(books.yymmdd, &books.text, Some(&serial)), "packs": 1})
        } else {
            json!({"scan": scan(books.yymmdd, &books.text, None), "packs": packs})
        };
        let made = self.post(Role::Purchaser, "/v1/receipts", &self.clinic.receipt(json!([line]))).unwrap();
        self.books[lot].lot = Some(made["lines"][0]["lot_id"].as_str().unwrap().to_owned());
        self.books[lot].receipts.push(id(&made));
    }

    fn inspect(&mut self, lot: usize, units: i64, choice: usize) {
        let books = &self.books[lot];
        let (Some(lot), false) = (&books.lot, books.receipts.is_empty()) else { return };
        let receipt = &books.receipts[choice % books.receipts.len()];
        let failed = i64::from(choice.is_multiple_of(5));
        self.post(Role::Purchaser, "/v1/inspections", &self.clinic.inspection(receipt, lot, units, failed));
    }

    fn release(&mut self, lot: usize, units: i64) {
        let Some(id) = self.books[lot].lot.clone() else { return };
        let mut body = self.clinic.release(units);
        if let Some(serial) = self.books[lot].serials.last() {
            body["serials"] = json!([serial]);
        }
        if self.post(Role::Quality, &format!("/v1/lots/{id}/releases"), &body).is_some() {
            assert!(self.books[lot].holds.is_empty(), "released under a hold");
            assert!(self.today().as_str() <= self.books[lot].expiry, "released after its expiry");
            self.books[lot].available += units;
        }
    }

    fn administer(&mut self, lot: usize, choice: usize) {
        let books = &self.books[lot];
        let serial = (!books.serials.is_empty()).then(|| books.serials[choice % books.serials.len()].as_str());
        let code = scan(books.yymmdd, &books.text, serial);
        let clinic = self.clinic;
        let asked = json!({
            "code": code, "site_id": clinic.site, "practitioner_id": clinic.practitioner, "purpose": "administer"
        });
        let scanned = self.post(Role::Practitioner, "/v1/scans", &asked).unwrap();
        let mut administration = clinic.administration("", 1);
        administration.as_object_mut().unwrap().remove("lot_id");
        administration["scan"] = json!(code);
        let (status, answer) = clinic.post(Role::Practitioner, "/v1/administrations", &administration);
        if answer["code"] == json!("location_required") {
            assert_eq!(scanned["decision"]["allowed"], json!(true));
            return;
        }
        // A scan and the administration that follows it never disagree.
        assert_eq!(scanned["decision"]["allowed"], json!(status == 201), "{scanned} {answer}");
        assert_eq!(codes(&scanned["decision"]), codes(&answer), "{scanned} {answer}");
        if status == 201 {
            let books = &mut self.books[lot];
            assert!(books.holds.is_empty(), "administered under a hold");
            assert!(books.available > 0, "administered what was not released");
            books.available -= 1;
            books.administrations.push(id(&answer));
            assert!(self.today().as_str() <= self.books[lot].expiry, "administered after its expiry");
        } else if choice.is_multiple_of(3) && self.books[lot].lot.is_some() {
            administration["retrospective"] = json!({"reason": "It has happened"});
            let made = self.post(Role::Practitioner, "/v1/administrations", &administration).unwrap();
            assert_eq!(made["decision"]["allowed"], json!(false));
            self.books[lot].administrations.push(id(&made));
            self.recount(lot);
        }
    }

    fn hold_or_lift(&mut self, lot: usize, choice: usize) {
        let Some(id) = self.books[lot].lot.clone() else { return };
        if choice.is_multiple_of(2) {
            let hold = super::support::clinic::id(&self.clinic.hold(&id));
            self.books[lot].holds.push(hold);
            self.books[lot].available = 0;
        } else if let Some(hold) = self.books[lot].holds.pop() {
            self.post(Role::Quality, &format!("/v1/holds/{hold}/lift"), &json!({"reason": "reviewed"})).unwrap();
            self.recount(lot);
        }
    }

    fn void(&mut self, lot: usize, choice: usize) {
        let books = &self.books[lot];
        let Some(administration) = books.administrations.get(choice % (books.administrations.len().max(1))) else {
            return;
        };
        let body = json!({"reason": "a mistake", "returned_to_stock": choice.is_multiple_of(2)});
        self.post(Role::Quality, &format!("/v1/administrations/{administration}/voids"), &body);
    }

    /// What the stock list says is available: after steps whose effect on it is not a plain number.
    fn recount(&mut self, lot: usize) {
        let id = self.books[lot].lot.clone().unwrap();
        let stock = self.clinic.read(&format!("/v1/stock?lot_id={id}&state=available"));
        self.books[lot].available =
            stock["items"].as_array().unwrap().iter().map(|item| item["units"].as_i64().unwrap()).sum();
        assert!(self.books[lot].holds.is_empty() || self.books[lot].available == 0, "available under a hold");
    }

    fn today(&self) -> String {
        self.clinic.clock.now().day_in(chrono_tz::Europe::London).to_string()
    }

    /// The lot reconciles, its stock adds up to what is on hand, and what is available is what the test counted.
    fn assert_books(&mut self, lot: usize) {
        let Some(id) = self.books[lot].lot.clone() else { return };
        let r = self.clinic.reconciliation(&id);
        let of = |name: &str| r[name].as_i64().unwrap();
        let gone = ["administered", "wasted", "returned", "destroyed", "lost"].map(of).iter().sum::<i64>();
        assert_eq!(of("received") + of("adjusted"), of("on_hand") + gone, "{r}");
        assert_eq!(r["balanced"], json!(true));
        let stock = self.clinic.read(&format!("/v1/stock?lot_id={id}&limit=200"));
        let items = stock["items"].as_array().unwrap();
        assert_eq!(items.iter().map(|item| item["units"].as_i64().unwrap()).sum::<i64>(), of("on_hand"));
        let available = items.iter().filter(|item| item["state"] == json!("available"));
        assert_eq!(available.map(|item| item["units"].as_i64().unwrap()).sum::<i64>(), self.books[lot].available);
    }
}

/// In every account, the units of its packs are no more than its own; no pack has gone below zero.
fn assert_packs_add_up(world: &World) {
    for wrong in [
        "accounts a JOIN (SELECT account_id, SUM(units) AS units FROM pack_balances GROUP BY account_id) p \
         ON p.account_id = a.id WHERE a.location_id IS NOT NULL AND p.units > a.units",
        "pack_balances p JOIN accounts a ON p.account_id = a.id WHERE a.location_id IS NOT NULL AND p.units < 0",
    ] {
        assert_eq!(world.database.lines(&format!("SELECT CAST(COUNT(*) AS TEXT) AS line FROM {wrong}")), ["0"]);
    }
}
