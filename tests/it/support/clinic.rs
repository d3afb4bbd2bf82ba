//! The common world: a clinic that may buy, treat and has a product to treat with.

use std::ops::Deref;

use lotline::caller::Role;
use serde_json::{Value, json};

use super::client::codes;
use super::{Answer, World};

/// A GTIN under GS1's prefix for examples.
pub const GTIN: &str = "09521234567899";
/// The expiry of the lots that [`Clinic::receive_inspect_release`] brings.
pub const EXPIRY: &str = "2027-06-30";
/// An expiry for servers that go by the machine's clock.
pub const FAR_EXPIRY: &str = "2099-06-30";

/// A clinic in England that may treat with one product, by the ids of its parts.
pub struct Clinic<'a> {
    world: &'a World,
    pub site: String,
    pub quarantine: String,
    pub stock: String,
    pub product: String,
    pub supplier: String,
    pub practitioner: String,
    pub facility_licence: String,
    pub registration: String,
    pub wholesale_licence: String,
}

impl Deref for Clinic<'_> {
    type Target = World;

    fn deref(&self) -> &World {
        self.world
    }
}

/// The id of what was made.
pub fn id(made: &Value) -> String {
    made["id"].as_str().unwrap().to_owned()
}

/// A site to register.
pub fn site() -> Value {
    json!({"name": "Harley Street", "jurisdiction": "GB-ENG", "time_zone": "Europe/London"})
}

/// A location to register, 2 to 8 °C.
pub fn location(site: &str, purpose: &str) -> Value {
    json!({"site_id": site, "name": format!("Fridge for {purpose}"), "purpose": purpose, "min_c": 2, "max_c": 8})
}

/// A product to register.
pub fn product(gtin: &str) -> Value {
    json!({
        "gtin": gtin, "name": "HArmonyCa", "manufacturer": "Example Aesthetics", "class": "hybrid_filler",
        "units_per_pack": 2, "unit": {"presentation": "prefilled syringe", "amount": "1.25", "amount_unit": "mL"},
        "storage": {"min_c": 2, "max_c": 25, "do_not_freeze": true}, "single_patient": true,
        "approvals": [{"jurisdiction": "GB", "status": "authorised", "source": "illustrative", "verified_on": "2026-01-05"}]
    })
}

/// A licence to register, good from 2026 on.
pub fn licence(holder: (&str, &str), kind: &str, authority: &str, number: &str) -> Value {
    json!({
        "holder": {"type": holder.0, "id": holder.1}, "kind": kind, "authority": authority, "number": number,
        "jurisdiction": "GB", "product_classes": ["*"], "valid_from": "2026-01-01", "valid_to": "2099-12-31"
    })
}

/// A body with null, nothing or no for each field that a POST may leave out: a PUT may not.
pub fn whole(list: &str, body: &Value) -> Value {
    let mut whole = match list {
        "locations" => json!({"product_classes": null}),
        "products" => json!({
            "gtin": null, "identifiers": [], "in_use_hours": null, "requires_training": false,
            "requires_prescriber": false, "stability_budget": []
        }),
        "suppliers" => json!({"gln": null}),
        "practitioners" => json!({"subject": null}),
        _ => json!({}),
    };
    whole.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
    if let Some(storage) = whole.get_mut("storage").and_then(Value::as_object_mut) {
        for name in ["do_not_freeze", "protect_from_light"] {
            storage.entry(name).or_insert(json!(false));
        }
    }
    whole
}

impl World {
    /// Changes something in versions, as an admin and with these headers.
    pub fn change(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        let bearer = format!("Bearer {}", self.token(Role::Admin));
        let mut all = vec![("authorization", bearer.as_str())];
        all.extend(headers);
        if !headers.iter().any(|(name, _)| *name == "content-type") {
            all.push(("content-type", "application/json"));
        }
        self.http.send(method, path, &all, Some(body.to_string().as_bytes()))
    }

    /// Replaces something in versions, whichever version is in force unless a header says which.
    pub fn put(&self, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        let mut all = headers.to_vec();
        if !headers.iter().any(|(name, _)| *name == "if-match") {
            all.push(("if-match", "*"));
        }
        self.change("PUT", path, &all, body)
    }

    /// Changes what a body names.
    pub fn patch(&self, path: &str, body: &Value) -> Answer {
        self.change("PATCH", path, &[("content-type", "application/merge-patch+json")], body)
    }

