//! What rests on licences and their checks, and what of it a licence has touched that was lost: SQL and no rule of its own.

use chrono::NaiveDate;
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};

use super::model::{CheckOutcome, Discount, LicenceAcknowledgement, LicenceCheck, LicenceReversal, Touched};
use super::standing::{Since, adverse};
use super::store;
use crate::clock::Moment;
use crate::db::Db;
use crate::db::schema::{administration_voids, decision_licences, licence_checks, licence_reversals, orders, sites};
use crate::error::{Error, Result};
use crate::ids::{AdministrationId, LicenceCheckId, LicenceId, OrderId, OrganisationId, ReleaseId, SiteId};
use crate::limits::ATTENTION_MAX;
use crate::problem::{Dependent, DependentType, ProblemCode};
use crate::values::TimeZone;

type Backend = <Db as Connection>::Backend;
type Condition = Box<dyn BoxableExpression<decision_licences::table, Backend, SqlType = Bool>>;
type Subjects<'a> = decision_licences::BoxedQuery<'a, Backend, Text>;

/// The status of an order that nothing rests on any more. Orders stand above licences, so it is not their word itself; a test
/// holds it against that.
const CANCELLED: &str = "cancelled";

/// Which part of what a licence has touched.
#[derive(Clone, Copy, Default)]
pub struct Part<'a> {
    /// Only at these sites.
    pub at: Option<&'a [SiteId]>,
    /// Only elsewhere than at these sites.
    pub beyond: Option<&'a [SiteId]>,
    /// Only what nobody has acknowledged.
    pub is_new: bool,
}

/// A licence's checks, in force or not, and what became of them.
pub struct Record {
    /// All its checks, oldest first.
    pub checks: Vec<LicenceCheck>,
    /// Its reversal and theirs.
    pub reversals: Vec<LicenceReversal>,
    /// The verifications among them that stopped counting.
    pub discounts: Vec<Discount>,
    /// The newest acknowledgement of what it touched.
    pub acknowledged: Option<LicenceAcknowledgement>,
}

impl Record {
    /// Reads it.
    ///
    /// # Errors
    /// What the database answers.
    pub fn of(db: &mut Db, organisation: &OrganisationId, licence: &LicenceId) -> Result<Self> {
        Ok(Record {
            checks: store::all_checks(db, organisation, licence)?,
            reversals: store::reversals(db, organisation, &[licence])?,
            discounts: store::people::of_licence(db, organisation, licence)?,
            acknowledged: store::newest_acknowledgement(db, organisation, licence)?,
        })
    }

    /// The reversal of a check, or of the licence itself.
    pub fn reversal(&self, check: Option<&LicenceCheckId>) -> Option<&LicenceReversal> {
        self.reversals.iter().find(|reversal| reversal.check_id.as_ref() == check)
    }

    /// The discount of a check.
    pub fn discount(&self, check: &LicenceCheckId) -> Option<&Discount> {
        self.discounts.iter().find(|discount| discount.check_id == *check)
    }

    fn is_discounted(&self, check: &LicenceCheck) -> bool {
        self.discount(&check.id).is_some()
    }

    /// The same as it was known at a moment.
    fn known_at(&self, at: Moment) -> Record {
        Record {
            checks: self.checks.iter().filter(|check| check.recorded_at <= at).cloned().collect(),
            reversals: self.reversals.iter().filter(|reversal| reversal.reversed_at <= at).cloned().collect(),
            discounts: self.discounts.iter().filter(|discount| discount.discounted_at <= at).cloned().collect(),
            acknowledged: None,
        }
    }

    /// A day before which nothing was lost: no check that says so takes effect earlier. None when something was reversed, which
    /// may have been relied on at any time.
    fn first_day(&self) -> Option<NaiveDate> {
        let suspects = self.checks.iter().filter(|check| check.outcome != CheckOutcome::Verified);
        // A day in one time zone is the day before in another.
        let day = |check: &LicenceCheck| check.checked_at.plus_days(-1).day_in(chrono_tz::Tz::UTC);
        let days = suspects.map(|check| check.effective_on.map_or(day(check), |on| on.min(day(check))));
        days.min().filter(|_| self.reversals.is_empty())
    }

