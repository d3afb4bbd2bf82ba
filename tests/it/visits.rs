//! Visits: what is asked, explained and agreed to before a treatment, and who is not treated because of it (DOMAIN.md, "Record around a
//! treatment").

use lotline::caller::Role;
use serde_json::{Value, json};

use super::support::client::codes;
use super::support::clinic::{gtin, id, product, scan};
use super::support::{Clinic, World, on_both_databases};

on_both_databases!(
    a_visit_is_told_from_the_first_question_to_the_signature,
    nobody_is_treated_without_what_the_policy_asks_for,
    an_answer_that_stops_a_treatment_is_not_answered_away,
    a_stop_outlives_versions_that_do_not_ask,
    a_consent_needs_everything_explained_and_time_to_think,
    what_is_answered_or_agreed_to_lapses,
    the_same_area_waits,
    an_emergency_needs_its_kit,
    a_reversal_agent_is_never_kept_from_a_patient,
    what_happened_without_consent_is_recorded_in_retrospect,
    a_signed_visit_does_not_change,
    what_makes_no_sense_changes_nothing,
    a_visit_is_of_one_patient_at_one_site,
    what_is_clinical_ends_with_the_patient,
    a_full_visit_takes_a_withdrawal,
    two_at_once_sign_once,
);

const CODE: &str = "LOT1";

/// What is asked, in the form of the document.
pub fn screening() -> Value {
    json!({"valid_days": 30, "questions": [
        {"code": "pregnancy", "text": "Are you pregnant or breastfeeding?", "answer": {"type": "yes_no", "yes": "stop", "no": "none"}},
        {"code": "infection", "text": "When did you last have an infection?", "answer": {"type": "date", "min_days_since": 14, "sooner": "stop"}},
        {"code": "autoimmune", "text": "Do you have an autoimmune condition?", "answer": {"type": "choice", "options": [
            {"code": "no", "text": "No", "consequence": "none"}, {"code": "yes", "text": "Yes", "consequence": "review"}
        ]}, "optional": true},
        {"code": "fillers", "text": "How many fillers have you had?", "answer": {"type": "number", "to": 10, "outside": "review"}, "optional": true},
        {"code": "other", "text": "Anything else?", "answer": {"type": "text", "given": "note"}, "optional": true}
    ]})
}

/// Answers from which nothing follows.
pub fn answers() -> Value {
    json!({"answers": [{"question": "pregnancy", "value": false}, {"question": "infection", "value": null}]})
}

/// What is explained, in the form of the document.
pub fn consent_content() -> Value {
    json!({"reflection_hours": 24, "valid_days": 180, "points": [
        {"code": "risks", "text": "Risks were discussed"}, {"code": "no_guarantee", "text": "No result is promised"}
    ]})
}

/// Everything explained, and agreed to at once.
pub fn consent() -> Value {
    json!({
        "explained": [
            {"point": "risks", "by": ["spoken", "written"], "to_whom": "the patient"},
            {"point": "no_guarantee", "by": ["written"], "to_whom": "the patient"}
        ],
        "agreed": {"witness": "N. Example, nurse"}
    })
}

/// What is to be done at home, in the form of the document.
pub fn aftercare_content() -> Value {
    json!({"languages": [{
        "language": "en-GB", "instructions": ["No make-up for 12 hours"], "return_precautions": ["Call if the skin turns white"]
    }]})
}

/// What a patient was told.
pub fn aftercare() -> Value {
    json!({"language": "en-gb", "by": ["spoken", "written"], "return_precautions": "Call at once if vision changes"})
}

/// A first version of a document.
pub fn protocol(kind: &str, applies_to: Value, content: Value) -> Value {
    json!({
        "kind": kind, "applies_to": applies_to, "title": format!("The {kind}"), "source": "Illustrative; no guideline",
        "effective_from": "2026-01-01", "reason": "First version", "content": content
    })
}

/// A document of each kind that a visit rests on, with what the tests call it.
pub fn protocols() -> [(&'static str, Value); 3] {
    let of_class = || json!({"class": "hybrid_filler"});
    [
        ("screening_protocol", protocol("screening", of_class(), screening())),
        ("consent_protocol", protocol("consent", of_class(), consent_content())),
        ("aftercare_protocol", protocol("aftercare", of_class(), aftercare_content())),
    ]
}

impl Clinic<'_> {
    pub fn asks(&self, gates: &[&str]) {
        let policy = json!({"treatment_gates": {"hybrid_filler": gates}});
        assert_eq!(self.patch("/v1/policies", &policy).status, 200);
    }

    fn with_protocols(&self) {
        for (_, protocol) in protocols() {
            self.create(Role::Quality, "/v1/protocols", &protocol);
        }
    }

    /// Opens a visit of a patient.
    pub fn visit(&self, patient: &str) -> String {
        let body = json!({
            "site_id": self.site, "practitioner_id": self.practitioner, "patient_ref": patient,
            "planned": [{"product_id": self.product, "area": "midface"}]
        });
        id(&self.create(Role::Practitioner, "/v1/visits", &body))
    }

    /// Records something in a visit.
    pub fn enter(&self, visit: &str, what: &str, body: &Value) -> Value {
        self.create(Role::Practitioner, &format!("/v1/visits/{visit}/{what}"), body)
    }

    /// A scan and the administration that follows it say the same, in these codes: nothing, and it is done.
    pub fn at_the_chair(&self, visit: Option<&str>, expected: &[&str]) -> Value {
        let (mut question, mut administration) =
            (self.question(&scan("270630", CODE, None)), self.administration_of(&scan("270630", CODE, None)));
        if let Some(visit) = visit {
            (question["visit_id"], administration["visit_id"]) = (json!(visit), json!(visit));
        }
        question["patient_ref"] = administration["patient_ref"].clone();
        question["area"] = administration["treatment"]["area"].clone();
        let scanned = self.create(Role::Practitioner, "/v1/scans", &question);
        assert_eq!(codes(&scanned["decision"]), expected, "{scanned}");
        if expected.is_empty() {
            return self.create(Role::Practitioner, "/v1/administrations", &administration);
        }
        let refused = self.assert_refused(Role::Practitioner, "/v1/administrations", &administration, expected);
        assert_eq!(refused["reasons"], scanned["decision"]["reasons"]);
        refused
    }

    /// A request that is a problem with this code, and changes nothing.
    pub fn problem(&self, path: &str, body: &Value, status: u16, code: &str) -> Value {
        let before = self.database.state();
        let (found, problem) = self.post(Role::Practitioner, path, body);
        assert_eq!((found, &problem["code"]), (status, &json!(code)), "{path} {body}: {problem}");
        assert_eq!(self.database.state(), before, "{path} {body}");
        assert!(!problem.to_string().contains("P-1001"), "{problem}");
        problem
    }

    /// A visit of a patient in which nothing is missing of all that a policy can ask for, which it does from now on.
    pub fn with_every_gate(&self, patient: &str) -> String {
        self.with_protocols();
        let class = || json!({"class": "hybrid_filler"});
        let kit = json!({"items": [{"product_id": self.product, "units": 1}]});
        for (kind, content) in [("retreatment", json!({"least_days": 14})), ("emergency_kit", kit)] {
            self.create(Role::Quality, "/v1/protocols", &protocol(kind, class(), content));
        }
        let prescriber = self.prescriber();
        let mut prescription = self.prescription(&prescriber, 9);
        prescription["patient_ref"] = json!(patient);
        self.prescribe(&prescription);
        let visit = self.visit(patient);
        self.enter(&visit, "screenings", &answers());
        let mut agreed = consent();
        let told = agreed["explained"].as_array_mut().unwrap();
        told.iter_mut().for_each(|point| point["at"] = json!("2026-06-29T10:00:00Z"));
        self.enter(&visit, "consents", &agreed);
        self.enter(&visit, "age-attestations", &json!({"of_age": true, "seen": "passport"}));
        self.asks(&["screening", "consent", "age", "interval", "prescription", "emergency_kit"]);
        visit
    }

    /// The token of the practitioner.
    pub fn own_token(&self) -> String {
        let path = format!("/v1/practitioners/{}", self.practitioner);
        assert_eq!(self.patch(&path, &json!({"subject": "dr-a"})).status, 200);
        self.token_as("dr-a", &[Role::Practitioner])
    }
}

