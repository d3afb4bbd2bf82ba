//! Thousands of packs with serial numbers that move at once: no event grows with them.

use lotline::caller::Role;
use lotline::limits::{EVENT_MAX, EVENT_POSTINGS_MAX};
use serde_json::{Value, json};

use super::support::clinic::{EXPIRY, GTIN, id};
use super::support::{Clinic, World, on_both_databases};

on_both_databases!(
    a_hold_on_thousands_of_packs,
    what_moves_as_many_is_told_and_taken_back_whole,
    a_count_that_misses_as_many,
);

/// Receives, inspects and releases packs of one lot, each with a serial number, a thousand in a receipt. The lot.
fn stocked(clinic: &Clinic, receipts: usize, packs: usize) -> String {
    let mut lot = String::new();
    for receipt in 0..receipts {
        let serials: Vec<_> = (0..packs).map(|pack| format!("SN{receipt:02}-{pack:04}")).collect();
        let line = json!([{"gtin": GTIN, "lot": "HC24A", "expiry": EXPIRY, "packs": packs, "serials": serials}]);
        let made = clinic.create(Role::Purchaser, "/v1/receipts", &clinic.receipt(line));
        lot = made["lines"][0]["lot_id"].as_str().unwrap().to_owned();
        let units = i64::try_from(2 * packs).unwrap();
        clinic.create(Role::Purchaser, "/v1/inspections", &clinic.inspection(&id(&made), &lot, units, 0));
    }
    let units = i64::try_from(2 * packs * receipts).unwrap();
    clinic.create(Role::Quality, &format!("/v1/lots/{lot}/releases"), &clinic.release(units));
    lot
}

/// The events about something, with how many bytes each has, and that none has too many.
fn events(world: &World, subject: &str) -> Vec<Value> {
    let events = world.read(&format!("/v1/events?subject={subject}&limit=200"))["items"].as_array().unwrap().clone();
    for event in &events {
        let bytes = event.to_string().len();
        assert!(bytes < EVENT_MAX && lines(event) <= 2 * EVENT_POSTINGS_MAX, "{}: {bytes} bytes", event["kind"]);
    }
    events
}

fn lines(event: &Value) -> usize {
    event["details"]["postings"].as_array().map_or(0, Vec::len)
}

fn units(events: &[&Value]) -> i64 {
    let postings = events.iter().flat_map(|event| event["details"]["postings"].as_array().unwrap());
    postings.map(|posting| posting["units"].as_i64().unwrap()).sum()
}

