//! Requests for evidence bundles.

use serde::Deserialize;
use utoipa::ToSchema;

use crate::clock::Moment;
use crate::error::{Error, Result};
use crate::ids::LotId;
use crate::problem::ProblemCode;
use crate::values::PatientRef;

/// What an evidence bundle is to be about: exactly one of the three.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"period": {"from": "2026-01-01T00:00:00Z", "to": "2027-01-01T00:00:00Z"}}))]
pub struct NewEvidenceBundle {
    /// A lot.
    #[serde(default)]
    pub lot_id: Option<LotId>,
    /// A patient.
    #[serde(default)]
    pub patient_ref: Option<PatientRef>,
    /// A period.
    #[serde(default)]
    pub period: Option<EvidencePeriod>,
}

/// When something was recorded.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EvidencePeriod {
    /// From this moment on.
    pub from: Moment,
    /// Before this moment.
    pub to: Moment,
}

/// The one thing that was asked for.
#[derive(Debug)]
pub enum Asked {
    /// A lot.
    Lot(LotId),
    /// A patient.
    Patient(PatientRef),
    /// A period, which does not end before it begins.
    Period(EvidencePeriod),
}

impl NewEvidenceBundle {
    /// What was asked for.
    ///
    /// # Errors
    /// `missing_field`, `invalid_body` for none and for several; `invalid_value` for a period that ends before it begins.
    pub fn asked(self) -> Result<Asked> {
        match (self.lot_id, self.patient_ref, self.period) {
            (Some(lot), None, None) => Ok(Asked::Lot(lot)),
            (None, Some(patient), None) => Ok(Asked::Patient(patient)),
            (None, None, Some(period)) if period.from < period.to => Ok(Asked::Period(period)),
            (None, None, Some(_)) => {
                Err(Error::invalid(ProblemCode::InvalidValue, "period.to", "must be later than period.from"))
            }
            (None, None, None) => {
                Err(Error::invalid(ProblemCode::MissingField, "lot_id", "or patient_ref or period must be given"))
            }
            _ => Err(Error::invalid(
                ProblemCode::InvalidBody,
                "lot_id",
                "excludes patient_ref and period, and they each other",
            )),
        }
    }
}
