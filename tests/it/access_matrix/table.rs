//! What each operation names, and a request that it takes.

use serde_json::{Value, json};

use super::things::Things;
use crate::pictures::render::{gs1_data_matrix, png, sheet};
use crate::support::clinic::{EXPIRY, GTIN, gtin, licence, location, product, scan, site, whole};

/// A body, and where it names what.
pub struct Body {
    pub bytes: Vec<u8>,
    pub media_type: &'static str,
    /// JSON pointers, each with the kind of thing that it names.
    pub references: Vec<(&'static str, &'static str)>,
}

impl Body {
    pub fn of(body: &Value, references: &[(&'static str, &'static str)]) -> Self {
        let named: Vec<_> = references.to_vec();
        assert!(named.iter().all(|(pointer, _)| body.pointer(pointer).is_some()), "{body} {named:?}");
        Body { bytes: body.to_string().into_bytes(), media_type: "application/json", references: named }
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap()
    }

    /// The same with another id at one place.
    pub fn with(&self, pointer: &str, id: &str) -> Self {
        let mut body = self.json();
        *body.pointer_mut(pointer).unwrap() = json!(id);
        Body::of(&body, &self.references)
    }
}

/// What a query parameter does with what the caller does not see.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Stranger {
    /// A filter: it finds nothing.
    Nothing,
    /// The question needs it: 422.
    Unknown,
    /// The question may name it: 422.
    UnknownIfGiven,
}

/// What an operation names.
pub struct Row {
    pub operation: &'static str,
    /// The parameters of its path, each with the kind of thing that it names.
    pub path: &'static [(&'static str, &'static str)],
    /// The same of its query.
    pub query: &'static [(&'static str, &'static str, Stranger)],
    /// Parameters that it needs and that name nothing.
    pub parameters: &'static str,
    /// Bodies that it takes, one after the other.
    bodies: Option<fn(&Things) -> Vec<Body>>,
    /// The name that its cursors carry.
    pub list: Option<&'static str>,
    /// A question: its answer is not kept for a repetition.
    pub keeps_no_answer: bool,
    /// What a body that names what is not the caller's is told; with 200, as the verdict on its first row.
    pub refusal: (u16, &'static str),
    /// What reaches beyond the sites of a token, of what it sees: the parameters of the path as they are then, and the
    /// body. For operations that reach as far as their thing; what the others reach, their slices say.
    beyond: Option<fn(&Things) -> Vec<Beyond>>,
}

/// A request that reaches further than its site.
pub struct Beyond {
    /// The parameters of the path, each with the kind of thing.
    pub path: Vec<(&'static str, &'static str)>,
    pub body: Option<Body>,
}

/// The bodies of an operation, on a thing that reaches further.
fn on_shared(path: &[(&'static str, &'static str)], bodies: Vec<Body>) -> Vec<Beyond> {
    bodies.into_iter().map(|body| Beyond { path: path.to_vec(), body: Some(body) }).collect()
}

impl Row {
    pub fn bodies(&self, things: &Things) -> Vec<Body> {
        self.bodies.map(|bodies| bodies(things)).unwrap_or_default()
    }

    const fn of(operation: &'static str) -> Self {
        Row {
            operation,
            path: &[],
            query: &[],
            parameters: "",
            bodies: None,
            list: None,
            keeps_no_answer: false,
            refusal: (422, "reference_unknown"),
            beyond: None,
        }
    }

    /// Requests that reach beyond the sites of a token, though it sees what they name.
    pub fn beyond(&self, things: &Things) -> Vec<Beyond> {
        self.beyond.map(|beyond| beyond(things)).unwrap_or_default()
    }

    const fn reaching(self, beyond: fn(&Things) -> Vec<Beyond>) -> Self {
        Row { beyond: Some(beyond), ..self }
    }

    const fn on(self, path: &'static [(&'static str, &'static str)]) -> Self {
        Row { path, ..self }
    }

    const fn asks(self, query: &'static [(&'static str, &'static str, Stranger)]) -> Self {
        Row { query, ..self }
    }

    const fn with(self, parameters: &'static str) -> Self {
        Row { parameters, ..self }
    }

    const fn takes(self, bodies: fn(&Things) -> Vec<Body>) -> Self {
        Row { bodies: Some(bodies), ..self }
    }

    const fn lists(self, list: &'static str) -> Self {
        Row { list: Some(list), ..self }
    }

    /// What it says of any other id than the one that is there, known or not.
    const fn refuses(self, status: u16, code: &'static str) -> Self {
        Row { refusal: (status, code), ..self }
    }

    const fn keeps_no_answer(self) -> Self {
        Row { keeps_no_answer: true, ..self }
    }
}

/// The row of an operation.
pub fn row(operation: &str) -> &'static Row {
    TABLE.iter().find(|row| row.operation == operation).unwrap()
}

use Stranger::{Nothing, Unknown, UnknownIfGiven};

