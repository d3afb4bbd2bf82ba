//! Serial numbers that come, go and come again (DOMAIN.md, rule 9): one is inside once at a time, and its units are used once
//! in all. A scan for receiving and the receipt that follows agree.

use lotline::caller::Role;
use serde_json::{Value, json};

use super::support::client::codes;
use super::support::clinic::{EXPIRY, GTIN, gtin, id, product, scan};
use super::support::{Clinic, World, on_both_databases};

on_both_databases!(
    a_number_that_never_came_is_unknown_for_ever,
    what_was_returned_may_arrive_again,
    what_was_missing_may_arrive_again,
    what_was_used_wasted_or_destroyed_does_not_arrive_again,
    what_arrives_again_is_what_it_was,
    a_number_that_was_used_unreceived_does_not_arrive,
    a_cases_number_is_none_of_its_units,
    packs_that_arrived_again_are_corrected_where_they_are,
    who_receives_the_same_pack_again_at_once_receives_it_once,
);

const LOT: &str = "LOT1";

fn label(serial: &str) -> String {
    scan("270630", LOT, Some(serial))
}

fn line(code: &str) -> Value {
    json!([{"scan": code, "packs": 1}])
}

/// The scan for receiving says yes, and the receipt that follows is made: its only line.
fn arrives(clinic: &Clinic, code: &str, flags: &Value) -> (Value, String) {
    let mut question = clinic.question(code);
    question["purpose"] = json!("receive");
    let scanned = clinic.create(Role::Purchaser, "/v1/scans", &question);
    assert_eq!(scanned["decision"]["allowed"], true, "{code}: {}", scanned["decision"]);
    let made = clinic.create(Role::Purchaser, "/v1/receipts", &clinic.receipt(line(code)));
    assert_eq!(made["lines"][0]["flags"], *flags, "{code}");
    let lot = made["lines"][0]["lot_id"].as_str().unwrap().to_owned();
    (made, lot)
}

/// The scan for receiving and the receipt both say no, in the same words.
fn does_not_arrive(clinic: &Clinic, code: &str, because: &str) {
    let mut question = clinic.question(code);
    question["purpose"] = json!("receive");
    let scanned = clinic.create(Role::Purchaser, "/v1/scans", &question);
    let body = clinic.receipt(line(code));
    let problem = clinic.assert_refused(Role::Purchaser, "/v1/receipts", &body, &["serial_already_used"]);
    let reasons = scanned["decision"]["reasons"].as_array().unwrap();
    assert_eq!(reasons.iter().find(|reason| reason["code"] == "serial_already_used"), problem["reasons"].get(0));
    let message = problem["reasons"][0]["message"].as_str().unwrap();
    assert!(message.contains(because), "{message}");
}

fn release(clinic: &Clinic, receipt: &Value, serial: &str) {
    let lot = receipt["lines"][0]["lot_id"].as_str().unwrap();
    clinic.create(Role::Purchaser, "/v1/inspections", &clinic.inspection(&id(receipt), lot, 2, 0));
    let mut release = clinic.release(2);
    release["serials"] = json!([serial]);
    clinic.create(Role::Quality, &format!("/v1/lots/{lot}/releases"), &release);
}

/// Takes units of a pack out, from quarantine.
fn remove(clinic: &Clinic, path: &str, lot: &str, serial: &str, units: i64) {
    let body = json!({
        "lot_id": lot, "from_location_id": clinic.quarantine, "units": units, "serials": [serial], "reason": "Gone"
    });
    clinic.create(Role::Quality, path, &body);
}

