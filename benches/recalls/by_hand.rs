//! The tables that a server works on, reached beside it: filled, and asked by SQL what the server is asked.

use std::path::{Path, PathBuf};
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use diesel::sqlite::SqliteConnection;
use diesel::{Connection, RunQueryDsl, sql_query};

use crate::rows::{Column, Event, Given, Gone, Lot, OnHand};
use crate::shared::clinic::Clinic;

/// The column that names the patient of an administration.
const PATIENT: &str = "patient_id";

/// The tables of a server.
pub enum Tables {
    Sqlite(PathBuf),
    Postgres(String),
}

/// A connection to them.
pub enum Conn {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

/// Loads what a text asks for.
macro_rules! load {
    ($conn:expr, $sql:expr => $row:ty) => {{
        let query = sql_query($sql);
        match $conn {
            Conn::Sqlite(conn) => query.load::<$row>(conn).unwrap(),
            Conn::Postgres(conn) => query.load::<$row>(conn).unwrap(),
        }
    }};
}

impl Tables {
    pub fn of(clinic: &Clinic, url: Option<&str>) -> Self {
        url.map_or_else(|| Tables::Sqlite(clinic.file()), |url| Tables::Postgres(url.to_owned()))
    }

    /// Opens a connection.
    pub fn connect(&self) -> Conn {
        match self {
            Tables::Sqlite(file) => Conn::Sqlite(sqlite(file)),
            Tables::Postgres(url) => Conn::Postgres(PgConnection::establish(url).unwrap()),
        }
    }

    /// The lots, in the order in which they came.
    pub fn lots(&self) -> Vec<Lot> {
        load!(&mut self.connect(), "SELECT id, lot AS text FROM lots ORDER BY id" => Lot)
    }

    /// So many administrations of each of these lots: the first is there. Each to a patient of its own, whose reference nobody
    /// knows and who cannot be shown; or all to that of the first.
    pub fn fill(&self, lots: &[Lot], each: u64, to_one: bool) {
        let mut conn = self.connect();
        let numbers = match &conn {
            Conn::Sqlite(_) => format!(
                "(WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {each}) SELECT i FROM n)"
            ),
            Conn::Postgres(_) => format!("generate_series(1::bigint, {each} - 1)"),
        };
        // Checks and refusals apart: what is written fits, as it is written already.
        conn.run(match &conn {
            Conn::Sqlite(_) => "PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF",
            Conn::Postgres(_) => "SET synchronous_commit = off; SET session_replication_role = replica",
        });
        for lots in lots.chunks(50) {
            let ids: Vec<_> = lots.iter().map(|lot| format!("'{}'", lot.id)).collect();
            let ids = ids.join(", ");
            let text = conn.copies(&ids, &numbers, to_one);
            conn.run(&format!("BEGIN; {text} COMMIT"));
            let moved = each - 1;
            conn.run(&format!(
                "UPDATE accounts SET units = units + {moved} WHERE kind = 'patient' AND lot_id IN ({ids}); \
                 UPDATE accounts SET units = units - {moved} WHERE kind = 'available' AND lot_id IN ({ids})"
            ));
        }
        // The custody log takes in what was written; it is not measured beside that.
        while !load!(&mut conn, "SELECT organisation_id AS name FROM log_pending LIMIT 1" => Column).is_empty() {
            std::thread::sleep(Duration::from_millis(200));
        }
        match &conn {
            Conn::Sqlite(_) => conn.run("PRAGMA wal_checkpoint(TRUNCATE)"),
            Conn::Postgres(_) => conn.run("VACUUM ANALYZE"),
        }
    }
}

fn sqlite(file: &Path) -> SqliteConnection {
    let mut conn = SqliteConnection::establish(&file.to_string_lossy()).unwrap();
    conn.batch_execute("PRAGMA busy_timeout = 600000; PRAGMA cache_size = -65536").unwrap();
    conn
}

impl Conn {
    fn run(&mut self, sql: &str) {
        match self {
            Conn::Sqlite(conn) => conn.batch_execute(sql).unwrap(),
            Conn::Postgres(conn) => conn.batch_execute(sql).unwrap(),
        }
    }

