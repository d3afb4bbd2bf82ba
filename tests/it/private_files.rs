//! Files are for their owner only, whatever the umask: what older versions left open is closed, and keys that others could
//! reach are refused.

use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use super::support::database::TempDir;
use super::support::process::{program, run, under};
use super::support::{Database, Kind, Process};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0";

/// The program on a data directory, with another database than the embedded one or without.
fn lotline(subcommand: &str, data_dir: &Path, url: Option<&str>) -> Command {
    let mut command = program();
    command.arg(subcommand).arg("--data-dir").arg(data_dir);
    if let Some(url) = url {
        command.args(["--database-url", url]);
    }
    command
}

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// Everything at and under a path, with its mode.
fn modes(path: &Path) -> Vec<(PathBuf, u32)> {
    let found = fs::symlink_metadata(path).unwrap();
    let mut modes = vec![(path.to_owned(), found.mode() & 0o7777)];
    if found.is_dir() {
        modes.extend(fs::read_dir(path).unwrap().flat_map(|entry| modes_of(&entry.unwrap().path())));
    }
    modes
}

/// Temporary files of SQLite may be gone again.
fn modes_of(path: &Path) -> Vec<(PathBuf, u32)> {
    if path.symlink_metadata().is_ok() { modes(path) } else { Vec::new() }
}

/// Folders are 0700 and files 0600; what was found.
fn assert_private(path: &Path, what: &str) -> Vec<String> {
    let modes = modes(path);
    for (path, mode) in &modes {
        let right = if path.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(*mode, right, "{what}: {} has {mode:04o}", path.display());
    }
    modes.iter().map(|(path, _)| path.file_name().unwrap().to_string_lossy().into_owned()).collect()
}

fn done(command: Command) -> String {
    let output = run(command);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// An organisation's id and an admin's token.
fn init(command: &Command, umask: &str) -> (String, String) {
    let mut command = under(umask, command);
    command.args(["--organisation", "Example Clinics"]);
    let printed: Value = serde_json::from_str(&done(command)).unwrap();
    (printed["organisation_id"].as_str().unwrap().to_owned(), printed["admin_token"].as_str().unwrap().to_owned())
}

/// Uploads a picture as evidence.
fn upload(server: &Process, admin: &str) {
    let bearer = format!("Bearer {admin}");
    let headers = [("authorization", bearer.as_str()), ("content-type", "image/png")];
    let answer = server.http.send("POST", "/v1/evidence", &headers, Some(PNG));
    assert_eq!(answer.status, 201, "{}", answer.json());
}

#[test]
fn whatever_the_umask_everything_that_is_made_is_for_its_owner_only() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        for umask in ["000", "077", "0777"] {
            for first in ["init", "migrate", "serve"] {
                let Some(database) = Database::create(kind) else { continue };
                let url = (kind == Kind::Postgres).then(|| database.url_text());
                let (url, dir) = (url.as_deref(), database.dir().join("made/here"));
                let lotline = |subcommand: &str| lotline(subcommand, &dir, url);
                let what = format!("{kind:?}, umask {umask}, {first} first");
                match first {
                    "serve" => drop(Process::spawn(under(umask, &lotline("serve"))).unwrap()),
                    "init" => drop(init(&lotline("init"), umask)),
                    _ => drop(done(under(umask, &lotline(first)))),
                }
                if dir.exists() {
                    assert_private(&database.dir().join("made"), &what);
                }
                let (organisation, admin) = init(&lotline("init"), umask);
                let mut token = under(umask, &lotline("token"));
                token.args(["--organisation", &organisation, "--role", "auditor"]);
                done(token);
                let mut add = under(umask, &program());
                add.args(["keys", "add", "--data-dir"]).arg(&dir);
                done(add);
                let server = Process::spawn(under(umask, &lotline("serve"))).unwrap();
                upload(&server, &admin);
                done(under(umask, &lotline("verify")));
                let names = assert_private(&database.dir().join("made"), &what);
                let mut expected = vec!["evidence", "keys", "turn.lock", "log", "key.pem"];
                if kind == Kind::Sqlite {
                    expected.extend(["lotline.db", "lotline.db-wal", "lotline.db-shm", "lotline.db.lock"]);
                }
                for name in expected {
                    assert!(names.iter().any(|found| found == name), "{what}: {name} among {names:?}");
                }
                // Two for tokens, and that of the log.
                assert_eq!(names.iter().filter(|name| name.ends_with(".pem")).count(), 3, "{names:?}");
                assert!(names.iter().any(|name| name.len() == 64), "the evidence is among {names:?}");
            }
        }
    }
}

