//! What may be bought, and what becomes of an order: DOMAIN.md, rules 1 to 5 and 8.

use lotline::caller::Role;
use serde_json::{Value, json};

use super::policies;
use super::support::client::codes;
use super::support::clinic::{EXPIRY, GTIN, gtin, id, licence, product, site};
use super::support::{Clinic, World, on_both_databases};

on_both_databases!(
    the_question_and_the_order_agree,
    who_is_denied_does_not_come_back_under_another_id,
    training_is_an_authority_of_its_own,
    an_order_moves_only_as_it_may,
    what_comes_is_counted_line_by_line,
    receipts_that_do_not_answer_the_order,
    orders_that_cannot_be_meant,
    lists_and_sites,
);

fn order(clinic: &Clinic, lines: &Value) -> Value {
    json!({"site_id": clinic.site, "supplier_id": clinic.supplier, "lines": lines})
}

fn draft(clinic: &Clinic, packs: i64) -> String {
    let lines = json!([{"product_id": clinic.product, "packs": packs}]);
    id(&clinic.create(Role::Purchaser, "/v1/orders", &order(clinic, &lines)))
}

fn placed(clinic: &Clinic, packs: i64) -> String {
    let order = draft(clinic, packs);
    clinic.create(Role::Purchaser, &format!("/v1/orders/{order}/place"), &json!({}));
    order
}

fn answer(clinic: &Clinic, order: &str, packs: i64) -> Value {
    let lines = json!([{"gtin": GTIN, "lot": "LOT1", "expiry": EXPIRY, "packs": packs}]);
    let mut receipt = clinic.receipt(lines);
    receipt["order_id"] = json!(order);
    receipt
}

fn code_of((status, body): (u16, Value)) -> (u16, String) {
    (status, body["code"].as_str().unwrap_or_default().to_owned())
}

fn eligibility(clinic: &Clinic, more: &str) -> Value {
    let path = format!("/v1/eligibility?site_id={}&product_id={}{more}", clinic.site, clinic.product);
    clinic.read(&path)["decision"].clone()
}

fn the_question_and_the_order_agree(world: &World) {
    let clinic = world.clinic();
    let asked = format!("&supplier_id={}", clinic.supplier);
    // The question and the step: the same reasons, in the same words.
    let agree = |expected: &[&str]| {
        let decision = eligibility(&clinic, &asked);
        assert_eq!(codes(&decision), expected, "{decision}");
        assert_eq!(decision["allowed"], json!(expected.is_empty()));
        let order = draft(&clinic, 1);
        let path = format!("/v1/orders/{order}/place");
        if expected.is_empty() {
            let placed = clinic.create(Role::Purchaser, &path, &json!({}));
            assert_eq!((&placed["status"], &placed["decision"]["allowed"]), (&json!("placed"), &json!(true)));
            assert!(placed["decision"]["basis"].as_array().unwrap().iter().any(|basis| basis["type"] == "licence"));
        } else {
            let problem = clinic.assert_refused(Role::Purchaser, &path, &json!({}), expected);
            assert_eq!(problem["reasons"], decision["reasons"]);
            assert_eq!(clinic.read(&format!("/v1/orders/{order}"))["status"], "draft");
        }
    };
    agree(&[]);
    policies::set(world, &json!({"denied_suppliers": [clinic.supplier]}));
    agree(&["supplier_denied"]);
    policies::set(world, &json!({}));
    let check = |licence: &str, outcome: &str| {
        world.clock.advance_days(1);
        clinic.check(licence, json!({"outcome": outcome, "source": "register"}));
    };
    check(&clinic.wholesale_licence, "suspended");
    agree(&["supplier_licence_check_failed"]);
    check(&clinic.facility_licence, "lapsed");
    agree(&["site_licence_check_failed", "supplier_licence_check_failed"]);
    check(&clinic.wholesale_licence, "verified");
    check(&clinic.facility_licence, "verified");
    agree(&[]);

    // Who is not named is not asked for, and a person is judged when they are.
    assert_eq!(eligibility(&clinic, "")["allowed"], true);
    let stranger = id(&clinic.create(
        Role::Admin,
        "/v1/practitioners",
        &json!({"name": "Nurse B. Example", "profession": "nurse"}),
    ));
    let decision = eligibility(&clinic, &format!("&practitioner_id={stranger}"));
    assert_eq!(codes(&decision), ["practitioner_licence_missing"]);
    assert_eq!(eligibility(&clinic, &format!("&practitioner_id={}", clinic.practitioner))["allowed"], true);
    // On another day: the licences of the common world are good until the end of 2099.
    let later = eligibility(&clinic, &format!("{asked}&on=2100-01-01"));
    assert_eq!(
        codes(&later),
        [
            "site_licence_outside_validity",
            "site_licence_check_stale",
            "supplier_licence_outside_validity",
            "supplier_licence_check_stale",
            "product_authorisation_stale"
        ]
    );
    // Another supplier, another product, another place: every reason of its own.
    let supplier = json!({"name": "Grey Imports", "country": "GB", "approved_classes": ["other"]});
    let grey = id(&clinic.create(Role::Admin, "/v1/suppliers", &supplier));
    let decision = eligibility(&clinic, &format!("&supplier_id={grey}"));
    assert_eq!(codes(&decision), ["supplier_not_approved", "supplier_licence_missing"]);
    let mut narrow = licence(("supplier", &grey), "wholesale", "MHRA", "WDA 200");
    narrow["product_classes"] = json!(["lipolytic"]);
    clinic.create(Role::Admin, "/v1/licences", &narrow);
    let decision = eligibility(&clinic, &format!("&supplier_id={grey}"));
    let expected = ["supplier_not_approved", "supplier_licence_check_missing", "supplier_licence_scope"];
    assert_eq!(codes(&decision), expected);
    let mut abroad = site();
    abroad["jurisdiction"] = json!("IE");
    let abroad = id(&clinic.create(Role::Admin, "/v1/sites", &abroad));
    let path = format!("/v1/eligibility?site_id={abroad}&product_id={}{asked}", clinic.product);
    let decision = clinic.read(&path)["decision"].clone();
    let expected = ["site_licence_missing", "supplier_licence_jurisdiction", "product_not_authorised"];
    assert_eq!(codes(&decision), expected);

    let token = clinic.token(Role::Purchaser);
    let ask = |query: &str| code_of(clinic.http.get(&token, &format!("/v1/eligibility?{query}")));
    let unknown = "prd_01932c07-8d00-7000-8000-000000000002";
    assert_eq!(ask(&format!("site_id={}&product_id={unknown}", clinic.site)), (422, "reference_unknown".to_owned()));
    assert_eq!(ask(&format!("site_id={}", clinic.site)), (400, "malformed_query".to_owned()));
    let other = format!("site_id={}&product_id={}&on=soon", clinic.site, clinic.product);
    assert_eq!(ask(&other), (400, "malformed_query".to_owned()));
}

