//! The scorecard of a supplier, against what the lists say of the same, added up here.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use lotline::caller::Role;
use serde_json::{Value, json};

use super::support::clinic::{EXPIRY, GTIN, id, location, site};
use super::support::{Clinic, World, on_both_databases};

on_both_databases!(a_scorecard_counts_what_happened, a_scorecard_of_one_site_or_of_nothing, a_scorecard_has_a_period,);

const PERIOD: &str = "from=2026-07-01&to=2026-08-31";

fn order(clinic: &Clinic, site: &str, packs: &[i64]) -> Value {
    let lines: Vec<_> = packs
        .iter()
        .map(|packs| json!({"product_id": clinic.product, "packs": packs, "pack_price_minor": 28_900}))
        .collect();
    let body = json!({"site_id": site, "supplier_id": clinic.supplier, "currency": "GBP", "lines": lines});
    let made = clinic.create(Role::Purchaser, "/v1/orders", &body);
    clinic.create(Role::Purchaser, &format!("/v1/orders/{}/place", id(&made)), &json!({}))
}

fn receive(clinic: &Clinic, order: Option<&Value>, lot: &str, packs: i64, more: Value) -> Value {
    let mut receipt = clinic.receipt(json!([{"gtin": GTIN, "lot": lot, "expiry": EXPIRY, "packs": packs}]));
    receipt["order_id"] = json!(order.map(id));
    for (field, value) in more.as_object().unwrap() {
        match field.as_str() {
            "currency" | "site_id" | "location_id" => receipt[field] = value.clone(),
            _ => receipt["lines"][0][field] = value.clone(),
        }
    }
    clinic.create(Role::Purchaser, "/v1/receipts", &receipt)
}

fn all(clinic: &Clinic, path: &str) -> Vec<Value> {
    clinic.read(path)["items"].as_array().unwrap().clone()
}

fn scorecard(clinic: &Clinic, query: &str) -> Value {
    clinic.read(&format!("/v1/suppliers/{}/scorecard?{query}", clinic.supplier))
}

/// The day in London of a moment, in summer: an hour after UTC.
fn in_london(moment: &Value) -> NaiveDate {
    let moment: DateTime<Utc> = moment.as_str().unwrap().parse().unwrap();
    (moment + chrono::TimeDelta::hours(1)).date_naive()
}

fn number(value: &Value) -> i64 {
    value.as_i64().unwrap()
}

