//! `lotline import KIND FILE`: a list is sent to a running server, and what it says of each row is printed.

use std::io::{IsTerminal, Read, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use clap::Args;
use serde::Deserialize;

use crate::error::{Error, Result};
use crate::imports::model::{ImportKind, Outcome};

/// The largest list takes seconds; whoever sits at a terminal must not wait for ever.
const TIMEOUT: Duration = Duration::from_secs(120);
/// How often the bar is drawn.
const DRAWN_EVERY: Duration = Duration::from_millis(100);
/// How many characters it has.
const BAR: usize = 30;
/// The answer to the longest list: a verdict of some hundred bytes for each of its rows.
const ANSWER_MAX: u64 = 32 * 1024 * 1024;

#[derive(Args)]
#[group(skip)]
pub struct Options {
    /// Only say what would become of it
    #[arg(long)]
    dry_run: bool,
    /// Print what became of every row, not only of those that are refused
    #[arg(long)]
    all: bool,
    /// The server; one behind TLS is reached through its proxy's plain address
    #[arg(long, value_name = "URL", env = "LOTLINE_SERVER", default_value = "http://127.0.0.1:8080")]
    server: String,
    /// A token that may bring lists in, as `lotline init` or `lotline token` printed it
    #[arg(long, value_name = "TOKEN", env = "LOTLINE_TOKEN", hide_env_values = true)]
    token: Option<String>,
}

/// What the server answers, as far as it is printed.
#[derive(Deserialize)]
struct Import {
    imported: bool,
    rows: usize,
    created: usize,
    unchanged: usize,
    updated: usize,
    refused: usize,
    verdicts: Vec<Verdict>,
}

#[derive(Deserialize)]
struct Verdict {
    line: u64,
    column: Option<String>,
    outcome: Outcome,
    code: String,
    message: String,
}

/// A refusal of the whole.
#[derive(Deserialize)]
struct Refused {
    code: String,
    detail: String,
}

pub fn run(kind: ImportKind, file: &Path, options: &Options) -> Result<ExitCode> {
    let bytes = std::fs::read(file).map_err(|error| Error::Unavailable(format!("{}: {error}", file.display())))?;
    let (status, answer) = send(kind, options, &bytes)?;
    let unread =
        |error: serde_json::Error| Error::Unavailable(format!("the server's answer is not understood: {error}"));
    if status != 200 {
        let Refused { code, detail } = serde_json::from_slice(&answer).map_err(unread)?;
        return Err(Error::Unavailable(format!("{detail} ({status} {code})")));
    }
    let import: Import = serde_json::from_slice(&answer).map_err(unread)?;
    for verdict in &import.verdicts {
        if options.all || verdict.outcome == Outcome::Refused {
            crate::cli::print_line(&verdict.in_words())?;
        }
    }
    crate::cli::print_line(&import.in_words(options.dry_run))?;
    Ok(if import.refused == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

impl Verdict {
    fn in_words(&self) -> String {
        let column = self.column.as_ref().map(|column| format!(", {column}")).unwrap_or_default();
        let code = if self.outcome == Outcome::Refused { format!(" ({})", self.code) } else { String::new() };
        format!("line {}{column}: {}{code}", self.line, self.message)
    }
}

impl Import {
    fn in_words(&self, dry_run: bool) -> String {
        let end = match (self.imported, dry_run) {
            (true, _) => "Brought in.",
            (false, true) if self.refused == 0 => "Nothing was changed: it was only asked.",
            (false, _) => "Nothing was brought in.",
        };
        let Import { rows, created, unchanged, updated, refused, .. } = self;
        format!("{rows} rows: {created} new, {unchanged} as they stand, {updated} added to, {refused} refused. {end}")
    }
}

/// Sends a list, with a bar where somebody looks at one.
fn send(kind: ImportKind, options: &Options, bytes: &[u8]) -> Result<(u16, Vec<u8>)> {
    let agent =
        ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(TIMEOUT)).build().new_agent();
    let token = options.token.as_deref().ok_or_else(|| {
        Error::Unavailable("A list needs a token that may bring it in: --token, or LOTLINE_TOKEN.".to_owned())
    })?;
    let bearer = format!("Bearer {token}");
    let server = options.server.trim_end_matches('/');
    let scheme = if server.contains("://") { "" } else { "http://" };
    let url = format!("{scheme}{server}/v1/imports?kind={kind}&dry_run={}", options.dry_run);
    let progress = Progress { sent: AtomicUsize::new(0), of: bytes.len(), is_over: AtomicBool::new(false) };
    let answered = std::thread::scope(|scope| {
        if std::io::stderr().is_terminal() {
            scope.spawn(|| progress.draw());
        }
        let mut body = Counted { rest: bytes, progress: &progress };
        let answer = agent
            .post(&url)
            .header("Authorization", &bearer)
            .content_type("text/csv")
            .send(ureq::SendBody::from_reader(&mut body));
        let answered = answer.and_then(|mut answer| {
            let body = answer.body_mut().with_config().limit(ANSWER_MAX).read_to_vec()?;
            Ok((answer.status().as_u16(), body))
        });
        progress.is_over.store(true, Ordering::Relaxed);
        answered
    });
    answered.map_err(|error| Error::Unavailable(format!("{}: {error}", options.server)))
}

/// How far it is.
struct Progress {
    sent: AtomicUsize,
    of: usize,
    is_over: AtomicBool,
}

impl Progress {
    /// Draws a bar until it is over, and takes it away then.
    fn draw(&self) {
        let started = Instant::now();
        let mut terminal = std::io::stderr();
        while !self.is_over.load(Ordering::Relaxed) {
            let bar = bar(self.sent.load(Ordering::Relaxed), self.of);
            let seconds = started.elapsed().as_secs();
            // A terminal that is gone needs no bar.
            let _ = write!(terminal, "\r\u{1b}[K{bar}, {seconds} s").and_then(|()| terminal.flush());
            std::thread::sleep(DRAWN_EVERY);
        }
        let _ = write!(terminal, "\r\u{1b}[K").and_then(|()| terminal.flush());
    }
}

/// What is sent of a list, and when all is, that the server has it.
fn bar(sent: usize, of: usize) -> String {
    let full = sent.saturating_mul(BAR).checked_div(of).unwrap_or(BAR).min(BAR);
    let drawn = format!("[{}{}]", "#".repeat(full), ".".repeat(BAR.saturating_sub(full)));
    if sent < of { format!("{drawn} {sent} of {of} bytes sent") } else { format!("{drawn} sent; the rows are judged") }
}

/// The bytes of a list, counted as they are taken.
struct Counted<'a> {
    rest: &'a [u8],
    progress: &'a Progress,
}

impl Read for Counted<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let taken = self.rest.read(into)?;
        self.progress.sent.fetch_add(taken, Ordering::Relaxed);
        Ok(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_says_how_far_it_is() {
        assert_eq!(bar(0, 60), "[..............................] 0 of 60 bytes sent");
        assert_eq!(bar(30, 60), "[###############...............] 30 of 60 bytes sent");
        assert_eq!(bar(60, 60), "[##############################] sent; the rows are judged");
        assert_eq!(bar(0, 0), "[##############################] sent; the rows are judged");
    }

    #[test]
    fn a_verdict_is_a_line_to_read() {
        let json = r#"{"line": 3, "column": "gtin", "outcome": "refused", "code": "invalid_gtin", "message": "gtin must be a GTIN."}"#;
        let verdict: Verdict = serde_json::from_str(json).unwrap();
        assert_eq!(verdict.in_words(), "line 3, gtin: gtin must be a GTIN. (invalid_gtin)");
    }
}
