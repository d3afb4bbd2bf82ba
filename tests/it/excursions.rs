//! Excursions: what readings open, extend, end and withdraw, which units that is about, and what becomes of them.

use std::collections::BTreeMap;

use lotline::caller::Role;
use lotline::clock::Moment;
use serde_json::{Value, json};

use super::sensors::{reading, send, sensor};
use super::support::client::assert_problem;
use super::support::clinic::{Clinic, EXPIRY, id};
use super::support::{World, on_both_databases};

on_both_databases!(
    what_was_there_is_held_wherever_it_is_now,
    a_rule_is_broken_when_its_minutes_are_over,
    what_comes_while_it_goes_on_is_held_on_arrival,
    a_rule_that_is_corrected_ends_what_it_began,
    readings_tell_the_same_in_any_order,
    a_late_reading_cuts_an_excursion_in_two,
    a_silence_holds_nothing_and_is_withdrawn_when_it_is_filled,
    what_readings_take_back_a_person_lets_go,
    what_speaks_against_the_sensor_is_told_beside_the_excursion,
    what_was_said_of_the_sensor_stays_with_the_assessment,
    calibration_is_overdue_by_what_was_known_that_day,
    a_sensor_that_falls_silent_is_an_excursion_without_a_reading,
    who_was_never_heard_of_has_not_fallen_silent,
    a_silence_that_was_assessed_is_not_told_again,
    several_who_look_for_a_silence_find_it_once,
    released_units_are_free_where_nothing_else_holds_them,
    released_units_may_have_an_earlier_expiry,
    what_goes_back_or_is_destroyed_is_rejected,
    what_was_assessed_stays_and_what_goes_beyond_extends_it,
    packs_are_held_by_their_number,
    what_is_entered_late_was_there_then,
    what_is_entered_late_was_not_assessed_with_the_others,
    what_comes_back_from_a_patient_is_held,
    a_hold_that_is_lifted_does_not_free_what_an_excursion_holds,
    bouts_add_up_where_the_rule_says_so,
    an_excursion_is_seen_by_those_of_its_site,
    what_waits_for_somebody_is_told,
);

/// An excursion that goes on at a place, for half an hour until the clock's now.
pub fn too_warm(world: &World, location: &str) -> String {
    let sensor = sensor(world, location);
    let now = world.clock.now();
    let row = |minutes: i64| reading(&sensor, &now.plus_minutes(-minutes).to_string(), 9.0);
    send(world, &[row(40), row(30), row(20), row(10), row(0)]);
    let found = world.read(&format!("/v1/excursions?sensor_id={sensor}"));
    id(&found["items"][0])
}

/// The day of the tests: the morning of the clinic's clock.
const DAY: &str = "2026-07-01";

pub fn at(time: &str) -> String {
    format!("{DAY}T{time}:00Z")
}

/// The hour and minute so many minutes after a time of the day.
fn after(time: &str, minutes: i64) -> String {
    let moment: Moment = at(time).parse().unwrap();
    moment.plus_minutes(minutes).to_string()[11..16].to_owned()
}

impl Clinic<'_> {
    /// Sends readings of every five minutes from a time of the day on.
    pub fn measure(&self, sensor: &str, from: &str, celsius: &[f64]) {
        let row = |(place, celsius): (usize, &f64)| {
            reading(sensor, &at(&after(from, 5 * i64::try_from(place).unwrap())), *celsius)
        };
        send(self, &celsius.iter().enumerate().map(row).collect::<Vec<_>>());
    }

    /// The excursions of the organisation, the earliest first.
    pub fn excursions(&self) -> Vec<Value> {
        let mut all = self.read("/v1/excursions?limit=200")["items"].as_array().unwrap().clone();
        all.sort_by_key(|excursion| excursion["opened_at"].as_str().unwrap().to_owned());
        all
    }

    /// Of each: kind, state, when it began and ended.
    pub fn told(&self) -> Vec<String> {
        let time = |moment: &Value| moment.as_str().map_or("…".to_owned(), |text| text[11..16].to_owned());
        self.excursions()
            .iter()
            .map(|row| {
                let word = |name: &str| row[name].as_str().unwrap().to_owned();
                format!("{} {} {}-{}", word("kind"), word("state"), time(&row["opened_at"]), time(&row["closed_at"]))
            })
            .collect()
    }

    /// The units of a lot by location and state.
    pub fn stock_of(&self, lot: &str) -> BTreeMap<(String, String), i64> {
        let mut units = BTreeMap::new();
        for item in self.read(&format!("/v1/stock?lot_id={lot}&limit=200"))["items"].as_array().unwrap() {
            let word = |name: &str| item[name].as_str().unwrap().to_owned();
            let is_held_by_one = item.get("excursion_ids").is_some();
            let state = if is_held_by_one { format!("{} by excursion", word("state")) } else { word("state") };
            *units.entry((word("location_id"), state)).or_default() += item["units"].as_i64().unwrap();
        }
        units
    }

    pub fn assert_stock(&self, lot: &str, expected: &[(&str, &str, i64)]) {
        let expected: BTreeMap<_, _> =
            expected.iter().map(|(place, state, units)| (((*place).to_owned(), (*state).to_owned()), *units)).collect();
        assert_eq!(self.stock_of(lot), expected);
    }

    pub fn another_fridge(&self) -> String {
        let fridge = json!({"site_id": self.site, "name": "Second fridge", "purpose": "stock", "min_c": 2, "max_c": 8});
        id(&self.create(Role::Admin, "/v1/locations", &fridge))
    }

    pub fn transfer_units(&self, lot: &str, from: &str, to: &str, units: i64) -> Value {
        let body = json!({
            "lot_id": lot, "from_location_id": from, "to_location_id": to, "units": units, "reason": "Restocking"
        });
        self.create(Role::Quality, "/v1/transfers", &body)
    }

    /// An administration of units that lie at a place.
    pub fn from(&self, location: &str, lot: &str, units: i64) -> Value {
        let mut body = self.administration(lot, units);
        body["location_id"] = json!(location);
        body
    }

    pub fn assess(&self, excursion: &str, said: &Value) -> Value {
        self.create(Role::Quality, &format!("/v1/excursions/{excursion}/assessments"), said)
    }
}

pub const BY_EXCURSION: &str = "held by excursion";

