//! What can happen when patients are erased.

use super::model::Erasure;
use super::store;
use crate::decision::Decision;
use crate::error::Result;
use crate::journal::events;
use crate::journal::model::{Head, Recordable};
use crate::journal::tables::Tables;
use crate::ledger::Posting;

events! {
    /// A patient was erased: what was recorded of them stays, and nobody can read it.
    PatientErased "patient_erased" {
        /// Who, by whom, when and why.
        erasure: Erasure,
        /// What the rules said.
        decision: Box<Decision>,
    }
}

impl Recordable for Deed {
    fn apply(&self, tables: &mut Tables<'_>, _head: &Head) -> Result<()> {
        let Deed::PatientErased { erasure, .. } = self;
        store::insert(tables, erasure)
    }

    fn postings(&self) -> &[Posting] {
        &[]
    }

    fn decision(&self) -> Option<&Decision> {
        let Deed::PatientErased { decision, .. } = self;
        Some(decision)
    }

    fn summary(&self) -> String {
        let Deed::PatientErased { erasure, .. } = self;
        let early = if erasure.override_reason.is_some() { ", before it was to be" } else { "" };
        format!("A patient was erased{early}: {}", erasure.reason)
    }
}
