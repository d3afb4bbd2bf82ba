//! Photographs and documents: what is taken, what is given back, and what happens when it is no longer what it was.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use lotline::caller::Role;
use lotline::values::Sha256Hex;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::support::client::assert_problem;
use super::support::{Answer, World, on_both_databases, process};
use super::support::{Database, Kind};

on_both_databases!(
    every_type_comes_back_as_it_was_sent,
    the_same_file_is_kept_once,
    what_is_not_what_it_says_is_refused,
    ten_mebibytes_and_no_more,
    a_damaged_file_is_not_given_out,
    nobody_sees_the_files_of_another_organisation,
    each_role_has_its_part,
    an_upload_can_be_repeated,
    a_file_comes_as_octets_or_in_a_form,
    a_form_that_is_none_is_refused,
    a_form_takes_no_more_than_a_file,
);

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR and so on";
const JPEG: &[u8] = b"\xff\xd8\xff\xe0\0\x10JFIF\0 and so on";
const WEBP: &[u8] = b"RIFF\x1a\0\0\0WEBPVP8 and so on";
const PDF: &[u8] = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\nand so on";
const MAX: usize = 10 * 1024 * 1024;

fn digest(bytes: &[u8]) -> String {
    Sha256Hex::from(<[u8; 32]>::from(Sha256::digest(bytes))).to_string()
}

fn upload_with(world: &World, token: &str, headers: &[(&str, &str)], bytes: &[u8]) -> Answer {
    let bearer = format!("Bearer {token}");
    let mut all = vec![("authorization", bearer.as_str())];
    all.extend(headers);
    world.http.send("POST", "/v1/evidence", &all, Some(bytes))
}

fn upload(world: &World, media_type: &str, bytes: &[u8]) -> Answer {
    upload_with(world, &world.token(Role::Purchaser), &[("content-type", media_type)], bytes)
}

fn fetch_as(world: &World, token: &str, path: &str) -> Answer {
    world.http.send("GET", &format!("/v1/evidence/{path}"), &[("authorization", &format!("Bearer {token}"))], None)
}

fn fetch(world: &World, path: &str) -> Answer {
    fetch_as(world, &world.token(Role::Auditor), path)
}

/// Where the bytes of a file are.
fn file(world: &World, bytes: &[u8]) -> PathBuf {
    world.database.dir().join("evidence").join(world.organisation.as_str()).join(digest(bytes))
}

fn files(world: &World) -> usize {
    fs::read_dir(world.database.dir().join("evidence").join(world.organisation.as_str())).map_or(0, Iterator::count)
}

fn every_type_comes_back_as_it_was_sent(world: &World) {
    for (media_type, bytes) in
        [("image/png", PNG), ("image/jpeg", JPEG), ("image/webp", WEBP), ("application/pdf", PDF)]
    {
        let sha256 = digest(bytes);
        let answer = upload(world, media_type, bytes);
        let kept = answer.json();
        assert_eq!(answer.status, 201, "{kept}");
        let expected = json!({
            "sha256": sha256, "media_type": media_type, "bytes": bytes.len(), "uploaded_by": "purchaser",
            "uploaded_at": kept["uploaded_at"],
        });
        assert_eq!(kept, expected);
        assert_eq!(fs::read(file(world, bytes)).unwrap(), bytes);

        let answer = fetch(world, &sha256);
        assert_eq!((answer.status, answer.bytes.as_slice()), (200, bytes));
        for (name, value) in [
            ("content-type", media_type),
            ("content-disposition", "attachment"),
            ("x-content-type-options", "nosniff"),
            ("etag", &format!("\"{sha256}\"")),
        ] {
            assert_eq!(answer.header(name), Some(value), "{media_type}");
        }
        assert_eq!(world.read(&format!("/v1/evidence/{sha256}/metadata")), kept);
    }
    let events = world.read("/v1/events?kind=evidence_stored");
    assert_eq!(events["items"].as_array().unwrap().len(), 4);
    assert_eq!(events["items"][0]["summary"], json!("A file of type image/png with 26 bytes was kept as evidence."));
    // An auditor who has the digest finds its event.
    let found = world.read(&format!("/v1/events?subject={}", digest(PDF)));
    assert_eq!(found["items"][0]["kind"], json!("evidence_stored"));
}

