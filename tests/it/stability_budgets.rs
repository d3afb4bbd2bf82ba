//! Stability budgets: how long units may be warmer than their label allows, over their life, and what that is charged with.

use std::collections::BTreeMap;

use lotline::caller::Role;
use lotline::excursions::budgets::{Budget, Warm};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::excursions::at;
use super::sensors::sensor;
use super::support::clinic::{Clinic, EXPIRY, GTIN, gtin, id, product};
use super::support::{World, on_both_databases};

on_both_databases!(
    a_budget_is_one_that_can_be_charged,
    within_the_budget_nothing_is_held,
    what_goes_on_uses_it_up,
    whoever_takes_units_out_stops_it,
    a_later_excursion_uses_the_rest_up,
    what_no_budget_covers_is_held_at_once,
    several_temperatures_share_one_budget,
    two_who_measure_the_same_charge_it_once,
    readings_charge_the_same_in_any_order,
    packs_take_their_charges_along,
    what_units_were_charged_with_stays_with_them,
    what_is_entered_late_is_charged_too,
    what_was_released_has_used_up_what_it_has,
    what_is_said_of_an_excursion_is_said_of_what_it_charged,
    a_corrected_budget_frees_nothing,
    a_withdrawn_excursion_charges_nothing,
);

/// A clinic at six in the morning whose product is kept from 2 to 8 °C and has a budget.
pub fn with_budget<'a>(world: &'a World, budget: &Value) -> Clinic<'a> {
    world.clock.set(&at("05:00"));
    let clinic = world.clinic();
    set_budget(&clinic, budget);
    world.clock.set(&at("06:00"));
    clinic
}

fn set_budget(clinic: &Clinic, budget: &Value) {
    let body = json!({"storage": {"max_c": 8}, "stability_budget": budget});
    let answer = clinic.patch(&format!("/v1/products/{}", clinic.product), &body);
    assert_eq!(answer.status, 200, "{}", answer.json());
}

/// An hour up to 25 °C.
fn an_hour() -> Value {
    json!([{"max_c": 25, "hours": 1}])
}

impl Clinic<'_> {
    /// The units of a lot by where they are, in which state, and how many excursions they were charged with.
    fn charged(&self, lot: &str) -> BTreeMap<(String, String, usize), i64> {
        let mut units = BTreeMap::new();
        for item in self.read(&format!("/v1/stock?lot_id={lot}&limit=200"))["items"].as_array().unwrap() {
            let word = |name: &str| item[name].as_str().unwrap().to_owned();
            let charged = item.get("charged_ids").map_or(0, |ids| ids.as_array().unwrap().len());
            *units.entry((word("location_id"), word("state"), charged)).or_default() += item["units"].as_i64().unwrap();
        }
        units
    }

    fn assert_charged(&self, lot: &str, expected: &[(&str, &str, usize, i64)]) {
        let expected: BTreeMap<_, _> = expected
            .iter()
            .map(|(place, state, charged, units)| (((*place).to_owned(), (*state).to_owned(), *charged), *units))
            .collect();
        assert_eq!(self.charged(lot), expected);
    }

    /// What excursions say of their lots: exposed, held, within the budget; the earliest excursion first.
    fn lots(&self) -> Vec<(i64, bool, i64)> {
        let said = |lot: &Value| {
            let within = lot.get("units_within_budget").map_or(0, |units| units.as_i64().unwrap());
            (lot["units_exposed"].as_i64().unwrap(), lot["held"].as_bool().unwrap(), within)
        };
        self.excursions()
            .iter()
            .flat_map(|row| row["lots"].as_array().unwrap().iter().map(said).collect::<Vec<_>>())
            .collect()
    }

    fn waiting(&self) -> usize {
        self.read("/v1/attention")["open_excursions"].as_array().unwrap().len()
    }

    /// Too warm from a time of the day for so many minutes, after and before 5 °C; it is over by `until`.
    fn warm(&self, sensor: &str, from: &str, minutes: usize, celsius: f64) {
        let mut measured = vec![celsius; minutes / 5];
        measured.push(5.0);
        self.measure(sensor, from, &measured);
    }
}

