//! What can happen to claims. They move no units.

use super::model::{Claim, ClaimLine, ClaimState, Ending, Sending};
use super::store;
use crate::decision::Decision;
use crate::error::Result;
use crate::journal::events;
use crate::journal::model::{Head, Recordable, once};
use crate::journal::tables::Tables;
use crate::ledger::Posting;
use crate::values::number;

events! {
    /// Something was claimed of a supplier.
    ClaimOpened "claim_opened" {
        /// What.
        claim: Box<Claim>,
        /// Of which units, why and for how much.
        lines: Vec<ClaimLine>,
    }
    /// A claim was sent to the supplier.
    ClaimSent "claim_sent" (Sending)
    /// A claim was credited or replaced.
    ClaimSettled "claim_settled" (Ending)
    /// A claim is no longer asked for.
    ClaimWithdrawn "claim_withdrawn" (Ending)
}

impl Recordable for Deed {
    fn apply(&self, tables: &mut Tables<'_>, head: &Head) -> Result<()> {
        let organisation = &head.organisation_id;
        match self {
            Deed::ClaimOpened { claim, lines } => {
                store::insert(tables, claim, lines)?;
                let files = lines.iter().flat_map(|line| line.evidence.iter());
                let sites: Vec<_> = head.site_id.iter().map(ToString::to_string).collect();
                crate::evidence::service::keep_owners(tables, organisation, files, &sites)
            }
            Deed::ClaimSent(sending) => once(store::send(tables, organisation, sending)?),
            Deed::ClaimSettled(ending) => once(store::end(tables, organisation, ending, ClaimState::Settled)?),
            Deed::ClaimWithdrawn(ending) => once(store::end(tables, organisation, ending, ClaimState::Withdrawn)?),
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
            Deed::ClaimOpened { lines, .. } => {
                let units: i64 = lines.iter().map(|line| line.units).sum();
                format!("{} claimed of the supplier in {}.", number(units, "unit"), number(lines.len(), "line"))
            }
            Deed::ClaimSent(sending) => {
                let as_what = sending.reference.as_ref().map(|it| format!(", who calls it {it}")).unwrap_or_default();
                format!("A claim was sent to the supplier{as_what}.")
            }
            Deed::ClaimSettled(ending) => {
                let how = match (ending.credit_minor, &ending.replacement_id) {
                    (Some(_), Some(_)) => "by a credit and by other goods",
                    (Some(_), None) => "by a credit",
                    (None, _) => "by other goods",
                };
                format!("A claim was settled {how}.")
            }
            Deed::ClaimWithdrawn(ending) => {
                let why = ending.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
                format!("A claim was withdrawn{why}")
            }
        }
    }
}