/// DOMAIN rule 4: a denied seller who is registered again is no clean supplier.
fn who_is_denied_does_not_come_back_under_another_id(world: &World) {
    let clinic = world.clinic();
    let register = |name: &str, gln: Value| {
        let body = json!({"name": name, "country": "GB", "gln": gln, "approved_classes": ["hybrid_filler"]});
        let supplier = id(&clinic.create(Role::Admin, "/v1/suppliers", &body));
        world.checked_licence(&licence(("supplier", &supplier), "wholesale", "MHRA", &format!("WDA {name}")));
        supplier
    };
    let gln = json!("9521234500018");
    let known = register("Grey Imports", gln.clone());
    let (again, renamed, other) =
        (register("GREY  imports", Value::Null), register("Grey & Sons", gln), register("Grey Imports 2", Value::Null));
    let of = |supplier: &str| codes(&eligibility(&clinic, &format!("&supplier_id={supplier}")));
    for supplier in [&known, &again, &renamed, &other] {
        assert_eq!(of(supplier), Vec::<String>::new());
    }
    policies::set(world, &json!({"denied_suppliers": [known]}));
    for supplier in [&known, &again, &renamed] {
        assert_eq!(of(supplier), ["supplier_denied"]);
    }
    assert_eq!(of(&other), Vec::<String>::new());
    // What it sends all the same is flagged, and its own name says which.
    let mut receipt = clinic.receipt(json!([{"gtin": GTIN, "lot": "LOT1", "expiry": EXPIRY, "packs": 1}]));
    receipt["supplier_id"] = json!(renamed);
    let made = clinic.create(Role::Purchaser, "/v1/receipts", &receipt);
    assert_eq!(made["lines"][0]["flags"], json!(["supplier_denied"]));
    let decision = eligibility(&clinic, &format!("&supplier_id={renamed}"));
    let message = decision["reasons"][0]["message"].as_str().unwrap();
    assert!(message.contains("Grey & Sons") && message.contains("Grey Imports"), "{message}");
}

