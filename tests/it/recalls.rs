//! Recalls: what they hold, how they keep watch, who has had it, and how they end (DOMAIN.md, rules 20a, 21 and 22).

use lotline::caller::Role;
use serde_json::{Value, json};

use super::races::at_once;
use super::support::client::{Answer, codes};
use super::support::clinic::{EXPIRY, GTIN, gtin, id, location, product, scan, site};
use super::support::{Clinic, World, on_both_databases};

on_both_databases!(
    what_is_recalled_is_held_everywhere_until_the_recall_is_closed,
    one_that_matches_nothing_keeps_watch,
    what_looks_like_it_is_shown_and_taken_in_by_a_person,
    packs_are_recalled_by_their_numbers_and_no_others,
    a_recall_by_manufacture_follows_what_becomes_known,
    a_whole_product_is_recalled,
    the_same_reference_is_one_recall,
    what_happened_before_it_is_judged_by_its_moment,
    what_is_opened_and_what_comes_back_is_covered,
    its_impact_is_one_answer,
    its_campaign_reaches_everyone,
    what_is_left_is_rejected_where_it_must_go,
    a_token_for_a_site_acts_on_its_site,
    what_makes_no_sense_is_refused,
    nothing_passes_a_recall_that_is_opened_meanwhile,
);

impl Clinic<'_> {
    /// A recall of what these fields name.
    fn recalling(&self, reference: &str, fields: &Value) -> Value {
        let mut body = json!({
            "reference": reference, "classification": "class_2", "gtin": GTIN, "reason": "Wrong needle in some packs"
        });
        body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        body
    }

    fn recall(&self, fields: &Value) -> Value {
        self.create(Role::Quality, "/v1/recalls", &self.recalling("FSN-2026-17", fields))
    }

    /// Asks as somebody else of quality.
    fn post_as(&self, subject: &str, path: &str, body: &Value) -> (u16, Value) {
        self.http.post(&self.token_as(subject, &[Role::Quality]), path, body)
    }

    fn close_as(&self, subject: &str, recall: &str, body: &Value) -> (u16, Value) {
        self.post_as(subject, &format!("/v1/recalls/{recall}/close"), body)
    }

    /// Units of a lot by state.
    fn by_state(&self, lot: &str) -> Vec<(String, i64)> {
        let stock = self.read(&format!("/v1/stock?lot_id={lot}"));
        let items = stock["items"].as_array().unwrap().iter();
        let mut units: Vec<_> =
            items.map(|item| (item["state"].as_str().unwrap().to_owned(), item["units"].as_i64().unwrap())).collect();
        units.sort();
        units
    }

    fn assert_states(&self, lot: &str, expected: &[(&str, i64)]) {
        let expected: Vec<_> = expected.iter().map(|(state, units)| ((*state).to_owned(), *units)).collect();
        assert_eq!(self.by_state(lot), expected);
    }

    /// Receives and inspects packs with these numbers; all are released if so asked.
    fn numbered(&self, lot: &str, serials: &[&str], is_released: bool) -> (String, String) {
        let lines: Vec<_> =
            serials.iter().map(|serial| json!({"scan": scan("270630", lot, Some(serial)), "packs": 1})).collect();
        let made = self.create(Role::Purchaser, "/v1/receipts", &self.receipt(json!(lines)));
        let lot = made["lines"][0]["lot_id"].as_str().unwrap().to_owned();
        let units = i64::try_from(serials.len()).unwrap() * 2;
        self.create(Role::Purchaser, "/v1/inspections", &self.inspection(&id(&made), &lot, units, 0));
        if is_released {
            let mut release = self.release(units);
            release["serials"] = json!(serials);
            self.create(Role::Quality, &format!("/v1/lots/{lot}/releases"), &release);
        }
        (lot, id(&made))
    }

    fn impact(&self, recall: &str, accept: &str, query: &str) -> Answer {
        let bearer = format!("Bearer {}", self.token(Role::Auditor));
        let headers = [("authorization", bearer.as_str()), ("accept", accept)];
        self.http.send("GET", &format!("/v1/recalls/{recall}/impact{query}"), &headers, None)
    }
}

/// A recall of one lot.
pub fn of_lot(clinic: &Clinic, lot: &str) {
    clinic.recall(&json!({"lots": [lot]}));
}

/// A recall that matches nothing.
pub fn of_nothing(clinic: &Clinic) {
    clinic.recall(&json!({"lots": ["NEVER-CAME"]}));
}

fn lots_of(recall: &Value) -> Vec<&str> {
    recall["covered"].as_array().unwrap().iter().map(|lot| lot["lot_id"].as_str().unwrap()).collect()
}

fn kinds(world: &World, lot: &str) -> Vec<String> {
    let custody = world.read(&format!("/v1/lots/{lot}/custody"));
    custody["events"].as_array().unwrap().iter().map(|event| event["kind"].as_str().unwrap().to_owned()).collect()
}

