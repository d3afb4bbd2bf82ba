//! When temperatures are an excursion. Pure arithmetic over readings.

use crate::sensors::model::{AlarmMode, AlarmRule, Comparator, Reading, Sensor};
use crate::sites::model::Location;

const MINUTE_US: i64 = 60_000_000;

/// For how long bouts are remembered for a cumulative rule, in microseconds: thirty days, as refrigerator loggers do
/// (WHO/PQS/E006/TR06).
pub const REMEMBERED_US: i64 = 30 * 24 * 60 * MINUTE_US;

/// The alarm rules of a sensor. Without any: outside its location's band, which is still inside at its ends, for thirty
/// minutes at a time (API.md, "sensor").
pub fn rules_of(sensor: &Sensor, location: &Location) -> Vec<AlarmRule> {
    if !sensor.alarm_rules.is_empty() {
        return sensor.alarm_rules.to_vec();
    }
    let outside = |comparator, milli_c| AlarmRule { comparator, milli_c, minutes: 30, mode: AlarmMode::Single };
    vec![
        outside(Comparator::Above, location.max_mc.saturating_add(1)),
        outside(Comparator::Below, location.min_mc.saturating_sub(1)),
    ]
}

/// Whether a temperature is on the wrong side of a rule's threshold, which is on it (WHO/PQS/E006/TR07).
pub fn is_out(rule: &AlarmRule, milli_c: i32) -> bool {
    match rule.comparator {
        Comparator::Above => milli_c >= rule.milli_c,
        Comparator::Below => milli_c <= rule.milli_c,
    }
}

/// A time without interruption on the wrong side of a threshold, in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bout {
    /// When it began.
    pub from_us: i64,
    /// When it ended, or what is known of it did.
    pub to_us: i64,
    /// Whether nothing says that it has ended.
    pub is_open: bool,
}

/// Finds bouts in the readings of a sensor, given in the order of their time.
///
/// A temperature stands until the next reading, and for one interval where the sensor was silent after it (a gap of more than
/// three intervals): what was in that silence nobody knows, and a silent excursion says so.
pub struct Bouts<'a> {
    rule: &'a AlarmRule,
    interval_us: i64,
    silent_after_us: i64,
    began_us: Option<i64>,
    last: Option<Reading>,
    done: Vec<Bout>,
}

impl<'a> Bouts<'a> {
    /// Without any reading, of a sensor that measures at such an interval and is silent after so long.
    pub fn new(rule: &'a AlarmRule, interval_us: i64, silent_after_us: i64) -> Self {
        Bouts { rule, interval_us, silent_after_us, began_us: None, last: None, done: Vec::new() }
    }

    /// Takes the next reading.
    pub fn take(&mut self, reading: Reading) {
        let out = is_out(self.rule, reading.milli_c);
        if let (Some(last), Some(from_us)) = (self.last, self.began_us) {
            let follows = reading.at_us.saturating_sub(last.at_us) <= self.silent_after_us;
            if !(follows && out) {
                let to_us = if follows { reading.at_us } else { last.at_us.saturating_add(self.interval_us) };
                self.done.push(Bout { from_us, to_us, is_open: false });
                self.began_us = None;
            }
        }
        if out && self.began_us.is_none() {
            self.began_us = Some(reading.at_us);
        }
        self.last = Some(reading);
    }

    /// All that were found. One that the last reading is in goes on.
    pub fn found(mut self) -> Vec<Bout> {
        if let (Some(last), Some(from_us)) = (self.last, self.began_us) {
            self.done.push(Bout { from_us, to_us: last.at_us, is_open: true });
        }
        self.done
    }
}

/// A time in which units were at a location, in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stay {
    /// When the first of them came.
    pub from_us: i64,
    /// When the last of them left; none where some are still there.
    pub to_us: Option<i64>,
}

impl Stay {
    /// Stays that touch are one. The earliest first.
    pub fn merged(mut stays: Vec<Stay>) -> Vec<Stay> {
        stays.sort_by_key(|stay| stay.from_us);
        let mut merged: Vec<Stay> = Vec::with_capacity(stays.len());
        for stay in stays {
            match merged.last_mut() {
                Some(last) if last.to_us.is_none_or(|left_us| stay.from_us <= left_us) => {
                    last.to_us = last.to_us.zip(stay.to_us).map(|(one_us, other_us)| one_us.max(other_us));
                }
                _ => merged.push(stay),
            }
        }
        merged
    }
}

