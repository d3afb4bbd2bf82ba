//! Products over HTTP.

use actix_web::{HttpResponse, get, patch, post, put, web};

use super::wire::{NewProduct, ProductFilter, ProductView};
use super::{service, store};
use crate::http::commands::{Commands, Queries};
use crate::http::input::{Body, Query, path_id};
use crate::http::paging::{self, List, Page};
use crate::http::slice::Routes;
use crate::http::versions::{Sent, tagged};
use crate::ids::ProductId;
use crate::problem::Problem;
use crate::values::Prose;
use crate::versions::{Change, Reinstatement, Retirement};

/// The routes of this slice.
pub fn routes(cfg: &mut impl Routes) {
    cfg.service(create_product).service(list_products).service(get_product);
    cfg.service(correct_product).service(patch_product).service(retire_product).service(reinstate_product);
}

/// Registers a product.
///
/// What it says of storage and authorisation is what your organisation has verified, with its source. The levels of its
/// packaging have identifiers of their own, and more than one agency may number it: name them all, so that whatever is
/// scanned leads here with the right number of units.
#[utoipa::path(operation_id = "create_product", tag = "Catalogue", request_body = NewProduct,
    responses((status = 201, description = "The product.", body = ProductView,
        headers(("ETag" = String, description = "Its version in quotes, for If-Match.")))))]
#[post("/products")]
async fn create_product(commands: Commands, body: Body<NewProduct>) -> Result<HttpResponse, Problem> {
    commands.create(body, |cmd, new| service::register(cmd, new).map(ProductView::from)).await.map(tagged)
}

/// Lists products.
#[utoipa::path(operation_id = "list_products", tag = "Catalogue", params(ProductFilter),
    responses((status = 200, description = "A page of products.", body = Page<ProductView>)))]
#[get("/products")]
async fn list_products(queries: Queries, filter: Query<ProductFilter>) -> Result<HttpResponse, Problem> {
    let ProductFilter { name, gtin, udi_di, class, retired, limit, cursor } = filter.into_inner();
    let filter = store::Filter { gtin, udi_di, class, retired };
    queries
        .search(
            List::of("products", [paging::id::<ProductId>]),
            limit,
            cursor,
            move |view, [after], limit| {
                let fetch = |limit| {
                    let found = store::list(view.db, &view.caller.organisation_id, &filter, &after, limit)?;
                    Ok(found.into_iter().map(ProductView::from).collect())
                };
                paging::called(
                    name.as_ref(),
                    limit,
                    fetch,
                    |product: &ProductView| &product.name,
                    |product| [product.id.to_string()],
                )
            },
            |product: &ProductView| [product.id.to_string()],
        )
        .await
}

/// Shows a product.
#[utoipa::path(operation_id = "get_product", tag = "Catalogue",
    params(("id" = ProductId, Path, description = "The product.")),
    responses((status = 200, description = "The product.", body = ProductView,
        headers(("ETag" = String, description = "Its version in quotes, for If-Match.")))))]
#[get("/products/{id}")]
async fn get_product(queries: Queries, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    queries
        .find(id, "product", |view, id: ProductId| {
            Ok(store::product(view.db, &view.caller.organisation_id, &id)?.map(ProductView::from))
        })
        .await
        .map(tagged)
}

/// Corrects a product, as a new version.
///
/// The body is the whole product, every field of it; what GET answers may be sent back. Anything but its GTIN can be corrected; how many units a pack holds only while no lot of it is on record. Identifiers can be added, and what
/// they say corrected (what was received before keeps the units that it was received with); one that something was
/// received or used under is not taken away. Every version stays in the journal.
#[utoipa::path(operation_id = "correct_product", tag = "Catalogue", request_body = NewProduct,
    params(("id" = ProductId, Path, description = "The product."),
        ("reason" = Option<Prose>, Query, description = "Why, for the journal."),
        ("If-Match" = String, Header, description = "The ETag of the version that this replaces, or *.")),
    responses((status = 200, description = "The product, as it is now.", body = ProductView,
        headers(("ETag" = String, description = "Its version in quotes, for If-Match.")))))]
#[put("/products/{id}")]
async fn correct_product(
    commands: Commands,
    id: web::Path<String>,
    change: Change,
    body: Body<Sent>,
) -> Result<HttpResponse, Problem> {
    let id: ProductId = path_id(&id, "product")?;
    commands
        .change(body, move |cmd, sent| service::correct(cmd, &id, &change, sent).map(ProductView::from))
        .await
        .map(tagged)
}

/// Changes what it names of a product, as a new version.
///
/// A JSON merge patch (RFC 7396): what is left out stays, null takes away. The same rules as for the whole.
#[utoipa::path(operation_id = "patch_product", tag = "Catalogue", request_body = NewProduct,
    params(("id" = ProductId, Path, description = "The product."),
        ("reason" = Option<Prose>, Query, description = "Why, for the journal."),
        ("If-Match" = Option<String>, Header, description = "The ETag of the version that this changes.")),
    responses((status = 200, description = "The product, as it is now.", body = ProductView,
        headers(("ETag" = String, description = "Its version in quotes, for If-Match.")))))]
#[patch("/products/{id}")]
async fn patch_product(
    commands: Commands,
    id: web::Path<String>,
    change: Change,
    body: Body<Sent>,
) -> Result<HttpResponse, Problem> {
    let id: ProductId = path_id(&id, "product")?;
    commands
        .change(body, move |cmd, sent| service::correct(cmd, &id, &change, sent).map(ProductView::from))
        .await
        .map(tagged)
}

/// Retires a product.
///
/// It stays on record and in lists. It is no longer ordered or received; what is in stock may still be used.
#[utoipa::path(operation_id = "retire_product", tag = "Catalogue", request_body = Retirement,
    params(("id" = ProductId, Path, description = "The product.")),
    responses((status = 200, description = "The product, now retired.", body = ProductView,
        headers(("ETag" = String, description = "Its version in quotes, for If-Match.")))))]
#[post("/products/{id}/retire")]
async fn retire_product(
    commands: Commands,
    id: web::Path<String>,
    body: Body<Retirement>,
) -> Result<HttpResponse, Problem> {
    let id: ProductId = path_id(&id, "product")?;
    commands.change(body, move |cmd, new| service::retire(cmd, &id, new).map(ProductView::from)).await.map(tagged)
}

/// Puts a retired product back into use.
///
/// It is ordered and received again; what it is known by was kept for it.
#[utoipa::path(operation_id = "reinstate_product", tag = "Catalogue", request_body = Reinstatement,
    params(("id" = ProductId, Path, description = "The product.")),
    responses((status = 200, description = "The product, in use again.", body = ProductView,
        headers(("ETag" = String, description = "Its version in quotes, for If-Match.")))))]
#[post("/products/{id}/reinstate")]
async fn reinstate_product(
    commands: Commands,
    id: web::Path<String>,
    body: Body<Reinstatement>,
) -> Result<HttpResponse, Problem> {
    let id: ProductId = path_id(&id, "product")?;
    commands.change(body, move |cmd, new| service::reinstate(cmd, &id, new).map(ProductView::from)).await.map(tagged)
}
