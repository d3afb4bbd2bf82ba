//! Units that are opened and used little by little (DOMAIN.md, rules 14 and 18).

use lotline::caller::Role;
use serde_json::{Value, json};

use super::support::clinic::{id, product, scan};
use super::support::{Clinic, World, on_both_databases};

on_both_databases!(
    a_unit_is_used_little_by_little,
    it_serves_one_patient_unless_the_product_says_otherwise,
    its_in_use_life_ends,
    what_holds_what_is_sealed_holds_what_is_opened,
    what_was_too_warm_is_held_in_use_too,
    what_is_left_is_discarded,
    voids_leave_in_it_what_was_never_taken,
    a_numbered_pack_is_known_by_its_code_when_it_is_opened,
    what_cannot_be_opened,
    what_happened_is_recorded_all_the_same,
    what_is_entered_late,
    many_at_once_take_no_more_than_there_is,
);

impl Clinic<'_> {
    /// Syringes of 1.25 mL that keep for a day once they are opened.
    fn keeps_for_a_day(&self) {
        let answer = self.patch(&format!("/v1/products/{}", self.product), &json!({"in_use_hours": 24}));
        assert_eq!(answer.status, 200, "{}", answer.json());
    }

    fn opening(&self, lot: &str) -> Value {
        json!({"lot_id": lot, "location_id": self.stock})
    }

    fn open(&self, lot: &str) -> String {
        id(&self.create(Role::Practitioner, "/v1/containers", &self.opening(lot)))
    }

    fn container(&self, container: &str) -> Value {
        self.read(&format!("/v1/containers/{container}"))
    }

    /// So much of an opened unit for a patient.
    fn share(&self, container: &str, patient: &str, used: &str) -> Value {
        let mut body = self.administration("", 1);
        body.as_object_mut().unwrap().remove("lot_id");
        body["container_id"] = json!(container);
        body["patient_ref"] = json!(patient);
        body["treatment"]["amount_used"] = json!(used);
        body
    }

    fn give(&self, container: &str, patient: &str, used: &str) -> Value {
        self.create(Role::Practitioner, "/v1/administrations", &self.share(container, patient, used))
    }

    fn assert_not_given(&self, body: &Value, expected: &[&str]) -> Value {
        self.assert_refused(Role::Practitioner, "/v1/administrations", body, expected)
    }

    /// Units of a lot by state.
    fn units(&self, lot: &str) -> Vec<(String, i64)> {
        let items = self.read(&format!("/v1/stock?lot_id={lot}"))["items"].clone();
        let items = items.as_array().unwrap().iter();
        let mut units: Vec<_> =
            items.map(|item| (item["state"].as_str().unwrap().to_owned(), item["units"].as_i64().unwrap())).collect();
        units.sort();
        units
    }
}

fn of(expected: &[(&str, i64)]) -> Vec<(String, i64)> {
    expected.iter().map(|(state, units)| ((*state).to_owned(), *units)).collect()
}

