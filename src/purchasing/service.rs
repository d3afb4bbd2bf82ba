//! Writing, placing, cancelling and closing orders.

use super::eligibility::{self, Parties};
use super::events::Deed;
use super::model::{Ending, Order, OrderLine, OrderStatus, Ordered, Placement};
use super::rules::{self, Step};
use super::store;
use super::wire::NewOrder;
use crate::caller::Caller;
use crate::catalogue::model::Product;
use crate::clock::Moment;
use crate::command::{About, Command};
use crate::db::Db;
use crate::decision::Refusal;
use crate::error::{Error, Result};
use crate::ids::{OrderId, OrderLineId, ProductId};
use crate::problem::ProblemCode;
use crate::values::{Json, Prose};
use crate::versions::FIRST;

// What others may ask of the tables, or let follow from their events.
pub use super::store::{ScoredOrder, count, lines, overdue, scored, short, tie_delivery};

/// The most lines that one order may have.
pub const LINES_MAX: usize = crate::limits::ORDER_LINES_MAX;

/// Writes a draft.
///
/// # Errors
/// `reference_unknown`, `empty_list`, `list_too_long`, `missing_field` for prices without a currency.
pub fn create(cmd: &mut Command<'_>, new: &NewOrder) -> Result<Ordered> {
    let id = cmd.mint(OrderId::mint);
    let (created_by, created_at) = (cmd.caller.subject.clone(), cmd.now);
    let ordered = written(cmd, id, new, (created_by, created_at), FIRST)?;
    cmd.record(about(cmd, &ordered), Deed::OrderCreated(Box::new(ordered.clone())))?;
    Ok(ordered)
}

/// Writes a draft anew: all of it is as it is said now.
///
/// # Errors
/// `not_found`, `order_not_draft`, `precondition_failed` when another version is written than the one that the caller has read, and what
/// [`create`] refuses.
pub fn change(cmd: &mut Command<'_>, id: &OrderId, expected: Option<i64>, new: &NewOrder) -> Result<Ordered> {
    let was = locked(cmd, id)?;
    rules::may(Step::Change, &was.order)?;
    rules::is_as_read(&was.order, expected)?;
    let Order { id, created_by, created_at, version, .. } = was.order.clone();
    let ordered = written(cmd, id, new, (created_by, created_at), version.saturating_add(1))?;
    let mut about = about(cmd, &ordered);
    // Who looks for what was on it finds that it was taken off.
    about.subjects.extend(self::about(cmd, &was).subjects);
    about.subjects.sort();
    about.subjects.dedup();
    cmd.record(about, Deed::OrderChanged(Box::new(ordered.clone())))?;
    Ok(ordered)
}

/// A draft as a request says it.
fn written(
    cmd: &mut Command<'_>,
    id: OrderId,
    new: &NewOrder,
    (created_by, created_at): (String, Moment),
    version: i64,
) -> Result<Ordered> {
    let organisation = cmd.organisation();
    if new.lines.is_empty() {
        return Err(Error::invalid(ProblemCode::EmptyList, "lines", "needs at least one entry"));
    }
    if new.lines.len() > LINES_MAX {
        let rule = format!("must have at most {LINES_MAX} entries");
        return Err(Error::invalid(ProblemCode::ListTooLong, "lines", rule));
    }
    let site = crate::sites::service::expect_site(cmd.db, cmd.caller, &new.site_id)?;
    let supplier = crate::suppliers::service::expect(cmd.db, organisation, &new.supplier_id)?;
    let order = Order {
        id,
        organisation_id: organisation.clone(),
        site_id: site.id,
        supplier_id: supplier.id,
        reference: new.reference.clone(),
        expected_on: new.expected_on,
        status: OrderStatus::Draft,
        created_by,
        created_at,
        decision: None,
        placed_by: None,
        placed_at: None,
        ended_by: None,
        ended_at: None,
        end_reason: None,
        currency: new.currency.clone(),
        version,
    };
    let mut lines = Vec::with_capacity(new.lines.len());
    for (index, line) in new.lines.iter().enumerate() {
        if line.pack_price_minor.is_some() && new.currency.is_none() {
            let rule = "is missing: say what the prices are in";
            return Err(Error::invalid(ProblemCode::MissingField, "currency", rule));
        }
        let product = crate::catalogue::service::find(cmd.db, organisation, &line.product_id)?
            .ok_or_else(|| Error::reference_unknown(&format!("lines[{index}].product_id")))?;
        lines.push(OrderLine {
            id: cmd.mint(OrderLineId::mint),
            organisation_id: organisation.clone(),
            order_id: order.id.clone(),
            line: i32::try_from(index).map_err(|_| Error::internal("too many lines"))?,
            units: crate::catalogue::rules::units(&product, line.packs),
            product_id: product.id,
            packs: line.packs.get(),
            units_received: 0,
            pack_price_minor: line.pack_price_minor,
        });
    }
    Ok(Ordered { order, lines })
}

