//! Practitioners over HTTP.

use actix_web::{HttpResponse, get, patch, post, put, web};

use super::wire::{NewPractitioner, PractitionerFilter, PractitionerView};
use super::{service, store};
use crate::http::commands::{Commands, Queries};
use crate::http::input::{Body, Query, path_id};
use crate::http::paging::{self, List, Page};
use crate::http::slice::Routes;
use crate::http::versions::{Sent, tagged};
use crate::ids::PractitionerId;
use crate::problem::Problem;
use crate::values::Prose;
use crate::versions::{Change, Reinstatement, Retirement};

/// The routes of this slice.
pub fn routes(cfg: &mut impl Routes) {
    cfg.service(create_practitioner).service(list_practitioners).service(get_practitioner);
    cfg.service(correct_practitioner)
        .service(patch_practitioner)
        .service(retire_practitioner)
        .service(reinstate_practitioner);
}

/// Registers a practitioner.
///
/// They may treat once a professional registration of theirs counts.
#[utoipa::path(operation_id = "create_practitioner", tag = "Practitioners", request_body = NewPractitioner,
    responses((status = 201, description = "The practitioner.", body = PractitionerView,
        headers(("ETag" = String, description = "Its version in quotes, for If-Match.")))))]
#[post("/practitioners")]
async fn create_practitioner(commands: Commands, body: Body<NewPractitioner>) -> Result<HttpResponse, Problem> {
    commands.create(body, |cmd, new| service::register(cmd, new).map(PractitionerView::from)).await.map(tagged)
}

/// Lists practitioners.
#[utoipa::path(operation_id = "list_practitioners", tag = "Practitioners", params(PractitionerFilter),
    responses((status = 200, description = "A page of practitioners.", body = Page<PractitionerView>)))]
#[get("/practitioners")]
async fn list_practitioners(queries: Queries, filter: Query<PractitionerFilter>) -> Result<HttpResponse, Problem> {
    let PractitionerFilter { name, retired, limit, cursor } = filter.into_inner();
    queries
        .search(
            List::of("practitioners", [paging::id::<PractitionerId>]),
            limit,
            cursor,
            move |view, [after], limit| {
                let fetch = |limit| {
                    let found = store::list(view.db, &view.caller.organisation_id, retired, &after, limit)?;
                    Ok(found.into_iter().map(PractitionerView::from).collect())
                };
                paging::called(
                    name.as_ref(),
                    limit,
                    fetch,
                    |practitioner: &PractitionerView| &practitioner.name,
                    |practitioner| [practitioner.id.to_string()],
                )
            },
            |practitioner: &PractitionerView| [practitioner.id.to_string()],
        )
        .await
}

/// Shows a practitioner.
#[utoipa::path(operation_id = "get_practitioner", tag = "Practitioners",
    params(("id" = PractitionerId, Path, description = "The practitioner.")),
    responses((status = 200, description = "The practitioner.", body = PractitionerView,
        headers(("ETag" = String, description = "Its version in quotes, for If-Match.")))))]
#[get("/practitioners/{id}")]
async fn get_practitioner(queries: Queries, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    queries
        .find(id, "practitioner", |view, id: PractitionerId| {
            Ok(store::practitioner(view.db, &view.caller.organisation_id, &id)?.map(PractitionerView::from))
        })
        .await
        .map(tagged)
}

/// Corrects a practitioner, as a new version.
///
/// The body is the whole practitioner, every field of it; what GET answers may be sent back. What they may do follows from their licences, not from this. Every version stays in the journal.
#[utoipa::path(operation_id = "correct_practitioner", tag = "Practitioners", request_body = NewPractitioner,
    params(("id" = PractitionerId, Path, description = "The practitioner."),
        ("reason" = Option<Prose>, Query, description = "Why, for the journal."),
        ("If-Match" = String, Header, description = "The ETag of the version that this replaces, or *.")),
    responses((status = 200, description = "The practitioner, as it is now.", body = PractitionerView,
        headers(("ETag" = String, description = "Its version in quotes, for If-Match.")))))]
#[put("/practitioners/{id}")]
async fn correct_practitioner(
    commands: Commands,
    id: web::Path<String>,
    change: Change,
    body: Body<Sent>,
) -> Result<HttpResponse, Problem> {
    let id: PractitionerId = path_id(&id, "practitioner")?;
    commands
        .change(body, move |cmd, sent| service::correct(cmd, &id, &change, sent).map(PractitionerView::from))
        .await
        .map(tagged)
}

/// Changes what it names of a practitioner, as a new version.
///
/// A JSON merge patch (RFC 7396): what is left out stays, null takes away. The same rules as for the whole.
#[utoipa::path(operation_id = "patch_practitioner", tag = "Practitioners", request_body = NewPractitioner,
    params(("id" = PractitionerId, Path, description = "The practitioner."),
        ("reason" = Option<Prose>, Query, description = "Why, for the journal."),
        ("If-Match" = Option<String>, Header, description = "The ETag of the version that this changes.")),
    responses((status = 200, description = "The practitioner, as it is now.", body = PractitionerView,
        headers(("ETag" = String, description = "Its version in quotes, for If-Match.")))))]
#[patch("/practitioners/{id}")]
async fn patch_practitioner(
    commands: Commands,
    id: web::Path<String>,
    change: Change,
    body: Body<Sent>,
) -> Result<HttpResponse, Problem> {
    let id: PractitionerId = path_id(&id, "practitioner")?;
    commands
        .change(body, move |cmd, sent| service::correct(cmd, &id, &change, sent).map(PractitionerView::from))
        .await
        .map(tagged)
}

/// Retires a practitioner.
///
/// It stays on record and in lists. They no longer treat or prescribe; what happened before can still be recorded.
#[utoipa::path(operation_id = "retire_practitioner", tag = "Practitioners", request_body = Retirement,
    params(("id" = PractitionerId, Path, description = "The practitioner.")),
    responses((status = 200, description = "The practitioner, now retired.", body = PractitionerView,
        headers(("ETag" = String, description = "Its version in quotes, for If-Match.")))))]
#[post("/practitioners/{id}/retire")]
async fn retire_practitioner(
    commands: Commands,
    id: web::Path<String>,
    body: Body<Retirement>,
) -> Result<HttpResponse, Problem> {
    let id: PractitionerId = path_id(&id, "practitioner")?;
    commands.change(body, move |cmd, new| service::retire(cmd, &id, new).map(PractitionerView::from)).await.map(tagged)
}

/// Puts a retired practitioner back into use.
///
/// They treat and prescribe again, if their licences say so.
#[utoipa::path(operation_id = "reinstate_practitioner", tag = "Practitioners", request_body = Reinstatement,
    params(("id" = PractitionerId, Path, description = "The practitioner.")),
    responses((status = 200, description = "The practitioner, in use again.", body = PractitionerView,
        headers(("ETag" = String, description = "Its version in quotes, for If-Match.")))))]
#[post("/practitioners/{id}/reinstate")]
async fn reinstate_practitioner(
    commands: Commands,
    id: web::Path<String>,
    body: Body<Reinstatement>,
) -> Result<HttpResponse, Problem> {
    let id: PractitionerId = path_id(&id, "practitioner")?;
    commands
        .change(body, move |cmd, new| service::reinstate(cmd, &id, new).map(PractitionerView::from))
        .await
        .map(tagged)
}
