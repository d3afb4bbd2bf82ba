//! What sensors, alarm rules and readings are.

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::clock::Moment;
use crate::ids::{LocationId, OrganisationId, SensorId, SiteId};
use crate::values::{Json, Name, Sha256Hex, words};

words! {
    /// On which side of its threshold an alarm rule looks; the threshold is on it.
    Comparator {
        /// At the threshold or warmer.
        Above "above",
        /// At the threshold or colder.
        Below "below",
    }
    /// Which time counts for an alarm rule.
    AlarmMode {
        /// That of one bout: bouts below the limit do not add up.
        Single "single",
        /// That of all bouts within thirty days.
        Cumulative "cumulative",
    }
}

/// When a temperature becomes an alarm (WHO/PQS/E006/TR07: thresholds are inclusive).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlarmRule {
    /// On which side.
    pub comparator: Comparator,
    /// The threshold, in milli-degrees Celsius.
    pub milli_c: i32,
    /// For how long, in minutes.
    pub minutes: i64,
    /// Which time counts.
    pub mode: AlarmMode,
}

/// What measures the temperature of a location.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = crate::db::schema::sensors, treat_none_as_null = true)]
pub struct Sensor {
    /// Its id.
    pub id: SensorId,
    /// The organisation that it belongs to.
    pub organisation_id: OrganisationId,
    /// The site that it is at.
    pub site_id: SiteId,
    /// The location whose temperature it measures.
    pub location_id: LocationId,
    /// Its name.
    pub name: Name,
    /// How often it measures, in seconds.
    pub interval_seconds: i64,
    /// When its temperatures become an alarm; none means outside the location's band for thirty minutes.
    pub alarm_rules: Json<Vec<AlarmRule>>,
    /// The day from which on it must have been calibrated again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calibration_due: Option<NaiveDate>,
    /// When it was registered.
    pub registered_at: Moment,
    /// Counts its corrections: 1 as registered. In quotes it is the ETag.
    pub version: i64,
    /// When it was retired: it stays on record, and measures no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retired_at: Option<Moment>,
    /// Whether it is the logger of a transport box: it is judged only by what it measured while units were in there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub travels: bool,
}

/// The readings of a sensor, which are millions, and known by a number: what a row of them costs is what they cost.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = crate::db::schema::sensor_series)]
pub struct Series {
    /// The sensor.
    pub sensor_id: SensorId,
    /// The organisation.
    pub organisation_id: OrganisationId,
    /// The number.
    pub series: i64,
    /// How many batches of readings were accepted.
    pub batches: i64,
    /// How many readings they had.
    pub readings: i64,
    /// Before which moment they were let go, in microseconds since 1970: none of them is there any more.
    pub let_go_before_us: Option<i64>,
}

/// What is kept of a sensor that has measured.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = crate::db::schema::sensor_latest, treat_none_as_null = true)]
pub struct Latest {
    /// The sensor.
    pub sensor_id: SensorId,
    /// The organisation.
    pub organisation_id: OrganisationId,
    /// When it measured last, in microseconds.
    pub at_us: i64,
    /// What, in milli-degrees.
    pub milli_c: i32,
    /// Since when it has measured nothing else, in microseconds.
    pub since_us: i64,
    /// Whether any of its readings shows that it tells more than half degrees apart.
    pub is_fine: bool,
    /// When to look whether it is silent, in microseconds; none where that is known.
    pub silent_at_us: Option<i64>,
}

/// The number under which the readings of a sensor are kept: of the 62 random bits of its id, so that a replay finds the
/// same, and no process has to ask for one.
pub fn series_of(sensor: &SensorId) -> i64 {
    let text = sensor.as_str().rsplit('_').next().unwrap_or_default();
    let [.., a, b, c, d, e, f, g, h] = uuid::Uuid::try_parse(text).unwrap_or_default().into_bytes();
    i64::from_be_bytes([a & 0x3f, b, c, d, e, f, g, h])
}

/// A temperature at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reading {
    /// Microseconds since 1970.
    pub at_us: i64,
    /// Milli-degrees Celsius.
    pub milli_c: i32,
}

/// A reading as it is kept, in the batch with which it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Row {
    /// Whose it is.
    pub series: i64,
    /// What it says.
    pub reading: Reading,
    /// The number of the batch, counted for each sensor.
    pub batch: i64,
}

/// What a batch has of one sensor and one day (in UTC).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayOfReadings {
    /// The sensor.
    pub sensor_id: SensorId,
    /// The day.
    pub day: NaiveDate,
    /// The number of the batch, counted for each sensor.
    pub batch: i64,
    /// How many readings.
    pub readings: i64,
    /// The first eight digits of their digest: enough to find where something is wrong.
    pub check: String,
}

/// A reading that says something else than the one that was there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contradiction {
    /// The sensor.
    pub sensor_id: SensorId,
    /// When both were measured.
    pub at: Moment,
    /// What the first says, which is kept, in milli-degrees.
    pub kept_mc: i32,
    /// What this one says, in milli-degrees.
    pub sent_mc: i32,
}

/// A batch of readings that was accepted: an event says of it what shows that not one was changed since.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Batch {
    /// How many readings it has.
    pub readings: i64,
    /// The digest over the digests of its days, in their order.
    pub digest: Sha256Hex,
    /// What it has, by sensor and day.
    pub days: Vec<DayOfReadings>,
    /// What contradicted what was there, for the first time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contradictions: Vec<Contradiction>,
}

impl Batch {
    /// Its sensors, with the number that the batch has for each and how many readings it has of it.
    pub fn sensors(&self) -> Vec<(&SensorId, i64, i64)> {
        let mut sensors: Vec<(&SensorId, i64, i64)> = Vec::new();
        for day in &self.days {
            match sensors.last_mut() {
                Some((sensor, _, readings)) if **sensor == day.sensor_id => {
                    *readings = readings.saturating_add(day.readings);
                }
                _ => sensors.push((&day.sensor_id, day.batch, day.readings)),
            }
        }
        sensors
    }
}

/// What a batch had of the readings that were let go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchLetGo {
    /// The number of the batch, counted for each sensor.
    pub batch: i64,
    /// How many readings.
    pub readings: i64,
    /// Their digest, of which the event of the batch has the first eight digits.
    pub digest: Sha256Hex,
}

/// Readings of one sensor and one day (in UTC) that were let go: all that there were or, of a day with very many, the first
/// of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LetGo {
    /// The sensor.
    pub sensor_id: SensorId,
    /// The day.
    pub day: NaiveDate,
    /// Before this moment there is none any more.
    pub before: Moment,
    /// How many there were.
    pub readings: i64,
    /// Which they were, by batch.
    pub batches: Vec<BatchLetGo>,
    /// The digest of the hours of the day that are kept in their place.
    pub hours: Sha256Hex,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_is_the_random_part_of_an_id() {
        // python3: int.from_bytes(uuid.UUID('01932c07-8d00-7000-bfff-00000000abcd').bytes[8:], 'big') & (2**62 - 1)
        let sensor: SensorId = "sen_01932c07-8d00-7000-bfff-00000000abcd".parse().unwrap();
        assert_eq!(series_of(&sensor), 4_611_404_543_450_721_229);
    }
}
