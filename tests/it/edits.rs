//! PUT says everything, PATCH what it names, and both may send back what GET answers.

use lotline::caller::Role;
use serde_json::{Value, json};

use super::support::client::assert_problem;
use super::support::clinic::{GTIN, id, product, whole};
use super::support::{Answer, Clinic, World, on_both_databases};

on_both_databases!(
    what_get_answers_can_be_sent_back,
    leaving_out_empties_nothing,
    a_patch_changes_what_it_names,
    a_patch_is_held_to_the_same_rules,
    what_only_the_server_sets_stays,
    of_two_who_correct_the_same_one_wins,
);

/// A product with everything that a product can have.
fn rich() -> Value {
    let mut rich = product(GTIN);
    rich["identifiers"] = json!([{"scheme": "hibc", "value": "A99912345", "level": "pack", "units": 2}]);
    rich["storage"]["protect_from_light"] = json!(true);
    rich["in_use_hours"] = json!(24);
    rich["requires_training"] = json!(true);
    rich["stability_budget"] = json!([{"max_c": 25.5, "hours": 48}]);
    rich
}

/// One of each kind, with and without what may be left out: their addresses.
fn one_of_each(clinic: &Clinic) -> Vec<String> {
    let supplier =
        json!({"name": "Wholesale 2", "country": "GB", "gln": "9521234000006", "approved_classes": ["other"]});
    let person = json!({"name": "Dr B. Example", "profession": "doctor", "subject": "b.example"});
    let mut shelf = super::support::clinic::location(&clinic.site, "stock");
    shelf["product_classes"] = json!(["hybrid_filler"]);
    shelf["min_c"] = json!(2.5);
    let made = [("suppliers", supplier), ("practitioners", person), ("locations", shelf)]
        .map(|(list, body)| format!("/v1/{list}/{}", id(&clinic.create(Role::Admin, &format!("/v1/{list}"), &body))));
    let common = [
        format!("/v1/sites/{}", clinic.site),
        format!("/v1/locations/{}", clinic.stock),
        format!("/v1/products/{}", clinic.product),
        format!("/v1/suppliers/{}", clinic.supplier),
        format!("/v1/practitioners/{}", clinic.practitioner),
        "/v1/policies".to_owned(),
    ];
    made.into_iter().chain(common).collect()
}

fn events(world: &World) -> i64 {
    world.database.count("events")
}

fn what_get_answers_can_be_sent_back(world: &World) {
    let clinic = world.clinic();
    let product = format!("/v1/products/{}", clinic.product);
    assert_eq!(world.put(&product, &[], &whole("products", &rich())).status, 200);
    for path in one_of_each(&clinic) {
        let found = world.read(&path);
        let before = events(world);
        let tag = format!("\"{}\"", found["version"]);
        for answer in [world.put(&path, &[("if-match", &tag)], &found), world.patch(&path, &found)] {
            assert_eq!((answer.status, answer.without_names()), (200, found.clone()), "{path}");
            assert_eq!(answer.header("etag"), Some(tag.as_str()), "{path}");
        }
        assert_eq!(events(world), before, "{path}: nothing was changed");
    }
    // As another program writes the same moment.
    let mut found = world.read(&product);
    let moment = found["registered_at"].as_str().unwrap().replace('Z', "+00:00");
    found["registered_at"] = json!(moment);
    found["name"] = json!("Renamed");
    let answer = world.put(&product, &[], &found);
    assert_eq!((answer.status, &answer.without_names()["version"]), (200, &json!(3)), "{}", answer.without_names());
    // A policy that somebody set is sent back like the defaults.
    assert_eq!(world.patch("/v1/policies", &json!({"retention_years": 12})).without_names()["version"], json!(1));
    let policy = world.read("/v1/policies");
    assert_eq!(world.put("/v1/policies", &[("if-match", "\"1\"")], &policy).without_names(), policy);
}

