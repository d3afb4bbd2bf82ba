//! What can happen to recalls. What they hold, holds do.

use super::model::{Acknowledgement, Closing, Contact, Recall};
use super::store;
use crate::clock::Moment;
use crate::decision::Decision;
use crate::error::Result;
use crate::ids::RecallId;
use crate::journal::events;
use crate::journal::model::{Head, Recordable, once};
use crate::journal::tables::Tables;
use crate::ledger::Posting;
use crate::values::{Prose, Word, number};

events! {
    /// A recall was opened; what it holds, the holds say that follow.
    RecallOpened "recall_opened" {
        /// The recall.
        recall: Box<Recall>,
        /// How many lots it covered then.
        lots: i64,
    }
    /// A recall covers more than before: something that it names arrived or became known, or somebody took it in.
    RecallExtended "recall_extended" {
        /// The recall.
        recall_id: RecallId,
        /// What it is called.
        reference: Word,
        /// How many lots came to it.
        lots: i64,
        /// Why somebody took it in; none where the recall names it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Prose>,
    }
    /// A site has seen a recall.
    RecallAcknowledged "recall_acknowledged" {
        /// Which, and by whom.
        acknowledgement: Acknowledgement,
        /// What the recall is called.
        reference: Word,
    }
    /// Somebody told a patient of a recall, or tried to.
    RecallContactRecorded "recall_contact_recorded" {
        /// Who, and what came of it.
        contact: Contact,
        /// What the recall is called.
        reference: Word,
    }
    /// A recall was closed; what it held, the ends of its holds say that follow.
    RecallClosed "recall_closed" {
        /// The recall.
        recall_id: RecallId,
        /// What it is called.
        reference: Word,
        /// Who closed it.
        closed_by: String,
        /// When.
        closed_at: Moment,
        /// How it ended.
        closing: Closing,
    }
}

impl Recordable for Deed {
    fn apply(&self, tables: &mut Tables<'_>, head: &Head) -> Result<()> {
        match self {
            Deed::RecallOpened { recall, .. } => store::insert(tables, recall),
            Deed::RecallAcknowledged { acknowledgement, .. } => store::insert_acknowledgement(tables, acknowledgement),
            Deed::RecallContactRecorded { contact, .. } => store::insert_contact(tables, contact),
            Deed::RecallClosed { recall_id, closed_by, closed_at, closing, .. } => {
                once(store::close(tables, &head.organisation_id, recall_id, (closed_by, *closed_at), closing)?)
            }
            // What it changes is holds.
            Deed::RecallExtended { .. } => Ok(()),
        }
    }

    fn postings(&self) -> &[Posting] {
        &[]
    }

    fn decision(&self) -> Option<&Decision> {
        None
    }

    fn summary(&self) -> String {
        match self {
            Deed::RecallOpened { recall, lots } => {
                let (reference, class) = (&recall.reference, recall.classification);
                format!("Recall {reference} ({class}) was opened over {}: {}", number(*lots, "lot"), recall.reason)
            }
            Deed::RecallExtended { reference, lots, reason, .. } => {
                let why = reason.as_ref().map_or_else(|| " that it names".to_owned(), |reason| format!(": {reason}"));
                format!("Recall {reference} covers {} more{why}", number(*lots, "lot"))
            }
            Deed::RecallAcknowledged { acknowledgement, reference } => {
                format!("{} acknowledged recall {reference} for the site.", acknowledgement.acknowledged_by)
            }
            Deed::RecallContactRecorded { contact, reference } => {
                format!("A patient was contacted because of recall {reference}: {}.", contact.outcome)
            }
            Deed::RecallClosed { reference, closing, .. } => {
                let why = closing.reason.as_ref().map(|reason| format!(" {reason}")).unwrap_or_default();
                format!("Recall {reference} was closed: {} % were reached.{why}", closing.effectiveness)
            }
        }
    }
}
