//! Adverse events: from the report to the outcome, with the clock that runs by the clinic's protocol (DOMAIN.md, "Record around a
//! treatment").

use lotline::caller::Role;
use serde_json::{Value, json};

use super::support::clinic::{id, site};
use super::support::{Clinic, World, on_both_databases};

on_both_databases!(
    harm_is_told_from_the_report_to_the_outcome,
    for_want_of_paper_nobody_is_kept_from_reporting,
    a_clock_runs_by_the_protocol_that_counted,
    a_worse_severity_starts_the_clock,
    a_clock_is_not_lost_by_spelling_or_by_company,
    a_hold_is_opened_with_it_by_whom_may_hold,
    what_cannot_be_is_refused,
    one_thing_comes_after_the_other,
    what_is_due_first_comes_first,
    a_token_for_a_site_has_the_harm_of_its_site,
    what_is_clinical_ends_with_the_patient,
    how_it_looked_is_sealed_and_given_back,
    a_regulator_is_told_what_they_ask,
    the_chain_and_the_bundle_of_a_patient_have_it,
    who_may_not_reads_and_writes_nothing_of_it,
);

/// What may go wrong, in the form of the document.
pub fn adverse_events() -> Value {
    json!({"kinds": [
        {"code": "vascular_occlusion", "text": "A vessel is blocked", "severity": "mild", "see_within_minutes": 60, "reports": [
            {"jurisdiction": "GB", "to": "MHRA Yellow Card", "within_days": 15},
            {"jurisdiction": "US", "to": "FDA MedWatch", "within_days": 10}
        ]},
        {"code": "swelling", "text": "Swelling beyond two weeks", "severity": "severe", "see_within_minutes": 1440}
    ]})
}

/// The document, for the class.
pub fn protocol() -> Value {
    json!({
        "kind": "adverse_event", "applies_to": {"class": "hybrid_filler"}, "title": "When something goes wrong",
        "source": "Illustrative; no guideline", "effective_from": "2026-01-01", "reason": "First version", "content": adverse_events()
    })
}

/// Harm to report.
pub fn harm(administrations: &[&str]) -> Value {
    json!({
        "administration_ids": administrations, "patient_ref": "P-1001", "kind": "vascular_occlusion", "severity": "serious",
        "onset_at": "2026-07-01T10:00:30Z", "description": "Blanching of the left cheek"
    })
}

const HARM: &str = "/v1/adverse-events";

impl Clinic<'_> {
    /// Gives units of a lot to a patient, a minute before harm begins. The administration.
    pub fn given_to(&self, lot: &str, patient: &str, units: i64) -> String {
        let mut body = self.administration(lot, units);
        body["patient_ref"] = json!(patient);
        id(&self.create(Role::Practitioner, "/v1/administrations", &body))
    }

    /// Reports harm that came of an administration to P-1001.
    pub fn harmed(&self, administration: &str) -> Value {
        self.create(Role::Practitioner, HARM, &harm(&[administration]))
    }
}

fn entered(clinic: &Clinic<'_>, role: Role, event: &str, what: &str, body: &Value) -> Value {
    let (status, said) = clinic.post(role, &format!("{HARM}/{event}/{what}"), body);
    assert!(matches!(status, 200 | 201), "{what} {body}: {status} {said}");
    said
}

/// A request that is a problem with this code, and changes nothing.
fn problem(clinic: &Clinic<'_>, role: Role, path: &str, body: &Value, expected: (u16, &str)) -> Value {
    let before = clinic.database.state();
    let (found, problem) = clinic.post(role, path, body);
    assert_eq!((found, &problem["code"]), (expected.0, &json!(expected.1)), "{path} {body}: {problem}");
    assert_eq!(clinic.database.state(), before, "{path} {body}");
    assert!(!problem.to_string().contains("P-1001"), "{problem}");
    problem
}

fn work(clinic: &Clinic<'_>, role: Role, kind: &str) -> Vec<Value> {
    let (status, answer) = clinic.http.get(&clinic.token(role), &format!("/v1/work?kind={kind}"));
    assert_eq!(status, 200, "{answer}");
    answer["items"].as_array().unwrap().clone()
}

/// A world with a lot of which P-1001 was given a unit: the administration, and the lot.
fn treated(clinic: &Clinic<'_>) -> (String, String) {
    let lot = clinic.receive_inspect_release("LOT1", 20);
    let administration = clinic.given_to(&lot, "P-1001", 1);
    clinic.clock.set("2026-07-01T10:01:00Z");
    (administration, lot)
}

