//! Plots: how warm a location was, as a picture that can be read on a telephone and on paper, with or without colours.
//!
//! It holds no state of its own: the curve follows from readings, the shades from excursions, the bars from the ledger. What is
//! read ([`service`]) and how it is drawn ([`drawing`]) are apart: a drawing is a text that follows from facts alone.

pub mod api;
pub mod axes;
pub mod drawing;
pub mod frame;
pub mod lots;
pub mod model;
pub mod service;
pub mod svg;
pub mod words;

use crate::http::slice::{READ_STOCK, Slice, may};

/// The slice over HTTP.
pub const SLICE: Slice = Slice {
    tag: None,
    serve: |cfg| api::routes(cfg),
    describe: |cfg| api::routes(cfg),
    operations: &[may("get_climate_svg", READ_STOCK)],
    events: None,
    problems: &[],
};