#[test]
fn the_demonstration_makes_its_files_for_its_owner_only() {
    let temporary = TempDir::new();
    let mut demo = program();
    demo.arg("demo").env("TMPDIR", temporary.path());
    let mut demo = under("000", &demo).stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(demo.stdout.take().unwrap()).lines().map_while(Result::ok);
    assert!(lines.any(|line| line.starts_with("Stop with")), "the demonstration stays up");
    let folder = fs::read_dir(temporary.path()).unwrap().next().unwrap().unwrap().path();
    let names = assert_private(&folder, "demo");
    demo.kill().unwrap();
    demo.wait().unwrap();
    assert!(names.iter().any(|name| name == "lotline.db"), "{names:?}");
}

#[test]
fn what_was_left_open_is_closed_and_said() {
    let dir = TempDir::new();
    let data = dir.path().join("data");
    let (_, admin) = init(&lotline("init", &data, None), "022");
    let server = Process::spawn(lotline("serve", &data, None)).unwrap();
    upload(&server, &admin);
    drop(server);
    // As older versions left them under the usual umask, and under none.
    for (folders, files) in [(0o755, 0o644), (0o777, 0o666)] {
        let open = || {
            // What has keys in it is refused, not closed.
            let has_keys = |path: &Path| ["keys", "log"].iter().any(|folder| path.starts_with(data.join(folder)));
            for (path, _) in modes(&data).iter().filter(|(path, _)| !has_keys(path)) {
                chmod(path, if path.is_dir() { folders } else { files });
            }
        };
        open();
        let server = Process::spawn(lotline("serve", &data, None)).unwrap();
        assert_private(&data, "a server closes it");
        for word in ["data had mode", "lotline.db had mode", "evidence had mode", "with 1 files was open"] {
            let said =
                server.before.iter().any(|line| line.contains(word) && line.contains("files were open to others"));
            assert!(said, "{word}: {:?}", server.before);
        }
        drop(server);
        let server = Process::spawn(lotline("serve", &data, None)).unwrap();
        assert!(server.before.iter().all(|line| !line.contains("open to others")), "said once: {:?}", server.before);
        drop(server);
        for subcommand in ["verify", "migrate"] {
            open();
            let output = run(lotline(subcommand, &data, None));
            assert!(output.status.success());
            assert!(String::from_utf8_lossy(&output.stderr).contains("lotline.db had mode"), "{output:?}");
            let evidence = data.join("evidence");
            let beside: Vec<_> = modes(&data).into_iter().filter(|(path, _)| !path.starts_with(&evidence)).collect();
            assert!(beside.iter().all(|(_, mode)| mode & 0o077 == 0), "{subcommand}: {beside:?}");
        }
    }
}

/// Refuses to run, says why, and makes nothing.
fn assert_refused(data: &Path, words: &[&str]) {
    let before = modes(data);
    for subcommand in ["serve", "init", "token"] {
        let mut command = lotline(subcommand, data, None);
        match subcommand {
            "serve" => command.args(["--bind", "127.0.0.1:0"]),
            "init" => command.args(["--organisation", "Example Clinics"]),
            _ => command.args(["--organisation", "org_01932c07-8d00-7000-8000-000000000001", "--role", "admin"]),
        };
        let output = run(command);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && output.stdout.is_empty(), "{subcommand}: {output:?}");
        assert!(words.iter().all(|word| said.contains(word)), "{subcommand}: {words:?} in {said}");
    }
    assert_eq!(modes(data), before);
}

