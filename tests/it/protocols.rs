//! Which protocol counts, from which day on, and that one can end: by a version of its own, after which the next wider one counts.

use lotline::caller::Role;
use serde_json::{Value, json};

use super::support::clinic::{gtin, id, product};
use super::support::{Clinic, World, on_both_databases};
use super::visits::{answers, protocol, screening};

on_both_databases!(
    the_narrowest_protocol_counts_from_its_day_on,
    a_protocol_that_ended_leaves_the_next_wider_one,
    what_is_not_there_does_not_end,
);

/// A version that ends a protocol.
fn end(applies_to: &Value, from: &str) -> Value {
    json!({
        "kind": "screening", "applies_to": applies_to, "title": "screening", "source": "Illustrative", "ends": true,
        "effective_from": from, "reason": "It was written for the wrong product"
    })
}

/// The answers given on a day, and what they rest on.
fn answered(clinic: &Clinic, named: Option<&Value>) -> Value {
    let visit = clinic.visit("P-1001");
    let mut answers = answers();
    if let Some(named) = named {
        answers["protocol_id"] = named.clone();
    }
    clinic.enter(&visit, "screenings", &answers)
}

fn the_narrowest_protocol_counts_from_its_day_on(world: &World) {
    let clinic = world.clinic();
    let other = id(&clinic.create(Role::Admin, "/v1/products", &product(&gtin(3))));
    let write = |applies_to: Value, title: &str, from: &str| {
        let mut body = protocol("screening", applies_to, screening());
        (body["title"], body["effective_from"]) = (json!(title), json!(from));
        clinic.create(Role::Admin, "/v1/protocols", &body)
    };
    let of_all = write(json!({}), "All", "2020-01-01");
    let of_class = write(json!({"class": "hybrid_filler"}), "Class", "2020-01-01");
    let of_product = write(json!({"product_id": clinic.product}), "Product", "2026-07-03");
    write(json!({"product_id": other}), "Another product", "2020-01-01");
    assert_eq!((&of_all["version"], &of_class["version"], &of_product["version"]), (&json!(1), &json!(1), &json!(1)));
    assert_eq!(of_product["applies_to"], json!({"product_id": clinic.product}));
    let asked = |day: &str| {
        world.clock.set(&format!("{day}T10:00:00Z"));
        let visit = clinic.visit("P-1001");
        clinic.enter(&visit, "screenings", &answers())["protocol_id"].clone()
    };
    assert_eq!(asked("2026-07-02"), of_class["id"]);
    assert_eq!(asked("2026-07-03"), of_product["id"]);
    let on = |day: &str| {
        let found = clinic.read(&format!("/v1/protocols?class=hybrid_filler&on={day}"))["items"].clone();
        found.as_array().unwrap().iter().map(|item| item["version"].as_i64().unwrap()).collect::<Vec<_>>()
    };
    let second = write(json!({"class": "hybrid_filler"}), "Class, again", "2026-08-01");
    assert_eq!(second["version"], 2);
    // What says the same is the same.
    assert_eq!(write(json!({"class": "hybrid_filler"}), "Class, again", "2026-08-01")["id"], second["id"]);
    assert_eq!((on("2019-12-31"), on("2026-07-31"), on("2026-08-01")), (vec![], vec![1], vec![2]));
    // A later version speaks for no day before today, and overtakes none.
    for from in ["2026-07-01", "2026-07-31"] {
        let mut early = protocol("screening", json!({"class": "hybrid_filler"}), screening());
        early["effective_from"] = json!(from);
        let (status, problem) = clinic.post(Role::Admin, "/v1/protocols", &early);
        assert_eq!((status, &problem["code"]), (422, &json!("effective_too_early")), "{problem}");
    }
    let both = protocol("screening", json!({"class": "hybrid_filler", "product_id": clinic.product}), screening());
    assert_eq!(clinic.post(Role::Admin, "/v1/protocols", &both).1["code"], "invalid_value");
    let wrong = protocol("consent", json!({}), screening());
    let (status, problem) = clinic.post(Role::Admin, "/v1/protocols", &wrong);
    assert_eq!((status, &problem["fields"]), (422, &json!(["content.questions"])), "{problem}");
    // Where two are in force for what is planned, one says which was used.
    let mut plan = json!({
        "site_id": clinic.site, "practitioner_id": clinic.practitioner, "patient_ref": "P-1001",
        "planned": [{"product_id": clinic.product, "area": "midface"}, {"product_id": other, "area": "chin"}]
    });
    let visit = id(&clinic.create(Role::Practitioner, "/v1/visits", &plan));
    clinic.problem(&format!("/v1/visits/{visit}/screenings"), &answers(), 422, "protocol_missing");
    plan["planned"] = json!([]);
    clinic.problem("/v1/visits", &plan, 422, "empty_list");
}