fn what_is_recalled_is_held_everywhere_until_the_recall_is_closed(world: &World) {
    let clinic = world.clinic();
    let (first, other) = (clinic.receive_inspect_release("HC24A", 4), clinic.receive_inspect_release("HC24B", 2));
    let (receipt, _) = clinic.receive("HC24A", EXPIRY, 2);
    let recall = clinic.recall(&json!({"lots": ["hc24a"]}));
    assert_eq!((&recall["matched"], lots_of(&recall)), (&json!(true), vec![first.as_str()]), "{recall}");
    assert_eq!(recall["campaign"]["outstanding"]["units_on_hand"], 8);
    // What is in quarantine stays there; what was available is held.
    clinic.assert_states(&first, &[("held", 4), ("quarantined", 4)]);
    clinic.assert_states(&other, &[("available", 2)]);
    let code = scan("270630", "HC24A", None);
    clinic.assert_not_at_the_chair(&code, &["lot_recalled", "lot_quarantined"]);
    let scanned = clinic.create(Role::Practitioner, "/v1/scans", &clinic.question(&code));
    let reason = &scanned["decision"]["reasons"][0];
    assert_eq!(reason["subject"], json!({"type": "recall", "id": "FSN-2026-17"}));
    assert_eq!(reason["message"], "Lot HC24A is recalled (FSN-2026-17): Wrong needle in some packs");
    clinic.assert_at_the_chair(&scan("270630", "HC24B", None));
    // It may be inspected, and not released; returned, wasted and destroyed.
    clinic.create(Role::Purchaser, "/v1/inspections", &clinic.inspection(&receipt, &first, 4, 0));
    let releases = format!("/v1/lots/{first}/releases");
    clinic.assert_refused(Role::Quality, &releases, &clinic.release(2), &["lot_recalled"]);
    let gone = json!({"lot_id": first, "from_location_id": clinic.quarantine, "units": 2, "reason": "Recalled"});
    clinic.create(Role::Quality, "/v1/returns", &gone);
    let wasted = json!({"lot_id": first, "from_location_id": clinic.stock, "units": 1, "reason": "Dropped"});
    clinic.create(Role::Quality, "/v1/wastages", &wasted);
    // Lifting its hold is not for anybody; one that somebody else opened frees nothing.
    let holds = world.read("/v1/holds?open=true");
    let own = &holds["items"][0];
    let said = (&own["cause"]["type"], &own["cause"]["id"], &own["cause"]["reference"], &own["scope"]["id"]);
    assert_eq!(said, (&json!("recall"), &recall["id"], &json!("FSN-2026-17"), &json!(first)));
    let (status, problem) =
        clinic.post_as("olga", &format!("/v1/holds/{}/lift", id(own)), &json!({"reason": "It is fine"}));
    assert_eq!((status, &problem["code"]), (409, &json!("held_by_recall")), "{problem}");
    let hold = id(&clinic.hold(&first));
    clinic.create(Role::Quality, &format!("/v1/holds/{hold}/lift"), &json!({"reason": "Unrelated"}));
    clinic.assert_states(&first, &[("held", 3), ("passed", 2)]);

    // Who opened it does not close it, and nobody does without a word on what is left.
    let recall = id(&recall);
    let (status, problem) = clinic.close_as("quality", &recall, &json!({"remaining": "release", "reason": "Done"}));
    assert_eq!((status, &problem["code"]), (409, &json!("self_closed_recall")), "{problem}");
    let (status, problem) = clinic.close_as("olga", &recall, &json!({"remaining": "release"}));
    assert_eq!((status, &problem["code"]), (409, &json!("recall_outstanding")), "{problem}");
    let (status, problem) = clinic.close_as("olga", &recall, &json!({"reason": "A mistake of the maker"}));
    assert_eq!((status, &problem["code"]), (422, &json!("missing_field")), "{problem}");
    let end = json!({"remaining": "release", "reason": "A mistake of the maker"});
    let (status, closed) = clinic.close_as("olga", &recall, &end);
    assert_eq!((status, &closed["closing"]["remaining"]), (200, &json!("release")), "{closed}");
    assert_eq!(closed["closing"]["outstanding"]["units_on_hand"], 5);
    clinic.assert_states(&first, &[("available", 3), ("passed", 2)]);
    assert_eq!(clinic.administer(&first, 1).0, 201);
    let (status, problem) = clinic.close_as("olga", &recall, &end);
    assert_eq!((status, &problem["code"]), (409, &json!("recall_closed")), "{problem}");
    let told = kinds(world, &first);
    for kind in ["recall_opened", "hold_opened", "recall_closed", "hold_lifted"] {
        assert!(told.contains(&kind.to_owned()), "{kind}: {told:?}");
    }
    assert!(!kinds(world, &other).contains(&"recall_opened".to_owned()));
}

