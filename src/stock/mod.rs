//! Stock: lots, accounts, packs, and the double-entry postings that move them.
//!
//! An account is a lot at a location in a disposition with a use-by date; the outside (supplier, patient, waste …) has
//! accounts too. Every movement takes units from one account and gives them to another, so a lot's accounts always add
//! up to zero and a lot reconciles at any time. [`crate::journal::post`] is the only writer: it decrements only what is there,
//! in the same statement, so two movements that want the last unit cannot both get it.
//!
//! Each lot text is a lot of its own, as labelled. Texts that match but for case, and those that are easily taken for each
//! other, are found together ([`crate::values::lots`]) and shown to a person, never merged.

pub mod api;
pub mod books;
pub mod history;
pub mod label;
pub mod model;
pub mod origins;
pub mod presence;
pub mod problems;
pub mod resting;
pub mod rules;
pub mod service;
pub mod store;
pub mod wire;

use crate::custody_log::past;
use crate::http::slice::{ID, READ_STOCK, Slice, leads, may};
use crate::problem::ProblemCode as P;

/// The slice over HTTP.
pub const SLICE: Slice = Slice {
    tag: Some(("Stock", "Where units are, how they move, leave and are counted.")),
    serve: |cfg| api::routes(cfg),
    describe: |cfg| api::routes(cfg),
    operations: &[
        may("list_stock", READ_STOCK).refuses(past::REFUSED),
        may("list_lots", READ_STOCK).refuses(past::REFUSED),
        may("get_lot", READ_STOCK).refuses(past::REFUSED).leading(&[leads(
            "get_lot_custody",
            "id",
            ID,
            "Everything that happened to the lot.",
        )]),
        may("get_lot_label_svg", READ_STOCK).refuses(&[P::LabelNotPossible, P::ReferenceUnknown]),
        may("get_lot_label_png", READ_STOCK).refuses(&[P::LabelNotPossible, P::ReferenceUnknown]),
    ],
    events: None,
    problems: problems::PROBLEMS,
};
