//! Tokens: who was given one, recorded when it is signed.
//!
//! A token is signed on the machine, by `lotline token` and `lotline init`, and not over HTTP. It carries its own id
//! (`jti`), under which the journal has it and the log names it; the token itself is kept nowhere.

pub mod events;
pub mod model;
pub mod service;

use crate::http::slice::Slice;

/// The slice, which has nothing over HTTP.
pub const SLICE: Slice = Slice { events: Some(&events::EVENTS), ..Slice::SILENT };