/// What of bouts was while units were there: in a transport box nothing else counts. What the last reading says stands until
/// they left, but for no more than one interval.
pub fn while_there(bouts: &[Bout], stays: &[Stay], interval_us: i64) -> Vec<Bout> {
    let during = |bout: &Bout, stay: &Stay| {
        let from_us = bout.from_us.max(stay.from_us);
        let to_us = match (stay.to_us, bout.is_open) {
            (None, _) => bout.to_us,
            (Some(left_us), false) => bout.to_us.min(left_us),
            (Some(left_us), true) => bout.to_us.saturating_add(interval_us).min(left_us),
        };
        let is_open = bout.is_open && stay.to_us.is_none();
        (to_us > from_us || (is_open && to_us == from_us)).then_some(Bout { from_us, to_us, is_open })
    };
    stays.iter().flat_map(|stay| bouts.iter().filter_map(move |bout| during(bout, stay))).collect()
}

/// A time in which a sensor said nothing.
pub fn silence(from_us: i64, to_us: i64) -> Alarm {
    Alarm { from_us, to_us, is_open: false, minutes: to_us.saturating_sub(from_us).div_euclid(MINUTE_US) }
}

/// When a sensor said nothing for longer than `gap_us` while units were there. `gaps` are the times in which it said nothing; after
/// one without an end nothing is known yet, unless the units have left since.
pub fn silences_while_there(gaps: &[(i64, Option<i64>)], stays: &[Stay], gap_us: i64, now_us: i64) -> Vec<Alarm> {
    let during = |(last_us, next_us): (i64, Option<i64>), stay: &Stay| {
        let until_us = next_us.or(stay.to_us.map(|_| now_us))?;
        let (from_us, to_us) =
            (last_us.max(stay.from_us), stay.to_us.map_or(until_us, |left_us| left_us.min(until_us)));
        (to_us.saturating_sub(from_us) > gap_us).then(|| silence(from_us, to_us))
    };
    gaps.iter().flat_map(|gap| stays.iter().filter_map(move |stay| during(*gap, stay))).collect()
}

/// A time that a rule raises an alarm about, in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alarm {
    /// When it began.
    pub from_us: i64,
    /// When it ended, or what is known of it did.
    pub to_us: i64,
    /// Whether nothing says that it has ended.
    pub is_open: bool,
    /// For how many whole minutes it was out.
    pub minutes: i64,
}

/// What a rule raises an alarm about: each bout that lasts as long as the rule says or, for a cumulative one, all that come to
/// as much within thirty days, from the first to the last of them.
pub fn alarms(bouts: &[Bout], rule: &AlarmRule) -> Vec<Alarm> {
    let limit_us = rule.minutes.saturating_mul(MINUTE_US);
    let (mut alarms, mut oldest, mut within_us): (Vec<Alarm>, _, i64) = (Vec::new(), 0, 0);
    for bout in bouts {
        let length_us = bout.to_us.saturating_sub(bout.from_us);
        let (from_us, out_us) = match rule.mode {
            AlarmMode::Single => (bout.from_us, length_us),
            AlarmMode::Cumulative => {
                let since_us = bout.to_us.saturating_sub(REMEMBERED_US);
                within_us = within_us.saturating_add(length_us);
                while let Some(gone) = bouts.get(oldest).filter(|old| old.to_us <= since_us) {
                    within_us = within_us.saturating_sub(gone.to_us.saturating_sub(gone.from_us));
                    oldest = oldest.saturating_add(1);
                }
                let first_us = bouts.get(oldest).map_or(bout.from_us, |old| old.from_us);
                let forgotten_us = since_us.saturating_sub(first_us).max(0);
                (first_us.max(since_us), within_us.saturating_sub(forgotten_us))
            }
        };
        if out_us < limit_us {
            continue;
        }
        let (to_us, is_open) = (bout.to_us, bout.is_open);
        match alarms.last_mut() {
            Some(last) if rule.mode == AlarmMode::Cumulative && from_us <= last.to_us => {
                (last.to_us, last.is_open) = (to_us, is_open);
            }
            _ => alarms.push(Alarm { from_us, to_us, is_open, minutes: 0 }),
        }
    }
    for alarm in &mut alarms {
        let out_us =
            bouts.iter().map(|bout| bout.to_us.min(alarm.to_us).saturating_sub(bout.from_us.max(alarm.from_us)));
        alarm.minutes = out_us.filter(|out_us| *out_us > 0).sum::<i64>().div_euclid(MINUTE_US);
    }
    alarms
}

