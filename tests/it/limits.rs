//! Every limit, over a real connection: what is at it is taken, what is beyond is refused, and nothing is changed.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use lotline::caller::Role;
use lotline::limits;
use serde_json::{Value, json};

use super::support::client::assert_problem;
use super::support::clinic::{EXPIRY, GTIN, gtin, product, site};
use super::support::{World, on_both_databases};

on_both_databases!(heads, depths, lists, shapes_that_smuggle);

/// Sends bytes and reads to the end of the connection: what came back, and whether there was an end.
pub fn exchange(address: &str, bytes: &[u8]) -> (String, bool) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    // It may have heard enough before all is sent.
    let _ = stream.write_all(bytes);
    read_to_end(&mut stream)
}

/// What comes until the connection ends or is reset.
pub fn read_to_end(stream: &mut TcpStream) -> (String, bool) {
    let (mut all, mut buffer) = (Vec::new(), [0; 16 * 1024]);
    let ended = loop {
        match stream.read(&mut buffer) {
            Ok(0) => break true,
            Ok(count) => all.extend_from_slice(&buffer[..count]),
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => break false,
            Err(_) => break true,
        }
    };
    (String::from_utf8_lossy(&all).into_owned(), ended)
}

fn head_of(world: &World, path: &str, headers: &[(String, String)]) -> Vec<u8> {
    let mut head = format!(
        "GET {path} HTTP/1.1\r\nhost: lotline\r\nconnection: close\r\nauthorization: Bearer {}\r\n",
        world.token(Role::Auditor)
    );
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    format!("{head}\r\n").into_bytes()
}

fn heads(world: &World) {
    let address = world.http.address();
    let ask = |path: &str, headers: &[(String, String)]| exchange(&address, &head_of(world, path, headers)).0;
    let has = |answer: &str, status: u16, code: &str| {
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{status} {code}: {answer}");
        assert_eq!(answer.contains(&format!("\"code\":\"{code}\"")), !code.is_empty(), "{code}: {answer}");
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "one answer: {answer}");
    };
    let before = world.database.state();

    // The address: at the limit it is looked at, beyond it is not; more than 64 KiB actix does not parse.
    let address_of = |length: usize| format!("/v1/sites?cursor={}", "x".repeat(length - "/v1/sites?cursor=".len()));
    has(&ask(&address_of(limits::URI_MAX), &[]), 400, "invalid_cursor");
    has(&ask(&address_of(limits::URI_MAX + 1), &[]), 414, "uri_too_long");
    has(&ask(&address_of(60_000), &[]), 414, "uri_too_long");
    has(&ask(&address_of(70_000), &[]), 400, "");

    // Three headers are there already.
    let many = |count: usize| (3..count).map(|i| (format!("x-{i}"), "1".to_owned())).collect::<Vec<_>>();
    assert!(ask("/v1/sites", &many(limits::HEADERS_MAX)).starts_with("HTTP/1.1 200 "));
    has(&ask("/v1/sites", &many(limits::HEADERS_MAX + 1)), 431, "head_too_large");
    has(&ask("/v1/sites", &many(97)), 431, "");

    // The size of all headers together, by names and values, but for the token.
    let there = "host".len() + "lotline".len() + "connection".len() + "close".len();
    let large = |bytes: usize| vec![("x".to_owned(), "y".repeat(bytes - there - 1))];
    assert!(ask("/v1/sites", &large(limits::HEAD_MAX)).starts_with("HTTP/1.1 200 "));
    has(&ask("/v1/sites", &large(limits::HEAD_MAX + 1)), 431, "head_too_large");
    has(&ask("/v1/sites", &large(140_000)), 431, "");

    // A token longer than any of ours is none.
    let bearer = format!("Bearer {}", "x".repeat(limits::TOKEN_MAX + 1));
    let answer = world.http.send("GET", "/v1/sites", &[("authorization", &bearer)], None);
    assert_problem(&answer, 401, "unauthenticated", "a long token");
    assert_eq!(world.database.state(), before);
}

fn depths(world: &World) {
    let before = world.database.state();
    let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    let send = |path: &str, body: &str| {
        let bearer = format!("Bearer {}", world.token_as("everybody", Role::ALL));
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
        world.http.send("POST", path, &headers, Some(body.as_bytes()))
    };
    for path in ["/v1/sites", "/v1/administrations", "/v1/receipts", "/v1/scans", "/v1/orders", "/v1/holds"] {
        // The object itself is a level.
        let body = format!("{{\"anything\": {}}}", nested(limits::DEPTH_MAX - 1));
        assert_problem(&send(path, &body), 422, "unknown_field", path);
        let body = format!("{{\"anything\": {}}}", nested(limits::DEPTH_MAX));
        assert_problem(&send(path, &body), 400, "nested_too_deeply", path);
        assert_problem(&send(path, &nested(limits::DEPTH_MAX + 1)), 400, "nested_too_deeply", path);
        assert_problem(&send(path, &"[".repeat(500_000)), 400, "nested_too_deeply", path);
        assert_problem(&send(path, &"{\"a\":".repeat(100_000)), 400, "nested_too_deeply", path);
    }
    // Brackets in a text are text, whatever is escaped before them.
    let name = format!("\\\"\\\\{}", "[".repeat(150));
    let body = format!("{{\"name\": \"{name}\", \"jurisdiction\": \"GB\", \"time_zone\": \"UTC\", \"more\": 1}}");
    assert_problem(&send("/v1/sites", &body), 422, "unknown_field", "brackets in a text");
    assert_eq!(world.database.state(), before);
}

