//! Lists: every page in turn, without loss or repetition, also while more is added.

use std::collections::BTreeSet;

use lotline::caller::Role;
use serde_json::{Value, json};

use super::support::client::assert_problem;
use super::support::clinic::{gtin, licence, location, product, site};
use super::support::{World, on_both_databases};

on_both_databases!(every_list_pages_through, what_is_added_meanwhile_comes_later, a_cursor_that_was_made_up_is_refused,);

/// Every list, by its path and its name in cursors, with what its pages are told apart by.
const LISTS: [(&str, &str, &[&str]); 32] = [
    ("/v1/sites", "sites", &["site"]),
    ("/v1/locations", "locations", &["loc"]),
    ("/v1/products", "products", &["prd"]),
    ("/v1/suppliers", "suppliers", &["sup"]),
    ("/v1/practitioners", "practitioners", &["prac"]),
    ("/v1/licences", "licences", &["lic"]),
    ("/v1/orders", "orders", &["ord"]),
    ("/v1/receipts", "receipts", &["moment", "rec"]),
    ("/v1/claims", "claims", &["clm"]),
    ("/v1/inspections", "inspections", &["moment", "insp"]),
    ("/v1/releases", "releases", &["moment", "rel"]),
    ("/v1/packs", "packs", &["pack"]),
    ("/v1/movements", "movements", &["moment", "mov"]),
    ("/v1/stock-takes", "stock takes", &["stt"]),
    ("/v1/levels", "levels", &["lvl"]),
    ("/v1/protocols", "protocols", &["prot"]),
    ("/v1/prescriptions", "prescriptions", &["rx"]),
    ("/v1/visits", "visits", &["vis"]),
    ("/v1/follow-ups", "follow-ups", &["day", "fup"]),
    ("/v1/adverse-events", "adverse events", &["place"]),
    ("/v1/signals", "signals", &["prd", "lot"]),
    ("/v1/administrations", "administrations", &["moment", "adm"]),
    ("/v1/containers", "containers", &["con"]),
    ("/v1/holds", "holds", &["hold"]),
    ("/v1/excursions", "excursions", &["exc"]),
    ("/v1/recalls", "recalls", &["rcal"]),
    ("/v1/deviations", "deviations", &["dev"]),
    ("/v1/stock", "stock", &["day", "acct"]),
    ("/v1/lots", "lots", &["lot"]),
    ("/v1/events", "events", &["evt"]),
    ("/v1/verifications", "verifications", &["vrf"]),
    ("/v1/work", "work", &["moment", "work"]),
];

/// Every item of a list, a page at a time.
fn all(world: &World, path: &str, limit: usize) -> Vec<Value> {
    let separator = if path.contains('?') { '&' } else { '?' };
    let mut items = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = world.read(&format!("{path}{separator}limit={limit}{cursor}"));
        let found = page["items"].as_array().unwrap();
        assert!(found.len() <= limit, "{path}");
        items.extend(found.iter().cloned());
        match page["next_cursor"].as_str() {
            Some(next) => {
                assert_eq!(found.len(), limit, "{path}: only the last page is short");
                cursor = format!("&cursor={next}");
            }
            None => return items,
        }
    }
}

fn every_list_pages_through(world: &World) {
    let clinic = world.clinic();
    for number in 0..5 {
        clinic.create(Role::Admin, "/v1/sites", &site());
        clinic.create(Role::Admin, "/v1/locations", &location(&clinic.site, "stock"));
        clinic.create(Role::Admin, "/v1/products", &product(&gtin(number)));
        let supplier = json!({"name": "Another", "country": "GB", "approved_classes": ["other"]});
        clinic.create(Role::Admin, "/v1/suppliers", &supplier);
        clinic.create(Role::Admin, "/v1/practitioners", &json!({"name": "Another", "profession": "nurse"}));
        clinic.create(Role::Admin, "/v1/licences", &licence(("site", &clinic.site), "facility", "CQC", "1-2"));
        let lot = clinic.receive_inspect_release(&format!("LOT{number}"), 4);
        assert_eq!(clinic.administer(&lot, 1).0, 201);
        let opening = json!({"lot_id": lot, "location_id": clinic.stock});
        clinic.create(Role::Practitioner, "/v1/containers", &opening);
        clinic.hold(&lot);
    }
    let lists = [
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
        "/v1/containers",
        "/v1/events",
    ];
    for path in lists {
        let key = if path == "/v1/stock" { "account_id" } else { "id" };
        let whole = all(world, path, 200);
        assert!(whole.len() >= 5, "{path}");
        let ids: BTreeSet<_> = whole.iter().map(|item| item[key].as_str().unwrap()).collect();
        assert_eq!(ids.len(), whole.len(), "{path}: each once");
        for limit in [1, 2, 3, whole.len()] {
            assert_eq!(all(world, path, limit), whole, "{path} by {limit}");
        }
        // A cursor belongs to its list.
        let cursor = world.read(&format!("{path}?limit=1"))["next_cursor"].as_str().unwrap().to_owned();
        for other in lists.iter().filter(|other| **other != path) {
            let bearer = format!("Bearer {}", world.token(Role::Auditor));
            let address = format!("{other}?cursor={cursor}");
            let answer = world.http.send("GET", &address, &[("authorization", &bearer)], None);
            assert_problem(&answer, 400, "invalid_cursor", &address);
        }
    }
    // A search pages by its body.
    let mut found = Vec::new();
    let mut body = json!({"patient_ref": "P-1001", "limit": 2});
    loop {
        let page = world.create(Role::Auditor, "/v1/administrations/search", &body);
        found.extend(page["items"].as_array().unwrap().iter().cloned());
        if page["next_cursor"].is_null() {
            break;
        }
        body["cursor"] = page["next_cursor"].clone();
    }
    assert_eq!(found, all(world, "/v1/administrations", 200));
    // Stock is in the order of expiry, whatever came first.
    clinic.receive("LATER", "2028-01-31", 1);
    clinic.receive("SOONER", "2027-01-31", 1);
    let expiries: Vec<_> = all(world, "/v1/stock", 2).iter().map(|item| item["effective_expiry"].to_string()).collect();
    assert!(expiries.is_sorted(), "{expiries:?}");
    assert_eq!(
        (expiries.first().unwrap(), expiries.last().unwrap()),
        (&"\"2027-01-31\"".into(), &"\"2028-01-31\"".into())
    );
    // Filters hold over pages.
    let stocked = all(world, "/v1/stock?state=held", 2);
    assert_eq!(stocked.len(), 10, "five lots, of each what is sealed and what is opened");
    assert!(stocked.iter().all(|item| item["state"] == "held"));
}

