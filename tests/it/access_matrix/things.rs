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
    "evidence",
    "order",
    "part_order",
    "order_line",
    "replacement",
    "claim",
    "sent_claim",
    "spare_claim",
    "receipt",
    "line",
    "fresh_receipt",
    "fresh_line",
    "receipt_correction",
    "inspection",
    "lot",
    "fresh_lot",
    "held_lot",
    "hold",
    "movement",
    "waiting_count",
    "doubtful_count",
    "level",
    "counted_place",
    "taken_place",
    "closed_place",
    "stock_take",
    "scan",
    "counted_take",
    "closed_take",
    "approved_take",
    "cancelled_take",
    "prescription",
    "spare_prescription",
    "visit",
    "signed_visit",
    "spare_visit",
    "photograph",
    "follow_up",
    "spare_follow_up",
    "administration",
    "adverse_event",
    "harm_photograph",
    "reviewed_event",
    "recalled_lot",
    "recalled_administration",
    "meant_lot",
    "deviation",
    "event",
    "account",
    "container",
    "split_lot",
    "split_line",
    "split_receipt",
    "split_movement",
    "split_hold",
    "moved_hold",
    "split_inspection",
    "split_administration",
    "split_event",
];

/// What there is, by its kind.
#[derive(Clone)]
pub struct Things(BTreeMap<&'static str, String>);

impl Things {
    /// The id of one; what begins with `=` stands for itself.
    pub fn get<'a>(&'a self, kind: &'a str) -> &'a str {
        if let Some(word) = kind.strip_prefix('=') {
            return word;
        }
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
        let prescriber = json!({"name": "Dr E. Example", "profession": "doctor", "subject": super::SUBJECT});
        let mut made = BTreeMap::from([
            ("organisation", self.organisation.to_string()),
            ("product", self.make("/v1/products", &product(GTIN))),
            ("spare_product", self.make("/v1/products", &product(&gtin(1)))),
            ("supplier", self.make("/v1/suppliers", &supplier)),
            ("spare_supplier", self.make("/v1/suppliers", &supplier)),
            ("practitioner", self.make("/v1/practitioners", &practitioner)),
            ("spare_practitioner", self.make("/v1/practitioners", &practitioner)),
            ("prescriber", self.make("/v1/practitioners", &prescriber)),
        ]);
        let (supplier, practitioner) = (made["supplier"].clone(), made["practitioner"].clone());
        self.licence(&licence(("supplier", &supplier), "wholesale", "MHRA", "WDA 100"));
        let registration =
            self.licence(&licence(("practitioner", &practitioner), "professional_registration", "GMC", "1234567"));
        self.licence(&licence(("practitioner", &made["prescriber"].clone()), "prescriber", "GMC", "7654321"));
        let checks = self.get(&format!("/v1/licences/{registration}"))["checks"].clone();
        made.insert("shared_check", id(&checks[0]));
        made.insert("licence", registration);
        let hold = json!({"scope": {"type": "product", "id": made["spare_product"]}, "reason": "Swelling reported"});
        made.insert("product_hold", self.make("/v1/holds", &hold));
        let recall = json!({
            "reference": "FSN-1", "classification": "class_2", "gtin": GTIN, "lots": ["RECALLED-ONE", "RECALLED-TWO"],
            "reason": "Wrong needle in some packs"
        });
        made.insert("recall", self.make("/v1/recalls", &recall));
        let spare = json!({
            "reference": "FSN-2", "classification": "class_4", "gtin": gtin(97), "reason": "The leaflet has a misprint"
        });
        made.insert("spare_recall", self.make("/v1/recalls", &spare));
        for _ in 0..2 {
            let verified = crate::verifications::verified(&self.world.http, &self.token("mary"));
            made.insert("verification", id(&verified));
        }
        for (kind, protocol) in crate::visits::protocols() {
            made.insert(kind, self.make("/v1/protocols", &protocol));
        }
        let follow_up = json!({
            "kind": "follow_up", "applies_to": {"class": "hybrid_filler"}, "title": "Afterwards", "source": "Example",
            "effective_from": "2020-01-01", "reason": "First version", "content": {"checks": [
                {"code": "call", "after_days": 2, "look_at": "Pain"}, {"code": "review", "after_days": 14, "look_at": "Symmetry"}
            ]}
        });
        self.make("/v1/protocols", &follow_up);
        let annex = self.make("/v1/sites", &site());
        made.insert("annex", self.make("/v1/locations", &location(&annex, "quarantine")));
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
        let sensor = |location: &str| json!({"location_id": location, "name": "Upper shelf", "interval_seconds": 300});
        of("sensor", self.make("/v1/sensors", &sensor(stock)));
        of("spare_sensor", self.make("/v1/sensors", &sensor(stock)));
        let mut logger = sensor(&self.make("/v1/locations", &location(site, "stock")));
        logger["travels"] = json!(true);
        of("logger", self.make("/v1/sensors", &logger));
        for (place, excursion) in [("warm_stock", "split_excursion"), ("empty_stock", "excursion")] {
            let place = &of(place, self.make("/v1/locations", &location(site, "stock")));
            of(excursion, self.too_warm(place, &self.make("/v1/sensors", &sensor(place))));
        }
        of("spare_location", self.make("/v1/locations", &location(site, "stock")));
        of("site_licence", self.licence(&licence(("site", site), "facility", "CQC", "1-100")));
        let spare_licence = of("spare_licence", self.licence(&licence(("site", site), "facility", "CQC", "1-200")));
        let checks = self.get(&format!("/v1/licences/{spare_licence}"))["checks"].clone();
        of("spare_check", id(&checks[0]));

        // A file of their own: not the same bytes as anybody else's.
        let bytes = [&b"%PDF-1.7\n"[..], site.as_bytes()].concat();
        let token = self.world.sign(self.organisation, "mary", Role::ALL, Some(vec![site.parse().unwrap()]));
        let headers = [("authorization", &*format!("Bearer {token}")), ("content-type", "application/pdf")];
        let file = self.world.http.send("POST", "/v1/evidence", &headers, Some(&bytes)).json();
        of("evidence", file["sha256"].as_str().unwrap().to_owned());

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
        let (_, _, followed_lot) = receive(&format!("FOLLOWED-{name}"), None);
        let (receipt, lot) = (of("receipt", receipt), of("lot", lot));
        of("line", line.clone());
        let ordered = self.get(&format!("/v1/orders/{part_order}"));
        of("order_line", id(&ordered["lines"][0]));
        let instead = json!({
            "supplier_id": shared["supplier"], "site_id": site, "location_id": quarantine, "order_id": part_order,
            "lines": [{"gtin": GTIN, "lot": format!("INSTEAD-{name}"), "expiry": EXPIRY, "packs": 1, "replaces": line}]
        });
        of("replacement", self.make("/v1/receipts", &instead));
        let claim = json!({
            "receipt_id": receipt, "lines": [{"receipt_line_id": line, "reason": "damaged", "units": 1}]
        });
        for kind in ["claim", "sent_claim", "spare_claim"] {
            of(kind, self.make("/v1/claims", &claim));
        }
        let (fresh_receipt, fresh_line, fresh_lot) = receive(&format!("FRESH-{name}"), None);
        let fresh_receipt = of("fresh_receipt", fresh_receipt);
        let other = json!({"supplier_id": shared["spare_supplier"], "reason": "Another delivery note"});
        let corrected = self.post("mary", &format!("/v1/receipts/{fresh_receipt}/corrections"), &other);
        assert_eq!(corrected["lines"][0]["id"], json!(fresh_line));
        of("fresh_line", id(&corrected["lines"][1]));
        of("receipt_correction", id(&corrected["corrections"][0]));
        of("fresh_lot", fresh_lot);
        let (fresh_receipt_again, _, spare_lot) = receive(&format!("SPARE-{name}"), None);
        let held_lot = of("held_lot", receive(&format!("HELD-{name}"), None).2);
        let recalled_lot = of("recalled_lot", receive(&format!("RECALLED-{name}"), None).2);
        of("meant_lot", receive(&format!("MEANT-{name}"), None).2);
        let numbered = json!({
            "supplier_id": shared["supplier"], "site_id": site, "location_id": quarantine,
            "lines": [{
                "gtin": GTIN, "lot": format!("NUMBERED-{name}"), "expiry": EXPIRY, "serial": format!("SN-{name}"), "packs": 1
            }]
        });
        self.post("mary", "/v1/receipts", &numbered);

        let pass = |criterion: &str| json!({"criterion": criterion, "result": "pass"});
        let checks = ["outer_carton_intact", "tamper_evidence_intact", "label_legible"].map(pass);
        let inspection = json!({
            "receipt_id": receipt, "lot_id": lot, "units_passed": 14, "units_failed": 0,
            "checks": checks
        });
        of("inspection", id(&self.post("ines", "/v1/inspections", &inspection)));
        let mut spare = inspection.clone();
        for (name, value) in [("receipt_id", json!(fresh_receipt_again)), ("lot_id", json!(spare_lot))] {
            spare[name] = value;
        }
        of("spare_inspection", id(&self.post("ines", "/v1/inspections", &spare)));
        let release = json!({
            "from_location_id": quarantine, "to_location_id": stock, "units": 13, "reason": "Inspection complete"
        });
        self.post("mary", &format!("/v1/lots/{lot}/releases"), &release);
        let wastage = json!({"lot_id": lot, "from_location_id": stock, "units": 1, "reason": "Dropped"});
        of("movement", self.make("/v1/wastages", &wastage));
        let return_of = json!({"lot_id": held_lot, "from_location_id": quarantine, "units": 1, "reason": "Sent back"});
        of("spare_movement", self.make("/v1/returns", &return_of));
        let count = json!({"lot_id": lot, "location_id": stock, "units_counted": 9, "reason": "Monthly"});
        of("waiting_count", self.make("/v1/counts", &count));
        of("doubtful_count", self.make("/v1/counts", &count));
        let level = json!({
            "site_id": site, "product_id": shared["product"], "minimum_packs": 1, "maximum_packs": 2
        });
        let bearer = format!("Bearer {}", self.token("mary"));
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
        let set = self.world.http.send("PUT", "/v1/levels", &headers, Some(level.to_string().as_bytes()));
        of("level", id(&set.json()));
        of("counted_place", self.make("/v1/locations", &location(site, "stock")));
        let mut take_of =
            |kind: &'static str, place: &str| of(kind, self.make("/v1/stock-takes", &json!({"location_ids": [place]})));
        for kind in ["counted_take", "approved_take", "cancelled_take"] {
            take_of(kind, &self.make("/v1/locations", &location(site, "stock")));
        }
        let [taken, closed] = [(); 2].map(|()| self.make("/v1/locations", &location(site, "stock")));
        let take = take_of("stock_take", &taken);
        take_of("closed_take", &closed);
        of("taken_place", taken);
        of("closed_place", closed);
        let scans = json!({"scans": [{"lot_id": lot, "units": 1}]});
        let scanned = self.post(super::SUBJECT, &format!("/v1/stock-takes/{take}/scans"), &scans);
        of("scan", scanned["scans"][0]["scan"]["id"].as_str().unwrap().to_owned());
        for kind in ["closed_take", "approved_take"] {
            let take = made[kind].clone();
            self.post("ines", &format!("/v1/stock-takes/{take}/close"), &json!({}));
        }
        let sent = made["sent_claim"].clone();
        self.post("mary", &format!("/v1/claims/{sent}/send"), &json!({}));
        let mut of = |kind: &'static str, id: String| {
            made.insert(kind, id.clone());
            id
        };
        for kind in ["prescription", "spare_prescription"] {
            let prescription = json!({
                "patient_ref": "P-1002", "product_id": shared["product"], "units": 1, "prescriber_id": shared["prescriber"],
                "seen": "video", "valid_until": "2099-12-31", "site_id": site
            });
            of(kind, self.make("/v1/prescriptions", &prescription));
        }
        for kind in ["visit", "signed_visit", "spare_visit"] {
            let visit = json!({
                "site_id": site, "patient_ref": "P-1002", "practitioner_id": shared["prescriber"],
                "planned": [{"product_id": shared["product"], "area": "midface"}]
            });
            let visit = of(kind, self.make("/v1/visits", &visit));
            self.post("mary", &format!("/v1/visits/{visit}/consents"), &crate::visits::consent());
        }
        let visited = made["visit"].clone();
        let mut of = |kind: &'static str, id: String| {
            made.insert(kind, id.clone());
            id
        };
        let administration = json!({
            "lot_id": lot, "site_id": site, "practitioner_id": shared["practitioner"],
            "prescriber_id": shared["prescriber"], "patient_ref": "P-1001",
            "units": 1, "treatment": {"area": "midface"}
        });
        let visit = json!({
            "site_id": site, "patient_ref": "P-1002", "practitioner_id": shared["prescriber"],
            "planned": [{"product_id": shared["product"], "area": "midface"}]
        });
        let followed = self.make("/v1/visits", &visit);
        let mut in_visit = administration.clone();
        (in_visit["visit_id"], in_visit["patient_ref"]) = (json!(followed), json!("P-1002"));
        in_visit["lot_id"] = json!(followed_lot);
        in_visit["retrospective"] = json!({"reason": "Found in the paper notes"});
        self.make("/v1/administrations", &in_visit);
        let signed = self.post(super::SUBJECT, &format!("/v1/visits/{followed}/sign"), &json!({}));
        of("follow_up", id(&signed["follow_ups"][0]));
        of("spare_follow_up", id(&signed["follow_ups"][1]));
        let bearer = format!("Bearer {}", self.token("mary"));
        let headers = [("authorization", bearer.as_str()), ("content-type", "image/png")];
        let picture = [&b"\x89PNG\r\n\x1a\nat "[..], site.as_bytes()].concat();
        let taken = |of: String| {
            let taken = self.world.http.send("POST", &format!("{of}/photographs?view=front"), &headers, Some(&picture));
            assert_eq!(taken.status, 201, "{}", taken.json());
            taken.json()
        };
        of("photograph", id(&taken(format!("/v1/visits/{visited}"))));
        let given = of("administration", self.make("/v1/administrations", &administration));
        let harmed_at = of("harmed_at", self.given_at(&given));
        for kind in ["adverse_event", "reviewed_event"] {
            let event = of(kind, self.make("/v1/adverse-events", &harm("P-1001", &[&given], &harmed_at)));
            self.post("mary", &format!("/v1/adverse-events/{event}/reviews"), &json!({"note": "Looked at"}));
            if kind == "adverse_event" {
                of("harm_photograph", id(&taken(format!("/v1/adverse-events/{event}"))["entries"][1]));
            }
        }
        let hold = json!({"scope": {"type": "lot", "id": held_lot}, "reason": "Swelling reported"});
        of("hold", self.make("/v1/holds", &hold));
        // What was refused is of a patient, too, and takes nothing.
        let mut of_spare = administration.clone();
        (of_spare["patient_ref"], of_spare["units"]) = (json!("P-SPARE"), json!(999));
        assert_eq!(self.world.http.post(&self.token("mary"), "/v1/administrations", &of_spare).0, 409);
        let mut recalled = administration.clone();
        recalled["lot_id"] = json!(recalled_lot);
        recalled["retrospective"] = json!({"reason": "Found in the paper notes"});
        of("recalled_administration", self.make("/v1/administrations", &recalled));
        let mut against = administration;
        against["lot_id"] = json!(held_lot);
        against["retrospective"] = json!({"reason": "Found in the paper notes"});
        let deviation = self.post("mary", "/v1/administrations", &against)["deviation"]["id"].clone();
        of("deviation", deviation.as_str().unwrap().to_owned());
        let custody = self.get(&format!("/v1/administrations/{}/custody", self.newest_administration(site)));
        of("event", id(custody["events"].as_array().unwrap().last().unwrap()));
        let account = self.get(&format!("/v1/stock?location_id={stock}"))["items"][0]["account_id"].clone();
        of("account", account.as_str().unwrap().to_owned());
        let opened = self.post("mary", "/v1/containers", &json!({"lot_id": lot, "location_id": stock}));
        of("container", id(&opened));
        // When the stock was there.
        of("moment", opened["opened_at"].as_str().unwrap().to_owned());
        self.split(&mut made, name);
        let site_licence = made["site_licence"].clone();
        // What was done until now was done under a licence that was suspended, and is verified again.
        for outcome in ["suspended", "verified"] {
            let check = json!({"outcome": outcome, "source": "register", "effective_on": "2026-07-01"});
            self.post("mary", &format!("/v1/licences/{site_licence}/checks"), &check);
        }
        Things(made)
    }

    /// An excursion that goes on at a place.
    fn too_warm(&self, place: &str, sensor: &str) -> String {
        let times = ["09:10", "09:20", "09:30", "09:40", "09:50"];
        let reading = |time| json!({"sensor_id": sensor, "at": format!("2026-07-01T{time}:00Z"), "celsius": 9});
        self.post("mary", "/v1/readings", &json!({"readings": times.map(reading)}));
        id(&self.get(&format!("/v1/excursions?location_id={place}"))["items"][0])
    }

    /// What came to the site, and of which a part went on to a site that nobody is bound to.
    fn split(&self, made: &mut BTreeMap<&'static str, String>, name: &str) {
        let receive = |lot: &str| {
            let body = json!({
                "supplier_id": made["supplier"], "site_id": made["site"], "location_id": made["quarantine"],
                "lines": [{"gtin": GTIN, "lot": format!("{lot}-{name}"), "expiry": EXPIRY, "packs": 8}]
            });
            let receipt = self.post("mary", "/v1/receipts", &body);
            (receipt["lines"][0]["lot_id"].as_str().unwrap().to_owned(), receipt)
        };
        let part = |lot: &str, from: &str, state: &str| {
            let body = json!({
                "lot_id": lot, "from_location_id": made[from], "to_location_id": made["annex"], "units": 2,
                "state": state, "reason": "Looked at there"
            });
            self.make("/v1/transfers", &body)
        };
        let hold = |scope: &str, id: &str| {
            let body = json!({"scope": {"type": scope, "id": id}, "reason": "Swelling reported"});
            self.make("/v1/holds", &body)
        };
        let inspect = |(lot, receipt): &(String, Value)| {
            let checks = ["outer_carton_intact", "tamper_evidence_intact", "label_legible"];
            let checks = checks.map(|criterion| json!({"criterion": criterion, "result": "pass"}));
            let body = json!({
                "receipt_id": id(receipt), "lot_id": lot, "units_passed": 16, "units_failed": 0, "checks": checks
            });
            id(&self.post("ines", "/v1/inspections", &body))
        };
        let (lot, receipt) = receive("SPLIT");
        let split_movement = part(&lot, "quarantine", "quarantined");
        let split_hold = hold("lot", &lot);
        let harmed = receive("HARMED").0;
        part(&harmed, "quarantine", "quarantined");
        let split_administration = json!({
            "lot_id": harmed, "site_id": made["site"], "practitioner_id": made["practitioner"], "patient_ref": "P-SPLIT",
            "units": 1, "treatment": {"area": "midface"}, "retrospective": {"reason": "Found in the paper notes"}
        });
        let split_administration = self.make("/v1/administrations", &split_administration);
        let split_at = self.given_at(&split_administration);
        let split_event = self.make("/v1/adverse-events", &harm("P-SPLIT", &[&split_administration], &split_at));

        let passed = receive("PASSED");
        let split_inspection = inspect(&passed);
        part(&passed.0, "quarantine", "passed");

        let moved = receive("MOVED");
        inspect(&moved);
        let release = json!({
            "from_location_id": made["quarantine"], "to_location_id": made["stock"], "units": 4, "reason": "Complete"
        });
        self.post("mary", &format!("/v1/lots/{}/releases", moved.0), &release);
        let there = self.get(&format!("/v1/stock?lot_id={}&state=available", moved.0));
        let moved_hold = hold("account", there["items"][0]["account_id"].as_str().unwrap());
        part(&moved.0, "stock", "held");

        let warm = receive("WARM");
        inspect(&warm);
        let release = json!({
            "from_location_id": made["quarantine"], "to_location_id": made["warm_stock"], "units": 4, "reason": "Complete"
        });
        self.post("mary", &format!("/v1/lots/{}/releases", warm.0), &release);
        part(&warm.0, "warm_stock", "held");
        made.extend([
            ("split_lot", lot),
            ("split_line", id(&receipt["lines"][0])),
            ("split_receipt", id(&receipt)),
            ("split_movement", split_movement),
            ("split_hold", split_hold),
            ("split_inspection", split_inspection),
            ("split_administration", split_administration),
            ("split_event", split_event),
            ("split_at", split_at),
            ("moved_hold", moved_hold),
        ]);
    }

    /// When an administration was given.
    fn given_at(&self, administration: &str) -> String {
        self.get(&format!("/v1/administrations/{administration}"))["occurred_at"].as_str().unwrap().to_owned()
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
    let mut both = (maker.at_a_site(&shared, "ONE"), maker.at_a_site(&shared, "TWO"));
    // A hold on what there is at both: its event says what it holds at each.
    let hold = json!({"scope": {"type": "product", "id": shared["product"]}, "reason": "Swelling reported"});
    let hold = maker.make("/v1/holds", &hold);
    let event = id(&maker.get(&format!("/v1/events?subject={hold}"))["items"][0]);
    maker.post("ines", &format!("/v1/holds/{hold}/lift"), &json!({"reason": "Unrelated"}));
    for things in [&mut both.0, &mut both.1] {
        things.0.insert("shared_event", event.clone());
    }
    // What was done at both sites rested on it.
    for outcome in ["suspended", "verified"] {
        let check = json!({"outcome": outcome, "source": "register", "effective_on": "2026-07-01"});
        maker.post("mary", &format!("/v1/licences/{}/checks", shared["licence"]), &check);
    }
    both
}

/// Harm to report, of a patient.
pub fn harm(patient: &str, administrations: &[&str], onset_at: &str) -> Value {
    let mut body = crate::safety::harm(administrations);
    (body["patient_ref"], body["onset_at"]) = (json!(patient), json!(onset_at));
    body
}
