//! Practitioners over HTTP.

use actix_web::{HttpResponse, get, post, web};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::Practitioner;
use super::{service, store};
use crate::http::commands::{Commands, Queries};
use crate::http::input::{Body, Query};
use crate::http::paging::{Cursor, Limit, Page};
use crate::http::problem::Problem;
use crate::ids::PractitionerId;
use crate::values::{Name, Word};

/// The routes of this slice.
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(create_practitioner).service(list_practitioners).service(get_practitioner);
}

/// A practitioner to register.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Dr A. Example", "profession": "doctor"}))]
pub struct NewPractitioner {
    /// Their name.
    pub name: Name,
    /// What they are: nurse, doctor, dentist, pharmacist.
    pub profession: Word,
}

/// Registers a practitioner.
///
/// They may treat once a professional registration of theirs counts.
#[utoipa::path(operation_id = "create_practitioner", tag = "Practitioners", request_body = NewPractitioner,
    responses((status = 201, description = "The practitioner.", body = Practitioner)))]
#[post("/practitioners")]
async fn create_practitioner(commands: Commands, body: Body<NewPractitioner>) -> Result<HttpResponse, Problem> {
    commands.create(body, service::register).await
}

/// How to page through practitioners.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PractitionerFilter {
    /// How many items at the most.
    limit: Option<Limit>,
    /// Where the page before ended.
    cursor: Option<Cursor>,
}

/// Lists practitioners.
#[utoipa::path(operation_id = "list_practitioners", tag = "Practitioners", params(PractitionerFilter),
    responses((status = 200, description = "A page of practitioners.", body = Page<Practitioner>)))]
#[get("/practitioners")]
async fn list_practitioners(queries: Queries, filter: Query<PractitionerFilter>) -> Result<HttpResponse, Problem> {
    let PractitionerFilter { limit, cursor } = filter.into_inner();
    queries
        .page(
            "practitioners",
            limit,
            cursor,
            |view, [after], limit| store::list(view.db, &view.caller.organisation_id, &after, limit),
            |practitioner| [practitioner.id.to_string()],
        )
        .await
}

/// Shows a practitioner.
#[utoipa::path(operation_id = "get_practitioner", tag = "Practitioners",
    params(("id" = PractitionerId, Path, description = "The practitioner.")),
    responses((status = 200, description = "The practitioner.", body = Practitioner)))]
#[get("/practitioners/{id}")]
async fn get_practitioner(queries: Queries, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    queries
        .find(id, "practitioner", |view, id: PractitionerId| {
            store::practitioner(view.db, &view.caller.organisation_id, &id)
        })
        .await
}
