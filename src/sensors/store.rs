//! The tables of sensors and readings.

pub mod letting_go;
pub mod taking_in;

use std::collections::{HashMap, HashSet};

use diesel::connection::DefaultLoadingMode;
use diesel::pg::PgRowByRowLoadingMode;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Integer, Text};

use super::climate::Known;
use super::hours::{Hour, begin_of};
use super::model::{AlarmRule, Comparator, Contradiction, Latest, Reading, Sensor, Series, series_of};
use crate::caller::Caller;
use crate::clock::Moment;
use crate::db::Db;
use crate::db::parts::{PART, in_parts};
use crate::db::schema::{climate_hours, reading_contradictions, readings, sensor_latest, sensor_series, sensors};
use crate::error::Result;
use crate::ids::{LocationId, OrganisationId, SensorId, SiteId};
use crate::journal::tables::Tables;

/// Adds a sensor, and the series of its readings.
///
/// # Errors
/// What the database answers.
pub fn insert(tables: &mut Tables<'_>, sensor: &Sensor) -> Result<()> {
    let db = tables.db();
    diesel::insert_into(sensors::table).values(sensor).execute(db)?;
    let series = Series {
        series: series_of(&sensor.id),
        organisation_id: sensor.organisation_id.clone(),
        sensor_id: sensor.id.clone(),
        batches: 0,
        readings: 0,
        let_go_before_us: None,
    };
    diesel::insert_into(sensor_series::table).values(series).execute(db)?;
    Ok(())
}

/// Puts a version of a sensor in place of the one before it; false when that one is not in force.
///
/// # Errors
/// What the database answers.
pub fn replace(tables: &mut Tables<'_>, row: &Sensor) -> Result<bool> {
    let earlier = sensors::table
        .filter(sensors::organisation_id.eq(&row.organisation_id).and(sensors::id.eq(&row.id)))
        .filter(sensors::version.eq(row.version - 1));
    Ok(diesel::update(earlier).set(row).execute(tables.db())? == 1)
}

/// Adds a reading that says something else than the one that is kept; the same again is kept once.
///
/// # Errors
/// What the database answers.
pub fn contradict(
    tables: &mut Tables<'_>,
    organisation: &OrganisationId,
    new: &Contradiction,
    now: Moment,
) -> Result<()> {
    use reading_contradictions as table;
    let row = (
        table::organisation_id.eq(organisation),
        table::sensor_id.eq(&new.sensor_id),
        table::at_us.eq(new.at.unix_micros()),
        table::sent_mc.eq(new.sent_mc),
        table::kept_mc.eq(new.kept_mc),
        table::recorded_at.eq(now),
    );
    diesel::insert_into(table::table).values(row).execute(tables.db())?;
    Ok(())
}

/// The sensor of that id, if the organisation has it.
///
/// # Errors
/// What the database answers.
pub fn sensor(db: &mut Db, organisation: &OrganisationId, id: &SensorId) -> Result<Option<Sensor>> {
    let found = sensors::table
        .filter(sensors::organisation_id.eq(organisation).and(sensors::id.eq(id)))
        .select(Sensor::as_select())
        .first(db)
        .optional()?;
    Ok(found)
}

/// The sensors of these ids, if the organisation has them.
///
/// # Errors
/// What the database answers.
pub fn sensors(db: &mut Db, organisation: &OrganisationId, ids: &[&SensorId]) -> Result<Vec<Sensor>> {
    Ok(sensors::table
        .filter(sensors::organisation_id.eq(organisation).and(sensors::id.eq_any(ids.iter().copied())))
        .select(Sensor::as_select())
        .order(sensors::id)
        .load(db)?)
}

/// Which sensors.
#[derive(Default)]
pub struct Filter {
    /// Only those of this site.
    pub site_id: Option<SiteId>,
    /// Only those of this location.
    pub location_id: Option<LocationId>,
    /// Only those that are retired, or only those that are not.
    pub retired: Option<bool>,
}