fn lists(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 2);
    let before = world.database.state();
    let all = world.token_as("everybody", Role::ALL);
    let serials = |count: usize| (0..count).map(|i| format!("S{i}")).collect::<Vec<_>>();
    let line = |i: usize| json!({"gtin": GTIN, "lot": format!("L{i}"), "expiry": EXPIRY, "packs": 1});
    let lines = |count: usize| clinic.receipt((0..count).map(line).collect());
    let packs =
        |count: usize| json!({"gtin": GTIN, "lot": "L", "expiry": EXPIRY, "packs": count, "serials": serials(count)});
    let order_line = json!({"product_id": clinic.product, "packs": 1});
    let order = |count: usize| json!({"site_id": clinic.site, "supplier_id": clinic.supplier, "lines": vec![order_line.clone(); count]});
    let transfer = |count: usize| {
        json!({"lot_id": lot, "from_location_id": clinic.stock, "to_location_id": clinic.quarantine,
            "units": 1, "serials": serials(count), "reason": "x"})
    };
    let mut supplier = json!({"name": "S", "country": "GB", "approved_classes": []});
    supplier["approved_classes"] = json!(vec!["ha_filler"; limits::LIST_MAX + 1]);
    let mut approvals = product(&gtin(77));
    approvals["approvals"] = json!(vec![approvals["approvals"][0].clone(); limits::LIST_MAX + 1]);
    let mut documents = lines(1);
    documents["documents"] =
        json!(vec![json!({"sha256": "0".repeat(64), "name": "delivery note"}); limits::DOCUMENTS_MAX + 1]);
    let mut wide = site();
    for i in 0..=limits::LIST_MAX {
        wide[format!("field_{i}")] = json!(i);
    }
    let rows: Vec<(&str, Value)> = vec![
        ("/v1/receipts", lines(limits::RECEIPT_LINES_MAX + 1)),
        ("/v1/receipts", clinic.receipt(json!([packs(limits::LIST_MAX + 1)]))),
        (
            "/v1/receipts",
            clinic.receipt(json!([packs(600), {
            "gtin": GTIN, "lot": "M", "expiry": EXPIRY, "packs": 401,
            "serials": (0..401).map(|i| format!("T{i}")).collect::<Vec<_>>()}])),
        ),
        ("/v1/orders", order(limits::ORDER_LINES_MAX + 1)),
        ("/v1/transfers", transfer(limits::SERIALS_MAX + 1)),
        ("/v1/receipts", documents),
        ("/v1/suppliers", supplier),
        ("/v1/products", approvals),
    ];
    for (path, body) in rows {
        let answer = world.http.post_with(&all, path, &[], &body);
        assert_problem(&answer, 422, "list_too_long", path);
    }
    assert_problem(&world.http.post_with(&all, "/v1/sites", &[], &wide), 422, "unknown_field", "many fields");
    assert_eq!(world.database.state(), before);
    // At the limit it is taken.
    let (status, made) = world.post(Role::Purchaser, "/v1/receipts", &lines(limits::RECEIPT_LINES_MAX));
    assert_eq!(status, 201, "{made}");
    let (status, made) = world.post(Role::Purchaser, "/v1/receipts", &clinic.receipt(json!([packs(1000)])));
    assert_eq!(status, 201, "{made}");
}

