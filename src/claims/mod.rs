//! Claims: what is asked of a supplier for what came damaged, short-dated, at another price or not at all.
//!
//! A claim is about one receipt. Its lines name lines of that receipt, or, for what did not come, lines of the order that it answers, with
//! how many units, why, for how much, and photographs. No unit is claimed twice: what another claim asks for that was not withdrawn is
//! taken, also where the line was corrected since. An amount that is left out follows from what was invoiced, or from the order.
//!
//! `open` → `sent` → `settled`, by a credit in minor units, by goods that came in their place, or by both; or `withdrawn`, which frees its
//! units for another claim. Nothing is posted: units move by returns and receipts, and a receipt says what its lines replace
//! (`replaces`). Purchasers claim; what waits is their work.

pub mod api;
pub mod events;
pub mod model;
pub mod page;
pub mod problems;
pub mod rules;
pub mod service;
pub mod store;
pub mod wire;

use crate::caller::Role::Purchaser;
use crate::http::slice::{ID, READ_MASTER_DATA, Slice, leads, may};
use crate::problem::ProblemCode as P;

/// The slice over HTTP.
pub const SLICE: Slice = Slice {
    tag: Some(("Claims", "What is asked of a supplier for what came damaged, short-dated, dearer or not at all.")),
    serve: |cfg| api::routes(cfg),
    describe: |cfg| api::routes(cfg),
    operations: &[
        may("create_claim", &[Purchaser])
            .beside()
            .refuses(&[
                P::ReferenceUnknown,
                P::EmptyList,
                P::ListTooLong,
                P::MissingField,
                P::InvalidValue,
                P::ClaimExceedsLine,
            ])
            .leading(&[
                leads("get_claim", "id", ID, "The letter, as a page to print (`Accept: text/html`)."),
                leads("send_claim", "id", ID, "Say that it was sent."),
                leads("withdraw_claim", "id", ID, "Withdraw it."),
            ]),
        may("list_claims", READ_MASTER_DATA),
        may("get_claim", READ_MASTER_DATA),
        may("send_claim", &[Purchaser]).beside().refuses(&[P::ClaimNotOpen]).leading(&[leads(
            "settle_claim",
            "id",
            ID,
            "Say what came of it.",
        )]),
        may("settle_claim", &[Purchaser]).beside().refuses(&[
            P::ClaimNotSent,
            P::MissingField,
            P::InvalidValue,
            P::ReferenceUnknown,
        ]),
        may("withdraw_claim", &[Purchaser]).beside().refuses(&[P::ClaimEnded]),
    ],
    events: Some(&events::EVENTS),
    problems: problems::PROBLEMS,
};
