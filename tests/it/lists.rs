//! Lists and their filters: what was inspected and released, packs and where they are, movements, administrations and receipts; by
//! place, time, product, lot, number and delivery note.

use lotline::caller::Role;
use serde_json::{Value, json};

use super::support::client::assert_problem;
use super::support::clinic::{GTIN, gtin, id, licence, location, product, scan, site};
use super::support::{Clinic, World, on_both_databases};

on_both_databases!(
    inspections_and_releases_are_found_again,
    packs_are_found_by_number_and_where_they_are,
    movements_are_found_by_place_and_product,
    administrations_and_receipts_are_found_by_what_they_say,
    a_day_is_that_of_the_site,
    a_token_for_a_site_sees_its_own_only,
    lists_page_in_the_order_of_what_happened,
    ends_that_make_no_sense_are_refused,
);

/// The ids that a list finds.
fn found(world: &World, address: &str) -> Vec<String> {
    ids(&world.read(address))
}

fn ids(page: &Value) -> Vec<String> {
    page["items"].as_array().unwrap().iter().map(id).collect()
}

/// Packs with these numbers, received.
fn numbered(clinic: &Clinic<'_>, lot: &str, serials: &[&str]) -> (String, String) {
    let lines: Vec<_> =
        serials.iter().map(|serial| json!({"scan": scan("270630", lot, Some(serial)), "packs": 1})).collect();
    let made = clinic.create(Role::Purchaser, "/v1/receipts", &clinic.receipt(json!(lines)));
    (id(&made), made["lines"][0]["lot_id"].as_str().unwrap().to_owned())
}