// Long because it is the story of one adverse event, from top to bottom.
fn harm_is_told_from_the_report_to_the_outcome(world: &World) {
    let clinic = world.clinic();
    clinic.create(Role::Quality, "/v1/protocols", &protocol());
    let (administration, lot) = treated(&clinic);
    let reversal = clinic.given_to(&lot, "P-1001", 1);
    let mut body = harm(&[&administration]);
    body["actions"] = json!([
        {"text": "Massage, warmth", "at": "2026-07-01T10:00:40.000000Z"},
        {"text": "Hyaluronidase", "at": "2026-07-01T10:00:50.000000Z", "administration_ids": [reversal]}
    ]);
    let made = clinic.create(Role::Practitioner, HARM, &body);
    let event = id(&made);
    assert_eq!(
        (&made["state"], &made["kind_unlisted"], &made["overdue"]),
        (&json!("open"), &json!(false), &json!(false))
    );
    assert_eq!(made["administrations"][0]["lot_id"], json!(lot));
    assert_eq!(made["actions"], body["actions"].as_array().map(|actions| json!(actions)).unwrap());
    assert!(made["see_by"].as_str().unwrap().starts_with("2026-07-01T11:01:00"), "{made}");
    assert_eq!(made["due_at"], made["see_by"]);
    // The law of the site asks for one report, that of another country for none here.
    let reports = made["reports"].as_array().unwrap();
    assert_eq!((reports.len(), &reports[0]["to"]), (1, &json!("MHRA Yellow Card")));
    assert!(reports[0]["due_at"].as_str().unwrap().starts_with("2026-07-16T10:01:00"), "{made}");
    // It waits for a review, and for a report.
    let waiting = work(&clinic, Role::Practitioner, "review_adverse_event");
    assert_eq!((waiting.len(), &waiting[0]["due"]), (1, &made["see_by"]));
    assert_eq!(waiting[0]["call"]["path"], json!(format!("{HARM}/{event}/reviews")));
    assert!(!waiting[0].to_string().contains("P-1001") && !waiting[0].to_string().contains("occlusion"));
    let told = work(&clinic, Role::Quality, "report_adverse_event");
    assert_eq!((told.len(), &told[0]["call"]["body"]), (1, &json!({"to": "MHRA Yellow Card"})));

    clinic.clock.set("2026-07-01T10:30:00Z");
    let seen = json!({
        "note": "Refill within two seconds", "seen_at": "2026-07-01T10:20:00.000000Z", "severity": "severe",
        "actions": [{"text": "Aspirin", "at": "2026-07-01T10:25:00.000000Z"}]
    });
    let reviewed = entered(&clinic, Role::Practitioner, &event, "reviews", &seen);
    assert_eq!((&reviewed["state"], &reviewed["severity"]), (&json!("reviewed"), &json!("severe")));
    assert_eq!(
        (&reviewed["seen_at"], &reviewed["reported_severity"]),
        (&json!("2026-07-01T10:20:00.000000Z"), &json!("serious"))
    );
    assert_eq!(reviewed["actions"].as_array().unwrap().len(), 3);
    assert_eq!(reviewed["due_at"], reports[0]["due_at"]);
    assert!(work(&clinic, Role::Practitioner, "review_adverse_event").is_empty());
    // The first time counts.
    let again = json!({"note": "Seen again", "seen_at": "2026-07-01T10:29:00Z"});
    assert_eq!(entered(&clinic, Role::Quality, &event, "reviews", &again)["seen_at"], reviewed["seen_at"]);

    assert_eq!(work(&clinic, Role::Quality, "close_adverse_event").len(), 1);
    let end = json!({"outcome": "recovered", "note": "No mark is left"});
    let closed = entered(&clinic, Role::Quality, &event, "close", &end);
    assert_eq!((&closed["state"], &closed["outcome"]), (&json!("closed"), &json!("recovered")));
    // What must be reported must be reported, closed or not.
    assert_eq!(work(&clinic, Role::Quality, "report_adverse_event").len(), 1);
    let sent = json!({"to": "MHRA Yellow Card", "reference": "YC-1", "sent_at": "2026-07-01T10:28:00.000000Z"});
    let sent = entered(&clinic, Role::Quality, &event, "reports-sent", &sent);
    assert_eq!(
        (&sent["reports"][0]["sent_at"], &sent["due_at"]),
        (&json!("2026-07-01T10:28:00.000000Z"), &Value::Null)
    );
    assert!(work(&clinic, Role::Quality, "report_adverse_event").is_empty());
    let kinds: Vec<_> = sent["entries"].as_array().unwrap().iter().map(|entry| entry["kind"].clone()).collect();
    assert_eq!(kinds, ["review", "review", "closure", "report_sent"]);
    assert_eq!(world.read(&format!("{HARM}/{event}"))["entries"], sent["entries"]);
    // Nothing is held by it.
    assert_eq!(world.read("/v1/holds")["items"], json!([]));
}

fn for_want_of_paper_nobody_is_kept_from_reporting(world: &World) {
    let clinic = world.clinic();
    let (administration, _) = treated(&clinic);
    // No protocol at all.
    let made = clinic.harmed(&administration);
    assert_eq!((&made["kind_unlisted"], &made["see_by"], &made["reports"]), (&json!(true), &Value::Null, &json!([])));
    assert!(made.get("protocol_id").is_none(), "{made}");
    // None that knows the kind.
    clinic.create(Role::Quality, "/v1/protocols", &protocol());
    let mut unheard_of = harm(&[&administration]);
    unheard_of["kind"] = json!("blue skin");
    let made = clinic.create(Role::Practitioner, HARM, &unheard_of);
    assert_eq!((&made["kind_unlisted"], &made["due_at"]), (&json!(true), &Value::Null));
    assert!(made["protocol_id"].is_string());
    // Both wait for a review all the same.
    assert_eq!(work(&clinic, Role::Quality, "review_adverse_event").len(), 2);
    // About nothing but the patient, at the only site.
    let made = clinic.create(Role::Quality, HARM, &harm(&[]));
    assert_eq!((&made["site_id"], &made["administrations"]), (&json!(clinic.site), &json!([])));
    // About a visit: what is planned in it says which protocol.
    let visit = clinic.visit("P-1001");
    let mut of_visit = harm(&[]);
    of_visit["visit_id"] = json!(visit);
    let made = clinic.create(Role::Practitioner, HARM, &of_visit);
    assert_eq!((&made["kind_unlisted"], &made["site_id"]), (&json!(false), &json!(clinic.site)));
}

