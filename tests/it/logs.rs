//! What is said to a log or in an error: enough to act on, and nothing that is a patient's or a secret.

use lotline::caller::Role;
use serde_json::{Value, json};

use super::support::clinic::{EXPIRY, FAR_EXPIRY, GTIN, gtin, location, product, site};
use super::support::process::lotline;
use super::support::{Answer, Database, Kind, Process, World};

/// In everything that a caller says.
const CANARY: &str = "CANARY";

/// Serves at the highest level that there is, lets a scenario speak, and reads everything that was printed.
fn listen(kind: Kind) {
    let Some(database) = Database::create(kind) else { return };
    let mut command = lotline("serve", &database);
    command.args(["--log", "trace"]);
    let mut server = Process::spawn(command).unwrap_or_else(|log| panic!("{log:?}"));
    let world = World::beside(database, server.http.clone());
    let token = world.token(Role::Practitioner);
    speak(&world, &token);
    server.signal("TERM");
    server.wait();
    let printed = server.printed();

    let signature = token.rsplit('.').next().unwrap();
    let claims = token.split('.').nth(1).unwrap();
    for line in &printed {
        assert!(!line.contains(CANARY), "{line}");
        assert!(!line.contains(signature) && !line.contains(claims), "{line}");
        let entry: Value = serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"));
        assert!(entry["timestamp"].is_string() && entry["level"].is_string(), "{line}");
    }
    let requests: Vec<Value> = printed
        .iter()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|entry| entry["message"] == "request")
        .collect();
    assert!(requests.len() > 50);
    for entry in &requests {
        assert!(entry["request_id"].as_str().is_some_and(|id| id.len() >= 8), "{entry}");
        assert!(entry["status"].is_u64() && entry["micros"].is_u64() && entry["method"].is_string(), "{entry}");
    }
    // What a gate decided is there, with who asked.
    let of = |operation: &str, decision: &str| {
        let found = |entry: &&Value| entry["operation"] == operation && entry["decision"] == decision;
        requests.iter().find(found).unwrap_or_else(|| panic!("{operation} {decision}")).clone()
    };
    let refused = of("create_administration", "refused");
    assert_eq!((&refused["actor"], &refused["status"]), (&json!("practitioner"), &json!(409)));
    assert_eq!(refused["reasons"], "stock_not_on_hand");
    assert_eq!(refused["organisation"], world.organisation.as_str());
    assert_eq!(of("create_administration", "allowed")["status"], 201);
    assert_eq!(of("create_administration", "recorded_in_retrospect")["status"], 201);
    // Its two digits of a year mean 1999: the answer is no, and is an answer.
    assert_eq!(of("create_scan", "refused")["status"], 200);
    assert_eq!(of("create_release", "allowed")["actor"], "quality");
    // The failing statement was said to the log, and only there.
    assert!(printed.iter().any(|line| line.contains("\"level\":\"ERROR\"") && line.contains("database error")));
}

#[test]
fn no_log_names_a_patient_or_a_secret_on_sqlite() {
    listen(Kind::Sqlite);
}

#[test]
fn no_log_names_a_patient_or_a_secret_on_postgres() {
    listen(Kind::Postgres);
}

/// An error does not repeat a patient, a note or a token.
fn assert_silent(answer: &Answer, token: &str) {
    if answer.status >= 400 {
        let text = String::from_utf8_lossy(&answer.bytes);
        assert!(!text.contains("CANARY-P") && !text.contains("CANARY-NOTE"), "{text}");
        assert!(!text.contains(token.rsplit('.').next().unwrap()), "{text}");
    }
}

