//! Ways back (DOMAIN rule 23): movements and inspections that were recorded wrongly are reversed, and what comes back is
//! never usable before somebody has inspected and released it.

use lotline::caller::Role;
use serde_json::{Value, json};

use super::support::client::codes;
use super::support::clinic::{Clinic, EXPIRY, id, location, scan};
use super::support::{World, on_both_databases};

on_both_databases!(
    what_was_wasted_comes_back_to_quarantine,
    what_was_worse_than_quarantined_stays_so,
    packs_come_back_by_number_unless_they_arrived_again,
    transfers_are_undone_where_their_units_still_are,
    a_transfer_back_into_stock_follows_the_rules,
    counts_are_turned_round,
    inspections_are_taken_back,
    whoever_looked_still_does_not_release,
    what_comes_back_late_is_judged_by_its_moment,
    two_who_reverse_the_same,
    differences_are_on_the_morning_list,
);

fn at(time: &str) -> Value {
    json!(format!("2026-07-01T{time}:00Z"))
}

fn states(clinic: &Clinic<'_>, lot: &str) -> Vec<(String, String, i64)> {
    let stock = clinic.read(&format!("/v1/stock?lot_id={lot}"));
    let place = |id: &Value| match id.as_str().unwrap() {
        id if id == clinic.stock => "stock".to_owned(),
        id if id == clinic.quarantine => "quarantine".to_owned(),
        _ => "elsewhere".to_owned(),
    };
    let mut found: Vec<_> = stock["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| {
            (place(&item["location_id"]), item["state"].as_str().unwrap().to_owned(), item["units"].as_i64().unwrap())
        })
        .collect();
    found.sort();
    found
}

fn assert_states(clinic: &Clinic<'_>, lot: &str, expected: &[(&str, &str, i64)]) {
    let expected: Vec<_> =
        expected.iter().map(|(at, state, units)| ((*at).to_owned(), (*state).to_owned(), *units)).collect();
    assert_eq!(states(clinic, lot), expected);
    assert_eq!(clinic.reconciliation(lot)["balanced"], true);
}

fn reverse_of(clinic: &Clinic<'_>, kind: &str, made: &Value, changes: Value) -> (u16, Value) {
    let mut body = json!({"reason": "Recorded wrongly"});
    changes.as_object().unwrap().iter().for_each(|(name, value)| body[name] = value.clone());
    clinic.post(Role::Quality, &format!("/v1/{kind}/{}/reversals", id(made)), &body)
}

/// The movement, reversed.
fn reversed(clinic: &Clinic<'_>, made: &Value) -> Value {
    let (status, answer) = reverse_of(clinic, "movements", made, json!({}));
    assert_eq!(status, 201, "{answer}");
    assert_eq!(
        (&answer["reversed"]["by"], &answer["reversed"]["reason"]),
        (&json!("quality"), &json!("Recorded wrongly"))
    );
    let shown = clinic.read(&format!("/v1/movements/{}", id(made)));
    assert_eq!(shown, answer);
    let listed = clinic.read("/v1/movements?limit=200");
    assert!(listed["items"].as_array().unwrap().contains(&answer), "{listed}");
    let (status, again) = reverse_of(clinic, "movements", made, json!({}));
    assert_eq!((status, &again["code"]), (409, &json!("already_reversed")), "{again}");
    answer
}

/// It is refused, with these dependents, and nothing changes.
fn assert_rests(clinic: &Clinic<'_>, kind: &str, made: &Value, expected: &[(&str, &str)]) {
    let before = clinic.database.state();
    let (status, problem) = reverse_of(clinic, kind, made, json!({}));
    assert_eq!((status, &problem["code"]), (409, &json!("others_rest_on_it")), "{problem}");
    let mut found: Vec<_> = problem["dependents"]
        .as_array()
        .unwrap()
        .iter()
        .map(|d| (d["type"].as_str().unwrap(), d["id"].as_str().unwrap()))
        .collect();
    let mut expected = expected.to_vec();
    found.sort_unstable();
    expected.sort_unstable();
    assert_eq!(found, expected);
    assert_eq!(clinic.database.state(), before);
}

