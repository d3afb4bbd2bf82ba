//! What is known of a deployment beside the record, and upgrades that write anew what is otherwise only ever added to.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel::{QueryableByName, sql_query};

use super::Db;
use super::schema::deployment;
use crate::error::Result;

/// What is noted of the deployment under a name.
///
/// # Errors
/// What the database answers.
pub fn noted(db: &mut Db, name: &str) -> Result<Option<String>> {
    Ok(deployment::table.filter(deployment::name.eq(name)).select(deployment::value).first(db).optional()?)
}

/// Notes something of the deployment, for good.
///
/// # Errors
/// What the database answers; a unique violation where it was noted before.
pub fn note(db: &mut Db, name: &str, value: &str) -> Result<()> {
    diesel::insert_into(deployment::table)
        .values((deployment::name.eq(name), deployment::value.eq(value)))
        .execute(db)?;
    Ok(())
}

/// Does what the triggers of some tables refuse, in a transaction. They are there again when it is done, as they were.
///
/// # Errors
/// What the work answers, and the database.
pub fn unguarded<T>(db: &mut Db, tables: &[&str], work: impl FnOnce(&mut Db) -> Result<T>) -> Result<T> {
    let mut again = String::new();
    match db {
        Db::Sqlite(conn) => {
            for (name, sql) in triggers(conn, tables)? {
                conn.batch_execute(&format!("DROP TRIGGER \"{name}\""))?;
                again.push_str(&sql);
                again.push_str(";\n");
            }
        }
        Db::Postgres(conn) => {
            for table in tables {
                conn.batch_execute(&format!("ALTER TABLE {table} DISABLE TRIGGER USER"))?;
                again.push_str(&format!("ALTER TABLE {table} ENABLE TRIGGER USER;\n"));
            }
        }
    }
    let done = work(db)?;
    db.batch_execute(&again)?;
    Ok(done)
}

fn triggers(conn: &mut SqliteConnection, tables: &[&str]) -> QueryResult<Vec<(String, String)>> {
    #[derive(QueryableByName)]
    struct Trigger {
        #[diesel(sql_type = Text)]
        name: String,
        #[diesel(sql_type = Text)]
        tbl_name: String,
        #[diesel(sql_type = Text)]
        sql: String,
    }
    let found: Vec<Trigger> =
        sql_query("SELECT name, tbl_name, sql FROM sqlite_schema WHERE type = 'trigger' ORDER BY rowid").load(conn)?;
    let ours = found.into_iter().filter(|trigger| tables.contains(&trigger.tbl_name.as_str()));
    Ok(ours.map(|trigger| (trigger.name, trigger.sql)).collect())
}

/// Writes the files of tables anew, so that what their rows said before is nowhere in them.
///
/// # Errors
/// What the database answers.
pub fn overwrite(db: &mut Db, tables: &[&str]) -> Result<()> {
    match db {
        Db::Sqlite(conn) => conn.batch_execute("VACUUM; PRAGMA wal_checkpoint(TRUNCATE)")?,
        Db::Postgres(conn) => {
            for table in tables {
                conn.batch_execute(&format!("VACUUM (FULL, ANALYZE) {table}"))?;
            }
        }
    }
    Ok(())
}
