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
pub mod model;
pub mod received;
pub mod rules;
pub mod service;
pub mod store;
mod taking_back;
mod voids;
pub mod wire;

use crate::caller::Role::{Purchaser, Quality};
use crate::http::slice::{ID, READ_MASTER_DATA, Slice, leads, may};
use crate::problem::ProblemCode::{
    AlreadyVoided, CodeUnreadable, DuplicateEntry, EmptyList, ExpiryRequired, GateRefused, InvalidPacks, InvalidValue,
    ListTooLong, LotRequired, MissingField, NothingToCorrect, OccurredInFuture, OccurredTooLongAgo, OrderNotOpen,
    OrderSiteMismatch, OrderSupplierMismatch, OthersRestOnIt, ReceiptNotCorrectable, ReferenceUnknown,
    SerialPacksMismatch,
};

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
                GateRefused,
                OrderNotOpen,
                OrderSiteMismatch,
                OrderSupplierMismatch,
                CodeUnreadable,
                LotRequired,
                ExpiryRequired,
                InvalidValue,
                SerialPacksMismatch,
                EmptyList,
                ListTooLong,
                DuplicateEntry,
                OccurredInFuture,
                OccurredTooLongAgo,
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
            GateRefused,
            ReferenceUnknown,
            ReceiptNotCorrectable,
            OthersRestOnIt,
            OrderNotOpen,
            OrderSiteMismatch,
            OrderSupplierMismatch,
            NothingToCorrect,
            InvalidPacks,
            SerialPacksMismatch,
            MissingField,
            ListTooLong,
            DuplicateEntry,
        ]),
        may("create_receipt_void", &[Quality]).of_its_thing().beside().refuses(&[
            AlreadyVoided,
            ReceiptNotCorrectable,
            OthersRestOnIt,
        ]),
    ],
    events: Some(&events::EVENTS),
};
