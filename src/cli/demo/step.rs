//! The words that the story is written in. A step is data: who asks what, and what must come back.
//!
//! Requests and answers are tied together by names: `.keep("lot", "/lines/0/lot_id")` keeps a value of the answer,
//! and `$lot` in a later path or body stands for it. Where text shows an answer, `{/lines/0/units}` is the value
//! that this JSON pointer finds in it.

use serde_json::{Value, json};

use super::people::Person;

/// Steps that belong together.
pub struct Chapter {
    pub title: &'static str,
    pub steps: Vec<Step>,
}

/// One request and what its answer must be.
pub struct Step {
    pub who: Person,
    /// What they do, as the story tells it.
    pub does: String,
    pub method: Method,
    pub path: String,
    pub body: Option<Value>,
    pub status: u16,
    /// What kind of answer it must be.
    pub must: Answer,
    /// Values that the answer must have, by JSON pointer.
    pub values: Vec<(&'static str, Value)>,
    /// Values to keep for later steps, by name.
    pub keep: Vec<(&'static str, &'static str)>,
    /// What the answer says, in words.
    pub shows: Option<&'static str>,
    /// Lists in the answer that are shown, and how each entry is.
    pub rows: Vec<(&'static str, &'static str)>,
    /// A list in the answer that must have every refusal so far.
    pub every_refusal: Option<&'static str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    Get,
    Post,
    Patch,
}

/// What kind of answer.
pub enum Answer {
    /// Done.
    Done,
    /// A scan says yes.
    Yes,
    /// A scan says no, for exactly these reasons.
    No(&'static [&'static str]),
    /// A rule refuses, for exactly these reasons.
    Refused(&'static [&'static str]),
    /// Another problem, with this code.
    Problem(&'static str),
}

fn step(who: Person, does: &str, method: Method, path: &str, body: Option<Value>, status: u16) -> Step {
    Step {
        who,
        does: does.to_owned(),
        method,
        path: path.to_owned(),
        body,
        status,
        must: Answer::Done,
        values: Vec::new(),
        keep: Vec::new(),
        shows: None,
        rows: Vec::new(),
        every_refusal: None,
    }
}

/// Somebody makes something: 201.
pub fn post(who: Person, does: &str, path: &str, body: Value) -> Step {
    step(who, does, Method::Post, path, Some(body), 201)
}

/// Somebody reads something: 200.
pub fn get(who: Person, does: &str, path: &str) -> Step {
    step(who, does, Method::Get, path, None, 200)
}

/// Somebody changes what a body names: 200.
pub fn patch(who: Person, does: &str, path: &str, body: Value) -> Step {
    step(who, does, Method::Patch, path, Some(body), 200)
}

impl Step {
    /// It changes something that is there: 200.
    pub fn changes(self) -> Self {
        Step { status: 200, ..self }
    }

    /// The scan must say yes.
    pub fn says_yes(self) -> Self {
        Step { status: 200, must: Answer::Yes, ..self }
    }

    /// The scan must say no, for exactly these reasons.
    pub fn says_no(self, reasons: &'static [&'static str]) -> Self {
        Step { status: 200, must: Answer::No(reasons), ..self }
    }

    /// A rule must refuse it, for exactly these reasons.
    pub fn refused(self, reasons: &'static [&'static str]) -> Self {
        Step { status: 409, must: Answer::Refused(reasons), ..self }
    }

    /// It must be answered with another problem.
    pub fn problem(self, status: u16, code: &'static str) -> Self {
        Step { status, must: Answer::Problem(code), ..self }
    }

    /// The request has this field, too, or instead of what it had.
    pub fn with(mut self, field: &str, value: impl Into<Value>) -> Self {
        if let Some(Value::Object(fields)) = &mut self.body {
            fields.insert(field.to_owned(), value.into());
        }
        self
    }

    /// The answer must have this value; `$name` in it stands for what was kept.
    pub fn has(mut self, pointer: &'static str, value: impl Into<Value>) -> Self {
        self.values.push((pointer, value.into()));
        self
    }

    /// Keeps a value of the answer under a name.
    pub fn keep(mut self, name: &'static str, pointer: &'static str) -> Self {
        self.keep.push((name, pointer));
        self
    }

    /// Says what the answer says.
    pub fn shows(self, words: &'static str) -> Self {
        Step { shows: Some(words), ..self }
    }

    /// Shows every entry of a list.
    pub fn lists(mut self, pointer: &'static str, words: &'static str) -> Self {
        self.rows.push((pointer, words));
        self
    }

    /// The list must have every refusal so far: none is forgotten.
    pub fn lists_every_refusal(self, pointer: &'static str) -> Self {
        Step { every_refusal: Some(pointer), ..self }
    }
}

