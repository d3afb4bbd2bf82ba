//! How often harm came of a lot, against others: the ratio of two rates with its exact conditional interval. Pure.
//!
//! Given `x1 + x2` events in all, those of the lot are binomial with `p = n1 R / (n1 R + n2)`, where `R` is the ratio of the rates
//! and `n1`, `n2` are units. So the limits of Clopper and Pearson for `p`, quantiles of beta distributions, are limits for
//! `R = p / (1 - p) · n2 / n1` (Clopper and Pearson, Biometrika 1934; Przyborowski and Wilenski, Biometrika 1940).
//!
//! The beta distribution is `statrs`'s. Its own quantile does not end where counts are beyond what anybody counts, so that it is found
//! here, by bisection over the logarithm of the odds, which has the same precision at both ends.

use statrs::function::beta::checked_beta_reg;
use statrs::function::gamma::checked_gamma_ur;

/// How much of the probability lies beyond each limit of a 95 % interval.
const TAIL: f64 = 0.025;
/// Steps of bisection: what is left of the span is less than a number of 53 bits tells apart.
const STEPS: u32 = 64;
/// From so many expected events on, their limits are calculated: the gamma distribution takes ever more steps, and the difference is
/// less than a thousandth of an event (Cornish and Fisher, 1938).
const MANY: f64 = 100_000.0;
/// Standard deviations beyond which lies one tail of a normal distribution.
const DEVIATIONS: f64 = 1.959_963_984_540_054;
/// The logarithm of the odds goes so far both ways: beyond that lie counts of more than 2^64.
const FAR: f64 = 80.0;
/// From so many events on something is flagged (a single event, or two, flag nothing, however few units there are).
pub const EVENTS_MIN: i64 = 3;

/// Events and units of a lot, and of what it is compared with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Compared {
    /// Events of it.
    pub events: i64,
    /// Units of it that were administered.
    pub units: i64,
    /// Events of the others.
    pub other_events: i64,
    /// Units of the others.
    pub other_units: i64,
}

/// How the two rates compare.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ratio {
    /// The ratio; none where the others have no events, or there is nothing to compare.
    pub rate_ratio: Option<f64>,
    /// The lower end of its 95 % interval, 0 where nothing speaks for more.
    pub lower: f64,
    /// The upper end; none where nothing speaks for less than any.
    pub upper: Option<f64>,
    /// Whether it is to be looked at: it lies above one, and rests on three events or more.
    pub flagged: bool,
}

impl Compared {
    /// The ratio of the rates, with its interval. Where either side has no units, nothing can be said: the interval is from 0 on.
    pub fn ratio(&self) -> Ratio {
        let (x1, x2) = (self.events.max(0), self.other_events.max(0));
        let nothing = Ratio { rate_ratio: None, lower: 0.0, upper: None, flagged: false };
        if self.units <= 0 || self.other_units <= 0 || (x1 == 0 && x2 == 0) {
            return nothing;
        }
        let (n1, n2) = (real(self.units), real(self.other_units));
        let of_odds = |odds: f64| odds.exp() * (n2 / n1);
        let lower = if x1 == 0 { 0.0 } else { of_odds(quantile(real(x1), real(x2) + 1.0, TAIL)) };
        let upper = (x2 > 0).then(|| of_odds(quantile(real(x1) + 1.0, real(x2), 1.0 - TAIL)));
        let rate_ratio = (x2 > 0).then(|| (real(x1) / n1) / (real(x2) / n2));
        Ratio { rate_ratio, lower, upper, flagged: lower > 1.0 && x1 >= EVENTS_MIN }
    }
}

/// The logarithm of the odds of a quantile of a beta distribution.
fn quantile(a: f64, b: f64, probability: f64) -> f64 {
    let (mut low, mut high) = (-FAR, FAR);
    for _ in 0..STEPS {
        let middle = f64::midpoint(low, high);
        if below(a, b, middle) < probability { low = middle } else { high = middle }
    }
    f64::midpoint(low, high)
}

/// How likely a beta variable is below what has these odds: by its smaller end, so that nothing is lost where it is close to 1.
fn below(a: f64, b: f64, odds: f64) -> f64 {
    let of = |a: f64, b: f64, x: f64| checked_beta_reg(a, b, x).unwrap_or(0.0);
    match odds <= 0.0 {
        true => of(a, b, odds.exp() / (1.0 + odds.exp())),
        false => 1.0 - of(b, a, (-odds).exp() / (1.0 + (-odds).exp())),
    }
}

