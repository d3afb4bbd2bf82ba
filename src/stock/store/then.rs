//! What was where at another time: what is there now, without what has moved since or was not known yet. SQL only, like the store.
//! It reads the postings of the lots that are asked for, and of no others.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Date, Text, Timestamp};

use super::{StockFilter, balances};
use crate::caller::Caller;
use crate::clock::Moment;
use crate::custody_log::past::Past;
use crate::db::Db;
use crate::db::schema::{accounts, event_subjects, events, log_leaves, lots, postings};
use crate::error::Result;
use crate::http::paging::Found;
use crate::ids::{AccountId, LotId, OrganisationId, SiteId};
use crate::journal::model::Strand;
use crate::limits::LOOKED_AT_MAX;
use crate::stock::model::{AccountKind, Balance, Lot};

/// Accounts that are looked at together.
const AT_ONCE: i64 = 100;

/// By how many units each account of these lots has more now than at another time.
fn more_now(
    db: &mut Db,
    organisation: &OrganisationId,
    ids: &[&LotId],
    past: &Past,
) -> Result<HashMap<AccountId, i64>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let sum = || sql::<BigInt>("CAST(SUM(postings.units) AS BIGINT)");
    let moved: Vec<(AccountId, AccountId, i64)> = match past.leaves() {
        None => postings::table
            .filter(postings::organisation_id.eq(organisation))
            .filter(postings::lot_id.eq_any(ids.iter().copied()))
            .filter(postings::counts_at.gt(past.at.unwrap_or(Moment::LAST)))
            .group_by((postings::from_account, postings::to_account))
            .select((postings::from_account, postings::to_account, sum()))
            .load(db)?,
        Some(leaves) => postings::table
            .left_join(log_leaves::table.on(log_leaves::event_id.eq(postings::event_id)))
            .filter(postings::organisation_id.eq(organisation))
            .filter(postings::lot_id.eq_any(ids.iter().copied()))
            .filter(
                sql::<Bool>("(postings.counts_at > ")
                    .bind::<Timestamp, _>(past.at.unwrap_or(Moment::LAST))
                    .sql(" OR log_leaves.leaf_index IS NULL OR log_leaves.leaf_index >= ")
                    .bind::<BigInt, _>(leaves)
                    .sql(")"),
            )
            .group_by((postings::from_account, postings::to_account))
            .select((postings::from_account, postings::to_account, sum()))
            .load(db)?,
    };
    let mut more: HashMap<AccountId, i64> = HashMap::new();
    for (from, to, units) in moved {
        *more.entry(from).or_default() -= units;
        *more.entry(to).or_default() += units;
    }
    Ok(more)
}

/// The accounts of lots as they were, empty ones among them, the earliest use-by date first.
///
/// # Errors
/// What the database answers.
pub fn balances_then(db: &mut Db, organisation: &OrganisationId, ids: &[&LotId], past: &Past) -> Result<Vec<Balance>> {
    let mut all = balances(db, organisation, ids)?;
    let more = more_now(db, organisation, ids, past)?;
    for balance in &mut all {
        balance.units -= more.get(&balance.id).copied().unwrap_or(0);
    }
    Ok(all)
}

/// Of these lots those of which units had moved, as far as is known.
///
/// # Errors
/// What the database answers.
pub fn there_then(db: &mut Db, organisation: &OrganisationId, ids: &[&LotId], past: &Past) -> Result<BTreeSet<LotId>> {
    let at = past.at.unwrap_or(Moment::LAST);
    let found: Vec<LotId> = match past.leaves() {
        None => postings::table
            .filter(postings::organisation_id.eq(organisation))
            .filter(postings::lot_id.eq_any(ids.iter().copied()).and(postings::counts_at.le(at)))
            .select(postings::lot_id)
            .distinct()
            .load(db)?,
        Some(leaves) => postings::table
            .inner_join(log_leaves::table.on(log_leaves::event_id.eq(postings::event_id)))
            .filter(postings::organisation_id.eq(organisation))
            .filter(postings::lot_id.eq_any(ids.iter().copied()).and(postings::counts_at.le(at)))
            .filter(log_leaves::leaf_index.lt(leaves))
            .select(postings::lot_id)
            .distinct()
            .load(db)?,
    };
    Ok(found.into_iter().collect())
}

