//! Work that waits: for whom, of what, since when and by when; and the call that settles it does.

use std::collections::BTreeSet;

use lotline::attention::kinds::WorkKind;
use lotline::caller::Role;
use lotline::clock::Moment;
use serde_json::{Value, json};

use super::support::client::assert_problem;
use super::support::clinic::{GTIN, id, licence, location, product, scan, site};
use super::support::{World, on_both_databases};

on_both_databases!(
    stock_waits_for_those_who_may,
    what_is_expired_only_leaves,
    orders_wait_for_purchasing,
    counts_wait_for_a_second_person,
    licences_wait_for_an_admin,
    what_happened_waits_for_quality,
    recalls_wait_for_sites_patients_and_their_end,
    ones_own_word_waits_for_oneself,
    opened_units_wait_when_their_time_is_over,
    a_token_for_a_site_has_the_work_of_its_site,
    work_pages_by_when_it_is_due,
    what_makes_no_sense_is_refused,
);

fn work_of(world: &World, token: &str, query: &str) -> Vec<Value> {
    let (status, answer) = world.http.get(token, &format!("/v1/work{query}"));
    assert_eq!(status, 200, "{answer}");
    answer["items"].as_array().unwrap().clone()
}

/// What waits of one kind.
fn of_kind(world: &World, token: &str, kind: &str) -> Vec<Value> {
    work_of(world, token, &format!("?kind={kind}"))
}

fn kinds(world: &World, token: &str) -> BTreeSet<String> {
    work_of(world, token, "?limit=200").iter().map(|item| item["kind"].as_str().unwrap().to_owned()).collect()
}

/// Does what waits: sends its call, with what is missing.
fn settle(world: &World, token: &str, item: &Value, missing: &Value) -> (u16, Value) {
    let call = &item["call"];
    let mut body = call["body"].as_object().cloned().unwrap_or_default();
    body.extend(missing.as_object().unwrap().clone());
    let bearer = format!("Bearer {token}");
    let media_type = if call["method"] == "PATCH" { "application/merge-patch+json" } else { "application/json" };
    let headers = [("authorization", bearer.as_str()), ("content-type", media_type)];
    let (method, path) = (call["method"].as_str().unwrap(), call["path"].as_str().unwrap());
    let answer = world.http.send(method, path, &headers, Some(Value::Object(body).to_string().as_bytes()));
    (answer.status, answer.json())
}

fn assert_settled(world: &World, token: &str, item: &Value, missing: &Value) -> Value {
    let (status, answer) = settle(world, token, item, missing);
    assert!(matches!(status, 200 | 201), "{item} {missing}: {status} {answer}");
    answer
}

/// The only one of a kind, for somebody.
fn only(world: &World, token: &str, kind: &str) -> Value {
    let found = of_kind(world, token, kind);
    assert_eq!(found.len(), 1, "{kind}: {found:?}");
    found.into_iter().next().unwrap()
}

fn name(world: &World, list: &str, of: &str) -> Value {
    world.read(&format!("/v1/{list}/{of}"))["name"].clone()
}