fn one_that_matches_nothing_keeps_watch(world: &World) {
    let clinic = world.clinic();
    let recall = clinic.recall(&json!({"lots": ["HC24A"]}));
    assert_eq!((&recall["matched"], &recall["covered"]), (&json!(false), &json!([])), "{recall}");
    assert_eq!((&recall["near_misses"], &recall["campaign"]["effectiveness"]), (&json!([]), &json!(100)));
    // What arrives tomorrow is covered, and not released.
    world.clock.advance_days(1);
    let (receipt, lot) = clinic.receive("hc24a", EXPIRY, 2);
    let shown = world.read(&format!("/v1/recalls/{}", id(&recall)));
    assert_eq!((&shown["matched"], lots_of(&shown)), (&json!(true), vec![lot.as_str()]));
    assert!(kinds(world, &lot).contains(&"recall_extended".to_owned()));
    clinic.create(Role::Purchaser, "/v1/inspections", &clinic.inspection(&receipt, &lot, 4, 0));
    let releases = format!("/v1/lots/{lot}/releases");
    clinic.assert_refused(Role::Quality, &releases, &clinic.release(4), &["lot_recalled"]);
    // More of the same lot: it is covered once.
    clinic.receive("hc24a", EXPIRY, 1);
    assert_eq!(world.read("/v1/holds")["items"].as_array().unwrap().len(), 1);
    // What was keyed wrongly is covered when it is corrected.
    let (receipt, _) = clinic.receive("HC24X", EXPIRY, 1);
    let line = world.read(&format!("/v1/receipts/{receipt}"))["lines"][0]["id"].clone();
    let correction = json!({"line_id": line, "lot": "HC24A", "reason": "Read again"});
    let corrected = clinic.create(Role::Purchaser, &format!("/v1/receipts/{receipt}/corrections"), &correction);
    let lines = corrected["lines"].as_array().unwrap();
    let right = lines.iter().find(|line| line["lot"] == "HC24A").unwrap()["lot_id"].as_str().unwrap();
    let shown = world.read(&format!("/v1/recalls/{}", id(&recall)));
    assert!(lots_of(&shown).contains(&right), "{shown}");
    // A product that nobody knew is known when it is registered.
    let unknown = json!({"gtin": gtin(77), "lots": ["NEW1"]});
    let early = clinic.create(Role::Quality, "/v1/recalls", &clinic.recalling("FSN-2026-18", &unknown));
    assert_eq!(early["matched"], false);
    let mut other = product(&gtin(77));
    other["approvals"][0]["verified_on"] = json!(world.recent_day());
    clinic.create(Role::Admin, "/v1/products", &other);
    let lines = json!([{"gtin": gtin(77), "lot": "NEW1", "expiry": EXPIRY, "packs": 1}]);
    let made = clinic.create(Role::Purchaser, "/v1/receipts", &clinic.receipt(lines));
    let shown = world.read(&format!("/v1/recalls/{}", id(&early)));
    assert_eq!(lots_of(&shown), [made["lines"][0]["lot_id"].as_str().unwrap()]);
    // A closed one watches no more.
    let (status, _) = clinic.close_as("olga", &id(&early), &json!({"remaining": "destroy", "reason": "Withdrawn"}));
    assert_eq!(status, 200);
    let lines = json!([{"gtin": gtin(77), "lot": "new1", "expiry": EXPIRY, "packs": 1}]);
    let made = clinic.create(Role::Purchaser, "/v1/receipts", &clinic.receipt(lines));
    let after = made["lines"][0]["lot_id"].as_str().unwrap();
    assert!(!lots_of(&world.read(&format!("/v1/recalls/{}", id(&early)))).contains(&after));
    // A lot that was used though it was never received is covered, too.
    let mut used = clinic.administration_of(&scan("270630", "hC24a", None));
    used["retrospective"] = json!({"reason": "Found in the paper notes"});
    let used = clinic.create(Role::Practitioner, "/v1/administrations", &used);
    let impact = world.read(&format!("/v1/recalls/{}/impact", id(&recall)));
    assert_eq!(impact["administered"][0]["administration_id"], used["id"], "{impact}");
}

fn what_looks_like_it_is_shown_and_taken_in_by_a_person(world: &World) {
    let clinic = world.clinic();
    let exact = clinic.receive_inspect_release("HC204", 2);
    let alike = clinic.receive_inspect_release("HC2O4", 2);
    let zero = clinic.receive_inspect_release("HC0204", 2);
    clinic.receive_inspect_release("HC205", 2);
    let recall = clinic.recall(&json!({"lots": ["HC204"]}));
    assert_eq!(lots_of(&recall), [exact.as_str()]);
    let near: Vec<_> = recall["near_misses"].as_array().unwrap().iter().map(|miss| &miss["lot_id"]).collect();
    assert_eq!(near, [&json!(alike), &json!(zero)], "{recall}");
    assert!(recall["near_misses"].as_array().unwrap().iter().all(|miss| miss["because"] == "lot_text"));
    clinic.assert_states(&alike, &[("available", 2)]);
    let path = format!("/v1/recalls/{}/lots", id(&recall));
    let meant = json!({"lot_id": alike, "reason": "The notice means this one, too"});
    let extended = clinic.create(Role::Quality, &path, &meant);
    assert_eq!(lots_of(&extended).len(), 2);
    assert_eq!(extended["near_misses"].as_array().unwrap().len(), 1);
    clinic.assert_states(&alike, &[("held", 2)]);
    clinic.assert_not_at_the_chair(&scan("270630", "HC2O4", None), &["lot_recalled"]);
    let events = world.read("/v1/events?kind=recall_extended");
    assert_eq!(events["items"][0]["details"]["reason"], "The notice means this one, too");
    let (status, problem) = clinic.post(Role::Quality, &path, &meant);
    assert_eq!((status, &problem["code"]), (409, &json!("recalled_already")));
    // One of another product is not meant.
    let mut other = product(&gtin(78));
    other["approvals"][0]["verified_on"] = json!(world.recent_day());
    clinic.create(Role::Admin, "/v1/products", &other);
    let lines = json!([{"gtin": gtin(78), "lot": "HC204", "expiry": EXPIRY, "packs": 1}]);
    let made = clinic.create(Role::Purchaser, "/v1/receipts", &clinic.receipt(lines));
    let (status, problem) =
        clinic.post(Role::Quality, &path, &json!({"lot_id": made["lines"][0]["lot_id"], "reason": "This one"}));
    assert_eq!((status, &problem["code"]), (422, &json!("invalid_value")), "{problem}");
}