/// Units that were on hand, first expired first out: by use-by date, then by account. Accounts of a lot, at a location or at a site (the
/// first of these that is asked for, or the only site that the caller sees) have an order of their own, whatever is in them now; what
/// else is asked for is looked for.
///
/// # Errors
/// What the database answers.
pub fn list_stock_then(
    db: &mut Db,
    caller: &Caller,
    filter: &StockFilter,
    past: &Past,
    after: (NaiveDate, &str),
    limit: i64,
) -> Result<Found<(Balance, Lot), 2>> {
    let (mut items, mut looked_at) = (Vec::new(), 0);
    let mut last = (after.0, after.1.to_owned());
    let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
    loop {
        let accounts = next_accounts(db, caller, filter, (last.0, &last.1))?;
        let is_end = i64::try_from(accounts.len()).is_ok_and(|found| found < AT_ONCE);
        looked_at += AT_ONCE;
        if let Some((balance, _)) = accounts.last() {
            last = (balance.use_by.unwrap_or(NaiveDate::MAX), balance.id.to_string());
        }
        let asked: Vec<_> =
            accounts.into_iter().filter(|(balance, lot)| is_asked_for(caller, filter, balance, lot)).collect();
        let ids: BTreeSet<&LotId> = asked.iter().map(|(_, lot)| &lot.id).collect();
        let more = more_now(db, &caller.organisation_id, &ids.into_iter().collect::<Vec<_>>(), past)?;
        for (mut balance, lot) in asked {
            balance.units -= more.get(&balance.id).copied().unwrap_or(0);
            if balance.units > 0 {
                items.push((balance, lot));
            }
        }
        if items.len() >= wanted || is_end {
            items.truncate(wanted);
            return Ok(Found::all(items));
        }
        if looked_at >= LOOKED_AT_MAX {
            return Ok(Found { items, looked_at: Some([last.0.to_string(), last.1]) });
        }
    }
}

/// The next accounts of a list, whatever is in them: what is not led to is told apart by whoever asks.
fn next_accounts(
    db: &mut Db,
    caller: &Caller,
    filter: &StockFilter,
    after: (NaiveDate, &str),
) -> Result<Vec<(Balance, Lot)>> {
    let later = sql::<Bool>("(accounts.use_by, accounts.id) > (")
        .bind::<Date, _>(after.0)
        .sql(", ")
        .bind::<Text, _>(after.1)
        .sql(")");
    let mut query = accounts::table
        .inner_join(lots::table)
        .filter(accounts::organisation_id.eq(&caller.organisation_id))
        .filter(sql::<Bool>("accounts.use_by IS NOT NULL").and(later))
        .select((Balance::as_select(), Lot::as_select()))
        .order((accounts::use_by, accounts::id))
        .limit(AT_ONCE)
        .into_boxed();
    if let Some(day) = filter.expiring_before {
        query = query.filter(accounts::use_by.assume_not_null().lt(day));
    }
    if let Some(lot) = &filter.lot_id {
        query = query.filter(accounts::lot_id.eq(lot));
    } else if let Some(location) = &filter.location_id {
        query = query.filter(accounts::location_id.eq(location));
    } else if let Some(site) = filter.site_id.as_ref().or(caller.only_site()) {
        query = query.filter(accounts::site_id.eq(site));
    }
    Ok(query.load(db)?)
}

fn is_asked_for(caller: &Caller, filter: &StockFilter, balance: &Balance, lot: &Lot) -> bool {
    let is_there = |site: &SiteId| caller.sees(site) && filter.site_id.as_ref().is_none_or(|asked| asked == site);
    balance.site_id.as_ref().is_some_and(is_there)
        && filter.location_id.as_ref().is_none_or(|asked| Some(asked) == balance.location_id.as_ref())
        && filter.product_id.as_ref().is_none_or(|asked| *asked == lot.product_id)
        && filter.state.is_none_or(|asked| AccountKind::from(asked) == balance.kind)
}

/// What deliveries and their corrections told of lots, in the order of the journal: the lot, the event, and whether it was known.
///
/// # Errors
/// What the database answers.
pub fn deliveries_of(
    db: &mut Db,
    organisation: &OrganisationId,
    ids: &[&LotId],
    leaves: i64,
) -> Result<Vec<(String, Vec<u8>, bool)>> {
    let found: Vec<(String, Vec<u8>, Option<i64>)> = event_subjects::table
        .inner_join(events::table.on(events::id.eq(event_subjects::event_id)))
        .left_join(log_leaves::table.on(log_leaves::event_id.eq(event_subjects::event_id)))
        .filter(event_subjects::organisation_id.eq(organisation))
        .filter(event_subjects::subject.eq_any(ids.iter().map(|id| id.as_str())))
        .filter(event_subjects::strand.eq(Strand::Course))
        .filter(events::kind.eq_any(["stock_received", "receipt_corrected", "opening_stock_attested"]))
        .select((event_subjects::subject, events::bytes, log_leaves::leaf_index.nullable()))
        .order(events::position)
        .load(db)?;
    Ok(found.into_iter().map(|(lot, bytes, leaf)| (lot, bytes, leaf.is_some_and(|leaf| leaf < leaves))).collect())
}