/// Between which numbers of events 95 % lie, where so many are to be expected: exact Poisson limits, drawn out between whole numbers by the
/// gamma distribution (`P(X <= k) = Q(k + 1, mean)`); beyond [`MANY`] calculated.
pub fn expected(mean: f64) -> (f64, f64) {
    if mean <= 0.0 {
        return (0.0, 0.0);
    }
    if mean > MANY {
        let skewed = mean + (DEVIATIONS * DEVIATIONS - 1.0) / 6.0 - 0.5;
        return (skewed - DEVIATIONS * mean.sqrt(), skewed + DEVIATIONS * mean.sqrt());
    }
    let at_most = |events: f64| checked_gamma_ur(events + 1.0, mean).unwrap_or(1.0);
    let found = |probability: f64| {
        let (mut low, mut high) = (-1.0, mean + 20.0 * (mean.sqrt() + 1.0));
        for _ in 0..STEPS {
            let middle = f64::midpoint(low, high);
            if at_most(middle) < probability { low = middle } else { high = middle }
        }
        f64::midpoint(low, high).max(0.0)
    };
    (found(TAIL), found(1.0 - TAIL))
}

/// A count as a number to calculate with; up to 2^53 it is exact.
pub fn real(count: i64) -> f64 {
    let count = count.max(0).unsigned_abs();
    let part = |bits: u64| u32::try_from(bits & u64::from(u32::MAX)).map_or(0.0, f64::from);
    part(count >> 32) * 4_294_967_296.0 + part(count)
}