fn removal(lot: &str, from: &str, units: i64) -> Value {
    json!({"lot_id": lot, "from_location_id": from, "units": units, "reason": "No longer wanted"})
}

fn transfer(clinic: &Clinic<'_>, lot: &str, (from, to): (&str, &str), units: i64) -> Value {
    let body =
        json!({"lot_id": lot, "from_location_id": from, "to_location_id": to, "units": units, "reason": "Restocking"});
    clinic.create(Role::Quality, "/v1/transfers", &body)
}

fn count(clinic: &Clinic<'_>, lot: &str, at: &str, units: i64) -> Value {
    let body = json!({"lot_id": lot, "location_id": at, "units_counted": units, "reason": "Monthly count"});
    clinic.create(Role::Quality, "/v1/counts", &body)
}

fn inspection_at(clinic: &Clinic<'_>, lot: &str, at: &str, passed: i64, failed: i64) -> Value {
    let mut body = clinic.inspection("", lot, passed, failed);
    body["receipt_id"] = Value::Null;
    body["location_id"] = json!(at);
    body
}

fn place(clinic: &Clinic<'_>, changes: Value) -> String {
    let mut body = location(&clinic.site, "stock");
    changes.as_object().unwrap().iter().for_each(|(name, value)| body[name] = value.clone());
    id(&clinic.create(Role::Admin, "/v1/locations", &body))
}

fn what_was_wasted_comes_back_to_quarantine(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 6);
    for path in ["/v1/wastages", "/v1/returns", "/v1/destructions"] {
        let mut body = removal(&lot, &clinic.stock, 2);
        body["state"] = json!("available");
        let gone = clinic.create(Role::Quality, path, &body);
        reversed(&clinic, &gone);
        let r = clinic.reconciliation(&lot);
        assert_eq!((&r["wasted"], &r["returned"], &r["destroyed"]), (&json!(0), &json!(0), &json!(0)));
    }
    assert_states(&clinic, &lot, &[("stock", "quarantined", 6)]);
    // DOMAIN rule 23: it cannot be used before it was inspected and released again.
    let (status, problem) = clinic.administer(&lot, 1);
    assert_eq!((status, codes(&problem)), (409, vec!["lot_quarantined".to_owned()]));
    transfer(&clinic, &lot, (&clinic.stock, &clinic.quarantine), 6);
    let release = format!("/v1/lots/{lot}/releases");
    clinic.assert_refused(Role::Quality, &release, &clinic.release(6), &["not_inspected"]);
    let inspection = inspection_at(&clinic, &lot, &clinic.quarantine, 6, 0);
    clinic.create(Role::Purchaser, "/v1/inspections", &inspection);
    clinic.create(Role::Quality, &release, &clinic.release(6));
    assert_eq!(clinic.administer(&lot, 1).0, 201);

    let events = clinic.read("/v1/events?kind=movement_reversed");
    assert_eq!(events["items"].as_array().unwrap().len(), 3);
    assert_eq!(events["items"][0]["summary"], "A movement of 2 units was reversed: Recorded wrongly");
}

