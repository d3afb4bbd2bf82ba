//! Reading the morning list.

use chrono::{Days, NaiveDate};

use super::people::{self, LicenceByOne};
use super::rules::{self, Lapse};
use crate::catalogue::model::Product;
use crate::clock::Moment;
use crate::command::View;
use crate::custody::refusals::{self, Refused};
use crate::error::Result;
use crate::excursions::wire::ExcursionView;
use crate::holds::model::Hold;
use crate::ids::SiteId;
use crate::licences::model::{Licence, Touched};
use crate::limits::LOOKED_AT_MAX;
use crate::movements::wire::MovementView;
use crate::purchasing::model::Order;
use crate::recalls::wire::OpenRecall;
use crate::sensors::model::{Latest, Sensor};
use crate::sensors::suspicions::Suspicion;
use crate::stock::model::{Balance, Lot};
use crate::stock::service::StockFilter;
use crate::treatment::confirming::{self, Waiting};
use crate::treatment::model::{Administration, Void};
use crate::treatment::wire::DeviationView;
use crate::values::Jurisdiction;

/// The most entries of each kind; whoever has more has them in the lists themselves.
pub const ENTRIES_MAX: i64 = crate::limits::ATTENTION_MAX;

/// How long a difference that a count found stays on the list, in days.
const DIFFERENCES_DAYS: i64 = 7;

/// Over how many days refusals are counted.
const REFUSED_DAYS: i64 = 7;

/// How often somebody is refused within those days before it is told.
const REFUSED_TIMES: i64 = 5;

/// What somebody should look at.
pub struct Attention {
    /// Units on hand that expire within the days asked for, or have expired.
    pub expiring: Vec<(Balance, Lot)>,
    /// Units that must not stay where stock for use is: held, rejected or expired.
    pub to_move: Vec<(Balance, Lot)>,
    /// Licences that do not count, or soon will not.
    pub lapsing: Vec<(Licence, Lapse, NaiveDate)>,
    /// Authorisations of products that are no longer verified, or soon will not be: the product, where, when somebody looked
    /// last, and until when that counts.
    pub approvals: Vec<(Product, Jurisdiction, NaiveDate, NaiveDate)>,
    /// Orders whose goods were expected before today.
    pub overdue: Vec<Order>,
    /// Licences that were lost earlier than anybody knew, with what rested on them meanwhile.
    pub touched: Vec<(Licence, Touched)>,
    /// Lots whose texts are alike, both with units on hand.
    pub similar: Vec<(Lot, Lot)>,
    /// Counts with a difference that waits, or was posted in the last days.
    pub differences: Vec<MovementView>,
    /// Voids that brought back units which the books never had, and which nobody has counted.
    pub to_count: Vec<(Void, Administration)>,
    /// Licences that rest on less than two people.
    pub by_one: Vec<LicenceByOne>,
    /// Administrations that wait for somebody's word.
    pub unconfirmed: Vec<Waiting>,
    /// Open recalls.
    pub recalls: Vec<OpenRecall>,
    /// Open holds.
    pub holds: Vec<Hold>,
    /// Excursions that wait for somebody.
    pub excursions: Vec<ExcursionView>,
    /// Open deviations.
    pub deviations: Vec<DeviationView>,
    /// Sensors that have said nothing for three intervals, with their last reading and since when.
    pub silent: Vec<(Sensor, Option<Moment>, Moment)>,
    /// Sensors that have said the same for a day or longer, with what speaks against them.
    pub suspect: Vec<(Sensor, Vec<Suspicion>)>,
    /// Sensors that must be calibrated by a day within those asked for.
    pub to_calibrate: Vec<(Sensor, NaiveDate)>,
    /// Who was refused over and over.
    pub refused: Vec<Refused>,
}

