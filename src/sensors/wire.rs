//! Requests and answers about sensors and their readings.

use std::fmt;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::climate::{Climate, Span};
use super::model::{AlarmMode, AlarmRule, Comparator, Sensor};
use super::rules;
use super::suspicions::{Suspicion, SuspicionCode};
use crate::clock::Moment;
use crate::http::paging::{Cursor, Limit};
use crate::ids::{LocationId, OrganisationId, SensorId, SiteId};
use crate::limits::READINGS_MAX;
use crate::values::{Celsius, Name};

/// When a temperature becomes an alarm.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AlarmRule)]
pub struct AlarmRuleView {
    /// On which side of the threshold; the threshold itself is on it.
    pub comparator: Comparator,
    /// The threshold, °C.
    pub celsius: Celsius,
    /// For how many minutes.
    #[schema(minimum = 0, maximum = 43200)]
    pub minutes: i64,
    /// Whether bouts add up.
    pub mode: AlarmMode,
}

impl From<&AlarmRule> for AlarmRuleView {
    fn from(rule: &AlarmRule) -> Self {
        AlarmRuleView {
            comparator: rule.comparator,
            celsius: Celsius::from_milli(rule.milli_c),
            minutes: rule.minutes,
            mode: rule.mode,
        }
    }
}

/// What speaks against a sensor.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Suspicion)]
pub struct SuspicionView {
    /// What.
    pub(super) code: SuspicionCode,
    /// In a sentence.
    pub(super) message: String,
    /// When it jumped, or since when it is stuck; left out where it is no moment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) at: Option<Moment>,
}

impl From<&Suspicion> for SuspicionView {
    fn from(suspicion: &Suspicion) -> Self {
        SuspicionView { code: suspicion.code(), message: suspicion.message(), at: suspicion.at() }
    }
}

/// A sensor to register.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "location_id": "loc_01932c07-8d00-7000-8000-000000000007", "name": "Fridge 1, upper shelf", "interval_seconds": 300,
    "alarm_rules": [
        {"comparator": "above", "celsius": 8.1, "minutes": 30, "mode": "single"},
        {"comparator": "below", "celsius": 1.9, "minutes": 0, "mode": "single"}
    ],
    "calibration_due": "2027-06-30"
}))]
pub struct NewSensor {
    /// The location whose temperature it measures.
    pub location_id: LocationId,
    /// Its name.
    pub name: Name,
    /// How often it measures, in seconds. One that has said nothing for three times as long is silent.
    #[schema(minimum = 1, maximum = 86400)]
    pub interval_seconds: i64,
    /// When its temperatures become an alarm; left out, outside the location's band for thirty minutes.
    #[serde(default)]
    #[schema(max_items = 16)]
    pub alarm_rules: Vec<AlarmRuleView>,
    /// The day from which on it must have been calibrated again.
    #[serde(default, deserialize_with = "crate::values::optional_day")]
    pub calibration_due: Option<NaiveDate>,
    /// Whether it is the logger of a transport box or bag, which is a location of its own. Then only what it measures while
    /// units are in there counts: it is neither too warm nor silent in between.
    #[serde(default)]
    pub travels: bool,
}

/// A sensor.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Sensor)]
pub struct SensorView {
    /// Its id.
    pub(super) id: SensorId,
    /// The organisation that it belongs to.
    pub(super) organisation_id: OrganisationId,
    /// The site that it is at.
    pub(super) site_id: SiteId,
    /// The location whose temperature it measures.
    pub(super) location_id: LocationId,
    /// Its name.
    pub(super) name: Name,
    /// How often it measures, in seconds.
    pub(super) interval_seconds: i64,
    /// When its temperatures become an alarm; empty means outside the location's band for thirty minutes.
    pub(super) alarm_rules: Vec<AlarmRuleView>,
    /// The day from which on it must have been calibrated again; null when nobody said.
    pub(super) calibration_due: Option<NaiveDate>,
    /// Whether it is the logger of a transport box: then only what it measures while units are in there counts.
    pub(super) travels: bool,
    /// When it was registered.
    pub(super) registered_at: Moment,
    /// Counts its corrections: 1 as registered. In quotes it is the ETag.
    pub(super) version: i64,
    /// When it was retired; absent while it is in use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) retired_at: Option<Moment>,
    /// What speaks against it now: that it is stuck, or must have been calibrated again. Only where the sensor itself is asked
    /// for; what is sent back of it says nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) suspicions: Option<Vec<SuspicionView>>,
}

