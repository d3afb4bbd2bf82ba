//! The catalogue: what a product is, how it must be kept, and where it is authorised.
//!
//! Bands and approvals are what the organisation recorded, with their source; Lotline ships no product data.

pub mod api;
pub mod model;
pub mod rules;
pub mod service;
pub mod store;
