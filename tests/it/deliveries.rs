//! Deliveries as they come: labels whose codes do not say all, delivery notes that come twice, drafts that are written anew, what
//! comes after closing and in place of what was damaged. DOMAIN.md, rules 6 to 8 and 15.

use lotline::caller::Role;
use serde_json::{Value, json};

use super::support::clinic::{EXPIRY, GTIN, gtin, id, product, site};
use super::support::{Clinic, World, on_both_databases};

on_both_databases!(
    what_a_code_does_not_say_is_typed_from_the_label,
    a_label_that_disagrees_with_its_code_is_refused,
    a_delivery_note_that_came_before_is_flagged_however_it_is_written,
    a_draft_is_written_anew_with_prices,
    nobody_overwrites_a_draft_unseen,
    the_rest_comes_after_closing_short,
    what_was_damaged_is_replaced_against_its_order,
    sixty_numbered_packs_take_three_calls,
);

fn code_of((status, body): (u16, Value)) -> (u16, String) {
    (status, body["code"].as_str().unwrap_or_default().to_owned())
}

fn received(clinic: &Clinic, line: Value) -> Value {
    let receipt = clinic.create(Role::Purchaser, "/v1/receipts", &clinic.receipt(json!([line])));
    receipt["lines"][0].clone()
}

fn refused(clinic: &Clinic, line: Value) -> (u16, String, Value) {
    let (status, body) = clinic.post(Role::Purchaser, "/v1/receipts", &clinic.receipt(json!([line])));
    (status, body["code"].as_str().unwrap_or_default().to_owned(), body)
}

fn what_a_code_does_not_say_is_typed_from_the_label(world: &World) {
    let clinic = world.clinic();
    let whole = format!("]d201{GTIN}17281231^10L1^21S1");
    // What the code says, what was typed, and what is received: lot, expiry, serial numbers. The last days are python's:
    // calendar.monthrange(2028, 5)[1] and (2028, 2)[1].
    let rows = [
        // an EAN code says the product alone
        (
            format!("]E0{}", &GTIN[1..]),
            json!({"lot": "A", "expiry": "2028-05", "packs": 2}),
            ("A", "2028-05-31", vec![]),
        ),
        (
            format!("]d201{GTIN}"),
            json!({"lot": "B", "expiry": "2028-02", "serial": "N1", "packs": 1}),
            ("B", "2028-02-29", vec!["N1"]),
        ),
        (
            format!("]d201{GTIN}10C"),
            json!({"expiry": "2028-05-03", "serials": ["N2", "N3"], "packs": 2}),
            ("C", "2028-05-03", vec!["N2", "N3"]),
        ),
        (format!("]d201{GTIN}17281231"), json!({"lot": "D", "packs": 1}), ("D", "2028-12-31", vec![])),
        // what is said twice is said once
        (
            whole.clone(),
            json!({"gtin": GTIN, "lot": "L1", "expiry": "2028-12", "serial": "S1", "packs": 1}),
            ("L1", "2028-12-31", vec!["S1"]),
        ),
    ];
    for (scan, mut line, (lot, expiry, serials)) in rows {
        line["scan"] = json!(scan);
        let found = received(&clinic, line);
        assert_eq!(
            (&found["lot"], &found["expiry"], &found["serials"]),
            (&json!(lot), &json!(expiry), &json!(serials)),
            "{scan}"
        );
        assert_eq!(found["product_id"], json!(clinic.product));
    }
    // Without a code, a month is its last day, too; and where a line is corrected.
    let made = received(&clinic, json!({"gtin": GTIN, "lot": "F", "expiry": "2028-05", "packs": 1}));
    assert_eq!(made["expiry"], "2028-05-31");
    let receipts = clinic.read(&format!("/v1/receipts?lot_id={}", made["lot_id"].as_str().unwrap()));
    let path = format!("/v1/receipts/{}/corrections", id(&receipts["items"][0]));
    let correction = json!({"line_id": made["id"], "expiry": "2028-06", "reason": "Month misread"});
    let corrected = clinic.create(Role::Purchaser, &path, &correction);
    assert_eq!(corrected["lines"][1]["expiry"], "2028-06-30");

    // What neither says is asked for, with what to do.
    let (status, code, problem) = refused(&clinic, json!({"scan": format!("]d201{GTIN}10C"), "packs": 1}));
    assert_eq!((status, code.as_str()), (422, "expiry_required"));
    assert!(problem["detail"].as_str().unwrap().contains("type expiry from the label"), "{problem}");
    let (status, code, _) = refused(&clinic, json!({"scan": format!("]d201{GTIN}17281231"), "packs": 1}));
    assert_eq!((status, code.as_str()), (422, "lot_required"));
    for month in ["2028-13", "2028-00", "2028-5", "05-2028", "2028-05-", "0000-05"] {
        let (status, code, _) = refused(&clinic, json!({"gtin": GTIN, "lot": "G", "expiry": month, "packs": 1}));
        assert_eq!((status, code.as_str()), (422, "invalid_date"), "{month}");
    }
}

