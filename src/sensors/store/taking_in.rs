//! Taking readings in: few statements, whatever the number of readings and sensors. SQLite has kept ones for it and nobody to wait for;
//! on PostgreSQL each is a way there and back.

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Bool, Integer, Nullable, Text};

use crate::db::schema::{readings, sensor_latest, sensor_series};
use crate::db::{Db, PreparedChange, insert_rows};
use crate::error::Result;
use crate::ids::{OrganisationId, SensorId};
use crate::journal::tables::Tables;
use crate::sensors::model::{Latest, Row, series_of};

/// Adds readings, of which none is there: few statements, whatever their number.
///
/// # Errors
/// What the database answers.
pub fn add(db: &mut Db, rows: &[Row]) -> Result<()> {
    if let Db::Postgres(conn) = db {
        let column = |of: fn(&Row) -> i64| rows.iter().map(of).collect::<Vec<_>>();
        sql_query(
            "INSERT INTO readings (series, at_us, milli_c, batch) SELECT * \
             FROM unnest($1::bigint[], $2::bigint[], $3::integer[], $4::bigint[]) ORDER BY 1, 2",
        )
        .bind::<Array<BigInt>, _>(column(|row| row.series))
        .bind::<Array<BigInt>, _>(column(|row| row.reading.at_us))
        .bind::<Array<Integer>, _>(rows.iter().map(|row| row.reading.milli_c).collect::<Vec<_>>())
        .bind::<Array<BigInt>, _>(column(|row| row.batch))
        .execute(conn)?;
        return Ok(());
    }
    let values = |row: &Row| {
        (
            readings::series.eq(row.series),
            readings::at_us.eq(row.reading.at_us),
            readings::milli_c.eq(row.reading.milli_c),
            readings::batch.eq(row.batch),
        )
    };
    insert_rows!(db, readings::table, rows.iter().map(values).collect::<Vec<_>>());
    Ok(())
}

/// Counts one batch more of each of some sensors: which number it has, and how many readings. False where that is not the next of
/// each, or one is not there.
///
/// # Errors
/// What the database answers.
pub fn count_batches(
    tables: &mut Tables<'_>,
    organisation: &OrganisationId,
    batches: &[(&SensorId, i64, i64)],
) -> Result<bool> {
    let counted = match tables.db() {
        Db::Postgres(conn) => sql_query(
            "UPDATE sensor_series AS s SET batches = b.batch, readings = s.readings + b.readings \
             FROM unnest($2::bigint[], $3::bigint[], $4::bigint[]) AS b (series, batch, readings) \
             WHERE s.organisation_id = $1 AND s.series = b.series AND s.batches = b.batch - 1",
        )
        .bind::<Text, _>(organisation)
        .bind::<Array<BigInt>, _>(batches.iter().map(|(sensor, ..)| series_of(sensor)).collect::<Vec<_>>())
        .bind::<Array<BigInt>, _>(batches.iter().map(|(_, batch, _)| *batch).collect::<Vec<_>>())
        .bind::<Array<BigInt>, _>(batches.iter().map(|(.., readings)| *readings).collect::<Vec<_>>())
        .execute(conn)?,
        Db::Sqlite(conn) => {
            let mut counted = 0_usize;
            for (sensor, batch, readings) in batches {
                let before = sensor_series::table
                    .filter(sensor_series::organisation_id.eq(organisation))
                    .filter(sensor_series::series.eq(series_of(sensor)).and(sensor_series::batches.eq(batch - 1)));
                let more = sensor_series::readings.eq(sensor_series::readings + readings);
                let one = PreparedChange(diesel::update(before).set((sensor_series::batches.eq(batch), more)));
                counted = counted.saturating_add(one.execute(conn)?);
            }
            counted
        }
    };
    Ok(counted == batches.len())
}

/// Keeps where the readings of sensors have come to.
///
/// # Errors
/// What the database answers.
pub fn keep_latest(db: &mut Db, rows: &[Latest]) -> Result<()> {
    match db {
        Db::Postgres(conn) => {
            let number = |of: fn(&Latest) -> i64| rows.iter().map(of).collect::<Vec<_>>();
            sql_query(
                "INSERT INTO sensor_latest \
                 (sensor_id, organisation_id, at_us, milli_c, since_us, is_fine, silent_at_us) SELECT * FROM unnest \
                 ($1::text[], $2::text[], $3::bigint[], $4::integer[], $5::bigint[], $6::boolean[], $7::bigint[]) \
                 ON CONFLICT (sensor_id) DO UPDATE SET at_us = EXCLUDED.at_us, milli_c = EXCLUDED.milli_c, \
                 since_us = EXCLUDED.since_us, is_fine = EXCLUDED.is_fine, silent_at_us = EXCLUDED.silent_at_us",
            )
            .bind::<Array<Text>, _>(rows.iter().map(|row| row.sensor_id.as_str()).collect::<Vec<_>>())
            .bind::<Array<Text>, _>(rows.iter().map(|row| row.organisation_id.as_str()).collect::<Vec<_>>())
            .bind::<Array<BigInt>, _>(number(|row| row.at_us))
            .bind::<Array<Integer>, _>(rows.iter().map(|row| row.milli_c).collect::<Vec<_>>())
            .bind::<Array<BigInt>, _>(number(|row| row.since_us))
            .bind::<Array<Bool>, _>(rows.iter().map(|row| row.is_fine).collect::<Vec<_>>())
            .bind::<Array<Nullable<BigInt>>, _>(rows.iter().map(|row| row.silent_at_us).collect::<Vec<_>>())
            .execute(conn)?;
        }
        Db::Sqlite(conn) => {
            for row in rows {
                let kept = diesel::insert_into(sensor_latest::table).values(row);
                PreparedChange(kept.on_conflict(sensor_latest::sensor_id).do_update().set(row)).execute(conn)?;
            }
        }
    }
    Ok(())
}