/// Places a draft, if every line may be bought; the decision is frozen into the order.
///
/// # Errors
/// `not_found`, `order_not_draft`; `gate_refused` with every reason of every line.
pub fn place(cmd: &mut Command<'_>, id: &OrderId, expected: Option<i64>) -> Result<Ordered> {
    let organisation = cmd.organisation();
    let mut ordered = locked(cmd, id)?;
    rules::may(Step::Place, &ordered.order)?;
    rules::is_as_read(&ordered.order, expected)?;
    let site = crate::sites::service::expect_site(cmd.db, cmd.caller, &ordered.order.site_id)?;
    let supplier = crate::suppliers::service::expect(cmd.db, organisation, &ordered.order.supplier_id)?;
    let products = products(cmd, &ordered)?;
    let day = cmd.now.day_in(site.time_zone.rules());
    let parties = Parties { site, supplier: Some(supplier), practitioner: None, at: cmd.now, day, past: None };
    let facts = eligibility::gather(cmd.db, organisation, parties, &products.iter().collect::<Vec<_>>())?;
    let decisions = products.iter().map(|product| rules::eligible(&facts, product, cmd.now)).collect();
    let decision = rules::together(decisions, cmd.now).map_err(|e| Error::internal(e.to_string()))?;
    let about = about(cmd, &ordered);
    if !decision.allowed {
        return Err(Error::Refused(Box::new(Refusal {
            operation: "place_order",
            site_id: about.site_id,
            occurred_at: about.occurred_at,
            subjects: about.subjects,
            request: crate::http::input::as_value(&ordered)?,
            decision,
        })));
    }
    let placement = Placement {
        order_id: ordered.order.id.clone(),
        decision: Json::new(decision),
        placed_by: cmd.caller.subject.clone(),
        placed_at: cmd.now,
    };
    cmd.record(about, Deed::OrderPlaced(Box::new(placement.clone())))?;
    ordered.order.status = OrderStatus::Placed;
    ordered.order.decision = Some(placement.decision);
    ordered.order.placed_by = Some(placement.placed_by);
    ordered.order.placed_at = Some(placement.placed_at);
    Ok(ordered)
}

/// The products of an order, each once.
fn products(cmd: &mut Command<'_>, ordered: &Ordered) -> Result<Vec<Product>> {
    let mut ids: Vec<&ProductId> = ordered.lines.iter().map(|line| &line.product_id).collect();
    ids.sort();
    ids.dedup();
    ids.into_iter()
        .map(|id| {
            crate::catalogue::service::find(cmd.db, cmd.organisation(), id)?
                .ok_or_else(|| Error::internal("an order line without its product"))
        })
        .collect()
}

