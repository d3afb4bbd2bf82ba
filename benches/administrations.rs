//! How many administrations become durable in a second, over HTTP on SQLite, next to what bounds them.
//!
//! `cargo bench --bench administrations` starts the real server on a fresh database below `target/` (a disk, not
//! memory), and measures in one run:
//!
//! - the disk: commits of one small row each, `synchronous=FULL`, on a database of its own beside it;
//! - one transaction each: administrations over one connection, so that every commit covers one;
//! - the same over 64 connections, where whoever waits shares a commit.
//!
//! Every answer must be 201, and the books must balance afterwards. The clients run on the same machine and share its
//! processors with the server.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // a bench fails like a test

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::sqlite::SqliteConnection;
use diesel::{Connection, RunQueryDsl};
use serde_json::{Value, json};

const LOTLINE: &str = env!("CARGO_BIN_EXE_lotline");
const CONNECTIONS: u32 = 64;
const LOTS: u32 = 8;
/// As many as one receipt line takes, two units each: more than the run can use up.
const PACKS_PER_LOT: u32 = 10_000;
const UNITS_PER_LOT: u32 = 2 * PACKS_PER_LOT;
const DISK: Duration = Duration::from_secs(4);
const WARM_UP: Duration = Duration::from_secs(2);
const ONE: Duration = Duration::from_secs(8);
const MANY: Duration = Duration::from_secs(15);

fn main() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("administrations");
    let _ = std::fs::remove_dir_all(&folder); // left by a run that was interrupted
    std::fs::create_dir_all(&folder).unwrap();
    let disk = commits(&folder.join("disk.db"));

    let clinic = Arc::new(Clinic::open(&folder.join("data")));
    run(&clinic, CONNECTIONS, WARM_UP);
    let one = run(&clinic, 1, ONE);
    let many = run(&clinic, CONNECTIONS, MANY);
    clinic.check_books();

    println!("SQLite commits of one row each, synchronous=FULL   {disk:>8.0} /s");
    println!("administrations,  1 connection                     {:>8.0} /s   {}", one.rate, one.latency());
    println!(
        "administrations, {CONNECTIONS} connections                    {:>8.0} /s   {}",
        many.rate,
        many.latency()
    );
    println!("64 connections against one transaction each        {:>8.1} times", many.rate / one.rate);
    println!("64 connections against the disk's own commits      {:>8.1} times", many.rate / disk);
    drop(clinic);
    std::fs::remove_dir_all(&folder).unwrap();
}

/// Commits of one small row each in a second: what the disk allows when nothing is shared.
fn commits(path: &Path) -> f64 {
    let mut conn = SqliteConnection::establish(&path.to_string_lossy()).unwrap();
    conn.batch_execute(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
         CREATE TABLE rows (id INTEGER PRIMARY KEY, content BLOB NOT NULL);",
    )
    .unwrap();
    let (began, mut count) = (Instant::now(), 0_u32);
    while began.elapsed() < DISK {
        diesel::sql_query("INSERT INTO rows (content) VALUES (zeroblob(100))").execute(&mut conn).unwrap();
        count += 1;
    }
    f64::from(count) / began.elapsed().as_secs_f64()
}

/// What was measured.
struct Measured {
    rate: f64,
    latencies: Vec<Duration>,
}

impl Measured {
    fn latency(&self) -> String {
        let at = |per_mille: usize| self.latencies[(self.latencies.len() - 1) * per_mille / 1000].as_secs_f64() * 1e3;
        format!("median {:.1} ms, 99 % within {:.1} ms", at(500), at(990))
    }
}

