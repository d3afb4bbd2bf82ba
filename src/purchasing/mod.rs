//! Purchasing: whether a product may be bought, and what was ordered.
//!
//! One rule answers the question before an order and decides when it is placed; the decision, with the licences that it
//! rested on, is frozen into the order. What arrives is counted line by line, and what differs is shown, never smoothed.

pub mod api;
pub mod eligibility;
pub mod events;
pub mod model;
pub mod rules;
pub mod service;
pub mod store;
pub mod wire;

use crate::caller::Role::Purchaser;
use crate::http::slice::{ID, READ_MASTER_DATA, Slice, leads, may};
use crate::problem::ProblemCode as P;

/// The slice over HTTP.
pub const SLICE: Slice = Slice {
    tag: Some(("Purchasing", "May it be bought, what is ordered, what came of it. For purchasing staff.")),
    serve: |cfg| api::routes(cfg),
    describe: |cfg| api::routes(cfg),
    operations: &[
        may("get_eligibility", READ_MASTER_DATA).refuses(&[
            P::ReferenceUnknown,
            P::OccurredInFuture,
            P::BeyondTheLog,
            P::NotYetLogged,
            P::LogDisagrees,
        ]),
        may("create_order", &[Purchaser]).beside().refuses(&[P::EmptyList, P::ListTooLong, P::MissingField]).leading(
            &[
                leads("change_order", "id", ID, "Write the draft anew."),
                leads("place_order", "id", ID, "Place the order."),
                leads("cancel_order", "id", ID, "Cancel it while nothing has arrived."),
            ],
        ),
        may("list_orders", READ_MASTER_DATA),
        may("get_order", READ_MASTER_DATA),
        may("change_order", &[Purchaser]).beside().refuses(&[
            P::OrderNotDraft,
            P::ReferenceUnknown,
            P::EmptyList,
            P::ListTooLong,
            P::MissingField,
        ]),
        may("place_order", &[Purchaser]).beside().refuses(&[P::GateRefused, P::OrderNotDraft]).leading(&[
            leads("get_order", "id", ID, "What was ordered, what came, and what differs."),
            leads("create_receipt", "order_id", ID, "Receive what it brings."),
        ]),
        may("cancel_order", &[Purchaser]).beside().refuses(&[P::OrderNotCancellable]),
        may("close_order", &[Purchaser]).beside().refuses(&[P::OrderNotClosable]),
    ],
    events: Some(&events::EVENTS),
    problems: &[],
};
