//! Erasing patients: their key is destroyed, and with it everything clinical that was ever recorded of them (DOMAIN rule 24).
//!
//! What was recorded stays as it is, byte for byte, and so does every proof of it; nobody can read what it said of the patient. That
//! a patient was erased, by whom, when and why, is an event itself. It is refused while the record must be kept, while a recall
//! concerns what they were given, and while a deviation of one of their treatments is open.
//!
//! # Two stores, one order
//! The event is in the database, the key in a store of its own ([`sealing`](crate::sealing)). Nothing may be sealed with a key
//! that is about to go. So the command, which runs while nobody else decides in the organisation, says in the store of keys that
//! the patient leaves: whoever is recorded under the same reference from then on is another patient. When the event is
//! committed, the key is destroyed ([`service::sweep`]), before the answer; where the process dies in between, by the next sweep of
//! any process. An erasure that was never committed is taken back by it after a while.

pub mod api;
pub mod events;
pub mod model;
pub mod problems;
pub mod rules;
pub mod service;
pub mod store;
pub mod wire;

use crate::http::slice::{ADMIN, Slice, may};
use crate::problem::ProblemCode as P;

/// The slice over HTTP.
pub const SLICE: Slice = Slice {
    tag: Some(("Erasures", "Patients who are to be forgotten. For admins.")),
    serve: |cfg| api::routes(cfg),
    describe: |cfg| api::routes(cfg),
    operations: &[may("erase_patient", ADMIN).for_all_sites().alone().refuses(&[
        P::PatientUnknown,
        P::GateRefused,
        P::InvalidValue,
    ])],
    events: Some(&events::EVENTS),
    problems: problems::PROBLEMS,
};
