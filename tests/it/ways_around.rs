//! Ways around rules that somebody found by using the program: another record of the same licence, an opened unit in the place of a
//! sealed one, units without a number beside numbered ones, a delivery that was too warm, what another site is told.

use lotline::caller::Role;
use serde_json::{Value, json};

use super::support::client::codes;
use super::support::clinic::{EXPIRY, GTIN, gtin, id, licence, product, site};
use super::support::{Clinic, World, on_both_databases};

on_both_databases!(
    what_is_said_of_a_licence_is_said_of_every_record_of_it,
    whose_registration_is_suspended_prescribes_nothing,
    what_was_held_does_not_move_late_past_its_lifting,
    opening_a_pack_does_not_jump_the_queue,
    a_lot_that_is_kept_by_number_takes_no_units_without_one,
    goods_that_came_too_warm_or_too_cold_are_flagged,
    what_became_of_a_patient_is_told_at_no_single_site,
);

fn suspend(clinic: &Clinic, licence: &str) {
    clinic.check(licence, json!({"outcome": "suspended", "source": "register", "effective_on": "2026-06-01"}));
}

fn what_is_said_of_a_licence_is_said_of_every_record_of_it(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 4);
    let asked = |reasons: &[&str]| {
        let path = format!(
            "/v1/eligibility?site_id={}&product_id={}&practitioner_id={}",
            clinic.site, clinic.product, clinic.practitioner
        );
        assert_eq!(codes(&clinic.read(&path)["decision"]), reasons);
        let body = clinic.administration(&lot, 1);
        if reasons.is_empty() {
            clinic.create(Role::Practitioner, "/v1/administrations", &body);
        } else {
            clinic.assert_refused(Role::Practitioner, "/v1/administrations", &body, reasons);
        }
    };
    asked(&[]);
    // Another registration is another licence; what is said of it says nothing of this one.
    let held = clinic.read(&format!("/v1/licences/{}", clinic.registration));
    let (authority, number) = (held["authority"].as_str().unwrap(), held["number"].as_str().unwrap());
    let practitioner = ("practitioner", clinic.practitioner.as_str());
    let other = id(&clinic.create(
        Role::Admin,
        "/v1/licences",
        &licence(practitioner, "professional_registration", "NMC", "12A3456B"),
    ));
    suspend(&clinic, &other);
    asked(&[]);
    // A second record of the one that is suspended, in whatever way it is written, does not count for it.
    suspend(&clinic, &clinic.registration);
    asked(&["practitioner_licence_check_failed"]);
    for (authority, number, jurisdiction) in
        [(authority.to_owned(), number.to_owned(), "GB"), (authority.to_lowercase(), number.to_owned(), "GB-ENG")]
    {
        let mut twin = licence(practitioner, "professional_registration", &authority, &number);
        twin["jurisdiction"] = json!(jurisdiction);
        clinic.checked_licence(&twin);
        asked(&["practitioner_licence_check_failed"]);
    }
    // Its authority's verification of the one that was suspended ends it for all.
    clinic.check(&clinic.registration, json!({"outcome": "verified", "source": "register"}));
    asked(&[]);
}

fn whose_registration_is_suspended_prescribes_nothing(world: &World) {
    let clinic = world.clinic();
    let mut prescribed = product(&gtin(1));
    prescribed["requires_prescriber"] = json!(true);
    let made = clinic.create(Role::Admin, "/v1/products", &prescribed);
    let lines = json!([{"gtin": made["gtin"], "lot": "RX", "expiry": EXPIRY, "packs": 2}]);
    let receipt = clinic.create(Role::Purchaser, "/v1/receipts", &clinic.receipt(lines));
    let lot = receipt["lines"][0]["lot_id"].as_str().unwrap().to_owned();
    clinic.create(Role::Purchaser, "/v1/inspections", &clinic.inspection(&id(&receipt), &lot, 4, 0));
    clinic.create(Role::Quality, &format!("/v1/lots/{lot}/releases"), &clinic.release(4));

    let person = json!({"name": "Dr C. Example", "profession": "doctor"});
    let doctor = id(&clinic.create(Role::Admin, "/v1/practitioners", &person));
    clinic.checked_licence(&licence(("practitioner", &doctor), "prescriber", "GMC", "7654321"));
    let mut body = clinic.administration(&lot, 1);
    body["prescriber_id"] = json!(doctor);
    clinic.create(Role::Practitioner, "/v1/administrations", &body);
    let registration = licence(("practitioner", &doctor), "professional_registration", "GMC", "7654321");
    let registration = id(&clinic.create(Role::Admin, "/v1/licences", &registration));
    body["patient_ref"] = json!("P-2");
    clinic.create(Role::Practitioner, "/v1/administrations", &body);
    suspend(&clinic, &registration);
    body["patient_ref"] = json!("P-3");
    clinic.assert_refused(Role::Practitioner, "/v1/administrations", &body, &["practitioner_licence_check_failed"]);
}

fn what_was_held_does_not_move_late_past_its_lifting(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.stocked("LOT1", "2027-06-30", 4);
    let hold = id(&clinic.hold(&lot));
    world.clock.set("2026-07-02T10:00:00Z");
    let lift = json!({"reason": "Unrelated"});
    let lifter = clinic.token_as("lifter", &[Role::Quality]);
    assert_eq!(clinic.http.post(&lifter, &format!("/v1/holds/{hold}/lift"), &lift).0, 200);
    // At its moment it would have moved held units: the lifting freed them where they were, and would not have freed them there.
    let late = json!({
        "lot_id": lot, "from_location_id": clinic.stock, "to_location_id": clinic.quarantine, "units": 2, "state": "held",
        "reason": "Set apart", "occurred_at": "2026-07-02T09:00:00Z"
    });
    clinic.assert_refused(Role::Quality, "/v1/transfers", &late, &["stock_moved_since"]);
}

