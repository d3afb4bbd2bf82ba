//! The tables of orders and their lines.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::dsl::{exists, sql};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Bool, Nullable, Text};

use super::model::{Counted, Ending, Order, OrderLine, OrderStatus, Ordered, Placement};
use super::rules;
use crate::caller::Caller;
use crate::clock::Moment;
use crate::db::schema::{order_lines, orders, receipt_lines, receipts};
use crate::db::{Db, on_either};
use crate::error::{Error, Result};
use crate::http::paging::{Found, horizon};
use crate::ids::{LotId, OrderId, OrganisationId, ProductId, ReceiptId, SiteId, SupplierId};
use crate::journal::tables::Tables;
use crate::limits::LOOKED_AT_MAX;
use crate::values::Json;

/// The flag of a receipt line that no line of the order asked for. Receipts stand above orders, so it is not their word itself;
/// a test holds it against that.
const NOT_ORDERED: &str = "not_ordered";

/// Adds an order with its lines.
///
/// # Errors
/// What the database answers.
pub fn insert(tables: &mut Tables<'_>, new: &Ordered) -> Result<()> {
    let db = tables.db();
    diesel::insert_into(orders::table).values(&new.order).execute(db)?;
    on_either!(db, conn => diesel::insert_into(order_lines::table).values(&new.lines).execute(conn)?);
    Ok(())
}

/// Writes a draft anew, with other lines; false when it is none.
///
/// # Errors
/// What the database answers.
pub fn change(tables: &mut Tables<'_>, new: &Ordered) -> Result<bool> {
    let db = tables.db();
    let Order { id, organisation_id, site_id, supplier_id, reference, expected_on, currency, version, .. } = &new.order;
    let draft = orders::table
        .filter(orders::organisation_id.eq(organisation_id).and(orders::id.eq(id)))
        .filter(orders::status.eq(OrderStatus::Draft));
    let changed = diesel::update(draft)
        .set((
            orders::site_id.eq(site_id),
            orders::supplier_id.eq(supplier_id),
            orders::reference.eq(reference),
            orders::expected_on.eq(expected_on),
            orders::currency.eq(currency),
            orders::version.eq(version),
        ))
        .execute(db)?;
    diesel::delete(
        order_lines::table.filter(order_lines::organisation_id.eq(organisation_id).and(order_lines::order_id.eq(id))),
    )
    .execute(db)?;
    on_either!(db, conn => diesel::insert_into(order_lines::table).values(&new.lines).execute(conn)?);
    Ok(changed == 1)
}

/// Marks a draft as placed; false when it is none.
///
/// # Errors
/// What the database answers.
pub fn place(tables: &mut Tables<'_>, organisation: &OrganisationId, placement: &Placement) -> Result<bool> {
    let db = tables.db();
    let draft = orders::table
        .filter(orders::organisation_id.eq(organisation).and(orders::id.eq(&placement.order_id)))
        .filter(orders::status.eq(OrderStatus::Draft));
    let changed = diesel::update(draft)
        .set((
            orders::status.eq(OrderStatus::Placed),
            orders::decision.eq(&placement.decision),
            orders::placed_by.eq(&placement.placed_by),
            orders::placed_at.eq(placement.placed_at),
        ))
        .execute(db)?;
    Ok(changed == 1)
}

/// Ends an order that has not ended; false when it has. One that was closed short may still be cancelled.
///
/// # Errors
/// What the database answers.
pub fn end(
    tables: &mut Tables<'_>,
    organisation: &OrganisationId,
    ending: &Ending,
    status: OrderStatus,
) -> Result<bool> {
    let db = tables.db();
    let (is_cancelled, closed) = (status == OrderStatus::Cancelled, orders::status.eq(OrderStatus::Received));
    let open = orders::table
        .filter(orders::organisation_id.eq(organisation).and(orders::id.eq(&ending.order_id)))
        .filter(orders::ended_at.is_null().or(closed.and(is_cancelled.into_sql::<Bool>())));
    let changed = diesel::update(open)
        .set((
            orders::status.eq(status),
            orders::ended_by.eq(&ending.ended_by),
            orders::ended_at.eq(ending.ended_at),
            orders::end_reason.eq(&ending.reason),
        ))
        .execute(db)?;
    Ok(changed == 1)
}

