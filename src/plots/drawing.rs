//! How a plot is drawn: facts in, SVG out. Pure.
//!
//! Four hundred units wide with letters of ten and a half: shown 360 pixels wide they are nine and a half pixels high, and they
//! grow with the paper. Whatever tells something apart does so by its form (hatching, a mark, a line), and colours only repeat
//! it. Nothing needs a style sheet or a script.

use super::axes::{self, Tick, celsius};
use super::frame::{BOTTOM, Frame, LEFT, LINE, RIGHT, Sheet, TOP, WIDTH, heading};
use super::model::{Plot, Point, Shade};
use super::svg::{Svg, Tenths, width};
use super::words::mark;
use super::{lots, words};
use crate::clock::Moment;
use crate::excursions::model::ExcursionKind;

/// Draws a plot.
pub fn draw(plot: &Plot) -> String {
    let frame = Frame::of(plot);
    let ticks = axes::times(plot.from_us, plot.to_us, plot.zone);
    let mut body = Svg::default();
    head(&mut body, plot);
    band(&mut body, &frame);
    plot.excursions.iter().for_each(|shade| excursion(&mut body, &frame, shade));
    degrees_axis(&mut body, &frame);
    curve(&mut body, &frame);
    band_ends(&mut body, &frame);
    let bottom = legend(&mut body, plot, BOTTOM + 3 * LINE + 80);
    let (beneath, height) = lots::draw(&frame, plot, &ticks, bottom + 60);
    time_axis(&mut body, &frame, &ticks);
    let sheet = Sheet {
        id: plot.location_id.to_string(),
        height: Tenths(height),
        title: words::title(plot),
        description: words::description(plot),
    };
    sheet.around(patterns, |svg| {
        svg.append(body);
        svg.append(beneath);
    })
}

/// The hatching of each kind: rising lines are too warm, falling ones too cold, dots say that nobody knows.
fn patterns(svg: &mut Svg) {
    svg.begin("defs", &[]);
    for (kind, colour, path) in [
        (ExcursionKind::Above, "#b00000", "M-1 1L1 -1M0 6L6 0M5 7L7 5"),
        (ExcursionKind::Below, "#0038b8", "M-1 5L1 7M0 0L6 6M5 -1L7 1"),
        (ExcursionKind::Silent, "#444", "M1.5 0V1.6M4.5 3V4.6"),
    ] {
        let of_form: [(&str, &dyn std::fmt::Display); 4] =
            [("id", &kind), ("width", &6), ("height", &6), ("patternUnits", &"userSpaceOnUse")];
        svg.begin("pattern", &of_form);
        let width = if kind == ExcursionKind::Silent { "1.6" } else { "1" };
        svg.element("path", &[("d", &path), ("stroke", &colour), ("stroke-width", &width), ("fill", &"none")]);
        svg.end("pattern");
    }
    svg.end("defs");
    svg.line();
}

fn head(svg: &mut Svg, plot: &Plot) {
    heading(svg, &format!("{}, {}", plot.location, plot.site), (plot.from_us, plot.to_us), plot.zone);
    svg.text("text", &[("x", &8), ("y", &42), ("data-extremes", &"")], &words::extremes(plot));
    svg.line();
}

fn band(svg: &mut Svg, frame: &Frame<'_>) {
    let (top, bottom) = (frame.y(frame.plot.band_max_mc.into()), frame.y(frame.plot.band_min_mc.into()));
    svg.element(
        "rect",
        &[
            ("data-band", &""),
            ("x", &Tenths(LEFT)),
            ("y", &top),
            ("width", &Tenths(RIGHT - LEFT)),
            ("height", &Tenths(bottom.0 - top.0)),
            ("fill", &"#edf5ea"),
        ],
    );
    svg.line();
}

/// The ends of the band as lines, with what they are.
fn band_ends(svg: &mut Svg, frame: &Frame<'_>) {
    for (name, milli_c) in [("max", frame.plot.band_max_mc), ("min", frame.plot.band_min_mc)] {
        let y = frame.y(milli_c.into());
        // Outside the band, where that is on the drawing.
        let is_above = if name == "max" { y.0 - TOP >= LINE } else { BOTTOM - y.0 < LINE };
        let away = if is_above { -30 } else { 110 };
        svg.element(
            "line",
            &[
                ("data-band-end", &name),
                ("x1", &Tenths(LEFT)),
                ("x2", &Tenths(RIGHT)),
                ("y1", &y),
                ("y2", &y),
                ("stroke", &"#000"),
                ("stroke-width", &1),
                ("stroke-dasharray", &"6 3"),
            ],
        );
        let said = format!("{name} {} °C", celsius(milli_c.into()));
        svg.over((Tenths(RIGHT - 20), Tenths(y.0 + away)), "end", &said);
    }
    svg.line();
}

