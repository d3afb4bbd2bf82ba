//! Suppliers over HTTP.

use crate::http::app::Routes;
use actix_web::{HttpResponse, get, post, put, web};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::model::Supplier;
use super::{service, store};
use crate::catalogue::model::ProductClass;
use crate::http::commands::{Commands, Queries};
use crate::http::input::{Body, Query, path_id};
use crate::http::paging::{Cursor, Limit, Page};
use crate::http::problem::Problem;
use crate::http::versions::tagged;
use crate::ids::SupplierId;
use crate::values::{Country, Gln, Name, Prose};
use crate::versions::{Change, Retirement};

/// The routes of this slice.
pub fn routes(cfg: &mut impl Routes) {
    cfg.service(create_supplier).service(list_suppliers).service(get_supplier);
    cfg.service(correct_supplier).service(retire_supplier);
}

/// A supplier to register.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Example Medical Supplies", "country": "GB", "approved_classes": ["hybrid_filler", "ha_filler"]}))]
pub struct NewSupplier {
    /// Its name.
    pub name: Name,
    /// Where it is, ISO 3166-1 alpha-2.
    #[serde(deserialize_with = "crate::values::listed_country")]
    pub country: Country,
    /// Its GLN.
    #[serde(default)]
    pub gln: Option<Gln>,
    /// The classes that it is approved for.
    #[schema(min_items = 1)]
    pub approved_classes: Vec<ProductClass>,
}

/// Registers a supplier.
///
/// It may sell to you when it is approved for the product's class and its wholesale licence counts.
#[utoipa::path(operation_id = "create_supplier", tag = "Suppliers", request_body = NewSupplier,
    responses((status = 201, description = "The supplier.", body = Supplier,
        headers(("ETag" = String, description = "Its version in quotes, for If-Match.")))))]
#[post("/suppliers")]
async fn create_supplier(commands: Commands, body: Body<NewSupplier>) -> Result<HttpResponse, Problem> {
    commands.create(body, service::register).await.map(tagged)
}

/// How to page through suppliers.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SupplierFilter {
    /// Only those that are retired, or only those that are not.
    retired: Option<bool>,
    /// How many items at the most.
    limit: Option<Limit>,
    /// Where the page before ended.
    cursor: Option<Cursor>,
}

/// Lists suppliers.
#[utoipa::path(operation_id = "list_suppliers", tag = "Suppliers", params(SupplierFilter),
    responses((status = 200, description = "A page of suppliers.", body = Page<Supplier>)))]
#[get("/suppliers")]
async fn list_suppliers(queries: Queries, filter: Query<SupplierFilter>) -> Result<HttpResponse, Problem> {
    let SupplierFilter { retired, limit, cursor } = filter.into_inner();
    queries
        .page(
            "suppliers",
            limit,
            cursor,
            move |view, [after], limit| store::list(view.db, &view.caller.organisation_id, retired, &after, limit),
            |supplier| [supplier.id.to_string()],
        )
        .await
}

/// Shows a supplier.
#[utoipa::path(operation_id = "get_supplier", tag = "Suppliers",
    params(("id" = SupplierId, Path, description = "The supplier.")),
    responses((status = 200, description = "The supplier.", body = Supplier,
        headers(("ETag" = String, description = "Its version in quotes, for If-Match.")))))]
#[get("/suppliers/{id}")]
async fn get_supplier(queries: Queries, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    queries
        .find(id, "supplier", |view, id: SupplierId| store::supplier(view.db, &view.caller.organisation_id, &id))
        .await
        .map(tagged)
}

/// Corrects a supplier, as a new version.
///
/// The body is the whole supplier. The classes that it is approved for count from now on. Every version stays in the journal.
#[utoipa::path(operation_id = "correct_supplier", tag = "Suppliers", request_body = NewSupplier,
    params(("id" = SupplierId, Path, description = "The supplier."),
        ("reason" = Option<Prose>, Query, description = "Why, for the journal."),
        ("If-Match" = Option<String>, Header, description = "The ETag of the version that this changes.")),
    responses((status = 200, description = "The supplier, as it is now.", body = Supplier,
        headers(("ETag" = String, description = "Its version in quotes, for If-Match.")))))]
#[put("/suppliers/{id}")]
async fn correct_supplier(
    commands: Commands,
    id: web::Path<String>,
    change: Change,
    body: Body<NewSupplier>,
) -> Result<HttpResponse, Problem> {
    let id: SupplierId = path_id(&id, "supplier")?;
    commands.change(body, move |cmd, new| service::correct(cmd, &id, &change, new)).await.map(tagged)
}

/// Retires a supplier.
///
/// It stays on record and in lists. Nothing more is ordered or received from it.
#[utoipa::path(operation_id = "retire_supplier", tag = "Suppliers", request_body = Retirement,
    params(("id" = SupplierId, Path, description = "The supplier.")),
    responses((status = 200, description = "The supplier, now retired.", body = Supplier,
        headers(("ETag" = String, description = "Its version in quotes, for If-Match.")))))]
#[post("/suppliers/{id}/retire")]
async fn retire_supplier(
    commands: Commands,
    id: web::Path<String>,
    body: Body<Retirement>,
) -> Result<HttpResponse, Problem> {
    let id: SupplierId = path_id(&id, "supplier")?;
    commands.change(body, move |cmd, new| service::retire(cmd, &id, new)).await.map(tagged)
}
