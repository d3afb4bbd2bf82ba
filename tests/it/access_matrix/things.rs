//! One of everything, at each of the two sites of an organisation.

use std::collections::BTreeMap;

use lotline::caller::Role;
use lotline::ids::OrganisationId;
use serde_json::{Value, json};

use crate::support::World;
use crate::support::clinic::{EXPIRY, GTIN, gtin, id, licence, location, product, site};

/// What belongs to a site; the rest belongs to its organisation.
const OF_THE_SITE: &[&str] = &[
    "site",
    "spare_site",
    "stock",
    "other_stock",
    "spare_location",
    "quarantine",
    "site_licence",
    "spare_licence",
    "spare_check",
    "order",
    "part_order",
    "receipt",
    "line",
    "fresh_receipt",
    "fresh_line",
    "inspection",
    "lot",
    "fresh_lot",
    "held_lot",
    "hold",
    "movement",
    "waiting_count",
    "doubtful_count",
    "administration",
    "deviation",
    "event",
    "account",
];

/// What there is, by its kind.
#[derive(Clone)]
pub struct Things(BTreeMap<&'static str, String>);

impl Things {
    /// The id of one.
    pub fn get(&self, kind: &str) -> &str {
        self.0.get(kind).unwrap_or_else(|| panic!("there is no {kind}"))
    }

    /// Every id.
    pub fn all(&self) -> Vec<String> {
        self.0.values().cloned().collect()
    }

    /// The ids of what belongs to the site.
    pub fn of_the_site(&self) -> Vec<String> {
        self.0.iter().filter(|(kind, _)| OF_THE_SITE.contains(kind)).map(|(_, id)| id.clone()).collect()
    }

    /// Whether one of these is another one than ours: master data is shared between sites.
    pub fn is_hidden_from(&self, ours: &Things, kind: &str) -> bool {
        self.get(kind) != ours.get(kind)
    }
}

struct Maker<'a> {
    world: &'a World,
    organisation: &'a OrganisationId,
}

