//! Prices on receipts, and what is claimed of a supplier for what came wrong: damaged, short-dated, dearer, or not at all.

use lotline::caller::Role;
use serde_json::{Value, json};

use super::support::client::assert_problem;
use super::support::clinic::{EXPIRY, GTIN, id};
use super::support::{Answer, Clinic, World, on_both_databases};

on_both_databases!(
    what_was_invoiced_is_compared_with_the_order,
    no_unit_is_claimed_twice,
    two_who_claim_at_once_cannot_both,
    what_did_not_come_is_claimed_of_the_order,
    an_amount_follows_from_the_prices,
    a_claim_goes_its_way,
    what_came_instead_settles_a_claim,
    claims_wait_for_purchasers,
    a_claim_is_a_letter,
    a_claim_says_what_it_is_about,
);

/// An order of packs of two units, placed: 289.00 each.
fn placed(clinic: &Clinic, packs: i64, price: Option<i64>) -> (String, String) {
    let mut line = json!({"product_id": clinic.product, "packs": packs});
    let mut order = json!({"site_id": clinic.site, "supplier_id": clinic.supplier});
    if let Some(price) = price {
        line["pack_price_minor"] = json!(price);
        order["currency"] = json!("GBP");
    }
    order["lines"] = json!([line]);
    let made = clinic.create(Role::Purchaser, "/v1/orders", &order);
    clinic.create(Role::Purchaser, &format!("/v1/orders/{}/place", id(&made)), &json!({}));
    (id(&made), id(&made["lines"][0]))
}

/// Receives packs of a lot: the receipt and its first line.
fn received(clinic: &Clinic, order: Option<&str>, lot: &str, packs: i64, more: Value) -> Value {
    let mut receipt = clinic.receipt(json!([{"gtin": GTIN, "lot": lot, "expiry": EXPIRY, "packs": packs}]));
    receipt["order_id"] = json!(order);
    for (field, value) in more.as_object().unwrap() {
        match field.as_str() {
            "currency" | "delivery_note" => receipt[field] = value.clone(),
            _ => receipt["lines"][0][field] = value.clone(),
        }
    }
    clinic.create(Role::Purchaser, "/v1/receipts", &receipt)
}

fn claim(receipt: &Value, units: i64, reason: &str) -> Value {
    let line = &receipt["lines"][0]["id"];
    json!({"receipt_id": receipt["id"], "lines": [{"receipt_line_id": line, "reason": reason, "units": units}]})
}

fn code_of((status, body): (u16, Value)) -> (u16, String, Value) {
    (status, body["code"].as_str().unwrap_or_default().to_owned(), body["fields"].clone())
}

fn ask(clinic: &Clinic, body: &Value) -> (u16, String, Value) {
    code_of(clinic.post(Role::Purchaser, "/v1/claims", body))
}

fn open(clinic: &Clinic, body: &Value) -> Value {
    clinic.create(Role::Purchaser, "/v1/claims", body)
}

fn step(clinic: &Clinic, claim: &Value, verb: &str, body: &Value) -> (u16, Value) {
    clinic.post(Role::Purchaser, &format!("/v1/claims/{}/{verb}", id(claim)), body)
}

fn done(clinic: &Clinic, claim: &Value, verb: &str, body: &Value) -> Value {
    let (status, answer) = step(clinic, claim, verb, body);
    assert_eq!(status, 200, "{verb}: {answer}");
    answer
}

