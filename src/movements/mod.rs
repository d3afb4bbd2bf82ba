//! Movements: what moves stock and is neither a receipt, a release nor an administration.
//!
//! Units are transferred between locations, wasted, returned to their supplier, destroyed, and counted. Quarantine is left
//! only by release, and what was rejected, held or has expired only goes to where it is set apart; but it may always be
//! set apart, returned and destroyed. A count posts its difference to the books as an adjustment, so a lot reconciles
//! after every movement. What was recorded wrongly is reversed by an event that points at it.

pub mod api;
pub mod model;
pub mod reversals;
pub mod rules;
pub mod service;
pub mod store;
