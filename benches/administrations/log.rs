//! What the custody log costs: administrations a second with it and without, in turns, in one run.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::sql_types::BigInt;
use diesel::sqlite::SqliteConnection;
use diesel::{Connection, QueryableByName, RunQueryDsl, sql_query};

use super::shared::clinic::Clinic;
use super::{LOTLINE, LOTS, SECONDS, WARM_UP, postgres};

const ROUNDS: usize = 5;
const CONNECTIONS: usize = 64;

/// Measures both databases.
pub fn measure(folder: &Path, cluster: Option<&postgres::PrivateCluster>) {
    let open = |name: &str, url: Option<&str>| Clinic::open(Path::new(LOTLINE), &folder.join(name), url, 1, LOTS);
    let (with, without) = (open("log", None), open("no-log", None));
    let (file, other): (PathBuf, PathBuf) = (with.file(), without.file());
    let sqlite = |file: &Path| SqliteConnection::establish(&file.to_string_lossy()).unwrap();
    // Without the mark that an event makes of itself, nothing is ever to be done.
    sqlite(&other).batch_execute("PRAGMA busy_timeout = 5000; DROP TRIGGER events_await_leaf").unwrap();
    compare("SQLite", [with, without], || waiting(&mut sqlite(&file)));
    let Some(cluster) = cluster else { return };
    let urls = [cluster.empty_database(), cluster.empty_database()];
    let [with, without] = [0, 1].map(|one| open(&format!("pg-log-{one}"), Some(&urls[one])));
    let name = |url: &str| url.rsplit('/').next().unwrap().split('?').next().unwrap().to_owned();
    cluster.sql(&name(&urls[1]), "DROP TRIGGER events_await_leaf ON events");
    compare("PostgreSQL", [with, without], || {
        cluster.sql(&name(&urls[0]), "SELECT COUNT(*) FROM log_pending").trim().parse().unwrap()
    });
}

fn waiting(conn: &mut SqliteConnection) -> i64 {
    #[derive(QueryableByName)]
    struct Waiting {
        #[diesel(sql_type = BigInt)]
        waiting: i64,
    }
    sql_query("SELECT COUNT(*) AS waiting FROM log_pending").get_result::<Waiting>(conn).unwrap().waiting
}

fn compare(database: &str, mut clinics: [Clinic; 2], waiting: impl Fn() -> i64) {
    for clinic in &mut clinics {
        clinic.administer(CONNECTIONS, WARM_UP, 0);
    }
    let mut rates = [Vec::new(), Vec::new()];
    let (mut left, mut longest) = (0, Duration::ZERO);
    for round in 0..ROUNDS {
        // Who is first in one round is second in the next.
        for one in if round % 2 == 0 { [0, 1] } else { [1, 0] } {
            rates[one].push(clinics[one].administer(CONNECTIONS, SECONDS, 0).rate);
            if one == 0 {
                left = left.max(waiting());
                let ended = Instant::now();
                while waiting() > 0 {
                    std::thread::sleep(Duration::from_millis(50));
                }
                longest = longest.max(ended.elapsed());
            }
        }
    }
    for clinic in &mut clinics {
        clinic.stop();
    }
    let [with, without] = rates.map(|mut rates| {
        rates.sort_by(f64::total_cmp);
        rates[rates.len() / 2]
    });
    println!(
        "{database}, {CONNECTIONS} connections: {with:.0} /s with the log, {without:.0} without: {:.2} of it; at the end of a round {left} \
         events waited for their leaf, and none after {:.1} s",
        with / without,
        longest.as_secs_f64()
    );
}
