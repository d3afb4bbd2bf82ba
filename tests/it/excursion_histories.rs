//! Random histories of movements and readings, in any order of arrival, against a replay that knows every single unit.
//!
//! The replay is written from DOMAIN rule 16 alone. It keeps no accounts: a unit is a thing that lies somewhere. After each
//! step it starts from nothing, finds the excursions in what has arrived until then, and follows every unit through them.

use std::collections::BTreeMap;

use lotline::caller::Role;
use serde_json::{Value, json};

use super::sensors::{reading, send, sensor};
use super::support::clinic::id;
use super::support::{World, on_both_databases};

on_both_databases!(what_is_held_is_what_a_replay_holds,);

/// How many histories; each takes about a second.
const HISTORIES: u64 = 12;
/// Every five minutes from six o'clock on.
const READINGS: usize = 60;

/// A minute after six o'clock of a history's day.
fn at(history: u64, minute: i64) -> String {
    format!("2026-07-{:02}T{:02}:{:02}:00Z", history + 1, 6 + minute.div_euclid(60), minute.rem_euclid(60))
}

/// A generator of numbers that is the same everywhere (Knuth's MMIX).
pub struct Dice(pub u64);

impl Dice {
    pub fn throw(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Where {
    Watched,
    Other,
    Patient,
}

/// What happened to units of a lot, by the minute.
#[derive(Clone, Debug)]
enum Deed {
    Moved { from: Where, to: Where, units: usize },
    Held { place: Where, units: usize },
}

#[derive(Clone, Debug)]
struct Happened {
    minute: i64,
    lot: usize,
    deed: Deed,
}

#[derive(Clone, Debug)]
struct Unit {
    lot: usize,
    place: Where,
    is_exposed: bool,
    is_held: bool,
}

/// From which minute until which one, if it has ended.
pub type Excursion = (i64, Option<i64>);

/// What is outside 2 to 8 °C for thirty minutes at a time: a temperature stands until the next one, and for five minutes where
/// that comes more than fifteen minutes later.
pub fn excursions(arrived: &BTreeMap<i64, f64>) -> Vec<Excursion> {
    let all: Vec<_> = arrived.iter().map(|(minute, celsius)| (*minute, *celsius)).collect();
    let mut found: Vec<Excursion> = Vec::new();
    for warm in [true, false] {
        let out = |celsius: f64| if warm { celsius > 8.0 } else { celsius < 2.0 };
        let mut minutes_out = Vec::new();
        for (place, (minute, celsius)) in all.iter().enumerate() {
            if out(*celsius) {
                let until = match all.get(place + 1) {
                    Some((next, _)) if next - minute <= 15 => *next,
                    Some(_) => minute + 5,
                    None => *minute,
                };
                minutes_out.push((*minute, until));
            }
        }
        let mut bouts: Vec<(i64, i64)> = Vec::new();
        for (from, until) in minutes_out {
            // A gap breaks a bout, also where it would touch the next.
            let before = all.iter().rev().find(|(minute, _)| *minute < from).map(|(minute, _)| *minute);
            match bouts.last_mut() {
                Some(bout) if bout.1 == from && before.is_some_and(|before| from - before <= 15) => bout.1 = until,
                _ => bouts.push((from, until)),
            }
        }
        let last = all.last().map(|(minute, _)| *minute);
        let long = bouts.into_iter().filter(|(from, until)| until - from >= 30);
        found.extend(
            long.map(|(from, until)| (from, (Some(until) != last || !out(all[all.len() - 1].1)).then_some(until))),
        );
    }
    found.sort_unstable();
    found
}

/// What no fridge, door or power cut does, beside each excursion: the minute of the first reading, of those from the one before it
/// to the one that ended it, that is more than 20 °C a minute and more than 40 °C in all away from the one before, where that
/// is at most fifteen minutes earlier.
fn jump(arrived: &BTreeMap<i64, f64>, (from, to): Excursion) -> Option<i64> {
    let begin = arrived.range(..from).next_back().map_or(from, |(minute, _)| *minute);
    let all: Vec<_> = arrived.range(begin..=to.unwrap_or(i64::MAX)).collect();
    let is_jump = |(one, next): &(&(&i64, &f64), &(&i64, &f64))| {
        let minutes = *next.0 - *one.0;
        let possible = if minutes >= 2 { 40.0 } else { 20.0 };
        minutes <= 15 && (next.1 - one.1).abs() > possible
    };
    all.iter().zip(all.iter().skip(1)).find(is_jump).map(|(_, next)| *next.0)
}

/// Every unit at the end of what happened, and which of them were exposed.
fn replay(begun: &[Unit], happened: &[Happened], excursions: &[Excursion]) -> Vec<Unit> {
    let mut units = begun.to_vec();
    let is_out = |minute: i64| excursions.iter().any(|(from, to)| *from <= minute && to.is_none_or(|to| minute <= to));
    let mut done = 0;
    for minute in 0..=300 {
        // Who is there when the minute begins, and who comes in it, is exposed.
        let expose = |units: &mut Vec<Unit>| {
            if is_out(minute) {
                units.iter_mut().filter(|unit| unit.place == Where::Watched).for_each(|unit| unit.is_exposed = true);
            }
        };
        expose(&mut units);
        while let Some(next) = happened.get(done).filter(|next| next.minute == minute) {
            done += 1;
            let (from, to, wanted, takes_exposed) = match next.deed {
                Deed::Moved { from, to, units } => (from, Some(to), units, false),
                Deed::Held { place, units } => (place, None, units, true),
            };
            let mut chosen: Vec<&mut Unit> =
                units.iter_mut().filter(|unit| unit.lot == next.lot && unit.place == from && !unit.is_held).collect();
            // Units without numbers: those that were not exposed count as having left first.
            chosen.sort_by_key(|unit| unit.is_exposed != takes_exposed);
            assert!(chosen.len() >= wanted, "{next:?}");
            for unit in chosen.into_iter().take(wanted) {
                match to {
                    Some(to) => unit.place = to,
                    None => (unit.is_held, unit.is_exposed) = (true, true),
                }
            }
            expose(&mut units);
        }
    }
    units
}

fn count(units: &[Unit], lot: usize, place: Where, is_held: bool) -> usize {
    units.iter().filter(|unit| (unit.lot, unit.place, unit.is_held) == (lot, place, is_held)).count()
}

struct History<'a> {
    number: u64,
    world: &'a World,
    clinic: super::support::clinic::Clinic<'a>,
    other: String,
    sensor: String,
    lots: Vec<String>,
    begun: Vec<Unit>,
    happened: Vec<Happened>,
    arrived: BTreeMap<i64, f64>,
}

impl History<'_> {
    fn place(&self, place: Where) -> &str {
        if place == Where::Watched { &self.clinic.stock } else { &self.other }
    }

