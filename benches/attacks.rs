//! What strangers and slow callers cost the release server with its default settings, and whether anybody notices.
//!
//! `cargo bench --bench attacks` starts the real server on a fresh database below `target/`, and does one attack after the
//! other, each on a server of its own. For each it prints the resident memory (with nobody, at most, and when the attackers
//! have gone), and what a healthy caller with a token saw: its slowest one in a hundred before the attack and during it, its
//! answers 503, and how often its connection was broken off. It changes something (durable on the disk) and reads a
//! list, in turns. Attackers and the healthy caller come from one address of this machine, and share its processors with the
//! server. `cargo bench --bench attacks -- pipelining` does the attacks of that name only.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::as_conversions)] // a bench fails like a test

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

#[allow(dead_code)] // what tests draw, of which an attack needs a few
#[path = "../tests/it/pictures/render.rs"]
mod render;
#[allow(dead_code)]
#[path = "../tests/it/pictures/worst.rs"]
mod worst;

const LOTLINE: &str = env!("CARGO_BIN_EXE_lotline");
/// How long a healthy caller is looked at, before an attack and during it.
const LOOK: Duration = Duration::from_secs(10);
/// Between two requests of the healthy caller.
const PAUSE: Duration = Duration::from_millis(5);
const MEMORY_MAX_KIB: u64 = 256 * 1024;

/// An attack: does its worst until it is told to stop, and says what it did.
type Attack = fn(&Target, &AtomicBool) -> String;

/// All of them, by name.
const ATTACKS: &[(&str, Attack)] = &[
    ("pipelining", pipelining),
    ("idle", idle),
    ("slow_readers", slow_readers),
    ("bad_tokens", bad_tokens),
    ("unread_lists", unread_lists),
    ("pictures", pictures),
    ("custody", custody),
    ("events", events),
];

/// 2,040 connections that ask for the documentation's largest file, over and over, and read a byte now and then.
fn pipelining(target: &Target, stop: &AtomicBool) -> String {
    let requests = "GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nhost: x\r\n\r\n".repeat(200);
    slowly(target, stop, 2040, &requests)
}

/// 2,300 connections that ask once, and stay.
fn idle(target: &Target, stop: &AtomicBool) -> String {
    slowly(target, stop, 2300, "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n")
}

/// 200 readers of a file of 10 MiB, with a token, who read a byte now and then.
fn slow_readers(target: &Target, stop: &AtomicBool) -> String {
    slowly(target, stop, 200, &target.attack(&format!("/v1/evidence/{}", target.photograph())))
}

/// 500 readers of a page of 200 things, with a token, over and over.
fn unread_lists(target: &Target, stop: &AtomicBool) -> String {
    slowly(target, stop, 500, &target.attack("/v1/suppliers?limit=200").repeat(50))
}