fn a_label_that_disagrees_with_its_code_is_refused(world: &World) {
    let clinic = world.clinic();
    let other = clinic.create(Role::Admin, "/v1/products", &product(&gtin(1)));
    let scan = format!("]d201{GTIN}1128060117281231^10L1^21S1");
    for (field, value) in [
        ("gtin", json!(gtin(1))),
        ("gtin", other["gtin"].clone()),
        ("lot", json!("L2")),
        ("lot", json!("l1")),
        ("expiry", json!("2028-11")),
        ("expiry", json!("2028-12-30")),
        ("serial", json!("S2")),
        ("serials", json!(["S2"])),
        ("production_date", json!("2028-06-02")),
    ] {
        let mut line = json!({"scan": scan, "packs": 1});
        line[field] = value.clone();
        let (status, code, problem) = refused(&clinic, line);
        assert_eq!((status, code.as_str()), (422, "label_disagrees"), "{field} {value}");
        assert_eq!(problem["fields"], json!([format!("lines[0].{field}")]), "{problem}");
    }
    assert_eq!(clinic.read("/v1/receipts")["items"], json!([]), "nothing was received");
    // The code alone is received; and no number counts for two packs.
    let (status, code, _) = refused(&clinic, json!({"scan": scan, "serials": ["S1"], "packs": 2}));
    assert_eq!((status, code.as_str()), (422, "serial_packs_mismatch"));
    received(&clinic, json!({"scan": scan, "packs": 1}));
}

fn a_delivery_note_that_came_before_is_flagged_however_it_is_written(world: &World) {
    let clinic = world.clinic();
    let supplier = json!({"name": "Another", "country": "GB", "approved_classes": ["hybrid_filler"]});
    let another = id(&clinic.create(Role::Admin, "/v1/suppliers", &supplier));
    let receive = |note: &str, lot: &str, supplier: &str| {
        let mut body = clinic.receipt(json!([{"gtin": GTIN, "lot": lot, "expiry": EXPIRY, "packs": 1}]));
        body["delivery_note"] = json!(note);
        body["supplier_id"] = json!(supplier);
        clinic.create(Role::Purchaser, "/v1/receipts", &body)
    };
    let flagged = |receipt: &Value| {
        let flags = receipt["lines"][0]["flags"].as_array().unwrap();
        flags.contains(&json!("delivery_note_seen"))
    };
    let ours = clinic.supplier.clone();
    let first = receive("DN-1001", "A", &ours);
    assert!(!flagged(&first));
    assert!(!flagged(&receive("DN-1002", "B", &ours)));
    assert!(!flagged(&receive("DN-1001", "C", &another)), "numbers are each supplier's own");
    let again: Vec<_> = ["DN-1001", "dn 1001", "Dn/1001", "DN1001"]
        .iter()
        .enumerate()
        .map(|(index, note)| {
            let found = receive(note, &format!("D{index}"), &ours);
            assert!(flagged(&found), "{note}");
            id(&found)
        })
        .collect();
    // They are found together, and the first stays as it was.
    let list = clinic.read(&format!("/v1/receipts?delivery_note=dn1001&supplier_id={ours}"));
    let found: Vec<_> = list["items"].as_array().unwrap().iter().map(id).collect();
    assert_eq!(found, std::iter::once(id(&first)).chain(again.iter().cloned()).collect::<Vec<_>>());
    assert!(!flagged(&clinic.read(&format!("/v1/receipts/{}", id(&first)))));

    // What was voided was never there.
    let once = receive("DN-7", "E", &ours);
    clinic.create(Role::Quality, &format!("/v1/receipts/{}/voids", id(&once)), &json!({"reason": "Another clinic's"}));
    let right = receive("DN-7", "E", &ours);
    assert!(!flagged(&right));
    // A correction of its supplier makes it one of two.
    let theirs = receive("DN-7", "F", &another);
    assert!(!flagged(&theirs));
    let path = format!("/v1/receipts/{}/corrections", id(&theirs));
    let corrected = clinic.create(Role::Purchaser, &path, &json!({"supplier_id": ours, "reason": "Wrong supplier"}));
    assert_eq!(corrected["lines"][1]["flags"], json!(["delivery_note_seen"]));
}

