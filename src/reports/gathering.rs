//! A report in the making: which lots, then what moved of them, a few at a time, so that nobody who reads waits for all of it.

use std::collections::{BTreeMap, BTreeSet};

use super::model::{End, Sums};
use super::wire::{PeriodReport, ReportedLot};
use crate::clock::Moment;
use crate::command::{DAYS_BACK, View};
use crate::custody_log::past::Past;
use crate::error::{Error, Result};
use crate::http::commands::Queries;
use crate::http::period::When;
use crate::ids::{AccountId, LotId, SiteId};
use crate::limits::{REPORT_CANDIDATES_MAX, REPORT_LOTS_MAX};
use crate::problem::{Problem, ProblemCode};
use crate::stock::service::{self as stock, Looked};

/// Lots that are read together.
const LOTS_AT_ONCE: usize = 50;

/// What a report is asked about.
#[derive(Clone)]
struct Asked {
    site: SiteId,
    from: Moment,
    to: Moment,
    past: Past,
}

/// Makes the report on a period. Each lot is as of when it is read, and adds up by itself: units never change their lot. With
/// `as_of` all of them are as of then.
///
/// # Errors
/// `reference_unknown`, `malformed_query`, `report_too_large`; what the database answers.
pub(super) async fn report(
    queries: &Queries,
    site: SiteId,
    (from, to): (When, When),
    past: Past,
) -> std::result::Result<PeriodReport, Problem> {
    let begin = move |view: &mut View<'_>| begin(view, &site, (from, to), past);
    let report = queries.clone().run(begin).await?;
    let asked = Asked { site: report.site_id.clone(), from: report.from, to: report.to, past };
    let mut lots: BTreeSet<LotId> = BTreeSet::new();
    let mut looked = Some(Looked::START);
    while let Some(place) = looked {
        let (site, since) = (asked.site.clone(), since(&asked));
        let look = move |view: &mut View<'_>| {
            stock::lots_of_period(view.db, &view.caller.organisation_id, &site, since, place)
        };
        let (found, next) = queries.clone().run(look).await?;
        lots.extend(found);
        expect_at_most(lots.len(), REPORT_CANDIDATES_MAX)?;
        looked = next;
    }
    let lots: Vec<LotId> = lots.into_iter().collect();
    let mut rows = Vec::new();
    for part in lots.chunks(LOTS_AT_ONCE) {
        let (asked, part) = (asked.clone(), part.to_vec());
        rows.extend(queries.clone().run(move |view| tell(view, &asked, &part)).await?);
        expect_at_most(rows.len(), REPORT_LOTS_MAX)?;
    }
    Ok(report.with(rows))
}

fn expect_at_most(lots: usize, most: usize) -> Result<()> {
    if lots <= most {
        return Ok(());
    }
    let why = format!(
        "More than {most} lots were at the site or moved there: ask for a shorter period, or for the movements."
    );
    Err(Problem::new(ProblemCode::ReportTooLarge, why).at("to").into())
}

/// What a report says before its lots.
fn begin(view: &mut View<'_>, site: &SiteId, (from, to): (When, When), past: Past) -> Result<PeriodReport> {
    let site = crate::sites::service::expect_site(view.db, view.caller, site)?;
    // As it was known: what is called otherwise since makes no report of then another one.
    let site = crate::versions::at(view.db, &view.caller.organisation_id, site, known_by(&past))?;
    let zone = site.time_zone.rules();
    let (from, to) = (from.begins(zone), to.ends(zone));
    if to <= from {
        return Err(Error::problem(ProblemCode::MalformedQuery, "to must lie after from."));
    }
    Ok(PeriodReport {
        site_id: site.id,
        site: site.name,
        time_zone: site.time_zone,
        from,
        to,
        made_at: view.now,
        made_for: view.caller.subject.clone(),
        tree_size: past.tree_size(),
        lots: Vec::new(),
        products: Vec::new(),
        totals: Sums::default(),
    })
}

/// Since when accounts have moved that the report may be about. One that is empty now may have had units as far as was known then: what
/// was entered later cannot have happened much earlier (DOMAIN rule 20a).
fn since(asked: &Asked) -> Moment {
    let known = asked.past.known.map(|known| known.by.plus_days(-(DAYS_BACK + 1)));
    known.map_or(asked.from, |known| known.min(asked.from))
}

/// Until when what was recorded is known, where not all of it is.
fn known_by(past: &Past) -> Option<Moment> {
    past.known.map(|known| known.by)
}

/// What became of these lots; those of which nothing was there and nothing moved are left out.
fn tell(view: &mut View<'_>, asked: &Asked, ids: &[LotId]) -> Result<Vec<ReportedLot>> {
    let organisation = &view.caller.organisation_id;
    let ids: Vec<&LotId> = ids.iter().collect();
    let before = Moment::at_unix_micros(asked.to.unix_micros().saturating_sub(1));
    let ended = Past { at: Some(before), known: asked.past.known };
    let balances = stock::balances_then(view.db, organisation, &ids, &ended)?;
    let mut closing: BTreeMap<&LotId, i64> = BTreeMap::new();
    let mut ends: BTreeMap<&AccountId, (&LotId, End)> = BTreeMap::new();
    for balance in &balances {
        let end = match &balance.site_id {
            Some(site) if *site == asked.site => End::Here,
            Some(_) => End::Elsewhere,
            None => End::Outside(balance.kind),
        };
        if end == End::Here {
            *closing.entry(&balance.lot_id).or_default() += balance.units;
        }
        ends.insert(&balance.id, (&balance.lot_id, end));
    }
    let (period, leaves) = ((asked.from, asked.to), asked.past.leaves());
    let mut flows = stock::moved_between(view.db, organisation, &ids, period, leaves)?;
    let end = |id: &AccountId| ends.get(id).copied();
    let is_outside = |id: &AccountId| matches!(end(id), Some((_, End::Outside(_))));
    let count = flows.len();
    flows.retain(|flow| !(is_outside(&flow.from) && is_outside(&flow.to)));
    if flows.len() < count {
        // What moved between two accounts outside moved where it was recorded.
        let outside: Vec<&AccountId> = ends.keys().filter(|id| is_outside(id)).copied().collect();
        flows.extend(stock::moved_outside(view.db, organisation, &asked.site, &ids, &outside, period, leaves)?);
    }
    let mut sums: BTreeMap<&LotId, Sums> = BTreeMap::new();
    for flow in &flows {
        let (Some((lot, from)), Some((_, to))) = (end(&flow.from), end(&flow.to)) else {
            return Err(Error::internal("a posting between accounts that are not there"));
        };
        let is_of_others = |end: End, other: End| end == End::Elsewhere && other != End::Here;
        if !is_of_others(from, to) && !is_of_others(to, from) {
            sums.entry(lot).or_default().take(from, to, flow.units);
        }
    }
    let mut rows = Vec::new();
    for lot in stock::lots(view.db, organisation, &ids)? {
        let sums = sums.get(&lot.id).copied().unwrap_or_default();
        let sums = sums.ending_with(closing.get(&lot.id).copied().unwrap_or(0));
        if sums.is_nothing() {
            continue;
        }
        let product = crate::catalogue::service::remembered(&mut view.known, view.db, organisation, &lot.product_id)?;
        let product = product.ok_or_else(|| Error::internal("a lot of no product"))?;
        let product = crate::versions::at(view.db, organisation, product, known_by(&asked.past))?;
        let (product_id, lot_id) = (lot.product_id, lot.id);
        rows.push(ReportedLot { product_id, product: product.name, lot_id, lot: lot.lot, expiry: lot.expiry, sums });
    }
    Ok(rows)
}
