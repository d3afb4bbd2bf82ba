//! Random histories: people who do everything that can be done, in any order, entered at any time.

mod visits;

use std::cell::RefCell;
use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, Utc};
use lotline::caller::Role;
use lotline::ids::OrganisationId;
use serde_json::{Value, json};

use self::visits::{AREAS, PATIENTS, documents};
use super::first_out::{Hand, first_out};
use super::journal::{Event, Moment, day, moment, text};
use super::verdict::Violation;
use crate::support::World;
use crate::support::client::codes;
use crate::support::clinic::{GTIN, gtin, id, licence, location, product};

/// One step: what is done, and a number to choose everything by.
pub type Step = (u8, u64);

/// Steps are numbered below this.
pub const STEPS: u8 = 60;

/// Who does what: quality may inspect, too, and must not release what they inspected.
const INSPECTORS: [&str; 4] = ["ada", "bert", "quinn", "rose"];
const QUALITY: [&str; 2] = ["quinn", "rose"];

/// A number that is used up by choosing.
struct Dice(u64);

impl Dice {
    fn pick(&mut self, sides: usize) -> usize {
        let sides = sides.max(1) as u64;
        let found = self.0 % sides;
        self.0 = (self.0 / sides) ^ self.0.rotate_left(29);
        found as usize
    }

    fn of<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        if all.is_empty() { None } else { all.get(self.pick(all.len())) }
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.pick(100) < percent
    }
}

/// What the generator remembers of a lot.
struct Lot {
    text: String,
    gtin: String,
    expiry: &'static str,
    yymmdd: &'static str,
    numbered: bool,
    suppliers: Vec<usize>,
    id: Option<String>,
    serials: Vec<String>,
    receipts: Vec<Value>,
    administrations: Vec<String>,
}

/// Units of a lot that lie somewhere.
#[derive(Clone, Debug)]
struct Lying {
    kind: String,
    location: String,
    account: String,
    serial: Option<String>,
    units: i64,
}

/// What was learnt over all histories.
#[derive(Default)]
pub struct Tally {
    /// How often each thing was done, and how often it was not.
    pub done: BTreeMap<&'static str, (usize, usize)>,
    /// Why something was refused, at the chair and at releases.
    pub refused: BTreeMap<String, usize>,
    /// How many units of each sort reports have told.
    pub told: crate::periods::Told,
}

/// A history in an organisation of its own.
pub struct History<'a> {
    world: &'a World,
    tally: &'a RefCell<Tally>,
    organisation: OrganisationId,
    sites: [String; 2],
    /// Places of the first site, and then of the second: two to quarantine in, two for stock; one of each.
    quarantines: Vec<String>,
    stocks: Vec<String>,
    products: [String; 2],
    /// Vetted, suspended now and then, licensed late, never licensed, denied, approved for something else.
    suppliers: Vec<String>,
    practitioners: [String; 2],
    /// Licences that change: those of the first, second and third supplier, the second practitioner, the second site.
    licences: Vec<String>,
    /// Those of them that are lost now.
    lost: Vec<String>,
    lots: Vec<Lot>,
    holds: Vec<String>,
    /// Counts whose difference waits, and who of quality counted.
    waiting: Vec<(String, usize)>,
    moments: Vec<Moment>,
    /// Visits, each with its patient and its site.
    visits: Vec<(String, String, usize)>,
    prescriptions: Vec<String>,
    /// What the generator saw itself.
    pub seen: Vec<Violation>,
}

impl<'a> History<'a> {
    /// A clinic with two sites, and a little of each lot in stock.
    pub fn begin(world: &'a World, number: usize, tally: &'a RefCell<Tally>) -> Self {
        world.clock.set(crate::support::world::START);
        let mut history = History {
            organisation: world.register_organisation(&format!("History {number}")),
            world,
            tally,
            sites: [String::new(), String::new()],
            quarantines: Vec::new(),
            stocks: Vec::new(),
            products: [String::new(), String::new()],
            suppliers: Vec::new(),
            practitioners: [String::new(), String::new()],
            licences: Vec::new(),
            lost: Vec::new(),
            lots: Vec::new(),
            holds: Vec::new(),
            waiting: Vec::new(),
            moments: Vec::new(),
            visits: Vec::new(),
            prescriptions: Vec::new(),
            seen: Vec::new(),
        };
        history.register();
        let lot = |text: &str, gtin: &str, (expiry, yymmdd), numbered, suppliers: &[usize]| Lot {
            text: format!("{text}{number}"),
            gtin: gtin.to_owned(),
            expiry,
            yymmdd,
            numbered,
            suppliers: suppliers.to_vec(),
            id: None,
            serials: Vec::new(),
            receipts: Vec::new(),
            administrations: Vec::new(),
        };
        let (long, short, other) = (("2027-06-30", "270630"), ("2026-07-04", "260704"), gtin(7));
        history.lots = vec![
            lot("GOOD", GTIN, long, false, &[0]),
            lot("MIXED", GTIN, long, false, &[0, 1, 2, 3, 4, 5]),
            lot("NUMBERED", &other, long, true, &[0, 0, 1, 2, 3, 4]),
            lot("SHORT", GTIN, short, false, &[0, 0, 2]),
        ];
        for lot in 0..history.lots.len() {
            history.stock_up(lot, 0, &mut Dice(0x9e37_79b9_7f4a_7c15 + lot as u64));
        }
        history
    }