fn a_budget_is_one_that_can_be_charged(world: &World) {
    let with = |budget: Value| {
        let mut body = product(&gtin(7));
        body["stability_budget"] = budget;
        body
    };
    let wrong = [
        (json!([{"max_c": 25, "hours": 1}]), "invalid_value", "stability_budget[0].max_c"),
        (json!([{"max_c": 30, "hours": 1}, {"max_c": 20, "hours": 1}]), "invalid_value", "stability_budget[1].max_c"),
        (json!([{"max_c": 30, "hours": 0}]), "invalid_value", "stability_budget[0].hours"),
        (json!([{"max_c": 30, "hours": 87601}]), "invalid_value", "stability_budget[0].hours"),
        (
            json!([{"max_c": 30, "hours": 1}, {"max_c": 30.0, "hours": 2}]),
            "duplicate_entry",
            "stability_budget[1].max_c",
        ),
        (
            json!((26..32).map(|max_c| json!({"max_c": max_c, "hours": 1})).collect::<Vec<_>>()),
            "list_too_long",
            "stability_budget",
        ),
    ];
    for (budget, code, field) in wrong {
        let (status, problem) = world.post(Role::Admin, "/v1/products", &with(budget.clone()));
        assert_eq!((status, &problem["code"]), (422, &json!(code)), "{budget}: {problem}");
        assert!(problem.to_string().contains(field), "{budget}: {problem}");
    }
    let good = json!([{"max_c": 40, "hours": 1}, {"max_c": 30, "hours": 87600}]);
    let made = world.create(Role::Admin, "/v1/products", &with(good.clone()));
    assert_eq!(made["stability_budget"][1]["hours"], good[1]["hours"]);
    // A correction is held to the same.
    let answer = world.patch(&format!("/v1/products/{}", id(&made)), &json!({"storage": {"max_c": 30}}));
    assert_eq!(answer.status, 422, "{}", answer.json());
}

fn within_the_budget_nothing_is_held(world: &World) {
    let clinic = with_budget(world, &an_hour());
    let lot = clinic.receive_inspect_release("L-1", 10);
    let sensor = sensor(world, &clinic.stock);
    world.clock.set(&at("09:00"));
    clinic.warm(&sensor, "08:00", 60, 25.0);
    assert_eq!(clinic.told(), ["above closed 08:00-09:00"]);
    // Sixty minutes are as many as it has.
    assert_eq!(clinic.lots(), [(10, false, 10)]);
    clinic.assert_charged(&lot, &[(&clinic.stock, "available", 1, 10)]);
    assert_eq!(clinic.waiting(), 0, "it leaves nothing to decide");
    assert_eq!(clinic.administer(&lot, 2).0, 201);
    // It can be assessed all the same, and stays so.
    let excursion = id(&clinic.excursions()[0]);
    let said = clinic.assess(&excursion, &json!({"disposition": "release", "reason": "Within the budget"}));
    assert_eq!(said["state"], "assessed");
    clinic.assert_charged(&lot, &[(&clinic.stock, "available", 1, 8)]);
    world.assert_verified();
}

fn what_goes_on_uses_it_up(world: &World) {
    let clinic = with_budget(world, &an_hour());
    let lot = clinic.receive_inspect_release("L-1", 4);
    let sensor = sensor(world, &clinic.stock);
    world.clock.set(&at("08:40"));
    clinic.measure(&sensor, "08:00", &[9.0; 9]);
    assert_eq!((clinic.told(), clinic.lots()), (vec!["above open 08:00-…".to_owned()], vec![(4, false, 4)]));
    assert_eq!(clinic.waiting(), 1, "it goes on");
    // What comes meanwhile is there, too, but not for as long.
    let more = clinic.receive_inspect_release("L-2", 2);
    world.clock.set(&at("08:58"));
    clinic.measure(&sensor, "08:45", &[9.0; 3]);
    assert_eq!(clinic.administer(&lot, 1).0, 201);
    world.clock.set(&at("09:00"));
    clinic.measure(&sensor, "09:00", &[9.0]);
    clinic.assert_charged(&lot, &[(&clinic.stock, "available", 1, 3)]);
    world.clock.set(&at("09:05"));
    clinic.measure(&sensor, "09:05", &[9.0]);
    // Sixty-five minutes; what was used within sixty was within the budget.
    assert_eq!(clinic.lots(), [(4, true, 1), (2, false, 2)]);
    clinic.assert_charged(&lot, &[(&clinic.stock, "held", 1, 3)]);
    clinic.assert_charged(&more, &[(&clinic.stock, "available", 1, 2)]);
    clinic.assert_refused(Role::Practitioner, "/v1/administrations", &clinic.administration(&lot, 1), &["lot_on_hold"]);
    world.clock.set(&at("09:45"));
    clinic.measure(&sensor, "09:10", &[9.0, 9.0, 9.0, 9.0, 9.0, 9.0, 9.0, 9.0]);
    clinic.assert_charged(&more, &[(&clinic.stock, "held", 1, 2)]);
    assert_eq!(clinic.waiting(), 1);
    world.assert_verified();
}

