//! The story: what is asked, by whom, in which order, and what must come back.
//!
//! To add a step, add a line to a chapter; `step` has the words.

use chrono::{Days, NaiveDate};
use serde_json::{Value, json};

use super::people::Person::{Ada, Max, Nia, Omar, Pat, Quinn};
use super::step::{
    Chapter, Step, administer, check, get, inspect, licence, post, receive, release, scan, scan_at_chair,
};

/// HArmonyCa's GTIN here, under the GS1 prefix for examples.
const GTIN: &str = "09521234567899";

/// The code of a pack as a scanner sends it: GTIN, expiry, lot, then the separator and the serial number.
fn pack(expiry: NaiveDate, lot: &str, serial: &str) -> String {
    format!("]d201{GTIN}17{}10{lot}\u{1d}21{serial}", expiry.format("%y%m%d"))
}

/// A day so many days after `today`, or before it.
fn day(today: NaiveDate, days: i64) -> NaiveDate {
    let distance = Days::new(days.unsigned_abs());
    let moved = if days < 0 { today.checked_sub_days(distance) } else { today.checked_add_days(distance) };
    moved.unwrap_or(today)
}

/// Every chapter, for a day at the clinic.
pub fn chapters(today: NaiveDate) -> Vec<Chapter> {
    let hero = pack(day(today, 400), "HC24A", "SN0001");
    let second = pack(day(today, 430), "HC24B", "SN0101");
    let expired = pack(day(today, -3), "HC22Z", "SN0201");
    vec![
        Chapter { title: "Set-up", steps: set_up(today) },
        Chapter { title: "People and licences", steps: people(today) },
        Chapter { title: "A pack arrives", steps: arrival(&hero) },
        Chapter { title: "Inspection and release", steps: inspection() },
        Chapter { title: "At the chair", steps: chair(&hero) },
        Chapter { title: "A hold", steps: hold(&second) },
        Chapter { title: "An expired pack", steps: expiry(&expired) },
        Chapter { title: "A lapsed registration", steps: lapse(&second) },
        Chapter { title: "What is refused before any rule is asked", steps: manners(&second) },
        Chapter { title: "The auditor", steps: audit() },
    ]
}

fn set_up(today: NaiveDate) -> Vec<Step> {
    let place = |name: &str, purpose: &str| json!({"site_id": "$site", "name": name, "purpose": purpose, "min_c": 15, "max_c": 25});
    vec![
        post(
            Ada,
            "registers the clinic",
            "/v1/sites",
            json!({"name": "Example Clinic", "jurisdiction": "GB-ENG", "time_zone": "Europe/London"}),
        )
        .keep("site", "/id")
        .shows("{/name}, {/jurisdiction}"),
        post(Ada, "adds a place for goods in", "/v1/locations", place("Goods in", "quarantine"))
            .keep("goods_in", "/id")
            .shows("{/name}, {/purpose}, {/min_c} to {/max_c} °C"),
        post(Ada, "adds a place for stock", "/v1/locations", place("Treatment room cabinet", "stock"))
            .keep("cabinet", "/id")
            .shows("{/name}, {/purpose}, {/min_c} to {/max_c} °C"),
        post(Ada, "adds the product", "/v1/products", harmonyca(today))
            .keep("product", "/id")
            .has("/units_per_pack", 2)
            .shows("{/name}, {/units_per_pack} × {/unit/amount} {/unit/amount_unit} a pack"),
        post(
            Ada,
            "adds the supplier",
            "/v1/suppliers",
            json!({"name": "Example Medical Supplies", "country": "GB", "approved_classes": ["hybrid_filler"]}),
        )
        .keep("supplier", "/id")
        .shows("{/name}"),
    ]
}

fn harmonyca(today: NaiveDate) -> Value {
    json!({
        "gtin": GTIN, "name": "HArmonyCa", "manufacturer": "Example Aesthetics", "class": "hybrid_filler",
        "units_per_pack": 2, "unit": {"presentation": "prefilled syringe", "amount": "1.25", "amount_unit": "mL"},
        "storage": {"min_c": 2, "max_c": 25, "do_not_freeze": true}, "single_patient": true,
        "approvals": [{
            "jurisdiction": "GB", "status": "authorised", "source": "illustrative, for demonstration only",
            "verified_on": day(today, -30).to_string(),
        }],
    })
}

