//! The judge: replays a journal and says what must not have happened (DOMAIN rules 8 to 23).
//!
//! Each deed is judged by what the journal knew when it was recorded, in the order of what happened: a late entry is
//! judged by the facts of its moment, and what becomes untrue by a later one is no fault of an earlier one. No balance
//! may be below zero at any moment, whatever was known.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::authority::{Known, Need};
use super::journal::{
    Account, Event, Key, Line, Moment, Names, Place, date, day, moment, one_person, readable, story, text,
};

/// What must not have happened.
#[derive(Clone, Debug)]
pub struct Violation {
    /// Which sort of hole.
    pub kind: &'static str,
    /// The lot.
    pub lot: String,
    /// The place in the journal of the event that did it.
    pub position: usize,
    /// What it is.
    pub what: String,
}

/// What units have, by where they were: each possibility apart, where units without a number have several.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Past {
    /// The receipt that they came by; none when nobody knows.
    receipt: Option<String>,
    /// The inspection that they passed since they last entered quarantine.
    inspection: Option<String>,
    /// The place in the journal of their release since then.
    released: Option<usize>,
}

/// Units by account, and what those units have.
#[derive(Default)]
pub(super) struct Ledger {
    pub(super) units: BTreeMap<Key, i64>,
    pasts: BTreeMap<Key, BTreeSet<Past>>,
    /// What receipts brought of a lot, or of a pack of it, and corrections did not take back.
    brought: BTreeMap<(String, Option<String>), BTreeMap<String, i64>>,
}

/// Everything that must not have happened in a journal.
pub fn judge(journal: &[Event]) -> Vec<Violation> {
    let mut judge =
        Judge { journal, now: BTreeMap::new(), accused: BTreeSet::new(), releases: BTreeMap::new(), found: Vec::new() };
    for position in 0..journal.len() {
        judge.deed(position);
    }
    judge.found
}

/// What was found, for a person: how often each sort, and the story of the first of each.
pub fn report(journal: &[Event], found: &[Violation]) -> String {
    let names = Names::of(journal);
    let mut told = BTreeSet::new();
    let mut report = String::new();
    for violation in found {
        let what = names.tell(&violation.what);
        report += &format!("\n  {} at #{}: {what}", violation.kind, violation.position);
        if told.insert(violation.kind) {
            report += &format!("\n{}", story(journal, &violation.lot));
        }
    }
    report
}

pub(super) struct Judge<'a> {
    pub(super) journal: &'a [Event],
    /// Units by account after the event that is judged, whenever they moved.
    now: BTreeMap<&'a Key, i64>,
    /// Accounts that were found to be held wrongly: once is enough.
    accused: BTreeSet<&'a Key>,
    /// What speaks against each release, by its place in the journal.
    releases: BTreeMap<usize, Vec<String>>,
    found: Vec<Violation>,
}

