//! Evidence: photographs and documents that inspections and licence checks name by their SHA-256.
//!
//! The bytes are kept outside the database, under the organisation and their digest, so the same file is kept once and a
//! changed one cannot pass for it. They are written first, then the row and its event: an upload that was answered is
//! never without its bytes. Bytes without a row, left by a command that failed, harm nobody and are used again when the
//! file is sent again. What is given back was compared with its digest just before.

pub mod api;
pub mod model;
pub mod objects;
pub mod rules;
pub mod service;
pub mod store;
