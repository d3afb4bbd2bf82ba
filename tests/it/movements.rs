//! Transfers, wastages, returns, destructions and counts: DOMAIN.md, rules 11 to 13, 20 and 22.

use std::ops::Deref;
use std::sync::atomic::{AtomicUsize, Ordering};

use lotline::caller::Role;
use serde_json::{Value, json};

use super::support::client::codes;
use super::support::clinic::{GTIN, id, licence, location, site};
use super::support::{Clinic, World, on_both_databases};

on_both_databases!(
    transfers_within_a_site,
    transfers_into_stock_that_are_refused,
    a_hold_on_an_account_follows_its_units,
    transfers_between_sites,
    what_is_held_is_set_apart_and_stays_held,
    what_has_expired_leaves_but_does_not_enter_stock,
    what_was_rejected_is_only_returned_or_destroyed,
    quarantine_is_left_for_stock_only_by_release,
    packs_move_by_name,
    counts_adjust_the_books,
    differences_wait_for_a_second_person,
    found_units_are_never_more_usable_than_they_were,
    found_units_of_a_numbered_lot_wait_for_inspection,
    missing_packs_have_names,
    purchasers_transfer_between_stock_locations_only,
    movements_that_are_not_well_formed,
    a_movement_is_repeated_by_its_key,
    thirty_two_want_the_last_unit,
    a_count_and_administrations_exclude_each_other,
);

/// The clinic as those know it who move and count its stock.
struct Stockroom<'a>(Clinic<'a>);

impl<'a> Deref for Stockroom<'a> {
    type Target = Clinic<'a>;

    fn deref(&self) -> &Clinic<'a> {
        &self.0
    }
}

impl Stockroom<'_> {
    fn place(&self, purpose: &str, changes: Value) -> String {
        id(&self.create(Role::Admin, "/v1/locations", &with(location(&self.site, purpose), changes)))
    }

    fn transfer(&self, lot: &str, from: &str, to: &str, units: i64) -> Value {
        json!({"lot_id": lot, "from_location_id": from, "to_location_id": to, "units": units, "reason": "Restocking"})
    }

    fn removal(&self, lot: &str, from: &str, units: i64) -> Value {
        json!({"lot_id": lot, "from_location_id": from, "units": units, "reason": "No longer wanted"})
    }

    fn count_of(&self, lot: &str, at: &str, units: i64) -> Value {
        json!({"lot_id": lot, "location_id": at, "units_counted": units, "reason": "Monthly count"})
    }

    fn done(&self, path: &str, body: Value) -> Value {
        let made = self.create(Role::Quality, path, &body);
        self.assert_reconciles(made["lot_id"].as_str().unwrap());
        made
    }

    fn refused(&self, path: &str, body: Value, expected: &[&str]) -> Value {
        self.assert_refused(Role::Quality, path, &body, expected)
    }

    fn problem(&self, path: &str, body: Value, status: u16, code: &str) {
        let before = self.database.state();
        let (found, problem) = self.post(Role::Quality, path, &body);
        assert_eq!((found, &problem["code"]), (status, &json!(code)), "{path} {body}: {problem}");
        assert_eq!(self.database.state(), before);
    }

    /// Units of a lot by location and state.
    fn assert_stock(&self, lot: &str, expected: &[(&str, &str, i64)]) {
        let items = self.read(&format!("/v1/stock?lot_id={lot}"))["items"].clone();
        let text = |item: &Value, field: &str| item[field].as_str().unwrap().to_owned();
        let mut found: Vec<_> = items
            .as_array()
            .unwrap()
            .iter()
            .map(|item| (text(item, "location_id"), text(item, "state"), item["units"].as_i64().unwrap()))
            .collect();
        found.sort();
        let mut expected: Vec<_> =
            expected.iter().map(|(place, state, units)| ((*place).to_owned(), (*state).to_owned(), *units)).collect();
        expected.sort();
        assert_eq!(found, expected);
        self.assert_reconciles(lot);
    }

    fn assert_reconciles(&self, lot: &str) {
        let r = self.reconciliation(lot);
        let n = |field: &str| r[field].as_i64().unwrap();
        let out: i64 = ["on_hand", "administered", "wasted", "returned", "destroyed", "lost"].map(n).iter().sum();
        assert_eq!((n("received") + n("adjusted"), &r["balanced"]), (out, &json!(true)), "{r}");
    }
}

fn with(mut body: Value, changes: Value) -> Value {
    for (field, value) in changes.as_object().unwrap() {
        body[field] = value.clone();
    }
    body
}