/// Administers over so many connections, each in a thread of its own, for a time.
fn run(clinic: &Arc<Clinic>, connections: u32, time: Duration) -> Measured {
    let began = Instant::now();
    let threads: Vec<_> = (0..connections)
        .map(|number| {
            let clinic = clinic.clone();
            std::thread::spawn(move || {
                let agent = agent(); // its own: keeps one connection alive
                let body = clinic.administration(number);
                let mut latencies = Vec::new();
                while began.elapsed() < time {
                    let sent = Instant::now();
                    let (status, answer) = clinic.send(&agent, "/v1/administrations", &clinic.practitioner, &body);
                    assert_eq!(status, 201, "{answer}");
                    latencies.push(sent.elapsed());
                }
                latencies
            })
        })
        .collect();
    let mut latencies: Vec<Duration> = threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
    let (took, count) = (began.elapsed(), u32::try_from(latencies.len()).unwrap());
    clinic.administered.fetch_add(count, Ordering::Relaxed);
    latencies.sort();
    Measured { rate: f64::from(count) / took.as_secs_f64(), latencies }
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder().http_status_as_error(false).build().new_agent()
}

/// A server with one site, one practitioner and stock to use up.
struct Clinic {
    server: Child,
    address: String,
    practitioner: String,
    admin: String,
    site_id: String,
    practitioner_id: String,
    lots: Vec<String>,
    administered: AtomicU32,
}

impl Drop for Clinic {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

impl Clinic {
    fn open(folder: &Path) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let printed = lotline(folder, &["init", "--organisation", "Bench"]);
        let printed: Value = serde_json::from_str(&printed).unwrap();
        let organisation = text(&printed, "organisation_id");
        let token = |role: &str| {
            lotline(folder, &["token", "--organisation", &organisation, "--role", role, "--subject", role])
        };
        let server = Command::new(LOTLINE)
            .args(["serve", "--log", "error", "--bind", &format!("127.0.0.1:{port}"), "--data-dir"])
            .arg(folder)
            .env_remove("DATABASE_URL")
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let mut clinic = Clinic {
            server,
            address: format!("http://127.0.0.1:{port}"),
            practitioner: token("practitioner"),
            admin: text(&printed, "admin_token"),
            site_id: String::new(),
            practitioner_id: String::new(),
            lots: Vec::new(),
            administered: AtomicU32::new(0),
        };
        clinic.wait_until_ready();
        clinic.set_up(&token("purchaser"), &token("quality"));
        clinic
    }