fn what_was_invoiced_is_compared_with_the_order(world: &World) {
    let clinic = world.clinic();
    for (price, more, expected) in [
        (Some(28_900), json!({"pack_price_minor": 28_900, "currency": "GBP"}), json!([])),
        (Some(28_900), json!({"pack_price_minor": 28_901, "currency": "GBP"}), json!(["price_differs"])),
        (Some(28_900), json!({"pack_price_minor": 28_899, "currency": "GBP"}), json!(["price_differs"])),
        (Some(28_900), json!({"pack_price_minor": 28_900, "currency": "EUR"}), json!(["price_differs"])),
        (Some(28_900), json!({}), json!([])),
        // An order without prices is contradicted by none.
        (None, json!({"pack_price_minor": 28_901, "currency": "GBP"}), json!([])),
    ] {
        let (order, _) = placed(&clinic, 2, price);
        let receipt = received(&clinic, Some(&order), "A", 1, more.clone());
        let line = &receipt["lines"][0];
        assert_eq!(
            (&line["flags"], &line["pack_price_minor"], &receipt["currency"]),
            (&expected, &more["pack_price_minor"], &more["currency"]),
            "{more}"
        );
        assert_eq!(clinic.read(&format!("/v1/receipts/{}", id(&receipt))), receipt);
        // A line that is corrected keeps its price, and what is said of it.
        let correction = json!({"line_id": line["id"], "packs": 2, "reason": "Two came"});
        let path = format!("/v1/receipts/{}/corrections", id(&receipt));
        let corrected = clinic.create(Role::Purchaser, &path, &correction);
        let right = &corrected["lines"][1];
        assert_eq!((&right["flags"], &right["pack_price_minor"]), (&expected, &more["pack_price_minor"]), "{more}");
    }
    let body = clinic.receipt(json!([
        {"gtin": GTIN, "lot": "A", "expiry": EXPIRY, "packs": 1, "pack_price_minor": 1}
    ]));
    let (status, code, fields) = code_of(clinic.post(Role::Purchaser, "/v1/receipts", &body));
    assert_eq!((status, code.as_str(), fields), (422, "missing_field", json!(["currency"])));
    world.assert_verified();
}

fn no_unit_is_claimed_twice(world: &World) {
    let clinic = world.clinic();
    let receipt = received(&clinic, None, "A", 5, json!({}));
    let exceeds = |units: i64| {
        let (status, code, fields) = ask(&clinic, &claim(&receipt, units, "damaged"));
        assert_eq!((status, code.as_str(), fields), (409, "claim_exceeds_line", json!(["lines[0].units"])), "{units}");
    };
    exceeds(11);
    let mut both = claim(&receipt, 4, "damaged");
    let mut second = both["lines"][0].clone();
    (second["reason"], second["units"]) = (json!("short_dated"), json!(2));
    both["lines"].as_array_mut().unwrap().push(second.clone());
    let first = open(&clinic, &both);
    assert_eq!(first["state"], "open");
    // Ten came, and six are claimed: for another reason, in the next claim or in two lines of one, no more than four are left.
    exceeds(5);
    second["units"] = json!(3);
    let mut twice = claim(&receipt, 2, "damaged");
    twice["lines"].as_array_mut().unwrap().push(second);
    let (status, code, fields) = ask(&clinic, &twice);
    assert_eq!((status, code.as_str(), fields), (409, "claim_exceeds_line", json!(["lines[1].units"])));
    let rest = open(&clinic, &claim(&receipt, 4, "other").tap(|body| body["lines"][0]["note"] = json!("No leaflet")));
    exceeds(1);
    // What is withdrawn can be claimed again; what is settled cannot.
    done(&clinic, &first, "withdraw", &json!({"reason": "Ours"}));
    exceeds(7);
    for (verb, body) in
        [("send", json!({})), ("settle", json!({"receipt_id": replaced(&clinic, &receipt, "R", 1)["id"]}))]
    {
        done(&clinic, &rest, verb, &body);
    }
    exceeds(7);
    // A correction of the line makes no units new.
    let correction = json!({"line_id": receipt["lines"][0]["id"], "lot": "B", "reason": "Misread"});
    let path = format!("/v1/receipts/{}/corrections", id(&receipt));
    let corrected = clinic.create(Role::Purchaser, &path, &correction);
    let (status, code, _) = ask(&clinic, &claim(&receipt, 1, "damaged"));
    assert_eq!((status, code.as_str()), (422, "reference_unknown"), "the line stands no more");
    let mut right = claim(&receipt, 7, "damaged");
    right["lines"][0]["receipt_line_id"] = corrected["lines"][1]["id"].clone();
    assert_eq!(ask(&clinic, &right).1, "claim_exceeds_line");
    right["lines"][0]["units"] = json!(6);
    open(&clinic, &right);
    world.assert_verified();
}

