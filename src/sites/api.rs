//! Sites and locations over HTTP.

use actix_web::{HttpResponse, get, patch, post, put, web};

use super::model::Site;
use super::wire::{LocationFilter, LocationView, NewLocation, NewSite, SiteFilter};
use super::{service, store};
use crate::http::commands::{Commands, Queries};
use crate::http::input::{Body, Query, path_id};
use crate::http::paging::{self, List, Page};
use crate::http::slice::Routes;
use crate::http::versions::{Sent, tagged};
use crate::ids::{LocationId, SiteId};
use crate::problem::Problem;
use crate::values::Prose;
use crate::versions::{Change, Reinstatement, Retirement};

/// The routes of this slice.
pub fn routes(cfg: &mut impl Routes) {
    cfg.service(create_site).service(list_sites).service(get_site);
    cfg.service(correct_site).service(patch_site).service(retire_site).service(reinstate_site);
    cfg.service(create_location).service(list_locations).service(get_location);
    cfg.service(correct_location).service(patch_location).service(retire_location).service(reinstate_location);
}

/// Registers a site.
///
/// Its jurisdiction decides which licences and approvals count there; its time zone decides when a day ends, and with
/// it when a lot has expired.
#[utoipa::path(operation_id = "create_site", tag = "Sites", request_body = NewSite,
    responses((status = 201, description = "The site.", body = Site,
        headers(("ETag" = String, description = "Its version in quotes, for If-Match.")))))]
#[post("/sites")]
async fn create_site(commands: Commands, body: Body<NewSite>) -> Result<HttpResponse, Problem> {
    commands.create(body, service::register_site).await.map(tagged)
}

/// Lists the sites that you see.
#[utoipa::path(operation_id = "list_sites", tag = "Sites", params(SiteFilter),
    responses((status = 200, description = "A page of sites.", body = Page<Site>)))]
#[get("/sites")]
async fn list_sites(queries: Queries, filter: Query<SiteFilter>) -> Result<HttpResponse, Problem> {
    let SiteFilter { name, retired, limit, cursor } = filter.into_inner();
    queries
        .search(
            List::of("sites", [paging::id::<SiteId>]),
            limit,
            cursor,
            move |view, [after], limit| {
                let fetch = |limit| store::list_sites(view.db, view.caller, retired, &after, limit);
                paging::called(name.as_ref(), limit, fetch, |site| &site.name, |site| [site.id.to_string()])
            },
            |site: &Site| [site.id.to_string()],
        )
        .await
}

/// Shows a site.
#[utoipa::path(operation_id = "get_site", tag = "Sites", params(("id" = SiteId, Path, description = "The site.")),
    responses((status = 200, description = "The site.", body = Site,
        headers(("ETag" = String, description = "Its version in quotes, for If-Match.")))))]
#[get("/sites/{id}")]
async fn get_site(queries: Queries, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    queries.find(id, "site", |view, id: SiteId| service::find_site(view.db, view.caller, &id)).await.map(tagged)
}

/// Corrects a site, as a new version.
///
/// The body is the whole site, every field of it; what GET answers may be sent back. Decisions that were made before are not changed: each keeps the jurisdiction and the day that it was made by. Every version stays in the journal.
#[utoipa::path(operation_id = "correct_site", tag = "Sites", request_body = NewSite,
    params(("id" = SiteId, Path, description = "The site."),
        ("reason" = Option<Prose>, Query, description = "Why, for the journal."),
        ("If-Match" = String, Header, description = "The ETag of the version that this replaces, or *.")),
    responses((status = 200, description = "The site, as it is now.", body = Site,
        headers(("ETag" = String, description = "Its version in quotes, for If-Match.")))))]
#[put("/sites/{id}")]
async fn correct_site(
    commands: Commands,
    id: web::Path<String>,
    change: Change,
    body: Body<Sent>,
) -> Result<HttpResponse, Problem> {
    let id: SiteId = path_id(&id, "site")?;
    commands.change(body, move |cmd, sent| service::correct_site(cmd, &id, &change, sent)).await.map(tagged)
}