    /// Registers the common world.
    pub fn clinic(&self) -> Clinic<'_> {
        let create = |path: &str, body: Value| id(&self.create(Role::Admin, path, &body));
        let site = create("/v1/sites", site());
        let supplier = create(
            "/v1/suppliers",
            json!({"name": "Example Wholesale", "country": "GB", "approved_classes": ["hybrid_filler", "ha_filler"]}),
        );
        let practitioner = create("/v1/practitioners", json!({"name": "Dr A. Example", "profession": "doctor"}));
        let mut product = product(GTIN);
        product["approvals"][0]["verified_on"] = json!(self.recent_day());
        Clinic {
            world: self,
            quarantine: create("/v1/locations", location(&site, "quarantine")),
            stock: create("/v1/locations", location(&site, "stock")),
            product: create("/v1/products", product),
            facility_licence: self.checked_licence(&licence(("site", &site), "facility", "CQC", "1-100")),
            registration: self.checked_licence(&licence(
                ("practitioner", &practitioner),
                "professional_registration",
                "GMC",
                "1234567",
            )),
            wholesale_licence: self.checked_licence(&licence(("supplier", &supplier), "wholesale", "MHRA", "WDA 100")),
            site,
            supplier,
            practitioner,
        }
    }

    /// Registers a licence and a check of it that says verified.
    pub fn checked_licence(&self, licence: &Value) -> String {
        let licence = id(&self.create(Role::Admin, "/v1/licences", licence));
        self.check(&licence, json!({"outcome": "verified", "source": "the public register"}));
        licence
    }

    /// Adds a check to a licence.
    pub fn check(&self, licence: &str, check: Value) -> Value {
        self.create(Role::Admin, &format!("/v1/licences/{licence}/checks"), &check)
    }
}

/// What a scanner types for a pack: element strings with a separator after the variable-length lot.
pub fn scan(expiry_yymmdd: &str, lot: &str, serial: Option<&str>) -> String {
    let serial = serial.map(|serial| format!("\u{1d}21{serial}")).unwrap_or_default();
    format!("]d201{GTIN}17{expiry_yymmdd}10{lot}{serial}")
}

impl Clinic<'_> {
    /// A receipt of these lines.
    pub fn receipt(&self, lines: Value) -> Value {
        json!({
            "supplier_id": self.supplier, "site_id": self.site, "location_id": self.quarantine,
            "lines": lines
        })
    }

    /// Receives packs of a lot without serial numbers: receipt and lot.
    pub fn receive(&self, lot: &str, expiry: &str, packs: i64) -> (String, String) {
        let lines = json!([{"gtin": GTIN, "lot": lot, "expiry": expiry, "packs": packs}]);
        let made = self.create(Role::Purchaser, "/v1/receipts", &self.receipt(lines));
        (id(&made), made["lines"][0]["lot_id"].as_str().unwrap().to_owned())
    }

    /// The first lot of a receipt.
    pub fn lot_of(&self, receipt: &str) -> String {
        self.read(&format!("/v1/receipts/{receipt}"))["lines"][0]["lot_id"].as_str().unwrap().to_owned()
    }

    /// An inspection that is complete.
    pub fn inspection(&self, receipt: &str, lot: &str, passed: i64, failed: i64) -> Value {
        let pass = |criterion: &str| json!({"criterion": criterion, "result": "pass"});
        let checks = ["outer_carton_intact", "tamper_evidence_intact", "label_legible"].map(pass);
        json!({
            "receipt_id": receipt, "lot_id": lot, "units_passed": passed, "units_failed": failed, "checks": checks
        })
    }

    /// A release to stock.
    pub fn release(&self, units: i64) -> Value {
        json!({
            "from_location_id": self.quarantine, "to_location_id": self.stock, "units": units,
            "reason": "Inspection complete"
        })
    }

    /// Receives, inspects and releases units of a lot (an even number: a pack holds two). The lot.
    pub fn receive_inspect_release(&self, lot: &str, units: i64) -> String {
        self.stocked(lot, EXPIRY, units)
    }

    /// The same with any expiry.
    pub fn stocked(&self, lot: &str, expiry: &str, units: i64) -> String {
        assert_eq!(units % 2, 0, "packs hold two units");
        let (receipt, lot) = self.receive(lot, expiry, units / 2);
        self.create(Role::Purchaser, "/v1/inspections", &self.inspection(&receipt, &lot, units, 0));
        self.create(Role::Quality, &format!("/v1/lots/{lot}/releases"), &self.release(units));
        lot
    }

    /// An administration of units of a lot.
    pub fn administration(&self, lot: &str, units: i64) -> Value {
        json!({
            "lot_id": lot, "site_id": self.site, "practitioner_id": self.practitioner, "patient_ref": "P-1001",
            "units": units, "treatment": {"area": "midface", "plane": "subdermal", "device": "cannula 22G"}
        })
    }

    /// Tries to administer units of a lot: the status and the body of the answer.
    pub fn administer(&self, lot: &str, units: i64) -> (u16, Value) {
        self.post(Role::Practitioner, "/v1/administrations", &self.administration(lot, units))
    }

    /// The reconciliation of a lot.
    pub fn reconciliation(&self, lot: &str) -> Value {
        self.read(&format!("/v1/lots/{lot}"))["reconciliation"].clone()
    }

    /// Opens a hold on a lot.
    pub fn hold(&self, lot: &str) -> Value {
        let body = json!({"scope": {"type": "lot", "id": lot}, "reason": "Swelling reported; under review"});
        self.create(Role::Quality, "/v1/holds", &body)
    }
}

