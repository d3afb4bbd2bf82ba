//! Requests and answers about prescriptions.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model::{Clinical, Prescription, Seen};
use crate::catalogue::model::ProductClass;
use crate::clock::Moment;
use crate::http::paging::{Cursor, Limit};
use crate::ids::{PractitionerId, PrescriptionId, ProductId, SiteId};
use crate::values::{PatientRef, Prose, Units, decimal};

/// A prescription to record.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "patient_ref": "P-1001", "product_id": "prd_01932c07-8d00-7000-8000-000000000007", "units": 2,
    "prescriber_id": "prac_01932c07-8d00-7000-8000-000000000003", "seen": "in_person", "valid_until": "2026-12-31"
}))]
pub struct NewPrescription {
    /// For whom: a reference that means something only to your clinic.
    pub patient_ref: PatientRef,
    /// Of which product; or `class`.
    #[serde(default)]
    pub product_id: Option<ProductId>,
    /// Of any product of which class; or `product_id`.
    #[serde(default)]
    pub class: Option<ProductClass>,
    /// How many units.
    pub units: Units,
    /// Who prescribes; the practitioner whose token it is if left out. Their prescribing authority must count on that day.
    #[serde(default)]
    pub prescriber_id: Option<PractitionerId>,
    /// How the patient was seen.
    pub seen: Seen,
    /// The last day on which it counts, at the site where it is drawn on.
    #[serde(deserialize_with = "crate::values::day")]
    pub valid_until: NaiveDate,
    /// Where it is prescribed, which decides in which jurisdiction the prescriber must be authorised; if left out, of the sites
    /// that the token sees, the first where they are.
    #[serde(default)]
    pub site_id: Option<SiteId>,
    /// Directions, such as areas or dose.
    #[serde(default)]
    pub note: Option<Prose>,
    /// When it was prescribed; now if left out, at most 30 days back.
    #[serde(default)]
    pub prescribed_at: Option<Moment>,
}

/// A withdrawal of a prescription.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "The patient is pregnant"}))]
pub struct PrescriptionWithdrawal {
    /// Why.
    pub reason: Prose,
}

/// A prescription.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Prescription)]
pub struct PrescriptionView {
    pub(super) id: PrescriptionId,
    pub(super) site_id: SiteId,
    /// Null when the patient was erased.
    pub(super) patient_ref: Option<PatientRef>,
    pub(super) prescriber_id: PractitionerId,
    /// Left out where any product of a class is prescribed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) product_id: Option<ProductId>,
    /// Left out where one product is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) class: Option<ProductClass>,
    pub(super) units: i64,
    /// How many units are left, as a decimal number: of an opened unit a part is drawn.
    #[schema(example = "1.5")]
    pub(super) units_left: String,
    pub(super) seen: Seen,
    /// The last day on which it counts.
    pub(super) valid_until: NaiveDate,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) note: Option<Prose>,
    /// Who recorded it, by the subject of the token.
    pub(super) recorded_by: String,
    pub(super) prescribed_at: Moment,
    pub(super) recorded_at: Moment,
    /// Who withdrew it, by the subject of the token; left out while it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) withdrawn_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) withdrawn_at: Option<Moment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) withdrawal_reason: Option<Prose>,
}

impl PrescriptionView {
    pub(super) fn of(found: Prescription, clinical: Option<Clinical>, reason: Option<Prose>) -> Self {
        let (patient_ref, note) = clinical.map(|clinical| (clinical.patient_ref, clinical.note)).unzip();
        PrescriptionView {
            units_left: decimal(found.left()),
            id: found.id,
            site_id: found.site_id,
            patient_ref,
            prescriber_id: found.prescriber_id,
            product_id: found.product_id,
            class: found.class,
            units: found.units,
            seen: found.seen,
            valid_until: found.valid_until,
            note: note.flatten(),
            recorded_by: found.recorded_by,
            prescribed_at: found.prescribed_at,
            recorded_at: found.recorded_at,
            withdrawn_by: found.withdrawn_by,
            withdrawn_at: found.withdrawn_at,
            withdrawal_reason: reason,
        }
    }
}

/// Which prescriptions.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PrescriptionFilter {
    /// Only at this site.
    pub(super) site_id: Option<SiteId>,
    /// Only of this prescriber.
    pub(super) prescriber_id: Option<PractitionerId>,
    /// How many items at the most.
    pub(super) limit: Option<Limit>,
    /// Where the page before ended.
    pub(super) cursor: Option<Cursor>,
}

/// Whose prescriptions.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"patient_ref": "P-1001"}))]
pub struct PrescriptionSearch {
    /// The patient.
    pub patient_ref: PatientRef,
    /// How many items at the most.
    #[serde(default)]
    pub limit: Option<Limit>,
    /// Where the page before ended.
    #[serde(default)]
    pub cursor: Option<Cursor>,
}
