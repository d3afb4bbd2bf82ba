//! The organisation's policy: versions, and what hangs on it.

use lotline::caller::Role;
use serde_json::{Value, json};

use super::support::clinic::{EXPIRY, GTIN, id, scan};
use super::support::{Answer, World, on_both_databases};

on_both_databases!(
    a_policy_is_set_whole_as_a_new_version,
    policies_that_cannot_be_meant,
    a_checklist_is_what_a_release_needs,
    a_shorter_interval_makes_a_check_stale,
    a_denied_lot_goes_nowhere,
);

/// Sets the whole policy: the defaults, but for what the body says.
fn put(world: &World, body: &Value, if_match: Option<&str>) -> Answer {
    let mut policy = json!({
        "licence_recheck_days": 365, "minimum_remaining_days": 0, "checklists": {}, "denied_suppliers": [],
        "denied_lots": [], "retention_years": 10, "approval_recheck_days": 365, "count_found_to_approve": 1,
        "count_missing_to_approve": 3, "evidence_quota_bytes": 107374182400_i64,
        "recording_for_others": "confirm", "expiry_order": "advise", "licences_by_two": false, "readings_retention_days": null,
        "treatment_gates": {}, "signing_requires": []
    });
    policy.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
    world.put("/v1/policies", &[("if-match", if_match.unwrap_or("*"))], &policy)
}

/// Sets the policy; it must be done.
pub fn set(world: &World, body: &Value) -> Value {
    let answer = put(world, body, None);
    assert_eq!(answer.status, 200, "{}", answer.json());
    answer.json()
}

fn a_policy_is_set_whole_as_a_new_version(world: &World) {
    let defaults = world.read("/v1/policies");
    assert_eq!((&defaults["version"], &defaults["licence_recheck_days"]), (&json!(0), &json!(365)));
    assert_eq!((&defaults["minimum_remaining_days"], &defaults["denied_lots"]), (&json!(0), &json!([])));
    let first_three = json!(["outer_carton_intact", "tamper_evidence_intact", "label_legible"]);
    assert_eq!(defaults["checklists"].as_object().unwrap().len(), 10);
    assert!(defaults["checklists"].as_object().unwrap().values().all(|list| *list == first_three));

    let first = put(world, &json!({"licence_recheck_days": 180}), Some("\"0\""));
    assert_eq!((first.status, &first.json()["version"]), (200, &json!(1)));
    assert_eq!(first.json()["set_by"], "admin");
    // Whoever saw version 0 does not know what they overwrite.
    let stale = put(world, &json!({"licence_recheck_days": 90}), Some("\"0\""));
    assert_eq!((stale.status, &stale.json()["code"]), (412, &json!("precondition_failed")));
    for tag in ["\"99\"", "W/\"1\"", "1", "\"x\""] {
        assert_eq!(put(world, &json!({}), Some(tag)).status, 412, "{tag}");
    }
    assert_eq!(put(world, &json!({"retention_years": 8}), Some("*")).json()["version"], 2);
    assert_eq!(put(world, &json!({"retention_years": 9}), None).json()["version"], 3);

    let headers = format!("Bearer {}", world.token(Role::Purchaser));
    let now = world.http.send("GET", "/v1/policies", &[("authorization", &headers)], None);
    assert_eq!((now.status, now.header("etag")), (200, Some("\"3\"")));
    // What was set whole has nothing of the version before.
    assert_eq!((&now.json()["licence_recheck_days"], &now.json()["retention_years"]), (&json!(365), &json!(9)));
    let events = world.read("/v1/events?kind=policy_set")["items"].clone();
    assert_eq!(events.as_array().unwrap().len(), 3);

    let other = world.http.send(
        "PUT",
        "/v1/policies",
        &[
            ("authorization", &format!("Bearer {}", world.token(Role::Quality))),
            ("content-type", "application/json"),
            ("if-match", "*"),
        ],
        Some(b"{}"),
    );
    assert_eq!(other.status, 403);
    assert_eq!(world.http.get(&world.token(Role::Practitioner), "/v1/policies").0, 403);
}

fn policies_that_cannot_be_meant(world: &World) {
    for (body, code) in [
        (json!({"licence_recheck_days": 0}), "invalid_value"),
        (json!({"minimum_remaining_days": 3651}), "invalid_value"),
        (json!({"retention_years": 0}), "invalid_value"),
        (json!({"licence_recheck_days": "soon"}), "invalid_body"),
        (json!({"checklists": {"ha_filler": []}}), "empty_list"),
        (json!({"checklists": {"ha_filler": ["label_legible", "label_legible"]}}), "duplicate_entry"),
        (json!({"checklists": {"ha_filler": ["smells_good"]}}), "invalid_value"),
        (json!({"checklists": {"toothpaste": ["label_legible"]}}), "invalid_value"),
        (json!({"denied_suppliers": ["sup_01932c07-8d00-7000-8000-000000000002"]}), "reference_unknown"),
        (json!({"denied_suppliers": ["nobody"]}), "reference_unknown"),
        (json!({"denied_lots": [{"gtin": "09521234567891", "lot": "A"}]}), "invalid_gtin"),
        (json!({"denied_lots": [{"gtin": GTIN, "lot": "A"}, {"gtin": GTIN, "lot": "A"}]}), "duplicate_entry"),
        (json!({"override": true}), "unknown_field"),
    ] {
        let answer = put(world, &body, None);
        assert_eq!((answer.status, &answer.json()["code"]), (422, &json!(code)), "{body}: {}", answer.json());
    }
    assert_eq!(world.read("/v1/policies")["version"], 0);
}

