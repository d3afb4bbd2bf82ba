//! What is looked for by what is printed on it: lots by text or manufacture, packs by number. SQL only, like the store.

use chrono::NaiveDate;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Integer};

use crate::db::Db;
use crate::db::schema::{accounts, lots, pack_balances, packs};
use crate::error::Result;
use crate::ids::{LotId, OrganisationId, PackId, ProductId};
use crate::stock::model::{Balance, Lot, Pack, PackBalance};
use crate::values::Serial;

/// By what lots of a product are looked for.
#[derive(Clone, Copy, Debug)]
pub enum By<'a> {
    /// By the keys of their texts.
    Keys(&'a [String]),
    /// By what texts have in common that are easily taken for each other.
    Likeness(&'a [String]),
    /// By when they were made: from a day, to a day.
    Made(Option<NaiveDate>, Option<NaiveDate>),
    /// That nobody knows when they were made.
    MadeUnknown,
}

/// The lots of a product that are looked for, in the order of their ids.
///
/// # Errors
/// What the database answers.
pub fn lots_sought(
    db: &mut Db,
    organisation: &OrganisationId,
    product: &ProductId,
    by: By<'_>,
    most: i64,
) -> Result<Vec<Lot>> {
    let query = lots::table
        .filter(lots::organisation_id.eq(organisation).and(lots::product_id.eq(product)))
        .select(Lot::as_select())
        .order(lots::id)
        .limit(most)
        .into_boxed();
    let query = match by {
        By::Keys(keys) => query.filter(lots::lot_key.eq_any(keys)),
        By::Likeness(likenesses) => query.filter(lots::likeness.eq_any(likenesses)),
        By::Made(Some(from), Some(to)) => query.filter(lots::production_date.between(from, to)),
        By::Made(Some(from), None) => query.filter(lots::production_date.ge(from)),
        By::Made(None, Some(to)) => query.filter(lots::production_date.le(to)),
        By::Made(None, None) => query.filter(lots::production_date.is_not_null()),
        By::MadeUnknown => query.filter(lots::production_date.is_null()),
    };
    Ok(query.load(db)?)
}

/// The packs of a product with one of these serial numbers, in the order of those.
///
/// # Errors
/// What the database answers.
pub fn packs_numbered(
    db: &mut Db,
    organisation: &OrganisationId,
    product: &ProductId,
    serials: &[Serial],
) -> Result<Vec<Pack>> {
    let mut found = Vec::new();
    for serials in serials.chunks(SERIALS_AT_ONCE) {
        let some: Vec<Pack> = packs::table
            .filter(packs::organisation_id.eq(organisation).and(packs::product_id.eq(product)))
            .filter(packs::serial.eq_any(serials))
            .select(Pack::as_select())
            .order(packs::serial)
            .load(db)?;
        found.extend(some);
    }
    Ok(found)
}

/// How many serial numbers one statement looks for.
const SERIALS_AT_ONCE: usize = 500;

/// The packs of a product with serial numbers of as many characters, from one to another.
///
/// # Errors
/// What the database answers.
pub fn packs_between(
    db: &mut Db,
    organisation: &OrganisationId,
    product: &ProductId,
    (from, to): (&Serial, &Serial),
) -> Result<Vec<Pack>> {
    let length = i32::try_from(from.as_str().len()).unwrap_or(i32::MAX);
    Ok(packs::table
        .filter(packs::organisation_id.eq(organisation).and(packs::product_id.eq(product)))
        .filter(packs::serial.ge(from).and(packs::serial.le(to)))
        .filter(sql::<Bool>("length(packs.serial) = ").bind::<Integer, _>(length))
        .select(Pack::as_select())
        .order(packs::serial)
        .load(db)?)
}

/// The packs of lots.
///
/// # Errors
/// What the database answers.
pub fn packs_of_lots(db: &mut Db, organisation: &OrganisationId, ids: &[LotId]) -> Result<Vec<Pack>> {
    Ok(packs::table
        .filter(packs::organisation_id.eq(organisation).and(packs::lot_id.eq_any(ids)))
        .select(Pack::as_select())
        .order((packs::lot_id, packs::id))
        .load(db)?)
}

/// Where the units of packs of a lot are, account by account, those outside too.
///
/// # Errors
/// What the database answers.
pub fn balances_of_packs(db: &mut Db, organisation: &OrganisationId, ids: &[PackId]) -> Result<Vec<PackBalance>> {
    let rows: Vec<(Pack, Balance, i64)> = packs::table
        .inner_join(pack_balances::table.on(pack_balances::pack_id.eq(packs::id)))
        .inner_join(accounts::table.on(accounts::id.eq(pack_balances::account_id)))
        .filter(packs::organisation_id.eq(organisation).and(packs::id.eq_any(ids)))
        .select((Pack::as_select(), Balance::as_select(), pack_balances::units))
        .order((accounts::use_by, accounts::id, packs::id))
        .load(db)?;
    Ok(rows.into_iter().map(|(pack, account, units)| PackBalance { pack, account, units }).collect())
}
