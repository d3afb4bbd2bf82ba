//! A connection to either database.

#![allow(missing_docs)] // the derive's own types have nothing to say

use diesel::pg::PgConnection;
use diesel::sqlite::SqliteConnection;

/// A connection to either database.
#[derive(diesel::MultiConnection)]
pub enum Db {
    /// SQLite, in this process.
    Sqlite(SqliteConnection),
    /// PostgreSQL, over the network.
    Postgres(PgConnection),
}
