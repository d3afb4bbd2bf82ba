//! Names: what the ids of stock are called, for answers in which a person reads who, what and where.
//!
//! It has nothing over HTTP and no tables: it asks the slices that have the names, once for each kind of thing, whatever the number of
//! things.

pub mod service;
pub mod wire;