fn what_was_there_is_held_wherever_it_is_now(world: &World) {
    world.clock.set(&at("06:00"));
    let clinic = world.clinic();
    let (lot, other) = (clinic.receive_inspect_release("L-1", 10), clinic.receive_inspect_release("L-2", 4));
    let second = clinic.another_fridge();
    clinic.transfer_units(&other, &clinic.stock, &second, 4);
    let sensor = sensor(world, &clinic.stock);
    world.clock.set(&at("08:20"));
    clinic.transfer_units(&lot, &clinic.stock, &second, 3);
    let (status, _) = world.post(Role::Practitioner, "/v1/administrations", &clinic.from(&clinic.stock, &lot, 1));
    assert_eq!(status, 201, "nobody knows yet");
    world.clock.set(&at("09:00"));
    // 5.0, then from 08:00 to 08:40 too warm, and then 5.0 again.
    clinic.measure(&sensor, "07:50", &[5.0, 5.0, 8.5, 9.0, 9.0, 9.0, 9.0, 9.0, 9.0, 8.001, 5.0, 5.0]);
    let found = clinic.excursions();
    assert_eq!(clinic.told(), ["above closed 08:00-08:40"]);
    let excursion = &found[0];
    assert_eq!((&excursion["location_id"], &excursion["sensor_id"]), (&json!(clinic.stock), &json!(sensor)));
    assert_eq!(
        (&excursion["min_c"], &excursion["max_c"], &excursion["minutes"]),
        (&json!(8.001), &json!(9.0), &json!(40))
    );
    // python3: r=lambda c: exp(-1e4/(c+273.15)); p=[8.5]+[9]*6+[8.001]; s=sum((r(a)+r(b))/2 for a,b in zip(p,p[1:]))/7
    // -1e4/log(s)-273.15
    let mkt = excursion["mkt_c"].as_f64().unwrap();
    assert!((mkt - 8.897_418).abs() < 1e-6, "{mkt}");
    assert_eq!(excursion["lots"], json!([{"lot_id": lot, "units_exposed": 10, "held": true}]));
    // Wherever they are now; those that were never there are not touched.
    clinic.assert_stock(&lot, &[(&clinic.stock, BY_EXCURSION, 6), (&second, BY_EXCURSION, 3)]);
    clinic.assert_stock(&other, &[(&second, "available", 4)]);
    let used = world.read(&format!("/v1/excursions/{}/administrations", id(excursion)));
    assert_eq!(used["items"].as_array().unwrap().len(), 1, "{used}");
    assert_eq!((&used["items"][0]["lot_id"], &used["items"][0]["units"]), (&json!(lot), &json!(1)));
    // At the chair it is named.
    let problem = clinic.assert_refused(
        Role::Practitioner,
        "/v1/administrations",
        &clinic.administration(&lot, 1),
        &["lot_on_hold"],
    );
    assert_eq!(problem["reasons"][0]["subject"], json!({"type": "excursion", "id": id(excursion)}));
    let scan = json!({"code": super::support::clinic::scan("270630", "L-1", None), "site_id": clinic.site, "practitioner_id": clinic.practitioner, "purpose": "administer"});
    let scanned = world.post(Role::Practitioner, "/v1/scans", &scan).1;
    assert_eq!(scanned["decision"]["reasons"][0]["subject"]["id"], json!(id(excursion)), "{scanned}");
    assert_eq!(clinic.administer(&other, 1).0, 201);
    // Others of the lot are elsewhere, and may be used; which pack that is, whoever holds it must say.
    let (third, more) = (clinic.another_fridge(), clinic.receive_inspect_release("L-1", 4));
    assert_eq!(more, lot);
    clinic.transfer_units(&lot, &clinic.stock, &third, 4);
    let from = |place: &str| clinic.from(place, &lot, 1);
    let anywhere = clinic.administration(&lot, 1);
    let several = ["location_required"; 3];
    clinic.assert_refused(Role::Practitioner, "/v1/administrations", &anywhere, &several);
    let both = ["lot_on_hold", "stock_not_on_hand"];
    clinic.assert_refused(Role::Practitioner, "/v1/administrations", &from(&second), &both);
    assert_eq!(world.post(Role::Practitioner, "/v1/administrations", &from(&third)).0, 201);
    // The chain of the lot tells it.
    let chain = world.read(&format!("/v1/lots/{lot}/custody?limit=200"));
    let kinds: Vec<_> =
        chain["events"].as_array().unwrap().iter().map(|event| event["kind"].as_str().unwrap()).collect();
    assert!(kinds.contains(&"excursion_opened") && kinds.contains(&"excursion_exposed"), "{kinds:?}");
    // What the excursion holds stays out of use, but may be set apart or removed.
    let body = json!({"lot_id": lot, "from_location_id": second, "to_location_id": clinic.stock, "units": 3, "reason": "Back"});
    clinic.assert_refused(Role::Quality, "/v1/transfers", &body, &["lot_on_hold"]);
    clinic.transfer_units(&lot, &second, &clinic.quarantine, 3);
    clinic.assert_stock(
        &lot,
        &[(&clinic.stock, BY_EXCURSION, 6), (&clinic.quarantine, BY_EXCURSION, 3), (&third, "available", 3)],
    );
    world.assert_verified();
}

fn a_rule_is_broken_when_its_minutes_are_over(world: &World) {
    world.clock.set(&at("06:00"));
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("L-1", 2);
    let rules = json!({
        "location_id": clinic.stock, "name": "Shelf", "interval_seconds": 300, "alarm_rules": [
            {"comparator": "above", "celsius": 10, "minutes": 15, "mode": "single"},
            {"comparator": "below", "celsius": 0, "minutes": 0, "mode": "single"}
        ]
    });
    let sensor = id(&world.create(Role::Admin, "/v1/sensors", &rules));
    world.clock.set(&at("12:00"));
    // Nine degrees are allowed by these rules; ten are not, the threshold itself included; ten minutes are too short.
    clinic.measure(&sensor, "07:00", &[5.0, 9.999, 10.0, 10.0, 9.999, 9.0, 10.0, 10.0]);
    assert_eq!(clinic.told(), Vec::<String>::new());
    clinic.assert_stock(&lot, &[(&clinic.stock, "available", 2)]);
    // From 07:30 on until something else is known: with the reading of 07:45 fifteen minutes are over.
    clinic.measure(&sensor, "07:40", &[10.5]);
    assert_eq!(clinic.told(), Vec::<String>::new());
    clinic.measure(&sensor, "07:45", &[5.0]);
    assert_eq!(clinic.told(), ["above closed 07:30-07:45"]);
    clinic.assert_stock(&lot, &[(&clinic.stock, BY_EXCURSION, 2)]);
    // Frozen is frozen: the first reading is enough.
    clinic.measure(&sensor, "07:50", &[0.0]);
    assert_eq!(clinic.told(), ["above closed 07:30-07:45", "below open 07:50-…"]);
    clinic.measure(&sensor, "07:55", &[-1.0, 0.001]);
    assert_eq!(clinic.told(), ["above closed 07:30-07:45", "below closed 07:50-08:00"]);
    world.assert_verified();
}

