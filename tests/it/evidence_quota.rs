//! How much an organisation may keep, who sent what, and that nothing is left of what is not kept.

use std::fs;
use std::path::PathBuf;

use lotline::caller::Role;
use lotline::values::Sha256Hex;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::policies;
use super::support::client::assert_problem;
use super::support::{Answer, World, on_both_databases};

on_both_databases!(
    files_have_as_many_bytes_as_the_policy_allows,
    who_sends_at_once_does_not_pass_together,
    who_else_sent_a_file_is_told_once,
    bytes_without_a_record_are_removed,
);

/// A picture of so many bytes, another for each number.
fn picture(number: usize, bytes: usize) -> Vec<u8> {
    let mut picture = b"\xff\xd8\xff".to_vec();
    picture.extend(format!("{number:08}").into_bytes());
    picture.resize(bytes, 0);
    picture
}

fn upload(world: &World, token: &str, bytes: &[u8], key: Option<&str>) -> Answer {
    let bearer = format!("Bearer {token}");
    let mut headers = vec![("authorization", bearer.as_str()), ("content-type", "image/jpeg")];
    headers.extend(key.map(|key| ("idempotency-key", key)));
    world.http.send("POST", "/v1/evidence", &headers, Some(bytes))
}

fn digest(bytes: &[u8]) -> String {
    Sha256Hex::from(<[u8; 32]>::from(Sha256::digest(bytes))).to_string()
}

fn folder(world: &World) -> PathBuf {
    world.database.dir().join("evidence").join(world.organisation.as_str())
}

fn files(world: &World) -> usize {
    fs::read_dir(folder(world)).map_or(0, Iterator::count)
}

fn counted(world: &World) -> (i64, usize, i64) {
    (world.database.count("evidence"), files(world), world.database.count("evidence_claims"))
}

fn files_have_as_many_bytes_as_the_policy_allows(world: &World) {
    let token = world.token(Role::Purchaser);
    assert_eq!(world.read("/v1/policies")["evidence_quota_bytes"], json!(107_374_182_400_i64), "100 GiB");
    policies::set(world, &json!({"evidence_quota_bytes": 100}));
    let (first, second) = (picture(1, 60), picture(2, 60));
    assert_eq!(upload(world, &token, &first, None).status, 201);
    for key in [None, Some("again"), Some("again")] {
        let refused = upload(world, &token, &second, key);
        assert_problem(&refused, 409, "evidence_quota_exceeded", "120 of 100");
    }
    assert_eq!(counted(world), (1, 1, 0), "and nothing is left of it");
    // What is there takes no more room, whoever sends it.
    assert_eq!(upload(world, &world.token(Role::Quality), &first, None).status, 201);
    assert_eq!(upload(world, &token, &picture(3, 40), Some("exactly")).status, 201);
    assert_eq!(upload(world, &token, &picture(3, 40), Some("exactly")).status, 201);
    assert_problem(&upload(world, &token, &picture(4, 12), None), 409, "evidence_quota_exceeded", "full");
    // What is there stays when less is allowed.
    policies::set(world, &json!({"evidence_quota_bytes": 0}));
    assert_eq!(upload(world, &token, &first, None).status, 201);
    assert_problem(&upload(world, &token, &picture(4, 12), None), 409, "evidence_quota_exceeded", "0");
    assert_eq!(counted(world), (2, 2, 0));
    // Others have their own.
    let elsewhere = world.sign(&world.register_organisation("Elsewhere"), "ann", Role::ALL, None);
    assert_eq!(upload(world, &elsewhere, &second, None).status, 201);
    policies::set(world, &json!({"evidence_quota_bytes": 112}));
    assert_eq!(upload(world, &token, &picture(4, 12), None).status, 201);
    assert_eq!(
        world.database.lines("SELECT CAST(bytes AS TEXT) AS line FROM evidence_totals ORDER BY bytes"),
        ["60", "112"]
    );
}

fn who_sends_at_once_does_not_pass_together(world: &World) {
    policies::set(world, &json!({"evidence_quota_bytes": 500}));
    let token = world.token(Role::Purchaser);
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let send = |number: usize| {
            scope.spawn({
                let token = &token;
                move || {
                    let answer = upload(world, token, &picture(number, 100), None);
                    if answer.status != 201 {
                        assert_problem(&answer, 409, "evidence_quota_exceeded", "the sixth and later");
                    }
                    answer.status
                }
            })
        };
        let sent: Vec<_> = (0..16).map(send).collect();
        sent.into_iter().map(|sent| sent.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 5, "{statuses:?}");
    assert_eq!(counted(world), (5, 5, 0));
    // One file, sent by all at once, is one.
    policies::set(world, &json!({"evidence_quota_bytes": 600}));
    std::thread::scope(|scope| {
        for number in 0..12 {
            let token = world.token_as(&format!("person-{}", number % 4), &[Role::Practitioner]);
            scope.spawn(move || assert_eq!(upload(world, &token, &picture(99, 100), None).status, 201));
        }
    });
    assert_eq!(counted(world), (6, 6, 0));
    let path = format!("/v1/events?subject={}", digest(&picture(99, 100)));
    let items = world.read(&path)["items"].as_array().unwrap().clone();
    let mut kinds: Vec<_> = items.iter().map(|event| event["kind"].as_str().unwrap()).collect();
    // Sent at once, they are recorded at one time, and listed in any order of theirs.
    kinds.sort_unstable();
    assert_eq!(kinds, ["evidence_repeated", "evidence_repeated", "evidence_repeated", "evidence_stored"]);
}

