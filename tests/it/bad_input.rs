//! What callers get wrong: each its problem with a stable code, in one shape, and nothing is changed.

use std::io::{Read, Write};
use std::net::TcpStream;

use lotline::caller::Role;
use serde_json::{Value, json};

use super::support::client::assert_problem;
use super::support::clinic::{EXPIRY, GTIN, id, licence, location, product, scan, site};
use super::support::{Answer, Clinic, World, on_both_databases};

on_both_databases!(bodies, media, addresses, paths_and_references, queries, idempotency_keys);

fn send(world: &World, role: Role, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    let bearer = format!("Bearer {}", world.token(role));
    let mut all = vec![("authorization", bearer.as_str())];
    all.extend(headers);
    world.http.send("POST", path, &all, Some(body))
}

/// Each request gets its problem, and nothing is changed by any of them.
fn assert_all(world: &World, rows: Vec<(Role, &str, Vec<u8>, u16, &str)>) {
    let before = world.database.state();
    for (role, path, body, status, code) in rows {
        let answer = send(world, role, path, &[("content-type", "application/json")], &body);
        let what = format!("POST {path} {}", String::from_utf8_lossy(body.get(..300).unwrap_or(&body)));
        assert_problem(&answer, status, code, &what);
        assert_eq!(world.database.state(), before, "{what}");
    }
}

/// A body with one field changed, added, or taken out (by null).
fn with(body: &Value, field: &str, value: Value) -> Vec<u8> {
    let mut body = body.clone();
    let place = field.split('.').fold(&mut body, |place, name| match name.parse::<usize>() {
        Ok(index) => &mut place[index],
        Err(_) => &mut place[name],
    });
    *place = value;
    body.to_string().into_bytes()
}

fn without(body: &Value, field: &str) -> Vec<u8> {
    let mut body = body.clone();
    body.as_object_mut().unwrap().remove(field);
    body.to_string().into_bytes()
}

fn receipt_of(clinic: &Clinic) -> Value {
    clinic.receipt(json!([{"gtin": GTIN, "lot": "LOT1", "expiry": EXPIRY, "packs": 1}]))
}

