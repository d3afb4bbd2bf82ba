//! Packs: what carries a number, where each is, and what became of its units.
//!
//! It reads what [`crate::stock`] keeps, and has no tables of its own.

pub mod api;
pub mod store;
pub mod wire;

use crate::http::slice::{READ_STOCK, Slice, may};

/// The slice over HTTP.
pub const SLICE: Slice = Slice {
    tag: None,
    serve: |cfg| api::routes(cfg),
    describe: |cfg| api::routes(cfg),
    operations: &[may("list_packs", READ_STOCK)],
    events: None,
    problems: &[],
};
