//! One person is one person, however their name is spelt.

use lotline::caller::Role;
use serde_json::{Value, json};

use super::support::clinic::{id, licence};
use super::support::{Clinic, World, on_both_databases};

on_both_databases!(
    nobody_releases_what_they_inspected,
    nobody_reviews_what_they_counted,
    nobody_closes_what_they_recorded_or_treated,
    a_void_by_those_whom_it_is_about_leaves_the_deviation_open,
    nobody_lifts_their_own_hold_over_a_product,
    nobody_checks_a_licence_of_their_own,
    what_is_ones_own_is_so_in_every_spelling,
    a_subject_that_mixes_scripts_is_refused,
);

/// One name, and spellings of it.
const NAME: &str = "zoë.groß@example.org";
const SPELLINGS: [&str; 18] = [
    NAME,
    "ZOË.GROSS@EXAMPLE.ORG",
    "Zoë.Groß@Example.org",
    "ｚｏë.ｇｒｏß@ｅｘａｍｐｌｅ.ｏｒｇ",
    "zoe\u{308}.groß@example.org",
    "zoë.gross@example.org",
    "zoë.groſs@example.org",
    "zoë.gro\u{1e9e}@example.org",
    "zoë.groß@exampl\u{200d}e.org",
    "zoë.groß@exampl\u{200b}e.org",
    "zoë.gro\u{ad}ß@example.org",
    "\u{feff}zoë.groß@example.org",
    "zoë.groß@example.org ",
    "\u{a0}zoë.groß@example.org",
    "zoë.groß@example.org\u{202c}",
    "zoë.groß@example.org\u{fe0f}",
    "zoë.groß@e\u{2060}xample.org",
    "𝐳𝐨ë.𝐠𝐫𝐨ß@𝐞𝐱𝐚𝐦𝐩𝐥𝐞.𝐨𝐫𝐠",
];

const ALL: &[Role] = &[Role::Admin, Role::Purchaser, Role::Practitioner, Role::Quality];

fn token(world: &World, subject: &str) -> String {
    world.token_as(subject, ALL)
}

fn create(world: &World, subject: &str, path: &str, body: &Value) -> Value {
    let (status, answer) = world.http.post(&token(world, subject), path, body);
    assert!(matches!(status, 200 | 201), "{subject}: {path} {answer}");
    answer
}

/// Every spelling of the name is refused, nothing changes, and somebody else may.
fn only_by_another(world: &World, path: &str, body: &Value, code: &str) -> Value {
    for spelling in SPELLINGS {
        let (status, answer) = world.http.post(&token(world, spelling), path, body);
        let reasons = answer["reasons"].as_array().map(|reasons| reasons[0]["code"].clone());
        let found = reasons.unwrap_or_else(|| answer["code"].clone());
        assert_eq!((status, found), (409, json!(code)), "{}", spelling.escape_unicode());
    }
    create(world, "zoe.gross@example.org", path, body)
}

fn nobody_releases_what_they_inspected(world: &World) {
    let clinic = world.clinic();
    let (receipt, lot) = clinic.receive("LOT1", "2027-06-30", 1);
    let inspected = create(world, NAME, "/v1/inspections", &clinic.inspection(&receipt, &lot, 2, 0));
    only_by_another(world, &format!("/v1/lots/{lot}/releases"), &clinic.release(2), "inspector_cannot_release");
    // What was typed is kept.
    let path = format!("/v1/inspections/{}", id(&inspected));
    assert_eq!(clinic.read(&path)["inspector"], json!(NAME));
}

fn nobody_reviews_what_they_counted(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 4);
    let count = |units: i64| json!({"location_id": clinic.stock, "lot_id": lot, "units_counted": units, "reason": "Monthly count"});
    let counted = id(&create(world, NAME, "/v1/counts", &count(9)));
    let why = json!({"reason": "Counted again"});
    only_by_another(world, &format!("/v1/movements/{counted}/approvals"), &why, "self_reviewed_count");
    let counted = id(&create(world, NAME, "/v1/counts", &count(14)));
    only_by_another(world, &format!("/v1/movements/{counted}/rejections"), &why, "self_reviewed_count");
}

fn in_retrospect(clinic: &Clinic<'_>, lot: &str) -> Value {
    let mut body = clinic.administration(lot, 1);
    body["retrospective"] = json!({"reason": "It was an emergency"});
    body
}

fn nobody_closes_what_they_recorded_or_treated(world: &World) {
    let clinic = world.clinic();
    let (_, lot) = clinic.receive("LOT1", "2027-06-30", 2);
    let resolution = json!({"resolution": "Patient informed"});
    let close = |made: &Value| format!("/v1/deviations/{}/close", made["deviation"]["id"].as_str().unwrap());
    let recorded = create(world, NAME, "/v1/administrations", &in_retrospect(&clinic, &lot));
    only_by_another(world, &close(&recorded), &resolution, "self_closed_deviation");
    let person = format!("/v1/practitioners/{}", clinic.practitioner);
    assert_eq!(clinic.patch(&person, &json!({"subject": NAME})).status, 200);
    let treated = create(world, "bea", "/v1/administrations", &in_retrospect(&clinic, &lot));
    only_by_another(world, &close(&treated), &resolution, "self_closed_deviation");
}

