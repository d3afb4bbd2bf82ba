//! Excursions over HTTP.

use actix_web::{HttpResponse, get, post, web};

use super::wire::{ExcursionFilter, ExcursionView, ExposedAdministration, ExposedFilter, NewAssessment};
use super::{service, store};
use crate::error::{Error, Result};
use crate::http::commands::{Commands, Queries};
use crate::http::input::{Body, Query, path_id};
use crate::http::paging::{self, List, Page};
use crate::http::slice::Routes;
use crate::ids::{AdministrationId, ExcursionId};
use crate::problem::Problem;

/// The routes of this slice.
pub fn routes(cfg: &mut impl Routes) {
    cfg.service(list_excursions).service(get_excursion);
    cfg.service(list_exposed_administrations).service(assess_excursion);
}

/// Lists excursions.
#[utoipa::path(operation_id = "list_excursions", tag = "Excursions", params(ExcursionFilter),
    responses((status = 200, description = "A page of excursions.", body = Page<ExcursionView>)))]
#[get("/excursions")]
async fn list_excursions(queries: Queries, filter: Query<ExcursionFilter>) -> Result<HttpResponse, Problem> {
    let ExcursionFilter { site_id, location_id, sensor_id, lot_id, state, kind, limit, cursor } = filter.into_inner();
    let filter = store::Filter { id: None, site_id, location_id, sensor_id, lot_id, state, kind };
    queries
        .search(
            List::of("excursions", [paging::id::<ExcursionId>]),
            limit,
            cursor,
            move |view, [after], limit| {
                let found = store::list(view.db, view.caller, &filter, &after, limit)?;
                found.map(|found| service::views(view, found))
            },
            |excursion: &ExcursionView| [excursion.id.to_string()],
        )
        .await
}

/// Shows an excursion.
///
/// Its minimum, maximum, mean kinetic temperature and minutes are those of now, also while it goes on.
#[utoipa::path(operation_id = "get_excursion", tag = "Excursions",
    params(("id" = ExcursionId, Path, description = "The excursion.")),
    responses((status = 200, description = "The excursion.", body = ExcursionView)))]
#[get("/excursions/{id}")]
async fn get_excursion(queries: Queries, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    queries
        .find(id, "excursion", |view, id: ExcursionId| {
            let found = service::find(view.db, view.caller, &id)?.into_iter().collect();
            Ok(service::views(view, found)?.into_iter().next())
        })
        .await
}

/// Lists what was administered of exposed units.
///
/// Nobody knew it then: as soon as it is known, the units are held.
#[utoipa::path(operation_id = "list_exposed_administrations", tag = "Excursions",
    params(("id" = ExcursionId, Path, description = "The excursion."), ExposedFilter),
    responses((status = 200, description = "A page of administrations.", body = Page<ExposedAdministration>)))]
#[get("/excursions/{id}/administrations")]
async fn list_exposed_administrations(
    queries: Queries,
    id: web::Path<String>,
    filter: Query<ExposedFilter>,
) -> Result<HttpResponse, Problem> {
    let id: ExcursionId = path_id(&id, "excursion")?;
    let ExposedFilter { limit, cursor } = filter.into_inner();
    queries
        .page(
            List::of("exposed administrations", [paging::id::<AdministrationId>]),
            limit,
            cursor,
            move |view, [after], limit| {
                service::find(view.db, view.caller, &id)?.ok_or_else(|| Error::not_found("excursion"))?;
                let organisation = &view.caller.organisation_id;
                let found = store::list_administered(view.db, organisation, &id, &after, limit)?;
                Ok(found.into_iter().map(ExposedAdministration::from).collect())
            },
            |row: &ExposedAdministration| [row.administration_id.to_string()],
        )
        .await
}

/// Assesses an excursion: what is to become of the units that it holds.
///
/// With a token for some sites: where all of them are. Released units are free where nothing else holds them; what goes back or is destroyed is rejected until it has. What is said is said of units that a stability budget covers, too, which the excursion does not hold: they go back or are destroyed with the others, or have the earlier expiry; released, they have used up what they have used up. What speaks against the sensor stays as it is known now. What is said stays: readings that come later open another excursion.
#[utoipa::path(operation_id = "assess_excursion", tag = "Excursions", request_body = NewAssessment,
    params(("id" = ExcursionId, Path, description = "The excursion.")),
    responses((status = 201, description = "The excursion, assessed.", body = ExcursionView)))]
#[post("/excursions/{id}/assessments")]
async fn assess_excursion(
    commands: Commands,
    id: web::Path<String>,
    body: Body<NewAssessment>,
) -> Result<HttpResponse, Problem> {
    let id: ExcursionId = path_id(&id, "excursion")?;
    commands.create(body, move |cmd, new| service::assess(cmd, &id, new)).await
}
