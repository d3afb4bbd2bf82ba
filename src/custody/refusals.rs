//! How often somebody was refused: counted by day as the refusals are journalled, so that the morning list can tell who is
//! refused over and over without reading the refusals themselves.

use std::collections::BTreeMap;

use diesel::prelude::*;

use crate::caller::Caller;
use crate::clock::Moment;
use crate::db::Db;
use crate::db::schema::refusals_by_day;
use crate::error::Result;
use crate::identity::Identity;
use crate::ids::SiteId;

/// Somebody who was refused over and over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The subject of their token.
    pub subject: String,
    /// How often.
    pub times: i64,
    /// When the first of these was.
    pub since: Moment,
    /// When the last was.
    pub last_at: Moment,
    /// Why, the last time: the codes of the reasons.
    pub last_reasons: Vec<String>,
}

/// The most rows that are added up: one for each person, day and site.
const ROWS_MAX: i64 = 10_000;

/// Who was refused at least so often since the day of a moment, the most often first. Who is bound to sites sees what was
/// refused there.
///
/// # Errors
/// What the database answers.
pub fn often(
    db: &mut Db,
    caller: &Caller,
    site: Option<&SiteId>,
    since: Moment,
    least: i64,
    most: usize,
) -> Result<Vec<Refused>> {
    let mut query = refusals_by_day::table
        .filter(refusals_by_day::organisation_id.eq(&caller.organisation_id))
        .filter(refusals_by_day::day.ge(since.day_in(chrono_tz::Tz::UTC)))
        .select((
            refusals_by_day::actor,
            refusals_by_day::times,
            refusals_by_day::first_at,
            refusals_by_day::last_at,
            refusals_by_day::last_reasons,
        ))
        .order((refusals_by_day::day.desc(), refusals_by_day::actor))
        .limit(ROWS_MAX)
        .into_boxed();
    if let Some(sites) = &caller.sites {
        query = query.filter(refusals_by_day::site_id.eq_any(sites.iter().map(SiteId::as_str)));
    }
    if let Some(site) = site {
        query = query.filter(refusals_by_day::site_id.eq(site.as_str()));
    }
    let rows: Vec<(String, i64, Moment, Moment, String)> = query.load(db)?;
    let mut refused: BTreeMap<String, Refused> = BTreeMap::new(); // by person, however their name was spelt
    for (subject, times, since, last_at, reasons) in rows {
        let last_reasons = reasons.split_whitespace().map(str::to_owned).collect();
        let person = Identity::of(&subject).as_str().to_owned();
        let row = Refused { subject, times, since, last_at, last_reasons };
        match refused.get_mut(&person) {
            None => {
                refused.insert(person, row);
            }
            Some(all) => all.add(row),
        }
    }
    let mut refused: Vec<_> = refused.into_values().filter(|refused| refused.times >= least).collect();
    refused.sort_by(|a, b| (b.times, &a.subject).cmp(&(a.times, &b.subject)));
    refused.truncate(most);
    Ok(refused)
}

impl Refused {
    fn add(&mut self, other: Refused) {
        self.times = self.times.saturating_add(other.times);
        self.since = self.since.min(other.since);
        if other.last_at > self.last_at {
            self.last_at = other.last_at;
            self.last_reasons = other.last_reasons;
        }
    }
}
