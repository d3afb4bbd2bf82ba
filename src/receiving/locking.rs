//! Locking a receipt with everything that is decided over when it is corrected or voided.

use super::model::{Receipt, ReceiptLine, ReceiptVoid};
use super::{model, store};
use crate::command::Command;
use crate::error::{Error, Result};
use crate::ids::{OrderId, ProductId, ReceiptId};
use crate::problem::ProblemCode;
use crate::values::{LotText, Serial};

/// A receipt that nobody else corrects meanwhile.
pub(super) struct Locked {
    pub(super) receipt: Receipt,
    pub(super) lines: Vec<ReceiptLine>,
    pub(super) voids: Vec<ReceiptVoid>,
}

/// What a correction names that was not of the receipt before.
#[derive(Default)]
pub(super) struct Named<'a> {
    pub(super) product: Option<&'a ProductId>,
    pub(super) lot: Option<&'a LotText>,
    pub(super) serials: Vec<Serial>,
    pub(super) order: Option<&'a OrderId>,
}

/// Locks a receipt with everything that its correction decides over: the order first, then lots, then products.
pub(super) fn lock(cmd: &mut Command<'_>, id: &ReceiptId, named: &Named<'_>) -> Result<Locked> {
    let organisation = cmd.organisation();
    cmd.lock(|db, organisation| store::lock(db, organisation, id))?;
    let receipt = store::receipt(cmd.db, organisation, id)?
        .filter(|receipt| cmd.caller.sees(&receipt.site_id))
        .ok_or_else(|| Error::not_found("receipt"))?;
    let lines = store::lines(cmd.db, organisation, &[&receipt.id])?;
    let mut orders: Vec<_> = receipt.order_id.iter().chain(named.order).collect();
    orders.sort();
    orders.dedup();
    for order in orders {
        crate::purchasing::service::lock(cmd, order)?;
    }
    let mut lots: Vec<_> = model::standing(&lines).map(|line| line.lot_id.clone()).collect();
    let mut products: Vec<_> = model::standing(&lines).map(|line| &line.product_id).chain(named.product).collect();
    products.sort();
    products.dedup();
    let standing = crate::stock::service::lots(cmd.db, organisation, &lots.iter().collect::<Vec<_>>())?;
    let texts: Vec<_> = standing.into_iter().map(|lot| lot.lot).chain(named.lot.cloned()).collect();
    for product in &products {
        lots.extend(crate::stock::service::lots_named(cmd.db, organisation, product, &texts, &named.serials)?);
    }
    crate::stock::service::lock(cmd, &lots)?;
    crate::catalogue::service::lock(cmd, &products)?;
    let voids = store::voids(cmd.db, organisation, &[&receipt.id])?;
    Ok(Locked { receipt, lines, voids })
}

impl Locked {
    /// The void of the whole receipt, if it was voided.
    pub(super) fn void(&self) -> Option<&ReceiptVoid> {
        self.voids.iter().find(|void| void.line_id.is_none())
    }

    pub(super) fn refuse_voided(&self) -> Result<()> {
        let Some(ReceiptVoid { voided_at, voided_by, reason, .. }) = self.void() else { return Ok(()) };
        let at = voided_at.told();
        Err(not_correctable(format!("The receipt was voided at {at} by {voided_by}: {reason}")))
    }

    /// The place of the next line.
    pub(super) fn next(&self) -> i32 {
        self.lines.iter().map(|line| line.line).max().unwrap_or(0).saturating_add(1)
    }
}

pub(super) fn not_correctable(detail: impl Into<String>) -> Error {
    Error::problem(ProblemCode::ReceiptNotCorrectable, detail)
}