fn a_void_by_those_whom_it_is_about_leaves_the_deviation_open(world: &World) {
    let clinic = world.clinic();
    let (_, lot) = clinic.receive("LOT1", "2027-06-30", 2);
    let void = json!({"reason": "Another patient", "returned_to_stock": true});
    let open = || clinic.read("/v1/deviations?open=true")["items"].as_array().unwrap().len();
    for (voider, left) in [("ann", 1), ("ANN", 2), ("bea", 2)] {
        let made = create(world, "ann", "/v1/administrations", &in_retrospect(&clinic, &lot));
        create(world, voider, &format!("/v1/administrations/{}/voids", id(&made)), &void);
        assert_eq!(open(), left, "{voider}");
    }
    let waiting = clinic.read("/v1/deviations?open=true")["items"][0].clone();
    let path = format!("/v1/deviations/{}/close", id(&waiting));
    let resolution = json!({"resolution": "Recorded for another patient, and voided"});
    assert_eq!(world.http.post(&token(world, "Ann"), &path, &resolution).0, 409);
    create(world, "bea", &path, &resolution);
    assert_eq!(open(), 1);
}

fn nobody_lifts_their_own_hold_over_a_product(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 2);
    let hold = |kind: &str, id: &str| json!({"scope": {"type": kind, "id": id}, "reason": "Swelling reported"});
    let why = json!({"reason": "The laboratory found nothing"});
    let over_product = id(&create(world, NAME, "/v1/holds", &hold("product", &clinic.product)));
    assert_eq!(clinic.administer(&lot, 1).0, 409);
    only_by_another(world, &format!("/v1/holds/{over_product}/lift"), &why, "self_lifted_hold");
    assert_eq!(clinic.administer(&lot, 1).0, 201);
    // One over a lot may be lifted by whoever opened it.
    let over_lot = id(&create(world, NAME, "/v1/holds", &hold("lot", &lot)));
    create(world, NAME, &format!("/v1/holds/{over_lot}/lift"), &why);
}

fn nobody_checks_a_licence_of_their_own(world: &World) {
    let clinic = world.clinic();
    let person = json!({"name": "Dr Z. Example", "profession": "doctor", "subject": NAME});
    let person = id(&clinic.create(Role::Admin, "/v1/practitioners", &person));
    let registration = licence(("practitioner", &person), "professional_registration", "GMC", "7654321");
    let registration = id(&clinic.create(Role::Admin, "/v1/licences", &registration));
    let check = json!({"outcome": "verified", "source": "the public register"});
    only_by_another(world, &format!("/v1/licences/{registration}/checks"), &check, "self_approved_check");
}

fn what_is_ones_own_is_so_in_every_spelling(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 4);
    let treats = |subject: &str| world.token_as(subject, &[Role::Practitioner]);
    // What they recorded themselves, practitioners void, and a repeated request is one.
    let body = clinic.administration(&lot, 1);
    let key = [("idempotency-key", "chair-1")];
    let made = world.http.post_with(&treats(NAME), "/v1/administrations", &key, &body);
    assert_eq!(made.status, 201);
    for spelling in SPELLINGS {
        let again = world.http.post_with(&treats(spelling), "/v1/administrations", &key, &body);
        assert_eq!((again.status, &again.bytes), (201, &made.bytes), "{}", spelling.escape_unicode());
    }
    assert_eq!(clinic.reconciliation(&lot)["administered"], json!(1));
    let path = format!("/v1/administrations/{}/voids", id(&made.json()));
    let void = json!({"reason": "Another patient", "returned_to_stock": false});
    assert_eq!(world.http.post(&treats("zoe.gross@example.org"), &path, &void).0, 403);
    assert_eq!(world.http.post(&treats(SPELLINGS[3]), &path, &void).0, 201);
}

fn a_subject_that_mixes_scripts_is_refused(world: &World) {
    let clinic = world.clinic();
    for subject in ["аnn", "qu\u{456}nn@example.org", "\u{200b}", "\u{feff}\u{ad}"] {
        // Signed by our key, and all the same no one's.
        let (status, problem) = world.http.get(&token(world, subject), "/v1/sites");
        assert_eq!((status, &problem["code"]), (401, &json!("unauthenticated")), "{subject}");
        let says = problem["detail"].as_str().unwrap();
        assert!(says.starts_with("The subject of the token must"), "{says}");
        let person = json!({"name": "Dr B. Example", "profession": "doctor", "subject": subject});
        let (status, problem) = clinic.post(Role::Admin, "/v1/practitioners", &person);
        let expected = if subject.contains(char::is_alphabetic) { "mixed_scripts" } else { "invalid_name" };
        assert_eq!((status, &problem["code"], &problem["fields"]), (422, &json!(expected), &json!(["subject"])));
        let person = format!("/v1/practitioners/{}", clinic.practitioner);
        assert_eq!(clinic.patch(&person, &json!({"subject": subject})).status, 422);
    }
    // Whole words of other scripts are names as any.
    for subject in ["иван@example.org", "山田taro", "김민준", "Ελένη Smith"] {
        assert_eq!(world.http.get(&token(world, subject), "/v1/sites").0, 200, "{subject}");
    }
}
