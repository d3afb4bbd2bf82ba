//! The custody log over HTTP: what was recorded gets its leaf, is proved to others who trust nothing but the texts, and what is
//! not as it was signed stops the log and is named.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lotline::caller::Role;
use lotline::custody_log::witness;
use lotline::ids::OrganisationId;
use lotline::note::{Checkpoint, Note, VerifierKey};
use lotline::verify::{self, Beside};
use serde_json::{Value, json};

use super::support::client::assert_problem;
use super::support::clinic::{id, site};
use super::support::postgres::cluster;
use super::support::process::{init, lotline, run};
use super::support::{Client, Database, Kind, Process, World, on_both_databases};

on_both_databases!(
    what_is_recorded_is_proved,
    what_cannot_be_proved_is_a_clear_problem,
    a_token_of_a_site_proves_what_it_sees,
    a_log_of_many_tiles_is_proved,
    a_database_from_before_signs_nothing,
    what_was_altered_is_not_signed_over,
    checkpoints_that_were_kept_find_what_is_gone,
    an_idle_log_is_signed_anew,
);

/// Asks for something that is text.
fn text(http: &Client, token: &str, path: &str) -> String {
    let answer = http.send("GET", path, &[("authorization", &format!("Bearer {token}"))], None);
    assert_eq!(answer.status, 200, "{path}: {}", String::from_utf8_lossy(&answer.bytes));
    String::from_utf8(answer.bytes).unwrap()
}

/// Every event of the organisation that a token is of.
fn all_events(http: &Client, token: &str) -> Vec<Value> {
    let (mut events, mut cursor) = (Vec::new(), String::new());
    loop {
        let (status, page) = http.get(token, &format!("/v1/events?limit=200{cursor}"));
        assert_eq!(status, 200, "{page}");
        events.extend(page["items"].as_array().unwrap().iter().cloned());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return events,
        }
    }
}

fn bytes_of(http: &Client, token: &str, event: &str) -> String {
    STANDARD.encode(text(http, token, &format!("/v1/events/{event}/bytes")))
}

/// Everything that an outsider can ask for, in the words of `tests/log/verify.py`.
fn dump(http: &Client, token: &str, checkpoints: &[String], sizes: &[(u64, u64)], every: usize) -> Value {
    let events = all_events(http, token);
    let mut told = Vec::new();
    let mut inclusion = Vec::new();
    for (number, event) in events.iter().enumerate() {
        let of = event["id"].as_str().unwrap();
        let bytes = bytes_of(http, token, of);
        if number % every == 0 {
            let (status, mut proof) = http.get(token, &format!("/v1/log/proofs/inclusion?event_id={of}"));
            assert_eq!(status, 200, "{proof}");
            assert_eq!((&proof["event_id"], &proof["leaf_index"]), (&event["id"], &event["leaf_index"]));
            proof["bytes"] = json!(bytes);
            inclusion.push(proof);
        }
        told.push(json!({"leaf_index": event["leaf_index"], "bytes": bytes}));
    }
    let consistency: Vec<_> = sizes
        .iter()
        .map(|(from, to)| {
            let (status, proof) = http.get(token, &format!("/v1/log/proofs/consistency?from={from}&to={to}"));
            assert_eq!(
                (status, proof["from"].as_u64(), proof["to"].as_u64()),
                (200, Some(*from), Some(*to)),
                "{proof}"
            );
            proof
        })
        .collect();
    json!({
        "vkey": http.get(token, "/v1/log/key").1["vkey"], "checkpoints": checkpoints, "events": told,
        "inclusion": inclusion, "consistency": consistency
    })
}

/// What somebody says who shares no code with us; none where Python is not installed, which the project's own checks are not
/// content with.
fn outsider(said: &Value) -> Option<Result<String, String>> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/log/verify.py");
    let mut python = Command::new("python3");
    python.arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let started = python.spawn();
    let mut child = match started {
        Ok(child) => child,
        Err(error) => {
            assert!(std::env::var_os("LOTLINE_REQUIRE_POSTGRES").is_none(), "python3: {error}");
            println!("python3 is not installed: the independent verifier is left out");
            return None;
        }
    };
    child.stdin.take().unwrap().write_all(said.to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    Some(if output.status.success() {
        Ok(String::from_utf8(output.stdout).unwrap())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    })
}

/// The independent verifier agrees with everything.
fn assert_agreed(said: &Value) {
    if let Some(agreed) = outsider(said) {
        println!("{}", agreed.unwrap());
    }
}

