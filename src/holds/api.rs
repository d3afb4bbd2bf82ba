//! Holds over HTTP.

use crate::http::slice::Routes;
use actix_web::{HttpResponse, get, post, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model::{Cause, CauseType, Hold, Scope, ScopeType};
use super::{service, store};
use crate::clock::Moment;
use crate::error::{Error, Result};
use crate::http::commands::{Commands, Queries};
use crate::http::input::{Body, Query, path_id};
use crate::http::paging::{self, Cursor, Limit, List, Page};
use crate::ids::HoldId;
use crate::problem::Problem;
use crate::values::Prose;

/// The routes of this slice.
pub fn routes(cfg: &mut impl Routes) {
    cfg.service(create_hold).service(list_holds).service(get_hold).service(lift_hold);
}

/// What a hold covers.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HoldScope {
    /// A lot, a product, or an account of stock.
    #[serde(rename = "type")]
    pub kind: ScopeType,
    /// Its id: of a lot, of a product, or the `account_id` of an item of stock (`acct_…`).
    pub id: String,
}

impl HoldScope {
    fn scope(&self) -> Result<Scope> {
        let unknown = |_| Error::reference_unknown("scope.id");
        Ok(match self.kind {
            ScopeType::Lot => Scope::Lot(self.id.parse().map_err(unknown)?),
            ScopeType::Product => Scope::Product(self.id.parse().map_err(unknown)?),
            ScopeType::Account => Scope::Account(self.id.parse().map_err(unknown)?),
        })
    }
}

/// A hold to open.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "scope": {"type": "lot", "id": "lot_01932c07-8d00-7000-8000-000000000006"}, "reason": "Swelling reported; under review"
}))]
pub struct NewHold {
    /// What it covers.
    pub scope: HoldScope,
    /// Why.
    pub reason: Prose,
    /// From when on; now if left out, at most 30 days back.
    #[serde(default)]
    pub occurred_at: Option<Moment>,
}

/// Why a hold was opened.
#[derive(Debug, Serialize, ToSchema)]
pub struct HoldCause {
    /// The kind of cause.
    #[serde(rename = "type")]
    kind: CauseType,
    /// The recall, excursion or twin lot.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
}

/// A hold.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Hold)]
pub struct HoldView {
    id: HoldId,
    scope: HoldScope,
    reason: Prose,
    cause: HoldCause,
    opened_by: String,
    opened_at: Moment,
    /// Null while it is open.
    lifted_at: Option<Moment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lifted_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lift_reason: Option<Prose>,
}

impl From<Hold> for HoldView {
    fn from(hold: Hold) -> Self {
        HoldView {
            id: hold.id,
            scope: HoldScope { kind: hold.scope_type, id: hold.scope_id },
            reason: hold.reason,
            cause: HoldCause { kind: hold.cause_type, id: hold.cause_id },
            opened_by: hold.opened_by,
            opened_at: hold.opened_at,
            lifted_at: hold.lifted_at,
            lifted_by: hold.lifted_by,
            lift_reason: hold.lift_reason,
        }
    }
}

/// Opens a hold.
///
/// With a token for some sites: on what lies at a place of theirs, or on a lot of which all units are there. Every available unit that it covers becomes held at once. After the answer no administration of those units
/// succeeds, at any site, until the hold is lifted.
#[utoipa::path(operation_id = "create_hold", tag = "Holds", request_body = NewHold,
    responses((status = 201, description = "The hold.", body = HoldView)))]
#[post("/holds")]
async fn create_hold(commands: Commands, body: Body<NewHold>) -> Result<HttpResponse, Problem> {
    commands
        .create(body, |cmd, new| {
            let scope = service::expect_seen(cmd, new.scope.scope()?)?;
            let opened_at = cmd.occurred_at(new.occurred_at)?;
            service::open(cmd, scope, &new.reason, Cause::manual(), opened_at).map(HoldView::from)
        })
        .await
}

/// Which holds.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct HoldFilter {
    /// Only open ones, or only lifted ones.
    open: Option<bool>,
    /// How many items at the most.
    limit: Option<Limit>,
    /// Where the page before ended.
    cursor: Option<Cursor>,
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

/// The end of a hold.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "Review complete: unrelated"}))]
pub struct NewLift {
    /// Why it may be lifted.
    pub reason: Prose,
    /// From when on; now if left out, at most 30 days back and not before the hold was opened.
    #[serde(default)]
    pub occurred_at: Option<Moment>,
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