// Long because it follows four units from the goods-in to where each ends.
fn stock_waits_for_those_who_may(world: &World) {
    let clinic = world.clinic();
    let (receipt, lot) = clinic.receive("LOT1", "2027-06-30", 2);
    let received = world.read(&format!("/v1/receipts/{receipt}"));
    let expected = json!({
        "kind": "inspect",
        "names": {
            "product_id": clinic.product, "product": name(world, "products", &clinic.product),
            "lot_id": lot, "lot": "LOT1", "expiry": "2027-06-30",
            "site_id": clinic.site, "site": name(world, "sites", &clinic.site),
            "location_id": clinic.quarantine, "location": name(world, "locations", &clinic.quarantine),
        },
        "units": 4,
        "since": received["occurred_at"],
        "call": {
            "operation": "create_inspection", "method": "POST", "path": "/v1/inspections",
            "body": {"lot_id": lot, "location_id": clinic.quarantine},
        },
    });
    for role in [Role::Purchaser, Role::Quality] {
        assert_eq!(only(world, &world.token(role), "inspect"), expected, "{role}");
    }
    for role in [Role::Practitioner, Role::Admin, Role::Auditor] {
        assert_eq!(of_kind(world, &world.token(role), "inspect"), Vec::<Value>::new(), "{role} does not inspect");
    }
    assert_eq!(
        work_of(world, &world.token(Role::Auditor), ""),
        Vec::<Value>::new(),
        "nothing waits for who changes nothing"
    );

    // Ann inspects: three pass, one fails. She may not release, Bob may.
    let ann = world.token_as("ann", &[Role::Quality]);
    let bob = world.token_as("bob", &[Role::Quality]);
    let checks = clinic.inspection(&receipt, &lot, 3, 1)["checks"].clone();
    let missing = json!({"checks": checks, "units_passed": 3, "units_failed": 1});
    let inspection = assert_settled(world, &ann, &expected, &missing);
    assert_eq!(of_kind(world, &ann, "inspect"), Vec::<Value>::new());
    assert_eq!(of_kind(world, &ann, "release"), Vec::<Value>::new(), "not by who inspected");
    let release = only(world, &bob, "release");
    assert_eq!((&release["units"], &release["names"]["person"]), (&json!(3), &json!("ann")));
    assert_eq!(release["since"], inspection["occurred_at"]);
    assert_eq!(release["call"]["body"], json!({"from_location_id": clinic.quarantine, "units": 3}));
    let back = only(world, &bob, "send_back");
    assert_eq!((&back["units"], &back["call"]["body"]["state"]), (&json!(1), &json!("rejected")));
    assert_settled(world, &bob, &back, &json!({"reason": "Carton torn"}));
    // What a hold covers is not released, and Bob's work is to lift it.
    let hold = id(&clinic.hold(&lot));
    assert_eq!(of_kind(world, &bob, "release"), Vec::<Value>::new());
    let lift = only(world, &bob, "lift_hold");
    assert_eq!((&lift["names"]["lot"], &lift["names"]["person"]), (&json!("LOT1"), &json!("quality")));
    assert_eq!(lift["call"]["path"], json!(format!("/v1/holds/{hold}/lift")));
    assert_settled(world, &bob, &lift, &json!({"reason": "Reviewed"}));
    let release = only(world, &bob, "release");
    assert_settled(world, &bob, &release, &json!({"to_location_id": clinic.stock, "reason": "Inspected"}));
    assert_eq!(of_kind(world, &bob, "release"), Vec::<Value>::new());
    // Held units among the stock are to be set apart: as many as lie there, and as what they are.
    clinic.hold(&lot);
    let apart = only(world, &bob, "set_apart");
    let body = json!({"lot_id": lot, "from_location_id": clinic.stock, "units": 3, "state": "held"});
    assert_eq!(apart["call"]["body"], body);
    assert_eq!(of_kind(world, &world.token(Role::Purchaser), "set_apart"), Vec::<Value>::new());
    assert_settled(world, &bob, &apart, &json!({"to_location_id": clinic.quarantine, "reason": "Set apart"}));
    assert_eq!(of_kind(world, &bob, "set_apart"), Vec::<Value>::new());
}

fn what_is_expired_only_leaves(world: &World) {
    let clinic = world.clinic();
    clinic.receive("LOT1", "2026-07-31", 1);
    let quality = world.token(Role::Quality);
    assert_eq!(only(world, &quality, "inspect")["units"], json!(2));
    // The last day counts, in the time zone of the site: London is an hour ahead of UTC in summer.
    world.clock.set("2026-07-31T22:59:59Z");
    assert_eq!(only(world, &quality, "inspect")["units"], json!(2));
    world.clock.set("2026-07-31T23:00:01Z");
    assert_eq!(of_kind(world, &quality, "inspect"), Vec::<Value>::new());
    let back = only(world, &quality, "send_back");
    assert_settled(world, &quality, &back, &json!({"reason": "Expired in quarantine"}));
    assert_eq!(of_kind(world, &quality, "send_back"), Vec::<Value>::new());
}