/// The parts of an alarm that these spans, which somebody has assessed, do not cover: each with the number of the span that it
/// goes on from.
pub fn not_assessed(alarm: Alarm, assessed: &[(i64, i64)]) -> Vec<(Alarm, Option<usize>)> {
    let mut left = vec![(alarm, None)];
    for (number, (from_us, to_us)) in assessed.iter().enumerate() {
        let parts = left.into_iter().flat_map(|(part, after): (Alarm, Option<usize>)| {
            if *to_us < part.from_us || *from_us > part.to_us {
                return vec![(part, after)];
            }
            let cut = |from_us: i64, to_us: i64, is_open| {
                let minutes = to_us.saturating_sub(from_us).div_euclid(MINUTE_US);
                (to_us > from_us).then_some((Alarm { from_us, to_us, is_open, minutes }, Some(number)))
            };
            let before = cut(part.from_us, part.to_us.min(*from_us), false);
            let behind = cut(part.from_us.max(*to_us), part.to_us, part.is_open);
            before.into_iter().chain(behind).collect()
        });
        left = parts.collect();
    }
    left
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rule(minutes: i64, mode: AlarmMode) -> AlarmRule {
        AlarmRule { comparator: Comparator::Above, milli_c: 8_000, minutes, mode }
    }

    /// Bouts of readings at these minutes, of a sensor that measures every five.
    fn bouts(readings: &[(i64, i32)]) -> Vec<(i64, i64, bool)> {
        let rule = rule(30, AlarmMode::Single);
        let mut bouts = Bouts::new(&rule, 5 * MINUTE_US, 15 * MINUTE_US);
        for (minute, milli_c) in readings {
            bouts.take(Reading { at_us: minute * MINUTE_US, milli_c: *milli_c });
        }
        bouts.found().iter().map(|bout| (bout.from_us / MINUTE_US, bout.to_us / MINUTE_US, bout.is_open)).collect()
    }

    #[test]
    fn a_temperature_stands_until_the_next() {
        // DOMAIN.md, "Storage arithmetic": thresholds are inclusive; WHO/PQS/E006/TR07.
        assert_eq!(bouts(&[(0, 7_999), (5, 8_000), (10, 9_000), (15, 7_999)]), [(5, 15, false)]);
        // Bouts below the limit do not add up.
        assert_eq!(bouts(&[(0, 9_000), (5, 5_000), (10, 9_000), (15, 5_000)]), [(0, 5, false), (10, 15, false)]);
        // DOMAIN rule 16: a gap of three intervals is none, a longer one is a silence, of which nobody knows.
        assert_eq!(bouts(&[(0, 9_000), (15, 9_000), (30, 5_000)]), [(0, 30, false)]);
        assert_eq!(bouts(&[(0, 9_000), (16, 9_000), (20, 5_000)]), [(0, 5, false), (16, 20, false)]);
        assert_eq!(bouts(&[(0, 9_000), (40, 5_000)]), [(0, 5, false)]);
        // Nothing says that the last one has ended.
        assert_eq!(bouts(&[(0, 9_000), (5, 9_000)]), [(0, 5, true)]);
        assert_eq!(bouts(&[]), []);
    }

    fn stay(from: i64, to: Option<i64>) -> Stay {
        Stay { from_us: from * MINUTE_US, to_us: to.map(|to| to * MINUTE_US) }
    }

    #[test]
    fn on_a_journey_only_what_was_while_units_were_there_counts() {
        let bout = |from: i64, to: i64, is_open| Bout { from_us: from * MINUTE_US, to_us: to * MINUTE_US, is_open };
        let of = |bouts: &[Bout], stays: &[Stay]| -> Vec<(i64, i64, bool)> {
            let found = while_there(bouts, stays, 5 * MINUTE_US);
            found.iter().map(|bout| (bout.from_us / MINUTE_US, bout.to_us / MINUTE_US, bout.is_open)).collect()
        };
        // The logger was warm before it was packed, and after it was unpacked.
        assert_eq!(
            of(&[bout(0, 110, false), bout(190, 300, false)], &[stay(100, Some(200))]),
            [(100, 110, false), (190, 200, false)]
        );
        // Two journeys out of one bout.
        assert_eq!(
            of(&[bout(0, 300, false)], &[stay(10, Some(20)), stay(40, Some(50))]),
            [(10, 20, false), (40, 50, false)]
        );
        // What touches it is not in it.
        assert_eq!(of(&[bout(0, 100, false), bout(200, 210, false)], &[stay(100, Some(200))]), []);
        // The last reading stands for an interval, as long as units are there.
        assert_eq!(of(&[bout(110, 120, true)], &[stay(100, Some(200))]), [(110, 125, false)]);
        assert_eq!(of(&[bout(110, 120, true)], &[stay(100, Some(122))]), [(110, 122, false)]);
        // They are still there, and the first reading of a bout has no length yet.
        assert_eq!(of(&[bout(90, 120, true)], &[stay(100, None)]), [(100, 120, true)]);
        assert_eq!(of(&[bout(120, 120, true)], &[stay(100, None)]), [(120, 120, true)]);
        assert_eq!(of(&[bout(90, 120, true)], &[]), []);
        let merged = Stay::merged(vec![stay(40, Some(50)), stay(0, Some(10)), stay(10, Some(20)), stay(45, None)]);
        assert_eq!(merged, [stay(0, Some(20)), stay(40, None)]);
    }

    #[test]
    fn on_a_journey_a_logger_is_silent_from_the_departure_to_the_arrival() {
        let of = |said: &[i64], stays: &[Stay]| -> Vec<(i64, i64)> {
            let said: Vec<_> = said.iter().map(|minute| minute * MINUTE_US).collect();
            let mut gaps: Vec<_> = said.windows(2).map(|pair| (pair[0], Some(pair[1]))).collect();
            gaps.extend(said.last().map(|last| (*last, None)));
            let found = silences_while_there(&gaps, stays, 15 * MINUTE_US, 1000 * MINUTE_US);
            found.iter().map(|alarm| (alarm.from_us / MINUTE_US, alarm.to_us / MINUTE_US)).collect()
        };
        // DOMAIN rule 16: three intervals are none yet.
        assert_eq!(of(&[0, 100, 115, 130], &[stay(100, Some(145))]), []);
        assert_eq!(of(&[0, 116, 130], &[stay(100, Some(146))]), [(100, 116), (130, 146)]);
        // Between two journeys nobody misses it, and nothing said on one is a silence as long as it is.
        assert_eq!(of(&[0], &[stay(100, Some(200)), stay(300, Some(310))]), [(100, 200)]);
        // As long as units are there, something may still come.
        assert_eq!(of(&[0, 100], &[stay(90, None)]), []);
        assert_eq!(of(&[0, 110, 140], &[stay(90, None)]), [(90, 110), (110, 140)]);
        assert_eq!(of(&[], &[stay(0, Some(100))]), []);
    }

    #[test]
    fn what_was_assessed_is_cut_out() {
        let alarm = |from_us: i64, to_us: i64, is_open| Alarm {
            from_us: from_us * MINUTE_US,
            to_us: to_us * MINUTE_US,
            is_open,
            minutes: to_us - from_us,
        };
        let cut = |whole: Alarm, assessed: &[(i64, i64)]| {
            let spans: Vec<_> = assessed.iter().map(|(from, to)| (from * MINUTE_US, to * MINUTE_US)).collect();
            not_assessed(whole, &spans)
        };
        let whole = alarm(10, 60, true);
        assert_eq!(cut(whole, &[]), [(whole, None)]);
        assert_eq!(cut(whole, &[(70, 80), (0, 9)]), [(whole, None)]);
        assert_eq!(cut(whole, &[(10, 40)]), [(alarm(40, 60, true), Some(0))]);
        assert_eq!(cut(whole, &[(20, 30)]), [(alarm(10, 20, false), Some(0)), (alarm(30, 60, true), Some(0))]);
        assert_eq!(cut(whole, &[(0, 20), (30, 60)]), [(alarm(20, 30, false), Some(1))]);
        assert_eq!(cut(whole, &[(10, 60)]), []);
    }

    proptest! {
        /// The definition, bout by bout and without anything remembered: what was out in the thirty days before the end of
        /// a bout comes to as much as the rule says; alarms that overlap are one.
        #[test]
        fn cumulative_alarms_are_what_the_definition_says(
            steps in prop::collection::vec((1..20_000_i64, 1..3_000_i64), 1..40),
            minutes in 0..6_000_i64,
        ) {
            let rule = rule(minutes, AlarmMode::Cumulative);
            let mut at = 0;
            let bouts: Vec<Bout> = steps.iter().map(|(gap, length)| {
                let from_us = (at + gap) * MINUTE_US;
                at += gap + length;
                Bout { from_us, to_us: at * MINUTE_US, is_open: false }
            }).collect();
            let mut windows: Vec<(i64, i64)> = Vec::new();
            for bout in &bouts {
                let since = bout.to_us - REMEMBERED_US;
                let within: Vec<_> = bouts.iter().filter(|one| one.to_us > since && one.to_us <= bout.to_us).collect();
                let out: i64 = within.iter().map(|one| one.to_us - one.from_us.max(since)).sum();
                if out >= minutes * MINUTE_US {
                    let first = within.iter().map(|one| one.from_us.max(since)).min().unwrap();
                    windows.push((first, bout.to_us));
                }
            }
            let mut expected: Vec<(i64, i64)> = Vec::new();
            for (from, to) in windows {
                match expected.last_mut() {
                    Some(last) if from <= last.1 => last.1 = to,
                    _ => expected.push((from, to)),
                }
            }
            let found = alarms(&bouts, &rule);
            let spans: Vec<_> = found.iter().map(|alarm| (alarm.from_us, alarm.to_us)).collect();
            prop_assert_eq!(spans, expected);
            for alarm in found {
                let out: i64 = bouts.iter().map(|bout| (bout.to_us.min(alarm.to_us) - bout.from_us.max(alarm.from_us)).max(0)).sum();
                prop_assert_eq!(alarm.minutes, out / MINUTE_US);
            }
        }
    }
}
