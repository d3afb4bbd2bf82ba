//! Bringing a database up to date, and refusing one that this program does not know.

use diesel::connection::SimpleConnection;
use diesel::migration::{Migration, MigrationSource};
use diesel::pg::Pg;
use diesel::sqlite::Sqlite;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::sqlite::{self, Mode};
use super::store::connect;
use super::{DatabaseUrl, Db};
use crate::error::{Error, Result};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");
/// Any number that no other program on the same PostgreSQL uses for its advisory locks.
const LOCK: &str = "5004937516480921";

/// Brings a database up to date; a SQLite file is made when it is not there.
///
/// # Errors
/// When the database cannot be reached, has migrations that this program does not know (it was used by a newer one),
/// or a migration fails.
pub fn migrate(url: &DatabaseUrl) -> Result<()> {
    if let DatabaseUrl::Sqlite(path) = url
        && let Some(folder) = path.parent().filter(|f| !f.as_os_str().is_empty())
    {
        std::fs::create_dir_all(folder).map_err(|e| Error::Unavailable(format!("{}: {e}", folder.display())))?;
    }
    let mut db = connect(url, Mode::Write)?;
    match &mut db {
        Db::Sqlite(_) => run(&mut db),
        Db::Postgres(conn) => {
            // Two servers that start at the same moment must not both migrate.
            conn.batch_execute(&format!("SET lock_timeout = 0; SELECT pg_advisory_lock({LOCK})"))?;
            let result = run(&mut db);
            db.batch_execute(&format!("SELECT pg_advisory_unlock({LOCK})"))?;
            result
        }
    }
}

/// A fresh database in memory with every table, for replaying a journal.
///
/// # Errors
/// When a migration fails.
pub fn scratch() -> Result<Db> {
    let mut db = sqlite::in_memory()?;
    run(&mut db)?;
    Ok(db)
}

/// Whether a database has every migration that this program has.
///
/// # Errors
/// When the database does not answer.
pub fn is_up_to_date(db: &mut Db) -> Result<bool> {
    let (applied, known) = versions(db)?;
    Ok(known.iter().all(|version| applied.contains(version)))
}

/// Refuses a database that is not exactly as this program's migrations leave it.
///
/// # Errors
/// [`Error::Unavailable`] that says which way it differs.
pub fn verify_current(db: &mut Db) -> Result<()> {
    let (applied, known) = versions(db)?;
    if applied == known {
        Ok(())
    } else {
        Err(Error::Unavailable("the database is not up to date: run `lotline migrate`".to_owned()))
    }
}

fn run(db: &mut Db) -> Result<()> {
    let (applied, known) = versions(db)?;
    if let Some(unknown) = applied.iter().find(|version| !known.contains(version)) {
        return Err(Error::Unavailable(format!(
            "the database has migration {unknown}, which this program does not know: it was used by a newer version"
        )));
    }
    let done = match db {
        Db::Sqlite(conn) => conn.run_pending_migrations(SQLITE).map(|_| ()),
        Db::Postgres(conn) => conn.run_pending_migrations(POSTGRES).map(|_| ()),
    };
    done.map_err(|e| Error::Unavailable(format!("migration failed: {e}")))
}

/// The versions that the database has and those that this program knows, both in order.
fn versions(db: &mut Db) -> Result<(Vec<String>, Vec<String>)> {
    let failed = |e: Box<dyn std::error::Error + Send + Sync>| Error::Unavailable(format!("reading migrations: {e}"));
    let (applied, known): (Vec<String>, Vec<String>) = match db {
        Db::Sqlite(conn) => (
            conn.applied_migrations().map_err(failed)?.iter().map(ToString::to_string).collect(),
            MigrationSource::<Sqlite>::migrations(&SQLITE).map_err(failed)?.iter().map(|m| version(&**m)).collect(),
        ),
        Db::Postgres(conn) => (
            conn.applied_migrations().map_err(failed)?.iter().map(ToString::to_string).collect(),
            MigrationSource::<Pg>::migrations(&POSTGRES).map_err(failed)?.iter().map(|m| version(&**m)).collect(),
        ),
    };
    let sorted = |mut versions: Vec<String>| {
        versions.sort();
        versions
    };
    Ok((sorted(applied), sorted(known)))
}

fn version<DB: diesel::backend::Backend>(migration: &dyn Migration<DB>) -> String {
    migration.name().version().to_string()
}
