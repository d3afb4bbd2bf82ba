//! Random histories of recalls, against a replay that is written from DOMAIN rules 12, 21, 22, 22a and 23 alone.
//!
//! The replay keeps neither accounts nor holds. Units lie somewhere, and have come so far: uninspected, passed, free to use, rejected.
//! What is free and named by an open recall, or by somebody's hold, is held: that is asked anew after every step. What a recall
//! names is worked out from what was sent to open it.

use std::collections::{BTreeMap, BTreeSet};

use lotline::caller::Role;
use serde_json::{Value, json};

use super::excursion_histories::Dice;
use super::support::client::codes;
use super::support::clinic::{Clinic, EXPIRY, gtin, id, licence, location, product, site};
use super::support::{Kind, World, on_both_databases};

on_both_databases!(what_a_recall_holds_and_tells_is_what_a_replay_says,);

const STEPS: usize = 45;

/// Where units lie. The last is at another site.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Quarantine,
    Stock,
    Fridge,
    Elsewhere,
}

/// How far units have come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Base {
    Uninspected,
    Passed,
    Free,
    Rejected,
}

/// A lot that may come: of the first product or the second, with numbered packs or not, and when it was made.
struct Kindred {
    product: usize,
    is_numbered: bool,
    made: Option<&'static str>,
}

const LOTS: [Kindred; 5] = [
    Kindred { product: 0, is_numbered: false, made: Some("2026-01-10") },
    Kindred { product: 0, is_numbered: true, made: Some("2026-02-10") },
    Kindred { product: 0, is_numbered: false, made: None },
    Kindred { product: 0, is_numbered: true, made: None },
    Kindred { product: 1, is_numbered: false, made: Some("2026-01-20") },
];

/// A unit is of a lot and, if it is numbered, of a pack.
type Pack = (usize, Option<usize>);

/// What a recall was opened with.
#[derive(Clone, Debug, Default)]
struct Named {
    product: usize,
    lots: Vec<usize>,
    serials: Vec<usize>,
    range: Option<(usize, usize)>,
    made: Option<(&'static str, &'static str)>,
    /// A lot that never comes.
    nothing: bool,
}

impl Named {
    fn takes(&self, (lot, serial): Pack) -> bool {
        let whole = self.lots.is_empty()
            && self.serials.is_empty()
            && self.range.is_none()
            && self.made.is_none()
            && !self.nothing;
        let is_made = self.made.is_some_and(|(from, to)| LOTS[lot].made.is_some_and(|day| from <= day && day <= to));
        let is_numbered = serial.is_some_and(|serial| {
            self.serials.contains(&serial) || self.range.is_some_and(|(from, to)| from <= serial && serial <= to)
        });
        LOTS[lot].product == self.product && (whole || self.lots.contains(&lot) || is_made || is_numbered)
    }

    /// Whether all of a lot is taken, whatever packs it has.
    fn takes_lot(&self, lot: usize) -> bool {
        self.takes((lot, None))
    }
}

struct Recall {
    id: String,
    named: Named,
    /// Lots that somebody has said are meant, too.
    taken_in: Vec<usize>,
    /// What it covered when it was closed.
    closed: Option<BTreeSet<Pack>>,
}

struct Given {
    id: String,
    pack: Pack,
    units: i64,
    patient: String,
    is_void: bool,
    /// Of what the books never had.
    is_extra: bool,
}

struct Receipt {
    id: String,
    lot: usize,
}

struct History<'a> {
    number: usize,
    clinic: &'a Clinic<'a>,
    elsewhere: &'a str,
    fridge: &'a str,
    gtins: [String; 2],
    is_second_known: bool,
    lots: [Option<String>; LOTS.len()],
    /// The lot of each pack with a number.
    packs: Vec<usize>,
    receipts: Vec<Receipt>,
    units: BTreeMap<(Pack, Place, Base), i64>,
    /// By lot and pack.
    received: BTreeMap<Pack, i64>,
    gone: BTreeMap<(Pack, &'static str), i64>,
    adjusted: BTreeMap<usize, i64>,
    given: Vec<Given>,
    recalls: Vec<Recall>,
    holds: Vec<(usize, String)>,
    counts: Counts,
}

/// How often what matters has happened: histories in which nothing does would prove nothing.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    recalls: usize,
    refused_at_the_chair: usize,
    refused_releases: usize,
    given: usize,
    released: usize,
    arrived_recalled: usize,
    closed: usize,
}

