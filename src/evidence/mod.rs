//! Evidence: photographs and documents that inspections and licence checks name by their SHA-256.
//!
//! The bytes are kept outside the database, under the organisation and their digest, so the same file is kept once and a
//! changed one cannot pass for it. They are written first, then the row and its event: an upload that was answered is
//! never without its bytes. Before they are written they are claimed; a claim ends with the row. Bytes that get no row,
//! because a rule refuses it or whoever brought them ended on the way, are removed, at once or a few minutes later, unless
//! somebody else is bringing the same. An organisation's files have together at most the bytes of its policy, counted in
//! the transaction that records them. What is given back was compared with its digest just before.
//!
//! A file belongs to the sites of the token that it was uploaded with, and to those where it is named: by an inspection, a
//! receipt or a check of the site's licence; and to all of them where it is named by a check of what all sites share.
//! Whoever is bound to sites sees what belongs to theirs. All of that follows from events, and a file that was uploaded
//! before it was kept belongs to the sites where it is named, and to those who are bound to none.

pub mod api;
pub mod events;
pub mod model;
pub mod objects;
pub mod photographs;
pub mod problems;
pub mod rules;
pub mod service;
pub mod store;
pub mod wire;

use crate::caller::Role::{Admin, Practitioner, Purchaser, Quality};
use crate::http::slice::{READ_STOCK, Slice, leads, may};
use crate::problem::ProblemCode as P;

/// The slice over HTTP.
pub const SLICE: Slice = Slice {
    tag: Some(("Evidence", "Photographs and documents, by their digest.")),
    serve: |cfg| api::routes(cfg),
    describe: |cfg| api::routes(cfg),
    operations: &[
        may("create_evidence", &[Admin, Purchaser, Practitioner, Quality])
            .beside()
            .refuses(&[P::EvidenceEmpty, P::EvidenceTypeMismatch, P::EvidenceQuotaExceeded, P::Unavailable])
            .leading(&[leads("get_evidence", "sha256", "$response.body#/sha256", "The file, as it was uploaded.")]),
        may("get_evidence", READ_STOCK).refuses(&[P::EvidenceDamaged]),
        may("get_evidence_metadata", READ_STOCK),
    ],
    events: Some(&events::EVENTS),
    problems: problems::PROBLEMS,
};
