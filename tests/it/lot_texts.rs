//! Lot texts that are read, typed and printed in several ways: matched and named, never merged (DOMAIN.md, rule 7).

use lotline::caller::Role;
use lotline::verify;
use serde_json::{Value, json};

use super::policies;
use super::support::client::codes;
use super::support::clinic::{EXPIRY, GTIN, gtin, id, product, scan};
use super::support::{Clinic, Kind, World, on_both_databases};

on_both_databases!(
    a_text_in_another_spelling_is_flagged_and_stays_a_lot_of_its_own,
    another_spelling_with_another_expiry_is_a_twin,
    what_was_typed_otherwise_is_named_at_the_chair,
    lots_are_found_however_they_are_typed,
    a_lot_is_denied_however_it_is_typed,
    what_is_easily_confused_is_listed_as_long_as_it_is_there,
    a_corrected_text_is_no_longer_alike,
    lots_from_before_are_compared_too,
);

/// Receives a pack: lot and flags.
fn receive(clinic: &Clinic, text: &str, expiry: &str) -> (String, Value) {
    let lines = json!([{"gtin": GTIN, "lot": text, "expiry": expiry, "packs": 1}]);
    let made = clinic.create(Role::Purchaser, "/v1/receipts", &clinic.receipt(lines));
    (made["lines"][0]["lot_id"].as_str().unwrap().to_owned(), made["lines"][0]["flags"].clone())
}

fn messages(body: &Value, code: &str) -> Vec<String> {
    let reasons = body["decision"]["reasons"].as_array().unwrap();
    let found = reasons.iter().filter(|reason| reason["code"] == json!(code));
    found.map(|reason| reason["message"].as_str().unwrap().to_owned()).collect()
}

fn lots_found(clinic: &Clinic, query: &str) -> Vec<String> {
    clinic.read(&format!("/v1/lots?{query}"))["items"].as_array().unwrap().iter().map(id).collect()
}

fn a_text_in_another_spelling_is_flagged_and_stays_a_lot_of_its_own(world: &World) {
    let clinic = world.clinic();
    let rows = [
        ("HC24A", json!([])),
        ("hc24a", json!(["lot_text_variant"])),
        // Once it is known it stays remarkable: somebody should look at both labels.
        ("HC24A", json!(["lot_text_variant"])),
        ("HC024A", json!(["lot_near_miss"])),
        ("Hc24a", json!(["lot_text_variant", "lot_near_miss"])),
        ("HC24B", json!([])),
        ("LOTO1", json!([])),
        ("L0T0I", json!(["lot_near_miss"])),
    ];
    for (text, expected) in rows {
        assert_eq!(receive(&clinic, text, EXPIRY).1, expected, "{text}");
    }
    let texts: Vec<_> = clinic.read("/v1/lots")["items"].as_array().unwrap().iter().map(|l| l["lot"].clone()).collect();
    assert_eq!(texts, ["HC24A", "hc24a", "HC024A", "Hc24a", "HC24B", "LOTO1", "L0T0I"]);
    assert_eq!(clinic.read("/v1/holds")["items"], json!([]), "nothing is held for its spelling");
    // Another product's lots are no concern of this one.
    clinic.create(Role::Admin, "/v1/products", &product(&gtin(9)));
    let lines = json!([{"gtin": gtin(9), "lot": "hc24a", "expiry": EXPIRY, "packs": 1}]);
    let other = clinic.create(Role::Purchaser, "/v1/receipts", &clinic.receipt(lines));
    assert_eq!(other["lines"][0]["flags"], json!([]));
}

fn another_spelling_with_another_expiry_is_a_twin(world: &World) {
    let clinic = world.clinic();
    receive(&clinic, "HC24A", EXPIRY);
    let (twin, flags) = receive(&clinic, "hc24a", "2027-07-31");
    assert_eq!(flags, json!(["lot_text_variant"]));
    let holds = clinic.read("/v1/holds?open=true");
    assert_eq!(holds["items"].as_array().unwrap().len(), 1, "{holds}");
    assert_eq!(holds["items"][0]["scope"]["id"], json!(twin));
    let reason = holds["items"][0]["reason"].as_str().unwrap();
    assert!(reason.contains("known as HC24A with expiry 2027-06-30"), "{reason}");
    // What only resembles it may have any expiry.
    assert_eq!(receive(&clinic, "HC024A", "2028-01-31").1, json!(["lot_near_miss"]));
    assert_eq!(clinic.read("/v1/holds?open=true")["items"].as_array().unwrap().len(), 1);
}

