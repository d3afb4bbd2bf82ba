//! What can happen to deliveries.

use chrono::NaiveDate;

use super::model::{Opening, Receipt, ReceiptCorrection, ReceiptLine, ReceiptVoid};
use super::store;
use crate::decision::Decision;
use crate::error::Result;
use crate::ids::{HoldId, OrganisationId, PackId};
use crate::journal::events;
use crate::journal::model::{Head, Recordable, be, once};
use crate::journal::tables::Tables;
use crate::ledger::Posting;
use crate::purchasing::model::Counted;
use crate::stock::model::{Lot, Pack};
use crate::stock::service as stock;
use crate::values::number;

events! {
    /// Goods arrived; one `stock_received` for each line follows.
    ReceiptRecorded "receipt_recorded" (Receipt)
    /// Packs of one lot were put into quarantine.
    StockReceived "stock_received" {
        /// The line of the receipt.
        line: ReceiptLine,
        /// The lot, when it was not known before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        new_lot: Option<Lot>,
        /// The packs that have serial numbers.
        packs: Vec<Pack>,
        /// Packs that were here before: they are of this line now.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        back: Vec<PackId>,
        /// The units that moved.
        postings: Vec<Posting>,
    }
    /// A mis-keyed line of a receipt was corrected: its units went back, and the right ones were received.
    ReceiptCorrected "receipt_corrected" {
        /// The mis-keyed line.
        corrected: Box<ReceiptLine>,
        /// The line as it should have been.
        line: Box<ReceiptLine>,
        /// The lot, when it was not known before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        new_lot: Option<Lot>,
        /// When the lot was made, where that was wrong and the lot was known before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        production_date: Option<NaiveDate>,
        /// The packs with serial numbers that are of the new line now.
        packs: Vec<PackId>,
        /// The packs whose serial numbers were not known before.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        new_packs: Vec<Pack>,
        /// The units that moved.
        postings: Vec<Posting>,
        /// Holds on the accounts that the units came from: they cover them where they are now, too.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        holds: Vec<HoldId>,
    }
    /// The supplier or the order of a receipt was corrected; a `receipt_corrected` for each line follows.
    ReceiptReassigned "receipt_reassigned" (Box<ReceiptCorrection>)
    /// A line of a receipt was voided: its units went back to the supplier's account.
    ReceiptLineVoided "receipt_line_voided" {
        /// By whom and why.
        void: Box<ReceiptVoid>,
        /// The line.
        line: Box<ReceiptLine>,
        /// The units that moved.
        postings: Vec<Posting>,
    }
    /// A receipt was voided; a `receipt_line_voided` for each line that stood came before.
    ReceiptVoided "receipt_voided" (Box<ReceiptVoid>)
    /// Units that were there before Lotline came into the books.
    OpeningStockAttested "opening_stock_attested" {
        /// What was there, and by whose word.
        opening: Box<Opening>,
        /// The lot, when it was not known before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        new_lot: Option<Lot>,
        /// By which rules, and the facts that they rested on.
        decision: Box<Decision>,
        /// The units that came.
        postings: Vec<Posting>,
    }
}

impl Recordable for Deed {
    fn apply(&self, tables: &mut Tables<'_>, head: &Head) -> Result<()> {
        let organisation = &head.organisation_id;
        match self {
            Deed::ReceiptRecorded(new) => {
                store::insert(tables, new)?;
                let documents = new.documents.iter().flat_map(|documents| documents.iter());
                let (files, site) = (documents.map(|document| &document.sha256), head.site_id.as_slice());
                let sites: Vec<_> = site.iter().map(ToString::to_string).collect();
                crate::evidence::service::keep_owners(tables, organisation, files, &sites)
            }
            Deed::StockReceived { line, new_lot, packs, back, .. } => {
                if let Some(lot) = new_lot {
                    stock::insert_lot(tables, lot)?;
                }
                store::insert_line(tables, line)?;
                stock::insert_packs(tables, packs)?;
                if !back.is_empty() {
                    stock::move_packs(tables, organisation, back, &line.lot_id, &line.id)?;
                }
                count(tables, organisation, line, 1)
            }
            Deed::ReceiptCorrected { corrected, line, new_lot, production_date, packs, new_packs, postings, holds } => {
                if let Some(lot) = new_lot {
                    stock::insert_lot(tables, lot)?;
                }
                if let Some(day) = production_date {
                    stock::set_production_date(tables, organisation, &line.lot_id, *day)?;
                }
                once(store::take_back(tables, organisation, &corrected.id)?)?;
                store::insert_line(tables, line)?;
                stock::insert_packs(tables, new_packs)?;
                stock::move_packs(tables, organisation, packs, &line.lot_id, &line.id)?;
                crate::holds::service::follow(tables, organisation, holds, postings)?;
                count(tables, organisation, corrected, -1)?;
                count(tables, organisation, line, 1)
            }
            Deed::ReceiptReassigned(correction) => once(store::correct(tables, correction)?),
            Deed::ReceiptLineVoided { void, line, .. } => {
                once(store::take_back(tables, organisation, &line.id)?)?;
                store::insert_void(tables, void)?;
                count(tables, organisation, line, -1)
            }
            Deed::ReceiptVoided(void) => store::insert_void(tables, void),
            Deed::OpeningStockAttested { opening, new_lot, .. } => {
                if let Some(lot) = new_lot {
                    stock::insert_lot(tables, lot)?;
                }
                store::insert_opening(tables, opening)
            }
        }
    }

