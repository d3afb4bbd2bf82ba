//! A scan answers in one read transaction with a handful of indexed queries, and stays so.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use diesel::Connection;
use diesel::connection::{InstrumentationEvent, SimpleConnection};
use lotline::caller::{Caller, Role};
use lotline::command::{Command, Means, Turn, View};
use lotline::db::known::Memory;
use lotline::db::{Db, transaction};
use lotline::http::idempotency;
use lotline::http::idempotency::model::{Kept, Repeat};
use lotline::ids::Ids;
use lotline::treatment::service::{self, Scanned};
use serde_json::json;

use super::support::clinic::{Clinic, GTIN, id, scan};
use super::support::{Kind, World, on_both_databases};

on_both_databases!(
    a_scan_asks_the_database_a_handful_of_times,
    a_scan_in_a_visit_asks_once_for_each_gate,
    an_administration_that_happens_now_asks_no_more_than_it_must,
    a_line_of_a_receipt_costs_what_it_brings,
    what_is_remembered_is_never_stale,
);

/// The version of what seldom changes; lots, accounts, holds, numbered units, units in packs. What seldom changes is
/// remembered: site, practitioner, policy, product, licences, checks.
/// Beside them what should go first.
const MOST: usize = 7;
/// The same in a visit, with every gate: the visit, what counts in it, the emergency kit, when
/// they were treated last, and what was prescribed. The patient's key is read from a store of its own.
const MOST_IN_A_VISIT: usize = MOST + 5;
/// The first six; the administration, the licences that it rests on, two accounts, two balances of the pack, the posting line;
/// the event and its subjects; whether its Idempotency-Key was answered before, and what is kept of the answer.
const MOST_TO_ADMINISTER: usize = 17;
/// On PostgreSQL two more: whether the key is being worked on, and one in which it waits for its turn.
const MOST_ON_POSTGRES: usize = MOST_TO_ADMINISTER + 2;
/// A line of a receipt: its lot, the line, its posting, its accounts, the pack and its balances, and what is looked up of it.
const MOST_FOR_A_LINE: usize = 16;

fn a_scan_asks_the_database_a_handful_of_times(world: &World) {
    let clinic = world.clinic();
    receive_and_release_sn1(&clinic);
    let (mut db, asked) = listening(world);
    let memory = Memory::default();
    let mut scan = || {
        asked.clear();
        scan_sn1(world, &clinic, &mut db, &memory);
        asked.statements()
    };
    let (first, again) = (scan(), scan());
    assert!((1..=MOST).contains(&again.len()), "{} statements: {again:#?}", again.len());
    assert_eq!(asked.prepared(&again), Vec::<String>::new(), "prepared anew");
    // What was not asked again is of tables that have a version.
    let forgotten: BTreeSet<String> =
        first.iter().filter(|text| !again.contains(text)).flat_map(|t| tables(t)).collect();
    let needed =
        ["licence_checks", "licences", "policies", "practitioners", "product_identifiers", "products", "sites"];
    assert!(needed.iter().all(|table| forgotten.contains(*table)), "{forgotten:?}");
    for table in forgotten.iter().filter(|table| *table != "known_versions") {
        let triggers = match world.database.kind {
            Kind::Sqlite => format!("sqlite_schema WHERE type = 'trigger' AND name LIKE '{table}_known%'"),
            Kind::Postgres => format!("pg_trigger WHERE tgname = '{table}_known'"),
        };
        let expected = if matches!(world.database.kind, Kind::Sqlite) { 3 } else { 1 };
        assert_eq!(world.database.count(&triggers), expected, "{table} changes without its version");
    }
}

/// Every gate that a policy knows, and nothing of what is asked is prepared anew.
fn a_scan_in_a_visit_asks_once_for_each_gate(world: &World) {
    let clinic = world.clinic();
    receive_and_release_sn1(&clinic);
    let visit = clinic.with_every_gate("P-1001");
    let (mut db, asked) = listening(world);
    let memory = Memory::default();
    let mut scan = || {
        asked.clear();
        scan_sn1_in(world, &clinic, &mut db, &memory, Some(&visit));
        asked.statements()
    };
    let (_, again) = (scan(), scan());
    assert!((MOST..=MOST_IN_A_VISIT).contains(&again.len()), "{} statements: {again:#?}", again.len());
    assert_eq!(asked.prepared(&again), Vec::<String>::new(), "prepared anew");
}

