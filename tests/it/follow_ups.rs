//! What is due after a treatment, and photographs: planned when a visit is signed, looked at, given up, and done when the patient is
//! treated again (DOMAIN.md, "Record around a treatment").

use lotline::caller::Role;
use serde_json::{Value, json};

use super::support::client::Answer;
use super::support::clinic::{id, site};
use super::support::{Clinic, World, on_both_databases};

on_both_databases!(
    what_is_due_is_planned_and_looked_at,
    what_is_due_is_given_up,
    who_is_treated_again_is_not_called,
    what_was_never_done_plans_nothing,
    a_review_answers_what_the_protocol_asks,
    a_photograph_is_sealed_and_given_back,
    what_is_no_photograph_is_refused,
    photographs_end_with_the_patient,
    a_consent_is_signed_or_witnessed,
);

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR and a face that nobody else may see";

/// What is looked at, and how long one waits, in the form of the document.
fn protocols() -> [Value; 2] {
    let of = |kind: &str, content: Value| {
        json!({
            "kind": kind, "applies_to": {"class": "hybrid_filler"}, "title": format!("The {kind}"), "source": "Illustrative",
            "effective_from": "2026-01-01", "reason": "First version", "content": content
        })
    };
    [
        of(
            "follow_up",
            json!({
                "checks": [
                    {"code": "call", "after_days": 2, "look_at": "How it feels"},
                    {"code": "review", "after_days": 14, "look_at": "Symmetry", "views": ["front", "left"]}
                ],
                "symptoms": ["swelling", "pain"], "scale": ["much improved", "improved", "no change"]
            }),
        ),
        of("retreatment", json!({"least_days": 14, "usual_days": 180})),
    ]
}

/// A review in which nothing is wrong.
fn review() -> Value {
    json!({
        "symptoms": [{"symptom": "swelling", "present": false}, {"symptom": "pain", "present": true, "note": "On touch"}],
        "outcome": {"rating": "improved", "said_by": "patient"}
    })
}

impl Clinic<'_> {
    /// A visit of a patient in which one unit was used, signed; with what is due after it.
    pub fn treated_and_signed(&self, patient: &str) -> (String, Value) {
        let lot =
            self.stocked(&format!("LOT{}", self.read("/v1/lots")["items"].as_array().unwrap().len()), "2027-06-30", 2);
        let visit = self.visit(patient);
        let mut given = self.administration(&lot, 1);
        (given["visit_id"], given["patient_ref"]) = (json!(visit), json!(patient));
        self.create(Role::Practitioner, "/v1/administrations", &given);
        let (status, signed) = self.http.post(&self.own_token(), &format!("/v1/visits/{visit}/sign"), &json!({}));
        assert_eq!(status, 200, "{signed}");
        (visit, signed["follow_ups"].clone())
    }

    /// Writes the documents that say what is due.
    pub fn with_follow_ups(&self) {
        for protocol in protocols() {
            self.create(Role::Quality, "/v1/protocols", &protocol);
        }
        assert_eq!(self.patch("/v1/policies", &json!({"signing_requires": []})).status, 200);
    }

    /// Sends a picture as what it is.
    pub fn photograph(&self, visit: &str, view: &str, media_type: &str, bytes: &[u8]) -> Answer {
        let bearer = format!("Bearer {}", self.token(Role::Practitioner));
        let headers = [("authorization", bearer.as_str()), ("content-type", media_type)];
        self.http.send("POST", &format!("/v1/visits/{visit}/photographs?view={view}"), &headers, Some(bytes))
    }

    fn picture(&self, token: &str, visit: &str, entry: &str) -> Answer {
        let bearer = format!("Bearer {token}");
        let path = format!("/v1/visits/{visit}/photographs/{entry}");
        self.http.send("GET", &path, &[("authorization", bearer.as_str())], None)
    }
}

fn days(due: &Value) -> Vec<(String, String)> {
    let of = |due: &Value| {
        let what = due["check"].as_str().or(due["class"].as_str()).unwrap();
        (what.to_owned(), due["due_on"].as_str().unwrap().to_owned())
    };
    due.as_array().unwrap().iter().map(of).collect()
}

