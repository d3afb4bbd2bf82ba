//! Chains of custody: told page by page, in the order of what happened, however long they are and whoever adds to them.

use std::collections::BTreeSet;

use lotline::caller::Role;
use serde_json::{Value, json};

use super::support::client::assert_problem;
use super::support::clinic::{EXPIRY, GTIN, id, location, site};
use super::support::{Clinic, World, on_both_databases};

on_both_databases!(
    a_chain_is_walked_while_more_happens,
    refusals_hide_nothing_and_are_told_where_they_are_asked_for,
    an_administration_has_nothing_of_other_patients,
    every_order_that_a_delivery_was_said_to_answer_is_told,
    whoever_sees_one_site_walks_what_happened_there,
    who_is_refused_over_and_over_is_told,
    chains_that_cannot_be_asked_for,
);

/// Every event of a chain, a page at a time; `between` runs after each page with its number.
fn walk(world: &World, token: &str, path: &str, limit: usize, mut between: impl FnMut(usize)) -> Vec<Value> {
    let (mut events, mut cursor, mut pages) = (Vec::new(), String::new(), 0);
    loop {
        let separator = if path.contains('?') { '&' } else { '?' };
        let (status, page) = world.http.get(token, &format!("{path}{separator}limit={limit}{cursor}"));
        assert_eq!(status, 200, "{page}");
        let found = page["events"].as_array().unwrap();
        assert!(found.len() <= limit);
        events.extend(found.iter().cloned());
        pages += 1;
        between(pages);
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return events,
        }
    }
}

fn whole(world: &World, path: &str, limit: usize) -> Vec<Value> {
    walk(world, &world.token(Role::Auditor), path, limit, |_| ())
}

fn places(events: &[Value]) -> Vec<(String, String)> {
    let text = |event: &Value, field: &str| event[field].as_str().unwrap().to_owned();
    events.iter().map(|event| (text(event, "occurred_at"), text(event, "id"))).collect()
}

fn kinds(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["kind"].as_str().unwrap()).collect()
}

fn administered(clinic: &Clinic, lot: &str, occurred_at: Option<&str>) -> String {
    let mut body = clinic.administration(lot, 1);
    if let Some(at) = occurred_at {
        body["occurred_at"] = json!(at);
    }
    id(&clinic.create(Role::Practitioner, "/v1/administrations", &body))
}

/// Of what was there when the walk began nothing is lost and nothing told twice; what is added behind the place where the walk
/// is comes on its way, what is entered late before it comes with the next walk.
fn a_chain_is_walked_while_more_happens(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 300);
    world.clock.set("2026-07-02T10:00:00Z");
    // Half of them at one and the same moment: the order of their recording tells them apart.
    for number in 0..150 {
        administered(&clinic, &lot, (number % 2 == 0).then_some("2026-07-01T18:00:00Z"));
    }
    let path = format!("/v1/lots/{lot}/custody");
    let before = whole(world, &path, 200);
    assert_eq!(before.len(), 155);
    let order = places(&before);
    assert!(order.is_sorted());
    for limit in [1, 7, 50] {
        assert_eq!(places(&whole(world, &path, limit)), order, "by {limit}");
    }

    let (mut late, mut new) = (Vec::new(), Vec::new());
    let told = walk(world, &world.token(Role::Auditor), &path, 20, |page| {
        if page <= 5 {
            late.push(administered(&clinic, &lot, Some("2026-07-01T17:00:00Z")));
            new.push(administered(&clinic, &lot, None));
        }
    });
    let ids: BTreeSet<_> = told.iter().map(|event| event["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), told.len(), "nothing is told twice");
    assert!(places(&told).is_sorted());
    assert!(before.iter().all(|event| ids.contains(event["id"].as_str().unwrap())), "nothing is lost");
    let of = |events: &[Value], administration: &str| {
        events.iter().filter(|event| event["subjects"].to_string().contains(administration)).count()
    };
    assert!(new.iter().all(|administration| of(&told, administration) == 1), "what is new comes on its way");
    let again = whole(world, &path, 50);
    assert!(late.iter().all(|administration| of(&again, administration) == 1), "what is late has its place");
    assert_eq!(again.len(), before.len() + late.len() + new.len());
    // The journal tells the same in the order of its recording: from where it was read, nothing is missed.
    let (status, page) = world.http.get(&world.token(Role::Auditor), &format!("/v1/events?subject={lot}&limit=200"));
    assert_eq!((status, page["items"].as_array().unwrap().len()), (200, 164));
}

/// The attack: whoever may be refused as often as they like fills a chain, so that it ends before what came later.
fn refusals_hide_nothing_and_are_told_where_they_are_asked_for(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 2);
    let path = format!("/v1/lots/{lot}/custody");
    let mut too_many = clinic.administration(&lot, 3);
    too_many["occurred_at"] = json!("2026-07-01T10:00:00.5Z");
    world.clock.set("2026-07-01T11:00:00Z");
    for _ in 0..250 {
        let (status, answer) = clinic.post(Role::Practitioner, "/v1/administrations", &too_many);
        assert_eq!((status, &answer["code"]), (409, &json!("gate_refused")));
    }
    administered(&clinic, &lot, None);
    let first = world.read(&path);
    assert_eq!(first["next_cursor"], json!(null));
    assert_eq!(kinds(first["events"].as_array().unwrap()).last(), Some(&"stock_administered"));
    assert!(!kinds(first["events"].as_array().unwrap()).contains(&"gate_refused"));
    assert_eq!(world.read(&format!("{path}?refusals=false")), first);

    let path = format!("{path}?refusals=true");
    assert!(world.read(&path)["next_cursor"].is_string());
    for limit in [200, 33] {
        let told = whole(world, &path, limit);
        let kinds = kinds(&told);
        assert_eq!(kinds.iter().filter(|kind| **kind == "gate_refused").count(), 250);
        assert_eq!(kinds.last(), Some(&"stock_administered"));
        assert!(places(&told).is_sorted());
    }
}

