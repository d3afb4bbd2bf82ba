//! What speaks against a sensor. Pure arithmetic over readings.
//!
//! A suspicion is told to whoever decides, and decides nothing itself: what a doubtful sensor measured is judged like anything
//! else, and holds what it holds. Whether a door stood open or a fridge failed tells the alarm rule, by how long it lasted,
//! and nothing here guesses at it.

use std::collections::VecDeque;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::model::Reading;
use crate::clock::Moment;
use crate::values::words;

const MINUTE_US: i64 = 60_000_000;
const DAY_US: i64 = 24 * 60 * MINUTE_US;

/// How much a temperature can change within a minute, in milli-degrees.
///
/// The air of a refrigerator warms by a few degrees a minute behind an opened door, and by a few an hour in a power cut. The
/// fastest honest change is that of the probe itself: carried from 5 °C into a hot room of 35 °C, a bare one that has taken
/// on 90 % of a change after two minutes (EN 12830 allows ten and more) comes 20 °C nearer in the first. A loose or broken
/// wire needs no time at all.
const STEP_MINUTE_MC: i64 = 20_000;

/// How much it can change between two readings however far they are apart, in milli-degrees: from a refrigerator into the
/// hottest room (45 °C), or from a freezer at -20 °C into an ordinary one. What a broken sensor says lies beyond: 85 and 125 °C,
/// -40 °C and less are the ends of what its electronics can say.
const STEP_MOST_MC: i64 = 40_000;

/// For how long a temperature must not have moved. Compressors, doors, defrosting and the night move it many times a day.
const STUCK_US: i64 = DAY_US;

/// How many readings there must be within that time: one an hour. One that measures seldom may well find the same again.
pub const STUCK_READINGS: usize = 24;

/// What coarse loggers tell apart, in milli-degrees: in a good refrigerator, with its probe in a bottle of glycol, one of half
/// degrees may say the same for a day and be in order.
const COARSE_MC: i32 = 500;

words! {
    /// What speaks against a sensor.
    SuspicionCode {
        /// It measured a change that no refrigerator, opened door or power cut makes.
        SensorJump "sensor_jump",
        /// It has measured exactly the same for a day or longer.
        SensorStuck "sensor_stuck",
        /// The day had come by which it must have been calibrated again.
        CalibrationOverdue "calibration_overdue",
    }
}

/// What speaks against a sensor, with what shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Suspicion {
    /// It measured a change that no refrigerator, opened door or power cut makes.
    SensorJump {
        /// When it measured the second of the two temperatures.
        at: Moment,
        /// The first, in milli-degrees.
        from_mc: i32,
        /// The second, in milli-degrees.
        to_mc: i32,
        /// How long they are apart, in seconds.
        seconds: i64,
    },
    /// It measured exactly the same for a day or longer.
    SensorStuck {
        /// Since when.
        since: Moment,
        /// What, in milli-degrees.
        milli_c: i32,
    },
    /// The day had come by which it must have been calibrated again.
    CalibrationOverdue {
        /// That day.
        due: NaiveDate,
    },
}

impl Suspicion {
    /// Its code.
    pub fn code(&self) -> SuspicionCode {
        match self {
            Suspicion::SensorJump { .. } => SuspicionCode::SensorJump,
            Suspicion::SensorStuck { .. } => SuspicionCode::SensorStuck,
            Suspicion::CalibrationOverdue { .. } => SuspicionCode::CalibrationOverdue,
        }
    }

    /// When it showed, or began.
    pub fn at(&self) -> Option<Moment> {
        match self {
            Suspicion::SensorJump { at, .. } => Some(*at),
            Suspicion::SensorStuck { since, .. } => Some(*since),
            Suspicion::CalibrationOverdue { .. } => None,
        }
    }

