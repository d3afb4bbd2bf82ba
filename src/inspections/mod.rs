//! Inspections and releases: the way out of quarantine.
//!
//! What lies in quarantine is inspected against a checklist: what a receipt brought, or what lies at a place. What failed
//! becomes rejected at once, what passed moves to an account of its inspection. So a pass is something that units have, and it
//! leaves with them. Only passed units are released, by none of those who looked at them (four eyes), and only if they came
//! from a supplier who was vetted on the day on which they arrived.

pub mod api;
pub mod events;
pub mod listing;
pub mod model;
pub mod problems;
pub mod releasing;
pub mod reversals;
pub mod rules;
pub mod service;
pub mod settling;
pub mod store;
pub mod wire;

use crate::caller::Role::{Purchaser, Quality};
use crate::http::slice::{READ_MASTER_DATA, Slice, leads, may};
use crate::problem::ProblemCode as P;

/// The slice over HTTP.
pub const SLICE: Slice = Slice {
    tag: None,
    serve: |cfg| api::routes(cfg),
    describe: |cfg| api::routes(cfg),
    operations: &[
        may("create_inspection", &[Purchaser, Quality])
            .beside()
            .refuses(&[
                P::GateRefused,
                P::UnitsAlreadyInspected,
                P::InspectionUnits,
                P::ContradictoryInspection,
                P::MissingField,
                P::SerialsMismatch,
                P::EmptyList,
                P::ListTooLong,
                P::DuplicateEntry,
                P::InvalidValue,
                P::OccurredInFuture,
                P::OccurredTooLongAgo,
            ])
            .leading(&[leads("create_release", "id", "$response.body#/lot_id", "Somebody else releases what passed.")]),
        may("list_inspections", READ_MASTER_DATA),
        may("get_inspection", READ_MASTER_DATA),
        may("create_inspection_reversal", &[Quality])
            .of_its_thing()
            .beside()
            .refuses(&[P::OthersRestOnIt, P::AlreadyReversed]),
        may("create_release", &[Quality])
            .beside()
            .refuses(&[
                P::GateRefused,
                P::SerialsMismatch,
                P::ListTooLong,
                P::DuplicateEntry,
                P::OccurredInFuture,
                P::OccurredTooLongAgo,
            ])
            .leading(&[leads("list_stock", "lot_id", "$response.body#/lot_id", "Where the units are now.")]),
        may("list_releases", READ_MASTER_DATA),
    ],
    events: Some(&events::EVENTS),
    problems: problems::PROBLEMS,
};
