//! Random histories of numbered packs in two watched fridges and one that nobody watches, with readings in any order of arrival,
//! against a replay that keeps of every pack where it was, minute by minute.
//!
//! The replay is written from DOMAIN rule 16 alone. It keeps no accounts and no charges: after each step it starts from nothing,
//! finds the excursions in what has arrived until then, and adds up how warm each pack was over its life.

use std::collections::BTreeMap;

use lotline::caller::Role;
use serde_json::{Value, json};

use super::excursion_histories::{Dice, Excursion, excursions};
use super::sensors::{reading, send, sensor};
use super::support::clinic::{Clinic, EXPIRY, GTIN, id};
use super::support::{World, on_both_databases};

on_both_databases!(what_budgets_cover_is_what_minutes_add_up_to,);

/// How many histories; each takes about two seconds.
const HISTORIES: u64 = 8;
/// How many packs, of two units each.
const PACKS: usize = 8;
/// Every five minutes from six o'clock on.
const READINGS: usize = 60;
/// The places: two that are watched, and one that is not.
const WATCHED: usize = 2;
/// Three hours up to 10 °C and one up to 15 °C: a minute of the one is a part, of the other three, and there are 180.
const PARTS: i64 = 180;

fn at(history: u64, minute: i64) -> String {
    format!("2026-07-{:02}T{:02}:{:02}:00Z", history + 1, 6 + minute.div_euclid(60), minute.rem_euclid(60))
}

/// How many parts of the budget a minute uses; none for what the label allows, all for what is warmer than any allowance.
fn parts(celsius: f64) -> Option<i64> {
    match celsius {
        _ if celsius <= 8.0 => None,
        _ if celsius <= 10.0 => Some(1),
        _ if celsius <= 15.0 => Some(3),
        _ => Some(PARTS + 1),
    }
}

struct Pack {
    serial: String,
    /// Where it went, and when; first where it was to begin with.
    went: Vec<(i64, Option<usize>)>,
    is_held: bool,
}

impl Pack {
    fn place(&self) -> Option<usize> {
        self.went.last().unwrap().1
    }

    /// From when until when it can have been in a place during an excursion: from the first time to the last.
    fn stay(&self, place: usize, (from, to): Excursion) -> Option<(i64, i64)> {
        let mut stays = self
            .went
            .iter()
            .enumerate()
            .filter(|(_, (_, went))| *went == Some(place))
            .map(|(step, (came, _))| (*came, self.went.get(step + 1).map_or(i64::MAX, |(left, _)| *left)));
        let during = |(came, left): &(i64, i64)| *left >= from && to.is_none_or(|to| *came <= to);
        let first = stays.clone().find(during)?.0;
        let last = stays.next_back().unwrap().1;
        Some((first.max(from), last.min(to.unwrap_or(i64::MAX))))
    }
}

struct History<'a> {
    number: u64,
    world: &'a World,
    clinic: &'a Clinic<'a>,
    places: Vec<String>,
    sensors: Vec<String>,
    lot: String,
    packs: Vec<Pack>,
    arrived: [BTreeMap<i64, f64>; WATCHED],
}