fn an_administration_has_nothing_of_other_patients(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 100);
    let mine = administered(&clinic, &lot, None);
    for _ in 0..60 {
        administered(&clinic, &lot, None);
    }
    let void = json!({"reason": "Wrong patient", "returned_to_stock": false});
    let voids = format!("/v1/administrations/{mine}/voids");
    clinic.create(Role::Quality, &voids, &void);
    clinic.hold(&lot);
    let path = format!("/v1/administrations/{mine}/custody");
    let expected = [
        "receipt_recorded",
        "stock_received",
        "packaging_inspected",
        "stock_passed",
        "stock_released",
        "stock_administered",
        "administration_voided",
        "hold_opened",
    ];
    for limit in [1, 3, 200] {
        let told = whole(world, &path, limit);
        assert_eq!(kinds(&told), expected, "by {limit}");
        let own = told.iter().filter(|event| event["subjects"].to_string().contains("adm_"));
        assert!(own.into_iter().all(|event| event["subjects"].to_string().contains(&mine)));
    }
    let lots = whole(world, &format!("/v1/lots/{lot}/custody"), 200);
    assert_eq!(lots.len(), expected.len() + 60);
}

fn order(clinic: &Clinic) -> String {
    let lines = json!([{"product_id": clinic.product, "packs": 5}]);
    let body = json!({"site_id": clinic.site, "supplier_id": clinic.supplier, "lines": lines});
    let order = id(&clinic.create(Role::Purchaser, "/v1/orders", &body));
    clinic.create(Role::Purchaser, &format!("/v1/orders/{order}/place"), &json!({}));
    order
}

fn every_order_that_a_delivery_was_said_to_answer_is_told(world: &World) {
    let clinic = world.clinic();
    let (wrong, right) = (order(&clinic), order(&clinic));
    let lines = json!([{"gtin": GTIN, "lot": "LOT1", "expiry": EXPIRY, "packs": 1},
        {"gtin": GTIN, "lot": "LOT2", "expiry": EXPIRY, "packs": 1}]);
    let mut receipt = clinic.receipt(lines);
    receipt["order_id"] = json!(wrong);
    let receipt = clinic.create(Role::Purchaser, "/v1/receipts", &receipt);
    let lot = |line: usize| receipt["lines"][line]["lot_id"].as_str().unwrap().to_owned();
    let told = |lot: &str| whole(world, &format!("/v1/lots/{lot}/custody"), 2);
    assert_eq!(
        kinds(&told(&lot(0))),
        ["order_created", "order_placed", "receipt_recorded", "stock_received"],
        "the other order is not of this chain"
    );
    let corrections = format!("/v1/receipts/{}/corrections", id(&receipt));
    let correction = json!({"order_id": right, "reason": "The delivery note names it"});
    clinic.create(Role::Purchaser, &corrections, &correction);
    let found = clinic.read(&format!("/v1/receipts/{}", id(&receipt)));
    let standing = found["lines"].as_array().unwrap().iter().rfind(|line| line["lot"] == "LOT2").unwrap()["id"].clone();
    let correction = json!({"line_id": standing, "lot": "LOT3", "reason": "Misread"});
    let corrected = clinic.create(Role::Purchaser, &corrections, &correction);
    let third = corrected["lines"].as_array().unwrap().iter().find(|line| line["lot"] == "LOT3").unwrap();
    let third = third["lot_id"].as_str().unwrap();
    clinic.create(Role::Purchaser, &format!("/v1/orders/{right}/close"), &json!({"reason": "No more comes"}));
    for lot in [&lot(0), &lot(1), third] {
        let told = told(lot);
        let kinds = kinds(&told);
        for (kind, times) in [("order_created", 2), ("order_placed", 2), ("receipt_recorded", 1), ("order_closed", 1)] {
            assert_eq!(kinds.iter().filter(|found| **found == kind).count(), times, "{kind} of {lot}: {kinds:?}");
        }
        assert!(places(&told).is_sorted());
    }
}