/// Sensors that the caller sees, by id, after `after`.
///
/// # Errors
/// What the database answers.
pub fn list(db: &mut Db, caller: &Caller, filter: &Filter, after: &str, limit: i64) -> Result<Vec<Sensor>> {
    let mut query = sensors::table
        .filter(sensors::organisation_id.eq(&caller.organisation_id).and(sensors::id.gt(after)))
        .select(Sensor::as_select())
        .order(sensors::id)
        .limit(limit)
        .into_boxed();
    if let Some(retired) = filter.retired {
        query = query.filter(sensors::retired_at.is_not_null().eq(retired));
    }
    if let Some(site) = &filter.site_id {
        query = query.filter(sensors::site_id.eq(site));
    }
    if let Some(location) = &filter.location_id {
        query = query.filter(sensors::location_id.eq(location));
    }
    if let Some(visible) = &caller.sites {
        query = query.filter(sensors::site_id.eq_any(visible));
    }
    Ok(query.load(db)?)
}

/// The sensors of a location, so many at the most.
///
/// # Errors
/// What the database answers.
pub fn at_location(
    db: &mut Db,
    organisation: &OrganisationId,
    location: &LocationId,
    most: i64,
) -> Result<Vec<Sensor>> {
    Ok(sensors::table
        .filter(sensors::organisation_id.eq(organisation).and(sensors::location_id.eq(location)))
        .select(Sensor::as_select())
        .order(sensors::id)
        .limit(most)
        .load(db)?)
}

/// The loggers of transport boxes at these locations, those too that are retired: what they measured may come late.
///
/// # Errors
/// What the database answers.
pub fn travelling(db: &mut Db, organisation: &OrganisationId, locations: &[&LocationId]) -> Result<Vec<Sensor>> {
    if locations.is_empty() {
        return Ok(Vec::new());
    }
    Ok(sensors::table
        .filter(sensors::organisation_id.eq(organisation).and(sensors::location_id.eq_any(locations.iter().copied())))
        .filter(sensors::travels)
        .select(Sensor::as_select())
        .order(sensors::id)
        .load(db)?)
}

/// Sensors in use that the caller sees, with where the readings of each have come to, by id; so many at the most.
///
/// # Errors
/// What the database answers.
pub fn with_latest(
    db: &mut Db,
    caller: &Caller,
    site: Option<&SiteId>,
    most: i64,
) -> Result<Vec<(Sensor, Option<Latest>)>> {
    let mut query = sensors::table
        .left_join(sensor_latest::table.on(sensor_latest::sensor_id.eq(sensors::id)))
        .filter(sensors::organisation_id.eq(&caller.organisation_id).and(sensors::retired_at.is_null()))
        .select((Sensor::as_select(), Option::<Latest>::as_select()))
        .order(sensors::id)
        .limit(most)
        .into_boxed();
    if let Some(site) = site {
        query = query.filter(sensors::site_id.eq(site));
    }
    if let Some(visible) = &caller.sites {
        query = query.filter(sensors::site_id.eq_any(visible));
    }
    Ok(query.load(db)?)
}

/// Where the readings of sensors have come to; nothing of those that have not measured.
///
/// # Errors
/// What the database answers.
pub fn latest(db: &mut Db, organisation: &OrganisationId, sensors: &[&SensorId]) -> Result<Vec<Latest>> {
    Ok(sensor_latest::table
        .filter(sensor_latest::organisation_id.eq(organisation))
        .filter(sensor_latest::sensor_id.eq_any(sensors.iter().copied()))
        .select(Latest::as_select())
        .load(db)?)
}

/// Says when to look whether a sensor is silent, in microseconds; none where that is known. Of one that has not measured nothing.
///
/// # Errors
/// What the database answers.
pub fn look_at(db: &mut Db, organisation: &OrganisationId, sensor: &SensorId, at_us: Option<i64>) -> Result<()> {
    let row = sensor_latest::table
        .filter(sensor_latest::organisation_id.eq(organisation).and(sensor_latest::sensor_id.eq(sensor)));
    diesel::update(row).set(sensor_latest::silent_at_us.eq(at_us)).execute(db)?;
    Ok(())
}

/// The sensors of all organisations that are to be looked at by a moment, in microseconds, the first first; so many at the most.
///
/// # Errors
/// What the database answers.
pub fn to_look_at(db: &mut Db, by_us: i64, most: i64) -> Result<Vec<(OrganisationId, SensorId)>> {
    Ok(sensor_latest::table
        .filter(sensor_latest::silent_at_us.is_not_null().and(sensor_latest::silent_at_us.lt(by_us)))
        .select((sensor_latest::organisation_id, sensor_latest::sensor_id))
        .order(sensor_latest::silent_at_us)
        .limit(most)
        .load(db)?)
}