fn a_checklist_is_what_a_release_needs(world: &World) {
    let clinic = world.clinic();
    let longer = json!(["outer_carton_intact", "tamper_evidence_intact", "label_legible", "cold_chain_indicator"]);
    set(world, &json!({"checklists": {"hybrid_filler": longer, "other": ["unit_count_correct"]}}));
    let (receipt, lot) = clinic.receive("LOT1", EXPIRY, 2);
    let made = clinic.create(Role::Purchaser, "/v1/inspections", &clinic.inspection(&receipt, &lot, 2, 0));
    // What it lacks it says, with what was found good: nothing of that has passed.
    assert_eq!((&made["lacks"], &made["units_passed"]), (&json!(["cold_chain_indicator"]), &json!(2)));
    assert_eq!(clinic.read(&format!("/v1/inspections/{}", id(&made)))["lacks"], made["lacks"]);
    let stock = clinic.read(&format!("/v1/stock?lot_id={lot}"));
    assert_eq!(stock["items"][0]["state"], "quarantined");
    let path = format!("/v1/lots/{lot}/releases");
    clinic.assert_refused(Role::Quality, &path, &clinic.release(2), &["not_inspected"]);
    // Nobody has looked at anything who says of everything that it does not apply; and a label is on every pack.
    let mut nothing = clinic.inspection(&receipt, &lot, 2, 0);
    nothing["checks"] = json!([{"criterion": "cold_chain_indicator", "result": "not_applicable"}]);
    let mut no_label = clinic.inspection(&receipt, &lot, 2, 0);
    no_label["checks"][2] = json!({"criterion": "label_legible", "result": "not_applicable"});
    for body in [nothing, no_label] {
        let (status, problem) = clinic.post(Role::Purchaser, "/v1/inspections", &body);
        assert_eq!((status, &problem["code"]), (422, &json!("contradictory_inspection")), "{problem}");
    }
    let mut complete = clinic.inspection(&receipt, &lot, 2, 0);
    let indicator = json!({"criterion": "cold_chain_indicator", "result": "not_applicable"});
    complete["checks"].as_array_mut().unwrap().push(indicator);
    assert_eq!(clinic.create(Role::Purchaser, "/v1/inspections", &complete)["lacks"], json!([]));
    clinic.create(Role::Quality, &path, &clinic.release(2));
}

fn a_shorter_interval_makes_a_check_stale(world: &World) {
    let clinic = world.clinic();
    clinic.receive_inspect_release("LOT1", 4);
    world.clock.advance_days(31);
    clinic.assert_at_the_chair(&scan("270630", "LOT1", None));
    set(world, &json!({"licence_recheck_days": 30}));
    let stale = ["site_licence_check_stale", "practitioner_licence_check_stale"];
    clinic.assert_not_at_the_chair(&scan("270630", "LOT1", None), &stale);
}

fn a_denied_lot_goes_nowhere(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 2);
    let (receipt, waiting) = clinic.receive("LOT2", EXPIRY, 1);
    clinic.create(Role::Purchaser, "/v1/inspections", &clinic.inspection(&receipt, &waiting, 2, 0));
    let denied = |lot: &str| json!({"gtin": GTIN, "lot": lot});
    set(world, &json!({"denied_lots": [denied("LOT1"), denied("LOT2")]}));
    clinic.assert_not_at_the_chair(&scan("270630", "LOT1", None), &["lot_denied"]);
    let path = format!("/v1/lots/{waiting}/releases");
    clinic.assert_refused(Role::Quality, &path, &clinic.release(2), &["lot_denied"]);
    // More of it is received and flagged; a refusal forbids an act, not its record.
    let lines = json!([{"gtin": GTIN, "lot": "LOT1", "expiry": EXPIRY, "packs": 1}]);
    let more = clinic.create(Role::Purchaser, "/v1/receipts", &clinic.receipt(lines));
    assert_eq!(more["lines"][0]["flags"], json!(["denied_lot"]));
    assert_eq!(more["lines"][0]["lot_id"], json!(lot));
    assert!(!id(&more).is_empty());
    // Off the list again, it may be used.
    set(world, &json!({}));
    clinic.assert_at_the_chair(&scan("270630", "LOT1", None));
}
