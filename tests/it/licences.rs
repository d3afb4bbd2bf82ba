//! Licences over time: late entries, what is found out later, what was mis-keyed, and which of several speaks.
//!
//! DOMAIN rules 1, 3 and 20a. It is 2026-07-01T10:00Z when a scenario begins.

use std::sync::Barrier;

use lotline::caller::Role;
use serde_json::{Value, json};

use super::support::client::codes;
use super::support::clinic::{GTIN, id, licence, product, scan, whole};
use super::support::{Clinic, Kind, World, on_both_databases};

on_both_databases!(
    a_verification_speaks_for_days_before_it_and_not_for_adverse_ones,
    what_a_later_entry_makes_untrue_is_flagged_until_it_is_acknowledged,
    what_was_mis_keyed_is_reversed_unless_others_rest_on_it,
    a_reversed_verification_flags_what_it_made_good,
    of_two_who_reverse_one_wins,
    nobody_reverses_what_speaks_against_themselves,
    of_several_licences_one_that_fits_speaks,
    an_approval_is_verified_again,
    what_was_recorded_before_knows_its_checks,
    what_an_authority_spoke_against_is_not_written_down_for_another,
);

fn said(outcome: &str) -> Value {
    json!({"outcome": outcome, "source": "register"})
}

fn placed(clinic: &Clinic) -> String {
    let order = json!({
        "site_id": clinic.site, "supplier_id": clinic.supplier,
        "lines": [{"product_id": clinic.product, "packs": 1}]
    });
    let order = id(&clinic.create(Role::Purchaser, "/v1/orders", &order));
    clinic.create(Role::Purchaser, &format!("/v1/orders/{order}/place"), &json!({}));
    order
}

fn administered(clinic: &Clinic, lot: &str) -> String {
    id(&clinic.create(Role::Practitioner, "/v1/administrations", &clinic.administration(lot, 1)))
}

/// The code of a problem with its status.
fn refused((status, problem): (u16, Value)) -> (u16, String) {
    (status, problem["code"].as_str().unwrap_or_default().to_owned())
}

/// Corrects the product, of that version.
fn correct(clinic: &Clinic, version: i64, product: &Value) {
    let path = format!("/v1/products/{}", clinic.product);
    let answer = clinic.put(&path, &[("if-match", &format!("\"{version}\""))], &whole("products", product));
    assert_eq!(answer.status, 200, "{}", answer.json());
}

/// What a licence has touched: orders and administrations.
fn touched(clinic: &Clinic, licence: &str) -> (Value, Value) {
    let touched = clinic.read(&format!("/v1/licences/{licence}"))["touched"].clone();
    (touched["orders"].clone(), touched["administrations"].clone())
}

/// The same as the morning list has it; none when the licence is not on it.
fn on_the_list(clinic: &Clinic, licence: &str) -> Option<(Value, Value)> {
    let list = clinic.read("/v1/attention")["touched_by_licences"].clone();
    let found = list.as_array().unwrap().iter().find(|entry| entry["licence_id"] == licence).cloned();
    found.map(|entry| (entry["orders"].clone(), entry["administrations"].clone()))
}

/// The reasons that a product may not be bought for, on a day.
fn on(clinic: &Clinic, day: &str) -> Vec<String> {
    let path = format!("/v1/eligibility?site_id={}&product_id={}&on={day}", clinic.site, clinic.product);
    codes(&clinic.read(&path)["decision"])
}

