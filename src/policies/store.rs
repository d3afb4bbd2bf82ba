//! The table of policies.

use diesel::prelude::*;

use super::model::PolicyVersion;
use crate::db::Db;
use crate::db::schema::policies;
use crate::error::Result;
use crate::ids::OrganisationId;

/// Adds a version.
///
/// # Errors
/// What the database answers; a unique violation is always the version, set by somebody else at this moment.
pub fn insert(db: &mut Db, policy: &PolicyVersion) -> Result<()> {
    diesel::insert_into(policies::table).values(policy).execute(db)?;
    Ok(())
}

/// The newest version, if one was ever set.
///
/// # Errors
/// What the database answers.
pub fn newest(db: &mut Db, organisation: &OrganisationId) -> Result<Option<PolicyVersion>> {
    Ok(policies::table
        .filter(policies::organisation_id.eq(organisation))
        .select(PolicyVersion::as_select())
        .order(policies::version.desc())
        .first(db)
        .optional()?)
}
