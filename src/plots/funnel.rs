//! A funnel: adverse events of each lot of a product against the units of it that were administered, with what is to be expected of a lot
//! that is like the others. Facts in, SVG out; it can be read on paper and without colours, and says the same in words.

use std::fmt::Display;

use super::frame::{BOTTOM, LEFT, LINE, RIGHT, Sheet, TOP, WIDTH};
use super::levels::marks;
use super::svg::{Svg, Tenths, fitted};
use crate::safety::interval::{Compared, Ratio, decimal, expected, real};
use crate::safety::signals::{Funnel, Point};
use crate::values::number;

/// Into how many pieces the curves of the limits are cut.
const PIECES: i64 = 80;
/// As many flagged lots as are told one by one.
const TOLD_MAX: usize = 20;

/// Where units and events are.
struct Frame<'a> {
    plot: &'a Funnel,
    units: Vec<i64>,
    events: Vec<i64>,
}

impl<'a> Frame<'a> {
    fn of(plot: &'a Funnel) -> Self {
        let most_units = plot.points.iter().map(|point| point.compared.units).max().unwrap_or(0).max(1);
        let units = marks(most_units);
        let last = units.last().copied().unwrap_or(1);
        let (_, high) = expected(rate(plot) * real(last));
        let most_events = plot.points.iter().map(|point| point.compared.events).max().unwrap_or(0);
        Frame { plot, units, events: marks(most_events.max(whole(high))) }
    }

    fn most(marks: &[i64]) -> i64 {
        marks.last().copied().unwrap_or(1).max(1)
    }

    fn x(&self, units: i64) -> Tenths {
        Tenths(LEFT + whole(real(units) * real(RIGHT - LEFT) / real(Self::most(&self.units))))
    }

    fn y(&self, events: f64) -> Tenths {
        let most = real(Self::most(&self.events));
        Tenths(BOTTOM - whole(events.clamp(0.0, most) * real(BOTTOM - TOP) / most))
    }
}

/// A length as a whole number.
fn whole(length: f64) -> i64 {
    format!("{length:.0}").parse().unwrap_or(0)
}

/// Events for each unit of the product.
fn rate(plot: &Funnel) -> f64 {
    if plot.units > 0 { real(plot.events) / real(plot.units) } else { 0.0 }
}

fn title(plot: &Funnel) -> String {
    format!("Adverse events of {}, lot by lot", plot.product)
}

fn flagged(plot: &Funnel) -> impl Iterator<Item = (&Point, Ratio)> {
    plot.points.iter().map(|point| (point, point.compared.ratio())).filter(|(_, ratio)| ratio.flagged)
}

/// The rate of the product, in words.
fn overall(plot: &Funnel) -> String {
    let (events, units) = (number(plot.events, "adverse event"), number(plot.units, "unit"));
    let share = whole(rate(plot) * 1_000_000.0);
    format!("{events} of {units} administered: {} in a thousand", crate::values::decimal(share.saturating_mul(1_000)))
}

/// What it says in words.
fn description(plot: &Funnel) -> String {
    let mut said = vec![format!("{}.", overall(plot)), notes(plot)];
    for (point, ratio) in flagged(plot).take(TOLD_MAX) {
        let Compared { events, units, .. } = point.compared;
        let upper = ratio.upper.map_or_else(|| "no upper limit".to_owned(), decimal);
        said.push(format!(
            "Lot {} is flagged: {} of {}, lower limit {} and {upper} of the ratio of its rate to that of the others.",
            point.lot,
            number(events, "adverse event"),
            number(units, "unit"),
            decimal(ratio.lower),
        ));
    }
    if flagged(plot).next().is_none() {
        said.push("No lot is flagged.".to_owned());
    }
    said.join(" ")
}

/// How many lots are drawn, and whether there are more.
fn notes(plot: &Funnel) -> String {
    let drawn = number(i64::try_from(plot.points.len()).unwrap_or(i64::MAX), "lot");
    match plot.is_more {
        true => format!("{drawn} drawn, those with the most adverse events and units; there are more."),
        false => format!("{drawn} drawn."),
    }
}