fn a_clock_runs_by_the_protocol_that_counted(world: &World) {
    let clinic = world.clinic();
    let mut everything = protocol();
    everything["applies_to"] = json!({});
    everything["content"]["kinds"][0]["see_within_minutes"] = json!(5);
    clinic.create(Role::Quality, "/v1/protocols", &everything);
    let (administration, _) = treated(&clinic);
    assert!(clinic.harmed(&administration)["see_by"].as_str().unwrap().starts_with("2026-07-01T10:06:00"));
    // About a patient only: that for everything.
    let made = clinic.create(Role::Quality, HARM, &harm(&[]));
    assert!(made["see_by"].as_str().unwrap().starts_with("2026-07-01T10:06:00"), "{made}");
    // The narrowest counts.
    let of_class = id(&clinic.create(Role::Quality, "/v1/protocols", &protocol()));
    let made = clinic.harmed(&administration);
    assert_eq!(made["protocol_id"], json!(of_class));
    assert!(made["see_by"].as_str().unwrap().starts_with("2026-07-01T11:01:00"), "{made}");
    // A later version changes nothing of it.
    let mut next = protocol();
    (next["effective_from"], next["reason"]) = (json!("2026-07-02"), json!("Too soon"));
    next["content"]["kinds"][0]["see_within_minutes"] = json!(600);
    clinic.create(Role::Quality, "/v1/protocols", &next);
    clinic.clock.set("2026-07-02T10:00:00Z");
    let shown = world.read(&format!("{HARM}/{}", id(&made)));
    assert_eq!((&shown["see_by"], &shown["overdue"]), (&made["see_by"], &json!(true)));
    // A review that has not seen the patient does not stop it.
    let reviewed = entered(&clinic, Role::Quality, &id(&made), "reviews", &json!({"note": "Nobody answers"}));
    assert_eq!((&reviewed["state"], &reviewed["due_at"]), (&json!("reviewed"), &made["see_by"]));
    assert_eq!(work(&clinic, Role::Quality, "review_adverse_event").len(), 3);
    // The morning list has them, too, for who reads treatments.
    let due = world.read("/v1/attention")["adverse_events"].clone();
    assert_eq!(due.as_array().unwrap().len(), 3, "{due}");
    assert!(due.as_array().unwrap().iter().any(|one| one["see_by"] == made["see_by"]), "{due}");
    let (status, told) = clinic.http.get(&clinic.token(Role::Purchaser), "/v1/attention");
    assert_eq!((status, &told["adverse_events"]), (200, &json!([])));
}

/// However a kind is spelt, and whatever else was given beside: the clock is the soonest that a protocol asks for where it is so bad, and
/// what each of them asks to be reported is owed.
fn a_clock_is_not_lost_by_spelling_or_by_company(world: &World) {
    let clinic = world.clinic();
    clinic.create(Role::Quality, "/v1/protocols", &protocol());
    let (administration, _) = treated(&clinic);
    for kind in ["Vascular_Occlusion", "VASCULAR OCCLUSION", "vascular-occlusion"] {
        let mut body = harm(&[&administration]);
        body["kind"] = json!(kind);
        let made = clinic.create(Role::Practitioner, HARM, &body);
        assert_eq!(made["kind_unlisted"], false, "{kind}: {made}");
        assert!(made["see_by"].as_str().unwrap().starts_with("2026-07-01T11:01:00"), "{kind}: {made}");
        let sent = json!({"to": "mhra yellow card", "reference": "YC-1"});
        let sent = entered(&clinic, Role::Quality, &id(&made), "reports-sent", &sent);
        assert!(sent["reports"][0]["sent_at"].is_string(), "{sent}");
    }
    // A sooner clock for something worse, of another product that was given, too.
    let mut other = super::support::clinic::product(&super::support::clinic::gtin(77));
    (other["name"], other["class"]) = (json!("Other filler"), json!("caha_filler"));
    let other = id(&clinic.create(Role::Admin, "/v1/products", &other));
    let mut worse = protocol();
    worse["applies_to"] = json!({"product_id": other});
    worse["content"]["kinds"] = json!([{
        "code": "vascular_occlusion", "text": "A vessel is blocked", "severity": "severe", "see_within_minutes": 5,
        "reports": [{"jurisdiction": "GB", "to": "The manufacturer", "within_days": 3}]
    }]);
    clinic.create(Role::Quality, "/v1/protocols", &worse);
    let visit = json!({
        "site_id": clinic.site, "practitioner_id": clinic.practitioner, "patient_ref": "P-1001",
        "planned": [{"product_id": other, "area": "chin"}, {"product_id": clinic.product, "area": "midface"}]
    });
    let visit = id(&clinic.create(Role::Practitioner, "/v1/visits", &visit));
    for (severity, see_by, owed) in [
        ("moderate", "2026-07-01T11:01:00", vec!["MHRA Yellow Card"]),
        ("severe", "2026-07-01T10:06:00", vec!["MHRA Yellow Card", "The manufacturer"]),
    ] {
        let mut body = harm(&[]);
        (body["visit_id"], body["severity"]) = (json!(visit), json!(severity));
        let made = clinic.create(Role::Practitioner, HARM, &body);
        assert!(made["see_by"].as_str().is_some_and(|by| by.starts_with(see_by)), "{severity}: {made}");
        let mut to: Vec<_> =
            made["reports"].as_array().unwrap().iter().map(|duty| duty["to"].as_str().unwrap()).collect();
        to.sort_unstable();
        assert_eq!(to, owed, "{severity}");
    }
}

