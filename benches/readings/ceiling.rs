//! What the databases themselves allow: the same rows into the same table by their own tools, and the same hours by SQL.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use diesel::sql_types::{BigInt, Double, Integer, Text};
use diesel::sqlite::SqliteConnection;
use diesel::{Connection, ExecuteCopyFromDsl, QueryableByName, RunQueryDsl, copy_from, sql_query};

use crate::feed::{READINGS, measured};
use crate::shared::clinic::Clinic;
use crate::shared::sizes::Number;

/// 2025-01-01, in microseconds since 1970.
const YEAR_US: i64 = 1_735_689_600_000_000;
const HOUR_US: i64 = 3_600_000_000;

/// The rows of some calls of one sensor each, as a file.
fn rows(calls: u64, separator: char) -> String {
    let mut text = String::new();
    for call in 0..calls {
        for number in 0..READINGS {
            let (at, milli) = measured(number);
            let (at_us, batch) = (at * 1_000_000, number / 500 + 1);
            writeln!(text, "{call}{separator}{at_us}{separator}{milli}{separator}{batch}").unwrap();
        }
    }
    text
}

/// Readings a second by hand, into a fresh database.
pub fn rate(folder: &Path, url: Option<&str>, calls: u64) -> f64 {
    let data = folder.join("by-hand");
    let mut migrate = Command::new(crate::LOTLINE);
    migrate.arg("migrate").arg("--data-dir").arg(&data).env_remove("DATABASE_URL");
    if let Some(url) = url {
        migrate.args(["--database-url", url]);
    }
    assert!(migrate.status().unwrap().success());
    let seconds = match url {
        None => import(&data.join("lotline.db"), &rows(calls, ',')),
        Some(url) => copy(url, &rows(calls, '\t')),
    };
    (calls * READINGS) as f64 / seconds
}