fn what_was_typed_otherwise_is_named_at_the_chair(world: &World) {
    let clinic = world.clinic();
    world.clock.set("2026-05-03T09:00:00Z");
    receive(&clinic, "hc24a", EXPIRY);
    world.clock.set("2026-06-30T23:30:00Z"); // the next day in London
    receive(&clinic, "HC024A", EXPIRY);
    let code = scan("270630", "HC24A", None);
    clinic.assert_not_at_the_chair(&code, &["lot_unknown"]);
    let scanned = clinic.create(Role::Practitioner, "/v1/scans", &clinic.question(&code));
    let expected = "Lot HC24A was never received; hc24a was received on 2026-05-03, HC024A was received on 2026-07-01.";
    assert_eq!(messages(&scanned, "lot_unknown"), [expected]);
    assert_eq!(scanned["lot"], Value::Null, "it is another lot");

    // With another expiry it is not that lot typed otherwise.
    let code = scan("270731", "HC24A", None);
    clinic.assert_not_at_the_chair(&code, &["expiry_mismatch", "lot_unknown"]);
    let scanned = clinic.create(Role::Practitioner, "/v1/scans", &clinic.question(&code));
    let expected = "Lot HC24A was received with expiry 2027-06-30 as hc24a, not 2027-07-31.";
    assert_eq!(messages(&scanned, "expiry_mismatch"), [expected]);
    let mut question = clinic.question(&code);
    question["purpose"] = json!("receive");
    assert_eq!(codes(&clinic.create(Role::Purchaser, "/v1/scans", &question)), ["expiry_mismatch"]);
    clinic.assert_not_at_the_chair(&scan("270630", "HC24B", None), &["lot_unknown"]);
}

fn lots_are_found_however_they_are_typed(world: &World) {
    let clinic = world.clinic();
    let (large, _) = receive(&clinic, "HC24A", EXPIRY);
    let (small, _) = receive(&clinic, "hc24a", EXPIRY);
    receive(&clinic, "HC024A", EXPIRY);
    // %EF%BC%A8%EF%BC%A3 is HC in fullwidth letters.
    for text in ["HC24A", "hc24a", "hC24a", "HC%2024A", "%20HC+24A%20", "%EF%BC%A8%EF%BC%A324A"] {
        assert_eq!(lots_found(&clinic, &format!("lot={text}")), [large.as_str(), small.as_str()], "{text}");
    }
    assert_eq!(lots_found(&clinic, &format!("gtin={GTIN}&lot=HC24a")).len(), 2);
    assert!(lots_found(&clinic, "lot=HC24").is_empty());
    for text in ["", "%20", "%00", &"A".repeat(65)] {
        let (status, problem) = clinic.http.get(&clinic.token(Role::Auditor), &format!("/v1/lots?lot={text}"));
        assert_eq!((status, &problem["code"]), (400, &json!("malformed_query")), "{text}: {problem}");
    }
}

fn a_lot_is_denied_however_it_is_typed(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("HC24A", 2);
    policies::set(world, &json!({"denied_lots": [{"gtin": GTIN, "lot": "hc24A"}]}));
    clinic.assert_not_at_the_chair(&scan("270630", "HC24A", None), &["lot_denied"]);
    clinic.assert_refused(Role::Practitioner, "/v1/administrations", &clinic.administration(&lot, 1), &["lot_denied"]);
    assert_eq!(receive(&clinic, "Hc24a", EXPIRY).1, json!(["denied_lot", "lot_text_variant"]));
    // What only resembles a denied lot is not denied: a person looks.
    assert_eq!(receive(&clinic, "HC024A", EXPIRY).1, json!(["lot_near_miss"]));
}

