//! What is recorded after the fact: retrospective administrations, deviations, voids; prescribers; the morning list.
//!
//! DOMAIN.md rules 2, 20 and 23.

use lotline::caller::Role;
use serde_json::{Value, json};

use super::support::client::codes;
use super::support::clinic::{gtin, id, licence, product};
use super::support::{World, on_both_databases};

on_both_databases!(
    a_refusal_forbids_an_act_not_its_record,
    nobody_closes_a_deviation_of_their_own,
    a_void_ends_the_deviation,
    a_retrospective_record_of_what_is_allowed_opens_nothing,
    a_reversal_agent_can_always_be_recorded,
    voided_units_come_back_into_quarantine,
    what_the_books_never_had_goes_back_to_nowhere,
    practitioners_void_their_own,
    prescribers_are_asked_for_where_the_product_needs_one,
    nobody_checks_their_own_licence,
    who_signs_says_what_it_means,
    the_morning_list_names_what_needs_attention,
);

fn in_retrospect(mut administration: Value) -> Value {
    administration["retrospective"] = json!({"reason": "Entered after an outage"});
    administration
}

fn a_refusal_forbids_an_act_not_its_record(world: &World) {
    let clinic = world.clinic();
    let (_, lot) = clinic.receive("LOT1", "2027-06-30", 1); // two units, quarantined
    clinic.assert_refused(
        Role::Practitioner,
        "/v1/administrations",
        &clinic.administration(&lot, 3),
        &["lot_quarantined"],
    );
    let made = clinic.create(Role::Practitioner, "/v1/administrations", &in_retrospect(clinic.administration(&lot, 3)));
    assert_eq!(made["decision"]["allowed"], json!(false));
    assert_eq!(codes(&made["decision"]), ["lot_quarantined"]);
    assert_eq!(made["deviation"]["reason_codes"], json!(["lot_quarantined"]));
    assert_eq!(made["deviation"]["units_unaccounted"], json!(1));
    // Two came out of quarantine, the third from nowhere: received 2 + adjusted 1 = administered 3.
    let r = clinic.reconciliation(&lot);
    assert_eq!(
        (&r["received"], &r["adjusted"], &r["unaccounted"], &r["administered"], &r["on_hand"], &r["balanced"]),
        (&json!(2), &json!(1), &json!(1), &json!(3), &json!(0), &json!(true))
    );

    let deviation = made["deviation"]["id"].as_str().unwrap();
    let close = format!("/v1/deviations/{deviation}/close");
    assert_eq!(clinic.post(Role::Practitioner, &close, &json!({"resolution": "done"})).0, 403);
    let (status, closed) = clinic.post(Role::Quality, &close, &json!({"resolution": "Patient informed"}));
    assert_eq!((status, &closed["resolution"]), (200, &json!("Patient informed")));
    let (status, again) = clinic.post(Role::Quality, &close, &json!({"resolution": "again"}));
    assert_eq!((status, &again["code"]), (409, &json!("deviation_already_closed")));
}

fn nobody_closes_a_deviation_of_their_own(world: &World) {
    let clinic = world.clinic();
    let (_, lot) = clinic.receive("LOT1", "2027-06-30", 2);
    let person = format!("/v1/practitioners/{}", clinic.practitioner);
    assert_eq!(clinic.patch(&person, &json!({"subject": "ann"})).status, 200);
    let token = |subject: &str| world.token_as(subject, &[Role::Practitioner, Role::Quality]);
    let body = in_retrospect(clinic.administration(&lot, 1));
    // Bea recorded it, Ann treated: both leave it to Cas.
    let (status, made) = clinic.http.post(&token("bea"), "/v1/administrations", &body);
    assert_eq!(status, 201, "{made}");
    let close = format!("/v1/deviations/{}/close", made["deviation"]["id"].as_str().unwrap());
    let resolution = json!({"resolution": "Patient informed"});
    for whose in ["bea", "ann"] {
        let (status, problem) = clinic.http.post(&token(whose), &close, &resolution);
        assert_eq!((status, &problem["code"]), (409, &json!("self_closed_deviation")), "{whose}");
    }
    assert_eq!(clinic.read("/v1/deviations?open=true")["items"].as_array().unwrap().len(), 1);
    assert_eq!(clinic.http.post(&token("cas"), &close, &resolution).0, 200);
}

