//! What helps at the chair: what should go first, a finger that presses twice, and what a practitioner may do herself.

use lotline::caller::Role;
use serde_json::{Value, json};

use super::support::client::assert_problem;
use super::support::clinic::{GTIN, id, location, scan, site};
use super::support::{Clinic, World, on_both_databases};

on_both_databases!(
    the_same_within_a_minute_is_sent_on_purpose_or_not_at_all,
    a_finger_that_presses_twice_at_once_takes_one_unit,
    a_scan_names_what_should_go_first,
    where_the_policy_asks_for_it_what_goes_first_goes_first,
    a_practitioner_does_what_is_hers,
);

const ADMINISTRATIONS: &str = "/v1/administrations";

/// Sends an administration without a key.
fn press(clinic: &Clinic<'_>, token: &str, body: &Value) -> (u16, Value) {
    let answer = clinic.http.post_with(token, ADMINISTRATIONS, &[], body);
    (answer.status, answer.json())
}

fn the_same_within_a_minute_is_sent_on_purpose_or_not_at_all(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.stocked("LOT1", "2027-06-30", 20);
    let mary = world.token(Role::Practitioner);
    let body = clinic.administration(&lot, 1);
    world.clock.set("2026-07-01T12:00:00Z");
    let (status, first) = press(&clinic, &mary, &body);
    assert_eq!(status, 201, "{first}");
    world.clock.set("2026-07-01T12:00:59Z");
    let before = world.database.state();
    let again = clinic.http.post_with(&mary, ADMINISTRATIONS, &[], &body);
    assert_problem(&again, 409, "looks_like_a_repeat", "the same, 59 seconds later");
    assert!(again.json()["detail"].as_str().unwrap().contains(&id(&first)), "{again:?}");
    assert!(!again.json().to_string().contains("P-1001"), "no reference in an error");
    assert_eq!(world.database.state(), before, "nothing is recorded");

    // On purpose.
    let key = [("idempotency-key", "second-syringe")];
    assert_eq!(clinic.http.post_with(&mary, ADMINISTRATIONS, &key, &body).status, 201);
    // What differs in what was done, to whom, how much, by whom or when is another one.
    let changes: [(&str, Value); 5] = [
        ("/treatment/area", json!("chin")),
        ("/patient_ref", json!("P-1002")),
        ("/units", json!(2)),
        ("/encounter_ref", json!("V-7")),
        ("/occurred_at", json!("2026-07-01T12:00:10Z")),
    ];
    for (pointer, value) in changes {
        let mut other = body.clone();
        match pointer.rsplit_once('/').unwrap() {
            ("", field) => other[field] = value,
            (parent, field) => other.pointer_mut(parent).unwrap()[field] = value,
        }
        assert_eq!(press(&clinic, &mary, &other).0, 201, "{pointer}");
        // Sent once more, that one is a repeat, however its patient is spelled.
        other["patient_ref"] = json!(other["patient_ref"].as_str().unwrap().to_lowercase());
        assert_eq!(press(&clinic, &mary, &other).1["code"], "looks_like_a_repeat", "{pointer}");
    }
    let colleague = world.token_as("colleague", &[Role::Practitioner]);
    assert_eq!(press(&clinic, &colleague, &body).0, 201, "somebody else");
    // What was voided was not done.
    world.clock.set("2026-07-01T12:05:00Z");
    let (_, mistaken) = press(&clinic, &mary, &body);
    let void = json!({"reason": "Wrong patient on the screen", "returned_to_stock": false});
    clinic.create(Role::Practitioner, &format!("{ADMINISTRATIONS}/{}/voids", id(&mistaken)), &void);
    assert_eq!(press(&clinic, &mary, &body).0, 201, "after a void");
    world.clock.set("2026-07-01T12:06:01Z");
    assert_eq!(press(&clinic, &mary, &body).0, 201, "a minute later");
    assert_eq!(clinic.reconciliation(&lot)["administered"], 11, "as often as it was meant");
}

