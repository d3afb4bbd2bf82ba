//! The right to write tables of the record.

use std::collections::BTreeSet;

use crate::db::Db;

/// The database, in the hands of an event that is being applied. Every function that writes a table of the record takes it,
/// and only the journal makes it.
pub struct Tables<'a> {
    db: &'a mut Db,
    done: BTreeSet<String>,
}

impl<'a> Tables<'a> {
    pub(super) fn open(db: &'a mut Db) -> Self {
        Tables { db, done: BTreeSet::new() }
    }

    /// The database.
    pub fn db(&mut self) -> &mut Db {
        self.db
    }

    /// Whether this is the first time that something of that name is asked for: several events of a command may ask for the same.
    pub fn is_first(&mut self, name: String) -> bool {
        self.done.insert(name)
    }
}