fn transfers_within_a_site(world: &World) {
    let clinic = Stockroom(world.clinic());
    let lot = clinic.receive_inspect_release("LOT1", 10);
    let second = clinic.place("stock", json!({"max_c": 25}));
    let returns = clinic.place("returns", json!({"min_c": -10, "max_c": 30, "product_classes": ["neuromodulator"]}));

    let made = clinic.done("/v1/transfers", clinic.transfer(&lot, &clinic.stock, &second, 4));
    for (field, expected) in [
        ("kind", json!("transfer")),
        ("lot_id", json!(lot)),
        ("site_id", json!(clinic.site)),
        ("from_location_id", json!(clinic.stock)),
        ("to_location_id", json!(second)),
        ("units", json!(4)),
        ("state", json!("available")),
        ("serials", json!([])),
        ("moved_by", json!("quality")),
        ("reason", json!("Restocking")),
    ] {
        assert_eq!(made[field], expected, "{field}");
    }
    assert_eq!(made["decision"]["allowed"], true);
    assert!(made["units_counted"].is_null() && made["location_id"].is_null());
    assert_eq!(clinic.read(&format!("/v1/movements/{}", id(&made))), made);
    clinic.assert_stock(&lot, &[(&clinic.stock, "available", 6), (&second, "available", 4)]);
    let (status, problem) = clinic.administer(&lot, 1);
    assert_eq!((status, codes(&problem)), (409, vec!["location_required".to_owned(); 2]), "two locations have it now");

    // What leaves stock for a place set apart is quarantined, whatever that place is like (rule 20).
    clinic.done("/v1/transfers", clinic.transfer(&lot, &second, &returns, 1));
    clinic.done("/v1/transfers", clinic.transfer(&lot, &second, &clinic.quarantine, 3));
    clinic.done("/v1/transfers", clinic.transfer(&lot, &clinic.quarantine, &returns, 2));
    let left =
        [(&*clinic.stock, "available", 6), (&*returns, "quarantined", 3), (&*clinic.quarantine, "quarantined", 1)];
    clinic.assert_stock(&lot, &left);
    clinic.refused("/v1/transfers", clinic.transfer(&lot, &clinic.stock, &second, 7), &["stock_not_on_hand"]);
    clinic.refused("/v1/transfers", clinic.transfer(&lot, &second, &clinic.stock, 1), &["stock_not_on_hand"]);

    // The list, by keyset and by filter.
    let first = clinic.read(&format!("/v1/movements?lot_id={lot}&kind=transfer&limit=3"));
    assert_eq!(first["items"].as_array().unwrap().len(), 3);
    let cursor = first["next_cursor"].as_str().unwrap();
    let rest = clinic.read(&format!("/v1/movements?lot_id={lot}&kind=transfer&limit=3&cursor={cursor}"));
    assert_eq!((rest["items"].as_array().unwrap().len(), &rest["next_cursor"]), (1, &Value::Null));
    assert_eq!(clinic.read("/v1/movements?kind=wastage")["items"], json!([]));

    let custody = clinic.read(&format!("/v1/lots/{lot}/custody"));
    let events = custody["events"].as_array().unwrap();
    let event = events.iter().find(|event| event["kind"] == "stock_transferred").unwrap();
    assert_eq!(event["summary"], "4 units were transferred: Restocking");
    assert_eq!((&event["site_id"], &event["decision"]["allowed"]), (&json!(clinic.site), &json!(true)));
    assert_eq!(event["details"]["postings"][0]["units"], 4);
}

fn transfers_into_stock_that_are_refused(world: &World) {
    let clinic = Stockroom(world.clinic());
    let lot = clinic.receive_inspect_release("LOT1", 4);
    let transfer = |to: &str| clinic.transfer(&lot, &clinic.stock, to, 1);
    let warm = clinic.place("stock", json!({"max_c": 30}));
    clinic.refused("/v1/transfers", transfer(&warm), &["location_band_mismatch"]);
    let toxins = clinic.place("stock", json!({"product_classes": ["neuromodulator"]}));
    clinic.refused("/v1/transfers", transfer(&toxins), &["location_class_mismatch"]);
    let both = clinic.place("stock", json!({"min_c": -5, "product_classes": ["neuromodulator"]}));
    let codes = ["location_band_mismatch", "location_class_mismatch", "stock_not_on_hand"];
    clinic.refused("/v1/transfers", with(transfer(&both), json!({"units": 5})), &codes);
    let fillers = clinic.place("stock", json!({"product_classes": ["hybrid_filler"]}));
    clinic.done("/v1/transfers", transfer(&fillers));

    // An account hold at either end.
    let account = |place: &str| {
        let items = clinic.read(&format!("/v1/stock?location_id={place}"))["items"].clone();
        items[0]["account_id"].as_str().unwrap().to_owned()
    };
    let scope = json!({"type": "account", "id": account(&fillers)});
    let hold = clinic.create(Role::Quality, "/v1/holds", &json!({"scope": scope, "reason": "Door was open"}));
    clinic.refused("/v1/transfers", transfer(&fillers), &["lot_on_hold"]);
    clinic.refused("/v1/transfers", clinic.transfer(&lot, &fillers, &clinic.stock, 1), &["lot_on_hold"]);
    clinic.create(Role::Quality, &format!("/v1/holds/{}/lift", id(&hold)), &json!({"reason": "Logger shows 5 °C"}));
    clinic.done("/v1/transfers", clinic.transfer(&lot, &fillers, &clinic.stock, 1));
}

