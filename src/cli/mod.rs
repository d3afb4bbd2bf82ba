//! The subcommands, one file each.

mod backup;
pub mod decode;
pub mod demo;
mod import;
mod init;
mod keys;
mod migrate;
pub mod openapi;
mod restore;
mod sample;
mod serve;
mod token;
mod verify;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::caller::Caller;
use crate::clock::Clock;
use crate::command::{self, Means, Turn};
use crate::config::Deployment;
use crate::db::{DatabaseUrl, Store};
use crate::error::Error;
use crate::ids::Ids;
use crate::sealing::Patients;

/// Inventory and chain of custody for injectables: from a vetted supplier to one patient.
#[derive(Parser)]
#[command(name = "lotline", version, about, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Bring the database up to date and serve the API
    ///
    /// The documentation is at /docs. SIGTERM stops the server: what is in flight is finished first.
    Serve(serve::Options),
    /// Make an organisation and print a token for its first admin
    ///
    /// Prints one line of JSON: {"organisation_id":"org_…","admin_token":"…"}. The token lasts 24 hours. May be run
    /// before or while a server runs, once for each organisation. With --sample the organisation gets a clinic to try things in,
    /// and one of that name is found again: what stands is not made twice.
    Init(init::Options),
    /// Print a signed token for a local deployment
    ///
    /// The journal records for whom it is and until when (token_issued), not the token.
    ///
    /// Example: lotline token --organisation org_… --role practitioner --site site_… --subject nurse-1 --ttl 8h
    Token(token::Options),
    /// List, rotate and retire the keys that tokens are signed with
    ///
    /// The newest key signs. A running server takes a new one up, and refuses one that was retired, within seconds, without a restart.
    #[command(subcommand)]
    Keys(keys::Action),
    /// Bring the database up to date
    Migrate(migrate::Options),
    /// Bring in what is in files: lists of products, people and places, or the readings of a temperature logger
    ///
    /// A list is sent to a running server: all its rows come in, or none, and the same file may be brought in again. The readings
    /// of a logger go into the database, also beside a server: the others are kept. What is wrong with a row is printed with its
    /// line, and it exits with 1. GET /v1/imports/templates/products is a list to fill in.
    ///
    /// Example: lotline import products products.csv --dry-run
    ///
    /// Example: lotline import readings FILE --organisation org_… --sensor sen_… --time-zone Europe/London
    Import(import::Options),
    /// Drive the main job through HTTP on a fresh database, step by step
    ///
    /// Without --exit the server stays up afterwards, with a token for each role, so that you can try it yourself.
    Demo(demo::Options),
    /// Check the database and the evidence against the journal
    ///
    /// Replays every event and compares every column of every table, the schema and the bytes of evidence; names
    /// whatever disagrees, and exits with 1 then. May be run beside a server.
    Verify(verify::Options),
    /// Write everything that this deployment is into a new folder, beside a running server
    ///
    /// The database as it stands, evidence, the keys that sign tokens and the custody log; read again and verified before it has its name.
    /// The patients' keys are in a file of their own beside it, FOLDER.patients-keys: keep that elsewhere.
    Backup(backup::Options),
    /// Bring a backup back, into a new data directory and a new database
    ///
    /// Nothing is restored over anything that is there. The digests of the backup are checked first, and what came out is verified. Patients
    /// who were erased stay erased.
    Restore(restore::Options),
    /// Read one code a line from standard input and print what it says, one line of JSON each
    Decode,
    /// Print the OpenAPI document
    Openapi,
}

/// Runs the program.
pub fn run() -> ExitCode {
    let command = Cli::parse().command;
    crate::files::make_for_owner_only();
    let result = match command {
        Command::Serve(options) => serve::run(&options),
        Command::Init(options) => init::run(&options),
        Command::Token(options) => token::run(&options),
        Command::Keys(action) => keys::run(&action),
        Command::Migrate(options) => migrate::run(&options),
        Command::Import(options) => import::run(&options),
        Command::Demo(options) => demo::run(&options),
        Command::Verify(options) => verify::run(&options),
        Command::Backup(options) => backup::run(&options),
        Command::Restore(options) => restore::run(&options),
        Command::Decode => decode_stdin(),
        Command::Openapi => openapi::run(),
    };
    match result {
        Ok(code) => code,
        Err(error) => {
            eprintln!("lotline: {}", in_words(&error));
            ExitCode::FAILURE
        }
    }
}

fn decode_stdin() -> crate::error::Result<ExitCode> {
    let today = crate::clock::Clock::system().now().day_in(chrono_tz::Tz::UTC);
    let input = std::io::BufReader::with_capacity(64 * 1024, std::io::stdin());
    match decode::run(input, std::io::stdout().lock(), today) {
        Ok(()) => Ok(ExitCode::SUCCESS),
        // Whoever reads our output has seen enough.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(ExitCode::SUCCESS),
        Err(error) => Err(Error::Unavailable(error.to_string())),
    }
}

/// An error for the person at the terminal, who may know everything.
fn in_words(error: &Error) -> String {
    match error {
        Error::Problem(problem) => problem.detail.clone(),
        Error::Unavailable(why) | Error::Internal(why) => why.clone(),
        Error::Database(error) => error.to_string(),
        other => format!("{other:?}"),
    }
}

/// Closes what an older version left open to others, and says so; and says what the database's URL leaves open.
fn close(deployment: &Deployment) -> crate::error::Result<()> {
    let url = deployment.database();
    let closed = crate::files::close_deployment(&deployment.data_dir, url.file())?;
    for note in closed.into_iter().chain(url.warning()?) {
        eprintln!("{note}");
    }
    Ok(())
}

/// Brings a database up to date, and tells the person at the terminal what they must look at.
fn upgrade(url: &DatabaseUrl, patients: &Patients) -> crate::error::Result<()> {
    for note in crate::upgrade::run(url, patients)? {
        eprintln!("{note}");
    }
    Ok(())
}

/// Gives a command that concerns no patient, as somebody beside the database.
fn give<T: Send + 'static>(
    store: &Store,
    clock: &Clock,
    caller: Caller,
    turn: Turn,
    work: impl Fn(&mut command::Command<'_>) -> crate::error::Result<T> + Send + 'static,
) -> crate::error::Result<T> {
    let (memory, judge) = (store.memory().clone(), crate::house::JUDGE);
    let means = Means { clock: clock.clone(), ids: Ids::system(), memory, judge, patients: Patients::none() };
    block_on(store.write(move |db| {
        let mut command = command::Command::begin(db, turn, &caller, &means)?;
        let done = work(&mut command)?;
        command.finish()?;
        Ok(done)
    }))
}

/// A value of the command line.
fn parse<T>(text: &str) -> std::result::Result<T, String>
where
    T: std::str::FromStr<Err = crate::values::Invalid>,
{
    text.parse().map_err(|invalid: crate::values::Invalid| invalid.rule)
}

/// Prints a line for a program that reads it.
fn print_line(line: &str) -> crate::error::Result<()> {
    use std::io::Write;
    writeln!(std::io::stdout(), "{line}").map_err(|e| Error::Unavailable(format!("standard output: {e}")))
}

/// A runtime for the subcommands that are not a server.
fn block_on<T>(work: impl Future<Output = crate::error::Result<T>>) -> crate::error::Result<T> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|e| Error::Unavailable(e.to_string()))?
        .block_on(work)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    /// What clap looks at in a debug build only when a command is given: names that are there twice, above all.
    #[test]
    fn every_command_can_be_given() {
        super::Cli::command().debug_assert();
    }
}
