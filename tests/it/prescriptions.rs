//! Prescriptions: who may prescribe, and that what is used at the chair is drawn on what was prescribed for the patient (DOMAIN.md,
//! "Record around a treatment").

use lotline::caller::Role;
use serde_json::{Value, json};

use super::races::at_once;
use super::support::client::codes;
use super::support::clinic::{id, licence, scan};
use super::support::{Clinic, World, on_both_databases};

on_both_databases!(
    what_is_used_is_drawn_on_what_was_prescribed,
    the_last_day_is_a_good_day,
    what_lapses_first_is_drawn_on_first,
    of_an_opened_unit_a_part_is_drawn,
    only_who_may_prescribe_does,
    the_last_unit_of_one_goes_to_one_chair,
    what_is_entered_late_is_judged_by_its_moment,
    who_is_said_to_have_prescribed_has,
    where_no_site_is_named_it_is_one_where_the_prescriber_may,
    who_could_not_prescribe_here_has_not,
    what_cannot_be_meant_changes_nothing,
    another_patient_and_another_site_have_none,
    a_prescription_ends_with_the_patient,
);

const CODE: &str = "LOT1";

impl Clinic<'_> {
    /// A doctor who may prescribe.
    pub fn prescriber(&self) -> String {
        let doctor = json!({"name": "Dr P. Example", "profession": "doctor"});
        let doctor = id(&self.create(Role::Admin, "/v1/practitioners", &doctor));
        self.checked_licence(&licence(("practitioner", &doctor), "prescriber", "GMC", "7654321"));
        doctor
    }

    /// So many units of the product for the patient.
    pub fn prescription(&self, prescriber: &str, units: i64) -> Value {
        json!({
            "patient_ref": "P-1001", "product_id": self.product, "units": units, "prescriber_id": prescriber,
            "seen": "in_person", "valid_until": "2026-07-31"
        })
    }

    /// Records a prescription.
    pub fn prescribe(&self, body: &Value) -> String {
        id(&self.create(Role::Practitioner, "/v1/prescriptions", body))
    }

    /// How much of each is left.
    fn left(&self, prescriptions: &[&str]) -> Vec<String> {
        let left = |id: &&str| self.read(&format!("/v1/prescriptions/{id}"))["units_left"].as_str().unwrap().to_owned();
        prescriptions.iter().map(left).collect()
    }
}