/// A hold on one place goes with the units that are set apart from there, and frees them when it is lifted.
fn a_hold_on_an_account_follows_its_units(world: &World) {
    let clinic = Stockroom(world.clinic());
    let lot = clinic.receive_inspect_release("LOT1", 6);
    let second = clinic.place("stock", json!({}));
    clinic.done("/v1/transfers", clinic.transfer(&lot, &clinic.stock, &second, 2));
    let account = clinic.read(&format!("/v1/stock?location_id={second}"))["items"][0]["account_id"].clone();
    let body = json!({"scope": {"type": "account", "id": account}, "reason": "Door was open"});
    let hold = clinic.create(Role::Quality, "/v1/holds", &body);
    clinic.done("/v1/transfers", clinic.transfer(&lot, &second, &clinic.quarantine, 2));
    clinic.assert_stock(&lot, &[(&clinic.stock, "available", 4), (&clinic.quarantine, "held", 2)]);
    // From there, too, they go nowhere but further apart; the others of the lot are as free as before.
    clinic.refused(
        "/v1/transfers",
        clinic.transfer(&lot, &clinic.quarantine, &second, 1),
        &["location_purpose_mismatch", "lot_on_hold"],
    );
    let returns = clinic.place("returns", json!({}));
    clinic.done("/v1/transfers", clinic.transfer(&lot, &clinic.quarantine, &returns, 1));
    clinic.create(Role::Practitioner, "/v1/administrations", &clinic.administration(&lot, 1));
    clinic.create(Role::Quality, &format!("/v1/holds/{}/lift", id(&hold)), &json!({"reason": "Logger shows 5 °C"}));
    clinic.assert_stock(
        &lot,
        &[(&clinic.stock, "available", 3), (&clinic.quarantine, "quarantined", 1), (&returns, "quarantined", 1)],
    );
}

fn transfers_between_sites(world: &World) {
    let clinic = Stockroom(world.clinic());
    let lot = clinic.receive_inspect_release("LOT1", 4);
    let there = id(&clinic.create(Role::Admin, "/v1/sites", &with(site(), json!({"name": "Deansgate"}))));
    let stock = id(&clinic.create(Role::Admin, "/v1/locations", &location(&there, "stock")));
    let token = |sites: &[&String]| {
        let sites = sites.iter().map(|site| site.parse().unwrap()).collect();
        clinic.sign(&clinic.organisation, "bob", &[Role::Quality], Some(sites))
    };
    let body = clinic.transfer(&lot, &clinic.stock, &stock, 3);
    for seen in [[&clinic.site], [&there]] {
        let (status, problem) = clinic.http.post(&token(&seen), "/v1/transfers", &body);
        assert_eq!((status, &problem["code"]), (422, &json!("reference_unknown")), "both sites must be theirs");
    }
    let (status, made) = clinic.http.post(&token(&[&clinic.site, &there]), "/v1/transfers", &body);
    assert_eq!((status, &made["site_id"]), (201, &json!(clinic.site)), "{made}");
    clinic.assert_stock(&lot, &[(&clinic.stock, "available", 1), (&stock, "available", 3)]);
    let at = |item: &str| clinic.read(&format!("/v1/stock?site_id={item}"))["items"][0]["units"].clone();
    assert_eq!((at(&clinic.site), at(&there)), (json!(1), json!(3)));

    // Both sites see it, a third does not.
    let third = id(&clinic.create(Role::Admin, "/v1/sites", &with(site(), json!({"name": "Leith"}))));
    for (seen, expected) in [(&clinic.site, 200), (&there, 200), (&third, 404)] {
        let (status, _) = clinic.http.get(&token(&[seen]), &format!("/v1/movements/{}", id(&made)));
        assert_eq!(status, expected);
        let (_, page) = clinic.http.get(&token(&[seen]), "/v1/movements");
        assert_eq!(page["items"].as_array().unwrap().len(), usize::from(expected == 200));
    }
    // The units can be used there.
    clinic.checked_licence(&licence(("site", &there), "facility", "CQC", "1-200"));
    let administration = with(clinic.administration(&lot, 2), json!({"site_id": there}));
    clinic.create(Role::Practitioner, "/v1/administrations", &administration);
    clinic.assert_stock(&lot, &[(&clinic.stock, "available", 1), (&stock, "available", 1)]);
}

fn what_is_held_is_set_apart_and_stays_held(world: &World) {
    let clinic = Stockroom(world.clinic());
    let lot = clinic.receive_inspect_release("LOT1", 12);
    let second = clinic.place("stock", json!({}));
    let hold = clinic.hold(&lot);
    clinic.refused("/v1/transfers", clinic.transfer(&lot, &clinic.stock, &second, 1), &["lot_on_hold"]);
    clinic.done("/v1/transfers", clinic.transfer(&lot, &clinic.stock, &clinic.quarantine, 6));
    clinic.assert_stock(&lot, &[(&clinic.stock, "held", 6), (&clinic.quarantine, "held", 6)]);
    let back = clinic.transfer(&lot, &clinic.quarantine, &clinic.stock, 1);
    clinic.refused("/v1/transfers", back, &["location_purpose_mismatch", "lot_on_hold"]);
    // Held units may leave for good (rule 20).
    for (path, field) in [("/v1/wastages", "wasted"), ("/v1/returns", "returned"), ("/v1/destructions", "destroyed")] {
        let made = clinic.done(path, clinic.removal(&lot, &clinic.quarantine, 1));
        assert_eq!((&made["state"], &clinic.reconciliation(&lot)[field]), (&json!("held"), &json!(1)));
    }
    clinic.create(Role::Quality, &format!("/v1/holds/{}/lift", id(&hold)), &json!({"reason": "Unrelated"}));
    clinic.assert_stock(&lot, &[(&clinic.stock, "available", 6), (&clinic.quarantine, "quarantined", 3)]);
}

