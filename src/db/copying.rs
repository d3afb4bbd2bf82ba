//! Copying a whole database: SQLite into a file of its own, and the rows of every table from one kind of database to the other.
//!
//! Rows go from one to the other as JSON, some hundred in one statement, so that neither side is ever held whole. Both ends agree on what a
//! value is: bytes in hexadecimal, truths as 0 and 1, times as SQLite keeps them (no, three or six decimals).

use std::collections::BTreeMap;
use std::path::Path;

use diesel::connection::{DefaultLoadingMode, SimpleConnection};
use diesel::pg::PgRowByRowLoadingMode;
use diesel::sql_types::Text;
use diesel::{QueryResult, QueryableByName, RunQueryDsl, sql_query};

use super::connecting::connect;
use super::sqlite::{self, Mode};
use super::{DatabaseUrl, Db, migrate, rewriting, transaction};
use crate::error::{Error, Result};

/// What one statement carries at the most: so many rows, and no further row after so many bytes.
const ROWS_AT_ONCE: usize = 500;
const BYTES_AT_ONCE: usize = 1024 * 1024;

/// The table of what was migrated: each database has its own.
const MIGRATIONS: &str = "__diesel_schema_migrations";
/// What is noted of a deployment; migrations note something there, too.
const NOTES: &str = "deployment";

/// Writes a SQLite database, as it stands at one moment, into a new file. Those who write go on meanwhile; their log is not put away before
/// this is done (sqlite.org/lang_vacuum.html, "VACUUM INTO").
///
/// # Errors
/// When there is no database, the file is there already, or it cannot be written.
pub fn vacuum_into(database: &Path, file: &Path) -> Result<()> {
    if !database.is_file() {
        return Err(Error::Unavailable(format!("{} is not there", database.display())));
    }
    // A connection that may only read refuses it, though nothing of this database is written.
    let mut db = sqlite::open(database, Mode::Write)?;
    let written = sql_query("VACUUM INTO $1").bind::<Text, _>(file.to_string_lossy()).execute(&mut db);
    written.map(drop).map_err(|e| Error::Unavailable(format!("writing {}: {e}", file.display())))
}

/// Writes what PostgreSQL has, as it stands at one moment, into a new SQLite file with the same tables.
///
/// # Errors
/// When the database is not exactly as this program's migrations leave it, or the file cannot be written.
pub fn copy_into(database: &DatabaseUrl, file: &Path) -> Result<()> {
    let mut from = super::open_for_verification(database)?;
    migrate::verify_current(&mut from)?;
    let to = DatabaseUrl::Sqlite(file.to_owned());
    migrate::migrate(&to, |_| Ok(()))?;
    let mut to = connect(&to, Mode::Write)?;
    // It is whole when it is done, and thrown away when it is not: nothing of it need outlive a power cut before.
    to.batch_execute("PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF")?;
    transaction::begin_read(&mut from)?;
    transaction::begin_write(&mut to)?;
    fill(&mut from, &mut to)?;
    transaction::commit(&mut to)?;
    Ok(transaction::rollback(&mut from)?)
}

/// Puts what a SQLite file has into a PostgreSQL database that has nothing: its tables are made first, then all rows come in one
/// transaction.
///
/// # Errors
/// When the database has rows already, or a server has been at it; when it cannot be written.
pub fn copy_out(file: &Path, database: &DatabaseUrl) -> Result<()> {
    expect_new(database)?;
    let mut from = connect(&DatabaseUrl::Sqlite(file.to_owned()), Mode::Read)?;
    migrate::verify_current(&mut from)?;
    migrate::migrate(database, |to| {
        to.batch_execute("SET idle_in_transaction_session_timeout = 0")?;
        transaction::begin_read(&mut from)?;
        transaction::begin_write(to)?;
        // What fails is rolled back with the connection.
        refer_again_after(to, |to| fill(&mut from, to))?;
        number_on(to)?;
        transaction::commit(to)?;
        transaction::rollback(&mut from)?;
        // What planner statistics there are is of empty tables.
        Ok(to.batch_execute("ANALYZE")?)
    })
}

