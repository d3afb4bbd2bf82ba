//! Readings are no events: each batch of them is one, which commits to every reading of it. They are read once, in the order
//! of their key, into a digest for each sensor, day and batch. Those that were let go have theirs in an event; none of them
//! may be there any more. Then the journal says which of all these there must be.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::connection::{DefaultLoadingMode, SimpleConnection};
use diesel::pg::PgRowByRowLoadingMode;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Binary, Date, Integer, Text};

use super::Report;
use crate::db::schema::{events, readings, sensor_series};
use crate::db::{Db, transaction};
use crate::error::Result;
use crate::journal;
use crate::sensors::digests::{BatchDigest, DayDigest, check_of, day_of};
use crate::sensors::events::Deed;
use crate::sensors::model::{Batch, BatchLetGo, DayOfReadings, LetGo, Reading, series_of};

/// Events that are looked at, and days that are written, at once.
const AT_ONCE: i64 = 500;

/// Compares every reading with the journal.
pub(super) fn compare(db: &mut Db, replayed: &mut Db, report: &mut Report) -> Result<()> {
    replayed.batch_execute(
        "CREATE TEMP TABLE found_readings (series INTEGER, day TEXT, batch INTEGER, readings INTEGER, digest BLOB, \
         PRIMARY KEY (series, day, batch)) WITHOUT ROWID",
    )?;
    transaction::begin_write(replayed)?;
    collect(db, replayed, report)?;
    each_told(replayed, "readings_let_go", |replayed, _, deed| match deed {
        Deed::ReadingsLetGo(gone) => keep_let_go(replayed, &gone),
        _ => Ok(()),
    })?;
    each_told(replayed, "readings_accepted", |replayed, event, deed| match deed {
        Deed::ReadingsAccepted(batch) => compare_batch(replayed, event, &batch, report),
        _ => Ok(()),
    })?;
    report_others(replayed, report)?;
    Ok(transaction::commit(replayed)?)
}

/// The digests of what is there.
fn collect(db: &mut Db, replayed: &mut Db, report: &mut Report) -> Result<()> {
    let query = readings::table
        .select((readings::series, readings::at_us, readings::milli_c, readings::batch))
        .order((readings::series, readings::at_us));
    type Row = (i64, i64, i32, i64);
    let rows: Box<dyn Iterator<Item = QueryResult<Row>>> = match db {
        Db::Sqlite(conn) => Box::new(query.load_iter::<Row, DefaultLoadingMode>(conn)?),
        Db::Postgres(conn) => Box::new(query.load_iter::<Row, PgRowByRowLoadingMode>(conn)?),
    };
    let let_go = let_go_before(replayed)?;
    let mut today: Option<(i64, NaiveDate)> = None;
    let mut still_there: BTreeMap<(i64, NaiveDate), i64> = BTreeMap::new();
    let mut batches: BTreeMap<i64, DayDigest> = BTreeMap::new();
    for row in rows {
        let (series, at_us, milli_c, batch) = row?;
        let reading = Reading { at_us, milli_c };
        let day = (series, day_of(reading));
        report.readings += 1;
        if let_go.get(&series).is_some_and(|before_us| at_us < *before_us) {
            if let Some(count) = still_there.get_mut(&day) {
                *count += 1;
            } else if still_there.len() < super::FINDINGS_MAX {
                still_there.insert(day, 1);
            }
            continue;
        }
        if today.is_some_and(|today| today != day) {
            keep(replayed, today, std::mem::take(&mut batches))?;
        }
        today = Some(day);
        batches.entry(batch).or_default().take(reading);
    }
    keep(replayed, today, batches)?;
    for ((series, day), readings) in still_there {
        let of = sensor_of(replayed, series)?;
        report.find(format!("readings of {of} on {day}: {readings} are there, which were let go"));
    }
    Ok(())
}

/// Before which moment the readings of each series were let go.
fn let_go_before(replayed: &mut Db) -> Result<BTreeMap<i64, i64>> {
    let found: Vec<(i64, Option<i64>)> = sensor_series::table
        .filter(sensor_series::let_go_before_us.is_not_null())
        .select((sensor_series::series, sensor_series::let_go_before_us))
        .load(replayed)?;
    Ok(found.into_iter().filter_map(|(series, before_us)| Some((series, before_us?))).collect())
}

/// Keeps the digests of a day.
fn keep(replayed: &mut Db, day: Option<(i64, NaiveDate)>, batches: BTreeMap<i64, DayDigest>) -> Result<()> {
    let Some((series, day)) = day else { return Ok(()) };
    for (batch, digest) in batches {
        let (readings, digest) = digest.finish();
        sql_query("INSERT INTO found_readings (series, day, batch, readings, digest) VALUES ($1, $2, $3, $4, $5)")
            .bind::<BigInt, _>(series)
            .bind::<Date, _>(day)
            .bind::<BigInt, _>(batch)
            .bind::<BigInt, _>(readings)
            .bind::<Binary, _>(digest.to_vec())
            .execute(replayed)?;
    }
    Ok(())
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = BigInt)]
    readings: i64,
    #[diesel(sql_type = Binary)]
    digest: Vec<u8>,
}