/// The same from the lists.
fn added_up(clinic: &Clinic) -> Value {
    let is_within = |moment: &Value| {
        let moment = moment.as_str().unwrap_or("");
        ("2026-07-01T00:00:00".."2026-09-01T00:00:00").contains(&moment)
    };
    let voided = |receipt: &Value| receipt.get("voided").is_some();
    let receipts: Vec<_> = all(clinic, "/v1/receipts?limit=200").into_iter().filter(|r| !voided(r)).collect();
    let mut orders = json!({
        "orders": 0, "lines": 0, "units_ordered": 0, "units_received": 0, "open": 0, "short": 0, "lines_short": 0, "units_short": 0
    });
    let add = |sums: &mut Value, name: &str, more: i64| sums[name] = json!(number(&sums[name]) + more);
    let (mut days, mut without) = (Vec::new(), 0);
    for order in all(clinic, "/v1/orders?limit=200").iter().filter(|order| is_within(&order["placed_at"])) {
        add(&mut orders, "orders", 1);
        let lines = order["lines"].as_array().unwrap();
        let missing: Vec<i64> = lines.iter().map(|line| -number(&line["difference"])).filter(|m| *m > 0).collect();
        for line in lines {
            add(&mut orders, "lines", 1);
            add(&mut orders, "units_ordered", number(&line["units"]));
            add(&mut orders, "units_received", number(&line["units_received"]));
        }
        if ["placed", "partially_received"].contains(&order["status"].as_str().unwrap()) {
            add(&mut orders, "open", 1);
        } else if !missing.is_empty() {
            add(&mut orders, "short", 1);
            add(&mut orders, "lines_short", i64::try_from(missing.len()).unwrap());
            add(&mut orders, "units_short", missing.iter().sum());
        }
        let came = receipts.iter().filter(|receipt| receipt["order_id"] == order["id"]);
        match came.map(|receipt| in_london(&receipt["occurred_at"])).min() {
            Some(day) => days.push((day - in_london(&order["placed_at"])).num_days()),
            None => without += 1,
        }
    }
    days.sort_unstable();
    let receipts: Vec<_> = receipts.into_iter().filter(|receipt| is_within(&receipt["occurred_at"])).collect();
    let lines: Vec<Value> = receipts.iter().flat_map(|receipt| receipt["lines"].as_array().unwrap().clone()).collect();
    let lines: Vec<_> = lines.iter().filter(|line| line.get("corrected_by").is_none() && !voided(line)).collect();
    let sum = |of: &[&&Value]| of.iter().map(|line| number(&line["units"])).sum::<i64>();
    let replacing: Vec<_> = lines.iter().filter(|line| line.get("replaces").is_some()).collect();
    let flags: Vec<Value> = ["short_dated", "expired_on_arrival", "over_delivered", "not_ordered", "price_differs"]
        .iter()
        .map(|flag| {
            let flagged: Vec<_> =
                lines.iter().filter(|line| line["flags"].as_array().unwrap().contains(&json!(flag))).collect();
            json!({"flag": flag, "lines": flagged.len(), "units": sum(&flagged)})
        })
        .collect();
    let ids: Vec<_> = receipts.iter().map(id).collect();
    let inspections: Vec<Value> = all(clinic, "/v1/inspections?limit=200")
        .into_iter()
        .filter(|found| found.get("reversed").is_none())
        .filter(|found| found["receipt_id"].as_str().is_some_and(|receipt| ids.iter().any(|id| id == receipt)))
        .collect();
    let of = |name: &str| inspections.iter().map(|inspection| number(&inspection[name])).sum::<i64>();
    let mut claims = json!({"open": 0, "sent": 0, "settled": 0, "withdrawn": 0, "units": [], "credits": []});
    let (mut reasons, mut credits) = (BTreeMap::new(), BTreeMap::<String, (i64, i64)>::new());
    for claim in all(clinic, "/v1/claims?limit=200").iter().filter(|claim| is_within(&claim["opened_at"])) {
        add(&mut claims, claim["state"].as_str().unwrap(), 1);
        if claim["state"] == "withdrawn" {
            continue;
        }
        for line in claim["lines"].as_array().unwrap() {
            *reasons.entry(line["reason"].as_str().unwrap().to_owned()).or_insert(0) += number(&line["units"]);
        }
        if let Some(credit) = claim["credit_minor"].as_i64() {
            let of = credits.entry(claim["currency"].as_str().unwrap().to_owned()).or_default();
            *of = (of.0 + 1, of.1 + credit);
        }
    }
    // In the order in which the document has the reasons.
    let in_order =
        ["damaged", "short_dated", "wrong_product", "over_delivered", "price_difference", "not_delivered", "other"];
    claims["units"] = in_order
        .iter()
        .filter_map(|reason| reasons.get(*reason).map(|units| json!({"reason": reason, "units": units})))
        .collect();
    claims["credits"] = credits
        .iter()
        .map(|(currency, (claims, minor))| json!({"currency": currency, "claims": claims, "credit_minor": minor}))
        .collect();
    let mut lead_time = json!({"orders": days.len(), "without_goods": without});
    if let Some(worst) = days.last() {
        (lead_time["median_days"], lead_time["worst_days"]) = (json!(days[days.len() / 2]), json!(worst));
    }
    json!({
        "supplier_id": clinic.supplier, "supplier": "Example Wholesale",
        "from": "2026-07-01T00:00:00.000000Z", "to": "2026-09-01T00:00:00.000000Z",
        "orders": orders, "lead_time": lead_time, "claims": claims,
        "receipts": {
            "receipts": receipts.len(), "lines": lines.len(), "units": lines.iter().map(|line| number(&line["units"])).sum::<i64>(),
            "units_replacing": sum(&replacing), "flags": flags
        },
        "inspections": {"inspections": inspections.len(), "units_passed": of("units_passed"), "units_failed": of("units_failed")}
    })
}

