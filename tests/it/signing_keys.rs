//! The keys that tokens are signed with: the newest signs, servers follow the files, and each token that is given out is
//! in the journal.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use lotline::caller::{Caller, Role};
use lotline::clock::Clock;
use lotline::http::auth::{self, Keys};
use lotline::ids::{Ids, TokenId};
use serde_json::{Value, json};

use super::support::clinic::site;
use super::support::database::TempDir;
use super::support::process::{init, lotline, program, run};
use super::support::{Database, Kind, Process, World};

/// `lotline keys`: what it printed, or what it complained of.
fn keys(data_dir: &Path, words: &[&str]) -> Result<String, String> {
    let mut command = program();
    command.arg("keys").args(words).arg("--data-dir").arg(data_dir);
    let output = run(command);
    let said = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().trim_end().to_owned();
    if output.status.success() { Ok(said(output.stdout)) } else { Err(said(output.stderr)) }
}

/// The keys of tokens.
fn listed(data_dir: &Path) -> Vec<Value> {
    listed_for(data_dir, "tokens")
}

fn listed_for(data_dir: &Path, what: &str) -> Vec<Value> {
    let all = keys(data_dir, &["list"]).unwrap();
    let all = all.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    all.filter(|key| key["use"] == what).collect()
}

/// The day of an operator: a key is rotated and the one before retired while a server runs.
#[test]
fn a_key_is_rotated_and_retired_beside_a_running_server() {
    let database = Database::create(Kind::Sqlite).unwrap();
    let (organisation, old) = init(&database, "Example Clinics");
    let server = Process::serve(&database);
    let read = |token: &str| server.http.get(token, "/v1/sites").0;
    assert_eq!(read(&old), 200);
    let first = listed(database.dir());
    assert_eq!((first.len(), &first[0]["signs"]), (1, &json!(true)));
    // The key of the log is shown and is none of these; nobody takes it away.
    let of_log = listed_for(database.dir(), "custody_log");
    assert_eq!(of_log.len(), 1, "{of_log:?}");
    assert!(keys(database.dir(), &["retire", of_log[0]["id"].as_str().unwrap()]).unwrap_err().contains("has no key"));

    let rotated = keys(database.dir(), &["rotate"]).unwrap();
    let new = token(&database, &organisation, &["--role", "admin"]);
    assert_eq!(signed_by(&new), rotated);
    // A running server takes it up within seconds, and the old one still checks what it signed.
    let deadline = Instant::now() + Duration::from_secs(20);
    while read(&new) != 200 {
        assert!(Instant::now() < deadline, "a new key is not taken up");
        std::thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(read(&old), 200);
    let both: Vec<_> = listed(database.dir()).iter().map(|key| (key["id"].clone(), key["signs"].clone())).collect();
    assert_eq!(both, [(first[0]["id"].clone(), json!(false)), (json!(rotated), json!(true))]);

    keys(database.dir(), &["retire", &signed_by(&old)]).unwrap();
    while read(&old) != 401 {
        assert!(Instant::now() < deadline, "a retired key is still taken");
        std::thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(read(&new), 200);
}

fn file(data_dir: &Path, id: &str) -> PathBuf {
    data_dir.join("keys").join(format!("{id}.pem"))
}

fn part(token: &str, at: usize) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').nth(at).unwrap()).unwrap()).unwrap()
}

fn signed_by(token: &str) -> String {
    part(token, 0)["kid"].as_str().unwrap().to_owned()
}

fn token(database: &Database, organisation: &str, words: &[&str]) -> String {
    let mut command = lotline("token", database);
    command.args(["--organisation", organisation]).args(words);
    let output = run(command);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
}

/// Takes from a key file what older versions did not write.
fn make_old(data_dir: &Path, id: &str) {
    let text = fs::read_to_string(file(data_dir, id)).unwrap();
    let (made, pem) = text.split_once('\n').unwrap();
    assert!(made.starts_with("Made: 2") && pem.starts_with("-----BEGIN PRIVATE KEY-----\n"), "{made}");
    fs::write(file(data_dir, id), pem).unwrap();
}

#[test]
fn the_newest_key_by_its_creation_signs() {
    let database = Database::create(Kind::Sqlite).unwrap();
    let (organisation, admin) = init(&database, "Example Clinics");
    let sign = || signed_by(&token(&database, &organisation, &["--role", "auditor"]));
    // Keys of older versions: the greatest id signs, as it did.
    let mut old = vec![signed_by(&admin)];
    old.extend((0..3).map(|_| keys(database.dir(), &["add"]).unwrap()));
    old.iter().for_each(|id| make_old(database.dir(), id));
    old.sort();
    assert_eq!(sign(), old[3]);
    // Whatever their ids are, those that were made since are newer.
    let mut order = old.clone();
    for _ in 0..6 {
        order.push(keys(database.dir(), &["add"]).unwrap());
        assert_eq!(sign(), *order.last().unwrap());
    }
    // Copying them in another order changes nothing: no time of the file system counts.
    let elsewhere = TempDir::new();
    let copy = elsewhere.path().join("keys");
    fs::create_dir(&copy).unwrap();
    fs::set_permissions(&copy, fs::Permissions::from_mode(0o700)).unwrap();
    for id in order.iter().rev() {
        fs::copy(file(database.dir(), id), file(elsewhere.path(), id)).unwrap();
    }
    for dir in [database.dir(), elsewhere.path()] {
        let listed = listed(dir);
        let ids: Vec<_> = listed.iter().map(|key| key["id"].as_str().unwrap()).collect();
        assert_eq!(ids, order.iter().map(String::as_str).collect::<Vec<_>>());
        let signs: Vec<_> = listed.iter().filter(|key| key["signs"] == json!(true)).collect();
        assert_eq!((signs.len(), &signs[0]["id"]), (1, &json!(order.last())));
        assert!(
            listed.iter().all(|key| key["made_at"].is_null() == old.contains(&key["id"].as_str().unwrap().to_owned()))
        );
    }
    // A clock that was ahead when a key was made does not stop the next one.
    let ahead = file(database.dir(), order.last().unwrap());
    let text = fs::read_to_string(&ahead).unwrap();
    fs::write(&ahead, format!("Made: 2999-01-01T00:00:00.000000Z\n{}", text.split_once('\n').unwrap().1)).unwrap();
    assert_eq!(sign(), *order.last().unwrap());
    assert_eq!(keys(database.dir(), &["add"]).unwrap(), sign());
    // Without the newest, the one before it signs.
    let newest = sign();
    keys(database.dir(), &["remove", &newest]).unwrap();
    assert_eq!(sign(), *order.last().unwrap());
}

#[test]
fn what_cannot_be_removed_stays() {
    let database = Database::create(Kind::Sqlite).unwrap();
    let (_, admin) = init(&database, "Example Clinics");
    let only = signed_by(&admin);
    for (id, words) in [
        (only.as_str(), "the only key"),
        ("0000000000000000", "has no key 0000000000000000"),
        ("../lotline", "has no key"),
        ("turn.lock", "has no key"),
        ("", "has no key"),
    ] {
        let refused = keys(database.dir(), &["remove", id]).unwrap_err();
        assert!(refused.contains(words), "{id}: {refused}");
    }
    // A data directory that was mistyped gets no key.
    let elsewhere = TempDir::new();
    for words in [&["add"][..], &["list"], &["remove", &only]] {
        let refused = keys(&elsewhere.path().join("lotline-dtaa"), words).unwrap_err();
        assert!(refused.contains("lotline-dtaa"), "{words:?}: {refused}");
    }
    assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 0);
    // A file that is no key does not count as one that could sign, and can be removed.
    let broken = file(database.dir(), "broken");
    fs::write(&broken, "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2Vw").unwrap();
    fs::set_permissions(&broken, fs::Permissions::from_mode(0o600)).unwrap();
    assert!(keys(database.dir(), &["remove", &only]).unwrap_err().contains("the only key"));
    assert!(listed(database.dir()).iter().any(|key| key["id"] == "broken" && key["flaw"].is_string()));
    assert_eq!(signed_by(&init(&database, "Another").1), only, "it stops nobody");
    keys(database.dir(), &["remove", "broken"]).unwrap();
    assert_eq!(listed(database.dir()).len(), 1);
    // Twenty at a time are twenty keys.
    let made: BTreeSet<String> = std::thread::scope(|scope| {
        let add = || scope.spawn(|| keys(database.dir(), &["add"]).unwrap());
        let threads: Vec<_> = (0..20).map(|_| add()).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let listed = listed(database.dir());
    assert_eq!((made.len(), listed.len()), (20, 21));
    let times: BTreeSet<_> = listed.iter().map(|key| key["made_at"].as_str().unwrap()).collect();
    assert_eq!(times.len(), 21, "no two were made at the same moment");
}

#[test]
fn a_running_server_follows_the_files() {
    let database = Database::create(Kind::Sqlite).unwrap();
    let (organisation, first) = init(&database, "Example Clinics");
    let server = Process::serve(&database);
    let status = |token: &str| server.http.get(token, "/v1/sites").0;
    let ready = || {
        let answer = server.http.send("GET", "/readyz", &[], None);
        (answer.status, answer.json()["dependencies"]["signing_keys"].as_str().unwrap().to_owned())
    };
    assert_eq!((status(&first), ready()), (200, (200, "ok".to_owned())));

    // A key that was added counts, at the latest when the server looks next.
    let added = keys(database.dir(), &["add"]).unwrap();
    server.wait_for(&["a signing key was added", &added]);
    let second = token(&database, &organisation, &["--role", "auditor"]);
    assert_eq!((signed_by(&second), status(&second), status(&first)), (added.clone(), 200, 200));

    // One that is being copied breaks nothing: not while it is new, and not over one that is in use.
    let whole = fs::read(file(database.dir(), &added)).unwrap();
    let half = file(database.dir(), "half");
    fs::write(&half, &whole[..whole.len() / 2]).unwrap();
    fs::set_permissions(&half, fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(file(database.dir(), &added), &whole[..whole.len() / 2]).unwrap();
    server.wait_for(&["signing keys stay as they are", &added]);
    server.wait_for(&["signing keys stay as they are", "half.pem"]);
    assert_eq!((status(&second), status(&first), ready()), (200, 200, (200, "ok".to_owned())));
    fs::write(&half, &whole).unwrap();
    fs::write(file(database.dir(), &added), &whole).unwrap();
    server.wait_for(&["a signing key was added", "half"]);
    keys(database.dir(), &["remove", "half"]).unwrap();
    server.wait_for(&["a signing key was removed", "half"]);

    // A folder that is gone, as when a disk is: what there was goes on, and it is said.
    let (folder, away) = (database.dir().join("keys"), database.dir().join("away"));
    fs::rename(&folder, &away).unwrap();
    server.wait_for(&["signing keys stay as they are", "No such file"]);
    assert_eq!((status(&second), status(&first), ready()), (200, 200, (503, "missing".to_owned())));
    fs::rename(&away, &folder).unwrap();
    assert_eq!(ready(), (200, "ok".to_owned()));

    // Opened to others: nothing new is taken, nothing is lost, and it is said.
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
    server.wait_for(&["signing keys stay as they are", "has mode 0755"]);
    assert_eq!((status(&second), status(&first), ready()), (200, 200, (503, "open".to_owned())));
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).unwrap();

    // The tokens of a key that was removed are not good any more.
    let retired = signed_by(&first);
    keys(database.dir(), &["remove", &retired]).unwrap();
    server.wait_for(&["a signing key was removed", &retired]);
    assert_eq!((status(&first), status(&second)), (401, 200));
    assert_eq!(ready(), (200, "ok".to_owned()));
    // By hand, to the last: then nobody gets in.
    fs::remove_file(file(database.dir(), &added)).unwrap();
    server.wait_for(&["a signing key was removed", &added]);
    assert_eq!((status(&first), status(&second), ready()), (401, 401, (503, "missing".to_owned())));
}

/// A server in this process, which does not watch the files: it looks when a token names a key that it does not know.
#[test]
fn a_token_of_a_key_that_was_just_made_is_taken_at_once() {
    let world = World::start(Kind::Sqlite).unwrap();
    let dir = world.database.dir();
    let caller = Caller {
        organisation_id: world.organisation.clone(),
        subject: "omar".to_owned(),
        roles: vec![Role::Auditor],
        sites: None,
    };
    let added = keys(dir, &["add"]).unwrap();
    let id = TokenId::mint(&Ids::system(), world.clock.now(), 0);
    let claims = auth::claims(&caller, id, Clock::system().now(), 600);
    let token = Keys::kept(dir).unwrap().sign(&claims).unwrap();
    assert_eq!(signed_by(&token), added);
    // Once a second at the most: nobody makes it look more often.
    let deadline = Instant::now() + Duration::from_secs(30);
    while world.http.get(&token, "/v1/sites").0 != 200 {
        assert!(Instant::now() < deadline, "it never looks");
    }
}

/// What was signed before tokens had ids ends by itself; a key that was made since never signed such a token.
#[test]
fn tokens_without_an_id_are_taken_from_keys_of_older_versions_only() {
    let database = Database::create(Kind::Sqlite).unwrap();
    let (organisation, admin) = init(&database, "Example Clinics");
    let kid = signed_by(&admin);
    let pem = fs::read(file(database.dir(), &kid)).unwrap();
    let now = Clock::system().now().unix_seconds();
    let claims = json!({"iss": "lotline", "aud": "lotline", "sub": "somebody", "exp": now + 600, "nbf": now - 60,
        "iat": now - 60, "org": organisation, "roles": ["auditor"]});
    let header = Header { kid: Some(kid.clone()), ..Header::new(Algorithm::EdDSA) };
    let unnamed = jsonwebtoken::encode(&header, &claims, &EncodingKey::from_ed_pem(&pem).unwrap()).unwrap();
    let status = |token: &str| Process::serve(&database).http.get(token, "/v1/sites").0;
    assert_eq!((status(&admin), status(&unnamed)), (200, 401));
    make_old(database.dir(), &kid);
    assert_eq!((status(&admin), status(&unnamed)), (200, 200));
}

fn tokens_are_recorded(kind: Kind) {
    let Some(database) = Database::create(kind) else { return };
    let (organisation, admin) = init(&database, "Example Clinics");
    let mut server = Process::serve(&database);
    let site = |name: &str| {
        let mut body = site();
        body["name"] = json!(name);
        server.http.post(&admin, "/v1/sites", &body).1["id"].as_str().unwrap().to_owned()
    };
    let (here, there) = (site("Here"), site("There"));
    let token = |words: &[&str]| token(&database, &organisation, words);
    let auditor = token(&["--role", "auditor", "--subject", "omar"]);
    let nia = token(&["--role", "practitioner", "quality", "--subject", "nia", "--site", &here, &there, "--ttl", "8h"]);
    let theirs = token(&["--role", "auditor", "--subject", "tom", "--site", &there]);
    let nowhere = token(&["--role", "auditor", "--subject", "ann", "--site", &here]);

    let (status, page) = server.http.get(&auditor, "/v1/events?kind=token_issued");
    assert_eq!(status, 200);
    let events = page["items"].as_array().unwrap();
    let minted = [&admin, &auditor, &nia, &theirs, &nowhere];
    assert_eq!(events.len(), minted.len());
    for (event, token) in events.iter().zip(minted) {
        let (claims, details) = (part(token, 1), &event["details"]);
        let said = |claim: &str, field: &str| assert_eq!(details[field], claims[claim], "{field} of {event}");
        said("jti", "token_id");
        said("sub", "subject");
        said("roles", "roles");
        said("sites", "sites");
        let ends: chrono::DateTime<chrono::Utc> = details["expires_at"].as_str().unwrap().parse().unwrap();
        assert_eq!((json!(ends.timestamp()), &details["key_id"]), (claims["exp"].clone(), &json!(signed_by(token))));
        assert!(event["subjects"].as_array().unwrap().contains(&claims["jti"]));
        assert!(!event.to_string().contains(token.rsplit('.').next().unwrap()), "never the token");
        let found = server.http.get(&auditor, &format!("/v1/events?subject={}", claims["jti"].as_str().unwrap())).1;
        assert_eq!(found["items"], json!([event]));
    }
    let actors: Vec<_> = events.iter().map(|event| event["actor"]["subject"].as_str().unwrap()).collect();
    assert_eq!(actors, ["init", "cli", "cli", "cli", "cli"]);
    assert_eq!(
        events[0]["command_id"],
        server.http.get(&auditor, "/v1/events?kind=organisation_registered").1["items"][0]["command_id"]
    );
    // Somebody of one site sees the tokens of that site, and those that are for all.
    let seen = |token: &str| {
        let items = server.http.get(token, "/v1/events?kind=token_issued").1["items"].clone();
        let subjects =
            items.as_array().unwrap().iter().map(|event| event["details"]["subject"].as_str().unwrap().to_owned());
        subjects.collect::<Vec<_>>()
    };
    assert_eq!(seen(&theirs), ["admin", "omar", "nia", "tom"]);
    assert_eq!(seen(&nowhere), ["admin", "omar", "nia", "ann"]);

    // The log names a token by its id.
    server.signal("TERM");
    server.wait();
    let printed = server.printed();
    let logged = |line: &&String| line.contains(part(&theirs, 1)["jti"].as_str().unwrap());
    assert_eq!(printed.iter().filter(logged).count(), 1);
    assert!(printed.iter().all(|line| !line.contains(theirs.rsplit('.').next().unwrap())));
    let verified = run(lotline("verify", &database));
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
}

#[test]
fn tokens_are_recorded_on_sqlite() {
    tokens_are_recorded(Kind::Sqlite);
}

#[test]
fn tokens_are_recorded_on_postgres() {
    tokens_are_recorded(Kind::Postgres);
}
