//! Suppliers over HTTP.

use crate::http::slice::Routes;
use actix_web::{HttpResponse, get, patch, post, put, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model::Supplier;
use super::{service, store};
use crate::catalogue::model::ProductClass;
use crate::clock::Moment;
use crate::http::commands::{Commands, Queries};
use crate::http::input::{Body, Query, path_id};
use crate::http::paging::{self, Cursor, Limit, List, Page};
use crate::http::versions::{Sent, tagged};
use crate::ids::{OrganisationId, SupplierId};
use crate::problem::Problem;
use crate::values::{Country, Gln, Name, Prose};
use crate::versions::{Change, Reinstatement, Retirement};

/// The routes of this slice.
pub fn routes(cfg: &mut impl Routes) {
    cfg.service(create_supplier).service(list_suppliers).service(get_supplier);
    cfg.service(correct_supplier).service(patch_supplier).service(retire_supplier).service(reinstate_supplier);
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

/// A supplier.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Supplier)]
pub struct SupplierView {
    /// Its id.
    id: SupplierId,
    /// The organisation that buys from it.
    organisation_id: OrganisationId,
    /// Its name.
    name: Name,
    /// Where it is.
    country: Country,
    /// Its GLN; null when it has none.
    gln: Option<Gln>,
    /// The classes that it is approved for.
    approved_classes: Vec<ProductClass>,
    /// When it was registered.
    registered_at: Moment,
    /// Counts its corrections: 1 as registered. In quotes it is the ETag.
    version: i64,
    /// When it was retired; absent while it is in use.
    #[serde(skip_serializing_if = "Option::is_none")]
    retired_at: Option<Moment>,
}

impl From<Supplier> for SupplierView {
    fn from(supplier: Supplier) -> Self {
        SupplierView {
            id: supplier.id,
            organisation_id: supplier.organisation_id,
            name: supplier.name,
            country: supplier.country,
            gln: supplier.gln,
            approved_classes: supplier.approved_classes.into_inner(),
            registered_at: supplier.registered_at,
            version: supplier.version,
            retired_at: supplier.retired_at,
        }
    }
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
    responses((status = 200, description = "A page of suppliers.", body = Page<SupplierView>)))]
#[get("/suppliers")]
async fn list_suppliers(queries: Queries, filter: Query<SupplierFilter>) -> Result<HttpResponse, Problem> {
    let SupplierFilter { retired, limit, cursor } = filter.into_inner();
    queries
        .page(
            List::of("suppliers", [paging::id::<SupplierId>]),
            limit,
            cursor,
            move |view, [after], limit| {
                let found = store::list(view.db, &view.caller.organisation_id, retired, &after, limit)?;
                Ok(found.into_iter().map(SupplierView::from).collect())
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