/// The table, in the order in which the operations are tried.
pub const TABLE: &[Row] = &[
    Row::of("get_me"),
    Row::of("list_sites").lists("sites"),
    Row::of("get_site").on(&[("id", "site")]),
    Row::of("create_site").takes(|_| vec![Body::of(&site(), &[])]),
    Row::of("correct_site").on(&[("id", "site")]).takes(|_| vec![Body::of(&site(), &[])]),
    Row::of("patch_site").on(&[("id", "site")]).takes(renamed),
    Row::of("list_locations").asks(&[("site_id", "site", Nothing)]).lists("locations"),
    Row::of("get_location").on(&[("id", "stock")]),
    Row::of("create_location").takes(new_location),
    Row::of("correct_location").on(&[("id", "stock")]).takes(corrected_location).refuses(409, "identity_fixed"),
    Row::of("patch_location").on(&[("id", "stock")]).takes(|things| {
        vec![Body::of(&json!({"name": "Fridge 2", "site_id": things.get("site")}), &[("/site_id", "site")])]
    }).refuses(409, "identity_fixed"),
    Row::of("list_sensors").asks(&[("site_id", "site", Nothing), ("location_id", "stock", Nothing)]).lists("sensors"),
    Row::of("get_sensor").on(&[("id", "sensor")]),
    Row::of("create_sensor").takes(new_sensor),
    Row::of("correct_sensor").on(&[("id", "sensor")]).takes(corrected_sensor).refuses(409, "identity_fixed"),
    Row::of("patch_sensor").on(&[("id", "sensor")]).takes(|things| {
        let body = json!({"name": "Lower shelf", "location_id": things.get("stock")});
        vec![Body::of(&body, &[("/location_id", "stock")])]
    }).refuses(409, "identity_fixed"),
    // Each reading has a verdict of its own.
    Row::of("create_readings").takes(readings).refuses(200, "reference_unknown"),
    Row::of("import_readings").asks(&[("sensor_id", "sensor", Unknown)]).takes(|_| {
        vec![Body { bytes: b"time,temp\n2026-06-30T08:00:00Z,5\n".to_vec(), media_type: "text/csv", references: vec![] }]
    }),
    Row::of("create_import").with("?kind=suppliers").takes(|_| {
        let bytes = b"name,country,approved_classes\nImported,GB,other\n".to_vec();
        vec![Body { bytes, media_type: "text/csv", references: vec![] }]
    }),
    Row::of("get_import_template").on(&[("kind", "=products")]),
    Row::of("list_readings").on(&[("id", "sensor")]).lists("readings"),
    Row::of("get_climate").on(&[("id", "stock")]).with("?from=2026-06-01T00:00:00Z&to=2026-06-02T00:00:00Z"),
    Row::of("get_climate_svg").on(&[("id", "stock")]).with("?from=2026-06-01T00:00:00Z&to=2026-06-02T00:00:00Z"),
    Row::of("list_products").lists("products"),
    Row::of("get_product").on(&[("id", "product")]),
    Row::of("create_product").takes(|_| vec![Body::of(&product(&gtin(2)), &[])]),
    Row::of("correct_product").on(&[("id", "product")]).takes(|_| {
        vec![Body::of(&whole("products", &product(GTIN)), &[])]
    }),
    Row::of("patch_product").on(&[("id", "product")]).takes(renamed),
    Row::of("list_suppliers").lists("suppliers"),
    Row::of("get_supplier").on(&[("id", "supplier")]),
    Row::of("create_supplier").takes(supplier),
    Row::of("correct_supplier").on(&[("id", "supplier")]).takes(|things| wholes("suppliers", supplier(things))),
    Row::of("patch_supplier").on(&[("id", "supplier")]).takes(renamed),
    Row::of("list_practitioners").lists("practitioners"),
    Row::of("get_practitioner").on(&[("id", "practitioner")]),
    Row::of("create_practitioner").takes(practitioner),
    Row::of("correct_practitioner").on(&[("id", "practitioner")]).takes(|things| {
        wholes("practitioners", practitioner(things))
    }),
    Row::of("patch_practitioner").on(&[("id", "practitioner")]).takes(renamed),
    Row::of("list_licences").asks(&[("holder_id", "site", Nothing)]).lists("licences"),
    Row::of("get_licence").on(&[("id", "site_licence")]),
    Row::of("create_licence").takes(licences).reaching(|things| on_shared(&[], licences(things).split_off(1))),
    Row::of("create_licence_check")
        .on(&[("id", "site_licence")])
        .takes(checks)
        .reaching(|things| on_shared(&[("id", "licence")], checks(things))),
    Row::of("create_licence_acknowledgement")
        .on(&[("id", "site_licence")])
        .takes(acknowledgements)
        .reaching(|things| on_shared(&[("id", "licence")], acknowledgements(things))),
    Row::of("create_licence_check_reversal")
        .on(&[("id", "spare_licence"), ("check_id", "spare_check")])
        .takes(mis_keyed)
        .reaching(|things| on_shared(&[("id", "licence"), ("check_id", "shared_check")], mis_keyed(things))),
    Row::of("create_licence_reversal")
        .on(&[("id", "spare_licence")])
        .takes(mis_keyed)
        .reaching(|things| on_shared(&[("id", "licence")], mis_keyed(things))),
    Row::of("get_policies"),
    Row::of("set_policies").takes(policies),
    Row::of("patch_policies").takes(|things| {
        let body = json!({"retention_years": 12, "denied_suppliers": [things.get("spare_supplier")]});
        vec![Body::of(&body, &[("/denied_suppliers/0", "spare_supplier")])]
    }),
    Row::of("get_eligibility").asks(&[
        ("site_id", "site", Unknown),
        ("product_id", "product", Unknown),
        ("supplier_id", "supplier", UnknownIfGiven),
        ("practitioner_id", "practitioner", UnknownIfGiven),
    ]),
    Row::of("create_order").takes(order),
    Row::of("list_orders")
        .asks(&[("site_id", "site", Nothing), ("supplier_id", "supplier", Nothing), ("product_id", "product", Nothing)])
        .lists("orders"),
    Row::of("get_order").on(&[("id", "order")]),
    Row::of("change_order").on(&[("id", "order")]).takes(order),
    Row::of("place_order").on(&[("id", "order")]).takes(|_| vec![Body::of(&json!({}), &[])]),
    Row::of("cancel_order").on(&[("id", "order")]).takes(|_| vec![Body::of(&json!({"reason": "Ordered twice"}), &[])]),
    Row::of("create_receipt").takes(receipt),
    Row::of("close_order").on(&[("id", "part_order")]).takes(|_| {
        vec![Body::of(&json!({"reason": "The rest is out of stock"}), &[])]
    }),
    Row::of("list_receipts")
        .asks(&[
            ("order_id", "part_order", Nothing),
            ("site_id", "site", Nothing),
            ("supplier_id", "supplier", Nothing),
            ("lot_id", "lot", Nothing),
        ])
        .lists("receipts"),
    Row::of("get_receipt").on(&[("id", "receipt")]),
    Row::of("create_receipt_correction").on(&[("id", "fresh_receipt")]).takes(|things| {
        let body = json!({"line_id": things.get("fresh_line"), "packs": 7, "reason": "Counted again"});
        let whole = json!({
            "corrects": things.get("receipt_correction"), "supplier_id": things.get("supplier"), "order_id": null,
            "reason": "It was theirs after all"
        });
        vec![
            Body::of(&body, &[("/line_id", "fresh_line")]),
            Body::of(
                &whole,
                &[("/corrects", "receipt_correction"), ("/supplier_id", "supplier"), ("/order_id", "part_order")],
            ),
        ]
    }).reaching(|things| {
        let body = json!({"line_id": things.get("split_line"), "packs": 7, "reason": "Counted again"});
        on_shared(&[("id", "split_receipt")], vec![Body::of(&body, &[])])
    }),
    Row::of("create_receipt_void")
        .on(&[("id", "fresh_receipt")])
        .takes(mis_keyed)
        .reaching(|things| on_shared(&[("id", "split_receipt")], mis_keyed(things))),
    Row::of("create_release").on(&[("id", "lot")]).takes(release), // before the same person inspects
    Row::of("create_inspection").takes(inspection),
    Row::of("list_inspections")
        .asks(&[("site_id", "site", Nothing), ("location_id", "quarantine", Nothing), ("lot_id", "lot", Nothing)])
        .lists("inspections"),
    Row::of("list_releases")
        .asks(&[("site_id", "site", Nothing), ("location_id", "stock", Nothing), ("lot_id", "lot", Nothing)])
        .lists("releases"),
    Row::of("list_packs")
        .asks(&[
            ("site_id", "site", Nothing),
            ("location_id", "quarantine", Nothing),
            ("product_id", "product", Nothing),
            ("lot_id", "lot", Nothing),
        ])
        .lists("packs"),
    Row::of("get_inspection").on(&[("id", "inspection")]),
    Row::of("create_inspection_reversal")
        .on(&[("id", "spare_inspection")])
        .takes(mis_keyed)
        .reaching(|things| on_shared(&[("id", "split_inspection")], mis_keyed(things))),
    Row::of("create_claim").takes(|things| {
        let of = |name: &str, what: &str, reason: &str| {
            json!({"receipt_id": things.get("receipt"), "lines": [{name: things.get(what), "reason": reason, "units": 1}]})
        };
        let (came, missing) =
            (of("receipt_line_id", "line", "damaged"), of("order_line_id", "order_line", "not_delivered"));
        let receipt = ("/receipt_id", "receipt");
        vec![
            Body::of(&came, &[receipt, ("/lines/0/receipt_line_id", "line")]),
            Body::of(&missing, &[receipt, ("/lines/0/order_line_id", "order_line")]),
        ]
    }),
    Row::of("list_claims")
        .asks(&[("receipt_id", "receipt", Nothing), ("supplier_id", "supplier", Nothing), ("site_id", "site", Nothing)])
        .lists("claims"),
    Row::of("get_claim").on(&[("id", "claim")]),
    Row::of("send_claim").on(&[("id", "claim")]).takes(|_| vec![Body::of(&json!({}), &[])]),
    Row::of("settle_claim").on(&[("id", "sent_claim")]).takes(|things| {
        vec![Body::of(&json!({"receipt_id": things.get("replacement")}), &[("/receipt_id", "replacement")])]
    }),
    Row::of("withdraw_claim").on(&[("id", "spare_claim")]).takes(mis_keyed),
    Row::of("create_evidence").takes(|things| {
        let bytes = [&b"%PDF-1.7\nby "[..], things.get("organisation").as_bytes()].concat();
        vec![Body { bytes, media_type: "application/pdf", references: Vec::new() }]
    }),
    Row::of("get_evidence").on(&[("sha256", "evidence")]),
    Row::of("get_evidence_metadata").on(&[("sha256", "evidence")]),
    Row::of("create_transfer").takes(|things| {
        let places = json!({
            "lot_id": things.get("lot"), "from_location_id": things.get("stock"),
            "to_location_id": things.get("other_stock"), "units": 1, "reason": "Restocking room 2"
        });
        let mut journey = places.clone();
        journey["journey"] = json!({"sensor_id": things.get("logger"), "departed_at": things.get("moment")});
        let names = [("/lot_id", "lot"), ("/from_location_id", "stock"), ("/to_location_id", "other_stock")];
        let logger = ("/journey/sensor_id", "logger");
        vec![Body::of(&places, &names), Body::of(&journey, &[&names[..], &[logger]].concat())]
    }),
    Row::of("create_wastage").takes(removal),
    Row::of("create_return").takes(removal),
    Row::of("create_destruction").takes(removal),
    Row::of("create_count").takes(|things| {
        let body = json!({
            "lot_id": things.get("lot"), "location_id": things.get("stock"), "units_counted": 9, "reason": "Monthly"
        });
        vec![Body::of(&body, &[("/lot_id", "lot"), ("/location_id", "stock")])]
    }),
    Row::of("approve_count").on(&[("id", "waiting_count")]).takes(|_| vec![Body::of(&json!({"reason": "So it is"}), &[])]),
    Row::of("reject_count").on(&[("id", "doubtful_count")]).takes(|_| vec![Body::of(&json!({"reason": "Miscounted"}), &[])]),
    Row::of("create_movement_reversal")
        .on(&[("id", "spare_movement")])
        .takes(mis_keyed)
        .reaching(|things| on_shared(&[("id", "split_movement")], mis_keyed(things))),
    Row::of("list_movements")
        .asks(&[
            ("lot_id", "lot", Nothing),
            ("site_id", "site", Nothing),
            ("location_id", "quarantine", Nothing),
            ("product_id", "product", Nothing),
        ])
        .lists("movements"),
    Row::of("get_movement").on(&[("id", "movement")]),
    Row::of("create_stock_take").takes(|things| {
        let body = json!({"location_ids": [things.get("counted_place")], "reason": "Monthly"});
        vec![Body::of(&body, &[("/location_ids/0", "counted_place")])]
    }),
    Row::of("list_stock_takes").asks(&[("site_id", "site", Nothing)]).lists("stock takes"),
    Row::of("get_stock_take").on(&[("id", "stock_take")]),
    // Each scan has a verdict of its own.
    Row::of("record_stock_take_scans")
        .on(&[("id", "stock_take")])
        .takes(|things| {
            let body = json!({"scans": [
                {"lot_id": things.get("lot"), "location_id": things.get("taken_place"), "units": 2}
            ]});
            vec![Body::of(&body, &[("/scans/0/lot_id", "lot"), ("/scans/0/location_id", "taken_place")])]
        })
        .refuses(201, "counted"),
    Row::of("list_stock_take_scans").on(&[("id", "stock_take")]).lists("stock take scans"),
    Row::of("withdraw_stock_take_scan").on(&[("id", "stock_take")]).takes(|things| {
        let body = json!({"scan_id": things.get("scan"), "reason": "Counted twice"});
        vec![Body::of(&body, &[("/scan_id", "scan")])]
    }),
    Row::of("close_stock_take").on(&[("id", "counted_take")]).takes(|_| vec![Body::of(&json!({}), &[])]),
    Row::of("reopen_stock_take").on(&[("id", "closed_take")]).takes(|things| {
        let (place, lot) = (things.get("closed_place"), things.get("lot"));
        let body = json!({
            "lines": [{"location_id": place, "lot_id": lot}], "location_ids": [place], "reason": "Once more"
        });
        let places = [("/lines/0/location_id", "closed_place"), ("/location_ids/0", "closed_place")];
        vec![Body::of(&body, &[places[0], places[1], ("/lines/0/lot_id", "lot")])]
    }),
    Row::of("approve_stock_take").on(&[("id", "approved_take")]).takes(|_| vec![Body::of(&json!({}), &[])]),
    Row::of("cancel_stock_take").on(&[("id", "cancelled_take")]).takes(|_| {
        vec![Body::of(&json!({"reason": "The wrong room"}), &[])]
    }),
    Row::of("set_level").takes(|things| {
        let body = json!({
            "site_id": things.get("site"), "product_id": things.get("product"), "minimum_packs": 1, "maximum_packs": 3
        });
        vec![Body::of(&body, &[("/site_id", "site"), ("/product_id", "product")])]
    }),
    Row::of("list_levels").asks(&[("site_id", "site", Nothing), ("product_id", "product", Nothing)]).lists("levels"),
    Row::of("get_replenishment").asks(&[("site_id", "site", Unknown)]).lists("replenishment"),
    Row::of("get_replenishment_plot_svg").asks(&[("site_id", "site", Unknown), ("product_id", "product", Unknown)]),
    Row::of("create_replenishment_orders").takes(|things| {
        let body = json!({"site_id": things.get("site"), "lines": [
            {"product_id": things.get("product"), "supplier_id": things.get("supplier"), "packs": 1}
        ]});
        let names =
            [("/site_id", "site"), ("/lines/0/product_id", "product"), ("/lines/0/supplier_id", "supplier")];
        vec![Body::of(&body, &names)]
    }),
    Row::of("list_stock")
        .asks(&[
            ("site_id", "site", Nothing),
            ("product_id", "product", Nothing),
            ("lot_id", "lot", Nothing),
            ("location_id", "stock", Nothing),
        ])
        .lists("stock"),
    Row::of("list_lots").asks(&[("product_id", "product", Nothing)]).lists("lots"),
    Row::of("get_lot").on(&[("id", "lot")]),
    Row::of("get_lot_label_svg").on(&[("id", "lot")]),
    Row::of("get_lot_label_png").on(&[("id", "lot")]),
    Row::of("create_scan").takes(question).keeps_no_answer(),
    Row::of("create_image_scan")
        .asks(&[
            ("site_id", "site", Unknown),
            ("location_id", "stock", UnknownIfGiven),
            ("practitioner_id", "practitioner", UnknownIfGiven),
            ("prescriber_id", "practitioner", UnknownIfGiven),
            ("container_id", "container", UnknownIfGiven),
            ("visit_id", "visit", UnknownIfGiven),
        ])
        .with("?purpose=administer")
        .takes(picture)
        .keeps_no_answer(),
    Row::of("create_protocol").takes(|things| {
        let screening = |applies_to: Value| {
            json!({
                "kind": "screening", "applies_to": applies_to, "title": "Before a filler", "source": "Example",
                "effective_from": "2099-01-01", "reason": "Another", "content": crate::visits::screening()
            })
        };
        let kit = json!({
            "kind": "emergency_kit", "title": "Emergency kit", "source": "Example", "effective_from": "2099-01-01",
            "reason": "Another", "content": {"items": [{"product_id": things.get("product"), "units": 1}]}
        });
        let product = json!({"product_id": things.get("product")});
        vec![
            Body::of(&screening(product), &[("/applies_to/product_id", "product")]),
            Body::of(&kit, &[("/content/items/0/product_id", "product")]),
        ]
    }),
    Row::of("list_protocols").asks(&[("product_id", "product", Nothing)]).lists("protocols"),
    Row::of("get_protocol").on(&[("id", "screening_protocol")]),
    Row::of("create_prescription").takes(|things| {
        let body = json!({
            "patient_ref": "P-1001", "product_id": things.get("product"), "units": 1, "prescriber_id": things.get("prescriber"),
            "seen": "in_person", "valid_until": "2099-12-31", "site_id": things.get("site")
        });
        let references = [("/site_id", "site"), ("/prescriber_id", "prescriber"), ("/product_id", "product")];
        vec![Body::of(&body, &references)]
    }),
    Row::of("list_prescriptions")
        .asks(&[("site_id", "site", Nothing), ("prescriber_id", "practitioner", Nothing)])
        .lists("prescriptions"),
    Row::of("search_prescriptions")
        .takes(|_| vec![Body::of(&json!({"patient_ref": "P-1002"}), &[])])
        .lists("prescriptions")
        .keeps_no_answer(),
    Row::of("get_prescription").on(&[("id", "prescription")]),
    Row::of("withdraw_prescription")
        .on(&[("id", "spare_prescription")])
        .takes(|_| vec![Body::of(&json!({"reason": "Another product"}), &[])]),
    Row::of("create_visit").takes(|things| {
        let body = json!({
            "site_id": things.get("site"), "practitioner_id": things.get("practitioner"), "patient_ref": "P-1001",
            "planned": [{"product_id": things.get("product"), "area": "midface"}]
        });
        let references = [("/site_id", "site"), ("/practitioner_id", "practitioner")];
        vec![Body::of(&body, &[references[0], references[1], ("/planned/0/product_id", "product")])]
    }),
    Row::of("list_visits")
        .asks(&[("site_id", "site", Nothing), ("practitioner_id", "prescriber", Nothing)])
        .lists("visits"),
    Row::of("search_visits")
        .takes(|_| vec![Body::of(&json!({"patient_ref": "P-1002"}), &[])])
        .lists("visits")
        .keeps_no_answer(),
    Row::of("get_visit").on(&[("id", "visit")]),
    Row::of("add_screening").on(&[("id", "visit")]).takes(|things| {
        let mut body = crate::visits::answers();
        body["protocol_id"] = json!(things.get("screening_protocol"));
        vec![Body::of(&body, &[("/protocol_id", "screening_protocol")])]
    }),
    Row::of("add_consent").on(&[("id", "visit")]).takes(|things| {
        let mut body = crate::visits::consent();
        body["protocol_id"] = json!(things.get("consent_protocol"));
        body["agreed"]["signature"] = json!(things.get("photograph"));
        vec![Body::of(&body, &[("/protocol_id", "consent_protocol"), ("/agreed/signature", "photograph")])]
    }),
    Row::of("withdraw_consent").on(&[("id", "spare_visit")]).takes(|_| vec![Body::of(&json!({}), &[])]),
    Row::of("attest_age").on(&[("id", "visit")]).takes(|_| {
        vec![Body::of(&json!({"of_age": true, "seen": "passport"}), &[])]
    }),
    Row::of("set_goals").on(&[("id", "visit")]).takes(|_| vec![Body::of(&json!({"immediate": ["Symmetry"]}), &[])]),
    Row::of("plan_reversal").on(&[("id", "visit")]).takes(|things| {
        vec![Body::of(&json!({"product_id": things.get("product")}), &[("/product_id", "product")])]
    }),
    Row::of("give_aftercare").on(&[("id", "visit")]).takes(|things| {
        let mut body = crate::visits::aftercare();
        body["protocol_id"] = json!(things.get("aftercare_protocol"));
        vec![Body::of(&body, &[("/protocol_id", "aftercare_protocol")])]
    }),
    Row::of("add_photograph").on(&[("id", "visit")]).with("?view=front").takes(|things| {
        let bytes = [&b"\x89PNG\r\n\x1a\nof "[..], things.get("organisation").as_bytes()].concat();
        vec![Body { bytes, media_type: "image/png", references: Vec::new() }]
    }),
    Row::of("get_photograph").on(&[("id", "visit"), ("entry_id", "photograph")]),
    Row::of("list_follow_ups").asks(&[("site_id", "site", Nothing)]).lists("follow-ups"),
    Row::of("review_follow_up").on(&[("id", "follow_up")]).takes(|_| {
        vec![Body::of(&json!({"note": "No pain"}), &[])]
    }),
    Row::of("close_follow_up").on(&[("id", "spare_follow_up")]).takes(|_| {
        vec![Body::of(&json!({"reason": "Has moved away"}), &[])]
    }),
    Row::of("sign_visit").on(&[("id", "signed_visit")]).takes(|_| vec![Body::of(&json!({}), &[])]),
    Row::of("add_addendum").on(&[("id", "visit")]).takes(|_| {
        vec![Body::of(&json!({"text": "The patient called: no pain"}), &[])]
    }),
    Row::of("create_administration").takes(administration),
    Row::of("create_adverse_event")
        .takes(|things| {
            let (given, site) = (things.get("administration"), things.get("site"));
            let mut of_administrations = super::things::harm("P-1001", &[given], things.get("harmed_at"));
            of_administrations["site_id"] = json!(site);
            of_administrations["actions"] =
                json!([{"text": "Hyaluronidase", "at": "2026-07-01T10:00:00Z", "administration_ids": [given]}]);
            let mut of_visit = super::things::harm("P-1002", &[], things.get("harmed_at"));
            of_visit["visit_id"] = json!(things.get("visit"));
            let references = [
                ("/administration_ids/0", "administration"),
                ("/site_id", "site"),
                ("/actions/0/administration_ids/0", "administration"),
            ];
            vec![Body::of(&of_administrations, &references), Body::of(&of_visit, &[("/visit_id", "visit")])]
        })
        .reaching(|things| {
            let mut body = super::things::harm("P-SPLIT", &[things.get("split_administration")], things.get("split_at"));
            body["hold"] = json!({"reason": "Under review"});
            on_shared(&[], vec![Body::of(&body, &[])])
        }),
    Row::of("list_adverse_events")
        .asks(&[("site_id", "site", Nothing), ("product_id", "product", Nothing), ("lot_id", "lot", Nothing)])
        .lists("adverse events"),
    Row::of("get_adverse_event").on(&[("id", "adverse_event")]),
    Row::of("get_adverse_event_report").on(&[("id", "adverse_event")]),
    Row::of("photograph_adverse_event").on(&[("id", "adverse_event")]).with("?view=cheek").takes(|things| {
        let bytes = [&b"\x89PNG\r\n\x1a\nharm of "[..], things.get("organisation").as_bytes()].concat();
        vec![Body { bytes, media_type: "image/png", references: Vec::new() }]
    }),
    Row::of("get_adverse_event_photograph").on(&[("id", "adverse_event"), ("entry_id", "harm_photograph")]),
    Row::of("review_adverse_event")
        .on(&[("id", "adverse_event")])
        .takes(|things| {
            let action = json!([{"text": "Hyaluronidase", "at": "2026-07-01T10:00:00Z", "administration_ids": [things.get("administration")]}]);
            let body = json!({"note": "Looked at again", "actions": action});
            vec![Body::of(&body, &[("/actions/0/administration_ids/0", "administration")])]
        })
        .reaching(|_| {
            let body = json!({"note": "Held", "hold": {"reason": "Under review"}});
            on_shared(&[("id", "split_event")], vec![Body::of(&body, &[])])
        }),
    Row::of("record_adverse_event_report").on(&[("id", "adverse_event")]).takes(|_| {
        vec![Body::of(&json!({"to": "MHRA Yellow Card"}), &[])]
    }),
    Row::of("close_adverse_event").on(&[("id", "reviewed_event")]).takes(|_| {
        vec![Body::of(&json!({"outcome": "recovered", "note": "Nothing is left"}), &[])]
    }),
    Row::of("list_signals").asks(&[("product_id", "product", UnknownIfGiven)]).lists("signals"),
    Row::of("get_signals_plot").asks(&[("product_id", "product", Unknown)]),
    Row::of("review_signal").takes(|things| {
        let of = |field: &'static str, kind: &'static str| {
            json!({field: things.get(kind), "conclusion": "Nothing that we can see"})
        };
        vec![
            Body::of(&of("lot_id", "lot"), &[("/lot_id", "lot")]),
            Body::of(&of("product_id", "product"), &[("/product_id", "product")]),
        ]
    }),
    Row::of("list_administrations")
        .asks(&[
            ("lot_id", "lot", Nothing),
            ("practitioner_id", "practitioner", Nothing),
            ("site_id", "site", Nothing),
            ("product_id", "product", Nothing),
            ("visit_id", "visit", Nothing),
        ])
        .lists("administrations"),
    Row::of("search_administrations")
        .takes(|_| vec![Body::of(&json!({"patient_ref": "P-1001"}), &[])])
        .lists("administrations")
        .keeps_no_answer(),
    Row::of("get_administration").on(&[("id", "administration")]),
    Row::of("get_administration_custody").on(&[("id", "administration")]).lists("custody"),
    Row::of("confirm_administration").on(&[("id", "administration")]).takes(|_| vec![Body::of(&json!({}), &[])]),
    Row::of("void_administration").on(&[("id", "administration")]).takes(|things| {
        let body = json!({
            "reason": "Recorded for the wrong patient", "returned_to_stock": true, "location_id": things.get("quarantine")
        });
        vec![Body::of(&body, &[("/location_id", "quarantine")])]
    }),
    Row::of("open_container").takes(|things| {
        let body = json!({"lot_id": things.get("lot"), "location_id": things.get("stock")});
        vec![Body::of(&body, &[("/lot_id", "lot"), ("/location_id", "stock")])]
    }),
    Row::of("list_containers")
        .asks(&[("site_id", "site", Nothing), ("location_id", "stock", Nothing), ("lot_id", "lot", Nothing)])
        .lists("containers"),
    Row::of("get_container").on(&[("id", "container")]),
    Row::of("discard_container")
        .on(&[("id", "container")])
        .takes(|_| vec![Body::of(&json!({"reason": "In-use life over"}), &[])]),
    Row::of("list_deviations").lists("deviations"),
    Row::of("get_deviation").on(&[("id", "deviation")]),
    Row::of("close_deviation").on(&[("id", "deviation")]).takes(|_| {
        vec![Body::of(&json!({"resolution": "Stock control retrained"}), &[])]
    }),
    Row::of("get_attention").asks(&[("site_id", "site", UnknownIfGiven)]),
    Row::of("get_work").asks(&[("site_id", "site", UnknownIfGiven)]).lists("work"),
    Row::of("get_period_report")
        .asks(&[("site_id", "site", Unknown)])
        .with("?from=2026-06-01&to=2026-07-31"),
    Row::of("get_supplier_scorecard").on(&[("id", "supplier")]).with("?from=2026-06-01&to=2026-07-31"),
    Row::of("get_lot_custody").on(&[("id", "lot")]).lists("custody"),
    Row::of("list_events").asks(&[("subject", "administration", Nothing)]).lists("events"),
    Row::of("get_event").on(&[("id", "event")]),
    Row::of("get_event_bytes")
        .on(&[("id", "event")])
        .reaching(|_| vec![Beyond { path: vec![("id", "shared_event")], body: None }]),
    Row::of("get_log_key"),
    Row::of("get_log_checkpoint"),
    Row::of("get_inclusion_proof").asks(&[("event_id", "event", Unknown)]),
    Row::of("get_consistency_proof").with("?from=1&to=2"),
    Row::of("list_verifications").lists("verifications"),
    Row::of("get_verification").on(&[("id", "verification")]),
    Row::of("create_verification").takes(|_| vec![Body::of(&json!({}), &[])]).keeps_no_answer(),
    Row::of("create_evidence_bundle")
        .takes(|things| {
            let period = json!({"from": "2026-01-01T00:00:00Z", "to": "2027-01-01T00:00:00Z"});
            vec![
                Body::of(&json!({"lot_id": things.get("lot")}), &[("/lot_id", "lot")]),
                Body::of(&json!({"patient_ref": "P-1001"}), &[]),
                Body::of(&json!({"period": period}), &[]),
            ]
        })
        .keeps_no_answer(),
    Row::of("list_holds").lists("holds"),
    Row::of("get_hold").on(&[("id", "hold")]),
    Row::of("lift_hold").on(&[("id", "hold")]).takes(lifts).reaching(|things| {
        let of = |kind| on_shared(&[("id", kind)], lifts(things));
        [of("split_hold"), of("product_hold"), of("moved_hold")].into_iter().flatten().collect()
    }),
    Row::of("list_excursions")
        .asks(&[
            ("site_id", "site", Nothing),
            ("location_id", "stock", Nothing),
            ("sensor_id", "sensor", Nothing),
            ("lot_id", "lot", Nothing),
        ])
        .lists("excursions"),
    Row::of("get_excursion").on(&[("id", "excursion")]),
    Row::of("list_exposed_administrations").on(&[("id", "excursion")]).lists("exposed administrations"),
    Row::of("assess_excursion")
        .on(&[("id", "excursion")])
        .takes(assessments)
        .reaching(|things| on_shared(&[("id", "split_excursion")], assessments(things))),
    Row::of("create_hold").takes(holds).reaching(|things| {
        let bodies = [("lot", "split_lot"), ("product", "product")].map(|(scope, kind)| {
            Body::of(&json!({"scope": {"type": scope, "id": things.get(kind)}, "reason": "Under review"}), &[])
        });
        on_shared(&[], bodies.into())
    }),
    Row::of("list_recalls").lists("recalls"),
    Row::of("get_recall").on(&[("id", "recall")]),
    Row::of("get_recall_impact").on(&[("id", "recall")]).lists("impact"),
    Row::of("erase_patient").takes(|_| {
        let body = json!({
            "patient_ref": "P-SPARE", "reason": "Asked for in writing", "override_reason": "Legal has agreed"
        });
        vec![Body::of(&body, &[])]
    }),
    Row::of("create_recall").takes(|_| {
        let body = json!({
            "reference": "FSN-3", "classification": "class_3", "gtin": gtin(96), "reason": "The label comes off"
        });
        vec![Body::of(&body, &[])]
    }),
    Row::of("add_recall_lot").on(&[("id", "recall")]).takes(|things| {
        let body = json!({"lot_id": things.get("meant_lot"), "reason": "The notice means this one, too"});
        vec![Body::of(&body, &[("/lot_id", "meant_lot")])]
    }),
    Row::of("acknowledge_recall").on(&[("id", "recall")]).takes(|things| {
        vec![Body::of(&json!({"site_id": things.get("site")}), &[("/site_id", "site")])]
    }),
    Row::of("record_recall_contact").on(&[("id", "recall")]).takes(|things| {
        let body = json!({"administration_id": things.get("recalled_administration"), "outcome": "informed"});
        vec![Body::of(&body, &[("/administration_id", "recalled_administration")])]
    }),
    Row::of("close_recall")
        .on(&[("id", "spare_recall")])
        .takes(|_| vec![Body::of(&json!({"reason": "Withdrawn by the maker"}), &[])]),
    Row::of("retire_location").on(&[("id", "spare_location")]).takes(retirement),
    Row::of("reinstate_location").on(&[("id", "spare_location")]).takes(retirement),
    Row::of("retire_site").on(&[("id", "spare_site")]).takes(retirement),
    Row::of("reinstate_site").on(&[("id", "spare_site")]).takes(retirement),
    Row::of("retire_product").on(&[("id", "spare_product")]).takes(retirement),
    Row::of("reinstate_product").on(&[("id", "spare_product")]).takes(retirement),
    Row::of("retire_supplier").on(&[("id", "spare_supplier")]).takes(retirement),
    Row::of("reinstate_supplier").on(&[("id", "spare_supplier")]).takes(retirement),
    Row::of("retire_sensor").on(&[("id", "spare_sensor")]).takes(retirement),
    Row::of("reinstate_sensor").on(&[("id", "spare_sensor")]).takes(retirement),
    Row::of("retire_practitioner").on(&[("id", "spare_practitioner")]).takes(retirement),
    Row::of("reinstate_practitioner").on(&[("id", "spare_practitioner")]).takes(retirement),
];

