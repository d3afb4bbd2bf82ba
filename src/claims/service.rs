//! Opening a claim, and what becomes of it.

use std::collections::BTreeMap;

use super::events::Deed;
use super::model::{Claim, ClaimLine, ClaimReason, ClaimState, Claimed, Ending, Sending};
use super::rules::{self, Cost, Step};
use super::store;
use super::wire::{ClaimSending, ClaimSettlement, NewClaim, NewClaimLine};
use crate::caller::Caller;
use crate::command::{About, Command};
use crate::db::Db;
use crate::error::{Error, Result};
use crate::ids::{ClaimId, ProductId};
use crate::limits::{CLAIM_EVIDENCE_MAX, CLAIM_LINES_MAX};
use crate::problem::{Problem, ProblemCode};
use crate::purchasing::model::{OrderLine, Ordered};
use crate::receiving::model::{ReceiptLine, Received};
use crate::values::{Currency, Json, Prose};

pub use super::store::{opened, units_by_reason, waiting};

/// What a claim is told by: the receipt, and the order that it answers.
struct Facts {
    received: Received,
    ordered: Option<Ordered>,
    currency: Option<Currency>,
    /// How many units of each line can still be claimed, by its id.
    left: BTreeMap<String, i64>,
}

/// Opens a claim about a receipt.
///
/// # Errors
/// `reference_unknown`, also for a line that is none of the receipt that stands, or of its order; `empty_list`, `list_too_long`;
/// `missing_field` for an amount without a currency, for `other` without a note, and for a difference in price that neither the receipt nor
/// the order tells; `invalid_value` for a currency that is not the receipt's; `claim_exceeds_line`.
pub fn open(cmd: &mut Command<'_>, new: &NewClaim) -> Result<Claimed> {
    if new.lines.is_empty() {
        return Err(Error::invalid(ProblemCode::EmptyList, "lines", "needs at least one entry"));
    }
    if new.lines.len() > CLAIM_LINES_MAX {
        let rule = format!("must have at most {CLAIM_LINES_MAX} entries");
        return Err(Error::invalid(ProblemCode::ListTooLong, "lines", rule));
    }
    let mut facts = facts(cmd, new)?;
    let receipt = facts.received.receipt.clone();
    let id = cmd.mint(ClaimId::mint);
    let mut lines = Vec::with_capacity(new.lines.len());
    for (index, line) in new.lines.iter().enumerate() {
        lines.push(claimed_line(cmd, &mut facts, &id, index, line)?);
    }
    if facts.currency.is_none() && lines.iter().any(|line| line.amount_minor.is_some()) {
        let rule = "is missing: say what the amounts are in";
        return Err(Error::invalid(ProblemCode::MissingField, "currency", rule));
    }
    let claim = Claim {
        id,
        organisation_id: cmd.organisation().clone(),
        receipt_id: receipt.id,
        supplier_id: receipt.supplier_id,
        site_id: receipt.site_id,
        currency: facts.currency,
        note: new.note.clone(),
        state: ClaimState::Open,
        opened_by: cmd.caller.subject.clone(),
        opened_at: cmd.now,
        sent_by: None,
        sent_at: None,
        reference: None,
        ended_by: None,
        ended_at: None,
        end_reason: None,
        credit_minor: None,
        replacement_id: None,
    };
    let mut about = about(cmd, &claim);
    let products = lines.iter().map(|line| line.product_id.to_string());
    about.subjects.extend(receipt.order_id.iter().map(ToString::to_string).chain(products));
    cmd.record(about, Deed::ClaimOpened { claim: Box::new(claim.clone()), lines: lines.clone() })?;
    Ok(Claimed { claim, lines })
}

