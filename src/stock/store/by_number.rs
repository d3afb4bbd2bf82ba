//! The tables of packs: what carries a serial number, and where its units are.

use crate::catalogue::model::Identifier;
use crate::db::schema::{accounts, administration_voids, administrations, pack_balances, packs, receipt_lines};
use crate::db::{Db, Prepared, on_either};
use crate::error::Result;
use crate::ids::{AccountId, LotId, OrganisationId, PackId, ProductId, ReceiptLineId};
use crate::journal::tables::Tables;
use crate::stock::model::{Balance, Numbered, Pack, PackBalance};
use crate::values::{Json, Serial};
use diesel::dsl::not;
use diesel::dsl::{exists, sql};
use diesel::prelude::*;
use diesel::sql_types::BigInt;

/// Adds packs.
///
/// # Errors
/// What the database answers; a unique violation is always a serial number.
pub fn insert_packs(tables: &mut Tables<'_>, new: &[Pack]) -> Result<()> {
    let db = tables.db();
    on_either!(db, conn => diesel::insert_into(packs::table).values(new).execute(conn)?);
    Ok(())
}

/// The pack with a serial number of a product, if it was received: a number that was only ever mis-keyed is no pack's.
///
/// # Errors
/// What the database answers.
pub fn pack(db: &mut Db, organisation: &OrganisationId, product: &ProductId, serial: &Serial) -> Result<Option<Pack>> {
    let line = receipt_lines::table.filter(receipt_lines::id.eq(packs::receipt_line_id).and(receipt_lines::stands));
    let units = pack_balances::table.filter(pack_balances::pack_id.eq(packs::id).and(pack_balances::units.ne(0)));
    let found = packs::table
        .filter(
            packs::organisation_id.eq(organisation).and(packs::product_id.eq(product)).and(packs::serial.eq(serial)),
        )
        .filter(diesel::dsl::exists(line).or(diesel::dsl::exists(units)))
        .select(Pack::as_select())
        .first(db)
        .optional()?;
    Ok(found)
}

/// The packs of these ids, if the organisation has them.
///
/// # Errors
/// What the database answers.
pub fn packs_by_id(db: &mut Db, organisation: &OrganisationId, ids: &[&PackId]) -> Result<Vec<Pack>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(packs::table
        .filter(packs::organisation_id.eq(organisation).and(packs::id.eq_any(ids.iter().copied())))
        .select(Pack::as_select())
        .order(packs::id)
        .load(db)?)
}

/// Whether units of a lot were ever received under serial numbers. A case's number is none of those.
///
/// # Errors
/// What the database answers.
pub fn has_packs(db: &mut Db, organisation: &OrganisationId, lot: &LotId) -> Result<bool> {
    let units = pack_balances::table.filter(pack_balances::pack_id.eq(packs::id).and(pack_balances::units.ne(0)));
    let of_lot = packs::table
        .filter(packs::organisation_id.eq(organisation).and(packs::lot_id.eq(lot)))
        .filter(diesel::dsl::exists(units));
    Ok(diesel::select(diesel::dsl::exists(of_lot)).get_result(db)?)
}

/// Moves packs to the lot and the receipt line that they are of: those of a mis-keyed line, and those that arrive again.
///
/// # Errors
/// What the database answers.
pub fn move_packs(
    tables: &mut Tables<'_>,
    organisation: &OrganisationId,
    ids: &[PackId],
    lot: &LotId,
    line: &ReceiptLineId,
) -> Result<()> {
    let db = tables.db();
    diesel::update(packs::table.filter(packs::organisation_id.eq(organisation).and(packs::id.eq_any(ids))))
        .set((packs::lot_id.eq(lot), packs::receipt_line_id.eq(line)))
        .execute(db)?;
    Ok(())
}

/// The packs of a receipt line.
///
/// # Errors
/// What the database answers.
pub fn packs_of_line(db: &mut Db, organisation: &OrganisationId, line: &ReceiptLineId) -> Result<Vec<Pack>> {
    Ok(packs::table
        .filter(packs::organisation_id.eq(organisation).and(packs::receipt_line_id.eq(line)))
        .select(Pack::as_select())
        .order(packs::id)
        .load(db)?)
}

