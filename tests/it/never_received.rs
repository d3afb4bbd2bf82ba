//! What was never received becomes stock by a count and by nothing else: what a void of a record in retrospect brings back.

use lotline::caller::Role;
use serde_json::{Value, json};

use super::support::clinic::{EXPIRY, GTIN, id, scan};
use super::support::{Clinic, World, on_both_databases};

on_both_databases!(
    a_million_units_come_back_by_two,
    what_the_books_had_comes_back_and_the_rest_is_counted,
    below_the_threshold_one_person_counts,
    what_was_received_meanwhile_is_there_once,
    who_is_bound_to_the_site_counts_there,
    what_is_retired_takes_nothing_that_was_found,
);

/// Records units of a lot that was never received, by its code.
fn recorded(clinic: &Clinic<'_>, code: &str, units: i64) -> Value {
    let mut body = clinic.administration_of(code);
    body["units"] = json!(units);
    body["retrospective"] = json!({"reason": "Entered after an outage"});
    clinic.create(Role::Practitioner, "/v1/administrations", &body)
}

fn voided(clinic: &Clinic<'_>, administration: &Value, returned: bool) -> Value {
    let body = json!({"reason": "Typed for another patient", "returned_to_stock": returned});
    clinic.create(Role::Quality, &format!("/v1/administrations/{}/voids", id(administration)), &body)
}

fn on_hand(clinic: &Clinic<'_>, lot: &str) -> Vec<(String, i64)> {
    let items = clinic.read(&format!("/v1/stock?lot_id={lot}"))["items"].clone();
    let of = |item: &Value| (item["state"].as_str().unwrap().to_owned(), item["units"].as_i64().unwrap());
    items.as_array().unwrap().iter().map(of).collect()
}

fn counted(clinic: &Clinic<'_>, token: &str, lot: &str, units: i64) -> (u16, Value) {
    let body =
        json!({"lot_id": lot, "location_id": clinic.quarantine, "units_counted": units, "reason": "Back from a void"});
    clinic.http.post(token, "/v1/counts", &body)
}

fn listed(clinic: &Clinic<'_>) -> Value {
    clinic.read("/v1/attention")["units_to_count"].clone()
}

fn a_million_units_come_back_by_two(world: &World) {
    let clinic = world.clinic();
    // Something else lies where they are said to be: it can be counted there all the same.
    clinic.receive("LOT1", EXPIRY, 1);
    let made = recorded(&clinic, &scan("270630", "NEVER1", None), 1_000_000);
    let lot = made["lot_id"].as_str().unwrap();
    let void = voided(&clinic, &made, true);
    assert_eq!((&void["units_to_count"], &void["location_id"]), (&json!(1_000_000), &json!(clinic.quarantine)));
    assert_eq!(on_hand(&clinic, lot), []);
    let reconciliation = clinic.reconciliation(lot);
    assert_eq!((&reconciliation["adjusted"], &reconciliation["on_hand"]), (&json!(0), &json!(0)));
    let list = listed(&clinic);
    assert_eq!(list.as_array().unwrap().len(), 1, "{list}");
    assert_eq!((&list[0]["lot_id"], &list[0]["units"]), (&json!(lot), &json!(1_000_000)));
    assert_eq!(list[0]["location_id"], json!(clinic.quarantine));

    let (status, count) = counted(&clinic, &clinic.token(Role::Quality), lot, 1_000_000);
    assert_eq!((status, &count["status"]), (201, &json!("waiting")), "{count}");
    assert_eq!((on_hand(&clinic, lot), listed(&clinic)), (vec![], json!([])), "it waits with the counts");
    let path = format!("/v1/movements/{}/approvals", id(&count));
    let (status, problem) = clinic.post(Role::Quality, &path, &json!({"reason": "So it is"}));
    assert_eq!((status, &problem["code"]), (409, &json!("self_reviewed_count")));
    let second = clinic.token_as("second", &[Role::Quality]);
    let (status, _) = clinic.http.post(&second, &path, &json!({"reason": "So it is"}));
    assert!(matches!(status, 200 | 201));
    assert_eq!(on_hand(&clinic, lot), [("quarantined".to_owned(), 1_000_000)]);
    // Nobody knows by which receipt they came.
    let refused = clinic.post(Role::Quality, &format!("/v1/lots/{lot}/releases"), &clinic.release(1)).1;
    assert_eq!(refused["code"], json!("gate_refused"), "{refused}");
}

fn what_the_books_had_comes_back_and_the_rest_is_counted(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 2);
    let made = recorded(&clinic, &scan("270630", "LOT1", None), 5);
    assert_eq!(made["deviation"]["units_unaccounted"], json!(3));
    let void = voided(&clinic, &made, true);
    assert_eq!(void["units_to_count"], json!(3));
    assert_eq!(on_hand(&clinic, &lot), [("quarantined".to_owned(), 2)]);
    let reconciliation = clinic.reconciliation(&lot);
    assert_eq!((&reconciliation["adjusted"], &reconciliation["balanced"]), (&json!(0), &json!(true)));
    let chain = clinic.read(&format!("/v1/administrations/{}/custody", id(&made)));
    let told =
        chain["events"].as_array().unwrap().iter().find(|event| event["kind"] == "administration_voided").unwrap();
    assert!(told["summary"].as_str().unwrap().contains("3 units that the books never had"), "{told}");
    // What is not back is nothing to count, and what the books had is all there is to say of an allowed one.
    let made = recorded(&clinic, &scan("270630", "LOT1", None), 5);
    assert!(voided(&clinic, &made, false).get("units_to_count").is_none());
    let other = clinic.receive_inspect_release("LOT2", 2);
    let (_, made) = clinic.administer(&other, 2);
    assert!(voided(&clinic, &made, true).get("units_to_count").is_none());
    assert_eq!(listed(&clinic).as_array().unwrap().len(), 1);
}

