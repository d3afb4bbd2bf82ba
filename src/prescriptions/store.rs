//! Prescriptions in the database.

use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::model::{Asked, Draw, Drawable, PARTS, Prescription, Withdrawal};
use crate::caller::Caller;
use crate::catalogue::model::Product;
use crate::db::schema::prescriptions;
use crate::db::{Db, Named, lock_rows, on_either};
use crate::error::Result;
use crate::http::paging::{Found, horizon};
use crate::ids::{OrganisationId, PatientId, PractitionerId, PrescriptionId, SiteId};
use crate::journal::tables::Tables;

/// So many of a patient's prescriptions of a product are locked at the most; what is drawn is checked again when it is.
const LOCKED_MAX: i64 = 50;

/// Adds a prescription.
///
/// # Errors
/// What the database answers.
pub fn insert(tables: &mut Tables<'_>, prescription: &Prescription) -> Result<()> {
    diesel::insert_into(prescriptions::table).values(prescription).execute(tables.db())?;
    Ok(())
}

/// Withdraws a prescription that stands; false when it does not.
///
/// # Errors
/// What the database answers.
pub fn withdraw(tables: &mut Tables<'_>, organisation: &OrganisationId, new: &Withdrawal) -> Result<bool> {
    let standing = prescriptions::table
        .filter(prescriptions::organisation_id.eq(organisation).and(prescriptions::id.eq(&new.prescription_id)))
        .filter(prescriptions::withdrawn_at.is_null());
    let changed = diesel::update(standing)
        .set((
            prescriptions::withdrawn_by.eq(&new.by),
            prescriptions::withdrawn_at.eq(new.at),
            prescriptions::withdrawal_reason.eq(&new.reason),
        ))
        .execute(tables.db())?;
    Ok(changed == 1)
}

/// Draws on a prescription; false when less than that is left.
///
/// # Errors
/// What the database answers.
pub fn draw(tables: &mut Tables<'_>, organisation: &OrganisationId, draw: &Draw) -> Result<bool> {
    let row = prescriptions::table
        .filter(prescriptions::organisation_id.eq(organisation).and(prescriptions::id.eq(&draw.prescription_id)))
        .filter((prescriptions::units * PARTS - prescriptions::drawn).ge(draw.parts));
    let drawn = prescriptions::drawn.eq(prescriptions::drawn + draw.parts);
    Ok(diesel::update(row).set(drawn).execute(tables.db())? == 1)
}

/// Gives back what was drawn on a prescription.
///
/// # Errors
/// What the database answers.
pub fn give_back(tables: &mut Tables<'_>, organisation: &OrganisationId, draw: &Draw) -> Result<bool> {
    let row = prescriptions::table
        .filter(prescriptions::organisation_id.eq(organisation).and(prescriptions::id.eq(&draw.prescription_id)))
        .filter(prescriptions::drawn.ge(draw.parts));
    let drawn = prescriptions::drawn.eq(prescriptions::drawn - draw.parts);
    Ok(diesel::update(row).set(drawn).execute(tables.db())? == 1)
}

/// Locks a prescription: nobody draws on it or withdraws it until the transaction ends.
///
/// # Errors
/// What the database answers.
pub fn lock(db: &mut Db, organisation: &OrganisationId, id: &PrescriptionId) -> Result<()> {
    lock_rows!(
        db,
        prescriptions::table
            .filter(prescriptions::organisation_id.eq(organisation).and(prescriptions::id.eq(id)))
            .select(prescriptions::id)
    );
    Ok(())
}

/// A prescription, by its id.
///
/// # Errors
/// What the database answers.
pub fn find(db: &mut Db, organisation: &OrganisationId, id: &PrescriptionId) -> Result<Option<Prescription>> {
    Ok(prescriptions::table
        .filter(prescriptions::organisation_id.eq(organisation).and(prescriptions::id.eq(id)))
        .select(Prescription::as_select())
        .first(db)
        .optional()?)
}

