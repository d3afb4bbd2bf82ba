//! What can happen in quarantine: inspections, passes and releases.

use super::model::{Allocation, Inspection, InspectionReversal, Release, Settled};
use super::store;
use crate::decision::Decision;
use crate::error::Result;
use crate::ids::{EventId, InspectionId, LotId};
use crate::journal::events;
use crate::journal::model::{Head, Recordable, units_of, units_were};
use crate::journal::post::rest_of;
use crate::journal::tables::Tables;
use crate::ledger::Posting;
use crate::values::number;

events! {
    /// Packaging was inspected.
    PackagingInspected "packaging_inspected" (Inspection)
    /// Units passed inspection: from now on their account is one of that inspection.
    StockPassed "stock_passed" {
        /// Which inspection.
        inspection_id: InspectionId,
        /// How many.
        units: i64,
        /// The units that moved.
        postings: Vec<Posting>,
    }
    /// Passes that were counted beside the stock became postings: the migration did that, once for a lot.
    PassesSettled "passes_settled" {
        /// The lot.
        lot_id: LotId,
        /// What could not be told, and must be inspected again.
        again: Vec<Settled>,
        /// The units that moved.
        postings: Vec<Posting>,
        /// How many more the events that continue this one moved.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        more: Option<i64>,
    }
    /// Units failed inspection.
    StockRejected "stock_rejected" {
        /// In which inspection.
        inspection_id: InspectionId,
        /// How many.
        units: i64,
        /// The units that moved.
        postings: Vec<Posting>,
    }
    /// Units were released to stock.
    StockReleased "stock_released" {
        /// The release.
        release: Release,
        /// The inspections that they passed in, where passes were counted beside the stock.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        allocations: Vec<Allocation>,
        /// The units that moved.
        postings: Vec<Posting>,
    }
    /// A packaging inspection was reversed: what had passed or failed in it is quarantined again.
    InspectionReversed "inspection_reversed" {
        /// Which, by whom and why.
        reversal: InspectionReversal,
        /// The units that moved.
        postings: Vec<Posting>,
    }
}

impl Recordable for Deed {
    fn apply(&self, tables: &mut Tables<'_>, head: &Head) -> Result<()> {
        match self {
            Deed::PackagingInspected(new) => {
                store::insert(tables, new)?;
                let sites: Vec<_> = head.site_id.iter().map(ToString::to_string).collect();
                crate::evidence::service::keep_owners(tables, &head.organisation_id, new.evidence.iter(), &sites)
            }
            Deed::StockReleased { release, allocations, .. } => {
                store::insert_release(tables, release, allocations)?;
                let id = release.id.as_str();
                crate::licences::service::keep_rested_on(tables, head, id, &release.decision)
            }
            Deed::InspectionReversed { reversal, .. } => store::insert_reversal(tables, reversal),
            // What they change is postings.
            Deed::StockPassed { .. } | Deed::PassesSettled { .. } | Deed::StockRejected { .. } => Ok(()),
        }
    }

    fn postings(&self) -> &[Posting] {
        match self {
            Deed::StockPassed { postings, .. }
            | Deed::PassesSettled { postings, .. }
            | Deed::StockRejected { postings, .. }
            | Deed::StockReleased { postings, .. }
            | Deed::InspectionReversed { postings, .. } => postings,
            Deed::PackagingInspected(_) => &[],
        }
    }

    fn decision(&self) -> Option<&Decision> {
        match self {
            Deed::StockReleased { release, .. } => Some(&release.decision),
            Deed::PackagingInspected(_)
            | Deed::StockPassed { .. }
            | Deed::PassesSettled { .. }
            | Deed::StockRejected { .. }
            | Deed::InspectionReversed { .. } => None,
        }
    }

    fn summary(&self) -> String {
        match self {
            Deed::PackagingInspected(i) if !i.lacks.is_empty() => {
                let lacks: Vec<_> = i.lacks.iter().map(|criterion| criterion.as_str().replace('_', " ")).collect();
                format!(
                    "Packaging was inspected: {} found good, {} failed; none passed, as the checklist asks for more: {}.",
                    number(i.units_passed, "unit"),
                    i.units_failed,
                    lacks.join(", ")
                )
            }
            Deed::PackagingInspected(i) => {
                format!(
                    "Packaging was inspected: {} passed, {} failed.",
                    number(i.units_passed, "unit"),
                    i.units_failed
                )
            }
            Deed::StockPassed { units, .. } => {
                format!("{} passed, to be released by somebody else.", units_were(*units))
            }
            Deed::PassesSettled { again, postings, more, .. } => {
                let units = units_of(postings) + more.unwrap_or(0);
                let again = again.iter().map(|s| s.units).sum::<i64>();
                format!("Passes went to {}; {} must be inspected again.", number(units, "unit"), number(again, "unit"))
            }
            Deed::StockRejected { units, .. } => format!("{} rejected.", units_were(*units)),
            Deed::StockReleased { release, .. } => format!("{} released to stock.", units_were(release.units)),
            Deed::InspectionReversed { reversal, .. } => {
                let units = number(reversal.units, "unit");
                format!("An inspection was reversed, {units} to be inspected again: {}", reversal.reason)
            }
        }
    }

    fn split(&mut self, event: &EventId) -> Vec<Box<dyn Recordable>> {
        let (postings, more) = match self {
            Deed::PassesSettled { postings, more, .. } => (postings, Some(more)),
            Deed::StockPassed { postings, .. }
            | Deed::StockRejected { postings, .. }
            | Deed::StockReleased { postings, .. }
            | Deed::InspectionReversed { postings, .. } => (postings, None),
            Deed::PackagingInspected(_) => return Vec::new(),
        };
        let Some(rest) = rest_of(postings) else { return Vec::new() };
        if let Some(more) = more {
            *more = Some(units_of(&rest));
        }
        crate::holds::service::continuing(event, &rest, &[])
    }
}
