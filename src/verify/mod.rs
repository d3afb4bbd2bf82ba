//! Verification: the journal is replayed into an empty database, and everything in the database is compared with it.
//!
//! It reads one snapshot, so it runs beside a serving process. It finds what was changed behind our back: the type and the
//! value of every column of every row ([`tables`]), what the database itself enforces ([`schema`]), what is missing in the
//! journal or does not open ([`replay`]), answers that are kept for repeated requests ([`answers`]), readings ([`readings`])
//! and the hours that are kept of them ([`hours`]), the custody log ([`log`]) with checkpoints of it that were kept elsewhere,
//! and the bytes of evidence ([`evidence`]). A [`bundle`] is checked without any of that. Every lot is recounted from the postings alone.
//!
//! What cannot be read is a finding, and the rest is verified all the same.

mod answers;
pub mod bundle;
mod evidence;
mod hours;
mod log;
mod readings;
mod replay;
pub mod schema;
mod tables;

pub use tables::NOT_RECORDED;

use crate::custody_log::witness::Seen;
use crate::db::{DatabaseUrl, Db, migrate, open_for_verification, transaction};
use crate::error::{Error, Result};
use crate::evidence::objects::Objects;
use crate::sealing::Patients;

/// Findings that a report keeps; what is found beyond is counted.
pub const FINDINGS_MAX: usize = 10_000;

/// What a verification found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Events replayed.
    pub events: u64,
    /// Rows compared.
    pub rows: u64,
    /// Readings compared.
    pub readings: u64,
    /// Files of evidence compared.
    pub files: u64,
    /// Events of which something is sealed, and opened.
    pub opened: u64,
    /// Events of which something was sealed for a patient who was erased: nobody can open it.
    pub erased: u64,
    /// Checkpoints that were kept outside the database and compared with the log.
    pub checkpoints: u64,
    /// What disagrees, one sentence each: at most [`FINDINGS_MAX`].
    pub findings: Vec<String>,
    /// How many more there are.
    pub left_out: u64,
}

impl Report {
    fn find(&mut self, what: String) {
        if self.findings.len() < FINDINGS_MAX {
            self.findings.push(what);
        } else {
            self.left_out += 1;
        }
    }
}

/// What is compared with a database beside its own journal.
#[derive(Clone, Copy, Default)]
pub struct Beside<'a> {
    /// The files of evidence, if they are compared; files that should be in a place that is not there are a finding.
    pub evidence: Option<Option<&'a Objects>>,
    /// What the data directory has of the custody log, if it is looked at: read before the database is, as both go on growing.
    pub log: Option<&'a Seen>,
    /// Checkpoints that were kept elsewhere: what each is called, and its text.
    pub checkpoints: &'a [(String, String)],
    /// The patients' keys, with which everything is opened that is sealed for patients who were not erased; a key that is not
    /// there is a finding.
    pub patients: Option<&'a Patients>,
}

/// Compares a database with its journal, but for the files of evidence.
///
/// # Errors
/// When the database cannot be reached, or has not exactly this program's migrations. What disagrees is no error, but a
/// finding.
pub fn verify(url: &DatabaseUrl) -> Result<Report> {
    check(url, &Beside::default())
}

/// Compares a database with its journal and with what lies beside it.
///
/// # Errors
/// As [`verify`]; when the store of patients' keys does not answer.
pub fn check(url: &DatabaseUrl, beside: &Beside<'_>) -> Result<Report> {
    check_telling(url, beside, &mut |_, _| ())
}

/// The steps that are not a table.
const OTHER_STEPS: usize = 7;

/// The same, and says after each step how many are done, and of how many. They differ in how long they take: most of it is the journal.
///
/// # Errors
/// As [`check`].
pub fn check_telling(url: &DatabaseUrl, beside: &Beside<'_>, tell: &mut dyn FnMut(usize, usize)) -> Result<Report> {
    let mut db = open_for_verification(url)?;
    migrate::verify_current(&mut db)?;
    transaction::begin_read(&mut db)?;
    let mut replayed = migrate::scratch()?;
    let mut report = Report::default();
    let tables = tables::recorded(&mut replayed)?;
    let (mut done, all) = (0, tables.len() + OTHER_STEPS);
    let mut step = || {
        tell(done, all);
        done += 1;
    };
    step();
    attempt("the schema", &mut db, &mut report, |db, report| schema::compare(db, &mut replayed, report))?;
    step();
    attempt("the journal", &mut db, &mut report, |db, report| {
        replay::replay(db, &mut replayed, beside.patients, report)
    })?;
    step();
    for table in tables {
        attempt(&table.name, &mut db, &mut report, |db, report| tables::compare(&table, db, &mut replayed, report))?;
        step();
    }
    attempt("readings", &mut db, &mut report, |db, report| readings::compare(db, &mut replayed, report))?;
    step();
    attempt("climate_hours", &mut db, &mut report, |db, report| hours::compare(db, &mut replayed, report))?;
    step();
    attempt("idempotency_keys", &mut db, &mut report, |db, report| answers::look_at(db, &mut replayed, report))?;
    step();
    let seen = beside.log.cloned().unwrap_or_default();
    log::compare(&seen, beside.checkpoints, &mut db, &mut replayed, &mut report)?;
    step();
    transaction::rollback(&mut db)?;
    if let Some(objects) = beside.evidence {
        // Files are only ever added: what the snapshot knows is there, however long this takes.
        evidence::compare(objects, &mut replayed, &mut report)?;
    }
    step();
    Ok(report)
}

/// Does a part of the work in a savepoint: where the database refuses it (a table that is gone, a value that cannot be
/// read), that is a finding.
fn attempt(
    what: &str,
    db: &mut Db,
    report: &mut Report,
    work: impl FnOnce(&mut Db, &mut Report) -> Result<()>,
) -> Result<()> {
    transaction::savepoint(db)?;
    match work(db, report) {
        Ok(()) => Ok(transaction::commit(db)?),
        Err(Error::Database(why)) => {
            // A connection that is lost cannot do this either.
            transaction::rollback(db)?;
            report.find(format!("{what} cannot be read: {why}"));
            Ok(())
        }
        Err(other) => Err(other),
    }
}