fn the_same_file_is_kept_once(world: &World) {
    let first = upload(world, "image/png", PNG).json();
    let again = upload_with(world, &world.token(Role::Quality), &[("content-type", "image/png; charset=x")], PNG);
    assert_eq!((again.status, again.json()), (201, first));
    assert_eq!((world.database.count("evidence"), files(world)), (1, 1));
    // At the same moment, too.
    let answers: Vec<Value> = std::thread::scope(|scope| {
        let uploads: Vec<_> = (0..8).map(|_| scope.spawn(|| upload(world, "application/pdf", PDF))).collect();
        uploads.into_iter().map(|upload| upload.join().unwrap()).map(|answer| answer.json()).collect()
    });
    assert!(
        answers.iter().all(|answer| answer["sha256"] == json!(digest(PDF)) && *answer == answers[0]),
        "{answers:?}"
    );
    assert_eq!((world.database.count("evidence"), files(world)), (2, 2));
    assert_eq!(world.read("/v1/events?kind=evidence_stored")["items"].as_array().unwrap().len(), 2);
}

fn what_is_not_what_it_says_is_refused(world: &World) {
    let before = world.database.state();
    for (headers, bytes, status, code) in [
        (vec![("content-type", "image/png")], JPEG, 422, "evidence_type_mismatch"),
        (vec![("content-type", "image/jpeg")], PNG, 422, "evidence_type_mismatch"),
        (vec![("content-type", "application/pdf")], b"<html>".as_slice(), 422, "evidence_type_mismatch"),
        (vec![("content-type", "image/webp")], b"RIFF\x1a\0\0\0WAVE", 422, "evidence_type_mismatch"),
        (vec![("content-type", "image/png")], b"", 422, "evidence_empty"),
        (vec![("content-type", "image/gif")], b"GIF89a", 415, "unsupported_media_type"),
        (vec![("content-type", "image/svg+xml")], b"<svg/>", 415, "unsupported_media_type"),
        (vec![("content-type", "application/json")], b"{}", 415, "unsupported_media_type"),
        (vec![], PNG, 415, "unsupported_media_type"),
        (vec![("content-type", "image/png"), ("content-encoding", "gzip")], PNG, 415, "unsupported_media_type"),
    ] {
        let answer = upload_with(world, &world.token(Role::Purchaser), &headers, bytes);
        assert_problem(&answer, status, code, &format!("{headers:?}"));
    }
    assert_eq!((world.database.state(), world.database.count("evidence"), files(world)), (before, 0, 0));
}

fn ten_mebibytes_and_no_more(world: &World) {
    let mut photograph = JPEG.to_vec();
    photograph.resize(MAX, 0x5a);
    assert_eq!(upload(world, "image/jpeg", &photograph).status, 201);
    assert_eq!(fetch(world, &digest(&photograph)).bytes, photograph);
    photograph.push(0x5a);
    assert_problem(&upload(world, "image/jpeg", &photograph), 413, "body_too_large", "one byte more");
    assert_eq!((world.database.count("evidence"), files(world)), (1, 1));
}

fn a_damaged_file_is_not_given_out(world: &World) {
    let sha256 = upload(world, "application/pdf", PDF).json()["sha256"].as_str().unwrap().to_owned();
    let path = file(world, PDF);
    let mut other = PDF.to_vec();
    *other.last_mut().unwrap() ^= 1;
    let damages: [&dyn Fn(); 4] = [
        &|| fs::write(&path, &other).unwrap(),
        &|| fs::write(&path, [PDF, b"more"].concat()).unwrap(),
        &|| fs::write(&path, b"").unwrap(),
        &|| fs::remove_file(&path).unwrap(),
    ];
    for damage in damages {
        damage();
        assert_problem(&fetch(world, &sha256), 500, "evidence_damaged", "damaged");
        assert_eq!(fetch(world, &format!("{sha256}/metadata")).status, 200, "what is known of it is known still");
        // The same file again mends it.
        assert_eq!(upload(world, "application/pdf", PDF).status, 201);
        assert_eq!(fetch(world, &sha256).bytes, PDF);
    }
    assert_eq!(world.database.count("evidence"), 1);
}