fn a_protocol_that_ended_leaves_the_next_wider_one(world: &World) {
    let clinic = world.clinic();
    let write = |body: &Value| clinic.create(Role::Quality, "/v1/protocols", body);
    let own = json!({"product_id": clinic.product});
    let of_class = write(&protocol("screening", json!({"class": "hybrid_filler"}), screening()));
    let of_product = write(&protocol("screening", own.clone(), screening()));
    assert_eq!((&of_product["ends"], of_product["content"].is_object()), (&json!(false), true), "{of_product}");
    let ended = write(&end(&own, "2026-07-03"));
    assert_eq!((&ended["version"], &ended["content"], &ended["ends"]), (&json!(2), &Value::Null, &json!(true)));
    // What says the same is the same.
    assert_eq!(write(&end(&own, "2026-07-03"))["id"], ended["id"]);
    let on = |day: &str| {
        let found = clinic.read(&format!("/v1/protocols?product_id={}&on={day}", clinic.product));
        found["items"].as_array().unwrap().len()
    };
    assert_eq!([on("2026-07-02"), on("2026-07-03")], [1, 0]);
    world.clock.set("2026-07-02T10:00:00Z");
    assert_eq!(answered(&clinic, None)["protocol_id"], of_product["id"]);
    world.clock.set("2026-07-03T10:00:00Z");
    assert_eq!(answered(&clinic, None)["protocol_id"], of_class["id"]);
    // What was asked by it all the same is kept with it, and flagged; by the version that ended it, nothing can be.
    let late = answered(&clinic, Some(&of_product["id"]));
    assert_eq!((&late["protocol_id"], &late["is_superseded"]), (&of_product["id"], &json!(true)), "{late}");
    let mut by_end = answers();
    by_end["protocol_id"] = ended["id"].clone();
    let path = format!("/v1/visits/{}/screenings", clinic.visit("P-1001"));
    let problem = clinic.problem(&path, &by_end, 422, "protocol_missing");
    assert_eq!(problem["fields"], json!(["protocol_id"]));
    // Told in the record, as the end that it is.
    let told = clinic.read(&format!("/v1/events?subject={}&limit=50", clinic.product));
    let sentences: Vec<_> = told["items"].as_array().unwrap().iter().map(|event| event["summary"].as_str()).collect();
    let sentence = "The screening protocol \"screening\" was ended by version 2, from 2026-07-03 on.";
    assert!(sentences.contains(&Some(sentence)), "{sentences:?}");
    // It may begin again.
    let mut again = protocol("screening", own.clone(), screening());
    again["effective_from"] = json!("2026-07-05");
    let again = write(&again);
    assert_eq!(again["version"], 3);
    assert_eq!(answered(&clinic, None)["protocol_id"], of_class["id"]);
    world.clock.set("2026-07-05T10:00:00Z");
    assert_eq!(answered(&clinic, None)["protocol_id"], again["id"]);
}

fn what_is_not_there_does_not_end(world: &World) {
    let clinic = world.clinic();
    let refused = |body: &Value, code: &str, field: &str| {
        let before = clinic.database.state();
        let (status, problem) = clinic.post(Role::Quality, "/v1/protocols", body);
        assert_eq!((status, &problem["code"], &problem["fields"]), (422, &json!(code), &json!([field])), "{problem}");
        assert_eq!(clinic.database.state(), before);
    };
    let class = json!({"class": "hybrid_filler"});
    refused(&end(&class, "2026-07-03"), "invalid_protocol", "ends");
    let written = protocol("screening", class.clone(), screening());
    let (mut both, mut neither) = (written.clone(), written.clone());
    both["ends"] = json!(true);
    neither.as_object_mut().unwrap().remove("content");
    refused(&both, "invalid_protocol", "ends");
    refused(&neither, "missing_field", "content");
    clinic.create(Role::Quality, "/v1/protocols", &written);
    // One of another kind, or for something else, is another.
    let mut consent = end(&class, "2026-07-03");
    consent["kind"] = json!("consent");
    refused(&consent, "invalid_protocol", "ends");
    refused(&end(&json!({}), "2026-07-03"), "invalid_protocol", "ends");
    refused(&end(&class, "2026-06-01"), "effective_too_early", "effective_from");
    clinic.create(Role::Quality, "/v1/protocols", &end(&class, "2026-07-03"));
    refused(&end(&class, "2026-07-04"), "invalid_protocol", "ends");
    // Where a policy asks by it, nobody is treated by what has ended.
    clinic.stocked("LOT1", "2027-06-30", 4);
    clinic.asks(&["screening"]);
    world.clock.set("2026-07-03T10:00:00Z");
    let refused = clinic.at_the_chair(Some(&clinic.visit("P-1001")), &["screening_missing"]);
    let message = "No screening protocol is in force for HArmonyCa.";
    assert_eq!(refused["reasons"][0]["message"], message, "{refused}");
}
