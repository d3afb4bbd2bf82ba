//! What can happen to adverse events, and to what is counted of them.

use super::model::{AdverseEvent, Entry, SignalReview, Standing, Suspect, Withdrawn};
use super::store;
use crate::decision::Decision;
use crate::error::Result;
use crate::journal::events;
use crate::journal::model::{Head, Recordable, once};
use crate::journal::tables::Tables;
use crate::ledger::Posting;
use crate::values::number;

events! {
    /// Harm was reported.
    AdverseEventReported "adverse_event_reported" {
        /// The adverse event.
        event: Box<AdverseEvent>,
        /// The administrations that it is about.
        administrations: Vec<Suspect>,
    }
    /// Something was recorded about an adverse event: a review, a report to an authority, its end.
    AdverseEventEntered "adverse_event_entered" {
        /// What.
        entry: Box<Entry>,
        /// How far it is from then on, and what is due.
        standing: Standing,
        /// The adverse event's moment of report, by which it is found.
        reported_at: crate::clock::Moment,
    }
    /// An administration that adverse events are about was voided: they are about what it gave no more.
    AdverseEventUncounted "adverse_event_uncounted" {
        /// Which, and what they are about no more.
        withdrawn: Vec<Withdrawn>,
    }
    /// Somebody has looked at how many adverse events a lot or a product has.
    SignalReviewed "signal_reviewed" (Box<SignalReview>)
}

impl Recordable for Deed {
    fn apply(&self, tables: &mut Tables<'_>, head: &Head) -> Result<()> {
        match self {
            Deed::AdverseEventReported { event, administrations } => {
                store::insert(tables, event)?;
                store::insert_suspects(tables, event, administrations)?;
                store::counts::add(tables, event, administrations)
            }
            Deed::AdverseEventEntered { entry, standing, reported_at } => {
                store::insert_entry(tables, entry)?;
                once(store::stand(tables, &entry.organisation_id, (&entry.adverse_event_id, *reported_at), standing)?)
            }
            Deed::AdverseEventUncounted { withdrawn } => {
                for one in withdrawn {
                    once(store::withdraw(tables, &head.organisation_id, one)?)?;
                    store::counts::take(tables, &head.organisation_id, one)?;
                }
                Ok(())
            }
            Deed::SignalReviewed(review) => store::counts::insert_review(tables, review),
        }
    }

    fn postings(&self) -> &[Posting] {
        &[]
    }

    fn decision(&self) -> Option<&Decision> {
        None
    }

    fn sealed(&self) -> &'static [&'static str] {
        match self {
            Deed::AdverseEventReported { .. } => &["/event/clinical"],
            Deed::AdverseEventEntered { .. } => &["/entry/said"],
            Deed::AdverseEventUncounted { .. } | Deed::SignalReviewed(_) => &[],
        }
    }

    fn summary(&self) -> String {
        match self {
            Deed::AdverseEventReported { event, administrations } => {
                let several = i64::try_from(administrations.len()).unwrap_or(i64::MAX);
                let about =
                    if several == 0 { String::new() } else { format!(", about {}", number(several, "administration")) };
                let unlisted = if event.kind_unlisted { ", of a kind that no protocol knows" } else { "" };
                format!("An adverse event was reported{about}{unlisted}.")
            }
            Deed::AdverseEventEntered { entry, .. } => {
                format!("Of an adverse event was recorded: {}.", entry.kind.as_str().replace('_', " "))
            }
            Deed::AdverseEventUncounted { .. } => {
                "An adverse event is not about a voided administration any more.".to_owned()
            }
            Deed::SignalReviewed(review) => format!("A signal was reviewed: {}", review.conclusion),
        }
    }
}
