//! Replaying the journal, event by event, and recounting the stock from its postings.

use std::collections::BTreeMap;

use diesel::connection::DefaultLoadingMode;
use diesel::deserialize::QueryableByName;
use diesel::pg::PgRowByRowLoadingMode;
use diesel::sql_types::{BigInt, Binary, Nullable, Text};
use diesel::{OptionalExtension, QueryResult, RunQueryDsl, sql_query};

use serde_json::Value;

use super::Report;
use crate::db::{Db, transaction};
use crate::error::{Error, Result};
use crate::house;
use crate::journal;
use crate::journal::model::Event;
use crate::sealing::{Patients, Sealed};

/// Events that are replayed in one transaction.
const BATCH: u64 = 1_000;

/// An event as it lies in the database, whatever was done to it.
#[derive(QueryableByName)]
struct Kept {
    #[diesel(sql_type = BigInt)]
    position: i64,
    #[diesel(sql_type = Nullable<Binary>)]
    id: Option<Vec<u8>>,
    #[diesel(sql_type = Nullable<Binary>)]
    bytes: Option<Vec<u8>>,
    #[diesel(sql_type = Nullable<Binary>)]
    leaf_hash: Option<Vec<u8>>,
}

/// Replays every event, says which cannot be, and which are missing.
pub(super) fn replay(db: &mut Db, replayed: &mut Db, patients: Option<&Patients>, report: &mut Report) -> Result<()> {
    let is_sqlite = matches!(db, Db::Sqlite(_));
    let mut counts = Counts::default();
    let (mut last, mut unopened) = (0, 0_u64);
    transaction::begin_write(replayed)?;
    for kept in journal_of(db)? {
        let kept = kept?;
        if is_sqlite {
            report_gap(last, kept.position, report);
        }
        last = kept.position;
        report.events += 1;
        let id = String::from_utf8_lossy(kept.id.as_deref().unwrap_or_default());
        match replay_one(&kept, replayed, &mut counts) {
            Ok(event) if event.deed.sealed().is_empty() => {}
            Ok(event) => match patients {
                Some(patients) if patients.is_there() => open(&kept, &event, patients, report)?,
                Some(_) => unopened += 1,
                None => {}
            },
            Err(why) => report.find(format!("event {id}: {why}")),
        }
        if report.events.is_multiple_of(BATCH) {
            transaction::commit(replayed)?;
            transaction::begin_write(replayed)?;
        }
    }
    transaction::commit(replayed)?;
    if unopened > 0 {
        report.find(format!("the patients' keys are not there: what is sealed in {unopened} events was not opened"));
    }
    compare_numbering(db, last, report)?;
    counts.report(db, report)
}

/// Every event in the order of the journal, one at a time: they are as large as what they tell.
fn journal_of(db: &mut Db) -> QueryResult<Box<dyn Iterator<Item = QueryResult<Kept>> + '_>> {
    Ok(match db {
        Db::Sqlite(conn) => {
            let query = "SELECT position, CAST(id AS BLOB) AS id, CAST(bytes AS BLOB) AS bytes, \
                         CAST(leaf_hash AS BLOB) AS leaf_hash FROM events ORDER BY position";
            Box::new(sql_query(query).load_iter::<Kept, DefaultLoadingMode>(conn)?)
        }
        Db::Postgres(conn) => {
            let query = "SELECT position, convert_to(id, 'UTF8') AS id, bytes, leaf_hash FROM events ORDER BY position";
            Box::new(sql_query(query).load_iter::<Kept, PgRowByRowLoadingMode>(conn)?)
        }
    })
}

/// SQLite numbers the journal from 1 without a gap: what is rolled back gives its numbers back, and nothing is removed.
/// (A sequence of PostgreSQL does not.)
fn report_gap(last: i64, position: i64, report: &mut Report) {
    match position.saturating_sub(last) {
        1 => {}
        2 => report.find(format!("events: position {} of the journal is missing", last + 1)),
        _ => report.find(format!("events: positions {} to {} of the journal are missing", last + 1, position - 1)),
    }
}

/// The number that the next event gets follows the last event that is there.
fn compare_numbering(db: &mut Db, last: i64, report: &mut Report) -> Result<()> {
    #[derive(QueryableByName)]
    struct Given {
        #[diesel(sql_type = Nullable<BigInt>)]
        number: Option<i64>,
    }
    let query = match db {
        Db::Sqlite(_) => "SELECT CAST(seq AS INTEGER) AS number FROM sqlite_sequence WHERE name = 'events'",
        // Null for a role that may not look, and where nothing was drawn yet.
        Db::Postgres(_) => {
            "SELECT pg_sequence_last_value(sequence) AS number \
             FROM CAST(pg_get_serial_sequence('events', 'position') AS regclass) AS sequence \
             WHERE has_sequence_privilege(sequence, 'SELECT')"
        }
    };
    let given = sql_query(query).get_result::<Given>(db).optional()?.and_then(|given| given.number);
    match (given, db) {
        (Some(given), Db::Sqlite(_)) if given > last => {
            report_gap(last, given + 1, report);
        }
        (None, Db::Postgres(_)) => {}
        (given, _) if given.unwrap_or(0) < last => {
            report.find(format!(
                "events: the journal ends at position {last}, but its numbering stands at {}",
                given.unwrap_or(0)
            ));
        }
        _ => {}
    }
    Ok(())
}

