//! What PostgreSQL enforces, compared with what the migrations make there.
//!
//! `catalogue.sql` describes our schema, an object a line. What it says of a freshly migrated database is kept in
//! `catalogue.txt`, so that nobody needs a second database to compare theirs with; a test keeps the two the same.

use std::collections::BTreeMap;

use diesel::deserialize::QueryableByName;
use diesel::sql_types::Text;
use diesel::{RunQueryDsl, sql_query};

use crate::db::Db;
use crate::error::Result;

/// What a freshly migrated database says.
const MADE: &str = include_str!("catalogue.txt");
/// Between the name of an object and what it is.
const SEPARATOR: &str = ": ";

#[derive(QueryableByName)]
struct Object {
    #[diesel(sql_type = Text)]
    object: String,
    #[diesel(sql_type = Text)]
    definition: String,
}

/// The schema of a PostgreSQL database as text, an object a line, in the order of their names.
///
/// # Errors
/// What the database answers.
pub fn catalogue(db: &mut Db) -> Result<String> {
    let objects: Vec<Object> = sql_query(include_str!("catalogue.sql")).load(db)?;
    Ok(objects.into_iter().map(|o| format!("{}{SEPARATOR}{}\n", o.object, o.definition.trim())).collect())
}

/// The objects of a catalogue by their names.
pub(super) fn objects(catalogue: &str) -> BTreeMap<String, String> {
    let line = |line: &str| line.split_once(SEPARATOR).map(|(name, what)| (name.to_owned(), what.to_owned()));
    catalogue.lines().filter_map(line).collect()
}

/// The objects that the migrations make.
pub(super) fn made() -> BTreeMap<String, String> {
    objects(MADE)
}
