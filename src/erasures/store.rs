//! The table of erasures, and what of others it asks.

use diesel::prelude::*;

use super::model::Erasure;
use crate::clock::Moment;
use crate::db::Db;
use crate::db::schema::{administrations, deviations, patient_erasures};
use crate::error::Result;
use crate::ids::{OrganisationId, PatientId};
use crate::journal::tables::Tables;

/// Adds an erasure.
///
/// # Errors
/// What the database answers; a unique violation where the patient was erased before.
pub fn insert(tables: &mut Tables<'_>, erasure: &Erasure) -> Result<()> {
    diesel::insert_into(patient_erasures::table).values(erasure).execute(tables.db())?;
    Ok(())
}

/// When a patient was erased, if they were.
///
/// # Errors
/// What the database answers.
pub fn erased_at(db: &mut Db, organisation: &OrganisationId, patient: &PatientId) -> Result<Option<Moment>> {
    Ok(patient_erasures::table
        .filter(patient_erasures::organisation_id.eq(organisation).and(patient_erasures::patient_id.eq(patient)))
        .select(patient_erasures::erased_at)
        .first(db)
        .optional()?)
}

/// Erasures of all organisations, by patient, after `after`.
///
/// # Errors
/// What the database answers.
pub fn all(db: &mut Db, after: &str, limit: i64) -> Result<Vec<Erasure>> {
    Ok(patient_erasures::table
        .filter(patient_erasures::patient_id.gt(after))
        .select(Erasure::as_select())
        .order(patient_erasures::patient_id)
        .limit(limit)
        .load(db)?)
}

/// When patients were treated last.
///
/// # Errors
/// What the database answers.
pub fn treated_at(db: &mut Db, organisation: &OrganisationId, patients: &[PatientId]) -> Result<Option<Moment>> {
    Ok(administrations::table
        .filter(administrations::organisation_id.eq(organisation).and(administrations::patient_id.eq_any(patients)))
        .select(administrations::occurred_at)
        .order(administrations::occurred_at.desc())
        .limit(1)
        .get_result(db)
        .optional()?)
}

/// How many deviations of patients' treatments are open.
///
/// # Errors
/// What the database answers.
pub fn open_deviations(db: &mut Db, organisation: &OrganisationId, patients: &[PatientId]) -> Result<i64> {
    let theirs = administrations::table
        .filter(administrations::organisation_id.eq(organisation).and(administrations::patient_id.eq_any(patients)))
        .select(administrations::id);
    Ok(deviations::table
        .filter(deviations::organisation_id.eq(organisation).and(deviations::closed_at.is_null()))
        .filter(deviations::administration_id.eq_any(theirs))
        .count()
        .get_result(db)?)
}
