//! The database: SQLite embedded in the process, or PostgreSQL for more than one machine.
//!
//! [`Store::read`] and [`Store::write`] are the only two doors. Behind them is [`Db`], which is either database with
//! the same queries; what diesel cannot say for both at once goes through [`on_either`].

mod connecting;
mod connection;
pub mod copying;
mod joins;
pub mod known;

pub mod migrate;
pub mod parts;
mod postgres;
mod prepared;
mod readers;
pub mod rewriting;
pub mod savepoints;
#[allow(missing_docs)] // the macro's tables have nothing to say beyond the migrations
pub mod schema;
mod sqlite;
mod statistics;
mod store;
mod strict;
pub mod transaction;
pub mod turns;
mod url;

pub use connecting::Lane;
pub use connection::Db;
pub(crate) use prepared::insert_rows;
pub use prepared::{Named, Prepared, PreparedChange};
pub use store::{Settings, Store};
pub use url::{DatabaseUrl, InvalidUrl};

/// Runs the same diesel expression on the connection inside a [`Db`]: for batches, upserts and locks, which
/// `MultiConnection` cannot express; and for what is asked at the chair, since a connection finds what it has prepared by the type of a query
/// that is always of one text, and `MultiConnection` by that text, which it writes anew each time.
macro_rules! on_either {
    ($db:expr, $conn:ident => $body:expr) => {
        match $db {
            $crate::db::Db::Sqlite($conn) => $body,
            $crate::db::Db::Postgres($conn) => $body,
        }
    };
}
pub(crate) use on_either;

/// Locks the rows that a query finds, until the transaction ends: nobody changes them meanwhile. SQLite has one writer, who needs
/// no lock.
macro_rules! lock_rows {
    ($db:expr, $rows:expr) => {
        if let $crate::db::Db::Postgres(conn) = $db {
            $rows.for_no_key_update().load::<String>(conn)?;
        }
    };
}
pub(crate) use lock_rows;

/// Whether an error says that a row with the same identity exists already.
///
/// SQLite does not name the constraint, so callers must know which one a statement can hit.
pub fn violates_unique(error: &diesel::result::Error) -> bool {
    use diesel::result::{DatabaseErrorKind, Error};
    matches!(error, Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _))
}

/// Opens one connection as reports have them.
///
/// # Errors
/// When the database cannot be reached.
pub fn open_for_reports(url: &DatabaseUrl) -> crate::error::Result<Db> {
    connecting::connect_for(url, Lane::Reports)
}

/// Opens one connection of its own, for reading a long snapshot beside a serving process.
///
/// # Errors
/// When the database cannot be reached.
pub fn open_for_verification(url: &DatabaseUrl) -> crate::error::Result<Db> {
    use diesel::connection::SimpleConnection;
    let mut db = connecting::connect(url, sqlite::Mode::Read)?;
    if let Db::Postgres(conn) = &mut db {
        conn.batch_execute("SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0")?;
    }
    Ok(db)
}

/// Opens one connection to a store of keys, which is a database of its own.
///
/// # Errors
/// When it cannot be reached.
pub fn open_for_keys(url: &DatabaseUrl) -> crate::error::Result<Db> {
    connecting::connect(url, sqlite::Mode::Write)
}