/// Four senders of the pictures that take most memory, one after the other.
fn pictures(target: &Target, stop: &AtomicBool) -> String {
    let (looked_at, turned_away) = (AtomicU64::new(0), AtomicU64::new(0));
    let files: Vec<(&str, Vec<u8>)> = worst::ACCEPTED[..4].iter().map(|(_, media, make)| (*media, make())).collect();
    std::thread::scope(|scope| {
        for (media, file) in &files {
            let (looked_at, turned_away) = (&looked_at, &turned_away);
            scope.spawn(move || {
                let agent = ureq::Agent::config_builder().http_status_as_error(false).build().new_agent();
                while !stop.load(Ordering::Relaxed) {
                    let path = format!("/v1/scans/image?site_id={}&purpose=receive", target.site);
                    let request = agent.post(format!("http://{}{path}", target.address));
                    let request = request.header("Authorization", format!("Bearer {}", target.attacker));
                    let sent = request.header("Content-Type", *media).send(&file[..]);
                    let count = if sent.is_ok_and(|answer| answer.status() == 200) { looked_at } else { turned_away };
                    count.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    format!("{} pictures of 16 Mpx answered with 200, {} otherwise", looked_at.into_inner(), turned_away.into_inner())
}

/// 60 readers of the chain of custody of a lot with 6,000 events.
fn custody(target: &Target, stop: &AtomicBool) -> String {
    over_and_over(target, stop, 60, &target.attack(&format!("/v1/lots/{}/custody?limit=200", target.lot)))
}

/// Eight readers of 6,000 events for one that is not among them.
fn events(target: &Target, stop: &AtomicBool) -> String {
    over_and_over(target, stop, 8, &target.attack("/v1/events?kind=hold_lifted&actor=nobody&limit=200"))
}

/// So many connections that ask, wait for the answer, and ask again.
fn over_and_over(target: &Target, stop: &AtomicBool, count: usize, request: &str) -> String {
    let answered = AtomicU64::new(0);
    std::thread::scope(|scope| {
        for _ in 0..count {
            scope.spawn(|| {
                let mut caller = Caller::of(target);
                while !stop.load(Ordering::Relaxed) {
                    answered.fetch_add(u64::from(caller.ask(request) == 200), Ordering::Relaxed);
                }
            });
        }
    });
    format!("{} answered over {count} connections", answered.into_inner())
}

/// 64 connections that send tokens which are none, as fast as they can.
fn bad_tokens(target: &Target, stop: &AtomicBool) -> String {
    let sent = AtomicU64::new(0);
    let request = format!("GET /v1/sites HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}x\r\n\r\n", target.token);
    std::thread::scope(|scope| {
        for _ in 0..64 {
            scope.spawn(|| {
                let mut caller = Caller::of(target);
                while !stop.load(Ordering::Relaxed) {
                    caller.ask(&request);
                    sent.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    format!("{} requests over 64 connections", sent.into_inner())
}

/// So many connections that send this and read a byte of each now and then. Whoever is broken off comes again.
fn slowly(target: &Target, stop: &AtomicBool, count: usize, requests: &str) -> String {
    let open = || {
        let mut stream = TcpStream::connect(&target.address).ok()?;
        stream.set_nonblocking(true).ok()?;
        let _ = stream.write(requests.as_bytes());
        Some(stream)
    };
    let mut streams: Vec<TcpStream> = (0..count).filter_map(|_| open()).collect();
    let (opened, mut again) = (streams.len(), 0);
    while !stop.load(Ordering::Relaxed) {
        std::thread::sleep(Duration::from_millis(500));
        for stream in &mut streams {
            let gone = match stream.read(&mut [0; 1]) {
                Ok(count) => count == 0,
                Err(error) => error.kind() != ErrorKind::WouldBlock,
            };
            if gone
                && !stop.load(Ordering::Relaxed)
                && let Some(new) = open()
            {
                *stream = new;
                again += 1;
            }
        }
    }
    format!("{opened} connections, {again} of them came again when they were broken off")
}

fn main() {
    allow_files();
    let wanted: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let mut held = true;
    for (name, attack) in ATTACKS {
        if wanted.is_empty() || wanted.iter().any(|wanted| name.contains(wanted.as_str())) {
            held &= measure(name, *attack);
        }
    }
    assert!(held, "an attack was felt");
}

/// Does an attack, and prints what came of it. Whether it was not felt.
fn measure(name: &str, attack: Attack) -> bool {
    let mut target = Target::start(name);
    if matches!(name, "pictures" | "custody" | "events") {
        target.receive();
    }
    let nobody = target.memory_kib("VmRSS");
    let undisturbed = healthy(&target, LOOK);
    let stop = Arc::new(AtomicBool::new(false));
    let (disturbed, did) = std::thread::scope(|scope| {
        let attacker = scope.spawn(|| attack(&target, &stop));
        let disturbed = healthy(&target, LOOK);
        stop.store(true, Ordering::Relaxed);
        (disturbed, attacker.join().unwrap())
    });
    let most = target.memory_kib("VmHWM");
    std::thread::sleep(Duration::from_secs(3));
    let after = target.memory_kib("VmRSS");
    let is_up = target.server.try_wait().unwrap().is_none();
    let [before, during] = [&undisturbed, &disturbed].map(Seen::slow);
    println!("{name}: {did}");
    println!(
        "  resident memory      {:>7.1} MiB with nobody, {:.1} at most, {:.1} after",
        mib(nobody),
        mib(most),
        mib(after)
    );
    println!("  healthy, undisturbed {undisturbed}");
    println!("  healthy, meanwhile   {disturbed}, {:.1} times", during.as_secs_f64() / before.as_secs_f64());
    let held = is_up && most < MEMORY_MAX_KIB && during < before * 3 && disturbed.busy == 0 && disturbed.other == 0;
    println!("  {}", if held { "held" } else { "FELT" });
    held
}

fn mib(kib: u64) -> f64 {
    f64::from(u32::try_from(kib).unwrap()) / 1024.0
}

/// What a healthy caller saw.
#[derive(Default)]
struct Seen {
    latencies: Vec<Duration>,
    busy: u32,
    other: u32,
    broken_off: u32,
}

impl Seen {
    /// What one in a hundred took at least.
    fn slow(&self) -> Duration {
        self.latencies[self.latencies.len() * 99 / 100]
    }
}

impl std::fmt::Display for Seen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ms = |latency: Duration| latency.as_secs_f64() * 1e3;
        let median = self.latencies[self.latencies.len() / 2];
        write!(
            f,
            "{:>6} requests, median {:.1} ms, p99 {:.1} ms, {} × 503, {} × neither 200 nor 201, broken off {} times",
            self.latencies.len(),
            ms(median),
            ms(self.slow()),
            self.busy,
            self.other,
            self.broken_off
        )
    }
}

/// Sends what a healthy caller sends, for a time.
fn healthy(target: &Target, time: Duration) -> Seen {
    let (mut seen, mut caller, began) = (Seen::default(), Caller::of(target), Instant::now());
    let mut number = 0;
    while began.elapsed() < time {
        number += 1;
        let request = if number % 2 == 0 { target.head("/v1/suppliers?limit=20") } else { target.change(number) };
        let sent = Instant::now();
        match caller.ask(&request) {
            200 | 201 => {}
            503 => seen.busy += 1,
            _ => seen.other += 1,
        }
        seen.latencies.push(sent.elapsed());
        std::thread::sleep(PAUSE);
    }
    seen.latencies.sort();
    seen.broken_off = caller.broken_off;
    seen
}

/// Somebody who asks over one connection, and opens another when that is gone.
struct Caller {
    address: String,
    stream: Option<TcpStream>,
    broken_off: u32,
}

impl Caller {
    fn of(target: &Target) -> Self {
        Caller { address: target.address.clone(), stream: None, broken_off: 0 }
    }

    /// The status of the answer.
    fn ask(&mut self, request: &str) -> u16 {
        loop {
            let mut stream = match self.stream.take() {
                Some(stream) => stream,
                None => {
                    let stream = TcpStream::connect(&self.address).unwrap();
                    stream.set_nodelay(true).unwrap();
                    stream
                }
            };
            if let Some((status, stays)) = exchange(&mut stream, request) {
                self.stream = stays.then_some(stream);
                return status;
            }
            self.broken_off += 1;
        }
    }
}

/// One request and its answer: the status, and whether the connection stays.
fn exchange(stream: &mut TcpStream, request: &str) -> Option<(u16, bool)> {
    stream.write_all(request.as_bytes()).ok()?;
    let (mut answer, mut part) = (Vec::new(), [0; 16 * 1024]);
    loop {
        let count = stream.read(&mut part).ok().filter(|count| *count > 0)?;
        answer.extend_from_slice(&part[..count]);
        let Some(end) = answer.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&answer[..end]).to_ascii_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
        if answer.len() >= end + 4 + length.unwrap_or(0) {
            return Some((head.get(9..12)?.parse().ok()?, !head.contains("connection: close")));
        }
    }
}

/// A server with an organisation, in a process of its own.
struct Target {
    server: Child,
    address: String,
    token: String,
    /// The token of whoever attacks with one: another person's.
    attacker: String,
    folder: PathBuf,
    /// Where goods were received, and the lot, once they were.
    site: String,
    lot: String,
}

impl Drop for Target {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl Target {
    fn start(name: &str) -> Self {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("attacks-{name}"));
        let _ = std::fs::remove_dir_all(&folder); // left by a run that was interrupted
        std::fs::create_dir_all(&folder).unwrap();
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        let made = command(&folder, "init").args(["--organisation", "Bench"]).output().unwrap();
        let made: Value = serde_json::from_slice(&made.stdout).unwrap();
        let mint = |subject: &str| {
            let mut token = command(&folder, "token");
            token.args(["--organisation", made["organisation_id"].as_str().unwrap(), "--subject", subject, "--role"]);
            let minted = token.args(["admin", "purchaser", "quality", "practitioner", "auditor"]).output().unwrap();
            assert!(minted.status.success(), "{}", String::from_utf8_lossy(&minted.stderr));
            String::from_utf8(minted.stdout).unwrap().trim().to_owned()
        };
        let (token, attacker) = (mint("healthy"), mint("attacker"));
        let server = command(&folder, "serve")
            .args(["--bind", &address, "--log", "error"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let target = Target { server, address, token, attacker, folder, site: String::new(), lot: String::new() };
        let began = Instant::now();
        while TcpStream::connect(&target.address).is_err() {
            assert!(began.elapsed() < Duration::from_secs(20), "the server does not start");
            std::thread::sleep(Duration::from_millis(20));
        }
        let mut caller = Caller::of(&target);
        for number in 0..200 {
            assert_eq!(caller.ask(&target.change(number)), 201);
        }
        target
    }

    fn head(&self, path: &str) -> String {
        format!("GET {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\n\r\n", self.token)
    }

    fn attack(&self, path: &str) -> String {
        format!("GET {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\n\r\n", self.attacker)
    }

    fn change(&self, number: u32) -> String {
        let body = json!({"name": format!("Supplier {number}"), "country": "GB", "approved_classes": ["ha_filler"]});
        self.post("/v1/suppliers", "application/json", &body.to_string())
    }

    fn post(&self, path: &str, media_type: &str, body: &str) -> String {
        format!(
            "POST {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-type: {media_type}\r\n\
             content-length: {}\r\n\r\n{body}",
            self.token,
            body.len()
        )
    }

    /// Receives a lot, and holds it and frees it 3,000 times: a chain of custody of 6,000 events.
    fn receive(&mut self) {
        let create = |path: &str, body: Value| -> Value {
            let request = ureq::post(format!("http://{}{path}", self.address));
            let request = request.header("Authorization", format!("Bearer {}", self.token));
            request.send_json(body).unwrap().body_mut().read_json().unwrap()
        };
        let id = |made: Value| made["id"].as_str().unwrap().to_owned();
        let body = json!({"name": "Bench", "jurisdiction": "GB-ENG", "time_zone": "Europe/London"});
        let site = id(create("/v1/sites", body));
        let body = json!({"site_id": site, "name": "Goods in", "purpose": "quarantine", "min_c": 15, "max_c": 25});
        let place = id(create("/v1/locations", body));
        create(
            "/v1/products",
            json!({
                "gtin": "09521234567899", "name": "HArmonyCa", "manufacturer": "Example Aesthetics",
                "class": "hybrid_filler", "units_per_pack": 2, "storage": {"min_c": 2, "max_c": 25},
                "unit": {"presentation": "prefilled syringe", "amount": "1.25", "amount_unit": "mL"},
                "single_patient": true, "approvals": [],
            }),
        );
        let body = json!({"name": "Example Supplies", "country": "GB", "approved_classes": ["hybrid_filler"]});
        let supplier = id(create("/v1/suppliers", body));
        let lines = json!([{"gtin": "09521234567899", "lot": "BENCH", "expiry": "2076-01-23", "packs": 1000}]);
        let body = json!({"supplier_id": supplier, "site_id": site, "location_id": place, "lines": lines});
        let receipt = create("/v1/receipts", body);
        let lot = receipt["lines"][0]["lot_id"].as_str().unwrap().to_owned();
        for _ in 0..3000 {
            let body = json!({"scope": {"type": "lot", "id": lot}, "reason": "Swelling reported; under review"});
            let hold = id(create("/v1/holds", body));
            create(&format!("/v1/holds/{hold}/lift"), json!({"reason": "Unrelated"}));
        }
        (self.site, self.lot) = (site, lot);
    }

    /// Uploads a file of 10 MiB: its name.
    fn photograph(&self) -> String {
        let body = format!("%PDF-1.7\n{}", "x".repeat(10 * 1024 * 1024 - 9));
        let agent = ureq::Agent::new_with_defaults();
        let request = agent.post(format!("http://{}/v1/evidence", self.address));
        let request = request.header("Authorization", format!("Bearer {}", self.token));
        let mut answer = request.header("Content-Type", "application/pdf").send(&body).unwrap();
        let kept: Value = answer.body_mut().read_json().unwrap();
        kept["sha256"].as_str().unwrap().to_owned()
    }

    /// A line of `/proc/PID/status`, in KiB.
    fn memory_kib(&self, name: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.server.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
        line.trim_matches([':', ' ', '\t', 'k', 'B']).parse().unwrap_or(u64::MAX)
    }
}

/// The program with its defaults.
fn command(folder: &Path, subcommand: &str) -> Command {
    let mut command = Command::new(LOTLINE);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("LOTLINE_") || name == "DATABASE_URL" {
            command.env_remove(name);
        }
    }
    command.arg(subcommand).arg("--data-dir").arg(folder);
    command
}

/// As many of our own files as the system allows.
fn allow_files() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    setrlimit(Resource::Nofile, limit).unwrap();
}
