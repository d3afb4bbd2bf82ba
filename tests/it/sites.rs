//! A token of one site: what it reaches, and what it is told of what is elsewhere.

use lotline::caller::Role;
use lotline::verify;
use serde_json::{Value, json};

use super::support::client::{assert_problem, codes};
use super::support::clinic::{EXPIRY, GTIN, id, licence, location, scan, site};
use super::support::{Answer, Clinic, Kind, World, on_both_databases};

on_both_databases!(
    a_hold_is_lifted_by_who_has_all_its_units,
    when_a_lot_was_made_is_not_for_one_site_to_say,
    evidence_is_of_the_sites_where_it_was_uploaded_or_used,
    evidence_of_before_is_of_the_sites_where_it_is_used,
    a_lot_of_another_site_is_not_told,
    what_makes_a_pack_unsafe_is_told_where_it_is,
    a_twin_of_another_site_is_held_and_not_named,
    a_lot_is_one_wherever_it_is_used,
    an_event_shows_what_is_at_ones_sites,
    who_may_not_read_a_licence_sees_none_in_a_decision,
);

/// A second site of the clinic, with a place to quarantine in.
struct Elsewhere {
    site: String,
    quarantine: String,
}

fn elsewhere(clinic: &Clinic<'_>) -> Elsewhere {
    let site = id(&clinic.create(Role::Admin, "/v1/sites", &site()));
    let quarantine = id(&clinic.create(Role::Admin, "/v1/locations", &location(&site, "quarantine")));
    clinic.checked_licence(&licence(("site", &site), "facility", "CQC", "1-200"));
    Elsewhere { site, quarantine }
}

impl Elsewhere {
    /// Receives two units of a lot there.
    fn receive(&self, clinic: &Clinic<'_>, lot: &str, expiry: &str) -> String {
        let mut body = clinic.receipt(json!([{"gtin": GTIN, "lot": lot, "expiry": expiry, "packs": 1}]));
        body["site_id"] = json!(self.site);
        body["location_id"] = json!(self.quarantine);
        let made = clinic.create(Role::Purchaser, "/v1/receipts", &body);
        made["lines"][0]["lot_id"].as_str().unwrap().to_owned()
    }
}

/// A token of all roles, or these, for one site.
fn bound_as(world: &World, subject: &str, roles: &[Role], site: &str) -> String {
    world.sign(&world.organisation, subject, roles, Some(vec![site.parse().unwrap()]))
}

fn bound(world: &World, site: &str) -> String {
    bound_as(world, &format!("somebody at {site}"), Role::ALL, site)
}

fn get(world: &World, token: &str, path: &str) -> Answer {
    world.http.send("GET", path, &[("authorization", &format!("Bearer {token}"))], None)
}

fn refused((status, problem): (u16, Value)) -> (u16, String) {
    (status, problem["code"].as_str().unwrap_or_default().to_owned())
}