/// A ratio or a limit as a decimal number with nine decimals.
pub fn decimal(number: f64) -> String {
    format!("{number:.9}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn compared(events: i64, units: i64, other_events: i64, other_units: i64) -> Ratio {
        Compared { events, units, other_events, other_units }.ratio()
    }

    fn is_close(found: f64, expected: f64) -> bool {
        (found - expected).abs() <= expected.abs() * 1e-9
    }

    /// The limits of `p` by bisection of exact binomial sums in 60 digits (Python, mpmath), each times `n2 / n1` as odds:
    ///
    /// ```python
    /// tail = lambda ks, z: fsum(binomial(n, k) * p(z)**k * (1 - p(z))**(n - k) for k in ks)   # p(z) = 1 / (1 + exp(-z)), n = x1 + x2
    /// lower = exp(z) * n2 / n1 where tail(range(x1, n + 1), z) = 0.025
    /// upper = exp(z) * n2 / n1 where tail(range(0, x1 + 1), z) = 0.025
    /// ```
    #[test]
    fn limits_are_those_of_exact_binomial_sums() {
        let rows = [
            ((1, 100, 1, 100), Some(1.0), 0.01273936708366662, Some(78.496835316263)),
            ((3, 100, 4, 400), Some(3.0), 0.4394538986524897, Some(17.7330395567295)),
            ((5, 50, 2, 1000), Some(50.0), 8.18572161709785, Some(525.069535448165)),
            ((3, 10, 0, 90), None, 3.719082195278044, None),
            ((0, 100, 7, 900), Some(0.0), 0.0, Some(6.244325820868074)),
            ((1, 10, 0, 1000000), None, 2564.102564102564, None),
            ((0, 5, 1, 5), Some(0.0), 0.0, Some(39.0)),
            ((10, 200, 10, 200), Some(1.0), 0.3735468466993662, Some(2.677040400249473)),
            ((2, 20, 30, 3000), Some(10.0), 1.15798144249349, Some(39.41054388153409)),
            ((1, 1000000, 1000, 1000000), Some(0.001), 2.529283532718709e-5, Some(0.005584395878431442)),
            ((1000, 1000000, 1, 1000000), Some(1000.0), 179.0703993358154, Some(39536.88809752013)),
            ((500, 123456, 500, 654321), Some(5.300034020217729), 4.672730628309983, Some(6.011551456717489)),
            ((40, 1000, 960, 24000), Some(1.0), 0.7098554687755019, Some(1.371928603076837)),
            ((1000, 1000000, 0, 1000000), None, 270.5853380883682, None),
            ((0, 1000000, 1000, 1000000), Some(0.0), 0.0, Some(0.003695691743923753)),
            ((999, 1, 1000, 1000000), Some(999000.0), 914224.3868689924, Some(1091635.734428089)),
        ];
        for ((x1, n1, x2, n2), rate_ratio, lower, upper) in rows {
            let found = compared(x1, n1, x2, n2);
            let are_close = |one: Option<f64>, other: Option<f64>| match (one, other) {
                (Some(one), Some(other)) => is_close(one, other),
                (one, other) => one == other,
            };
            let is_it = are_close(found.rate_ratio, rate_ratio)
                && is_close(found.lower, lower)
                && are_close(found.upper, upper)
                && found.flagged == (lower > 1.0 && x1 >= 3);
            assert!(is_it, "{x1}/{n1} against {x2}/{n2}: {found:?}");
        }
    }

    #[test]
    fn where_nothing_can_be_said_nothing_is() {
        let nothing = Ratio { rate_ratio: None, lower: 0.0, upper: None, flagged: false };
        for (x1, n1, x2, n2) in [
            (0, 0, 0, 0),
            (0, 10, 0, 10),
            (5, 10, 0, 0),
            (5, 0, 1, 10),
            (5, 10, 3, 0),
            (-1, -1, -1, -1),
            (0, 0, 4, 100),
        ] {
            assert_eq!(compared(x1, n1, x2, n2), nothing, "{x1}/{n1} against {x2}/{n2}");
        }
    }

    #[test]
    fn three_events_flag_and_two_do_not() {
        assert!(!compared(2, 1, 0, 1_000_000).flagged);
        assert!(compared(3, 1, 0, 1_000_000).flagged);
        assert!(!compared(3, 100, 300, 10_000).flagged);
    }

    /// Poisson quantiles by exact sums: 3 of a mean of 8 or less are 4.2 %, 2 or less are 1.4 %; 14 or less are 98.3 %, 13 or less 96.6 %.
    #[test]
    fn what_is_to_be_expected_lies_between_exact_limits() {
        let (low, high) = expected(8.0);
        assert!((2.0..3.0).contains(&low) && (13.0..14.0).contains(&high), "{low} {high}");
        assert_eq!(expected(0.0), (0.0, 0.0));
        // Where `gammainc(k + 1, mean, inf, regularized=True)` is 0.025 and 0.975 (Python, mpmath, 40 digits): on both sides of what is
        // calculated.
        for (mean, low, high) in [
            (50.0, 36.138_477_609_838_5, 63.811_403_767_354_47),
            (99_999.0, 99_379.182_146_681_18, 100_618.765_007_621_05),
            (100_000.0, 99_380.179_047_695_75, 100_619.768_106_606_47),
            (1_000_000.0, 998_040.009_751_012_8, 1_001_959.937_402_063_7),
        ] {
            let found = expected(mean);
            assert!((found.0 - low).abs() < 1e-3 && (found.1 - high).abs() < 1e-3, "{mean}: {found:?}");
        }
        // More than anybody counts ends at once.
        let (low, high) = expected(1e19);
        assert!(low < 1e19 && 1e19 < high && low > 0.999e19, "{low} {high}");
    }

    #[test]
    fn a_count_is_the_number_that_it_is() {
        for (count, number) in
            [(0, 0.0), (-5, 0.0), (1, 1.0), (4_294_967_297, 4_294_967_297.0), (1 << 53, 9_007_199_254_740_992.0)]
        {
            assert_eq!(real(count).to_string(), f64::to_string(&number));
        }
        assert_eq!(
            (decimal(0.5), decimal(39_536.888_097_520_13)),
            ("0.500000000".to_owned(), "39536.888097520".to_owned())
        );
    }

    proptest! {
        /// Nothing panics or goes on for ever; the ratio lies within its interval; who changes sides gets the same, turned over; and what
        /// has more events has no lower limits.
        #[test]
        fn an_interval_is_one(
            x1 in prop_oneof![0_i64..50, 0_i64..=1_000, 0_i64..=i64::MAX], n1 in prop_oneof![0_i64..50, 1_i64..=1_000_000, 0_i64..=i64::MAX],
            x2 in prop_oneof![0_i64..50, 0_i64..=1_000, 0_i64..=i64::MAX], n2 in prop_oneof![0_i64..50, 1_i64..=1_000_000, 0_i64..=i64::MAX],
        ) {
            let found = compared(x1, n1, x2, n2);
            prop_assert!(found.lower.is_finite() && found.lower >= 0.0, "{:?}", found);
            prop_assert!(found.upper.is_none_or(f64::is_finite), "{:?}", found);
            if x1 <= 1_000 && x2 <= 1_000 && n1 <= 1_000_000 && n2 <= 1_000_000 {
                if let (Some(ratio), Some(upper)) = (found.rate_ratio, found.upper) {
                    prop_assert!(found.lower <= ratio && ratio <= upper, "{:?}", found);
                    let turned = compared(x2, n2, x1, n1);
                    prop_assert!(is_close(turned.lower * upper, 1.0), "{:?} {:?}", found, turned);
                }
                let more = compared(x1 + 1, n1, x2, n2);
                prop_assert!(more.lower >= found.lower, "{:?} {:?}", found, more);
            }
        }
    }
}
