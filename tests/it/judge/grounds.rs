//! Whether a refusal had grounds, and an order none against it (DOMAIN rules 1 to 5, 12, 17, 20 and 25): over-blocking
//! corrupts data, too.
//!
//! What can be told from the journal alone is judged; what needs more of the request than its ids (a scanned code) is not.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::authority::Need;
use super::journal::{Account, Event, Key, Moment, date, day, text};
use super::verdict::Judge;

/// Which sort of licence the reasons of a holder are about.
const LICENCES: [(&str, &str); 3] = [
    ("site_licence_", "facility"),
    ("practitioner_licence_", "professional_registration"),
    ("supplier_licence_", "wholesale"),
];

impl Judge<'_> {
    /// A refusal says nothing that is not so.
    pub(super) fn refusal(&mut self, position: usize) {
        let event = &self.journal[position];
        let lot = text(&event.data, "request.lot_id").to_owned();
        let lot = if lot.is_empty() { self.lot_of(event) } else { lot };
        let reasons = event.data["decision"]["reasons"].as_array().cloned().unwrap_or_default();
        for reason in &reasons {
            let code = text(reason, "code");
            if self.is_groundless(position, &lot, reason) {
                let what = format!("{} was refused for {code}, which was not so then", text(&event.data, "operation"));
                self.find("refused_without_ground", &lot, position, what);
            }
        }
    }

    /// The lot that a refusal is about, where its request does not name it.
    fn lot_of(&self, event: &Event) -> String {
        event.subjects.iter().find(|subject| subject.starts_with("lot_")).cloned().unwrap_or_default()
    }

    fn is_groundless(&self, position: usize, lot: &str, reason: &Value) -> bool {
        let event = &self.journal[position];
        let (operation, request) = (text(&event.data, "operation"), &event.data["request"]);
        let (code, subject) = (text(reason, "code"), text(reason, "subject.id"));
        let is_prompt = event.occurred_at == event.recorded_at;
        let held = || !self.holds(position, lot, None).is_empty();
        match (operation, code) {
            ("administer", "lot_expired") if !lot.is_empty() => {
                let (zone, _) = self.known(position).site(text(request, "site_id"), event.occurred_at);
                day(event.occurred_at, zone) <= date(text(self.new_lot(position, lot), "expiry"))
            }
            ("administer" | "release", "lot_on_hold" | "lot_recalled") if !lot.is_empty() => !held(),
            ("administer", "stock_not_on_hand" | "lot_quarantined" | "lot_rejected") if !lot.is_empty() => {
                !self.is_numbered(position, lot) && !held() && self.is_there_for_good(position, lot, request)
            }
            ("administer" | "release", "lot_denied") if is_prompt && !lot.is_empty() => {
                self.denied(position, lot).is_none()
            }
            // What somebody looked at and did not pass is theirs, too: whoever inspected none of the lot is not meant.
            ("release", "inspector_cannot_release") => !self.has_inspected(position, lot, &event.actor),
            ("release", "stock_not_on_hand" | "units_not_passed" | "not_inspected")
                if is_prompt && !self.is_numbered(position, lot) =>
            {
                self.is_releasable(position, lot, request)
            }
            (_, "supplier_denied") if is_prompt => !self.is_denied_supplier(position, subject),
            (_, code) if is_prompt && code.ends_with("_retired") => !self.is_retired(position, subject),
            ("administer", _) if is_prompt && !lot.is_empty() => {
                let class = self.class_of(position, lot);
                self.counts_all_the_same(position, reason, text(request, "site_id"), class)
            }
            ("place_order", _) => self.classes_of(request, position).into_iter().any(|(product, class)| {
                let is_about = self.classes_of(request, position).len() == 1;
                is_about
                    && !product.is_empty()
                    && self.counts_all_the_same(position, reason, text(request, "order.site_id"), class)
            }),
            _ => false,
        }
    }

    /// Whether a licence counts that a reason says does not.
    fn counts_all_the_same(&self, position: usize, reason: &Value, site: &str, class: &str) -> bool {
        let code = text(reason, "code");
        let Some((_, kind)) = LICENCES.iter().find(|(prefix, _)| code.starts_with(prefix)) else { return false };
        let event = &self.journal[position];
        let known = self.known(position);
        let (zone, jurisdiction) = known.site(site, event.occurred_at);
        let organisation = text(&self.journal[0].data, "id");
        let request = &event.data["request"];
        let one = |paths: [&str; 2]| paths.into_iter().map(|path| text(request, path)).find(|id| !id.is_empty());
        let holders: Vec<&str> = match *kind {
            "facility" => vec![site, organisation],
            "wholesale" => one(["supplier_id", "order.supplier_id"]).into_iter().collect(),
            _ => one(["practitioner_id", "order.practitioner_id"]).into_iter().collect(),
        };
        let need = Need { holders: &holders, kind, class, jurisdiction, zone, at: event.occurred_at };
        !holders.is_empty() && known.is_licensed(&need)
    }

    /// The products of an order and their classes.
    fn classes_of<'b>(&'b self, ordered: &'b Value, position: usize) -> BTreeMap<&'b str, &'b str> {
        let at = self.journal[position].occurred_at;
        let lines = ordered["lines"].as_array().into_iter().flatten().map(|line| text(line, "product_id"));
        let class = |id| self.known(position).version("product", id, at).map_or("", |row| text(row, "class"));
        lines.map(|id| (id, class(id))).collect()
    }

    /// DOMAIN rules 1, 2, 4 and 25: an order that was placed was one that may be.
    pub(super) fn order(&mut self, position: usize) {
        let event = &self.journal[position];
        let id = text(&event.data, "order_id");
        let made = self.journal[..position].iter().find(|event| {
            event.kind == "order_created" && [text(&event.data, "order.id"), text(&event.data, "id")].contains(&id)
        });
        let Some(made) = made else {
            return self.find("bad_order", "", position, format!("{id} was placed and never made"));
        };
        let known = self.known(position);
        let order = if made.data["order"].is_object() { &made.data["order"] } else { &made.data };
        let (site, supplier) = (text(order, "site_id"), text(order, "supplier_id"));
        let (zone, jurisdiction) = known.site(site, event.occurred_at);
        let organisation = text(&self.journal[0].data, "id");
        let mut against = Vec::new();
        if self.is_denied_supplier(position, supplier) {
            against.push(format!("{supplier} was denied"));
        }
        let classes = self.classes_of(&made.data, position);
        against.extend(
            [supplier, site]
                .into_iter()
                .chain(classes.keys().copied())
                .filter(|id| self.is_retired(position, id))
                .map(|id| format!("{id} was retired")),
        );
        let approved =
            known.version("supplier", supplier, event.occurred_at).map(|row| row["approved_classes"].clone());
        for class in classes.values() {
            let holders: [(&[&str], &str); 2] = [(&[supplier], "wholesale"), (&[site, organisation], "facility")];
            for (holders, kind) in holders {
                let need = Need { holders, kind, class, jurisdiction, zone, at: event.occurred_at };
                if !known.is_licensed(&need) {
                    against.push(format!("no {kind} licence counted for {}", holders[0]));
                }
            }
            let approves = |approved: &Value| approved.as_array().is_some_and(|all| all.iter().any(|one| one == class));
            if !approved.as_ref().is_some_and(approves) {
                against.push(format!("{supplier} was not approved for {class}"));
            }
        }
        for what in against {
            self.find("bad_order", "", position, format!("{id} was placed, and {what}"));
        }
    }

    fn is_denied_supplier(&self, position: usize, supplier: &str) -> bool {
        let denied = &self.known(position).policy(self.journal[position].occurred_at)["denied_suppliers"];
        denied.as_array().is_some_and(|denied| denied.iter().any(|denied| denied == supplier))
    }

    /// Whether a lot is on the list of denied lots at the moment of an event: by a GTIN of its product, and its text
    /// whatever its case.
    pub(super) fn denied(&self, position: usize, lot: &str) -> Option<String> {
        let at = self.journal[position].occurred_at;
        let (known, new) = (self.known(position), self.new_lot(position, lot));
        let product = known.version("product", text(new, "product_id"), at)?;
        let denied = known.policy(at)["denied_lots"].as_array()?;
        let names = |entry: &&Value| {
            let whole = product.to_string();
            let device = [text(entry, "gtin"), text(entry, "udi_di")].into_iter().find(|id| !id.is_empty());
            device.is_some_and(|device| whole.contains(&format!("\"{device}\"")))
                && text(entry, "lot").to_uppercase() == text(new, "lot").to_uppercase()
        };
        denied.iter().find(names).map(|entry| format!("{} was denied", text(entry, "lot")))
    }

    /// Whether something is retired by what was known with an event.
    fn is_retired(&self, position: usize, id: &str) -> bool {
        let changes = self.journal[..=position].iter().rev();
        let mut changes = changes.filter(|event| text(&event.data, "row.id") == id);
        changes.next().is_some_and(|event| event.kind.ends_with("_retired"))
    }

    fn has_inspected(&self, position: usize, lot: &str, who: &str) -> bool {
        let same = |person: &str| person.trim().to_lowercase() == who.trim().to_lowercase();
        self.journal[..position].iter().any(|event| {
            event.kind == "packaging_inspected"
                && text(&event.data, "lot_id") == lot
                && (same(text(&event.data, "inspector")) || same(&event.actor))
        })
    }

    /// Whether enough units lie at the place that a release names, all of which passed with somebody else, and whose
    /// origins are good.
    fn is_releasable(&self, position: usize, lot: &str, request: &Value) -> bool {
        let ledger = self.before(position);
        let releaser = self.journal[position].actor.as_str();
        let from = text(request, "from_location_id");
        let here = |key: &&Key| {
            key.lot == lot
                && key.account.kind == "passed"
                && key.account.place.as_ref().is_some_and(|place| place.location == from)
        };
        let good = |key: &&Key| {
            self.against_inspection(position, key.account.inspection.as_deref(), releaser).is_empty()
                && self.against_origin(position, &ledger, key).is_empty()
        };
        let units: i64 = ledger.units.iter().filter(|(key, _)| here(key) && good(key)).map(|(_, units)| units).sum();
        let only_these = ledger.units.iter().filter(|(key, units)| here(key) && **units > 0).all(|(key, _)| good(&key));
        only_these && units >= request["units"].as_i64().unwrap_or(i64::MAX)
    }

    fn is_numbered(&self, position: usize, lot: &str) -> bool {
        let lines = self.journal[..=position].iter().flat_map(|event| &event.lines);
        lines.into_iter().any(|line| line.from.lot == lot && line.from.pack.is_some())
    }

    /// Whether units lie available at one place at the moment of a request, and there for good: a hold that was opened
    /// since takes only what is there.
    fn is_there_for_good(&self, position: usize, lot: &str, request: &Value) -> bool {
        let at = self.journal[position].occurred_at;
        let wanted = request["units"].as_i64().unwrap_or(1);
        let keys: BTreeSet<&Key> = self.journal[..position]
            .iter()
            .flat_map(|event| &event.lines)
            .map(|line| &line.to)
            .filter(|key| key.lot == lot && key.account.kind == "available")
            .collect();
        keys.into_iter().any(|key| {
            let here = key.account.place.as_ref().is_some_and(|place| {
                place.site == text(request, "site_id")
                    && request["location_id"].as_str().is_none_or(|location| location == place.location)
            });
            let held = Account { kind: "held".to_owned(), ..key.account.clone() };
            let held = Key { account: held, ..key.clone() };
            let mut changes: BTreeMap<Moment, i64> = BTreeMap::new();
            for (moment, delta, _) in [self.changes(key, position), self.changes(&held, position)].concat() {
                *changes.entry(moment).or_default() += delta;
            }
            let (mut balance, mut least) = (0, None);
            for (moment, delta) in changes {
                if moment > at {
                    least = Some(least.unwrap_or(balance).min(balance + delta));
                }
                balance += delta;
            }
            here && least.unwrap_or(balance).min(self.at_moment(key, position, at)) >= wanted
        })
    }

    fn at_moment(&self, key: &Key, position: usize, at: Moment) -> i64 {
        self.changes(key, position).into_iter().filter(|(moment, ..)| *moment <= at).map(|(_, delta, _)| delta).sum()
    }
}
