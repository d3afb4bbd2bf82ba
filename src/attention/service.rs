//! Reading the morning list.

use chrono::{Days, NaiveDate};
use chrono_tz::Tz;

use super::people::{self, LicenceByOne};
use super::rules::{self, Horizon, Lapse};
use crate::catalogue::model::Product;
use crate::clock::Moment;
use crate::command::View;
use crate::custody::refusals::{self, Refused};
use crate::error::Result;
use crate::excursions::wire::ExcursionView;
use crate::holds::model::Hold;
use crate::http::slice::READ_TREATMENT;
use crate::ids::SiteId;
use crate::licences::model::{Licence, Touched};
use crate::limits::LOOKED_AT_MAX;
use crate::movements::wire::MovementView;
use crate::policies::model::Current;
use crate::purchasing::model::Order;
use crate::recalls::wire::OpenRecall;
use crate::safety::model::AdverseEvent;
use crate::safety::signals::ToReview;
use crate::sensors::model::{Latest, Sensor};
use crate::sensors::suspicions::Suspicion;
use crate::stock::model::{Balance, Lot};
use crate::stock::service::StockFilter;
use crate::treatment::confirming::{self, Waiting};
use crate::treatment::model::{Administration, Deviation, Void};
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
    /// Adverse events of which something is due.
    pub adverse_events: Vec<AdverseEvent>,
    /// Lots and products of which harm came more often than of others.
    pub signals: Vec<ToReview>,
}

/// For where and for when is looked.
pub(super) struct Looking {
    /// Only this site, where one is asked for.
    pub site: Option<SiteId>,
    /// The law that it is under.
    place: Option<Jurisdiction>,
    /// The time zone that days are of: that of the site, or else UTC.
    pub zone: Tz,
    /// The day.
    pub today: NaiveDate,
    /// How many days ahead.
    pub days: u32,
    /// The day after the last of those; none at the end of the calendar.
    pub horizon: Option<NaiveDate>,
    /// The rules of the organisation.
    pub policy: Current,
    /// The most entries of each kind.
    pub most: usize,
}

impl Looking {
    /// Looks from now on, at one site or at all that the caller sees.
    ///
    /// # Errors
    /// `reference_unknown` for the site; what the database answers.
    pub fn from_now(view: &mut View<'_>, site: Option<SiteId>, days: u32) -> Result<Self> {
        let of = site.as_ref().map(|id| crate::sites::service::expect_site(view.db, view.caller, id)).transpose()?;
        let zone = of.as_ref().map_or(Tz::UTC, |site| site.time_zone.rules());
        let today = view.now.day_in(zone);
        Ok(Looking {
            site,
            place: of.map(|site| site.jurisdiction),
            zone,
            today,
            days,
            horizon: today.checked_add_days(Days::new(u64::from(days) + 1)),
            policy: crate::policies::service::current(view.db, &view.caller.organisation_id)?,
            most: usize::try_from(ENTRIES_MAX).unwrap_or(usize::MAX),
        })
    }

    /// How far licences are looked at.
    pub fn at_licences(&self, now: Moment) -> Horizon {
        let Looking { zone, today, days, policy, .. } = self;
        Horizon { today: *today, now, zone: *zone, days: *days, recheck_days: policy.licence_recheck_days }
    }
}

/// Reads the list for the sites that the caller sees, or one of them.
///
/// # Errors
/// `reference_unknown` for the site; what the database answers.
pub fn attention(view: &mut View<'_>, site: Option<SiteId>, days: u32) -> Result<Attention> {
    let looking = &Looking::from_now(view, site, days)?;
    let (site, most) = (looking.site.as_ref(), looking.most);
    let organisation = &view.caller.organisation_id;
    let held = crate::licences::service::all(view.db, view.caller)?;
    let horizon = looking.at_licences(view.now);
    let lapsing = rules::to_act_on(&held, &horizon);
    let lapsing = lapsing.into_iter().map(|(held, lapse, on)| (held.licence.clone(), lapse, on));
    let sensors = sensors(view, looking)?;
    // Of harm is told who may read of it elsewhere; signals are of all sites together.
    let (mut adverse_events, mut signals) = (Vec::new(), Vec::new());
    if view.caller.has_any(READ_TREATMENT) {
        adverse_events = self::adverse_events(view, looking)?;
        adverse_events.truncate(most);
        if view.caller.sites.is_none() {
            signals = crate::safety::signals::to_review(view.db, organisation, ENTRIES_MAX)?;
        }
    }
    Ok(Attention {
        adverse_events,
        signals,
        excursions: crate::excursions::service::waiting(view, site, ENTRIES_MAX)?,
        silent: silent(&sensors, view.now, most),
        suspect: suspect(view, &sensors, most)?,
        to_calibrate: to_calibrate(&sensors, looking.horizon, most),
        to_count: crate::treatment::service::to_count(view.db, view.caller, site, ENTRIES_MAX)?,
        refused: refused(view, site, most)?,
        by_one: people::by_one(&held, view.now, horizon.recheck_days, most),
        unconfirmed: confirming::waiting(view.db, view.caller, site, ENTRIES_MAX)?,
        differences: differences(view, site)?,
        approvals: approvals(view, looking)?,
        overdue: crate::purchasing::service::overdue(view.db, view.caller, site, looking.today, most)?,
        touched: crate::licences::service::touching(view.db, view.caller, site, most)?,
        expiring: expiring(view, looking)?,
        to_move: crate::stock::service::misplaced(view.db, view.caller, site, looking.today, ENTRIES_MAX)?,
        lapsing: lapsing.collect(),
        similar: crate::stock::service::alike(view, site, ENTRIES_MAX)?,
        recalls: crate::recalls::service::waiting(view.db, organisation)?,
        holds: open_holds(view)?,
        deviations: deviations(view, site)?
            .into_iter()
            .map(|found| DeviationView::read(found, view.patients))
            .collect::<Result<_>>()?,
    })
}

