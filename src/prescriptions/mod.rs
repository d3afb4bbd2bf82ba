//! Prescriptions: what somebody who may prescribe has prescribed for one patient, and how much of it is left.
//!
//! A prescription is of one product, or of any of a class, for so many units until a day. It is drawn on like stock: each administration
//! that rests on it takes what it uses, and a void gives that back, so that no two chairs use its last unit. Where the policy asks for
//! one (`prescription` in `treatment_gates`), a scan and an administration look for it ([`rules::prescribed`]), and of several the one
//! that lapses first is drawn on.

pub mod api;
pub mod events;
pub mod model;
pub mod problems;
pub mod rules;
pub mod service;
pub mod store;
pub mod wire;

use crate::caller::Role::{Practitioner, Quality};
use crate::http::slice::{ID, READ_TREATMENT, Slice, leads, may};
use crate::problem::ProblemCode as P;

/// The slice over HTTP.
pub const SLICE: Slice = Slice {
    tag: Some(("Prescriptions", "What was prescribed for a patient, and how much of it is left. For practitioners.")),
    serve: |cfg| api::routes(cfg),
    describe: |cfg| api::routes(cfg),
    operations: &[
        may("create_prescription", &[Practitioner])
            .beside()
            .refuses(&[
                P::GateRefused,
                P::ReferenceUnknown,
                P::MissingField,
                P::InvalidBody,
                P::InvalidUnits,
                P::ValidityReversed,
                P::PractitionerRequired,
                P::OccurredInFuture,
                P::OccurredTooLongAgo,
            ])
            .leading(&[
                leads("get_prescription", "id", ID, "Read it, with how much of it is left."),
                leads("withdraw_prescription", "id", ID, "Withdraw it: nothing is drawn on it any more."),
            ]),
        may("list_prescriptions", READ_TREATMENT),
        may("search_prescriptions", READ_TREATMENT).refuses(&[P::InvalidCursor]),
        may("get_prescription", READ_TREATMENT),
        may("withdraw_prescription", &[Practitioner, Quality])
            .beside()
            .refuses(&[P::PrescriptionWithdrawn, P::PatientErased]),
    ],
    events: Some(&events::EVENTS),
    problems: problems::PROBLEMS,
};