    /// In a sentence.
    pub fn message(&self) -> String {
        let celsius = |milli_c: &i32| format!("{} °C", f64::from(*milli_c) / 1000.0);
        match self {
            Suspicion::SensorJump { from_mc, to_mc, seconds, .. } => format!(
                "From {} to {} within {seconds} s: no refrigerator, opened door or power cut does that.",
                celsius(from_mc),
                celsius(to_mc)
            ),
            Suspicion::SensorStuck { milli_c, .. } => {
                format!("Exactly {} for a day or longer, though it can tell smaller changes.", celsius(milli_c))
            }
            Suspicion::CalibrationOverdue { due } => format!("It must have been calibrated again by {due}."),
        }
    }
}

/// Whether no temperature changes so much between two readings that follow on each other: more than 20 °C within a minute, or
/// than 40 °C within two or more.
pub fn is_jump(one: Reading, next: Reading) -> bool {
    let apart_us = next.at_us.saturating_sub(one.at_us).max(MINUTE_US);
    let possible_mc = STEP_MINUTE_MC.saturating_mul(apart_us).div_euclid(MINUTE_US).min(STEP_MOST_MC);
    i64::from(next.milli_c).saturating_sub(i64::from(one.milli_c)).abs() > possible_mc
}

/// Whether a temperature shows that its sensor can tell more than half degrees apart.
pub fn is_fine(milli_c: i32) -> bool {
    milli_c.rem_euclid(COARSE_MC) != 0
}

/// Whether what a sensor has said since a moment, without any other temperature between, is too long the same: until its last
/// reading, with the moment of the 24th before that, itself counted. All in microseconds.
pub fn is_stuck(since_us: i64, last_us: i64, of_24_us: i64) -> bool {
    let day_before_us = last_us.saturating_sub(STUCK_US);
    since_us <= day_before_us && of_24_us >= day_before_us
}

/// Whether a sensor must have been calibrated again on a day.
pub fn overdue(due: Option<NaiveDate>, on: NaiveDate) -> Option<Suspicion> {
    due.filter(|due| *due <= on).map(|due| Suspicion::CalibrationOverdue { due })
}

/// Looks for what is suspicious in readings, given in the order of their time: the first of each kind.
///
/// What shows the sensor's resolution must be among them, so that what is found follows from them alone and from nothing that
/// is sent for another time.
pub struct Watch {
    silent_after_us: i64,
    last: Option<Reading>,
    since_us: i64,
    lately_us: VecDeque<i64>,
    is_fine: bool,
    jump: Option<Suspicion>,
    stuck: Option<Suspicion>,
}

impl Watch {
    /// Without any reading, of a sensor that is silent after so long: what is further apart does not follow on each other.
    pub fn new(silent_after_us: i64) -> Self {
        Watch {
            silent_after_us,
            last: None,
            since_us: i64::MAX,
            lately_us: VecDeque::new(),
            is_fine: false,
            jump: None,
            stuck: None,
        }
    }

    /// Takes the next reading.
    pub fn take(&mut self, reading: Reading) {
        let Reading { at_us, milli_c } = reading;
        self.is_fine |= is_fine(milli_c);
        let last = self.last.replace(reading);
        if let Some(last) = last {
            let apart_us = at_us.saturating_sub(last.at_us);
            if self.jump.is_none() && apart_us <= self.silent_after_us && is_jump(last, reading) {
                self.jump = Some(Suspicion::SensorJump {
                    at: Moment::at_unix_micros(at_us),
                    from_mc: last.milli_c,
                    to_mc: milli_c,
                    seconds: apart_us.div_euclid(1_000_000),
                });
            }
        }
        if last.is_none_or(|last| last.milli_c != milli_c) {
            self.since_us = at_us;
            self.lately_us.clear();
        }
        self.lately_us.push_back(at_us);
        if self.lately_us.len() > STUCK_READINGS {
            self.lately_us.pop_front();
        }
        let of_24_us = self.lately_us.front().filter(|_| self.lately_us.len() == STUCK_READINGS);
        if self.stuck.is_none() && of_24_us.is_some_and(|of_24_us| is_stuck(self.since_us, at_us, *of_24_us)) {
            self.stuck = Some(Suspicion::SensorStuck { since: Moment::at_unix_micros(self.since_us), milli_c });
        }
    }

