//! Readings are no events: each batch of them is one, which commits to every reading of it. They are read once, in the order
//! of their key, into a digest for each sensor, day and batch. Those that were let go have theirs in an event; none of them
//! may be there any more. Then the journal says which of all these there must be.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::connection::{DefaultLoadingMode, SimpleConnection};
use diesel::pg::PgRowByRowLoadingMode;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Binary, Bool, Date, Integer, Text};

use super::Report;
use crate::db::schema::{events, readings, sensor_latest, sensor_series};
use crate::db::{Db, transaction};
use crate::error::Result;
use crate::journal;
use crate::sensors::digests::{BatchDigest, DayDigest, check_of, day_of};
use crate::sensors::events::Deed;
use crate::sensors::latest::Run;
use crate::sensors::model::{Batch, BatchLetGo, DayOfReadings, Latest, LetGo, Reading, series_of};

/// Events that are looked at, and days that are written, at once.
const AT_ONCE: i64 = 500;

/// Compares every reading with the journal.
pub(super) fn compare(db: &mut Db, replayed: &mut Db, report: &mut Report) -> Result<()> {
    replayed.batch_execute(
        "CREATE TEMP TABLE found_readings (series INTEGER, day TEXT, batch INTEGER, readings INTEGER, digest BLOB, \
         PRIMARY KEY (series, day, batch)) WITHOUT ROWID; \
         CREATE TEMP TABLE found_readings_of (series INTEGER, at_us INTEGER, milli_c INTEGER, since_us INTEGER, \
         is_fine INTEGER, PRIMARY KEY (series)) WITHOUT ROWID",
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
    compare_latest(db, replayed, report)?;
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
    let mut run: Option<(i64, Run)> = None;
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
        run = match run {
            Some((of, run)) if of == series => Some((of, run.then(reading))),
            ended => {
                keep_run(replayed, ended)?;
                Some((series, Run::of(reading)))
            }
        };
        if today.is_some_and(|today| today != day) {
            keep(replayed, today, std::mem::take(&mut batches))?;
        }
        today = Some(day);
        batches.entry(batch).or_default().take(reading);
    }
    keep_run(replayed, run)?;
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

/// Keeps where the readings of a series have come to.
fn keep_run(replayed: &mut Db, run: Option<(i64, Run)>) -> Result<()> {
    let Some((series, run)) = run else { return Ok(()) };
    sql_query("INSERT INTO found_readings_of (series, at_us, milli_c, since_us, is_fine) VALUES ($1, $2, $3, $4, $5)")
        .bind::<BigInt, _>(series)
        .bind::<BigInt, _>(run.last.at_us)
        .bind::<Integer, _>(run.last.milli_c)
        .bind::<BigInt, _>(run.since_us)
        .bind::<Bool, _>(run.is_fine)
        .execute(replayed)?;
    Ok(())
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

#[derive(QueryableByName)]
struct FoundRun {
    #[diesel(sql_type = BigInt)]
    series: i64,
    #[diesel(sql_type = BigInt)]
    at_us: i64,
    #[diesel(sql_type = Integer)]
    milli_c: i32,
    #[diesel(sql_type = BigInt)]
    since_us: i64,
    #[diesel(sql_type = Bool)]
    is_fine: bool,
}

/// Compares what is kept of each sensor with its readings: it is in no event, and follows from them.
fn compare_latest(db: &mut Db, replayed: &mut Db, report: &mut Report) -> Result<()> {
    let let_go = let_go_before(replayed)?;
    let mut after = String::new();
    loop {
        let page: Vec<Latest> = sensor_latest::table
            .filter(sensor_latest::sensor_id.gt(&after))
            .select(Latest::as_select())
            .order(sensor_latest::sensor_id)
            .limit(AT_ONCE)
            .load(db)?;
        let Some(last) = page.last() else { break };
        after = last.sensor_id.to_string();
        for kept in &page {
            let found = sql_query(
                "DELETE FROM found_readings_of WHERE series = $1 RETURNING series, at_us, milli_c, since_us, is_fine",
            )
            .bind::<BigInt, _>(series_of(&kept.sensor_id))
            .get_result::<FoundRun>(replayed)
            .optional()?;
            let found = found.map(|FoundRun { at_us, milli_c, since_us, is_fine, .. }| Run {
                last: Reading { at_us, milli_c },
                since_us,
                is_fine,
            });
            let is_as_found = match found {
                Some(found) => agrees(db, kept, found, let_go.get(&series_of(&kept.sensor_id)).copied())?,
                None => false,
            };
            if !is_as_found {
                report.find(format!("readings of {}: sensor_latest says otherwise", kept.sensor_id));
            }
        }
    }
    let others: Vec<FoundRun> = sql_query(format!(
        "SELECT series, at_us, milli_c, since_us, is_fine FROM found_readings_of ORDER BY series LIMIT {}",
        super::FINDINGS_MAX
    ))
    .load(replayed)?;
    for FoundRun { series, .. } in others {
        report.find(format!("readings of series {series}: sensor_latest has none of them"));
    }
    Ok(())
}

/// Whether what is kept of a sensor is what was found. Readings that were let go may have been the same as all that are left, and the
/// only fine ones: of that nothing else is known.
fn agrees(db: &mut Db, kept: &Latest, found: Run, let_go_before_us: Option<i64>) -> Result<bool> {
    let (mut kept, series) = (kept.run(), series_of(&kept.sensor_id));
    if let Some(before_us) = let_go_before_us {
        kept.is_fine &= found.is_fine;
        if kept.since_us < before_us {
            let first = crate::sensors::service::nearest(db, series, before_us, false, None)?;
            kept.since_us = first.map_or(kept.since_us, |first| first.at_us);
        }
    }
    Ok(kept == found)
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
