//! What a location's temperature was: minimum, maximum, mean and mean kinetic temperature of equal spans of time.
//!
//! Averages never hide a breach (DOMAIN rule 16), so all four are always shown together.

use super::hours::Hour;
use super::kinetic::{Kinetic, celsius, millis, wide};
use super::model::Reading;
use crate::clock::Moment;
use crate::sites::model::Location;

/// What a double can hold beyond that is no temperature, but how it was computed.
fn to_a_millionth(celsius: f64) -> f64 {
    (celsius * 1e6).round() / 1e6
}

/// What is known of a sensor: a reading or, where readings were let go, an hour of them.
#[derive(Clone, Copy, Debug)]
pub enum Known {
    /// A reading.
    Reading(Reading),
    /// An hour.
    Hour(Hour),
}

impl Known {
    fn first(&self) -> Reading {
        match self {
            Known::Reading(reading) => *reading,
            Known::Hour(hour) => hour.first(),
        }
    }

    fn last(&self) -> Reading {
        match self {
            Known::Reading(reading) => *reading,
            Known::Hour(hour) => hour.last(),
        }
    }
}

/// What a span of time has.
#[derive(Clone, Copy, Debug, Default)]
pub struct Span {
    /// How many readings.
    pub count: i64,
    /// The lowest, in milli-degrees.
    pub min_mc: Option<i32>,
    /// The highest, in milli-degrees.
    pub max_mc: Option<i32>,
    /// Whether some sensor measured from the span before into it or across it, without being silent between.
    pub is_joined: bool,
    sum_c: f64,
    counted: f64,
    by_time: Kinetic,
    by_reading: Kinetic,
    /// The last reading of the sensor, with its rate: an exponential is what a reading costs.
    last: Option<(Reading, f64)>,
}

impl Span {
    /// Takes the next reading of one sensor, or the next hour. Time between readings that are further apart than `gap_us` is
    /// nobody's: the sensor was silent.
    pub fn take(&mut self, known: &Known, gap_us: i64) {
        match known {
            Known::Reading(reading) => self.take_reading(*reading, gap_us),
            Known::Hour(hour) => self.take_hour(hour, gap_us),
        }
    }

    fn take_reading(&mut self, reading: Reading, gap_us: i64) {
        let now = celsius(reading.milli_c);
        let rate = Kinetic::rate(now);
        self.within(1, reading.milli_c, reading.milli_c);
        self.sum_c += now;
        self.counted += 1.0;
        self.by_reading.take_rate(rate, 1.0);
        self.join(reading, rate, gap_us);
        self.last = Some((reading, rate));
    }

    fn take_hour(&mut self, hour: &Hour, gap_us: i64) {
        self.within(hour.readings, hour.min_mc, hour.max_mc);
        self.sum_c += wide(hour.sum_mc) / 1000.0;
        self.counted += wide(hour.readings);
        self.by_reading.add(hour.alike());
        let rate_of = |reading: Reading| Kinetic::rate(celsius(reading.milli_c));
        self.join(hour.first(), rate_of(hour.first()), gap_us);
        self.by_time.add(hour.joined());
        self.last = Some((hour.last(), rate_of(hour.last())));
    }

    fn within(&mut self, readings: i64, min_mc: i32, max_mc: i32) {
        self.count = self.count.saturating_add(readings);
        self.min_mc = Some(self.min_mc.map_or(min_mc, |min| min.min(min_mc)));
        self.max_mc = Some(self.max_mc.map_or(max_mc, |max| max.max(max_mc)));
    }

    /// The time since the last reading.
    fn join(&mut self, reading: Reading, rate: f64, gap_us: i64) {
        let Some((last, last_rate)) = self.last else { return };
        let apart = reading.at_us.saturating_sub(last.at_us);
        if apart <= gap_us {
            self.by_time.between(last_rate, rate, millis(apart));
        }
    }

    /// What comes next is of another sensor.
    pub fn next_sensor(&mut self) {
        self.last = None;
    }

    /// The arithmetic mean of the readings in °C, to a millionth.
    pub fn mean_c(&self) -> Option<f64> {
        (self.count > 0).then(|| to_a_millionth(self.sum_c / self.counted))
    }

    /// The mean kinetic temperature in °C, weighted by the time between readings; of readings that have none between them,
    /// such as a single one, each counts the same. To a millionth.
    pub fn mkt_c(&self) -> Option<f64> {
        self.by_time.celsius().or_else(|| self.by_reading.celsius()).map(to_a_millionth)
    }
}

/// Which spans of time are asked for, in microseconds: so many, of equal length but for the last, which ends at `to_us`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Buckets {
    /// When the first begins.
    pub from_us: i64,
    /// When the last ends.
    pub to_us: i64,
    /// How long each is.
    pub each_us: i64,
    /// How many there are.
    pub count: usize,
}

/// Those spans, and what they have.
#[derive(Debug)]
pub struct Spans {
    asked: Buckets,
    spans: Vec<Span>,
    /// In which span the sensor's last reading was, and when.
    before: Option<(usize, i64)>,
}

impl Spans {
    /// Without any reading.
    pub fn new(asked: Buckets) -> Self {
        let asked = Buckets { each_us: asked.each_us.max(1), ..asked };
        Spans { spans: vec![Span::default(); asked.count], asked, before: None }
    }

    /// What comes next is of another sensor.
    pub fn next_sensor(&mut self) {
        self.spans.iter_mut().for_each(Span::next_sensor);
        self.before = None;
    }

