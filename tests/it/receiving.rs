//! What arrives, beyond the gates: serial numbers, flags, papers, and corrections of what was mis-keyed.

use lotline::caller::Role;
use serde_json::{Value, json};

use super::policies;
use super::support::clinic::{EXPIRY, GTIN, id, scan};
use super::support::{Clinic, World, on_both_databases};

on_both_databases!(
    several_serials_in_one_line,
    what_came_with_the_goods,
    short_dated_and_denied_are_flagged,
    a_production_date_that_cannot_be_is_flagged,
    a_place_that_does_not_fit_is_flagged,
    a_mis_keyed_line_is_corrected,
    a_correction_keeps_the_serials,
    a_correction_counts_into_the_order_anew,
    corrections_that_are_refused,
);

fn receive(clinic: &Clinic, lines: Value) -> Value {
    clinic.create(Role::Purchaser, "/v1/receipts", &clinic.receipt(lines))
}

fn code_of((status, body): (u16, Value)) -> (u16, String) {
    (status, body["code"].as_str().unwrap_or_default().to_owned())
}

fn line(receipt: &Value, index: usize, field: &str) -> String {
    receipt["lines"][index][field].as_str().unwrap().to_owned()
}

/// A correction of the first line.
fn correct(clinic: &Clinic, receipt: &Value, changes: Value) -> (u16, Value) {
    let mut body = json!({"line_id": receipt["lines"][0]["id"], "reason": "Misread"});
    for (field, value) in changes.as_object().unwrap() {
        body[field] = value.clone();
    }
    clinic.post(Role::Purchaser, &format!("/v1/receipts/{}/corrections", id(receipt)), &body)
}

fn several_serials_in_one_line(world: &World) {
    let clinic = world.clinic();
    let line_of = |serials: Value, packs: i64| json!({"gtin": GTIN, "lot": "LOT1", "expiry": EXPIRY, "packs": packs, "serials": serials});
    let made = receive(&clinic, json!([line_of(json!(["SN1", "SN2", "SN3"]), 3)]));
    assert_eq!(made["lines"][0]["serials"], json!(["SN1", "SN2", "SN3"]));
    assert_eq!(made["lines"][0]["units"], 6);
    let refused = |line: Value| code_of(clinic.post(Role::Purchaser, "/v1/receipts", &clinic.receipt(json!([line]))));
    assert_eq!(refused(line_of(json!(["SN4", "SN5"]), 3)), (422, "serial_packs_mismatch".to_owned()));
    assert_eq!(refused(line_of(json!(["SN4", "SN4"]), 2)), (422, "duplicate_entry".to_owned()));
    assert_eq!(refused(line_of(json!(["S N"]), 1)), (422, "invalid_serial".to_owned()));
    let mut both = line_of(json!(["SN4"]), 1);
    both["serial"] = json!("SN4");
    assert_eq!(refused(both), (422, "invalid_body".to_owned()));
    let many: Vec<_> = (0..1001).map(|number| format!("M{number}")).collect();
    assert_eq!(refused(line_of(json!(many), 1001)), (422, "list_too_long".to_owned()));
    let known = clinic.receipt(json!([line_of(json!(["SN4", "SN2", "SN3"]), 3)]));
    let reasons = ["serial_already_used", "serial_already_used"];
    clinic.assert_refused(Role::Purchaser, "/v1/receipts", &known, &reasons);

    let lot = line(&made, 0, "lot_id");
    clinic.create(Role::Purchaser, "/v1/inspections", &clinic.inspection(&id(&made), &lot, 6, 0));
    let mut release = clinic.release(4);
    release["serials"] = json!(["SN1", "SN3"]);
    clinic.create(Role::Quality, &format!("/v1/lots/{lot}/releases"), &release);
    clinic.assert_at_the_chair(&scan("270630", "LOT1", Some("SN3")));
    clinic.assert_not_at_the_chair(&scan("270630", "LOT1", Some("SN2")), &["lot_quarantined"]);
}

