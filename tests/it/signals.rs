//! Signals: how often harm came of a lot against the others of its product, and what waits because of it.

use lotline::caller::Role;
use serde_json::{Value, json};

use super::safety::harm;
use super::support::clinic::{gtin, id, product, site};
use super::support::{Clinic, World, on_both_databases};

on_both_databases!(
    a_lot_that_stands_out_waits_for_a_review,
    an_event_counts_once_for_each_lot,
    what_was_voided_does_not_count,
    a_product_is_compared_with_its_class,
    signals_come_in_pages,
    a_token_for_a_site_sees_the_lots_that_came_there,
    a_funnel_is_drawn,
    what_makes_no_sense_is_refused,
);

fn signals(clinic: &Clinic<'_>) -> Vec<Value> {
    clinic.read(&format!("/v1/signals?product_id={}", clinic.product))["items"].as_array().unwrap().clone()
}

/// The signal of a lot, or of the product.
fn signal(clinic: &Clinic<'_>, lot: Option<&str>) -> Value {
    let found = signals(clinic);
    let of = |item: &&Value| item.get("lot_id").and_then(Value::as_str) == lot;
    found.iter().find(of).unwrap_or_else(|| panic!("{lot:?}: {found:?}")).clone()
}

fn report(clinic: &Clinic<'_>, patient: &str, administrations: &[&str]) -> String {
    let mut body = harm(administrations);
    (body["patient_ref"], body["onset_at"]) = (json!(patient), json!(clinic.clock.now().to_string()));
    id(&clinic.create(Role::Practitioner, "/v1/adverse-events", &body))
}

/// Harm that came of a unit of a lot, to one patient after the other.
fn harm_by(clinic: &Clinic<'_>, lot: &str, events: usize) -> Vec<String> {
    (0..events)
        .map(|number| {
            let patient = format!("P-{lot}-{number}").chars().take(60).collect::<String>();
            let administration = clinic.given_to(lot, &patient, 1);
            report(clinic, &patient, &[&administration])
        })
        .collect()
}

fn to_review(clinic: &Clinic<'_>) -> Vec<Value> {
    let (status, answer) = clinic.http.get(&clinic.token(Role::Quality), "/v1/work?kind=review_signal");
    assert_eq!(status, 200, "{answer}");
    answer["items"].as_array().unwrap().clone()
}

fn close(found: &Value, expected: f64) {
    let number: f64 = found.as_str().unwrap().parse().unwrap();
    assert!((number - expected).abs() < 1e-6, "{found} is not {expected}");
}