fn a_draft_is_written_anew_with_prices(world: &World) {
    let clinic = world.clinic();
    let extra = id(&clinic.create(Role::Admin, "/v1/products", &product(&gtin(1))));
    let line = |product: &str, packs: i64| json!({"product_id": product, "packs": packs});
    let priced = |product: &str, packs: i64, price: i64| {
        let mut line = line(product, packs);
        line["pack_price_minor"] = json!(price);
        line
    };
    let order = |lines: Value| json!({"site_id": clinic.site, "supplier_id": clinic.supplier, "lines": lines});
    let made = clinic.create(Role::Purchaser, "/v1/orders", &order(json!([line(&clinic.product, 1)])));
    assert_eq!((&made["currency"], &made["total_minor"]), (&Value::Null, &Value::Null));
    let path = format!("/v1/orders/{}", id(&made));
    let put = |body: &Value| {
        let answer = clinic.put(&path, &[], body);
        (answer.status, answer.without_names())
    };
    let mut new = order(json!([priced(&extra, 3, 28_900), priced(&clinic.product, 2, 0)]));
    assert_eq!(code_of(put_as(&clinic, &path, &new)), (422, "missing_field".to_owned()), "prices are in a currency");
    new["currency"] = json!("GBX");
    assert_eq!(code_of(put_as(&clinic, &path, &new)), (422, "invalid_currency".to_owned()));
    new["currency"] = json!("GBP");
    for price in [json!(-1), json!(100_000_000_001_i64), json!("12")] {
        let mut wrong = new.clone();
        wrong["lines"][0]["pack_price_minor"] = price.clone();
        let (status, code) = code_of(put_as(&clinic, &path, &wrong));
        assert!(status == 422 && ["invalid_price", "invalid_body"].contains(&code.as_str()), "{price}: {code}");
    }
    new["reference"] = json!("PO-7");
    assert_eq!(put(&new).0, 403, "an admin does not order");
    let (status, changed) = put_as(&clinic, &path, &new);
    assert_eq!(status, 200, "{changed}");
    // 3 packs at 289.00, and 2 that cost nothing.
    assert_eq!(
        (&changed["total_minor"], &changed["currency"], &changed["reference"]),
        (&json!(86_700), &json!("GBP"), &json!("PO-7"))
    );
    assert_eq!(changed["lines"].as_array().unwrap().len(), 2);
    assert_eq!(changed["lines"][0]["product_id"], json!(extra));
    assert_eq!(clinic.read(&path), whole(&changed));
    assert_eq!((&changed["id"], &changed["created_at"]), (&made["id"], &made["created_at"]));
    // What a line lacks makes no total.
    let mut part = new.clone();
    part["lines"] = json!([priced(&extra, 3, 28_900), line(&clinic.product, 2)]);
    assert_eq!(put_as(&clinic, &path, &part).1["total_minor"], Value::Null);
    assert_eq!(put_as(&clinic, &path, &new).0, 200);

    // Nobody changes what was sent; and what was taken off can be found.
    assert_eq!(clinic.post(Role::Purchaser, &format!("{path}/place"), &json!({})).0, 200);
    assert_eq!(code_of(put_as(&clinic, &path, &new)), (409, "order_not_draft".to_owned()));
    let changes = clinic.read(&format!("/v1/events?kind=order_changed&subject={}", clinic.product));
    assert_eq!(changes["items"].as_array().unwrap().len(), 3);
    // The chain of what came begins with how the order came to be.
    let mut receipt = clinic.receipt(json!([{"gtin": gtin(1), "lot": "A", "expiry": EXPIRY, "packs": 1}]));
    receipt["order_id"] = made["id"].clone();
    let lot =
        clinic.create(Role::Purchaser, "/v1/receipts", &receipt)["lines"][0]["lot_id"].as_str().unwrap().to_owned();
    let custody = clinic.read(&format!("/v1/lots/{lot}/custody"));
    let kinds: Vec<_> =
        custody["events"].as_array().unwrap().iter().map(|event| event["kind"].as_str().unwrap()).collect();
    assert_eq!(&kinds[..5], ["order_created", "order_changed", "order_changed", "order_changed", "order_placed"]);

    // Whoever works elsewhere sees no draft of this site, and sends none there.
    let elsewhere = id(&clinic.create(Role::Admin, "/v1/sites", &site()));
    let draft = clinic.create(Role::Purchaser, "/v1/orders", &order(json!([line(&extra, 1)])));
    let path = format!("/v1/orders/{}", id(&draft));
    let away = clinic.sign(&clinic.organisation, "away", &[Role::Purchaser], Some(vec![elsewhere.parse().unwrap()]));
    let here = clinic.sign(&clinic.organisation, "here", &[Role::Purchaser], Some(vec![clinic.site.parse().unwrap()]));
    let mut there = order(json!([line(&extra, 1)]));
    let send = |token: &str, body: &Value| {
        let bearer = format!("Bearer {token}");
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/json"), ("if-match", "*")];
        let answer = clinic.http.send("PUT", &path, &headers, Some(body.to_string().as_bytes()));
        (answer.status, answer.without_names())
    };
    assert_eq!(code_of(send(&away, &there)), (404, "not_found".to_owned()));
    there["site_id"] = json!(elsewhere);
    assert_eq!(code_of(send(&here, &there)), (422, "reference_unknown".to_owned()));
    assert_eq!(clinic.read(&path), whole(&draft));
}

