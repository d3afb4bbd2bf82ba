//! Requests and answers about claims.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model::{Claim, ClaimLine, ClaimReason, ClaimState, Claimed};
use crate::clock::Moment;
use crate::http::paging::{Cursor, Limit};
use crate::ids::{ClaimId, OrderLineId, ProductId, ReceiptId, ReceiptLineId, SiteId, SupplierId};
use crate::values::{Currency, Json, MinorUnits, Prose, Sha256Hex, Units, Word};

/// A claim to open.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "receipt_id": "rec_01932c07-8d00-7000-8000-000000000005", "currency": "GBP",
    "lines": [{"receipt_line_id": "rcl_01932c07-8d00-7000-8000-000000000008", "reason": "damaged", "units": 1,
        "note": "The carton was wet"}]
}))]
pub struct NewClaim {
    /// The receipt that it is about; it is claimed of whoever sent it.
    pub receipt_id: ReceiptId,
    /// What its amounts are in; that of the receipt or of its order, if left out.
    #[serde(default)]
    pub currency: Option<Currency>,
    /// What is to be said beside its lines.
    #[serde(default)]
    pub note: Option<Prose>,
    /// What is claimed.
    #[schema(min_items = 1, max_items = 50)]
    pub lines: Vec<NewClaimLine>,
}

/// Units that are claimed, for one reason.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewClaimLine {
    /// The line of the receipt that they came with.
    #[serde(default)]
    pub receipt_line_id: Option<ReceiptLineId>,
    /// Or, for `not_delivered`, the line of the order that they did not come for.
    #[serde(default)]
    pub order_line_id: Option<OrderLineId>,
    /// Why.
    pub reason: ClaimReason,
    /// How many units.
    pub units: Units,
    /// For how much, in minor units. Left out, it is what the units cost by the receipt, or else by the order; for
    /// `price_difference` how much more the receipt has; and nothing where neither has a price.
    #[serde(default)]
    pub amount_minor: Option<MinorUnits>,
    /// What was seen; needed for `other`.
    #[serde(default)]
    pub note: Option<Prose>,
    /// Photographs, by their digest (`POST /v1/evidence`).
    #[serde(default)]
    #[schema(max_items = 20)]
    pub evidence: Vec<Sha256Hex>,
}

/// That a claim was sent.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reference": "RMA-4711"}))]
pub struct ClaimSending {
    /// The supplier's number of it, where there is one.
    #[serde(default)]
    pub reference: Option<Word>,
}

/// What came of a claim: a credit, goods in place of those that were claimed, or both.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"credit_minor": 28900, "reason": "Credit note CN-88"}))]
pub struct ClaimSettlement {
    /// What was credited, in minor units of the claim's currency.
    #[serde(default)]
    pub credit_minor: Option<MinorUnits>,
    /// The receipt of what came instead: a line of it replaces one that is claimed (`replaces`), or is of a product that had not
    /// come for the order.
    #[serde(default)]
    pub receipt_id: Option<ReceiptId>,
    /// What is to be said of it.
    #[serde(default)]
    pub reason: Option<Prose>,
}

/// Why a claim is withdrawn.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "Damaged by us"}))]
pub struct ClaimWithdrawal {
    /// Why.
    pub reason: Prose,
}

/// A claim.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Claim)]
pub struct ClaimView {
    pub(super) id: ClaimId,
    pub(super) receipt_id: ReceiptId,
    pub(super) supplier_id: SupplierId,
    pub(super) site_id: SiteId,
    pub(super) state: ClaimState,
    /// What its amounts are in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) currency: Option<Currency>,
    /// What all of it comes to, in minor units, where each line has an amount.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) total_minor: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) note: Option<Prose>,
    pub(super) lines: Vec<ClaimLineView>,
    pub(super) opened_by: String,
    pub(super) opened_at: Moment,
    /// Who said that it was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) sent_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) sent_at: Option<Moment>,
    /// The supplier's number of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reference: Option<Word>,
    /// Who settled or withdrew it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ended_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ended_at: Option<Moment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) end_reason: Option<Prose>,
    /// What was credited, in minor units.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) credit_minor: Option<i64>,
    /// The receipt of what came instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) replacement_receipt_id: Option<ReceiptId>,
}

/// Units that are claimed, for one reason.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ClaimLine)]
pub struct ClaimLineView {
    /// The line of the receipt that they came with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) receipt_line_id: Option<ReceiptLineId>,
    /// The line of the order that they did not come for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) order_line_id: Option<OrderLineId>,
    pub(super) product_id: ProductId,
    pub(super) reason: ClaimReason,
    pub(super) units: i64,
    /// For how much, in minor units.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) amount_minor: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) note: Option<Prose>,
    /// Photographs, by their digest.
    pub(super) evidence: Vec<Sha256Hex>,
}

impl From<ClaimLine> for ClaimLineView {
    fn from(line: ClaimLine) -> Self {
        ClaimLineView {
            receipt_line_id: line.receipt_line_id,
            order_line_id: line.order_line_id,
            product_id: line.product_id,
            reason: line.reason,
            units: line.units,
            amount_minor: line.amount_minor,
            note: line.note,
            evidence: Json::into_inner(line.evidence),
        }
    }
}

impl From<Claimed> for ClaimView {
    fn from(Claimed { claim, lines }: Claimed) -> Self {
        let Claim { id, receipt_id, supplier_id, site_id, state, currency, note, .. } = claim;
        ClaimView {
            id,
            receipt_id,
            supplier_id,
            site_id,
            state,
            currency,
            total_minor: total(&lines),
            note,
            lines: lines.into_iter().map(ClaimLineView::from).collect(),
            opened_by: claim.opened_by,
            opened_at: claim.opened_at,
            sent_by: claim.sent_by,
            sent_at: claim.sent_at,
            reference: claim.reference,
            ended_by: claim.ended_by,
            ended_at: claim.ended_at,
            end_reason: claim.end_reason,
            credit_minor: claim.credit_minor,
            replacement_receipt_id: claim.replacement_id,
        }
    }
}

/// What all lines come to, if each has an amount.
pub(super) fn total(lines: &[ClaimLine]) -> Option<i64> {
    lines.iter().map(|line| line.amount_minor).sum()
}

/// Which claims.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ClaimFilter {
    /// Only about this receipt.
    pub(super) receipt_id: Option<ReceiptId>,
    /// Only of this supplier.
    pub(super) supplier_id: Option<SupplierId>,
    /// Only of goods that arrived at this site.
    pub(super) site_id: Option<SiteId>,
    /// Only those that are so far.
    #[param(inline)]
    pub(super) state: Option<ClaimState>,
    /// How many items at the most.
    pub(super) limit: Option<Limit>,
    /// Where the page before ended.
    pub(super) cursor: Option<Cursor>,
}