fn a_worse_severity_starts_the_clock(world: &World) {
    let clinic = world.clinic();
    clinic.create(Role::Quality, "/v1/protocols", &protocol());
    let (administration, _) = treated(&clinic);
    let mut body = harm(&[&administration]);
    (body["kind"], body["severity"]) = (json!("swelling"), json!("moderate"));
    let made = clinic.create(Role::Practitioner, HARM, &body);
    assert_eq!((&made["see_by"], &made["kind_unlisted"]), (&Value::Null, &json!(false)));
    let event = id(&made);
    let worse =
        entered(&clinic, Role::Practitioner, &event, "reviews", &json!({"note": "Worse", "severity": "severe"}));
    assert!(worse["see_by"].as_str().unwrap().starts_with("2026-07-02T10:01:00"), "{worse}");
    let better =
        entered(&clinic, Role::Practitioner, &event, "reviews", &json!({"note": "Better", "severity": "mild"}));
    assert_eq!((&better["see_by"], &better["severity"]), (&worse["see_by"], &json!("mild")));
}

fn a_hold_is_opened_with_it_by_whom_may_hold(world: &World) {
    let clinic = world.clinic();
    let (administration, lot) = treated(&clinic);
    let other = clinic.receive_inspect_release("LOT2", 4);
    let second = clinic.given_to(&other, "P-1001", 1);
    clinic.clock.set("2026-07-01T10:02:00Z");
    let mut body = harm(&[&administration, &second]);
    body["onset_at"] = json!("2026-07-01T10:01:30Z");
    body["hold"] = json!({"reason": "Swelling reported"});
    // Who treats holds packs, not lots: nothing of it is done.
    problem(&clinic, Role::Practitioner, HARM, &body, (403, "forbidden"));
    let made = clinic.create(Role::Quality, HARM, &body);
    let holds = world.read("/v1/holds?open=true");
    let mut held: Vec<_> = holds["items"].as_array().unwrap().iter().map(|hold| hold["id"].clone()).collect();
    let mut said = made["hold_ids"].as_array().unwrap().clone();
    held.sort_by_key(ToString::to_string);
    said.sort_by_key(ToString::to_string);
    assert_eq!((held.len(), held), (2, said));
    assert_eq!(clinic.administer(&lot, 1).0, 409);
    assert_eq!(clinic.administer(&other, 1).0, 409);
    // With a review, too; and of nothing, nothing.
    let third = clinic.receive_inspect_release("LOT3", 4);
    let given = clinic.given_to(&third, "P-1001", 1);
    clinic.clock.set("2026-07-01T10:03:00Z");
    let mut plain = harm(&[&given]);
    plain["onset_at"] = json!("2026-07-01T10:02:30Z");
    let event = id(&clinic.create(Role::Quality, HARM, &plain));
    let reviewed =
        entered(&clinic, Role::Quality, &event, "reviews", &json!({"note": "Held", "hold": {"reason": "Another one"}}));
    assert_eq!(reviewed["hold_ids"].as_array().unwrap().len(), 1);
    assert_eq!(clinic.administer(&third, 1).0, 409);
    let mut of_nothing = harm(&[]);
    of_nothing["hold"] = json!({"reason": "Everything"});
    problem(&clinic, Role::Quality, HARM, &of_nothing, (422, "invalid_value"));
}

fn what_cannot_be_is_refused(world: &World) {
    let clinic = world.clinic();
    let (administration, lot) = treated(&clinic);
    let theirs = clinic.given_to(&lot, "P-2002", 1);
    let mistake = clinic.given_to(&lot, "P-1001", 1);
    let void = json!({"reason": "The wrong patient", "returned_to_stock": true});
    clinic.create(Role::Quality, &format!("/v1/administrations/{mistake}/voids"), &void);
    let later = clinic.given_to(&lot, "P-1001", 1);
    let visit = clinic.visit("P-2002");
    let with = |field: &str, value: Value| {
        let mut body = harm(&[&administration]);
        body[field] = value;
        body
    };
    let using =
        |id: &str| json!([{"text": "Hyaluronidase", "at": "2026-07-01T10:00:50.000000Z", "administration_ids": [id]}]);
    let unknown = "adm_01932c07-8d00-7000-8000-000000000009";
    for (body, status, code) in [
        (with("administration_ids", json!([unknown])), 422, "reference_unknown"),
        (with("administration_ids", json!([theirs])), 422, "not_of_this_patient"),
        (with("administration_ids", json!([mistake])), 422, "administration_voided"),
        (with("administration_ids", json!([administration, administration])), 422, "duplicate_entry"),
        (with("administration_ids", json!([later])), 422, "onset_before_administration"),
        (with("administration_ids", json!(vec![administration.clone(); 21])), 422, "list_too_long"),
        (with("onset_at", json!("2026-07-01T10:02:00Z")), 422, "occurred_in_future"),
        (with("onset_at", json!("2026-07-01T09:59:00Z")), 422, "onset_before_administration"),
        (with("visit_id", json!(visit)), 422, "not_of_this_patient"),
        (with("visit_id", json!("vis_01932c07-8d00-7000-8000-000000000009")), 422, "reference_unknown"),
        (with("site_id", json!("site_01932c07-8d00-7000-8000-000000000009")), 422, "reference_unknown"),
        (with("actions", using(unknown)), 422, "reference_unknown"),
        (with("actions", using(&theirs)), 422, "not_of_this_patient"),
        (with("actions", using(&mistake)), 422, "administration_voided"),
        (with("actions", json!([{"text": "Rest", "at": "2026-07-02T10:00:00Z"}])), 422, "occurred_in_future"),
        (with("severity", json!("terrible")), 422, "invalid_value"),
        (with("kind", json!("")), 422, "invalid_text"),
    ] {
        problem(&clinic, Role::Practitioner, HARM, &body, (status, code));
    }
}

