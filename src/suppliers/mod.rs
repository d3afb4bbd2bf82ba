//! Suppliers: who may sell us which classes of product.
//!
//! A supplier is vetted when it is approved for a class and its wholesale licence counts (see [`crate::licences`]).

pub mod api;
pub mod model;
pub mod rules;
pub mod service;
pub mod store;
