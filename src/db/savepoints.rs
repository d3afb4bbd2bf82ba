//! A place within a transaction to go back to. It ends with the transaction.

use diesel::connection::SimpleConnection;

use super::Db;
use crate::error::Result;

/// Sets it; the last that was set is the one that counts.
///
/// # Errors
/// What the database answers.
pub fn set(db: &mut Db) -> Result<()> {
    Ok(db.batch_execute("SAVEPOINT whole")?)
}

/// Goes back to it: what was done since is undone.
///
/// # Errors
/// What the database answers.
pub fn go_back(db: &mut Db) -> Result<()> {
    Ok(db.batch_execute("ROLLBACK TO SAVEPOINT whole")?)
}

/// Forgets it: what was done since stays, and the one that was set before counts again.
///
/// # Errors
/// What the database answers.
pub fn release(db: &mut Db) -> Result<()> {
    Ok(db.batch_execute("RELEASE SAVEPOINT whole")?)
}