fn bodies(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 2);
    let administration = clinic.administration(&lot, 1);
    let receipt = receipt_of(&clinic);
    let inspection = clinic.inspection("rec_00000000-0000-7000-8000-000000000000", &lot, 1, 0);
    let (admin, buyer, healer) = (Role::Admin, Role::Purchaser, Role::Practitioner);
    let mut rows: Vec<(Role, &str, Vec<u8>, u16, &str)> = Vec::new();

    // Not JSON.
    for text in [
        "",
        "{",
        "nonsense",
        "{\"name\": }",
        "{\"name\": \"x\",}",
        "{'name': 'x'}",
        "\u{feff}{}",
        "{\"name\": \"a\nb\"}",
        "{\"name\": \"\\ud800\"}",
        "{\"name\": NaN}",
    ] {
        rows.push((admin, "/v1/sites", text.as_bytes().to_vec(), 400, "malformed_json"));
    }
    rows.push((admin, "/v1/sites", format!("{} {{}}", site()).into_bytes(), 400, "malformed_json"));
    rows.push((admin, "/v1/sites", b"{\"name\": \"\xff\xfe\"}".to_vec(), 400, "malformed_json"));
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    rows.push((admin, "/v1/sites", format!("{{\"name\": {deep}}}").into_bytes(), 400, "nested_too_deeply"));

    // JSON of another form.
    for text in ["null", "[", "[]", "1", "\"x\"", "true"] {
        rows.push((admin, "/v1/sites", text.as_bytes().to_vec(), 422, "invalid_body"));
    }
    let twice = br#"{"name":"A","name":"B","jurisdiction":"GB","time_zone":"Europe/London"}"#.to_vec();
    rows.push((admin, "/v1/sites", twice, 422, "duplicate_field"));
    for field in ["name", "jurisdiction", "time_zone"] {
        rows.push((admin, "/v1/sites", without(&site(), field), 422, "missing_field"));
        for wrong in [json!(1), json!(true), json!([]), json!({}), Value::Null] {
            rows.push((admin, "/v1/sites", with(&site(), field, wrong), 422, "invalid_body"));
        }
    }
    rows.push((admin, "/v1/sites", with(&site(), "colour", json!("blue")), 422, "unknown_field"));
    rows.push((
        healer,
        "/v1/administrations",
        with(&administration, "treatment.depth", json!(1)),
        422,
        "unknown_field",
    ));
    rows.push((healer, "/v1/administrations", without(&administration, "patient_ref"), 422, "missing_field"));

    // Values that are not allowed, by the field's own code.
    for (field, value, code) in [
        ("name", json!(""), "invalid_name"),
        ("name", json!("x".repeat(201)), "invalid_name"),
        ("name", json!("a\u{0}b"), "invalid_name"),
        ("name", json!("a\u{7f}b"), "invalid_name"),
        ("name", json!("a\u{fffe}b"), "not_text"),
        ("name", json!("\u{ffff}"), "not_text"),
        ("name", json!("a\u{fdd0}"), "not_text"),
        ("name", json!("\u{10ffff}b"), "not_text"),
        ("jurisdiction", json!("England"), "invalid_jurisdiction"),
        ("jurisdiction", json!("gb"), "invalid_jurisdiction"),
        ("jurisdiction", json!("UK"), "invalid_jurisdiction"),
        ("jurisdiction", json!("XX"), "invalid_jurisdiction"),
        ("jurisdiction", json!("GB-ZZZ"), "invalid_jurisdiction"),
        ("time_zone", json!("London"), "invalid_time_zone"),
    ] {
        rows.push((admin, "/v1/sites", with(&site(), field, value), 422, code));
    }
    for (field, value, code) in [
        ("gtin", json!("09521234567898"), "invalid_gtin"),
        ("gtin", json!("952123456789"), "invalid_gtin"),
        ("gtin", json!("0952123456789X"), "invalid_gtin"),
        ("class", json!("magic"), "invalid_value"),
        ("units_per_pack", json!(0), "invalid_units_per_pack"),
        ("units_per_pack", json!(-2), "invalid_units_per_pack"),
        ("unit.amount", json!("1,25"), "invalid_amount"),
        ("unit.amount", json!("0.0"), "invalid_amount"),
        ("storage.min_c", json!(-300), "invalid_temperature"),
        ("storage.max_c", json!(1), "band_reversed"),
        ("approvals.0.verified_on", json!("2026-02-30"), "invalid_date"),
        ("approvals.0.status", json!("perhaps"), "invalid_value"),
        ("approvals.0.jurisdiction", json!("UK"), "invalid_jurisdiction"),
        ("approvals.0.verified_on", json!("2026-07-03"), "occurred_in_future"),
    ] {
        rows.push((admin, "/v1/products", with(&product(GTIN), field, value), 422, code));
    }
    rows.push((admin, "/v1/products", product(GTIN).to_string().into_bytes(), 409, "already_exists"));
    let supplier = json!({"name": "Elsewhere", "country": "UK", "approved_classes": ["other"]});
    rows.push((admin, "/v1/suppliers", supplier.to_string().into_bytes(), 422, "invalid_country"));
    let wholesale = licence(("supplier", &clinic.supplier), "wholesale", "MHRA", "WDA 1");
    for (field, value, code) in [
        ("holder.id", json!("sup_00000000-0000-7000-8000-000000000000"), "reference_unknown"),
        ("holder.id", json!("nobody"), "reference_unknown"),
        ("kind", json!("facility"), "holder_kind_mismatch"),
        ("jurisdiction", json!("GB-ZZZ"), "invalid_jurisdiction"),
        ("valid_to", json!("2025-12-31"), "validity_reversed"),
        ("valid_to", json!("31.12.2027"), "invalid_date"),
        ("valid_from", json!("0000-01-01"), "invalid_date"),
        ("product_classes", json!([]), "empty_list"),
        ("product_classes", json!(["other", "other"]), "duplicate_entry"),
        ("product_classes", json!(["*", "other"]), "invalid_value"),
    ] {
        rows.push((admin, "/v1/licences", with(&wholesale, field, value), 422, code));
    }
    let registration = licence(("practitioner", &clinic.practitioner), "professional_registration", "GMC", "123456");
    rows.push((admin, "/v1/licences", registration.to_string().into_bytes(), 422, "invalid_licence_number"));
    let check = format!("/v1/licences/{}/checks", clinic.registration);
    let verified = json!({"outcome": "verified", "source": "register"});
    rows.push((admin, &check, with(&verified, "checked_at", json!("2026-07-01T11:00:00Z")), 422, "occurred_in_future"));
    rows.push((admin, &check, with(&verified, "checked_at", json!("2026-07-01")), 422, "invalid_time"));
    rows.push((admin, &check, with(&verified, "evidence_sha256", json!("ABC")), 422, "invalid_sha256"));
    let fridge = location(&clinic.site, "stock");
    rows.push((admin, "/v1/locations", with(&fridge, "purpose", json!("cupboard")), 422, "invalid_value"));
    rows.push((admin, "/v1/locations", with(&fridge, "max_c", json!(1.5)), 422, "band_reversed"));
    rows.push((admin, "/v1/locations", with(&fridge, "product_classes", json!([])), 422, "empty_list"));

    // A receipt.
    for (field, value, code) in [
        ("lines.0.gtin", json!("09521234567898"), "invalid_gtin"),
        ("lines.0.lot", json!("LOT 1"), "invalid_lot"),
        ("lines.0.lot", json!("LOT#1"), "invalid_lot"),
        ("lines.0.lot", json!("LÖT"), "invalid_lot"),
        ("lines.0.lot", json!("LOT\u{0}"), "invalid_lot"),
        ("lines.0.lot", json!("X".repeat(21)), "invalid_lot"),
        ("lines.0.lot", json!(""), "invalid_lot"),
        ("lines.0.lot", Value::Null, "lot_required"),
        ("lines.0.expiry", Value::Null, "expiry_required"),
        ("lines.0.gtin", Value::Null, "missing_field"),
        ("lines.0.expiry", json!("2027-13-01"), "invalid_date"),
        ("lines.0.serial", json!("S N"), "invalid_serial"),
        ("lines.0.packs", json!(0), "invalid_packs"),
        ("lines.0.packs", json!(-1), "invalid_packs"),
        ("lines.0.packs", json!(10_001), "invalid_packs"),
        ("lines.0.packs", json!(9_223_372_036_854_775_808_u64), "invalid_packs"),
        ("lines.0.packs", json!(1.5), "invalid_body"),
        ("lines.0.packs", json!("1"), "invalid_body"),
        ("lines", json!([]), "empty_list"),
        ("lines", json!([{"scan": "]d2019521", "packs": 1}]), "code_unreadable"),
        ("lines", json!([{"scan": "]d20109521234567898", "packs": 1}]), "code_unreadable"),
        ("lines", json!([{"scan": "]d2010952123456789917270630", "packs": 1}]), "lot_required"),
        ("lines", json!([{"scan": "]d2010952123456789910LOT1", "packs": 1}]), "expiry_required"),
        ("lines", json!([{"scan": "", "packs": 1}]), "invalid_code"),
        ("lines", json!([{"scan": scan("270630", "LOT1", Some("SN1")), "packs": 2}]), "serial_packs_mismatch"),
        ("lines", json!([{"scan": scan("270630", "LOT1", None), "lot": "LOT2", "packs": 2}]), "label_disagrees"),
        ("occurred_at", json!("2026-07-01T10:30:00Z"), "occurred_in_future"),
        ("occurred_at", json!("2026-06-01T09:59:59Z"), "occurred_too_long_ago"),
        ("occurred_at", json!("yesterday"), "invalid_time"),
        ("delivery_note", json!("a\nb"), "invalid_text"),
    ] {
        rows.push((buyer, "/v1/receipts", with(&receipt, field, value), 422, code));
    }
    let pack = json!({"scan": scan("270630", "LOT1", Some("SN1")), "packs": 1});
    rows.push((buyer, "/v1/receipts", with(&receipt, "lines", json!([pack, pack])), 422, "duplicate_entry"));
    let many = vec![receipt["lines"][0].clone(); 501];
    rows.push((buyer, "/v1/receipts", with(&receipt, "lines", json!(many)), 422, "list_too_long"));

    // An administration.
    for (field, value, code) in [
        ("units", json!(0), "invalid_units"),
        ("units", json!(-1), "invalid_units"),
        ("units", json!(1_000_001), "invalid_units"),
        ("units", json!(9_223_372_036_854_775_807_i64), "invalid_units"),
        ("units", json!(1.0), "invalid_body"),
        ("units", json!("1"), "invalid_body"),
        ("patient_ref", json!(""), "invalid_patient_ref"),
        ("patient_ref", json!("P".repeat(65)), "invalid_patient_ref"),
        ("patient_ref", json!("P\u{0}1"), "invalid_patient_ref"),
        ("treatment.area", json!(" midface"), "invalid_text"),
        ("occurred_at", json!("2026-07-01T10:30:00Z"), "occurred_in_future"),
        ("occurred_at", json!("2026-06-01T09:59:59Z"), "occurred_too_long_ago"),
        ("lot_id", Value::Null, "missing_field"),
        ("scan", json!(scan("270630", "LOT1", None)), "invalid_body"),
        ("lot_id", json!("lot_1"), "reference_unknown"),
        ("encounter_ref", json!("x".repeat(101)), "invalid_text"),
    ] {
        rows.push((healer, "/v1/administrations", with(&administration, field, value), 422, code));
    }

    // An inspection, a hold, a scan.
    rows.push((buyer, "/v1/inspections", inspection.to_string().into_bytes(), 422, "reference_unknown"));
    for (field, value, code) in
        [("checks.0.criterion", json!("smell"), "invalid_value"), ("checks.0.result", json!("maybe"), "invalid_value")]
    {
        rows.push((buyer, "/v1/inspections", with(&inspection, field, value), 422, code));
    }
    let hold = json!({"scope": {"type": "lot", "id": lot}, "reason": "Under review"});
    rows.push((Role::Quality, "/v1/holds", with(&hold, "scope.type", json!("world")), 422, "invalid_value"));
    rows.push((Role::Quality, "/v1/holds", with(&hold, "scope.id", json!(clinic.product)), 422, "reference_unknown"));
    rows.push((Role::Quality, "/v1/holds", with(&hold, "reason", json!(" ")), 422, "invalid_text"));
    let question = clinic.question("]d201095212345678981727063010LOT1");
    rows.push((healer, "/v1/scans", question.to_string().into_bytes(), 422, "code_unreadable"));
    rows.push((healer, "/v1/scans", with(&question, "purpose", json!("look")), 422, "invalid_value"));
    assert_all(world, rows);

    // The ends of what is allowed are allowed.
    let earliest = json!("2026-06-01T10:01:00Z");
    let answer = send(
        world,
        buyer,
        "/v1/receipts",
        &[("content-type", "application/json; charset=utf-8")],
        &with(&receipt, "occurred_at", earliest),
    );
    assert_eq!(answer.status, 201, "{}", answer.json());
}