fn orders_wait_for_purchasing(world: &World) {
    let clinic = world.clinic();
    let order = json!({
        "site_id": clinic.site, "supplier_id": clinic.supplier, "reference": "PO-7", "expected_on": "2026-07-02",
        "lines": [{"product_id": clinic.product, "packs": 2}]
    });
    let order = id(&clinic.create(Role::Purchaser, "/v1/orders", &order));
    let placed = clinic.create(Role::Purchaser, &format!("/v1/orders/{order}/place"), &json!({}));
    let purchaser = world.token(Role::Purchaser);
    // What is to come is told so many days ahead as are asked for.
    assert_eq!(work_of(world, &purchaser, "?kind=receive_order&days=0").len(), 0);
    let soon = work_of(world, &purchaser, "?kind=receive_order&days=1");
    assert_eq!((soon.len(), &soon[0]["due"]), (1, &json!("2026-07-02T22:59:59.999999Z")), "{soon:?}");
    world.clock.set("2026-07-03T09:00:00Z");
    let late = only(world, &purchaser, "receive_order");
    assert_eq!(
        (&late["names"]["what"], &late["names"]["supplier"]),
        (&json!("PO-7"), &name(world, "suppliers", &clinic.supplier))
    );
    // The end of the second of July in London, an hour ahead of UTC: python, datetime(2026, 7, 2, 23, 59, 59, 999999,
    // ZoneInfo("Europe/London")).astimezone(UTC).
    assert_eq!((&late["due"], &late["since"]), (&json!("2026-07-02T22:59:59.999999Z"), &placed["placed_at"]));
    assert_eq!(of_kind(world, &world.token(Role::Quality), "receive_order"), Vec::<Value>::new());
    let lines = json!([{"gtin": GTIN, "lot": "LOT1", "expiry": "2027-06-30", "packs": 1}]);
    assert_settled(world, &purchaser, &late, &json!({"location_id": clinic.quarantine, "lines": lines}));
    // A part has come, and it is still late.
    assert_eq!(of_kind(world, &purchaser, "receive_order").len(), 1);
    assert_eq!(of_kind(world, &purchaser, "complete_order"), Vec::<Value>::new());
    // Of one that is not late a part has come.
    let order = json!({
        "site_id": clinic.site, "supplier_id": clinic.supplier, "lines": [{"product_id": clinic.product, "packs": 2}]
    });
    let order = id(&clinic.create(Role::Purchaser, "/v1/orders", &order));
    clinic.create(Role::Purchaser, &format!("/v1/orders/{order}/place"), &json!({}));
    let mut receipt = clinic.receipt(json!([{"gtin": GTIN, "lot": "LOT1", "expiry": "2027-06-30", "packs": 1}]));
    receipt["order_id"] = json!(order);
    clinic.create(Role::Purchaser, "/v1/receipts", &receipt);
    let short = only(world, &purchaser, "complete_order");
    assert_eq!(short["call"]["path"], json!(format!("/v1/orders/{order}/close")));
    assert_settled(world, &purchaser, &short, &json!({"reason": "The rest is out of stock"}));
    assert_eq!(of_kind(world, &purchaser, "complete_order"), Vec::<Value>::new());
}

fn counts_wait_for_a_second_person(world: &World) {
    let clinic = world.clinic();
    assert_eq!(world.patch("/v1/policies", &json!({"count_missing_to_approve": 1})).status, 200);
    let lot = clinic.receive_inspect_release("LOT1", 4);
    let count = json!({"location_id": clinic.stock, "lot_id": lot, "units_counted": 1, "reason": "Counted"});
    let count = clinic.create(Role::Quality, "/v1/counts", &count);
    assert_eq!(count["status"], json!("waiting"));
    assert_eq!(of_kind(world, &world.token(Role::Quality), "approve_count"), Vec::<Value>::new(), "not by who counted");
    let bob = world.token_as("bob", &[Role::Quality]);
    let approve = only(world, &bob, "approve_count");
    assert_eq!((&approve["units"], &approve["since"]), (&json!(-3), &count["recorded_at"]));
    assert_eq!((&approve["names"]["lot"], &approve["names"]["person"]), (&json!("LOT1"), &json!("quality")));
    assert_settled(world, &bob, &approve, &json!({"reason": "So it is"}));
    assert_eq!(of_kind(world, &bob, "approve_count"), Vec::<Value>::new(), "what is posted waits no more");
    // What a void brought back and the books never had.
    let mut never = clinic.administration_of(&scan("270630", "NEVER1", None));
    never["retrospective"] = json!({"reason": "It was done already"});
    let made = clinic.create(Role::Practitioner, "/v1/administrations", &never);
    let void = json!({"reason": "Typed for another patient", "returned_to_stock": true});
    clinic.create(Role::Quality, &format!("/v1/administrations/{}/voids", id(&made)), &void);
    let found = only(world, &bob, "count_found");
    let expected = json!({"lot_id": made["lot_id"], "location_id": clinic.quarantine});
    assert_eq!((&found["units"], &found["call"]["body"]), (&made["units"], &expected));
    assert_settled(world, &bob, &found, &json!({"units_counted": made["units"], "reason": "Back from a void"}));
    assert_eq!(of_kind(world, &bob, "count_found"), Vec::<Value>::new());
}