fn new_location(things: &Things) -> Vec<Body> {
    vec![Body::of(&location(things.get("site"), "returns"), &[("/site_id", "site")])]
}

fn corrected_location(things: &Things) -> Vec<Body> {
    vec![Body::of(&whole("locations", &location(things.get("site"), "stock")), &[("/site_id", "site")])]
}

fn new_sensor(things: &Things) -> Vec<Body> {
    let body = json!({"location_id": things.get("stock"), "name": "Lower shelf", "interval_seconds": 300});
    vec![Body::of(&body, &[("/location_id", "stock")])]
}

fn corrected_sensor(things: &Things) -> Vec<Body> {
    let body = json!({
        "location_id": things.get("stock"), "name": "Lower shelf", "interval_seconds": 600, "alarm_rules": [],
        "calibration_due": null, "travels": false
    });
    vec![Body::of(&body, &[("/location_id", "stock")])]
}

fn readings(things: &Things) -> Vec<Body> {
    let reading = json!({"sensor_id": things.get("sensor"), "at": "2026-06-30T08:00:00Z", "celsius": 5});
    vec![Body::of(&json!({"readings": [reading]}), &[("/readings/0/sensor_id", "sensor")])]
}

fn renamed(_: &Things) -> Vec<Body> {
    vec![Body::of(&json!({"name": "Another name"}), &[])]
}

