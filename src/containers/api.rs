//! Opened units over HTTP.

use actix_web::{HttpResponse, get, post, web};

use super::wire::{ContainerFilter, ContainerView, NewContainer, NewDiscard};
use super::{service, store};
use crate::http::commands::{Commands, Queries};
use crate::http::input::{Body, Query, path_id};
use crate::http::paging::{self, List, Page};
use crate::http::slice::Routes;
use crate::ids::ContainerId;
use crate::problem::Problem;

/// The routes of this slice.
pub fn routes(cfg: &mut impl Routes) {
    cfg.service(open_container).service(list_containers).service(get_container).service(discard_container);
}

/// Opens a unit.
///
/// It is in use from then on, where it lies: what is given out of it is an administration with its `container_id`. It serves one patient, unless the product is not `single_patient`, and until its in-use life or its expiry ends.
#[utoipa::path(operation_id = "open_container", tag = "Containers", request_body = NewContainer,
    responses((status = 201, description = "The container.", body = ContainerView)))]
#[post("/containers")]
async fn open_container(commands: Commands, body: Body<NewContainer>) -> Result<HttpResponse, Problem> {
    commands.create(body, |cmd, new| ContainerView::of(service::open(cmd, new)?, cmd.patients)).await
}

/// Lists opened units.
#[utoipa::path(operation_id = "list_containers", tag = "Containers", params(ContainerFilter),
    responses((status = 200, description = "A page of containers.", body = Page<ContainerView>)))]
#[get("/containers")]
async fn list_containers(queries: Queries, filter: Query<ContainerFilter>) -> Result<HttpResponse, Problem> {
    let ContainerFilter { site_id, location_id, lot_id, on_hand, limit, cursor } = filter.into_inner();
    let filter = store::Filter { id: None, site_id, location_id, lot_id, on_hand };
    queries
        .search(
            List::of("containers", [paging::id::<ContainerId>]),
            limit,
            cursor,
            move |view, [after], limit| {
                let found = store::list(view.db, view.caller, &filter, &after, limit)?;
                found.map(|found| {
                    let standing = service::standing(view.db, &view.caller.organisation_id, found)?;
                    standing.into_iter().map(|standing| ContainerView::of(standing, view.patients)).collect()
                })
            },
            |container: &ContainerView| [container.id.to_string()],
        )
        .await
}

/// Shows an opened unit.
#[utoipa::path(operation_id = "get_container", tag = "Containers",
    params(("id" = ContainerId, Path, description = "The container.")),
    responses((status = 200, description = "The container.", body = ContainerView)))]
#[get("/containers/{id}")]
async fn get_container(queries: Queries, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    queries
        .find(id, "container", |view, id: ContainerId| {
            let found = service::find(view.db, view.caller, &id)?.into_iter().collect();
            let standing = service::standing(view.db, &view.caller.organisation_id, found)?;
            standing.into_iter().next().map(|standing| ContainerView::of(standing, view.patients)).transpose()
        })
        .await
}

/// Discards what is left of an opened unit: it is wasted.
///
/// Neither its age nor a hold forbids it. What was rejected can only be returned or destroyed.
#[utoipa::path(operation_id = "discard_container", tag = "Containers", request_body = NewDiscard,
    params(("id" = ContainerId, Path, description = "The container.")),
    responses((status = 201, description = "The container, finished.", body = ContainerView)))]
#[post("/containers/{id}/discard")]
async fn discard_container(
    commands: Commands,
    id: web::Path<String>,
    body: Body<NewDiscard>,
) -> Result<HttpResponse, Problem> {
    let id: ContainerId = path_id(&id, "container")?;
    commands.create(body, move |cmd, new| ContainerView::of(service::discard(cmd, &id, new)?, cmd.patients)).await
}
