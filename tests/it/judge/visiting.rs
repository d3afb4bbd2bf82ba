//! What the record around a treatment says at the chair, by the journal alone (DOMAIN.md, "Record around a treatment"): which of its
//! reasons an administration, or what was refused, had to give. What follows from answers is worked out anew from the questions.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::journal::{Event, Moment, date, day, moment, text};
use super::verdict::Judge;

/// The reasons that only this record gives.
pub const CODES: [&str; 13] = [
    "screening_missing",
    "screening_stale",
    "screening_stop",
    "consent_missing",
    "consent_too_soon",
    "consent_lapsed",
    "consent_withdrawn",
    "patient_under_age",
    "interval_too_short",
    "prescription_missing",
    "prescription_lapsed",
    "prescription_exhausted",
    "emergency_kit_incomplete",
];

const DAY: i64 = 86_400_000_000;

/// A treatment, done or refused.
struct Treated<'a> {
    at: Moment,
    zone: &'a str,
    site: &'a str,
    product: &'a str,
    class: &'a str,
    patient: String,
    visit: &'a str,
    area: &'a str,
    units: i64,
}

impl<'a> Judge<'a> {
    /// What was done or refused at the chair had exactly these reasons of the record around it.
    pub(super) fn around(&mut self, position: usize) {
        let event = &self.journal[position];
        let (asked, decision) = match event.kind.as_str() {
            "stock_administered" => (&event.data["administration"], &event.data["administration"]["decision"]),
            _ => (&event.data["request"], &event.data["decision"]),
        };
        let lot = text(asked, "lot_id");
        let named = event.subjects.iter().find(|subject| subject.starts_with("lot_")).map(String::as_str);
        let lot = if lot.is_empty() { named.unwrap_or_default() } else { lot };
        if lot.is_empty() {
            return;
        }
        let is_done = event.kind == "stock_administered";
        let of = |done: &str, refused: &str| text(asked, if is_done { done } else { refused });
        let site = text(asked, "site_id");
        let (zone, _) = self.known(position).site(site, event.occurred_at);
        let treated = Treated {
            at: event.occurred_at,
            zone,
            site,
            product: self.product_of(position, lot),
            class: self.class_of(position, lot),
            patient: of("clinical.patient_ref", "patient_ref").to_lowercase(),
            visit: text(asked, "visit_id"),
            area: of("clinical.treatment.area", "treatment.area"),
            units: asked["units"].as_i64().unwrap_or(1),
        };
        let expected = self.expected(position, &treated);
        let said = decision["reasons"].as_array().into_iter().flatten().map(|reason| text(reason, "code"));
        let said: BTreeSet<&str> = said.filter(|code| CODES.contains(code)).collect();
        if said != expected {
            let what = format!("the record around it says {expected:?}, and the decision {said:?}");
            self.find("wrong_record_around", lot, position, what);
        }
        let expected = self.drawn_on(position, &treated).ok().flatten();
        let drawn = event.data["draw"]["prescription_id"].as_str();
        let is_whole = drawn.is_none() || event.data["draw"]["parts"] == treated.units * 1_000_000;
        if is_done && (drawn != expected || !is_whole) {
            let what = format!("{} was drawn on {drawn:?}, and {expected:?} lapses first", event.data["draw"]);
            self.find("wrong_draw", lot, position, what);
        }
    }

