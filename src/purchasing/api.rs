//! Orders over HTTP.

use actix_web::{HttpRequest, HttpResponse, get, post, put, web};

use super::wire::{CancelOrder, CloseOrder, NewOrder, OrderFilter, OrderView, PlaceOrder, Unordered};
use super::{service, store};
use crate::command::{Command, View};
use crate::error::Result as Answer;
use crate::http::commands::{Commands, Queries};
use crate::http::input::{Body, OptionalBody, Query, path_id};
use crate::http::paging::{self, List, Page};
use crate::http::slice::Routes;
use crate::http::versions::{if_match, replaced, tagged};
use crate::ids::OrderId;
use crate::problem::Problem;

/// The routes of this slice.
pub fn routes(cfg: &mut impl Routes) {
    cfg.service(super::eligibility::get_eligibility)
        .service(create_order)
        .service(list_orders)
        .service(get_order)
        .service(change_order)
        .service(place_order)
        .service(cancel_order)
        .service(close_order);
}

/// Writes an order as a draft.
///
/// Nothing is decided yet: placing it is.
#[utoipa::path(operation_id = "create_order", tag = "Purchasing", request_body = NewOrder,
    responses((status = 201, description = "The order.", body = OrderView,
        headers(("ETag" = String, description = "Its version in quotes, for If-Match.")))))]
#[post("/orders")]
async fn create_order(commands: Commands, body: Body<NewOrder>) -> Result<HttpResponse, Problem> {
    let written = |cmd: &mut Command<'_>, new: &NewOrder| Ok(OrderView::of(service::create(cmd, new)?, cmd.now));
    commands.create(body, written).await.map(tagged)
}

/// Lists orders.
#[utoipa::path(operation_id = "list_orders", tag = "Purchasing", params(OrderFilter),
    responses((status = 200, description = "A page of orders.", body = Page<OrderView>)))]
#[get("/orders")]
async fn list_orders(queries: Queries, filter: Query<OrderFilter>) -> Result<HttpResponse, Problem> {
    let OrderFilter { status, site_id, supplier_id, product_id, overdue, limit, cursor } = filter.into_inner();
    let asked = store::Filter { status, site_id, supplier_id, product_id, overdue_on: None };
    queries
        .search(
            List::of("orders", [paging::id::<OrderId>]),
            limit,
            cursor,
            move |view, [after], limit| {
                let overdue_on = (overdue == Some(true)).then(|| view.now.day_in(chrono_tz::Tz::UTC));
                let filter = store::Filter { overdue_on, ..asked.clone() };
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
    responses((status = 200, description = "The order.", body = OrderView,
        headers(("ETag" = String, description = "Its version in quotes, for If-Match.")))))]
#[get("/orders/{id}")]
async fn get_order(queries: Queries, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    queries.find(id, "order", |view, id: OrderId| whole(view, &id)).await.map(tagged)
}

/// An order with what came for it.
fn whole(view: &mut View<'_>, id: &OrderId) -> Answer<Option<OrderView>> {
    let Some(ordered) = service::find(view.db, view.caller, id)? else { return Ok(None) };
    let receipts = store::receipts_of_order(view.db, &view.caller.organisation_id, id)?;
    let mut not_ordered: Vec<Unordered> = Vec::new();
    for (product_id, units) in store::not_ordered(view.db, &view.caller.organisation_id, &receipts)? {
        match not_ordered.iter_mut().find(|entry| entry.product_id == product_id) {
            Some(entry) => entry.units = entry.units.saturating_add(units),
            None => not_ordered.push(Unordered { product_id, units }),
        }
    }
    let view = OrderView::of(ordered, view.now);
    Ok(Some(OrderView { receipts: Some(receipts), not_ordered: Some(not_ordered), ..view }))
}

/// Writes a draft anew.
///
/// All of it is as it is said now: what is left out is no longer on it. What it said before stays in the journal. `If-Match` names the
/// version that was read, so that nobody overwrites what another wrote meanwhile.
#[utoipa::path(operation_id = "change_order", tag = "Purchasing", request_body = NewOrder,
    params(("id" = OrderId, Path, description = "The order."),
        ("If-Match" = String, Header, description = "The ETag of the version that this replaces, or *.")),
    responses((status = 200, description = "The order, as it says now.", body = OrderView,
        headers(("ETag" = String, description = "Its version in quotes, for If-Match.")))))]
#[put("/orders/{id}")]
async fn change_order(
    request: HttpRequest,
    commands: Commands,
    id: web::Path<String>,
    body: Body<NewOrder>,
) -> Result<HttpResponse, Problem> {
    let id: OrderId = path_id(&id, "order")?;
    let expected = replaced(&request)?;
    let change = move |cmd: &mut Command<'_>, new: &NewOrder| {
        Ok(OrderView::of(service::change(cmd, &id, expected, new)?, cmd.now))
    };
    commands.change(body, change).await.map(tagged)
}

/// Places an order, if everything in it may be bought.
///
/// Every line is judged by the rule that `GET /v1/eligibility` answers with; the decision is frozen into the order. With `If-Match` only the
/// version that was read is placed.
#[utoipa::path(operation_id = "place_order", tag = "Purchasing", request_body = Option<PlaceOrder>,
    params(("id" = OrderId, Path, description = "The order."),
        ("If-Match" = Option<String>, Header, description = "The ETag of the version that this places.")),
    responses((status = 200, description = "The order, placed.", body = OrderView)))]
#[post("/orders/{id}/place")]
async fn place_order(
    request: HttpRequest,
    commands: Commands,
    id: web::Path<String>,
    body: OptionalBody<PlaceOrder>,
) -> Result<HttpResponse, Problem> {
    let id: OrderId = path_id(&id, "order")?;
    let expected = if_match(&request);
    commands.change(body.0, move |cmd, _| Ok(OrderView::of(service::place(cmd, &id, expected)?, cmd.now))).await
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
