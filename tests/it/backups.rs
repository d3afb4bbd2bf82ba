//! Backups: made beside a server that is at work, verified, and brought back into a new place, on both databases and from one to the other.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use lotline::caller::Role;
use serde_json::{Value, json};

use super::support::clinic::{FAR_EXPIRY, id};
use super::support::database::TempDir;
use super::support::postgres::cluster;
use super::support::process::{lotline, run};
use super::support::{Clinic, Database, Kind, Process, World, on_both_databases};

on_both_databases!(
    who_was_erased_stays_erased,
    what_is_altered_is_not_brought_back,
    nothing_is_brought_back_over_anything,
    what_does_not_agree_is_no_backup_unless_that_is_asked_for,
    a_refused_restore_leaves_no_keys,
    a_backup_lies_apart,
);

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR and so on";

pub(super) fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn backup(database: &Database, to: &Path) -> Output {
    let mut command = lotline("backup", database);
    command.arg(to);
    run(command)
}

pub(super) fn backed_up(database: &Database, to: &Path) -> String {
    let output = backup(database, to);
    assert!(output.status.success(), "{}", said(&output));
    said(&output)
}

/// A place with nothing in it: a data directory, and a database that nobody has made or that has no tables.
pub(super) fn new_place(kind: Kind) -> Database {
    match kind {
        Kind::Sqlite => Database::embedded(),
        Kind::Postgres => Database::at(cluster().unwrap().empty_database().parse().unwrap()),
    }
}

pub(super) fn restore(from: &Path, place: &Database, more: &[&str]) -> Output {
    let mut command = lotline("restore", place);
    command.arg(from).args(more);
    run(command)
}

fn restored(from: &Path, kind: Kind, more: &[&str]) -> Database {
    let place = new_place(kind);
    let output = restore(from, &place, more);
    assert!(output.status.success(), "{}", said(&output));
    let verified = run(lotline("verify", &place));
    assert!(verified.status.success(), "{}", said(&verified));
    place
}

fn assert_refused(from: &Path, kind: Kind, words: &str) {
    let place = new_place(kind);
    let output = restore(from, &place, &[]);
    assert!(!output.status.success() && said(&output).contains(words), "{words}: {}", said(&output));
    assert_eq!(names(place.dir()), Vec::<String>::new(), "nothing is left");
    if kind == Kind::Postgres {
        assert_eq!(place.lines("SELECT relname AS line FROM pg_class WHERE relname = 'events'"), Vec::<String>::new());
    }
}

pub(super) fn beside(path: &Path, end: &str) -> PathBuf {
    PathBuf::from(format!("{}{end}", path.display()))
}