fn what_was_worse_than_quarantined_stays_so(world: &World) {
    let clinic = world.clinic();
    let (receipt, lot) = clinic.receive("LOT1", EXPIRY, 2);
    clinic.create(Role::Purchaser, "/v1/inspections", &clinic.inspection(&receipt, &lot, 2, 2));
    // Rejected units come back rejected, passed ones without their pass.
    let failed = clinic.create(Role::Quality, "/v1/destructions", &removal(&lot, &clinic.quarantine, 2));
    assert_eq!(failed["state"], "rejected");
    let passed = clinic.create(Role::Quality, "/v1/returns", &removal(&lot, &clinic.quarantine, 2));
    assert_eq!(passed["state"], "passed");
    reversed(&clinic, &failed);
    reversed(&clinic, &passed);
    assert_states(&clinic, &lot, &[("quarantine", "quarantined", 2), ("quarantine", "rejected", 2)]);

    // Held units come back held while the hold is open, and otherwise quarantined: nothing would free them.
    let lot = clinic.receive_inspect_release("LOT2", 4);
    let hold = clinic.hold(&lot);
    let first = clinic.create(Role::Quality, "/v1/wastages", &removal(&lot, &clinic.stock, 2));
    let second = clinic.create(Role::Quality, "/v1/wastages", &removal(&lot, &clinic.stock, 2));
    reversed(&clinic, &first);
    assert_states(&clinic, &lot, &[("stock", "held", 2)]);
    clinic.create(Role::Quality, &format!("/v1/holds/{}/lift", id(&hold)), &json!({"reason": "Unrelated"}));
    reversed(&clinic, &second);
    assert_states(&clinic, &lot, &[("stock", "available", 2), ("stock", "quarantined", 2)]);
}

fn packs_come_back_by_number_unless_they_arrived_again(world: &World) {
    let clinic = world.clinic();
    let packs = ["A1", "A2"].map(|serial| json!({"scan": scan("270630", "LOT1", Some(serial)), "packs": 1}));
    let receipt = clinic.create(Role::Purchaser, "/v1/receipts", &clinic.receipt(json!(packs)));
    let lot = receipt["lines"][0]["lot_id"].as_str().unwrap().to_owned();
    let named = |serial: &str| {
        let mut body = removal(&lot, &clinic.quarantine, 2);
        body["serials"] = json!([serial]);
        body
    };
    let first = clinic.create(Role::Quality, "/v1/returns", &named("A1"));
    let second = clinic.create(Role::Quality, "/v1/returns", &named("A2"));
    reversed(&clinic, &first);
    assert_states(&clinic, &lot, &[("quarantine", "quarantined", 2)]);
    // It is there under its number again.
    let third = clinic.create(Role::Quality, "/v1/wastages", &named("A1"));
    reversed(&clinic, &third);

    let again = json!([{"scan": scan("270630", "LOT1", Some("A2")), "packs": 1}]);
    let arrived = clinic.create(Role::Purchaser, "/v1/receipts", &clinic.receipt(again));
    assert_rests(&clinic, "movements", &second, &[("receipt", &id(&arrived))]);
    assert_states(&clinic, &lot, &[("quarantine", "quarantined", 4)]);
}

