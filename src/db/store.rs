//! The two doors to the database: [`Store::read`] and [`Store::write`].

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use diesel::r2d2::Pool;
use diesel::result::{DatabaseErrorKind, Error as DieselError};
use prometheus::core::Collector;
use prometheus::{Histogram, PullingGauge};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

use super::connecting::{Lane, LogErrors, Manager, blocking};
use super::known::Memory;
use super::readers::{CONNECTION_WAIT, Readers};
use super::sqlite::{self, Job, Left};
use super::turns::Turn;
use super::{DatabaseUrl, Db, transaction};
use crate::error::{Error, Result};
use crate::limits::{CHANGES_AT_ONCE, QUEUE_MAX};
use crate::metrics;

/// How long a change waits for those before it: as long as for a lock.
const LINE_WAIT: Duration = Duration::from_secs(5);
/// How often a command that lost a race is run again before its caller is told to try later.
const ATTEMPTS: u32 = 100;

/// How the database is used.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Connections for the chair: readers of scans, gates and look-ups by id, and on PostgreSQL for changes, too.
    pub connections: u32,
    /// Connections for reports: readers of lists, chains and the morning list.
    pub report_connections: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Settings { connections: 8, report_connections: 4 }
    }
}

/// The database of a deployment. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    chair: Readers,
    reports: Readers,
    /// Where those wait who want to be alone on PostgreSQL: in the database each of them would keep a connection.
    line: Arc<Semaphore>,
    /// How long requests waited for a connection.
    waits: Histogram,
    writer: Option<mpsc::Sender<Box<dyn Job>>>,
    jitter: Arc<AtomicU64>,
    memory: Memory,
    url: DatabaseUrl,
    /// How many changes a commit of SQLite's writer covers.
    batches: Histogram,
    // Held for as long as the store lives: a second server on the same file is refused.
    _lock: Option<Arc<std::fs::File>>,
}

impl Store {
    /// Opens a database that is up to date (see [`super::migrate`]) for a server.
    ///
    /// # Errors
    /// When it cannot be reached, or when another server has the same SQLite file open.
    pub fn open(url: &DatabaseUrl, settings: &Settings) -> Result<Self> {
        let lock = match url {
            DatabaseUrl::Sqlite(path) => Some(Arc::new(lock_for_server(path)?)),
            DatabaseUrl::Postgres(_) => None,
        };
        Self::open_beside(url, settings).map(|store| Store { _lock: lock, ..store })
    }

