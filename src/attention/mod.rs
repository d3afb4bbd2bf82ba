//! Attention: the morning list, what somebody should look at before the day begins.
//!
//! It holds no state of its own: everything on it follows from stock, licences, holds and deviations as they are.

pub mod api;
pub mod people;
pub mod rules;
pub mod service;
