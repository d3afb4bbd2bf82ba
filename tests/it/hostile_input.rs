//! Every operation of the document, with everything that somebody could put in the place of what it takes. What is
//! refused is refused by a problem and changes nothing; nothing is answered with an error of ours.
//!
//! The operations, their bodies and parameters come from the document: a new one is covered by being there.

use lotline::app::docs;
use lotline::caller::Role;
use serde_json::{Map, Value, json};

use super::support::client::assert_problem;
use super::support::clinic::id;
use super::support::{Answer, Clinic, World, on_both_databases};

on_both_databases!(bodies, strange_json, queries, paths);

/// The document.
fn document() -> Value {
    serde_json::to_value(docs::document()).unwrap()
}

/// What takes a file.
const FILES: [&str; 6] = [
    "create_evidence",
    "add_photograph",
    "photograph_adverse_event",
    "create_image_scan",
    "import_readings",
    "create_import",
];

/// An operation that takes JSON: method, path, and a body with ids of things that exist.
fn operations_with_a_body(clinic: &Clinic) -> Vec<(String, String, Value)> {
    let document = document();
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            let reference = schema["$ref"]
                .as_str()
                .or_else(|| schema["oneOf"].as_array()?.iter().find_map(|one| one["$ref"].as_str()));
            let Some(reference) = reference else {
                let other =
                    operation.get("requestBody").is_none() || FILES.iter().any(|id| operation["operationId"] == **id);
                assert!(other, "{method} {path}: a body without a schema of its own: {schema}");
                continue;
            };
            let name = reference.rsplit('/').next().unwrap();
            let schema = &document["components"]["schemas"][name];
            let example = schema.get("example").or_else(|| schema["examples"].get(0)).cloned();
            let properties = || schema["properties"].as_object().into_iter().flatten();
            let example = example.unwrap_or_else(|| properties().map(|(name, _)| (name.clone(), json!("x"))).collect());
            found.push((method.to_uppercase(), known_path(clinic, path), known_ids(clinic, example)));
        }
    }
    assert!(found.len() > 30, "{}", found.len());
    found
}

fn known_id(clinic: &Clinic, prefix: &str) -> Option<String> {
    Some(match prefix {
        "site" => clinic.site.clone(),
        "loc" => clinic.stock.clone(),
        "prd" => clinic.product.clone(),
        "sup" => clinic.supplier.clone(),
        "prac" => clinic.practitioner.clone(),
        "lic" => clinic.registration.clone(),
        "sen" => clinic.read("/v1/sensors?limit=1")["items"][0]["id"].as_str()?.to_owned(),
        "exc" => clinic.read("/v1/excursions?limit=1")["items"][0]["id"].as_str()?.to_owned(),
        "rcal" => clinic.read("/v1/recalls?limit=1")["items"][0]["id"].as_str()?.to_owned(),
        "stt" => clinic.read("/v1/stock-takes?limit=1")["items"][0]["id"].as_str()?.to_owned(),
        "clm" => clinic.read("/v1/claims?limit=1")["items"][0]["id"].as_str()?.to_owned(),
        "con" => clinic.read("/v1/containers?limit=1")["items"][0]["id"].as_str()?.to_owned(),
        "lot" => clinic.read("/v1/lots?limit=1")["items"][0]["id"].as_str()?.to_owned(),
        "rec" => clinic.read("/v1/receipts?limit=1")["items"][0]["id"].as_str()?.to_owned(),
        _ => return None,
    })
}

fn known_ids(clinic: &Clinic, value: Value) -> Value {
    match value {
        Value::String(text) => {
            let prefix = text.split_once('_').map(|(prefix, _)| prefix.to_owned());
            let known =
                prefix.filter(|_| text.contains("0000-7000-8000-")).and_then(|prefix| known_id(clinic, &prefix));
            Value::String(known.unwrap_or(text))
        }
        Value::Array(values) => values.into_iter().map(|value| known_ids(clinic, value)).collect(),
        Value::Object(fields) => {
            fields.into_iter().map(|(name, value)| (name, known_ids(clinic, value))).collect::<Map<_, _>>().into()
        }
        other => other,
    }
}

