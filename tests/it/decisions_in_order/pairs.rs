//! Pairs of commands that touch the same facts.

use std::collections::BTreeMap;

use lotline::caller::Role::{self, Admin, Practitioner, Purchaser, Quality};
use serde_json::{Value, json};

use super::super::support::World;
use super::super::support::clinic::{FAR_EXPIRY, GTIN, id, licence, location};
use super::{Pair, Stage, Step};

const LOT: &str = "LOT1";

fn post(roles: &'static [Role], path: impl Into<String>, body: Value) -> Step {
    Step { roles, method: "POST", path: path.into(), body }
}

fn patch(path: impl Into<String>, body: Value) -> Step {
    Step { roles: &[Admin], method: "PATCH", path: path.into(), body }
}

// Stages.

fn empty(world: &World) -> Stage<'_> {
    Stage { clinic: world.clinic(), things: BTreeMap::new() }
}

fn with<'a>(mut stage: Stage<'a>, name: &'static str, make: impl FnOnce(&Stage<'a>) -> String) -> Stage<'a> {
    let made = make(&stage);
    stage.things.insert(name, made);
    stage
}

/// Four units that were received.
fn received(world: &World) -> Stage<'_> {
    let mut stage = empty(world);
    let (receipt, lot) = stage.clinic.receive(LOT, FAR_EXPIRY, 2);
    stage.things.extend([("receipt", receipt), ("lot", lot)]);
    stage
}

/// Four units that passed.
fn inspected(world: &World) -> Stage<'_> {
    with(received(world), "inspection", |stage| {
        let body = stage.clinic.inspection(stage.get("receipt"), stage.get("lot"), 4, 0);
        id(&stage.clinic.create(Purchaser, "/v1/inspections", &body))
    })
}

/// Four units in stock.
fn stocked(world: &World) -> Stage<'_> {
    with(inspected(world), "release", |stage| {
        let path = format!("/v1/lots/{}/releases", stage.get("lot"));
        id(&stage.clinic.create(Quality, &path, &stage.clinic.release(4)))
    })
}

/// One unit in stock.
fn last_unit(world: &World) -> Stage<'_> {
    with(stocked(world), "administration", |stage| {
        let body = stage.clinic.administration(stage.get("lot"), 3);
        id(&stage.clinic.create(Practitioner, "/v1/administrations", &body))
    })
}

/// Four units in stock, and another place for stock.
fn two_places(world: &World) -> Stage<'_> {
    with(stocked(world), "place", |stage| {
        let mut body = location(&stage.clinic.site, "stock");
        body["name"] = json!("Fridge 2");
        id(&stage.clinic.create(Admin, "/v1/locations", &body))
    })
}

/// Units that were moved to the other place.
fn moved(world: &World) -> Stage<'_> {
    with(two_places(world), "movement", |stage| {
        id(&stage.clinic.create(Quality, "/v1/transfers", &transfer_to_the_other(stage, 4).body))
    })
}

fn held(world: &World) -> Stage<'_> {
    with(stocked(world), "hold", |stage| id(&stage.clinic.hold(stage.get("lot"))))
}

fn held_twice(world: &World) -> Stage<'_> {
    with(held(world), "hold of product", |stage| {
        id(&stage.clinic.create(Quality, "/v1/holds", &hold_product(stage).body))
    })
}

fn suspended(world: &World) -> Stage<'_> {
    with(stocked(world), "check", |stage| {
        id(&stage.clinic.create(Admin, &suspend_registration(stage).path, &suspend_registration(stage).body))
    })
}

fn ordered(world: &World) -> Stage<'_> {
    with(empty(world), "order", |stage| {
        let lines = json!([{"product_id": stage.clinic.product, "packs": 2}]);
        let body = json!({"site_id": stage.clinic.site, "supplier_id": stage.clinic.supplier, "lines": lines});
        id(&stage.clinic.create(Purchaser, "/v1/orders", &body))
    })
}