fn whoever_takes_units_out_stops_it(world: &World) {
    let clinic = with_budget(world, &an_hour());
    let lot = clinic.receive_inspect_release("L-1", 6);
    let (sensor, second) = (sensor(world, &clinic.stock), clinic.another_fridge());
    world.clock.set(&at("08:30"));
    clinic.measure(&sensor, "08:00", &[9.0; 7]);
    world.clock.set(&at("08:32"));
    clinic.transfer_units(&lot, &clinic.stock, &second, 4);
    world.clock.set(&at("11:00"));
    clinic.measure(&sensor, "08:35", &[9.0; 30]);
    clinic.assert_charged(&lot, &[(&clinic.stock, "held", 1, 2), (&second, "available", 1, 4)]);
    assert_eq!(clinic.lots(), [(6, true, 4)]);
    // Thirty-two minutes were used: twenty-eight are left, and thirty are too many.
    let other = super::sensors::sensor(world, &second);
    world.clock.set(&at("12:00"));
    clinic.warm(&other, "11:10", 30, 9.0);
    clinic.assert_charged(&lot, &[(&clinic.stock, "held", 1, 2), (&second, "held", 2, 4)]);
    world.assert_verified();
}

fn a_later_excursion_uses_the_rest_up(world: &World) {
    let clinic = with_budget(world, &an_hour());
    let lot = clinic.receive_inspect_release("L-1", 10);
    let (first, second) = (sensor(world, &clinic.stock), clinic.another_fridge());
    world.clock.set(&at("09:00"));
    clinic.warm(&first, "08:00", 35, 9.0);
    // Four go to another fridge, and six of the same lot come that were never warm: five of those go there, too.
    clinic.transfer_units(&lot, &clinic.stock, &second, 4);
    clinic.receive_inspect_release("L-1", 6);
    clinic.assert_charged(
        &lot,
        &[(&clinic.stock, "available", 1, 6), (&clinic.stock, "available", 0, 6), (&second, "available", 1, 4)],
    );
    let third = clinic.another_fridge();
    let other = sensor(world, &third);
    world.clock.set(&at("09:30"));
    clinic.transfer_units(&lot, &clinic.stock, &third, 12);
    world.clock.set(&at("11:00"));
    clinic.warm(&other, "10:00", 30, 9.0);
    // Thirty-five and thirty minutes are more than sixty; thirty are not. Those in the second fridge were not there.
    clinic.assert_charged(&lot, &[(&third, "held", 2, 6), (&third, "available", 1, 6), (&second, "available", 1, 4)]);
    assert_eq!(clinic.lots(), [(10, false, 10), (12, true, 6)]);
    assert_eq!(clinic.waiting(), 1, "the second only");
    let (status, used) = world.post(Role::Practitioner, "/v1/administrations", &clinic.from(&third, &lot, 1));
    assert_eq!(status, 201, "{used}");
    world.assert_verified();
}

fn what_no_budget_covers_is_held_at_once(world: &World) {
    let clinic = with_budget(world, &an_hour());
    let lot = clinic.receive_inspect_release("L-1", 4);
    let (first, second) = (sensor(world, &clinic.stock), clinic.another_fridge());
    clinic.transfer_units(&lot, &clinic.stock, &second, 2);
    world.clock.set(&at("08:30"));
    // A single moment above 25 °C.
    clinic.measure(&first, "08:00", &[9.0, 9.0, 9.0, 9.0, 9.0, 9.0, 25.001]);
    assert_eq!(clinic.lots(), [(2, true, 0)]);
    clinic.assert_charged(&lot, &[(&clinic.stock, "held", 1, 2), (&second, "available", 0, 2)]);
    // Too cold is no matter of hours.
    let other = sensor(world, &second);
    world.clock.set(&at("09:30"));
    clinic.measure(&other, "08:50", &[1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 5.0]);
    clinic.assert_charged(&lot, &[(&clinic.stock, "held", 1, 2), (&second, "held", 0, 2)]);
    // Without a budget all is as before.
    set_budget(&clinic, &json!([]));
    let more = clinic.receive_inspect_release("L-2", 2);
    world.clock.set(&at("12:00"));
    clinic.warm(&first, "11:00", 30, 9.0);
    clinic.assert_charged(&more, &[(&clinic.stock, "held", 0, 2)]);
    world.assert_verified();
}