    fn now(&self) -> Vec<Unit> {
        replay(&self.begun, &self.happened, &excursions(&self.arrived))
    }

    /// What is exposed and not held becomes so.
    fn hold(&mut self, minute: i64) {
        let now = self.now();
        for lot in 0..self.lots.len() {
            for place in [Where::Watched, Where::Other] {
                let exposed = now
                    .iter()
                    .filter(|unit| unit.lot == lot && unit.place == place && !unit.is_held && unit.is_exposed);
                let units = exposed.count();
                if units > 0 {
                    self.happened.push(Happened { minute, lot, deed: Deed::Held { place, units } });
                }
            }
        }
    }

    fn move_some(&mut self, dice: &mut Dice, minute: i64) {
        let lot = dice.throw(self.lots.len());
        let from = [Where::Watched, Where::Other][dice.throw(2)];
        let to = [Where::Watched, Where::Other, Where::Patient][dice.throw(3)];
        let free = count(&self.now(), lot, from, false);
        if from == to || free == 0 {
            return;
        }
        let units = 1 + dice.throw(free.min(3));
        let (path, body) = if to == Where::Patient {
            let mut body = self.clinic.administration(&self.lots[lot], i64::try_from(units).unwrap());
            body["location_id"] = json!(self.place(from));
            ("/v1/administrations", body)
        } else {
            let (from, to) = (self.place(from), self.place(to));
            let body = json!({
                "lot_id": self.lots[lot], "from_location_id": from, "to_location_id": to, "units": units,
                "state": "available", "reason": "Restocking"
            });
            ("/v1/transfers", body)
        };
        let role = if to == Where::Patient { Role::Practitioner } else { Role::Quality };
        self.world.create(role, path, &body);
        self.happened.push(Happened { minute, lot, deed: Deed::Moved { from, to, units } });
        self.hold(minute);
    }

    fn arrive(&mut self, minute: i64, block: &[(i64, f64)]) {
        let rows: Vec<Value> =
            block.iter().map(|(minute, celsius)| reading(&self.sensor, &at(self.number, *minute), *celsius)).collect();
        send(self.world, &rows);
        self.arrived.extend(block.iter().copied());
        self.hold(minute);
    }

    /// Held units by lot and place, as the server tells.
    fn told(&self) -> BTreeMap<(usize, Where, bool), usize> {
        let mut told = BTreeMap::new();
        for (lot, id) in self.lots.iter().enumerate() {
            for item in self.world.read(&format!("/v1/stock?lot_id={id}&limit=200"))["items"].as_array().unwrap() {
                let place = if item["location_id"] == json!(self.clinic.stock) { Where::Watched } else { Where::Other };
                let is_held = item["state"] == "held";
                assert_eq!(is_held, item.get("excursion_ids").is_some(), "{item}");
                *told.entry((lot, place, is_held)).or_default() +=
                    usize::try_from(item["units"].as_u64().unwrap()).unwrap();
            }
        }
        told
    }