/// The patient's prescription that is drawn on, and whether it is enough: of those with enough left, the one that lapses first; where
/// there is none, the one that lapses last, of those that stand if any does.
///
/// # Errors
/// What the database answers.
pub fn best(db: &mut Db, asked: &Asked<'_>) -> Result<Option<(Drawable, bool)>> {
    let Asked { patient, product, at, .. } = asked;
    let prescriber = asked.prescriber.map(|named| &named.id);
    let made = || {
        prescriptions::table
            .filter(prescriptions::organisation_id.eq(&product.organisation_id))
            .filter(prescriptions::patient_id.eq(patient))
            .filter(prescriptions::product_id.eq(&product.id).or(prescriptions::class.eq(product.class)))
            // One text, whether or not somebody is named.
            .filter(prescriptions::prescriber_id.nullable().eq(prescriber).or(prescriber.is_none().into_sql::<Bool>()))
            .filter(prescriptions::prescribed_at.le(*at))
    };
    let standing = || made().filter(prescriptions::withdrawn_at.is_null().or(prescriptions::withdrawn_at.gt(*at)));
    enum Best {}
    let enough = on_either!(&mut *db, conn => Named::<Best, _>::of(standing()
        .filter(prescriptions::valid_until.ge(asked.day))
        .filter((prescriptions::units * PARTS - prescriptions::drawn).ge(asked.parts))
        .select(Drawable::as_select())
        .order((prescriptions::valid_until, prescriptions::id))
        .limit(1))
        .get_result(conn)
        .optional()?);
    if let Some(enough) = enough {
        return Ok(Some((enough, true)));
    }
    let newest = || (prescriptions::valid_until.desc(), prescriptions::id.desc());
    let last = match standing().select(Drawable::as_select()).order(newest()).first(db).optional()? {
        Some(last) => Some(last),
        None => made().select(Drawable::as_select()).order(newest()).first(db).optional()?,
    };
    Ok(last.map(|last| (last, false)))
}

/// Locks the patient's prescriptions of a product: nobody draws on them or withdraws them until the transaction ends.
///
/// # Errors
/// What the database answers.
pub fn lock_all(db: &mut Db, patient: &PatientId, product: &Product) -> Result<()> {
    lock_rows!(
        db,
        prescriptions::table
            .filter(prescriptions::organisation_id.eq(&product.organisation_id))
            .filter(prescriptions::patient_id.eq(patient))
            .filter(prescriptions::product_id.eq(&product.id).or(prescriptions::class.eq(product.class)))
            .filter((prescriptions::units * PARTS).gt(prescriptions::drawn))
            .select(prescriptions::id)
            .order(prescriptions::id)
            .limit(LOCKED_MAX)
    );
    Ok(())
}

/// Which prescriptions.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only at this site.
    pub site_id: Option<SiteId>,
    /// Only of this prescriber.
    pub prescriber_id: Option<PractitionerId>,
    /// Only of this patient: of whoever goes or went by one reference.
    pub patient: Option<Vec<PatientId>>,
}

/// Prescriptions at sites that the caller sees, by id, after `after`.
///
/// # Errors
/// What the database answers.
pub fn list(db: &mut Db, caller: &Caller, filter: &Filter, after: &str, limit: i64) -> Result<Found<Prescription, 1>> {
    let Filter { site_id, prescriber_id, patient } = filter;
    let led = || {
        let led = prescriptions::table
            .filter(prescriptions::organisation_id.eq(&caller.organisation_id).and(prescriptions::id.gt(after)))
            .into_boxed();
        match patient {
            Some(patient) => led.filter(prescriptions::patient_id.eq_any(patient)),
            None => led,
        }
    };
    let is_led = caller.sites.is_none() && site_id.is_none() && prescriber_id.is_none();
    let horizon: Option<PrescriptionId> = if is_led { None } else { horizon!(db, led(), prescriptions::id)? };
    let mut query = led().select(Prescription::as_select()).order(prescriptions::id).limit(limit);
    if let Some(last) = &horizon {
        query = query.filter(prescriptions::id.le(last));
    }
    if let Some(sites) = &caller.sites {
        query = query.filter(prescriptions::site_id.eq_any(sites));
    }
    if let Some(site) = site_id {
        query = query.filter(prescriptions::site_id.eq(site));
    }
    if let Some(prescriber) = prescriber_id {
        query = query.filter(prescriptions::prescriber_id.eq(prescriber));
    }
    Ok(Found { items: query.load(db)?, looked_at: horizon.map(|id| [id.to_string()]) })
}