fn known_path(clinic: &Clinic, path: &str) -> String {
    let collection = path.trim_start_matches("/v1/").split('/').next().unwrap();
    let prefix = match collection {
        "sites" => "site",
        "locations" => "loc",
        "products" => "prd",
        "suppliers" => "sup",
        "practitioners" => "prac",
        "licences" => "lic",
        "sensors" => "sen",
        "excursions" => "exc",
        "recalls" => "rcal",
        "containers" => "con",
        "claims" => "clm",
        "stock-takes" => "stt",
        "lots" => "lot",
        "receipts" => "rec",
        _ => "nothing",
    };
    path.replace("{id}", &known_id(clinic, prefix).unwrap_or_else(|| "nothing".to_owned()))
        .replace("{sha256}", "x")
        .replace("{kind}", "x")
}

/// Every place in a body, as a JSON pointer.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                found.push(format!("{at}/{name}"));
                places(value, &format!("{at}/{name}"), found);
            }
        }
        Value::Array(values) => {
            if let Some(first) = values.first() {
                found.push(format!("{at}/0"));
                places(first, &format!("{at}/0"), found);
            }
        }
        _ => {}
    }
}

/// What is put in every place, as JSON text: another type, a number that does not fit, a day that hardly exists, a text
/// that means something elsewhere.
const STRANGERS: &[&str] = &[
    "null",
    "true",
    "[]",
    "{}",
    "[null]",
    "{\"a\":1}",
    "0",
    "-1",
    "1.0",
    "1e2",
    "1.5",
    "-0",
    "9007199254740993",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775809",
    "18446744073709551616",
    "340282366920938463463374607431768211456",
    "1e308",
    "-1e308",
    "1e400",
    "\"\"",
    "\" \"",
    "\"\\u0000\"",
    "\"a\\u0000b\"",
    "\"\\ud800\"",
    "\"\\udc00\\ud800\"",
    "\"\\ufeff\"",
    "\"\\u202e\"",
    "\"\\u0007\"",
    "\"0001-01-01\"",
    "\"0000-01-01\"",
    "\"9999-12-31\"",
    "\"10000-01-01\"",
    "\"+10000-01-01\"",
    "\"-0001-01-01\"",
    "\"262143-01-01\"",
    "\"2026-02-30\"",
    "\"0001-01-01T00:00:00Z\"",
    "\"0001-01-01T00:00:00+23:59\"",
    "\"9999-12-31T23:59:59.999999999Z\"",
    "\"9999-12-31T23:59:59-23:59\"",
    "\"10000-01-01T00:00:00Z\"",
    "\"+294277-01-01T00:00:00Z\"",
    "\"2026-06-30T23:59:60Z\"",
    "\"2026-06-30T24:00:00Z\"",
    "\"infinity\"",
    "\"'; DROP TABLE events; --\"",
    "\"' OR '1'='1\"",
    "\"%\"",
    "\"_\"",
    "\"\\\\\"",
    "\"=1+1\"",
    "\"=cmd|' /C calc'!A0\"",
    "\"@SUM(1)\"",
    "\"a,b\\\"c\"",
    "\"<script>alert(1)</script>\"",
    "\"../../etc/passwd\"",
    "\"$1\"",
    "\"{{7*7}}\"",
    "\"*\"",
];

fn send(world: &World, method: &str, path: &str, body: &str) -> Answer {
    let bearer = format!("Bearer {}", world.token_as("everybody", Role::ALL));
    let mut headers = vec![("authorization", bearer.as_str()), ("content-type", "application/json")];
    headers.extend((method == "PUT").then_some(("if-match", "*")));
    world.http.send(method, path, &headers, Some(body.as_bytes()))
}