fn names(folder: &Path) -> Vec<String> {
    let Ok(listed) = fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<_> = listed.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Every file under a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for name in names(folder) {
        let path = folder.join(name);
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

fn upload(world: &World) {
    let bearer = format!("Bearer {}", world.token(Role::Purchaser));
    let headers = [("authorization", bearer.as_str()), ("content-type", "image/png")];
    assert_eq!(world.http.send("POST", "/v1/evidence", &headers, Some(PNG)).status, 201);
}

/// Administers one unit after the other until the server is gone or that is over: what was acknowledged, and when.
fn administer(clinic: &Clinic, lot: &str, over: &AtomicBool, acknowledged: &Mutex<Vec<(String, Instant)>>) {
    static SENT: AtomicUsize = AtomicUsize::new(0);
    let bearer = format!("Bearer {}", clinic.token(Role::Practitioner));
    while !over.load(Ordering::SeqCst) {
        let number = SENT.fetch_add(1, Ordering::SeqCst);
        let mut body = clinic.administration(lot, 1);
        body["patient_ref"] = json!(format!("P-{}", number % 40));
        let key = format!("backup-{number}");
        let headers = [
            ("authorization", bearer.as_str()),
            ("content-type", "application/json"),
            ("idempotency-key", key.as_str()),
        ];
        match clinic.http.try_send("POST", "/v1/administrations", &headers, Some(body.to_string().as_bytes())) {
            Ok(answer) if answer.status == 201 => {
                acknowledged.lock().unwrap().push((id(&answer.json()), Instant::now()));
            }
            Ok(answer) => panic!("{}: {}", answer.status, answer.json()),
            Err(_) => return, // it was killed
        }
    }
}

/// Ends those who administer, also where the test fails.
struct Ends<'a>(&'a AtomicBool);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// What the issue asks for: a backup under load is restored and verified, and nothing acknowledged before its start is missing; on the same
/// database and on the other.
fn a_backup_under_load_has_everything_that_was_acknowledged_before(kind: Kind) {
    let Some(database) = Database::create(kind) else { return };
    let mut server = Process::serve(&database);
    let world = World::beside(database, server.http.clone());
    let clinic = world.clinic();
    let lot = clinic.stocked("LOT1", FAR_EXPIRY, 20_000);
    upload(&world);
    let (over, acknowledged) = (AtomicBool::new(false), Mutex::new(Vec::new()));
    let folder = TempDir::new();
    let to = folder.path().join("backup");
    let count = || acknowledged.lock().unwrap().len();
    let (began, printed) = std::thread::scope(|scope| {
        let _ends = Ends(&over);
        for _ in 0..4 {
            scope.spawn(|| administer(&clinic, &lot, &over, &acknowledged));
        }
        let wait = Instant::now();
        while count() < 150 {
            assert!(wait.elapsed() < Duration::from_secs(60), "nothing is done");
            std::thread::yield_now();
        }
        let (began, before) = (Instant::now(), count());
        let printed = backed_up(&world.database, &to);
        assert!(count() > before, "the server went on meanwhile");
        server.kill();
        (began, printed)
    });
    for words in ["verified", "evidence: 1 files", "signing keys: 1", "custody log", "patients' keys are not in it"] {
        assert!(printed.contains(words), "{words}: {printed}");
    }
    let before: BTreeSet<String> =
        acknowledged.lock().unwrap().iter().filter(|(_, at)| *at < began).map(|(id, _)| id.clone()).collect();
    assert!(before.len() >= 150, "{}", before.len());
    for path in files(&to).into_iter().chain([to.clone(), to.join("keys"), beside(&to, ".patients-keys")]) {
        let mode = fs::metadata(&path).unwrap().mode() & 0o777;
        assert_eq!(mode, if path.is_dir() { 0o700 } else { 0o600 }, "{}", path.display());
    }
    let manifest: Value = serde_json::from_slice(&fs::read(to.join("manifest.json")).unwrap()).unwrap();
    // Not by this program: the digests that it wrote are those of the files.
    let sums =
        Command::new("sha256sum").args(["--check", "--strict", "--quiet", "SHA256SUMS"]).current_dir(&to).output();
    assert!(sums.unwrap().status.success());

    for other in [Kind::Sqlite, Kind::Postgres] {
        let place = restored(&to, other, &[]);
        let there: BTreeSet<String> = place.lines("SELECT id AS line FROM administrations").into_iter().collect();
        let missing: Vec<_> = before.difference(&there).collect();
        assert!(missing.is_empty(), "{other:?}: {missing:?}");
        assert_eq!(place.count("events").to_string(), manifest["events"].to_string());
        // It serves: the same tokens, the patients, the evidence, and what is recorded next.
        let server = Process::serve(&place);
        world.http.turn_to(&server.address);
        let one = world.read(&format!("/v1/administrations/{}", before.first().unwrap()));
        assert!(one["patient_ref"].as_str().unwrap().starts_with("P-"), "{one}");
        assert_eq!(clinic.administer(&lot, 1).0, 201);
        assert_eq!(place.count("events") - i64::try_from(manifest["events"].as_u64().unwrap()).unwrap(), 1);
        let evidence = names(&place.dir().join("evidence").join(world.organisation.as_str()));
        assert_eq!(evidence.len(), 1);
        assert_eq!(
            fs::read(place.dir().join("evidence").join(world.organisation.as_str()).join(&evidence[0])).unwrap(),
            PNG
        );
    }
}

mod a_backup_under_load {
    use super::*;

    #[test]
    fn sqlite() {
        a_backup_under_load_has_everything_that_was_acknowledged_before(Kind::Sqlite);
    }

    #[test]
    fn postgres() {
        a_backup_under_load_has_everything_that_was_acknowledged_before(Kind::Postgres);
    }
}

pub(super) fn reference(place: &Database, world: &World, administration: &str) -> Value {
    let server = Process::serve(place);
    let before = world.http.address();
    world.http.turn_to(&server.address);
    let token = world.token(Role::Auditor);
    let (status, shown) = world.http.get(&token, &format!("/v1/administrations/{administration}"));
    world.http.turn_to(&before);
    assert_eq!(status, 200, "{shown}");
    shown["patient_ref"].clone()
}

fn who_was_erased_stays_erased(world: &World) {
    let kind = world.database.kind;
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 8);
    let treated = |patient: &str| {
        let mut body = clinic.administration(&lot, 1);
        body["patient_ref"] = json!(patient);
        id(&clinic.create(Role::Practitioner, "/v1/administrations", &body))
    };
    let (erased, other) = (treated("Quendolin-4711"), treated("P-2"));
    world.log();
    let folder = TempDir::new();
    let (before, after) = (folder.path().join("before"), folder.path().join("after"));
    backed_up(&world.database, &before);
    let erasure =
        json!({"patient_ref": "Quendolin-4711", "reason": "Asked for", "override_reason": "Legal has agreed"});
    world.create(Role::Admin, "/v1/patients/erasures", &erasure);
    world.log();
    backed_up(&world.database, &after);
    let (keys_before, keys_after) = (beside(&before, ".patients-keys"), beside(&after, ".patients-keys"));
    let text = |path: &Path| path.display().to_string();
    let assert_erased = |place: &Database, what: &str| {
        assert_eq!(reference(place, world, &erased), Value::Null, "{what}");
        assert_eq!(reference(place, world, &other), "P-2", "{what}");
    };

    // The key is older than the erasure, and the record knows of it.
    let place = restored(&after, kind, &["--patients-keys", &text(&keys_before)]);
    assert_erased(&place, "the record knows");
    // The record is older, and a newer copy of the keys knows of it.
    let place = restored(&before, kind, &["--patients-keys", &text(&keys_after)]);
    assert_erased(&place, "the copy of the keys knows");
    // Both are older, and what is left of the store of before knows of it: somewhere else, as a copy, or in its place.
    let left = world.database.dir().join("keys.db");
    for elsewhere in [text(&left), text(&keys_after)] {
        let place = restored(&before, kind, &["--erased-in", &elsewhere]);
        assert_erased(&place, &elsewhere);
    }
    let place = new_place(kind);
    for end in ["", "-wal"] {
        let (from, to) = (beside(&left, end), beside(&place.dir().join("keys.db"), end));
        if from.exists() {
            fs::copy(from, to).unwrap();
        }
    }
    let output = restore(&before, &place, &[]);
    assert!(output.status.success(), "{}", said(&output));
    assert_erased(&place, "the store in its place knows");
    // Where nothing is left that knows, nobody can; it says so.
    let place = new_place(kind);
    let output = restore(&before, &place, &[]);
    assert!(said(&output).contains("--erased-in"), "{}", said(&output));
    assert_eq!(reference(&place, world, &erased), "Quendolin-4711");

    // Without keys there is nothing to read; keys of somebody else are none.
    fs::rename(&keys_before, folder.path().join("elsewhere")).unwrap();
    assert_refused(&before, kind, "--patients-keys FILE");
    let stranger = new_place(kind);
    let output = run({
        let mut command = lotline("init", &stranger);
        command.args(["--organisation", "Others"]);
        command
    });
    assert!(output.status.success());
    drop(Process::serve(&stranger));
    let strange = folder.path().join("strange");
    backed_up(&stranger, &strange);
    let place = new_place(kind);
    let output = restore(&before, &place, &["--patients-keys", &text(&beside(&strange, ".patients-keys"))]);
    assert!(!output.status.success() && said(&output).contains("another deployment"), "{}", said(&output));
}

