//! What readings say: which excursions are new, and which are known otherwise than before.

use std::collections::BTreeSet;

use super::events::Deed;
use super::holding::{about, expose, find};
use super::model::{Excursion, ExcursionKind, ExcursionState};
use super::presence::stays;
use super::rules::{self, Alarm, Bouts};
use super::store;
use crate::clock::Moment;
use crate::command::{Command, DAYS_BACK, Following, Measured};
use crate::db::Db;
use crate::error::Result;
use crate::ids::{ExcursionId, LotId};
use crate::sensors::climate::{Known, Span};
use crate::sensors::kinetic::millionths;
use crate::sensors::model::{AlarmMode, AlarmRule, Sensor, series_of};
use crate::sensors::rules::silent_after_us;
use crate::sensors::service::{Stretch, each, nearest};
use crate::sensors::suspicions::{self, Suspicion, Watch};
use crate::sites::model::Location;
use crate::values::Json;

/// Whose readings they are.
pub(super) struct Source {
    pub(super) sensor: Sensor,
    pub(super) location: Location,
}

/// Judges readings that were added.
///
/// # Errors
/// What the database answers.
pub(super) fn readings(cmd: &mut Command<'_>, measured: &[Measured]) -> Result<()> {
    let ids: Vec<_> = measured.iter().map(|measured| &measured.sensor_id).collect();
    let sensors = crate::sensors::service::sensors(cmd.db, cmd.organisation(), &ids)?;
    let places: BTreeSet<_> = sensors.iter().map(|sensor| sensor.location_id.clone()).collect();
    let places: Vec<_> = places.into_iter().collect();
    let locations = crate::sites::service::locations(cmd.db, cmd.organisation(), &places)?;
    let open = store::open_of(cmd.db, cmd.organisation(), &ids)?;
    let (mut is_alone, mut judged) = (false, BTreeSet::new());
    for measured in measured {
        let sensor = sensors.iter().find(|sensor| sensor.id == measured.sensor_id);
        let location = sensor.and_then(|sensor| locations.iter().find(|location| location.id == sensor.location_id));
        let (Some(sensor), Some(location)) = (sensor.cloned(), location.cloned()) else { continue };
        let source = Source { sensor, location };
        let goes_on = |rule: Option<&AlarmRule>| {
            open.iter().any(|row| row.sensor_id == source.sensor.id && row.rule.as_deref() == rule)
        };
        let mut rules = rules::rules_of(&source.sensor, &source.location);
        // What goes on by a rule that was corrected since ends by it, too.
        let of_sensor = open.iter().filter(|row| row.sensor_id == source.sensor.id);
        for rule in of_sensor.filter_map(|row| row.rule.as_deref()) {
            if !rules.contains(rule) {
                rules.push(rule.clone());
            }
        }
        if is_empty_meanwhile(cmd, &source, measured, &open)? {
            continue;
        }
        let rules = rules.iter().map(Some).chain([None]);
        for rule in rules.filter(|rule| !is_as_before(&source.sensor, *rule, measured, goes_on(*rule))) {
            let mut changes = compare(cmd, &source, rule, measured)?;
            if !changes.is_empty() && !is_alone {
                // Others rest on what changes: it is judged again when nobody else decides.
                cmd.alone()?;
                is_alone = true;
                changes = compare(cmd, &source, rule, measured)?;
            }
            for change in changes {
                judged.insert(change.excursion.id.clone());
                enact(cmd, change)?;
            }
        }
        let warm = if measured.following.is_some() && !source.sensor.travels {
            open.iter().filter(|row| row.sensor_id == source.sensor.id).cloned().collect()
        } else {
            // What comes late may say how warm it was before, also where the excursion is as it was.
            let span = (moment(measured.from_us), Some(moment(measured.to_us.saturating_add(1))));
            store::between(cmd.db, cmd.organisation(), &source.sensor.id, ExcursionKind::Above, None, span)?
        };
        let is_to_judge = |row: &&Excursion| row.kind == ExcursionKind::Above && row.is_unsettled();
        for excursion in warm.iter().filter(is_to_judge).filter(|row| !judged.contains(&row.id)) {
            spend(cmd, excursion, &mut is_alone)?;
        }
    }
    Ok(())
}

/// How warm it was uses up the budgets that have covered the units until now.
fn spend(cmd: &mut Command<'_>, excursion: &Excursion, is_alone: &mut bool) -> Result<()> {
    let organisation = cmd.organisation();
    let mut lots = store::lots_of(cmd.db, organisation, &excursion.id)?;
    lots.retain(|lot| lot.units_within_budget > 0);
    let lots: BTreeSet<LotId> = lots.into_iter().map(|lot| lot.lot_id).collect();
    if lots.is_empty() || find(cmd, excursion, &lots)?.is_empty() {
        return Ok(());
    }
    if !*is_alone {
        cmd.alone()?;
        *is_alone = true;
    }
    // Somebody may have assessed it meanwhile.
    match store::excursions(cmd.db, cmd.organisation(), &[&excursion.id])?.first() {
        Some(excursion) if excursion.is_unsettled() => expose(cmd, excursion, &lots),
        _ => Ok(()),
    }
}

