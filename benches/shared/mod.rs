//! What benches of the server share: a clinic on a deployment of its own, callers, and what a database takes.

pub mod clinic;
pub mod load;
pub mod sizes;
