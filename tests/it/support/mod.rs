//! What scenarios share.

pub mod postgres;
