//! Events of one size: what moves thousands of packs with serial numbers is told by several, one after the other.
//!
//! The first says what happened and moves the first units, those that continue it move the rest, in the same order, at the
//! same moment and about the same things. What deliveries bring stays in one event each: a receipt is bounded by itself
//! ([`RECEIPT_SERIALS_MAX`](crate::limits::RECEIPT_SERIALS_MAX)).

use super::model::Deed;
use crate::ids::{EventId, HoldId};
use crate::limits::EVENT_POSTINGS_MAX;
use crate::stock::model::Posting;

/// Takes what is too much for one event out of it, and gives the events that continue it.
pub fn split(deed: &mut Deed, event_id: &EventId) -> Vec<Deed> {
    let Some(postings) = divisible(deed).filter(|postings| postings.len() > EVENT_POSTINGS_MAX) else {
        return Vec::new();
    };
    let rest = postings.split_off(EVENT_POSTINGS_MAX);
    let continued = |lines: &[Posting]| continuation(deed, event_id.clone(), lines.to_vec());
    let deeds = rest.chunks(EVENT_POSTINGS_MAX).map(continued).collect();
    // What a hold that was opened meanwhile took is no unit of its own.
    let units = rest.iter().filter(|posting| is_of_its_own(deed, posting)).map(|posting| posting.units).sum();
    if let Deed::HoldOpened { more, .. }
    | Deed::HoldLifted { more, .. }
    | Deed::MovementReversed { more, .. }
    | Deed::PassesSettled { more, .. } = deed
    {
        *more = Some(units);
    }
    deeds
}

fn is_of_its_own(deed: &Deed, posting: &Posting) -> bool {
    !matches!(deed, Deed::MovementReversed { .. }) || posting.at.is_none()
}

/// The postings of an event that may be spread over several.
fn divisible(deed: &mut Deed) -> Option<&mut Vec<Posting>> {
    match deed {
        Deed::StockPassed { postings, .. }
        | Deed::PassesSettled { postings, .. }
        | Deed::StockRejected { postings, .. }
        | Deed::StockReleased { postings, .. }
        | Deed::HoldOpened { postings, .. }
        | Deed::HoldLifted { postings, .. }
        | Deed::StockTransferred { postings, .. }
        | Deed::StockWasted { postings, .. }
        | Deed::StockReturned { postings, .. }
        | Deed::StockDestroyed { postings, .. }
        | Deed::StockCounted { postings, .. }
        | Deed::CountReviewed { postings, .. }
        | Deed::MovementReversed { postings, .. }
        | Deed::InspectionReversed { postings, .. } => Some(postings),
        _ => None,
    }
}

fn continuation(deed: &Deed, event_id: EventId, postings: Vec<Posting>) -> Deed {
    match deed {
        Deed::HoldOpened { hold, .. } => Deed::HoldContinued { event_id, hold_id: hold.id.clone(), postings },
        Deed::HoldLifted { lift, .. } => Deed::HoldContinued { event_id, hold_id: lift.hold_id.clone(), postings },
        _ => Deed::PostingsContinued { event_id, postings, holds: following(deed) },
    }
}

/// The holds that follow the units that a deed moves.
fn following(deed: &Deed) -> Vec<HoldId> {
    match deed {
        Deed::StockTransferred { holds, .. } | Deed::MovementReversed { holds, .. } => holds.clone(),
        _ => Vec::new(),
    }
}
