//! Sites and their locations.
//!
//! A site is an address with a jurisdiction and a time zone: the jurisdiction decides which licences and approvals
//! count, the time zone decides when a day ends. A location is a room, fridge or shelf of a site, with a temperature
//! band and one purpose: quarantine for what has arrived, stock for what may be used, returns for what goes back.
//!
//! A place is retired or changed only when what lies there could have been put there: no unit comes to be where it must
//! not be because the sign on the door was changed.

pub mod api;
pub mod model;
pub mod rules;
pub mod service;
pub mod store;