/// An answer is what was asked for, or a problem of the caller's.
fn assert_theirs(answer: &Answer, what: &str) {
    assert!(answer.status < 500, "{what}: {} {}", answer.status, answer.json());
    if answer.status >= 400 {
        let problem = answer.json();
        let code = problem["code"].as_str().unwrap_or_default().to_owned();
        assert_problem(answer, answer.status, &code, what);
    }
}

fn bodies(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 20);
    let opening = json!({"lot_id": lot, "location_id": clinic.stock});
    clinic.create(Role::Practitioner, "/v1/containers", &opening);
    super::excursions::too_warm(world, &clinic.stock);
    super::recalls::of_nothing(&clinic);
    super::stocktakes::of_the_fridge(&clinic);
    super::claims::of_a_unit(&clinic);
    // PostgreSQL, which takes less than SQLite does, gets all; SQLite a third at each place, in turn.
    let part = if world.database.url_text().starts_with("postgres") { 1 } else { 3 };
    let (mut sent, mut turn) = (0, 0);
    let mut before = world.database.state();
    for (method, path, body) in operations_with_a_body(&clinic) {
        let mut all = Vec::new();
        places(&body, "", &mut all);
        for place in all {
            turn += 1;
            for stranger in STRANGERS.iter().skip(turn % part).step_by(part) {
                let mut strange = body.clone();
                *strange.pointer_mut(&place).unwrap() = json!("A-STRANGER");
                let text = strange.to_string().replacen("\"A-STRANGER\"", stranger, 1);
                let answer = send(world, &method, &path, &text);
                let what = format!("{method} {path} {place} {stranger}");
                assert_theirs(&answer, &what);
                // A refusal of a gate is journalled; every other refusal leaves nothing.
                let after = world.database.state();
                if answer.status >= 400 && answer.json()["code"] != "gate_refused" {
                    assert_eq!(after, before, "{what}");
                }
                before = after;
                sent += 1;
            }
        }
        // What only the server says.
        for (name, value) in [
            ("organisation_id", json!("org_00000000-0000-7000-8000-000000000000")),
            ("recorded_at", json!("2020-01-01T00:00:00Z")),
            ("roles", json!(["admin"])),
            ("id", json!("x")),
            ("actor", json!({"subject": "somebody else", "roles": ["admin"]})),
            ("decision", json!({"allowed": true})),
            ("__proto__", json!({})),
        ] {
            let mut nested = vec![String::new()];
            places(&body, "", &mut nested);
            for place in nested {
                let mut strange = body.clone();
                let Some(object) = strange.pointer_mut(&place).and_then(Value::as_object_mut) else { continue };
                // Things do have names like these: then they are what they are.
                if object.contains_key(name) || ["/checklists", "/treatment_gates"].contains(&place.as_str()) {
                    continue;
                }
                object.insert(name.to_owned(), value.clone());
                let what = format!("{method} {path} {place}/{name}");
                // What has versions is sent back with its id; another is not taken for it.
                let answer = send(world, &method, &path, &strange.to_string());
                // What is wrong with a reading is its verdict.
                if path == "/v1/readings" && place.starts_with("/readings/") {
                    assert_eq!(answer.json()["rejected"][0]["code"], "unknown_field", "{what}");
                    continue;
                }
                let sent_back = matches!(&*method, "PUT" | "PATCH")
                    && place.is_empty()
                    && answer.json()["code"] == "read_only_field";
                let code = if sent_back && matches!(name, "id" | "organisation_id") {
                    "read_only_field"
                } else {
                    "unknown_field"
                };
                assert_problem(&answer, 422, code, &what);
            }
            assert_eq!(world.database.state(), before);
        }
    }
    assert!(sent > 3_000, "{sent}");
    // And whatever was taken can be shown: no date or number in it is too much for what is computed from it.
    for list in [
        "sites",
        "locations",
        "products",
        "suppliers",
        "practitioners",
        "licences",
        "sensors",
        "policies",
        "orders",
        "receipts",
        "stock",
        "lots",
        "holds",
        "excursions",
        "recalls",
        "inspections",
        "releases",
        "packs",
        "movements",
        "administrations",
        "containers",
        "stock-takes",
        "levels",
        "protocols",
        "prescriptions",
        "visits",
        "follow-ups",
        "adverse-events",
        "signals",
        "deviations",
        "attention",
        "work",
        "me",
        "events",
    ] {
        let (status, answer) = world.http.get(&world.token(Role::Auditor), &format!("/v1/{list}"));
        assert_eq!(status, 200, "{list}: {answer}");
    }
}

