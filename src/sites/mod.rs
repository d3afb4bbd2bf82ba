//! Sites and their locations.
//!
//! A site is an address with a jurisdiction and a time zone: the jurisdiction decides which licences and approvals
//! count, the time zone decides when a day ends. A location is a room, fridge or shelf of a site, with a temperature
//! band and one purpose: quarantine for what has arrived, stock for what may be used, returns for what goes back.

pub mod api;
pub mod model;
pub mod service;
pub mod store;