fn a_hold_is_lifted_by_who_has_all_its_units(world: &World) {
    let clinic = world.clinic();
    let there = elsewhere(&clinic);
    let lot = clinic.receive_inspect_release("LOT1", 6);
    let here = bound_as(world, "quinn", &[Role::Quality], &clinic.site);
    let hold = |token: &str, scope: &str, id: &str| {
        world.http.post(token, "/v1/holds", &json!({"scope": {"type": scope, "id": id}, "reason": "Under review"}))
    };
    let lift = |token: &str, hold: &str| {
        world.http.post(token, &format!("/v1/holds/{hold}/lift"), &json!({"reason": "Unrelated"}))
    };
    let beyond = (403, "beyond_your_sites".to_owned());
    assert_eq!(refused(hold(&here, "product", &clinic.product)), beyond);
    // All of the lot is here, and so it is theirs to hold and to free.
    let (status, own) = hold(&here, "lot", &lot);
    assert_eq!((status, lift(&here, &id(&own)).0), (201, 200));
    let whole = clinic.hold(&lot);
    assert_eq!(lift(&here, &id(&whole)).0, 200, "whoever opened it");

    let transfer = json!({
        "lot_id": lot, "from_location_id": clinic.stock, "to_location_id": there.quarantine, "units": 2,
        "reason": "Needed there"
    });
    clinic.create(Role::Quality, "/v1/transfers", &transfer);
    assert_eq!(refused(hold(&here, "lot", &lot)), beyond);
    let whole = id(&clinic.hold(&lot));
    let before = world.database.state();
    assert_eq!(refused(lift(&here, &whole)), beyond);
    assert_eq!(world.database.state(), before);
    // What lies here is theirs, whatever is elsewhere.
    let items = world.read(&format!("/v1/stock?lot_id={lot}&site_id={}", clinic.site));
    let account = items["items"][0]["account_id"].as_str().unwrap().to_owned();
    let (status, placed) = hold(&here, "account", &account);
    assert_eq!(status, 201, "{placed}");
    assert_eq!(lift(&here, &id(&placed)).0, 200);
    // Somebody at the other site does not know of it.
    let away = bound_as(world, "quentin", &[Role::Quality], &there.site);
    let (_, placed) = hold(&here, "account", &account);
    assert_eq!(refused(lift(&away, &id(&placed))), (404, "not_found".into()));
    assert_eq!(refused(hold(&away, "account", &account)), (422, "reference_unknown".into()));
    // Whoever is bound to both reaches both.
    let both = [&clinic.site, &there.site].map(|site| site.parse().unwrap()).to_vec();
    let both = world.sign(&world.organisation, "quinn", &[Role::Quality], Some(both));
    assert_eq!(lift(&both, &whole).0, 200);
    assert_eq!(refused(hold(&both, "product", &clinic.product)), beyond, "the next site has it, too");
}

fn when_a_lot_was_made_is_not_for_one_site_to_say(world: &World) {
    let clinic = world.clinic();
    let there = elsewhere(&clinic);
    let (receipt, lot) = clinic.receive("LOT1", EXPIRY, 1);
    let here = bound(world, &clinic.site);
    let line = world.read(&format!("/v1/receipts/{receipt}"))["lines"][0]["id"].clone();
    let correct = |line: &Value, day: &str| {
        let body = json!({"line_id": line, "production_date": day, "reason": "Read again"});
        world.http.post(&here, &format!("/v1/receipts/{receipt}/corrections"), &body)
    };
    let (status, corrected) = correct(&line, "2026-01-10");
    assert_eq!(status, 201, "{corrected}");
    let line = corrected["lines"].as_array().unwrap().last().unwrap()["id"].clone();
    assert_eq!(there.receive(&clinic, "LOT1", EXPIRY), lot);
    assert_eq!(refused(correct(&line, "2026-01-11")), (403, "beyond_your_sites".into()));
    assert_eq!(world.read(&format!("/v1/lots/{lot}"))["production_date"], json!("2026-01-10"));
}

fn upload(world: &World, token: &str, text: &str) -> (u16, Value) {
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/pdf")];
    let answer = world.http.send("POST", "/v1/evidence", &headers, Some(format!("%PDF-1.7\n{text}").as_bytes()));
    (answer.status, answer.json())
}

fn digest(made: &(u16, Value)) -> String {
    assert_eq!(made.0, 201, "{}", made.1);
    made.1["sha256"].as_str().unwrap().to_owned()
}

/// Whether somebody is given a file, and told what it is.
fn reads(world: &World, token: &str, file: &str) -> bool {
    let path = format!("/v1/evidence/{file}");
    let (bytes, metadata) = (get(world, token, &path), get(world, token, &format!("{path}/metadata")));
    if bytes.status == 404 {
        for answer in [&bytes, &metadata] {
            assert_problem(answer, 404, "not_found", file);
        }
    } else {
        assert_eq!((bytes.status, metadata.status), (200, 200), "{file}");
    }
    bytes.status == 200
}