/// A change to a body on its way.
trait Tap {
    fn tap(self, change: impl FnOnce(&mut Value)) -> Value;
}

impl Tap for Value {
    fn tap(mut self, change: impl FnOnce(&mut Value)) -> Value {
        change(&mut self);
        self
    }
}

/// Packs that come in place of those of a receipt's first line.
fn replaced(clinic: &Clinic, receipt: &Value, lot: &str, packs: i64) -> Value {
    let order = receipt["order_id"].as_str();
    received(clinic, order, lot, packs, json!({"replaces": receipt["lines"][0]["id"]}))
}

fn two_who_claim_at_once_cannot_both(world: &World) {
    let clinic = world.clinic();
    let receipt = received(&clinic, None, "A", 5, json!({}));
    let body = claim(&receipt, 3, "damaged");
    let token = clinic.token(Role::Purchaser);
    let answers: Vec<(u16, Value)> = std::thread::scope(|scope| {
        let claims: Vec<_> = (0..8).map(|_| scope.spawn(|| world.http.post(&token, "/v1/claims", &body))).collect();
        claims.into_iter().map(|claim| claim.join().unwrap()).collect()
    });
    let made = answers.iter().filter(|(status, _)| *status == 201).count();
    let refused =
        answers.iter().filter(|(status, body)| (*status, &body["code"]) == (409, &json!("claim_exceeds_line")));
    assert_eq!((made, refused.count()), (3, 5), "10 units in threes: {answers:?}");
    assert_eq!(world.database.count("claims"), 3);
}

fn what_did_not_come_is_claimed_of_the_order(world: &World) {
    let clinic = world.clinic();
    let (order, order_line) = placed(&clinic, 5, Some(28_900));
    let receipt = received(&clinic, Some(&order), "A", 3, json!({}));
    let missing = |units: i64| {
        json!({"receipt_id": receipt["id"], "lines": [
            {"order_line_id": order_line, "reason": "not_delivered", "units": units}
        ]})
    };
    assert_eq!(ask(&clinic, &missing(5)).1, "claim_exceeds_line", "four units are missing");
    let made = open(&clinic, &missing(3));
    // The order's price: 28900 for two units.
    assert_eq!((&made["currency"], &made["total_minor"]), (&json!("GBP"), &json!(43_350)), "{made}");
    assert_eq!(ask(&clinic, &missing(2)).1, "claim_exceeds_line");
    // Units that came are missing no more, and do not settle it by themselves.
    let late = received(&clinic, Some(&order), "B", 1, json!({}));
    assert_eq!(ask(&clinic, &missing(1)).1, "claim_exceeds_line", "two are missing, and three are claimed");
    done(&clinic, &made, "send", &json!({}));
    done(&clinic, &made, "settle", &json!({"receipt_id": late["id"]}));
    // The right line for each reason.
    let line = receipt["lines"][0]["id"].clone();
    for (changes, field) in [
        (json!({"reason": "not_delivered", "receipt_line_id": line, "units": 1}), "order_line_id"),
        (json!({"reason": "not_delivered", "units": 1}), "order_line_id"),
        (json!({"reason": "damaged", "order_line_id": order_line, "units": 1}), "receipt_line_id"),
        (
            json!({"reason": "damaged", "order_line_id": order_line, "receipt_line_id": line, "units": 1}),
            "receipt_line_id",
        ),
        (json!({"reason": "damaged", "units": 1}), "receipt_line_id"),
        (json!({"reason": "other", "receipt_line_id": line, "units": 1}), "note"),
    ] {
        let (status, code, fields) = ask(&clinic, &json!({"receipt_id": receipt["id"], "lines": [changes.clone()]}));
        assert_eq!(
            (status, code.as_str(), fields),
            (422, "missing_field", json!([format!("lines[0].{field}")])),
            "{changes}"
        );
    }
    world.assert_verified();
}

