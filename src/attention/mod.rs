//! Attention: the morning list, what somebody should look at before the day begins.
//!
//! It holds no state of its own: everything on it follows from stock, licences, holds and deviations as they are.

pub mod api;
pub mod people;
pub mod rules;
pub mod service;
pub mod wire;

use crate::http::slice::{READ_MASTER_DATA, Slice, may};
use crate::problem::ProblemCode as P;

/// The slice over HTTP.
pub const SLICE: Slice = Slice {
    tag: Some(("Attention", "What somebody should look at this morning.")),
    serve: |cfg| api::routes(cfg),
    describe: |cfg| api::routes(cfg),
    operations: &[may("get_attention", READ_MASTER_DATA).refuses(&[P::ReferenceUnknown])],
    events: None,
    problems: &[],
};
