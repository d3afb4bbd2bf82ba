//! The numbers of a process, which go up exactly as they must and name nobody; and what it says that it lacks.

use std::collections::BTreeMap;

use lotline::caller::Role;
use serde_json::json;

use super::support::clinic::scan;
use super::support::{World, on_both_databases};

on_both_databases!(numbers_go_up_as_they_must, no_caller_makes_them_grow, what_is_missing_is_named);

/// Every sample by its name and labels; the text must have the shape of the text format 0.0.4.
fn samples(world: &World) -> BTreeMap<String, f64> {
    let answer = world.http.send("GET", "/metrics", &[], None);
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    let text = String::from_utf8(answer.bytes).unwrap();
    assert!(text.ends_with('\n'));
    let (mut found, mut declared) = (BTreeMap::new(), BTreeMap::new());
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').unwrap();
            assert!(["counter", "gauge", "histogram"].contains(&kind), "{line}");
            assert!(declared.insert(name.to_owned(), kind.to_owned()).is_none(), "once: {line}");
        } else if !line.starts_with("# HELP ") {
            let (name, value) = line.rsplit_once(' ').unwrap();
            let family = name.split('{').next().unwrap();
            assert!(family.starts_with("lotline_"), "{line}");
            let of_histogram = ["_bucket", "_sum", "_count"].iter().find_map(|end| family.strip_suffix(end));
            assert!(
                declared.contains_key(family) || of_histogram.is_some_and(|f| declared[f] == "histogram"),
                "{line}"
            );
            if declared.get(family).is_some_and(|kind| kind == "counter") {
                assert!(family.ends_with("_total"), "{line}");
            }
            assert!(found.insert(name.to_owned(), value.parse().unwrap()).is_none(), "once: {line}");
        }
    }
    found
}

/// By how much every sample of some families has changed.
fn changes(before: &BTreeMap<String, f64>, after: &BTreeMap<String, f64>, families: &[&str]) -> BTreeMap<String, f64> {
    let of = |name: &&String| families.contains(&name.split('{').next().unwrap());
    let changed = after.keys().filter(of).map(|name| (name.clone(), after[name] - before.get(name).unwrap_or(&0.0)));
    changed.filter(|(_, by)| *by != 0.0).collect()
}

fn expected(rows: &[(&str, f64)]) -> BTreeMap<String, f64> {
    rows.iter().map(|(name, by)| ((*name).to_owned(), *by)).collect()
}

fn numbers_go_up_as_they_must(world: &World) {
    let clinic = world.clinic();
    let (receipt, quarantined) = clinic.receive("LOT1", super::support::clinic::EXPIRY, 1);
    let lot = clinic.receive_inspect_release("LOT2", 4);
    let question = json!({"code": scan("270630", "LOT2", None), "site_id": clinic.site,
        "practitioner_id": clinic.practitioner, "purpose": "administer"});
    let before = samples(world);

    assert_eq!(clinic.post(Role::Practitioner, "/v1/scans", &question).0, 200);
    assert_eq!(clinic.administer(&lot, 1).0, 201);
    assert_eq!(clinic.administer(&lot, 1).0, 201);
    assert_eq!(clinic.administer(&quarantined, 1).0, 409);
    let mut late = clinic.administration(&quarantined, 1);
    late["retrospective"] = json!({"reason": "It has happened"});
    assert_eq!(clinic.post(Role::Practitioner, "/v1/administrations", &late).0, 201);
    let release = clinic.release(1);
    assert_eq!(clinic.post(Role::Quality, &format!("/v1/lots/{quarantined}/releases"), &release).0, 409);
    let key = [("idempotency-key", "once")];
    let body = clinic.administration(&lot, 1);
    for _ in 0..2 {
        let answer = world.http.post_with(&world.token(Role::Practitioner), "/v1/administrations", &key, &body);
        assert_eq!(answer.status, 201);
    }
    world.read(&format!("/v1/receipts/{receipt}"));
    world.read(&format!("/v1/lots/{lot}"));
    world.read(&format!("/v1/lots/{quarantined}"));
    assert_eq!(world.http.get("nonsense", "/v1/stock").0, 401);
    let after = samples(world);

    let decisions = changes(&before, &after, &["lotline_decisions_total", "lotline_decision_reasons_total"]);
    let mut wanted = expected(&[
        ("lotline_decisions_total{decision=\"allowed\",gate=\"create_scan\"}", 1.0),
        // The repeated request was decided once.
        ("lotline_decisions_total{decision=\"allowed\",gate=\"create_administration\"}", 3.0),
        ("lotline_decisions_total{decision=\"refused\",gate=\"create_administration\"}", 1.0),
        ("lotline_decisions_total{decision=\"recorded_in_retrospect\",gate=\"create_administration\"}", 1.0),
        ("lotline_decisions_total{decision=\"refused\",gate=\"create_release\"}", 1.0),
        ("lotline_decision_reasons_total{gate=\"create_administration\",reason=\"lot_quarantined\"}", 2.0),
        ("lotline_decision_reasons_total{gate=\"create_release\",reason=\"not_inspected\"}", 1.0),
    ]);
    // What else the gates found, by the answers themselves.
    for (gate, count) in [("create_administration", 2.0), ("create_release", 1.0)] {
        for code in ["stock_not_on_hand", "units_not_passed"] {
            let name = format!("lotline_decision_reasons_total{{gate=\"{gate}\",reason=\"{code}\"}}");
            if decisions.contains_key(&name) {
                wanted.insert(name, count);
            }
        }
    }
    assert_eq!(decisions, wanted);
    assert_eq!(
        changes(&before, &after, &["lotline_http_requests_total"]),
        expected(&[
            ("lotline_http_requests_total{method=\"GET\",route=\"/metrics\",status=\"200\"}", 1.0),
            ("lotline_http_requests_total{method=\"GET\",route=\"/v1/lots/{id}\",status=\"200\"}", 2.0),
            ("lotline_http_requests_total{method=\"GET\",route=\"/v1/receipts/{id}\",status=\"200\"}", 1.0),
            ("lotline_http_requests_total{method=\"GET\",route=\"/v1/stock\",status=\"401\"}", 1.0),
            ("lotline_http_requests_total{method=\"POST\",route=\"/v1/administrations\",status=\"201\"}", 5.0),
            ("lotline_http_requests_total{method=\"POST\",route=\"/v1/administrations\",status=\"409\"}", 1.0),
            ("lotline_http_requests_total{method=\"POST\",route=\"/v1/lots/{id}/releases\",status=\"409\"}", 1.0),
            ("lotline_http_requests_total{method=\"POST\",route=\"/v1/scans\",status=\"200\"}", 1.0),
        ])
    );
    let count = "lotline_http_request_duration_seconds_count{method=\"POST\",route=\"/v1/administrations\"}";
    assert_eq!(after[count] - before.get(count).unwrap_or(&0.0), 6.0);
    // Only the one that asks is being worked on.
    assert_eq!(after["lotline_http_requests_in_flight"], 1.0);
    assert!(after["lotline_http_connections"] >= 1.0);
    assert!(after["lotline_database_connections"] >= 1.0);
    let by = |name: &str| after[name] - before[name];
    // Eight changes were written on SQLite, refusals and the repeated one among them; on PostgreSQL each has a connection.
    match world.database.kind {
        super::support::Kind::Sqlite => {
            assert_eq!(by("lotline_writer_batch_changes_sum"), 7.0);
            assert!((1.0..=7.0).contains(&by("lotline_writer_batch_changes_count")));
            assert_eq!(by("lotline_database_wait_seconds_count"), 4.0);
        }
        super::support::Kind::Postgres => {
            assert_eq!(by("lotline_writer_batch_changes_sum"), 0.0);
            assert_eq!(by("lotline_database_wait_seconds_count"), 11.0);
        }
    }
    assert_eq!(after["lotline_writer_queue_changes"], 0.0);
    let text = String::from_utf8(world.http.send("GET", "/metrics", &[], None).bytes).unwrap();
    for private in [world.organisation.as_str(), "org_", "P-1001", "practitioner\"", "LOT2", clinic.site.as_str()] {
        assert!(!text.contains(private), "{private}");
    }
}

