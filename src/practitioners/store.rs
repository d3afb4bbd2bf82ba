//! The table of practitioners.

use diesel::dsl::{exists, not};
use diesel::prelude::*;

use super::model::Practitioner;
use crate::clock::Moment;
use crate::db::Db;
use crate::db::schema::{practitioner_subjects, practitioners};
use crate::error::Result;
use crate::identity::Identity;
use crate::ids::{OrganisationId, PractitionerId};
use crate::journal::tables::Tables;
use crate::values::Name;

/// Adds a practitioner.
///
/// # Errors
/// What the database answers.
pub fn insert(tables: &mut Tables<'_>, practitioner: &Practitioner) -> Result<()> {
    let db = tables.db();
    diesel::insert_into(practitioners::table).values(practitioner).execute(db)?;
    Ok(())
}

/// The practitioner of that id, if the organisation has it.
///
/// # Errors
/// What the database answers.
pub fn practitioner(db: &mut Db, organisation: &OrganisationId, id: &PractitionerId) -> Result<Option<Practitioner>> {
    let found = practitioners::table
        .filter(practitioners::organisation_id.eq(organisation).and(practitioners::id.eq(id)))
        .select(Practitioner::as_select())
        .first(db)
        .optional()?;
    Ok(found)
}

/// The practitioners of these ids.
///
/// # Errors
/// What the database answers.
pub fn practitioners(db: &mut Db, organisation: &OrganisationId, ids: &[PractitionerId]) -> Result<Vec<Practitioner>> {
    Ok(practitioners::table
        .filter(practitioners::organisation_id.eq(organisation).and(practitioners::id.eq_any(ids)))
        .select(Practitioner::as_select())
        .order(practitioners::id)
        .load(db)?)
}

/// Practitioners by id, after `after`.
///
/// # Errors
/// What the database answers.
pub fn list(
    db: &mut Db,
    organisation: &OrganisationId,
    retired: Option<bool>,
    after: &str,
    limit: i64,
) -> Result<Vec<Practitioner>> {
    let mut query = practitioners::table
        .filter(practitioners::organisation_id.eq(organisation).and(practitioners::id.gt(after)))
        .select(Practitioner::as_select())
        .order(practitioners::id)
        .limit(limit)
        .into_boxed();
    if let Some(retired) = retired {
        query = query.filter(practitioners::retired_at.is_not_null().eq(retired));
    }
    Ok(query.load(db)?)
}

/// Keeps the subject of a practitioner's token among those that they ever had.
///
/// # Errors
/// What the database answers.
pub fn keep_subject(tables: &mut Tables<'_>, practitioner: &Practitioner, given_at: Moment) -> Result<()> {
    let db = tables.db();
    let Some(subject) = &practitioner.subject else { return Ok(()) };
    let identity = Identity::of(subject.as_str());
    if has_had(db, &practitioner.organisation_id, &practitioner.id, &identity)? {
        return Ok(());
    }
    diesel::insert_into(practitioner_subjects::table)
        .values((
            practitioner_subjects::practitioner_id.eq(&practitioner.id),
            practitioner_subjects::identity.eq(identity.as_str()),
            practitioner_subjects::organisation_id.eq(&practitioner.organisation_id),
            practitioner_subjects::given_at.eq(given_at),
        ))
        .execute(db)?;
    Ok(())
}

/// Whether a practitioner is, or ever was, known by a subject.
///
/// # Errors
/// What the database answers.
pub fn has_had(
    db: &mut Db,
    organisation: &OrganisationId,
    practitioner: &PractitionerId,
    identity: &Identity,
) -> Result<bool> {
    let had = practitioner_subjects::table
        .filter(practitioner_subjects::organisation_id.eq(organisation))
        .filter(practitioner_subjects::practitioner_id.eq(practitioner))
        .filter(practitioner_subjects::identity.eq(identity.as_str()));
    Ok(diesel::select(exists(had)).get_result(db)?)
}

/// Practitioners of a database from before whose subjects are not kept yet.
///
/// # Errors
/// What the database answers.
pub fn with_subjects_to_keep(db: &mut Db) -> Result<Vec<Practitioner>> {
    let kept = practitioner_subjects::table.filter(practitioner_subjects::practitioner_id.eq(practitioners::id));
    Ok(practitioners::table
        .filter(practitioners::subject.is_not_null().or(practitioners::version.gt(crate::versions::FIRST)))
        .filter(not(exists(kept)))
        .select(Practitioner::as_select())
        .order(practitioners::id)
        .load(db)?)
}

/// The practitioners whose token has this subject, or ever had.
///
/// # Errors
/// What the database answers.
pub fn with_subject(db: &mut Db, organisation: &OrganisationId, identity: &Identity) -> Result<Vec<Practitioner>> {
    Ok(practitioners::table
        .inner_join(practitioner_subjects::table.on(practitioner_subjects::practitioner_id.eq(practitioners::id)))
        .filter(practitioner_subjects::organisation_id.eq(organisation))
        .filter(practitioner_subjects::identity.eq(identity.as_str()))
        .select(Practitioner::as_select())
        .order(practitioners::id)
        .load(db)?)
}

/// Puts a version of a practitioner in place of the one before it; false when that one is not in force.
///
/// # Errors
/// What the database answers.
pub fn replace(tables: &mut Tables<'_>, row: &Practitioner) -> Result<bool> {
    let earlier = practitioners::table
        .filter(practitioners::organisation_id.eq(&row.organisation_id).and(practitioners::id.eq(&row.id)))
        .filter(practitioners::version.eq(row.version - 1));
    Ok(diesel::update(earlier).set(row).execute(tables.db())? == 1)
}

/// The practitioners of that name, those in use first.
///
/// # Errors
/// What the database answers.
pub fn of_name(db: &mut Db, organisation: &OrganisationId, name: &Name, limit: i64) -> Result<Vec<Practitioner>> {
    Ok(practitioners::table
        .filter(practitioners::organisation_id.eq(organisation).and(practitioners::name.eq(name)))
        .select(Practitioner::as_select())
        .order((practitioners::retired_at.is_not_null(), practitioners::id))
        .limit(limit)
        .load(db)?)
}