fn people(today: NaiveDate) -> Vec<Step> {
    let valid = || (day(today, -200).to_string(), day(today, 500).to_string());
    let holder = |kind: &str, id: &str| json!({"type": kind, "id": id});
    let practitioner = |does: &str, name: &str, kept: &'static str| {
        post(Ada, does, "/v1/practitioners", json!({"name": name, "profession": "doctor"}))
            .keep(kept, "/id")
            .shows("{/name}, {/profession}")
    };
    let registration = |name: &'static str, does: &str, id: &str, number: &str| {
        licence(name, does, holder("practitioner", id), "professional_registration", ("GMC", number), valid())
    };
    let mut steps = Vec::new();
    steps.extend(licence(
        "facility",
        "records the clinic's licence",
        holder("site", "$site"),
        "facility",
        ("CQC", "1-0000000001"),
        valid(),
    ));
    steps.extend(licence(
        "wholesale",
        "records the supplier's licence",
        holder("supplier", "$supplier"),
        "wholesale",
        ("MHRA", "WDA(H) 00000"),
        valid(),
    ));
    steps.push(practitioner("adds a practitioner", "Dr Nia Example", "nia"));
    steps.extend(registration("nia_gmc", "records her registration", "$nia", "1234567"));
    steps.push(practitioner("adds another", "Dr Max Example", "max"));
    steps.extend(registration("max_gmc", "records his registration", "$max", "7654321"));
    steps
}

fn arrival(code: &str) -> Vec<Step> {
    vec![
        scan(Pat, "scans the pack at the door", code, "receive").says_yes(),
        receive("receives it", &[code], "DN-1001")
            .keep("receipt_a", "/id")
            .keep("lot_a", "/lines/0/lot_id")
            .has("/lines/0/units", 2)
            .has("/lines/0/flags", json!([]))
            .shows("lot {/lines/0/lot}, {/lines/0/units} units, in quarantine"),
        scan_at_chair(Nia, "$nia", "scans it at the chair", code).says_no(&["lot_quarantined"]),
        administer(Nia, "$nia", "tries to use it all the same", code, "midface, left").refused(&["lot_quarantined"]),
        receive("receives the same pack again", &[code], "DN-1001").refused(&["serial_already_used"]),
    ]
}

fn inspection() -> Vec<Step> {
    vec![
        release(Quinn, "wants to release before anybody looked", "$lot_a", &["SN0001"], 2).refused(&["not_inspected"]),
        inspect("$receipt_a", "$lot_a", 2),
        release(Pat, "wants to release what she inspected", "$lot_a", &["SN0001"], 2)
            .refused(&["inspector_cannot_release"]),
        release(Quinn, "releases it", "$lot_a", &["SN0001"], 2),
    ]
}

fn chair(code: &str) -> Vec<Step> {
    let shown = "{/units} unit of lot {/lot}, serial {/serial}, to {/patient_ref}";
    vec![
        scan_at_chair(Nia, "$nia", "scans the pack", code).says_yes().has("/on_hand/0/units", 2),
        administer(Nia, "$nia", "administers the first syringe", code, "midface, left")
            .keep("administration", "/id")
            .shows(shown),
        administer(Nia, "$nia", "administers the second syringe", code, "midface, right").shows(shown),
        administer(Nia, "$nia", "scans the empty pack for a third", code, "chin").refused(&["serial_already_used"]),
        get(Nia, "looks at the lot", "/v1/lots/$lot_a").has("/reconciliation/on_hand", 0).shows(RECONCILED),
    ]
}

/// How the books of a lot are shown.
const RECONCILED: &str = "{/reconciliation/received} received = {/reconciliation/on_hand} on hand + \
                          {/reconciliation/administered} administered";

