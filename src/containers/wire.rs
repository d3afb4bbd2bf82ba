//! Requests and answers about opened units.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model::{ContainerState, Standing};
use crate::clock::Moment;
use crate::error::Result;
use crate::http::paging::{Cursor, Limit};
use crate::ids::{ContainerId, LocationId, LotId, ProductId, SiteId};
use crate::sealing::Patients;
use crate::values::{PatientRef, Prose, Serial, Word, decimal};

/// A unit to open.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "lot_id": "lot_01932c07-8d00-7000-8000-000000000006", "location_id": "loc_01932c07-8d00-7000-8000-000000000007",
    "serial": "SN0001", "diluent": "NaCl 0.9 %", "diluent_ul": 2500
}))]
pub struct NewContainer {
    /// The lot.
    pub lot_id: LotId,
    /// Where the unit lies, and stays.
    pub location_id: LocationId,
    /// The serial number of its pack, where the lot is kept by number.
    #[serde(default)]
    pub serial: Option<Serial>,
    /// When it was opened; now if left out, at most 30 days back.
    #[serde(default)]
    pub opened_at: Option<Moment>,
    /// What it was diluted or reconstituted with.
    #[serde(default)]
    pub diluent: Option<Word>,
    /// How much of that was added, in microlitres: from 1 to 1000000.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub diluent_ul: Option<i64>,
}

/// A unit that was opened.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Container)]
pub struct ContainerView {
    pub(super) id: ContainerId,
    pub(super) product_id: ProductId,
    pub(super) lot_id: LotId,
    /// The serial number of its pack, or null.
    pub(super) serial: Option<Serial>,
    pub(super) site_id: SiteId,
    pub(super) location_id: LocationId,
    /// How it is.
    pub(super) state: ContainerState,
    pub(super) opened_at: Moment,
    /// Who opened it, by the subject of the token.
    pub(super) opened_by: String,
    pub(super) recorded_at: Moment,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) diluent: Option<Word>,
    /// How much of that was added, in microlitres.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) diluent_ul: Option<i64>,
    /// How much the unit had, in the product's own measure.
    pub(super) amount: String,
    /// How much is left.
    pub(super) amount_left: String,
    /// The measure of both, such as `mL` or `U`.
    pub(super) amount_unit: Word,
    /// How much is left in whole microlitres; null where nobody said how much a powder was diluted with.
    pub(super) amount_left_ul: Option<i64>,
    /// Until when it can be used: its in-use life, or what the label or the assessment of an excursion says, whichever ends first.
    pub(super) usable_until: Moment,
    /// Whom it was used for; null before, where it served several patients, and when the patient was erased.
    pub(super) patient_ref: Option<PatientRef>,
}

impl ContainerView {
    /// What is shown of a container to who may read it.
    ///
    /// # Errors
    /// What the store of patients' keys answers.
    pub(super) fn of(standing: Standing, patients: &Patients) -> Result<Self> {
        let state = standing.state();
        let Standing { container, account, patient } = standing;
        let patient_ref = patients.references(&container.organisation_id, patient)?.into_values().next();
        let left = if state == ContainerState::Finished { 0 } else { container.amount_left };
        Ok(ContainerView {
            amount: decimal(container.amount),
            amount_left: decimal(left),
            amount_left_ul: container.volume_of(left),
            id: container.id,
            product_id: container.product_id,
            lot_id: container.lot_id,
            serial: container.serial,
            site_id: container.site_id,
            location_id: account.and_then(|account| account.location_id).unwrap_or(container.location_id),
            state,
            opened_at: container.opened_at,
            opened_by: container.opened_by,
            recorded_at: container.recorded_at,
            diluent: container.diluent,
            diluent_ul: container.diluent_ul,
            amount_unit: container.amount_unit,
            usable_until: container.usable_until,
            patient_ref,
        })
    }
}

/// Which containers.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ContainerFilter {
    /// Only those opened at this site.
    pub(super) site_id: Option<SiteId>,
    /// Only those opened at this location.
    pub(super) location_id: Option<LocationId>,
    /// Only those of this lot.
    pub(super) lot_id: Option<LotId>,
    /// Only those that are on hand, or only those that are finished.
    pub(super) on_hand: Option<bool>,
    /// How many items at the most.
    pub(super) limit: Option<Limit>,
    /// Where the page before ended.
    pub(super) cursor: Option<Cursor>,
}

/// Why what is left is discarded.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "In-use life over"}))]
pub struct NewDiscard {
    /// Why.
    pub reason: Prose,
    /// When; now if left out, at most 30 days back.
    #[serde(default)]
    pub occurred_at: Option<Moment>,
}