fn placed(world: &World) -> Stage<'_> {
    with(ordered(world), "placed", |stage| id(&stage.clinic.create(Purchaser, &place_order(stage).path, &json!({}))))
}

/// A count whose difference waits for a second person.
fn waiting(world: &World) -> Stage<'_> {
    with(stocked(world), "count", |stage| id(&stage.clinic.create(Quality, "/v1/counts", &count(stage, 9).body)))
}

/// An administration that opened a deviation.
fn deviating(world: &World) -> Stage<'_> {
    with(held(world), "administration", |stage| {
        let mut body = stage.clinic.administration(stage.get("lot"), 1);
        body["retrospective"] = json!({"reason": "Entered after an outage"});
        id(&stage.clinic.create(Practitioner, "/v1/administrations", &body))
    })
}

/// Two practitioners with tokens, and a licence of each that nobody has checked.
fn colleagues(world: &World) -> Stage<'_> {
    let mut stage = empty(world);
    for (who, name, number) in [("ann", "licence of ann", "1234568"), ("bob", "licence of bob", "1234569")] {
        let person = json!({"name": format!("Dr {who}"), "profession": "doctor", "subject": who});
        let person = id(&stage.clinic.create(Admin, "/v1/practitioners", &person));
        let body = licence(("practitioner", &person), "professional_registration", "GMC", number);
        stage.things.insert(name, id(&stage.clinic.create(Admin, "/v1/licences", &body)));
    }
    stage
}

// Commands.

fn administer(stage: &Stage<'_>) -> Step {
    post(&[Practitioner], "/v1/administrations", stage.clinic.administration(stage.get("lot"), 1))
}

fn administer_from_stock(stage: &Stage<'_>) -> Step {
    let mut step = administer(stage);
    step.body["location_id"] = json!(stage.clinic.stock);
    step
}

/// By the label, before the lot may be known.
fn administer_by_scan(stage: &Stage<'_>) -> Step {
    let code = format!("]d201{GTIN}1799063010{LOT}");
    post(&[Practitioner], "/v1/administrations", stage.clinic.administration_of(&code))
}

fn suspend(licence: &str) -> Step {
    let body = json!({"outcome": "suspended", "source": "the public register"});
    post(&[Admin], format!("/v1/licences/{licence}/checks"), body)
}

fn suspend_registration(stage: &Stage<'_>) -> Step {
    suspend(&stage.clinic.registration)
}

fn suspend_facility(stage: &Stage<'_>) -> Step {
    suspend(&stage.clinic.facility_licence)
}

fn suspend_wholesale(stage: &Stage<'_>) -> Step {
    suspend(&stage.clinic.wholesale_licence)
}

fn verify_registration(stage: &Stage<'_>) -> Step {
    let body = json!({"outcome": "verified", "source": "the public register"});
    post(&[Admin], format!("/v1/licences/{}/checks", stage.clinic.registration), body)
}

fn reverse_licence(licence: &str) -> Step {
    post(&[Quality], format!("/v1/licences/{licence}/reversals"), json!({"reason": "Keyed for somebody else"}))
}

fn reverse_registration(stage: &Stage<'_>) -> Step {
    reverse_licence(&stage.clinic.registration)
}

fn reverse_wholesale(stage: &Stage<'_>) -> Step {
    reverse_licence(&stage.clinic.wholesale_licence)
}

fn reverse_check(stage: &Stage<'_>) -> Step {
    let licence = &stage.clinic.registration;
    let check = id(&stage.clinic.read(&format!("/v1/licences/{licence}"))["checks"][0]);
    post(&[Quality], format!("/v1/licences/{licence}/checks/{check}/reversals"), json!({"reason": "Mis-keyed"}))
}

fn reverse_suspension(stage: &Stage<'_>) -> Step {
    let (licence, check) = (&stage.clinic.registration, stage.get("check"));
    post(&[Quality], format!("/v1/licences/{licence}/checks/{check}/reversals"), json!({"reason": "Mis-keyed"}))
}