// Long because each way in which a licence lapses is another call.
fn licences_wait_for_an_admin(world: &World) {
    let clinic = world.clinic();
    let (admin, other) = (world.token(Role::Admin), world.token_as("other", &[Role::Admin]));
    // The admin has registered and verified all three of the clinic: a second one must, and not the first.
    assert_eq!(of_kind(world, &admin, "verify_again"), Vec::<Value>::new());
    let again = of_kind(world, &other, "verify_again");
    assert_eq!(again.len(), 3, "{again:?}");
    let check = json!({"outcome": "verified", "source": "the public register"});
    for item in &again {
        assert_eq!(item["names"]["person"], json!("admin"));
        assert_settled(world, &other, item, &check);
    }
    assert_eq!(of_kind(world, &other, "verify_again"), Vec::<Value>::new());
    // Nobody knows who the practitioner is.
    let nameless = only(world, &admin, "name_subject");
    assert_eq!(nameless["names"]["practitioner"], name(world, "practitioners", &clinic.practitioner));
    assert_settled(world, &admin, &nameless, &json!({"subject": "nia"}));
    assert_eq!(of_kind(world, &admin, "name_subject"), Vec::<Value>::new());
    // One that nobody has looked up, and one that ends soon.
    let mut soon = licence(("practitioner", &clinic.practitioner), "prescriber", "HIS", "77");
    soon["valid_to"] = json!("2026-07-20");
    soon["product_classes"] = json!(["lipolytic"]);
    let soon = id(&clinic.create(Role::Admin, "/v1/licences", &soon));
    let missing = only(world, &admin, "verify_licence");
    assert_eq!(missing["names"]["what"], json!("prescriber HIS 77"));
    assert_eq!((&missing["names"]["practitioner_id"], missing.get("due")), (&json!(clinic.practitioner), None));
    assert_eq!(missing["call"]["path"], json!(format!("/v1/licences/{soon}/checks")));
    assert_settled(world, &other, &missing, &check);
    assert_eq!(of_kind(world, &admin, "verify_licence"), Vec::<Value>::new());
    let renew = only(world, &admin, "renew_licence");
    // No site is asked for, so days are those of UTC. Thirty days before the twentieth of July is the twentieth of June (python: date -
    // timedelta(30)).
    assert_eq!(
        (&renew["due"], &renew["since"]),
        (&json!("2026-07-20T23:59:59.999999Z"), &json!("2026-06-20T00:00:00.000000Z"))
    );
    assert_eq!(
        work_of(world, &admin, "?kind=renew_licence&days=18"),
        Vec::<Value>::new(),
        "it is not looked so far ahead"
    );
    let body = &renew["call"]["body"];
    assert_eq!(body["holder"], json!({"type": "practitioner", "id": clinic.practitioner}));
    assert_eq!(
        (&body["kind"], &body["authority"], &body["number"]),
        (&json!("prescriber"), &json!("HIS"), &json!("77"))
    );
    let next = json!({"valid_from": "2026-07-01", "valid_to": "2028-07-20"});
    let next = assert_settled(world, &admin, &renew, &next);
    assert_eq!(next["product_classes"], json!(["lipolytic"]));
    assert_settled(world, &other, &only(world, &other, "verify_licence"), &check);
    assert_eq!(of_kind(world, &admin, "renew_licence"), Vec::<Value>::new(), "the next one is in order");
    // Nobody else is asked for any of it.
    for role in [Role::Purchaser, Role::Practitioner, Role::Quality] {
        let found = kinds(world, &world.token(role));
        assert!(found.iter().all(|kind| !kind.contains("licence") && kind != "verify_again"), "{role}: {found:?}");
    }
    // A licence that was lost earlier than anybody knew: what rested on it is for admins and quality.
    let lot = clinic.receive_inspect_release("LOT1", 4);
    assert_eq!(clinic.administer(&lot, 1).0, 201);
    let lost = json!({"outcome": "suspended", "source": "the public register", "effective_on": "2026-06-30"});
    let lost = clinic.check(&clinic.registration, lost);
    let quality = world.token(Role::Quality);
    let review = only(world, &quality, "review_touched");
    assert_eq!(
        (&review["since"], &review["names"]["practitioner_id"]),
        (&lost["recorded_at"], &json!(clinic.practitioner))
    );
    assert_settled(world, &quality, &review, &json!({"note": "The patients were told"}));
    assert_eq!(of_kind(world, &admin, "review_touched"), Vec::<Value>::new());
    let failed = only(world, &admin, "verify_licence");
    assert_eq!((&failed["since"], failed.get("due")), (&json!("2026-06-30T00:00:00.000000Z"), None));
    // The authorisation of the product is verified anew every year.
    let approvals = of_kind(world, &admin, "verify_approval");
    assert_eq!(approvals, Vec::<Value>::new());
    world.clock.advance_days(360);
    let verify = only(world, &admin, "verify_approval");
    assert_eq!((&verify["names"]["product_id"], &verify["names"]["what"]), (&json!(clinic.product), &json!("GB")));
    let approvals = json!([{"jurisdiction": "GB", "status": "authorised", "source": "the register", "verified_on": world.clock.now().to_string()[..10]}]);
    assert_settled(world, &admin, &verify, &json!({ "approvals": approvals }));
    assert_eq!(of_kind(world, &admin, "verify_approval"), Vec::<Value>::new());
}

