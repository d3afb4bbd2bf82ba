//! One pack from the supplier to one patient, by what a scanner types, and what an auditor then reads.

use lotline::caller::Role;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::support::clinic::{GTIN, id, scan};
use super::support::{World, on_both_databases};

on_both_databases!(one_pack_reaches_one_patient);

fn kinds(custody: &Value) -> Vec<&str> {
    custody["events"].as_array().unwrap().iter().map(|event| event["kind"].as_str().unwrap()).collect()
}

fn actors(custody: &Value) -> Vec<&str> {
    custody["events"].as_array().unwrap().iter().map(|event| event["actor"]["subject"].as_str().unwrap()).collect()
}

fn one_pack_reaches_one_patient(world: &World) {
    let clinic = world.clinic();
    // The month-only expiry 2706 00 means the last day of June 2027.
    let code = scan("270600", "HC24A", Some("SN0001"));

    // Receipt by scan: everything starts quarantined.
    let receipt = world.create(Role::Purchaser, "/v1/receipts", &clinic.receipt(json!([{"scan": code, "packs": 1}])));
    let line = &receipt["lines"][0];
    assert_eq!(
        (&line["lot"], &line["expiry"], &line["serials"], &line["packs"], &line["units"], &line["flags"]),
        (&json!("HC24A"), &json!("2027-06-30"), &json!(["SN0001"]), &json!(1), &json!(2), &json!([]))
    );
    let lot = line["lot_id"].as_str().unwrap().to_owned();

    // Inspection, and release by a second person.
    let inspection = clinic.inspection(&id(&receipt), &lot, 2, 0);
    world.create(Role::Purchaser, "/v1/inspections", &inspection);
    let mut release = clinic.release(2);
    release["serials"] = json!(["SN0001"]);
    let release = world.create(Role::Quality, &format!("/v1/lots/{lot}/releases"), &release);
    assert_eq!((&release["released_by"], &release["decision"]["allowed"]), (&json!("quality"), &json!(true)));

    // The scan at the chair says yes, and so does the administration that follows it.
    let question = json!({
        "code": code, "site_id": clinic.site, "practitioner_id": clinic.practitioner, "purpose": "administer"
    });
    let scanned = world.create(Role::Practitioner, "/v1/scans", &question);
    assert_eq!((&scanned["decision"]["allowed"], &scanned["decision"]["reasons"]), (&json!(true), &json!([])));
    assert_eq!((&scanned["decoded"]["gtin"], &scanned["decoded"]["serial"]), (&json!(GTIN), &json!("SN0001")));
    assert_eq!((&scanned["product"]["name"], &scanned["lot"]["id"]), (&json!("HArmonyCa"), &json!(lot)));
    assert_eq!((&scanned["on_hand"][0]["state"], &scanned["on_hand"][0]["units"]), (&json!("available"), &json!(2)));
    let administered = world.create(
        Role::Practitioner,
        "/v1/administrations",
        &json!({
            "scan": code, "site_id": clinic.site, "practitioner_id": clinic.practitioner, "patient_ref": "P-1001",
            "units": 1, "treatment": {"area": "midface", "plane": "subdermal", "device": "cannula 22G"}
        }),
    );
    for (field, expected) in [
        ("lot_id", json!(lot)),
        ("lot", json!("HC24A")),
        ("expiry", json!("2027-06-30")),
        ("serial", json!("SN0001")),
        ("units", json!(1)),
        ("site_id", json!(clinic.site)),
        ("location_id", json!(clinic.stock)),
        ("practitioner_id", json!(clinic.practitioner)),
        ("patient_ref", json!("P-1001")),
        ("voided", json!(false)),
    ] {
        assert_eq!(administered[field], expected, "{field}");
    }
    assert_eq!(administered["decision"]["allowed"], true);

    // What is left, and where everything is.
    let stock = world.read(&format!("/v1/stock?lot_id={lot}"));
    assert_eq!(stock["items"].as_array().unwrap().len(), 1);
    let item = &stock["items"][0];
    assert_eq!(
        (&item["state"], &item["units"], &item["location_id"]),
        (&json!("available"), &json!(1), &json!(clinic.stock))
    );
    assert_eq!((&item["expiry"], &item["effective_expiry"]), (&json!("2027-06-30"), &json!("2027-06-30")));
    let reconciliation = clinic.reconciliation(&lot);
    for (field, expected) in [
        ("received", json!(2)),
        ("on_hand", json!(1)),
        ("administered", json!(1)),
        ("wasted", json!(0)),
        ("returned", json!(0)),
        ("destroyed", json!(0)),
        ("lost", json!(0)),
        ("adjusted", json!(0)),
        ("balanced", json!(true)),
    ] {
        assert_eq!(reconciliation[field], expected, "{field}");
    }

    // The whole chain, oldest first, each with who and what.
    let chain = [
        "receipt_recorded",
        "stock_received",
        "packaging_inspected",
        "stock_passed",
        "stock_released",
        "stock_administered",
    ];
    let who = ["purchaser", "purchaser", "purchaser", "purchaser", "quality", "practitioner"];
    for path in [format!("/v1/lots/{lot}/custody"), format!("/v1/administrations/{}/custody", id(&administered))] {
        let custody = world.read(&path);
        assert_eq!((kinds(&custody), actors(&custody)), (chain.to_vec(), who.to_vec()), "{path}");
        let events = custody["events"].as_array().unwrap();
        assert_eq!(events[4]["decision"], release["decision"]);
        let recorded = world.read(&format!("/v1/administrations/{}", id(&administered)));
        assert_eq!(events[5]["decision"], recorded["decision"]);
        assert!(events.iter().all(|event| event["summary"].is_string() && event["details"].is_object()));
        assert!(events.iter().all(|event| event["site_id"] == json!(clinic.site)));
    }
    exact_bytes(world, &lot);
}