fn what_is_added_meanwhile_comes_later(world: &World) {
    let create = || world.create(Role::Admin, "/v1/sites", &site())["id"].clone();
    let mut made: Vec<_> = (0..4).map(|_| create()).collect();
    let first = world.read("/v1/sites?limit=2");
    made.push(create());
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = world.read(&format!("/v1/sites?limit=200&cursor={cursor}"));
    let both = [&first, &second].map(|page| page["items"].as_array().unwrap().clone()).concat();
    assert_eq!(both.iter().map(|site| site["id"].clone()).collect::<Vec<_>>(), made);
    // Fifty when nothing is asked for.
    for _ in 0..48 {
        create();
    }
    let page = world.read("/v1/sites");
    assert_eq!(page["items"].as_array().unwrap().len(), 50);
    assert!(page["next_cursor"].is_string());
}

/// What somebody may write into the place of a key. None of it is one, whatever the kind: what the databases cannot
/// compare, what they would compare as something else, and what belongs into another place.
const MADE_UP: [&str; 24] = [
    "-9999-01-01",
    "-4713-11-23",
    "-4713-11-23T23:59:59.999999Z",
    "-262143-01-01T00:00:00Z",
    "+262142-12-31T23:59:59.999999Z",
    "0000-12-31",
    "0000-12-31T23:59:59.999999Z",
    "+10000-01-01",
    "10000-01-01T00:00:00.000000Z",
    "2026-02-30",
    "2026-13-01T00:00:00.000000Z",
    "2026-11-21T24:00:00.000000Z",
    "2026-11-21T09:30:00Z",
    "2026-11-21 09:30:00.000000",
    "infinity",
    "now",
    "0",
    "9223372036854775808",
    "\0",
    "\u{fffe}",
    "' OR 1=1 --",
    "site_01932c07-8d00-7000-8000-00000000000",
    "SITE_01932c07-8d00-7000-8000-000000000000",
    "\u{10ffff}",
];

fn a_cursor_that_was_made_up_is_refused(world: &World) {
    use base64::Engine;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    let bearer = format!("Bearer {}", world.token(Role::Auditor));
    let ask = |path: &str, cursor: &str| {
        let address = format!("{path}?cursor={cursor}");
        world.http.send("GET", &address, &[("authorization", &bearer)], None)
    };
    let good = |kind: &str| match kind {
        "moment" => "2026-11-21T09:30:00.000000Z".to_owned(),
        "day" => "2026-11-21".to_owned(),
        "work" => "inspect.acct_01932c07-8d00-7000-8000-000000000000".to_owned(),
        "place" => format!("0.01780000000000000.{}", "aev_01932c07-8d00-7000-8000-000000000000"),
        prefix => format!("{prefix}_01932c07-8d00-7000-8000-000000000000"),
    };
    for (path, name, kinds) in LISTS {
        let keys: Vec<_> = kinds.iter().map(|kind| good(kind)).collect();
        let cursor = |parts: &[String]| URL_SAFE_NO_PAD.encode(parts.join("\u{1f}"));
        let with = |keys: &[String]| cursor(&[&[name.to_owned()], keys].concat());
        assert_eq!(ask(path, &with(&keys)).status, 200, "{path}: one like those that it gives out");
        let mut forged: Vec<String> = Vec::new();
        for place in 0..keys.len() {
            let others = ["moment", "day", "site", "evt"].into_iter().filter(|kind| *kind != kinds[place]);
            for text in MADE_UP.iter().map(|text| (*text).to_owned()).chain(others.map(good)).chain([String::new()]) {
                let mut keys = keys.clone();
                keys[place] = text;
                forged.push(with(&keys));
            }
            forged.push(with(&keys[..place]));
        }
        forged.push(with(&[keys.as_slice(), &keys].concat()));
        forged.push(cursor(&keys));
        forged.push(URL_SAFE_NO_PAD.encode([name.as_bytes(), b"\x1f\xff\xfe"].concat()));
        forged.push(with(&keys).replace(['-', '_'], "~"));
        forged.push(STANDARD.encode(format!("{name}\u{1f}?>?>")).replace('+', "%2B").replace('/', "%2F"));
        forged.extend(["", "null", "AAAA", "~"].map(str::to_owned));
        for cursor in forged {
            let answer = ask(path, &cursor);
            // A cursor without letters that need replacing is the good one.
            if cursor != with(&keys) {
                assert_problem(&answer, 400, "invalid_cursor", &format!("{path} {cursor}"));
            }
        }
    }
}
