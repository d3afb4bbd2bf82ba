//! Ways back: a receipt that was mis-keyed is corrected or voided while all of its units are inside (DOMAIN rules 12, 22, 25).

use lotline::caller::Role;
use serde_json::{Value, json};

use super::support::client::codes;
use super::support::clinic::{EXPIRY, GTIN, gtin, id, licence, location, product, scan};
use super::support::{Clinic, World, on_both_databases};

on_both_databases!(
    whatever_the_state_of_its_units_a_line_is_corrected,
    the_right_product,
    a_case_that_was_packs,
    the_right_numbers,
    numbers_where_there_were_none_and_none_where_there_were,
    a_wrong_number_is_free_again,
    a_line_that_never_came,
    a_receipt_entered_twice,
    a_voided_receipt_leaves_nothing_behind,
    a_number_of_a_case_is_free_again,
    what_arrived_again_and_did_not,
    two_lines_of_a_lot_are_taken_back_each,
    units_that_can_have_come_by_no_other_receipt_go_first,
    units_at_another_site,
    a_hold_on_a_place_outlives_a_correction,
    a_correction_arrives_under_a_hold,
    what_rests_on_a_receipt_is_listed,
    the_right_supplier,
    the_right_order,
    what_a_correction_of_the_whole_receipt_refuses,
    a_place_that_takes_nothing_any_more,
    two_people_at_once,
);

/// A correction of the line of a receipt that stands last.
fn correction(receipt: &Value, changes: &Value) -> Value {
    let lines = receipt["lines"].as_array().unwrap();
    let standing = lines.iter().rfind(|line| line["corrected_by"].is_null() && line["voided"].is_null()).unwrap();
    let mut body = json!({"line_id": standing["id"], "reason": "Misread"});
    body.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    body
}

fn try_to_correct(clinic: &Clinic, receipt: &Value, changes: &Value) -> (u16, Value) {
    let path = format!("/v1/receipts/{}/corrections", id(receipt));
    clinic.post(Role::Quality, &path, &correction(receipt, changes))
}

/// Corrects it, and answers the line that replaces it.
fn correct(clinic: &Clinic, receipt: &Value, changes: &Value) -> Value {
    let (status, corrected) = try_to_correct(clinic, receipt, changes);
    assert_eq!(status, 201, "{changes}: {corrected}");
    assert_eq!(corrected, clinic.read(&format!("/v1/receipts/{}", id(receipt))));
    corrected["lines"].as_array().unwrap().last().unwrap().clone()
}

/// A correction of the supplier or the order.
fn reassign(clinic: &Clinic, receipt: &Value, changes: &Value) -> (u16, Value) {
    let mut body = json!({"reason": "Another delivery note"});
    body.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    clinic.post(Role::Purchaser, &format!("/v1/receipts/{}/corrections", id(receipt)), &body)
}

fn void(clinic: &Clinic, receipt: &Value) -> (u16, Value) {
    clinic.post(Role::Quality, &format!("/v1/receipts/{}/voids", id(receipt)), &json!({"reason": "Entered twice"}))
}

fn receive(clinic: &Clinic, lines: Value) -> Value {
    clinic.create(Role::Purchaser, "/v1/receipts", &clinic.receipt(lines))
}

fn unnumbered(lot: &str, packs: i64) -> Value {
    json!({"gtin": GTIN, "lot": lot, "expiry": EXPIRY, "packs": packs})
}

fn numbered(lot: &str, serials: &[&str]) -> Value {
    json!({"gtin": GTIN, "lot": lot, "expiry": EXPIRY, "packs": serials.len(), "serials": serials})
}

fn lot_of(line: &Value) -> String {
    line["lot_id"].as_str().unwrap().to_owned()
}

/// Where units of a lot are: the states and how many.
fn states(clinic: &Clinic, lot: &str) -> Vec<(String, i64)> {
    let items = clinic.read(&format!("/v1/stock?lot_id={lot}"))["items"].clone();
    let state = |item: &Value| (item["state"].as_str().unwrap().to_owned(), item["units"].as_i64().unwrap());
    let mut states: Vec<_> = items.as_array().unwrap().iter().map(state).collect();
    states.sort();
    states
}

fn quarantined(units: i64) -> Vec<(String, i64)> {
    vec![("quarantined".to_owned(), units)]
}

fn assert_balanced(clinic: &Clinic, lot: &str, received: i64, on_hand: i64) {
    let books = clinic.reconciliation(lot);
    assert_eq!(
        (&books["received"], &books["on_hand"], &books["balanced"]),
        (&json!(received), &json!(on_hand), &json!(true)),
        "{books}"
    );
}

fn inspect(clinic: &Clinic, receipt: &Value, lot: &str, units: i64) {
    clinic.create(Role::Purchaser, "/v1/inspections", &clinic.inspection(&id(receipt), lot, units, 0));
}

fn release(clinic: &Clinic, lot: &str, units: i64) {
    clinic.create(Role::Quality, &format!("/v1/lots/{lot}/releases"), &clinic.release(units));
}

fn reject(clinic: &Clinic, receipt: &Value, lot: &str, units: i64) {
    let mut inspection = clinic.inspection(&id(receipt), lot, 0, units);
    inspection["checks"][0] = json!({"criterion": "outer_carton_intact", "result": "fail", "note": "Torn"});
    clinic.create(Role::Purchaser, "/v1/inspections", &inspection);
}

