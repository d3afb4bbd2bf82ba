//! How fast readings come in and are read, next to what bounds them, and whether anybody at the chair notices.
//!
//! `cargo bench --bench readings` starts the real server on fresh databases below `target/` (a disk, not memory), on SQLite and,
//! where that is installed, on PostgreSQL, and prints ratios of one run:
//!
//! - `ingest`: calls of 10,000 readings over HTTP, JSON and NDJSON, of one sensor a call and of fifty, with a token of a device,
//!   against `sqlite3 .import` and `COPY` of the same rows into the same table;
//! - `grows`: such calls on a store that holds a year of 200 sensors, against those on the empty one;
//! - `month`: a month of one location at hourly buckets out of that year over HTTP, against count, minimum, maximum and average
//!   of the same hours by SQL;
//! - `chair`: the slowest one in a hundred of administrations over 8 connections while such calls come without a pause, against
//!   the same undisturbed.
//!
//! `cargo bench --bench readings -- sqlite ingest` does a part; `sensors=20 days=30 calls=4 seconds=4` makes it smaller. The year
//! is written into the table by SQL, as ingestion would leave it. Callers, server and database share the processors of one machine.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::as_conversions)] // a bench fails like a test

use std::path::{Path, PathBuf};
use std::time::Instant;

use serde_json::json;

mod ceiling;
mod feed;
#[allow(dead_code)] // what tests of connections over the network need
#[path = "../../tests/it/support/postgres.rs"]
mod postgres;
#[allow(dead_code)] // what other benches need
#[path = "../shared/mod.rs"]
mod shared;

use ceiling::Tables;
use feed::{Feed, Form};
use shared::clinic::Clinic;
use shared::load;

const LOTLINE: &str = env!("CARGO_BIN_EXE_lotline");
/// Connections that administrations come over.
const CHAIRS: usize = 8;
/// How often what takes milliseconds is measured.
const TIMES: usize = 21;

/// What is asked for.
struct Asked {
    words: Vec<String>,
    sensors: u64,
    days: u64,
    calls: u64,
    seconds: f64,
}

impl Asked {
    fn of(arguments: Vec<String>) -> Self {
        let (numbers, words): (Vec<_>, Vec<_>) = arguments.into_iter().partition(|argument| argument.contains('='));
        let number = |name: &str, otherwise: u64| {
            let given = numbers.iter().find_map(|given| given.strip_prefix(name)?.strip_prefix('='));
            given.map_or(otherwise, |given| given.parse().unwrap())
        };
        let (sensors, days, calls) = (number("sensors", 200), number("days", 365), number("calls", 20));
        Asked { sensors, days, calls, seconds: number("seconds", 10) as f64, words }
    }

    fn is_part(&self, part: &str) -> bool {
        let parts = ["ingest", "grows", "month", "chair"];
        let any = self.words.iter().any(|word| parts.contains(&word.as_str()));
        !any || self.words.iter().any(|word| word == part)
    }

