//! Callers that take their time: they are cut off, and nobody else waits for them.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use lotline::caller::Role;
use lotline::limits;

use super::limits::read_to_end;
use super::support::clinic::{id, location, site};
use super::support::process::lotline;
use super::support::{Database, Kind, Process, World};

/// A server with these flags, and the world around it.
fn start(flags: &[&str]) -> (Process, World) {
    let database = Database::create(Kind::Sqlite).unwrap();
    let mut command = lotline("serve", &database);
    command.args(flags);
    let server = Process::spawn(command).unwrap_or_else(|log| panic!("{log:?}"));
    let world = World::beside(database, server.http.clone());
    (server, world)
}

fn connect(server: &Process) -> TcpStream {
    let stream = TcpStream::connect(&server.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    stream
}

/// The head of a change with a body of so many bytes, or in chunks.
fn head(world: &World, length: Option<usize>) -> String {
    let length = length.map_or("transfer-encoding: chunked".to_owned(), |length| format!("content-length: {length}"));
    format!(
        "POST /v1/sites HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n{length}\r\n\r\n",
        world.token(Role::Admin)
    )
}

/// Waits until the server has so few connections: the one that asks, and one that the client may have kept.
fn until_gone(server: &Process) {
    let deadline = Instant::now() + Duration::from_secs(120);
    while server.number("lotline_http_connections") > 2.0 {
        assert!(Instant::now() < deadline, "{} connections", server.number("lotline_http_connections"));
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn whoever_is_too_slow_is_cut_off() {
    let (server, world) =
        start(&["--head-timeout", "1", "--body-timeout", "1", "--answer-timeout", "1", "--idle-timeout", "1"]);
    let sites = world.database.count("sites");

    // The first head.
    let mut stream = connect(&server);
    stream.write_all(b"GET /v1/sites HTTP/1.1\r\nhost: x\r\nx-slow: ").unwrap();
    let (answer, ended) = read_to_end(&mut stream);
    assert!(answer.starts_with("HTTP/1.1 408 ") && ended, "{answer}");

    // A body, with its length and in chunks.
    for length in [Some(1000), None] {
        let mut stream = connect(&server);
        let part = if length.is_some() { "{\"name\":" } else { "8\r\n{\"name\":\r\n" };
        stream.write_all(format!("{}{part}", head(&world, length)).as_bytes()).unwrap();
        let (answer, ended) = read_to_end(&mut stream);
        assert!(answer.starts_with("HTTP/1.1 408 ") && ended, "{answer}");
        assert!(answer.contains("application/problem+json") && answer.contains("\"request_timeout\""), "{answer}");
        assert!(answer.to_ascii_lowercase().contains("connection: close"), "{answer}");
    }

    // A later head, and a body that nobody wanted: byte by byte until the connection ends.
    let unwanted = "POST /v1/sites HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n";
    for (first, status, drip) in
        [("GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n", "200", "x"), (unwanted, "401", "1\r\nx\r\n")]
    {
        let mut stream = connect(&server);
        stream.write_all(first.as_bytes()).unwrap();
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).unwrap();
        assert_eq!(String::from_utf8_lossy(&answer), format!("HTTP/1.1 {status}"));
        let deadline = Instant::now() + Duration::from_secs(60);
        while stream.write_all(drip.as_bytes()).is_ok() {
            assert!(Instant::now() < deadline, "{first} is kept for ever");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    // An answer that nobody reads: more of them than the system's buffers hold.
    let mut stream = connect(&server);
    stream.set_nonblocking(true).unwrap();
    let _ = stream.write(&b"GET /openapi.json HTTP/1.1\r\nhost: x\r\n\r\n".repeat(60));
    until_gone(&server);
    drop(stream);
    assert_eq!(world.database.count("sites"), sites);
}

/// More of our own files than the system gives by default.
fn allow_files() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    setrlimit(Resource::Nofile, limit).unwrap();
}

/// 500 heads of 60 KiB and 500 bodies that do not end.
fn besiege(server: &Process, world: &World) -> Vec<TcpStream> {
    let slow_head = format!("GET /v1/sites HTTP/1.1\r\nhost: x\r\nx: {}", "y".repeat(60 * 1024));
    let slow_body = format!("{}{{\"name\":\"{}", head(world, Some(limits::BODY_MAX)), "z".repeat(15 * 1024));
    let mut streams = Vec::new();
    for _ in 0..500 {
        for request in [&slow_head, &slow_body] {
            let mut stream = connect(server);
            stream.write_all(request.as_bytes()).unwrap();
            streams.push(stream);
        }
    }
    streams
}

#[test]
fn a_thousand_slow_callers_do_not_keep_a_healthy_one_from_being_served() {
    allow_files();
    // They have longer than this test takes: while it looks, all of them are there.
    let (server, world) = start(&["--head-timeout", "3600", "--body-timeout", "3600", "--peer-connections", "2048"]);
    let clinic = world.clinic();
    let idle = server.memory_kib("VmRSS");
    let besiegers = besiege(&server, &world);
    // What is in the queue of the system is accepted one after the other.
    let deadline = Instant::now() + Duration::from_secs(120);
    while server.number("lotline_http_connections") < 1001.0 || server.number("lotline_http_requests_in_flight") < 501.0
    {
        assert!(Instant::now() < deadline, "{}", server.number("lotline_http_connections"));
        std::thread::sleep(Duration::from_millis(50));
    }
    let lot = clinic.stocked("LOT1", super::support::clinic::FAR_EXPIRY, 2);
    assert_eq!(clinic.administer(&lot, 1).0, 201);
    assert!(server.number("lotline_http_connections") >= 1001.0, "and they are still there");

    // Large bodies that do not end have a share of memory together; small ones still fit.
    let large = format!("{}{}", head(&world, Some(limits::BODY_MAX)), " ".repeat(limits::BODY_MAX - 1));
    let send = |_| {
        let mut stream = connect(&server);
        let _ = stream.write_all(large.as_bytes()); // it is cut off when there is no room
        stream
    };
    let each = limits::BODY_MAX - 1 - limits::BODY_SMALL;
    let (fit, taken) = (limits::BODIES_MEMORY / each, || server.number("lotline_http_bodies_bytes"));
    let held: Vec<TcpStream> = (0..fit).map(send).collect();
    let all = f64::from(u32::try_from(fit * each).unwrap());
    while taken() < all {
        assert!(Instant::now() < deadline, "bodies have {} bytes", taken());
        std::thread::sleep(Duration::from_millis(50));
    }
    // More at once than there is room for would take it from each other before one of them is whole.
    let turned_away: Vec<TcpStream> = (0..90 - fit).map(send).collect();
    let refused = || {
        let text = String::from_utf8(server.http.send("GET", "/metrics", &[], None).bytes).unwrap();
        let name = "lotline_http_requests_total{method=\"POST\",route=\"/v1/sites\",status=\"503\"} ";
        text.lines().find_map(|line| line.strip_prefix(name)).map_or(0, |value| value.parse::<usize>().unwrap())
    };
    while refused() < turned_away.len() {
        assert!(Instant::now() < deadline, "{} refused", refused());
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(refused(), turned_away.len(), "no one of the first");
    assert!((taken() - all).abs() < 0.5, "the first have their room, and wait: {}", taken());
    assert_eq!(clinic.administer(&lot, 1).0, 201);
    // The pages of the program itself are those of a debug build, which are several times those of one that anybody serves with.
    let (most, program) = (server.memory_kib("VmHWM"), server.memory_kib("RssFile"));
    println!("resident memory: {idle} KiB with nobody, at most {most} KiB, of which the program {program} KiB");
    assert!(most - program < 224 * 1024, "{most} KiB, of which the program {program} KiB");
    drop((besiegers, held, turned_away));
    until_gone(&server);
}

#[test]
fn a_thousand_slow_callers_are_gone_after_their_time() {
    allow_files();
    let (server, world) = start(&["--head-timeout", "2", "--body-timeout", "2", "--peer-connections", "2048"]);
    let (before, mut besiegers) = (world.database.count("sites"), besiege(&server, &world));
    until_gone(&server);
    assert_eq!(world.post(Role::Admin, "/v1/sites", &site()).0, 201);
    assert_eq!(world.database.count("sites"), before + 1);
    for stream in &mut besiegers {
        let (answer, ended) = read_to_end(stream);
        assert!(ended && (answer.starts_with("HTTP/1.1 408 ") || answer.is_empty()), "{answer}");
    }
}

/// Reads one answer of a connection that stays open: how long it took from its first bytes to its last.
fn tail_of_answer(stream: &mut TcpStream) -> Duration {
    let (mut answer, mut part) = (Vec::new(), [0; 4096]);
    let mut began = None;
    loop {
        let read = stream.read(&mut part).unwrap();
        assert!(read > 0, "the connection was closed");
        let since = *began.get_or_insert_with(Instant::now);
        answer.extend_from_slice(&part[..read]);
        let text = String::from_utf8_lossy(&answer);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
        let is_whole = length.map_or_else(|| body.ends_with("0\r\n\r\n"), |length| body.len() >= length);
        if is_whole {
            return since.elapsed();
        }
    }
}

/// A caller acknowledges what comes after 40 ms where it has nothing to say: an answer of several writes does not wait for it.
#[test]
fn no_part_of_an_answer_waits_for_a_word_of_its_caller() {
    let (server, world) = start(&[]);
    let site = id(&world.create(Role::Admin, "/v1/sites", &site()));
    let fridge = id(&world.create(Role::Admin, "/v1/locations", &location(&site, "stock")));
    let request = format!(
        "GET /v1/locations/{fridge}/climate?from=2026-01-01T00:00:00Z&to=2026-01-05T00:00:00Z&resolution=1h HTTP/1.1\r\n\
         host: x\r\nauthorization: Bearer {}\r\n\r\n",
        world.token(Role::Auditor)
    );
    let mut stream = connect(&server);
    let mut tails = Vec::new();
    for _ in 0..24 {
        stream.write_all(request.as_bytes()).unwrap();
        tails.push(tail_of_answer(&mut stream));
    }
    // Whoever has just connected acknowledges at once, and a machine that does other work is slow by itself: the quickest of the
    // later ones counts.
    let quickest = tails[8..].iter().min().unwrap();
    assert!(*quickest < Duration::from_millis(20), "{tails:?}");
}
