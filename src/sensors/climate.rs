//! What a location's temperature was: minimum, maximum, mean and mean kinetic temperature of equal spans of time.
//!
//! Averages never hide a breach (DOMAIN rule 16), so all four are always shown together.

use super::model::Reading;

/// The activation energy by the gas constant, in kelvin: ΔH 83.144 kJ/mol and R 8.3144 J/(mol·K) (USP <1079.2>).
const ENERGY: f64 = 10_000.0;
/// 0 °C in kelvin.
const ZERO_C: f64 = 273.15;

/// Adds up what a mean kinetic temperature is made of.
#[derive(Clone, Copy, Debug, Default)]
pub struct Kinetic {
    sum: f64,
    weight: f64,
}

impl Kinetic {
    /// How fast what is stored degrades at a temperature in °C, relative to others.
    fn rate(celsius: f64) -> f64 {
        (-ENERGY / (celsius + ZERO_C)).exp()
    }

    /// A temperature in °C, with its weight.
    pub fn take(&mut self, celsius: f64, weight: f64) {
        self.sum += Kinetic::rate(celsius) * weight;
        self.weight += weight;
    }

    /// The time between two readings, in any unit: the trapezoid of their rates.
    pub fn between(&mut self, one: f64, other: f64, time: f64) {
        self.sum += (Kinetic::rate(one) + Kinetic::rate(other)) / 2.0 * time;
        self.weight += time;
    }

    /// The mean kinetic temperature in °C; nothing of nothing.
    pub fn celsius(&self) -> Option<f64> {
        (self.weight > 0.0 && self.sum > 0.0).then(|| -ENERGY / (self.sum / self.weight).ln() - ZERO_C)
    }
}

/// A temperature in °C.
fn celsius(milli_c: i32) -> f64 {
    f64::from(milli_c) / 1000.0
}

/// A temperature in °C from whole millionths.
pub fn from_millionths(uc: i64) -> Option<f64> {
    i32::try_from(uc).ok().map(|uc| f64::from(uc) / 1e6)
}

/// A temperature in whole millionths of °C.
pub fn millionths(celsius: f64) -> Option<i64> {
    format!("{:.0}", celsius * 1e6).parse().ok()
}

/// What a double can hold beyond that is no temperature, but how it was computed.
fn to_a_millionth(celsius: f64) -> f64 {
    (celsius * 1e6).round() / 1e6
}

/// Milliseconds as a number to calculate with; the longest of 24 days.
fn millis(micros: i64) -> f64 {
    f64::from(i32::try_from(micros / 1000).unwrap_or(i32::MAX))
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
    last: Option<Reading>,
}