fn hold(code: &str) -> Vec<Step> {
    vec![
        receive("receives another lot", &[code], "DN-1002")
            .keep("receipt_b", "/id")
            .keep("lot_b", "/lines/0/lot_id")
            .shows("lot {/lines/0/lot}, {/lines/0/units} units, in quarantine"),
        inspect("$receipt_b", "$lot_b", 2),
        release(Quinn, "releases it", "$lot_b", &["SN0101"], 2),
        post(
            Quinn,
            "holds the lot",
            "/v1/holds",
            json!({"scope": {"type": "lot", "id": "$lot_b"}, "reason": "Swelling reported; under review"}),
        )
        .keep("hold", "/id")
        .shows("{/reason}"),
        scan_at_chair(Nia, "$nia", "scans the pack", code).says_no(&["lot_on_hold"]),
        administer(Nia, "$nia", "tries to use it", code, "midface, left").refused(&["lot_on_hold"]),
        post(Quinn, "lifts the hold", "/v1/holds/$hold/lift", json!({"reason": "Review complete: unrelated"}))
            .changes()
            .shows("{/lift_reason}"),
        scan_at_chair(Nia, "$nia", "scans the pack again", code).says_yes(),
    ]
}

fn expiry(code: &str) -> Vec<Step> {
    vec![
        receive("receives it: what arrived is recorded, and flagged", &[code], "DN-1003")
            .keep("receipt_c", "/id")
            .keep("lot_c", "/lines/0/lot_id")
            .has("/lines/0/flags", json!(["expired_on_arrival"]))
            .shows("lot {/lines/0/lot}, {/lines/0/flags/0}"),
        inspect("$receipt_c", "$lot_c", 2),
        release(Quinn, "wants to release it", "$lot_c", &["SN0201"], 2).refused(&["lot_expired"]),
        scan_at_chair(Nia, "$nia", "scans it: every reason is named", code)
            .says_no(&["lot_expired", "lot_quarantined"]),
    ]
}

fn lapse(code: &str) -> Vec<Step> {
    vec![
        scan_at_chair(Max, "$max", "scans a good pack", code).says_yes(),
        check("max_gmc", "looks up his registration again", "lapsed"),
        administer(Max, "$max", "tries to treat", code, "chin").refused(&["practitioner_licence_check_failed"]),
        administer(Nia, "$nia", "treats in his place", code, "chin")
            .shows("{/units} unit of lot {/lot}, serial {/serial}, to {/patient_ref}"),
    ]
}

fn manners(code: &str) -> Vec<Step> {
    let misread = code.replacen(GTIN, "09521234567890", 1);
    vec![
        scan_at_chair(Nia, "$nia", "scans a code with a wrong check digit", &misread).problem(422, "code_unreadable"),
        administer(Omar, "$nia", "tries to change something", code, "chin").problem(403, "forbidden"),
        get(Nia, "asks for a lot that nobody ever received", "/v1/lots/lot_00000000-0000-7000-8000-000000000000")
            .problem(404, "not_found"),
    ]
}

fn audit() -> Vec<Step> {
    let chain = "{/recorded_at:.19}  {/actor/subject:6} {/summary}";
    vec![
        get(Omar, "reads the first lot's books", "/v1/lots/$lot_a")
            .has("/reconciliation/received", 2)
            .has("/reconciliation/administered", 2)
            .has("/reconciliation/on_hand", 0)
            .has("/reconciliation/balanced", true)
            .shows(RECONCILED),
        get(Omar, "reads the second lot's books", "/v1/lots/$lot_b")
            .has("/reconciliation/administered", 1)
            .has("/reconciliation/on_hand", 1)
            .has("/reconciliation/balanced", true)
            .shows(RECONCILED),
        get(Omar, "reads the first lot's chain of custody", "/v1/lots/$lot_a/custody")
            .has("/events/0/kind", "receipt_recorded")
            .has("/events/0/actor/subject", "pat")
            .lists("/events", chain),
        get(Omar, "reads how one syringe came to its patient", "/v1/administrations/$administration/custody")
            .lists("/events", chain),
    ]
}