fn size_of(note: &str) -> u64 {
    Checkpoint::read(Note::read(note).unwrap().text).unwrap().size
}

fn what_is_recorded_is_proved(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 4);
    let auditor = world.token(Role::Auditor);
    // What waits has no leaf, and says so.
    let events = all_events(&world.http, &auditor);
    assert!(events.len() > 5 && events.iter().all(|event| event.get("leaf_index").is_none()), "{events:?}");
    world.log();
    let first = text(&world.http, &auditor, "/v1/log/checkpoint");
    let size = size_of(&first);
    assert_eq!(size, u64::try_from(events.len()).unwrap());
    let key: VerifierKey = world.read("/v1/log/key")["vkey"].as_str().unwrap().parse().unwrap();
    assert_eq!(key.name, format!("lotline.local/log/{}", world.organisation));
    assert!(Note::read(&first).unwrap().is_signed_by(&key));

    // More is recorded, a refusal among it; another organisation has a log of its own.
    clinic.administer(&lot, 1);
    assert_eq!(clinic.administer(&lot, 9).0, 409);
    world.register_organisation("Elsewhere Clinics");
    assert_eq!(text(&world.http, &auditor, "/v1/log/checkpoint"), first, "what waits is not in it");
    world.log();
    let second = text(&world.http, &auditor, "/v1/log/checkpoint");
    assert_eq!(size_of(&second), size + 2);
    let sizes: Vec<_> = (1..=size + 2).flat_map(|to| (1..=to).map(move |from| (from, to))).collect();
    let said = dump(&world.http, &auditor, &[first.clone(), second.clone()], &sizes, 1);
    assert_agreed(&said);
    // It would say so if anything were otherwise.
    let changes: [(&str, Value); 5] = [
        ("/events/3/bytes", json!("e30=")),
        ("/checkpoints/0", json!(first.replacen(&format!("\n{size}\n"), &format!("\n{}\n", size - 1), 1))),
        ("/inclusion/2/hashes/0", said["inclusion"][5]["leaf_hash"].clone()),
        ("/consistency/8/hashes", json!([])),
        ("/events/2/leaf_index", json!(7)),
    ];
    for (pointer, value) in changes {
        let mut wrong = said.clone();
        let before = std::mem::replace(wrong.pointer_mut(pointer).unwrap(), value);
        assert_ne!(&before, wrong.pointer(pointer).unwrap(), "{pointer}");
        assert!(outsider(&wrong).is_none_or(|agreed| agreed.is_err()), "{pointer}");
    }

    // The chain of custody names the same leaves.
    let chain = world.read(&format!("/v1/lots/{lot}/custody"));
    let all = all_events(&world.http, &auditor);
    for event in chain["events"].as_array().unwrap() {
        let same = all.iter().find(|other| other["id"] == event["id"]).unwrap();
        assert!(event["leaf_index"].is_u64() && event["leaf_index"] == same["leaf_index"], "{event}");
        assert_eq!(
            world.read(&format!("/v1/events/{}", event["id"].as_str().unwrap()))["leaf_index"],
            event["leaf_index"]
        );
    }
    // Leaves are in the order of the journal, which is the order of ids where nobody records beside another.
    let indices: Vec<_> = all.iter().map(|event| event["leaf_index"].as_u64().unwrap()).collect();
    assert!(indices.is_sorted(), "{indices:?}");
}