impl Span {
    /// Takes the next reading of one sensor. Time between readings that are further apart than `gap_us` is nobody's: the sensor
    /// was silent.
    pub fn take(&mut self, reading: Reading, gap_us: i64) {
        let now = celsius(reading.milli_c);
        self.count = self.count.saturating_add(1);
        self.min_mc = Some(self.min_mc.map_or(reading.milli_c, |min| min.min(reading.milli_c)));
        self.max_mc = Some(self.max_mc.map_or(reading.milli_c, |max| max.max(reading.milli_c)));
        self.sum_c += now;
        self.counted += 1.0;
        self.by_reading.take(now, 1.0);
        if let Some(last) = self.last.replace(reading) {
            let apart = reading.at_us.saturating_sub(last.at_us);
            if apart <= gap_us {
                self.by_time.between(celsius(last.milli_c), now, millis(apart));
            }
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
}

impl Spans {
    /// Without any reading.
    pub fn new(asked: Buckets) -> Self {
        let asked = Buckets { each_us: asked.each_us.max(1), ..asked };
        Spans { spans: vec![Span::default(); asked.count], asked }
    }

    /// Takes the readings of one sensor, in the order of their time.
    ///
    /// # Errors
    /// Those of the readings.
    pub fn take<E>(&mut self, readings: impl Iterator<Item = Result<Reading, E>>, gap_us: i64) -> Result<(), E> {
        self.spans.iter_mut().for_each(Span::next_sensor);
        let mut before: Option<(usize, i64)> = None;
        for reading in readings {
            let reading = reading?;
            let place = reading.at_us.saturating_sub(self.asked.from_us).div_euclid(self.asked.each_us);
            let Some(place) = usize::try_from(place).ok().filter(|place| *place < self.spans.len()) else { continue };
            if let Some(span) = self.spans.get_mut(place) {
                span.take(reading, gap_us);
            }
            if let Some((last, at_us)) = before.replace((place, reading.at_us))
                && reading.at_us.saturating_sub(at_us) <= gap_us
            {
                let across = self.spans.get_mut(last.saturating_add(1)..=place).unwrap_or_default();
                across.iter_mut().for_each(|span| span.is_joined = true);
            }
        }
        Ok(())
    }

    /// Each with the microseconds at which it begins and ends.
    pub fn iter(&self) -> impl Iterator<Item = (i64, i64, &Span)> {
        let Buckets { from_us, to_us, each_us, .. } = self.asked;
        let begins = (0..).map(move |place: i64| from_us.saturating_add(place.saturating_mul(each_us)));
        begins.zip(&self.spans).map(move |(from, span)| (from, from.saturating_add(each_us).min(to_us), span))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: Option<f64>, expected: f64, within: f64) {
        let found = found.unwrap();
        assert!((found - expected).abs() < within, "{found} is not {expected}");
    }

    #[test]
    fn mean_kinetic_temperatures_are_those_that_others_compute() {
        // DOMAIN.md, "Storage arithmetic"; computed there with 40 digits.
        let rows: [(&[f64], f64); 3] =
            [(&[20.0, 40.0], 34.3579), (&[20.0, 20.0, 40.0, 25.0], 30.2082), (&[10.0, 10.0, 10.0, 50.0], 36.5004)];
        for (temperatures, expected) in rows {
            let mut kinetic = Kinetic::default();
            temperatures.iter().for_each(|celsius| kinetic.take(*celsius, 1.0));
            near(kinetic.celsius(), expected, 1e-4);
        }
        let mut day = Kinetic::default();
        day.take(14.0, 6.0);
        day.take(5.0, 18.0);
        near(day.celsius(), 8.285, 1e-3);
        assert_eq!(Kinetic::default().celsius(), None);
    }

    #[test]
    fn time_is_the_weight_and_silence_has_none() {
        let hours = |hours: i64| hours * 3_600_000_000;
        let reading = |at, milli_c| Reading { at_us: hours(at), milli_c };
        // python3 -c "from math import*; r=lambda c: exp(-1e4/(c+273.15)); p=[(0,5),(6,5),(7,15),(8,5),(24,5)];
        // s=sum((r(a[1])+r(b[1]))/2*(b[0]-a[0]) for a,b in zip(p,p[1:])); print(-1e4/log(s/24)-273.15)"
        let points = [reading(0, 5000), reading(6, 5000), reading(7, 15000), reading(8, 5000), reading(24, 5000)];
        let mut span = Span::default();
        points.iter().for_each(|point| span.take(*point, hours(24)));
        near(span.mkt_c(), 5.763_545_892_68, 1e-6);
        assert_eq!((span.count, span.min_mc, span.max_mc), (5, Some(5000), Some(15000)));
        near(span.mean_c(), 7.0, 1e-12);
        // Without the sixteen hours of which nobody knows: the same with 8 hours in all.
        let mut span = Span::default();
        points.iter().for_each(|point| span.take(*point, hours(6)));
        near(span.mkt_c(), 7.106_623_055_82, 1e-6);
        let mut alone = Span::default();
        alone.take(reading(0, 4000), hours(1));
        near(alone.mkt_c(), 4.0, 1e-9);
    }

    #[test]
    fn spans_are_joined_where_no_sensor_was_silent() {
        let asked = Buckets { from_us: 0, to_us: 60, each_us: 10, count: 6 };
        let joined = |sensors: &[(&[i64], i64)]| -> Vec<bool> {
            let mut spans = Spans::new(asked);
            for (moments, gap_us) in sensors {
                let readings = moments.iter().map(|at_us| Ok::<_, ()>(Reading { at_us: *at_us, milli_c: 5_000 }));
                spans.take(readings, *gap_us).unwrap();
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
        let readings = |of: &[(i64, i32)]| -> Vec<Result<Reading, ()>> {
            of.iter().map(|(at_us, milli_c)| Ok(Reading { at_us: *at_us, milli_c: *milli_c })).collect()
        };
        spans.take(readings(&[(99, 1), (100, 2), (109, 3), (110, 4), (130, 5)]).into_iter(), 100).unwrap();
        spans.take(readings(&[(100, -7)]).into_iter(), 100).unwrap();
        let found: Vec<_> =
            spans.iter().map(|(from, to, span)| (from, to, span.count, span.min_mc, span.max_mc)).collect();
        assert_eq!(
            found,
            [(100, 110, 3, Some(-7), Some(3)), (110, 120, 1, Some(4), Some(4)), (120, 128, 0, None, None)]
        );
    }
}