    /// Opens a database for a subcommand that may run beside a server.
    ///
    /// # Errors
    /// When it cannot be reached.
    pub fn open_beside(url: &DatabaseUrl, settings: &Settings) -> Result<Self> {
        let waits = metrics::seconds("lotline_database_wait_seconds", "Time that requests waited for a connection.")?;
        let batches = metrics::histogram(
            "lotline_writer_batch_changes",
            "Changes that one commit of SQLite's writer covers.",
            &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0],
        )?;
        let writer = match url {
            DatabaseUrl::Sqlite(path) => {
                let (sender, receiver) = mpsc::channel(QUEUE_MAX);
                sqlite::start_writer(path.clone(), receiver, batches.clone())?;
                Some(sender)
            }
            DatabaseUrl::Postgres(_) => None,
        };
        let readers = |lane, connections| -> Result<Readers> {
            let pool = Pool::builder()
                .max_size(connections)
                .min_idle(Some(1))
                .connection_timeout(CONNECTION_WAIT)
                .error_handler(Box::new(LogErrors))
                .build(Manager { url: url.clone(), lane })
                .map_err(|e| Error::Unavailable(format!("{url:?}: {e}")))?;
            Ok(Readers::new(pool, connections, waits.clone()))
        };
        Ok(Store {
            chair: readers(Lane::Chair, settings.connections.max(1))?,
            reports: readers(Lane::Reports, settings.report_connections.max(1))?,
            writer,
            line: Arc::new(Semaphore::new(CHANGES_AT_ONCE)),
            jitter: Arc::default(),
            memory: Memory::default(),
            url: url.clone(),
            waits,
            batches,
            _lock: lock_none(),
        })
    }

    /// Runs a query of the chair, or a look-up by id, on one snapshot of the database.
    ///
    /// # Errors
    /// What the query answers; [`Error::Unavailable`] when no connection is free in time, `read_time_limit`.
    pub async fn read<T, F>(&self, query: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Db) -> Result<T> + Send + 'static,
    {
        self.read_for(None, Lane::Chair, query).await
    }

    /// The same in a lane, for somebody who has no more of its connections than their share.
    ///
    /// # Errors
    /// The same.
    pub async fn read_for<T, F>(&self, who: Option<&str>, lane: Lane, query: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Db) -> Result<T> + Send + 'static,
    {
        let readers = match lane {
            Lane::Chair => &self.chair,
            Lane::Reports => &self.reports,
        };
        readers.read(who, query).await.map_err(lost_connection)
    }

    /// Runs a command in one transaction and answers when it is durable.
    ///
    /// The command may be run more than once: when it lost a race, its transaction is rolled back and it starts again
    /// from what is true then.
    ///
    /// # Errors
    /// What the command answers (nothing is changed then); [`Error::Unavailable`] when the database cannot be
    /// reached or too many writes are waiting.
    pub async fn write<T, F>(&self, command: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&mut Db) -> Result<T> + Send + 'static,
    {
        let Some(writer) = &self.writer else {
            let (seat, jitter) = (self.chair.seat(None).await?, self.jitter.clone());
            let write = move || write_postgres(&mut *seat.connection()?, &jitter, &command);
            return blocking(move || write().map_err(lost_connection)).await;
        };
        let (sender, receiver) = oneshot::channel();
        let job = Write { command, result: None, sender };
        writer.try_send(Box::new(job)).map_err(|full| match full {
            mpsc::error::TrySendError::Full(_) => overloaded(),
            mpsc::error::TrySendError::Closed(_) => Error::Unavailable("the writer has stopped".to_owned()),
        })?;
        receiver.await.unwrap_or_else(|_| Err(Error::internal("a write was dropped")))
    }

    /// Stands in line for a command, in the order in which they come; it is its turn in this process for as long as the
    /// answer lives. Those who are beside each other have no line, and on SQLite it is the writer's.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when it takes too long.
    pub async fn stand_in_line(&self, turn: Turn) -> Result<Option<OwnedSemaphorePermit>> {
        if turn == Turn::Beside || self.writer.is_some() {
            return Ok(None);
        }
        let too_long = || Error::Unavailable("changes of others are under way".to_owned());
        let waited = tokio::time::timeout(LINE_WAIT, self.line.clone().acquire_owned()).await;
        waited.map_err(|_| too_long())?.map(Some).map_err(|_| too_long())
    }

    /// Where the database is.
    pub fn url(&self) -> &DatabaseUrl {
        &self.url
    }

    /// What this process has read of it and what seldom changes.
    pub fn memory(&self) -> &Memory {
        &self.memory
    }

    /// Whether the database has every migration that this program has.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn is_up_to_date(&self) -> Result<bool> {
        self.read(super::migrate::is_up_to_date).await
    }

    /// The numbers that this database keeps about itself.
    ///
    /// # Errors
    /// When a name is none, which is a defect.
    pub fn numbers(&self) -> Result<Vec<Box<dyn Collector>>> {
        let gauge = |name: &str, help: &str, value: Box<dyn Fn() -> f64 + Send + Sync>| {
            let gauge = PullingGauge::new(name, help, value).map_err(|e| Error::internal(e.to_string()))?;
            Ok::<Box<dyn Collector>, Error>(Box::new(gauge))
        };
        let (open, idle) = (self.chair.pool.clone(), self.chair.pool.clone());
        let (open_reports, idle_reports) = (self.reports.pool.clone(), self.reports.pool.clone());
        // The writer ends when nobody can send to it any more: a gauge must not keep it.
        let queue = self.writer.as_ref().map(mpsc::Sender::downgrade);
        let waiting = move || {
            let sender = queue.as_ref().and_then(mpsc::WeakSender::upgrade);
            metrics::count(sender.map_or(0, |sender| QUEUE_MAX.saturating_sub(sender.capacity())))
        };
        Ok(vec![
            gauge(
                "lotline_database_connections",
                "Connections for the chair.",
                Box::new(move || f64::from(open.state().connections)),
            )?,
            gauge(
                "lotline_database_connections_idle",
                "Connections for the chair that nobody uses.",
                Box::new(move || f64::from(idle.state().idle_connections)),
            )?,
            gauge(
                "lotline_database_report_connections",
                "Connections for reports.",
                Box::new(move || f64::from(open_reports.state().connections)),
            )?,
            gauge(
                "lotline_database_report_connections_idle",
                "Connections for reports that nobody uses.",
                Box::new(move || f64::from(idle_reports.state().idle_connections)),
            )?,
            gauge("lotline_writer_queue_changes", "Changes that wait for SQLite's writer.", Box::new(waiting))?,
            Box::new(self.waits.clone()),
            Box::new(self.batches.clone()),
        ])
    }
}