fn nobody_sees_the_files_of_another_organisation(world: &World) {
    let sha256 = upload(world, "image/png", PNG).json()["sha256"].as_str().unwrap().to_owned();
    let elsewhere = world.register_organisation("Elsewhere");
    let stranger = world.sign(&elsewhere, "stranger", Role::ALL, None);
    let assert_unknown = |token: &str, name: &str| {
        assert_problem(&fetch_as(world, token, name), 404, "not_found", name);
        assert_problem(&fetch_as(world, token, &format!("{name}/metadata")), 404, "not_found", name);
    };
    assert_unknown(&stranger, &sha256);
    let auditor = world.token(Role::Auditor);
    for unknown in [&digest(b"nothing"), &sha256.to_uppercase(), &format!("{sha256}0"), "..%2f..%2fkeys", "%00"] {
        assert_unknown(&auditor, unknown);
    }
    // The same bytes are two files for two organisations.
    let theirs = upload_with(world, &stranger, &[("content-type", "image/png")], PNG).json();
    assert_eq!(theirs["uploaded_by"], json!("stranger"));
    fs::remove_file(file(world, PNG)).unwrap();
    assert_eq!(fetch_as(world, &stranger, &sha256).bytes, PNG);
    assert_problem(&fetch(world, &sha256), 500, "evidence_damaged", "only ours is gone");
    assert_eq!(upload(world, "image/png", PNG).status, 201, "mended");
}

fn each_role_has_its_part(world: &World) {
    let headers = [("content-type", "image/png")];
    for role in Role::ALL {
        let stores = matches!(role, Role::Purchaser | Role::Quality | Role::Admin | Role::Practitioner);
        // A practitioner reads what they sent themselves, as they did here.
        let reads = !matches!(role, Role::Device);
        let token = world.token(*role);
        let status = upload_with(world, &token, &headers, PNG).status;
        assert_eq!(status, if stores { 201 } else { 403 }, "{role} stores");
        upload(world, "image/png", PNG);
        for path in [digest(PNG), format!("{}/metadata", digest(PNG))] {
            let status = fetch_as(world, &token, &path).status;
            assert_eq!(status, if reads { 200 } else { 403 }, "{role} reads {path}");
        }
    }
}

fn an_upload_can_be_repeated(world: &World) {
    let token = world.token(Role::Purchaser);
    let headers = [("content-type", "image/png"), ("idempotency-key", "photo-1")];
    let first = upload_with(world, &token, &headers, PNG);
    let again = upload_with(world, &token, &headers, PNG);
    assert_eq!((again.status, again.bytes), (201, first.bytes));
    let other = upload_with(world, &token, &headers, &[PNG, b"!"].concat());
    assert_problem(&other, 422, "idempotency_key_reused", "another file");
}

/// A form as RFC 7578 writes it: parts with a name, a Content-Type or none, and bytes.
fn form(boundary: &str, parts: &[(&str, Option<&str>, &[u8])]) -> Vec<u8> {
    let mut form = Vec::new();
    for (name, media_type, bytes) in parts {
        write!(form, "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"photo\"\r\n")
            .unwrap();
        if let Some(media_type) = media_type {
            write!(form, "Content-Type: {media_type}\r\n").unwrap();
        }
        form.extend(b"\r\n");
        form.extend(*bytes);
        form.extend(b"\r\n");
    }
    write!(form, "--{boundary}--\r\n").unwrap();
    form
}

const IN_FORM: (&str, &str) = ("content-type", "multipart/form-data; boundary=edge");