fn a_visit_is_told_from_the_first_question_to_the_signature(world: &World) {
    let clinic = world.clinic();
    clinic.with_protocols();
    clinic.asks(&["screening", "consent", "age"]);
    let parts =
        ["screening", "consent", "age_attestation", "goals", "reversibility_plan", "aftercare", "return_precautions"];
    assert_eq!(clinic.patch("/v1/policies", &json!({"signing_requires": parts})).status, 200);
    let token = clinic.own_token();
    clinic.stocked(CODE, "2027-06-30", 6);
    let visit = clinic.visit("P-1001");
    let sign = || clinic.http.post(&token, &format!("/v1/visits/{visit}/sign"), &json!({}));

    // All that is missing is told at once, by the visit and by the signature alike.
    let missing = clinic.read(&format!("/v1/visits/{visit}"))["missing"].clone();
    assert_eq!(missing.as_array().unwrap().len(), parts.len(), "{missing}");
    let (status, refused) = sign();
    assert_eq!((status, codes(&refused)), (409, vec!["visit_incomplete".to_owned(); parts.len()]), "{refused}");

    world.clock.set("2026-07-02T10:00:00Z");
    let mut reviewed = answers();
    reviewed["answers"].as_array_mut().unwrap().push(json!({"question": "autoimmune", "value": "yes"}));
    let entry = clinic.enter(&visit, "screenings", &reviewed);
    assert_eq!(entry["content"]["findings"], json!([{"question": "autoimmune", "consequence": "review"}]));
    assert_eq!(entry["is_superseded"], false);
    let mut explained = consent();
    explained.as_object_mut().unwrap().remove("agreed");
    clinic.enter(&visit, "consents", &explained);
    world.clock.set("2026-07-03T10:00:01Z");
    clinic.enter(&visit, "consents", &json!({"agreed": {"witness": "N. Example, nurse"}}));
    clinic.enter(&visit, "age-attestations", &json!({"of_age": true, "seen": "passport"}));
    let given = clinic.at_the_chair(Some(&visit), &[]);
    assert_eq!(given["visit_id"], json!(visit));
    clinic.enter(&visit, "goals", &json!({"immediate": ["Symmetry"], "later": ["Firmer skin"]}));
    let plan = clinic.enter(&visit, "reversibility-plans", &json!({"instead": "Massage; the hospital on call"}));
    assert_eq!(plan["content"], json!({"instead": "Massage; the hospital on call"}));
    let told = clinic.enter(&visit, "aftercare", &aftercare());
    assert_eq!(told["content"]["language"], "en-GB", "as the protocol writes it");

    // What is to be looked at was not.
    let (status, refused) = sign();
    assert_eq!((status, codes(&refused)), (409, vec!["screening_unreviewed".to_owned()]), "{refused}");
    reviewed["answers"][2]["note"] = json!("Thyroiditis, quiet for years: discussed, no reason against it");
    clinic.enter(&visit, "screenings", &reviewed);
    let (_, work) = clinic.http.get(&token, "/v1/work?kind=sign_visit");
    let waits = &work["items"][0];
    assert_eq!(waits["call"]["path"], json!(format!("/v1/visits/{visit}/sign")), "{waits}");
    // Nobody signs for another.
    clinic.problem(&format!("/v1/visits/{visit}/sign"), &json!({}), 409, "not_yours_to_sign");
    let (status, signed) = sign();
    assert_eq!((status, &signed["status"], &signed["missing"]), (200, &json!("signed"), &json!([])), "{signed}");
    assert_eq!(signed["administration_ids"], json!([given["id"]]));
    let kinds: Vec<_> =
        signed["entries"].as_array().unwrap().iter().map(|entry| entry["kind"].as_str().unwrap()).collect();
    let expected =
        ["screening", "consent", "consent", "age_attestation", "goals", "reversibility_plan", "aftercare", "screening"];
    assert_eq!(kinds, expected);
    let of_visit = clinic.read(&format!("/v1/administrations?visit_id={visit}"));
    assert_eq!(of_visit["items"].as_array().unwrap().len(), 1);
    let (_, found) = clinic.post(Role::Auditor, "/v1/visits/search", &json!({"patient_ref": "p-1001"}));
    assert_eq!(found["items"][0]["id"], json!(visit));
}