/// The GTIN of another example product: the company prefix for examples, a number and the check digit.
pub fn gtin(number: u32) -> String {
    let digits = format!("0952{number:09}");
    let sum: u32 = digits.bytes().enumerate().map(|(i, b)| u32::from(b - b'0') * if i % 2 == 0 { 3 } else { 1 }).sum();
    format!("{digits}{}", (10 - sum % 10) % 10)
}

impl Clinic<'_> {
    /// The step is refused for exactly these reasons; that is journalled, and nothing else changes.
    pub fn assert_refused(&self, role: Role, path: &str, body: &Value, expected: &[&str]) -> Value {
        let before = self.database.state();
        let (status, problem) = self.post(role, path, body);
        let mut found = codes(&problem);
        found.sort();
        let mut expected = expected.to_vec();
        expected.sort_unstable();
        assert_eq!(
            (status, found),
            (409, expected.iter().map(ToString::to_string).collect()),
            "{path} {body}: {problem}"
        );
        assert_eq!(problem["code"], "gate_refused");
        for reason in problem["reasons"].as_array().unwrap() {
            let texts = [&reason["message"], &reason["subject"]["type"], &reason["subject"]["id"]];
            assert!(texts.iter().all(|text| text.as_str().is_some_and(|text| !text.is_empty())), "{reason}");
        }

        let last = self.database.lines("SELECT id AS line FROM events ORDER BY position DESC LIMIT 1");
        let event = self.read(&format!("/v1/events/{}", last[0]));
        assert_eq!((&event["kind"], &event["decision"]["reasons"]), (&json!("gate_refused"), &problem["reasons"]));
        assert_eq!(event["decision"]["allowed"], false);
        assert!(event["decision"]["basis"].is_array());
        let journalled = |line: &String| line.strip_prefix("events ").map(|count| count.parse::<i64>().unwrap());
        let count = before.iter().find_map(journalled).unwrap();
        let expected: Vec<_> = before
            .into_iter()
            .map(|line| if journalled(&line).is_some() { format!("events {}", count + 1) } else { line })
            .collect();
        assert_eq!(self.database.state(), expected, "nothing but the refusal is recorded");
        problem
    }

    /// A question at the chair.
    pub fn question(&self, code: &str) -> Value {
        json!({"code": code, "site_id": self.site, "practitioner_id": self.practitioner, "purpose": "administer"})
    }

    /// An administration of one unit of a scanned pack.
    pub fn administration_of(&self, code: &str) -> Value {
        let mut body = self.administration("", 1);
        let fields = body.as_object_mut().unwrap();
        fields.remove("lot_id");
        fields.insert("scan".to_owned(), json!(code));
        body
    }

    /// The scan says no for exactly these reasons, and the administration that follows says the same.
    pub fn assert_not_at_the_chair(&self, code: &str, expected: &[&str]) {
        self.assert_not_at_the_chair_of(&self.site, &self.practitioner, code, expected);
    }

    /// The same at another site or by another practitioner.
    pub fn assert_not_at_the_chair_of(&self, site: &str, practitioner: &str, code: &str, expected: &[&str]) {
        let (mut question, mut administration) = (self.question(code), self.administration_of(code));
        for body in [&mut question, &mut administration] {
            body["site_id"] = json!(site);
            body["practitioner_id"] = json!(practitioner);
        }
        let before = self.database.state();
        let (status, scanned) = self.post(Role::Practitioner, "/v1/scans", &question);
        assert_eq!((status, &scanned["decision"]["allowed"]), (200, &json!(false)), "{scanned}");
        assert_eq!(self.database.state(), before, "a scan changes nothing");
        let problem = self.assert_refused(Role::Practitioner, "/v1/administrations", &administration, expected);
        assert_eq!(
            problem["reasons"], scanned["decision"]["reasons"],
            "a scan and the administration that follows agree"
        );
    }

    /// The scan says yes, and the administration that follows is done.
    pub fn assert_at_the_chair(&self, code: &str) -> Value {
        let scanned = self.create(Role::Practitioner, "/v1/scans", &self.question(code));
        assert_eq!(scanned["decision"]["allowed"], true, "{}", scanned["decision"]);
        self.create(Role::Practitioner, "/v1/administrations", &self.administration_of(code))
    }
}