    fn is_database(&self, name: &str) -> bool {
        let any = self.words.iter().any(|word| word == "sqlite" || word == "postgres");
        !any || self.words.iter().any(|word| word == name)
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if arguments == ["load"] {
        return load::serve();
    }
    let asked = Asked::of(arguments);
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("readings");
    let _ = std::fs::remove_dir_all(&folder); // left by a run that was interrupted
    std::fs::create_dir_all(&folder).unwrap();
    if asked.is_database("sqlite") {
        measure("SQLite", &folder, None, None, &asked);
    }
    if asked.is_database("postgres") {
        match postgres::PrivateCluster::launch() {
            Some(cluster) => {
                // As durable as in production, unlike in tests.
                for setting in ["fsync = on", "full_page_writes = on", "autovacuum = on"] {
                    cluster.sql("postgres", &format!("ALTER SYSTEM SET {setting}"));
                }
                cluster.sql("postgres", "SELECT pg_reload_conf()");
                let (url, other) = (cluster.empty_database(), cluster.empty_database());
                measure("PostgreSQL", &folder, Some(&url), Some(&other), &asked);
            }
            None => println!("PostgreSQL is not installed: its half is left out."),
        }
    }
    let _ = std::fs::remove_dir_all(&folder);
}

/// Everything on one database. `other` is a second one for what is done by hand.
fn measure(name: &str, folder: &Path, url: Option<&str>, other: Option<&str>, asked: &Asked) {
    let mut clinic = Clinic::open(Path::new(LOTLINE), &folder.join(name), url, 1, 8);
    let mut feed = Feed::of(&clinic, 50);
    feed.send(Form::Json, 1); // each sensor's first, which nothing follows on
    feed.send(Form::Json, 50);
    if asked.is_part("ingest") {
        let by_hand = ceiling::rate(folder, other, asked.calls);
        for (what, form, sensors) in [
            ("JSON, one sensor a call", Form::Json, 1),
            ("NDJSON, one sensor a call", Form::Ndjson, 1),
            ("JSON, fifty sensors a call", Form::Json, 50),
        ] {
            let seconds: f64 = (0..asked.calls).map(|_| feed.send(form, sensors)).sum();
            let rate = asked.calls as f64 * feed::READINGS as f64 / seconds;
            println!("{name}, {what}: {rate:.0} readings/s; by hand {by_hand:.0}: {:.2} of it", rate / by_hand);
        }
    }
    if asked.is_part("chair") {
        chair(name, &mut clinic, &mut feed, asked.seconds);
    }
    if !asked.is_part("grows") && !asked.is_part("month") {
        return;
    }
    let before = (0..asked.calls).map(|_| feed.send(Form::Json, 1)).collect();
    let tables = Tables::of(&clinic, url);
    let (location, series) = year(&clinic, &tables, asked);
    feed.send(Form::Json, 1);
    if asked.is_part("grows") {
        let (before, after) = (median(before), median((0..asked.calls).map(|_| feed.send(Form::Json, 1)).collect()));
        println!(
            "{name}, a call: {:.1} ms on a year of {} sensors, {:.1} ms before: {:.2} times as long",
            after * 1e3,
            asked.sensors,
            before * 1e3,
            after / before
        );
    }
    if asked.is_part("month") {
        let path =
            format!("/v1/locations/{location}/climate?from=2025-01-01T00:00:00Z&to=2025-01-31T00:00:00Z&resolution=1h");
        let token = clinic.token("auditor");
        let ours = median((0..TIMES).map(|_| feed.get(&path, &token)).collect());
        let by_hand = median((0..TIMES).map(|_| tables.month(&series)).collect());
        println!(
            "{name}, a month of one location by the hour: {:.1} ms; by hand {:.1} ms: {:.2} times as long",
            ours * 1e3,
            by_hand * 1e3,
            ours / by_hand
        );
    }
}

/// Sensors, two at each location, with as many days of readings as are asked for: one of the locations, and the numbers of
/// its series.
fn year(clinic: &Clinic, tables: &Tables, asked: &Asked) -> (String, Vec<i64>) {
    let mut last = (String::new(), Vec::new());
    let mut all = Vec::new();
    for number in 0..asked.sensors {
        if number % 2 == 0 {
            let body = json!({
                "site_id": clinic.site(), "name": format!("Fridge {number}"), "purpose": "stock", "min_c": 2, "max_c": 8,
            });
            last = (clinic.register("/v1/locations", &body), Vec::new());
        }
        let body = json!({"location_id": last.0, "name": format!("Shelf {number}"), "interval_seconds": 300});
        let series = tables.series_of(&clinic.register("/v1/sensors", &body));
        last.1.push(series);
        all.push(series);
    }
    all.sort_unstable();
    let began = Instant::now();
    tables.fill(&all, asked.days);
    let seconds = began.elapsed().as_secs_f64();
    println!("({} readings written by SQL in {seconds:.0} s)", asked.sensors * asked.days * 288);
    last
}

/// Administrations alone, and while readings come; twice each, in turns.
fn chair(name: &str, clinic: &mut Clinic, feed: &mut Feed, seconds: f64) {
    clinic.administer(CHAIRS, 2.0, 0);
    let (mut alone, mut beside, mut sent) = (Vec::new(), Vec::new(), 0);
    for _ in 0..2 {
        alone.push(clinic.administer(CHAIRS, seconds, 0).p99_ms);
        let (measured, calls) = feed.during(|| clinic.administer(CHAIRS, seconds, 0));
        beside.push(measured.p99_ms);
        sent += calls;
    }
    let (alone, beside) = (median(alone), median(beside));
    println!(
        "{name}, administrations over {CHAIRS} connections: p99 {beside:.1} ms while {sent} calls came in, {alone:.1} ms alone: \
         {:.2} times as long",
        beside / alone
    );
}

fn median(mut of: Vec<f64>) -> f64 {
    of.sort_by(f64::total_cmp);
    let middle = of.len() / 2;
    if of.len() % 2 == 1 { of[middle] } else { (of[middle - 1] + of[middle]) / 2.0 }
}