/// Counts units that arrived (below zero: that a correction took back) into lines of an order, and moves the order on.
/// An order that was ended keeps its status.
///
/// # Errors
/// What the database answers.
pub fn count(tables: &mut Tables<'_>, organisation: &OrganisationId, counted: &[Counted]) -> Result<()> {
    let db = tables.db();
    let Some(first) = counted.first() else { return Ok(()) };
    for Counted { order_line_id, units } in counted {
        diesel::update(
            order_lines::table
                .filter(order_lines::organisation_id.eq(organisation).and(order_lines::id.eq(order_line_id))),
        )
        .set(order_lines::units_received.eq(order_lines::units_received + units))
        .execute(db)?;
    }
    let order: OrderId = order_lines::table
        .filter(order_lines::organisation_id.eq(organisation).and(order_lines::id.eq(&first.order_line_id)))
        .select(order_lines::order_id)
        .first(db)
        .optional()?
        .ok_or_else(|| Error::internal("an arrival that counts into no order"))?;
    let progress = rules::progress(&lines(db, organisation, &[&order])?);
    let going_on = orders::table
        .filter(orders::organisation_id.eq(organisation).and(orders::id.eq(&order)))
        .filter(orders::ended_at.is_null());
    diesel::update(going_on).set(orders::status.eq(progress)).execute(db)?;
    Ok(())
}

/// The order of that id, if the organisation has it.
///
/// # Errors
/// What the database answers.
pub fn order(db: &mut Db, organisation: &OrganisationId, id: &OrderId) -> Result<Option<Order>> {
    let found = orders::table
        .filter(orders::organisation_id.eq(organisation).and(orders::id.eq(id)))
        .select(Order::as_select())
        .first(db)
        .optional()?;
    Ok(found)
}

/// Locks an order until the transaction ends: receipts count into it one after the other. On SQLite the one writer is
/// lock enough.
///
/// # Errors
/// What the database answers.
pub fn lock(db: &mut Db, organisation: &OrganisationId, id: &OrderId) -> Result<()> {
    if let Db::Postgres(conn) = db {
        orders::table
            .filter(orders::organisation_id.eq(organisation).and(orders::id.eq(id)))
            .select(orders::id)
            .for_update()
            .load::<String>(conn)?;
    }
    Ok(())
}

/// The lines of orders, in their order.
///
/// # Errors
/// What the database answers.
pub fn lines(db: &mut Db, organisation: &OrganisationId, ids: &[&OrderId]) -> Result<Vec<OrderLine>> {
    Ok(order_lines::table
        .filter(order_lines::organisation_id.eq(organisation))
        .filter(order_lines::order_id.eq_any(ids.iter().copied()))
        .select(OrderLine::as_select())
        .order((order_lines::order_id, order_lines::line))
        .load(db)?)
}

/// Which orders.
#[derive(Clone, Default)]
pub struct Filter {
    /// Only those in this status.
    pub status: Option<OrderStatus>,
    /// Only those for this site.
    pub site_id: Option<SiteId>,
    /// Only those to this supplier.
    pub supplier_id: Option<SupplierId>,
    /// Only those with a line of this product.
    pub product_id: Option<ProductId>,
    /// Only those that wait for goods which were expected before this day.
    pub overdue_on: Option<NaiveDate>,
}

