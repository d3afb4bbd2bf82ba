//! The tables of receipts and their lines.

use diesel::dsl::{count_star, exists, not, sql};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text};

use super::model::{Flag, Opening, Receipt, ReceiptCorrection, ReceiptLine, ReceiptVoid};
use super::{model, rules};
use crate::caller::Caller;
use crate::clock::Moment;
use crate::db::schema::{opening_stock, receipt_corrections, receipt_lines, receipt_voids, receipts};
use crate::db::{Db, lock_rows};
use crate::error::Result;
use crate::http::paging::{After, Found, horizon, later, no_later};
use crate::http::period::Period;
use crate::ids::{LocationId, LotId, OrderId, OrganisationId, ReceiptId, ReceiptLineId, SiteId, SupplierId};
use crate::journal::tables::Tables;
use crate::values::Word;

/// Adds a receipt.
///
/// # Errors
/// What the database answers.
pub fn insert(tables: &mut Tables<'_>, receipt: &Receipt) -> Result<()> {
    let db = tables.db();
    let key = receipts::delivery_note_key.eq(receipt.delivery_note.as_ref().map(rules::note_key));
    diesel::insert_into(receipts::table).values((receipt, key)).execute(db)?;
    Ok(())
}

/// Whether the supplier sent a delivery note of that number before: whoever has it entered it before this receipt, and no void
/// took it back.
///
/// # Errors
/// What the database answers.
pub fn is_note_seen(db: &mut Db, receipt: &Receipt) -> Result<bool> {
    let Some(note) = &receipt.delivery_note else { return Ok(false) };
    let voided = receipt_voids::table
        .filter(receipt_voids::organisation_id.eq(receipts::organisation_id))
        .filter(receipt_voids::subject_id.eq(receipts::id));
    let before = receipts::table
        .filter(receipts::organisation_id.eq(&receipt.organisation_id))
        .filter(receipts::supplier_id.eq(&receipt.supplier_id))
        .filter(receipts::delivery_note_key.eq(rules::note_key(note)))
        .filter(receipts::id.lt(&receipt.id))
        .filter(not(exists(voided)));
    Ok(diesel::select(exists(before)).get_result(db)?)
}

/// A line of that id and its receipt, if the organisation has it.
///
/// # Errors
/// What the database answers.
pub fn line_with_receipt(
    db: &mut Db,
    organisation: &OrganisationId,
    id: &ReceiptLineId,
) -> Result<Option<(ReceiptLine, Receipt)>> {
    let line: Option<ReceiptLine> = receipt_lines::table
        .filter(receipt_lines::organisation_id.eq(organisation).and(receipt_lines::id.eq(id)))
        .select(ReceiptLine::as_select())
        .first(db)
        .optional()?;
    let Some(line) = line else { return Ok(None) };
    let receipt = receipt(db, organisation, &line.receipt_id)?;
    Ok(receipt.map(|receipt| (line, receipt)))
}

/// How many units replace those of a line, by lines that stand.
///
/// # Errors
/// What the database answers.
pub fn units_replacing(db: &mut Db, organisation: &OrganisationId, id: &ReceiptLineId) -> Result<i64> {
    let units: Vec<i64> = receipt_lines::table
        .filter(receipt_lines::organisation_id.eq(organisation).and(receipt_lines::replaces.eq(id)))
        .filter(receipt_lines::stands)
        .select(receipt_lines::units)
        .load(db)?;
    Ok(units.into_iter().sum())
}