/// Draws a funnel.
pub fn draw(plot: &Funnel) -> String {
    let frame = Frame::of(plot);
    let sheet = Sheet {
        id: plot.product_id.to_string(),
        height: Tenths(BOTTOM + 6 * LINE),
        title: title(plot),
        description: description(plot),
    };
    sheet.around(
        |_| (),
        |svg| {
            head(svg, plot);
            axes(svg, &frame);
            limits(svg, &frame);
            points(svg, &frame);
            foot(svg, plot);
        },
    )
}

fn head(svg: &mut Svg, plot: &Funnel) {
    let bold: [(&str, &dyn Display); 4] = [("x", &8), ("y", &14), ("font-size", &12), ("font-weight", &"bold")];
    svg.text("text", &bold, &fitted(&title(plot), (WIDTH - 160) * 4 / 5));
    svg.text("text", &[("x", &8), ("y", &28)], &fitted(&overall(plot), WIDTH - 160));
    svg.text("text", &[("x", &8), ("y", &48)], "adverse events");
    svg.line();
}

/// A line of the grid.
fn ruled(svg: &mut Svg, (x1, y1): (Tenths, Tenths), (x2, y2): (Tenths, Tenths)) {
    let line: [(&str, &dyn Display); 6] =
        [("x1", &x1), ("x2", &x2), ("y1", &y1), ("y2", &y2), ("stroke", &"#ccc"), ("stroke-width", &0.5)];
    svg.element("line", &line);
}

fn axes(svg: &mut Svg, frame: &Frame<'_>) {
    for mark in &frame.events {
        let y = frame.y(real(*mark));
        ruled(svg, (Tenths(LEFT), y), (Tenths(RIGHT), y));
        let label: [(&str, &dyn Display); 3] =
            [("x", &Tenths(LEFT - 40)), ("y", &Tenths(y.0 + 35)), ("text-anchor", &"end")];
        svg.text("text", &label, &mark.to_string());
    }
    for mark in &frame.units {
        let x = frame.x(*mark);
        ruled(svg, (x, Tenths(BOTTOM)), (x, Tenths(BOTTOM + 50)));
        let anchor = if *mark == frame.units.last().copied().unwrap_or(0) { "end" } else { "middle" };
        let label: [(&str, &dyn Display); 3] =
            [("x", &x), ("y", &Tenths(BOTTOM + LINE + 40)), ("text-anchor", &anchor)];
        svg.text("text", &label, &mark.to_string());
    }
    let under: [(&str, &dyn Display); 3] =
        [("x", &Tenths(RIGHT)), ("y", &Tenths(BOTTOM + 2 * LINE + 40)), ("text-anchor", &"end")];
    svg.text("text", &under, "units administered");
    svg.line();
}

/// The rate of the product, and between which numbers of events 95 % of lots lie that are like it.
fn limits(svg: &mut Svg, frame: &Frame<'_>) {
    let most = Frame::most(&frame.units);
    let at = |piece: i64| real(most) * real(piece) / real(PIECES);
    let curve = |of: &dyn Fn(f64) -> f64| -> String {
        let place = |piece: i64| {
            let x = Tenths(LEFT + (RIGHT - LEFT) * piece / PIECES);
            format!("{x},{}", frame.y(of(rate(frame.plot) * at(piece))))
        };
        (0..=PIECES).map(place).collect::<Vec<_>>().join(" ")
    };
    let lines: [(&str, &dyn Fn(f64) -> f64, &str); 3] = [
        ("rate", &|mean| mean, "none"),
        ("lower", &|mean| expected(mean).0, "5 3"),
        ("upper", &|mean| expected(mean).1, "5 3"),
    ];
    for (name, of, dashes) in lines {
        let points = curve(of);
        let line: [(&str, &dyn Display); 6] = [
            ("data-limit", &name),
            ("points", &points),
            ("fill", &"none"),
            ("stroke", &"#0038b8"),
            ("stroke-width", &1),
            ("stroke-dasharray", &dashes),
        ];
        svg.element("polyline", &line);
        svg.line();
    }
}

