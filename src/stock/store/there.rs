//! What is, or was, at a location. SQL only, like the store.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::ON_HAND;
use crate::clock::Moment;
use crate::db::Db;
use crate::db::schema::accounts;
use crate::error::Result;
use crate::ids::{AccountId, LocationId, LotId, OrganisationId};

/// The accounts of a lot at a location: their units, and when some moved there last.
///
/// # Errors
/// What the database answers.
pub fn accounts_at(
    db: &mut Db,
    organisation: &OrganisationId,
    location: &LocationId,
    lot: &LotId,
) -> Result<Vec<(AccountId, i64, Moment)>> {
    Ok(accounts::table
        .filter(accounts::location_id.eq(location).and(accounts::lot_id.eq(lot)))
        .filter(accounts::organisation_id.eq(organisation))
        .select((accounts::id, accounts::units, accounts::changed_at))
        .load(db)?)
}

/// The accounts at a location, of the newest lots first: their lot, their units, and when some moved there last.
///
/// # Errors
/// What the database answers.
pub fn newest_at(
    db: &mut Db,
    organisation: &OrganisationId,
    location: &LocationId,
    most: i64,
) -> Result<Vec<(LotId, i64, Moment)>> {
    Ok(accounts::table
        .filter(accounts::location_id.eq(location).and(accounts::organisation_id.eq(organisation)))
        .select((accounts::lot_id, accounts::units, accounts::changed_at))
        .order((accounts::location_id.desc(), accounts::lot_id.desc()))
        .limit(most)
        .load(db)?)
}

/// The lots of accounts with units at a location, the first expired first.
///
/// # Errors
/// What the database answers.
pub fn on_hand_at(db: &mut Db, organisation: &OrganisationId, location: &LocationId, most: i64) -> Result<Vec<LotId>> {
    Ok(accounts::table
        .filter(accounts::organisation_id.eq(organisation).and(accounts::location_id.eq(location)))
        .filter(sql::<Bool>(ON_HAND))
        .select(accounts::lot_id)
        .order((accounts::use_by, accounts::id))
        .limit(most)
        .load(db)?)
}
