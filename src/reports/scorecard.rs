//! The scorecard of a supplier: what was ordered of it, what came and when, and what was wrong with it, in a period.
//!
//! Each figure is a count, beside what it rests on: nobody is told a share of how few. It has five looks: orders that were placed
//! in the period, when the first goods of each came, receipts that arrived in it, what was inspected of these, and claims that were
//! opened in it. Each look is at so many at the most.

use chrono_tz::Tz;
use std::collections::HashMap;

use super::wire::{
    Scorecard, ScoredClaims, ScoredCredit, ScoredFlag, ScoredInspections, ScoredOrders, ScoredReason, ScoredReceipts,
    ScoredTimes,
};
use crate::claims::model::{ClaimReason, ClaimState};
use crate::clock::Moment;
use crate::command::View;
use crate::error::{Error, Result};
use crate::http::period::When;
use crate::ids::{SiteId, SupplierId};
use crate::limits::{SCORECARD_DAYS_MAX, SCORECARD_ENTRIES_MAX};
use crate::problem::{Problem, ProblemCode};
use crate::purchasing::service::ScoredOrder;
use crate::receiving::model::Flag;

/// Makes the scorecard.
///
/// # Errors
/// `not_found`, `malformed_query` for a period that is none or too long, `report_too_large`; what the database answers.
pub(super) fn of(view: &mut View<'_>, id: &SupplierId, (from, to): (When, When)) -> Result<Scorecard> {
    let organisation = &view.caller.organisation_id;
    let supplier = crate::suppliers::service::supplier(view.db, organisation, id)?;
    let supplier = supplier.ok_or_else(|| Error::not_found("supplier"))?;
    let (from, to) = (from.begins(Tz::UTC), to.ends(Tz::UTC));
    if to <= from {
        return Err(Error::problem(ProblemCode::MalformedQuery, "to must lie after from."));
    }
    if to > from.plus_days(SCORECARD_DAYS_MAX) {
        let detail = format!("A scorecard is of {SCORECARD_DAYS_MAX} days at the most.");
        return Err(Error::problem(ProblemCode::MalformedQuery, detail));
    }
    let (orders, lead_time) = orders(view, &supplier.id, (from, to))?;
    let (receipts, inspections) = receipts(view, &supplier.id, (from, to))?;
    let claims = claims(view, &supplier.id, (from, to))?;
    Ok(Scorecard {
        supplier_id: supplier.id,
        supplier: supplier.name,
        from,
        to,
        orders,
        lead_time,
        receipts,
        inspections,
        claims,
    })
}

fn expect_at_most(found: usize, what: &str) -> Result<()> {
    if i64::try_from(found).is_ok_and(|found| found <= SCORECARD_ENTRIES_MAX) {
        return Ok(());
    }
    let detail = format!("More than {SCORECARD_ENTRIES_MAX} {what} in that time: ask for a shorter period.");
    Err(Problem::new(ProblemCode::ReportTooLarge, detail).at("to").into())
}

fn orders(view: &mut View<'_>, supplier: &SupplierId, period: (Moment, Moment)) -> Result<(ScoredOrders, ScoredTimes)> {
    let organisation = &view.caller.organisation_id;
    let most = SCORECARD_ENTRIES_MAX.saturating_add(1);
    let found = crate::purchasing::service::scored(view.db, organisation, supplier, period, most)?;
    expect_at_most(found.len(), "orders were placed")?;
    let found: Vec<ScoredOrder> = found.into_iter().filter(|order| view.caller.sees(&order.site_id)).collect();
    let mut scored = ScoredOrders::default();
    for order in &found {
        scored.orders += 1;
        scored.lines = scored.lines.saturating_add(order.lines);
        scored.units_ordered = scored.units_ordered.saturating_add(order.units);
        scored.units_received = scored.units_received.saturating_add(order.units_received);
        if order.is_open() {
            scored.open += 1;
        } else if order.lines_short > 0 {
            scored.short += 1;
            scored.lines_short = scored.lines_short.saturating_add(order.lines_short);
            scored.units_short = scored.units_short.saturating_add(order.units_short);
        }
    }
    Ok((scored, times(view, &found)?))
}

