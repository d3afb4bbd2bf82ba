//! What `docs/operations.md` tells operators to watch is what a server has.

use std::collections::BTreeSet;

use serde_json::Value;

use super::support::process::init;
use super::support::{Database, Kind, Process, World};

const PAGE: &str = include_str!("../../docs/operations.md");

/// Words between backquotes, without what follows a brace.
fn named(text: &str) -> BTreeSet<String> {
    let quoted = text.split('`').skip(1).step_by(2);
    quoted.map(|word| word.split('{').next().unwrap().to_owned()).collect()
}

#[test]
fn every_number_of_the_page_is_there_and_none_is_left_out() {
    let world = World::start(Kind::Sqlite).unwrap();
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 4);
    assert_eq!((clinic.administer(&lot, 1).0, clinic.administer(&lot, 40).0), (201, 409));
    let answer = world.http.send("GET", "/metrics", &[], None);
    let text = String::from_utf8(answer.bytes).unwrap();
    let helped = text.lines().filter_map(|line| line.strip_prefix("# HELP ")?.split(' ').next());
    let there: BTreeSet<String> = helped.filter(|name| name.starts_with("lotline_")).map(str::to_owned).collect();
    let told: BTreeSet<String> = named(PAGE).into_iter().filter(|word| word.starts_with("lotline_")).collect();
    assert!(there.len() > 10, "{there:?}");
    assert_eq!(told, there);
}

#[test]
fn every_field_of_the_log_is_on_the_page() {
    let database = Database::create(Kind::Sqlite).unwrap();
    let (_, admin) = init(&database, "Example Clinics");
    let server = Process::serve(&database);
    assert_eq!(server.http.get(&admin, "/v1/sites").0, 200);
    let line: Value = serde_json::from_str(&server.wait_for(&["\"request\"", "list_sites"])).unwrap();
    let (head, fields) = PAGE.split_once("### The log").unwrap();
    assert!(head.contains("/readyz"));
    let told = named(fields);
    let found: BTreeSet<String> = line.as_object().unwrap().keys().cloned().collect();
    let untold: Vec<_> = found.difference(&told).collect();
    assert!(untold.is_empty(), "{untold:?}");
    for field in ["request_id", "operation", "status", "micros", "organisation", "actor"] {
        assert!(found.contains(field), "{field}: {line}");
    }
}

/// The settings of the package are those that the program knows.
#[test]
fn every_setting_of_the_package_is_one() {
    let settings = include_str!("../../packaging/debian/default");
    let help = super::support::process::run({
        let mut command = super::support::process::program();
        command.args(["serve", "--help"]);
        command
    });
    let help = String::from_utf8(help.stdout).unwrap();
    let set = settings.lines().filter_map(|line| line.strip_prefix('#')?.split_once('=').map(|(name, _)| name));
    let set: Vec<_> = set.filter(|name| !name.contains(' ')).collect();
    assert!(set.len() > 5, "{set:?}");
    for name in set {
        assert!(help.contains(&format!("[env: {name}")), "{name}");
    }
}
