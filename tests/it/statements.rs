//! A scan answers in one read transaction with a handful of indexed queries, and stays so.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use diesel::Connection;
use diesel::connection::InstrumentationEvent;
use diesel::connection::SimpleConnection;
use lotline::caller::{Caller, Role};
use lotline::command::View;
use lotline::command::{Command, Turn};
use lotline::db::Db;
use lotline::ids::Ids;
use lotline::treatment::service;
use serde_json::json;

use super::support::clinic::{Clinic, GTIN, id, scan};
use super::support::{Kind, World, on_both_databases};

on_both_databases!(
    a_scan_asks_the_database_a_handful_of_times,
    an_administration_that_happens_now_asks_no_more_than_it_must,
);

/// Site, practitioner, policy, product, lots, accounts, holds, pack, numbered units, licences, checks.
const MOST: usize = 11;
/// The same eleven; the administration, the licences that it rests on, two accounts, two balances of the pack, the posting
/// line; the event and its subjects. As many as before late entries were judged by their moment.
const MOST_TO_ADMINISTER: usize = 20;
/// On PostgreSQL one more, in which it waits for its turn.
const MOST_ON_POSTGRES: usize = MOST_TO_ADMINISTER + 1;
/// On SQLite each row of a list is a statement: one licence and three subjects more.
const MOST_ON_SQLITE: usize = 24;

fn a_scan_asks_the_database_a_handful_of_times(world: &World) {
    let clinic = world.clinic();
    receive_and_release_sn1(&clinic);
    let asked = json!({
        "code": scan("270630", "LOT1", Some("SN1")), "site_id": clinic.site,
        "practitioner_id": clinic.practitioner, "purpose": "administer"
    });

    let (mut db, count) = counted(world);
    let mut view = View { db: &mut db, caller: &nurse(world), now: world.clock.now(), reader: lotline::house::kinds };
    let (_, scanned) = service::scan(&mut view, &serde_json::from_value(asked).unwrap()).unwrap();
    assert!(scanned.decision.allowed, "{:?} of {GTIN}", scanned.decision.reasons);
    let statements = count.load(Ordering::SeqCst);
    assert!((1..=MOST).contains(&statements), "{statements} statements");
}

/// What happens now is judged without looking back: nothing of what makes late entries possible is asked.
fn an_administration_that_happens_now_asks_no_more_than_it_must(world: &World) {
    let clinic = world.clinic();
    receive_and_release_sn1(&clinic);
    // The accounts that it posts to are there.
    let body = clinic.administration_of(&scan("270630", "LOT1", Some("SN1")));
    clinic.create(Role::Practitioner, "/v1/administrations", &body);

    let (mut db, count) = counted(world);
    let (caller, clock, ids) = (nurse(world), world.clock.clock(), Ids::system());
    let mut command = Command::begin(&mut db, Turn::Beside, &caller, &clock, &ids).unwrap();
    let (made, _) = service::administer(&mut command, &serde_json::from_value(body).unwrap()).unwrap();
    command.finish().unwrap();
    assert!(made.decision.allowed);
    let statements = count.load(Ordering::SeqCst);
    let most = if matches!(world.database.kind, Kind::Sqlite) { MOST_ON_SQLITE } else { MOST_ON_POSTGRES };
    assert!((1..=most).contains(&statements), "{statements} statements");
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

/// A connection of its own to the world's database, and how many statements it has been given, but for those that frame
/// transactions.
fn counted(world: &World) -> (Db, Arc<AtomicUsize>) {
    let mut db = lotline::db::open_for_verification(&world.database.url).unwrap();
    if matches!(world.database.kind, Kind::Sqlite) {
        db.batch_execute("PRAGMA query_only = OFF").unwrap();
    }
    let count = Arc::new(AtomicUsize::new(0));
    let counted = count.clone();
    db.set_instrumentation(move |event: InstrumentationEvent<'_>| {
        let frames = ["SAVEPOINT", "RELEASE", "BEGIN", "COMMIT"];
        if let InstrumentationEvent::StartQuery { query, .. } = event
            && !frames.iter().any(|word| query.to_string().starts_with(word))
        {
            counted.fetch_add(1, Ordering::SeqCst);
        }
    });
    (db, count)
}