fn check_colleague(stage: &Stage<'_>, whose: &str) -> Step {
    let body = json!({"outcome": "verified", "source": "the public register"});
    post(&[Admin], format!("/v1/licences/{}/checks", stage.get(whose)), body)
}

fn check_ann(stage: &Stage<'_>) -> Step {
    check_colleague(stage, "licence of ann")
}

fn check_bob(stage: &Stage<'_>) -> Step {
    check_colleague(stage, "licence of bob")
}

fn deny_lot(_: &Stage<'_>) -> Step {
    patch("/v1/policies", json!({"denied_lots": [{"gtin": GTIN, "lot": LOT}]}))
}

fn deny_supplier(stage: &Stage<'_>) -> Step {
    patch("/v1/policies", json!({"denied_suppliers": [stage.clinic.supplier]}))
}

fn ask_for_more(_: &Stage<'_>) -> Step {
    let criteria = ["outer_carton_intact", "tamper_evidence_intact", "label_legible", "unit_count_correct"];
    patch("/v1/policies", json!({"checklists": {"hybrid_filler": criteria}}))
}

fn let_more_be_missing(_: &Stage<'_>) -> Step {
    patch("/v1/policies", json!({"count_missing_to_approve": 1}))
}

fn hold(kind: &str, id: &str) -> Step {
    post(&[Quality], "/v1/holds", json!({"scope": {"type": kind, "id": id}, "reason": "Under review"}))
}

fn hold_lot(stage: &Stage<'_>) -> Step {
    hold("lot", stage.get("lot"))
}

fn hold_product(stage: &Stage<'_>) -> Step {
    hold("product", &stage.clinic.product)
}

fn hold_place(stage: &Stage<'_>) -> Step {
    let there = stage.clinic.read(&format!("/v1/stock?lot_id={}", stage.get("lot")));
    hold("account", there["items"][0]["account_id"].as_str().unwrap())
}

fn lift_of(stage: &Stage<'_>, hold: &str) -> Step {
    post(&[Quality], format!("/v1/holds/{}/lift", stage.get(hold)), json!({"reason": "Unrelated"}))
}

fn lift(stage: &Stage<'_>) -> Step {
    lift_of(stage, "hold")
}

fn lift_of_product(stage: &Stage<'_>) -> Step {
    lift_of(stage, "hold of product")
}

fn retire(kind: &str, id: &str) -> Step {
    post(&[Admin], format!("/v1/{kind}/{id}/retire"), json!({"reason": "No longer in use"}))
}

fn retire_product(stage: &Stage<'_>) -> Step {
    retire("products", &stage.clinic.product)
}

fn retire_practitioner(stage: &Stage<'_>) -> Step {
    retire("practitioners", &stage.clinic.practitioner)
}

fn retire_supplier(stage: &Stage<'_>) -> Step {
    retire("suppliers", &stage.clinic.supplier)
}

fn retire_site(stage: &Stage<'_>) -> Step {
    retire("sites", &stage.clinic.site)
}

fn retire_stock(stage: &Stage<'_>) -> Step {
    retire("locations", &stage.clinic.stock)
}

fn retire_quarantine(stage: &Stage<'_>) -> Step {
    retire("locations", &stage.clinic.quarantine)
}

fn retire_the_other(stage: &Stage<'_>) -> Step {
    retire("locations", stage.get("place"))
}

fn warm_the_other(stage: &Stage<'_>) -> Step {
    patch(format!("/v1/locations/{}", stage.get("place")), json!({"min_c": 26, "max_c": 30}))
}

fn withdraw_approval(stage: &Stage<'_>) -> Step {
    patch(format!("/v1/products/{}", stage.clinic.product), json!({"approvals": []}))
}

