//! What a practitioner and the quality lead would tell of harm: how soon somebody must look, whom one tells, and whether a lot stands out.

use chrono::NaiveDate;
use serde_json::json;

use super::super::people::Person::{Nia, Omar, Quinn};
use super::super::step::{Step, get, post};

pub fn event(today: NaiveDate) -> Vec<Step> {
    let kinds = json!([{
        "code": "vascular_occlusion", "text": "A vessel is blocked", "severity": "mild", "see_within_minutes": 60,
        "reports": [{"jurisdiction": "GB", "to": "MHRA Yellow Card", "within_days": 15}]
    }]);
    let protocol = json!({
        "kind": "adverse_event", "applies_to": {"class": "hybrid_filler"}, "title": "When something goes wrong",
        "source": "Illustrative; sources disagree, and the clinic's medical lead decides",
        "effective_from": today.to_string(), "reason": "First version", "content": {"kinds": kinds},
    });
    let harm = json!({
        "administration_ids": ["$administration"], "patient_ref": "P-1001", "kind": "vascular_occlusion", "severity": "serious",
        "onset_at": "$given_at", "description": "The left cheek is white and hurts",
        "actions": [{"text": "Massage, warmth, the hospital on call", "at": "$given_at"}],
    });
    let seen = json!({"note": "Colour is back within two seconds", "seen_at": "$given_at", "severity": "moderate"});
    let end = json!({"outcome": "recovered", "note": "No mark is left"});
    let conclusion = json!({"lot_id": "$lot_a", "conclusion": "One event; the lot is looked at again with the next"});
    vec![
        post(Quinn, "writes down what is done when it goes wrong", "/v1/protocols", protocol)
            .shows("{/title}, version {/version}"),
        post(Nia, "reports harm", "/v1/adverse-events", harm.clone())
            .has("/kind_unlisted", false)
            .keep("harm", "/id")
            .shows("{/state}, {/severity}: the patient is seen by {/see_by:.16}"),
        post(Nia, "wants the whole lot held with it", "/v1/adverse-events", harm)
            .with("hold", json!({"reason": "Harm reported"}))
            .problem(403, "forbidden"),
        get(Nia, "asks what waits for her", "/v1/work?kind=review_adverse_event")
            .lists("/items", "{/kind}, due {/due:.16}"),
        post(Quinn, "closes it before anybody has looked", "/v1/adverse-events/$harm/close", end.clone())
            .problem(409, "adverse_event_not_reviewed"),
        post(Nia, "has seen the patient", "/v1/adverse-events/$harm/reviews", seen)
            .has("/state", "reviewed")
            .shows("{/state}, {/severity}; next is due {/due_at:.16}"),
        get(Quinn, "reads what the regulator asks", "/v1/adverse-events/$harm/report")
            .has("/event/serious", false)
            .shows("lot {/devices/0/lot}, {/devices/0/product}, to {/patient_ref}"),
        post(Quinn, "sends it", "/v1/adverse-events/$harm/reports-sent", json!({"to": "MHRA Yellow Card"})),
        post(Quinn, "closes it", "/v1/adverse-events/$harm/close", end).changes().shows("{/state}: {/outcome}"),
        get(Omar, "asks whether a lot stands out", "/v1/signals?product_id=$harmonyca")
            .has("/items/0/events", 1)
            .lists(
                "/items",
                "{/events} of {/units} units, against {/other_events} of {/other_units}; flagged: {/flagged}",
            ),
        post(Quinn, "concludes", "/v1/signals/reviews", conclusion).shows("{/conclusion}"),
    ]
}