fn what_has_expired_leaves_but_does_not_enter_stock(world: &World) {
    let clinic = Stockroom(world.clinic());
    let lot = clinic.receive_inspect_release("LOT1", 10);
    let second = clinic.place("stock", json!({}));
    let transfer = |to: &str| clinic.transfer(&lot, &clinic.stock, to, 1);
    world.clock.set("2027-06-30T22:00:00Z"); // 23:00 in London: the last day
    clinic.done("/v1/transfers", transfer(&second));
    world.clock.set("2027-06-30T23:30:00Z"); // 00:30 in London: over
    clinic.refused("/v1/transfers", transfer(&second), &["lot_expired"]);
    // Judged when it happened.
    let late = with(transfer(&second), json!({"occurred_at": "2027-06-30T22:30:00Z"}));
    clinic.done("/v1/transfers", late);
    clinic.done("/v1/transfers", transfer(&clinic.quarantine));
    clinic.done("/v1/wastages", clinic.removal(&lot, &clinic.stock, 1));
    clinic.done("/v1/returns", clinic.removal(&lot, &clinic.stock, 1));
    clinic.done("/v1/destructions", clinic.removal(&lot, &clinic.stock, 1));
    let left = [(&*clinic.stock, "available", 4), (&*second, "available", 2), (&*clinic.quarantine, "quarantined", 1)];
    clinic.assert_stock(&lot, &left);
}

fn what_was_rejected_is_only_returned_or_destroyed(world: &World) {
    let clinic = Stockroom(world.clinic());
    let (receipt, lot) = clinic.receive("LOT1", "2027-06-30", 5);
    clinic.create(Role::Purchaser, "/v1/inspections", &clinic.inspection(&receipt, &lot, 6, 4));
    let returns = clinic.place("returns", json!({}));
    let of = |state: &str| json!({"state": state});
    let rejected = with(clinic.removal(&lot, &clinic.quarantine, 1), of("rejected"));
    clinic.refused("/v1/wastages", rejected.clone(), &["lot_rejected"]);
    let to_stock = with(clinic.transfer(&lot, &clinic.quarantine, &clinic.stock, 1), of("rejected"));
    clinic.refused("/v1/transfers", to_stock, &["location_purpose_mismatch", "lot_rejected"]);
    let apart = with(clinic.transfer(&lot, &clinic.quarantine, &returns, 3), of("rejected"));
    assert_eq!(clinic.done("/v1/transfers", apart)["state"], "rejected");
    let mut left =
        vec![(&*clinic.quarantine, "passed", 6), (&*clinic.quarantine, "rejected", 1), (&*returns, "rejected", 3)];
    clinic.assert_stock(&lot, &left);
    // Where only rejected units are, a wastage means them and is refused for that.
    clinic.refused("/v1/wastages", clinic.removal(&lot, &returns, 1), &["lot_rejected"]);
    assert_eq!(clinic.done("/v1/returns", clinic.removal(&lot, &returns, 2))["state"], "rejected");
    assert_eq!(clinic.done("/v1/destructions", clinic.removal(&lot, &clinic.quarantine, 1))["state"], "rejected");
    // No rejected units are left there: the next are those that passed, unless the state is named.
    assert_eq!(clinic.done("/v1/destructions", clinic.removal(&lot, &clinic.quarantine, 1))["state"], "passed");
    clinic.refused("/v1/destructions", rejected, &["stock_not_on_hand"]);
    left[0].2 = 5;
    left[2].2 = 1;
    left.remove(1);
    clinic.assert_stock(&lot, &left);
    let r = clinic.reconciliation(&lot);
    assert_eq!((&r["returned"], &r["destroyed"], &r["wasted"]), (&json!(2), &json!(2), &json!(0)));
}

fn quarantine_is_left_for_stock_only_by_release(world: &World) {
    let clinic = Stockroom(world.clinic());
    let (receipt, lot) = clinic.receive("LOT1", "2027-06-30", 3);
    let transfer = clinic.transfer(&lot, &clinic.quarantine, &clinic.stock, 2);
    let problem = clinic.refused("/v1/transfers", transfer.clone(), &["location_purpose_mismatch"]);
    assert!(problem["detail"].as_str().unwrap().contains("by release"), "{problem}");
    clinic.create(Role::Purchaser, "/v1/inspections", &clinic.inspection(&receipt, &lot, 6, 0));
    clinic.refused("/v1/transfers", transfer, &["location_purpose_mismatch"]);
    // Units that wait for their release may be wasted where they lie; more in one state than there are is explained.
    clinic.done("/v1/wastages", clinic.removal(&lot, &clinic.quarantine, 1));
    let problem = clinic.refused("/v1/wastages", clinic.removal(&lot, &clinic.quarantine, 6), &["stock_not_on_hand"]);
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains("0 available, 0 held, 0 quarantined, 5 passed"), "{detail}");
}

/// Receives, inspects and releases packs with these serial numbers, two units each.
fn packs(clinic: &Stockroom, serials: &[&str]) -> String {
    let line =
        |serial: &&str| json!({"gtin": GTIN, "lot": "LOT1", "expiry": "2027-06-30", "serial": serial, "packs": 1});
    let lines: Vec<_> = serials.iter().map(line).collect();
    let receipt = clinic.create(Role::Purchaser, "/v1/receipts", &clinic.receipt(json!(lines)));
    let lot = receipt["lines"][0]["lot_id"].as_str().unwrap().to_owned();
    let units = i64::try_from(serials.len()).unwrap() * 2;
    clinic.create(Role::Purchaser, "/v1/inspections", &clinic.inspection(&id(&receipt), &lot, units, 0));
    let release = with(clinic.release(units), json!({"serials": serials}));
    clinic.create(Role::Quality, &format!("/v1/lots/{lot}/releases"), &release);
    lot
}