/// What happened elsewhere is looked through in shares; no page shows it, and every page leads on.
fn whoever_sees_one_site_walks_what_happened_there(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 40);
    let elsewhere = id(&clinic.create(Role::Admin, "/v1/sites", &site()));
    let there = id(&clinic.create(Role::Admin, "/v1/locations", &location(&elsewhere, "stock")));
    for _ in 0..30 {
        administered(&clinic, &lot, None);
    }
    let transfer = json!({"lot_id": lot, "from_location_id": clinic.stock, "to_location_id": there, "units": 2,
        "reason": "Needed there"});
    clinic.create(Role::Quality, "/v1/transfers", &transfer);
    let waste = json!({"lot_id": lot, "from_location_id": there, "units": 1, "reason": "Dropped"});
    clinic.create(Role::Quality, "/v1/wastages", &waste);
    let token = world.sign(&world.organisation, "auditor", &[Role::Auditor], Some(vec![elsewhere.parse().unwrap()]));
    for limit in [1, 200] {
        let told = walk(world, &token, &format!("/v1/lots/{lot}/custody"), limit, |_| ());
        assert_eq!(kinds(&told), ["stock_transferred", "stock_wasted"], "by {limit}");
    }
    let (_, events) = world.http.get(&token, &format!("/v1/events?subject={lot}"));
    assert_eq!(kinds(events["items"].as_array().unwrap()), ["stock_transferred", "stock_wasted"]);
}

fn who_is_refused_over_and_over_is_told(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 2);
    let refused = |subject: &str| {
        let token = world.token_as(subject, &[Role::Practitioner]);
        let (status, _) = world.http.post(&token, "/v1/administrations", &clinic.administration(&lot, 3));
        assert_eq!(status, 409);
    };
    world.clock.set("2026-07-01T23:59:00Z");
    (0..3).for_each(|_| refused("nia"));
    (0..4).for_each(|_| refused("noah"));
    assert_eq!(world.read("/v1/attention")["refused_often"], json!([]));
    world.clock.set("2026-07-02T00:01:00Z");
    (0..2).for_each(|_| refused("nia"));
    let hold = clinic.hold(&lot);
    refused("nia");
    let often = |path: &str| world.read(path)["refused_often"].clone();
    let found = often("/v1/attention");
    assert_eq!(found.as_array().unwrap().len(), 1, "{found}");
    assert_eq!((&found[0]["subject"], &found[0]["times"]), (&json!("nia"), &json!(6)));
    assert!(found[0]["since"].as_str().unwrap().starts_with("2026-07-01T23:59:00"));
    assert!(found[0]["last_at"].as_str().unwrap().starts_with("2026-07-02T00:01:00"));
    assert_eq!(found[0]["last_reasons"], json!(["lot_on_hold"]));
    assert!(!found.to_string().contains("P-1001"), "no patient is named");
    assert_eq!(often(&format!("/v1/attention?site_id={}", clinic.site)), found);
    let elsewhere = id(&clinic.create(Role::Admin, "/v1/sites", &site()));
    assert_eq!(often(&format!("/v1/attention?site_id={elsewhere}")), json!([]));
    let token = world.sign(&world.organisation, "auditor", &[Role::Auditor], Some(vec![elsewhere.parse().unwrap()]));
    assert_eq!(world.http.get(&token, "/v1/attention").1["refused_often"], json!([]));
    clinic.create(Role::Quality, &format!("/v1/holds/{}/lift", id(&hold)), &json!({"reason": "It was nothing"}));
    // Seven days later it is over.
    world.clock.set("2026-07-10T10:00:00Z");
    assert_eq!(often("/v1/attention"), json!([]));
}

fn chains_that_cannot_be_asked_for(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 2);
    let bearer = format!("Bearer {}", world.token(Role::Auditor));
    let events = world.read("/v1/events?limit=1")["next_cursor"].as_str().unwrap().to_owned();
    for (query, code) in [
        ("limit=0", "malformed_query"),
        ("limit=201", "malformed_query"),
        ("refusals=perhaps", "malformed_query"),
        ("page=2", "malformed_query"),
        ("cursor=nonsense", "invalid_cursor"),
        (&*format!("cursor={events}"), "invalid_cursor"),
    ] {
        let address = format!("/v1/lots/{lot}/custody?{query}");
        let answer = world.http.send("GET", &address, &[("authorization", &bearer)], None);
        assert_problem(&answer, 400, code, query);
    }
}