/// Whether readings that follow on the last one say nothing new: it is as it was, allowed or not, and the sensor was not
/// silent. This is what nearly all do, and they are not looked at any further.
fn is_as_before(sensor: &Sensor, rule: Option<&AlarmRule>, measured: &Measured, goes_on: bool) -> bool {
    let Some(Following { last_mc, apart_us }) = measured.following.filter(|_| !sensor.travels) else { return false };
    let is_silent = apart_us > silent_after_us(sensor);
    let Some(rule) = rule else { return !is_silent && !goes_on };
    let out = [last_mc, measured.min_mc, measured.max_mc].map(|milli_c| rules::is_out(rule, milli_c));
    match out {
        [false, false, false] => !goes_on,
        [true, true, true] => goes_on && !is_silent,
        _ => false,
    }
}

/// Whether a logger goes on measuring in a transport box that nothing has been in since its last reading.
fn is_empty_meanwhile(cmd: &mut Command<'_>, source: &Source, measured: &Measured, open: &[Excursion]) -> Result<bool> {
    let Some(Following { apart_us, .. }) = measured.following.filter(|_| source.sensor.travels) else {
        return Ok(false);
    };
    let since = moment(measured.from_us.saturating_sub(apart_us));
    let is_open = open.iter().any(|row| row.sensor_id == source.sensor.id);
    Ok(!is_open && stays(cmd, &source.location.id, since, moment(measured.to_us))?.is_empty())
}

/// An excursion that is new, or known otherwise than before.
struct Change {
    excursion: Box<Excursion>,
    is_new: bool,
}

/// Compares the excursions of a sensor around new readings with those that are known.
fn compare(
    cmd: &mut Command<'_>,
    source: &Source,
    rule: Option<&AlarmRule>,
    measured: &Measured,
) -> Result<Vec<Change>> {
    let (alarms, (from_us, to_us)) = match rule {
        Some(rule) => alarms_around(cmd, source, rule, measured)?,
        None => silences_around(cmd, source, measured)?,
    };
    let known = known(cmd, source, rule, (from_us, to_us))?;
    let assessed: Vec<_> = known.iter().filter(|excursion| !excursion.is_unsettled()).collect();
    let spans: Vec<_> = assessed.iter().map(|excursion| excursion.span_us()).collect();
    let mut wanted = alarms.into_iter().flat_map(|alarm| rules::not_assessed(alarm, &spans)).collect::<Vec<_>>();
    let mut changes = Vec::new();
    for earlier in known.iter().filter(|excursion| excursion.is_unsettled()) {
        let (from_us, to_us) = earlier.span_us();
        if spans.contains(&(from_us, to_us)) {
            // It is about what came to be known late of an assessed one, and not about readings.
            continue;
        }
        let found = wanted.iter().position(|(alarm, _)| alarm.from_us <= to_us && alarm.to_us >= from_us);
        let now = match found {
            Some(place) => {
                let (alarm, _) = wanted.remove(place);
                as_known(cmd.db, source, alarm, earlier)?
            }
            None => {
                let closed_at = earlier.closed_at.or(Some(earlier.opened_at.max(cmd.now)));
                Excursion { state: ExcursionState::Withdrawn, closed_at, ..earlier.clone() }
            }
        };
        // Of one that goes on as before, what is measured meanwhile is asked for when it is shown.
        let was_open = earlier.state == ExcursionState::Open && now.state == ExcursionState::Open;
        let goes_on = was_open && now.opened_at == earlier.opened_at;
        if now != *earlier && !goes_on {
            changes.push(Change { excursion: Box::new(now), is_new: false });
        }
    }
    for (alarm, after) in wanted {
        let extends = after.and_then(|after| assessed.get(after)).map(|excursion| excursion.id.clone());
        let new = opened(cmd, source, rule, extends);
        let excursion = Box::new(as_known(cmd.db, source, alarm, &new)?);
        changes.push(Change { excursion, is_new: true });
    }
    Ok(changes)
}

fn known(
    cmd: &mut Command<'_>,
    source: &Source,
    rule: Option<&AlarmRule>,
    (from_us, to_us): (i64, i64),
) -> Result<Vec<Excursion>> {
    let kind = rule.map_or(ExcursionKind::Silent, |rule| rule.comparator.into());
    let (rule, to) = (rule.cloned().map(Json::new), (to_us < i64::MAX).then(|| moment(to_us)));
    let span = (moment(from_us), to);
    store::between(cmd.db, cmd.organisation(), &source.sensor.id, kind, rule.as_ref(), span)
}

