//! Lists as files: every list as rows and as lines, with the same entries as its pages, whoever asks and whatever was typed.

use std::collections::{BTreeMap, BTreeSet};

use lotline::caller::Role;
use serde_json::{Value, json};

use super::periods::rows;
use super::support::client::assert_problem;
use super::support::clinic::{GTIN, gtin, id, product, scan};
use super::support::{Answer, Clinic, World, on_both_databases};

on_both_databases!(
    every_list_is_a_file,
    a_file_has_what_was_asked_for,
    what_was_typed_is_no_formula,
    a_file_shows_what_its_reader_may_see,
    what_is_wrong_is_said_before_a_file_begins,
);

fn asked(world: &World, token: &str, path: &str, accept: &str) -> Answer {
    let bearer = format!("Bearer {token}");
    world.http.send("GET", path, &[("authorization", &bearer), ("accept", accept)], None)
}

fn file(world: &World, path: &str, accept: &str) -> Answer {
    let answer = asked(world, &world.token(Role::Auditor), path, accept);
    assert_eq!(answer.status, 200, "{path}: {}", answer.json());
    answer
}

fn lines(answer: &Answer) -> Vec<Value> {
    assert_eq!(answer.header("content-type"), Some("application/x-ndjson"));
    let text = std::str::from_utf8(&answer.bytes).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Whether a cell says what it must of a field, as its path leads there.
fn says(cell: &str, item: &Value, column: &str) -> bool {
    match column.split('.').fold(item, |within, name| &within[name]) {
        Value::Null => cell.is_empty(),
        Value::String(text) if text.starts_with(['=', '+', '-', '@']) => cell == format!("'{text}"),
        Value::String(text) => cell == text,
        other => serde_json::from_str::<Value>(cell).is_ok_and(|said| said == *other),
    }
}

/// Every field of an entry that is no object, by its path.
fn fields(item: &Value, path: &str, found: &mut BTreeSet<String>) {
    for (name, value) in item.as_object().unwrap() {
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        if value.is_object() {
            fields(value, &path, found);
        } else {
            found.insert(path);
        }
    }
}

/// A world in which every list has something.
fn busy(world: &World) -> Clinic<'_> {
    let clinic = world.clinic();
    for number in 0..3 {
        let lot = clinic.receive_inspect_release(&format!("LOT{number}"), 6);
        clinic.create(Role::Practitioner, "/v1/containers", &json!({"lot_id": lot, "location_id": clinic.stock}));
        assert_eq!(clinic.administer(&lot, 1).0, 201);
    }
    let line = json!([{"scan": scan("270630", "NUMBERED", Some("SN1")), "packs": 1}]);
    let receipt = clinic.create(Role::Purchaser, "/v1/receipts", &clinic.receipt(line));
    let damaged = json!({"receipt_line_id": receipt["lines"][0]["id"], "reason": "damaged", "units": 1});
    clinic.create(Role::Purchaser, "/v1/claims", &json!({"receipt_id": receipt["id"], "lines": [damaged]}));
    let order = json!({"site_id": clinic.site, "supplier_id": clinic.supplier, "lines": [{"product_id": clinic.product, "packs": 10}]});
    clinic.create(Role::Purchaser, "/v1/orders", &order);
    let lot = clinic.receive_inspect_release("GONE", 4);
    let gone = json!({"lot_id": lot, "from_location_id": clinic.stock, "units": 1, "reason": "Dropped"});
    clinic.create(Role::Quality, "/v1/wastages", &gone);
    let mut against = clinic.administration(&lot, 9);
    against["retrospective"] = json!({"reason": "It has happened"});
    clinic.create(Role::Practitioner, "/v1/administrations", &against);
    clinic.with_follow_ups();
    clinic.treated_and_signed("P-1001");
    clinic.hold(&lot);
    super::excursions::too_warm(world, &clinic.stock);
    super::recalls::of_nothing(&clinic);
    let level = json!({
        "site_id": clinic.site, "product_id": clinic.product, "minimum_packs": 1, "maximum_packs": 20
    });
    assert_eq!(clinic.put("/v1/levels", &[], &level).status, 200);
    let take = id(&clinic.create(Role::Quality, "/v1/stock-takes", &json!({"location_ids": [clinic.quarantine]})));
    let scans = json!({"scans": [{"lot_id": lot, "units": 1}]});
    clinic.create(Role::Quality, &format!("/v1/stock-takes/{take}/scans"), &scans);
    assert_eq!(clinic.post(Role::Purchaser, &format!("/v1/stock-takes/{take}/close"), &json!({})).0, 200);
    super::verifications::verified(&world.http, &world.token(Role::Admin));
    for (_, protocol) in super::visits::protocols() {
        clinic.create(Role::Quality, "/v1/protocols", &protocol);
    }
    clinic.visit("P-1001");
    clinic.prescribe(&clinic.prescription(&clinic.prescriber(), 1));
    let harmed = id(&world.read("/v1/administrations")["items"][0]);
    let mut harm = super::safety::harm(&[&harmed]);
    harm["onset_at"] = json!(clinic.clock.now().to_string());
    clinic.create(Role::Practitioner, "/v1/adverse-events", &harm);
    clinic
}