impl<'a> Judge<'a> {
    pub(super) fn known(&self, position: usize) -> Known<'a> {
        Known(&self.journal[..=position])
    }

    pub(super) fn find(&mut self, kind: &'static str, lot: &str, position: usize, what: String) {
        self.found.push(Violation { kind, lot: lot.to_owned(), position, what });
    }

    fn deed(&mut self, position: usize) {
        let event = &self.journal[position];
        self.balances(position);
        self.coverage(position);
        match event.kind.as_str() {
            "packaging_inspected" => self.inspection(position),
            "stock_passed" => self.pass(position),
            "stock_released" => self.release(position),
            "stock_administered" => {
                self.around(position);
                self.administration(position);
            }
            "administration_voided" => self.void(position),
            "gate_refused" => {
                if text(&self.journal[position].data, "operation") == "administer" {
                    self.around(position);
                }
                self.refusal(position);
            }
            "order_placed" => self.order(position),
            "hold_opened" => self.hold(position),
            "stock_counted" => self.count(position),
            "count_reviewed" => self.review(position),
            _ => {}
        }
    }

    /// No account, and no pack in one, is below zero at any moment: with this event, by what was known then.
    fn balances(&mut self, position: usize) {
        let event = &self.journal[position];
        let touched: BTreeSet<&Key> = event.lines.iter().flat_map(|line| [&line.from, &line.to]).collect();
        for key in touched.into_iter().filter(|key| !key.account.is_source()) {
            let (mut balance, mut own) = (0, 0);
            for (at, delta, delta_of_own) in self.changes(key, position) {
                balance += delta;
                own += delta_of_own;
                if balance < 0 && own < 0 {
                    let allowed = event.data["administration"]["decision"]["allowed"] == true;
                    let at_the_chair = allowed && at == event.occurred_at;
                    let kind = if at_the_chair { "not_at_that_place" } else { "negative_balance" };
                    let what = format!("{} takes {key} to {balance} at {}", event.kind, readable(at));
                    self.find(kind, &key.lot, position, what);
                    break;
                }
            }
        }
    }

    /// A hold takes exactly the units that it covers, and gives them back when no other covers them (DOMAIN rules 17 and
    /// 21), whatever was entered late.
    fn coverage(&mut self, position: usize) {
        let event = &self.journal[position];
        for line in &event.lines {
            *self.now.entry(&line.from).or_default() -= line.units;
            *self.now.entry(&line.to).or_default() += line.units;
        }
        let lots: BTreeSet<&str> = event.lines.iter().map(|line| line.from.lot.as_str()).collect();
        let of_a_hold = event.kind.starts_with("hold_");
        let here = |key: &Key| of_a_hold || lots.contains(key.lot.as_str());
        let there: Vec<(&'a Key, i64)> = self
            .now
            .iter()
            .filter(|(key, units)| **units > 0 && here(key))
            .map(|(key, units)| (*key, *units))
            .collect();
        for (key, units) in there {
            let Some(place) = key.account.place.as_ref().filter(|_| !self.accused.contains(key)) else { continue };
            let open = self.holds_at(position, &key.lot, Some(place), Moment::MAX);
            let (kind, what) = match (key.account.kind.as_str(), open.first()) {
                ("available", Some(hold)) => ("available_under_hold", format!("{units} units of {key} under {hold}")),
                ("held", None) => ("held_by_nothing", format!("{units} units of {key}, and no hold covers them")),
                _ => continue,
            };
            self.accused.insert(key);
            self.find(kind, &key.lot, position, what);
        }
    }

    /// How an account changes at each moment, and how much of that is by the event itself.
    pub(super) fn changes(&self, key: &Key, position: usize) -> Vec<(Moment, i64, i64)> {
        let mut changes: BTreeMap<Moment, (i64, i64)> = BTreeMap::new();
        for (place, event) in self.journal[..=position].iter().enumerate() {
            for line in &event.lines {
                let mut units = 0;
                if line.to == *key {
                    units += line.units;
                }
                if line.from == *key {
                    units -= line.units;
                }
                if units != 0 {
                    let change = changes.entry(line.at).or_default();
                    change.0 += units;
                    change.1 += if place == position { units } else { 0 };
                }
            }
        }
        changes.into_iter().map(|(at, (delta, own))| (at, delta, own)).collect()
    }

    /// The ledger just before an event, as it was known then: everything that happened up to its moment.
    pub(super) fn before(&self, position: usize) -> Ledger {
        let until = self.journal[position].occurred_at;
        let mut lines: Vec<(Moment, usize, &Line)> = self.journal[..position]
            .iter()
            .enumerate()
            .flat_map(|(place, event)| event.lines.iter().map(move |line| (line.at, place, line)))
            .filter(|(at, ..)| *at <= until)
            .collect();
        lines.sort_by_key(|(at, place, _)| (*at, *place));
        let known = self.known(position);
        let mut ledger = Ledger::default();
        for moment in lines.chunk_by(|(one, ..), (other, ..)| one == other) {
            for (_, place, line) in moment {
                ledger.post(&known, *place, line);
            }
            // What a late entry changed in a hold stands after the hold: only now it is known what is left.
            let units = &ledger.units;
            ledger.pasts.retain(|key, _| units.get(key).is_some_and(|units| *units > 0));
        }
        ledger
    }

    /// What was inspected lay in quarantine, or had passed a checklist that asked for less than that of the moment.
    fn inspection(&mut self, position: usize) {
        let event = &self.journal[position];
        let data = &event.data;
        let lot = text(data, "lot_id");
        let of = |member| data[member].as_i64().unwrap_or(0);
        let (location, site) = (text(data, "location_id"), self.site_of_receipt(position, text(data, "receipt_id")));
        let there: i64 = self
            .before(position)
            .units
            .iter()
            .filter(|(key, _)| key.lot == lot && self.waits(position, &key.account))
            .filter(|(key, _)| {
                key.account.place.as_ref().is_some_and(|place| {
                    (location.is_empty() || place.location == location)
                        && site.as_ref().is_none_or(|site| *site == place.site)
                })
            })
            .map(|(_, units)| units)
            .sum();
        let inspected = of("units_passed") + of("units_failed");
        if there < inspected {
            let what = format!("{inspected} units were inspected where {there} lay in quarantine");
            self.find("inspected_what_was_not_there", lot, position, what);
        }
    }

    fn waits(&self, position: usize, account: &Account) -> bool {
        let passed = account.inspection.as_ref().and_then(|id| self.inspection_of(position, id));
        match (account.kind.as_str(), passed) {
            ("quarantined", _) => true,
            ("passed", Some((_, passed))) => !self.complete(position, passed, self.journal[position].occurred_at),
            _ => false,
        }
    }

    fn site_of_receipt(&self, position: usize, receipt: &str) -> Option<String> {
        let found = self.journal[..position].iter();
        let mut found = found.filter(|event| event.kind == "receipt_recorded" && text(&event.data, "id") == receipt);
        found.next().map(|event| text(&event.data, "site_id").to_owned())
    }

    fn inspection_of(&self, position: usize, id: &str) -> Option<(usize, &'a Event)> {
        let found = self.journal[..=position].iter().enumerate();
        let mut found = found.filter(|(_, event)| event.kind == "packaging_inspected" && text(&event.data, "id") == id);
        found.next()
    }

    /// An incomplete inspection passes nothing, and a complete one what it says (DOMAIN rules 10 to 12).
    fn pass(&mut self, position: usize) {
        let event = &self.journal[position];
        let id = text(&event.data, "inspection_id");
        let units: i64 =
            event.lines.iter().filter(|line| line.to.account.kind == "passed").map(|line| line.units).sum();
        let lot = event.lines.first().map_or("", |line| &line.from.lot).to_owned();
        let Some((_, inspection)) = self.inspection_of(position, id) else {
            return self.find("passed_without_inspection", &lot, position, format!("{id} is no inspection"));
        };
        if !self.complete(position, inspection, inspection.occurred_at) {
            self.find("passed_without_inspection", &lot, position, format!("the checklist of {id} is not complete"));
        }
        if units > inspection.data["units_passed"].as_i64().unwrap_or(0) {
            self.find("passed_without_inspection", &lot, position, format!("{units} units pass in {id}"));
        }
    }

    fn complete(&self, position: usize, inspection: &Event, at: Moment) -> bool {
        let class = self.class_of(position, text(&inspection.data, "lot_id"));
        self.known(position).is_complete(&inspection.data, class, at)
    }

    pub(super) fn new_lot(&self, position: usize, lot: &str) -> &'a Value {
        let found = self.journal[..=position].iter().map(|event| &event.data["new_lot"]);
        found.into_iter().find(|new| text(new, "id") == lot).unwrap_or(&Value::Null)
    }

    pub(super) fn product_of(&self, position: usize, lot: &str) -> &'a str {
        text(self.new_lot(position, lot), "product_id")
    }

    pub(super) fn class_of(&self, position: usize, lot: &str) -> &'a str {
        let at = self.journal[position].occurred_at;
        let product = self.known(position).version("product", self.product_of(position, lot), at);
        product.map_or("", |product| text(product, "class"))
    }

    /// Four eyes, a complete inspection, a vetted origin, and an unexpired date (DOMAIN rules 6 and 12).
    fn release(&mut self, position: usize) {
        let event = &self.journal[position];
        let ledger = self.before(position);
        let releaser = text(&event.data, "release.released_by");
        let releaser = if releaser.is_empty() { event.actor.as_str() } else { releaser };
        let mut against: BTreeSet<(&'static str, String)> = BTreeSet::new();
        let mut lot = "";
        for line in event.lines.iter().filter(|line| line.to.account.kind == "available") {
            lot = &line.from.lot;
            match line.from.account.kind.as_str() {
                "passed" => {
                    let unknown = BTreeSet::from([None]);
                    let pasts = ledger.pasts.get(&line.from);
                    let inspections: BTreeSet<Option<String>> =
                        pasts.map_or(unknown, |pasts| pasts.iter().map(|past| past.inspection.clone()).collect());
                    for id in inspections {
                        against.extend(self.against_inspection(position, id.as_deref(), releaser));
                    }
                }
                other => _ = against.insert(("released_uninspected", format!("released from {other}"))),
            }
            against.extend(self.against_origin(position, &ledger, &line.from));
            let place = line.to.account.place.as_ref();
            against.extend(place.and_then(|place| self.against_expiry(position, &line.from.lot, place)));
            against.extend(self.denied(position, lot).map(|what| ("denied_lot", what)));
        }
        let told = against.iter().map(|(_, what)| what.clone()).collect();
        self.releases.insert(position, told);
        for (kind, what) in against {
            self.find(kind, lot, position, what);
        }
    }

    pub(super) fn against_inspection(
        &self,
        position: usize,
        id: Option<&str>,
        releaser: &str,
    ) -> Vec<(&'static str, String)> {
        let release = &self.journal[position];
        let found = id.and_then(|id| self.inspection_of(position, id));
        let Some((_, inspection)) = found else {
            return vec![("released_uninspected", "units of no inspection were released".to_owned())];
        };
        let mut against = Vec::new();
        let id = text(&inspection.data, "id");
        if !self.complete(position, inspection, release.occurred_at) {
            against.push(("released_uninspected", format!("the checklist of {id} is not complete")));
        }
        if inspection.occurred_at > release.occurred_at {
            against.push(("released_uninspected", format!("{id} was later than the release")));
        }
        let inspector = text(&inspection.data, "inspector");
        let same = |person: &str| one_person(person, releaser);
        if same(inspector) || same(&inspection.actor) {
            against.push(("released_by_inspector", format!("{releaser} inspected and released")));
        }
        against
    }

    /// Every receipt that the units may come from must be good, and somebody must know of one.
    pub(super) fn against_origin(&self, position: usize, ledger: &Ledger, key: &Key) -> Vec<(&'static str, String)> {
        let class = self.class_of(position, &key.lot);
        let known = self.known(position);
        let nobody = BTreeSet::from([Past { receipt: None, inspection: None, released: None }]);
        let pasts = ledger.pasts.get(key).filter(|pasts| !pasts.is_empty()).unwrap_or(&nobody);
        let receipts: BTreeSet<&Option<String>> = pasts.iter().map(|past| &past.receipt).collect();
        let mut against = Vec::new();
        for receipt in receipts {
            match receipt {
                None => against.push(("unvetted_origin", "nobody knows where the units came from".to_owned())),
                Some(receipt) => against.extend(known.against_origin(receipt, class).into_iter().map(|what| {
                    ("unvetted_origin", format!("the units may have come by {receipt}, and {what} that day"))
                })),
            }
        }
        against
    }

    /// DOMAIN rules 14 and 15: the last day counts, in the site's time zone.
    fn against_expiry(&self, position: usize, lot: &str, place: &Place) -> Option<(&'static str, String)> {
        let at = self.journal[position].occurred_at;
        let (zone, _) = self.known(position).site(&place.site, at);
        let today = day(at, zone);
        let labelled = text(self.new_lot(position, lot), "expiry");
        let last = [labelled, &place.use_by].into_iter().filter(|day| !day.is_empty()).map(date).min()?;
        (today > last).then(|| ("expired", format!("the units could be used until {last}, and it was {today}")))
    }

    /// DOMAIN rule 17: what was allowed at the chair was allowed to be.
    fn administration(&mut self, position: usize) {
        let event = &self.journal[position];
        let administration = &event.data["administration"];
        let lot = text(administration, "lot_id");
        let id = text(administration, "id");
        if administration["decision"]["allowed"] != Value::Bool(true) {
            let opened = self.journal[position..]
                .iter()
                .any(|event| event.kind == "deviation_opened" && text(&event.data, "administration_id") == id);
            if !opened {
                self.find("no_deviation", lot, position, format!("{id} was against the rules without a deviation"));
            }
            return;
        }
        let mut against: BTreeSet<(&'static str, String)> = BTreeSet::new();
        let ledger = self.before(position);
        let at_the_chair = event.lines.iter().filter(|line| line.to.account.kind == "patient");
        for line in at_the_chair.clone() {
            against.extend(self.against_line(position, administration, &ledger, line));
        }
        let units: i64 = at_the_chair.map(|line| line.units).sum();
        if Some(units) != administration["units"].as_i64() {
            against.insert(("not_at_that_place", format!("{units} units reached the patient")));
        }
        against.extend(self.against_people(position, administration));
        against.extend(self.denied(position, lot).map(|what| ("denied_lot", what)));
        for (kind, what) in against {
            self.find(kind, lot, position, what);
        }
    }

    fn against_line(
        &self,
        position: usize,
        administration: &Value,
        ledger: &Ledger,
        line: &Line,
    ) -> Vec<(&'static str, String)> {
        let event = &self.journal[position];
        let known = self.known(position);
        let account = &line.from.account;
        let place = account.place.as_ref().filter(|_| account.kind == "available" && line.at == event.occurred_at);
        let Some(place) = place else {
            return vec![("not_at_that_place", format!("units of {} reached the patient", line.from))];
        };
        let mut against = Vec::new();
        let purpose = known.version("location", &place.location, event.occurred_at).map_or("", |l| text(l, "purpose"));
        if place.site != text(administration, "site_id") || purpose != "stock" {
            against.push(("not_at_that_place", format!("the units lay at {}", place.location)));
        }
        let pasts = ledger.pasts.get(&line.from).into_iter().flatten();
        for past in pasts {
            match past.released {
                None => against.push(("never_released", "the units were not released since they came in".to_owned())),
                Some(release) => {
                    let told = self.releases.get(&release).into_iter().flatten();
                    against.extend(told.map(|what| ("badly_released", format!("released in #{release}: {what}"))));
                }
            }
        }
        let holds = self.holds(position, &line.from.lot, Some(place));
        against.extend(holds.into_iter().map(|hold| ("on_hold", format!("{hold} was open"))));
        against.extend(self.against_expiry(position, &line.from.lot, place));
        against
    }

    /// The holds that cover units at a place (or anywhere) at the moment of an event.
    pub(super) fn holds(&self, position: usize, lot: &str, place: Option<&Place>) -> Vec<&'a str> {
        self.holds_at(position, lot, place, self.journal[position].occurred_at)
    }

    /// The same at any moment, by what was known with the event.
    fn holds_at(&self, position: usize, lot: &str, place: Option<&Place>, at: Moment) -> Vec<&'a str> {
        let journal = &self.journal[..=position];
        let lifted = |hold: &str| {
            journal.iter().any(|event| {
                event.kind == "hold_lifted"
                    && text(&event.data, "lift.hold_id") == hold
                    && moment(text(&event.data, "lift.lifted_at")) <= at
            })
        };
        let side = place.map(|place| account_id(lot, place));
        let followed = |hold: &str| {
            let transfers = journal.iter().filter(|event| event.kind == "stock_transferred" && event.occurred_at <= at);
            let naming = |event: &&Event| {
                event.data["holds"].as_array().is_some_and(|holds| holds.iter().any(|named| named == hold))
            };
            let mut places = transfers.filter(naming).flat_map(|event| &event.lines).map(|line| &line.to);
            places.any(|key| {
                let to = key.account.place.as_ref().map(|place| account_id(&key.lot, place));
                to.is_some() && (side.is_none() || side == to)
            })
        };
        journal
            .iter()
            .filter(|event| event.kind == "hold_opened")
            .map(|event| &event.data["hold"])
            .filter(|hold| moment(text(hold, "opened_at")) <= at)
            .filter(|hold| !lifted(text(hold, "id")))
            .filter(|hold| match text(hold, "scope_type") {
                "lot" => text(hold, "scope_id") == lot,
                "product" => text(hold, "scope_id") == self.product_of(position, lot),
                _ => match &side {
                    Some(side) => text(hold, "scope_id") == side || followed(text(hold, "id")),
                    None => true,
                },
            })
            .map(|hold| text(hold, "id"))
            .collect()
    }

    /// DOMAIN rules 2 and 17: the site and the practitioner were licensed at the moment.
    pub(super) fn against_people(&self, position: usize, administration: &Value) -> Vec<(&'static str, String)> {
        let event = &self.journal[position];
        let known = self.known(position);
        let class = self.class_of(position, text(administration, "lot_id"));
        let (site, practitioner) = (text(administration, "site_id"), text(administration, "practitioner_id"));
        let (zone, jurisdiction) = known.site(site, event.occurred_at);
        let organisation = self.journal[0].data["id"].as_str().unwrap_or_default();
        let mut against = Vec::new();
        let here: &[&str] = &[site, organisation];
        for (holders, kind) in [(here, "facility"), (&[practitioner][..], "professional_registration")] {
            let need = Need { holders, kind, class, jurisdiction, zone, at: event.occurred_at };
            if !known.is_licensed(&need) {
                against.push(("unlicensed_at_the_chair", format!("no {kind} counted for {}", holders[0])));
            }
        }
        against
    }

    /// A void comes after what it voids (DOMAIN rule 23).
    fn void(&mut self, position: usize) {
        let event = &self.journal[position];
        let id = text(&event.data, "void.administration_id");
        let voided = self.journal[..position].iter().find(|event| text(&event.data, "administration.id") == id);
        if let Some(voided) = voided.filter(|voided| voided.occurred_at > event.occurred_at) {
            let lot = text(&voided.data, "administration.lot_id");
            let what = format!("{id} was voided before it happened, at {}", readable(voided.occurred_at));
            self.find("void_before_administration", lot, position, what);
        }
        self.void_of_what_never_came(position, voided);
    }

    /// What was never received is found by a count and by nothing else (DOMAIN rules 22a and 23): a void brings back no more
    /// than its administration took from what was there, pack by pack.
    fn void_of_what_never_came(&mut self, position: usize, voided: Option<&Event>) {
        let event = &self.journal[position];
        let packs: BTreeSet<_> = event.lines.iter().map(|line| line.to.pack.clone()).collect();
        for pack in packs {
            let of_pack = |line: &&Line| line.to.pack == pack;
            let taken = voided.into_iter().flat_map(|voided| &voided.lines).filter(of_pack);
            let taken: i64 = taken
                .filter(|line| line.from.account.is_inside() && line.to.account.kind == "patient")
                .map(|line| line.units)
                .sum();
            let back = event.lines.iter().filter(of_pack).filter(|line| line.to.account.is_inside());
            let back: i64 = back.map(|line| line.units).sum();
            if back > taken {
                let lot = event.lines.first().map_or("", |line| line.to.lot.as_str());
                let what = format!("a void brings back {back} units, and {taken} of them were ever there");
                self.find("never_received", lot, position, what);
            }
        }
    }

    /// A difference beyond the policy's threshold is posted by nobody alone.
    fn count(&mut self, position: usize) {
        let event = &self.journal[position];
        if event.lines.is_empty() {
            return;
        }
        let policy = self.known(position).policy(event.occurred_at);
        let threshold = |field: &str, default| policy[field].as_i64().unwrap_or(default);
        let difference = self.counted(position, event);
        if event.data["movement"]["stock_take_id"].is_string() {
            return self.stock_take(position);
        }
        if difference >= threshold("count_found_to_approve", 1)
            || -difference >= threshold("count_missing_to_approve", 3)
        {
            let lot = text(&event.data, "movement.lot_id");
            self.find("posted_unreviewed", lot, position, format!("a difference of {difference} waited for nobody"));
        }
    }

    /// A count of a stock-take is what people scanned, in the rounds that count and not taken back; it is posted by none of them; and
    /// nothing came to the place or left it since the first of these scans.
    fn stock_take(&mut self, position: usize) {
        let event = &self.journal[position];
        let movement = &event.data["movement"];
        let (take, lot, place) =
            (text(movement, "stock_take_id"), text(movement, "lot_id"), text(movement, "from_location_id"));
        let (mut scans, mut begun): (Vec<(String, i64, Moment)>, Moment) = (Vec::new(), i64::MIN);
        for earlier in &self.journal[..position] {
            let data = &earlier.data;
            let of_take = |field: &str| text(data, field) == take;
            match earlier.kind.as_str() {
                "stock_take_opened" if of_take("stock_take.id") => begun = moment(text(data, "stock_take.opened_at")),
                "stock_take_scanned" => {
                    for scan in
                        data["scans"].as_array().unwrap().iter().filter(|scan| text(scan, "stock_take_id") == take)
                    {
                        if one_person(&event.actor, &earlier.actor) {
                            let what = format!("{} counted and approved", event.actor);
                            self.find("approved_by_counter", lot, position, what);
                        }
                        if text(scan, "lot_id") == lot && text(scan, "location_id") == place {
                            let units = scan["units"].as_i64().unwrap();
                            scans.push((text(scan, "id").to_owned(), units, moment(text(scan, "scanned_at"))));
                        }
                    }
                }
                "stock_take_scan_withdrawn" => scans.retain(|(id, ..)| *id != text(data, "scan_id")),
                "stock_take_reopened" if of_take("stock_take_id") => {
                    for recount in data["recounts"].as_array().unwrap() {
                        let is_lot = recount["lot_id"].is_null() || text(recount, "lot_id") == lot;
                        if is_lot && text(recount, "location_id") == place {
                            scans.clear();
                            begun = moment(text(recount, "since"));
                        }
                    }
                }
                _ => {}
            }
        }
        let scanned: i64 = scans.iter().map(|(_, units, _)| units).sum();
        let counted = movement["units_counted"].as_i64().unwrap_or(0);
        // Packs that the books have where nobody counted are left out.
        if counted > scanned {
            let what = format!("{counted} units were counted, and {scanned} scanned");
            self.find("counted_not_scanned", lot, position, what);
        }
        let since = scans.iter().map(|(.., at)| *at).min().unwrap_or(begun);
        let here = |key: &Key| key.lot == lot && key.account.place.as_ref().is_some_and(|p| p.location == place);
        let of_take = |earlier: &&Event| text(&earlier.data, "movement.stock_take_id") != take;
        let moved = self.journal[..position].iter().filter(of_take).any(|earlier| {
            let mut lines = earlier.lines.iter().filter(|line| line.at > since);
            lines.any(|line| here(&line.from) != here(&line.to))
        });
        if moved {
            self.find("counted_while_it_moved", lot, position, "units came or left since the first scan".to_owned());
        }
    }

    /// Somebody else reviews what a count found.
    fn review(&mut self, position: usize) {
        let event = &self.journal[position];
        let id = text(&event.data, "review.movement_id");
        let count = self.journal[..position].iter().find(|event| text(&event.data, "movement.id") == id);
        let Some(count) = count else {
            return self.find("reviewed_by_counter", "", position, format!("{id} is no count"));
        };
        if !event.lines.is_empty() {
            self.counted(position, count);
        }
        if one_person(&event.actor, &count.actor) {
            let lot = text(&count.data, "movement.lot_id");
            self.find("reviewed_by_counter", lot, position, format!("{} counted and reviewed", event.actor));
        }
    }

    /// A count is compared with the books of its own moment (DOMAIN rule 22a). How far it is from them.
    fn counted(&mut self, position: usize, count: &Event) -> i64 {
        let event = &self.journal[position];
        let movement = &count.data["movement"];
        let (lot, location) = (text(movement, "lot_id"), text(movement, "from_location_id"));
        let here = |key: &Key| key.lot == lot && key.account.place.as_ref().is_some_and(|p| p.location == location);
        let Some(counted) = movement["units_counted"].as_i64() else { return 0 };
        let books: i64 = self.before(position).units.iter().filter(|(key, _)| here(key)).map(|(_, units)| units).sum();
        let arrives = |line: &Line| i64::from(here(&line.to)) - i64::from(here(&line.from));
        let adjusted: i64 = event.lines.iter().map(|line| line.units * arrives(line)).sum();
        if books + adjusted != counted || event.occurred_at != count.occurred_at {
            let what = format!("{counted} units were counted, and the books had {books}: adjusted by {adjusted}");
            self.find("counted_against_other_books", lot, position, what);
        }
        counted - books
    }

    /// A hold on an account is on one that is known: else the judge would be blind for it.
    fn hold(&mut self, position: usize) {
        let hold = &self.journal[position].data["hold"];
        let (kind, scope) = (text(hold, "scope_type"), text(hold, "scope_id"));
        let lines = self.journal[..=position].iter().flat_map(|event| &event.lines);
        let mut keys = lines.flat_map(|line| [&line.from, &line.to]);
        let is_known = |key: &Key| key.account.place.as_ref().is_some_and(|place| account_id(&key.lot, place) == scope);
        if kind == "account" && !keys.any(is_known) {
            self.find("hold_on_nothing", "", position, format!("{scope} is no account"));
        }
    }
}

