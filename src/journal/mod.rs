//! The journal: the only writer of events, and of everything that follows from them.
//!
//! An event says what happened: its [head](model::Head) who, when and where, its [deed](model::Recordable) what. Each slice
//! declares its own deeds ([`events`]), with what each does to the slice's tables, its postings, its decision and its
//! sentence. A table of the record is written through [`tables::Tables`], which only the journal makes: no service can
//! write past it.
//!
//! Bytes are canonical and stored as they are, so they can be read without this program; with it, a [reader](model::Reader)
//! finds the slice that an event is of.

pub mod deeds;
pub mod model;
pub mod post;
pub mod store;
pub mod tables;
mod writing;

pub(crate) use model::events;
pub use writing::{append, apply, catch_up};