fn evidence_is_of_the_sites_where_it_was_uploaded_or_used(world: &World) {
    let clinic = world.clinic();
    let there = elsewhere(&clinic);
    let (here, away) = (bound(world, &clinic.site), bound(world, &there.site));
    let (all, nowhere) =
        (world.token(Role::Auditor), world.sign(&world.organisation, "n", Role::ALL, Some(Vec::new())));
    let seen = |file: &str| [&here, &away, &all, &nowhere].map(|token| reads(world, token, file));

    // Uploaded at a site: of that site.
    let made = upload(world, &here, "the carton");
    let carton = digest(&made);
    assert!(made.1["uploaded_by"].is_string());
    assert_eq!(seen(&carton), [true, false, true, false]);
    // Whoever may not see it does not name it as evidence of theirs, and so come by it.
    let (receipt, lot) = clinic.receive("LOT1", EXPIRY, 2);
    let lot_there = there.receive(&clinic, "LOT2", EXPIRY);
    let mut inspection = clinic.inspection("", &lot_there, 1, 0);
    let fields = inspection.as_object_mut().unwrap();
    fields.remove("receipt_id");
    fields.insert("location_id".to_owned(), json!(there.quarantine));
    fields.insert("evidence".to_owned(), json!([carton]));
    let unknown = (422, "reference_unknown".to_owned());
    assert_eq!(refused(world.http.post(&away, "/v1/inspections", &inspection)), unknown);
    let mut delivery = clinic.receipt(json!([{"gtin": GTIN, "lot": "LOT3", "expiry": EXPIRY, "packs": 1}]));
    delivery["site_id"] = json!(there.site);
    delivery["location_id"] = json!(there.quarantine);
    delivery["documents"] = json!([{"sha256": carton, "name": "delivery note"}]);
    assert_eq!(refused(world.http.post(&away, "/v1/receipts", &delivery)), unknown);
    let licences = world.read(&format!("/v1/licences?holder_id={}", there.site));
    let checks = format!("/v1/licences/{}/checks", id(&licences["items"][0]));
    let check = |file: &str| json!({"outcome": "verified", "source": "register", "evidence_sha256": file});
    assert_eq!(refused(world.http.post(&away, &checks, &check(&carton))), unknown);
    assert_eq!(seen(&carton), [true, false, true, false]);
    // A digest of what is not kept may be named by everybody.
    assert_eq!(world.http.post(&away, &checks, &check(&"ab".repeat(32))).0, 201);

    // Uploaded for the whole organisation: of the sites where it is used.
    let note = digest(&upload(world, &world.token(Role::Purchaser), "the delivery note"));
    assert_eq!(seen(&note), [false, false, true, false]);
    let mut inspection = clinic.inspection(&receipt, &lot, 2, 0);
    inspection["evidence"] = json!([note]);
    clinic.create(Role::Purchaser, "/v1/inspections", &inspection);
    assert_eq!(seen(&note), [true, false, true, false]);
    let shown = get(world, &here, &format!("/v1/evidence/{note}/metadata")).json();
    assert!(shown.get("uploaded_by").is_none() && shown.get("uploaded_at").is_none(), "{shown}");
    delivery["documents"] = json!([{"sha256": note, "name": "delivery note"}]);
    clinic.create(Role::Purchaser, "/v1/receipts", &delivery);
    assert_eq!(seen(&note), [true, true, true, false]);
    // Of a site's licence: of the site. Of what all sites share: of them all.
    let certificate = digest(&upload(world, &world.token(Role::Admin), "the certificate"));
    world.create(Role::Admin, &checks, &check(&certificate));
    assert_eq!(seen(&certificate), [false, true, true, false]);
    clinic.check(&clinic.wholesale_licence, check(&certificate));
    assert_eq!(seen(&certificate), [true, true, true, true]);

    // Whoever has the bytes has the file: kept once, and of their site from then on.
    let again = upload(world, &away, "the carton");
    assert_eq!(digest(&again), carton);
    assert!(again.1.get("uploaded_by").is_none(), "somebody at the other site did: {}", again.1);
    assert_eq!(seen(&carton), [true, true, true, false]);
    let uploads = |token: &str, kind: &str| {
        let found = get(world, token, &format!("/v1/events?kind={kind}&subject={carton}")).json();
        found["items"].as_array().unwrap().len()
    };
    let told = |token: &str| (uploads(token, "evidence_stored"), uploads(token, "evidence_repeated"));
    assert_eq!((told(&here), told(&away), told(&all)), ((1, 0), (0, 1), (1, 1)));
    upload(world, &away, "the carton");
    assert_eq!(told(&all), (1, 1), "they have it already");
    let of_note = get(world, &away, &format!("/v1/events?kind=evidence_stored&subject={note}")).json();
    assert_eq!(of_note["items"], json!([]), "what was uploaded for the whole organisation");
}