fn whatever_the_state_of_its_units_a_line_is_corrected(world: &World) {
    let clinic = world.clinic();
    // How far the units had come before somebody noticed.
    type Step = fn(&Clinic, &Value, &str);
    let steps: [(&str, Step); 6] = [
        ("quarantined", |_, _, _| {}),
        ("passed", |clinic, receipt, lot| inspect(clinic, receipt, lot, 4)),
        ("rejected", |clinic, receipt, lot| reject(clinic, receipt, lot, 4)),
        ("available", |clinic, receipt, lot| {
            inspect(clinic, receipt, lot, 4);
            release(clinic, lot, 4);
        }),
        ("held", |clinic, receipt, lot| {
            inspect(clinic, receipt, lot, 4);
            release(clinic, lot, 4);
            clinic.hold(lot);
        }),
        ("each of them", |clinic, receipt, lot| {
            reject(clinic, receipt, lot, 1);
            inspect(clinic, receipt, lot, 2);
            release(clinic, lot, 1);
        }),
    ];
    for (number, (state, step)) in steps.into_iter().enumerate() {
        for with_numbers in [false, true] {
            if with_numbers && state == "each of them" {
                continue; // half packs have one number
            }
            let (wrong_text, text) = (format!("WRONG{number}{with_numbers}"), format!("RIGHT{number}{with_numbers}"));
            let serials = [format!("A{number}"), format!("B{number}")];
            let line = match with_numbers {
                true => numbered(&wrong_text, &[&serials[0], &serials[1]]),
                false => unnumbered(&wrong_text, 2),
            };
            let receipt = receive(&clinic, json!([line]));
            let wrong = lot_of(&receipt["lines"][0]);
            step(&clinic, &receipt, &wrong);
            let right = correct(&clinic, &receipt, &json!({"lot": text, "expiry": "2027-07-31"}));
            let lot = lot_of(&right);
            assert_eq!((states(&clinic, &wrong), states(&clinic, &lot)), (vec![], quarantined(4)), "{state}");
            assert_balanced(&clinic, &wrong, 0, 0);
            assert_balanced(&clinic, &lot, 4, 4);
            // No pass survives: it is inspected and released anew.
            let serial = with_numbers.then_some(serials[0].as_str());
            clinic.assert_not_at_the_chair(&scan("270731", &text, serial), &["lot_quarantined"]);
            let release_path = format!("/v1/lots/{lot}/releases");
            let (_, early) = clinic.post(Role::Quality, &release_path, &clinic.release(4));
            assert_eq!(codes(&early), ["not_inspected"], "{early}");
            inspect(&clinic, &receipt, &lot, 4);
            release(&clinic, &lot, 4);
            clinic.assert_at_the_chair(&scan("270731", &text, serial));
            // Both are in the chain of either.
            for chain in [&wrong, &lot] {
                let custody = clinic.read(&format!("/v1/lots/{chain}/custody"));
                assert!(custody.to_string().contains("receipt_corrected"), "{state}");
            }
        }
    }
}

fn the_right_product(world: &World) {
    let clinic = world.clinic();
    let mut other = product(&gtin(7));
    other["name"] = json!("Another filler");
    other["units_per_pack"] = json!(1);
    other["approvals"][0]["verified_on"] = json!(world.recent_day());
    let other = id(&clinic.create(Role::Admin, "/v1/products", &other));
    let receipt = receive(&clinic, json!([numbered("LOT1", &["SN1", "SN2"])]));
    let wrong = lot_of(&receipt["lines"][0]);
    inspect(&clinic, &receipt, &wrong, 4);
    let right = correct(&clinic, &receipt, &json!({"gtin": gtin(7)}));
    let lot = lot_of(&right);
    assert_eq!(
        (&right["product_id"], &right["units"], &right["serials"]),
        (&json!(other), &json!(2), &json!(["SN1", "SN2"]))
    );
    assert_eq!(right["identifier"]["value"], json!(gtin(7)));
    assert_eq!((states(&clinic, &wrong), states(&clinic, &lot)), (vec![], quarantined(2)));
    assert_balanced(&clinic, &lot, 2, 2);
    // The number is one of the other product now; of this one it never was.
    clinic.assert_not_at_the_chair(&scan("270630", "LOT1", Some("SN1")), &["stock_not_on_hand"]);
    receive(&clinic, json!([{"scan": scan("270630", "LOT1", Some("SN1")), "packs": 1}]));
    let again = json!({"gtin": gtin(7), "lot": "LOT1", "expiry": EXPIRY, "packs": 1, "serials": ["SN2"]});
    clinic.assert_refused(Role::Purchaser, "/v1/receipts", &clinic.receipt(json!([again])), &["serial_already_used"]);
    // By device identifier, what the catalogue does not have, and both at once.
    let (status, problem) = try_to_correct(
        &clinic,
        &clinic.read(&format!("/v1/receipts/{}", id(&receipt))),
        &json!({
            "gtin": GTIN, "udi_di": GTIN
        }),
    );
    assert_eq!((status, &problem["code"]), (422, &json!("invalid_body")));
    let receipt = clinic.read(&format!("/v1/receipts/{}", id(&receipt)));
    let path = format!("/v1/receipts/{}/corrections", id(&receipt));
    let body = correction(&receipt, &json!({"gtin": gtin(8)}));
    clinic.assert_refused(Role::Purchaser, &path, &body, &["product_unknown"]);
    // Back again, to a number that has arrived meanwhile.
    let body = correction(&receipt, &json!({"gtin": GTIN}));
    clinic.assert_refused(Role::Purchaser, &path, &body, &["serial_already_used"]);
    let right = correct(&clinic, &receipt, &json!({"udi_di": GTIN, "serials": ["SN2", "SN3"]}));
    assert_eq!((&right["product_id"], &right["units"]), (&json!(clinic.product), &json!(4)));
    assert_balanced(&clinic, &wrong, 6, 6);
}

fn a_case_that_was_packs(world: &World) {
    let clinic = world.clinic();
    let identifiers = json!({"identifiers": [
        {"scheme": "gtin", "value": gtin(9), "level": "case", "units": 20},
    ]});
    assert_eq!(clinic.patch(&format!("/v1/products/{}", clinic.product), &identifiers).status, 200);
    let receipt = receive(&clinic, json!([numbered("LOT1", &["SN1", "SN2"])]));
    let lot = lot_of(&receipt["lines"][0]);
    let right = correct(&clinic, &receipt, &json!({"gtin": gtin(9), "serial": "CASE1"}));
    assert_eq!((&right["packs"], &right["units"], &right["serials"]), (&json!(1), &json!(20), &json!(["CASE1"])));
    assert_eq!(lot_of(&right), lot);
    assert_eq!(states(&clinic, &lot), quarantined(20));
    inspect(&clinic, &receipt, &lot, 20);
    release(&clinic, &lot, 20);
    clinic.assert_at_the_chair(&scan("270630", "LOT1", None));
}

