//! What units have, they have in the ledger, and what happened then is judged by then: passes, origins, late entries.

use lotline::caller::Role;
use serde_json::{Value, json};

use super::support::client::codes;
use super::support::clinic::{Clinic, EXPIRY, GTIN, id, scan};
use super::support::{World, on_both_databases};

on_both_databases!(
    a_pass_leaves_with_its_units,
    deliveries_that_cannot_be_told_apart_must_all_be_good,
    what_came_by_no_receipt_is_not_released,
    whatever_lies_in_quarantine_can_be_inspected,
    a_checklist_that_grows_asks_for_another_inspection,
    numbers_may_be_left_out_where_all_is_meant,
    nothing_happens_before_what_it_rests_on,
    what_was_used_before_a_hold_is_not_lost_to_it,
    what_is_released_late_is_held_by_what_was_opened_since,
    holds_that_are_entered_late,
    a_hold_on_a_place_that_is_entered_late,
    a_hold_that_was_over_before_it_was_entered,
    a_transfer_that_is_entered_after_a_hold,
    a_supplier_is_what_it_was_on_the_day,
    what_has_moved_since_was_not_there,
    a_scan_asks_for_what_it_is_not_told,
    a_whole_chain_can_be_entered_late,
    what_is_corrected_counts_from_then_on,
    what_a_count_has_missed_is_not_taken_twice,
);

fn with(mut body: Value, changes: Value) -> Value {
    changes.as_object().unwrap().iter().for_each(|(name, value)| body[name] = value.clone());
    body
}

/// A time on the first day of the scenario, which begins at 10:00 UTC.
fn at(time: &str) -> Value {
    json!(format!("2026-07-01T{time}:00Z"))
}

fn release(clinic: &Clinic<'_>, lot: &str, units: i64, changes: Value) -> (u16, Vec<String>) {
    let body = with(clinic.release(units), changes);
    let (status, answer) = clinic.post(Role::Quality, &format!("/v1/lots/{lot}/releases"), &body);
    let mut found = if status == 201 { Vec::new() } else { codes(&answer) };
    found.dedup();
    (status, found)
}

fn refused(found: &[&str]) -> (u16, Vec<String>) {
    (409, found.iter().map(ToString::to_string).collect())
}

