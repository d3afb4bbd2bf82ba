//! Protocols: what a clinic asks before it treats, explains, tells patients to do at home, looks at later, and keeps at hand.
//!
//! Sources disagree on intervals, questions and aftercare, so each is a document of the organisation with an author and a source, and
//! never a constant (DOMAIN.md, "Record around a treatment"). A document is for one product, for a class, or for everything; the
//! narrowest counts. It is changed by a new version, in force from a day on, and what rested on a version names it for ever.

pub mod api;
pub mod events;
pub mod model;
pub mod problems;
pub mod rules;
pub mod service;
pub mod store;
pub mod wire;

use crate::caller::Role::{Admin, Quality};
use crate::http::slice::{ID, READ_STOCK, Slice, leads, may};
use crate::problem::ProblemCode as P;

/// The slice over HTTP.
pub const SLICE: Slice = Slice {
    tag: Some((
        "Protocols",
        "What the clinic asks, explains, tells patients and keeps at hand: versioned documents with an author and a source.",
    )),
    serve: |cfg| api::routes(cfg),
    describe: |cfg| api::routes(cfg),
    operations: &[
        may("create_protocol", &[Admin, Quality])
            .for_all_sites()
            .alone()
            .refuses(&[
                P::ReferenceUnknown,
                P::InvalidValue,
                P::InvalidText,
                P::InvalidUnits,
                P::EmptyList,
                P::ListTooLong,
                P::DuplicateEntry,
                P::InvalidProtocol,
                P::EffectiveTooEarly,
            ])
            .leading(&[leads("get_protocol", "id", ID, "Read it again.")]),
        may("list_protocols", READ_STOCK),
        may("get_protocol", READ_STOCK),
    ],
    events: Some(&events::EVENTS),
    problems: problems::PROBLEMS,
};