impl Ledger {
    fn post(&mut self, known: &Known<'_>, place: usize, line: &Line) {
        let event = &known.0[place];
        self.bring(event, line);
        let pasts: BTreeSet<Past> = if line.from.account.is_inside() {
            let found = self.pasts.get(&line.from).cloned().unwrap_or_default();
            if found.is_empty() {
                BTreeSet::from([Past { receipt: None, inspection: None, released: None }])
            } else {
                found
            }
        } else {
            self.origins(event, line)
        };
        let arrived = pasts.into_iter().map(|past| arrive(known, place, line, past)).collect::<Vec<_>>();
        *self.units.entry(line.to.clone()).or_default() += line.units;
        self.pasts.entry(line.to.clone()).or_default().extend(arrived);
        let left = self.units.entry(line.from.clone()).or_default();
        *left -= line.units;
        if *left <= 0 {
            self.pasts.remove(&line.from);
        }
    }

    /// Counts what a receipt brings, and what a correction takes back.
    fn bring(&mut self, event: &Event, line: &Line) {
        let units = match (line.from.account.kind.as_str(), line.to.account.kind.as_str()) {
            ("supplier", _) => line.units,
            (_, "supplier") => -line.units,
            _ => return,
        };
        let receipt = receipt_of(event).to_owned();
        let lot = &line.from.lot;
        for whose in BTreeSet::from([(lot.clone(), None), (lot.clone(), line.from.pack.clone())]) {
            *self.brought.entry(whose).or_default().entry(receipt.clone()).or_default() += units;
        }
    }

