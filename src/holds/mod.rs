//! Holds: what blocks stock until somebody lifts it.
//!
//! A hold is a posting like any other: it moves exactly the units that it covers from available to held, in the same row
//! that an administration must decrement, so that a hold and an administration cannot both win. Units are free again
//! when no open hold covers them.

pub mod api;
pub mod model;
pub mod rules;
pub mod service;
pub mod store;
