//! A server in this process, on a database of its own, with a clock that the test sets.

use std::collections::HashMap;
use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use chrono::{DateTime, Utc};
use lotline::app::{Process, housekeeping, server};
use lotline::caller::{Caller, Role};
use lotline::clock::{Clock, Moment};
use lotline::command::{Command, Means, Turn};
use lotline::custody_log::sequencing;
use lotline::custody_log::witness::{self, Origin, Witness};
use lotline::db::{Settings, Store};
use lotline::evidence::objects::Objects;
use lotline::http::auth::{self, Keys};
use lotline::http::rates::Allowances;
use lotline::ids::{Ids, OrganisationId, SiteId, TokenId};
use lotline::verify;
use serde_json::Value;

use super::{Client, Database, Kind};

/// When every scenario begins: a Wednesday in summer, 11:00 in London.
pub const START: &str = "2026-07-01T10:00:00Z";

/// The clock of a test: stands where it is set, but for one microsecond at each look, so that ids keep their order.
#[derive(Clone)]
pub struct TestClock(Arc<AtomicI64>);

impl TestClock {
    fn new() -> Self {
        let clock = TestClock(Arc::default());
        clock.set(START);
        clock
    }

    /// Sets it to an RFC 3339 time.
    pub fn set(&self, time: &str) {
        let time = DateTime::parse_from_rfc3339(time).unwrap();
        self.0.store(time.timestamp_micros(), Ordering::SeqCst);
    }

    /// Moves it on.
    pub fn advance_days(&self, days: i64) {
        self.0.fetch_add(days * 86_400_000_000, Ordering::SeqCst);
    }

    /// The clock that it sets.
    pub fn clock(&self) -> Clock {
        let micros = self.0.clone();
        Clock::from_fn(move || {
            DateTime::<Utc>::from_timestamp_micros(micros.fetch_add(1, Ordering::SeqCst)).unwrap_or_default()
        })
    }

    /// The time that it shows.
    pub fn now(&self) -> Moment {
        self.clock().now()
    }
}

