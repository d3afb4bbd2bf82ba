//! Safety: harm that was done, or may have been, from the report to the outcome, and what many reports say of a lot.
//!
//! An adverse event is about administrations, a visit, or only a patient. Everything clinical of it is sealed under the patient's key;
//! what is recorded about it never changes, and only how far it is and what is due of it ([`model::Standing`]) is brought up to date. Its
//! clock runs by the version of the protocol that was in force, and nobody is kept from reporting for want of one. A signal
//! ([`signals`], [`interval`]) is computed from what is counted, flags, and holds nothing by itself.

pub mod api;
pub mod events;
pub mod interval;
pub mod model;
pub mod page;
pub mod problems;
pub mod reporting;
pub mod reviewing;
pub mod rules;
pub mod service;
pub mod signal_wire;
pub mod signals;
pub mod store;
pub mod wire;

use crate::caller::Role::{Practitioner, Quality};
use crate::http::slice::{ID, READ_TREATMENT, Slice, leads, may};
use crate::problem::ProblemCode as P;

/// The slice over HTTP.
pub const SLICE: Slice = Slice {
    tag: Some((
        "Safety",
        "Adverse events, their clock and their reports; and signals, how often harm came of a lot. For practitioners and the quality lead.",
    )),
    serve: |cfg| api::routes(cfg),
    describe: |cfg| api::routes(cfg),
    operations: &[
        may("create_adverse_event", &[Practitioner, Quality])
            .of_its_thing()
            .alone()
            .refuses(&[
                P::ReferenceUnknown,
                P::NotOfThisPatient,
                P::AdministrationVoided,
                P::OnsetBeforeAdministration,
                P::OccurredInFuture,
                P::ListTooLong,
                P::DuplicateEntry,
                P::InvalidValue,
                P::MissingField,
            ])
            .leading(&[
                leads("get_adverse_event", "id", ID, "Read it, with its clock."),
                leads("review_adverse_event", "id", ID, "Say what was seen and done."),
                leads("get_adverse_event_report", "id", ID, "Report it to a regulator."),
            ]),
        may("list_adverse_events", READ_TREATMENT),
        may("get_adverse_event", READ_TREATMENT),
        may("review_adverse_event", &[Practitioner, Quality]).of_its_thing().alone().refuses(&[
            P::AdverseEventClosed,
            P::AdverseEventFull,
            P::PatientErased,
            P::ReferenceUnknown,
            P::NotOfThisPatient,
            P::AdministrationVoided,
            P::ListTooLong,
            P::DuplicateEntry,
            P::InvalidValue,
            P::OccurredInFuture,
            P::OccurredTooEarly,
            P::OccurredTooLongAgo,
        ]),
        may("record_adverse_event_report", &[Practitioner, Quality]).beside().refuses(&[
            P::AdverseEventFull,
            P::PatientErased,
            P::OccurredInFuture,
            P::OccurredTooEarly,
            P::OccurredTooLongAgo,
        ]),
        may("close_adverse_event", &[Quality]).beside().refuses(&[
            P::AdverseEventClosed,
            P::AdverseEventNotReviewed,
            P::AdverseEventFull,
            P::PatientErased,
        ]),
        may("get_adverse_event_report", READ_TREATMENT),
        may("photograph_adverse_event", &[Practitioner, Quality]).beside().refuses(&[
            P::AdverseEventFull,
            P::PatientErased,
            P::EvidenceEmpty,
            P::EvidenceTypeMismatch,
            P::EvidenceQuotaExceeded,
            P::Unavailable,
            P::OccurredInFuture,
            P::OccurredTooLongAgo,
        ]),
        may("get_adverse_event_photograph", READ_TREATMENT).refuses(&[P::EvidenceDamaged]),
        may("list_signals", READ_TREATMENT).refuses(&[P::ReferenceUnknown]),
        may("review_signal", &[Quality]).for_all_sites().alone().refuses(&[
            P::ReferenceUnknown,
            P::MissingField,
            P::InvalidValue,
        ]),
    ],
    events: Some(&events::EVENTS),
    problems: problems::PROBLEMS,
};
