//! The table of holds.

use diesel::prelude::*;

use super::model::{Hold, Lift};
use crate::db::Db;
use crate::db::schema::holds;
use crate::error::Result;
use crate::ids::{HoldId, OrganisationId};

/// Adds a hold.
///
/// # Errors
/// What the database answers.
pub fn insert(db: &mut Db, hold: &Hold) -> Result<()> {
    diesel::insert_into(holds::table).values(hold).execute(db)?;
    Ok(())
}

/// Ends a hold that is open; false when it is not.
///
/// # Errors
/// What the database answers.
pub fn lift(db: &mut Db, organisation: &OrganisationId, lift: &Lift) -> Result<bool> {
    let open = holds::table
        .filter(holds::organisation_id.eq(organisation).and(holds::id.eq(&lift.hold_id)))
        .filter(holds::lifted_at.is_null());
    let changed = diesel::update(open)
        .set((
            holds::lifted_at.eq(lift.lifted_at),
            holds::lifted_by.eq(&lift.lifted_by),
            holds::lift_reason.eq(&lift.lift_reason),
        ))
        .execute(db)?;
    Ok(changed == 1)
}

/// The hold of that id, if the organisation has it.
///
/// # Errors
/// What the database answers.
pub fn hold(db: &mut Db, organisation: &OrganisationId, id: &HoldId) -> Result<Option<Hold>> {
    let found = holds::table
        .filter(holds::organisation_id.eq(organisation).and(holds::id.eq(id)))
        .select(Hold::as_select())
        .first(db)
        .optional()?;
    Ok(found)
}

/// The open holds on any of these: lots, products, accounts.
///
/// # Errors
/// What the database answers.
pub fn open_on(db: &mut Db, organisation: &OrganisationId, scopes: &[&str]) -> Result<Vec<Hold>> {
    Ok(holds::table
        .filter(holds::organisation_id.eq(organisation))
        .filter(holds::scope_id.eq_any(scopes.iter().copied()).and(holds::lifted_at.is_null()))
        .select(Hold::as_select())
        .order(holds::id)
        .load(db)?)
}

/// Holds by id, after `after`.
///
/// # Errors
/// What the database answers.
pub fn list(
    db: &mut Db,
    organisation: &OrganisationId,
    open: Option<bool>,
    after: &str,
    limit: i64,
) -> Result<Vec<Hold>> {
    let mut query = holds::table
        .filter(holds::organisation_id.eq(organisation).and(holds::id.gt(after)))
        .select(Hold::as_select())
        .order(holds::id)
        .limit(limit)
        .into_boxed();
    match open {
        Some(true) => query = query.filter(holds::lifted_at.is_null()),
        Some(false) => query = query.filter(holds::lifted_at.is_not_null()),
        None => {}
    }
    Ok(query.load(db)?)
}
