//! Registering sensors, taking their readings in, and telling what a location's temperature was.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;

use super::climate::{Buckets, Climate, Known, Span, Spans};
use super::digests;
use super::events::Deed;
use super::hours::begin_of;
use super::intake::{Place, Row, moment_of};
use super::model::{self, AlarmRule, Contradiction, Latest, Reading, Sensor, Series, series_of};
use super::rules::silent_after_us;
use super::suspicions::{self, STUCK_READINGS, Suspicion};
use super::wire::{NewSensor, ReadingView, RejectedReading, SensorView, Verdicts};
use super::{latest, rules, store};
use crate::clock::Moment;
use crate::command::{About, Command, Following, Measured, View};
use crate::db::Db;
use crate::error::{Error, Result};
use crate::http::versions::{Sent as SentVersion, edited};
use crate::ids::{LocationId, SensorId, SiteId};
use crate::limits::{ALARM_MINUTES_MAX, ALARM_RULES_MAX, SENSOR_SECONDS_MAX, SENSORS_OF_LOCATION_MAX};
use crate::problem::ProblemCode;
use crate::values::{Celsius, Json};
use crate::versions::{self, Change, Reinstatement, Retirement};

// What others may ask of the tables.
pub use super::store::{
    Stretch, each, latest, lock_series, look_at, nearest, sensors, to_look_at, travelling, with_latest,
};

/// Registers a sensor at a location.
///
/// # Errors
/// `reference_unknown` for the location, `too_many_sensors`, `invalid_value`, `list_too_long`.
pub fn register(cmd: &mut Command<'_>, new: &NewSensor) -> Result<Sensor> {
    let location = crate::sites::service::expect_location(cmd.db, cmd.caller, "location_id", &new.location_id)?;
    let there = store::at_location(cmd.db, cmd.organisation(), &location.id, SENSORS_OF_LOCATION_MAX)?.len();
    if i64::try_from(there).is_ok_and(|there| there >= SENSORS_OF_LOCATION_MAX) {
        let detail = format!("{} has {there} sensors, which is as many as a location may have.", location.name);
        return Err(Error::problem(ProblemCode::TooManySensors, detail));
    }
    let id = cmd.mint(SensorId::mint);
    let sensor = described(cmd, id, location.site_id, new)?;
    let subjects = vec![sensor.id.to_string(), sensor.location_id.to_string(), sensor.site_id.to_string()];
    let about = About { occurred_at: cmd.now, site_id: Some(sensor.site_id.clone()), subjects };
    cmd.record(about, Deed::SensorRegistered(sensor.clone()))?;
    Ok(sensor)
}

fn described(cmd: &Command<'_>, id: SensorId, site_id: SiteId, new: &NewSensor) -> Result<Sensor> {
    within("interval_seconds", new.interval_seconds, 1, SENSOR_SECONDS_MAX)?;
    if new.alarm_rules.len() > ALARM_RULES_MAX {
        let rule = format!("must have at most {ALARM_RULES_MAX} entries");
        return Err(Error::invalid(ProblemCode::ListTooLong, "alarm_rules", rule));
    }
    for (place, rule) in new.alarm_rules.iter().enumerate() {
        within(&format!("alarm_rules[{place}].minutes"), rule.minutes, 0, ALARM_MINUTES_MAX)?;
    }
    let rules = new.alarm_rules.iter().map(|rule| AlarmRule {
        comparator: rule.comparator,
        milli_c: rule.celsius.milli(),
        minutes: rule.minutes,
        mode: rule.mode,
    });
    Ok(Sensor {
        id,
        organisation_id: cmd.organisation().clone(),
        site_id,
        location_id: new.location_id.clone(),
        name: new.name.clone(),
        interval_seconds: new.interval_seconds,
        alarm_rules: Json::new(rules.collect()),
        calibration_due: new.calibration_due,
        registered_at: cmd.now,
        version: versions::FIRST,
        retired_at: None,
        travels: new.travels,
    })
}

fn within(field: &str, value: i64, least: i64, most: i64) -> Result<()> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    Err(Error::invalid(ProblemCode::InvalidValue, field, format!("must be from {least} to {most}")))
}

