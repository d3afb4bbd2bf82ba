//! The table of policies.

use diesel::prelude::*;

use super::model::PolicyVersion;
use crate::clock::Moment;
use crate::db::Db;
use crate::db::schema::policies;
use crate::error::Result;
use crate::ids::OrganisationId;
use crate::journal::tables::Tables;

/// Adds a version.
///
/// # Errors
/// What the database answers; a unique violation is always the version, set by somebody else at this moment.
pub fn insert(tables: &mut Tables<'_>, policy: &PolicyVersion) -> Result<()> {
    let db = tables.db();
    diesel::insert_into(policies::table).values(policy).execute(db)?;
    Ok(())
}

/// The newest version, or the one that was in force at a moment, if one was set by then.
///
/// # Errors
/// What the database answers.
pub fn in_force(db: &mut Db, organisation: &OrganisationId, at: Option<Moment>) -> Result<Option<PolicyVersion>> {
    let mut query = policies::table
        .filter(policies::organisation_id.eq(organisation))
        .select(PolicyVersion::as_select())
        .order(policies::version.desc())
        .into_boxed();
    if let Some(at) = at {
        query = query.filter(policies::set_at.le(at));
    }
    Ok(query.first(db).optional()?)
}

/// The organisations that have ever set one, by id, after `after`.
///
/// # Errors
/// What the database answers.
pub fn set_by(db: &mut Db, after: &str, limit: i64) -> Result<Vec<OrganisationId>> {
    Ok(policies::table
        .filter(policies::organisation_id.gt(after))
        .select(policies::organisation_id)
        .distinct()
        .order(policies::organisation_id)
        .limit(limit)
        .load(db)?)
}
