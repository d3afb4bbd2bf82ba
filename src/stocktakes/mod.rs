//! Stock-takes: some places are counted together, blind, in any order and by several people, and a second person approves what differs
//! from the books.
//!
//! Nothing is posted until then. What is approved is posted by the counts of [`crate::movements`], each at the moment of its last scan,
//! in one command (DOMAIN rules 22 and 22a): so there is one way in which a difference reaches the books, and a stock-take needs no
//! threshold, as a second person has seen all of it. Purchasers and quality count; quality approves, by nobody who counted. While people
//! count, no answer of a stock-take says what the books have or what others found; whoever may read stock elsewhere still may.

pub mod api;
pub mod comparing;
pub mod events;
pub mod model;
pub mod problems;
pub mod rules;
pub mod scanning;
pub mod service;
pub mod store;
pub mod wire;

use crate::caller::Role;
use crate::caller::Role::{Purchaser, Quality};
use crate::http::slice::{ID, READ_MASTER_DATA, Slice, leads, may};
use crate::problem::ProblemCode as P;

/// Whoever counts.
const COUNTS: &[Role] = &[Purchaser, Quality];

/// The slice over HTTP.
pub const SLICE: Slice = Slice {
    tag: Some(("Stock-takes", "Counting what lies at places, blind, and approving what differs from the books.")),
    serve: |cfg| api::routes(cfg),
    describe: |cfg| api::routes(cfg),
    operations: &[
        may("create_stock_take", COUNTS)
            .beside()
            .refuses(&[
                P::EmptyList,
                P::ListTooLong,
                P::DuplicateEntry,
                P::InvalidValue,
                P::Retired,
                P::PlacesBeingCounted,
                P::StockTakeTooLarge,
            ])
            .leading(&[
                leads("record_stock_take_scans", "id", ID, "Scan what lies there."),
                leads("close_stock_take", "id", ID, "Close it when everything is counted."),
            ]),
        may("list_stock_takes", READ_MASTER_DATA),
        may("get_stock_take", READ_MASTER_DATA).refuses(&[P::StockTakeTooLarge]),
        may("record_stock_take_scans", COUNTS).beside().refuses(&[
            P::EmptyList,
            P::ListTooLong,
            P::StockTakeNotOpen,
            P::StockTakeTooLarge,
        ]),
        may("list_stock_take_scans", READ_MASTER_DATA),
        may("withdraw_stock_take_scan", COUNTS).beside().refuses(&[P::StockTakeNotOpen, P::ScanWithdrawn]),
        may("close_stock_take", COUNTS).beside().refuses(&[P::StockTakeNotOpen, P::StockTakeTooLarge]),
        may("reopen_stock_take", COUNTS).beside().refuses(&[
            P::StockTakeNotClosed,
            P::StockTakeEnded,
            P::NothingToCountAgain,
            P::ListTooLong,
            P::StockTakeTooLarge,
        ]),
        may("approve_stock_take", &[Quality]).beside().refuses(&[
            P::GateRefused,
            P::StockTakeNotClosed,
            P::StockTakeEnded,
            P::SelfApprovedStockTake,
            P::StockTakeTooLarge,
            P::Retired,
            P::SerialsMismatch,
        ]),
        may("cancel_stock_take", COUNTS).beside().refuses(&[P::StockTakeEnded]),
    ],
    events: Some(&events::EVENTS),
    problems: problems::PROBLEMS,
};