fn inspections_and_releases_are_found_again(world: &World) {
    let clinic = world.clinic();
    let (receipt, lot) = numbered(&clinic, "LOT1", &["SN_1", "SN11"]);
    let mut inspection = clinic.inspection(&receipt, &lot, 2, 2);
    (inspection["serials_passed"], inspection["serials_failed"]) = (json!(["SN_1"]), json!(["SN11"]));
    let first = clinic.create(Role::Purchaser, "/v1/inspections", &inspection);
    let mut release = clinic.release(2);
    release["serials"] = json!(["SN_1"]);
    let released = clinic.create(Role::Quality, &format!("/v1/lots/{lot}/releases"), &release);
    let (other_receipt, other) = clinic.receive("LOT2", "2027-06-30", 1);
    let second = clinic.create(Role::Purchaser, "/v1/inspections", &clinic.inspection(&other_receipt, &other, 2, 0));
    let (first, second, released) = (id(&first), id(&second), id(&released));
    let here = format!("site_id={}", clinic.site);
    let rows = [
        (String::new(), vec![&first, &second]),
        (format!("?lot_id={lot}"), vec![&first]),
        (format!("?{here}"), vec![&first, &second]),
        (format!("?location_id={}", clinic.quarantine), vec![&first, &second]),
        (format!("?location_id={}", clinic.stock), vec![]),
        ("?serial=SN_1".to_owned(), vec![&first]),
        ("?serial=SN11".to_owned(), vec![&first]),
        // It is no pattern, and upper case is not lower case.
        ("?serial=SN%251".to_owned(), vec![]),
        ("?serial=SN_".to_owned(), vec![]),
        ("?serial=sn11".to_owned(), vec![]),
        (format!("?serial=SN11&lot_id={other}"), vec![]),
        ("?from=2026-07-01&to=2026-07-01".to_owned(), vec![&first, &second]),
        ("?from=2026-07-02".to_owned(), vec![]),
        ("?to=2026-06-30".to_owned(), vec![]),
    ];
    for (query, expected) in rows {
        assert_eq!(found(world, &format!("/v1/inspections{query}")).iter().collect::<Vec<_>>(), expected, "{query}");
    }
    let rows = [
        (String::new(), 1),
        (format!("?lot_id={lot}"), 1),
        (format!("?lot_id={other}"), 0),
        (format!("?{here}"), 1),
        (format!("?location_id={}", clinic.quarantine), 1),
        (format!("?location_id={}", clinic.stock), 1),
        ("?serial=SN_1".to_owned(), 1),
        ("?serial=SN11".to_owned(), 0),
        ("?from=2026-07-02".to_owned(), 0),
    ];
    for (query, expected) in rows {
        assert_eq!(found(world, &format!("/v1/releases{query}")).len(), expected, "{query}");
    }
    // As each is shown by itself, with names beside.
    let mut listed = world.read("/v1/inspections")["items"][0].clone();
    let names = listed.as_object_mut().unwrap().remove("names").unwrap();
    assert_eq!(listed, world.read(&format!("/v1/inspections/{first}")));
    let of = |list: &str, of: &str| world.read(&format!("/v1/{list}/{of}"))["name"].clone();
    let expected = json!({
        "product_id": clinic.product, "product": of("products", &clinic.product), "lot": "LOT1", "expiry": "2027-06-30",
        "site_id": clinic.site, "site": of("sites", &clinic.site),
    });
    assert_eq!(names, expected);
    let listed = &world.read("/v1/releases")["items"][0];
    assert_eq!(listed["id"], json!(released));
    let (from, to) = (of("locations", &clinic.quarantine), of("locations", &clinic.stock));
    assert_eq!((&listed["names"]["from_location"], &listed["names"]["to_location"]), (&from, &to));
    // One that was taken back says so in the list, too.
    let reason = json!({"reason": "Recorded for the wrong delivery"});
    clinic.create(Role::Quality, &format!("/v1/inspections/{second}/reversals"), &reason);
    let reversed: Vec<_> = world.read("/v1/inspections")["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|listed| listed.get("reversed").is_some())
        .collect();
    assert_eq!(reversed, [false, true]);
}

fn packs_are_found_by_number_and_where_they_are(world: &World) {
    let clinic = world.clinic();
    let (receipt, lot) = numbered(&clinic, "LOT1", &["SN1", "SN2", "SN3"]);
    clinic.create(Role::Purchaser, "/v1/inspections", &clinic.inspection(&receipt, &lot, 6, 0));
    let mut release = clinic.release(4);
    release["serials"] = json!(["SN1", "SN2"]);
    clinic.create(Role::Quality, &format!("/v1/lots/{lot}/releases"), &release);
    clinic.create(
        Role::Practitioner,
        "/v1/administrations",
        &clinic.administration_of(&scan("270630", "LOT1", Some("SN1"))),
    );
    let serials = |query: &str| -> Vec<String> {
        let page = world.read(&format!("/v1/packs{query}"));
        page["items"].as_array().unwrap().iter().map(|pack| pack["serial"].as_str().unwrap().to_owned()).collect()
    };
    let rows = [
        (String::new(), vec!["SN1", "SN2", "SN3"]),
        ("?serial=SN2".to_owned(), vec!["SN2"]),
        ("?serial=sn2".to_owned(), vec![]),
        (format!("?lot_id={lot}"), vec!["SN1", "SN2", "SN3"]),
        (format!("?product_id={}&serial=SN3", clinic.product), vec!["SN3"]),
        (format!("?site_id={}", clinic.site), vec!["SN1", "SN2", "SN3"]),
        (format!("?location_id={}", clinic.stock), vec!["SN1", "SN2"]),
        (format!("?location_id={}", clinic.quarantine), vec!["SN3"]),
        ("?state=passed".to_owned(), vec!["SN3"]),
        ("?state=available".to_owned(), vec!["SN1", "SN2"]),
        // What is asked for is so of the same units.
        (format!("?state=available&location_id={}", clinic.quarantine), vec![]),
        ("?state=held".to_owned(), vec![]),
    ];
    for (query, expected) in rows {
        assert_eq!(serials(&query), expected, "{query}");
    }
    // A pack has two units: one was given to a patient, one is left.
    let pack = &world.read("/v1/packs?serial=SN1")["items"][0];
    assert_eq!((&pack["units_on_hand"], &pack["names"]["lot"]), (&json!(1), &json!("LOT1")));
    let mut units: Vec<_> = pack["units"]
        .as_array()
        .unwrap()
        .iter()
        .map(|of| (of["state"].as_str().unwrap(), of["units"].as_i64().unwrap(), of.get("location_id").cloned()))
        .collect();
    units.sort_by_key(|(state, ..)| (*state).to_owned());
    assert_eq!(units, [("available", 1, Some(json!(clinic.stock))), ("patient", 1, None)]);
}

fn movements_are_found_by_place_and_product(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 4);
    let room = id(&clinic.create(Role::Admin, "/v1/locations", &location(&clinic.site, "stock")));
    let transfer = json!({
        "lot_id": lot, "from_location_id": clinic.stock, "to_location_id": room, "units": 2, "reason": "For room 2"
    });
    let transfer = id(&clinic.create(Role::Quality, "/v1/transfers", &transfer));
    let wastage = json!({"lot_id": lot, "from_location_id": room, "units": 1, "reason": "Dropped"});
    world.clock.set("2026-07-02T09:00:00Z");
    let wastage = id(&clinic.create(Role::Quality, "/v1/wastages", &wastage));
    let other = id(&clinic.create(Role::Admin, "/v1/products", &product(&gtin(3))));
    let elsewhere = id(&clinic.create(Role::Admin, "/v1/sites", &site()));
    let rows = [
        (String::new(), vec![&transfer, &wastage]),
        (format!("?location_id={room}"), vec![&transfer, &wastage]),
        (format!("?location_id={}", clinic.stock), vec![&transfer]),
        (format!("?location_id={}", clinic.quarantine), vec![]),
        (format!("?site_id={}", clinic.site), vec![&transfer, &wastage]),
        (format!("?site_id={elsewhere}"), vec![]),
        (format!("?product_id={}", clinic.product), vec![&transfer, &wastage]),
        (format!("?product_id={other}"), vec![]),
        ("?to=2026-07-01".to_owned(), vec![&transfer]),
        ("?from=2026-07-02".to_owned(), vec![&wastage]),
        (format!("?from=2026-07-01&to=2026-07-02&lot_id={lot}&kind=wastage"), vec![&wastage]),
        ("?from=2026-07-02T09:00:00Z&to=2026-07-02T09:00:00Z".to_owned(), vec![]),
    ];
    for (query, expected) in rows {
        assert_eq!(found(world, &format!("/v1/movements{query}")).iter().collect::<Vec<_>>(), expected, "{query}");
    }
}

