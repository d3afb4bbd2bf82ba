//! How often: by peer without a token, by subject with one, and only what is refused or fails.

use lotline::caller::Role;
use serde_json::json;

use super::{OK, ask, connect_from, get, read_answer, start};
use crate::support::clinic::FAR_EXPIRY;
use crate::support::process::lotline;
use crate::support::{Client, Database, Kind, Process, World};
use std::io::Write;
use std::time::Duration;

const TOO_MANY: Option<&str> = Some("HTTP/1.1 429 Too Many Requests");

/// How many of so many requests were not told to wait.
fn served(client: &Client, count: usize, path: &str, token: Option<&str>) -> usize {
    let bearer = token.map(|token| format!("Bearer {token}"));
    let headers: Vec<_> = bearer.iter().map(|bearer| ("authorization", bearer.as_str())).collect();
    (0..count).filter(|_| client.send("GET", path, &headers, None).status != 429).count()
}

#[test]
fn without_a_token_a_peer_has_a_rate() {
    let (server, world) = start(&["--rate-anonymous", "20/3600", "--rate-failed", "off"]);
    let http = &world.http;
    let first = http.send("GET", "/v1/sites", &[], None);
    assert_eq!(first.status, 401);
    assert_eq!(first.header("ratelimit-policy"), Some("\"anonymous\";q=20;w=3600"));
    assert_eq!(first.header("ratelimit"), Some("\"anonymous\";r=19;t=180"));
    // Documentation, numbers, what does not exist and bad tokens count alike.
    let used = served(http, 4, "/docs/limits", None)
        + served(http, 4, "/metrics", None)
        + served(http, 4, "/nothing", None)
        + served(http, 4, "/v1/sites", Some("none"));
    assert_eq!((used, served(http, 10, "/docs/limits", None)), (16, 3));
    let refused = http.send("GET", "/docs/limits", &[], None);
    let problem = refused.json();
    assert_eq!((refused.status, &problem["code"]), (429, &json!("too_many_requests")));
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((100..=180).contains(&wait), "one comes back in 180 s: {wait}");
    assert_eq!(refused.header("ratelimit"), Some("\"anonymous\";r=0;t=3600"));
    // How the process is may be asked, and whoever has a token is served: also with what fails.
    assert_eq!(served(http, 50, "/healthz", None) + served(http, 50, "/readyz", None), 100);
    let token = world.token(Role::Auditor);
    assert_eq!(served(http, 50, "/v1/sites", Some(&token)) + served(http, 50, "/v1/nothing", Some(&token)), 100);
    // Another peer has a rate of its own.
    let mut other = connect_from("127.0.0.2", &server.address);
    assert_eq!(ask(&mut other, &get("/docs/limits", None)).as_deref(), OK);
    let mut same = connect_from("127.0.0.1", &server.address);
    assert_eq!(ask(&mut same, &get("/docs/limits", None)).as_deref(), TOO_MANY);
}

#[test]
fn a_subject_has_a_rate_of_what_fails_and_none_of_what_is_accepted() {
    let (_server, world) = start(&["--rate-anonymous", "off", "--rate-failed", "30/3600"]);
    let http = &world.http;
    let (clumsy, other) = (world.token_as("clumsy", Role::ALL), world.token_as("other", Role::ALL));
    assert_eq!(served(http, 100, "/v1/sites", Some(&clumsy)), 100);
    let answer = http.send("GET", "/v1/sites", &[("authorization", &format!("Bearer {clumsy}"))], None);
    assert_eq!(answer.header("ratelimit"), None, "what is not counted is not told");
    // Not found, malformed, forbidden and invalid count alike, whichever token of the subject is used.
    let again = world.sign(&world.organisation, "clumsy", &[Role::Auditor], None);
    let mut used =
        served(http, 10, "/v1/sites/nothing", Some(&clumsy)) + served(http, 5, "/v1/sites?x=1", Some(&again));
    for _ in 0..10 {
        used += usize::from(http.post_with(&clumsy, "/v1/sites", &[], &json!({})).status == 422);
    }
    let last = http.post_with(&again, "/v1/sites", &[], &json!({}));
    assert_eq!((used, last.status), (25, 403));
    assert_eq!(last.header("ratelimit-policy"), Some("\"failed\";q=30;w=3600"));
    assert_eq!(last.header("ratelimit"), Some("\"failed\";r=4;t=3120"));
    assert_eq!(served(http, 10, "/v1/sites/nothing", Some(&clumsy)), 4);
    // Now everything of theirs waits, and nobody else's.
    assert_eq!(served(http, 5, "/v1/sites", Some(&again)), 0);
    assert_eq!(served(http, 5, "/v1/sites", Some(&other)), 5);
    let elsewhere = world.register_organisation("Elsewhere");
    let namesake = world.sign(&elsewhere, "clumsy", Role::ALL, None);
    assert_eq!(served(http, 5, "/v1/sites", Some(&namesake)), 5);
}