/// An order as it is shown alone: with what came for it.
fn whole(order: &Value) -> Value {
    let mut whole = order.clone();
    whole["receipts"] = json!([]);
    whole["not_ordered"] = json!([]);
    whole
}

fn put_as(clinic: &Clinic, path: &str, body: &Value) -> (u16, Value) {
    let bearer = format!("Bearer {}", clinic.token(Role::Purchaser));
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json"), ("if-match", "*")];
    let answer = clinic.http.send("PUT", path, &headers, Some(body.to_string().as_bytes()));
    (answer.status, answer.without_names())
}

fn nobody_overwrites_a_draft_unseen(world: &World) {
    let clinic = world.clinic();
    let order = |packs: i64| json!({"site_id": clinic.site, "supplier_id": clinic.supplier, "lines": [{"product_id": clinic.product, "packs": packs}]});
    let token = clinic.token(Role::Purchaser);
    let bearer = format!("Bearer {token}");
    let send = |method: &str, path: &str, version: Option<&str>, body: &Value| {
        let mut headers = vec![("authorization", bearer.as_str()), ("content-type", "application/json")];
        headers.extend(version.map(|version| ("if-match", version)));
        let answer = clinic.http.send(method, path, &headers, Some(body.to_string().as_bytes()));
        (answer.status, answer.header("etag").map(str::to_owned), answer.without_names())
    };
    let (status, tag, made) = send("POST", "/v1/orders", None, &order(1));
    assert_eq!((status, tag.as_deref(), &made["version"]), (201, Some("\"1\""), &json!(1)));
    let path = format!("/v1/orders/{}", id(&made));
    let refused = |method: &str, path: &str, version: Option<&str>, status: u16, code: &str| {
        let (said, _, problem) = send(method, path, version, &if method == "PUT" { order(9) } else { json!({}) });
        assert_eq!((said, &problem["code"]), (status, &json!(code)), "{method} {version:?}");
    };
    refused("PUT", &path, None, 428, "precondition_required");
    let (status, tag, changed) = send("PUT", &path, Some("\"1\""), &order(2));
    assert_eq!((status, tag.as_deref(), &changed["version"]), (200, Some("\"2\""), &json!(2)));
    // Who read the first version writes over nothing, and places nothing.
    for version in ["\"1\"", "\"3\"", "\"x\"", "2"] {
        refused("PUT", &path, Some(version), 412, "precondition_failed");
        refused("POST", &format!("{path}/place"), Some(version), 412, "precondition_failed");
    }
    let (_, tag, read) = send("GET", &path, None, &json!({}));
    assert_eq!((tag.as_deref(), &read["lines"][0]["packs"]), (Some("\"2\""), &json!(2)));
    // Of many who have read the same one, one writes.
    let body = order(3);
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let writers: Vec<_> = (0..6).map(|_| scope.spawn(|| send("PUT", &path, Some("\"2\""), &body).0)).collect();
        writers.into_iter().map(|writer| writer.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 412).count(), 5, "{statuses:?}");
    let (status, _, whole) = send("PUT", &path, Some("*"), &order(4));
    assert_eq!((status, &whole["version"]), (200, &json!(4)));
    let (status, _, placed) = send("POST", &format!("{path}/place"), Some("\"4\""), &json!({}));
    assert_eq!((status, &placed["status"]), (200, &json!("placed")));
    world.assert_verified();
}