/// Adds a line.
///
/// # Errors
/// What the database answers.
pub fn insert_line(tables: &mut Tables<'_>, line: &ReceiptLine) -> Result<()> {
    let db = tables.db();
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

/// Locks a receipt until the transaction ends: it is corrected by one after the other. On SQLite the one writer is lock
/// enough.
///
/// # Errors
/// What the database answers.
pub fn lock(db: &mut Db, organisation: &OrganisationId, id: &ReceiptId) -> Result<()> {
    lock_rows!(
        db,
        receipts::table
            .filter(receipts::organisation_id.eq(organisation).and(receipts::id.eq(id)))
            .select(receipts::id)
    );
    Ok(())
}

/// Notes that a line counts no more; false when it did not before.
///
/// # Errors
/// What the database answers.
pub fn take_back(tables: &mut Tables<'_>, organisation: &OrganisationId, line: &ReceiptLineId) -> Result<bool> {
    let db = tables.db();
    let standing = receipt_lines::table
        .filter(receipt_lines::organisation_id.eq(organisation).and(receipt_lines::id.eq(line)))
        .filter(receipt_lines::stands);
    Ok(diesel::update(standing).set(receipt_lines::stands.eq(false)).execute(db)? == 1)
}

/// Corrects the supplier and the order of a receipt, if they are still what the correction says that they were.
///
/// # Errors
/// What the database answers.
pub fn correct(tables: &mut Tables<'_>, correction: &ReceiptCorrection) -> Result<bool> {
    let db = tables.db();
    diesel::insert_into(receipt_corrections::table).values(correction).execute(db)?;
    let was = receipts::table
        .filter(receipts::organisation_id.eq(&correction.organisation_id).and(receipts::id.eq(&correction.receipt_id)))
        .filter(receipts::supplier_id.eq(&correction.was_supplier_id));
    let changed = diesel::update(was)
        .set((receipts::supplier_id.eq(&correction.supplier_id), receipts::order_id.eq(&correction.order_id)))
        .execute(db)?;
    Ok(changed == 1)
}

/// The corrections of receipts, the oldest first.
///
/// # Errors
/// What the database answers.
pub fn corrections(db: &mut Db, organisation: &OrganisationId, ids: &[&ReceiptId]) -> Result<Vec<ReceiptCorrection>> {
    Ok(receipt_corrections::table
        .filter(receipt_corrections::organisation_id.eq(organisation))
        .filter(receipt_corrections::receipt_id.eq_any(ids.iter().copied()))
        .select(ReceiptCorrection::as_select())
        .order((receipt_corrections::receipt_id, receipt_corrections::number))
        .load(db)?)
}

/// Adds the void of a receipt or of a line.
///
/// # Errors
/// What the database answers; a unique violation is always another void of the same.
pub fn insert_void(tables: &mut Tables<'_>, void: &ReceiptVoid) -> Result<()> {
    let db = tables.db();
    diesel::insert_into(receipt_voids::table).values(void).execute(db)?;
    Ok(())
}

/// The voids of receipts and of their lines.
///
/// # Errors
/// What the database answers.
pub fn voids(db: &mut Db, organisation: &OrganisationId, ids: &[&ReceiptId]) -> Result<Vec<ReceiptVoid>> {
    Ok(receipt_voids::table
        .filter(receipt_voids::organisation_id.eq(organisation))
        .filter(receipt_voids::receipt_id.eq_any(ids.iter().copied()))
        .select(ReceiptVoid::as_select())
        .load(db)?)
}

/// The lines of a lot in a receipt, without those that were corrected or voided.
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
    Ok(model::standing(&lines).filter(|line| line.lot_id == *lot).cloned().collect())
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
    /// Only those that brought this lot, by a line that stands.
    pub lot_id: Option<LotId>,
    /// Only those with this delivery note, however it is written.
    pub delivery_note: Option<Word>,
    /// From when until when.
    pub period: Period,
}