fn nobody_is_treated_without_what_the_policy_asks_for(world: &World) {
    let clinic = world.clinic();
    clinic.stocked(CODE, "2027-06-30", 20);
    // Nothing is asked of who asks for nothing.
    clinic.at_the_chair(None, &[]);
    let visit = clinic.visit("P-1001");
    clinic.at_the_chair(Some(&visit), &[]);
    clinic.asks(&["screening", "consent", "age", "interval", "emergency_kit"]);
    // Without protocols nothing can have been asked, and nobody knows how long one waits or what an emergency needs.
    let all =
        ["screening_missing", "consent_missing", "patient_under_age", "interval_too_short", "emergency_kit_incomplete"];
    clinic.at_the_chair(None, &all);
    clinic.at_the_chair(Some(&visit), &all);
    clinic.asks(&["screening", "consent", "age"]);
    clinic.with_protocols();
    let refused = clinic.at_the_chair(Some(&visit), &["screening_missing", "consent_missing", "patient_under_age"]);
    assert_eq!(refused["reasons"][0]["subject"], json!({"type": "visit", "id": visit}));
    clinic.enter(&visit, "age-attestations", &json!({"of_age": false, "seen": "passport"}));
    let refused = clinic.at_the_chair(Some(&visit), &["screening_missing", "consent_missing", "patient_under_age"]);
    assert_eq!(refused["reasons"][2]["message"], "The patient is not of age.");
    clinic.enter(&visit, "age-attestations", &json!({"of_age": true, "seen": "passport"}));
    clinic.at_the_chair(Some(&visit), &["screening_missing", "consent_missing"]);
    clinic.enter(&visit, "screenings", &answers());
    clinic.at_the_chair(Some(&visit), &["consent_missing"]);
    // What another class asks for is asked of that class.
    let policy = json!({"treatment_gates": {"hybrid_filler": null, "ha_filler": ["consent"]}});
    assert_eq!(clinic.patch("/v1/policies", &policy).status, 200);
    clinic.at_the_chair(None, &[]);
    // The decision rests on what it names.
    clinic.asks(&["screening"]);
    let question = json!({
        "code": scan("270630", CODE, None), "site_id": clinic.site, "practitioner_id": clinic.practitioner,
        "purpose": "administer", "visit_id": visit
    });
    let scanned = clinic.create(Role::Practitioner, "/v1/scans", &question);
    let basis: Vec<_> = scanned["decision"]["basis"].as_array().unwrap().iter().map(|fact| &fact["type"]).collect();
    assert!(basis.contains(&&json!("visit")) && basis.contains(&&json!("protocol")), "{scanned}");
    // To receive or to return it, nothing is asked.
    for purpose in ["receive", "return"] {
        let mut question = question.clone();
        (question["purpose"], question["visit_id"]) = (json!(purpose), Value::Null);
        let scanned = clinic.create(Role::Practitioner, "/v1/scans", &question);
        assert_eq!(codes(&scanned["decision"]), [""; 0], "{scanned}");
    }
}

fn an_answer_that_stops_a_treatment_is_not_answered_away(world: &World) {
    let clinic = world.clinic();
    clinic.with_protocols();
    clinic.stocked(CODE, "2027-06-30", 20);
    let visit = clinic.visit("P-1001");
    let mut stopping = answers();
    stopping["answers"][0]["value"] = json!(true);
    let entry = clinic.enter(&visit, "screenings", &stopping);
    assert_eq!(entry["content"]["findings"], json!([{"question": "pregnancy", "consequence": "stop"}]));
    // It counts though the policy asks for nothing.
    let refused = clinic.at_the_chair(Some(&visit), &["screening_stop"]);
    let message = refused["reasons"][0]["message"].as_str().unwrap();
    assert!(message.contains("pregnancy") && !message.contains("true"), "{message}");
    // Answered otherwise, in this visit or in another one, also in another spelling of the patient: only with a note that says why.
    let other = clinic.visit("p-1001");
    for visit in [&visit, &other] {
        let path = format!("/v1/visits/{visit}/screenings");
        let problem = clinic.problem(&path, &answers(), 422, "note_required");
        assert_eq!(problem["fields"], json!(["answers[0].note"]));
    }
    let mut explained = answers();
    explained["answers"][0]["note"] = json!("Keyed by mistake: the test of today is negative");
    clinic.enter(&other, "screenings", &explained);
    clinic.at_the_chair(Some(&other), &[]);
    // The patient's newest answers count, in whichever visit since it began.
    clinic.at_the_chair(Some(&visit), &[]);
    clinic.enter(&visit, "screenings", &stopping);
    clinic.at_the_chair(Some(&other), &["screening_stop"]);
    let after = clinic.visit("P-1001");
    clinic.at_the_chair(Some(&after), &[]);
    clinic.asks(&["screening"]);
    clinic.at_the_chair(Some(&after), &["screening_missing"]);
    clinic.problem(&format!("/v1/visits/{after}/screenings"), &answers(), 422, "note_required");
    clinic.asks(&[]);
    // An infection is too fresh for 14 days: that is a matter of the day.
    let infection = |day: &str| json!({"answers": [{"question": "pregnancy", "value": false}, {"question": "infection", "value": day}]});
    let third = clinic.visit("P-1002");
    for (day, findings) in [("2026-06-18", 1), ("2026-06-17", 0)] {
        let mut body = infection(day);
        body["answers"][1]["note"] = json!("As the patient says");
        let entry = clinic.enter(&third, "screenings", &body);
        assert_eq!(entry["content"]["findings"].as_array().unwrap().len(), findings, "{day}");
    }
    clinic.problem(&format!("/v1/visits/{third}/screenings"), &infection("2026-07-02"), 422, "answer_unfit");
}