fn no_caller_makes_them_grow(world: &World) {
    let bearer = format!("Bearer {}", world.token(Role::Auditor));
    let ask = |i: usize| {
        let headers = [("authorization", bearer.as_str())];
        world.http.send("GET", &format!("/v1/nothing-{i}"), &headers, None);
        world.http.send("GET", &format!("/v1/sites/nothing-{i}"), &headers, None);
        world.http.send("GET", &format!("/{i}?x={i}"), &headers, None);
        world.http.send(&format!("METHOD{i}"), "/v1/sites", &headers, None);
        world.http.send("GET", "/v1/sites", &[("authorization", &format!("Bearer {i}"))], None);
    };
    ask(0);
    let names = |world: &World| samples(world).into_keys().collect::<Vec<_>>();
    names(world); // the route of the numbers themselves
    let before = names(world);
    (1..40).for_each(ask);
    assert_eq!(names(world), before);
}

fn what_is_missing_is_named(world: &World) {
    let ready = || world.http.send("GET", "/readyz", &[], None);
    let assert_lacks = |what: &str, how: &str| {
        let answer = ready();
        assert_eq!(answer.status, 503, "{what}");
        assert_eq!(answer.header("content-type"), Some("application/problem+json"));
        assert_eq!(answer.header("retry-after"), Some("1"));
        let problem = answer.json();
        assert_eq!((&problem["code"], &problem["status"]), (&json!("not_ready"), &json!(503)));
        assert_eq!(problem["detail"], format!("{what}: {how}."));
        for dependency in ["database", "migrations", "evidence", "signing_keys"] {
            let wanted = if dependency == what { how } else { "ok" };
            assert_eq!(problem["dependencies"][dependency], wanted, "{dependency} of {problem}");
        }
        let instance = problem["instance"].as_str().unwrap().strip_prefix("urn:request:");
        assert_eq!(instance, answer.header("x-request-id"));
        assert_eq!(world.http.send("GET", "/healthz", &[], None).status, 200, "alive all the same");
    };
    let assert_ready = || {
        let answer = ready();
        let all = json!({"database": "ok", "migrations": "ok", "evidence": "ok", "signing_keys": "ok"});
        assert_eq!((answer.status, answer.json()), (200, json!({"dependencies": all})));
    };
    assert_ready();
    for (what, folder, how) in [("evidence", "evidence", "unreachable"), ("signing_keys", "keys", "missing")] {
        let (here, away) = (world.database.dir().join(folder), world.database.dir().join("away"));
        std::fs::rename(&here, &away).unwrap();
        assert_lacks(what, how);
        std::fs::rename(&away, &here).unwrap();
        assert_ready();
    }
    world.database.execute("UPDATE __diesel_schema_migrations SET version = 'away' WHERE version = (SELECT MAX(version) FROM __diesel_schema_migrations)").unwrap();
    assert_lacks("migrations", "pending");
    let newest = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/sqlite")).unwrap();
    let newest = newest.map(|entry| entry.unwrap().file_name().into_string().unwrap()).max().unwrap();
    let version = newest.split('_').next().unwrap().replace('-', "");
    world
        .database
        .execute(&format!("UPDATE __diesel_schema_migrations SET version = '{version}' WHERE version = 'away'"))
        .unwrap();
    assert_ready();
}
