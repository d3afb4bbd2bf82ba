//! Letting readings go, day by day, when the organisation's policy keeps them no longer.
//!
//! Of each sensor the oldest day goes first, so that one moment says what is gone: all before it. What is left in its place
//! are hours ([`super::hours`]), and an event that commits to both.
//!
//! A day stays while anything is judged by it. Judging a reading looks back 61 days ([`rules::judged_from`]): so one that is
//! added must be as much later than what was let go, and what comes later than that is rejected (`reading_too_old`). An
//! excursion that nobody has assessed follows its readings, and those before it: they stay. How warm it was for a stability
//! budget is read from the hours, each as warm as its warmest reading, so that no budget covers more than it did. The day of
//! a sensor's last reading stays, too: what comes next follows on it.

use super::digests::day_of;
use super::events::Deed;
use super::hours::HoursDigest;
use super::model::{LetGo, Reading, Row, Sensor, series_of};
use super::rules::silent_after_us;
use super::store::letting_go as kept;
use super::store::{self, Stretch};
use super::{digests, hours, rules};
use crate::caller::Caller;
use crate::clock::Moment;
use crate::command::{About, Command, Turn};
use crate::db::Db;
use crate::error::{Error, Result};
use crate::http::commands::State;
use crate::ids::{OrganisationId, SensorId};
use crate::limits::READINGS_AT_ONCE;
use crate::policies;

/// Who lets readings go, as the journal has it.
pub const ACTOR: &str = "retention";
/// Sensors and organisations that are looked through at once.
const PAGE: i64 = 100;

/// Lets go what no policy keeps any longer, in at most so many pieces, each in a transaction of its own: a day of a sensor,
/// or the first readings of one that has very many. Several processes may do so at once.
///
/// # Errors
/// What the database answers.
pub async fn sweep(state: &State, most: usize) -> Result<()> {
    let (mut left, mut after) = (most, String::new());
    loop {
        let last = after.clone();
        let page = state.store.read(move |db| policies::service::set_by(db, &last, PAGE)).await?;
        let Some(last) = page.last() else { return Ok(()) };
        after = last.to_string();
        for organisation in page {
            left = sweep_organisation(state, &organisation, left).await?;
            if left == 0 {
                return Ok(());
            }
        }
    }
}

/// The same for one organisation; how many pieces are left.
async fn sweep_organisation(state: &State, organisation: &OrganisationId, most: usize) -> Result<usize> {
    let (mut left, mut after) = (most, i64::MIN);
    let now = state.clock.now();
    loop {
        let (of, last) = (organisation.clone(), after);
        let find = move |db: &mut Db| match kept_from(db, &of, now)? {
            Some(kept_from) => kept::with_earlier(db, &of, kept_from.unix_micros(), last, PAGE),
            None => Ok(Vec::new()),
        };
        let page = state.store.read(find).await?;
        let Some((last, _)) = page.last() else { return Ok(left) };
        after = *last;
        for (_, sensor) in page {
            while is_to_let_go(state, organisation, &sensor).await? {
                if left == 0 {
                    return Ok(0);
                }
                let (organisation_id, subject) = (organisation.clone(), ACTOR.to_owned());
                let caller = Caller { organisation_id, subject, roles: Vec::new(), sites: None };
                let of = sensor.clone();
                state.give(caller, Turn::Beside, move |cmd| let_go(cmd, &of)).await?;
                left = left.saturating_sub(1);
            }
        }
    }
}

/// Whether there is anything to let go of a sensor: asked of a reader, so that nobody is kept waiting where nothing is.
async fn is_to_let_go(state: &State, organisation: &OrganisationId, sensor: &SensorId) -> Result<bool> {
    let (organisation, sensor, now) = (organisation.clone(), sensor.clone(), state.clock.now());
    state.store.read(move |db| Ok(next(db, &organisation, &sensor, now)?.is_some())).await
}

/// From which moment on the policy in force keeps every reading: a day is kept whole or not at all.
fn kept_from(db: &mut Db, organisation: &OrganisationId, now: Moment) -> Result<Option<Moment>> {
    let policy = policies::service::current(db, organisation)?;
    let first_kept = |days: i64| Moment::start_of(now.plus_days(days.saturating_neg()).day_in(chrono_tz::Tz::UTC));
    Ok(policy.readings_retention_days.map(first_kept))
}