/// An older version, a wider or a narrower document, and many others in between: what stopped is answered itself, with a note.
fn a_stop_outlives_versions_that_do_not_ask(world: &World) {
    let clinic = world.clinic();
    let of = |applies_to: Value, questions: &[&str]| {
        let mut content = screening();
        let all = content["questions"].as_array_mut().unwrap();
        all.retain(|question| questions.contains(&question["code"].as_str().unwrap()));
        protocol("screening", applies_to, content)
    };
    let class = || json!({"class": "hybrid_filler"});
    let first = id(&clinic.create(Role::Quality, "/v1/protocols", &of(class(), &["infection"])));
    let mut second = of(class(), &["infection", "pregnancy"]);
    second["effective_from"] = json!("2026-06-30");
    clinic.create(Role::Quality, "/v1/protocols", &second);
    clinic.stocked(CODE, "2027-06-30", 20);
    let visit = clinic.visit("P-1001");
    let mut stopping = answers();
    stopping["answers"][0]["value"] = json!(true);
    clinic.enter(&visit, "screenings", &stopping);
    clinic.at_the_chair(Some(&visit), &["screening_stop"]);
    let old = json!({"protocol_id": first, "answers": [{"question": "infection", "value": null}]});
    assert_eq!(clinic.enter(&visit, "screenings", &old)["is_superseded"], true);
    clinic.at_the_chair(Some(&visit), &["screening_stop"]);
    clinic.asks(&["screening"]);
    clinic.at_the_chair(Some(&visit), &["screening_stop", "screening_stale"]);
    clinic.asks(&[]);
    let path = |visit: &str| format!("/v1/visits/{visit}/screenings");
    clinic.problem(&path(&visit), &answers(), 422, "note_required");
    // A document of the product itself, in another visit, and thirty of another document before it.
    clinic.create(
        Role::Quality,
        "/v1/protocols",
        &of(json!({"product_id": clinic.product}), &["infection", "pregnancy"]),
    );
    let general = id(&clinic.create(Role::Quality, "/v1/protocols", &of(json!({}), &["fillers"])));
    let other = clinic.visit("P-1001");
    for _ in 0..30 {
        clinic.enter(
            &other,
            "screenings",
            &json!({"protocol_id": general, "answers": [{"question": "fillers", "value": 1}]}),
        );
    }
    clinic.problem(&path(&other), &answers(), 422, "note_required");
    let mut explained = answers();
    explained["answers"][0]["note"] = json!("Keyed by mistake: the test of today is negative");
    clinic.enter(&other, "screenings", &explained);
    clinic.at_the_chair(Some(&other), &[]);
}

fn a_consent_needs_everything_explained_and_time_to_think(world: &World) {
    let clinic = world.clinic();
    clinic.with_protocols();
    clinic.asks(&["consent"]);
    clinic.stocked(CODE, "2027-06-30", 20);
    let (first, second) = (clinic.visit("P-1001"), clinic.visit("P-1001"));
    let path = format!("/v1/visits/{first}/consents");
    let agreed = json!({"agreed": {"witness": "N. Example, nurse"}});
    clinic.problem(&path, &agreed, 422, "consent_before_information");
    let mut early = consent();
    (early["explained"][0]["at"], early["agreed"]["at"]) =
        (json!("2026-07-01T09:00:00Z"), json!("2026-07-01T08:00:00Z"));
    let problem = clinic.problem(&path, &early, 422, "consent_before_information");
    assert_eq!(problem["fields"], json!(["agreed.at"]));
    // One point only, and at once.
    let mut part = consent();
    part["explained"].as_array_mut().unwrap().pop();
    clinic.enter(&first, "consents", &part);
    let refused = clinic.at_the_chair(Some(&first), &["consent_missing", "consent_too_soon"]);
    assert_eq!(refused["reasons"][0]["message"], "Not explained before the consent: no_guarantee.");
    // All of it, and 24 hours less a second; then to the second.
    let told =
        json!([{"point": "no_guarantee", "by": ["spoken"], "to_whom": "the patient", "at": "2026-07-01T12:00:00Z"}]);
    world.clock.set("2026-07-01T12:00:00Z");
    clinic.enter(&first, "consents", &json!({"explained": told}));
    world.clock.set("2026-07-02T11:59:59Z");
    clinic.enter(
        &first,
        "consents",
        &json!({"agreed": {"witness": "N. Example, nurse", "at": "2026-07-02T11:59:59Z"}}),
    );
    clinic.at_the_chair(Some(&first), &["consent_too_soon"]);
    world.clock.set("2026-07-02T12:00:01Z");
    clinic.enter(
        &first,
        "consents",
        &json!({"agreed": {"witness": "N. Example, nurse", "at": "2026-07-02T12:00:00Z"}}),
    );
    clinic.at_the_chair(Some(&first), &[]);
    // Withdrawn at any time, and given anew.
    clinic.problem(&format!("/v1/visits/{second}/withdrawals"), &json!({}), 409, "nothing_to_withdraw");
    clinic.enter(&first, "withdrawals", &json!({"reason": "Wants to think about it"}));
    clinic.at_the_chair(Some(&first), &["consent_withdrawn"]);
    clinic.asks(&[]);
    clinic.at_the_chair(Some(&first), &["consent_withdrawn"]);
    clinic.asks(&["consent"]);
    world.clock.set("2026-07-02T13:00:00Z");
    clinic.enter(&first, "consents", &agreed);
    clinic.at_the_chair(Some(&first), &[]);
    // Consent in one visit is none in another.
    clinic.at_the_chair(Some(&second), &["consent_missing"]);
}

