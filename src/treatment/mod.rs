//! At the chair: the scan, its decision, and the administration.
//!
//! A scan and the administration that follows it ask the same rule about the same facts, so they cannot disagree. There
//! is no override: what must not happen is refused with every reason, and the refusal is part of the record.

pub mod api;
pub mod confirming;
pub mod facts;
pub mod model;
pub mod pictures;
pub mod rules;
pub mod service;
pub mod store;