fn what_is_altered_is_not_brought_back(world: &World) {
    let kind = world.database.kind;
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 4);
    assert_eq!(clinic.administer(&lot, 1).0, 201);
    upload(world);
    world.log();
    let folder = TempDir::new();
    let to = folder.path().join("backup");
    backed_up(&world.database, &to);
    let listed = files(&to);
    assert_eq!(listed.len(), 7, "{listed:?}"); // database, evidence, two keys, a checkpoint, manifest, digests
    for path in listed.iter().chain([&beside(&to, ".patients-keys")]) {
        let whole = fs::read(path).unwrap();
        for at in [0, whole.len() / 2, whole.len() - 1] {
            let mut flipped = whole.clone();
            flipped[at] ^= 1;
            fs::write(path, &flipped).unwrap();
            assert_refused(&to, kind, "");
        }
        fs::write(path, &whole[..whole.len() - 1]).unwrap();
        assert_refused(&to, kind, "");
        fs::write(path, &whole).unwrap();
    }
    let evidence = listed.iter().find(|path| path.display().to_string().contains("/evidence/")).unwrap();
    fs::rename(evidence, folder.path().join("gone")).unwrap();
    assert_refused(&to, kind, "in one and not in the other");
    fs::rename(folder.path().join("gone"), evidence).unwrap();
    fs::write(to.join("keys/more.pem"), "x").unwrap();
    assert_refused(&to, kind, "more.pem");
    fs::remove_file(to.join("keys/more.pem")).unwrap();
    fs::remove_file(to.join("SHA256SUMS")).unwrap();
    assert_refused(&to, kind, "cut off");
}

