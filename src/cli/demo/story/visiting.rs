//! What a practitioner would tell of a visit: what is asked and explained before anybody is treated, and what keeps her from it.

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::super::people::Person::{Ada, Nia, Quinn};
use super::super::step::{Step, get, patch, post, scan_at_chair};
use super::{Codes, day};

/// How what was recorded in a visit is shown.
const ENTRY: &str = "{/occurred_at:.16}  {/kind}";

// Long because it is the story of one visit, from top to bottom.
pub fn visit(codes: &Codes, today: NaiveDate) -> Vec<Step> {
    let protocol = |does: &str, kind: &str, title: &str, content: Value| {
        let body = json!({
            "kind": kind, "applies_to": {"class": "hybrid_filler"}, "title": title,
            "source": "Illustrative; sources disagree, and the clinic's medical lead decides",
            "effective_from": today.to_string(), "reason": "First version", "content": content,
        });
        post(Quinn, does, "/v1/protocols", body).shows("{/title}, version {/version}, in force from {/effective_from}")
    };
    let kit = |does: &str, units: i64| {
        let content = json!({"items": [{"product_id": "$xeomin", "units": units}]});
        protocol(does, "emergency_kit", "What must be at hand", content)
    };
    let asks = |does: &str, gates: Value| {
        patch(Ada, does, "/v1/policies", json!({"treatment_gates": {"hybrid_filler": gates}}))
    };
    let chair = |does: &str| scan_at_chair(Nia, "$nia", does, &codes.hero).with("visit_id", "$visit");
    let answers = |does: &str, pregnant: bool| {
        let infection = day(today, -60).to_string();
        let body = json!({"answers": [
            {"question": "pregnancy", "value": pregnant}, {"question": "infection", "value": infection},
        ]});
        post(Nia, does, "/v1/visits/$visit/screenings", body)
    };
    let corrected = json!([
        {"question": "pregnancy", "value": false, "note": "Misheard; the patient has signed that she is not"},
        {"question": "infection", "value": day(today, -60).to_string()},
    ]);
    let told = format!("{}T10:00:00Z", day(today, -2));
    let questions = json!({"valid_days": 30, "questions": [
        {"code": "pregnancy", "text": "Are you pregnant or breastfeeding?", "answer": {"type": "yes_no", "yes": "stop", "no": "none"}},
        {"code": "infection", "text": "When did you last have an infection?", "answer": {"type": "date", "min_days_since": 14, "sooner": "stop"}},
    ]});
    let points = json!({"reflection_hours": 24, "valid_days": 180, "points": [
        {"code": "risks", "text": "Common and serious adverse events"},
        {"code": "no_guarantee", "text": "No result is promised"},
    ]});
    let explained: Vec<_> = ["risks", "no_guarantee"]
        .map(|point| json!({"point": point, "by": ["spoken", "written"], "to_whom": "the patient", "at": told}))
        .into();
    let planned = json!([{"product_id": "$harmonyca", "area": "midface"}]);
    let visit = json!({"site_id": "$site", "practitioner_id": "$nia", "patient_ref": "P-1001", "planned": planned});
    let instead = json!({"instead": "Nothing dissolves it: massage, warmth, the hospital on call"});
    let prescription = json!({
        "patient_ref": "P-1001", "product_id": "$harmonyca", "units": 2, "prescriber_id": "$pia", "seen": "video",
        "valid_until": day(today, 180).to_string(),
    });
    let checks = json!({
        "checks": [
            {"code": "call", "after_days": 2, "look_at": "Pain, colour of the skin, vision"},
            {"code": "review", "after_days": 14, "look_at": "Symmetry", "views": ["front", "left oblique", "right oblique"]},
        ],
        "symptoms": ["pain", "swelling", "discolouration"], "scale": ["much improved", "improved", "no change", "worse"],
    });
    let waits = json!({"least_days": 14, "usual_days": 365});
    vec![
        protocol("writes down what is looked at afterwards", "follow_up", "After a filler", checks),
        protocol("writes down how long one waits", "retreatment", "Before the same area again", waits),
        protocol("writes down what is asked", "screening", "Before a filler", questions),
        protocol("writes down what is explained", "consent", "A filler, explained", points),
        kit("writes down what must be at hand", 2),
        asks("has that asked for", json!(["screening", "consent", "emergency_kit"]))
            .shows("version {/version} of the policy"),
        post(Nia, "opens a visit", "/v1/visits", visit).keep("visit", "/id").shows("{/status}"),
        chair("scans the pack").says_no(&["screening_missing", "consent_missing"]),
        answers("asks, and understands that the patient is pregnant", true)
            .has("/content/findings/0/consequence", "stop")
            .shows("{/content/findings/0/question}: {/content/findings/0/consequence}"),
        chair("scans again").says_no(&["screening_stop", "consent_missing"]),
        answers("answers otherwise", false).problem(422, "note_required"),
        answers("says why", false).with("answers", corrected).has("/content/findings", json!([])),
        post(
            Nia,
            "records what she explained two days ago, and the consent",
            "/v1/visits/$visit/consents",
            json!({"explained": explained, "agreed": {"witness": "N. Example, nurse"}}),
        ),
        chair("scans again").says_yes(),
        kit("wants a third one at hand", 3).has("/version", 2),
        chair("scans again").says_no(&["emergency_kit_incomplete"]),
        asks("wants a prescription, too", json!(["prescription"])),
        chair("scans again").says_no(&["prescription_missing"]),
        post(Nia, "records what Dr Pia has prescribed", "/v1/prescriptions", prescription)
            .shows("{/units_left} units left"),
        chair("scans again").says_yes(),
        post(Nia, "writes down what is done if it goes wrong", "/v1/visits/$visit/reversibility-plans", instead),
        get(Nia, "reads the visit", "/v1/visits/$visit").lists("/entries", ENTRY),
        asks("has nothing asked for, for the rest of this story", Value::Null),
    ]
}