fn media(world: &World) {
    let body = site().to_string();
    let before = world.database.state();
    let json = ("content-type", "application/json");
    for (headers, status, code) in [
        (vec![], 415, "unsupported_media_type"),
        (vec![("content-type", "text/plain")], 415, "unsupported_media_type"),
        (vec![("content-type", "application/x-www-form-urlencoded")], 415, "unsupported_media_type"),
        (vec![json, ("content-encoding", "gzip")], 415, "unsupported_media_type"),
        (vec![json, ("content-encoding", "br")], 415, "unsupported_media_type"),
    ] {
        let answer = send(world, Role::Admin, "/v1/sites", &headers, body.as_bytes());
        assert_problem(&answer, status, code, &format!("{headers:?}"));
    }
    let large = format!("{{\"name\": \"{}\"}}", "x".repeat(1024 * 1024));
    let answer = send(world, Role::Admin, "/v1/sites", &[json], large.as_bytes());
    assert_problem(&answer, 413, "body_too_large", "1 MiB and a little");
    // The same in chunks, with no length announced, by hand: the answer comes before all of it is sent.
    let address = world.http.address();
    let mut stream = TcpStream::connect(&address).unwrap();
    let head = format!(
        "POST /v1/sites HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n\
         transfer-encoding: chunked\r\n\r\n",
        world.token(Role::Admin)
    );
    stream.write_all(head.as_bytes()).unwrap();
    let chunk = [b"10000\r\n".as_slice(), &vec![b' '; 0x10000], b"\r\n"].concat();
    for _ in 0..17 {
        if stream.write_all(&chunk).is_err() {
            break; // it has heard enough
        }
    }
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(String::from_utf8_lossy(&answer), "HTTP/1.1 413");
    // Exactly 1 MiB is read: what is wrong with it then is another thing.
    let exact = format!("{{\"name\": \"{}\"}}", "x".repeat(1024 * 1024 - 12));
    assert_eq!(exact.len(), 1024 * 1024);
    assert_problem(&send(world, Role::Admin, "/v1/sites", &[json], exact.as_bytes()), 422, "invalid_name", "1 MiB");
    assert_eq!(world.database.state(), before);
}

