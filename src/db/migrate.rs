//! Bringing a database up to date, and refusing one that this program does not know.

use std::sync::OnceLock;

use diesel::connection::SimpleConnection;
use diesel::migration::{Migration, MigrationSource};
use diesel::pg::Pg;
use diesel::sqlite::Sqlite;
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::connecting::connect;
use super::sqlite::{self, Mode};
use super::{DatabaseUrl, Db, statistics, strict};
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
/// lacks some and is not ours to change (PostgreSQL: only the owner of the tables migrates), or a migration fails.
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
            conn.batch_execute(&format!(
                "SET statement_timeout = 0; SET lock_timeout = 0; SELECT pg_advisory_lock({LOCK})"
            ))?;
            let result = run(&mut db).and_then(|()| settle(&mut db));
            db.batch_execute(&format!("SELECT pg_advisory_unlock({LOCK})"))?;
            result
        }
    }
}

/// A fresh database in memory with every table, for replaying a journal.
///
/// Migrations rewrite a schema many times over, which takes longer than most replays; what they leave is the same each time.
///
/// # Errors
/// When a migration fails.
pub fn scratch() -> Result<Db> {
    static SCHEMA: OnceLock<String> = OnceLock::new();
    let schema = match SCHEMA.get() {
        Some(schema) => schema,
        None => {
            let schema = left_by_migrations()?;
            SCHEMA.get_or_init(|| schema)
        }
    };
    let mut db = sqlite::scratch()?;
    db.batch_execute(schema)?;
    if let Db::Sqlite(conn) = &mut db {
        statistics::write(conn)?;
    }
    Ok(db)
}

/// The same for replaying what a journal tells of a few things: what they refer to otherwise is not there.
///
/// # Errors
/// When a migration fails.
pub fn scratch_of_parts() -> Result<Db> {
    let mut db = scratch()?;
    db.batch_execute("PRAGMA foreign_keys = OFF")?;
    Ok(db)
}

/// The statements that make what the migrations leave. They fill nothing but the table of migrations, whose rows say only
/// when each was done.
fn left_by_migrations() -> Result<String> {
    #[derive(QueryableByName)]
    struct Made {
        #[diesel(sql_type = diesel::sql_types::Text)]
        sql: String,
    }
    let mut db = sqlite::scratch()?;
    run(&mut db)?;
    // What has no statement, or a name of SQLite's own, SQLite makes with the rest.
    let made: Vec<Made> = sql_query(
        "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
         ORDER BY type <> 'table', rowid",
    )
    .load(&mut db)?;
    Ok(made.into_iter().map(|made| made.sql + ";\n").collect())
}

/// Whether a database has every migration that this program has.
///
/// # Errors
/// When the database does not answer.
pub fn is_up_to_date(db: &mut Db) -> Result<bool> {
    let applied = applied(db)?;
    Ok(known(db)?.iter().all(|version| applied.contains(version)))
}

/// Refuses a database that is not exactly as this program's migrations leave it.
///
/// # Errors
/// [`Error::Unavailable`] that says which way it differs.
pub fn verify_current(db: &mut Db) -> Result<()> {
    let (applied, known) = (applied(db)?, known(db)?);
    if let Some(version) = known.iter().find(|version| !applied.contains(version)) {
        return Err(Error::Unavailable(format!("the database lacks migration {version}: run `lotline migrate`")));
    }
    applied.iter().find(|version| !known.contains(version)).map_or(Ok(()), |unknown| Err(newer(unknown)))
}

/// The newest migration that a database has; empty where it has none.
///
/// # Errors
/// What the database answers.
pub fn newest(db: &mut Db) -> Result<String> {
    Ok(applied(db)?.pop().unwrap_or_default())
}

fn run(db: &mut Db) -> Result<()> {
    let (applied, known) = (applied(db)?, known(db)?);
    if let Some(unknown) = applied.iter().find(|version| !known.contains(version)) {
        return Err(newer(unknown));
    }
    if applied == known {
        return Ok(()); // a role that only reads and writes rows can use it
    }
    if let Db::Postgres(_) = db {
        expect_owner(db, applied.is_empty())?;
    }
    let done = match db {
        Db::Sqlite(conn) => {
            // A table that is made anew is dropped first, and for each of its rows everything that refers to it would be
            // looked for. The migration that makes all of them anew checks every reference before it is done.
            conn.batch_execute("PRAGMA foreign_keys = OFF")?;
            let done = conn.run_pending_migrations(strict::Migrations(SQLITE)).map(|_| ());
            conn.batch_execute("PRAGMA foreign_keys = ON")?;
            done
        }
        Db::Postgres(conn) => conn.run_pending_migrations(POSTGRES).map(|_| ()),
    };
    done.map_err(|e| Error::Unavailable(format!("migration failed: {e}")))?;
    if let Db::Sqlite(conn) = db {
        statistics::write(conn)?;
    }
    Ok(())
}

fn newer(unknown: &str) -> Error {
    Error::Unavailable(format!(
        "the database has migration {unknown}, which this program does not know: it was used by a newer version"
    ))
}

/// The versions that the database has, in order. diesel's own way to ask would make the table first, which not everybody
/// may who may read.
fn applied(db: &mut Db) -> Result<Vec<String>> {
    let there = match db {
        Db::Sqlite(_) => {
            "EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = '__diesel_schema_migrations')"
        }
        Db::Postgres(_) => "to_regclass('__diesel_schema_migrations') IS NOT NULL",
    };
    if lines(db, &format!("SELECT CASE WHEN {there} THEN 'yes' ELSE 'no' END AS line"))? != ["yes"] {
        return Ok(Vec::new());
    }
    lines(db, "SELECT version AS line FROM __diesel_schema_migrations ORDER BY version")
}

fn lines(db: &mut Db, sql: &str) -> Result<Vec<String>> {
    #[derive(diesel::QueryableByName)]
    struct Line {
        #[diesel(sql_type = diesel::sql_types::Text)]
        line: String,
    }
    let lines: Vec<Line> = sql_query(sql).load(db)?;
    Ok(lines.into_iter().map(|row| row.line).collect())
}

/// Only the owner of the tables changes them; and where there are none, they must not be somewhere else.
fn expect_owner(db: &mut Db, empty: bool) -> Result<()> {
    if empty {
        // Older versions put them into whatever schema came first.
        let elsewhere = "SELECT n.nspname AS line FROM pg_namespace n WHERE n.nspname <> current_schema() AND 4 = \
            (SELECT count(*) FROM pg_class c WHERE c.relnamespace = n.oid AND c.relkind = 'r' AND c.relname IN \
            ('__diesel_schema_migrations', 'organisations', 'events', 'event_subjects')) ORDER BY n.nspname";
        if let Some(schema) = lines(db, elsewhere)?.first() {
            return Err(Error::Unavailable(format!(
                "the tables are in the schema {schema}: say so in the database URL, by options=-csearch_path%3D{schema}"
            )));
        }
    }
    let may = "CASE WHEN to_regclass('__diesel_schema_migrations') IS NULL \
        THEN has_schema_privilege(current_schema(), 'CREATE') \
        ELSE (SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = to_regclass('__diesel_schema_migrations')) END";
    if lines(db, &format!("SELECT CASE WHEN {may} THEN 'yes' ELSE 'no' END AS line"))? == ["yes"] {
        return Ok(());
    }
    let why =
        "the database is not up to date, and this role may not change its tables: run `lotline migrate` as their owner";
    Err(Error::Unavailable(why.to_owned()))
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