impl Maker<'_> {
    fn token(&self, subject: &str) -> String {
        self.world.sign(self.organisation, subject, Role::ALL, None)
    }

    fn post(&self, subject: &str, path: &str, body: &Value) -> Value {
        let (status, made) = self.world.http.post(&self.token(subject), path, body);
        assert!(matches!(status, 200 | 201), "POST {path} {body}: {status} {made}");
        made
    }

    fn make(&self, path: &str, body: &Value) -> String {
        id(&self.post("mary", path, body))
    }

    fn get(&self, path: &str) -> Value {
        let (status, found) = self.world.http.get(&self.token("mary"), path);
        assert_eq!(status, 200, "GET {path}: {found}");
        found
    }

    fn licence(&self, body: &Value) -> String {
        let licence = self.make("/v1/licences", body);
        let check = json!({"outcome": "verified", "source": "the public register"});
        self.post("mary", &format!("/v1/licences/{licence}/checks"), &check);
        licence
    }

    /// What is the organisation's.
    fn shared(&self) -> BTreeMap<&'static str, String> {
        let supplier = json!({"name": "Example Wholesale", "country": "GB", "approved_classes": ["hybrid_filler"]});
        let practitioner = json!({"name": "Dr A. Example", "profession": "doctor"});
        let mut made = BTreeMap::from([
            ("organisation", self.organisation.to_string()),
            ("product", self.make("/v1/products", &product(GTIN))),
            ("spare_product", self.make("/v1/products", &product(&gtin(1)))),
            ("supplier", self.make("/v1/suppliers", &supplier)),
            ("spare_supplier", self.make("/v1/suppliers", &supplier)),
            ("practitioner", self.make("/v1/practitioners", &practitioner)),
            ("spare_practitioner", self.make("/v1/practitioners", &practitioner)),
        ]);
        let (supplier, practitioner) = (made["supplier"].clone(), made["practitioner"].clone());
        self.licence(&licence(("supplier", &supplier), "wholesale", "MHRA", "WDA 100"));
        let registration =
            self.licence(&licence(("practitioner", &practitioner), "professional_registration", "GMC", "1234567"));
        made.insert("licence", registration);
        // A file of their own: not the same bytes as anybody else's.
        let bytes = [&b"%PDF-1.7\n"[..], self.organisation.as_str().as_bytes()].concat();
        let bearer = format!("Bearer {}", self.token("mary"));
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/pdf")];
        let file = self.world.http.send("POST", "/v1/evidence", &headers, Some(&bytes)).json();
        made.insert("evidence", file["sha256"].as_str().unwrap().to_owned());
        made
    }

    /// What is a site's.
    fn at_a_site(&self, shared: &BTreeMap<&'static str, String>, name: &str) -> Things {
        let mut made = shared.clone();
        let mut of = |kind: &'static str, id: String| {
            made.insert(kind, id.clone());
            id
        };
        let site = &of("site", self.make("/v1/sites", &site()));
        of("spare_site", self.make("/v1/sites", &crate::support::clinic::site()));
        let quarantine = &of("quarantine", self.make("/v1/locations", &location(site, "quarantine")));
        let stock = &of("stock", self.make("/v1/locations", &location(site, "stock")));
        of("other_stock", self.make("/v1/locations", &location(site, "stock")));
        of("spare_location", self.make("/v1/locations", &location(site, "stock")));
        let site_licence = of("site_licence", self.licence(&licence(("site", site), "facility", "CQC", "1-100")));
        let spare_licence = of("spare_licence", self.licence(&licence(("site", site), "facility", "CQC", "1-200")));
        let checks = self.get(&format!("/v1/licences/{spare_licence}"))["checks"].clone();
        of("spare_check", id(&checks[0]));

        let order = json!({
            "site_id": site, "supplier_id": shared["supplier"],
            "lines": [{"product_id": shared["product"], "packs": 10}]
        });
        of("order", self.make("/v1/orders", &order));
        let part_order = &of("part_order", self.make("/v1/orders", &order));
        self.post("mary", &format!("/v1/orders/{part_order}/place"), &json!({}));
        let receive = |lot: &str, order: Option<&str>| {
            let mut body = json!({
                "supplier_id": shared["supplier"], "site_id": site, "location_id": quarantine,
                "lines": [{"gtin": GTIN, "lot": lot, "expiry": EXPIRY, "packs": 8}]
            });
            if let Some(order) = order {
                body["order_id"] = json!(order);
            }
            let made = self.post("mary", "/v1/receipts", &body);
            let line = &made["lines"][0];
            (id(&made), id(line), line["lot_id"].as_str().unwrap().to_owned())
        };
        let (receipt, line, lot) = receive(&format!("LOT-{name}"), Some(part_order));
        let (receipt, lot) = (of("receipt", receipt), of("lot", lot));
        of("line", line);
        let (fresh_receipt, fresh_line, fresh_lot) = receive(&format!("FRESH-{name}"), None);
        of("fresh_receipt", fresh_receipt);
        of("fresh_line", fresh_line);
        of("fresh_lot", fresh_lot);
        let held_lot = of("held_lot", receive(&format!("HELD-{name}"), None).2);

        let pass = |criterion: &str| json!({"criterion": criterion, "result": "pass"});
        let checks = ["outer_carton_intact", "tamper_evidence_intact", "label_legible"].map(pass);
        let inspection = json!({
            "receipt_id": receipt, "lot_id": lot, "units_passed": 14, "units_failed": 0,
            "checks": checks
        });
        of("inspection", id(&self.post("ines", "/v1/inspections", &inspection)));
        let release = json!({
            "from_location_id": quarantine, "to_location_id": stock, "units": 10, "reason": "Inspection complete"
        });
        self.post("mary", &format!("/v1/lots/{lot}/releases"), &release);
        let wastage = json!({"lot_id": lot, "from_location_id": stock, "units": 1, "reason": "Dropped"});
        of("movement", self.make("/v1/wastages", &wastage));
        let count = json!({"lot_id": lot, "location_id": stock, "units_counted": 5, "reason": "Monthly"});
        of("waiting_count", self.make("/v1/counts", &count));
        of("doubtful_count", self.make("/v1/counts", &count));
        let administration = json!({
            "lot_id": lot, "site_id": site, "practitioner_id": shared["practitioner"], "patient_ref": "P-1001",
            "units": 1, "treatment": {"area": "midface"}
        });
        of("administration", self.make("/v1/administrations", &administration));
        let hold = json!({"scope": {"type": "lot", "id": held_lot}, "reason": "Swelling reported"});
        of("hold", self.make("/v1/holds", &hold));
        let mut against = administration;
        against["lot_id"] = json!(held_lot);
        against["retrospective"] = json!({"reason": "Found in the paper notes"});
        let deviation = self.post("mary", "/v1/administrations", &against)["deviation"]["id"].clone();
        of("deviation", deviation.as_str().unwrap().to_owned());
        let custody = self.get(&format!("/v1/administrations/{}/custody", self.newest_administration(site)));
        of("event", id(custody["events"].as_array().unwrap().last().unwrap()));
        let account = self.get(&format!("/v1/stock?location_id={stock}"))["items"][0]["account_id"].clone();
        of("account", account.as_str().unwrap().to_owned());
        // What was done until now was done under a licence that was suspended, and is verified again.
        for outcome in ["suspended", "verified"] {
            let check = json!({"outcome": outcome, "source": "register", "effective_on": "2026-07-01"});
            self.post("mary", &format!("/v1/licences/{site_licence}/checks"), &check);
        }
        Things(made)
    }

    fn newest_administration(&self, site: &str) -> String {
        let found = self.get("/v1/administrations?limit=200");
        let mut of_the_site = found["items"].as_array().unwrap().iter().filter(|item| item["site_id"] == site);
        id(of_the_site.next_back().unwrap())
    }
}

/// Makes one of everything at two new sites of an organisation.
pub fn make(world: &World, organisation: &OrganisationId) -> (Things, Things) {
    let maker = Maker { world, organisation };
    let shared = maker.shared();
    (maker.at_a_site(&shared, "ONE"), maker.at_a_site(&shared, "TWO"))
}