/// A moment of so many microseconds; the first there is, where it is earlier.
pub(super) fn moment(micros: i64) -> Moment {
    if micros < Moment::FIRST.unix_micros() { Moment::FIRST } else { Moment::at_unix_micros(micros) }
}

/// What a rule raises alarms about around new readings, and around which time these are all there are.
fn alarms_around(
    cmd: &mut Command<'_>,
    source: &Source,
    rule: &AlarmRule,
    measured: &Measured,
) -> Result<(Vec<Alarm>, (i64, i64))> {
    let series = series_of(&source.sensor.id);
    let before = nearest(cmd.db, series, measured.from_us, true, Some(rule))?;
    // What begins right behind them is another bout since, and the step into it one from them, also where they are allowed.
    let behind = nearest(cmd.db, series, measured.to_us.saturating_add(1), false, Some(rule))?;
    let mut from_us = before.map_or(i64::MIN, |reading| reading.at_us);
    let mut to_us = behind.map_or(i64::MAX, |reading| reading.at_us);
    let mut read_from_us = from_us;
    if rule.mode == AlarmMode::Cumulative {
        // Bouts count for thirty days, and so do those that an alarm has counted.
        from_us = from_us.saturating_sub(rules::REMEMBERED_US);
        to_us = to_us.saturating_add(rules::REMEMBERED_US);
        for excursion in known(cmd, source, Some(rule), (from_us, to_us))? {
            let (opened_us, closed_us) = excursion.span_us();
            (from_us, to_us) = (from_us.min(opened_us), to_us.max(closed_us));
        }
        read_from_us = from_us.saturating_sub(rules::REMEMBERED_US);
    }
    let stretch = Stretch { series, from_us: read_from_us, to_us: to_us.saturating_add(1) };
    let interval_us = source.sensor.interval_seconds.saturating_mul(1_000_000);
    let mut bouts = Bouts::new(rule, interval_us, silent_after_us(&source.sensor));
    each(cmd.db, stretch, |readings| {
        for reading in readings {
            bouts.take(reading?);
        }
        Ok(())
    })?;
    let mut bouts = bouts.found();
    if let ([first, ..], [.., last], true) = (&*bouts, &*bouts, source.sensor.travels) {
        let until = moment(last.to_us.saturating_add(interval_us));
        let stays = stays(cmd, &source.location.id, moment(first.from_us), until)?;
        bouts = rules::while_there(&bouts, &stays, interval_us);
    }
    let mut alarms = rules::alarms(&bouts, rule);
    // What ends before is as it was.
    alarms.retain(|alarm| alarm.to_us > from_us);
    Ok((alarms, (from_us, to_us)))
}

/// When a sensor was silent around new readings: for more than three intervals it said nothing. Of one that travels that counts
/// while units were there, also before its first reading and after its last.
fn silences_around(cmd: &mut Command<'_>, source: &Source, measured: &Measured) -> Result<(Vec<Alarm>, (i64, i64))> {
    let (series, gap_us) = (series_of(&source.sensor.id), silent_after_us(&source.sensor));
    let before = nearest(cmd.db, series, measured.from_us, true, None)?;
    let behind = nearest(cmd.db, series, measured.to_us.saturating_add(1), false, None)?;
    let (mut earliest_us, mut latest_us) = (measured.from_us, measured.to_us);
    if source.sensor.travels {
        let earliest = moment(measured.from_us).plus_days(-DAYS_BACK.saturating_mul(2));
        (earliest_us, latest_us) = (earliest.unix_micros(), cmd.now.unix_micros());
    }
    let from_us = before.map_or(earliest_us, |reading| reading.at_us);
    let to_us = behind.map_or(latest_us, |reading| reading.at_us);
    let mut last_us = source.sensor.travels.then_some(from_us);
    let mut gaps = Vec::new();
    each(cmd.db, Stretch { series, from_us, to_us: to_us.saturating_add(1) }, |readings| {
        for reading in readings {
            let at_us = reading?.at_us;
            let begins_us = last_us.replace(at_us).unwrap_or(at_us);
            if at_us.saturating_sub(begins_us) > gap_us {
                gaps.push((begins_us, Some(at_us)));
            }
        }
        Ok(())
    })?;
    let silences = if source.sensor.travels {
        gaps.extend(last_us.map(|last_us| (last_us, None)));
        let stays = stays(cmd, &source.location.id, moment(from_us), moment(to_us))?;
        rules::silences_while_there(&gaps, &stays, gap_us, latest_us)
    } else {
        gaps.iter().filter_map(|(from_us, to_us)| Some(rules::silence(*from_us, (*to_us)?))).collect()
    };
    Ok((silences, (from_us, to_us)))
}