/// Receipts at sites that the caller sees, in the order of what happened, after `after`. Those of an order, or else with
/// a delivery note, have an order of their own; what else is asked for is looked for.
///
/// # Errors
/// What the database answers.
pub fn list(db: &mut Db, caller: &Caller, filter: &Filter, after: &After, limit: i64) -> Result<Found<Receipt, 2>> {
    let after = after.from(filter.period.from);
    let Filter { order_id, site_id, supplier_id, lot_id, delivery_note, period } = filter;
    let led = || {
        let mut led = receipts::table
            .filter(receipts::organisation_id.eq(&caller.organisation_id))
            .filter(later!("occurred_at", "id", after))
            .into_boxed();
        if let Some(to) = period.to {
            led = led.filter(receipts::occurred_at.lt(to));
        }
        match (order_id, delivery_note) {
            (Some(order), _) => led.filter(receipts::order_id.eq(order)),
            (None, Some(note)) => led.filter(receipts::delivery_note_key.eq(rules::note_key(note))),
            (None, None) => led,
        }
    };
    let is_more = site_id.is_some() || supplier_id.is_some() || lot_id.is_some();
    let is_led = caller.sites.is_none() && !is_more && (order_id.is_none() || delivery_note.is_none());
    let keys = (receipts::occurred_at, receipts::id);
    let horizon: Option<(Moment, ReceiptId)> = if is_led { None } else { horizon!(db, led(), keys)? };
    let mut query = led().select(Receipt::as_select()).order(keys).limit(limit);
    if let Some(last) = &horizon {
        query = query.filter(no_later!("occurred_at", "id", last));
    }
    if let Some(sites) = &caller.sites {
        query = query.filter(receipts::site_id.eq_any(sites));
    }
    if let Some(site) = site_id {
        query = query.filter(receipts::site_id.eq(site));
    }
    if let Some(supplier) = supplier_id {
        query = query.filter(receipts::supplier_id.eq(supplier));
    }
    if let Some(note) = delivery_note {
        query = query.filter(receipts::delivery_note_key.eq(rules::note_key(note)));
    }
    if let Some(lot) = lot_id {
        let brought = receipt_lines::table
            .filter(receipt_lines::receipt_id.eq(receipts::id).and(receipt_lines::lot_id.eq(lot)))
            .filter(receipt_lines::stands);
        query = query.filter(exists(brought));
    }
    Ok(Found { items: query.load(db)?, looked_at: horizon.map(|(at, id)| After::keys(at, &id)) })
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

/// The receipts that brought a lot and were neither corrected nor voided since.
///
/// # Errors
/// What the database answers.
pub fn receipts_that_brought(db: &mut Db, organisation: &OrganisationId, lot: &LotId) -> Result<Vec<ReceiptId>> {
    Ok(receipt_lines::table
        .filter(receipt_lines::organisation_id.eq(organisation).and(receipt_lines::lot_id.eq(lot)))
        .filter(receipt_lines::stands)
        .select(receipt_lines::receipt_id)
        .distinct()
        .load(db)?)
}

/// The receipts that are said to have brought a lot, or once were.
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

/// Adds units of a lot that were at a place before Lotline.
///
/// # Errors
/// What the database answers; a unique violation is always that they were attested before.
pub fn insert_opening(tables: &mut Tables<'_>, opening: &Opening) -> Result<()> {
    diesel::insert_into(opening_stock::table).values(opening).execute(tables.db())?;
    Ok(())
}

/// What was attested of a lot at a place.
///
/// # Errors
/// What the database answers.
pub fn opening(
    db: &mut Db,
    organisation: &OrganisationId,
    location: &LocationId,
    lot: &LotId,
) -> Result<Option<Opening>> {
    Ok(opening_stock::table
        .filter(opening_stock::organisation_id.eq(organisation))
        .filter(opening_stock::location_id.eq(location).and(opening_stock::lot_id.eq(lot)))
        .select(Opening::as_select())
        .first(db)
        .optional()?)
}

/// The receipts of a supplier that arrived in a period and were not voided, with their sites, in the order of when: so many at the
/// most.
///
/// # Errors
/// What the database answers.
pub fn arrived(
    db: &mut Db,
    organisation: &OrganisationId,
    supplier: &SupplierId,
    (from, to): (Moment, Moment),
    most: i64,
) -> Result<Vec<(ReceiptId, SiteId)>> {
    let voided = receipt_voids::table
        .filter(receipt_voids::organisation_id.eq(receipts::organisation_id))
        .filter(receipt_voids::subject_id.eq(receipts::id));
    Ok(receipts::table
        .filter(receipts::organisation_id.eq(organisation).and(receipts::supplier_id.eq(supplier)))
        .filter(receipts::occurred_at.ge(from).and(receipts::occurred_at.lt(to)))
        .filter(not(exists(voided)))
        .select((receipts::id, receipts::site_id))
        .order((receipts::occurred_at, receipts::id))
        .limit(most)
        .load(db)?)
}

/// When the first goods came for orders, by receipts that were not voided; none of an order of which nothing came.
///
/// # Errors
/// What the database answers.
pub fn first_arrivals(
    db: &mut Db,
    organisation: &OrganisationId,
    orders: &[&OrderId],
) -> Result<Vec<(OrderId, Moment)>> {
    if orders.is_empty() {
        return Ok(Vec::new());
    }
    let voided = receipt_voids::table
        .filter(receipt_voids::organisation_id.eq(receipts::organisation_id))
        .filter(receipt_voids::subject_id.eq(receipts::id));
    let found: Vec<(Option<OrderId>, Option<Moment>)> = receipts::table
        .filter(receipts::organisation_id.eq(organisation).and(receipts::order_id.eq_any(orders.iter().copied())))
        .filter(not(exists(voided)))
        .group_by(receipts::order_id)
        .select((receipts::order_id, diesel::dsl::min(receipts::occurred_at)))
        .load(db)?;
    Ok(found.into_iter().filter_map(|(order, at)| order.zip(at)).collect())
}

/// How many lines of receipts stand, and how many units these brought: all, or those with a flag.
///
/// # Errors
/// What the database answers.
pub fn brought(
    db: &mut Db,
    organisation: &OrganisationId,
    receipts: &[&ReceiptId],
    flag: Option<Flag>,
) -> Result<(i64, i64)> {
    if receipts.is_empty() {
        return Ok((0, 0));
    }
    let pattern = flag.map_or("%".to_owned(), |flag| format!("%\"{flag}\"%"));
    Ok(receipt_lines::table
        .filter(receipt_lines::organisation_id.eq(organisation))
        .filter(receipt_lines::receipt_id.eq_any(receipts.iter().copied()))
        .filter(receipt_lines::stands)
        .filter(sql::<Bool>("receipt_lines.flags LIKE ").bind::<Text, _>(pattern))
        .select((count_star(), sql::<BigInt>("CAST(COALESCE(SUM(receipt_lines.units), 0) AS BIGINT)")))
        .first(db)?)
}

/// How many lines of receipts stand and say that they replace others, and how many units these brought.
///
/// # Errors
/// What the database answers.
pub fn replacing(db: &mut Db, organisation: &OrganisationId, receipts: &[&ReceiptId]) -> Result<(i64, i64)> {
    if receipts.is_empty() {
        return Ok((0, 0));
    }
    Ok(receipt_lines::table
        .filter(receipt_lines::organisation_id.eq(organisation))
        .filter(receipt_lines::receipt_id.eq_any(receipts.iter().copied()))
        .filter(receipt_lines::stands.and(receipt_lines::replaces.is_not_null()))
        .select((count_star(), sql::<BigInt>("CAST(COALESCE(SUM(receipt_lines.units), 0) AS BIGINT)")))
        .first(db)?)
}
