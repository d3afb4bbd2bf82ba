//! Callers, in a process of their own: each has a connection and sends the next request when the last was answered.
//!
//! Requests are written and answers read by hand, so that the callers take as little of the machine as they can.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

/// What callers do.
#[derive(Serialize, Deserialize)]
pub struct Task {
    /// The addresses of the servers (host and port), between which they are spread.
    pub servers: Vec<String>,
    pub path: String,
    pub token: String,
    pub connections: usize,
    /// How long, or if that is 0 how many requests.
    pub seconds: f64,
    pub requests: u64,
    /// What they send, one after the other. `{number}` stands for a number that no other request has.
    pub bodies: Vec<String>,
    /// What the numbers begin with, so that no run repeats the keys of another.
    pub run: String,
    /// The status that every answer must have.
    pub status: u16,
    pub keys: bool,
}

/// What they saw.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Seen {
    pub requests: u64,
    pub seconds: f64,
    pub p50_ms: f64,
    pub p99_ms: f64,
}

impl Seen {
    pub fn rate(&self) -> f64 {
        self.requests as f64 / self.seconds
    }
}

/// Does what standard input says, and prints what it saw.
pub fn serve() {
    let task: Task = serde_json::from_reader(std::io::stdin().lock()).unwrap();
    println!("{}", serde_json::to_string(&run(&task)).unwrap());
}

fn run(task: &Task) -> Seen {
    let next = AtomicU64::new(0);
    let began = Instant::now();
    let mut latencies: Vec<Duration> = std::thread::scope(|scope| {
        let callers: Vec<_> = (0..task.connections)
            .map(|number| {
                let next = &next;
                std::thread::Builder::new()
                    .stack_size(256 * 1024)
                    .spawn_scoped(scope, move || call(task, number, next, began))
                    .unwrap()
            })
            .collect();
        callers.into_iter().flat_map(|caller| caller.join().unwrap()).collect()
    });
    let seconds = began.elapsed().as_secs_f64();
    latencies.sort_unstable();
    let at = |per_mille: usize| {
        latencies.get(latencies.len().saturating_sub(1) * per_mille / 1000).map_or(0.0, |d| d.as_secs_f64() * 1e3)
    };
    Seen { requests: latencies.len() as u64, seconds, p50_ms: at(500), p99_ms: at(990) }
}

fn call(task: &Task, caller: usize, next: &AtomicU64, began: Instant) -> Vec<Duration> {
    let server = &task.servers[caller % task.servers.len()];
    let stream = TcpStream::connect(server).unwrap();
    stream.set_nodelay(true).unwrap();
    let mut reader = BufReader::with_capacity(16 * 1024, stream.try_clone().unwrap());
    let mut stream = stream;
    let (mut latencies, mut request, mut answer) = (Vec::new(), Vec::new(), Vec::new());
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        let over =
            if task.requests > 0 { number >= task.requests } else { began.elapsed().as_secs_f64() > task.seconds };
        if over {
            return latencies;
        }
        let number_text = format!("{}-{number}", task.run);
        let body = task.bodies[(number % task.bodies.len() as u64) as usize].replace("{number}", &number_text);
        request.clear();
        write!(
            request,
            "POST {} HTTP/1.1\r\nhost: {server}\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n",
            task.path,
            task.token,
            body.len()
        )
        .unwrap();
        if task.keys {
            write!(request, "idempotency-key: {number_text}\r\n").unwrap();
        }
        request.extend_from_slice(b"\r\n");
        request.extend_from_slice(body.as_bytes());
        let sent = Instant::now();
        stream.write_all(&request).unwrap();
        let status = read(&mut reader, &mut answer);
        latencies.push(sent.elapsed());
        assert_eq!(status, task.status, "{}", String::from_utf8_lossy(&answer));
    }
}

/// Reads one answer: its status; its body into `body`.
fn read(reader: &mut BufReader<TcpStream>, body: &mut Vec<u8>) -> u16 {
    let (mut status, mut length, mut line) = (0, 0, String::new());
    loop {
        line.clear();
        assert!(reader.read_line(&mut line).unwrap() > 0, "the server closed a connection");
        let text = line.trim_end();
        if text.is_empty() {
            break;
        }
        if status == 0 {
            status = text.split(' ').nth(1).unwrap().parse().unwrap();
        } else if let Some((name, value)) = text.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().unwrap();
        }
    }
    body.resize(length, 0);
    reader.read_exact(body).unwrap();
    status
}

/// Lets another process do it.
pub fn elsewhere(task: &Task) -> Seen {
    use std::process::{Command, Stdio};
    let mut process = Command::new(std::env::current_exe().unwrap())
        .arg("load")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    serde_json::to_writer(process.stdin.take().unwrap(), task).unwrap();
    let output = process.wait_with_output().unwrap();
    assert!(output.status.success(), "the callers failed");
    serde_json::from_slice(&output.stdout).unwrap()
}
