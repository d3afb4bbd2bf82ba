//! Sensors, and how warm it was.
//!
//! A sensor measures the temperature of a location. Its readings come in bulk, late, twice and out of order, and each is kept
//! once; they are millions and so no events, but each batch of them is one, which commits to every reading. Of two
//! temperatures of one moment the first stays, and the other is kept beside it.
//!
//! How long every reading is kept is policy. Those of older days are let go ([`retention`]): hours of them stay, and the digests.
//!
//! Readings belong to the location that the sensor is registered at, also those from before its registration. One that travels
//! is the logger of a transport box: it measures all the time, and that counts while units are in there.

pub mod api;
pub mod climate;
pub mod digests;
pub mod events;
pub mod hours;
pub mod intake;
pub mod kinetic;
pub mod latest;
pub mod logger_files;
pub mod model;
pub mod problems;
pub mod retention;
pub mod rules;
pub mod service;
pub mod store;
pub mod suspicions;
pub mod wire;

use crate::caller::Role::{Admin, Auditor, Device, Practitioner, Purchaser, Quality};
use crate::http::slice::{ADMIN, ID, READ_STOCK, Slice, leads, may};
use crate::problem::ProblemCode as P;

/// What is refused of a correction, of the whole or of a part.
const CORRECTING_SENSOR: &[P] = &[P::IdentityFixed, P::Retired, P::ListTooLong];

/// The slice over HTTP.
pub const SLICE: Slice = Slice {
    tag: Some(("Sensors", "What measures temperatures, and what it measured. For admins and devices.")),
    serve: |cfg| api::routes(cfg),
    describe: |cfg| api::routes(cfg),
    operations: &[
        may("create_sensor", ADMIN)
            .alone()
            .refuses(&[P::ReferenceUnknown, P::TooManySensors, P::ListTooLong])
            .leading(&[leads("list_readings", "id", ID, "See what it measures.")]),
        may("list_sensors", READ_STOCK),
        may("get_sensor", READ_STOCK),
        may("correct_sensor", ADMIN).alone().refuses(CORRECTING_SENSOR),
        may("patch_sensor", ADMIN).alone().refuses(CORRECTING_SENSOR),
        may("retire_sensor", ADMIN).alone().refuses(&[P::AlreadyRetired]),
        may("reinstate_sensor", ADMIN).alone().refuses(&[P::NotRetired]),
        may("create_readings", &[Device]).beside().refuses(&[P::ListTooLong, P::UnsupportedMediaType]),
        may("import_readings", &[Device, Quality]).beside().refuses(&[
            P::ListTooLong,
            P::LoggerFileUnclear,
            P::UnsupportedMediaType,
            P::ReferenceUnknown,
        ]),
        may("list_readings", &[Admin, Purchaser, Practitioner, Quality, Auditor]),
        may("get_climate", READ_STOCK),
    ],
    events: Some(&events::EVENTS),
    problems: problems::PROBLEMS,
};
