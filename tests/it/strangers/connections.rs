//! Connections: who holds many, who sends before their turn, and who does not read.

use std::io::Write;
use std::net::TcpStream;

use lotline::caller::Role;

use super::{OK, ask, connect_from, get, read_answer, start, until};
use crate::support::clinic::site;
use crate::support::{World, on_both_databases};

on_both_databases!(what_is_sent_before_its_turn_is_answered_in_its_turn);

/// Heads and bodies of any form, all in one go, in small pieces, and cut anywhere: each is answered, in order.
fn what_is_sent_before_its_turn_is_answered_in_its_turn(world: &World) {
    let token = world.token(Role::Admin);
    let made = site().to_string();
    let post = |headers: &str, body: &str| {
        format!(
            "POST /v1/sites HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\
             content-type: application/json\r\n{headers}\r\n\r\n{body}"
        )
    };
    // A body with empty lines in it is one body.
    let spaced = made.replace(',', ",\r\n\r\n\n\n");
    let chunks: String = spaced
        .as_bytes()
        .chunks(10)
        .map(|chunk| format!("{:x}\r\n{}\r\n", chunk.len(), String::from_utf8_lossy(chunk)))
        .collect();
    let large = format!("{}{made}", "\n".repeat(300_000));
    let requests = [
        (get("/healthz", None), "200"),
        (post(&format!("content-length: {}", made.len()), &made), "201"),
        (post(&format!("content-length: {}", spaced.len()), &spaced), "201"),
        (get("/nothing", None), "404"),
        (post("transfer-encoding: chunked", &format!("{chunks}0\r\n\r\n")), "201"),
        ("\r\n".to_owned() + &get("/v1/sites?limit=1", Some(&token)), "200"),
        (post(&format!("content-length: {}", large.len()), &large), "201"),
        (get("/v1/sites", Some(&token)).replace("\r\n", "\n"), "200"),
        (post("content-length: 2", "{}"), "422"),
        (get("/docs/problems", None), "200"),
        (get("/v1/nothing", Some(&token)).replace("host: x", "host: x\r\nconnection: close"), "404"),
    ];
    let all: String = requests.iter().map(|(request, _)| request.as_str()).collect();
    for piece in [all.len(), 1000, 7, 8192] {
        let before = world.database.count("sites");
        let mut stream = TcpStream::connect(world.http.address()).unwrap();
        stream.set_read_timeout(Some(std::time::Duration::from_secs(60))).unwrap();
        let mut writer = stream.try_clone().unwrap();
        let bytes = if piece == 7 {
            all.replace(&"\n".repeat(300_000), &"\n".repeat(3_000))
                .replace(&large.len().to_string(), &(large.len() - 297_000).to_string())
        } else {
            all.clone()
        };
        let sender = std::thread::spawn(move || {
            bytes.as_bytes().chunks(piece).for_each(|piece| writer.write_all(piece).unwrap())
        });
        for (request, status) in &requests {
            let answer = read_answer(&mut stream).map(|answer| answer.head);
            let head = answer.unwrap_or_else(|| panic!("no answer to {request:.60} in pieces of {piece}"));
            assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{request:.60}: {head}");
        }
        sender.join().unwrap();
        assert_eq!(world.database.count("sites"), before + 4, "in pieces of {piece}");
    }
    assert_eq!(world.http.get(&token, "/v1/sites?limit=1").1["items"].as_array().map(Vec::len), Some(1));
}

#[test]
fn requests_that_nobody_reads_the_answers_of_take_little_memory() {
    let (server, world) = start(&["--peer-connections", "2000", "--answer-timeout", "3600"]);
    let before = server.memory_kib("VmRSS");
    // The largest file of the documentation, 1.5 MB, and many small requests that are answered with little.
    let largest = get("/docs/swagger-ui-bundle.js", None).repeat(300);
    let smallest = "GET /docs HTTP/1.1\r\nhost:x\r\n\r\n".repeat(3000);
    let mut streams = Vec::new();
    for _ in 0..200 {
        for requests in [&largest, &smallest] {
            let mut stream = connect_from("127.0.0.1", &server.address);
            stream.set_nonblocking(true).unwrap();
            let _ = stream.write(requests.as_bytes());
            streams.push(stream);
        }
    }
    until("all are there", || server.number("lotline_http_connections") > 400.0);
    let name = "lotline_http_requests_total{method=\"GET\",route=\"/docs/{file:.*}\",status=\"200\"}";
    until("each is answered once at least", || server.number(name) >= 200.0);
    assert_eq!(world.post(Role::Admin, "/v1/sites", &site()).0, 201);
    let most = server.memory_kib("VmHWM");
    println!("resident memory: {before} KiB with nobody, at most {most} KiB");
    assert!(most < before + 64 * 1024, "{before} KiB with nobody, {most} KiB");
    // Whoever reads on gets all of it, in order.
    let mut stream = streams.swap_remove(0);
    stream.set_nonblocking(false).unwrap();
    let first = read_answer(&mut stream).unwrap();
    assert!(first.body.len() > 1_000_000);
    for _ in 0..5 {
        let next = read_answer(&mut stream).unwrap();
        assert!(next.head.starts_with("HTTP/1.1 200 ") && next.body == first.body);
    }
}