fn a_finger_that_presses_twice_at_once_takes_one_unit(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.stocked("LOT1", "2027-06-30", 20);
    let mary = world.token(Role::Practitioner);
    let body = clinic.administration(&lot, 1);
    let clinic = &clinic;
    let mut codes: Vec<_> = std::thread::scope(|scope| {
        let presses: Vec<_> = (0..8).map(|_| scope.spawn(|| press(clinic, &mary, &body))).collect();
        presses.into_iter().map(|press| press.join().unwrap()).map(|(status, _)| status).collect()
    });
    codes.sort_unstable();
    assert_eq!(codes, [201, 409, 409, 409, 409, 409, 409, 409]);
    assert_eq!(clinic.reconciliation(&lot)["administered"], 1);
}

/// What a scan of a lot says should go first: the lot and the place.
fn first(clinic: &Clinic<'_>, expiry: &str, lot: &str) -> Option<(String, String)> {
    let scanned = clinic.create(Role::Practitioner, "/v1/scans", &clinic.question(&scan(expiry, lot, None)));
    let named = scanned.get("use_first")?;
    Some((named["lot"].as_str().unwrap().to_owned(), named["location"].as_str().unwrap().to_owned()))
}

fn a_scan_names_what_should_go_first(world: &World) {
    let clinic = world.clinic();
    clinic.stocked("LATE", "2027-06-30", 4);
    let shelf = clinic.read(&format!("/v1/locations/{}", clinic.stock))["name"].as_str().unwrap().to_owned();
    let of = |lot: &str| Some((lot.to_owned(), shelf.clone()));
    assert_eq!(first(&clinic, "270630", "LATE"), None, "nothing else is there");
    // In quarantine it cannot go at all.
    clinic.receive("WAITS", "2027-01-31", 1);
    assert_eq!(first(&clinic, "270630", "LATE"), None, "what is not released");
    let early = clinic.stocked("EARLY", "2027-03-31", 2);
    assert_eq!(first(&clinic, "270630", "LATE"), of("EARLY"));
    assert_eq!(first(&clinic, "270331", "EARLY"), None, "it goes first itself");
    let earliest = clinic.stocked("EARLIEST", "2027-02-28", 2);
    assert_eq!(first(&clinic, "270630", "LATE"), of("EARLIEST"));
    assert_eq!(first(&clinic, "270331", "EARLY"), of("EARLIEST"));
    // Held, denied, used up: the next one.
    let held = id(&clinic.hold(&earliest));
    assert_eq!(first(&clinic, "270630", "LATE"), of("EARLY"));
    clinic.post(Role::Quality, &format!("/v1/holds/{held}/lift"), &json!({"reason": "Unrelated"}));
    assert_eq!(first(&clinic, "270630", "LATE"), of("EARLIEST"));
    let denied = json!({"denied_lots": [{"gtin": GTIN, "lot": "EARLIEST"}]});
    assert_eq!(clinic.patch("/v1/policies", &denied).status, 200);
    assert_eq!(first(&clinic, "270630", "LATE"), of("EARLY"));
    assert_eq!(clinic.administer(&early, 2).0, 201);
    assert_eq!(first(&clinic, "270630", "LATE"), None);
    assert_eq!(clinic.patch("/v1/policies", &json!({"denied_lots": []})).status, 200);
    assert_eq!(first(&clinic, "270630", "LATE"), of("EARLIEST"));

    // Only to administer, and only at this site.
    let mut question = clinic.question(&scan("270630", "LATE", None));
    question["purpose"] = json!("return");
    assert!(clinic.create(Role::Practitioner, "/v1/scans", &question).get("use_first").is_none());
    let (other, _) = another_site(&clinic);
    let mut question = clinic.question(&scan("270630", "LATE", None));
    question["site_id"] = json!(other);
    assert!(clinic.create(Role::Practitioner, "/v1/scans", &question).get("use_first").is_none());
    // What has run out goes nowhere: its last day is 28 February.
    world.clock.set("2027-02-28T23:30:00Z");
    assert_eq!(first(&clinic, "270630", "LATE"), of("EARLIEST"));
    world.clock.set("2027-03-01T00:30:00Z");
    assert_eq!(first(&clinic, "270630", "LATE"), None);
}

