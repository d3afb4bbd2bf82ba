//! The table of evidence.

use diesel::prelude::*;

use super::model::Evidence;
use crate::db::Db;
use crate::db::schema::evidence;
use crate::error::Result;
use crate::ids::OrganisationId;
use crate::values::Sha256Hex;

/// Adds a file.
///
/// # Errors
/// What the database answers; a unique violation is always the digest.
pub fn insert(db: &mut Db, new: &Evidence) -> Result<()> {
    diesel::insert_into(evidence::table).values(new).execute(db)?;
    Ok(())
}

/// The file of that digest, if the organisation has it.
///
/// # Errors
/// What the database answers.
pub fn evidence(db: &mut Db, organisation: &OrganisationId, sha256: &Sha256Hex) -> Result<Option<Evidence>> {
    let found = evidence::table
        .filter(evidence::organisation_id.eq(organisation).and(evidence::sha256.eq(sha256)))
        .select(Evidence::as_select())
        .first(db)
        .optional()?;
    Ok(found)
}
