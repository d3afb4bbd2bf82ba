//! Holds over HTTP.

use actix_web::{HttpResponse, get, post, web};

use super::model::Cause;
use super::wire::{HoldFilter, HoldView, NewHold, NewLift};
use super::{service, store};
use crate::error::Result;
use crate::http::commands::{Commands, Queries};
use crate::http::input::{Body, Query, path_id};
use crate::http::paging::{self, List, Page};
use crate::http::slice::Routes;
use crate::ids::HoldId;
use crate::problem::Problem;

/// The routes of this slice.
pub fn routes(cfg: &mut impl Routes) {
    cfg.service(create_hold).service(list_holds).service(get_hold).service(lift_hold);
}

/// Opens a hold.
///
/// With a token for some sites: on what lies at a place of theirs, on packs that are all there, or on a lot of which all units are
/// there. Who treats sets packs aside, by `serials`; anything wider is for quality. Every available unit that it covers becomes held at once. After the answer no administration of those units
/// succeeds, at any site, until the hold is lifted.
#[utoipa::path(operation_id = "create_hold", tag = "Holds", request_body = NewHold,
    responses((status = 201, description = "The hold.", body = HoldView)))]
#[post("/holds")]
async fn create_hold(commands: Commands, body: Body<NewHold>) -> Result<HttpResponse, Problem> {
    commands
        .create(body, |cmd, new| {
            let scope = service::expect_seen(cmd, new.scope.scope()?)?;
            let scope = service::of_packs(cmd, scope, &new.serials)?;
            let opened_at = cmd.occurred_at(new.occurred_at)?;
            service::open(cmd, scope, &new.reason, Cause::manual(), opened_at).map(HoldView::from)
        })
        .await
}

/// Lists holds.
#[utoipa::path(operation_id = "list_holds", tag = "Holds", params(HoldFilter),
    responses((status = 200, description = "A page of holds.", body = Page<HoldView>)))]
#[get("/holds")]
async fn list_holds(queries: Queries, filter: Query<HoldFilter>) -> Result<HttpResponse, Problem> {
    let HoldFilter { open, limit, cursor } = filter.into_inner();
    queries
        .search(
            List::of("holds", [paging::id::<HoldId>]),
            limit,
            cursor,
            move |view, [after], limit| {
                let filter = store::Filter { id: None, open };
                let found = store::list(view.db, view.caller, &filter, &after, limit)?;
                found.map(|found| Ok(found.into_iter().map(HoldView::from).collect()))
            },
            |hold: &HoldView| [hold.id.to_string()],
        )
        .await
}

/// Shows a hold.
#[utoipa::path(operation_id = "get_hold", tag = "Holds", params(("id" = HoldId, Path, description = "The hold.")),
    responses((status = 200, description = "The hold.", body = HoldView)))]
#[get("/holds/{id}")]
async fn get_hold(queries: Queries, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    queries.find(id, "hold", |view, id: HoldId| Ok(store::hold(view.db, view.caller, &id)?.map(HoldView::from))).await
}

/// Lifts a hold.
///
/// With a token for some sites: one whose units are all there. Units that no other open hold covers are available again.
#[utoipa::path(operation_id = "lift_hold", tag = "Holds", request_body = NewLift,
    params(("id" = HoldId, Path, description = "The hold.")),
    responses((status = 200, description = "The hold, lifted.", body = HoldView)))]
#[post("/holds/{id}/lift")]
async fn lift_hold(commands: Commands, id: web::Path<String>, body: Body<NewLift>) -> Result<HttpResponse, Problem> {
    let id: HoldId = path_id(&id, "hold")?;
    commands
        .change(body, move |cmd, new| {
            let lifted_at = cmd.occurred_at(new.occurred_at)?;
            service::lift(cmd, &id, &new.reason, lifted_at).map(HoldView::from)
        })
        .await
}