/// Closes a SQLite file that nobody uses: what is in its log comes into it, and it is one file from then on.
///
/// # Errors
/// When somebody uses it, or it cannot be written.
pub fn put_away(file: &Path) -> Result<()> {
    let mut db = sqlite::open(file, Mode::Write)?;
    Ok(db.batch_execute("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE")?)
}

/// Refuses a PostgreSQL database in which anything is.
///
/// # Errors
/// [`Error::Unavailable`] that says what there is; when the database cannot be reached.
pub fn expect_new(database: &DatabaseUrl) -> Result<()> {
    let mut db = super::open_for_verification(database)?;
    let tables = lines(
        &mut db,
        "SELECT CAST(c.relname AS text) AS line FROM pg_class c WHERE c.relkind IN ('r', 'p') \
         AND c.relnamespace = CAST(CAST(current_schema() AS text) AS regnamespace) ORDER BY c.relname",
    )?;
    for table in tables.iter().filter(|table| *table != MIGRATIONS) {
        // A program that only migrated has noted something; one that served it has noted whose keys it is served with.
        let that = if table == NOTES { "WHERE name = 'patients_keys'" } else { "" };
        let found = lines(&mut db, &format!("SELECT 'found' AS line FROM \"{table}\" {that} LIMIT 1"))?;
        if !found.is_empty() {
            return Err(Error::Unavailable(format!(
                "{database:?} is not empty ({table} has rows): a backup is restored into a new database only"
            )));
        }
    }
    Ok(())
}

/// A column, by the types that each database has for it.
struct Column {
    name: String,
    sqlite: String,
    postgres: String,
}

/// Copies the rows of every table. One side is SQLite, the other PostgreSQL; triggers keep still meanwhile.
fn fill(from: &mut Db, to: &mut Db) -> Result<()> {
    let tables = tables(from, to)?;
    let names: Vec<&str> = tables.keys().map(String::as_str).collect();
    rewriting::unguarded(to, &names, |to| {
        expect_empty(to, &names)?;
        for (table, columns) in &tables {
            copy_table(table, columns, from, to)?;
        }
        Ok(())
    })
}

/// Nothing came into the tables since they were made: whoever changes them now waits.
fn expect_empty(to: &mut Db, tables: &[&str]) -> Result<()> {
    to.batch_execute(&format!("DELETE FROM {NOTES}"))?;
    for table in tables {
        if let Db::Postgres(conn) = to {
            conn.batch_execute(&format!("LOCK TABLE \"{table}\" IN ACCESS EXCLUSIVE MODE"))?;
        }
        if !lines(to, &format!("SELECT 'found' AS line FROM \"{table}\" LIMIT 1"))?.is_empty() {
            return Err(Error::Unavailable(format!("{table} has rows already: somebody else is at this database")));
        }
    }
    Ok(())
}