fn packs_are_recalled_by_their_numbers_and_no_others(world: &World) {
    let clinic = world.clinic();
    let (lot, _) = clinic.numbered("LOT1", &["SN1", "SN2", "SN3", "SN4"], true);
    let (waiting, _) = clinic.numbered("LOT2", &["SN5", "SN6", "sn2"], false);
    let named = json!({"serials": ["SN2", "SN5"], "serial_ranges": [{"from": "SN4", "to": "SN4"}]});
    let recall = clinic.recall(&named);
    assert_eq!(recall["covered"][0]["serials"], json!(["SN2", "SN4"]), "{recall}");
    assert_eq!(recall["covered"][1]["serials"], json!(["SN5"]), "{recall}");
    let near = &recall["near_misses"];
    assert_eq!((&near[0]["serial"], &near[0]["because"]), (&json!("sn2"), &json!("serial")), "{near}");
    clinic.assert_states(&lot, &[("available", 4), ("held", 4)]);
    let label = |serial: &str| scan("270630", "LOT1", Some(serial));
    clinic.assert_at_the_chair(&label("SN1"));
    clinic.assert_not_at_the_chair(&label("SN2"), &["lot_recalled"]);
    clinic.assert_not_at_the_chair(&label("SN4"), &["lot_recalled"]);
    // In quarantine: the one that is named stays, the others may go.
    let releases = format!("/v1/lots/{waiting}/releases");
    let mut release = clinic.release(4);
    release["serials"] = json!(["SN5", "SN6"]);
    clinic.assert_refused(Role::Quality, &releases, &release, &["lot_recalled"]);
    (release["serials"], release["units"]) = (json!(["SN6"]), json!(2));
    clinic.create(Role::Quality, &releases, &release);
    // A hold on the whole lot comes and goes, and what is recalled stays held.
    let hold = id(&clinic.hold(&lot));
    clinic.assert_states(&lot, &[("held", 7)]);
    clinic.create(Role::Quality, &format!("/v1/holds/{hold}/lift"), &json!({"reason": "Unrelated"}));
    clinic.assert_states(&lot, &[("available", 3), ("held", 4)]);
    // Held packs move set apart, and come back held; others move as they like.
    let transfer = |serial: &str, from: &str, to: &str| {
        json!({
            "lot_id": lot, "from_location_id": from, "to_location_id": to, "units": 2, "serials": [serial],
            "reason": "Restocking"
        })
    };
    let second = id(&clinic.create(Role::Admin, "/v1/locations", &location(&clinic.site, "stock")));
    clinic.create(Role::Quality, "/v1/transfers", &transfer("SN3", &clinic.stock, &second));
    clinic.assert_refused(Role::Quality, "/v1/transfers", &transfer("SN2", &clinic.stock, &second), &["lot_recalled"]);
    let apart = clinic.create(Role::Quality, "/v1/transfers", &transfer("SN2", &clinic.stock, &clinic.quarantine));
    clinic.create(Role::Quality, &format!("/v1/movements/{}/reversals", id(&apart)), &json!({"reason": "Slip"}));
    clinic.assert_not_at_the_chair(&label("SN2"), &["lot_recalled"]);
    // A pack that arrives is covered by its number alone.
    let (late, _) = clinic.numbered("LOT1", &["SN7"], false);
    assert_eq!(late, lot);
    let shown = world.read(&format!("/v1/recalls/{}", id(&recall)));
    assert_eq!(shown["covered"][0]["serials"], json!(["SN2", "SN4"]));
    // The impact is theirs alone.
    let impact = world.read(&format!("/v1/recalls/{}/impact", id(&recall)));
    let totals = &impact["totals"];
    assert_eq!((&totals["received"], &totals["on_hand"], &totals["administered"]), (&json!(6), &json!(6), &json!(0)));
    assert_eq!((&impact["balanced"], &impact["administered"]), (&json!(true), &json!([])), "{impact}");
    let meant = json!({"lot_id": waiting, "serials": ["sn2"], "reason": "The scanner writes small letters"});
    clinic.create(Role::Quality, &format!("/v1/recalls/{}/lots", id(&recall)), &meant);
    let (status, closed) = clinic.close_as("olga", &id(&recall), &json!({"remaining": "release", "reason": "Fine"}));
    assert_eq!(status, 200, "{closed}");
    clinic.assert_at_the_chair(&label("SN2"));
}

fn a_recall_by_manufacture_follows_what_becomes_known(world: &World) {
    let clinic = world.clinic();
    let (receipt, lot) = clinic.receive("LOT1", EXPIRY, 2);
    let made = json!({"manufactured": {"from": "2026-01-01", "to": "2026-01-31"}});
    let recall = clinic.recall(&made);
    assert_eq!(recall["matched"], false);
    let near = &recall["near_misses"][0];
    assert_eq!((&near["lot_id"], &near["because"]), (&json!(lot), &json!("manufacture_unknown")), "{recall}");
    let line = world.read(&format!("/v1/receipts/{receipt}"))["lines"][0]["id"].clone();
    let body = json!({"line_id": line, "production_date": "2026-01-10", "reason": "Read again"});
    clinic.create(Role::Purchaser, &format!("/v1/receipts/{receipt}/corrections"), &body);
    let shown = world.read(&format!("/v1/recalls/{}", id(&recall)));
    assert_eq!((lots_of(&shown), &shown["near_misses"]), (vec![lot.as_str()], &json!([])), "{shown}");
    clinic.assert_not_at_the_chair(&scan("270630", "LOT1", None), &["lot_recalled", "lot_quarantined"]);
}

fn a_whole_product_is_recalled(world: &World) {
    let clinic = world.clinic();
    let first = clinic.receive_inspect_release("LOT1", 4);
    assert_eq!(clinic.administer(&first, 1).0, 201);
    let recall = clinic.recall(&json!({}));
    assert_eq!(lots_of(&recall), [first.as_str()]);
    clinic.assert_states(&first, &[("held", 3)]);
    clinic.assert_not_at_the_chair(&scan("270630", "LOT1", None), &["lot_recalled"]);
    let (receipt, second) = clinic.receive("LOT2", EXPIRY, 1);
    clinic.create(Role::Purchaser, "/v1/inspections", &clinic.inspection(&receipt, &second, 2, 0));
    let releases = format!("/v1/lots/{second}/releases");
    clinic.assert_refused(Role::Quality, &releases, &clinic.release(2), &["lot_recalled"]);
    let impact = world.read(&format!("/v1/recalls/{}/impact", id(&recall)));
    assert_eq!((&impact["totals"]["received"], &impact["totals"]["on_hand"]), (&json!(6), &json!(5)), "{impact}");
    assert_eq!(impact["administered"].as_array().unwrap().len(), 1);
    assert_eq!(world.read("/v1/holds")["items"].as_array().unwrap().len(), 1);
}

