//! Master data is corrected and retired by new versions, never deleted (DOMAIN.md rule 25).

use lotline::caller::Role;
use serde_json::{Value, json};

use super::support::client::{assert_problem, codes};
use super::support::clinic::{EXPIRY, GTIN, gtin, id, location, product, scan, site, whole};
use super::support::{Answer, Clinic, World, on_both_databases};

on_both_databases!(
    each_kind_is_corrected_and_retired,
    a_stale_correction_is_refused,
    what_others_know_it_by_is_fixed,
    what_is_not_there_or_not_theirs_is_not_found,
    what_is_retired_is_not_received,
    what_is_retired_does_not_treat,
    a_retired_location_takes_no_stock,
    what_happened_before_it_was_retired_is_judged_as_of_then,
);

/// Puts the whole of something, with what its body leaves out.
fn put(world: &World, path: &str, body: &Value, headers: &[(&str, &str)]) -> Answer {
    let list = path.split('/').nth(2).unwrap();
    world.put(path, headers, &whole(list, body))
}

fn get(world: &World, path: &str) -> Answer {
    let bearer = format!("Bearer {}", world.token(Role::Admin));
    world.http.send("GET", path, &[("authorization", &bearer)], None)
}

fn retire(world: &World, path: &str) -> Value {
    world.create(Role::Admin, &format!("{path}/retire"), &json!({"reason": "No longer in use"}))
}

/// The events about something, oldest first.
fn events(world: &World, subject: &str) -> Vec<Value> {
    let mut found = world.read(&format!("/v1/events?subject={subject}"))["items"].as_array().unwrap().clone();
    found.sort_by_key(|event| event["id"].as_str().unwrap().to_owned());
    found
}

/// The content of an event, from the bytes that the journal keeps.
fn content(world: &World, event: &Value) -> Value {
    world.read(&format!("/v1/events/{}/bytes", id(event)))["data"].clone()
}

/// Each kind of master data: its list, what registers one, and the same corrected.
fn kinds(clinic: &Clinic) -> Vec<(&'static str, &'static str, Value)> {
    vec![
        ("sites", "site", site()),
        ("locations", "location", location(&clinic.site, "stock")),
        ("products", "product", product(&gtin(5))),
        ("suppliers", "supplier", json!({"name": "Wholesale 2", "country": "GB", "approved_classes": ["ha_filler"]})),
        ("practitioners", "practitioner", json!({"name": "Dr B. Example", "profession": "doctor"})),
    ]
}