fn a_file_comes_as_octets_or_in_a_form(world: &World) {
    let token = world.token(Role::Purchaser);
    for (media_type, bytes) in
        [("image/png", PNG), ("image/jpeg", JPEG), ("image/webp", WEBP), ("application/pdf", PDF)]
    {
        let octets = upload(world, "application/octet-stream", bytes);
        assert_eq!((octets.status, &octets.json()["media_type"]), (201, &json!(media_type)), "{}", octets.json());
        assert_eq!(octets.json()["sha256"], json!(digest(bytes)));
        for said in [None, Some("application/octet-stream"), Some(media_type)] {
            let answer = upload_with(world, &token, &[IN_FORM], &form("edge", &[("file", said, bytes)]));
            assert_eq!((answer.status, answer.json()), (201, octets.json()), "{said:?}");
        }
    }
    assert_eq!((world.database.count("evidence"), files(world)), (4, 4));
    // The same upload is told by its bytes, whichever way it comes and whatever boundary was drawn for it.
    let key = ("idempotency-key", "photo-2");
    let first = upload_with(world, &token, &[IN_FORM, key], &form("edge", &[("file", None, PNG)]));
    let other = [("content-type", "multipart/form-data; boundary=\"an other\""), key];
    let again = upload_with(world, &token, &other, &form("an other", &[("file", Some("image/png"), PNG)]));
    assert_eq!((again.status, &again.bytes), (201, &first.bytes));
    let again = upload_with(world, &token, &[("content-type", "application/octet-stream"), key], PNG);
    assert_eq!((again.status, &again.bytes), (201, &first.bytes));
    let reused = upload_with(world, &token, &[IN_FORM, key], &form("edge", &[("file", None, JPEG)]));
    assert_problem(&reused, 422, "idempotency_key_reused", "another file");
}

fn a_form_that_is_none_is_refused(world: &World) {
    let before = world.database.state();
    let one = form("edge", &[("file", None, PNG)]);
    let cut = &one[..one.len() - b"--edge--\r\n".len()];
    let rows: Vec<(&str, Vec<u8>, u16, &str)> = vec![
        ("no part", form("edge", &[]), 422, "missing_field"),
        ("another part", form("edge", &[("photo", None, PNG)]), 422, "unknown_field"),
        ("one beside it", form("edge", &[("file", None, PNG), ("note", None, b"x")]), 422, "unknown_field"),
        ("two files", form("edge", &[("file", None, PNG), ("file", None, JPEG)]), 422, "duplicate_field"),
        ("the same twice", form("edge", &[("file", None, PNG), ("file", None, PNG)]), 422, "duplicate_field"),
        ("a file of another type", form("edge", &[("file", Some("image/png"), JPEG)]), 422, "evidence_type_mismatch"),
        ("of no type that is taken", form("edge", &[("file", None, b"GIF89a")]), 422, "evidence_type_mismatch"),
        ("no bytes", form("edge", &[("file", None, b"")]), 422, "evidence_empty"),
        ("a part of a type", form("edge", &[("file", Some("text/html"), PNG)]), 415, "unsupported_media_type"),
        ("cut off", cut.to_vec(), 400, "malformed_form"),
        ("another boundary", form("other", &[("file", None, PNG)]), 400, "malformed_form"),
        ("no form", PNG.to_vec(), 400, "malformed_form"),
        ("nothing", Vec::new(), 400, "malformed_form"),
    ];
    let token = world.token(Role::Purchaser);
    for (what, bytes, status, code) in rows {
        assert_problem(&upload_with(world, &token, &[IN_FORM], &bytes), status, code, what);
    }
    for said in ["multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=\"\""] {
        assert_problem(&upload_with(world, &token, &[("content-type", said)], &one), 400, "malformed_form", said);
    }
    let mixed = [("content-type", "multipart/mixed; boundary=edge")];
    assert_problem(&upload_with(world, &token, &mixed, &one), 415, "unsupported_media_type", "another multipart");
    assert_problem(&upload(world, "application/octet-stream", b""), 422, "evidence_empty", "no octets");
    assert_problem(&upload(world, "application/octet-stream", b"GIF89a"), 422, "evidence_type_mismatch", "others");
    assert_eq!((world.database.state(), world.database.count("evidence"), files(world)), (before, 0, 0));
}