fn a_unit_is_used_little_by_little(world: &World) {
    let clinic = world.clinic();
    clinic.keeps_for_a_day();
    let lot = clinic.receive_inspect_release("LOT1", 4);
    let mut body = clinic.opening(&lot);
    body["diluent"] = json!("NaCl 0.9 %");
    body["diluent_ul"] = json!(250);
    let opened = clinic.create(Role::Practitioner, "/v1/containers", &body);
    let found = ["amount", "amount_left", "amount_unit", "state"].map(|field| opened[field].as_str().unwrap());
    assert_eq!(found, ["1.25", "1.25", "mL", "open"]);
    // 1.25 mL and 0.25 mL; the clock of the tests says 10:00 on the first of July.
    assert_eq!((&opened["amount_left_ul"], &opened["patient_ref"]), (&json!(1500), &Value::Null));
    assert_eq!(
        opened["usable_until"].as_str().unwrap()[..16],
        world.clock.now().plus_minutes(24 * 60).to_string()[..16]
    );
    let container = id(&opened);
    assert_eq!(clinic.units(&lot), of(&[("available", 3), ("in_use", 1)]));
    let stock = clinic.read(&format!("/v1/stock?lot_id={lot}"))["items"].clone();
    // First expired first: what is opened comes before what is sealed (rule 14).
    assert_eq!((&stock[0]["container_id"], &stock[0]["effective_expiry"]), (&json!(container), &json!("2026-07-02")));

    let mut first = clinic.share(&container, "P-1001", "0.5");
    first["treatment"]["amount_discarded"] = json!("0.1");
    let first = clinic.create(Role::Practitioner, "/v1/administrations", &first);
    let said = (&first["container_id"], &first["units"], &first["lot_id"], &first["location_id"]);
    assert_eq!(said, (&json!(container), &json!(1), &json!(lot), &json!(clinic.stock)));
    let left = clinic.container(&container);
    // 0.65 of 1.25 mL are 780 of 1500 µL.
    assert_eq!((&left["amount_left"], &left["amount_left_ul"]), (&json!("0.65"), &json!(780)));
    assert_eq!((&left["patient_ref"], &left["state"]), (&json!("P-1001"), &json!("open")));
    let books = clinic.reconciliation(&lot);
    assert_eq!((&books["on_hand"], &books["administered"]), (&json!(4), &json!(0)));

    // No more than is left, and what is said of it.
    clinic.assert_not_given(&clinic.share(&container, "P-1001", "0.650001"), &["stock_not_on_hand"]);
    for (field, value, code) in
        [("/units", json!(2), "invalid_units"), ("/treatment/amount_used", Value::Null, "missing_field")]
    {
        let mut body = clinic.share(&container, "P-1001", "0.1");
        *body.pointer_mut(field).unwrap() = value;
        let (status, problem) = clinic.post(Role::Practitioner, "/v1/administrations", &body);
        assert_eq!((status, &problem["code"]), (422, &json!(code)), "{problem}");
    }
    clinic.give(&container, "P-1001", "0.65");
    assert_eq!(clinic.container(&container)["state"], "finished");
    assert_eq!(clinic.units(&lot), of(&[("available", 3)]));
    let books = clinic.reconciliation(&lot);
    assert_eq!((&books["on_hand"], &books["administered"], &books["balanced"]), (&json!(3), &json!(1), &json!(true)));
    clinic.assert_not_given(&clinic.share(&container, "P-1001", "0.1"), &["stock_not_on_hand"]);

    let listed = clinic.read(&format!("/v1/containers?lot_id={lot}&on_hand=false"))["items"].clone();
    assert_eq!(listed[0]["id"], json!(container));
    assert_eq!(clinic.read("/v1/containers?on_hand=true")["items"], json!([]));
    let custody = clinic.read(&format!("/v1/lots/{lot}/custody"))["events"].clone();
    let kinds: Vec<_> = custody.as_array().unwrap().iter().map(|event| event["kind"].as_str().unwrap()).collect();
    assert!(kinds.contains(&"container_opened"), "{kinds:?}");
}