fn a_number_that_never_came_is_unknown_for_ever(world: &World) {
    let clinic = world.clinic();
    let (receipt, lot) = arrives(&clinic, &label("SN1"), &json!([]));
    clinic.assert_not_at_the_chair(&label("SN9"), &["serial_unknown"]);
    release(&clinic, &receipt, "SN1");
    clinic.assert_not_at_the_chair(&label("SN9"), &["serial_unknown"]);
    clinic.assert_at_the_chair(&label("SN1"));
    clinic.assert_at_the_chair(&label("SN1"));
    // All that came under numbers is used up: SN9 still never came.
    clinic.assert_not_at_the_chair(&label("SN9"), &["serial_unknown"]);
    clinic.assert_not_at_the_chair(&label("SN1"), &["serial_already_used"]);
    let mut typed = clinic.administration(&lot, 1);
    typed["serial"] = json!("SN9");
    clinic.assert_refused(Role::Practitioner, "/v1/administrations", &typed, &["serial_unknown"]);
    // Packs of the lot that came without numbers do not lend it theirs.
    let lot = clinic.receive_inspect_release(LOT, 2);
    clinic.assert_not_at_the_chair(&label("SN9"), &["serial_unknown"]);
    clinic.assert_at_the_chair(&scan("270630", LOT, None));
    let mut question = clinic.question(&label("SN9"));
    question["purpose"] = json!("return");
    assert_eq!(codes(&clinic.create(Role::Purchaser, "/v1/scans", &question)), ["serial_unknown"]);
    assert_eq!(clinic.reconciliation(&lot)["on_hand"], json!(1));
}

fn what_was_returned_may_arrive_again(world: &World) {
    let clinic = world.clinic();
    let (first, lot) = arrives(&clinic, &label("SN1"), &json!([]));
    does_not_arrive(&clinic, &label("SN1"), "2 units still on hand");
    remove(&clinic, "/v1/returns", &lot, "SN1", 1);
    does_not_arrive(&clinic, &label("SN1"), "1 unit still on hand");
    remove(&clinic, "/v1/returns", &lot, "SN1", 1);
    clinic.assert_not_at_the_chair(&label("SN1"), &["stock_not_on_hand"]);
    let (again, same) = arrives(&clinic, &label("SN1"), &json!(["serial_arrived_again"]));
    assert_eq!(same, lot);
    let r = clinic.reconciliation(&lot);
    assert_eq!(
        (&r["received"], &r["returned"], &r["on_hand"], &r["balanced"]),
        (&json!(4), &json!(2), &json!(2), &json!(true))
    );
    does_not_arrive(&clinic, &label("SN1"), "2 units still on hand");
    clinic.assert_not_at_the_chair(&label("SN1"), &["lot_quarantined"]);
    // It has two units, as it always had.
    release(&clinic, &again, "SN1");
    clinic.assert_at_the_chair(&label("SN1"));
    let mut two = clinic.administration_of(&label("SN1"));
    two["units"] = json!(2);
    clinic.assert_refused(Role::Practitioner, "/v1/administrations", &two, &["serial_already_used"]);
    clinic.assert_at_the_chair(&label("SN1"));
    clinic.assert_not_at_the_chair(&label("SN1"), &["serial_already_used"]);
    does_not_arrive(&clinic, &label("SN1"), "were used, wasted or destroyed");
    let said = clinic.read(&format!("/v1/receipts/{}", id(&first)))["lines"][0]["serials"].clone();
    assert_eq!(said, json!(["SN1"]), "what was received stays said");
}

fn what_was_missing_may_arrive_again(world: &World) {
    let clinic = world.clinic();
    let (_, lot) = arrives(&clinic, &label("SN1"), &json!([]));
    let count = json!({
        "location_id": clinic.quarantine, "lot_id": lot, "units_counted": 0, "serials": ["SN1"], "reason": "Not there"
    });
    clinic.create(Role::Quality, "/v1/counts", &count);
    arrives(&clinic, &label("SN1"), &json!(["serial_arrived_again"]));
    // In one line with a new one, and more than once.
    remove(&clinic, "/v1/returns", &lot, "SN1", 2);
    let both = json!([{"gtin": GTIN, "lot": LOT, "expiry": EXPIRY, "packs": 2, "serials": ["SN2", "SN1"]}]);
    let made = clinic.create(Role::Purchaser, "/v1/receipts", &clinic.receipt(both));
    assert_eq!(made["lines"][0]["flags"], json!(["serial_arrived_again"]));
    let r = clinic.reconciliation(&lot);
    assert_eq!((&r["received"], &r["on_hand"], &r["balanced"]), (&json!(8), &json!(4), &json!(true)), "{r}");
    for serial in ["SN1", "SN2"] {
        does_not_arrive(&clinic, &label(serial), "2 units still on hand");
    }
}

