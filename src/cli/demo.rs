//! `lotline demo`: the main job, told step by step through HTTP.
//!
//! [`story`] is the table of steps, [`step`] the words it is written in, [`teller`] sends each step, prints the answer
//! and checks it. Here is the stage: a database, a server in this process, and a token for everyone who acts.

mod people;
mod step;
mod story;
mod teller;

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;

use actix_web::dev::ServerHandle;
use clap::Args;

use crate::app::{Process, server};
use crate::caller::{Caller, Role};
use crate::clock::Clock;
use crate::custody_log::witness::{Origin, Witness};
use crate::db::{DatabaseUrl, Settings, Store};
use crate::error::{Error, Result};
use crate::evidence::objects::Objects;
use crate::http::auth::{self, Keys};
use crate::ids::{Ids, OrganisationId};
use crate::sealing::Patients;
use crate::values::Name;
use people::Person;
use teller::Teller;

/// Its options. The environment names no database here: a demonstration must not end up in one by accident.
#[derive(Args)]
pub struct Options {
    /// Stop after the last step
    #[arg(long)]
    exit: bool,
    /// Make a new organisation in this database instead: postgres://USER@HOST/DATABASE or sqlite://PATH
    #[arg(long, value_name = "URL")]
    database_url: Option<DatabaseUrl>,
}

/// Tells the story.
///
/// # Errors
/// When the stage cannot be set up, or a step is not as it must be; the text names it.
pub fn run(options: &Options) -> Result<ExitCode> {
    crate::telemetry::start(tracing::Level::ERROR);
    let folder = Folder::make()?;
    let url = options.database_url.clone().unwrap_or_else(|| DatabaseUrl::embedded(&folder.0));
    let keys = Arc::new(Keys::open(&folder.0)?);
    let patients = Patients::at(DatabaseUrl::Sqlite(folder.0.join("keys.db")));
    super::upgrade(&url, &patients)?;
    let clock = Clock::system();
    let store = Store::open(&url, &Settings::default())?;
    let name = "Lotline demonstration".parse::<Name>()?;
    let (organisation, _) = super::init::register(&store, &keys, &clock, &name)?;
    let token = |subject: &str, roles: &[Role]| {
        let organisation_id = organisation.clone();
        let bearer = Caller { organisation_id, subject: subject.to_owned(), roles: roles.to_vec(), sites: None };
        super::token::issue(&store, &keys, &clock, bearer, auth::TTL_MAX_SECONDS)
    };
    let tokens = Person::ALL.iter().map(|person| Ok((*person, token(person.subject(), person.roles())?)));
    let tokens = tokens.collect::<Result<_>>()?;
    let by_role = Role::ALL.iter().map(|role| Ok((*role, token(role.as_str(), &[*role])?)));
    let by_role: Vec<(Role, String)> = by_role.collect::<Result<_>>()?;

    let evidence = Objects::open(None, &folder.0)?;
    let witness = Witness::open(&folder.0, Origin::default())?;
    let process = Process::new(store, keys, patients, witness, evidence, clock.clone(), Ids::system())?;
    let server = Server::start(process, !options.exit)?;
    introduce(&url)?;
    let today = clock.now().day_in(chrono_tz::Europe::London);
    let mut teller = Teller::new(server.address.clone(), tokens);
    story::chapters(today).iter().try_for_each(|chapter| teller.tell(chapter))?;
    check_database(&url)?;
    super::print_line(&format!("\nEvery one of {} steps was as it must be.", teller.told()))?;
    if options.exit {
        server.stop()?;
    } else {
        stay(&server.address, &organisation, &by_role)?;
        server.wait()?;
    }
    Ok(ExitCode::SUCCESS)
}

fn introduce(url: &DatabaseUrl) -> Result<()> {
    super::print_line(&format!(
        "A clinic buys, treats and is audited, over HTTP; one pack of HArmonyCa is the hero.\n\
         Everything is made up: people, licences, approvals and temperature bands are illustrative, the GTINs are\n\
         under 952, the GS1 prefix for examples. In codes, ␝ is the separator that a scanner sends (GS, U+001D).\n\
         Database: {url:?}"
    ))
}

