//! Custody: the journal of everything that happened, and what can be told and proved from it.
//!
//! Each command appends one event or more under one command id, with canonical bytes that are stored as they are. The
//! tables are what the events say ([`projection`] is the one place that writes them), so [`verify`] can replay the
//! journal into an empty database and compare every column.

pub mod api;
pub mod canonical;
pub mod chain;
pub mod continued;
pub mod journal;
pub mod model;
pub mod projection;
pub mod refusals;
pub mod resting;
pub mod store;
pub mod verify;
