//! The table of administrations.

use diesel::dsl::{exists, not, sql};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};

use super::model::{Administration, Closure, Confirmation, Confirmed, Deviation, Void};
use crate::caller::Caller;
use crate::catalogue::model::ProductClass;
use crate::clock::Moment;
use crate::db::schema::{
    administration_confirmations, administration_voids, administrations, deviations, movements, pack_balances, packs,
    products,
};
use crate::db::{Db, Named, Prepared, on_either};
use crate::error::Result;
use crate::http::paging::{After, Found, horizon, later, no_later};
use crate::http::period::Period;
use crate::ids::{
    AdministrationId, DeviationId, LotId, OrganisationId, PatientId, PractitionerId, ProductId, SiteId, VisitId, VoidId,
};
use crate::journal::tables::Tables;
use crate::movements::model::MovementKind;
use crate::values::Serial;

/// How many earlier treatments of a patient are looked at: the newest of a class within its interval.
const TREATED_MAX: i64 = 100;

/// Adds an administration.
///
/// # Errors
/// What the database answers.
pub fn insert(tables: &mut Tables<'_>, administration: &Administration) -> Result<()> {
    let db = tables.db();
    let waits = i64::try_from(administration.to_confirm.len()).unwrap_or(i64::MAX);
    let row = (administration, administrations::unconfirmed.eq(waits));
    on_either!(db, conn => diesel::insert_into(administrations::table).values(row).execute(conn)?);
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

/// The void of an administration.
#[diesel::dsl::auto_type(no_type_alias)]
fn voided() -> _ {
    administration_voids::table.filter(administration_voids::administration_id.eq(administrations::id))
}

/// What is known of a number that no pack has: how many units of the product were administered under it and not voided,
/// and whether units of the lot were ever received under numbers, so that it should be one of those.
///
/// # Errors
/// What the database answers.
pub fn under_serial(
    db: &mut Db,
    organisation: &OrganisationId,
    product: &ProductId,
    lot: Option<&LotId>,
    serial: &Serial,
) -> Result<(i64, bool)> {
    let units = pack_balances::table.filter(pack_balances::pack_id.eq(packs::id).and(pack_balances::units.ne(0)));
    let numbered = packs::table
        .filter(packs::organisation_id.eq(organisation).and(packs::lot_id.eq(lot.map_or("", LotId::as_str))))
        .filter(exists(units));
    Ok(administrations::table
        .filter(administrations::organisation_id.eq(organisation))
        .filter(administrations::product_id.eq(product).and(administrations::serial.eq(serial)))
        .filter(not(exists(voided())))
        .select((sql::<BigInt>("CAST(COALESCE(SUM(units), 0) AS BIGINT)"), exists(numbered)))
        .first(db)?)
}

/// What a patient was given of a class of products in a period, and was not voided: the newest, so many at the most.
///
/// # Errors
/// What the database answers.
pub fn treated_with(
    db: &mut Db,
    organisation: &OrganisationId,
    patient: &PatientId,
    class: ProductClass,
    (from, before): (Moment, Moment),
) -> Result<Vec<Administration>> {
    enum TreatedWith {}
    Ok(on_either!(db, conn => Named::<TreatedWith, _>::of(administrations::table
        .inner_join(products::table.on(products::id.eq(administrations::product_id)))
        .filter(administrations::organisation_id.eq(organisation).and(administrations::patient_id.eq(patient)))
        .filter(administrations::occurred_at.ge(from).and(administrations::occurred_at.lt(before)))
        .filter(products::class.eq(class).and(not(exists(voided()))))
        .select(Administration::as_select())
        .order((administrations::occurred_at.desc(), administrations::id.desc()))
        .limit(TREATED_MAX))
        .load(conn)?))
}

/// Which administrations.
#[derive(Clone, Default)]
pub struct Filter {
    /// Only of this lot.
    pub lot_id: Option<LotId>,
    /// Only by this practitioner.
    pub practitioner_id: Option<PractitionerId>,
    /// Only of this patient: of whoever goes or went by one reference.
    pub patient: Option<Vec<PatientId>>,
    /// Only at this site.
    pub site_id: Option<SiteId>,
    /// Only of this product.
    pub product_id: Option<ProductId>,
    /// Only in this visit.
    pub visit_id: Option<VisitId>,
    /// From when until when.
    pub period: Period,
}

/// Administrations at sites that the caller sees, in the order of what happened, after `after`. A patient, a lot and a
/// practitioner (the first of these that is asked for) have an order of their own; what else is asked for is looked for.
///
/// # Errors
/// What the database answers.
pub fn list(
    db: &mut Db,
    caller: &Caller,
    filter: &Filter,
    after: &After,
    limit: i64,
) -> Result<Found<Administration, 2>> {
    let after = after.from(filter.period.from);
    let led = || {
        let mut led = administrations::table
            .filter(administrations::organisation_id.eq(&caller.organisation_id))
            .filter(later!("occurred_at", "id", after))
            .into_boxed();
        if let Some(to) = filter.period.to {
            led = led.filter(administrations::occurred_at.lt(to));
        }
        if let Some(visit) = &filter.visit_id {
            led = led.filter(administrations::visit_id.eq(visit));
        } else if let Some(patient) = &filter.patient {
            led = led.filter(administrations::patient_id.eq_any(patient));
        } else if let Some(lot) = &filter.lot_id {
            led = led.filter(administrations::lot_id.eq(lot));
        } else if let Some(practitioner) = &filter.practitioner_id {
            led = led.filter(administrations::practitioner_id.eq(practitioner));
        }
        led
    };
    let asked = [
        filter.visit_id.is_some(),
        filter.patient.is_some(),
        filter.lot_id.is_some(),
        filter.practitioner_id.is_some(),
    ];
    let is_more = filter.site_id.is_some() || filter.product_id.is_some();
    let is_led = caller.sites.is_none() && !is_more && asked.into_iter().filter(|asked| *asked).count() < 2;
    let keys = (administrations::occurred_at, administrations::id);
    let horizon: Option<(Moment, AdministrationId)> = if is_led { None } else { horizon!(db, led(), keys)? };
    let mut query = led().select(Administration::as_select()).order(keys).limit(limit);
    if let Some(last) = &horizon {
        query = query.filter(no_later!("occurred_at", "id", last));
    }
    if let Some(sites) = &caller.sites {
        query = query.filter(administrations::site_id.eq_any(sites));
    }
    if let Some(lot) = &filter.lot_id {
        query = query.filter(administrations::lot_id.eq(lot));
    }
    if let Some(practitioner) = &filter.practitioner_id {
        query = query.filter(administrations::practitioner_id.eq(practitioner));
    }
    if let Some(site) = &filter.site_id {
        query = query.filter(administrations::site_id.eq(site));
    }
    if let Some(product) = &filter.product_id {
        query = query.filter(administrations::product_id.eq(product));
    }
    Ok(Found { items: query.load(db)?, looked_at: horizon.map(|(at, id)| After::keys(at, &id)) })
}

/// The most administrations of one lot to one patient within a minute that are looked at.
const GIVEN_MAX: i64 = 100;

/// What a patient was given of a lot from one moment to another, both included, and was not voided: the newest first.
///
/// # Errors
/// What the database answers.
pub fn given(
    db: &mut Db,
    organisation: &OrganisationId,
    (patient, lot): (&PatientId, &LotId),
    (from, to): (Moment, Moment),
) -> Result<Vec<Administration>> {
    Ok(administrations::table
        .filter(administrations::organisation_id.eq(organisation).and(administrations::patient_id.eq(patient)))
        .filter(administrations::occurred_at.ge(from).and(administrations::occurred_at.le(to)))
        .filter(administrations::lot_id.eq(lot).and(not(exists(voided()))))
        .select(Administration::as_select())
        .order((administrations::occurred_at.desc(), administrations::id.desc()))
        .limit(GIVEN_MAX)
        .load(db)?)
}

/// Keeps the word of a practitioner; false when it was not waited for (any more).
///
/// # Errors
/// What the database answers.
pub fn confirm(tables: &mut Tables<'_>, confirmation: &Confirmation) -> Result<bool> {
    let db = tables.db();
    let count = i64::try_from(confirmation.roles.len()).unwrap_or(i64::MAX);
    for role in &confirmation.roles {
        let row = Confirmed {
            administration_id: confirmation.administration_id.clone(),
            role: *role,
            organisation_id: confirmation.organisation_id.clone(),
            practitioner_id: confirmation.practitioner_id.clone(),
            confirmed_by: confirmation.confirmed_by.clone(),
            confirmed_at: confirmation.confirmed_at,
        };
        diesel::insert_into(administration_confirmations::table).values(row).execute(db)?;
    }
    let waits = administrations::table
        .filter(administrations::organisation_id.eq(&confirmation.organisation_id))
        .filter(administrations::id.eq(&confirmation.administration_id).and(administrations::unconfirmed.ge(count)));
    let left = administrations::unconfirmed.eq(administrations::unconfirmed - count);
    Ok(diesel::update(waits).set(left).execute(db)? == 1)
}

/// What is void waits for nobody's word.
///
/// # Errors
/// What the database answers.
pub fn await_nobody(tables: &mut Tables<'_>, organisation: &OrganisationId, id: &AdministrationId) -> Result<()> {
    let db = tables.db();
    let waits = administrations::table
        .filter(administrations::organisation_id.eq(organisation).and(administrations::id.eq(id)))
        .filter(administrations::unconfirmed.gt(0));
    diesel::update(waits).set(administrations::unconfirmed.eq(0)).execute(db)?;
    Ok(())
}

/// The confirmations of administrations.
///
/// # Errors
/// What the database answers.
pub fn confirmations(db: &mut Db, organisation: &OrganisationId, ids: &[&AdministrationId]) -> Result<Vec<Confirmed>> {
    let query = administration_confirmations::table
        .filter(administration_confirmations::organisation_id.eq(organisation))
        .filter(administration_confirmations::administration_id.eq_any(ids.iter().copied()))
        .select(Confirmed::as_select());
    Ok(Prepared::over(ids.len(), query).load(db)?)
}

/// Administrations that wait for somebody's word, the oldest entries first: at one site, or everywhere.
///
/// # Errors
/// What the database answers.
pub fn unconfirmed(
    db: &mut Db,
    organisation: &OrganisationId,
    site: Option<&SiteId>,
    most: i64,
) -> Result<Vec<Administration>> {
    let mut query = administrations::table
        .filter(administrations::organisation_id.eq(organisation))
        // In these words, so that the index of those that wait is seen to fit.
        .filter(sql::<Bool>("unconfirmed > 0"))
        .select(Administration::as_select())
        .order(administrations::id)
        .limit(most)
        .into_boxed();
    if let Some(site) = site {
        query = query.filter(administrations::site_id.eq(site));
    }
    Ok(query.load(db)?)
}

/// The patient of the newest administration of all, and whose data that is.
///
/// # Errors
/// What the database answers.
pub fn newest_patient(db: &mut Db) -> Result<Option<(OrganisationId, PatientId)>> {
    Ok(administrations::table
        .filter(administrations::id.gt(""))
        .select((administrations::organisation_id, administrations::patient_id))
        .order(administrations::id.desc())
        .limit(1)
        .get_result(db)
        .optional()?)
}

/// Says whose an administration of an older version was.
///
/// # Errors
/// What the database answers.
pub fn set_patient(tables: &mut Tables<'_>, id: &str, patient: &PatientId) -> Result<()> {
    let of = administrations::table.filter(administrations::id.eq(id));
    diesel::update(of).set(administrations::patient_id.eq(patient)).execute(tables.db())?;
    Ok(())
}

/// Seals why an administration was voided by an older version.
///
/// # Errors
/// What the database answers.
pub fn set_void_reason(tables: &mut Tables<'_>, id: &str, sealed: &str) -> Result<()> {
    let of = administration_voids::table.filter(administration_voids::id.eq(id));
    diesel::update(of).set(administration_voids::reason.eq(sealed)).execute(tables.db())?;
    Ok(())
}

/// Seals what came of a deviation that an older version closed.
///
/// # Errors
/// What the database answers.
pub fn set_resolution(tables: &mut Tables<'_>, id: &DeviationId, sealed: &str) -> Result<()> {
    let of = deviations::table.filter(deviations::id.eq(id));
    diesel::update(of).set(deviations::resolution.eq(sealed)).execute(tables.db())?;
    Ok(())
}

/// Adds the void of an administration.
///
/// # Errors
/// What the database answers.
pub fn insert_void(tables: &mut Tables<'_>, void: &Void) -> Result<()> {
    let db = tables.db();
    diesel::insert_into(administration_voids::table).values(void).execute(db)?;
    Ok(())
}

/// The voids of administrations.
///
/// # Errors
/// What the database answers.
pub fn voids(db: &mut Db, organisation: &OrganisationId, ids: &[&AdministrationId]) -> Result<Vec<Void>> {
    let query = administration_voids::table
        .filter(administration_voids::organisation_id.eq(organisation))
        .filter(administration_voids::administration_id.eq_any(ids.iter().copied()))
        .select(Void::as_select());
    Ok(Prepared::over(ids.len(), query).load(db)?)
}

/// Of the newest voids of an organisation with units that somebody must count, how many are looked at.
const TO_COUNT: i64 = 1_000;

/// The newest voids with units that the books never had and that nobody has counted since where they are; with their
/// administrations, at sites that the caller sees, or at `site`.
///
/// # Errors
/// What the database answers.
pub fn to_count(
    db: &mut Db,
    caller: &Caller,
    site: Option<&SiteId>,
    limit: i64,
) -> Result<Vec<(Void, Administration)>> {
    let newest = administration_voids::table
        .filter(administration_voids::organisation_id.eq(&caller.organisation_id))
        // In these words, so that the index of what waits to be counted is seen to fit.
        .filter(sql::<Bool>("units_to_count > 0"))
        .select(administration_voids::id)
        .order(administration_voids::id.desc())
        .limit(TO_COUNT);
    let newest: Vec<VoidId> = newest.load(db)?;
    let counted = movements::table
        .filter(movements::organisation_id.eq(&caller.organisation_id).and(movements::kind.eq(MovementKind::Count)))
        .filter(movements::lot_id.eq(administrations::lot_id))
        .filter(movements::from_location_id.nullable().eq(administration_voids::location_id))
        .filter(movements::recorded_at.ge(administration_voids::recorded_at));
    let mut query = administration_voids::table
        .inner_join(administrations::table.on(administrations::id.eq(administration_voids::administration_id)))
        .filter(administration_voids::id.eq_any(newest).and(not(exists(counted))))
        .select((Void::as_select(), Administration::as_select()))
        .order(administration_voids::id.desc())
        .limit(limit)
        .into_boxed();
    if let Some(sites) = &caller.sites {
        query = query.filter(administrations::site_id.eq_any(sites));
    }
    if let Some(site) = site {
        query = query.filter(administrations::site_id.eq(site));
    }
    Ok(query.load(db)?)
}

/// Adds a deviation.
///
/// # Errors
/// What the database answers.
pub fn insert_deviation(tables: &mut Tables<'_>, deviation: &Deviation) -> Result<()> {
    let db = tables.db();
    diesel::insert_into(deviations::table).values(deviation).execute(db)?;
    Ok(())
}

/// Closes a deviation that is open; false when it is not.
///
/// # Errors
/// What the database answers.
pub fn close_deviation(tables: &mut Tables<'_>, organisation: &OrganisationId, closure: &Closure) -> Result<bool> {
    let db = tables.db();
    let open = deviations::table
        .filter(deviations::organisation_id.eq(organisation).and(deviations::id.eq(&closure.deviation_id)))
        .filter(deviations::closed_at.is_null());
    let changed = diesel::update(open)
        .set((
            deviations::closed_by.eq(&closure.closed_by),
            deviations::closed_at.eq(closure.closed_at),
            deviations::resolution.eq(&closure.resolution),
        ))
        .execute(db)?;
    Ok(changed == 1)
}

/// The deviation of that id, if the organisation has it.
///
/// # Errors
/// What the database answers.
pub fn deviation(db: &mut Db, organisation: &OrganisationId, id: &DeviationId) -> Result<Option<Deviation>> {
    let found = deviations::table
        .filter(deviations::organisation_id.eq(organisation).and(deviations::id.eq(id)))
        .select(Deviation::as_select())
        .first(db)
        .optional()?;
    Ok(found)
}

/// The deviations that were opened for administrations.
///
/// # Errors
/// What the database answers.
pub fn deviations_of(db: &mut Db, organisation: &OrganisationId, ids: &[&AdministrationId]) -> Result<Vec<Deviation>> {
    let query = deviations::table
        .filter(deviations::organisation_id.eq(organisation))
        .filter(deviations::administration_id.eq_any(ids.iter().copied()))
        .select(Deviation::as_select());
    Ok(Prepared::over(ids.len(), query).load(db)?)
}

/// Deviations at sites that the caller sees, or one of them, by id, after `after`.
///
/// # Errors
/// What the database answers.
pub fn list_deviations(
    db: &mut Db,
    caller: &Caller,
    site: Option<&SiteId>,
    open: Option<bool>,
    after: &str,
    limit: i64,
) -> Result<Found<Deviation, 1>> {
    let led = || {
        let led = deviations::table
            .filter(deviations::organisation_id.eq(&caller.organisation_id).and(deviations::id.gt(after)))
            .into_boxed();
        if open == Some(true) { led.filter(deviations::closed_at.is_null()) } else { led }
    };
    let is_led = caller.sites.is_none() && site.is_none() && open != Some(false);
    let horizon: Option<DeviationId> = if is_led { None } else { horizon!(db, led(), deviations::id)? };
    let mut query = led().select(Deviation::as_select()).order(deviations::id).limit(limit);
    if let Some(last) = &horizon {
        query = query.filter(deviations::id.le(last));
    }
    if let Some(sites) = &caller.sites {
        query = query.filter(deviations::site_id.eq_any(sites));
    }
    if let Some(site) = site {
        query = query.filter(deviations::site_id.eq(site));
    }
    if open == Some(false) {
        query = query.filter(deviations::closed_at.is_not_null());
    }
    Ok(Found { items: query.load(db)?, looked_at: horizon.map(|id| [id.to_string()]) })
}
