//! Transactions by hand: diesel's own `transaction()` would begin a deferred one on SQLite, and cannot share a commit.
//!
//! They go through diesel's transaction manager all the same, because it opens savepoints of its own for batches and
//! must know how deep it is.

use diesel::QueryResult;
use diesel::connection::{AnsiTransactionManager, TransactionManager};

use super::{Db, on_either};

/// Begins a transaction that writes: on SQLite the write lock is taken at once, so that what a job reads is what it
/// changes.
///
/// # Errors
/// What the database answers.
pub fn begin_write(db: &mut Db) -> QueryResult<()> {
    match db {
        Db::Sqlite(conn) => AnsiTransactionManager::begin_transaction_sql(conn, "BEGIN IMMEDIATE"),
        Db::Postgres(conn) => AnsiTransactionManager::begin_transaction_sql(conn, "BEGIN"),
    }
}

/// Begins a transaction that reads one snapshot.
///
/// # Errors
/// What the database answers.
pub fn begin_read(db: &mut Db) -> QueryResult<()> {
    match db {
        Db::Sqlite(conn) => AnsiTransactionManager::begin_transaction_sql(conn, "BEGIN"),
        Db::Postgres(conn) => {
            AnsiTransactionManager::begin_transaction_sql(conn, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        }
    }
}

/// Sets a savepoint inside the transaction.
///
/// # Errors
/// What the database answers.
pub fn savepoint(db: &mut Db) -> QueryResult<()> {
    on_either!(db, conn => AnsiTransactionManager::begin_transaction(conn))
}

/// Keeps what was done since the last savepoint or the beginning.
///
/// # Errors
/// What the database answers.
pub fn commit(db: &mut Db) -> QueryResult<()> {
    on_either!(db, conn => AnsiTransactionManager::commit_transaction(conn))
}

/// Undoes what was done since the last savepoint or the beginning.
///
/// # Errors
/// What the database answers.
pub fn rollback(db: &mut Db) -> QueryResult<()> {
    on_either!(db, conn => AnsiTransactionManager::rollback_transaction(conn))
}
