//! A server with one site, a practitioner with a token of their own, and stock to use up.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::load::{Seen, Task};

/// As many as one receipt line takes, two units each.
const PACKS_PER_LINE: u64 = 10_000;

/// A deployment, whose processes come and go.
pub struct Clinic {
    binary: PathBuf,
    folder: PathBuf,
    url: Option<String>,
    servers: Vec<Server>,
    organisation: String,
    admin: String,
    purchaser: String,
    quality: String,
    practitioner: String,
    supplier: String,
    site: String,
    goods_in: String,
    cabinet: String,
    practitioner_id: String,
    product: String,
    visit_id: Option<String>,
    lots: u64,
    runs: u64,
    pub administered: u64,
}

struct Server {
    process: Child,
    address: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What was measured, with what it cost.
#[derive(Clone, Copy, Debug)]
pub struct Measured {
    pub rate: f64,
    pub p50_ms: f64,
    pub p99_ms: f64,
    pub cpu_ms: f64,
    pub bytes: f64,
    pub rss_mib: u64,
}

impl Clinic {
    /// A fresh deployment of a binary in a folder, or on a PostgreSQL database, with so many server processes.
    pub fn open(binary: &Path, folder: &Path, url: Option<&str>, processes: usize, lots: u64) -> Self {
        let _ = std::fs::remove_dir_all(folder);
        let mut clinic = Clinic {
            binary: binary.to_owned(),
            folder: folder.to_owned(),
            url: url.map(str::to_owned),
            servers: Vec::new(),
            organisation: String::new(),
            admin: String::new(),
            purchaser: String::new(),
            quality: String::new(),
            practitioner: String::new(),
            supplier: String::new(),
            site: String::new(),
            goods_in: String::new(),
            cabinet: String::new(),
            practitioner_id: String::new(),
            product: String::new(),
            visit_id: None,
            lots: 0,
            runs: 0,
            administered: 0,
        };
        let printed: Value = serde_json::from_str(&clinic.lotline(&["init", "--organisation", "Bench"])).unwrap();
        clinic.organisation = text(&printed, "organisation_id");
        let token = |role: &str| clinic.token(role);
        (clinic.purchaser, clinic.quality, clinic.practitioner) =
            (token("purchaser"), token("quality"), token("practitioner"));
        clinic.admin = text(&printed, "admin_token");
        for _ in 0..processes {
            clinic.start();
        }
        clinic.set_up();
        while clinic.lots < lots {
            clinic.receive(lots);
        }
        clinic
    }

    /// A token of a role.
    pub fn token(&self, role: &str) -> String {
        let of = ["token", "--organisation", &self.organisation, "--role", role, "--subject", role, "--ttl", "24h"];
        self.lotline(&of)
    }

    /// Makes something as an admin: its id.
    pub fn register(&self, path: &str, body: &Value) -> String {
        text(&self.create(path, &self.admin, body), "id")
    }

    /// Where the first process serves.
    pub fn address(&self) -> &str {
        &self.servers[0].address
    }

    /// The site.
    pub fn site(&self) -> &str {
        &self.site
    }

    fn lotline(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.binary);
        command.args(arguments).arg("--data-dir").arg(&self.folder).env_remove("DATABASE_URL");
        if let Some(url) = &self.url {
            command.args(["--database-url", url]);
        }
        command
    }