fn the_right_numbers(world: &World) {
    let clinic = world.clinic();
    let receipt = receive(&clinic, json!([numbered("LOT1", &["SN1", "SN2", "SN3"])]));
    let lot = lot_of(&receipt["lines"][0]);
    inspect(&clinic, &receipt, &lot, 6);
    release(&clinic, &lot, 6);
    let right = correct(&clinic, &receipt, &json!({"serials": ["SN1", "SN20", "SN3"]}));
    assert_eq!((lot_of(&right), &right["flags"]), (lot.clone(), &json!([])));
    assert_eq!(states(&clinic, &lot), quarantined(6));
    clinic.assert_not_at_the_chair(&scan("270630", "LOT1", Some("SN2")), &["serial_unknown"]);
    for serial in ["SN1", "SN20"] {
        clinic.assert_not_at_the_chair(&scan("270630", "LOT1", Some(serial)), &["lot_quarantined"]);
    }
    inspect(&clinic, &receipt, &lot, 6);
    release(&clinic, &lot, 6);
    clinic.assert_at_the_chair(&scan("270630", "LOT1", Some("SN20")));
    clinic.assert_not_at_the_chair(&scan("270630", "LOT1", Some("SN2")), &["serial_unknown"]);
    // The wrong number arrives on a pack that has it, in another lot: it was never here.
    let late = receive(&clinic, json!([numbered("LOT2", &["SN2"])]));
    assert_eq!(late["lines"][0]["flags"], json!([]));
    let other = lot_of(&late["lines"][0]);
    inspect(&clinic, &late, &other, 2);
    release(&clinic, &other, 2);
    clinic.assert_at_the_chair(&scan("270630", "LOT2", Some("SN2")));
    // Numbers that are taken, named twice, or too few.
    let two = receive(&clinic, json!([numbered("LOT3", &["SN5", "SN6"])]));
    let path = format!("/v1/receipts/{}/corrections", id(&two));
    let taken = correction(&two, &json!({"serials": ["SN5", "SN3"]}));
    clinic.assert_refused(Role::Purchaser, &path, &taken, &["serial_already_used"]);
    for (changes, code) in [
        (json!({"serials": ["SN5", "SN5"]}), "duplicate_entry"),
        (json!({"serials": ["SN5"], "packs": 2}), "serial_packs_mismatch"),
        (json!({"packs": 1}), "serial_packs_mismatch"),
        (json!({"serial": "SN5", "serials": ["SN5"]}), "invalid_body"),
        (json!({"serials": ["SN5", "SN6"]}), "nothing_to_correct"),
        (json!({"serial": "S N"}), "invalid_serial"),
    ] {
        let (status, problem) = try_to_correct(&clinic, &two, &changes);
        assert_eq!((status, &problem["code"]), (422, &json!(code)), "{changes}");
    }
    let one = correct(&clinic, &two, &json!({"serial": "SN6"}));
    assert_eq!((&one["packs"], &one["units"]), (&json!(1), &json!(2)));
    assert_balanced(&clinic, &lot_of(&one), 2, 2);
}

fn numbers_where_there_were_none_and_none_where_there_were(world: &World) {
    let clinic = world.clinic();
    let receipt = receive(&clinic, json!([unnumbered("LOT1", 2)]));
    let lot = lot_of(&receipt["lines"][0]);
    inspect(&clinic, &receipt, &lot, 4);
    correct(&clinic, &receipt, &json!({"serials": ["SN1", "SN2"]}));
    assert_eq!(states(&clinic, &lot), quarantined(4));
    clinic.assert_not_at_the_chair(&scan("270630", "LOT1", Some("SN1")), &["lot_quarantined"]);
    let receipt = clinic.read(&format!("/v1/receipts/{}", id(&receipt)));
    let right = correct(&clinic, &receipt, &json!({"serials": []}));
    assert_eq!((&right["serials"], &right["packs"]), (&json!([]), &json!(2)));
    inspect(&clinic, &receipt, &lot, 4);
    release(&clinic, &lot, 4);
    clinic.assert_at_the_chair(&scan("270630", "LOT1", None));
    assert_balanced(&clinic, &lot, 4, 3);
}

fn a_wrong_number_is_free_again(world: &World) {
    let clinic = world.clinic();
    let receipt = receive(&clinic, json!([numbered("LOT1", &["SN1"])]));
    let lot = lot_of(&receipt["lines"][0]);
    correct(&clinic, &receipt, &json!({"serial": "SN2"}));
    let again = receive(&clinic, json!([numbered("LOT1", &["SN1"])]));
    assert_eq!(again["lines"][0]["flags"], json!([]), "it was never here");
    // And once more, back and forth.
    correct(&clinic, &again, &json!({"serial": "SN3"}));
    let receipt = clinic.read(&format!("/v1/receipts/{}", id(&receipt)));
    correct(&clinic, &receipt, &json!({"serial": "SN1"}));
    clinic.assert_not_at_the_chair(&scan("270630", "LOT1", Some("SN2")), &["serial_unknown"]);
    for serial in ["SN1", "SN3"] {
        clinic.assert_not_at_the_chair(&scan("270630", "LOT1", Some(serial)), &["lot_quarantined"]);
    }
    assert_balanced(&clinic, &lot, 4, 4);
    inspect(&clinic, &receipt, &lot, 2);
    let mut released = clinic.release(2);
    released["serials"] = json!(["SN1"]);
    clinic.create(Role::Quality, &format!("/v1/lots/{lot}/releases"), &released);
    clinic.assert_at_the_chair(&scan("270630", "LOT1", Some("SN1")));
}