fn what_happened_waits_for_quality(world: &World) {
    let clinic = world.clinic();
    let quality = world.token(Role::Quality);
    clinic.receive_inspect_release("LOT1", 4);
    let excursion = super::excursions::too_warm(world, &clinic.stock);
    let assess = only(world, &quality, "assess_excursion");
    let shown = world.read(&format!("/v1/excursions/{excursion}"));
    assert_eq!((&assess["since"], &assess["names"]["what"]), (&shown["opened_at"], &json!("above")));
    assert_eq!(assess["names"]["location"], name(world, "locations", &clinic.stock));
    assert_settled(world, &quality, &assess, &json!({"disposition": "release", "reason": "Within its budget"}));
    assert_eq!(of_kind(world, &quality, "assess_excursion"), Vec::<Value>::new());
    // Its sensor says nothing more: somebody goes and looks, and there is nothing to send.
    world.clock.advance_days(1);
    let silent = only(world, &quality, "check_sensor");
    assert_eq!((&silent["call"]["method"], silent["call"].get("body")), (&json!("GET"), None));
    assert_eq!(silent["names"]["location_id"], json!(clinic.stock));
    let sensor = silent["call"]["path"].as_str().unwrap().to_owned();
    // A day on which it must be calibrated, in an hour's time of its site.
    let admin = world.token(Role::Admin);
    assert_eq!(of_kind(world, &admin, "calibrate_sensor"), Vec::<Value>::new());
    assert_eq!(world.patch(&sensor, &json!({"calibration_due": "2026-07-10"})).status, 200);
    let calibrate = only(world, &admin, "calibrate_sensor");
    assert_eq!(calibrate["due"], json!("2026-07-10T22:59:59.999999Z"));
    assert_settled(world, &admin, &calibrate, &json!({"calibration_due": "2027-07-10"}));
    assert_eq!(of_kind(world, &admin, "calibrate_sensor"), Vec::<Value>::new());
    // A deviation is closed by another than who recorded it.
    let mut late = clinic.administration_of(&scan("270630", "NEVER1", None));
    late["retrospective"] = json!({"reason": "It was done already"});
    let both = world.token_as("both", &[Role::Practitioner, Role::Quality]);
    assert_eq!(world.http.post(&both, "/v1/administrations", &late).0, 201);
    assert_eq!(of_kind(world, &both, "close_deviation"), Vec::<Value>::new());
    let close = only(world, &quality, "close_deviation");
    assert_eq!(close["names"]["person"], json!("both"));
    assert!(close["names"]["what"].as_str().unwrap().contains("lot_unknown"), "{close}");
    assert_settled(world, &quality, &close, &json!({"resolution": "Stock control retrained"}));
    // Two lots that are easily taken for each other.
    let (_, older) = clinic.receive("LOT-O1", "2027-06-30", 1);
    let (_, newer) = clinic.receive("LOT-01", "2027-06-30", 1);
    let compare = only(world, &quality, "compare_lots");
    assert_eq!((&compare["names"]["lot_id"], &compare["names"]["what"]), (&json!(newer), &json!("LOT-O1")));
    assert_ne!(older, newer);
    // Somebody who is refused over and over: whatever they are called.
    let careless = world.token_as("careless & co", &[Role::Practitioner]);
    for _ in 0..5 {
        let refused = clinic.administration_of(&scan("270630", "LOT-01", None));
        assert_eq!(world.http.post(&careless, "/v1/administrations", &refused).0, 409);
    }
    let look = only(world, &quality, "look_into_refusals");
    assert_eq!(look["names"]["person"], json!("careless & co"));
    assert_eq!(look["call"]["query"], json!({"kind": "gate_refused", "actor": "careless & co"}));
}