fn addresses(world: &World) {
    let bearer = format!("Bearer {}", world.token(Role::Admin));
    let ask = |method: &str, path: &str| {
        let body = (method != "GET" && method != "DELETE").then_some(b"{}".as_slice());
        world.http.send(method, path, &[("authorization", &bearer), ("content-type", "application/json")], body)
    };
    for path in ["/", "/v1", "/v1/", "/v2/sites", "/v1/nothing", "/v1/sites/", "/v1//sites", "/v1/lots/x/y/z", "/sites"]
    {
        assert_problem(&ask("GET", path), 404, "not_found", path);
        assert_problem(&ask("POST", path), 404, "not_found", path);
    }
    for (method, path, allow) in [
        ("DELETE", "/v1/sites", "GET, POST"),
        ("PUT", "/v1/sites", "GET, POST"),
        ("PATCH", "/v1/administrations", "GET, POST"),
        ("POST", "/v1/stock", "GET"),
        ("GET", "/v1/scans", "POST"),
        ("DELETE", "/v1/lots/lot_1", "GET"),
        ("PUT", "/v1/events", "GET"),
    ] {
        let answer = ask(method, path);
        assert_problem(&answer, 405, "method_not_allowed", &format!("{method} {path}"));
        assert_eq!(answer.header("allow"), Some(allow), "{method} {path}");
    }
    // A request may bring its own id, if it is harmless.
    for (given, kept) in [("my-request-0001", true), ("short", false), ("with spaces in", false)] {
        let headers = [("authorization", bearer.as_str()), ("x-request-id", given)];
        let answer = world.http.send("GET", "/v1/nothing", &headers, None);
        assert_problem(&answer, 404, "not_found", given);
        assert_eq!(answer.header("x-request-id") == Some(given), kept);
    }
}

