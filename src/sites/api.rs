//! Sites and locations over HTTP.

use actix_web::{HttpResponse, get, post, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{Location, Purpose, Site};
use super::{service, store};
use crate::catalogue::model::ProductClass;
use crate::clock::Moment;
use crate::http::commands::{Commands, Queries};
use crate::http::input::{Body, Query};
use crate::http::paging::{Cursor, Limit, Page};
use crate::http::problem::Problem;
use crate::ids::{LocationId, SiteId};
use crate::values::{Celsius, Jurisdiction, Name, TimeZone};

/// The routes of this slice.
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(create_site).service(list_sites).service(get_site);
    cfg.service(create_location).service(list_locations).service(get_location);
}

/// A site to register.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Harley Street", "jurisdiction": "GB-ENG", "time_zone": "Europe/London"}))]
pub struct NewSite {
    /// Its name.
    pub name: Name,
    /// The law that it is under, ISO 3166-1 or 3166-2.
    pub jurisdiction: Jurisdiction,
    /// Its IANA time zone: decides when a day ends.
    pub time_zone: TimeZone,
}

/// Registers a site.
///
/// Its jurisdiction decides which licences and approvals count there; its time zone decides when a day ends, and with
/// it when a lot has expired.
#[utoipa::path(operation_id = "create_site", tag = "Sites", request_body = NewSite,
    responses((status = 201, description = "The site.", body = Site)))]
#[post("/sites")]
async fn create_site(commands: Commands, body: Body<NewSite>) -> Result<HttpResponse, Problem> {
    commands.create(body, service::register_site).await
}

/// How to page through a list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SiteFilter {
    /// How many items at the most.
    limit: Option<Limit>,
    /// Where the page before ended.
    cursor: Option<Cursor>,
}

/// Lists the sites that you see.
#[utoipa::path(operation_id = "list_sites", tag = "Sites", params(SiteFilter),
    responses((status = 200, description = "A page of sites.", body = Page<Site>)))]
#[get("/sites")]
async fn list_sites(queries: Queries, filter: Query<SiteFilter>) -> Result<HttpResponse, Problem> {
    let SiteFilter { limit, cursor } = filter.into_inner();
    queries
        .page(
            "sites",
            limit,
            cursor,
            |view, [after], limit| store::list_sites(view.db, view.caller, &after, limit),
            |site| [site.id.to_string()],
        )
        .await
}

/// Shows a site.
#[utoipa::path(operation_id = "get_site", tag = "Sites", params(("id" = SiteId, Path, description = "The site.")),
    responses((status = 200, description = "The site.", body = Site)))]
#[get("/sites/{id}")]
async fn get_site(queries: Queries, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    queries
        .find(id, "site", |view, id: SiteId| {
            let site = store::site(view.db, &view.caller.organisation_id, &id)?;
            Ok(site.filter(|site| view.caller.sees(&site.id)))
        })
        .await
}

/// A location to register.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"site_id": "site_01932c07-8d00-7000-8000-000000000001", "name": "Fridge 1", "purpose": "stock", "min_c": 2, "max_c": 8}))]
pub struct NewLocation {
    /// The site that it is in.
    pub site_id: SiteId,
    /// Its name.
    pub name: Name,
    /// What it is for.
    pub purpose: Purpose,
    /// The lower end of its temperature band, °C.
    pub min_c: Celsius,
    /// The upper end of its temperature band, °C.
    pub max_c: Celsius,
    /// The classes that it may hold; leave it out for all.
    #[serde(default)]
    pub product_classes: Option<Vec<ProductClass>>,
}

/// A location.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Location)]
pub struct LocationView {
    /// Its id.
    id: LocationId,
    /// The site that it is in.
    site_id: SiteId,
    /// Its name.
    name: Name,
    /// What it is for.
    purpose: Purpose,
    /// The lower end of its temperature band, °C.
    min_c: Celsius,
    /// The upper end of its temperature band, °C.
    max_c: Celsius,
    /// The classes that it may hold; absent when it may hold all.
    #[serde(skip_serializing_if = "Option::is_none")]
    product_classes: Option<Vec<ProductClass>>,
    /// When it was registered.
    registered_at: Moment,
}

impl From<Location> for LocationView {
    fn from(location: Location) -> Self {
        LocationView {
            id: location.id,
            site_id: location.site_id,
            name: location.name,
            purpose: location.purpose,
            min_c: Celsius::from_milli(location.min_mc),
            max_c: Celsius::from_milli(location.max_mc),
            product_classes: location.product_classes.map(|classes| classes.into_inner()),
            registered_at: location.registered_at,
        }
    }
}

/// Registers a location of a site: a room, fridge or shelf with a temperature band and one purpose.
#[utoipa::path(operation_id = "create_location", tag = "Sites", request_body = NewLocation,
    responses((status = 201, description = "The location.", body = LocationView)))]
#[post("/locations")]
async fn create_location(commands: Commands, body: Body<NewLocation>) -> Result<HttpResponse, Problem> {
    commands.create(body, |cmd, new| service::register_location(cmd, new).map(LocationView::from)).await
}

/// Which locations.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LocationFilter {
    /// Only those of this site.
    site_id: Option<SiteId>,
    /// How many items at the most.
    limit: Option<Limit>,
    /// Where the page before ended.
    cursor: Option<Cursor>,
}

/// Lists locations.
#[utoipa::path(operation_id = "list_locations", tag = "Sites", params(LocationFilter),
    responses((status = 200, description = "A page of locations.", body = Page<LocationView>)))]
#[get("/locations")]
async fn list_locations(queries: Queries, filter: Query<LocationFilter>) -> Result<HttpResponse, Problem> {
    let LocationFilter { site_id, limit, cursor } = filter.into_inner();
    queries
        .page(
            "locations",
            limit,
            cursor,
            move |view, [after], limit| {
                let found = store::list_locations(view.db, view.caller, site_id.as_ref(), &after, limit)?;
                Ok(found.into_iter().map(LocationView::from).collect())
            },
            |location| [location.id.to_string()],
        )
        .await
}

/// Shows a location.
#[utoipa::path(operation_id = "get_location", tag = "Sites",
    params(("id" = LocationId, Path, description = "The location.")),
    responses((status = 200, description = "The location.", body = LocationView)))]
#[get("/locations/{id}")]
async fn get_location(queries: Queries, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    queries
        .find(id, "location", |view, id: LocationId| {
            let location = store::location(view.db, &view.caller.organisation_id, &id)?;
            Ok(location.filter(|location| view.caller.sees(&location.site_id)).map(LocationView::from))
        })
        .await
}
