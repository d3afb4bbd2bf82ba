//! What stays of readings that were let go: each hour of a sensor, in whole numbers.
//!
//! An hour has what minimum, maximum, mean and mean kinetic temperature of any whole hours are made of, so that these are
//! what the readings said. Its first and last reading stay as they were: what lies between one hour and the next, and
//! whether the sensor was silent there, is known by them.

use std::collections::BTreeMap;

use diesel::prelude::*;
use sha2::{Digest, Sha256};

use super::kinetic::{Kinetic, celsius, from_billionths, millis, to_billionths, wide};
use super::model::Reading;

/// How long it is, in microseconds.
pub const HOUR_US: i64 = 3_600_000_000;

/// An hour of a sensor, as it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = crate::db::schema::climate_hours)]
pub struct Hour {
    /// Whose it is.
    pub series: i64,
    /// When it begins, in microseconds since 1970.
    pub from_us: i64,
    /// How many readings it had.
    pub readings: i64,
    /// The lowest, in milli-degrees.
    pub min_mc: i32,
    /// The highest, in milli-degrees.
    pub max_mc: i32,
    /// All of them together, in milli-degrees.
    pub sum_mc: i64,
    /// When the first was measured.
    pub first_us: i64,
    /// What it was, in milli-degrees.
    pub first_mc: i32,
    /// When the last was measured.
    pub last_us: i64,
    /// What it was, in milli-degrees.
    pub last_mc: i32,
    /// For how long readings followed each other without a silence, in milliseconds.
    pub joined_ms: i64,
    /// The mean kinetic temperature of that time, in billionths of a degree; 0 where there is none.
    pub joined_nc: i64,
    /// The mean kinetic temperature of the readings, each counting the same, in billionths of a degree.
    pub alike_nc: i64,
}

impl Hour {
    /// Its first reading.
    pub fn first(&self) -> Reading {
        Reading { at_us: self.first_us, milli_c: self.first_mc }
    }

    /// Its last reading.
    pub fn last(&self) -> Reading {
        Reading { at_us: self.last_us, milli_c: self.last_mc }
    }

    /// What the mean kinetic temperature by time is made of.
    pub fn joined(&self) -> Kinetic {
        let mut joined = Kinetic::default();
        if self.joined_ms > 0 {
            joined.take(from_billionths(self.joined_nc), wide(self.joined_ms));
        }
        joined
    }

    /// What the mean kinetic temperature by reading is made of.
    pub fn alike(&self) -> Kinetic {
        let mut alike = Kinetic::default();
        alike.take(from_billionths(self.alike_nc), wide(self.readings));
        alike
    }

    /// One without any reading but its first.
    fn of(series: i64, first: Reading) -> Self {
        let Reading { at_us, milli_c } = first;
        let from_us = begin_of(at_us);
        Hour {
            series,
            from_us,
            readings: 1,
            min_mc: milli_c,
            max_mc: milli_c,
            sum_mc: milli_c.into(),
            first_us: at_us,
            first_mc: milli_c,
            last_us: at_us,
            last_mc: milli_c,
            joined_ms: 0,
            joined_nc: 0,
            alike_nc: to_billionths(celsius(milli_c)),
        }
    }
}

/// When the hour of a moment begins, in microseconds.
pub fn begin_of(at_us: i64) -> i64 {
    at_us.div_euclid(HOUR_US).saturating_mul(HOUR_US)
}

/// An hour that readings are added to.
struct Filling {
    hour: Hour,
    joined: Kinetic,
    alike: Kinetic,
}

impl Filling {
    fn on(hour: Hour) -> Self {
        Filling { hour, joined: hour.joined(), alike: hour.alike() }
    }

    fn take(&mut self, reading: Reading, gap_us: i64) {
        let (last, Reading { at_us, milli_c }) = (self.hour.last(), reading);
        let hour = &mut self.hour;
        hour.readings = hour.readings.saturating_add(1);
        (hour.min_mc, hour.max_mc) = (hour.min_mc.min(milli_c), hour.max_mc.max(milli_c));
        hour.sum_mc = hour.sum_mc.saturating_add(milli_c.into());
        (hour.last_us, hour.last_mc) = (at_us, milli_c);
        let (apart_us, rate) = (at_us.saturating_sub(last.at_us), Kinetic::rate(celsius(milli_c)));
        if apart_us <= gap_us {
            hour.joined_ms = hour.joined_ms.saturating_add(apart_us / 1000);
            self.joined.between(Kinetic::rate(celsius(last.milli_c)), rate, millis(apart_us));
        }
        self.alike.take_rate(rate, 1.0);
    }

    fn done(self) -> Hour {
        let joined_nc = if self.hour.joined_ms > 0 { self.joined.billionths() } else { 0 };
        Hour { joined_nc, alike_nc: self.alike.billionths(), ..self.hour }
    }
}

/// Adds readings of one sensor, in the order of their time and later than all that the hours have, to its hours. Time
/// between readings that are further apart than `gap_us` is nobody's: the sensor was silent.
pub fn with(hours: Vec<Hour>, series: i64, readings: impl Iterator<Item = Reading>, gap_us: i64) -> Vec<Hour> {
    let mut filled: BTreeMap<i64, Filling> = hours.into_iter().map(|hour| (hour.from_us, Filling::on(hour))).collect();
    for reading in readings {
        match filled.get_mut(&begin_of(reading.at_us)) {
            Some(filling) => filling.take(reading, gap_us),
            None => {
                let hour = Hour::of(series, reading);
                filled.insert(hour.from_us, Filling::on(hour));
            }
        }
    }
    filled.into_values().map(Filling::done).collect()
}

/// The digest of the hours of one sensor and day, in their order: SHA-256 over a line each, of its numbers in the order of
/// the table but for the series, with a space between, and a line feed.
#[derive(Clone, Default)]
pub struct HoursDigest(Sha256);

impl HoursDigest {
    /// Takes the next one.
    pub fn take(&mut self, hour: &Hour) {
        let Hour { from_us, readings, min_mc, max_mc, sum_mc, first_us, first_mc, last_us, last_mc, .. } = hour;
        let Hour { joined_ms, joined_nc, alike_nc, .. } = hour;
        self.0.update(format!(
            "{from_us} {readings} {min_mc} {max_mc} {sum_mc} {first_us} {first_mc} {last_us} {last_mc} {joined_ms} \
             {joined_nc} {alike_nc}\n"
        ));
    }

    /// The digest.
    pub fn finish(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}