fn what_comes_while_it_goes_on_is_held_on_arrival(world: &World) {
    world.clock.set(&at("06:00"));
    let clinic = world.clinic();
    let (first, lot) = (clinic.receive_inspect_release("L-0", 2), clinic.receive_inspect_release("L-1", 6));
    let second = clinic.another_fridge();
    clinic.transfer_units(&lot, &clinic.stock, &second, 6);
    let sensor = sensor(world, &clinic.stock);
    world.clock.set(&at("08:00"));
    clinic.measure(&sensor, "07:20", &[9.0; 8]);
    assert_eq!(clinic.told(), ["above open 07:20-…"]);
    assert_eq!(clinic.excursions()[0]["minutes"], 35);
    clinic.assert_stock(&first, &[(&clinic.stock, BY_EXCURSION, 2)]);
    clinic.transfer_units(&lot, &second, &clinic.stock, 2);
    clinic.assert_stock(&lot, &[(&clinic.stock, BY_EXCURSION, 2), (&second, "available", 4)]);
    // What is released into it, too.
    let third = clinic.receive_inspect_release("L-3", 2);
    clinic.assert_stock(&third, &[(&clinic.stock, BY_EXCURSION, 2)]);
    // More of the same changes nothing but what is known of it; the end lets in what comes later.
    world.clock.set(&at("08:10"));
    let before = world.database.count("events");
    clinic.measure(&sensor, "08:00", &[12.5]);
    assert_eq!(world.database.count("events"), before + 1, "an event for the readings alone");
    assert_eq!((&clinic.excursions()[0]["minutes"], &clinic.excursions()[0]["max_c"]), (&json!(40), &json!(12.5)));
    clinic.measure(&sensor, "08:05", &[5.0]);
    assert_eq!(clinic.told(), ["above closed 07:20-08:05"]);
    clinic.transfer_units(&lot, &second, &clinic.stock, 1);
    clinic.assert_stock(
        &lot,
        &[(&clinic.stock, BY_EXCURSION, 2), (&clinic.stock, "available", 1), (&second, "available", 3)],
    );
    let lots = clinic.excursions()[0]["lots"].as_array().unwrap().len();
    assert_eq!(lots, 3);
    world.assert_verified();
}

fn a_rule_that_is_corrected_ends_what_it_began(world: &World) {
    world.clock.set(&at("06:00"));
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("L-1", 2);
    let sensor = sensor(world, &clinic.stock);
    world.clock.set(&at("09:00"));
    clinic.measure(&sensor, "08:00", &[9.0; 8]);
    assert_eq!(clinic.told(), ["above open 08:00-…"]);
    // From now on ten degrees are allowed for an hour.
    let rules = json!({"alarm_rules": [{"comparator": "above", "celsius": 10, "minutes": 60, "mode": "single"}]});
    let answer = world.patch(&format!("/v1/sensors/{sensor}"), &rules);
    assert_eq!(answer.status, 200, "{}", answer.json());
    clinic.measure(&sensor, "08:40", &[9.0]);
    assert_eq!(clinic.told(), ["above open 08:00-…"]);
    clinic.measure(&sensor, "08:45", &[5.0, 9.5, 9.5]);
    assert_eq!(clinic.told(), ["above closed 08:00-08:45"]);
    clinic.assert_stock(&lot, &[(&clinic.stock, BY_EXCURSION, 2)]);
    world.assert_verified();
}

fn readings_tell_the_same_in_any_order(world: &World) {
    world.clock.set(&at("06:00"));
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("L-1", 2);
    let sensor = sensor(world, &clinic.stock);
    world.clock.set(&at("12:00"));
    // The end first, then the beginning, then the middle: two become one.
    clinic.measure(&sensor, "09:00", &[9.0, 9.0, 9.0, 9.0, 9.0, 9.0, 9.0, 5.0]);
    clinic.measure(&sensor, "07:55", &[5.0, 9.0, 9.0, 9.0, 9.0, 9.0, 9.0, 9.0]);
    // One interval is what the last reading stands for before a silence.
    let silent = "silent closed 08:30-09:00";
    assert_eq!(clinic.told(), ["above closed 08:00-08:35", silent, "above closed 09:00-09:35"]);
    clinic.measure(&sensor, "08:35", &[9.0, 9.0, 9.0, 9.0, 9.0]);
    let told = clinic.told();
    assert_eq!(told.iter().filter(|row| !row.contains("withdrawn")).collect::<Vec<_>>(), ["above closed 08:00-09:35"]);
    // Earlier readings extend it to the other side.
    clinic.measure(&sensor, "07:30", &[5.0, 8.2, 8.2, 8.2, 8.2]);
    let told = clinic.told();
    assert_eq!(told[0], "above closed 08:00-09:35", "five minutes of 5 °C lie between");
    clinic.assert_stock(&lot, &[(&clinic.stock, BY_EXCURSION, 2)]);
    world.assert_verified();
}

fn a_late_reading_cuts_an_excursion_in_two(world: &World) {
    world.clock.set(&at("06:00"));
    let clinic = world.clinic();
    clinic.receive_inspect_release("L-1", 2);
    let sensor = sensor(world, &clinic.stock);
    world.clock.set(&at("12:00"));
    for from in ["08:00", "08:15", "08:30", "08:45", "09:00", "09:15"] {
        clinic.measure(&sensor, from, &[9.0]);
    }
    clinic.measure(&sensor, "09:30", &[5.0]);
    assert_eq!(clinic.told(), ["above closed 08:00-09:30"]);
    clinic.measure(&sensor, "08:40", &[5.0]);
    assert_eq!(clinic.told(), ["above closed 08:00-08:40", "above closed 08:45-09:30"]);
    world.assert_verified();
}