fn the_same_reference_is_one_recall(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 2);
    let recall = clinic.recall(&json!({"lots": ["LOT1"]}));
    let events = world.database.count("events");
    let again = clinic.recalling(" fsn-2026-17".trim(), &json!({"lots": ["LOT1"]}));
    let again = clinic.create(Role::Quality, "/v1/recalls", &again);
    assert_eq!((&again["id"], world.database.count("events")), (&recall["id"], events));
    let other = clinic.recalling("fsn 2026/17", &json!({"lots": ["LOT2"]}));
    let (status, problem) = clinic.post(Role::Quality, "/v1/recalls", &other);
    assert_eq!((status, &problem["code"]), (409, &json!("recall_reference_taken")), "{problem}");
    // Two recalls of the same: each holds it, and it is free when both are closed.
    let second = clinic.recalling("FSN-2026-18", &json!({"lots": ["LOT1"]}));
    let second = clinic.create(Role::Quality, "/v1/recalls", &second);
    let end = json!({"remaining": "release", "reason": "Done"});
    assert_eq!(clinic.close_as("olga", &id(&recall), &end).0, 200);
    clinic.assert_states(&lot, &[("held", 2)]);
    assert_eq!(clinic.close_as("olga", &id(&second), &end).0, 200);
    clinic.assert_states(&lot, &[("available", 2)]);
    let list = world.read("/v1/recalls?open=false");
    assert_eq!(list["items"].as_array().unwrap().len(), 2);
    for spelt in ["fsn-2026-18", "FSN%202026%2F18", "fsn_2026--18."] {
        assert_eq!(world.read(&format!("/v1/recalls?reference={spelt}"))["items"][0]["id"], second["id"], "{spelt}");
    }
    // Where nothing stands between two words, it is another one.
    for other in ["FSN-202618", "FSN-2026-1-8"] {
        assert_eq!(world.read(&format!("/v1/recalls?reference={other}"))["items"], json!([]), "{other}");
    }
    assert_eq!(world.read("/v1/recalls?open=true")["items"], json!([]));
}

fn what_happened_before_it_is_judged_by_its_moment(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 4);
    world.clock.advance_days(2);
    let at = |days: i64| world.clock.now().plus_days(days).to_string();
    let mut body = clinic.recalling("FSN-2026-17", &json!({"lots": ["LOT1"]}));
    body["occurred_at"] = json!(at(-1));
    clinic.create(Role::Quality, "/v1/recalls", &body);
    let mut given = clinic.administration(&lot, 1);
    given["occurred_at"] = json!(world.clock.now().plus_minutes(-36 * 60).to_string());
    // It was not recalled then: it draws from what the recall holds now.
    clinic.create(Role::Practitioner, "/v1/administrations", &given);
    clinic.assert_states(&lot, &[("held", 3)]);
    given["occurred_at"] = json!(world.clock.now().plus_minutes(-12 * 60).to_string());
    clinic.assert_refused(Role::Practitioner, "/v1/administrations", &given, &["lot_recalled"]);
    let books = clinic.reconciliation(&lot);
    assert_eq!((&books["on_hand"], &books["administered"], &books["balanced"]), (&json!(3), &json!(1), &json!(true)));
    // What becomes known to be of it counts from its moment on, too.
    let (receipt, late) = clinic.receive("lot1", EXPIRY, 1);
    clinic.create(Role::Purchaser, "/v1/inspections", &clinic.inspection(&receipt, &late, 2, 0));
    let hold = world.read("/v1/holds")["items"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((&hold["scope"]["id"], &hold["opened_at"]), (&json!(late), &body["occurred_at"]));
}

fn what_is_opened_and_what_comes_back_is_covered(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 6);
    let opening = json!({"lot_id": lot, "location_id": clinic.stock});
    let container = clinic.create(Role::Practitioner, "/v1/containers", &opening);
    let mut share = clinic.administration(&lot, 1);
    share["container_id"] = container["id"].clone();
    share["treatment"]["amount_used"] = json!("0.5");
    clinic.create(Role::Practitioner, "/v1/administrations", &share);
    let (status, given) = clinic.administer(&lot, 1);
    assert_eq!(status, 201);
    let recall = clinic.recall(&json!({"lots": ["LOT1"]}));
    clinic.assert_states(&lot, &[("held", 1), ("held", 4)]);
    let impact = world.read(&format!("/v1/recalls/{}/impact", id(&recall)));
    assert_eq!(impact["opened"][0]["container_id"], container["id"], "{impact}");
    // A share of the opened unit is told with its container: the sums count that unit once, and only when it is used up.
    let shares: Vec<_> = impact["administered"].as_array().unwrap().iter().map(|row| &row["container_id"]).collect();
    assert_eq!(shares, [&container["id"], &Value::Null]);
    assert_eq!((&impact["totals"]["administered"], &impact["totals"]["on_hand"]), (&json!(1), &json!(5)));
    // A void and a count bring units into quarantine, where the recall keeps them.
    let back = json!({"reason": "Wrong patient", "returned_to_stock": true});
    clinic.create(Role::Quality, &format!("/v1/administrations/{}/voids", id(&given)), &back);
    let count = json!({"lot_id": lot, "location_id": clinic.stock, "units_counted": 6, "reason": "Monthly"});
    let count = id(&clinic.create(Role::Quality, "/v1/counts", &count));
    let (status, approved) =
        clinic.post_as("olga", &format!("/v1/movements/{count}/approvals"), &json!({"reason": "Counted again"}));
    assert_eq!(status, 201, "{approved}");
    clinic.assert_states(&lot, &[("held", 1), ("held", 4), ("quarantined", 1), ("quarantined", 1)]);
    let (status, problem) = clinic.post(Role::Quality, &format!("/v1/lots/{lot}/releases"), &clinic.release(1));
    assert!(status == 409 && codes(&problem).contains(&"lot_recalled".to_owned()), "{problem}");
    let (status, closed) = clinic.close_as("olga", &id(&recall), &json!({"remaining": "release", "reason": "Fine"}));
    assert_eq!(status, 200, "{closed}");
    clinic.assert_states(&lot, &[("available", 4), ("in_use", 1), ("quarantined", 1), ("quarantined", 1)]);
}