fn transfers_are_undone_where_their_units_still_are(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 6);
    let room = place(&clinic, json!({}));
    let there = transfer(&clinic, &lot, (&clinic.stock, &room), 4);
    reversed(&clinic, &there);
    assert_states(&clinic, &lot, &[("stock", "available", 6)]);

    // Part of it has moved on: by use, by another transfer.
    let there = transfer(&clinic, &lot, (&clinic.stock, &room), 4);
    let mut body = clinic.administration(&lot, 1);
    body["location_id"] = json!(room);
    let used = clinic.create(Role::Practitioner, "/v1/administrations", &body);
    assert_rests(&clinic, "movements", &there, &[("administration", &id(&used))]);
    let back = transfer(&clinic, &lot, (&room, &clinic.stock), 1);
    let expected = [("administration", id(&used)), ("movement", id(&back))];
    assert_rests(&clinic, "movements", &there, &expected.each_ref().map(|(kind, id)| (*kind, id.as_str())));
    // What is there of others may go in its place: one unit is as good as another.
    transfer(&clinic, &lot, (&clinic.stock, &room), 2);
    reversed(&clinic, &there);
    assert_states(&clinic, &lot, &[("stock", "available", 5)]);

    // A hold has moved them on, too; what was held before follows its hold.
    let there = transfer(&clinic, &lot, (&clinic.stock, &room), 1);
    let hold = clinic.hold(&lot);
    assert_rests(&clinic, "movements", &there, &[("hold", &id(&hold))]);
    let apart = transfer(&clinic, &lot, (&clinic.stock, &clinic.quarantine), 2);
    assert_eq!(apart["state"], "held");
    reversed(&clinic, &apart);
    clinic.create(Role::Quality, &format!("/v1/holds/{}/lift", id(&hold)), &json!({"reason": "Unrelated"}));
    assert_states(&clinic, &lot, &[("elsewhere", "available", 1), ("stock", "available", 4)]);

    // Numbers.
    let (receipt, line) = {
        let line = json!([{"scan": scan("270630", "LOT2", Some("A1")), "packs": 1}]);
        let made = clinic.create(Role::Purchaser, "/v1/receipts", &clinic.receipt(line));
        (id(&made), made["lines"][0]["lot_id"].as_str().unwrap().to_owned())
    };
    let returns = place(&clinic, json!({"purpose": "returns", "name": "Returns"}));
    let there = transfer(&clinic, &line, (&clinic.quarantine, &returns), 2);
    let inspection = inspection_at(&clinic, &line, &returns, 2, 0);
    let inspected = clinic.create(Role::Purchaser, "/v1/inspections", &inspection);
    assert_rests(&clinic, "movements", &there, &[("inspection", &id(&inspected))]);
    let (status, answer) = reverse_of(&clinic, "inspections", &inspected, json!({}));
    assert_eq!(status, 201, "{answer}");
    reversed(&clinic, &there);
    assert_states(&clinic, &line, &[("quarantine", "quarantined", 2)]);
    clinic.create(Role::Purchaser, "/v1/inspections", &clinic.inspection(&receipt, &line, 2, 0));
}

fn a_transfer_back_into_stock_follows_the_rules(world: &World) {
    let clinic = world.clinic();
    // To quarantine and back: never straight into stock.
    let lot = clinic.receive_inspect_release("LOT1", 2);
    let apart = transfer(&clinic, &lot, (&clinic.stock, &clinic.quarantine), 2);
    reversed(&clinic, &apart);
    assert_states(&clinic, &lot, &[("stock", "quarantined", 2)]);
    // The place was made too warm meanwhile.
    let room = place(&clinic, json!({}));
    let lot = clinic.receive_inspect_release("LOT2", 2);
    let elsewhere = place(&clinic, json!({"name": "Room 2"}));
    let first = transfer(&clinic, &lot, (&clinic.stock, &room), 2);
    let second = transfer(&clinic, &lot, (&room, &elsewhere), 2);
    let warm = world.patch(&format!("/v1/locations/{room}"), &json!({"max_c": 30}));
    assert_eq!(warm.status, 200);
    reversed(&clinic, &second);
    assert_states(&clinic, &lot, &[("elsewhere", "quarantined", 2)]);
    assert_rests(&clinic, "movements", &first, &[("movement", &id(&second))]);
    // It has expired meanwhile.
    let lot = clinic.stocked("LOT3", "2026-07-02", 2);
    let there = transfer(&clinic, &lot, (&clinic.stock, &elsewhere), 2);
    world.clock.advance_days(2);
    reversed(&clinic, &there);
    assert_states(&clinic, &lot, &[("stock", "quarantined", 2)]);
    // The place is no longer in use.
    let lot = clinic.receive_inspect_release("LOT4", 2);
    let small = place(&clinic, json!({"name": "Drawer"}));
    transfer(&clinic, &lot, (&clinic.stock, &small), 2);
    let gone = clinic.create(Role::Quality, "/v1/wastages", &removal(&lot, &small, 2));
    let retire = format!("/v1/locations/{small}/retire");
    clinic.create(Role::Admin, &retire, &json!({"reason": "Broken"}));
    let (status, problem) = reverse_of(&clinic, "movements", &gone, json!({}));
    assert_eq!((status, &problem["code"]), (409, &json!("retired")), "{problem}");
}

