//! SQLite: how connections are opened, and the one thread that writes.
//!
//! The writer takes what is queued (up to [`BATCH`] jobs), runs them in one `BEGIN IMMEDIATE`, each in a savepoint of
//! its own, commits once with `synchronous=FULL`, and answers only after the commit: the cost of making data durable
//! is shared by everyone who waits at that moment. It never waits to fill a batch.

use std::path::{Path, PathBuf};
use std::thread::JoinHandle;

use diesel::connection::SimpleConnection;
use diesel::sqlite::SqliteConnection;
use diesel::{Connection, QueryableByName, RunQueryDsl, sql_query};
use prometheus::Histogram;
use tokio::sync::mpsc;

use super::{Db, transaction};
use crate::error::{Error, Result};

/// The most jobs that one commit covers.
pub const BATCH: usize = 64;

/// Older versions have a race in write-ahead logging that can corrupt the database (fixed in 3.51.3).
const OLDEST_SAFE_VERSION: (u32, u32, u32) = (3, 51, 3);

/// What a connection may do.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Read and write.
    Write,
    /// Read only; SQLite refuses anything else.
    Read,
}

/// Opens a SQLite file.
///
/// # Errors
/// When the file cannot be opened, or the SQLite library is one that can corrupt data.
pub fn open(path: &Path, mode: Mode) -> Result<Db> {
    let unavailable = |e: &dyn std::fmt::Display| Error::Unavailable(format!("SQLite {}: {e}", path.display()));
    let mut conn = SqliteConnection::establish(&path.to_string_lossy()).map_err(|e| unavailable(&e))?;
    refuse_unsafe_library(&mut conn)?;
    let query_only = if mode == Mode::Read { "PRAGMA query_only = ON;" } else { "" };
    conn.batch_execute(&format!(
        "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
         PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; {query_only}"
    ))
    .map_err(|e| unavailable(&e))?;
    Ok(Db::Sqlite(conn))
}

/// A database in memory, for replaying a journal.
///
/// # Errors
/// When SQLite cannot open one.
pub fn in_memory() -> Result<Db> {
    let mut conn =
        SqliteConnection::establish(":memory:").map_err(|e| Error::Unavailable(format!("SQLite in memory: {e}")))?;
    conn.batch_execute("PRAGMA foreign_keys = ON;")?;
    Ok(Db::Sqlite(conn))
}

fn refuse_unsafe_library(conn: &mut SqliteConnection) -> Result<()> {
    #[derive(QueryableByName)]
    struct Version {
        #[diesel(sql_type = diesel::sql_types::Text)]
        version: String,
    }
    let found = sql_query("SELECT sqlite_version() AS version").get_result::<Version>(conn)?.version;
    if is_safe_version(&found) {
        Ok(())
    } else {
        Err(Error::Unavailable(format!("SQLite {found} can corrupt databases in WAL mode; 3.51.3 or newer is needed")))
    }
}

fn is_safe_version(text: &str) -> bool {
    let mut parts = text.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0);
    (next(), next(), next()) >= OLDEST_SAFE_VERSION
}

/// Work for the writer. It keeps its own result until it is told whether the batch was committed.
pub trait Job: Send {
    /// Whether nobody waits for the answer any more.
    fn is_abandoned(&self) -> bool;
    /// Does the work; false rolls its savepoint back. May panic: that fails this job only.
    fn run(&mut self, db: &mut Db) -> bool;
    /// Called once, after the commit (`None`) or when the batch was lost.
    fn answer(self: Box<Self>, lost: Option<&Error>);
    /// Called in the place of `answer` when `run` panicked.
    fn panicked(self: Box<Self>);
}

/// Starts the writer thread; it ends when every sender of the queue is gone.
///
/// # Errors
/// When the database cannot be opened or the thread cannot be started.
pub fn start_writer(
    path: PathBuf,
    mut queue: mpsc::Receiver<Box<dyn Job>>,
    batches: Histogram,
) -> Result<JoinHandle<()>> {
    let mut db = Some(open(&path, Mode::Write)?);
    std::thread::Builder::new()
        .name("lotline-writer".to_owned())
        .spawn(move || {
            while let Some(first) = queue.blocking_recv() {
                let mut batch = vec![first];
                while batch.len() < BATCH
                    && let Ok(job) = queue.try_recv()
                {
                    batch.push(job);
                }
                batches.observe(crate::metrics::count(batch.len()));
                if db.is_none() {
                    db = open(&path, Mode::Write).map_err(|e| tracing::error!(error = ?e, "reopening failed")).ok();
                }
                let healthy = match db.as_mut() {
                    Some(db) => run_batch(db, batch),
                    None => {
                        let lost = Error::Unavailable("the database cannot be opened".to_owned());
                        batch.into_iter().for_each(|job| job.answer(Some(&lost)));
                        false
                    }
                };
                if !healthy {
                    db = None; // a connection whose transaction died may be in any state
                }
            }
        })
        .map_err(|e| Error::Unavailable(format!("starting the writer thread: {e}")))
}

/// Runs one batch; false when its outer transaction died.
fn run_batch(db: &mut Db, batch: Vec<Box<dyn Job>>) -> bool {
    let mut done = Vec::with_capacity(batch.len());
    let mut waiting = batch.into_iter();
    let outcome = transaction::begin_write(db).and_then(|()| {
        for mut job in waiting.by_ref().filter(|job| !job.is_abandoned()) {
            transaction::savepoint(db)?;
            let ran = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| job.run(db)));
            let ended = if matches!(ran, Ok(true)) { transaction::commit(db) } else { transaction::rollback(db) };
            done.push((job, ran.is_err()));
            ended?;
        }
        transaction::commit(db)
    });
    match outcome {
        Ok(()) => {
            for (job, panicked) in done {
                if panicked { job.panicked() } else { job.answer(None) }
            }
            true
        }
        Err(error) => {
            tracing::error!(error = %error, jobs = done.len(), "a batch of writes was lost");
            let lost = Error::Unavailable(format!("the transaction died: {error}"));
            done.into_iter().map(|(job, _)| job).chain(waiting).for_each(|job| job.answer(Some(&lost)));
            // Nothing to do if that fails too: the connection is replaced.
            let _ = transaction::rollback(db);
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_with_the_wal_race_are_refused() {
        // sqlite.org/wal.html#walresetbug: 3.7.0 to 3.51.2 are affected.
        for (version, safe) in
            [("3.7.0", false), ("3.51.2", false), ("3.51.3", true), ("3.52.0", true), ("4.0.0", true), ("", false)]
        {
            assert_eq!(is_safe_version(version), safe, "{version}");
        }
    }
}