fn what_is_used_is_drawn_on_what_was_prescribed(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.stocked(CODE, "2027-06-30", 20);
    let prescriber = clinic.prescriber();
    // Nobody asks, and nothing is drawn.
    let first = clinic.prescribe(&clinic.prescription(&prescriber, 2));
    clinic.at_the_chair(None, &[]);
    assert_eq!(clinic.left(&[&first]), ["2"]);
    clinic.asks(&["prescription"]);
    let given = clinic.at_the_chair(None, &[]);
    let basis = given["decision"]["basis"].as_array().unwrap();
    let rests = json!({
        "type": "prescription", "id": first, "prescriber_id": prescriber, "valid_until": "2026-07-31"
    });
    assert!(basis.contains(&rests), "{basis:?}");
    assert_eq!(clinic.left(&[&first]), ["1"]);
    // More than is left of it is not used, one is.
    let mut two = clinic.administration(&lot, 2);
    let refused = clinic.assert_refused(Role::Practitioner, "/v1/administrations", &two, &["prescription_exhausted"]);
    let message = "A prescription of HArmonyCa was for 2 units, of which 1 can still be used: not enough.";
    assert_eq!(refused["reasons"][0]["message"], message);
    clinic.at_the_chair(None, &[]);
    clinic.at_the_chair(None, &["prescription_exhausted"]);
    // What was done all the same is recorded, and draws nothing.
    two["retrospective"] = json!({"reason": "It was done"});
    let done = clinic.create(Role::Practitioner, "/v1/administrations", &two);
    assert_eq!(done["deviation"]["reason_codes"], json!(["prescription_exhausted"]), "{done}");
    assert_eq!(clinic.left(&[&first]), ["0"]);
    // What never was is given back, whether or not the units are.
    for returned in [true, false] {
        let path = format!("/v1/administrations/{}/voids", given["id"].as_str().unwrap());
        let (status, _) =
            clinic.post(Role::Quality, &path, &json!({"reason": "Keyed twice", "returned_to_stock": returned}));
        assert_eq!(status, if returned { 201 } else { 409 });
        assert_eq!(clinic.left(&[&first]), ["1"]);
    }
    let path = format!("/v1/administrations/{}/voids", done["id"].as_str().unwrap());
    clinic.create(Role::Quality, &path, &json!({"reason": "Keyed twice", "returned_to_stock": false}));
    assert_eq!(clinic.left(&[&first]), ["1"]);
    // Withdrawn, it is drawn on no more.
    let path = format!("/v1/prescriptions/{first}/withdraw");
    let (status, withdrawn) = clinic.post(Role::Practitioner, &path, &json!({"reason": "The patient is pregnant"}));
    assert_eq!((status, &withdrawn["withdrawal_reason"]), (200, &json!("The patient is pregnant")), "{withdrawn}");
    let refused = clinic.at_the_chair(None, &["prescription_lapsed"]);
    assert!(!refused.to_string().contains("pregnant"), "{refused}");
    clinic.problem(&path, &json!({"reason": "Again"}), 409, "prescription_withdrawn");
    // Everything is in the patient's chain: what was drawn, too.
    let told = clinic.read(&format!("/v1/events?subject={first}&limit=50"));
    let kinds: Vec<_> = told["items"].as_array().unwrap().iter().map(|event| event["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds[..3], ["prescription_made", "stock_administered", "stock_administered"], "{kinds:?}");
    assert!(kinds.contains(&"prescription_withdrawn"));
}

fn the_last_day_is_a_good_day(world: &World) {
    let clinic = world.clinic();
    clinic.stocked(CODE, "2027-06-30", 20);
    clinic.asks(&["prescription"]);
    clinic.at_the_chair(None, &["prescription_missing"]);
    let mut body = clinic.prescription(&clinic.prescriber(), 5);
    // The site is in London: in July its day ends at 23:00 UTC.
    assert_eq!(clinic.read(&format!("/v1/sites/{}", clinic.site))["time_zone"], "Europe/London");
    body["valid_until"] = json!("2026-07-02");
    clinic.prescribe(&body);
    world.clock.set("2026-07-02T22:59:00Z");
    clinic.at_the_chair(None, &[]);
    world.clock.set("2026-07-02T23:00:00Z");
    let refused = clinic.at_the_chair(None, &["prescription_lapsed"]);
    assert_eq!(refused["reasons"][0]["message"], "The prescription of HArmonyCa was for use until 2026-07-02.");
}

fn what_lapses_first_is_drawn_on_first(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.stocked(CODE, "2027-06-30", 20);
    clinic.asks(&["prescription"]);
    let prescriber = clinic.prescriber();
    let made = |valid_until: &str, units: i64, of_class: bool| {
        let mut body = clinic.prescription(&prescriber, units);
        body["valid_until"] = json!(valid_until);
        if of_class {
            (body["product_id"], body["class"]) = (Value::Null, json!("hybrid_filler"));
        }
        clinic.prescribe(&body)
    };
    let (late, early, of_class) =
        (made("2026-07-31", 3, false), made("2026-07-10", 1, false), made("2026-07-20", 2, true));
    let mut of_another = clinic.prescription(&prescriber, 9);
    (of_another["product_id"], of_another["class"]) = (Value::Null, json!("neuromodulator"));
    let vials = clinic.prescribe(&of_another);
    let all = [early.as_str(), &of_class, &late, &vials];
    for left in [["0", "2", "3", "9"], ["0", "1", "3", "9"]] {
        clinic.at_the_chair(None, &[]);
        assert_eq!(clinic.left(&all), left);
    }
    // One administration is drawn on one of them.
    assert_eq!(clinic.administer(&lot, 2).0, 201);
    assert_eq!(clinic.left(&all), ["0", "1", "1", "9"]);
    clinic.assert_refused(
        Role::Practitioner,
        "/v1/administrations",
        &clinic.administration(&lot, 2),
        &["prescription_exhausted"],
    );
}

fn of_an_opened_unit_a_part_is_drawn(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.stocked(CODE, "2027-06-30", 4);
    let product = json!({"in_use_hours": 24});
    assert_eq!(clinic.patch(&format!("/v1/products/{}", clinic.product), &product).status, 200);
    clinic.asks(&["prescription"]);
    let made = clinic.prescribe(&clinic.prescription(&clinic.prescriber(), 1));
    let opening = json!({"lot_id": lot, "location_id": clinic.stock});
    let container = id(&clinic.create(Role::Practitioner, "/v1/containers", &opening));
    // 1.25 mL a unit (tests/it/support/clinic.rs): 0.5 are 0.4 of it.
    let share = |used: &str| {
        let mut body = clinic.administration(&lot, 1);
        body.as_object_mut().unwrap().remove("lot_id");
        (body["container_id"], body["treatment"]["amount_used"]) = (json!(container), json!(used));
        body
    };
    let given = clinic.create(Role::Practitioner, "/v1/administrations", &share("0.5"));
    assert_eq!(clinic.left(&[&made]), ["0.6"]);
    clinic.create(Role::Practitioner, "/v1/administrations", &share("0.75"));
    assert_eq!(clinic.left(&[&made]), ["0"]);
    let path = format!("/v1/administrations/{}/voids", given["id"].as_str().unwrap());
    clinic.create(Role::Quality, &path, &json!({"reason": "Keyed twice", "returned_to_stock": false}));
    assert_eq!(clinic.left(&[&made]), ["0.4"]);
}

fn only_who_may_prescribe_does(world: &World) {
    let clinic = world.clinic();
    let refused = |body: &Value, expected: &[&str]| {
        clinic.assert_refused(Role::Practitioner, "/v1/prescriptions", body, expected)
    };
    // A registration alone is no authority to prescribe; nor is one for another class, place, or that nobody verified.
    refused(&clinic.prescription(&clinic.practitioner, 1), &["prescriber_licence_missing"]);
    let doctor = json!({"name": "Dr Q. Example", "profession": "doctor"});
    let doctor = id(&clinic.create(Role::Admin, "/v1/practitioners", &doctor));
    let mut held = licence(("practitioner", &doctor), "prescriber", "GMC", "7654322");
    (held["jurisdiction"], held["product_classes"]) = (json!("FR"), json!(["neuromodulator"]));
    clinic.create(Role::Admin, "/v1/licences", &held);
    let body = clinic.prescription(&doctor, 1);
    let all = ["prescriber_licence_check_missing", "prescriber_licence_jurisdiction", "prescriber_licence_scope"];
    let problem = refused(&body, &all);
    assert!(!problem.to_string().contains("P-1001"));
    let prescriber = clinic.prescriber();
    let good = clinic.prescription(&prescriber, 1);
    clinic.prescribe(&good);
    // Of somebody whose registration is suspended, nothing counts.
    let registration = licence(("practitioner", &prescriber), "professional_registration", "GMC", "7654321");
    let registration = clinic.checked_licence(&registration);
    clinic.check(&registration, json!({"outcome": "suspended", "source": "the public register"}));
    refused(&good, &["practitioner_licence_check_failed"]);
    clinic.check(&registration, json!({"outcome": "verified", "source": "the public register"}));
    clinic.prescribe(&good);
    // Where nobody records for others, the prescriber does it with their own token.
    assert_eq!(clinic.patch("/v1/policies", &json!({"recording_for_others": "refuse"})).status, 200);
    refused(&good, &["recorded_for_another"]);
    let own = json!({"subject": "dr-p"});
    assert_eq!(clinic.patch(&format!("/v1/practitioners/{prescriber}"), &own).status, 200);
    let token = clinic.token_as("dr-p", &[Role::Practitioner]);
    let mut mine = good.clone();
    mine.as_object_mut().unwrap().remove("prescriber_id");
    let (status, made) = clinic.http.post(&token, "/v1/prescriptions", &mine);
    assert_eq!((status, &made["prescriber_id"]), (201, &json!(prescriber)), "{made}");
    let retired =
        clinic.post(Role::Admin, &format!("/v1/practitioners/{prescriber}/retire"), &json!({"reason": "Left"}));
    assert_eq!(retired.0, 200, "{}", retired.1);
    let (status, problem) = clinic.http.post(&token, "/v1/prescriptions", &good);
    assert_eq!((status, codes(&problem)), (409, vec!["practitioner_retired".to_owned()]), "{problem}");
}

fn the_last_unit_of_one_goes_to_one_chair(world: &World) {
    let clinic = world.clinic();
    let lots = ["LOT1", "LOT2", "LOT3", "LOT4"].map(|lot| clinic.stocked(lot, "2027-06-30", 10));
    clinic.asks(&["prescription"]);
    let made = clinic.prescribe(&clinic.prescription(&clinic.prescriber(), 2));
    let token = world.token(Role::Practitioner);
    // From several lots, so that no lock of a lot decides.
    let answers = at_once(16, |client| {
        world.http.post(&token, "/v1/administrations", &clinic.administration(&lots[client % 4], 1))
    });
    let done = answers.iter().filter(|answer| answer.0 == 201).count();
    assert_eq!(done, 2, "{answers:?}");
    for (status, refused) in answers.iter().filter(|answer| answer.0 != 201) {
        assert_eq!((*status, codes(refused)), (409, vec!["prescription_exhausted".to_owned()]), "{refused}");
    }
    assert_eq!(clinic.left(&[&made]), ["0"]);
}

fn what_is_entered_late_is_judged_by_its_moment(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.stocked(CODE, "2027-06-30", 20);
    clinic.asks(&["prescription"]);
    let prescriber = clinic.prescriber();
    world.clock.set("2026-07-02T10:00:00Z");
    let made = clinic.prescribe(&clinic.prescription(&prescriber, 5));
    world.clock.set("2026-07-03T10:00:00Z");
    let late = |at: &str| {
        let mut body = clinic.administration(&lot, 1);
        body["occurred_at"] = json!(at);
        body
    };
    let path = "/v1/administrations";
    // Before it was prescribed it was not; when that was on paper, it is said when it was.
    clinic.assert_refused(Role::Practitioner, path, &late("2026-07-02T09:00:00Z"), &["prescription_missing"]);
    let mut earlier = clinic.prescription(&prescriber, 1);
    earlier["prescribed_at"] = json!("2026-07-02T08:00:00Z");
    let paper = clinic.prescribe(&earlier);
    clinic.create(Role::Practitioner, path, &late("2026-07-02T09:00:00Z"));
    assert_eq!(clinic.left(&[&made, &paper]), ["5", "0"]);
    // What was withdrawn since stood then.
    let withdraw = format!("/v1/prescriptions/{made}/withdraw");
    assert_eq!(clinic.post(Role::Quality, &withdraw, &json!({"reason": "Another product"})).0, 200);
    clinic.create(Role::Practitioner, path, &late("2026-07-03T09:00:00Z"));
    assert_eq!(clinic.left(&[&made]), ["4"]);
    clinic.assert_refused(Role::Practitioner, path, &clinic.administration(&lot, 1), &["prescription_exhausted"]);
}

fn who_is_said_to_have_prescribed_has(world: &World) {
    let clinic = world.clinic();
    clinic.stocked(CODE, "2027-06-30", 20);
    clinic.asks(&["prescription"]);
    let doctor = json!({"name": "Dr Q. Example", "profession": "doctor"});
    let other = id(&clinic.create(Role::Admin, "/v1/practitioners", &doctor));
    clinic.checked_licence(&licence(("practitioner", &other), "prescriber", "GMC", "7654322"));
    let prescriber = clinic.prescriber();
    let mut body = clinic.prescription(&prescriber, 2);
    body["valid_until"] = json!("2026-07-02");
    let first = clinic.prescribe(&body);
    let code = scan("270630", CODE, None);
    let by = |named: &str, expected: &[&str]| {
        let (mut question, mut administration) = (clinic.question(&code), clinic.administration_of(&code));
        question["patient_ref"] = administration["patient_ref"].clone();
        (question["prescriber_id"], administration["prescriber_id"]) = (json!(named), json!(named));
        let scanned = clinic.create(Role::Practitioner, "/v1/scans", &question);
        assert_eq!(codes(&scanned["decision"]), expected, "{scanned}");
        match expected {
            [] => clinic.create(Role::Practitioner, "/v1/administrations", &administration),
            _ => clinic.assert_refused(Role::Practitioner, "/v1/administrations", &administration, expected),
        }
    };
    let refused = by(&other, &["prescription_missing"]);
    let message = "Dr Q. Example has not prescribed HArmonyCa for the patient.";
    assert_eq!(refused["reasons"][0]["message"], message);
    by(&prescriber, &[]);
    // What lapses first is another's: it is not drawn on for this one.
    let second = clinic.prescribe(&clinic.prescription(&other, 1));
    by(&other, &[]);
    assert_eq!(clinic.left(&[&first, &second]), ["1", "0"]);
    by(&other, &["prescription_exhausted"]);
    // Where nobody is named, anybody's is.
    clinic.at_the_chair(None, &[]);
    assert_eq!(clinic.left(&[&first, &second]), ["0", "0"]);
}

fn where_no_site_is_named_it_is_one_where_the_prescriber_may(world: &World) {
    let clinic = world.clinic();
    let mut abroad = super::support::clinic::site();
    (abroad["jurisdiction"], abroad["time_zone"]) = (json!("IE"), json!("Europe/Dublin"));
    let abroad = id(&clinic.create(Role::Admin, "/v1/sites", &abroad));
    let able_in = |jurisdiction: &str, number: &str| {
        let doctor = json!({"name": format!("Dr {jurisdiction}"), "profession": "doctor"});
        let doctor = id(&clinic.create(Role::Admin, "/v1/practitioners", &doctor));
        let mut held = licence(("practitioner", &doctor), "prescriber", "Example register", number);
        held["jurisdiction"] = json!(jurisdiction);
        clinic.checked_licence(&held);
        clinic.prescription(&doctor, 1)
    };
    let path = "/v1/prescriptions";
    for (body, site) in [(able_in("GB", "1"), &clinic.site), (able_in("IE", "2"), &abroad)] {
        let made = clinic.create(Role::Practitioner, path, &body);
        assert_eq!(made["site_id"], json!(site), "{made}");
    }
    let nowhere = able_in("FR", "3");
    let refused = clinic.assert_refused(Role::Practitioner, path, &nowhere, &["prescriber_licence_jurisdiction"]);
    assert!(refused["reasons"][0]["message"].as_str().unwrap().contains("GB"), "{refused}");
    // Named, it is that one; and a token of one site has no other.
    let mut here = able_in("IE", "4");
    here["site_id"] = json!(clinic.site);
    clinic.assert_refused(Role::Practitioner, path, &here, &["prescriber_licence_jurisdiction"]);
    here.as_object_mut().unwrap().remove("site_id");
    let sites = Some(vec![clinic.site.parse().unwrap()]);
    let token = world.sign(&world.organisation, "here", &[Role::Practitioner], sites);
    assert_eq!(clinic.http.post(&token, path, &here).0, 409);
}

/// What was prescribed is judged again when it is drawn on: by what is known then of the day on which it was, and for where it is used.
fn who_could_not_prescribe_here_has_not(world: &World) {
    let clinic = world.clinic();
    clinic.asks(&["prescription"]);
    clinic.stocked(CODE, "2027-06-30", 20);
    let doctor = json!({"name": "Dr P. Example", "profession": "doctor"});
    let doctor = id(&clinic.create(Role::Admin, "/v1/practitioners", &doctor));
    let held = clinic.checked_licence(&licence(("practitioner", &doctor), "prescriber", "GMC", "7654321"));
    let first = clinic.prescribe(&clinic.prescription(&doctor, 9));
    clinic.at_the_chair(None, &[]);
    // A suspension from before, which nobody knew of; and after it was found to be none.
    let since =
        |outcome: &str| json!({"outcome": outcome, "source": "the public register", "effective_on": "2026-06-20"});
    clinic.check(&held, since("suspended"));
    clinic.at_the_chair(None, &["prescriber_licence_check_failed"]);
    let touched = world.read("/v1/attention")["touched_by_licences"].clone();
    assert_eq!(touched[0]["administrations"].as_array().map(Vec::len), Some(1), "{touched}");
    // It ends, and what was prescribed before stays what it was: what is prescribed from now on counts.
    clinic.check(&held, json!({"outcome": "verified", "source": "the public register"}));
    clinic.at_the_chair(None, &["prescriber_licence_check_failed"]);
    assert_eq!(
        clinic
            .post(
                Role::Practitioner,
                &format!("/v1/prescriptions/{first}/withdraw"),
                &json!({"reason": "Not theirs to make"})
            )
            .0,
        200
    );
    clinic.prescribe(&clinic.prescription(&doctor, 9));
    clinic.at_the_chair(None, &[]);
    // Prescribed where the prescriber may, and used where not.
    let mut abroad = super::support::clinic::site();
    (abroad["jurisdiction"], abroad["time_zone"]) = (json!("IE"), json!("Europe/Dublin"));
    let abroad = id(&clinic.create(Role::Admin, "/v1/sites", &abroad));
    let doctor = json!({"name": "Dr IE", "profession": "doctor"});
    let doctor = id(&clinic.create(Role::Admin, "/v1/practitioners", &doctor));
    let mut held = licence(("practitioner", &doctor), "prescriber", "Example register", "2");
    held["jurisdiction"] = json!("IE");
    clinic.checked_licence(&held);
    let mut body = clinic.prescription(&doctor, 9);
    (body["patient_ref"], body["site_id"]) = (json!("P-2002"), json!(abroad));
    clinic.prescribe(&body);
    let mut question = clinic.question(&scan("270630", CODE, None));
    question["patient_ref"] = json!("P-2002");
    let scanned = clinic.create(Role::Practitioner, "/v1/scans", &question);
    assert_eq!(codes(&scanned["decision"]), ["prescriber_licence_jurisdiction"]);
}

fn what_cannot_be_meant_changes_nothing(world: &World) {
    let clinic = world.clinic();
    let good = clinic.prescription(&clinic.prescriber(), 1);
    for (field, value, status, code) in [
        ("units", json!(0), 422, "invalid_units"),
        ("units", json!(1.5), 422, "invalid_body"),
        ("class", json!("hybrid_filler"), 422, "invalid_body"),
        ("product_id", Value::Null, 422, "missing_field"),
        ("product_id", json!("prd_01932c07-8d00-7000-8000-000000000000"), 422, "reference_unknown"),
        ("prescriber_id", json!("prac_01932c07-8d00-7000-8000-000000000000"), 422, "reference_unknown"),
        ("prescriber_id", Value::Null, 422, "practitioner_required"),
        ("site_id", json!("site_01932c07-8d00-7000-8000-000000000000"), 422, "reference_unknown"),
        ("seen", json!("phone"), 422, "invalid_value"),
        ("valid_until", json!("2026-06-30"), 422, "validity_reversed"),
        ("valid_until", json!("2026-02-30"), 422, "invalid_date"),
        ("prescribed_at", json!("2026-07-02T00:00:00Z"), 422, "occurred_in_future"),
        ("prescribed_at", json!("2026-05-01T00:00:00Z"), 422, "occurred_too_long_ago"),
    ] {
        let mut body = good.clone();
        body[field] = value;
        let problem = clinic.problem("/v1/prescriptions", &body, status, code);
        let fields = problem["fields"].as_array().unwrap();
        assert!(fields.contains(&json!(field)) || field == "class", "{field}: {problem}");
    }
    clinic.problem("/v1/prescriptions/rx_1/withdraw", &json!({"reason": "None"}), 404, "not_found");
}

fn another_patient_and_another_site_have_none(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.stocked(CODE, "2027-06-30", 20);
    clinic.asks(&["prescription"]);
    let made = clinic.prescribe(&clinic.prescription(&clinic.prescriber(), 2));
    let of = |patient: &str| {
        let mut body = clinic.administration(&lot, 1);
        body["patient_ref"] = json!(patient);
        body
    };
    for patient in ["P-1002", "P-10011"] {
        clinic.assert_refused(Role::Practitioner, "/v1/administrations", &of(patient), &["prescription_missing"]);
    }
    // One person, spelled otherwise.
    clinic.create(Role::Practitioner, "/v1/administrations", &of("p-1001"));
    assert_eq!(clinic.left(&[&made]), ["1"]);
    // A scan that names nobody cannot know.
    let scanned = clinic.create(Role::Practitioner, "/v1/scans", &clinic.question(&scan("270630", CODE, None)));
    assert_eq!(codes(&scanned["decision"]), ["prescription_missing"]);
    assert!(scanned["decision"]["reasons"][0]["message"].as_str().unwrap().starts_with("Say for whom"), "{scanned}");
    let search = |patient: &str| {
        let (status, found) = clinic.post(Role::Auditor, "/v1/prescriptions/search", &json!({"patient_ref": patient}));
        assert_eq!(status, 200, "{found}");
        found["items"].as_array().unwrap().len()
    };
    assert_eq!([search("p-1001"), search("P-1002")], [1, 0]);
    assert_eq!(clinic.read("/v1/prescriptions")["items"][0]["id"], json!(made));
    // A token for another site does not see it.
    let other = id(&clinic.create(Role::Admin, "/v1/sites", &super::support::clinic::site()));
    let token = world.sign(&world.organisation, "elsewhere", &[Role::Practitioner], Some(vec![other.parse().unwrap()]));
    assert_eq!(clinic.http.get(&token, &format!("/v1/prescriptions/{made}")).0, 404);
    let path = format!("/v1/prescriptions/{made}/withdraw");
    assert_eq!(clinic.http.post(&token, &path, &json!({"reason": "Mine"})).0, 404);
    assert_eq!(clinic.http.get(&token, "/v1/prescriptions").1["items"], json!([]));
}

fn a_prescription_ends_with_the_patient(world: &World) {
    let clinic = world.clinic();
    let mut body = clinic.prescription(&clinic.prescriber(), 1);
    body["note"] = json!("Midface, in two sessions");
    let made = clinic.prescribe(&body);
    let path = format!("/v1/prescriptions/{made}");
    assert_eq!(clinic.read(&path)["note"], "Midface, in two sessions");
    // Whoever was not treated has a bundle of what was prescribed.
    let token = world.token(Role::Auditor);
    let bundle = world.http.post_with(&token, "/v1/evidence-bundles", &[], &json!({"patient_ref": "P-1001"}));
    assert_eq!(bundle.status, 201, "{}", bundle.json());
    let erasure = json!({"patient_ref": "P-1001", "reason": "Asked for in writing"});
    clinic.create(Role::Admin, "/v1/patients/erasures", &erasure);
    let found = clinic.read(&path);
    assert_eq!((&found["patient_ref"], &found["note"], &found["units"]), (&Value::Null, &Value::Null, &json!(1)));
    clinic.problem(&format!("{path}/withdraw"), &json!({"reason": "None"}), 409, "patient_erased");
}