/// A ring for each lot; a filled square with the lot's text for each that is flagged.
fn points(svg: &mut Svg, frame: &Frame<'_>) {
    for point in &frame.plot.points {
        let Compared { events, units, .. } = point.compared;
        let (x, y, is_flagged) = (frame.x(units), frame.y(real(events)), point.compared.ratio().flagged);
        let data: [(&str, &dyn Display); 4] = [
            ("data-lot", &point.lot_id),
            ("data-events", &events),
            ("data-units", &units),
            ("data-flagged", &is_flagged),
        ];
        svg.begin("g", &data);
        let said = format!("Lot {}: {} of {}", point.lot, number(events, "adverse event"), number(units, "unit"));
        svg.text("title", &[], &said);
        if is_flagged {
            let square: [(&str, &dyn Display); 4] =
                [("x", &Tenths(x.0 - 35)), ("y", &Tenths(y.0 - 35)), ("width", &7), ("height", &7)];
            svg.element("rect", &square);
            let is_right = x.0 > (LEFT + RIGHT) / 2;
            let (beside, anchor) = if is_right { (x.0 - 70, "end") } else { (x.0 + 70, "start") };
            svg.over((Tenths(beside), Tenths(y.0 + 35)), anchor, point.lot.as_str());
        } else {
            let ring: [(&str, &dyn Display); 6] =
                [("cx", &x), ("cy", &y), ("r", &2.5), ("fill", &"#fff"), ("stroke", &"#000"), ("stroke-width", &1)];
            svg.element("circle", &ring);
        }
        svg.end("g");
        svg.line();
    }
}

fn foot(svg: &mut Svg, plot: &Funnel) {
    let lines = [
        notes(plot),
        "Line: the rate of the product. Dashes: 95 % of lots like it lie between (exact Poisson).".to_owned(),
        "Filled and named: flagged against the other lots (exact conditional 95 % interval).".to_owned(),
    ];
    for (line, text) in (3_i64..).zip(lines) {
        let y = Tenths(BOTTOM + line * LINE + 40);
        svg.text("text", &[("x", &8), ("y", &y)], &fitted(&text, WIDTH - 160));
    }
    svg.line();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn funnel(lots: &[(i64, i64)]) -> Funnel {
        let (events, units) = lots.iter().fold((0, 0), |(events, units), lot| (events + lot.0, units + lot.1));
        let point = |(number, (own, given)): (usize, &(i64, i64))| Point {
            lot_id: format!("lot_01932c07-8d00-7000-8000-{number:012}").parse().unwrap(),
            lot: format!("LOT<{number}>").parse().unwrap(),
            compared: Compared { events: *own, units: *given, other_events: events - own, other_units: units - given },
        };
        Funnel {
            product_id: "prd_01932c07-8d00-7000-8000-000000000001".parse().unwrap(),
            product: "<HArmonyCa> & co".to_owned(),
            events,
            units,
            points: lots.iter().enumerate().map(point).collect(),
            is_more: false,
        }
    }

    #[test]
    fn a_lot_that_stands_out_is_named_and_nothing_leaves_the_sheet() {
        let drawn = draw(&funnel(&[(9, 100), (1, 400), (0, 300), (2, 1_000)]));
        let tree = roxmltree::Document::parse(&drawn).unwrap();
        let with =
            |name: &str, value: &str| tree.descendants().filter(|node| node.attribute(name) == Some(value)).count();
        assert_eq!((with("data-flagged", "true"), with("data-flagged", "false")), (1, 3));
        assert_eq!((with("data-limit", "rate"), with("data-limit", "lower"), with("data-limit", "upper")), (1, 1, 1));
        let described = tree.descendants().find(|node| node.has_tag_name("desc")).and_then(|node| node.text()).unwrap();
        assert!(described.contains("Lot LOT<0> is flagged: 9 adverse events of 100 units"), "{described}");
        assert!(described.contains("12 adverse events of 1800 units administered: 6.667 in a thousand"), "{described}");
        for node in tree.descendants() {
            for pair in node.attribute("points").unwrap_or_default().split(' ').filter(|pair| !pair.is_empty()) {
                let (x, y) = pair.split_once(',').unwrap();
                let (x, y): (f64, f64) = (x.parse().unwrap(), y.parse().unwrap());
                assert!((33.0..=392.0).contains(&x) && (57.0..=207.0).contains(&y), "{pair}");
            }
        }
    }

    #[test]
    fn nothing_is_drawn_of_nothing() {
        for lots in [&[][..], &[(0, 0)], &[(0, 10)], &[(3, 0)], &[(i64::MAX / 4, i64::MAX / 4)]] {
            let drawn = draw(&funnel(lots));
            assert!(roxmltree::Document::parse(&drawn).is_ok() && drawn.contains("No lot is flagged."), "{drawn}");
        }
    }
}