/// How many days each order took until its first goods came: calendar days, as the site has them.
fn times(view: &mut View<'_>, orders: &[ScoredOrder]) -> Result<ScoredTimes> {
    let organisation = &view.caller.organisation_id;
    let ids: Vec<_> = orders.iter().map(|order| &order.id).collect();
    let came: HashMap<_, _> =
        crate::receiving::service::first_arrivals(view.db, organisation, &ids)?.into_iter().collect();
    let mut sites: Vec<SiteId> = orders.iter().map(|order| order.site_id.clone()).collect();
    sites.sort();
    sites.dedup();
    let zones: HashMap<SiteId, Tz> = match sites.is_empty() {
        true => HashMap::new(),
        false => crate::sites::service::sites(view.db, organisation, &sites)?
            .into_iter()
            .map(|site| (site.id, site.time_zone.rules()))
            .collect(),
    };
    let mut days: Vec<i64> = orders
        .iter()
        .filter_map(|order| {
            let zone = zones.get(&order.site_id).copied().unwrap_or(Tz::UTC);
            let came = came.get(&order.id)?.day_in(zone);
            // What was entered as having come before its order was placed took no time.
            Some(came.signed_duration_since(order.placed_at.day_in(zone)).num_days().max(0))
        })
        .collect();
    days.sort_unstable();
    let with_goods = days.len();
    Ok(ScoredTimes {
        orders: i64::try_from(with_goods).unwrap_or(i64::MAX),
        without_goods: i64::try_from(orders.len().saturating_sub(with_goods)).unwrap_or(i64::MAX),
        median_days: days.get(with_goods / 2).copied(),
        worst_days: days.last().copied(),
    })
}

fn receipts(
    view: &mut View<'_>,
    supplier: &SupplierId,
    period: (Moment, Moment),
) -> Result<(ScoredReceipts, ScoredInspections)> {
    let organisation = &view.caller.organisation_id;
    let most = SCORECARD_ENTRIES_MAX.saturating_add(1);
    let found = crate::receiving::service::arrived(view.db, organisation, supplier, period, most)?;
    expect_at_most(found.len(), "deliveries arrived")?;
    let seen = found.into_iter().filter(|(_, site)| view.caller.sees(site));
    let ids: Vec<_> = seen.map(|(id, _)| id).collect();
    let ids: Vec<_> = ids.iter().collect();
    let (lines, units) = crate::receiving::service::brought(view.db, organisation, &ids, None)?;
    let (_, units_replacing) = crate::receiving::service::replacing(view.db, organisation, &ids)?;
    let mut flags = Vec::new();
    for flag in [Flag::ShortDated, Flag::ExpiredOnArrival, Flag::OverDelivered, Flag::NotOrdered, Flag::PriceDiffers] {
        let (lines, units) = crate::receiving::service::brought(view.db, organisation, &ids, Some(flag))?;
        flags.push(ScoredFlag { flag, lines, units });
    }
    let (inspections, units_passed, units_failed) =
        crate::inspections::service::of_receipts(view.db, organisation, &ids)?;
    let receipts = i64::try_from(ids.len()).unwrap_or(i64::MAX);
    let scored = ScoredReceipts { receipts, lines, units, units_replacing, flags };
    Ok((scored, ScoredInspections { inspections, units_passed, units_failed }))
}

fn claims(view: &mut View<'_>, supplier: &SupplierId, period: (Moment, Moment)) -> Result<ScoredClaims> {
    let organisation = &view.caller.organisation_id;
    let most = SCORECARD_ENTRIES_MAX.saturating_add(1);
    let found = crate::claims::service::opened(view.db, organisation, supplier, period, most)?;
    expect_at_most(found.len(), "claims were opened")?;
    let found: Vec<_> = found.into_iter().filter(|claim| view.caller.sees(&claim.site_id)).collect();
    let mut scored = ScoredClaims::default();
    for claim in &found {
        match claim.state {
            ClaimState::Open => scored.open += 1,
            ClaimState::Sent => scored.sent += 1,
            ClaimState::Settled => scored.settled += 1,
            ClaimState::Withdrawn => scored.withdrawn += 1,
        }
        let (Some(credit), Some(currency)) = (claim.credit_minor, &claim.currency) else { continue };
        match scored.credits.iter_mut().find(|sum| sum.currency == *currency) {
            Some(sum) => {
                sum.claims += 1;
                sum.credit_minor = sum.credit_minor.saturating_add(credit);
            }
            None => scored.credits.push(ScoredCredit { currency: currency.clone(), claims: 1, credit_minor: credit }),
        }
    }
    scored.credits.sort_by(|a, b| a.currency.as_str().cmp(b.currency.as_str()));
    let standing = found.iter().filter(|claim| claim.state != ClaimState::Withdrawn);
    let ids: Vec<_> = standing.map(|claim| &claim.id).collect();
    let units: HashMap<ClaimReason, i64> =
        crate::claims::service::units_by_reason(view.db, organisation, &ids)?.into_iter().collect();
    let by_reason = ClaimReason::ALL
        .iter()
        .filter_map(|reason| units.get(reason).map(|units| ScoredReason { reason: *reason, units: *units }));
    scored.units = by_reason.collect();
    Ok(scored)
}
