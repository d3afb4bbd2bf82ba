//! Sensors that fall silent: an excursion that no reading opens, because there is none (DOMAIN rule 16).
//!
//! Whatever keeps a sensor's readings says until when it must have been heard of again. Every process of a deployment looks for
//! those of whom that time is over; none is elected. For each sensor there is one command, alone in its organisation, that finds
//! what is so: of two processes the second finds that the first has opened the excursion.
//!
//! A sensor that was retired is silent without anybody being told. One that has never measured has not fallen silent: it is
//! among the silent sensors of the morning list, and since when nobody knows how warm it was there, nobody knows.

use super::judging::{self, Source};
use super::model::ExcursionKind;
use super::store;
use crate::caller::Caller;
use crate::command::{Command, Turn};
use crate::error::Result;
use crate::http::commands::State;
use crate::ids::{OrganisationId, SensorId};
use crate::sensors::model::{Latest, Sensor, series_of};
use crate::sensors::rules::silent_since;
use crate::sensors::service::{latest, lock_series, look_at, sensors, to_look_at};

/// Who records that a sensor fell silent. Nobody has a token without a role.
pub const ACTOR: &str = "silence";

/// Looks at sensors that should have been heard of by now, so many at the most, the longest silent first.
///
/// # Errors
/// What the database answers when it is asked which ones. One whose turn does not come is tried again the next time, and keeps
/// nobody from the others.
pub async fn watch(state: &State, most: i64) -> Result<()> {
    let now_us = state.clock.now().unix_micros();
    let found = state.store.read(move |db| to_look_at(db, now_us, most)).await?;
    for (organisation_id, sensor) in found {
        if let Err(error) = look(state, organisation_id, sensor.clone()).await {
            tracing::warn!(%sensor, ?error, "whether the sensor is silent is not known");
        }
    }
    Ok(())
}

async fn look(state: &State, organisation_id: OrganisationId, sensor: SensorId) -> Result<()> {
    let caller = Caller { organisation_id, subject: ACTOR.to_owned(), roles: Vec::new(), sites: None };
    let means = state.means();
    let permit = state.store.stand_in_line(Turn::Alone).await?;
    let command = move |db: &mut crate::db::Db| {
        let _permit = &permit;
        let mut command = Command::begin(db, Turn::Alone, &caller, &means)?;
        fall_silent(&mut command, &sensor)?;
        command.finish()?;
        Ok(())
    };
    state.store.write(command).await
}

/// Opens an excursion of a sensor that has fallen silent, once for each silence: one that was assessed while it went on is known,
/// too, and what comes after it is another one when the sensor speaks again.
fn fall_silent(cmd: &mut Command<'_>, id: &SensorId) -> Result<()> {
    cmd.lock(|db, organisation| lock_series(db, organisation, &[series_of(id)]).map(|_| ()))?;
    let organisation = cmd.organisation();
    let Some(latest) = latest(cmd.db, organisation, &[id])?.into_iter().next() else { return Ok(()) };
    if latest.silent_at_us.is_none_or(|at_us| at_us >= cmd.now.unix_micros()) {
        // Somebody has looked, or heard of it.
        return Ok(());
    }
    look_at(cmd.db, organisation, id, None)?;
    let sensor = sensors(cmd.db, organisation, &[id])?.into_iter().find(|sensor| sensor.retired_at.is_none());
    let is_silent = |sensor: &Sensor| silent_since(sensor, Some(latest.at_us), cmd.now).is_some();
    let Some(sensor) = sensor.filter(is_silent) else { return Ok(()) };
    if is_known(cmd, &latest)? {
        return Ok(());
    }
    let Some(location) = crate::sites::service::location(cmd.db, organisation, &sensor.location_id)? else {
        return Ok(());
    };
    judging::fallen_silent(cmd, &Source { sensor, location }, latest.at_us)
}

/// Whether there is a silent excursion of the time since the last reading.
fn is_known(cmd: &mut Command<'_>, latest: &Latest) -> Result<bool> {
    let since = (judging::moment(latest.at_us), None);
    let organisation = cmd.organisation();
    let known = store::between(cmd.db, organisation, &latest.sensor_id, ExcursionKind::Silent, None, since)?;
    Ok(!known.is_empty())
}