    fn register(&mut self) {
        let create = |path: &str, body: Value| {
            let (status, made) = self.send("admin", path, &body);
            assert_eq!(status, 201, "POST {path} {body}: {made}");
            id(&made)
        };
        let site = |name: &str, zone: &str| {
            create("/v1/sites", json!({"name": name, "jurisdiction": "GB-ENG", "time_zone": zone}))
        };
        let sites = [site("Harley Street", "Europe/London"), site("Far away", "Pacific/Auckland")];
        let place = |site: usize, purpose: &str, name: &str| {
            let mut body = location(&sites[site], purpose);
            body["name"] = json!(name);
            create("/v1/locations", body)
        };
        let quarantines =
            vec![place(0, "quarantine", "Q1"), place(0, "quarantine", "Q2"), place(1, "quarantine", "Q3")];
        let stocks = vec![place(0, "stock", "S1"), place(0, "stock", "S2"), place(1, "stock", "S3")];
        let products = [create("/v1/products", product(GTIN)), create("/v1/products", product(&gtin(7)))];
        let suppliers: Vec<_> = ["Good", "Unsteady", "Late", "Unlicensed", "Denied", "Elsewhere"]
            .into_iter()
            .map(|name| {
                let classes = if name == "Elsewhere" { ["neuromodulator"] } else { ["hybrid_filler"] };
                create("/v1/suppliers", json!({"name": name, "country": "GB", "approved_classes": classes}))
            })
            .collect();
        let practitioner = |body| create("/v1/practitioners", body);
        let practitioners = [
            practitioner(json!({"name": "Dr A. Example", "profession": "doctor", "subject": "dr-a"})),
            practitioner(json!({"name": "Dr B. Example", "profession": "doctor"})),
        ];
        let licensed = |holder: (&str, &str), kind: &str, authority: &str, number: &str, checked: bool| {
            let made = create("/v1/licences", licence(holder, kind, authority, number));
            if checked {
                let check = json!({"outcome": "verified", "source": "the public register"});
                create(&format!("/v1/licences/{made}/checks"), check);
            }
            made
        };
        let mut licences: Vec<_> = [(0, true), (1, true), (2, false), (4, true), (5, true)]
            .into_iter()
            .map(|(supplier, checked)| {
                let holder = ("supplier", suppliers[supplier].as_str());
                licensed(holder, "wholesale", "MHRA", &format!("WDA 10{supplier}"), checked)
            })
            .collect();
        licences.truncate(3);
        for (place, number) in ["1234567", "7654321"].into_iter().enumerate() {
            let holder = ("practitioner", practitioners[place].as_str());
            let made = licensed(holder, "professional_registration", "GMC", number, true);
            if place == 1 {
                licensed(holder, "prescriber", "GMC", number, true);
            }
            // more often than others
            licences.extend((place == 1).then_some([made.clone(), made]).into_iter().flatten());
        }
        for (place, number) in ["1-100", "1-101"].into_iter().enumerate() {
            let made = licensed(("site", &sites[place]), "facility", "CQC", number, true);
            licences.extend((place == 1).then_some(made));
        }
        (self.sites, self.quarantines, self.stocks, self.products) = (sites, quarantines, stocks, products);
        (self.suppliers, self.practitioners, self.licences) = (suppliers, practitioners, licences);
        let denied = self.suppliers[4].clone();
        self.set_policy(|policy| policy["denied_suppliers"] = json!([denied]));
        for document in documents(&self.products[0]) {
            let (status, made) = self.send("admin", "/v1/protocols", &document);
            assert_eq!(status, 201, "{document}: {made}");
        }
    }

    /// Does one thing.
    pub fn take(&mut self, (what, number): Step) {
        let mut dice = Dice(number);
        let minutes = match dice.pick(20) {
            0 | 1 => 60 * (1 + dice.pick(30)),
            2..=5 => 30 + dice.pick(240),
            _ => 1 + dice.pick(30),
        };
        let now = moment(&self.world.clock.now().to_string()) + minutes as i64 * 60_000_000;
        self.world.clock.set(&written(now));
        let lot = [0, 1, 1, 1, 2, 2, 2, 3][dice.pick(8)];
        match what {
            0..=3 => self.receive(lot, &mut dice),
            4..=9 => self.inspect(lot, &mut dice),
            10..=15 => self.release(lot, &mut dice),
            16..=19 => {
                let any = *dice.of(&self.lots[lot].suppliers.clone()).unwrap();
                let supplier = if dice.chance(75) { 0 } else { any };
                self.stock_up(lot, supplier, &mut dice);
            }
            20..=22 => self.transfer(lot, &mut dice),
            23..=25 => self.remove(lot, &mut dice),
            26 | 27 => {
                if dice.chance(25) {
                    self.review(&mut dice);
                }
                self.count(lot, &mut dice);
            }
            28..=30 => self.hold(lot, &mut dice),
            31..=33 => self.lift(&mut dice),
            34..=36 => self.void(lot, &mut dice),
            37 => self.take_back(lot, &mut dice),
            38 => self.correct(lot, &mut dice),
            39..=42 => self.check(&mut dice),
            43 => self.change_policy(&mut dice),
            44 => self.correct_supplier(&mut dice),
            45 => self.stock_take(&mut dice),
            46..=49 => self.visit(&mut dice),
            // what must not go wrong is done most often
            _ => self.administer(lot, &mut dice),
        }
    }