/// The units of a receipt line's packs that are inside, pack by pack.
///
/// # Errors
/// What the database answers.
pub fn inside_of_line(db: &mut Db, organisation: &OrganisationId, line: &ReceiptLineId) -> Result<Vec<PackBalance>> {
    let rows: Vec<(Pack, Balance, i64)> = packs::table
        .inner_join(pack_balances::table.on(pack_balances::pack_id.eq(packs::id)))
        .inner_join(accounts::table.on(accounts::id.eq(pack_balances::account_id)))
        .filter(packs::organisation_id.eq(organisation).and(packs::receipt_line_id.eq(line)))
        .filter(accounts::location_id.is_not_null().and(pack_balances::units.gt(0)))
        .select((Pack::as_select(), Balance::as_select(), pack_balances::units))
        .order((packs::id, accounts::id))
        .load(db)?;
    Ok(rows.into_iter().map(|(pack, account, units)| PackBalance { pack, account, units }).collect())
}

/// What was received under a serial number of a product, and where its units are, in one query; a pack that was received
/// has at least the account that it came from, unless the number is that of a case.
///
/// # Errors
/// What the database answers.
pub fn numbered(
    db: &mut Db,
    organisation: &OrganisationId,
    product: &ProductId,
    serial: &Serial,
) -> Result<Option<Numbered>> {
    let rows = packs::table
        .inner_join(receipt_lines::table.on(receipt_lines::id.eq(packs::receipt_line_id)))
        .left_join(pack_balances::table.on(pack_balances::pack_id.eq(packs::id)))
        .left_join(accounts::table.on(accounts::id.nullable().eq(pack_balances::account_id.nullable())))
        .filter(
            packs::organisation_id.eq(organisation).and(packs::product_id.eq(product)).and(packs::serial.eq(serial)),
        )
        .select((
            Pack::as_select(),
            (receipt_lines::units, receipt_lines::packs, receipt_lines::stands),
            Option::<Balance>::as_select(),
            pack_balances::units.nullable(),
        ))
        .order((accounts::use_by.nullable(), accounts::id.nullable()))
        .load(db)?;
    Ok(by_number(rows).into_iter().next().filter(Numbered::was_here))
}

/// The same of several serial numbers, also of those that were only mis-keyed.
///
/// # Errors
/// What the database answers.
pub fn all_numbered(
    db: &mut Db,
    organisation: &OrganisationId,
    product: &ProductId,
    serials: &[Serial],
) -> Result<Vec<Numbered>> {
    if serials.is_empty() {
        return Ok(Vec::new());
    }
    let rows = packs::table
        .inner_join(receipt_lines::table.on(receipt_lines::id.eq(packs::receipt_line_id)))
        .left_join(pack_balances::table.on(pack_balances::pack_id.eq(packs::id)))
        .left_join(accounts::table.on(accounts::id.nullable().eq(pack_balances::account_id.nullable())))
        .filter(packs::organisation_id.eq(organisation).and(packs::product_id.eq(product)))
        .filter(packs::serial.eq_any(serials))
        .select((
            Pack::as_select(),
            (receipt_lines::units, receipt_lines::packs, receipt_lines::stands),
            Option::<Balance>::as_select(),
            pack_balances::units.nullable(),
        ))
        .order((packs::serial, accounts::use_by.nullable(), accounts::id.nullable()))
        .load(db)?;
    Ok(by_number(rows))
}

/// A pack with units and packs of its line and whether that stands, and one of its accounts with its units there.
type NumberedRow = (Pack, (i64, i64, bool), Option<Balance>, Option<i64>);

fn by_number(rows: Vec<NumberedRow>) -> Vec<Numbered> {
    let mut found: Vec<Numbered> = Vec::new();
    for (pack, (units, packs, stands), account, units_there) in rows {
        if found.last().is_none_or(|last| last.pack.id != pack.id) {
            let marks = units.checked_div(packs).unwrap_or(0);
            found.push(Numbered { pack: pack.clone(), marks, stands, balances: Vec::new() });
        }
        if let (Some(last), Some(account), Some(units)) = (found.last_mut(), account, units_there) {
            last.balances.push(PackBalance { pack, account, units });
        }
    }
    found
}

