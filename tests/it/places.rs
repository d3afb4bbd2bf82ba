//! A place is retired or changed only when what lies there could have been put there (DOMAIN.md rules 8, 12 and 13).

use std::sync::Barrier;

use lotline::caller::Role;
use serde_json::{Value, json};

use super::support::client::{assert_problem, codes};
use super::support::clinic::{EXPIRY, GTIN, gtin, id, location, product, site};
use super::support::{Answer, Clinic, World, on_both_databases};

on_both_databases!(
    a_place_with_units_is_not_retired,
    a_purpose_changes_only_for_what_may_stay,
    a_band_and_classes_change_only_for_what_may_stay,
    the_list_is_short_however_much_there_is,
    a_location_is_reinstated_at_a_site_that_is_in_use,
    an_identifier_waits_for_its_retired_product,
    what_arrives_and_who_closes_never_pass_each_other,
);

fn retire(world: &World, path: &str) -> Answer {
    let body = json!({"reason": "Closing down"});
    world.http.post_with(&world.token(Role::Admin), &format!("{path}/retire"), &[], &body)
}

fn assert_in_use(answer: &Answer, lots: &[&str], what: &str) {
    assert_problem(answer, 409, "place_in_use", what);
    let mut expected: Vec<_> = lots.iter().map(|lot| json!({"type": "lot", "id": lot})).collect();
    expected.sort_by_key(|subject| subject["id"].as_str().unwrap().to_owned());
    assert_eq!(answer.json()["dependents"], json!(expected), "{what}");
}

fn destroy(clinic: &Clinic, lot: &str, from: &str, units: i64) {
    let body = json!({"lot_id": lot, "from_location_id": from, "units": units, "reason": "Closing down"});
    clinic.create(Role::Quality, "/v1/destructions", &body);
}

fn a_place_with_units_is_not_retired(world: &World) {
    let clinic = world.clinic();
    let stocked = clinic.receive_inspect_release("LOT1", 4);
    let (_, waiting) = clinic.receive("LOT2", EXPIRY, 1);
    let before = world.database.state();
    let of = |list: &str, id: &str| format!("/v1/{list}/{id}");
    let (stock, quarantine) = (of("locations", &clinic.stock), of("locations", &clinic.quarantine));
    let here = of("sites", &clinic.site);
    assert_in_use(&retire(world, &stock), &[&stocked], "stock");
    assert_in_use(&retire(world, &quarantine), &[&waiting], "quarantine");
    assert_in_use(&retire(world, &here), &[&stocked, &waiting], "the site");
    let detail = retire(world, &here).json()["detail"].as_str().unwrap().to_owned();
    assert_eq!(detail, "6 units of 2 lots in Harley Street could not stay there: move them first.");
    // Held units lie there as well.
    clinic.hold(&stocked);
    assert_in_use(&retire(world, &stock), &[&stocked], "held");
    assert_eq!(world.database.count("accounts") >= 4, !before.is_empty());

    destroy(&clinic, &stocked, &clinic.stock, 4);
    assert_eq!(retire(world, &stock).status, 200);
    assert_in_use(&retire(world, &here), &[&waiting], "the site still");
    destroy(&clinic, &waiting, &clinic.quarantine, 2);
    assert_eq!(retire(world, &here).status, 200);
    assert_problem(&retire(world, &here), 409, "already_retired", "twice");
}