fn who_else_sent_a_file_is_told_once(world: &World) {
    let (file, ann, bob) =
        (picture(1, 60), world.token_as("ann", &[Role::Purchaser]), world.token_as("bob", &[Role::Practitioner]));
    let first = upload(world, &ann, &file, None);
    let before = world.database.state();
    assert_eq!(upload(world, &ann, &file, None).bytes, first.bytes);
    assert_eq!(world.database.state(), before, "she is known to have it");
    for _ in 0..3 {
        assert_eq!(upload(world, &bob, &file, None).bytes, first.bytes, "the record of the first time");
    }
    let events = world.read(&format!("/v1/events?subject={}", digest(&file)))["items"].clone();
    let told: Vec<_> = events
        .as_array()
        .unwrap()
        .iter()
        .map(|event| (event["kind"].as_str().unwrap(), event["details"]["uploaded_by"].as_str().unwrap()))
        .collect();
    assert_eq!(told, [("evidence_stored", "ann"), ("evidence_repeated", "bob")]);
    assert_eq!(events[1]["details"]["sha256"], json!(digest(&file)));
    assert_eq!(counted(world), (1, 1, 0));
    // Another organisation's file is another: nobody learns that somebody else has it.
    let elsewhere = world.register_organisation("Elsewhere");
    let answer = upload(world, &world.sign(&elsewhere, "ann", Role::ALL, None), &file, None);
    assert_eq!((answer.status, &answer.json()["uploaded_by"]), (201, &json!("ann")));
    assert_eq!(world.database.count("evidence"), 2);
}

fn bytes_without_a_record_are_removed(world: &World) {
    let (token, kept, lost) = (world.token(Role::Purchaser), picture(1, 60), picture(2, 60));
    assert_eq!(upload(world, &token, &kept, None).status, 201);
    // A process ended after it had written the bytes; and while it wrote those of a file that is on record by now.
    fs::write(folder(world).join(digest(&lost)), &lost).unwrap();
    let claim = |bytes: &[u8], arriving: i64, leaving: &str, since: &str| {
        let (organisation, sha256) = (world.organisation.as_str(), digest(bytes));
        let leaving = if world.database.url_text().starts_with("postgres") {
            leaving
        } else {
            &leaving.replace("true", "1").replace("false", "0")
        };
        let values = format!("'{organisation}', '{sha256}', {arriving}, {leaving}, '{since}'");
        world.database.execute(&format!("INSERT INTO evidence_claims VALUES ({values})")).unwrap();
    };
    world.clock.set("2026-07-01T10:00:00Z");
    claim(&lost, 1, "false", "2026-07-01 09:50:00.5");
    claim(&kept, 2, "false", "2026-07-01 09:50:00.5");
    world.sweep();
    assert_eq!(counted(world), (1, 2, 2), "they may still be on their way");
    world.clock.set("2026-07-01T10:00:01Z");
    world.sweep();
    assert_eq!(counted(world), (1, 1, 0));
    assert!(folder(world).join(digest(&kept)).exists());

    // While bytes are being removed nobody writes them; whoever removed them may have ended, too.
    fs::write(folder(world).join(digest(&lost)), &lost).unwrap();
    claim(&lost, 0, "true", "2026-07-01 10:00:00");
    assert_problem(&upload(world, &token, &lost, None), 503, "overloaded", "being removed");
    assert_eq!(counted(world), (1, 2, 1));
    world.clock.set("2026-07-01T10:10:01Z");
    world.sweep();
    assert_eq!(counted(world), (1, 1, 0));
    assert_eq!(upload(world, &token, &lost, None).status, 201);
    assert_eq!(counted(world), (2, 2, 0));

    // What cannot be written leaves nothing behind, not even the claim.
    fs::create_dir(folder(world).join(digest(&picture(3, 60)))).unwrap();
    let answer = upload(world, &token, &picture(3, 60), None);
    assert_problem(&answer, 503, "unavailable", "a folder lies in its place");
    assert_eq!(world.database.count("evidence"), 2);
}
