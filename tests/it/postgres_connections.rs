//! Connections to PostgreSQL: whose tables they see, and who can read what is sent.

use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{EncodePrivateKey, KeypairBytes};
use ed25519_dalek::{Signer, SigningKey};
use lotline::db::{Settings, Store};

use super::support::clinic::site;
use super::support::postgres::{Certificate, Cluster, PrivateCluster, cluster};
use super::support::process::{init, lotline, run};
use super::support::{Database, Kind, Process, World};

/// Tables of the same names, a journal of migrations that looks right, functions that lie.
const HOSTILE: &str = "
CREATE SCHEMA evil;
CREATE TABLE evil.__diesel_schema_migrations AS SELECT * FROM public.__diesel_schema_migrations;
CREATE TABLE evil.organisations (LIKE public.organisations);
CREATE TABLE evil.events (LIKE public.events INCLUDING DEFAULTS);
CREATE TABLE evil.event_subjects (LIKE public.event_subjects);
CREATE TABLE evil.sites (LIKE public.sites);
CREATE TABLE evil.idempotency_keys (LIKE public.idempotency_keys);
CREATE FUNCTION evil.upper(text) RETURNS text LANGUAGE sql AS 'SELECT ''x''::text';
CREATE FUNCTION evil.to_regclass(text) RETURNS regclass LANGUAGE sql AS 'SELECT NULL::regclass';
GRANT ALL ON SCHEMA evil TO PUBLIC;
GRANT ALL ON ALL TABLES IN SCHEMA evil TO PUBLIC;
";

#[test]
fn a_schema_that_comes_first_is_not_looked_into() {
    let Some(cluster) = cluster() else { return };
    // By a setting of the database, of the role, and by the role's name, which libpq's default looks into first.
    for (attack, name) in [
        ("ALTER DATABASE {database} SET search_path = evil, pg_catalog, public", "evil"),
        ("ALTER ROLE lotline IN DATABASE {database} SET search_path = evil, public", "evil"),
        ("ALTER SCHEMA evil RENAME TO lotline", "lotline"),
    ] {
        let database = Database::create(Kind::Postgres).unwrap();
        database.execute(HOSTILE).unwrap();
        let own = database.lines("SELECT current_database()::text AS line").remove(0);
        database.execute(&attack.replace("{database}", &own)).unwrap();

        let (_, admin) = init(&database, "Example Clinics");
        let server = Process::serve(&database);
        assert_eq!(server.http.post(&admin, "/v1/sites", &site()).0, 201, "{attack}");
        assert_eq!(server.http.get(&admin, "/v1/sites").1["items"].as_array().unwrap().len(), 1);
        let verified = run(lotline("verify", &database));
        assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
        for table in ["organisations", "events", "event_subjects", "sites"] {
            let rows = |schema: &str| cluster.sql(&own, &format!("SELECT count(*) FROM {schema}.{table}"));
            assert_eq!(rows(name), "0\n", "{attack}: {name}.{table}");
            assert_ne!(rows("public"), "0\n", "{attack}: public.{table}");
        }
    }
}

/// What a connection of the pool has for a setting.
fn setting(database: &Database, name: &'static str) -> String {
    #[derive(diesel::QueryableByName)]
    struct Line {
        #[diesel(sql_type = diesel::sql_types::Text)]
        line: String,
    }
    let store = Store::open_beside(&database.url, &Settings { connections: 1, report_connections: 1 }).unwrap();
    let read = store.read(move |db| {
        let sql = format!("SELECT current_setting('{name}') AS line");
        Ok(diesel::RunQueryDsl::get_result::<Line>(diesel::sql_query(sql), db)?.line)
    });
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(read).unwrap()
}

/// Pages of large tables look dear to the planner, and to compile one takes longer than to read it (PostgreSQL's documentation, 32.2).
#[test]
fn no_statement_is_compiled_whatever_a_role_asks_for() {
    if cluster().is_none() {
        return;
    }
    let database = Database::create(Kind::Postgres).unwrap();
    let own = database.lines("SELECT current_database()::text AS line").remove(0);
    database.execute(&format!("ALTER ROLE lotline IN DATABASE {own} SET jit = on")).unwrap();
    assert_eq!(setting(&database, "jit"), "off");
}

#[test]
fn the_schema_is_public_or_the_one_that_the_url_names() {
    let Some(cluster) = cluster() else { return };
    let database = Database::create(Kind::Postgres).unwrap();
    assert_eq!(setting(&database, "search_path"), "public, pg_temp");

    // Tables that an older version made in the schema of its role: they are found, not made a second time.
    let older = Database::create(Kind::Postgres).unwrap();
    older.execute("ALTER SCHEMA public RENAME TO clinic; CREATE SCHEMA public").unwrap();
    let refused = run(lotline("migrate", &older));
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(!refused.status.success() && said.contains("in the schema clinic"), "{said}");
    assert!(said.contains("options=-csearch_path%3Dclinic"), "{said}");
    assert_eq!(cluster.sql(&older.url_text(), "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"), "0\n");
    let named = Database::at(format!("{}&options=-csearch_path%3Dclinic", older.url_text()).parse().unwrap());
    assert_eq!(setting(&named, "search_path"), "clinic, pg_temp");
    let (_, admin) = init(&named, "Example Clinics");
    assert_eq!(Process::serve(&named).http.get(&admin, "/v1/sites").0, 200);
    let verified = run(lotline("verify", &named));
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
}

/// One element of DER (ITU-T X.690, 8.1), whose content has less than 64 KiB.
fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap();
    let [high, low] = length.to_be_bytes();
    let head = match length {
        0..128 => vec![tag, low],
        128..256 => vec![tag, 0x81, low],
        _ => vec![tag, 0x82, high, low],
    };
    [head, content.to_vec()].concat()
}