fn a_silence_holds_nothing_and_is_withdrawn_when_it_is_filled(world: &World) {
    world.clock.set(&at("06:00"));
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("L-1", 2);
    let sensor = sensor(world, &clinic.stock);
    world.clock.set(&at("12:00"));
    clinic.measure(&sensor, "08:00", &[5.0]);
    // Three intervals are no silence; more are.
    clinic.measure(&sensor, "08:15", &[5.0]);
    assert_eq!(clinic.told(), Vec::<String>::new());
    clinic.measure(&sensor, "09:00", &[5.0]);
    assert_eq!(clinic.told(), ["silent closed 08:15-09:00"]);
    let excursion = &clinic.excursions()[0];
    assert_eq!(excursion["lots"], json!([{"lot_id": lot, "units_exposed": 2, "held": false}]));
    assert_eq!(
        (&excursion["rule"], &excursion["min_c"], &excursion["minutes"]),
        (&Value::Null, &Value::Null, &json!(45))
    );
    clinic.assert_stock(&lot, &[(&clinic.stock, "available", 2)]);
    // Filled in part, there are two silences; filled, there is none.
    clinic.measure(&sensor, "08:35", &[5.0]);
    assert_eq!(clinic.told(), ["silent closed 08:15-08:35", "silent closed 08:35-09:00"]);
    clinic.measure(&sensor, "08:20", &[5.0]);
    clinic.measure(&sensor, "08:50", &[5.0]);
    assert_eq!(clinic.told(), ["silent withdrawn 08:15-08:35", "silent withdrawn 08:35-09:00"]);
    let id = id(excursion);
    let kinds = world.read(&format!("/v1/events?subject={id}&limit=200"));
    let kinds: Vec<_> =
        kinds["items"].as_array().unwrap().iter().map(|event| event["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["excursion_opened", "excursion_exposed", "excursion_changed", "excursion_changed"]);
    world.assert_verified();
}

fn what_readings_take_back_a_person_lets_go(world: &World) {
    world.clock.set(&at("06:00"));
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("L-1", 2);
    let sensor = sensor(world, &clinic.stock);
    world.clock.set(&at("12:00"));
    // Fifteen minutes apart each stands until the next.
    let rows: Vec<_> = ["08:00", "08:15", "08:30"].iter().map(|time| reading(&sensor, &at(time), 9.0)).collect();
    send(world, &rows);
    assert_eq!(clinic.told(), ["above open 08:00-…"]);
    send(
        world,
        &[
            reading(&sensor, &at("08:05"), 5.0),
            reading(&sensor, &at("08:20"), 5.0),
            reading(&sensor, &at("08:35"), 5.0),
        ],
    );
    // There never was one; but whoever sends readings frees nothing.
    assert_eq!(clinic.excursions()[0]["state"], "withdrawn");
    clinic.assert_stock(&lot, &[(&clinic.stock, BY_EXCURSION, 2)]);
    let waiting = world.read("/v1/attention")["open_excursions"].clone();
    assert_eq!(waiting.as_array().unwrap().len(), 1, "{waiting}");
    let excursion = id(&clinic.excursions()[0]);
    let said = clinic.assess(&excursion, &json!({"disposition": "release", "reason": "There was none"}));
    assert_eq!((&said["state"], &said["assessment"]["disposition"]), (&json!("withdrawn"), &json!("release")));
    clinic.assert_stock(&lot, &[(&clinic.stock, "available", 2)]);
    assert_eq!(world.read("/v1/attention")["open_excursions"], json!([]));
    world.assert_verified();
}

/// What speaks against the sensor of the first excursion: codes, and when.
fn suspicions(clinic: &Clinic) -> Vec<String> {
    let found = clinic.excursions()[0]["suspicions"].clone();
    let of = |row: &Value| {
        let at = row["at"].as_str().map_or(String::new(), |at| format!(" {}", &at[11..16]));
        format!("{}{at}", row["code"].as_str().unwrap())
    };
    found.as_array().unwrap().iter().map(of).collect()
}

fn what_speaks_against_the_sensor_is_told_beside_the_excursion(world: &World) {
    world.clock.set(&at("06:00"));
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("L-1", 2);
    let sensor = sensor(world, &clinic.stock);
    world.clock.set("2026-07-03T12:00:00Z");
    // From 5 to 46 °C in five minutes: no door does that. What it measured holds what was there all the same.
    clinic.measure(&sensor, "07:55", &[5.0, 46.0, 46.0, 46.0, 46.0, 46.0, 46.0, 46.0]);
    assert_eq!(
        (clinic.told(), suspicions(&clinic)),
        (vec!["above open 08:00-…".to_owned()], vec!["sensor_jump 08:00".to_owned()])
    );
    clinic.assert_stock(&lot, &[(&clinic.stock, BY_EXCURSION, 2)]);
    let message = clinic.excursions()[0]["suspicions"][0]["message"].clone();
    assert!(message.as_str().unwrap().contains("From 5 °C to 46 °C within 300 s"), "{message}");
    // Back to 5 °C is a jump, too; the first is told. A reading that comes late shows that the way up was slower.
    clinic.measure(&sensor, "08:35", &[5.0]);
    clinic.measure(&sensor, "07:57", &[7.9]);
    assert_eq!(
        (clinic.told(), suspicions(&clinic)),
        (vec!["above closed 08:00-08:35".to_owned()], vec!["sensor_jump 08:35".to_owned()])
    );
    // At half a degree above the band for more than a day, though it has told smaller steps.
    let begin: Moment = at("10:00").parse().unwrap();
    let row = |(place, celsius): (i64, f64)| reading(&sensor, &begin.plus_minutes(5 * place).to_string(), celsius);
    send(world, &(0..).zip([9.1].into_iter().chain([8.5; 300])).map(row).collect::<Vec<_>>());
    let found = clinic.excursions();
    let last = found.iter().rfind(|row| row["kind"] == "above").unwrap();
    assert_eq!(super::sensors::codes(&last["suspicions"]), ["sensor_stuck"], "{last}");
    assert_eq!(last["suspicions"][0]["at"].as_str().unwrap()[11..16], *"10:05");
    let silent = found.iter().find(|row| row["kind"] == "silent").unwrap();
    assert_eq!(silent["suspicions"], json!([]));
    world.assert_verified();
}

fn what_was_said_of_the_sensor_stays_with_the_assessment(world: &World) {
    world.clock.set(&at("06:00"));
    let clinic = world.clinic();
    clinic.receive_inspect_release("L-1", 2);
    let sensor = sensor(world, &clinic.stock);
    world.clock.set(&at("12:00"));
    clinic.measure(&sensor, "07:55", &[5.0, 46.0, 46.0, 46.0, 46.0, 46.0, 46.0, 46.0]);
    let excursion = id(&clinic.excursions()[0]);
    // It still goes on: what is frozen is what the assessor sees.
    let assessed = clinic.assess(&excursion, &json!({"disposition": "release", "reason": "The wire was loose"}));
    assert_eq!(super::sensors::codes(&assessed["suspicions"]), ["sensor_jump"]);
    clinic.measure(&sensor, "07:58", &[7.9]);
    assert_eq!(clinic.told()[0], "above assessed 08:00-08:30");
    assert_eq!(suspicions(&clinic), ["sensor_jump 08:00"]);
    world.assert_verified();
}

fn calibration_is_overdue_by_what_was_known_that_day(world: &World) {
    world.clock.set("2026-06-30T06:00:00Z");
    let clinic = world.clinic();
    clinic.receive_inspect_release("L-1", 2);
    let sensor = sensor(world, &clinic.stock);
    let due = |on: &str| {
        let answer = world.patch(&format!("/v1/sensors/{sensor}"), &json!({ "calibration_due": on }));
        assert_eq!(answer.status, 200, "{}", answer.json());
    };
    due("2026-07-01");
    world.clock.set("2026-07-02T08:00:00Z");
    // Somebody calibrates it, and so it is due next year. What it measured before comes later.
    due("2027-07-01");
    let warm = |from: &str| {
        let from: Moment = from.parse().unwrap();
        let row = |(place, celsius): (i64, &f64)| reading(&sensor, &from.plus_minutes(5 * place).to_string(), *celsius);
        send(world, &(0..).zip(&[5.0, 9.0, 9.0, 9.0, 9.0, 9.0, 9.0, 9.0, 5.0]).map(row).collect::<Vec<_>>());
    };
    // In London it is midnight at 23:00 UTC: the last minute of the day before, and the first of the day.
    warm("2026-06-30T22:54:00Z");
    assert_eq!(suspicions(&clinic), Vec::<String>::new());
    warm("2026-07-01T06:00:00Z");
    warm("2026-07-02T07:00:00Z");
    let all = clinic.excursions();
    let above = all.iter().filter(|row| row["kind"] == "above");
    let found: Vec<_> = above.map(|row| super::sensors::codes(&row["suspicions"])).collect();
    let overdue = || vec!["calibration_overdue".to_owned()];
    assert_eq!(found, [vec![], overdue(), overdue()]);
    warm("2026-06-30T23:55:00Z");
    let all = clinic.excursions();
    let night = all.iter().find(|row| row["opened_at"].as_str().unwrap().starts_with("2026-07-01T00:00")).unwrap();
    assert_eq!(super::sensors::codes(&night["suspicions"]), overdue());
    world.assert_verified();
}

fn a_sensor_that_falls_silent_is_an_excursion_without_a_reading(world: &World) {
    world.clock.set(&at("06:00"));
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("L-1", 2);
    let sensor = sensor(world, &clinic.stock);
    world.clock.set(&at("08:00"));
    clinic.measure(&sensor, "08:00", &[5.0]);
    // Three intervals are no silence; more are.
    let look = |time: &str| {
        world.clock.set(&at(time));
        world.sweep();
    };
    look("08:15");
    assert_eq!(clinic.told(), Vec::<String>::new());
    look("08:16");
    look("08:17");
    assert_eq!(clinic.told(), ["silent open 08:00-…"]);
    world.clock.set(&at("08:45"));
    let excursion = clinic.excursions()[0].clone();
    assert_eq!(
        (&excursion["minutes"], &excursion["min_c"], &excursion["suspicions"]),
        (&json!(45), &Value::Null, &json!([]))
    );
    assert_eq!(excursion["lots"], json!([{"lot_id": lot, "units_exposed": 2, "held": false}]));
    clinic.assert_stock(&lot, &[(&clinic.stock, "available", 2)]);
    assert_eq!(world.read("/v1/attention")["open_excursions"][0]["id"], excursion["id"]);
    // Nobody did it.
    let events = world.read(&format!("/v1/events?subject={}", id(&excursion)))["items"].clone();
    assert_eq!(events[0]["actor"], json!({"subject": "silence", "roles": []}), "{events}");
    // It speaks again, and what comes late fills the silence in part, and then as a whole.
    clinic.measure(&sensor, "08:40", &[5.0]);
    assert_eq!(clinic.told(), ["silent closed 08:00-08:40"]);
    clinic.measure(&sensor, "08:05", &[5.0; 4]);
    assert_eq!(clinic.told(), ["silent closed 08:20-08:40"]);
    clinic.measure(&sensor, "08:25", &[5.0; 3]);
    assert_eq!(clinic.told(), ["silent withdrawn 08:20-08:40"]);
    // What comes late, but keeps coming, is no silence; the next one is another.
    look("08:55");
    look("08:58");
    assert_eq!(clinic.told().len(), 1);
    clinic.measure(&sensor, "08:45", &[5.0]);
    look("09:12");
    assert_eq!(clinic.told().len(), 1, "it was heard of at 08:58");
    look("09:14");
    assert_eq!(clinic.told()[1], "silent open 08:45-…");
    // Filled while it goes on, and silent still: withdrawn, and then there is another.
    clinic.measure(&sensor, "08:50", &[5.0]);
    assert!(clinic.told()[1].starts_with("silent withdrawn 08:45-"), "{:?}", clinic.told());
    look("09:30");
    assert_eq!(clinic.told()[2], "silent open 08:50-…");
    world.assert_verified();
}

fn who_was_never_heard_of_has_not_fallen_silent(world: &World) {
    world.clock.set(&at("06:00"));
    let clinic = world.clinic();
    let (_new, retired, corrected) =
        (sensor(world, &clinic.stock), sensor(world, &clinic.stock), sensor(world, &clinic.stock));
    for spoken in [&retired, &corrected] {
        clinic.measure(spoken, "06:00", &[5.0]);
    }
    world.create(Role::Admin, &format!("/v1/sensors/{retired}/retire"), &json!({"reason": "Broken"}));
    // From now on it measures every hour.
    let rarely = world.patch(&format!("/v1/sensors/{corrected}"), &json!({"interval_seconds": 3600}));
    assert_eq!(rarely.status, 200, "{}", rarely.json());
    world.clock.set(&at("08:59"));
    world.sweep();
    assert_eq!(clinic.told(), Vec::<String>::new());
    world.clock.set(&at("09:01"));
    world.sweep();
    assert_eq!(clinic.told(), ["silent open 06:00-…"]);
    assert_eq!(clinic.excursions()[0]["sensor_id"], json!(corrected));
    // In use again, it has three intervals to speak.
    world.create(Role::Admin, &format!("/v1/sensors/{retired}/reinstate"), &json!({"reason": "Repaired"}));
    world.clock.set(&at("09:15"));
    world.sweep();
    assert_eq!(clinic.told().len(), 1);
    world.clock.set(&at("09:17"));
    world.sweep();
    assert_eq!(clinic.told(), ["silent open 06:00-…", "silent open 06:00-…"]);
    world.assert_verified();
}

fn a_silence_that_was_assessed_is_not_told_again(world: &World) {
    world.clock.set(&at("06:00"));
    let clinic = world.clinic();
    let sensor = sensor(world, &clinic.stock);
    clinic.measure(&sensor, "06:00", &[5.0]);
    world.clock.set(&at("07:00"));
    world.sweep();
    let excursion = id(&clinic.excursions()[0]);
    let assessed = clinic.assess(&excursion, &json!({"disposition": "release", "reason": "Its battery was empty"}));
    assert_eq!((&assessed["state"], &assessed["minutes"]), (&json!("assessed"), &json!(60)));
    world.clock.set(&at("08:00"));
    world.sweep();
    // As it is corrected, somebody looks again, and knows it.
    world.patch(&format!("/v1/sensors/{sensor}"), &json!({"name": "Lower shelf"}));
    world.clock.set(&at("09:00"));
    world.sweep();
    assert_eq!(clinic.told(), ["silent assessed 06:00-07:00"]);
    clinic.measure(&sensor, "08:55", &[5.0]);
    assert_eq!(clinic.told(), ["silent assessed 06:00-07:00", "silent closed 07:00-08:55"]);
    assert_eq!(clinic.excursions()[1]["extends"], json!(excursion));
    world.assert_verified();
}

fn several_who_look_for_a_silence_find_it_once(world: &World) {
    world.clock.set(&at("06:00"));
    let clinic = world.clinic();
    let sensors: Vec<String> = (0..5).map(|_| sensor(world, &clinic.stock)).collect();
    for sensor in &sensors {
        clinic.measure(sensor, "06:00", &[5.0]);
    }
    world.clock.set(&at("07:00"));
    // As several processes do, while one of the sensors speaks again.
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| world.sweep());
        }
        scope.spawn(|| clinic.measure(&sensors[4], "06:59", &[5.0]));
    });
    let told = clinic.told();
    assert_eq!(told.iter().filter(|row| *row == "silent open 06:00-…").count(), 4, "{told:?}");
    assert_eq!(told.iter().filter(|row| *row == "silent closed 06:00-06:59").count(), 1, "{told:?}");
    assert_eq!(told.len(), 5, "{told:?}");
    world.assert_verified();
}