fn excursion(svg: &mut Svg, frame: &Frame<'_>, shade: &Shade) {
    let (from, to) = frame.across(&shade.when);
    let until = (!shade.when.is_open).then(|| Moment::at_unix_micros(shade.when.to_us).to_string());
    svg.begin(
        "g",
        &[
            ("data-excursion", &shade.id),
            ("data-kind", &shade.kind),
            ("data-state", &shade.state),
            ("data-from", &Moment::at_unix_micros(shade.when.from_us)),
            ("data-to", &until.as_deref().unwrap_or("goes_on")),
        ],
    );
    svg.element(
        "rect",
        &[
            ("x", &from),
            ("y", &Tenths(TOP)),
            ("width", &Tenths(to.0 - from.0)),
            ("height", &Tenths(BOTTOM - TOP)),
            ("fill", &format!("url(#{})", shade.kind)),
        ],
    );
    let is_cut = shade.when.from_us <= frame.plot.from_us;
    let ends = [(!is_cut).then_some(from), (!shade.when.is_open).then_some(to)];
    for x in ends.into_iter().flatten() {
        let edge: [(&str, &dyn std::fmt::Display); 6] = [
            ("x1", &x),
            ("x2", &x),
            ("y1", &Tenths(TOP)),
            ("y2", &Tenths(BOTTOM)),
            ("stroke", &"#000"),
            ("stroke-width", &"0.6"),
        ];
        svg.element("line", &edge);
    }
    let middle = Tenths((from.0 + to.0) / 2);
    svg.text("text", &[("x", &middle), ("y", &Tenths(TOP - 30)), ("text-anchor", &"middle")], mark(shade.kind));
    if shade.when.is_open {
        svg.over((Tenths(to.0 - 20), Tenths(TOP + 110)), "end", "goes on ▸");
    }
    svg.end("g");
    svg.line();
}

fn degrees_axis(svg: &mut Svg, frame: &Frame<'_>) {
    for mark in &frame.degrees.marks_mc {
        let y = frame.y(*mark);
        let line: [(&str, &dyn std::fmt::Display); 6] = [
            ("x1", &Tenths(LEFT)),
            ("x2", &Tenths(RIGHT)),
            ("y1", &y),
            ("y2", &y),
            ("stroke", &"#bbb"),
            ("stroke-width", &"0.4"),
        ];
        svg.element("line", &line);
        let place: [(&str, &dyn std::fmt::Display); 4] =
            [("data-mc", mark), ("x", &Tenths(LEFT - 40)), ("y", &Tenths(y.0 + 36)), ("text-anchor", &"end")];
        svg.text("text", &place, &celsius(*mark));
    }
    svg.text("text", &[("x", &Tenths(80)), ("y", &Tenths(TOP - 30))], "°C");
    svg.line();
}

fn curve(svg: &mut Svg, frame: &Frame<'_>) {
    for piece in frame.plot.pieces() {
        let (Some(first), Some(last)) = (piece.first(), piece.last()) else { continue };
        svg.begin(
            "g",
            &[
                ("data-piece", &piece.len()),
                ("data-from", &Moment::at_unix_micros(first.from_us)),
                ("data-to", &Moment::at_unix_micros(last.to_us)),
            ],
        );
        svg.element(
            "path",
            &[
                ("data-range", &""),
                ("d", &range(frame, piece)),
                ("fill", &"#8aa4c4"),
                ("fill-opacity", &"0.75"),
                ("stroke", &"#2f4b70"),
                ("stroke-width", &"0.7"),
                ("stroke-linejoin", &"round"),
            ],
        );
        let mean: [(&str, &dyn std::fmt::Display); 5] = [
            ("data-mean", &""),
            ("d", &mean(frame, piece)),
            ("fill", &"none"),
            ("stroke", &"#000"),
            ("stroke-width", &"0.9"),
        ];
        svg.element("path", &mean);
        svg.end("g");
        svg.line();
    }
    if frame.plot.points.is_empty() {
        let y = Tenths((TOP + BOTTOM) / 2);
        svg.over((Tenths((LEFT + RIGHT) / 2), y), "middle", "Nothing was measured in this time.");
        svg.line();
    }
}

/// From the lowest to the highest of each bucket, along the highest and back along the lowest.
fn range(frame: &Frame<'_>, piece: &[Point]) -> String {
    let over = piece.iter().map(|point| (point.from_us, point.to_us, point.max_mc));
    let back = piece.iter().rev().map(|point| (point.to_us, point.from_us, point.min_mc));
    let sides = over.chain(back).map(|(one, other, milli_c)| {
        let y = frame.y(milli_c.into());
        format!("{} {y}H{}", frame.x(one), frame.x(other))
    });
    format!("M{}Z", sides.collect::<Vec<_>>().join("L"))
}

