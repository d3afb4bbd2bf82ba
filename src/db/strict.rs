//! Making SQLite's tables STRICT: a column keeps what it says, or refuses it.
//!
//! This is what migration [`VERSION`] does instead of its SQL, as SQLite changes no table into a STRICT one. Each is made
//! anew, from what the schema says of it, with its rows, indexes and triggers. Times and days are texts, truths are
//! integers, as they were written all along. Tables with short rows and a key of texts lie in the order of that key
//! (WITHOUT ROWID): one tree instead of two.
//!
//! It is part of one transaction, so that it is done whole or not at all, and takes no more memory than SQLite's cache.
//! Foreign keys are not enforced meanwhile (see [`super::migrate`]) and checked at the end.

use std::collections::BTreeMap;

use diesel::connection::{BoxableConnection, SimpleConnection};
use diesel::migration::{Migration, MigrationMetadata, MigrationName, MigrationSource};
use diesel::sql_types::{Bool, Integer, Text};
use diesel::sqlite::{Sqlite, SqliteConnection};
use diesel::{QueryResult, QueryableByName, RunQueryDsl, sql_query};
use diesel_migrations::EmbeddedMigrations;

/// The migration that this is.
const VERSION: &str = "20261127000020";

/// Tables with short rows that are looked up by their key.
const BY_KEY: [&str; 11] = [
    "accounts",
    "decision_licences",
    "event_subjects",
    "hold_accounts",
    "lots",
    "pack_balances",
    "packs",
    "postings",
    "product_approvals",
    "product_identifiers",
    "release_allocations",
];

/// Stops everything, and says at what.
const STOP: &str = "CREATE TEMPORARY TABLE cannot_be_kept (what TEXT NOT NULL); \
    CREATE TEMPORARY TRIGGER cannot_be_kept_stops BEFORE INSERT ON cannot_be_kept \
    BEGIN SELECT RAISE(ABORT, NEW.what); END;";

/// Nothing was lost on the way.
const CHECK: &str = "INSERT INTO cannot_be_kept \
    SELECT \"table\" || ' has a row that refers to one of ' || parent || ' that is not there' \
    FROM pragma_foreign_key_check LIMIT 1; DROP TABLE cannot_be_kept;";

/// SQLite's migrations, with this one done here.
pub(super) struct Migrations(pub EmbeddedMigrations);

impl MigrationSource<Sqlite> for Migrations {
    fn migrations(&self) -> diesel::migration::Result<Vec<Box<dyn Migration<Sqlite>>>> {
        let all = MigrationSource::<Sqlite>::migrations(&self.0)?.into_iter();
        let here = |migration: Box<dyn Migration<Sqlite>>| -> Box<dyn Migration<Sqlite>> {
            if migration.name().version().to_string() == VERSION { Box::new(Strict(migration)) } else { migration }
        };
        Ok(all.map(here).collect())
    }
}

struct Strict(Box<dyn Migration<Sqlite>>);

impl Migration<Sqlite> for Strict {
    fn run(&self, conn: &mut dyn BoxableConnection<Sqlite>) -> diesel::migration::Result<()> {
        let conn = conn.downcast_mut::<SqliteConnection>().ok_or("it is for a connection to SQLite")?;
        Ok(rebuild(conn)?)
    }

    fn revert(&self, conn: &mut dyn BoxableConnection<Sqlite>) -> diesel::migration::Result<()> {
        self.0.revert(conn)
    }

    fn metadata(&self) -> &dyn MigrationMetadata {
        self.0.metadata()
    }

    fn name(&self) -> &dyn MigrationName {
        self.0.name()
    }
}

/// A table, an index or a trigger, as it was made.
#[derive(QueryableByName)]
struct Object {
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    of_table: String,
    #[diesel(sql_type = Text)]
    made_by: String,
}

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Bool)]
    never_null: bool,
    #[diesel(sql_type = Integer)]
    key: i32,
}

fn rebuild(conn: &mut SqliteConnection) -> QueryResult<()> {
    let objects: Vec<Object> = sql_query(
        "SELECT type AS kind, name, tbl_name AS of_table, sql AS made_by FROM sqlite_master \
         WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' AND tbl_name <> '__diesel_schema_migrations' ORDER BY rowid",
    )
    .load(conn)?;
    let mut tables = BTreeMap::new();
    for table in objects.iter().filter(|object| object.kind == "table" && !is_strict(&object.made_by)) {
        let columns: Vec<Column> = sql_query(
            "SELECT name, type AS kind, \"notnull\" OR pk > 0 AS never_null, pk AS key FROM pragma_table_info($1)",
        )
        .bind::<Text, _>(&table.name)
        .load(conn)?;
        tables.insert(table.name.as_str(), (table, columns));
    }
    conn.batch_execute(STOP)?;
    // All are looked at before the first is touched.
    for (table, columns) in tables.values() {
        conn.batch_execute(&look_at(&table.name, columns))?;
    }
    for (table, columns) in tables.values() {
        conn.batch_execute(&make_anew(table, columns))?;
    }
    // SQLite reads the whole schema again for each new name: there is least of it now.
    for name in tables.keys() {
        conn.batch_execute(&format!("ALTER TABLE strict_{name} RENAME TO {name}"))?;
    }
    for object in objects.iter().filter(|object| object.kind != "table" && tables.contains_key(&*object.of_table)) {
        conn.batch_execute(&object.made_by)?;
    }
    conn.batch_execute(CHECK)
}