/// Corrects a sensor: anything but where it is. What it measured stays what it was measured of.
///
/// # Errors
/// `not_found`, `precondition_failed`, `retired`, `identity_fixed`, `invalid_value`, `list_too_long`, what [`edited`] refuses.
pub fn correct(cmd: &mut Command<'_>, id: &SensorId, change: &Change, sent: &SentVersion) -> Result<Sensor> {
    let earlier = versions::in_force(find(cmd.db, cmd.caller, id)?, change)?;
    // What is found of its readings changes by itself, so that whoever sends it back says nothing with it.
    let new = edited(change, &sent.without("suspicions"), &SensorView::from(earlier.clone()))?;
    let now = described(cmd, id.clone(), earlier.site_id.clone(), &new)?;
    versions::fixed("location_id", &earlier.location_id, &now.location_id)?;
    let corrected = versions::correct(cmd, &earlier, now, change)?;
    look_after(cmd, &corrected)?;
    Ok(corrected)
}

/// Has somebody look whether a sensor is silent when it has had the time to measure as it is from now on.
fn look_after(cmd: &mut Command<'_>, sensor: &Sensor) -> Result<()> {
    let at_us = cmd.now.unix_micros().saturating_add(silent_after_us(sensor));
    store::look_at(cmd.db, cmd.organisation(), &sensor.id, Some(at_us))
}

/// Retires a sensor: it measures no more, and is silent without anybody being told.
///
/// # Errors
/// `not_found`, `already_retired`.
pub fn retire(cmd: &mut Command<'_>, id: &SensorId, retirement: &Retirement) -> Result<Sensor> {
    let found = find(cmd.db, cmd.caller, id)?;
    versions::retire(cmd, found, retirement)
}

/// Puts a retired sensor back into use.
///
/// # Errors
/// `not_found`, `not_retired`.
pub fn reinstate(cmd: &mut Command<'_>, id: &SensorId, reinstatement: &Reinstatement) -> Result<Sensor> {
    let found = find(cmd.db, cmd.caller, id)?;
    let reinstated = versions::reinstate(cmd, found, reinstatement)?;
    look_after(cmd, &reinstated)?;
    Ok(reinstated)
}

/// The sensor of that id, if the caller sees it.
///
/// # Errors
/// What the database answers.
pub fn find(db: &mut Db, caller: &crate::caller::Caller, id: &SensorId) -> Result<Option<Sensor>> {
    Ok(store::sensor(db, &caller.organisation_id, id)?.filter(|sensor| caller.sees(&sensor.site_id)))
}

