//! Orders over HTTP.

use crate::http::slice::Routes;
use actix_web::{HttpResponse, get, post, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model::{OrderLine, OrderStatus, Ordered};
use super::{service, store};
use crate::clock::Moment;
use crate::command::View;
use crate::decision::Decision;
use crate::error::Result as Answer;
use crate::http::commands::{Commands, Queries};
use crate::http::input::{Body, OptionalBody, Query, path_id};
use crate::http::paging::{self, Cursor, Limit, List, Page};
use crate::ids::{OrderId, OrderLineId, ProductId, ReceiptId, SiteId, SupplierId};
use crate::problem::Problem;
use crate::receiving::model::Flag;
use crate::values::{Packs, Prose, Word};

/// The routes of this slice.
pub fn routes(cfg: &mut impl Routes) {
    cfg.service(super::eligibility::get_eligibility)
        .service(create_order)
        .service(list_orders)
        .service(get_order)
        .service(place_order)
        .service(cancel_order)
        .service(close_order);
}

/// An order to write.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "site_id": "site_01932c07-8d00-7000-8000-000000000001", "supplier_id": "sup_01932c07-8d00-7000-8000-000000000002",
    "reference": "PO-2026-117", "expected_on": "2029-11-30",
    "lines": [{"product_id": "prd_01932c07-8d00-7000-8000-000000000007", "packs": 10}]
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
}

/// An order.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Order)]
pub struct OrderView {
    id: OrderId,
    site_id: SiteId,
    supplier_id: SupplierId,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<Word>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expected_on: Option<NaiveDate>,
    /// Whether goods are waited for that were expected before today.
    overdue: bool,
    status: OrderStatus,
    lines: Vec<OrderLineView>,
    created_by: String,
    created_at: Moment,
    #[serde(skip_serializing_if = "Option::is_none")]
    placed_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    placed_at: Option<Moment>,
    /// What the rules said when it was placed, frozen.
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<Decision>,
    /// Who cancelled it or closed it short.
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<Moment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_reason: Option<Prose>,
    /// The receipts that answered it (only where one order is shown).
    #[serde(skip_serializing_if = "Option::is_none")]
    receipts: Option<Vec<ReceiptId>>,
    /// Units that came with those receipts and were not ordered (only where one order is shown).
    #[serde(skip_serializing_if = "Option::is_none")]
    not_ordered: Option<Vec<Unordered>>,
}

/// Packs of one product in an order.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OrderLine)]
pub struct OrderLineView {
    id: OrderLineId,
    product_id: ProductId,
    packs: i64,
    units: i64,
    units_received: i64,
    /// Units received less units ordered: below zero when some are missing, above when there are too many.
    difference: i64,
}

/// Units of a product that came without being ordered.
#[derive(Debug, Serialize, ToSchema)]
pub struct Unordered {
    product_id: ProductId,
    units: i64,
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
        }
    }
}

impl OrderView {
    fn of(Ordered { order, lines }: Ordered, now: Moment) -> Self {
        OrderView {
            overdue: order.is_overdue(now.day_in(chrono_tz::Tz::UTC)),
            id: order.id,
            site_id: order.site_id,
            supplier_id: order.supplier_id,
            reference: order.reference,
            expected_on: order.expected_on,
            status: order.status,
            lines: lines.into_iter().map(OrderLineView::from).collect(),
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

/// Writes an order as a draft.
///
/// Nothing is decided yet: placing it is.
#[utoipa::path(operation_id = "create_order", tag = "Purchasing", request_body = NewOrder,
    responses((status = 201, description = "The order.", body = OrderView)))]
#[post("/orders")]
async fn create_order(commands: Commands, body: Body<NewOrder>) -> Result<HttpResponse, Problem> {
    commands.create(body, |cmd, new| service::create(cmd, new).map(|ordered| OrderView::of(ordered, cmd.now))).await
}

/// Which orders.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OrderFilter {
    /// Only those in this status.
    status: Option<OrderStatus>,
    /// Only those for this site.
    site_id: Option<SiteId>,
    /// Only those to this supplier.
    supplier_id: Option<SupplierId>,
    /// Only those with a line of this product.
    product_id: Option<ProductId>,
    /// Only those that wait for goods which were expected before today.
    overdue: Option<bool>,
    /// How many items at the most.
    limit: Option<Limit>,
    /// Where the page before ended.
    cursor: Option<Cursor>,
}

/// Lists orders.
#[utoipa::path(operation_id = "list_orders", tag = "Purchasing", params(OrderFilter),
    responses((status = 200, description = "A page of orders.", body = Page<OrderView>)))]
