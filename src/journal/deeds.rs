//! What can happen to any command: that a rule refuses it.

use super::model::{Head, Recordable, events};
use super::store;
use super::tables::Tables;
use crate::decision::{Decision, Refusal};
use crate::error::Result;
use crate::ledger::Posting;

events! {
    /// A rule refused a command; nothing else changed.
    GateRefused "gate_refused" {
        /// What was asked for.
        operation: String,
        /// The request, as it was sent; sealed, where it names a patient.
        request: serde_json::Value,
        /// The decision, with the facts that it rested on.
        decision: Box<Decision>,
    }
}

impl From<Refusal> for Deed {
    fn from(refusal: Refusal) -> Self {
        Deed::GateRefused {
            operation: refusal.operation.to_owned(),
            request: refusal.request,
            decision: Box::new(refusal.decision),
        }
    }
}

impl Recordable for Deed {
    fn version(&self) -> i32 {
        // Until version 2, what is sealed stood there in clear.
        if self.sealed().is_empty() { 1 } else { 2 }
    }

    fn apply(&self, tables: &mut Tables<'_>, head: &Head) -> Result<()> {
        let Deed::GateRefused { decision, .. } = self;
        store::count_refusal(tables, head, decision)
    }

    fn postings(&self) -> &[Posting] {
        &[]
    }

    fn decision(&self) -> Option<&Decision> {
        let Deed::GateRefused { decision, .. } = self;
        Some(decision)
    }

    fn sealed(&self) -> &'static [&'static str] {
        let Deed::GateRefused { request, .. } = self;
        // What was asked for is an object otherwise.
        if request.is_string() { &["/request"] } else { &[] }
    }

    fn summary(&self) -> String {
        let Deed::GateRefused { operation, decision, .. } = self;
        let codes: Vec<_> = decision.reasons.iter().map(|reason| reason.code.as_str()).collect();
        format!("Refused to {}: {}.", operation.replace('_', " "), codes.join(", "))
    }
}
