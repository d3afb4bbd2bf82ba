//! What may not be received or released, and what holds stock: DOMAIN.md, rules 6 to 13.

use lotline::caller::Role;
use serde_json::{Value, json};

use super::support::clinic::{EXPIRY, GTIN, gtin, id, location, product, scan};
use super::support::{Clinic, World, on_both_databases};

on_both_databases!(
    receipts_that_are_refused,
    receipts_that_are_flagged,
    a_twin_is_held_and_never_merged,
    what_is_expired_on_arrival_is_never_released,
    releases_that_are_refused,
    four_eyes,
    no_more_is_inspected_or_released_than_there_is,
    packs_are_released_by_name,
    a_hold_covers_exactly_its_units,
    scans_for_receiving_and_returning,
);

fn with(mut body: Value, changes: &Value) -> Value {
    for (field, value) in changes.as_object().unwrap() {
        body[field] = value.clone();
    }
    body
}

fn stock(clinic: &Clinic, lot: &str) -> Vec<(String, i64)> {
    let items = clinic.read(&format!("/v1/stock?lot_id={lot}"))["items"].clone();
    let items = items.as_array().unwrap().iter();
    let mut stock: Vec<_> =
        items.map(|item| (item["state"].as_str().unwrap().to_owned(), item["units"].as_i64().unwrap())).collect();
    stock.sort();
    stock
}

fn assert_stock(clinic: &Clinic, lot: &str, expected: &[(&str, i64)]) {
    let expected: Vec<_> = expected.iter().map(|(state, units)| ((*state).to_owned(), *units)).collect();
    assert_eq!(stock(clinic, lot), expected);
}

fn receipts_that_are_refused(world: &World) {
    let clinic = world.clinic();
    let receipt = |lines: Value| clinic.receipt(lines);
    let unknown = json!({"gtin": gtin(7), "lot": "LOT1", "expiry": EXPIRY, "packs": 1});
    let known = json!({"gtin": GTIN, "lot": "LOT1", "expiry": EXPIRY, "packs": 1});
    let refused = |body: &Value, codes: &[&str]| clinic.assert_refused(Role::Purchaser, "/v1/receipts", body, codes);
    refused(&receipt(json!([known, unknown])), &["product_unknown"]);
    let to_stock = with(receipt(json!([known])), &json!({"location_id": clinic.stock}));
    refused(&to_stock, &["location_purpose_mismatch"]);
    let both = with(receipt(json!([known, unknown])), &json!({"location_id": clinic.stock}));
    refused(&both, &["location_purpose_mismatch", "product_unknown"]);

    // Rule 9: a serial number exists once per product, whatever the lot.
    let pack = json!({"scan": scan("270630", "LOT1", Some("SN1")), "packs": 1});
    clinic.create(Role::Purchaser, "/v1/receipts", &receipt(json!([pack])));
    refused(&receipt(json!([pack])), &["serial_already_used"]);
    let elsewhere = json!({"scan": scan("280630", "LOT9", Some("SN1")), "packs": 1});
    refused(&receipt(json!([known, elsewhere])), &["serial_already_used"]);
    // Another product may have the same number.
    clinic.create(Role::Admin, "/v1/products", &product(&gtin(1)));
    let other = json!({"scan": format!("]d201{}1727063010LOT1\u{1d}21SN1", gtin(1)), "packs": 1});
    clinic.create(Role::Purchaser, "/v1/receipts", &receipt(json!([other])));
}

