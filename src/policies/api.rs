//! Policies over HTTP.

use actix_web::{HttpResponse, get, patch, put};

use super::model::Policy;
use super::wire::PolicyView;
use super::{service, store};
use crate::command::View;
use crate::http::commands::{Commands, Queries};
use crate::http::input::Body;
use crate::http::slice::Routes;
use crate::http::versions::{Sent, tagged};
use crate::problem::Problem;
use crate::versions::Change;

/// The routes of this slice.
pub fn routes(cfg: &mut impl Routes) {
    cfg.service(get_policies).service(set_policies).service(patch_policies);
}

/// Shows the policy in force: re-check interval, checklists, denied suppliers and lots.
#[utoipa::path(operation_id = "get_policies", tag = "Policies",
    responses((status = 200, description = "The policy.", body = PolicyView,
        headers(("ETag" = String, description = "Its version in quotes, for If-Match.")))))]
#[get("/policies")]
async fn get_policies(queries: Queries) -> Result<HttpResponse, Problem> {
    let show = |view: &mut View<'_>| store::in_force(view.db, &view.caller.organisation_id, None).map(PolicyView::from);
    queries.show(show).await.map(tagged)
}

/// Sets the policy, as a new version.
///
/// The body is the whole policy, every field of it; what GET answers may be sent back. Decisions that were made before
/// are not changed.
#[utoipa::path(operation_id = "set_policies", tag = "Policies", request_body = Policy,
    params(("If-Match" = String, Header, description = "The ETag of the version that this replaces, or *.")),
    responses((status = 200, description = "The policy, now in force.", body = PolicyView,
        headers(("ETag" = String, description = "Its version in quotes, for If-Match.")))))]
#[put("/policies")]
async fn set_policies(commands: Commands, change: Change, body: Body<Sent>) -> Result<HttpResponse, Problem> {
    commands.change(body, move |cmd, sent| service::set(cmd, &change, sent).map(PolicyView::from)).await.map(tagged)
}

/// Changes what it names of the policy, as a new version.
///
/// A JSON merge patch (RFC 7396): what is left out stays, null is as by default again. The same rules as for the whole.
#[utoipa::path(operation_id = "patch_policies", tag = "Policies", request_body = Policy,
    params(("If-Match" = Option<String>, Header, description = "The ETag of the version that this changes.")),
    responses((status = 200, description = "The policy, now in force.", body = PolicyView,
        headers(("ETag" = String, description = "Its version in quotes, for If-Match.")))))]
#[patch("/policies")]
async fn patch_policies(commands: Commands, change: Change, body: Body<Sent>) -> Result<HttpResponse, Problem> {
    commands.change(body, move |cmd, sent| service::set(cmd, &change, sent).map(PolicyView::from)).await.map(tagged)
}
