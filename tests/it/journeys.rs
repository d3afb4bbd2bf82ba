//! Journeys: what the logger of a transport box measured is judged as the place where the units were, while they were there.

use std::collections::{BTreeMap, BTreeSet};

use lotline::caller::Role;
use serde_json::{Value, json};

use super::excursion_histories::Dice;
use super::excursions::{BY_EXCURSION, at};
use super::sensors::{reading, send};
use super::support::clinic::id;
use super::support::{Clinic, World, on_both_databases};

on_both_databases!(
    what_was_measured_on_the_way_holds_what_was_in_the_box,
    the_file_of_the_logger_may_come_first,
    leaving_and_arriving_may_be_said_apart,
    what_was_held_on_the_way_does_not_reach_stock,
    what_cannot_be_a_journey,
    what_is_set_apart_travels_too,
    a_journey_is_reversed_in_two_steps,
    journeys_in_any_order_of_arrival,
);

impl Clinic<'_> {
    /// A transport box: a location of its own with a logger that travels.
    fn transport_box(&self, max_c: i64) -> (String, String) {
        let place = json!({"site_id": self.site, "name": "Cool box 7", "purpose": "stock", "min_c": 2, "max_c": max_c});
        let place = id(&self.create(Role::Admin, "/v1/locations", &place));
        let logger = json!({"location_id": place, "name": "Logger 7", "interval_seconds": 300, "travels": true});
        let logger = id(&self.create(Role::Admin, "/v1/sensors", &logger));
        (place, logger)
    }

    fn on_the_way(&self, lot: &str, to: &str, units: i64, logger: &str, times: (&str, &str)) -> Value {
        json!({
            "lot_id": lot, "from_location_id": self.stock, "to_location_id": to, "units": units, "reason": "For Thursday",
            "occurred_at": at(times.1), "journey": {"sensor_id": logger, "departed_at": at(times.0)}
        })
    }

    fn carry(&self, body: &Value) -> Value {
        self.create(Role::Quality, "/v1/transfers", body)
    }
}