fn counts_are_turned_round(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 6);
    let fewer = count(&clinic, &lot, &clinic.stock, 4);
    reversed(&clinic, &fewer);
    assert_states(&clinic, &lot, &[("stock", "available", 4), ("stock", "quarantined", 2)]);
    let same = count(&clinic, &lot, &clinic.stock, 6);
    let waiting = count(&clinic, &lot, &clinic.stock, 8);
    for counted in [&same, &waiting] {
        let (status, problem) = reverse_of(&clinic, "movements", counted, json!({}));
        assert_eq!((status, &problem["code"]), (409, &json!("nothing_to_reverse")), "{problem}");
    }
    let second = world.token_as("quinn", &[Role::Quality]);
    let review = |count: &Value, what: &str| {
        let path = format!("/v1/movements/{}/{what}", id(count));
        let (status, answer) = world.http.post(&second, &path, &json!({"reason": "Looked again"}));
        assert_eq!(status, 201, "{answer}");
    };
    review(&waiting, "approvals");
    assert_states(&clinic, &lot, &[("stock", "available", 4), ("stock", "quarantined", 4)]);
    reversed(&clinic, &waiting);
    assert_states(&clinic, &lot, &[("stock", "available", 4), ("stock", "quarantined", 2)]);
    let rejected = count(&clinic, &lot, &clinic.stock, 1);
    review(&rejected, "rejections");
    let (status, problem) = reverse_of(&clinic, "movements", &rejected, json!({}));
    assert_eq!((status, &problem["code"]), (409, &json!("nothing_to_reverse")), "{problem}");
    // Found units that have gone are not taken twice.
    let found = count(&clinic, &lot, &clinic.stock, 7);
    review(&found, "approvals");
    let apart = transfer_quarantined(&clinic, &lot, 3);
    assert_rests(&clinic, "movements", &found, &[("movement", &id(&apart))]);
}

fn transfer_quarantined(clinic: &Clinic<'_>, lot: &str, units: i64) -> Value {
    let body = json!({
        "lot_id": lot, "from_location_id": clinic.stock, "to_location_id": clinic.quarantine, "units": units,
        "state": "quarantined", "reason": "Set apart"
    });
    clinic.create(Role::Quality, "/v1/transfers", &body)
}

fn inspections_are_taken_back(world: &World) {
    let clinic = world.clinic();
    let (receipt, lot) = clinic.receive("LOT1", EXPIRY, 3);
    let inspected = clinic.create(Role::Purchaser, "/v1/inspections", &clinic.inspection(&receipt, &lot, 4, 2));
    let returns = place(&clinic, json!({"purpose": "returns", "name": "Returns"}));
    let body = json!({
        "lot_id": lot, "from_location_id": clinic.quarantine, "to_location_id": returns, "units": 1, "state": "passed",
        "reason": "Set apart"
    });
    clinic.create(Role::Quality, "/v1/transfers", &body);
    let path = format!("/v1/lots/{lot}/releases");
    let released = clinic.create(Role::Quality, &path, &clinic.release(1));
    let sent = clinic.create(Role::Quality, "/v1/returns", &removal(&lot, &clinic.quarantine, 1));
    assert_eq!(sent["state"], "rejected");
    let rests = [("release", id(&released)), ("movement", id(&sent))];
    assert_rests(&clinic, "inspections", &inspected, &rests.each_ref().map(|(kind, id)| (*kind, id.as_str())));

    let (receipt, lot) = clinic.receive("LOT2", EXPIRY, 3);
    let inspected = clinic.create(Role::Purchaser, "/v1/inspections", &clinic.inspection(&receipt, &lot, 4, 2));
    let sent = clinic.create(Role::Quality, "/v1/returns", &removal(&lot, &clinic.quarantine, 1));
    assert_rests(&clinic, "inspections", &inspected, &[("movement", &id(&sent))]);
    // What was reversed itself stands in nobody's way.
    reversed(&clinic, &sent);
    let body = json!({
        "lot_id": lot, "from_location_id": clinic.quarantine, "to_location_id": returns, "units": 1, "state": "passed",
        "reason": "Set apart"
    });
    clinic.create(Role::Quality, "/v1/transfers", &body);
    let (status, answer) = reverse_of(&clinic, "inspections", &inspected, json!({}));
    assert_eq!((status, &answer["reversed"]["by"]), (201, &json!("quality")), "{answer}");
    assert_eq!(clinic.read(&format!("/v1/inspections/{}", id(&inspected))), answer);
    assert_states(&clinic, &lot, &[("elsewhere", "quarantined", 1), ("quarantine", "quarantined", 5)]);
    let (status, again) = reverse_of(&clinic, "inspections", &inspected, json!({}));
    assert_eq!((status, &again["code"]), (409, &json!("already_reversed")), "{again}");
    clinic.create(Role::Purchaser, "/v1/inspections", &clinic.inspection(&receipt, &lot, 6, 0));
}

