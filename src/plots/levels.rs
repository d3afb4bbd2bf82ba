//! Stock against level: what a site had of a product at the end of each week, beside what it keeps. Facts in, SVG out; what is drawn
//! can be read 360 pixels wide, on paper and without colours, and says the same in words.

use chrono_tz::Tz;

use super::axes;
use super::frame::{BOTTOM, LEFT, LINE, RIGHT, Sheet, TOP, heading};
use super::svg::{Svg, Tenths};
use crate::clock::Moment;
use crate::command::View;
use crate::error::Result;
use crate::ids::{ProductId, SiteId};

/// How many weeks it looks back.
const WEEKS: i64 = 13;
/// As many marks as the axis of units has at the most.
const MARKS_MAX: i64 = 6;

/// What is drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LevelPlot {
    /// The product.
    pub product_id: ProductId,
    /// Its name.
    pub product: String,
    /// The name of the site.
    pub site: String,
    /// Its time zone.
    pub zone: Tz,
    /// When, in microseconds since 1970, and how many units were there, whatever their disposition.
    pub points: Vec<(i64, i64)>,
    /// The least and the most that is kept, in units; none where no level was set.
    pub level: Option<(i64, i64)>,
}

/// Reads what is drawn.
///
/// # Errors
/// `reference_unknown`, `replenishment_too_large`; what the database answers.
pub fn plot(view: &mut View<'_>, site: &SiteId, product: &ProductId) -> Result<LevelPlot> {
    let organisation = &view.caller.organisation_id;
    let site = crate::sites::service::expect_site(view.db, view.caller, site)?;
    let product = crate::catalogue::service::expect(view.db, organisation, product)?;
    let moments: Vec<Moment> = (0..=WEEKS).rev().map(|weeks| view.now.plus_days(-7 * weeks)).collect();
    let units = crate::replenishment::service::course(view.db, organisation, &site.id, &product.id, &moments)?;
    let level = crate::replenishment::service::level(view.db, organisation, &site.id, &product.id)?;
    let pack = product.units_per_pack.get();
    Ok(LevelPlot {
        product_id: product.id,
        product: product.name.to_string(),
        site: site.name.to_string(),
        zone: site.time_zone.rules(),
        points: moments.iter().map(|moment| moment.unix_micros()).zip(units).collect(),
        level: level.map(|level| (level.minimum_packs.saturating_mul(pack), level.maximum_packs.saturating_mul(pack))),
    })
}

/// The marks of an axis from nothing to at least so much: round numbers, the last not below it.
pub(super) fn marks(most: i64) -> Vec<i64> {
    let most = most.max(1);
    let mut steps =
        (0..18_u32).flat_map(|power| [1, 2, 5].map(|factor| 10_i64.saturating_pow(power).saturating_mul(factor)));
    let step = steps.find(|step| most.div_euclid(*step) < MARKS_MAX).unwrap_or(most);
    let last = most.div_euclid(step) + i64::from(most.rem_euclid(step) > 0);
    (0..=last).map(|mark| mark.saturating_mul(step)).collect()
}

/// Where moments and units are.
struct Frame<'a> {
    plot: &'a LevelPlot,
    marks: Vec<i64>,
}

impl Frame<'_> {
    fn span(&self) -> (i64, i64) {
        let first = self.plot.points.first().map_or(0, |(at, _)| *at);
        (first, self.plot.points.last().map_or(first, |(at, _)| *at))
    }

    fn x(&self, at: i64) -> Tenths {
        let (from, to) = self.span();
        Tenths(LEFT + at.saturating_sub(from).saturating_mul(RIGHT - LEFT) / to.saturating_sub(from).max(1))
    }

    fn y(&self, units: i64) -> Tenths {
        let top = self.marks.last().copied().unwrap_or(1).max(1);
        Tenths(BOTTOM - units.saturating_mul(BOTTOM - TOP) / top)
    }
}

/// What it says in words.
fn description(plot: &LevelPlot) -> String {
    let weekly: Vec<String> = plot.points.iter().map(|(_, units)| units.to_string()).collect();
    let level = match plot.level {
        Some((minimum, maximum)) => format!(" Kept are {minimum} to {maximum} units."),
        None => " No level was set.".to_owned(),
    };
    format!("Units of {} at {}, a week apart, the last now: {}.{level}", plot.product, plot.site, weekly.join(", "))
}

