//! The tables of evidence.

use diesel::dsl::exists;
use diesel::prelude::*;

use super::model::Evidence;
use crate::caller::Caller;
use crate::clock::Moment;
use crate::db::schema::{event_subjects, events, evidence, evidence_claims, evidence_owners, evidence_totals};
use crate::db::{Db, on_either};
use crate::error::{Error, Result};
use crate::ids::{OrganisationId, SiteId};
use crate::journal::tables::Tables;
use crate::values::Sha256Hex;

/// Adds a file, and its bytes to those that the organisation has. Whoever adds another at this moment waits here.
///
/// # Errors
/// What the database answers; a unique violation is always the digest.
pub fn insert(tables: &mut Tables<'_>, new: &Evidence) -> Result<()> {
    let db = tables.db();
    diesel::insert_into(evidence::table).values(new).execute(db)?;
    on_either!(db, conn => diesel::insert_into(evidence_totals::table)
        .values((evidence_totals::organisation_id.eq(&new.organisation_id), evidence_totals::bytes.eq(new.bytes)))
        .on_conflict(evidence_totals::organisation_id)
        .do_update()
        .set(evidence_totals::bytes.eq(evidence_totals::bytes + new.bytes))
        .execute(conn)?);
    Ok(())
}

/// How many bytes the files of an organisation have together.
///
/// # Errors
/// What the database answers.
pub fn total(db: &mut Db, organisation: &OrganisationId) -> Result<i64> {
    let total = evidence_totals::table.find(organisation).select(evidence_totals::bytes).first(db).optional()?;
    Ok(total.unwrap_or(0))
}

/// Waits until it is known what others record of files: whoever asks for the same meanwhile waits for this transaction.
///
/// # Errors
/// What the database answers.
pub fn wait_for_others(db: &mut Db, organisation: &OrganisationId) -> Result<()> {
    diesel::update(evidence_totals::table.find(organisation))
        .set(evidence_totals::bytes.eq(evidence_totals::bytes))
        .execute(db)?;
    Ok(())
}

/// Whether somebody sent a file again that was kept already.
///
/// # Errors
/// What the database answers.
pub fn was_sent_by(db: &mut Db, organisation: &OrganisationId, sha256: &Sha256Hex, subject: &str) -> Result<bool> {
    let about = event_subjects::table
        .filter(event_subjects::organisation_id.eq(organisation).and(event_subjects::subject.eq(sha256.as_str())))
        .select(event_subjects::event_id);
    let sent = events::table
        .filter(events::organisation_id.eq(organisation).and(events::kind.eq("evidence_repeated")))
        .filter(events::actor.eq(subject).and(events::id.eq_any(about)));
    Ok(diesel::select(exists(sent)).get_result(db)?)
}

/// Says that bytes are about to be written: until it is said how that ended, nobody removes them. False while somebody
/// does: they must be gone first.
///
/// # Errors
/// What the database answers.
pub fn arrive(db: &mut Db, organisation: &OrganisationId, sha256: &Sha256Hex, now: Moment) -> Result<bool> {
    let one_more = diesel::update(claim(organisation, sha256).filter(evidence_claims::leaving.eq(false)))
        .set((evidence_claims::arriving.eq(evidence_claims::arriving + 1_i64), evidence_claims::since.eq(now)));
    if one_more.execute(db)? == 1 {
        return Ok(true);
    }
    let first = on_either!(db, conn => diesel::insert_into(evidence_claims::table)
        .values((
            evidence_claims::organisation_id.eq(organisation),
            evidence_claims::sha256.eq(sha256),
            evidence_claims::arriving.eq(1_i64),
            evidence_claims::leaving.eq(false),
            evidence_claims::since.eq(now),
        ))
        .on_conflict_do_nothing()
        .execute(conn)?);
    if first == 1 {
        return Ok(true);
    }
    match claim(organisation, sha256).select(evidence_claims::leaving).first(db).optional()? {
        Some(true) => Ok(false),
        // Somebody else claimed the same bytes, or ended their claim, at this moment.
        Some(false) | None => Err(Error::Race),
    }
}

