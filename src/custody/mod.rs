//! Custody: what can be told from the journal to whoever asks, event by event and chain by chain.
//!
//! The journal itself is written by [`crate::journal`]; [`crate::verify`] replays it.

pub mod api;
pub mod bundles;
pub mod chain;
pub mod problems;
mod proofs;
pub mod refusals;
mod seeing;
pub mod store;
mod telling;
pub mod wire;

use crate::custody_log::past;
use crate::http::slice::{ID, READ_ALL, Slice, leads, may};
use crate::problem::ProblemCode;

/// The slice over HTTP.
pub const SLICE: Slice = Slice {
    tag: Some(("Custody", "What happened, when, by whom and on which grounds. For auditors.")),
    serve: |cfg| api::routes(cfg),
    describe: |cfg| api::routes(cfg),
    operations: &[
        may("get_lot_custody", READ_ALL).refuses(past::REFUSED),
        may("get_administration_custody", READ_ALL).refuses(past::REFUSED),
        may("list_events", READ_ALL).leading(&[
            leads("get_event", "id", "$response.body#/items/0/id", "The first of them, alone."),
            leads("get_inclusion_proof", "event_id", "$response.body#/items/0/id", "That the first is in the log."),
        ]),
        may("get_event", READ_ALL).leading(&[leads("get_event_bytes", "id", ID, "The exact bytes of the event.")]),
        may("get_event_bytes", READ_ALL).of_its_thing(),
        may("get_log_key", READ_ALL),
        may("get_log_checkpoint", READ_ALL).refuses(&[ProblemCode::NotYetLogged, ProblemCode::LogDisagrees]),
        may("get_inclusion_proof", READ_ALL).refuses(&[
            ProblemCode::NotYetLogged,
            ProblemCode::LogDisagrees,
            ProblemCode::ReferenceUnknown,
        ]),
        may("get_consistency_proof", READ_ALL).refuses(&[
            ProblemCode::NotYetLogged,
            ProblemCode::LogDisagrees,
            ProblemCode::BeyondTheLog,
            ProblemCode::SizesReversed,
        ]),
        may("create_evidence_bundle", READ_ALL).refuses(&[
            ProblemCode::ReferenceUnknown,
            ProblemCode::PatientUnknown,
            ProblemCode::InvalidValue,
            ProblemCode::BundleTooLarge,
            ProblemCode::NotYetLogged,
            ProblemCode::LogDisagrees,
            ProblemCode::Overloaded,
        ]),
    ],
    events: None,
    problems: problems::PROBLEMS,
};
