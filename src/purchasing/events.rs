//! What can happen to orders.

use super::model::{Ending, OrderStatus, Ordered, Placement};
use super::store;
use crate::decision::Decision;
use crate::error::Result;
use crate::journal::events;
use crate::journal::model::{Head, Recordable, once};
use crate::journal::tables::Tables;
use crate::ledger::Posting;
use crate::values::number;

events! {
    /// An order was written.
    OrderCreated "order_created" (Box<Ordered>)
    /// A draft was written anew: this is what it says now.
    OrderChanged "order_changed" (Box<Ordered>)
    /// An order was placed: everything in it might be bought.
    OrderPlaced "order_placed" (Box<Placement>)
    /// An order was cancelled before anything of it had arrived.
    OrderCancelled "order_cancelled" (Ending)
    /// An order was closed short.
    OrderClosed "order_closed" (Ending)
}

impl Recordable for Deed {
    fn apply(&self, tables: &mut Tables<'_>, head: &Head) -> Result<()> {
        match self {
            Deed::OrderCreated(new) => store::insert(tables, new),
            Deed::OrderChanged(new) => once(store::change(tables, new)?),
            Deed::OrderPlaced(placement) => {
                once(store::place(tables, &head.organisation_id, placement)?)?;
                let order = placement.order_id.as_str();
                crate::licences::service::keep_rested_on(tables, head, order, &placement.decision)
            }
            Deed::OrderCancelled(ending) => {
                once(store::end(tables, &head.organisation_id, ending, OrderStatus::Cancelled)?)
            }
            Deed::OrderClosed(ending) => {
                once(store::end(tables, &head.organisation_id, ending, OrderStatus::Received)?)
            }
        }
    }

    fn postings(&self) -> &[Posting] {
        &[]
    }

    fn decision(&self) -> Option<&Decision> {
        match self {
            Deed::OrderPlaced(placement) => Some(&placement.decision),
            Deed::OrderCreated(_) | Deed::OrderChanged(_) | Deed::OrderCancelled(_) | Deed::OrderClosed(_) => None,
        }
    }

    fn summary(&self) -> String {
        match self {
            Deed::OrderCreated(o) => format!("An order with {} was written.", number(o.lines.len(), "line")),
            Deed::OrderChanged(o) => format!("A draft was written anew, with {}.", number(o.lines.len(), "line")),
            Deed::OrderPlaced(_) => "An order was placed.".to_owned(),
            Deed::OrderCancelled(e) => match &e.reason {
                Some(reason) => format!("An order was cancelled: {reason}"),
                None => "An order was cancelled.".to_owned(),
            },
            Deed::OrderClosed(e) => match &e.reason {
                Some(reason) => format!("An order was closed short: {reason}"),
                None => "An order was closed short.".to_owned(),
            },
        }
    }

    fn tie(&self, tables: &mut Tables<'_>, head: &Head) -> Result<()> {
        let order = match self {
            Deed::OrderCreated(ordered) | Deed::OrderChanged(ordered) => &ordered.order.id,
            Deed::OrderPlaced(placement) => &placement.order_id,
            Deed::OrderClosed(ending) => &ending.order_id,
            Deed::OrderCancelled(_) => return Ok(()),
        };
        store::tie_order(tables, &head.organisation_id, order)
    }
}