fn whoever_looked_still_does_not_release(world: &World) {
    let clinic = world.clinic();
    let release = |lot: &str| {
        let own = world.token_as("purchaser", &[Role::Quality]);
        let (status, answer) = world.http.post(&own, &format!("/v1/lots/{lot}/releases"), &clinic.release(2));
        if status == 201 { Vec::new() } else { codes(&answer) }
    };
    let other = |body: &Value| {
        let token = world.token_as("ines", &[Role::Purchaser]);
        let (status, answer) = world.http.post(&token, "/v1/inspections", body);
        assert_eq!(status, 201, "{answer}");
    };
    let reverse = |made: &Value| {
        let (status, answer) = reverse_of(&clinic, "inspections", made, json!({}));
        assert_eq!(status, 201, "{answer}");
    };
    let (receipt, lot) = clinic.receive("LOT1", EXPIRY, 1);
    let inspection = clinic.inspection(&receipt, &lot, 2, 0);
    reverse(&clinic.create(Role::Purchaser, "/v1/inspections", &inspection));
    other(&inspection);
    assert_eq!(release(&lot), ["inspector_cannot_release"]);
    // One that had passed and failed nothing counts for nothing when it is reversed.
    let (receipt, lot) = clinic.receive("LOT2", EXPIRY, 1);
    let mut part = clinic.inspection(&receipt, &lot, 2, 0);
    part["checks"] = json!([{"criterion": "label_legible", "result": "pass"}]);
    let made = clinic.create(Role::Purchaser, "/v1/inspections", &part);
    other(&clinic.inspection(&receipt, &lot, 2, 0));
    assert_eq!(release(&lot), ["inspector_cannot_release"]);
    reverse(&made);
    assert_eq!(release(&lot), [""; 0]);
}

fn what_comes_back_late_is_judged_by_its_moment(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 6);
    let room = place(&clinic, json!({}));
    world.clock.set("2026-07-01T11:00:00Z");
    let there = transfer(&clinic, &lot, (&clinic.stock, &room), 4);
    world.clock.set("2026-07-01T12:00:00Z");
    let hold = clinic.hold(&lot);
    world.clock.set("2026-07-01T13:00:00Z");
    let late = |time: &str| reverse_of(&clinic, "movements", &there, json!({"occurred_at": at(time)}));
    let (status, problem) = late("10:59");
    assert_eq!((status, &problem["code"]), (422, &json!("occurred_too_early")), "{problem}");
    let (status, problem) = late("14:00");
    assert_eq!((status, &problem["code"]), (422, &json!("occurred_in_future")), "{problem}");
    // Before the hold they were free; the hold would have held them where they were.
    assert_rests(&clinic, "movements", &there, &[("hold", &id(&hold))]);
    let (status, answer) = late("11:30");
    assert_eq!((status, &answer["reversed"]["at"]), (201, &json!("2026-07-01T11:30:00.000000Z")), "{answer}");
    assert_states(&clinic, &lot, &[("stock", "held", 6)]);
    clinic.create(Role::Quality, &format!("/v1/holds/{}/lift", id(&hold)), &json!({"reason": "Unrelated"}));
    assert_states(&clinic, &lot, &[("stock", "available", 6)]);

    // What was used since was there.
    world.clock.set("2026-07-01T14:00:00Z");
    let there = transfer(&clinic, &lot, (&clinic.stock, &room), 4);
    world.clock.set("2026-07-01T15:00:00Z");
    let more = transfer(&clinic, &lot, (&clinic.stock, &room), 1);
    let mut body = clinic.administration(&lot, 1);
    body["location_id"] = json!(room);
    world.clock.set("2026-07-01T16:00:00Z");
    clinic.create(Role::Practitioner, "/v1/administrations", &body);
    world.clock.set("2026-07-01T17:00:00Z");
    transfer(&clinic, &lot, (&room, &clinic.stock), 3);
    let (status, problem) = reverse_of(&clinic, "movements", &there, json!({"occurred_at": at("15:30")}));
    assert_eq!((status, codes(&problem)), (409, vec!["stock_moved_since".to_owned()]), "{problem}");
    reversed(&clinic, &more);
    assert_states(&clinic, &lot, &[("stock", "available", 5)]);
}

