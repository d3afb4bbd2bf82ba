//! Whatever a refusal says of one pack can be true of it at once (DOMAIN.md, rules 7 to 9 and 17).

use lotline::caller::Role;
use serde_json::{Value, json};

use super::support::client::codes;
use super::support::clinic::{EXPIRY, id, location, scan};
use super::support::{Clinic, World, on_both_databases};

on_both_databases!(
    what_is_elsewhere_or_numbered_is_not_in_quarantine,
    a_known_lot_with_another_expiry_was_not_never_received,
    a_pack_that_is_not_here_is_not_returned,
);

fn messages(clinic: &Clinic, code: &str) -> Vec<String> {
    let scanned = clinic.create(Role::Practitioner, "/v1/scans", &clinic.question(code));
    let reasons = scanned["decision"]["reasons"].as_array().unwrap();
    reasons.iter().map(|reason| reason["message"].as_str().unwrap().to_owned()).collect()
}

fn what_is_elsewhere_or_numbered_is_not_in_quarantine(world: &World) {
    let clinic = world.clinic();
    let numbered = json!([{"scan": scan("270630", "LOT1", Some("SN1")), "packs": 1}]);
    let receipt = clinic.create(Role::Purchaser, "/v1/receipts", &clinic.receipt(numbered));
    let lot = clinic.lot_of(&id(&receipt));
    clinic.create(Role::Purchaser, "/v1/inspections", &clinic.inspection(&id(&receipt), &lot, 2, 0));
    let mut release = clinic.release(2);
    release["serials"] = json!(["SN1"]);
    clinic.create(Role::Quality, &format!("/v1/lots/{lot}/releases"), &release);
    clinic.receive("LOT1", EXPIRY, 2); // four units without numbers, in quarantine
    let refused = |body: &Value, code: &str| {
        let problem = clinic.assert_refused(Role::Practitioner, "/v1/administrations", body, &[code]);
        problem["reasons"][0]["message"].as_str().unwrap().to_owned()
    };
    // More than are free without a number, and more than are available at all: those in quarantine are beside the point.
    refused(&clinic.administration(&lot, 1), "serials_required");
    refused(&clinic.administration(&lot, 3), "stock_not_on_hand");
    // They are here, but not where they are looked for.
    let shelf = id(&clinic.create(Role::Admin, "/v1/locations", &location(&clinic.site, "stock")));
    let mut elsewhere = clinic.administration_of(&scan("270630", "LOT1", Some("SN1")));
    elsewhere["location_id"] = json!(shelf);
    let said = refused(&elsewhere, "stock_not_on_hand");
    assert_eq!(said, "Pack SN1 of lot LOT1 has 0 units available at this location, not 1.");

    // While units are only in quarantine, that is the reason, wherever they are looked for.
    clinic.receive("LOT2", EXPIRY, 1);
    let mut quarantined = clinic.administration_of(&scan("270630", "LOT2", None));
    quarantined["location_id"] = json!(shelf);
    assert_eq!(refused(&quarantined, "lot_quarantined"), "Lot LOT2 has 2 units in quarantine here.");

    // One unit of a lot in quarantine, one rejected: neither reason says that there is nothing else.
    let (receipt, lot) = clinic.receive("LOT3", EXPIRY, 1);
    clinic.create(Role::Purchaser, "/v1/inspections", &clinic.inspection(&receipt, &lot, 0, 1));
    let said = messages(&clinic, &scan("270630", "LOT3", None));
    assert_eq!(
        said,
        ["Lot LOT3 has 1 unit in quarantine here.", "Lot LOT3 has 1 unit set apart here, to be returned or destroyed."]
    );
}

fn a_known_lot_with_another_expiry_was_not_never_received(world: &World) {
    let clinic = world.clinic();
    clinic.receive("LOT1", EXPIRY, 1);
    let said = messages(&clinic, &scan("270629", "LOT1", None));
    let expected = [
        "Lot LOT1 was received with expiry 2027-06-30, not 2027-06-29.",
        "Lot LOT1 with expiry 2027-06-29 was never received.",
    ];
    assert_eq!(said, expected);
    assert_eq!(messages(&clinic, &scan("270629", "LOT2", None)), ["Lot LOT2 was never received."]);
}

fn a_pack_that_is_not_here_is_not_returned(world: &World) {
    let clinic = world.clinic();
    let packs = ["SN1", "SN2"].map(|serial| json!({"scan": scan("270630", "LOT1", Some(serial)), "packs": 1}));
    let receipt = clinic.create(Role::Purchaser, "/v1/receipts", &clinic.receipt(json!(packs)));
    let asked = |lot: &str, serial: Option<&str>| {
        let mut question = clinic.question(&scan("270630", lot, serial));
        question["purpose"] = json!("return");
        codes(&clinic.create(Role::Purchaser, "/v1/scans", &question))
    };
    assert!(asked("LOT1", Some("SN1")).is_empty());
    let body = json!({
        "lot_id": clinic.lot_of(&id(&receipt)), "from_location_id": clinic.quarantine, "units": 2, "serials": ["SN1"],
        "reason": "Sent back"
    });
    clinic.create(Role::Quality, "/v1/returns", &body);
    // Other packs of the lot are here, but not this one.
    assert_eq!(asked("LOT1", Some("SN1")), ["stock_not_on_hand"]);
    assert_eq!(asked("LOT1", Some("SN9")), ["serial_unknown"]);
    assert!(asked("LOT1", Some("SN2")).is_empty());
    clinic.receive("LOT2", EXPIRY, 1);
    assert_eq!(asked("LOT2", Some("SN2")), ["serial_unknown"]);
    assert!(asked("LOT2", None).is_empty());
}