fn one_thing_comes_after_the_other(world: &World) {
    let clinic = world.clinic();
    clinic.create(Role::Quality, "/v1/protocols", &protocol());
    let (administration, _) = treated(&clinic);
    let event = id(&clinic.harmed(&administration));
    let path = |what: &str| format!("{HARM}/{event}/{what}");
    let end = json!({"outcome": "unknown", "note": "Moved away"});
    problem(&clinic, Role::Quality, &path("close"), &end, (409, "adverse_event_not_reviewed"));
    let seen = |at: &str| json!({"note": "Seen", "seen_at": at});
    problem(&clinic, Role::Quality, &path("reviews"), &seen("2026-07-01T10:00:00Z"), (422, "occurred_too_early"));
    problem(&clinic, Role::Quality, &path("reviews"), &seen("2026-07-01T11:00:00Z"), (422, "occurred_in_future"));
    let sent = json!({"to": "MHRA Yellow Card", "sent_at": "2026-07-01T10:00:00Z"});
    problem(&clinic, Role::Quality, &path("reports-sent"), &sent, (422, "occurred_too_early"));
    entered(&clinic, Role::Quality, &event, "reviews", &json!({"note": "Looked at"}));
    entered(&clinic, Role::Quality, &event, "close", &end);
    problem(&clinic, Role::Quality, &path("close"), &end, (409, "adverse_event_closed"));
    problem(&clinic, Role::Quality, &path("reviews"), &json!({"note": "More"}), (409, "adverse_event_closed"));
    // Whom nobody has seen nobody waits for any more.
    assert!(work(&clinic, Role::Quality, "review_adverse_event").is_empty());
    // There is an end to what is said of one, but not to its end.
    let full = id(&clinic.harmed(&administration));
    for _ in 0..90 {
        entered(&clinic, Role::Quality, &full, "reviews", &json!({"note": "As before"}));
    }
    let path = format!("{HARM}/{full}/reviews");
    problem(&clinic, Role::Quality, &path, &json!({"note": "As before"}), (409, "adverse_event_full"));
    entered(&clinic, Role::Quality, &full, "close", &end);
}

fn what_is_due_first_comes_first(world: &World) {
    let clinic = world.clinic();
    clinic.create(Role::Quality, "/v1/protocols", &protocol());
    let (administration, lot) = treated(&clinic);
    let other = clinic.receive_inspect_release("LOT2", 4);
    let second = clinic.given_to(&other, "P-1001", 1);
    clinic.clock.set("2026-07-01T10:02:00Z");
    let report = |administration: &str, kind: &str| {
        let mut body = harm(&[administration]);
        (body["kind"], body["onset_at"]) = (json!(kind), json!("2026-07-01T10:01:30Z"));
        id(&clinic.create(Role::Practitioner, HARM, &body))
    };
    let ended = report(&administration, "itching");
    entered(&clinic, Role::Quality, &ended, "reviews", &json!({"note": "Nothing"}));
    entered(&clinic, Role::Quality, &ended, "close", &json!({"outcome": "recovered", "note": "Gone"}));
    let untimed = report(&second, "itching");
    let in_a_day = report(&administration, "swelling");
    let in_an_hour = report(&administration, "vascular_occlusion");
    let ids = |query: &str| -> Vec<String> {
        let found = world.read(&format!("{HARM}{query}"));
        found["items"].as_array().unwrap().iter().map(id).collect()
    };
    let expected = [&in_an_hour, &in_a_day, &untimed, &ended].map(String::clone);
    assert_eq!(ids(""), expected);
    let mut paged = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = world.read(&format!("{HARM}?limit=1{cursor}"));
        paged.extend(page["items"].as_array().unwrap().iter().map(id));
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(paged, expected);
    assert_eq!(ids("?state=closed"), std::slice::from_ref(&ended));
    assert_eq!(ids(&format!("?lot_id={other}")), std::slice::from_ref(&untimed));
    assert_eq!(ids(&format!("?lot_id={lot}&state=open")), [in_an_hour.clone(), in_a_day.clone()]);
    assert_eq!(ids(&format!("?product_id={}", clinic.product)), expected);
    assert_eq!(ids(&format!("?site_id={}", clinic.site)), expected);
    // When the patient was seen, what must be reported is due, much later.
    clinic.clock.set("2026-07-01T10:10:00Z");
    let seen = json!({"note": "Seen", "seen_at": "2026-07-01T10:05:00Z"});
    entered(&clinic, Role::Practitioner, &in_an_hour, "reviews", &seen);
    assert_eq!(ids("")[..2], [in_a_day, in_an_hour]);
}

