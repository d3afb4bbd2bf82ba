//! The tables of visits, and what of administrations they ask.

use diesel::prelude::*;

use super::model::{Entry, Signature, Visit, VisitEntryKind};
use crate::caller::Caller;
use crate::db::Db;
use crate::db::schema::{administrations, visit_entries, visits};
use crate::error::Result;
use crate::http::paging::{Found, horizon};
use crate::ids::{AdministrationId, OrganisationId, PatientId, PractitionerId, SiteId, VisitId};
use crate::journal::tables::Tables;
use crate::limits::VISIT_ENTRIES_MAX;

/// Adds a visit.
///
/// # Errors
/// What the database answers.
pub fn insert(tables: &mut Tables<'_>, visit: &Visit) -> Result<()> {
    diesel::insert_into(visits::table).values(visit).execute(tables.db())?;
    Ok(())
}

/// Adds what was recorded in one.
///
/// # Errors
/// What the database answers.
pub fn insert_entry(tables: &mut Tables<'_>, entry: &Entry) -> Result<()> {
    diesel::insert_into(visit_entries::table).values(entry).execute(tables.db())?;
    Ok(())
}

/// Signs a visit that is open; false when it is not.
///
/// # Errors
/// What the database answers.
pub fn sign(tables: &mut Tables<'_>, organisation: &OrganisationId, signature: &Signature) -> Result<bool> {
    let open = visits::table
        .filter(visits::organisation_id.eq(organisation).and(visits::id.eq(&signature.visit_id)))
        .filter(visits::signed_at.is_null());
    let changed = diesel::update(open)
        .set((visits::signed_by.eq(&signature.signed_by), visits::signed_at.eq(signature.signed_at)))
        .execute(tables.db())?;
    Ok(changed == 1)
}

/// Locks a visit: nothing is recorded in it, and nobody signs it, until the transaction ends.
///
/// # Errors
/// What the database answers.
pub fn lock(db: &mut Db, organisation: &OrganisationId, id: &VisitId) -> Result<()> {
    if let Db::Postgres(conn) = db {
        visits::table
            .filter(visits::organisation_id.eq(organisation).and(visits::id.eq(id)))
            .select(visits::id)
            .for_no_key_update()
            .load::<String>(conn)?;
    }
    Ok(())
}

/// A visit, by its id.
///
/// # Errors
/// What the database answers.
pub fn find(db: &mut Db, organisation: &OrganisationId, id: &VisitId) -> Result<Option<Visit>> {
    Ok(visits::table
        .filter(visits::organisation_id.eq(organisation).and(visits::id.eq(id)))
        .select(Visit::as_select())
        .first(db)
        .optional()?)
}

/// What was recorded in a visit, in the order of time.
///
/// # Errors
/// What the database answers.
pub fn entries(db: &mut Db, organisation: &OrganisationId, visit: &VisitId) -> Result<Vec<Entry>> {
    Ok(visit_entries::table
        .filter(visit_entries::organisation_id.eq(organisation).and(visit_entries::visit_id.eq(visit)))
        .select(Entry::as_select())
        .order((visit_entries::occurred_at, visit_entries::id))
        .limit(VISIT_ENTRIES_MAX)
        .load(db)?)
}

/// How many things were recorded in a visit.
///
/// # Errors
/// What the database answers.
pub fn count_entries(db: &mut Db, organisation: &OrganisationId, visit: &VisitId) -> Result<i64> {
    Ok(visit_entries::table
        .filter(visit_entries::organisation_id.eq(organisation).and(visit_entries::visit_id.eq(visit)))
        .count()
        .get_result(db)?)
}

/// The newest answers of a patient, whatever the visit: so many at the most.
///
/// # Errors
/// What the database answers.
pub fn screenings(db: &mut Db, organisation: &OrganisationId, patient: &PatientId, most: i64) -> Result<Vec<Entry>> {
    Ok(visit_entries::table
        .filter(visit_entries::organisation_id.eq(organisation).and(visit_entries::patient_id.eq(patient)))
        .filter(visit_entries::kind.eq(VisitEntryKind::Screening))
        .select(Entry::as_select())
        .order(visit_entries::id.desc())
        .limit(most)
        .load(db)?)
}

/// What was administered in a visit, with who treated; so many at the most.
///
/// # Errors
/// What the database answers.
pub fn administered(
    db: &mut Db,
    organisation: &OrganisationId,
    visit: &VisitId,
    most: i64,
) -> Result<Vec<(AdministrationId, PractitionerId)>> {
    Ok(administrations::table
        .filter(administrations::organisation_id.eq(organisation).and(administrations::visit_id.eq(visit)))
        .select((administrations::id, administrations::practitioner_id))
        .order((administrations::occurred_at, administrations::id))
        .limit(most)
        .load(db)?)
}

/// The oldest visits of a practitioner that nobody has signed: so many at the most.
///
/// # Errors
/// What the database answers.
pub fn unsigned(
    db: &mut Db,
    organisation: &OrganisationId,
    practitioner: &PractitionerId,
    most: i64,
) -> Result<Vec<Visit>> {
    Ok(visits::table
        .filter(visits::organisation_id.eq(organisation).and(visits::practitioner_id.eq(practitioner)))
        .filter(visits::signed_at.is_null())
        .select(Visit::as_select())
        .order(visits::id)
        .limit(most)
        .load(db)?)
}

/// Which visits.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only at this site.
    pub site_id: Option<SiteId>,
    /// Only of this practitioner.
    pub practitioner_id: Option<PractitionerId>,
    /// Only of this patient: of whoever goes or went by one reference.
    pub patient: Option<Vec<PatientId>>,
    /// Only those that are open, or only those that are signed.
    pub open: Option<bool>,
}

/// Visits at sites that the caller sees, by id, after `after`.
///
/// # Errors
/// What the database answers.
pub fn list(db: &mut Db, caller: &Caller, filter: &Filter, after: &str, limit: i64) -> Result<Found<Visit, 1>> {
    let Filter { site_id, practitioner_id, patient, open } = filter;
    let led = || {
        let led = visits::table
            .filter(visits::organisation_id.eq(&caller.organisation_id).and(visits::id.gt(after)))
            .into_boxed();
        match patient {
            Some(patient) => led.filter(visits::patient_id.eq_any(patient)),
            None => led,
        }
    };
    let is_led = caller.sites.is_none() && site_id.is_none() && practitioner_id.is_none() && open.is_none();
    let horizon: Option<VisitId> = if is_led { None } else { horizon!(db, led(), visits::id)? };
    let mut query = led().select(Visit::as_select()).order(visits::id).limit(limit);
    if let Some(last) = &horizon {
        query = query.filter(visits::id.le(last));
    }
    if let Some(sites) = &caller.sites {
        query = query.filter(visits::site_id.eq_any(sites));
    }
    if let Some(site) = site_id {
        query = query.filter(visits::site_id.eq(site));
    }
    if let Some(practitioner) = practitioner_id {
        query = query.filter(visits::practitioner_id.eq(practitioner));
    }
    query = match open {
        Some(true) => query.filter(visits::signed_at.is_null()),
        Some(false) => query.filter(visits::signed_at.is_not_null()),
        None => query,
    };
    Ok(Found { items: query.load(db)?, looked_at: horizon.map(|id| [id.to_string()]) })
}
