//! Suppliers: who may sell us which classes of product.
//!
//! A supplier is vetted when it is approved for a class and its wholesale licence counts (see [`crate::licences`]).

pub mod api;
pub mod events;
pub mod model;
pub mod rules;
pub mod service;
pub mod store;
pub mod wire;

use crate::http::slice::{ADMIN, READ_MASTER_DATA, Slice, may};
use crate::problem::ProblemCode as P;

/// What is refused of a correction, of the whole or of a part.
const CORRECTING_SUPPLIER: &[P] = &[P::EmptyList, P::DuplicateEntry, P::Retired];

/// The slice over HTTP.
pub const SLICE: Slice = Slice {
    tag: Some(("Suppliers", "Who sells to you. For admins.")),
    serve: |cfg| api::routes(cfg),
    describe: |cfg| api::routes(cfg),
    operations: &[
        may("create_supplier", ADMIN).for_all_sites().alone().refuses(&[P::EmptyList, P::DuplicateEntry]),
        may("list_suppliers", READ_MASTER_DATA),
        may("get_supplier", READ_MASTER_DATA),
        may("correct_supplier", ADMIN).for_all_sites().alone().refuses(CORRECTING_SUPPLIER),
        may("patch_supplier", ADMIN).for_all_sites().alone().refuses(CORRECTING_SUPPLIER),
        may("retire_supplier", ADMIN).for_all_sites().alone().refuses(&[P::AlreadyRetired]),
        may("reinstate_supplier", ADMIN).for_all_sites().alone().refuses(&[P::NotRetired]),
    ],
    events: Some(&events::EVENTS),
    problems: &[],
};
