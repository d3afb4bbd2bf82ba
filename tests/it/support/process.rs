//! The real program in a process of its own.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::{Client, Database};

/// Long enough for anything that does not hang.
const PATIENCE: Duration = Duration::from_secs(30);

/// A server process. Killed when it is dropped.
pub struct Process {
    child: Child,
    pub http: Client,
    pub address: String,
    /// What it logged before it listened.
    pub before: Vec<String>,
    log: Mutex<Receiver<String>>,
}

/// The program without any setting of the developer's own.
pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lotline"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("LOTLINE_") || name == "DATABASE_URL" {
            command.env_remove(name);
        }
    }
    command
}

/// The program with a database's data directory and URL.
pub fn lotline(subcommand: &str, database: &Database) -> Command {
    let mut command = program();
    // Scenarios come from one address, and many of them are refused all the time.
    command.envs([("LOTLINE_RATE_ANONYMOUS", "off"), ("LOTLINE_RATE_FAILED", "off")]);
    command.arg(subcommand).arg("--data-dir").arg(database.dir()).arg("--database-url").arg(database.url_text());
    if let Some(keys) = database.keys_text() {
        command.arg("--keys-url").arg(keys);
    }
    command
}

/// The same command under a umask.
pub fn under(umask: &str, command: &Command) -> Command {
    let mut shell = Command::new("sh");
    shell
        .args(["-c", &format!("umask {umask}; exec \"$@\""), "sh"])
        .arg(command.get_program())
        .args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    shell
}

/// Runs a subcommand to its end.
pub fn run(mut command: Command) -> Output {
    command.stdin(Stdio::null()).output().unwrap()
}

/// Makes an organisation: its id and an admin's token.
pub fn init(database: &Database, name: &str) -> (String, String) {
    let mut command = lotline("init", database);
    command.args(["--organisation", name]);
    let output = run(command);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let printed: Value = serde_json::from_slice(&output.stdout).unwrap();
    (printed["organisation_id"].as_str().unwrap().to_owned(), printed["admin_token"].as_str().unwrap().to_owned())
}

impl Process {
    /// Starts a server on a free port, and waits until it listens.
    pub fn serve(database: &Database) -> Process {
        Self::spawn(lotline("serve", database)).unwrap_or_else(|log| panic!("the server did not start: {log:?}"))
    }

    /// Starts a server by a command that needs only `--bind`; its log when it ends instead of listening.
    pub fn spawn(mut command: Command) -> Result<Process, Vec<String>> {
        command.args(["--bind", "127.0.0.1:0"]);
        if !command.get_args().any(|arg| arg == "--log") {
            command.args(["--log", "info"]);
        }
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (sender, log) = channel();
        let printed = sender.clone();
        std::thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                let _ = printed.send(line);
            }
        });
        std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                let _ = sender.send(line); // read on, so that the server never waits for its log
            }
        });
        let mut seen = Vec::new();
        let deadline = Instant::now() + PATIENCE;
        loop {
            match log.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(line) => {
                    let entry: Value = serde_json::from_str(&line).unwrap_or_default();
                    if let Some(address) = entry["address"].as_str() {
                        let address = address.to_owned();
                        let http = Client::of(&address);
                        return Ok(Process { child, http, address, before: seen, log: Mutex::new(log) });
                    }
                    seen.push(line);
                }
                Err(why) => {
                    assert_ne!(why, RecvTimeoutError::Timeout, "neither listening nor ended: {seen:?}");
                    let status = child.wait().unwrap();
                    assert!(!status.success(), "a server that does not listen must fail: {seen:?}");
                    return Err(seen);
                }
            }
        }
    }

    /// Sends a signal, by the name that `kill` knows.
    pub fn signal(&self, name: &str) {
        let status = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status().unwrap();
        assert!(status.success());
    }

    /// Waits for a line of its log that has all of some words; the lines before it are read, too.
    pub fn wait_for(&self, words: &[&str]) -> String {
        let log = self.log.lock().unwrap();
        let deadline = Instant::now() + 2 * PATIENCE;
        loop {
            let line = log.recv_timeout(deadline.saturating_duration_since(Instant::now()));
            let line = line.unwrap_or_else(|why| panic!("no line with {words:?}: {why}"));
            if words.iter().all(|word| line.contains(word)) {
                return line;
            }
        }
    }

    /// Everything that it has printed since it listened. It has to have ended.
    pub fn printed(&self) -> Vec<String> {
        self.log.lock().unwrap().iter().collect()
    }

    /// A line of `/proc/PID/status`, in KiB.
    pub fn memory_kib(&self, name: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.trim_matches([':', ' ', '\t', 'k', 'B']).parse().unwrap()
    }

    /// One of its numbers, by name and labels as `/metrics` writes them.
    pub fn number(&self, name: &str) -> f64 {
        // A connection that was kept may be at the end of its time when it is used again.
        let ask = || self.http.try_send("GET", "/metrics", &[], None);
        let answer = ask().or_else(|_| ask()).unwrap();
        let text = String::from_utf8(answer.bytes).unwrap();
        let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        value.unwrap_or_else(|| panic!("no {name} in {text}")).parse().unwrap()
    }

    /// Kills it at once and waits until it is gone.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Waits until it has ended.
    pub fn wait(&mut self) -> ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(
                Instant::now() < deadline,
                "the server does not end: {:?}",
                self.log.lock().unwrap().try_iter().last()
            );
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}
