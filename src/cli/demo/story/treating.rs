//! What a practitioner would tell: scans, administrations, voids, and what the chair refuses.

use chrono::NaiveDate;
use serde_json::json;

use super::super::people::Person::{Max, Nia, Omar, Quinn};
use super::super::step::{Step, administer, check, get, inspect, post, receive, release, scan_at_chair, scanned};
use super::{BOOKS, Codes, HARMONYCA, day};

/// How an administration is shown.
const TREATED: &str = "{/units} of lot {/lot} to {/patient_ref}";

pub fn chair(codes: &Codes) -> Vec<Step> {
    let hero = &codes.hero;
    let visit = |does: &str, code: &str, area: &str| {
        administer(Nia, "$nia", does, code, area).with("encounter_ref", "V-2001").shows(TREATED)
    };
    vec![
        scan_at_chair(Nia, "$nia", "scans the pack", hero).says_yes().has("/on_hand/0/units", 2),
        visit("administers the first syringe", hero, "midface, left")
            .keep("administration", "/id")
            .keep("given_at", "/occurred_at"),
        visit("administers the second syringe", hero, "midface, right"),
        administer(Nia, "$nia", "scans the empty pack for a third", hero, "chin").refused(&["serial_already_used"]),
        visit("takes another lot, in the same visit", &codes.second[0], "chin").has("/encounter_ref", "V-2001"),
        get(Nia, "looks at the first lot", "/v1/lots/$lot_a").has("/reconciliation/on_hand", 0).shows(BOOKS),
    ]
}

pub fn toxin(codes: &Codes) -> Vec<Step> {
    let vials = &codes.vials;
    vec![
        scan_at_chair(Nia, "$nia", "scans a vial", vials).says_no(&["prescriber_missing"]),
        administer(Nia, "$nia", "names a colleague who may not prescribe", vials, "glabella")
            .with("prescriber_id", "$max")
            .refused(&["prescriber_licence_missing"]),
        administer(Nia, "$nia", "names who prescribed it", vials, "glabella")
            .with("prescriber_id", "$pia")
            .with("patient_ref", "P-1002")
            .with("treatment", json!({"area": "glabella", "device": "needle 30G", "dilution": "2.5 mL saline"}))
            .has("/prescriber_id", "$pia")
            .shows(TREATED),
    ]
}

pub fn void(codes: &Codes) -> Vec<Step> {
    let code = &codes.second[0];
    vec![
        administer(Nia, "$nia", "records a syringe that stayed unused", code, "jawline")
            .with("patient_ref", "P-1003")
            .keep("mistake", "/id")
            .shows(TREATED),
        post(
            Nia,
            "voids it: the syringe is back, unopened",
            "/v1/administrations/$mistake/voids",
            json!({"reason": "The patient changed her mind", "returned_to_stock": true}),
        )
        .has("/returned_to_stock", true)
        .has("/location_id", "$goods_in")
        .shows("back into quarantine: {/reason}"),
        scan_at_chair(Nia, "$nia", "scans it: it waits for inspection again", code).says_no(&["lot_quarantined"]),
        post(
            Nia,
            "voids it a second time",
            "/v1/administrations/$mistake/voids",
            json!({"reason": "Twice", "returned_to_stock": true}),
        )
        .problem(409, "already_voided"),
    ]
}

pub fn expired(codes: &Codes) -> Vec<Step> {
    let code = &codes.expired;
    vec![
        receive("receives it: what arrived is recorded, and flagged", scanned(&[code]), "DN-1003")
            .keep("receipt_3", "/id")
            .keep("lot_z", "/lines/0/lot_id")
            .has("/lines/0/flags/0", "expired_on_arrival")
            .shows("lot {/lines/0/lot}, {/lines/0/flags/0}"),
        inspect("inspects it", "$receipt_3", "$lot_z", 1),
        release(Quinn, "wants to release it", "$lot_z", &["SN0301"], 1).refused(&["lot_expired"]),
        scan_at_chair(Nia, "$nia", "scans it: every reason is named", code).says_no(&[
            "lot_expired",
            "lot_quarantined",
            "prescriber_missing",
        ]),
    ]
}

pub fn hold(codes: &Codes) -> Vec<Step> {
    let code = &codes.second[1];
    let hold = |does: &str, lot: &str, reason: &str| {
        post(Quinn, does, "/v1/holds", json!({"scope": {"type": "lot", "id": lot}, "reason": reason}))
            .shows("{/reason}")
    };
    vec![
        hold("holds the second lot", "$lot_b", "Swelling reported; under review").keep("hold", "/id"),
        scan_at_chair(Nia, "$nia", "scans a pack of it", code).says_no(&["lot_on_hold"]),
        administer(Nia, "$nia", "tries to use it", code, "midface, left").refused(&["lot_on_hold"]),
        post(Quinn, "lifts the hold", "/v1/holds/$hold/lift", json!({"reason": "Review complete: unrelated"}))
            .changes()
            .shows("{/lift_reason}"),
        scan_at_chair(Nia, "$nia", "scans the pack again", code).says_yes(),
        hold("holds the vials, and leaves it so", "$lot_x", "The maker asks for the temperature record"),
    ]
}

pub fn lapse(codes: &Codes, today: NaiveDate) -> Vec<Step> {
    let code = &codes.second[1];
    let treats =
        |does: &str, area: &str| administer(Max, "$max", does, code, area).with("patient_ref", "P-1004").shows(TREATED);
    vec![
        treats("treats with a good pack", "chin, left").keep("touched", "/id"),
        check("max_gmc", "looks up his registration again", "lapsed")
            .with("effective_on", day(today, -10).to_string())
            .has("/effective_on", day(today, -10).to_string())
            .shows("{/outcome}, since {/effective_on}"),
        get(Quinn, "asks what it has touched", "/v1/licences/$max_gmc")
            .has("/touched/administrations", json!(["$touched"]))
            .has("/touched/orders", json!([]))
            .lists("/touched/administrations", "{}"),
        treats("tries to treat again", "chin, right").refused(&["practitioner_licence_check_failed"]),
        treats("had treated already, and says so", "chin, right")
            .with("retrospective", json!({"reason": "Treated while the network was down"}))
            .keep("deviation", "/deviation/id")
            .has("/decision/allowed", false)
            .has("/deviation/reason_codes", json!(["practitioner_licence_check_failed"]))
            .shows("recorded, and a deviation opened"),
        administer(Nia, "$nia", "treats in his place from now on", &codes.third[0], "chin")
            .with("patient_ref", "P-1005")
            .shows(TREATED),
    ]
}

pub fn manners(codes: &Codes) -> Vec<Step> {
    let code = &codes.third[0];
    let misread = code.replacen(HARMONYCA, "09521234567890", 1);
    vec![
        scan_at_chair(Nia, "$nia", "scans a code with a wrong check digit", &misread).problem(422, "code_unreadable"),
        administer(Omar, "$nia", "tries to change something", code, "chin").problem(403, "forbidden"),
        get(Nia, "asks for a lot that nobody ever received", "/v1/lots/lot_00000000-0000-7000-8000-000000000000")
            .problem(404, "not_found"),
    ]
}