fn a_verification_speaks_for_days_before_it_and_not_for_adverse_ones(world: &World) {
    let clinic = world.clinic();
    // Verified today for the first time, the licence counts from its first day on.
    assert_eq!(on(&clinic, "2026-01-01"), Vec::<String>::new());
    assert_eq!(on(&clinic, "2025-12-31"), ["site_licence_outside_validity"]);
    let failed = ["site_licence_check_failed"];
    let checked_at = |mut check: Value, at: &str| {
        check["checked_at"] = json!(at);
        check
    };
    let mut suspended = checked_at(said("suspended"), "2026-03-10T09:00:00Z");
    suspended["effective_on"] = json!("2026-03-01");
    clinic.check(&clinic.facility_licence, suspended);
    // The verification of today ended it, and makes none of its days good.
    let none: [&str; 0] = [];
    for (day, expected) in [("2026-02-28", &none[..]), ("2026-03-01", &failed), ("2026-06-30", &failed)] {
        assert_eq!(on(&clinic, day), expected, "{day}");
    }
    // One that was forgotten and is entered now ends it at its own moment.
    clinic.check(&clinic.facility_licence, checked_at(said("verified"), "2026-03-20T09:00:00Z"));
    for (day, expected) in [("2026-03-20", &failed[..]), ("2026-03-21", &none), ("2026-06-30", &none)] {
        assert_eq!(on(&clinic, day), expected, "{day}");
    }

    // At the chair: what happened yesterday is entered today, by what was so yesterday.
    let lot = clinic.receive_inspect_release("LOT1", 4);
    world.clock.advance_days(2);
    clinic.check(&clinic.registration, said("suspended"));
    let code = scan("270630", "LOT1", None);
    clinic.assert_not_at_the_chair(&code, &["practitioner_licence_check_failed"]);
    let mut late = clinic.administration(&lot, 1);
    late["occurred_at"] = json!("2026-07-02T10:00:00Z");
    clinic.create(Role::Practitioner, "/v1/administrations", &late);
    world.clock.advance_days(2);
    clinic.check(&clinic.registration, said("verified"));
    late["occurred_at"] = json!("2026-07-04T10:00:00Z");
    clinic.assert_refused(Role::Practitioner, "/v1/administrations", &late, &["practitioner_licence_check_failed"]);
    let done = clinic.assert_at_the_chair(&code);
    // The check that governed is named.
    let done = clinic.read(&format!("/v1/administrations/{}", id(&done)));
    let basis = done["decision"]["basis"].as_array().unwrap();
    let fact = basis.iter().find(|fact| fact["id"] == json!(clinic.registration)).unwrap();
    let checks = clinic.read(&format!("/v1/licences/{}", clinic.registration))["checks"].clone();
    assert_eq!((&fact["check_id"], &fact["check_outcome"]), (&checks[2]["id"], &json!("verified")));
}

fn what_a_later_entry_makes_untrue_is_flagged_until_it_is_acknowledged(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 6);
    let early = administered(&clinic, &lot);
    world.clock.advance_days(10);
    let order = placed(&clinic);
    let late = administered(&clinic, &lot);
    let facility = &clinic.facility_licence;
    let acknowledgements = format!("/v1/licences/{facility}/acknowledgements");
    let note = json!({"note": "The patients were told"});
    assert_eq!(touched(&clinic, facility), (json!([]), json!([])));
    assert_eq!(refused(clinic.post(Role::Quality, &acknowledgements, &note)), (409, "nothing_to_acknowledge".into()));

    world.clock.advance_days(10);
    let lost = |on: &str| json!({"outcome": "suspended", "source": "register", "effective_on": on});
    for licence in [facility, &clinic.registration, &clinic.wholesale_licence] {
        clinic.check(licence, lost("2026-07-05"));
    }
    assert_eq!(touched(&clinic, facility), (json!([order]), json!([late])));
    assert_eq!(touched(&clinic, &clinic.registration), (json!([]), json!([late])));
    assert_eq!(touched(&clinic, &clinic.wholesale_licence), (json!([order]), json!([])));
    assert_eq!(on_the_list(&clinic, facility), Some((json!([order]), json!([late]))));
    // The decisions stay as they were made.
    assert_eq!(clinic.read(&format!("/v1/orders/{order}"))["decision"]["allowed"], true);
    // Verified again, it counts from now on; what it touched, it has touched.
    clinic.check(facility, said("verified"));
    assert_eq!(touched(&clinic, facility), (json!([order]), json!([late])));

    // Whoever works at another site does not acknowledge for this one.
    let site = super::support::clinic::site();
    let elsewhere = id(&clinic.create(Role::Admin, "/v1/sites", &site));
    let sites = Some(vec![elsewhere.parse().unwrap()]);
    let away = clinic.sign(&clinic.organisation, "away", &[Role::Quality], sites);
    let theirs = format!("/v1/licences/{}/acknowledgements", clinic.wholesale_licence);
    assert_eq!(refused(clinic.http.post(&away, &theirs, &note)), (403, "beyond_your_sites".into()));

    let made = clinic.create(Role::Quality, &acknowledgements, &note);
    assert_eq!((&made["note"], &made["acknowledged_by"]), (&note["note"], &json!("quality")));
    assert_eq!(on_the_list(&clinic, facility), None);
    assert!(on_the_list(&clinic, &clinic.registration).is_some());
    let shown = clinic.read(&format!("/v1/licences/{facility}"));
    assert_eq!((&shown["acknowledged"]["id"], &shown["touched"]["orders"]), (&made["id"], &json!([order])));
    assert_eq!(refused(clinic.post(Role::Quality, &acknowledgements, &note)), (409, "nothing_to_acknowledge".into()));

    // The same found once more touches no more; an earlier day does, and only that is shown again.
    clinic.check(facility, lost("2026-07-06"));
    clinic.check(facility, said("verified"));
    assert_eq!(on_the_list(&clinic, facility), None);
    clinic.check(facility, lost("2026-06-30"));
    assert_eq!(touched(&clinic, facility), (json!([order]), json!([early, late])));
    assert_eq!(on_the_list(&clinic, facility), Some((json!([]), json!([early]))));
    // What was voided has touched nobody.
    let void = json!({"reason": "Wrong patient", "returned_to_stock": false});
    clinic.create(Role::Quality, &format!("/v1/administrations/{early}/voids"), &void);
    assert_eq!(on_the_list(&clinic, facility), None);
    assert_eq!(touched(&clinic, facility), (json!([order]), json!([late])));
}

