//! What a plot shows is read: readings, excursions, and which units were there.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::model::{Bar, KineticMean, Plot, Point, Shade, Stretch};
use crate::clock::Moment;
use crate::command::View;
use crate::error::{Error, Result};
use crate::excursions::model::{Excursion, ExcursionKind::Silent};
use crate::ids::{ExcursionId, LocationId, LotId, ProductId};
use crate::limits::{LOOKED_AT_MAX, PLOT_EXCURSIONS_MAX, PLOT_LOTS_MAX};
use crate::sensors::climate::{Buckets, Climate, Span, Spans};
use crate::sensors::kinetic::millionths;
use crate::sensors::rules::has_kinetic_mean;
use crate::stock::model::Lot;
use crate::stock::service::Presence;

/// As many excursions of each state as are looked at: those that are drawn are among the last that began before the end.
const EXCURSIONS_LOOKED_AT: i64 = 500;
/// As many lots as are looked at for one that is drawn: units of one that is there now may have come later.
const TRIES: usize = 4;

/// What was measured at a location, and what was there.
///
/// # Errors
/// `not_found`; what the database answers.
pub fn plot(view: &mut View<'_>, id: &LocationId, asked: Buckets) -> Result<Plot> {
    let found = crate::sensors::service::climate(view, id, asked)?;
    let Climate { location, spans, whole, let_go_before } = found;
    let site = crate::sites::service::site(view.db, &view.caller.organisation_id, &location.site_id)?;
    let site = site.ok_or_else(|| Error::internal("a location at no site"))?;
    let has_mean = has_kinetic_mean(&location);
    let mut plot = Plot {
        location_id: location.id,
        location: location.name.to_string(),
        site: site.name.to_string(),
        zone: site.time_zone.rules(),
        from_us: asked.from_us,
        to_us: asked.to_us,
        band_min_mc: location.min_mc,
        band_max_mc: location.max_mc,
        readings: whole.count,
        extremes_mc: whole.min_mc.zip(whole.max_mc),
        kinetic: kinetic(&whole, has_mean),
        points: points(&spans),
        excursions: Vec::new(),
        hourly_until_us: let_go_before.map(Moment::unix_micros),
        more_excursions: false,
        excursions_since_us: None,
        lots: Vec::new(),
        more_lots: false,
    };
    excursions(view, &mut plot)?;
    lots(view, &mut plot)?;
    Ok(plot)
}

fn kinetic(whole: &Span, has_mean: bool) -> KineticMean {
    match whole.mkt_c() {
        _ if !has_mean => KineticMean::DoesNotApply,
        Some(celsius) => KineticMean::Of(celsius),
        None => KineticMean::Unknown,
    }
}

/// The buckets that have readings. One is joined to the last before it when no bucket between begins after a silence.
fn points(spans: &Spans) -> Vec<Point> {
    let mut points = Vec::new();
    let mut is_joined = true;
    for (from_us, to_us, span) in spans.iter() {
        is_joined &= span.is_joined;
        let mean_mc = span.mean_c().and_then(millionths).and_then(|uc| i32::try_from(uc / 1000).ok());
        if let (Some(min_mc), Some(max_mc), Some(mean_mc)) = (span.min_mc, span.max_mc, mean_mc) {
            points.push(Point { from_us, to_us, min_mc, max_mc, mean_mc, is_joined });
            is_joined = true;
        }
    }
    points
}

/// Until when anything can have happened.
fn until(view: &View<'_>, plot: &Plot) -> Moment {
    Moment::at_unix_micros(plot.to_us).min(view.now)
}

fn excursions(view: &mut View<'_>, plot: &mut Plot) -> Result<()> {
    let (from, to) = (Moment::at_unix_micros(plot.from_us), until(view, plot));
    let organisation = &view.caller.organisation_id;
    let begun =
        crate::excursions::service::begun_before(view.db, organisation, &plot.location_id, to, EXCURSIONS_LOOKED_AT)?;
    let by_state = begun.chunk_by(|one, other| one.state == other.state);
    let full = by_state.filter(|of| i64::try_from(of.len()).is_ok_and(|found| found >= EXCURSIONS_LOOKED_AT));
    plot.excursions_since_us = full.filter_map(|of| of.last()).map(|oldest| oldest.opened_at.unix_micros()).max();
    let mut found: Vec<Excursion> = begun;
    found.retain(|excursion| excursion.closed_at.is_none_or(|closed_at| closed_at > from));
    // Should there be too many, those that hold units come before silences, and the latest first.
    found.sort_by_key(|excursion| Reverse((excursion.holds(), excursion.opened_at)));
    plot.more_excursions = found.len() > PLOT_EXCURSIONS_MAX;
    found.truncate(PLOT_EXCURSIONS_MAX);
    found.sort_by(|one, other| (one.opened_at, &one.id).cmp(&(other.opened_at, &other.id)));
    plot.excursions = found
        .into_iter()
        .map(|excursion| Shade {
            when: within((from, to), (excursion.opened_at, excursion.closed_at)),
            id: excursion.id,
            kind: excursion.kind,
            state: excursion.state,
        })
        .collect();
    Ok(())
}

