//! Reports: the scorecard of a supplier ([`scorecard`]), and what a site had when a period began, what came, what went, and what it had at its end, lot by lot.
//!
//! It holds no state of its own. What a site had at the end is what is there now without what has moved since
//! ([`crate::stock`]); what moved in the period is told by its postings, each by when it happened, whenever it was entered; what it
//! had at the beginning is the rest. So the end of one period is the beginning of the next, and each row adds up:
//! opening + received + transferred in + voided + unaccounted + adjusted = administered + wasted + returned + destroyed + lost +
//! transferred out + closing.
//!
//! What was undone counts when that happened: an administration that was voided in a later period stays in the one in which it was
//! recorded, and its units come back as voided in the later one. A wastage, a loss or a delivery that was undone later is taken off there,
//! so that a number can be below zero. Who sees stock and lots sees nothing here that these do not tell; it names no patient.

pub mod api;
mod gathering;
pub mod model;
mod page;
pub mod problems;
mod scorecard;
pub mod wire;

use crate::http::slice::{READ_MASTER_DATA, Slice, may};
use crate::problem::ProblemCode as P;

/// The slice over HTTP.
pub const SLICE: Slice = Slice {
    tag: Some(("Reports", "What a site had, what came and what went, to be read, printed and summed up.")),
    serve: |cfg| api::routes(cfg),
    describe: |cfg| api::routes(cfg),
    operations: &[
        may("get_period_report", READ_MASTER_DATA).refuses(&[
            P::ReferenceUnknown,
            P::ReportTooLarge,
            P::OccurredInFuture,
            P::BeyondTheLog,
            P::NotYetLogged,
            P::LogDisagrees,
        ]),
        may("get_supplier_scorecard", READ_MASTER_DATA).refuses(&[P::ReportTooLarge]),
    ],
    events: None,
    problems: problems::PROBLEMS,
};