/// What a claim rests on, locked: nobody claims of the same receipt or order meanwhile.
fn facts(cmd: &mut Command<'_>, new: &NewClaim) -> Result<Facts> {
    let received = crate::receiving::service::expect_locked(cmd, &new.receipt_id)?;
    let ordered = match &received.receipt.order_id {
        Some(order) => Some(crate::purchasing::service::expect_locked(cmd, order)?),
        None => None,
    };
    let known = received.receipt.currency.as_ref();
    if let (Some(said), Some(known)) = (&new.currency, known)
        && said != known
    {
        let rule = format!("is another than the receipt's, {known}");
        return Err(Error::invalid(ProblemCode::InvalidValue, "currency", rule));
    }
    let of_order = ordered.as_ref().and_then(|ordered| ordered.order.currency.as_ref());
    let currency = new.currency.as_ref().or(known).or(of_order).cloned();
    let organisation = cmd.organisation();
    let lines: Vec<_> = received.lines.iter().map(|(line, _)| &line.id).collect();
    let of_receipt = store::claimed_of_receipt(cmd.db, organisation, &lines)?;
    let order_lines: Vec<_> = ordered.iter().flat_map(|ordered| &ordered.lines).map(|line| &line.id).collect();
    let of_order = store::claimed_of_order(cmd.db, organisation, &order_lines)?;
    let mut left = BTreeMap::new();
    for (line, _) in received.lines.iter().filter(|(line, _)| line.stands) {
        // What was claimed of a line before it was corrected is claimed still.
        let earlier = lineage(&received, line);
        let claimed = of_receipt.iter().filter(|(id, _)| earlier.iter().any(|earlier| earlier.id == *id));
        let claimed: i64 = claimed.map(|(_, units)| *units).sum();
        left.insert(line.id.to_string(), line.units.saturating_sub(claimed).max(0));
    }
    for line in ordered.iter().flat_map(|ordered| &ordered.lines) {
        let claimed = of_order.iter().find(|(id, _)| *id == line.id).map_or(0, |(_, units)| *units);
        let missing = line.units.saturating_sub(line.units_received).max(0);
        left.insert(line.id.to_string(), missing.saturating_sub(claimed).max(0));
    }
    Ok(Facts { received, ordered, currency, left })
}

/// A line, the one that it corrects, and so on.
fn lineage<'a>(received: &'a Received, line: &'a ReceiptLine) -> Vec<&'a ReceiptLine> {
    let mut found = vec![line];
    let mut of = line;
    while let Some(earlier) = of
        .corrects
        .as_ref()
        .and_then(|id| received.lines.iter().map(|(line, _)| line).find(|line| line.id == *id && !found.contains(line)))
    {
        found.push(earlier);
        of = earlier;
    }
    found
}

fn claimed_line(
    cmd: &mut Command<'_>,
    facts: &mut Facts,
    claim: &ClaimId,
    index: usize,
    new: &NewClaimLine,
) -> Result<ClaimLine> {
    let field = |name: &str| format!("lines[{index}].{name}");
    if new.evidence.len() > CLAIM_EVIDENCE_MAX {
        let rule = format!("must have at most {CLAIM_EVIDENCE_MAX} entries");
        return Err(Error::invalid(ProblemCode::ListTooLong, &field("evidence"), rule));
    }
    crate::evidence::service::expect_seen(cmd, &field("evidence"), &new.evidence.iter().collect::<Vec<_>>())?;
    if new.reason == ClaimReason::Other && new.note.is_none() {
        return Err(Error::invalid(ProblemCode::MissingField, &field("note"), "is missing: say what it is"));
    }
    let units = new.units.get();
    let (line_id, product_id, known) = named(facts, new, &field)?;
    if let Some(left) = facts.left.get_mut(&line_id) {
        if units > *left {
            let detail = format!("lines[{index}]: {left} units of the line can still be claimed, and {units} are.");
            let problem = Problem::new(ProblemCode::ClaimExceedsLine, detail);
            return Err(Error::Problem(problem.at(field("units"))));
        }
        *left = left.saturating_sub(units);
    }
    let amount_minor = new.amount_minor.map(|amount| amount.get()).or(known);
    if new.reason == ClaimReason::PriceDifference && amount_minor.is_none() {
        let rule = "is missing: receipt and order do not say how much dearer the units were";
        return Err(Error::invalid(ProblemCode::MissingField, &field("amount_minor"), rule));
    }
    Ok(ClaimLine {
        claim_id: claim.clone(),
        line: i32::try_from(index).map_err(|_| Error::internal("too many lines"))?,
        organisation_id: cmd.organisation().clone(),
        receipt_line_id: new.receipt_line_id.clone(),
        order_line_id: new.order_line_id.clone(),
        product_id,
        reason: new.reason,
        units,
        amount_minor,
        note: new.note.clone(),
        evidence: Json::new(new.evidence.clone()),
    })
}

