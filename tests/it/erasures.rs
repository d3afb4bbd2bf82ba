//! Erasing patients: what was recorded stays and verifies, and nobody can read who was treated how; DOMAIN rule 24.

use std::fs;
use std::path::Path;

use lotline::caller::{Caller, Role};
use lotline::command::{Command, Means, Turn};
use lotline::db::DatabaseUrl;
use lotline::db::known::Memory;
use lotline::erasures::service;
use lotline::error::Error;
use lotline::ids::Ids;
use lotline::sealing::Patients;
use lotline::{upgrade, verify};
use serde_json::{Value, json};

use super::support::clinic::{Clinic, id};
use super::support::{Kind, World, on_both_databases};

on_both_databases!(
    an_erased_patient_is_nowhere_and_everything_agrees,
    what_must_be_kept_is_not_erased,
    an_erasure_that_breaks_off_is_ended_or_taken_back,
    restored_copies_bring_nobody_back,
    other_keys_are_not_taken_for_the_right_ones,
    a_lost_key_is_named,
);

/// What nobody may find once the patient is erased. Longer than anything that stands somewhere by chance.
const WORDS: [&str; 6] =
    ["Quendolin-4711", "zygomatic-arch", "shy-of-needles", "visit-778899", "wrong-side-noted", "told-about-it"];

fn treated(clinic: &Clinic, lot: &str) -> Value {
    let mut body = clinic.administration(lot, 1);
    body["patient_ref"] = json!("Quendolin-4711");
    body["encounter_ref"] = json!("visit-778899");
    body["treatment"] = json!({"area": "zygomatic-arch", "notes": "shy-of-needles"});
    body
}

fn erasure(extra: Value) -> Value {
    let mut body = json!({"patient_ref": "Quendolin-4711", "reason": "Asked for in writing"});
    body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    body
}

fn early() -> Value {
    erasure(json!({"override_reason": "Legal has agreed"}))
}

/// Every byte of the database: every file of the data directory, and every row as text.
fn assert_nowhere(world: &World, words: &[&str]) {
    world.database.disconnect();
    fn look(folder: &Path, words: &[&str]) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                look(&path, words);
                continue;
            }
            let bytes = fs::read(&path).unwrap();
            for word in words {
                let found = bytes.windows(word.len()).any(|window| window.eq_ignore_ascii_case(word.as_bytes()));
                assert!(!found, "{word} in {}", path.display());
            }
        }
    }
    look(world.database.dir(), words);
    if world.database.kind == Kind::Postgres {
        let tables = world.database.lines(
            "SELECT c.relname AS line FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace",
        );
        assert!(tables.len() > 50, "{tables:?}");
        for table in tables {
            for row in world.database.lines(&format!("SELECT lower(t::text) AS line FROM {table} t")) {
                // What is bytes in a column is shown in hexadecimal digits.
                for word in words {
                    let word = word.to_lowercase();
                    let hex: String = word.bytes().map(|byte| format!("{byte:02x}")).collect();
                    let typed: String = words
                        .iter()
                        .find(|w| w.to_lowercase() == word)
                        .unwrap()
                        .bytes()
                        .map(|b| format!("{b:02x}"))
                        .collect();
                    assert!(
                        !row.contains(&word) && !row.contains(&hex) && !row.contains(&typed),
                        "{word} in {table}: {row}"
                    );
                }
            }
        }
    }
}