/// An order of so many packs of the clinic's product, which has two units in each, placed.
fn placed(clinic: &Clinic, packs: i64) -> String {
    let lines = json!([{"product_id": clinic.product, "packs": packs}]);
    let order = json!({"site_id": clinic.site, "supplier_id": clinic.supplier, "lines": lines});
    let order = id(&clinic.create(Role::Purchaser, "/v1/orders", &order));
    clinic.create(Role::Purchaser, &format!("/v1/orders/{order}/place"), &json!({}));
    order
}

fn answering(clinic: &Clinic, order: &str, lot: &str, packs: i64) -> Value {
    let mut receipt = clinic.receipt(json!([{"gtin": GTIN, "lot": lot, "expiry": EXPIRY, "packs": packs}]));
    receipt["order_id"] = json!(order);
    receipt
}

fn the_rest_comes_after_closing_short(world: &World) {
    let clinic = world.clinic();
    let order = placed(&clinic, 3);
    let receive =
        |lot: &str, packs: i64| clinic.post(Role::Purchaser, "/v1/receipts", &answering(&clinic, &order, lot, packs));
    let stands = |units: i64, difference: i64| {
        let found = clinic.read(&format!("/v1/orders/{order}"));
        assert_eq!((&found["status"], &found["end_reason"]), (&json!("received"), &json!("The rest is out of stock")));
        let line = &found["lines"][0];
        assert_eq!((&line["units_received"], &line["difference"]), (&json!(units), &json!(difference)));
    };
    assert_eq!(receive("A", 1).0, 201);
    let close = json!({"reason": "The rest is out of stock"});
    assert_eq!(clinic.post(Role::Purchaser, &format!("/v1/orders/{order}/close"), &close).0, 200);
    stands(2, -4);
    let (status, late) = receive("B", 1);
    assert_eq!((status, &late["lines"][0]["flags"]), (201, &json!(["order_was_closed"])), "{late}");
    stands(4, -2);
    // A correction of it keeps what it was.
    let path = format!("/v1/receipts/{}/corrections", id(&late));
    let correction = json!({"line_id": late["lines"][0]["id"], "packs": 2, "reason": "Two came"});
    let corrected = clinic.create(Role::Purchaser, &path, &correction);
    assert_eq!(corrected["lines"][1]["flags"], json!(["order_was_closed"]));
    stands(6, 0);
    // Now all of it is there: what comes now was not ordered by it.
    assert_eq!(code_of(receive("C", 1)), (409, "order_not_open".to_owned()));
}

