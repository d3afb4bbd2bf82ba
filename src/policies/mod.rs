//! Policies: what an organisation decides for itself, within the rules.
//!
//! A policy is set whole, as a new version; the versions before it stay. A decision names the version that it was made
//! under. An organisation that never set one has version 0, the defaults of [`model::Policy`].

pub mod api;
pub mod model;
pub mod rules;
pub mod service;
pub mod store;