/// Orders for sites that the caller sees, by id, after `after`. Those in a status have an order of their own; what else is asked
/// for is looked for.
///
/// # Errors
/// What the database answers.
pub fn list(db: &mut Db, caller: &Caller, filter: &Filter, after: &str, limit: i64) -> Result<Found<Order, 1>> {
    let led = || {
        let led = orders::table
            .filter(orders::organisation_id.eq(&caller.organisation_id).and(orders::id.gt(after)))
            .into_boxed();
        match filter.status {
            Some(status) => led.filter(orders::status.eq(status)),
            None => led,
        }
    };
    let Filter { status: _, site_id, supplier_id, product_id, overdue_on } = filter;
    let is_more = site_id.is_some() || supplier_id.is_some() || product_id.is_some() || overdue_on.is_some();
    let horizon: Option<OrderId> =
        if is_more || caller.sites.is_some() { horizon!(db, led(), orders::id)? } else { None };
    let mut query = led().select(Order::as_select()).order(orders::id).limit(limit);
    if let Some(last) = &horizon {
        query = query.filter(orders::id.le(last));
    }
    if let Some(sites) = &caller.sites {
        query = query.filter(orders::site_id.eq_any(sites));
    }
    if let Some(site) = site_id {
        query = query.filter(orders::site_id.eq(site));
    }
    if let Some(supplier) = supplier_id {
        query = query.filter(orders::supplier_id.eq(supplier));
    }
    if let Some(product) = product_id {
        let with_product = order_lines::table
            .filter(order_lines::organisation_id.eq(&caller.organisation_id).and(order_lines::product_id.eq(product)))
            .filter(order_lines::order_id.eq(orders::id));
        query = query.filter(exists(with_product));
    }
    if let Some(day) = overdue_on {
        query = query
            .filter(orders::status.eq_any(WAITING))
            .filter(orders::expected_on.assume_not_null().lt(day).and(orders::expected_on.is_not_null()));
    }
    Ok(Found { items: query.load(db)?, looked_at: horizon.map(|id| [id.to_string()]) })
}

/// What an order is while it waits for goods.
const WAITING: [OrderStatus; 2] = [OrderStatus::Placed, OrderStatus::PartiallyReceived];

/// Orders whose goods were expected before a day, for sites that the caller sees, or one of them; the longest overdue first.
/// No more than [`LOOKED_AT_MAX`] are looked at.
///
/// # Errors
/// What the database answers.
pub fn overdue(db: &mut Db, caller: &Caller, site: Option<&SiteId>, day: NaiveDate, most: usize) -> Result<Vec<Order>> {
    let mut found: Vec<Order> = Vec::new();
    for status in WAITING {
        let waiting: Vec<Order> = orders::table
            .filter(orders::organisation_id.eq(&caller.organisation_id).and(orders::status.eq(status)))
            .filter(orders::expected_on.assume_not_null().lt(day).and(orders::expected_on.is_not_null()))
            .select(Order::as_select())
            .order((orders::expected_on, orders::id))
            .limit(LOOKED_AT_MAX)
            .load(db)?;
        found.extend(waiting);
    }
    found.retain(|order| caller.sees(&order.site_id) && site.is_none_or(|site| *site == order.site_id));
    found.sort_by(|a, b| (a.expected_on, &a.id).cmp(&(b.expected_on, &b.id)));
    found.truncate(most);
    Ok(found)
}

/// Orders of which a part has arrived and the rest is not overdue on a day, for sites that the caller sees, or one of them; the
/// oldest first. No more than [`LOOKED_AT_MAX`] are looked at.
///
/// # Errors
/// What the database answers.
pub fn short(db: &mut Db, caller: &Caller, site: Option<&SiteId>, day: NaiveDate, most: usize) -> Result<Vec<Order>> {
    let mut found: Vec<Order> = orders::table
        .filter(orders::organisation_id.eq(&caller.organisation_id))
        .filter(orders::status.eq(OrderStatus::PartiallyReceived))
        .select(Order::as_select())
        .order(orders::id)
        .limit(LOOKED_AT_MAX)
        .load(db)?;
    found.retain(|order| {
        let is_seen = caller.sees(&order.site_id) && site.is_none_or(|site| *site == order.site_id);
        is_seen && !order.is_overdue(day)
    });
    found.truncate(most);
    Ok(found)
}