#[test]
fn all_requests_have_a_rate_only_where_it_is_set() {
    let (_server, world) = start(&["--rate-requests", "10/3600"]);
    let token = world.token(Role::Auditor);
    assert_eq!(served(&world.http, 30, "/v1/sites", Some(&token)), 10);
}

#[test]
fn behind_a_trusted_proxy_its_callers_are_peers() {
    let (server, _world) =
        start(&["--rate-anonymous", "3/3600", "--trusted-proxies", "127.0.0.9", "--peer-connections", "2"]);
    let asks = |from: &str, forwarded: &str| {
        let mut stream = connect_from(from, &server.address);
        let head = get("/docs/limits", None).replace("host: x", &format!("host: x\r\nx-forwarded-for: {forwarded}"));
        (0..4).filter(|_| ask(&mut stream, &head).as_deref() == OK).count()
    };
    assert_eq!(asks("127.0.0.9", "192.0.2.1"), 3);
    assert_eq!(asks("127.0.0.9", "192.0.2.2"), 3);
    assert_eq!(asks("127.0.0.9", "192.0.2.3, 192.0.2.1"), 0, "what the caller wrote itself is not believed");
    assert_eq!(asks("127.0.0.8", "192.0.2.4"), 3);
    assert_eq!(asks("127.0.0.8", "192.0.2.5"), 0, "who is no proxy is not believed");
    // And it may have more connections than a peer.
    let mut streams: Vec<_> = (0..6).map(|_| connect_from("127.0.0.9", &server.address)).collect();
    for stream in &mut streams {
        assert_eq!(ask(stream, &get("/healthz", None)).as_deref(), OK);
    }
    for stream in &mut streams {
        assert_eq!(ask(stream, &get("/healthz", None)).as_deref(), OK);
    }
}

/// A server as it is by default.
fn by_default() -> (Process, World) {
    let database = Database::create(Kind::Sqlite).unwrap();
    let mut command = lotline("serve", &database);
    command.env_remove("LOTLINE_RATE_ANONYMOUS").env_remove("LOTLINE_RATE_FAILED");
    let server = Process::spawn(command).unwrap_or_else(|log| panic!("{log:?}"));
    let world = World::beside(database, server.http.clone());
    (server, world)
}

#[test]
fn sixty_who_lose_a_race_are_no_attack() {
    let (_server, world) = by_default();
    let clinic = world.clinic();
    let lot = clinic.stocked("LOT1", FAR_EXPIRY, 2);
    assert_eq!(clinic.administer(&lot, 1).0, 201);
    for round in 0..3 {
        let statuses: Vec<u16> = std::thread::scope(|scope| {
            let racers: Vec<_> = (0..60).map(|_| scope.spawn(|| clinic.administer(&lot, 1).0)).collect();
            racers.into_iter().map(|racer| racer.join().unwrap()).collect()
        });
        assert_eq!(statuses.iter().filter(|status| **status == 201).count(), usize::from(round == 0), "{statuses:?}");
        assert!(statuses.iter().all(|status| matches!(status, 201 | 409)), "{statuses:?}");
    }
    let next = clinic.stocked("LOT2", FAR_EXPIRY, 2);
    assert_eq!(clinic.administer(&next, 1).0, 201);
}

#[test]
fn who_is_refused_over_and_over_is_told_to_wait() {
    let (server, world) = by_default();
    let request = get("/v1/sites/nothing", Some(&world.token(Role::Practitioner)));
    let mut stream = connect_from("127.0.0.1", &server.address);
    let mut writer = stream.try_clone().unwrap();
    let sender = std::thread::spawn(move || (0..700).for_each(|_| writer.write_all(request.as_bytes()).unwrap()));
    let began = std::time::Instant::now();
    let mut waiting = 0;
    for _ in 0..700 {
        waiting += u32::from(read_answer(&mut stream).unwrap().head.starts_with("HTTP/1.1 429 "));
    }
    sender.join().unwrap();
    // Six hundred at once, and ten a second; whoever comes too often is told so four times a second, no more.
    let took = began.elapsed();
    assert!(waiting * Duration::from_millis(250) <= took, "{waiting} in {took:?}");
    let more = u32::try_from(took.as_secs() + 1).unwrap() * 10;
    assert!(waiting >= 100_u32.saturating_sub(more) && (1..=100).contains(&waiting), "{waiting}");
}