fn evidence_of_before_is_of_the_sites_where_it_is_used(world: &World) {
    let clinic = world.clinic();
    let there = elsewhere(&clinic);
    let (receipt, lot) = clinic.receive("LOT1", EXPIRY, 2);
    let files = ["carton", "note", "certificate", "unused"]
        .map(|text| digest(&upload(world, &world.token(Role::Purchaser), text)));
    let mut inspection = clinic.inspection(&receipt, &lot, 2, 0);
    inspection["evidence"] = json!([files[0], files[1]]);
    clinic.create(Role::Purchaser, "/v1/inspections", &inspection);
    let mut delivery = clinic.receipt(json!([{"gtin": GTIN, "lot": "LOT3", "expiry": EXPIRY, "packs": 1}]));
    delivery["site_id"] = json!(there.site);
    delivery["location_id"] = json!(there.quarantine);
    delivery["documents"] = json!([{"sha256": files[1], "name": "delivery note"}]);
    clinic.create(Role::Purchaser, "/v1/receipts", &delivery);
    let check = json!({"outcome": "verified", "source": "register", "evidence_sha256": files[2]});
    clinic.check(&clinic.facility_licence, check.clone());
    clinic.check(&clinic.registration, check);
    let owners = "SELECT sha256 || ' ' || owner_id AS line FROM evidence_owners ORDER BY 1";
    let before = world.database.lines(owners);
    assert_eq!(before.len(), 5, "{before:?}");
    let down = match world.database.kind {
        Kind::Sqlite => include_str!("../../migrations/sqlite/2026-11-27-000018_sites/down.sql"),
        Kind::Postgres => include_str!("../../migrations/postgres/2026-11-27-000018_sites/down.sql"),
    };
    world.database.execute(down).unwrap();
    world.database.execute("DELETE FROM __diesel_schema_migrations WHERE version = '20261127000018'").unwrap();
    lotline::upgrade::run(&world.database.url, &world.database.patients()).unwrap();
    assert_eq!(world.database.lines(owners), before);
    // A column that was dropped and added again is not where it was; what it says is the same.
    world.will_not_verify();
    let findings = verify::verify(&world.database.url).unwrap().findings;
    let others: Vec<_> = findings.iter().filter(|finding| !finding.starts_with("schema: ")).collect();
    assert!(others.is_empty(), "{others:?}");
    assert!(files.iter().all(|file| reads(world, &world.token(Role::Auditor), file)));
}

/// What a scan answers, without the times of it.
fn scanned(world: &World, token: &str, clinic: &Clinic<'_>, code: &str, purpose: &str) -> Value {
    let mut body = clinic.question(code);
    body["purpose"] = json!(purpose);
    let (status, mut found) = world.http.post(token, "/v1/scans", &body);
    assert_eq!(status, 200, "{found}");
    found["decision"]["evaluated_at"] = Value::Null;
    if let Some(moment) = found.pointer_mut("/decision/basis/0/occurred_at") {
        *moment = Value::Null;
    }
    found
}

