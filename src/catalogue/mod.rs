//! The catalogue: what a product is, how it must be kept, and where it is authorised.
//!
//! A product is known by several identifiers, one for each level of its packaging and each agency that numbers it: they
//! all lead to the one product, each with the number of units that it stands for.
//!
//! Bands and approvals are what the organisation recorded, with their source; Lotline ships no product data.

pub mod api;
pub mod events;
pub mod identifiers;
pub mod model;
pub mod problems;
pub mod rules;
pub mod service;
pub mod store;
pub mod wire;

use crate::http::slice::{ADMIN, READ_STOCK, Slice, may};
use crate::problem::ProblemCode as P;

/// What is refused of a correction, of the whole or of a part.
const CORRECTING_PRODUCT: &[P] = &[
    P::AlreadyExists,
    P::BandReversed,
    P::InvalidValue,
    P::ListTooLong,
    P::DuplicateEntry,
    P::IdentityFixed,
    P::ProductInUse,
    P::IdentifierUnits,
    P::InvalidUdiDi,
    P::OccurredInFuture,
    P::Retired,
];

/// The slice over HTTP.
pub const SLICE: Slice = Slice {
    tag: Some(("Catalogue", "Products: what a pack holds, how it is kept, where it is authorised. For admins.")),
    serve: |cfg| api::routes(cfg),
    describe: |cfg| api::routes(cfg),
    operations: &[
        may("create_product", ADMIN).for_all_sites().alone().refuses(&[
            P::AlreadyExists,
            P::BandReversed,
            P::InvalidValue,
            P::ListTooLong,
            P::DuplicateEntry,
            P::IdentifierUnits,
            P::InvalidUdiDi,
            P::OccurredInFuture,
        ]),
        may("list_products", READ_STOCK),
        may("get_product", READ_STOCK),
        may("correct_product", ADMIN).for_all_sites().alone().refuses(CORRECTING_PRODUCT),
        may("patch_product", ADMIN).for_all_sites().alone().refuses(CORRECTING_PRODUCT),
        may("retire_product", ADMIN).for_all_sites().alone().refuses(&[P::AlreadyRetired]),
        may("reinstate_product", ADMIN).for_all_sites().alone().refuses(&[P::NotRetired]),
    ],
    events: Some(&events::EVENTS),
    problems: problems::PROBLEMS,
};
