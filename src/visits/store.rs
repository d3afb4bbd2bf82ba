//! The tables of visits, and what of administrations they ask.

use chrono::NaiveDate;
use diesel::dsl::{exists, not, sql};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Date, Text, Timestamp};

use super::model::{Ending, Entry, FollowUp, FollowUpKind, Said, Signature, Visit, VisitEntryKind};
use crate::caller::Caller;
use crate::clock::Moment;
use crate::db::schema::{administration_voids, administrations, follow_ups, visit_entries, visits};
use crate::db::{Db, Named, lock_rows, on_either};
use crate::error::Result;
use crate::http::paging::{Found, horizon};
use crate::ids::{
    AdministrationId, FollowUpId, OrganisationId, PatientId, PractitionerId, ProductId, SiteId, VisitEntryId, VisitId,
};
use crate::journal::tables::Tables;
use crate::limits::{FOLLOW_UPS_MAX, VISIT_ENTRIES_MAX};
use crate::sealing::Sealed;

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
    lock_rows!(
        db,
        visits::table.filter(visits::organisation_id.eq(organisation).and(visits::id.eq(id))).select(visits::id)
    );
    Ok(())
}

/// A visit, by its id.
///
/// # Errors
/// What the database answers.
pub fn find(db: &mut Db, organisation: &OrganisationId, id: &VisitId) -> Result<Option<Visit>> {
    enum Find {}
    Ok(on_either!(db, conn => Named::<Find, _>::of(visits::table
        .filter(visits::organisation_id.eq(organisation).and(visits::id.eq(id)))
        .select(Visit::as_select()))
        .get_result(conn)
        .optional()?))
}

/// What was recorded in a visit, in the order of time.
///
/// # Errors
/// What the database answers.
pub fn entries(db: &mut Db, organisation: &OrganisationId, visit: &VisitId) -> Result<Vec<Entry>> {
    Ok(on_either!(db, conn => visit_entries::table
        .filter(visit_entries::organisation_id.eq(organisation).and(visit_entries::visit_id.eq(visit)))
        .select(Entry::as_select())
        .order((visit_entries::occurred_at, visit_entries::id))
        .limit(VISIT_ENTRIES_MAX)
        .load(conn)?))
}

/// What counts in a visit, with when it happened: what was recorded in it and, of the patient's newest answers, so many at the most,
/// those that were given elsewhere since it began.
///
/// # Errors
/// What the database answers.
pub fn counting(db: &mut Db, visit: &Visit, newest: i64) -> Result<Vec<(Moment, VisitEntryId, Sealed<Said>)>> {
    enum Asked {}
    let organisation = &visit.organisation_id;
    // Of one text, in one statement: SQLite takes no limit in a part of a union that is no table of its own.
    let asked = || {
        sql::<(Timestamp, Text, Text)>("SELECT occurred_at, id, said FROM visit_entries WHERE organisation_id = ")
            .bind::<Text, _>(organisation)
            .sql(" AND visit_id = ")
            .bind::<Text, _>(&visit.id)
            .sql(
                " UNION ALL SELECT occurred_at, id, said FROM (SELECT occurred_at, id, said, visit_id FROM visit_entries \
                 WHERE organisation_id = ",
            )
            .bind::<Text, _>(organisation)
            .sql(" AND patient_id = ")
            .bind::<Text, _>(&visit.patient_id)
            .sql(" AND kind = 'screening' ORDER BY id DESC LIMIT ")
            .bind::<BigInt, _>(newest)
            .sql(") AS newest WHERE visit_id <> ")
            .bind::<Text, _>(&visit.id)
            .sql(" AND occurred_at > ")
            .bind::<Timestamp, _>(visit.occurred_at)
    };
    Ok(on_either!(db, conn => Named::<Asked, _>::of(asked()).load(conn)?))
}