impl History<'_> {
    /// Whether too cold it was, or too warm for the budget.
    fn is_to_hold(&self, pack: &Pack) -> bool {
        // Of what was measured in one minute, in whatever places the pack can have been, the most counts.
        let mut used: BTreeMap<i64, i64> = BTreeMap::new();
        for (place, arrived) in self.arrived.iter().enumerate() {
            let all: Vec<_> = arrived.iter().map(|(minute, celsius)| (*minute, *celsius)).collect();
            for (from, to) in excursions(arrived) {
                let Some((came, left)) = pack.stay(place, (from, to)) else { continue };
                if arrived[&from] < 2.0 {
                    return true;
                }
                for (step, (minute, celsius)) in all.iter().enumerate() {
                    let is_of_it = from <= *minute && to.is_none_or(|to| *minute < to);
                    let Some(parts) = parts(*celsius).filter(|_| is_of_it) else { continue };
                    let next = all.get(step + 1).map(|(next, _)| *next);
                    let until = match next {
                        Some(next) if next - minute <= 15 => next,
                        Some(_) => minute + 5,
                        None => *minute,
                    };
                    let is_met = *minute <= left && (until > came || next.is_none());
                    if is_met && parts > PARTS {
                        return true;
                    }
                    for minute in came.max(*minute)..until.min(left) {
                        let most = used.entry(minute).or_default();
                        *most = parts.max(*most);
                    }
                }
            }
        }
        used.values().sum::<i64>() > PARTS
    }

    fn hold(&mut self) {
        let held: Vec<_> = self.packs.iter().map(|pack| pack.is_held || self.is_to_hold(pack)).collect();
        for (pack, is_held) in self.packs.iter_mut().zip(held) {
            pack.is_held = is_held && pack.place().is_some();
        }
    }

    fn move_one(&mut self, dice: &mut Dice, minute: i64) {
        let number = dice.throw(PACKS);
        let to = match dice.throw(10) {
            0 => None,
            other => Some(other % self.places.len()),
        };
        let pack = &self.packs[number];
        let Some(from) = pack.place().filter(|from| Some(*from) != to && !pack.is_held) else { return };
        match to {
            Some(to) => {
                let body = json!({
                    "lot_id": self.lot, "from_location_id": self.places[from], "to_location_id": self.places[to],
                    "units": 2, "serials": [pack.serial], "state": "available", "reason": "Restocking"
                });
                self.world.create(Role::Quality, "/v1/transfers", &body);
            }
            None => {
                let mut body = self.clinic.administration(&self.lot, 2);
                body["serial"] = json!(pack.serial);
                self.world.create(Role::Practitioner, "/v1/administrations", &body);
            }
        }
        self.packs[number].went.push((minute, to));
        self.hold();
    }

    fn arrive(&mut self, place: usize, block: &[(i64, f64)]) {
        let row = |(minute, celsius): &(i64, f64)| reading(&self.sensors[place], &at(self.number, *minute), *celsius);
        send(self.world, &block.iter().map(row).collect::<Vec<_>>());
        self.arrived[place].extend(block.iter().copied());
        self.hold();
    }

    fn check(&self, what: &str) {
        let mut told: BTreeMap<(usize, bool), i64> = BTreeMap::new();
        for item in self.world.read(&format!("/v1/stock?lot_id={}&limit=200", self.lot))["items"].as_array().unwrap() {
            let place = self.places.iter().position(|place| item["location_id"] == json!(place)).unwrap();
            *told.entry((place, item["state"] == "held")).or_default() += item["units"].as_i64().unwrap();
        }
        let mut expected: BTreeMap<(usize, bool), i64> = BTreeMap::new();
        for pack in &self.packs {
            if let Some(place) = pack.place() {
                *expected.entry((place, pack.is_held)).or_default() += 2;
            }
        }
        assert_eq!(told, expected, "{what}: {:?}", self.arrived);
    }
}

/// What a place's sensor measures, in blocks that arrive at any time after they were measured.
fn blocks(dice: &mut Dice) -> Vec<(i64, Vec<(i64, f64)>)> {
    let mut measured = Vec::new();
    while measured.len() < READINGS {
        let celsius = [5.0, 5.0, 8.0, 9.5, 9.5, 12.0, if dice.throw(4) == 0 { 30.0 } else { 10.0 }, 1.5][dice.throw(8)];
        (0..=dice.throw(11)).for_each(|_| measured.push((5 * i64::try_from(measured.len()).unwrap(), celsius)));
    }
    measured.truncate(READINGS);
    let mut blocks = Vec::new();
    while !measured.is_empty() {
        let rest = measured.split_off((1 + dice.throw(8)).min(measured.len()));
        let block = std::mem::replace(&mut measured, rest);
        let last = block[block.len() - 1].0;
        let delay = if dice.throw(2) == 0 { 1 } else { 1 + dice.throw(120) };
        blocks.push(((last + i64::try_from(delay).unwrap()).min(299), block));
    }
    blocks
}

