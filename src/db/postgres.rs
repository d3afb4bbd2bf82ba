//! PostgreSQL: how connections are opened.
//!
//! Names mean what they mean in one schema, whatever a role, a database or the environment says: somebody else's schema in
//! front of it, or a temporary table, is never looked into. Connections to another machine are encrypted, unless the URL
//! says otherwise.

use std::net::IpAddr;

use diesel::Connection;
use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use url::form_urlencoded;

use super::{DatabaseUrl, Db};
use crate::error::{Error, Result};

/// The schema of the tables, unless the URL's `options` name another.
const SCHEMA: &str = "public";

/// What a URL asks for.
#[derive(Debug, PartialEq, Eq)]
struct Address {
    /// For libpq.
    url: String,
    /// Where the tables are.
    schema: String,
    /// What is said for every start, because it was asked for: nothing is encrypted for certain.
    warning: Option<String>,
}

impl Address {
    /// Reads a URL; `environment` is what libpq reads beside it.
    fn of(url: &str, environment: impl Fn(&str) -> Option<String>) -> std::result::Result<Self, String> {
        let (hosts, query) = parts(url);
        let parameters: Vec<(String, String)> =
            form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect();
        let parameter = |name: &str| parameters.iter().rev().find(|(given, _)| given == name).map(|(_, v)| v.clone());
        let schema = schema(parameter("options").as_deref())?;
        let hosts = parameter("host").unwrap_or(hosts);
        let addresses = parameter("hostaddr").or_else(|| environment("PGHOSTADDR")).unwrap_or_default();
        let hosts = if hosts.is_empty() { environment("PGHOST").unwrap_or_default() } else { hosts };
        let local = hosts.split(',').chain(addresses.split(',')).all(is_local);
        let plain = |url: &str, warning| Address { url: url.to_owned(), schema: schema.clone(), warning };
        match parameter("sslmode").as_deref() {
            Some("disable" | "allow" | "prefer") if !local => Ok(plain(
                url,
                Some(format!(
                    "connections to {hosts} are not encrypted for certain: sslmode in the database URL says so"
                )),
            )),
            Some(_) => Ok(plain(url, None)),
            None if parameter("service").or_else(|| environment("PGSERVICE")).is_some() => {
                Err("a service file may name any host: say sslmode in the database URL, too".to_owned())
            }
            None if local => Ok(plain(url, None)),
            // What the environment asks for may be more, never less.
            None if environment("PGSSLMODE").is_some_and(|mode| ENCRYPTED.contains(&mode.as_str())) => {
                Ok(plain(url, None))
            }
            None => {
                let sign = if query.is_some() { '&' } else { '?' };
                Ok(plain(&format!("{url}{sign}sslmode=require"), None))
            }
        }
    }
}

/// The modes that never fall back to plain text.
const ENCRYPTED: [&str; 3] = ["require", "verify-ca", "verify-full"];

/// The hosts of a URL as it lists them, and its query, read as libpq reads them.
fn parts(url: &str) -> (String, Option<&str>) {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    // Who, if there is an @ before the first slash; a password may have a question mark in it.
    let before_path = rest.split('/').next().unwrap_or(rest);
    let rest = match before_path.split_once('@') {
        Some(_) => rest.split_once('@').map_or(rest, |(_, rest)| rest),
        None => rest,
    };
    let (place, query) = rest.split_once('?').map_or((rest, None), |(place, query)| (place, Some(query)));
    let hosts = place.split('/').next().unwrap_or(place).split(',').map(|host| match host.strip_prefix('[') {
        Some(address) => address.split(']').next().unwrap_or(address),
        None => host.split(':').next().unwrap_or(host),
    });
    (hosts.collect::<Vec<_>>().join(","), query)
}

/// Whether a host is this machine: a loopback address, or the folder of a socket (libpq's own, where none is named).
fn is_local(host: &str) -> bool {
    host.is_empty()
        || host.starts_with(['/', '@'])
        || host.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("%2f"))
        || host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// The schema that the options of a URL name by `-c search_path=NAME`.