/// The kinds of events of an order that belong to the chain of what was ordered.
const OF_ORDERS: &str = "'order_created', 'order_changed', 'order_placed', 'order_closed'";

/// The orders that receipts answer, or were once said to answer.
const ANSWERED: &str = "(SELECT organisation_id, id AS receipt_id, order_id FROM receipts \
     UNION ALL SELECT organisation_id, receipt_id, order_id FROM receipt_corrections \
     UNION ALL SELECT organisation_id, receipt_id, was_order_id FROM receipt_corrections) AS answered";

/// Ties a delivery, and the orders that it answers or was once said to answer, to the chains of the lots that it brought, or of
/// one of them. What is tied stays tied: that a delivery was first said to answer another order is part of the chain, too.
///
/// # Errors
/// What the database answers.
pub fn tie_delivery(
    tables: &mut Tables<'_>,
    organisation: &OrganisationId,
    receipt: &ReceiptId,
    lot: Option<&LotId>,
) -> Result<()> {
    if !tables.is_first(format!("{receipt} {lot:?}")) {
        return Ok(());
    }
    let brought = "FROM receipt_lines AS line";
    let about = "JOIN event_subjects AS about ON about.organisation_id = line.organisation_id AND about.subject =";
    let event = "JOIN events AS event ON event.id = about.event_id AND event.kind";
    let chosen = "WHERE line.organisation_id = $1 AND line.receipt_id = $2 AND line.lot_id = COALESCE($3, line.lot_id)";
    let tied = "SELECT line.organisation_id, line.lot_id, event.id, event.occurred_at";
    sql_query(format!(
        "INSERT INTO origin_events (organisation_id, lot_id, event_id, occurred_at) \
         {tied} {brought} {about} line.receipt_id {event} = 'receipt_recorded' {chosen} \
         UNION {tied} {brought} JOIN {ANSWERED} ON answered.organisation_id = $1 AND answered.receipt_id = line.receipt_id \
         {about} answered.order_id {event} IN ({OF_ORDERS}) {chosen} ON CONFLICT DO NOTHING",
    ))
    .bind::<Text, _>(organisation)
    .bind::<Text, _>(receipt)
    .bind::<Nullable<Text>, _>(lot)
    .execute(tables.db())?;
    Ok(())
}

