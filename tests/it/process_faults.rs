//! The real program when things go wrong around it: stopped, killed, without its database, without room on the disk.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use lotline::caller::Role;
use serde_json::json;

use super::support::client::assert_problem;
use super::support::clinic::{FAR_EXPIRY, site};
use super::support::database::TempDir;
use super::support::postgres::{PrivateCluster, cluster};
use super::support::process::{init, lotline, run};
use super::support::{Client, Clinic, Database, Kind, Process, World};

fn each_database(test: fn(Database)) {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        if let Some(database) = Database::create(kind) {
            test(database);
        }
    }
}

/// Administers one unit at a time from several clients until the server no longer answers: how many were acknowledged,
/// and how many more may have been done without an answer.
fn administer_until_it_ends(clinic: &Clinic, lot: &str, clients: usize, acknowledged: &AtomicUsize) -> usize {
    let (token, body) = (clinic.token(Role::Practitioner), clinic.administration(lot, 1).to_string());
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    static SENT: AtomicUsize = AtomicUsize::new(0);
    let unanswered = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..clients {
            scope.spawn(|| {
                loop {
                    let key = format!("until-it-ends-{}", SENT.fetch_add(1, Ordering::SeqCst));
                    let mut all = headers.to_vec();
                    all.push(("idempotency-key", key.as_str()));
                    match clinic.http.try_send("POST", "/v1/administrations", &all, Some(body.as_bytes())) {
                        Ok(answer) if answer.status == 201 => acknowledged.fetch_add(1, Ordering::SeqCst),
                        Ok(answer) => panic!("{}: {}", answer.status, answer.json()),
                        Err(_) => {
                            unanswered.fetch_add(1, Ordering::SeqCst);
                            return;
                        }
                    };
                }
            });
        }
    });
    unanswered.into_inner()
}