fn what_is_answered_or_agreed_to_lapses(world: &World) {
    let clinic = world.clinic();
    clinic.with_protocols();
    clinic.asks(&["screening", "consent"]);
    clinic.stocked(CODE, "2027-06-30", 20);
    let visit = clinic.visit("P-1001");
    clinic.enter(&visit, "screenings", &answers());
    let mut explained = consent();
    explained.as_object_mut().unwrap().remove("agreed");
    clinic.enter(&visit, "consents", &explained);
    world.clock.set("2026-07-03T10:00:00Z");
    clinic.enter(&visit, "consents", &json!({"agreed": {"witness": "N. Example", "at": "2026-07-03T10:00:00Z"}}));
    clinic.at_the_chair(Some(&visit), &[]);
    // A new version of either, in force from its day on.
    for (index, kind) in [(0, "screening"), (1, "consent")] {
        let (_, mut next) = protocols()[index].clone();
        (next["effective_from"], next["reason"]) = (json!("2026-07-05"), json!(format!("Another {kind}")));
        clinic.create(Role::Admin, "/v1/protocols", &next);
    }
    // The site is in London: until midnight there it is the day before.
    world.clock.set("2026-07-04T22:59:00Z");
    clinic.at_the_chair(Some(&visit), &[]);
    world.clock.set("2026-07-04T23:01:00Z");
    clinic.at_the_chair(Some(&visit), &["screening_stale", "consent_lapsed"]);
    // What was asked by the earlier version is kept with it, and marked.
    let old = id(&clinic.read("/v1/protocols?kind=screening")["items"][0]);
    let mut by_old = answers();
    by_old["protocol_id"] = json!(old);
    assert_eq!(clinic.enter(&visit, "screenings", &by_old)["is_superseded"], true);
    clinic.at_the_chair(Some(&visit), &["screening_stale", "consent_lapsed"]);
    clinic.enter(&visit, "screenings", &answers());
    clinic.enter(&visit, "consents", &explained);
    world.clock.set("2026-07-06T00:00:00Z");
    clinic.enter(&visit, "consents", &json!({"agreed": {"witness": "N. Example", "at": "2026-07-06T00:00:00Z"}}));
    clinic.at_the_chair(Some(&visit), &[]);
    // 30 days for the answers, 180 for the consent.
    world.clock.set("2026-08-03T22:00:00Z");
    clinic.at_the_chair(Some(&visit), &[]);
    world.clock.set("2026-08-04T00:00:00Z");
    clinic.at_the_chair(Some(&visit), &["screening_stale"]);
    world.clock.set("2027-01-02T00:00:01Z");
    clinic.at_the_chair(Some(&visit), &["screening_stale", "consent_lapsed"]);
}

fn the_same_area_waits(world: &World) {
    let clinic = world.clinic();
    clinic.asks(&["interval"]);
    clinic.stocked(CODE, "2027-06-30", 20);
    let refused = clinic.at_the_chair(None, &["interval_too_short"]);
    assert!(refused["reasons"][0]["message"].as_str().unwrap().contains("No retreatment protocol"), "{refused}");
    let retreatment =
        protocol("retreatment", json!({"class": "hybrid_filler"}), json!({"least_days": 14, "usual_days": 365}));
    clinic.create(Role::Quality, "/v1/protocols", &retreatment);
    world.clock.set("2026-07-01T22:30:00Z");
    let visit = clinic.visit("P-1001");
    // Several syringes in one visit are one treatment; so they are on one day where no visit is named.
    clinic.at_the_chair(Some(&visit), &[]);
    clinic.at_the_chair(Some(&visit), &[]);
    world.clock.set("2026-07-01T22:45:00Z");
    clinic.at_the_chair(None, &[]);
    // In London the next day has begun.
    world.clock.set("2026-07-01T23:15:00Z");
    let refused = clinic.at_the_chair(None, &["interval_too_short"]);
    assert!(!refused.to_string().contains("midface"), "an area is clinical: {refused}");
    world.clock.set("2026-07-14T22:00:00Z");
    let later = clinic.visit("p-1001");
    clinic.at_the_chair(Some(&later), &["interval_too_short"]);
    // A scan without an area asks for what is planned.
    let mut question = clinic.question(&scan("270630", CODE, None));
    question["visit_id"] = json!(later);
    let scanned = clinic.create(Role::Practitioner, "/v1/scans", &question);
    assert_eq!(codes(&scanned["decision"]), ["interval_too_short"]);
    question["area"] = json!("chin");
    let scanned = clinic.create(Role::Practitioner, "/v1/scans", &question);
    assert_eq!(codes(&scanned["decision"]), [""; 0], "another area");
    question["area"] = json!("MIDFACE");
    let scanned = clinic.create(Role::Practitioner, "/v1/scans", &question);
    assert_eq!(codes(&scanned["decision"]), ["interval_too_short"], "the same, spelled otherwise");
    // In a visit that was never closed, ten days later is ten days later.
    clinic.at_the_chair(Some(&visit), &["interval_too_short"]);
    // Who does not say for whom, or of which area, is not told that it may be used; nor is anybody where no protocol says how long to wait.
    let mut unsaid = clinic.question(&scan("270630", CODE, None));
    let scanned = clinic.create(Role::Practitioner, "/v1/scans", &unsaid);
    assert_eq!(codes(&scanned["decision"]), ["interval_too_short"]);
    unsaid["patient_ref"] = json!("P-1002");
    let scanned = clinic.create(Role::Practitioner, "/v1/scans", &unsaid);
    assert!(scanned["decision"]["reasons"][0]["message"].as_str().unwrap().contains("area"), "{scanned}");
    // Another patient, and 14 days.
    let other = clinic.visit("P-1002");
    (question["visit_id"], question["area"]) = (json!(other), json!("midface"));
    let scanned = clinic.create(Role::Practitioner, "/v1/scans", &question);
    assert_eq!(codes(&scanned["decision"]), [""; 0], "another patient");
    world.clock.set("2026-07-14T23:30:00Z");
    clinic.at_the_chair(Some(&later), &[]);
}