fn states(clinic: &Clinic<'_>, lot: &str) -> Vec<(String, i64)> {
    let stock = clinic.read(&format!("/v1/stock?lot_id={lot}"));
    let mut found: Vec<_> = stock["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| (item["state"].as_str().unwrap().to_owned(), item["units"].as_i64().unwrap()))
        .collect();
    found.sort();
    found
}

/// A supplier that nobody vetted.
fn unvetted(clinic: &Clinic<'_>) -> String {
    let body = json!({"name": "Car boot", "country": "GB", "approved_classes": ["hybrid_filler"]});
    id(&clinic.create(Role::Admin, "/v1/suppliers", &body))
}

fn receive_from(clinic: &Clinic<'_>, supplier: &str, lot: &str, packs: i64) -> (String, String) {
    let lines = json!([{"gtin": GTIN, "lot": lot, "expiry": EXPIRY, "packs": packs}]);
    let body = with(clinic.receipt(lines), json!({"supplier_id": supplier}));
    let made = clinic.create(Role::Purchaser, "/v1/receipts", &body);
    (id(&made), made["lines"][0]["lot_id"].as_str().unwrap().to_owned())
}

fn a_pass_leaves_with_its_units(world: &World) {
    let clinic = world.clinic();
    let (receipt, lot) = clinic.receive("LOT1", EXPIRY, 3);
    clinic.create(Role::Purchaser, "/v1/inspections", &clinic.inspection(&receipt, &lot, 6, 0));
    assert_eq!(states(&clinic, &lot), [("passed".to_owned(), 6)]);
    let back = json!({"lot_id": lot, "from_location_id": clinic.quarantine, "units": 6, "reason": "Sent back"});
    assert_eq!(clinic.create(Role::Quality, "/v1/returns", &back)["state"], "passed");

    // Six of the same lot, from somebody else: nobody has looked at these.
    let other = unvetted(&clinic);
    let (second, same) = receive_from(&clinic, &other, "LOT1", 3);
    assert_eq!(same, lot);
    assert_eq!(release(&clinic, &lot, 6, json!({})), refused(&["not_inspected"]));
    clinic.create(Role::Purchaser, "/v1/inspections", &clinic.inspection(&second, &lot, 6, 0));
    // DOMAIN rule 12: they came from nobody who was vetted on the day on which they arrived.
    assert_eq!(release(&clinic, &lot, 6, json!({})), refused(&["supplier_licence_missing"]));
    // Evidence that is recorded later for that day heals it.
    world.clock.advance_days(1);
    let licence = super::support::clinic::licence(("supplier", &other), "wholesale", "MHRA", "WDA 200");
    world.checked_licence(&licence);
    assert_eq!(release(&clinic, &lot, 6, json!({})).0, 201);
}

fn deliveries_that_cannot_be_told_apart_must_all_be_good(world: &World) {
    let clinic = world.clinic();
    let other = unvetted(&clinic);
    let (_, lot) = clinic.receive("LOT1", EXPIRY, 2);
    receive_from(&clinic, &other, "LOT1", 2);
    let inspection = |units: i64| {
        let mut body = clinic.inspection("", &lot, units, 0);
        body.as_object_mut().unwrap().remove("receipt_id");
        with(body, json!({"location_id": clinic.quarantine}))
    };
    clinic.create(Role::Purchaser, "/v1/inspections", &inspection(8));
    assert_eq!(release(&clinic, &lot, 4, json!({})), refused(&["supplier_licence_missing"]));
    // Sending four back does not tell whose these were.
    let back = json!({"lot_id": lot, "from_location_id": clinic.quarantine, "units": 4, "reason": "Sent back"});
    clinic.create(Role::Quality, "/v1/returns", &back);
    assert_eq!(release(&clinic, &lot, 4, json!({})), refused(&["supplier_licence_missing"]));

    // Numbers tell them apart.
    let line = |serial: &str| json!([{"scan": scan("270630", "LOT2", Some(serial)), "packs": 1}]);
    let made = clinic.create(Role::Purchaser, "/v1/receipts", &clinic.receipt(line("A1")));
    let lot = made["lines"][0]["lot_id"].as_str().unwrap().to_owned();
    let bad = with(clinic.receipt(line("B1")), json!({"supplier_id": other}));
    clinic.create(Role::Purchaser, "/v1/receipts", &bad);
    let body = with(clinic.inspection("", &lot, 4, 0), json!({"receipt_id": null, "location_id": clinic.quarantine}));
    clinic.create(Role::Purchaser, "/v1/inspections", &body);
    assert_eq!(release(&clinic, &lot, 2, json!({"serials": ["B1"]})), refused(&["supplier_licence_missing"]));
    assert_eq!(release(&clinic, &lot, 2, json!({"serials": ["A1"]})).0, 201);
}

/// A lot that is known only because it was used: what comes back of it came from nobody.
fn what_came_by_no_receipt_is_not_released(world: &World) {
    let clinic = world.clinic();
    let mut body = clinic.administration_of(&scan("270630", "LOT9", None));
    body["retrospective"] = json!({"reason": "Found in the notes"});
    let made = clinic.create(Role::Practitioner, "/v1/administrations", &body);
    let lot = made["lot_id"].as_str().unwrap().to_owned();
    let void = json!({"reason": "Not used after all", "returned_to_stock": true});
    clinic.create(Role::Quality, &format!("/v1/administrations/{}/voids", id(&made)), &void);
    let count = json!({"lot_id": lot, "location_id": clinic.quarantine, "units_counted": 1, "reason": "Back"});
    let counted = id(&clinic.create(Role::Quality, "/v1/counts", &count));
    let second = clinic.token_as("second", &[Role::Quality]);
    let (status, _) =
        clinic.http.post(&second, &format!("/v1/movements/{counted}/approvals"), &json!({"reason": "So it is"}));
    assert!(matches!(status, 200 | 201));
    let body = with(clinic.inspection("", &lot, 1, 0), json!({"receipt_id": null, "location_id": clinic.quarantine}));
    clinic.create(Role::Purchaser, "/v1/inspections", &body);
    assert_eq!(release(&clinic, &lot, 1, json!({})), refused(&["origin_unknown"]));
}

fn whatever_lies_in_quarantine_can_be_inspected(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 4);
    let made = clinic.create(Role::Practitioner, "/v1/administrations", &clinic.administration(&lot, 1));
    let void = json!({"reason": "Wrong patient", "returned_to_stock": true});
    clinic.create(Role::Quality, &format!("/v1/administrations/{}/voids", id(&made)), &void);
    let here = |changes: Value| {
        let body = clinic.inspection("", &lot, 1, 0);
        with(with(body, json!({"receipt_id": null, "location_id": clinic.quarantine})), changes)
    };
    let inspect = |body: &Value| {
        let (status, answer) = clinic.post(Role::Purchaser, "/v1/inspections", body);
        (status, answer["code"].as_str().unwrap_or_default().to_owned())
    };
    // DOMAIN rule 11: what failed, failed in some unit.
    let torn = json!([{"criterion": "label_legible", "result": "fail", "note": "torn"}]);
    assert_eq!(inspect(&here(json!({"checks": torn}))), (422, "contradictory_inspection".to_owned()));
    assert_eq!(inspect(&here(json!({"location_id": null}))), (422, "missing_field".to_owned()));
    // An incomplete checklist is recorded and passes nothing; whoever looked does not release.
    let part = json!([{"criterion": "label_legible", "result": "pass"}]);
    assert_eq!(inspect(&here(json!({"checks": part}))).0, 201);
    assert_eq!(states(&clinic, &lot), [("available".to_owned(), 3), ("quarantined".to_owned(), 1)]);
    assert_eq!(inspect(&here(json!({}))).0, 201);
    assert_eq!(inspect(&here(json!({}))), (409, "units_already_inspected".to_owned()));
    let path = format!("/v1/lots/{lot}/releases");
    let own = world.token_as("purchaser", &[Role::Quality]);
    assert_eq!(codes(&world.http.post(&own, &path, &clinic.release(1)).1), ["inspector_cannot_release"]);
    assert_eq!(release(&clinic, &lot, 1, json!({})).0, 201);
}