#[test]
fn keys_that_others_can_reach_are_refused() {
    let dir = TempDir::new();
    let data = dir.path().join("data");
    init(&lotline("init", &data, None), "022");
    let keys = data.join("keys");
    let key = fs::read_dir(&keys).unwrap().map(|entry| entry.unwrap().path());
    let key = key.into_iter().find(|path| path.extension().is_some_and(|extension| extension == "pem")).unwrap();
    for (path, mode, right, may) in [
        (&key, 0o640, 0o600, "read"),
        (&key, 0o604, 0o600, "read"),
        (&key, 0o620, 0o600, "change"),
        (&key, 0o602, 0o600, "change"),
        (&keys, 0o755, 0o700, "read"),
        (&keys, 0o770, 0o700, "change"),
    ] {
        chmod(path, mode);
        let name = path.to_string_lossy();
        assert_refused(&data, &[&name, &format!("mode {mode:04o}"), &format!("chmod {right:o}"), may]);
        // What is wrong can be seen and mended with the program itself.
        let mut list = program();
        list.args(["keys", "list", "--data-dir"]).arg(&data);
        let listed = done(list);
        assert_eq!(listed.contains("flaw"), path == &key, "{listed}");
        chmod(path, right);
    }
    drop(Process::spawn(lotline("serve", &data, None)).unwrap());
}

#[test]
fn a_folder_of_somebody_elses_is_refused() {
    let dir = TempDir::new();
    // A folder with other things, in which others may change things: it is neither used nor closed.
    let shared = dir.path().join("shared");
    fs::create_dir(&shared).unwrap();
    fs::write(shared.join("letter.txt"), "Dear Nia").unwrap();
    for mode in [0o775, 0o757, 0o777, 0o1777] {
        chmod(&shared, mode);
        assert_refused(&shared, &["shared", &format!("mode {mode:04o}"), "a folder of its own"]);
    }
    // One that others may only read is used, and left as it is.
    chmod(&shared, 0o755);
    init(&lotline("init", &shared, None), "022");
    let server = Process::spawn(lotline("serve", &shared, None)).unwrap();
    drop(server);
    for (path, mode) in modes(&shared) {
        let is_left = path == shared || path.ends_with("letter.txt");
        assert!(is_left || mode & 0o077 == 0, "{} has {mode:04o}", path.display());
    }
    assert_eq!(fs::metadata(&shared).unwrap().mode() & 0o7777, 0o755);

    // An empty one that everybody makes files in.
    let everybodys = dir.path().join("everybodys");
    fs::create_dir(&everybodys).unwrap();
    chmod(&everybodys, 0o1777);
    assert_refused(&everybodys, &["everybodys", "mode 1777"]);
    // An empty one is closed.
    chmod(&everybodys, 0o755);
    init(&lotline("init", &everybodys, None), "022");
    assert_private(&everybodys, "closed");

    // Another user's, even where we could write.
    let theirs = dir.path().join("theirs");
    fs::create_dir(&theirs).unwrap();
    chmod(&theirs, 0o700);
    if chown(&theirs, Some(65_534), None).is_ok() {
        assert_refused(&theirs, &["theirs", "belongs to user 65534"]);
        // Keys that another user put there.
        let data = dir.path().join("data");
        init(&lotline("init", &data, None), "022");
        chown(data.join("keys"), Some(65_534), None).unwrap();
        assert_refused(&data, &["keys", "belongs to user 65534"]);
    } else {
        assert_refused(Path::new("/usr"), &["/usr", "belongs to user 0"]);
    }
}