fn training_is_an_authority_of_its_own(world: &World) {
    let clinic = world.clinic();
    let mut demanding = product(&gtin(1));
    demanding["requires_training"] = json!(true);
    let demanding = id(&clinic.create(Role::Admin, "/v1/products", &demanding));
    let ask = |more: &str| {
        let path = format!("/v1/eligibility?site_id={}&product_id={demanding}{more}", clinic.site);
        codes(&clinic.read(&path)["decision"])
    };
    let by_practitioner = format!("&practitioner_id={}", clinic.practitioner);
    assert_eq!(ask(""), ["training_missing"]);
    assert_eq!(ask(&by_practitioner), ["training_missing"]);

    // Somebody else's training lets the clinic buy, and does not let this one treat.
    let colleague = id(&clinic.create(
        Role::Admin,
        "/v1/practitioners",
        &json!({"name": "Nurse B. Example", "profession": "nurse"}),
    ));
    let training = |holder: &str| licence(("practitioner", holder), "training", "Example Academy", "T-1");
    let record = id(&clinic.create(Role::Admin, "/v1/licences", &training(&colleague)));
    assert_eq!(ask(""), ["training_missing"], "it was never checked");
    clinic.check(&record, json!({"outcome": "verified", "source": "the academy"}));
    assert_eq!(ask(""), Vec::<String>::new());
    assert_eq!(ask(&by_practitioner), ["training_missing"]);

    // At the chair, too.
    let lines = json!([{"gtin": gtin(1), "lot": "LOT1", "expiry": EXPIRY, "packs": 1}]);
    let receipt = clinic.create(Role::Purchaser, "/v1/receipts", &clinic.receipt(lines));
    let lot = receipt["lines"][0]["lot_id"].as_str().unwrap().to_owned();
    clinic.create(Role::Purchaser, "/v1/inspections", &clinic.inspection(&id(&receipt), &lot, 2, 0));
    clinic.create(Role::Quality, &format!("/v1/lots/{lot}/releases"), &clinic.release(2));
    let body = clinic.administration(&lot, 1);
    clinic.assert_refused(Role::Practitioner, "/v1/administrations", &body, &["training_missing"]);
    clinic.checked_licence(&training(&clinic.practitioner));
    assert_eq!(ask(&by_practitioner), Vec::<String>::new());
    clinic.create(Role::Practitioner, "/v1/administrations", &body);
}

fn an_order_moves_only_as_it_may(world: &World) {
    let clinic = world.clinic();
    let act = |order: &str, step: &str| {
        let body = json!({"reason": "as it is"});
        let body = if step == "place" { json!({}) } else { body };
        code_of(clinic.post(Role::Purchaser, &format!("/v1/orders/{order}/{step}"), &body))
    };
    let receive =
        |order: &str, packs: i64| code_of(clinic.post(Role::Purchaser, "/v1/receipts", &answer(&clinic, order, packs)));
    let done = || (200, String::new());
    let received = || (201, String::new());
    let refused = |code: &str| (409, code.to_owned());

    let order = draft(&clinic, 3);
    assert_eq!(act(&order, "close"), refused("order_not_closable"));
    assert_eq!(receive(&order, 1), refused("order_not_open"));
    assert_eq!(act(&order, "place"), done());
    assert_eq!(act(&order, "place"), refused("order_not_draft"));
    assert_eq!(act(&order, "close"), refused("order_not_closable"));
    assert_eq!(receive(&order, 1), received());
    assert_eq!(act(&order, "cancel"), refused("order_not_cancellable"));
    assert_eq!(act(&order, "close"), done());
    let closed = clinic.read(&format!("/v1/orders/{order}"));
    assert_eq!((&closed["status"], &closed["end_reason"]), (&json!("received"), &json!("as it is")));
    assert_eq!(closed["lines"][0]["difference"], -4);
    for (step, code) in
        [("place", "order_not_draft"), ("cancel", "order_not_cancellable"), ("close", "order_not_closable")]
    {
        assert_eq!(act(&order, step), refused(code));
    }
    // The rest comes after all, and then nothing more of it.
    assert_eq!(receive(&order, 2), received());
    assert_eq!(receive(&order, 1), refused("order_not_open"));

    // Closed over what never came after all, it is as good as placed: it can be cancelled, once.
    let never = placed(&clinic, 3);
    let came = clinic.create(Role::Purchaser, "/v1/receipts", &answer(&clinic, &never, 1));
    assert_eq!(act(&never, "close"), done());
    assert_eq!(act(&never, "cancel"), refused("order_not_cancellable"));
    clinic.create(
        Role::Quality,
        &format!("/v1/receipts/{}/voids", id(&came)),
        &json!({"reason": "Entered for another order"}),
    );
    assert_eq!(act(&never, "cancel"), done());
    assert_eq!(clinic.read(&format!("/v1/orders/{never}"))["status"], "cancelled");
    assert_eq!(act(&never, "cancel"), refused("order_not_cancellable"));

    let dropped = draft(&clinic, 1);
    // The path says it all: no body is needed.
    let bearer = format!("Bearer {}", clinic.token(Role::Purchaser));
    let path = format!("/v1/orders/{dropped}/cancel");
    assert_eq!(clinic.http.send("POST", &path, &[("authorization", &bearer)], None).status, 200);
    assert_eq!(act(&dropped, "place"), refused("order_not_draft"));
    assert_eq!(act(&dropped, "cancel"), refused("order_not_cancellable"));
    let placed = placed(&clinic, 1);
    assert_eq!(act(&placed, "cancel"), done());
    assert_eq!(receive(&placed, 1), refused("order_not_open"));

    let kinds = ["order_created", "order_placed", "order_closed"].map(|kind| {
        let found = clinic.read(&format!("/v1/events?kind={kind}&subject={order}"));
        found["items"].as_array().unwrap().len()
    });
    assert_eq!(kinds, [1, 1, 1]);
}

