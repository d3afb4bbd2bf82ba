//! How the lots beneath a plot are drawn: a bar for the times at which units of each were there. Pure.

use super::axes::Tick;
use super::frame::{Frame, LEFT, LINE, RIGHT, WIDTH};
use super::model::{Bar, Plot, Stretch};
use super::svg::{Svg, Tenths, fitted, width};
use super::words;
use crate::clock::Moment;
use crate::excursions::model::ExcursionKind;

/// How high a bar is.
const BAR: i64 = 80;
/// From a lot to the next.
const ROW: i64 = LINE + BAR + 60;

/// Draws the lots and what is left out; and how high the whole drawing is with them.
pub fn draw(frame: &Frame<'_>, plot: &Plot, ticks: &[Tick], top: i64) -> (Svg, i64) {
    let mut svg = Svg::default();
    let mut y = top + LINE;
    let heading = if plot.lots.is_empty() && !plot.more_lots { "No units were there." } else { "Lots there" };
    svg.text("text", &[("x", &8), ("y", &Tenths(y)), ("font-weight", &"bold")], heading);
    svg.line();
    let rows = i64::try_from(plot.lots.len()).unwrap_or(0);
    let (first, last) = (y + 40, y + 40 + rows * ROW);
    for tick in ticks.iter().filter(|_| rows > 0) {
        let x = frame.x(tick.at_us);
        let line: [(&str, &dyn std::fmt::Display); 6] = [
            ("x1", &x),
            ("x2", &x),
            ("y1", &Tenths(first)),
            ("y2", &Tenths(last)),
            ("stroke", &"#ccc"),
            ("stroke-width", &"0.5"),
        ];
        svg.element("line", &line);
    }
    svg.line();
    for bar in &plot.lots {
        lot(&mut svg, frame, bar, y + 40);
        y += ROW;
    }
    y += LINE;
    let followed = plot.lots.iter().filter_map(|bar| words::known(plot, bar));
    for note in words::notes(plot).into_iter().chain(followed) {
        for said in lines(&note) {
            svg.text("text", &[("x", &8), ("y", &Tenths(y))], &said);
            y += LINE;
        }
    }
    svg.line();
    (svg, y)
}

fn lot(svg: &mut Svg, frame: &Frame<'_>, bar: &Bar, top: i64) {
    svg.begin("g", &[("data-lot", &bar.lot_id)]);
    let named = format!("Lot {} · {}", bar.lot, bar.product);
    svg.text("title", &[], &named);
    let said = match bar.exposed.iter().map(|(kind, _)| *kind).min_by_key(|kind| *kind == ExcursionKind::Silent) {
        Some(ExcursionKind::Silent) => words::kind(ExcursionKind::Silent),
        Some(_) => "exposed",
        None => "",
    };
    let room = RIGHT - LEFT - width(said) - 100;
    let foot = Tenths(top + LINE - 30);
    svg.over((Tenths(LEFT), foot), "start", &fitted(&named, room));
    if !said.is_empty() {
        let place: [(&str, &dyn std::fmt::Display); 4] =
            [("x", &Tenths(RIGHT)), ("y", &foot), ("text-anchor", &"end"), ("font-weight", &"bold")];
        svg.text("text", &place, said);
    }
    let y = top + LINE;
    let middle = Tenths(y + BAR / 2);
    let base: [(&str, &dyn std::fmt::Display); 6] = [
        ("x1", &Tenths(LEFT)),
        ("x2", &Tenths(RIGHT)),
        ("y1", &middle),
        ("y2", &middle),
        ("stroke", &"#999"),
        ("stroke-width", &"0.5"),
    ];
    svg.element("line", &base);
    for stretch in &bar.there {
        piece(svg, frame, stretch, None, y);
    }
    for (kind, stretch) in &bar.exposed {
        piece(svg, frame, stretch, Some(*kind), y);
    }
    svg.end("g");
    svg.line();
}

/// A time at which units were there, grey; or at which they were exposed, hatched on white.
fn piece(svg: &mut Svg, frame: &Frame<'_>, stretch: &Stretch, exposed: Option<ExcursionKind>, y: i64) {
    let (from, to) = frame.across(stretch);
    let until = (!stretch.is_open).then(|| Moment::at_unix_micros(stretch.to_us).to_string());
    let until = until.as_deref().unwrap_or("goes_on");
    let (begins, kind) = (Moment::at_unix_micros(stretch.from_us), exposed.map(|kind| kind.to_string()));
    let fills = match &kind {
        Some(kind) => vec!["#fff".to_owned(), format!("url(#{kind})")],
        None => vec!["#9a9a9a".to_owned()],
    };
    let name = if kind.is_some() { "data-exposed" } else { "data-there" };
    svg.begin("g", &[(name, &kind.as_deref().unwrap_or_default()), ("data-from", &begins), ("data-to", &until)]);
    for fill in fills {
        svg.element(
            "rect",
            &[
                ("x", &from),
                ("y", &Tenths(y)),
                ("width", &Tenths(to.0 - from.0)),
                ("height", &Tenths(BAR)),
                ("fill", &fill),
                ("stroke", &"#000"),
                ("stroke-width", &"0.7"),
            ],
        );
    }
    svg.end("g");
}

/// A text in lines that fit.
fn lines(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if width(line) + width(word) + 40 <= WIDTH - 160 => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(fitted(word, WIDTH - 160)),
        }
    }
    lines
}