fn it_serves_one_patient_unless_the_product_says_otherwise(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 2);
    let container = clinic.open(&lot);
    clinic.give(&container, "P-1001", "0.25");
    // Another spelling of the same is the same.
    clinic.give(&container, "p-1001", "0.25");
    let problem = clinic.assert_not_given(&clinic.share(&container, "P-2002", "0.25"), &["container_other_patient"]);
    assert!(!problem.to_string().contains("P-1001") && !problem.to_string().contains("P-2002"), "{problem}");
    let mut question = clinic.question(&scan("270630", "LOT1", None));
    question["container_id"] = json!(container);
    question["patient_ref"] = json!("P-2002");
    let scanned = clinic.create(Role::Practitioner, "/v1/scans", &question);
    assert_eq!(scanned["decision"]["reasons"], problem["reasons"]);
    question["patient_ref"] = json!("P-1001");
    let scanned = clinic.create(Role::Practitioner, "/v1/scans", &question);
    assert_eq!((&scanned["decision"]["allowed"], &scanned["container_id"]), (&json!(true), &json!(container)));

    let before = world.clock.now();
    world.clock.set("2026-07-01T12:00:00Z");
    let answer = clinic.patch(&format!("/v1/products/{}", clinic.product), &json!({"single_patient": false}));
    assert_eq!(answer.status, 200);
    let mut late = clinic.share(&container, "P-2002", "0.25");
    late["occurred_at"] = json!(before.plus_minutes(1));
    clinic.assert_not_given(&late, &["container_other_patient"]);
    let given = clinic.give(&container, "P-2002", "0.25");
    let basis = given["decision"]["basis"].as_array().unwrap().clone();
    let shared = basis.iter().find(|fact| fact["type"] == "shared").unwrap();
    assert_eq!((&shared["product_id"], &shared["said_by"]), (&json!(clinic.product), &json!("admin")), "{shared}");
    assert_eq!(&shared["said_at"].as_str().unwrap()[..16], "2026-07-01T12:00");
    assert_eq!(clinic.container(&container)["patient_ref"], Value::Null, "it served several");
    let answer = clinic.patch(&format!("/v1/products/{}", clinic.product), &json!({"single_patient": true}));
    assert_eq!(answer.status, 200);
    clinic.assert_not_given(&clinic.share(&container, "P-2002", "0.25"), &["container_other_patient"]);
}

fn its_in_use_life_ends(world: &World) {
    let clinic = world.clinic();
    clinic.keeps_for_a_day();
    let lot = clinic.receive_inspect_release("LOT1", 4);
    let container = clinic.open(&lot);
    let until = clinic.container(&container)["usable_until"].as_str().unwrap().to_owned();
    world.clock.set("2026-07-03T00:30:00Z");
    clinic.assert_not_given(&clinic.share(&container, "P-1001", "0.25"), &["container_in_use_expired"]);
    // The last moment counts; the one after it does not.
    let at = |moment: String| {
        let mut body = clinic.share(&container, "P-1001", "0.25");
        body["occurred_at"] = json!(moment);
        body
    };
    let last: lotline::clock::Moment = until.parse().unwrap();
    clinic.create(Role::Practitioner, "/v1/administrations", &at(until));
    clinic.assert_not_given(&at(last.next().to_string()), &["container_in_use_expired"]);
    // What is sealed is as good as before.
    assert_eq!(clinic.administer(&lot, 1).0, 201);

    // Without an in-use life the label's last day ends it, at the site.
    assert_eq!(clinic.patch(&format!("/v1/products/{}", clinic.product), &json!({"in_use_hours": null})).status, 200);
    let short = clinic.stocked("LOT2", "2026-07-10", 2);
    let container = clinic.open(&short);
    assert_eq!(clinic.container(&container)["usable_until"], "2026-07-10T22:59:59.999999Z");
    world.clock.set("2026-07-10T22:59:59Z");
    clinic.give(&container, "P-1001", "0.25");
    world.clock.set("2026-07-10T23:00:00Z");
    let gone = ["container_in_use_expired", "lot_expired"];
    clinic.assert_not_given(&clinic.share(&container, "P-1001", "0.25"), &gone);
}

