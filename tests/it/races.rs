//! What happens when many ask for the same units at the same moment: the books never give out a unit twice.

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use lotline::caller::Role;
use serde_json::{Value, json};

use super::support::client::codes;
use super::support::clinic::{EXPIRY, FAR_EXPIRY, GTIN, id, scan};
use super::support::{Clinic, Database, Kind, Process, World, on_both_databases};

on_both_databases!(
    the_last_unit_goes_to_one_of_64,
    no_administration_succeeds_after_the_answer_of_a_hold,
    a_release_and_a_hold_never_pass_each_other,
    a_new_lot_received_by_32_at_once_is_one_lot,
    a_serial_number_received_twice_at_once_is_received_once,
    units_drawn_by_many_add_up,
    twins_received_at_once_are_noticed,
    a_number_that_is_no_packs_has_so_many_units_for_all_at_once,
    what_arrives_while_an_excursion_opens_is_held,
);

/// What each of so many clients gets for its request, all sent at once.
pub fn at_once<T: Send>(clients: usize, ask: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let (start, ask) = (Barrier::new(clients), &ask);
    std::thread::scope(|scope| {
        let start = &start;
        let spawn = |client| {
            scope.spawn(move || {
                start.wait();
                ask(client)
            })
        };
        let threads: Vec<_> = (0..clients).map(spawn).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

fn count(answers: &[(u16, Value)], status: u16) -> usize {
    answers.iter().filter(|answer| answer.0 == status).count()
}

fn assert_books(clinic: &Clinic, lot: &str, received: i64, administered: i64) {
    let books = clinic.reconciliation(lot);
    assert_eq!(
        (&books["received"], &books["on_hand"], &books["administered"], &books["balanced"]),
        (&json!(received), &json!(received - administered), &json!(administered), &json!(true))
    );
}

fn the_last_unit_goes_to_one_of_64(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 2);
    assert_eq!(clinic.administer(&lot, 1).0, 201);
    let (token, body) = (world.token(Role::Practitioner), clinic.administration(&lot, 1));
    let answers = at_once(64, |_| world.http.post(&token, "/v1/administrations", &body));
    assert_eq!((count(&answers, 201), count(&answers, 409)), (1, 63), "{answers:?}");
    for (_, refusal) in answers.iter().filter(|answer| answer.0 == 409) {
        assert_eq!((&refusal["code"], codes(refusal)), (&json!("gate_refused"), vec!["stock_not_on_hand".to_owned()]));
    }
    assert_books(&clinic, &lot, 2, 2);
    assert_eq!(world.read(&format!("/v1/stock?lot_id={lot}"))["items"], json!([]));
    let refusals = world.read("/v1/events?kind=gate_refused&limit=200");
    assert_eq!(refusals["items"].as_array().unwrap().len(), 63);
}

fn no_administration_succeeds_after_the_answer_of_a_hold(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 200);
    let (token, body) = (world.token(Role::Practitioner), clinic.administration(&lot, 1));
    let (held, sent) = (AtomicBool::new(false), AtomicU32::new(0));
    // 64 clients administer until they have been refused once; each notes whether its request was sent after the
    // hold's answer had arrived. One more client opens the hold when some administrations are under way.
    let answers: Vec<Vec<(bool, u16, Value)>> = at_once(65, |client| {
        if client == 64 {
            while sent.load(Ordering::SeqCst) < 16 {
                std::thread::yield_now();
            }
            clinic.hold(&lot);
            held.store(true, Ordering::SeqCst);
            return Vec::new();
        }
        let mut answers = Vec::new();
        loop {
            let after = held.load(Ordering::SeqCst);
            sent.fetch_add(1, Ordering::SeqCst);
            let (status, answer) = world.http.post(&token, "/v1/administrations", &body);
            answers.push((after, status, answer));
            if after || answers.len() > 100 {
                return answers;
            }
        }
    });
    let answers: Vec<_> = answers.into_iter().flatten().collect();
    let administered = answers.iter().filter(|answer| answer.1 == 201).count();
    for (after, status, answer) in &answers {
        assert!(matches!(status, 201 | 409), "{answer}");
        assert!(!after || *status == 409, "administered after the hold was answered: {answer}");
        if *status == 409 {
            let expected = if administered < 200 { "lot_on_hold" } else { "stock_not_on_hand" };
            assert!(codes(answer).contains(&expected.to_owned()), "{answer}");
        }
    }
    assert!(answers.iter().filter(|answer| answer.0).count() >= 64, "every client asked after the hold");
    assert_books(&clinic, &lot, 200, i64::try_from(administered).unwrap());
    let stock = world.read(&format!("/v1/stock?lot_id={lot}"));
    assert!(stock["items"].as_array().unwrap().iter().all(|item| item["state"] == "held"), "{stock}");
}

fn a_release_and_a_hold_never_pass_each_other(world: &World) {
    let clinic = world.clinic();
    for round in 0..8 {
        let (receipt, lot) = clinic.receive(&format!("LOT{round}"), EXPIRY, 2);
        clinic.create(Role::Purchaser, "/v1/inspections", &clinic.inspection(&receipt, &lot, 4, 0));
        let path = format!("/v1/lots/{lot}/releases");
        let hold = json!({"scope": {"type": "lot", "id": lot}, "reason": "Under review"});
        let answers = at_once(5, |client| match client {
            0 => clinic.post(Role::Quality, "/v1/holds", &hold),
            _ => clinic.post(Role::Quality, &path, &clinic.release(1)),
        });
        assert_eq!(answers[0].0, 201, "{answers:?}");
        let released = answers[1..].iter().filter(|answer| answer.0 == 201).count();
        for (status, answer) in &answers[1..] {
            assert!(*status == 201 || codes(answer) == ["lot_on_hold"], "{answer}");
        }
        // Whatever was released before the hold is held by it; nothing is available.
        let stock = world.read(&format!("/v1/stock?lot_id={lot}"));
        let held: i64 = stock["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| {
                assert_ne!(item["state"], "available", "{stock}");
                if item["state"] == "held" { item["units"].as_i64().unwrap() } else { 0 }
            })
            .sum();
        assert_eq!(held, i64::try_from(released).unwrap());
    }
}