/// `sqlite3 .import`, which does all of it in one transaction.
fn import(file: &Path, rows: &str) -> f64 {
    let csv = file.with_extension("csv");
    std::fs::write(&csv, rows).unwrap();
    let mut program = Command::new("sqlite3");
    program.arg(file).arg("PRAGMA synchronous = FULL").arg(".mode csv");
    program.arg(format!(".import \"{}\" readings", csv.display()));
    let began = Instant::now();
    let output = program.output().expect("the program sqlite3");
    let seconds = began.elapsed().as_secs_f64();
    assert!(output.status.success() && output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut conn = SqliteConnection::establish(&file.to_string_lossy()).unwrap();
    let count = sql_query("SELECT COUNT(*) AS number FROM readings").get_result::<Number>(&mut conn).unwrap();
    assert_eq!(count.number as usize, rows.lines().count());
    seconds
}

/// `COPY`, in one transaction.
fn copy(url: &str, rows: &str) -> f64 {
    use lotline::db::schema::readings::dsl::{at_us, batch, milli_c, readings, series};
    let mut conn = PgConnection::establish(url).unwrap();
    let began = Instant::now();
    let copied = copy_from(readings)
        .from_raw_data((series, at_us, milli_c, batch), |to| -> diesel::QueryResult<()> {
            std::io::Write::write_all(to, rows.as_bytes())
                .map_err(|error| diesel::result::Error::SerializationError(error.into()))
        })
        .execute(&mut conn)
        .unwrap();
    let seconds = began.elapsed().as_secs_f64();
    assert_eq!(copied, rows.lines().count());
    seconds
}

/// The tables that a server works on, reached beside it.
pub enum Tables {
    Sqlite(PathBuf),
    Postgres(String),
}

#[derive(QueryableByName)]
#[allow(dead_code)] // read, as a caller would
struct Hour {
    #[diesel(sql_type = BigInt)]
    hour: i64,
    #[diesel(sql_type = BigInt)]
    readings: i64,
    #[diesel(sql_type = Integer)]
    lowest: i32,
    #[diesel(sql_type = Integer)]
    highest: i32,
    #[diesel(sql_type = Double)]
    mean: f64,
}

impl Tables {
    pub fn of(clinic: &Clinic, url: Option<&str>) -> Self {
        url.map_or_else(|| Tables::Sqlite(clinic.file()), |url| Tables::Postgres(url.to_owned()))
    }

    fn sqlite(file: &Path) -> SqliteConnection {
        let mut conn = SqliteConnection::establish(&file.to_string_lossy()).unwrap();
        conn.batch_execute("PRAGMA busy_timeout = 600000; PRAGMA synchronous = OFF; PRAGMA cache_size = -65536")
            .unwrap();
        conn
    }

    /// The number under which the readings of a sensor are kept.
    pub fn series_of(&self, sensor: &str) -> i64 {
        let query =
            sql_query("SELECT series AS number FROM sensor_series WHERE sensor_id = $1").bind::<Text, _>(sensor);
        match self {
            Tables::Sqlite(file) => query.get_result::<Number>(&mut Tables::sqlite(file)).unwrap().number,
            Tables::Postgres(url) => {
                query.get_result::<Number>(&mut PgConnection::establish(url).unwrap()).unwrap().number
            }
        }
    }

    /// So many days of readings of every five minutes, as one batch of each sensor.
    pub fn fill(&self, series: &[i64], days: u64) {
        let count = days * 288;
        let counted =
            |series: i64| format!("UPDATE sensor_series SET batches = 1, readings = {count} WHERE series = {series}");
        match self {
            Tables::Sqlite(file) => {
                let mut conn = Tables::sqlite(file);
                for series in series {
                    let rows = format!(
                        "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {count}) \
                         INSERT INTO readings SELECT {series}, {YEAR_US} + i * 300000000, 3000 + i * 7919 % 4000, 1 FROM n"
                    );
                    conn.batch_execute(&rows).unwrap();
                    conn.batch_execute(&counted(*series)).unwrap();
                }
                conn.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
            }
            Tables::Postgres(url) => {
                let mut conn = PgConnection::establish(url).unwrap();
                conn.batch_execute("SET synchronous_commit = off").unwrap();
                for series in series {
                    let rows = format!(
                        "INSERT INTO readings SELECT {series}, {YEAR_US} + i * 300000000, 3000 + i * 7919 % 4000, 1 \
                         FROM generate_series(0::bigint, {count} - 1) AS i"
                    );
                    conn.batch_execute(&rows).unwrap();
                    conn.batch_execute(&counted(*series)).unwrap();
                }
                conn.batch_execute("VACUUM ANALYZE readings").unwrap();
            }
        }
    }

    /// The first thirty days of some series by the hour: how long it took, in seconds.
    pub fn month(&self, series: &[i64]) -> f64 {
        let numbers: Vec<String> = series.iter().map(ToString::to_string).collect();
        let (numbers, to_us) = (numbers.join(", "), YEAR_US + 30 * 24 * HOUR_US);
        let query = sql_query(format!(
            "SELECT at_us / {HOUR_US} AS hour, COUNT(*) AS readings, MIN(milli_c) AS lowest, MAX(milli_c) AS highest, \
             CAST(AVG(milli_c) AS DOUBLE PRECISION) AS mean FROM readings \
             WHERE series IN ({numbers}) AND at_us >= {YEAR_US} AND at_us < {to_us} GROUP BY 1 ORDER BY 1"
        ));
        let (found, seconds) = match self {
            Tables::Sqlite(file) => {
                let mut conn = Tables::sqlite(file);
                let began = Instant::now();
                (query.load::<Hour>(&mut conn).unwrap(), began.elapsed().as_secs_f64())
            }
            Tables::Postgres(url) => {
                let mut conn = PgConnection::establish(url).unwrap();
                let began = Instant::now();
                (query.load::<Hour>(&mut conn).unwrap(), began.elapsed().as_secs_f64())
            }
        };
        assert!(!found.is_empty());
        seconds
    }
}
