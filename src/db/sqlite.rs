//! SQLite: how connections are opened, and the one thread that writes.
//!
//! The writer takes what is queued (up to [`BATCH`] jobs), runs them in one `BEGIN IMMEDIATE`, commits once with
//! `synchronous=FULL`, and answers only after the commit: the cost of making data durable is shared by everyone who waits
//! at that moment. It never waits to fill a batch.
//!
//! A job that fails leaves nothing behind. Most of those that fail do so before they have written anything, so a batch runs
//! without savepoints, which cost as much as what they protect; when one failed after it had written, or because of the
//! database, the batch is rolled back and run again, each job in a savepoint of its own.

use std::path::{Path, PathBuf};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::result::Error::DatabaseError;
use diesel::sqlite::SqliteConnection;
use diesel::{Connection, QueryResult, QueryableByName, RunQueryDsl, sql_query};
use prometheus::Histogram;
use tokio::sync::mpsc;

use super::{Db, transaction};
use crate::error::{Error, Result};

/// The most jobs that one commit covers.
pub const BATCH: usize = 64;

/// Older versions have a race in write-ahead logging that can corrupt the database (fixed in 3.51.3).
const OLDEST_SAFE_VERSION: (u32, u32, u32) = (3, 51, 3);

/// How long a connection waits for another that has the file.
const PATIENCE: Duration = Duration::from_secs(5);
/// What SQLite says of a file that somebody else has (sqlite.org/rescode.html#busy).
const LOCKED: &str = "database is locked";

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
    // First of all: whoever closes the file last locks it while it puts its log away, and any statement reads the schema.
    conn.batch_execute(&format!("PRAGMA busy_timeout = {}", PATIENCE.as_millis())).map_err(|e| unavailable(&e))?;
    refuse_unsafe_library(&mut conn)?;
    let query_only = if mode == Mode::Read { "PRAGMA query_only = ON;" } else { "" };
    write_ahead(&mut conn).map_err(|e| unavailable(&e))?;
    conn.batch_execute(&format!(
        "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; {query_only}"
    ))
    .map_err(|e| unavailable(&e))?;
    Ok(Db::Sqlite(conn))
}

/// Has a file written ahead, as all of them are from their first opening on. Where several processes open a new one at the same
/// moment, SQLite refuses all but one of them at once, whatever the patience: each would wait for the other.
fn write_ahead(conn: &mut SqliteConnection) -> QueryResult<()> {
    let began = Instant::now();
    loop {
        match conn.batch_execute("PRAGMA journal_mode = WAL") {
            Err(DatabaseError(_, why)) if why.message() == LOCKED && began.elapsed() < PATIENCE => {
                std::thread::sleep(Duration::from_millis(5));
            }
            done => return done,
        }
    }
}

/// A database of its own for replaying a journal: in a temporary file that nobody else can open and that is gone with the
/// connection, of which little is in memory however long the journal is.
///
/// # Errors
/// When SQLite cannot open one.
pub fn scratch() -> Result<Db> {
    // sqlite.org/inmemorydb.html, "Temporary Databases": an empty name.
    let mut conn =
        SqliteConnection::establish("").map_err(|e| Error::Unavailable(format!("SQLite in a temporary file: {e}")))?;
    conn.batch_execute(&format!(
        "PRAGMA foreign_keys = ON; PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY; PRAGMA cache_size = -{SCRATCH_KIB};"
    ))?;
    Ok(Db::Sqlite(conn))
}

/// What a replay keeps of its database in memory.
const SCRATCH_KIB: u32 = 32 * 1024;

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

/// What a job that ran leaves in the transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// All that it did, which may stay.
    Work,
    /// Nothing that may stay, in a transaction that goes on.
    Refusal,
    /// Nothing that may stay, and the transaction may be over: SQLite ends it by itself when the disk is full, and whoever went
    /// on would write without one.
    Wreck,
}