/// What belongs to another organisation does not exist: 404 in a path, `reference_unknown` in a body.
fn paths_and_references(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 4);
    let (receipt, _) = clinic.receive("LOT2", EXPIRY, 1);
    let inspection = id(&clinic.create(
        Role::Purchaser,
        "/v1/inspections",
        &clinic.inspection(&receipt, &clinic.lot_of(&receipt), 1, 0),
    ));
    let administration = id(&clinic.administer(&lot, 1).1);
    let hold = id(&clinic.hold(&lot));
    let event = world.read("/v1/events?limit=1")["items"][0]["id"].as_str().unwrap().to_owned();
    let all = Role::ALL;
    let stranger = world.sign(&world.register_organisation("Elsewhere"), "stranger", all, None);
    let own = world.token_as("everybody", all);

    let known = [
        ("/v1/sites/", "", &clinic.site),
        ("/v1/locations/", "", &clinic.stock),
        ("/v1/products/", "", &clinic.product),
        ("/v1/suppliers/", "", &clinic.supplier),
        ("/v1/practitioners/", "", &clinic.practitioner),
        ("/v1/licences/", "", &clinic.registration),
        ("/v1/receipts/", "", &receipt),
        ("/v1/inspections/", "", &inspection),
        ("/v1/holds/", "", &hold),
        ("/v1/lots/", "", &lot),
        ("/v1/lots/", "/custody", &lot),
        ("/v1/administrations/", "", &administration),
        ("/v1/administrations/", "/custody", &administration),
        ("/v1/events/", "", &event),
        ("/v1/events/", "/bytes", &event),
    ];
    let get =
        |token: &str, path: &str| world.http.send("GET", path, &[("authorization", &format!("Bearer {token}"))], None);
    for (before, after, id) in known {
        assert_eq!(get(&own, &format!("{before}{id}{after}")).status, 200, "{before}{id}{after}");
        assert_problem(&get(&stranger, &format!("{before}{id}{after}")), 404, "not_found", before);
        let prefix = id.split('_').next().unwrap();
        for wrong in [
            format!("{prefix}_00000000-0000-7000-8000-000000000000"),
            "nothing".to_owned(),
            "%00".to_owned(),
            "%ff".to_owned(),
            "..%2f".to_owned(),
            id.to_uppercase(),
            format!("{id}x"),
        ] {
            assert_problem(
                &get(&own, &format!("{before}{wrong}{after}")),
                404,
                "not_found",
                &format!("{before}{wrong}"),
            );
        }
    }
    let state = world.database.state();
    for (path, body) in [
        (format!("/v1/lots/{lot}/releases"), clinic.release(1)),
        (format!("/v1/holds/{hold}/lift"), json!({"reason": "x"})),
        (format!("/v1/licences/{}/checks", clinic.registration), json!({"outcome": "lapsed", "source": "x"})),
    ] {
        assert_problem(&world.http.post_with(&stranger, &path, &[], &body), 404, "not_found", &path);
        let wrong = path.replace(path.split('/').nth(3).unwrap(), "nothing");
        assert_problem(&world.http.post_with(&own, &wrong, &[], &body), 404, "not_found", &wrong);
    }

    // In a body: unknown and malformed ids, and all ids as a stranger.
    let receipt_body = receipt_of(&clinic);
    let inspection_body = clinic.inspection(&receipt, &lot, 1, 0);
    let administration_body = clinic.administration(&lot, 1);
    let hold_body = |kind: &str, id: &str| json!({"scope": {"type": kind, "id": id}, "reason": "x"});
    let account = world.read(&format!("/v1/stock?lot_id={lot}"))["items"][0]["account_id"].as_str().unwrap().to_owned();
    let fields: [(&str, &Value, &[&str]); 5] = [
        ("/v1/locations", &location(&clinic.site, "stock"), &["site_id"]),
        ("/v1/receipts", &receipt_body, &["supplier_id", "site_id", "location_id"]),
        ("/v1/inspections", &inspection_body, &["receipt_id", "lot_id"]),
        ("/v1/administrations", &administration_body, &["lot_id", "site_id", "practitioner_id"]),
        ("/v1/scans", &clinic.question(&scan("270630", "LOT1", None)), &["site_id", "practitioner_id"]),
    ];
    for (path, body, fields) in fields {
        assert_problem(&world.http.post_with(&stranger, path, &[], body), 422, "reference_unknown", path);
        for field in fields {
            let prefix = body[field].as_str().unwrap().split('_').next().unwrap();
            for wrong in [format!("{prefix}_00000000-0000-7000-8000-000000000000"), "nothing".to_owned()] {
                let mut body = body.clone();
                body[field] = json!(wrong);
                let what = format!("{path} {field} {wrong}");
                assert_problem(&world.http.post_with(&own, path, &[], &body), 422, "reference_unknown", &what);
            }
        }
    }
    for (field, known) in [("prescriber_id", "prac"), ("location_id", "loc")] {
        let mut body = administration_body.clone();
        body[field] = json!(format!("{known}_00000000-0000-7000-8000-000000000000"));
        let answer = world.http.post_with(&own, "/v1/administrations", &[], &body);
        assert_problem(&answer, 422, "reference_unknown", field);
    }
    for (kind, id) in [("lot", &lot), ("product", &clinic.product), ("account", &account)] {
        let answer = world.http.post_with(&stranger, "/v1/holds", &[], &hold_body(kind, id));
        assert_problem(&answer, 422, "reference_unknown", kind);
    }
    let facility = licence(("site", &clinic.site), "facility", "CQC", "1-2");
    assert_problem(
        &world.http.post_with(&stranger, "/v1/licences", &[], &facility),
        422,
        "reference_unknown",
        "holder",
    );
    assert_eq!(world.database.state(), state);

    // And in lists and searches the stranger finds nothing of it.
    for path in [
        "/v1/sites",
        "/v1/locations",
        "/v1/products",
        "/v1/suppliers",
        "/v1/practitioners",
        "/v1/licences",
        "/v1/receipts",
        "/v1/holds",
        "/v1/stock",
        "/v1/lots",
        "/v1/administrations",
    ] {
        assert_eq!(get(&stranger, path).json()["items"], json!([]), "{path}");
        assert_ne!(get(&own, path).json()["items"], json!([]), "{path}");
    }
    let found = world.http.post(&stranger, "/v1/administrations/search", &json!({"patient_ref": "P-1001"}));
    assert_eq!((found.0, &found.1["items"]), (200, &json!([])));
    let kinds = get(&stranger, "/v1/events").json()["items"].clone();
    assert_eq!(kinds.as_array().unwrap().len(), 1, "only that the organisation was made: {kinds}");
}

