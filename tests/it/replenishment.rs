//! Levels, how long stock lasts, what is suggested, and the drafts that follow (DOMAIN.md, rules 14, 15 and 25).

use lotline::caller::Role;
use roxmltree::Document;
use serde_json::{Value, json};

use super::support::client::assert_problem;
use super::support::clinic::{GTIN, gtin, id, product, site};
use super::support::{Answer, Clinic, World, on_both_databases};

on_both_databases!(
    a_level_is_set_and_set_anew,
    what_is_there_and_used_says_what_to_buy,
    what_runs_out_unused_is_no_cover,
    suggestions_become_drafts,
    suggestions_that_nobody_can_order,
    levels_come_in_as_a_list,
    stock_is_drawn_against_its_level,
    another_site_has_levels_of_its_own,
);

impl Clinic<'_> {
    fn set_level(&self, role: Role, product: &str, minimum: i64, maximum: i64) -> (u16, Value) {
        let body = json!({
            "site_id": self.site, "product_id": product, "minimum_packs": minimum, "maximum_packs": maximum
        });
        let bearer = format!("Bearer {}", self.token(role));
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
        let answer = self.http.send("PUT", "/v1/levels", &headers, Some(body.to_string().as_bytes()));
        (answer.status, answer.without_names())
    }

    fn level_of(&self, product: &str, minimum: i64, maximum: i64) -> Value {
        let (status, level) = self.set_level(Role::Purchaser, product, minimum, maximum);
        assert_eq!(status, 200, "{level}");
        level
    }

    fn needs(&self) -> Vec<Value> {
        self.read(&format!("/v1/replenishment?site_id={}", self.site))["items"].as_array().unwrap().clone()
    }

    /// The only product that there is anything to say of.
    fn need(&self) -> Value {
        let mut items = self.needs();
        assert_eq!(items.len(), 1, "{items:?}");
        items.remove(0)
    }

    fn expect(&self, expected: &Value) -> Value {
        let found = self.need();
        for (field, value) in expected.as_object().unwrap() {
            assert_eq!(&found[field], value, "{field}: {found}");
        }
        found
    }
}

fn a_level_is_set_and_set_anew(world: &World) {
    let clinic = world.clinic();
    let first = clinic.level_of(&clinic.product, 2, 5);
    assert_eq!(
        (&first["version"], &first["product"], &first["site"]),
        (&json!(1), &json!("HArmonyCa"), &json!("Harley Street"))
    );
    let state = world.database.state();
    assert_eq!(clinic.level_of(&clinic.product, 2, 5), first);
    assert_eq!(world.database.state(), state, "what stands is not set again");
    let (status, second) = clinic.set_level(Role::Admin, &clinic.product, 3, 6);
    assert_eq!(
        (status, &second["id"], &second["version"], &second["set_by"]),
        (200, &first["id"], &json!(2), &json!("admin"))
    );
    let told = clinic.read(&format!("/v1/events?subject={}", first["id"].as_str().unwrap()))["items"].clone();
    let kinds: Vec<_> = told.as_array().unwrap().iter().map(|event| event["kind"].clone()).collect();
    assert_eq!(kinds, ["level_set", "level_set"]);
    let listed = clinic.read(&format!("/v1/levels?site_id={}&product_id={}", clinic.site, clinic.product));
    assert_eq!(listed["items"], json!([second]));

    for (minimum, maximum) in [(3, 2), (-1, 2), (0, 10_001)] {
        let (status, problem) = clinic.set_level(Role::Purchaser, &clinic.product, minimum, maximum);
        assert_eq!((status, &problem["code"]), (422, &json!("invalid_level")), "{problem}");
    }
    let stranger = "prd_01932c07-8d00-7000-8000-000000000006";
    assert_eq!(clinic.set_level(Role::Purchaser, stranger, 1, 2).1["code"], "reference_unknown");
    assert_eq!(clinic.set_level(Role::Quality, &clinic.product, 1, 2).0, 403);
    world.assert_verified();
}