fn what_was_measured_on_the_way_holds_what_was_in_the_box(world: &World) {
    world.clock.set(&at("06:00"));
    let clinic = world.clinic();
    let (lot, other) = (clinic.receive_inspect_release("L-1", 10), clinic.receive_inspect_release("L-2", 4));
    let (second, (place, logger)) = (clinic.another_fridge(), clinic.transport_box(8));
    world.clock.set(&at("10:00"));
    let moved = clinic.carry(&clinic.on_the_way(&lot, &second, 6, &logger, ("08:00", "09:30")));
    assert_eq!((&moved["from_location_id"], &moved["to_location_id"]), (&json!(place), &json!(second)));
    let departure = moved["departure_id"].as_str().unwrap();
    let listed = world.read(&format!("/v1/movements?lot_id={lot}"));
    let ways: Vec<_> =
        listed["items"].as_array().unwrap().iter().map(|row| (row["id"].clone(), row["occurred_at"].clone())).collect();
    assert!(ways[0].0 == json!(departure) && ways[1].0 == moved["id"], "{ways:?}");
    // The file of the logger has not come yet: nobody knows how warm it was.
    assert_eq!(clinic.told(), ["silent closed 08:00-09:30"]);
    assert_eq!(clinic.excursions()[0]["lots"], json!([{"lot_id": lot, "units_exposed": 6, "held": false}]));
    clinic.assert_stock(&lot, &[(&clinic.stock, "available", 4), (&second, "available", 6)]);
    // In a drawer until eight, cool at 08:20; too warm from nine on, and in the drawer again.
    let warm = [22.0; 4].into_iter().chain([22.0, 15.0, 9.0, 7.0]).chain([5.0; 8]).chain([11.0; 8]).chain([22.0; 4]);
    clinic.measure(&logger, "07:40", &warm.collect::<Vec<_>>());
    assert_eq!(clinic.told(), ["silent withdrawn 08:00-09:30", "above closed 09:00-09:30"]);
    let excursion = clinic.excursions()[1].clone();
    assert_eq!((&excursion["max_c"], &excursion["minutes"]), (&json!(11.0), &json!(30)), "{excursion}");
    assert_eq!(excursion["lots"], json!([{"lot_id": lot, "units_exposed": 6, "held": true}]));
    clinic.assert_stock(&lot, &[(&clinic.stock, "available", 4), (&second, BY_EXCURSION, 6)]);
    clinic.assert_stock(&other, &[(&clinic.stock, "available", 4)]);
    // The chain says where they were; a drawer is no place of anything, and its logger is not missed.
    let chain = world.read(&format!("/v1/lots/{lot}/custody?limit=200"));
    let kinds: Vec<_> =
        chain["events"].as_array().unwrap().iter().map(|event| event["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds.iter().filter(|kind| **kind == "stock_transferred").count(), 2, "{kinds:?}");
    world.clock.set(&at("20:00"));
    let attention = world.read("/v1/attention");
    assert_eq!(attention["silent_sensors"], json!([]), "{attention}");
    world.assert_verified();
}

fn the_file_of_the_logger_may_come_first(world: &World) {
    world.clock.set(&at("06:00"));
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("L-1", 10);
    let (second, (_, logger)) = (clinic.another_fridge(), clinic.transport_box(8));
    world.clock.set(&at("10:00"));
    clinic.measure(&logger, "07:00", &[12.0; 37]);
    assert!(clinic.excursions().is_empty(), "nothing was in there");
    clinic.carry(&clinic.on_the_way(&lot, &second, 2, &logger, ("07:10", "07:35")));
    assert!(clinic.excursions().is_empty(), "25 minutes are no alarm");
    clinic.carry(&clinic.on_the_way(&lot, &second, 3, &logger, ("08:00", "09:00")));
    assert_eq!(clinic.told(), ["above closed 08:00-09:00"]);
    // At the other end they lie among those that came before and were not exposed: no number tells them apart, and the
    // account of those that are held does.
    clinic
        .assert_stock(&lot, &[(&clinic.stock, "available", 5), (&second, "available", 2), (&second, BY_EXCURSION, 3)]);
    // Two boxes' worth at once are one time: another transfer of the same way extends what is exposed.
    clinic.carry(&clinic.on_the_way(&lot, &second, 1, &logger, ("08:00", "09:05")));
    assert_eq!(clinic.told(), ["above closed 08:00-09:05"]);
    clinic
        .assert_stock(&lot, &[(&clinic.stock, "available", 4), (&second, "available", 2), (&second, BY_EXCURSION, 4)]);
    world.assert_verified();
}

fn leaving_and_arriving_may_be_said_apart(world: &World) {
    world.clock.set(&at("06:00"));
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("L-1", 10);
    let (second, (place, logger)) = (clinic.another_fridge(), clinic.transport_box(8));
    world.clock.set(&at("08:00"));
    clinic.measure(&logger, "07:00", &[20.0; 13]);
    clinic.transfer_units(&lot, &clinic.stock, &place, 4);
    world.clock.set(&at("08:40"));
    clinic.measure(&logger, "08:05", &[20.0; 8]);
    assert_eq!(clinic.told(), ["above open 08:00-…"]);
    clinic.assert_stock(&lot, &[(&clinic.stock, "available", 6), (&place, BY_EXCURSION, 4)]);
    world.clock.set(&at("08:42"));
    let back = json!({
        "lot_id": lot, "from_location_id": place, "to_location_id": clinic.quarantine, "units": 4, "reason": "Too warm"
    });
    clinic.carry(&back);
    // They are no longer there, and the logger goes on.
    assert_eq!(clinic.told(), ["above closed 08:00-08:42"]);
    world.clock.set(&at("10:00"));
    clinic.measure(&logger, "08:45", &[20.0; 15]);
    assert_eq!(clinic.told(), ["above closed 08:00-08:42"]);
    // What is put in now is not what was in there.
    clinic.transfer_units(&lot, &clinic.stock, &place, 2);
    assert_eq!(clinic.told(), ["above closed 08:00-08:42"]);
    clinic.transfer_units(&lot, &place, &second, 2);
    clinic.assert_stock(
        &lot,
        &[(&clinic.stock, "available", 4), (&clinic.quarantine, BY_EXCURSION, 4), (&second, "available", 2)],
    );
    world.assert_verified();
}

fn what_was_held_on_the_way_does_not_reach_stock(world: &World) {
    world.clock.set(&at("06:00"));
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("L-1", 6);
    let (second, (_, logger)) = (clinic.another_fridge(), clinic.transport_box(8));
    world.clock.set(&at("08:30"));
    clinic.hold(&lot);
    world.clock.set(&at("10:00"));
    // At eight nothing spoke against their going; at half past nine the hold does against their coming into stock.
    let body = clinic.on_the_way(&lot, &second, 2, &logger, ("08:00", "09:30"));
    clinic.assert_refused(Role::Quality, "/v1/transfers", &body, &["lot_on_hold"]);
    clinic.assert_stock(&lot, &[(&clinic.stock, "held", 6)]);
    let before = clinic.on_the_way(&lot, &second, 2, &logger, ("07:00", "08:00"));
    clinic.carry(&before);
    clinic.assert_stock(&lot, &[(&clinic.stock, "held", 4), (&second, "held", 2)]);
    clinic.carry(&clinic.on_the_way(&lot, &clinic.quarantine, 1, &logger, ("08:00", "09:30")));
    clinic.assert_stock(&lot, &[(&clinic.stock, "held", 3), (&second, "held", 2), (&clinic.quarantine, "held", 1)]);
    world.assert_verified();
}

fn what_cannot_be_a_journey(world: &World) {
    world.clock.set(&at("06:00"));
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("L-1", 6);
    let (second, (place, logger)) = (clinic.another_fridge(), clinic.transport_box(8));
    let fixed = super::sensors::sensor(world, &second);
    world.clock.set(&at("10:00"));
    let good = clinic.on_the_way(&lot, &second, 2, &logger, ("08:00", "09:30"));
    let changed = |path: &[&str], value: Value| {
        let mut body = good.clone();
        let mut field = &mut body;
        for name in path {
            field = &mut field[*name];
        }
        *field = value;
        body
    };
    let rows = [
        (changed(&["journey", "sensor_id"], json!(fixed)), "same_location"),
        (changed(&["to_location_id"], json!(place)), "same_location"),
        (changed(&["from_location_id"], json!(place)), "same_location"),
        (changed(&["journey", "sensor_id"], json!("sen_01932c07-8d00-7000-8000-0000000000ff")), "reference_unknown"),
        (changed(&["journey", "departed_at"], json!(at("09:31"))), "occurred_too_early"),
        (changed(&["journey", "departed_at"], json!(at("10:01"))), "occurred_in_future"),
        (changed(&["journey", "departed_at"], json!("2026-05-01T00:00:00Z")), "occurred_too_long_ago"),
        (changed(&["journey", "departed_at"], Value::Null), "invalid_body"),
        (changed(&["journey", "colour"], json!("blue")), "unknown_field"),
    ];
    for (body, code) in rows {
        let (status, problem) = world.post(Role::Quality, "/v1/transfers", &body);
        assert!((status == 422 || status == 400) && problem["code"] == json!(code), "{code}: {problem}");
    }
    // A sensor that hangs in a fridge is no logger.
    let third = clinic.another_fridge();
    let (status, problem) = world.post(Role::Quality, "/v1/transfers", &changed(&["to_location_id"], json!(third)));
    assert_eq!(status, 201, "{problem}");
    let with_fixed = json!({"sensor_id": fixed, "departed_at": at("08:00")});
    let mut body = changed(&["to_location_id"], json!(third));
    body["journey"] = with_fixed;
    let (status, problem) = world.post(Role::Quality, "/v1/transfers", &body);
    assert_eq!((status, &problem["fields"]), (422, &json!(["journey.sensor_id"])), "{problem}");
    // DOMAIN rule 13: a box that may be warmer than the product's label says is no place for what goes on into stock.
    let (_, warm) = clinic.transport_box(40);
    let warm = |to: &str| clinic.on_the_way(&lot, to, 1, &warm, ("08:00", "09:30"));
    clinic.assert_refused(Role::Quality, "/v1/transfers", &warm(&second), &["location_band_mismatch"]);
    clinic.carry(&warm(&clinic.quarantine));
    // Nothing of what was refused is there.
    clinic.assert_stock(
        &lot,
        &[(&clinic.stock, "available", 3), (&third, "available", 2), (&clinic.quarantine, "quarantined", 1)],
    );
    // Purchasers restock; what is set apart is not for them.
    let (status, _) = world.post(Role::Purchaser, "/v1/transfers", &good);
    assert_eq!(status, 201);
    let apart = clinic.on_the_way(&lot, &clinic.quarantine, 1, &logger, ("08:00", "09:30"));
    assert_eq!(world.post(Role::Purchaser, "/v1/transfers", &apart).0, 403);
    world.assert_verified();
}

fn what_is_set_apart_travels_too(world: &World) {
    world.clock.set(&at("06:00"));
    let clinic = world.clinic();
    let (_, lot) = clinic.receive("L-1", "2027-06-30", 3);
    let apart =
        json!({"site_id": clinic.site, "name": "Second quarantine", "purpose": "quarantine", "min_c": 2, "max_c": 8});
    let apart = id(&clinic.create(Role::Admin, "/v1/locations", &apart));
    let (place, logger) = clinic.transport_box(8);
    world.clock.set(&at("10:00"));
    let mut body = clinic.on_the_way(&lot, &apart, 4, &logger, ("08:00", "09:30"));
    body["from_location_id"] = json!(clinic.quarantine);
    clinic.carry(&body);
    clinic.assert_stock(&lot, &[(&clinic.quarantine, "quarantined", 2), (&apart, "quarantined", 4)]);
    // Whoever says that they went into stock that way is told what they are.
    body["to_location_id"] = json!(clinic.stock);
    body["units"] = json!(2);
    clinic.assert_refused(Role::Quality, "/v1/transfers", &body, &["location_purpose_mismatch"]);
    clinic.measure(&logger, "08:00", &[9.5; 20]);
    assert_eq!(clinic.told(), ["silent withdrawn 08:00-09:30", "above closed 08:00-09:30"]);
    clinic.assert_stock(&lot, &[(&clinic.quarantine, "quarantined", 2), (&apart, BY_EXCURSION, 4)]);
    assert_eq!(clinic.excursions()[1]["location_id"], json!(place));
    world.assert_verified();
}

fn a_journey_is_reversed_in_two_steps(world: &World) {
    world.clock.set(&at("06:00"));
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("L-1", 6);
    let (second, (place, logger)) = (clinic.another_fridge(), clinic.transport_box(8));
    world.clock.set(&at("10:00"));
    let moved = clinic.carry(&clinic.on_the_way(&lot, &second, 2, &logger, ("08:00", "09:30")));
    let departure = moved["departure_id"].as_str().unwrap().to_owned();
    let reverse =
        |id: &str| world.post(Role::Quality, &format!("/v1/movements/{id}/reversals"), &json!({"reason": "Wrong lot"}));
    let (status, problem) = reverse(&departure);
    assert_eq!((status, &problem["code"]), (409, &json!("others_rest_on_it")), "{problem}");
    assert_eq!(reverse(&id(&moved)).0, 201);
    clinic.assert_stock(&lot, &[(&clinic.stock, "available", 4), (&place, "available", 2)]);
    assert_eq!(reverse(&departure).0, 201);
    clinic.assert_stock(&lot, &[(&clinic.stock, "available", 6)]);
    world.assert_verified();
}

/// The minutes of a day that were too warm for thirty minutes at a time while anything was in the box: written from DOMAIN rule
/// 16 and API.md alone, minute by minute.
fn warm_minutes(journeys: &[(i64, i64)], celsius: &BTreeMap<i64, f64>) -> BTreeSet<i64> {
    let stands = |minute: i64| {
        let (at, value) = celsius.range(..=minute).next_back()?;
        let until = match celsius.range(minute + 1..).next() {
            Some((next, _)) if next - at <= 15 => *next,
            _ => at + 5,
        };
        (minute < until).then_some(*value)
    };
    let in_box = |minute: i64| journeys.iter().any(|(left, came)| *left <= minute && minute < *came);
    let is_out = |minute: i64| in_box(minute) && stands(minute).is_some_and(|value| value > 8.0);
    let (mut found, mut bout) = (BTreeSet::new(), Vec::new());
    for minute in 0..=400 {
        // A gap of more than three intervals breaks a bout, also where the value stands until the next reading.
        let breaks = celsius.contains_key(&minute)
            && celsius.range(..minute).next_back().is_some_and(|(before, _)| minute - before > 15);
        if !is_out(minute) || breaks {
            if bout.len() >= 30 {
                found.extend(bout.drain(..));
            }
            bout.clear();
        }
        if is_out(minute) {
            bout.push(minute);
        }
    }
    found
}

fn journeys_in_any_order_of_arrival(world: &World) {
    world.clock.set(&at("05:00"));
    let clinic = world.clinic();
    for history in 0..8_u64 {
        let day = format!("2026-07-{:02}", history + 2);
        let time = |minute: i64| format!("{day}T{:02}:{:02}:00Z", 6 + minute.div_euclid(60), minute.rem_euclid(60));
        world.clock.set(&time(0));
        let mut dice = Dice(history.wrapping_mul(77) + 5);
        let (second, (_, logger)) = (clinic.another_fridge(), clinic.transport_box(8));
        let lots: Vec<_> =
            (0..3).map(|lot| clinic.receive_inspect_release(&format!("J-{history}-{lot}"), 10)).collect();
        let mut journeys: Vec<(usize, i64, i64, i64)> = Vec::new();
        for _ in 0..1 + dice.throw(4) {
            let left = 5 * i64::try_from(dice.throw(50)).unwrap() + 1;
            let long = 1 + i64::try_from(dice.throw(90)).unwrap();
            journeys.push((dice.throw(3), left, left + long, 1 + i64::try_from(dice.throw(2)).unwrap()));
        }
        let mut celsius = BTreeMap::new();
        let mut value = 5.0;
        for place in 0..60 {
            if dice.throw(7) == 0 {
                value = if value > 8.0 { 5.0 } else { 12.0 };
            }
            if dice.throw(12) > 0 {
                celsius.insert(5 * place, value);
            }
        }
        world.clock.set(&time(400));
        // What happened and what was measured, in any order.
        let mut parts: Vec<Vec<(i64, f64)>> = Vec::new();
        for chunk in celsius.iter().map(|(at, value)| (*at, *value)).collect::<Vec<_>>().chunks(11) {
            parts.push(chunk.to_vec());
        }
        let mut todo: Vec<usize> = (0..parts.len() + journeys.len()).collect();
        while !todo.is_empty() {
            let next = todo.swap_remove(dice.throw(todo.len()));
            match parts.get(next) {
                Some(part) => {
                    let rows: Vec<_> = part.iter().map(|(at, value)| reading(&logger, &time(*at), *value)).collect();
                    send(world, &rows);
                }
                None => {
                    let (lot, left, came, units) = journeys[next - parts.len()];
                    let mut body = clinic.on_the_way(&lots[lot], &second, units, &logger, ("06:00", "06:00"));
                    body["occurred_at"] = json!(time(came));
                    body["journey"]["departed_at"] = json!(time(left));
                    clinic.carry(&body);
                }
            }
        }
        let spans: Vec<_> = journeys.iter().map(|(_, left, came, _)| (*left, *came)).collect();
        let warm = warm_minutes(&spans, &celsius);
        for (number, lot) in lots.iter().enumerate() {
            let of_lot = journeys.iter().filter(|(of, ..)| *of == number);
            // Whoever was in the box in such a minute, or came there as it ended or left as it began, was exposed.
            let exposed = of_lot
                .clone()
                .filter(|(_, left, came, _)| warm.iter().any(|minute| *left <= *minute + 1 && *minute <= *came));
            let (all, held): (i64, i64) = (of_lot.map(|row| row.3).sum(), exposed.map(|row| row.3).sum());
            let stock = clinic.stock_of(lot);
            let of = |state: &str| stock.get(&(second.clone(), state.to_owned())).copied().unwrap_or(0);
            assert_eq!(
                (of("available"), of(BY_EXCURSION)),
                (all - held, held),
                "history {history}, lot {number}: {journeys:?} {celsius:?} {:?}",
                clinic.told()
            );
        }
        let told = clinic.excursions();
        let told: Vec<_> = told
            .iter()
            .filter(|row| row["sensor_id"] == json!(logger) && row["kind"] == "above" && row["state"] != "withdrawn")
            .collect();
        let minutes: i64 = told.iter().map(|row| row["minutes"].as_i64().unwrap()).sum();
        assert_eq!(minutes, i64::try_from(warm.len()).unwrap(), "history {history}: {journeys:?} {celsius:?} {told:?}");
    }
    world.assert_verified();
}