/// The line that units are claimed of: its id, its product, and what the units come to by what is known.
fn named(
    facts: &Facts,
    new: &NewClaimLine,
    field: &dyn Fn(&str) -> String,
) -> Result<(String, ProductId, Option<i64>)> {
    let units = new.units.get();
    match (&new.receipt_line_id, &new.order_line_id, new.reason) {
        (None, Some(id), ClaimReason::NotDelivered) => {
            let lines = facts.ordered.iter().flat_map(|ordered| &ordered.lines);
            let line = lines.into_iter().find(|line| line.id == *id);
            let line = line.ok_or_else(|| Error::reference_unknown(&field("order_line_id")))?;
            let amount = facts.by_order(line).and_then(|cost| rules::amount(cost, units));
            Ok((line.id.to_string(), line.product_id.clone(), amount))
        }
        (Some(id), None, reason) if reason != ClaimReason::NotDelivered => {
            let lines = facts.received.lines.iter().map(|(line, _)| line);
            let line = lines.into_iter().find(|line| line.id == *id && line.stands);
            let line = line.ok_or_else(|| Error::reference_unknown(&field("receipt_line_id")))?;
            let (invoiced, ordered) = (facts.by_receipt(line), facts.by_its_order(line));
            let amount = match reason {
                ClaimReason::PriceDifference => {
                    invoiced.zip(ordered).and_then(|(invoiced, ordered)| rules::difference(invoiced, ordered, units))
                }
                _ => invoiced.or(ordered).and_then(|cost| rules::amount(cost, units)),
            };
            Ok((line.id.to_string(), line.product_id.clone(), amount))
        }
        (_, _, ClaimReason::NotDelivered) => {
            let rule = "is what not_delivered needs, and no receipt_line_id: units that did not come are on no receipt";
            Err(Error::invalid(ProblemCode::MissingField, &field("order_line_id"), rule))
        }
        _ => {
            let rule = "is what this reason needs, and no order_line_id";
            Err(Error::invalid(ProblemCode::MissingField, &field("receipt_line_id"), rule))
        }
    }
}

impl Facts {
    /// What a line cost by the receipt.
    fn by_receipt(&self, line: &ReceiptLine) -> Option<Cost> {
        let price = line.pack_price_minor.filter(|_| self.received.receipt.currency == self.currency)?;
        Some(Cost { minor: price.get().saturating_mul(line.packs), units: line.units })
    }

    /// What a line of the order costs.
    fn by_order(&self, line: &OrderLine) -> Option<Cost> {
        let currency = self.ordered.as_ref()?.order.currency.as_ref();
        let price = line.pack_price_minor.filter(|_| currency == self.currency.as_ref())?;
        Some(Cost { minor: price.get().saturating_mul(line.packs), units: line.units })
    }

    /// What the line of the order costs that a line of the receipt counts into first.
    fn by_its_order(&self, line: &ReceiptLine) -> Option<Cost> {
        let counted = line.ordered.as_ref()?.first()?;
        let lines = &self.ordered.as_ref()?.lines;
        self.by_order(lines.iter().find(|line| line.id == counted.order_line_id)?)
    }
}

fn about(cmd: &Command<'_>, claim: &Claim) -> About {
    let subjects = vec![claim.id.to_string(), claim.receipt_id.to_string(), claim.supplier_id.to_string()];
    About { occurred_at: cmd.now, site_id: Some(claim.site_id.clone()), subjects }
}

/// A claim with its lines, if the caller sees its site.
///
/// # Errors
/// What the database answers.
pub fn find(db: &mut Db, caller: &Caller, id: &ClaimId) -> Result<Option<Claimed>> {
    let found = store::claim(db, &caller.organisation_id, id)?.filter(|claim| caller.sees(&claim.site_id));
    Ok(with_lines(db, caller, found.into_iter().collect())?.into_iter().next())
}

/// Claims with their lines.
///
/// # Errors
/// What the database answers.
pub fn with_lines(db: &mut Db, caller: &Caller, claims: Vec<Claim>) -> Result<Vec<Claimed>> {
    let ids: Vec<_> = claims.iter().map(|claim| &claim.id).collect();
    let mut by_claim: BTreeMap<ClaimId, Vec<ClaimLine>> = BTreeMap::new();
    for line in store::lines(db, &caller.organisation_id, &ids)? {
        by_claim.entry(line.claim_id.clone()).or_default().push(line);
    }
    let with_own = |claim: Claim| Claimed { lines: by_claim.remove(&claim.id).unwrap_or_default(), claim };
    Ok(claims.into_iter().map(with_own).collect())
}

fn locked(cmd: &mut Command<'_>, id: &ClaimId) -> Result<Claimed> {
    cmd.lock(|db, organisation| store::lock(db, organisation, id))?;
    find(cmd.db, cmd.caller, id)?.ok_or_else(|| Error::not_found("claim"))
}

/// Says that a claim was sent to the supplier.
///
/// # Errors
/// `not_found`, `claim_not_open`.
pub fn send(cmd: &mut Command<'_>, id: &ClaimId, new: &ClaimSending) -> Result<Claimed> {
    let mut claimed = locked(cmd, id)?;
    rules::may(Step::Send, &claimed.claim)?;
    let sending = Sending {
        claim_id: claimed.claim.id.clone(),
        by: cmd.caller.subject.clone(),
        at: cmd.now,
        reference: new.reference.clone(),
    };
    cmd.record(about(cmd, &claimed.claim), Deed::ClaimSent(sending.clone()))?;
    claimed.claim.state = ClaimState::Sent;
    claimed.claim.sent_by = Some(sending.by);
    claimed.claim.sent_at = Some(sending.at);
    claimed.claim.reference = sending.reference;
    Ok(claimed)
}