fn what_cannot_be_proved_is_a_clear_problem(world: &World) {
    let token = world.token(Role::Auditor);
    let bearer = format!("Bearer {token}");
    let ask = |path: &str| world.http.send("GET", path, &[("authorization", &bearer)], None);
    let made = id(&world.create(Role::Admin, "/v1/sites", &site()));
    let event = id(&world.read(&format!("/v1/events?subject={made}"))["items"][0]);
    let inclusion = |event: &str| format!("/v1/log/proofs/inclusion?event_id={event}");
    let consistency = |from: &str, to: &str| format!("/v1/log/proofs/consistency?from={from}&to={to}");
    for path in [inclusion(&event), "/v1/log/checkpoint".to_owned(), consistency("1", "1")] {
        assert_problem(&ask(&path), 409, "not_yet_logged", &path);
    }
    world.log();
    assert_eq!(ask(&inclusion(&event)).status, 200);
    let size = size_of(&text(&world.http, &token, "/v1/log/checkpoint"));
    assert_eq!(ask(&consistency(&size.to_string(), &size.to_string())).json()["hashes"], json!([]));
    let beyond = (size + 1).to_string();
    for (from, to, status, code) in [
        ("1", beyond.as_str(), 422, "beyond_the_log"),
        (&beyond, &beyond, 422, "beyond_the_log"),
        ("1", "18446744073709551615", 422, "beyond_the_log"),
        ("2", "1", 422, "sizes_reversed"),
        ("0", "1", 422, "sizes_reversed"),
        ("0", "0", 422, "sizes_reversed"),
        ("-1", "1", 400, "malformed_query"),
        ("1", "18446744073709551616", 400, "malformed_query"),
        ("", "1", 400, "malformed_query"),
    ] {
        assert_problem(&ask(&consistency(from, to)), status, code, &consistency(from, to));
    }
    // One that is recorded, and not in the tree yet.
    let later = id(&world.create(Role::Admin, "/v1/sites", &site()));
    let later = id(&world.read(&format!("/v1/events?subject={later}"))["items"][0]);
    assert_problem(&ask(&inclusion(&later)), 409, "not_yet_logged", "an event that waits");
    // Another organisation's, and none.
    let other = world.register_organisation("Elsewhere Clinics");
    world.log();
    let theirs = world.sign(&other, "auditor", &[Role::Auditor], None);
    let foreign = all_events(&world.http, &theirs)[0]["id"].as_str().unwrap().to_owned();
    for unknown in [foreign.as_str(), "evt_01932c07-8d00-7000-8000-000000000001"] {
        assert_problem(&ask(&inclusion(unknown)), 422, "reference_unknown", unknown);
    }
    assert_problem(&ask("/v1/log/proofs/inclusion"), 400, "malformed_query", "no event");
    // Keys differ by their name only: one is not the other's.
    let note = text(&world.http, &theirs, "/v1/log/checkpoint");
    let own: VerifierKey = world.read("/v1/log/key")["vkey"].as_str().unwrap().parse().unwrap();
    assert!(!Note::read(&note).unwrap().is_signed_by(&own));
}

/// A proof is for whoever sees the event.
fn a_token_of_a_site_proves_what_it_sees(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 4);
    let given = id(&clinic.administer(&lot, 1).1);
    let event = id(&world.read(&format!("/v1/events?subject={given}"))["items"][0]);
    let elsewhere = id(&clinic.create(Role::Admin, "/v1/sites", &site()));
    world.log();
    let path = format!("/v1/log/proofs/inclusion?event_id={event}");
    for (place, seen) in [(&clinic.site, true), (&elsewhere, false)] {
        let token = world.sign(&world.organisation, "bound", &[Role::Auditor], Some(vec![place.parse().unwrap()]));
        let answer = world.http.send("GET", &path, &[("authorization", &format!("Bearer {token}"))], None);
        if seen {
            assert_eq!(answer.status, 200, "{}", answer.json());
        } else {
            assert_problem(&answer, 422, "reference_unknown", "an event of another site");
        }
    }
}

/// More leaves than one step makes and than one tile has.
fn a_log_of_many_tiles_is_proved(world: &World) {
    let auditor = world.token(Role::Auditor);
    let mut notes = Vec::new();
    for more in [200, 400, 60] {
        for _ in 0..more {
            world.create(Role::Admin, "/v1/sites", &site());
        }
        world.log();
        notes.push(text(&world.http, &auditor, "/v1/log/checkpoint"));
    }
    let sizes: Vec<_> = notes.iter().map(|note| size_of(note)).collect();
    assert_eq!(sizes, [201, 601, 661]);
    assert_eq!(world.database.count("log_tiles WHERE level = 1"), 1);
    assert_eq!(world.database.count("log_pending"), 0);
    let pairs =
        [(1, 661), (201, 601), (201, 661), (256, 512), (255, 601), (257, 661), (512, 661), (600, 601), (601, 661)];
    assert_agreed(&dump(&world.http, &auditor, &notes, &pairs, 7));
}