fn several_temperatures_share_one_budget(world: &World) {
    // Two hours up to 15 °C, and one up to 25 °C.
    let clinic = with_budget(world, &json!([{"max_c": 25, "hours": 1}, {"max_c": 15, "hours": 2}]));
    let lot = clinic.receive_inspect_release("L-1", 4);
    let sensor = sensor(world, &clinic.stock);
    world.clock.set(&at("10:00"));
    // python3: Fraction(60, 120) + Fraction(30, 60) == 1
    clinic.measure(&sensor, "08:00", &[15.0; 12]);
    clinic.measure(&sensor, "09:00", &[15.001, 15.001, 15.001, 15.001, 15.001, 15.001, 5.0]);
    assert_eq!((clinic.told(), clinic.lots()), (vec!["above closed 08:00-09:30".to_owned()], vec![(4, false, 4)]));
    // Another minute is too many; half an hour that the label allows is none.
    clinic.measure(&sensor, "09:35", &[8.0, 8.0, 8.0, 8.0]);
    assert_eq!(clinic.lots(), [(4, false, 4)]);
    world.clock.set(&at("11:00"));
    clinic.warm(&sensor, "10:00", 30, 9.0);
    assert_eq!(clinic.lots(), [(4, false, 4), (4, true, 0)]);
    clinic.assert_charged(&lot, &[(&clinic.stock, "held", 2, 4)]);
    world.assert_verified();
}

fn two_who_measure_the_same_charge_it_once(world: &World) {
    let clinic = with_budget(world, &an_hour());
    let lot = clinic.receive_inspect_release("L-1", 4);
    let (upper, lower) = (sensor(world, &clinic.stock), sensor(world, &clinic.stock));
    world.clock.set(&at("09:10"));
    clinic.warm(&upper, "08:00", 45, 9.0);
    clinic.warm(&lower, "08:05", 45, 12.0);
    // From 08:00 to 08:50 it was too warm, whoever says so.
    assert_eq!(clinic.lots(), [(4, false, 4), (4, false, 4)]);
    clinic.assert_charged(&lot, &[(&clinic.stock, "available", 2, 4)]);
    world.assert_verified();
}

fn readings_charge_the_same_in_any_order(world: &World) {
    // Fifty minutes from 08:00 on, in parts of any order, each at a place of its own.
    let clinic = with_budget(world, &an_hour());
    let parts = [("07:55", vec![5.0, 9.0, 9.0, 9.0]), ("08:15", vec![24.0; 4]), ("08:35", vec![9.0, 9.0, 9.0, 5.0])];
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0], [0, 2, 1]] {
        world.clock.set(&at("06:00"));
        let place = clinic.another_fridge();
        let lot = clinic.receive_inspect_release(&format!("L-{order:?}").replace(['[', ']', ',', ' '], ""), 2);
        clinic.transfer_units(&lot, &clinic.stock, &place, 2);
        let sensor = sensor(world, &place);
        world.clock.set(&at("09:00"));
        for part in order {
            clinic.measure(&sensor, parts[part].0, &parts[part].1);
        }
        let found = world.read(&format!("/v1/excursions?sensor_id={sensor}&kind=above"));
        let found: Vec<_> =
            found["items"].as_array().unwrap().iter().filter(|row| row["state"] != "withdrawn").collect();
        assert_eq!(found.len(), 1, "{order:?}");
        let opened_at = &found[0]["opened_at"].as_str().unwrap()[11..16];
        assert_eq!((opened_at, &found[0]["minutes"]), ("08:00", &json!(50)), "{order:?}");
        let charged: Vec<_> = clinic.charged(&lot).into_iter().map(|((_, state, _), units)| (state, units)).collect();
        assert_eq!(charged, [("available".to_owned(), 2)], "{order:?}");
    }
    world.assert_verified();
}

