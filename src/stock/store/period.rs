//! What moved at a site in a period. SQL only, like the store. It is led by what is there or has moved since, and reads the postings
//! of the lots that are asked for, and of no others.

use chrono::NaiveDate;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Date, Text, Timestamp};

use crate::clock::Moment;
use crate::db::Db;
use crate::db::schema::{accounts, events, log_leaves, postings};
use crate::error::Result;
use crate::ids::{AccountId, LotId, OrganisationId, SiteId};

/// Accounts that are looked at together.
const AT_ONCE: i64 = 500;

/// How far it was looked which lots a period may be about.
#[derive(Clone, Debug)]
pub enum Looked {
    /// Through what is at the site now, by use-by date and account.
    OnHand(NaiveDate, String),
    /// Through what has moved there since, by moment and account.
    Moved(Moment, String),
    /// Through what has moved since between accounts that are at no site, by moment and account.
    Outside(Moment, String),
}

impl Looked {
    /// Nowhere yet.
    pub const START: Looked = Looked::OnHand(NaiveDate::MIN, String::new());
}

/// Units that moved between two accounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flow {
    /// From where.
    pub from: AccountId,
    /// To where.
    pub to: AccountId,
    /// How many.
    pub units: i64,
}

/// The next lots of which units are at a site, or moved there from a moment on, or moved outside from then on wherever that was; each
/// may come more than once. And how far it was looked, where there may be more.
///
/// # Errors
/// What the database answers.
pub fn lots_of_period(
    db: &mut Db,
    organisation: &OrganisationId,
    site: &SiteId,
    since: Moment,
    looked: Looked,
) -> Result<(Vec<LotId>, Option<Looked>)> {
    let own = accounts::table.filter(accounts::organisation_id.eq(organisation)).limit(AT_ONCE);
    let is_end = |found: usize| i64::try_from(found).is_ok_and(|found| found < AT_ONCE);
    if let Looked::OnHand(day, id) = &looked {
        let later =
            sql::<Bool>("accounts.units > 0 AND accounts.use_by IS NOT NULL AND (accounts.use_by, accounts.id) > (")
                .bind::<Date, _>((*day).max(FIRST_DAY))
                .sql(", ")
                .bind::<Text, _>(id)
                .sql(")");
        let found: Vec<(LotId, AccountId, Option<NaiveDate>)> = own
            .filter(accounts::site_id.eq(site).and(later))
            .select((accounts::lot_id, accounts::id, accounts::use_by))
            .order((accounts::use_by, accounts::id))
            .load(db)?;
        let next = match found.last() {
            Some((_, id, day)) if !is_end(found.len()) => Looked::OnHand(day.unwrap_or(FIRST_DAY), id.to_string()),
            _ => Looked::Moved(since, String::new()),
        };
        return Ok((found.into_iter().map(|(lot, ..)| lot).collect(), Some(next)));
    }
    let later = |at: Moment, id: &str| {
        sql::<Bool>("(accounts.changed_at, accounts.id) > (")
            .bind::<Timestamp, _>(at)
            .sql(", ")
            .bind::<Text, _>(id.to_owned())
            .sql(")")
    };
    let moved = (accounts::lot_id, accounts::id, accounts::changed_at);
    let place = |(_, id, at): &(LotId, AccountId, Moment)| (*at, id.to_string());
    let found: Vec<(LotId, AccountId, Moment)>;
    let next = match looked {
        Looked::OnHand(..) => return Ok((Vec::new(), None)),
        Looked::Moved(at, id) => {
            let here = accounts::site_id.eq(site).and(later(at, &id));
            found = own.filter(here).select(moved).order((accounts::changed_at, accounts::id)).load(db)?;
            let next = found.last().filter(|_| !is_end(found.len())).map(place);
            Some(next.map_or(Looked::Outside(since, String::new()), |(at, id)| Looked::Moved(at, id)))
        }
        Looked::Outside(at, id) => {
            let outside = sql::<Bool>("accounts.kind IN ('unaccounted', 'waste')").and(later(at, &id));
            found = own.filter(outside).select(moved).order((accounts::changed_at, accounts::id)).load(db)?;
            let next = found.last().filter(|_| !is_end(found.len())).map(place);
            next.map(|(at, id)| Looked::Outside(at, id))
        }
    };
    Ok((found.into_iter().map(|(lot, ..)| lot).collect(), next))
}

/// Before the first day that both databases keep.
const FIRST_DAY: NaiveDate = match NaiveDate::from_ymd_opt(1, 1, 1) {
    Some(day) => day,
    None => NaiveDate::MIN,
};

/// What moved of lots from a moment on and before another, as far as it was known when the log had so many leaves.
///
/// # Errors
/// What the database answers.
pub fn moved_between(
    db: &mut Db,
    organisation: &OrganisationId,
    ids: &[&LotId],
    (from, to): (Moment, Moment),
    leaves: Option<i64>,
) -> Result<Vec<Flow>> {
    let sum = sql::<BigInt>("CAST(SUM(postings.units) AS BIGINT)");
    let own = postings::organisation_id.eq(organisation).and(postings::lot_id.eq_any(ids.iter().copied()));
    let then = postings::counts_at.ge(from).and(postings::counts_at.lt(to));
    let found: Vec<(AccountId, AccountId, i64)> = match leaves {
        None => postings::table
            .filter(own.and(then))
            .group_by((postings::from_account, postings::to_account))
            .select((postings::from_account, postings::to_account, sum))
            .load(db)?,
        Some(leaves) => postings::table
            .inner_join(log_leaves::table.on(log_leaves::event_id.eq(postings::event_id)))
            .filter(own.and(then).and(log_leaves::leaf_index.lt(leaves)))
            .group_by((postings::from_account, postings::to_account))
            .select((postings::from_account, postings::to_account, sum))
            .load(db)?,
    };
    Ok(found.into_iter().map(|(from, to, units)| Flow { from, to, units }).collect())
}

/// The same of what moved between accounts that are at no site, by events at a site.
///
/// # Errors
/// What the database answers.
pub fn moved_outside(
    db: &mut Db,
    organisation: &OrganisationId,
    site: &SiteId,
    ids: &[&LotId],
    outside: &[&AccountId],
    (from, to): (Moment, Moment),
    leaves: Option<i64>,
) -> Result<Vec<Flow>> {
    let sum = sql::<BigInt>("CAST(SUM(postings.units) AS BIGINT)");
    let own = postings::organisation_id.eq(organisation).and(postings::lot_id.eq_any(ids.iter().copied()));
    let then = postings::counts_at.ge(from).and(postings::counts_at.lt(to));
    let between = postings::from_account
        .eq_any(outside.iter().copied())
        .and(postings::to_account.eq_any(outside.iter().copied()));
    let here = events::site_id.eq(site);
    let of_events = postings::table.inner_join(events::table.on(events::id.eq(postings::event_id)));
    let found: Vec<(AccountId, AccountId, i64)> = match leaves {
        None => of_events
            .filter(own.and(then).and(between).and(here))
            .group_by((postings::from_account, postings::to_account))
            .select((postings::from_account, postings::to_account, sum))
            .load(db)?,
        Some(leaves) => of_events
            .inner_join(log_leaves::table.on(log_leaves::event_id.eq(postings::event_id)))
            .filter(own.and(then).and(between).and(here).and(log_leaves::leaf_index.lt(leaves)))
            .group_by((postings::from_account, postings::to_account))
            .select((postings::from_account, postings::to_account, sum))
            .load(db)?,
    };
    Ok(found.into_iter().map(|(from, to, units)| Flow { from, to, units }).collect())
}
