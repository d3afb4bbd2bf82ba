//! What an order and its lines are.

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clock::Moment;
use crate::decision::Decision;
use crate::ids::{OrderId, OrderLineId, OrganisationId, ProductId, SiteId, SupplierId};
use crate::values::{Currency, Json, MinorUnits, Prose, Word, words};
use crate::versions::FIRST;

words! {
    /// How far an order has come.
    OrderStatus {
        /// Written, and nothing asked of the supplier.
        Draft "draft",
        /// Sent to the supplier, after every rule allowed it.
        Placed "placed",
        /// Part of it has arrived.
        PartiallyReceived "partially_received",
        /// All of it has arrived, or what is missing is no longer waited for.
        Received "received",
        /// Nothing of it is wanted any more.
        Cancelled "cancelled",
    }
}

/// An order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Queryable, Selectable, Insertable)]
#[diesel(table_name = crate::db::schema::orders)]
pub struct Order {
    /// Its id.
    pub id: OrderId,
    /// The organisation that buys.
    pub organisation_id: OrganisationId,
    /// Where the goods are to arrive.
    pub site_id: SiteId,
    /// Who is to send them.
    pub supplier_id: SupplierId,
    /// Its number in the organisation's books.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<Word>,
    /// The day by which the goods are expected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_on: Option<NaiveDate>,
    /// How far it has come.
    pub status: OrderStatus,
    /// Who wrote it.
    pub created_by: String,
    /// When.
    pub created_at: Moment,
    /// What the rules said when it was placed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<Json<Decision>>,
    /// Who placed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub placed_by: Option<String>,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub placed_at: Option<Moment>,
    /// Who cancelled it, or closed it short.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_by: Option<String>,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Moment>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_reason: Option<Prose>,
    /// What its prices are in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// How often it was written, as a draft; none said so in events from before it was kept.
    #[serde(default = "first", skip_serializing_if = "is_first")]
    pub version: i64,
}

fn first() -> i64 {
    FIRST
}

fn is_first(version: &i64) -> bool {
    *version == FIRST
}

impl Order {
    /// Whether goods are still waited for.
    pub fn is_open(&self) -> bool {
        matches!(self.status, OrderStatus::Placed | OrderStatus::PartiallyReceived)
    }

    /// Whether it was ended before all of it had arrived: what is missing is no longer waited for.
    pub fn is_closed_short(&self) -> bool {
        self.status == OrderStatus::Received && self.ended_at.is_some()
    }

    /// Whether the goods should have arrived before that day.
    pub fn is_overdue(&self, day: NaiveDate) -> bool {
        self.is_open() && self.expected_on.is_some_and(|expected| expected < day)
    }
}

/// Packs of one product in an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Queryable, Selectable, Insertable)]
#[diesel(table_name = crate::db::schema::order_lines)]
pub struct OrderLine {
    /// Its id.
    pub id: OrderLineId,
    /// The organisation that buys.
    pub organisation_id: OrganisationId,
    /// The order.
    pub order_id: OrderId,
    /// Its place in the order, from 0.
    pub line: i32,
    /// The product.
    pub product_id: ProductId,
    /// How many packs were ordered.
    pub packs: i64,
    /// How many units that is.
    pub units: i64,
    /// How many units have arrived: fewer, as many, or more.
    pub units_received: i64,
    /// What one pack costs, in minor units of the order's currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pack_price_minor: Option<MinorUnits>,
}

/// An order with its lines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ordered {
    /// The order.
    pub order: Order,
    /// Its lines, in their order.
    pub lines: Vec<OrderLine>,
}

/// An order was placed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placement {
    /// Which.
    pub order_id: OrderId,
    /// What the rules said.
    pub decision: Json<Decision>,
    /// By whom.
    pub placed_by: String,
    /// When.
    pub placed_at: Moment,
}

/// An order was cancelled, or closed short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ending {
    /// Which.
    pub order_id: OrderId,
    /// By whom.
    pub ended_by: String,
    /// When.
    pub ended_at: Moment,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Prose>,
}

/// Units that arrived, counted into a line of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Counted {
    /// The line of the order.
    pub order_line_id: OrderLineId,
    /// How many units.
    pub units: i64,
}
