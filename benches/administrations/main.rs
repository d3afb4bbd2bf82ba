//! How many administrations become durable in a second, and what each costs, next to what bounds them.
//!
//! `cargo bench --bench administrations` starts the real server on fresh databases below `target/` (a disk, not memory) and
//! prints, of one run:
//!
//! - (a) the ceiling: the rows of an administration written by prepared statements on one connection, 64 with each commit,
//!   `synchronous=FULL`, no HTTP; (b) the same with a commit each; (c) the same through `Store::write`, by 64 callers;
//! - (d) over HTTP with 1, 8, 64 and 256 connections: JSON, token, gate, journal and Idempotency-Key included, from callers in a
//!   process of their own; and scans; (e) a bare service of the same crates under the same load;
//! - the same on PostgreSQL, where that is installed: one and two server processes, one lot and fifty.
//!
//! For each: rate, half and 99 in 100 answers within, time of processors of the servers, growth of the database, resident
//! memory. `cargo bench --bench administrations -- sqlite` does a part; `sizes` fills the database with 10⁴, 10⁵ and 10⁶
//! administrations and measures again at each; `visits` scans in a visit, with everything asked that can be, and without one, in turns;
//! `log` measures with the custody log and without. `LOTLINE_BASELINE=/path/to/lotline` measures another program beside it, in turns.
//! Callers and servers share the processors of one machine. `LOTLINE_PLOT=docs/administrations.svg` draws the rates.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::as_conversions)] // a bench fails like a test

use std::path::{Path, PathBuf};
use std::sync::Arc;

mod bare;
mod ceiling;
mod log;
mod plot;
#[allow(dead_code)] // what tests of connections over the network need
#[path = "../../tests/it/support/postgres.rs"]
mod postgres;
#[allow(dead_code)] // what other benches need
#[path = "../shared/mod.rs"]
mod shared;

use ceiling::Rows;
use shared::clinic::{Clinic, Measured};
use shared::load;

const LOTLINE: &str = env!("CARGO_BIN_EXE_lotline");
const WARM_UP: f64 = 2.0;
const SECONDS: f64 = 8.0;
/// In so many turns, where two are compared.
const TURNS: u8 = 5;
const LOTS: u64 = 50;

/// What is drawn in the end.
type Bars = Vec<(String, f64)>;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["load"] => return load::serve(),
        ["bare", database, address] => return bare::serve(database, address),
        _ => {}
    }
    let is_asked = |part: &str| arguments.is_empty() || arguments.iter().any(|asked| asked == part);
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("administrations");
    let _ = std::fs::remove_dir_all(&folder); // left by a run that was interrupted
    std::fs::create_dir_all(&folder).unwrap();
    let mut programs = vec![("lotline", PathBuf::from(LOTLINE))];
    if let Some(baseline) = std::env::var_os("LOTLINE_BASELINE") {
        programs.push(("baseline", PathBuf::from(baseline)));
    }
    println!("{:<44} {:>8} {:>8} {:>8} {:>8} {:>9} {:>8}", "", "each s", "p50 ms", "p99 ms", "cpu ms", "bytes", "MiB");
    let mut bars = Bars::new();
    if is_asked("sqlite") {
        sqlite(&programs, &folder, &mut bars);
    }
    if is_asked("postgres") {
        on_postgres(&programs, &folder, &mut bars);
    }
    if arguments.iter().any(|asked| asked == "sizes") {
        sizes(&folder);
    }
    if arguments.iter().any(|asked| asked == "visits") {
        visits(&folder);
    }
    if arguments.iter().any(|asked| asked == "log") {
        let cluster = durable_cluster();
        log::measure(&folder, cluster.as_ref());
    }
    let _ = std::fs::remove_dir_all(&folder);
    if let Some(path) = std::env::var_os("LOTLINE_PLOT") {
        std::fs::write(path, plot::draw("Durable administrations and scans a second", &bars)).unwrap();
    }
}