fn begin<'a>(world: &'a World, clinic: &'a Clinic<'a>, number: u64) -> History<'a> {
    let place = |name: &str| {
        let new = json!({"site_id": clinic.site, "name": format!("{name} {number}"), "purpose": "stock", "min_c": 2, "max_c": 8});
        id(&world.create(Role::Admin, "/v1/locations", &new))
    };
    let places: Vec<_> = ["Upper", "Lower", "Cupboard"].map(place).into();
    let serials: Vec<_> = (0..PACKS).map(|pack| format!("{number}-{pack}")).collect();
    let lines =
        json!([{"gtin": GTIN, "lot": format!("B{number}"), "expiry": EXPIRY, "packs": PACKS, "serials": serials}]);
    let made = world.create(Role::Purchaser, "/v1/receipts", &clinic.receipt(lines));
    let lot = made["lines"][0]["lot_id"].as_str().unwrap().to_owned();
    let units = i64::try_from(2 * PACKS).unwrap();
    world.create(Role::Purchaser, "/v1/inspections", &clinic.inspection(&id(&made), &lot, units, 0));
    let mut release = clinic.release(units);
    release["to_location_id"] = json!(places[0]);
    world.create(Role::Quality, &format!("/v1/lots/{lot}/releases"), &release);
    let pack = |serial| Pack { serial, went: vec![(-30, Some(0))], is_held: false };
    History {
        number,
        world,
        clinic,
        sensors: places.iter().take(WATCHED).map(|place| sensor(world, place)).collect(),
        places,
        lot,
        packs: serials.into_iter().map(pack).collect(),
        arrived: Default::default(),
    }
}

fn what_budgets_cover_is_what_minutes_add_up_to(world: &World) {
    world.clock.set("2026-07-01T04:00:00Z");
    let clinic = world.clinic();
    let budget = json!([{"max_c": 10, "hours": 3}, {"max_c": 15, "hours": 1}]);
    let body = json!({"storage": {"max_c": 8}, "stability_budget": budget});
    assert_eq!(world.patch(&format!("/v1/products/{}", clinic.product), &body).status, 200);
    let (mut held, mut free_though_warm) = (0, 0);
    for seed in 0..HISTORIES {
        let mut dice = Dice(seed * 7919 + 23);
        world.clock.set(&at(seed, -30));
        let mut history = begin(world, &clinic, seed);
        let mut steps: Vec<(i64, Option<(usize, Vec<(i64, f64)>)>)> = Vec::new();
        for place in 0..WATCHED {
            steps.extend(blocks(&mut dice).into_iter().map(|(minute, block)| (minute, Some((place, block)))));
        }
        // Between readings: what happens in the very moment of one is for another test.
        for _ in 0..24 {
            steps.push((i64::try_from(5 * dice.throw(59) + 1 + dice.throw(4)).unwrap(), None));
        }
        steps.sort_by_key(|(minute, _)| *minute);
        for (minute, arriving) in steps {
            if world.clock.now().to_string() < at(seed, minute) {
                world.clock.set(&at(seed, minute));
            }
            match arriving {
                Some((place, block)) => history.arrive(place, &block),
                None => history.move_one(&mut dice, minute),
            }
            history.check(&format!("history {seed} at {}", at(seed, minute)));
        }
        held += history.packs.iter().filter(|pack| pack.is_held).count();
        let items: Value = world.read(&format!("/v1/stock?lot_id={}&state=available&limit=200", history.lot));
        free_though_warm +=
            items["items"].as_array().unwrap().iter().filter(|item| item.get("charged_ids").is_some()).count();
    }
    assert!(held > 0 && free_though_warm > 0, "{held} {free_though_warm}");
    world.assert_verified();
}