/// Work for the writer. It keeps its own result until it is told whether the batch was committed.
pub trait Job: Send {
    /// Whether nobody waits for the answer any more.
    fn is_abandoned(&self) -> bool;
    /// Does the work. May panic: that fails this job only. May run more than once, when what it did was rolled back; the last
    /// run counts.
    fn run(&mut self, db: &mut Db) -> Left;
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
    let mut jobs: Vec<Ran> = batch.into_iter().map(|job| Ran { job, panicked: false }).collect();
    let outcome = match run_together(db, &mut jobs) {
        Ok(true) => Ok(()),
        Ok(false) => run_apart(db, &mut jobs),
        Err(error) => Err(error),
    };
    match outcome {
        Ok(()) => {
            for Ran { job, panicked } in jobs {
                if panicked { job.panicked() } else { job.answer(None) }
            }
            true
        }
        Err(error) => {
            tracing::error!(error = %error, jobs = jobs.len(), "a batch of writes was lost");
            let lost = Error::Unavailable(format!("the transaction died: {error}"));
            jobs.into_iter().for_each(|ran| ran.job.answer(Some(&lost)));
            // Nothing to do if that fails too: the connection is replaced.
            let _ = transaction::rollback(db);
            false
        }
    }
}

/// A job, and whether it panicked when it ran last.
struct Ran {
    job: Box<dyn Job>,
    panicked: bool,
}

impl Ran {
    fn run(&mut self, db: &mut Db) -> Left {
        let ran = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| self.job.run(db)));
        self.panicked = ran.is_err();
        ran.unwrap_or(Left::Wreck)
    }
}

/// Runs jobs in one transaction; false when it was rolled back, because one of them must leave nothing and had written.
fn run_together(db: &mut Db, jobs: &mut [Ran]) -> QueryResult<bool> {
    transaction::begin_write(db)?;
    for ran in jobs.iter_mut().filter(|ran| !ran.job.is_abandoned()) {
        let before = changes(db)?;
        let apart = match ran.run(db) {
            Left::Work => false,
            Left::Refusal => changes(db)? != before,
            Left::Wreck => true,
        };
        if apart {
            // Fails, and with it the batch, where there is no transaction any more.
            transaction::rollback(db)?;
            return Ok(false);
        }
    }
    transaction::commit(db).map(|()| true)
}

/// Runs jobs in one transaction, each in a savepoint of its own.
fn run_apart(db: &mut Db, jobs: &mut [Ran]) -> QueryResult<()> {
    transaction::begin_write(db)?;
    for ran in jobs.iter_mut().filter(|ran| !ran.job.is_abandoned()) {
        transaction::savepoint(db)?;
        if ran.run(db) == Left::Work { transaction::commit(db)? } else { transaction::rollback(db)? }
    }
    transaction::commit(db)
}