/// A scan for a purpose.
pub fn scan(who: Person, does: &str, code: &str, purpose: &str) -> Step {
    post(who, does, "/v1/scans", json!({"code": code, "site_id": "$site", "purpose": purpose})).changes()
}

/// A practitioner scans a pack at the chair.
pub fn scan_at_chair(who: Person, practitioner: &str, does: &str, code: &str) -> Step {
    let body = json!({"code": code, "site_id": "$site", "practitioner_id": practitioner, "purpose": "administer"});
    post(who, does, "/v1/scans", body).changes()
}

/// A practitioner administers one unit of a scanned pack.
pub fn administer(who: Person, practitioner: &str, does: &str, code: &str, area: &str) -> Step {
    let body = json!({
        "scan": code, "site_id": "$site", "practitioner_id": practitioner, "patient_ref": "P-1001", "units": 1,
        "treatment": {"area": area, "plane": "subdermal", "technique": "fanning", "device": "cannula 22G"},
    });
    post(who, does, "/v1/administrations", body)
}

/// Lines of a receipt: scanned packs, one a line.
pub fn scanned(codes: &[&str]) -> Vec<Value> {
    codes.iter().map(|code| json!({"scan": code, "packs": 1})).collect()
}

/// Purchasing receives a delivery.
pub fn receive(does: &str, lines: Vec<Value>, note: &str) -> Step {
    let body = json!({
        "supplier_id": "$supplier", "site_id": "$site", "location_id": "$goods_in", "delivery_note": note,
        "lines": lines,
    });
    post(Person::Pat, does, "/v1/receipts", body)
}

/// Purchasing inspects units of a lot, and everything passes.
pub fn inspect(does: &str, receipt: &str, lot: &str, units: i64) -> Step {
    let checks: Vec<Value> = ["outer_carton_intact", "tamper_evidence_intact", "label_legible", "lot_and_expiry_match"]
        .iter()
        .map(|criterion| json!({"criterion": criterion, "result": "pass"}))
        .collect();
    let body = json!({
        "receipt_id": receipt, "lot_id": lot, "checks": checks, "units_passed": units, "units_failed": 0,
    });
    post(Person::Pat, does, "/v1/inspections", body)
        .has("/inspector", Person::Pat.subject())
        .shows("{/units_passed} passed, {/units_failed} failed")
}

/// Somebody releases packs from goods-in to the first fridge.
pub fn release(who: Person, does: &str, lot: &str, serials: &[&str], units: i64) -> Step {
    let body = json!({
        "from_location_id": "$goods_in", "to_location_id": "$fridge_1", "units": units, "serials": serials,
        "reason": "Inspection complete",
    });
    post(who, does, &format!("/v1/lots/{lot}/releases"), body).shows("by {/released_by}, to Fridge 1: {/units}")
}

/// Somebody moves units of a lot from a place: a transfer, a wastage or a return.
pub fn moves(who: Person, does: &str, path: &str, lot: &str, from: &str, units: i64, reason: &str) -> Step {
    let body = json!({"lot_id": lot, "from_location_id": from, "units": units, "reason": reason});
    post(who, does, path, body).shows("{/kind}, {/state}: {/units}")
}

/// The admin records a licence, kept as `name`, and that its register was looked up.
pub fn licence(
    name: &'static str,
    does: &str,
    holder: Value,
    kind: &str,
    issued: (&str, &str),
    valid: (String, String),
) -> [Step; 2] {
    let (authority, number) = issued;
    let (valid_from, valid_to) = valid;
    let body = json!({
        "holder": holder, "kind": kind, "authority": authority, "number": number, "jurisdiction": "GB",
        "product_classes": ["*"], "valid_from": valid_from, "valid_to": valid_to,
    });
    [
        post(Person::Ada, does, "/v1/licences", body).keep(name, "/id").shows("{/authority} {/number}, to {/valid_to}"),
        check(name, "looks it up in the register", "verified"),
    ]
}

/// The admin records what the register says of a licence.
pub fn check(licence: &str, does: &str, outcome: &str) -> Step {
    let path = format!("/v1/licences/${licence}/checks");
    post(Person::Ada, does, &path, json!({"outcome": outcome, "source": "public register (illustrative)"}))
        .has("/outcome", outcome)
        .shows("{/outcome}")
}