fn wholes(list: &str, bodies: Vec<Body>) -> Vec<Body> {
    bodies.into_iter().map(|body| Body::of(&whole(list, &body.json()), &body.references)).collect()
}

fn supplier(_: &Things) -> Vec<Body> {
    let body = json!({"name": "Example Wholesale", "country": "GB", "approved_classes": ["hybrid_filler"]});
    vec![Body::of(&body, &[])]
}

fn practitioner(_: &Things) -> Vec<Body> {
    vec![Body::of(&json!({"name": "Dr A. Example", "profession": "doctor"}), &[])]
}

fn checks(_: &Things) -> Vec<Body> {
    vec![Body::of(&json!({"outcome": "verified", "source": "the public register"}), &[])]
}

fn acknowledgements(_: &Things) -> Vec<Body> {
    vec![Body::of(&json!({"note": "The register was down"}), &[])]
}

fn assessments(_: &Things) -> Vec<Body> {
    vec![Body::of(&json!({"disposition": "release", "reason": "Short"}), &[])]
}

fn lifts(_: &Things) -> Vec<Body> {
    vec![Body::of(&json!({"reason": "Unrelated"}), &[])]
}

fn mis_keyed(_: &Things) -> Vec<Body> {
    vec![Body::of(&json!({"reason": "Keyed for the wrong site"}), &[])]
}