/// How many rows this connection has changed since it was opened, those among them that were rolled back.
fn changes(db: &mut Db) -> QueryResult<i64> {
    diesel::define_sql_function!(fn total_changes() -> diesel::sql_types::BigInt);
    diesel::select(total_changes()).get_result(db)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    /// What jobs did: how often each ran, and how each was answered.
    type Log = Arc<Mutex<Vec<(&'static str, String)>>>;

    struct Script {
        name: &'static str,
        sql: &'static str,
        left: Left,
        log: Log,
    }

    impl Script {
        fn say(&self, what: &str) {
            self.log.lock().unwrap().push((self.name, what.to_owned()));
        }
    }

    impl Job for Script {
        fn is_abandoned(&self) -> bool {
            false
        }

        fn run(&mut self, db: &mut Db) -> Left {
            self.say("ran");
            db.batch_execute(self.sql).unwrap();
            assert!(self.name != "panics", "as a defect would");
            self.left
        }

        fn answer(self: Box<Self>, lost: Option<&Error>) {
            self.say(if lost.is_some() { "lost" } else { "committed" });
        }

        fn panicked(self: Box<Self>) {
            self.say("panicked");
        }
    }

    /// Runs a batch between two jobs that write a row each: the rows there are then, and how often each job ran and how it
    /// was answered.
    fn batch_with(name: &'static str, sql: &'static str, left: Left) -> (Vec<i64>, Vec<(&'static str, String)>) {
        use diesel::sql_types::BigInt;
        #[derive(QueryableByName)]
        struct Row {
            #[diesel(sql_type = BigInt)]
            id: i64,
        }
        let mut db = scratch().unwrap();
        db.batch_execute("CREATE TABLE written (id INTEGER PRIMARY KEY) STRICT").unwrap();
        let log = Log::default();
        let job = |name, sql, left| -> Box<dyn Job> { Box::new(Script { name, sql, left, log: log.clone() }) };
        run_batch(
            &mut db,
            vec![
                job("first", "INSERT INTO written VALUES (1)", Left::Work),
                job(name, sql, left),
                job("last", "INSERT INTO written VALUES (3)", Left::Work),
            ],
        );
        let rows = sql_query("SELECT id FROM written ORDER BY id").load::<Row>(&mut db).unwrap();
        let said = log.lock().unwrap().clone();
        (rows.into_iter().map(|row| row.id).collect(), said)
    }

    fn said(of: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
        of.iter().map(|(name, what)| (*name, (*what).to_owned())).collect()
    }

    #[test]
    fn a_refusal_that_has_written_nothing_costs_the_batch_nothing() {
        let (rows, log) = batch_with("refuses", "SELECT 1", Left::Refusal);
        assert_eq!(rows, [1, 3]);
        let once = [("first", "ran"), ("refuses", "ran"), ("last", "ran")];
        let answers = [("first", "committed"), ("refuses", "committed"), ("last", "committed")];
        assert_eq!(log, said(&[once, answers].concat()));
    }

    #[test]
    fn what_must_leave_nothing_leaves_nothing_and_its_neighbours_stay() {
        for (name, left, answer) in [
            ("refuses", Left::Refusal, "committed"),
            ("breaks", Left::Wreck, "committed"),
            ("panics", Left::Work, "panicked"),
        ] {
            let (rows, log) = batch_with(name, "INSERT INTO written VALUES (2)", left);
            assert_eq!(rows, [1, 3], "{name}");
            let together = [("first", "ran"), (name, "ran")];
            let apart = [("first", "ran"), (name, "ran"), ("last", "ran")];
            let answers = [("first", "committed"), (name, answer), ("last", "committed")];
            assert_eq!(log, said(&[&together[..], &apart, &answers].concat()));
        }
    }

    /// SQLite ends a transaction by itself when the disk is full: nobody goes on without one.
    #[test]
    fn a_batch_whose_transaction_is_over_is_lost_whole() {
        let (rows, log) = batch_with("breaks", "INSERT INTO written VALUES (2); ROLLBACK", Left::Wreck);
        assert_eq!(rows, [0_i64; 0]);
        let answers = [("first", "lost"), ("breaks", "lost"), ("last", "lost")];
        assert_eq!(log, said(&[&[("first", "ran"), ("breaks", "ran")][..], &answers].concat()));
    }

    #[test]
    fn versions_with_the_wal_race_are_refused() {
        // sqlite.org/wal.html#walresetbug: 3.7.0 to 3.51.2 are affected.
        for (version, safe) in
            [("3.7.0", false), ("3.51.2", false), ("3.51.3", true), ("3.52.0", true), ("4.0.0", true), ("", false)]
        {
            assert_eq!(is_safe_version(version), safe, "{version}");
        }
    }

    #[test]
    fn a_file_that_is_locked_for_a_moment_is_waited_for() {
        let name = format!("lotline-locked-{}", crate::ids::Ids::system().uuid(crate::clock::Moment::FIRST, 0));
        let folder = std::env::temp_dir().join(name);
        crate::files::make_folder(&folder).unwrap();
        let path = folder.join("file.db");
        let mut closing = SqliteConnection::establish(&path.to_string_lossy()).unwrap();
        closing.batch_execute("CREATE TABLE t (x); BEGIN EXCLUSIVE").unwrap();
        let opening = std::thread::spawn(move || open(&path, Mode::Read).map(|_| ()));
        std::thread::sleep(std::time::Duration::from_millis(200));
        let waits = !opening.is_finished();
        drop(closing);
        let opened = opening.join().unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        assert!(waits, "it waits");
        opened.unwrap();
    }
}