fn a_token_for_a_site_has_the_harm_of_its_site(world: &World) {
    let clinic = world.clinic();
    let (administration, _) = treated(&clinic);
    let event = id(&clinic.harmed(&administration));
    let annex = id(&clinic.create(Role::Admin, "/v1/sites", &site()));
    let roles = [Role::Practitioner, Role::Quality];
    let bound = |sites: &[&str]| {
        world.sign(&world.organisation, "nia", &roles, Some(sites.iter().map(|s| s.parse().unwrap()).collect()))
    };
    let (here, there) = (bound(&[&clinic.site]), bound(&[&annex]));
    for (token, status) in [(&here, 200), (&there, 404)] {
        for path in [format!("{HARM}/{event}"), format!("{HARM}/{event}/report")] {
            assert_eq!(clinic.http.get(token, &path).0, status, "{path}");
        }
    }
    assert_eq!(clinic.http.post(&there, &format!("{HARM}/{event}/reviews"), &json!({"note": "?"})).0, 404);
    assert_eq!(clinic.http.get(&there, HARM).1["items"], json!([]));
    assert_eq!(clinic.http.get(&here, HARM).1["items"].as_array().unwrap().len(), 1);
    for (token, count) in [(&here, 1), (&there, 0)] {
        let (_, found) = clinic.http.get(token, "/v1/work?kind=review_adverse_event");
        assert_eq!(found["items"].as_array().unwrap().len(), count, "{found}");
    }
    let (status, answer) = clinic.http.post(&there, HARM, &harm(&[&administration]));
    assert_eq!((status, &answer["code"]), (422, &json!("reference_unknown")));
    // Who is at one site reports there; who is at several says where.
    let (status, made) = clinic.http.post(&there, HARM, &harm(&[]));
    assert_eq!((status, &made["site_id"]), (201, &json!(annex)));
    let (both, all) = (bound(&[&clinic.site, &annex]), clinic.token(Role::Quality));
    for token in [&both, &all] {
        let (status, answer) = clinic.http.post(token, HARM, &harm(&[]));
        assert_eq!((status, &answer["code"]), (422, &json!("missing_field")));
        let mut there = harm(&[]);
        there["site_id"] = json!(annex);
        assert_eq!(clinic.http.post(token, HARM, &there).0, 201);
    }
}

fn what_is_clinical_ends_with_the_patient(world: &World) {
    let clinic = world.clinic();
    clinic.create(Role::Quality, "/v1/protocols", &protocol());
    let lot = clinic.receive_inspect_release("LOT1", 4);
    let administration = clinic.given_to(&lot, "P-4711", 1);
    clinic.clock.set("2026-07-01T10:01:00Z");
    let mut body = harm(&[&administration]);
    (body["patient_ref"], body["description"]) = (json!("P-4711"), json!("Harm-Zebra"));
    body["actions"] = json!([{"text": "Action-Zebra", "at": "2026-07-01T10:00:40.000000Z"}]);
    let event = id(&clinic.create(Role::Practitioner, HARM, &body));
    entered(&clinic, Role::Quality, &event, "reviews", &json!({"note": "Note-Zebra", "severity": "severe"}));
    entered(
        &clinic,
        Role::Quality,
        &event,
        "reports-sent",
        &json!({"to": "MHRA Yellow Card", "reference": "Ref-Zebra"}),
    );
    entered(&clinic, Role::Quality, &event, "close", &json!({"outcome": "permanent", "note": "End-Zebra"}));
    let shown = world.read(&format!("{HARM}/{event}")).to_string();
    for text in ["P-4711", "Harm-Zebra", "Action-Zebra", "Note-Zebra", "Ref-Zebra", "End-Zebra", "permanent"] {
        assert!(shown.contains(text), "{text}: {shown}");
    }
    // Nothing of it stands in the database in clear.
    for (table, column) in [("adverse_events", "clinical"), ("adverse_event_entries", "said")] {
        let rows = clinic.database.lines(&format!("SELECT {column} AS line FROM {table}"));
        assert!(!rows.is_empty() && rows.iter().all(|row| row.starts_with("pat_")), "{rows:?}");
    }
    for state in clinic.database.state() {
        assert!(!state.contains("Zebra"), "{state}");
    }
    let erase =
        json!({"patient_ref": "P-4711", "reason": "Asked for in writing", "override_reason": "Legal has agreed"});
    let (status, answer) = clinic.post(Role::Admin, "/v1/patients/erasures", &erase);
    assert_eq!(status, 201, "{answer}");
    let shown = world.read(&format!("{HARM}/{event}"));
    for field in ["patient_ref", "kind", "severity", "description", "outcome", "onset_at"] {
        assert_eq!(shown[field], Value::Null, "{field}");
    }
    assert_eq!((&shown["entries"][0]["content"], &shown["actions"]), (&Value::Null, &json!([])));
    assert_eq!(world.read(HARM)["items"][0]["patient_ref"], Value::Null);
    let report = world.read(&format!("{HARM}/{event}/report"));
    assert_eq!((&report["event"], &report["patient_ref"]), (&Value::Null, &Value::Null));
    assert!(!shown.to_string().contains("Zebra") && !report.to_string().contains("Zebra"));
    let (status, problem) =
        clinic.post(Role::Quality, &format!("{HARM}/{event}/reports-sent"), &json!({"to": "Another"}));
    assert_eq!((status, &problem["code"]), (409, &json!("patient_erased")), "{problem}");
}