fn print(bars: &mut Bars, what: &str, m: &Measured) {
    bars.push((what.to_owned(), m.rate));
    let Measured { rate, p50_ms, p99_ms, cpu_ms, bytes, rss_mib } = m;
    println!("{what:<44} {rate:>8.0} {p50_ms:>8.1} {p99_ms:>8.1} {cpu_ms:>8.3} {bytes:>9.0} {rss_mib:>8}");
}

fn sqlite(programs: &[(&str, PathBuf)], folder: &Path, bars: &mut Bars) {
    let mut clinics: Vec<(&str, Clinic)> = programs
        .iter()
        .map(|(name, binary)| (*name, Clinic::open(binary, &folder.join(name), None, 1, LOTS)))
        .collect();
    for (_, clinic) in &mut clinics {
        clinic.administer(64, WARM_UP, 0);
    }
    let mut ours = Vec::new();
    for connections in [1, 8, 64, 256] {
        for (name, clinic) in &mut clinics {
            let measured = clinic.administer(connections, SECONDS, 0);
            print(bars, &format!("SQLite, {name}, {connections} connections"), &measured);
            if *name == "lotline" {
                ours.push((connections, measured.rate));
            }
        }
    }
    for connections in [1, 64] {
        for (name, clinic) in &mut clinics {
            let what = format!("SQLite, {name}, scans, {connections} connections");
            print(bars, &what, &clinic.scan(connections, SECONDS));
        }
    }
    let (_, clinic) = &mut clinics[0];
    clinic.stop();
    let (file, copy) = (clinic.file(), folder.join("copy.db"));
    let rows = Arc::new(Rows::of(&file));
    for (batch, connections) in [(64, 64), (1, 1)] {
        let ceiling = ceiling::rate(&rows, &file, &copy, batch, SECONDS);
        let rate = ours.iter().find(|(of, _)| *of == connections).map_or(0.0, |(_, rate)| *rate);
        bars.push((format!("SQLite, the rows alone, {batch} a commit"), ceiling));
        println!(
            "SQLite, the rows alone in {} statements, {batch:>2} a commit {ceiling:>8.0} /s; over HTTP with {connections} connections {:.2} of it",
            rows.statements(),
            rate / ceiling
        );
    }
    let rate = ours.iter().find(|(of, _)| *of == 64).map_or(0.0, |(_, rate)| *rate);
    let through = ceiling::rate_through_store(&rows, &file, &copy, 64, SECONDS);
    println!(
        "SQLite, the rows through Store::write by 64 callers {through:>8.0} /s; over HTTP {:.2} of it",
        rate / through
    );
    let bare = bare::measure(folder, 64, SECONDS, clinic.body()).rate();
    println!("SQLite, a bare service, 64 connections {bare:>8.0} /s; this one {:.2} of it", rate / bare);
    bars.push(("SQLite, a bare service, alone".to_owned(), bare));
}

/// As durable as in production, unlike in tests.
fn durable_cluster() -> Option<postgres::PrivateCluster> {
    let cluster = postgres::PrivateCluster::launch();
    if cluster.is_none() {
        println!("PostgreSQL is not installed: its half is left out.");
    }
    let cluster = cluster?;
    for setting in ["fsync = on", "full_page_writes = on", "autovacuum = on"] {
        cluster.sql("postgres", &format!("ALTER SYSTEM SET {setting}"));
    }
    cluster.sql("postgres", "SELECT pg_reload_conf()");
    Some(cluster)
}