fn what_was_used_wasted_or_destroyed_does_not_arrive_again(world: &World) {
    let clinic = world.clinic();
    let because = "were used, wasted or destroyed";
    for (serial, path) in [("SN1", "/v1/wastages"), ("SN2", "/v1/destructions")] {
        let (_, lot) = arrives(&clinic, &label(serial), &json!([]));
        remove(&clinic, path, &lot, serial, 1);
        remove(&clinic, "/v1/returns", &lot, serial, 1);
        does_not_arrive(&clinic, &label(serial), because);
    }
    // One unit used, the other sent back: used units count for ever.
    let (receipt, lot) = arrives(&clinic, &label("SN3"), &json!([]));
    release(&clinic, &receipt, "SN3");
    let made = clinic.assert_at_the_chair(&label("SN3"));
    let body = json!({
        "lot_id": lot, "from_location_id": clinic.stock, "units": 1, "serials": ["SN3"], "reason": "Sent back"
    });
    clinic.create(Role::Quality, "/v1/returns", &body);
    does_not_arrive(&clinic, &label("SN3"), because);
    // Of the one that is left nobody says that it was used.
    clinic.assert_not_at_the_chair(&label("SN3"), &["stock_not_on_hand"]);
    // What was not used after all is in quarantine again, until it goes back too.
    let void = json!({"reason": "Another pack", "returned_to_stock": true});
    clinic.create(Role::Quality, &format!("/v1/administrations/{}/voids", id(&made)), &void);
    does_not_arrive(&clinic, &label("SN3"), "1 unit still on hand");
    remove(&clinic, "/v1/returns", &lot, "SN3", 1);
    arrives(&clinic, &label("SN3"), &json!(["serial_arrived_again"]));
}

fn what_arrives_again_is_what_it_was(world: &World) {
    let clinic = world.clinic();
    let unit = gtin(101);
    let mut body = product(GTIN);
    body["identifiers"] = json!([{"scheme": "gtin", "value": unit, "level": "unit", "units": 1}]);
    let path = format!("/v1/products/{}", clinic.product);
    let answer = world.put(&path, &[], &super::support::clinic::whole("products", &body));
    assert_eq!(answer.status, 200, "{}", answer.json());

    let (_, lot) = arrives(&clinic, &label("SN1"), &json!([]));
    for code in
        [scan("270630", "LOT2", Some("SN1")), scan("270731", LOT, Some("SN1")), scan("270630", "lot1", Some("SN1"))]
    {
        does_not_arrive(&clinic, &code, "with another lot");
    }
    remove(&clinic, "/v1/returns", &lot, "SN1", 2);
    for code in
        [scan("270630", "LOT2", Some("SN1")), scan("270731", LOT, Some("SN1")), scan("270630", "lot1", Some("SN1"))]
    {
        does_not_arrive(&clinic, &code, "with another lot");
    }
    does_not_arrive(&clinic, &label("SN1").replace(GTIN, &unit), "as that of 2 units");
    arrives(&clinic, &label("SN1"), &json!(["serial_arrived_again"]));
    // On the label of a unit it is another number still.
    clinic.assert_not_at_the_chair(&label("SN1").replace(GTIN, &unit), &["serial_unknown"]);
}

/// Packs that are kept without their numbers, one of which was scanned at the chair by its number.
fn a_number_that_was_used_unreceived_does_not_arrive(world: &World) {
    let clinic = world.clinic();
    clinic.receive_inspect_release(LOT, 4);
    let made = clinic.assert_at_the_chair(&label("SN1"));
    does_not_arrive(&clinic, &label("SN1"), "was used before: 1 unit of it");
    does_not_arrive(&clinic, &scan("270630", "LOT2", Some("SN1")), "was used before: 1 unit of it");
    let void = json!({"reason": "Another pack", "returned_to_stock": true});
    clinic.create(Role::Quality, &format!("/v1/administrations/{}/voids", id(&made)), &void);
    arrives(&clinic, &label("SN1"), &json!([]));
}

