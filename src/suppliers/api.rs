//! Suppliers over HTTP.

use actix_web::{HttpResponse, get, patch, post, put, web};

use super::wire::{NewSupplier, SupplierFilter, SupplierView};
use super::{service, store};
use crate::http::commands::{Commands, Queries};
use crate::http::input::{Body, Query, path_id};
use crate::http::paging::{self, List, Page};
use crate::http::slice::Routes;
use crate::http::versions::{Sent, tagged};
use crate::ids::SupplierId;
use crate::problem::Problem;
use crate::values::Prose;
use crate::versions::{Change, Reinstatement, Retirement};

/// The routes of this slice.
pub fn routes(cfg: &mut impl Routes) {
    cfg.service(create_supplier).service(list_suppliers).service(get_supplier);
    cfg.service(correct_supplier).service(patch_supplier).service(retire_supplier).service(reinstate_supplier);
}

/// Registers a supplier.
///
/// It may sell to you when it is approved for the product's class and its wholesale licence counts.
#[utoipa::path(operation_id = "create_supplier", tag = "Suppliers", request_body = NewSupplier,
    responses((status = 201, description = "The supplier.", body = SupplierView,
        headers(("ETag" = String, description = "Its version in quotes, for If-Match.")))))]
#[post("/suppliers")]
async fn create_supplier(commands: Commands, body: Body<NewSupplier>) -> Result<HttpResponse, Problem> {
    commands.create(body, |cmd, new| service::register(cmd, new).map(SupplierView::from)).await.map(tagged)
}

/// Lists suppliers.
#[utoipa::path(operation_id = "list_suppliers", tag = "Suppliers", params(SupplierFilter),
    responses((status = 200, description = "A page of suppliers.", body = Page<SupplierView>)))]
#[get("/suppliers")]
async fn list_suppliers(queries: Queries, filter: Query<SupplierFilter>) -> Result<HttpResponse, Problem> {
    let SupplierFilter { name, retired, limit, cursor } = filter.into_inner();
    queries
        .search(
            List::of("suppliers", [paging::id::<SupplierId>]),
            limit,
            cursor,
            move |view, [after], limit| {
                let fetch = |limit| {
                    let found = store::list(view.db, &view.caller.organisation_id, retired, &after, limit)?;
                    Ok(found.into_iter().map(SupplierView::from).collect())
                };
                paging::called(
                    name.as_ref(),
                    limit,
                    fetch,
                    |supplier: &SupplierView| &supplier.name,
                    |supplier| [supplier.id.to_string()],
                )
            },
            |supplier: &SupplierView| [supplier.id.to_string()],
        )
        .await
}

/// Shows a supplier.
#[utoipa::path(operation_id = "get_supplier", tag = "Suppliers",
    params(("id" = SupplierId, Path, description = "The supplier.")),
    responses((status = 200, description = "The supplier.", body = SupplierView,
        headers(("ETag" = String, description = "Its version in quotes, for If-Match.")))))]
#[get("/suppliers/{id}")]
async fn get_supplier(queries: Queries, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    queries
        .find(id, "supplier", |view, id: SupplierId| {
            Ok(store::supplier(view.db, &view.caller.organisation_id, &id)?.map(SupplierView::from))
        })
        .await
        .map(tagged)
}

/// Corrects a supplier, as a new version.
///
/// The body is the whole supplier, every field of it; what GET answers may be sent back. The classes that it is approved for count from now on. Every version stays in the journal.
#[utoipa::path(operation_id = "correct_supplier", tag = "Suppliers", request_body = NewSupplier,
    params(("id" = SupplierId, Path, description = "The supplier."),
        ("reason" = Option<Prose>, Query, description = "Why, for the journal."),
        ("If-Match" = String, Header, description = "The ETag of the version that this replaces, or *.")),
    responses((status = 200, description = "The supplier, as it is now.", body = SupplierView,
        headers(("ETag" = String, description = "Its version in quotes, for If-Match.")))))]
#[put("/suppliers/{id}")]
async fn correct_supplier(
    commands: Commands,
    id: web::Path<String>,
    change: Change,
    body: Body<Sent>,
) -> Result<HttpResponse, Problem> {
    let id: SupplierId = path_id(&id, "supplier")?;
    commands
        .change(body, move |cmd, sent| service::correct(cmd, &id, &change, sent).map(SupplierView::from))
        .await
        .map(tagged)
}

/// Changes what it names of a supplier, as a new version.
///
/// A JSON merge patch (RFC 7396): what is left out stays, null takes away. The same rules as for the whole.
#[utoipa::path(operation_id = "patch_supplier", tag = "Suppliers", request_body = NewSupplier,
    params(("id" = SupplierId, Path, description = "The supplier."),
        ("reason" = Option<Prose>, Query, description = "Why, for the journal."),
        ("If-Match" = Option<String>, Header, description = "The ETag of the version that this changes.")),
    responses((status = 200, description = "The supplier, as it is now.", body = SupplierView,
        headers(("ETag" = String, description = "Its version in quotes, for If-Match.")))))]
#[patch("/suppliers/{id}")]
async fn patch_supplier(
    commands: Commands,
    id: web::Path<String>,
    change: Change,
    body: Body<Sent>,
) -> Result<HttpResponse, Problem> {
    let id: SupplierId = path_id(&id, "supplier")?;
    commands
        .change(body, move |cmd, sent| service::correct(cmd, &id, &change, sent).map(SupplierView::from))
        .await
        .map(tagged)
}

/// Retires a supplier.
///
/// It stays on record and in lists. Nothing more is ordered or received from it.
#[utoipa::path(operation_id = "retire_supplier", tag = "Suppliers", request_body = Retirement,
    params(("id" = SupplierId, Path, description = "The supplier.")),
    responses((status = 200, description = "The supplier, now retired.", body = SupplierView,
        headers(("ETag" = String, description = "Its version in quotes, for If-Match.")))))]
#[post("/suppliers/{id}/retire")]
async fn retire_supplier(
    commands: Commands,
    id: web::Path<String>,
    body: Body<Retirement>,
) -> Result<HttpResponse, Problem> {
    let id: SupplierId = path_id(&id, "supplier")?;
    commands.change(body, move |cmd, new| service::retire(cmd, &id, new).map(SupplierView::from)).await.map(tagged)
}

/// Puts a retired supplier back into use.
///
/// It is ordered and received from again, if it may sell.
#[utoipa::path(operation_id = "reinstate_supplier", tag = "Suppliers", request_body = Reinstatement,
    params(("id" = SupplierId, Path, description = "The supplier.")),
    responses((status = 200, description = "The supplier, in use again.", body = SupplierView,
        headers(("ETag" = String, description = "Its version in quotes, for If-Match.")))))]
#[post("/suppliers/{id}/reinstate")]
async fn reinstate_supplier(
    commands: Commands,
    id: web::Path<String>,
    body: Body<Reinstatement>,
) -> Result<HttpResponse, Problem> {
    let id: SupplierId = path_id(&id, "supplier")?;
    commands.change(body, move |cmd, new| service::reinstate(cmd, &id, new).map(SupplierView::from)).await.map(tagged)
}