fn packs_take_their_charges_along(world: &World) {
    let clinic = with_budget(world, &an_hour());
    let lines = json!([{"gtin": GTIN, "lot": "S-1", "expiry": EXPIRY, "packs": 3, "serials": ["A", "B", "C"]}]);
    let made = world.create(Role::Purchaser, "/v1/receipts", &clinic.receipt(lines));
    let lot = made["lines"][0]["lot_id"].as_str().unwrap().to_owned();
    world.create(Role::Purchaser, "/v1/inspections", &clinic.inspection(&id(&made), &lot, 6, 0));
    world.create(Role::Quality, &format!("/v1/lots/{lot}/releases"), &clinic.release(6));
    let (first, second) = (sensor(world, &clinic.stock), clinic.another_fridge());
    let moved = |from: &str, to: &str, serials: &[&str]| {
        let units = serials.len() * 2;
        json!({
            "lot_id": lot, "from_location_id": from, "to_location_id": to, "units": units, "serials": serials,
            "reason": "Restocking"
        })
    };
    world.clock.set(&at("07:00"));
    world.create(Role::Quality, "/v1/transfers", &moved(&clinic.stock, &second, &["B"]));
    world.clock.set(&at("09:00"));
    clinic.warm(&first, "08:00", 40, 9.0);
    clinic.assert_charged(&lot, &[(&clinic.stock, "available", 1, 4), (&second, "available", 0, 2)]);
    world.create(Role::Quality, "/v1/transfers", &moved(&clinic.stock, &second, &["A"]));
    let other = sensor(world, &second);
    world.clock.set(&at("11:00"));
    clinic.warm(&other, "10:00", 40, 9.0);
    // A was there both times, B and C once each.
    clinic.assert_charged(
        &lot,
        &[(&clinic.stock, "available", 1, 2), (&second, "available", 1, 2), (&second, "held", 2, 2)],
    );
    let asked = |serial: &str| {
        let mut asked = clinic.administration(&lot, 1);
        asked["serial"] = json!(serial);
        asked
    };
    clinic.assert_refused(Role::Practitioner, "/v1/administrations", &asked("A"), &["lot_on_hold"]);
    for serial in ["B", "C"] {
        assert_eq!(world.post(Role::Practitioner, "/v1/administrations", &asked(serial)).0, 201);
    }
    world.assert_verified();
}

fn what_units_were_charged_with_stays_with_them(world: &World) {
    let clinic = with_budget(world, &an_hour());
    // In quarantine already, before anybody has inspected them.
    let (receipt, lot) = clinic.receive("L-1", EXPIRY, 2);
    let there = sensor(world, &clinic.quarantine);
    world.clock.set(&at("07:00"));
    clinic.warm(&there, "06:10", 35, 9.0);
    clinic.assert_charged(&lot, &[(&clinic.quarantine, "quarantined", 1, 4)]);
    world.create(Role::Purchaser, "/v1/inspections", &clinic.inspection(&receipt, &lot, 4, 0));
    clinic.assert_charged(&lot, &[(&clinic.quarantine, "passed", 1, 4)]);
    world.create(Role::Quality, &format!("/v1/lots/{lot}/releases"), &clinic.release(4));
    clinic.assert_charged(&lot, &[(&clinic.stock, "available", 1, 4)]);
    // A hold comes and goes.
    let hold = clinic.hold(&lot);
    clinic.assert_charged(&lot, &[(&clinic.stock, "held", 1, 4)]);
    world.create(Role::Quality, &format!("/v1/holds/{}/lift", id(&hold)), &json!({"reason": "Unrelated"}));
    clinic.assert_charged(&lot, &[(&clinic.stock, "available", 1, 4)]);
    // To a patient, and back.
    let (_, used) = clinic.administer(&lot, 1);
    let body = json!({"reason": "Not opened", "returned_to_stock": true});
    world.create(Role::Quality, &format!("/v1/administrations/{}/voids", id(&used)), &body);
    clinic.assert_charged(&lot, &[(&clinic.stock, "available", 1, 3), (&clinic.quarantine, "quarantined", 1, 1)]);
    // The rest is used up where each of them is.
    world.clock.set(&at("08:00"));
    clinic.warm(&there, "07:15", 30, 9.0);
    clinic.assert_charged(&lot, &[(&clinic.stock, "available", 1, 3), (&clinic.quarantine, "held", 2, 1)]);
    world.assert_verified();
}

