//! Applying events and appending them: the two doors to the journal.

use super::model::Event;
use super::tables::Tables;
use super::{post, store};
use crate::db::Db;
use crate::error::Result;

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