fn quality() -> Role {
    Role::Quality
}

impl History<'_> {
    fn place(&self, place: Place) -> &str {
        match place {
            Place::Quarantine => &self.clinic.quarantine,
            Place::Stock => &self.clinic.stock,
            Place::Fridge => self.fridge,
            Place::Elsewhere => self.elsewhere,
        }
    }

    fn serial(&self, serial: usize) -> String {
        format!("H{:02}S{serial:02}", self.number)
    }

    fn text(&self, lot: usize) -> String {
        format!("H{:02}L{lot}", self.number)
    }

    fn post(&self, path: &str, role: Role, body: &Value) -> (u16, Value) {
        let (status, answer) = self.clinic.post(role, path, body);
        assert!(status < 500, "{path} {body} answered {status}: {answer}");
        (status, answer)
    }

    fn add(&mut self, pack: Pack, place: Place, base: Base, units: i64) {
        let there = self.units.entry((pack, place, base)).or_default();
        *there += units;
        assert!(*there >= 0, "the replay itself went below zero: {pack:?} {place:?} {base:?}");
    }

    fn there(&self, pack: Pack, place: Place, base: Base) -> i64 {
        self.units.get(&(pack, place, base)).copied().unwrap_or(0)
    }

    fn recalled(&self, pack: Pack) -> bool {
        self.recalls.iter().any(|recall| recall.closed.is_none() && recall.takes(pack))
    }

    fn is_held(&self, pack: Pack) -> bool {
        self.recalled(pack) || self.holds.iter().any(|(lot, _)| *lot == pack.0)
    }

    fn state(&self, pack: Pack, base: Base) -> &'static str {
        match base {
            Base::Uninspected => "quarantined",
            Base::Passed => "passed",
            Base::Free if self.is_held(pack) => "held",
            Base::Free => "available",
            Base::Rejected => "rejected",
        }
    }

    /// DOMAIN rule 12: quarantine is left by a release alone, so what was held there is quarantined when nothing holds it any more.
    fn settle(&mut self) {
        let apart: Vec<_> = (self.units.iter())
            .filter(|((pack, place, base), units)| {
                (*place, *base) == (Place::Quarantine, Base::Free) && **units > 0 && !self.is_held(*pack)
            })
            .map(|((pack, ..), units)| (*pack, *units))
            .collect();
        for (pack, units) in apart {
            self.add(pack, Place::Quarantine, Base::Free, -units);
            self.add(pack, Place::Quarantine, Base::Uninspected, units);
        }
    }

    /// Some units of a lot that lie somewhere; and of which sort they are.
    fn pick(
        &self,
        dice: &mut Dice,
        lot: usize,
        wanted: impl Fn(Place, Base) -> bool,
    ) -> Option<(Pack, Place, Base, i64)> {
        let found: Vec<_> = (self.units.iter())
            .filter(|((pack, place, base), units)| pack.0 == lot && **units > 0 && wanted(*place, *base))
            .collect();
        let ((pack, place, base), units) = found.get(dice.throw(found.len().max(1)))?;
        Some((*pack, *place, *base, 1 + i64::try_from(dice.throw(usize::try_from(**units).unwrap().min(3))).unwrap()))
    }

    fn serials(&self, pack: Pack) -> Value {
        pack.1.map_or(json!([]), |serial| json!([self.serial(serial)]))
    }

    fn step(&mut self, dice: &mut Dice) {
        let lot = dice.throw(LOTS.len());
        match dice.throw(22) {
            0..=2 => self.receive(dice, lot),
            3..=4 => self.inspect(dice, lot),
            // What must not go wrong is tried wherever there is something to try it with.
            5..=7 => self.release(dice),
            8..=11 => self.administer(dice),
            12 => self.transfer(dice, lot),
            13 | 14 => self.remove(dice, lot),
            15 => self.void(dice),
            16 => self.hold_or_lift(dice, lot),
            17 => self.count(dice, lot),
            18 | 19 => self.recall(dice),
            20 => self.take_in(dice, lot),
            _ => self.close(dice),
        }
        self.settle();
    }

    fn receive(&mut self, dice: &mut Dice, lot: usize) {
        let kind = &LOTS[lot];
        if kind.product == 1 && !self.is_second_known {
            self.clinic.create(Role::Admin, "/v1/products", &product(&self.gtins[1]));
            self.is_second_known = true;
        }
        let packs = 1 + dice.throw(2);
        let mut line = json!({
            "gtin": self.gtins[kind.product], "lot": self.text(lot), "expiry": EXPIRY, "packs": packs,
        });
        if let Some(made) = kind.made {
            line["production_date"] = json!(made);
        }
        let mut come: Vec<Pack> = vec![(lot, None); packs];
        if kind.is_numbered {
            come = (0..packs).map(|number| (lot, Some(self.packs.len() + number))).collect();
            self.packs.extend(vec![lot; packs]);
            line["serials"] = come.iter().map(|pack| self.serial(pack.1.unwrap())).collect();
        }
        let made = self.clinic.create(Role::Purchaser, "/v1/receipts", &self.clinic.receipt(json!([line])));
        self.lots[lot] = Some(made["lines"][0]["lot_id"].as_str().unwrap().to_owned());
        self.receipts.push(Receipt { id: id(&made), lot });
        for pack in come {
            self.add(pack, Place::Quarantine, Base::Uninspected, 2);
            *self.received.entry(pack).or_default() += 2;
            self.counts.arrived_recalled += usize::from(self.recalled(pack));
        }
    }

    fn inspect(&mut self, dice: &mut Dice, lot: usize) {
        let wanted = |place, base| (place, base) == (Place::Quarantine, Base::Uninspected);
        let Some((pack, ..)) = self.pick(dice, lot, wanted) else { return };
        let receipts: Vec<_> = self.receipts.iter().filter(|receipt| receipt.lot == lot).collect();
        let Some(receipt) = receipts.get(dice.throw(receipts.len().max(1))) else { return };
        let most = self.there(pack, Place::Quarantine, Base::Uninspected).min(4);
        let failed = i64::from(dice.throw(5) == 0 && pack.1.is_none());
        let passed = most - failed;
        let mut body = self.clinic.inspection(&receipt.id, self.lots[lot].as_ref().unwrap(), passed, failed);
        body["serials_passed"] = self.serials(pack);
        // Which units a receipt still has to show is not for this replay: it may be refused.
        if self.post("/v1/inspections", Role::Purchaser, &body).0 == 201 {
            self.add(pack, Place::Quarantine, Base::Uninspected, -most);
            self.add(pack, Place::Quarantine, Base::Passed, passed);
            self.add(pack, Place::Quarantine, Base::Rejected, failed);
        }
    }

    /// A lot of which some units lie so.
    fn lot_with(&self, dice: &mut Dice, wanted: impl Fn(Place, Base) -> bool) -> usize {
        let there = self.units.iter().filter(|((_, place, base), units)| **units > 0 && wanted(*place, *base));
        let lots: BTreeSet<usize> = there.map(|((pack, ..), _)| pack.0).collect();
        let chosen = dice.throw(lots.len().max(1));
        lots.into_iter().nth(chosen).unwrap_or_else(|| dice.throw(LOTS.len()))
    }

    fn release(&mut self, dice: &mut Dice) {
        let wanted = |place, base| (place, base) == (Place::Quarantine, Base::Passed);
        let lot = self.lot_with(dice, wanted);
        let Some((pack, _, _, units)) = self.pick(dice, lot, wanted) else { return };
        let mut body = self.clinic.release(units);
        body["serials"] = self.serials(pack);
        let path = format!("/v1/lots/{}/releases", self.lots[lot].as_ref().unwrap());
        let (status, answer) = self.post(&path, quality(), &body);
        let said = codes(&answer);
        if self.is_held(pack) {
            assert_eq!(status, 409, "released under a recall or a hold: {pack:?} {answer}");
            assert_eq!(said.contains(&"lot_recalled".to_owned()), self.recalled(pack), "{pack:?} {answer}");
            self.counts.refused_releases += usize::from(self.recalled(pack));
        } else {
            assert_eq!(status, 201, "{pack:?} {answer}");
            self.add(pack, Place::Quarantine, Base::Passed, -units);
            self.add(pack, Place::Stock, Base::Free, units);
            self.counts.released += 1;
        }
    }

    fn administer(&mut self, dice: &mut Dice) {
        let wanted = |place, base| matches!(place, Place::Stock | Place::Fridge) && base == Base::Free;
        let lot = self.lot_with(dice, wanted);
        let Some((pack, place, _, units)) = self.pick(dice, lot, wanted) else {
            let lot = dice.throw(LOTS.len());
            return self.administer_what_never_came(dice, lot);
        };
        let patient = format!("P-{}-{}", self.number, self.given.len());
        let mut body = self.clinic.administration(self.lots[lot].as_ref().unwrap(), units);
        (body["location_id"], body["patient_ref"]) = (json!(self.place(place)), json!(patient));
        if let Some(serial) = pack.1 {
            body["serial"] = json!(self.serial(serial));
        }
        let (status, answer) = self.post("/v1/administrations", Role::Practitioner, &body);
        let said = codes(&answer);
        if self.is_held(pack) {
            assert_eq!(status, 409, "used under a recall or a hold: {pack:?} {answer}");
            assert_eq!(said.contains(&"lot_recalled".to_owned()), self.recalled(pack), "{pack:?} {answer}");
            self.counts.refused_at_the_chair += usize::from(self.recalled(pack));
        } else {
            assert_eq!(status, 201, "{pack:?} {answer}");
            self.add(pack, place, Base::Free, -units);
            self.given.push(Given { id: id(&answer), pack, units, patient, is_void: false, is_extra: false });
            self.counts.given += 1;
        }
    }

    /// DOMAIN rule 20: what happened is recorded, though the books do not have it.
    fn administer_what_never_came(&mut self, dice: &mut Dice, lot: usize) {
        let is_empty = self.units.iter().all(|((pack, ..), units)| pack.0 != lot || *units == 0);
        if LOTS[lot].is_numbered || self.lots[lot].is_none() || !is_empty || dice.throw(2) == 0 {
            return;
        }
        let patient = format!("P-{}-{}", self.number, self.given.len());
        let mut body = self.clinic.administration(self.lots[lot].as_ref().unwrap(), 1);
        body["patient_ref"] = json!(patient);
        body["retrospective"] = json!({"reason": "Found in the paper notes"});
        let (status, answer) = self.post("/v1/administrations", Role::Practitioner, &body);
        assert_eq!(status, 201, "{answer}");
        *self.adjusted.entry(lot).or_default() += 1;
        let pack = (lot, None);
        self.given.push(Given { id: id(&answer), pack, units: 1, patient, is_void: false, is_extra: true });
    }

    fn transfer(&mut self, dice: &mut Dice, lot: usize) {
        let wanted = |place, base| place != Place::Quarantine && matches!(base, Base::Free | Base::Uninspected);
        let Some((pack, from, base, units)) = self.pick(dice, lot, wanted) else { return };
        let to = [Place::Quarantine, Place::Stock, Place::Fridge, Place::Elsewhere][dice.throw(4)];
        if from == to {
            return;
        }
        let state = self.state(pack, base);
        let body = json!({
            "lot_id": self.lots[lot], "from_location_id": self.place(from), "to_location_id": self.place(to),
            "units": units, "serials": self.serials(pack), "state": state, "reason": "Restocking",
        });
        let (status, answer) = self.post("/v1/transfers", quality(), &body);
        // Setting apart is never refused; into stock goes only what is available.
        let is_allowed = to == Place::Quarantine || state == "available";
        assert_eq!(status, if is_allowed { 201 } else { 409 }, "{pack:?} {state} to {to:?}: {answer}");
        if is_allowed {
            let comes_as = if (to, state) == (Place::Quarantine, "available") { Base::Uninspected } else { base };
            self.add(pack, from, base, -units);
            self.add(pack, to, comes_as, units);
        }
    }

    fn remove(&mut self, dice: &mut Dice, lot: usize) {
        let Some((pack, from, base, units)) = self.pick(dice, lot, |_, _| true) else { return };
        let (path, kind) =
            [("wastages", "wasted"), ("returns", "returned"), ("destructions", "destroyed")][dice.throw(3)];
        let body = json!({
            "lot_id": self.lots[lot], "from_location_id": self.place(from), "units": units,
            "serials": self.serials(pack), "state": self.state(pack, base), "reason": "Out",
        });
        let (status, answer) = self.post(&format!("/v1/{path}"), quality(), &body);
        // DOMAIN rule 11; rule 20: nothing else forbids that units leave for good.
        let is_allowed = !(kind == "wasted" && base == Base::Rejected);
        assert_eq!(status, if is_allowed { 201 } else { 409 }, "{path} {pack:?} {base:?}: {answer}");
        if is_allowed {
            self.add(pack, from, base, -units);
            *self.gone.entry((pack, kind)).or_default() += units;
        }
    }

    /// DOMAIN rule 23: back into quarantine, never into stock.
    fn void(&mut self, dice: &mut Dice) {
        let standing: Vec<_> = (0..self.given.len()).filter(|place| !self.given[*place].is_void).collect();
        let Some(place) = standing.get(dice.throw(standing.len().max(1))).copied() else { return };
        let is_back = dice.throw(2) == 0;
        let body = json!({"reason": "Wrong patient", "returned_to_stock": is_back});
        let path = format!("/v1/administrations/{}/voids", self.given[place].id);
        self.clinic.create(quality(), &path, &body);
        self.given[place].is_void = true;
        let Given { pack, units, is_extra, .. } = self.given[place];
        if is_extra && is_back {
            *self.adjusted.entry(pack.0).or_default() -= units;
        } else if is_back {
            self.add(pack, Place::Quarantine, Base::Uninspected, units);
        } else if is_extra {
            *self.adjusted.entry(pack.0).or_default() -= units;
        } else {
            *self.gone.entry((pack, "wasted")).or_default() += units;
        }
    }

    fn hold_or_lift(&mut self, dice: &mut Dice, lot: usize) {
        let Some(lot_id) = &self.lots[lot] else { return };
        if self.holds.is_empty() {
            self.holds.push((lot, id(&self.clinic.hold(lot_id))));
        } else {
            let (_, hold) = self.holds.remove(dice.throw(self.holds.len()));
            self.clinic.create(quality(), &format!("/v1/holds/{hold}/lift"), &json!({"reason": "Reviewed"}));
        }
    }

    /// DOMAIN rule 22a: what is found beyond the books is quarantined.
    fn count(&mut self, dice: &mut Dice, lot: usize) {
        let place = [Place::Stock, Place::Fridge, Place::Quarantine][dice.throw(3)];
        let pack = (lot, None);
        let here: Vec<(Base, i64)> = (self.units.iter())
            .filter(|((of, at, _), units)| (*of, *at) == (pack, place) && **units > 0)
            .map(|((.., base), units)| (*base, *units))
            .collect();
        if LOTS[lot].is_numbered || here.is_empty() {
            return;
        }
        let units: i64 = here.iter().map(|(_, units)| units).sum();
        let difference = [-1, 0, 1, 2][dice.throw(4)];
        // What is missing is of one sort only: of which it would be otherwise is for another test.
        if difference < 0 && here.len() > 1 {
            return;
        }
        let body = json!({
            "lot_id": self.lots[lot], "location_id": self.place(place), "units_counted": units + difference,
            "reason": "Monthly count",
        });
        let count = self.clinic.create(quality(), "/v1/counts", &body);
        if difference > 0 {
            let token = self.clinic.token_as("olga", &[quality()]);
            let path = format!("/v1/movements/{}/approvals", id(&count));
            let (status, answer) = self.clinic.http.post(&token, &path, &json!({"reason": "Counted again"}));
            assert_eq!(status, 201, "{answer}");
            self.add(pack, place, Base::Uninspected, difference);
        } else {
            self.add(pack, place, here[0].0, difference);
        }
        *self.adjusted.entry(lot).or_default() += difference;
    }

    fn recall(&mut self, dice: &mut Dice) {
        if self.recalls.len() >= 5 {
            return;
        }
        let mut named = Named::default();
        let soon = self.packs.len() + 3;
        match dice.throw(8) {
            0 => named.lots = vec![dice.throw(4)],
            1 => named.lots = vec![dice.throw(4), dice.throw(4)],
            2 => named.serials = (0..3).map(|_| dice.throw(soon)).collect(),
            3 => named.range = Some((dice.throw(soon) / 2, soon / 2 + dice.throw(soon) / 2)),
            4 => named.made = Some([("2026-01-01", "2026-01-31"), ("2026-01-11", "2026-02-10")][dice.throw(2)]),
            5 => (named.lots, named.serials) = (vec![dice.throw(4)], vec![dice.throw(soon)]),
            6 => (named.product, named.lots) = (1, [vec![], vec![4]][dice.throw(2)].clone()),
            _ => named.nothing = true,
        }
        for names in [&mut named.serials, &mut named.lots] {
            names.sort_unstable();
            names.dedup();
        }
        let mut body = json!({
            "reference": format!("FSN-{}-{}", self.number, self.recalls.len()), "classification": "class_2",
            "gtin": self.gtins[named.product], "reason": "Wrong needle in some packs",
        });
        // Whoever types a notice does not care for case.
        let mut lots: Vec<String> = named.lots.iter().map(|lot| self.text(*lot).to_lowercase()).collect();
        lots.extend(named.nothing.then(|| format!("H{:02}NEVER", self.number)));
        if !lots.is_empty() {
            body["lots"] = json!(lots);
        }
        if !named.serials.is_empty() {
            body["serials"] = named.serials.iter().map(|serial| self.serial(*serial)).collect();
        }
        if let Some((from, to)) = named.range {
            body["serial_ranges"] = json!([{"from": self.serial(from), "to": self.serial(to)}]);
        }
        if let Some((from, to)) = named.made {
            body["manufactured"] = json!({"from": from, "to": to});
        }
        let made = self.clinic.create(quality(), "/v1/recalls", &body);
        self.recalls.push(Recall { id: id(&made), named, taken_in: Vec::new(), closed: None });
        self.counts.recalls += 1;
    }

    /// Somebody says that a lot is meant, too.
    fn take_in(&mut self, dice: &mut Dice, lot: usize) {
        let open: Vec<_> = (0..self.recalls.len()).filter(|place| self.recalls[*place].closed.is_none()).collect();
        let (Some(lot_id), Some(place)) = (&self.lots[lot], open.get(dice.throw(open.len().max(1)))) else { return };
        let recall = &self.recalls[*place];
        let body = json!({"lot_id": lot_id, "reason": "The notice means this one, too"});
        let (status, answer) = self.post(&format!("/v1/recalls/{}/lots", recall.id), quality(), &body);
        let expected = match recall {
            _ if LOTS[lot].product != recall.named.product => 422,
            _ if recall.named.takes_lot(lot) || recall.taken_in.contains(&lot) => 409,
            _ => 201,
        };
        assert_eq!(status, expected, "{:?} {lot}: {answer}", recall.named);
        if status == 201 {
            self.recalls[*place].taken_in.push(lot);
        }
    }

    fn close(&mut self, dice: &mut Dice) {
        let open: Vec<_> = (0..self.recalls.len()).filter(|place| self.recalls[*place].closed.is_none()).collect();
        let Some(place) = open.get(dice.throw(open.len().max(1))).copied() else { return };
        let remaining = ["release", "release", "return", "destroy"][dice.throw(4)];
        let token = self.clinic.token_as("olga", &[quality()]);
        let path = format!("/v1/recalls/{}/close", self.recalls[place].id);
        let body = json!({"remaining": remaining, "reason": "The maker says so"});
        let (status, answer) = self.clinic.http.post(&token, &path, &body);
        assert_eq!(status, 200, "{answer}");
        let covered = self.covered(&self.recalls[place]);
        if remaining != "release" {
            let left: Vec<_> = (self.units.iter())
                .filter(|((pack, _, base), _)| *base != Base::Rejected && self.recalls[place].takes(*pack))
                .map(|(key, units)| (*key, *units))
                .collect();
            for ((pack, at, base), units) in left {
                self.add(pack, at, base, -units);
                self.add(pack, at, Base::Rejected, units);
            }
        }
        self.recalls[place].closed = Some(covered);
        self.counts.closed += 1;
    }

    /// What is known of what a recall takes: lots as a whole, or packs.
    fn covered(&self, recall: &Recall) -> BTreeSet<Pack> {
        if let Some(covered) = &recall.closed {
            return covered.clone();
        }
        let lots = (0..LOTS.len()).filter(|lot| self.lots[*lot].is_some() && recall.takes((*lot, None)));
        let whole: BTreeSet<usize> = lots.collect();
        let packs = self.packs.iter().enumerate().map(|(serial, lot)| (*lot, Some(serial)));
        let of_packs = packs.filter(|pack| recall.takes(*pack) && !whole.contains(&pack.0));
        of_packs.chain(whole.iter().map(|lot| (*lot, None))).collect()
    }

    /// Stock by place and state is what the replay says.
    fn check_stock(&self, what: &str) {
        let (mut told, mut expected) = (BTreeMap::new(), BTreeMap::new());
        for (lot, lot_id) in self.lots.iter().enumerate() {
            let Some(lot_id) = lot_id else { continue };
            let stock = self.clinic.read(&format!("/v1/stock?lot_id={lot_id}&limit=200"));
            for item in stock["items"].as_array().unwrap() {
                let key = (lot, text(&item["location_id"]), text(&item["state"]));
                *told.entry(key).or_insert(0) += item["units"].as_i64().unwrap();
            }
        }
        for ((pack, place, base), units) in self.units.iter().filter(|(_, units)| **units > 0) {
            let key = (pack.0, self.place(*place).to_owned(), self.state(*pack, *base).to_owned());
            *expected.entry(key).or_insert(0) += *units;
        }
        assert_eq!(told, expected, "{what}: stock");
    }

    /// What a recall covers, and what became of that.
    fn check_recall(&self, recall: &Recall, dice: &mut Dice, what: &str) {
        let what =
            format!("{what}: {:?} with {:?}, closed: {}", recall.named, recall.taken_in, recall.closed.is_some());
        let covered = self.covered(recall);
        let is_covered = |pack: Pack| covered.contains(&pack) || covered.contains(&(pack.0, None));
        let shown = self.clinic.read(&format!("/v1/recalls/{}", recall.id));
        let mut told: BTreeSet<(String, Option<String>)> = BTreeSet::new();
        for lot in shown["covered"].as_array().unwrap() {
            match lot.get("serials") {
                Some(serials) => {
                    let serials = serials.as_array().unwrap().iter();
                    told.extend(serials.map(|serial| (text(&lot["lot_id"]), Some(text(serial)))));
                }
                None => drop(told.insert((text(&lot["lot_id"]), None))),
            }
        }
        let named = |(lot, serial): &Pack| {
            (self.lots[*lot].clone().unwrap_or_default(), serial.map(|serial| self.serial(serial)))
        };
        assert_eq!(told, covered.iter().map(named).collect(), "{what}: covered");

        let Told { lists, totals, is_balanced } = self.impact(&recall.id, dice);
        let mut on_hand: BTreeMap<Vec<String>, i64> = BTreeMap::new();
        for ((pack, place, base), units) in self.units.iter().filter(|(key, units)| **units > 0 && is_covered(key.0)) {
            let site = if *place == Place::Elsewhere { "elsewhere" } else { "here" };
            let lot = self.lots[pack.0].clone().unwrap();
            let state = self.state(*pack, *base).to_owned();
            *on_hand.entry(vec![site.to_owned(), self.place(*place).to_owned(), lot, state]).or_default() += units;
        }
        let mut told: BTreeMap<Vec<String>, i64> = BTreeMap::new();
        for row in &lists["on_hand"] {
            let site = if row["site_id"] == json!(self.clinic.site) { "here" } else { "elsewhere" };
            let key = ["location_id", "lot_id", "state"].map(|field| text(&row[field]));
            *told.entry([vec![site.to_owned()], key.to_vec()].concat()).or_default() += row["units"].as_i64().unwrap();
        }
        assert_eq!(told, on_hand, "{what}: on hand");

        let given: Vec<_> = self.given.iter().filter(|given| !given.is_void && is_covered(given.pack)).collect();
        let expected: BTreeSet<_> = (given.iter())
            .map(|given| {
                let serial = given.pack.1.map(|serial| self.serial(serial));
                let lot = self.lots[given.pack.0].clone().unwrap();
                json!([given.id, given.patient, self.clinic.practitioner, lot, serial, given.units]).to_string()
            })
            .collect();
        let told: Vec<_> = (lists["administered"].iter())
            .map(|row| {
                let fields = ["administration_id", "patient_ref", "practitioner_id", "lot_id", "serial", "units"];
                json!(fields.map(|field| row[field].clone())).to_string()
            })
            .collect();
        assert_eq!(told.len(), expected.len(), "{what}: administered, each once");
        assert_eq!(told.into_iter().collect::<BTreeSet<_>>(), expected, "{what}: administered");

        let administered: i64 = given.iter().map(|given| given.units).sum();
        let gone = |kind: &str| -> i64 {
            let all = self.gone.iter().filter(|((pack, of), _)| *of == kind && is_covered(*pack));
            all.map(|(_, units)| units).sum()
        };
        for kind in ["returned", "wasted", "destroyed", "lost"] {
            let told: i64 = lists[kind].iter().map(|row| row["units"].as_i64().unwrap()).sum();
            assert_eq!(told, gone(kind), "{what}: {kind}");
        }
        let received: i64 = self.received.iter().filter(|(pack, _)| is_covered(**pack)).map(|(_, units)| units).sum();
        let adjusted: i64 =
            self.adjusted.iter().filter(|(lot, _)| covered.contains(&(**lot, None))).map(|(_, units)| units).sum();
        let on_hand: i64 = on_hand.values().sum();
        let expected = json!({
            "received": received, "on_hand": on_hand, "administered": administered, "returned": gone("returned"),
            "wasted": gone("wasted"), "destroyed": gone("destroyed"), "lost": 0, "adjusted": adjusted,
        });
        assert_eq!((&totals, is_balanced), (&expected, true), "{what}: totals");
        let campaign = &shown["campaign"];
        let said = (&campaign["administrations"], &campaign["outstanding"]["units_on_hand"]);
        assert_eq!(said, (&json!(given.len()), &json!(on_hand)), "{what}: {campaign}");
    }

    /// The impact of a recall, by pages of any size.
    fn impact(&self, recall: &str, dice: &mut Dice) -> Told {
        let limit = [1, 2, 3, 1000, 1000, 1000][dice.throw(6)];
        let mut told = Told::default();
        let mut cursor = String::new();
        loop {
            let page = self.clinic.read(&format!("/v1/recalls/{recall}/impact?limit={limit}{cursor}"));
            for list in ["on_hand", "administered", "returned", "wasted", "destroyed", "lost"] {
                told.lists.entry(list).or_default().extend(page[list].as_array().unwrap().iter().cloned());
            }
            (told.totals, told.is_balanced) = (page["totals"].clone(), page["balanced"] == json!(true));
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return told,
            }
        }
    }
}