fn recalls_wait_for_sites_patients_and_their_end(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 4);
    let (_, given) = clinic.administer(&lot, 1);
    let (_, other) = clinic.administer(&lot, 1);
    let body = json!({
        "reference": "FSN-1", "classification": "class_2", "gtin": GTIN, "lots": ["LOT1"], "reason": "Wrong needle"
    });
    let recall = id(&clinic.create(Role::Quality, "/v1/recalls", &body));
    let bob = world.token_as("bob", &[Role::Quality]);
    let contacts = of_kind(world, &bob, "contact_patient");
    let ids: Vec<_> = contacts.iter().map(|item| item["call"]["body"]["administration_id"].clone()).collect();
    assert_eq!(ids, [given["id"].clone(), other["id"].clone()]);
    let names = &contacts[0]["names"];
    assert_eq!((&names["lot"], &names["what"]), (&json!("LOT1"), &json!("FSN-1")));
    assert_eq!(names["practitioner"], name(world, "practitioners", &clinic.practitioner));
    assert!(!contacts[0].to_string().contains("P-1001"), "a patient is nobody's name here");
    // One who could not be reached waits on.
    assert_settled(world, &bob, &contacts[0], &json!({"outcome": "no_answer"}));
    assert_eq!(of_kind(world, &bob, "contact_patient").len(), 2);
    for item in &contacts {
        assert_settled(world, &bob, item, &json!({"outcome": "informed"}));
    }
    assert_eq!(of_kind(world, &bob, "contact_patient"), Vec::<Value>::new());
    let seen = only(world, &bob, "acknowledge_recall");
    assert_eq!(seen["call"]["body"], json!({"site_id": clinic.site}));
    assert_settled(world, &bob, &seen, &json!({}));
    assert_eq!(of_kind(world, &bob, "acknowledge_recall"), Vec::<Value>::new());
    // Units are left, so that it is not closed yet; and the hold of a recall is nobody's to lift.
    assert_eq!(of_kind(world, &bob, "close_recall"), Vec::<Value>::new());
    assert_eq!(of_kind(world, &bob, "lift_hold"), Vec::<Value>::new());
    let apart = only(world, &bob, "set_apart");
    let mut destroyed = apart["call"]["body"].clone();
    destroyed["reason"] = json!("Recalled");
    clinic.create(Role::Quality, "/v1/destructions", &destroyed);
    let close = only(world, &bob, "close_recall");
    assert_eq!(close["call"]["path"], json!(format!("/v1/recalls/{recall}/close")));
    assert_eq!(
        of_kind(world, &world.token(Role::Quality), "close_recall"),
        Vec::<Value>::new(),
        "not by who opened it"
    );
    assert_settled(world, &bob, &close, &json!({}));
    assert_eq!(of_kind(world, &bob, "close_recall"), Vec::<Value>::new());
}