fn receipts_that_are_flagged(world: &World) {
    let clinic = world.clinic();
    let product = with(product(&gtin(1)), &json!({"class": "neuromodulator", "approvals": []}));
    clinic.create(Role::Admin, "/v1/products", &product);
    clinic.check(&clinic.wholesale_licence, json!({"outcome": "suspended", "source": "register"}));
    let lines = json!([
        {"gtin": gtin(1), "lot": "LOT1", "expiry": "2026-06-30", "packs": 1},
        {"gtin": GTIN, "lot": "LOT1", "expiry": "2026-07-01", "packs": 3}
    ]);
    let receipt = clinic.create(Role::Purchaser, "/v1/receipts", &clinic.receipt(lines));
    let flags = |line: usize| {
        let mut flags: Vec<_> =
            receipt["lines"][line]["flags"].as_array().unwrap().iter().map(|flag| flag.as_str().unwrap()).collect();
        flags.sort_unstable();
        flags
    };
    assert_eq!(flags(0), ["expired_on_arrival", "product_not_authorised", "supplier_licence", "supplier_not_approved"]);
    // Its last day is today, and lots of two products never are twins.
    assert_eq!(flags(1), ["supplier_licence"]);
    assert_eq!(receipt["lines"][1]["units"], 6);
}

fn a_twin_is_held_and_never_merged(world: &World) {
    let clinic = world.clinic();
    let first = clinic.receive_inspect_release("LOT1", 2);
    let lines = json!([{"scan": scan("270731", "LOT1", None), "packs": 1}]);
    let receipt = clinic.create(Role::Purchaser, "/v1/receipts", &clinic.receipt(lines));
    let line = &receipt["lines"][0];
    assert_eq!(line["flags"], json!(["expiry_twin"]));
    let twin = line["lot_id"].as_str().unwrap().to_owned();
    assert_ne!(twin, first);

    let holds = clinic.read("/v1/holds?open=true");
    assert_eq!(holds["items"].as_array().unwrap().len(), 1);
    let hold = &holds["items"][0];
    assert_eq!((&hold["scope"]["id"], &hold["cause"]["type"]), (&json!(twin), &json!("twin")));
    assert_eq!(hold["cause"]["id"], json!(first));
    clinic.create(Role::Purchaser, "/v1/inspections", &clinic.inspection(&id(&receipt), &twin, 2, 0));
    let path = format!("/v1/lots/{twin}/releases");
    clinic.assert_refused(Role::Quality, &path, &clinic.release(2), &["lot_on_hold"]);
    clinic.assert_not_at_the_chair(&scan("270731", "LOT1", None), &["lot_on_hold", "lot_quarantined"]);
    // A code without an expiry cannot say which of the two it is.
    let (status, scanned) =
        clinic.post(Role::Practitioner, "/v1/scans", &clinic.question(&format!("]d201{GTIN}10LOT1")));
    assert_eq!(status, 200);
    let codes = super::support::client::codes(&scanned);
    assert!(codes.contains(&"expiry_mismatch".to_owned()), "{codes:?}");
    // More of the twin is flagged again, and covered by the same hold.
    let lines = json!([{"scan": scan("270731", "LOT1", None), "packs": 1}]);
    let again = clinic.create(Role::Purchaser, "/v1/receipts", &clinic.receipt(lines));
    assert_eq!((&again["lines"][0]["lot_id"], &again["lines"][0]["flags"]), (&json!(twin), &json!(["expiry_twin"])));
    assert_eq!(clinic.reconciliation(&first)["received"], 2);
    assert_eq!(clinic.reconciliation(&twin)["received"], 4);
}

fn what_is_expired_on_arrival_is_never_released(world: &World) {
    let clinic = world.clinic();
    let (receipt, lot) = clinic.receive("OLD", "2026-06-30", 1);
    clinic.create(Role::Purchaser, "/v1/inspections", &clinic.inspection(&receipt, &lot, 2, 0));
    let path = format!("/v1/lots/{lot}/releases");
    clinic.assert_refused(Role::Quality, &path, &clinic.release(2), &["lot_expired"]);
    clinic.assert_not_at_the_chair(&scan("260630", "OLD", None), &["lot_expired", "lot_quarantined"]);
    assert_stock(&clinic, &lot, &[("passed", 2)]);
}