fn packs_move_by_name(world: &World) {
    let clinic = Stockroom(world.clinic());
    let lot = packs(&clinic, &["SN1", "SN2", "SN3"]);
    let other = clinic.receive_inspect_release("LOT2", 2);
    let second = clinic.place("stock", json!({}));
    let waste =
        |serials: Value, units: i64| with(clinic.removal(&lot, &clinic.stock, units), json!({"serials": serials}));
    clinic.refused("/v1/wastages", waste(json!([]), 2), &["serials_required"]);
    clinic.refused("/v1/wastages", waste(json!(["SN9"]), 2), &["serial_unknown"]);
    let of_another = with(clinic.removal(&other, &clinic.stock, 2), json!({"serials": ["SN1"]}));
    clinic.refused("/v1/wastages", of_another, &["serial_unknown"]);
    clinic.problem("/v1/wastages", waste(json!(["SN1", "SN2"]), 3), 422, "serials_mismatch");
    clinic.problem("/v1/wastages", waste(json!(["SN1", "SN1"]), 2), 422, "duplicate_entry");

    let transfer = with(clinic.transfer(&lot, &clinic.stock, &second, 2), json!({"serials": ["SN2"]}));
    assert_eq!(clinic.done("/v1/transfers", transfer)["serials"], json!(["SN2"]));
    clinic.refused("/v1/wastages", waste(json!(["SN2"]), 1), &["stock_not_on_hand"]);
    clinic.done("/v1/wastages", waste(json!(["SN1"]), 1));
    clinic.problem("/v1/wastages", waste(json!(["SN1"]), 2), 422, "serials_mismatch");
    clinic.assert_stock(&lot, &[(&clinic.stock, "available", 3), (&second, "available", 2)]);

    // A pack says in which state its units are, whatever else is there.
    let apart = with(clinic.transfer(&lot, &clinic.stock, &clinic.quarantine, 2), json!({"serials": ["SN3"]}));
    clinic.done("/v1/transfers", apart);
    let destroy = with(clinic.removal(&lot, &clinic.quarantine, 2), json!({"serials": ["SN3"]}));
    assert_eq!(clinic.done("/v1/destructions", destroy)["state"], "quarantined");
    clinic.assert_stock(&lot, &[(&clinic.stock, "available", 1), (&second, "available", 2)]);
}

fn counts_adjust_the_books(world: &World) {
    let clinic = Stockroom(world.clinic());
    nothing_waits(world);
    let lot = clinic.receive_inspect_release("LOT1", 10);
    let count = |units: i64| clinic.count_of(&lot, &clinic.stock, units);
    let adjusted = || clinic.reconciliation(&lot)["adjusted"].clone();

    let same = clinic.done("/v1/counts", count(10));
    assert_eq!((&same["kind"], &same["units"], &same["units_counted"]), (&json!("count"), &json!(0), &json!(10)));
    assert_eq!((&same["location_id"], &same["from_location_id"]), (&json!(clinic.stock), &Value::Null));
    assert!(same["decision"].is_null() && same["state"].is_null());
    assert_eq!((adjusted(), clinic.read("/v1/movements?kind=count")["items"][0].clone()), (json!(0), same));

    let fewer = clinic.done("/v1/counts", count(7));
    assert_eq!((&fewer["units"], adjusted()), (&json!(-3), json!(-3)));
    clinic.assert_stock(&lot, &[(&clinic.stock, "available", 7)]);
    let more = clinic.done("/v1/counts", count(8));
    assert_eq!((&more["units"], &more["state"], adjusted()), (&json!(1), &json!("quarantined"), json!(-2)));
    clinic.assert_stock(&lot, &[(&clinic.stock, "available", 7), (&clinic.stock, "quarantined", 1)]);

    // All dispositions together; what is missing is taken from available first.
    clinic.done("/v1/transfers", clinic.transfer(&lot, &clinic.stock, &clinic.quarantine, 3));
    let found = clinic.done("/v1/counts", clinic.count_of(&lot, &clinic.quarantine, 4));
    assert_eq!((&found["units"], &found["state"]), (&json!(1), &json!("quarantined")));
    clinic.hold(&lot);
    clinic.done("/v1/counts", count(0));
    clinic.assert_stock(&lot, &[(&clinic.quarantine, "quarantined", 4)]);
    assert_eq!(adjusted(), json!(-6));

    let custody = clinic.read(&format!("/v1/lots/{lot}/custody"));
    let events = custody["events"].as_array().unwrap();
    let said: Vec<_> = events.iter().filter(|event| event["kind"] == "stock_counted").map(|e| &e["summary"]).collect();
    assert_eq!(said[0], "10 units were counted, as the books say: Monthly count");
    assert_eq!(said[1], "7 units were counted, 3 fewer than in the books: Monthly count");
    assert_eq!(said[2], "8 units were counted, 1 more than in the books: Monthly count");
    assert!(events.iter().filter(|event| event["kind"] == "stock_counted").all(|event| event["decision"].is_null()));
}