/// The tables of the record and beside it, with their columns as both sides have them.
fn tables(from: &mut Db, to: &mut Db) -> Result<BTreeMap<String, Vec<Column>>> {
    let (sqlite, postgres) = match (&*from, &*to) {
        (Db::Sqlite(_), Db::Postgres(_)) => (from, to),
        (Db::Postgres(_), Db::Sqlite(_)) => (to, from),
        _ => return Err(Error::internal("rows are copied from one kind of database to the other")),
    };
    let mut described: BTreeMap<String, Vec<Column>> = BTreeMap::new();
    let listed = "SELECT t.name AS table_name, c.name AS column_name, c.type AS kind FROM sqlite_master t \
        JOIN pragma_table_info(t.name) c WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
        ORDER BY t.name, c.cid";
    for (table, name, kind) in described_by(sqlite, listed)? {
        if table != MIGRATIONS {
            described.entry(table).or_default().push(Column { name, sqlite: kind, postgres: String::new() });
        }
    }
    let listed = "SELECT CAST(c.relname AS text) AS table_name, CAST(a.attname AS text) AS column_name, \
        format_type(a.atttypid, NULL) AS kind FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid \
        WHERE c.relkind = 'r' AND c.relnamespace = CAST(CAST(current_schema() AS text) AS regnamespace) \
        AND a.attnum > 0 AND NOT a.attisdropped";
    for (table, name, kind) in described_by(postgres, listed)? {
        let columns = described.get_mut(&table);
        if let Some(column) = columns.and_then(|columns| columns.iter_mut().find(|column| column.name == name)) {
            column.postgres = kind;
        }
    }
    let lacks = described
        .iter()
        .find_map(|(table, columns)| Some((table, columns.iter().find(|column| column.postgres.is_empty())?)));
    match lacks {
        Some((table, Column { name, .. })) => {
            Err(Error::Unavailable(format!("{table} has no column {name} on PostgreSQL: see `lotline verify`")))
        }
        None => Ok(described),
    }
}

fn described_by(db: &mut Db, sql: &str) -> Result<Vec<(String, String, String)>> {
    #[derive(QueryableByName)]
    struct Described {
        #[diesel(sql_type = Text)]
        table_name: String,
        #[diesel(sql_type = Text)]
        column_name: String,
        #[diesel(sql_type = Text)]
        kind: String,
    }
    let rows: Vec<Described> = sql_query(sql).load(db)?;
    Ok(rows.into_iter().map(|row| (row.table_name, row.column_name, row.kind)).collect())
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

fn lines(db: &mut Db, sql: &str) -> Result<Vec<String>> {
    let lines: Vec<Line> = sql_query(sql).load(db)?;
    Ok(lines.into_iter().map(|row| row.line).collect())
}

fn copy_table(table: &str, columns: &[Column], from: &mut Db, to: &mut Db) -> Result<()> {
    let query = sql_query(match from {
        Db::Sqlite(_) => said_by_sqlite(table, columns),
        Db::Postgres(_) => said_by_postgres(table, columns),
    });
    let rows: Box<dyn Iterator<Item = QueryResult<Line>> + '_> = match from {
        Db::Sqlite(conn) => Box::new(query.load_iter::<Line, DefaultLoadingMode>(conn)?),
        Db::Postgres(conn) => Box::new(query.load_iter::<Line, PgRowByRowLoadingMode>(conn)?),
    };
    let insert = match to {
        Db::Sqlite(_) => taken_by_sqlite(table, columns),
        Db::Postgres(_) => taken_by_postgres(table, columns),
    };
    let (mut part, mut count) = (String::new(), 0_usize);
    for row in rows {
        part.push(if count == 0 { '[' } else { ',' });
        part.push_str(&row?.line);
        count += 1;
        if count >= ROWS_AT_ONCE || part.len() >= BYTES_AT_ONCE {
            put(to, &insert, &mut part)?;
            count = 0;
        }
    }
    if count > 0 {
        put(to, &insert, &mut part)?;
    }
    Ok(())
}

fn put(to: &mut Db, insert: &str, part: &mut String) -> Result<()> {
    part.push(']');
    sql_query(insert).bind::<Text, _>(&*part).execute(to)?;
    part.clear();
    Ok(())
}

fn joined(columns: &[Column], write: impl Fn((usize, &Column)) -> String) -> String {
    columns.iter().enumerate().map(write).collect::<Vec<_>>().join(", ")
}

fn names(columns: &[Column]) -> String {
    joined(columns, |(_, column)| format!("\"{}\"", column.name))
}

fn said_by_sqlite(table: &str, columns: &[Column]) -> String {
    let values = joined(columns, |(_, Column { name, sqlite, .. })| match sqlite.as_str() {
        "BLOB" => format!("CASE WHEN \"{name}\" IS NULL THEN NULL ELSE hex(\"{name}\") END"),
        _ => format!("\"{name}\""),
    });
    format!("SELECT json_array({values}) AS line FROM \"{table}\"")
}

