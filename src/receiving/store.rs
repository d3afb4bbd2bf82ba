//! The tables of receipts and their lines.

use diesel::prelude::*;

use super::model::{Receipt, ReceiptLine};
use crate::caller::Caller;
use crate::db::Db;
use crate::db::schema::{receipt_lines, receipts};
use crate::error::Result;
use crate::ids::{LotId, OrganisationId, ReceiptId};

/// Adds a receipt.
///
/// # Errors
/// What the database answers.
pub fn insert(db: &mut Db, receipt: &Receipt) -> Result<()> {
    diesel::insert_into(receipts::table).values(receipt).execute(db)?;
    Ok(())
}

/// Adds a line.
///
/// # Errors
/// What the database answers.
pub fn insert_line(db: &mut Db, line: &ReceiptLine) -> Result<()> {
    diesel::insert_into(receipt_lines::table).values(line).execute(db)?;
    Ok(())
}

/// The receipt of that id, if the organisation has it.
///
/// # Errors
/// What the database answers.
pub fn receipt(db: &mut Db, organisation: &OrganisationId, id: &ReceiptId) -> Result<Option<Receipt>> {
    let found = receipts::table
        .filter(receipts::organisation_id.eq(organisation).and(receipts::id.eq(id)))
        .select(Receipt::as_select())
        .first(db)
        .optional()?;
    Ok(found)
}

/// The lines of receipts, in their order.
///
/// # Errors
/// What the database answers.
pub fn lines(db: &mut Db, organisation: &OrganisationId, ids: &[&ReceiptId]) -> Result<Vec<ReceiptLine>> {
    Ok(receipt_lines::table
        .filter(receipt_lines::organisation_id.eq(organisation))
        .filter(receipt_lines::receipt_id.eq_any(ids.iter().copied()))
        .select(ReceiptLine::as_select())
        .order((receipt_lines::receipt_id, receipt_lines::line))
        .load(db)?)
}

/// The lines of a lot in a receipt.
///
/// # Errors
/// What the database answers.
pub fn lines_of_lot(
    db: &mut Db,
    organisation: &OrganisationId,
    receipt: &ReceiptId,
    lot: &LotId,
) -> Result<Vec<ReceiptLine>> {
    Ok(receipt_lines::table
        .filter(receipt_lines::organisation_id.eq(organisation))
        .filter(receipt_lines::receipt_id.eq(receipt).and(receipt_lines::lot_id.eq(lot)))
        .select(ReceiptLine::as_select())
        .order(receipt_lines::line)
        .load(db)?)
}

/// Receipts at sites that the caller sees, by id, after `after`.
///
/// # Errors
/// What the database answers.
pub fn list(db: &mut Db, caller: &Caller, after: &str, limit: i64) -> Result<Vec<Receipt>> {
    let mut query = receipts::table
        .filter(receipts::organisation_id.eq(&caller.organisation_id).and(receipts::id.gt(after)))
        .select(Receipt::as_select())
        .order(receipts::id)
        .limit(limit)
        .into_boxed();
    if let Some(sites) = &caller.sites {
        query = query.filter(receipts::site_id.eq_any(sites));
    }
    Ok(query.load(db)?)
}

/// The receipts that brought a lot.
///
/// # Errors
/// What the database answers.
pub fn receipts_of_lot(db: &mut Db, organisation: &OrganisationId, lot: &LotId) -> Result<Vec<String>> {
    Ok(receipt_lines::table
        .filter(receipt_lines::organisation_id.eq(organisation).and(receipt_lines::lot_id.eq(lot)))
        .select(receipt_lines::receipt_id)
        .distinct()
        .load(db)?)
}