fn administrations_and_receipts_are_found_by_what_they_say(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 4);
    let (_, first) = clinic.administer(&lot, 1);
    let first = id(&first);
    let elsewhere = id(&clinic.create(Role::Admin, "/v1/sites", &site()));
    let other = id(&clinic.create(Role::Admin, "/v1/products", &product(&gtin(3))));
    let rows = [
        (format!("?site_id={}", clinic.site), vec![&first]),
        (format!("?site_id={elsewhere}"), vec![]),
        (format!("?product_id={}", clinic.product), vec![&first]),
        (format!("?product_id={other}"), vec![]),
        (format!("?lot_id={lot}&product_id={}&from=2026-07-01&to=2026-07-01", clinic.product), vec![&first]),
        (format!("?lot_id={lot}&to=2026-06-30"), vec![]),
    ];
    for (query, expected) in rows {
        assert_eq!(
            found(world, &format!("/v1/administrations{query}")).iter().collect::<Vec<_>>(),
            expected,
            "{query}"
        );
    }
    world.clock.set("2026-07-02T09:00:00Z");
    let noted = |note: &str, lot: &str| {
        let mut receipt = clinic.receipt(json!([{"gtin": GTIN, "lot": lot, "expiry": "2027-06-30", "packs": 1}]));
        receipt["delivery_note"] = json!(note);
        clinic.create(Role::Purchaser, "/v1/receipts", &receipt)
    };
    let (one, two) = (noted("DN-7", "LOT1"), noted("DN-8", "LOT2"));
    let second_lot = two["lines"][0]["lot_id"].as_str().unwrap().to_owned();
    let (one, two) = (id(&one), id(&two));
    let rows = [
        ("?delivery_note=DN-7".to_owned(), vec![&one]),
        ("?delivery_note=DN-9".to_owned(), vec![]),
        (format!("?lot_id={second_lot}"), vec![&two]),
        (format!("?lot_id={second_lot}&delivery_note=DN-7"), vec![]),
        ("?from=2026-07-02".to_owned(), vec![&one, &two]),
        (format!("?lot_id={lot}&from=2026-07-02"), vec![&one]),
    ];
    for (query, expected) in rows {
        assert_eq!(found(world, &format!("/v1/receipts{query}")).iter().collect::<Vec<_>>(), expected, "{query}");
    }
    assert_eq!(found(world, &format!("/v1/receipts?lot_id={lot}")).len(), 2);
    assert_eq!(found(world, "/v1/receipts?to=2026-07-01").len(), 1);
    // A line that was taken back brought nothing.
    clinic.create(Role::Quality, &format!("/v1/receipts/{two}/voids"), &json!({"reason": "Keyed twice"}));
    assert_eq!(found(world, &format!("/v1/receipts?lot_id={second_lot}")), Vec::<String>::new());
}