fn every_list_is_a_file(world: &World) {
    let clinic = busy(world);
    let sensor = id(&world.read("/v1/sensors")["items"][0]);
    let lot = id(&world.read("/v1/lots")["items"][0]);
    let administration = id(&world.read("/v1/administrations")["items"][0]);
    let excursion = id(&world.read("/v1/excursions")["items"][0]);
    let take = id(&world.read("/v1/stock-takes")["items"][0]);
    let document = serde_json::to_value(lotline::app::docs::document()).unwrap();
    let mut asked_for = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        let is_list = item["get"]["parameters"].as_array().into_iter().flatten().any(|of| of["name"] == "cursor");
        if !is_list || path.ends_with("/impact") {
            continue;
        }
        let thing = match path.split('/').nth(2) {
            Some("lots") => &lot,
            Some("administrations") => &administration,
            Some("excursions") => &excursion,
            Some("stock-takes") => &take,
            _ => &sensor,
        };
        let path = path.replace("{id}", thing);
        let path = if path == "/v1/replenishment" { format!("{path}?site_id={}", clinic.site) } else { path };
        let sign = if path.contains('?') { '&' } else { '?' };
        let entries = if path.ends_with("/custody") { "events" } else { "items" };
        // Nothing waits for who changes nothing.
        let token = world.token(if path == "/v1/work" { Role::Quality } else { Role::Auditor });
        let (status, page) = world.http.get(&token, &format!("{path}{sign}limit=200"));
        assert_eq!(status, 200, "{path}: {page}");
        let whole = page[entries].as_array().unwrap().clone();
        // Nobody was given of what lay where it was too warm.
        let is_there = !whole.is_empty() || path.starts_with("/v1/excursions/");
        assert!(page["next_cursor"].is_null() && is_there, "{path}: {page}");
        assert_eq!(lines(&asked(world, &token, &path, "application/x-ndjson")), whole, "{path}");
        let csv = asked(world, &token, &path, "text/csv");
        let found = rows(&csv);
        assert_eq!(found.len(), whole.len(), "{path}");
        let name = csv.header("content-disposition").unwrap();
        assert!(name.starts_with("attachment; filename=\"") && name.ends_with(".csv\""), "{path}: {name}");
        let text = std::str::from_utf8(&csv.bytes).unwrap();
        assert_eq!(text.matches("\r\n").count(), whole.len() + 1, "{path}: {text}");
        for (item, row) in whole.iter().zip(&found) {
            for (column, said) in row {
                assert!(says(said, item, column), "{path}: {column} of {item}: {said}");
            }
            let mut told = BTreeSet::new();
            fields(item, "", &mut told);
            // What has more than one form is one cell; of an object that is not there each field is none.
            let is_told = |field: &String| {
                let within =
                    |part: &str, whole: &str| part.strip_prefix(whole).is_some_and(|rest| rest.starts_with('.'));
                row.keys().any(|column| field == column || within(field, column) || within(column, field))
            };
            let missing: Vec<_> = told.iter().filter(|field| !is_told(field)).collect();
            assert!(missing.is_empty(), "{path}: no column for {missing:?} of {item}");
        }
        asked_for += 1;
    }
    assert_eq!(asked_for, 39);
    drop(clinic);
}

