//! Products over HTTP.

use crate::http::slice::Routes;
use actix_web::{HttpResponse, get, patch, post, put, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model::{Approval, Identifier, IdentifierScheme, Level, Product, ProductClass};
use super::{service, store};
use crate::clock::Moment;
use crate::http::commands::{Commands, Queries};
use crate::http::input::{Body, Query, path_id};
use crate::http::paging::{self, Cursor, Limit, List, Page};
use crate::http::versions::{Sent, tagged};
use crate::ids::ProductId;
use crate::problem::Problem;
use crate::values::{
    Amount, Celsius, Gtin, Json, Name, Prose, UdiDi, Units, UnitsPerPack, Word, gtin_of_any_length_optional,
};
use crate::versions::{Change, Reinstatement, Retirement};

/// The routes of this slice.
pub fn routes(cfg: &mut impl Routes) {
    cfg.service(create_product).service(list_products).service(get_product);
    cfg.service(correct_product).service(patch_product).service(retire_product).service(reinstate_product);
}

/// What one patient gets: a syringe, a vial.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Unit {
    /// What it is.
    pub presentation: Word,
    /// How much it holds, a decimal number as text.
    pub amount: Amount,
    /// What `amount` counts.
    pub amount_unit: Word,
}

/// How the label says that the product must be kept.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Storage {
    /// The lower end of the band, °C.
    pub min_c: Celsius,
    /// The upper end of the band, °C.
    pub max_c: Celsius,
    /// Whether freezing spoils it.
    #[serde(default)]
    pub do_not_freeze: bool,
    /// Whether light spoils it.
    #[serde(default)]
    pub protect_from_light: bool,
}

/// Hours that the product may spend up to a temperature, over its life.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StabilityBudget {
    /// Up to this temperature, °C.
    pub max_c: Celsius,
    /// For so many hours in all.
    #[schema(minimum = 1, maximum = 87600)]
    pub hours: i32,
}

/// Another identifier of a product, beside the GTIN of its pack.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewIdentifier {
    /// Whose rules it follows.
    pub scheme: IdentifierScheme,
    /// A GTIN; for `hibc` labeler, product number and unit of measure, as the code decodes to `udi_di`, or the primary
    /// code as it is scanned; for `iccbba` the device identifier, without or with the `=/` in front.
    pub value: Word,
    /// What carries it: a unit, a pack or a case.
    pub level: Level,
    /// How many units that holds: from 1 to `units_per_pack` for a unit, `units_per_pack` for a pack, a multiple of it for
    /// a case.
    pub units: Units,
}

/// A product to register.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "gtin": "09521234567899", "identifiers": [
        {"scheme": "gtin", "value": "09521234567806", "level": "unit", "units": 1},
        {"scheme": "gtin", "value": "19521234567896", "level": "case", "units": 20},
        {"scheme": "hibc", "value": "A99912345", "level": "pack", "units": 2}
    ], "name": "HArmonyCa", "manufacturer": "Example Aesthetics", "class": "hybrid_filler",
    "units_per_pack": 2, "unit": {"presentation": "prefilled syringe", "amount": "1.25", "amount_unit": "mL"},
    "storage": {"min_c": 2, "max_c": 25, "do_not_freeze": true}, "single_patient": true,
    "approvals": [{"jurisdiction": "GB", "status": "authorised", "source": "illustrative", "verified_on": "2026-01-05"}]
}))]
pub struct NewProduct {
    /// The GTIN of a pack: 8, 12, 13 or 14 digits. A product that has none is named in `identifiers`.
    #[serde(default, deserialize_with = "gtin_of_any_length_optional")]
    pub gtin: Option<Gtin>,
    /// What else it is known by. Each leads to this product, with its number of units.
    #[serde(default)]
    pub identifiers: Vec<NewIdentifier>,
    /// The brand name.
    pub name: Name,
    /// Who makes it.
    pub manufacturer: Name,
    /// Its class.
    pub class: ProductClass,
    /// How many units a pack holds.
    pub units_per_pack: UnitsPerPack,
    /// What a unit is.
    pub unit: Unit,
    /// How the label says that it must be kept.
    pub storage: Storage,
    /// How long an opened unit may be used, in hours.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 87600)]
    pub in_use_hours: Option<i32>,
    /// Whether a unit is for one patient only.
    pub single_patient: bool,
    /// Whether a practitioner needs training evidence for it.
    #[serde(default)]
    pub requires_training: bool,
    /// Whether a prescriber must be named.
    #[serde(default)]
    pub requires_prescriber: bool,
    /// What is known of its authorisation; unknown is not authorised.
    pub approvals: Vec<Approval>,
    /// Hours allowed outside its band.
    #[serde(default)]
    pub stability_budget: Vec<StabilityBudget>,
}