    /// Which decisions rested on it for a moment at which it was lost; none can have when that is none.
    ///
    /// DOMAIN rule 3: a later entry may say that it was lost already. What rested on a check that is reversed can only have
    /// done so at the very moment of the reversal. What rested on a verification that stopped counting is to be looked at,
    /// and what such a one had ended had not ended.
    fn lost(&self, zones: &[(SiteId, TimeZone)]) -> Option<Condition> {
        if self.reversal(None).is_some() {
            return Some(Box::new(decision_licences::check_id.is_not_null()));
        }
        let in_force: Vec<_> = self
            .checks
            .iter()
            .filter(|check| self.reversal(Some(&check.id)).is_none() && !self.is_discounted(check))
            .collect();
        // When a verification ends an announced state depends on the site's day: sites for which it is the same go together.
        let mut groups: Vec<(Vec<(Since, Option<Moment>)>, Vec<SiteId>)> = Vec::new();
        for (site, zone) in zones {
            let spans: Vec<_> =
                adverse(&in_force, zone.rules()).map(|adverse| (adverse.since, adverse.until)).collect();
            match groups.iter_mut().find(|(of, _)| *of == spans) {
                Some((_, sites)) => sites.push(site.clone()),
                None => groups.push((spans, vec![site.clone()])),
            }
        }
        let mut reversed: Vec<_> = self.reversals.iter().filter_map(|reversal| reversal.check_id.clone()).collect();
        reversed.extend(self.discounts.iter().map(|discount| discount.check_id.clone()));
        let mut any = (!reversed.is_empty())
            .then(|| -> Condition { Box::new(decision_licences::check_id.assume_not_null().eq_any(reversed)) });
        for (spans, sites) in groups {
            let within = spans.into_iter().map(within).reduce(or);
            let here =
                within.map(|within| -> Condition { Box::new(decision_licences::site_id.eq_any(sites).and(within)) });
            any = any.into_iter().chain(here).reduce(or);
        }
        any
    }
}

fn within((since, until): (Since, Option<Moment>)) -> Condition {
    let begun: Condition = match since {
        Since::Day(day) => Box::new(decision_licences::occurred_on.ge(day)),
        Since::Moment(moment) => Box::new(decision_licences::occurred_at.ge(moment)),
    };
    match until {
        Some(until) => Box::new(begun.and(decision_licences::occurred_at.lt(until))),
        None => begun,
    }
}

fn or(a: Condition, b: Condition) -> Condition {
    Box::new(a.or(b))
}

/// The orders, administrations and releases that rest on a licence: neither cancelled nor voided, in the order of their ids.
fn subjects<'a>(organisation: &'a OrganisationId, licence: &'a LicenceId, most: i64) -> Subjects<'a> {
    let voided =
        administration_voids::table.filter(administration_voids::administration_id.eq(decision_licences::subject_id));
    let cancelled =
        orders::table.filter(orders::id.eq(decision_licences::subject_id).and(orders::status.eq(CANCELLED)));
    decision_licences::table
        .filter(decision_licences::organisation_id.eq(organisation).and(decision_licences::licence_id.eq(licence)))
        .filter(not(exists(voided)).and(not(exists(cancelled))))
        .select(decision_licences::subject_id)
        .order(decision_licences::subject_id)
        .limit(most)
        .into_boxed()
}

/// What rests on a licence, or on one of its checks: one more than a problem names, at the most.
///
/// # Errors
/// What the database answers.
pub fn dependents(
    db: &mut Db,
    organisation: &OrganisationId,
    licence: &LicenceId,
    check: Option<&LicenceCheckId>,
) -> Result<Vec<Dependent>> {
    let most = i64::try_from(Dependent::MOST).unwrap_or(i64::MAX).saturating_add(1);
    let mut query = subjects(organisation, licence, most);
    if let Some(check) = check {
        query = query.filter(decision_licences::check_id.eq(check));
    }
    let found: Vec<String> = query.load(db)?;
    Ok(found
        .into_iter()
        .filter_map(|id| {
            let kind = if id.parse::<OrderId>().is_ok() {
                DependentType::Order
            } else if id.parse::<AdministrationId>().is_ok() {
                DependentType::Administration
            } else {
                id.parse::<ReleaseId>().ok().map(|_| DependentType::Release)?
            };
            Some(Dependent::new(kind, id))
        })
        .collect())
}