fn each_kind_is_corrected_and_retired(world: &World) {
    let clinic = world.clinic();
    for (list, kind, body) in kinds(&clinic) {
        let all = format!("/v1/{list}");
        let made = clinic.http.post_with(&clinic.token(Role::Admin), &all, &[], &body);
        assert_eq!((made.status, made.header("etag")), (201, Some("\"1\"")), "{kind}");
        let made = made.without_names();
        let one = format!("{all}/{}", id(&made));
        assert_eq!((&made["version"], made.get("retired_at")), (&json!(1), None));
        assert_eq!(get(world, &one).header("etag"), Some("\"1\""));

        clinic.clock.advance_days(1);
        let mut corrected = body.clone();
        corrected["name"] = json!("Spelt rightly");
        let answer = put(world, &format!("{one}?reason=It%20was%20misspelt"), &corrected, &[("if-match", "\"1\"")]);
        assert_eq!((answer.status, answer.header("etag")), (200, Some("\"2\"")), "{kind}: {}", answer.without_names());
        let mut expected = made.clone();
        expected["name"] = json!("Spelt rightly");
        expected["version"] = json!(2);
        assert_eq!(answer.without_names(), expected, "all else is as it was, also when it was registered");
        let now = get(world, &one);
        let mut found = now.without_names();
        found.as_object_mut().unwrap().remove("names");
        assert_eq!((found, now.header("etag")), (expected.clone(), Some("\"2\"")));
        // The same once more says nothing new.
        let again = put(world, &one, &corrected, &[]);
        assert_eq!((again.status, again.without_names()), (200, expected));

        let retired = retire(world, &one);
        assert_eq!((&retired["version"], retired["retired_at"].is_string()), (&json!(3), true));
        assert_eq!(clinic.read(&one), retired, "it stays readable");
        let (status, problem) = clinic.post(Role::Admin, &format!("{one}/retire"), &json!({"reason": "again"}));
        assert_eq!((status, &problem["code"]), (409, &json!("already_retired")));
        let ids = |filter: &str| -> Vec<String> {
            clinic.read(&format!("{all}{filter}"))["items"].as_array().unwrap().iter().map(id).collect()
        };
        assert!(ids("").contains(&id(&made)), "it stays in the list");
        assert_eq!(ids("?retired=true"), [id(&made)]);
        assert!(!ids("?retired=false").is_empty() || ids("").len() == 1);
        assert!(!ids("?retired=false").contains(&id(&made)));
        // What is retired stays as it is, until it is in use again.
        for answer in [put(world, &one, &body, &[("if-match", "\"3\"")]), world.patch(&one, &json!({"name": "Late"}))] {
            assert_problem(&answer, 409, "retired", kind);
        }
        assert_eq!(put(world, &one, &corrected, &[]).without_names(), retired, "what GET answers changes nothing");
        let back = clinic.create(Role::Admin, &format!("{one}/reinstate"), &json!({"reason": "Retired by mistake"}));
        assert_eq!((&back["version"], back.get("retired_at"), &back["name"]), (&json!(4), None, &corrected["name"]));
        let again = clinic.http.post_with(
            &clinic.token(Role::Admin),
            &format!("{one}/reinstate"),
            &[],
            &json!({"reason": "Retired by mistake"}),
        );
        assert_problem(&again, 409, "not_retired", kind);
        assert!(ids("?retired=false").contains(&id(&made)), "{kind}");
        assert_eq!(put(world, &one, &body, &[("if-match", "\"4\"")]).without_names()["version"], json!(5));

        // Every version is in the journal.
        let found = events(world, &id(&made));
        let names: Vec<_> = found.iter().map(|event| event["kind"].as_str().unwrap().to_owned()).collect();
        assert_eq!(
            names,
            ["registered", "corrected", "retired", "reinstated", "corrected"].map(|done| format!("{kind}_{done}"))
        );
        let summary = found[1]["summary"].as_str().unwrap();
        assert!(summary.ends_with("Spelt rightly was corrected, now version 2: It was misspelt."), "{summary}");
        assert_eq!(
            (&content(world, &found[0])["name"], &content(world, &found[0])["version"]),
            (&body["name"], &json!(1))
        );
        let second = content(world, &found[1]);
        assert_eq!((&second["row"]["name"], &second["row"]["version"]), (&json!("Spelt rightly"), &json!(2)));
        assert_eq!(second["reason"], json!("It was misspelt"));
        let third = content(world, &found[2]);
        assert_eq!(
            (&third["row"]["retired_at"], &third["reason"]),
            (&retired["retired_at"], &json!("No longer in use"))
        );
        let fourth = content(world, &found[3]);
        assert_eq!((fourth["row"].get("retired_at"), &fourth["reason"]), (None, &json!("Retired by mistake")));
    }
}

fn a_stale_correction_is_refused(world: &World) {
    let clinic = world.clinic();
    let one = format!("/v1/suppliers/{}", clinic.supplier);
    let body = |name: &str| json!({"name": name, "country": "GB", "approved_classes": ["hybrid_filler"]});
    assert_eq!(put(world, &one, &body("A"), &[("if-match", "*")]).status, 200);
    for stale in ["\"1\"", "\"3\"", "2", "W/\"2\"", "\"nonsense\"", ""] {
        let answer = put(world, &one, &body("B"), &[("if-match", stale)]);
        assert_problem(&answer, 412, "precondition_failed", stale);
    }
    let bare = world.change("PUT", &one, &[], &whole("suppliers", &body("B")));
    assert_problem(&bare, 428, "precondition_required", "a PUT that names no version");
    for good in ["\"2\"", "*"] {
        assert_eq!(put(world, &one, &body(good), &[("if-match", good)]).status, 200, "{good}");
    }
    // A repeated request gets the first answer, with its tag.
    let key = [("idempotency-key", "k-1"), ("if-match", "\"4\"")];
    let first = put(world, &one, &body("C"), &key);
    let again = put(world, &one, &body("C"), &key);
    assert_eq!((first.status, first.header("etag")), (200, Some("\"5\"")));
    assert_eq!((again.bytes == first.bytes, again.header("etag")), (true, Some("\"5\"")));
    let other = put(world, &format!("{one}?reason=Another"), &body("C"), &key);
    assert_problem(&other, 422, "idempotency_key_reused", "the reason is part of the request");
}

