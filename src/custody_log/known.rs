//! What the tables said at a point of the log, of a few things: their events up to it are replayed into a database of their own, and
//! whoever asks reads there what is read otherwise.
//!
//! It is for what seldom changes (sites, people, products, licences, policies): such a thing has a handful of events.

use std::collections::BTreeMap;

use super::past::Known;
use super::store;
use crate::command::View;
use crate::db::{Db, migrate, transaction};
use crate::error::Result;
use crate::http::slice::Slice;
use crate::journal;
use crate::journal::model::Event;

/// What was known of some things: of each slice those of these ids.
///
/// # Errors
/// What the database answers; an internal error when an event cannot be replayed.
pub fn of(view: &mut View<'_>, known: Known, about: &[(&Slice, &[&str])]) -> Result<Db> {
    let mut told: BTreeMap<i64, Vec<u8>> = BTreeMap::new();
    for (slice, subjects) in about.iter().filter(|(_, subjects)| !subjects.is_empty()) {
        let kinds = slice.events.map_or(&[][..], |kinds| kinds.names);
        told.extend(store::told_by(view.db, &view.caller.organisation_id, subjects, kinds, known.size)?);
    }
    let mut then = migrate::scratch_of_parts()?;
    transaction::begin_write(&mut then)?;
    for bytes in told.into_values() {
        let event = Event::read(&bytes, view.reader)?;
        journal::apply(&mut then, &event)?;
        journal::append(&mut then, std::slice::from_ref(&event), usize::MAX)?;
    }
    transaction::commit(&mut then)?;
    Ok(then)
}