fn what_came_with_the_goods(world: &World) {
    let clinic = world.clinic();
    let document = json!({"sha256": "ab".repeat(32), "name": "Certificate of analysis"});
    let mut body = clinic.receipt(json!([{"gtin": GTIN, "lot": "LOT1", "expiry": EXPIRY, "packs": 1}]));
    body["arrival_temperature_c"] = json!(5.4);
    body["logger_reference"] = json!("TT-18");
    body["documents"] = json!([document]);
    let made = clinic.create(Role::Purchaser, "/v1/receipts", &body);
    let found = clinic.read(&format!("/v1/receipts/{}", id(&made)));
    assert_eq!(found, made);
    assert_eq!((&found["arrival_temperature_c"], &found["documents"]), (&json!(5.4), &json!([document])));
    assert_eq!(found["logger_reference"], "TT-18");
    // A refusal keeps the request, its temperature included.
    let mut refused = body.clone();
    refused["location_id"] = json!(clinic.stock);
    clinic.assert_refused(Role::Purchaser, "/v1/receipts", &refused, &["location_purpose_mismatch"]);
    for (field, value, code) in [
        ("arrival_temperature_c", json!(-300), "invalid_temperature"),
        ("arrival_temperature_c", json!("cold"), "invalid_body"),
        ("documents", json!([{"sha256": "ab", "name": "x"}]), "invalid_sha256"),
        ("documents", json!([document, document]), "duplicate_entry"),
        ("documents", json!(vec![document.clone(); 21]), "list_too_long"),
        ("logger_reference", json!(" "), "invalid_text"),
    ] {
        let mut wrong = body.clone();
        wrong[field] = value;
        assert_eq!(code_of(clinic.post(Role::Purchaser, "/v1/receipts", &wrong)), (422, code.to_owned()), "{field}");
    }
}

fn short_dated_and_denied_are_flagged(world: &World) {
    let clinic = world.clinic();
    let bring = |lot: &str, expiry: &str| {
        let made = receive(&clinic, json!([{"gtin": GTIN, "lot": lot, "expiry": expiry, "packs": 1}]));
        made["lines"][0]["flags"].clone()
    };
    assert_eq!(bring("A", "2026-07-02"), json!([]));
    policies::set(world, &json!({"minimum_remaining_days": 90, "denied_suppliers": [clinic.supplier]}));
    assert_eq!(bring("B", "2026-09-28"), json!(["short_dated", "supplier_denied"]));
    assert_eq!(bring("C", "2026-09-29"), json!(["supplier_denied"]));
    assert_eq!(bring("D", "2026-06-30"), json!(["expired_on_arrival", "supplier_denied"]));
}

/// DOMAIN rule 13: goods that have arrived are somewhere, so the receipt is recorded, and says that they cannot stay.
fn a_production_date_that_cannot_be_is_flagged(world: &World) {
    let clinic = world.clinic();
    let today = world.clock.now().day_in(chrono_tz::Tz::UTC);
    let flags = |lot: &str, expiry: &str, made_on: &str| {
        let line = json!({"gtin": GTIN, "lot": lot, "expiry": expiry, "packs": 1, "production_date": made_on});
        receive(&clinic, json!([line]))["lines"][0]["flags"].clone()
    };
    let tomorrow = today.succ_opt().unwrap().to_string();
    assert_eq!(flags("LOT1", EXPIRY, &today.to_string()), json!([]));
    assert_eq!(flags("LOT2", EXPIRY, &tomorrow), json!(["production_date_impossible"]));
    let made_after = flags("LOT3", "2026-05-31", "2026-06-01");
    assert_eq!(made_after, json!(["expired_on_arrival", "production_date_impossible"]));
    assert_eq!(flags("LOT4", "2026-05-31", "2026-05-31"), json!(["expired_on_arrival"]));
}

fn a_place_that_does_not_fit_is_flagged(world: &World) {
    let clinic = world.clinic(); // the product is kept at 2 to 25 °C
    for (min_c, max_c, classes, expected) in [
        (2, 25, Value::Null, json!([])),
        (2, 25, json!(["hybrid_filler"]), json!([])),
        (-20, 8, Value::Null, json!(["location_band_mismatch"])),
        (2, 26, Value::Null, json!(["location_band_mismatch"])),
        (2, 8, json!(["neuromodulator"]), json!(["location_class_mismatch"])),
        (15, 30, json!(["neuromodulator"]), json!(["location_band_mismatch", "location_class_mismatch"])),
    ] {
        let mut place = super::support::clinic::location(&clinic.site, "quarantine");
        (place["min_c"], place["max_c"]) = (json!(min_c), json!(max_c));
        if !classes.is_null() {
            place["product_classes"] = classes;
        }
        let place = id(&clinic.create(Role::Admin, "/v1/locations", &place));
        let mut body = clinic.receipt(json!([{"gtin": GTIN, "lot": "LOT1", "expiry": EXPIRY, "packs": 1}]));
        body["location_id"] = json!(place);
        let made = clinic.create(Role::Purchaser, "/v1/receipts", &body);
        assert_eq!(made["lines"][0]["flags"], expected, "{place}");
        let (status, corrected) = correct(&clinic, &made, json!({"packs": 2}));
        assert_eq!((status, &corrected["lines"][1]["flags"]), (201, &expected), "a correction says so again");
    }
}

