//! Names beside ids, and what is looked for by its name.

use lotline::caller::Role;
use serde_json::{Value, json};

use super::support::clinic::{id, location, site};
use super::support::{Clinic, World, on_both_databases};

on_both_databases!(
    answers_call_by_name_what_they_have_the_id_of,
    what_is_done_is_answered_with_names,
    names_are_for_who_may_read_them,
    what_is_told_beside_a_thing_may_be_sent_back,
    things_are_looked_for_by_a_part_of_their_name,
);

fn get(clinic: &Clinic, role: Role, path: &str) -> Value {
    let (status, answer) = clinic.http.get(&clinic.token(role), path);
    assert_eq!(status, 200, "{path}: {answer}");
    answer
}

fn name(clinic: &Clinic, list: &str, id: &str) -> Value {
    clinic.read(&format!("/v1/{list}/{id}"))["name"].clone()
}

fn answers_call_by_name_what_they_have_the_id_of(world: &World) {
    let clinic = world.clinic();
    let lines = json!([{"product_id": clinic.product, "packs": 1}]);
    let order = json!({"site_id": clinic.site, "supplier_id": clinic.supplier, "lines": lines});
    let order = id(&clinic.create(Role::Purchaser, "/v1/orders", &order));
    let expected = |ids: &[(&str, &str)]| {
        let names = ids.iter().map(|(list, id)| ((*id).to_owned(), name(&clinic, list, id)));
        Value::Object(names.collect())
    };
    let of_order = [("products", clinic.product.as_str()), ("sites", &clinic.site), ("suppliers", &clinic.supplier)];
    let found = get(&clinic, Role::Purchaser, &format!("/v1/orders/{order}"));
    assert_eq!(found["names"], expected(&of_order));
    assert_eq!(get(&clinic, Role::Auditor, "/v1/orders")["names"], expected(&of_order), "those of all items, once");

    let lot = clinic.receive_inspect_release("LOT1", 4);
    assert_eq!(clinic.administer(&lot, 1).0, 201);
    let given = get(&clinic, Role::Practitioner, "/v1/administrations");
    let of_given = [
        ("products", clinic.product.as_str()),
        ("sites", &clinic.site),
        ("locations", &clinic.stock),
        ("practitioners", &clinic.practitioner),
    ];
    assert_eq!(given["names"], expected(&of_given));
    // Deep in what happened, too.
    let custody = get(&clinic, Role::Auditor, &format!("/v1/lots/{lot}/custody"));
    for (list, id) in of_order.iter().chain(&of_given) {
        assert_eq!(custody["names"][*id], name(&clinic, list, id), "{id}");
    }
    // What was called otherwise is called as it is now; and what has no id has no name.
    let patched = clinic.patch(&format!("/v1/suppliers/{}", clinic.supplier), &json!({"name": "Renamed"}));
    assert_eq!(patched.status, 200);
    assert_eq!(get(&clinic, Role::Auditor, "/v1/orders")["names"][&clinic.supplier], "Renamed");
    assert!(get(&clinic, Role::Auditor, "/v1/holds").get("names").is_none());
    // What was known is answered for ever, whatever things are called later.
    world.log();
    let known = get(&clinic, Role::Auditor, &format!("/v1/lots/{lot}/custody?as_of={}", world.clock.now()));
    assert!(known.get("names").is_none() && known["events"][0].get("told").is_none(), "{known}");
    assert!(custody["events"][0]["told"].as_str().unwrap().ends_with("Recorded by purchaser."), "{custody}");
    // An id in what somebody wrote is a word of theirs: what is not here is not named.
    let other = "prd_01932c07-8d00-7000-8000-000000000002";
    let hold = json!({"scope": {"type": "lot", "id": lot}, "reason": other});
    clinic.create(Role::Quality, "/v1/holds", &hold);
    assert!(get(&clinic, Role::Auditor, "/v1/holds")["names"].get(other).is_none());
}

