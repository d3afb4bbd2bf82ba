//! Movements: what moves stock and is neither a receipt, a release nor an administration.
//!
//! Units are transferred between locations, wasted, returned to their supplier, destroyed, and counted. Quarantine is left
//! only by release, and what was rejected, held or has expired only goes to where it is set apart; but it may always be
//! set apart, returned and destroyed. A count posts its difference to the books as an adjustment, so a lot reconciles
//! after every movement. A transfer may be a journey: into a transport box and out of it. What was recorded wrongly is reversed by an event that points at it.

pub mod api;
pub mod counting;
pub mod events;
pub mod model;
pub mod problems;
pub mod recording;
pub mod reversals;
pub mod rules;
pub mod service;
pub mod store;
pub mod transfers;
pub mod wire;

use crate::caller::Role::{Practitioner, Purchaser, Quality};
use crate::http::slice::{READ_MASTER_DATA, Slice, may};
use crate::problem::ProblemCode as P;

/// What the rules for taking units out answer.
const REMOVAL: &[P] = &[
    P::GateRefused,
    P::SerialsMismatch,
    P::ListTooLong,
    P::DuplicateEntry,
    P::InvalidValue,
    P::OccurredInFuture,
    P::OccurredTooLongAgo,
];

/// The slice over HTTP.
pub const SLICE: Slice = Slice {
    tag: None,
    serve: |cfg| api::routes(cfg),
    describe: |cfg| api::routes(cfg),
    operations: &[
        may("create_transfer", &[Purchaser, Quality]).beside().refuses(&[
            P::GateRefused,
            P::SameLocation,
            P::SerialsMismatch,
            P::ListTooLong,
            P::DuplicateEntry,
            P::InvalidValue,
            P::OccurredInFuture,
            P::OccurredTooLongAgo,
            P::OccurredTooEarly,
        ]),
        may("create_wastage", &[Practitioner, Quality]).beside().refuses(REMOVAL),
        may("create_return", &[Quality]).beside().refuses(REMOVAL),
        may("create_destruction", &[Quality]).beside().refuses(REMOVAL),
        may("create_count", &[Quality]).beside().refuses(&[
            P::GateRefused,
            P::Retired,
            P::LotNotAtLocation,
            P::InvalidUnits,
            P::SerialsMismatch,
            P::ListTooLong,
            P::DuplicateEntry,
            P::OccurredInFuture,
            P::OccurredTooLongAgo,
        ]),
        may("approve_count", &[Quality]).beside().refuses(&[
            P::GateRefused,
            P::Retired,
            P::CountAlreadyReviewed,
            P::SelfReviewedCount,
            P::SerialsMismatch,
        ]),
        may("reject_count", &[Quality]).beside().refuses(&[P::CountAlreadyReviewed, P::SelfReviewedCount]),
        may("create_movement_reversal", &[Quality]).of_its_thing().beside().refuses(&[
            P::GateRefused,
            P::OthersRestOnIt,
            P::AlreadyReversed,
            P::NothingToReverse,
            P::Retired,
            P::OccurredTooEarly,
            P::OccurredInFuture,
            P::OccurredTooLongAgo,
        ]),
        may("list_movements", READ_MASTER_DATA),
        may("get_movement", READ_MASTER_DATA),
    ],
    events: Some(&events::EVENTS),
    problems: problems::PROBLEMS,
};