/// When the last reading of a series before a moment was that says something else, in microseconds.
///
/// # Errors
/// What the database answers.
pub fn other_before(db: &mut Db, series: i64, at_us: i64, milli_c: i32) -> Result<Option<i64>> {
    Ok(readings::table
        .filter(readings::series.eq(series).and(readings::at_us.lt(at_us)).and(readings::milli_c.ne(milli_c)))
        .select(readings::at_us)
        .order(readings::at_us.desc())
        .first(db)
        .optional()?)
}

/// When the reading of a series was that is so many before the last, in microseconds.
///
/// # Errors
/// What the database answers.
pub fn before_last(db: &mut Db, series: i64, many: i64) -> Result<Option<i64>> {
    Ok(readings::table
        .filter(readings::series.eq(series))
        .select(readings::at_us)
        .order(readings::at_us.desc())
        .offset(many)
        .first(db)
        .optional()?)
}

/// The series of sensors, locked, in one order: whoever adds readings to them, or judges them, waits.
///
/// # Errors
/// What the database answers.
pub fn lock_series(db: &mut Db, organisation: &OrganisationId, series: &[i64]) -> Result<Vec<Series>> {
    if let Db::Postgres(conn) = db {
        let rows = sensor_series::table
            .filter(sensor_series::organisation_id.eq(organisation).and(sensor_series::series.eq_any(series)))
            .select(sensor_series::series)
            .order(sensor_series::series)
            .for_update();
        let _locked: Vec<i64> = rows.load(conn)?;
    }
    Ok(sensor_series::table
        .filter(
            sensor_series::organisation_id.eq(organisation).and(sensor_series::series.eq_any(series.iter().copied())),
        )
        .select(Series::as_select())
        .order(sensor_series::series)
        .load(db)?)
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = BigInt)]
    series: i64,
    #[diesel(sql_type = BigInt)]
    at_us: i64,
    #[diesel(sql_type = Integer)]
    milli_c: i32,
}

/// The last reading of each series that has any: what is later is not there.
///
/// # Errors
/// What the database answers.
pub fn last_of(db: &mut Db, series: &[i64]) -> Result<HashMap<i64, Reading>> {
    let found: Vec<Found> = match db {
        Db::Sqlite(conn) => sql_query(
            "SELECT r.series, r.at_us, r.milli_c FROM json_each($1) AS j CROSS JOIN readings AS r \
             ON r.series = j.value AND r.at_us = (SELECT MAX(l.at_us) FROM readings AS l WHERE l.series = j.value)",
        )
        .bind::<Text, _>(list_of(series.iter().map(ToString::to_string)))
        .load(conn)?,
        Db::Postgres(conn) => sql_query(
            "SELECT r.series, r.at_us, r.milli_c FROM unnest($1::bigint[]) AS j (series) \
             JOIN readings AS r ON r.series = j.series \
             AND r.at_us = (SELECT MAX(l.at_us) FROM readings AS l WHERE l.series = j.series)",
        )
        .bind::<Array<BigInt>, _>(series)
        .load(conn)?,
    };
    Ok(found.into_iter().map(|row| (row.series, Reading { at_us: row.at_us, milli_c: row.milli_c })).collect())
}

/// What is there of these series at these moments, in microseconds: as many look-ups as there are moments, however much is
/// stored.
///
/// # Errors
/// What the database answers.
pub fn there(db: &mut Db, wanted: &[(i64, i64)]) -> Result<Vec<(i64, Reading)>> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let found: Vec<Found> = match db {
        Db::Sqlite(conn) => sql_query(
            "SELECT r.series, r.at_us, r.milli_c FROM json_each($1) AS j CROSS JOIN readings AS r \
             ON r.series = json_extract(j.value, '$[0]') AND r.at_us = json_extract(j.value, '$[1]')",
        )
        .bind::<Text, _>(list_of(wanted.iter().map(|(series, at_us)| format!("[{series},{at_us}]"))))
        .load(conn)?,
        Db::Postgres(conn) => {
            let (series, at_us): (Vec<i64>, Vec<i64>) = wanted.iter().copied().unzip();
            sql_query(
                "SELECT r.series, r.at_us, r.milli_c FROM unnest($1::bigint[], $2::bigint[]) AS j (series, at_us) \
                 JOIN readings AS r ON r.series = j.series AND r.at_us = j.at_us",
            )
            .bind::<Array<BigInt>, _>(series)
            .bind::<Array<BigInt>, _>(at_us)
            .load(conn)?
        }
    };
    Ok(found.into_iter().map(|row| (row.series, Reading { at_us: row.at_us, milli_c: row.milli_c })).collect())
}

