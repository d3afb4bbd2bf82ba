//! Organisations: the boundary that no query crosses.
//!
//! An organisation is made by `lotline init`, on the machine and not over HTTP.

pub mod events;
pub mod model;
pub mod service;
pub mod store;

use crate::http::slice::Slice;

/// The slice, which has nothing over HTTP.
pub const SLICE: Slice = Slice { events: Some(&events::EVENTS), ..Slice::SILENT };
