//! Requests and answers about movements.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model::{Movement, MovementKind, MovementReversal, Review, ReviewOutcome};
use crate::clock::Moment;
use crate::decision::Decision;
use crate::http::paging::{Cursor, Limit};
use crate::http::period::When;
use crate::ids::{LocationId, LotId, MovementId, ProductId, SensorId, SiteId, StockTakeId};
use crate::inspections::model::Reversed;
use crate::stock::model::Disposition;
use crate::values::{Json, Prose, Serial, Units, words};

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
    /// When it happened; now if left out, at most 30 days back. With a journey, when they arrived.
    #[serde(default)]
    pub occurred_at: Option<Moment>,
    /// What they went in, where they were on their way for a time. What its logger measures meanwhile, before or after this
    /// is sent, is judged as the place where they were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub journey: Option<NewJourney>,
}

/// The way of a transfer, in a transport box with a logger.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "sensor_id": "sen_01932c07-8d00-7000-8000-00000000000a", "departed_at": "2026-11-21T09:00:00Z"
}))]
pub struct NewJourney {
    /// The logger: a sensor that `travels`. The units were at its location on the way.
    pub sensor_id: SensorId,
    /// When the units left: before they arrived, and at most 30 days back.
    pub departed_at: Moment,
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
    /// Or which packs are there: those that the books have there beside them are missing. Their units are among `units_counted`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub serials_present: Vec<Serial>,
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
    /// Its id.
    pub id: MovementId,
    pub(super) kind: MovementKind,
    /// How far it is: only a count may wait.
    pub status: MovementStatus,
    /// The lot.
    pub lot_id: LotId,
    /// The site of the location that the units were at.
    pub site_id: SiteId,
    /// Where the units were; not for a count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) from_location_id: Option<LocationId>,
    /// Where they went; only for a transfer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) to_location_id: Option<LocationId>,
    /// Where they were counted; only for a count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location_id: Option<LocationId>,
    /// How many; for a count, the difference to the books of its moment, below zero when units are missing.
    pub units: i64,
    /// How many units are there; only for a count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) units_counted: Option<i64>,
    /// The disposition that they were in; for a count, the one that found units were given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) state: Option<Disposition>,
    /// The movement by which the units went into the transport box that they were taken out of, where one request said both.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) departure_id: Option<MovementId>,
    /// The stock-take that a count is of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) stock_take_id: Option<StockTakeId>,
    pub(super) serials: Vec<Serial>,
    pub(super) reason: Prose,
    /// Who moved or counted, by the subject of the token; of a stock-take, who approved its differences.
    pub moved_by: String,
    /// Who approved or rejected the difference that a count found, where it waited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reviewed_by: Option<String>,
    /// What the rules said; a count has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) decision: Option<Decision>,
    /// Who took it back, if somebody did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reversed: Option<Reversed>,
    pub(super) occurred_at: Moment,
    /// When that was recorded.
    pub recorded_at: Moment,
}

impl From<Movement> for MovementView {
    fn from(movement: Movement) -> Self {
        MovementView::of(movement, None, None)
    }
}

impl MovementView {
    pub(super) fn of(movement: Movement, review: Option<&Review>, reversal: Option<&MovementReversal>) -> Self {
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
            departure_id: movement.departure_id,
            stock_take_id: movement.stock_take_id,
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

/// Which movements.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct MovementFilter {
    /// Only of this lot.
    pub(super) lot_id: Option<LotId>,
    /// Only of this kind.
    pub(super) kind: Option<MovementKind>,
    /// Only from or to this site.
    pub(super) site_id: Option<SiteId>,
    /// Only from or to this place; counts there are among them.
    pub(super) location_id: Option<LocationId>,
    /// Only of this product.
    pub(super) product_id: Option<ProductId>,
    /// Only from this day or moment on.
    #[param(inline)]
    pub(super) from: Option<When>,
    /// Only up to this day, which counts, or before this moment.
    #[param(inline)]
    pub(super) to: Option<When>,
    /// How many items at the most.
    pub(super) limit: Option<Limit>,
    /// Where the page before ended.
    pub(super) cursor: Option<Cursor>,
}