fn its_impact_is_one_answer(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 20);
    let other = clinic.receive_inspect_release("LOT2", 4);
    clinic.receive("LOT1", EXPIRY, 2);
    for (number, patient) in ["P-1", "=HYPERLINK(\"x\")", "+49", "a,b\"c"].iter().enumerate() {
        let mut body = clinic.administration(&lot, 1 + i64::try_from(number % 2).unwrap());
        body["patient_ref"] = json!(patient);
        clinic.create(Role::Practitioner, "/v1/administrations", &body);
    }
    let void = clinic.administer(&lot, 1).1;
    clinic.create(
        Role::Quality,
        &format!("/v1/administrations/{}/voids", id(&void)),
        &json!({"reason": "Wrong patient", "returned_to_stock": false}),
    );
    assert_eq!(clinic.administer(&other, 1).0, 201);
    let from =
        |place: &str, units: i64| json!({"lot_id": lot, "from_location_id": place, "units": units, "reason": "Out"});
    clinic.create(Role::Quality, "/v1/wastages", &from(&clinic.stock, 2));
    clinic.create(Role::Quality, "/v1/returns", &from(&clinic.quarantine, 1));
    let destroyed = clinic.create(Role::Quality, "/v1/destructions", &from(&clinic.quarantine, 1));
    let reversal = json!({"reason": "Another lot"});
    clinic.create(Role::Quality, &format!("/v1/movements/{}/reversals", id(&destroyed)), &reversal);
    let recall = id(&clinic.recall(&json!({"lots": ["LOT1"]})));
    let whole = world.read(&format!("/v1/recalls/{recall}/impact"));
    // 24 came; 1 + 2 + 1 + 2 were given, 1 was void and is waste, 2 were wasted, 1 returned, 1 destroyed and not.
    assert_eq!(
        whole["totals"],
        json!({
            "received": 24, "on_hand": 14, "administered": 6, "returned": 1, "wasted": 3, "destroyed": 0, "lost": 0,
            "adjusted": 0
        }),
        "{whole}"
    );
    let units =
        |list: &str| -> i64 { whole[list].as_array().unwrap().iter().map(|row| row["units"].as_i64().unwrap()).sum() };
    let sums = ["on_hand", "administered", "returned", "wasted", "destroyed", "lost"].map(units);
    assert_eq!((sums, &whole["balanced"]), ([14, 6, 1, 3, 0, 0], &json!(true)), "{whole}");
    assert_eq!(whole["destroyed"].as_array().unwrap().len(), 2, "there and back: {whole}");
    let first = &whole["administered"][0];
    let said = (&first["patient_ref"], &first["practitioner_id"], &first["lot_id"], &first["contact"]);
    assert_eq!(said, (&json!("P-1"), &json!(clinic.practitioner), &json!(lot), &Value::Null));
    assert!(whole["on_hand"].as_array().unwrap().iter().all(|row| row["site_id"] == json!(clinic.site)));

    // Page by page it is the same, whatever the size of a page.
    for limit in 1..=5 {
        let (mut cursor, mut pages) = (String::new(), Vec::new());
        loop {
            let page = world.read(&format!("/v1/recalls/{recall}/impact?limit={limit}{cursor}"));
            assert_eq!(page["totals"], whole["totals"]);
            pages.push(page.clone());
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        for list in ["on_hand", "opened", "administered", "returned", "wasted", "destroyed", "lost"] {
            let all: Vec<Value> = pages.iter().flat_map(|page| page[list].as_array().unwrap().clone()).collect();
            assert_eq!(json!(all), whole[list], "{list} by {limit}");
        }
    }
    assert_eq!(clinic.impact(&recall, "*/*", "?limit=1001").status, 400);
    assert_eq!(clinic.impact(&recall, "*/*", "?cursor=bm90aGluZw").status, 400);

    // As a file: what people typed is text to whoever opens it.
    let csv = clinic.impact(&recall, "text/csv", "");
    let text = String::from_utf8(csv.bytes.clone()).unwrap();
    assert!(csv.header("content-type").unwrap().starts_with("text/csv"), "{:?}", csv.header("content-type"));
    let lines: Vec<_> = text.split_terminator("\r\n").collect();
    let entries = ["on_hand", "administered", "returned", "wasted", "destroyed"]
        .map(|list| whole[list].as_array().unwrap().len())
        .iter()
        .sum::<usize>();
    assert_eq!(lines.len(), entries + 1, "{text}");
    assert!(lines[0].starts_with("type,lot_id,site_id,"), "{text}");
    for cell in [",P-1,", ",\"'=HYPERLINK(\"\"x\"\")\",", ",'+49,", ",\"a,b\"\"c\","] {
        assert!(text.contains(cell), "{cell}: {text}");
    }
    let ndjson = clinic.impact(&recall, "application/x-ndjson", "");
    let lines: Vec<Value> =
        String::from_utf8(ndjson.bytes).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), entries);
    let given: Vec<_> = lines.iter().filter(|line| line["type"] == "administered").collect();
    assert_eq!((given.len(), &given[0]["patient_ref"]), (4, &json!("P-1")));
    assert_eq!(clinic.impact("rcal_01932c07-8d00-7000-8000-000000000006", "text/csv", "").status, 404);
}

