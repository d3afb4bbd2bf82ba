//! What shows that readings are as they were accepted: a digest for each day of a batch, which the batch's event commits to.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use sha2::{Digest, Sha256};

use super::model::{Batch, BatchLetGo, Contradiction, DayOfReadings, Reading, Row};
use crate::clock::Moment;
use crate::ids::SensorId;

/// The day of a reading, in UTC.
pub fn day_of(reading: Reading) -> NaiveDate {
    Moment::at_unix_micros(reading.at_us).day_in(chrono_tz::Tz::UTC)
}

/// The digest of the readings of one batch, sensor and day, in the order of their time: SHA-256 over a line each, of the
/// microseconds since 1970, a space, the milli-degrees, and a line feed.
#[derive(Clone, Default)]
pub struct DayDigest {
    hasher: Sha256,
    readings: i64,
}

impl DayDigest {
    /// Takes the next one.
    pub fn take(&mut self, reading: Reading) {
        self.hasher.update(format!("{} {}\n", reading.at_us, reading.milli_c));
        self.readings = self.readings.saturating_add(1);
    }

    /// How many there were, and their digest.
    pub fn finish(self) -> (i64, [u8; 32]) {
        (self.readings, self.hasher.finalize().into())
    }
}

/// The digits of a digest that say where something is wrong.
pub fn check_of(digest: &[u8; 32]) -> String {
    crate::values::hex::first(digest, 4)
}

/// The digest of a batch: SHA-256 over the digests of its days, in their order.
#[derive(Clone, Default)]
pub struct BatchDigest(Sha256);

impl BatchDigest {
    /// Takes the next day's.
    pub fn take(&mut self, day: &[u8; 32]) {
        self.0.update(day);
    }

    /// The digest.
    pub fn finish(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}

/// What an event says of a batch: by sensor, in the order of their ids, and day. The rows are in the order of their time.
pub fn batch(rows: &[(&SensorId, Row)], contradictions: Vec<Contradiction>) -> Batch {
    let mut days: BTreeMap<(&SensorId, NaiveDate), (i64, DayDigest)> = BTreeMap::new();
    for (sensor, row) in rows {
        let day = days.entry((sensor, day_of(row.reading))).or_insert_with(|| (row.batch, DayDigest::default()));
        day.1.take(row.reading);
    }
    let (mut whole, mut said, mut all) = (BatchDigest::default(), Vec::with_capacity(days.len()), 0_i64);
    for ((sensor, day), (batch, digest)) in days {
        let (readings, digest) = digest.finish();
        whole.take(&digest);
        all = all.saturating_add(readings);
        said.push(DayOfReadings { sensor_id: sensor.clone(), day, batch, readings, check: check_of(&digest) });
    }
    Batch { readings: all, digest: whole.finish().into(), days: said, contradictions }
}

/// What an event says of readings of one sensor and day that are let go, which are in the order of their time.
pub fn let_go(rows: &[Row]) -> Vec<BatchLetGo> {
    let mut batches: BTreeMap<i64, DayDigest> = BTreeMap::new();
    for row in rows {
        batches.entry(row.batch).or_default().take(row.reading);
    }
    let said = |(batch, digest): (i64, DayDigest)| {
        let (readings, digest) = digest.finish();
        BatchLetGo { batch, readings, digest: digest.into() }
    };
    batches.into_iter().map(said).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_commits_to_every_reading() {
        // python3: day = [sha256(b'0 5000\n300000000 5100\n').digest(), sha256(b'86400000000 -20\n').digest()];
        // [d.hex()[:8] for d in day], sha256(day[0] + day[1]).hexdigest()
        let sensor: SensorId = "sen_01932c07-8d00-7000-bfff-00000000abcd".parse().unwrap();
        let row = |at_us, milli_c| (&sensor, Row { series: 1, reading: Reading { at_us, milli_c }, batch: 7 });
        let batch = batch(&[row(0, 5000), row(300_000_000, 5100), row(86_400_000_000, -20)], Vec::new());
        let days: Vec<_> =
            batch.days.iter().map(|d| (d.day.to_string(), d.batch, d.readings, d.check.as_str())).collect();
        assert_eq!(days, [("1970-01-01".to_owned(), 7, 2, "c38af85c"), ("1970-01-02".to_owned(), 7, 1, "1b1d547e")]);
        assert_eq!(
            (batch.readings, batch.digest.as_str()),
            (3, "1c42125f0b3ccfa1a99d8e5ae05a69264f66992a23568e2332ced428c6aff6f4")
        );
    }
}
