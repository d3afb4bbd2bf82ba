//! Practitioners: the people who treat and prescribe.
//!
//! What a person may do follows from the licences on record for them (see [`crate::licences`]), not from this list.

pub mod api;
pub mod events;
pub mod model;
pub mod rules;
pub mod service;
pub mod store;
pub mod wire;

use crate::http::slice::{ADMIN, READ_STOCK, Slice, may};
use crate::problem::ProblemCode as P;

/// What is refused of a correction, of the whole or of a part.
const CORRECTING_PRACTITIONER: &[P] = &[P::MixedScripts, P::Retired];

/// The slice over HTTP.
pub const SLICE: Slice = Slice {
    tag: Some(("Practitioners", "Who treats and prescribes. For admins.")),
    serve: |cfg| api::routes(cfg),
    describe: |cfg| api::routes(cfg),
    operations: &[
        may("create_practitioner", ADMIN).for_all_sites().alone().refuses(&[P::MixedScripts]),
        may("list_practitioners", READ_STOCK),
        may("get_practitioner", READ_STOCK),
        may("correct_practitioner", ADMIN).for_all_sites().alone().refuses(CORRECTING_PRACTITIONER),
        may("patch_practitioner", ADMIN).for_all_sites().alone().refuses(CORRECTING_PRACTITIONER),
        may("retire_practitioner", ADMIN).for_all_sites().alone().refuses(&[P::AlreadyRetired]),
        may("reinstate_practitioner", ADMIN).for_all_sites().alone().refuses(&[P::NotRetired]),
    ],
    events: Some(&events::EVENTS),
    problems: &[],
};