fn its_campaign_reaches_everyone(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 4);
    let given: Vec<_> = (0..3).map(|_| id(&clinic.administer(&lot, 1).1)).collect();
    let annex = id(&clinic.create(Role::Admin, "/v1/sites", &site()));
    let there = id(&clinic.create(Role::Admin, "/v1/locations", &location(&annex, "stock")));
    let moved = json!({
        "lot_id": lot, "from_location_id": clinic.stock, "to_location_id": there, "units": 1, "reason": "Needed there"
    });
    clinic.create(Role::Quality, "/v1/transfers", &moved);
    let recall = clinic.recall(&json!({"lots": ["LOT1"]}));
    let (campaign, recall) = (&recall["campaign"], id(&recall));
    assert_eq!((&campaign["administrations"], &campaign["reached"]), (&json!(3), &json!(0)));
    assert_eq!((campaign["sites"].as_array().unwrap().len(), &campaign["effectiveness"]), (2, &json!(0)));
    let post = |what: &str, body: &Value| clinic.post(Role::Quality, &format!("/v1/recalls/{recall}/{what}"), body);
    let attention = world.read("/v1/attention");
    let listed = &attention["open_recalls"][0];
    assert_eq!((&listed["recall_id"], &listed["reference"]), (&json!(recall), &json!("FSN-2026-17")), "{attention}");
    let outstanding = json!({"sites": 2, "administrations": 3, "units_on_hand": 1, "units_lost": 0});
    assert_eq!(listed["outstanding"], outstanding);

    let (status, campaign) = post("acknowledgements", &json!({"site_id": clinic.site}));
    // One of two sites, none of three patients: 1 of 5.
    assert_eq!((status, &campaign["effectiveness"]), (201, &json!(20)), "{campaign}");
    assert_eq!((&campaign["effectiveness_sites"], &campaign["effectiveness_patients"]), (&json!(50), &json!(0)));
    let events = world.database.count("events");
    assert_eq!(post("acknowledgements", &json!({"site_id": clinic.site})).0, 201);
    assert_eq!(world.database.count("events"), events, "once is enough");
    let contact = |administration: &str, outcome: &str| {
        post("contacts", &json!({"administration_id": administration, "outcome": outcome}))
    };
    assert_eq!(contact(&given[0], "no_answer").0, 201);
    let shown = || world.read(&format!("/v1/recalls/{recall}"))["campaign"].clone();
    assert_eq!(shown()["reached"], 0, "somebody must try again");
    assert_eq!(contact(&given[0], "informed").0, 201);
    assert_eq!(contact(&given[1], "examined").0, 201);
    // 3 of 5.
    assert_eq!((&shown()["reached"], &shown()["effectiveness"]), (&json!(2), &json!(60)));
    assert_eq!((&shown()["effectiveness_sites"], &shown()["effectiveness_patients"]), (&json!(50), &json!(66)));
    let impact = world.read(&format!("/v1/recalls/{recall}/impact"));
    let outcomes: Vec<_> = impact["administered"].as_array().unwrap().iter().map(|row| &row["contact"]).collect();
    assert_eq!(outcomes, [&json!("informed"), &json!("examined"), &Value::Null]);
    // Something else was given to somebody else: it is not of the recall.
    let other = clinic.receive_inspect_release("LOT2", 2);
    let elsewhere = id(&clinic.administer(&other, 1).1);
    let (status, problem) = contact(&elsewhere, "informed");
    assert_eq!((status, &problem["code"]), (422, &json!("reference_unknown")));
    // What was void concerns nobody any more.
    let void = json!({"reason": "Wrong patient", "returned_to_stock": false});
    clinic.create(Role::Quality, &format!("/v1/administrations/{}/voids", given[2]), &void);
    let gone = json!({"lot_id": lot, "from_location_id": there, "units": 1, "reason": "Recalled"});
    clinic.create(Role::Quality, "/v1/returns", &gone);
    assert_eq!(post("acknowledgements", &json!({"site_id": annex})).0, 201);
    assert_eq!((&shown()["effectiveness"], &shown()["outstanding"]["units_on_hand"]), (&json!(100), &json!(0)));
    // Everything is accounted for: no reason is needed, nor anything said of what is left.
    let (status, closed) = clinic.close_as("olga", &recall, &json!({}));
    assert_eq!((status, &closed["closing"]["effectiveness"]), (200, &json!(100)), "{closed}");
    assert_eq!(contact(&given[1], "informed").1["code"], "recall_closed");
    assert_eq!(world.read("/v1/attention")["open_recalls"], json!([]));
    let custody = world.read(&format!("/v1/administrations/{}/custody", given[0]));
    let told: Vec<_> =
        custody["events"].as_array().unwrap().iter().map(|event| event["kind"].as_str().unwrap()).collect();
    for kind in ["recall_opened", "recall_contact_recorded", "recall_closed"] {
        assert!(told.contains(&kind), "{kind}: {told:?}");
    }
}

fn what_is_left_is_rejected_where_it_must_go(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 4);
    clinic.receive("LOT1", EXPIRY, 1);
    let recall = id(&clinic.recall(&json!({"lots": ["LOT1"]})));
    let (status, closed) =
        clinic.close_as("olga", &recall, &json!({"remaining": "destroy", "reason": "Sent back later"}));
    assert_eq!(status, 200, "{closed}");
    // DOMAIN rule 11: they can only be returned or destroyed.
    clinic.assert_states(&lot, &[("rejected", 2), ("rejected", 4)]);
    let wasted = json!({"lot_id": lot, "from_location_id": clinic.stock, "units": 1, "reason": "Dropped"});
    clinic.assert_refused(Role::Quality, "/v1/wastages", &wasted, &["lot_rejected"]);
    clinic.create(Role::Quality, "/v1/destructions", &wasted);
    let impact = world.read(&format!("/v1/recalls/{recall}/impact"));
    assert_eq!((&impact["totals"]["on_hand"], &impact["totals"]["destroyed"]), (&json!(5), &json!(1)));
}