/// Something that was recorded in a visit, by its id.
///
/// # Errors
/// What the database answers.
pub fn entry(db: &mut Db, organisation: &OrganisationId, visit: &VisitId, id: &VisitEntryId) -> Result<Option<Entry>> {
    Ok(visit_entries::table
        .filter(visit_entries::organisation_id.eq(organisation).and(visit_entries::id.eq(id)))
        .filter(visit_entries::visit_id.eq(visit))
        .select(Entry::as_select())
        .first(db)
        .optional()?)
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
    Ok(on_either!(db, conn => visit_entries::table
        .filter(visit_entries::organisation_id.eq(organisation).and(visit_entries::patient_id.eq(patient)))
        .filter(visit_entries::kind.eq(VisitEntryKind::Screening))
        .select(Entry::as_select())
        .order(visit_entries::id.desc())
        .limit(most)
        .load(conn)?))
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

/// Adds what is due.
///
/// # Errors
/// What the database answers.
pub fn plan(tables: &mut Tables<'_>, planned: &[FollowUp]) -> Result<()> {
    for due in planned {
        diesel::insert_into(follow_ups::table).values(due).execute(tables.db())?;
    }
    Ok(())
}

/// Ends what is due; false when it is not.
///
/// # Errors
/// What the database answers.
pub fn end(tables: &mut Tables<'_>, organisation: &OrganisationId, ending: &Ending) -> Result<bool> {
    let due = follow_ups::table
        .filter(follow_ups::organisation_id.eq(organisation).and(follow_ups::id.eq(&ending.follow_up_id)))
        .filter(follow_ups::ended_at.is_null());
    let changed = diesel::update(due)
        .set((
            follow_ups::ended_by.eq(&ending.by),
            follow_ups::ended_at.eq(ending.at),
            follow_ups::entry_id.eq(&ending.entry_id),
            follow_ups::ended_in.eq(&ending.visit_id),
            follow_ups::end_reason.eq(&ending.reason),
        ))
        .execute(tables.db())?;
    Ok(changed == 1)
}

/// Locks what is due: nobody ends it until the transaction ends.
///
/// # Errors
/// What the database answers.
pub fn lock_follow_up(db: &mut Db, organisation: &OrganisationId, id: &FollowUpId) -> Result<()> {
    lock_rows!(
        db,
        follow_ups::table
            .filter(follow_ups::organisation_id.eq(organisation).and(follow_ups::id.eq(id)))
            .select(follow_ups::id)
    );
    Ok(())
}

/// What is or was due, with its visit.
///
/// # Errors
/// What the database answers.
pub fn follow_up(db: &mut Db, organisation: &OrganisationId, id: &FollowUpId) -> Result<Option<(FollowUp, Visit)>> {
    Ok(follow_ups::table
        .inner_join(visits::table.on(visits::id.eq(follow_ups::visit_id)))
        .filter(follow_ups::organisation_id.eq(organisation).and(follow_ups::id.eq(id)))
        .select((FollowUp::as_select(), Visit::as_select()))
        .first(db)
        .optional()?)
}

/// What is and was due after a visit, in the order in which it was planned: so many at the most.
///
/// # Errors
/// What the database answers.
pub fn follow_ups_of(db: &mut Db, organisation: &OrganisationId, visit: &VisitId, most: i64) -> Result<Vec<FollowUp>> {
    Ok(follow_ups::table
        .filter(follow_ups::organisation_id.eq(organisation).and(follow_ups::visit_id.eq(visit)))
        .select(FollowUp::as_select())
        .order(follow_ups::id)
        .limit(most)
        .load(db)?)
}

/// What of a kind is due of a patient: the oldest so many.
///
/// # Errors
/// What the database answers.
pub fn of_patient(
    db: &mut Db,
    organisation: &OrganisationId,
    patient: &PatientId,
    kind: FollowUpKind,
) -> Result<Vec<FollowUp>> {
    Ok(follow_ups::table
        .filter(follow_ups::organisation_id.eq(organisation).and(follow_ups::patient_id.eq(patient)))
        // In these words, so that the index of what is due is seen to fit.
        .filter(sql::<Bool>("follow_ups.ended_at IS NULL"))
        .filter(follow_ups::kind.eq(kind))
        .select(FollowUp::as_select())
        .order(follow_ups::id)
        .limit(FOLLOW_UPS_MAX)
        .load(db)?)
}

/// Whether a practitioner treated in a visit: what was voided never happened.
///
/// # Errors
/// What the database answers.
pub fn has_treated(
    db: &mut Db,
    organisation: &OrganisationId,
    visit: &VisitId,
    practitioner: &PractitionerId,
) -> Result<bool> {
    let voided = administration_voids::table
        .filter(administration_voids::organisation_id.eq(organisation))
        .filter(administration_voids::administration_id.eq(administrations::id));
    let treated = administrations::table
        .filter(administrations::organisation_id.eq(organisation).and(administrations::visit_id.eq(visit)))
        .filter(administrations::practitioner_id.eq(practitioner).and(not(exists(voided))));
    Ok(diesel::select(exists(treated)).get_result(db)?)
}

/// With what was treated in a visit and when, but for what was voided: so many at the most.
///
/// # Errors
/// What the database answers.
pub fn used(
    db: &mut Db,
    organisation: &OrganisationId,
    visit: &VisitId,
    most: i64,
) -> Result<Vec<(ProductId, Moment)>> {
    let voided = administration_voids::table
        .filter(administration_voids::organisation_id.eq(organisation))
        .filter(administration_voids::administration_id.eq(administrations::id));
    Ok(administrations::table
        .filter(administrations::organisation_id.eq(organisation).and(administrations::visit_id.eq(visit)))
        .filter(not(exists(voided)))
        .select((administrations::product_id, administrations::occurred_at))
        .order((administrations::occurred_at, administrations::id))
        .limit(most)
        .load(db)?)
}

/// Which of what is due.
#[derive(Clone, Debug, Default)]
pub struct DueFilter {
    /// Only after visits at this site.
    pub site_id: Option<SiteId>,
    /// Only of this kind.
    pub kind: Option<FollowUpKind>,
    /// Only up to this day.
    pub until: Option<NaiveDate>,
}

/// What is due at sites that the caller sees, with its visit, in the order of its days, after a place.
///
/// # Errors
/// What the database answers.
pub fn due(
    db: &mut Db,
    caller: &Caller,
    filter: &DueFilter,
    after: (NaiveDate, &str),
    limit: i64,
) -> Result<Found<(FollowUp, Visit), 2>> {
    let only = caller.only_site();
    let led = || {
        let later = sql::<Bool>("(follow_ups.due_on, follow_ups.id) > (")
            .bind::<Date, _>(after.0)
            .sql(", ")
            .bind::<Text, _>(after.1)
            .sql(")");
        let mut led = follow_ups::table
            .inner_join(visits::table.on(visits::id.eq(follow_ups::visit_id)))
            .filter(follow_ups::organisation_id.eq(&caller.organisation_id))
            .filter(sql::<Bool>("follow_ups.ended_at IS NULL").and(later))
            .into_boxed();
        if let Some(until) = filter.until {
            led = led.filter(follow_ups::due_on.le(until));
        }
        match filter.site_id.as_ref().or(only) {
            Some(site) => led.filter(follow_ups::site_id.eq(site)),
            None => led,
        }
    };
    let is_led = filter.kind.is_none() && (caller.sites.is_none() || only.is_some());
    let horizon: Option<(NaiveDate, FollowUpId)> =
        if is_led { None } else { horizon!(db, led(), (follow_ups::due_on, follow_ups::id))? };
    let mut query = led()
        .select((FollowUp::as_select(), Visit::as_select()))
        .order((follow_ups::due_on, follow_ups::id))
        .limit(limit);
    if let Some((day, id)) = &horizon {
        let no_later = sql::<Bool>("(follow_ups.due_on, follow_ups.id) <= (")
            .bind::<Date, _>(*day)
            .sql(", ")
            .bind::<Text, _>(id.as_str())
            .sql(")");
        query = query.filter(no_later);
    }
    if let Some(sites) = &caller.sites {
        query = query.filter(follow_ups::site_id.eq_any(sites));
    }
    if let Some(kind) = filter.kind {
        query = query.filter(follow_ups::kind.eq(kind));
    }
    Ok(Found { items: query.load(db)?, looked_at: horizon.map(|(day, id)| [day.to_string(), id.to_string()]) })
}