fn an_amount_follows_from_the_prices(world: &World) {
    let clinic = world.clinic();
    // Computed with Python's decimal, ROUND_HALF_UP: 28901 × n / 2, and (30001 − 28900) × n / 2.
    let (order, _) = placed(&clinic, 20, Some(28_900));
    let dear = received(&clinic, Some(&order), "A", 5, json!({"pack_price_minor": 30_001, "currency": "GBP"}));
    for (units, expected) in [(1, 551), (2, 1_101), (3, 1_652)] {
        let made = open(&clinic, &claim(&dear, units, "price_difference"));
        let line = &made["lines"][0];
        assert_eq!((&line["amount_minor"], &made["total_minor"]), (&json!(expected), &json!(expected)), "{units}");
    }
    let other = received(&clinic, Some(&order), "B", 5, json!({"pack_price_minor": 28_901, "currency": "GBP"}));
    for (units, expected) in [(1, 14_451), (2, 28_901), (3, 43_352)] {
        let made = open(&clinic, &claim(&other, units, "damaged"));
        assert_eq!((&made["total_minor"], &made["currency"]), (&json!(expected), &json!("GBP")), "{units}");
    }
    // What is said counts; and where nobody knows a price there is no amount.
    let said = open(&clinic, &claim(&other, 1, "damaged").tap(|body| body["lines"][0]["amount_minor"] = json!(100)));
    assert_eq!(said["total_minor"], 100);
    let unpriced = received(&clinic, None, "C", 5, json!({}));
    let made = open(&clinic, &claim(&unpriced, 1, "damaged"));
    assert_eq!(
        (&made["total_minor"], &made["currency"], &made["lines"][0]["amount_minor"]),
        (&Value::Null, &Value::Null, &Value::Null)
    );
    for (body, code, field) in [
        (claim(&unpriced, 1, "price_difference"), "missing_field", "lines[0].amount_minor"),
        // The invoice has no more than the order.
        (
            claim(
                &received(&clinic, Some(&order), "D", 1, json!({"pack_price_minor": 100, "currency": "GBP"})),
                1,
                "price_difference",
            ),
            "missing_field",
            "lines[0].amount_minor",
        ),
        (
            claim(&unpriced, 1, "damaged").tap(|body| body["lines"][0]["amount_minor"] = json!(100)),
            "missing_field",
            "currency",
        ),
        (claim(&other, 1, "damaged").tap(|body| body["currency"] = json!("EUR")), "invalid_value", "currency"),
    ] {
        let (status, said, fields) = ask(&clinic, &body);
        assert_eq!((status, said.as_str(), fields), (422, code, json!([field])), "{body}");
    }
    let in_euro = claim(&unpriced, 1, "damaged").tap(|body| {
        body["lines"][0]["amount_minor"] = json!(100);
        body["currency"] = json!("EUR");
    });
    assert_eq!(open(&clinic, &in_euro)["currency"], "EUR");
    world.assert_verified();
}