/// Opens the excursion of a sensor that has said nothing since its last reading.
///
/// # Errors
/// What the database answers.
pub(super) fn fallen_silent(cmd: &mut Command<'_>, source: &Source, last_us: i64) -> Result<()> {
    let excursion = Box::new(Excursion { opened_at: moment(last_us), ..opened(cmd, source, None, None) });
    enact(cmd, Change { excursion, is_new: true })
}

/// A new excursion, of which nothing is known yet.
fn opened(cmd: &mut Command<'_>, source: &Source, rule: Option<&AlarmRule>, extends: Option<ExcursionId>) -> Excursion {
    Excursion {
        id: cmd.mint(ExcursionId::mint),
        organisation_id: cmd.organisation().clone(),
        site_id: source.location.site_id.clone(),
        location_id: source.location.id.clone(),
        sensor_id: source.sensor.id.clone(),
        kind: rule.map_or(ExcursionKind::Silent, |rule| rule.comparator.into()),
        rule: rule.cloned().map(Json::new),
        state: ExcursionState::Open,
        opened_at: cmd.now,
        closed_at: None,
        min_mc: None,
        max_mc: None,
        mkt_uc: None,
        minutes: 0,
        extends,
        recorded_at: cmd.now,
        assessed_at: None,
        assessed_by: None,
        disposition: None,
        new_expiry: None,
        assessment_reason: None,
        suspicions: Json::default(),
    }
}

/// An excursion as it is known now.
fn as_known(db: &mut Db, source: &Source, alarm: Alarm, excursion: &Excursion) -> Result<Excursion> {
    let Alarm { from_us, to_us, is_open, minutes } = alarm;
    let known = Excursion {
        state: if is_open { ExcursionState::Open } else { ExcursionState::Closed },
        opened_at: moment(from_us),
        closed_at: (!is_open).then(|| moment(to_us)),
        minutes,
        ..excursion.clone()
    };
    measure(db, source, known)
}

/// The temperatures of an excursion, and what speaks against its sensor: also in the steps into it and out of it.
pub(super) fn measure(db: &mut Db, source: &Source, excursion: Excursion) -> Result<Excursion> {
    if !excursion.holds() {
        return Ok(excursion);
    }
    let (from_us, to_us) = excursion.span_us();
    let (series, gap_us) = (series_of(&source.sensor.id), silent_after_us(&source.sensor));
    let (mut span, mut watch) = (Span::default(), Watch::new(gap_us));
    if let Some(before) = nearest(db, series, from_us, true, None)? {
        watch.take(before);
    }
    each(db, Stretch { series, from_us, to_us: to_us.saturating_add(1) }, |readings| {
        for reading in readings {
            let reading = reading?;
            watch.take(reading);
            if reading.at_us < to_us {
                span.take(&Known::Reading(reading), gap_us);
            }
        }
        Ok(())
    })?;
    let has_kinetic_mean = crate::sensors::rules::has_kinetic_mean(&source.location);
    let mkt_uc = span.mkt_c().filter(|_| has_kinetic_mean).and_then(millionths);
    let mut suspicions = watch.found();
    suspicions.extend(overdue(db, source, excursion.opened_at)?);
    let suspicions = Json::new(suspicions);
    Ok(Excursion { min_mc: span.min_mc, max_mc: span.max_mc, mkt_uc, suspicions, ..excursion })
}

/// Whether the sensor must have been calibrated again on the day on which an excursion began, where it is: by what was said of it
/// at that moment, so that whoever calibrates it afterwards changes nothing.
fn overdue(db: &mut Db, source: &Source, opened_at: Moment) -> Result<Option<Suspicion>> {
    let organisation = &source.sensor.organisation_id;
    let sensor = crate::versions::at(db, organisation, source.sensor.clone(), Some(opened_at))?;
    let Some(site) = crate::sites::service::site(db, organisation, &source.sensor.site_id)? else { return Ok(None) };
    Ok(suspicions::overdue(sensor.calibration_due, opened_at.day_in(site.time_zone.rules())))
}

fn enact(cmd: &mut Command<'_>, Change { excursion, is_new }: Change) -> Result<()> {
    let organisation = cmd.organisation();
    let there = store::lots_there(cmd.db, organisation, &excursion.location_id, excursion.opened_at)?;
    let mut lots: BTreeSet<LotId> = there.into_iter().collect();
    lots.extend(store::lots_of(cmd.db, organisation, &excursion.id)?.into_iter().map(|lot| lot.lot_id));
    let (about, known) = (about(cmd, &excursion, lots.iter()), excursion.clone());
    let deed = if is_new { Deed::ExcursionOpened { excursion } } else { Deed::ExcursionChanged { excursion } };
    cmd.record(about, deed)?;
    if known.is_unsettled() { expose(cmd, &known, &lots) } else { Ok(()) }
}