/// A pack holds two units. What was used is computed by hand.
fn what_is_there_and_used_says_what_to_buy(world: &World) {
    let clinic = world.clinic();
    assert_eq!(clinic.needs(), Vec::<Value>::new(), "nothing to say of a product that is only in the catalogue");
    clinic.level_of(&clinic.product, 2, 5);
    let none = json!({
        "on_hand": 0, "on_order": 0, "per_week": "0", "days_of_cover": null, "suggested_packs": 5, "minimum_packs": 2,
        "maximum_packs": 5, "used_13_weeks": 0, "expires_unused": 0
    });
    let found = clinic.expect(&none);
    assert_eq!(found["product"], json!({"id": clinic.product, "name": "HArmonyCa", "units_per_pack": 2}));

    // Twelve units, of which five are given within thirteen weeks: two more than eight weeks ago, three since.
    let lot = clinic.receive_inspect_release("LOT1", 12);
    for _ in 0..2 {
        assert_eq!(clinic.administer(&lot, 1).0, 201);
    }
    clinic.clock.advance_days(60);
    let mut given = Vec::new();
    for _ in 0..4 {
        let (status, made) = clinic.administer(&lot, 1);
        assert_eq!(status, 201, "{made}");
        given.push(id(&made));
        clinic.clock.advance_days(1);
    }
    // One of them never was: its unit is in quarantine, and will be usable when somebody has looked at it.
    let void = json!({"reason": "Another patient", "returned_to_stock": true});
    clinic.create(Role::Quality, &format!("/v1/administrations/{}/voids", given[3]), &void);
    clinic.create(
        Role::Purchaser,
        "/v1/receipts",
        &clinic.receipt(json!([{"gtin": GTIN, "lot": "LOT2", "expiry": "2027-06-30", "packs": 1}])),
    );
    // On hand 12 - 5 + 2 = 9, of which 6 available; 5 in 13 weeks are 5/13 a week, 3 in 4 weeks 3/4. Nine units at 5 in 91 days
    // last 9 * 91 / 5 = 163.8 days, and run out later than that (30 June 2027).
    clinic.expect(&json!({
        "on_hand": 9, "available": 6, "held": 0, "used_4_weeks": 3, "used_13_weeks": 5, "per_week": "0.384615",
        "per_week_of_4": "0.75", "days_of_cover": 163, "expires_unused": 0, "suggested_packs": 0, "first_expiry": "2027-06-30"
    }));
    // What is held counts for nothing, wherever it lies: six available units and the one in quarantine. Of 10 units at the most, 2 of
    // LOT2 are there, which is below 4: 4 packs fit.
    let hold = clinic.hold(&lot);
    clinic.expect(&json!({"on_hand": 2, "available": 0, "held": 7, "suggested_packs": 4}));
    let all = json!({"scope": {"type": "product", "id": clinic.product}, "reason": "Under review"});
    let all = clinic.create(Role::Quality, "/v1/holds", &all);
    clinic.expect(&json!({"on_hand": 0, "available": 0, "held": 9, "suggested_packs": 5}));
    for hold in [hold, all] {
        let (path, lift) = (format!("/v1/holds/{}/lift", id(&hold)), json!({"reason": "Unrelated"}));
        assert!(clinic.http.post(&clinic.token_as("quinn", &[Role::Quality]), &path, &lift).0 < 300);
    }
    // After thirteen weeks nobody knows how fast it goes.
    clinic.clock.advance_days(92);
    clinic.expect(&json!({"used_13_weeks": 0, "days_of_cover": null, "on_hand": 9}));
    world.assert_verified();
}

fn what_runs_out_unused_is_no_cover(world: &World) {
    let clinic = world.clinic();
    clinic.level_of(&clinic.product, 4, 10);
    // Today is 1 July: ten units that run out on 14 July, ten that do in a year, and thirteen given: one a week.
    let used = clinic.receive_inspect_release("USED", 14);
    assert_eq!(clinic.administer(&used, 13).0, 201);
    assert_eq!(
        clinic
            .post(
                Role::Quality,
                "/v1/wastages",
                &json!({
                    "lot_id": used, "from_location_id": clinic.stock, "units": 1, "reason": "Dropped"
                })
            )
            .0,
        201
    );
    clinic.stocked("SOON", "2026-07-14", 10);
    clinic.stocked("LATER", "2027-06-30", 10);
    // Fourteen days are two units: eight run out unused. Then ten units for seventy days: 84 in all. There are 20, and 12 of them count:
    // four packs of two are 8, so that nothing is bought.
    clinic.expect(&json!({
        "on_hand": 20, "used_13_weeks": 13, "per_week": "1", "days_of_cover": 84, "expires_unused": 8, "suggested_packs": 0
    }));
    // At seven packs something is: 12 of 14 units, and 4 packs fit under ten.
    clinic.level_of(&clinic.product, 7, 10);
    clinic.expect(&json!({"suggested_packs": 4}));
    // A day later than its last one it is not there.
    clinic.clock.advance_days(14);
    clinic.expect(&json!({"on_hand": 10, "days_of_cover": 70, "expires_unused": 0, "suggested_packs": 5}));
}