fn schema(options: Option<&str>) -> std::result::Result<String, String> {
    let Some(options) = options else { return Ok(SCHEMA.to_owned()) };
    let mut words = options.split_whitespace();
    let mut schema = SCHEMA.to_owned();
    while let Some(word) = words.next() {
        let setting = match word {
            "-c" => words.next().unwrap_or_default(),
            word => word.strip_prefix("--").or_else(|| word.strip_prefix("-c")).unwrap_or_default(),
        };
        let Some((name, value)) = setting.split_once('=') else { continue };
        if !name.replace('-', "_").eq_ignore_ascii_case("search_path") {
            continue;
        }
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        let own = value.starts_with(|c: char| c.is_ascii_lowercase()) && value.chars().all(is_plain);
        if !own || value.starts_with("pg_") || value == "information_schema" {
            return Err(format!("search_path in the database URL must name one schema of Lotline's own, not {value}"));
        }
        value.clone_into(&mut schema);
    }
    Ok(schema)
}

fn address(url: &DatabaseUrl, text: &str) -> Result<Address> {
    Address::of(text, |name| std::env::var(name).ok()).map_err(|why| Error::Unavailable(format!("{url:?}: {why}")))
}

/// What whoever starts a process should know of its connections.
///
/// # Errors
/// When the URL asks for what there is not.
pub(super) fn warning(url: &DatabaseUrl, text: &str) -> Result<Option<String>> {
    Ok(address(url, text)?.warning)
}

/// What a request needs is found by index: no plan may read a whole table because its statistics are old, its rows few so far,
/// or most of them match, for that grows with what is stored. `work_mem` bounds what a plan may gather before it looks at the
/// first row (PostgreSQL has no other switch against subqueries that are hashed whole).
pub(super) const BY_INDEX: &str = "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; \
    SET work_mem = '256kB'; SET hash_mem_multiplier = 1";

/// What reports need besides: each is planned for what it asks, as a plan for whatever could be asked takes a status of one
/// order in a hundred for that of half of them.
pub(super) const FOR_REPORTS: &str = "SET plan_cache_mode = force_custom_plan";

