//! The stage: a clinic, its places, products, people and their licences.

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::super::people::Person::Ada;
use super::super::step::{Step, licence, patch, post};
use super::{HARMONYCA, XEOMIN, day};

pub fn set_up(today: NaiveDate) -> Vec<Step> {
    let place = |kept: &'static str, name: &str, purpose: &str, min_c: i64, max_c: i64| {
        let body = json!({"site_id": "$site", "name": name, "purpose": purpose, "min_c": min_c, "max_c": max_c});
        post(Ada, "adds a place", "/v1/locations", body)
            .keep(kept, "/id")
            .shows("{/name}, {/purpose}, {/min_c} to {/max_c} °C")
    };
    let product = |kept: &'static str, body: Value| {
        post(Ada, "adds a product", "/v1/products", body)
            .keep(kept, "/id")
            .shows("{/name}, {/units_per_pack} × {/unit/amount} {/unit/amount_unit} a pack")
    };
    let supplier = |kept: &'static str, name: &str, classes: &[&str]| {
        let body = json!({"name": name, "country": "GB", "approved_classes": classes});
        post(Ada, "adds a supplier", "/v1/suppliers", body).keep(kept, "/id").shows("{/name}")
    };
    let clinic = json!({"name": "Example Clinic", "jurisdiction": "GB-ENG", "time_zone": "Europe/London"});
    let checklist = ["outer_carton_intact", "tamper_evidence_intact", "label_legible", "lot_and_expiry_match"];
    vec![
        post(Ada, "registers the clinic", "/v1/sites", clinic).keep("site", "/id").shows("{/name}, {/jurisdiction}"),
        place("goods_in", "Goods in", "quarantine", 15, 25),
        place("fridge_1", "Fridge 1", "stock", 2, 8),
        place("fridge_2", "Fridge 2", "stock", 2, 8),
        place("freezer", "Freezer", "stock", -20, -10),
        product("harmonyca", harmonyca(today)),
        product("xeomin", xeomin(today)),
        supplier("supplier", "Example Medical Supplies", &["hybrid_filler", "neuromodulator"]),
        supplier("bargain", "Example Bargain Imports", &["ha_filler"]),
        patch(
            Ada,
            "sets what the clinic asks for",
            "/v1/policies",
            json!({"minimum_remaining_days": 30, "checklists": {"hybrid_filler": checklist}}),
        )
        .has("/version", 1)
        .shows("version {/version}: {/minimum_remaining_days} days left on arrival"),
    ]
}

fn approvals(today: NaiveDate) -> Value {
    json!([{
        "jurisdiction": "GB", "status": "authorised", "source": "illustrative, for demonstration only",
        "verified_on": day(today, -30).to_string(),
    }])
}

fn harmonyca(today: NaiveDate) -> Value {
    json!({
        "gtin": HARMONYCA, "name": "HArmonyCa", "manufacturer": "Example Aesthetics", "class": "hybrid_filler",
        "units_per_pack": 2, "unit": {"presentation": "prefilled syringe", "amount": "1.25", "amount_unit": "mL"},
        "storage": {"min_c": 2, "max_c": 25, "do_not_freeze": true}, "single_patient": true,
        "approvals": approvals(today),
    })
}

fn xeomin(today: NaiveDate) -> Value {
    json!({
        "gtin": XEOMIN, "name": "Xeomin", "manufacturer": "Example Toxins", "class": "neuromodulator",
        "units_per_pack": 1, "unit": {"presentation": "vial", "amount": "100", "amount_unit": "U"},
        "storage": {"min_c": -20, "max_c": 25}, "single_patient": true, "requires_prescriber": true,
        "approvals": approvals(today),
    })
}

pub fn people(today: NaiveDate) -> Vec<Step> {
    let holder = |kind: &str, id: &str| json!({"type": kind, "id": id});
    let licence = |name: &'static str, does: &str, holder: Value, kind: &str, issued: (&str, &str)| {
        licence(name, does, holder, kind, issued, (day(today, -200).to_string(), day(today, 500).to_string()))
    };
    let practitioner = |does: &str, name: &str, kept: &'static str| {
        post(Ada, does, "/v1/practitioners", json!({"name": name, "profession": "doctor"}))
            .keep(kept, "/id")
            .shows("{/name}, {/profession}")
    };
    let registration = |name: &'static str, does: &str, id: &str, number: &str| {
        licence(name, does, holder("practitioner", id), "professional_registration", ("GMC", number))
    };
    let mut steps = Vec::new();
    let site = holder("site", "$site");
    steps.extend(licence("facility", "records the clinic's licence", site, "facility", ("CQC", "1-0000000001")));
    let supplier = holder("supplier", "$supplier");
    steps.extend(licence(
        "wholesale",
        "records the supplier's licence",
        supplier,
        "wholesale",
        ("MHRA", "WDA(H) 00000"),
    ));
    steps.push(practitioner("adds a practitioner", "Dr Nia Example", "nia"));
    steps.extend(registration("nia_gmc", "records her registration", "$nia", "1234567"));
    steps.push(practitioner("adds another", "Dr Max Example", "max"));
    steps.extend(registration("max_gmc", "records his registration", "$max", "7654321"));
    steps.push(practitioner("adds a prescriber", "Dr Pia Example", "pia"));
    let pia = holder("practitioner", "$pia");
    steps.extend(licence("pia_gmc", "records her authority to prescribe", pia, "prescriber", ("GMC", "2345678")));
    steps
}
