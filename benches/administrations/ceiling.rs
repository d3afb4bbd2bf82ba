//! What the database itself allows: the rows of one administration, written again and again by prepared statements on one
//! connection, with nothing around them.
//!
//! The rows are taken from the database that the server has just filled, and written into a copy of it: the same tables,
//! indexes, triggers and sizes. Each time they get ids of their own, wherever the old ones stood.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use diesel::connection::SimpleConnection;
use diesel::sql_types::{BigInt, Binary, Nullable, Text};
use diesel::sqlite::SqliteConnection;
use diesel::{Connection, QueryableByName, RunQueryDsl, sql_query};
use lotline::db::{DatabaseUrl, Db, PreparedChange, Settings, Store};

use crate::shared::sizes::Number;

/// The tables in which an administration leaves rows, and how its rows are found.
const TABLES: [(&str, &str); 6] = [
    ("administrations", "id = $1"),
    ("decision_licences", "subject_id = $1"),
    ("postings", "event_id = $2"),
    ("events", "id = $2"),
    ("event_subjects", "event_id = $2"),
    ("idempotency_keys", "idempotency_key = $3"),
];

/// A value of a row.
#[derive(Clone, QueryableByName)]
struct Value {
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Nullable<Binary>)]
    bytes: Option<Vec<u8>>,
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

/// An insert with the values of one row.
struct Insert {
    sql: String,
    values: Vec<Value>,
}

/// The rows of the newest administration, and the two accounts that it changed.
pub struct Rows {
    inserts: Vec<Insert>,
    accounts: Vec<String>,
    ids: Vec<String>,
}

fn names(conn: &mut SqliteConnection, sql: &str) -> Vec<String> {
    sql_query(sql).load::<Name>(conn).unwrap().into_iter().map(|row| row.name).collect()
}

fn open(path: &Path) -> SqliteConnection {
    let mut conn = SqliteConnection::establish(&path.to_string_lossy()).unwrap();
    conn.batch_execute(
        "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;",
    )
    .unwrap();
    conn
}

impl Rows {
    /// Reads them.
    pub fn of(path: &Path) -> Self {
        let conn = &mut open(path);
        let one = |conn: &mut SqliteConnection, sql: &str| names(conn, sql).into_iter().next().unwrap();
        let administration = one(conn, "SELECT id AS name FROM administrations ORDER BY rowid DESC LIMIT 1");
        let event = one(
            conn,
            &format!(
                "SELECT event_id AS name FROM event_subjects WHERE subject = '{administration}' ORDER BY event_id LIMIT 1"
            ),
        );
        let key = one(
            conn,
            &format!("SELECT idempotency_key AS name FROM idempotency_keys WHERE made_of = '{administration}'"),
        );
        let patient =
            one(conn, &format!("SELECT patient_id AS name FROM administrations WHERE id = '{administration}'"));
        let mut inserts = Vec::new();
        for (table, condition) in TABLES {
            let columns = names(
                conn,
                &format!("SELECT name FROM pragma_table_info('{table}') WHERE name <> 'position' ORDER BY cid"),
            );
            let condition = condition
                .replace("$1", &format!("'{administration}'"))
                .replace("$2", &format!("'{event}'"))
                .replace("$3", &format!("'{key}'"));
            let count = sql_query(format!("SELECT COUNT(*) AS number FROM {table} WHERE {condition}"))
                .get_result::<Number>(conn)
                .unwrap()
                .number;
            let marks: Vec<_> = (1..=columns.len()).map(|number| format!("?{number}")).collect();
            let sql = format!("INSERT INTO {table} ({}) VALUES ({})", columns.join(", "), marks.join(", "));
            for row in 0..count {
                let values = columns
                    .iter()
                    .map(|column| {
                        let query = format!(
                            "SELECT typeof({column}) AS kind, CAST({column} AS BLOB) AS bytes FROM {table} \
                             WHERE {condition} LIMIT 1 OFFSET {row}"
                        );
                        sql_query(query).get_result::<Value>(conn).unwrap()
                    })
                    .collect();
                inserts.push(Insert { sql: sql.clone(), values });
            }
        }
        let accounts = format!(
            "SELECT from_account AS name FROM postings WHERE event_id = '{event}' \
                     UNION ALL SELECT to_account FROM postings WHERE event_id = '{event}'"
        );
        let accounts = names(conn, &accounts);
        Rows { inserts, accounts, ids: vec![administration, event, key, patient] }
    }