pub(super) fn an_erased_patient_is_nowhere_and_everything_agrees(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 8);
    let key = [("idempotency-key", "treat-once")];
    let token = world.token(Role::Practitioner);
    let treated = treated(&clinic, &lot);
    let made = world.http.post_with(&token, "/v1/administrations", &key, &treated);
    assert_eq!(made.status, 201);
    let administration = id(&made.json());
    // One that is voided, one that was against the rules and is closed, one that was refused.
    let second = id(&clinic.create(Role::Practitioner, "/v1/administrations", &treated));
    let void = json!({"reason": "wrong-side-noted", "returned_to_stock": false});
    let void_path = format!("/v1/administrations/{second}/voids");
    let void_key = [("idempotency-key", "void-once")];
    assert_eq!(world.http.post_with(&token, &void_path, &void_key, &void).status, 201);
    let mut against = treated.clone();
    against["units"] = json!(50);
    assert_eq!(clinic.post(Role::Practitioner, "/v1/administrations", &against).0, 409);
    against["retrospective"] = json!({"reason": "wrong-side-noted"});
    let against = clinic.create(Role::Practitioner, "/v1/administrations", &against);
    let deviation = against["deviation"]["id"].as_str().unwrap();
    let closing = json!({"resolution": "told-about-it"});
    clinic.create(Role::Quality, &format!("/v1/deviations/{deviation}/close"), &closing);

    // Until then everybody who may reads it, and nothing of it lies in clear.
    let find = || world.post(Role::Auditor, "/v1/administrations/search", &json!({"patient_ref": "quendolin-4711"})).1;
    assert_eq!(find()["items"].as_array().unwrap().len(), 3);
    let chain = world.read(&format!("/v1/lots/{lot}/custody?refusals=true")).to_string();
    for word in WORDS {
        assert!(chain.contains(word), "{word} in {chain}");
    }
    assert_eq!(world.read(&format!("/v1/deviations/{deviation}"))["resolution"], "told-about-it");
    assert_nowhere(world, &WORDS);
    let bytes = |id: &str| {
        world
            .http
            .send(
                "GET",
                &format!("/v1/events/{id}/bytes"),
                &[("authorization", &format!("Bearer {}", world.token(Role::Auditor)))],
                None,
            )
            .bytes
    };
    let events: Vec<_> = world.read("/v1/events?limit=200")["items"].as_array().unwrap().iter().map(id).collect();
    let before: Vec<_> = events.iter().map(|event| bytes(event)).collect();

    let erased = world.create(Role::Admin, "/v1/patients/erasures", &early());
    assert_eq!((&erased["reason"], &erased["erased_by"]), (&json!("Asked for in writing"), &json!("admin")));
    assert_nowhere(world, &WORDS);
    assert_eq!(find()["items"], json!([]));
    for path in [
        format!("/v1/lots/{lot}/custody?refusals=true"),
        "/v1/events?limit=200".to_owned(),
        format!("/v1/administrations?lot_id={lot}"),
        format!("/v1/administrations/{second}"),
    ] {
        let told = world.read(&path).to_string();
        assert!(WORDS.iter().all(|word| !told.contains(word)), "{path}: {told}");
    }
    let shown = world.read(&format!("/v1/administrations/{administration}"));
    assert_eq!((&shown["patient_ref"], &shown["treatment"], &shown["units"]), (&Value::Null, &Value::Null, &json!(1)));
    assert_eq!(shown["decision"]["allowed"], true, "decisions stay readable");
    assert_eq!(world.read(&format!("/v1/administrations/{second}"))["void"]["reason"], Value::Null);
    // Not a byte of what was recorded has changed.
    let after: Vec<_> = events.iter().map(|event| bytes(event)).collect();
    assert!(before == after);
    assert_eq!(world.post(Role::Admin, "/v1/patients/erasures", &early()).1["code"], "patient_unknown");
    // A repeated request is not done again, and its answer is gone with the patient.
    for (path, key, body) in [("/v1/administrations", &key, &treated), (void_path.as_str(), &void_key, &void)] {
        let again = world.http.post_with(&token, path, key, body);
        assert_eq!((again.status, &again.json()["code"]), (410, &json!("answer_no_longer_kept")), "{path}");
    }
    // Whoever comes under the reference now is somebody else; nothing is added to what is erased.
    let void = json!({"reason": "Too late", "returned_to_stock": false});
    let late = world.post(Role::Quality, &format!("/v1/administrations/{administration}/voids"), &void);
    assert_eq!((late.0, &late.1["code"]), (409, &json!("patient_erased")));
    let lot = clinic.receive_inspect_release("LOT2", 4);
    let next = clinic.create(Role::Practitioner, "/v1/administrations", &self::treated(&clinic, &lot));
    assert_eq!(next["patient_ref"], "Quendolin-4711");
    assert_eq!(find()["items"].as_array().unwrap().len(), 1);
    let kinds = world.read(&format!("/v1/events?subject={}", erased["patient_id"].as_str().unwrap()));
    assert_eq!(kinds["items"][0]["kind"], "patient_erased");
}