/// Takes rows in: those that say something new are kept, and an event for each site commits to them.
///
/// Whoever sends the same again, in whatever order, changes nothing. Of two temperatures of one moment the first stays, and
/// the other is kept beside it.
///
/// # Errors
/// What the database answers. What is wrong with a row is its verdict.
pub fn accept(cmd: &mut Command<'_>, rows: &[Row], verdicts: &mut Verdicts) -> Result<()> {
    let named = rows.iter().filter_map(|(_, row)| row.as_ref().ok().map(|(sensor, _)| sensor));
    let named: Vec<&SensorId> = named.collect::<BTreeSet<_>>().into_iter().collect();
    let mut numbers: Vec<i64> = named.iter().map(|sensor| series_of(sensor)).collect();
    numbers.sort_unstable();
    let mut series: Vec<Series> = Vec::new();
    cmd.lock(|db, organisation| {
        series = store::lock_series(db, organisation, &numbers)?;
        Ok(())
    })?;
    let series: BTreeMap<&SensorId, &Series> = series.iter().map(|series| (&series.sensor_id, series)).collect();
    let sensors = store::sensors(cmd.db, cmd.organisation(), &named)?;
    let seen = sensors.iter().filter(|sensor| cmd.caller.sees(&sensor.site_id));
    let sources: BTreeMap<&SensorId, Source<'_>> =
        seen.filter_map(|sensor| Some((&sensor.id, Source { sensor, series: series.get(&sensor.id)? }))).collect();
    let (mut wanted, mut rejected) = (Vec::with_capacity(rows.len()), Vec::new());
    for (place, row) in rows {
        match row.as_ref().map_err(Clone::clone).and_then(|(id, reading)| {
            expect_possible(*place, sources.get(id).copied(), *reading, cmd.now).map(|source| (source, *reading))
        }) {
            Ok((source, reading)) => wanted.push((*place, source, reading)),
            Err(why) => rejected.push(why),
        }
    }
    let numbers: Vec<i64> = sources.values().map(|source| source.series.series).collect();
    let last = store::last_of(cmd.db, &numbers)?;
    let moments = wanted.iter().map(|(_, source, reading)| (source.series.series, reading.at_us));
    let mut there = there_of(cmd.db, moments, &last)?;
    let (mut new, mut against) = (Vec::new(), Vec::new());
    for (place, Source { sensor, series }, reading) in wanted {
        match there.entry((series.series, reading.at_us)) {
            Entry::Vacant(_) if is_too_old(series, reading) => {
                let message = "readings of that time were let go, and what is added so late is judged no more";
                rejected.push(RejectedReading::new(place, "reading_too_old", message));
            }
            Entry::Vacant(entry) => {
                entry.insert(reading.milli_c);
                let batch = series.batches.saturating_add(1);
                new.push((sensor, model::Row { series: series.series, reading, batch }));
            }
            Entry::Occupied(kept) if *kept.get() == reading.milli_c => {
                verdicts.duplicates = verdicts.duplicates.saturating_add(1);
            }
            Entry::Occupied(kept) => {
                let (at, kept_mc, sent_mc) = (moment_of(reading), *kept.get(), reading.milli_c);
                against.push((sensor, Contradiction { sensor_id: sensor.id.clone(), at, kept_mc, sent_mc }));
                let message = "another temperature was measured at that moment, and stays";
                rejected.push(RejectedReading::new(place, "reading_conflict", message));
            }
        }
    }
    verdicts.reject(rejected);
    verdicts.accepted = verdicts.accepted.saturating_add(u64::try_from(new.len()).unwrap_or(u64::MAX));
    new.sort_by_key(|(_, row)| (row.series, row.reading));
    store::taking_in::add(cmd.db, &new.iter().map(|(_, row)| *row).collect::<Vec<_>>())?;
    let against = store::not_yet_known(cmd.db, cmd.organisation(), against)?;
    record_batches(cmd, &new, against)?;
    keep_added(cmd, &new, &last)
}

/// What is there of series at these moments: what is later than the last is not looked for.
fn there_of(
    db: &mut Db,
    moments: impl Iterator<Item = (i64, i64)>,
    last: &HashMap<i64, Reading>,
) -> Result<BTreeMap<(i64, i64), i32>> {
    let late = moments.filter(|(series, at_us)| last.get(series).is_some_and(|last| *at_us <= last.at_us));
    let there = store::there(db, &late.collect::<Vec<_>>())?;
    Ok(there.into_iter().map(|(series, reading)| ((series, reading.at_us), reading.milli_c)).collect())
}

/// Whether so much was let go of a sensor that a reading can no longer be judged.
fn is_too_old(series: &Series, reading: Reading) -> bool {
    let let_go_before = series.let_go_before_us.map(Moment::at_unix_micros);
    let_go_before.is_some_and(|before| moment_of(reading) < rules::judged_from(before))
}

/// Keeps where the readings of sensors have come to with those that were added, and notes that they are to be judged.
fn keep_added(cmd: &mut Command<'_>, new: &[(&Sensor, model::Row)], last: &HashMap<i64, Reading>) -> Result<()> {
    let by_sensor = new.chunk_by(|(_, one), (_, other)| one.series == other.series).filter_map(|rows| match rows {
        [(sensor, _), ..] => Some((*sensor, rows.iter().map(|(_, row)| row.reading).collect::<Vec<Reading>>())),
        [] => None,
    });
    let added: Vec<(&Sensor, Vec<Reading>)> = by_sensor.collect();
    latest::keep(cmd, &added)?;
    for (sensor, readings) in &added {
        cmd.measured(measured(&sensor.id, readings, last.get(&series_of(&sensor.id))));
    }
    Ok(())
}

/// What was added of a sensor, in the order of time, and whether all of it is later than the last that was there.
fn measured(sensor: &SensorId, readings: &[Reading], last: Option<&Reading>) -> Measured {
    let times = || readings.iter().map(|reading| reading.at_us);
    let values = || readings.iter().map(|reading| reading.milli_c);
    let from_us = times().next().unwrap_or_default();
    let apart = |last: &Reading| {
        let before = std::iter::once(last.at_us).chain(times());
        before.zip(times()).map(|(one, next)| next.saturating_sub(one)).max().unwrap_or_default()
    };
    Measured {
        sensor_id: sensor.clone(),
        from_us,
        to_us: times().next_back().unwrap_or(from_us),
        min_mc: values().min().unwrap_or_default(),
        max_mc: values().max().unwrap_or_default(),
        following: last
            .filter(|last| last.at_us < from_us)
            .map(|last| Following { last_mc: last.milli_c, apart_us: apart(last) }),
    }
}

