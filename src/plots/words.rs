//! The same facts in words: for whoever cannot see a plot, and for what has no room in it. Pure.

use super::axes::{celsius, moment};
use super::model::{Bar, KineticMean, Plot, Shade, Stretch};
use crate::excursions::model::{ExcursionKind, ExcursionState};
use crate::values::number;

/// As many times without readings as are told one by one.
const GAPS_MAX: usize = 12;

/// What a plot is of.
pub fn title(plot: &Plot) -> String {
    format!("Temperature of {}, {}", plot.location, plot.site)
}

/// The lowest, the highest and the mean kinetic temperature.
pub fn extremes(plot: &Plot) -> String {
    let Some((lowest, highest)) = plot.extremes_mc else { return "Nothing was measured.".to_owned() };
    let kinetic = match plot.kinetic {
        KineticMean::Of(celsius) => format!("MKT {celsius:.2} °C"),
        KineticMean::Unknown => "MKT unknown".to_owned(),
        KineticMean::DoesNotApply => "no MKT: frozen".to_owned(),
    };
    format!("Lowest {} °C, highest {} °C, {kinetic}", celsius(lowest.into()), celsius(highest.into()))
}

/// What went wrong, in two words.
pub fn kind(kind: ExcursionKind) -> &'static str {
    match kind {
        ExcursionKind::Above => "too warm",
        ExcursionKind::Below => "too cold",
        ExcursionKind::Silent => "sensor silent",
    }
}

/// The mark of each kind, where hatching has no room.
pub fn mark(kind: ExcursionKind) -> &'static str {
    match kind {
        ExcursionKind::Above => "▲",
        ExcursionKind::Below => "▼",
        ExcursionKind::Silent => "?",
    }
}

/// Everything that a plot shows.
pub fn description(plot: &Plot) -> String {
    let mut said = vec![
        format!(
            "From {} to {}, in the time of {}.",
            moment(plot.from_us, plot.zone),
            moment(plot.to_us, plot.zone),
            plot.zone
        ),
        format!("The band is {} to {} °C.", celsius(plot.band_min_mc.into()), celsius(plot.band_max_mc.into())),
    ];
    match plot.extremes_mc {
        Some(_) => said.push(format!("{}; {}.", extremes(plot), number(plot.readings, "reading"))),
        None => said.push(extremes(plot)),
    }
    said.extend(gaps(plot));
    said.extend(plot.excursions.iter().map(|shade| excursion(plot, shade)));
    if plot.excursions.is_empty() {
        said.push("No excursion.".to_owned());
    }
    said.extend(plot.lots.iter().map(|bar| lot(plot, bar)));
    if plot.lots.is_empty() && !plot.more_lots {
        said.push("No units were there.".to_owned());
    }
    said.extend(notes(plot));
    said.join(" ")
}

fn gaps(plot: &Plot) -> Vec<String> {
    let found = if plot.points.is_empty() { Vec::new() } else { plot.gaps() };
    let told = found.iter().take(GAPS_MAX);
    let mut said: Vec<String> = told
        .map(|(from, to)| {
            format!("Nothing was measured from {} to {}.", moment(*from, plot.zone), moment(*to, plot.zone))
        })
        .collect();
    let more = found.len().saturating_sub(GAPS_MAX);
    if more > 0 {
        said.push(format!("Nothing was measured at {more} more times, either."));
    }
    said
}

fn when(plot: &Plot, stretch: &Stretch) -> String {
    let from = moment(stretch.from_us, plot.zone);
    match stretch.is_open {
        true => format!("from {from} on"),
        false => format!("from {from} to {}", moment(stretch.to_us, plot.zone)),
    }
}

fn excursion(plot: &Plot, shade: &Shade) -> String {
    let state = match shade.state {
        ExcursionState::Open => "it goes on",
        ExcursionState::Closed => "nobody has assessed it",
        ExcursionState::Assessed => "assessed",
        ExcursionState::Withdrawn => "withdrawn",
    };
    format!("Excursion, {}: {}; {state}.", kind(shade.kind), when(plot, &shade.when))
}

fn lot(plot: &Plot, bar: &Bar) -> String {
    let there: Vec<_> = bar.there.iter().map(|stretch| when(plot, stretch)).collect();
    if there.is_empty() {
        return known(plot, bar).unwrap_or_default();
    }
    let mut said = format!("Lot {} of {} was there {}.", bar.lot, bar.product, there.join(" and "));
    for (of, stretch) in &bar.exposed {
        let exposed = match of {
            ExcursionKind::Silent => "Nobody knows how warm it was there",
            ExcursionKind::Above => "It was too warm there",
            ExcursionKind::Below => "It was too cold there",
        };
        said.push_str(&format!(" {exposed} {}.", when(plot, stretch)));
    }
    if let Some(since) = known(plot, bar) {
        said.push_str(&format!(" {since}"));
    }
    said
}

/// Since when it is known where a lot was, if not from the beginning.
pub fn known(plot: &Plot, bar: &Bar) -> Option<String> {
    let since = bar.known_since_us?;
    Some(format!("Lot {} is followed back to {} only: so much moved since.", bar.lot, moment(since, plot.zone)))
}

/// What a plot leaves out, or knows less well.
pub fn notes(plot: &Plot) -> Vec<String> {
    let mut said = Vec::new();
    if let Some(until) = plot.hourly_until_us {
        said.push(format!("Readings from before {} were let go: it is drawn by the hour.", moment(until, plot.zone)));
    }
    if plot.more_excursions {
        said.push("There are more excursions than are drawn: ask for a shorter time.".to_owned());
    }
    if let Some(since) = plot.excursions_since_us {
        said.push(format!("Excursions that began before {} are not looked for.", moment(since, plot.zone)));
    }
    if plot.more_lots {
        said.push("And there may be more lots.".to_owned());
    }
    said
}