/// Another site with a place for stock.
fn another_site(clinic: &Clinic<'_>) -> (String, String) {
    let mut other = site();
    other["name"] = json!("Elsewhere");
    let other = id(&clinic.create(Role::Admin, "/v1/sites", &other));
    let shelf = id(&clinic.create(Role::Admin, "/v1/locations", &location(&other, "stock")));
    (other, shelf)
}

fn where_the_policy_asks_for_it_what_goes_first_goes_first(world: &World) {
    let clinic = world.clinic();
    let late = clinic.stocked("LATE", "2027-06-30", 6);
    world.clock.set("2026-07-02T10:00:00Z");
    let early = clinic.stocked("EARLY", "2027-03-31", 2);
    assert_eq!(clinic.administer(&late, 1).0, 201, "by default it is told and no more");
    assert_eq!(clinic.patch("/v1/policies", &json!({"expiry_order": "refuse"})).status, 200);
    assert_eq!(clinic.read("/v1/policies")["expiry_order"], "refuse");
    world.clock.set("2026-07-03T10:00:00Z");
    clinic.assert_not_at_the_chair(&scan("270630", "LATE", None), &["earlier_expiry_first"]);
    clinic.assert_refused(
        Role::Practitioner,
        ADMINISTRATIONS,
        &clinic.administration(&late, 1),
        &["earlier_expiry_first"],
    );
    // What has happened is recorded all the same, with a deviation.
    let mut told = clinic.administration(&late, 1);
    told["retrospective"] = json!({"reason": "Used before anybody looked"});
    let told = clinic.create(Role::Practitioner, ADMINISTRATIONS, &told);
    assert_eq!(told["deviation"]["reason_codes"], json!(["earlier_expiry_first"]));
    clinic.assert_at_the_chair(&scan("270331", "EARLY", None));
    assert_eq!(clinic.administer(&early, 1).0, 201);
    clinic.assert_at_the_chair(&scan("270630", "LATE", None));
    // What is entered late is judged by what lay there then, and not by what lies there now: EARLY was used up at ten.
    world.clock.set("2026-07-04T10:00:00Z");
    let late_entry = |at: &str| {
        let mut body = clinic.administration(&late, 1);
        body["occurred_at"] = json!(at);
        body
    };
    let before_ten = late_entry("2026-07-03T09:30:00Z");
    clinic.assert_refused(Role::Practitioner, ADMINISTRATIONS, &before_ten, &["earlier_expiry_first"]);
    assert_eq!(clinic.post(Role::Practitioner, ADMINISTRATIONS, &late_entry("2026-07-03T10:30:00Z")).0, 201);
}

