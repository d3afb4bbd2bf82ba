//! The table of verifications. It is no part of the record.

use diesel::prelude::*;

use super::model::{Outcome, State, Verification};
use crate::clock::Moment;
use crate::db::Db;
use crate::db::schema::verifications;
use crate::error::Result;
use crate::ids::{OrganisationId, VerificationId};
use crate::values::Json;

/// Keeps one that begins.
///
/// # Errors
/// What the database answers; a unique violation where another is running.
pub fn insert(db: &mut Db, new: &Verification) -> Result<()> {
    diesel::insert_into(verifications::table).values(new).execute(db)?;
    Ok(())
}

/// The one that is running, of whichever organisation.
///
/// # Errors
/// What the database answers.
pub fn running(db: &mut Db) -> Result<Option<Verification>> {
    Ok(verifications::table
        .filter(verifications::state.eq(State::Running))
        .select(Verification::as_select())
        .first(db)
        .optional()?)
}

/// Says how far one is that is running.
///
/// # Errors
/// What the database answers.
pub fn touch(db: &mut Db, id: &VerificationId, (done, all): (i64, i64), now: Moment) -> Result<()> {
    let row = verifications::table.find(id).filter(verifications::state.eq(State::Running));
    let values = (verifications::steps_done.eq(done), verifications::steps.eq(all), verifications::touched_at.eq(now));
    diesel::update(row).set(values).execute(db)?;
    Ok(())
}

/// Says how one ended that is running.
///
/// # Errors
/// What the database answers.
pub fn end(db: &mut Db, id: &VerificationId, state: State, outcome: Option<Outcome>, now: Moment) -> Result<()> {
    let row = verifications::table.find(id).filter(verifications::state.eq(State::Running));
    let values = (
        verifications::state.eq(state),
        verifications::outcome.eq(outcome.map(Json::new)),
        verifications::touched_at.eq(now),
        verifications::ended_at.eq(Some(now)),
    );
    diesel::update(row).set(values).execute(db)?;
    if state == State::Done {
        let all = verifications::table.find(id);
        diesel::update(all).set(verifications::steps_done.eq(verifications::steps)).execute(db)?;
    }
    Ok(())
}

/// Lets go of an organisation's oldest, so that so many stay.
///
/// # Errors
/// What the database answers.
pub fn keep_last(db: &mut Db, organisation: &OrganisationId, most: i64) -> Result<()> {
    let oldest: Vec<VerificationId> = verifications::table
        .filter(verifications::organisation_id.eq(organisation))
        .order(verifications::id.desc())
        .select(verifications::id)
        .offset(most)
        .limit(most)
        .load(db)?;
    diesel::delete(verifications::table.filter(verifications::id.eq_any(oldest))).execute(db)?;
    Ok(())
}

/// An organisation's after one of them, in the order in which they began.
///
/// # Errors
/// What the database answers.
pub fn list(db: &mut Db, organisation: &OrganisationId, after: &str, most: i64) -> Result<Vec<Verification>> {
    Ok(verifications::table
        .filter(verifications::organisation_id.eq(organisation).and(verifications::id.gt(after)))
        .order(verifications::id)
        .limit(most)
        .select(Verification::as_select())
        .load(db)?)
}

/// One of an organisation.
///
/// # Errors
/// What the database answers.
pub fn find(db: &mut Db, organisation: &OrganisationId, id: &VerificationId) -> Result<Option<Verification>> {
    Ok(verifications::table
        .find(id)
        .filter(verifications::organisation_id.eq(organisation))
        .select(Verification::as_select())
        .first(db)
        .optional()?)
}