fn pem(label: &str, bytes: &[u8]) -> String {
    let text = STANDARD.encode(bytes);
    let lines: Vec<_> = text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

/// A certificate for a host that it signs itself (RFC 5280, version 1; RFC 8410 for the algorithm).
fn self_signed(host: &str) -> Certificate {
    let key = SigningKey::from_bytes(&[7; 32]);
    let sequence = |parts: &[Vec<u8>]| element(0x30, &parts.concat());
    let algorithm = sequence(&[vec![0x06, 3, 0x2b, 0x65, 0x70]]); // 1.3.101.112
    let common_name = [vec![0x06, 3, 0x55, 0x04, 0x03], element(0x0c, host.as_bytes())];
    let name = sequence(&[element(0x31, &sequence(&common_name))]);
    let bits = |bytes: &[u8]| element(0x03, &[&[0], bytes].concat());
    let to_be_signed = sequence(&[
        element(0x02, &[1]),
        algorithm.clone(),
        name.clone(),
        sequence(&[element(0x17, b"200101000000Z"), element(0x18, b"21200101000000Z")]),
        name,
        sequence(&[algorithm.clone(), bits(key.verifying_key().as_bytes())]),
    ]);
    let signature = key.sign(&to_be_signed).to_bytes();
    let certificate = sequence(&[to_be_signed, algorithm, bits(&signature)]);
    // Without the public half, which not every OpenSSL reads.
    let pair = KeypairBytes { secret_key: key.to_bytes(), public_key: None };
    Certificate { pem: pem("CERTIFICATE", &certificate), key: pair.to_pkcs8_pem(LineEnding::LF).unwrap().to_string() }
}

/// How many connections of Lotline's there are over the network, by whether they are encrypted.
fn encrypted(cluster: &Cluster) -> String {
    let sql = "SELECT s.ssl, count(*) > 0 FROM pg_stat_activity a JOIN pg_stat_ssl s USING (pid) \
        WHERE a.client_addr IS NOT NULL GROUP BY s.ssl";
    cluster.sql("postgres", sql)
}

/// Turns TLS off in a running PostgreSQL, and waits until it is.
fn turn_off(cluster: &Cluster) {
    cluster.sql("postgres", "ALTER SYSTEM SET ssl = off");
    cluster.sql("postgres", "SELECT pg_reload_conf()");
    let deadline = Instant::now() + Duration::from_secs(30);
    while cluster.sql("postgres", "SHOW ssl") != "off\n" {
        assert!(Instant::now() < deadline);
    }
}

#[test]
fn connections_to_another_machine_are_encrypted() {
    let certificate = self_signed("db.example");
    let Some(cluster) = PrivateCluster::with_certificate(&certificate) else { return };
    let name = cluster.empty_database().rsplit('/').next().unwrap().split('?').next().unwrap().to_owned();
    let port = cluster.port();
    // Its name is another machine's, its address is not: that is what the test can reach.
    let at = |host: &str, more: &str| {
        let url = format!("postgres://lotline@{host}:{port}/{name}?hostaddr=127.0.0.1{more}");
        Database::at(url.parse().unwrap())
    };
    let remote = at("db.example", "");
    let server = Process::serve(&remote);
    let world = World::beside(remote, server.http.clone());
    assert_eq!(server.http.get(&world.token(lotline::caller::Role::Auditor), "/v1/sites").0, 200);
    assert_eq!(encrypted(&cluster), "t|t\n");
    assert!(server.before.iter().all(|line| !line.contains("may be read on the way")), "{:?}", server.before);
    drop(server);
    let keys = world.database.patients();
    keys.ready().unwrap();
    let kept: Vec<_> = ["keys.db", "keys.db-wal"]
        .map(|name| (name, std::fs::read(world.database.dir().join(name)).unwrap_or_default()))
        .into_iter()
        .collect();
    drop(world);

    // The certificate is checked where that is asked for.
    let root = folder_with(&certificate.pem);
    let checked = format!("&sslmode=verify-full&sslrootcert={}", root.path().join("root.pem").display());
    let good = run(lotline("migrate", &at("db.example", &checked)));
    assert!(good.status.success(), "{good:?}");
    let other = run(lotline("migrate", &at("other.example", &checked)));
    let said = String::from_utf8_lossy(&other.stderr);
    assert!(!other.status.success() && said.contains("does not match host name"), "{said}");

    // Somebody in between says that there is no TLS: libpq alone would go on in plain text.
    turn_off(&cluster);
    let refused = run(lotline("migrate", &at("db.example", "")));
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(!refused.status.success() && said.contains("sslmode=disable"), "{said}");
    // Where the URL says so, it is taken, and said at each start.
    for mode in ["disable", "prefer"] {
        let database = at("db.example", &format!("&sslmode={mode}"));
        for (name, bytes) in &kept {
            std::fs::write(database.dir().join(name), bytes).unwrap();
        }
        let plain = Process::serve(&database);
        assert_eq!(encrypted(&cluster), "f|t\n");
        assert!(plain.before.iter().any(|line| line.contains("may be read on the way")), "{:?}", plain.before);
    }
    // This machine needs none.
    for host in ["127.0.0.1", "localhost", "[::1]"] {
        let output = run(lotline("migrate", &at(host, "")));
        assert!(output.status.success(), "{host}: {output:?}");
        assert!(!String::from_utf8_lossy(&output.stderr).contains("not encrypted"), "{output:?}");
    }
}

/// A folder with a root certificate.
fn folder_with(pem: &str) -> super::support::database::TempDir {
    let folder = super::support::database::TempDir::new();
    std::fs::write(folder.path().join("root.pem"), pem).unwrap();
    folder
}
