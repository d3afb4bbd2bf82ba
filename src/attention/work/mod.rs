//! What waits for one person: the same looks as the morning list's, of what they may settle, and some more.
//!
//! Each kind of work is looked for only where the caller may call what settles it. So much of each kind as the morning list has is
//! read at a time ([`ENTRIES_MAX`](super::service::ENTRIES_MAX)): what follows comes when some of it is done.

mod answering;
mod keeping;
mod safety;
mod stock;

use std::collections::{HashMap, HashSet};

use chrono::{Days, NaiveDate};
use chrono_tz::Tz;

use super::kinds::WorkKind;
use super::service::Looking;
use super::waiting::Waiting;
use crate::clock::Moment;
use crate::command::View;
use crate::error::Result;
use crate::holds::model::Hold;
use crate::http::slice::Access;
use crate::ids::SiteId;

/// Somebody's desk: what was found for them until now.
struct Desk<'a, 'v> {
    view: &'a mut View<'v>,
    looking: &'a Looking,
    access: Access,
    only: Option<WorkKind>,
    zones: HashMap<SiteId, Tz>,
    holds: Option<Vec<Hold>>,
    found: Vec<Waiting>,
}

/// What waits for the caller at the sites that they see, or at one of them: the earliest due first, among what waits since then.
///
/// # Errors
/// `reference_unknown` for the site; what the database answers.
pub fn work(
    view: &mut View<'_>,
    access: Access,
    (site, only, days): (Option<SiteId>, Option<WorkKind>, u32),
) -> Result<Vec<Waiting>> {
    let looking = Looking::from_now(view, site, days)?;
    let desk =
        &mut Desk { view, looking: &looking, access, only, zones: HashMap::new(), holds: None, found: Vec::new() };
    stock::find(desk)?;
    keeping::find(desk)?;
    answering::find(desk)?;
    safety::find(desk)?;
    let mut found = std::mem::take(&mut desk.found);
    found.sort_by_cached_key(Waiting::place);
    // One thing may wait for more than one reason: it is there once, as the earliest.
    let mut told = HashSet::new();
    found.retain(|waiting| told.insert((waiting.kind, waiting.subject.clone())));
    Ok(found)
}

impl Desk<'_, '_> {
    /// Whether work of a kind is looked for.
    fn wants(&self, kind: WorkKind) -> bool {
        self.only.is_none_or(|only| only == kind) && kind.is_for(self.view.caller, self.access)
    }

    /// Whether something at a site is to be shown.
    fn is_seen(&self, site: &SiteId) -> bool {
        self.view.caller.sees(site) && self.looking.site.as_ref().is_none_or(|only| only == site)
    }

    /// The time zone in which days end at a site.
    fn zone(&mut self, site: &SiteId) -> Result<Tz> {
        if let Some(zone) = self.zones.get(site) {
            return Ok(*zone);
        }
        let View { db, caller, .. } = &mut *self.view;
        let found = crate::sites::service::site(db, &caller.organisation_id, site)?;
        let zone = found.map_or(Tz::UTC, |site| site.time_zone.rules());
        self.zones.insert(site.clone(), zone);
        Ok(zone)
    }

    /// Since when something waits that is due on a day: since it is within the days that are looked ahead, and not later than now.
    fn since(&self, due: NaiveDate) -> Moment {
        let days = Days::new(self.looking.days.into());
        let day = due.checked_sub_days(days).unwrap_or(due);
        Moment::start_of(day).min(self.view.now)
    }

    /// The holds that are open, read once.
    fn open_holds(&mut self) -> Result<&[Hold]> {
        if self.holds.is_none() {
            self.holds = Some(super::service::open_holds(self.view)?);
        }
        Ok(self.holds.as_deref().unwrap_or_default())
    }

    fn most(&self) -> usize {
        self.looking.most
    }
}