fn licences(things: &Things) -> Vec<Body> {
    [
        ("site", "site", "facility", "CQC", "1-300"),
        ("organisation", "organisation", "facility", "CQC", "1-301"),
        ("supplier", "supplier", "wholesale", "MHRA", "WDA 300"),
        ("practitioner", "practitioner", "professional_registration", "GMC", "7654321"),
    ]
    .into_iter()
    .map(|(holder, kind, licence_kind, authority, number)| {
        let body = licence((holder, things.get(kind)), licence_kind, authority, number);
        Body::of(&body, &[("/holder/id", kind)])
    })
    .collect()
}

fn policies(things: &Things) -> Vec<Body> {
    let body = json!({
        "licence_recheck_days": 365, "minimum_remaining_days": 0, "checklists": {}, "denied_lots": [],
        "denied_suppliers": [things.get("spare_supplier")], "retention_years": 10, "approval_recheck_days": 365,
        "count_found_to_approve": 1, "count_missing_to_approve": 3, "evidence_quota_bytes": 107374182400_i64,
        "recording_for_others": "confirm", "expiry_order": "advise", "licences_by_two": false, "readings_retention_days": null,
        "treatment_gates": {}, "signing_requires": []
    });
    vec![Body::of(&body, &[("/denied_suppliers/0", "spare_supplier")])]
}