/// Ties an order to the chains of the lots that deliveries brought which answer it, or were once said to.
///
/// # Errors
/// What the database answers.
pub fn tie_order(tables: &mut Tables<'_>, organisation: &OrganisationId, order: &OrderId) -> Result<()> {
    sql_query(format!(
        "INSERT INTO origin_events (organisation_id, lot_id, event_id, occurred_at) \
         SELECT DISTINCT line.organisation_id, line.lot_id, event.id, event.occurred_at \
         FROM {ANSWERED} JOIN receipt_lines AS line ON line.receipt_id = answered.receipt_id \
         JOIN event_subjects AS about ON about.organisation_id = $1 AND about.subject = $2 \
         JOIN events AS event ON event.id = about.event_id AND event.kind IN ({OF_ORDERS}) \
         WHERE answered.organisation_id = $1 AND answered.order_id = $2 ON CONFLICT DO NOTHING",
    ))
    .bind::<Text, _>(organisation)
    .bind::<Text, _>(order)
    .execute(tables.db())?;
    Ok(())
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

/// Units that came with receipts and that no order has, by product.
///
/// # Errors
/// What the database answers.
pub fn not_ordered(
    db: &mut Db,
    organisation: &OrganisationId,
    receipts: &[ReceiptId],
) -> Result<Vec<(ProductId, i64)>> {
    let lines: Vec<(ProductId, i64, Json<Vec<String>>)> = receipt_lines::table
        .filter(receipt_lines::organisation_id.eq(organisation).and(receipt_lines::receipt_id.eq_any(receipts)))
        .filter(receipt_lines::stands.eq(true))
        .select((receipt_lines::product_id, receipt_lines::units, receipt_lines::flags))
        .order((receipt_lines::receipt_id, receipt_lines::line))
        .load(db)?;
    let flagged = lines.into_iter().filter(|(_, _, flags)| flags.iter().any(|flag| flag == NOT_ORDERED));
    Ok(flagged.map(|(product, units, _)| (product, units)).collect())
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_no_order_has_is_flagged_as_such_on_arrival() {
        assert_eq!(super::NOT_ORDERED, crate::receiving::model::Flag::NotOrdered.as_str());
    }
}

/// An order as a scorecard has it.
#[derive(Clone, Debug)]
pub struct ScoredOrder {
    /// Which.
    pub id: OrderId,
    /// For which site.
    pub site_id: SiteId,
    /// When it was placed.
    pub placed_at: Moment,
    /// How far it has come.
    pub status: OrderStatus,
    /// How many lines it has.
    pub lines: i64,
    /// How many units these ordered.
    pub units: i64,
    /// How many have come.
    pub units_received: i64,
    /// How many lines have units missing.
    pub lines_short: i64,
    /// How many units these lack.
    pub units_short: i64,
}

impl ScoredOrder {
    /// Whether goods are still waited for.
    pub fn is_open(&self) -> bool {
        matches!(self.status, OrderStatus::Placed | OrderStatus::PartiallyReceived)
    }
}

/// The orders of a supplier that were placed in a period, in the order of when: so many at the most.
///
/// # Errors
/// What the database answers.
pub fn scored(
    db: &mut Db,
    organisation: &OrganisationId,
    supplier: &SupplierId,
    (from, to): (Moment, Moment),
    most: i64,
) -> Result<Vec<ScoredOrder>> {
    let found: Vec<(OrderId, SiteId, Option<Moment>, OrderStatus)> = orders::table
        .filter(orders::organisation_id.eq(organisation).and(orders::supplier_id.eq(supplier)))
        .filter(orders::placed_at.ge(from).and(orders::placed_at.lt(to)))
        .select((orders::id, orders::site_id, orders::placed_at, orders::status))
        .order((orders::placed_at, orders::id))
        .limit(most)
        .load(db)?;
    let ids: Vec<_> = found.iter().map(|(id, ..)| id).collect();
    let mut sums: HashMap<OrderId, Sums> = scored_lines(db, organisation, &ids)?.into_iter().collect();
    let scored = found.into_iter().map(|(id, site_id, placed_at, status)| {
        let placed_at = placed_at.unwrap_or(from);
        let (lines, units, units_received, lines_short, units_short) = sums.remove(&id).unwrap_or_default();
        ScoredOrder { id, site_id, placed_at, status, lines, units, units_received, lines_short, units_short }
    });
    Ok(scored.collect())
}

/// Of the lines of an order: how many, their units, how many of these came, how many lines lack units, and how many units.
type Sums = (i64, i64, i64, i64, i64);

/// The lines of orders, added up.
fn scored_lines(db: &mut Db, organisation: &OrganisationId, ids: &[&OrderId]) -> Result<Vec<(OrderId, Sums)>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let sum = |of: &str| sql::<BigInt>(&format!("CAST(COALESCE(SUM({of}), 0) AS BIGINT)"));
    let missing = "order_lines.units > order_lines.units_received";
    Ok(order_lines::table
        .filter(order_lines::organisation_id.eq(organisation).and(order_lines::order_id.eq_any(ids.iter().copied())))
        .group_by(order_lines::order_id)
        .select((
            order_lines::order_id,
            (
                sql::<BigInt>("COUNT(*)"),
                sum("order_lines.units"),
                sum("order_lines.units_received"),
                sum(&format!("CASE WHEN {missing} THEN 1 ELSE 0 END")),
                sum(&format!("CASE WHEN {missing} THEN order_lines.units - order_lines.units_received ELSE 0 END")),
            ),
        ))
        .load(db)?)
}
