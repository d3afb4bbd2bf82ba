//! What can happen to visits.

use super::model::{Ending, Entry, FollowUp, Signature, Visit};
use super::store;
use crate::decision::Decision;
use crate::error::Result;
use crate::journal::events;
use crate::journal::model::{Head, Recordable, once};
use crate::journal::tables::Tables;
use crate::ledger::Posting;

events! {
    /// A visit began.
    VisitOpened "visit_opened" (Box<Visit>)
    /// Something was recorded in a visit.
    VisitEntered "visit_entered" (Box<Entry>)
    /// A visit was signed.
    VisitSigned "visit_signed" {
        /// The signature.
        signature: Signature,
        /// What the rules said.
        decision: Decision,
        /// What is due after it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        planned: Vec<FollowUp>,
        /// What was due, and is done with it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        ended: Vec<Ending>,
    }
    /// What was due after a treatment was reviewed or given up.
    FollowUpEnded "follow_up_ended" (Ending)
}

impl Recordable for Deed {
    fn apply(&self, tables: &mut Tables<'_>, head: &Head) -> Result<()> {
        match self {
            Deed::VisitOpened(visit) => store::insert(tables, visit),
            Deed::VisitEntered(entry) => store::insert_entry(tables, entry),
            Deed::VisitSigned { signature, planned, ended, .. } => {
                once(store::sign(tables, &head.organisation_id, signature)?)?;
                store::plan(tables, planned)?;
                ended.iter().try_for_each(|ending| once(store::end(tables, &head.organisation_id, ending)?))
            }
            Deed::FollowUpEnded(ending) => once(store::end(tables, &head.organisation_id, ending)?),
        }
    }

    fn postings(&self) -> &[Posting] {
        &[]
    }

    fn decision(&self) -> Option<&Decision> {
        match self {
            Deed::VisitSigned { decision, .. } => Some(decision),
            Deed::VisitOpened(_) | Deed::VisitEntered(_) | Deed::FollowUpEnded(_) => None,
        }
    }

    fn sealed(&self) -> &'static [&'static str] {
        match self {
            Deed::VisitOpened(_) => &["/clinical"],
            Deed::VisitEntered(_) => &["/said"],
            Deed::FollowUpEnded(Ending { reason: Some(_), .. }) => &["/reason"],
            Deed::VisitSigned { .. } | Deed::FollowUpEnded(_) => &[],
        }
    }

    fn summary(&self) -> String {
        match self {
            Deed::VisitOpened(_) => "A visit began.".to_owned(),
            Deed::VisitEntered(entry) => {
                let late = if entry.is_superseded { ", on a version that was not in force" } else { "" };
                format!("In a visit was recorded: {}{late}.", entry.kind)
            }
            Deed::VisitSigned { .. } => "A visit was signed.".to_owned(),
            Deed::FollowUpEnded(Ending { entry_id: Some(_), .. }) => {
                "What was due after a treatment was looked at.".to_owned()
            }
            Deed::FollowUpEnded(_) => "What was due after a treatment was given up.".to_owned(),
        }
    }
}