fn what_comes_is_counted_line_by_line(world: &World) {
    let clinic = world.clinic();
    let extra = id(&clinic.create(Role::Admin, "/v1/products", &product(&gtin(1))));
    let line = |packs: i64| json!({"product_id": clinic.product, "packs": packs});
    let lines = json!([line(2), line(3)]);
    let made = clinic.create(Role::Purchaser, "/v1/orders", &order(&clinic, &lines));
    assert_eq!((&made["lines"][0]["units"], &made["lines"][1]["units_received"]), (&json!(4), &json!(0)));
    let order = id(&made);
    clinic.create(Role::Purchaser, &format!("/v1/orders/{order}/place"), &json!({}));
    let stands = |status: &str, received: [i64; 2], difference: [i64; 2]| {
        let found = clinic.read(&format!("/v1/orders/{order}"));
        let of = |field: &str| [0, 1].map(|line: usize| found["lines"][line][field].as_i64().unwrap());
        assert_eq!(found["status"], status);
        assert_eq!((of("units_received"), of("difference")), (received, difference));
        found
    };
    let first = clinic.create(Role::Purchaser, "/v1/receipts", &answer(&clinic, &order, 3));
    assert_eq!((&first["order_id"], &first["lines"][0]["flags"]), (&json!(order), &json!([])));
    stands("partially_received", [4, 2], [0, -4]);
    // Too much of one, and something that nobody ordered.
    let mut second = answer(&clinic, &order, 4);
    let unordered = json!({"gtin": gtin(1), "lot": "X", "expiry": EXPIRY, "packs": 2});
    second["lines"].as_array_mut().unwrap().push(unordered);
    let second = clinic.create(Role::Purchaser, "/v1/receipts", &second);
    assert_eq!(second["lines"][0]["flags"], json!(["over_delivered"]));
    assert_eq!(second["lines"][1]["flags"], json!(["not_ordered"]));
    let found = stands("received", [4, 10], [0, 4]);
    assert_eq!(found["not_ordered"], json!([{"product_id": extra, "units": 4}]));
    assert_eq!(found["receipts"], json!([id(&first), id(&second)]));
    // The chain of custody begins with the order.
    let lot = first["lines"][0]["lot_id"].as_str().unwrap();
    let custody = clinic.read(&format!("/v1/lots/{lot}/custody"));
    let kinds: Vec<_> =
        custody["events"].as_array().unwrap().iter().map(|event| event["kind"].as_str().unwrap()).collect();
    assert_eq!(&kinds[..2], ["order_created", "order_placed"]);
}

fn receipts_that_do_not_answer_the_order(world: &World) {
    let clinic = world.clinic();
    let order = placed(&clinic, 2);
    let try_with = |changes: Value| {
        let mut body = answer(&clinic, &order, 1);
        for (field, value) in changes.as_object().unwrap() {
            body[field] = value.clone();
        }
        code_of(clinic.post(Role::Purchaser, "/v1/receipts", &body))
    };
    let supplier = json!({"name": "Another", "country": "GB", "approved_classes": ["hybrid_filler"]});
    let another = id(&clinic.create(Role::Admin, "/v1/suppliers", &supplier));
    assert_eq!(try_with(json!({"supplier_id": another})), (409, "order_supplier_mismatch".to_owned()));
    let elsewhere = id(&clinic.create(Role::Admin, "/v1/sites", &site()));
    let location = super::support::clinic::location(&elsewhere, "quarantine");
    let location = id(&clinic.create(Role::Admin, "/v1/locations", &location));
    let there = json!({"site_id": elsewhere, "location_id": location});
    assert_eq!(try_with(there), (409, "order_site_mismatch".to_owned()));
    let unknown = json!({"order_id": "ord_01932c07-8d00-7000-8000-000000000002"});
    assert_eq!(try_with(unknown), (422, "reference_unknown".to_owned()));
    assert_eq!(try_with(json!({})), (201, String::new()));
}

