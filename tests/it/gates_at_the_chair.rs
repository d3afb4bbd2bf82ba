//! What may not be administered, with every reason at once; a scan and the administration that follows it agree.
//!
//! The reasons are those of DOMAIN.md, rules 1 to 9, 15 and 17.

use lotline::caller::Role;
use serde_json::{Value, json};

use super::support::clinic::{EXPIRY, GTIN, gtin, id, licence, location, product, scan, site};
use super::support::{World, on_both_databases};

on_both_databases!(
    practitioners_must_be_registered,
    sites_must_be_licensed,
    products_must_be_authorised,
    unknown_products_and_lots,
    only_what_is_released_is_used,
    a_lot_expires_when_its_last_day_ends_at_the_site,
    a_serial_number_has_so_many_units,
    late_entries_are_judged_when_they_happened,
    every_reason_at_once,
);

/// One respect in which a licence does not count, and how to make it so: fields of the licence, checks.
fn shortcomings() -> Vec<(Value, Vec<Value>, Vec<&'static str>)> {
    let verified = json!({"outcome": "verified", "source": "register"});
    // A check may be 365 days old, not a moment more; it is 2026-07-01T10:00Z.
    let at = |time: &str| json!({"outcome": "verified", "source": "register", "checked_at": time});
    let said = |outcome: &str| json!({"outcome": outcome, "source": "register"});
    let mut rows = vec![
        (json!({"valid_from": "2026-07-02"}), vec![verified.clone()], vec!["outside_validity"]),
        (json!({"valid_to": "2026-06-30"}), vec![verified.clone()], vec!["outside_validity"]),
        (json!({"valid_from": "2026-07-01", "valid_to": "2026-07-01"}), vec![verified.clone()], vec![]),
        (json!({}), vec![], vec!["check_missing"]),
        (json!({}), vec![at("2025-07-01T09:59:59Z")], vec!["check_stale"]),
        (json!({}), vec![at("2025-07-01T11:00:00Z")], vec![]),
        (json!({"product_classes": ["neuromodulator"]}), vec![verified.clone()], vec!["scope"]),
        (json!({"product_classes": ["neuromodulator", "hybrid_filler"]}), vec![verified.clone()], vec![]),
        (json!({"jurisdiction": "FR"}), vec![verified.clone()], vec!["jurisdiction"]),
        (json!({"jurisdiction": "GB-SCT"}), vec![verified.clone()], vec!["jurisdiction"]),
        (json!({"jurisdiction": "GB-ENG"}), vec![verified.clone()], vec![]),
        // Rule 20a: what speaks against it speaks until the next verification.
        (json!({}), vec![at("2026-06-01T00:00:00Z"), said("suspended")], vec!["check_failed"]),
        (json!({}), vec![said("suspended"), verified.clone()], vec![]),
        (json!({}), vec![said("suspended"), at("2026-06-01T00:00:00Z")], vec!["check_failed"]),
        // All respects at once.
        (
            json!({"valid_to": "2026-06-30", "product_classes": ["neuromodulator"], "jurisdiction": "FR"}),
            vec![json!({"outcome": "lapsed", "source": "register", "checked_at": "2025-01-01T00:00:00Z"})],
            vec!["outside_validity", "check_failed", "scope", "jurisdiction"],
        ),
    ];
    for outcome in ["not_found", "lapsed", "suspended", "restricted", "needs_review"] {
        rows.push((json!({}), vec![said(outcome)], vec!["check_failed"]));
    }
    rows
}

fn with(mut body: Value, changes: &Value) -> Value {
    for (field, value) in changes.as_object().unwrap() {
        body[field] = value.clone();
    }
    body
}