fn a_lot_that_stands_out_waits_for_a_review(world: &World) {
    let clinic = world.clinic();
    let bad = clinic.receive_inspect_release("BAD", 20);
    let good = clinic.receive_inspect_release("GOOD", 100);
    clinic.given_to(&good, "P-1", 90);
    // Nothing happened: nothing can be said.
    let none = signal(&clinic, Some(&bad));
    assert_eq!((&none["events"], &none["units"], &none["other_units"]), (&json!(0), &json!(0), &json!(90)));
    assert_eq!(
        (&none["rate_ratio"], &none["lower"], &none["upper"]),
        (&Value::Null, &json!("0.000000000"), &Value::Null)
    );
    clinic.given_to(&bad, "P-2", 7);
    harm_by(&clinic, &bad, 2);
    let two = signal(&clinic, Some(&bad));
    assert_eq!((&two["events"], &two["units"], &two["flagged"]), (&json!(2), &json!(9), &json!(false)));
    assert!(to_review(&clinic).is_empty());
    harm_by(&clinic, &bad, 1);
    let three = signal(&clinic, Some(&bad));
    // 3 of 3 events in 10 of 100 units: the lower limit of p is 0.025^(1/3), and no upper one.
    assert_eq!((&three["events"], &three["units"], &three["other_units"]), (&json!(3), &json!(10), &json!(90)));
    let p = 0.025_f64.powf(1.0 / 3.0);
    close(&three["lower"], p / (1.0 - p) * 9.0);
    assert_eq!((&three["rate_ratio"], &three["upper"], &three["flagged"]), (&Value::Null, &Value::Null, &json!(true)));
    assert_eq!(three["lot"], json!("BAD"));
    assert!(world.read("/v1/holds")["items"].as_array().unwrap().is_empty());
    let waiting = to_review(&clinic);
    assert_eq!((waiting.len(), &waiting[0]["names"]["lot"]), (1, &json!("BAD")));
    assert_eq!(waiting[0]["call"]["body"], json!({"lot_id": bad}));
    // It is looked at once.
    let mut review = waiting[0]["call"]["body"].clone();
    review["conclusion"] = json!("One person treated all of them");
    let made = clinic.create(Role::Quality, "/v1/signals/reviews", &review);
    assert_eq!((&made["events"], &made["lower"]), (&json!(3), &three["lower"]));
    assert!(to_review(&clinic).is_empty());
    let shown = signal(&clinic, Some(&bad));
    assert_eq!(
        (&shown["to_review"], &shown["flagged"], &shown["review"]["id"]),
        (&json!(false), &json!(true), &made["id"])
    );
    // Until another one is reported.
    clinic.given_to(&bad, "P-3", 1);
    assert!(to_review(&clinic).is_empty());
    harm_by(&clinic, &bad, 1);
    assert_eq!(to_review(&clinic).len(), 1);
    // The lot beside it: events elsewhere speak for it.
    harm_by(&clinic, &good, 1);
    let beside = signal(&clinic, Some(&good));
    assert_eq!((&beside["events"], &beside["units"]), (&json!(1), &json!(91)));
    close(&beside["rate_ratio"], (1.0 / 91.0) / (4.0 / 12.0));
    assert!(beside["upper"].is_string() && beside["flagged"] == json!(false));
}

fn an_event_counts_once_for_each_lot(world: &World) {
    let clinic = world.clinic();
    let [one, other] = ["LOT1", "LOT2"].map(|lot| clinic.receive_inspect_release(lot, 10));
    let given = [&one, &one, &other].map(|lot| clinic.given_to(lot, "P-1", 1));
    let ids: Vec<&str> = given.iter().map(String::as_str).collect();
    report(&clinic, "P-1", &ids);
    let events = |lot: Option<&str>| signal(&clinic, lot)["events"].clone();
    assert_eq!([events(Some(&one)), events(Some(&other)), events(None)], [json!(1), json!(1), json!(1)]);
    // About nothing but the patient, it is nobody's.
    report(&clinic, "P-1", &[]);
    assert_eq!([events(Some(&one)), events(None)], [json!(1), json!(1)]);
}

fn what_was_voided_does_not_count(world: &World) {
    let clinic = world.clinic();
    let [one, other] = ["LOT1", "LOT2"].map(|lot| clinic.receive_inspect_release(lot, 10));
    let given = [&one, &one, &other].map(|lot| clinic.given_to(lot, "P-1", 1));
    let ids: Vec<&str> = given.iter().map(String::as_str).collect();
    let event = report(&clinic, "P-1", &ids);
    let figures = || {
        [Some(one.as_str()), Some(&other), None].map(|lot| {
            let found = signal(&clinic, lot);
            (found["events"].as_i64().unwrap(), found["units"].as_i64().unwrap())
        })
    };
    assert_eq!(figures(), [(1, 2), (1, 1), (1, 3)]);
    let void = |administration: &str| {
        let body = json!({"reason": "The wrong patient", "returned_to_stock": true});
        clinic.create(Role::Quality, &format!("/v1/administrations/{administration}/voids"), &body);
    };
    void(&given[0]);
    assert_eq!(figures(), [(1, 1), (1, 1), (1, 2)]);
    void(&given[1]);
    assert_eq!(figures(), [(0, 0), (1, 1), (1, 1)]);
    void(&given[2]);
    assert_eq!(figures(), [(0, 0), (0, 0), (0, 0)]);
    let shown = world.read(&format!("/v1/adverse-events/{event}"));
    assert!(shown["administrations"].as_array().unwrap().iter().all(|of| of["voided"] == json!(true)), "{shown}");
    let last = world.read("/v1/events?kind=adverse_event_uncounted");
    assert_eq!(last["items"].as_array().unwrap().len(), 3);
    // Another one counts.
    let again = clinic.given_to(&other, "P-1", 1);
    report(&clinic, "P-1", &[&again]);
    assert_eq!(figures(), [(0, 0), (1, 1), (1, 1)]);
}