fn a_checklist_that_grows_asks_for_another_inspection(world: &World) {
    let clinic = world.clinic();
    let (receipt, lot) = clinic.receive("LOT1", EXPIRY, 1);
    clinic.create(Role::Purchaser, "/v1/inspections", &clinic.inspection(&receipt, &lot, 2, 0));
    let more = ["outer_carton_intact", "tamper_evidence_intact", "label_legible", "unit_count_correct"];
    super::policies::set(world, &json!({"checklists": {"hybrid_filler": more}}));
    assert_eq!(release(&clinic, &lot, 2, json!({})), refused(&["not_inspected"]));
    let checks = more.map(|criterion| json!({"criterion": criterion, "result": "pass"}));
    let again = with(clinic.inspection(&receipt, &lot, 2, 0), json!({"checks": checks}));
    clinic.create(Role::Purchaser, "/v1/inspections", &again);
    let (status, problem) = clinic.post(Role::Purchaser, "/v1/inspections", &again);
    assert_eq!((status, &problem["code"]), (409, &json!("units_already_inspected")));
    assert_eq!(release(&clinic, &lot, 2, json!({})).0, 201);
}

fn numbers_may_be_left_out_where_all_is_meant(world: &World) {
    let clinic = world.clinic();
    let packs = ["A1", "A2", "A3"].map(|serial| json!({"scan": scan("270630", "LOT1", Some(serial)), "packs": 1}));
    let receipt = clinic.create(Role::Purchaser, "/v1/receipts", &clinic.receipt(json!(packs)));
    let lot = receipt["lines"][0]["lot_id"].as_str().unwrap().to_owned();
    let inspection = |passed: i64, failed: i64| clinic.inspection(&id(&receipt), &lot, passed, failed);
    clinic.assert_refused(Role::Purchaser, "/v1/inspections", &inspection(4, 0), &["serials_required"]);
    let made =
        clinic.create(Role::Purchaser, "/v1/inspections", &with(inspection(4, 2), json!({"serials_failed": ["A2"]})));
    assert_eq!((&made["serials_passed"], &made["serials_failed"]), (&json!(["A1", "A3"]), &json!(["A2"])));
    assert_eq!(release(&clinic, &lot, 2, json!({})), refused(&["serials_required"]));
    assert_eq!(release(&clinic, &lot, 4, json!({})).0, 201);
    let body = json!({"lot_id": lot, "from_location_id": clinic.stock, "units": 4, "reason": "Broken in the box"});
    assert_eq!(clinic.create(Role::Quality, "/v1/wastages", &body)["state"], "available");
    let body = json!({"lot_id": lot, "from_location_id": clinic.quarantine, "units": 2, "reason": "Torn"});
    assert_eq!(clinic.create(Role::Quality, "/v1/destructions", &body)["state"], "rejected");
}

