//! What a purchasing lead would tell: orders, deliveries, inspections, places and counts.

use chrono::NaiveDate;
use serde_json::json;

use super::super::people::Person::{Nia, Pat, Quinn};
use super::super::step::{Step, administer, get, inspect, moves, post, receive, release, scan, scan_at_chair, scanned};
use super::{Codes, XEOMIN, day};

/// How the lines of an order are shown.
const ORDERED: &str = "{/units} ordered, {/units_received} received, difference {/difference}";

pub fn order(today: NaiveDate) -> Vec<Step> {
    let may_buy = |does: &str, supplier: &str| {
        let path = format!("/v1/eligibility?site_id=$site&product_id=$harmonyca&supplier_id=${supplier}");
        get(Pat, does, &path)
    };
    let order = |does: &str, supplier: &str, reference: &str| {
        let lines = json!([{"product_id": "$harmonyca", "packs": 5}, {"product_id": "$xeomin", "packs": 2}]);
        let body = json!({
            "site_id": "$site", "supplier_id": supplier, "reference": reference,
            "expected_on": day(today, 3).to_string(), "lines": lines,
        });
        post(Pat, does, "/v1/orders", body).has("/status", "draft").shows("{/reference}, {/status}")
    };
    vec![
        may_buy("asks whether HArmonyCa may be bought cheaply", "bargain")
            .says_no(&["supplier_not_approved", "supplier_licence_missing"]),
        order("writes an order for it all the same", "$bargain", "PO-1")
            .with("lines", json!([{"product_id": "$harmonyca", "packs": 5}]))
            .keep("bargain_order", "/id"),
        post(Pat, "tries to place it", "/v1/orders/$bargain_order/place", json!({}))
            .refused(&["supplier_not_approved", "supplier_licence_missing"]),
        post(Pat, "drops it", "/v1/orders/$bargain_order/cancel", json!({"reason": "Supplier not vetted"}))
            .changes()
            .has("/status", "cancelled")
            .shows("{/status}: {/end_reason}"),
        may_buy("asks the same of the vetted supplier", "supplier").says_yes(),
        order("writes the order", "$supplier", "PO-2").keep("order", "/id"),
        post(Pat, "places it", "/v1/orders/$order/place", json!({}))
            .changes()
            .has("/decision/allowed", true)
            .has("/status", "placed")
            .shows("{/status} by {/placed_by}, expected {/expected_on}"),
    ]
}

pub fn delivery(codes: &Codes, today: NaiveDate) -> Vec<Step> {
    let Codes { hero, second, .. } = codes;
    let mut lines = scanned(&[hero, &second[0], &second[1]]);
    let misread = day(today, 385).to_string();
    lines.push(json!({"gtin": XEOMIN, "lot": "XE25K", "expiry": misread, "packs": 2}));
    vec![
        scan(Pat, "scans the hero of this story at the door", hero, "receive").says_yes(),
        receive("receives the delivery; the vials' label she types", lines, "DN-1001")
            .with("order_id", "$order")
            .with("arrival_temperature_c", 7)
            .keep("receipt_1", "/id")
            .keep("lot_a", "/lines/0/lot_id")
            .keep("lot_b", "/lines/1/lot_id")
            .keep("vials_line", "/lines/3/id")
            .has("/lines/0/units", 2)
            .has("/lines/0/flags", json!([]))
            .shows("all of it in quarantine")
            .lists("/lines", "lot {/lot}, to {/expiry}, units: {/units}"),
        post(
            Pat,
            "sees that she misread the year",
            "/v1/receipts/$receipt_1/corrections",
            json!({"line_id": "$vials_line", "expiry": day(today, 20).to_string(), "reason": "Year misread on the label"}),
        )
        .keep("lot_x", "/lines/4/lot_id")
        .has("/lines/4/corrects", "$vials_line")
        .has("/lines/4/flags", json!(["short_dated"]))
        .shows("lot {/lines/4/lot}, to {/lines/4/expiry}, {/lines/4/flags/0}"),
        get(Pat, "looks at the order: a part is missing", "/v1/orders/$order")
            .has("/status", "partially_received")
            .has("/lines/0/difference", -4)
            .has("/lines/1/difference", 0)
            .shows("{/status}")
            .lists("/lines", ORDERED),
        scan_at_chair(Nia, "$nia", "scans the pack at the chair", hero).says_no(&["lot_quarantined"]),
        administer(Nia, "$nia", "tries to use it all the same", hero, "midface, left").refused(&["lot_quarantined"]),
        receive("receives the same pack again", scanned(&[hero]), "DN-1001").refused(&["serial_already_used"]),
    ]
}

