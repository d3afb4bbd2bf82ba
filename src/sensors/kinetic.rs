//! Mean kinetic temperatures, and what is calculated with.

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
    pub fn rate(celsius: f64) -> f64 {
        (-ENERGY / (celsius + ZERO_C)).exp()
    }

    /// A temperature in °C, with its weight.
    pub fn take(&mut self, celsius: f64, weight: f64) {
        self.take_rate(Kinetic::rate(celsius), weight);
    }

    /// The same of a temperature of which the rate is known.
    pub fn take_rate(&mut self, rate: f64, weight: f64) {
        self.sum += rate * weight;
        self.weight += weight;
    }

    /// The time between two readings of which the rates are known, in any unit: the trapezoid of these.
    pub fn between(&mut self, one: f64, other: f64, time: f64) {
        self.take_rate((one + other) / 2.0, time);
    }

    /// Takes all that another has.
    pub fn add(&mut self, other: Kinetic) {
        self.sum += other.sum;
        self.weight += other.weight;
    }

    /// The mean kinetic temperature in billionths of a degree; of what is as cold as can be, that.
    pub fn billionths(&self) -> i64 {
        to_billionths(self.celsius().unwrap_or(-ZERO_C))
    }

    /// The mean kinetic temperature in °C; nothing of nothing.
    pub fn celsius(&self) -> Option<f64> {
        (self.weight > 0.0 && self.sum > 0.0).then(|| -ENERGY / (self.sum / self.weight).ln() - ZERO_C)
    }
}

/// A temperature in °C.
pub fn celsius(milli_c: i32) -> f64 {
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

/// A temperature in whole billionths of °C.
pub fn to_billionths(celsius: f64) -> i64 {
    format!("{:.0}", celsius * 1e9).parse().unwrap_or_default()
}

/// A temperature in °C from whole billionths.
pub fn from_billionths(nc: i64) -> f64 {
    wide(nc) / 1e9
}

/// A whole number to calculate with: exact up to 2^53.
pub fn wide(number: i64) -> f64 {
    let half = 1_i64 << 31;
    let part = |part: i64| f64::from(i32::try_from(part).unwrap_or(i32::MAX));
    part(number.div_euclid(half)) * 2_147_483_648.0 + part(number.rem_euclid(half))
}

/// Milliseconds as a number to calculate with; the longest of 24 days.
pub fn millis(micros: i64) -> f64 {
    f64::from(i32::try_from(micros / 1000).unwrap_or(i32::MAX))
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
    fn whole_numbers_are_calculated_with_as_they_are() {
        for number in [0, 1, -1, 5_250, (1 << 31) - 1, 1 << 31, -(1 << 31), (1 << 31) + 7, 4_503_599_627_370_497] {
            assert_eq!(format!("{:.0}", wide(number)), number.to_string());
        }
        for celsius in [-273.15, -80.25, -0.000_000_001, 0.0, 4.123_456_789, 200.0] {
            near(Some(from_billionths(to_billionths(celsius))), celsius, 1e-9);
        }
    }
}
