//! The tables of evidence.

use diesel::dsl::exists;
use diesel::prelude::*;

use super::model::Evidence;
use crate::caller::Caller;
use crate::db::schema::{evidence, evidence_owners};
use crate::db::{Db, on_either};
use crate::error::Result;
use crate::ids::{OrganisationId, SiteId};
use crate::values::Sha256Hex;

/// Adds a file.
///
/// # Errors
/// What the database answers; a unique violation is always the digest.
pub fn insert(db: &mut Db, new: &Evidence) -> Result<()> {
    diesel::insert_into(evidence::table).values(new).execute(db)?;
    Ok(())
}

/// Says whose files are: sites, or the organisation for what is evidence of something that all sites share. Whoever has
/// them already keeps them.
///
/// # Errors
/// What the database answers.
pub fn insert_owners<'a>(
    db: &mut Db,
    organisation: &OrganisationId,
    files: impl IntoIterator<Item = &'a Sha256Hex>,
    owners: &[&str],
) -> Result<()> {
    for sha256 in files {
        for owner in owners {
            on_either!(db, conn => diesel::insert_into(evidence_owners::table)
                .values((
                    evidence_owners::organisation_id.eq(organisation),
                    evidence_owners::sha256.eq(sha256),
                    evidence_owners::owner_id.eq(*owner),
                ))
                .on_conflict_do_nothing()
                .execute(conn)?);
        }
    }
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

/// Of these files those that are kept and that the caller does not see: who is bound to sites sees what was uploaded or
/// used there, and what is evidence of something that all sites share.
///
/// # Errors
/// What the database answers.
pub fn unseen(db: &mut Db, caller: &Caller, files: &[&Sha256Hex]) -> Result<Vec<Sha256Hex>> {
    let Some(sites) = caller.sites.as_ref().filter(|_| !files.is_empty()) else { return Ok(Vec::new()) };
    let organisation = &caller.organisation_id;
    let owners = sites.iter().map(SiteId::as_str).chain([organisation.as_str()]);
    let theirs = evidence_owners::table
        .filter(evidence_owners::organisation_id.eq(organisation))
        .filter(evidence_owners::sha256.eq(evidence::sha256).and(evidence_owners::owner_id.eq_any(owners)));
    Ok(evidence::table
        .filter(evidence::organisation_id.eq(organisation))
        .filter(evidence::sha256.eq_any(files.iter().copied()))
        .filter(diesel::dsl::not(exists(theirs)))
        .select(evidence::sha256)
        .load(db)?)
}

/// Of these sites those that do not have a file yet.
///
/// # Errors
/// What the database answers.
pub fn without(
    db: &mut Db,
    organisation: &OrganisationId,
    sha256: &Sha256Hex,
    sites: &[SiteId],
) -> Result<Vec<SiteId>> {
    let found: Vec<String> = evidence_owners::table
        .filter(evidence_owners::organisation_id.eq(organisation).and(evidence_owners::sha256.eq(sha256)))
        .filter(evidence_owners::owner_id.eq_any(sites.iter().map(SiteId::as_str)))
        .select(evidence_owners::owner_id)
        .load(db)?;
    Ok(sites.iter().filter(|site| !found.iter().any(|owner| owner == site.as_str())).cloned().collect())
}
