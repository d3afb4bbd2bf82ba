//! What a plot shows, before it is drawn. Moments are microseconds since 1970, temperatures milli-degrees Celsius.

use chrono_tz::Tz;

use crate::excursions::model::{ExcursionKind, ExcursionState};
use crate::ids::{ExcursionId, LocationId, LotId};

/// A time from one moment to another, within the span of the plot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// When it begins, or the span does.
    pub from_us: i64,
    /// When it ends, or what is known of it does.
    pub to_us: i64,
    /// Whether it goes on beyond that: it has no end within the span.
    pub is_open: bool,
}

/// What was measured in one bucket that has readings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// When the bucket begins.
    pub from_us: i64,
    /// When it ends.
    pub to_us: i64,
    /// The lowest.
    pub min_mc: i32,
    /// The highest.
    pub max_mc: i32,
    /// The arithmetic mean.
    pub mean_mc: i32,
    /// Whether some sensor measured all the way from the point before: no silence lies between.
    pub is_joined: bool,
}

/// The mean kinetic temperature of the whole span.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum KineticMean {
    /// In °C.
    Of(f64),
    /// Nothing was measured.
    Unknown,
    /// It says nothing of what is frozen.
    DoesNotApply,
}

/// An excursion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shade {
    /// Which.
    pub id: ExcursionId,
    /// What went wrong.
    pub kind: ExcursionKind,
    /// How far it is.
    pub state: ExcursionState,
    /// When it was.
    pub when: Stretch,
}

/// A lot of which units were there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bar {
    /// Which.
    pub lot_id: LotId,
    /// What its label says.
    pub lot: String,
    /// The name of its product.
    pub product: String,
    /// When units of it were there, the earliest first.
    pub there: Vec<Stretch>,
    /// The times of these at which excursions went on that it was exposed to.
    pub exposed: Vec<(ExcursionKind, Stretch)>,
    /// Since when that is known, where so much moved that it was not followed back to the beginning of the span.
    pub known_since_us: Option<i64>,
}

/// A plot.
#[derive(Clone, Debug, PartialEq)]
pub struct Plot {
    /// The location.
    pub location_id: LocationId,
    /// Its name.
    pub location: String,
    /// The name of its site.
    pub site: String,
    /// The time zone of the site.
    pub zone: Tz,
    /// When the span begins.
    pub from_us: i64,
    /// When it ends.
    pub to_us: i64,
    /// The lower end of the location's band.
    pub band_min_mc: i32,
    /// The upper end.
    pub band_max_mc: i32,
    /// How many readings there are.
    pub readings: i64,
    /// The lowest and the highest of them.
    pub extremes_mc: Option<(i32, i32)>,
    /// The mean kinetic temperature of them.
    pub kinetic: KineticMean,
    /// Until when it is known by the hour, where readings were let go.
    pub hourly_until_us: Option<i64>,
    /// What was measured, the earliest first.
    pub points: Vec<Point>,
    /// Excursions, the earliest first.
    pub excursions: Vec<Shade>,
    /// Whether there are more than are drawn.
    pub more_excursions: bool,
    /// What began before this moment was not looked for, where there are too many.
    pub excursions_since_us: Option<i64>,
    /// Lots, the exposed ones first, then the most recent.
    pub lots: Vec<Bar>,
    /// Whether there may be more than are drawn.
    pub more_lots: bool,
}

impl Plot {
    /// What was measured without a silence between, piece by piece.
    pub fn pieces(&self) -> impl Iterator<Item = &[Point]> {
        self.points.chunk_by(|_, next| next.is_joined)
    }

    /// When nothing was measured: from one moment to another.
    pub fn gaps(&self) -> Vec<(i64, i64)> {
        let begins = std::iter::once(self.from_us).chain(self.pieces().filter_map(|piece| Some(piece.last()?.to_us)));
        let ends = self.pieces().filter_map(|piece| Some(piece.first()?.from_us)).chain([self.to_us]);
        begins.zip(ends).filter(|(from, to)| from < to).collect()
    }
}