fn an_emergency_needs_its_kit(world: &World) {
    let clinic = world.clinic();
    clinic.asks(&["emergency_kit"]);
    clinic.stocked(CODE, "2027-06-30", 6);
    let kit = protocol(
        "emergency_kit",
        json!({"class": "hybrid_filler"}),
        json!({"items": [{"product_id": clinic.product, "units": 4}]}),
    );
    clinic.create(Role::Quality, "/v1/protocols", &kit);
    clinic.at_the_chair(None, &[]);
    clinic.at_the_chair(None, &[]);
    clinic.at_the_chair(None, &[]);
    // Three are left of six, of which two are of the last day that the kit was complete.
    let refused = clinic.at_the_chair(None, &["emergency_kit_incomplete"]);
    assert_eq!(refused["reasons"][0]["subject"], json!({"type": "product", "id": clinic.product}));
    clinic.stocked("FRESH", "2026-07-10", 2);
    clinic.at_the_chair(None, &[]);
    clinic.stocked("MORE", "2026-07-10", 2);
    world.clock.set("2026-07-10T12:00:00Z");
    clinic.at_the_chair(None, &[]);
    // It has run out of date, and what is late is judged by what was there.
    world.clock.set("2026-07-11T12:00:00Z");
    clinic.at_the_chair(None, &["emergency_kit_incomplete"]);
    let mut late = clinic.question(&scan("270630", CODE, None));
    late["occurred_at"] = json!("2026-07-10T18:00:00Z");
    let scanned = clinic.create(Role::Practitioner, "/v1/scans", &late);
    assert_eq!(codes(&scanned["decision"]), [""; 0], "{scanned}");
}

fn a_reversal_agent_is_never_kept_from_a_patient(world: &World) {
    let clinic = world.clinic();
    let mut agent = product(&gtin(7));
    (agent["class"], agent["name"]) = (json!("reversal_agent"), json!("Dissolver"));
    let agent = id(&clinic.create(Role::Admin, "/v1/products", &agent));
    let classes = json!({"approved_classes": ["hybrid_filler", "ha_filler", "reversal_agent"]});
    assert_eq!(clinic.patch(&format!("/v1/suppliers/{}", clinic.supplier), &classes).status, 200);
    let lot = {
        let line = json!([{"gtin": gtin(7), "lot": "AGENT", "expiry": "2027-06-30", "packs": 2}]);
        let receipt = clinic.create(Role::Purchaser, "/v1/receipts", &clinic.receipt(line));
        let lot = receipt["lines"][0]["lot_id"].as_str().unwrap().to_owned();
        clinic.create(Role::Purchaser, "/v1/inspections", &clinic.inspection(&id(&receipt), &lot, 4, 0));
        clinic.create(Role::Quality, &format!("/v1/lots/{lot}/releases"), &clinic.release(4));
        lot
    };
    // A policy cannot even ask for it.
    let asks = json!({"treatment_gates": {"reversal_agent": ["consent"]}});
    assert_eq!(clinic.patch("/v1/policies", &asks).json()["code"], "invalid_value");
    for kind in ["screening", "consent"] {
        let content = if kind == "screening" { screening() } else { consent_content() };
        clinic.create(Role::Quality, "/v1/protocols", &protocol(kind, json!({}), content));
    }
    // Not even a patient who answered that she is pregnant, and has withdrawn her consent.
    let visit = clinic.visit("P-1001");
    let mut stopping = answers();
    stopping["answers"][0]["value"] = json!(true);
    clinic.enter(&visit, "screenings", &stopping);
    clinic.enter(&visit, "consents", &consent());
    clinic.enter(&visit, "withdrawals", &json!({}));
    let mut administration = clinic.administration(&lot, 1);
    administration["visit_id"] = json!(visit);
    clinic.create(Role::Practitioner, "/v1/administrations", &administration);
    let plan = clinic.enter(&visit, "reversibility-plans", &json!({"product_id": agent}));
    assert_eq!(plan["content"], json!({"product_id": agent, "units_in_date": 3}));
}

fn what_happened_without_consent_is_recorded_in_retrospect(world: &World) {
    let clinic = world.clinic();
    clinic.with_protocols();
    clinic.asks(&["screening", "consent"]);
    let lot = clinic.stocked(CODE, "2027-06-30", 6);
    let visit = clinic.visit("P-1001");
    let mut late = clinic.administration(&lot, 1);
    (late["visit_id"], late["retrospective"]) = (json!(visit), json!({"reason": "It has happened"}));
    let recorded = clinic.create(Role::Practitioner, "/v1/administrations", &late);
    assert_eq!(codes(&recorded["decision"]), ["screening_missing", "consent_missing"]);
    assert_eq!(recorded["deviation"]["reason_codes"], json!(["screening_missing", "consent_missing"]));
    // What was asked later, on paper before it, does not change how it was judged.
    clinic.enter(&visit, "screenings", &answers());
    let again = clinic.read(&format!("/v1/administrations/{}", id(&recorded)));
    assert_eq!(again["decision"]["reasons"], recorded["decision"]["reasons"]);
    // A late entry is judged by what was recorded for before it.
    world.clock.set("2026-07-05T10:00:00Z");
    let third = clinic.visit("P-1003");
    let mut question = clinic.question(&scan("270630", CODE, None));
    (question["visit_id"], question["occurred_at"]) = (json!(third), json!("2026-07-05T09:00:00Z"));
    clinic.enter(&third, "screenings", &answers());
    let codes_of = |question: &Value| codes(&clinic.create(Role::Practitioner, "/v1/scans", question)["decision"]);
    assert_eq!(codes_of(&question), ["screening_missing", "consent_missing"], "it was asked an hour later");
    let mut earlier = answers();
    earlier["occurred_at"] = json!("2026-07-05T08:59:00Z");
    clinic.enter(&third, "screenings", &earlier);
    assert_eq!(codes_of(&question), ["consent_missing"]);
}