/// Units on hand that expire within the days asked for, or have expired.
fn expiring(view: &mut View<'_>, looking: &Looking) -> Result<Vec<(Balance, Lot)>> {
    let (site_id, expiring_before) = (looking.site.clone(), looking.horizon);
    let filter = StockFilter { site_id, expiring_before, ..StockFilter::default() };
    let first = (crate::stock::wire::BEFORE_ALL, "");
    Ok(crate::stock::service::list_stock(view.db, view.caller, &filter, first, ENTRIES_MAX)?.items)
}

/// Authorisations of products that are no longer verified, or soon will not be: the product, where, when somebody looked last, and
/// until when that counts.
pub(super) fn approvals(
    view: &mut View<'_>,
    looking: &Looking,
) -> Result<Vec<(Product, Jurisdiction, NaiveDate, NaiveDate)>> {
    let (organisation, policy) = (&view.caller.organisation_id, &looking.policy);
    let Some(day) = rules::approvals_due_before(looking.today, looking.days, policy) else { return Ok(Vec::new()) };
    let place = looking.place.as_ref();
    let found = crate::catalogue::service::approvals_verified_before(view.db, organisation, day, place, ENTRIES_MAX)?;
    let due = |verified_on| crate::catalogue::rules::verify_by(verified_on, policy.approval_recheck_days);
    Ok(found.into_iter().map(|(product, at, on)| (product, at, on, due(on))).collect())
}

/// Adverse events of which something is due: so many of the most urgent are looked at, of each site.
pub(super) fn adverse_events(view: &mut View<'_>, looking: &Looking) -> Result<Vec<AdverseEvent>> {
    let (caller, only) = (view.caller, looking.site.as_ref());
    let organisation = &caller.organisation_id;
    let Some(sites) = only.map(std::slice::from_ref).or(caller.sites.as_deref()) else {
        return crate::safety::service::waiting(view.db, organisation, None, ENTRIES_MAX);
    };
    let mut found = Vec::new();
    for site in sites.iter().filter(|site| caller.sees(site)) {
        found.extend(crate::safety::service::waiting(view.db, organisation, Some(site), ENTRIES_MAX)?);
    }
    Ok(found)
}

/// The sensors in use, with the last that each has said.
pub(super) fn sensors(view: &mut View<'_>, looking: &Looking) -> Result<Vec<(Sensor, Option<Latest>)>> {
    crate::sensors::service::with_latest(view.db, view.caller, looking.site.as_ref(), LOOKED_AT_MAX)
}

/// Open holds.
pub(super) fn open_holds(view: &mut View<'_>) -> Result<Vec<Hold>> {
    let open = crate::holds::service::Filter { id: None, open: Some(true) };
    Ok(crate::holds::service::list(view.db, view.caller, &open, "", ENTRIES_MAX)?.items)
}

/// Open deviations.
pub(super) fn deviations(view: &mut View<'_>, site: Option<&SiteId>) -> Result<Vec<Deviation>> {
    let found = crate::treatment::service::list_deviations(view.db, view.caller, site, Some(true), "", ENTRIES_MAX)?;
    Ok(found.items)
}

/// Who is refused over and over.
pub(super) fn refused(view: &mut View<'_>, site: Option<&SiteId>, most: usize) -> Result<Vec<Refused>> {
    refusals::often(view.db, view.caller, site, view.now.plus_days(-REFUSED_DAYS), REFUSED_TIMES, most)
}

/// Counts that found a difference lately, or wait for somebody.
pub(super) fn differences(view: &mut View<'_>, site: Option<&SiteId>) -> Result<Vec<MovementView>> {
    let since = view.now.plus_days(-DIFFERENCES_DAYS);
    let found = crate::movements::service::differences(view.db, view.caller, site, since, ENTRIES_MAX)?;
    crate::movements::service::views(view, found)
}

/// Those that are silent, the longest first.
pub(super) fn silent(
    sensors: &[(Sensor, Option<Latest>)],
    now: Moment,
    most: usize,
) -> Vec<(Sensor, Option<Moment>, Moment)> {
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
pub(super) fn suspect(
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
pub(super) fn to_calibrate(
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