/// What an event says was let go counts as found. Of a batch that lies in two pieces of a very full day no digest can be had.
fn keep_let_go(replayed: &mut Db, gone: &LetGo) -> Result<()> {
    for BatchLetGo { batch, readings, digest } in &gone.batches {
        sql_query(
            "INSERT INTO found_readings (series, day, batch, readings, digest) VALUES ($1, $2, $3, $4, unhex($5)) \
             ON CONFLICT (series, day, batch) DO UPDATE SET readings = readings + excluded.readings, digest = x''",
        )
        .bind::<BigInt, _>(series_of(&gone.sensor_id))
        .bind::<Date, _>(gone.day)
        .bind::<BigInt, _>(*batch)
        .bind::<BigInt, _>(*readings)
        .bind::<Text, _>(digest.as_str())
        .execute(replayed)?;
    }
    Ok(())
}

/// Goes through the events of a kind, in their order.
pub(super) fn each_told(
    replayed: &mut Db,
    kind: &str,
    mut take: impl FnMut(&mut Db, &str, Deed) -> Result<()>,
) -> Result<()> {
    let mut last = 0;
    loop {
        let page: Vec<(i64, String, Vec<u8>)> = events::table
            .filter(events::kind.eq(kind).and(events::position.gt(last)))
            .select((events::position, events::id, events::bytes))
            .order(events::position)
            .limit(AT_ONCE)
            .load(replayed)?;
        let Some((position, ..)) = page.last() else { return Ok(()) };
        last = *position;
        for (_, id, bytes) in &page {
            take(replayed, id, journal::store::deed::<Deed>(bytes)?)?;
        }
    }
}

fn compare_batch(replayed: &mut Db, event: &str, batch: &Batch, report: &mut Report) -> Result<()> {
    let (mut whole, mut agrees) = (BatchDigest::default(), true);
    for day in &batch.days {
        let found = sql_query(
            "DELETE FROM found_readings WHERE series = $1 AND day = $2 AND batch = $3 RETURNING readings, digest",
        )
        .bind::<BigInt, _>(series_of(&day.sensor_id))
        .bind::<Date, _>(day.day)
        .bind::<BigInt, _>(day.batch)
        .get_result::<Found>(replayed)
        .optional()?;
        let DayOfReadings { sensor_id, day: on, batch: number, readings, check } = day;
        let what = format!("readings of {sensor_id} on {on}: batch {number}");
        let Some(found) = found else {
            report.find(format!("{what} is missing"));
            agrees = false;
            continue;
        };
        let digest = <[u8; 32]>::try_from(found.digest).ok();
        if found.readings != *readings {
            report.find(format!("{what} has {}, the journal says {readings}", found.readings));
            agrees = false;
            continue;
        }
        let Some(digest) = digest else {
            agrees = false;
            continue;
        };
        whole.take(&digest);
        if check_of(&digest) != *check {
            report.find(format!("{what} is not what was accepted"));
            agrees = false;
        }
    }
    if agrees && crate::values::Sha256Hex::from(whole.finish()) != batch.digest {
        report.find(format!("event {event}: the readings are not those that it commits to"));
    }
    Ok(())
}

/// What is there and in no event.
fn report_others(replayed: &mut Db, report: &mut Report) -> Result<()> {
    #[derive(QueryableByName)]
    struct Other {
        #[diesel(sql_type = BigInt)]
        series: i64,
        #[diesel(sql_type = Text)]
        day: String,
        #[diesel(sql_type = BigInt)]
        batch: i64,
        #[diesel(sql_type = Integer)]
        readings: i32,
    }
    let others: Vec<Other> = sql_query(format!(
        "SELECT series, day, batch, readings FROM found_readings ORDER BY series, day, batch LIMIT {}",
        super::FINDINGS_MAX
    ))
    .load(replayed)?;
    for Other { series, day, batch, readings } in others {
        let of = sensor_of(replayed, series)?;
        report.find(format!("readings of {of} on {day}: batch {batch} with {readings} is in no event"));
    }
    Ok(())
}

/// What a series is called.
pub(super) fn sensor_of(replayed: &mut Db, series: i64) -> Result<String> {
    let sensor: Option<String> = sensor_series::table
        .filter(sensor_series::series.eq(series))
        .select(sensor_series::sensor_id)
        .first(replayed)
        .optional()?;
    Ok(sensor.unwrap_or_else(|| format!("series {series}, which is no sensor's,")))
}