/// The running server. Stops when it is dropped.
struct Server {
    handle: actix_web::dev::ServerHandle,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    fn start(process: Process) -> (Self, SocketAddr) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, receiver) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                // Scenarios come from one address, and many of them are refused all the time.
                // What is in the log changes what is shown of events, and must not do so in between: see [`World::log`].
                let settings =
                    server::Settings { rates: Allowances::OFF, log_every: None, ..server::Settings::default() };
                let server = server::serve(listener, process, &settings).unwrap();
                sender.send(server.handle()).unwrap();
                server.await.unwrap();
            });
        });
        (Server { handle: receiver.recv().unwrap(), thread: Some(thread) }, address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The command to stop is sent at once; what is dropped is only the wait for it.
        drop(self.handle.stop(false));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// A server with one organisation in it.
pub struct World {
    pub clock: TestClock,
    pub http: Client,
    /// The organisation that the tokens of [`World::token`] are of.
    pub organisation: OrganisationId,
    pub database: Database,
    pub keys: Keys,
    tokens: Mutex<HashMap<(String, Vec<Role>), String>>,
    store: Store,
    ids: Ids,
    verifies: AtomicBool,
    process: Option<Process>,
    _server: Option<Server>,
}

impl World {
    /// Starts a server; `None` where the database is not installed.
    pub fn start(kind: Kind) -> Option<World> {
        crate::plans::watch();
        Database::create(kind).map(World::on)
    }

    /// Starts a server on a database with the schema.
    pub fn on(database: Database) -> World {
        let (clock, ids) = (TestClock::new(), Ids::system());
        let store = Store::open(&database.url, &Settings::default()).unwrap();
        let keys = Keys::open(database.dir()).unwrap();
        let evidence = Objects::open(None, database.dir()).unwrap();
        let (patients, witness) = (database.patients(), Witness::open(database.dir(), Origin::default()).unwrap());
        let process = Process::new(store.clone(), keys, patients, witness, evidence, clock.clock(), ids).unwrap();
        let (server, address) = Server::start(process.clone());
        World { process: Some(process), ..World::with(database, store, clock, Client::of(address), Some(server)) }
    }

    /// The world of a server that runs in another process, by the machine's clock.
    pub fn beside(database: Database, http: Client) -> World {
        let store = Store::open_beside(&database.url, &Settings { connections: 1, report_connections: 1 }).unwrap();
        World::with(database, store, TestClock::new(), http, None)
    }

    fn with(database: Database, store: Store, clock: TestClock, http: Client, server: Option<Server>) -> World {
        let mut world = World {
            organisation: OrganisationId::mint(&Ids::system(), clock.now(), 0),
            keys: Keys::open(database.dir()).unwrap(),
            ids: Ids::system(),
            tokens: Mutex::default(),
            verifies: AtomicBool::new(true),
            process: None,
            _server: server,
            clock,
            http,
            database,
            store,
        };
        world.organisation = world.register_organisation("Example Clinics");
        world
    }

    /// A day within the year before now, by the clock that the server goes by.
    pub fn recent_day(&self) -> String {
        let by_the_machine = self._server.is_none();
        if by_the_machine {
            Clock::system().now().day_in(chrono_tz::Tz::UTC).to_string()
        } else {
            "2026-01-05".to_owned()
        }
    }

    /// The database, as the server has it.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// From now on, the tokens of [`World::token`] are of a new organisation.
    pub fn turn_to_organisation(&mut self, name: &str) {
        self.organisation = self.register_organisation(name);
        self.tokens.lock().unwrap().clear();
    }

    /// Makes an organisation, as `lotline init` does.
    pub fn register_organisation(&self, name: &str) -> OrganisationId {
        let caller = Caller {
            organisation_id: OrganisationId::mint(&self.ids, self.clock.now(), 0),
            subject: "init".to_owned(),
            roles: vec![Role::Admin],
            sites: None,
        };
        let id = caller.organisation_id.clone();
        let name = name.parse().unwrap();
        let memory = self.store.memory().clone();
        let (clock, ids, patients) = (self.clock.clock(), self.ids.clone(), self.database.patients());
        let means = Means { clock, ids, memory, judge: lotline::house::JUDGE, patients };
        let write = self.store.write(move |db| {
            let mut command = Command::begin(db, Turn::Alone, &caller, &means)?;
            lotline::organisations::service::register(&mut command, &name)?;
            command.finish().map(|_| ())
        });
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(write).unwrap();
        id
    }

    /// A token of the organisation, with one role, which is also the bearer's name.
    pub fn token(&self, role: Role) -> String {
        self.token_as(role.as_str(), &[role])
    }

    /// A token of the organisation for somebody by name.
    pub fn token_as(&self, subject: &str, roles: &[Role]) -> String {
        let mut tokens = self.tokens.lock().unwrap();
        let token = tokens.entry((subject.to_owned(), roles.to_vec()));
        token.or_insert_with(|| self.sign(&self.organisation, subject, roles, None)).clone()
    }

    /// Any token.
    pub fn sign(
        &self,
        organisation: &OrganisationId,
        subject: &str,
        roles: &[Role],
        sites: Option<Vec<SiteId>>,
    ) -> String {
        let caller =
            Caller { organisation_id: organisation.clone(), subject: subject.to_owned(), roles: roles.to_vec(), sites };
        // Tokens live by the machine's clock, business by the test's.
        self.keys
            .sign(&auth::claims(&caller, TokenId::mint(&self.ids, self.clock.now(), 0), Clock::system().now(), 3600))
            .unwrap()
    }

    /// Sends JSON in a role: the status and the body of the answer.
    pub fn post(&self, role: Role, path: &str, body: &Value) -> (u16, Value) {
        self.http.post(&self.token(role), path, body)
    }

    /// Sends JSON in a role; it must be done. The body of the answer.
    pub fn create(&self, role: Role, path: &str, body: &Value) -> Value {
        let (status, answer) = self.post(role, path, body);
        assert!(matches!(status, 200 | 201), "POST {path} {body}: {status} {answer}");
        answer
    }

    /// Asks in the role of an auditor, who may read everything; it must be found. The body of the answer.
    pub fn read(&self, path: &str) -> Value {
        let (status, mut answer) = self.http.get(&self.token(Role::Auditor), path);
        assert_eq!(status, 200, "GET {path}: {answer}");
        // What is told beside the thing is looked at where it is what is asked about (tests/it/names.rs).
        answer.as_object_mut().map(|answer| answer.remove("names"));
        answer
    }

    /// Ends what is over by the clock, as the server of this process does every minute.
    pub fn sweep(&self) {
        let sweep = housekeeping::sweep(self.process.as_ref().expect("a server of this process"));
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(sweep).unwrap();
    }

    /// Makes the custody log of what was recorded, as the server of this process does twice a second.
    pub fn log(&self) {
        let Some(process) = &self.process else { return };
        let mut troubles = sequencing::Troubles::default();
        let log = sequencing::sweep(&process.state, &process.witness, &mut troubles);
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(log).unwrap();
    }

    /// Says that the scenario tampers with the database, so that verification is its own business.
    pub fn will_not_verify(&self) {
        self.verifies.store(false, Ordering::SeqCst);
    }

    /// The books agree with the journal.
    pub fn assert_verified(&self) {
        if self.verifies.load(Ordering::SeqCst) {
            self.log();
            let objects = Objects::open(None, self.database.dir()).unwrap();
            let (log, patients) = (witness::look(self.database.dir()).unwrap(), self.database.patients());
            let beside = verify::Beside {
                evidence: Some(Some(&objects)),
                log: Some(&log),
                checkpoints: &[],
                patients: Some(&patients),
            };
            let report = verify::check(&self.database.url, &beside).unwrap();
            assert!(report.findings.is_empty(), "{:#?}", report.findings);
            assert!(report.events > 0);
        }
    }
}
