//! Replenishment: how much of each product a site keeps, how long what it has lasts, and what is to be bought.
//!
//! A level is set by an admin or a purchaser, in packs, one for each product and site. Everything else follows from stock, from what
//! patients were given, and from orders; nothing of it is stored. What runs out before it will be used is no cover, and is bought again.
//! Suggestions become drafts, which nobody but a person places.

pub mod api;
pub mod events;
pub mod model;
pub mod problems;
pub mod rules;
pub mod service;
pub mod store;
pub mod wire;

use crate::caller::Role::{Admin, Purchaser};
use crate::http::slice::{READ_MASTER_DATA, Slice, may};
use crate::problem::ProblemCode as P;

/// The slice over HTTP.
pub const SLICE: Slice = Slice {
    tag: Some(("Replenishment", "How much a site keeps of each product, how long it lasts, and what to buy.")),
    serve: |cfg| api::routes(cfg),
    describe: |cfg| api::routes(cfg),
    operations: &[
        may("set_level", &[Admin, Purchaser]).beside().refuses(&[P::InvalidLevel, P::Retired]),
        may("list_levels", READ_MASTER_DATA),
        may("get_replenishment", READ_MASTER_DATA).refuses(&[P::ReferenceUnknown, P::ReplenishmentTooLarge]),
        may("create_replenishment_orders", &[Purchaser]).beside().refuses(&[
            P::EmptyList,
            P::ListTooLong,
            P::DuplicateEntry,
            P::SupplierRequired,
            P::NothingToOrder,
            P::ReplenishmentTooLarge,
        ]),
    ],
    events: Some(&events::EVENTS),
    problems: problems::PROBLEMS,
};