fn a_claim_goes_its_way(world: &World) {
    let clinic = world.clinic();
    let receipt = received(&clinic, None, "A", 5, json!({"pack_price_minor": 28_900, "currency": "GBP"}));
    let made = open(&clinic, &claim(&receipt, 2, "damaged"));
    assert_eq!(code_of(step(&clinic, &made, "settle", &json!({"credit_minor": 1}))).1, "claim_not_sent");
    let sent = done(&clinic, &made, "send", &json!({"reference": "RMA-4711"}));
    assert_eq!(
        (&sent["state"], &sent["reference"], &sent["sent_by"]),
        (&json!("sent"), &json!("RMA-4711"), &json!("purchaser"))
    );
    assert_eq!(code_of(step(&clinic, &made, "send", &json!({}))).1, "claim_not_open");
    assert_eq!(code_of(step(&clinic, &made, "settle", &json!({}))).1, "missing_field");
    let settled = done(&clinic, &made, "settle", &json!({"credit_minor": 20_000, "reason": "Credit note CN-88"}));
    assert_eq!(
        (&settled["state"], &settled["credit_minor"], &settled["end_reason"], &settled["total_minor"]),
        (&json!("settled"), &json!(20_000), &json!("Credit note CN-88"), &json!(28_900))
    );
    assert_eq!(clinic.read(&format!("/v1/claims/{}", id(&made))), settled);
    for (verb, body, code) in [
        ("withdraw", json!({"reason": "Too late"}), "claim_ended"),
        ("settle", json!({"credit_minor": 1}), "claim_not_sent"),
        ("send", json!({}), "claim_not_open"),
    ] {
        assert_eq!(code_of(step(&clinic, &made, verb, &body)).1, code, "{verb}");
    }
    // One that has no currency cannot be credited.
    let unpriced = open(&clinic, &claim(&received(&clinic, None, "B", 1, json!({})), 1, "damaged"));
    done(&clinic, &unpriced, "send", &json!({}));
    let (status, code, fields) = code_of(step(&clinic, &unpriced, "settle", &json!({"credit_minor": 1})));
    assert_eq!((status, code.as_str(), fields), (422, "invalid_value", json!(["credit_minor"])));
    let withdrawn = done(&clinic, &unpriced, "withdraw", &json!({"reason": "Damaged by us"}));
    assert_eq!((&withdrawn["state"], &withdrawn["end_reason"]), (&json!("withdrawn"), &json!("Damaged by us")));
    // The lists tell them apart, and what happened is in the journal.
    let ids = |query: &str| {
        let found = clinic.read(&format!("/v1/claims?{query}"));
        found["items"].as_array().unwrap().iter().map(id).collect::<Vec<_>>()
    };
    assert_eq!(ids("state=settled"), [id(&made)]);
    assert_eq!(ids("state=withdrawn"), [id(&unpriced)]);
    assert_eq!(ids(&format!("receipt_id={}", id(&receipt))), [id(&made)]);
    assert_eq!(ids(&format!("supplier_id={}", clinic.supplier)), [id(&made), id(&unpriced)]);
    assert_eq!(ids(&format!("receipt_id={}&supplier_id={}&state=open", id(&receipt), clinic.supplier)), [""; 0]);
    let events = clinic.read(&format!("/v1/events?subject={}", id(&made)));
    let kinds: Vec<_> =
        events["items"].as_array().unwrap().iter().map(|event| event["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["claim_opened", "claim_sent", "claim_settled"]);
    world.assert_verified();
}

fn what_came_instead_settles_a_claim(world: &World) {
    let clinic = world.clinic();
    let receipt = received(&clinic, None, "A", 5, json!({}));
    let made = open(&clinic, &claim(&receipt, 4, "damaged"));
    done(&clinic, &made, "send", &json!({}));
    let another = received(&clinic, None, "B", 2, json!({}));
    let of_another = replaced(&clinic, &another, "C", 1);
    for wrong in [&receipt["id"], &another["id"], &of_another["id"], &json!("rec_01932c07-8d00-7000-8000-000000000002")]
    {
        let (status, code, fields) = code_of(step(&clinic, &made, "settle", &json!({"receipt_id": wrong})));
        assert_eq!((status, code.as_str(), fields), (422, "reference_unknown", json!(["receipt_id"])), "{wrong}");
    }
    let instead = replaced(&clinic, &receipt, "D", 2);
    let settled = done(&clinic, &made, "settle", &json!({"receipt_id": instead["id"]}));
    assert_eq!((&settled["state"], &settled["replacement_receipt_id"]), (&json!("settled"), &instead["id"]));
    assert_eq!(settled["credit_minor"], Value::Null);
    world.assert_verified();
}

fn claims_wait_for_purchasers(world: &World) {
    let clinic = world.clinic();
    let made = open(&clinic, &claim(&received(&clinic, None, "A", 1, json!({})), 1, "damaged"));
    let waits = |role: Role, kind: &str| {
        let (status, found) = clinic.http.get(&clinic.token(role), &format!("/v1/work?kind={kind}"));
        assert_eq!(status, 200, "{found}");
        found["items"].clone()
    };
    let items = waits(Role::Purchaser, "send_claim");
    assert_eq!(items.as_array().unwrap().len(), 1, "{items}");
    let item = &items[0];
    assert_eq!(item["call"]["path"], json!(format!("/v1/claims/{}/send", id(&made))));
    assert_eq!((&item["names"]["supplier"], &item["since"]), (&json!("Example Wholesale"), &made["opened_at"]));
    assert_eq!(waits(Role::Quality, "send_claim"), json!([]), "quality sends none");
    assert_eq!(waits(Role::Purchaser, "settle_claim"), json!([]));
    let sent = done(&clinic, &made, "send", &json!({"reference": "RMA-1"}));
    assert_eq!(waits(Role::Purchaser, "send_claim"), json!([]));
    let items = waits(Role::Purchaser, "settle_claim");
    assert_eq!(items[0]["call"]["path"], json!(format!("/v1/claims/{}/settle", id(&made))), "{items}");
    assert_eq!((&items[0]["names"]["what"], &items[0]["since"]), (&json!("RMA-1"), &sent["sent_at"]));
    done(&clinic, &made, "withdraw", &json!({"reason": "Ours"}));
    assert_eq!(waits(Role::Purchaser, "settle_claim"), json!([]));
}

fn page(clinic: &Clinic, claim: &Value) -> Answer {
    let bearer = format!("Bearer {}", clinic.token(Role::Auditor));
    let headers = [("authorization", bearer.as_str()), ("accept", "text/html")];
    clinic.http.send("GET", &format!("/v1/claims/{}", id(claim)), &headers, None)
}

fn a_claim_is_a_letter(world: &World) {
    let clinic = world.clinic();
    let bearer = format!("Bearer {}", clinic.token(Role::Purchaser));
    let headers = [("authorization", bearer.as_str()), ("content-type", "image/jpeg")];
    let photograph = clinic.http.send("POST", "/v1/evidence", &headers, Some(b"\xff\xd8\xff\xe0 a wet carton")).json();
    let more = json!({"pack_price_minor": 28_900, "currency": "GBP", "delivery_note": "DN <7>"});
    let receipt = received(&clinic, None, "LOT-A", 5, more);
    let body = claim(&receipt, 3, "damaged").tap(|body| {
        body["note"] = json!("Please collect <them> & credit us");
        body["lines"][0]["note"] = json!("Wet <carton>");
        body["lines"][0]["evidence"] = json!([photograph["sha256"]]);
    });
    let made = open(&clinic, &body);
    assert_eq!(made["lines"][0]["evidence"], json!([photograph["sha256"]]));
    let answer = page(&clinic, &made);
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("text/html; charset=utf-8")));
    assert_eq!(answer.header("content-security-policy"), Some("default-src 'none'; style-src 'unsafe-inline'"));
    let text = String::from_utf8(answer.bytes).unwrap();
    for said in [
        "<title>Claim to Example Wholesale</title>",
        "<dd>Example Wholesale</dd>",
        "<dd>Harley Street</dd>",
        &format!("<dd>{}</dd>", id(&made)),
        "<dd>DN &lt;7&gt;</dd>",
        "<p>We claim 3 units of your delivery:</p>",
        "<td>HArmonyCa</td><td>LOT-A, 2027-06-30</td><td>Damaged: Wet &lt;carton&gt;</td>\
         <td class=\"n\">3</td><td class=\"n\">433.50 GBP</td>",
        "<td colspan=\"4\">Together</td><td class=\"n\">433.50 GBP</td>",
        "<p>Please collect &lt;them&gt; &amp; credit us</p>",
        &format!("<li>Line 1: <code>{}</code></li>", photograph["sha256"].as_str().unwrap()),
    ] {
        assert!(text.contains(said), "{said} is not in {text}");
    }
    // What is asked for as data is data, and an id that nothing has is a problem.
    assert_problem(
        &page(&clinic, &json!({"id": "clm_01932c07-8d00-7000-8000-000000000002"})),
        404,
        "not_found",
        "none",
    );
}