/// What happens now is judged without looking back: nothing of what makes late entries possible is asked.
fn an_administration_that_happens_now_asks_no_more_than_it_must(world: &World) {
    let clinic = world.clinic();
    receive_and_release_sn1(&clinic);
    // The accounts that it posts to are there.
    let body = clinic.administration_of(&scan("270630", "LOT1", Some("SN1")));
    clinic.create(Role::Practitioner, "/v1/administrations", &body);

    let (mut db, asked) = listening(world);
    let caller = nurse(world);
    let means = Means {
        clock: world.clock.clock(),
        ids: Ids::system(),
        memory: Memory::default(),
        judge: lotline::house::JUDGE,
        patients: world.database.patients(),
    };
    let mut administer = |key: &str| {
        let repeat =
            Repeat::of(&caller, key.to_owned(), "POST /v1/administrations", &[0; 32], &means.patients).unwrap();
        asked.clear();
        transaction::begin_write(&mut db).unwrap();
        let earlier =
            idempotency::earlier(&mut db, &repeat, world.clock.now(), &means.patients, |_, _| Ok(None)).unwrap();
        assert!(earlier.is_none());
        let mut command = Command::begin(&mut db, Turn::Beside, &caller, &means).unwrap();
        let made = service::administer(&mut command, &serde_json::from_value(body.clone()).unwrap(), true).unwrap();
        let kept = Kept::MadeOf { id: made.administration.id.to_string(), digest: vec![0; 32] };
        idempotency::store::keep(command.finish().unwrap(), &repeat, 201, &kept, made.administration.recorded_at)
            .unwrap();
        assert!(made.administration.said.decision.allowed);
        transaction::rollback(&mut db).unwrap();
        asked.statements()
    };
    let (_, again) = (administer("first"), administer("again"));
    let most = if matches!(world.database.kind, Kind::Sqlite) { MOST_TO_ADMINISTER } else { MOST_ON_POSTGRES };
    assert!((1..=most).contains(&again.len()), "{} statements: {again:#?}", again.len());
    assert_eq!(asked.prepared(&again), Vec::<String>::new(), "prepared anew");
}

/// What a transaction was told that was rolled back is told to nobody else, and what somebody else changes is told at once.
fn what_is_remembered_is_never_stale(world: &World) {
    let clinic = world.clinic();
    receive_and_release_sn1(&clinic);
    let (mut db, _) = listening(world);
    let memory = Memory::default();
    let name = |db: &mut Db| scan_sn1(world, &clinic, db, &memory).facts.site.name.to_string();
    let rename = |db: &mut Db, to: &str| db.batch_execute(&format!("UPDATE sites SET name = '{to}'")).unwrap();
    let first = name(&mut db);
    transaction::begin_write(&mut db).unwrap();
    rename(&mut db, "Rolled back");
    assert_eq!(name(&mut db), "Rolled back");
    transaction::rollback(&mut db).unwrap();
    assert_eq!(name(&mut db), first);
    // Behind the back of this process, twice: no version comes again.
    let (mut other, _) = listening(world);
    for to in ["Elsewhere", "Here"] {
        rename(&mut other, to);
        assert_eq!(name(&mut db), to);
    }
    // As the journal has it.
    rename(&mut other, &first);
}

fn scan_sn1(world: &World, clinic: &Clinic, db: &mut Db, memory: &Memory) -> Scanned {
    scan_sn1_in(world, clinic, db, memory, None)
}

fn scan_sn1_in(world: &World, clinic: &Clinic, db: &mut Db, memory: &Memory, visit: Option<&str>) -> Scanned {
    let asked = json!({
        "code": scan("270630", "LOT1", Some("SN1")), "site_id": clinic.site,
        "practitioner_id": clinic.practitioner, "purpose": "administer", "visit_id": visit
    });
    let caller = nurse(world);
    let known = memory.of(&caller.organisation_id);
    let (patients, reader) = (world.database.patients(), lotline::house::kinds);
    let mut view = View::new(db, &caller, world.clock.now(), reader, known, &patients);
    let (_, scanned) = service::scan(&mut view, &serde_json::from_value(asked).unwrap()).unwrap();
    assert!(scanned.decision.allowed, "{:?} of {GTIN}", scanned.decision.reasons);
    scanned
}