/// A clinic with units of a lot that an excursion holds: the lot and the excursion.
fn exposed<'a>(world: &'a World, units: i64) -> (Clinic<'a>, String, String, String) {
    world.clock.set(&at("06:00"));
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("L-1", units);
    let sensor = sensor(world, &clinic.stock);
    world.clock.set(&at("09:00"));
    clinic.measure(&sensor, "07:55", &[5.0, 9.0, 9.0, 9.0, 9.0, 9.0, 9.0, 9.0, 5.0]);
    assert_eq!(clinic.told(), ["above closed 08:00-08:35"]);
    let excursion = id(&clinic.excursions()[0]);
    (clinic, lot, sensor, excursion)
}

fn released_units_are_free_where_nothing_else_holds_them(world: &World) {
    let (clinic, lot, _, excursion) = exposed(world, 6);
    let second = clinic.another_fridge();
    clinic.transfer_units(&lot, &clinic.stock, &clinic.quarantine, 2);
    let hold = clinic.hold(&lot);
    clinic.assert_stock(&lot, &[(&clinic.stock, BY_EXCURSION, 4), (&clinic.quarantine, BY_EXCURSION, 2)]);
    let release = json!({"disposition": "release", "reason": "Within what the manufacturer allows"});
    let path = format!("/v1/excursions/{excursion}/assessments");
    let (status, _) = world.post(Role::Practitioner, &path, &release);
    assert_eq!(status, 403);
    let said = clinic.assess(&excursion, &release);
    assert_eq!(said["state"], "assessed");
    assert_eq!(said["lots"], json!([{"lot_id": lot, "units_exposed": 6, "held": false}]));
    clinic.assert_stock(&lot, &[(&clinic.stock, "held", 4), (&clinic.quarantine, "held", 2)]);
    world.create(Role::Quality, &format!("/v1/holds/{}/lift", id(&hold)), &json!({"reason": "Unrelated"}));
    clinic.assert_stock(&lot, &[(&clinic.stock, "available", 4), (&clinic.quarantine, "quarantined", 2)]);
    assert_eq!(clinic.administer(&lot, 1).0, 201);
    let answer = world.http.post_with(&world.token(Role::Quality), &path, &[], &release);
    assert_problem(&answer, 409, "excursion_assessed", "a second time");
    let _ = second;
    world.assert_verified();
}

