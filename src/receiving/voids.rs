//! Voiding a receipt that never came, or was entered twice: it stays visible and counts for nothing (DOMAIN rule 25).

use super::events::Deed;
use super::locking::{self, Locked, Named};
use super::model::{Receipt, ReceiptLine, ReceiptVoid, Received};
use super::taking_back::{Taken, TakingBack};
use super::wire::NewReceiptVoid;
use super::{model, service};
use crate::command::{About, Command};
use crate::error::{Error, Result};
use crate::ids::{ReceiptId, ReceiptVoidId};
use crate::problem::ProblemCode;
use crate::stock::model::Lot;
use crate::values::Prose;

/// Voids a receipt, while all of its units are inside: they go back to the supplier's account, and its serial numbers
/// are free again.
///
/// # Errors
/// `not_found`, `already_voided`, `receipt_not_correctable`, `others_rest_on_it`, `beyond_your_sites` for units at a site that the
/// caller does not see.
pub fn void(cmd: &mut Command<'_>, id: &ReceiptId, new: &NewReceiptVoid) -> Result<Received> {
    let locked = locking::lock(cmd, id, &Named::default())?;
    if let Some(ReceiptVoid { voided_at, voided_by, reason, .. }) = locked.void() {
        let at = voided_at.told();
        let detail = format!("The receipt was voided at {at} by {voided_by}: {reason}");
        return Err(Error::problem(ProblemCode::AlreadyVoided, detail));
    }
    let Locked { receipt, lines, .. } = &locked;
    let mut taking = TakingBack::default();
    let mut taken = Vec::new();
    for line in model::standing(lines) {
        let lot = lot_of(cmd, line)?;
        taken.push((line, taking.take(cmd, receipt, line, &lot)?));
    }
    let mut subjects = vec![receipt.id.to_string(), receipt.supplier_id.to_string()];
    subjects.extend(receipt.order_id.iter().map(ToString::to_string));
    for (line, taken) in taken {
        subjects.push(line.lot_id.to_string());
        record_line(cmd, receipt, line, taken, &new.reason)?;
    }
    let void = made(cmd, receipt, None, &new.reason);
    let about = About { occurred_at: cmd.now, site_id: Some(receipt.site_id.clone()), subjects };
    cmd.record_once(about, Deed::ReceiptVoided(Box::new(void)))?;
    service::find(cmd.db, cmd.caller, id)?.ok_or_else(|| Error::internal("a receipt that went away"))
}

/// Voids one line of a receipt: it never came.
///
/// # Errors
/// The same.
pub(super) fn void_line(cmd: &mut Command<'_>, receipt: &Receipt, line: &ReceiptLine, reason: &Prose) -> Result<()> {
    let lot = lot_of(cmd, line)?;
    let taken = TakingBack::default().take(cmd, receipt, line, &lot)?;
    record_line(cmd, receipt, line, taken, reason)
}

fn lot_of(cmd: &mut Command<'_>, line: &ReceiptLine) -> Result<Lot> {
    crate::stock::service::lot(cmd.db, cmd.organisation(), &line.lot_id)?
        .ok_or_else(|| Error::internal("a receipt line without its lot"))
}

fn record_line(
    cmd: &mut Command<'_>,
    receipt: &Receipt,
    line: &ReceiptLine,
    taken: Taken,
    reason: &Prose,
) -> Result<()> {
    let void = made(cmd, receipt, Some(line), reason);
    let deed = Deed::ReceiptLineVoided { void: Box::new(void), line: Box::new(line.clone()), postings: taken.postings };
    let subjects = line.subjects(receipt);
    let about = About { occurred_at: cmd.now, site_id: Some(receipt.site_id.clone()), subjects };
    cmd.record_once(about, deed)
}

fn made(cmd: &mut Command<'_>, receipt: &Receipt, line: Option<&ReceiptLine>, reason: &Prose) -> ReceiptVoid {
    ReceiptVoid {
        id: cmd.mint(ReceiptVoidId::mint),
        organisation_id: cmd.organisation().clone(),
        subject_id: line.map_or_else(|| receipt.id.to_string(), |line| line.id.to_string()),
        receipt_id: receipt.id.clone(),
        line_id: line.map(|line| line.id.clone()),
        reason: reason.clone(),
        voided_by: cmd.caller.subject.clone(),
        voided_at: cmd.now,
    }
}