/// A case is received once under its number, and used unit by unit without it, however it is named; voids change nothing of
/// that.
fn a_cases_number_is_none_of_its_units(world: &World) {
    let clinic = world.clinic();
    let case = gtin(102);
    let mut body = product(&gtin(9));
    body["identifiers"] = json!([{"scheme": "gtin", "value": case, "level": "case", "units": 20}]);
    clinic.create(Role::Admin, "/v1/products", &body);
    let code = label("C1").replace(GTIN, &case);
    let (receipt, lot) = arrives(&clinic, &code, &json!([]));
    clinic.create(Role::Purchaser, "/v1/inspections", &clinic.inspection(&id(&receipt), &lot, 20, 0));
    clinic.create(Role::Quality, &format!("/v1/lots/{lot}/releases"), &clinic.release(20));
    let void = json!({"reason": "Another lot", "returned_to_stock": true});
    for round in 0..2 {
        // By its label, and by the lot with the case's number: three units are more than a pack has.
        let scanned = clinic.administration_of(&code);
        let mut typed = clinic.administration(&lot, 3);
        typed["serial"] = json!("C1");
        for administration in [scanned, typed] {
            let made = clinic.create(Role::Practitioner, "/v1/administrations", &administration);
            assert_eq!(made["serial"], Value::Null, "{round}");
            clinic.create(Role::Quality, &format!("/v1/administrations/{}/voids", id(&made)), &void);
        }
        does_not_arrive(&clinic, &code, "as that of a case");
        // A pack of the case has a number of its own, which nobody has read yet.
        let pack = label("P1").replace(GTIN, &gtin(9));
        for _ in 0..2 {
            let made = clinic.assert_at_the_chair(&pack);
            clinic.create(Role::Quality, &format!("/v1/administrations/{}/voids", id(&made)), &void);
        }
    }
    let r = clinic.reconciliation(&lot);
    assert_eq!((&r["administered"], &r["on_hand"], &r["balanced"]), (&json!(0), &json!(20), &json!(true)));
}

fn packs_that_arrived_again_are_corrected_where_they_are(world: &World) {
    let clinic = world.clinic();
    let (first, lot) = arrives(&clinic, &label("SN1"), &json!([]));
    remove(&clinic, "/v1/returns", &lot, "SN1", 2);
    // Units of the lot without numbers: none of them is of the first receipt.
    clinic.receive(LOT, EXPIRY, 1);
    let (again, _) = arrives(&clinic, &label("SN1"), &json!(["serial_arrived_again"]));
    let correct = |receipt: &Value, changes: Value| {
        let mut body = json!({"line_id": receipt["lines"][0]["id"], "reason": "Misread"});
        body.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        clinic.post(Role::Purchaser, &format!("/v1/receipts/{}/corrections", id(receipt)), &body)
    };
    for (receipt, changes) in [
        (&first, json!({"production_date": "2025-06-30"})),
        (&first, json!({"lot": "LOT2"})),
        (&again, json!({"lot": "LOT2"})),
        (&again, json!({"expiry": "2027-07-31"})),
    ] {
        let (status, problem) = correct(receipt, changes.clone());
        assert_eq!((status, &problem["code"]), (409, &json!("receipt_not_correctable")), "{changes}: {problem}");
    }
    let (status, corrected) = correct(&again, json!({"production_date": "2025-06-30"}));
    assert_eq!((status, &corrected["lines"][1]["flags"]), (201, &json!(["serial_arrived_again"])), "{corrected}");
    remove(&clinic, "/v1/returns", &lot, "SN1", 2);
    arrives(&clinic, &label("SN1"), &json!(["serial_arrived_again"]));
}

fn who_receives_the_same_pack_again_at_once_receives_it_once(world: &World) {
    let clinic = world.clinic();
    let (_, lot) = arrives(&clinic, &label("SN1"), &json!([]));
    for _ in 0..4 {
        remove(&clinic, "/v1/returns", &lot, "SN1", 2);
        let body = clinic.receipt(line(&label("SN1")));
        let token = clinic.token(Role::Purchaser);
        let answers: Vec<_> = std::thread::scope(|scope| {
            let receive = || scope.spawn(|| clinic.http.post(&token, "/v1/receipts", &body));
            let threads: Vec<_> = (0..4).map(|_| receive()).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let made = answers.iter().filter(|(status, _)| *status == 201).count();
        let refused = answers.iter().filter(|(_, body)| codes(body) == ["serial_already_used"]).count();
        assert_eq!((made, refused), (1, 3), "{answers:?}");
    }
    assert_eq!(clinic.reconciliation(&lot)["on_hand"], json!(2));
}