fn a_void_ends_the_deviation(world: &World) {
    let clinic = world.clinic();
    let (_, lot) = clinic.receive("LOT1", "2027-06-30", 2);
    let record =
        || clinic.create(Role::Practitioner, "/v1/administrations", &in_retrospect(clinic.administration(&lot, 1)));
    let void = |made: &Value| {
        let void = json!({"reason": "Another patient", "returned_to_stock": true});
        clinic.create(Role::Quality, &format!("/v1/administrations/{}/voids", id(made)), &void)
    };
    let made = record();
    let deviation = made["deviation"]["id"].as_str().unwrap();
    let voided = void(&made);
    let closed = clinic.read(&format!("/v1/deviations/{deviation}"));
    assert!(closed["resolution"].as_str().unwrap().contains(&id(&voided)), "{closed}");
    assert_eq!((closed["closed_at"].is_string(), &closed["closed_by"]), (true, &json!("quality")));
    assert_eq!(clinic.read("/v1/deviations?open=true")["items"], json!([]));
    let (status, late) = clinic.post(
        Role::Quality,
        &format!("/v1/deviations/{deviation}/close"),
        &json!({"resolution": "Patient informed"}),
    );
    assert_eq!((status, &late["code"]), (409, &json!("deviation_already_closed")));
    // Void and end are one command; the chain shows both.
    let events = clinic.read(&format!("/v1/events?subject={}", id(&voided)))["items"].clone();
    let kinds: Vec<_> = events.as_array().unwrap().iter().map(|event| event["kind"].clone()).collect();
    assert_eq!(kinds, ["deviation_closed"], "the void's own event is about the administration");
    let custody = clinic.read(&format!("/v1/administrations/{}/custody", id(&made)));
    let found: Vec<_> = custody["events"].as_array().unwrap().iter().collect();
    let command = |kind: &str| found.iter().find(|event| event["kind"] == kind).unwrap()["command_id"].clone();
    assert_eq!(command("administration_voided"), command("deviation_closed"));
    // One that somebody closed before stays as they closed it.
    let made = record();
    let deviation = made["deviation"]["id"].as_str().unwrap();
    let resolution = json!({"resolution": "Patient informed"});
    clinic.create(Role::Quality, &format!("/v1/deviations/{deviation}/close"), &resolution);
    void(&made);
    assert_eq!(clinic.read(&format!("/v1/deviations/{deviation}"))["resolution"], json!("Patient informed"));
}

fn a_retrospective_record_of_what_is_allowed_opens_nothing(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 2);
    let made = clinic.create(Role::Practitioner, "/v1/administrations", &in_retrospect(clinic.administration(&lot, 1)));
    assert_eq!(made["decision"]["allowed"], json!(true));
    assert_eq!(made.get("deviation"), None);
    assert_eq!(clinic.reconciliation(&lot)["adjusted"], json!(0));
}