#[derive(Default)]
struct Told {
    lists: BTreeMap<&'static str, Vec<Value>>,
    totals: Value,
    is_balanced: bool,
}

impl Recall {
    fn takes(&self, pack: Pack) -> bool {
        self.named.takes(pack) || self.taken_in.contains(&pack.0)
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn what_a_recall_holds_and_tells_is_what_a_replay_says(world: &World) {
    let clinic = world.clinic();
    let create = |path: &str, body: &Value| id(&world.create(Role::Admin, path, body));
    let fridge = create("/v1/locations", &location(&clinic.site, "stock"));
    let second = create("/v1/sites", &site());
    world.checked_licence(&licence(("site", &second), "facility", "CQC", "1-200"));
    let elsewhere = create("/v1/locations", &location(&second, "stock"));
    let histories = if matches!(world.database.kind, Kind::Sqlite) { 12 } else { 4 };
    let mut counts = Counts::default();
    for number in 0..histories {
        let mut dice = Dice(u64::try_from(number).unwrap() * 6_007 + 29);
        let of = |place: usize| gtin(u32::try_from(100 + 2 * number + place).unwrap());
        let gtins = [of(0), of(1)];
        world.create(Role::Admin, "/v1/products", &product(&gtins[0]));
        let mut history = History {
            number,
            clinic: &clinic,
            elsewhere: &elsewhere,
            fridge: &fridge,
            gtins,
            is_second_known: false,
            lots: Default::default(),
            packs: Vec::new(),
            receipts: Vec::new(),
            units: BTreeMap::new(),
            received: BTreeMap::new(),
            gone: BTreeMap::new(),
            adjusted: BTreeMap::new(),
            given: Vec::new(),
            recalls: Vec::new(),
            holds: Vec::new(),
            counts,
        };
        // The first two lots are in use when it begins; the others come when they come.
        for lot in [0, 1, 0, 1] {
            history.receive(&mut dice, lot);
            history.inspect(&mut dice, lot);
            history.release(&mut dice);
        }
        for step in 0..STEPS {
            history.step(&mut dice);
            let what = format!("history {number}, step {step}");
            history.check_stock(&what);
            for recall in &history.recalls {
                history.check_recall(recall, &mut dice, &what);
            }
        }
        counts = history.counts;
    }
    let Counts { recalls, refused_at_the_chair, refused_releases, given, released, arrived_recalled, closed } = counts;
    let each = [recalls, given, released, closed];
    assert!(each.iter().all(|count| *count >= histories), "{counts:?} in {histories} histories");
    let each = [refused_at_the_chair, refused_releases, arrived_recalled];
    assert!(each.iter().all(|count| *count >= histories / 4), "{counts:?} in {histories} histories");
    world.assert_verified();
}
