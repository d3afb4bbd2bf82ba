//! Stock: lots, accounts, packs, and the double-entry postings that move them.
//!
//! An account is a lot at a location in a disposition with a use-by date; the outside (supplier, patient, waste …) has
//! accounts too. Every movement takes units from one account and gives them to another, so a lot's accounts always add
//! up to zero and a lot reconciles at any time. [`ledger::post`] is the only writer: it decrements only what is there,
//! in the same statement, so two movements that want the last unit cannot both get it.
//!
//! Each lot text is a lot of its own, as labelled. Texts that match but for case, and those that are easily taken for each
//! other, are found together ([`crate::values::lots`]) and shown to a person, never merged.

pub mod api;
pub mod books;
pub mod history;
pub mod label;
pub mod ledger;
pub mod lying;
pub mod model;
pub mod origins;
pub mod rules;
pub mod service;
pub mod store;