fn what_holds_what_is_sealed_holds_what_is_opened(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 4);
    let container = clinic.open(&lot);
    let hold = clinic.hold(&lot);
    assert_eq!(clinic.units(&lot), of(&[("held", 1), ("held", 3)]));
    assert_eq!(clinic.container(&container)["state"], "held");
    clinic.assert_not_given(&clinic.share(&container, "P-1001", "0.25"), &["lot_on_hold"]);
    clinic.create(Role::Quality, &format!("/v1/holds/{}/lift", id(&hold)), &json!({"reason": "Nothing was found"}));
    assert_eq!(clinic.units(&lot), of(&[("available", 3), ("in_use", 1)]));
    clinic.give(&container, "P-1001", "0.25");
    // A hold on the account of the opened unit, as stock names it.
    let items = clinic.read(&format!("/v1/stock?lot_id={lot}&state=in_use"))["items"].clone();
    let scope = json!({"type": "account", "id": items[0]["account_id"]});
    clinic.create(Role::Quality, "/v1/holds", &json!({"scope": scope, "reason": "Dropped on the floor"}));
    clinic.assert_not_given(&clinic.share(&container, "P-1001", "0.25"), &["lot_on_hold"]);
    // It stays where it is while it is in use, and what is held can be set apart: it comes back as nothing that is sealed.
    let other = clinic.open_another(&lot);
    let moved = json!({
        "lot_id": lot, "from_location_id": clinic.stock, "to_location_id": clinic.quarantine, "units": 1, "state": "in_use",
        "reason": "Apart"
    });
    let (status, problem) = clinic.post(Role::Quality, "/v1/transfers", &moved);
    assert_eq!((status, &problem["code"]), (422, &json!("invalid_value")), "{other}");
}

impl Clinic<'_> {
    /// Whether another unit may be opened, or why not.
    fn open_another(&self, lot: &str) -> Value {
        self.post(Role::Practitioner, "/v1/containers", &self.opening(lot)).1
    }
}

