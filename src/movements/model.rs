//! What a movement is.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::clock::Moment;
use crate::decision::Decision;
use crate::ids::{LocationId, LotId, MovementId, MovementReversalId, OrganisationId, SiteId, StockTakeId};
use crate::inspections::model::Reversed;
use crate::stock::model::{AccountKind, Disposition};
use crate::values::{Json, Prose, Serial, words};

words! {
    /// How units moved.
    MovementKind {
        /// From one location to another.
        Transfer "transfer",
        /// Wasted.
        Wastage "wastage",
        /// Returned to their supplier.
        Return "return",
        /// Destroyed.
        Destruction "destruction",
        /// Counted, with the difference to the books adjusted.
        Count "count",
    }
}

impl MovementKind {
    /// What is done, as refusals name it.
    pub fn verb(self) -> &'static str {
        match self {
            MovementKind::Transfer => "transfer",
            MovementKind::Wastage => "waste",
            MovementKind::Return => "return",
            MovementKind::Destruction => "destroy",
            MovementKind::Count => "count",
        }
    }
}

/// A way in which units leave for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removal {
    /// They are wasted.
    Wastage,
    /// They go back to their supplier.
    Return,
    /// They are destroyed.
    Destruction,
}

impl Removal {
    /// The kind of movement that it is.
    pub fn kind(self) -> MovementKind {
        match self {
            Removal::Wastage => MovementKind::Wastage,
            Removal::Return => MovementKind::Return,
            Removal::Destruction => MovementKind::Destruction,
        }
    }

    /// The account outside that the units go to.
    pub fn account(self) -> AccountKind {
        match self {
            Removal::Wastage => AccountKind::Waste,
            Removal::Return => AccountKind::Returned,
            Removal::Destruction => AccountKind::Destroyed,
        }
    }
}

/// A movement of units of a lot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Queryable, Selectable, Insertable)]
#[diesel(table_name = crate::db::schema::movements)]
pub struct Movement {
    /// Its id.
    pub id: MovementId,
    /// The organisation.
    pub organisation_id: OrganisationId,
    /// How the units moved.
    pub kind: MovementKind,
    /// The lot.
    pub lot_id: LotId,
    /// The site of the location that the units were at.
    pub site_id: SiteId,
    /// Where the units were, or were counted.
    pub from_location_id: LocationId,
    /// Where they went, for a transfer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_location_id: Option<LocationId>,
    /// How many; for a count, the difference to the books, below zero when units are missing.
    pub units: i64,
    /// How many units a count found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub units_counted: Option<i64>,
    /// The disposition that they were in; for a count, the one that found units were given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<Disposition>,
    /// Which packs, where packs have serial numbers.
    pub serials: Json<Vec<Serial>>,
    /// Why.
    pub reason: Prose,
    /// Who moved or counted them, by the subject of the token; of a stock-take, who approved its differences.
    pub moved_by: String,
    /// What the rules said; a count is not asked for permission.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<Json<Decision>>,
    /// When they moved.
    pub occurred_at: Moment,
    /// When that was recorded.
    pub recorded_at: Moment,
    /// Whether the difference that a count found waits for a second person: then nothing is posted until one approves it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub waits: bool,
    /// The movement by which the units went into the transport box that this one took them out of, where one request said both.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub departure_id: Option<MovementId>,
    /// The stock-take that a count is of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stock_take_id: Option<StockTakeId>,
}

words! {
    /// What became of a difference that waited.
    ReviewOutcome {
        /// It was posted.
        Approved "approved",
        /// It was not: the count was wrong.
        Rejected "rejected",
    }
}

/// What a second person said of the difference that a count found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Queryable, Selectable, Insertable)]
#[diesel(table_name = crate::db::schema::count_reviews)]
pub struct Review {
    /// The count.
    pub movement_id: MovementId,
    /// The organisation.
    pub organisation_id: OrganisationId,
    /// What became of it.
    pub outcome: ReviewOutcome,
    /// The difference to the books of the count's moment, as they are known now.
    pub units: i64,
    /// Why.
    pub reason: Prose,
    /// Who said so, by the subject of the token.
    pub reviewed_by: String,
    /// When.
    pub reviewed_at: Moment,
}

/// The reversal of a movement: its units went back, and both stay on record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Queryable, Selectable, Insertable)]
#[diesel(table_name = crate::db::schema::movement_reversals)]
pub struct MovementReversal {
    /// Its id.
    pub id: MovementReversalId,
    /// The organisation.
    pub organisation_id: OrganisationId,
    /// The movement.
    pub movement_id: MovementId,
    /// Why.
    pub reason: Prose,
    /// Who reversed it, by the subject of the token.
    pub reversed_by: String,
    /// When the units went back.
    pub occurred_at: Moment,
    /// When that was recorded.
    pub recorded_at: Moment,
}

impl From<&MovementReversal> for Reversed {
    fn from(reversal: &MovementReversal) -> Self {
        let MovementReversal { reversed_by, occurred_at, reason, .. } = reversal;
        Reversed { by: reversed_by.clone(), at: *occurred_at, reason: reason.clone() }
    }
}