/// London is an hour ahead of UTC in summer: its first of July begins at 23:00 on the last of June, UTC.
fn a_day_is_that_of_the_site(world: &World) {
    let clinic = world.clinic();
    world.clock.set("2026-07-01T23:30:00Z");
    let (receipt, _) = clinic.receive("LOT1", "2027-06-30", 1);
    let here = format!("site_id={}", clinic.site);
    for (query, is_found) in [
        (format!("?{here}&from=2026-07-02&to=2026-07-02"), true),
        (format!("?{here}&to=2026-07-01"), false),
        ("?from=2026-07-02".to_owned(), false),
        ("?from=2026-07-01&to=2026-07-01".to_owned(), true),
        (format!("?{here}&from=2026-07-01T23:30:00Z&to=2026-07-02"), true),
        // A moment is the same everywhere.
        (format!("?{here}&to=2026-07-01T23:30:00Z"), false),
        (format!("?{here}&from=2026-07-02T00:30:00%2B01:00"), true),
    ] {
        let expected: Vec<String> = is_found.then(|| receipt.clone()).into_iter().collect();
        assert_eq!(found(world, &format!("/v1/receipts{query}")), expected, "{query}");
    }
    // The first and the last days that there are.
    assert_eq!(found(world, "/v1/receipts?from=0001-01-01&to=9999-12-31"), [receipt]);
}