impl SensorView {
    /// With what speaks against it.
    pub(super) fn with(self, found: &[Suspicion]) -> Self {
        SensorView { suspicions: Some(found.iter().map(SuspicionView::from).collect()), ..self }
    }
}

impl From<Sensor> for SensorView {
    fn from(sensor: Sensor) -> Self {
        SensorView {
            id: sensor.id,
            organisation_id: sensor.organisation_id,
            site_id: sensor.site_id,
            location_id: sensor.location_id,
            name: sensor.name,
            interval_seconds: sensor.interval_seconds,
            alarm_rules: sensor.alarm_rules.iter().map(AlarmRuleView::from).collect(),
            calibration_due: sensor.calibration_due,
            travels: sensor.travels,
            registered_at: sensor.registered_at,
            version: sensor.version,
            retired_at: sensor.retired_at,
            suspicions: None,
        }
    }
}

/// Which sensors.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SensorFilter {
    /// Only those of this site.
    pub(super) site_id: Option<SiteId>,
    /// Only those of this location.
    pub(super) location_id: Option<LocationId>,
    /// Only those that are retired, or only those that are not.
    pub(super) retired: Option<bool>,
    /// How many items at the most.
    pub(super) limit: Option<Limit>,
    /// Where the page before ended.
    pub(super) cursor: Option<Cursor>,
}

/// A temperature that a sensor measured.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewReading {
    /// The sensor.
    pub sensor_id: SensorId,
    /// When it was measured.
    pub at: Moment,
    /// What it was, °C.
    pub celsius: Celsius,
}

/// Readings, in any order.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"readings": [
    {"sensor_id": "sen_01932c07-8d00-7000-8000-000000000009", "at": "2026-06-30T08:00:00Z", "celsius": 4.8},
    {"sensor_id": "sen_01932c07-8d00-7000-8000-000000000009", "at": "2026-06-30T08:05:00Z", "celsius": 4.9}
]}))]
pub struct NewReadings {
    /// The readings.
    #[schema(max_items = 10000)]
    pub readings: Vec<NewReading>,
}

/// A reading that was not accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RejectedReading {
    /// Its place in what was sent, from 0.
    pub(super) index: usize,
    /// Its line in the file, from 1; left out where it was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) line: Option<u64>,
    /// Why, as a code: that of the problem which a body with this reading alone would be.
    pub(super) code: String,
    /// Why, in a sentence.
    pub(super) message: String,
}

/// What became of readings.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
#[schema(as = ReadingVerdicts)]
pub struct Verdicts {
    /// How many were accepted now.
    pub(super) accepted: u64,
    /// How many were there already, with the same temperature.
    pub(super) duplicates: u64,
    /// Those that were not accepted, in their order; 10,000 at the most.
    pub(super) rejected: Vec<RejectedReading>,
    /// How many more there are; left out where there are none.
    #[serde(skip_serializing_if = "is_none")]
    pub(super) rejected_more: usize,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // the form that serde asks for
fn is_none(count: &usize) -> bool {
    *count == 0
}

impl Verdicts {
    /// With what else was rejected, in its order.
    pub(super) fn reject(&mut self, mut rejected: Vec<RejectedReading>) {
        rejected.sort_by_key(|rejected| rejected.index);
        let room = READINGS_MAX.saturating_sub(self.rejected.len());
        self.rejected_more = self.rejected_more.saturating_add(rejected.len().saturating_sub(room));
        rejected.truncate(room);
        self.rejected.extend(rejected);
    }

    /// Whether nothing was rejected.
    pub fn is_all_well(&self) -> bool {
        self.rejected.is_empty()
    }