/// Receipt at 10:00, inspection at 11:00, release at 12:00, use at 13:00: each in its order, and none before the other.
fn nothing_happens_before_what_it_rests_on(world: &World) {
    let clinic = world.clinic();
    let (receipt, lot) = clinic.receive("LOT1", EXPIRY, 2);
    world.clock.set("2026-07-01T11:00:00Z");
    let inspection = clinic.inspection(&receipt, &lot, 4, 0);
    let early = with(inspection.clone(), json!({"occurred_at": at("09:59")}));
    let (status, problem) = clinic.post(Role::Purchaser, "/v1/inspections", &early);
    assert_eq!((status, &problem["code"]), (409, &json!("units_already_inspected")), "nothing was there yet");
    clinic.create(Role::Purchaser, "/v1/inspections", &inspection);
    world.clock.set("2026-07-01T12:00:00Z");
    assert_eq!(release(&clinic, &lot, 4, json!({"occurred_at": at("10:59")})), refused(&["not_inspected"]));
    assert_eq!(release(&clinic, &lot, 4, json!({})).0, 201);
    world.clock.set("2026-07-01T13:00:00Z");
    let use_at = |time: &str| with(clinic.administration(&lot, 1), json!({"occurred_at": at(time)}));
    clinic.assert_refused(Role::Practitioner, "/v1/administrations", &use_at("11:59"), &["lot_quarantined"]);
    clinic.assert_refused(Role::Practitioner, "/v1/administrations", &use_at("09:00"), &["stock_not_on_hand"]);
    // It can be recorded in retrospect, with its deviation, and takes what the books do not have visibly.
    let told = with(use_at("11:59"), json!({"retrospective": {"reason": "Found in the notes"}}));
    let made = clinic.create(Role::Practitioner, "/v1/administrations", &told);
    assert_eq!(made["decision"]["allowed"], false);
    assert_eq!(made["deviation"]["reason_codes"], json!(["lot_quarantined"]));
    let made = clinic.create(Role::Practitioner, "/v1/administrations", &use_at("12:30"));
    let void = |time: &str| json!({"reason": "Wrong patient", "returned_to_stock": true, "occurred_at": at(time)});
    let path = format!("/v1/administrations/{}/voids", id(&made));
    let (status, problem) = clinic.post(Role::Quality, &path, &void("12:29"));
    assert_eq!((status, &problem["code"]), (422, &json!("occurred_too_early")));
    clinic.create(Role::Quality, &path, &void("12:45"));

    // A hold that was lifted since still held then.
    let hold = clinic.hold(&lot);
    world.clock.set("2026-07-01T14:00:00Z");
    let lift = format!("/v1/holds/{}/lift", id(&hold));
    let (status, problem) =
        clinic.post(Role::Quality, &lift, &json!({"reason": "Unrelated", "occurred_at": at("12:59")}));
    assert_eq!((status, &problem["code"]), (422, &json!("occurred_too_early")));
    clinic.create(Role::Quality, &lift, &json!({"reason": "Unrelated"}));
    clinic.assert_refused(
        Role::Practitioner,
        "/v1/administrations",
        &use_at("13:30"),
        &["lot_on_hold", "lot_quarantined"],
    );
    assert_eq!(clinic.post(Role::Practitioner, "/v1/administrations", &use_at("12:50")).0, 201);
}

fn what_was_used_before_a_hold_is_not_lost_to_it(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 10);
    world.clock.set("2026-07-01T12:00:00Z");
    let hold = clinic.hold(&lot);
    world.clock.set("2026-07-01T12:30:00Z");
    let use_at = |time: &str, units: i64| with(clinic.administration(&lot, units), json!({"occurred_at": at(time)}));
    let asked = json!({"code": scan("270630", "LOT1", None), "site_id": clinic.site, "practitioner_id": clinic.practitioner,
        "purpose": "administer", "units": 3, "occurred_at": at("11:00")});
    let scanned = clinic.create(Role::Practitioner, "/v1/scans", &asked);
    assert_eq!(scanned["decision"]["allowed"], true, "{scanned}");
    let made = clinic.create(Role::Practitioner, "/v1/administrations", &use_at("11:00", 3));
    assert_eq!(made["decision"]["allowed"], true);
    assert_eq!(states(&clinic, &lot), [("held".to_owned(), 7)]);
    clinic.assert_refused(Role::Practitioner, "/v1/administrations", &use_at("12:15", 1), &["lot_on_hold"]);
    // Twice, and once more after the hold: the hold took that much less each time.
    assert_eq!(clinic.post(Role::Practitioner, "/v1/administrations", &use_at("10:30", 2)).0, 201);
    world.clock.set("2026-07-01T13:00:00Z");
    let path = format!("/v1/holds/{}/lift", id(&hold));
    clinic.create(Role::Quality, &path, &json!({"reason": "Unrelated"}));
    assert_eq!(states(&clinic, &lot), [("available".to_owned(), 5)]);
    assert_eq!(clinic.post(Role::Practitioner, "/v1/administrations", &use_at("11:30", 1)).0, 201);
    assert_eq!(states(&clinic, &lot), [("available".to_owned(), 4)]);
    // A void turns round what was administered, and leaves the hold as it was.
    let void = json!({"reason": "Wrong patient", "returned_to_stock": true});
    clinic.create(Role::Quality, &format!("/v1/administrations/{}/voids", id(&made)), &void);
    assert_eq!(states(&clinic, &lot), [("available".to_owned(), 4), ("quarantined".to_owned(), 3)]);
    assert_eq!(clinic.reconciliation(&lot)["balanced"], true);
}

