//! Requests and answers about orders.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model::{OrderLine, OrderStatus, Ordered};
use crate::clock::Moment;
use crate::decision::Decision;
use crate::http::paging::{Cursor, Limit};
use crate::ids::{OrderId, OrderLineId, ProductId, ReceiptId, SiteId, SupplierId};
use crate::values::{Currency, MinorUnits, Packs, Prose, Word};

/// An order to write.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "site_id": "site_01932c07-8d00-7000-8000-000000000001", "supplier_id": "sup_01932c07-8d00-7000-8000-000000000002",
    "reference": "PO-2026-117", "expected_on": "2029-11-30",
    "currency": "GBP",
    "lines": [{"product_id": "prd_01932c07-8d00-7000-8000-000000000007", "packs": 10, "pack_price_minor": 28900}]
}))]
pub struct NewOrder {
    /// Where the goods are to arrive.
    pub site_id: SiteId,
    /// Who is to send them.
    pub supplier_id: SupplierId,
    /// Its number in your own books.
    #[serde(default)]
    pub reference: Option<Word>,
    /// The day by which the goods are expected; the order is overdue after it.
    #[serde(default, deserialize_with = "crate::values::optional_day")]
    pub expected_on: Option<NaiveDate>,
    /// What its prices are in.
    #[serde(default)]
    pub currency: Option<Currency>,
    /// What is ordered.
    #[schema(min_items = 1)]
    pub lines: Vec<NewOrderLine>,
}

/// Packs of one product.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewOrderLine {
    /// The product.
    pub product_id: ProductId,
    /// How many packs.
    pub packs: Packs,
    /// What one pack costs, in minor units of the order's currency (pence, cents): 28900 are 289.00 GBP.
    #[serde(default)]
    pub pack_price_minor: Option<MinorUnits>,
}

/// An order.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Order)]
pub struct OrderView {
    pub(super) id: OrderId,
    pub(super) site_id: SiteId,
    pub(super) supplier_id: SupplierId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reference: Option<Word>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) expected_on: Option<NaiveDate>,
    /// Whether goods are waited for that were expected before today.
    pub(super) overdue: bool,
    pub(super) status: OrderStatus,
    /// What its prices are in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) currency: Option<Currency>,
    /// What all of it costs, in minor units, where every line has a price.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) total_minor: Option<i64>,
    pub(super) lines: Vec<OrderLineView>,
    /// How often it was written, as a draft: what If-Match names.
    pub(super) version: i64,
    pub(super) created_by: String,
    pub(super) created_at: Moment,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) placed_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) placed_at: Option<Moment>,
    /// What the rules said when it was placed, frozen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) decision: Option<Decision>,
    /// Who cancelled it or closed it short.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ended_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ended_at: Option<Moment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) end_reason: Option<Prose>,
    /// The receipts that answered it (only where one order is shown).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) receipts: Option<Vec<ReceiptId>>,
    /// Units that came with those receipts and were not ordered (only where one order is shown).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) not_ordered: Option<Vec<Unordered>>,
}

/// Packs of one product in an order.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OrderLine)]
pub struct OrderLineView {
    pub(super) id: OrderLineId,
    pub(super) product_id: ProductId,
    pub(super) packs: i64,
    pub(super) units: i64,
    pub(super) units_received: i64,
    /// Units received less units ordered: below zero when some are missing, above when there are too many.
    pub(super) difference: i64,
    /// What one pack costs, in minor units of the order's currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) pack_price_minor: Option<MinorUnits>,
}

/// Units of a product that came without being ordered.
#[derive(Debug, Serialize, ToSchema)]
pub struct Unordered {
    pub(super) product_id: ProductId,
    pub(super) units: i64,
}

impl From<OrderLine> for OrderLineView {
    fn from(line: OrderLine) -> Self {
        OrderLineView {
            id: line.id,
            product_id: line.product_id,
            packs: line.packs,
            units: line.units,
            units_received: line.units_received,
            difference: line.units_received.saturating_sub(line.units),
            pack_price_minor: line.pack_price_minor,
        }
    }
}

impl OrderView {
    /// What is shown of it at a moment.
    pub fn of(Ordered { order, lines }: Ordered, now: Moment) -> Self {
        OrderView {
            overdue: order.is_overdue(now.day_in(chrono_tz::Tz::UTC)),
            id: order.id,
            site_id: order.site_id,
            supplier_id: order.supplier_id,
            reference: order.reference,
            expected_on: order.expected_on,
            status: order.status,
            total_minor: total_minor(&lines),
            currency: order.currency,
            lines: lines.into_iter().map(OrderLineView::from).collect(),
            version: order.version,
            created_by: order.created_by,
            created_at: order.created_at,
            placed_by: order.placed_by,
            placed_at: order.placed_at,
            decision: order.decision.map(crate::values::Json::into_inner),
            ended_by: order.ended_by,
            ended_at: order.ended_at,
            end_reason: order.end_reason,
            receipts: None,
            not_ordered: None,
        }
    }
}

/// What all lines cost, if each has a price.
fn total_minor(lines: &[OrderLine]) -> Option<i64> {
    let prices = lines.iter().map(|line| line.pack_price_minor.map(|price| price.get().saturating_mul(line.packs)));
    prices.sum()
}

/// Which orders.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OrderFilter {
    /// Only those in this status.
    pub(super) status: Option<OrderStatus>,
    /// Only those for this site.
    pub(super) site_id: Option<SiteId>,
    /// Only those to this supplier.
    pub(super) supplier_id: Option<SupplierId>,
    /// Only those with a line of this product.
    pub(super) product_id: Option<ProductId>,
    /// Only those that wait for goods which were expected before today.
    pub(super) overdue: Option<bool>,
    /// How many items at the most.
    pub(super) limit: Option<Limit>,
    /// Where the page before ended.
    pub(super) cursor: Option<Cursor>,
}

/// Nothing to say: the path says it all. The body may be left out.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlaceOrder {}

/// Why an order is dropped.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "Ordered twice"}))]
pub struct CancelOrder {
    /// Why.
    #[serde(default)]
    pub reason: Option<Prose>,
}

/// Why an order is closed short.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "The rest is out of stock until March"}))]
pub struct CloseOrder {
    /// Why.
    pub reason: Prose,
}