fn what_is_done_is_answered_with_names(world: &World) {
    let clinic = world.clinic();
    let send = |role: Role, path: &str, key: &str, body: &Value| {
        let answer = clinic.http.post_with(&clinic.token(role), path, &[("idempotency-key", key)], body);
        assert!(matches!(answer.status, 200 | 201), "{path}: {}", answer.json());
        answer.json()
    };
    let expected = |ids: &[(&str, &str)]| -> Value {
        Value::Object(ids.iter().map(|(list, id)| ((*id).to_owned(), name(&clinic, list, id))).collect())
    };
    // A site that is made is named by what made it, and so is what it was renamed to, in one transaction.
    let made = send(Role::Admin, "/v1/sites", "site", &site());
    assert_eq!(made["names"][id(&made)], made["name"]);
    let path = format!("/v1/sites/{}", id(&made));
    let renamed = clinic.patch(&path, &json!({"name": "Wimpole Street"})).json();
    assert_eq!((&renamed["names"][id(&made)], &renamed["name"]), (&json!("Wimpole Street"), &json!("Wimpole Street")));
    // What is there is told to who may read it: a purchaser what a supplier is called, a practitioner not.
    let lines = json!([{"product_id": clinic.product, "packs": 1}]);
    let order = json!({"site_id": clinic.site, "supplier_id": clinic.supplier, "lines": lines});
    let of_order = [("products", clinic.product.as_str()), ("sites", &clinic.site), ("suppliers", &clinic.supplier)];
    let made = send(Role::Purchaser, "/v1/orders", "order", &order);
    assert_eq!(made["names"], expected(&of_order));
    // Sent again, it is answered as before, and things are called as they are called now.
    let patched = clinic.patch(&format!("/v1/suppliers/{}", clinic.supplier), &json!({"name": "Renamed"}));
    assert_eq!(patched.status, 200);
    let again = send(Role::Purchaser, "/v1/orders", "order", &order);
    assert_eq!((&again["names"][&clinic.supplier], &again["id"]), (&json!("Renamed"), &made["id"]));
    let without = |mut answer: Value| {
        answer.as_object_mut().unwrap().remove("names");
        answer
    };
    assert_eq!(without(again), without(made));
    // At the chair, too.
    let lot = clinic.receive_inspect_release("LOT1", 4);
    let code = super::support::clinic::scan("270630", "LOT1", None);
    let mut question = clinic.question(&code);
    question["practitioner_id"] = json!(clinic.practitioner);
    let scanned = clinic.http.post_with(&clinic.token(Role::Practitioner), "/v1/scans", &[], &question).json();
    assert_eq!(scanned["names"][&clinic.product], name(&clinic, "products", &clinic.product), "{scanned}");
    let given = send(Role::Practitioner, "/v1/administrations", "given", &clinic.administration(&lot, 1));
    let of_given = [
        ("products", clinic.product.as_str()),
        ("sites", &clinic.site),
        ("locations", &clinic.stock),
        ("practitioners", &clinic.practitioner),
    ];
    assert_eq!(given["names"], expected(&of_given));
    // A refusal is a problem, which has none.
    let (status, problem) = clinic.post(Role::Practitioner, "/v1/administrations", &clinic.administration(&lot, 99));
    assert_eq!((status, problem.get("names")), (409, None));
}

fn names_are_for_who_may_read_them(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 4);
    // Practitioners read no suppliers: what a chain says of one has no name for them.
    let answer = get(&clinic, Role::Practitioner, &format!("/v1/lots/{lot}"));
    assert!(answer["names"].get(&clinic.product).is_some());
    assert!(answer["names"].get(&clinic.supplier).is_none());

    // Units that went to another site: its places are named to those who see it.
    let elsewhere = id(&clinic.create(Role::Admin, "/v1/sites", &site()));
    let licence = super::support::clinic::licence(("site", &elsewhere), "facility", "CQC", "1-0000000002");
    clinic.checked_licence(&licence);
    let there = id(&clinic.create(Role::Admin, "/v1/locations", &location(&elsewhere, "quarantine")));
    let transfer = json!({
        "lot_id": lot, "from_location_id": clinic.stock, "to_location_id": there, "units": 2, "reason": "They have none"
    });
    clinic.create(Role::Quality, "/v1/transfers", &transfer);
    let here = clinic.sign(&clinic.organisation, "here", &[Role::Quality], Some(vec![clinic.site.parse().unwrap()]));
    let (status, seen) = clinic.http.get(&here, "/v1/movements");
    assert_eq!(status, 200);
    assert!(seen["names"].get(&clinic.stock).is_some());
    assert!(seen["names"].get(&there).is_none() && seen["names"].get(&elsewhere).is_none(), "{seen}");
    let whole = get(&clinic, Role::Auditor, "/v1/movements");
    assert!(whole["names"].get(&there).is_some());
}