/// An event for each site: whoever is for some sites sees those of theirs.
fn record_batches(
    cmd: &mut Command<'_>,
    new: &[(&Sensor, model::Row)],
    against: Vec<(&Sensor, Contradiction)>,
) -> Result<()> {
    let mut sites: BTreeMap<&SiteId, (Vec<(&SensorId, model::Row)>, Vec<Contradiction>)> = BTreeMap::new();
    for (sensor, row) in new {
        sites.entry(&sensor.site_id).or_default().0.push((&sensor.id, *row));
    }
    for (sensor, contradiction) in against {
        sites.entry(&sensor.site_id).or_default().1.push(contradiction);
    }
    for (site, (rows, against)) in sites {
        let subjects = against.iter().map(|contradiction| contradiction.sensor_id.to_string());
        let subjects = subjects.chain([site.to_string()]).collect();
        let about = About { occurred_at: cmd.now, site_id: Some(site.clone()), subjects };
        cmd.record(about, Deed::ReadingsAccepted(digests::batch(&rows, against)))?;
    }
    Ok(())
}

/// Where readings come from, and under which number they are kept.
#[derive(Clone, Copy)]
struct Source<'a> {
    sensor: &'a Sensor,
    series: &'a Series,
}

/// Whether a sensor can have measured it.
fn expect_possible(
    place: Place,
    source: Option<Source<'_>>,
    reading: Reading,
    now: Moment,
) -> std::result::Result<Source<'_>, RejectedReading> {
    let rejected = |code: ProblemCode, message: &str| RejectedReading::new(place, code.as_str(), message);
    let Some(source) = source else {
        return Err(rejected(ProblemCode::ReferenceUnknown, "sensor_id names nothing that exists."));
    };
    let at = moment_of(reading);
    if at > now {
        return Err(rejected(ProblemCode::OccurredInFuture, "at lies in the future."));
    }
    match source.sensor.retired_at {
        Some(retired_at) if at > retired_at => {
            Err(rejected(ProblemCode::Retired, "the sensor was retired before that."))
        }
        _ => Ok(source),
    }
}

/// Takes in rows of the file of a logger.
///
/// # Errors
/// `reference_unknown` for its sensor; what the database answers.
pub fn import(cmd: &mut Command<'_>, sensor: &SensorId, rows: &[Row], verdicts: &mut Verdicts) -> Result<()> {
    find(cmd.db, cmd.caller, sensor)?.ok_or_else(|| Error::reference_unknown("sensor_id"))?;
    accept(cmd, rows, verdicts)
}

/// What the temperature of a location was.
///
/// # Errors
/// `not_found`; what the database answers.
pub fn climate(view: &mut View<'_>, id: &LocationId, asked: Buckets) -> Result<Climate> {
    let location = crate::sites::service::find_location(view.db, view.caller, id)?;
    let location = location.ok_or_else(|| Error::not_found("location"))?;
    let organisation = &view.caller.organisation_id;
    let sensors = store::at_location(view.db, organisation, id, SENSORS_OF_LOCATION_MAX)?;
    let numbers: Vec<i64> = sensors.iter().map(|sensor| series_of(&sensor.id)).collect();
    let let_go = store::let_go_before(view.db, organisation, &numbers)?;
    let (mut spans, mut whole) = (Spans::new(asked), Span::default());
    let Buckets { from_us, to_us, .. } = asked;
    for sensor in &sensors {
        let stretch = Stretch { series: series_of(&sensor.id), from_us, to_us };
        let gap_us = silent_after_us(sensor);
        spans.next_sensor();
        whole.next_sensor();
        store::each_known(view.db, stretch, let_go.get(&stretch.series).copied(), |known| {
            spans.take(&known, gap_us);
            whole.take(&known, gap_us);
        })?;
    }
    let let_go_before = let_go.into_values().max().filter(|before_us| *before_us > from_us);
    Ok(Climate { location, spans, whole, let_go_before: let_go_before.map(Moment::at_unix_micros) })
}