/// Drops an order of which nothing has arrived, or nothing that was not taken back.
///
/// # Errors
/// `not_found`, `order_not_cancellable`.
pub fn cancel(cmd: &mut Command<'_>, id: &OrderId, reason: Option<&Prose>) -> Result<Ordered> {
    end(cmd, id, Step::Cancel, reason)
}

/// Waits no longer for what is missing of an order: it is received, short.
///
/// # Errors
/// `not_found`, `order_not_closable`.
pub fn close(cmd: &mut Command<'_>, id: &OrderId, reason: &Prose) -> Result<Ordered> {
    end(cmd, id, Step::Close, Some(reason))
}

fn end(cmd: &mut Command<'_>, id: &OrderId, step: Step, reason: Option<&Prose>) -> Result<Ordered> {
    let mut ordered = locked(cmd, id)?;
    if !(step == Step::Cancel && rules::is_closed_over_nothing(&ordered)) {
        rules::may(step, &ordered.order)?;
    }
    let ending = Ending {
        order_id: ordered.order.id.clone(),
        ended_by: cmd.caller.subject.clone(),
        ended_at: cmd.now,
        reason: reason.cloned(),
    };
    let (status, deed) = match step {
        Step::Close => (OrderStatus::Received, Deed::OrderClosed(ending.clone())),
        _ => (OrderStatus::Cancelled, Deed::OrderCancelled(ending.clone())),
    };
    cmd.record(about(cmd, &ordered), deed)?;
    ordered.order.status = status;
    ordered.order.ended_by = Some(ending.ended_by);
    ordered.order.ended_at = Some(ending.ended_at);
    ordered.order.end_reason = ending.reason;
    Ok(ordered)
}

fn about(cmd: &Command<'_>, ordered: &Ordered) -> About {
    let mut subjects = vec![ordered.order.id.to_string(), ordered.order.supplier_id.to_string()];
    subjects.extend(ordered.lines.iter().map(|line| line.product_id.to_string()));
    About { occurred_at: cmd.now, site_id: Some(ordered.order.site_id.clone()), subjects }
}

/// Locks an order until the transaction ends; see [`store::lock`].
///
/// # Errors
/// What the database answers.
pub fn lock(cmd: &mut Command<'_>, id: &OrderId) -> Result<()> {
    cmd.lock(|db, organisation| store::lock(db, organisation, id))
}

/// The order that a path names, locked, if the caller sees its site.
fn locked(cmd: &mut Command<'_>, id: &OrderId) -> Result<Ordered> {
    lock(cmd, id)?;
    find(cmd.db, cmd.caller, id)?.ok_or_else(|| Error::not_found("order"))
}

/// The order that a receipt answers, locked, if the caller sees its site.
///
/// # Errors
/// `reference_unknown`.
pub fn expect_locked(cmd: &mut Command<'_>, id: &OrderId) -> Result<Ordered> {
    lock(cmd, id)?;
    find(cmd.db, cmd.caller, id)?.ok_or_else(|| Error::reference_unknown("order_id"))
}

/// An order with its lines, if the caller sees its site.
///
/// # Errors
/// What the database answers.
pub fn find(db: &mut Db, caller: &Caller, id: &OrderId) -> Result<Option<Ordered>> {
    let found = store::order(db, &caller.organisation_id, id)?.filter(|order| caller.sees(&order.site_id));
    Ok(with_lines(db, caller, found.into_iter().collect())?.into_iter().next())
}

/// Orders with their lines.
///
/// # Errors
/// What the database answers.
pub fn with_lines(db: &mut Db, caller: &Caller, orders: Vec<Order>) -> Result<Vec<Ordered>> {
    let ids: Vec<_> = orders.iter().map(|order| &order.id).collect();
    let lines = store::lines(db, &caller.organisation_id, &ids)?;
    Ok(orders
        .into_iter()
        .map(|order| Ordered { lines: lines.iter().filter(|line| line.order_id == order.id).cloned().collect(), order })
        .collect())
}