/// Says what came of a claim.
///
/// # Errors
/// `not_found`, `claim_not_sent`; `missing_field` for neither a credit nor a receipt; `invalid_value` for a credit of a claim without a
/// currency; `reference_unknown` for a receipt that replaces nothing of it.
pub fn settle(cmd: &mut Command<'_>, id: &ClaimId, new: &ClaimSettlement) -> Result<Claimed> {
    let claimed = locked(cmd, id)?;
    rules::may(Step::Settle, &claimed.claim)?;
    if new.credit_minor.is_none() && new.receipt_id.is_none() {
        let rule = "is missing, and so is receipt_id: say what was credited, what came instead, or both";
        return Err(Error::invalid(ProblemCode::MissingField, "credit_minor", rule));
    }
    if new.credit_minor.is_some() && claimed.claim.currency.is_none() {
        let rule = "is in no currency: withdraw the claim, and open one that says what it is in";
        return Err(Error::invalid(ProblemCode::InvalidValue, "credit_minor", rule));
    }
    if let Some(receipt) = &new.receipt_id {
        let found = crate::receiving::service::find(cmd.db, cmd.caller, receipt)?;
        let answered = crate::receiving::service::receipt(cmd.db, cmd.organisation(), &claimed.claim.receipt_id)?;
        let order = answered.and_then(|receipt| receipt.order_id);
        let replaces = found.is_some_and(|found| replaces(&found, &claimed, order.as_ref()));
        if !replaces {
            let detail =
                "receipt_id names no receipt of this supplier that brought anything in place of what is claimed.";
            return Err(Error::Problem(Problem::new(ProblemCode::ReferenceUnknown, detail).at("receipt_id")));
        }
    }
    let ending = Ending {
        credit_minor: new.credit_minor.map(|credit| credit.get()),
        replacement_id: new.receipt_id.clone(),
        ..ending(cmd, &claimed.claim, new.reason.as_ref())
    };
    cmd.record(about(cmd, &claimed.claim), Deed::ClaimSettled(ending.clone()))?;
    Ok(ended(claimed, ending, ClaimState::Settled))
}

/// Whether a receipt brought anything in place of what is claimed: a line of it says that it replaces one of the claim, or it answers
/// the order and brought a product that had not come.
fn replaces(received: &Received, claimed: &Claimed, order: Option<&crate::ids::OrderId>) -> bool {
    let Claimed { claim, lines } = claimed;
    let receipt = &received.receipt;
    let is_theirs = receipt.supplier_id == claim.supplier_id && receipt.site_id == claim.site_id;
    let is_another = receipt.id != claim.receipt_id;
    let answers = order.is_some() && receipt.order_id.as_ref() == order;
    let standing = received.lines.iter().map(|(line, _)| line).filter(|line| line.stands);
    is_theirs
        && is_another
        && standing.into_iter().any(|came| {
            lines.iter().any(|line| match (&line.receipt_line_id, &came.replaces) {
                (Some(claimed), Some(replaced)) => claimed == replaced,
                (None, None) => answers && came.product_id == line.product_id,
                _ => false,
            })
        })
}

/// Asks for a claim no longer.
///
/// # Errors
/// `not_found`, `claim_ended`.
pub fn withdraw(cmd: &mut Command<'_>, id: &ClaimId, reason: &Prose) -> Result<Claimed> {
    let claimed = locked(cmd, id)?;
    rules::may(Step::Withdraw, &claimed.claim)?;
    let ending = ending(cmd, &claimed.claim, Some(reason));
    cmd.record(about(cmd, &claimed.claim), Deed::ClaimWithdrawn(ending.clone()))?;
    Ok(ended(claimed, ending, ClaimState::Withdrawn))
}

fn ending(cmd: &Command<'_>, claim: &Claim, reason: Option<&Prose>) -> Ending {
    Ending {
        claim_id: claim.id.clone(),
        by: cmd.caller.subject.clone(),
        at: cmd.now,
        reason: reason.cloned(),
        credit_minor: None,
        replacement_id: None,
    }
}

fn ended(claimed: Claimed, ending: Ending, state: ClaimState) -> Claimed {
    let Ending { by, at, reason, credit_minor, replacement_id, .. } = ending;
    let claim = Claim {
        state,
        ended_by: Some(by),
        ended_at: Some(at),
        end_reason: reason,
        credit_minor,
        replacement_id,
        ..claimed.claim
    };
    Claimed { claim, ..claimed }
}
