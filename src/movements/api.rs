//! Transfers, wastages, returns, destructions and counts over HTTP.

use crate::http::slice::Routes;
use actix_web::{HttpResponse, get, post, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model::{Movement, MovementKind, MovementReversal, Removal, Review, ReviewOutcome};
use super::store::{self, Filter};
use super::{reversals, service};
use crate::clock::Moment;
use crate::command::View;
use crate::decision::Decision;
use crate::http::commands::{Commands, Queries};
use crate::http::input::{Body, Query, path_id};
use crate::http::paging::{self, After, Cursor, Limit, List, Page};
use crate::ids::{LocationId, LotId, MovementId, SiteId};
use crate::inspections::model::Reversed;
use crate::problem::Problem;
use crate::stock::model::Disposition;
use crate::values::{Json, Prose, Serial, Units, words};

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

/// A transfer between locations.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "lot_id": "lot_01932c07-8d00-7000-8000-000000000006",
    "from_location_id": "loc_01932c07-8d00-7000-8000-000000000007",
    "to_location_id": "loc_01932c07-8d00-7000-8000-000000000008",
    "units": 2, "serials": ["SN0001"], "reason": "Restocking room 2"
}))]
pub struct NewTransfer {
    /// The lot.
    pub lot_id: LotId,
    /// Where the units are.
    pub from_location_id: LocationId,
    /// Where they go; it may be at another site.
    pub to_location_id: LocationId,
    /// How many units.
    pub units: Units,
    /// Which packs, where packs have serial numbers.
    #[serde(default)]
    pub serials: Vec<Serial>,
    /// Which disposition to draw on. Left out: from stock available, then held; else quarantined, then passed, rejected,
    /// held; the first that has enough units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<Disposition>,
    /// Why.
    pub reason: Prose,
    /// When it happened; now if left out, at most 30 days back.
    #[serde(default)]
    pub occurred_at: Option<Moment>,
}

/// A wastage, a return or a destruction.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "lot_id": "lot_01932c07-8d00-7000-8000-000000000006",
    "from_location_id": "loc_01932c07-8d00-7000-8000-000000000007",
    "units": 1, "serials": ["SN0001"], "reason": "Dropped: the syringe broke"
}))]
pub struct NewRemoval {
    /// The lot.
    pub lot_id: LotId,
    /// Where the units are.
    pub from_location_id: LocationId,
    /// How many units.
    pub units: Units,
    /// Which packs, where packs have serial numbers.
    #[serde(default)]
    pub serials: Vec<Serial>,
    /// Which disposition to draw on. Left out: for a wastage available, then held, quarantined, passed; for a return or a
    /// destruction rejected, then held, quarantined, passed, available; the first that has enough units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<Disposition>,
    /// Why.
    pub reason: Prose,
    /// When it happened; now if left out, at most 30 days back.
    #[serde(default)]
    pub occurred_at: Option<Moment>,
}

/// A count of a lot at a location.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "location_id": "loc_01932c07-8d00-7000-8000-000000000007",
    "lot_id": "lot_01932c07-8d00-7000-8000-000000000006",
    "units_counted": 2, "reason": "Monthly count"
}))]
pub struct NewCount {
    /// Where was counted.
    pub location_id: LocationId,
    /// The lot.
    pub lot_id: LotId,
    /// How many units of the lot are there, whatever their disposition.
    #[schema(minimum = 0, maximum = 1000000)]
    pub units_counted: i64,
    /// Which packs are missing, where packs have serial numbers.
    #[serde(default)]
    pub serials: Vec<Serial>,
    /// Why.
    pub reason: Prose,
    /// When it was counted; now if left out, at most 30 days back. The difference is to the books of that moment.
    #[serde(default)]
    pub occurred_at: Option<Moment>,
}

words! {
    /// How far a movement is.
    MovementStatus {
        /// It is in the books.
        Posted "posted",
        /// The difference that a count found waits for a second person.
        Waiting "waiting",
        /// A second person said that the count was wrong.
        Rejected "rejected",
    }
}

/// What a second person says of the difference that a count found.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "Counted again: two syringes are missing"}))]
pub struct NewReview {
    /// Why.
    pub reason: Prose,
}

/// Why a movement is reversed, and when its units went back.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "Recorded for the wrong lot"}))]
pub struct NewMovementReversal {
    /// Why.
    pub reason: Prose,
    /// When the units went back, not before they moved; now if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occurred_at: Option<Moment>,
}

