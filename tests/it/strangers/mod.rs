//! Whoever can reach the port, with a token or without: what they can take of memory, connections and time.

mod connections;
mod files;
mod pages;
mod rates;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use rustix::net::{AddressFamily, SocketType, bind, connect, socket};

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

/// A connection to a server from an address of this machine.
fn connect_from(from: &str, address: &str) -> TcpStream {
    let fd = socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
    bind(&fd, &SocketAddr::new(from.parse().unwrap(), 0)).unwrap();
    connect(&fd, &address.parse::<SocketAddr>().unwrap()).unwrap();
    let stream = TcpStream::from(fd);
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    stream
}

/// A head without a body.
fn get(path: &str, token: Option<&str>) -> String {
    let token = token.map(|token| format!("authorization: Bearer {token}\r\n")).unwrap_or_default();
    format!("GET {path} HTTP/1.1\r\nhost: x\r\n{token}\r\n")
}

/// One answer of a connection that stays: its head and its body.
struct Read1 {
    head: String,
    body: Vec<u8>,
}

/// Reads one answer; nothing when the connection has ended.
fn read_answer(stream: &mut TcpStream) -> Option<Read1> {
    let mut head = Vec::new();
    let mut byte = [0; 1];
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte) {
            Ok(1) => head.push(byte[0]),
            _ => return None,
        }
    }
    let head = String::from_utf8(head).unwrap();
    let length = head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or_else(|| panic!("no length: {head}"))];
    stream.read_exact(&mut body).ok()?;
    Some(Read1 { head, body })
}

/// Asks over a connection that stays: the status line, or nothing when the connection has ended.
fn ask(stream: &mut TcpStream, request: &str) -> Option<String> {
    stream.write_all(request.as_bytes()).ok()?;
    let answer = read_answer(stream)?;
    Some(answer.head.lines().next().unwrap_or_default().to_owned())
}

const OK: Option<&str> = Some("HTTP/1.1 200 OK");

/// Waits until something is so.
fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(120);
    while !is_so() {
        assert!(Instant::now() < deadline, "{what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}