fn released_units_may_have_an_earlier_expiry(world: &World) {
    let (clinic, lot, _, excursion) = exposed(world, 4);
    let more = clinic.receive_inspect_release("L-1", 2);
    assert_eq!(more, lot);
    let path = format!("/v1/excursions/{excursion}/assessments");
    let body = json!({"disposition": "destroy", "new_expiry": "2026-09-30", "reason": "No"});
    let answer = world.http.post_with(&world.token(Role::Quality), &path, &[], &body);
    assert_problem(&answer, 422, "invalid_value", "an expiry of what is destroyed");
    clinic.assess(&excursion, &json!({"disposition": "release", "new_expiry": "2026-09-30", "reason": "Shorter"}));
    // Only those that were exposed, and they are used first.
    let items = world.read(&format!("/v1/stock?lot_id={lot}"));
    let found: Vec<_> = items["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| (item["effective_expiry"].clone(), item["units"].clone(), item["state"].clone()))
        .collect();
    assert_eq!(
        found,
        [(json!("2026-09-30"), json!(4), json!("available")), (json!(EXPIRY), json!(2), json!("available"))]
    );
    assert_eq!(clinic.administer(&lot, 4).0, 201);
    let left = world.read(&format!("/v1/stock?lot_id={lot}"));
    assert_eq!(left["items"][0]["effective_expiry"], json!(EXPIRY));
    world.clock.set("2026-10-02T09:00:00Z");
    world.assert_verified();
}

fn what_goes_back_or_is_destroyed_is_rejected(world: &World) {
    let (clinic, lot, _, excursion) = exposed(world, 4);
    clinic.assess(&excursion, &json!({"disposition": "destroy", "reason": "Too long"}));
    clinic.assert_stock(&lot, &[(&clinic.stock, "rejected", 4)]);
    clinic.assert_refused(
        Role::Practitioner,
        "/v1/administrations",
        &clinic.administration(&lot, 1),
        &["lot_rejected"],
    );
    let body = json!({"lot_id": lot, "from_location_id": clinic.stock, "units": 4, "reason": "As assessed"});
    world.create(Role::Quality, "/v1/destructions", &body);
    assert_eq!(clinic.reconciliation(&lot)["destroyed"], 4);
    world.assert_verified();
}

fn what_was_assessed_stays_and_what_goes_beyond_extends_it(world: &World) {
    world.clock.set(&at("06:00"));
    let clinic = world.clinic();
    let (lot, gone) = (clinic.receive_inspect_release("L-1", 2), clinic.receive_inspect_release("L-2", 2));
    let second = clinic.another_fridge();
    let sensor = sensor(world, &clinic.stock);
    world.clock.set(&at("08:40"));
    clinic.measure(&sensor, "08:00", &[9.0; 8]);
    assert_eq!(clinic.told(), ["above open 08:00-…"]);
    let first = id(&clinic.excursions()[0]);
    clinic.assess(&first, &json!({"disposition": "release", "reason": "Short enough"}));
    clinic.assert_stock(&lot, &[(&clinic.stock, "available", 2)]);
    // Known until 08:35. What is released leaves at 08:41; the same goes on until 09:00.
    world.clock.set(&at("08:41"));
    clinic.transfer_units(&gone, &clinic.stock, &second, 2);
    world.clock.set(&at("09:30"));
    clinic.measure(&sensor, "08:40", &[9.0, 9.0, 9.0, 9.0, 5.0]);
    assert_eq!(clinic.told(), ["above assessed 08:00-08:35", "above closed 08:35-09:00"]);
    let extended = clinic.excursions()[1].clone();
    assert_eq!(extended["extends"], json!(first));
    clinic.assert_stock(&lot, &[(&clinic.stock, BY_EXCURSION, 2)]);
    // These were there until 08:41: longer than anybody assessed.
    clinic.assert_stock(&gone, &[(&second, BY_EXCURSION, 2)]);
    let before = world.read(&format!("/v1/excursions/{first}"));
    // What came before it extends it, too; within it nothing changes.
    clinic.measure(&sensor, "07:50", &[9.0, 9.0]);
    send(world, &[reading(&sensor, &at("08:12"), 12.5)]);
    assert_eq!(world.read(&format!("/v1/excursions/{first}")), before);
    assert_eq!(clinic.told()[0], "above closed 07:50-08:00");
    assert_eq!(clinic.excursions()[0]["extends"], json!(first));
    world.assert_verified();
}

fn packs_are_held_by_their_number(world: &World) {
    world.clock.set(&at("06:00"));
    let clinic = world.clinic();
    let lines = json!([{"gtin": super::support::clinic::GTIN, "lot": "S-1", "expiry": EXPIRY, "packs": 3, "serials": ["A", "B", "C"]}]);
    let made = world.create(Role::Purchaser, "/v1/receipts", &clinic.receipt(lines));
    let lot = made["lines"][0]["lot_id"].as_str().unwrap().to_owned();
    world.create(Role::Purchaser, "/v1/inspections", &clinic.inspection(&id(&made), &lot, 6, 0));
    world.create(Role::Quality, &format!("/v1/lots/{lot}/releases"), &clinic.release(6));
    let second = clinic.another_fridge();
    let sensor = sensor(world, &clinic.stock);
    let moved = json!({
        "lot_id": lot, "from_location_id": clinic.stock, "to_location_id": second, "units": 2, "serials": ["B"], "reason": "Restocking"
    });
    world.clock.set(&at("07:00"));
    world.create(Role::Quality, "/v1/transfers", &moved);
    world.clock.set(&at("09:00"));
    clinic.measure(&sensor, "07:55", &[5.0, 1.9, 1.9, 1.9, 1.9, 1.9, 1.9, 1.9, 5.0]);
    assert_eq!(clinic.told(), ["below closed 08:00-08:35"]);
    // A and C were there, B was not.
    clinic.assert_stock(&lot, &[(&clinic.stock, BY_EXCURSION, 4), (&second, "available", 2)]);
    let asked = |serial: &str| {
        let mut asked = clinic.administration(&lot, 1);
        asked["serial"] = json!(serial);
        asked
    };
    clinic.assert_refused(Role::Practitioner, "/v1/administrations", &asked("A"), &["lot_on_hold"]);
    assert_eq!(world.post(Role::Practitioner, "/v1/administrations", &asked("B")).0, 201);
    clinic.assess(&id(&clinic.excursions()[0]), &json!({"disposition": "release", "reason": "Liquid throughout"}));
    assert_eq!(world.post(Role::Practitioner, "/v1/administrations", &asked("A")).0, 201);
    world.assert_verified();
}

fn what_is_entered_late_was_there_then(world: &World) {
    let (clinic, lot, _, excursion) = exposed(world, 10);
    let second = clinic.another_fridge();
    // At 07:00, before it began, three went to the second fridge; at 08:10, during it, two were used, and one at 08:50.
    let late = |time: &str, mut body: Value| {
        body["occurred_at"] = json!(at(time));
        body
    };
    let moved = json!({
        "lot_id": lot, "from_location_id": clinic.stock, "to_location_id": second, "units": 3, "reason": "Restocking", "occurred_at": at("07:00")
    });
    world.create(Role::Quality, "/v1/transfers", &moved);
    clinic.assert_stock(&lot, &[(&clinic.stock, BY_EXCURSION, 7), (&second, "available", 3)]);
    world.create(Role::Practitioner, "/v1/administrations", &late("08:10", clinic.from(&clinic.stock, &lot, 2)));
    world.create(Role::Practitioner, "/v1/administrations", &late("08:50", clinic.from(&second, &lot, 1)));
    clinic.assert_stock(&lot, &[(&clinic.stock, BY_EXCURSION, 5), (&second, "available", 2)]);
    let used = world.read(&format!("/v1/excursions/{excursion}/administrations"));
    let units: Vec<_> = used["items"].as_array().unwrap().iter().map(|row| row["units"].as_i64().unwrap()).collect();
    assert_eq!(units.iter().sum::<i64>(), 2, "{used}");
    let found = world.read(&format!("/v1/excursions/{excursion}"));
    assert_eq!(found["lots"][0]["units_exposed"], 7);
    // And one that came there meanwhile, as is entered late, is held.
    let moved = json!({
        "lot_id": lot, "from_location_id": second, "to_location_id": clinic.stock, "units": 1, "reason": "Restocking", "occurred_at": at("08:30")
    });
    world.create(Role::Quality, "/v1/transfers", &moved);
    clinic.assert_stock(&lot, &[(&clinic.stock, BY_EXCURSION, 6), (&second, "available", 1)]);
    assert_eq!(world.read(&format!("/v1/excursions/{excursion}"))["lots"][0]["units_exposed"], 8);
    world.assert_verified();
}

fn what_is_entered_late_was_not_assessed_with_the_others(world: &World) {
    world.clock.set(&at("06:00"));
    let clinic = world.clinic();
    let (lot, other) = (clinic.receive_inspect_release("L-1", 4), clinic.receive_inspect_release("L-2", 4));
    let second = clinic.another_fridge();
    clinic.transfer_units(&other, &clinic.stock, &second, 4);
    let sensor = sensor(world, &clinic.stock);
    world.clock.set(&at("09:00"));
    clinic.measure(&sensor, "07:55", &[5.0, 9.0, 9.0, 9.0, 9.0, 9.0, 9.0, 9.0, 5.0]);
    let first = id(&clinic.excursions()[0]);
    clinic.assess(&first, &json!({"disposition": "release", "reason": "Short"}));
    clinic.assert_stock(&lot, &[(&clinic.stock, "available", 4)]);
    // Three of the other lot were there from 08:10 on: whoever assessed it did not know of them.
    let moved = json!({
        "lot_id": other, "from_location_id": second, "to_location_id": clinic.stock, "units": 3, "reason": "Restocking",
        "occurred_at": at("08:10")
    });
    world.create(Role::Quality, "/v1/transfers", &moved);
    clinic.assert_stock(&other, &[(&clinic.stock, BY_EXCURSION, 3), (&second, "available", 1)]);
    clinic.assert_stock(&lot, &[(&clinic.stock, "available", 4)]);
    assert_eq!(clinic.told(), ["above assessed 08:00-08:35", "above closed 08:00-08:35"]);
    // It stays when readings come, and takes in what else is entered late.
    send(world, &[reading(&sensor, &at("08:12"), 9.5)]);
    let moved = json!({
        "lot_id": other, "from_location_id": second, "to_location_id": clinic.stock, "units": 1, "reason": "Restocking",
        "occurred_at": at("08:20")
    });
    world.create(Role::Quality, "/v1/transfers", &moved);
    assert_eq!(clinic.told(), ["above assessed 08:00-08:35", "above closed 08:00-08:35"]);
    clinic.assert_stock(&other, &[(&clinic.stock, BY_EXCURSION, 4)]);
    let again = clinic.excursions().into_iter().find(|row| row["state"] == "closed").unwrap();
    assert_eq!(again["extends"], json!(first));
    clinic.assess(&id(&again), &json!({"disposition": "release", "reason": "Short for these, too"}));
    clinic.assert_stock(&other, &[(&clinic.stock, "available", 4)]);
    // Both are assessed now. One that went out and came back meanwhile was known to one of them.
    for (from, to, time) in [(&clinic.stock, &second, "08:25"), (&second, &clinic.stock, "08:30")] {
        let moved = json!({
            "lot_id": other, "from_location_id": from, "to_location_id": to, "units": 1, "reason": "Restocking",
            "occurred_at": at(time)
        });
        world.create(Role::Quality, "/v1/transfers", &moved);
    }
    assert_eq!(clinic.told(), ["above assessed 08:00-08:35"; 2]);
    clinic.assert_stock(&other, &[(&clinic.stock, "available", 4)]);
    world.assert_verified();
}

fn what_comes_back_from_a_patient_is_held(world: &World) {
    world.clock.set(&at("06:00"));
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("L-1", 4);
    let sensor = sensor(world, &clinic.stock);
    world.clock.set(&at("08:50"));
    let (_, used) = clinic.administer(&lot, 1);
    world.clock.set(&at("09:00"));
    clinic.measure(&sensor, "07:55", &[5.0, 9.0, 9.0, 9.0, 9.0, 9.0, 9.0, 9.0, 5.0]);
    clinic.assert_stock(&lot, &[(&clinic.stock, BY_EXCURSION, 3)]);
    let body = json!({"reason": "Not opened", "returned_to_stock": true});
    world.create(Role::Quality, &format!("/v1/administrations/{}/voids", id(&used)), &body);
    clinic.assert_stock(&lot, &[(&clinic.stock, BY_EXCURSION, 3), (&clinic.quarantine, BY_EXCURSION, 1)]);
    world.assert_verified();
}

fn a_hold_that_is_lifted_does_not_free_what_an_excursion_holds(world: &World) {
    world.clock.set(&at("06:00"));
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("L-1", 4);
    let sensor = sensor(world, &clinic.stock);
    let hold = clinic.hold(&lot);
    world.clock.set(&at("09:00"));
    clinic.measure(&sensor, "07:55", &[5.0, 9.0, 9.0, 9.0, 9.0, 9.0, 9.0, 9.0, 5.0]);
    clinic.assert_stock(&lot, &[(&clinic.stock, BY_EXCURSION, 4)]);
    world.create(Role::Quality, &format!("/v1/holds/{}/lift", id(&hold)), &json!({"reason": "Unrelated"}));
    clinic.assert_stock(&lot, &[(&clinic.stock, BY_EXCURSION, 4)]);
    clinic.assess(&id(&clinic.excursions()[0]), &json!({"disposition": "release", "reason": "Short"}));
    clinic.assert_stock(&lot, &[(&clinic.stock, "available", 4)]);
    world.assert_verified();
}

fn bouts_add_up_where_the_rule_says_so(world: &World) {
    world.clock.set(&at("06:00"));
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("L-1", 2);
    let rules = json!({
        "location_id": clinic.stock, "name": "Shelf", "interval_seconds": 300,
        "alarm_rules": [{"comparator": "above", "celsius": 8, "minutes": 20, "mode": "cumulative"}]
    });
    let sensor = id(&world.create(Role::Admin, "/v1/sensors", &rules));
    world.clock.set(&at("12:00"));
    clinic.measure(&sensor, "07:00", &[9.0, 9.0, 5.0, 5.0]);
    clinic.measure(&sensor, "07:20", &[9.0, 5.0]);
    assert_eq!(clinic.told(), Vec::<String>::new(), "fifteen minutes");
    clinic.measure(&sensor, "07:30", &[5.0, 9.0, 5.0]);
    assert_eq!(clinic.told(), ["above closed 07:00-07:40"]);
    assert_eq!(clinic.excursions()[0]["minutes"], 20);
    clinic.assert_stock(&lot, &[(&clinic.stock, BY_EXCURSION, 2)]);
    // One more is of the same alarm.
    clinic.measure(&sensor, "07:45", &[5.0, 8.0, 5.0]);
    assert_eq!(clinic.told(), ["above closed 07:00-07:55"]);
    assert_eq!(clinic.excursions()[0]["minutes"], 25);
    world.assert_verified();
}

fn an_excursion_is_seen_by_those_of_its_site(world: &World) {
    let (clinic, _, _, excursion) = exposed(world, 2);
    let elsewhere = id(&world.create(Role::Admin, "/v1/sites", &super::support::clinic::site()));
    let here =
        world.sign(&world.organisation, "quality-here", &[Role::Quality], Some(vec![clinic.site.parse().unwrap()]));
    let there =
        world.sign(&world.organisation, "quality-there", &[Role::Quality], Some(vec![elsewhere.parse().unwrap()]));
    let path = format!("/v1/excursions/{excursion}");
    assert_eq!(world.http.get(&here, &path).0, 200);
    assert_eq!(world.http.get(&there, &path).0, 404);
    assert_eq!(world.http.get(&there, "/v1/excursions").1["items"], json!([]));
    let release = json!({"disposition": "release", "reason": "Short"});
    assert_eq!(world.http.post(&there, &format!("{path}/assessments"), &release).0, 404);
    assert_eq!(world.http.post(&here, &format!("{path}/assessments"), &release).0, 201);
}

fn what_waits_for_somebody_is_told(world: &World) {
    let (clinic, _, _, excursion) = exposed(world, 2);
    let ids = |path: &str| -> Vec<String> {
        world.read(path)["open_excursions"].as_array().unwrap().iter().map(id).collect()
    };
    assert_eq!(ids("/v1/attention"), [excursion.as_str()]);
    assert_eq!(ids(&format!("/v1/attention?site_id={}", clinic.site)), [excursion.as_str()]);
    let filtered = |query: &str| world.read(&format!("/v1/excursions?{query}"))["items"].as_array().unwrap().len();
    let lot = clinic.excursions()[0]["lots"][0]["lot_id"].as_str().unwrap().to_owned();
    for (query, expected) in [
        ("state=closed".to_owned(), 1),
        ("state=open".to_owned(), 0),
        ("kind=below".to_owned(), 0),
        (format!("lot_id={lot}&kind=above"), 1),
        (format!("location_id={}", clinic.stock), 1),
        (format!("location_id={}", clinic.quarantine), 0),
        (format!("site_id={}", clinic.site), 1),
    ] {
        assert_eq!(filtered(&query), expected, "{query}");
    }
    clinic.assess(&excursion, &json!({"disposition": "release", "reason": "Short"}));
    assert_eq!(ids("/v1/attention"), Vec::<String>::new());
}
