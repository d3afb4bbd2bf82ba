//! `lotline token` gives out nothing that a server would not take.

use std::process::Output;

use super::support::database::TempDir;
use super::support::process::{init, lotline, run};
use super::support::{Database, Kind};

fn token(mut command: std::process::Command, organisation: &str) -> Output {
    command.args(["--organisation", organisation, "--role", "admin"]);
    run(command)
}

fn assert_refused(output: &Output, words: &[&str]) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && output.stdout.is_empty(), "{output:?}");
    assert!(words.iter().all(|word| said.contains(word)), "{said}");
}

fn tokens_are_of_what_is_there(kind: Kind) {
    let Some(database) = Database::create(kind) else { return };
    let (organisation, _) = init(&database, "Example Clinics");
    let good = token(lotline("token", &database), &organisation);
    assert!(good.status.success() && good.stdout.starts_with(b"ey"), "{good:?}");

    // A data directory that was mistyped has no keys, and gets none.
    let empty = TempDir::new();
    let mistyped = empty.path().join("lotline-dtaa");
    for folder in [mistyped.as_path(), empty.path()] {
        let folder = folder.to_string_lossy();
        assert_refused(&token_in(&database, &folder, &organisation), &[&folder, "no signing keys"]);
    }
    assert!(!mistyped.exists() && std::fs::read_dir(empty.path()).unwrap().next().is_none());

    // An organisation that the database does not have.
    let other = "org_01932c07-8d00-7000-8000-000000000001";
    assert_refused(&token(lotline("token", &database), other), &["no organisation", other]);
}

fn token_in(database: &Database, folder: &str, organisation: &str) -> Output {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_lotline"));
    command.env_remove("LOTLINE_DATA_DIR").env_remove("DATABASE_URL");
    command.args(["token", "--data-dir", folder, "--database-url", &database.url_text()]);
    token(command, organisation)
}

#[test]
fn sqlite() {
    tokens_are_of_what_is_there(Kind::Sqlite);
}

#[test]
fn postgres() {
    tokens_are_of_what_is_there(Kind::Postgres);
}

/// Keys without a database beside them: no database is made.
#[test]
fn a_token_makes_no_database() {
    let Some(database) = Database::create(Kind::Sqlite) else { return };
    let (organisation, _) = init(&database, "Example Clinics");
    let lonely = database.dir().join("elsewhere.db");
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_lotline"));
    command.env_remove("LOTLINE_DATA_DIR").env_remove("DATABASE_URL");
    command.arg("token").arg("--data-dir").arg(database.dir());
    command.arg("--database-url").arg(format!("sqlite://{}", lonely.display()));
    assert_refused(&token(command, &organisation), &["elsewhere.db", "is not there"]);
    assert!(!lonely.exists());
}
