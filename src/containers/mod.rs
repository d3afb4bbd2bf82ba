//! Opened containers: a unit that is used little by little (DOMAIN rule 18).
//!
//! Opening takes one available unit into an account of its own, in use, until it is used up or discarded: a hold, a recall or an
//! excursion holds it there as it holds what is sealed, and it is never sealed again. What is left in it is counted in the
//! product's own measure; what is given out of it is an administration. It serves one patient unless the product says otherwise,
//! with who said so and when.

pub mod api;
pub mod events;
mod going_first;
pub mod model;
pub mod problems;
pub mod rules;
pub mod service;
pub mod store;
pub mod wire;

use crate::caller::Role::{Practitioner, Quality};
use crate::http::slice::{ID, READ_TREATMENT, Slice, leads, may};
use crate::problem::ProblemCode as P;

/// The slice over HTTP.
pub const SLICE: Slice = Slice {
    tag: Some(("Containers", "Units that were opened: what is left in them, until when, for whom. For practitioners.")),
    serve: |cfg| api::routes(cfg),
    describe: |cfg| api::routes(cfg),
    operations: &[
        may("open_container", &[Practitioner])
            .beside()
            .refuses(&[
                P::ReferenceUnknown,
                P::GateRefused,
                P::InvalidValue,
                P::DiluentRequired,
                P::OccurredInFuture,
                P::OccurredTooLongAgo,
            ])
            .leading(&[
                leads("create_administration", "container_id", ID, "Use what is in it."),
                leads("discard_container", "id", ID, "Discard what is left in it."),
            ]),
        may("list_containers", READ_TREATMENT),
        may("get_container", READ_TREATMENT),
        may("discard_container", &[Practitioner, Quality]).beside().refuses(&[
            P::ContainerFinished,
            P::GateRefused,
            P::OccurredTooEarly,
            P::OccurredInFuture,
            P::OccurredTooLongAgo,
        ]),
    ],
    events: Some(&events::EVENTS),
    problems: problems::PROBLEMS,
};