/// Draws stock against level.
pub fn draw(plot: &LevelPlot) -> String {
    let most = plot.points.iter().map(|(_, units)| *units).chain(plot.level.map(|(_, maximum)| maximum)).max();
    let frame = Frame { plot, marks: marks(most.unwrap_or(0)) };
    let sheet = Sheet {
        id: plot.product_id.to_string(),
        height: Tenths(BOTTOM + 3 * LINE),
        title: named(plot),
        description: description(plot),
    };
    sheet.around(
        |_| (),
        |svg| {
            head(svg, &frame);
            axis(svg, &frame);
            stock(svg, &frame);
            level(svg, &frame);
            times(svg, &frame);
        },
    )
}

fn named(plot: &LevelPlot) -> String {
    format!("{}, {}", plot.product, plot.site)
}

fn head(svg: &mut Svg, frame: &Frame<'_>) {
    let plot = frame.plot;
    heading(svg, &named(plot), frame.span(), plot.zone);
    let last = plot.points.last().map_or(0, |(_, units)| *units);
    svg.text("text", &[("x", &8), ("y", &42)], &format!("units at the site, now {last}"));
    svg.line();
}

/// The axis of units, with a line for each mark.
fn axis(svg: &mut Svg, frame: &Frame<'_>) {
    for mark in &frame.marks {
        let y = frame.y(*mark);
        svg.element(
            "line",
            &[
                ("x1", &Tenths(LEFT)),
                ("x2", &Tenths(RIGHT)),
                ("y1", &y),
                ("y2", &y),
                ("stroke", &"#ccc"),
                ("stroke-width", &0.5),
            ],
        );
        let label: [(&str, &dyn std::fmt::Display); 3] =
            [("x", &Tenths(LEFT - 40)), ("y", &Tenths(y.0 + 35)), ("text-anchor", &"end")];
        svg.text("text", &label, &mark.to_string());
    }
    svg.line();
}

/// What was there, from week to week, with a mark for each.
fn stock(svg: &mut Svg, frame: &Frame<'_>) {
    let places = frame.plot.points.iter().map(|(at, units)| (frame.x(*at), frame.y(*units)));
    let points: Vec<String> = places.clone().map(|(x, y)| format!("{x},{y}")).collect();
    let line: [(&str, &dyn std::fmt::Display); 5] = [
        ("data-stock", &""),
        ("points", &points.join(" ")),
        ("fill", &"none"),
        ("stroke", &"#000"),
        ("stroke-width", &1.5),
    ];
    svg.element("polyline", &line);
    for ((x, y), (at, units)) in places.zip(&frame.plot.points) {
        let said = Moment::at_unix_micros(*at);
        svg.element("circle", &[("data-at", &said), ("data-units", units), ("cx", &x), ("cy", &y), ("r", &2)]);
    }
    svg.line();
}

/// What is kept: two lines, each of a form of its own.
fn level(svg: &mut Svg, frame: &Frame<'_>) {
    let Some((minimum, maximum)) = frame.plot.level else { return };
    for (name, units, dashes) in [("max", maximum, "6 3"), ("min", minimum, "2 3")] {
        let y = frame.y(units);
        svg.element(
            "line",
            &[
                ("data-level", &name),
                ("data-units", &units),
                ("x1", &Tenths(LEFT)),
                ("x2", &Tenths(RIGHT)),
                ("y1", &y),
                ("y2", &y),
                ("stroke", &"#0038b8"),
                ("stroke-width", &1),
                ("stroke-dasharray", &dashes),
            ],
        );
        svg.over((Tenths(RIGHT - 20), Tenths(y.0 - 30)), "end", &format!("{name} {units}"));
    }
    svg.line();
}

/// The axis of time, in the local days of the site.
fn times(svg: &mut Svg, frame: &Frame<'_>) {
    let (from, to) = frame.span();
    for tick in axes::times(from, to, frame.plot.zone) {
        let x = frame.x(tick.at_us);
        let (top, bottom) = (Tenths(BOTTOM), Tenths(BOTTOM + 50));
        svg.element(
            "line",
            &[("x1", &x), ("x2", &x), ("y1", &top), ("y2", &bottom), ("stroke", &"#000"), ("stroke-width", &1)],
        );
        let label: [(&str, &dyn std::fmt::Display); 3] =
            [("x", &x), ("y", &Tenths(BOTTOM + LINE + 40)), ("text-anchor", &"middle")];
        svg.text("text", &label, &tick.label);
    }
    svg.line();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_has_few_round_marks_and_room_for_all() {
        for (most, last, step) in
            [(0, 1, 1), (1, 1, 1), (5, 5, 1), (6, 6, 2), (9, 10, 2), (23, 25, 5), (60, 60, 20), (999, 1_000, 200)]
        {
            let marks = marks(most);
            assert_eq!((marks.last(), marks.get(1)), (Some(&last), Some(&step)), "{most}: {marks:?}");
            assert!(marks.len() <= 7 && last >= most);
        }
    }
}