/// One request in the eyes of a proxy must not be two in ours (RFC 9112, 11.2).
fn shapes_that_smuggle(world: &World) {
    let address = world.http.address();
    let token = world.token(Role::Admin);
    let hidden = site().to_string();
    let hidden = format!(
        "POST /v1/sites HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{hidden}",
        hidden.len()
    );
    let long = hidden.len();
    let post = |headers: &str, body: &str| {
        format!(
            "POST /v1/sites HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\
             content-type: application/json\r\n{headers}\r\n{body}"
        )
    };
    let before = (world.database.state(), world.database.count("sites"));
    for (what, request) in [
        ("both lengths", post("content-length: 5\r\ntransfer-encoding: chunked\r\n", &format!("0\r\n\r\n{hidden}"))),
        (
            "both lengths, turned",
            post("transfer-encoding: chunked\r\ncontent-length: 0\r\n", &format!("0\r\n\r\n{hidden}")),
        ),
        ("two lengths", post(&format!("content-length: 0\r\ncontent-length: {long}\r\n"), &hidden)),
        ("two equal lengths", post("content-length: 2\r\ncontent-length: 2\r\n", &format!("{{}}{hidden}"))),
        ("a list of lengths", post(&format!("content-length: 0, {long}\r\n"), &hidden)),
        ("a length with a sign", post(&format!("content-length: +{long}\r\n"), &hidden)),
        ("a negative length", post("content-length: -1\r\n", &hidden)),
        ("a hexadecimal length", post("content-length: 0x10\r\n", &hidden)),
        ("a length beyond 64 bits", post("content-length: 18446744073709551617\r\n", &hidden)),
        ("a space before the colon", post(&format!("content-length : {long}\r\n"), &hidden)),
        ("two codings", post("transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n", &hidden)),
        ("a list of codings", post("transfer-encoding: gzip, chunked\r\n", &format!("0\r\n\r\n{hidden}"))),
        ("an unknown coding", post("transfer-encoding: xchunked\r\n", &format!("0\r\n\r\n{hidden}"))),
        ("a folded coding", post("transfer-encoding:\r\n chunked\r\n", &format!("0\r\n\r\n{hidden}"))),
        (
            "coding in HTTP/1.0",
            post("transfer-encoding: chunked\r\n", &format!("0\r\n\r\n{hidden}")).replacen("HTTP/1.1", "HTTP/1.0", 1),
        ),
        ("two hosts", post("host: y\r\ncontent-length: 0\r\n", &hidden)),
        ("no host", post("content-length: 0\r\n", &hidden).replacen("host: x\r\n", "", 1)),
        ("a NUL in a header", post("x: a\u{0}b\r\n", &hidden)),
        ("a bare CR in a header", post("x: a\rcontent-length: 0\r\n", &hidden)),
        ("a chunk size that is none", post("transfer-encoding: chunked\r\n", &format!("zz\r\n{hidden}"))),
        (
            "a chunk size beyond 64 bits",
            post("transfer-encoding: chunked\r\n", &format!("10000000000000000f\r\n{hidden}")),
        ),
        ("a negative chunk size", post("transfer-encoding: chunked\r\n", &format!("-1\r\n{hidden}"))),
        (
            "a chunk that is longer than it says",
            post("transfer-encoding: chunked\r\n", &format!("1\r\n{{}}\r\n0\r\n\r\n{hidden}")),
        ),
        ("a chunk with a bare LF", post("transfer-encoding: chunked\r\n", &format!("2\n{{}}\n0\n\n{hidden}"))),
        ("no version", format!("GET /v1/sites\r\n\r\n{hidden}")),
        ("another version", format!("GET /v1/sites HTTP/3.0\r\nhost: x\r\n\r\n{hidden}")),
        ("no request", format!("\u{1}\u{2}\u{3}\r\n\r\n{hidden}")),
    ] {
        let (answer, ended) = exchange(&address, request.as_bytes());
        // A broken chunk comes when its request is being worked on already: the connection may end without an answer.
        let unanswered = what.contains("chunk") && answer.is_empty();
        assert!(unanswered || answer.starts_with("HTTP/1.1 400 "), "{what}: {answer}");
        assert!(answer.matches("HTTP/1.1 ").count() <= 1, "{what}: {answer}");
        assert!(ended, "{what}: closed");
        assert!(!answer.contains("HTTP/1.1 201"), "{what}: {answer}");
        assert_eq!((world.database.state(), world.database.count("sites")), before, "{what}");
    }
    // Lines that end with LF alone are lines (RFC 9112, 2.2): one request, one answer.
    let request = format!("GET /v1/sites HTTP/1.1\nhost: x\nconnection: close\nauthorization: Bearer {token}\n\n");
    let (answer, ended) = exchange(&address, request.as_bytes());
    assert!(answer.starts_with("HTTP/1.1 200 ") && ended, "{answer}");
    assert_eq!(answer.matches("HTTP/1.1 ").count(), 1);
}

/// The page is made of the same numbers.
#[test]
fn the_page_of_limits_shows_each_with_its_reason() {
    let rows = limits::table();
    assert!(rows.len() > 20);
    for row in &rows {
        assert!(!row.why.is_empty() && !row.beyond.is_empty() && row.what.ends_with('.'), "{}", row.what);
    }
    let most = |what: &str| rows.iter().find(|row| row.what == what).unwrap().most.clone();
    assert_eq!(most("A JSON body."), "1,048,576 bytes");
    assert_eq!(most("An uploaded file."), "10,485,760 bytes");
    assert_eq!(most("Changes that wait for SQLite's writer."), "1,024 changes");
}