/// A product.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Product)]
pub struct ProductView {
    id: ProductId,
    /// The GTIN of a pack; null when it has none.
    gtin: Option<Gtin>,
    /// What else it is known by.
    identifiers: Vec<Identifier>,
    name: Name,
    manufacturer: Name,
    class: ProductClass,
    units_per_pack: UnitsPerPack,
    unit: Unit,
    storage: Storage,
    /// How long an opened unit may be used, in hours; null when the label does not say.
    in_use_hours: Option<i32>,
    single_patient: bool,
    requires_training: bool,
    requires_prescriber: bool,
    approvals: Vec<Approval>,
    stability_budget: Vec<StabilityBudget>,
    registered_at: Moment,
    /// Counts its corrections: 1 as registered. In quotes it is the ETag.
    version: i64,
    /// When it was retired; absent while it is in use.
    #[serde(skip_serializing_if = "Option::is_none")]
    retired_at: Option<Moment>,
}

impl From<Product> for ProductView {
    fn from(product: Product) -> Self {
        ProductView {
            id: product.id,
            gtin: product.gtin,
            identifiers: Json::into_inner(product.identifiers),
            name: product.name,
            manufacturer: product.manufacturer,
            class: product.class,
            units_per_pack: product.units_per_pack,
            unit: Unit {
                presentation: product.unit_presentation,
                amount: product.unit_amount,
                amount_unit: product.unit_amount_unit,
            },
            storage: Storage {
                min_c: Celsius::from_milli(product.storage_min_mc),
                max_c: Celsius::from_milli(product.storage_max_mc),
                do_not_freeze: product.do_not_freeze,
                protect_from_light: product.protect_from_light,
            },
            in_use_hours: product.in_use_hours,
            single_patient: product.single_patient,
            requires_training: product.requires_training,
            requires_prescriber: product.requires_prescriber,
            approvals: product.approvals.into_inner(),
            stability_budget: product
                .stability_budget
                .into_inner()
                .into_iter()
                .map(|entry| StabilityBudget { max_c: Celsius::from_milli(entry.max_mc), hours: entry.hours })
                .collect(),
            registered_at: product.registered_at,
            version: product.version,
            retired_at: product.retired_at,
        }
    }
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

/// Which products.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ProductFilter {
    /// Only the one with this GTIN of a unit, a pack or a case, 14 digits.
    gtin: Option<Gtin>,
    /// Only the one with this device identifier, of whatever scheme and level.
    udi_di: Option<UdiDi>,
    /// Only those of this class.
    class: Option<ProductClass>,
    /// Only those that are retired, or only those that are not.
    retired: Option<bool>,
    /// How many items at the most.
    limit: Option<Limit>,
    /// Where the page before ended.
    cursor: Option<Cursor>,
}

/// Lists products.
#[utoipa::path(operation_id = "list_products", tag = "Catalogue", params(ProductFilter),
    responses((status = 200, description = "A page of products.", body = Page<ProductView>)))]
#[get("/products")]
async fn list_products(queries: Queries, filter: Query<ProductFilter>) -> Result<HttpResponse, Problem> {
    let ProductFilter { gtin, udi_di, class, retired, limit, cursor } = filter.into_inner();
    let filter = store::Filter { gtin, udi_di, class, retired };
    queries
        .page(
            List::of("products", [paging::id::<ProductId>]),
            limit,
            cursor,
            move |view, [after], limit| {
                let found = store::list(view.db, &view.caller.organisation_id, &filter, &after, limit)?;
                Ok(found.into_iter().map(ProductView::from).collect())
            },
            |product| [product.id.to_string()],
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