fn said_by_postgres(table: &str, columns: &[Column]) -> String {
    let values = joined(columns, |(_, Column { name, postgres, .. })| match postgres.as_str() {
        "bytea" => format!("encode(\"{name}\", 'hex')"),
        "boolean" => format!("CAST(\"{name}\" AS integer)"),
        "smallint" | "integer" | "bigint" => format!("\"{name}\""),
        "timestamp without time zone" => {
            let text = format!("CAST(\"{name}\" AS text)");
            format!(
                "CASE WHEN strpos({text}, '.') = 0 THEN {text} WHEN length({text}) <= 23 THEN rpad({text}, 23, '0') \
                 ELSE rpad({text}, 26, '0') END"
            )
        }
        _ => format!("CAST(\"{name}\" AS text)"),
    });
    format!("SELECT CAST(json_build_array({values}) AS text) AS line FROM \"{table}\"")
}

fn taken_by_sqlite(table: &str, columns: &[Column]) -> String {
    let values = joined(columns, |(at, column)| match column.sqlite.as_str() {
        "BLOB" => format!("unhex(json_extract(value, '$[{at}]'))"),
        _ => format!("json_extract(value, '$[{at}]')"),
    });
    format!("INSERT INTO \"{table}\" ({}) SELECT {values} FROM json_each($1)", names(columns))
}

fn taken_by_postgres(table: &str, columns: &[Column]) -> String {
    let values = joined(columns, |(at, column)| match column.postgres.as_str() {
        "bytea" => format!("decode(line ->> {at}, 'hex')"),
        "boolean" => format!("CAST(CAST(line ->> {at} AS integer) AS boolean)"),
        kind => format!("CAST(line ->> {at} AS {kind})"),
    });
    format!(
        "INSERT INTO \"{table}\" ({}) SELECT {values} FROM jsonb_array_elements(CAST($1 AS jsonb)) AS given (line)",
        names(columns)
    )
}

/// Does something while no table of PostgreSQL refers to another, as tables are filled in any order; afterwards each reference is checked
/// and holds again.
fn refer_again_after<T>(db: &mut Db, work: impl FnOnce(&mut Db) -> Result<T>) -> Result<T> {
    let references = "FROM pg_constraint WHERE contype = 'f' \
        AND connamespace = CAST(CAST(current_schema() AS text) AS regnamespace) ORDER BY conname";
    let of = "CAST(CAST(conrelid AS regclass) AS text)";
    let drop =
        format!("SELECT 'ALTER TABLE ' || {of} || ' DROP CONSTRAINT ' || quote_ident(conname) AS line {references}");
    let again = format!(
        "SELECT 'ALTER TABLE ' || {of} || ' ADD CONSTRAINT ' || quote_ident(conname) || ' ' || pg_get_constraintdef(oid) \
         AS line {references}"
    );
    let (drop, again) = (lines(db, &drop)?, lines(db, &again)?);
    for statement in drop {
        db.batch_execute(&statement)?;
    }
    let done = work(db)?;
    for statement in again {
        db.batch_execute(&statement)?;
    }
    Ok(done)
}

/// Numbers that PostgreSQL gives go on after the last one that came.
fn number_on(db: &mut Db) -> Result<()> {
    let numbered = "SELECT format('SELECT setval(%L, max(%I)) FROM %I HAVING max(%I) IS NOT NULL', \
        pg_get_serial_sequence(quote_ident(c.relname), a.attname), a.attname, c.relname, a.attname) AS line \
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid WHERE c.relkind = 'r' AND a.attnum > 0 \
        AND NOT a.attisdropped AND c.relnamespace = CAST(CAST(current_schema() AS text) AS regnamespace) \
        AND pg_get_serial_sequence(quote_ident(c.relname), a.attname) IS NOT NULL";
    for statement in lines(db, numbered)? {
        db.batch_execute(&statement)?;
    }
    Ok(())
}