fn a_signed_visit_does_not_change(world: &World) {
    let clinic = world.clinic();
    clinic.with_protocols();
    let token = clinic.own_token();
    let lot = clinic.stocked(CODE, "2027-06-30", 6);
    let visit = clinic.visit("P-1001");
    clinic.enter(&visit, "consents", &consent());
    let path = format!("/v1/visits/{visit}");
    assert_eq!(clinic.http.post(&token, &format!("{path}/sign"), &json!({})).0, 200);
    for (what, body) in [
        ("screenings", answers()),
        ("consents", consent()),
        ("age-attestations", json!({"of_age": true, "seen": "passport"})),
        ("goals", json!({"later": ["Firmer skin"]})),
        ("reversibility-plans", json!({"instead": "Massage"})),
        ("aftercare", aftercare()),
        ("sign", json!({})),
    ] {
        clinic.problem(&format!("{path}/{what}"), &body, 409, "visit_signed");
    }
    let mut administration = clinic.administration(&lot, 1);
    administration["visit_id"] = json!(visit);
    clinic.problem("/v1/administrations", &administration, 409, "visit_signed");
    administration["retrospective"] = json!({"reason": "It has happened"});
    clinic.problem("/v1/administrations", &administration, 409, "visit_signed");
    // What is added is an addendum; and a consent may be withdrawn at any time.
    clinic.enter(&visit, "addenda", &json!({"text": "The patient called: no pain"}));
    clinic.create(Role::Quality, &format!("{path}/addenda"), &json!({"text": "Read by quality"}));
    clinic.enter(&visit, "withdrawals", &json!({}));
    let found = clinic.read(&path);
    let kinds: Vec<_> =
        found["entries"].as_array().unwrap().iter().map(|entry| entry["kind"].as_str().unwrap()).collect();
    assert_eq!(
        (kinds.as_slice(), &found["status"]),
        (["consent", "addendum", "addendum", "withdrawal"].as_slice(), &json!("signed"))
    );
}

fn what_makes_no_sense_changes_nothing(world: &World) {
    let clinic = world.clinic();
    clinic.with_protocols();
    let visit = clinic.visit("P-1001");
    let answered = |question: &str, value: Value| {
        let mut body = answers();
        let given = body["answers"].as_array_mut().unwrap();
        given.retain(|answer| answer["question"] != question);
        given.push(json!({"question": question, "value": value}));
        body
    };
    let screenings = format!("/v1/visits/{visit}/screenings");
    for (question, value, code) in [
        ("pregnancy", json!("no"), "answer_unfit"),
        ("pregnancy", json!(null), "answer_unfit"),
        ("infection", json!("2026-02-30"), "answer_unfit"),
        ("infection", json!(20260101), "answer_unfit"),
        ("autoimmune", json!("maybe"), "answer_unfit"),
        ("fillers", json!(1.5), "answer_unfit"),
        ("other", json!(""), "answer_unfit"),
        ("height", json!(1), "answer_unfit"),
    ] {
        clinic.problem(&screenings, &answered(question, value), 422, code);
    }
    let twice =
        json!({"answers": [{"question": "pregnancy", "value": false}, {"question": "pregnancy", "value": false}]});
    clinic.problem(&screenings, &twice, 422, "duplicate_entry");
    let open = json!({"answers": [{"question": "pregnancy", "value": false}]});
    let problem = clinic.problem(&screenings, &open, 422, "answer_missing");
    assert!(problem["detail"].as_str().unwrap().contains("infection"), "{problem}");
    clinic.problem(&screenings, &json!({"answers": []}), 422, "empty_list");
    let mut unknown = answers();
    unknown["protocol_id"] = json!("prot_01932c07-8d00-7000-8000-000000000001");
    clinic.problem(&screenings, &unknown, 422, "reference_unknown");
    unknown["protocol_id"] = clinic.read("/v1/protocols?kind=consent")["items"][0]["id"].clone();
    clinic.problem(&screenings, &unknown, 422, "reference_unknown");

    let consents = format!("/v1/visits/{visit}/consents");
    clinic.problem(&consents, &json!({}), 422, "missing_field");
    let mut strange = consent();
    strange["explained"][0]["point"] = json!("weather");
    clinic.problem(&consents, &strange, 422, "invalid_value");
    strange["explained"][0]["point"] = json!("no_guarantee");
    clinic.problem(&consents, &strange, 422, "duplicate_entry");
    let mut future = consent();
    future["agreed"]["at"] = json!("2026-08-01T00:00:00Z");
    clinic.problem(&consents, &future, 422, "occurred_in_future");
    let mut told = aftercare();
    told["language"] = json!("fr");
    clinic.problem(&format!("/v1/visits/{visit}/aftercare"), &told, 422, "invalid_value");
    clinic.problem(&format!("/v1/visits/{visit}/reversibility-plans"), &json!({}), 422, "invalid_value");
    clinic.problem(&format!("/v1/visits/{visit}/goals"), &json!({}), 422, "empty_list");
    let nobody = json!({"site_id": clinic.site, "patient_ref": "P-1001", "planned": [{"product_id": clinic.product, "area": "x"}]});
    clinic.problem("/v1/visits", &nobody, 422, "practitioner_required");
}

