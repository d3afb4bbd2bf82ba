//! Me: who a token is, so that whoever holds one need not take it apart.
//!
//! What a person may do follows from the token; that they are a practitioner follows from the subject that an admin gave one
//! (see [`crate::practitioners`]). Nothing is kept here.

pub mod api;
pub mod service;
pub mod wire;

use crate::caller::Role;
use crate::http::slice::{Slice, may};

/// The slice over HTTP.
pub const SLICE: Slice = Slice {
    tag: Some(("Me", "Who a token is. For everybody.")),
    serve: |cfg| api::routes(cfg),
    describe: |cfg| api::routes(cfg),
    operations: &[may("get_me", Role::ALL)],
    events: None,
    problems: &[],
};