fn how_it_looked_is_sealed_and_given_back(world: &World) {
    let clinic = world.clinic();
    let (administration, _) = treated(&clinic);
    let event = id(&clinic.harmed(&administration));
    let (path, picture) = (format!("{HARM}/{event}/photographs"), &b"\x89PNG\r\n\x1a\n the left cheek, white"[..]);
    let send = |role: Role, media_type: &str, query: &str, bytes: &[u8]| {
        let bearer = format!("Bearer {}", clinic.token(role));
        let headers = [("authorization", bearer.as_str()), ("content-type", media_type)];
        clinic.http.send("POST", &format!("{path}{query}"), &headers, Some(bytes))
    };
    let made = send(Role::Practitioner, "image/png", "?view=left%20cheek&taken_at=2026-07-01T10:00:50Z", picture);
    assert_eq!(made.status, 201, "{}", made.json());
    let entry = made.json()["entries"][0].clone();
    assert_eq!((&entry["kind"], &made.json()["state"]), (&json!("photograph"), &json!("open")));
    let content = &entry["content"];
    // By Python: hashlib.sha256(b"\x89PNG\r\n\x1a\n the left cheek, white").hexdigest().
    let digest = "dde0af72a8babdc1592aa47fa27d881b8ff4493a66cfb5c8321c7f301a620ee7";
    assert_eq!(
        (&content["taken_at"], &content["photograph"]["view"], &content["photograph"]["sha256"]),
        (&json!("2026-07-01T10:00:50.000000Z"), &json!("left cheek"), &json!(digest))
    );
    let read = |token: &str, entry: &Value| {
        let bearer = format!("Bearer {token}");
        let path = format!("{path}/{}", entry.as_str().unwrap());
        clinic.http.send("GET", &path, &[("authorization", bearer.as_str())], None)
    };
    let auditor = clinic.token(Role::Auditor);
    let back = read(&auditor, &entry["id"]);
    assert_eq!((back.status, back.header("content-type"), back.bytes.as_slice()), (200, Some("image/png"), picture));
    // Nobody else reads it, by no other way, and what is no picture is refused and changes nothing.
    assert_eq!(read(&clinic.token(Role::Purchaser), &entry["id"]).status, 403);
    let bearer = format!("Bearer {auditor}");
    let sealed = content["photograph"]["sealed_sha256"].as_str().unwrap();
    let kept = clinic.http.send("GET", &format!("/v1/evidence/{sealed}"), &[("authorization", &bearer)], None);
    assert!(kept.status == 200 && !kept.bytes.windows(5).any(|part| part == b"cheek"));
    let before = clinic.database.state();
    for (role, media_type, query, bytes, expected) in [
        (Role::Practitioner, "application/pdf", "?view=front", &b"%PDF-1.7\n"[..], (422, "evidence_type_mismatch")),
        (Role::Practitioner, "image/png", "?view=front", b"no picture", (422, "evidence_type_mismatch")),
        (
            Role::Practitioner,
            "image/png",
            "?view=front&taken_at=2027-01-01T00:00:00Z",
            picture,
            (422, "occurred_in_future"),
        ),
        (Role::Practitioner, "image/png", "", picture, (400, "malformed_query")),
        (Role::Purchaser, "image/png", "?view=front", picture, (403, "forbidden")),
    ] {
        let refused = send(role, media_type, query, bytes);
        assert_eq!((refused.status, &refused.json()["code"]), (expected.0, &json!(expected.1)), "{query}");
    }
    assert_eq!(clinic.database.state(), before);
    // How it looks afterwards is recorded when it is closed, too. A review is no photograph.
    let reviewed = entered(&clinic, Role::Quality, &event, "reviews", &json!({"note": "Pink again"}));
    assert_eq!(read(&auditor, &reviewed["entries"][1]["id"]).status, 404);
    entered(&clinic, Role::Quality, &event, "close", &json!({"outcome": "recovered", "note": "Nothing is left"}));
    let later = send(Role::Practitioner, "image/png", "?view=left%20cheek", picture);
    assert_eq!((later.status, &later.json()["state"]), (201, &json!("closed")), "{}", later.json());
    let erase =
        json!({"patient_ref": "P-1001", "reason": "Asked for in writing", "override_reason": "Legal has agreed"});
    clinic.create(Role::Admin, "/v1/patients/erasures", &erase);
    assert_eq!(read(&auditor, &entry["id"]).status, 404);
    let late = send(Role::Practitioner, "image/png", "?view=front", picture);
    assert_eq!((late.status, &late.json()["code"]), (409, &json!("patient_erased")));
}

