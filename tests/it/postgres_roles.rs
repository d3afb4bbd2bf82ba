//! The two roles of `docs/postgres.md`, by its own statements: the owner migrates, the application reads and writes rows.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;

use super::support::clinic::site;
use super::support::postgres::PrivateCluster;
use super::support::process::{init, lotline, program, run};
use super::support::{Database, Kind, Process, World};

const OWNER: &str = "lotline_owner";
const APPLICATION: &str = "lotline_app";

/// The statements of the document: as a superuser, as one in the database, and after each migration.
fn statements() -> [String; 3] {
    let document = include_str!("../../docs/postgres.md");
    let blocks = document.split("```sql\n").skip(1).map(|rest| rest.split("```").next().unwrap().to_owned());
    let blocks: Vec<String> = blocks.collect();
    blocks.try_into().expect("three blocks of SQL")
}

/// A cluster with the database `lotline`, made and migrated as the document says.
fn as_documented() -> Option<PrivateCluster> {
    let cluster = PrivateCluster::launch()?;
    let [roles, schema, rights] = statements();
    cluster.script("lotline", "postgres", &roles);
    cluster.script("lotline", "lotline", &schema);
    let migrated = run(on(&cluster, "migrate", OWNER));
    assert!(migrated.status.success(), "{}", String::from_utf8_lossy(&migrated.stderr));
    cluster.script(OWNER, "lotline", &rights);
    Some(cluster)
}

/// The program in the database `lotline` as a user, with a data directory that need not be there.
fn on(cluster: &PrivateCluster, subcommand: &str, user: &str) -> std::process::Command {
    let mut command = program();
    command.arg(subcommand).args(["--database-url", &cluster.url_as(user, "lotline")]);
    command.arg("--data-dir").arg(std::env::temp_dir().join("lotline-none"));
    command
}

/// Another database like `lotline`, which nobody uses meanwhile.
fn copy(cluster: &PrivateCluster, name: &str) -> Database {
    cluster.sql("postgres", &format!("CREATE DATABASE {name} TEMPLATE lotline STRATEGY file_copy"));
    let url = |user: &str| cluster.url_as(user, name).parse().unwrap();
    Database::of_application(url(APPLICATION), url("lotline"))
}

#[test]
fn the_application_does_its_work_without_owning_anything() {
    let Some(cluster) = as_documented() else { return };
    let owned = format!("SELECT count(*) FROM pg_class WHERE pg_get_userbyid(relowner) = '{APPLICATION}'");
    assert_eq!(cluster.sql("lotline", &owned), "0\n");

    let database = copy(&cluster, "work");
    let (organisation, admin) = init(&database, "Example Clinics");
    let server = Process::serve(&database);
    assert_eq!(server.http.post(&admin, "/v1/sites", &site()).0, 201);
    assert_eq!(server.http.send("GET", "/readyz", &[], None).status, 200);
    let mut token = lotline("token", &database);
    token.args(["--organisation", &organisation, "--role", "auditor"]);
    for command in [token, lotline("verify", &database), lotline("migrate", &database)] {
        let output = run(command);
        assert!(output.status.success(), "{output:?}");
    }
    drop(server);
    let mut demo = program();
    demo.args(["demo", "--exit", "--database-url", &database.url_text()]);
    let output = run(demo);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

/// What is a right too few would be a 500.
#[test]
fn every_kind_of_change_is_within_its_rights() {
    let Some(cluster) = as_documented() else { return };
    // Not those that migrate: that is the owner's.
    let scenarios: Vec<fn(&World)> = [
        super::corrections::SCENARIOS,
        super::edits::SCENARIOS,
        super::evidence::SCENARIOS,
        super::follow_ups::SCENARIOS,
        super::idempotency::SCENARIOS,
        super::mis_keyed_receipts::SCENARIOS,
        super::movements_back::SCENARIOS,
        super::prescriptions::SCENARIOS,
        super::purchasing::SCENARIOS,
        super::safety::SCENARIOS,
        super::signals::SCENARIOS,
        super::visits::SCENARIOS,
    ]
    .concat();
    assert!(scenarios.len() > 50, "{}", scenarios.len());
    // Copies of one template at the same time would refuse each other.
    let copies: Vec<_> = (0..scenarios.len()).map(|number| copy(&cluster, &format!("scenario_{number}"))).collect();
    let work: Vec<_> = scenarios.into_iter().zip(copies).map(|work| std::sync::Mutex::new(Some(work))).collect();
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                while let Some(work) = work.get(next.fetch_add(1, Ordering::SeqCst)) {
                    let (scenario, database) = work.lock().unwrap().take().unwrap();
                    let world = World::on(database);
                    scenario(&world);
                    world.assert_verified();
                }
            });
        }
    });
}