fn orders_that_cannot_be_meant(world: &World) {
    let clinic = world.clinic();
    let line = json!({"product_id": clinic.product, "packs": 1});
    let good = order(&clinic, &json!([line]));
    let with = |field: &str, value: Value| {
        let mut body = good.clone();
        body[field] = value;
        body
    };
    for (body, code) in [
        (with("lines", json!([])), "empty_list"),
        (with("lines", json!(vec![line.clone(); 201])), "list_too_long"),
        (with("lines", json!([{"product_id": clinic.product, "packs": 0}])), "invalid_packs"),
        (with("lines", json!([{"product_id": clinic.site, "packs": 1}])), "reference_unknown"),
        (with("site_id", json!("site_01932c07-8d00-7000-8000-000000000002")), "reference_unknown"),
        (with("supplier_id", json!("sup_01932c07-8d00-7000-8000-000000000002")), "reference_unknown"),
        (with("expected_on", json!("tomorrow")), "invalid_date"),
        (with("reference", json!("")), "invalid_text"),
        (with("approved", json!(true)), "unknown_field"),
    ] {
        assert_eq!(code_of(clinic.post(Role::Purchaser, "/v1/orders", &body)), (422, code.to_owned()), "{body}");
    }
    for role in [Role::Quality, Role::Admin, Role::Auditor, Role::Practitioner] {
        assert_eq!(clinic.post(role, "/v1/orders", &good).0, 403, "{role}");
    }
    let order = draft(&clinic, 1);
    let close = format!("/v1/orders/{order}/close");
    assert_eq!(code_of(clinic.post(Role::Purchaser, &close, &json!({}))), (422, "missing_field".to_owned()));
    let unknown = "/v1/orders/ord_01932c07-8d00-7000-8000-000000000002/place";
    assert_eq!(code_of(clinic.post(Role::Purchaser, unknown, &json!({}))), (404, "not_found".to_owned()));
    assert_eq!(clinic.post(Role::Purchaser, "/v1/orders/nonsense/cancel", &json!({})).0, 404);
}

fn lists_and_sites(world: &World) {
    let clinic = world.clinic();
    let mut expected = order(&clinic, &json!([{"product_id": clinic.product, "packs": 1}]));
    expected["expected_on"] = json!("2026-07-01");
    let expected = id(&clinic.create(Role::Purchaser, "/v1/orders", &expected));
    clinic.create(Role::Purchaser, &format!("/v1/orders/{expected}/place"), &json!({}));
    let other = draft(&clinic, 1);
    let list = |query: &str| {
        let found = clinic.read(&format!("/v1/orders?{query}"))["items"].clone();
        found.as_array().unwrap().iter().map(id).collect::<Vec<_>>()
    };
    assert_eq!(list(""), [expected.clone(), other.clone()]);
    assert_eq!(list("status=draft"), [other]);
    assert_eq!(list(&format!("supplier_id={}&status=placed", clinic.supplier)), std::slice::from_ref(&expected));
    assert_eq!(list(&format!("product_id={}", clinic.product)).len(), 2);
    assert_eq!(list("overdue=true"), Vec::<String>::new());
    world.clock.advance_days(1);
    assert_eq!(list("overdue=true"), std::slice::from_ref(&expected));
    assert_eq!(clinic.read(&format!("/v1/orders/{expected}"))["overdue"], true);

    // Who works at another site sees no order of this one.
    let elsewhere = id(&clinic.create(Role::Admin, "/v1/sites", &site()));
    let sites = Some(vec![elsewhere.parse().unwrap()]);
    let token = clinic.sign(&clinic.organisation, "away", &[Role::Purchaser], sites);
    assert_eq!(clinic.http.get(&token, &format!("/v1/orders/{expected}")).0, 404);
    assert_eq!(clinic.http.post(&token, &format!("/v1/orders/{expected}/cancel"), &json!({})).0, 404);
    assert_eq!(clinic.http.get(&token, "/v1/orders").1["items"], json!([]));
}