    /// What was found.
    pub fn found(self) -> Vec<Suspicion> {
        let stuck = self.stuck.filter(|_| self.is_fine);
        self.jump.into_iter().chain(stuck).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3600;

    /// The codes of what is found in temperatures, in milli-degrees, at these seconds; silent after an hour and a half.
    fn found(readings: &[(i64, i32)]) -> Vec<(&'static str, i64)> {
        let mut watch = Watch::new(5400 * 1_000_000);
        for (second, milli_c) in readings {
            watch.take(Reading { at_us: second * 1_000_000, milli_c: *milli_c });
        }
        let found = watch.found();
        found.iter().map(|found| (found.code().as_str(), found.at().unwrap().unix_seconds())).collect()
    }

    #[test]
    fn a_jump_is_faster_than_any_probe() {
        // python3: max(abs(c-a) for a, c, m in rows) against min(20 * max(m, 1), 40), m in minutes
        let rows = [
            // A bare probe in a hot room, and a door that stands open.
            (60, 5_000, 25_000, false),
            (300, 5_000, 35_000, false),
            (60, 5_000, 25_001, true),
            (1, 5_000, 25_001, true),
            (1, 5_000, 25_000, false),
            (90, 5_000, 35_000, false),
            (90, 5_000, 35_001, true),
            (300, 5_000, 45_000, false),
            (300, 5_000, 85_000, true),
            (300, 5_000, -35_001, true),
            (300, -20_000, 20_000, false),
            // Whoever was silent between has not jumped.
            (5400, 5_000, 85_000, true),
            (5401, 5_000, 85_000, false),
        ];
        for (second, from, to, expected) in rows {
            let said = found(&[(0, from), (second, to)]);
            assert_eq!(said, if expected { vec![("sensor_jump", second)] } else { vec![] }, "{second} {from} {to}");
        }
        assert_eq!(found(&[(0, 0), (60, 85_000), (120, 0)]), [("sensor_jump", 60)], "the first is told");
    }

    #[test]
    fn stuck_is_what_can_move_and_does_not_for_a_day() {
        let hourly = |hours: i64, milli_c: i32| (0..=hours).map(move |hour| (hour * HOUR, milli_c));
        let all = |hours, milli_c| found(&hourly(hours, milli_c).collect::<Vec<_>>());
        assert_eq!(all(24, 5_100), [("sensor_stuck", 0)]);
        assert_eq!(all(23, 5_100), []);
        // One of half degrees may say so; what it said before shows whether it is one.
        assert_eq!(all(48, 5_500), []);
        let after = |first: i32| {
            let rest = hourly(24, 5_500).map(|(second, milli_c)| (second + HOUR, milli_c));
            found(&std::iter::once((0, first)).chain(rest).collect::<Vec<_>>())
        };
        assert_eq!((after(5_000), after(5_100)), (vec![], vec![("sensor_stuck", HOUR)]));
        // Another temperature between begins a new day; one reading that is missing does not; many do.
        let but = |odd: &dyn Fn(i64) -> Option<i32>| {
            let rows = hourly(40, 5_100).filter_map(|(second, _)| Some((second, odd(second / HOUR)?)));
            found(&rows.collect::<Vec<_>>())
        };
        assert_eq!(but(&|hour| Some(if hour == 20 { 5_200 } else { 5_100 })), []);
        assert_eq!(but(&|hour| (hour != 20).then_some(5_100)), [("sensor_stuck", 0)]);
        assert_eq!(but(&|hour| (hour % 2 == 0).then_some(5_100)), []);
    }

    #[test]
    fn calibration_is_overdue_from_its_day_on() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let due = Some(day("2026-07-01"));
        assert_eq!(overdue(due, day("2026-06-30")), None);
        assert_eq!(overdue(due, day("2026-07-01")).map(|found| found.code().as_str()), Some("calibration_overdue"));
        assert_eq!(overdue(None, day("2026-07-01")), None);
    }
}
