//! Movements: what moves stock and is neither a receipt, a release nor an administration.
//!
//! Units are transferred between locations, wasted, returned to their supplier, destroyed, and counted. Quarantine is left
//! only by release, and what was rejected, held or has expired only goes to where it is set apart; but it may always be
//! set apart, returned and destroyed. A count posts its difference to the books as an adjustment, so a lot reconciles
//! after every movement. What was recorded wrongly is reversed by an event that points at it.

pub mod api;
pub mod events;
pub mod model;
pub mod reversals;
pub mod rules;
pub mod service;
pub mod store;
pub mod wire;

use crate::caller::Role::{Purchaser, Quality};
use crate::http::slice::{READ_MASTER_DATA, Slice, may};
use crate::problem::ProblemCode::{
    self, AlreadyReversed, CountAlreadyReviewed, DuplicateEntry, GateRefused, InvalidUnits, InvalidValue, ListTooLong,
    LotNotAtLocation, NothingToReverse, OccurredInFuture, OccurredTooEarly, OccurredTooLongAgo, OthersRestOnIt,
    Retired, SameLocation, SelfReviewedCount, SerialsMismatch,
};

/// What the rules for taking units out answer.
const REMOVAL: &[ProblemCode] =
    &[GateRefused, SerialsMismatch, ListTooLong, DuplicateEntry, InvalidValue, OccurredInFuture, OccurredTooLongAgo];

/// The slice over HTTP.
pub const SLICE: Slice = Slice {
    tag: None,
    serve: |cfg| api::routes(cfg),
    describe: |cfg| api::routes(cfg),
    operations: &[
        may("create_transfer", &[Purchaser, Quality]).beside().refuses(&[
            GateRefused,
            SameLocation,
            SerialsMismatch,
            ListTooLong,
            DuplicateEntry,
            InvalidValue,
            OccurredInFuture,
            OccurredTooLongAgo,
        ]),
        may("create_wastage", &[Quality]).beside().refuses(REMOVAL),
        may("create_return", &[Quality]).beside().refuses(REMOVAL),
        may("create_destruction", &[Quality]).beside().refuses(REMOVAL),
        may("create_count", &[Quality]).beside().refuses(&[
            GateRefused,
            Retired,
            LotNotAtLocation,
            InvalidUnits,
            SerialsMismatch,
            ListTooLong,
            DuplicateEntry,
            OccurredInFuture,
            OccurredTooLongAgo,
        ]),
        may("approve_count", &[Quality]).beside().refuses(&[
            GateRefused,
            Retired,
            CountAlreadyReviewed,
            SelfReviewedCount,
            SerialsMismatch,
        ]),
        may("reject_count", &[Quality]).beside().refuses(&[CountAlreadyReviewed, SelfReviewedCount]),
        may("create_movement_reversal", &[Quality]).of_its_thing().beside().refuses(&[
            GateRefused,
            OthersRestOnIt,
            AlreadyReversed,
            NothingToReverse,
            Retired,
            OccurredTooEarly,
            OccurredInFuture,
            OccurredTooLongAgo,
        ]),
        may("list_movements", READ_MASTER_DATA),
        may("get_movement", READ_MASTER_DATA),
    ],
    events: Some(&events::EVENTS),
};