fn what_is_released_late_is_held_by_what_was_opened_since(world: &World) {
    let clinic = world.clinic();
    let (receipt, lot) = clinic.receive("LOT1", EXPIRY, 2);
    clinic.create(Role::Purchaser, "/v1/inspections", &clinic.inspection(&receipt, &lot, 4, 0));
    world.clock.set("2026-07-01T12:00:00Z");
    let hold = clinic.hold(&lot);
    world.clock.set("2026-07-01T13:00:00Z");
    assert_eq!(release(&clinic, &lot, 4, json!({})), refused(&["lot_on_hold"]));
    assert_eq!(release(&clinic, &lot, 2, json!({"occurred_at": at("11:00")})).0, 201);
    assert_eq!(states(&clinic, &lot), [("held".to_owned(), 2), ("passed".to_owned(), 2)]);
    let path = format!("/v1/holds/{}/lift", id(&hold));
    clinic.create(Role::Quality, &path, &json!({"reason": "Unrelated"}));
    assert_eq!(states(&clinic, &lot), [("available".to_owned(), 2), ("passed".to_owned(), 2)]);
    world.clock.set("2026-07-01T14:00:00Z");
    assert_eq!(release(&clinic, &lot, 2, json!({"occurred_at": at("11:30")})).0, 201);
    assert_eq!(states(&clinic, &lot), [("available".to_owned(), 4)]);
    // While the hold was open, nothing of it was to be had.
    let during = with(clinic.administration(&lot, 1), json!({"occurred_at": at("12:30")}));
    clinic.assert_refused(Role::Practitioner, "/v1/administrations", &during, &["lot_on_hold"]);
}

fn holds_that_are_entered_late(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 6);
    world.clock.set("2026-07-01T12:00:00Z");
    assert_eq!(clinic.administer(&lot, 2).0, 201);
    world.clock.set("2026-07-01T13:00:00Z");
    let body = json!({"scope": {"type": "lot", "id": lot}, "reason": "Swelling reported", "occurred_at": at("11:00")});
    let hold = clinic.create(Role::Quality, "/v1/holds", &body);
    assert_eq!(hold["opened_at"], json!("2026-07-01T11:00:00.000000Z"));
    assert_eq!(states(&clinic, &lot), [("held".to_owned(), 4)]);
    let use_at = |time: &str| with(clinic.administration(&lot, 1), json!({"occurred_at": at(time)}));
    clinic.assert_refused(
        Role::Practitioner,
        "/v1/administrations",
        &use_at("11:30"),
        &["lot_on_hold", "stock_moved_since"],
    );
    assert_eq!(clinic.post(Role::Practitioner, "/v1/administrations", &use_at("10:59")).0, 201);
    let path = format!("/v1/holds/{}/lift", id(&hold));
    clinic.create(Role::Quality, &path, &json!({"reason": "Unrelated", "occurred_at": at("12:30")}));
    clinic.assert_refused(Role::Practitioner, "/v1/administrations", &use_at("12:29"), &["lot_on_hold"]);
    assert_eq!(clinic.post(Role::Practitioner, "/v1/administrations", &use_at("12:31")).0, 201);
    assert_eq!(states(&clinic, &lot), [("available".to_owned(), 2)]);
}

fn what_has_moved_since_was_not_there(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 4);
    world.clock.set("2026-07-01T12:00:00Z");
    let waste = json!({"lot_id": lot, "from_location_id": clinic.stock, "units": 3, "reason": "Dropped"});
    clinic.create(Role::Quality, "/v1/wastages", &waste);
    world.clock.set("2026-07-01T13:00:00Z");
    let use_at = |units: i64| with(clinic.administration(&lot, units), json!({"occurred_at": at("11:00")}));
    let problem = clinic.assert_refused(Role::Practitioner, "/v1/administrations", &use_at(2), &["stock_moved_since"]);
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains("LOT1") && detail.contains("2026-07-01 12:00 UTC"), "{detail}");
    let late = with(waste, json!({"units": 2, "occurred_at": at("11:00")}));
    clinic.assert_refused(Role::Quality, "/v1/wastages", &late, &["stock_moved_since"]);
    // In retrospect what is left is taken, and the rest from the unaccounted account.
    let told = with(use_at(2), json!({"retrospective": {"reason": "Found in the notes"}}));
    let made = clinic.create(Role::Practitioner, "/v1/administrations", &told);
    assert_eq!(made["deviation"]["units_unaccounted"], 1);
    assert_eq!(states(&clinic, &lot), []);
    assert_eq!(clinic.reconciliation(&lot)["balanced"], true);
}