fn a_claim_says_what_it_is_about(world: &World) {
    let clinic = world.clinic();
    let receipt = received(&clinic, None, "A", 5, json!({}));
    let line = receipt["lines"][0]["id"].clone();
    let elsewhere = received(&clinic, None, "B", 1, json!({}));
    let one = json!({"receipt_line_id": line, "reason": "damaged", "units": 1});
    for (body, code) in [
        (json!({"receipt_id": receipt["id"], "lines": []}), "empty_list"),
        (json!({"receipt_id": receipt["id"], "lines": vec![one.clone(); 51]}), "list_too_long"),
        (
            json!({"receipt_id": receipt["id"], "lines": [one.clone().tap(|line| line["evidence"] = json!(vec!["ab".repeat(32); 21]))]}),
            "list_too_long",
        ),
        (json!({"receipt_id": "rec_01932c07-8d00-7000-8000-000000000002", "lines": [one]}), "reference_unknown"),
        (claim(&elsewhere, 1, "damaged").tap(|body| body["receipt_id"] = receipt["id"].clone()), "reference_unknown"),
        (claim(&receipt, 1, "ugly"), "invalid_value"),
        (claim(&receipt, 0, "damaged"), "invalid_units"),
    ] {
        let (status, said, _) = ask(&clinic, &body);
        assert_eq!((status, said.as_str()), (422, code), "{body}");
    }
    // A receipt that was voided has no line that stands.
    let void = format!("/v1/receipts/{}/voids", id(&elsewhere));
    let (status, said) = clinic.post(Role::Quality, &void, &json!({"reason": "Entered twice"}));
    assert!(status < 300, "{said}");
    assert_eq!(ask(&clinic, &claim(&elsewhere, 1, "damaged")).1, "reference_unknown");
    assert_eq!(world.database.count("claims"), 0);
}