fn what_is_entered_late_is_charged_too(world: &World) {
    let clinic = with_budget(world, &an_hour());
    let lot = clinic.receive_inspect_release("L-1", 10);
    let (first, second) = (sensor(world, &clinic.stock), clinic.another_fridge());
    world.clock.set(&at("09:00"));
    clinic.warm(&first, "08:00", 50, 9.0);
    clinic.assert_charged(&lot, &[(&clinic.stock, "available", 1, 10)]);
    // At 07:00, before it began, three went to the second fridge; at 08:20, during it, two did.
    let moved = |units: i64, time: &str| {
        let body = json!({
            "lot_id": lot, "from_location_id": clinic.stock, "to_location_id": second, "units": units,
            "reason": "Restocking", "occurred_at": at(time)
        });
        world.create(Role::Quality, "/v1/transfers", &body);
    };
    moved(3, "07:00");
    clinic.assert_charged(&lot, &[(&clinic.stock, "available", 1, 7), (&second, "available", 0, 3)]);
    moved(2, "08:20");
    clinic.assert_charged(
        &lot,
        &[(&clinic.stock, "available", 1, 5), (&second, "available", 1, 2), (&second, "available", 0, 3)],
    );
    // Those two have used twenty of sixty minutes, the others fifty.
    let other = sensor(world, &second);
    world.clock.set(&at("10:30"));
    clinic.warm(&other, "09:30", 40, 9.0);
    clinic.warm(&first, "09:30", 30, 9.0);
    clinic.assert_charged(
        &lot,
        &[(&clinic.stock, "held", 2, 5), (&second, "available", 2, 2), (&second, "available", 1, 3)],
    );
    world.assert_verified();
}

fn what_was_released_has_used_up_what_it_has(world: &World) {
    let clinic = with_budget(world, &an_hour());
    let lot = clinic.receive_inspect_release("L-1", 2);
    let sensor = sensor(world, &clinic.stock);
    world.clock.set(&at("10:00"));
    clinic.warm(&sensor, "08:00", 90, 9.0);
    clinic.assert_charged(&lot, &[(&clinic.stock, "held", 1, 2)]);
    clinic.assess(&id(&clinic.excursions()[0]), &json!({"disposition": "release", "reason": "The maker allows it"}));
    clinic.assert_charged(&lot, &[(&clinic.stock, "available", 1, 2)]);
    world.clock.set(&at("11:00"));
    clinic.warm(&sensor, "10:10", 30, 9.0);
    clinic.assert_charged(&lot, &[(&clinic.stock, "held", 2, 2)]);
    world.assert_verified();
}

fn what_is_said_of_an_excursion_is_said_of_what_it_charged(world: &World) {
    let clinic = with_budget(world, &an_hour());
    let lot = clinic.receive_inspect_release("L-1", 4);
    let (sensor, second) = (sensor(world, &clinic.stock), clinic.another_fridge());
    world.clock.set(&at("09:00"));
    clinic.warm(&sensor, "08:00", 30, 9.0);
    clinic.transfer_units(&lot, &clinic.stock, &second, 2);
    clinic.receive_inspect_release("L-1", 2);
    let assess = |said: Value| {
        let newest = clinic.excursions().into_iter().rfind(|row| row["kind"] == "above").unwrap();
        clinic.assess(&id(&newest), &said)
    };
    assess(json!({"disposition": "release", "new_expiry": "2026-12-31", "reason": "To be careful"}));
    let items = world.read(&format!("/v1/stock?lot_id={lot}&limit=200"));
    for item in items["items"].as_array().unwrap() {
        let expected = if item.get("charged_ids").is_some() { "2026-12-31" } else { EXPIRY };
        assert_eq!((&item["effective_expiry"], &item["state"]), (&json!(expected), &json!("available")), "{item}");
    }
    world.clock.set(&at("10:00"));
    clinic.warm(&sensor, "09:10", 30, 9.0);
    assert_eq!(clinic.waiting(), 0);
    assess(json!({"disposition": "destroy", "reason": "It smells"}));
    clinic.assert_charged(
        &lot,
        &[(&clinic.stock, "rejected", 2, 2), (&clinic.stock, "rejected", 1, 2), (&second, "available", 1, 2)],
    );
    world.assert_verified();
}

