//! Recalls: what must not be used any more, whoever has it, and everybody who has had it (DOMAIN rule 21).
//!
//! A recall holds by holds: for each lot that it names one hold, for named packs one on exactly those, for all of a product one on the
//! product, each with the recall as its cause. So it blocks as any hold does, in the rows that an administration must
//! decrement, and what it covers stands nowhere else: [`covered`] reads it from those holds. Only closing the recall ends them.
//!
//! While it is open it keeps watch. Whoever brings units, corrects what they were, or makes a product known by another GTIN has
//! what follows judged in the same transaction, whatever the command was ([`service::judge`]).

pub mod api;
pub mod campaign;
pub mod covered;
pub mod events;
pub mod export;
pub mod finding;
pub mod impact;
pub mod model;
pub mod problems;
pub mod rules;
pub mod service;
pub mod standing;
pub mod store;
pub mod wire;

use crate::caller::Role::Quality;
use crate::http::slice::{ID, READ_ALL, Slice, leads, may};
use crate::problem::ProblemCode as P;

/// The slice over HTTP.
pub const SLICE: Slice = Slice {
    tag: Some(("Recalls", "What must not be used any more, and everybody who has had it. For the quality lead.")),
    serve: |cfg| api::routes(cfg),
    describe: |cfg| api::routes(cfg),
    operations: &[
        may("create_recall", &[Quality])
            .for_all_sites()
            .alone()
            .refuses(&[
                P::RecallReferenceTaken,
                P::InvalidValue,
                P::MissingField,
                P::OccurredInFuture,
                P::OccurredTooLongAgo,
            ])
            .leading(&[
                leads("get_recall_impact", "id", ID, "See who has it, and who has had it."),
                leads("close_recall", "id", ID, "Close it when everything is accounted for."),
            ]),
        may("list_recalls", READ_ALL),
        may("get_recall", READ_ALL),
        may("get_recall_impact", READ_ALL),
        may("add_recall_lot", &[Quality]).for_all_sites().alone().refuses(&[
            P::ReferenceUnknown,
            P::InvalidValue,
            P::DuplicateEntry,
            P::RecallClosed,
            P::RecalledAlready,
        ]),
        may("acknowledge_recall", &[Quality]).beside().refuses(&[P::ReferenceUnknown, P::RecallClosed]),
        may("record_recall_contact", &[Quality]).beside().refuses(&[
            P::ReferenceUnknown,
            P::RecallClosed,
            P::OccurredInFuture,
            P::OccurredTooLongAgo,
        ]),
        may("close_recall", &[Quality]).for_all_sites().alone().refuses(&[
            P::RecallClosed,
            P::SelfClosedRecall,
            P::RecallOutstanding,
            P::MissingField,
        ]),
    ],
    events: Some(&events::EVENTS),
    problems: problems::PROBLEMS,
};
