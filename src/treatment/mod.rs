//! At the chair: the scan, its decision, and the administration.
//!
//! A scan and the administration that follows it ask the same rule about the same facts, so they cannot disagree. There
//! is no override: what must not happen is refused with every reason, and the refusal is part of the record.

pub mod api;
pub mod confirming;
pub mod drawing;
pub mod events;
pub mod facts;
pub mod gathering;
pub mod model;
pub mod pictures;
pub mod problems;
pub mod repeats;
pub mod rules;
pub mod service;
pub mod store;
pub mod voiding;
pub mod wire;

use crate::caller::Role::{Practitioner, Purchaser, Quality};
use crate::http::slice::{ID, READ_ALL, READ_TREATMENT, Slice, leads, may};
use crate::problem::ProblemCode as P;

/// The slice over HTTP.
pub const SLICE: Slice = Slice {
    tag: Some(("At the chair", "Scan a pack, see whether it may be used, record what was done. For practitioners.")),
    serve: |cfg| api::routes(cfg),
    describe: |cfg| api::routes(cfg),
    operations: &[
        may("create_scan", &[Purchaser, Practitioner])
            .refuses(&[
                P::InvalidValue,
                P::CodeUnreadable,
                P::LotRequired,
                P::ExpiryRequired,
                P::OccurredInFuture,
                P::OccurredTooLongAgo,
                P::VisitSigned,
            ])
            .leading(&[leads("create_administration", "scan", "$request.body#/code", "Administer what was scanned.")]),
        may("create_image_scan", &[Purchaser, Practitioner]).refuses(&[
            P::ReferenceUnknown,
            P::InvalidValue,
            P::CodeUnreadable,
            P::LotRequired,
            P::ExpiryRequired,
            P::InvalidCode,
            P::PictureUnreadable,
            P::PictureTooLarge,
            P::NoCodeFound,
            P::SeveralPacks,
            P::Overloaded,
            P::PictureTimeLimit,
            P::VisitSigned,
        ]),
        may("create_administration", &[Practitioner])
            .beside()
            .refuses(&[
                P::GateRefused,
                P::InvalidValue,
                P::CodeUnreadable,
                P::LotRequired,
                P::ExpiryRequired,
                P::AmountExceedsUnits,
                P::OccurredInFuture,
                P::OccurredTooLongAgo,
                P::LooksLikeARepeat,
                P::VisitSigned,
            ])
            .leading(&[
                leads("void_administration", "id", ID, "Void it, if it should not have been recorded."),
                leads("confirm_administration", "id", ID, "Confirm it, if another recorded it for you."),
                leads("get_administration_custody", "id", ID, "How the units came to this patient."),
                leads("get_lot", "id", "$response.body#/lot_id", "What the lot's books say now."),
            ]),
        may("list_administrations", READ_TREATMENT),
        may("search_administrations", READ_TREATMENT).refuses(&[P::InvalidCursor]),
        may("get_administration", READ_TREATMENT),
        may("void_administration", &[Practitioner, Quality]).beside().refuses(&[
            P::AlreadyVoided,
            P::PatientErased,
            P::ContainerFinished,
            P::LocationRequired,
            P::OccurredTooEarly,
            P::OccurredInFuture,
            P::OccurredTooLongAgo,
        ]),
        may("confirm_administration", &[Practitioner]).beside().refuses(&[
            P::AlreadyVoided,
            P::NothingToConfirm,
            P::NotYoursToConfirm,
        ]),
        may("list_deviations", READ_ALL),
        may("get_deviation", READ_ALL).leading(&[
            leads("close_deviation", "id", ID, "Say what came of it."),
            leads(
                "get_administration",
                "id",
                "$response.body#/administration_id",
                "The administration that it is about.",
            ),
        ]),
        may("close_deviation", &[Quality]).beside().refuses(&[
            P::DeviationAlreadyClosed,
            P::SelfClosedDeviation,
            P::PatientErased,
        ]),
    ],
    events: Some(&events::EVENTS),
    problems: problems::PROBLEMS,
};