pub(super) fn what_must_be_kept_is_not_erased(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 8);
    let administration = clinic.create(Role::Practitioner, "/v1/administrations", &treated(&clinic, &lot));
    let erase = |body: &Value| world.post(Role::Admin, "/v1/patients/erasures", body);
    let codes = |(status, answer): (u16, Value)| -> Vec<String> {
        assert_eq!(status, 409, "{answer}");
        let reasons = answer["reasons"].as_array().unwrap();
        reasons.iter().map(|reason| reason["code"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(codes(erase(&erasure(json!({})))), ["retention_not_over"]);
    let recall = json!({
        "reference": "FSN-1", "classification": "class_2", "gtin": super::support::clinic::GTIN, "lots": ["LOT1"],
        "reason": "Wrong needle"
    });
    clinic.create(Role::Quality, "/v1/recalls", &recall);
    assert_eq!(codes(erase(&erasure(json!({})))), ["retention_not_over", "patient_recalled"]);
    // Somebody else was given something else.
    let other = clinic.receive_inspect_release("LOT2", 8);
    let mut body = treated(&clinic, &other);
    body["patient_ref"] = json!("Other-1");
    clinic.create(Role::Practitioner, "/v1/administrations", &body);
    assert_eq!(codes(erase(&json!({"patient_ref": "Other-1", "reason": "Asked for"}))), ["retention_not_over"]);
    // The reason stays, so it names nobody; and only who administers for all sites erases.
    for (field, text) in [("reason", "Quendolin-4711 asked"), ("override_reason", "for QUENDOLIN-4711.")] {
        let (status, answer) = erase(&erasure(json!({(field): text})));
        assert_eq!(
            (status, &answer["code"], &answer["fields"][0]),
            (422, &json!("invalid_value"), &json!(field)),
            "{answer}"
        );
        assert!(!answer.to_string().to_lowercase().contains("quendolin"));
    }
    let unknown = erase(&json!({"patient_ref": "Nobody-1", "reason": "Asked for"}));
    assert_eq!((unknown.0, &unknown.1["code"]), (422, &json!("patient_unknown")));
    for role in [Role::Quality, Role::Practitioner, Role::Purchaser, Role::Auditor, Role::Device] {
        assert_eq!(world.post(role, "/v1/patients/erasures", &early()).0, 403);
    }
    // What is not settled is settled first, whatever reason there is.
    let mut against = treated(&clinic, &lot);
    against["retrospective"] = json!({"reason": "It was used"});
    let against = clinic.create(Role::Practitioner, "/v1/administrations", &against);
    assert_eq!(codes(erase(&early())), ["retention_not_over", "patient_recalled", "treatment_unsettled"]);
    let deviation = against["deviation"]["id"].as_str().unwrap();
    clinic.create(Role::Quality, &format!("/v1/deviations/{deviation}/close"), &json!({"resolution": "Seen"}));
    // Refused attempts changed nothing, and tell an auditor what was tried while the patient is there.
    assert_eq!(world.read(&format!("/v1/administrations/{}", id(&administration)))["patient_ref"], "Quendolin-4711");
    let refused = world.read("/v1/events?kind=gate_refused&limit=200").to_string();
    assert!(refused.contains("Quendolin-4711"), "{refused}");
    assert_eq!(erase(&early()).0, 201);
    let refused = world.read("/v1/events?kind=gate_refused&limit=200").to_string();
    assert!(!refused.contains("Quendolin-4711"), "{refused}");
}

/// Runs an erasure as a request does, but for what follows its commit.
fn erase_and_die(world: &World, commit: bool) -> Result<(), Error> {
    let caller = Caller {
        organisation_id: world.organisation.clone(),
        subject: "admin".to_owned(),
        roles: vec![Role::Admin],
        sites: None,
    };
    let means = Means {
        clock: world.clock.clock(),
        ids: Ids::system(),
        memory: Memory::default(),
        judge: lotline::house::JUDGE,
        patients: world.database.patients(),
    };
    let body = serde_json::from_value(early()).unwrap();
    let write = world.store().write(move |db| {
        let mut command = Command::begin(db, Turn::Alone, &caller, &means)?;
        service::erase(&mut command, &body)?;
        command.finish()?;
        if commit { Ok(()) } else { Err(Error::internal("the process died")) }
    });
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(write)
}

pub(super) fn an_erasure_that_breaks_off_is_ended_or_taken_back(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 8);
    let first = id(&clinic.create(Role::Practitioner, "/v1/administrations", &treated(&clinic, &lot)));
    let patient_of =
        |administration: &str| world.read(&format!("/v1/administrations/{administration}"))["patient_ref"].clone();
    let found = || {
        let (_, found) =
            world.post(Role::Auditor, "/v1/administrations/search", &json!({"patient_ref": "Quendolin-4711"}));
        found["items"].as_array().unwrap().len()
    };
    // Before it was committed: who comes meanwhile is recorded apart, and everything is found.
    assert!(erase_and_die(world, false).is_err());
    let second = id(&clinic.create(Role::Practitioner, "/v1/administrations", &treated(&clinic, &lot)));
    world.sweep();
    assert_eq!(
        (patient_of(&first), patient_of(&second), found()),
        (json!("Quendolin-4711"), json!("Quendolin-4711"), 2)
    );
    world.clock.advance_days(1);
    world.sweep();
    assert_eq!((patient_of(&first), found()), (json!("Quendolin-4711"), 2));
    // After it was committed: the key is still there, until the next sweep of any process.
    erase_and_die(world, true).unwrap();
    let third = id(&clinic.create(Role::Practitioner, "/v1/administrations", &treated(&clinic, &lot)));
    world.sweep();
    assert_eq!((patient_of(&first), patient_of(&second), found()), (Value::Null, Value::Null, 1));
    assert_eq!(patient_of(&third), "Quendolin-4711", "who came after it was committed is somebody else");
}

/// Copies of the keys, files and all.
fn keys(world: &World) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let files = fs::read_dir(world.database.dir()).unwrap().map(|entry| entry.unwrap().path());
    let keys = files.filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with("keys.db"));
    keys.map(|path| (path.clone(), fs::read(&path).unwrap())).collect()
}