fn a_file_has_what_was_asked_for(world: &World) {
    let clinic = world.clinic();
    let ids = |answer: &Answer| rows(answer).iter().map(|row| row["id"].clone()).collect::<Vec<_>>();
    let all = |path: &str| ids(&file(world, path, "text/csv"));
    // No entry, and the names of the columns all the same.
    let none = String::from_utf8(file(world, "/v1/lots", "text/csv").bytes).unwrap();
    assert_eq!(none.matches("\r\n").count(), 1, "{none}");
    assert!(none.starts_with("id,product_id,lot,expiry,"), "{none}");
    assert_eq!(file(world, "/v1/lots", "application/x-ndjson").bytes, b"");
    // More than a part, and than two.
    let lines: Vec<_> = (0..400)
        .map(|number| json!({"gtin": GTIN, "lot": format!("L{number:03}"), "expiry": "2027-06-30", "packs": 1}))
        .collect();
    for part in [
        &lines,
        &lines
            .iter()
            .map(|line| {
                let mut line = line.clone();
                line["lot"] = json!(format!("M{}", line["lot"].as_str().unwrap()));
                line
            })
            .collect(),
        &lines
            .iter()
            .map(|line| {
                let mut line = line.clone();
                line["lot"] = json!(format!("N{}", line["lot"].as_str().unwrap()));
                line
            })
            .collect(),
    ] {
        clinic.create(Role::Purchaser, "/v1/receipts", &clinic.receipt(json!(part)));
    }
    let mut paged = Vec::new();
    let mut cursor = String::new();
    let mut cursors = Vec::new();
    loop {
        let page = world.read(&format!("/v1/lots?limit=200{cursor}"));
        paged.extend(page["items"].as_array().unwrap().iter().map(id));
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
        cursors.push(cursor.clone());
    }
    assert_eq!((paged.len(), all("/v1/lots")), (1200, paged.clone()));
    assert_eq!(all(&format!("/v1/lots?{}", &cursors[1])), paged[400..]);
    assert_eq!(all(&format!("/v1/lots?limit=150{}", &cursors[1])), paged[400..550]);
    assert_eq!(all("/v1/lots?limit=1"), paged[..1]);
    // Stock has an order of its own.
    let stock = rows(&file(world, &format!("/v1/stock?site_id={}", clinic.site), "text/csv"));
    let accounts: BTreeSet<_> = stock.iter().map(|row| row["account_id"].as_str()).collect();
    assert_eq!((stock.len(), accounts.len()), (1200, 1200));
    // What is looked for through more than a page looks through.
    clinic.create(Role::Admin, "/v1/products", &product(&gtin(9)));
    assert_eq!(all(&format!("/v1/lots?gtin={}", gtin(9))), Vec::<String>::new());
    assert_eq!(all(&format!("/v1/receipts?lot_id={}", paged[1199])).len(), 1);
    // As was known, by its own name.
    let size = super::pasts::size(world);
    clinic.receive("LATER", "2027-06-30", 1);
    let then = file(world, &format!("/v1/lots?as_of={size}"), "text/csv");
    assert_eq!(ids(&then), paged);
    assert!(then.header("content-disposition").unwrap().ends_with(&format!("-as-of-{size}.csv\"")));
}