fn practitioners_must_be_registered(world: &World) {
    let clinic = world.clinic();
    clinic.receive_inspect_release("LOT1", 20);
    let code = scan("270630", "LOT1", None);
    let person = || {
        let body = json!({"name": "Nurse B. Example", "profession": "nurse"});
        id(&clinic.create(Role::Admin, "/v1/practitioners", &body))
    };
    clinic.assert_not_at_the_chair_of(&clinic.site, &person(), &code, &["practitioner_licence_missing"]);
    for (index, (changes, checks, expected)) in shortcomings().into_iter().enumerate() {
        let (person, number) = (person(), (7_654_321 + index).to_string());
        let registration = licence(("practitioner", &person), "professional_registration", "GMC", &number);
        let registration = id(&clinic.create(Role::Admin, "/v1/licences", &with(registration, &changes)));
        for check in checks {
            clinic.check(&registration, check);
        }
        let expected: Vec<_> = expected.iter().map(|code| format!("practitioner_licence_{code}")).collect();
        let expected: Vec<_> = expected.iter().map(String::as_str).collect();
        if expected.is_empty() {
            let body = with(clinic.administration_of(&code), &json!({"practitioner_id": person}));
            clinic.create(Role::Practitioner, "/v1/administrations", &body);
        } else {
            clinic.assert_not_at_the_chair_of(&clinic.site, &person, &code, &expected);
        }
    }
    // Prescribing is another authority than treating (rule 2).
    let prescriber = person();
    clinic.checked_licence(&licence(("practitioner", &prescriber), "prescriber", "GMC", "7654321"));
    clinic.assert_not_at_the_chair_of(&clinic.site, &prescriber, &code, &["practitioner_licence_missing"]);
}

fn sites_must_be_licensed(world: &World) {
    let clinic = world.clinic();
    clinic.receive_inspect_release("LOT1", 2);
    let code = scan("270630", "LOT1", None);
    // A site with no stock: what it lacks of a licence comes beside that.
    let assert_at = |site: &str, expected: &[&str]| {
        let expected: Vec<_> = expected.iter().map(|code| format!("site_licence_{code}")).collect();
        let mut expected: Vec<_> = expected.iter().map(String::as_str).collect();
        expected.push("stock_not_on_hand");
        clinic.assert_not_at_the_chair_of(site, &clinic.practitioner, &code, &expected);
    };
    let other = || id(&clinic.create(Role::Admin, "/v1/sites", &site()));
    let unlicensed = other();
    assert_at(&unlicensed, &["missing"]);
    for (index, (changes, checks, expected)) in shortcomings().into_iter().enumerate() {
        let (site, number) = (other(), format!("1-2{index:02}"));
        let facility = with(licence(("site", &site), "facility", "CQC", &number), &changes);
        let facility = id(&clinic.create(Role::Admin, "/v1/licences", &facility));
        for check in checks {
            clinic.check(&facility, check);
        }
        assert_at(&site, &expected);
    }
    // Its organisation's licence will do.
    clinic.checked_licence(&licence(("organisation", world.organisation.as_str()), "facility", "CQC", "1-300"));
    assert_at(&unlicensed, &[]);
}

fn products_must_be_authorised(world: &World) {
    let clinic = world.clinic();
    let approval = |jurisdiction: &str, status: &str| json!({"jurisdiction": jurisdiction, "status": status, "source": "illustrative", "verified_on": "2026-01-05"});
    // The jurisdiction's own entry governs before that of its country; unknown is not authorised.
    let rows = [
        (json!([]), false),
        (json!([approval("GB", "unknown")]), false),
        (json!([approval("GB", "not_authorised")]), false),
        (json!([approval("FR", "authorised")]), false),
        (json!([approval("GB", "authorised"), approval("GB-ENG", "not_authorised")]), false),
        (json!([approval("GB", "not_authorised"), approval("GB-ENG", "authorised")]), true),
    ];
    for (number, (approvals, authorised)) in rows.into_iter().enumerate() {
        let gtin = gtin(u32::try_from(number).unwrap());
        clinic.create(Role::Admin, "/v1/products", &with(product(&gtin), &json!({"approvals": approvals})));
        // Never received: that reason comes beside it.
        let mut expected = vec!["lot_unknown"];
        expected.extend((!authorised).then_some("product_not_authorised"));
        clinic.assert_not_at_the_chair(&format!("]d201{gtin}1727063010LOT1"), &expected);
    }
}

fn unknown_products_and_lots(world: &World) {
    let clinic = world.clinic();
    clinic.receive_inspect_release("LOT1", 2);
    clinic.assert_not_at_the_chair(&format!("]d201{}1727063010LOT1", gtin(1)), &["product_unknown"]);
    clinic.assert_not_at_the_chair(&scan("270630", "LOT2", None), &["lot_unknown"]);
    // The same lot text with another expiry than was received: a suspected falsification.
    clinic.assert_not_at_the_chair(&scan("270629", "LOT1", None), &["expiry_mismatch", "lot_unknown"]);
    // A code without an expiry finds the only lot of that text.
    clinic.assert_at_the_chair(&format!("]d201{GTIN}10LOT1"));
}