/// Changes what it names of a site, as a new version.
///
/// A JSON merge patch (RFC 7396): what is left out stays, null takes away. The same rules as for the whole.
#[utoipa::path(operation_id = "patch_site", tag = "Sites", request_body = NewSite,
    params(("id" = SiteId, Path, description = "The site."),
        ("reason" = Option<Prose>, Query, description = "Why, for the journal."),
        ("If-Match" = Option<String>, Header, description = "The ETag of the version that this changes.")),
    responses((status = 200, description = "The site, as it is now.", body = Site,
        headers(("ETag" = String, description = "Its version in quotes, for If-Match.")))))]
#[patch("/sites/{id}")]
async fn patch_site(
    commands: Commands,
    id: web::Path<String>,
    change: Change,
    body: Body<Sent>,
) -> Result<HttpResponse, Problem> {
    let id: SiteId = path_id(&id, "site")?;
    commands.change(body, move |cmd, sent| service::correct_site(cmd, &id, &change, sent)).await.map(tagged)
}

/// Retires a site.
///
/// It stays on record and in lists. Nothing more is received and nobody treated there. Refused, with the lots, while
/// units lie at any of its locations.
#[utoipa::path(operation_id = "retire_site", tag = "Sites", request_body = Retirement,
    params(("id" = SiteId, Path, description = "The site.")),
    responses((status = 200, description = "The site, now retired.", body = Site,
        headers(("ETag" = String, description = "Its version in quotes, for If-Match.")))))]
#[post("/sites/{id}/retire")]
async fn retire_site(
    commands: Commands,
    id: web::Path<String>,
    body: Body<Retirement>,
) -> Result<HttpResponse, Problem> {
    let id: SiteId = path_id(&id, "site")?;
    commands.change(body, move |cmd, new| service::retire_site(cmd, &id, new)).await.map(tagged)
}

/// Puts a retired site back into use.
///
/// Its locations that were retired stay so.
#[utoipa::path(operation_id = "reinstate_site", tag = "Sites", request_body = Reinstatement,
    params(("id" = SiteId, Path, description = "The site.")),
    responses((status = 200, description = "The site, in use again.", body = Site,
        headers(("ETag" = String, description = "Its version in quotes, for If-Match.")))))]
#[post("/sites/{id}/reinstate")]
async fn reinstate_site(
    commands: Commands,
    id: web::Path<String>,
    body: Body<Reinstatement>,
) -> Result<HttpResponse, Problem> {
    let id: SiteId = path_id(&id, "site")?;
    commands.change(body, move |cmd, new| service::reinstate_site(cmd, &id, new)).await.map(tagged)
}

/// Registers a location of a site: a room, fridge or shelf with a temperature band and one purpose.
#[utoipa::path(operation_id = "create_location", tag = "Sites", request_body = NewLocation,
    responses((status = 201, description = "The location.", body = LocationView,
        headers(("ETag" = String, description = "Its version in quotes, for If-Match.")))))]
#[post("/locations")]
async fn create_location(commands: Commands, body: Body<NewLocation>) -> Result<HttpResponse, Problem> {
    commands.create(body, |cmd, new| service::register_location(cmd, new).map(LocationView::from)).await.map(tagged)
}

/// Lists locations.
#[utoipa::path(operation_id = "list_locations", tag = "Sites", params(LocationFilter),
    responses((status = 200, description = "A page of locations.", body = Page<LocationView>)))]
#[get("/locations")]
async fn list_locations(queries: Queries, filter: Query<LocationFilter>) -> Result<HttpResponse, Problem> {
    let LocationFilter { name, site_id, retired, limit, cursor } = filter.into_inner();
    queries
        .search(
            List::of("locations", [paging::id::<LocationId>]),
            limit,
            cursor,
            move |view, [after], limit| {
                let fetch = |limit| {
                    let found = store::list_locations(view.db, view.caller, site_id.as_ref(), retired, &after, limit)?;
                    Ok(found.into_iter().map(LocationView::from).collect())
                };
                paging::called(
                    name.as_ref(),
                    limit,
                    fetch,
                    |location: &LocationView| &location.name,
                    |location| [location.id.to_string()],
                )
            },
            |location: &LocationView| [location.id.to_string()],
        )
        .await
}

/// Shows a location.
#[utoipa::path(operation_id = "get_location", tag = "Sites",
    params(("id" = LocationId, Path, description = "The location.")),
    responses((status = 200, description = "The location.", body = LocationView,
        headers(("ETag" = String, description = "Its version in quotes, for If-Match.")))))]