fn a_new_lot_received_by_32_at_once_is_one_lot(world: &World) {
    let clinic = world.clinic();
    let lines = json!([{"gtin": GTIN, "lot": "LOT1", "expiry": EXPIRY, "packs": 1}]);
    let body = clinic.receipt(lines);
    let answers = at_once(32, |_| clinic.post(Role::Purchaser, "/v1/receipts", &body));
    assert_eq!(count(&answers, 201), 32, "{answers:?}");
    let lots = world.read("/v1/lots")["items"].clone();
    assert_eq!(lots.as_array().unwrap().len(), 1);
    assert!(answers.iter().all(|answer| answer.1["lines"][0]["lot_id"] == lots[0]["id"]));
    assert_eq!(lots[0]["reconciliation"]["received"], 64);
}

fn a_serial_number_received_twice_at_once_is_received_once(world: &World) {
    let clinic = world.clinic();
    for round in 0..8 {
        let serial = format!("SN{round}");
        let lines = json!([{"scan": scan("270630", "LOT1", Some(&serial)), "packs": 1}]);
        let body = clinic.receipt(lines);
        let answers = at_once(4, |_| clinic.post(Role::Purchaser, "/v1/receipts", &body));
        assert_eq!((count(&answers, 201), count(&answers, 409)), (1, 3), "{answers:?}");
        let refused = answers.iter().filter(|answer| answer.0 == 409);
        assert!(refused.clone().all(|answer| codes(&answer.1) == ["serial_already_used"]), "{answers:?}");
    }
}

/// Different amounts at once, in all more than there is: what was given out is what is missing.
fn units_drawn_by_many_add_up(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 40);
    let units = |client: usize| i64::try_from(client % 5 + 1).unwrap();
    let answers = at_once(32, |client| clinic.administer(&lot, units(client)));
    let given: i64 = answers.iter().enumerate().filter(|(_, a)| a.0 == 201).map(|(client, _)| units(client)).sum();
    assert!(answers.iter().all(|answer| answer.0 == 201 || codes(&answer.1) == ["stock_not_on_hand"]), "{answers:?}");
    // Whoever was refused asked for more than is left at the end.
    let left = 40 - given;
    let mut refused = answers.iter().enumerate().filter(|(_, answer)| answer.0 == 409);
    assert!(refused.all(|(client, _)| units(client) > left), "{left} left: {answers:?}");
    assert_books(&clinic, &lot, 40, given);
}

/// Rule 7: whichever of the two comes first, the other is its twin.
fn twins_received_at_once_are_noticed(world: &World) {
    let clinic = world.clinic();
    for round in 0..8 {
        let body = |client: usize| {
            let expiry = if client.is_multiple_of(2) { EXPIRY } else { "2027-07-31" };
            clinic.receipt(json!([{"gtin": GTIN, "lot": format!("LOT{round}"), "expiry": expiry, "packs": 1}]))
        };
        let answers = at_once(4, |client| clinic.post(Role::Purchaser, "/v1/receipts", &body(client)));
        assert_eq!(count(&answers, 201), 4, "{answers:?}");
        let unflagged: Vec<_> =
            answers.iter().filter(|answer| answer.1["lines"][0]["flags"] == json!([])).map(lot_id).collect();
        assert!(unflagged.windows(2).all(|lots| lots[0] == lots[1]), "two lots, and neither a twin: {answers:?}");
        let holds = world.read("/v1/holds?open=true")["items"].as_array().unwrap().len();
        assert_eq!(holds, round + 1, "one of the two lots is held");
    }
}