/// The bytes of an event are what its leaf hash commits to (RFC 6962), and say what the event says.
fn exact_bytes(world: &World, lot: &str) {
    for event in world.read(&format!("/v1/lots/{lot}/custody"))["events"].as_array().unwrap() {
        let id = event["id"].as_str().unwrap();
        let headers = [("authorization", format!("Bearer {}", world.token(Role::Auditor)))];
        let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
        let answer = world.http.send("GET", &format!("/v1/events/{id}/bytes"), &headers, None);
        assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/octet-stream")));
        let leaf = Sha256::new().chain_update([0]).chain_update(&answer.bytes).finalize();
        let hex: String = leaf.iter().map(|byte| format!("{byte:02x}")).collect();
        let select = match world.database.kind {
            super::support::Kind::Sqlite => "lower(hex(leaf_hash))",
            super::support::Kind::Postgres => "encode(leaf_hash, 'hex')",
        };
        let kept = world.database.lines(&format!("SELECT {select} AS line FROM events WHERE id = '{id}'"));
        assert_eq!(kept, [hex]);
        let says: Value = serde_json::from_slice(&answer.bytes).unwrap();
        // What is clinical is sealed there, and shown beside the rest.
        let (mut data, mut details) = (says["data"].clone(), event["details"].clone());
        if let Some(shown) = details.pointer_mut("/administration").and_then(Value::as_object_mut) {
            let (patient, treatment) = (shown.remove("patient_ref"), shown.remove("treatment"));
            assert_eq!((patient, treatment.unwrap()["area"].clone()), (Some(json!("P-1001")), json!("midface")));
            let sealed = data["administration"].as_object_mut().unwrap().remove("clinical").unwrap();
            assert!(sealed.as_str().unwrap().starts_with("pat_"), "{sealed}");
        }
        assert_eq!((&says["id"], &says["kind"], &data), (&event["id"], &event["kind"], &details));
        let mut event = event.clone();
        assert!(event.as_object_mut().unwrap().remove("told").is_some());
        assert_eq!(world.read(&format!("/v1/events/{id}")), event);
    }
}
