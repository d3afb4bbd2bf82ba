//! What a claim is.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::clock::Moment;
use crate::ids::{ClaimId, OrderLineId, OrganisationId, ProductId, ReceiptId, ReceiptLineId, SiteId, SupplierId};
use crate::values::{Currency, Json, Prose, Sha256Hex, Word, words};

words! {
    /// Why units are claimed.
    ClaimReason {
        /// They came damaged.
        Damaged "damaged",
        /// They have fewer days left than was agreed, or none.
        ShortDated "short_dated",
        /// They are not what was ordered.
        WrongProduct "wrong_product",
        /// They are more than was ordered.
        OverDelivered "over_delivered",
        /// They were invoiced at another price than that of the order.
        PriceDifference "price_difference",
        /// They were ordered and did not come.
        NotDelivered "not_delivered",
        /// Anything else; the note says what.
        Other "other",
    }
}

words! {
    /// How far a claim has come.
    ClaimState {
        /// Written, and not sent.
        Open "open",
        /// Sent to the supplier.
        Sent "sent",
        /// Credited or replaced.
        Settled "settled",
        /// No longer asked for: its units can be claimed again.
        Withdrawn "withdrawn",
    }
}

/// A claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Queryable, Selectable, Insertable)]
#[diesel(table_name = crate::db::schema::claims)]
pub struct Claim {
    /// Its id.
    pub id: ClaimId,
    /// The organisation that claims.
    pub organisation_id: OrganisationId,
    /// The receipt that it is about.
    pub receipt_id: ReceiptId,
    /// Of whom it is claimed: who the receipt said had sent it.
    pub supplier_id: SupplierId,
    /// Where the goods had arrived.
    pub site_id: SiteId,
    /// What its amounts are in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// What is to be said beside its lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Prose>,
    /// How far it has come.
    pub state: ClaimState,
    /// Who opened it, by the subject of the token.
    pub opened_by: String,
    /// When.
    pub opened_at: Moment,
    /// Who said that it was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_by: Option<String>,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<Moment>,
    /// The supplier's number of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<Word>,
    /// Who settled or withdrew it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_by: Option<String>,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Moment>,
    /// Why, or what is to be said of how it was settled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_reason: Option<Prose>,
    /// What was credited, in minor units of the claim's currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credit_minor: Option<i64>,
    /// The receipt of what came in place of what was claimed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replacement_id: Option<ReceiptId>,
}

/// Units that are claimed, for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Queryable, Selectable, Insertable)]
#[diesel(table_name = crate::db::schema::claim_lines)]
pub struct ClaimLine {
    /// The claim.
    pub claim_id: ClaimId,
    /// Its place in the claim, from 0.
    pub line: i32,
    /// The organisation that claims.
    pub organisation_id: OrganisationId,
    /// The line of the receipt that they came with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt_line_id: Option<ReceiptLineId>,
    /// The line of the order that they did not come for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_line_id: Option<OrderLineId>,
    /// The product.
    pub product_id: ProductId,
    /// Why.
    pub reason: ClaimReason,
    /// How many units.
    pub units: i64,
    /// For how much, in minor units of the claim's currency, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount_minor: Option<i64>,
    /// What was seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Prose>,
    /// Photographs, by their digest.
    pub evidence: Json<Vec<Sha256Hex>>,
}

/// A claim with its lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claimed {
    /// The claim.
    pub claim: Claim,
    /// Its lines, in their order.
    pub lines: Vec<ClaimLine>,
}

/// A claim was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sending {
    /// Which.
    pub claim_id: ClaimId,
    /// Who said so.
    pub by: String,
    /// When.
    pub at: Moment,
    /// The supplier's number of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<Word>,
}

/// A claim was settled or withdrawn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ending {
    /// Which.
    pub claim_id: ClaimId,
    /// Who said so.
    pub by: String,
    /// When.
    pub at: Moment,
    /// Why, or how.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Prose>,
    /// What was credited, in minor units of the claim's currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credit_minor: Option<i64>,
    /// The receipt of what came instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replacement_id: Option<ReceiptId>,
}