fn a_lot_of_another_site_is_not_told(world: &World) {
    let clinic = world.clinic();
    let there = elsewhere(&clinic);
    let lot = there.receive(&clinic, "ELSE1", EXPIRY);
    there.receive(&clinic, "TOO01", EXPIRY);
    let here = bound(world, &clinic.site);
    // The same answer as for a lot that nobody has ever heard of, but for the text that was scanned.
    for (known, unheard) in [("ELSE1", "NONE1"), ("else1", "none1"), ("ELSEI", "NONEI"), ("TOOO1", "NOON1")] {
        for expiry in [Some("270630"), None] {
            let code = |lot: &str| match expiry {
                Some(expiry) => scan(expiry, lot, None),
                None => format!("]d201{GTIN}10{lot}"),
            };
            for purpose in ["administer", "receive", "return"] {
                let of_known = scanned(world, &here, &clinic, &code(known), purpose);
                let of_unheard = scanned(world, &here, &clinic, &code(unheard), purpose);
                let text = of_known.to_string().replace(known, unheard);
                assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), of_unheard, "{known} to {purpose}");
            }
            let attempt = |lot: &str| {
                let (status, mut problem) =
                    world.http.post(&here, "/v1/administrations", &clinic.administration_of(&code(lot)));
                problem["instance"] = Value::Null;
                (status, problem)
            };
            let (status, problem) = attempt(known);
            let text = problem.to_string().replace(known, unheard);
            assert_eq!((status, serde_json::from_str(&text).unwrap()), attempt(unheard), "{known}");
            assert_eq!(status, 409);
        }
    }
    // To somebody of all sites it is known.
    let found = scanned(world, &world.token(Role::Practitioner), &clinic, &scan("270630", "ELSE1", None), "administer");
    assert_eq!(found["lot"]["id"], json!(lot));
    // No list and no address tells of it, and what names it is told that there is no such lot.
    for path in ["/v1/lots?lot=ELSE1", "/v1/lots?lot=else1", "/v1/lots", "/v1/stock", "/v1/movements", "/v1/receipts"] {
        assert_eq!(get(world, &here, path).json()["items"], json!([]), "{path}");
    }
    for path in ["", "/custody", "/label.svg", "/label.png"] {
        let path = format!("/v1/lots/{lot}{path}");
        assert_problem(&get(world, &here, &path), 404, "not_found", &path);
    }
    let refused_as = |path: &str, body: Value| refused(world.http.post(&here, path, &body));
    let unknown = (422, "reference_unknown".to_owned());
    let removal = json!({"lot_id": lot, "from_location_id": clinic.stock, "units": 1, "reason": "Broken"});
    assert_eq!(refused_as("/v1/wastages", removal), unknown);
    let count = json!({"lot_id": lot, "location_id": clinic.stock, "units_counted": 1, "reason": "Found"});
    assert_eq!(refused_as("/v1/counts", count), unknown);
    assert_eq!(refused_as("/v1/administrations", clinic.administration(&lot, 1)), unknown);
    // What is received here is not compared aloud with what is there.
    let receive = |token: &str, lot: &str| {
        let lines = json!([{"gtin": GTIN, "lot": lot, "expiry": EXPIRY, "packs": 1}]);
        let (status, made) = world.http.post(token, "/v1/receipts", &clinic.receipt(lines));
        assert_eq!(status, 201, "{made}");
        made["lines"][0]["flags"].clone()
    };
    assert_eq!(receive(&here, "ELSEI"), json!([]));
    assert_eq!(receive(&world.token(Role::Purchaser), "TOOO1"), json!(["lot_near_miss"]));
    assert_eq!(get(world, &here, "/v1/attention").json()["similar_lots"], json!([]));
    assert_eq!(world.read("/v1/attention")["similar_lots"].as_array().unwrap().len(), 2);
}