fn what_was_damaged_is_replaced_against_its_order(world: &World) {
    let clinic = world.clinic();
    let extra = id(&clinic.create(Role::Admin, "/v1/products", &product(&gtin(1))));
    let order = placed(&clinic, 3);
    let first = clinic.create(Role::Purchaser, "/v1/receipts", &answering(&clinic, &order, "A", 3));
    let line = first["lines"][0]["id"].clone();
    let again = |lot: &str, packs: i64, changes: &Value| {
        let mut receipt = answering(&clinic, &order, lot, packs);
        receipt["lines"][0]["replaces"] = line.clone();
        for (field, value) in changes.as_object().unwrap() {
            match field.as_str() {
                "gtin" | "replaces" => receipt["lines"][0][field] = value.clone(),
                _ => receipt[field] = value.clone(),
            }
        }
        clinic.post(Role::Purchaser, "/v1/receipts", &receipt)
    };
    assert_eq!(clinic.read(&format!("/v1/orders/{order}"))["status"], "received");
    let (status, second) = again("B", 1, &json!({}));
    assert_eq!(
        (status, &second["lines"][0]["flags"], &second["lines"][0]["replaces"]),
        (201, &json!([]), &line),
        "{second}"
    );
    assert_eq!(second["lines"][0]["ordered"], Value::Null, "it counts no second time");
    let found = clinic.read(&format!("/v1/orders/{order}"));
    assert_eq!(
        (&found["lines"][0]["units_received"], &found["receipts"]),
        (&json!(6), &json!([id(&first), id(&second)]))
    );
    assert_eq!(found["not_ordered"], json!([]));
    // Six units came: four more may be replaced, and what is more is flagged, also in two receipts or two lines.
    assert_eq!(again("C", 2, &json!({})).1["lines"][0]["flags"], json!([]));
    assert_eq!(again("D", 1, &json!({})).1["lines"][0]["flags"], json!(["over_replaced"]));
    // What a correction takes back does not count.
    let path = format!("/v1/receipts/{}/corrections", id(&second));
    let correction = json!({"line_id": second["lines"][0]["id"], "lot": "BB", "reason": "Misread"});
    let corrected = clinic.create(Role::Purchaser, &path, &correction);
    assert_eq!(
        (&corrected["lines"][1]["replaces"], &corrected["lines"][1]["flags"]),
        (&line, &json!(["over_replaced"]))
    );

    // What came before something does not come in its place, whenever it is entered.
    let mut earlier = answering(&clinic, &order, "E", 1);
    earlier["lines"][0]["replaces"] = line.clone();
    earlier["occurred_at"] = json!(world.clock.now().plus_days(-1));
    let refused = clinic.post(Role::Purchaser, "/v1/receipts", &earlier);
    assert_eq!(code_of(refused), (422, "reference_unknown".to_owned()));

    // Only what that supplier sent, of that product, for that order, to that site.
    let supplier = json!({"name": "Another", "country": "GB", "approved_classes": ["hybrid_filler"]});
    let another = id(&clinic.create(Role::Admin, "/v1/suppliers", &supplier));
    let other_order = placed(&clinic, 1);
    let none = "rcl_01932c07-8d00-7000-8000-000000000002";
    let unknown = || (422, "reference_unknown".to_owned());
    for changes in [
        json!({"gtin": gtin(1)}),
        json!({"replaces": none}),
        json!({"order_id": other_order}),
        json!({"order_id": null, "supplier_id": another}),
    ] {
        assert_eq!(code_of(again("E", 1, &changes)), unknown(), "{changes}");
    }
    assert_ne!(extra, clinic.product);
    // Without its order it is a replacement, too.
    assert_eq!(again("F", 1, &json!({"order_id": null})).0, 201);
    // Voided, it takes nothing's place.
    let void = json!({"reason": "Entered twice"});
    clinic.create(Role::Quality, &format!("/v1/receipts/{}/voids", id(&first)), &void);
    assert_eq!(code_of(again("G", 1, &json!({"order_id": null}))), unknown());
}

fn sixty_numbered_packs_take_three_calls(world: &World) {
    let clinic = world.clinic();
    let serials: Vec<_> = (1..=60).map(|number| format!("N{number:03}")).collect();
    let line = json!({"gtin": GTIN, "lot": "SIXTY", "expiry": "2028-05", "serials": serials, "packs": 60});
    let receipt = clinic.create(Role::Purchaser, "/v1/receipts", &clinic.receipt(json!([line])));
    let lot = receipt["lines"][0]["lot_id"].as_str().unwrap().to_owned();
    assert_eq!(receipt["lines"][0]["units"], 120);
    // 118 units pass, and those of one pack fail.
    let mut inspection = clinic.inspection(&id(&receipt), &lot, 118, 2);
    inspection["serials_passed"] = json!(&serials[..59]);
    inspection["serials_failed"] = json!(&serials[59..]);
    clinic.create(Role::Purchaser, "/v1/inspections", &inspection);
    let mut release = clinic.release(118);
    release["serials"] = json!(&serials[..59]);
    clinic.create(Role::Quality, &format!("/v1/lots/{lot}/releases"), &release);
    let found = clinic.read(&format!("/v1/stock?product_id={}", clinic.product));
    let states: Vec<_> = found["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| (item["state"].as_str().unwrap(), item["units"].as_i64().unwrap()))
        .collect();
    assert_eq!(states.len(), 2);
    assert!(states.contains(&("available", 118)) && states.contains(&("rejected", 2)), "{states:?}");
    let packs = clinic.read(&format!("/v1/packs?lot_id={lot}&limit=100"));
    assert_eq!(packs["items"].as_array().unwrap().len(), 60);
}