fn only_what_is_released_is_used(world: &World) {
    let clinic = world.clinic();
    let code = scan("270630", "LOT1", None);
    let (receipt, lot) = clinic.receive("LOT1", EXPIRY, 3);
    clinic.assert_not_at_the_chair(&code, &["lot_quarantined"]);
    // Two fail and four pass: still nothing is released, and there is rejected stock beside it.
    let inspection = clinic.inspection(&receipt, &lot, 4, 2);
    clinic.create(Role::Purchaser, "/v1/inspections", &inspection);
    clinic.assert_not_at_the_chair(&code, &["lot_quarantined", "lot_rejected"]);
    clinic.create(Role::Quality, &format!("/v1/lots/{lot}/releases"), &clinic.release(4));
    clinic.assert_at_the_chair(&code);
    let administer = |units| clinic.administration(&lot, units);
    clinic.assert_refused(Role::Practitioner, "/v1/administrations", &administer(4), &["stock_not_on_hand"]);
    clinic.create(Role::Practitioner, "/v1/administrations", &administer(3));
    // What is left was rejected.
    clinic.assert_not_at_the_chair(&code, &["lot_rejected"]);
    let books = clinic.reconciliation(&lot);
    assert_eq!((&books["received"], &books["on_hand"], &books["administered"]), (&json!(6), &json!(2), &json!(4)));
    assert_eq!(books["balanced"], true);

    // On hand at another site, or in another location than named, is not on hand.
    clinic.receive_inspect_release("LOT2", 2);
    let elsewhere = id(&clinic.create(Role::Admin, "/v1/sites", &site()));
    clinic.checked_licence(&licence(("site", &elsewhere), "facility", "CQC", "1-200"));
    let code = scan("270630", "LOT2", None);
    clinic.assert_not_at_the_chair_of(&elsewhere, &clinic.practitioner, &code, &["stock_not_on_hand"]);
    let shelf = id(&clinic.create(Role::Admin, "/v1/locations", &location(&clinic.site, "stock")));
    let body = with(clinic.administration_of(&code), &json!({"location_id": shelf}));
    clinic.assert_refused(Role::Practitioner, "/v1/administrations", &body, &["stock_not_on_hand"]);
}

/// Rule 15: the last day counts, where the site is; London is an hour ahead of UTC in July.
fn a_lot_expires_when_its_last_day_ends_at_the_site(world: &World) {
    let clinic = world.clinic();
    let receive = |lot: &str, expiry: &str, code: &str| {
        let lines = json!([{"scan": code, "packs": 2}]);
        let receipt = clinic.create(Role::Purchaser, "/v1/receipts", &clinic.receipt(lines));
        assert_eq!(receipt["lines"][0]["expiry"], expiry);
        let lot_id = receipt["lines"][0]["lot_id"].as_str().unwrap().to_owned();
        let inspection = clinic.inspection(&id(&receipt), &lot_id, 4, 0);
        clinic.create(Role::Purchaser, "/v1/inspections", &inspection);
        clinic.create(Role::Quality, &format!("/v1/lots/{lot_id}/releases"), &clinic.release(4));
        lot.to_owned()
    };
    let (day, month) = (scan("260715", "DAY", None), scan("260700", "MONTH", None));
    receive("DAY", "2026-07-15", &day);
    receive("MONTH", "2026-07-31", &month);
    for (code, last_moment, next_day) in [
        (&day, "2026-07-15T22:59:58Z", "2026-07-15T23:00:00Z"),
        (&month, "2026-07-31T22:59:58Z", "2026-07-31T23:00:00Z"),
    ] {
        world.clock.set(last_moment);
        clinic.assert_at_the_chair(code);
        world.clock.set(next_day);
        clinic.assert_not_at_the_chair(code, &["lot_expired"]);
    }
}

