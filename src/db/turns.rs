//! Whose turn it is in an organisation: which commands may run beside each other (see [`crate::command`]).
//!
//! On PostgreSQL a turn is an advisory lock of the transaction. PostgreSQL gives locks in the order in which they were
//! asked for: whoever waits to be alone is not overtaken by those who come later, nor are they by the next who wants to
//! be. So that a flood of changes keeps neither connections nor places in that order from those who decide, each process
//! has few of them in the database at once ([`super::Store::stand_in_line`]). On SQLite the one writer is lock enough.

use diesel::prelude::*;
use diesel::sql_types::Integer;
use sha2::{Digest, Sha256};

use super::Db;
use crate::error::Result;
use crate::ids::OrganisationId;

/// What may run beside a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Nothing: it changes what the decisions of others rest on.
    Alone,
    /// Other decisions: it rests on what stands, and what it changes is ordered by the rows that it locks.
    Beside,
}

/// The first of the two numbers of these locks. PostgreSQL keeps locks that have two apart from those that have one, as
/// idempotency keys and migrations do.
const SPACE: i32 = 0x4c6f_746c;

diesel::define_sql_function! {
    /// Waits until nobody holds the lock; what PostgreSQL answers is void, and not read.
    fn pg_advisory_xact_lock(space: Integer, number: Integer) -> Integer;
}
diesel::define_sql_function! {
    /// Waits until nobody holds the lock alone; what PostgreSQL answers is void, and not read.
    fn pg_advisory_xact_lock_shared(space: Integer, number: Integer) -> Integer;
}

/// Waits for a turn, which lasts until the transaction ends.
///
/// It is a statement of its own: under READ COMMITTED each statement sees what was committed when it began, so that those
/// after this one see everything that the turn waited for.
///
/// # Errors
/// What the database answers: a time-out when others keep it for too long.
pub fn take(db: &mut Db, turn: Turn, organisation: &OrganisationId) -> Result<()> {
    if let Db::Postgres(conn) = db {
        let number = number(organisation);
        match turn {
            Turn::Alone => diesel::select(pg_advisory_xact_lock(SPACE, number)).execute(conn)?,
            Turn::Beside => diesel::select(pg_advisory_xact_lock_shared(SPACE, number)).execute(conn)?,
        };
    }
    Ok(())
}

/// The number of an organisation. Two that have the same, which may happen, wait for each other and nothing else.
fn number(organisation: &OrganisationId) -> i32 {
    let digest = Sha256::digest(organisation.as_str().as_bytes());
    digest.iter().take(4).fold(0, |number, byte| (number << 8) | i32::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_is_the_beginning_of_the_sha_256() {
        // printf org_01890000-0000-7000-8000-000000000000 | sha256sum
        let organisation = "org_01890000-0000-7000-8000-000000000000".parse().unwrap();
        assert_eq!(number(&organisation), 101_020_476);
    }
}