fn suggestions_become_drafts(world: &World) {
    let clinic = world.clinic();
    let mut second = product(&gtin(7));
    second["name"] = json!("Radiesse");
    let second = id(&clinic.create(Role::Admin, "/v1/products", &second));
    let other = json!({"name": "Second Wholesale", "country": "GB", "approved_classes": ["hybrid_filler"]});
    let other = id(&clinic.create(Role::Admin, "/v1/suppliers", &other));
    // Bought of the one before, and drafted of the other, which says nothing.
    let order = |supplier: &str, product: &str, packs: i64| {
        let body = json!({
            "site_id": clinic.site, "supplier_id": supplier, "lines": [{"product_id": product, "packs": packs}]
        });
        id(&clinic.create(Role::Purchaser, "/v1/orders", &body))
    };
    let placed = order(&clinic.supplier, &clinic.product, 3);
    clinic.create_ok(Role::Purchaser, &format!("/v1/orders/{placed}/place"), &json!({}));
    let draft = order(&other, &clinic.product, 1);
    clinic.level_of(&clinic.product, 5, 9);
    clinic.level_of(&second, 1, 2);
    let needs = clinic.needs();
    let of =
        |needs: &[Value], product: &str| needs.iter().find(|item| item["product"]["id"] == product).unwrap().clone();
    let first = of(&needs, &clinic.product);
    assert_eq!((&first["on_order"], &first["drafted"], &first["suggested_packs"]), (&json!(6), &json!(2), &json!(5)));
    assert_eq!(first["last_supplier_id"], json!(clinic.supplier));
    assert_eq!(of(&needs, &second)["suggested_packs"], json!(2));

    // Without products: everything that is suggested, of whom it was bought; what never was is said.
    let all = json!({"site_id": clinic.site, "reference": "PO-7"});
    let made = clinic.create(Role::Purchaser, "/v1/replenishment/orders", &all);
    assert_eq!(made["orders"].as_array().unwrap().len(), 1, "{made}");
    let ordered = &made["orders"][0];
    assert_eq!(
        (&ordered["status"], &ordered["supplier_id"], &ordered["reference"]),
        (&json!("draft"), &json!(clinic.supplier), &json!("PO-7"))
    );
    assert_eq!((&ordered["lines"][0]["packs"], ordered["lines"].as_array().unwrap().len()), (&json!(5), 1));
    assert_eq!(
        (&made["left_out"][0]["product"], &made["left_out"][0]["suggested_packs"]),
        (&json!("Radiesse"), &json!(2))
    );
    // It is not suggested again.
    assert_eq!(of(&clinic.needs(), &clinic.product)["suggested_packs"], json!(0));

    // By name: one draft for each supplier.
    let lines = json!([
        {"product_id": second, "supplier_id": other}, {"product_id": clinic.product, "packs": 2}
    ]);
    let body = json!({"site_id": clinic.site, "lines": lines});
    let made = clinic.create(Role::Purchaser, "/v1/replenishment/orders", &body);
    let mut told: Vec<_> = made["orders"]
        .as_array()
        .unwrap()
        .iter()
        .map(|order| (order["supplier_id"].as_str().unwrap().to_owned(), order["lines"][0]["packs"].as_i64().unwrap()))
        .collect();
    told.sort();
    let mut expected = vec![(other.clone(), 2), (clinic.supplier.clone(), 2)];
    expected.sort();
    assert_eq!(told, expected);
    // What has come is no longer on order; a cancelled draft is none.
    clinic.create_ok(Role::Purchaser, &format!("/v1/orders/{draft}/cancel"), &json!({}));
    let mut receipt = clinic.receipt(json!([{"gtin": GTIN, "lot": "LOT1", "expiry": "2027-06-30", "packs": 2}]));
    receipt["order_id"] = json!(placed);
    clinic.create(Role::Purchaser, "/v1/receipts", &receipt);
    let first = of(&clinic.needs(), &clinic.product);
    assert_eq!((&first["on_order"], &first["on_hand"], &first["drafted"]), (&json!(2), &json!(4), &json!(14)));
    world.assert_verified();
}