    /// The journal of the organisation.
    pub fn journal(&self) -> Vec<Event> {
        super::journal_of(&self.world.database, &self.organisation)
    }

    /// What the service says of each lot.
    pub fn reconciliations(&self) -> Vec<(String, Value)> {
        let lots = self.lots.iter().filter_map(|lot| lot.id.clone());
        lots.map(|lot| {
            let (status, found) = self.get(&format!("/v1/lots/{lot}"));
            assert_eq!(status, 200, "{found}");
            (lot, found["reconciliation"].clone())
        })
        .collect()
    }

    pub fn token(&self, who: &str) -> String {
        let roles: &[Role] = match who {
            "admin" => &[Role::Admin],
            "auditor" => &[Role::Auditor],
            "quinn" | "rose" => &[Role::Quality, Role::Purchaser],
            "ada" | "bert" => &[Role::Purchaser],
            _ => &[Role::Practitioner],
        };
        TOKENS.with_borrow_mut(|tokens| {
            let sign = || self.world.sign(&self.organisation, who, roles, None);
            tokens.entry((self.organisation.to_string(), who.to_owned())).or_insert_with(sign).clone()
        })
    }

    fn get(&self, path: &str) -> (u16, Value) {
        self.world.http.get(&self.token("auditor"), path)
    }

    fn send(&self, who: &str, path: &str, body: &Value) -> (u16, Value) {
        let (status, answer) = self.world.http.post(&self.token(who), path, body);
        assert!(status < 500, "{path} {body} answered {status}: {answer}");
        (status, answer)
    }

    /// Asks for something: what was made, or why it was refused.
    fn ask(&mut self, what: &'static str, who: &str, path: &str, body: &Value) -> Result<Value, Value> {
        let (status, answer) = self.send(who, path, body);
        let made = status < 300;
        let mut tally = self.tally.borrow_mut();
        let (done, refused) = tally.done.entry(what).or_default();
        *(if made { done } else { refused }) += 1;
        if ["administration", "release"].contains(&what) && !made {
            let said = answer["code"].as_str().filter(|code| *code != "gate_refused").map(str::to_owned);
            for code in codes(&answer).into_iter().chain(said) {
                *tally.refused.entry(format!("{what}: {code}")).or_default() += 1;
            }
        }
        drop(tally);
        if !made {
            return Err(answer);
        }
        let at = answer["occurred_at"].as_str().map_or_else(|| self.now(), moment);
        self.moments.push(at);
        Ok(answer)
    }

    fn now(&self) -> Moment {
        moment(&self.world.clock.now().to_string())
    }

    /// When something happened: mostly now; otherwise some time ago, or just before, at or after something else.
    fn when(&self, dice: &mut Dice) -> Option<String> {
        let (now, minute) = (self.now(), 60_000_000);
        let at = match dice.pick(12) {
            0..=5 => return None,
            6 => now - minute * (1 + dice.pick(120) as i64),
            7 => now - minute * 60 * (1 + dice.pick(90) as i64),
            8 | 9 => {
                let (one, other) = (dice.of(&self.moments).copied(), dice.of(&self.moments).copied());
                i64::midpoint(one.unwrap_or(now), other.unwrap_or(now))
            }
            _ => {
                let near = dice.of(&self.moments).copied().unwrap_or(now);
                near + [-60 * minute, -minute, -1_000_000, 0, 1_000_000, minute][dice.pick(6)]
            }
        };
        (at <= now).then(|| written(at))
    }

    /// Where units of a lot lie: each pack, and what belongs to none.
    fn lying(&self, lot: usize) -> Vec<Lying> {
        let Some(lot) = &self.lots[lot].id else { return Vec::new() };
        let inside = format!("a.lot_id = '{lot}' AND a.location_id IS NOT NULL");
        let row = |serial: &str, units: &str| {
            format!("a.kind || '|' || a.location_id || '|' || a.id || '|' || {serial} || '|' || CAST({units} AS TEXT)")
        };
        let of_packs = "(SELECT COALESCE(SUM(b.units), 0) FROM pack_balances b WHERE b.account_id = a.id)";
        let query = format!(
            "SELECT {} AS line FROM accounts a WHERE {inside} AND a.units > {of_packs} UNION ALL \
             SELECT {} FROM accounts a JOIN pack_balances b ON b.account_id = a.id JOIN packs p ON p.id = b.pack_id \
             WHERE {inside} AND b.units > 0 ORDER BY 1",
            row("''", &format!("(a.units - {of_packs})")),
            row("p.serial", "b.units"),
        );
        let read = |line: String| {
            let parts: Vec<_> = line.split('|').map(str::to_owned).collect();
            Lying {
                kind: parts[0].clone(),
                location: parts[1].clone(),
                account: parts[2].clone(),
                serial: Some(parts[3].clone()).filter(|serial| !serial.is_empty()),
                units: parts[4].parse().unwrap(),
            }
        };
        self.world.database.lines(&query).into_iter().map(read).collect()
    }

    /// A lot with units in one of these dispositions, mostly: this one, or the next.
    fn lot_with(&self, kinds: &[&str], lot: usize, dice: &mut Dice) -> usize {
        let has = |lot: usize| self.lying(lot).iter().any(|lying| kinds.contains(&lying.kind.as_str()));
        let mut others =
            (lot..lot + if dice.chance(90) { self.lots.len() } else { 1 }).map(|lot| lot % self.lots.len());
        others.find(|lot| has(*lot)).unwrap_or(lot)
    }

