//! Imports: what a clinic has in lists comes in, each list in one command.
//!
//! A row is the request for one thing, written in columns: it goes through the command of its slice, by the same rules and as
//! the same event, and there is no second way of making anything. A list comes in whole or not at all, and a list that came
//! in can be sent again: things have names of their own (a product its GTIN, a place its site and name), and what stands
//! under one is not made twice. What a row says otherwise than what stands is refused and never written over it: a
//! correction is an act of its own, with its reason.
//!
//! Nothing is kept here.

pub mod api;
pub mod columns;
pub mod model;
pub mod naming;
pub mod problems;
pub mod reading;
pub mod service;
pub mod wire;

use crate::caller::Role::{Admin, Quality};
use crate::http::slice::{READ_ALL, Slice, may};
use crate::problem::ProblemCode as P;

/// The slice over HTTP.
pub const SLICE: Slice = Slice {
    tag: Some((
        "Imports",
        "Lists that are brought in, whole or not at all. For admins; what was on the shelf before, for quality.",
    )),
    serve: |cfg| api::routes(cfg),
    describe: |cfg| api::routes(cfg),
    operations: &[
        may("create_import", &[Admin, Quality]).for_all_sites().alone().refuses(&[
            P::ImportFileUnclear,
            P::ListTooLong,
            P::AmbiguousName,
            P::UnsupportedMediaType,
        ]),
        may("get_import_template", READ_ALL),
    ],
    events: None,
    problems: problems::PROBLEMS,
};