/// A movement.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Movement)]
pub struct MovementView {
    id: MovementId,
    kind: MovementKind,
    /// How far it is: only a count may wait.
    status: MovementStatus,
    lot_id: LotId,
    /// The site of the location that the units were at.
    site_id: SiteId,
    /// Where the units were; not for a count.
    #[serde(skip_serializing_if = "Option::is_none")]
    from_location_id: Option<LocationId>,
    /// Where they went; only for a transfer.
    #[serde(skip_serializing_if = "Option::is_none")]
    to_location_id: Option<LocationId>,
    /// Where they were counted; only for a count.
    #[serde(skip_serializing_if = "Option::is_none")]
    location_id: Option<LocationId>,
    /// How many; for a count, the difference to the books of its moment, below zero when units are missing.
    units: i64,
    /// How many units are there; only for a count.
    #[serde(skip_serializing_if = "Option::is_none")]
    units_counted: Option<i64>,
    /// The disposition that they were in; for a count, the one that found units were given.
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<Disposition>,
    serials: Vec<Serial>,
    reason: Prose,
    moved_by: String,
    /// Who approved or rejected the difference that a count found, where it waited.
    #[serde(skip_serializing_if = "Option::is_none")]
    reviewed_by: Option<String>,
    /// What the rules said; a count has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<Decision>,
    /// Who took it back, if somebody did.
    #[serde(skip_serializing_if = "Option::is_none")]
    reversed: Option<Reversed>,
    occurred_at: Moment,
    recorded_at: Moment,
}

impl From<Movement> for MovementView {
    fn from(movement: Movement) -> Self {
        MovementView::of(movement, None, None)
    }
}

impl MovementView {
    fn of(movement: Movement, review: Option<&Review>, reversal: Option<&MovementReversal>) -> Self {
        let status = match (movement.waits, review.map(|review| review.outcome)) {
            (false, _) | (true, Some(ReviewOutcome::Approved)) => MovementStatus::Posted,
            (true, None) => MovementStatus::Waiting,
            (true, Some(ReviewOutcome::Rejected)) => MovementStatus::Rejected,
        };
        let is_count = movement.kind == MovementKind::Count;
        let location = movement.from_location_id;
        let (location_id, from_location_id) = if is_count { (Some(location), None) } else { (None, Some(location)) };
        MovementView {
            id: movement.id,
            kind: movement.kind,
            status,
            reviewed_by: review.map(|review| review.reviewed_by.clone()),
            lot_id: movement.lot_id,
            site_id: movement.site_id,
            from_location_id,
            to_location_id: movement.to_location_id,
            location_id,
            units: review.map_or(movement.units, |review| review.units),
            units_counted: movement.units_counted,
            state: movement.state,
            serials: movement.serials.into_inner(),
            reason: movement.reason,
            moved_by: movement.moved_by,
            decision: movement.decision.map(Json::into_inner),
            reversed: reversal.map(Reversed::from),
            occurred_at: movement.occurred_at,
            recorded_at: movement.recorded_at,
        }
    }
}

/// Transfers units between locations.
///
/// Quarantine is left for stock only by release. Available units that go to a location for quarantine or returns are
/// quarantined there; what is held, rejected or has expired never goes into stock, but may always be set apart.
/// Purchasers transfer between stock locations only.
#[utoipa::path(operation_id = "create_transfer", tag = "Stock", request_body = NewTransfer,
    responses((status = 201, description = "The transfer.", body = MovementView)))]
#[post("/transfers")]
async fn create_transfer(commands: Commands, body: Body<NewTransfer>) -> Result<HttpResponse, Problem> {
    commands.create(body, |cmd, new| service::transfer(cmd, new).map(MovementView::from)).await
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

/// Which movements.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct MovementFilter {
    /// Only of this lot.
    lot_id: Option<LotId>,
    /// Only of this kind.
    kind: Option<MovementKind>,
    /// How many items at the most.
    limit: Option<Limit>,
    /// Where the page before ended.
    cursor: Option<Cursor>,
}

/// Movements with what became of the differences that waited, and whether they were reversed.
///
/// # Errors
/// What the database answers.
pub fn views(view: &mut View<'_>, found: Vec<Movement>) -> crate::error::Result<Vec<MovementView>> {
    let waiting: Vec<_> = found.iter().filter(|movement| movement.waits).map(|movement| &movement.id).collect();
    let reviews = store::reviews(view.db, &view.caller.organisation_id, &waiting)?;
    let ids: Vec<_> = found.iter().map(|movement| &movement.id).collect();
    let reversals = store::reversals(view.db, &view.caller.organisation_id, &ids)?;
    let of = |movement: Movement| {
        let reversal = reversals.iter().find(|reversal| reversal.movement_id == movement.id);
        let review = reviews.iter().find(|review| review.movement_id == movement.id);
        MovementView::of(movement, review, reversal)
    };
    Ok(found.into_iter().map(of).collect())
}

/// Lists movements, in the order of what happened.
#[utoipa::path(operation_id = "list_movements", tag = "Stock", params(MovementFilter),
    responses((status = 200, description = "A page of movements.", body = Page<MovementView>)))]
#[get("/movements")]
async fn list_movements(queries: Queries, filter: Query<MovementFilter>) -> Result<HttpResponse, Problem> {
    let MovementFilter { lot_id, kind, limit, cursor } = filter.into_inner();
    queries
        .search(
            List::of("movements", [paging::moment, paging::id::<MovementId>]),
            limit,
            cursor,
            move |view, after, limit| {
                let filter = Filter { id: None, lot_id, kind };
                let found = store::list(view.db, view.caller, &filter, &After::of(after)?, limit)?;
                found.map(|found| views(view, found))
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
            Ok(views(view, found.items)?.pop())
        })
        .await
}
