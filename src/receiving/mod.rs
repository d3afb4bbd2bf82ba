//! Receiving: what arrived, from whom, into which quarantine location.
//!
//! Lot and expiry are read or typed, never guessed. Everything received starts quarantined. What is suspicious on
//! arrival (a twin lot, a lot text like another, an expired or short-dated pack, a supplier that is not vetted) is received
//! all the same, flagged and, for a twin, held: a refusal forbids an act, not its record.
//! A serial number is inside once at a time: a pack that was returned, or missing when it was counted, may arrive again, as
//! what it was; one that is here, or of which units were used, wasted or destroyed, may not.
//! What was mis-keyed is corrected or voided by an event as long as all its units are inside, whatever their state; what is
//! right starts in quarantine.

pub mod api;
pub mod corrections;
pub mod events;
pub mod locking;
pub mod lots;
pub mod model;
pub mod opening;
pub mod problems;
pub mod received;
pub mod rules;
pub mod service;
pub mod store;
mod taking_back;
mod vetting;
mod voids;
pub mod wire;

use crate::caller::Role::{Purchaser, Quality};
use crate::http::slice::{ID, READ_MASTER_DATA, Slice, leads, may};
use crate::problem::ProblemCode as P;

/// The slice over HTTP.
pub const SLICE: Slice = Slice {
    tag: Some((
        "Receiving",
        "Goods arrive in quarantine, are inspected, and are released by somebody else. For purchasing staff and the quality lead.",
    )),
    serve: |cfg| api::routes(cfg),
    describe: |cfg| api::routes(cfg),
    operations: &[
        may("create_receipt", &[Purchaser])
            .beside()
            .refuses(&[
                P::GateRefused,
                P::OrderNotOpen,
                P::OrderSiteMismatch,
                P::OrderSupplierMismatch,
                P::CodeUnreadable,
                P::LotRequired,
                P::ExpiryRequired,
                P::InvalidValue,
                P::LabelDisagrees,
                P::SerialPacksMismatch,
                P::EmptyList,
                P::ListTooLong,
                P::MissingField,
                P::DuplicateEntry,
                P::OccurredInFuture,
                P::OccurredTooLongAgo,
            ])
            .leading(&[
                leads("create_inspection", "receipt_id", ID, "Inspect the packaging of each of its lots."),
                leads(
                    "create_receipt_correction",
                    "id",
                    ID,
                    "Correct what was mis-keyed, while all units of it are inside.",
                ),
                leads("create_receipt_void", "id", ID, "Void it, if it was entered twice or never came."),
                leads("get_lot", "id", "$response.body#/lines/0/lot_id", "The lot of its first line."),
            ]),
        may("list_receipts", READ_MASTER_DATA),
        may("get_receipt", READ_MASTER_DATA),
        may("create_receipt_correction", &[Purchaser, Quality]).of_its_thing().beside().refuses(&[
            P::GateRefused,
            P::ReferenceUnknown,
            P::ReceiptNotCorrectable,
            P::OthersRestOnIt,
            P::OrderNotOpen,
            P::OrderSiteMismatch,
            P::OrderSupplierMismatch,
            P::NothingToCorrect,
            P::InvalidPacks,
            P::SerialPacksMismatch,
            P::MissingField,
            P::ListTooLong,
            P::DuplicateEntry,
        ]),
        may("create_receipt_void", &[Quality]).of_its_thing().beside().refuses(&[
            P::AlreadyVoided,
            P::ReceiptNotCorrectable,
            P::OthersRestOnIt,
        ]),
    ],
    events: Some(&events::EVENTS),
    problems: problems::PROBLEMS,
};