fn what_was_too_warm_is_held_in_use_too(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 4);
    let container = clinic.open(&lot);
    let before = id(&clinic.give(&container, "P-1001", "0.25"));
    world.clock.set("2026-07-01T13:00:00Z");
    let during = id(&clinic.give(&container, "P-1001", "0.25"));
    world.clock.set("2026-07-01T13:10:00Z");
    let excursion = super::excursions::too_warm(world, &clinic.stock);
    assert_eq!(clinic.units(&lot), of(&[("held", 1), ("held", 3)]));
    let problem = clinic.assert_not_given(&clinic.share(&container, "P-1001", "0.25"), &["lot_on_hold"]);
    assert_eq!(problem["reasons"][0]["subject"], json!({"type": "excursion", "id": excursion}));
    let listed = || -> Vec<String> {
        let items = clinic.read(&format!("/v1/excursions/{excursion}/administrations"))["items"].clone();
        items.as_array().unwrap().iter().map(|row| row["administration_id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(listed().join(" "), during, "and not {before}, which was given before it began");
    // What was given all the same is listed, too.
    let mut late = clinic.share(&container, "P-1001", "0.25");
    late["retrospective"] = json!({"reason": "It was done already"});
    let late = id(&clinic.create(Role::Practitioner, "/v1/administrations", &late));
    let mut both = [during, late];
    both.sort();
    assert_eq!(listed(), both);
    let assessment = json!({"disposition": "release", "new_expiry": "2026-07-02", "reason": "Short"});
    clinic.create(Role::Quality, &format!("/v1/excursions/{excursion}/assessments"), &assessment);
    assert_eq!(clinic.units(&lot), of(&[("available", 3), ("in_use", 1)]));
    clinic.give(&container, "P-1001", "0.25");
    world.clock.set("2026-07-03T13:10:00Z");
    clinic.assert_not_given(&clinic.share(&container, "P-1001", "0.25"), &["lot_expired"]);
}

fn what_is_left_is_discarded(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 4);
    let container = clinic.open(&lot);
    clinic.give(&container, "P-1001", "0.25");
    // A hold forbids no discard (rule 20).
    clinic.hold(&lot);
    let path = format!("/v1/containers/{container}/discard");
    let body = json!({"reason": "In-use life over"});
    let finished = clinic.create(Role::Practitioner, &path, &body);
    let said = (&finished["state"], &finished["amount_left"], &finished["amount_left_ul"]);
    assert_eq!(said, (&json!("finished"), &json!("0"), &json!(0)));
    let books = clinic.reconciliation(&lot);
    assert_eq!((&books["wasted"], &books["administered"], &books["balanced"]), (&json!(1), &json!(0), &json!(true)));
    let before = world.database.state();
    let (status, problem) = clinic.post(Role::Quality, &path, &body);
    assert_eq!((status, &problem["code"]), (409, &json!("container_finished")));
    let nothing = format!("/v1/containers/{}/discard", container.replace('0', "1"));
    assert_eq!(clinic.post(Role::Quality, &nothing, &body).0, 404);
    assert_eq!(world.database.state(), before);
}

fn voids_leave_in_it_what_was_never_taken(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 4);
    let container = clinic.open(&lot);
    let void = |administration: &Value, is_there: bool| {
        let path = format!("/v1/administrations/{}/voids", id(administration));
        let body = json!({"reason": "Keyed wrongly", "returned_to_stock": is_there});
        clinic.post(Role::Quality, &path, &body)
    };
    let left = || clinic.container(&container)["amount_left"].as_str().unwrap().to_owned();
    let first = clinic.give(&container, "P-1001", "0.5");
    assert_eq!(void(&first, true).0, 201);
    assert_eq!((left().as_str(), &clinic.container(&container)["patient_ref"]), ("1.25", &json!("P-1001")));
    // It was opened, and recorded for somebody: that this was void does not open it for others (DOMAIN rule 18).
    let others = clinic.share(&container, "P-2002", "0.5");
    clinic.assert_not_given(&others, &["container_other_patient"]);
    let second = clinic.give(&container, "P-1001", "0.5");
    assert_eq!(void(&second, false).0, 201);
    assert_eq!(left(), "0.75", "what was taken is gone");
    clinic.assert_not_given(&others, &["container_other_patient"]);
    let third = clinic.give(&container, "P-1001", "0.5");
    let last = clinic.give(&container, "P-1001", "0.25");
    assert_eq!(clinic.reconciliation(&lot)["administered"], 1);
    // Used up by another: what the first of them did not take cannot be in it.
    let (status, problem) = void(&third, true);
    assert_eq!((status, &problem["code"]), (409, &json!("container_finished")), "{problem}");
    // A hold that was opened meanwhile holds what comes back.
    let hold = clinic.hold(&lot);
    assert_eq!(void(&last, true).0, 201);
    assert_eq!((left().as_str(), &clinic.container(&container)["state"]), ("0.25", &json!("held")));
    assert_eq!(clinic.reconciliation(&lot)["administered"], 0);
    clinic.create(Role::Quality, &format!("/v1/holds/{}/lift", id(&hold)), &json!({"reason": "Nothing was found"}));
    let last = clinic.give(&container, "P-1001", "0.25");
    assert_eq!(void(&last, false).0, 201);
    let books = clinic.reconciliation(&lot);
    assert_eq!((&books["administered"], &books["wasted"], &books["balanced"]), (&json!(0), &json!(1), &json!(true)));
    // Where the wrong patient was recorded, the right one is in retrospect, and quality looks at it.
    let container = clinic.open(&lot);
    let wrong = clinic.give(&container, "P-1001", "0.5");
    assert_eq!(void(&wrong, true).0, 201);
    let mut right = clinic.share(&container, "P-2002", "0.5");
    right["retrospective"] = json!({"reason": "P-1001 was keyed by mistake"});
    let made = clinic.create(Role::Practitioner, "/v1/administrations", &right);
    assert_eq!(made["deviation"]["reason_codes"], json!(["container_other_patient"]), "{made}");
}

