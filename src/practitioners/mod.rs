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

use crate::http::slice::{ADMIN, READ_MASTER_DATA, Slice, may};
use crate::problem::ProblemCode::{self, AlreadyRetired, MixedScripts, NotRetired, Retired};

/// What is refused of a correction, of the whole or of a part.
const CORRECTING_PRACTITIONER: &[ProblemCode] = &[MixedScripts, Retired];

/// The slice over HTTP.
pub const SLICE: Slice = Slice {
    tag: Some(("Practitioners", "Who treats and prescribes. For admins.")),
    serve: |cfg| api::routes(cfg),
    describe: |cfg| api::routes(cfg),
    operations: &[
        may("create_practitioner", ADMIN).for_all_sites().alone().refuses(&[MixedScripts]),
        may("list_practitioners", READ_MASTER_DATA),
        may("get_practitioner", READ_MASTER_DATA),
        may("correct_practitioner", ADMIN).for_all_sites().alone().refuses(CORRECTING_PRACTITIONER),
        may("patch_practitioner", ADMIN).for_all_sites().alone().refuses(CORRECTING_PRACTITIONER),
        may("retire_practitioner", ADMIN).for_all_sites().alone().refuses(&[AlreadyRetired]),
        may("reinstate_practitioner", ADMIN).for_all_sites().alone().refuses(&[NotRetired]),
    ],
    events: Some(&events::EVENTS),
};
