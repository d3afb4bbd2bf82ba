//! The same without luck: a row that a command needs is held from outside until the other one waits.

use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use diesel::{Connection, QueryableByName, RunQueryDsl, sql_query};
use lotline::caller::Role;
use lotline::db::DatabaseUrl;
use lotline::limits;
use serde_json::{Value, json};

use super::super::judge::{self, Event};
use super::super::support::client::{assert_problem, codes};
use super::super::support::{Client, Clinic, Kind, Process, World};

/// A connection from outside, in a transaction that holds rows.
struct Outside(PgConnection);

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    count: i64,
}

impl Outside {
    fn holding(world: &World, rows: &str) -> Self {
        let DatabaseUrl::Postgres(url) = &world.database.url else { panic!("PostgreSQL") };
        let mut conn = PgConnection::establish(url).unwrap();
        conn.batch_execute(&format!("BEGIN; SELECT 1 FROM {rows} FOR UPDATE")).unwrap();
        Outside(conn)
    }

    /// Waits until so many wait for a row, and so many for their turn.
    fn until(&mut self, rows: i64, turns: i64) {
        let mut waiting = |what: &str| {
            // What a transaction has once seen of others' sessions stays so for it.
            self.0.batch_execute("SELECT pg_stat_clear_snapshot()").unwrap();
            let query = format!(
                "SELECT COUNT(*) AS count FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid \
                 WHERE NOT l.granted AND a.datname = current_database() AND l.locktype {what} 'advisory'"
            );
            sql_query(query).get_result::<Count>(&mut self.0).unwrap().count
        };
        let begun = Instant::now();
        while (waiting("<>"), waiting("=")) != (rows, turns) {
            assert!(begun.elapsed() < Duration::from_secs(4), "{rows} and {turns} never wait");
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    fn let_go(mut self) {
        self.0.batch_execute("ROLLBACK").unwrap();
    }
}

fn suspend(clinic: &Clinic) -> (u16, Value) {
    let body = json!({"outcome": "suspended", "source": "the public register"});
    clinic.post(Role::Admin, &format!("/v1/licences/{}/checks", clinic.registration), &body)
}

/// What was journalled last, oldest first.
fn last(world: &World, number: usize) -> Vec<Event> {
    let mut journal = judge::journal_of(&world.database, &world.organisation);
    let last = journal.split_off(journal.len() - number);
    assert!(last.windows(2).all(|pair| pair[0].recorded_at <= pair[1].recorded_at), "moments go with positions");
    assert!(judge::judge(&[journal, last.clone()].concat()).is_empty());
    last
}

fn kinds(events: &[Event]) -> Vec<&str> {
    events.iter().map(|event| event.kind.as_str()).collect()
}

#[test]
fn a_change_waits_for_the_decisions_that_are_under_way() {
    let Some(world) = World::start(Kind::Postgres) else { return };
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 2);
    let mut outside = Outside::holding(&world, &format!("accounts WHERE lot_id = '{lot}'"));
    std::thread::scope(|scope| {
        let administered = scope.spawn(|| clinic.administer(&lot, 1));
        outside.until(1, 0);
        let suspended = scope.spawn(|| suspend(&clinic));
        outside.until(1, 1);
        assert!(!suspended.is_finished());
        outside.let_go();
        assert_eq!((administered.join().unwrap().0, suspended.join().unwrap().0), (201, 201));
    });
    assert_eq!(kinds(&last(&world, 2)), ["stock_administered", "licence_checked"]);
    world.assert_verified();
}

#[test]
fn a_decision_that_waited_for_a_change_is_judged_after_it() {
    let Some(world) = World::start(Kind::Postgres) else { return };
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 2);
    // Whoever adds a check refers to the licence.
    let mut outside = Outside::holding(&world, &format!("licences WHERE id = '{}'", clinic.registration));
    std::thread::scope(|scope| {
        let suspended = scope.spawn(|| suspend(&clinic));
        outside.until(1, 0);
        let administered = scope.spawn(|| clinic.administer(&lot, 1));
        outside.until(1, 1);
        outside.let_go();
        let (status, refused) = administered.join().unwrap();
        assert_eq!((status, codes(&refused)), (409, vec!["practitioner_licence_check_failed".to_owned()]), "{refused}");
        assert_eq!(suspended.join().unwrap().0, 201);
    });
    assert_eq!(kinds(&last(&world, 2)), ["licence_checked", "gate_refused"]);
    world.assert_verified();
}