    /// Units of a lot in one of these dispositions, or sometimes in any.
    fn some_of(&self, lot: usize, kinds: &[&str], dice: &mut Dice) -> Option<Lying> {
        let all = self.lying(lot);
        let fitting: Vec<_> = all.iter().filter(|lying| kinds.contains(&lying.kind.as_str())).cloned().collect();
        if fitting.is_empty() || dice.chance(8) { dice.of(&all).cloned() } else { dice.of(&fitting).cloned() }
    }

    fn site_of(&self, location: &str) -> usize {
        usize::from(location == self.quarantines[2] || location == self.stocks[2])
    }

    fn of_site<'b>(&self, places: &'b [String], site: usize, dice: &mut Dice) -> &'b str {
        if site == 1 { &places[2] } else { &places[dice.pick(2)] }
    }

    fn receive(&mut self, lot: usize, dice: &mut Dice) {
        let when = self.when(dice);
        let supplier = *dice.of(&self.lots[lot].suppliers.clone()).unwrap();
        let site = usize::from(dice.chance(20));
        self.arrive(lot, supplier, site, when, dice);
    }

    fn arrive(
        &mut self,
        lot: usize,
        supplier: usize,
        site: usize,
        when: Option<String>,
        dice: &mut Dice,
    ) -> Option<Value> {
        let place = self.of_site(&self.quarantines, site, dice).to_owned();
        let again = dice.chance(10);
        let books = &mut self.lots[lot];
        let mut line = json!({"gtin": books.gtin, "lot": books.text, "expiry": books.expiry});
        line["packs"] = json!(1 + dice.pick(4));
        if books.numbered {
            let serial = match dice.of(&books.serials).filter(|_| again) {
                Some(known) => known.clone(),
                None => format!("{}S{}", books.text, books.serials.len()),
            };
            line["serial"] = json!(serial);
            line["packs"] = json!(1);
        }
        let serial = line["serial"].as_str().map(str::to_owned);
        let body = json!({
            "supplier_id": self.suppliers[supplier], "site_id": self.sites[site], "location_id": place,
            "lines": [line]
        });
        let made = self.ask("receipt", "ada", "/v1/receipts", &at(body, when)).ok()?;
        let books = &mut self.lots[lot];
        books.id = made["lines"][0]["lot_id"].as_str().map(str::to_owned);
        books.receipts.push(made.clone());
        if let Some(serial) = serial.filter(|serial| !books.serials.contains(serial)) {
            books.serials.push(serial);
        }
        Some(made)
    }

    /// A delivery that goes the way it should.
    fn stock_up(&mut self, lot: usize, supplier: usize, dice: &mut Dice) {
        let site = usize::from(dice.chance(15));
        let Some(receipt) = self.arrive(lot, supplier, site, None, dice) else { return };
        let (location, units) =
            (receipt["location_id"].as_str().unwrap(), receipt["lines"][0]["units"].as_i64().unwrap());
        let serial = receipt["lines"][0]["serials"][0].as_str().map(str::to_owned);
        let item = Lying {
            kind: "quarantined".to_owned(),
            location: location.to_owned(),
            account: String::new(),
            serial,
            units,
        };
        self.inspect_units(lot, &item, (units, 0), true, Some(id(&receipt)), "ada", None);
        let to = self.of_site(&self.stocks, site, dice).to_owned();
        self.release_units(lot, &item, units, &to, "quinn", None);
    }

    fn inspect(&mut self, lot: usize, dice: &mut Dice) {
        let when = self.when(dice);
        // A pass is looked at again when the checklist has grown.
        let kinds: &[&str] = if dice.chance(10) { &["passed"] } else { &["quarantined"] };
        let lot = self.lot_with(kinds, lot, dice);
        let Some(item) = self.some_of(lot, kinds, dice) else { return };
        let units = if dice.chance(60) { item.units } else { 1 + dice.pick(item.units as usize) as i64 };
        let failed = if dice.chance(20) { 1 + dice.pick(units as usize) as i64 } else { 0 };
        let complete = !dice.chance(20);
        let inspector = INSPECTORS[dice.pick(4)];
        let receipt = dice.of(&self.lots[lot].receipts).map(id).filter(|_| dice.chance(25));
        let failed = if item.serial.is_some() && failed > 0 { units } else { failed };
        self.inspect_units(lot, &item, (units - failed, failed), complete, receipt, inspector, when);
    }

    #[allow(clippy::too_many_arguments)] // an inspection has that many
    fn inspect_units(
        &mut self,
        lot: usize,
        item: &Lying,
        (passed, failed): (i64, i64),
        complete: bool,
        receipt: Option<String>,
        inspector: &str,
        when: Option<String>,
    ) {
        let Some(lot_id) = self.lots[lot].id.clone() else { return };
        let pass = |criterion: &&str| json!({"criterion": criterion, "result": "pass"});
        let criteria = ["outer_carton_intact", "tamper_evidence_intact", "label_legible", "unit_count_correct"];
        let mut checks: Vec<_> = criteria[..if complete { 4 } else { 2 }].iter().map(pass).collect();
        if failed > 0 {
            checks[0] = json!({"criterion": criteria[0], "result": "fail", "note": "It is torn"});
        }
        let mut body = json!({"lot_id": lot_id, "units_passed": passed, "units_failed": failed, "checks": checks});
        match receipt {
            Some(receipt) => body["receipt_id"] = json!(receipt),
            None => body["location_id"] = json!(item.location),
        }
        if let Some(serial) = &item.serial {
            let field = if failed > 0 { "serials_failed" } else { "serials_passed" };
            body[field] = json!([serial]);
        }
        _ = self.ask("inspection", inspector, "/v1/inspections", &at(body, when));
    }

    fn release(&mut self, lot: usize, dice: &mut Dice) {
        let when = self.when(dice);
        let lot = self.lot_with(&["passed"], lot, dice);
        let Some(item) = self.some_of(lot, &["passed"], dice) else { return };
        let units = if dice.chance(60) { item.units } else { 1 + dice.pick(item.units as usize) as i64 };
        let to = self.of_site(&self.stocks, self.site_of(&item.location), dice).to_owned();
        let releaser = QUALITY[dice.pick(2)];
        self.release_units(lot, &item, units, &to, releaser, when);
    }

    fn release_units(&mut self, lot: usize, item: &Lying, units: i64, to: &str, releaser: &str, when: Option<String>) {
        let Some(lot_id) = self.lots[lot].id.clone() else { return };
        let mut body = json!({
            "from_location_id": item.location, "to_location_id": to, "units": units, "reason": "Inspection complete"
        });
        if let Some(serial) = &item.serial {
            body["serials"] = json!([serial]);
        }
        _ = self.ask("release", releaser, &format!("/v1/lots/{lot_id}/releases"), &at(body, when));
    }

    fn administer(&mut self, lot: usize, dice: &mut Dice) {
        let when = self.when(dice);
        let lot = self.lot_with(&["available"], lot, dice);
        let Some(item) = self.some_of(lot, &["available"], dice) else { return };
        let site = if dice.chance(4) { dice.pick(2) } else { self.site_of(&item.location) };
        let units = if dice.chance(80) { 1 } else { 2 };
        let books = &self.lots[lot];
        let mut asked = json!({"site_id": self.sites[site], "units": units});
        // The token of the first practitioner says who treats; another's does not.
        let who = if dice.chance(95) { "dr-a" } else { "dr-nobody" };
        if dice.chance(80) {
            asked["practitioner_id"] = json!(self.practitioners[usize::from(dice.chance(40))]);
        }
        if dice.chance(60) && self.sites[self.site_of(&item.location)] == asked["site_id"] {
            asked["location_id"] = json!(item.location);
        }
        let asked = at(asked, when);
        let serial = item.serial.as_ref().map(|serial| format!("\u{1d}21{serial}")).unwrap_or_default();
        let code = json!(format!("]d201{}17{}10{}{serial}", books.gtin, books.yymmdd, books.text));
        let mut body = asked.clone();
        body["patient_ref"] = json!(PATIENTS[dice.pick(2)]);
        body["treatment"] = json!({"area": AREAS[dice.pick(2)]});
        let here = self.visits.iter().rev().filter(|(_, _, of)| *of == site).take(3).cloned().collect::<Vec<_>>();
        if let Some((visit, patient, _)) = dice.of(&here).cloned()
            && dice.chance(75)
        {
            (body["visit_id"], body["patient_ref"]) = (json!(visit), json!(patient));
        }
        if dice.chance(50) {
            body["scan"] = code.clone();
        } else {
            body["lot_id"] = json!(books.id);
            if let Some(serial) = &item.serial {
                body["serial"] = json!(serial);
            }
        }
        if dice.chance(12) {
            body["retrospective"] = json!({"reason": "It has happened"});
        }
        let mut scan = asked;
        scan["code"] = code;
        scan["purpose"] = json!("administer");
        (scan["patient_ref"], scan["area"]) = (body["patient_ref"].clone(), body["treatment"]["area"].clone());
        if body["visit_id"].is_string() {
            scan["visit_id"] = body["visit_id"].clone();
        }
        let scanned = self.ask("scan", who, "/v1/scans", &scan);
        if scan.get("occurred_at").is_none() {
            self.look_for_first(lot, &scan, &scanned);
        }
        let made = self.ask("administration", who, "/v1/administrations", &body);
        self.compare(lot, &body, &scanned, &made);
        if let Ok(made) = made {
            self.lots[lot].administrations.push(id(&made));
        }
    }

    /// What a scan says should go first is what the journal says, and nothing else.
    fn look_for_first(&mut self, lot: usize, asked: &Value, scanned: &Result<Value, Value>) {
        let Ok(scanned) = scanned else { return };
        let Some(known) = scanned["lot"]["id"].as_str() else { return };
        let (site, books) = (text(asked, "site_id"), &self.lots[lot]);
        let zone = if site == self.sites[0] { "Europe/London" } else { "Pacific/Auckland" };
        let today = day(moment(text(scanned, "decision.evaluated_at")), zone).to_string();
        let others = self.lots.iter().filter(|other| other.gtin == books.gtin).filter_map(|other| other.id.as_deref());
        let others: Vec<_> = others.filter(|other| *other != known).collect();
        let hand =
            Hand { site, location: asked["location_id"].as_str(), lot: known, expiry: books.expiry, day: &today };
        let journal = self.journal();
        let expected = first_out(&journal, &hand, &others);
        let said = &scanned["use_first"];
        let is_right = match &expected {
            None => said.is_null(),
            Some((use_by, places)) => {
                let place = (text(said, "lot_id").to_owned(), text(said, "location_id").to_owned());
                text(said, "effective_expiry") == use_by && places.contains(&place)
            }
        };
        let mut tally = self.tally.borrow_mut();
        let (told, not) = tally.done.entry("told what goes first").or_default();
        *(if expected.is_some() { told } else { not }) += 1;
        drop(tally);
        if !is_right {
            self.seen.push(Violation {
                kind: "first_out",
                lot: known.to_owned(),
                position: journal.len() - 1,
                what: format!("{asked} was told that {said} goes first, where it is {expected:?}"),
            });
        }
    }

    /// A scan and the administration that follows it, of the same units, place, time and person, never disagree.
    fn compare(&mut self, lot: usize, asked: &Value, scanned: &Result<Value, Value>, made: &Result<Value, Value>) {
        let said = |answer: &Result<Value, Value>| match answer {
            Ok(answer) => codes(&answer["decision"]),
            Err(answer) if answer["reasons"].is_array() => codes(answer),
            Err(answer) => vec![answer["code"].to_string()],
        };
        let (before, after) = (said(scanned), said(made));
        if before != after {
            self.seen.push(Violation {
                kind: "scan_disagrees",
                lot: self.lots[lot].id.clone().unwrap_or_default(),
                position: self.journal().len() - 1,
                what: format!("{asked} was scanned as {before:?}, and then judged as {after:?}"),
            });
        }
    }

    /// Units to move: those of a place, in a disposition that may be left out.
    fn of_units(&mut self, lot: usize, kinds: &[&str], dice: &mut Dice) -> Option<(Value, Lying)> {
        let item = self.some_of(lot, kinds, dice)?;
        let units = if dice.chance(50) { item.units } else { 1 + dice.pick(item.units as usize) as i64 };
        let mut body = json!({
            "lot_id": self.lots[lot].id, "from_location_id": item.location, "units": units, "reason": "A step"
        });
        if let Some(serial) = item.serial.as_ref().filter(|_| !dice.chance(10)) {
            body["serials"] = json!([serial]);
        }
        if dice.chance(50) {
            body["state"] = json!(item.kind);
        }
        Some((body, item))
    }

    fn transfer(&mut self, lot: usize, dice: &mut Dice) {
        let when = self.when(dice);
        let Some((mut body, item)) = self.of_units(lot, &["available", "held", "passed", "quarantined"], dice) else {
            return;
        };
        let all: Vec<_> =
            self.quarantines.iter().chain(&self.stocks).filter(|to| **to != item.location).cloned().collect();
        body["to_location_id"] = json!(dice.of(&all));
        let who = ["quinn", "rose", "ada"][dice.pick(3)];
        _ = self.ask("transfer", who, "/v1/transfers", &at(body, when));
    }

    fn remove(&mut self, lot: usize, dice: &mut Dice) {
        let when = self.when(dice);
        let Some((body, _)) = self.of_units(lot, &["quarantined", "passed", "rejected", "available"], dice) else {
            return;
        };
        let path = ["/v1/wastages", "/v1/returns", "/v1/returns", "/v1/destructions"][dice.pick(4)];
        _ = self.ask("removal", QUALITY[dice.pick(2)], path, &at(body, when));
    }

    fn count(&mut self, lot: usize, dice: &mut Dice) {
        let when = self.when(dice);
        let Some(item) = self.some_of(lot, &["available", "quarantined"], dice) else { return };
        let everything: Vec<_> = self.quarantines.iter().chain(&self.stocks).cloned().collect();
        let place = if dice.chance(85) { item.location } else { dice.of(&everything).unwrap().clone() };
        let there: i64 = self.lying(lot).iter().filter(|lying| lying.location == place).map(|lying| lying.units).sum();
        let difference = [-2, -1, 0, 1, 2, 3][dice.pick(6)];
        let mut body = json!({
            "location_id": place, "lot_id": self.lots[lot].id, "units_counted": (there + difference).max(0),
            "reason": "A count"
        });
        if let Some(serial) = item.serial.filter(|_| difference < 0) {
            body["serials"] = json!([serial]);
        }
        let counter = dice.pick(2);
        let Ok(made) = self.ask("count", QUALITY[counter], "/v1/counts", &at(body, when)) else { return };
        if made["status"] == "waiting" {
            self.waiting.push((id(&made), counter));
            if dice.chance(60) {
                self.review(dice);
            }
        }
    }

    /// A place is counted as a whole, now and then while something happens; somebody else approves, now and then whoever counted.
    fn stock_take(&mut self, dice: &mut Dice) {
        let site = dice.pick(2);
        let all = [self.quarantines[..].to_vec(), self.stocks[..].to_vec()].concat();
        let of_site: Vec<String> = if site == 0 {
            [&self.quarantines[..2], &self.stocks[..2]].concat()
        } else {
            [&self.quarantines[2..], &self.stocks[2..]].concat()
        };
        assert!(of_site.iter().all(|place| all.contains(place)));
        let mut places = vec![dice.of(&of_site).unwrap().clone()];
        places.extend(
            of_site.iter().filter(|place| **place != places[0] && dice.chance(30)).cloned().collect::<Vec<_>>(),
        );
        let (counter, body) = (dice.pick(2), json!({"location_ids": places, "reason": "A stock-take"}));
        let Ok(made) = self.ask("stock-take", "ada", "/v1/stock-takes", &body) else { return };
        let path = format!("/v1/stock-takes/{}", id(&made));
        self.count_all(&path, &places, (QUALITY[counter], None), dice);
        if dice.chance(25) {
            let lot = dice.pick(self.lots.len());
            if dice.chance(50) { self.transfer(lot, dice) } else { self.administer(lot, dice) }
        }
        for _ in 0..2 {
            let Ok(closed) = self.ask("closing", "ada", &format!("{path}/close"), &json!({})) else { return };
            let who = if dice.chance(85) { 1 - counter } else { counter };
            if self.ask("approval", QUALITY[who], &format!("{path}/approve"), &json!({})).is_ok() {
                return;
            }
            let again: Vec<_> =
                closed["lines"].as_array().unwrap().iter().filter(|line| line["count_again"] == true).collect();
            if again.is_empty() {
                break;
            }
            let lots = again.iter().map(|line| line["lot_id"].as_str().unwrap().to_owned()).collect();
            if self.ask("reopening", "ada", &format!("{path}/reopen"), &json!({"reason": "It moved"})).is_err() {
                break;
            }
            self.count_all(&path, &places, (QUALITY[counter], Some(lots)), dice);
        }
        let _ = self.ask("cancelling", "ada", &format!("{path}/cancel"), &json!({"reason": "Another day"}));
    }

    /// Scans what lies at places, sometimes more, less or nothing of it.
    fn count_all(&mut self, path: &str, places: &[String], (who, only): (&str, Option<Vec<String>>), dice: &mut Dice) {
        let mut scans = Vec::new();
        for lot in 0..self.lots.len() {
            let Some(lot_id) = self.lots[lot].id.clone() else { continue };
            if only.as_ref().is_some_and(|only| !only.contains(&lot_id)) {
                continue;
            }
            for lying in self.lying(lot).into_iter().filter(|lying| places.contains(&lying.location)) {
                let units = lying.units + if dice.chance(20) { [-1, 1][dice.pick(2)] } else { 0 };
                let place = if dice.chance(95) { lying.location } else { dice.of(places).unwrap().clone() };
                let mut scan = json!({"lot_id": lot_id, "location_id": place, "units": units});
                if let Some(serial) = lying.serial {
                    scan["serial"] = json!(serial);
                }
                if units > 0 && dice.chance(93) {
                    scans.push(scan);
                }
            }
        }
        if !scans.is_empty() {
            let _ = self.ask("scans", who, &format!("{path}/scans"), &json!({"scans": scans}));
        }
    }

    /// Somebody reviews the difference of a count, now and then whoever counted.
    fn review(&mut self, dice: &mut Dice) {
        let Some((count, counter)) = self.waiting.pop() else { return };
        let outcome = if dice.chance(85) { "approvals" } else { "rejections" };
        let who = if dice.chance(85) { 1 - counter } else { counter };
        let body = json!({"reason": "Counted again"});
        if self.ask("review", QUALITY[who], &format!("/v1/movements/{count}/{outcome}"), &body).is_err() {
            self.waiting.insert(0, (count, counter));
        }
    }

    fn hold(&mut self, lot: usize, dice: &mut Dice) {
        let when = self.when(dice);
        // Where everything is held, nothing can go wrong.
        if self.holds.len() > 1 {
            return self.lift(dice);
        }
        let Some(item) = self.some_of(lot, &["available"], dice) else { return };
        let scope = match dice.pick(10) {
            0 => json!({"type": "product", "id": self.products[usize::from(self.lots[lot].numbered)]}),
            1..=4 => json!({"type": "account", "id": item.account}),
            _ => json!({"type": "lot", "id": self.lots[lot].id}),
        };
        let body = json!({"scope": scope, "reason": "Swelling reported"});
        if let Ok(made) = self.ask("hold", QUALITY[dice.pick(2)], "/v1/holds", &at(body, when)) {
            self.holds.push(id(&made));
        }
    }

    fn lift(&mut self, dice: &mut Dice) {
        let when = self.when(dice);
        if self.holds.is_empty() {
            return;
        }
        let hold = self.holds.remove(dice.pick(self.holds.len()));
        let path = format!("/v1/holds/{hold}/lift");
        if self.ask("lift", QUALITY[dice.pick(2)], &path, &at(json!({"reason": "Reviewed"}), when)).is_err() {
            self.holds.push(hold);
        }
    }

    fn void(&mut self, lot: usize, dice: &mut Dice) {
        let when = self.when(dice);
        let Some(administration) = dice.of(&self.lots[lot].administrations).cloned() else { return };
        let (_, found) = self.get(&format!("/v1/administrations/{administration}"));
        let mut body = json!({"reason": "A mistake", "returned_to_stock": dice.chance(75)});
        if body["returned_to_stock"] == true {
            let site = usize::from(found["site_id"] == json!(self.sites[1]));
            body["location_id"] = json!(self.of_site(&self.quarantines, site, dice));
        }
        _ = self.ask("void", "quinn", &format!("/v1/administrations/{administration}/voids"), &at(body, when));
    }

    fn correct(&mut self, lot: usize, dice: &mut Dice) {
        let Some(receipt) = dice.of(&self.lots[lot].receipts).map(id) else { return };
        let (_, receipt) = self.get(&format!("/v1/receipts/{receipt}"));
        let lines = receipt["lines"].as_array().cloned().unwrap_or_default();
        let Some(line) = lines.last() else { return };
        let mut body = json!({"line_id": line["id"], "reason": "Mis-keyed"});
        match dice.pick(3) {
            0 => body["lot"] = json!(self.lots[[1, 0, 2, 3][lot]].text),
            1 => body["packs"] = json!(1 + dice.pick(3)),
            _ => body["production_date"] = json!("2026-01-15"),
        }
        _ = self.ask("correction", "ada", &format!("/v1/receipts/{}/corrections", id(&receipt)), &body);
    }

    /// What was recorded wrongly is reversed: a movement of any kind or an inspection, or a receipt that was entered twice.
    fn take_back(&mut self, lot: usize, dice: &mut Dice) {
        let when = self.when(dice);
        let Some(of) = self.lots[lot].id.clone() else { return };
        if dice.chance(20) {
            let Some(receipt) = dice.of(&self.lots[lot].receipts).map(id) else { return };
            let body = json!({"reason": "Entered twice"});
            _ = self.ask("receipt taken back", "quinn", &format!("/v1/receipts/{receipt}/voids"), &body);
            return;
        }
        let inspected = dice.chance(30);
        let (_, found) = match inspected {
            true => self.get(&format!("/v1/events?kind=packaging_inspected&subject={of}&limit=200")),
            false => self.get(&format!("/v1/movements?lot_id={of}&limit=200")),
        };
        let items = found["items"].as_array().cloned().unwrap_or_default();
        let Some(item) = dice.of(&items) else { return };
        let (path, body) = match inspected {
            true => {
                let inspection = item["details"]["id"].as_str().unwrap();
                (format!("/v1/inspections/{inspection}/reversals"), json!({"reason": "Another lot"}))
            }
            false => (format!("/v1/movements/{}/reversals", id(item)), at(json!({"reason": "Another lot"}), when)),
        };
        _ = self.ask("reversal", "quinn", &path, &body);
    }

    /// An authority says something of a licence, sometimes late, and sometimes of an earlier day.
    fn check(&mut self, dice: &mut Dice) {
        let when = self.when(dice);
        let lost = dice.of(&self.lost).cloned().filter(|_| dice.chance(60));
        let good = lost.is_some() || dice.chance(25);
        let Some(licence) = lost.or_else(|| dice.of(&self.licences).cloned()) else { return };
        let mut body = json!({"source": "the public register"});
        body["outcome"] = json!(if good { "verified" } else { ["suspended", "lapsed", "not_found"][dice.pick(3)] });
        if let Some(at) = when {
            body["checked_at"] = json!(at);
        }
        if !good && dice.chance(70) {
            let at = self.now() - dice.pick(6) as i64 * 86_400_000_000;
            body["effective_on"] = json!(written(at)[..10]);
        }
        if self.ask("check", "admin", &format!("/v1/licences/{licence}/checks"), &body).is_ok() {
            self.lost.retain(|lost| *lost != licence);
            self.lost.extend((!good).then_some(licence));
        }
    }

    fn change_policy(&mut self, dice: &mut Dice) {
        let grows = dice.chance(40);
        let supplier = json!(self.suppliers[[1, 4][dice.pick(2)]]);
        self.set_policy(|policy| {
            if grows {
                let three = json!(["outer_carton_intact", "tamper_evidence_intact", "label_legible"]);
                let four =
                    json!(["outer_carton_intact", "tamper_evidence_intact", "label_legible", "unit_count_correct"]);
                let now = policy["checklists"]["hybrid_filler"] == four;
                policy["checklists"]["hybrid_filler"] = if now { three } else { four };
            } else if let Some(denied) = policy["denied_suppliers"].as_array_mut() {
                let before = denied.len();
                denied.retain(|known| *known != supplier);
                if denied.len() == before {
                    denied.push(supplier.clone());
                }
            }
        });
    }

    /// What a supplier is approved for changes, for what arrives from then on.
    fn correct_supplier(&self, dice: &mut Dice) {
        let path = format!("/v1/suppliers/{}", self.suppliers[[1, 5][dice.pick(2)]]);
        self.edit(&path, |supplier| {
            let approved = supplier["approved_classes"][0] == "hybrid_filler";
            supplier["approved_classes"] = json!([if approved { "neuromodulator" } else { "hybrid_filler" }]);
        });
    }

    fn set_policy(&self, change: impl FnOnce(&mut Value)) {
        self.edit("/v1/policies", change);
    }

    /// Sends back what is read, with a change.
    fn edit(&self, path: &str, change: impl FnOnce(&mut Value)) {
        let (_, mut thing) = self.get(path);
        let version = thing["version"].clone();
        change(&mut thing);
        let (bearer, tag) = (format!("Bearer {}", self.token("admin")), format!("\"{version}\""));
        let headers =
            [("authorization", bearer.as_str()), ("content-type", "application/json"), ("if-match", tag.as_str())];
        let answer = self.world.http.send("PUT", path, &headers, Some(thing.to_string().as_bytes()));
        assert_eq!(answer.status, 200, "{thing}: {}", answer.json());
    }
}

thread_local! {
    /// Tokens by organisation and person.
    static TOKENS: RefCell<BTreeMap<(String, String), String>> = RefCell::default();
}

/// A request for a moment; for the present where none is given.
fn at(mut body: Value, when: Option<String>) -> Value {
    if let Some(when) = when {
        body["occurred_at"] = json!(when);
    }
    body
}

fn written(at: Moment) -> String {
    DateTime::<Utc>::from_timestamp_micros(at).unwrap().to_rfc3339_opts(SecondsFormat::Micros, true)
}