fn leaving_out_empties_nothing(world: &World) {
    let clinic = world.clinic();
    let denied = json!({"denied_suppliers": [clinic.supplier]});
    assert_eq!(world.patch("/v1/policies", &denied).status, 200);
    for path in one_of_each(&clinic) {
        let found = world.read(&path);
        let server_sets = ["id", "organisation_id", "registered_at", "version", "set_by", "set_at"];
        let before = events(world);
        for name in found.as_object().unwrap().keys().filter(|name| !server_sets.contains(&name.as_str())) {
            let mut less = found.clone();
            less.as_object_mut().unwrap().remove(name);
            let answer = world.put(&path, &[], &less);
            assert_problem(&answer, 422, "missing_field", &format!("{path} without {name}"));
            assert_eq!(answer.without_names()["fields"], json!([name]), "{path}");
        }
        let without = world.change("PUT", &path, &[], &found);
        assert_problem(&without, 428, "precondition_required", &path);
        assert_eq!(events(world), before, "{path}");
        // What the server sets need not be sent.
        let mut ours = found.clone();
        server_sets.iter().for_each(|name| drop(ours.as_object_mut().unwrap().remove(*name)));
        assert_eq!(world.put(&path, &[], &ours).without_names(), found, "{path}");
    }
    assert_eq!(world.read("/v1/policies")["denied_suppliers"], json!([clinic.supplier]));
    // Nor does what an object in it leaves out.
    let path = format!("/v1/products/{}", clinic.product);
    let mut product = world.read(&path);
    product["storage"].as_object_mut().unwrap().remove("do_not_freeze");
    product["unit"].as_object_mut().unwrap().remove("amount");
    let answer = world.put(&path, &[], &product);
    assert_problem(&answer, 422, "missing_field", "freezing spoils it");
    assert_eq!(answer.without_names()["fields"], json!(["storage.do_not_freeze", "unit.amount"]));
}

fn a_patch_changes_what_it_names(world: &World) {
    let clinic = world.clinic();
    let path = format!("/v1/products/{}", clinic.product);
    assert_eq!(world.put(&path, &[], &whole("products", &rich())).status, 200);
    let mut expected = world.read(&path);
    let mut version = 2;
    let mut patched = |patch: Value, changed: &[(&str, Value)]| {
        let answer = world.patch(&path, &patch);
        version += 1;
        expected["version"] = json!(version);
        changed.iter().for_each(|(pointer, value)| *expected.pointer_mut(pointer).unwrap() = value.clone());
        assert_eq!((answer.status, answer.without_names()), (200, expected.clone()), "{patch}");
        assert_eq!(answer.header("etag"), Some(format!("\"{version}\"").as_str()));
        assert_eq!(world.read(&path), expected);
    };
    patched(json!({"name": "Renamed"}), &[("/name", json!("Renamed"))]);
    // Objects are merged, lists replaced, and null takes away.
    patched(json!({"storage": {"max_c": 20}}), &[("/storage/max_c", json!(20.0))]);
    patched(json!({"stability_budget": []}), &[("/stability_budget", json!([]))]);
    patched(json!({"in_use_hours": null}), &[("/in_use_hours", Value::Null)]);
    patched(json!({"identifiers": null}), &[("/identifiers", json!([]))]);
    // Nothing is a change of nothing, and so is what is as it was.
    for nothing in [json!({}), json!({"in_use_hours": null}), json!({"name": "Renamed"})] {
        assert_eq!(world.patch(&path, &nothing).without_names()["version"], json!(7), "{nothing}");
    }
    // With a reason, and a version that must be in force; as plain JSON, too.
    let why = format!("{path}?reason=Rebranded");
    let stale = world.change("PATCH", &why, &[("if-match", "\"6\"")], &json!({"name": "Again"}));
    assert_problem(&stale, 412, "precondition_failed", "stale");
    let done = world.change("PATCH", &why, &[("if-match", "\"7\"")], &json!({"name": "Again"}));
    assert_eq!((done.status, &done.without_names()["version"]), (200, &json!(8)));
    let corrected = world.read(&format!("/v1/events?kind=product_corrected&subject={}&limit=200", clinic.product));
    let last = corrected["items"].as_array().unwrap().last().unwrap().clone();
    assert!(last["summary"].as_str().unwrap().ends_with("now version 8: Rebranded."), "{last}");

    let longer = json!(["outer_carton_intact", "unit_count_correct"]);
    let policy = world
        .patch("/v1/policies", &json!({"checklists": {"other": longer}, "minimum_remaining_days": 90}))
        .without_names();
    assert_eq!((&policy["checklists"]["other"], &policy["minimum_remaining_days"]), (&longer, &json!(90)));
    assert_eq!(policy["checklists"].as_object().unwrap().len(), 10);
    let back = world
        .patch("/v1/policies", &json!({"checklists": {"other": null}, "minimum_remaining_days": null}))
        .without_names();
    assert_eq!(
        (back["checklists"]["other"].as_array().unwrap().len(), &back["minimum_remaining_days"]),
        (3, &json!(0))
    );
    assert_eq!(back["version"], json!(2));
}