#[get("/orders")]
async fn list_orders(queries: Queries, filter: Query<OrderFilter>) -> Result<HttpResponse, Problem> {
    let OrderFilter { status, site_id, supplier_id, product_id, overdue, limit, cursor } = filter.into_inner();
    queries
        .search(
            List::of("orders", [paging::id::<OrderId>]),
            limit,
            cursor,
            move |view, [after], limit| {
                let overdue_on = (overdue == Some(true)).then(|| view.now.day_in(chrono_tz::Tz::UTC));
                let filter = store::Filter { status, site_id, supplier_id, product_id, overdue_on };
                let found = store::list(view.db, view.caller, &filter, &after, limit)?;
                found.map(|found| {
                    let ordered = service::with_lines(view.db, view.caller, found)?;
                    Ok(ordered.into_iter().map(|ordered| OrderView::of(ordered, view.now)).collect())
                })
            },
            |order: &OrderView| [order.id.to_string()],
        )
        .await
}

/// Shows an order: what was ordered, what came, and what differs.
#[utoipa::path(operation_id = "get_order", tag = "Purchasing",
    params(("id" = OrderId, Path, description = "The order.")),
    responses((status = 200, description = "The order.", body = OrderView)))]
#[get("/orders/{id}")]
async fn get_order(queries: Queries, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    queries.find(id, "order", |view, id: OrderId| whole(view, &id)).await
}

/// An order with what came for it.
fn whole(view: &mut View<'_>, id: &OrderId) -> Answer<Option<OrderView>> {
    let Some(ordered) = service::find(view.db, view.caller, id)? else { return Ok(None) };
    let receipts = crate::receiving::store::receipts_of_order(view.db, &view.caller.organisation_id, id)?;
    let ids: Vec<_> = receipts.iter().collect();
    let lines = crate::receiving::store::lines(view.db, &view.caller.organisation_id, &ids)?;
    let mut not_ordered: Vec<Unordered> = Vec::new();
    for line in crate::receiving::rules::standing(&lines).filter(|line| line.flags.contains(&Flag::NotOrdered)) {
        match not_ordered.iter_mut().find(|entry| entry.product_id == line.product_id) {
            Some(entry) => entry.units = entry.units.saturating_add(line.units),
            None => not_ordered.push(Unordered { product_id: line.product_id.clone(), units: line.units }),
        }
    }
    let view = OrderView::of(ordered, view.now);
    Ok(Some(OrderView { receipts: Some(receipts), not_ordered: Some(not_ordered), ..view }))
}

/// Nothing to say: the path says it all. The body may be left out.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlaceOrder {}

/// Places an order, if everything in it may be bought.
///
/// Every line is judged by the rule that `GET /v1/eligibility` answers with; the decision is frozen into the order.
#[utoipa::path(operation_id = "place_order", tag = "Purchasing", request_body = Option<PlaceOrder>,
    params(("id" = OrderId, Path, description = "The order.")),
    responses((status = 200, description = "The order, placed.", body = OrderView)))]
#[post("/orders/{id}/place")]
async fn place_order(
    commands: Commands,
    id: web::Path<String>,
    body: OptionalBody<PlaceOrder>,
) -> Result<HttpResponse, Problem> {
    let id: OrderId = path_id(&id, "order")?;
    commands.change(body.0, move |cmd, _| Ok(OrderView::of(service::place(cmd, &id)?, cmd.now))).await
}

/// Why an order is dropped.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "Ordered twice"}))]
pub struct CancelOrder {
    /// Why.
    #[serde(default)]
    pub reason: Option<Prose>,
}

/// Cancels an order of which nothing has arrived.
#[utoipa::path(operation_id = "cancel_order", tag = "Purchasing", request_body = Option<CancelOrder>,
    params(("id" = OrderId, Path, description = "The order.")),
    responses((status = 200, description = "The order, cancelled.", body = OrderView)))]
#[post("/orders/{id}/cancel")]
async fn cancel_order(
    commands: Commands,
    id: web::Path<String>,
    body: OptionalBody<CancelOrder>,
) -> Result<HttpResponse, Problem> {
    let id: OrderId = path_id(&id, "order")?;
    commands
        .change(body.0, move |cmd, new| Ok(OrderView::of(service::cancel(cmd, &id, new.reason.as_ref())?, cmd.now)))
        .await
}

/// Why an order is closed short.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "The rest is out of stock until March"}))]
pub struct CloseOrder {
    /// Why.
    pub reason: Prose,
}

/// Closes an order short: what is missing is no longer waited for.
#[utoipa::path(operation_id = "close_order", tag = "Purchasing", request_body = CloseOrder,
    params(("id" = OrderId, Path, description = "The order.")),
    responses((status = 200, description = "The order, received short.", body = OrderView)))]
#[post("/orders/{id}/close")]
async fn close_order(
    commands: Commands,
    id: web::Path<String>,
    body: Body<CloseOrder>,
) -> Result<HttpResponse, Problem> {
    let id: OrderId = path_id(&id, "order")?;
    commands.change(body, move |cmd, new| Ok(OrderView::of(service::close(cmd, &id, &new.reason)?, cmd.now))).await
}