fn what_was_typed_is_no_formula(world: &World) {
    let clinic = world.clinic();
    let named = |name: &str| json!({"name": name, "profession": "nurse"});
    let names = ["=1+1", "+49 30", "-1", "@SUM(A1)", "Ann, \"the\" nurse", "=HYPERLINK(\"http://x\",\"y\")", "Ünal"];
    for name in names {
        clinic.create(Role::Admin, "/v1/practitioners", &named(name));
    }
    let found: Vec<_> =
        rows(&file(world, "/v1/practitioners", "text/csv")).iter().map(|row| row["name"].clone()).collect();
    let expected = [
        "Dr A. Example",
        "'=1+1",
        "'+49 30",
        "'-1",
        "'@SUM(A1)",
        "Ann, \"the\" nurse",
        "'=HYPERLINK(\"http://x\",\"y\")",
        "Ünal",
    ];
    assert_eq!(found, expected);
    let told: Vec<_> = lines(&file(world, "/v1/practitioners", "application/x-ndjson"))
        .iter()
        .skip(1)
        .map(|line| line["name"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(told, names, "lines of JSON are no cells");
    let searched = {
        let lot = clinic.receive_inspect_release("LOT1", 2);
        let mut given = clinic.administration(&lot, 1);
        given["patient_ref"] = json!("=cmd|' /C calc'!A0");
        clinic.create(Role::Practitioner, "/v1/administrations", &given);
        let bearer = format!("Bearer {}", world.token(Role::Auditor));
        let body = json!({"patient_ref": "=cmd|' /C calc'!A0"}).to_string();
        let headers =
            [("authorization", bearer.as_str()), ("content-type", "application/json"), ("accept", "text/csv")];
        world.http.send("POST", "/v1/administrations/search", &headers, Some(body.as_bytes()))
    };
    let patients: Vec<_> = rows(&searched).iter().map(|row| row["patient_ref"].clone()).collect();
    assert_eq!(patients, ["'=cmd|' /C calc'!A0"]);
}

/// A practitioner is not shown what a decision rested on that they may not look up; nor is a file, and a token for a site lists its own.
fn a_file_shows_what_its_reader_may_see(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 4);
    assert_eq!(clinic.administer(&lot, 1).0, 201);
    let path = "/v1/administrations";
    for role in [Role::Practitioner, Role::Auditor] {
        let token = world.token(role);
        let (_, page) = world.http.get(&token, path);
        let basis = &page["items"][0]["decision"]["basis"];
        let found = rows(&asked(world, &token, path, "text/csv"));
        let said: Value = serde_json::from_str(&found[0]["decision.basis"]).unwrap();
        assert_eq!(said, *basis, "{role}");
        let line = lines(&asked(world, &token, path, "application/x-ndjson"));
        assert_eq!(line[0]["decision"]["basis"], *basis, "{role}");
        let is_whole = basis.as_array().unwrap().iter().any(|fact| fact["type"] == "licence");
        assert_eq!(is_whole, role == Role::Auditor, "{basis}");
    }
    let mut elsewhere = super::support::clinic::site();
    elsewhere["name"] = json!("Leith");
    let elsewhere = id(&clinic.create(Role::Admin, "/v1/sites", &elsewhere));
    let sites = Some(vec![elsewhere.parse().unwrap()]);
    let token = world.sign(&world.organisation, "bound", &[Role::Auditor], sites);
    assert_eq!(rows(&asked(world, &token, path, "text/csv")), Vec::<BTreeMap<String, String>>::new());
}

fn what_is_wrong_is_said_before_a_file_begins(world: &World) {
    let token = world.token(Role::Auditor);
    for accept in ["text/csv", "application/x-ndjson"] {
        assert_problem(&asked(world, &token, "/v1/lots?cursor=AAAA", accept), 400, "invalid_cursor", accept);
        assert_problem(&asked(world, &token, "/v1/lots?limit=0", accept), 400, "malformed_query", accept);
        let nothing = "/v1/lots/lot_01932c07-8d00-7000-8000-000000000001/custody";
        assert_problem(&asked(world, &token, nothing, accept), 404, "not_found", accept);
        let device = world.token(Role::Device);
        assert_problem(&asked(world, &device, "/v1/lots", accept), 403, "forbidden", accept);
    }
    // By weight; and what there is not of any is JSON.
    for (accept, media_type) in [
        ("text/csv;q=0.5, application/json", "application/json"),
        ("text/csv, application/json;q=0.5", "text/csv; charset=utf-8; header=present"),
        ("text/csv;q=0, */*", "application/json"),
        ("image/png", "application/json"),
        ("*/*", "application/json"),
    ] {
        let answer = asked(world, &token, "/v1/lots", accept);
        assert_eq!((answer.status, answer.header("content-type")), (200, Some(media_type)), "{accept}");
    }
}
