//! Opening connections, alone and for a pool.

use std::ops::{Deref, DerefMut};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::r2d2::{self, ManageConnection, Pool, PooledConnection};

use super::sqlite::{self, Mode};
use super::{DatabaseUrl, Db, postgres};
use crate::error::{Error, Result};
use crate::limits::READ_SECONDS;

/// For what a read is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// Scans, gates, and look-ups by id.
    Chair,
    /// Lists, chains, and what else looks through much.
    Reports,
}

/// A connection of a pool.
pub(super) fn connection(pool: &Pool<Manager>) -> Result<PooledConnection<Manager>> {
    pool.get().map_err(|e| Error::Unavailable(e.to_string()))
}

pub(super) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(panic) => Err(Error::internal(format!("a database task failed: {panic}"))),
    }
}

/// Opens pooled connections: readers of a SQLite file, or PostgreSQL.
pub(super) struct Manager {
    pub url: DatabaseUrl,
    pub lane: Lane,
}

/// How long a connection is taken for one that works since it did: to ask each time costs as much as a statement.
const SURE: Duration = Duration::from_secs(1);

/// A connection of a pool, and when it was used last.
pub(super) struct Line {
    db: Db,
    used: Instant,
}

impl Deref for Line {
    type Target = Db;

    fn deref(&self) -> &Db {
        &self.db
    }
}

impl DerefMut for Line {
    fn deref_mut(&mut self) -> &mut Db {
        &mut self.db
    }
}

impl ManageConnection for Manager {
    type Connection = Line;
    type Error = r2d2::Error;

    fn connect(&self) -> std::result::Result<Line, r2d2::Error> {
        let opened = connect_for(&self.url, self.lane).map(|db| Line { db, used: Instant::now() });
        opened.map_err(|e| {
            r2d2::Error::ConnectionError(diesel::ConnectionError::BadConnection(match e {
                Error::Unavailable(why) => why,
                other => format!("{other:?}"),
            }))
        })
    }

    fn is_valid(&self, line: &mut Line) -> std::result::Result<(), r2d2::Error> {
        match &mut line.db {
            Db::Sqlite(_) => Ok(()),
            Db::Postgres(_) if line.used.elapsed() < SURE => Ok(()),
            Db::Postgres(conn) => conn.batch_execute("SELECT 1").map_err(r2d2::Error::QueryError),
        }
    }

    fn has_broken(&self, line: &mut Line) -> bool {
        line.used = Instant::now();
        std::thread::panicking() || r2d2::R2D2Connection::is_broken(&mut line.db)
    }
}

/// Opens one connection.
///
/// # Errors
/// [`Error::Unavailable`] when the database cannot be reached.
pub(super) fn connect(url: &DatabaseUrl, mode: Mode) -> Result<Db> {
    match url {
        DatabaseUrl::Sqlite(path) => sqlite::open(path, mode),
        DatabaseUrl::Postgres(address) => postgres::open(url, address),
    }
}

/// Opens one connection for requests.
///
/// # Errors
/// As for [`connect`].
pub(super) fn connect_for(url: &DatabaseUrl, lane: Lane) -> Result<Db> {
    let mut db = connect(url, Mode::Read)?;
    if let Db::Postgres(conn) = &mut db {
        conn.batch_execute(postgres::BY_INDEX)?;
        if lane == Lane::Reports {
            conn.batch_execute(&format!("{}; SET statement_timeout = '{READ_SECONDS}s'", postgres::FOR_REPORTS))?;
        }
    }
    Ok(db)
}

/// The pool's own trouble goes to our log.
#[derive(Debug)]
pub(super) struct LogErrors;

impl diesel::r2d2::HandleError<r2d2::Error> for LogErrors {
    fn handle_error(&self, error: r2d2::Error) {
        tracing::warn!(error = %error, "database connection");
    }
}