fn lock_none() -> Option<Arc<std::fs::File>> {
    None
}

fn overloaded() -> Error {
    use crate::problem::ProblemCode;
    Error::problem(ProblemCode::Overloaded, format!("{QUEUE_MAX} changes are waiting already; try again in a second."))
}

fn lock_for_server(path: &Path) -> Result<std::fs::File> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let name = PathBuf::from(name);
    let file = std::fs::File::create(&name).map_err(|e| Error::Unavailable(format!("{}: {e}", name.display())))?;
    file.try_lock().map_err(|_| {
        Error::Unavailable(format!("another server has {} open; one server per SQLite file", path.display()))
    })?;
    Ok(file)
}

fn write_postgres<T>(db: &mut Db, jitter: &AtomicU64, command: &(impl Fn(&mut Db) -> Result<T> + Send)) -> Result<T> {
    for attempt in 0..ATTEMPTS {
        transaction::begin_write(db)?;
        let ran = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| command(db)));
        let result = match ran {
            Ok(Ok(value)) => transaction::commit(db).map(|()| value).map_err(Error::Database),
            Ok(Err(error)) => {
                transaction::rollback(db)?;
                Err(error)
            }
            Err(_) => {
                transaction::rollback(db)?;
                Err(Error::internal("a command panicked"))
            }
        };
        match result {
            Err(error) if is_race(&error) => std::thread::sleep(pause(attempt, jitter)),
            settled => return settled,
        }
    }
    Err(Error::Race)
}

/// Whether running the command again can help: a lost conditional update, 40001 or 40P01.
fn is_race(error: &Error) -> bool {
    match error {
        Error::Race => true,
        Error::Database(DieselError::DatabaseError(kind, info)) => {
            matches!(kind, DatabaseErrorKind::SerializationFailure) || info.message().contains("deadlock detected")
        }
        _ => false,
    }
}

/// A short pause that grows and differs between callers, so that those who collided do not collide again.
fn pause(attempt: u32, jitter: &AtomicU64) -> Duration {
    // A Weyl sequence spreads well enough here and needs no random source.
    let spread = jitter.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed) >> 32;
    let ceiling_micros = 500_u64 << attempt.min(6);
    Duration::from_micros(spread % ceiling_micros)
}

/// A broken connection is the database's absence, not a defect.
fn lost_connection(error: Error) -> Error {
    match error {
        Error::Database(DieselError::DatabaseError(DatabaseErrorKind::ClosedConnection, info)) => {
            Error::Unavailable(info.message().to_owned())
        }
        Error::Database(DieselError::DatabaseError(_, info))
            if ["terminat", "timeout", "shutting down", "starting up", "connection"]
                .iter()
                .any(|word| info.message().contains(word)) =>
        {
            Error::Unavailable(info.message().to_owned())
        }
        Error::Database(DieselError::BrokenTransactionManager) => Error::Unavailable("connection lost".to_owned()),
        other => other,
    }
}

/// A command in the queue of SQLite's writer.
struct Write<T, F> {
    command: F,
    result: Option<Result<T>>,
    sender: oneshot::Sender<Result<T>>,
}

impl<T, F> Job for Write<T, F>
where
    T: Send,
    F: Fn(&mut Db) -> Result<T> + Send,
{
    fn is_abandoned(&self) -> bool {
        self.sender.is_closed()
    }

    fn run(&mut self, db: &mut Db) -> Left {
        let result = (self.command)(db);
        let left = match &result {
            Ok(_) => Left::Work,
            Err(Error::Database(_) | Error::Unavailable(_) | Error::Internal(_)) => Left::Wreck,
            Err(_) => Left::Refusal,
        };
        self.result = Some(result);
        left
    }

    fn answer(self: Box<Self>, lost: Option<&Error>) {
        let result = match (lost, self.result) {
            // A refusal by the command itself stands, whether or not its neighbours were committed.
            (_, Some(Err(error))) => Err(error),
            (Some(Error::Unavailable(why)), _) => Err(Error::Unavailable(why.clone())),
            (Some(other), _) => Err(Error::internal(format!("{other:?}"))),
            (None, Some(Ok(value))) => Ok(value),
            (None, None) => Err(Error::internal("a write was not run")),
        };
        let _ = self.sender.send(result); // nobody waits any more: the change stands all the same
    }

    fn panicked(self: Box<Self>) {
        let _ = self.sender.send(Err(Error::internal("a command panicked")));
    }
}