/// Opens a connection.
///
/// # Errors
/// When the database cannot be reached as its URL asks.
pub(super) fn open(url: &DatabaseUrl, text: &str) -> Result<Db> {
    let Address { url: asked, schema, .. } = address(url, text)?;
    let unavailable = |e: &dyn std::fmt::Display| Error::Unavailable(format!("{url:?}: {e}"));
    let mut conn = PgConnection::establish(&asked).map_err(|e| {
        let hint = if e.to_string().contains("does not support SSL") {
            "; give the server a certificate, or say sslmode=disable in the URL where nobody listens in between"
        } else {
            ""
        };
        unavailable(&format!("{e}{hint}"))
    })?;
    // No statement looks through enough to be worth compiling, but the planner weighs what the index holds, not what a page takes:
    // each page of a list of a million rows was compiled anew, which took about twice as long as reading it.
    conn.batch_execute(&format!(
        "SET search_path = \"{schema}\", pg_temp; SET jit = off; \
         SET TIME ZONE 'UTC'; SET client_min_messages = warning; SET statement_timeout = '15s'; \
         SET lock_timeout = '5s'; SET idle_in_transaction_session_timeout = '30s';"
    ))
    .map_err(|e| unavailable(&e))?;
    Ok(Db::Postgres(conn))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(url: &str, environment: &[(&str, &str)]) -> std::result::Result<Address, String> {
        Address::of(url, |name| environment.iter().find(|(given, _)| *given == name).map(|(_, v)| (*v).to_owned()))
    }

    /// Where libpq would fall back to plain text (its default is `prefer`: PostgreSQL's documentation, 32.19), it must not.
    #[test]
    fn connections_to_other_machines_are_encrypted_unless_the_url_says_otherwise() {
        for (url, environment, required, warned) in [
            ("postgres://lotline@db.example/lotline", &[][..], true, false),
            ("postgres://lotline@db.example:5433/lotline?connect_timeout=3", &[], true, false),
            ("postgres://db.example", &[], true, false),
            ("postgres://lotline:p?ss:w@db.example/lotline", &[], true, false),
            ("postgres://10.0.0.7/lotline", &[], true, false),
            ("postgres://[2001:db8::1]:5432/lotline", &[], true, false),
            ("postgres://localhost,db.example/lotline", &[], true, false),
            ("postgres://db.example/lotline?hostaddr=127.0.0.1", &[], true, false),
            ("postgres://localhost/lotline?host=db.example", &[], true, false),
            ("postgres://localhost/lotline?hostaddr=10.0.0.7", &[], true, false),
            ("postgres://localhost.example/lotline", &[], true, false),
            ("postgres:///lotline?host=db.example", &[], true, false),
            ("postgres:///lotline", &[("PGHOST", "db.example")], true, false),
            ("postgres://localhost/lotline", &[("PGHOSTADDR", "10.0.0.7")], true, false),
            ("postgres://db.example/lotline", &[("PGSSLMODE", "disable")], true, false),
            ("postgres://db.example/lotline", &[("PGSSLMODE", "verify-full")], false, false),
            ("postgres://db.example/lotline?sslmode=verify-full", &[], false, false),
            ("postgres://db.example/lotline?sslmode=require", &[], false, false),
            ("postgres://db.example/lotline?sslmode=disable", &[], false, true),
            ("postgres://db.example/lotline?sslmode=allow", &[], false, true),
            ("postgres://db.example/lotline?sslmode=prefer", &[], false, true),
            ("postgres://localhost/lotline?sslmode=disable", &[], false, false),
            ("postgres://lotline@localhost/lotline", &[], false, false),
            ("postgres://lotline@LOCALHOST:5432/lotline", &[], false, false),
            ("postgres://127.0.0.2/lotline", &[], false, false),
            ("postgres://[::1]/lotline", &[], false, false),
            ("postgres:///lotline", &[], false, false),
            ("postgres:///lotline?host=/run/postgresql", &[], false, false),
            ("postgres:///lotline?host=%2Frun%2Fpostgresql", &[], false, false),
            ("postgres://%2Frun%2Fpostgresql/lotline", &[], false, false),
            ("postgres:///lotline", &[("PGHOST", "/run/postgresql")], false, false),
        ] {
            let address = read(url, environment).unwrap();
            let sign = if url.contains("=") { "&" } else { "?" };
            let expected = if required { format!("{url}{sign}sslmode=require") } else { url.to_owned() };
            assert_eq!((address.url, address.warning.is_some()), (expected, warned), "{url} {environment:?}");
        }
        for (url, environment) in
            [("postgres:///lotline?service=clinic", &[][..]), ("postgres:///lotline", &[("PGSERVICE", "clinic")])]
        {
            assert!(read(url, environment).unwrap_err().contains("sslmode"), "{url}");
            assert!(read("postgres:///lotline?service=clinic&sslmode=verify-full", environment).is_ok());
        }
    }

    #[test]
    fn one_schema_is_looked_into() {
        for (options, schema) in [
            ("", "public"),
            ("?options=-c%20statement_timeout%3D0", "public"),
            ("?options=-c%20search_path%3Dlotline", "lotline"),
            ("?options=-csearch_path%3Dlotline_2", "lotline_2"),
            ("?options=--search-path%3Dlotline", "lotline"),
            ("?options=-c%20SEARCH_PATH%3Dlotline%20-c%20work_mem%3D8MB", "lotline"),
        ] {
            let url = format!("postgres:///lotline{options}");
            assert_eq!(read(&url, &[]).map(|address| address.schema), Ok(schema.to_owned()), "{url}");
        }
        for value in ["evil,public", "%22evil%22", "pg_temp", "pg_catalog", "information_schema", "", "Evil", "a%3Bb"] {
            let url = format!("postgres:///lotline?options=-csearch_path%3D{value}");
            assert!(read(&url, &[]).unwrap_err().contains("one schema"), "{url}");
        }
    }
}