fn strange_json(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 20);
    let opening = json!({"lot_id": lot, "location_id": clinic.stock});
    clinic.create(Role::Practitioner, "/v1/containers", &opening);
    super::excursions::too_warm(world, &clinic.stock);
    super::recalls::of_nothing(&clinic);
    super::stocktakes::of_the_fridge(&clinic);
    super::claims::of_a_unit(&clinic);
    let before = world.database.state();
    for (method, path, body) in operations_with_a_body(&clinic) {
        let what = |how: &str| format!("{method} {path}: {how}");
        let text = body.to_string();
        let fields = body.as_object().unwrap();
        // An array of the values in their order is not the object.
        let values: Value = fields.values().cloned().collect();
        assert_problem(&send(world, &method, &path, &values.to_string()), 422, "invalid_body", &what("an array"));
        for (name, value) in fields {
            if value.is_object() && path != "/v1/policies" {
                let mut inner = body.clone();
                inner[name] = value.as_object().unwrap().values().cloned().collect();
                assert_problem(&send(world, &method, &path, &inner.to_string()), 422, "invalid_body", &what(name));
            }
        }
        // A name twice, with the same value or another, also spelt with an escape.
        let Some((name, value)) = fields.iter().next() else { continue };
        let escaped = format!("\\u{:04x}{}", u32::from(name.as_bytes()[0]), &name[1..]);
        for twice in [
            format!("{{\"{name}\":{value},{}", &text[1..]),
            format!("{{\"{name}\":null,{}", &text[1..]),
            format!("{{\"{escaped}\":{value},{}", &text[1..]),
        ] {
            let answer = send(world, &method, &path, &twice);
            let code = answer.json()["code"].clone();
            assert!(code == "duplicate_field" || (code == "invalid_body" && twice.contains("null")), "{code} {twice}");
            assert_eq!(answer.status, 422, "{twice}");
        }
        // Not JSON, or not text.
        let mut not_utf8 = text.clone().into_bytes();
        not_utf8.splice(2..2, [0xff, 0xfe]);
        let bearer = format!("Bearer {}", world.token_as("everybody", Role::ALL));
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/json"), ("if-match", "*")];
        let answer = world.http.send(&method, &path, &headers, Some(&not_utf8));
        assert_problem(&answer, 400, "malformed_json", &what("not UTF-8"));
        for broken in [
            format!("\u{feff}{text}"),
            format!("{text}{text}"),
            format!("{text}\u{0}"),
            format!("{text},"),
            format!("/* */{text}"),
            text.replace('"', "'"),
        ] {
            assert_problem(&send(world, &method, &path, &broken), 400, "malformed_json", &what(&broken));
        }
    }
    // A map has each of its keys once, too.
    let policy = r#"{"checklists":{"ha_filler":["label_legible"],"ha_filler":[]}}"#;
    assert_problem(&send(world, "PUT", "/v1/policies", policy), 422, "duplicate_field", "a map");
    assert_eq!(world.database.state(), before);
}