fn a_corrected_budget_frees_nothing(world: &World) {
    let clinic = with_budget(world, &an_hour());
    let lot = clinic.receive_inspect_release("L-1", 2);
    let sensor = sensor(world, &clinic.stock);
    world.clock.set(&at("10:00"));
    clinic.measure(&sensor, "08:00", &[9.0; 19]);
    clinic.assert_charged(&lot, &[(&clinic.stock, "held", 1, 2)]);
    set_budget(&clinic, &json!([{"max_c": 25, "hours": 48}]));
    world.clock.set(&at("11:00"));
    clinic.measure(&sensor, "09:35", &[9.0, 9.0, 5.0]);
    clinic.transfer_units(&lot, &clinic.stock, &clinic.quarantine, 2);
    clinic.assert_charged(&lot, &[(&clinic.quarantine, "held", 1, 2)]);
    // What comes later is judged by the budget that there is now.
    let more = clinic.receive_inspect_release("L-2", 2);
    world.clock.set(&at("14:00"));
    clinic.warm(&sensor, "11:10", 120, 9.0);
    clinic.assert_charged(&more, &[(&clinic.stock, "available", 1, 2)]);
    world.assert_verified();
}

fn a_withdrawn_excursion_charges_nothing(world: &World) {
    let clinic = with_budget(world, &an_hour());
    let lot = clinic.receive_inspect_release("L-1", 2);
    let sensor = sensor(world, &clinic.stock);
    world.clock.set(&at("09:00"));
    // Every fifteen minutes, and then those between: it was warm for five minutes at a time.
    let every = |celsius: f64, from: &str| clinic.measure(&sensor, from, &[celsius]);
    for from in ["08:00", "08:15", "08:30"] {
        every(9.0, from);
    }
    every(5.0, "08:45");
    assert_eq!((clinic.told(), clinic.lots()), (vec!["above closed 08:00-08:45".to_owned()], vec![(2, false, 2)]));
    every(5.0, "08:05");
    assert_eq!(clinic.told(), ["above closed 08:15-08:45"]);
    for from in ["08:20", "08:35"] {
        every(5.0, from);
    }
    assert_eq!(clinic.told(), ["above withdrawn 08:15-08:45"]);
    assert_eq!(clinic.waiting(), 0);
    // Forty-five and forty minutes would be more than sixty.
    world.clock.set(&at("10:00"));
    clinic.warm(&sensor, "09:05", 40, 9.0);
    clinic.assert_charged(&lot, &[(&clinic.stock, "available", 2, 2)]);
    world.assert_verified();
}

/// A budget of so many hours up to so many degrees, of a product that is kept up to 8 °C.
fn budget(allowances: &[(i32, i32)]) -> Budget {
    let allowances: Vec<_> =
        allowances.iter().map(|(max_c, hours)| json!({"max_mc": max_c * 1000, "hours": hours})).collect();
    let product = json!({
        "id": "prd_01932c07-8d00-7000-8000-000000000006", "organisation_id": "org_01932c07-8d00-7000-8000-000000000006",
        "name": "HArmonyCa", "manufacturer": "Example Aesthetics", "class": "hybrid_filler", "units_per_pack": 2,
        "unit_presentation": "vial", "unit_amount": "1", "unit_amount_unit": "mL", "storage_min_mc": 2000,
        "storage_max_mc": 8000, "do_not_freeze": true, "protect_from_light": false, "in_use_hours": null,
        "single_patient": true, "requires_training": false, "requires_prescriber": false, "approvals": [],
        "stability_budget": allowances, "registered_at": "2026-07-01T00:00:00Z", "version": 1
    });
    Budget::of(&serde_json::from_value(product).unwrap()).unwrap()
}

const MINUTE_US: i64 = 60_000_000;

/// So many minutes of each warmth, one after the other.
fn warm(minutes: &[i64]) -> Vec<Warm> {
    let mut at_us = 0;
    let each = minutes.iter().enumerate().map(|(warmth, minutes)| {
        let from_us = at_us;
        at_us += minutes * MINUTE_US;
        Warm { from_us, to_us: at_us, warmth, is_last: false }
    });
    each.filter(|warm| warm.to_us > warm.from_us).collect()
}

#[test]
fn what_a_temperature_counts_against() {
    let budget = budget(&[(40, 2), (25, 24)]);
    // The label allows 8.000 °C, the first allowance is for what is not warmer than 25.000 °C.
    for (milli_c, expected) in [
        (-3_000, None),
        (8_000, None),
        (8_001, Some(0)),
        (25_000, Some(0)),
        (25_001, Some(1)),
        (40_000, Some(1)),
        (40_001, Some(2)),
    ] {
        assert_eq!(budget.warmth(milli_c), expected, "{milli_c}");
    }
}