fn a_line_that_never_came(world: &World) {
    let clinic = world.clinic();
    let receipt = receive(&clinic, json!([numbered("LOT1", &["SN1"]), unnumbered("LOT2", 2)]));
    let (first, second) = (lot_of(&receipt["lines"][0]), lot_of(&receipt["lines"][1]));
    inspect(&clinic, &receipt, &second, 4);
    release(&clinic, &second, 4);
    let (status, problem) = try_to_correct(&clinic, &receipt, &json!({"packs": 0, "lot": "LOT3"}));
    assert_eq!((status, &problem["code"]), (422, &json!("invalid_body")));
    let voided = correct(&clinic, &receipt, &json!({"packs": 0}));
    assert_eq!((&voided["voided"]["reason"], &voided["voided"]["by"]), (&json!("Misread"), &json!("quality")));
    assert_eq!(states(&clinic, &second), vec![]);
    assert_balanced(&clinic, &second, 0, 0);
    let whole = clinic.read(&format!("/v1/receipts/{}", id(&receipt)));
    assert_eq!((whole["lines"].as_array().unwrap().len(), &whole["voided"]), (2, &Value::Null));
    // It cannot be corrected any more; the other line can.
    let line = json!({"line_id": receipt["lines"][1]["id"], "packs": 1, "reason": "It came"});
    let path = format!("/v1/receipts/{}/corrections", id(&receipt));
    let (status, problem) = clinic.post(Role::Purchaser, &path, &line);
    assert_eq!((status, &problem["code"]), (409, &json!("receipt_not_correctable")));
    correct(&clinic, &whole, &json!({"packs": 0}));
    assert_balanced(&clinic, &first, 0, 0);
    clinic.assert_not_at_the_chair(&scan("270630", "LOT1", Some("SN1")), &["stock_not_on_hand"]);
    assert_eq!(receive(&clinic, json!([numbered("LOT5", &["SN1"])]))["lines"][0]["flags"], json!([]));
}

fn order(clinic: &Clinic, supplier: &str, packs: i64) -> String {
    let order = json!({
        "site_id": clinic.site, "supplier_id": supplier, "lines": [{"product_id": clinic.product, "packs": packs}]
    });
    let order = id(&clinic.create(Role::Purchaser, "/v1/orders", &order));
    clinic.create(Role::Purchaser, &format!("/v1/orders/{order}/place"), &json!({}));
    order
}

fn order_stands(clinic: &Clinic, order: &str) -> (Value, Value) {
    let found = clinic.read(&format!("/v1/orders/{order}"));
    (found["status"].clone(), found["lines"][0]["units_received"].clone())
}

fn a_receipt_entered_twice(world: &World) {
    let clinic = world.clinic();
    let order = order(&clinic, &clinic.supplier, 2);
    let mut body = clinic.receipt(json!([unnumbered("LOT1", 1)]));
    body["order_id"] = json!(order);
    let twice = [(); 2].map(|()| clinic.create(Role::Purchaser, "/v1/receipts", &body));
    let lot = lot_of(&twice[0]["lines"][0]);
    assert_eq!(order_stands(&clinic, &order), (json!("received"), json!(4)));
    assert_eq!(
        clinic.post(Role::Purchaser, &format!("/v1/receipts/{}/voids", id(&twice[1])), &json!({"reason": "x"})).0,
        403
    );
    let (status, voided) = void(&clinic, &twice[1]);
    assert_eq!(status, 201, "{voided}");
    assert_eq!((&voided["voided"]["reason"], &voided["voided"]["by"]), (&json!("Entered twice"), &json!("quality")));
    assert!(voided["voided"]["at"].is_string() && voided["lines"][0]["voided"].is_object(), "{voided}");
    let listed = clinic.read("/v1/receipts")["items"].clone();
    assert_eq!((&listed[0]["voided"], &listed[1]), (&Value::Null, &voided));
    assert_eq!(order_stands(&clinic, &order), (json!("partially_received"), json!(2)));
    assert_balanced(&clinic, &lot, 2, 2);
    let kinds = clinic.read(&format!("/v1/lots/{lot}/custody")).to_string();
    assert!(kinds.contains("receipt_voided") && kinds.contains("receipt_line_voided"), "{kinds}");
    // Twice is once too many; and what was voided is neither corrected nor inspected.
    let (status, problem) = void(&clinic, &twice[1]);
    assert_eq!((status, &problem["code"]), (409, &json!("already_voided")));
    let line = json!({"line_id": twice[1]["lines"][0]["id"], "packs": 3, "reason": "Misread"});
    for body in [line, json!({"order_id": null, "reason": "Misread"})] {
        let path = format!("/v1/receipts/{}/corrections", id(&twice[1]));
        let (status, problem) = clinic.post(Role::Purchaser, &path, &body);
        assert_eq!((status, &problem["code"]), (409, &json!("receipt_not_correctable")), "{body}");
    }
    let inspection = clinic.inspection(&id(&twice[1]), &lot, 2, 0);
    assert_eq!(clinic.post(Role::Purchaser, "/v1/inspections", &inspection).0, 422);
    // The other one is as good as ever.
    inspect(&clinic, &twice[0], &lot, 2);
    release(&clinic, &lot, 2);
    clinic.assert_at_the_chair(&scan("270630", "LOT1", None));
}

fn a_voided_receipt_leaves_nothing_behind(world: &World) {
    let clinic = world.clinic();
    // Of a supplier who was never vetted: what it may have brought cannot be released.
    let stranger = json!({"name": "Nobody Ltd", "country": "GB", "approved_classes": ["hybrid_filler"]});
    let stranger = id(&clinic.create(Role::Admin, "/v1/suppliers", &stranger));
    let good = receive(&clinic, json!([unnumbered("LOT1", 2)]));
    let lot = lot_of(&good["lines"][0]);
    let mut body = clinic.receipt(json!([unnumbered("LOT1", 2), unnumbered("LOT9", 1)]));
    body["supplier_id"] = json!(stranger);
    let bad = clinic.create(Role::Purchaser, "/v1/receipts", &body);
    inspect(&clinic, &good, &lot, 4);
    let path = format!("/v1/lots/{lot}/releases");
    let (_, refused) = clinic.post(Role::Quality, &path, &clinic.release(4));
    assert_eq!(codes(&refused), ["supplier_licence_missing"], "either may have brought them");
    assert_eq!(void(&clinic, &bad).0, 201);
    assert_eq!(states(&clinic, &lot), vec![("passed".to_owned(), 4)]);
    release(&clinic, &lot, 4);
    // A lot that only it brought was never there: no twin of what comes.
    let mut twin = unnumbered("LOT9", 1);
    twin["expiry"] = json!("2027-07-31");
    assert_eq!(receive(&clinic, json!([twin]))["lines"][0]["flags"], json!([]));
}