    fn check(&self, what: &str) {
        let mut expected = BTreeMap::new();
        for unit in self.now().iter().filter(|unit| unit.place != Where::Patient) {
            *expected.entry((unit.lot, unit.place, unit.is_held)).or_default() += 1;
        }
        assert_eq!(self.told(), expected, "{what}: {:?} {:?}", self.happened, excursions(&self.arrived));
        // Of each: when it began and ended, and what speaks against its sensor.
        let minute = |at: &Value| at.as_str().map_or("…".to_owned(), |at| at[..16].to_owned());
        let suspicions = |item: &Value| -> String {
            let found = item["suspicions"].as_array().unwrap().iter();
            found.map(|found| format!(" {} {}", found["code"].as_str().unwrap(), minute(&found["at"]))).collect()
        };
        let all = self.world.read(&format!("/v1/excursions?sensor_id={}&limit=200", self.sensor));
        let counts = |item: &&Value| item["kind"] != "silent" && item["state"] != "withdrawn";
        let mut told: Vec<String> = (all["items"].as_array().unwrap().iter().filter(counts))
            .map(|item| format!("{} {}{}", minute(&item["opened_at"]), minute(&item["closed_at"]), suspicions(item)))
            .collect();
        told.sort();
        let text = |minute: i64| at(self.number, minute)[..16].to_owned();
        let mut expected: Vec<String> = excursions(&self.arrived)
            .into_iter()
            .map(|(from, to)| {
                let jump = jump(&self.arrived, (from, to)).map(|minute| format!(" sensor_jump {}", text(minute)));
                format!("{} {}{}", text(from), to.map_or("…".to_owned(), text), jump.unwrap_or_default())
            })
            .collect();
        expected.sort();
        assert_eq!(told, expected, "{what}: {:?}", self.arrived);
    }
}

fn what_is_held_is_what_a_replay_holds(world: &World) {
    world.clock.set("2026-07-01T05:00:00Z");
    let mut begun = world.clinic();
    for seed in 0..HISTORIES {
        let mut dice = Dice(seed * 7919 + 17);
        world.clock.set(&at(seed, -30));
        let place = |name: &str| {
            let new = json!({"site_id": begun.site, "name": format!("{name} {seed}"), "purpose": "stock", "min_c": 2, "max_c": 8});
            id(&world.create(Role::Admin, "/v1/locations", &new))
        };
        let (stock, other) = (place("Watched"), place("Other"));
        begun.stock = stock.clone();
        let lots: Vec<String> = (0..2).map(|lot| begun.receive_inspect_release(&format!("H{seed}-{lot}"), 8)).collect();
        let units = (0..2).flat_map(|lot| {
            (0..8).map(move |_| Unit { lot, place: Where::Watched, is_exposed: false, is_held: false })
        });
        let mut history = History {
            number: seed,
            world,
            sensor: sensor(world, &stock),
            other,
            lots,
            begun: units.collect(),
            happened: Vec::new(),
            arrived: BTreeMap::new(),
            clinic: begun,
        };
        // What is measured: spells of a temperature each. They arrive in blocks, at any time after they were measured.
        let mut measured = Vec::new();
        while measured.len() < READINGS {
            let celsius = [5.0, 5.0, 8.0, 9.5, 12.0, 1.5, 49.0, -33.0][dice.throw(8)];
            (0..=dice.throw(11)).for_each(|_| measured.push((5 * i64::try_from(measured.len()).unwrap(), celsius)));
        }
        measured.truncate(READINGS);
        let mut steps: Vec<(i64, Option<Vec<(i64, f64)>>)> = Vec::new();
        while !measured.is_empty() {
            let most = [3, 8][dice.throw(2)];
            let rest = measured.split_off((1 + dice.throw(most)).min(measured.len()));
            let block = std::mem::replace(&mut measured, rest);
            let last = block[block.len() - 1].0;
            let delay = if dice.throw(2) == 0 { 1 } else { 1 + dice.throw(120) };
            steps.push(((last + i64::try_from(delay).unwrap()).min(299), Some(block)));
        }
        // Between readings: what happens in the very moment of one is for another test.
        let between = |dice: &mut Dice| i64::try_from(5 * dice.throw(59) + 1 + dice.throw(4)).unwrap();
        (0..14).for_each(|_| steps.push((between(&mut dice), None)));
        steps.sort_by_key(|(minute, _)| *minute);
        for (minute, block) in steps {
            if world.clock.now().to_string() < at(seed, minute) {
                world.clock.set(&at(seed, minute));
            }
            match block {
                Some(block) => history.arrive(minute, &block),
                None => history.move_some(&mut dice, minute),
            }
            history.check(&format!("history {seed} at {}", at(seed, minute)));
        }
        begun = history.clinic;
    }
    world.assert_verified();
}