fn a_patch_is_held_to_the_same_rules(world: &World) {
    let clinic = world.clinic();
    let before = events(world);
    let product = format!("/v1/products/{}", clinic.product);
    let fridge = format!("/v1/locations/{}", clinic.stock);
    let elsewhere = "site_01932c07-8d00-7000-8000-000000000001";
    for (path, patch, status, code) in [
        (&*product, json!({"name": null}), 422, "missing_field"),
        (&product, json!({"name": 7}), 422, "invalid_body"),
        (&product, json!({"colour": "red"}), 422, "unknown_field"),
        (&product, json!({"colour": null}), 422, "unknown_field"),
        (&product, json!({"storage": {"colour": null}}), 422, "unknown_field"),
        (&product, json!({"storage": null}), 422, "missing_field"),
        (&product, json!({"storage": {"max_c": 1}}), 422, "band_reversed"),
        (&product, json!({"gtin": "09521234567882"}), 409, "identity_fixed"),
        (&product, json!({"approvals": [{"jurisdiction": "GB"}]}), 422, "missing_field"),
        (&product, json!([]), 422, "invalid_body"),
        (&product, json!(null), 422, "invalid_body"),
        (&fridge, json!({"site_id": elsewhere}), 409, "identity_fixed"),
        (&fridge, json!({"min_c": 9}), 422, "band_reversed"),
        (&fridge, json!({"product_classes": []}), 422, "empty_list"),
        ("/v1/policies", json!({"retention_years": 0}), 422, "invalid_value"),
        ("/v1/policies", json!({"checklists": {"toothpaste": null}}), 422, "invalid_value"),
        ("/v1/policies", json!({"denied_suppliers": [elsewhere]}), 422, "reference_unknown"),
    ] {
        assert_problem(&world.patch(path, &patch), status, code, &format!("{path} {patch}"));
    }
    let bearer = format!("Bearer {}", world.token(Role::Admin));
    let send = |method: &str, media_type: &str, body: &str| {
        let headers = [("authorization", bearer.as_str()), ("content-type", media_type), ("if-match", "*")];
        world.http.send(method, &product, &headers, Some(body.as_bytes()))
    };
    let twice = send("PATCH", "application/merge-patch+json", r#"{"name": "A", "name": "B"}"#);
    assert_problem(&twice, 422, "duplicate_field", "twice");
    for (method, media_type) in [("PATCH", "application/json-patch+json"), ("PUT", "application/merge-patch+json")] {
        let answer = send(method, media_type, r#"{"name": "A"}"#);
        assert_problem(&answer, 415, "unsupported_media_type", media_type);
    }
    let nobody = world.patch("/v1/products/prd_01932c07-8d00-7000-8000-000000000001", &json!({"name": "A"}));
    assert_problem(&nobody, 404, "not_found", "no such product");
    assert_eq!(events(world), before);
}

fn what_only_the_server_sets_stays(world: &World) {
    let clinic = world.clinic();
    assert_eq!(world.patch("/v1/policies", &json!({"retention_years": 12})).status, 200);
    for path in one_of_each(&clinic) {
        let found = world.read(&path);
        let before = events(world);
        let server_sets = ["id", "organisation_id", "registered_at", "version", "retired_at", "set_by", "set_at"];
        // Absent ones too: nobody retires by a correction.
        let absent = (path != "/v1/policies").then_some("retired_at");
        for name in server_sets.into_iter().filter(|name| found.get(name).is_some() || absent == Some(name)) {
            for value in [json!("2026-07-01T10:00:00Z"), json!(7), json!({})] {
                let mut other = found.clone();
                other[name] = value;
                let patch = json!({name: other[name]});
                let answers: [Answer; 2] = [world.put(&path, &[], &other), world.patch(&path, &patch)];
                for answer in answers {
                    assert_problem(&answer, 422, "read_only_field", &format!("{path} {patch}"));
                    assert_eq!(answer.without_names()["fields"], json!([name]));
                }
            }
        }
        assert_eq!(events(world), before, "{path}");
    }
}

fn of_two_who_correct_the_same_one_wins(world: &World) {
    let clinic = world.clinic();
    for path in [format!("/v1/suppliers/{}", clinic.supplier), "/v1/policies".to_owned()] {
        let found = world.read(&path);
        let tag = format!("\"{}\"", found["version"]);
        let names: Vec<_> = (0..8).map(|number| (number, format!("Seller {number}"))).collect();
        let statuses: Vec<u16> = std::thread::scope(|scope| {
            let each = names.iter().map(|(number, name)| {
                let (mut body, tag, path) = (found.clone(), tag.as_str(), path.as_str());
                if path == "/v1/policies" {
                    body["retention_years"] = json!(20 + number);
                } else {
                    body["name"] = json!(name);
                }
                scope.spawn(move || world.put(path, &[("if-match", tag)], &body).status)
            });
            let threads: Vec<_> = each.collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let count = |status: u16| statuses.iter().filter(|found| **found == status).count();
        assert_eq!((count(200), count(412)), (1, 7), "{path}: {statuses:?}");
        let version = found["version"].as_i64().unwrap() + 1;
        assert_eq!(world.read(&path)["version"], json!(version));
    }
}