    fn postings(&self) -> &[Posting] {
        match self {
            Deed::StockReceived { postings, .. }
            | Deed::ReceiptCorrected { postings, .. }
            | Deed::ReceiptLineVoided { postings, .. }
            | Deed::OpeningStockAttested { postings, .. } => postings,
            Deed::ReceiptRecorded(_) | Deed::ReceiptReassigned(_) | Deed::ReceiptVoided(_) => &[],
        }
    }

    fn decision(&self) -> Option<&Decision> {
        match self {
            Deed::OpeningStockAttested { decision, .. } => Some(decision),
            _ => None,
        }
    }

    fn summary(&self) -> String {
        match self {
            Deed::ReceiptRecorded(r) => match &r.delivery_note {
                Some(note) => format!("A delivery arrived with note {note}."),
                None => "A delivery arrived.".to_owned(),
            },
            Deed::StockReceived { line, .. } => {
                let flags: Vec<_> = line.flags.iter().map(ToString::to_string).collect();
                let flagged = if flags.is_empty() { String::new() } else { format!(", flagged {}", flags.join(", ")) };
                let (units, packs) = (number(line.units, "unit"), number(line.packs, "pack"));
                format!("{units} in {packs} {} received into quarantine{flagged}.", be(line.units))
            }
            Deed::ReceiptCorrected { corrected, line, .. } => {
                let reason = line.correction_reason.as_ref().map(ToString::to_string).unwrap_or_default();
                let (old, new) = (number(corrected.units, "unit"), number(line.units, "unit"));
                format!("A mis-keyed line of {old} was corrected to {new}: {reason}")
            }
            Deed::ReceiptReassigned(correction) => {
                let what = match (
                    correction.supplier_id == correction.was_supplier_id,
                    correction.order_id == correction.was_order_id,
                ) {
                    (true, _) => "order",
                    (false, true) => "supplier",
                    (false, false) => "supplier and the order",
                };
                format!("The mis-keyed {what} of a receipt was corrected: {}", correction.reason)
            }
            Deed::ReceiptLineVoided { void, line, .. } => {
                format!("A line of {} was voided: {}", number(line.units, "unit"), void.reason)
            }
            Deed::ReceiptVoided(void) => format!("A receipt was voided: {}", void.reason),
            Deed::OpeningStockAttested { opening, .. } => opening.sentence(),
        }
    }

    fn tie(&self, tables: &mut Tables<'_>, head: &Head) -> Result<()> {
        let (receipt, lot) = match self {
            Deed::StockReceived { line, .. } => (&line.receipt_id, Some(&line.lot_id)),
            Deed::ReceiptCorrected { line, .. } => (&line.receipt_id, Some(&line.lot_id)),
            Deed::ReceiptReassigned(correction) => (&correction.receipt_id, None),
            Deed::ReceiptRecorded(_)
            | Deed::ReceiptLineVoided { .. }
            | Deed::ReceiptVoided(_)
            | Deed::OpeningStockAttested { .. } => return Ok(()),
        };
        crate::purchasing::service::tie_delivery(tables, &head.organisation_id, receipt, lot)
    }
}

/// Counts a line into the order that it answers, or (`sign` -1) takes it back.
fn count(tables: &mut Tables<'_>, organisation: &OrganisationId, line: &ReceiptLine, sign: i64) -> Result<()> {
    let Some(counted) = &line.ordered else { return Ok(()) };
    let signed: Vec<_> = counted.iter().map(|c| Counted { units: sign * c.units, ..c.clone() }).collect();
    crate::purchasing::service::count(tables, organisation, &signed)
}
