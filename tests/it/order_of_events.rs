//! Lists are in the order of what happened, also where it was entered late.

use lotline::caller::Role;
use serde_json::{Value, json};

use super::support::client::assert_problem;
use super::support::clinic::{EXPIRY, GTIN, id};
use super::support::{Clinic, World, on_both_databases};

on_both_databases!(
    what_was_entered_late_stands_where_it_happened,
    a_page_goes_on_where_it_ended,
    a_chain_of_custody_is_told_as_it_happened,
);

/// A moment of the scenario's day, by the hour: it begins at 10.
fn hour(hour: u32) -> Value {
    json!(format!("2026-07-01T{hour:02}:00:00Z"))
}

fn ids(world: &World, path: &str) -> Vec<String> {
    world.read(path)["items"].as_array().unwrap().iter().map(id).collect()
}

/// Units in stock since 10, and it is 20 now.
fn evening<'a>(world: &'a World) -> (Clinic<'a>, String) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 20);
    world.clock.set("2026-07-01T20:00:00Z");
    (clinic, lot)
}

fn late(mut body: Value, at: u32) -> Value {
    body["occurred_at"] = hour(at);
    body
}

fn what_was_entered_late_stands_where_it_happened(world: &World) {
    let (clinic, lot) = evening(world);
    let waste = json!({"lot_id": lot, "from_location_id": clinic.stock, "units": 1, "reason": "Dropped"});
    let receipt = |lot: &str| clinic.receipt(json!([{"gtin": GTIN, "lot": lot, "expiry": EXPIRY, "packs": 1}]));
    let first_receipt = ids(world, "/v1/receipts");
    let mut made = [Vec::new(), Vec::new(), Vec::new()];
    // Entered at 20, in this order; 15 twice.
    for at in [15, 12, 18, 15, 11] {
        let administered =
            clinic.create(Role::Practitioner, "/v1/administrations", &late(clinic.administration(&lot, 1), at));
        let wasted = clinic.create(Role::Quality, "/v1/wastages", &late(waste.clone(), at));
        let received = clinic.create(Role::Purchaser, "/v1/receipts", &late(receipt(&format!("LATE{at}")), at));
        for (list, answer) in made.iter_mut().zip([administered, wasted, received]) {
            list.push((at, id(&answer)));
        }
    }
    let [mut administered, mut wasted, mut received] = made;
    for list in [&mut administered, &mut wasted, &mut received] {
        list.sort(); // by the hour; ids keep the order of record
    }
    let of = |list: Vec<(u32, String)>| -> Vec<String> { list.into_iter().map(|(_, id)| id).collect() };
    let administered = of(administered);
    for filter in [
        String::new(),
        format!("?lot_id={lot}"),
        format!("?practitioner_id={}", clinic.practitioner),
        "?from=2026-07-01T11:00:00Z".to_owned(),
    ] {
        assert_eq!(ids(world, &format!("/v1/administrations{filter}")), administered, "{filter}");
    }
    let found = clinic.create(Role::Auditor, "/v1/administrations/search", &json!({"patient_ref": "P-1001"}));
    assert_eq!(found["items"].as_array().unwrap().iter().map(id).collect::<Vec<_>>(), administered);
    let wasted = of(wasted);
    assert_eq!(ids(world, "/v1/movements"), wasted);
    assert_eq!(ids(world, &format!("/v1/movements?lot_id={lot}")), wasted);
    let received = [first_receipt, of(received)].concat();
    assert_eq!(ids(world, "/v1/receipts"), received);
    assert_eq!(ids(world, &format!("/v1/receipts?site_id={}", clinic.site)), received);
}

fn a_page_goes_on_where_it_ended(world: &World) {
    let (clinic, lot) = evening(world);
    let administer = |at: u32| {
        id(&clinic.create(Role::Practitioner, "/v1/administrations", &late(clinic.administration(&lot, 1), at)))
    };
    for at in [14, 12, 14, 14, 16] {
        administer(at);
    }
    let whole = ids(world, "/v1/administrations");
    for limit in 1..=5 {
        let (mut found, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = world.read(&format!("/v1/administrations?limit={limit}{cursor}"));
            found.extend(page["items"].as_array().unwrap().iter().map(id));
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(found, whole, "by {limit}");
    }
    // What is entered meanwhile comes later in the list if it happened later, and else was passed already.
    let page = world.read("/v1/administrations?limit=2");
    let (before, after) = (administer(11), administer(15));
    let cursor = page["next_cursor"].as_str().unwrap();
    let rest = ids(world, &format!("/v1/administrations?limit=200&cursor={cursor}"));
    assert!(rest.contains(&after) && !rest.contains(&before));
    assert_eq!(rest.len(), 4);
    // A cursor that nobody gave out.
    use base64::Engine;
    let bearer = format!("Bearer {}", world.token(Role::Auditor));
    for forged in
        ["administrations\u{1f}yesterday\u{1f}adm_1", "administrations\u{1f}adm_1", "administrations\u{1f}\u{1f}x"]
    {
        let cursor = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(forged);
        let address = format!("/v1/administrations?cursor={cursor}");
        let answer = world.http.send("GET", &address, &[("authorization", &bearer)], None);
        assert_problem(&answer, 400, "invalid_cursor", forged);
    }
}

fn a_chain_of_custody_is_told_as_it_happened(world: &World) {
    let (clinic, lot) = evening(world);
    let made = clinic.create(Role::Practitioner, "/v1/administrations", &late(clinic.administration(&lot, 1), 18));
    let waste = json!({"lot_id": lot, "from_location_id": clinic.stock, "units": 1, "reason": "Dropped"});
    clinic.create(Role::Quality, "/v1/wastages", &late(waste, 12));
    for path in [format!("/v1/lots/{lot}/custody"), format!("/v1/administrations/{}/custody", id(&made))] {
        let custody = world.read(&path);
        let events = custody["events"].as_array().unwrap();
        let moments: Vec<_> = events.iter().map(|event| event["occurred_at"].as_str().unwrap()).collect();
        assert!(moments.is_sorted(), "{moments:?}");
        let kinds: Vec<_> = events.iter().map(|event| event["kind"].as_str().unwrap()).collect();
        let expected = [
            "receipt_recorded",
            "stock_received",
            "packaging_inspected",
            "stock_passed",
            "stock_released",
            "stock_wasted",
            "stock_administered",
        ];
        assert_eq!(kinds, expected, "{path}");
    }
}