impl Clinic<'_> {
    fn create_ok(&self, role: Role, path: &str, body: &Value) -> Value {
        let (status, made) = self.post(role, path, body);
        assert!(matches!(status, 200 | 201), "{path}: {status} {made}");
        made
    }
}

fn suggestions_that_nobody_can_order(world: &World) {
    let clinic = world.clinic();
    let path = "/v1/replenishment/orders";
    let stranger = "prd_01932c07-8d00-7000-8000-000000000006";
    let of = |lines: Value| json!({"site_id": clinic.site, "lines": lines});
    let many: Vec<_> = (0..201).map(|_| json!({"product_id": clinic.product, "packs": 1})).collect();
    for (body, status, code) in [
        (json!({"site_id": clinic.site}), 409, "nothing_to_order"),
        (of(json!([])), 422, "empty_list"),
        (of(json!([{"product_id": clinic.product, "packs": 1}])), 422, "supplier_required"),
        (of(json!([{"product_id": clinic.product, "supplier_id": clinic.supplier}])), 409, "nothing_to_order"),
        (of(json!([{"product_id": stranger, "supplier_id": clinic.supplier, "packs": 1}])), 422, "reference_unknown"),
        (
            of(
                json!([{"product_id": clinic.product, "supplier_id": "sup_01932c07-8d00-7000-8000-000000000006", "packs": 1}]),
            ),
            422,
            "reference_unknown",
        ),
        (
            of(json!([{"product_id": clinic.product, "packs": 1}, {"product_id": clinic.product, "packs": 2}])),
            422,
            "duplicate_entry",
        ),
        (of(json!(many)), 422, "list_too_long"),
    ] {
        let before = world.database.state();
        let (found, problem) = clinic.post(Role::Purchaser, path, &body);
        assert_eq!((found, &problem["code"]), (status, &json!(code)), "{body}: {problem}");
        assert_eq!(world.database.state(), before);
    }
}

fn levels_come_in_as_a_list(world: &World) {
    let clinic = world.clinic();
    let bring = |text: &str| super::imports::send(world, "kind=levels", text.as_bytes(), None).json();
    let file = format!("site,gtin,minimum,maximum\nHarley Street,{GTIN},2,5\n");
    let first = bring(&file);
    assert_eq!((&first["imported"], &first["created"]), (&json!(true), &json!(1)), "{first}");
    let again = bring(&file);
    assert_eq!((&again["unchanged"], &again["created"]), (&json!(1), &json!(0)), "{again}");
    assert_eq!(again["verdicts"][0]["id"], first["verdicts"][0]["id"]);
    let changed = bring(&file.replace(",2,5", ",3,6"));
    assert_eq!((&changed["updated"], &changed["imported"]), (&json!(1), &json!(true)), "{changed}");
    let level = &clinic.read("/v1/levels")["items"][0];
    assert_eq!(
        (&level["minimum_packs"], &level["maximum_packs"], &level["version"]),
        (&json!(3), &json!(6), &json!(2))
    );
    for (row, column, code) in [
        (format!("Harley Street,{GTIN},7,6"), "maximum", "invalid_level"),
        (format!("Nowhere,{GTIN},1,2"), "site", "reference_unknown"),
        ("Harley Street,09520000000011,1,2".to_owned(), "gtin", "reference_unknown"),
        (format!("Harley Street,{GTIN},3,6\nHarley Street,{GTIN},4,6"), "gtin", "contradicts_row"),
    ] {
        let found = bring(&format!("site,gtin,minimum,maximum\n{row}\n"));
        let refused =
            found["verdicts"].as_array().unwrap().iter().find(|verdict| verdict["outcome"] == "refused").unwrap();
        assert_eq!((&refused["column"], &refused["code"]), (&json!(column), &json!(code)), "{row}: {found}");
        assert_eq!(found["imported"], json!(false));
    }
    assert_eq!(clinic.read("/v1/levels")["items"][0]["version"], json!(2));
    world.assert_verified();
}