    /// Where units from outside may have come from: by this receipt; otherwise by any that brought such units.
    fn origins(&self, event: &Event, line: &Line) -> BTreeSet<Past> {
        let past = |receipt: Option<String>| Past { receipt, inspection: None, released: None };
        if line.from.account.kind == "supplier" {
            return BTreeSet::from([past(Some(receipt_of(event).to_owned()))]);
        }
        let whose = (line.from.lot.clone(), line.from.pack.clone());
        let brought = self.brought.get(&whose).into_iter().flatten().filter(|(_, units)| **units > 0);
        let mut pasts: BTreeSet<Past> = brought.map(|(receipt, _)| past(Some(receipt.clone()))).collect();
        if pasts.is_empty() {
            pasts.insert(past(None));
        }
        pasts
    }
}

fn receipt_of(event: &Event) -> &str {
    ["line.receipt_id", "corrected.receipt_id", "receipt_id", "receipt.id", "void.receipt_id"]
        .into_iter()
        .map(|path| text(&event.data, path))
        .find(|id| !id.is_empty())
        .unwrap_or_default()
}

/// What units have once a line has moved them.
fn arrive(known: &Known<'_>, place: usize, line: &Line, past: Past) -> Past {
    let event = &known.0[place];
    let lost = |past: Past| Past { inspection: None, released: None, ..past };
    let purpose = |account: &Account| {
        let place = account.place.as_ref();
        place.and_then(|place| known.version("location", &place.location, line.at)).map(|l| text(l, "purpose"))
    };
    match line.to.account.kind.as_str() {
        "quarantined" | "rejected" => lost(past),
        "passed" if event.kind == "stock_passed" => {
            Past { inspection: Some(text(&event.data, "inspection_id").to_owned()), released: None, ..past }
        }
        "passed" if past.inspection.is_some() && past.inspection == line.to.account.inspection => {
            Past { released: None, ..past }
        }
        "passed" => lost(past),
        "available" if event.kind == "stock_released" => Past { released: Some(place), ..past },
        // Set apart, whatever else it is called.
        _ if purpose(&line.to.account).is_some_and(|to| to != "stock")
            && purpose(&line.from.account).is_none_or(|from| from == "stock") =>
        {
            lost(past)
        }
        _ => past,
    }
}

