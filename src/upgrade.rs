//! Bringing a database up to date: its tables, and what an older program recorded otherwise.

use crate::caller::Caller;
use crate::clock::Clock;
use crate::command::{Command, Turn};
use crate::db::{DatabaseUrl, Db, migrate, transaction};
use crate::error::Result;
use crate::ids::Ids;
use crate::inspections::{settling, store};

/// Who records what an upgrade changes.
pub const ACTOR: &str = "migration";

/// Migrates a database, under its migration lock. What is recorded otherwise now is settled by events of the actor
/// `migration`; one sentence for each thing that somebody must look at.
///
/// # Errors
/// When the database cannot be reached, was used by a newer program, or a migration fails.
pub fn run(url: &DatabaseUrl) -> Result<Vec<String>> {
    migrate::migrate(url, |db| settle_passes(db, &Clock::system(), &Ids::system()))
}

/// Passes that were counted beside the stock become postings, lot by lot.
fn settle_passes(db: &mut Db, clock: &Clock, ids: &Ids) -> Result<Vec<String>> {
    let mut notes = Vec::new();
    for (organisation_id, lot) in store::lots_with_counted_passes(db)? {
        if crate::custody::store::is_told(db, &organisation_id, "passes_settled", lot.as_str())? {
            continue;
        }
        let caller = Caller { organisation_id, subject: ACTOR.to_owned(), roles: Vec::new(), sites: None };
        transaction::begin_write(db)?;
        let mut command = Command::begin(db, Turn::Alone, &caller, clock, ids)?;
        let settled = settling::settle(&mut command, &lot).and_then(|note| command.finish().map(|()| note));
        match settled {
            Ok(note) => {
                transaction::commit(db)?;
                notes.extend(note);
            }
            Err(error) => {
                transaction::rollback(db)?;
                return Err(error);
            }
        }
    }
    Ok(notes)
}