#[test]
fn a_peer_over_its_share_loses_what_waits_and_nobody_is_turned_away() {
    let (server, world) = start(&["--peer-connections", "4"]);
    let health = get("/healthz", None);
    let mut other = connect_from("127.0.0.2", &server.address);
    assert_eq!(ask(&mut other, &health).as_deref(), OK);
    let mut held: Vec<_> = (0..4).map(|_| connect_from("127.0.0.3", &server.address)).collect();
    for stream in &mut held {
        assert_eq!(ask(stream, &health).as_deref(), OK);
    }
    let mut more = connect_from("127.0.0.3", &server.address);
    assert_eq!(ask(&mut more, &health).as_deref(), OK);
    // Which of them has waited longest is the server's to know: when an answer has come, its worker may still be at it.
    let left = held.iter_mut().filter_map(|stream| ask(stream, &health)).count();
    assert_eq!(left, 3, "one had to give way");
    for stream in [&mut more, &mut other] {
        assert_eq!(ask(stream, &health).as_deref(), OK);
    }
    // A body that does not come, a head that does not end, and an answer that is not read wait, too.
    let body = format!(
        "POST /v1/sites HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{{",
        world.token(Role::Admin)
    );
    let open = || server.number("lotline_http_connections");
    until("the one that gave way is gone", || open() <= 6.0);
    let before = open();
    let begun = [body.as_str(), "GET /healthz HTTP/1.1\r\nx: ", &get("/docs/swagger-ui-bundle.js", None).repeat(20)];
    for (round, begun) in (1_u8..).zip(begun.iter().cycle().take(9)) {
        let mut stream = connect_from("127.0.0.4", &server.address);
        stream.write_all(begun.as_bytes()).unwrap();
        held.push(stream);
        // One that is worked on when somebody comes gives way to the next.
        let share = before + f64::from(round.min(4));
        until("it has its place, within the share", || (share..=share + 1.0).contains(&open()));
    }
    let mut last = connect_from("127.0.0.4", &server.address);
    assert_eq!(ask(&mut last, &health).as_deref(), OK);
    assert!(server.number("lotline_http_connections_broken_off_total") >= 6.0);
    assert_eq!(ask(&mut other, &health).as_deref(), OK);
}

#[test]
fn idle_connections_lock_nobody_out() {
    let (server, world) = start(&["--max-connections", "20", "--peer-connections", "1000"]);
    let token = world.token(Role::Admin);
    let mut known = connect_from("127.0.0.1", &server.address);
    assert_eq!(ask(&mut known, &get("/v1/sites", Some(&token))).as_deref(), OK);
    let mut idle = Vec::new();
    for round in 0..100 {
        let mut stream = connect_from("127.0.0.1", &server.address);
        assert_eq!(ask(&mut stream, &get("/healthz", None)).as_deref(), OK, "{round}");
        idle.push(stream);
    }
    // Those with a token keep their connections, and whoever comes is served at once.
    assert_eq!(ask(&mut known, &get("/v1/sites", Some(&token))).as_deref(), OK);
    assert_eq!(ask(&mut connect_from("127.0.0.2", &server.address), &get("/readyz", None)).as_deref(), OK);
    assert_eq!(world.post(Role::Admin, "/v1/sites", &site()).0, 201);
    until("those that had to give way are gone", || server.number("lotline_http_connections") <= 20.0);
    assert!(server.number("lotline_http_connections_broken_off_total") >= 80.0);
    let alive = idle.iter_mut().filter_map(|stream| ask(stream, &get("/healthz", None))).count();
    assert!((1..20).contains(&alive), "{alive}");
}

#[test]
fn operations_have_an_address_of_their_own() {
    use crate::support::{Database, Kind, Process, process};
    let database = Database::create(Kind::Sqlite).unwrap();
    let mut command = process::lotline("serve", &database);
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    command.args(["--operations-bind", &port.to_string(), "--max-connections", "1"]);
    let mut server = Process::spawn(command).unwrap_or_else(|log| panic!("{log:?}"));
    for (path, public, apart) in [
        ("/healthz", 200, 200),
        ("/readyz", 200, 200),
        ("/metrics", 404, 200),
        ("/docs/", 404, 200),
        ("/docs/guide", 404, 200),
        ("/openapi.json", 404, 200),
        ("/v1/sites", 401, 404),
    ] {
        let status = |address: &str| {
            let answer = ask(&mut connect_from("127.0.0.1", address), &get(path, None)).unwrap();
            answer.split(' ').nth(1).unwrap().parse::<u16>().unwrap()
        };
        assert_eq!((status(&server.address), status(&port.to_string())), (public, apart), "{path}");
    }
    server.signal("TERM");
    assert!(server.wait().success(), "both stop");
}