fn a_number_of_a_case_is_free_again(world: &World) {
    let clinic = world.clinic();
    let identifiers = json!({"identifiers": [
        {"scheme": "gtin", "value": gtin(9), "level": "case", "units": 20},
    ]});
    assert_eq!(clinic.patch(&format!("/v1/products/{}", clinic.product), &identifiers).status, 200);
    let case = json!({"gtin": gtin(9), "lot": "LOT1", "expiry": EXPIRY, "packs": 1, "serials": ["C1"]});
    let receipt = receive(&clinic, json!([case]));
    let path = "/v1/receipts";
    clinic.assert_refused(Role::Purchaser, path, &clinic.receipt(json!([case])), &["serial_already_used"]);
    assert_eq!(void(&clinic, &receipt).0, 201);
    assert_balanced(&clinic, &lot_of(&receipt["lines"][0]), 0, 0);
    // As a pack's this time, and then as a case's again.
    let pack = receive(&clinic, json!([numbered("LOT2", &["C1"])]));
    clinic.assert_not_at_the_chair(&scan("270630", "LOT2", Some("C1")), &["lot_quarantined"]);
    assert_eq!(void(&clinic, &pack).0, 201);
    let again = receive(&clinic, json!([case]));
    assert_eq!(again["lines"][0]["flags"], json!([]));
    clinic.assert_refused(Role::Purchaser, path, &clinic.receipt(json!([case])), &["serial_already_used"]);
}

fn what_arrived_again_and_did_not(world: &World) {
    let clinic = world.clinic();
    let first = receive(&clinic, json!([numbered("LOT1", &["SN1"])]));
    let lot = lot_of(&first["lines"][0]);
    let removal = json!({"lot_id": lot, "from_location_id": clinic.quarantine, "units": 2, "serials": ["SN1"], "reason": "Recall"});
    clinic.create(Role::Quality, "/v1/returns", &removal);
    let again = receive(&clinic, json!([numbered("LOT1", &["SN1"])]));
    assert_eq!(again["lines"][0]["flags"], json!(["serial_arrived_again"]));
    let moved = try_to_correct(&clinic, &again, &json!({"lot": "LOT2"}));
    assert_eq!((moved.0, &moved.1["code"]), (409, &json!("receipt_not_correctable")), "it was here as one of LOT1");
    // The first receipt's pack is the second's now: neither way leads back past the return.
    for (status, problem) in [void(&clinic, &first), try_to_correct(&clinic, &first, &json!({"packs": 0}))] {
        assert_eq!((status, &problem["code"]), (409, &json!("receipt_not_correctable")));
    }
    // It never came again: it is what it was, returned.
    assert_eq!(void(&clinic, &again).0, 201);
    let books = clinic.reconciliation(&lot);
    assert_eq!((&books["received"], &books["returned"], &books["balanced"]), (&json!(2), &json!(2), &json!(true)));
    clinic.assert_not_at_the_chair(&scan("270630", "LOT1", Some("SN1")), &["stock_not_on_hand"]);
    let third = receive(&clinic, json!([numbered("LOT1", &["SN1"])]));
    assert_eq!(third["lines"][0]["flags"], json!(["serial_arrived_again"]));
    let right = correct(&clinic, &third, &json!({"serial": "SN7"}));
    assert_eq!(right["flags"], json!([]), "what came was another pack");
    let fourth = receive(&clinic, json!([numbered("LOT1", &["SN1"])]));
    assert_eq!(fourth["lines"][0]["flags"], json!(["serial_arrived_again"]));
}

fn two_lines_of_a_lot_are_taken_back_each(world: &World) {
    let clinic = world.clinic();
    let other = supplier(&clinic);
    let receipt = receive(&clinic, json!([unnumbered("LOT1", 1), unnumbered("LOT1", 1)]));
    let lot = lot_of(&receipt["lines"][0]);
    inspect(&clinic, &receipt, &lot, 4);
    release(&clinic, &lot, 4);
    let (status, corrected) = reassign(&clinic, &receipt, &json!({"supplier_id": other}));
    assert_eq!(status, 201, "{corrected}");
    assert_eq!(states(&clinic, &lot), quarantined(4), "none stays in stock");
    assert_eq!(void(&clinic, &receipt).0, 201);
    assert_eq!(states(&clinic, &lot), vec![]);
    assert_balanced(&clinic, &lot, 0, 0);
}

fn units_that_can_have_come_by_no_other_receipt_go_first(world: &World) {
    let clinic = world.clinic();
    let first = receive(&clinic, json!([unnumbered("LOT1", 1)]));
    let lot = lot_of(&first["lines"][0]);
    inspect(&clinic, &first, &lot, 2);
    let second = receive(&clinic, json!([unnumbered("LOT1", 1)]));
    // What passed came before the second delivery: it is the first's, and what is quarantined is the second's.
    assert_eq!(void(&clinic, &first).0, 201);
    assert_eq!(states(&clinic, &lot), quarantined(2));
    inspect(&clinic, &second, &lot, 2);
    release(&clinic, &lot, 2);
    assert_balanced(&clinic, &lot, 2, 2);
}

