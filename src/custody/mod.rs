//! Custody: the journal of everything that happened, and what can be told and proved from it.
//!
//! Each command appends one event or more under one command id, with canonical bytes that are stored as they are. The
//! tables are what the events say ([`projection`] is the one place that writes them), so [`verify`] can replay the
//! journal into an empty database and compare every column.

pub mod api;
pub mod canonical;
pub mod chain;
pub mod continued;
pub mod journal;
pub mod model;
pub mod projection;
pub mod refusals;
pub mod resting;
pub mod store;
pub mod verify;

use crate::http::slice::{ID, READ_ALL, Slice, leads, may};

/// The slice over HTTP.
pub const SLICE: Slice = Slice {
    tag: Some(("Custody", "What happened, when, by whom and on which grounds. For auditors.")),
    serve: |cfg| api::routes(cfg),
    describe: |cfg| api::routes(cfg),
    operations: &[
        may("get_lot_custody", READ_ALL),
        may("get_administration_custody", READ_ALL),
        may("list_events", READ_ALL).leading(&[leads(
            "get_event",
            "id",
            "$response.body#/items/0/id",
            "The first of them, alone.",
        )]),
        may("get_event", READ_ALL).leading(&[leads("get_event_bytes", "id", ID, "The exact bytes of the event.")]),
        may("get_event_bytes", READ_ALL).of_its_thing(),
    ],
};