/// Applies one event; what is wrong with it, if anything.
fn replay_one(kept: &Kept, replayed: &mut Db, counts: &mut Counts) -> std::result::Result<Event, String> {
    let bytes = kept.bytes.as_deref().unwrap_or_default();
    if kept.leaf_hash.as_deref() != Some(journal::store::leaf_hash(bytes).as_slice()) {
        return Err("its bytes are not those that its leaf hash commits to".to_owned());
    }
    let event = Event::read(bytes, house::kinds).map_err(|error| match error {
        Error::Internal(why) => format!("its bytes cannot be read: {why}"),
        other => format!("its bytes cannot be read: {other:?}"),
    })?;
    let same = event.canonical().is_ok_and(|text| text.as_bytes() == bytes);
    if !same {
        return Err("its bytes are not the canonical form of what they say".to_owned());
    }
    counts.add(&event);
    // All of it or nothing: the next event must find what this one leaves.
    let failed = |e: crate::error::Error| format!("it cannot be replayed: {e:?}");
    transaction::savepoint(replayed).map_err(|e| failed(e.into()))?;
    let done = journal::apply(replayed, &event)
        .and_then(|()| journal::append(replayed, std::slice::from_ref(&event), usize::MAX));
    match done {
        Ok(()) => transaction::commit(replayed).map(|()| event).map_err(|e| failed(e.into())),
        Err(why) => {
            transaction::rollback(replayed).map_err(|e| failed(e.into()))?;
            Err(failed(why))
        }
    }
}

/// Opens what is sealed in an event: with the key that is there, unless the patient was erased.
fn open(kept: &Kept, event: &Event, patients: &Patients, report: &mut Report) -> Result<()> {
    let told: Value = serde_json::from_slice(kept.bytes.as_deref().unwrap_or_default()).unwrap_or_default();
    for pointer in event.deed.sealed() {
        let text = told.pointer(&format!("/data{pointer}")).and_then(Value::as_str).unwrap_or_default();
        let (id, organisation) = (&event.head.id, &event.head.organisation_id);
        let Ok(sealed) = text.parse::<Sealed<Value>>() else {
            report.find(format!("event {id}: {pointer} is not sealed"));
            continue;
        };
        let patient = sealed.patient();
        if !patients.knows(organisation, patient)? {
            report.find(format!("event {id}: the key of {patient} is not there, and nobody has erased it"));
            continue;
        }
        match patients.open(organisation, &sealed) {
            Ok(Some(_)) => report.opened += 1,
            Ok(None) => report.erased += 1,
            Err(_) => report.find(format!("event {id}: {pointer} does not open with the key of {patient}")),
        }
    }
    Ok(())
}

/// Units by lot and account kind, counted from postings alone: what the ledger should say, by other means.
#[derive(Default)]
struct Counts(BTreeMap<(String, &'static str), i64>);

impl Counts {
    fn add(&mut self, event: &Event) {
        for posting in event.deed.postings() {
            for (kind, units) in [(posting.from.kind, -posting.units), (posting.to.kind, posting.units)] {
                *self.0.entry((posting.lot_id.to_string(), kind.as_str())).or_default() += units;
            }
        }
    }

    fn report(&self, db: &mut Db, report: &mut Report) -> Result<()> {
        #[derive(QueryableByName)]
        struct Sum {
            #[diesel(sql_type = Text)]
            lot_id: String,
            #[diesel(sql_type = Text)]
            kind: String,
            #[diesel(sql_type = BigInt)]
            units: i64,
        }
        let sums: Vec<Sum> = sql_query(
            "SELECT COALESCE(CAST(lot_id AS TEXT), '') AS lot_id, COALESCE(CAST(kind AS TEXT), '') AS kind, \
             CAST(COALESCE(SUM(units), 0) AS BIGINT) AS units FROM accounts GROUP BY 1, 2",
        )
        .load(db)?;
        let mut booked: BTreeMap<(String, String), i64> =
            sums.into_iter().map(|sum| ((sum.lot_id, sum.kind), sum.units)).collect();
        for ((lot, kind), units) in &self.0 {
            let found = booked.remove(&(lot.clone(), (*kind).to_owned())).unwrap_or(0);
            if found != *units {
                report.find(format!("lot {lot}: {kind} has {found} units, its postings add up to {units}"));
            }
        }
        for ((lot, kind), units) in booked.into_iter().filter(|(_, units)| *units != 0) {
            report.find(format!("lot {lot}: {kind} has {units} units that no posting put there"));
        }
        Ok(())
    }
}
