//! Organisations: the boundary that no query crosses.
//!
//! An organisation is made by `lotline init`, on the machine and not over HTTP.

pub mod model;
pub mod service;
pub mod store;
