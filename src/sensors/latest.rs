//! What is kept of each sensor beside its readings, so that nobody has to look through them: its last reading, since when it has
//! said the same, and when it will have been silent for too long.
//!
//! It follows from the readings alone, whatever the order in which they came (`verify` computes it again), but for when to look for
//! a silence, which is no fact: whoever looks finds what is so.

use std::collections::HashMap;

use super::model::{Latest, Reading, Sensor, series_of};
use super::rules::silent_after_us;
use super::{store, suspicions};
use crate::command::Command;
use crate::db::Db;
use crate::error::Result;
use crate::ids::SensorId;

/// Where the readings of a sensor have come to: its last one, since when it has said the same, and how fine it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// The last reading.
    pub last: Reading,
    /// Since when there was no other temperature, in microseconds.
    pub since_us: i64,
    /// Whether any reading shows that the sensor tells more than half degrees apart.
    pub is_fine: bool,
}

impl Run {
    /// That of a first reading.
    pub fn of(first: Reading) -> Self {
        Run { last: first, since_us: first.at_us, is_fine: suspicions::is_fine(first.milli_c) }
    }

    /// With the next reading in the order of time.
    pub fn then(self, next: Reading) -> Self {
        let since_us = if next.milli_c == self.last.milli_c { self.since_us } else { next.at_us };
        Run { last: next, since_us, is_fine: self.is_fine || suspicions::is_fine(next.milli_c) }
    }
}

/// Where readings have come to with new ones, given in the order of their time, of which some are earlier than the last. Looks at a
/// reading or two, and at no more than are new, however many say the same.
fn with_late(db: &mut Db, series: i64, before: Run, new: &[Reading]) -> Result<Run> {
    let Some(newest) = new.last() else { return Ok(before) };
    let last = if newest.at_us > before.last.at_us { *newest } else { before.last };
    let is_fine = before.is_fine || new.iter().any(|reading| suspicions::is_fine(reading.milli_c));
    // The last that says something else: a new one, or the last one of before, or one before the run of before.
    let told = new.iter().chain([&before.last]).filter(|reading| reading.milli_c != last.milli_c);
    let other_us = match told.map(|reading| reading.at_us).max() {
        Some(at_us) if at_us > before.since_us || before.last.milli_c != last.milli_c => Some(at_us),
        _ if new.first().is_some_and(|first| first.at_us < before.since_us) => {
            store::other_before(db, series, before.since_us, last.milli_c)?
        }
        _ => return Ok(Run { last, since_us: before.since_us, is_fine }),
    };
    let from_us = other_us.map_or(i64::MIN, |at_us| at_us.saturating_add(1));
    let first = store::nearest(db, series, from_us, false, None)?;
    Ok(Run { last, since_us: first.map_or(last.at_us, |first| first.at_us), is_fine })
}

/// Keeps where the readings of sensors have come to, with those that were added: by sensor, in the order of their time.
///
/// Nobody looks for a silence before three intervals have passed since anything came: what comes late, as from a logger that
/// is read once a day, is no silence as long as it comes.
///
/// # Errors
/// What the database answers.
pub(super) fn keep(cmd: &mut Command<'_>, added: &[(&Sensor, Vec<Reading>)]) -> Result<()> {
    if added.is_empty() {
        return Ok(());
    }
    let ids: Vec<&SensorId> = added.iter().map(|(sensor, _)| &sensor.id).collect();
    let before = store::latest(cmd.db, cmd.organisation(), &ids)?;
    let mut before: HashMap<SensorId, Latest> = before.into_iter().map(|row| (row.sensor_id.clone(), row)).collect();
    let mut rows = Vec::with_capacity(added.len());
    for (sensor, new) in added {
        let Some((first, rest)) = new.split_first() else { continue };
        let earlier = before.remove(&sensor.id).map(|row| row.run());
        let run = match earlier {
            None => rest.iter().fold(Run::of(*first), |run, next| run.then(*next)),
            Some(run) if first.at_us > run.last.at_us => new.iter().fold(run, |run, next| run.then(*next)),
            Some(run) => with_late(cmd.db, series_of(&sensor.id), run, new)?,
        };
        let heard_us = run.last.at_us.max(cmd.now.unix_micros());
        rows.push(Latest {
            sensor_id: sensor.id.clone(),
            organisation_id: sensor.organisation_id.clone(),
            at_us: run.last.at_us,
            milli_c: run.last.milli_c,
            since_us: run.since_us,
            is_fine: run.is_fine,
            // Nobody misses the logger of a transport box: what it owes is known by its journeys.
            silent_at_us: (!sensor.travels).then(|| heard_us.saturating_add(silent_after_us(sensor))),
        });
    }
    store::taking_in::keep_latest(cmd.db, &rows)
}

impl Latest {
    /// Where its readings have come to.
    pub fn run(&self) -> Run {
        let last = Reading { at_us: self.at_us, milli_c: self.milli_c };
        Run { last, since_us: self.since_us, is_fine: self.is_fine }
    }
}