fn a_visit_is_of_one_patient_at_one_site(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.stocked(CODE, "2027-06-30", 6);
    let visit = clinic.visit("P-1001");
    let mut administration = clinic.administration(&lot, 1);
    (administration["visit_id"], administration["patient_ref"]) = (json!(visit), json!("P-1002"));
    clinic.problem("/v1/administrations", &administration, 422, "invalid_value");
    administration["patient_ref"] = json!("ｐ-1001");
    let annex = id(&clinic.create(Role::Admin, "/v1/sites", &super::support::clinic::site()));
    let mut there = administration.clone();
    there["site_id"] = json!(annex);
    clinic.problem("/v1/administrations", &there, 422, "invalid_value");
    // The same person, spelled otherwise.
    clinic.create(Role::Practitioner, "/v1/administrations", &administration);
    // A token of another site knows nothing of it.
    let theirs = world.sign(&world.organisation, "nia", &[Role::Practitioner], Some(vec![annex.parse().unwrap()]));
    assert_eq!(clinic.http.get(&theirs, &format!("/v1/visits/{visit}")).0, 404);
    assert_eq!(clinic.http.post(&theirs, &format!("/v1/visits/{visit}/addenda"), &json!({"text": "?"})).0, 404);
    assert_eq!(clinic.http.get(&theirs, "/v1/visits").1["items"], json!([]));
    let scanned =
        json!({"code": scan("270630", CODE, None), "site_id": annex, "purpose": "administer", "visit_id": visit});
    assert_eq!(clinic.http.post(&theirs, "/v1/scans", &scanned).1["code"], "reference_unknown");
    // Nor does purchasing.
    assert_eq!(clinic.http.get(&clinic.token(Role::Purchaser), &format!("/v1/visits/{visit}")).0, 403);
    // What speaks against a treatment is not learnt by scanning, either.
    for asked in [json!({"visit_id": visit}), json!({"patient_ref": "P-1001"})] {
        let mut question = clinic.question(&scan("270630", CODE, None));
        question.as_object_mut().unwrap().extend(asked.as_object().unwrap().clone());
        let (status, problem) = clinic.post(Role::Purchaser, "/v1/scans", &question);
        assert_eq!((status, &problem["code"]), (403, &json!("forbidden")), "{problem}");
    }
    // Who treated only what was voided has not treated.
    let other = id(&clinic.create(
        Role::Admin,
        "/v1/practitioners",
        &json!({"name": "Max", "profession": "nurse", "subject": "max"}),
    ));
    clinic.checked_licence(&super::support::clinic::licence(
        ("practitioner", &other),
        "professional_registration",
        "NMC",
        "70A1234E",
    ));
    let max = clinic.token_as("max", &[Role::Practitioner]);
    let mut by_max = administration.clone();
    by_max["practitioner_id"] = json!(other);
    let (status, made) = clinic.http.post(&max, "/v1/administrations", &by_max);
    assert_eq!(status, 201, "{made}");
    let void = json!({"reason": "The wrong patient", "returned_to_stock": true});
    assert_eq!(clinic.http.post(&max, &format!("/v1/administrations/{}/voids", id(&made)), &void).0, 201);
    let (status, problem) = clinic.http.post(&max, &format!("/v1/visits/{visit}/sign"), &json!({}));
    assert_eq!((status, &problem["code"]), (409, &json!("not_yours_to_sign")), "{problem}");
}

fn what_is_clinical_ends_with_the_patient(world: &World) {
    let clinic = world.clinic();
    clinic.with_protocols();
    let visit = clinic.visit("P-4711");
    let mut said = answers();
    said["answers"].as_array_mut().unwrap().push(json!({"question": "other", "value": "Keloid-Zebra"}));
    clinic.enter(&visit, "screenings", &said);
    clinic.enter(&visit, "goals", &json!({"later": ["Goal-Zebra"]}));
    clinic.enter(&visit, "addenda", &json!({"text": "Addendum-Zebra"}));
    let shown = clinic.read(&format!("/v1/visits/{visit}")).to_string();
    assert!(["P-4711", "Keloid-Zebra", "Goal-Zebra", "Addendum-Zebra"].iter().all(|text| shown.contains(text)));
    // Nothing of it stands in the database in clear.
    for table in ["visits", "visit_entries"] {
        let columns = if table == "visits" { "clinical" } else { "said" };
        let rows = clinic.database.lines(&format!("SELECT {columns} AS line FROM {table}"));
        assert!(
            !rows.is_empty() && rows.iter().all(|row| row.starts_with("pat_") && !row.contains("Zebra")),
            "{rows:?}"
        );
    }
    let erase = json!({"patient_ref": "P-4711", "reason": "Asked for in writing"});
    let (status, answer) = clinic.post(Role::Admin, "/v1/patients/erasures", &erase);
    assert_eq!(status, 201, "{answer}");
    let shown = clinic.read(&format!("/v1/visits/{visit}"));
    assert_eq!(
        (&shown["patient_ref"], &shown["planned"], &shown["entries"][0]["content"]),
        (&Value::Null, &Value::Null, &Value::Null)
    );
    assert!(!shown.to_string().contains("Zebra"));
    let (status, problem) =
        clinic.post(Role::Practitioner, &format!("/v1/visits/{visit}/addenda"), &json!({"text": "?"}));
    assert_eq!((status, &problem["code"]), (409, &json!("patient_erased")), "{problem}");
}

fn two_at_once_sign_once(world: &World) {
    let clinic = world.clinic();
    let token = clinic.own_token();
    let lot = clinic.stocked(CODE, "2027-06-30", 20);
    let visit = clinic.visit("P-1001");
    let mut administration = clinic.administration(&lot, 1);
    administration["visit_id"] = json!(visit);
    let nurse = clinic.token(Role::Practitioner);
    let answers: Vec<(bool, u16)> = std::thread::scope(|scope| {
        let send = |signs: bool| {
            let (clinic, token, nurse, visit, administration) = (&clinic, &token, &nurse, &visit, &administration);
            scope.spawn(move || match signs {
                true => (true, clinic.http.post(token, &format!("/v1/visits/{visit}/sign"), &json!({})).0),
                false => (false, clinic.http.post(nurse, "/v1/administrations", administration).0),
            })
        };
        let all: Vec<_> = (0..8).map(|index| send(index % 2 == 0)).collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert_eq!(answers.iter().filter(|answer| **answer == (true, 200)).count(), 1, "{answers:?}");
    assert!(answers.iter().all(|(_, status)| matches!(status, 200 | 201 | 409)), "{answers:?}");
    let given = answers.iter().filter(|answer| **answer == (false, 201)).count();
    let shown = clinic.read(&format!("/v1/visits/{visit}"));
    assert_eq!(shown["administration_ids"].as_array().unwrap().len(), given);
    let signed = shown["signed_at"].as_str().unwrap().to_owned();
    let late = clinic.database.lines("SELECT CAST(recorded_at AS TEXT) AS line FROM administrations");
    assert!(late.len() == given && !signed.is_empty(), "{late:?}");
}

fn a_full_visit_takes_a_withdrawal(world: &World) {
    let clinic = world.clinic();
    clinic.with_protocols();
    let visit = clinic.visit("P-1001");
    clinic.enter(&visit, "consents", &consent());
    let text = json!({"text": "The patient called"});
    for _ in 1..90 {
        clinic.enter(&visit, "addenda", &text);
    }
    clinic.problem(&format!("/v1/visits/{visit}/addenda"), &text, 409, "visit_full");
    clinic.enter(&visit, "withdrawals", &json!({}));
    clinic.stocked(CODE, "2027-06-30", 2);
    clinic.at_the_chair(Some(&visit), &["consent_withdrawn"]);
}
