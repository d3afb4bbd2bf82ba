//! Who may sell, hold and treat at a moment: DOMAIN rules 1, 2, 4 and 20a, from what the journal knew.

use serde_json::Value;

use super::journal::{Event, Moment, date, day, moment, moment_of, text};

/// What the journal knew up to an event.
pub struct Known<'a>(pub &'a [Event]);

/// What a licence is needed for.
pub struct Need<'a> {
    pub holders: &'a [&'a str],
    pub kind: &'a str,
    pub class: &'a str,
    pub jurisdiction: &'a str,
    pub zone: &'a str,
    pub at: Moment,
}

impl<'a> Known<'a> {
    fn of_kind(&self, kind: &'a str) -> impl Iterator<Item = &'a Event> + use<'a> {
        self.0.iter().filter(move |event| event.kind == kind)
    }

    /// The version of a thing that was in force at a moment; the first one counts for earlier moments, too.
    pub fn version(&self, what: &str, id: &str, at: Moment) -> Option<&'a Value> {
        let (registered, corrected) = (format!("{what}_registered"), format!("{what}_corrected"));
        let first = self.0.iter().find(|event| event.kind == registered && text(&event.data, "id") == id)?;
        let mut later =
            self.0.iter().rev().filter(|event| {
                event.kind == corrected && text(&event.data, "row.id") == id && event.occurred_at <= at
            });
        Some(later.next().map_or(&first.data, |event| &event.data["row"]))
    }

    /// The policy in force at a moment; null before the first one.
    pub fn policy(&self, at: Moment) -> &'a Value {
        let set = self.of_kind("policy_set").filter(|event| moment(text(&event.data, "set_at")) <= at);
        set.last().map_or(&Value::Null, |event| &event.data["body"])
    }

    /// The criteria that a class needs examined (DOMAIN rule 10: by default the first three).
    pub fn checklist(&self, class: &str, at: Moment) -> Vec<&'a str> {
        match self.policy(at)["checklists"][class].as_array() {
            Some(criteria) => criteria.iter().filter_map(Value::as_str).collect(),
            None => vec!["outer_carton_intact", "tamper_evidence_intact", "label_legible"],
        }
    }

    /// Whether an inspection examined all of a checklist: each criterion passes or does not apply, or fails with units that
    /// failed.
    pub fn is_complete(&self, inspection: &Value, class: &str, at: Moment) -> bool {
        let result = |criterion: &str| {
            let checks = inspection["checks"].as_array().into_iter().flatten();
            checks.filter(|check| text(check, "criterion") == criterion).map(|check| text(check, "result")).next()
        };
        self.checklist(class, at).into_iter().all(|criterion| match result(criterion) {
            Some("pass" | "not_applicable") => true,
            Some("fail") => inspection["units_failed"].as_i64().unwrap_or(0) > 0,
            _ => false,
        })
    }

    fn is_reversed(&self, kind: &'a str, member: &str, id: &str) -> bool {
        self.of_kind(kind).any(|event| text(&event.data, member) == id)
    }

    /// DOMAIN rules 1 and 20a: some licence of the holders counts at the moment.
    pub fn is_licensed(&self, need: &Need<'_>) -> bool {
        let on = day(need.at, need.zone);
        let interval = self.policy(need.at)["licence_recheck_days"].as_i64().unwrap_or(365) * 86_400_000_000;
        self.of_kind("licence_registered").any(|event| {
            let licence = &event.data;
            let classes = licence["product_classes"].as_array();
            let covers = |word: &Value| word == "*" || word == need.class;
            let of = text(licence, "jurisdiction");
            if self.is_reversed("licence_reversed", "licence_id", text(licence, "id"))
                || !need.holders.contains(&text(licence, "holder_id"))
                || text(licence, "kind") != need.kind
                || !classes.is_some_and(|classes| classes.iter().any(covers))
                || !(of == need.jurisdiction || need.jurisdiction.starts_with(&format!("{of}-")))
                || on < date(text(licence, "valid_from"))
                || on > date(text(licence, "valid_to"))
            {
                return false;
            }
            let mut checks: Vec<_> = self
                .of_kind("licence_checked")
                .filter(|event| text(&event.data, "licence_id") == text(licence, "id"))
                .filter(|event| !self.is_reversed("licence_check_reversed", "check_id", text(&event.data, "id")))
                .map(|event| (moment(text(&event.data, "checked_at")), event.recorded_at, &event.data))
                .collect();
            checks.sort_by_key(|(checked_at, recorded_at, _)| (*checked_at, *recorded_at));
            let verified = |check: &Value| text(check, "outcome") == "verified";
            let fresh = checks.iter().any(|(checked_at, _, check)| verified(check) && checked_at + interval >= need.at);
            let lost = checks.iter().enumerate().any(|(place, (checked_at, _, check))| {
                let begun = match check["effective_on"].as_str() {
                    Some(from) => on >= date(from),
                    None => need.at >= *checked_at,
                };
                // A verification from before the day on which an announced state begins is not after it.
                let after =
                    |at: Moment| check["effective_on"].as_str().is_none_or(|from| day(at, need.zone) >= date(from));
                let mut later = checks[place + 1..].iter().filter(|(at, _, later)| verified(later) && after(*at));
                let end = later.next().map(|(at, ..)| *at);
                !verified(check) && begun && end.is_none_or(|end| need.at < end)
            });
            fresh && !lost
        })
    }

    /// What speaks against the supplier of a receipt on the day of receipt (DOMAIN rules 4 and 12).
    pub fn against_origin(&self, receipt: &str, class: &str) -> Vec<String> {
        let Some(receipt) = self.of_kind("receipt_recorded").find(|event| text(&event.data, "id") == receipt) else {
            return vec![format!("{receipt} is no receipt")];
        };
        let at = moment_of(&receipt.data, "occurred_at").unwrap_or(receipt.occurred_at);
        let (supplier, site) = (text(&receipt.data, "supplier_id"), text(&receipt.data, "site_id"));
        let mut against = Vec::new();
        let approved = self.version("supplier", supplier, at).and_then(|row| row["approved_classes"].as_array());
        if !approved.is_some_and(|classes| classes.iter().any(|known| known == class)) {
            against.push(format!("{supplier} was not approved"));
        }
        let denied = self.policy(at)["denied_suppliers"].as_array();
        if denied.is_some_and(|denied| denied.iter().any(|denied| denied == supplier)) {
            against.push(format!("{supplier} was denied"));
        }
        let (zone, jurisdiction) = self.site(site, at);
        let need = Need { holders: &[supplier], kind: "wholesale", class, jurisdiction, zone, at };
        if !self.is_licensed(&need) {
            against.push(format!("{supplier} was not licensed"));
        }
        against
    }

    /// A site's time zone and jurisdiction.
    pub fn site(&self, id: &str, at: Moment) -> (&'a str, &'a str) {
        let site = self.version("site", id, at);
        let of = |member| site.map(|site| text(site, member)).filter(|found| !found.is_empty());
        (of("time_zone").unwrap_or("UTC"), of("jurisdiction").unwrap_or("GB"))
    }
}
