//! One person is one person, however their name is spelt.

use lotline::caller::Role;
use serde_json::{Value, json};

use super::support::clinic::{id, licence, scan};
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
    what_is_recorded_for_another_waits_for_their_word,
    a_prescriber_confirms_likewise,
    the_policy_says_what_becomes_of_what_is_recorded_for_others,
    whose_word_cannot_come_is_on_the_morning_list,
    a_subject_that_was_taken_off_still_counts,
    circles_of_any_length_are_refused,
    two_who_check_each_other_at_one_moment,
    a_check_by_somebody_who_turns_out_to_be_the_holder,
    a_circle_that_is_known_later,
    two_people_stand_behind_a_licence_where_the_policy_says_so,
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

fn attention(clinic: &Clinic<'_>, list: &str) -> Vec<Value> {
    clinic.read("/v1/attention")[list].as_array().unwrap().clone()
}

fn known_as(clinic: &Clinic<'_>, practitioner: &str, subject: Value) {
    let answer = clinic.patch(&format!("/v1/practitioners/{practitioner}"), &json!({"subject": subject}));
    assert_eq!(answer.status, 200, "{}", answer.json());
}

fn refused(world: &World, subject: &str, path: &str, body: &Value) -> Value {
    let (status, problem) = world.http.post(&token(world, subject), path, body);
    assert_eq!(status, 409, "{subject}: {path} {problem}");
    problem["code"].clone()
}

fn what_is_recorded_for_another_waits_for_their_word(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 8);
    known_as(&clinic, &clinic.practitioner, json!("nia"));
    let body = clinic.administration(&lot, 1);
    // In whatever spelling, what is one's own waits for nobody.
    let own = create(world, "ＮＩＡ", "/v1/administrations", &body);
    assert_eq!((&own["unconfirmed"], own.get("confirmations")), (&json!(false), None));
    let confirm = |made: &Value| format!("/v1/administrations/{}/confirmations", id(made));
    assert_eq!(refused(world, "nia", &confirm(&own), &json!({})), "nothing_to_confirm");

    let made = create(world, "mia", "/v1/administrations", &body);
    let waits = json!([{
        "practitioner_id": clinic.practitioner, "role": "practitioner", "confirmed_by": null, "confirmed_at": null
    }]);
    assert_eq!((&made["unconfirmed"], &made["confirmations"]), (&json!(true), &waits));
    let listed = attention(&clinic, "unconfirmed_administrations");
    let named = ["administration_id", "site_id", "practitioner_id", "role", "recorded_by", "can_confirm"];
    let expected = [&made["id"], &json!(clinic.site), &json!(clinic.practitioner)].map(Clone::clone);
    let rest = [json!("practitioner"), json!("mia"), json!(true)];
    assert_eq!(listed.len(), 1);
    assert_eq!(named.map(|name| listed[0][name].clone()).to_vec(), [expected, rest].concat());
    for other in ["mia", "zoe"] {
        assert_eq!(refused(world, other, &confirm(&made), &json!({})), "not_yours_to_confirm");
    }
    let confirmed = create(world, "Nia", &confirm(&made), &json!({}));
    assert_eq!(
        (&confirmed["unconfirmed"], &confirmed["confirmations"][0]["confirmed_by"]),
        (&json!(false), &json!("Nia"))
    );
    let before = world.database.state();
    assert_eq!(create(world, "nia", &confirm(&made), &json!({})), confirmed);
    assert_eq!(world.database.state(), before, "a word that was given is given");
    assert_eq!(clinic.read(&format!("/v1/administrations/{}", id(&made))), confirmed);
    assert_eq!(attention(&clinic, "unconfirmed_administrations"), Vec::<Value>::new());
    let custody = clinic.read(&format!("/v1/administrations/{}/custody", id(&made)));
    let kinds: Vec<_> = custody["events"].as_array().unwrap().iter().map(|event| &event["kind"]).collect();
    assert!(kinds.contains(&&json!("administration_confirmed")), "{kinds:?}");

    // What is void waits for nobody.
    let made = create(world, "mia", "/v1/administrations", &body);
    create(
        world,
        "mia",
        &format!("/v1/administrations/{}/voids", id(&made)),
        &json!({"reason": "Another", "returned_to_stock": false}),
    );
    assert_eq!(refused(world, "nia", &confirm(&made), &json!({})), "already_voided");
    assert_eq!(clinic.read(&format!("/v1/administrations/{}", id(&made)))["unconfirmed"], json!(false));
    assert_eq!(attention(&clinic, "unconfirmed_administrations"), Vec::<Value>::new());

    // Nobody confirms what they recorded themselves, whoever they turn out to be.
    let made = create(world, "mia", "/v1/administrations", &body);
    known_as(&clinic, &clinic.practitioner, json!("MIA"));
    assert_eq!(refused(world, "mia", &confirm(&made), &json!({})), "not_yours_to_confirm");
}