fn found_units_are_never_more_usable_than_they_were(world: &World) {
    let clinic = Stockroom(world.clinic());
    nothing_waits(world);
    let lot = clinic.receive_inspect_release("LOT1", 4);
    let count = |lot: &str, units: i64| clinic.count_of(lot, &clinic.stock, units);
    let (_, never_released) = clinic.receive("LOT2", "2027-06-30", 1);

    // A location that holds other lots, and never held this one.
    clinic.problem("/v1/counts", count(&never_released, 1), 409, "lot_not_at_location");
    clinic.problem("/v1/counts", count(&never_released, 0), 409, "lot_not_at_location");
    // An empty one takes the count, but a count releases nothing.
    let empty = clinic.place("stock", json!({}));
    let made = clinic.done("/v1/counts", clinic.count_of(&never_released, &empty, 1));
    assert_eq!(made["state"], "quarantined");
    let (status, problem) = clinic.administer(&never_released, 1);
    assert_eq!((status, codes(&problem)), (409, vec!["lot_quarantined".to_owned()]));

    // Nobody knows where they were: they are quarantined in stock, under a hold and after their expiry too.
    assert_eq!(clinic.done("/v1/counts", count(&lot, 5))["state"], "quarantined");
    let hold = clinic.hold(&lot);
    assert_eq!(clinic.done("/v1/counts", count(&lot, 6))["state"], "quarantined");
    clinic.assert_stock(&lot, &[(&clinic.stock, "held", 4), (&clinic.stock, "quarantined", 2)]);
    clinic.create(Role::Quality, &format!("/v1/holds/{}/lift", id(&hold)), &json!({"reason": "Unrelated"}));
    clinic.assert_stock(&lot, &[(&clinic.stock, "available", 4), (&clinic.stock, "quarantined", 2)]);
    world.clock.set("2027-07-01T10:00:00Z");
    assert_eq!(clinic.done("/v1/counts", count(&lot, 7))["state"], "quarantined");
    let out = with(clinic.removal(&lot, &clinic.stock, 3), json!({"state": "quarantined"}));
    clinic.done("/v1/destructions", out);
}

/// Lets no difference of a count wait for a second person.
fn nothing_waits(world: &World) {
    let most = 1_000_000;
    super::policies::set(world, &json!({"count_found_to_approve": most, "count_missing_to_approve": most}));
}

fn differences_wait_for_a_second_person(world: &World) {
    let clinic = Stockroom(world.clinic());
    let lot = clinic.receive_inspect_release("LOT1", 10);
    let review = |who: &str, movement: &Value, what: &str| {
        let path = format!("/v1/movements/{}/{what}", id(movement));
        let (status, answer) =
            clinic.http.post(&clinic.token_as(who, &[Role::Quality]), &path, &json!({"reason": "Looked again"}));
        (status, answer["code"].as_str().unwrap_or_default().to_owned(), answer)
    };
    // Two missing are posted at once, three wait; a found unit waits.
    assert_eq!(clinic.done("/v1/counts", clinic.count_of(&lot, &clinic.stock, 8))["status"], "posted");
    let missing = clinic.done("/v1/counts", clinic.count_of(&lot, &clinic.stock, 5));
    assert_eq!((&missing["status"], &missing["units"]), (&json!("waiting"), &json!(-3)));
    clinic.assert_stock(&lot, &[(&clinic.stock, "available", 8)]);
    assert_eq!(review("quality", &missing, "approvals").1, "self_reviewed_count");
    // What was used before the count and is entered after it explains one of them.
    let late = with(clinic.administration(&lot, 1), json!({"occurred_at": missing["occurred_at"]}));
    assert_eq!(clinic.post(Role::Practitioner, "/v1/administrations", &late).0, 201);
    let (status, _, done) = review("quinn", &missing, "approvals");
    assert_eq!(
        (status, &done["status"], &done["units"], &done["reviewed_by"]),
        (201, &json!("posted"), &json!(-2), &json!("quinn"))
    );
    assert_eq!(review("quinn", &missing, "approvals").1, "count_already_reviewed");
    assert_eq!(review("quinn", &missing, "rejections").1, "count_already_reviewed");
    clinic.assert_stock(&lot, &[(&clinic.stock, "available", 5)]);
    assert_eq!(clinic.read(&format!("/v1/movements/{}", id(&missing))), done);

    let found = clinic.done("/v1/counts", clinic.count_of(&lot, &clinic.stock, 6));
    assert_eq!((&found["status"], &found["state"]), (&json!("waiting"), &json!("quarantined")));
    let (status, _, wrong) = review("quinn", &found, "rejections");
    assert_eq!((status, &wrong["status"]), (201, &json!("rejected")));
    clinic.assert_stock(&lot, &[(&clinic.stock, "available", 5)]);
    let again = clinic.done("/v1/counts", clinic.count_of(&lot, &clinic.stock, 6));
    assert_eq!(review("quinn", &again, "approvals").0, 201);
    clinic.assert_stock(&lot, &[(&clinic.stock, "available", 5), (&clinic.stock, "quarantined", 1)]);
}

/// Nobody knows which pack they are of.
fn found_units_of_a_numbered_lot_wait_for_inspection(world: &World) {
    let clinic = Stockroom(world.clinic());
    nothing_waits(world);
    let lot = packs(&clinic, &["SN1"]);
    let made = clinic.done("/v1/counts", clinic.count_of(&lot, &clinic.stock, 3));
    assert_eq!((&made["units"], &made["state"]), (&json!(1), &json!("quarantined")));
    clinic.assert_stock(&lot, &[(&clinic.stock, "available", 2), (&clinic.stock, "quarantined", 1)]);
}

