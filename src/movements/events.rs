//! What can happen to stock on hand: it moves, leaves and is counted.

use super::model::{Movement, MovementReversal, Review};
use super::store;
use crate::decision::Decision;
use crate::error::Result;
use crate::ids::{EventId, HoldId};
use crate::journal::events;
use crate::journal::model::{Head, Recordable, units_were};
use crate::journal::post::rest_of;
use crate::journal::tables::Tables;
use crate::ledger::Posting;
use crate::values::number;

events! {
    /// Units moved from one location to another.
    StockTransferred "stock_transferred" {
        /// The transfer.
        movement: Box<Movement>,
        /// The units that moved.
        postings: Vec<Posting>,
        /// Holds on the accounts that held units came from: they cover them where they are now, too.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        holds: Vec<HoldId>,
    }
    /// Units were wasted.
    StockWasted "stock_wasted" {
        /// The wastage.
        movement: Box<Movement>,
        /// The units that moved.
        postings: Vec<Posting>,
    }
    /// Units went back to their supplier.
    StockReturned "stock_returned" {
        /// The return.
        movement: Box<Movement>,
        /// The units that moved.
        postings: Vec<Posting>,
    }
    /// Units were destroyed.
    StockDestroyed "stock_destroyed" {
        /// The destruction.
        movement: Box<Movement>,
        /// The units that moved.
        postings: Vec<Posting>,
    }
    /// Units were counted; what the books had otherwise was adjusted.
    StockCounted "stock_counted" {
        /// The count.
        movement: Box<Movement>,
        /// The units that moved.
        postings: Vec<Posting>,
        /// Who counted, where a stock-take was approved by another; nobody where whoever recorded it did.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        counted_by: Vec<String>,
    }
    /// A second person said what becomes of the difference that a count found.
    CountReviewed "count_reviewed" {
        /// What they said.
        review: Review,
        /// The units that moved.
        postings: Vec<Posting>,
    }
    /// A movement was reversed: its units went back.
    MovementReversed "movement_reversed" {
        /// Which, by whom and why.
        reversal: MovementReversal,
        /// The units that moved.
        postings: Vec<Posting>,
        /// How many more the events that continue this one moved.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        more: Option<i64>,
        /// Holds on the accounts that held units came from: they cover them where they are now, too.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        holds: Vec<HoldId>,
    }
}

impl Recordable for Deed {
    fn apply(&self, tables: &mut Tables<'_>, head: &Head) -> Result<()> {
        match self {
            Deed::StockTransferred { movement, postings, holds } => {
                crate::holds::service::follow(tables, &head.organisation_id, holds, postings)?;
                store::insert(tables, movement)
            }
            Deed::StockWasted { movement, .. }
            | Deed::StockReturned { movement, .. }
            | Deed::StockDestroyed { movement, .. }
            | Deed::StockCounted { movement, .. } => store::insert(tables, movement),
            Deed::CountReviewed { review, .. } => store::insert_review(tables, review),
            Deed::MovementReversed { reversal, postings, holds, .. } => {
                crate::holds::service::follow(tables, &head.organisation_id, holds, postings)?;
                store::insert_reversal(tables, reversal)
            }
        }
    }

    fn postings(&self) -> &[Posting] {
        match self {
            Deed::StockTransferred { postings, .. }
            | Deed::StockWasted { postings, .. }
            | Deed::StockReturned { postings, .. }
            | Deed::StockDestroyed { postings, .. }
            | Deed::StockCounted { postings, .. }
            | Deed::CountReviewed { postings, .. }
            | Deed::MovementReversed { postings, .. } => postings,
        }
    }

    fn decision(&self) -> Option<&Decision> {
        match self {
            Deed::StockTransferred { movement, .. }
            | Deed::StockWasted { movement, .. }
            | Deed::StockReturned { movement, .. }
            | Deed::StockDestroyed { movement, .. } => movement.decision.as_deref(),
            Deed::StockCounted { .. } | Deed::CountReviewed { .. } | Deed::MovementReversed { .. } => None,
        }
    }

    fn summary(&self) -> String {
        match self {
            Deed::StockTransferred { movement: m, .. } => format!("{} transferred: {}", units_were(m.units), m.reason),
            Deed::StockWasted { movement: m, .. } => format!("{} wasted: {}", units_were(m.units), m.reason),
            Deed::StockReturned { movement: m, .. } => {
                format!("{} returned to the supplier: {}", units_were(m.units), m.reason)
            }
            Deed::StockDestroyed { movement: m, .. } => format!("{} destroyed: {}", units_were(m.units), m.reason),
            Deed::StockCounted { movement: m, .. } => match (m.units_counted.unwrap_or(0), m.units) {
                (counted, 0) => format!("{} counted, as the books say: {}", units_were(counted), m.reason),
                (counted, units) => {
                    let (more, many) = (if units > 0 { "more" } else { "fewer" }, units.unsigned_abs());
                    format!("{} counted, {many} {more} than in the books: {}", units_were(counted), m.reason)
                }
            },
            Deed::CountReviewed { review, .. } => {
                format!("The difference of a count was {}: {}", review.outcome, review.reason)
            }
            Deed::MovementReversed { reversal, postings, more, .. } => {
                let moved = postings.iter().filter(|posting| posting.at.is_none()).map(|posting| posting.units);
                let units = moved.chain(*more).sum::<i64>();
                format!("A movement of {} was reversed: {}", number(units, "unit"), reversal.reason)
            }
        }
    }

    fn split(&mut self, event: &EventId) -> Vec<Box<dyn Recordable>> {
        let (postings, holds, more) = match self {
            Deed::MovementReversed { postings, holds, more, .. } => (postings, holds.clone(), Some(more)),
            Deed::StockTransferred { postings, holds, .. } => (postings, holds.clone(), None),
            Deed::StockWasted { postings, .. }
            | Deed::StockReturned { postings, .. }
            | Deed::StockDestroyed { postings, .. }
            | Deed::StockCounted { postings, .. }
            | Deed::CountReviewed { postings, .. } => (postings, Vec::new(), None),
        };
        let Some(rest) = rest_of(postings) else { return Vec::new() };
        if let Some(more) = more {
            // What a hold that was opened meanwhile took is no unit of its own.
            *more = Some(rest.iter().filter(|posting| posting.at.is_none()).map(|posting| posting.units).sum());
        }
        crate::holds::service::continuing(event, &rest, &holds)
    }
}