fn what_others_know_it_by_is_fixed(world: &World) {
    let clinic = world.clinic();
    let one = format!("/v1/products/{}", clinic.product);
    assert_problem(&put(world, &one, &product(&gtin(9)), &[]), 409, "identity_fixed", "gtin");
    let elsewhere = id(&clinic.create(Role::Admin, "/v1/sites", &site()));
    let fridge = format!("/v1/locations/{}", clinic.stock);
    assert_problem(&put(world, &fridge, &location(&elsewhere, "stock"), &[]), 409, "identity_fixed", "site_id");

    let mut triple = product(GTIN);
    triple["units_per_pack"] = json!(3);
    assert_eq!(put(world, &one, &triple, &[]).without_names()["units_per_pack"], json!(3), "no lots yet");
    clinic.receive("LOT1", EXPIRY, 1);
    assert_problem(&put(world, &one, &product(GTIN), &[]), 409, "product_in_use", "units_per_pack");
    triple["storage"]["max_c"] = json!(20);
    assert_eq!(put(world, &one, &triple, &[]).status, 200, "the rest may be corrected");
    // What a body must be, it must be in a correction.
    triple["storage"]["max_c"] = json!(1);
    assert_problem(&put(world, &one, &triple, &[]), 422, "band_reversed", "band");
    assert_problem(&world.put(&fridge, &[], &json!({"name": "Fridge"})), 422, "missing_field", "not whole");
    assert_problem(&put(world, &format!("{one}?why=x"), &triple, &[]), 400, "malformed_query", "unknown parameter");
}

fn what_is_not_there_or_not_theirs_is_not_found(world: &World) {
    let clinic = world.clinic();
    let elsewhere = id(&clinic.create(Role::Admin, "/v1/sites", &site()));
    let bound = world.sign(&world.organisation, "bound", Role::ALL, Some(vec![elsewhere.parse().unwrap()]));
    let reason = json!({"reason": "Closed"});
    for path in [format!("/v1/sites/{}", clinic.site), format!("/v1/locations/{}", clinic.stock)] {
        let answer = clinic.http.post_with(&bound, &format!("{path}/retire"), &[], &reason);
        assert_problem(&answer, 404, "not_found", &path);
    }
    for (list, _, body) in kinds(&clinic) {
        let path = format!("/v1/{list}/nothing");
        assert_problem(&put(world, &path, &body, &[]), 404, "not_found", &path);
        let answer = clinic.http.post_with(&clinic.token(Role::Admin), &format!("{path}/retire"), &[], &reason);
        assert_problem(&answer, 404, "not_found", &path);
    }
}

fn what_is_retired_is_not_received(world: &World) {
    let clinic = world.clinic();
    let receipt = clinic.receipt(json!([{"gtin": GTIN, "lot": "LOT1", "expiry": EXPIRY, "packs": 1},
        {"gtin": GTIN, "lot": "LOT2", "expiry": EXPIRY, "packs": 1}]));
    let mut expected = Vec::new();
    for (path, code) in [
        (format!("/v1/products/{}", clinic.product), "product_retired"),
        (format!("/v1/suppliers/{}", clinic.supplier), "supplier_retired"),
        (format!("/v1/locations/{}", clinic.quarantine), "location_retired"),
        (format!("/v1/sites/{}", clinic.site), "site_retired"),
    ] {
        retire(world, &path);
        expected.push(code);
        clinic.assert_refused(Role::Purchaser, "/v1/receipts", &receipt, &expected);
    }
    let mut question = clinic.question(&scan("270630", "LOT1", None));
    question["purpose"] = json!("receive");
    let scanned = clinic.create(Role::Purchaser, "/v1/scans", &question);
    assert_eq!(codes(&scanned), ["site_retired", "product_retired"]);
}