fn lot_id(answer: &(u16, Value)) -> &str {
    answer.1["lines"][0]["lot_id"].as_str().unwrap()
}

/// Rule 9, for packs that were received without their numbers: two units to a number, also over two lots.
fn a_number_that_is_no_packs_has_so_many_units_for_all_at_once(world: &World) {
    let clinic = world.clinic();
    let lots = [clinic.receive_inspect_release("LOT1", 40), clinic.receive_inspect_release("LOT2", 40)];
    for round in 0..4 {
        let answers = at_once(12, |client| {
            let mut body = clinic.administration(&lots[client % 2], 1);
            body["serial"] = json!(format!("SN{round}"));
            clinic.post(Role::Practitioner, "/v1/administrations", &body)
        });
        assert_eq!((count(&answers, 201), count(&answers, 409)), (2, 10), "{answers:?}");
        let refused = answers.iter().filter(|answer| answer.0 == 409);
        assert!(refused.clone().all(|answer| codes(&answer.1) == ["serial_already_used"]), "{answers:?}");
    }
}

/// Two server processes on one PostgreSQL: they share nothing but the database and the signing keys.
#[test]
fn the_last_unit_goes_to_one_of_64_over_two_processes() {
    let Some(database) = Database::create(Kind::Postgres) else { return };
    let servers = [Process::serve(&database), Process::serve(&database)];
    let world = World::beside(database, servers[0].http.clone());
    let clinic = world.clinic();
    let lot = clinic.stocked("LOT1", FAR_EXPIRY, 2);
    let (token, body) = (world.token(Role::Practitioner), clinic.administration(&lot, 1));
    assert_eq!(servers[1].http.post(&token, "/v1/administrations", &body).0, 201);
    let answers = at_once(64, |client| servers[client % 2].http.post(&token, "/v1/administrations", &body));
    assert_eq!((count(&answers, 201), count(&answers, 409)), (1, 63), "{answers:?}");
    assert!(answers.iter().all(|answer| answer.0 == 201 || codes(&answer.1) == ["stock_not_on_hand"]), "{answers:?}");
    assert_books(&clinic, &lot, 2, 2);
    world.assert_verified();
}

fn what_arrives_while_an_excursion_opens_is_held(world: &World) {
    let clinic = world.clinic();
    let second = json!({"site_id": clinic.site, "name": "Second", "purpose": "stock", "min_c": 2, "max_c": 8});
    let second = id(&world.create(Role::Admin, "/v1/locations", &second));
    let lots: Vec<String> = (0..12).map(|lot| clinic.receive_inspect_release(&format!("R-{lot}"), 2)).collect();
    let transfer = |lot: &str, from: &str, to: &str| json!({"lot_id": lot, "from_location_id": from, "to_location_id": to, "units": 2, "reason": "Restocking"});
    for lot in &lots {
        world.create(Role::Quality, "/v1/transfers", &transfer(lot, &clinic.stock, &second));
    }
    world.clock.set("2026-07-01T12:00:00Z");
    let sensors: Vec<String> = (0..4).map(|_| super::sensors::sensor(world, &clinic.stock)).collect();
    let (quality, device, now) = (world.token(Role::Quality), world.token(Role::Device), world.clock.now());
    let answers = at_once(lots.len() + sensors.len(), |client| match lots.get(client) {
        Some(lot) => world.http.post(&quality, "/v1/transfers", &transfer(lot, &second, &clinic.stock)),
        None => {
            let at = |minutes: i64| now.plus_minutes(-minutes).to_string();
            let sensor = &sensors[client - lots.len()];
            let rows = [40, 30, 20, 10, 0].map(|minutes| super::sensors::reading(sensor, &at(minutes), 9.0));
            world.http.post(&device, "/v1/readings", &json!({ "readings": rows }))
        }
    });
    assert_eq!((count(&answers, 201), count(&answers, 200)), (lots.len(), sensors.len()), "{answers:?}");
    let open = world.read("/v1/excursions?state=open");
    assert_eq!(open["items"].as_array().unwrap().len(), sensors.len());
    let there = world.read(&format!("/v1/stock?location_id={}&limit=200", clinic.stock));
    for item in there["items"].as_array().unwrap() {
        assert_eq!(item["state"], "held", "{item}");
        assert_eq!(item["excursion_ids"].as_array().unwrap().len(), sensors.len(), "{item}");
    }
    assert_eq!(there["items"].as_array().unwrap().len(), lots.len());
    world.assert_verified();
}
