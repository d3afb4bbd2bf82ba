//! Verifications over HTTP.

use actix_web::{HttpResponse, get, post, web};

use super::service::{self, Runner};
use super::store;
use super::wire::{NewVerification, VerificationFilter, VerificationView};
use crate::error::Result;
use crate::http::commands::{Queries, State};
use crate::http::input::{OptionalBody, Query};
use crate::http::paging::{self, List, Page};
use crate::http::slice::Routes;
use crate::ids::VerificationId;
use crate::problem::Problem;

/// The routes of this slice.
pub fn routes(cfg: &mut impl Routes) {
    cfg.service(create_verification).service(list_verifications).service(get_verification);
}

/// Begins to verify the deployment: everything is compared with its journal, as `lotline verify` does it.
///
/// It goes on beside everything else, for seconds or for minutes, by how much there is; `GET /v1/verifications/{id}` says how far it is, and then what
/// it found. There is one at a time. It changes nothing of the record, and is no event.
#[utoipa::path(operation_id = "create_verification", tag = "Verifications", request_body = Option<NewVerification>,
    responses((status = 202, description = "It has begun.", body = VerificationView)))]
#[post("/verifications")]
async fn create_verification(
    queries: Queries,
    state: web::Data<State>,
    runner: web::Data<Runner>,
    _body: OptionalBody<NewVerification>,
) -> std::result::Result<HttpResponse, Problem> {
    let begun = service::begin(&state, &runner, queries.caller()).await?;
    Ok(HttpResponse::Accepted().json(begun))
}

/// Lists verifications, in the order in which they began; the last 50 are kept.
#[utoipa::path(operation_id = "list_verifications", tag = "Verifications", params(VerificationFilter),
    responses((status = 200, description = "A page of verifications.", body = Page<VerificationView>)))]
#[get("/verifications")]
async fn list_verifications(
    queries: Queries,
    runner: web::Data<Runner>,
    filter: Query<VerificationFilter>,
) -> std::result::Result<HttpResponse, Problem> {
    let VerificationFilter { limit, cursor } = filter.into_inner();
    queries
        .page(
            List::of("verifications", [paging::id::<VerificationId>]),
            limit,
            cursor,
            move |view, [after], limit| {
                let found = store::list(view.db, &view.caller.organisation_id, &after, limit)?;
                found.into_iter().map(|one| service::shown(view, &runner, one)).collect::<Result<Vec<_>>>()
            },
            |verification: &VerificationView| [verification.id.to_string()],
        )
        .await
}

/// Shows a verification: how far it is, or what it found.
#[utoipa::path(operation_id = "get_verification", tag = "Verifications",
    params(("id" = VerificationId, Path, description = "The verification.")),
    responses((status = 200, description = "The verification.", body = VerificationView)))]
#[get("/verifications/{id}")]
async fn get_verification(
    queries: Queries,
    runner: web::Data<Runner>,
    id: web::Path<String>,
) -> std::result::Result<HttpResponse, Problem> {
    queries
        .find(id, "verification", move |view, id: VerificationId| {
            let found = store::find(view.db, &view.caller.organisation_id, &id)?;
            found.map(|one| service::shown(view, &runner, one)).transpose()
        })
        .await
}