fn what_is_told_beside_a_thing_may_be_sent_back(world: &World) {
    let clinic = world.clinic();
    let path = format!("/v1/locations/{}", clinic.stock);
    let mut standing = get(&clinic, Role::Admin, &path);
    assert!(standing["names"].get(&clinic.site).is_some());
    standing["name"] = json!("Fridge 7");
    let tag = format!("\"{}\"", standing["version"]);
    let put = clinic.put(&path, &[("if-match", &tag)], &standing);
    assert_eq!((put.status, &put.json()["name"]), (200, &json!("Fridge 7")), "{}", put.json());
    let mut standing = get(&clinic, Role::Admin, &path);
    standing["name"] = json!("Fridge 8");
    assert_eq!(clinic.patch(&path, &standing).status, 200);
    // A policy as well, where it names somebody.
    assert_eq!(clinic.patch("/v1/policies", &json!({"denied_suppliers": [clinic.supplier]})).status, 200);
    let policy = get(&clinic, Role::Admin, "/v1/policies");
    assert_eq!(policy["names"][&clinic.supplier], name(&clinic, "suppliers", &clinic.supplier));
    let tag = format!("\"{}\"", policy["version"]);
    let put = clinic.put("/v1/policies", &[("if-match", &tag)], &policy);
    assert_eq!((put.status, put.header("etag")), (200, Some(tag.as_str())), "{}", put.json());
}

fn things_are_looked_for_by_a_part_of_their_name(world: &World) {
    let clinic = world.clinic();
    for name in ["Müller Pharma", "Nord MÜLLER", "Other"] {
        let supplier = json!({"name": name, "country": "DE", "approved_classes": ["hybrid_filler"]});
        clinic.create(Role::Admin, "/v1/suppliers", &supplier);
    }
    let found = |path: &str| {
        let list = clinic.read(path);
        list["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| item["name"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(found("/v1/suppliers?name=m%C3%BCller"), ["Müller Pharma", "Nord MÜLLER"]);
    assert_eq!(found("/v1/suppliers?name=M%C3%9CLLER%20P"), ["Müller Pharma"]);
    assert_eq!(found("/v1/suppliers?name=%25"), Vec::<String>::new(), "no pattern, but letters");
    // One at a time, and to the end.
    let first = clinic.read("/v1/suppliers?name=ller&limit=1");
    assert_eq!(first["items"][0]["name"], "Müller Pharma");
    let next = first["next_cursor"].as_str().unwrap();
    let second = clinic.read(&format!("/v1/suppliers?name=ller&limit=1&cursor={next}"));
    assert_eq!((&second["items"][0]["name"], &second["next_cursor"]), (&json!("Nord MÜLLER"), &Value::Null));
    for (list, id) in [
        ("products", &clinic.product),
        ("practitioners", &clinic.practitioner),
        ("sites", &clinic.site),
        ("locations", &clinic.stock),
    ] {
        let whole = name(&clinic, list, id).as_str().unwrap().to_uppercase();
        let part = whole.get(1..).unwrap().replace(' ', "%20");
        assert!(found(&format!("/v1/{list}?name={part}")).iter().any(|name| name.to_uppercase() == whole), "{list}");
        assert_eq!(found(&format!("/v1/{list}?name=nobody-has-this")), Vec::<String>::new());
    }
}
