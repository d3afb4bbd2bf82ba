//! Who a token is, over HTTP.

use actix_web::{HttpMessage, HttpRequest, HttpResponse, get};

use super::service;
use super::wire::Me;
use crate::http::auth::Issued;
use crate::http::commands::Queries;
use crate::http::slice::Routes;
use crate::problem::{Problem, ProblemCode};

/// The routes of this slice.
pub fn routes(cfg: &mut impl Routes) {
    cfg.service(get_me);
}

/// Shows who a token is: its subject, what they may do and where, until when, and which practitioner they are.
#[utoipa::path(operation_id = "get_me", tag = "Me", responses((status = 200, description = "Who asks.", body = Me)))]
#[get("/me")]
async fn get_me(request: HttpRequest, queries: Queries) -> Result<HttpResponse, Problem> {
    let issued = request.extensions().get::<Issued>().cloned();
    let issued = issued.ok_or_else(|| Problem::new(ProblemCode::Internal, ProblemCode::Internal.title()))?;
    queries.show(move |view| service::me(view, issued)).await
}