#[test]
fn nobody_is_overtaken() {
    let Some(world) = World::start(Kind::Postgres) else { return };
    let clinic = world.clinic();
    let (first, second) = (clinic.receive_inspect_release("LOT1", 2), clinic.receive_inspect_release("LOT2", 2));
    let mut outside = Outside::holding(&world, &format!("accounts WHERE lot_id = '{first}'"));
    std::thread::scope(|scope| {
        let before = scope.spawn(|| clinic.administer(&first, 1));
        outside.until(1, 0);
        let suspended = scope.spawn(|| suspend(&clinic));
        outside.until(1, 1);
        // Its lot is free, and the turn is shared; but somebody waits to be alone.
        let after = scope.spawn(|| clinic.administer(&second, 1));
        outside.until(1, 2);
        // Elsewhere nobody waits.
        let other = world.sign(&world.register_organisation("Elsewhere"), "eve", Role::ALL, None);
        let site = json!({"name": "Elsewhere", "jurisdiction": "GB-ENG", "time_zone": "Europe/London"});
        assert_eq!(world.http.post(&other, "/v1/sites", &site).0, 201);
        outside.let_go();
        assert_eq!((before.join().unwrap().0, suspended.join().unwrap().0), (201, 201));
        assert_eq!(codes(&after.join().unwrap().1), ["practitioner_licence_check_failed"]);
    });
    assert_eq!(kinds(&last(&world, 3)), ["stock_administered", "licence_checked", "gate_refused"]);
    world.assert_verified();
}

/// Two decisions over one lot: the second reads what the first has left, and is of a later moment.
#[test]
fn decisions_over_one_lot_wait_for_each_other() {
    let Some(world) = World::start(Kind::Postgres) else { return };
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 2);
    let mut outside = Outside::holding(&world, &format!("accounts WHERE lot_id = '{lot}'"));
    std::thread::scope(|scope| {
        let first = scope.spawn(|| clinic.administer(&lot, 2));
        outside.until(1, 0);
        let second = scope.spawn(|| clinic.administer(&lot, 1));
        outside.until(2, 0);
        outside.let_go();
        assert_eq!(first.join().unwrap().0, 201);
        assert_eq!(codes(&second.join().unwrap().1), ["stock_not_on_hand"]);
    });
    assert_eq!(kinds(&last(&world, 2)), ["stock_administered", "gate_refused"]);
    world.assert_verified();
}

/// A hundred changes that wait keep no connections from those who read and decide.
#[test]
fn a_flood_of_changes_leaves_room() {
    let Some(world) = World::start(Kind::Postgres) else { return };
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 2);
    let mut outside = Outside::holding(&world, &format!("accounts WHERE lot_id = '{lot}'"));
    let path = format!("/v1/suppliers/{}", clinic.supplier);
    let rename = |number: usize| world.patch(&path, &json!({"name": format!("Wholesale {number}")})).status;
    let rename = &rename;
    std::thread::scope(|scope| {
        let before = scope.spawn(|| clinic.administer(&lot, 1));
        outside.until(1, 0);
        let changes: Vec<_> = (0..100).map(|number| scope.spawn(move || rename(number))).collect();
        outside.until(1, limits::CHANGES_AT_ONCE.try_into().unwrap());
        // The pool has eight connections: one is stalled, two wait for their turn.
        let token = world.token(Role::Auditor);
        assert_eq!(world.http.get(&token, "/v1/lots").0, 200);
        let after = scope.spawn(|| clinic.administer(&lot, 1));
        outside.until(1, 1 + i64::try_from(limits::CHANGES_AT_ONCE).unwrap());
        outside.let_go();
        assert_eq!((before.join().unwrap().0, after.join().unwrap().0), (201, 201));
        for change in changes {
            assert!(matches!(change.join().unwrap(), 200 | 503));
        }
    });
    // Whoever administers waits for those changes that were in the database before, and for no other.
    let journal = judge::journal_of(&world.database, &world.organisation);
    let place = |kind: &str| journal.iter().rposition(|event| event.kind == kind).unwrap();
    let first = journal.iter().position(|event| event.kind == "stock_administered").unwrap();
    assert!(place("stock_administered") - first <= 1 + limits::CHANGES_AT_ONCE);
    assert!(place("supplier_corrected") > place("stock_administered"), "changes came later, too");
    world.assert_verified();
}

/// A repeat in another process while the first is under way is told so, and waits for nobody; afterwards it has the answer.
#[test]
fn a_repeat_in_another_process_is_told_that_the_first_is_under_way() {
    let Some(world) = World::start(Kind::Postgres) else { return };
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 2);
    // Both go by the machine's clock: kept answers end by it.
    let (one, other) = (Process::serve(&world.database), Process::serve(&world.database));
    let (token, body) = (world.token(Role::Practitioner), clinic.administration(&lot, 1));
    let send = |http: &Client| http.post_with(&token, "/v1/administrations", &[("idempotency-key", "visit-1")], &body);
    // The first waits for its turn.
    let mut outside = Outside::holding(&world, &format!("licences WHERE id = '{}'", clinic.facility_licence));
    std::thread::scope(|scope| {
        let changed = scope.spawn(|| {
            let body = json!({"outcome": "verified", "source": "the public register"});
            clinic.create(Role::Admin, &format!("/v1/licences/{}/checks", clinic.facility_licence), &body)
        });
        outside.until(1, 0);
        let first = scope.spawn(|| send(&one.http));
        outside.until(1, 1);
        assert_problem(&send(&other.http), 409, "idempotency_key_in_flight", "a repeat beside the first");
        outside.let_go();
        changed.join().unwrap();
        let first = first.join().unwrap();
        assert_eq!(first.status, 201);
        assert_eq!(send(&other.http).bytes, first.bytes);
    });
    assert_eq!(clinic.reconciliation(&lot)["administered"], 1);
    world.assert_verified();
}