fn below_the_threshold_one_person_counts(world: &World) {
    let clinic = world.clinic();
    assert_eq!(world.patch("/v1/policies", &json!({"count_found_to_approve": 4})).status, 200);
    let made = recorded(&clinic, &scan("270630", "NEVER1", None), 3);
    let lot = made["lot_id"].as_str().unwrap();
    voided(&clinic, &made, true);
    assert_eq!(on_hand(&clinic, lot), []);
    let (status, count) = counted(&clinic, &clinic.token(Role::Quality), lot, 3);
    assert_eq!((status, &count["status"]), (201, &json!("posted")), "{count}");
    assert_eq!(on_hand(&clinic, lot), [("quarantined".to_owned(), 3)]);
    assert_eq!(clinic.reconciliation(lot)["adjusted"], json!(3));
}

fn what_was_received_meanwhile_is_there_once(world: &World) {
    let clinic = world.clinic();
    // Two of four were used before anybody entered the receipt.
    let made = recorded(&clinic, &scan("270630", "LATE1", None), 2);
    let lot = made["lot_id"].as_str().unwrap();
    assert_eq!(clinic.receive("LATE1", EXPIRY, 2).1, lot);
    voided(&clinic, &made, true);
    assert_eq!(on_hand(&clinic, lot), [("quarantined".to_owned(), 4)], "what the receipt brought, and no more");
    let (_, count) = counted(&clinic, &clinic.token(Role::Quality), lot, 4);
    assert_eq!((&count["status"], listed(&clinic)), (&json!("posted"), json!([])), "{count}");
    // By its number, too.
    let lines = json!([{"scan": scan("270630", "NUMBERED", Some("SN1")), "packs": 1}]);
    let made = recorded(&clinic, &scan("270630", "NUMBERED", Some("SN2")), 1);
    clinic.create(Role::Purchaser, "/v1/receipts", &clinic.receipt(lines));
    let lot = made["lot_id"].as_str().unwrap();
    voided(&clinic, &made, true);
    assert_eq!(on_hand(&clinic, lot), [("quarantined".to_owned(), 2)]);
}

fn who_is_bound_to_the_site_counts_there(world: &World) {
    let clinic = world.clinic();
    let sites = Some(vec![clinic.site.parse().unwrap()]);
    let here = clinic.sign(&clinic.organisation, "here", Role::ALL, sites);
    let mut body = clinic.administration_of(&format!("]d201{GTIN}1727063010NEVER1"));
    body["retrospective"] = json!({"reason": "Entered after an outage"});
    let (status, made) = clinic.http.post(&here, "/v1/administrations", &body);
    assert_eq!(status, 201, "{made}");
    let void = json!({"reason": "Typed for another patient", "returned_to_stock": true});
    let (status, void) = clinic.http.post(&here, &format!("/v1/administrations/{}/voids", id(&made)), &void);
    assert_eq!((status, &void["units_to_count"]), (201, &json!(1)), "{void}");
    let lot = made["lot_id"].as_str().unwrap();
    let (status, count) = counted(&clinic, &here, lot, 1);
    assert_eq!((status, &count["status"]), (201, &json!("waiting")), "{count}");
}

fn what_is_retired_takes_nothing_that_was_found(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 2);
    let shelf = super::support::clinic::location(&clinic.site, "stock");
    let shelf = id(&clinic.create(Role::Admin, "/v1/locations", &shelf));
    let count = |units: i64| {
        let body = json!({"lot_id": lot, "location_id": shelf, "units_counted": units, "reason": "Monthly"});
        clinic.post(Role::Quality, "/v1/counts", &body)
    };
    let (status, waiting) = count(3);
    assert_eq!((status, &waiting["status"]), (201, &json!("waiting")));
    clinic.create(Role::Admin, &format!("/v1/locations/{shelf}/retire"), &json!({"reason": "Broken"}));
    let retired = (409, json!("retired"));
    let code = |(status, problem): (u16, Value)| (status, problem["code"].clone());
    assert_eq!(code(count(3)), retired);
    let second = clinic.token_as("second", &[Role::Quality]);
    let path = format!("/v1/movements/{}/approvals", id(&waiting));
    assert_eq!(code(clinic.http.post(&second, &path, &json!({"reason": "So it is"}))), retired);
    assert_eq!(count(0).0, 201, "that nothing is there can be said");
    assert_eq!(on_hand(&clinic, &lot), [("available".to_owned(), 2)]);
}