fn what_was_mis_keyed_is_reversed_unless_others_rest_on_it(world: &World) {
    let clinic = world.clinic();
    clinic.receive_inspect_release("LOT1", 4);
    let facility = &clinic.facility_licence;
    let first = clinic.read(&format!("/v1/licences/{facility}"))["checks"][0]["id"].as_str().unwrap().to_owned();
    let of_licence = |licence: &str| format!("/v1/licences/{licence}/reversals");
    let of_check = |licence: &str, check: &str| format!("/v1/licences/{licence}/checks/{check}/reversals");
    let why = json!({"reason": "Keyed for the wrong site"});

    // A suspension that belongs to another licence: nobody can treat, until it is reversed.
    let wrong = id(&clinic.check(facility, said("suspended")));
    let code = scan("270630", "LOT1", None);
    clinic.assert_not_at_the_chair(&code, &["site_licence_check_failed"]);
    let reversal = clinic.create(Role::Quality, &of_check(facility, &wrong), &why);
    assert_eq!((&reversal["check_id"], &reversal["reversed_by"]), (&json!(wrong), &json!("quality")));
    let administration = id(&clinic.assert_at_the_chair(&code));
    let shown = clinic.read(&format!("/v1/licences/{facility}"));
    assert_eq!(shown["checks"].as_array().unwrap().len(), 2, "it stays on record");
    assert_eq!((&shown["checks"][0]["reversal"], &shown["checks"][1]["reversal"]), (&Value::Null, &reversal));
    assert_eq!(shown["reversal"], Value::Null);
    let (status, again) = clinic.post(Role::Admin, &of_check(facility, &wrong), &why);
    assert_eq!((status, &again["code"]), (409, &json!("already_reversed")), "{again}");

    // What decisions rest on is not taken back; they are listed.
    let order = placed(&clinic);
    for path in [of_check(facility, &first), of_licence(facility)] {
        let (status, problem) = clinic.post(Role::Quality, &path, &why);
        assert_eq!((status, &problem["code"]), (409, &json!("others_rest_on_it")), "{problem}");
        let dependents = json!([{"type": "administration", "id": administration}, {"type": "order", "id": order}]);
        assert_eq!(problem["dependents"], dependents);
        assert!(problem["detail"].as_str().unwrap().contains(&order), "{problem}");
    }
    // An order that was cancelled, and an administration that was voided, rest on nothing.
    clinic.create(Role::Purchaser, &format!("/v1/orders/{order}/cancel"), &json!({"reason": "Not needed"}));
    let void = json!({"reason": "Wrong patient", "returned_to_stock": false});
    clinic.create(Role::Quality, &format!("/v1/administrations/{administration}/voids"), &void);
    clinic.create(Role::Quality, &of_check(facility, &first), &why);
    clinic.assert_not_at_the_chair(&code, &["site_licence_check_missing"]);

    // A licence goes with its checks, and takes no more of them.
    let spare = clinic.checked_licence(&licence(("site", &clinic.site), "facility", "CQC", "1-200"));
    clinic.assert_at_the_chair(&code);
    let (_, problem) = clinic.post(Role::Quality, &of_licence(&spare), &why);
    assert_eq!(problem["dependents"].as_array().unwrap().len(), 1, "{problem}");
    let other = clinic.checked_licence(&licence(("supplier", &clinic.supplier), "wholesale", "MHRA", "WDA 900"));
    let reversal = clinic.create(Role::Admin, &of_licence(&other), &why);
    assert_eq!(clinic.read(&format!("/v1/licences/{other}"))["reversal"], reversal);
    let listed = clinic.read("/v1/licences?kind=wholesale");
    let reversed: Vec<_> = listed["items"].as_array().unwrap().iter().map(|l| l["reversal"].is_object()).collect();
    assert_eq!(reversed, [false, true]);
    let more = format!("/v1/licences/{other}/checks");
    assert_eq!(refused(clinic.post(Role::Admin, &more, &said("verified"))), (409, "already_reversed".into()));
    let own = clinic.read(&format!("/v1/licences/{other}"))["checks"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(refused(clinic.post(Role::Admin, &of_check(&other, &own), &why)), (409, "already_reversed".into()));
    let wholesale = clinic.read(&format!("/v1/licences/{}", clinic.wholesale_licence));
    let theirs = wholesale["checks"][0]["id"].as_str().unwrap();
    assert_eq!(refused(clinic.post(Role::Admin, &of_check(&other, theirs), &why)), (404, "not_found".into()));
    let bare = json!({"reason": ""});
    assert_eq!(refused(clinic.post(Role::Admin, &of_licence(&other), &bare)), (422, "invalid_text".into()));
    // It is neither on the morning list nor what lapses.
    let custody = clinic.read(&format!("/v1/events?subject={other}"));
    let kinds: Vec<_> = custody["items"].as_array().unwrap().iter().map(|event| event["kind"].clone()).collect();
    assert!(kinds.contains(&json!("licence_reversed")), "{kinds:?}");
}

fn a_reversed_verification_flags_what_it_made_good(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 4);
    let facility = &clinic.facility_licence;
    clinic.check(facility, said("suspended"));
    world.clock.advance_days(1);
    let wrong = id(&clinic.check(facility, said("verified")));
    world.clock.advance_days(2);
    clinic.check(facility, said("verified"));
    // It is entered when the newer verification is on record, and rests on that; the one before ended the suspension.
    let mut late = clinic.administration(&lot, 1);
    late["occurred_at"] = json!("2026-07-03T10:00:00Z");
    let late = id(&clinic.create(Role::Practitioner, "/v1/administrations", &late));
    assert_eq!(on_the_list(&clinic, facility), None);
    let why = json!({"reason": "The answer was for another clinic"});
    clinic.create(Role::Quality, &format!("/v1/licences/{facility}/checks/{wrong}/reversals"), &why);
    assert_eq!(on_the_list(&clinic, facility), Some((json!([]), json!([late]))));
}