fn a_mis_keyed_line_is_corrected(world: &World) {
    let clinic = world.clinic();
    let made = receive(&clinic, json!([{"gtin": GTIN, "lot": "L0T1", "expiry": "2027-06-30", "packs": 3}]));
    let wrong = line(&made, 0, "lot_id");
    let (status, corrected) = correct(&clinic, &made, json!({"lot": "LOT1", "expiry": "2027-07-31", "packs": 2}));
    assert_eq!(status, 201, "{corrected}");
    let lines = corrected["lines"].as_array().unwrap();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["corrected_by"], lines[1]["id"]);
    assert_eq!((&lines[1]["corrects"], &lines[1]["correction_reason"]), (&lines[0]["id"], &json!("Misread")));
    assert_eq!((&lines[1]["lot"], &lines[1]["units"]), (&json!("LOT1"), &json!(4)));
    assert_eq!((&lines[0]["lot"], &lines[0]["units"]), (&json!("L0T1"), &json!(6)));
    let right = line(&corrected, 1, "lot_id");
    let received =
        |lot: &str| (clinic.reconciliation(lot)["received"].clone(), clinic.reconciliation(lot)["on_hand"].clone());
    assert_eq!(received(&wrong), (json!(0), json!(0)));
    assert_eq!(received(&right), (json!(4), json!(4)));
    // Nothing of the wrong lot can be inspected, and the right one goes its way.
    let inspection = clinic.inspection(&id(&made), &wrong, 6, 0);
    assert_eq!(
        code_of(clinic.post(Role::Purchaser, "/v1/inspections", &inspection)),
        (422, "reference_unknown".to_owned())
    );

    // Only the expiry was wrong: the lot that never was is no twin, and only a real one is.
    let (status, again) = {
        let mut body = json!({"line_id": lines[1]["id"], "expiry": "2027-08-31", "reason": "Misread again"});
        body["production_date"] = json!("2025-08-31");
        clinic.post(Role::Purchaser, &format!("/v1/receipts/{}/corrections", id(&made)), &body)
    };
    assert_eq!((status, &again["lines"][2]["flags"]), (201, &json!([])), "{again}");
    let more = receive(&clinic, json!([{"gtin": GTIN, "lot": "LOT1", "expiry": "2027-08-31", "packs": 1}]));
    assert_eq!(more["lines"][0]["flags"], json!([]));
    let twin = receive(&clinic, json!([{"gtin": GTIN, "lot": "LOT1", "expiry": "2027-07-31", "packs": 1}]));
    assert_eq!(twin["lines"][0]["flags"], json!(["expiry_twin"]));
    // Without a separator the lot has swallowed what may be a serial number: one lot, and somebody should look.
    let code = format!("]d201{GTIN}1727083110HC24A21SN0009");
    let doubtful = receive(&clinic, json!([{"scan": code, "packs": 1}]));
    assert_eq!(doubtful["lines"][0]["lot"], json!("HC24A21SN0009"));
    assert_eq!(doubtful["lines"][0]["flags"], json!(["possibly_swallowed_ai"]));

    let final_lot = line(&again, 2, "lot_id");
    clinic.create(Role::Purchaser, "/v1/inspections", &clinic.inspection(&id(&made), &final_lot, 4, 0));
    clinic.create(Role::Quality, &format!("/v1/lots/{final_lot}/releases"), &clinic.release(4));
    // Both stay visible to an auditor.
    let custody = clinic.read(&format!("/v1/lots/{right}/custody"));
    let kinds = custody["events"].as_array().unwrap().iter().filter(|event| event["kind"] == "receipt_corrected");
    assert_eq!(kinds.count(), 2);
}

