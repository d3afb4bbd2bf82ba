//! Verifications over HTTP: begun, followed, kept, one at a time, and nobody waits for them.

use std::time::{Duration, Instant};

use lotline::caller::Role;
use serde_json::{Value, json};

use super::support::client::assert_problem;
use super::support::process::init;
use super::support::{Client, Database, Kind, Process, World, on_both_databases};

on_both_databases!(
    one_is_begun_followed_and_kept,
    what_disagrees_is_named,
    there_is_one_at_a_time_and_one_that_nobody_is_at_is_over,
    the_last_are_kept,
);

fn begin(http: &Client, token: &str) -> super::support::Answer {
    http.post_with(token, "/v1/verifications", &[], &json!({}))
}

/// Waits until one has ended.
fn ended(http: &Client, token: &str, id: &Value) -> Value {
    let began = Instant::now();
    loop {
        let (status, found) = http.get(token, &format!("/v1/verifications/{}", id.as_str().unwrap()));
        assert_eq!(status, 200, "{found}");
        if found["state"] != "running" {
            return found;
        }
        assert!(began.elapsed() < Duration::from_secs(60), "{found}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Begins one and waits until it has ended.
pub fn verified(http: &Client, token: &str) -> Value {
    let began = Instant::now();
    loop {
        let answer = begin(http, token);
        if answer.status == 202 {
            return ended(http, token, &answer.json()["id"]);
        }
        assert_problem(&answer, 409, "verification_running", "another is at it");
        assert!(began.elapsed() < Duration::from_secs(60), "the other does not end");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn one_is_begun_followed_and_kept(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 8);
    world.log();
    let events = world.database.count("events");
    let auditor = world.token(Role::Auditor);
    let begun = begin(&world.http, &auditor);
    assert_eq!(begun.status, 202, "{}", begun.json());
    let begun = begun.json();
    assert_eq!(
        (&begun["state"], &begun["started_by"], &begun["agrees"]),
        (&json!("running"), &json!("auditor"), &json!(null))
    );
    // Nobody waits for it.
    assert_eq!(clinic.administer(&lot, 1).0, 201);
    let found = ended(&world.http, &auditor, &begun["id"]);
    assert_eq!((&found["state"], &found["agrees"], &found["findings"]), (&json!("done"), &json!(true), &json!([])));
    assert_eq!((&found["disagreements"], &found["steps_done"]), (&json!(0), &found["steps"]));
    assert!(found["steps"].as_i64().unwrap() > 50 && found["ended_at"].is_string(), "{found}");
    // It stands on what was recorded when it began to read, which was after it was asked for.
    assert!((events..=events + 1).contains(&found["events"].as_i64().unwrap()), "{found}");
    assert!(found["rows"].as_i64().unwrap() > events, "{found}");
    assert_eq!(world.read("/v1/verifications")["items"], json!([found]));
    // Who sees some sites sees that it was done, and not what it found.
    let bound = world.sign(&world.organisation, "bound", &[Role::Auditor], Some(vec![clinic.site.parse().unwrap()]));
    let (_, theirs) = world.http.get(&bound, &format!("/v1/verifications/{}", found["id"].as_str().unwrap()));
    assert_eq!((&theirs["agrees"], &theirs["events"]), (&json!(true), &json!(null)));
    assert_problem(&begin(&world.http, &bound), 403, "beyond_your_sites", "of all sites");
    assert_problem(&begin(&world.http, &world.token(Role::Practitioner)), 403, "forbidden", "no business of theirs");
}

fn what_disagrees_is_named(world: &World) {
    world.will_not_verify();
    let clinic = world.clinic();
    world.log();
    world.database.tamper(&format!("UPDATE products SET name = 'Another' WHERE id = '{}'", clinic.product));
    let quality = world.token(Role::Quality);
    let found = verified(&world.http, &quality);
    assert_eq!((&found["state"], &found["agrees"]), (&json!("done"), &json!(false)), "{found}");
    assert_eq!(found["disagreements"], json!(found["findings"].as_array().unwrap().len()));
    let said = found["findings"].to_string();
    assert!(said.contains("products") && said.contains(&clinic.product) && said.contains("name"), "{said}");
    // A sentence may be about anybody: where others share the deployment, nobody reads them here.
    let other = world.register_organisation("Others");
    world.log();
    for token in [quality, world.sign(&other, "quinn", &[Role::Quality], None)] {
        let found = verified(&world.http, &token);
        assert_eq!((&found["agrees"], &found["findings"]), (&json!(false), &json!([])));
        assert!(found["disagreements"].as_i64().unwrap() > 0 && found["events"].is_null(), "{found}");
    }
}

/// What somebody else's process would have written.
fn row(world: &World, id: &str, state: &str, touched_at: &str) -> String {
    format!(
        "INSERT INTO verifications (id, organisation_id, started_by, started_at, process, state, touched_at, steps_done, steps) \
         VALUES ('{id}', '{}', 'somebody', '{touched_at}', 'another', '{state}', '{touched_at}', 3, 70)",
        world.organisation
    )
}

const ID: &str = "vrf_01932c07-0000-7000-8000-000000000000";

fn there_is_one_at_a_time_and_one_that_nobody_is_at_is_over(world: &World) {
    world.clinic();
    world.log();
    let admin = world.token(Role::Admin);
    assert_eq!(begin(&world.http, &admin).status, 202);
    assert_problem(&begin(&world.http, &admin), 409, "verification_running", "one at a time");
    verified(&world.http, &admin);
    let now = world.clock.now().to_string().replace('T', " ").replace('Z', "");
    world.database.execute(&row(world, ID, "running", &now)).unwrap();
    let state = || world.read(&format!("/v1/verifications/{ID}"))["state"].clone();
    if world.database.kind == Kind::Postgres {
        // Another process of the deployment is at it, until nothing was heard of it for a minute.
        assert_eq!(state(), "running");
        assert_problem(&begin(&world.http, &admin), 409, "verification_running", "another process");
        world
            .database
            .execute("UPDATE verifications SET touched_at = '2026-01-01 00:00:00' WHERE process = 'another'")
            .unwrap();
    }
    // An SQLite file has one server: whoever was at it is gone.
    assert_eq!(state(), "interrupted");
    assert_eq!(verified(&world.http, &admin)["agrees"], true);
    let kept = world.database.lines(&format!("SELECT state AS line FROM verifications WHERE id = '{ID}'"));
    assert_eq!(kept, ["interrupted"]);
}

fn the_last_are_kept(world: &World) {
    world.clinic();
    world.log();
    for number in 0..60 {
        let id = format!("vrf_01932c07-0000-7000-8000-0000000000{number:02}");
        world.database.execute(&row(world, &id, "failed", "2026-01-01 00:00:00")).unwrap();
    }
    let newest = verified(&world.http, &world.token(Role::Admin));
    assert_eq!(world.database.count("verifications"), 50);
    let listed = world.read("/v1/verifications?limit=200")["items"].as_array().unwrap().clone();
    assert_eq!((listed.len(), &listed[49]["id"]), (50, &newest["id"]));
    assert_eq!(listed[0]["id"], "vrf_01932c07-0000-7000-8000-000000000011");
}

#[test]
fn a_server_that_is_killed_takes_it_along() {
    let database = Database::create(Kind::Sqlite).unwrap();
    let (_, admin) = init(&database, "Example Clinics");
    let mut server = Process::serve(&database);
    let begun = begin(&server.http, &admin);
    assert_eq!(begun.status, 202);
    server.kill();
    let id = begun.json()["id"].clone();
    let server = Process::serve(&database);
    assert_eq!(ended(&server.http, &admin, &id)["state"], "interrupted");
    assert_eq!(verified(&server.http, &admin)["agrees"], true);
}