fn of_two_who_reverse_one_wins(world: &World) {
    let clinic = world.clinic();
    let wrong = id(&clinic.check(&clinic.facility_licence, said("suspended")));
    let path = format!("/v1/licences/{}/checks/{wrong}/reversals", clinic.facility_licence);
    let start = Barrier::new(8);
    let answers: Vec<_> = std::thread::scope(|scope| {
        let (start, path, clinic) = (&start, &path, &clinic);
        let ask = |_| {
            scope.spawn(move || {
                start.wait();
                refused(clinic.post(Role::Quality, path, &json!({"reason": "Keyed for the wrong site"})))
            })
        };
        let threads: Vec<_> = (0..8).map(ask).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let told = answers.iter().filter(|answer| **answer == (409, "already_reversed".to_owned())).count();
    assert_eq!((answers.iter().filter(|answer| answer.0 == 201).count(), told), (1, 7), "{answers:?}");
}

fn nobody_reverses_what_speaks_against_themselves(world: &World) {
    let clinic = world.clinic();
    let person = json!({"name": "Dr B. Example", "profession": "doctor", "subject": "bob"});
    let person = id(&clinic.create(Role::Admin, "/v1/practitioners", &person));
    let registration = licence(("practitioner", &person), "professional_registration", "GMC", "7654321");
    let registration = clinic.checked_licence(&registration);
    let lost = id(&clinic.check(&registration, said("suspended")));
    let bob = clinic.token_as("bob", &[Role::Admin, Role::Quality]);
    let path = format!("/v1/licences/{registration}/checks/{lost}/reversals");
    let why = json!({"reason": "I am fine"});
    assert_eq!(refused(clinic.http.post(&bob, &path, &why)), (409, "self_approved_check".into()));
    clinic.create(Role::Quality, &path, &why);
}

fn of_several_licences_one_that_fits_speaks(world: &World) {
    let clinic = world.clinic();
    clinic.receive_inspect_release("LOT1", 2);
    let code = scan("270630", "LOT1", None);
    let mut trained = product(GTIN);
    trained["requires_training"] = json!(true);
    correct(&clinic, 1, &trained);
    let certificate = |changes: &[(&str, Value)]| {
        let mut body = licence(("practitioner", &clinic.practitioner), "training", "Maker", "T-1");
        for (field, value) in changes {
            body[*field] = value.clone();
        }
        clinic.checked_licence(&body)
    };
    certificate(&[("product_classes", json!(["neuromodulator"]))]);
    certificate(&[("jurisdiction", json!("FR"))]);
    let expired = certificate(&[("product_classes", json!(["hybrid_filler"])), ("valid_to", json!("2026-06-30"))]);
    clinic.assert_not_at_the_chair(&code, &["training_missing"]);
    let scanned = clinic.create(Role::Practitioner, "/v1/scans", &clinic.question(&code));
    assert_eq!(scanned["decision"]["reasons"][0]["subject"]["id"], json!(expired), "{scanned}");
    // And it is what the morning list asks for: no other covers it.
    let lapsing = clinic.read("/v1/attention")["lapsing_licences"].clone();
    let lapsing: Vec<_> = lapsing.as_array().unwrap().iter().map(|entry| entry["licence_id"].clone()).collect();
    assert_eq!(lapsing, [json!(expired)]);
    certificate(&[("product_classes", json!(["hybrid_filler", "ha_filler"]))]);
    assert_eq!(clinic.read("/v1/attention")["lapsing_licences"], json!([]));
    clinic.assert_at_the_chair(&code);
}

fn an_approval_is_verified_again(world: &World) {
    let clinic = world.clinic();
    clinic.receive_inspect_release("LOT1", 6);
    let code = scan("270630", "LOT1", None);
    let due = || clinic.read(&format!("/v1/attention?site_id={}", clinic.site))["approvals_to_verify"].clone();
    // Verified on 2026-01-05, it counts to 2027-01-05 where nothing else is said.
    assert_eq!(due(), json!([]));
    let recheck = |days: i64| {
        assert_eq!(clinic.patch("/v1/policies", &json!({"approval_recheck_days": days})).status, 200);
        assert_eq!(clinic.read("/v1/policies")["approval_recheck_days"], json!(days));
    };
    // 177 days after 2026-01-05 is 2026-07-01, today.
    recheck(177);
    clinic.assert_at_the_chair(&code);
    let entry = json!([{
        "product_id": clinic.product, "name": "HArmonyCa", "jurisdiction": "GB", "verified_on": "2026-01-05",
        "verify_by": "2026-07-01"
    }]);
    assert_eq!(due(), entry);
    world.clock.advance_days(1);
    clinic.assert_not_at_the_chair(&code, &["product_authorisation_stale"]);
    assert_eq!(on(&clinic, "2026-07-02"), ["product_authorisation_stale"]);
    assert_eq!(on(&clinic, "2026-07-01"), Vec::<String>::new());
    let lines = json!([{"gtin": GTIN, "lot": "LOT2", "expiry": "2027-06-30", "packs": 1}]);
    let received = clinic.create(Role::Purchaser, "/v1/receipts", &clinic.receipt(lines));
    assert_eq!(received["lines"][0]["flags"], json!(["product_authorisation_stale"]));
    assert_eq!(due(), entry);
    // Somebody looks again.
    let mut again = product(GTIN);
    again["approvals"][0]["verified_on"] = json!("2026-07-02");
    correct(&clinic, 1, &again);
    clinic.assert_at_the_chair(&code);
    assert_eq!(due(), json!([]));
    // What is not in use is not looked after.
    recheck(1);
    assert_eq!(due().as_array().unwrap().len(), 1);
    let gone = json!({"reason": "No longer bought"});
    clinic.create(Role::Admin, &format!("/v1/products/{}/retire", clinic.product), &gone);
    assert_eq!(due(), json!([]));
}

/// The migration that keeps which check governed finds it in what was recorded before.
fn what_was_recorded_before_knows_its_checks(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 4);
    placed(&clinic);
    administered(&clinic, &lot);
    clinic.check(&clinic.registration, said("suspended"));
    let mut against = clinic.administration(&lot, 1);
    against["retrospective"] = json!({"reason": "Found in the paper notes"});
    clinic.create(Role::Practitioner, "/v1/administrations", &against);
    let kept = "SELECT licence_id || subject_id || COALESCE(check_id, '') AS line FROM decision_licences ORDER BY 1";
    let before = world.database.lines(kept);
    assert_eq!(before.len(), 6);
    // What it was read from stood in the tables then.
    let downs = match world.database.kind {
        Kind::Sqlite => [
            include_str!("../../migrations/sqlite/2026-11-29-000033_sealed/down.sql"),
            include_str!("../../migrations/sqlite/2026-11-28-000024_said_once/down.sql"),
            include_str!("../../migrations/sqlite/2026-11-21-000009_licences/down.sql"),
        ],
        Kind::Postgres => [
            include_str!("../../migrations/postgres/2026-11-29-000033_sealed/down.sql"),
            include_str!("../../migrations/postgres/2026-11-28-000024_said_once/down.sql"),
            include_str!("../../migrations/postgres/2026-11-21-000009_licences/down.sql"),
        ],
    };
    for (down, version) in downs.into_iter().zip(["20261129000033", "20261128000024", "20261121000009"]) {
        world.database.execute(down).unwrap();
        let undone = format!("DELETE FROM __diesel_schema_migrations WHERE version = '{version}'");
        world.database.execute(&undone).unwrap();
    }
    lotline::upgrade::run(&world.database.url, &world.database.patients()).unwrap();
    assert_eq!(world.database.lines(kept), before);
    // What was taken away and made again is not as the newest migrations leave it; what it says is the same.
    world.will_not_verify();
    let findings = lotline::verify::verify(&world.database.url).unwrap().findings;
    let others: Vec<_> = findings.iter().filter(|finding| !finding.starts_with("schema: ")).collect();
    assert!(others.is_empty(), "{others:?}");
}

fn what_an_authority_spoke_against_is_not_written_down_for_another(world: &World) {
    let clinic = world.clinic();
    let body = json!({"name": "Example Trading", "country": "GB", "approved_classes": ["hybrid_filler"]});
    let another = id(&clinic.create(Role::Admin, "/v1/suppliers", &body));
    // The same licence, however its number and its authority are written.
    let same = licence(("supplier", &another), "wholesale", "mhra", "wda-100");
    let register = || {
        let (status, said) = clinic.post(Role::Admin, "/v1/licences", &same);
        (status, said["code"].as_str().unwrap_or_default().to_owned())
    };
    world.clock.advance_days(1);
    clinic.check(&clinic.wholesale_licence, said("suspended"));
    assert_eq!(register(), (409, "licence_adverse_elsewhere".to_owned()));
    // Another licence is another matter; and so is this one when its authority has nothing against it any more.
    let other = licence(("supplier", &another), "wholesale", "MHRA", "WDA 1001");
    clinic.create(Role::Admin, "/v1/licences", &other);
    world.clock.advance_days(1);
    clinic.check(&clinic.wholesale_licence, said("verified"));
    assert_eq!(register().0, 201);
}