fn list_of(entries: impl Iterator<Item = String>) -> String {
    format!("[{}]", entries.collect::<Vec<_>>().join(","))
}

/// Of a series: from a moment on, and before one, in microseconds.
#[derive(Clone, Copy, Debug)]
pub struct Stretch {
    /// The series.
    pub series: i64,
    /// From when on.
    pub from_us: i64,
    /// Until when, exclusively.
    pub to_us: i64,
}

/// Gives the readings of a stretch to whoever takes them, in the order of their time, one at a time.
///
/// # Errors
/// What the database answers.
pub fn each<T>(
    db: &mut Db,
    stretch: Stretch,
    take: impl FnOnce(&mut dyn Iterator<Item = QueryResult<Reading>>) -> QueryResult<T>,
) -> Result<T> {
    let query = |from_us: i64| {
        readings::table
            .filter(readings::series.eq(stretch.series))
            .filter(readings::at_us.ge(from_us).and(readings::at_us.lt(stretch.to_us)))
            .select((readings::at_us, readings::milli_c))
            .order(readings::at_us)
    };
    let reading = |row: QueryResult<(i64, i32)>| row.map(|(at_us, milli_c)| Reading { at_us, milli_c });
    Ok(match db {
        Db::Sqlite(conn) => take(&mut query(stretch.from_us).load_iter::<_, DefaultLoadingMode>(conn)?.map(reading))?,
        Db::Postgres(conn) => {
            let most = i64::try_from(PART).unwrap_or(i64::MAX);
            let behind = |last: Option<(i64, i32)>| last.map_or(stretch.from_us, |(at_us, _)| at_us.saturating_add(1));
            take(&mut in_parts(|last| query(behind(last)).limit(most).load(conn)).map(reading))?
        }
    })
}

/// Gives what is known of a stretch to whoever takes it, in the order of its time, one at a time: the hours of readings that
/// were let go before a moment, and readings. An hour is of the stretch where its first reading is.
///
/// # Errors
/// What the database answers.
pub fn each_known(
    db: &mut Db,
    stretch: Stretch,
    let_go_before_us: Option<i64>,
    mut take: impl FnMut(Known),
) -> Result<()> {
    let Stretch { series, from_us, to_us } = stretch;
    if let_go_before_us.is_some_and(|before_us| from_us < before_us) {
        use climate_hours as table;
        let query = table::table
            .filter(table::series.eq(series))
            .filter(table::from_us.ge(begin_of(from_us)).and(table::from_us.lt(to_us)))
            .filter(table::first_us.ge(from_us).and(table::first_us.lt(to_us)))
            .select(table::all_columns)
            .order(table::from_us);
        let hours: Box<dyn Iterator<Item = QueryResult<Hour>>> = match db {
            Db::Sqlite(conn) => Box::new(query.load_iter::<Hour, DefaultLoadingMode>(conn)?),
            Db::Postgres(conn) => Box::new(query.load_iter::<Hour, PgRowByRowLoadingMode>(conn)?),
        };
        for hour in hours {
            take(Known::Hour(hour?));
        }
    }
    each(db, stretch, |readings| {
        for reading in readings {
            take(Known::Reading(reading?));
        }
        Ok(())
    })
}