fn ones_own_word_waits_for_oneself(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 4);
    let (_, given) = clinic.administer(&lot, 1);
    let nia = world.token_as("Nia", &[Role::Practitioner]);
    assert_eq!(of_kind(world, &nia, "confirm"), Vec::<Value>::new(), "nobody knows that she is she");
    let patch = json!({"subject": "nia"});
    assert_eq!(world.patch(&format!("/v1/practitioners/{}", clinic.practitioner), &patch).status, 200);
    let confirm = only(world, &nia, "confirm");
    assert_eq!((&confirm["since"], &confirm["units"]), (&given["recorded_at"], &json!(1)));
    assert_eq!(confirm["names"]["person"], json!("practitioner"));
    assert!(!confirm.to_string().contains("P-1001"), "{confirm}");
    // It is nobody else's.
    for token in [world.token(Role::Practitioner), world.token_as("zoe", &[Role::Practitioner])] {
        assert_eq!(of_kind(world, &token, "confirm"), Vec::<Value>::new());
    }
    assert_settled(world, &nia, &confirm, &json!({}));
    assert_eq!(of_kind(world, &nia, "confirm"), Vec::<Value>::new());
}

fn opened_units_wait_when_their_time_is_over(world: &World) {
    let clinic = world.clinic();
    assert_eq!(world.patch(&format!("/v1/products/{}", clinic.product), &json!({"in_use_hours": 4})).status, 200);
    let lot = clinic.receive_inspect_release("LOT1", 2);
    let opening = json!({"lot_id": lot, "location_id": clinic.stock});
    let opened = clinic.create(Role::Practitioner, "/v1/containers", &opening);
    let until: Moment = opened["usable_until"].as_str().unwrap().parse().unwrap();
    let practitioner = world.token(Role::Practitioner);
    world.clock.set(&until.plus_minutes(-1).to_string());
    assert_eq!(of_kind(world, &practitioner, "discard_container"), Vec::<Value>::new());
    world.clock.set(&until.plus_minutes(1).to_string());
    for role in [Role::Practitioner, Role::Quality] {
        let discard = only(world, &world.token(role), "discard_container");
        assert_eq!((&discard["due"], &discard["since"]), (&opened["usable_until"], &opened["usable_until"]));
        assert_eq!(discard["names"]["location_id"], json!(clinic.stock));
    }
    let discard = only(world, &practitioner, "discard_container");
    assert_settled(world, &practitioner, &discard, &json!({"reason": "Past its use"}));
    assert_eq!(of_kind(world, &practitioner, "discard_container"), Vec::<Value>::new());
}

fn a_token_for_a_site_has_the_work_of_its_site(world: &World) {
    let clinic = world.clinic();
    let (_, lot) = clinic.receive("LOT1", "2027-06-30", 1);
    let elsewhere = id(&clinic.create(Role::Admin, "/v1/sites", &site()));
    let goods_in = id(&clinic.create(Role::Admin, "/v1/locations", &location(&elsewhere, "quarantine")));
    clinic.checked_licence(&licence(("site", &elsewhere), "facility", "CQC", "1-200"));
    let mut receipt = clinic.receipt(json!([{"gtin": GTIN, "lot": "LOT2", "expiry": "2027-06-30", "packs": 1}]));
    receipt["site_id"] = json!(elsewhere);
    receipt["location_id"] = json!(goods_in);
    let there = clinic.create(Role::Purchaser, "/v1/receipts", &receipt)["lines"][0]["lot_id"].clone();
    clinic.hold(&lot);
    super::excursions::too_warm(world, &clinic.stock);
    let bound = |site: &str| world.sign(&world.organisation, "bound", Role::ALL, Some(vec![site.parse().unwrap()]));
    let all = world.sign(&world.organisation, "bound", Role::ALL, None);
    for (site, other, lot) in [(&clinic.site, &elsewhere, json!(lot)), (&elsewhere, &clinic.site, there)] {
        let token = bound(site);
        assert_eq!(only(world, &token, "inspect")["names"]["lot_id"], lot);
        let asked = work_of(world, &all, &format!("?kind=inspect&site_id={site}"));
        assert_eq!((asked.len(), &asked[0]["names"]["lot_id"]), (1, &lot));
        let whole = work_of(world, &token, "?limit=200");
        assert!(whole.iter().all(|item| !item.to_string().contains(other.as_str())), "{whole:?}");
        // What all sites share is not theirs to change, so it is not their work.
        assert!(whole.iter().all(|item| item["kind"] != "name_subject" && item["kind"] != "lift_hold"), "{whole:?}");
        let again: Vec<_> = whole.iter().filter(|item| item["kind"] == "verify_again").collect();
        assert!(again.len() == 1 && again[0]["names"]["site_id"] == json!(site), "{again:?}");
        let query = format!("?site_id={other}");
        let bearer = format!("Bearer {token}");
        let answer = world.http.send("GET", &format!("/v1/work{query}"), &[("authorization", &bearer)], None);
        assert_problem(&answer, 422, "reference_unknown", &query);
    }
    assert_eq!(of_kind(world, &all, "inspect").len(), 2);
}