fn queries(world: &World) {
    let clinic = world.clinic();
    clinic.receive_inspect_release("LOT1", 2);
    let before = world.database.state();
    let bearer = format!("Bearer {}", world.token_as("everybody", Role::ALL));
    let ask = |path: &str| world.http.send("GET", path, &[("authorization", &bearer)], None);
    let (document, mut asked) = (document(), 0);
    for (path, item) in document["paths"].as_object().unwrap() {
        let operation = &item["get"];
        if operation.is_null() || !path.starts_with("/v1/") {
            continue;
        }
        let address = known_path(&clinic, path);
        assert_problem(&ask(&format!("{address}?colour=blue")), 400, "malformed_query", &address);
        assert_problem(&ask(&format!("{address}?organisation_id=x")), 400, "malformed_query", &address);
        assert_problem(&ask(&format!("{address}?=")), 400, "malformed_query", &address);
        let many: Vec<_> = (0..500).map(|i| format!("p{i}={i}")).collect();
        assert_problem(&ask(&format!("{address}?{}", many.join("&"))), 400, "malformed_query", &address);
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            if parameter["in"] != "query" {
                continue;
            }
            let name = parameter["name"].as_str().unwrap();
            let twice = format!("{address}?{name}=1&{name}=1");
            assert_problem(&ask(&twice), 400, "malformed_query", &twice);
            for value in [
                "",
                "%00",
                "a%00b",
                "%ff",
                "%zz",
                "%",
                "+",
                "%f0%9f%92%89",
                "9223372036854775808",
                "-1",
                "1.5",
                "null",
                "0001-01-01",
                "9999-12-31",
                "10000-01-01",
                "%2B10000-01-01",
                "0001-01-01T00:00:00Z",
                "9999-12-31T23:59:59.999999Z",
                "%2B294277-01-01T00:00:00Z",
                "';DROP%20TABLE%20events;--",
                "'%20OR%20'1'='1",
                "%25",
                "_",
                "%5c",
                "%22",
                "a%0d%0ab",
                "=1",
                "true",
                "*",
                "%ed%a0%80",
            ] {
                let address = format!("{address}?{name}={value}");
                let answer = ask(&address);
                assert_theirs(&answer, &address);
                assert!(matches!(answer.status, 200 | 400 | 404 | 422), "{address}: {}", answer.status);
                asked += 1;
            }
        }
    }
    assert!(asked > 1_000, "{asked}");
    // Where a change takes no parameters, it takes none either.
    for path in ["/v1/sites?x=1", "/v1/sites?name=x", "/v1/administrations?retrospective=true"] {
        assert_problem(&send(world, "POST", path, "{}"), 400, "malformed_query", path);
    }
    assert_eq!(world.database.state(), before);
}

fn paths(world: &World) {
    let clinic = world.clinic();
    let made = clinic.read("/v1/sites");
    assert_eq!(id(&made["items"][0]), clinic.site);
    let before = world.database.state();
    let bearer = format!("Bearer {}", world.token_as("everybody", Role::ALL));
    for (path, item) in document()["paths"].as_object().unwrap() {
        if !path.contains('{') {
            continue;
        }
        for nonsense in [
            "%00",
            "%ff",
            "%zz",
            "%",
            "%2e%2e",
            "..%2f..%2fetc",
            "%252e",
            "'",
            "%20",
            "a%0d%0aset-cookie:x",
            "*",
            &"9".repeat(4000),
            "%ed%a0%80",
            "%c0%ae",
        ] {
            let address = path.replace("{id}", nonsense).replace("{sha256}", nonsense);
            for (method, operation) in item.as_object().unwrap() {
                let body = operation.get("requestBody").map(|_| b"{}".as_slice());
                let json = ("content-type", "application/json");
                let headers = [("authorization", bearer.as_str()), json, ("if-match", "*")];
                let method = method.to_uppercase();
                let body = if method == "GET" { None } else { body.or(Some(b"{}")) };
                // The client refuses to send some; then nobody is asked.
                let Ok(answer) = world.http.try_send(&method, &address, &headers, body) else { continue };
                let what = format!("{method} {address}");
                assert_theirs(&answer, &what);
                assert!(matches!(answer.status, 400 | 404 | 405 | 422), "{what}: {}", answer.status);
            }
        }
    }
    assert_eq!(world.database.state(), before);
}