#[test]
fn the_application_changes_nothing_that_is_only_ever_added_to() {
    let Some(cluster) = as_documented() else { return };
    let application = cluster.url_as(APPLICATION, "lotline");
    let refused = |sql: &str| {
        let error = cluster.try_sql(&application, sql).expect_err(sql);
        assert!(error.contains("permission denied") || error.contains("must be owner"), "{sql}: {error}");
    };
    let listed = |sql: &str| cluster.sql("lotline", sql).lines().map(str::to_owned).collect::<Vec<_>>();
    let mut rights: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in listed(&format!(
        "SELECT table_name || ' ' || privilege_type FROM information_schema.role_table_grants WHERE grantee = '{APPLICATION}'"
    )) {
        let (table, right) = line.split_once(' ').unwrap();
        rights.entry(table.to_owned()).or_default().push(right.to_owned());
    }
    let tables = listed("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename");
    assert!(tables.len() > 40, "{tables:?}");
    for table in &tables {
        let rights = &rights[table];
        assert!(rights.contains(&"SELECT".to_owned()), "{table}");
        for (right, sql) in [
            ("DELETE", format!("DELETE FROM {table}")),
            ("TRUNCATE", format!("TRUNCATE {table} CASCADE")),
            ("TRIGGER", format!("ALTER TABLE {table} DISABLE TRIGGER ALL")),
            ("REFERENCES", format!("ALTER TABLE {table} ADD COLUMN extra TEXT")),
            ("DROP", format!("DROP TABLE {table} CASCADE")),
        ] {
            if !rights.contains(&right.to_owned()) {
                refused(&sql);
            } else {
                assert_eq!(right, "DELETE", "{table}");
            }
        }
    }
    for table in [
        "events",
        "event_subjects",
        "postings",
        "administrations",
        "inspections",
        "releases",
        "licence_checks",
        "movements",
    ] {
        refused(&format!("UPDATE {table} SET organisation_id = organisation_id"));
        refused(&format!("DELETE FROM {table}"));
    }
    for sql in [
        "UPDATE __diesel_schema_migrations SET version = '0'",
        "INSERT INTO __diesel_schema_migrations (version) VALUES ('0')",
        "SELECT setval('events_position_seq', 1)",
        "CREATE TABLE mine (id TEXT)",
        "CREATE TEMPORARY TABLE events (id TEXT)",
        "CREATE SCHEMA mine",
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        "DROP TRIGGER events_refuse_change ON events",
        "SET session_replication_role = replica",
    ] {
        refused(sql);
    }
    // The same rights for what a later migration makes, before its statements are run again.
    cluster.script(OWNER, "lotline", "CREATE TABLE later (id BIGSERIAL PRIMARY KEY, text TEXT)");
    cluster.sql(&application, "INSERT INTO later (text) VALUES ('x'); UPDATE later SET text = 'y'; DELETE FROM later");
}

#[test]
fn only_the_owner_migrates() {
    let Some(cluster) = as_documented() else { return };
    // A database that lacks the newest migration.
    let database = copy(&cluster, "older");
    let newest =
        "DELETE FROM __diesel_schema_migrations WHERE version = (SELECT max(version) FROM __diesel_schema_migrations)";
    database.execute(newest).unwrap();
    // One that nobody has migrated.
    let [_, schema, _] = statements();
    cluster.sql("postgres", "CREATE DATABASE nothing OWNER lotline_owner TEMPLATE template0");
    cluster.script("lotline", "nothing", &schema);
    let url = |user: &str| cluster.url_as(user, "nothing").parse().unwrap();
    let nothing = Database::of_application(url(APPLICATION), url("lotline"));
    for database in [&database, &nothing] {
        for subcommand in ["serve", "init", "migrate", "verify"] {
            let mut command = lotline(subcommand, database);
            match subcommand {
                "serve" => command.args(["--bind", "127.0.0.1:0"]),
                "init" => command.args(["--organisation", "Example Clinics"]),
                _ => &mut command,
            };
            let output = run(command);
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(!output.status.success() && said.contains("run `lotline migrate`"), "{subcommand}: {said}");
        }
    }
    assert_eq!(cluster.sql("nothing", "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"), "0\n");
    // Servers that already run go on, and say what is to be done.
    let database = copy(&cluster, "running");
    let server = Process::serve(&database);
    database.execute(newest).unwrap();
    let ready = server.http.send("GET", "/readyz", &[], None);
    assert_eq!((ready.status, &ready.json()["dependencies"]["migrations"]), (503, &json!("pending")));
}

#[test]
fn nothing_of_the_record_is_ever_emptied() {
    let Some(database) = Database::create(Kind::Postgres) else { return };
    let tables =
        database.lines("SELECT tablename AS line FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename");
    assert!(tables.len() > 40, "{tables:?}");
    for table in tables {
        let not_recorded = ["__diesel_schema_migrations", "idempotency_keys"].contains(&table.as_str());
        // As a superuser, who owns them: only a trigger can refuse.
        match database.execute(&format!("TRUNCATE {table} CASCADE")) {
            Ok(()) => assert!(not_recorded, "{table} was emptied"),
            Err(error) => {
                let error = error.to_string();
                assert!(error.contains("never emptied") || error.contains("is append-only"), "{table}: {error}");
            }
        }
    }
}
