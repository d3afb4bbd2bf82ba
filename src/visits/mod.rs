//! Visits: the record around a treatment, from the first question to the signature, and what is added afterwards.
//!
//! A visit is of one patient at one site. What is recorded in it (answers, consent, its withdrawal, goals, the reversibility plan,
//! aftercare) is an entry of its own that never changes; what is corrected is said again, and both stay. Everything clinical is
//! sealed under the patient's key. What the policy asks for is asked at the chair, by a scan and by an administration alike
//! ([`rules::may_be_treated`]), and again when the visit is signed ([`rules::may_be_signed`]).

pub mod api;
pub mod events;
pub mod following;
pub mod model;
pub mod planning;
pub mod problems;
pub mod recording;
pub mod rules;
pub mod service;
pub mod store;
pub mod wire;

use crate::caller::Role::{Practitioner, Quality};
use crate::http::slice::{ID, Operation, READ_TREATMENT, Slice, leads, may};
use crate::problem::ProblemCode as P;

/// Something that is recorded in a visit by whoever treats.
const fn records(id: &'static str) -> Operation {
    may(id, &[Practitioner]).beside()
}

/// The slice over HTTP.
pub const SLICE: Slice = Slice {
    tag: Some((
        "Visits",
        "The record around a treatment: screening, consent, goals, aftercare, signature. For practitioners.",
    )),
    serve: |cfg| api::routes(cfg),
    describe: |cfg| api::routes(cfg),
    operations: &[
        records("create_visit")
            .refuses(&[
                P::ReferenceUnknown,
                P::EmptyList,
                P::ListTooLong,
                P::PractitionerRequired,
                P::Retired,
                P::OccurredInFuture,
                P::OccurredTooLongAgo,
            ])
            .leading(&[
                leads("get_visit", "id", ID, "Read it, with what is missing before it can be signed."),
                leads("add_screening", "id", ID, "Ask what the protocol asks."),
                leads("add_consent", "id", ID, "Record what was explained, and the consent."),
            ]),
        may("list_visits", READ_TREATMENT),
        may("search_visits", READ_TREATMENT).refuses(&[P::InvalidCursor]),
        may("get_visit", READ_TREATMENT),
        records("add_screening").refuses(&[
            P::VisitSigned,
            P::VisitFull,
            P::PatientErased,
            P::ProtocolMissing,
            P::AnswerUnfit,
            P::AnswerMissing,
            P::NoteRequired,
            P::DuplicateEntry,
            P::EmptyList,
            P::ListTooLong,
            P::ReferenceUnknown,
            P::OccurredTooEarly,
            P::OccurredInFuture,
            P::OccurredTooLongAgo,
        ]),
        records("add_consent").refuses(&[
            P::VisitSigned,
            P::VisitFull,
            P::PatientErased,
            P::ProtocolMissing,
            P::ConsentBeforeInformation,
            P::DuplicateEntry,
            P::EmptyList,
            P::ListTooLong,
            P::MissingField,
            P::InvalidValue,
            P::ReferenceUnknown,
            P::OccurredInFuture,
            P::OccurredTooLongAgo,
        ]),
        records("withdraw_consent").refuses(&[
            P::VisitFull,
            P::PatientErased,
            P::NothingToWithdraw,
            P::OccurredInFuture,
            P::OccurredTooLongAgo,
        ]),
        records("attest_age").refuses(&[
            P::VisitSigned,
            P::VisitFull,
            P::PatientErased,
            P::OccurredInFuture,
            P::OccurredTooLongAgo,
        ]),
        records("set_goals").refuses(&[
            P::VisitSigned,
            P::VisitFull,
            P::PatientErased,
            P::EmptyList,
            P::ListTooLong,
            P::OccurredInFuture,
            P::OccurredTooLongAgo,
        ]),
        records("plan_reversal").refuses(&[
            P::VisitSigned,
            P::VisitFull,
            P::PatientErased,
            P::InvalidValue,
            P::ReferenceUnknown,
            P::OccurredInFuture,
            P::OccurredTooLongAgo,
        ]),
        records("give_aftercare").refuses(&[
            P::VisitSigned,
            P::VisitFull,
            P::PatientErased,
            P::ProtocolMissing,
            P::InvalidValue,
            P::ReferenceUnknown,
            P::OccurredInFuture,
            P::OccurredTooLongAgo,
        ]),
        records("add_photograph").refuses(&[
            P::VisitFull,
            P::PatientErased,
            P::EvidenceEmpty,
            P::EvidenceTypeMismatch,
            P::EvidenceQuotaExceeded,
            P::Unavailable,
            P::OccurredInFuture,
            P::OccurredTooLongAgo,
        ]),
        may("get_photograph", READ_TREATMENT).refuses(&[P::EvidenceDamaged]),
        records("sign_visit").refuses(&[P::VisitSigned, P::NotYoursToSign, P::PatientErased, P::GateRefused]),
        may("list_follow_ups", READ_TREATMENT),
        records("review_follow_up").refuses(&[
            P::FollowUpEnded,
            P::NothingToReview,
            P::VisitFull,
            P::PatientErased,
            P::AnswerMissing,
            P::DuplicateEntry,
            P::InvalidValue,
            P::OccurredTooEarly,
            P::OccurredInFuture,
            P::OccurredTooLongAgo,
        ]),
        may("close_follow_up", &[Practitioner, Quality]).beside().refuses(&[P::FollowUpEnded]),
        may("add_addendum", &[Practitioner, Quality]).beside().refuses(&[P::VisitFull, P::PatientErased]),
    ],
    events: Some(&events::EVENTS),
    problems: problems::PROBLEMS,
};
