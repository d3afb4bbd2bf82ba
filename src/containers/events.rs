//! What can happen to opened units.

use super::model::Container;
use super::store;
use crate::decision::Decision;
use crate::error::Result;
use crate::ids::ContainerId;
use crate::journal::events;
use crate::journal::model::{Head, Recordable};
use crate::journal::tables::Tables;
use crate::ledger::Posting;
use crate::values::{Prose, decimal};

events! {
    /// A unit was opened.
    ContainerOpened "container_opened" {
        /// The container.
        container: Box<Container>,
        /// What the rules said.
        decision: Decision,
        /// The unit that moved.
        postings: Vec<Posting>,
    }
    /// What was left of an opened unit was discarded.
    ContainerDiscarded "container_discarded" {
        /// The container.
        container_id: ContainerId,
        /// Why.
        reason: Prose,
        /// What the rules said.
        decision: Decision,
        /// The unit that moved.
        postings: Vec<Posting>,
    }
}

impl Recordable for Deed {
    fn apply(&self, tables: &mut Tables<'_>, _head: &Head) -> Result<()> {
        match self {
            Deed::ContainerOpened { container, .. } => store::insert(tables, container),
            // That its unit is gone says it.
            Deed::ContainerDiscarded { .. } => Ok(()),
        }
    }

    fn postings(&self) -> &[Posting] {
        match self {
            Deed::ContainerOpened { postings, .. } | Deed::ContainerDiscarded { postings, .. } => postings,
        }
    }

    fn decision(&self) -> Option<&Decision> {
        match self {
            Deed::ContainerOpened { decision, .. } | Deed::ContainerDiscarded { decision, .. } => Some(decision),
        }
    }

    fn summary(&self) -> String {
        match self {
            Deed::ContainerOpened { container, .. } => {
                let (amount, unit) = (decimal(container.amount), &container.amount_unit);
                format!("A unit of {amount} {unit} was opened, usable until {}.", container.usable_until)
            }
            Deed::ContainerDiscarded { reason, .. } => {
                format!("What was left of an opened unit was discarded: {reason}")
            }
        }
    }
}