fn a_numbered_pack_is_known_by_its_code_when_it_is_opened(world: &World) {
    let clinic = world.clinic();
    let code = scan("270630", "LOT1", Some("SN1"));
    let lines = json!([{"scan": code, "packs": 1}, {"scan": scan("270630", "LOT1", Some("SN2")), "packs": 1}]);
    let receipt = clinic.create(Role::Purchaser, "/v1/receipts", &clinic.receipt(lines));
    let lot = receipt["lines"][0]["lot_id"].as_str().unwrap().to_owned();
    let mut inspection = clinic.inspection(&id(&receipt), &lot, 4, 0);
    inspection["serials_passed"] = json!(["SN1", "SN2"]);
    clinic.create(Role::Purchaser, "/v1/inspections", &inspection);
    let mut release = clinic.release(4);
    release["serials"] = json!(["SN1", "SN2"]);
    clinic.create(Role::Quality, &format!("/v1/lots/{lot}/releases"), &release);

    clinic.assert_refused(Role::Practitioner, "/v1/containers", &clinic.opening(&lot), &["serials_required"]);
    let mut opening = clinic.opening(&lot);
    opening["serial"] = json!("SN9");
    clinic.assert_refused(Role::Practitioner, "/v1/containers", &opening, &["serial_unknown"]);
    opening["serial"] = json!("SN1");
    let container = id(&clinic.create(Role::Practitioner, "/v1/containers", &opening));
    // The pack has another unit: the code means that one.
    clinic.assert_at_the_chair(&code);
    // Now it has only the opened one, and the code means it.
    let scanned = clinic.create(Role::Practitioner, "/v1/scans", &clinic.question(&code));
    assert_eq!((&scanned["container_id"], &scanned["decision"]["allowed"]), (&json!(container), &json!(true)));
    let mut body = clinic.administration_of(&code);
    let (status, problem) = clinic.post(Role::Practitioner, "/v1/administrations", &body);
    assert_eq!((status, &problem["fields"]), (422, &json!(["treatment.amount_used"])));
    body["treatment"]["amount_used"] = json!("1");
    let given = clinic.create(Role::Practitioner, "/v1/administrations", &body);
    assert_eq!((&given["container_id"], &given["serial"]), (&json!(container), &json!("SN1")));
    body["treatment"]["amount_used"] = json!("0.25");
    clinic.create(Role::Practitioner, "/v1/administrations", &body);
    assert_eq!(clinic.container(&container)["state"], "finished");
    clinic.assert_not_at_the_chair(&code, &["serial_already_used"]);
    // A container of one lot is none of another's code.
    let other = clinic.receive_inspect_release("LOT2", 2);
    let another = clinic.open(&other);
    let mut mixed = clinic.share(&another, "P-1001", "0.25");
    mixed["scan"] = json!(scan("270630", "LOT1", Some("SN2")));
    let (status, problem) = clinic.post(Role::Practitioner, "/v1/administrations", &mixed);
    assert_eq!((status, &problem["fields"]), (422, &json!(["container_id"])), "{problem}");
}

