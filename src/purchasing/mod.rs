//! Purchasing: whether a product may be bought, and what was ordered.
//!
//! One rule answers the question before an order and decides when it is placed; the decision, with the licences that it
//! rested on, is frozen into the order. What arrives is counted line by line, and what differs is shown, never smoothed.

pub mod api;
pub mod eligibility;
pub mod model;
pub mod rules;
pub mod service;
pub mod store;