fn units_at_another_site(world: &World) {
    let clinic = world.clinic();
    let site = json!({"name": "Deansgate", "jurisdiction": "GB-ENG", "time_zone": "Europe/London"});
    let site = id(&clinic.create(Role::Admin, "/v1/sites", &site));
    let there = id(&clinic.create(Role::Admin, "/v1/locations", &location(&site, "stock")));
    let receipt = receive(&clinic, json!([unnumbered("LOT1", 1)]));
    let lot = lot_of(&receipt["lines"][0]);
    inspect(&clinic, &receipt, &lot, 2);
    release(&clinic, &lot, 2);
    let transfer = json!({
        "lot_id": lot, "from_location_id": clinic.stock, "to_location_id": there, "units": 2, "reason": "Needed there"
    });
    clinic.create(Role::Quality, "/v1/transfers", &transfer);
    // Who is bound to the site of the receipt does not reach for what is elsewhere.
    let bound = world.sign(&world.organisation, "q", &[Role::Quality], Some(vec![clinic.site.parse().unwrap()]));
    let path = format!("/v1/receipts/{}/corrections", id(&receipt));
    let body = correction(&receipt, &json!({"expiry": "2027-07-31"}));
    let (status, problem) = clinic.http.post(&bound, &path, &body);
    assert_eq!((status, &problem["code"]), (403, &json!("beyond_your_sites")));
    let right = correct(&clinic, &receipt, &json!({"expiry": "2027-07-31"}));
    assert_eq!((states(&clinic, &lot), states(&clinic, &lot_of(&right))), (vec![], quarantined(2)));
    let items = clinic.read(&format!("/v1/stock?lot_id={}", lot_of(&right)))["items"].clone();
    assert_eq!(items[0]["location_id"], json!(clinic.quarantine));
}

fn a_hold_on_a_place_outlives_a_correction(world: &World) {
    let clinic = world.clinic();
    let shelf = id(&clinic.create(Role::Admin, "/v1/locations", &location(&clinic.site, "stock")));
    let receipt = receive(&clinic, json!([unnumbered("LOT1", 1)]));
    let lot = lot_of(&receipt["lines"][0]);
    inspect(&clinic, &receipt, &lot, 2);
    release(&clinic, &lot, 2);
    let account =
        world.database.lines(&format!("SELECT id AS line FROM accounts WHERE lot_id = '{lot}' AND kind = 'available'"));
    let hold = json!({"scope": {"type": "account", "id": account[0]}, "reason": "The fridge failed"});
    clinic.create(Role::Quality, "/v1/holds", &hold);
    let (status, _) = reassign(&clinic, &receipt, &json!({"supplier_id": supplier(&clinic)}));
    assert_eq!((status, states(&clinic, &lot)), (201, quarantined(2)));
    inspect(&clinic, &receipt, &lot, 2);
    let path = format!("/v1/lots/{lot}/releases");
    for to in [&clinic.stock, &shelf] {
        let mut release = clinic.release(2);
        release["to_location_id"] = json!(to);
        assert_eq!(codes(&clinic.post(Role::Quality, &path, &release).1), ["lot_on_hold"]);
    }
}

fn a_correction_arrives_under_a_hold(world: &World) {
    let clinic = world.clinic();
    let held = receive(&clinic, json!([unnumbered("LOT1", 1)]));
    let lot = lot_of(&held["lines"][0]);
    clinic.hold(&lot);
    let receipt = receive(&clinic, json!([unnumbered("LOT7", 1)]));
    let wrong = lot_of(&receipt["lines"][0]);
    inspect(&clinic, &receipt, &wrong, 2);
    release(&clinic, &wrong, 2);
    assert_eq!(lot_of(&correct(&clinic, &receipt, &json!({"lot": "LOT1"}))), lot);
    assert_eq!(states(&clinic, &lot), quarantined(4));
    inspect(&clinic, &receipt, &lot, 2);
    let (_, refused) = clinic.post(Role::Quality, &format!("/v1/lots/{lot}/releases"), &clinic.release(2));
    assert_eq!(codes(&refused), ["lot_on_hold"]);
}

fn what_rests_on_a_receipt_is_listed(world: &World) {
    let clinic = world.clinic();
    let other = supplier(&clinic);
    for with_numbers in [false, true] {
        let text = if with_numbers { "LOT1" } else { "LOT2" };
        let line = if with_numbers { numbered(text, &["SN1", "SN2"]) } else { unnumbered(text, 2) };
        let receipt = receive(&clinic, json!([line]));
        let lot = lot_of(&receipt["lines"][0]);
        inspect(&clinic, &receipt, &lot, 4);
        release(&clinic, &lot, 4);
        let mut body = clinic.administration(&lot, 1);
        let mut wastage = json!({"lot_id": lot, "from_location_id": clinic.stock, "units": 1, "reason": "Dropped"});
        if with_numbers {
            body["serial"] = json!("SN1");
            wastage["serials"] = json!(["SN1"]);
            // Nothing of another pack rests on it; here all packs are of one line.
        }
        let used = id(&clinic.create(Role::Practitioner, "/v1/administrations", &body));
        let wasted = id(&clinic.create(Role::Quality, "/v1/wastages", &wastage));
        let expected = json!([
            {"type": "administration", "id": used}, {"type": "movement", "id": wasted}
        ]);
        for (status, problem) in [
            try_to_correct(&clinic, &receipt, &json!({"lot": "LOT3"})),
            try_to_correct(&clinic, &receipt, &json!({"packs": 0})),
            reassign(&clinic, &receipt, &json!({"supplier_id": other})),
            void(&clinic, &receipt),
        ] {
            assert_eq!((status, &problem["code"]), (409, &json!("others_rest_on_it")), "{problem}");
            assert_eq!(problem["dependents"], expected);
        }
        // Once the use is voided and its unit is back, the wastage is what is left.
        let back = json!({"reason": "Another patient", "returned_to_stock": true});
        clinic.create(Role::Quality, &format!("/v1/administrations/{used}/voids"), &back);
        let (status, problem) = void(&clinic, &receipt);
        assert_eq!((status, &problem["dependents"]), (409, &json!([{"type": "movement", "id": wasted}])), "{problem}");
        assert_balanced(&clinic, &lot, 4, 3);
    }
}

/// Another supplier who may sell.
fn supplier(clinic: &Clinic) -> String {
    let supplier = json!({"name": "Other Wholesale", "country": "GB", "approved_classes": ["hybrid_filler"]});
    let supplier = id(&clinic.create(Role::Admin, "/v1/suppliers", &supplier));
    clinic.checked_licence(&licence(("supplier", &supplier), "wholesale", "MHRA", "WDA 200"));
    supplier
}

