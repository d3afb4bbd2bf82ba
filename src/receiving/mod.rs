//! Receiving: what arrived, from whom, into which quarantine location.
//!
//! Lot and expiry are read or typed, never guessed. Everything received starts quarantined. What is suspicious on
//! arrival (a twin lot, a lot text like another, an expired or short-dated pack, a supplier that is not vetted) is received
//! all the same, flagged and, for a twin, held: a refusal forbids an act, not its record.
//! A serial number is inside once at a time: a pack that was returned, or missing when it was counted, may arrive again, as
//! what it was; one that is here, or of which units were used, wasted or destroyed, may not.
//! A mis-keyed line is corrected by an event while its units are still in quarantine and nobody has inspected them.

pub mod api;
pub mod corrections;
pub mod model;
pub mod rules;
pub mod service;
pub mod store;
