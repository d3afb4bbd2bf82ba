//! What can happen to holds, and to units that holds follow.

use super::model::{Hold, Lift};
use super::store;
use crate::decision::Decision;
use crate::error::Result;
use crate::ids::{EventId, HoldId};
use crate::journal::events;
use crate::journal::model::{Head, Recordable, once, units_of};
use crate::journal::post::{parts, rest_of};
use crate::journal::tables::Tables;
use crate::ledger::{AccountKind, Posting};
use crate::values::number;

events! {
    /// A hold was opened.
    HoldOpened "hold_opened" {
        /// The hold.
        hold: Hold,
        /// The units that moved.
        postings: Vec<Posting>,
        /// How many more the events that continue this one moved.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        more: Option<i64>,
    }
    /// A hold was lifted.
    HoldLifted "hold_lifted" {
        /// Which, by whom and why.
        lift: Lift,
        /// The units that moved.
        postings: Vec<Posting>,
        /// How many more the events that continue this one moved.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        more: Option<i64>,
    }
    /// More of the units that the opening or the lift of a hold moved.
    HoldContinued "hold_continued" {
        /// The event that it continues.
        event_id: EventId,
        /// The hold.
        hold_id: HoldId,
        /// The units that moved.
        postings: Vec<Posting>,
    }
    /// More of the units that a movement, an inspection or a release moved, or that its reversal moved back.
    PostingsContinued "postings_continued" {
        /// The event that it continues.
        event_id: EventId,
        /// The units that moved.
        postings: Vec<Posting>,
        /// Holds on the accounts that held units came from: they cover them where they are now, too.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        holds: Vec<HoldId>,
    }
}

impl Recordable for Deed {
    fn apply(&self, tables: &mut Tables<'_>, head: &Head) -> Result<()> {
        match self {
            Deed::HoldOpened { hold, .. } => store::insert(tables, hold),
            Deed::HoldLifted { lift, .. } => once(store::lift(tables, &head.organisation_id, lift)?),
            Deed::PostingsContinued { postings, holds, .. } => {
                store::follow(tables, &head.organisation_id, holds, postings)
            }
            // What it changes is postings.
            Deed::HoldContinued { .. } => Ok(()),
        }
    }

    fn postings(&self) -> &[Posting] {
        match self {
            Deed::HoldOpened { postings, .. }
            | Deed::HoldLifted { postings, .. }
            | Deed::HoldContinued { postings, .. }
            | Deed::PostingsContinued { postings, .. } => postings,
        }
    }

    fn decision(&self) -> Option<&Decision> {
        None
    }

    fn summary(&self) -> String {
        match self {
            Deed::HoldOpened { hold, postings, more } => {
                let units = units_of(postings) + more.unwrap_or(0);
                format!("A hold was opened over {}: {}", number(units, "unit"), hold.reason)
            }
            Deed::HoldLifted { lift, postings, more } => {
                let units = number(units_of(postings) + more.unwrap_or(0), "unit");
                if postings.iter().any(|posting| posting.to.kind == AccountKind::Rejected) {
                    return format!("A hold was ended, and {units} rejected: {}", lift.lift_reason);
                }
                format!("A hold was lifted, which freed {units}: {}", lift.lift_reason)
            }
            Deed::HoldContinued { postings, .. } | Deed::PostingsContinued { postings, .. } => {
                format!("{} more.", number(units_of(postings), "unit"))
            }
        }
    }

    fn split(&mut self, event: &EventId) -> Vec<Box<dyn Recordable>> {
        let (hold_id, postings, more) = match self {
            Deed::HoldOpened { hold, postings, more } => (&hold.id, postings, more),
            Deed::HoldLifted { lift, postings, more } => (&lift.hold_id, postings, more),
            Deed::HoldContinued { .. } | Deed::PostingsContinued { .. } => return Vec::new(),
        };
        let Some(rest) = rest_of(postings) else { return Vec::new() };
        *more = Some(units_of(&rest));
        let continued = |postings: &[Posting]| -> Box<dyn Recordable> {
            let (event_id, hold_id, postings) = (event.clone(), hold_id.clone(), postings.to_vec());
            Box::new(Deed::HoldContinued { event_id, hold_id, postings })
        };
        parts(&rest).into_iter().map(continued).collect()
    }
}