fn what_makes_a_pack_unsafe_is_told_where_it_is(world: &World) {
    let clinic = world.clinic();
    let there = elsewhere(&clinic);
    let lot = there.receive(&clinic, "ELSE1", EXPIRY);
    let here = bound(world, &clinic.site);
    let code = scan("270630", "ELSE1", None);
    let reasons = || {
        let found = scanned(world, &here, &clinic, &code, "administer");
        let problem = world.http.post(&here, "/v1/administrations", &clinic.administration_of(&code)).1;
        assert_eq!(problem["reasons"], found["decision"]["reasons"], "a scan and the administration agree");
        assert_eq!(found["lot"], Value::Null);
        found["decision"]["reasons"].as_array().unwrap().clone()
    };
    let codes_of = |reasons: &[Value]| reasons.iter().map(|reason| reason["code"].clone()).collect::<Vec<_>>();
    let hold = clinic.hold(&lot);
    let found = reasons();
    assert_eq!(codes_of(&found), [json!("lot_unknown"), json!("lot_on_hold")]);
    let text = Value::from(found).to_string();
    assert!(!text.contains("Swelling") && !text.contains(&id(&hold)) && !text.contains(&lot), "{text}");
    // Where somebody tried to use a pack of it is in its chain, for those who may see it.
    let attempts = world.read(&format!("/v1/events?kind=gate_refused&subject={lot}"));
    assert_eq!(attempts["items"].as_array().unwrap().len(), 1, "{attempts}");
    clinic.create(Role::Quality, &format!("/v1/holds/{}/lift", id(&hold)), &json!({"reason": "Unrelated"}));
    assert_eq!(codes_of(&reasons()), [json!("lot_unknown")]);

    let body = json!({"scope": {"type": "product", "id": clinic.product}, "reason": "The maker recalls it"});
    clinic.create(Role::Quality, "/v1/holds", &body);
    let found = reasons();
    assert_eq!(codes_of(&found), [json!("lot_unknown"), json!("lot_on_hold")]);
    assert!(Value::from(found).to_string().contains("The maker recalls it"), "all sites share that hold");

    let policies = json!({"denied_lots": [{"gtin": GTIN, "lot": "else1"}, {"gtin": GTIN, "lot": "NEVER1"}]});
    assert_eq!(world.patch("/v1/policies", &policies).status, 200);
    assert_eq!(codes_of(&reasons()), [json!("lot_unknown"), json!("lot_denied"), json!("lot_on_hold")]);
    // A denied lot need not have been received by anybody.
    let found = scanned(world, &here, &clinic, &scan("270630", "NEVER1", None), "administer");
    assert_eq!(codes(&found["decision"]), ["lot_unknown", "lot_denied"]);
    // Another expiry than it has elsewhere: doubtful, and no more is said.
    let found = scanned(world, &here, &clinic, &scan("270731", "ELSE1", None), "administer");
    let text = found["decision"]["reasons"].to_string();
    assert_eq!(found["decision"]["reasons"][0]["code"], json!("expiry_mismatch"), "{text}");
    assert!(!text.contains("2027-06-30") && !text.contains(&lot), "{text}");
    let found = scanned(world, &here, &clinic, &scan("270731", "ELSE1", None), "receive");
    assert_eq!(found["decision"]["reasons"][0]["code"], json!("expiry_mismatch"));
    // A code without an expiry cannot say which of two it is, though only one of them is known here.
    clinic.receive("ELSE1", "2027-08-31", 1);
    let found = scanned(world, &here, &clinic, &format!("]d201{GTIN}10ELSE1"), "administer");
    assert!(codes(&found["decision"]).contains(&"expiry_mismatch".to_owned()), "{found}");
    assert_eq!(found["lot"]["expiry"], json!("2027-08-31"));
}