#[test]
fn parts_of_allowances_come_to_one_at_the_most() {
    // python3: sum(Fraction(minutes, 60 * hours) for minutes, hours in rows) <= 1
    for (hours, minutes, expected) in [
        (vec![24], vec![1440], true),
        (vec![24], vec![1441], false),
        (vec![24, 2], vec![720, 60], true),
        (vec![24, 2], vec![721, 60], false),
        (vec![24, 4, 2], vec![480, 80, 40], true),
        (vec![24, 4, 2], vec![480, 80, 41], false),
        (vec![3, 7, 59], vec![60, 60, 1855], false),
        (vec![3, 7, 59], vec![60, 60, 1854], true),
        (vec![87_600], vec![5_256_000], true),
        (vec![87_600], vec![5_256_001], false),
        // A fifth of each of five.
        (vec![87_600; 5], vec![1_051_200; 5], true),
        (vec![87_600; 5], vec![1_051_200, 1_051_200, 1_051_200, 1_051_200, 1_051_201], false),
        (vec![87_600, 87_599, 87_598, 87_597, 87_596], vec![1_051_200; 5], false),
        // Warmer than any of them, and be it for a moment.
        (vec![24], vec![0, 1], false),
    ] {
        let allowances: Vec<_> = (0..).map(|place| 20 + place).zip(hours.iter().copied()).collect();
        assert_eq!(budget(&allowances).covers(&warm(&minutes)), expected, "{hours:?} {minutes:?}");
    }
    let moment = Warm { from_us: 5, to_us: 5, warmth: 1, is_last: true };
    assert!(!budget(&[(25, 24)]).covers(&[moment]));
}

#[test]
fn of_what_overlaps_the_warmest_counts_once() {
    let budget = budget(&[(15, 2), (25, 1)]);
    let during =
        |from: i64, to: i64, warmth| Warm { from_us: from * MINUTE_US, to_us: to * MINUTE_US, warmth, is_last: false };
    // Sixty minutes of each would be one and a half; thirty of one and thirty of the other are three quarters.
    assert!(budget.covers(&[during(0, 60, 0), during(30, 60, 1)]));
    assert!(budget.covers(&[during(0, 90, 0), during(0, 90, 0), during(60, 75, 1)]));
    assert!(budget.covers(&[during(0, 60, 0), during(30, 75, 1)]));
    // 30 ÷ 120 + 46 ÷ 60 is more than one.
    assert!(!budget.covers(&[during(0, 60, 0), during(30, 76, 1)]));
}

#[test]
fn a_stay_is_charged_with_its_own_time() {
    let warm = Warm { from_us: 10, to_us: 20, warmth: 0, is_last: false };
    let last = Warm { is_last: true, ..warm };
    let cut = |warm: Warm, since_us, until_us| warm.during(since_us, until_us).map(|warm| (warm.from_us, warm.to_us));
    assert_eq!(cut(warm, i64::MIN, i64::MAX), Some((10, 20)));
    assert_eq!(cut(warm, 12, 15), Some((12, 15)));
    assert_eq!((cut(warm, 20, 30), cut(warm, 0, 9), cut(warm, 15, 12)), (None, None, None));
    // Who comes after the last reading is where it is as warm as that says, for no time that is known.
    assert_eq!(cut(last, 25, i64::MAX), Some((25, 25)));
}

proptest! {
    /// Minute by minute: the warmest of each, as parts of a common multiple of the hours.
    #[test]
    fn a_budget_covers_what_minutes_add_up_to(
        hours in prop::collection::vec(1..=12_i32, 1..=5),
        spells in prop::collection::vec((0..600_i64, 0..400_i64, 0..5_usize), 0..8),
    ) {
        let allowances: Vec<_> = (0..).map(|place| 20 + place).zip(hours.iter().copied()).collect();
        let spells: Vec<_> = spells.into_iter().map(|(from, length, warmth)| (from, length, warmth % hours.len())).collect();
        // 27,720 is a multiple of every number up to 12.
        let parts: i64 = (0..1000)
            .filter_map(|minute| {
                let there = spells.iter().filter(|(from, length, _)| (*from..from + length).contains(&minute));
                there.map(|(_, _, warmth)| *warmth).max()
            })
            .map(|warmest| 27_720 / i64::from(hours[warmest]))
            .sum();
        let exposed: Vec<_> = spells
            .iter()
            .map(|(from, length, warmth)| {
                let (from_us, to_us) = (from * MINUTE_US, (from + length) * MINUTE_US);
                Warm { from_us, to_us, warmth: *warmth, is_last: false }
            })
            .collect();
        prop_assert_eq!(budget(&allowances).covers(&exposed), parts <= 27_720 * 60);
    }
}
