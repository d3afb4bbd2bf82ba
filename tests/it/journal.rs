//! The journal: the database itself refuses to change what is written, and `lotline verify` finds what was changed all
//! the same.

use std::process::Output;

use lotline::caller::Role;
use serde_json::json;

use super::support::clinic::scan;
use super::support::process::{lotline, run};
use super::support::{Database, Kind, World, on_both_databases};

on_both_databases!(append_only_tables_refuse_changes, verify_finds_what_was_changed);

/// What an auditor reads is only ever added to.
const APPEND_ONLY: [&str; 10] = [
    "events",
    "event_subjects",
    "postings",
    "licence_checks",
    "receipts",
    "receipt_lines",
    "packs",
    "inspections",
    "releases",
    "administrations",
];

/// A world in which every table has a row.
fn lived_in(world: &World) -> String {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 4);
    assert_eq!(clinic.administer(&lot, 1).0, 201);
    assert_eq!(clinic.administer(&lot, 9).0, 409);
    let hold = clinic.hold(&lot);
    let path = format!("/v1/holds/{}/lift", hold["id"].as_str().unwrap());
    clinic.create(Role::Quality, &path, &json!({"reason": "Unrelated"}));
    let lines = json!([{"scan": scan("270630", "LOT2", Some("SN1")), "packs": 1}]);
    clinic.create(Role::Purchaser, "/v1/receipts", &clinic.receipt(lines));
    clinic.hold(&lot);
    lot
}

fn append_only_tables_refuse_changes(world: &World) {
    lived_in(world);
    for table in APPEND_ONLY {
        let rows = world.database.count(table);
        assert!(rows > 0, "{table} has rows to protect");
        let mut changes = vec![
            format!("UPDATE {table} SET organisation_id = organisation_id"),
            format!("UPDATE {table} SET organisation_id = 'org_x'"),
            format!("DELETE FROM {table}"),
        ];
        if world.database.kind == Kind::Postgres {
            changes.push(format!("TRUNCATE {table} CASCADE"));
        }
        for change in changes {
            let error = world.database.execute(&change).expect_err(&change).to_string();
            assert!(error.contains("is append-only"), "{change}: {error}");
        }
        assert_eq!(world.database.count(table), rows);
    }
}

fn verify(database: &Database) -> (bool, String) {
    let Output { status, stdout, stderr } = run(lotline("verify", database));
    assert_eq!(String::from_utf8_lossy(&stderr), "");
    assert!(matches!(status.code(), Some(0 | 1)), "{status}");
    (status.success(), String::from_utf8(stdout).unwrap())
}

fn verify_finds_what_was_changed(world: &World) {
    let lot = lived_in(world);
    world.will_not_verify();
    let database = &world.database;
    let (clean, said) = verify(database);
    assert!(clean && said.contains("everything agrees"), "{said}");
    let first =
        |table: &str, key: &str| database.lines(&format!("SELECT {key} AS line FROM {table} ORDER BY 1"))[0].clone();

    // One column of one row each, and back again: the table, the row and the column are named.
    let columns = [
        ("organisations", "name", "'Other'"),
        ("sites", "time_zone", "'Europe/Paris'"),
        ("locations", "max_mc", "9000"),
        ("products", "units_per_pack", "3"),
        ("products", "single_patient", "NOT single_patient"),
        ("suppliers", "country", "'FR'"),
        ("practitioners", "name", "'Dr B.'"),
        ("licences", "valid_to", "'2030-01-01'"),
        ("licence_checks", "outcome", "'lapsed'"),
        ("lots", "expiry", "'2028-06-30'"),
        ("lots", "first_received_at", "'2026-07-01 09:00:00'"),
        ("receipts", "delivery_note", "'DN-1'"),
        ("receipt_lines", "units", "units + 1"),
        ("packs", "serial", "'SN2'"),
        ("inspections", "inspector", "'somebody'"),
        ("releases", "reason", "'Because'"),
        ("holds", "reason", "'Because'"),
        ("holds", "lifted_by", "'somebody'"),
        ("administrations", "patient_id", "'pat_019f0000-0000-7000-8000-999999999999'"),
        ("administrations", "units", "2"),
        ("events", "actor", "'somebody'"),
        ("events", "occurred_at", "'2026-06-01 09:00:00'"),
    ];
    for (table, column, value) in columns {
        let id = first(table, "id");
        let row = format!("id = '{id}'");
        let set = |column: &str, value: &str| format!("UPDATE {table} SET {column} = {value} WHERE {row}");
        database.execute(&format!("CREATE TABLE kept AS SELECT {column} AS kept FROM {table} WHERE {row}")).unwrap();
        database.tamper(&set(column, value));
        let (clean, said) = verify(database);
        assert!(!clean && said.contains(&format!("{table} {id}: {column} is ")), "{table}.{column}: {said}");
        database.tamper(&set(column, "(SELECT kept FROM kept)"));
        database.execute("DROP TABLE kept").unwrap();
    }
    let (clean, said) = verify(database);
    assert!(clean, "put back: {said}");

    // A balance: the row, and that its postings say otherwise.
    let account =
        database.lines(&format!("SELECT id AS line FROM accounts WHERE lot_id = '{lot}' AND units > 0"))[0].clone();
    database.tamper(&format!("UPDATE accounts SET units = units + 1 WHERE id = '{account}'"));
    let (clean, said) = verify(database);
    assert!(!clean && said.contains(&format!("accounts {account}: units is ")), "{said}");
    assert!(said.contains(&format!("lot {lot}: ")), "{said}");
    database.tamper(&format!("UPDATE accounts SET units = units - 1 WHERE id = '{account}'"));

    // A row that no event made, and one that is gone.
    let copy = "INSERT INTO practitioners SELECT 'prac_00000000-0000-7000-8000-000000000000', organisation_id, name, \
                profession, subject, registered_at, version, retired_at FROM practitioners";
    database.tamper(copy);
    let (clean, said) = verify(database);
    assert!(
        !clean && said.contains("practitioners prac_00000000-0000-7000-8000-000000000000: the row is in no event"),
        "{said}"
    );
    database.tamper("DELETE FROM practitioners WHERE id LIKE 'prac_00000000%'");
    let subject = first("event_subjects", "organisation_id || '/' || subject || '/' || event_id");
    database.tamper(&format!(
        "DELETE FROM event_subjects WHERE organisation_id || '/' || subject || '/' || event_id = '{subject}'"
    ));
    let (clean, said) = verify(database);
    assert!(!clean && said.contains(&format!("event_subjects {subject}: the row is missing")), "{said}");

    // A whole event that is gone, with what it did still there; and one byte of another.
    let event = database.lines("SELECT id AS line FROM events WHERE kind = 'gate_refused'")[0].clone();
    let altered = database.lines("SELECT id AS line FROM events WHERE kind = 'stock_administered'")[0].clone();
    let replaced = match database.kind {
        Kind::Sqlite => "CAST(replace(CAST(bytes AS TEXT), 'clinical', 'clinicaL') AS BLOB)",
        Kind::Postgres => "convert_to(replace(convert_from(bytes, 'UTF8'), 'clinical', 'clinicaL'), 'UTF8')",
    };
    database.tamper(&format!("UPDATE events SET bytes = {replaced} WHERE id = '{altered}'"));
    let (clean, said) = verify(database);
    assert!(!clean && said.contains(&format!("event {altered}: its bytes are not those")), "{said}");
    database.tamper(&format!("DELETE FROM events WHERE id = '{event}'"));
    let (clean, said) = verify(database);
    assert!(!clean && said.contains(&event), "what it left behind names it: {said}");
}
