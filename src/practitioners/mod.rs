//! Practitioners: the people who treat and prescribe.
//!
//! What a person may do follows from the licences on record for them (see [`crate::licences`]), not from this list.

pub mod api;
pub mod model;
pub mod rules;
pub mod service;
pub mod store;