fn order(things: &Things) -> Vec<Body> {
    let body = json!({
        "site_id": things.get("site"), "supplier_id": things.get("supplier"),
        "lines": [{"product_id": things.get("product"), "packs": 1}]
    });
    let line = ("/lines/0/product_id", "product");
    vec![Body::of(&body, &[("/site_id", "site"), ("/supplier_id", "supplier"), line])]
}

fn receipt(things: &Things) -> Vec<Body> {
    let body = json!({
        "supplier_id": things.get("supplier"), "site_id": things.get("site"), "location_id": things.get("quarantine"),
        "order_id": things.get("part_order"),
        "lines": [{"gtin": GTIN, "lot": "NEW", "expiry": EXPIRY, "packs": 1, "replaces": things.get("line")}]
    });
    let places = [("/site_id", "site"), ("/location_id", "quarantine")];
    let parties = [("/supplier_id", "supplier"), ("/order_id", "part_order")];
    vec![Body::of(&body, &[&places[..], &parties, &[("/lines/0/replaces", "line")]].concat())]
}

fn inspection(things: &Things) -> Vec<Body> {
    let checks = ["outer_carton_intact", "tamper_evidence_intact", "label_legible"];
    let body = json!({
        "receipt_id": things.get("receipt"), "location_id": things.get("quarantine"), "lot_id": things.get("lot"),
        "units_passed": 2, "units_failed": 0,
        "checks": checks.map(|criterion| json!({"criterion": criterion, "result": "pass"}))
    });
    vec![Body::of(&body, &[("/receipt_id", "receipt"), ("/location_id", "quarantine"), ("/lot_id", "lot")])]
}

