//! What an erasure is.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::clock::Moment;
use crate::ids::{ErasureId, OrganisationId, PatientId};
use crate::values::{Prose, Word};

/// The erasure of a patient.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Queryable, Selectable, Insertable)]
#[diesel(table_name = crate::db::schema::patient_erasures, treat_none_as_default_value = false)]
pub struct Erasure {
    /// Its id.
    pub id: ErasureId,
    /// The organisation.
    pub organisation_id: OrganisationId,
    /// Who was erased.
    pub patient_id: PatientId,
    /// Why.
    pub reason: Prose,
    /// Why before its time, if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub override_reason: Option<Prose>,
    /// Who erased them, by the subject of the token.
    pub erased_by: String,
    /// When.
    pub erased_at: Moment,
}

/// What is known of a patient who is to be erased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Who.
    pub patient_id: PatientId,
    /// When they were treated last.
    pub treated_at: Option<Moment>,
    /// For how many years what was recorded is to be kept.
    pub retention_years: i64,
    /// Open recalls that concern what they were given, by their references.
    pub recalls: Vec<Word>,
    /// Open deviations of their treatments.
    pub deviations: i64,
}
