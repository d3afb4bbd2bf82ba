//! Attention: the morning list, what somebody should look at before the day begins; and work, what of that and more waits for one
//! person, with the call that settles it.
//!
//! It holds no state of its own: everything on both follows from stock, licences, holds and deviations as they are. [`service`] looks,
//! for the list of everybody and for [`work`], which asks for no more than its reader may settle ([`kinds`]).

pub mod api;
pub mod kinds;
pub mod naming;
pub mod people;
pub mod rules;
pub mod service;
pub mod waiting;
pub mod wire;
pub mod work;

use crate::http::slice::{READ_MASTER_DATA, READ_STOCK, Slice, may};
use crate::problem::ProblemCode as P;

/// The slice over HTTP.
pub const SLICE: Slice = Slice {
    tag: Some(("Attention", "What somebody should look at this morning, and what waits for whom.")),
    serve: |cfg| api::routes(cfg),
    describe: |cfg| api::routes(cfg),
    operations: &[
        may("get_attention", READ_MASTER_DATA).refuses(&[P::ReferenceUnknown]),
        may("get_work", READ_STOCK).refuses(&[P::ReferenceUnknown]),
    ],
    events: None,
    problems: &[],
};