fn what_is_easily_confused_is_listed_as_long_as_it_is_there(world: &World) {
    let clinic = world.clinic();
    let (first, _) = receive(&clinic, "HC204", EXPIRY);
    assert_eq!(clinic.read("/v1/attention")["similar_lots"], json!([]));
    let (second, _) = receive(&clinic, "HC2O4", EXPIRY);
    receive(&clinic, "HC24", EXPIRY);
    let (third, _) = receive(&clinic, "hc204", EXPIRY);
    let listed = |path: &str| -> Vec<(String, String, String)> {
        let list = clinic.read(path)["similar_lots"].clone();
        let text = |pair: &Value, at: usize| pair["lots"][at]["lot_id"].as_str().unwrap().to_owned();
        let kind = |pair: &Value| pair["likeness"].as_str().unwrap().to_owned();
        list.as_array().unwrap().iter().map(|pair| (text(pair, 0), text(pair, 1), kind(pair))).collect()
    };
    let pair = |a: &str, b: &str, kind: &str| (a.to_owned(), b.to_owned(), kind.to_owned());
    let expected =
        [pair(&second, &third, "near_miss"), pair(&first, &third, "variant"), pair(&first, &second, "near_miss")];
    assert_eq!(listed("/v1/attention"), expected);
    assert_eq!(listed(&format!("/v1/attention?site_id={}", clinic.site)), expected);
    let seen = clinic.read("/v1/attention")["similar_lots"][0].clone();
    assert_eq!((&seen["product_id"], &seen["lots"][1]["lot"]), (&json!(clinic.product), &json!("hc204")));

    // Whoever sees another site only is not told.
    let elsewhere = id(&clinic.create(Role::Admin, "/v1/sites", &super::support::clinic::site()));
    assert!(listed(&format!("/v1/attention?site_id={elsewhere}")).is_empty());
    let sites = Some(vec![elsewhere.parse().unwrap()]);
    let token = world.sign(&world.organisation, "elsewhere", &[Role::Auditor], sites);
    let (status, list) = clinic.http.get(&token, "/v1/attention");
    assert_eq!((status, &list["similar_lots"]), (200, &json!([])));

    let gone = json!({"lot_id": second, "from_location_id": clinic.quarantine, "units": 2, "reason": "Sent back"});
    clinic.create(Role::Quality, "/v1/returns", &gone);
    assert_eq!(listed("/v1/attention"), [pair(&first, &third, "variant")]);
}

fn a_corrected_text_is_no_longer_alike(world: &World) {
    let clinic = world.clinic();
    let lines = json!([{"gtin": GTIN, "lot": "L0T1", "expiry": EXPIRY, "packs": 1}]);
    let made = clinic.create(Role::Purchaser, "/v1/receipts", &clinic.receipt(lines));
    let body = json!({"line_id": made["lines"][0]["id"], "lot": "LOT1", "reason": "Misread"});
    let path = format!("/v1/receipts/{}/corrections", id(&made));
    let corrected = clinic.create(Role::Purchaser, &path, &body);
    assert_eq!(corrected["lines"][1]["flags"], json!([]), "it is like nothing but the slip that it corrects");
    assert_eq!(receive(&clinic, "lot1", EXPIRY).1, json!(["lot_text_variant"]));
    let scanned = clinic.create(Role::Practitioner, "/v1/scans", &clinic.question(&scan("270630", "LOTI", None)));
    let said = messages(&scanned, "lot_unknown");
    assert!(said[0].contains("LOT1 was") && said[0].contains("lot1 was") && !said[0].contains("L0T1"), "{said:?}");
    assert_eq!(clinic.read("/v1/attention")["similar_lots"].as_array().unwrap().len(), 1);
}

/// The migration makes of texts what the program makes of them: `verify` compares every lot.
fn lots_from_before_are_compared_too(world: &World) {
    let clinic = world.clinic();
    let texts = [
        "HC24A",
        "hc24a",
        "0",
        "O",
        "00",
        "A0",
        "a00B",
        "OOLIT",
        "0o1I",
        "!\"%&'()*+,-./:;<=>?_",
        "ILO0012",
        "12345678901234567890",
        "x0o0o0y",
        "_00_01",
        "A-007",
        "lil",
    ];
    for text in texts {
        receive(&clinic, text, EXPIRY);
    }
    let kept = "SELECT lot || ' ' || lot_key || ' ' || likeness AS line FROM lots ORDER BY id";
    let database = &world.database;
    let before = database.lines(kept);
    assert!(before.contains(&"ILO0012 ilo0012 1100012".to_owned()), "{before:?}");
    let down = match database.kind {
        Kind::Sqlite => include_str!("../../migrations/sqlite/2026-11-21-000011_lot_texts/down.sql"),
        Kind::Postgres => include_str!("../../migrations/postgres/2026-11-21-000011_lot_texts/down.sql"),
    };
    database.execute(down).unwrap();
    database.execute("DELETE FROM __diesel_schema_migrations WHERE version = '20261121000011'").unwrap();
    lotline::upgrade::run(&database.url, &database.patients()).unwrap();
    assert_eq!(database.lines(kept), before);
    // Columns that were dropped and added again are not where they were; what they say is the same.
    world.will_not_verify();
    let findings = verify::verify(&database.url).unwrap().findings;
    let others: Vec<_> = findings.iter().filter(|finding| !finding.starts_with("schema: ")).collect();
    assert!(others.is_empty(), "{others:?}");
}