fn a_serial_number_has_so_many_units(world: &World) {
    let clinic = world.clinic();
    let packs = ["SN1", "SN2"].map(|serial| json!({"scan": scan("270630", "LOT1", Some(serial)), "packs": 1}));
    let receipt = clinic.create(Role::Purchaser, "/v1/receipts", &clinic.receipt(json!(packs)));
    let lot = receipt["lines"][0]["lot_id"].as_str().unwrap().to_owned();
    assert_eq!(receipt["lines"][1]["lot_id"], json!(lot));
    clinic.create(Role::Purchaser, "/v1/inspections", &clinic.inspection(&id(&receipt), &lot, 4, 0));
    let release = with(clinic.release(4), &json!({"serials": ["SN1", "SN2"]}));
    clinic.create(Role::Quality, &format!("/v1/lots/{lot}/releases"), &release);

    let code = scan("270630", "LOT1", Some("SN1"));
    clinic.assert_not_at_the_chair(&scan("270630", "LOT1", Some("SN9")), &["serial_unknown"]);
    clinic.assert_not_at_the_chair(&scan("270630", "LOT1", None), &["serials_required"]);
    clinic.assert_at_the_chair(&code);
    clinic.assert_at_the_chair(&code);
    clinic.assert_not_at_the_chair(&code, &["serial_already_used"]);
    // The other pack is untouched, and has two units, not three.
    let more = with(clinic.administration_of(&scan("270630", "LOT1", Some("SN2"))), &json!({"units": 3}));
    clinic.assert_refused(Role::Practitioner, "/v1/administrations", &more, &["stock_not_on_hand"]);
    clinic.create(Role::Practitioner, "/v1/administrations", &with(more, &json!({"units": 2})));
    clinic.assert_not_at_the_chair(&scan("270630", "LOT1", Some("SN2")), &["serial_already_used"]);

    // Packs that were received without their numbers: each number still has two units.
    clinic.receive_inspect_release("LOT2", 6);
    let code = scan("270630", "LOT2", Some("SN3"));
    clinic.assert_at_the_chair(&code);
    clinic.assert_at_the_chair(&code);
    clinic.assert_not_at_the_chair(&code, &["serial_already_used"]);
    clinic.assert_at_the_chair(&scan("270630", "LOT2", Some("SN4")));
}

/// Rule 17: judged at the moment of the act.
fn late_entries_are_judged_when_they_happened(world: &World) {
    let clinic = world.clinic();
    let code = scan("260715", "LOT1", None);
    let receipt = clinic.create(Role::Purchaser, "/v1/receipts", &clinic.receipt(json!([{"scan": code, "packs": 2}])));
    let lot = receipt["lines"][0]["lot_id"].as_str().unwrap().to_owned();
    clinic.create(Role::Purchaser, "/v1/inspections", &clinic.inspection(&id(&receipt), &lot, 4, 0));
    clinic.create(Role::Quality, &format!("/v1/lots/{lot}/releases"), &clinic.release(4));
    world.clock.set("2026-07-20T09:00:00Z");
    clinic.assert_not_at_the_chair(&code, &["lot_expired"]);
    let at = |time: &str| with(clinic.administration_of(&code), &json!({"occurred_at": time}));
    let late = clinic.create(Role::Practitioner, "/v1/administrations", &at("2026-07-15T23:59:00+01:00"));
    assert_eq!(late["occurred_at"], "2026-07-15T22:59:00.000000Z");
    assert!(late["recorded_at"].as_str().unwrap().starts_with("2026-07-20T09:00:00"));
    clinic.assert_refused(
        Role::Practitioner,
        "/v1/administrations",
        &at("2026-07-16T00:00:00+01:00"),
        &["lot_expired"],
    );
}

fn every_reason_at_once(world: &World) {
    let clinic = world.clinic();
    let code = scan("260715", "LOT1", None);
    let receipt = clinic.create(Role::Purchaser, "/v1/receipts", &clinic.receipt(json!([{"scan": code, "packs": 1}])));
    let lot = receipt["lines"][0]["lot_id"].as_str().unwrap().to_owned();
    clinic.hold(&lot);
    for licence in [&clinic.facility_licence, &clinic.registration] {
        clinic.check(licence, json!({"outcome": "suspended", "source": "register"}));
    }
    world.clock.set("2026-07-16T09:00:00Z");
    clinic.assert_not_at_the_chair(
        &code,
        &[
            "lot_expired",
            "lot_on_hold",
            "lot_quarantined",
            "site_licence_check_failed",
            "practitioner_licence_check_failed",
        ],
    );
}