fn the_right_supplier(world: &World) {
    let clinic = world.clinic();
    let stranger = json!({"name": "Nobody Ltd", "country": "GB", "approved_classes": ["hybrid_filler"]});
    let stranger = id(&clinic.create(Role::Admin, "/v1/suppliers", &stranger));
    let receipt = receive(&clinic, json!([unnumbered("LOT1", 1), numbered("LOT2", &["SN1"])]));
    let lots = [0, 1].map(|index| lot_of(&receipt["lines"][index]));
    for lot in &lots {
        inspect(&clinic, &receipt, lot, 2);
        release(&clinic, lot, 2);
    }
    let (status, corrected) = reassign(&clinic, &receipt, &json!({"supplier_id": stranger}));
    assert_eq!((status, &corrected["supplier_id"]), (201, &json!(stranger)), "{corrected}");
    let made = &corrected["corrections"][0];
    assert_eq!((&made["was_supplier_id"], &made["supplier_id"]), (&json!(clinic.supplier), &json!(stranger)));
    assert_eq!((&made["reason"], &made["by"]), (&json!("Another delivery note"), &json!("purchaser")));
    let lines = corrected["lines"].as_array().unwrap();
    assert_eq!(lines.len(), 4);
    for line in &lines[2..] {
        assert_eq!(line["flags"], json!(["supplier_licence"]));
        let was = &lines.iter().find(|other| other["id"] == line["corrects"]).unwrap();
        for same in ["lot_id", "serials", "packs", "units", "identifier"] {
            assert_eq!(line[same], was[same]);
        }
    }
    // It is the other's now wherever it is looked for, and what it brought came from them.
    let found = |supplier: &str| clinic.read(&format!("/v1/receipts?supplier_id={supplier}"))["items"].clone();
    assert_eq!((found(&clinic.supplier), found(&stranger)[0]["id"].clone()), (json!([]), receipt["id"].clone()));
    let codes_at_the_chair = [scan("270630", "LOT1", None), scan("270630", "LOT2", Some("SN1"))];
    for (lot, code) in lots.iter().zip(&codes_at_the_chair) {
        assert_eq!(states(&clinic, lot), quarantined(2));
        clinic.assert_not_at_the_chair(code, &["lot_quarantined"]);
        inspect(&clinic, &receipt, lot, 2);
        let (_, refused) = clinic.post(Role::Quality, &format!("/v1/lots/{lot}/releases"), &clinic.release(2));
        assert_eq!(codes(&refused), ["supplier_licence_missing"]);
    }
    // Told: whoever corrects it once more says which correction is wrong.
    let (status, problem) = reassign(&clinic, &receipt, &json!({"supplier_id": clinic.supplier}));
    assert_eq!((status, &problem["code"]), (409, &json!("receipt_not_correctable")));
    let last = made["id"].as_str().unwrap();
    assert!(problem["detail"].as_str().unwrap().contains(last), "{problem}");
    let back = json!({"supplier_id": clinic.supplier, "corrects": last});
    assert_eq!(reassign(&clinic, &receipt, &back).0, 201);
    assert_eq!(reassign(&clinic, &receipt, &json!({"supplier_id": stranger, "corrects": last})).0, 409);
    for (lot, code) in lots.iter().zip(&codes_at_the_chair) {
        inspect(&clinic, &receipt, lot, 2);
        release(&clinic, lot, 2);
        clinic.assert_at_the_chair(code);
        assert_balanced(&clinic, lot, 2, 1);
    }
    // Used: the order may still be corrected, the supplier no more.
    let last = clinic.read(&format!("/v1/receipts/{}", id(&receipt)))["corrections"][1]["id"].clone();
    let (status, problem) = reassign(&clinic, &receipt, &json!({"supplier_id": stranger, "corrects": last}));
    assert_eq!((status, &problem["code"]), (409, &json!("others_rest_on_it")));
    assert_eq!(problem["dependents"].as_array().unwrap().len(), 1);
    let order = order(&clinic, &clinic.supplier, 1);
    let (status, corrected) = reassign(&clinic, &receipt, &json!({"order_id": order, "corrects": last}));
    assert_eq!((status, &corrected["order_id"]), (201, &json!(order)), "{corrected}");
    for lot in &lots {
        assert_eq!(states(&clinic, lot), [("available".to_owned(), 1)], "it stays where it is");
    }
}

fn the_right_order(world: &World) {
    let clinic = world.clinic();
    let [wrong, right] = [(); 2].map(|()| order(&clinic, &clinic.supplier, 2));
    let mut body = clinic.receipt(json!([numbered("LOT1", &["SN1"]), unnumbered("LOT2", 1)]));
    body["order_id"] = json!(wrong);
    let receipt = clinic.create(Role::Purchaser, "/v1/receipts", &body);
    assert_eq!(order_stands(&clinic, &wrong), (json!("received"), json!(4)));
    let (status, corrected) = reassign(&clinic, &receipt, &json!({"order_id": right}));
    assert_eq!(status, 201, "{corrected}");
    assert_eq!(order_stands(&clinic, &wrong), (json!("placed"), json!(0)));
    assert_eq!(order_stands(&clinic, &right), (json!("received"), json!(4)));
    let made = &corrected["corrections"][0];
    assert_eq!((&made["was_order_id"], &made["order_id"]), (&json!(wrong), &json!(right)));
    let of = |order: &str| clinic.read(&format!("/v1/receipts?order_id={order}"))["items"].as_array().unwrap().len();
    assert_eq!((of(&wrong), of(&right)), (0, 1));
    assert_eq!(clinic.read(&format!("/v1/orders/{right}"))["receipts"], json!([receipt["id"]]));
    // It answers none at all; what was counted is taken back.
    let away = json!({"order_id": null, "corrects": made["id"]});
    let (status, corrected) = reassign(&clinic, &receipt, &away);
    assert_eq!((status, corrected.get("order_id")), (201, None), "{corrected}");
    assert_eq!(order_stands(&clinic, &right), (json!("placed"), json!(0)));
    // Its numbers are still its packs', and the units where they were.
    let lot = lot_of(&receipt["lines"][0]);
    assert_eq!(states(&clinic, &lot), quarantined(2));
    inspect(&clinic, &receipt, &lot, 2);
    release(&clinic, &lot, 2);
    clinic.assert_at_the_chair(&scan("270630", "LOT1", Some("SN1")));
    // A line that is corrected afterwards is one of those that stand.
    let (status, _) = try_to_correct(&clinic, &receipt, &json!({"packs": 2}));
    assert_eq!(status, 409);
    correct(&clinic, &corrected, &json!({"packs": 2}));
}