    fn expected(&self, position: usize, treated: &Treated<'_>) -> BTreeSet<&'static str> {
        let mut codes = BTreeSet::new();
        let gates = &self.known(position).policy(treated.at)["treatment_gates"][treated.class];
        let asks = |gate: &str| gates.as_array().is_some_and(|gates| gates.iter().any(|asked| asked == gate));
        let mut opened = self.journal[..position].iter().filter(|event| event.kind == "visit_opened");
        let visit = opened.find(|event| text(&event.data, "id") == treated.visit);
        // The patient's newest answers count, in whichever visit since it began.
        let of_patient = |event: &Event| {
            let of = |data: &Value| text(data, "patient_id").to_owned();
            event.data["said"]["screening"].is_object()
                && visit
                    .is_some_and(|visit| of(&visit.data) == of(&event.data) && event.occurred_at > visit.occurred_at)
        };
        let mut entries: Vec<&Event> = self.journal[..position]
            .iter()
            .filter(|event| event.kind == "visit_entered" && visit.is_some())
            .filter(|event| text(&event.data, "visit_id") == treated.visit || of_patient(event))
            .filter(|event| event.occurred_at <= treated.at)
            .collect();
        entries.sort_by_key(|event| (event.occurred_at, text(&event.data, "id")));
        self.screened(position, treated, &entries, asks("screening"), &mut codes);
        self.consented(position, treated, &entries, asks("consent"), &mut codes);
        let of_age = entries.iter().rev().find_map(|event| event.data["said"]["age_attestation"]["of_age"].as_bool());
        if asks("age") && of_age != Some(true) {
            codes.insert("patient_under_age");
        }
        if asks("interval") && self.is_too_soon(position, treated) {
            codes.insert("interval_too_short");
        }
        if let Err(code) = self.drawn_on(position, treated) {
            codes.insert(code);
        }
        if asks("emergency_kit") && !self.has_kit(position, treated) {
            codes.insert("emergency_kit_incomplete");
        }
        codes
    }

    /// The version that counts: of the narrowest scope, the newest of those whose day has come.
    fn in_force(&self, position: usize, kind: &str, treated: &Treated<'_>) -> Option<&'a Value> {
        let today = day(treated.at, treated.zone);
        let written = || self.journal[..position].iter().filter(|event| event.kind == "protocol_written");
        [treated.product, treated.class, ""].into_iter().find_map(|scope| {
            written()
                .map(|event| &event.data)
                .filter(|data| text(data, "kind") == kind && text(data, "scope") == scope)
                .filter(|data| date(text(data, "effective_from")) <= today)
                .max_by_key(|data| data["version"].as_i64())
        })
    }

    fn screened(
        &self,
        position: usize,
        treated: &Treated<'_>,
        entries: &[&Event],
        is_asked: bool,
        codes: &mut BTreeSet<&'static str>,
    ) {
        let mut newest: BTreeMap<&str, &Event> = BTreeMap::new();
        for event in entries.iter().filter(|event| event.data["said"]["screening"].is_object()) {
            newest.insert(text(&event.data, "said.screening.protocol.scope"), event);
        }
        if newest.values().any(|event| self.is_stopped(position, event, treated.zone)) {
            codes.insert("screening_stop");
        }
        if !is_asked {
            return;
        }
        let Some(protocol) = self.in_force(position, "screening", treated) else {
            codes.insert("screening_missing");
            return;
        };
        let Some(event) = newest.get(text(protocol, "scope")) else {
            codes.insert("screening_missing");
            return;
        };
        let days = protocol["content"]["screening"]["valid_days"].as_i64().unwrap();
        let is_other = text(&event.data, "protocol_id") != text(protocol, "id");
        if is_other || treated.at > event.occurred_at + days * DAY {
            codes.insert("screening_stale");
        }
    }

    /// Whether answers stop a treatment: worked out from the questions of the version that they answer.
    fn is_stopped(&self, position: usize, event: &Event, zone: &str) -> bool {
        let id = text(&event.data, "protocol_id");
        let mut written = self.journal[..position].iter().filter(|event| event.kind == "protocol_written");
        let protocol = &written.find(|event| text(&event.data, "id") == id).unwrap().data;
        let questions = protocol["content"]["screening"]["questions"].as_array().unwrap();
        event.data["said"]["screening"]["answers"].as_array().unwrap().iter().any(|answer| {
            let question = questions.iter().find(|question| question["code"] == answer["question"]).unwrap();
            let (rule, value) = (&question["answer"], &answer["value"]);
            let consequence = match text(rule, "type") {
                "yes_no" => text(rule, if value == true { "yes" } else { "no" }),
                "date" if value.is_string() => {
                    let days = (day(event.occurred_at, zone) - date(value.as_str().unwrap())).num_days();
                    if days < rule["min_days_since"].as_i64().unwrap() { text(rule, "sooner") } else { "none" }
                }
                _ => "none",
            };
            consequence == "stop"
        })
    }

    fn consented(
        &self,
        position: usize,
        treated: &Treated<'_>,
        entries: &[&Event],
        is_asked: bool,
        codes: &mut BTreeSet<&'static str>,
    ) {
        let withdrawn = entries.iter().filter(|event| event.data["said"]["withdrawal"].is_object());
        let withdrawn = withdrawn.map(|event| event.occurred_at).max();
        let consents: Vec<&Value> =
            entries.iter().map(|event| &event.data["said"]["consent"]).filter(|said| said.is_object()).collect();
        let agreed = |said: &Value| said["agreed"]["at"].as_str().map(moment);
        let is_after = |at: Moment| withdrawn.is_none_or(|withdrawn| at > withdrawn);
        if withdrawn.is_some() && !consents.iter().filter_map(|said| agreed(said)).any(is_after) {
            codes.insert("consent_withdrawn");
            return;
        }
        if !is_asked {
            return;
        }
        let Some(protocol) = self.in_force(position, "consent", treated) else {
            codes.insert("consent_missing");
            return;
        };
        let of_document: Vec<&&Value> =
            consents.iter().filter(|said| text(said, "protocol.scope") == text(protocol, "scope")).collect();
        let given = of_document.iter().filter_map(|said| Some((agreed(said)?, **said)));
        let newest = given.filter(|(at, _)| *at <= treated.at && is_after(*at)).max_by_key(|(at, _)| *at);
        let Some((at, said)) = newest else {
            codes.insert("consent_missing");
            return;
        };
        if text(said, "protocol.protocol_id") != text(protocol, "id") {
            codes.insert("consent_lapsed");
            return;
        }
        let of_version = of_document.iter().filter(|said| text(said, "protocol.protocol_id") == text(protocol, "id"));
        let explained: Vec<(&str, Moment)> = of_version
            .flat_map(|said| said["explained"].as_array().unwrap())
            .map(|told| (text(told, "point"), moment(text(told, "at"))))
            .filter(|(_, told)| *told <= at)
            .collect();
        let content = &protocol["content"]["consent"];
        let points: Vec<&str> = content["points"].as_array().unwrap().iter().map(|point| text(point, "code")).collect();
        let first = |point: &str| explained.iter().filter(|(told, _)| *told == point).map(|(_, at)| *at).min();
        if points.iter().any(|point| first(point).is_none()) {
            codes.insert("consent_missing");
        }
        let informed = points.iter().filter_map(|point| first(point)).max();
        let reflection = content["reflection_hours"].as_i64().unwrap() * 3_600_000_000;
        if informed.is_some_and(|informed| at < informed + reflection) {
            codes.insert("consent_too_soon");
        }
        if treated.at > at + content["valid_days"].as_i64().unwrap() * DAY {
            codes.insert("consent_lapsed");
        }
    }

    fn is_too_soon(&self, position: usize, treated: &Treated<'_>) -> bool {
        let Some(protocol) = self.in_force(position, "retreatment", treated) else { return false };
        let least = protocol["content"]["retreatment"]["least_days"].as_i64().unwrap();
        let today = day(treated.at, treated.zone);
        let known = &self.journal[..position];
        let is_voided = |id: &str| {
            known
                .iter()
                .any(|event| event.kind == "administration_voided" && text(&event.data, "void.administration_id") == id)
        };
        known.iter().filter(|event| event.kind == "stock_administered" && event.occurred_at < treated.at).any(|event| {
            let before = &event.data["administration"];
            let is_same = match treated.visit {
                "" => day(event.occurred_at, treated.zone) == today,
                visit => text(before, "visit_id") == visit,
            };
            !is_same
                && text(before, "clinical.patient_ref").to_lowercase() == treated.patient
                && text(before, "clinical.treatment.area") == treated.area
                && self.class_of(position, text(before, "lot_id")) == treated.class
                && !is_voided(text(before, "id"))
                && (today - day(event.occurred_at, treated.zone)).num_days() < least
        })
    }

    /// On which prescription of the patient it is drawn, where the policy asks for one; or why on none.
    fn drawn_on(&self, position: usize, treated: &Treated<'_>) -> Result<Option<&'a str>, &'static str> {
        let gates = &self.known(position).policy(treated.at)["treatment_gates"][treated.class];
        if !gates.as_array().is_some_and(|gates| gates.iter().any(|asked| asked == "prescription")) {
            return Ok(None);
        }
        let known = &self.journal[..position];
        let today = day(treated.at, treated.zone).to_string();
        let of = |event: &'a Event| &event.data["prescription"];
        let mut made: Vec<&'a Value> = known
            .iter()
            .filter(|event| event.kind == "prescription_made" && event.occurred_at <= treated.at)
            .map(of)
            .filter(|made| text(made, "clinical.patient_ref").to_lowercase() == treated.patient)
            .filter(|made| text(made, "product_id") == treated.product || text(made, "class") == treated.class)
            .collect();
        made.sort_by_key(|made| (text(made, "valid_until"), text(made, "id")));
        let stands = |made: &Value| {
            let withdrawn = known.iter().filter(|event| event.kind == "prescription_withdrawn");
            let mut of_it = withdrawn.filter(|event| text(&event.data, "prescription_id") == text(made, "id"));
            of_it.all(|event| event.occurred_at > treated.at)
        };
        let left = |made: &Value| {
            let draws = known.iter().filter(|event| text(&event.data, "draw.prescription_id") == text(made, "id"));
            let drawn: i64 = draws
                .map(|event| {
                    let parts = event.data["draw"]["parts"].as_i64().unwrap();
                    if event.kind == "administration_voided" { -parts } else { parts }
                })
                .sum();
            made["units"].as_i64().unwrap() * 1_000_000 - drawn
        };
        let counts = |made: &Value| text(made, "valid_until") >= today.as_str() && stands(made);
        if let Some(enough) = made.iter().find(|made| counts(made) && left(made) >= treated.units * 1_000_000) {
            return Ok(Some(text(enough, "id")));
        }
        match made.last() {
            None => Err("prescription_missing"),
            Some(_) if made.iter().any(|made| counts(made)) => Err("prescription_exhausted"),
            Some(_) => Err("prescription_lapsed"),
        }
    }

    fn has_kit(&self, position: usize, treated: &Treated<'_>) -> bool {
        let Some(protocol) = self.in_force(position, "emergency_kit", treated) else { return false };
        let today = day(treated.at, treated.zone).to_string();
        let ledger = self.before(position);
        protocol["content"]["emergency_kit"]["items"].as_array().unwrap().iter().all(|item| {
            let product = text(item, "product_id");
            let is_usable =
                |place: &super::journal::Place| place.site == treated.site && place.use_by.as_str() >= today.as_str();
            let here = ledger.units.iter().filter(|(key, _)| {
                key.account.kind == "available"
                    && key.account.place.as_ref().is_some_and(is_usable)
                    && self.product_of(position, &key.lot) == product
            });
            here.map(|(_, units)| *units).sum::<i64>() >= item["units"].as_i64().unwrap()
        })
    }
}
