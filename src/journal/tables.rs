//! The right to write tables of the record.

use crate::db::Db;

/// The database, in the hands of an event that is being applied. Every function that writes a table of the record takes it,
/// and only the journal makes it.
pub struct Tables<'a>(&'a mut Db);

impl<'a> Tables<'a> {
    pub(super) fn open(db: &'a mut Db) -> Self {
        Tables(db)
    }

    /// The database.
    pub fn db(&mut self) -> &mut Db {
        self.0
    }
}
