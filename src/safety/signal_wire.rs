//! Requests and answers about signals.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::interval::{self, Compared};
use super::model::{Count, SignalReview};
use crate::clock::Moment;
use crate::http::paging::{Cursor, Limit};
use crate::ids::{LotId, ProductId, SignalReviewId};
use crate::values::{LotText, Name, Prose};

/// How many adverse events a lot has, against the other lots of its product; or a product, against the others of its class.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Signal)]
pub struct SignalView {
    pub(super) product_id: ProductId,
    pub(super) product: Name,
    /// The lot; left out where it is about the product.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) lot_id: Option<LotId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) lot: Option<LotText>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) expiry: Option<NaiveDate>,
    #[serde(flatten)]
    pub(super) figures: Figures,
    /// Whether it waits for a review: it is flagged, and an adverse event was reported since it was reviewed last.
    pub(super) to_review: bool,
    /// What was concluded last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) review: Option<SignalReviewView>,
    #[serde(skip)]
    pub(super) keys: [String; 2],
}

/// What is counted and calculated.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SignalFigures)]
pub struct Figures {
    /// Adverse events: one about several administrations of it is one.
    pub(super) events: i64,
    /// Units that were administered and not voided.
    pub(super) units: i64,
    /// Adverse events of what it is compared with.
    pub(super) other_events: i64,
    /// Units of that.
    pub(super) other_units: i64,
    /// Its events per unit, divided by those of the others: a decimal number with nine decimals. Null where the others have none, or
    /// nothing can be compared.
    #[schema(pattern = "^[0-9]+\\.[0-9]{9}$")]
    pub(super) rate_ratio: Option<String>,
    /// The lower end of its exact conditional 95 % interval.
    #[schema(pattern = "^[0-9]+\\.[0-9]{9}$")]
    pub(super) lower: String,
    /// The upper end; null where it has none.
    #[schema(pattern = "^[0-9]+\\.[0-9]{9}$")]
    pub(super) upper: Option<String>,
    /// Whether it is to be looked at: the lower end lies above one, and it has three adverse events or more. It holds nothing by itself.
    pub(super) flagged: bool,
}

impl SignalView {
    /// What a cursor says of it.
    pub(super) fn keys(&self) -> [String; 2] {
        self.keys.clone()
    }
}

impl From<Compared> for Figures {
    fn from(compared: Compared) -> Self {
        let ratio = compared.ratio();
        Figures {
            events: compared.events,
            units: compared.units,
            other_events: compared.other_events,
            other_units: compared.other_units,
            rate_ratio: ratio.rate_ratio.map(interval::decimal),
            lower: interval::decimal(ratio.lower),
            upper: ratio.upper.map(interval::decimal),
            flagged: ratio.flagged,
        }
    }
}

/// What somebody has concluded of a signal, with the figures as they were.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SignalReview)]
pub struct SignalReviewView {
    pub(super) id: SignalReviewId,
    pub(super) product_id: ProductId,
    /// The lot; left out where it is about the product.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) lot_id: Option<LotId>,
    #[serde(flatten)]
    pub(super) figures: Figures,
    pub(super) conclusion: Prose,
    /// Who, by the subject of the token.
    pub(super) reviewed_by: String,
    pub(super) reviewed_at: Moment,
}

impl From<SignalReview> for SignalReviewView {
    fn from(review: SignalReview) -> Self {
        SignalReviewView {
            id: review.id,
            product_id: review.product_id,
            lot_id: review.lot_id,
            figures: Figures {
                events: review.events,
                units: review.units,
                other_events: review.other_events,
                other_units: review.other_units,
                rate_ratio: review.rate_ratio,
                lower: review.lower_limit,
                upper: review.upper_limit,
                flagged: review.flagged,
            },
            conclusion: review.conclusion,
            reviewed_by: review.reviewed_by,
            reviewed_at: review.reviewed_at,
        }
    }
}

/// A conclusion about a lot or a product.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "lot_id": "lot_01932c07-8d00-7000-8000-000000000006", "conclusion": "All four were treated by one person: training, not the lot"
}))]
pub struct NewSignalReview {
    /// The lot; or a product.
    #[serde(default)]
    pub lot_id: Option<LotId>,
    /// The product; or a lot.
    #[serde(default)]
    pub product_id: Option<ProductId>,
    /// What was concluded. It is read by many: name no patient.
    pub conclusion: Prose,
}

/// Which signals.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SignalFilter {
    /// Only this product and its lots.
    pub(super) product_id: Option<ProductId>,
    /// How many items at the most.
    pub(super) limit: Option<Limit>,
    /// Where the page before ended.
    pub(super) cursor: Option<Cursor>,
}

/// What is counted of something, where anything is.
pub(super) fn events_of(count: Option<&Count>) -> i64 {
    count.map_or(0, |count| count.events)
}
