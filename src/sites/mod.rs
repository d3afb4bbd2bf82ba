//! Sites and their locations.
//!
//! A site is an address with a jurisdiction and a time zone: the jurisdiction decides which licences and approvals
//! count, the time zone decides when a day ends. A location is a room, fridge or shelf of a site, with a temperature
//! band and one purpose: quarantine for what has arrived, stock for what may be used, returns for what goes back.
//!
//! A place is retired or changed only when what lies there could have been put there: no unit comes to be where it must
//! not be because the sign on the door was changed.

pub mod api;
pub mod events;
pub mod lying;
pub mod model;
pub mod rules;
pub mod service;
pub mod store;
pub mod wire;

use crate::http::slice::{ADMIN, READ_STOCK, Slice, may};
use crate::problem::ProblemCode as P;

/// What is refused of a correction, of the whole or of a part.
const CORRECTING_SITE: &[P] = &[P::Retired];

/// What is refused of a correction, of the whole or of a part.
const CORRECTING_LOCATION: &[P] =
    &[P::BandReversed, P::EmptyList, P::DuplicateEntry, P::IdentityFixed, P::Retired, P::PlaceInUse];

/// The slice over HTTP.
pub const SLICE: Slice = Slice {
    tag: Some(("Sites", "Where patients are treated, and the rooms, fridges and shelves there. For admins.")),
    serve: |cfg| api::routes(cfg),
    describe: |cfg| api::routes(cfg),
    operations: &[
        may("create_site", ADMIN).for_all_sites().alone(),
        may("list_sites", READ_STOCK),
        may("get_site", READ_STOCK),
        may("correct_site", ADMIN).alone().refuses(CORRECTING_SITE),
        may("patch_site", ADMIN).alone().refuses(CORRECTING_SITE),
        may("retire_site", ADMIN).alone().refuses(&[P::AlreadyRetired, P::PlaceInUse]),
        may("reinstate_site", ADMIN).alone().refuses(&[P::NotRetired]),
        may("create_location", ADMIN).alone().refuses(&[P::BandReversed, P::EmptyList, P::DuplicateEntry]),
        may("list_locations", READ_STOCK),
        may("get_location", READ_STOCK),
        may("correct_location", ADMIN).alone().refuses(CORRECTING_LOCATION),
        may("patch_location", ADMIN).alone().refuses(CORRECTING_LOCATION),
        may("retire_location", ADMIN).alone().refuses(&[P::AlreadyRetired, P::PlaceInUse]),
        may("reinstate_location", ADMIN).alone().refuses(&[P::NotRetired, P::Retired]),
    ],
    events: Some(&events::EVENTS),
    problems: &[],
};