fn on_postgres(programs: &[(&str, PathBuf)], folder: &Path, bars: &mut Bars) {
    let Some(cluster) = durable_cluster() else { return };
    for (processes, lots) in [(1, 1), (1, LOTS), (2, LOTS)] {
        let mut clinics: Vec<(&str, String, Clinic)> = programs
            .iter()
            .map(|(name, binary)| {
                let url = cluster.empty_database();
                let clinic = Clinic::open(binary, &folder.join(format!("pg-{name}")), Some(&url), processes, lots);
                (*name, url, clinic)
            })
            .collect();
        for (_, _, clinic) in &mut clinics {
            clinic.administer(8, WARM_UP, 0);
        }
        for connections in [1, 64] {
            for (name, _, clinic) in &mut clinics {
                let what = format!("PostgreSQL, {name}, {processes} processes, {lots} lots, {connections} connections");
                print(bars, &what, &clinic.administer(connections, SECONDS, 0));
            }
        }
        for (name, _, clinic) in &mut clinics {
            let what = format!("PostgreSQL, {name}, {processes} processes, scans, 64");
            print(bars, &what, &clinic.scan(64, SECONDS));
        }
        for (_, url, mut clinic) in clinics {
            clinic.stop();
            cluster.remove(&url);
        }
    }
}

/// The same at 10⁴, 10⁵ and 10⁶ administrations.
fn sizes(folder: &Path) {
    let mut clinic = Clinic::open(Path::new(LOTLINE), &folder.join("sizes"), None, 1, LOTS);
    for size in [10_000_u64, 100_000, 1_000_000] {
        while clinic.administered < size {
            let some = (size - clinic.administered).min(500_000);
            clinic.administer(64, 0.0, some);
            if some == 500_000 {
                clinic.restock();
            }
        }
        print(&mut Bars::new(), &format!("SQLite, at {size}, 64 connections"), &clinic.administer(64, SECONDS, 0));
        print(&mut Bars::new(), &format!("SQLite, at {size}, 1 connection"), &clinic.administer(1, SECONDS, 0));
        print(&mut Bars::new(), &format!("SQLite, at {size}, scans, 64 connections"), &clinic.scan(64, SECONDS));
        std::thread::sleep(std::time::Duration::from_secs(5));
        println!("SQLite, at {size}, five seconds after it: {} MiB resident", clinic.rss_mib());
    }
}

/// Scans in a visit, with all that can be asked around a treatment, beside scans of the same packs without one: in turns, on a
/// deployment each, for what a machine has to give changes within minutes.
fn visits(folder: &Path) {
    let cluster = durable_cluster();
    let two_databases = cluster.as_ref().map(|cluster| [(); 2].map(|()| Some(cluster.empty_database())));
    for (name, urls) in [("SQLite", Some([None, None])), ("PostgreSQL", two_databases)] {
        let Some(urls) = urls else { continue };
        let mut clinics = [("without a visit", &urls[0]), ("in a visit", &urls[1])].map(|(what, url)| {
            let folder = folder.join(format!("visits-{name}-{what}"));
            (what, Clinic::open(Path::new(LOTLINE), &folder, url.as_deref(), 1, LOTS))
        });
        clinics[1].1.visit();
        for (_, clinic) in &mut clinics {
            clinic.scan(8, WARM_UP);
        }
        for connections in [1, 64] {
            let mut turns: [Vec<Measured>; 2] = [Vec::new(), Vec::new()];
            for _ in 0..TURNS {
                for ((_, clinic), turns) in clinics.iter_mut().zip(&mut turns) {
                    turns.push(clinic.scan(connections, SECONDS / f64::from(TURNS)));
                }
            }
            let [without, with] = turns.map(median);
            for ((what, _), measured) in clinics.iter().zip([&without, &with]) {
                print(&mut Bars::new(), &format!("{name}, scans {what}, {connections} connections"), measured);
            }
            println!(
                "{name}: a scan in a visit takes {:.2} times the processor time, and {:.2} times as long",
                with.cpu_ms / without.cpu_ms,
                without.rate / with.rate
            );
        }
    }
}

/// The turn in the middle, by processor time.
fn median(mut turns: Vec<Measured>) -> Measured {
    turns.sort_by(|one, other| one.cpu_ms.total_cmp(&other.cpu_ms));
    turns.swap_remove(turns.len() / 2)
}