fn move_site_abroad(stage: &Stage<'_>) -> Step {
    patch(format!("/v1/sites/{}", stage.clinic.site), json!({"jurisdiction": "FR"}))
}

fn approve_other_classes(stage: &Stage<'_>) -> Step {
    patch(format!("/v1/suppliers/{}", stage.clinic.supplier), json!({"approved_classes": ["other"]}))
}

fn transfer_to_the_other(stage: &Stage<'_>, units: i64) -> Step {
    let body = json!({
        "lot_id": stage.get("lot"), "from_location_id": stage.clinic.stock, "to_location_id": stage.get("place"),
        "units": units, "reason": "Restocking"
    });
    post(&[Quality], "/v1/transfers", body)
}

fn transfer_all(stage: &Stage<'_>) -> Step {
    transfer_to_the_other(stage, 4)
}

fn transfer_some(stage: &Stage<'_>) -> Step {
    transfer_to_the_other(stage, 2)
}

fn move_back(stage: &Stage<'_>) -> Step {
    let path = format!("/v1/movements/{}/reversals", stage.get("movement"));
    post(&[Quality], path, json!({"reason": "Recorded for the wrong lot"}))
}

fn remove(stage: &Stage<'_>, what: &str, units: i64) -> Step {
    let body = json!({
        "lot_id": stage.get("lot"), "from_location_id": stage.clinic.stock, "units": units, "reason": "Dropped"
    });
    post(&[Quality], format!("/v1/{what}"), body)
}

fn waste(stage: &Stage<'_>) -> Step {
    remove(stage, "wastages", 1)
}

fn give_back(stage: &Stage<'_>) -> Step {
    remove(stage, "returns", 2)
}

fn destroy(stage: &Stage<'_>) -> Step {
    remove(stage, "destructions", 3)
}

fn count(stage: &Stage<'_>, units: i64) -> Step {
    let body = json!({
        "lot_id": stage.get("lot"), "location_id": stage.clinic.stock, "units_counted": units, "reason": "Monthly count"
    });
    post(&[Quality], "/v1/counts", body)
}

fn count_none(stage: &Stage<'_>) -> Step {
    count(stage, 0)
}

fn count_two(stage: &Stage<'_>) -> Step {
    count(stage, 2)
}

fn review(stage: &Stage<'_>, how: &str) -> Step {
    post(&[Quality], format!("/v1/movements/{}/{how}", stage.get("count")), json!({"reason": "Counted again"}))
}

fn approve_count(stage: &Stage<'_>) -> Step {
    review(stage, "approvals")
}

fn reject_count(stage: &Stage<'_>) -> Step {
    review(stage, "rejections")
}

fn void(stage: &Stage<'_>) -> Step {
    let body = json!({"reason": "Recorded for the wrong patient", "returned_to_stock": true});
    post(&[Quality], format!("/v1/administrations/{}/voids", stage.get("administration")), body)
}

fn close_deviation(stage: &Stage<'_>) -> Step {
    let found = stage.clinic.read("/v1/deviations");
    let path = format!("/v1/deviations/{}/close", id(&found["items"][0]));
    post(&[Quality], path, json!({"resolution": "Patient informed"}))
}

fn release(stage: &Stage<'_>, units: i64) -> Step {
    post(&[Quality], format!("/v1/lots/{}/releases", stage.get("lot")), stage.clinic.release(units))
}

fn release_all(stage: &Stage<'_>) -> Step {
    release(stage, 4)
}

fn release_three(stage: &Stage<'_>) -> Step {
    release(stage, 3)
}

fn inspect(stage: &Stage<'_>) -> Step {
    let body = stage.clinic.inspection(stage.get("receipt"), stage.get("lot"), 4, 0);
    post(&[Purchaser], "/v1/inspections", body)
}

fn reverse_inspection(stage: &Stage<'_>) -> Step {
    let path = format!("/v1/inspections/{}/reversals", stage.get("inspection"));
    post(&[Quality], path, json!({"reason": "Recorded for the wrong delivery"}))
}