fn two_who_reverse_the_same(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 4);
    let wasted = clinic.create(Role::Quality, "/v1/wastages", &removal(&lot, &clinic.stock, 2));
    let (receipt, other) = clinic.receive("LOT2", EXPIRY, 1);
    let inspected = clinic.create(Role::Purchaser, "/v1/inspections", &clinic.inspection(&receipt, &other, 2, 0));
    for (kind, made) in [("movements", &wasted), ("inspections", &inspected)] {
        let start = std::sync::Barrier::new(8);
        let mut answers: Vec<_> = std::thread::scope(|scope| {
            let ask = || {
                start.wait();
                let (status, answer) = reverse_of(&clinic, kind, made, json!({}));
                (status, answer["code"].as_str().unwrap_or_default().to_owned())
            };
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(ask)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        answers.sort();
        assert_eq!(answers[0], (201, String::new()), "{kind}");
        assert!(answers[1..].iter().all(|a| *a == (409, "already_reversed".to_owned())), "{kind}: {answers:?}");
    }
    assert_states(&clinic, &lot, &[("stock", "available", 2), ("stock", "quarantined", 2)]);
    assert_states(&clinic, &other, &[("quarantine", "quarantined", 2)]);
}

fn differences_are_on_the_morning_list(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 8);
    let listed = || -> Vec<(String, Value)> {
        let found = clinic.read(&format!("/v1/attention?site_id={}", clinic.site));
        assert_eq!(found["count_differences"], clinic.read("/v1/attention")["count_differences"]);
        let items = found["count_differences"].as_array().unwrap().clone();
        items.iter().map(|item| (id(item), item["status"].clone())).collect()
    };
    let fewer = count(&clinic, &lot, &clinic.stock, 7);
    count(&clinic, &lot, &clinic.stock, 7);
    let waiting = count(&clinic, &lot, &clinic.stock, 2);
    let doubtful = count(&clinic, &lot, &clinic.stock, 9);
    let (posted, waits) = (json!("posted"), json!("waiting"));
    let all = [(id(&doubtful), waits.clone()), (id(&waiting), waits.clone()), (id(&fewer), posted.clone())];
    assert_eq!(listed(), all);
    let second = world.token_as("quinn", &[Role::Quality]);
    for (count, what) in [(&doubtful, "rejections"), (&waiting, "approvals")] {
        let path = format!("/v1/movements/{}/{what}", id(count));
        assert_eq!(world.http.post(&second, &path, &json!({"reason": "Looked again"})).0, 201);
    }
    assert_eq!(listed(), [(id(&waiting), posted.clone()), (id(&fewer), posted.clone())]);
    reversed(&clinic, &fewer);
    assert_eq!(listed(), [(id(&waiting), posted)]);
    world.clock.advance_days(6);
    let later = count(&clinic, &lot, &clinic.stock, 9);
    world.clock.advance_days(2);
    assert_eq!(listed(), [(id(&later), waits)], "what was posted is old by now, and what waits is not");
}
