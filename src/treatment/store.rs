//! The table of administrations.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::model::Administration;
use crate::caller::Caller;
use crate::clock::Moment;
use crate::db::Db;
use crate::db::schema::administrations;
use crate::error::Result;
use crate::ids::{AdministrationId, LotId, OrganisationId, PractitionerId, ProductId};
use crate::values::{PatientRef, Serial};

/// Adds an administration.
///
/// # Errors
/// What the database answers.
pub fn insert(db: &mut Db, administration: &Administration) -> Result<()> {
    diesel::insert_into(administrations::table).values(administration).execute(db)?;
    Ok(())
}

/// The administration of that id, if the organisation has it.
///
/// # Errors
/// What the database answers.
pub fn administration(
    db: &mut Db,
    organisation: &OrganisationId,
    id: &AdministrationId,
) -> Result<Option<Administration>> {
    let found = administrations::table
        .filter(administrations::organisation_id.eq(organisation).and(administrations::id.eq(id)))
        .select(Administration::as_select())
        .first(db)
        .optional()?;
    Ok(found)
}

/// How many units of a product were administered under a serial number.
///
/// # Errors
/// What the database answers.
pub fn units_under_serial(
    db: &mut Db,
    organisation: &OrganisationId,
    product: &ProductId,
    serial: &Serial,
) -> Result<i64> {
    Ok(administrations::table
        .filter(administrations::organisation_id.eq(organisation))
        .filter(administrations::product_id.eq(product).and(administrations::serial.eq(serial)))
        .select(sql::<BigInt>("CAST(COALESCE(SUM(units), 0) AS BIGINT)"))
        .first(db)?)
}

/// Which administrations.
#[derive(Default)]
pub struct Filter {
    /// Only of this lot.
    pub lot_id: Option<LotId>,
    /// Only by this practitioner.
    pub practitioner_id: Option<PractitionerId>,
    /// Only of this patient.
    pub patient_ref: Option<PatientRef>,
    /// Only from this moment on.
    pub from: Option<Moment>,
    /// Only before this moment.
    pub to: Option<Moment>,
}

/// Administrations at sites that the caller sees, by id, after `after`.
///
/// # Errors
/// What the database answers.
pub fn list(db: &mut Db, caller: &Caller, filter: &Filter, after: &str, limit: i64) -> Result<Vec<Administration>> {
    let mut query = administrations::table
        .filter(administrations::organisation_id.eq(&caller.organisation_id).and(administrations::id.gt(after)))
        .select(Administration::as_select())
        .order(administrations::id)
        .limit(limit)
        .into_boxed();
    if let Some(sites) = &caller.sites {
        query = query.filter(administrations::site_id.eq_any(sites));
    }
    if let Some(lot) = &filter.lot_id {
        query = query.filter(administrations::lot_id.eq(lot));
    }
    if let Some(practitioner) = &filter.practitioner_id {
        query = query.filter(administrations::practitioner_id.eq(practitioner));
    }
    if let Some(patient) = &filter.patient_ref {
        query = query.filter(administrations::patient_ref.eq(patient));
    }
    if let Some(from) = filter.from {
        query = query.filter(administrations::occurred_at.ge(from));
    }
    if let Some(to) = filter.to {
        query = query.filter(administrations::occurred_at.lt(to));
    }
    Ok(query.load(db)?)
}