fn nothing_is_brought_back_over_anything(world: &World) {
    let kind = world.database.kind;
    let folder = TempDir::new();
    let to = folder.path().join("backup");
    world.log();
    backed_up(&world.database, &to);
    // Nor is a backup written over anything.
    let again = backup(&world.database, &to);
    assert!(!again.status.success() && said(&again).contains("is there already"), "{}", said(&again));
    let refused = |place: &Database, what: &str| {
        let before = place.state();
        let output = restore(&to, place, &[]);
        assert!(!output.status.success() && said(&output).contains("new"), "{what}: {}", said(&output));
        assert_eq!(place.state(), before, "{what}");
    };
    refused(&world.database, "the living database");
    // A database of somebody else that nobody serves at the moment; and one that has tables, and that a server has been at.
    let other = Database::create(kind).unwrap();
    super::support::process::init(&other, "Others");
    refused(&other, "another database");
    let empty = Database::create(kind).unwrap();
    drop(Process::serve(&empty));
    refused(&empty, "one without an organisation");
    if kind == Kind::Postgres {
        // A new data directory does not make the database a new one.
        let place = Database::at(world.database.url.clone());
        let output = restore(&to, &place, &[]);
        assert!(!output.status.success() && said(&output).contains("is not empty"), "{}", said(&output));
    }
    // A data directory with anything of Lotline's in it.
    for name in ["keys", "log", "evidence"] {
        let place = new_place(kind);
        fs::create_dir(place.dir().join(name)).unwrap();
        fs::write(place.dir().join(name).join("x"), "x").unwrap();
        let output = restore(&to, &place, &[]);
        assert!(!output.status.success() && said(&output).contains(name), "{}", said(&output));
    }
}

fn what_does_not_agree_is_no_backup_unless_that_is_asked_for(world: &World) {
    world.will_not_verify();
    let folder = TempDir::new();
    let to = folder.path().join("backup");
    world.clinic();
    world.log();
    world.database.tamper("UPDATE products SET name = 'Another name'");
    let output = backup(&world.database, &to);
    assert!(!output.status.success() && said(&output).contains("products"), "{}", said(&output));
    assert_eq!(names(folder.path()), Vec::<String>::new(), "nothing is left");
    let mut command = lotline("backup", &world.database);
    let output = run({
        command.arg(&to).arg("--despite-findings");
        command
    });
    assert!(!output.status.success() && said(&output).contains("DESPITE"), "{}", said(&output));
    assert_refused(&to, world.database.kind, "--despite-findings");
    let place = new_place(world.database.kind);
    let output = restore(&to, &place, &["--despite-findings"]);
    assert!(!output.status.success() && said(&output).contains("DOES NOT AGREE"), "{}", said(&output));
    assert!(place.count("products") > 0);
}