/// The id under which holds know units of a lot at a place: that of the account of those available (a UUIDv8 of a
/// SHA-256 of what the account is).
pub fn account_id(lot: &str, place: &Place) -> String {
    let digest = Sha256::digest(format!("{lot}/available/{}/{}", place.location, place.use_by));
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    format!("acct_{}", uuid::Builder::from_custom_bytes(bytes).into_uuid())
}

/// What the service says of a lot, against the journal's own sums (DOMAIN rule 22).
pub fn reconcile(journal: &[Event], lot: &str, said: &Value) -> Option<Violation> {
    let mut sums: BTreeMap<&str, i64> = BTreeMap::new();
    for line in journal.iter().flat_map(|event| &event.lines).filter(|line| line.from.lot == lot) {
        for (key, units) in [(&line.from, -line.units), (&line.to, line.units)] {
            let name = if key.account.is_inside() { "on_hand" } else { key.account.kind.as_str() };
            *sums.entry(name).or_default() += units;
        }
    }
    let of = |name: &str| sums.get(name).copied().unwrap_or(0);
    let ours = [
        ("received", -of("supplier")),
        ("on_hand", of("on_hand")),
        ("administered", of("patient")),
        ("wasted", of("waste")),
        ("returned", of("returned")),
        ("destroyed", of("destroyed")),
        ("lost", of("lost")),
        ("adjusted", -of("adjustment") - of("unaccounted")),
    ];
    let wrong = ours.iter().any(|(name, units)| said[name].as_i64() != Some(*units)) || said["balanced"] != true;
    wrong.then(|| Violation {
        kind: "does_not_reconcile",
        lot: lot.to_owned(),
        position: journal.len(),
        what: format!("{said} is said of the lot, and the journal has {ours:?}"),
    })
}