/// DOMAIN rule 22a: the count saw the unit gone that was given before it, and its difference took it off the books.
fn what_a_count_has_missed_is_not_taken_twice(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 6);
    world.clock.set("2026-07-01T12:00:00Z");
    let count = json!({"lot_id": lot, "location_id": clinic.stock, "units_counted": 4, "reason": "Monthly"});
    let count = id(&clinic.create(Role::Quality, "/v1/counts", &count));
    assert_eq!(states(&clinic, &lot), [("available".to_owned(), 4)]);
    world.clock.set("2026-07-01T13:00:00Z");
    let use_at = |time: &str, units: i64| with(clinic.administration(&lot, units), json!({"occurred_at": at(time)}));
    // Given before the count: a scan says the same as the administration, and a movement fares no better.
    let asked = json!({"code": scan("270630", "LOT1", None), "site_id": clinic.site, "practitioner_id": clinic.practitioner,
        "purpose": "administer", "units": 1, "occurred_at": at("11:00")});
    let scanned = clinic.create(Role::Practitioner, "/v1/scans", &asked);
    assert_eq!(codes(&scanned["decision"]), ["stock_moved_since"], "{scanned}");
    let path = "/v1/administrations";
    let problem = clinic.assert_refused(Role::Practitioner, path, &use_at("11:00", 1), &["stock_moved_since"]);
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains("A count at 2026-07-01 12:00 UTC") && detail.contains("twice"), "{detail}");
    let waste = json!({"lot_id": lot, "from_location_id": clinic.stock, "units": 1, "reason": "Dropped", "occurred_at": at("11:00")});
    clinic.assert_refused(Role::Quality, "/v1/wastages", &waste, &["stock_moved_since"]);
    // In retrospect it is recorded: it comes from outside the books, so that they stay as they were counted, and quality looks at it.
    let told = with(use_at("11:00", 3), json!({"retrospective": {"reason": "Found in the notes"}}));
    let made = clinic.create(Role::Practitioner, path, &told);
    assert_eq!(
        (&made["deviation"]["units_unaccounted"], &made["deviation"]["reason_codes"]),
        (&json!(3), &json!(["stock_moved_since"]))
    );
    assert_eq!(states(&clinic, &lot), [("available".to_owned(), 4)]);
    let work = world.http.get(&clinic.token_as("olga", &[Role::Quality]), "/v1/work?kind=close_deviation").1;
    assert_eq!(work["items"].as_array().unwrap().len(), 1, "{work}");
    // What comes after the count is none of its business.
    clinic.create(Role::Practitioner, path, &use_at("12:30", 1));
    assert_eq!(states(&clinic, &lot), [("available".to_owned(), 3)]);
    // With the count reversed, what was given before it is entered as if it had never been.
    clinic.create(Role::Quality, &format!("/v1/movements/{count}/reversals"), &json!({"reason": "Given to patients"}));
    clinic.create(Role::Practitioner, path, &use_at("11:30", 1));
    assert_eq!(states(&clinic, &lot), [("available".to_owned(), 2), ("quarantined".to_owned(), 2)]);
    assert_eq!(clinic.reconciliation(&lot)["balanced"], true);
    world.assert_verified();
}

/// Everything was registered today, and was there before: its first version counts for earlier moments, too.
fn a_whole_chain_can_be_entered_late(world: &World) {
    let clinic = world.clinic();
    let on = |day: u32| json!(format!("2026-06-{day}T09:00:00Z"));
    let lines = json!([{"gtin": GTIN, "lot": "LOT1", "expiry": EXPIRY, "packs": 1}]);
    let body = with(clinic.receipt(lines), json!({"occurred_at": on(20)}));
    let made = clinic.create(Role::Purchaser, "/v1/receipts", &body);
    let lot = made["lines"][0]["lot_id"].as_str().unwrap().to_owned();
    let body = with(clinic.inspection(&id(&made), &lot, 2, 0), json!({"occurred_at": on(21)}));
    clinic.create(Role::Purchaser, "/v1/inspections", &body);
    assert_eq!(release(&clinic, &lot, 2, json!({"occurred_at": on(22)})).0, 201);
    let body = with(clinic.administration(&lot, 1), json!({"occurred_at": on(23)}));
    let made = clinic.create(Role::Practitioner, "/v1/administrations", &body);
    assert_eq!((&made["decision"]["allowed"], &made["decision"]["reasons"]), (&json!(true), &json!([])));
}

fn what_is_corrected_counts_from_then_on(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 4);
    world.clock.set("2026-07-01T12:00:00Z");
    let path = format!("/v1/products/{}", clinic.product);
    assert_eq!(world.patch(&path, &json!({"requires_prescriber": true})).status, 200);
    world.clock.set("2026-07-01T13:00:00Z");
    let use_at = |time: &str| with(clinic.administration(&lot, 1), json!({"occurred_at": at(time)}));
    assert_eq!(clinic.post(Role::Practitioner, "/v1/administrations", &use_at("11:00")).0, 201);
    clinic.assert_refused(Role::Practitioner, "/v1/administrations", &use_at("12:30"), &["prescriber_missing"]);
    assert_eq!(world.patch(&path, &json!({"requires_prescriber": false})).status, 200);
    clinic.assert_refused(Role::Practitioner, "/v1/administrations", &use_at("12:30"), &["prescriber_missing"]);

    // Who was retired for a while treated nobody meanwhile.
    let retired = json!({"reason": "Broken"});
    let practitioner = format!("/v1/practitioners/{}", clinic.practitioner);
    clinic.create(Role::Admin, &format!("{practitioner}/retire"), &retired);
    world.clock.set("2026-07-01T14:00:00Z");
    clinic.create(Role::Admin, &format!("{practitioner}/reinstate"), &json!({"reason": "Back"}));
    clinic.assert_refused(Role::Practitioner, "/v1/administrations", &use_at("13:30"), &["practitioner_retired"]);
    world.clock.set("2026-07-01T15:00:00Z");
    assert_eq!(clinic.post(Role::Practitioner, "/v1/administrations", &use_at("14:30")).0, 201);
}