fn a_form_takes_no_more_than_a_file(world: &World) {
    let token = world.token(Role::Purchaser);
    let send = |bytes: &[u8]| upload_with(world, &token, &[IN_FORM], &form("edge", &[("file", None, bytes)]));
    // Every tenth byte could begin a boundary.
    let mut photograph: Vec<u8> = b"\r\n--edg\xff\0\r".iter().copied().cycle().take(MAX).collect();
    photograph[..JPEG.len()].copy_from_slice(JPEG);
    let kept = send(&photograph);
    assert_eq!((kept.status, &kept.json()["sha256"]), (201, &json!(digest(&photograph))), "{}", kept.json());
    assert_eq!(fetch(world, &digest(&photograph)).bytes, photograph);
    photograph.push(0x5a);
    assert_problem(&send(&photograph), 413, "body_too_large", "one byte more");
    assert_problem(&upload(world, "application/octet-stream", &photograph), 413, "body_too_large", "as octets");
    // What lies outside of the file has a bound of its own: it is looked through again and again.
    let much = [vec![b'x'; 1024 * 1024], b"\r\n".to_vec(), form("edge", &[("file", None, PNG)])].concat();
    assert_problem(&upload_with(world, &token, &[IN_FORM], &much), 400, "malformed_form", "a long preamble");
    let little = [vec![b'x'; 1024], b"\r\n".to_vec(), form("edge", &[("file", None, PNG)])].concat();
    assert_eq!(upload_with(world, &token, &[IN_FORM], &little).status, 201, "a preamble is skipped");
    assert_eq!((world.database.count("evidence"), files(world)), (2, 2));
}

#[test]
fn the_place_is_named_by_url() {
    let database = Database::create(Kind::Sqlite).unwrap();
    let start = |url: &str| {
        let mut command = process::lotline("serve", &database);
        command.args(["--evidence-url", url]);
        process::Process::spawn(command)
    };
    let (_, admin) = process::init(&database, "Example Clinics");
    let folder = database.dir().join("elsewhere");
    let server = start(&format!("file://{}", folder.display())).unwrap_or_else(|log| panic!("{log:?}"));
    let headers = [("authorization", &*format!("Bearer {admin}")), ("content-type", "image/png")];
    assert_eq!(server.http.send("POST", "/v1/evidence", &headers, Some(PNG)).status, 201);
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
    assert!(!database.dir().join("evidence").exists());
    drop(server);
    for (url, why) in
        [("memory:///", "is not known"), ("s3:///prefix", "no bucket"), ("s3://k:s@bucket", "credentials")]
    {
        let log = start(url).err().unwrap_or_else(|| panic!("{url} was taken")).join("\n");
        assert!(log.contains(why), "{url}: {log}");
    }
}

/// A bucket's answers: the least of S3 that keeping whole objects needs. Every request must be signed for the key id
/// that the server was given, and its body must be what the signature says.
#[derive(Default)]
struct Bucket {
    objects: Mutex<BTreeMap<String, Vec<u8>>>,
    forbidding: AtomicBool,
}

impl Bucket {
    fn open() -> (Arc<Bucket>, String) {
        let (bucket, listener) = (Arc::new(Bucket::default()), TcpListener::bind("127.0.0.1:0").unwrap());
        let address = format!("http://{}", listener.local_addr().unwrap());
        let answering = bucket.clone();
        std::thread::spawn(move || {
            for connection in listener.incoming() {
                let bucket = answering.clone();
                std::thread::spawn(move || bucket.converse(connection.unwrap()));
            }
        });
        (bucket, address)
    }