fn missing_packs_have_names(world: &World) {
    let clinic = Stockroom(world.clinic());
    nothing_waits(world);
    let lot = packs(&clinic, &["SN1", "SN2"]);
    let count =
        |units: i64, serials: Value| with(clinic.count_of(&lot, &clinic.stock, units), json!({"serials": serials}));
    clinic.refused("/v1/counts", count(2, json!([])), &["serials_required"]);
    clinic.refused("/v1/counts", count(2, json!(["SN9"])), &["serial_unknown"]);
    clinic.problem("/v1/counts", count(1, json!(["SN1"])), 422, "serials_mismatch");
    clinic.problem("/v1/counts", count(4, json!(["SN1"])), 422, "serials_mismatch");
    // A found unit has no name, and is the one that is missing when nobody names another.
    clinic.done("/v1/counts", count(5, json!([])));
    clinic.done("/v1/counts", count(4, json!([])));
    assert_eq!(clinic.done("/v1/counts", count(2, json!(["SN1"])))["serials"], json!(["SN1"]));
    clinic.assert_stock(&lot, &[(&clinic.stock, "available", 2)]);
    let waste = with(clinic.removal(&lot, &clinic.stock, 2), json!({"serials": ["SN1"]}));
    clinic.refused("/v1/wastages", waste, &["stock_not_on_hand"]);
}

fn purchasers_transfer_between_stock_locations_only(world: &World) {
    let clinic = Stockroom(world.clinic());
    let lot = clinic.receive_inspect_release("LOT1", 4);
    let second = clinic.place("stock", json!({}));
    let post = |roles: &[Role], path: &str, body: &Value| {
        let (status, answer) = clinic.http.post(&clinic.token_as("pat", roles), path, body);
        (status, answer["code"].as_str().unwrap_or_default().to_owned())
    };
    let within = clinic.transfer(&lot, &clinic.stock, &second, 1);
    let apart = clinic.transfer(&lot, &clinic.stock, &clinic.quarantine, 1);
    let forbidden = (403, "forbidden".to_owned());
    assert_eq!(post(&[Role::Purchaser], "/v1/transfers", &within).0, 201);
    assert_eq!(post(&[Role::Purchaser], "/v1/transfers", &apart), forbidden);
    assert_eq!(post(&[Role::Purchaser, Role::Admin], "/v1/transfers", &apart), forbidden);
    assert_eq!(post(&[Role::Purchaser, Role::Quality], "/v1/transfers", &apart).0, 201);
    for path in ["/v1/wastages", "/v1/returns", "/v1/destructions"] {
        let others = [Role::Purchaser, Role::Admin, Role::Auditor, Role::Device];
        assert_eq!(post(&others, path, &clinic.removal(&lot, &clinic.stock, 1)), forbidden);
        // What a practitioner broke is wasted, by herself.
        let hers = post(&[Role::Practitioner], path, &clinic.removal(&lot, &clinic.quarantine, 1));
        let expected = if path == "/v1/wastages" { (409, "gate_refused".to_owned()) } else { forbidden.clone() };
        assert_eq!(hers, expected, "{path} of what is set apart");
    }
    assert_eq!(post(&[Role::Practitioner], "/v1/transfers", &within), forbidden);
    assert_eq!(post(&[Role::Purchaser], "/v1/counts", &clinic.count_of(&lot, &clinic.stock, 1)), forbidden);
    assert_eq!(clinic.http.get(&clinic.token(Role::Practitioner), "/v1/movements").0, 403);
    assert_eq!(clinic.http.get(&clinic.token(Role::Purchaser), "/v1/movements").0, 200);
}

