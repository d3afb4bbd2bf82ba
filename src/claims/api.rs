//! Claims over HTTP.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, get, post, web};

use super::wire::{ClaimFilter, ClaimSending, ClaimSettlement, ClaimView, ClaimWithdrawal, NewClaim};
use super::{page, service, store};
use crate::error::Error;
use crate::http::accept::Format;
use crate::http::commands::{Commands, Queries};
use crate::http::input::{Body, OptionalBody, Query, path_id};
use crate::http::paging::{self, List, Page};
use crate::http::slice::Routes;
use crate::ids::ClaimId;
use crate::problem::Problem;

/// The forms of a claim, the usual one first.
const FORMS: &[Format] = &[Format::Json, Format::Html];

/// The routes of this slice.
pub fn routes(cfg: &mut impl Routes) {
    cfg.service(create_claim).service(list_claims).service(get_claim);
    cfg.service(send_claim).service(settle_claim).service(withdraw_claim);
}

/// Opens a claim about a receipt.
///
/// Each line names a line of the receipt (`receipt_line_id`), or one of its order for what did not come (`order_line_id`). No unit is
/// claimed twice: a claim that another one covers is `claim_exceeds_line`, until that is withdrawn.
#[utoipa::path(operation_id = "create_claim", tag = "Claims", request_body = NewClaim,
    responses((status = 201, description = "The claim.", body = ClaimView)))]
#[post("/claims")]
async fn create_claim(commands: Commands, body: Body<NewClaim>) -> Result<HttpResponse, Problem> {
    commands.create(body, |cmd, new| Ok(ClaimView::from(service::open(cmd, new)?))).await
}

/// Lists claims, the oldest first.
#[utoipa::path(operation_id = "list_claims", tag = "Claims", params(ClaimFilter),
    responses((status = 200, description = "A page of claims.", body = Page<ClaimView>)))]
#[get("/claims")]
async fn list_claims(queries: Queries, filter: Query<ClaimFilter>) -> Result<HttpResponse, Problem> {
    let ClaimFilter { receipt_id, supplier_id, site_id, state, limit, cursor } = filter.into_inner();
    let filter = store::Filter { receipt_id, supplier_id, site_id, state };
    queries
        .search(
            List::of("claims", [paging::id::<ClaimId>]),
            limit,
            cursor,
            move |view, [after], limit| {
                let found = store::list(view.db, view.caller, &filter, &after, limit)?;
                found.map(|claims| {
                    let claims = service::with_lines(view.db, view.caller, claims)?;
                    Ok(claims.into_iter().map(ClaimView::from).collect())
                })
            },
            |claim: &ClaimView| [claim.id.to_string()],
        )
        .await
}

/// Shows a claim; with `Accept: text/html` as the letter to the supplier, a page to print.
#[utoipa::path(operation_id = "get_claim", tag = "Claims",
    params(("id" = ClaimId, Path, description = "The claim.")),
    responses((status = 200, description = "The claim.", content(
        (ClaimView = "application/json"), (String = "text/html")))))]
#[get("/claims/{id}")]
async fn get_claim(request: HttpRequest, queries: Queries, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    if Format::wanted(&request, FORMS) == Format::Html {
        let id: ClaimId = path_id(&id, "claim")?;
        let letter = queries
            .run(move |view| {
                let found = service::find(view.db, view.caller, &id)?.ok_or_else(|| Error::not_found("claim"))?;
                page::of(view, found)
            })
            .await?;
        // A page of data: it may load and run nothing.
        return Ok(HttpResponse::Ok()
            .content_type(Format::Html.content_type())
            .insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'"))
            .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
            .insert_header((header::VARY, "Accept"))
            .body(letter));
    }
    queries
        .find(id, "claim", |view, id: ClaimId| Ok(service::find(view.db, view.caller, &id)?.map(ClaimView::from)))
        .await
}

/// Says that a claim was sent to the supplier.
#[utoipa::path(operation_id = "send_claim", tag = "Claims", request_body = Option<ClaimSending>,
    params(("id" = ClaimId, Path, description = "The claim.")),
    responses((status = 200, description = "The claim, sent.", body = ClaimView)))]
#[post("/claims/{id}/send")]
async fn send_claim(
    commands: Commands,
    id: web::Path<String>,
    body: OptionalBody<ClaimSending>,
) -> Result<HttpResponse, Problem> {
    let id: ClaimId = path_id(&id, "claim")?;
    commands.change(body.0, move |cmd, new| Ok(ClaimView::from(service::send(cmd, &id, new)?))).await
}

/// Says what came of a claim: a credit, goods in place of those that were claimed, or both.
#[utoipa::path(operation_id = "settle_claim", tag = "Claims", request_body = ClaimSettlement,
    params(("id" = ClaimId, Path, description = "The claim.")),
    responses((status = 200, description = "The claim, settled.", body = ClaimView)))]
#[post("/claims/{id}/settle")]
async fn settle_claim(
    commands: Commands,
    id: web::Path<String>,
    body: Body<ClaimSettlement>,
) -> Result<HttpResponse, Problem> {
    let id: ClaimId = path_id(&id, "claim")?;
    commands.change(body, move |cmd, new| Ok(ClaimView::from(service::settle(cmd, &id, new)?))).await
}

/// Withdraws a claim: its units can be claimed again.
#[utoipa::path(operation_id = "withdraw_claim", tag = "Claims", request_body = ClaimWithdrawal,
    params(("id" = ClaimId, Path, description = "The claim.")),
    responses((status = 200, description = "The claim, withdrawn.", body = ClaimView)))]
#[post("/claims/{id}/withdraw")]
async fn withdraw_claim(
    commands: Commands,
    id: web::Path<String>,
    body: Body<ClaimWithdrawal>,
) -> Result<HttpResponse, Problem> {
    let id: ClaimId = path_id(&id, "claim")?;
    commands.change(body, move |cmd, new| Ok(ClaimView::from(service::withdraw(cmd, &id, &new.reason)?))).await
}