fn a_reversal_agent_can_always_be_recorded(world: &World) {
    let clinic = world.clinic();
    let mut hyaluronidase = product(&gtin(7));
    hyaluronidase["class"] = json!("reversal_agent");
    hyaluronidase["approvals"] = json!([]);
    clinic.create(Role::Admin, "/v1/products", &hyaluronidase);
    let mut emergency = clinic.administration("", 1);
    emergency.as_object_mut().unwrap().remove("lot_id");
    emergency["scan"] = json!(format!("]d201{}17270630{}", gtin(7), "10RESCUE1"));
    // Never received, not authorised: refused as an act …
    let (status, problem) = clinic.post(Role::Practitioner, "/v1/administrations", &emergency);
    let mut found = codes(&problem);
    found.sort();
    assert_eq!((status, found), (409, vec!["lot_unknown".to_owned(), "product_not_authorised".to_owned()]));
    // … recorded as what happened, at once.
    let made = clinic.create(Role::Practitioner, "/v1/administrations", &in_retrospect(emergency));
    assert_eq!((&made["lot"], &made["expiry"]), (&json!("RESCUE1"), &json!("2027-06-30")));
    assert_eq!(made["location_id"], Value::Null);
    assert_eq!(made["deviation"]["units_unaccounted"], json!(1));
    let r = clinic.reconciliation(made["lot_id"].as_str().unwrap());
    assert_eq!((&r["adjusted"], &r["administered"], &r["balanced"]), (&json!(1), &json!(1), &json!(true)));
}

fn voided_units_come_back_into_quarantine(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 2);
    let (_, made) = clinic.administer(&lot, 1);
    let voids = format!("/v1/administrations/{}/voids", id(&made));
    let void = json!({"reason": "Recorded for the wrong patient", "returned_to_stock": true});
    let done = clinic.create(Role::Quality, &voids, &void);
    assert_eq!(done["location_id"], json!(clinic.quarantine));
    assert_eq!(clinic.read(&format!("/v1/administrations/{}", id(&made)))["voided"], json!(true));
    let (status, again) = clinic.post(Role::Quality, &voids, &void);
    assert_eq!((status, &again["code"]), (409, &json!("already_voided")));
    let r = clinic.reconciliation(&lot);
    assert_eq!((&r["on_hand"], &r["administered"], &r["balanced"]), (&json!(2), &json!(0), &json!(true)));
    // One is still in stock; the one that came back is not, until it was looked at again.
    assert_eq!(clinic.administer(&lot, 1).0, 201);
    assert_eq!(codes(&clinic.administer(&lot, 1).1), ["lot_quarantined"]);
    let release = format!("/v1/lots/{lot}/releases");
    assert_eq!(codes(&clinic.post(Role::Quality, &release, &clinic.release(1)).1), ["not_inspected"]);
    let receipts = clinic.read("/v1/receipts");
    let receipt = id(&receipts["items"][0]);
    clinic.create(Role::Purchaser, "/v1/inspections", &clinic.inspection(&receipt, &lot, 1, 0));
    clinic.create(Role::Quality, &release, &clinic.release(1));
    assert_eq!(clinic.administer(&lot, 1).0, 201);

    // Not back: it counts as wasted.
    let (_, last) = (0, clinic.read(&format!("/v1/administrations?lot_id={lot}"))["items"][2].clone());
    let void = json!({"reason": "Dropped, and recorded by mistake", "returned_to_stock": false});
    clinic.create(Role::Quality, &format!("/v1/administrations/{}/voids", id(&last)), &void);
    let r = clinic.reconciliation(&lot);
    assert_eq!((&r["wasted"], &r["administered"], &r["balanced"]), (&json!(1), &json!(1), &json!(true)));
    let kinds = clinic.read(&format!("/v1/administrations/{}/custody", id(&last)));
    let kinds: Vec<_> = kinds["events"].as_array().unwrap().iter().map(|e| e["kind"].clone()).collect();
    assert!(kinds.contains(&json!("administration_voided")), "{kinds:?}");
}

fn what_the_books_never_had_goes_back_to_nowhere(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 2);
    let made = clinic.create(Role::Practitioner, "/v1/administrations", &in_retrospect(clinic.administration(&lot, 5)));
    assert_eq!(clinic.reconciliation(&lot)["adjusted"], json!(3));
    let void = json!({"reason": "Typed 5 in place of 2", "returned_to_stock": false});
    clinic.create(Role::Quality, &format!("/v1/administrations/{}/voids", id(&made)), &void);
    let r = clinic.reconciliation(&lot);
    assert_eq!((&r["adjusted"], &r["wasted"], &r["balanced"]), (&json!(0), &json!(2), &json!(true)));
}