fn expected(of: &[(&str, &str)]) -> Vec<(String, String)> {
    of.iter().map(|(what, day)| ((*what).to_owned(), (*day).to_owned())).collect()
}

fn what_is_due_is_planned_and_looked_at(world: &World) {
    let clinic = world.clinic();
    clinic.with_follow_ups();
    let (visit, planned) = clinic.treated_and_signed("P-1001");
    // The treatment was on 2026-07-01: two, 14 and 180 days later (by hand: July has 31 days, August 31, September 30, October 31,
    // November 30).
    let all = [("call", "2026-07-03"), ("review", "2026-07-15"), ("hybrid_filler", "2026-12-28")];
    assert_eq!(days(&planned), expected(&all));
    assert_eq!(days(&clinic.read("/v1/follow-ups")["items"]), expected(&all));
    assert_eq!(days(&clinic.read("/v1/follow-ups?kind=retreatment")["items"]), expected(&all[2..]));
    assert_eq!(days(&clinic.read("/v1/follow-ups?until=2026-07-03")["items"]), expected(&all[..1]));
    assert_eq!(clinic.read("/v1/follow-ups")["items"][0]["patient_ref"], "P-1001");
    // It waits for whoever treats, once its day has come.
    let work = |days: u32| {
        let (_, work) =
            clinic.http.get(&clinic.token(Role::Practitioner), &format!("/v1/work?kind=follow_up&days={days}"));
        work["items"].as_array().unwrap().clone()
    };
    assert_eq!((work(1).len(), work(2).len(), work(30).len()), (0, 1, 2));
    world.clock.set("2026-07-03T10:00:00Z");
    let waits = work(0);
    let call = planned[0]["id"].as_str().unwrap();
    assert_eq!((waits.len(), &waits[0]["call"]["path"]), (1, &json!(format!("/v1/follow-ups/{call}/reviews"))));
    let path = format!("/v1/follow-ups/{call}/reviews");
    let entry = clinic.create(Role::Practitioner, &path, &review());
    assert_eq!((&entry["kind"], &entry["visit_id"]), (&json!("follow_up"), &json!(visit)));
    assert_eq!(entry["content"]["outcome"], json!({"rating": "improved", "said_by": "patient"}));
    assert_eq!(work(0).len(), 0);
    clinic.problem(&path, &review(), 409, "follow_up_ended");
    // The visit tells it, and its photographs stand beside each other by view and day; it stays signed.
    for day in ["2026-07-03T10:10:00Z", "2026-07-15T10:00:00Z"] {
        world.clock.set(day);
        assert_eq!(clinic.photograph(&visit, "front", "image/png", PNG).status, 201);
    }
    let told = clinic.read(&format!("/v1/visits/{visit}"));
    assert_eq!((&told["status"], &told["follow_ups"][0]["entry_id"]), (&json!("signed"), &entry["id"]));
    let views: Vec<_> =
        told["entries"].as_array().unwrap().iter().filter(|entry| entry["kind"] == "photograph").collect();
    let of = |at: &Value| at["content"]["view"].as_str().unwrap().to_owned();
    assert_eq!(views.iter().map(|view| of(view)).collect::<Vec<_>>(), ["front", "front"]);
    assert!(views[0]["occurred_at"].as_str().unwrap() < views[1]["occurred_at"].as_str().unwrap());
    assert_eq!(days(&clinic.read("/v1/follow-ups")["items"]), expected(&all[1..]));
}