fn a_scan_asks_for_what_it_is_not_told(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 4);
    let second = id(&clinic.create(
        Role::Admin,
        "/v1/locations",
        &json!({"site_id": clinic.site, "name": "Fridge 2", "purpose": "stock", "min_c": 2, "max_c": 8}),
    ));
    let some =
        json!({"lot_id": lot, "from_location_id": clinic.stock, "to_location_id": second, "units": 1, "reason": "x"});
    clinic.create(Role::Quality, "/v1/transfers", &some);
    let code = scan("270630", "LOT1", None);
    let asked = json!({"code": code, "site_id": clinic.site, "purpose": "administer"});
    let ask = |changes: Value| {
        let scanned = clinic.create(Role::Practitioner, "/v1/scans", &with(asked.clone(), changes));
        (codes(&scanned), scanned)
    };
    let (found, scanned) = ask(json!({}));
    assert_eq!(found, ["location_required", "location_required", "practitioner_missing"]);
    let places: Vec<_> =
        scanned["decision"]["reasons"].as_array().unwrap()[..2].iter().map(|r| &r["subject"]["id"]).collect();
    assert!(places.contains(&&json!(second)) && places.contains(&&json!(clinic.stock)), "{places:?}");
    assert_eq!(ask(json!({"location_id": second})).0, ["practitioner_missing"]);
    let nia = json!({"location_id": second, "practitioner_id": clinic.practitioner});
    assert_eq!(ask(nia.clone()).0, [""; 0]);
    assert_eq!(ask(with(nia.clone(), json!({"units": 2}))).0, ["stock_not_on_hand"]);
    // What is not known is asked for in retrospect too, and nothing is recorded.
    let mut body = clinic.administration(&lot, 1);
    body["retrospective"] = json!({"reason": "It has happened"});
    clinic.assert_refused(
        Role::Practitioner,
        "/v1/administrations",
        &body,
        &["location_required", "location_required"],
    );
    // A practitioner's own token says who treats.
    let own = json!({"name": "Nia Example", "profession": "nurse", "subject": "nia"});
    let own = id(&clinic.create(Role::Admin, "/v1/practitioners", &own));
    let registration =
        super::support::clinic::licence(("practitioner", &own), "professional_registration", "GMC", "7654321");
    world.checked_licence(&registration);
    let token = world.token_as("nia", &[Role::Practitioner]);
    let (_, scanned) = world.http.post(&token, "/v1/scans", &with(asked, json!({"location_id": second})));
    assert_eq!(scanned["decision"]["allowed"], true, "{scanned}");
    let mut body = with(clinic.administration(&lot, 1), json!({"location_id": second}));
    body.as_object_mut().unwrap().remove("practitioner_id");
    let (status, made) = world.http.post(&token, "/v1/administrations", &body);
    assert_eq!((status, &made["practitioner_id"]), (201, &json!(own)), "{made}");
    body["location_id"] = json!(clinic.stock);
    clinic.assert_refused(Role::Practitioner, "/v1/administrations", &body, &["practitioner_missing"]);
}

/// A hold on what lies at a place holds from its moment on, also what it took only when it was entered.
fn a_hold_on_a_place_that_is_entered_late(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 4);
    let account = clinic.read(&format!("/v1/stock?lot_id={lot}"))["items"][0]["account_id"].clone();
    world.clock.set("2026-07-01T12:00:00Z");
    let body =
        json!({"scope": {"type": "account", "id": account}, "reason": "Door was open", "occurred_at": at("09:30")});
    let hold = clinic.create(Role::Quality, "/v1/holds", &body);
    let used = with(clinic.administration(&lot, 1), json!({"occurred_at": at("11:00")}));
    clinic.assert_refused(Role::Practitioner, "/v1/administrations", &used, &["lot_on_hold"]);
    world.clock.set("2026-07-01T13:00:00Z");
    let path = format!("/v1/holds/{}/lift", id(&hold));
    clinic.create(Role::Quality, &path, &json!({"reason": "It was shut"}));
    clinic.assert_refused(Role::Practitioner, "/v1/administrations", &used, &["lot_on_hold"]);
    let fridge = json!({"site_id": clinic.site, "name": "Fridge 2", "purpose": "stock", "min_c": 2, "max_c": 8});
    let fridge = id(&clinic.create(Role::Admin, "/v1/locations", &fridge));
    let moved =
        json!({"lot_id": lot, "from_location_id": clinic.stock, "to_location_id": fridge, "units": 1, "reason": "x"});
    let late = with(moved.clone(), json!({"occurred_at": at("11:00")}));
    clinic.assert_refused(Role::Quality, "/v1/transfers", &late, &["lot_on_hold", "stock_moved_since"]);
    assert_eq!(clinic.post(Role::Quality, "/v1/transfers", &moved).0, 201);
    let now = with(clinic.administration(&lot, 1), json!({"location_id": fridge}));
    assert_eq!(clinic.post(Role::Practitioner, "/v1/administrations", &now).0, 201);
}