fn practitioners_void_their_own(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 4);
    let (_, made) = clinic.administer(&lot, 1);
    let voids = format!("/v1/administrations/{}/voids", id(&made));
    let void = json!({"reason": "Recorded twice", "returned_to_stock": true});
    let other = clinic.token_as("another-practitioner", &[Role::Practitioner]);
    let (status, problem) = clinic.http.post(&other, &voids, &void);
    assert_eq!((status, &problem["code"]), (403, &json!("forbidden")));
    clinic.create(Role::Practitioner, &voids, &void);
}

fn prescribers_are_asked_for_where_the_product_needs_one(world: &World) {
    let clinic = world.clinic();
    let mut toxin = product(&gtin(8));
    toxin["requires_prescriber"] = json!(true);
    clinic.create(Role::Admin, "/v1/products", &toxin);
    let lines = json!([{"gtin": gtin(8), "lot": "TOX1", "expiry": "2027-06-30", "packs": 1}]);
    let made = clinic.create(Role::Purchaser, "/v1/receipts", &clinic.receipt(lines));
    let lot = made["lines"][0]["lot_id"].as_str().unwrap().to_owned();
    clinic.create(Role::Purchaser, "/v1/inspections", &clinic.inspection(&id(&made), &lot, 2, 0));
    clinic.create(Role::Quality, &format!("/v1/lots/{lot}/releases"), &clinic.release(2));
    let mut administration = clinic.administration(&lot, 1);
    let refused = |administration: &Value, expected: &[&str]| {
        clinic.assert_refused(Role::Practitioner, "/v1/administrations", administration, expected);
    };
    refused(&administration, &["prescriber_missing"]);
    let prescriber =
        id(&clinic.create(Role::Admin, "/v1/practitioners", &json!({"name": "Dr P.", "profession": "doctor"})));
    administration["prescriber_id"] = json!(prescriber);
    refused(&administration, &["prescriber_licence_missing"]);
    let authority = licence(("practitioner", &prescriber), "prescriber", "GMC", "7654321");
    let authority = id(&clinic.create(Role::Admin, "/v1/licences", &authority));
    refused(&administration, &["prescriber_licence_check_missing"]);
    clinic.check(&authority, json!({"outcome": "verified", "source": "register"}));
    let made = clinic.create(Role::Practitioner, "/v1/administrations", &administration);
    assert_eq!(made["prescriber_id"], json!(prescriber));

    // In each respect of rule 1, the prescribing authority counts or it does not.
    let old = json!({"outcome": "verified", "source": "register", "checked_at": "2025-01-01T00:00:00Z"});
    let lapsed = json!({"outcome": "lapsed", "source": "register"});
    let verified = json!({"outcome": "verified", "source": "register"});
    let mut numbers = 0;
    for (field, value, check, expected) in [
        ("valid_to", json!("2026-06-30"), &verified, "prescriber_licence_outside_validity"),
        ("product_classes", json!(["lipolytic"]), &verified, "prescriber_licence_scope"),
        ("jurisdiction", json!("FR"), &verified, "prescriber_licence_jurisdiction"),
        ("valid_to", json!("2027-12-31"), &lapsed, "prescriber_licence_check_failed"),
        ("valid_to", json!("2027-12-31"), &old, "prescriber_licence_check_stale"),
    ] {
        let person = json!({"name": "Dr Q. Example", "profession": "doctor"});
        let person = id(&clinic.create(Role::Admin, "/v1/practitioners", &person));
        // One licence has one holder: each of them has a number of their own.
        numbers += 1;
        let number = (7_654_321 + numbers).to_string();
        let mut authority = licence(("practitioner", &person), "prescriber", "GMC", number.as_str());
        authority[field] = value;
        let authority = id(&clinic.create(Role::Admin, "/v1/licences", &authority));
        clinic.check(&authority, check.clone());
        administration["prescriber_id"] = json!(person);
        refused(&administration, &[expected]);
    }
}

