//! Excursions: times at which it was too warm, too cold, or nobody knows (DOMAIN rule 16).
//!
//! Whoever adds readings or moves units has what follows judged in the same transaction, whatever the command was
//! ([`service::judge`]). Until somebody has assessed it, an excursion follows the readings, in whatever order they arrive: it
//! grows, ends, and is withdrawn when there was none. A sensor that falls silent opens one without any reading ([`silence`]), and
//! the readings that come later end or withdraw it. What it has once held it holds until a person lets it go: readings free
//! nothing. An assessed one stays as it is, and what goes beyond it is another one, which extends it.
//!
//! It holds exactly the units that were there: which excursions hold a unit is part of the account that it is in, and goes where
//! the unit goes. Those that the stability budget of their product covers it charges instead ([`budgets`]), and which ones have
//! done so is part of their account, too.

pub mod api;
pub mod budgets;
mod charging;
pub mod events;
pub mod exposure;
mod holding;
mod judging;
pub mod model;
mod presence;
pub mod problems;
pub mod rules;
pub mod service;
pub mod silence;
pub mod store;
pub mod wire;

use crate::caller::Role::{Admin, Auditor, Purchaser, Quality};
use crate::http::slice::{ID, READ_STOCK, Slice, leads, may};
use crate::problem::ProblemCode as P;

/// The slice over HTTP.
pub const SLICE: Slice = Slice {
    tag: Some(("Excursions", "When it was too warm or too cold, for which units. For the quality lead.")),
    serve: |cfg| api::routes(cfg),
    describe: |cfg| api::routes(cfg),
    operations: &[
        may("list_excursions", READ_STOCK),
        may("get_excursion", READ_STOCK),
        may("list_exposed_administrations", &[Admin, Purchaser, Quality, Auditor]),
        may("assess_excursion", &[Quality]).of_its_thing().alone().refuses(&[P::ExcursionAssessed]).leading(&[leads(
            "get_excursion",
            "id",
            ID,
            "See what it holds.",
        )]),
    ],
    events: Some(&events::EVENTS),
    problems: problems::PROBLEMS,
};
