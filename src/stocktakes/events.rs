//! What can happen to stock-takes. What they post, counts do.

use super::model::{Ending, Recount, Scan, StockTake, StockTakeState, Told};
use super::store;
use crate::decision::Decision;
use crate::error::Result;
use crate::ids::{StockTakeId, StockTakeScanId};
use crate::journal::events;
use crate::journal::model::{Head, Recordable, once};
use crate::journal::tables::Tables;
use crate::ledger::Posting;
use crate::values::{Prose, number};

events! {
    /// A stock-take was opened.
    StockTakeOpened "stock_take_opened" {
        /// Which.
        stock_take: Box<StockTake>,
    }
    /// Somebody scanned what lies at its places.
    StockTakeScanned "stock_take_scanned" {
        /// What counts, in the order in which it was sent.
        scans: Vec<Scan>,
    }
    /// Somebody took back a scan of theirs.
    StockTakeScanWithdrawn "stock_take_scan_withdrawn" {
        /// The stock-take.
        stock_take_id: StockTakeId,
        /// The scan.
        scan_id: StockTakeScanId,
        /// Why.
        reason: Prose,
    }
    /// Counting is over.
    StockTakeClosed "stock_take_closed" {
        /// Which, and who said so.
        closing: Ending,
    }
    /// Something of it is counted anew.
    StockTakeReopened "stock_take_reopened" {
        /// The stock-take.
        stock_take_id: StockTakeId,
        /// The round that begins.
        round: i32,
        /// What is counted anew.
        recounts: Vec<Recount>,
        /// Why.
        reason: Prose,
    }
    /// A second person approved the differences; the counts that post them stand before it in the same command.
    StockTakeApproved "stock_take_approved" {
        /// Which, and who said so.
        ending: Ending,
        /// How many lots at their places were compared.
        lines: i64,
        /// How many of them differed.
        differences: i64,
        /// What was told of each; nothing in what was approved before this was kept.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        told: Vec<Told>,
    }
    /// It was given up: nothing was posted.
    StockTakeCancelled "stock_take_cancelled" {
        /// Which, and who said so.
        ending: Ending,
    }
}

impl Recordable for Deed {
    fn apply(&self, tables: &mut Tables<'_>, head: &Head) -> Result<()> {
        let organisation = &head.organisation_id;
        match self {
            Deed::StockTakeOpened { stock_take } => store::insert(tables, stock_take),
            Deed::StockTakeScanned { scans } => store::insert_scans(tables, scans),
            Deed::StockTakeScanWithdrawn { scan_id, reason, .. } => {
                let (by, at) = (&head.actor.subject, head.recorded_at);
                once(store::withdraw(tables, organisation, scan_id, (by, at), reason)?)
            }
            Deed::StockTakeClosed { closing } => once(store::close(tables, organisation, closing)?),
            Deed::StockTakeReopened { stock_take_id, round, recounts, .. } => {
                once(store::reopen(tables, organisation, stock_take_id, *round, recounts)?)
            }
            Deed::StockTakeApproved { ending, told, .. } => {
                once(store::end(tables, organisation, ending, (StockTakeState::Approved, told))?)
            }
            Deed::StockTakeCancelled { ending } => {
                once(store::end(tables, organisation, ending, (StockTakeState::Cancelled, &[]))?)
            }
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
            Deed::StockTakeOpened { stock_take } => {
                let why = stock_take.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
                format!("A stock-take of {} was opened{why}", number(stock_take.location_ids.len(), "place"))
            }
            Deed::StockTakeScanned { scans } => {
                let units: i64 = scans.iter().map(|scan| scan.units).sum();
                format!("{} counted in {} of a stock-take.", number(units, "unit"), number(scans.len(), "scan"))
            }
            Deed::StockTakeScanWithdrawn { reason, .. } => format!("A scan of a stock-take was taken back: {reason}"),
            Deed::StockTakeClosed { .. } => "A stock-take was closed: counting is over.".to_owned(),
            Deed::StockTakeReopened { recounts, reason, .. } => {
                format!("{} of a stock-take to be counted again: {reason}", number(recounts.len(), "line"))
            }
            Deed::StockTakeApproved { ending, lines, differences, .. } => {
                let why = ending.reason.as_ref().map(|reason| format!(" {reason}")).unwrap_or_default();
                let (lines, differ) = (number(*lines, "line"), number(*differences, "difference"));
                format!("A stock-take of {lines} was approved, with {differ}.{why}")
            }
            Deed::StockTakeCancelled { ending } => {
                let why = ending.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
                format!("A stock-take was cancelled{why}")
            }
        }
    }
}
