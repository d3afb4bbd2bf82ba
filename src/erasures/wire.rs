//! Requests and answers about erasures.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::Erasure;
use crate::clock::Moment;
use crate::ids::{ErasureId, PatientId};
use crate::values::{PatientRef, Prose};

/// A patient to erase.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"patient_ref": "P-1001", "reason": "Asked for by the patient in writing", "override_reason": "Legal has agreed that this is not to be kept"}))]
pub struct NewErasure {
    /// The patient.
    pub patient_ref: PatientRef,
    /// Why. It stays readable, and must not name the patient.
    pub reason: Prose,
    /// Why it is done although what was recorded is to be kept longer, or an open recall concerns the patient.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub override_reason: Option<Prose>,
}

/// The erasure of a patient. It does not say who they were.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Erasure)]
pub struct ErasureView {
    id: ErasureId,
    /// Under what their treatments still stand together.
    patient_id: PatientId,
    reason: Prose,
    #[serde(skip_serializing_if = "Option::is_none")]
    override_reason: Option<Prose>,
    erased_by: String,
    erased_at: Moment,
}

impl From<Erasure> for ErasureView {
    fn from(erasure: Erasure) -> Self {
        let Erasure { id, patient_id, reason, override_reason, erased_by, erased_at, .. } = erasure;
        ErasureView { id, patient_id, reason, override_reason, erased_by, erased_at }
    }
}
