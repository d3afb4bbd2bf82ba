//! Evidence: photographs and documents that inspections and licence checks name by their SHA-256.
//!
//! The bytes are kept outside the database, under the organisation and their digest, so the same file is kept once and a
//! changed one cannot pass for it. They are written first, then the row and its event: an upload that was answered is
//! never without its bytes. Bytes without a row, left by a command that failed, harm nobody and are used again when the
//! file is sent again. What is given back was compared with its digest just before.
//!
//! A file belongs to the sites of the token that it was uploaded with, and to those where it is named: by an inspection, a
//! receipt or a check of the site's licence; and to all of them where it is named by a check of what all sites share.
//! Whoever is bound to sites sees what belongs to theirs. All of that follows from events, and a file that was uploaded
//! before it was kept belongs to the sites where it is named, and to those who are bound to none.

pub mod api;
pub mod model;
pub mod objects;
pub mod rules;
pub mod service;
pub mod store;