pub fn release_after_inspection() -> Vec<Step> {
    let hero = &["SN0001"];
    vec![
        release(Quinn, "wants to release before anybody looked", "$lot_a", hero, 2).refused(&["not_inspected"]),
        inspect("inspects the pack", "$receipt_1", "$lot_a", 2),
        release(Pat, "wants to release what she inspected", "$lot_a", hero, 2).refused(&["inspector_cannot_release"]),
        release(Quinn, "wants to put it into the freezer", "$lot_a", hero, 2)
            .with("to_location_id", "$freezer")
            .refused(&["location_band_mismatch"]),
        release(Quinn, "releases it", "$lot_a", hero, 2),
        inspect("inspects the second lot", "$receipt_1", "$lot_b", 4),
        release(Quinn, "releases it", "$lot_b", &["SN0101", "SN0102"], 4),
        inspect("inspects the vials", "$receipt_1", "$lot_x", 2),
        release(Quinn, "releases them", "$lot_x", &[], 2),
    ]
}

pub fn failed_carton(codes: &Codes) -> Vec<Step> {
    let third = &codes.third;
    let checks = json!([
        {"criterion": "outer_carton_intact", "result": "fail", "note": "The second carton is crushed and wet"},
        {"criterion": "tamper_evidence_intact", "result": "pass"}, {"criterion": "label_legible", "result": "pass"},
        {"criterion": "lot_and_expiry_match", "result": "pass"},
    ]);
    let failed = |does: &str, path: &str| {
        moves(Quinn, does, path, "$lot_c", "$goods_in", 2, "Carton crushed in transit")
            .with("serials", json!(["SN0202"]))
    };
    vec![
        receive("receives the rest of the order", scanned(&[&third[0], &third[1]]), "DN-1002")
            .with("order_id", "$order")
            .keep("receipt_2", "/id")
            .keep("lot_c", "/lines/0/lot_id")
            .shows("two packs of lot {/lines/0/lot}"),
        get(Pat, "looks at the order: nothing is missing", "/v1/orders/$order")
            .has("/status", "received")
            .has("/lines/0/difference", 0)
            .shows("{/status}")
            .lists("/lines", ORDERED),
        inspect("inspects: one carton is crushed", "$receipt_2", "$lot_c", 2)
            .with("checks", checks)
            .with("units_failed", 2)
            .with("serials_failed", json!(["SN0202"])),
        release(Quinn, "wants to release both packs", "$lot_c", &["SN0201", "SN0202"], 4)
            .problem(422, "serials_mismatch"),
        failed("wants to write the damaged pack off", "/v1/wastages").refused(&["lot_rejected"]),
        failed("sends it back", "/v1/returns").has("/state", "rejected"),
        release(Quinn, "releases the good one", "$lot_c", &["SN0201"], 2),
    ]
}

pub fn places() -> Vec<Step> {
    let transfer = |who, does: &str, from: &str, to: &str| {
        moves(who, does, "/v1/transfers", "$lot_c", from, 2, "Restocking room 2")
            .with("to_location_id", to)
            .with("serials", json!(["SN0201"]))
    };
    vec![
        transfer(Pat, "puts a pack into the freezer", "$fridge_1", "$freezer").refused(&["location_band_mismatch"]),
        transfer(Pat, "puts it into the other fridge", "$fridge_1", "$fridge_2")
            .has("/to_location_id", "$fridge_2")
            .has("/state", "available"),
        post(
            Quinn,
            "counts the second fridge: a syringe is missing",
            "/v1/counts",
            json!({
                "location_id": "$fridge_2", "lot_id": "$lot_c", "units_counted": 1, "serials": ["SN0201"],
                "reason": "Weekly count; looked for everywhere",
            }),
        )
        .has("/units", -1)
        .shows("counted: {/units_counted}, difference to the books: {/units}"),
        get(Quinn, "looks at the stock, first expired first", "/v1/stock?site_id=$site")
            .lists("/items", "{/lot}, to {/effective_expiry}, {/state}: {/units}"),
    ]
}
