//! Where moments and temperatures are on a drawing. Pure.

use chrono_tz::Tz;

use super::axes::{self, Degrees, short_moment};
use super::model::{Plot, Stretch};
use super::svg::{Svg, Tenths, fitted};

/// How wide it is.
pub const WIDTH: i64 = 4_000;
/// Where the axis of time begins.
pub const LEFT: i64 = 330;
/// Where it ends.
pub const RIGHT: i64 = 3_920;
/// Where the axis of degrees begins, from above.
pub const TOP: i64 = 570;
/// Where it ends.
pub const BOTTOM: i64 = 2_070;
/// From a line of text to the next.
pub const LINE: i64 = 140;
/// How high letters are.
pub const LETTERS: Tenths = Tenths(105);
/// What is shorter is drawn as if it were that long: it must be seen.
const SEEN: i64 = 20;

/// What a drawing says of itself to whoever does not see it, and to the machine.
pub struct Sheet {
    /// What tells it from others on the same page.
    pub id: String,
    /// How high it is.
    pub height: Tenths,
    /// Its title.
    pub title: String,
    /// What it says, in words.
    pub description: String,
}

impl Sheet {
    /// The whole drawing: patterns first, then what is seen, on white.
    pub fn around(&self, patterns: impl FnOnce(&mut Svg), body: impl FnOnce(&mut Svg)) -> String {
        let (title, desc) = (format!("title-{}", self.id), format!("desc-{}", self.id));
        let mut svg = Svg::default();
        svg.begin(
            "svg",
            &[
                ("xmlns", &"http://www.w3.org/2000/svg"),
                ("viewBox", &format!("0 0 {} {}", Tenths(WIDTH), self.height)),
                ("role", &"img"),
                ("aria-labelledby", &format!("{title} {desc}")),
                ("font-family", &"Helvetica, Arial, sans-serif"),
                ("font-size", &LETTERS),
                ("fill", &"#000"),
            ],
        );
        svg.line();
        svg.text("title", &[("id", &title)], &self.title);
        svg.text("desc", &[("id", &desc)], &self.description);
        svg.line();
        patterns(&mut svg);
        svg.element("rect", &[("width", &Tenths(WIDTH)), ("height", &self.height), ("fill", &"#fff")]);
        body(&mut svg);
        svg.line();
        svg.end("svg");
        svg.line();
        svg.finish()
    }
}

/// The first two lines of a drawing: of what it is, and of which time.
pub fn heading(svg: &mut Svg, named: &str, (from_us, to_us): (i64, i64), zone: Tz) {
    // Bold letters of twelve units are a quarter wider.
    let bold: [(&str, &dyn std::fmt::Display); 4] =
        [("x", &8), ("y", &14), ("font-size", &12), ("font-weight", &"bold")];
    svg.text("text", &bold, &fitted(named, (WIDTH - 160) * 4 / 5));
    let span = format!("{} – {}", short_moment(from_us, zone), short_moment(to_us, zone));
    svg.text("text", &[("x", &8), ("y", &28)], &span);
}

/// Where moments and temperatures are on the drawing.
pub struct Frame<'a> {
    /// What is drawn.
    pub plot: &'a Plot,
    /// The axis of degrees.
    pub degrees: Degrees,
}

impl<'a> Frame<'a> {
    /// With room for all that was measured, and for the band.
    pub fn of(plot: &'a Plot) -> Self {
        let (lowest, highest) = plot.extremes_mc.unwrap_or((plot.band_min_mc, plot.band_max_mc));
        Frame { plot, degrees: axes::degrees(lowest.min(plot.band_min_mc), highest.max(plot.band_max_mc)) }
    }

    /// How far from the left a moment is.
    pub fn x(&self, at_us: i64) -> Tenths {
        let span = self.plot.to_us.saturating_sub(self.plot.from_us).max(1);
        let into = at_us.clamp(self.plot.from_us, self.plot.to_us).saturating_sub(self.plot.from_us);
        Tenths(LEFT + into.saturating_mul(RIGHT - LEFT) / span)
    }

    /// From where to where a stretch is, so that it is seen.
    pub fn across(&self, stretch: &Stretch) -> (Tenths, Tenths) {
        let (Tenths(from), Tenths(to)) = (self.x(stretch.from_us), self.x(stretch.to_us));
        if to - from >= SEEN {
            return (Tenths(from), Tenths(to));
        }
        let from = from.min(RIGHT - SEEN);
        (Tenths(from), Tenths(from + SEEN))
    }

    /// How far from above a temperature is.
    pub fn y(&self, milli_c: i64) -> Tenths {
        let Degrees { bottom_mc, top_mc, .. } = self.degrees;
        Tenths(TOP + (top_mc - milli_c) * (BOTTOM - TOP) / (top_mc - bottom_mc).max(1))
    }
}
