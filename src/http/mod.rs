//! HTTP, as every slice speaks it: one mechanism each for input, answers, authentication, idempotency, paging, rates and
//! connections. It knows no slice; what is made of all of them is [`crate::app`].

pub mod accept;
pub mod answers;
pub mod auth;
mod claims;
pub mod commands;
pub mod connection;
pub mod crowd;
pub mod csv;
pub mod files;
pub mod idempotency;
pub mod input;
pub mod keys;
pub mod lists;
pub mod named;
pub mod outgoing;
pub mod pages;
pub mod paging;
pub mod peers;
pub mod period;
pub mod rates;
pub mod shown;
pub mod slice;
pub mod strict;
pub mod uploads;
pub mod versions;
