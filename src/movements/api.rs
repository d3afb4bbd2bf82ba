//! Transfers, wastages, returns, destructions and counts over HTTP.

use actix_web::{HttpResponse, get, post, web};

use super::model::{Removal, ReviewOutcome};
use super::store::{self, Filter};
use super::wire::{MovementFilter, MovementView, NewCount, NewMovementReversal, NewRemoval, NewReview, NewTransfer};
use super::{reversals, service, transfers};
use crate::http::commands::{Commands, Queries};
use crate::http::input::{Body, Query, path_id};
use crate::http::paging::{self, After, List, Page};
use crate::http::period::Period;
use crate::http::slice::Routes;
use crate::ids::MovementId;
use crate::problem::Problem;

/// The routes of this slice.
pub fn routes(cfg: &mut impl Routes) {
    cfg.service(create_transfer)
        .service(create_wastage)
        .service(create_return)
        .service(create_destruction)
        .service(create_count)
        .service(approve_count)
        .service(reject_count)
        .service(reverse_movement)
        .service(list_movements)
        .service(get_movement);
}

/// Transfers units between locations.
///
/// Quarantine is left for stock only by release. Available units that go to a location for quarantine or returns are
/// quarantined there; what is held, rejected or has expired never goes into stock, but may always be set apart.
/// Purchasers transfer between stock locations only.
///
/// With a `journey` the units were in a transport box with a logger from when they left until they arrived. It is recorded as two
/// movements, into the box and out of it: the answer is the second, and names the first. Both are judged by their moments, and both
/// are recorded or none.
#[utoipa::path(operation_id = "create_transfer", tag = "Stock", request_body = NewTransfer,
    responses((status = 201, description = "The transfer.", body = MovementView)))]
#[post("/transfers")]
async fn create_transfer(commands: Commands, body: Body<NewTransfer>) -> Result<HttpResponse, Problem> {
    commands.create(body, |cmd, new| transfers::transfer(cmd, new).map(MovementView::from)).await
}

/// Records that units were wasted.
///
/// Neither expiry nor a hold forbids it. Rejected units can only be returned or destroyed.
#[utoipa::path(operation_id = "create_wastage", tag = "Stock", request_body = NewRemoval,
    responses((status = 201, description = "The wastage.", body = MovementView)))]
#[post("/wastages")]
async fn create_wastage(commands: Commands, body: Body<NewRemoval>) -> Result<HttpResponse, Problem> {
    remove(commands, body, Removal::Wastage).await
}

/// Records that units went back to their supplier.
///
/// Neither expiry, nor a hold, nor a failed inspection forbids it.
#[utoipa::path(operation_id = "create_return", tag = "Stock", request_body = NewRemoval,
    responses((status = 201, description = "The return.", body = MovementView)))]
#[post("/returns")]
async fn create_return(commands: Commands, body: Body<NewRemoval>) -> Result<HttpResponse, Problem> {
    remove(commands, body, Removal::Return).await
}

/// Records that units were destroyed.
///
/// Neither expiry, nor a hold, nor a failed inspection forbids it.
#[utoipa::path(operation_id = "create_destruction", tag = "Stock", request_body = NewRemoval,
    responses((status = 201, description = "The destruction.", body = MovementView)))]
#[post("/destructions")]
async fn create_destruction(commands: Commands, body: Body<NewRemoval>) -> Result<HttpResponse, Problem> {
    remove(commands, body, Removal::Destruction).await
}

async fn remove(commands: Commands, body: Body<NewRemoval>, removal: Removal) -> Result<HttpResponse, Problem> {
    commands.create(body, move |cmd, new| service::remove(cmd, removal, new).map(MovementView::from)).await
}

/// Records a count of a lot at a location.
///
/// The difference to the books of its moment is posted as an adjustment. Missing units are taken from available first, then
/// held, quarantined, passed, rejected; found units are quarantined, wherever they are: nobody knows where they were. A
/// difference beyond the policy's threshold waits for the approval of a second person before it is posted.
#[utoipa::path(operation_id = "create_count", tag = "Stock", request_body = NewCount,
    responses((status = 201, description = "The count.", body = MovementView)))]
#[post("/counts")]
async fn create_count(commands: Commands, body: Body<NewCount>) -> Result<HttpResponse, Problem> {
    commands.create(body, |cmd, new| service::count(cmd, new).map(MovementView::from)).await
}