#[get("/locations/{id}")]
async fn get_location(queries: Queries, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    queries
        .find(id, "location", |view, id: LocationId| {
            Ok(service::find_location(view.db, view.caller, &id)?.map(LocationView::from))
        })
        .await
        .map(tagged)
}

/// Corrects a location, as a new version.
///
/// The body is the whole location, every field of it; what GET answers may be sent back. Anything but the site that it is in can be corrected. Another purpose, band or classes are refused, with the lots, while units lie there that would no longer be allowed there. Every version stays in the journal.
#[utoipa::path(operation_id = "correct_location", tag = "Sites", request_body = NewLocation,
    params(("id" = LocationId, Path, description = "The location."),
        ("reason" = Option<Prose>, Query, description = "Why, for the journal."),
        ("If-Match" = String, Header, description = "The ETag of the version that this replaces, or *.")),
    responses((status = 200, description = "The location, as it is now.", body = LocationView,
        headers(("ETag" = String, description = "Its version in quotes, for If-Match.")))))]
#[put("/locations/{id}")]
async fn correct_location(
    commands: Commands,
    id: web::Path<String>,
    change: Change,
    body: Body<Sent>,
) -> Result<HttpResponse, Problem> {
    let id: LocationId = path_id(&id, "location")?;
    commands
        .change(body, move |cmd, sent| service::correct_location(cmd, &id, &change, sent).map(LocationView::from))
        .await
        .map(tagged)
}

/// Changes what it names of a location, as a new version.
///
/// A JSON merge patch (RFC 7396): what is left out stays, null takes away. The same rules as for the whole.
#[utoipa::path(operation_id = "patch_location", tag = "Sites", request_body = NewLocation,
    params(("id" = LocationId, Path, description = "The location."),
        ("reason" = Option<Prose>, Query, description = "Why, for the journal."),
        ("If-Match" = Option<String>, Header, description = "The ETag of the version that this changes.")),
    responses((status = 200, description = "The location, as it is now.", body = LocationView,
        headers(("ETag" = String, description = "Its version in quotes, for If-Match.")))))]
#[patch("/locations/{id}")]
async fn patch_location(
    commands: Commands,
    id: web::Path<String>,
    change: Change,
    body: Body<Sent>,
) -> Result<HttpResponse, Problem> {
    let id: LocationId = path_id(&id, "location")?;
    commands
        .change(body, move |cmd, sent| service::correct_location(cmd, &id, &change, sent).map(LocationView::from))
        .await
        .map(tagged)
}

/// Retires a location.
///
/// It stays on record and in lists, and takes no more stock. Refused, with the lots, while units lie there.
#[utoipa::path(operation_id = "retire_location", tag = "Sites", request_body = Retirement,
    params(("id" = LocationId, Path, description = "The location.")),
    responses((status = 200, description = "The location, now retired.", body = LocationView,
        headers(("ETag" = String, description = "Its version in quotes, for If-Match.")))))]
#[post("/locations/{id}/retire")]
async fn retire_location(
    commands: Commands,
    id: web::Path<String>,
    body: Body<Retirement>,
) -> Result<HttpResponse, Problem> {
    let id: LocationId = path_id(&id, "location")?;
    commands
        .change(body, move |cmd, new| service::retire_location(cmd, &id, new).map(LocationView::from))
        .await
        .map(tagged)
}

/// Puts a retired location back into use.
///
/// Its site must be in use.
#[utoipa::path(operation_id = "reinstate_location", tag = "Sites", request_body = Reinstatement,
    params(("id" = LocationId, Path, description = "The location.")),
    responses((status = 200, description = "The location, in use again.", body = LocationView,
        headers(("ETag" = String, description = "Its version in quotes, for If-Match.")))))]
#[post("/locations/{id}/reinstate")]
async fn reinstate_location(
    commands: Commands,
    id: web::Path<String>,
    body: Body<Reinstatement>,
) -> Result<HttpResponse, Problem> {
    let id: LocationId = path_id(&id, "location")?;
    commands
        .change(body, move |cmd, new| service::reinstate_location(cmd, &id, new).map(LocationView::from))
        .await
        .map(tagged)
}