fn movements_that_are_not_well_formed(world: &World) {
    let clinic = Stockroom(world.clinic());
    let lot = clinic.receive_inspect_release("LOT1", 4);
    let transfer = |changes: Value| with(clinic.transfer(&lot, &clinic.stock, &clinic.quarantine, 1), changes);
    let unknown = "01932c07-8d00-7000-8000-000000000001";
    let rows = [
        (json!({"to_location_id": clinic.stock}), "same_location"),
        (json!({"lot_id": format!("lot_{unknown}")}), "reference_unknown"),
        (json!({"from_location_id": format!("loc_{unknown}")}), "reference_unknown"),
        (json!({"to_location_id": format!("loc_{unknown}")}), "reference_unknown"),
        (json!({"lot_id": clinic.stock}), "reference_unknown"),
        (json!({"units": 0}), "invalid_units"),
        (json!({"units": 1_000_001}), "invalid_units"),
        (json!({"units": 1.5}), "invalid_body"),
        (json!({"state": "in_use"}), "invalid_value"),
        (json!({"state": "sold"}), "invalid_value"),
        (json!({"reason": ""}), "invalid_text"),
        (json!({"reason": null}), "invalid_body"),
        (json!({"serials": ["a b"]}), "invalid_serial"),
        (json!({"occurred_at": "2026-07-02T10:00:00Z"}), "occurred_in_future"),
        (json!({"occurred_at": "2026-05-31T10:00:00Z"}), "occurred_too_long_ago"),
        (json!({"why": "so"}), "unknown_field"),
    ];
    for (changes, code) in rows {
        clinic.problem("/v1/transfers", transfer(changes), 422, code);
    }
    for path in ["/v1/wastages", "/v1/returns", "/v1/destructions"] {
        let removal = |changes: Value| with(clinic.removal(&lot, &clinic.stock, 1), changes);
        clinic.problem(path, removal(json!({"to_location_id": clinic.stock})), 422, "unknown_field");
        clinic.problem(path, removal(json!({"state": "in_use"})), 422, "invalid_value");
        clinic.problem(path, removal(json!({"lot_id": format!("lot_{unknown}")})), 422, "reference_unknown");
    }
    let count = |changes: Value| with(clinic.count_of(&lot, &clinic.stock, 4), changes);
    for (changes, code) in [
        (json!({"units_counted": -1}), "invalid_units"),
        (json!({"units_counted": 1_000_001}), "invalid_units"),
        (json!({"location_id": format!("loc_{unknown}")}), "reference_unknown"),
        (json!({"lot_id": format!("lot_{unknown}")}), "reference_unknown"),
        (json!({"occurred_at": "2026-07-02T10:00:00Z"}), "occurred_in_future"),
    ] {
        clinic.problem("/v1/counts", count(changes), 422, code);
    }
    for path in [format!("/v1/movements/mov_{unknown}"), format!("/v1/movements/{lot}")] {
        let (status, problem) = clinic.http.get(&clinic.token(Role::Auditor), &path);
        assert_eq!((status, &problem["code"]), (404, &json!("not_found")));
    }
    // Another organisation sees none of it.
    let stranger = clinic.register_organisation("Elsewhere");
    let token = clinic.sign(&stranger, "eve", &[Role::Quality], None);
    let (status, problem) = clinic.http.post(&token, "/v1/wastages", &clinic.removal(&lot, &clinic.stock, 1));
    assert_eq!((status, &problem["code"]), (422, &json!("reference_unknown")));
    let made = clinic.done("/v1/wastages", clinic.removal(&lot, &clinic.stock, 1));
    assert_eq!(clinic.http.get(&token, &format!("/v1/movements/{}", id(&made))).0, 404);
    assert_eq!(clinic.http.get(&token, "/v1/movements").1["items"], json!([]));
}

fn a_movement_is_repeated_by_its_key(world: &World) {
    let clinic = Stockroom(world.clinic());
    let lot = clinic.receive_inspect_release("LOT1", 4);
    let token = clinic.token(Role::Quality);
    let post = |units: i64| {
        let body = clinic.removal(&lot, &clinic.stock, units);
        clinic.http.post_with(&token, "/v1/wastages", &[("idempotency-key", "waste-1")], &body)
    };
    let (first, again) = (post(1), post(1));
    assert_eq!((first.status, again.status, &first.bytes), (201, 201, &again.bytes));
    assert_eq!((post(2).status, clinic.reconciliation(&lot)["wasted"].clone()), (422, json!(1)));
}

fn thirty_two_want_the_last_unit(world: &World) {
    let clinic = Stockroom(world.clinic());
    let lot = clinic.receive_inspect_release("LOT1", 2);
    clinic.done("/v1/wastages", clinic.removal(&lot, &clinic.stock, 1));
    let (token, body) = (clinic.token(Role::Quality), clinic.removal(&lot, &clinic.stock, 1));
    let (done, refused) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..32 {
            scope.spawn(|| match world.http.post(&token, "/v1/wastages", &body) {
                (201, _) => done.fetch_add(1, Ordering::SeqCst),
                (409, problem) => {
                    assert_eq!(codes(&problem), ["stock_not_on_hand"]);
                    refused.fetch_add(1, Ordering::SeqCst)
                }
                (status, answer) => panic!("{status} {answer}"),
            });
        }
    });
    assert_eq!((done.into_inner(), refused.into_inner()), (1, 31));
    clinic.assert_stock(&lot, &[]);
    assert_eq!(clinic.reconciliation(&lot)["wasted"], 2);
}

fn a_count_and_administrations_exclude_each_other(world: &World) {
    let clinic = Stockroom(world.clinic());
    nothing_waits(world);
    let lot = clinic.receive_inspect_release("LOT1", 16);
    let quality = clinic.token(Role::Quality);
    std::thread::scope(|scope| {
        for index in 0..16_i64 {
            let (clinic, lot, quality) = (&clinic, &lot, &quality);
            scope.spawn(move || {
                if index % 2 == 0 {
                    let (status, answer) = clinic.administer(lot, 1);
                    // What counts found meanwhile is quarantined.
                    let short = [["stock_not_on_hand"], ["lot_quarantined"]];
                    assert!(status == 201 || short.iter().any(|s| codes(&answer) == s), "{status} {answer}");
                } else {
                    let body = clinic.count_of(lot, &clinic.stock, 4);
                    let (status, answer) = clinic.http.post(quality, "/v1/counts", &body);
                    assert_eq!(status, 201, "{answer}");
                }
            });
        }
    });
    clinic.done("/v1/counts", clinic.count_of(&lot, &clinic.stock, 4));
    let r = clinic.reconciliation(&lot);
    let n = |field: &str| r[field].as_i64().unwrap();
    assert_eq!((n("administered") + 4, n("on_hand")), (16 + n("adjusted"), 4), "{r}");
}