fn release(things: &Things) -> Vec<Body> {
    let body = json!({
        "from_location_id": things.get("quarantine"), "to_location_id": things.get("stock"), "units": 1,
        "reason": "Inspection complete"
    });
    vec![Body::of(&body, &[("/from_location_id", "quarantine"), ("/to_location_id", "stock")])]
}

fn removal(things: &Things) -> Vec<Body> {
    let body = json!({
        "lot_id": things.get("lot"), "from_location_id": things.get("stock"), "units": 1, "reason": "The syringe broke"
    });
    vec![Body::of(&body, &[("/lot_id", "lot"), ("/from_location_id", "stock")])]
}

fn question(things: &Things) -> Vec<Body> {
    let body = json!({
        "code": scan("270630", "LOT-ONE", None), "site_id": things.get("site"), "purpose": "administer",
        "location_id": things.get("stock"),
        "practitioner_id": things.get("practitioner"), "prescriber_id": things.get("practitioner")
    });
    let people = [("/practitioner_id", "practitioner"), ("/prescriber_id", "practitioner")];
    let now = Body::of(&body, &[&[("/site_id", "site"), ("/location_id", "stock")], &people[..]].concat());
    let mut opened = now.json();
    opened["container_id"] = json!(things.get("container"));
    let references = [&now.references[..], &[("/container_id", "container")]].concat();
    let mut visited = now.json();
    visited["visit_id"] = json!(things.get("visit"));
    let in_visit = [&now.references[..], &[("/visit_id", "visit")]].concat();
    vec![now, Body::of(&opened, &references), Body::of(&visited, &in_visit)]
}