    fn wait_until_ready(&self) {
        let began = Instant::now();
        while !matches!(agent().get(format!("{}/readyz", self.address)).call(), Ok(answer) if answer.status() == 200) {
            assert!(began.elapsed() < Duration::from_secs(20), "the server does not start");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn send(&self, agent: &ureq::Agent, path: &str, token: &str, body: &Value) -> (u16, String) {
        let request = agent.post(format!("{}{path}", self.address)).header("Authorization", format!("Bearer {token}"));
        let mut answer = request.send_json(body).unwrap();
        (answer.status().as_u16(), answer.body_mut().read_to_string().unwrap())
    }

    fn create(&self, path: &str, token: &str, body: Value) -> Value {
        let (status, answer) = self.send(&agent(), path, token, &body);
        assert_eq!(status, 201, "{path}: {answer}");
        serde_json::from_str(&answer).unwrap()
    }

    fn set_up(&mut self, purchaser: &str, quality: &str) {
        let admin = |path: &str, body: Value| text(&self.create(path, &self.admin, body), "id");
        let site = admin("/v1/sites", json!({"name": "Bench", "jurisdiction": "GB-ENG", "time_zone": "Europe/London"}));
        let place = |purpose: &str| {
            let body = json!({"site_id": site, "name": purpose, "purpose": purpose, "min_c": 15, "max_c": 25});
            admin("/v1/locations", body)
        };
        let (goods_in, cabinet) = (place("quarantine"), place("stock"));
        let approval = json!({"jurisdiction": "GB", "status": "authorised", "source": "illustrative", "verified_on": "2026-01-05"});
        admin(
            "/v1/products",
            json!({
                "gtin": "09521234567899", "name": "HArmonyCa", "manufacturer": "Example Aesthetics",
                "class": "hybrid_filler", "units_per_pack": 2, "storage": {"min_c": 2, "max_c": 25},
                "unit": {"presentation": "prefilled syringe", "amount": "1.25", "amount_unit": "mL"},
                "single_patient": true, "approvals": [approval],
            }),
        );
        let body = json!({"name": "Example Supplies", "country": "GB", "approved_classes": ["hybrid_filler"]});
        let supplier = admin("/v1/suppliers", body);
        let practitioner = admin("/v1/practitioners", json!({"name": "Dr Example", "profession": "doctor"}));
        for (holder, id, kind) in [
            ("site", &site, "facility"),
            ("supplier", &supplier, "wholesale"),
            ("practitioner", &practitioner, "professional_registration"),
        ] {
            let licence = json!({
                "holder": {"type": holder, "id": id}, "kind": kind, "authority": "Example", "number": "1",
                "jurisdiction": "GB", "product_classes": ["*"], "valid_from": "2020-01-01", "valid_to": "2099-12-31",
            });
            let id = admin("/v1/licences", licence);
            admin(&format!("/v1/licences/{id}/checks"), json!({"outcome": "verified", "source": "illustrative"}));
        }
        let lines: Vec<Value> = (0..LOTS).map(|lot| json!({"scan": code(lot), "packs": PACKS_PER_LOT})).collect();
        let body = json!({"supplier_id": supplier, "site_id": site, "location_id": goods_in, "lines": lines});
        let receipt = self.create("/v1/receipts", purchaser, body);
        let checks: Vec<Value> = ["outer_carton_intact", "tamper_evidence_intact", "label_legible"]
            .map(|criterion| json!({"criterion": criterion, "result": "pass"}))
            .to_vec();
        let lots: Vec<String> = receipt["lines"].as_array().unwrap().iter().map(|line| text(line, "lot_id")).collect();
        for lot in &lots {
            let body = json!({
                "receipt_id": receipt["id"], "lot_id": lot, "checks": checks, "units_passed": UNITS_PER_LOT,
                "units_failed": 0,
            });
            self.create("/v1/inspections", purchaser, body);
            let body = json!({
                "from_location_id": goods_in, "to_location_id": cabinet, "units": UNITS_PER_LOT, "reason": "Inspected",
            });
            self.create(&format!("/v1/lots/{lot}/releases"), quality, body);
        }
        (self.site_id, self.practitioner_id, self.lots) = (site, practitioner, lots);
    }

    /// What the client of a connection sends, again and again: packs of its lot have no serial numbers.
    fn administration(&self, client: u32) -> Value {
        json!({
            "scan": code(client % LOTS), "site_id": self.site_id, "practitioner_id": self.practitioner_id,
            "patient_ref": format!("P-{client}"), "units": 1,
            "treatment": {"area": "midface", "plane": "subdermal", "device": "cannula 22G"},
        })
    }

    /// Every unit that was answered with 201 is administered in the books, no other is, and every lot balances.
    fn check_books(&self) {
        let mut administered = 0;
        for lot in &self.lots {
            let request = agent().get(format!("{}/v1/lots/{lot}", self.address));
            let answer = request.header("Authorization", format!("Bearer {}", self.admin)).call();
            let lot: Value = answer.unwrap().body_mut().read_json().unwrap();
            let reconciliation = &lot["reconciliation"];
            assert_eq!(reconciliation["balanced"], true, "{lot}");
            administered += reconciliation["administered"].as_u64().unwrap();
        }
        assert_eq!(administered, u64::from(self.administered.load(Ordering::Relaxed)));
    }
}

fn lotline(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new(LOTLINE)
        .args(arguments)
        .arg("--data-dir")
        .arg(folder)
        .env_remove("DATABASE_URL")
        .output()
        .unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap().to_owned()
}

fn code(lot: u32) -> String {
    format!("]d201095212345678991760123110BENCH{lot}")
}
