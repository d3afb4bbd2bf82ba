//! Evidence and readers that take their time.

use std::io::{Read, Write};

use lotline::caller::Role;
use sha2::{Digest, Sha256};

use super::{connect_from, get, start, until};
use crate::support::World;

const BYTES: usize = 10 * 1024 * 1024;

/// A photograph of ten mebibytes, uploaded: its bytes and its path.
fn photograph(world: &World) -> (Vec<u8>, String) {
    let mut bytes = b"\xff\xd8\xff\xe0\0\x10JFIF".to_vec();
    bytes.extend((bytes.len()..BYTES).map(|i| u8::try_from(i * 7 % 251).unwrap()));
    let bearer = format!("Bearer {}", world.token(Role::Quality));
    let headers = [("authorization", bearer.as_str()), ("content-type", "image/jpeg")];
    let kept = world.http.send("POST", "/v1/evidence", &headers, Some(&bytes)).json();
    let path = format!("/v1/evidence/{}", kept["sha256"].as_str().unwrap());
    (bytes, path)
}

#[test]
fn readers_that_do_not_read_a_file_cost_a_piece_of_it_each() {
    let (server, world) = start(&["--answer-timeout", "3600"]);
    let (bytes, path) = photograph(&world);
    let token = world.token(Role::Auditor);
    let before = server.memory_kib("VmRSS");
    let mut readers = Vec::new();
    for _ in 0..60 {
        let mut stream = connect_from("127.0.0.1", &server.address);
        stream.write_all(get(&path, Some(&token)).as_bytes()).unwrap();
        readers.push(stream);
    }
    // The head of each is there: its file was compared, and is on its way.
    for stream in &mut readers {
        let mut status = [0; 12];
        stream.read_exact(&mut status).unwrap();
        assert_eq!(&status, b"HTTP/1.1 200");
    }
    let most = server.memory_kib("VmHWM");
    println!("resident memory: {before} KiB before, at most {most} KiB");
    // One upload has been there, and 60 × 10 MiB are far from it.
    assert!(most < before + 40 * 1024, "{before} KiB before, {most} KiB");
    // Whoever reads gets all of it.
    let bearer = format!("Bearer {token}");
    let answer = world.http.send("GET", &path, &[("authorization", &bearer)], None);
    assert!(answer.status == 200 && Sha256::digest(&answer.bytes) == Sha256::digest(&bytes));
    for stream in readers.iter_mut().take(3) {
        let mut rest = Vec::new();
        let mut part = [0; 64 * 1024];
        while rest.len() < BYTES {
            let count = stream.read(&mut part).unwrap();
            rest.extend_from_slice(&part[..count]);
        }
        assert!(rest.ends_with(&bytes[BYTES - 1000..]));
    }
}

#[test]
fn a_reader_that_does_not_read_is_broken_off() {
    let (server, world) = start(&["--answer-timeout", "1"]);
    let (_, path) = photograph(&world);
    let mut stream = connect_from("127.0.0.1", &server.address);
    stream.write_all(get(&path, Some(&world.token(Role::Auditor))).as_bytes()).unwrap();
    let mut status = [0; 12];
    stream.read_exact(&mut status).unwrap();
    until("it is gone", || server.number("lotline_http_connections") <= 1.0);
    let mut rest = Vec::new();
    let end = stream.read_to_end(&mut rest);
    assert!(rest.len() < BYTES, "{end:?}: {}", rest.len());
}

#[test]
fn a_file_that_changes_while_it_is_given_out_has_no_end() {
    let (server, world) = start(&[]);
    let (bytes, path) = photograph(&world);
    let mut stream = connect_from("127.0.0.1", &server.address);
    stream.write_all(get(&path, Some(&world.token(Role::Auditor))).as_bytes()).unwrap();
    let mut status = [0; 12];
    stream.read_exact(&mut status).unwrap();
    assert_eq!(&status, b"HTTP/1.1 200", "its digest was right");
    let name = path.rsplit('/').next().unwrap();
    let file = world.database.dir().join("evidence").join(world.organisation.as_str()).join(name);
    let mut other = bytes.clone();
    other[BYTES - 100_000] ^= 1;
    std::fs::write(&file, other).unwrap();
    let mut rest = Vec::new();
    let _ = stream.read_to_end(&mut rest);
    assert!(rest.len() < BYTES, "its last piece is kept back: {}", rest.len());
    drop(server);
}
