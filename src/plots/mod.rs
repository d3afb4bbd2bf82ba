//! Plots: how warm a location was, stock against its level, and adverse events lot by lot, as a picture that can be read on a telephone and on paper, with or without colours.
//!
//! It holds no state of its own: the curve follows from readings, the shades from excursions, the bars from the ledger. What is
//! read ([`service`]) and how it is drawn ([`drawing`]) are apart: a drawing is a text that follows from facts alone.

pub mod api;
pub mod axes;
pub mod drawing;
pub mod frame;
pub mod funnel;
pub mod levels;
pub mod lots;
pub mod model;
pub mod service;
pub mod svg;
pub mod words;

use crate::http::slice::{READ_MASTER_DATA, READ_STOCK, READ_TREATMENT, Slice, may};
use crate::problem::ProblemCode as P;

/// The slice over HTTP.
pub const SLICE: Slice = Slice {
    tag: None,
    serve: |cfg| api::routes(cfg),
    describe: |cfg| api::routes(cfg),
    operations: &[
        may("get_climate_svg", READ_STOCK),
        may("get_replenishment_plot_svg", READ_MASTER_DATA).refuses(&[P::ReferenceUnknown, P::ReplenishmentTooLarge]),
        may("get_signals_plot", READ_TREATMENT).refuses(&[P::ReferenceUnknown]),
    ],
    events: None,
    problems: &[],
};