/// A pack's units by account.
///
/// # Errors
/// What the database answers.
pub fn pack_balances(db: &mut Db, pack: &Pack) -> Result<Vec<PackBalance>> {
    let rows: Vec<(Balance, i64)> = pack_balances::table
        .inner_join(accounts::table.on(accounts::id.eq(pack_balances::account_id)))
        .filter(pack_balances::pack_id.eq(&pack.id))
        .select((Balance::as_select(), pack_balances::units))
        .order((accounts::use_by, accounts::id))
        .load(db)?;
    Ok(rows.into_iter().map(|(account, units)| PackBalance { pack: pack.clone(), account, units }).collect())
}

/// How many units of each account belong to packs with serial numbers.
///
/// # Errors
/// What the database answers.
pub fn units_in_packs(db: &mut Db, accounts: &[&Balance]) -> Result<Vec<(AccountId, i64)>> {
    let sum = diesel::dsl::sql::<diesel::sql_types::BigInt>("CAST(COALESCE(SUM(units), 0) AS BIGINT)");
    let query = pack_balances::table
        .filter(pack_balances::account_id.eq_any(accounts.iter().map(|balance| &balance.id)))
        .group_by(pack_balances::account_id)
        .select((pack_balances::account_id, sum));
    Ok(Prepared::over(accounts.len(), query).load(db)?)
}

/// The packs that hold or held units in accounts, with how many; `now` leaves out those that hold none any more.
///
/// # Errors
/// What the database answers.
pub fn packs_in(db: &mut Db, accounts: &[&Balance], now: bool) -> Result<Vec<PackBalance>> {
    let least = if now { 1 } else { i64::MIN };
    let rows: Vec<(Pack, AccountId, i64)> = pack_balances::table
        .inner_join(packs::table.on(packs::id.eq(pack_balances::pack_id)))
        .filter(pack_balances::account_id.eq_any(accounts.iter().map(|account| &account.id)))
        .filter(pack_balances::units.ge(least))
        .select((Pack::as_select(), pack_balances::account_id, pack_balances::units))
        .order((pack_balances::account_id, pack_balances::pack_id))
        .load(db)?;
    Ok(rows
        .into_iter()
        .filter_map(|(pack, id, units)| {
            let account = accounts.iter().find(|account| account.id == id)?;
            Some(PackBalance { pack, account: (*account).clone(), units })
        })
        .collect())
}

/// What a line was received as; none for lines from before it was kept.
///
/// # Errors
/// What the database answers.
pub fn received_as(db: &mut Db, organisation: &OrganisationId, line: &ReceiptLineId) -> Result<Option<Identifier>> {
    let found: Option<Option<Json<Identifier>>> = receipt_lines::table
        .filter(receipt_lines::organisation_id.eq(organisation).and(receipt_lines::id.eq(line)))
        .select(receipt_lines::identifier)
        .first(db)
        .optional()?;
    Ok(found.flatten().map(Json::into_inner))
}

/// How many units of a product were administered under each of these serial numbers and not voided; numbers that none were
/// administered under are left out.
///
/// # Errors
/// What the database answers.
pub fn units_under_serials(
    db: &mut Db,
    organisation: &OrganisationId,
    product: &ProductId,
    serials: &[Serial],
) -> Result<Vec<(Serial, i64)>> {
    if serials.is_empty() {
        return Ok(Vec::new());
    }
    let voided = administration_voids::table.filter(administration_voids::administration_id.eq(administrations::id));
    let found: Vec<(Option<Serial>, i64)> = administrations::table
        .filter(administrations::organisation_id.eq(organisation))
        .filter(administrations::product_id.eq(product).and(administrations::serial.eq_any(serials)))
        .filter(not(exists(voided)))
        .group_by(administrations::serial)
        .select((administrations::serial, sql::<BigInt>("CAST(COALESCE(SUM(units), 0) AS BIGINT)")))
        .load(db)?;
    Ok(found.into_iter().filter_map(|(serial, units)| Some((serial?, units))).collect())
}