    /// Takes the next reading of one sensor, or the next hour: that counts whole, where its first reading was.
    pub fn take(&mut self, known: &Known, gap_us: i64) {
        let (first, last) = (known.first(), known.last());
        let place = first.at_us.saturating_sub(self.asked.from_us).div_euclid(self.asked.each_us);
        let Some(place) = usize::try_from(place).ok().filter(|place| *place < self.spans.len()) else { return };
        if let Some(span) = self.spans.get_mut(place) {
            span.take(known, gap_us);
        }
        if let Some((before, at_us)) = self.before.replace((place, last.at_us))
            && first.at_us.saturating_sub(at_us) <= gap_us
        {
            let across = self.spans.get_mut(before.saturating_add(1)..=place).unwrap_or_default();
            across.iter_mut().for_each(|span| span.is_joined = true);
        }
    }

    /// Each with the microseconds at which it begins and ends.
    pub fn iter(&self) -> impl Iterator<Item = (i64, i64, &Span)> {
        let Buckets { from_us, to_us, each_us, .. } = self.asked;
        let begins = (0..).map(move |place: i64| from_us.saturating_add(place.saturating_mul(each_us)));
        begins.zip(&self.spans).map(move |(from, span)| (from, from.saturating_add(each_us).min(to_us), span))
    }
}

/// What is known of the temperature of a location.
#[derive(Debug)]
pub struct Climate {
    /// The location.
    pub location: Location,
    /// Spans of the time that was asked for.
    pub spans: Spans,
    /// The whole time as one span.
    pub whole: Span,
    /// Before which moment readings were let go, of any of its sensors, where that is of the time that was asked for: hours say
    /// what they were.
    pub let_go_before: Option<Moment>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: Option<f64>, expected: f64, within: f64) {
        let found = found.unwrap();
        assert!((found - expected).abs() < within, "{found} is not {expected}");
    }

    #[test]
    fn time_is_the_weight_and_silence_has_none() {
        let hours = |hours: i64| hours * 3_600_000_000;
        let reading = |at, milli_c| Reading { at_us: hours(at), milli_c };
        // python3 -c "from math import*; r=lambda c: exp(-1e4/(c+273.15)); p=[(0,5),(6,5),(7,15),(8,5),(24,5)];
        // s=sum((r(a[1])+r(b[1]))/2*(b[0]-a[0]) for a,b in zip(p,p[1:])); print(-1e4/log(s/24)-273.15)"
        let points = [reading(0, 5000), reading(6, 5000), reading(7, 15000), reading(8, 5000), reading(24, 5000)];
        let mut span = Span::default();
        points.iter().for_each(|point| span.take(&Known::Reading(*point), hours(24)));
        near(span.mkt_c(), 5.763_545_892_68, 1e-6);
        assert_eq!((span.count, span.min_mc, span.max_mc), (5, Some(5000), Some(15000)));
        near(span.mean_c(), 7.0, 1e-12);
        // Without the sixteen hours of which nobody knows: the same with 8 hours in all.
        let mut span = Span::default();
        points.iter().for_each(|point| span.take(&Known::Reading(*point), hours(6)));
        near(span.mkt_c(), 7.106_623_055_82, 1e-6);
        let mut alone = Span::default();
        alone.take(&Known::Reading(reading(0, 4000)), hours(1));
        near(alone.mkt_c(), 4.0, 1e-9);
    }

    #[test]
    fn spans_are_joined_where_no_sensor_was_silent() {
        let asked = Buckets { from_us: 0, to_us: 60, each_us: 10, count: 6 };
        let joined = |sensors: &[(&[i64], i64)]| -> Vec<bool> {
            let mut spans = Spans::new(asked);
            for (moments, gap_us) in sensors {
                spans.next_sensor();
                let readings = moments.iter().map(|at_us| Known::Reading(Reading { at_us: *at_us, milli_c: 5_000 }));
                readings.for_each(|reading| spans.take(&reading, *gap_us));
            }
            spans.iter().map(|(_, _, span)| span.is_joined).collect()
        };
        assert_eq!(joined(&[(&[1, 12, 25], 15)]), [false, true, true, false, false, false]);
        // One that measures less often than a span is long joins those without readings, too.
        assert_eq!(joined(&[(&[5, 35], 30)]), [false, true, true, true, false, false]);
        assert_eq!(joined(&[(&[5, 35], 29)]), [false; 6]);
        // What one sensor does not tell another may; two silent ones tell nothing together.
        assert_eq!(joined(&[(&[5, 35], 10), (&[29, 31], 10)]), [false, false, false, true, false, false]);
    }

    #[test]
    fn spans_begin_at_from_and_are_of_several_sensors() {
        let mut spans = Spans::new(Buckets { from_us: 100, to_us: 128, each_us: 10, count: 3 });
        for sensor in [&[(99, 1), (100, 2), (109, 3), (110, 4), (130, 5)][..], &[(100, -7)]] {
            spans.next_sensor();
            for (at_us, milli_c) in sensor {
                spans.take(&Known::Reading(Reading { at_us: *at_us, milli_c: *milli_c }), 100);
            }
        }
        let found: Vec<_> =
            spans.iter().map(|(from, to, span)| (from, to, span.count, span.min_mc, span.max_mc)).collect();
        assert_eq!(
            found,
            [(100, 110, 3, Some(-7), Some(3)), (110, 120, 1, Some(4), Some(4)), (120, 128, 0, None, None)]
        );
    }
}
