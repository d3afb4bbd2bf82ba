//! Hours stay in the place of readings that were let go. The event that let the last of a day go commits to all of them.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::QueryResult;
use diesel::connection::{DefaultLoadingMode, SimpleConnection};
use diesel::pg::PgRowByRowLoadingMode;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Date, Text};

use super::Report;
use super::readings::{each_told, sensor_of};
use crate::db::schema::climate_hours;
use crate::db::{Db, transaction};
use crate::error::Result;
use crate::sensors::digests::day_of;
use crate::sensors::events::Deed;
use crate::sensors::hours::{Hour, HoursDigest};
use crate::sensors::model::series_of;
use crate::values::Sha256Hex;

/// Compares every hour with the journal.
pub(super) fn compare(db: &mut Db, replayed: &mut Db, report: &mut Report) -> Result<()> {
    replayed.batch_execute(
        "CREATE TEMP TABLE told_hours (series INTEGER, day TEXT, digest TEXT, PRIMARY KEY (series, day)) WITHOUT ROWID",
    )?;
    transaction::begin_write(replayed)?;
    each_told(replayed, "readings_let_go", |replayed, _, deed| {
        let Deed::ReadingsLetGo(gone) = deed else { return Ok(()) };
        sql_query("INSERT OR REPLACE INTO told_hours (series, day, digest) VALUES ($1, $2, $3)")
            .bind::<BigInt, _>(series_of(&gone.sensor_id))
            .bind::<Date, _>(gone.day)
            .bind::<Text, _>(gone.hours.as_str())
            .execute(replayed)?;
        Ok(())
    })?;
    look_at(db, replayed, report)?;
    report_missing(replayed, report)?;
    Ok(transaction::commit(replayed)?)
}

/// Looks at what is there, day by day.
fn look_at(db: &mut Db, replayed: &mut Db, report: &mut Report) -> Result<()> {
    let query =
        climate_hours::table.select(climate_hours::all_columns).order((climate_hours::series, climate_hours::from_us));
    let hours: Box<dyn Iterator<Item = QueryResult<Hour>>> = match db {
        Db::Sqlite(conn) => Box::new(query.load_iter::<Hour, DefaultLoadingMode>(conn)?),
        Db::Postgres(conn) => Box::new(query.load_iter::<Hour, PgRowByRowLoadingMode>(conn)?),
    };
    let mut days: BTreeMap<(i64, NaiveDate), HoursDigest> = BTreeMap::new();
    for hour in hours {
        let hour = hour?;
        report.rows += 1;
        let day = (hour.series, day_of(hour.first()));
        if !days.contains_key(&day) {
            compare_days(replayed, std::mem::take(&mut days), report)?;
        }
        days.entry(day).or_default().take(&hour);
    }
    compare_days(replayed, days, report)
}

#[derive(QueryableByName)]
struct Told {
    #[diesel(sql_type = Text)]
    digest: String,
}

fn compare_days(replayed: &mut Db, days: BTreeMap<(i64, NaiveDate), HoursDigest>, report: &mut Report) -> Result<()> {
    for ((series, day), digest) in days {
        let told = sql_query("DELETE FROM told_hours WHERE series = $1 AND day = $2 RETURNING digest")
            .bind::<BigInt, _>(series)
            .bind::<Date, _>(day)
            .get_result::<Told>(replayed)
            .optional()?;
        let wrong = match told {
            None => "are in no event",
            Some(told) if told.digest != Sha256Hex::from(digest.finish()).as_str() => "are not those that were kept",
            Some(_) => continue,
        };
        let of = sensor_of(replayed, series)?;
        report.find(format!("hours of {of} on {day}: they {wrong}"));
    }
    Ok(())
}

/// Days of which no hour is there.
fn report_missing(replayed: &mut Db, report: &mut Report) -> Result<()> {
    #[derive(QueryableByName)]
    struct Missing {
        #[diesel(sql_type = BigInt)]
        series: i64,
        #[diesel(sql_type = Text)]
        day: String,
    }
    let query = format!("SELECT series, day FROM told_hours ORDER BY series, day LIMIT {}", super::FINDINGS_MAX);
    for Missing { series, day } in sql_query(query).load::<Missing>(replayed)? {
        let of = sensor_of(replayed, series)?;
        report.find(format!("hours of {of} on {day}: they are missing"));
    }
    Ok(())
}
