//! What it costs to have a list of a million administrations as a file, next to the same rows out of the database's own program.
//!
//! `cargo bench --bench files` starts the real server on fresh databases below `target/` (a disk, not memory), on SQLite and,
//! where that is installed, on PostgreSQL. It asks for `GET /v1/administrations` with `Accept: text/csv`, reads all of it, and prints how
//! many rows a second come and by how much the memory of the server grows meanwhile; and the rows a second of `sqlite3 -csv`, or of
//! `COPY … TO STDOUT` through `psql`, for a query by hand of the same columns of the same tables in the same order, in the same run.
//! What is clinical comes out of the database as it lies there, sealed; out of the server opened, with the decision of each read from
//! its event and everything written as the columns of the list.
//!
//! `cargo bench --bench files -- sqlite` does a part; `lots=100` makes it smaller. Each lot's first administration comes over HTTP; the others
//! are its rows again, by SQL, with ids and times of their own. Caller, server and database share the processors of one machine.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::as_conversions)] // a bench fails like a test

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

#[allow(dead_code)] // what another bench needs
#[path = "../recalls/by_hand.rs"]
mod by_hand;
#[allow(dead_code)] // what tests of connections over the network need
#[path = "../../tests/it/support/postgres.rs"]
mod postgres;
#[allow(dead_code)] // what another bench needs
#[path = "../recalls/rows.rs"]
mod rows;
#[allow(dead_code)] // what other benches need
#[path = "../shared/mod.rs"]
mod shared;

use by_hand::Tables;
use shared::clinic::Clinic;
use shared::load;

const LOTLINE: &str = env!("CARGO_BIN_EXE_lotline");
/// Administrations of each lot.
const EACH: u64 = 1_000;

/// What the list reads of each: its columns, its lot, what was voided or against a rule, and the event that says the rest.
const BY_HAND: &str = "SELECT a.*, l.lot, l.expiry, v.id, v.reason, v.returned_to_stock, v.voided_by, v.occurred_at, d.id, d.reason_codes, \
    (SELECT e.bytes FROM event_subjects AS s JOIN events AS e ON e.id = s.event_id WHERE s.organisation_id = a.organisation_id \
    AND s.subject = a.id AND e.kind = 'stock_administered') FROM administrations AS a JOIN lots AS l ON l.id = a.lot_id \
    LEFT JOIN administration_voids AS v ON v.administration_id = a.id LEFT JOIN deviations AS d ON d.administration_id = a.id \
    ORDER BY a.organisation_id, a.occurred_at, a.id";

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if arguments == ["load"] {
        return load::serve();
    }
    let lots =
        arguments.iter().find_map(|given| given.strip_prefix("lots=")).map_or(1_000, |lots| lots.parse().unwrap());
    let any = arguments.iter().any(|word| word == "sqlite" || word == "postgres");
    let is_database = |name: &str| !any || arguments.iter().any(|word| word == name);
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("files");
    let _ = std::fs::remove_dir_all(&folder); // left by a run that was interrupted
    std::fs::create_dir_all(&folder).unwrap();
    if is_database("sqlite") {
        measure("SQLite", &folder, None, lots);
    }
    if is_database("postgres") {
        match postgres::PrivateCluster::launch() {
            Some(cluster) => measure("PostgreSQL", &folder, Some(&cluster.empty_database()), lots),
            None => println!("PostgreSQL is not installed: its half is left out."),
        }
    }
    let _ = std::fs::remove_dir_all(&folder);
}

/// Rows, and how long they took.
#[derive(Clone, Copy)]
struct Taken {
    rows: u64,
    bytes: u64,
    seconds: f64,
}

impl Taken {
    fn rate(self) -> f64 {
        self.rows as f64 / self.seconds
    }
}

fn measure(name: &str, folder: &Path, url: Option<&str>, lots: u64) {
    let mut clinic = Clinic::open(Path::new(LOTLINE), &folder.join(name), url, 1, lots);
    clinic.administer(8, 0.0, lots);
    let tables = Tables::of(&clinic, url);
    tables.fill(&tables.lots(), EACH, true);
    // What the server keeps for later (connections, statements, caches of pages) is there before it is measured.
    file(&clinic, 20_000);
    let before = clinic.rss_mib();
    let (is_over, most) = (AtomicBool::new(false), AtomicU64::new(before));
    let ours = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                most.fetch_max(clinic.rss_mib(), Ordering::Relaxed);
                std::thread::sleep(Duration::from_millis(20));
            }
        });
        let ours = file(&clinic, u64::MAX);
        is_over.store(true, Ordering::Relaxed);
        ours
    });
    assert_eq!(ours.rows, lots * EACH);
    let theirs = by_hand(&clinic, url);
    assert!(theirs.rows >= lots * EACH, "{} rows", theirs.rows);
    let grown = most.into_inner().saturating_sub(before);
    println!(
        "{name}: {} administrations as CSV, {:.0} MB: {:.0} rows a second; by hand {:.0} rows a second, {:.0} MB: {:.2} times as many; \
         memory {before} MiB, {grown} MiB more at the most",
        ours.rows,
        ours.bytes as f64 / 1e6,
        ours.rate(),
        theirs.rate(),
        theirs.bytes as f64 / 1e6,
        ours.rate() / theirs.rate(),
    );
}

/// Reads the file, or as many rows of it, and lets it go.
fn file(clinic: &Clinic, most: u64) -> Taken {
    let agent: ureq::Agent = ureq::Agent::config_builder().build().new_agent();
    let began = Instant::now();
    let request = agent.get(format!("http://{}/v1/administrations", clinic.address()));
    let request = request.header("Authorization", format!("Bearer {}", clinic.token("auditor")));
    let answer = request.header("Accept", "text/csv").call().unwrap();
    let counted = count(answer.into_body().into_reader(), most);
    Taken { rows: counted.0.saturating_sub(1), bytes: counted.1, seconds: began.elapsed().as_secs_f64() }
}

/// The same rows out of the database's own program.
fn by_hand(clinic: &Clinic, url: Option<&str>) -> Taken {
    let mut command = match url {
        None => {
            let mut command = Command::new("sqlite3");
            command.arg("-csv").arg(clinic.file()).arg(BY_HAND);
            command
        }
        Some(url) => {
            let mut command = Command::new("psql");
            command.args(["--no-psqlrc", "--dbname", url, "--command"]);
            command.arg(format!("COPY ({BY_HAND}) TO STDOUT (FORMAT csv)"));
            command
        }
    };
    let began = Instant::now();
    let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
    let counted = count(process.stdout.take().unwrap(), u64::MAX);
    assert!(process.wait().unwrap().success());
    Taken { rows: counted.0, bytes: counted.1, seconds: began.elapsed().as_secs_f64() }
}

/// Lines and bytes. No cell of what is measured has a line break in it.
fn count(reader: impl Read, most: u64) -> (u64, u64) {
    let mut reader = BufReader::with_capacity(256 * 1024, reader);
    let (mut lines, mut bytes) = (0, 0);
    loop {
        let piece = reader.fill_buf().unwrap();
        if piece.is_empty() || lines >= most {
            return (lines, bytes);
        }
        lines += piece.iter().filter(|byte| **byte == b'\n').count() as u64;
        bytes += piece.len() as u64;
        let taken = piece.len();
        reader.consume(taken);
    }
}
