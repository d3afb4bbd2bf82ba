//! What the database itself enforces: tables, columns, checks, keys, indexes and triggers, as the migrations make them.

pub mod postgres;

use std::collections::BTreeMap;

use diesel::deserialize::QueryableByName;
use diesel::sql_types::{Nullable, Text};
use diesel::{RunQueryDsl, sql_query};

use super::Report;
use crate::db::Db;
use crate::error::Result;

/// Compares the schema with that of a freshly migrated database.
pub(super) fn compare(db: &mut Db, replayed: &mut Db, report: &mut Report) -> Result<()> {
    match db {
        Db::Sqlite(_) => {
            let (found, expected) = (master(db)?, master(replayed)?);
            differences(&found, &expected, report);
            integrity(db, report)
        }
        Db::Postgres(_) => {
            differences(&postgres::objects(&postgres::catalogue(db)?), &postgres::made(), report);
            Ok(())
        }
    }
}

/// Every object of a SQLite file by its kind and name, with the SQL that made it.
fn master(db: &mut Db) -> Result<BTreeMap<String, String>> {
    #[derive(QueryableByName)]
    struct Object {
        #[diesel(sql_type = Text)]
        name: String,
        #[diesel(sql_type = Text)]
        made_by: String,
    }
    // Statistics are what ANALYZE leaves: nothing is decided by them.
    let query = "SELECT CAST(type || ' ' || name AS TEXT) AS name, CAST(COALESCE(sql, 'on ' || tbl_name) AS TEXT) AS made_by \
                 FROM sqlite_master WHERE name NOT LIKE 'sqlite_stat%'";
    let objects: Vec<Object> = sql_query(query).load(db)?;
    Ok(objects.into_iter().map(|object| (object.name, object.made_by)).collect())
}

/// Names what is missing, what was added, and what is defined otherwise, line by line.
fn differences(found: &BTreeMap<String, String>, expected: &BTreeMap<String, String>, report: &mut Report) {
    for (name, wanted) in expected {
        let Some(found) = found.get(name) else {
            report.find(format!("schema: {name} is missing"));
            continue;
        };
        if found == wanted {
            continue;
        }
        if !wanted.contains('\n') {
            report.find(format!("schema: {name} is defined otherwise: it is `{found}` and not `{wanted}`"));
            continue;
        }
        let lacks: Vec<_> = lines(wanted).filter(|line| !lines(found).any(|other| other == *line)).collect();
        let has: Vec<_> = lines(found).filter(|line| !lines(wanted).any(|other| other == *line)).collect();
        report.find(format!(
            "schema: {name} is defined otherwise: it lacks `{}` and has `{}`",
            lacks.join(" "),
            has.join(" ")
        ));
    }
    for name in found.keys().filter(|name| !expected.contains_key(*name)) {
        report.find(format!("schema: {name} is none of ours"));
    }
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim)
}

/// What SQLite itself finds wrong with the file: pages, indexes that do not have what their tables have, rows that break
/// a type, a check or a NOT NULL of their table; and rows that refer to nothing.
fn integrity(db: &mut Db, report: &mut Report) -> Result<()> {
    #[derive(QueryableByName)]
    struct Fault {
        #[diesel(sql_type = Text)]
        fault: String,
    }
    // It ends at the hundredth, and begins with the first that it finds.
    let faults: Vec<Fault> = sql_query("SELECT integrity_check AS fault FROM pragma_integrity_check").load(db)?;
    for Fault { fault } in faults.into_iter().filter(|found| found.fault != "ok") {
        report.find(format!("SQLite: {fault}"));
    }
    #[derive(QueryableByName)]
    struct Orphan {
        #[diesel(sql_type = Text)]
        child: String,
        #[diesel(sql_type = Nullable<Text>)]
        parent: Option<String>,
    }
    let orphans: Vec<Orphan> = sql_query(
        "SELECT \"table\" || COALESCE(' row ' || rowid, '') AS child, parent FROM pragma_foreign_key_check LIMIT 100",
    )
    .load(db)?;
    for Orphan { child, parent } in orphans {
        report.find(format!("SQLite: {child} refers to a row of {} that is not there", parent.unwrap_or_default()));
    }
    Ok(())
}