fn a_twin_of_another_site_is_held_and_not_named(world: &World) {
    let clinic = world.clinic();
    let there = elsewhere(&clinic);
    let twin = there.receive(&clinic, "TWIN1", EXPIRY);
    let here = bound(world, &clinic.site);
    let lines = json!([{"gtin": GTIN, "lot": "TWIN1", "expiry": "2027-07-31", "packs": 1}]);
    let (status, made) = world.http.post(&here, "/v1/receipts", &clinic.receipt(lines));
    assert_eq!((status, &made["lines"][0]["flags"]), (201, &json!(["expiry_twin"])), "{made}");
    let holds = get(world, &here, "/v1/holds?open=true").json();
    let reason = holds["items"][0]["reason"].as_str().unwrap();
    assert!(reason.contains("another site") && !reason.contains(EXPIRY), "{reason}");
    assert_eq!(holds["items"][0]["cause"], json!({"type": "twin", "id": twin}), "it leads those who may go there");
    assert_problem(&get(world, &here, &format!("/v1/lots/{twin}")), 404, "not_found", "the twin");
    // Who receives for all sites says which one it is.
    let lines = json!([{"gtin": GTIN, "lot": "TWIN1", "expiry": "2027-08-31", "packs": 1}]);
    clinic.create(Role::Purchaser, "/v1/receipts", &clinic.receipt(lines));
    let holds = world.read("/v1/holds?open=true");
    let reason = holds["items"][1]["reason"].as_str().unwrap();
    assert!(reason.contains(EXPIRY) && reason.contains("2027-07-31"), "{reason}");
}

fn a_lot_is_one_wherever_it_is_used(world: &World) {
    let clinic = world.clinic();
    let there = elsewhere(&clinic);
    let lot = there.receive(&clinic, "ELSE1", EXPIRY);
    let here = bound(world, &clinic.site);
    let mut body = clinic.administration_of(&scan("270630", "ELSE1", None));
    body["retrospective"] = json!({"reason": "Found in the paper notes"});
    let (status, made) = world.http.post(&here, "/v1/administrations", &body);
    assert_eq!((status, &made["lot_id"]), (201, &json!(lot)), "{made}");
    assert_eq!(made["deviation"]["units_unaccounted"], json!(1));
    // From then on it is known here.
    assert_eq!(get(world, &here, &format!("/v1/lots/{lot}")).status, 200);
    assert_eq!(get(world, &here, "/v1/lots?lot=ELSE1").json()["items"].as_array().unwrap().len(), 1);
    let reconciliation = clinic.reconciliation(&lot);
    assert_eq!((&reconciliation["administered"], &reconciliation["adjusted"]), (&json!(1), &json!(1)));
}

fn an_event_shows_what_is_at_ones_sites(world: &World) {
    let clinic = world.clinic();
    let there = elsewhere(&clinic);
    let lot = clinic.receive_inspect_release("LOT1", 4);
    let other = there.receive(&clinic, "LOT2", EXPIRY);
    let hold = json!({"scope": {"type": "product", "id": clinic.product}, "reason": "Swelling reported"});
    let hold = id(&clinic.create(Role::Quality, "/v1/holds", &hold));
    let (here, away) = (bound(world, &clinic.site), bound(world, &there.site));
    let event = |token: &str| get(world, token, &format!("/v1/events?subject={hold}")).json()["items"][0].clone();
    let whole = event(&world.token(Role::Auditor));
    let postings = |event: &Value| event["details"]["postings"].as_array().unwrap().len();
    let subjects = |event: &Value, lot: &str| event["subjects"].as_array().unwrap().contains(&json!(lot));
    assert_eq!((postings(&whole), subjects(&whole, &lot), subjects(&whole, &other)), (1, true, true));
    let (ours, theirs) = (event(&here), event(&away));
    assert_eq!((postings(&ours), subjects(&ours, &lot), subjects(&ours, &other)), (1, true, false));
    assert_eq!((postings(&theirs), subjects(&theirs, &lot), subjects(&theirs, &other)), (0, false, true));
    assert!(!theirs.to_string().contains(&clinic.stock), "{theirs}");
    // Bytes are whole or not at all.
    let path = format!("/v1/events/{}/bytes", id(&whole));
    assert_eq!(get(world, &world.token(Role::Auditor), &path).status, 200);
    for token in [&here, &away] {
        assert_problem(&get(world, token, &path), 403, "beyond_your_sites", "bytes");
    }
    assert_eq!(get(world, &here, &format!("/v1/events/{}", id(&whole))).json()["subjects"], ours["subjects"]);
}

/// The types of the facts in a decision.
fn facts(decision: &Value) -> Vec<&str> {
    let basis = decision["basis"].as_array().unwrap_or_else(|| panic!("{decision}"));
    basis.iter().map(|fact| fact["type"].as_str().unwrap()).collect()
}

