//! Visits in a history: what is asked, explained and recorded around treatments, and what is asked for.

use serde_json::{Value, json};

use super::super::journal::day;
use super::{Dice, History, at};
use crate::support::clinic::id;

pub(super) const PATIENTS: [&str; 2] = ["P-1001", "P-1002"];
pub(super) const AREAS: [&str; 2] = ["midface", "chin"];

/// What a clinic asks, explains, waits for and has at hand; in days and hours that histories reach.
pub(super) fn documents(product: &str) -> [Value; 4] {
    let of = |kind: &str, content: Value| {
        json!({
            "kind": kind, "applies_to": {"class": "hybrid_filler"}, "title": format!("The {kind}"), "source": "Illustrative",
            "effective_from": "2026-06-01", "reason": "First version", "content": content
        })
    };
    let (mut screening, mut consent) = (crate::visits::screening(), crate::visits::consent_content());
    screening["valid_days"] = json!(3);
    (consent["reflection_hours"], consent["valid_days"]) = (json!(1), json!(3));
    [
        of("screening", screening),
        of("consent", consent),
        of("retreatment", json!({"least_days": 2})),
        of("emergency_kit", json!({"items": [{"product_id": product, "units": 4}]})),
    ]
}

impl History<'_> {
    /// What is asked around a treatment changes: by the policy, or by a new version of a document.
    fn ask_otherwise(&self, dice: &mut Dice) {
        let gates = ["screening", "consent", "age", "interval", "prescription", "emergency_kit"];
        if dice.chance(70) {
            let gates: Vec<_> = gates.into_iter().filter(|_| dice.chance(35)).collect();
            self.set_policy(|policy| policy["treatment_gates"] = json!({"hybrid_filler": gates}));
            return;
        }
        let index = dice.pick(4);
        let mut next = documents(&self.products[0])[index].clone();
        next["reason"] = json!(format!("Version of {}", self.now()));
        let today = day(self.now(), "Etc/UTC") + chrono::Days::new(dice.pick(3) as u64);
        next["effective_from"] = json!(today.to_string());
        _ = self.send("admin", "/v1/protocols", &next);
    }

    /// Prescribes for a patient, sometimes late, or withdraws what was prescribed.
    fn prescribe(&mut self, dice: &mut Dice) {
        if dice.chance(20)
            && let Some(made) = dice.of(&self.prescriptions).cloned()
        {
            let path = format!("/v1/prescriptions/{made}/withdraw");
            _ = self.ask("withdrawal of a prescription", "dr-a", &path, &json!({"reason": "Another product"}));
            return;
        }
        let today = day(self.now(), "Etc/UTC");
        let (what, named) = match dice.pick(3) {
            0 => ("class", "hybrid_filler"),
            place => ("product_id", self.products[place - 1].as_str()),
        };
        let mut body = json!({
            "patient_ref": PATIENTS[dice.pick(2)], "units": 1 + dice.pick(3), "prescriber_id": self.practitioners[1],
            "site_id": self.sites[0], "seen": "video", "valid_until": (today + chrono::Days::new(dice.pick(3) as u64)).to_string()
        });
        body[what] = json!(named);
        if let Some(when) = self.when(dice).filter(|_| dice.chance(30)) {
            body["prescribed_at"] = json!(when);
        }
        if let Ok(made) = self.ask("prescription", "dr-a", "/v1/prescriptions", &body) {
            self.prescriptions.push(id(&made));
        }
    }

    /// Opens a visit, or records something in one.
    pub(super) fn visit(&mut self, dice: &mut Dice) {
        if dice.chance(12) {
            self.ask_otherwise(dice);
        }
        if dice.chance(40) {
            self.prescribe(dice);
        }
        if self.visits.is_empty() || dice.chance(30) {
            let (site, patient) = (usize::from(dice.chance(15)), PATIENTS[dice.pick(2)]);
            let body = json!({
                "site_id": self.sites[site], "practitioner_id": self.practitioners[0], "patient_ref": patient,
                "planned": [{"product_id": self.products[0], "area": "midface"}, {"product_id": self.products[1], "area": "chin"}]
            });
            if let Ok(made) = self.ask("visit", "dr-a", "/v1/visits", &body) {
                self.visits.push((id(&made), patient.to_owned(), site));
            }
        }
        let newest = self.visits.len().saturating_sub(1 + dice.pick(3));
        let Some((visit, ..)) = self.visits.get(newest).cloned() else { return };
        let when = self.when(dice).filter(|_| dice.chance(30));
        for _ in 0..=dice.pick(3) {
            let note = dice.chance(70).then_some("As the patient says");
            let (what, body) = match dice.pick(12) {
                0..=3 => {
                    let answers = json!([
                        {"question": "pregnancy", "value": dice.chance(8), "note": note},
                        {"question": "infection", "value": if dice.chance(10) { json!("2026-06-28") } else { Value::Null }, "note": note}
                    ]);
                    ("screenings", at(json!({"answers": answers}), when.clone()))
                }
                4..=7 => {
                    let mut consent = crate::visits::consent();
                    if dice.chance(20) {
                        consent["explained"].as_array_mut().unwrap().pop();
                    }
                    match dice.pick(3) {
                        0 => _ = consent.as_object_mut().unwrap().remove("agreed"),
                        1 => _ = consent.as_object_mut().unwrap().remove("explained"),
                        _ => {}
                    }
                    ("consents", consent)
                }
                8 => ("withdrawals", at(json!({}), when.clone())),
                9 | 10 => {
                    ("age-attestations", at(json!({"of_age": dice.chance(80), "seen": "passport"}), when.clone()))
                }
                _ if dice.chance(10) => ("sign", json!({})),
                _ => ("addenda", json!({"text": "The patient called"})),
            };
            _ = self.ask("entry of a visit", "dr-a", &format!("/v1/visits/{visit}/{what}"), &body);
        }
    }
}