fn receive(stage: &Stage<'_>) -> Step {
    let lines = json!([{"gtin": GTIN, "lot": LOT, "expiry": FAR_EXPIRY, "packs": 2}]);
    post(&[Purchaser], "/v1/receipts", stage.clinic.receipt(lines))
}

fn receive_twin(stage: &Stage<'_>) -> Step {
    let lines = json!([{"gtin": GTIN, "lot": LOT, "expiry": "2098-01-31", "packs": 1}]);
    post(&[Purchaser], "/v1/receipts", stage.clinic.receipt(lines))
}

fn receive_numbered(stage: &Stage<'_>, lot: &str) -> Step {
    let lines = json!([{"gtin": GTIN, "lot": lot, "expiry": FAR_EXPIRY, "packs": 1, "serials": ["SN1"]}]);
    post(&[Purchaser], "/v1/receipts", stage.clinic.receipt(lines))
}

fn receive_number(stage: &Stage<'_>) -> Step {
    receive_numbered(stage, LOT)
}

fn receive_number_again(stage: &Stage<'_>) -> Step {
    receive_numbered(stage, "LOT2")
}

fn receive_order(stage: &Stage<'_>) -> Step {
    let mut step = receive(stage);
    step.body["order_id"] = json!(stage.get("order"));
    step
}

fn void_receipt(stage: &Stage<'_>) -> Step {
    post(&[Quality], format!("/v1/receipts/{}/voids", stage.get("receipt")), json!({"reason": "Entered twice"}))
}

fn correct_receipt(stage: &Stage<'_>) -> Step {
    let receipt = stage.get("receipt");
    let line = id(&stage.clinic.read(&format!("/v1/receipts/{receipt}"))["lines"][0]);
    let body = json!({"line_id": line, "lot": "LOT9", "reason": "Misread"});
    post(&[Quality], format!("/v1/receipts/{receipt}/corrections"), body)
}

fn place_order(stage: &Stage<'_>) -> Step {
    post(&[Purchaser], format!("/v1/orders/{}/place", stage.get("order")), json!({}))
}

fn cancel_order(stage: &Stage<'_>) -> Step {
    post(&[Purchaser], format!("/v1/orders/{}/cancel", stage.get("order")), json!({}))
}

fn close_order(stage: &Stage<'_>) -> Step {
    let body = json!({"reason": "No longer made"});
    post(&[Purchaser], format!("/v1/orders/{}/close", stage.get("order")), body)
}

macro_rules! pairs {
    ($($name:literal: $stage:ident, $ann:ident, $bob:ident;)+) => {
        /// All of them.
        pub const ALL: &[Pair] = &[$(Pair { name: $name, stage: $stage, steps: [$ann, $bob] }),+];
    };
}