fn a_refused_restore_leaves_no_keys(world: &World) {
    world.will_not_verify();
    let folder = TempDir::new();
    let to = folder.path().join("backup");
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 2);
    assert_eq!(clinic.administer(&lot, 1).0, 201);
    world.log();
    world.database.tamper("UPDATE products SET name = 'Another name'");
    let mut command = lotline("backup", &world.database);
    let output = run({
        command.arg(&to).arg("--despite-findings");
        command
    });
    let keys = beside(&to, ".patients-keys");
    assert!(keys.exists(), "{}", said(&output));
    let with_keys = ["--patients-keys", keys.to_str().unwrap()];
    let place = new_place(world.database.kind);
    let output = restore(&to, &place, &with_keys);
    assert!(!output.status.success() && said(&output).contains("--despite-findings"), "{}", said(&output));
    assert_eq!(names(place.dir()), Vec::<String>::new(), "nothing is left");
}

fn a_backup_lies_apart(world: &World) {
    let folder = TempDir::new();
    let to = folder.path().join("backup");
    world.log();
    backed_up(&world.database, &to);
    let before = files(&to);
    for inside in [to.join("second"), to.join("keys/second"), world.database.dir().join("log/second")] {
        let output = backup(&world.database, &inside);
        assert!(
            !output.status.success() && said(&output).contains("elsewhere"),
            "{}: {}",
            inside.display(),
            said(&output)
        );
        assert!(!inside.exists());
    }
    assert_eq!(files(&to), before);
    backed_up(&world.database, &folder.path().join("second"));
}

/// A file size limit stands for a full disk, SIGKILL for a power cut.
#[test]
fn what_is_cut_off_is_no_backup() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let Some(world) = World::start(kind) else { continue };
        world.clinic();
        world.log();
        let folder = TempDir::new();
        let to = folder.path().join("backup");
        let plain = {
            let mut command = lotline("backup", &world.database);
            command.arg(&to);
            command
        };
        let mut limited = Command::new("sh");
        limited
            .args(["-c", "trap '' XFSZ; ulimit -f 200; exec \"$@\"", "sh"])
            .arg(plain.get_program())
            .args(plain.get_args());
        let output = run(limited);
        assert!(!output.status.success(), "{}", said(&output));
        assert_eq!(names(folder.path()), Vec::<String>::new(), "nothing is left");
        // Killed as soon as it writes, at several moments.
        let mut cut_off = 0;
        for wait in [0, 20, 60, 120, 200] {
            let mut child = {
                let mut command = lotline("backup", &world.database);
                command.arg(&to);
                command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).spawn().unwrap()
            };
            let unfinished = beside(&to, ".unfinished");
            while !unfinished.exists() && child.try_wait().unwrap().is_none() {
                std::thread::yield_now();
            }
            std::thread::sleep(Duration::from_millis(wait));
            child.kill().unwrap();
            child.wait().unwrap();
            if !to.exists() {
                cut_off += 1;
                assert_refused(&unfinished, kind, "cut off");
                // The next one is told, and nothing of the other is taken for its own.
                let next = backup(&world.database, &to);
                assert!(!next.status.success() && said(&next).contains("remove it"), "{}", said(&next));
            }
            for path in [&unfinished, &to] {
                let _ = fs::remove_dir_all(path);
            }
            for end in [".patients-keys", ".patients-keys.unfinished"] {
                let _ = fs::remove_file(beside(&to, end));
            }
        }
        assert!(cut_off > 0, "{kind:?}: none was cut off");
        backed_up(&world.database, &to);
    }
}