fn what_cannot_be_opened(world: &World) {
    let clinic = world.clinic();
    let refused = |lot: &str, at: &str, codes: &[&str]| {
        let body = json!({"lot_id": lot, "location_id": at});
        clinic.assert_refused(Role::Practitioner, "/v1/containers", &body, codes)
    };
    let (_, waiting) = clinic.receive("WAITING", "2027-06-30", 1);
    refused(&waiting, &clinic.quarantine, &["location_purpose_mismatch", "lot_quarantined"]);
    refused(&waiting, &clinic.stock, &["stock_not_on_hand"]);
    let held = clinic.receive_inspect_release("HELD", 2);
    clinic.hold(&held);
    refused(&held, &clinic.stock, &["lot_on_hold"]);
    let short = clinic.stocked("SHORT", "2026-07-02", 2);
    let good = clinic.receive_inspect_release("GOOD", 2);
    for (changes, code) in [
        (json!({"diluent": "NaCl 0.9 %"}), "diluent_required"),
        (json!({"diluent_ul": 0}), "invalid_value"),
        (json!({"diluent_ul": 1_000_001}), "invalid_value"),
        (json!({"opened_at": "2026-07-09T00:00:00Z"}), "occurred_in_future"),
        (json!({"opened_at": "2026-01-01T00:00:00Z"}), "occurred_too_long_ago"),
        (json!({"location_id": "loc_01932c07-8d00-7000-8000-0000000000ff"}), "reference_unknown"),
    ] {
        let mut body = clinic.opening(&good);
        body.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        let (status, problem) = clinic.post(Role::Practitioner, "/v1/containers", &body);
        assert_eq!((status, &problem["code"]), (422, &json!(code)), "{problem}");
        let field = changes.as_object().unwrap().keys().next().unwrap();
        let field = if code == "diluent_required" { "diluent_ul" } else { field };
        assert_eq!(problem["fields"], json!([field]));
    }
    clinic.open(&good);
    clinic.open(&good);
    refused(&good, &clinic.stock, &["stock_not_on_hand"]);
    // With two of them open, nobody guesses which is meant.
    let (status, problem) = clinic.administer(&good, 1);
    assert_eq!((status, &problem["reasons"][0]["code"]), (409, &json!("stock_not_on_hand")));
    assert!(problem["reasons"][0]["message"].as_str().unwrap().contains("container_id"), "{problem}");
    world.clock.set("2026-07-03T10:00:00Z");
    refused(&short, &clinic.stock, &["lot_expired"]);
    // A powder has no volume until somebody says what it was diluted with.
    let mut powder = product(&super::support::clinic::gtin(3));
    powder["unit"] = json!({"presentation": "vial", "amount": "100", "amount_unit": "U"});
    powder["approvals"][0]["verified_on"] = json!(world.recent_day());
    clinic.create(Role::Admin, "/v1/products", &powder);
    let line = json!({"gtin": powder["gtin"], "lot": "TOX1", "expiry": "2027-06-30", "packs": 1});
    let receipt = clinic.create(Role::Purchaser, "/v1/receipts", &clinic.receipt(json!([line])));
    let lot = clinic.lot_of(&id(&receipt));
    clinic.create(Role::Purchaser, "/v1/inspections", &clinic.inspection(&id(&receipt), &lot, 2, 0));
    clinic.create(Role::Quality, &format!("/v1/lots/{lot}/releases"), &clinic.release(2));
    let dry = clinic.create(Role::Practitioner, "/v1/containers", &clinic.opening(&lot));
    assert_eq!((&dry["amount_left"], &dry["amount_left_ul"]), (&json!("100"), &Value::Null));
    let mut body = clinic.opening(&lot);
    body["diluent_ul"] = json!(2500);
    let container = id(&clinic.create(Role::Practitioner, "/v1/containers", &body));
    clinic.give(&container, "P-1001", "20");
    let left = clinic.container(&container);
    assert_eq!((&left["amount_left"], &left["amount_left_ul"]), (&json!("80"), &json!(2000)));
}

fn what_happened_is_recorded_all_the_same(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 2);
    let container = clinic.open(&lot);
    clinic.give(&container, "P-1001", "1");
    let mut body = clinic.share(&container, "P-2002", "0.5");
    clinic.assert_not_given(&body, &["container_other_patient", "stock_not_on_hand"]);
    body["retrospective"] = json!({"reason": "The vial was shared"});
    let recorded = clinic.create(Role::Practitioner, "/v1/administrations", &body);
    let codes = json!(["container_other_patient", "stock_not_on_hand"]);
    assert_eq!((&recorded["deviation"]["reason_codes"], &recorded["container_id"]), (&codes, &json!(container)));
    assert_eq!(clinic.container(&container)["state"], "finished", "it took what was left");
    let books = clinic.reconciliation(&lot);
    assert_eq!(
        (&books["administered"], &books["unaccounted"], &books["balanced"]),
        (&json!(1), &json!(0), &json!(true))
    );
}