fn queries(world: &World) {
    let clinic = world.clinic();
    clinic.receive_inspect_release("LOT1", 4);
    let bearer = format!("Bearer {}", world.token(Role::Auditor));
    for (path, code) in [
        ("/v1/sites?limit=0", "malformed_query"),
        ("/v1/sites?limit=201", "malformed_query"),
        ("/v1/sites?limit=-1", "malformed_query"),
        ("/v1/sites?limit=ten", "malformed_query"),
        ("/v1/sites?limit=99999999999999999999", "malformed_query"),
        ("/v1/sites?colour=blue", "malformed_query"),
        ("/v1/sites?limit=1&limit=2", "malformed_query"),
        ("/v1/sites?cursor=", "invalid_cursor"),
        ("/v1/sites?cursor=nonsense", "invalid_cursor"),
        ("/v1/sites?cursor=%00", "malformed_query"),
        ("/v1/stock?state=lost", "malformed_query"),
        ("/v1/stock?site_id=nothing", "malformed_query"),
        ("/v1/stock?expiring_before=2026-02-30", "malformed_query"),
        ("/v1/lots?gtin=09521234567898", "malformed_query"),
        ("/v1/holds?open=perhaps", "malformed_query"),
        ("/v1/events?from=yesterday", "malformed_query"),
        ("/v1/administrations?patient_ref=P-1001", "malformed_query"),
    ] {
        let answer = world.http.send("GET", path, &[("authorization", &bearer)], None);
        assert_problem(&answer, 400, code, path);
    }
    // An unknown id in a filter is a filter that matches nothing.
    let none = world.read("/v1/stock?site_id=site_00000000-0000-7000-8000-000000000000");
    assert_eq!(none, json!({"items": [], "next_cursor": null}));
}

fn idempotency_keys(world: &World) {
    let before = world.database.state();
    for key in ["", " ", "two words", "\u{e9}t\u{e9}", &"k".repeat(129)] {
        let answer = world.http.post_with(&world.token(Role::Admin), "/v1/sites", &[("idempotency-key", key)], &site());
        assert_problem(&answer, 400, "invalid_idempotency_key", key);
    }
    let twice = [("idempotency-key", "a"), ("idempotency-key", "b")];
    let answer = world.http.post_with(&world.token(Role::Admin), "/v1/sites", &twice, &site());
    assert_problem(&answer, 400, "invalid_idempotency_key", "two keys");
    assert_eq!(world.database.state(), before);
}