fn a_practitioner_does_what_is_hers(world: &World) {
    let clinic = world.clinic();
    let mary = world.token(Role::Practitioner);
    let post = |path: &str, body: &Value| world.http.post(&mary, path, body);
    // Her colleagues and the places of her sites.
    assert_eq!(world.http.get(&mary, "/v1/practitioners").1["items"][0]["id"], json!(clinic.practitioner));
    assert_eq!(world.http.get(&mary, &format!("/v1/practitioners/{}", clinic.practitioner)).0, 200);
    assert_eq!(world.http.get(&mary, &format!("/v1/locations?site_id={}", clinic.site)).0, 200);

    // What she broke, of what may be used, with a reason.
    let lot = clinic.stocked("LOT1", "2027-06-30", 6);
    let broke = json!({"lot_id": lot, "from_location_id": clinic.stock, "units": 1, "reason": "Dropped"});
    let (status, made) = post("/v1/wastages", &broke);
    assert_eq!((status, &made["state"]), (201, &json!("available")), "{made}");
    assert_eq!(post("/v1/destructions", &broke).0, 403);
    clinic.hold(&lot);
    assert_eq!(post("/v1/wastages", &broke).1["reasons"][0]["code"], "stock_not_on_hand", "what is held is not hers");
    let mut held = broke.clone();
    held["state"] = json!("held");
    assert_problem(&world.http.post_with(&mary, "/v1/wastages", &[], &held), 403, "forbidden", "what is set apart");
    assert_eq!(clinic.post(Role::Quality, "/v1/wastages", &held).0, 201);

    // The pack in her hand, and nothing wider.
    let lines = json!([{"scan": scan("270731", "LOT2", Some("SN1")), "packs": 1}, {"scan": scan("270731", "LOT2", Some("SN2")), "packs": 1}]);
    let receipt = clinic.create(Role::Purchaser, "/v1/receipts", &clinic.receipt(lines));
    let numbered = receipt["lines"][0]["lot_id"].as_str().unwrap().to_owned();
    let mut inspection = clinic.inspection(&id(&receipt), &numbered, 4, 0);
    inspection["serials_passed"] = json!(["SN1", "SN2"]);
    clinic.create(Role::Purchaser, "/v1/inspections", &inspection);
    clinic.create(Role::Quality, &format!("/v1/lots/{numbered}/releases"), &clinic.release(4));
    let set_apart = |serials: Value| json!({"scope": {"type": "lot", "id": numbered}, "serials": serials, "reason": "Cap is loose"});
    let (status, problem) = post("/v1/holds", &set_apart(json!([])));
    assert_eq!((status, &problem["code"]), (403, &json!("forbidden")));
    let refused = world.http.post_with(&mary, "/v1/holds", &[], &set_apart(json!(["SN1", "SN9"])));
    assert_problem(&refused, 422, "reference_unknown", "a pack that is not there");
    let mut product = set_apart(json!(["SN1"]));
    product["scope"] = json!({"type": "product", "id": clinic.product});
    assert_problem(
        &world.http.post_with(&mary, "/v1/holds", &[], &product),
        422,
        "invalid_value",
        "packs of a product",
    );
    let (status, hold) = post("/v1/holds", &set_apart(json!(["SN1"])));
    assert_eq!((status, hold["pack_ids"].as_array().map(Vec::len)), (201, Some(1)), "{hold}");
    clinic.assert_not_at_the_chair(&scan("270731", "LOT2", Some("SN1")), &["lot_on_hold"]);
    clinic.assert_at_the_chair(&scan("270731", "LOT2", Some("SN2")));
    let lift = json!({"reason": "It was not"});
    assert_eq!(post(&format!("/v1/holds/{}/lift", id(&hold)), &lift).0, 403, "somebody else looks at it");
    assert_eq!(clinic.post(Role::Quality, &format!("/v1/holds/{}/lift", id(&hold)), &lift).0, 200);
    clinic.assert_at_the_chair(&scan("270731", "LOT2", Some("SN1")));

    // With a token for her site, though other packs of the lot lie at another.
    let (_, shelf) = another_site(&clinic);
    let sent = json!({
        "lot_id": numbered, "from_location_id": clinic.stock, "to_location_id": shelf, "units": 1, "serials": ["SN2"],
        "reason": "Asked for"
    });
    clinic.create(Role::Quality, "/v1/transfers", &sent);
    let here = world.sign(&world.organisation, "mary", &[Role::Practitioner], Some(vec![clinic.site.parse().unwrap()]));
    let of = |serial: &str| world.http.post_with(&here, "/v1/holds", &[], &set_apart(json!([serial])));
    assert_eq!(of("SN1").status, 201);
    assert_problem(&of("SN2"), 403, "beyond_your_sites", "a pack at another site");

    // What she uploaded, and not what others did.
    let upload = |token: &str, bytes: &[u8]| {
        let bearer = format!("Bearer {token}");
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/pdf")];
        let answer = world.http.send("POST", "/v1/evidence", &headers, Some(bytes));
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.json()["sha256"].as_str().unwrap().to_owned()
    };
    let (hers, theirs) = (upload(&mary, b"%PDF-1.4 hers"), upload(&world.token(Role::Quality), b"%PDF-1.4 theirs"));
    // What somebody else sent first is hers, too.
    let both = upload(&world.token(Role::Quality), b"%PDF-1.4 both");
    upload(&mary, b"%PDF-1.4 both");
    for (sha256, expected) in [(hers, 200), (theirs, 404), (both, 200)] {
        for path in ["", "/metadata"] {
            let bearer = format!("Bearer {mary}");
            let answer =
                world.http.send("GET", &format!("/v1/evidence/{sha256}{path}"), &[("authorization", &bearer)], None);
            assert_eq!(answer.status, expected, "{path}");
        }
    }
}
