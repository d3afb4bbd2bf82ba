//! Licences: who may buy, hold, prescribe and inject, and what their authority said when we asked.
//!
//! A licence counts at a moment only when a check says verified and is recent enough, no check speaks against it then, the
//! day is inside its validity, and it covers the product's class and the site's jurisdiction. Checks are only ever added;
//! what was mis-keyed is reversed, and stays on record.

pub mod api;
pub mod model;
pub mod numbers;
pub mod people;
pub mod resting;
pub mod reversals;
pub mod rules;
pub mod service;
pub mod standing;
pub mod store;