fn who_may_not_read_a_licence_sees_none_in_a_decision(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 6);
    let items = world.read(&format!("/v1/stock?lot_id={lot}"));
    let hold = json!({"scope": {"type": "account", "id": items["items"][0]["account_id"]}, "reason": "The fridge"});
    let hold = id(&clinic.create(Role::Quality, "/v1/holds", &hold));
    let code = scan("270630", "LOT1", None);
    let practitioner = world.token(Role::Practitioner);
    let secrets = ["1-100", "1234567", "WDA 100", &clinic.facility_licence, &clinic.registration, &hold];
    let keeps_them = |text: &str| secrets.iter().find(|secret| text.contains(**secret)).copied();
    // A refusal, by a hold and an unverified registration.
    clinic
        .check(&clinic.registration, json!({"outcome": "lapsed", "source": "register", "effective_on": "2026-06-20"}));
    let found = scanned(world, &practitioner, &clinic, &code, "administer");
    assert!(codes(&found["decision"]).contains(&"practitioner_licence_check_failed".to_owned()), "{found}");
    assert_eq!(facts(&found["decision"]), ["moment", "expiry", "stock", "approval"], "{found}");
    let problem = world.http.post(&practitioner, "/v1/administrations", &clinic.administration_of(&code)).1;
    for answer in [&found["decision"]["basis"], &problem["reasons"][0]["message"]] {
        assert_eq!(keeps_them(&answer.to_string()), None, "{answer}");
    }
    let number = ["1234567", "1-100", "WDA 100"];
    assert!(!number.iter().any(|number| problem.to_string().contains(number)), "{problem}");
    // Whoever reads licences sees all of it, and so does the journal.
    let both = world.token_as("nia", &[Role::Practitioner, Role::Quality]);
    let found = scanned(world, &both, &clinic, &code, "administer");
    assert_eq!(facts(&found["decision"]), ["moment", "expiry", "hold", "stock", "approval", "licence", "licence"]);
    clinic.check(&clinic.registration, json!({"outcome": "verified", "source": "register"}));
    clinic.create(Role::Quality, &format!("/v1/holds/{hold}/lift"), &json!({"reason": "It was the door"}));

    // The same of what is done, however it is read.
    let body = clinic.administration_of(&code);
    let key = [("idempotency-key", "one-and-the-same")];
    let whole = world.http.post_with(&both, "/v1/administrations", &key, &body).json();
    let all = ["moment", "expiry", "stock", "approval", "licence", "licence"];
    assert_eq!(facts(&whole["decision"]), all);
    let nia = world.token_as("nia", &[Role::Practitioner]);
    let repeated = world.http.post_with(&nia, "/v1/administrations", &key, &body).json();
    let less = ["moment", "expiry", "stock", "approval"];
    assert_eq!((&repeated["id"], facts(&repeated["decision"])), (&whole["id"], less.to_vec()));
    let again = world.http.post_with(&both, "/v1/administrations", &key, &body).json();
    assert_eq!(again, whole, "what is kept is whole");
    let made = world.http.post(&nia, "/v1/administrations", &body).1;
    assert_eq!(facts(&made["decision"]), less);
    for decision in [
        get(world, &nia, &format!("/v1/administrations/{}", id(&made))).json()["decision"].clone(),
        get(world, &nia, "/v1/administrations").json()["items"][1]["decision"].clone(),
        world.http.post(&nia, "/v1/administrations/search", &json!({"patient_ref": "P-1001"})).1["items"][1]["decision"]
            .clone(),
    ] {
        assert_eq!(facts(&decision), less);
    }
    let chain = world.read(&format!("/v1/administrations/{}/custody", id(&made)));
    let last = chain["events"].as_array().unwrap().iter().find(|event| event["kind"] == "stock_administered").unwrap();
    assert_eq!(facts(&last["decision"]), all);
    assert_eq!(facts(&last["details"]["administration"]["decision"]), all);
}