fn a_hold_on_thousands_of_packs(world: &World) {
    let clinic = world.clinic();
    // As many round trips to PostgreSQL would take minutes: there it is as many as fill several events.
    let receipts = if world.database.url_text().starts_with("postgres") { 2 } else { 4 };
    let units_of_all = i64::try_from(2000 * receipts).unwrap();
    let lot = stocked(&clinic, receipts, 1000);
    let hold = id(&clinic.hold(&lot));
    let about = events(world, &hold);
    let kinds: Vec<_> = about.iter().map(|event| event["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, [vec!["hold_opened"], vec!["hold_continued"; 2 * receipts - 1]].concat());
    assert!(about.iter().all(|event| lines(event) == EVENT_POSTINGS_MAX));
    assert_eq!(units(&about.iter().collect::<Vec<_>>()), units_of_all);
    assert!(
        about[0]["summary"].as_str().unwrap().starts_with(&format!("A hold was opened over {units_of_all} units")),
        "{}",
        about[0]
    );
    let on_hand = |state: &str| {
        let stock = world.read(&format!("/v1/stock?state={state}"))["items"].clone();
        stock.as_array().unwrap().iter().map(|item| item["units"].as_i64().unwrap()).sum::<i64>()
    };
    assert_eq!((on_hand("held"), on_hand("available")), (units_of_all, 0));
    // The chain of the lot has all of it, in its order.
    let chain = world.read(&format!("/v1/lots/{lot}/custody"));
    let told: Vec<_> = chain["events"].as_array().unwrap().iter().map(|event| event["id"].clone()).collect();
    let ids: Vec<_> = about.iter().map(|event| event["id"].clone()).collect();
    assert!(told.windows(2 * receipts).any(|window| *window == ids), "{told:?}");

    let lift = clinic.create(Role::Quality, &format!("/v1/holds/{hold}/lift"), &json!({"reason": "Unrelated"}));
    assert!(lift["lifted_at"].is_string(), "{lift}");
    assert_eq!((on_hand("held"), on_hand("available")), (0, units_of_all));
    let about = events(world, &hold);
    assert_eq!(about.len(), 4 * receipts);
    let lifted = format!("A hold was lifted, which freed {units_of_all} units");
    assert!(about[2 * receipts]["summary"].as_str().unwrap().starts_with(&lifted));
    world.assert_verified();
}

/// Moves of all packs at once, and their reversals, which find all that they moved.
fn what_moves_as_many_is_told_and_taken_back_whole(world: &World) {
    let clinic = world.clinic();
    let lot = stocked(&clinic, 1, 600);
    // A hold on the place goes with the units that are set apart from it, all of them.
    let account = world.read("/v1/stock")["items"][0]["account_id"].clone();
    let scope = json!({"scope": {"type": "account", "id": account}, "reason": "Swelling reported; under review"});
    let hold = id(&clinic.create(Role::Quality, "/v1/holds", &scope));
    let movement = |to: Option<&str>, from: &str| {
        let mut body = json!({"lot_id": lot, "from_location_id": from, "units": 1200, "reason": "The shelf is full"});
        if let Some(to) = to {
            body["to_location_id"] = json!(to);
        }
        body
    };
    let apart = clinic.create(Role::Quality, "/v1/transfers", &movement(Some(&clinic.quarantine), &clinic.stock));
    let about = events(world, &id(&apart));
    assert_eq!(about.iter().map(lines).collect::<Vec<_>>(), [500, 100]);
    assert!(about.iter().skip(1).all(|event| event["kind"] == "postings_continued"), "{about:?}");
    assert_eq!(units(&about.iter().collect::<Vec<_>>()), 1200);

    let reverse = |movement: &Value| {
        clinic.post(
            Role::Quality,
            &format!("/v1/movements/{}/reversals", movement["id"].as_str().unwrap()),
            &json!({"reason": "Booked for the wrong lot"}),
        )
    };
    let (status, reversed) = reverse(&apart);
    assert_eq!(status, 201, "{reversed}");
    let about = events(world, &id(&apart));
    let back: Vec<_> = about.iter().skip(2).collect();
    assert_eq!(back.iter().map(|event| lines(event)).collect::<Vec<_>>(), [500, 100]);
    assert!(back[0]["summary"].as_str().unwrap().starts_with("A movement of 1200 units was reversed"), "{}", back[0]);
    clinic.create(Role::Quality, &format!("/v1/holds/{hold}/lift"), &json!({"reason": "Unrelated"}));
    world.assert_verified();
}

/// A count that misses them all waits for a second person, whose word moves them; a person may take it back.
fn a_count_that_misses_as_many(world: &World) {
    let clinic = world.clinic();
    let lot = stocked(&clinic, 1, 600);
    let serials: Vec<_> = (0..500).map(|pack| format!("SN00-{pack:04}")).collect();
    let counted = json!({
        "location_id": clinic.stock, "lot_id": lot, "units_counted": 200, "serials": serials, "reason": "Stock-take"
    });
    let counted = clinic.create(Role::Quality, "/v1/counts", &counted);
    let path = format!("/v1/movements/{}/approvals", counted["id"].as_str().unwrap());
    let bearer = world.token_as("another", &[Role::Quality]);
    let answer = world.http.post_with(&bearer, &path, &[], &json!({"reason": "Looked everywhere"}));
    assert_eq!(answer.status, 201, "{}", answer.json());
    let about = events(world, &id(&counted));
    assert_eq!(about.iter().map(lines).sum::<usize>(), 500);
    assert_eq!(clinic.reconciliation(&lot)["adjusted"], -1000);
}