fn a_prescriber_confirms_likewise(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 4);
    known_as(&clinic, &clinic.practitioner, json!("nia"));
    let doctor = json!({"name": "Dr P. Example", "profession": "doctor", "subject": "pia"});
    let doctor = id(&clinic.create(Role::Admin, "/v1/practitioners", &doctor));
    let mut body = clinic.administration(&lot, 1);
    body["prescriber_id"] = json!(doctor);
    let made = create(world, "mia", "/v1/administrations", &body);
    let path = format!("/v1/administrations/{}/confirmations", id(&made));
    let waits = |made: &Value| {
        let all = made["confirmations"].as_array().unwrap().iter();
        let open = all.filter(|one| one["confirmed_by"].is_null()).map(|one| one["role"].as_str().unwrap().to_owned());
        open.collect::<Vec<_>>()
    };
    assert_eq!(waits(&made), ["practitioner", "prescriber"]);
    let half = create(world, "pia", &path, &json!({}));
    assert_eq!((waits(&half), &half["unconfirmed"]), (vec!["practitioner".to_owned()], &json!(true)));
    let listed = attention(&clinic, "unconfirmed_administrations");
    assert_eq!((listed.len(), &listed[0]["role"]), (1, &json!("practitioner")));
    let whole = create(world, "nia", &path, &json!({}));
    assert_eq!((waits(&whole).len(), &whole["unconfirmed"]), (0, &json!(false)));
    // Who treats what they prescribed themselves waits for nobody, and one word is enough for both.
    body["prescriber_id"] = json!(clinic.practitioner);
    assert_eq!(create(world, "nia", "/v1/administrations", &body)["unconfirmed"], json!(false));
    let made = create(world, "mia", "/v1/administrations", &body);
    let path = format!("/v1/administrations/{}/confirmations", id(&made));
    assert_eq!(create(world, "nia", &path, &json!({}))["unconfirmed"], json!(false));
}

fn the_policy_says_what_becomes_of_what_is_recorded_for_others(world: &World) {
    let clinic = world.clinic();
    clinic.receive_inspect_release("LOT1", 8);
    let code = scan("270630", "LOT1", None);
    known_as(&clinic, &clinic.practitioner, json!("nia"));
    super::policies::set(world, &json!({"recording_for_others": "allow"}));
    assert_eq!(clinic.assert_at_the_chair(&code)["unconfirmed"], json!(false));
    super::policies::set(world, &json!({"recording_for_others": "refuse"}));
    clinic.assert_not_at_the_chair(&code, &["recorded_for_another"]);
    let own = create(world, "nia", "/v1/administrations", &clinic.administration_of(&code));
    assert_eq!(own["unconfirmed"], json!(false));
    // It has happened all the same: then it is against the rules, and waits for their word.
    let mut late = clinic.administration_of(&code);
    late["retrospective"] = json!({"reason": "The tablet was dead"});
    let late = create(world, "mia", "/v1/administrations", &late);
    assert_eq!(
        (&late["unconfirmed"], &late["deviation"]["reason_codes"]),
        (&json!(true), &json!(["recorded_for_another"]))
    );
}

fn whose_word_cannot_come_is_on_the_morning_list(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 2);
    assert_eq!(clinic.administer(&lot, 1).0, 201);
    let listed = attention(&clinic, "unconfirmed_administrations");
    assert_eq!((listed.len(), &listed[0]["can_confirm"]), (1, &json!(false)));
    known_as(&clinic, &clinic.practitioner, json!("nia"));
    assert_eq!(attention(&clinic, "unconfirmed_administrations")[0]["can_confirm"], json!(true));
    // A token of another site is told nothing of it.
    let elsewhere = json!({"name": "Leith", "jurisdiction": "GB-SCT", "time_zone": "Europe/London"});
    let elsewhere = id(&clinic.create(Role::Admin, "/v1/sites", &elsewhere)).parse().unwrap();
    let bound = world.sign(&world.organisation, "aud", &[Role::Auditor], Some(vec![elsewhere]));
    assert_eq!(world.http.get(&bound, "/v1/attention").1["unconfirmed_administrations"], json!([]));
}

