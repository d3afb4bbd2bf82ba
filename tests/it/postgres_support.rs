//! The throw-away PostgreSQL itself: copies are quick and apart from each other, and nothing is
//! left behind.

// Helpers of tests may panic as tests do; clippy only knows that of `#[test]` itself.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use super::support::postgres::{Cluster, PrivateCluster, cluster};

/// Set in the process that [`nothing_is_left_after_sigkill`] starts to kill it.
const VICTIM: &str = "LOTLINE_POSTGRES_VICTIM";

#[test]
fn twenty_threads_get_a_database_each() {
    static MIGRATIONS: AtomicU32 = AtomicU32::new(0);
    let Some(cluster) = PrivateCluster::launch() else {
        return;
    };
    let cluster: &Cluster = &cluster;
    let migrate = |url: &str| {
        MIGRATIONS.fetch_add(1, Ordering::SeqCst);
        cluster.sql(url, "CREATE TABLE lots (lot TEXT); INSERT INTO lots VALUES ('from the template')");
    };

    let urls: Vec<String> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..20)
            .map(|_| {
                scope.spawn(|| {
                    let url = cluster.database(migrate);
                    cluster.sql(&url, &format!("INSERT INTO lots VALUES ('{url}')"));
                    url
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });

    assert_eq!(MIGRATIONS.load(Ordering::SeqCst), 1);
    assert_eq!(urls.iter().collect::<BTreeSet<_>>().len(), 20);
    for url in &urls {
        assert_eq!(cluster.sql(url, "SELECT lot FROM lots"), format!("from the template\n{url}\n"));
    }
}

#[test]
fn a_template_is_copied_while_a_connection_of_its_migration_is_still_open() {
    let Some(cluster) = PrivateCluster::launch() else {
        return;
    };
    let mut idle = None;
    let url = cluster.database(|url| {
        cluster.sql(url, "CREATE TABLE lots (lot TEXT)");
        let mut psql = Command::new("psql");
        psql.arg(url).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        idle = psql.spawn().ok();
        let connected = "SELECT count(*) FROM pg_stat_activity WHERE datname = 'lotline_template'";
        let began = Instant::now();
        while idle.is_some() && cluster.sql("postgres", connected) != "1\n" {
            assert!(began.elapsed() < Duration::from_secs(10), "psql did not connect");
        }
    });
    assert_eq!(cluster.sql(&url, "SELECT count(*) FROM lots"), "0\n");
    if let Some(mut psql) = idle {
        psql.kill().unwrap();
        psql.wait().unwrap();
    }
}

#[test]
fn a_migration_that_panics_leaves_the_next_a_clean_template() {
    let Some(cluster) = PrivateCluster::launch() else {
        return;
    };
    let broken = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        cluster.database(|url| {
            cluster.sql(url, "CREATE TABLE lots (lot TEXT)");
            panic!("half way");
        })
    }));
    assert!(broken.is_err());
    let url = cluster.database(|url| drop(cluster.sql(url, "CREATE TABLE lots (lot TEXT)")));
    assert_eq!(cluster.sql(&url, "SELECT count(*) FROM lots"), "0\n");
}

#[test]
fn an_empty_database_is_empty() {
    let Some(cluster) = cluster() else { return };
    let url = cluster.empty_database();
    let tables = "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'";
    assert_eq!(cluster.sql(&url, tables), "0\n");
}

#[test]
fn a_private_cluster_stops_starts_with_its_data_and_is_gone_when_dropped() {
    let Some(cluster) = PrivateCluster::launch() else {
        return;
    };
    let url = cluster.empty_database();
    cluster.sql(&url, "CREATE TABLE lots (lot TEXT); INSERT INTO lots VALUES ('kept')");

    cluster.stop();
    assert!(cluster.try_sql(&url, "SELECT 1").is_err());
    cluster.start();
    assert_eq!(cluster.sql(&url, "SELECT lot FROM lots"), "kept\n");

    let directory = cluster.directory().to_owned();
    assert!(directory.exists());
    drop(cluster);
    assert!(!directory.exists());
}

/// Waits to be killed, in the process that [`nothing_is_left_after_sigkill`] starts; does nothing
/// in any other.
#[test]
fn victim() {
    if std::env::var_os(VICTIM).is_none() {
        return;
    }
    if let Some(cluster) = cluster() {
        cluster.empty_database();
        println!("{}", cluster.directory().display());
        std::thread::sleep(Duration::from_secs(600));
    }
}

#[test]
fn nothing_is_left_after_sigkill() {
    if cluster().is_none() {
        return;
    }
    let mut victim = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "postgres_support::victim", "--nocapture"])
        .env(VICTIM, "1")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let directory = BufReader::new(victim.stdout.take().unwrap())
        .lines()
        .map(Result::unwrap)
        .find_map(|line| line.find("/").and_then(|at| line.get(at..)).map(PathBuf::from))
        .unwrap();
    let postmaster = postmaster(&directory);
    assert!(postmaster.exists());

    victim.kill().unwrap();
    victim.wait().unwrap();

    let began = Instant::now();
    while directory.exists() || postmaster.exists() {
        assert!(began.elapsed() < Duration::from_secs(30), "{} was left behind", directory.display());
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The server's process, as long as it lives.
fn postmaster(directory: &Path) -> PathBuf {
    let lock = std::fs::read_to_string(directory.join("data/postmaster.pid")).unwrap();
    Path::new("/proc").join(lock.lines().next().unwrap())
}
