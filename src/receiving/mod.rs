//! Receiving: what arrived, from whom, into which quarantine location.
//!
//! Lot and expiry are read or typed, never guessed. Everything received starts quarantined. What is suspicious on
//! arrival (a twin lot, an expired or short-dated pack, a supplier that is not vetted) is received all the same, flagged
//! and, for a twin, held: a refusal forbids an act, not its record.
//! A mis-keyed line is corrected by an event while its units are still in quarantine and nobody has inspected them.

pub mod api;
pub mod corrections;
pub mod model;
pub mod rules;
pub mod service;
pub mod store;