fn a_scorecard_counts_what_happened(world: &World) {
    let clinic = world.clinic();
    let policy = json!({"minimum_remaining_days": 90});
    assert_eq!(world.patch("/v1/policies", &policy).status, 200);
    // Placed half an hour before midnight in London, and there half an hour after it: a day by the calendar.
    world.clock.set("2026-07-01T22:30:00Z");
    let first = order(&clinic, &clinic.site, &[5, 2]);
    world.clock.set("2026-07-01T23:30:00Z");
    let price = json!({"pack_price_minor": 29_000, "currency": "GBP"});
    let receipt = receive(&clinic, Some(&first), "A", 4, price);
    let line = receipt["lines"][0]["id"].clone();
    world.clock.advance_days(3);
    let second = order(&clinic, &clinic.site, &[3]);
    let third = order(&clinic, &clinic.site, &[1]);
    order(&clinic, &clinic.site, &[7]);
    world.clock.advance_days(4);
    receive(&clinic, Some(&second), "B", 4, json!({"pack_price_minor": 28_900, "currency": "GBP"}));
    receive(&clinic, Some(&first), "C", 1, json!({"replaces": line}));
    world.clock.advance_days(5);
    receive(&clinic, Some(&third), "D", 1, json!({"expiry": "2026-08-01"}));
    receive(&clinic, None, "E", 2, json!({"expiry": "2026-07-02"}));
    let close = format!("/v1/orders/{}/close", id(&first));
    clinic.create(Role::Purchaser, &close, &json!({"reason": "The rest is out of stock"}));
    // What was corrected or voided counts as it stands now.
    let void = receive(&clinic, None, "F", 9, json!({}));
    clinic.create(Role::Quality, &format!("/v1/receipts/{}/voids", id(&void)), &json!({"reason": "Entered twice"}));
    let wrong = receive(&clinic, None, "G", 2, json!({}));
    let correction = json!({"line_id": wrong["lines"][0]["id"], "packs": 3, "reason": "Three came"});
    clinic.create(Role::Purchaser, &format!("/v1/receipts/{}/corrections", id(&wrong)), &correction);
    let mut inspection = clinic.inspection(&id(&receipt), receipt["lines"][0]["lot_id"].as_str().unwrap(), 5, 3);
    inspection["checks"][0] = json!({"criterion": "outer_carton_intact", "result": "fail", "note": "Wet"});
    clinic.create(Role::Quality, "/v1/inspections", &inspection);
    let claims: Vec<String> = [(2, "damaged"), (1, "short_dated"), (1, "damaged"), (1, "damaged")]
        .into_iter()
        .map(|(units, reason)| {
            let body = json!({"receipt_id": receipt["id"], "lines": [{"receipt_line_id": line, "reason": reason, "units": units}]});
            id(&clinic.create(Role::Purchaser, "/v1/claims", &body))
        })
        .collect();
    let step = |claim: &str, verb: &str, body: Value| {
        let (status, said) = clinic.post(Role::Purchaser, &format!("/v1/claims/{claim}/{verb}"), &body);
        assert_eq!(status, 200, "{said}");
    };
    for claim in &claims[..2] {
        step(claim, "send", json!({}));
    }
    step(&claims[0], "settle", json!({"credit_minor": 20_000}));
    step(&claims[2], "withdraw", json!({"reason": "Ours"}));
    // Of another month.
    world.clock.advance_days(60);
    order(&clinic, &clinic.site, &[50]);
    receive(&clinic, None, "H", 50, json!({}));

    let card = scorecard(&clinic, PERIOD);
    assert_eq!(card, added_up(&clinic));
    // And what a person counts by hand: lead times of 1, 4 and 9 days; 4 packs of 2 units for 3 ordered are 2 too many.
    assert_eq!(card["lead_time"], json!({"orders": 3, "without_goods": 1, "median_days": 4, "worst_days": 9}));
    assert_eq!(
        card["orders"],
        json!({
            "orders": 4, "lines": 5, "units_ordered": 36, "units_received": 18, "open": 1, "short": 1, "lines_short": 2,
            "units_short": 6
        })
    );
    assert_eq!(card["inspections"], json!({"inspections": 1, "units_passed": 5, "units_failed": 3}));
    assert_eq!(
        card["claims"],
        json!({
            "open": 1, "sent": 1, "settled": 1, "withdrawn": 1,
            "units": [{"reason": "damaged", "units": 3}, {"reason": "short_dated", "units": 1}],
            "credits": [{"currency": "GBP", "claims": 1, "credit_minor": 20_000}]
        })
    );
}

fn a_scorecard_of_one_site_or_of_nothing(world: &World) {
    let clinic = world.clinic();
    let empty = scorecard(&clinic, PERIOD);
    assert_eq!(empty, added_up(&clinic));
    assert_eq!(empty["lead_time"], json!({"orders": 0, "without_goods": 0}));
    let annex = id(&clinic.create(Role::Admin, "/v1/sites", &site()));
    let place = id(&clinic.create(Role::Admin, "/v1/locations", &location(&annex, "quarantine")));
    receive(&clinic, None, "A", 1, json!({}));
    receive(&clinic, None, "B", 4, json!({"site_id": annex, "location_id": place}));
    assert_eq!(scorecard(&clinic, PERIOD)["receipts"]["units"], 10);
    let path = format!("/v1/suppliers/{}/scorecard?{PERIOD}", clinic.supplier);
    let token = world.sign(&world.organisation, "ann", &[Role::Purchaser], Some(vec![annex.parse().unwrap()]));
    let (status, theirs) = world.http.get(&token, &path);
    assert_eq!((status, &theirs["receipts"]["units"], &theirs["receipts"]["receipts"]), (200, &json!(8), &json!(1)));
}

fn a_scorecard_has_a_period(world: &World) {
    let clinic = world.clinic();
    let ask = |query: &str| {
        let path = format!("/v1/suppliers/{}/scorecard?{query}", clinic.supplier);
        let (status, body) = world.http.get(&world.token(Role::Auditor), &path);
        (status, body["code"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(ask("from=2026-01-01&to=2026-12-31").0, 200);
    assert_eq!(ask("from=2024-01-01&to=2024-12-31").0, 200, "a leap year");
    for query in ["from=2026-01-01&to=2027-01-02", "from=2026-07-01&to=2026-06-30", "from=2026-07-01", ""] {
        assert_eq!(ask(query), (400, "malformed_query".to_owned()), "{query}");
    }
    let path = format!("/v1/suppliers/sup_01932c07-8d00-7000-8000-000000000002/scorecard?{PERIOD}");
    assert_eq!(world.http.get(&world.token(Role::Auditor), &path).0, 404);
}