    /// How many statements write them.
    pub fn statements(&self) -> usize {
        self.inserts.len() + self.accounts.len()
    }

    /// Writes them once more.
    fn write(&self, conn: &mut SqliteConnection, number: u64) {
        // There and back again, so that no account runs out.
        let signs = if number.is_multiple_of(2) { ["-", "+"] } else { ["+", "-"] };
        for (account, sign) in self.accounts.iter().zip(signs) {
            let sql = format!("UPDATE accounts SET units = units {sign} 1 WHERE id = ? AND units >= 1");
            let changed = PreparedChange(sql_query(sql).bind::<Text, _>(account)).execute(conn).unwrap();
            assert_eq!(changed, 1);
        }
        for insert in &self.inserts {
            let mut query = sql_query(&insert.sql).into_boxed();
            for value in &insert.values {
                let text = || String::from_utf8(value.bytes.clone().unwrap()).unwrap();
                query = match value.kind.as_str() {
                    "null" => query.bind::<Nullable<Text>, _>(None::<String>),
                    "blob" => query.bind::<Binary, _>(value.bytes.clone().unwrap()),
                    "integer" => query.bind::<BigInt, _>(text().parse::<i64>().unwrap()),
                    _ => query.bind::<Text, _>(self.renamed(text(), number)),
                };
            }
            PreparedChange(query).execute(conn).unwrap();
        }
    }

    /// An id of the row that is written, in the place of that of the row that was read. It comes after those that are there, as
    /// new ids do.
    fn renamed(&self, text: String, number: u64) -> String {
        if self.ids.contains(&text) { format!("{text}-{number:012}") } else { text }
    }
}

/// Administrations a second, so many with each commit, in a copy of a database.
pub fn rate(rows: &Rows, database: &Path, copy: &Path, batch: u64, seconds: f64) -> f64 {
    std::fs::copy(database, copy).unwrap();
    let conn = &mut open(copy);
    let (began, mut number) = (Instant::now(), 0_u64);
    while began.elapsed().as_secs_f64() < seconds {
        conn.batch_execute("BEGIN IMMEDIATE").unwrap();
        for _ in 0..batch {
            number += 1;
            rows.write(conn, number);
        }
        conn.batch_execute("COMMIT").unwrap();
    }
    let rate = number as f64 / began.elapsed().as_secs_f64();
    remove(copy);
    rate
}

/// The same through the door of the server, with so many callers.
pub fn rate_through_store(rows: &Arc<Rows>, database: &Path, copy: &Path, callers: u64, seconds: f64) -> f64 {
    std::fs::copy(database, copy).unwrap();
    let url: DatabaseUrl = format!("sqlite://{}", copy.display()).parse().unwrap();
    let store = Store::open_beside(&url, &Settings::default()).unwrap();
    let (began, next) = (Instant::now(), Arc::new(AtomicU64::new(0)));
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
        let callers: Vec<_> = (0..callers)
            .map(|_| {
                let (rows, store, next) = (rows.clone(), store.clone(), next.clone());
                tokio::spawn(async move {
                    while began.elapsed().as_secs_f64() < seconds {
                        let (rows, number) = (rows.clone(), next.fetch_add(1, Ordering::Relaxed));
                        let write = store.write(move |db| {
                            let Db::Sqlite(conn) = db else { unreachable!() };
                            rows.write(conn, number);
                            Ok(())
                        });
                        write.await.unwrap();
                    }
                })
            })
            .collect();
        for caller in callers {
            caller.await.unwrap();
        }
    });
    let rate = next.load(Ordering::Relaxed) as f64 / began.elapsed().as_secs_f64();
    drop(store);
    remove(copy);
    rate
}

fn remove(copy: &Path) {
    for name in ["", "-wal", "-shm"] {
        let mut path = copy.as_os_str().to_owned();
        path.push(name);
        let _ = std::fs::remove_file(path);
    }
}