    fn converse(&self, mut connection: TcpStream) {
        let mut reader = BufReader::new(connection.try_clone().unwrap());
        loop {
            let mut head = String::new();
            while !head.ends_with("\r\n\r\n") {
                if reader.read_line(&mut head).unwrap_or(0) == 0 {
                    return;
                }
            }
            let header = |name: &str| {
                let line = head.lines().find(|line| line.to_ascii_lowercase().starts_with(&format!("{name}:")));
                line.and_then(|line| line.split_once(": ")).map_or("", |(_, value)| value).to_owned()
            };
            let mut body = vec![0; header("content-length").parse().unwrap_or(0)];
            reader.read_exact(&mut body).unwrap();
            let signed = header("authorization").starts_with("AWS4-HMAC-SHA256 Credential=key-id/")
                && header("authorization").contains("/eu-test-1/s3/aws4_request");
            assert!(signed && header("x-amz-content-sha256") == digest(&body), "{head}");
            let (method, path) = head.split_once(' ').map(|(m, rest)| (m, rest.split(' ').next().unwrap())).unwrap();
            let mut of = String::new();
            let (status, body) = match (method, self.forbidding.load(Ordering::SeqCst)) {
                (_, true) => ("403 Forbidden", b"<Error><Code>AccessDenied</Code></Error>".to_vec()),
                ("PUT", _) => {
                    self.objects.lock().unwrap().insert(path.to_owned(), body);
                    ("200 OK", Vec::new())
                }
                ("GET", _) => match self.objects.lock().unwrap().get(path) {
                    Some(bytes) if !header("range").is_empty() => {
                        let range = header("range");
                        let (from, to) = range.strip_prefix("bytes=").unwrap().split_once('-').unwrap();
                        let (from, to): (usize, usize) = (from.parse().unwrap(), to.parse().unwrap());
                        of = format!("Content-Range: bytes {from}-{to}/{}\r\n", bytes.len());
                        ("206 Partial Content", bytes[from..=to].to_vec())
                    }
                    Some(bytes) => ("200 OK", bytes.clone()),
                    None => ("404 Not Found", b"<Error><Code>NoSuchKey</Code></Error>".to_vec()),
                },
                other => panic!("a bucket needs no {other:?}"),
            };
            let length = body.len();
            let head = format!(
                "HTTP/1.1 {status}\r\nETag: \"1\"\r\nLast-Modified: Sat, 21 Nov 2026 00:00:00 GMT\r\n{of}Content-Length: {length}\r\n\r\n"
            );
            connection.write_all(&[head.into_bytes(), body].concat()).unwrap();
        }
    }
}

#[test]
fn a_bucket_keeps_evidence() {
    let (bucket, endpoint) = Bucket::open();
    let database = Database::create(Kind::Sqlite).unwrap();
    let (organisation, admin) = process::init(&database, "Example Clinics");
    let mut command = process::lotline("serve", &database);
    command.args(["--evidence-url", "s3://evidence/lotline"]);
    for (name, value) in [
        ("AWS_ACCESS_KEY_ID", "key-id"),
        ("AWS_SECRET_ACCESS_KEY", "secret-of-the-bucket"),
        ("AWS_REGION", "eu-test-1"),
        ("AWS_ENDPOINT", &endpoint),
        ("AWS_ALLOW_HTTP", "true"),
    ] {
        command.env(name, value);
    }
    let server = process::Process::spawn(command).unwrap_or_else(|log| panic!("{log:?}"));
    let bearer = format!("Bearer {admin}");
    let upload = || {
        let headers = [("authorization", &*bearer), ("content-type", "application/pdf")];
        server.http.send("POST", "/v1/evidence", &headers, Some(PDF))
    };
    let fetch = || {
        let path = format!("/v1/evidence/{}", digest(PDF));
        server.http.send("GET", &path, &[("authorization", &*bearer)], None)
    };
    assert_eq!(upload().status, 201);
    let key = format!("/evidence/lotline/{organisation}/{}", digest(PDF));
    assert_eq!(*bucket.objects.lock().unwrap(), BTreeMap::from([(key.clone(), PDF.to_vec())]));
    assert!(!database.dir().join("evidence").exists());
    assert_eq!(fetch().bytes, PDF);

    let mut other = PDF.to_vec();
    *other.last_mut().unwrap() ^= 1;
    bucket.objects.lock().unwrap().insert(key.clone(), other);
    assert_problem(&fetch(), 500, "evidence_damaged", "another file in its place");
    bucket.objects.lock().unwrap().remove(&key);
    assert_problem(&fetch(), 500, "evidence_damaged", "gone");
    bucket.forbidding.store(true, Ordering::SeqCst);
    for answer in [fetch(), upload()] {
        assert_problem(&answer, 503, "unavailable", "the bucket refuses us");
        assert!(!String::from_utf8_lossy(&answer.bytes).contains("AccessDenied"));
    }
    bucket.forbidding.store(false, Ordering::SeqCst);
    assert_eq!(upload().status, 201);
    assert_eq!(fetch().bytes, PDF);
}