    /// Statements that write the rows of the first administration of lots again, with ids of their own.
    fn copies(&mut self, lots: &str, numbers: &str, to_one: bool) -> String {
        let is_sqlite = matches!(self, Conn::Sqlite(_));
        // An id ends with twelve hexadecimal digits of chance: the first four keep apart what was minted in one microsecond.
        let renamed = |column: &str| match is_sqlite {
            true => format!("substr({column}, 1, length({column}) - 8) || printf('%08x', n.i)"),
            false => format!("left({column}, -8) || lpad(to_hex(n.i), 8, '0')"),
        };
        let given = format!("SELECT * FROM administrations WHERE lot_id IN ({lots})");
        let event = "SELECT s.event_id FROM event_subjects AS s JOIN g ON s.organisation_id = g.organisation_id AND s.subject = g.id";
        let mut text = String::new();
        for (table, new, rows) in [
            ("events", vec!["id"], format!("events WHERE id IN ({event})")),
            ("event_subjects", vec!["event_id"], format!("event_subjects WHERE event_id IN ({event})")),
            ("postings", vec!["event_id"], format!("postings WHERE event_id IN ({event})")),
            ("administrations", vec!["id", PATIENT], "g".to_owned()),
        ] {
            let columns = self.columns(table);
            let values = columns.iter().map(|column| match column.as_str() {
                PATIENT if new.contains(&PATIENT) && !to_one => renamed(&format!("r.{PATIENT}")),
                "subject" => {
                    format!("CASE WHEN r.subject LIKE 'adm_%' THEN {} ELSE r.subject END", renamed("r.subject"))
                }
                column if new.contains(&column) && column != PATIENT => renamed(&format!("r.{column}")),
                column => format!("r.{column}"),
            });
            let values: Vec<_> = values.collect();
            // Those that are there are read before any is written.
            text.push_str(&format!(
                "INSERT INTO {table} ({}) WITH g AS ({given}), r AS (SELECT * FROM {rows}) SELECT {} FROM r CROSS JOIN {numbers} AS n{};",
                columns.join(", "),
                values.join(", "),
                if is_sqlite { "" } else { " (i)" }
            ));
        }
        text
    }

    /// The columns of a table but for the one that counts by itself.
    fn columns(&mut self, table: &str) -> Vec<String> {
        let sql = match self {
            Conn::Sqlite(_) => format!("SELECT name FROM pragma_table_info('{table}') WHERE name <> 'position'"),
            Conn::Postgres(_) => format!(
                "SELECT column_name::text AS name FROM information_schema.columns \
                 WHERE table_schema = 'public' AND table_name = '{table}' AND column_name <> 'position'"
            ),
        };
        load!(self, sql => Column).into_iter().map(|column| column.name).collect()
    }

    /// Everything that the impact of a recall of whole lots says: how many rows that is.
    pub fn impact(&mut self, recall: &str) -> usize {
        // Somebody who knows the indexes writes it: by organisation, and with the lots as they are.
        let lots = load!(self, format!(
            "SELECT organisation_id AS text, scope_id AS id FROM holds WHERE cause_id = '{recall}' AND scope_type = 'lot'") => Lot);
        let organisation = &lots[0].text;
        let lots: Vec<_> = lots.iter().map(|lot| format!("'{}'", lot.id)).collect();
        let lots = lots.join(", ");
        let accounts = load!(self, format!(
            "SELECT site_id, location_id, lot_id, kind, units FROM accounts WHERE lot_id IN ({lots})") => OnHand);
        let gone = load!(self, format!(
            "SELECT p.event_id, p.lot_id, f.kind AS from_kind, t.kind AS to_kind, p.units, \
             CAST(p.counts_at AS TEXT) AS occurred_at FROM postings AS p JOIN accounts AS f ON f.id = p.from_account \
             JOIN accounts AS t ON t.id = p.to_account WHERE p.lot_id IN ({lots}) \
             AND (f.kind IN ('waste', 'returned', 'destroyed', 'lost') OR t.kind IN ('waste', 'returned', 'destroyed', 'lost')) \
             ORDER BY p.counts_at") => Gone);
        let given = load!(self, format!(
            "SELECT a.id, a.lot_id, a.serial, a.units, a.site_id, a.{PATIENT} AS patient, a.practitioner_id, \
             CAST(a.occurred_at AS TEXT) AS occurred_at, (SELECT c.outcome FROM recall_contacts AS c \
             WHERE c.recall_id = '{recall}' AND c.administration_id = a.id ORDER BY c.id DESC LIMIT 1) AS contact \
             FROM administrations AS a WHERE a.organisation_id = '{organisation}' AND a.lot_id IN ({lots}) \
             AND NOT EXISTS (SELECT 1 FROM administration_voids AS v WHERE v.administration_id = a.id) \
             ORDER BY a.occurred_at, a.id LIMIT 1000") => Given);
        accounts.len() + gone.len() + given.len()
    }

    /// A page of the chain of custody of a lot: how many events that is.
    pub fn custody(&mut self, lot: &str, limit: i64) -> usize {
        let found = load!(self, format!(
            "SELECT e.id, e.bytes FROM event_subjects AS s JOIN events AS e ON e.id = s.event_id \
             WHERE s.subject = '{lot}' AND s.organisation_id = (SELECT organisation_id FROM lots WHERE id = '{lot}') \
             AND s.strand IN ('course', 'treatment') ORDER BY s.occurred_at, s.event_id LIMIT {limit}") => Event);
        found.len()
    }
}
