//! The table of practitioners.

use diesel::prelude::*;

use super::model::Practitioner;
use crate::db::Db;
use crate::db::schema::practitioners;
use crate::error::Result;
use crate::ids::{OrganisationId, PractitionerId};

/// Adds a practitioner.
///
/// # Errors
/// What the database answers.
pub fn insert(db: &mut Db, practitioner: &Practitioner) -> Result<()> {
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

/// The practitioners whose token has this subject.
///
/// # Errors
/// What the database answers.
pub fn with_subject(db: &mut Db, organisation: &OrganisationId, subject: &str) -> Result<Vec<Practitioner>> {
    Ok(practitioners::table
        .filter(practitioners::organisation_id.eq(organisation).and(practitioners::subject.eq(subject)))
        .select(Practitioner::as_select())
        .order(practitioners::id)
        .load(db)?)
}