fn a_product_is_compared_with_its_class(world: &World) {
    let clinic = world.clinic();
    let second = id(&clinic.create(Role::Admin, "/v1/products", &product(&gtin(7))));
    let mut elsewhere = product(&gtin(8));
    elsewhere["class"] = json!("ha_filler");
    let third = id(&clinic.create(Role::Admin, "/v1/products", &elsewhere));
    let of = |product: &str, gtin: &str, lot: &str| {
        let line = json!([{"gtin": gtin, "lot": lot, "expiry": "2027-06-30", "packs": 10}]);
        let receipt = clinic.create(Role::Purchaser, "/v1/receipts", &clinic.receipt(line));
        let lot = receipt["lines"][0]["lot_id"].as_str().unwrap().to_owned();
        clinic.create(Role::Purchaser, "/v1/inspections", &clinic.inspection(&id(&receipt), &lot, 20, 0));
        clinic.create(Role::Quality, &format!("/v1/lots/{lot}/releases"), &clinic.release(20));
        assert!(!product.is_empty());
        lot
    };
    let first = clinic.receive_inspect_release("LOT1", 20);
    let (second_lot, third_lot) = (of(&second, &gtin(7), "LOT2"), of(&third, &gtin(8), "LOT3"));
    for lot in [&second_lot, &third_lot] {
        clinic.given_to(lot, "P-9", 9);
    }
    harm_by(&clinic, &first, 3);
    harm_by(&clinic, &second_lot, 1);
    harm_by(&clinic, &third_lot, 1);
    let own = signal(&clinic, None);
    assert_eq!((&own["events"], &own["units"]), (&json!(3), &json!(3)));
    // Not what is of another class.
    assert_eq!((&own["other_events"], &own["other_units"]), (&json!(1), &json!(10)));
    close(&own["rate_ratio"], 10.0);
    // There is no other of its class: nothing can be said.
    let alone = clinic.read(&format!("/v1/signals?product_id={third}"));
    let alone = &alone["items"][0];
    assert_eq!((&alone["events"], &alone["other_units"], &alone["rate_ratio"]), (&json!(1), &json!(0), &Value::Null));
}

fn signals_come_in_pages(world: &World) {
    let clinic = world.clinic();
    clinic.create(Role::Admin, "/v1/products", &product(&gtin(7)));
    for lot in 0..5 {
        clinic.receive_inspect_release(&format!("LOT{lot}"), 2);
    }
    let keys = |page: &Value| -> Vec<(String, String)> {
        let text = |item: &Value, field: &str| item.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
        page["items"].as_array().unwrap().iter().map(|item| (text(item, "product_id"), text(item, "lot_id"))).collect()
    };
    for query in ["".to_owned(), format!("&product_id={}", clinic.product)] {
        let whole = keys(&world.read(&format!("/v1/signals?limit=200{query}")));
        assert_eq!(whole.len(), if query.is_empty() { 7 } else { 6 });
        let mut sorted = whole.clone();
        sorted.sort();
        assert_eq!(whole, sorted, "each product before its lots");
        for limit in 1..=7 {
            let (mut found, mut cursor) = (Vec::new(), String::new());
            loop {
                let page = world.read(&format!("/v1/signals?limit={limit}{query}{cursor}"));
                found.extend(keys(&page));
                let Some(next) = page["next_cursor"].as_str() else { break };
                cursor = format!("&cursor={next}");
            }
            assert_eq!(found, whole, "{query} by {limit}");
        }
    }
}