    /// A line for each that was rejected.
    pub fn rejections(&self) -> impl Iterator<Item = String> {
        self.rejected.iter().map(|rejected| {
            let RejectedReading { index, line, code, message } = rejected;
            let place = line.map_or_else(|| format!("row {index}"), |line| format!("line {line}"));
            format!("{place}: {message} ({code})")
        })
    }
}

impl fmt::Display for Verdicts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Verdicts { accepted, duplicates, rejected, rejected_more } = self;
        let rejected = rejected.len().saturating_add(*rejected_more);
        write!(f, "{accepted} accepted, {duplicates} there before, {rejected} rejected")
    }
}

/// A reading.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Reading)]
pub struct ReadingView {
    /// When it was measured.
    pub(super) at: Moment,
    /// What it was, °C.
    pub(super) celsius: Celsius,
    /// What else was sent for the same moment later, °C, and not taken for it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) contradicted_by: Vec<Celsius>,
}

/// A page of what a sensor measured.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReadingPage)]
pub struct ReadingsView {
    /// The items.
    pub(super) items: Vec<ReadingView>,
    /// Where the next page starts; null after the last.
    pub(super) next_cursor: Option<String>,
    /// Before this moment readings were let go, as the policy says: the climate of the location has hours of them. Left out where
    /// every reading is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) let_go_before: Option<Moment>,
}

/// Which readings.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ReadingFilter {
    /// Only those of this moment or later.
    pub(super) from: Option<Moment>,
    /// Only those before this moment.
    pub(super) to: Option<Moment>,
    /// How many items at the most.
    pub(super) limit: Option<Limit>,
    /// Where the page before ended.
    pub(super) cursor: Option<Cursor>,
}

/// Of which time, and how fine.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ClimateQuery {
    /// From when on.
    pub from: Moment,
    /// Until when, exclusively.
    pub to: Moment,
    /// How long a bucket is: a number and `m`, `h` or `d`, such as `15m`, `1h`, `7d`. Left out, the finest of `5m 15m 1h 6h 1d 7d`
    /// that gives at most 750 buckets.
    pub resolution: Option<String>,
}

/// The temperature of a span of time.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ClimateBucket)]
pub struct BucketView {
    /// When it begins.
    pub(super) from: Moment,
    /// When it ends, exclusively.
    pub(super) to: Moment,
    /// How many readings it has, of all sensors of the location.
    pub(super) count: i64,
    /// The lowest, °C; null without readings.
    pub(super) min_c: Option<Celsius>,
    /// The highest, °C; null without readings.
    pub(super) max_c: Option<Celsius>,
    /// The arithmetic mean of the readings, °C; null without readings.
    pub(super) mean_c: Option<f64>,
    /// The mean kinetic temperature, °C, weighted by the time between readings; null without readings, and where the location is
    /// kept at 0 °C or colder: it does not apply to what is frozen.
    pub(super) mkt_c: Option<f64>,
}

/// The temperature of a location.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Climate)]
pub struct ClimateView {
    /// The location.
    pub(super) location_id: LocationId,
    /// The lower end of its band, °C.
    pub(super) min_c: Celsius,
    /// The upper end of its band, °C.
    pub(super) max_c: Celsius,
    /// Spans of equal length, the first of which begins at `from`; the last ends at `to`.
    pub(super) buckets: Vec<BucketView>,
    /// Before this moment readings were let go, and it is known by the hour: each hour counts whole, in the span in which its first
    /// reading was. Left out where every reading is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) hourly_until: Option<Moment>,
}

impl ClimateView {
    pub(super) fn of(climate: Climate) -> Self {
        let Climate { location, spans, let_go_before, .. } = climate;
        let has_kinetic_mean = rules::has_kinetic_mean(&location);
        let bucket = |(from_us, to_us, span): (i64, i64, &Span)| BucketView {
            from: Moment::at_unix_micros(from_us),
            to: Moment::at_unix_micros(to_us),
            count: span.count,
            min_c: span.min_mc.map(Celsius::from_milli),
            max_c: span.max_mc.map(Celsius::from_milli),
            mean_c: span.mean_c(),
            mkt_c: span.mkt_c().filter(|_| has_kinetic_mean),
        };
        ClimateView {
            location_id: location.id,
            min_c: Celsius::from_milli(location.min_mc),
            max_c: Celsius::from_milli(location.max_mc),
            buckets: spans.iter().map(bucket).collect(),
            hourly_until: let_go_before,
        }
    }
}