fn what_is_due_is_given_up(world: &World) {
    let clinic = world.clinic();
    clinic.with_follow_ups();
    let (_, planned) = clinic.treated_and_signed("P-1001");
    let path = format!("/v1/follow-ups/{}", planned[0]["id"].as_str().unwrap());
    let (status, closed) =
        clinic.post(Role::Quality, &format!("{path}/close"), &json!({"reason": "The patient has moved away"}));
    assert_eq!((status, &closed["reason"]), (200, &json!("The patient has moved away")), "{closed}");
    // Why is as clinical as the rest.
    let rows = clinic.database.lines("SELECT end_reason AS line FROM follow_ups WHERE end_reason IS NOT NULL");
    assert!(rows.len() == 1 && rows[0].starts_with("pat_"), "{rows:?}");
    clinic.problem(&format!("{path}/close"), &json!({"reason": "Again"}), 409, "follow_up_ended");
    clinic.problem(&format!("{path}/reviews"), &review(), 409, "follow_up_ended");
    // Somebody of another site does not see what is due here.
    let other = id(&clinic.create(Role::Admin, "/v1/sites", &site()));
    let roles = [Role::Practitioner];
    let token = world.sign(&world.organisation, "elsewhere", &roles, Some(vec![other.parse().unwrap()]));
    assert_eq!(clinic.http.get(&token, "/v1/follow-ups").1["items"], json!([]));
    let second = format!("/v1/follow-ups/{}/close", planned[1]["id"].as_str().unwrap());
    assert_eq!(clinic.http.post(&token, &second, &json!({"reason": "Mine"})).0, 404);
    // Of whoever was erased it ends, too, and nothing is said of why.
    let (_, planned) = clinic.treated_and_signed("P-1002");
    let erase =
        json!({"patient_ref": "P-1002", "reason": "Asked for in writing", "override_reason": "Legal has agreed"});
    clinic.create(Role::Admin, "/v1/patients/erasures", &erase);
    let path = format!("/v1/follow-ups/{}", planned[0]["id"].as_str().unwrap());
    clinic.problem(&format!("{path}/reviews"), &review(), 409, "patient_erased");
    let (status, closed) = clinic.post(Role::Quality, &format!("{path}/close"), &json!({"reason": "Erased"}));
    assert_eq!((status, &closed["patient_ref"], closed.get("reason")), (200, &Value::Null, None), "{closed}");
}

fn who_is_treated_again_is_not_called(world: &World) {
    let clinic = world.clinic();
    clinic.with_follow_ups();
    let (first, planned) = clinic.treated_and_signed("P-1001");
    let (_, _) = clinic.treated_and_signed("P-1002");
    world.clock.set("2026-12-01T10:00:00Z");
    // The same person, spelled otherwise.
    let (second, again) = clinic.treated_and_signed("p-1001");
    assert_eq!(days(&again)[2], ("hybrid_filler".to_owned(), "2027-05-30".to_owned()));
    let told = clinic.read(&format!("/v1/visits/{first}"))["follow_ups"].clone();
    assert_eq!(told[2]["treated_again_in"], json!(second));
    assert!(told[0].get("ended_at").is_none(), "what is to be looked at is, all the same: {told}");
    let due = clinic.read("/v1/follow-ups?kind=retreatment")["items"].clone();
    assert_eq!(days(&due), expected(&[("hybrid_filler", "2026-12-28"), ("hybrid_filler", "2027-05-30")]));
    let path = format!("/v1/follow-ups/{}/reviews", due[0]["id"].as_str().unwrap());
    clinic.problem(&path, &review(), 409, "nothing_to_review");
    let ended = format!("/v1/follow-ups/{}/close", planned[2]["id"].as_str().unwrap());
    clinic.problem(&ended, &json!({"reason": "Again"}), 409, "follow_up_ended");
}

fn what_was_never_done_plans_nothing(world: &World) {
    let clinic = world.clinic();
    clinic.with_follow_ups();
    let token = clinic.own_token();
    let sign = |visit: &str| {
        let (status, signed) = clinic.http.post(&token, &format!("/v1/visits/{visit}/sign"), &json!({}));
        assert_eq!(status, 200, "{signed}");
        signed["follow_ups"].clone()
    };
    // A talk is no treatment, and what was voided was none.
    assert_eq!(sign(&clinic.visit("P-1001")), json!([]));
    let lot = clinic.stocked("LOT9", "2027-06-30", 2);
    let visit = clinic.visit("P-1001");
    let mut given = clinic.administration(&lot, 1);
    given["visit_id"] = json!(visit);
    let given = id(&clinic.create(Role::Practitioner, "/v1/administrations", &given));
    let void = json!({"reason": "Another patient", "returned_to_stock": false});
    clinic.create(Role::Quality, &format!("/v1/administrations/{given}/voids"), &void);
    assert_eq!(sign(&visit), json!([]));
    assert_eq!(clinic.read("/v1/follow-ups")["items"], json!([]));
}