/// Says that bytes which were about to be written are there, or will not come. False when it took so long that somebody
/// removes them by now.
///
/// # Errors
/// What the database answers.
pub fn arrived(db: &mut Db, organisation: &OrganisationId, sha256: &Sha256Hex) -> Result<bool> {
    let one_less =
        claim(organisation, sha256).filter(evidence_claims::leaving.eq(false).and(evidence_claims::arriving.gt(0_i64)));
    let one_less = diesel::update(one_less).set(evidence_claims::arriving.eq(evidence_claims::arriving - 1_i64));
    Ok(one_less.execute(db)? == 1)
}

/// Ends a claim that nobody has any more.
///
/// # Errors
/// What the database answers.
pub fn end_claim(db: &mut Db, organisation: &OrganisationId, sha256: &Sha256Hex) -> Result<()> {
    let of_nobody =
        claim(organisation, sha256).filter(evidence_claims::leaving.eq(false).and(evidence_claims::arriving.eq(0_i64)));
    diesel::delete(of_nobody).execute(db)?;
    Ok(())
}

/// Whether the bytes are to be removed: nobody writes them any more, or has not for so long that they must have ended, and
/// no record has them. From then on nobody writes them until [`removed`].
///
/// # Errors
/// What the database answers.
pub fn leave(
    db: &mut Db,
    organisation: &OrganisationId,
    sha256: &Sha256Hex,
    given_up: Moment,
    now: Moment,
) -> Result<bool> {
    let unwanted = claim(organisation, sha256)
        .filter(evidence_claims::since.le(given_up).or(evidence_claims::arriving.eq(0_i64)))
        .filter(evidence_claims::since.le(given_up).or(evidence_claims::leaving.eq(false)));
    let leaving = (evidence_claims::leaving.eq(true), evidence_claims::since.eq(now));
    if diesel::update(unwanted).set(leaving).execute(db)? == 0 {
        return Ok(false);
    }
    // Asked when the claim is ours: who recorded it before that has committed by now.
    if evidence(db, organisation, sha256)?.is_some() {
        removed(db, organisation, sha256)?;
        return Ok(false);
    }
    Ok(true)
}

/// Ends the claim on bytes that were removed.
///
/// # Errors
/// What the database answers.
pub fn removed(db: &mut Db, organisation: &OrganisationId, sha256: &Sha256Hex) -> Result<()> {
    diesel::delete(claim(organisation, sha256).filter(evidence_claims::leaving.eq(true))).execute(db)?;
    Ok(())
}

/// Claims that nobody has moved since a moment: whoever had them has ended without saying so.
///
/// # Errors
/// What the database answers.
pub fn given_up(db: &mut Db, since: Moment, most: i64) -> Result<Vec<(OrganisationId, Sha256Hex)>> {
    Ok(evidence_claims::table
        .filter(evidence_claims::since.le(since))
        .select((evidence_claims::organisation_id, evidence_claims::sha256))
        .order(evidence_claims::since)
        .limit(most)
        .load(db)?)
}

#[diesel::dsl::auto_type(no_type_alias)]
fn claim<'a>(organisation: &'a OrganisationId, sha256: &'a Sha256Hex) -> _ {
    evidence_claims::table
        .filter(evidence_claims::organisation_id.eq(organisation))
        .filter(evidence_claims::sha256.eq(sha256))
}

/// Says whose files are: sites, or the organisation for what is evidence of something that all sites share. Whoever has
/// them already keeps them.
///
/// # Errors
/// What the database answers.
pub fn keep_owners<'a>(
    tables: &mut Tables<'_>,
    organisation: &OrganisationId,
    files: impl IntoIterator<Item = &'a Sha256Hex>,
    owners: &[String],
) -> Result<()> {
    let db = tables.db();
    for sha256 in files {
        for owner in owners {
            on_either!(db, conn => diesel::insert_into(evidence_owners::table)
                .values((
                    evidence_owners::organisation_id.eq(organisation),
                    evidence_owners::sha256.eq(sha256),
                    evidence_owners::owner_id.eq(owner),
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

/// Files of every organisation after one, in the order of organisations and digests, so many at the most.
///
/// # Errors
/// What the database answers.
pub fn every(db: &mut Db, (organisation, sha256): &(String, String), most: i64) -> Result<Vec<Evidence>> {
    let later = evidence::organisation_id
        .gt(organisation)
        .or(evidence::organisation_id.eq(organisation).and(evidence::sha256.gt(sha256)));
    Ok(evidence::table
        .filter(later)
        .order((evidence::organisation_id, evidence::sha256))
        .limit(most)
        .select(Evidence::as_select())
        .load(db)?)
}
