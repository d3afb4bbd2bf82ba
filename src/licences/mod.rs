//! Licences: who may buy, hold, prescribe and inject, and what their authority said when we asked.
//!
//! A licence counts at a moment only when a check says verified and is recent enough, no check speaks against it then, the
//! day is inside its validity, and it covers the product's class and the site's jurisdiction. Checks are only ever added;
//! what was mis-keyed is reversed, and stays on record.

pub mod api;
pub mod events;
pub mod model;
pub mod numbers;
pub mod people;
pub mod problems;
pub mod resting;
pub mod reversals;
pub mod rules;
pub mod service;
pub mod standing;
pub mod store;
pub mod wire;

use crate::caller::Role::{Admin, Quality};
use crate::http::slice::{ADMIN, ID, READ_MASTER_DATA, Slice, leads, may};
use crate::problem::ProblemCode as P;

/// The slice over HTTP.
pub const SLICE: Slice = Slice {
    tag: Some(("Licences", "What sites, suppliers and practitioners may do, and who has looked it up. For admins.")),
    serve: |cfg| api::routes(cfg),
    describe: |cfg| api::routes(cfg),
    operations: &[
        may("create_licence", ADMIN)
            .of_its_thing()
            .alone()
            .refuses(&[
                P::ReferenceUnknown,
                P::ValidityReversed,
                P::InvalidLicenceNumber,
                P::HolderKindMismatch,
                P::LicenceAdverseElsewhere,
                P::EmptyList,
                P::DuplicateEntry,
            ])
            .leading(&[leads(
                "create_licence_check",
                "id",
                ID,
                "Look the licence up with its authority and record what it says.",
            )]),
        may("list_licences", READ_MASTER_DATA),
        may("get_licence", READ_MASTER_DATA),
        may("create_licence_check", ADMIN).of_its_thing().alone().refuses(&[
            P::ReferenceUnknown,
            P::AlreadyReversed,
            P::SelfApprovedCheck,
            P::CircularCheck,
            P::OccurredInFuture,
        ]),
        may("create_licence_reversal", &[Admin, Quality]).of_its_thing().alone().refuses(&[
            P::AlreadyReversed,
            P::OthersRestOnIt,
            P::SelfApprovedCheck,
            P::CircularCheck,
        ]),
        may("create_licence_check_reversal", &[Admin, Quality]).of_its_thing().alone().refuses(&[
            P::AlreadyReversed,
            P::OthersRestOnIt,
            P::SelfApprovedCheck,
            P::CircularCheck,
        ]),
        may("create_licence_acknowledgement", &[Admin, Quality])
            .of_its_thing()
            .alone()
            .refuses(&[P::NothingToAcknowledge]),
    ],
    events: Some(&events::EVENTS),
    problems: problems::PROBLEMS,
};