fn releases_that_are_refused(world: &World) {
    let clinic = world.clinic();
    let (receipt, lot) = clinic.receive("LOT1", EXPIRY, 2);
    let path = format!("/v1/lots/{lot}/releases");
    let refused = |body: &Value, codes: &[&str]| clinic.assert_refused(Role::Quality, &path, body, codes);
    refused(&clinic.release(4), &["not_inspected"]);

    // Rule 10: a checklist that leaves a required criterion out is not complete.
    let mut partial = clinic.inspection(&receipt, &lot, 2, 0);
    partial["checks"].as_array_mut().unwrap().pop();
    let made = clinic.create(Role::Purchaser, "/v1/inspections", &partial);
    assert!(made["not_examined"].as_array().unwrap().contains(&json!("label_legible")));
    refused(&clinic.release(2), &["not_inspected"]);
    clinic.create(Role::Purchaser, "/v1/inspections", &clinic.inspection(&receipt, &lot, 2, 0));

    // Two units passed a complete checklist; there are no more than these four.
    refused(&clinic.release(3), &["units_not_passed"]);
    refused(&clinic.release(5), &["units_not_passed", "stock_not_on_hand"]);

    // Rule 13: the labelled band (2 to 25 °C) must contain the location's; the location must take the class.
    let place = |changes: Value| {
        let body = with(location(&clinic.site, "stock"), &changes);
        let place = id(&clinic.create(Role::Admin, "/v1/locations", &body));
        with(clinic.release(2), &json!({"to_location_id": place}))
    };
    refused(&place(json!({"min_c": 1.999})), &["location_band_mismatch"]);
    refused(&place(json!({"max_c": 25.001})), &["location_band_mismatch"]);
    refused(&place(json!({"product_classes": ["neuromodulator"]})), &["location_class_mismatch"]);
    refused(
        &place(json!({"purpose": "returns", "max_c": 30, "product_classes": ["other"]})),
        &["location_purpose_mismatch", "location_band_mismatch", "location_class_mismatch"],
    );
    let quarantine = place(json!({"purpose": "quarantine"}));
    refused(&quarantine, &["location_purpose_mismatch"]);
    // From where nothing of it is.
    let from_stock = with(clinic.release(2), &json!({"from_location_id": clinic.stock}));
    refused(&from_stock, &["location_purpose_mismatch", "stock_not_on_hand"]);

    let hold = clinic.hold(&lot);
    refused(&clinic.release(2), &["lot_on_hold"]);
    clinic.create(Role::Quality, &format!("/v1/holds/{}/lift", id(&hold)), &json!({"reason": "Unrelated"}));
    assert_stock(&clinic, &lot, &[("passed", 2), ("quarantined", 2)]);

    // The band's ends themselves will do.
    clinic.create(Role::Quality, &path, &place(json!({"min_c": 2, "max_c": 25, "product_classes": ["hybrid_filler"]})));
    assert_stock(&clinic, &lot, &[("available", 2), ("quarantined", 2)]);
}

/// Rule 12: who releases is none of those who inspected that lot of that receipt.
fn four_eyes(world: &World) {
    let clinic = world.clinic();
    let ann = world.token_as("ann", &[Role::Purchaser, Role::Quality]);
    let bob = world.token_as("bob", &[Role::Quality]);
    let (receipt, lot) = clinic.receive("LOT1", EXPIRY, 2);
    for (who, passed) in [(&ann, 3), (&bob, 1)] {
        let (status, made) = world.http.post(who, "/v1/inspections", &clinic.inspection(&receipt, &lot, passed, 0));
        assert_eq!(status, 201, "{made}");
    }
    let path = format!("/v1/lots/{lot}/releases");
    for who in [&ann, &bob] {
        let (status, problem) = world.http.post(who, &path, &clinic.release(4));
        assert_eq!(
            (status, super::support::client::codes(&problem)),
            (409, vec!["inspector_cannot_release".to_owned()])
        );
    }
    clinic.create(Role::Quality, &path, &clinic.release(4));
    // Another receipt of the same lot, inspected by somebody else: whoever inspected the first may release it.
    let (second, same) = clinic.receive("LOT1", EXPIRY, 1);
    assert_eq!(same, lot);
    clinic.create(Role::Purchaser, "/v1/inspections", &clinic.inspection(&second, &lot, 2, 0));
    assert_eq!(world.http.post(&ann, &path, &clinic.release(2)).0, 201);
}