fn speak(world: &World, token: &str) {
    let clinic = world.clinic();
    let named = |mut body: Value| {
        body["name"] = json!("CANARY name");
        body
    };
    // Good requests, with a canary wherever text is free.
    world.create(Role::Admin, "/v1/sites", &named(site()));
    world.create(Role::Admin, "/v1/locations", &named(location(&clinic.site, "stock")));
    world.create(Role::Admin, "/v1/products", &named(product(&gtin(5))));
    world.create(Role::Admin, "/v1/practitioners", &json!({"name": "CANARY name", "profession": "CANARY"}));
    let supplier = json!({"name": "CANARY name", "country": "GB", "approved_classes": ["ha_filler"]});
    world.create(Role::Admin, "/v1/suppliers", &supplier);
    let lot = clinic.stocked("CANARYLOT", FAR_EXPIRY, 4);
    world.create(Role::Quality, "/v1/holds", &json!({"scope": {"type": "lot", "id": lot}, "reason": "CANARY reason"}));
    let free = clinic.stocked("CANARYLOT2", FAR_EXPIRY, 2);
    let mut administration = clinic.administration(&free, 1);
    administration["patient_ref"] = json!("CANARY-P1");
    administration["treatment"]["notes"] = json!("CANARY-NOTE");
    administration["treatment"]["area"] = json!("CANARY area");
    administration["encounter_ref"] = json!("CANARY-encounter");
    let with = |field: &str, value: Value| {
        let mut body = administration.clone();
        body[field] = value;
        body
    };
    let json_type = ("content-type", "application/json");
    let bearer = format!("Bearer {token}");
    let send = |method: &str, path: &str, headers: &[(&str, &str)], body: Option<&[u8]>| {
        let mut all = vec![("authorization", bearer.as_str()), json_type];
        all.extend(headers);
        let answer = world.http.send(method, path, &all, body);
        assert_silent(&answer, token);
        answer.status
    };
    let post = |path: &str, body: &Value| send("POST", path, &[], Some(body.to_string().as_bytes()));
    let scan = json!({"code": format!("]d201{GTIN}1799063010CANARYLOT2"), "site_id": clinic.site,
        "practitioner_id": clinic.practitioner, "purpose": "administer"});
    assert_eq!(post("/v1/scans", &scan), 200);
    assert_eq!(post("/v1/scans", &json!({"code": "CANARY", "site_id": clinic.site, "purpose": "administer"})), 422);
    let key = [("idempotency-key", "CANARY-key")];
    let body = administration.to_string();
    assert_eq!(send("POST", "/v1/administrations", &key, Some(body.as_bytes())), 201);
    assert_eq!(send("POST", "/v1/administrations", &key, Some(body.as_bytes())), 201, "again");
    assert_eq!(send("POST", "/v1/administrations", &key, Some(with("units", json!(2)).to_string().as_bytes())), 422);
    assert_eq!(post("/v1/administrations", &with("units", json!(100))), 409);
    assert_eq!(post("/v1/administrations", &with("lot_id", json!(lot))), 409);
    let mut late = with("units", json!(100));
    late["retrospective"] = json!({"reason": "CANARY reason"});
    assert_eq!(post("/v1/administrations", &late), 201);
    assert_eq!(post("/v1/administrations/search", &json!({"patient_ref": "CANARY-P1"})), 200);

    // Bad ones: in the wrong place, of the wrong type, too long, broken off.
    for (field, value) in [
        ("patient_ref", json!({"CANARY-P1": "CANARY-P1"})),
        ("patient_ref", json!(["CANARY-P1"])),
        ("patient_ref", json!("CANARY-P1".repeat(20))),
        ("patient_ref", json!("CANARY-P1\u{0}")),
        ("CANARY-P1", json!("CANARY-P1")),
        ("site_id", json!("CANARY-P1")),
        ("units", json!("CANARY-P1")),
        ("scan", json!("CANARY-P1")),
        ("occurred_at", json!("CANARY-P1")),
        ("treatment", json!("CANARY-P1")),
        ("treatment", json!({"area": "x", "CANARY-NOTE": "CANARY-NOTE"})),
        ("serial", json!("CANARY-P1 CANARY-NOTE")),
        ("practitioner_id", json!("CANARY-P1")),
    ] {
        assert_eq!(post("/v1/administrations", &with(field, value.clone())), 422, "{field} {value}");
    }
    for broken in
        ["{\"patient_ref\": \"CANARY-P1\"", "CANARY-P1", "{\"patient_ref\": \"CANARY-P1\\x\"}", "\"CANARY-P1\""]
    {
        assert!(matches!(send("POST", "/v1/administrations", &[], Some(broken.as_bytes())), 400 | 422));
    }
    for path in [
        "/v1/administrations?patient_ref=CANARY-P1",
        "/v1/administrations?lot_id=CANARY-P1",
        "/v1/administrations?from=CANARY-P1",
        "/v1/administrations?cursor=CANARY-P1",
        "/v1/administrations?CANARY-P1=CANARY-P1",
        "/v1/administrations/CANARY-P1",
        "/v1/administrations/CANARY-P1/custody",
        "/v1/CANARY-P1",
        "/CANARY-P1?CANARY-P1",
        "/v1/stock?state=CANARY-P1",
        "/v1/lots?gtin=CANARY-P1",
    ] {
        assert!(send("GET", path, &[], None) >= 400, "{path}");
    }
    for headers in [
        [("x-request-id", "CANARY P1 with spaces")],
        [("idempotency-key", "CANARY P1")],
        [("content-encoding", "CANARY-P1")],
        [("if-match", "CANARY-P1")],
        [("x-patient", "CANARY-P1")],
        [("accept", "CANARY-P1")],
        [("user-agent", "CANARY-P1")],
        [("referer", "http://CANARY-P1/")],
        [("cookie", "patient=CANARY-P1")],
    ] {
        send("POST", "/v1/administrations", &headers, Some(b"{\"patient_ref\": \"CANARY-P1\"}"));
    }
    assert_eq!(send("CANARY", "/v1/sites", &[], None), 405);
    // Tokens that are none, and one in the wrong place.
    for wrong in ["Bearer CANARY-P1", "CANARY-P1", &format!("Bearer {token}x"), &format!("Basic {token}")] {
        let answer = world.http.send("GET", "/v1/stock", &[("authorization", wrong)], None);
        assert_eq!(answer.status, 401);
        assert_silent(&answer, token);
    }
    assert_eq!(send("GET", &format!("/v1/stock?access_token={token}"), &[], None), 400);
    // Heads that actix answers, and one that breaks off.
    for head in [
        "GET /CANARY-P1 HTTP/9\r\n\r\n",
        "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: CANARY-P1\r\n\r\n",
        "GET / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: CANARY-P1\r\n\r\n",
        "CANARY-P1\r\n\r\n",
    ] {
        let (answer, _) = super::limits::exchange(&world.http.address(), head.as_bytes());
        assert!(!answer.contains(CANARY), "{answer}");
    }

    // Statements that fail: a table that is not there, and one that refuses.
    let receipt = clinic.receipt(json!([{"gtin": GTIN, "lot": "CANARYLOT3", "expiry": EXPIRY, "packs": 1}]));
    world.database.execute("ALTER TABLE administrations RENAME TO administrations_away").unwrap();
    assert_eq!(post("/v1/administrations", &late), 500);
    assert_eq!(post("/v1/administrations/search", &json!({"patient_ref": "CANARY-P1"})), 500);
    world.database.execute("ALTER TABLE administrations_away RENAME TO administrations").unwrap();
    world.database.execute("ALTER TABLE lots RENAME TO lots_away").unwrap();
    let answer = world.http.post_with(&world.token(Role::Purchaser), "/v1/receipts", &[], &receipt);
    assert_eq!(answer.status, 500);
    assert_silent(&answer, token);
    world.database.execute("ALTER TABLE lots_away RENAME TO lots").unwrap();
}