/// The mean in the middle of each bucket; one alone is as long as its bucket.
fn mean(frame: &Frame<'_>, piece: &[Point]) -> String {
    if let [only] = piece {
        return format!("M{} {}H{}", frame.x(only.from_us), frame.y(only.mean_mc.into()), frame.x(only.to_us));
    }
    let points = piece.iter().map(|point| {
        let middle = point.from_us.saturating_add(point.to_us.saturating_sub(point.from_us) / 2);
        format!("{} {}", frame.x(middle), frame.y(point.mean_mc.into()))
    });
    format!("M{}", points.collect::<Vec<_>>().join("L"))
}

fn time_axis(svg: &mut Svg, frame: &Frame<'_>, ticks: &[Tick]) {
    let mut free_from = i64::MIN;
    let frame_box: [(&str, &dyn std::fmt::Display); 7] = [
        ("x", &Tenths(LEFT)),
        ("y", &Tenths(TOP)),
        ("width", &Tenths(RIGHT - LEFT)),
        ("height", &Tenths(BOTTOM - TOP)),
        ("fill", &"none"),
        ("stroke", &"#000"),
        ("stroke-width", &"0.8"),
    ];
    svg.element("rect", &frame_box);
    for tick in ticks {
        let x = frame.x(tick.at_us);
        svg.begin("g", &[("data-tick", &Moment::at_unix_micros(tick.at_us))]);
        let line: [(&str, &dyn std::fmt::Display); 5] =
            [("x1", &x), ("x2", &x), ("y1", &Tenths(BOTTOM)), ("y2", &Tenths(BOTTOM + 40)), ("stroke", &"#000")];
        svg.element("line", &line);
        // Two hours of one name lie close together where clocks are put back: what has no room stays a mark.
        let half = tick.below.iter().map(|below| width(below)).chain([width(&tick.label)]).max().unwrap_or(0) / 2;
        let middle = x.0.clamp(half, WIDTH - half);
        if middle - half >= free_from {
            free_from = middle + half + 10;
            let label = [Some(&tick.label), tick.below.as_ref()];
            for (said, down) in label.into_iter().zip([LINE, 2 * LINE - 20]) {
                let Some(said) = said else { continue };
                let place: [(&str, &dyn std::fmt::Display); 3] =
                    [("x", &Tenths(middle)), ("y", &Tenths(BOTTOM + down)), ("text-anchor", &"middle")];
                svg.text("text", &place, said);
            }
        }
        svg.end("g");
    }
    let place: [(&str, &dyn std::fmt::Display); 3] =
        [("x", &Tenths(RIGHT)), ("y", &Tenths(BOTTOM + 3 * LINE - 30)), ("text-anchor", &"end")];
    svg.text("text", &place, &format!("Times of {}", frame.plot.zone));
    svg.line();
}

/// What the forms mean, in lines; where the last ends.
fn legend(svg: &mut Svg, plot: &Plot, top: i64) -> i64 {
    let (mut x, mut y) = (80, top);
    let kinds = [ExcursionKind::Above, ExcursionKind::Below, ExcursionKind::Silent];
    let kinds = kinds.into_iter().filter(|kind| plot.excursions.iter().any(|shade| shade.kind == *kind));
    let hatched = kinds.map(|kind| (format!("{} {}", mark(kind), words::kind(kind)), format!("url(#{kind})")));
    let curve = [("lowest to highest".to_owned(), "#8aa4c4".to_owned()), ("mean".to_owned(), "none".to_owned())];
    for (said, fill) in curve.into_iter().chain(hatched) {
        let room = 220 + width(&said) + 100;
        if x + room > RIGHT {
            (x, y) = (80, y + LINE);
        }
        let (left, middle) = (Tenths(x), Tenths(y - 40));
        let swatch: [(&str, &dyn std::fmt::Display); 7] = [
            ("x", &left),
            ("y", &Tenths(y - 80)),
            ("width", &16),
            ("height", &8),
            ("fill", &fill),
            ("stroke", &"#2f4b70"),
            ("stroke-width", &"0.7"),
        ];
        let line: [(&str, &dyn std::fmt::Display); 6] = [
            ("x1", &left),
            ("x2", &Tenths(x + 160)),
            ("y1", &middle),
            ("y2", &middle),
            ("stroke", &"#000"),
            ("stroke-width", &"1.2"),
        ];
        if fill == "none" {
            svg.element("line", &line)
        } else {
            svg.element("rect", &swatch)
        }
        svg.text("text", &[("x", &Tenths(x + 200)), ("y", &Tenths(y))], &said);
        x += room;
    }
    svg.line();
    y
}
