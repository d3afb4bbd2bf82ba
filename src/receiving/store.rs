//! The tables of receipts and their lines.

use diesel::prelude::*;

use super::model::{Receipt, ReceiptLine};
use super::rules;
use crate::caller::Caller;
use crate::catalogue::model::Identifier;
use crate::db::Db;
use crate::db::schema::{lots, receipt_lines, receipts};
use crate::error::Result;
use crate::http::paging::After;
use crate::ids::{LotId, OrderId, OrganisationId, ProductId, ReceiptId, ReceiptLineId, SiteId, SupplierId};
use crate::values::{Json, UdiDi};

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

/// The lines of a lot in a receipt, without those that were corrected.
///
/// # Errors
/// What the database answers.
pub fn lines_of_lot(
    db: &mut Db,
    organisation: &OrganisationId,
    receipt: &ReceiptId,
    lot: &LotId,
) -> Result<Vec<ReceiptLine>> {
    let lines = lines(db, organisation, &[receipt])?;
    Ok(rules::standing(&lines).filter(|line| line.lot_id == *lot).cloned().collect())
}

/// The receipts that answer an order, oldest first.
///
/// # Errors
/// What the database answers.
pub fn receipts_of_order(db: &mut Db, organisation: &OrganisationId, order: &OrderId) -> Result<Vec<ReceiptId>> {
    Ok(receipts::table
        .filter(receipts::organisation_id.eq(organisation).and(receipts::order_id.eq(order)))
        .select(receipts::id)
        .order(receipts::id)
        .load(db)?)
}

/// The orders that receipts answer.
///
/// # Errors
/// What the database answers.
pub fn orders_of(db: &mut Db, organisation: &OrganisationId, ids: &[String]) -> Result<Vec<String>> {
    let found: Vec<Option<String>> = receipts::table
        .filter(receipts::organisation_id.eq(organisation).and(receipts::id.eq_any(ids)))
        .filter(receipts::order_id.is_not_null())
        .select(receipts::order_id)
        .distinct()
        .load(db)?;
    Ok(found.into_iter().flatten().collect())
}

/// Which receipts.
#[derive(Default)]
pub struct Filter {
    /// Only those that answer this order.
    pub order_id: Option<OrderId>,
    /// Only those at this site.
    pub site_id: Option<SiteId>,
    /// Only those from this supplier.
    pub supplier_id: Option<SupplierId>,
}

/// Receipts at sites that the caller sees, in the order of what happened, after `after`.
///
/// # Errors
/// What the database answers.
pub fn list(db: &mut Db, caller: &Caller, filter: &Filter, after: &After, limit: i64) -> Result<Vec<Receipt>> {
    let mut query = receipts::table
        .filter(receipts::organisation_id.eq(&caller.organisation_id).and(receipts::occurred_at.ge(after.at)))
        .filter(receipts::occurred_at.gt(after.at).or(receipts::id.gt(&after.id)))
        .select(Receipt::as_select())
        .order((receipts::occurred_at, receipts::id))
        .limit(limit)
        .into_boxed();
    if let Some(sites) = &caller.sites {
        query = query.filter(receipts::site_id.eq_any(sites));
    }
    if let Some(order) = &filter.order_id {
        query = query.filter(receipts::order_id.eq(order));
    }
    if let Some(site) = &filter.site_id {
        query = query.filter(receipts::site_id.eq(site));
    }
    if let Some(supplier) = &filter.supplier_id {
        query = query.filter(receipts::supplier_id.eq(supplier));
    }
    Ok(query.load(db)?)
}

/// The receipts of these lines.
///
/// # Errors
/// What the database answers.
pub fn receipts_of_lines(db: &mut Db, organisation: &OrganisationId, ids: &[&ReceiptLineId]) -> Result<Vec<ReceiptId>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(receipt_lines::table
        .filter(receipt_lines::organisation_id.eq(organisation).and(receipt_lines::id.eq_any(ids.iter().copied())))
        .select(receipt_lines::receipt_id)
        .distinct()
        .load(db)?)
}

/// The receipts that brought a lot.
///
/// # Errors
/// What the database answers.
pub fn receipts_of_lot(db: &mut Db, organisation: &OrganisationId, lot: &LotId) -> Result<Vec<ReceiptId>> {
    Ok(receipt_lines::table
        .filter(receipt_lines::organisation_id.eq(organisation).and(receipt_lines::lot_id.eq(lot)))
        .select(receipt_lines::receipt_id)
        .distinct()
        .load(db)?)
}

/// The device identifiers that lots of a product were received under.
///
/// # Errors
/// What the database answers.
pub fn received_under(db: &mut Db, organisation: &OrganisationId, product: &ProductId) -> Result<Vec<UdiDi>> {
    let of_product = lots::table.filter(lots::product_id.eq(product)).select(lots::id);
    let found: Vec<Option<Json<Identifier>>> = receipt_lines::table
        .filter(receipt_lines::organisation_id.eq(organisation).and(receipt_lines::lot_id.eq_any(of_product)))
        .select(receipt_lines::identifier)
        .distinct()
        .load(db)?;
    Ok(found.into_iter().flatten().map(|identifier| identifier.into_inner().value).collect())
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
