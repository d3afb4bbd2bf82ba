//! The OpenAPI document and the pages that are made from it and from the code tables.

mod answers;
pub mod document;
mod edits;
mod files;
pub mod guide;
mod links;
mod naming;
mod pages;
pub mod problems;
pub mod reading;

pub use document::document;
pub use pages::{HEADERS, routes};
pub use reading::operations;