/// A practitioner with a registration that nobody has checked: who, and what.
fn doctor(clinic: &Clinic<'_>, subject: Option<&str>) -> (String, String) {
    let body = json!({"name": "Dr X. Example", "profession": "doctor", "subject": subject});
    let person = id(&clinic.create(Role::Admin, "/v1/practitioners", &body));
    let registration = licence(("practitioner", &person), "professional_registration", "GMC", "7654321");
    let registration = id(&clinic.create(Role::Admin, "/v1/licences", &registration));
    (person, registration)
}

fn check(world: &World, by: &str, licence: &str) -> (u16, Value) {
    let body = json!({"outcome": "verified", "source": "the public register"});
    let (status, answer) = world.http.post(&token(world, by), &format!("/v1/licences/{licence}/checks"), &body);
    (status, answer["code"].clone())
}

fn a_subject_that_was_taken_off_still_counts(world: &World) {
    let clinic = world.clinic();
    let (person, registration) = doctor(&clinic, Some("ann"));
    known_as(&clinic, &person, Value::Null);
    assert_eq!(check(world, "Ann", &registration), (409, json!("self_approved_check")));
    known_as(&clinic, &person, json!("ann.smith"));
    for subject in ["ann", "ANN.SMITH"] {
        assert_eq!(check(world, subject, &registration), (409, json!("self_approved_check")));
    }
    assert_eq!(check(world, "bob", &registration), (201, Value::Null));
}

fn circles_of_any_length_are_refused(world: &World) {
    let clinic = world.clinic();
    let people = ["a", "b", "c", "d", "e"].map(|name| (name, doctor(&clinic, Some(name)).1));
    for pair in people.windows(2) {
        assert_eq!(check(world, pair[0].0, &pair[1].1), (201, Value::Null));
    }
    for (name, _) in &people[1..] {
        let code = check(world, name, &people[0].1);
        assert_eq!(code, (409, json!("circular_check")), "{name} is vouched for by a");
    }
    // Whoever nobody in it vouches for may.
    assert_eq!(check(world, "a", &people[3].1), (201, Value::Null));
    assert_eq!(check(world, "f", &people[0].1), (201, Value::Null));
}

fn two_who_check_each_other_at_one_moment(world: &World) {
    let clinic = world.clinic();
    for round in 0..50 {
        let names = ["left", "right"].map(|side| format!("{side}-{round}"));
        let registrations = [doctor(&clinic, Some(&names[0])).1, doctor(&clinic, Some(&names[1])).1];
        let start = std::sync::Barrier::new(2);
        let answers = std::thread::scope(|scope| {
            let ask = |by: usize| {
                let (start, names, registrations) = (&start, &names, &registrations);
                scope.spawn(move || {
                    start.wait();
                    check(world, &names[by], &registrations[1 - by])
                })
            };
            [ask(0), ask(1)].map(|thread| thread.join().unwrap())
        });
        let mut codes = [answers[0].0, answers[1].0];
        codes.sort_unstable();
        assert_eq!(codes, [201, 409], "round {round}: {answers:?}");
    }
}

fn a_check_by_somebody_who_turns_out_to_be_the_holder(world: &World) {
    let clinic = world.clinic();
    clinic.receive_inspect_release("LOT1", 8);
    let code = scan("270630", "LOT1", None);
    let (person, registration) = doctor(&clinic, None);
    assert_eq!(check(world, "cat", &registration), (201, Value::Null));
    let by_them = || {
        let mut body = clinic.administration_of(&code);
        body["practitioner_id"] = json!(person);
        body
    };
    let made = create(world, "mia", "/v1/administrations", &by_them());
    let then = world.clock.now().to_string();
    world.clock.advance_days(1);
    known_as(&clinic, &person, json!("CAT"));
    // From now on it counts no more …
    clinic.assert_not_at_the_chair_of(&clinic.site, &person, &code, &["practitioner_licence_check_missing"]);
    let shown = clinic.read(&format!("/v1/licences/{registration}"));
    assert_eq!(shown["checks"][0]["discount"]["cause"], json!("holder"), "{shown}");
    let kinds = clinic.read(&format!("/v1/events?subject={registration}"))["items"].clone();
    assert_eq!(kinds.as_array().unwrap().last().unwrap()["kind"], json!("licence_check_discounted"));
    // … what was decided stays, is listed, and until then it counted.
    assert_eq!(clinic.read(&format!("/v1/administrations/{}", id(&made)))["decision"]["allowed"], json!(true));
    let touched = attention(&clinic, "touched_by_licences");
    assert_eq!((touched.len(), &touched[0]["administrations"]), (1, &json!([made["id"]])));
    let mut late = by_them();
    late["occurred_at"] = json!(then);
    create(world, "mia", "/v1/administrations", &late);
    let path = format!("/v1/licences/{registration}/acknowledgements");
    clinic.create(Role::Quality, &path, &json!({"note": "The register was asked again"}));
    assert_eq!(attention(&clinic, "touched_by_licences"), Vec::<Value>::new());
    // Somebody else's check counts.
    assert_eq!(check(world, "cat", &registration), (409, json!("self_approved_check")));
    assert_eq!(check(world, "dan", &registration), (201, Value::Null));
    create(world, "mia", "/v1/administrations", &by_them());
}