fn what_is_retired_does_not_treat(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 4);
    let code = scan("270630", "LOT1", None);
    // What is in stock of a retired product may be used.
    retire(world, &format!("/v1/products/{}", clinic.product));
    clinic.assert_at_the_chair(&code);
    retire(world, &format!("/v1/practitioners/{}", clinic.practitioner));
    clinic.assert_not_at_the_chair(&code, &["practitioner_retired"]);
    // A site is retired when nothing lies there; what happened is recorded all the same.
    let away = json!({"lot_id": lot, "from_location_id": clinic.stock, "units": 3, "reason": "Closing down"});
    clinic.create(Role::Quality, "/v1/destructions", &away);
    retire(world, &format!("/v1/sites/{}", clinic.site));
    let mut late = clinic.administration(&lot, 1);
    late["retrospective"] = json!({"reason": "Entered after an outage"});
    let made = clinic.create(Role::Practitioner, "/v1/administrations", &late);
    let mut reasons = codes(&made["decision"]);
    reasons.sort();
    assert_eq!(reasons, ["practitioner_retired", "site_retired", "stock_not_on_hand"]);
}

fn a_retired_location_takes_no_stock(world: &World) {
    let clinic = world.clinic();
    let second = id(&clinic.create(Role::Admin, "/v1/locations", &location(&clinic.site, "stock")));
    let lot = clinic.receive_inspect_release("LOT1", 4);
    let (receipt, other) = clinic.receive("LOT2", EXPIRY, 1);
    clinic.create(Role::Purchaser, "/v1/inspections", &clinic.inspection(&receipt, &other, 2, 0));
    let transfer = |from: &str, to: &str, units: i64| json!({"lot_id": lot, "from_location_id": from, "to_location_id": to, "units": units, "reason": "Moved"});
    clinic.create(Role::Purchaser, "/v1/transfers", &transfer(&clinic.stock, &second, 4));
    retire(world, &format!("/v1/locations/{}", clinic.stock));
    let refused = ["location_retired"];
    clinic.assert_refused(Role::Quality, &format!("/v1/lots/{other}/releases"), &clinic.release(2), &refused);
    clinic.assert_refused(Role::Purchaser, "/v1/transfers", &transfer(&second, &clinic.stock, 1), &refused);
    let empty = json!({"lot_id": other, "from_location_id": clinic.quarantine, "units": 2, "reason": "Closing down"});
    clinic.create(Role::Quality, "/v1/destructions", &empty);

    // Voided units go to a quarantine location that is in use.
    let made = clinic.create(Role::Practitioner, "/v1/administrations", &clinic.administration(&lot, 1));
    retire(world, &format!("/v1/locations/{}", clinic.quarantine));
    let voids = format!("/v1/administrations/{}/voids", id(&made));
    let mut void = json!({"reason": "Wrong patient", "returned_to_stock": true});
    assert_eq!(clinic.post(Role::Quality, &voids, &void).1["code"], "location_required");
    void["location_id"] = json!(clinic.quarantine);
    assert_eq!(clinic.post(Role::Quality, &voids, &void).1["code"], "location_required");
    clinic.create(Role::Admin, &format!("/v1/locations/{}/reinstate", clinic.quarantine), &json!({"reason": "Needed"}));
    clinic.create(Role::Quality, &voids, &void);
}

fn what_happened_before_it_was_retired_is_judged_as_of_then(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 2);
    let before = clinic.clock.now().to_string();
    clinic.clock.advance_days(1);
    retire(world, &format!("/v1/practitioners/{}", clinic.practitioner));
    let mut administration = clinic.administration(&lot, 1);
    clinic.assert_refused(Role::Practitioner, "/v1/administrations", &administration, &["practitioner_retired"]);
    administration["occurred_at"] = json!(before);
    clinic.create(Role::Practitioner, "/v1/administrations", &administration);
}