fn what_is_entered_late(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 2);
    world.clock.set("2026-07-01T14:00:00Z");
    let hold = clinic.hold(&lot);
    // Opened before the hold: it was possible then, and the hold holds it since.
    let mut late = clinic.opening(&lot);
    late["opened_at"] = json!("2026-07-01T13:00:00Z");
    let container = id(&clinic.create(Role::Practitioner, "/v1/containers", &late));
    assert_eq!(clinic.container(&container)["state"], "held");
    let mut given = clinic.share(&container, "P-1001", "0.25");
    clinic.assert_not_given(&given, &["lot_on_hold"]);
    given["occurred_at"] = json!("2026-07-01T13:30:00Z");
    clinic.create(Role::Practitioner, "/v1/administrations", &given);
    given["occurred_at"] = json!("2026-07-01T12:59:00Z");
    clinic.assert_not_given(&given, &["stock_not_on_hand"]);
    // Used up before the hold, which held one unit fewer then.
    given["occurred_at"] = json!("2026-07-01T13:40:00Z");
    given["treatment"]["amount_used"] = json!("1");
    clinic.create(Role::Practitioner, "/v1/administrations", &given);
    assert_eq!(clinic.units(&lot), of(&[("held", 1)]));
    assert_eq!(clinic.container(&container)["state"], "finished");
    clinic.create(Role::Quality, &format!("/v1/holds/{}/lift", id(&hold)), &json!({"reason": "Nothing was found"}));
    assert_eq!(clinic.units(&lot), of(&[("available", 1)]));

    // Discarded before a hold, and entered after it: the hold had nothing of it.
    let other = clinic.receive_inspect_release("LOT2", 2);
    let container = clinic.open(&other);
    world.clock.set("2026-07-01T16:00:00Z");
    let hold = clinic.hold(&other);
    assert_eq!(clinic.units(&other), of(&[("held", 1), ("held", 1)]));
    let discard = json!({"reason": "Dropped", "occurred_at": "2026-07-01T15:00:00Z"});
    clinic.create(Role::Practitioner, &format!("/v1/containers/{container}/discard"), &discard);
    assert_eq!(clinic.units(&other), of(&[("held", 1)]));
    clinic.create(Role::Quality, &format!("/v1/holds/{}/lift", id(&hold)), &json!({"reason": "Nothing was found"}));
    let books = clinic.reconciliation(&other);
    assert_eq!((&books["wasted"], &books["on_hand"], &books["balanced"]), (&json!(1), &json!(1), &json!(true)));
}

fn many_at_once_take_no_more_than_there_is(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 4);
    let count = |statuses: &[u16], wanted: u16| statuses.iter().filter(|status| **status == wanted).count();
    let at_once = |send: &(dyn Fn(usize) -> u16 + Sync), times: usize| -> Vec<u16> {
        std::thread::scope(|scope| {
            let sent: Vec<_> = (0..times).map(|number| scope.spawn(move || send(number))).collect();
            sent.into_iter().map(|sent| sent.join().unwrap()).collect()
        })
    };
    let opened = at_once(&|_| clinic.post(Role::Practitioner, "/v1/containers", &clinic.opening(&lot)).0, 9);
    assert_eq!((count(&opened, 201), count(&opened, 409)), (4, 5), "{opened:?}");
    let container = id(&clinic.read(&format!("/v1/containers?lot_id={lot}"))["items"][0]);
    // Five shares of a quarter are all of it, whoever they are for.
    let body = clinic.share(&container, "P-1001", "0.25");
    let given = at_once(&|_| clinic.post(Role::Practitioner, "/v1/administrations", &body).0, 9);
    assert_eq!((count(&given, 201), count(&given, 409)), (5, 4), "{given:?}");
    // The first of several patients has it.
    let other = id(&clinic.read(&format!("/v1/containers?lot_id={lot}"))["items"][1]);
    let body = |number: usize| clinic.share(&other, &format!("P-{number}"), "0.1");
    let given = at_once(&|number| clinic.post(Role::Practitioner, "/v1/administrations", &body(number)).0, 6);
    assert_eq!((count(&given, 201), count(&given, 409)), (1, 5), "{given:?}");
    assert_eq!(clinic.reconciliation(&lot)["balanced"], true);
}
