//! Inspections and releases: the way out of quarantine.
//!
//! A receipt's packaging is inspected against a checklist; what failed becomes rejected at once. What passed may be
//! released to stock by somebody who did not inspect it (four eyes), never more than passed.

pub mod api;
pub mod model;
pub mod rules;
pub mod service;
pub mod store;