/// As much of a time as lies within another; without an end, or with a later one, it goes on.
fn within((from, to): (Moment, Moment), (begins, ends): (Moment, Option<Moment>)) -> Stretch {
    Stretch {
        from_us: begins.max(from).unix_micros(),
        to_us: ends.map_or(to, |ends| ends.min(to)).unix_micros(),
        is_open: ends.is_none_or(|ends| ends > to),
    }
}

fn lots(view: &mut View<'_>, plot: &mut Plot) -> Result<()> {
    let (from, to) = (Moment::at_unix_micros(plot.from_us), until(view, plot));
    if to <= from {
        return Ok(());
    }
    let organisation = view.caller.organisation_id.clone();
    let shown: Vec<&ExcursionId> = plot.excursions.iter().map(|shade| &shade.id).collect();
    let exposed = crate::excursions::service::exposed_lots(view.db, &organisation, &shown, LOOKED_AT_MAX)?;
    let (there, is_all) = crate::stock::service::lots_at(view.db, &organisation, &plot.location_id, from)?;
    let mut of_lot: BTreeMap<&LotId, BTreeSet<&ExcursionId>> = BTreeMap::new();
    exposed.iter().for_each(|(excursion, lot)| {
        of_lot.entry(lot).or_default().insert(excursion);
    });
    let others = there.iter().filter(|lot| !of_lot.contains_key(lot));
    let is_silent = |id: &ExcursionId| plot.excursions.iter().any(|shade| shade.id == *id && shade.kind == Silent);
    let mut first: Vec<&LotId> = of_lot.keys().rev().copied().collect();
    first.sort_by_key(|lot| of_lot.get(*lot).is_none_or(|ids| ids.iter().all(|id| is_silent(id))));
    let candidates: Vec<&LotId> = first.into_iter().chain(others).collect();
    let mut bars: Vec<(&LotId, Presence)> = Vec::new();
    let mut looked_at = 0;
    for lot in candidates.iter().take(PLOT_LOTS_MAX * TRIES) {
        if bars.len() == PLOT_LOTS_MAX {
            break;
        }
        looked_at += 1;
        let presence = crate::stock::service::presence(view.db, &organisation, lot, &plot.location_id, (from, to))?;
        if !presence.times.is_empty() || presence.known_since.is_some() {
            bars.push((lot, presence));
        }
    }
    plot.more_lots = looked_at < candidates.len() || !is_all;
    let ids: Vec<&LotId> = bars.iter().map(|(lot, _)| *lot).collect();
    let found = crate::stock::service::lots(view.db, &organisation, &ids)?;
    let mut names: BTreeMap<ProductId, String> = BTreeMap::new();
    for (id, presence) in bars {
        let Some(lot) = found.iter().find(|lot| lot.id == *id) else { continue };
        if !names.contains_key(&lot.product_id) {
            let product = crate::catalogue::service::find(view.db, &organisation, &lot.product_id)?;
            names.insert(lot.product_id.clone(), product.map_or_else(String::new, |product| product.name.to_string()));
        }
        let name = names.get(&lot.product_id).cloned().unwrap_or_default();
        let to_blame = of_lot.get(id);
        let shades = plot.excursions.iter().filter(|shade| to_blame.is_some_and(|ids| ids.contains(&shade.id)));
        plot.lots.push(bar(lot, name, &presence, shades, (from, to)));
    }
    Ok(())
}

fn bar<'a>(
    lot: &Lot,
    product: String,
    presence: &Presence,
    shades: impl Iterator<Item = &'a Shade>,
    span: (Moment, Moment),
) -> Bar {
    let there: Vec<Stretch> = presence.times.iter().map(|time| within(span, *time)).collect();
    let exposed =
        shades.flat_map(|shade| there.iter().filter_map(|there| Some((shade.kind, both(there, &shade.when)?))));
    let exposed = exposed.collect();
    Bar {
        lot_id: lot.id.clone(),
        lot: lot.lot.to_string(),
        product,
        exposed,
        there,
        known_since_us: presence.known_since.map(Moment::unix_micros),
    }
}

/// What two stretches have in common.
fn both(one: &Stretch, other: &Stretch) -> Option<Stretch> {
    let (from_us, to_us) = (one.from_us.max(other.from_us), one.to_us.min(other.to_us));
    (from_us < to_us).then_some(Stretch { from_us, to_us, is_open: one.is_open && other.is_open })
}
