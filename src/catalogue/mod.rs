//! The catalogue: what a product is, how it must be kept, and where it is authorised.
//!
//! A product is known by several identifiers, one for each level of its packaging and each agency that numbers it: they
//! all lead to the one product, each with the number of units that it stands for.
//!
//! Bands and approvals are what the organisation recorded, with their source; Lotline ships no product data.

pub mod api;
pub mod identifiers;
pub mod model;
pub mod rules;
pub mod service;
pub mod store;