/// Before which moment readings of a sensor were let go, if any were.
///
/// # Errors
/// What the database answers.
pub fn let_go_before(db: &mut Db, sensor: &Sensor) -> Result<Option<Moment>> {
    let found = store::let_go_before(db, &sensor.organisation_id, &[series_of(&sensor.id)])?;
    Ok(found.into_values().next().map(Moment::at_unix_micros))
}

/// Gives what is known of a sensor from one moment to another to whoever takes it: hours where readings were let go, the one in
/// which the first moment is among them.
///
/// # Errors
/// What the database answers.
pub fn each_known(db: &mut Db, sensor: &Sensor, (from_us, to_us): (i64, i64), take: impl FnMut(Known)) -> Result<()> {
    let before_us = let_go_before(db, sensor)?.map(Moment::unix_micros);
    let is_let_go = before_us.is_some_and(|before_us| from_us < before_us);
    let from_us = if is_let_go { begin_of(from_us) } else { from_us };
    store::each_known(db, Stretch { series: series_of(&sensor.id), from_us, to_us }, before_us, take)
}

/// The first readings of a stretch of a sensor, with what contradicts them.
///
/// # Errors
/// What the database answers.
pub fn readings(view: &mut View<'_>, sensor: &Sensor, stretch: Stretch, limit: i64) -> Result<Vec<ReadingView>> {
    let found = store::first(view.db, stretch, limit)?;
    let (Some(first), Some(last)) = (found.first(), found.last()) else { return Ok(Vec::new()) };
    let organisation = &view.caller.organisation_id;
    let against = store::contradictions(view.db, organisation, &sensor.id, first.at_us, last.at_us)?;
    let shown = found.into_iter().map(|reading| {
        let against = against.iter().filter(|other| other.at_us == reading.at_us);
        ReadingView {
            at: moment_of(reading),
            celsius: Celsius::from_milli(reading.milli_c),
            contradicted_by: against.map(|other| Celsius::from_milli(other.milli_c)).collect(),
        }
    });
    Ok(shown.collect())
}

/// What speaks against a sensor on a day of where it is: that it has said the same for too long, and that it must have been
/// calibrated again.
///
/// # Errors
/// What the database answers.
pub fn suspicions(db: &mut Db, sensor: &Sensor, latest: Option<&Latest>, today: NaiveDate) -> Result<Vec<Suspicion>> {
    let stuck = latest.map(|latest| stuck(db, latest)).transpose()?.flatten();
    Ok(stuck.into_iter().chain(suspicions::overdue(sensor.calibration_due, today)).collect())
}

/// Whether a sensor has said the same for too long, until its last reading.
///
/// # Errors
/// What the database answers.
pub fn stuck(db: &mut Db, latest: &Latest) -> Result<Option<Suspicion>> {
    let Latest { sensor_id, at_us, milli_c, since_us, is_fine, .. } = latest;
    // Of nearly all the rest need not be asked.
    if !is_fine || !suspicions::is_stuck(*since_us, *at_us, *at_us) {
        return Ok(None);
    }
    let others = i64::try_from(STUCK_READINGS).unwrap_or(i64::MAX).saturating_sub(1);
    let of_24_us = store::before_last(db, series_of(sensor_id), others)?;
    let is_stuck = of_24_us.is_some_and(|of_24_us| suspicions::is_stuck(*since_us, *at_us, of_24_us));
    let since = Moment::at_unix_micros(*since_us);
    Ok(is_stuck.then_some(Suspicion::SensorStuck { since, milli_c: *milli_c }))
}

/// The sensor of that id with what speaks against it, if the caller sees it.
///
/// # Errors
/// What the database answers.
pub fn show(view: &mut View<'_>, id: &SensorId) -> Result<Option<SensorView>> {
    let Some(sensor) = find(view.db, view.caller, id)? else { return Ok(None) };
    let organisation = &view.caller.organisation_id;
    let latest = store::latest(view.db, organisation, &[id])?;
    let site = crate::sites::service::site(view.db, organisation, &sensor.site_id)?;
    let zone = site.map_or(chrono_tz::Tz::UTC, |site| site.time_zone.rules());
    let found = suspicions(view.db, &sensor, latest.first(), view.now.day_in(zone))?;
    Ok(Some(SensorView::from(sensor).with(&found)))
}