/// Both the hold and its end are entered late: no hold was open between the end and its entry.
fn a_hold_that_was_over_before_it_was_entered(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 4);
    world.clock.set("2026-07-01T12:00:00Z");
    let body = json!({"scope": {"type": "lot", "id": lot}, "reason": "Swelling reported", "occurred_at": at("09:30")});
    let hold = clinic.create(Role::Quality, "/v1/holds", &body);
    assert_eq!(states(&clinic, &lot), [("held".to_owned(), 4)]);
    world.clock.set("2026-07-01T15:00:00Z");
    let path = format!("/v1/holds/{}/lift", id(&hold));
    clinic.create(Role::Quality, &path, &json!({"reason": "Another lot", "occurred_at": at("11:00")}));
    let use_at = |time: &str| with(clinic.administration(&lot, 1), json!({"occurred_at": at(time)}));
    let path = "/v1/administrations";
    clinic.assert_refused(Role::Practitioner, path, &use_at("10:30"), &["lot_on_hold"]);
    for time in ["11:30", "12:30"] {
        assert_eq!(clinic.post(Role::Practitioner, path, &use_at(time)).0, 201, "{time}");
    }
    assert_eq!(states(&clinic, &lot), [("available".to_owned(), 2)]);
}

/// What came to a place before a hold on it is held by it, although the transfer is entered only after.
fn a_transfer_that_is_entered_after_a_hold(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 4);
    let fridge = json!({"site_id": clinic.site, "name": "Fridge 2", "purpose": "stock", "min_c": 2, "max_c": 8});
    let fridge = id(&clinic.create(Role::Admin, "/v1/locations", &fridge));
    world.clock.set("2026-07-01T11:00:00Z");
    let transfer =
        json!({"lot_id": lot, "from_location_id": clinic.stock, "to_location_id": fridge, "units": 1, "reason": "x"});
    clinic.create(Role::Quality, "/v1/transfers", &transfer);
    let stock = clinic.read(&format!("/v1/stock?lot_id={lot}"));
    let there = stock["items"].as_array().unwrap().iter().find(|item| item["location_id"] == fridge.as_str()).unwrap();
    world.clock.set("2026-07-01T12:00:00Z");
    let hold = json!({"scope": {"type": "account", "id": there["account_id"]}, "reason": "Door was open"});
    clinic.create(Role::Quality, "/v1/holds", &hold);
    world.clock.set("2026-07-01T13:00:00Z");
    clinic.create(Role::Quality, "/v1/transfers", &with(transfer, json!({"occurred_at": at("11:30")})));
    assert_eq!(states(&clinic, &lot), [("available".to_owned(), 2), ("held".to_owned(), 2)]);
}

/// What a supplier is approved for counts from the correction on, for earlier receipts neither way.
fn a_supplier_is_what_it_was_on_the_day(world: &World) {
    let clinic = world.clinic();
    let path = format!("/v1/suppliers/{}", clinic.supplier);
    let approve = |class: &str| {
        let supplier = with(clinic.read(&path), json!({"approved_classes": [class]}));
        let (bearer, tag) = (format!("Bearer {}", world.token(Role::Admin)), format!("\"{}\"", supplier["version"]));
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/json"), ("if-match", &tag)];
        let answer = world.http.send("PUT", &path, &headers, Some(supplier.to_string().as_bytes()));
        assert_eq!(answer.status, 200, "{}", answer.json());
    };
    let deliver = |lot: &str| {
        let (receipt, lot) = clinic.receive(lot, EXPIRY, 1);
        clinic.create(Role::Purchaser, "/v1/inspections", &clinic.inspection(&receipt, &lot, 2, 0));
        lot
    };
    let before = deliver("LOT1");
    world.clock.set("2026-07-01T11:00:00Z");
    approve("neuromodulator");
    let meanwhile = deliver("LOT2");
    assert_eq!(release(&clinic, &before, 2, json!({})).0, 201);
    assert_eq!(release(&clinic, &meanwhile, 2, json!({})), refused(&["supplier_not_approved"]));
    world.clock.set("2026-07-01T12:00:00Z");
    approve("hybrid_filler");
    assert_eq!(release(&clinic, &meanwhile, 2, json!({})), refused(&["supplier_not_approved"]));
}
