//! Where moments and temperatures are on a drawing. Pure.

use super::axes::{self, Degrees};
use super::model::{Plot, Stretch};
use super::svg::Tenths;

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
