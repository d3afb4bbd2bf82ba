//! Bringing a database up to date: its tables, and what an older program recorded otherwise.

mod sealing;

use crate::caller::Caller;
use crate::clock::Clock;
use crate::command::{Command, Means, Turn};
use crate::db::known::Memory;
use crate::db::{DatabaseUrl, Db, migrate, transaction};
use crate::error::Result;
use crate::ids::Ids;
use crate::inspections::{settling, store};
use crate::journal;
use crate::journal::model::Head;
use crate::licences::{self, people};
use crate::practitioners::{self, model::Practitioner};
use crate::sealing::Patients;
use crate::versions::Versioned;

/// Who records what an upgrade changes.
pub const ACTOR: &str = "migration";

/// Migrates a database, under its migration lock. What is recorded otherwise now is settled by events of the actor
/// `migration`; one sentence for each thing that somebody must look at.
///
/// # Errors
/// When the database cannot be reached, was used by a newer program, or a migration fails.
pub fn run(url: &DatabaseUrl, patients: &Patients) -> Result<Vec<String>> {
    upgrade(url, patients, false)
}

/// The same for a process that is going to serve: the patients' keys that it has are the database's from then on, and no others.
///
/// # Errors
/// As [`run`]; when the database has other keys.
pub fn run_to_serve(url: &DatabaseUrl, patients: &Patients) -> Result<Vec<String>> {
    upgrade(url, patients, true)
}

fn upgrade(url: &DatabaseUrl, patients: &Patients, serves: bool) -> Result<Vec<String>> {
    let (clock, ids, patients) = (Clock::system(), Ids::system(), patients.clone());
    let means = Means { clock, ids, memory: Memory::default(), judge: |_| Ok(()), patients };
    migrate::migrate(url, |db| {
        sealing::seal_clinical(db, &means)?;
        if serves {
            sealing::expect_keys(db, &means.patients)?;
        }
        know_people(db, &means)?;
        settle_passes(db, &means)
    })
}

/// Who is who is kept as people are compared, from the journal on; what that shows to be worth nothing stops counting now.
fn know_people(db: &mut Db, means: &Means) -> Result<()> {
    transaction::begin_write(db)?;
    match keep_people(db, means) {
        Ok(()) => Ok(transaction::commit(db)?),
        Err(error) => {
            transaction::rollback(db)?;
            Err(error)
        }
    }
}

fn keep_people(db: &mut Db, means: &Means) -> Result<()> {
    journal::catch_up(db, licences::service::keep_all)?;
    let known = practitioners::store::with_subjects_to_keep(db)?;
    for practitioner in &known {
        let kinds = ["practitioner_registered", "practitioner_corrected"];
        let id = practitioner.id.as_str();
        for bytes in journal::store::told(db, &practitioner.organisation_id, id, &kinds)? {
            let at = journal::store::deed::<Head>(&bytes)?.recorded_at;
            let version = Practitioner::of(journal::store::deed(&bytes)?);
            let keep =
                |version| journal::catch_up(db, |tables| practitioners::store::keep_subject(tables, &version, at));
            version.map_or(Ok(()), keep)?;
        }
    }
    for practitioner in known {
        let organisation_id = practitioner.organisation_id;
        let caller = Caller { organisation_id, subject: ACTOR.to_owned(), roles: Vec::new(), sites: None };
        let mut command = Command::begin(db, Turn::Alone, &caller, means)?;
        people::discount(&mut command, &practitioner.id)?;
        command.finish()?;
    }
    Ok(())
}

/// Passes that were counted beside the stock become postings, lot by lot.
fn settle_passes(db: &mut Db, means: &Means) -> Result<Vec<String>> {
    let mut notes = Vec::new();
    for (organisation_id, lot) in store::lots_with_counted_passes(db)? {
        if journal::store::is_told(db, &organisation_id, "passes_settled", lot.as_str())? {
            continue;
        }
        let caller = Caller { organisation_id, subject: ACTOR.to_owned(), roles: Vec::new(), sites: None };
        transaction::begin_write(db)?;
        let mut command = Command::begin(db, Turn::Alone, &caller, means)?;
        let settled = settling::settle(&mut command, &lot).and_then(|note| command.finish().map(|_| note));
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
