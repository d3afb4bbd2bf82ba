//! What is, or was, at a location. SQL only, like the store.

use std::collections::HashMap;

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::ON_HAND;
use crate::clock::Moment;
use crate::db::Db;
use crate::db::schema::{accounts, pack_balances, packs};
use crate::error::Result;
use crate::ids::{AccountId, LocationId, LotId, OrganisationId};
use crate::stock::model::{Balance, Pack, PackBalance};

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

/// All accounts of lots at a location, the empty ones too.
///
/// # Errors
/// What the database answers.
pub fn accounts_of(
    db: &mut Db,
    organisation: &OrganisationId,
    location: &LocationId,
    lots: &[&LotId],
) -> Result<Vec<Balance>> {
    Ok(accounts::table
        .filter(accounts::location_id.eq(location).and(accounts::lot_id.eq_any(lots.iter().copied())))
        .filter(accounts::organisation_id.eq(organisation))
        .select(Balance::as_select())
        .order((accounts::lot_id, accounts::use_by, accounts::id))
        .load(db)?)
}

/// The packs with numbers that have units in accounts, so many at the most.
///
/// # Errors
/// What the database answers.
pub fn packs_lying(db: &mut Db, accounts: &[&Balance], most: i64) -> Result<Vec<PackBalance>> {
    let rows: Vec<(Pack, AccountId, i64)> = pack_balances::table
        .inner_join(packs::table.on(packs::id.eq(pack_balances::pack_id)))
        .filter(pack_balances::account_id.eq_any(accounts.iter().map(|account| &account.id)))
        .filter(pack_balances::units.gt(0))
        .select((Pack::as_select(), pack_balances::account_id, pack_balances::units))
        .order((pack_balances::account_id, pack_balances::pack_id))
        .limit(most)
        .load(db)?;
    let held: HashMap<&AccountId, &Balance> = accounts.iter().map(|account| (&account.id, *account)).collect();
    let of = |(pack, id, units): (Pack, AccountId, i64)| {
        held.get(&id).map(|account| PackBalance { pack, account: (*account).clone(), units })
    };
    Ok(rows.into_iter().filter_map(of).collect())
}