/// What a licence has touched that was lost earlier than anybody knew: it flags them and rewrites nothing.
///
/// A decision that rested on an adverse check knew of it; it is a deviation already, and is not touched.
///
/// # Errors
/// What the database answers.
pub fn touched(
    db: &mut Db,
    organisation: &OrganisationId,
    licence: &LicenceId,
    record: &Record,
    part: Part<'_>,
) -> Result<Touched> {
    let is_suspect = |check: &LicenceCheck| check.outcome != CheckOutcome::Verified;
    let is_clean = record.reversals.is_empty() && record.discounts.is_empty();
    if is_clean && !record.checks.iter().any(is_suspect) {
        return Ok(Touched::default());
    }
    let zones: Vec<(SiteId, TimeZone)> = sites::table
        .filter(sites::organisation_id.eq(organisation))
        .select((sites::id, sites::time_zone))
        .order(sites::id)
        .load(db)?;
    let Some(lost) = record.lost(&zones) else { return Ok(Touched::default()) };
    let first_day = record.first_day();
    let known: Vec<_> = record.checks.iter().filter(|check| is_suspect(check)).map(|check| check.id.clone()).collect();
    let mut query = subjects(organisation, licence, ATTENTION_MAX.saturating_add(1))
        .filter(decision_licences::check_id.is_not_null())
        .filter(decision_licences::check_id.assume_not_null().ne_all(known))
        .filter(lost);
    if let Some(day) = first_day {
        query = query.filter(decision_licences::occurred_on.ge(day));
    }
    if let Some(sites) = part.at {
        query = query.filter(decision_licences::site_id.eq_any(sites));
    }
    if let Some(sites) = part.beyond {
        query = query.filter(decision_licences::site_id.ne_all(sites));
    }
    if let (true, Some(seen)) = (part.is_new, &record.acknowledged)
        && let Some(then) = record.known_at(seen.acknowledged_at).lost(&zones)
    {
        query = query.filter(not(decision_licences::recorded_at.le(seen.acknowledged_at).and(then)));
    }
    let mut found: Vec<String> = query.load(db)?;
    let most = usize::try_from(ATTENTION_MAX).unwrap_or(usize::MAX);
    let mut touched = Touched { more: found.len() > most, ..Touched::default() };
    found.truncate(most);
    for subject in found {
        if let Ok(order) = subject.parse() {
            touched.orders.push(order);
        } else if let Ok(administration) = subject.parse() {
            touched.administrations.push(administration);
        } else if let Ok(release) = subject.parse() {
            touched.releases.push(release);
        } else if let Ok(prescription) = subject.parse() {
            touched.prescriptions.push(prescription);
        }
    }
    Ok(touched)
}

/// The licences that may have touched something: those with a check that says something else than verified, with a
/// reversal, or with a verification that stopped counting.
///
/// # Errors
/// What the database answers.
pub fn suspects(db: &mut Db, organisation: &OrganisationId) -> Result<Vec<LicenceId>> {
    let adverse = CheckOutcome::ALL.iter().filter(|outcome| **outcome != CheckOutcome::Verified);
    let adverse = licence_checks::outcome.eq_any(adverse.copied());
    let mut found: Vec<LicenceId> = licence_checks::table
        .filter(licence_checks::organisation_id.eq(organisation).and(adverse))
        .select(licence_checks::licence_id)
        .distinct()
        .load(db)?;
    let reversed: Vec<LicenceId> = licence_reversals::table
        .filter(licence_reversals::organisation_id.eq(organisation))
        .select(licence_reversals::licence_id)
        .distinct()
        .load(db)?;
    found.extend(reversed);
    found.extend(store::people::discounted(db, organisation)?);
    found.sort();
    found.dedup();
    Ok(found)
}

/// What is reversed counts for nothing, and nothing is added to it.
///
/// # Errors
/// `already_reversed`.
pub fn refuse_reversed(record: &Record, check: Option<&LicenceCheckId>) -> Result<()> {
    let Some(reversal) = record.reversal(check) else { return Ok(()) };
    let what = if check.is_some() { "check" } else { "licence" };
    let LicenceReversal { reversed_at, reversed_by, reason, .. } = reversal;
    let at = reversed_at.told();
    let detail = format!("The {what} was reversed at {at} by {reversed_by}: {reason}");
    Err(Error::problem(ProblemCode::AlreadyReversed, detail))
}

#[cfg(test)]
mod tests {
    #[test]
    fn an_order_that_nothing_rests_on_is_one_that_was_cancelled() {
        assert_eq!(super::CANCELLED, crate::purchasing::model::OrderStatus::Cancelled.as_str());
    }
}
