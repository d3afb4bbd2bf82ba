//! Holds: what blocks stock until somebody lifts it.
//!
//! A hold is a posting like any other: it moves exactly the units that it covers from available to held, in the same row
//! that an administration must decrement, so that a hold and an administration cannot both win. Units are free again
//! when no open hold covers them.

pub mod api;
pub mod events;
pub mod model;
pub mod problems;
pub mod rules;
pub mod service;
pub mod store;
pub mod wire;

use crate::caller::Role::{Practitioner, Quality};
use crate::http::slice::{ID, READ_MASTER_DATA, Slice, leads, may};
use crate::problem::ProblemCode as P;

/// The slice over HTTP.
pub const SLICE: Slice = Slice {
    tag: Some(("Holds", "What must not be used while somebody looks into it. For the quality lead.")),
    serve: |cfg| api::routes(cfg),
    describe: |cfg| api::routes(cfg),
    operations: &[
        may("create_hold", &[Practitioner, Quality])
            .of_its_thing()
            .alone()
            .refuses(&[P::ReferenceUnknown, P::OccurredInFuture, P::OccurredTooLongAgo])
            .leading(&[leads("lift_hold", "id", ID, "Lift the hold when the question is answered.")]),
        may("list_holds", READ_MASTER_DATA),
        may("get_hold", READ_MASTER_DATA),
        may("lift_hold", &[Quality]).of_its_thing().alone().refuses(&[
            P::HoldAlreadyLifted,
            P::HeldByRecall,
            P::SelfLiftedHold,
            P::OccurredTooEarly,
            P::OccurredInFuture,
            P::OccurredTooLongAgo,
        ]),
    ],
    events: Some(&events::EVENTS),
    problems: problems::PROBLEMS,
};