fn a_regulator_is_told_what_they_ask(world: &World) {
    let clinic = world.clinic();
    let token = clinic.own_token();
    clinic.create(Role::Quality, "/v1/protocols", &protocol());
    let lot = clinic.receive_inspect_release("LOT1", 4);
    let administration = clinic.given_to(&lot, "P-<1001>", 1);
    clinic.clock.set("2026-07-01T10:01:00Z");
    let mut body = harm(&[&administration]);
    (body["patient_ref"], body["description"]) = (json!("P-<1001>"), json!("<script>alert(1)</script> & pain"));
    body["actions"] = json!([{"text": "Massage <b>", "at": "2026-07-01T10:00:40.000000Z"}]);
    let (status, made) = clinic.http.post(&token, HARM, &body);
    assert_eq!(status, 201, "{made}");
    let event = id(&made);
    entered(&clinic, Role::Quality, &event, "reviews", &json!({"note": "Better", "seen_at": "2026-07-01T10:01:00Z"}));
    entered(&clinic, Role::Quality, &event, "close", &json!({"outcome": "recovering", "note": "Two weeks"}));
    let report = world.read(&format!("{HARM}/{event}/report"));
    let device = &report["devices"][0];
    let expected =
        json!([super::support::clinic::GTIN, "LOT1", "2027-06-30", "HArmonyCa", "Example Aesthetics", "midface", 1]);
    let found =
        ["udi_di", "lot", "expiry", "product", "manufacturer", "area", "units"].map(|field| device[field].clone());
    assert_eq!(json!(found), expected);
    assert!(device["administered_at"].is_string() && device["serial"].is_null());
    assert_eq!(
        (&report["event"]["kind_text"], &report["event"]["serious"]),
        (&json!("A vessel is blocked"), &json!(true))
    );
    assert_eq!((&report["reporter_profession"], &report["outcome"]), (&json!("doctor"), &json!("recovering")));
    assert_eq!((&report["site"]["jurisdiction"], &report["course"][0]["note"]), (&json!("GB-ENG"), &json!("Better")));
    assert_eq!(report["patient_ref"], json!("P-<1001>"));
    // As a page: all of it, and nothing that runs.
    let bearer = format!("Bearer {}", clinic.token(Role::Auditor));
    let headers = [("authorization", bearer.as_str()), ("accept", "text/html")];
    let page = clinic.http.send("GET", &format!("{HARM}/{event}/report"), &headers, None);
    assert_eq!(page.status, 200);
    assert!(page.header("content-type").unwrap().starts_with("text/html"));
    assert!(page.header("content-security-policy").unwrap().contains("default-src 'none'"));
    let text = String::from_utf8(page.bytes).unwrap();
    for said in [
        "P-&lt;1001&gt;",
        "&lt;script&gt;alert(1)&lt;/script&gt; &amp; pain",
        super::support::clinic::GTIN,
        "LOT1",
        "2027-06-30",
        "Massage &lt;b&gt;",
        "doctor",
        "recovering",
        "MHRA Yellow Card",
        "Two weeks",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    assert!(!text.contains("<script>") && !text.contains("<b>"));
}

fn the_chain_and_the_bundle_of_a_patient_have_it(world: &World) {
    let clinic = world.clinic();
    let (administration, lot) = treated(&clinic);
    let event = id(&clinic.harmed(&administration));
    entered(&clinic, Role::Quality, &event, "reviews", &json!({"note": "Looked at"}));
    let told = world.read(&format!("/v1/administrations/{administration}/custody"));
    let kinds: Vec<_> = told["events"].as_array().unwrap().iter().map(|event| event["kind"].clone()).collect();
    assert!(kinds.contains(&json!("adverse_event_reported")), "{kinds:?}");
    let of_lot = world.read(&format!("/v1/lots/{lot}/custody")).to_string();
    assert!(of_lot.contains("adverse_event_reported"), "{of_lot}");
    // One of whom nothing but harm is recorded has a bundle, too.
    let mut other = harm(&[]);
    other["patient_ref"] = json!("P-3003");
    clinic.create(Role::Quality, HARM, &other);
    world.log();
    for patient in ["P-1001", "P-3003"] {
        let bearer = format!("Bearer {}", clinic.token(Role::Auditor));
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
        let body = json!({"patient_ref": patient}).to_string();
        let answer = clinic.http.send("POST", "/v1/evidence-bundles", &headers, Some(body.as_bytes()));
        assert_eq!(answer.status, 201, "{patient}");
    }
    let unknown = json!({"patient_ref": "P-9999"});
    let (status, answer) = clinic.post(Role::Auditor, "/v1/evidence-bundles", &unknown);
    assert_eq!((status, &answer["code"]), (422, &json!("patient_unknown")));
}

fn who_may_not_reads_and_writes_nothing_of_it(world: &World) {
    let clinic = world.clinic();
    let (administration, _) = treated(&clinic);
    let event = id(&clinic.harmed(&administration));
    let end = json!({"outcome": "unknown", "note": "?"});
    problem(&clinic, Role::Practitioner, &format!("{HARM}/{event}/close"), &end, (403, "forbidden"));
    problem(&clinic, Role::Auditor, HARM, &harm(&[&administration]), (403, "forbidden"));
    problem(&clinic, Role::Purchaser, HARM, &harm(&[&administration]), (403, "forbidden"));
    for path in [HARM.to_owned(), format!("{HARM}/{event}"), format!("{HARM}/{event}/report"), "/v1/signals".to_owned()]
    {
        assert_eq!(clinic.http.get(&clinic.token(Role::Purchaser), &path).0, 403, "{path}");
        assert_eq!(clinic.http.get(&clinic.token(Role::Device), &path).0, 403, "{path}");
        assert_eq!(clinic.http.get(&clinic.token(Role::Auditor), &path).0, 200, "{path}");
    }
    // A request that comes again is answered as before, and done once.
    let body = harm(&[&administration]);
    let token = clinic.token(Role::Practitioner);
    let send = || clinic.http.post_with(&token, HARM, &[("idempotency-key", "harm-1")], &body);
    let (first, again) = (send(), send());
    assert_eq!((first.status, again.status), (201, 201));
    assert_eq!(first.bytes, again.bytes);
    assert_eq!(world.read(HARM)["items"].as_array().unwrap().len(), 2);
}