/// A copy of a database as it is at this moment, with what lies beside it.
fn copy_of(world: &World) -> Database {
    let copy = match world.database.kind {
        Kind::Sqlite => {
            world.database.execute("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
            let copy = Database::embedded();
            fs::copy(world.database.dir().join("lotline.db"), copy.dir().join("lotline.db")).unwrap();
            copy
        }
        // Whoever uses it is disconnected for that, and connects again.
        Kind::Postgres => {
            world.database.disconnect();
            let copy = cluster().unwrap().copy_of(&world.database.url_text());
            let auditor = world.token(Role::Auditor);
            for path in ["/v1/sites", "/v1/lots", "/v1/log/key"] {
                let connected = (0..100).any(|_| world.http.get(&auditor, path).0 == 200);
                assert!(connected, "{path}");
            }
            Database::at(copy.parse().unwrap())
        }
    };
    beside(world, &copy);
    copy
}

/// Puts what lies beside a database beside another, as whoever restores one leaves the data directory as it is.
fn beside(world: &World, copy: &Database) {
    let to = copy.dir().join("log");
    lotline::files::make_folder(&to).unwrap();
    for entry in fs::read_dir(world.database.dir().join("log")).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

fn findings(database: &Database, checkpoints: &[(String, String)]) -> Vec<String> {
    let log = witness::look(database.dir()).unwrap();
    verify::check(&database.url, &Beside { log: Some(&log), checkpoints, ..Beside::default() }).unwrap().findings
}

fn a_database_from_before_signs_nothing(world: &World) {
    world.log();
    let before = copy_of(world);
    let auditor = world.token(Role::Auditor);
    let made = id(&world.create(Role::Admin, "/v1/sites", &site()));
    let event = id(&world.read(&format!("/v1/events?subject={made}"))["items"][0]);
    world.log();
    let published = text(&world.http, &auditor, "/v1/log/checkpoint");
    let size = size_of(&published);
    beside(world, &before);

    // The one from before serves, and signs nothing of this organisation's; another's is none of its business.
    let restored = World::on(before);
    let bearer = format!("Bearer {}", restored.sign(&world.organisation, "auditor", &[Role::Auditor], None));
    let headers = [("authorization", bearer.as_str())];
    let ask = |path: &str| restored.http.send("GET", path, &headers, None);
    let says = |has: u64| {
        restored.log();
        assert_eq!(restored.http.send("GET", "/readyz", &[], None).status, 200);
        for path in ["/v1/log/checkpoint", "/v1/log/proofs/consistency?from=1&to=1"] {
            let answer = ask(path);
            assert_problem(&answer, 503, "log_disagrees", path);
            let detail = answer.json()["detail"].as_str().unwrap().to_owned();
            let expected = if has < size {
                format!("{has} entries of the log, and {size}")
            } else {
                format!("first {size} entries")
            };
            assert!(detail.contains(&expected), "{detail}");
        }
        assert_eq!(ask("/v1/log/key").status, 200);
    };
    says(size - 1);
    let said = findings(&restored.database, &[]);
    let gone = format!(
        "commits to {size} entries of the log of {}, which has {}: its end is gone",
        world.organisation,
        size - 1
    );
    assert!(said.len() == 1 && said[0].contains(&gone), "{said:?}");
    let own = restored.token(Role::Auditor);
    assert_eq!(size_of(&text(&restored.http, &own, "/v1/log/checkpoint")), 1);

    // What is recorded there waits: it must not become another log under the same name. Whoever gives it its leaves by force makes
    // one that is found to be another.
    let admin = restored.sign(&world.organisation, "admin", &[Role::Admin], None);
    assert_eq!(restored.http.post(&admin, "/v1/sites", &site()).0, 201);
    says(size - 1);
    let file = restored.database.dir().join(format!("log/{}.checkpoint", world.organisation));
    let kept = fs::read(&file).unwrap();
    fs::remove_file(&file).unwrap();
    restored.log();
    assert_eq!(size_of(&String::from_utf8(ask("/v1/log/checkpoint").bytes).unwrap()), size);
    fs::write(&file, &kept).unwrap();
    says(size);
    let said = findings(&restored.database, &[]);
    let other = format!("commits to other entries: the first {size} of the log of {}", world.organisation);
    assert!(said.len() == 1 && said[0].contains(&other), "{said:?}");

    // A file that nobody can read says nothing of what was published.
    fs::write(&file, "no checkpoint").unwrap();
    assert_problem(&ask("/v1/log/checkpoint"), 503, "log_disagrees", "a file that is none");
    // With the database that leads up to it all is well.
    fs::write(&file, &kept).unwrap();
    restored.will_not_verify();
    assert_eq!(ask(&format!("/v1/log/proofs/inclusion?event_id={event}")).status, 503);
    assert_eq!(text(&world.http, &auditor, "/v1/log/checkpoint"), published);
}

/// Tiles that were changed are not signed over; a leaf that was taken away is not given to another event.
fn what_was_altered_is_not_signed_over(world: &World) {
    for _ in 0..3 {
        world.create(Role::Admin, "/v1/sites", &site());
    }
    world.log();
    let auditor = world.token(Role::Auditor);
    let bearer = format!("Bearer {auditor}");
    let first = text(&world.http, &auditor, "/v1/log/checkpoint");
    let bytes = match world.database.kind {
        Kind::Sqlite => ("CAST(zeroblob(32) || substr(bytes, 33) AS BLOB)", "lower(hex(bytes))", "x'{}'"),
        Kind::Postgres => {
            ("decode(repeat('00', 32), 'hex') || substr(bytes, 33)", "encode(bytes, 'hex')", "decode('{}', 'hex')")
        }
    };
    let kept = world
        .database
        .lines(&format!("SELECT {} AS line FROM log_tiles WHERE organisation_id = '{}'", bytes.1, world.organisation))
        .remove(0);
    world
        .database
        .tamper(&format!("UPDATE log_tiles SET bytes = {} WHERE organisation_id = '{}'", bytes.0, world.organisation));
    world.create(Role::Admin, "/v1/sites", &site());
    world.log();
    let answer = world.http.send("GET", "/v1/log/checkpoint", &[("authorization", &bearer)], None);
    assert_problem(&answer, 503, "log_disagrees", "altered tiles");
    assert_eq!(world.database.count("log_pending"), 1, "what is recorded waits");
    let said = findings(&world.database, &[]);
    assert!(said.iter().any(|line| line.contains("log_tiles") && line.contains("/0/0: bytes is ")), "{said:?}");
    // Put right, it goes on from where it was.
    world.database.tamper(&format!(
        "UPDATE log_tiles SET bytes = {} WHERE organisation_id = '{}'",
        bytes.2.replace("{}", &kept),
        world.organisation
    ));
    world.log();
    let second = text(&world.http, &auditor, "/v1/log/checkpoint");
    assert_eq!(size_of(&second), size_of(&first) + 1);
    let sizes = [(size_of(&first), size_of(&second))];
    assert_agreed(&dump(&world.http, &auditor, &[first, second], &sizes, 1));
}

/// `verify --checkpoint`: a tail that was cut off with everything that followed from it, a fork, and files that are no checkpoints.
fn checkpoints_that_were_kept_find_what_is_gone(world: &World) {
    world.log();
    let before = copy_of(world);
    world.create(Role::Admin, "/v1/sites", &site());
    world.log();
    let note = text(&world.http, &world.token(Role::Auditor), "/v1/log/checkpoint");
    let first = fs::read_to_string(before.dir().join(format!("log/{}.checkpoint", world.organisation))).unwrap();
    let kept = |text: &str| vec![("kept.txt".to_owned(), text.to_owned())];
    assert_eq!(findings(&world.database, &kept(&note)), Vec::<String>::new());
    assert_eq!(findings(&world.database, &kept(&first)), Vec::<String>::new());
    // The database from before, with the data directory from before: nothing in it is wrong, but what was kept elsewhere is later.
    assert_eq!(findings(&before, &[]), Vec::<String>::new());
    let said = findings(&before, &kept(&note));
    assert!(
        said.len() == 1
            && said[0].starts_with("checkpoint kept.txt commits to 2 entries")
            && said[0].ends_with("its end is gone"),
        "{said:?}"
    );

    let other = world.register_organisation("Elsewhere Clinics");
    world.log();
    let theirs = text(&world.http, &world.sign(&other, "auditor", &[Role::Auditor], None), "/v1/log/checkpoint");
    let stranger = World::start(world.database.kind).unwrap();
    stranger.log();
    let strangers = text(&stranger.http, &stranger.token(Role::Auditor), "/v1/log/checkpoint");
    for (text, expected) in [
        ("", "has no signatures after an empty line"),
        ("{\"size\": 1}", "has no signatures after an empty line"),
        ("a\n\n\u{2014} b AAAAAAAA\n", "has no size"),
        (&note[..note.len() - 1], "does not end its last line"),
        (&note.replacen("\n2\n", "\n3\n", 1), "is not signed by the key of this deployment"),
        (&note.replace(world.organisation.as_str(), other.as_str()), "is not signed by the key of this deployment"),
        (&strangers, "is not signed by the key of this deployment"),
    ] {
        let said = findings(&world.database, &kept(text));
        assert!(said.len() == 1 && said[0] == format!("checkpoint kept.txt {expected}"), "{said:?}");
    }
    assert_eq!(findings(&world.database, &kept(&theirs)), Vec::<String>::new());
    let said = findings(&before, &kept(&theirs));
    assert!(said.len() == 1 && said[0].ends_with("and this database has no such organisation"), "{said:?}");
}

/// A checkpoint that is an hour old is made anew, also by another key, which then is the one that is shown.
fn an_idle_log_is_signed_anew(world: &World) {
    world.log();
    let token = world.token(Role::Auditor);
    let bearer = format!("Bearer {token}");
    let ask = || {
        let answer = world.http.send("GET", "/v1/log/checkpoint", &[("authorization", &bearer)], None);
        (answer.header("last-modified").unwrap().to_owned(), String::from_utf8(answer.bytes).unwrap())
    };
    let first = ask();
    world.clock.set("2026-07-01T10:59:00Z");
    world.log();
    assert_eq!(ask(), first, "it is fresh for an hour");
    world.clock.set("2026-07-01T11:01:00Z");
    world.log();
    let second = ask();
    assert_eq!(
        (first.0.as_str(), second.0.as_str()),
        ("Wed, 01 Jul 2026 10:00:00 GMT", "Wed, 01 Jul 2026 11:01:00 GMT")
    );
    assert_eq!(first.1, second.1, "the same tree, by the same key");
}

/// The server itself: within a second, by whichever process; killed in the middle of it, and two at once.
#[test]
fn the_log_survives_what_happens_to_processes() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let Some(database) = Database::create(kind) else { continue };
        let (organisation, admin) = init(&database, "Example Clinics");
        let organisation: OrganisationId = organisation.parse().unwrap();
        let count = if kind == Kind::Postgres { 2 } else { 1 };
        let mut notes: Vec<String> = Vec::new();
        for round in 0_u64..4 {
            let mut servers: Vec<_> = (0..count).map(|_| Process::serve(&database)).collect();
            let until = Instant::now() + Duration::from_millis(1_500 + round * 130);
            std::thread::scope(|scope| {
                for server in &servers {
                    for _ in 0..3 {
                        scope.spawn(|| {
                            while Instant::now() < until {
                                assert_eq!(server.http.post(&admin, "/v1/sites", &site()).0, 201);
                            }
                        });
                    }
                }
            });
            let note = text(&servers[0].http, &admin, "/v1/log/checkpoint");
            assert!(notes.last().is_none_or(|last| size_of(last) < size_of(&note)));
            notes.push(note);
            // Whatever they are in the middle of.
            servers.iter_mut().for_each(Process::kill);
        }
        let server = Process::serve(&database);
        let made = id(&server.http.post(&admin, "/v1/sites", &site()).1);
        let asked = Instant::now();
        let event = id(&server.http.get(&admin, &format!("/v1/events?subject={made}")).1["items"][0]);
        while server.http.get(&admin, &format!("/v1/events/{event}")).1.get("leaf_index").is_none() {
            assert!(asked.elapsed() < Duration::from_secs(10), "no leaf");
            std::thread::sleep(Duration::from_millis(20));
        }
        println!("{kind:?}: a leaf after {:?}", asked.elapsed());
        notes.push(text(&server.http, &admin, "/v1/log/checkpoint"));
        let mut verify = lotline("verify", &database);
        for (number, note) in notes.iter().enumerate() {
            let path = database.dir().join(format!("{number}.txt"));
            fs::write(&path, note).unwrap();
            verify.arg("--checkpoint").arg(path);
        }
        let output = run(verify);
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{said} {}", String::from_utf8_lossy(&output.stderr));
        assert!(said.contains("6 checkpoints compared"), "{said}");
        let sizes: Vec<_> = notes.iter().map(|note| size_of(note)).collect();
        let pairs: Vec<_> = sizes
            .iter()
            .flat_map(|to| sizes.iter().filter(move |from| *from <= to).map(move |from| (*from, *to)))
            .collect();
        let waiting = database.count(&format!("log_pending WHERE organisation_id = '{organisation}'"));
        assert_eq!(waiting, 0);
        assert_agreed(&dump(&server.http, &admin, &notes, &pairs, 97));
    }
}
