//! A repeated request: the same key and body get the same answer, byte for byte, and one effect.

use std::sync::Barrier;

use lotline::caller::Role;
use serde_json::{Value, json};

use super::support::client::{assert_problem, codes};
use super::support::clinic::{FAR_EXPIRY, site};
use super::support::{Answer, Database, Kind, Process, World, on_both_databases};

on_both_databases!(
    a_repeated_request_has_one_effect,
    many_at_once_with_one_key,
    what_an_event_says_is_answered_again_as_it_was,
    refusals_are_not_kept,
    an_answer_is_kept_for_seven_days,
);

fn post(world: &World, token: &str, path: &str, key: &str, body: &Value) -> Answer {
    world.http.post_with(token, path, &[("idempotency-key", key)], body)
}

fn a_repeated_request_has_one_effect(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 8);
    let body = clinic.administration(&lot, 1);
    let (ann, bob) = (world.token_as("ann", &[Role::Practitioner]), world.token_as("bob", &[Role::Practitioner]));
    let path = "/v1/administrations";
    let longest = "!~".repeat(64);

    let first = post(world, &ann, path, &longest, &body);
    assert_eq!(first.status, 201);
    let after = world.database.state();
    for _ in 0..3 {
        let again = post(world, &ann, path, &longest, &body);
        assert_eq!((again.status, &again.bytes), (first.status, &first.bytes));
        assert_eq!(again.header("content-type"), first.header("content-type"));
    }
    assert_eq!(world.database.state(), after);
    // The answer is the first one, also when the world has moved on: the hold came later.
    world.clock.advance_days(1);
    clinic.hold(&lot);
    assert_eq!(post(world, &ann, path, &longest, &body).bytes, first.bytes);

    // Another body, or another operation, is another request.
    let mut other = body.clone();
    other["units"] = json!(2);
    assert_problem(&post(world, &ann, path, &longest, &other), 422, "idempotency_key_reused", "another body");
    let everything = world.token_as("ann", Role::ALL);
    let reused = post(world, &everything, "/v1/sites", &longest, &site());
    assert_problem(&reused, 422, "idempotency_key_reused", "another operation");
    // Another caller's key is another key, and so is another organisation's.
    assert_eq!(codes(&post(world, &bob, path, &longest, &body).json()), ["lot_on_hold"]);
    let elsewhere = world.sign(&world.register_organisation("Elsewhere"), "ann", Role::ALL, None);
    assert_eq!(post(world, &elsewhere, "/v1/sites", &longest, &site()).status, 201);
    // Roles are not part of it: the same caller with a fresh token gets the same answer, with the facts that its roles read.
    let (mut again, mut first) = (post(world, &everything, path, &longest, &body).json(), first.json());
    let facts = |answer: &mut Value| answer["decision"]["basis"].take().as_array().unwrap().len();
    assert!(facts(&mut again) > facts(&mut first));
    assert_eq!(again, first);
    assert_eq!(clinic.reconciliation(&lot)["administered"], 1);
}

fn many_at_once_with_one_key(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 40);
    let (token, body) = (world.token(Role::Practitioner), clinic.administration(&lot, 1));
    let start = Barrier::new(16);
    let answers: Vec<Answer> = std::thread::scope(|scope| {
        let ask = || {
            start.wait();
            post(world, &token, "/v1/administrations", "visit-1", &body)
        };
        let threads: Vec<_> = (0..16).map(|_| scope.spawn(ask)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_one_effect(&answers);
    assert_eq!(clinic.reconciliation(&lot)["administered"], 1);
}

/// One did it; the others were told that it is under way, or what the one was told.
fn assert_one_effect(answers: &[Answer]) {
    let done: Vec<_> = answers.iter().filter(|answer| answer.status == 201).collect();
    assert!(!done.is_empty());
    assert!(done.iter().all(|answer| answer.bytes == done[0].bytes));
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        assert_problem(answer, 409, "idempotency_key_in_flight", "at the same time");
    }
}

fn refusals_are_not_kept(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 4);
    let hold = clinic.hold(&lot);
    let (token, body) = (world.token(Role::Practitioner), clinic.administration(&lot, 1));
    let path = "/v1/administrations";
    assert_eq!(codes(&post(world, &token, path, "visit-1", &body).json()), ["lot_on_hold"]);
    assert_eq!(world.database.count("idempotency_keys"), 0);
    let mut wrong = body.clone();
    wrong["units"] = json!(0);
    assert_problem(&post(world, &token, path, "visit-1", &wrong), 422, "invalid_units", "the same key");
    let lift = format!("/v1/holds/{}/lift", hold["id"].as_str().unwrap());
    let lifted = post(world, &world.token(Role::Quality), &lift, "lift-1", &json!({"reason": "Unrelated"}));
    assert_eq!(lifted.status, 200);
    let again = post(world, &world.token(Role::Quality), &lift, "lift-1", &json!({"reason": "Unrelated"}));
    assert_eq!((again.status, again.bytes), (200, lifted.bytes));
    assert_eq!(post(world, &token, path, "visit-1", &body).status, 201);
}