fn restored_copies_bring_nobody_back(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 8);
    let first = id(&clinic.create(Role::Practitioner, "/v1/administrations", &treated(&clinic, &lot)));
    let before = keys(world);
    world.create(Role::Admin, "/v1/patients/erasures", &early());
    // An older copy of the keys is put back: the journal says who was erased, and a start erases them again.
    for (path, bytes) in &before {
        fs::write(path, bytes).unwrap();
    }
    let patients = world.database.patients();
    upgrade::run_to_serve(&world.database.url, &patients).unwrap();
    let patient =
        world.database.lines(&format!("SELECT patient_id AS line FROM administrations WHERE id = '{first}'")).remove(0);
    assert!(patients.is_erased(&world.organisation, &patient.parse().unwrap()).unwrap());
    // An older copy of the database is put back: it does not know of the erasure, and the key is gone.
    world.will_not_verify();
    world.database.tamper("DELETE FROM patient_erasures");
    assert_eq!(patients.by_id(&world.organisation, &patient.parse().unwrap()).unwrap().map(|p| p.id), None);
}

fn other_keys_are_not_taken_for_the_right_ones(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 8);
    let patients = world.database.patients();
    // Whoever only migrates has no keys of its own to insist on.
    upgrade::run(&world.database.url, &Patients::at(DatabaseUrl::Sqlite(world.database.dir().join("other.db"))))
        .unwrap();
    upgrade::run_to_serve(&world.database.url, &patients).unwrap();
    let before = keys(world);
    clinic.create(Role::Practitioner, "/v1/administrations", &treated(&clinic, &lot));
    let refused = |patients: &Patients| match upgrade::run_to_serve(&world.database.url, patients) {
        Err(Error::Unavailable(why)) => assert!(why.contains("--keys-url"), "{why}"),
        other => panic!("{other:?}"),
    };
    refused(&Patients::at(DatabaseUrl::Sqlite(world.database.dir().join("other.db"))));
    // A copy from before the last patient came.
    let copy = world.database.dir().join("copy");
    fs::create_dir(&copy).unwrap();
    for (path, bytes) in &before {
        fs::write(copy.join(path.file_name().unwrap()), bytes).unwrap();
    }
    refused(&Patients::at(DatabaseUrl::Sqlite(copy.join("keys.db"))));
    upgrade::run_to_serve(&world.database.url, &patients).unwrap();
}

fn looked_at(world: &World, patients: &Patients) -> verify::Report {
    verify::check(&world.database.url, &verify::Beside { patients: Some(patients), ..verify::Beside::default() })
        .unwrap()
}

fn a_lost_key_is_named(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 8);
    clinic.create(Role::Practitioner, "/v1/administrations", &treated(&clinic, &lot));
    let report = looked_at(world, &world.database.patients());
    assert_eq!((report.findings, report.opened, report.erased), (Vec::new(), 1, 0));
    let others = Patients::at(DatabaseUrl::Sqlite(world.database.dir().join("other.db")));
    let report = looked_at(world, &others);
    assert_eq!(report.findings, ["the patients' keys are not there: what is sealed in 1 events was not opened"]);
    others.ready().unwrap();
    let report = looked_at(world, &others);
    assert!(report.findings[0].contains("is not there, and nobody has erased it"), "{:?}", report.findings);
    world.create(Role::Admin, "/v1/patients/erasures", &early());
    let report = looked_at(world, &world.database.patients());
    assert_eq!((report.findings, report.opened, report.erased), (Vec::new(), 0, 1));
}