/// What stands after the last bracket is said of the whole table.
fn is_strict(made_by: &str) -> bool {
    made_by.rsplit_once(')').is_some_and(|(_, options)| options.contains("STRICT"))
}

/// The type that a STRICT table has for a type of before.
fn strict_type(kind: &str) -> &str {
    match kind {
        "TIMESTAMP" | "DATE" => "TEXT",
        "BIGINT" | "BOOLEAN" => "INTEGER",
        other => other,
    }
}

/// The columns that tell rows apart, in the order of the key.
fn key(columns: &[Column]) -> Vec<&str> {
    let mut key: Vec<_> = columns.iter().filter(|column| column.key > 0).collect();
    key.sort_by_key(|column| column.key);
    key.into_iter().map(|column| column.name.as_str()).collect()
}

/// Stops at a value that is of another type than its column: somebody changed it, and it stays as it is until a person
/// has looked at it.
fn look_at(table: &str, columns: &[Column]) -> String {
    let is_named = columns.iter().any(|column| column.name == "id");
    let key = if is_named { vec!["id"] } else { key(columns) };
    let row = key.iter().map(|column| format!("COALESCE({column}, '')")).collect::<Vec<_>>().join(" || '/' || ");
    let wrong = columns.iter().map(|Column { name, kind, never_null, .. }| {
        let wanted = strict_type(kind).to_lowercase();
        let allowed = if *never_null { format!("'{wanted}'") } else { format!("'{wanted}', 'null'") };
        format!(
            "WHEN typeof({name}) NOT IN ({allowed}) THEN '{name} is of type ' || typeof({name}) || ', not {wanted}'"
        )
    });
    let wrong = wrong.collect::<Vec<_>>().join(" ");
    format!(
        "INSERT INTO cannot_be_kept SELECT '{table} ' || {row} || ': ' || CASE {wrong} END AS what \
         FROM {table} WHERE what IS NOT NULL LIMIT 1"
    )
}

/// The table under another name, with its rows in the order of the key; the old one goes at once, so that the next finds
/// room.
fn make_anew(table: &Object, columns: &[Column]) -> String {
    let Object { name, made_by, .. } = table;
    let body = made_by.split_once('(').map(|(_, body)| retyped(body)).unwrap_or_default();
    let options = if BY_KEY.contains(&name.as_str()) { "STRICT, WITHOUT ROWID" } else { "STRICT" };
    let names = columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>().join(", ");
    let order = key(columns).join(", ");
    // Numbers that were given once are not given again, also when their rows are gone.
    let numbering = if made_by.contains("AUTOINCREMENT") {
        format!(
            "DELETE FROM sqlite_sequence WHERE name = 'strict_{name}'; INSERT INTO sqlite_sequence (name, seq) \
             SELECT 'strict_{name}', seq FROM sqlite_sequence WHERE name = '{name}';"
        )
    } else {
        String::new()
    };
    format!(
        "CREATE TABLE strict_{name} ({body} {options}; \
         INSERT INTO strict_{name} ({names}) SELECT {names} FROM {name} ORDER BY {order}; {numbering} DROP TABLE {name}"
    )
}

/// The same text with the types of STRICT tables: no name and no text of ours is written like a type.
fn retyped(text: &str) -> String {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut made = String::with_capacity(text.len());
    let mut word = String::new();
    for c in text.chars() {
        if is_word(c) {
            word.push(c);
            continue;
        }
        made.push_str(strict_type(&word));
        word.clear();
        made.push(c);
    }
    made + strict_type(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_changed_and_nothing_else() {
        let text = "\n    day DATE NOT NULL DEFAULT '1970-01-01', at TIMESTAMP,\n    valid_to_DATE TEXT, n BIGINT CHECK (n > 0), b BOOLEAN)";
        let made = "\n    day TEXT NOT NULL DEFAULT '1970-01-01', at TEXT,\n    valid_to_DATE TEXT, n INTEGER CHECK (n > 0), b INTEGER)";
        assert_eq!(retyped(text), made);
    }

    #[test]
    fn strict_tables_are_known_by_their_end() {
        assert!(
            is_strict("CREATE TABLE a (b TEXT) STRICT") && is_strict("CREATE TABLE a (b TEXT) WITHOUT ROWID, STRICT")
        );
        assert!(!is_strict("CREATE TABLE a (b TEXT CHECK (b <> 'STRICT'))"));
    }
}
