//! HTTP: one mechanism each for problems, authentication, access, idempotency, paging and limits.

pub mod access;
pub mod app;
pub mod auth;
pub mod commands;
pub mod connection;
pub mod crowd;
pub mod docs;
pub mod health;
pub mod housekeeping;
pub mod input;
pub mod keys;
pub mod limits;
pub mod outgoing;
pub mod paging;
pub mod peers;
pub mod problem;
pub mod rates;
pub mod server;
pub mod shown;
pub mod strict;
pub mod versions;