fn what_a_correction_of_the_whole_receipt_refuses(world: &World) {
    let clinic = world.clinic();
    let other = supplier(&clinic);
    let theirs = order(&clinic, &other, 1);
    let receipt = receive(&clinic, json!([unnumbered("LOT1", 1)]));
    let unknown = |prefix: &str| format!("{prefix}_01932c07-8d00-7000-8000-00000000000f");
    let draft = json!({
        "site_id": clinic.site, "supplier_id": clinic.supplier,
        "lines": [{"product_id": clinic.product, "packs": 2}]
    });
    let draft = id(&clinic.create(Role::Purchaser, "/v1/orders", &draft));
    let line = receipt["lines"][0]["id"].clone();
    for (changes, status, code) in [
        (json!({}), 422, "missing_field"),
        (json!({"lot": "LOT2"}), 422, "missing_field"),
        (json!({"supplier_id": other, "line_id": line}), 422, "invalid_body"),
        (json!({"supplier_id": other, "lot": "LOT2"}), 422, "invalid_body"),
        (json!({"supplier_id": other, "packs": 2}), 422, "invalid_body"),
        (json!({"supplier_id": clinic.supplier}), 422, "nothing_to_correct"),
        (json!({"order_id": null}), 422, "nothing_to_correct"),
        (json!({"supplier_id": unknown("sup")}), 422, "reference_unknown"),
        (json!({"order_id": unknown("ord")}), 422, "reference_unknown"),
        (json!({"supplier_id": other, "corrects": unknown("rcc")}), 422, "reference_unknown"),
        (json!({"order_id": theirs}), 409, "order_supplier_mismatch"),
        (json!({"order_id": draft}), 409, "order_not_open"),
        (json!({"line_id": line, "packs": -1}), 422, "invalid_packs"),
        (json!({"line_id": line, "packs": 10_001}), 422, "invalid_packs"),
    ] {
        let before = world.database.state();
        let (found, problem) = reassign(&clinic, &receipt, &changes);
        let expected = if code == "order_supplier_mismatch" { found } else { status };
        assert_eq!((found, &problem["code"]), (expected, &json!(code)), "{changes}: {problem}");
        assert_eq!(world.database.state(), before);
    }
    let (status, both) = reassign(&clinic, &receipt, &json!({"supplier_id": other, "order_id": theirs}));
    assert_eq!(status, 201, "{both}");
    assert_eq!(order_stands(&clinic, &theirs), (json!("received"), json!(2)));
}

fn a_place_that_takes_nothing_any_more(world: &World) {
    let clinic = world.clinic();
    let receipt = receive(&clinic, json!([unnumbered("LOT1", 1)]));
    let lot = lot_of(&receipt["lines"][0]);
    inspect(&clinic, &receipt, &lot, 2);
    release(&clinic, &lot, 2);
    let retired = json!({"reason": "Sold"});
    clinic.create(Role::Admin, &format!("/v1/locations/{}/retire", clinic.quarantine), &retired);
    let path = format!("/v1/receipts/{}/corrections", id(&receipt));
    let body = correction(&receipt, &json!({"lot": "LOT2"}));
    clinic.assert_refused(Role::Purchaser, &path, &body, &["location_retired"]);
    // Nothing arrives there where nothing came.
    assert_eq!(void(&clinic, &receipt).0, 201);
}

fn two_people_at_once(world: &World) {
    let clinic = world.clinic();
    let suppliers = [supplier(&clinic), supplier(&clinic)];
    let at_once = |path: &str, bodies: [Value; 2]| -> Vec<(u16, Value)> {
        let token = clinic.token(Role::Quality);
        std::thread::scope(|scope| {
            let ask = |body: Value| {
                let (clinic, token, path) = (&clinic, &token, path);
                scope.spawn(move || clinic.http.post(token, path, &body))
            };
            let threads: Vec<_> = bodies.into_iter().map(ask).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        })
    };
    for round in 0..4 {
        let text = format!("LOT{round}");
        let receipt = receive(&clinic, json!([unnumbered(&text, 1)]));
        let corrections = format!("/v1/receipts/{}/corrections", id(&receipt));
        let one_and_the_other = |answers: &[(u16, Value)], code: &str| {
            let mut statuses: Vec<_> = answers.iter().map(|answer| answer.0).collect();
            statuses.sort_unstable();
            assert_eq!(statuses, [201, 409], "{answers:?}");
            let told = answers.iter().find(|answer| answer.0 == 409).unwrap();
            assert_eq!(told.1["code"], json!(code), "{told:?}");
        };
        let lines = [3, 4].map(|packs| correction(&receipt, &json!({"packs": packs})));
        one_and_the_other(&at_once(&corrections, lines), "receipt_not_correctable");
        let headers = [0, 1].map(|one| json!({"supplier_id": suppliers[one], "reason": "Another delivery note"}));
        one_and_the_other(&at_once(&corrections, headers), "receipt_not_correctable");
        let now = clinic.read(&format!("/v1/receipts/{}", id(&receipt)));
        assert_eq!((now["lines"].as_array().unwrap().len(), now["corrections"].as_array().unwrap().len()), (3, 1));
        let voids = [(); 2].map(|()| json!({"reason": "Entered twice"}));
        one_and_the_other(&at_once(&format!("/v1/receipts/{}/voids", id(&receipt)), voids), "already_voided");
        assert_balanced(&clinic, &lot_of(&receipt["lines"][0]), 0, 0);
    }
}
