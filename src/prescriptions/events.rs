//! What can happen to prescriptions. What is drawn on one is in the events of administrations.

use super::model::{Prescription, Withdrawal};
use super::store;
use crate::decision::Decision;
use crate::error::Result;
use crate::journal::events;
use crate::journal::model::{Head, Recordable, once, units_were};
use crate::journal::tables::Tables;
use crate::ledger::Posting;

events! {
    /// Something was prescribed.
    PrescriptionMade "prescription_made" {
        /// What.
        prescription: Box<Prescription>,
        /// What the rules said.
        decision: Decision,
    }
    /// A prescription was withdrawn.
    PrescriptionWithdrawn "prescription_withdrawn" (Withdrawal)
}

impl Recordable for Deed {
    fn apply(&self, tables: &mut Tables<'_>, head: &Head) -> Result<()> {
        match self {
            Deed::PrescriptionMade { prescription, decision } => {
                store::insert(tables, prescription)?;
                crate::licences::service::keep_rested_on(tables, head, prescription.id.as_str(), decision)
            }
            Deed::PrescriptionWithdrawn(new) => once(store::withdraw(tables, &head.organisation_id, new)?),
        }
    }

    fn postings(&self) -> &[Posting] {
        &[]
    }

    fn decision(&self) -> Option<&Decision> {
        match self {
            Deed::PrescriptionMade { decision, .. } => Some(decision),
            Deed::PrescriptionWithdrawn(_) => None,
        }
    }

    fn sealed(&self) -> &'static [&'static str] {
        match self {
            Deed::PrescriptionMade { .. } => &["/prescription/clinical"],
            Deed::PrescriptionWithdrawn(_) => &["/reason"],
        }
    }

    fn summary(&self) -> String {
        match self {
            Deed::PrescriptionMade { prescription, .. } => {
                format!("{} prescribed, until {}.", units_were(prescription.units), prescription.valid_until)
            }
            Deed::PrescriptionWithdrawn(_) => "A prescription was withdrawn.".to_owned(),
        }
    }
}