/// Before which moments the readings of series were let go, of those that have any.
///
/// # Errors
/// What the database answers.
pub fn let_go_before(db: &mut Db, organisation: &OrganisationId, series: &[i64]) -> Result<HashMap<i64, i64>> {
    use sensor_series as table;
    let found: Vec<(i64, Option<i64>)> = table::table
        .filter(table::organisation_id.eq(organisation).and(table::series.eq_any(series.iter().copied())))
        .filter(table::let_go_before_us.is_not_null())
        .select((table::series, table::let_go_before_us))
        .load(db)?;
    Ok(found.into_iter().filter_map(|(series, before_us)| Some((series, before_us?))).collect())
}

/// The nearest reading of a series before a moment (or from it on), in microseconds, on that side of a threshold that a rule
/// allows; of any temperature without a rule.
///
/// # Errors
/// What the database answers.
pub fn nearest(
    db: &mut Db,
    series: i64,
    at_us: i64,
    is_before: bool,
    allowed_by: Option<&AlarmRule>,
) -> Result<Option<Reading>> {
    let mut query =
        readings::table.filter(readings::series.eq(series)).select((readings::at_us, readings::milli_c)).into_boxed();
    query = if is_before {
        query.filter(readings::at_us.lt(at_us)).order(readings::at_us.desc())
    } else {
        query.filter(readings::at_us.ge(at_us)).order(readings::at_us.asc())
    };
    query = match allowed_by.map(|rule| (rule.comparator, rule.milli_c)) {
        Some((Comparator::Above, threshold)) => query.filter(readings::milli_c.lt(threshold)),
        Some((Comparator::Below, threshold)) => query.filter(readings::milli_c.gt(threshold)),
        None => query,
    };
    let found: Option<(i64, i32)> = query.limit(1).get_result(db).optional()?;
    Ok(found.map(|(at_us, milli_c)| Reading { at_us, milli_c }))
}

/// The first readings of a stretch, so many at the most.
///
/// # Errors
/// What the database answers.
pub fn first(db: &mut Db, stretch: Stretch, most: i64) -> Result<Vec<Reading>> {
    let found: Vec<(i64, i32)> = readings::table
        .filter(readings::series.eq(stretch.series))
        .filter(readings::at_us.ge(stretch.from_us).and(readings::at_us.lt(stretch.to_us)))
        .select((readings::at_us, readings::milli_c))
        .order(readings::at_us)
        .limit(most)
        .load(db)?;
    Ok(found.into_iter().map(|(at_us, milli_c)| Reading { at_us, milli_c }).collect())
}

/// Those contradictions that nobody has sent before, each once.
///
/// # Errors
/// What the database answers.
pub fn not_yet_known<T>(
    db: &mut Db,
    organisation: &OrganisationId,
    sent: Vec<(T, Contradiction)>,
) -> Result<Vec<(T, Contradiction)>> {
    use reading_contradictions as table;
    if sent.is_empty() {
        return Ok(sent);
    }
    let known: Vec<(SensorId, i64, i32)> = table::table
        .filter(table::organisation_id.eq(organisation))
        .filter(table::sensor_id.eq_any(sent.iter().map(|(_, new)| &new.sensor_id)))
        .filter(table::at_us.eq_any(sent.iter().map(|(_, new)| new.at.unix_micros())))
        .select((table::sensor_id, table::at_us, table::sent_mc))
        .load(db)?;
    let mut known: HashSet<_> = known.into_iter().collect();
    let mut is_new = |new: &Contradiction| known.insert((new.sensor_id.clone(), new.at.unix_micros(), new.sent_mc));
    Ok(sent.into_iter().filter(|(_, new)| is_new(new)).collect())
}

/// What contradicts the readings of a sensor from one moment to another, both inclusive, in microseconds.
///
/// # Errors
/// What the database answers.
pub fn contradictions(
    db: &mut Db,
    organisation: &OrganisationId,
    sensor: &SensorId,
    from_us: i64,
    to_us: i64,
) -> Result<Vec<Reading>> {
    use reading_contradictions as table;
    let found: Vec<(i64, i32)> = table::table
        .filter(table::organisation_id.eq(organisation).and(table::sensor_id.eq(sensor)))
        .filter(table::at_us.ge(from_us).and(table::at_us.le(to_us)))
        .select((table::at_us, table::sent_mc))
        .order((table::at_us, table::sent_mc))
        .load(db)?;
    Ok(found.into_iter().map(|(at_us, milli_c)| Reading { at_us, milli_c }).collect())
}