fn a_correction_keeps_the_serials(world: &World) {
    let clinic = world.clinic();
    let packs = json!([{"gtin": GTIN, "lot": "WRONG", "expiry": EXPIRY, "packs": 2, "serials": ["SN1", "SN2"]}]);
    let made = receive(&clinic, packs);
    assert_eq!(code_of(correct(&clinic, &made, json!({"packs": 1}))), (422, "serial_packs_mismatch".to_owned()));
    let (status, corrected) = correct(&clinic, &made, json!({"lot": "LOT1"}));
    assert_eq!((status, &corrected["lines"][1]["serials"]), (201, &json!(["SN1", "SN2"])), "{corrected}");
    let lot = line(&corrected, 1, "lot_id");
    clinic.create(Role::Purchaser, "/v1/inspections", &clinic.inspection(&id(&made), &lot, 4, 0));
    let mut release = clinic.release(2);
    release["serials"] = json!(["SN2"]);
    clinic.create(Role::Quality, &format!("/v1/lots/{lot}/releases"), &release);
    clinic.assert_at_the_chair(&scan("270630", "LOT1", Some("SN2")));
    // The numbers are still taken.
    let again = clinic.receipt(json!([{"scan": scan("270630", "LOT1", Some("SN1")), "packs": 1}]));
    clinic.assert_refused(Role::Purchaser, "/v1/receipts", &again, &["serial_already_used"]);
}

fn a_correction_counts_into_the_order_anew(world: &World) {
    let clinic = world.clinic();
    let order = json!({
        "site_id": clinic.site, "supplier_id": clinic.supplier,
        "lines": [{"product_id": clinic.product, "packs": 4}]
    });
    let order = id(&clinic.create(Role::Purchaser, "/v1/orders", &order));
    clinic.create(Role::Purchaser, &format!("/v1/orders/{order}/place"), &json!({}));
    let mut body = clinic.receipt(json!([{"gtin": GTIN, "lot": "LOT1", "expiry": EXPIRY, "packs": 5}]));
    body["order_id"] = json!(order);
    let made = clinic.create(Role::Purchaser, "/v1/receipts", &body);
    assert_eq!(made["lines"][0]["flags"], json!(["over_delivered"]));
    let stands = || {
        let found = clinic.read(&format!("/v1/orders/{order}"));
        (found["status"].clone(), found["lines"][0]["units_received"].clone())
    };
    assert_eq!(stands(), (json!("received"), json!(10)));
    let (status, corrected) = correct(&clinic, &made, json!({"packs": 3}));
    assert_eq!((status, &corrected["lines"][1]["flags"]), (201, &json!([])), "{corrected}");
    assert_eq!(stands(), (json!("partially_received"), json!(6)));
}

fn corrections_that_are_refused(world: &World) {
    let clinic = world.clinic();
    let made = receive(&clinic, json!([{"gtin": GTIN, "lot": "LOT1", "expiry": EXPIRY, "packs": 2}]));
    let refused = |changes: Value| code_of(correct(&clinic, &made, changes));
    let unprocessable = |code: &str| (422, code.to_owned());
    assert_eq!(refused(json!({})), unprocessable("nothing_to_correct"));
    assert_eq!(refused(json!({"lot": "LOT1", "packs": 2})), unprocessable("nothing_to_correct"));
    assert_eq!(refused(json!({"packs": -1})), unprocessable("invalid_packs"));
    assert_eq!(refused(json!({"lot": "LOT 1"})), unprocessable("invalid_lot"));
    assert_eq!(refused(json!({"gtin": GTIN})), unprocessable("nothing_to_correct"));
    assert_eq!(refused(json!({"scan": scan("270630", "LOT1", None)})), unprocessable("unknown_field"));
    let unknown = "rcl_01932c07-8d00-7000-8000-000000000002";
    assert_eq!(refused(json!({"line_id": unknown, "packs": 1})), unprocessable("reference_unknown"));
    let path = "/v1/receipts/rec_01932c07-8d00-7000-8000-000000000002/corrections";
    let body = json!({"line_id": unknown, "packs": 1, "reason": "Misread"});
    assert_eq!(clinic.post(Role::Purchaser, path, &body).0, 404);
    assert_eq!(clinic.post(Role::Practitioner, path, &body).0, 403);

    // What was corrected is not corrected twice; its replacement is.
    let (status, _) = correct(&clinic, &made, json!({"packs": 3}));
    assert_eq!(status, 201);
    assert_eq!(refused(json!({"packs": 4})), (409, "receipt_not_correctable".to_owned()));
}