pairs! {
    // At the chair, and what is rested on there.
    "administer, suspend the registration": stocked, administer, suspend_registration;
    "administer, suspend the site's licence": stocked, administer, suspend_facility;
    "administer, verify what was suspended": suspended, administer, verify_registration;
    "administer, reverse the registration": stocked, administer, reverse_registration;
    "administer, reverse its check": stocked, administer, reverse_check;
    "administer, reverse its suspension": suspended, administer, reverse_suspension;
    "administer, deny the lot": stocked, administer, deny_lot;
    "administer, hold the lot": stocked, administer, hold_lot;
    "administer, hold the product": stocked, administer, hold_product;
    "administer, hold the place": stocked, administer, hold_place;
    "administer, lift": held, administer, lift;
    "administer, lift one of two": held_twice, administer, lift;
    "administer, withdraw the approval": stocked, administer, withdraw_approval;
    "administer, retire the product": stocked, administer, retire_product;
    "administer, retire the practitioner": stocked, administer, retire_practitioner;
    "administer the last, retire the site": last_unit, administer, retire_site;
    "administer the last, retire the place": last_unit, administer, retire_stock;
    "administer, move the site abroad": stocked, administer, move_site_abroad;
    // At the chair, and what moves units.
    "administer the last, twice": last_unit, administer, administer;
    "administer from a place, empty it": two_places, administer_from_stock, transfer_all;
    "administer, spread over two places": two_places, administer, transfer_some;
    "administer, gather from two places": moved, administer_from_stock, move_back;
    "administer, release": inspected, administer, release_all;
    "administer, receive the lot": empty, administer_by_scan, receive;
    "administer, receive a twin": stocked, administer_by_scan, receive_twin;
    "administer the last, count none": last_unit, administer, count_none;
    "administer the last, waste it": last_unit, administer, waste;
    "administer, void another": last_unit, administer, void;
    "administer, void the receipt": stocked, administer, void_receipt;
    "administer, correct the receipt": stocked, administer, correct_receipt;
    // Releases.
    "release, hold the lot": inspected, release_all, hold_lot;
    "release, hold the product": inspected, release_all, hold_product;
    "release, deny the lot": inspected, release_all, deny_lot;
    "release, ask for more": inspected, release_all, ask_for_more;
    "release, retire the place": inspected, release_all, retire_stock;
    "release, reverse the supplier's licence": inspected, release_all, reverse_wholesale;
    "release, reverse the inspection": inspected, release_all, reverse_inspection;
    "release more than there is, twice": inspected, release_three, release_three;
    "release, void the receipt": inspected, release_all, void_receipt;
    "release, correct the receipt": inspected, release_all, correct_receipt;
    "inspect twice": received, inspect, inspect;
    "inspect, correct the receipt": received, inspect, correct_receipt;
    // Buying and receiving.
    "place, suspend the supplier's licence": ordered, place_order, suspend_wholesale;
    "place, deny the supplier": ordered, place_order, deny_supplier;
    "place, retire the supplier": ordered, place_order, retire_supplier;
    "place, approve it for other classes": ordered, place_order, approve_other_classes;
    "place, retire the product": ordered, place_order, retire_product;
    "place, cancel": ordered, place_order, cancel_order;
    "receive, retire the supplier": empty, receive, retire_supplier;
    "receive, deny the supplier": empty, receive, deny_supplier;
    "receive, retire the product": empty, receive, retire_product;
    "receive, retire the place": empty, receive, retire_quarantine;
    "receive, suspend the supplier's licence": empty, receive, suspend_wholesale;
    "receive, receive a twin": empty, receive, receive_twin;
    "receive a number twice": empty, receive_number, receive_number_again;
    "receive an order, close it": placed, receive_order, close_order;
    "receive an order twice": placed, receive_order, receive_order;
    "void the receipt twice": received, void_receipt, void_receipt;
    // Movements.
    "transfer, retire the place": two_places, transfer_all, retire_the_other;
    "transfer, warm the place": two_places, transfer_all, warm_the_other;
    "transfer, hold the lot": two_places, transfer_all, hold_lot;
    "transfer, hold the place": two_places, transfer_all, hold_place;
    "transfer, count": two_places, transfer_some, count_two;
    "count, change the threshold": stocked, count_two, let_more_be_missing;
    "count, waste": stocked, count_two, waste;
    "give back, hold": stocked, give_back, hold_lot;
    "give back, destroy": stocked, give_back, destroy;
    "approve, reject": waiting, approve_count, reject_count;
    "void, close the deviation": deviating, void, close_deviation;
    "void twice": last_unit, void, void;
    // What others rest on.
    "hold, hold the product": stocked, hold_lot, hold_product;
    "hold, lift the product's": held_twice, lift, lift_of_product;
    "lift twice": held, lift, lift;
    "check each other": colleagues, check_bob, check_ann;
    "suspend, reverse": stocked, suspend_registration, reverse_registration;
    "retire the place, retire the site": empty, retire_stock, retire_site;
}
