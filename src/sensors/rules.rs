//! What may be asked of a location's temperature, and when a sensor is silent.

use super::climate::Buckets;
use super::model::Sensor;
use crate::clock::Moment;
use crate::error::{Error, Result};
use crate::limits::{CLIMATE_BUCKETS_MAX, CLIMATE_DAYS_MAX, READINGS_LOOKED_BACK_DAYS};
use crate::problem::ProblemCode;
use crate::sites::model::Location;

/// Buckets that are chosen when none are asked for, in minutes: from the finest.
const CHOICES: [i64; 6] = [5, 15, 60, 6 * 60, 24 * 60, 7 * 24 * 60];
/// As many points as a plot has at the most.
const POINTS: i64 = 750;
const MINUTE_US: i64 = 60 * 1_000_000;

/// Which buckets that is: the last ends at `to`, however long it is then.
///
/// # Errors
/// `malformed_query`.
pub fn buckets(from: Moment, to: Moment, resolution: Option<&str>) -> Result<Buckets> {
    let refuse = |field: &str, rule: String| Error::problem(ProblemCode::MalformedQuery, format!("{field} {rule}."));
    let (from_us, to_us) = (from.unix_micros(), to.unix_micros());
    let span_us = to_us.saturating_sub(from_us);
    if span_us <= 0 {
        return Err(refuse("to", "must lie after from".to_owned()));
    }
    if to > from.plus_days(CLIMATE_DAYS_MAX) {
        return Err(refuse("to", format!("must lie at most {CLIMATE_DAYS_MAX} days after from")));
    }
    let count_of = |each_us: i64| span_us.saturating_sub(1).div_euclid(each_us).saturating_add(1);
    let each_us = match resolution {
        Some(text) => {
            let rule = "must be a number and m, h or d, such as 15m, 1h or 7d";
            minutes(text).ok_or_else(|| refuse("resolution", rule.to_owned()))?.saturating_mul(MINUTE_US)
        }
        None => {
            let fits = |minutes: &i64| count_of(minutes.saturating_mul(MINUTE_US)) <= POINTS;
            CHOICES.into_iter().find(fits).unwrap_or(7 * 24 * 60).saturating_mul(MINUTE_US)
        }
    };
    match usize::try_from(count_of(each_us)) {
        Ok(count) if count <= CLIMATE_BUCKETS_MAX => Ok(Buckets { from_us, to_us, each_us, count }),
        _ => Err(refuse("resolution", format!("gives more than {CLIMATE_BUCKETS_MAX} buckets: choose longer ones"))),
    }
}

/// The minutes that `15m`, `1h` or `7d` are.
fn minutes(text: &str) -> Option<i64> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let each = match unit {
        "m" => 1,
        "h" => 60,
        "d" => 24 * 60,
        _ => return None,
    };
    let number =
        Some(number).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_digit()))?.parse::<i64>().ok()?;
    number.checked_mul(each).filter(|minutes| (1..=CLIMATE_DAYS_MAX.saturating_mul(24 * 60)).contains(minutes))
}

/// Whether a mean kinetic temperature says something of what is kept at a location: it does not apply to frozen product
/// (DOMAIN.md, "Storage arithmetic").
pub fn has_kinetic_mean(location: &Location) -> bool {
    location.max_mc > 0
}

/// From which moment on a reading of a sensor can still be judged, when those before a moment were let go: bouts count for
/// thirty days for a cumulative rule (WHO/PQS/E006/TR06), and whether those of then were an alarm is known by thirty more.
pub fn judged_from(let_go_before: Moment) -> Moment {
    let_go_before.plus_days(READINGS_LOOKED_BACK_DAYS)
}

/// A sensor that has said nothing for three intervals is silent (DOMAIN rule 16).
pub fn silent_after_us(sensor: &Sensor) -> i64 {
    sensor.interval_seconds.saturating_mul(3 * 1_000_000)
}

/// Since when a sensor in use is silent at a moment, if it is: three intervals after its last reading, or after it was
/// registered. One that travels says nothing between two journeys, and nobody misses it.
pub fn silent_since(sensor: &Sensor, last_us: Option<i64>, now: Moment) -> Option<Moment> {
    if sensor.travels {
        return None;
    }
    let last_us = last_us.unwrap_or_else(|| sensor.registered_at.unix_micros());
    Some(Moment::at_unix_micros(last_us.saturating_add(silent_after_us(sensor)))).filter(|since| *since < now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_as_long_as_they_are_asked_for() {
        let at = |text: &str| -> Moment { text.parse().unwrap() };
        let asked = |to: &str, resolution: Option<&str>| -> Option<(i64, usize)> {
            let asked = buckets(at("2026-01-01T00:00:00Z"), at(to), resolution).ok()?;
            Some((asked.each_us / MINUTE_US, asked.count))
        };
        let rows = [
            ("2026-01-02T00:00:00Z", Some("15m"), Some((15, 96))),
            ("2026-01-02T00:00:00Z", Some("24h"), Some((1440, 1))),
            ("2026-01-02T00:00:01Z", Some("24h"), Some((1440, 2))),
            ("2026-01-02T00:00:00Z", Some("1d"), Some((1440, 1))),
            ("2026-01-02T00:00:00Z", None, Some((5, 288))),
            ("2026-02-01T00:00:00Z", None, Some((60, 744))),
            ("2027-01-01T00:00:00Z", None, Some((1440, 365))),
            ("2026-01-01T00:00:00Z", None, None),
            ("2025-01-01T00:00:00Z", None, None),
            ("2036-01-01T00:00:00Z", Some("7d"), None),
            ("2027-01-01T00:00:00Z", Some("1m"), None),
        ];
        for (to, resolution, expected) in rows {
            assert_eq!(asked(to, resolution), expected, "{to} {resolution:?}");
        }
        for wrong in ["", "m", "0m", "-5m", "1.5h", "5", "5s", "+5m", "99999999999999999999d", "5µ"] {
            assert_eq!(asked("2026-01-02T00:00:00Z", Some(wrong)), None, "{wrong}");
        }
    }
}