fn a_review_answers_what_the_protocol_asks(world: &World) {
    let clinic = world.clinic();
    clinic.with_follow_ups();
    let (_, planned) = clinic.treated_and_signed("P-1001");
    let path = format!("/v1/follow-ups/{}/reviews", planned[0]["id"].as_str().unwrap());
    let symptom = |name: &str| json!({"symptom": name, "present": false});
    for (symptoms, outcome, status, code) in [
        (json!([]), Value::Null, 422, "answer_missing"),
        (json!([symptom("pain")]), Value::Null, 422, "answer_missing"),
        (json!([symptom("pain"), symptom("fever")]), Value::Null, 422, "invalid_value"),
        (json!([symptom("pain"), symptom("pain")]), Value::Null, 422, "duplicate_entry"),
        (review()["symptoms"].clone(), json!({"rating": "splendid", "said_by": "patient"}), 422, "invalid_value"),
    ] {
        clinic.problem(&path, &json!({"symptoms": symptoms, "outcome": outcome}), status, code);
    }
    let mut early = review();
    early["occurred_at"] = json!("2026-06-30T10:00:00Z");
    clinic.problem(&path, &early, 422, "occurred_too_early");
    clinic.problem("/v1/follow-ups/fup_1/reviews", &review(), 404, "not_found");
    let mut short = review();
    short.as_object_mut().unwrap().remove("outcome");
    clinic.create(Role::Practitioner, &path, &short);
}

fn a_photograph_is_sealed_and_given_back(world: &World) {
    let clinic = world.clinic();
    let visit = clinic.visit("P-1001");
    let made = clinic.photograph(&visit, "left%20oblique", "image/png", PNG);
    assert_eq!(made.status, 201, "{}", made.json());
    let entry = made.json();
    // By Python: hashlib.sha256(PNG).hexdigest().
    let digest = "8dc8e420f05f78b087ca2905a7c1bb64c1cadbfc96eaeb8c1ec502224f91ba2c";
    let content = &entry["content"];
    assert_eq!((&content["view"], &content["sha256"]), (&json!("left oblique"), &json!(digest)));
    assert_eq!((&content["media_type"], &content["bytes"]), (&json!("image/png"), &json!(PNG.len())));
    let reader = clinic.token(Role::Auditor);
    let back = clinic.picture(&reader, &visit, &id(&entry));
    assert_eq!((back.status, back.header("content-type"), back.bytes.as_slice()), (200, Some("image/png"), PNG));
    assert_eq!(back.header("cache-control"), Some("no-store"));
    // What is kept of it is no picture, for whoever has the files.
    let sealed = content["sealed_sha256"].as_str().unwrap();
    let bearer = format!("Bearer {reader}");
    let kept = clinic.http.send("GET", &format!("/v1/evidence/{sealed}"), &[("authorization", &bearer)], None);
    assert_eq!(kept.status, 200);
    let face = &PNG[24..];
    assert!(!kept.bytes.windows(8).any(|part| face.windows(8).any(|clear| clear == part)));
    // The same picture again is an entry of its own, and the same bytes.
    let again = clinic.photograph(&visit, "left%20oblique", "application/octet-stream", PNG).json();
    assert_ne!(again["id"], entry["id"]);
    assert_eq!(again["content"]["sealed_sha256"], json!(sealed));
    // Only who reads treatments, at the site, and by an entry that is a photograph of that visit.
    let other = clinic.visit("P-1002");
    assert_eq!(clinic.picture(&reader, &other, &id(&entry)).status, 404);
    assert_eq!(clinic.picture(&clinic.token(Role::Purchaser), &visit, &id(&entry)).status, 403);
    let told = clinic.create(Role::Practitioner, &format!("/v1/visits/{visit}/addenda"), &json!({"text": "Called"}));
    assert_eq!(clinic.picture(&reader, &visit, &id(&told)).status, 404);
    let elsewhere = id(&clinic.create(Role::Admin, "/v1/sites", &site()));
    let roles = [Role::Practitioner];
    let token = world.sign(&world.organisation, "elsewhere", &roles, Some(vec![elsewhere.parse().unwrap()]));
    assert_eq!(clinic.picture(&token, &visit, &id(&entry)).status, 404);
}