fn a_purpose_changes_only_for_what_may_stay(world: &World) {
    let clinic = world.clinic();
    let stocked = clinic.receive_inspect_release("LOT1", 4);
    let (receipt, waiting) = clinic.receive("LOT2", EXPIRY, 2);
    let purpose = |of: &str, purpose: &str| world.patch(&format!("/v1/locations/{of}"), &json!({"purpose": purpose}));
    // A new sign on the door is no release.
    assert_in_use(&purpose(&clinic.quarantine, "stock"), &[&waiting], "quarantined");
    assert_in_use(&purpose(&clinic.stock, "quarantine"), &[&stocked], "available");
    assert_in_use(&purpose(&clinic.stock, "returns"), &[&stocked], "available");
    let mut whole = world.read(&format!("/v1/locations/{}", clinic.stock));
    whole["purpose"] = json!("quarantine");
    let put = world.put(&format!("/v1/locations/{}", clinic.stock), &[], &whole);
    assert_in_use(&put, &[&stocked], "by a PUT");
    // What is apart may be set apart for something else.
    assert_eq!(purpose(&clinic.quarantine, "returns").status, 200);
    assert_in_use(&purpose(&clinic.quarantine, "stock"), &[&waiting], "to be returned");
    assert_eq!(purpose(&clinic.quarantine, "quarantine").status, 200);
    // What was passed or rejected is not stock either.
    clinic.create(Role::Purchaser, "/v1/inspections", &clinic.inspection(&receipt, &waiting, 2, 2));
    assert_in_use(&purpose(&clinic.quarantine, "stock"), &[&waiting], "inspected");
    // Held stock may be set apart by the door; lifted, it is in quarantine.
    let hold = clinic.hold(&stocked);
    assert_eq!(purpose(&clinic.stock, "quarantine").status, 200);
    assert_in_use(&purpose(&clinic.stock, "stock"), &[&stocked], "and it does not come back so");
    clinic.create(Role::Quality, &format!("/v1/holds/{}/lift", id(&hold)), &json!({"reason": "Unrelated"}));
    assert_eq!(codes(&clinic.administer(&stocked, 1).1), ["lot_quarantined"]);
    // Nothing stands in the way of an empty place, or of another name.
    let empty = id(&clinic.create(Role::Admin, "/v1/locations", &location(&clinic.site, "stock")));
    assert_eq!(purpose(&empty, "quarantine").status, 200);
    assert_eq!(world.patch(&format!("/v1/locations/{}", clinic.quarantine), &json!({"name": "Goods in"})).status, 200);
}

fn a_band_and_classes_change_only_for_what_may_stay(world: &World) {
    let clinic = world.clinic(); // the product is kept between 2 and 25 degrees
    let mut other = product(&gtin(3));
    other["class"] = json!("ha_filler");
    other["storage"] = json!({"min_c": 2, "max_c": 30});
    clinic.create(Role::Admin, "/v1/products", &other);
    let hybrid = clinic.receive_inspect_release("LOT1", 2);
    let lines = json!([{"gtin": gtin(3), "lot": "LOT2", "expiry": EXPIRY, "packs": 1}]);
    let receipt = clinic.create(Role::Purchaser, "/v1/receipts", &clinic.receipt(lines));
    let filler = receipt["lines"][0]["lot_id"].as_str().unwrap().to_owned();
    clinic.create(Role::Purchaser, "/v1/inspections", &clinic.inspection(&id(&receipt), &filler, 2, 0));
    clinic.create(Role::Quality, &format!("/v1/lots/{filler}/releases"), &clinic.release(2));

    let change = |patch: Value| world.patch(&format!("/v1/locations/{}", clinic.stock), &patch);
    assert_eq!(change(json!({"max_c": 25})).status, 200, "both may be kept so");
    assert_in_use(&change(json!({"max_c": 28})), &[&hybrid], "one may not");
    assert_in_use(&change(json!({"min_c": 0})), &[&hybrid, &filler], "neither may");
    assert_in_use(&change(json!({"product_classes": ["ha_filler"]})), &[&hybrid], "apart by class");
    assert_in_use(&change(json!({"product_classes": ["other"], "max_c": 28})), &[&hybrid, &filler], "both");
    assert_eq!(change(json!({"product_classes": ["ha_filler", "hybrid_filler"]})).status, 200);
    destroy(&clinic, &hybrid, &clinic.stock, 2);
    assert_eq!(change(json!({"product_classes": ["ha_filler"], "max_c": 28})).status, 200);
    // What should not have lain there before does not stand in the way of what changes nothing for it.
    let warm = json!({"storage": {"max_c": 20}});
    let products = world.read(&format!("/v1/products?gtin={}", gtin(3)));
    assert_eq!(world.patch(&format!("/v1/products/{}", id(&products["items"][0])), &warm).status, 200);
    assert_eq!(change(json!({"max_c": 26})).status, 200, "still too warm, but no worse than it was");
    assert_in_use(&change(json!({"product_classes": ["other"]})), &[&filler], "and out of place beside");
}

fn the_list_is_short_however_much_there_is(world: &World) {
    let clinic = world.clinic();
    let lines: Vec<_> = (0..25)
        .map(|number| json!({"gtin": GTIN, "lot": format!("LOT{number:02}"), "expiry": EXPIRY, "packs": 1}))
        .collect();
    clinic.create(Role::Purchaser, "/v1/receipts", &clinic.receipt(json!(lines)));
    let answer = retire(world, &format!("/v1/locations/{}", clinic.quarantine));
    assert_problem(&answer, 409, "place_in_use", "25 lots");
    assert_eq!(answer.json()["dependents"].as_array().unwrap().len(), 20);
    assert!(answer.json()["detail"].as_str().unwrap().starts_with("50 units of 25 lots in "), "{}", answer.json());
}