/// Approves the difference that a count found.
///
/// It is posted at the moment of the count, as the difference to the books of that moment as they are known now. Whoever
/// counted cannot approve.
#[utoipa::path(operation_id = "approve_count", tag = "Stock", request_body = NewReview,
    params(("id" = MovementId, Path, description = "The count.")),
    responses((status = 201, description = "The count.", body = MovementView)))]
#[post("/movements/{id}/approvals")]
async fn approve_count(
    commands: Commands,
    id: web::Path<String>,
    body: Body<NewReview>,
) -> Result<HttpResponse, Problem> {
    review(commands, &id, body, ReviewOutcome::Approved).await
}

/// Rejects the difference that a count found: nothing is posted.
#[utoipa::path(operation_id = "reject_count", tag = "Stock", request_body = NewReview,
    params(("id" = MovementId, Path, description = "The count.")),
    responses((status = 201, description = "The count.", body = MovementView)))]
#[post("/movements/{id}/rejections")]
async fn reject_count(
    commands: Commands,
    id: web::Path<String>,
    body: Body<NewReview>,
) -> Result<HttpResponse, Problem> {
    review(commands, &id, body, ReviewOutcome::Rejected).await
}

async fn review(
    commands: Commands,
    id: &str,
    body: Body<NewReview>,
    outcome: ReviewOutcome,
) -> Result<HttpResponse, Problem> {
    let id: MovementId = path_id(id, "movement")?;
    commands
        .create(body, move |cmd, new| {
            let (count, review) = service::review(cmd, &id, outcome, new)?;
            Ok(MovementView::of(count, Some(&review), None))
        })
        .await
}

/// Reverses a movement that was recorded wrongly.
///
/// Its units go back to where they were: what was wasted, returned, destroyed or found missing is quarantined there, or held
/// or rejected as it was; a transfer is undone. What a count found leaves again. Refused with the list when the units have moved
/// on. A movement is reversed once, and stays on record with its reversal.
#[utoipa::path(operation_id = "create_movement_reversal", tag = "Stock", request_body = NewMovementReversal,
    params(("id" = MovementId, Path, description = "The movement.")),
    responses((status = 201, description = "The movement, reversed.", body = MovementView)))]
#[post("/movements/{id}/reversals")]
async fn reverse_movement(
    commands: Commands,
    id: web::Path<String>,
    body: Body<NewMovementReversal>,
) -> Result<HttpResponse, Problem> {
    let id: MovementId = path_id(&id, "movement")?;
    commands
        .create(body, move |cmd, new| {
            let (movement, review, reversal) = reversals::reverse(cmd, &id, new)?;
            Ok(MovementView::of(movement, review.as_ref(), Some(&reversal)))
        })
        .await
}

/// Lists movements, in the order of what happened.
#[utoipa::path(operation_id = "list_movements", tag = "Stock", params(MovementFilter),
    responses((status = 200, description = "A page of movements.", body = Page<MovementView>)))]
#[get("/movements")]
async fn list_movements(queries: Queries, filter: Query<MovementFilter>) -> Result<HttpResponse, Problem> {
    let asked = filter.into_inner();
    let (limit, cursor) = (asked.limit, asked.cursor.clone());
    queries
        .search(
            List::of("movements", [paging::moment, paging::id::<MovementId>]),
            limit,
            cursor,
            move |view, after, limit| {
                let MovementFilter { lot_id, kind, site_id, location_id, product_id, from, to, .. } = asked.clone();
                let zone = crate::sites::service::zone_asked(view.db, view.caller, site_id.as_ref())?;
                let period = Period::of(from, to, zone);
                let filter = Filter { id: None, lot_id, kind, site_id, location_id, product_id, period };
                let found = store::list(view.db, view.caller, &filter, &After::of(after)?, limit)?;
                found.map(|found| service::views(view, found))
            },
            |movement: &MovementView| After::keys(movement.occurred_at, &movement.id),
        )
        .await
}

/// Shows a movement.
#[utoipa::path(operation_id = "get_movement", tag = "Stock",
    params(("id" = MovementId, Path, description = "The movement.")),
    responses((status = 200, description = "The movement.", body = MovementView)))]
#[get("/movements/{id}")]
async fn get_movement(queries: Queries, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    queries
        .find(id, "movement", |view, id: MovementId| {
            let filter = Filter { id: Some(id), ..Filter::default() };
            let found = store::list(view.db, view.caller, &filter, &After::START, 1)?;
            Ok(service::views(view, found.items)?.pop())
        })
        .await
}
