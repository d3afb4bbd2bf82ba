//! Bringing a database up to date, and refusing one that this program does not know.

use diesel::connection::SimpleConnection;
use diesel::migration::{Migration, MigrationSource};
use diesel::pg::Pg;
use diesel::sqlite::Sqlite;
use diesel::{RunQueryDsl, sql_query};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::sqlite::{self, Mode};
use super::store::connect;
use super::{DatabaseUrl, Db, on_either};
use crate::error::{Error, Result};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");
/// Any number that no other program on the same PostgreSQL uses for its advisory locks.
const LOCK: &str = "5004937516480921";

/// Brings a database up to date; a SQLite file is made when it is not there. `settle` is what the program does then, before
/// anybody else may migrate.
///
/// # Errors
/// When the database cannot be reached, has migrations that this program does not know (it was used by a newer one),
/// or a migration fails.
pub fn migrate<T>(url: &DatabaseUrl, settle: impl FnOnce(&mut Db) -> Result<T>) -> Result<T> {
    if let DatabaseUrl::Sqlite(path) = url
        && let Some(folder) = path.parent().filter(|f| !f.as_os_str().is_empty())
    {
        crate::files::make_folder(folder)?;
    }
    let mut db = connect(url, Mode::Write)?;
    match &mut db {
        Db::Sqlite(_) => run(&mut db).and_then(|()| settle(&mut db)),
        Db::Postgres(conn) => {
            // Two servers that start at the same moment must not both migrate.
            conn.batch_execute(&format!("SET lock_timeout = 0; SELECT pg_advisory_lock({LOCK})"))?;
            let result = run(&mut db).and_then(|()| settle(&mut db));
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
    let applied = recorded(db)?;
    Ok(known(db)?.iter().all(|version| applied.contains(version)))
}

/// The versions that the database has; for one that may not be written to.
fn recorded(db: &mut Db) -> Result<Vec<String>> {
    #[derive(diesel::QueryableByName)]
    struct Applied {
        #[diesel(sql_type = diesel::sql_types::Text)]
        version: String,
    }
    // diesel's own way to ask would make the table first, which a reader may not.
    let applied: Vec<Applied> =
        sql_query("SELECT version FROM __diesel_schema_migrations ORDER BY version").load(db)?;
    Ok(applied.into_iter().map(|row| row.version).collect())
}

/// Refuses a database that is not exactly as this program's migrations leave it.
///
/// # Errors
/// [`Error::Unavailable`] that says which way it differs.
pub fn verify_current(db: &mut Db) -> Result<()> {
    let (applied, known) = (recorded(db)?, known(db)?);
    if let Some(version) = known.iter().find(|version| !applied.contains(version)) {
        return Err(Error::Unavailable(format!("the database lacks migration {version}: run `lotline migrate`")));
    }
    applied.iter().find(|version| !known.contains(version)).map_or(Ok(()), |unknown| Err(newer(unknown)))
}

fn run(db: &mut Db) -> Result<()> {
    let (applied, known) = versions(db)?;
    if let Some(unknown) = applied.iter().find(|version| !known.contains(version)) {
        return Err(newer(unknown));
    }
    let done = match db {
        Db::Sqlite(conn) => conn.run_pending_migrations(SQLITE).map(|_| ()),
        Db::Postgres(conn) => conn.run_pending_migrations(POSTGRES).map(|_| ()),
    };
    done.map_err(|e| Error::Unavailable(format!("migration failed: {e}")))
}

fn newer(unknown: &str) -> Error {
    Error::Unavailable(format!(
        "the database has migration {unknown}, which this program does not know: it was used by a newer version"
    ))
}

/// The versions that the database has and those that this program knows, both in order.
fn versions(db: &mut Db) -> Result<(Vec<String>, Vec<String>)> {
    let mut applied: Vec<String> =
        on_either!(db, conn => conn.applied_migrations()).map_err(failed)?.iter().map(ToString::to_string).collect();
    applied.sort();
    Ok((applied, known(db)?))
}

/// The versions that this program knows for a database, in order.
fn known(db: &Db) -> Result<Vec<String>> {
    let mut known: Vec<String> = match db {
        Db::Sqlite(_) => {
            MigrationSource::<Sqlite>::migrations(&SQLITE).map_err(failed)?.iter().map(|m| version(&**m)).collect()
        }
        Db::Postgres(_) => {
            MigrationSource::<Pg>::migrations(&POSTGRES).map_err(failed)?.iter().map(|m| version(&**m)).collect()
        }
    };
    known.sort();
    Ok(known)
}

fn failed(error: Box<dyn std::error::Error + Send + Sync>) -> Error {
    Error::Unavailable(format!("reading migrations: {error}"))
}

fn version<DB: diesel::backend::Backend>(migration: &dyn Migration<DB>) -> String {
    migration.name().version().to_string()
}