fn a_location_is_reinstated_at_a_site_that_is_in_use(world: &World) {
    let clinic = world.clinic();
    let other = id(&clinic.create(Role::Admin, "/v1/sites", &site()));
    let room = id(&clinic.create(Role::Admin, "/v1/locations", &location(&other, "quarantine")));
    let (room, other) = (format!("/v1/locations/{room}"), format!("/v1/sites/{other}"));
    let reinstate = |path: &str| {
        let body = json!({"reason": "Opened again"});
        world.http.post_with(&world.token(Role::Admin), &format!("{path}/reinstate"), &[], &body)
    };
    assert_problem(&reinstate(&room), 409, "not_retired", "in use");
    assert_eq!((retire(world, &room).status, retire(world, &other).status), (200, 200));
    assert_problem(&reinstate(&room), 409, "retired", "its site is retired");
    assert_eq!(reinstate(&other).status, 200);
    assert!(world.read(&room)["retired_at"].is_string(), "it was retired on its own");
    assert_eq!(reinstate(&room).status, 200);
    // It takes goods again.
    let mut receipt = clinic.receipt(json!([{"gtin": GTIN, "lot": "LOT1", "expiry": EXPIRY, "packs": 1}]));
    receipt["site_id"] = json!(other.rsplit('/').next().unwrap());
    receipt["location_id"] = json!(room.rsplit('/').next().unwrap());
    clinic.create(Role::Purchaser, "/v1/receipts", &receipt);
    let kinds = world.read(&format!("/v1/events?subject={}", room.rsplit('/').next().unwrap()));
    let kinds: Vec<_> = kinds["items"].as_array().unwrap().iter().map(|event| event["kind"].clone()).collect();
    assert_eq!(kinds, ["location_registered", "location_retired", "location_reinstated"]);
}

fn an_identifier_waits_for_its_retired_product(world: &World) {
    let clinic = world.clinic();
    let path = format!("/v1/products/{}", clinic.product);
    assert_eq!(retire(world, &path).status, 200);
    let (status, problem) = clinic.post(Role::Admin, "/v1/products", &product(GTIN));
    assert_eq!((status, &problem["code"]), (409, &json!("already_exists")), "nobody takes it meanwhile");
    clinic.create(Role::Admin, &format!("{path}/reinstate"), &json!({"reason": "Back on the market"}));
    clinic.receive_inspect_release("LOT1", 2);
}

/// Either the goods arrive and the place stays open, or it is retired and they are refused; never both.
fn what_arrives_and_who_closes_never_pass_each_other(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 20);
    for round in 0..10 {
        let room = |purpose: &str| id(&clinic.create(Role::Admin, "/v1/locations", &location(&clinic.site, purpose)));
        let (goods_in, shelf) = (room("quarantine"), room("stock"));
        let mut receipt =
            clinic.receipt(json!([{"gtin": GTIN, "lot": format!("IN{round}"), "expiry": EXPIRY, "packs": 1}]));
        receipt["location_id"] = json!(goods_in);
        let transfer = json!({"lot_id": lot, "from_location_id": clinic.stock, "to_location_id": shelf, "units": 1, "reason": "Moved"});
        let start = &Barrier::new(4);
        let (receipt, transfer, goods_in, shelf) = (&receipt, &transfer, &goods_in, &shelf);
        let wait = |role: Role, path: String, body: &Value| {
            start.wait();
            world.post(role, &path, body)
        };
        let close = json!({"reason": "Closing down"});
        let [received, gone_in, moved, gone_shelf] = std::thread::scope(|scope| {
            [
                scope.spawn(|| wait(Role::Purchaser, "/v1/receipts".to_owned(), receipt)),
                scope.spawn(|| wait(Role::Admin, format!("/v1/locations/{goods_in}/retire"), &close)),
                scope.spawn(|| wait(Role::Purchaser, "/v1/transfers".to_owned(), transfer)),
                scope.spawn(|| wait(Role::Admin, format!("/v1/locations/{shelf}/retire"), &close)),
            ]
            .map(|thread| thread.join().unwrap())
        });
        for (arrived, closed, place) in [(received, gone_in, goods_in), (moved, gone_shelf, shelf)] {
            let lies_there = world.read(&format!("/v1/stock?location_id={place}"))["items"] != json!([]);
            match (arrived.0, closed.0) {
                (201, 409) => assert!(lies_there && closed.1["code"] == "place_in_use", "{closed:?}"),
                (409, 200) => assert!(!lies_there && codes(&arrived.1) == ["location_retired"], "{arrived:?}"),
                _ => panic!("{arrived:?} and {closed:?}"),
            }
        }
    }
}
