//! Requests and answers about excursions.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model::{Administered, Excursion, ExcursionKind, ExcursionState, ExposedLot, Verdict};
use crate::clock::Moment;
use crate::http::paging::{Cursor, Limit};
use crate::ids::{AdministrationId, ExcursionId, LocationId, LotId, SensorId, SiteId};
use crate::sensors::wire::{AlarmRuleView, SuspicionView};
use crate::values::{Celsius, Prose};

/// Units of a lot that were there during an excursion.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ExposedLot)]
pub struct ExposedLotView {
    pub(super) lot_id: LotId,
    /// Its units that were there, wherever they are now: also those that were administered.
    pub(super) units_exposed: i64,
    /// Whether the excursion holds any of them.
    pub(super) held: bool,
    /// How many of them the stability budget of the product covers, so that they are not held; left out where that is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) units_within_budget: Option<i64>,
}

impl From<ExposedLot> for ExposedLotView {
    fn from(lot: ExposedLot) -> Self {
        let ExposedLot { lot_id, units_exposed, held, units_within_budget } = lot;
        let units_within_budget = Some(units_within_budget).filter(|units| *units > 0);
        ExposedLotView { lot_id, units_exposed, held, units_within_budget }
    }
}

/// What somebody said is to become of the units.
#[derive(Debug, Serialize, ToSchema)]
pub struct Assessment {
    /// Whether they may be used, go back or are destroyed.
    pub(super) disposition: Verdict,
    /// The last day on which they may be used, where it was made an earlier one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) new_expiry: Option<NaiveDate>,
    /// Why.
    pub(super) reason: Prose,
    /// Who said so.
    pub(super) assessed_by: String,
    /// When.
    pub(super) assessed_at: Moment,
}

/// A time at which it was too warm or too cold, or nobody knows.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Excursion)]
pub struct ExcursionView {
    /// Its id.
    pub id: ExcursionId,
    /// The site.
    pub site_id: SiteId,
    /// Where it was.
    pub location_id: LocationId,
    pub(super) sensor_id: SensorId,
    /// What went wrong.
    pub kind: ExcursionKind,
    /// The alarm rule that it broke; null where the sensor was silent.
    pub(super) rule: Option<AlarmRuleView>,
    /// How far it is.
    pub(super) state: ExcursionState,
    /// When it began.
    pub opened_at: Moment,
    /// When it ended; null while it goes on.
    pub(super) closed_at: Option<Moment>,
    /// The lowest temperature, °C; null where there is no reading.
    pub(super) min_c: Option<Celsius>,
    /// The highest temperature, °C; null where there is no reading.
    pub(super) max_c: Option<Celsius>,
    /// The mean kinetic temperature, °C; null where there is no reading, and where frozen product is kept.
    pub(super) mkt_c: Option<f64>,
    /// For how many minutes it was outside, as far as that is known; of a silence, how long it was.
    pub(super) minutes: i64,
    /// Which units were there meanwhile, by lot.
    pub(super) lots: Vec<ExposedLotView>,
    /// What speaks against its sensor, for whoever assesses it: it changes nothing of what is held. Found in the readings from
    /// the one before it to the one that ended it; of an assessed one what was known then.
    pub(super) suspicions: Vec<SuspicionView>,
    /// The assessed excursion that it goes on from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) extends: Option<ExcursionId>,
    /// What somebody said is to become of the units; null until then.
    pub(super) assessment: Option<Assessment>,
    /// When it was found.
    pub(super) recorded_at: Moment,
}

impl ExcursionView {
    /// What is shown of an excursion, with the units that it is about.
    pub fn of(excursion: Excursion, lots: Vec<ExposedLot>) -> Self {
        let said = (excursion.disposition, excursion.assessment_reason, excursion.assessed_by, excursion.assessed_at);
        let assessment = match said {
            (Some(disposition), Some(reason), Some(assessed_by), Some(assessed_at)) => {
                let new_expiry = excursion.new_expiry;
                Some(Assessment { disposition, new_expiry, reason, assessed_by, assessed_at })
            }
            _ => None,
        };
        ExcursionView {
            id: excursion.id,
            site_id: excursion.site_id,
            location_id: excursion.location_id,
            sensor_id: excursion.sensor_id,
            kind: excursion.kind,
            rule: excursion.rule.as_deref().map(AlarmRuleView::from),
            state: excursion.state,
            opened_at: excursion.opened_at,
            closed_at: excursion.closed_at,
            min_c: excursion.min_mc.map(Celsius::from_milli),
            max_c: excursion.max_mc.map(Celsius::from_milli),
            mkt_c: excursion.mkt_uc.and_then(crate::sensors::kinetic::from_millionths),
            minutes: excursion.minutes,
            lots: lots.into_iter().map(ExposedLotView::from).collect(),
            suspicions: excursion.suspicions.iter().map(SuspicionView::from).collect(),
            extends: excursion.extends,
            assessment,
            recorded_at: excursion.recorded_at,
        }
    }
}

/// Units that were administered although they had been there: nobody knew it then.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExposedAdministration {
    pub(super) administration_id: AdministrationId,
    pub(super) lot_id: LotId,
    /// How many of its units had been there, at the most.
    pub(super) units: i64,
}

impl From<Administered> for ExposedAdministration {
    fn from(row: Administered) -> Self {
        let Administered { administration_id, lot_id, units } = row;
        ExposedAdministration { administration_id, lot_id, units }
    }
}

/// Which excursions.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ExcursionFilter {
    /// Only those of this site.
    pub(super) site_id: Option<SiteId>,
    /// Only those of this location.
    pub(super) location_id: Option<LocationId>,
    /// Only those of this sensor.
    pub(super) sensor_id: Option<SensorId>,
    /// Only those during which units of this lot were there.
    pub(super) lot_id: Option<LotId>,
    /// Only those that are this far.
    pub(super) state: Option<ExcursionState>,
    /// Only those of this kind.
    pub(super) kind: Option<ExcursionKind>,
    /// How many items at the most.
    pub(super) limit: Option<Limit>,
    /// Where the page before ended.
    pub(super) cursor: Option<Cursor>,
}

/// A page of a list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ExposedFilter {
    /// How many items at the most.
    pub(super) limit: Option<Limit>,
    /// Where the page before ended.
    pub(super) cursor: Option<Cursor>,
}

/// What is to become of units that were there.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "disposition": "release", "new_expiry": "2027-03-31",
    "reason": "The manufacturer allows 24 hours up to 25 °C; batch file 2026-118"
}))]
pub struct NewAssessment {
    /// Whether they may be used, go back or are destroyed.
    pub disposition: Verdict,
    /// The last day on which those that may be used may be, where it is to be an earlier one.
    #[serde(default, deserialize_with = "crate::values::optional_day")]
    pub new_expiry: Option<NaiveDate>,
    /// Why.
    pub reason: Prose,
}