fn nobody_checks_their_own_licence(world: &World) {
    let clinic = world.clinic();
    let person = |subject: &str| {
        let body = json!({"name": "Dr A. Example", "profession": "doctor", "subject": subject});
        let person = id(&clinic.create(Role::Admin, "/v1/practitioners", &body));
        let registration = licence(("practitioner", &person), "professional_registration", "GMC", "7654321");
        id(&clinic.create(Role::Admin, "/v1/licences", &registration))
    };
    let (ann, bob) = (person("ann"), person("bob"));
    let check = |by: &str, licence: &str| {
        let body = json!({"outcome": "verified", "source": "register"});
        let token = clinic.token_as(by, &[Role::Admin]);
        let (status, answer) = clinic.http.post(&token, &format!("/v1/licences/{licence}/checks"), &body);
        (status, answer["code"].clone())
    };
    assert_eq!(check("ann", &ann), (409, json!("self_approved_check")));
    assert_eq!(check("ann", &bob), (201, Value::Null));
    assert_eq!(check("bob", &ann), (409, json!("circular_check")));
    assert_eq!(check("cat", &ann), (201, Value::Null));
}

fn who_signs_says_what_it_means(world: &World) {
    let clinic = world.clinic();
    let (receipt, lot) = clinic.receive("LOT1", "2027-06-30", 1);
    let inspected =
        clinic.create(Role::Purchaser, "/v1/inspections", &clinic.inspection(&receipt, &lot, 2, 0))["signature"]
            .clone();
    let released =
        clinic.create(Role::Quality, &format!("/v1/lots/{lot}/releases"), &clinic.release(2))["signature"].clone();
    assert_eq!((&inspected["meaning"], &released["meaning"]), (&json!("inspected"), &json!("released")));
    assert_ne!(inspected["signer"], released["signer"]);
    let mut administration = clinic.administration(&lot, 1);
    administration["treatment"]["amount_used"] = json!("0.8");
    administration["treatment"]["amount_discarded"] = json!("0.45");
    let made = clinic.create(Role::Practitioner, "/v1/administrations", &administration);
    assert_eq!(made["treatment"]["amount_discarded"], json!("0.45"));
}

fn the_morning_list_names_what_needs_attention(world: &World) {
    let clinic = world.clinic();
    let (_, soon) = clinic.receive("SOON", "2026-07-31", 1); // START is 2026-07-01: the thirtieth day
    clinic.receive("LATER", "2026-08-01", 1);
    let held = clinic.receive_inspect_release("HELD", 2);
    clinic.hold(&held);
    clinic.check(&clinic.registration, json!({"outcome": "suspended", "source": "register"}));
    clinic.create(Role::Practitioner, "/v1/administrations", &in_retrospect(clinic.administration(&held, 1)));

    let list = clinic.read(&format!("/v1/attention?site_id={}", clinic.site));
    let lots =
        |of: &str| -> Vec<Value> { list[of].as_array().unwrap().iter().map(|item| item["lot_id"].clone()).collect() };
    assert_eq!(lots("expiring_stock"), [json!(soon)]);
    assert_eq!(lots("held_stock_to_move"), [json!(held)]);
    let lapsing = &list["lapsing_licences"];
    assert_eq!(lapsing.as_array().unwrap().len(), 1, "{lapsing}");
    assert_eq!(
        (&lapsing[0]["licence_id"], &lapsing[0]["lapse"]),
        (&json!(clinic.registration), &json!("check_failed"))
    );
    assert_eq!(list["open_holds"].as_array().unwrap().len(), 1);
    assert_eq!(list["deviations"][0]["reason_codes"].as_array().unwrap().len(), 2);
}