/// Reads the list for the sites that the caller sees, or one of them.
///
/// # Errors
/// `reference_unknown` for the site; what the database answers.
pub fn attention(view: &mut View<'_>, site: Option<SiteId>, days: u32) -> Result<Attention> {
    let of = site.as_ref().map(|id| crate::sites::service::expect_site(view.db, view.caller, id)).transpose()?;
    let zone = of.as_ref().map_or(chrono_tz::Tz::UTC, |site| site.time_zone.rules());
    let today = view.now.day_in(zone);
    let organisation = &view.caller.organisation_id;
    let horizon = today.checked_add_days(Days::new(u64::from(days) + 1));
    let filter = |expiring_before| StockFilter { site_id: site.clone(), expiring_before, ..StockFilter::default() };
    let first = (crate::stock::wire::BEFORE_ALL, "");
    let expiring = crate::stock::service::list_stock(view.db, view.caller, &filter(horizon), first, ENTRIES_MAX)?.items;
    let to_move = crate::stock::service::misplaced(view.db, view.caller, site.as_ref(), today, ENTRIES_MAX)?;
    let held = crate::licences::service::all(view.db, view.caller)?;
    let policy = crate::policies::service::current(view.db, organisation)?;
    let recheck_days = policy.licence_recheck_days;
    let place = of.as_ref().map(|site| &site.jurisdiction);
    let approvals = rules::approvals_due_before(today, days, &policy)
        .map(|day| crate::catalogue::service::approvals_verified_before(view.db, organisation, day, place, ENTRIES_MAX))
        .transpose()?
        .unwrap_or_default();
    let due = |verified_on| crate::catalogue::rules::verify_by(verified_on, policy.approval_recheck_days);
    let approvals = approvals.into_iter().map(|(product, at, on)| (product, at, on, due(on))).collect();
    let looked_to = rules::Horizon { today, now: view.now, zone, days, recheck_days };
    let lapsing = rules::to_act_on(&held, &looked_to);
    let lapsing = lapsing.into_iter().map(|(held, lapse, on)| (held.licence.clone(), lapse, on));
    let most = usize::try_from(ENTRIES_MAX).unwrap_or(usize::MAX);
    let touched = crate::licences::service::touching(view.db, view.caller, site.as_ref(), most)?;
    let open = crate::holds::service::Filter { id: None, open: Some(true) };
    let differences = differences(view, site.as_ref())?;
    let by_one = people::by_one(&held, view.now, recheck_days, most);
    let unconfirmed = confirming::waiting(view.db, view.caller, site.as_ref(), ENTRIES_MAX)?;
    let sensors = crate::sensors::service::with_latest(view.db, view.caller, site.as_ref(), LOOKED_AT_MAX)?;
    Ok(Attention {
        excursions: crate::excursions::service::waiting(view, site.as_ref(), ENTRIES_MAX)?,
        silent: silent(&sensors, view.now, most),
        suspect: suspect(view, &sensors, most)?,
        to_calibrate: to_calibrate(&sensors, horizon, most),
        to_count: crate::treatment::service::to_count(view.db, view.caller, site.as_ref(), ENTRIES_MAX)?,
        refused: refused(view, site.as_ref(), most)?,
        by_one,
        unconfirmed,
        differences,
        approvals,
        overdue: crate::purchasing::service::overdue(view.db, view.caller, site.as_ref(), today, most)?,
        touched,
        expiring,
        to_move,
        lapsing: lapsing.collect(),
        similar: crate::stock::service::alike(view, site.as_ref(), ENTRIES_MAX)?,
        recalls: crate::recalls::service::waiting(view.db, organisation)?,
        holds: crate::holds::service::list(view.db, view.caller, &open, "", ENTRIES_MAX)?.items,
        deviations: deviations(view, site.as_ref())?,
    })
}

/// Open deviations.
fn deviations(view: &mut View<'_>, site: Option<&SiteId>) -> Result<Vec<DeviationView>> {
    let found = crate::treatment::service::list_deviations(view.db, view.caller, site, Some(true), "", ENTRIES_MAX)?;
    found.items.into_iter().map(|deviation| DeviationView::read(deviation, view.patients)).collect()
}

/// Who is refused over and over.
fn refused(view: &mut View<'_>, site: Option<&SiteId>, most: usize) -> Result<Vec<Refused>> {
    refusals::often(view.db, view.caller, site, view.now.plus_days(-REFUSED_DAYS), REFUSED_TIMES, most)
}

/// Counts that found a difference lately, or wait for somebody.
fn differences(view: &mut View<'_>, site: Option<&SiteId>) -> Result<Vec<MovementView>> {
    let since = view.now.plus_days(-DIFFERENCES_DAYS);
    let found = crate::movements::service::differences(view.db, view.caller, site, since, ENTRIES_MAX)?;
    crate::movements::service::views(view, found)
}

/// Those that are silent, the longest first.
fn silent(sensors: &[(Sensor, Option<Latest>)], now: Moment, most: usize) -> Vec<(Sensor, Option<Moment>, Moment)> {
    let found = sensors.iter().filter_map(|(sensor, latest)| {
        let last_us = latest.as_ref().map(|latest| latest.at_us);
        let since = crate::sensors::rules::silent_since(sensor, last_us, now)?;
        Some((sensor.clone(), last_us.map(Moment::at_unix_micros), since))
    });
    let mut found: Vec<_> = found.collect();
    found.sort_by_key(|(_, _, since)| *since);
    found.truncate(most);
    found
}

/// Those that are stuck, the longest first, with all that speaks against them: the fridge may fail and nobody sees it.
fn suspect(
    view: &mut View<'_>,
    sensors: &[(Sensor, Option<Latest>)],
    most: usize,
) -> Result<Vec<(Sensor, Vec<Suspicion>)>> {
    let mut measured: Vec<_> = sensors.iter().filter_map(|(sensor, latest)| Some((sensor, latest.as_ref()?))).collect();
    measured.sort_by_key(|(_, latest)| latest.since_us);
    let mut found = Vec::new();
    for (sensor, latest) in measured {
        if found.len() < most && crate::sensors::service::stuck(view.db, latest)?.is_some() {
            let site = crate::sites::service::site(view.db, &sensor.organisation_id, &sensor.site_id)?;
            let zone = site.map_or(chrono_tz::Tz::UTC, |site| site.time_zone.rules());
            let today = view.now.day_in(zone);
            let against = crate::sensors::service::suspicions(view.db, sensor, Some(latest), today)?;
            found.push((sensor.clone(), against));
        }
    }
    Ok(found)
}

/// Those whose calibration ends before a day, the first first.
fn to_calibrate(
    sensors: &[(Sensor, Option<Latest>)],
    before: Option<NaiveDate>,
    most: usize,
) -> Vec<(Sensor, NaiveDate)> {
    let due = sensors.iter().filter_map(|(sensor, _)| Some((sensor.clone(), sensor.calibration_due?)));
    let mut found: Vec<_> = due.filter(|(_, due)| before.is_none_or(|before| *due < before)).collect();
    found.sort_by_key(|(_, due)| *due);
    found.truncate(most);
    found
}