fn a_token_for_a_site_sees_its_own_only(world: &World) {
    let clinic = world.clinic();
    let (receipt, lot) = numbered(&clinic, "LOT1", &["SN1"]);
    clinic.create(Role::Purchaser, "/v1/inspections", &clinic.inspection(&receipt, &lot, 2, 0));
    let mut release = clinic.release(2);
    release["serials"] = json!(["SN1"]);
    clinic.create(Role::Quality, &format!("/v1/lots/{lot}/releases"), &release);
    let elsewhere = id(&clinic.create(Role::Admin, "/v1/sites", &site()));
    clinic.checked_licence(&licence(("site", &elsewhere), "facility", "CQC", "1-200"));
    let bound =
        |site: &str| world.sign(&world.organisation, "bound", &[Role::Auditor], Some(vec![site.parse().unwrap()]));
    let (here, there) = (bound(&clinic.site), bound(&elsewhere));
    for list in ["inspections", "releases", "packs"] {
        for query in
            [String::new(), format!("?lot_id={lot}"), format!("?site_id={}", clinic.site), "?serial=SN1".to_owned()]
        {
            let address = format!("/v1/{list}{query}");
            assert_eq!(ids(&world.http.get(&here, &address).1).len(), 1, "{address}");
            assert_eq!(ids(&world.http.get(&there, &address).1).len(), 0, "{address}");
        }
    }
    // Of a pack that went to another site each sees what is at their own.
    let shelf = id(&clinic.create(Role::Admin, "/v1/locations", &location(&elsewhere, "stock")));
    let transfer = json!({
        "lot_id": lot, "from_location_id": clinic.stock, "to_location_id": shelf, "units": 1, "serials": ["SN1"],
        "reason": "For the other site"
    });
    clinic.create(Role::Quality, "/v1/transfers", &transfer);
    for token in [&here, &there] {
        let pack = world.http.get(token, "/v1/packs?serial=SN1").1["items"][0].clone();
        assert_eq!((&pack["units_on_hand"], pack["units"].as_array().unwrap().len()), (&json!(1), 1), "{pack}");
    }
    assert_eq!(world.read("/v1/packs?serial=SN1")["items"][0]["units_on_hand"], json!(2));
    // A transfer between sites is found at both.
    for (token, site) in [(&here, &clinic.site), (&there, &elsewhere)] {
        let address = format!("/v1/movements?site_id={site}");
        assert_eq!(ids(&world.http.get(token, &address).1).len(), 1, "{address}");
    }
}

fn lists_page_in_the_order_of_what_happened(world: &World) {
    let clinic = world.clinic();
    let (late_receipt, late_lot) = clinic.receive("LATE", "2027-06-30", 1);
    let then = world.clock.now().to_string();
    world.clock.advance_days(1);
    for number in 0..5 {
        let (receipt, lot) = numbered(&clinic, &format!("LOT{number}"), &[&format!("SN{number}")]);
        clinic.create(Role::Purchaser, "/v1/inspections", &clinic.inspection(&receipt, &lot, 2, 0));
        clinic.create(Role::Quality, &format!("/v1/lots/{lot}/releases"), &clinic.release(2));
    }
    // What is entered late stands where it happened.
    let mut late = clinic.inspection(&late_receipt, &late_lot, 2, 0);
    late["occurred_at"] = json!(then);
    let late = id(&clinic.create(Role::Purchaser, "/v1/inspections", &late));
    assert_eq!(found(world, "/v1/inspections").first(), Some(&late));
    for list in ["inspections", "releases", "packs", "packs?state=available", "inspections?serial=SN3"] {
        let and = if list.contains('?') { '&' } else { '?' };
        let whole = found(world, &format!("/v1/{list}{and}limit=200"));
        assert!(!whole.is_empty(), "{list}");
        for limit in [1, 2, whole.len()] {
            let (mut all, mut cursor) = (Vec::new(), String::new());
            loop {
                let page = world.read(&format!("/v1/{list}{and}limit={limit}{cursor}"));
                all.extend(ids(&page));
                match page["next_cursor"].as_str() {
                    Some(next) => cursor = format!("&cursor={next}"),
                    None => break,
                }
            }
            assert_eq!(all, whole, "{list} by {limit}");
        }
    }
}

fn ends_that_make_no_sense_are_refused(world: &World) {
    let bearer = format!("Bearer {}", world.token(Role::Auditor));
    for list in ["inspections", "releases", "movements", "administrations", "receipts"] {
        for end in [
            "from=2026-02-30",
            "to=yesterday",
            "from=2026-7-1",
            "to=2026-07-01T25:00:00Z",
            "from=2026-07-01T10:00:00",
            "from=",
            "to=10000-01-01",
        ] {
            let address = format!("/v1/{list}?{end}");
            let answer = world.http.send("GET", &address, &[("authorization", &bearer)], None);
            assert_problem(&answer, 400, "malformed_query", &address);
        }
    }
}
