//! Inspections and releases: the way out of quarantine.
//!
//! What lies in quarantine is inspected against a checklist: what a receipt brought, or what lies at a place. What failed
//! becomes rejected at once, what passed moves to an account of its inspection. So a pass is something that units have, and it
//! leaves with them. Only passed units are released, by none of those who looked at them (four eyes), and only if they came
//! from a supplier who was vetted on the day on which they arrived.

pub mod api;
pub mod model;
pub mod rules;
pub mod service;
pub mod settling;
pub mod store;