/// Two claims, one of each way to end, by two people: for the drill that tampers with every column.
pub fn of_two_people(clinic: &Clinic<'_>, other: &str) {
    let receipt = received(clinic, None, "CLAIMED1", 5, json!({"pack_price_minor": 28_900, "currency": "GBP"}));
    let (order, order_line) = placed(clinic, 5, Some(100));
    let part = received(clinic, Some(&order), "CLAIMED2", 3, json!({"pack_price_minor": 150, "currency": "EUR"}));
    let first = open(
        clinic,
        &claim(&receipt, 4, "damaged").tap(|body| {
            body["note"] = json!("Please collect them");
            body["lines"][0]["note"] = json!("Wet");
            body["lines"][0]["evidence"] = json!(["ab".repeat(32)]);
        }),
    );
    done(clinic, &first, "send", &json!({"reference": "RMA-1"}));
    let instead = replaced(clinic, &receipt, "CLAIMED3", 1);
    done(clinic, &first, "settle", &json!({"receipt_id": instead["id"], "credit_minor": 500, "reason": "CN-1"}));
    let send = |path: &str, body: Value| {
        let (status, said) = clinic.http.post(other, path, &body);
        assert!(status < 300, "{said}");
        said
    };
    let body = json!({"receipt_id": part["id"], "currency": "EUR", "note": "Where is the rest?", "lines": [
        {"order_line_id": order_line, "reason": "not_delivered", "units": 2, "amount_minor": 300, "note": "Two"}
    ]});
    let second = send("/v1/claims", body);
    send(&format!("/v1/claims/{}/send", id(&second)), json!({"reference": "RMA-2"}));
    send(&format!("/v1/claims/{}/withdraw", id(&second)), json!({"reason": "They came"}));
}

/// A claim of one unit, for whoever asks what may be said about any.
pub fn of_a_unit(clinic: &Clinic<'_>) {
    open(clinic, &claim(&received(clinic, None, "CLAIMED", 5, json!({})), 1, "damaged"));
}
