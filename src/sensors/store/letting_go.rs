//! What letting readings go asks of the tables, and does to them.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable};

use super::Stretch;
use crate::clock::Moment;
use crate::db::schema::{climate_hours, excursions, readings, sensor_series};
use crate::db::{Db, on_either};
use crate::error::Result;
use crate::ids::{OrganisationId, SensorId};
use crate::journal::tables::Tables;
use crate::sensors::hours::Hour;
use crate::sensors::model::{Reading, Row, series_of};

/// Sensors of an organisation that have readings from before a moment, by the numbers of their series, after `after`; so many
/// at the most.
///
/// # Errors
/// What the database answers.
pub fn with_earlier(
    db: &mut Db,
    organisation: &OrganisationId,
    before_us: i64,
    after: i64,
    limit: i64,
) -> Result<Vec<(i64, SensorId)>> {
    use sensor_series as table;
    let first = diesel::dsl::sql::<Nullable<BigInt>>(
        "(SELECT MIN(at_us) FROM readings WHERE readings.series = sensor_series.series)",
    );
    Ok(table::table
        .filter(table::organisation_id.eq(organisation).and(table::series.gt(after)))
        .filter(first.lt(before_us))
        .select((table::series, table::sensor_id))
        .order(table::series)
        .limit(limit)
        .load(db)?)
}

/// The first readings of a stretch as they are kept, so many at the most.
///
/// # Errors
/// What the database answers.
pub fn rows(db: &mut Db, stretch: Stretch, most: i64) -> Result<Vec<Row>> {
    let found: Vec<(i64, i32, i64)> = readings::table
        .filter(readings::series.eq(stretch.series))
        .filter(readings::at_us.ge(stretch.from_us).and(readings::at_us.lt(stretch.to_us)))
        .select((readings::at_us, readings::milli_c, readings::batch))
        .order(readings::at_us)
        .limit(most)
        .load(db)?;
    let row = |(at_us, milli_c, batch)| Row { series: stretch.series, reading: Reading { at_us, milli_c }, batch };
    Ok(found.into_iter().map(row).collect())
}

/// Whether an excursion of a sensor that nobody has assessed follows readings from before a moment: it began before that, or
/// within the time that is looked back on from `judged_from`. A silence is known by the readings at its ends: it follows them
/// as long as readings within it may still come.
///
/// # Errors
/// What the database answers.
pub fn follows_readings(
    db: &mut Db,
    organisation: &OrganisationId,
    sensor: &SensorId,
    before: Moment,
    judged_from: Moment,
) -> Result<bool> {
    use excursions as table;
    let goes_on = table::closed_at.is_null().or(table::closed_at.gt(judged_from));
    let silent = goes_on.and(table::kind.eq("silent").and(table::opened_at.lt(before)));
    let measured = table::kind.ne("silent").and(table::opened_at.lt(judged_from));
    let unsettled = table::table
        .filter(table::organisation_id.eq(organisation).and(table::sensor_id.eq(sensor)))
        .filter(table::state.eq_any(["open", "closed"]))
        .filter(silent.or(measured));
    Ok(diesel::select(diesel::dsl::exists(unsettled)).get_result(db)?)
}

/// Says before which moment the readings of a sensor were let go; false when those before it were already.
///
/// # Errors
/// What the database answers.
pub fn let_go(
    tables: &mut Tables<'_>,
    organisation: &OrganisationId,
    sensor: &SensorId,
    before_us: i64,
) -> Result<bool> {
    use sensor_series as table;
    let is_later = table::let_go_before_us.is_null().or(table::let_go_before_us.lt(before_us));
    let earlier = table::table
        .filter(table::organisation_id.eq(organisation).and(table::series.eq(series_of(sensor))))
        .filter(is_later);
    Ok(diesel::update(earlier).set(table::let_go_before_us.eq(before_us)).execute(tables.db())? == 1)
}

/// Removes the readings of a series before a moment, which an event has let go; how many there were.
///
/// # Errors
/// What the database answers, that they were not let go among it.
pub fn remove(db: &mut Db, series: i64, before_us: i64) -> Result<usize> {
    let gone = readings::table.filter(readings::series.eq(series).and(readings::at_us.lt(before_us)));
    Ok(diesel::delete(gone).execute(db)?)
}

/// The hours of a series that are kept from one moment to another.
///
/// # Errors
/// What the database answers.
pub fn hours(db: &mut Db, stretch: Stretch) -> Result<Vec<Hour>> {
    use climate_hours as table;
    Ok(table::table
        .filter(table::series.eq(stretch.series))
        .filter(table::from_us.ge(stretch.from_us).and(table::from_us.lt(stretch.to_us)))
        .select(Hour::as_select())
        .order(table::from_us)
        .load(db)?)
}

/// Keeps hours, each in the place of what was kept of it before.
///
/// # Errors
/// What the database answers.
pub fn keep_hours(db: &mut Db, hours: &[Hour]) -> Result<()> {
    for hour in hours {
        on_either!(&mut *db, conn => diesel::insert_into(climate_hours::table)
            .values(hour)
            .on_conflict((climate_hours::series, climate_hours::from_us))
            .do_update()
            .set(hour)
            .execute(conn)?);
    }
    Ok(())
}