fn work_pages_by_when_it_is_due(world: &World) {
    let clinic = world.clinic();
    for number in 0..4 {
        clinic.receive(&format!("LOT{number}"), "2027-06-30", 1);
    }
    clinic.create(Role::Admin, "/v1/products", &product("09521234543213"));
    let mut soon = licence(("practitioner", &clinic.practitioner), "prescriber", "HIS", "77");
    soon["valid_to"] = json!("2026-07-20");
    clinic.checked_licence(&soon);
    let token = world.sign(&world.organisation, "somebody", Role::ALL, None);
    let whole = work_of(world, &token, "?limit=200");
    assert!(whole.len() >= 8, "{whole:?}");
    let place = |item: &Value| item.get("due").unwrap_or(&item["since"]).as_str().unwrap().to_owned();
    assert!(whole.is_sorted_by_key(place), "{whole:?}");
    for limit in [1, 2, 3, whole.len()] {
        let (mut found, mut cursor) = (Vec::new(), String::new());
        loop {
            let (_, page) = world.http.get(&token, &format!("/v1/work?limit={limit}{cursor}"));
            found.extend(page["items"].as_array().unwrap().iter().cloned());
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(found, whole, "by {limit}");
    }
    // What is done between two pages is gone, and nothing else is.
    let (_, first) = world.http.get(&token, "/v1/work?limit=2");
    let cursor = first["next_cursor"].as_str().unwrap();
    let gone = whole.iter().rfind(|item| item["kind"] == "inspect").unwrap();
    let checks = clinic.inspection("rec", "lot", 1, 1)["checks"].clone();
    assert_settled(world, &token, gone, &json!({"checks": checks, "units_passed": 0, "units_failed": 2}));
    let (_, rest) = world.http.get(&token, &format!("/v1/work?limit=200&kind=inspect&cursor={cursor}"));
    let seen: Vec<_> = first["items"].as_array().unwrap().iter().filter(|item| item["kind"] == "inspect").collect();
    assert_eq!(rest["items"].as_array().unwrap().len() + seen.len(), 3);
}

fn what_makes_no_sense_is_refused(world: &World) {
    world.clinic();
    let bearer = format!("Bearer {}", world.token(Role::Quality));
    let ask = |query: &str| world.http.send("GET", &format!("/v1/work{query}"), &[("authorization", &bearer)], None);
    for query in ["?kind=dance", "?days=367", "?days=-1", "?limit=0", "?since=2026-07-01"] {
        assert_problem(&ask(query), 400, "malformed_query", query);
    }
    assert_problem(
        &ask("?site_id=site_01932c07-8d00-7000-8000-000000000000"),
        422,
        "reference_unknown",
        "no such site",
    );
}

/// What settles each kind is an operation of the document, by its method and path; and whose work it is may call it.
#[test]
fn every_call_is_in_the_document() {
    let document = serde_json::to_value(lotline::app::docs::document()).unwrap();
    for kind in WorkKind::ALL {
        let settled = kind.settled();
        let operation = &document["paths"][settled.path][settled.method.to_lowercase()];
        assert_eq!(operation["operationId"], json!(settled.operation), "{kind}");
        let caller = |role: Role| lotline::caller::Caller {
            organisation_id: "org_01932c07-8d00-7000-8000-000000000001".parse().unwrap(),
            subject: "somebody".to_owned(),
            roles: vec![role],
            sites: None,
        };
        let allowed = lotline::house::operation(settled.operation).unwrap().roles;
        let whose: Vec<_> =
            Role::ALL.iter().filter(|role| kind.is_for(&caller(**role), lotline::house::operation)).collect();
        assert!(!whose.is_empty(), "{kind} is nobody's work");
        assert!(whose.iter().all(|role| allowed.contains(role) && **role != Role::Auditor), "{kind}: {whose:?}");
    }
}
