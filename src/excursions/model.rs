//! What excursions are.

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::clock::Moment;
use crate::ids::{AdministrationId, ExcursionId, LocationId, LotId, OrganisationId, SensorId, SiteId};
use crate::sensors::model::{AlarmRule, Comparator};
use crate::sensors::suspicions::Suspicion;
use crate::values::{Json, Prose, words};

words! {
    /// What went wrong.
    ExcursionKind {
        /// It was too warm.
        Above "above",
        /// It was too cold.
        Below "below",
        /// Nobody knows: the sensor said nothing.
        Silent "silent",
    }
    /// How far it is.
    ExcursionState {
        /// It goes on.
        Open "open",
        /// It is over, and nobody has said what is to become of the units.
        Closed "closed",
        /// Somebody has said so.
        Assessed "assessed",
        /// Readings that came later show that there was none.
        Withdrawn "withdrawn",
    }
    /// What is to become of the units.
    Verdict {
        /// They may be used.
        Release "release",
        /// They go back to the supplier.
        Return "return",
        /// They are destroyed.
        Destroy "destroy",
    }
}

impl From<Comparator> for ExcursionKind {
    fn from(comparator: Comparator) -> Self {
        match comparator {
            Comparator::Above => ExcursionKind::Above,
            Comparator::Below => ExcursionKind::Below,
        }
    }
}

/// A time at which the sensor of a location measured what its alarm rules do not allow, or nothing (DOMAIN rule 16).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = crate::db::schema::excursions, treat_none_as_null = true)]
pub struct Excursion {
    /// Its id.
    pub id: ExcursionId,
    /// The organisation.
    pub organisation_id: OrganisationId,
    /// The site.
    pub site_id: SiteId,
    /// Where it was.
    pub location_id: LocationId,
    /// Which sensor measured it.
    pub sensor_id: SensorId,
    /// What went wrong.
    pub kind: ExcursionKind,
    /// The alarm rule that it broke; none where the sensor was silent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<Json<AlarmRule>>,
    /// How far it is.
    pub state: ExcursionState,
    /// When it began.
    pub opened_at: Moment,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<Moment>,
    /// The lowest temperature, in milli-degrees Celsius.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_mc: Option<i32>,
    /// The highest temperature, in milli-degrees Celsius.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_mc: Option<i32>,
    /// The mean kinetic temperature, in millionths of a degree Celsius.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mkt_uc: Option<i64>,
    /// How many minutes it was outside, as far as that was known.
    pub minutes: i64,
    /// The assessed excursion that it goes on from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extends: Option<ExcursionId>,
    /// When it was found.
    pub recorded_at: Moment,
    /// When it was assessed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assessed_at: Option<Moment>,
    /// Who assessed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assessed_by: Option<String>,
    /// What is to become of the units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disposition: Option<Verdict>,
    /// The last day on which the units may be used, where it is an earlier one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_expiry: Option<NaiveDate>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assessment_reason: Option<Prose>,
    /// What speaks against its sensor.
    #[serde(default, skip_serializing_if = "Json::is_bare")]
    pub suspicions: Json<Vec<Suspicion>>,
}

impl Excursion {
    /// Whether it holds the units that were there: a silent one holds nothing by itself.
    pub fn holds(&self) -> bool {
        self.kind != ExcursionKind::Silent
    }

    /// From when until when it is, in microseconds; until ever, where it goes on.
    pub fn span_us(&self) -> (i64, i64) {
        (self.opened_at.unix_micros(), self.closed_at.map_or(i64::MAX, Moment::unix_micros))
    }

    /// Whether it is for somebody to assess, and follows the readings until then.
    pub fn is_unsettled(&self) -> bool {
        matches!(self.state, ExcursionState::Open | ExcursionState::Closed)
    }
}

/// How many units of a lot were there meanwhile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExposedLot {
    /// The lot.
    pub lot_id: LotId,
    /// Its units that were there, wherever they are now.
    pub units_exposed: i64,
    /// Whether it holds any of them.
    pub held: bool,
    /// How many of them the stability budget of the product covers: it does not hold those.
    #[serde(default, skip_serializing_if = "is_none")]
    pub units_within_budget: i64,
}

/// Events from before there were budgets say nothing of them, and neither do those of products without.
fn is_none(units: &i64) -> bool {
    *units == 0
}

/// Units that were administered although they had been there: nobody knew it then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Administered {
    /// The administration.
    pub administration_id: AdministrationId,
    /// The lot.
    pub lot_id: LotId,
    /// How many of its units had been there, at the most; none after all where a late entry showed so.
    pub units: i64,
}