fn picture(_: &Things) -> Vec<Body> {
    let symbol = gs1_data_matrix(&scan("270630", "LOT-ONE", None).replace("]d2", ""));
    vec![Body { bytes: png(&sheet(&[symbol], 3)), media_type: "image/png", references: Vec::new() }]
}

fn administration(things: &Things) -> Vec<Body> {
    let body = json!({
        "lot_id": things.get("lot"), "site_id": things.get("site"), "location_id": things.get("stock"),
        "practitioner_id": things.get("practitioner"), "prescriber_id": things.get("practitioner"),
        "patient_ref": "P-1002", "units": 1, "treatment": {"area": "midface"}
    });
    let places = [("/lot_id", "lot"), ("/site_id", "site"), ("/location_id", "stock")];
    let people = [("/practitioner_id", "practitioner"), ("/prescriber_id", "practitioner")];
    let now = Body::of(&body, &[&places[..], &people[..]].concat());
    let mut past = now.json();
    past["retrospective"] = json!({"reason": "Found in the paper notes"});
    let past = Body::of(&past, &now.references);
    let mut opened = now.json();
    opened["container_id"] = json!(things.get("container"));
    opened["treatment"]["amount_used"] = json!("0.000001");
    let references = [&now.references[..], &[("/container_id", "container")]].concat();
    let mut visited = opened.clone();
    visited["visit_id"] = json!(things.get("visit"));
    let in_visit = [&references[..], &[("/visit_id", "visit")]].concat();
    vec![now, past, Body::of(&opened, &references), Body::of(&visited, &in_visit)]
}

fn holds(things: &Things) -> Vec<Body> {
    [("account", "account"), ("lot", "held_lot"), ("product", "product")]
        .into_iter()
        .map(|(scope, kind)| {
            let body = json!({"scope": {"type": scope, "id": things.get(kind)}, "reason": "Under review"});
            Body::of(&body, &[("/scope/id", kind)])
        })
        .collect()
}

fn retirement(_: &Things) -> Vec<Body> {
    vec![Body::of(&json!({"reason": "No longer used"}), &[])]
}