#[test]
fn sigterm_finishes_what_is_in_flight_and_ends_at_once() {
    each_database(|database| {
        let mut server = Process::serve(&database);
        // Idle keep-alive connections: some that never asked, some that were answered.
        let idle: Vec<_> = (0..8).map(|_| TcpStream::connect(&server.address).unwrap()).collect();
        for mut stream in idle.iter().take(4) {
            stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
            let mut answer = [0; 12];
            stream.read_exact(&mut answer).unwrap();
            assert_eq!(&answer, b"HTTP/1.1 200");
        }
        // A request in flight: its head was read, its body is still coming.
        let (_, admin) = init(&database, "Example Clinics");
        let body = site().to_string();
        let mut slow = TcpStream::connect(&server.address).unwrap();
        let head = format!(
            "POST /v1/sites HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {admin}\r\ncontent-type: application/json\r\n\
             expect: 100-continue\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        slow.write_all(head.as_bytes()).unwrap();
        let mut go_on = [0; 25];
        slow.read_exact(&mut go_on).unwrap(); // the server is waiting for the body
        assert!(go_on.starts_with(b"HTTP/1.1 100"));

        let asked = Instant::now();
        server.signal("TERM");
        // By now it is stopping, or will be in a moment: either way the request is finished first.
        std::thread::sleep(Duration::from_millis(200));
        slow.write_all(body.as_bytes()).unwrap();
        let mut answer = String::new();
        slow.read_to_string(&mut answer).unwrap();
        assert!(answer.contains("HTTP/1.1 201"), "{answer}");
        let status = server.wait();
        assert_eq!(status.code(), Some(0));
        assert!(asked.elapsed() < Duration::from_secs(15), "took {:?}", asked.elapsed());
        assert!(TcpStream::connect(&server.address).is_err(), "nobody listens any more");
        assert_eq!(database.count("sites"), 1);
    });
}

#[test]
fn what_was_acknowledged_before_kill_9_is_there_after_it() {
    each_database(|database| {
        let mut server = Process::serve(&database);
        let world = World::beside(database, server.http.clone());
        let clinic = world.clinic();
        let lot = clinic.stocked("LOT1", FAR_EXPIRY, 20_000);
        let acknowledged = AtomicUsize::new(0);
        let unanswered = std::thread::scope(|scope| {
            let stream = scope.spawn(|| administer_until_it_ends(&clinic, &lot, 8, &acknowledged));
            while acknowledged.load(Ordering::SeqCst) < 40 {
                assert!(!stream.is_finished());
                std::thread::yield_now();
            }
            server.kill();
            stream.join().unwrap()
        });
        let acknowledged = i64::try_from(acknowledged.into_inner()).unwrap();
        let unanswered = i64::try_from(unanswered).unwrap();

        let server = Process::serve(&world.database);
        world.http.turn_to(&server.address);
        let books = clinic.reconciliation(&lot);
        let administered = books["administered"].as_i64().unwrap();
        assert!(
            (acknowledged..=acknowledged + unanswered).contains(&administered),
            "{acknowledged} acknowledged, {unanswered} unanswered, {administered} in the books"
        );
        assert_eq!((&books["received"], &books["balanced"]), (&json!(20_000), &json!(true)));
        assert_eq!(world.database.count("administrations"), administered);
        assert_eq!(clinic.administer(&lot, 1).0, 201);
        world.assert_verified();
    });
}

#[test]
fn a_second_server_on_one_sqlite_file_is_refused() {
    let database = Database::create(Kind::Sqlite).unwrap();
    let first = Process::serve(&database);
    let Err(log) = Process::spawn(lotline("serve", &database)) else { panic!("two servers on one file") };
    assert!(log.iter().any(|line| line.contains("another server")), "{log:?}");
    assert_eq!(first.http.send("GET", "/readyz", &[], None).status, 200);
    drop(first);
    Process::serve(&database); // and when the first is gone, even killed, the next may have it
}

#[test]
fn a_database_of_a_newer_program_is_refused() {
    each_database(|database| {
        let newer = "INSERT INTO __diesel_schema_migrations (version) VALUES ('99990101000000')";
        database.execute(newer).unwrap();
        let Err(log) = Process::spawn(lotline("serve", &database)) else { panic!("served a newer database") };
        assert!(log.iter().any(|line| line.contains("99990101000000")), "{log:?}");
        for subcommand in ["migrate", "verify"] {
            assert!(!run(lotline(subcommand, &database)).status.success(), "{subcommand}");
        }
    });
}

#[test]
fn organisations_are_made_while_a_server_runs() {
    each_database(|database| {
        let server = Process::serve(&database);
        for name in ["First Clinics", "Second Clinics"] {
            let (organisation, admin) = init(&database, name);
            assert!(organisation.starts_with("org_"));
            let (status, made) = server.http.post(&admin, "/v1/sites", &site());
            assert_eq!(status, 201, "{made}");
            assert_eq!(server.http.get(&admin, "/v1/sites").1["items"].as_array().unwrap().len(), 1);
        }
    });
}

#[test]
fn two_servers_that_migrate_at_the_same_moment_both_start() {
    let Some(cluster) = cluster() else { return };
    for _ in 0..2 {
        let database = Database::at(cluster.empty_database().parse().unwrap());
        let servers: Vec<Process> = std::thread::scope(|scope| {
            let start = || scope.spawn(|| Process::serve(&database));
            let threads = [start(), start(), start()];
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let (_, admin) = init(&database, "Example Clinics");
        for server in &servers {
            // One of them made the signing key, and all have it.
            assert_eq!(server.http.get(&admin, "/v1/sites").0, 200);
        }
    }
}

#[test]
fn while_postgres_is_gone_every_answer_says_so_and_then_it_goes_on() {
    let Some(cluster) = PrivateCluster::launch() else { return };
    let database = Database::at(cluster.empty_database().parse().unwrap());
    let server = Process::serve(&database);
    let world = World::beside(database, server.http.clone());
    let clinic = world.clinic();
    let lot = clinic.stocked("LOT1", FAR_EXPIRY, 20);
    assert_eq!(clinic.administer(&lot, 1).0, 201);

    cluster.stop();
    let token = world.token(Role::Practitioner);
    for _ in 0..2 {
        let body = clinic.administration(&lot, 1);
        let answer = world.http.post_with(&token, "/v1/administrations", &[], &body);
        assert_problem(&answer, 503, "unavailable", "a change");
        assert!(answer.header("retry-after").is_some());
        let headers = [("authorization", format!("Bearer {token}"))];
        let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
        let answer = world.http.send("GET", "/v1/stock", &headers, None);
        assert_problem(&answer, 503, "unavailable", "a question");
        let ready = world.http.send("GET", "/readyz", &[], None);
        assert_eq!((ready.status, &ready.json()["code"]), (503, &json!("not_ready")));
        assert_eq!(ready.json()["dependencies"]["database"], "unreachable");
        assert_eq!(ready.json()["dependencies"]["evidence"], "ok");
        assert_eq!(world.http.send("GET", "/healthz", &[], None).status, 200);
    }

    cluster.start();
    let deadline = Instant::now() + Duration::from_secs(30);
    while world.http.send("GET", "/readyz", &[], None).status != 200 {
        assert!(Instant::now() < deadline, "ready again");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(clinic.administer(&lot, 1).0, 201);
    assert_eq!(clinic.reconciliation(&lot)["administered"], 2);
    drop(clinic);
    let verified = run(lotline("verify", &world.database));
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
}

/// A file size limit stands for a full disk: no write beyond it succeeds.
#[test]
fn a_full_disk_loses_nothing_that_was_acknowledged() {
    let database = Database::create(Kind::Sqlite).unwrap();
    let plain = lotline("serve", &database);
    // 512-byte blocks: room for some administrations, not for many. SIGXFSZ must not kill it, a failed write is enough.
    let mut limited = Command::new("sh");
    limited
        .args(["-c", "trap '' XFSZ; ulimit -f 4000; exec \"$@\"", "sh"])
        .arg(plain.get_program())
        .args(plain.get_args());
    let server = Process::spawn(limited).unwrap_or_else(|log| panic!("{log:?}"));
    let world = World::beside(database, server.http.clone());
    let clinic = world.clinic();
    let lot = clinic.stocked("LOT1", FAR_EXPIRY, 20_000);
    let mut acknowledged = 0;
    let refused = loop {
        let token = world.token(Role::Practitioner);
        let key = format!("{acknowledged}");
        let key = [("idempotency-key", key.as_str())];
        let answer = world.http.post_with(&token, "/v1/administrations", &key, &clinic.administration(&lot, 1));
        match answer.status {
            201 => acknowledged += 1,
            _ => break answer,
        }
        assert!(acknowledged < 5_000, "the limit was never met");
    };
    assert_problem(&refused, 503, "unavailable", "no room");
    assert!(acknowledged > 0);
    // Reading goes on.
    assert_eq!(clinic.reconciliation(&lot)["administered"], acknowledged);
    drop(server);

    let server = Process::serve(&world.database);
    world.http.turn_to(&server.address);
    assert_eq!(clinic.reconciliation(&lot)["administered"], acknowledged);
    assert_eq!(clinic.administer(&lot, 1).0, 201);
    world.assert_verified();
}

#[test]
fn a_bad_value_names_its_flag() {
    let dir = TempDir::new();
    let serve = |flags: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lotline"));
        command.arg("serve").arg("--data-dir").arg(dir.path()).args(flags);
        let output = run(command);
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8(output.stderr).unwrap()
    };
    for (flag, value) in [
        ("--bind", "nowhere"),
        ("--workers", "0"),
        ("--connections", "many"),
        ("--database-url", "mysql://x/y"),
        ("--log", "loud"),
    ] {
        assert!(serve(&[flag, value]).contains(flag), "{flag} {value}");
    }
    let nobody = Client::of("127.0.0.1:1");
    assert!(nobody.try_send("GET", "/healthz", &[], None).is_err());
}