/// Each line costs what it brings, however many there are.
fn a_line_of_a_receipt_costs_what_it_brings(world: &World) {
    let clinic = world.clinic();
    let (mut db, asked) = listening(world);
    let caller = Caller { roles: vec![Role::Purchaser], ..nurse(world) };
    let means = Means {
        clock: world.clock.clock(),
        ids: Ids::system(),
        memory: Memory::default(),
        judge: lotline::house::JUDGE,
        patients: world.database.patients(),
    };
    let mut receive = |count: usize| {
        let lines: Vec<_> = (0..count)
            .map(|line| json!({"scan": scan("270630", &format!("LOT{line}"), Some(&format!("SN{line}"))), "packs": 1}))
            .collect();
        let body = serde_json::from_value(clinic.receipt(json!(lines))).unwrap();
        asked.clear();
        transaction::begin_write(&mut db).unwrap();
        let mut command = Command::begin(&mut db, Turn::Beside, &caller, &means).unwrap();
        lotline::receiving::service::receive(&mut command, &body).unwrap();
        command.finish().unwrap();
        transaction::rollback(&mut db).unwrap();
        asked.statements()
    };
    let (one, many) = (receive(1), receive(21));
    let each = (many.len() - one.len()).div_ceil(20);
    assert!((1..=MOST_FOR_A_LINE).contains(&each), "{each} statements for each line: {many:#?}");
}

fn receive_and_release_sn1(clinic: &Clinic) {
    let lines = json!([{"scan": scan("270630", "LOT1", Some("SN1")), "packs": 1}]);
    let receipt = clinic.create(Role::Purchaser, "/v1/receipts", &clinic.receipt(lines));
    let lot = receipt["lines"][0]["lot_id"].as_str().unwrap().to_owned();
    clinic.create(Role::Purchaser, "/v1/inspections", &clinic.inspection(&id(&receipt), &lot, 2, 0));
    let mut release = clinic.release(2);
    release["serials"] = json!(["SN1"]);
    clinic.create(Role::Quality, &format!("/v1/lots/{lot}/releases"), &release);
}

fn nurse(world: &World) -> Caller {
    Caller {
        organisation_id: world.organisation.clone(),
        subject: "nurse".to_owned(),
        roles: vec![Role::Practitioner],
        sites: None,
    }
}

/// What a connection is asked.
#[derive(Clone, Default)]
struct Asked(Arc<Mutex<(Vec<String>, BTreeSet<String>)>>);

impl Asked {
    fn clear(&self) {
        self.0.lock().unwrap().0.clear();
    }

    /// The texts of the statements, but for those that frame transactions.
    fn statements(&self) -> Vec<String> {
        self.0.lock().unwrap().0.clone()
    }

    /// Those of them that the connection does not keep, so that each is prepared anew.
    fn prepared(&self, statements: &[String]) -> Vec<String> {
        let kept = &self.0.lock().unwrap().1;
        statements.iter().filter(|text| !kept.contains(*text)).cloned().collect()
    }
}

/// A connection of its own to the world's database, and what it is asked.
fn listening(world: &World) -> (Db, Asked) {
    let mut db = lotline::db::open_for_verification(&world.database.url).unwrap();
    if matches!(world.database.kind, Kind::Sqlite) {
        db.batch_execute("PRAGMA query_only = OFF").unwrap();
    }
    let asked = Asked::default();
    let heard = asked.clone();
    db.set_instrumentation(move |event: InstrumentationEvent<'_>| {
        let frames = ["SAVEPOINT", "RELEASE", "BEGIN", "COMMIT", "ROLLBACK"];
        let mut heard = heard.0.lock().unwrap();
        match event {
            InstrumentationEvent::StartQuery { query, .. } => {
                let text = query.to_string();
                let text = text.split(" -- binds").next().unwrap_or_default().trim_end().to_owned();
                if !frames.iter().any(|word| text.starts_with(word)) {
                    heard.0.push(text);
                }
            }
            InstrumentationEvent::CacheQuery { sql, .. } => drop(heard.1.insert(sql.trim_end().to_owned())),
            _ => {}
        }
    });
    (db, asked)
}

/// The tables that a statement reads: what stands after FROM and JOIN.
fn tables(statement: &str) -> BTreeSet<String> {
    let bare: String = statement.chars().filter(|c| !"`\"()".contains(*c)).collect();
    let words: Vec<&str> = bare.split_whitespace().collect();
    let named = words.windows(2).filter(|pair| ["FROM", "JOIN"].contains(&pair[0]));
    named.map(|pair| pair[1].split('.').next_back().unwrap().to_owned()).collect()
}