    /// Starts a process more.
    pub fn start(&mut self) {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let address = format!("127.0.0.1:{port}");
        let process = self.command(&["serve", "--log", "error", "--bind", &address]).stderr(Stdio::inherit()).spawn();
        self.servers.push(Server { process: process.unwrap(), address: address.clone() });
        let began = Instant::now();
        let ready = || ureq::get(format!("http://{address}/readyz")).call().is_ok();
        while !ready() {
            assert!(began.elapsed() < Duration::from_secs(60), "the server does not start");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Stops all processes.
    pub fn stop(&mut self) {
        self.servers.clear();
    }

    fn create(&self, path: &str, token: &str, body: &Value) -> Value {
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().new_agent();
        let request = agent.post(format!("http://{}{path}", self.servers[0].address));
        let mut answer = request.header("Authorization", format!("Bearer {token}")).send_json(body).unwrap();
        let (status, body) = (answer.status().as_u16(), answer.body_mut().read_to_string().unwrap());
        assert_eq!(status, 201, "{path}: {body}");
        serde_json::from_str(&body).unwrap()
    }

    fn set_up(&mut self) {
        let admin = |path: &str, body: Value| text(&self.create(path, &self.admin, &body), "id");
        let site = admin("/v1/sites", json!({"name": "Bench", "jurisdiction": "GB-ENG", "time_zone": "Europe/London"}));
        let place = |purpose: &str| {
            let body = json!({"site_id": site, "name": purpose, "purpose": purpose, "min_c": 15, "max_c": 25});
            admin("/v1/locations", body)
        };
        let (goods_in, cabinet) = (place("quarantine"), place("stock"));
        let approval = json!({"jurisdiction": "GB", "status": "authorised", "source": "illustrative", "verified_on": "2026-01-05"});
        let product = admin(
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
        let body = json!({"name": "Dr Example", "profession": "doctor", "subject": "practitioner"});
        let practitioner = admin("/v1/practitioners", body);
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
        (self.site, self.goods_in, self.cabinet) = (site, goods_in, cabinet);
        (self.supplier, self.practitioner_id, self.product) = (supplier, practitioner, product);
    }

    /// Receives and releases a line of each of some lots.
    fn receive(&mut self, lots: u64) {
        let wanted = self.lots..lots.min(self.lots + 50);
        let lines: Vec<Value> = wanted.clone().map(|lot| json!({"scan": code(lot), "packs": PACKS_PER_LINE})).collect();
        self.receive_lines(&lines);
        self.lots = self.lots.max(wanted.end);
    }

    /// As much of every lot again.
    pub fn restock(&self) {
        let lines: Vec<Value> = (0..self.lots).map(|lot| json!({"scan": code(lot), "packs": PACKS_PER_LINE})).collect();
        for lines in lines.chunks(50) {
            self.receive_lines(lines);
        }
    }

    fn receive_lines(&self, lines: &[Value]) {
        let body = json!({
            "supplier_id": self.supplier, "site_id": self.site, "location_id": self.goods_in, "lines": lines,
        });
        let receipt = self.create("/v1/receipts", &self.purchaser, &body);
        let checks: Vec<Value> = ["outer_carton_intact", "tamper_evidence_intact", "label_legible"]
            .map(|criterion| json!({"criterion": criterion, "result": "pass"}))
            .to_vec();
        for line in receipt["lines"].as_array().unwrap() {
            let lot = text(line, "lot_id");
            let body = json!({
                "receipt_id": receipt["id"], "lot_id": lot, "checks": checks, "units_passed": 2 * PACKS_PER_LINE,
                "units_failed": 0,
            });
            self.create("/v1/inspections", &self.purchaser, &body);
            let body = json!({
                "from_location_id": self.goods_in, "to_location_id": self.cabinet, "units": 2 * PACKS_PER_LINE,
                "reason": "Inspected",
            });
            self.create(&format!("/v1/lots/{lot}/releases"), &self.quality, &body);
        }
    }

    /// What is sent to administer a unit of the first lot.
    pub fn body(&self) -> String {
        self.administration(0)
    }

    fn administration(&self, lot: u64) -> String {
        let body = json!({
            "scan": code(lot), "site_id": self.site, "practitioner_id": self.practitioner_id,
            "patient_ref": "P-{number}", "units": 1,
            "treatment": {"area": "midface", "plane": "subdermal", "device": "cannula 22G"},
        });
        body.to_string()
    }

    /// Administrations over so many connections: for a time, or so many of them.
    pub fn administer(&mut self, connections: usize, seconds: f64, requests: u64) -> Measured {
        let bodies = (0..self.lots).map(|lot| self.administration(lot)).collect();
        let (path, status) = ("/v1/administrations".to_owned(), 201);
        let measured = self.send(path, bodies, status, true, connections, seconds, requests);
        self.administered += measured.1.requests;
        measured.0
    }

    /// Asks for everything that can be asked around a treatment, and opens a visit in which nothing of it is missing: what is scanned
    /// from now on is scanned in it.
    pub fn visit(&mut self) {
        let protocol = |kind: &str, content: Value| {
            let body = json!({
                "kind": kind, "applies_to": {"class": "hybrid_filler"}, "title": kind, "source": "Illustrative",
                "effective_from": "2020-01-01", "reason": "First version", "content": content,
            });
            self.create("/v1/protocols", &self.admin, &body);
        };
        let yes_no = json!({"type": "yes_no", "yes": "stop", "no": "none"});
        let questions: Vec<_> =
            (0..10).map(|n| json!({"code": format!("q{n}"), "text": "?", "answer": yes_no})).collect();
        let points: Vec<_> = (0..7).map(|n| json!({"code": format!("p{n}"), "text": "."})).collect();
        protocol("screening", json!({"valid_days": 30, "questions": questions}));
        protocol("consent", json!({"reflection_hours": 0, "valid_days": 180, "points": points}));
        protocol("retreatment", json!({"least_days": 14}));
        protocol("emergency_kit", json!({"items": [{"product_id": self.product, "units": 1}]}));
        let authority = json!({
            "holder": {"type": "practitioner", "id": self.practitioner_id}, "kind": "prescriber", "authority": "Example",
            "number": "1", "jurisdiction": "GB", "product_classes": ["*"], "valid_from": "2020-01-01", "valid_to": "2099-12-31",
        });
        let authority = self.register("/v1/licences", &authority);
        let check = json!({"outcome": "verified", "source": "illustrative"});
        self.create(&format!("/v1/licences/{authority}/checks"), &self.admin, &check);
        let by = &self.practitioner;
        let prescription = json!({
            "patient_ref": "P-visit", "product_id": self.product, "units": 9, "seen": "video", "valid_until": "2099-12-31",
        });
        self.create("/v1/prescriptions", by, &prescription);
        let visit = json!({
            "site_id": self.site, "patient_ref": "P-visit", "planned": [{"product_id": self.product, "area": "midface"}],
        });
        let visit = text(&self.create("/v1/visits", by, &visit), "id");
        let answers: Vec<_> = (0..10).map(|n| json!({"question": format!("q{n}"), "value": false})).collect();
        let told = |n| json!({"point": format!("p{n}"), "by": ["spoken", "written"], "to_whom": "the patient"});
        let explained: Vec<_> = (0..7).map(told).collect();
        for (what, body) in [
            ("screenings", json!({"answers": answers})),
            ("consents", json!({"explained": explained, "agreed": {"witness": "N. Example"}})),
            ("age-attestations", json!({"of_age": true, "seen": "passport"})),
        ] {
            self.create(&format!("/v1/visits/{visit}/{what}"), by, &body);
        }
        let gates = json!(["screening", "consent", "age", "interval", "prescription", "emergency_kit"]);
        let policy = json!({"treatment_gates": {"hybrid_filler": gates}});
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().new_agent();
        let request = agent.patch(format!("http://{}/v1/policies", self.servers[0].address));
        let answer = request.header("Authorization", format!("Bearer {}", self.admin)).send_json(&policy).unwrap();
        assert_eq!(answer.status().as_u16(), 200, "the policy");
        self.visit_id = Some(visit);
        let said = self.answer_to_a_scan();
        assert_eq!(said["decision"]["allowed"], true, "{said}");
    }

    fn answer_to_a_scan(&self) -> Value {
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().new_agent();
        let request = agent.post(format!("http://{}/v1/scans", self.servers[0].address));
        let by = format!("Bearer {}", self.practitioner);
        request.header("Authorization", by).send_json(self.question(0)).unwrap().body_mut().read_json().unwrap()
    }

    fn question(&self, lot: u64) -> Value {
        let mut question = json!({
            "code": code(lot), "site_id": self.site, "practitioner_id": self.practitioner_id, "purpose": "administer",
        });
        if let Some(visit) = &self.visit_id {
            question["visit_id"] = json!(visit);
        }
        question
    }

    /// Scans over so many connections.
    pub fn scan(&mut self, connections: usize, seconds: f64) -> Measured {
        let bodies = (0..self.lots).map(|lot| self.question(lot).to_string()).collect();
        self.send("/v1/scans".to_owned(), bodies, 200, false, connections, seconds, 0).0
    }

    #[allow(clippy::too_many_arguments)] // what a load is
    fn send(
        &mut self,
        path: String,
        bodies: Vec<String>,
        status: u16,
        keys: bool,
        connections: usize,
        seconds: f64,
        requests: u64,
    ) -> (Measured, Seen) {
        self.runs += 1;
        let servers = self.servers.iter().map(|server| server.address.clone()).collect();
        let (token, run) = (self.practitioner.clone(), format!("r{}", self.runs));
        let task = Task { servers, path, token, connections, seconds, requests, bodies, run, status, keys };
        let (cpu, size) = (self.cpu_seconds(), self.size());
        let seen = super::load::elsewhere(&task);
        let count = seen.requests as f64;
        let measured = Measured {
            rate: seen.rate(),
            p50_ms: seen.p50_ms,
            p99_ms: seen.p99_ms,
            cpu_ms: (self.cpu_seconds() - cpu) * 1e3 / count,
            bytes: (self.size() as f64 - size as f64) / count,
            rss_mib: self.rss_mib(),
        };
        (measured, seen)
    }

    /// Time of processors that the server processes have had.
    fn cpu_seconds(&self) -> f64 {
        let ticks = |server: &Server| -> f64 {
            let stat = std::fs::read_to_string(format!("/proc/{}/stat", server.process.id())).unwrap();
            let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
            fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()
        };
        // The kernel counts hundredths of seconds for everybody (USER_HZ).
        self.servers.iter().map(ticks).sum::<f64>() / 100.0
    }

    /// Resident memory of the largest server process.
    pub fn rss_mib(&self) -> u64 {
        let rss = |server: &Server| -> u64 {
            let status = std::fs::read_to_string(format!("/proc/{}/status", server.process.id())).unwrap();
            let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap();
            line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
        };
        self.servers.iter().map(rss).max().unwrap_or(0)
    }

    /// The database file of SQLite.
    pub fn file(&self) -> PathBuf {
        self.folder.join("lotline.db")
    }

    /// What the database takes on disk.
    fn size(&self) -> i64 {
        match &self.url {
            None => super::sizes::size(&self.file()),
            Some(url) => super::sizes::size_of_postgres(url),
        }
    }
}

fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap().to_owned()
}

/// The code on a pack of a lot; packs have no serial numbers.
fn code(lot: u64) -> String {
    format!("]d201095212345678991760123110BENCH{lot}")
}
