//! Policies: what an organisation decides for itself, within the rules.
//!
//! A policy is set whole, as a new version; the versions before it stay. A decision names the version that it was made
//! under. An organisation that never set one has version 0, the defaults of [`model::Policy`].

pub mod api;
pub mod events;
pub mod model;
pub mod rules;
pub mod service;
pub mod store;
pub mod wire;

use crate::http::slice::{ADMIN, READ_MASTER_DATA, Slice, may};
use crate::problem::ProblemCode as P;

/// What is refused of a new policy, whole or in part.
const SETTING_POLICIES: &[P] =
    &[P::ReadOnlyField, P::MissingField, P::InvalidValue, P::EmptyList, P::ListTooLong, P::DuplicateEntry];

/// The slice over HTTP.
pub const SLICE: Slice = Slice {
    tag: Some(("Policies", "What the organisation decides for itself. For admins.")),
    serve: |cfg| api::routes(cfg),
    describe: |cfg| api::routes(cfg),
    operations: &[
        may("get_policies", READ_MASTER_DATA),
        may("set_policies", ADMIN).for_all_sites().alone().refuses(SETTING_POLICIES),
        may("patch_policies", ADMIN).for_all_sites().alone().refuses(SETTING_POLICIES),
    ],
    events: Some(&events::EVENTS),
    problems: &[],
};
