//! Licences: who may buy, hold, prescribe and inject, and what their authority said when we asked.
//!
//! A licence counts on a day only when its newest check says verified and is recent enough, the day is inside its
//! validity, and it covers the product's class and the site's jurisdiction. Checks are only ever added.

pub mod api;
pub mod model;
pub mod numbers;
pub mod rules;
pub mod service;
pub mod store;