fn a_circle_that_is_known_later(world: &World) {
    let clinic = world.clinic();
    let (ann, of_ann) = doctor(&clinic, None);
    let (_, of_bob) = doctor(&clinic, Some("bob"));
    let (_, of_cat) = doctor(&clinic, Some("cat"));
    // Ann vouches for Bob, Bob for Cat, Cat for Ann; but nobody knew that «ann» is Ann.
    assert_eq!(check(world, "ann", &of_bob), (201, Value::Null));
    assert_eq!(check(world, "bob", &of_cat), (201, Value::Null));
    assert_eq!(check(world, "cat", &of_ann), (201, Value::Null));
    known_as(&clinic, &ann, json!("Ann"));
    let discounts =
        |licence: &str| clinic.read(&format!("/v1/licences/{licence}"))["checks"][0]["discount"]["cause"].clone();
    assert_eq!(
        [&of_bob, &of_cat, &of_ann].map(|licence| discounts(licence)),
        [Value::Null, Value::Null, json!("circle")]
    );
    // The circle is open again, and closed by nobody.
    assert_eq!(check(world, "cat", &of_ann), (409, json!("circular_check")));
    known_as(&clinic, &ann, json!("ANN"));
    assert_eq!(discounts(&of_cat), Value::Null);
}

fn two_people_stand_behind_a_licence_where_the_policy_says_so(world: &World) {
    let clinic = world.clinic();
    clinic.receive_inspect_release("LOT1", 4);
    let code = scan("270630", "LOT1", None);
    let doubts = |decision: &Value, licence: &str| {
        let basis = decision["basis"].as_array().unwrap().iter().find(|basis| basis["id"] == licence).unwrap();
        basis["doubts"].clone()
    };
    // It is said, and by default no more.
    // Whoever is at the chair does not read of licences; an auditor does.
    let used = || {
        let made = id(&clinic.assert_at_the_chair(&code));
        clinic.read(&format!("/v1/administrations/{made}"))
    };
    let made = used();
    assert_eq!(doubts(&made["decision"], &clinic.registration), json!(["holder_without_subject", "one_person"]));
    assert_eq!(doubts(&made["decision"], &clinic.facility_licence), json!(["one_person"]));
    let by_one = |licence: &str| {
        let listed = attention(&clinic, "licences_by_one");
        listed.into_iter().find(|one| one["licence_id"] == licence).map(|one| one["doubts"].clone())
    };
    assert_eq!(by_one(&clinic.wholesale_licence), Some(json!(["one_person"])));
    super::policies::set(world, &json!({"licences_by_two": true}));
    clinic.assert_not_at_the_chair(&code, &["licence_not_by_two"; 3]);
    // Whoever registered it does not help by asking again, in whatever spelling.
    assert_eq!(check(world, "ADMIN", &clinic.registration), (201, Value::Null));
    known_as(&clinic, &clinic.practitioner, json!("nia"));
    clinic.assert_not_at_the_chair(&code, &["licence_not_by_two"; 2]);
    for licence in [&clinic.registration, &clinic.facility_licence] {
        assert_eq!(check(world, "bob", licence), (201, Value::Null));
        assert_eq!(by_one(licence), None);
    }
    let made = used();
    assert_eq!(doubts(&made["decision"], &clinic.registration), Value::Null);
    // The registrar may look again, and the other's word still counts within the interval.
    world.clock.advance_days(30);
    assert_eq!(check(world, "admin", &clinic.registration), (201, Value::Null));
    clinic.assert_at_the_chair(&code);
}