fn no_more_is_inspected_or_released_than_there_is(world: &World) {
    let clinic = world.clinic();
    let (receipt, lot) = clinic.receive("LOT1", EXPIRY, 2);
    let inspect = |passed, failed| {
        let (status, answer) =
            clinic.post(Role::Purchaser, "/v1/inspections", &clinic.inspection(&receipt, &lot, passed, failed));
        (status, answer["code"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(inspect(5, 0), (409, "units_already_inspected".to_owned()));
    assert_eq!(inspect(2, 1).0, 201);
    assert_eq!(inspect(2, 0), (409, "units_already_inspected".to_owned()));
    assert_eq!(inspect(0, 1).0, 201);
    assert_eq!(inspect(0, 1), (409, "units_already_inspected".to_owned()));
    assert_stock(&clinic, &lot, &[("passed", 2), ("rejected", 2)]);
    let path = format!("/v1/lots/{lot}/releases");
    clinic.create(Role::Quality, &path, &clinic.release(1));
    clinic.create(Role::Quality, &path, &clinic.release(1));
    clinic.assert_refused(Role::Quality, &path, &clinic.release(1), &["stock_not_on_hand"]);
    assert_stock(&clinic, &lot, &[("available", 2), ("rejected", 2)]);
}

fn packs_are_released_by_name(world: &World) {
    let clinic = world.clinic();
    let packs = ["SN1", "SN2", "SN3"].map(|serial| json!({"scan": scan("270630", "LOT1", Some(serial)), "packs": 1}));
    let receipt = clinic.create(Role::Purchaser, "/v1/receipts", &clinic.receipt(json!(packs)));
    let lot = receipt["lines"][0]["lot_id"].as_str().unwrap().to_owned();

    // Which pack failed must be said.
    let mut inspection = clinic.inspection(&id(&receipt), &lot, 4, 2);
    clinic.assert_refused(Role::Purchaser, "/v1/inspections", &inspection, &["serials_required"]);
    inspection["serials_failed"] = json!(["SN9"]);
    clinic.assert_refused(Role::Purchaser, "/v1/inspections", &inspection, &["serial_unknown"]);
    inspection["serials_failed"] = json!(["SN3"]);
    clinic.create(Role::Purchaser, "/v1/inspections", &inspection);

    let path = format!("/v1/lots/{lot}/releases");
    let release = |serials: Value, units: i64| with(clinic.release(units), &json!({"serials": serials}));
    clinic.assert_refused(Role::Quality, &path, &clinic.release(2), &["serials_required"]);
    clinic.assert_refused(Role::Quality, &path, &release(json!(["SN9"]), 2), &["serial_unknown"]);
    clinic.assert_refused(Role::Quality, &path, &release(json!(["SN3"]), 2), &["stock_not_on_hand"]);
    let (status, problem) = clinic.post(Role::Quality, &path, &release(json!(["SN1", "SN2"]), 3));
    assert_eq!((status, &problem["code"]), (422, &json!("serials_mismatch")));
    clinic.create(Role::Quality, &path, &release(json!(["SN1"]), 2));
    clinic.assert_at_the_chair(&scan("270630", "LOT1", Some("SN1")));
    clinic.assert_not_at_the_chair(&scan("270630", "LOT1", Some("SN2")), &["lot_quarantined"]);
    clinic.assert_not_at_the_chair(&scan("270630", "LOT1", Some("SN3")), &["lot_rejected"]);
}

fn a_hold_covers_exactly_its_units(world: &World) {
    let clinic = world.clinic();
    let (first, second) = (clinic.receive_inspect_release("LOT1", 4), clinic.receive_inspect_release("LOT2", 2));
    let code = scan("270630", "LOT1", None);
    let open = |kind: &str, id: &str| {
        let body = json!({"scope": {"type": kind, "id": id}, "reason": "Under review"});
        clinic.create(Role::Quality, "/v1/holds", &body)
    };
    let lift = |hold: &Value| {
        clinic.post(Role::Quality, &format!("/v1/holds/{}/lift", id(hold)), &json!({"reason": "Unrelated"}))
    };

    let lot_hold = open("lot", &first);
    assert_stock(&clinic, &first, &[("held", 4)]);
    assert_stock(&clinic, &second, &[("available", 2)]);
    clinic.assert_not_at_the_chair(&code, &["lot_on_hold"]);
    clinic.assert_at_the_chair(&scan("270630", "LOT2", None));

    // Two holds: units are free again when no open hold covers them.
    let product_hold = open("product", &clinic.product);
    assert_stock(&clinic, &second, &[("held", 1)]);
    let (status, lifted) = lift(&lot_hold);
    assert_eq!((status, &lifted["lift_reason"]), (200, &json!("Unrelated")));
    assert_stock(&clinic, &first, &[("held", 4)]);
    clinic.assert_not_at_the_chair(&code, &["lot_on_hold"]);
    let before = clinic.database.state();
    let (status, problem) = lift(&lot_hold);
    assert_eq!((status, &problem["code"]), (409, &json!("hold_already_lifted")));
    assert_eq!(clinic.database.state(), before);
    // Whoever opens a hold on a product does not lift it.
    assert_eq!(lift(&product_hold).1["code"], json!("self_lifted_hold"));
    let second_person = clinic.token_as("quinn", &[Role::Quality]);
    let path = format!("/v1/holds/{}/lift", id(&product_hold));
    assert_eq!(clinic.http.post(&second_person, &path, &json!({"reason": "Unrelated"})).0, 200);
    assert_stock(&clinic, &first, &[("available", 4)]);
    assert_stock(&clinic, &second, &[("available", 1)]);
    clinic.assert_at_the_chair(&code);

    // An account: the units of a lot in one place.
    let account = clinic.read(&format!("/v1/stock?lot_id={first}"))["items"][0]["account_id"].clone();
    let account_hold = open("account", account.as_str().unwrap());
    assert_stock(&clinic, &first, &[("held", 3)]);
    clinic.assert_not_at_the_chair(&code, &["lot_on_hold"]);
    // What arrives there later is covered too.
    let (receipt, _) = clinic.receive("LOT1", EXPIRY, 1);
    clinic.create(Role::Purchaser, "/v1/inspections", &clinic.inspection(&receipt, &first, 2, 0));
    let path = format!("/v1/lots/{first}/releases");
    clinic.assert_refused(Role::Quality, &path, &clinic.release(2), &["lot_on_hold"]);
    assert_eq!(lift(&account_hold).0, 200);
    assert_stock(&clinic, &first, &[("available", 3), ("passed", 2)]);
    assert_eq!(clinic.read("/v1/holds?open=true")["items"], json!([]));
    assert_eq!(clinic.read("/v1/holds?open=false")["items"].as_array().unwrap().len(), 3);
}

/// Rule 20: what forbids an administration need not forbid receiving or returning.
fn scans_for_receiving_and_returning(world: &World) {
    let clinic = world.clinic();
    let ask = |code: &str, purpose: &str| {
        let body = json!({"code": code, "site_id": clinic.site, "purpose": purpose});
        let answer = clinic.create(Role::Purchaser, "/v1/scans", &body);
        super::support::client::codes(&answer)
    };
    let expired = scan("260630", "OLD", Some("SN1"));
    assert_eq!(ask(&expired, "receive"), [""; 0]);
    assert_eq!(ask(&expired, "return"), ["lot_unknown"]);
    let lines = json!([{"scan": expired, "packs": 1}]);
    clinic.create(Role::Purchaser, "/v1/receipts", &clinic.receipt(lines));
    assert_eq!(ask(&expired, "receive"), ["serial_already_used"]);
    assert_eq!(ask(&scan("260629", "OLD", Some("SN2")), "receive"), ["expiry_mismatch"]);
    assert_eq!(ask(&expired, "return"), [""; 0]);
    assert_eq!(ask(&format!("]d201{}10LOT1", gtin(5)), "receive"), ["product_unknown"]);
}