/// The last step: what `lotline verify` does, beside the running server.
fn check_database(url: &DatabaseUrl) -> Result<()> {
    let report = crate::verify::verify(url)?;
    let (events, rows) = (report.events, report.rows);
    super::print_line(&format!("\nVerify\n  {events} events replayed, {rows} rows compared"))?;
    for finding in &report.findings {
        super::print_line(&format!("  {finding}"))?;
    }
    if report.findings.is_empty() {
        super::print_line("  Everything agrees with the journal.")
    } else {
        Err(Error::internal(format!("verify: {} rows or events disagree with the journal", report.findings.len())))
    }
}

/// What somebody needs who wants to try it themselves.
fn stay(address: &str, organisation: &OrganisationId, tokens: &[(Role, String)]) -> Result<()> {
    super::print_line(&format!(
        "\nThe server stays up for you. Documentation: {address}/docs\n\
         Organisation {organisation}. Tokens for 24 hours, to send as `Authorization: Bearer TOKEN`:"
    ))?;
    for (role, token) in tokens {
        super::print_line(&format!("\n{role}\n{token}"))?;
    }
    super::print_line("\nStop with Ctrl-C.")
}

/// A temporary folder of our own, gone when the demonstration is.
struct Folder(PathBuf);

impl Folder {
    fn make() -> Result<Self> {
        use std::os::unix::fs::DirBuilderExt;
        let mut seed = [0; 8];
        getrandom::fill(&mut seed).map_err(|e| Error::Unavailable(format!("no randomness: {e}")))?;
        let name = format!("lotline-demo-{:016x}", u64::from_ne_bytes(seed));
        let path = std::env::temp_dir().join(name);
        let made = std::fs::DirBuilder::new().mode(0o700).create(&path);
        made.map_err(|e| Error::Unavailable(format!("{}: {e}", path.display())))?;
        Ok(Folder(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Nothing of value is lost when it stays.
        let _ = std::fs::remove_dir_all(Path::new(&self.0));
    }
}

/// A server in a thread of this process, on a free port.
struct Server {
    address: String,
    handle: ServerHandle,
    thread: JoinHandle<std::io::Result<()>>,
}

impl Server {
    fn start(process: Process, signals: bool) -> Result<Self> {
        let unavailable = |e: std::io::Error| Error::Unavailable(format!("starting the server: {e}"));
        let listener = TcpListener::bind(("127.0.0.1", 0)).map_err(unavailable)?;
        let address = format!("http://{}", listener.local_addr().map_err(unavailable)?);
        let (started, waiting) = mpsc::channel();
        let serve = move || {
            actix_web::rt::System::new().block_on(async move {
                let server =
                    server::serve(listener, process, &server::Settings { signals, ..server::Settings::default() })?;
                // Whoever waits for it has gone only when the process ends.
                let _ = started.send(server.handle());
                server.await
            })
        };
        let thread = std::thread::Builder::new().name("lotline-server".to_owned()).spawn(serve).map_err(unavailable)?;
        match waiting.recv() {
            Ok(handle) => Ok(Server { address, handle, thread }),
            Err(_) => Err(ended(thread).err().unwrap_or_else(|| Error::internal("the server did not start"))),
        }
    }

    fn stop(self) -> Result<()> {
        super::block_on(async {
            self.handle.stop(true).await;
            Ok(())
        })?;
        ended(self.thread)
    }

    fn wait(self) -> Result<()> {
        ended(self.thread)
    }
}

fn ended(thread: JoinHandle<std::io::Result<()>>) -> Result<()> {
    match thread.join() {
        Ok(result) => result.map_err(|e| Error::Unavailable(format!("the server: {e}"))),
        Err(_) => Err(Error::internal("the server panicked")),
    }
}
