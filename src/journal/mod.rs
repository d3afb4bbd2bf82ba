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

use crate::db::Db;
use crate::error::Result;

use self::model::Event;
use self::tables::Tables;

pub(crate) use self::model::events;

/// Applies an event to the tables: what the slice says that it does, and the units that it moves.
///
/// # Errors
/// [`Error::Race`](crate::error::Error::Race) when stock that it moves is not there; what the database answers otherwise.
pub fn apply(db: &mut Db, event: &Event) -> Result<()> {
    let mut tables = Tables::open(db);
    event.deed.apply(&mut tables, &event.head)?;
    post::post(&mut tables, &event.head, event.deed.postings())
}

/// Appends the events of one command, in their order, and ties them to what they belong to.
///
/// # Errors
/// What the database answers; an internal error for one of more bytes than `most`: what may be sent makes none that large.
pub fn append(db: &mut Db, new: &[Event], most: usize) -> Result<()> {
    let mut tables = Tables::open(db);
    store::append(&mut tables, new, most)?;
    new.iter().try_for_each(|event| event.deed.tie(&mut tables, &event.head))
}

/// Brings a database from before up to date with what an older program did not write: only for
/// [`upgrade`](crate::upgrade).
///
/// # Errors
/// What the work answers.
pub fn catch_up<T>(db: &mut Db, work: impl FnOnce(&mut Tables<'_>) -> Result<T>) -> Result<T> {
    work(&mut Tables::open(db))
}