fn a_token_for_a_site_sees_the_lots_that_came_there(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 4);
    harm_by(&clinic, &lot, 1);
    let annex = id(&clinic.create(Role::Admin, "/v1/sites", &site()));
    let bound =
        |site: &str| world.sign(&world.organisation, "quinn", &[Role::Quality], Some(vec![site.parse().unwrap()]));
    let path = format!("/v1/signals?product_id={}", clinic.product);
    let count = |token: &str| clinic.http.get(token, &path).1["items"].as_array().unwrap().len();
    assert_eq!((count(&bound(&clinic.site)), count(&bound(&annex))), (2, 1));
    let plot = |token: &str| {
        let bearer = format!("Bearer {token}");
        let path = format!("/v1/signals/plot.svg?product_id={}", clinic.product);
        let answer = clinic.http.send("GET", &path, &[("authorization", &bearer)], None);
        assert_eq!(answer.status, 200);
        String::from_utf8(answer.bytes).unwrap()
    };
    assert!(plot(&bound(&clinic.site)).contains(&lot) && !plot(&bound(&annex)).contains(&lot));
    // What is concluded is for all sites.
    let review = json!({"product_id": clinic.product, "conclusion": "Nothing"});
    let (status, answer) = clinic.http.post(&bound(&clinic.site), "/v1/signals/reviews", &review);
    assert_eq!((status, &answer["code"]), (403, &json!("beyond_your_sites")));
}

fn a_funnel_is_drawn(world: &World) {
    let clinic = world.clinic();
    let bad = clinic.receive_inspect_release("BAD", 20);
    let good = clinic.receive_inspect_release("GOOD", 100);
    clinic.given_to(&good, "P-1", 90);
    harm_by(&clinic, &bad, 4);
    let bearer = format!("Bearer {}", clinic.token(Role::Auditor));
    let headers = [("authorization", bearer.as_str()), ("accept", "image/svg+xml")];
    let answer =
        clinic.http.send("GET", &format!("/v1/signals/plot.svg?product_id={}", clinic.product), &headers, None);
    assert_eq!(answer.status, 200);
    assert!(answer.header("content-type").unwrap().starts_with("image/svg+xml"));
    let text = String::from_utf8(answer.bytes).unwrap();
    let tree = roxmltree::Document::parse(&text).unwrap();
    let of = |lot: &str| tree.descendants().find(|node| node.attribute("data-lot") == Some(lot)).unwrap();
    assert_eq!(
        (of(&bad).attribute("data-flagged"), of(&good).attribute("data-flagged")),
        (Some("true"), Some("false"))
    );
    assert_eq!((of(&bad).attribute("data-events"), of(&good).attribute("data-units")), (Some("4"), Some("90")));
    let told = |tag: &str| tree.descendants().find(|node| node.has_tag_name(tag)).and_then(|node| node.text()).unwrap();
    assert!(told("title").contains("HArmonyCa") && told("desc").contains("Lot BAD is flagged"), "{text}");
}

fn what_makes_no_sense_is_refused(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 4);
    for (body, code) in [
        (json!({"conclusion": "Of nothing"}), "missing_field"),
        (json!({"lot_id": lot, "product_id": clinic.product, "conclusion": "Of both"}), "invalid_value"),
        (json!({"lot_id": "lot_01932c07-8d00-7000-8000-000000000009", "conclusion": "?"}), "reference_unknown"),
        (json!({"product_id": "prd_01932c07-8d00-7000-8000-000000000009", "conclusion": "?"}), "reference_unknown"),
    ] {
        let (status, answer) = clinic.post(Role::Quality, "/v1/signals/reviews", &body);
        assert_eq!((status, &answer["code"]), (422, &json!(code)), "{body}");
    }
    let unknown = "product_id=prd_01932c07-8d00-7000-8000-000000000009";
    for path in [format!("/v1/signals?{unknown}"), format!("/v1/signals/plot.svg?{unknown}")] {
        let (status, answer) = clinic.http.get(&clinic.token(Role::Auditor), &path);
        assert_eq!((status, &answer["code"]), (422, &json!("reference_unknown")), "{path}");
    }
    // Of a lot that nobody was harmed by, somebody may say so.
    let made =
        clinic.create(Role::Quality, "/v1/signals/reviews", &json!({"lot_id": lot, "conclusion": "Nothing heard"}));
    assert_eq!((&made["events"], &made["flagged"]), (&json!(0), &json!(false)));
}
