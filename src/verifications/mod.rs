//! Verifications over HTTP: what `lotline verify` does, for whoever has no terminal on the machine.
//!
//! One runs in a thread and on a connection of its own, on one snapshot: nobody who reads or writes waits for it, and there is one at a time in a
//! deployment, as each takes a processor for as long as it lasts. It changes nothing of the record and is no event; what it
//! found is kept beside the record, the last of each organisation. A process that ends takes its verification along: it is
//! `interrupted` then, and goes on nowhere.
//!
//! It is about the whole deployment, as the journal has one order. What a finding says may be about any organisation: so findings are shown
//! where there is one, to who sees all its sites; to others their number, and the operator finds them in the server's log.
//!
//! How it is done this slice does not know: it is given a [`Runner`](service::Runner).

pub mod api;
pub mod model;
pub mod problems;
pub mod service;
pub mod store;
pub mod wire;

use crate::http::slice::{ID, READ_ALL, Slice, leads, may};
use crate::problem::ProblemCode as P;

/// The slice over HTTP.
pub const SLICE: Slice = Slice {
    tag: Some(("Verifications", "Whether everything agrees with its journal. For admins, quality and auditors.")),
    serve: |cfg| api::routes(cfg),
    describe: |cfg| api::routes(cfg),
    operations: &[
        may("create_verification", READ_ALL).for_all_sites().refuses(&[P::VerificationRunning]).leading(&[leads(
            "get_verification",
            "id",
            ID,
            "How far it is, and what it found.",
        )]),
        may("list_verifications", READ_ALL),
        may("get_verification", READ_ALL),
    ],
    events: None,
    problems: problems::PROBLEMS,
};