/// Readings to let go: of one day, in the order of their time.
struct Piece {
    rows: Vec<Row>,
    /// Before this moment none is left.
    before: Moment,
}

/// The next readings of a sensor to let go, if any are.
fn next(db: &mut Db, organisation: &OrganisationId, sensor: &SensorId, now: Moment) -> Result<Option<Piece>> {
    let Some(kept_from) = kept_from(db, organisation, now)? else { return Ok(None) };
    let series = series_of(sensor);
    let Some(first) = store::nearest(db, series, i64::MIN, false, None)? else { return Ok(None) };
    let ends = next_day(first);
    if ends > kept_from {
        return Ok(None);
    }
    let Some(following) = store::nearest(db, series, ends.unix_micros(), false, None)? else { return Ok(None) };
    // Days without readings go with the one before: a silence is over when what came after it can be let go.
    let gone = Moment::start_of(day_of(following)).min(kept_from);
    if kept::follows_readings(db, organisation, sensor, gone, rules::judged_from(gone))? {
        return Ok(None);
    }
    let most = i64::try_from(READINGS_AT_ONCE).unwrap_or(i64::MAX);
    let stretch = Stretch { series, from_us: first.at_us, to_us: ends.unix_micros() };
    let mut rows = kept::rows(db, stretch, most.saturating_add(1))?;
    let stays = rows.split_off(rows.len().min(READINGS_AT_ONCE));
    let before = stays.first().map_or(gone, |row| Moment::at_unix_micros(row.reading.at_us));
    Ok(Some(Piece { rows, before }))
}

fn next_day(reading: Reading) -> Moment {
    Moment::start_of(day_of(reading)).plus_days(1)
}

/// Lets the next readings of a sensor go. Somebody else may have done so meanwhile, or said that they are kept.
///
/// # Errors
/// What the database answers.
fn let_go(cmd: &mut Command<'_>, sensor: &SensorId) -> Result<()> {
    let series = series_of(sensor);
    cmd.lock(|db, organisation| store::lock_series(db, organisation, &[series]).map(|_| ()))?;
    let organisation = cmd.organisation();
    let sensor =
        store::sensor(cmd.db, organisation, sensor)?.ok_or_else(|| Error::internal("a series of no sensor"))?;
    let Some(Piece { rows, before }) = next(cmd.db, organisation, &sensor.id, cmd.now)? else { return Ok(()) };
    let Some(first) = rows.first() else { return Ok(()) };
    let day = day_of(first.reading);
    let hours = kept_of(cmd.db, &sensor, &rows)?;
    let mut digest = HoursDigest::default();
    hours.iter().for_each(|hour| digest.take(hour));
    let deed = LetGo {
        sensor_id: sensor.id.clone(),
        day,
        before,
        readings: i64::try_from(rows.len()).unwrap_or(i64::MAX),
        batches: digests::let_go(&rows),
        hours: digest.finish().into(),
    };
    let subjects = vec![sensor.id.to_string(), sensor.site_id.to_string()];
    let about = About { occurred_at: cmd.now, site_id: Some(sensor.site_id.clone()), subjects };
    cmd.record(about, Deed::ReadingsLetGo(deed))?;
    kept::keep_hours(cmd.db, &hours)?;
    if kept::remove(cmd.db, series, before.unix_micros())? != rows.len() {
        return Err(Error::internal("other readings were let go than were told"));
    }
    Ok(())
}

/// All hours that are kept of the day of readings, with these.
fn kept_of(db: &mut Db, sensor: &Sensor, rows: &[Row]) -> Result<Vec<hours::Hour>> {
    let Some(first) = rows.first() else { return Ok(Vec::new()) };
    let (series, begins) = (first.series, Moment::start_of(day_of(first.reading)));
    let stretch = Stretch { series, from_us: begins.unix_micros(), to_us: next_day(first.reading).unix_micros() };
    let before = kept::hours(db, stretch)?;
    Ok(hours::with(before, series, rows.iter().map(|row| row.reading), silent_after_us(sensor)))
}
