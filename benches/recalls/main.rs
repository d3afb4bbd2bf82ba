//! What it costs to ask what became of a recalled lot, and for its chain of custody, next to the same by SQL and to the same among
//! fewer administrations.
//!
//! `cargo bench --bench recalls` starts the real server on fresh databases below `target/` (a disk, not memory), on SQLite and,
//! where that is installed, on PostgreSQL. Of a thousand lots each has a thousand administrations in the end. Of one of them it prints
//! how long the first page of its recall's impact takes, and of its custody, when there are 10,000 administrations and when there
//! are 1,000,000: as ratios to each other, and to the same rows read by SQL in the same run.
//!
//! `cargo bench --bench recalls -- sqlite` does a part; `lots=100` makes it smaller. Each lot's first administration comes over HTTP; the
//! others are its rows again, by SQL, with ids of their own: in the tables that are read here, not in those that only writing
//! reads. Caller, server and database share the processors of one machine.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::as_conversions)] // a bench fails like a test

use std::path::{Path, PathBuf};
use std::time::Instant;

use serde_json::{Value, json};

mod by_hand;
#[allow(dead_code)] // what tests of connections over the network need
#[path = "../../tests/it/support/postgres.rs"]
mod postgres;
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
/// Lots that have theirs at first.
const FEW: u64 = 10;
/// How often what takes milliseconds is measured.
const TIMES: usize = 31;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if arguments == ["load"] {
        return load::serve();
    }
    let lots =
        arguments.iter().find_map(|given| given.strip_prefix("lots=")).map_or(1_000, |lots| lots.parse().unwrap());
    let any = arguments.iter().any(|word| word == "sqlite" || word == "postgres");
    let is_database = |name: &str| !any || arguments.iter().any(|word| word == name);
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("recalls");
    let _ = std::fs::remove_dir_all(&folder); // left by a run that was interrupted
    std::fs::create_dir_all(&folder).unwrap();
    if is_database("sqlite") {
        measure("SQLite", &folder, None, lots);
    }
    if is_database("postgres") {
        match postgres::PrivateCluster::launch() {
            Some(cluster) => {
                // As durable as in production, unlike in tests.
                for setting in ["fsync = on", "full_page_writes = on", "autovacuum = on"] {
                    cluster.sql("postgres", &format!("ALTER SYSTEM SET {setting}"));
                }
                cluster.sql("postgres", "SELECT pg_reload_conf()");
                measure("PostgreSQL", &folder, Some(&cluster.empty_database()), lots);
            }
            None => println!("PostgreSQL is not installed: its half is left out."),
        }
    }
    let _ = std::fs::remove_dir_all(&folder);
}

/// What is measured, in seconds.
#[derive(Clone, Copy)]
struct Cost {
    ours: f64,
    by_hand: f64,
}

fn measure(name: &str, folder: &Path, url: Option<&str>, lots: u64) {
    let mut clinic = Clinic::open(Path::new(LOTLINE), &folder.join(name), url, 1, lots);
    clinic.administer(8, 0.0, lots);
    let tables = Tables::of(&clinic, url);
    let all = tables.lots();
    assert_eq!(all.len() as u64, lots);
    let few = all.len().min(FEW as usize);
    tables.fill(&all[..few], EACH, false);
    let asked = Asked::of(&clinic, &all[0]);
    let before = asked.measure(&tables);
    let began = Instant::now();
    tables.fill(&all[few..], EACH, false);
    println!("({name}: {} administrations written by SQL in {:.0} s)", lots * EACH, began.elapsed().as_secs_f64());
    let after = asked.measure(&tables);
    for (what, before, after) in [("impact", before[0], after[0]), ("custody", before[1], after[1])] {
        for (count, cost) in [(FEW.min(lots), before), (lots, after)] {
            println!(
                "{name}, {what} of a lot among {} administrations: {:.1} ms; by hand {:.1} ms: {:.2} times as long",
                count * EACH,
                cost.ours * 1e3,
                cost.by_hand * 1e3,
                cost.ours / cost.by_hand
            );
        }
        println!(
            "{name}, {what} among {} to {}: {:.2} times as long",
            lots * EACH,
            FEW * EACH,
            after.ours / before.ours
        );
    }
}

/// What is asked for of a lot.
struct Asked {
    agent: ureq::Agent,
    url: String,
    token: String,
    lot: String,
    recall: String,
}

impl Asked {
    /// Recalls a lot.
    fn of(clinic: &Clinic, lot: &rows::Lot) -> Self {
        let agent = ureq::Agent::config_builder().http_status_as_error(false).build().new_agent();
        let url = format!("http://{}", clinic.address());
        let body = json!({
            "reference": "FSN-1", "classification": "class_2", "gtin": "09521234567899", "lots": [lot.text], "reason": "Bench",
        });
        let request = agent.post(format!("{url}/v1/recalls"));
        let request = request.header("Authorization", format!("Bearer {}", clinic.token("quality")));
        let mut answer = request.send_json(&body).unwrap();
        let said = answer.body_mut().read_to_string().unwrap();
        assert_eq!(answer.status(), 201, "{said}");
        let made: Value = serde_json::from_str(&said).unwrap();
        let recall = made["id"].as_str().unwrap().to_owned();
        Asked { agent, url, token: clinic.token("auditor"), lot: lot.id.clone(), recall }
    }

    /// The impact and the custody.
    fn measure(&self, tables: &Tables) -> [Cost; 2] {
        let impact = format!("/v1/recalls/{}/impact", self.recall);
        let custody = format!("/v1/lots/{}/custody?limit=200", self.lot);
        let (told, seen) = (self.get(&impact).1, self.get(&custody).1);
        let count = |list: &Value| list.as_array().unwrap().len();
        // By hand as many are read.
        let (given, events) = (count(&told["administered"]), count(&seen["events"]));
        assert!(given as u64 > EACH - 10 && events == 200, "{given} administrations and {events} events");
        assert_eq!(told["totals"]["administered"], EACH);
        let mut conn = tables.connect();
        let by_hand = |work: &mut dyn FnMut() -> usize, least: usize| {
            let times = (0..TIMES).map(|_| {
                let began = Instant::now();
                let found = work();
                assert!(found >= least, "{found} rows are fewer than {least}");
                began.elapsed().as_secs_f64()
            });
            median(times.collect())
        };
        let ours = |path: &str| median((0..TIMES).map(|_| self.get(path).0).collect());
        [
            Cost { ours: ours(&impact), by_hand: by_hand(&mut || conn.impact(&self.recall), given) },
            Cost { ours: ours(&custody), by_hand: by_hand(&mut || conn.custody(&self.lot, 200), events) },
        ]
    }

    fn get(&self, path: &str) -> (f64, Value) {
        let request = self.agent.get(format!("{}{path}", self.url));
        let request = request.header("Authorization", format!("Bearer {}", self.token));
        let began = Instant::now();
        let mut answer = request.call().unwrap();
        let said = answer.body_mut().read_to_string().unwrap();
        let seconds = began.elapsed().as_secs_f64();
        assert_eq!(answer.status(), 200, "{said}");
        (seconds, serde_json::from_str(&said).unwrap())
    }
}

fn median(mut of: Vec<f64>) -> f64 {
    of.sort_by(f64::total_cmp);
    of[of.len() / 2]
}