fn what_is_no_photograph_is_refused(world: &World) {
    let clinic = world.clinic();
    let visit = clinic.visit("P-1001");
    let before = clinic.database.state();
    for (media_type, bytes, status, code) in [
        ("image/png", &b"no picture"[..], 422, "evidence_type_mismatch"),
        ("image/jpeg", PNG, 422, "evidence_type_mismatch"),
        ("application/pdf", b"%PDF-1.7\n", 422, "evidence_type_mismatch"),
        ("application/octet-stream", b"%PDF-1.7\n", 422, "evidence_type_mismatch"),
        ("application/vnd.lotline.sealed", PNG, 422, "evidence_type_mismatch"),
        ("image/png", b"", 422, "evidence_empty"),
        ("text/plain", PNG, 415, "unsupported_media_type"),
    ] {
        let refused = clinic.photograph(&visit, "front", media_type, bytes);
        assert_eq!((refused.status, &refused.json()["code"]), (status, &json!(code)), "{media_type}");
    }
    let nowhere = clinic.photograph("vis_01932c07-8d00-7000-8000-000000000000", "front", "image/png", PNG);
    assert_eq!(nowhere.status, 404);
    assert_eq!(clinic.database.state(), before);
}

fn photographs_end_with_the_patient(world: &World) {
    let clinic = world.clinic();
    let visit = clinic.visit("P-1001");
    let entry = id(&clinic.photograph(&visit, "front", "image/png", PNG).json());
    let reader = clinic.token(Role::Auditor);
    assert_eq!(clinic.picture(&reader, &visit, &entry).status, 200);
    let erase = json!({"patient_ref": "P-1001", "reason": "Asked for in writing"});
    clinic.create(Role::Admin, "/v1/patients/erasures", &erase);
    assert_eq!(clinic.picture(&reader, &visit, &entry).status, 404);
    let late = clinic.photograph(&visit, "front", "image/png", PNG);
    assert_eq!((late.status, &late.json()["code"]), (409, &json!("patient_erased")));
}

fn a_consent_is_signed_or_witnessed(world: &World) {
    let clinic = world.clinic();
    clinic.create(Role::Quality, "/v1/protocols", &super::visits::protocols()[1].1);
    let visit = clinic.visit("P-1001");
    let path = format!("/v1/visits/{visit}/consents");
    let mut consent = super::visits::consent();
    let signed = id(&clinic.photograph(&visit, "signature", "image/png", PNG).json());
    let told =
        id(&clinic.create(Role::Practitioner, &format!("/v1/visits/{visit}/addenda"), &json!({"text": "Called"})));
    let other = clinic.visit("P-1002");
    let theirs = id(&clinic.photograph(&other, "signature", "image/png", PNG).json());
    consent["agreed"] = json!({});
    let neither = clinic.problem(&path, &consent, 422, "missing_field");
    assert_eq!(neither["fields"], json!(["agreed.witness"]));
    // A signature is a photograph of the same visit.
    for signature in [&told, &theirs, "ven_01932c07-8d00-7000-8000-0000000000ff"] {
        consent["agreed"] = json!({"signature": signature});
        let refused = clinic.problem(&path, &consent, 422, "reference_unknown");
        assert_eq!(refused["fields"], json!(["agreed.signature"]), "{signature}");
    }
    for agreed in [json!({"signature": signed}), json!({"signature": signed, "witness": "N. Example"})] {
        consent["agreed"] = agreed.clone();
        let entry = clinic.create(Role::Practitioner, &path, &consent);
        for field in ["signature", "witness"] {
            assert_eq!(entry["content"]["agreed"].get(field), agreed.get(field), "{entry}");
        }
    }
}