/// The answer to an administration is not kept but made again: whatever came after it, or else not at all.
fn what_an_event_says_is_answered_again_as_it_was(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 8);
    let (nurse, path) = (world.token(Role::Practitioner), "/v1/administrations");
    let plain = clinic.administration(&lot, 1);
    // Against a rule, recorded by another, waiting for a word: all of it is in the answer.
    let mut late = clinic.administration(&lot, 90);
    late["retrospective"] = json!({"reason": "It has happened"});
    let given: Vec<_> = [("plain", &plain), ("late", &late)]
        .map(|(key, body)| (key, body, post(world, &nurse, path, key, body)))
        .into_iter()
        .collect();
    for (_, _, answer) in &given {
        assert_eq!(answer.status, 201, "{}", answer.json());
        assert_eq!(answer.json()["unconfirmed"], true, "{}", answer.json());
    }
    assert!(given[1].2.json()["deviation"].is_object());
    assert_eq!(world.database.count("idempotency_keys WHERE made_of IS NOT NULL AND body IS NULL"), 2);
    for (_, _, answer) in &given {
        let id = answer.json()["id"].as_str().unwrap().to_owned();
        let void = json!({"reason": "Mistyped", "returned_to_stock": false});
        clinic.create(Role::Quality, &format!("/v1/administrations/{id}/voids"), &void);
    }
    for (key, body, answer) in &given {
        let again = post(world, &nurse, path, key, body);
        assert_eq!((again.status, &again.bytes), (201, &answer.bytes), "{key}");
    }
    world.assert_verified();
    // What would be another answer is none.
    world.database.execute("UPDATE idempotency_keys SET digest = request_hash").unwrap();
    let state = world.database.state();
    for (key, body, _) in &given {
        assert_problem(&post(world, &nurse, path, key, body), 410, "answer_no_longer_kept", key);
    }
    assert_eq!(world.database.state(), state);
}

#[test]
fn one_key_over_two_processes_has_one_effect() {
    let Some(database) = Database::create(Kind::Postgres) else { return };
    let servers = [Process::serve(&database), Process::serve(&database)];
    let world = World::beside(database, servers[0].http.clone());
    let clinic = world.clinic();
    let lot = clinic.stocked("LOT1", FAR_EXPIRY, 40);
    let (token, body) = (world.token(Role::Practitioner), clinic.administration(&lot, 1));
    let start = Barrier::new(16);
    let (start, servers, token, body) = (&start, &servers, &token, &body);
    let answers: Vec<Answer> = std::thread::scope(|scope| {
        let spawn = |client: usize| {
            scope.spawn(move || {
                start.wait();
                let key = [("idempotency-key", "visit-1")];
                servers[client % 2].http.post_with(token, "/v1/administrations", &key, body)
            })
        };
        let threads: Vec<_> = (0..16).map(spawn).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_one_effect(&answers);
    assert_eq!(clinic.reconciliation(&lot)["administered"], 1);
    world.assert_verified();
}

fn an_answer_is_kept_for_seven_days(world: &World) {
    let (admin, path) = (world.token(Role::Admin), "/v1/sites");
    let mut other = site();
    other["name"] = json!("Another site");
    world.clock.set("2026-07-01T10:00:00Z");
    let first = post(world, &admin, path, "once", &site());
    assert_eq!(first.status, 201);
    // The clock of the test moves on by a microsecond each time it is asked.
    world.clock.set("2026-07-08T09:59:59.999Z");
    assert_eq!(post(world, &admin, path, "once", &site()).bytes, first.bytes);
    assert_problem(&post(world, &admin, path, "once", &other), 422, "idempotency_key_reused", "another body");
    world.sweep();
    assert_eq!(world.database.count("idempotency_keys"), 1, "its time is not over");
    // From then on the key is free, whether the row is gone or not; the new answer is kept as long again.
    world.clock.set("2026-07-08T10:00:01Z");
    let second = post(world, &admin, path, "once", &other);
    assert_eq!(second.status, 201);
    assert_ne!(second.bytes, first.bytes);
    assert_eq!(post(world, &admin, path, "once", &other).bytes, second.bytes);
    assert_problem(&post(world, &admin, path, "once", &site()), 422, "idempotency_key_reused", "the first body");
    assert_eq!(world.database.count("idempotency_keys"), 1);
    world.sweep();
    assert_eq!(world.database.count("idempotency_keys"), 1, "it is not the first one any more");
    // Many of them, and those of this moment.
    world
        .database
        .execute(
            "WITH RECURSIVE numbers (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < 1050) \
             INSERT INTO idempotency_keys \
             (organisation_id, subject, idempotency_key, request_hash, status, body, created_at) \
             SELECT organisation_id, subject, 'many-' || i, request_hash, status, body, created_at \
             FROM idempotency_keys, numbers",
        )
        .unwrap();
    world.clock.set("2026-07-15T09:00:00Z");
    assert_eq!(post(world, &admin, path, "later", &site()).status, 201);
    world.clock.set("2026-07-15T10:00:02Z");
    // Several processes sweep at the same time, while the same key is used again.
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| world.sweep());
        }
        scope.spawn(|| assert_eq!(post(world, &admin, path, "many-1050", &site()).status, 201));
    });
    assert_eq!(world.database.count("idempotency_keys"), 2);
    assert_eq!(post(world, &admin, path, "many-1050", &other).status, 422, "the new one is kept");
}
