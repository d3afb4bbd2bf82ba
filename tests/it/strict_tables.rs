//! SQLite's tables are STRICT, and those of older programs become so: all rows or none, with everything that guards them.

use std::fs;
use std::path::Path;

use lotline::upgrade;
use lotline::verify;

use super::support::process::lotline;
use super::support::{Database, Kind};

/// The migration that makes them so.
const REBUILD: &str = "2026-11-27-000020_strict";
const VERSION: &str = "20261127000020";

/// A database of an older program: one history, as that program wrote it.
fn old() -> Database {
    let old = Database::embedded();
    old.execute(include_str!("before_passes/sqlite.sql")).unwrap();
    old
}

/// Adds so many kept answers that making their table anew takes more than memory should hold.
fn stuff(database: &Database, answers: u32) {
    let sql = format!(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {answers}) \
         INSERT INTO idempotency_keys (organisation_id, subject, idempotency_key, request_hash, status, body, created_at) \
         SELECT (SELECT id FROM organisations LIMIT 1), 'stuff', 'key-' || i, zeroblob(32), 201, \
         CAST('{{\"more\": \"' || hex(zeroblob(1000)) || '\"}}' AS BLOB), '2026-07-01 10:00:00' FROM n"
    );
    database.execute(&sql).unwrap();
}

fn migrations() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/sqlite");
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.collect();
    names.sort();
    names
}

fn up(migration: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/sqlite");
    fs::read_to_string(folder.join(migration).join("up.sql")).unwrap()
}

/// Every object but tables of SQLite's own, without what the rebuild is there to change.
fn objects(database: &Database) -> Vec<String> {
    let lines = database.lines(
        "SELECT type || ' ' || tbl_name || ' ' || sql AS line FROM sqlite_master \
         WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' AND tbl_name NOT LIKE '%schema_migrations' ORDER BY type, name",
    );
    let word = |word: &str| match word {
        "TIMESTAMP" | "DATE" => "TEXT".to_owned(),
        "BIGINT" | "BOOLEAN" => "INTEGER".to_owned(),
        "STRICT" | "WITHOUT" | "ROWID" => String::new(),
        other => other.to_owned(),
    };
    let plain = |line: &String| {
        let mut words = Vec::new();
        let (mut rest, is_word) = (line.as_str(), |c: char| c.is_ascii_alphanumeric() || c == '_');
        while let Some(start) = rest.find(is_word) {
            let end = rest[start..].find(|c| !is_word(c)).map_or(rest.len(), |length| start + length);
            words.push(rest[..start].replace([' ', '\n', '"'], ""));
            words.push(word(&rest[start..end]));
            rest = &rest[end..];
        }
        words.push(rest.replace([' ', '\n', '"'], ""));
        words.concat().trim_end_matches([',', ';']).to_owned()
    };
    lines.iter().map(plain).collect()
}

#[test]
fn nothing_but_types_is_other_afterwards() {
    let database = Database::embedded();
    for migration in migrations().iter().filter(|name| name.as_str() != REBUILD) {
        database.execute(&format!("BEGIN; {}; COMMIT", up(migration))).unwrap_or_else(|e| panic!("{migration}: {e}"));
    }
    // All migrations but the rebuild, and all of them.
    let (without, with) = (objects(&database), objects(&Database::create(Kind::Sqlite).unwrap()));
    let lost: Vec<_> = without.iter().filter(|line| !with.contains(line)).collect();
    let more: Vec<_> = with.iter().filter(|line| !without.contains(line)).collect();
    assert!(lost.is_empty() && more.is_empty() && without.len() > 100, "lost {lost:#?}, more {more:#?}");
}

#[test]
fn every_table_is_strict() {
    let database = Database::create(Kind::Sqlite).unwrap();
    // diesel makes its own list.
    let loose = "SELECT name AS line FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND strict = 0 \
                 AND name NOT LIKE 'sqlite_%' AND name <> '__diesel_schema_migrations'";
    assert_eq!(database.lines(loose), Vec::<String>::new());
    let refused =
        database.execute("INSERT INTO organisations (id, name, registered_at) VALUES ('org_x', x'78', 'now')");
    assert!(refused.unwrap_err().to_string().contains("cannot store BLOB value in TEXT column"));
}

#[test]
fn what_is_of_another_type_stops_it_and_stays() {
    for (table, column, value, said) in [
        ("holds", "reason", "CAST(reason AS BLOB)", "reason is of type blob, not text"),
        ("administrations", "occurred_at", "CAST(occurred_at AS BLOB)", "occurred_at is of type blob, not text"),
        ("lots", "expiry", "20280630", "expiry is of type integer, not text"),
        ("accounts", "units", "CAST('many' AS BLOB)", "units is of type blob, not integer"),
        ("events", "bytes", "CAST(bytes AS TEXT)", "bytes is of type text, not blob"),
    ] {
        let database = old();
        let row = database.lines(&format!("SELECT MAX(id) AS line FROM {table}")).remove(0);
        database.tamper(&format!("UPDATE {table} SET {column} = {value} WHERE id = '{row}'"));
        let before =
            database.lines(&format!("SELECT hex({column}) || typeof({column}) AS line FROM {table} ORDER BY id"));
        let error = format!("{:?}", upgrade::run(&database.url, &database.patients()).unwrap_err());
        assert!(error.contains(&format!("{table} {row}: {said}")), "{table}: {error}");
        let after =
            database.lines(&format!("SELECT hex({column}) || typeof({column}) AS line FROM {table} ORDER BY id"));
        assert_eq!(after, before);
        let done = format!("SELECT version AS line FROM __diesel_schema_migrations WHERE version = '{VERSION}'");
        assert_eq!(database.lines(&done), Vec::<String>::new());
    }
}

#[test]
fn what_refers_to_nothing_stops_it() {
    let database = old();
    database.tamper("UPDATE holds SET organisation_id = 'org_x'");
    let error = format!("{:?}", upgrade::run(&database.url, &database.patients()).unwrap_err());
    assert!(error.contains("holds has a row that refers to one of organisations that is not there"), "{error}");
}

#[test]
fn killed_in_the_middle_it_has_done_nothing_and_is_done_again() {
    let database = old();
    stuff(&database, 20_000);
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    let (answers, events) = (database.count("idempotency_keys"), database.count("events"));
    database.disconnect();
    let log = database.dir().join("lotline.db-wal");
    let written = || fs::metadata(&log).map_or(0, |log| log.len());
    let mut migrating = lotline("migrate", &database).spawn().unwrap();
    // Nothing but making the tables anew writes as much.
    while written() < 16 << 20 {
        assert!(migrating.try_wait().unwrap().is_none(), "done before it could be killed");
        std::thread::yield_now();
    }
    migrating.kill().unwrap();
    migrating.wait().unwrap();
    let versions = database.lines("SELECT version AS line FROM __diesel_schema_migrations");
    assert!(!versions.contains(&VERSION.to_owned()), "{versions:?}");
    assert_eq!(
        database.lines("SELECT name AS line FROM sqlite_master WHERE name LIKE 'strict_%'"),
        Vec::<String>::new()
    );
    assert_eq!((database.count("idempotency_keys"), database.count("events")), (answers, events));

    upgrade::run(&database.url, &database.patients()).unwrap();
    assert_eq!(database.count("idempotency_keys"), answers);
    assert_eq!(verify::verify(&database.url).unwrap().findings, Vec::<String>::new());
}