fn plot(world: &World, query: &str) -> Answer {
    let bearer = format!("Bearer {}", world.token(Role::Auditor));
    world.http.send("GET", &format!("/v1/replenishment/plot.svg?{query}"), &[("authorization", &bearer)], None)
}

fn stock_is_drawn_against_its_level(world: &World) {
    let clinic = world.clinic();
    clinic.level_of(&clinic.product, 2, 5);
    let lot = clinic.receive_inspect_release("LOT1", 12);
    clinic.clock.advance_days(36);
    assert_eq!(clinic.administer(&lot, 3).0, 201);
    clinic.clock.advance_days(20);
    let answer = plot(world, &format!("site_id={}&product_id={}", clinic.site, clinic.product));
    let text = String::from_utf8(answer.bytes.clone()).unwrap();
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("image/svg+xml; charset=utf-8")), "{text}");
    assert_eq!(answer.header("content-security-policy"), Some("default-src 'none'"));
    let document = Document::parse(&text).unwrap();
    let points: Vec<i64> = document
        .descendants()
        .filter(|node| node.has_tag_name("circle"))
        .map(|node| node.attribute("data-units").unwrap().parse().unwrap())
        .collect();
    // Fourteen moments a week apart, the last now: 56 days ago it came, a moment before the point of eight weeks; 20 days ago three were given.
    assert_eq!(points, [0, 0, 0, 0, 0, 12, 12, 12, 12, 12, 12, 9, 9, 9]);
    let levels: Vec<_> = document
        .descendants()
        .filter_map(|node| Some((node.attribute("data-level")?, node.attribute("data-units")?)))
        .collect();
    assert_eq!(levels, [("max", "10"), ("min", "4")]);
    let desc = document.descendants().find(|node| node.has_tag_name("desc")).unwrap().text().unwrap();
    assert!(desc.contains("12, 12, 12, 12, 12, 12, 9, 9, 9. Kept are 4 to 10 units."), "{desc}");
    // A product without a level or any units has a plot, too; one that nobody knows has none.
    let second = id(&clinic.create(Role::Admin, "/v1/products", &product(&gtin(7))));
    assert_eq!(plot(world, &format!("site_id={}&product_id={second}", clinic.site)).status, 200);
    let stranger = "prd_01932c07-8d00-7000-8000-000000000006";
    let unknown = plot(world, &format!("site_id={}&product_id={stranger}", clinic.site));
    assert_problem(&unknown, 422, "reference_unknown", "a product that nobody knows");
}

fn another_site_has_levels_of_its_own(world: &World) {
    let clinic = world.clinic();
    clinic.level_of(&clinic.product, 2, 5);
    clinic.receive_inspect_release("LOT1", 2);
    let other = id(&clinic.create(Role::Admin, "/v1/sites", &site()));
    assert_eq!(clinic.read(&format!("/v1/replenishment?site_id={other}"))["items"], json!([]));
    let theirs = world.sign(&world.organisation, "far", &[Role::Purchaser], Some(vec![other.parse().unwrap()]));
    assert_eq!(world.http.get(&theirs, "/v1/levels").1["items"], json!([]));
    let (status, problem) = world.http.get(&theirs, &format!("/v1/replenishment?site_id={}", clinic.site));
    assert_eq!((status, &problem["code"]), (422, &json!("reference_unknown")));
    // Pages look at so many products, and come to the end.
    for number in 10..14 {
        clinic.create(Role::Admin, "/v1/products", &product(&gtin(number)));
    }
    let (mut found, mut cursor) = (0, String::new());
    loop {
        let page = clinic.read(&format!("/v1/replenishment?site_id={}&limit=1{cursor}", clinic.site));
        found += page["items"].as_array().unwrap().len();
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(found, 1);
}