fn a_token_for_a_site_acts_on_its_site(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 4);
    let given = id(&clinic.administer(&lot, 1).1);
    let annex = id(&clinic.create(Role::Admin, "/v1/sites", &site()));
    let bound = |at: &str| world.sign(&world.organisation, "bound", Role::ALL, Some(vec![at.parse().unwrap()]));
    let (here, there) = (bound(&clinic.site), bound(&annex));
    let body = clinic.recalling("FSN-2026-17", &json!({"lots": ["LOT1"]}));
    let (status, problem) = world.http.post(&here, "/v1/recalls", &body);
    assert_eq!((status, &problem["code"]), (403, &json!("beyond_your_sites")), "{problem}");
    let recall = id(&clinic.create(Role::Quality, "/v1/recalls", &body));
    // What all sites share is shown; what is at another site is not.
    let seen = world.http.get(&there, &format!("/v1/recalls/{recall}")).1;
    assert_eq!(
        (&seen["covered"], &seen["campaign"]["sites"], &seen["matched"]),
        (&json!([]), &json!([]), &json!(true))
    );
    let impact = world.http.get(&there, &format!("/v1/recalls/{recall}/impact")).1;
    assert_eq!((&impact["on_hand"], &impact["administered"]), (&json!([]), &json!([])), "{impact}");
    let impact = world.http.get(&here, &format!("/v1/recalls/{recall}/impact")).1;
    assert_eq!(impact["administered"].as_array().unwrap().len(), 1);
    let said =
        |token: &str, what: &str, body: &Value| world.http.post(token, &format!("/v1/recalls/{recall}/{what}"), body);
    let (acknowledged, contacted) =
        (json!({"site_id": clinic.site}), json!({"administration_id": given, "outcome": "informed"}));
    for (what, body) in [("acknowledgements", &acknowledged), ("contacts", &contacted)] {
        let (status, problem) = said(&there, what, body);
        assert_eq!((status, &problem["code"]), (422, &json!("reference_unknown")), "{what}: {problem}");
        assert_eq!(said(&here, what, body).0, 201, "{what}");
    }
    let end = json!({"remaining": "release", "reason": "Fine"});
    assert_eq!(said(&here, "close", &end).1["code"], "beyond_your_sites");
}

fn what_makes_no_sense_is_refused(world: &World) {
    let clinic = world.clinic();
    for (fields, field, code) in [
        (json!({"gtin": "09521234567890"}), "gtin", "invalid_gtin"),
        (json!({"lots": ["LÖT"]}), "lots[0]", "invalid_lot"),
        (json!({"serial_ranges": [{"from": "SN9", "to": "SN1"}]}), "serial_ranges[0].to", "invalid_value"),
        (json!({"serial_ranges": [{"from": "SN9", "to": "SN10"}]}), "serial_ranges[0].to", "invalid_value"),
        (json!({"manufactured": {}}), "manufactured.from", "missing_field"),
        (json!({"manufactured": {"from": "2026-02-01", "to": "2026-01-01"}}), "manufactured.to", "invalid_value"),
        (json!({"occurred_at": "2030-01-01T00:00:00Z"}), "occurred_at", "occurred_in_future"),
        (json!({"classification": "class_5"}), "classification", "invalid_value"),
    ] {
        let before = world.database.state();
        let (status, problem) = clinic.post(Role::Quality, "/v1/recalls", &clinic.recalling("FSN-2026-17", &fields));
        assert_eq!((status, &problem["code"]), (422, &json!(code)), "{fields}: {problem}");
        assert!(problem["detail"].as_str().unwrap().contains(field), "{fields}: {problem}");
        assert_eq!(world.database.state(), before);
    }
    let short = clinic.recalling("FSN-2026-17", &json!({"gtin": GTIN.trim_start_matches('0')}));
    assert_eq!(clinic.create(Role::Quality, "/v1/recalls", &short)["gtin"], GTIN);
}

/// A release, an administration or a receipt comes before a recall, and it is held, or after it, and it is refused or covered.
fn nothing_passes_a_recall_that_is_opened_meanwhile(world: &World) {
    let clinic = world.clinic();
    for round in 0..6 {
        let text = format!("LOT{round}");
        let lot = clinic.receive_inspect_release(&text, 4);
        let (receipt, _) = clinic.receive(&text, EXPIRY, 2);
        clinic.create(Role::Purchaser, "/v1/inspections", &clinic.inspection(&receipt, &lot, 4, 0));
        let recall = clinic.recalling(&format!("FSN-{round}"), &json!({"lots": [text, format!("NEW{round}")]}));
        let arriving =
            clinic.receipt(json!([{"gtin": GTIN, "lot": format!("NEW{round}"), "expiry": EXPIRY, "packs": 1}]));
        let releases = format!("/v1/lots/{lot}/releases");
        let answers = at_once(6, |client| match client {
            0 => clinic.post(Role::Quality, "/v1/recalls", &recall),
            1 | 2 => clinic.post(Role::Quality, &releases, &clinic.release(1)),
            3 | 4 => clinic.administer(&lot, 1),
            _ => clinic.post(Role::Purchaser, "/v1/receipts", &arriving),
        });
        assert_eq!((answers[0].0, answers[5].0), (201, 201), "{answers:?}");
        for (status, answer) in &answers[1..5] {
            assert!(*status == 201 || codes(answer).contains(&"lot_recalled".to_owned()), "{answer}");
        }
        let done = |of: &[usize]| i64::try_from(of.iter().filter(|at| answers[**at].0 == 201).count()).unwrap();
        let (released, given) = (done(&[1, 2]), done(&[3, 4]));
        let states = clinic.by_state(&lot);
        let held: i64 = states.iter().filter(|(state, _)| state == "held").map(|(_, units)| units).sum();
        assert_eq!(held, 4 + released - given, "{states:?}");
        assert!(states.iter().all(|(state, _)| state != "available"), "{states:?}");
        let shown = world.read(&format!("/v1/recalls/{}", id(&answers[0].1)));
        let new = answers[5].1["lines"][0]["lot_id"].as_str().unwrap();
        assert!(lots_of(&shown).contains(&new), "{shown}");
        assert_eq!(world.read(&format!("/v1/recalls/{}/impact", id(&answers[0].1)))["balanced"], true);
    }
}