fn opening_a_pack_does_not_jump_the_queue(world: &World) {
    let clinic = world.clinic();
    let late = clinic.stocked("LATE", "2027-06-30", 4);
    let open = |lot: &str| json!({"lot_id": lot, "location_id": clinic.stock});
    clinic.create(Role::Practitioner, "/v1/containers", &open(&late));
    world.clock.set("2026-07-02T10:00:00Z");
    let early = clinic.stocked("EARLY", "2027-03-31", 2);
    clinic.create(Role::Practitioner, "/v1/containers", &open(&late));
    assert_eq!(clinic.patch("/v1/policies", &json!({"expiry_order": "refuse"})).status, 200);
    world.clock.set("2026-07-03T10:00:00Z");
    clinic.assert_refused(Role::Practitioner, "/v1/containers", &open(&late), &["earlier_expiry_first"]);
    // What was opened before it came, or before it was asked for, may be used up; and so may a late entry of then.
    let mut before = open(&late);
    before["opened_at"] = json!("2026-07-01T20:00:00Z");
    clinic.create(Role::Practitioner, "/v1/containers", &before);
    clinic.create(Role::Practitioner, "/v1/containers", &open(&early));
    clinic.create(Role::Practitioner, "/v1/containers", &open(&early));
    clinic.create(Role::Practitioner, "/v1/containers", &open(&late));
}

fn a_lot_that_is_kept_by_number_takes_no_units_without_one(world: &World) {
    let clinic = world.clinic();
    let line = json!({"gtin": GTIN, "lot": "NUMBERED", "expiry": "2027-06-30", "serials": ["N1"], "packs": 1});
    clinic.create(Role::Purchaser, "/v1/receipts", &clinic.receipt(json!([line])));
    let site = clinic.read(&format!("/v1/sites/{}", clinic.site))["name"].as_str().unwrap().to_owned();
    let place = clinic.read(&format!("/v1/locations/{}", clinic.stock))["name"].as_str().unwrap().to_owned();
    let file = |lot: &str| {
        format!(
            "site,place,gtin,lot,expiry,units,attestation\n{site},{place},{GTIN},{lot},2027-06,2,Kept here since March\n"
        )
    };
    let send = |lot: &str| -> Value {
        let bearer = format!("Bearer {}", clinic.token(Role::Quality));
        let headers = [("authorization", bearer.as_str()), ("content-type", "text/csv")];
        let answer = clinic.http.send("POST", "/v1/imports?kind=opening_stock", &headers, Some(file(lot).as_bytes()));
        assert_eq!(answer.status, 200, "{}", answer.json());
        answer.json()
    };
    let refused = send("NUMBERED");
    assert_eq!((&refused["imported"], &refused["refused"]), (&json!(false), &json!(1)), "{refused}");
    assert_eq!(refused["verdicts"][0]["code"], "serials_required", "{refused}");
    // A month is its last day here, too; and a lot without numbers comes in.
    assert_eq!(send("PLAIN")["imported"], true);
    assert_eq!(clinic.read("/v1/lots?lot=PLAIN")["items"][0]["expiry"], "2027-06-30");
}

fn goods_that_came_too_warm_or_too_cold_are_flagged(world: &World) {
    let clinic = world.clinic();
    let kept = clinic.read(&format!("/v1/products/{}", clinic.product));
    let (least, most) = (kept["storage"]["min_c"].as_f64().unwrap(), kept["storage"]["max_c"].as_f64().unwrap());
    for (index, (celsius, flagged)) in [
        (Some(least), false),
        (Some(most), false),
        (Some(most + 0.1), true),
        (Some(least - 0.1), true),
        (Some(-20.0), true),
        (None, false),
    ]
    .into_iter()
    .enumerate()
    {
        let line = json!({"gtin": GTIN, "lot": format!("T{index}A"), "expiry": EXPIRY, "packs": 1});
        let mut receipt = clinic.receipt(json!([line]));
        receipt["arrival_temperature_c"] = json!(celsius);
        let made = clinic.create(Role::Purchaser, "/v1/receipts", &receipt);
        let flags = made["lines"][0]["flags"].as_array().unwrap();
        assert_eq!(flags.contains(&json!("arrived_out_of_band")), flagged, "{celsius:?}: {flags:?}");
    }
}

fn what_became_of_a_patient_is_told_at_no_single_site(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 2);
    assert_eq!(clinic.administer(&lot, 1).0, 201);
    let elsewhere = id(&clinic.create(Role::Admin, "/v1/sites", &site()));
    let erasure = json!({"patient_ref": "P-1001", "reason": "Asked for in writing"});
    let (status, refused) = clinic.post(Role::Admin, "/v1/patients/erasures", &erasure);
    assert_eq!(status, 409, "{refused}");
    let mut anyway = erasure.clone();
    anyway["override_reason"] = json!("Legal has agreed");
    clinic.create(Role::Admin, "/v1/patients/erasures", &anyway);
    let events = |sites: Option<&str>| {
        let sites = sites.map(|site| vec![site.parse().unwrap()]);
        let token = clinic.sign(&clinic.organisation, "inspector", &[Role::Auditor], sites);
        let (status, found) = clinic.http.get(&token, "/v1/events?limit=200");
        assert_eq!(status, 200);
        found["items"].as_array().unwrap().iter().filter(|event| event.to_string().contains("pat_")).count()
    };
    assert_eq!(events(Some(&elsewhere)), 0);
    assert!(events(None) >= 3, "the administration, the refusal and the erasure");
}
