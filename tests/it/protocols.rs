//! Protocols that end: by a version of their own, after which the next wider one counts.

use lotline::caller::Role;
use serde_json::{Value, json};

use super::support::{Clinic, World, on_both_databases};
use super::visits::{answers, protocol, screening};

on_both_databases!(a_protocol_that_ended_leaves_the_next_wider_one, what_is_not_there_does_not_end);

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
