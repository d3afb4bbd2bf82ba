//! Evidence bundles over HTTP: one file for somebody who trusts nobody here, checked by the program without a database, by others
//! who wrote their own verifier, and not at all any more when anything in it was changed.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use lotline::archive::{Part, Reader, Writer};
use lotline::caller::Role;
use lotline::ids::SiteId;
use lotline::note::VerifierKey;
use lotline::verify::bundle::{self, Checked};
use serde_json::{Value, json};

use super::support::client::assert_problem;
use super::support::clinic::{Clinic, id, location, site};
use super::support::process::{program, run};
use super::support::{Answer, World, on_both_databases};

on_both_databases!(
    a_lot_is_told_whole_and_sealed,
    a_patient_is_told_in_words_that_are_checked,
    a_patient_who_came_and_was_not_treated_is_told_too,
    photographs_of_a_patient_are_in_it,
    a_period_has_what_was_recorded_in_it,
    an_erasure_leaves_files_as_they_were,
    a_token_of_a_site_gets_what_it_sees,
    what_was_changed_names_its_part,
    what_cannot_be_made_is_a_clear_problem,
    a_long_file_comes_in_parts,
);

const PART_MAX: usize = 32 * 1024 * 1024;

fn ask(world: &World, token: &str, body: &Value) -> Answer {
    world.http.post_with(token, "/v1/evidence-bundles", &[], body)
}

/// A file that an auditor gets.
fn made(world: &World, body: &Value) -> Vec<u8> {
    let answer = ask(world, &world.token(Role::Auditor), body);
    assert_eq!(answer.status, 201, "{body}: {}", answer.json());
    assert_eq!(answer.header("content-type"), Some("application/zip"));
    let name = answer.header("content-disposition").unwrap();
    assert!(name.starts_with("attachment; filename=\"evidence-") && name.ends_with(".zip\""), "{name}");
    assert!(!name.contains("P-1001"), "{name}");
    answer.bytes
}

fn key(world: &World) -> VerifierKey {
    world.read("/v1/log/key")["vkey"].as_str().unwrap().parse().unwrap()
}

fn parts(file: &[u8]) -> Vec<Part> {
    let mut reader = Reader::new(file, PART_MAX);
    std::iter::from_fn(|| reader.part().unwrap()).collect()
}

fn text(file: &[u8], name: &str) -> String {
    let part = parts(file).into_iter().find(|part| part.name == name);
    String::from_utf8(part.unwrap_or_else(|| panic!("{name}")).content).unwrap()
}

/// The events of a file, in its order.
fn events(file: &[u8]) -> Vec<Value> {
    let lines = parts(file).into_iter().filter(|part| part.name.starts_with("events-")).flat_map(|part| part.content);
    let text = String::from_utf8(lines.collect()).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn ids(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["id"].as_str().unwrap()).collect()
}

/// A file of other parts, in the one form that there is.
fn written(parts: &[Part]) -> Vec<u8> {
    let (mut writer, mut file) = (Writer::default(), Vec::new());
    for part in parts {
        file.extend(writer.head(&part.name, &part.content));
        file.extend(&part.content);
    }
    file.extend(writer.end());
    file
}

/// Files on disk, for programs that read them.
struct Shelf(PathBuf, usize);

impl Shelf {
    fn of(world: &World) -> Self {
        let folder = world.database.dir().join("bundles");
        fs::create_dir_all(&folder).unwrap();
        Shelf(folder, 0)
    }

    fn put(&mut self, file: &[u8]) -> PathBuf {
        self.1 += 1;
        let path = self.0.join(format!("{}.zip", self.1));
        fs::write(&path, file).unwrap();
        path
    }
}

impl Drop for Shelf {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// What others say of files who share no code with us: of each the part that is wrong, if any. None where Python is not installed,
/// which the project's own checks are not content with.
fn outsiders(files: &[PathBuf], key: Option<&str>) -> Option<Vec<Option<String>>> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/log/verify.py");
    let mut python = Command::new("python3");
    python.arg(script).arg("--bundle").args(files);
    if let Some(key) = key {
        python.args(["--key", key]);
    }
    let output = match python.output() {
        Ok(output) => output,
        Err(error) => {
            assert!(std::env::var_os("LOTLINE_REQUIRE_POSTGRES").is_none(), "python3: {error}");
            println!("python3 is not installed: the independent verifier is left out");
            return None;
        }
    };
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(said.lines().count(), files.len(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    let wrong = |(line, path): (&str, &PathBuf)| {
        let said = line.strip_prefix(&format!("{}: ", path.display())).unwrap_or_else(|| panic!("{line}"));
        (!said.ends_with("everything agrees")).then(|| said.split(':').next().unwrap().to_owned())
    };
    let found: Vec<_> = said.lines().zip(files).map(wrong).collect();
    assert_eq!(output.status.success(), found.iter().all(Option::is_none), "{said}");
    Some(found)
}

/// Everybody agrees that a file is what it says, by the key of the organisation and by its own.
fn assert_good(world: &World, file: &[u8]) -> Checked {
    let key = key(world);
    let checked = bundle::check(file, Some(&key)).unwrap_or_else(|wrong| panic!("{wrong}"));
    assert_eq!(bundle::check(file, None), Ok(checked.clone()));
    let mut shelf = Shelf::of(world);
    let path = [shelf.put(file)];
    for key in [None, Some(key.to_string())] {
        if let Some(found) = outsiders(&path, key.as_deref()) {
            assert_eq!(found, [None]);
        }
    }
    assert_eq!(checked.events, u64::try_from(events(file).len()).unwrap());
    assert_eq!(checked.about.organisation_id, world.organisation);
    assert_eq!(checked.about.made_for, "auditor");
    checked
}

/// The report loads and runs nothing, and every text in it is escaped.
fn assert_harmless(html: &str) {
    assert!(html.starts_with("<!doctype html>") && html.trim_end().ends_with("</html>"), "{html}");
    assert!(html.contains("content=\"default-src 'none'; style-src 'unsafe-inline'\""));
    for word in ["<script", "<b>", "onerror=", "http:", "https:", "<img", "url("] {
        assert!(!html.contains(word), "{word} in {html}");
    }
}

/// What is said of patients, longer than anything that stands somewhere by chance.
const WORDS: [&str; 4] = ["Quendolin-4711", "zygomatic-arch", "shy-of-needles", "wrong-side-noted"];

fn treated(clinic: &Clinic, lot: &str) -> Value {
    let mut body = clinic.administration(lot, 1);
    body["patient_ref"] = json!(WORDS[0]);
    body["treatment"] = json!({"area": WORDS[1], "notes": WORDS[2]});
    body
}

/// A lot with an order and a delivery, of which a patient and another were given some, one of it in vain, one voided.
fn story(clinic: &Clinic) -> String {
    let order = json!({"site_id": clinic.site, "supplier_id": clinic.supplier, "lines": [{"product_id": clinic.product, "packs": 4}]});
    let order = id(&clinic.create(Role::Purchaser, "/v1/orders", &order));
    clinic.create(Role::Purchaser, &format!("/v1/orders/{order}/place"), &json!({}));
    let mut receipt = clinic.receipt(json!([
        {"gtin": super::support::clinic::GTIN, "lot": "LOT<b>1", "expiry": super::support::clinic::EXPIRY, "packs": 4}
    ]));
    receipt["order_id"] = json!(order);
    let receipt = clinic.create(Role::Purchaser, "/v1/receipts", &receipt);
    let lot = receipt["lines"][0]["lot_id"].as_str().unwrap().to_owned();
    clinic.create(Role::Purchaser, "/v1/inspections", &clinic.inspection(&id(&receipt), &lot, 8, 0));
    clinic.create(Role::Quality, &format!("/v1/lots/{lot}/releases"), &clinic.release(8));
    let treated = treated(clinic, &lot);
    clinic.create(Role::Practitioner, "/v1/administrations", &treated);
    let second = id(&clinic.create(Role::Practitioner, "/v1/administrations", &treated));
    let void = json!({"reason": WORDS[3], "returned_to_stock": false});
    clinic.create(Role::Practitioner, &format!("/v1/administrations/{second}/voids"), &void);
    let mut too_many = treated;
    too_many["units"] = json!(50);
    assert_eq!(clinic.post(Role::Practitioner, "/v1/administrations", &too_many).0, 409);
    assert_eq!(clinic.administer(&lot, 1).0, 201);
    lot
}

fn a_lot_is_told_whole_and_sealed(world: &World) {
    let clinic = world.clinic();
    let lot = story(&clinic);
    clinic.receive_inspect_release("LOT2", 4);
    // Nobody has made a leaf yet: whoever asks has everything that was recorded before, all the same.
    assert!(world.database.count("log_pending") > 0);
    let file = made(world, &json!({"lot_id": lot}));
    let checked = assert_good(world, &file);
    assert_eq!((checked.opened, checked.withheld), (0, 0));
    let told = events(&file);
    let chain = world.read(&format!("/v1/lots/{lot}/custody?refusals=true&limit=200"));
    assert_eq!(ids(&told), ids(chain["events"].as_array().unwrap()));
    let kinds: BTreeSet<_> = told.iter().map(|event| event["kind"].as_str().unwrap()).collect();
    for kind in [
        "order_placed",
        "receipt_recorded",
        "packaging_inspected",
        "stock_released",
        "stock_administered",
        "gate_refused",
    ] {
        assert!(kinds.contains(kind), "{kind} of {kinds:?}");
    }
    // The bytes are those that the journal gives out.
    let bearer = format!("Bearer {}", world.token(Role::Auditor));
    let first = text(&file, "events-00001.ndjson");
    for (line, event) in first.lines().zip(&told) {
        let path = format!("/v1/events/{}/bytes", event["id"].as_str().unwrap());
        assert_eq!(world.http.send("GET", &path, &[("authorization", &bearer)], None).bytes, line.as_bytes());
    }
    // Who was treated, and how, it does not say; a person reads the rest.
    let whole = String::from_utf8_lossy(&file);
    assert!(WORDS.iter().chain(&["P-1001", "midface"]).all(|word| !whole.contains(word)));
    let report = text(&file, "report.html");
    assert_harmless(&report);
    for words in [
        "<h1>Lot LOT&lt;b&gt;1 of HArmonyCa, expiry 2027-06-30</h1>",
        "is sealed for patient pat_",
        "Example Wholesale",
        "Harley Street",
        "<dt>Moved</dt><dd>1 unit from available in Fridge for stock (2 to 8 °C) to patient</dd>",
        "Dr A. Example",
        "The rules</dt><dd>were against it:",
    ] {
        assert!(report.contains(words), "{words} in {report}");
    }
    assert_eq!(report.matches("<article").count(), told.len());

    // The program says so, too: with a key, without one, and by another's.
    let mut shelf = Shelf::of(world);
    let path = shelf.put(&file);
    let verify = |more: &[&str]| {
        let mut command = program();
        command.args(["verify", "--bundle"]).arg(&path).args(more);
        let output = run(command);
        (output.status.code(), String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let key = key(world).to_string();
    let (code, said, _) = verify(&["--key", &key]);
    assert!(code == Some(0) && said.ends_with("everything agrees\n") && !said.contains("warning"), "{said}");
    let (code, said, _) = verify(&[]);
    assert!(code == Some(0) && said.starts_with("warning: no key was given, so the file vouches for itself"), "{said}");
    let other = world.register_organisation("Elsewhere Clinics");
    let other = world.sign(&other, "auditor", &[Role::Auditor], None);
    let others = world.http.get(&other, "/v1/log/key").1["vkey"].as_str().unwrap().to_owned();
    let (code, said, _) = verify(&["--key", &others]);
    assert!(code == Some(1) && said.starts_with("key.txt: it is of "), "{said}");
    assert_eq!(verify(&["--key", "nonsense"]).0.unwrap_or_default(), 1);
    if let Some(found) = outsiders(std::slice::from_ref(&path), Some(&others)) {
        assert_eq!(found, [Some("key.txt".to_owned())]);
    }
}

fn a_patient_is_told_in_words_that_are_checked(world: &World) {
    let clinic = world.clinic();
    let lot = story(&clinic);
    let other = clinic.receive_inspect_release("LOT2", 4);
    clinic.administer(&other, 1);
    let mut against = treated(&clinic, &lot);
    against["units"] = json!(50);
    against["retrospective"] = json!({"reason": "already done"});
    let against = clinic.create(Role::Practitioner, "/v1/administrations", &against);
    let file = made(world, &json!({"patient_ref": "quendolin-4711"}));
    let checked = assert_good(world, &file);
    // Three administrations and a void; the deviation is open.
    assert_eq!(checked.opened, 4);
    let told = events(&file);
    let about = |id: &str| {
        ids(&told)
            .iter()
            .filter(|event| world.read(&format!("/v1/events/{event}"))["subjects"].to_string().contains(id))
            .count()
    };
    assert!(about(&id(&against)) >= 2, "the administration and its deviation");
    let kinds: Vec<_> = told.iter().map(|event| event["kind"].as_str().unwrap()).collect();
    for kind in ["order_placed", "receipt_recorded", "stock_released", "administration_voided", "deviation_opened"] {
        assert!(kinds.contains(&kind), "{kind} of {kinds:?}");
    }
    assert_eq!(kinds.iter().filter(|kind| **kind == "stock_administered").count(), 3, "nobody else's");
    assert!(!String::from_utf8_lossy(&file).contains("P-1001"));
    let (report, opened) = (text(&file, "report.html"), text(&file, "opened-00001.ndjson"));
    assert_harmless(&report);
    for word in WORDS {
        assert!(report.contains(word) && opened.contains(word), "{word}");
    }
    assert!(!text(&file, "about.json").contains(WORDS[0]), "who it is stands where it is opened");
    // The keys of single values are not the patient's, and each is another.
    let keys: BTreeSet<_> =
        opened.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["key"].to_string()).collect();
    assert_eq!(keys.len(), 4);
}

fn a_patient_who_came_and_was_not_treated_is_told_too(world: &World) {
    let clinic = world.clinic();
    for (_, protocol) in super::visits::protocols() {
        clinic.create(Role::Quality, "/v1/protocols", &protocol);
    }
    let of_patient = json!({"patient_ref": "P-7007"});
    let unknown = ask(world, &world.token(Role::Auditor), &of_patient);
    assert_problem(&unknown, 422, "patient_unknown", "nobody");
    let visit = clinic.visit("P-7007");
    let mut answers = super::visits::answers();
    answers["answers"].as_array_mut().unwrap().push(json!({"question": "other", "value": "Keloid of the shoulder"}));
    clinic.create(Role::Practitioner, &format!("/v1/visits/{visit}/screenings"), &answers);
    let file = made(world, &of_patient);
    assert_eq!(assert_good(world, &file).opened, 2);
    let kinds: Vec<_> = events(&file).iter().map(|event| event["kind"].as_str().unwrap().to_owned()).collect();
    assert_eq!(kinds, ["visit_opened", "visit_entered"]);
    assert!(text(&file, "report.html").contains("Keloid of the shoulder"));
}

/// The photographs of a file, and whether its report leads to each.
fn photographs(file: &[u8]) -> Vec<(String, Vec<u8>)> {
    let report = text(file, "report.html");
    let all = parts(file).into_iter().filter(|part| part.name.starts_with("photograph-"));
    all.map(|part| {
        assert!(report.contains(&format!("<a href=\"{}\">", part.name)), "{} in {report}", part.name);
        (part.name, part.content)
    })
    .collect()
}

// Long because what is in a file is seen beside what comes of it when something is lost or changed.
fn photographs_of_a_patient_are_in_it(world: &World) {
    let clinic = world.clinic();
    let (front, left) = (&b"\x89PNG\r\n\x1a\nthe front of a face"[..], &b"\xff\xd8\xff\xe0 the left of a face"[..]);
    let (visit, other) = (clinic.visit("P-7007"), clinic.visit("P-8008"));
    let kept = |visit: &str, media_type: &str, picture: &[u8]| {
        let made = clinic.photograph(visit, "front", media_type, picture);
        assert_eq!(made.status, 201);
        made.json()["content"]["sealed_sha256"].as_str().unwrap().to_owned()
    };
    let (first, _) = (kept(&visit, "image/png", front), kept(&visit, "image/jpeg", left));
    kept(&other, "image/png", b"\x89PNG\r\n\x1a\nsomebody else");
    let harm = json!({
        "visit_id": visit, "patient_ref": "P-7007", "kind": "swelling", "severity": "mild",
        "onset_at": "2026-07-01T09:59:00Z", "description": "Swelling"
    });
    let event = id(&clinic.create(Role::Practitioner, "/v1/adverse-events", &harm));
    let bearer = format!("Bearer {}", clinic.token(Role::Practitioner));
    let headers = [("authorization", bearer.as_str()), ("content-type", "image/png")];
    let path = format!("/v1/adverse-events/{event}/photographs?view=front");
    assert_eq!(world.http.send("POST", &path, &headers, Some(front)).status, 201);
    let of_patient = json!({"patient_ref": "P-7007"});
    let file = made(world, &of_patient);
    let checked = assert_good(world, &file);
    assert_eq!((checked.photographs, checked.missing), (3, 0));
    let named = |number: usize, end: &str| format!("photograph-{number:05}.{end}");
    let all = [(named(1, "png"), front.to_vec()), (named(2, "jpg"), left.to_vec()), (named(3, "png"), front.to_vec())];
    assert_eq!(photographs(&file), all);
    // A period has what is sealed, and opens nothing.
    let period = made(world, &json!({"period": {"from": "2026-01-01T00:00:00Z", "to": "2027-01-01T00:00:00Z"}}));
    assert_eq!((assert_good(world, &period).photographs, photographs(&period).len()), (0, 0));
    // Another picture, another name, another place, or one that nobody told of.
    let at = parts(&file).iter().position(|part| part.name == all[0].0).unwrap();
    let with = |change: &dyn Fn(&mut Vec<Part>)| {
        let mut parts = parts(&file);
        change(&mut parts);
        written(&parts)
    };
    let another = Part { name: named(4, "png"), content: front.to_vec() };
    assert_bad(
        &[
            (Some(all[0].0.clone()), with(&|parts| parts[at].content = b"\x89PNG\r\n\x1a\nanother".to_vec())),
            (Some(named(1, "jpg")), with(&|parts| parts[at].name = named(1, "jpg"))),
            (Some(all[0].0.clone()), with(&|parts| parts.swap(at, at + 1))),
            (Some(named(4, "png")), with(&|parts| parts.insert(at + 3, another.clone()))),
            (Some(all[1].0.clone()), with(&|parts| drop(parts.remove(at)))),
        ],
        world,
    );
    // What is gone keeps nobody from the rest, and the report says so.
    let kept = world.database.dir().join("evidence").join(world.organisation.as_str()).join(first);
    let bytes = fs::read(&kept).unwrap();
    fs::remove_file(&kept).unwrap();
    let file = made(world, &of_patient);
    let checked = assert_good(world, &file);
    assert_eq!((checked.photographs, checked.missing), (2, 1));
    let report = text(&file, "report.html");
    assert!(report.contains("what is kept of it is damaged or gone: photograph-00001.png"), "{report}");
    fs::write(&kept, bytes).unwrap();
    assert_eq!(assert_good(world, &made(world, &of_patient)).photographs, 3);
}

fn a_period_has_what_was_recorded_in_it(world: &World) {
    let clinic = world.clinic();
    world.clock.set("2026-07-02T10:00:00Z");
    let lot = story(&clinic);
    let in_it = world.read("/v1/events?limit=200");
    let in_it: Vec<_> = in_it["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|event| event["recorded_at"].as_str() >= Some("2026-07-02"))
        .collect();
    // Entered late: it happened before, and was recorded in time.
    let (first, last) = (in_it[0]["recorded_at"].clone(), in_it[in_it.len() - 1]["recorded_at"].clone());
    world.clock.set("2026-07-03T10:00:00Z");
    let mut late = treated(&clinic, &lot);
    late["occurred_at"] = json!("2026-07-02T20:00:00Z");
    clinic.create(Role::Practitioner, "/v1/administrations", &late);
    let period = |from: &Value, to: &Value| json!({"period": {"from": from, "to": to}});
    let days = |from: &str, to: &str| period(&json!(format!("{from}T00:00:00Z")), &json!(format!("{to}T00:00:00Z")));

    let file = made(world, &days("2026-07-02", "2026-07-03"));
    assert_good(world, &file);
    let expected: Vec<_> = in_it.iter().map(|event| event["id"].as_str().unwrap()).collect();
    assert_eq!(ids(&events(&file)), expected);
    assert!(text(&file, "report.html").contains("What was recorded from 2026-07-02 00:00:00 UTC until 2026-07-03"));
    assert!(WORDS.iter().all(|word| !String::from_utf8_lossy(&file).contains(word)));
    // To the microsecond: from is in it, to is not.
    let file = made(world, &period(&first, &last));
    assert_good(world, &file);
    let (told, without_last) = (events(&file), in_it.iter().filter(|event| event["recorded_at"] != last).count());
    assert_eq!((told.len(), told[0]["recorded_at"].clone()), (without_last, first));
    // The day after has the late one, and a day of nothing is a file, too, without an event.
    let file = made(world, &days("2026-07-03", "2026-07-04"));
    assert_eq!(
        (assert_good(world, &file).events, &events(&file)[0]["occurred_at"]),
        (1, &json!("2026-07-02T20:00:00.000000Z"))
    );
    let file = made(world, &days("2020-01-01", "2021-01-01"));
    assert_eq!(assert_good(world, &file).events, 0);
    assert!(text(&file, "report.html").contains("Nothing was recorded"));
    let file = made(world, &days("2000-01-01", "2030-01-01"));
    assert_eq!(assert_good(world, &file).events, checked_size(world));
}

/// How many events there are.
fn checked_size(world: &World) -> u64 {
    u64::try_from(world.database.count(&format!("events WHERE organisation_id = '{}'", world.organisation))).unwrap()
}

fn an_erasure_leaves_files_as_they_were(world: &World) {
    let clinic = world.clinic();
    let lot = story(&clinic);
    let of_patient = json!({"patient_ref": WORDS[0]});
    let (of_them, of_lot) = (made(world, &of_patient), made(world, &json!({"lot_id": lot})));
    let unknown = ask(world, &world.token(Role::Auditor), &json!({"patient_ref": "nobody-of-that-name"}));
    assert_problem(&unknown, 422, "patient_unknown", "nobody");
    let erasure =
        json!({"patient_ref": WORDS[0], "reason": "Asked for in writing", "override_reason": "Legal has agreed"});
    let erased = world.create(Role::Admin, "/v1/patients/erasures", &erasure);
    // What was given out before is as good as it was, the words included.
    assert_eq!(assert_good(world, &of_them).opened, 3);
    assert_good(world, &of_lot);
    // Who is erased and who never was are the same.
    let gone = ask(world, &world.token(Role::Auditor), &of_patient);
    assert_problem(&gone, 422, "patient_unknown", "erased");
    let said = |answer: &Answer| (answer.json()["detail"].clone(), answer.json()["fields"].clone());
    assert_eq!(said(&gone), said(&unknown));
    let file = made(world, &json!({"lot_id": lot}));
    assert_good(world, &file);
    assert_eq!(events(&file), events(&of_lot), "not a byte of what was recorded has changed");
    let report = text(&file, "report.html");
    let patient = erased["patient_id"].as_str().unwrap();
    let gone = format!("cannot be read any more: patient {patient} was erased");
    // Two administrations, a void, and one that was refused.
    assert_eq!(report.matches(&gone).count(), 4, "{report}");
    assert_eq!(report.matches("is sealed for patient").count(), 1);
    let everything = made(world, &json!({"period": {"from": "2026-01-01T00:00:00Z", "to": "2027-01-01T00:00:00Z"}}));
    assert_good(world, &everything);
    for file in [&file, &everything] {
        assert!(WORDS.iter().all(|word| !String::from_utf8_lossy(file).contains(word)));
    }
    assert!(
        text(&everything, "report.html").contains("A patient was erased, before it was to be: Asked for in writing")
    );
}

fn a_token_of_a_site_gets_what_it_sees(world: &World) {
    let clinic = world.clinic();
    let lot = story(&clinic);
    let there = id(&world.create(Role::Admin, "/v1/sites", &site()));
    let (here, there): (SiteId, SiteId) = (clinic.site.parse().unwrap(), there.parse().unwrap());
    let stock = id(&world.create(Role::Admin, "/v1/locations", &location(there.as_str(), "stock")));
    let transfer = json!({
        "lot_id": lot, "from_location_id": clinic.stock, "to_location_id": stock, "units": 2, "reason": "Moved"
    });
    clinic.create(Role::Quality, "/v1/transfers", &transfer);
    let token = |sites: &[&SiteId]| {
        world.sign(
            &world.organisation,
            "auditor",
            &[Role::Auditor],
            Some(sites.iter().map(|site| (*site).clone()).collect()),
        )
    };
    // What concerns both, and is of no one site.
    clinic.hold(&lot);
    let all = made(world, &json!({"lot_id": lot}));
    for site in [&here, &there] {
        let token = token(&[site]);
        let answer = ask(world, &token, &json!({"lot_id": lot}));
        assert_eq!(answer.status, 201);
        let checked = assert_good(world, &answer.bytes);
        let (told, report) = (events(&answer.bytes), text(&answer.bytes, "report.html"));
        // It gives out whose bytes the token is given one by one, counts what is refused in part, and knows nothing of the rest.
        let (mut whole, mut partly) = (Vec::new(), 0);
        for event in ids(&events(&all)) {
            let path = format!("/v1/events/{event}/bytes");
            match world.http.send("GET", &path, &[("authorization", &format!("Bearer {token}"))], None).status {
                200 => whole.push(event.to_owned()),
                403 => {
                    partly += 1;
                    assert!(report.contains(event), "{event} is named in {report}");
                }
                _ => assert!(!report.contains(event), "{event} in {report}"),
            }
        }
        assert_eq!(ids(&told), whole, "at {site}");
        assert!(checked.withheld == partly && partly > 0 && told.len() < events(&all).len(), "{partly} at {site}");
        let said = "It concerns other sites, too: its content is not in this file.";
        assert_eq!(u64::try_from(report.matches(said).count()).unwrap(), partly);
    }
    let answer = ask(world, &token(&[&there]), &json!({"patient_ref": WORDS[0]}));
    assert_problem(&answer, 422, "patient_unknown", "nothing of them was there");
    let answer = ask(world, &token(&[&here]), &json!({"patient_ref": WORDS[0]}));
    assert_eq!(assert_good(world, &answer.bytes).opened, 3);
    let hidden = clinic.receive_inspect_release("LOT2", 2);
    let answer = ask(world, &token(&[&there]), &json!({"lot_id": hidden}));
    assert_problem(&answer, 422, "reference_unknown", "a lot of another site");
    let period = json!({"period": {"from": "2026-01-01T00:00:00Z", "to": "2027-01-01T00:00:00Z"}});
    let answer = ask(world, &token(&[&there]), &period);
    assert_good(world, &answer.bytes);
    assert!(!String::from_utf8_lossy(&answer.bytes).contains(&hidden));
}

/// Everybody says that a file is wrong; and of which part, where all can know it.
fn assert_bad(files: &[(Option<String>, Vec<u8>)], world: &World) {
    let key = key(world);
    let mut shelf = Shelf::of(world);
    let paths: Vec<_> = files.iter().map(|(_, file)| shelf.put(file)).collect();
    let strangers = outsiders(&paths, Some(&key.to_string()));
    for (at, (part, file)) in files.iter().enumerate() {
        let wrong = bundle::check(file.as_slice(), Some(&key)).expect_err(&format!("{at}: {part:?}"));
        let named = wrong.part.split(" line ").next().unwrap();
        if let Some(part) = part {
            assert_eq!(named, part, "{at}: {wrong}");
        }
        if let Some(strangers) = &strangers {
            let theirs = strangers[at].as_deref();
            assert!(theirs.is_some(), "{at}: {wrong}, and others find nothing");
            if part.is_some() {
                assert_eq!(theirs, part.as_deref(), "{at}: {wrong}");
            }
        }
    }
}

fn what_was_changed_names_its_part(world: &World) {
    let clinic = world.clinic();
    let lot = story(&clinic);
    let file = made(world, &json!({"patient_ref": WORDS[0]}));
    assert_good(world, &file);
    let all = parts(&file);
    let names: Vec<_> = all.iter().map(|part| part.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "about.json",
            "key.txt",
            "checkpoint.txt",
            "events-00001.ndjson",
            "proof-00001.json",
            "opened-00001.ndjson",
            "report.html",
            "index.json",
            "signature.txt"
        ]
    );
    // One bit, anywhere: at the beginning, in the middle and at the end of every part, and of what stands between.
    let mut bad: Vec<(Option<String>, Vec<u8>)> = Vec::new();
    let mut offset = 0;
    let mut flip = |at: usize, part: Option<&str>| {
        let mut flipped = file.clone();
        flipped[at] ^= 1 << (at % 8);
        bad.push((part.map(str::to_owned), flipped));
    };
    for part in &all {
        let head = 30 + part.name.len();
        for at in [0, 5, 8, 12, 14, 18, 22, 26, 28, 30, head - 1] {
            flip(offset + at, None);
        }
        let length = part.content.len();
        for at in [0, 1, length / 3, length / 2, length - 2, length - 1] {
            flip(offset + head + at, Some(&part.name));
        }
        offset += head + length;
    }
    flip(offset + 1, None);
    for at in (offset + 4..file.len()).step_by(13).chain([file.len() - 1]) {
        flip(at, Some("directory"));
    }
    // Cut off, and continued.
    for at in [0, 3, 29, 31, 60, offset / 2, offset - 1, offset, offset + 3, file.len() - 1] {
        bad.push((None, file[..at].to_vec()));
    }
    bad.push((Some("directory".to_owned()), [file.as_slice(), b"\0"].concat()));
    assert_bad(&bad, world);

    // Parts that are whole, and others than they were, elsewhere than they were, there twice or not at all.
    let with = |change: &dyn Fn(&mut Vec<Part>)| {
        let mut changed = all.clone();
        change(&mut changed);
        written(&changed)
    };
    let put = |name: &'static str, content: &dyn Fn(&str) -> String| {
        with(&|parts: &mut Vec<Part>| {
            let part = parts.iter_mut().find(|part| part.name == name).unwrap();
            let changed = content(std::str::from_utf8(&part.content).unwrap());
            assert_ne!(changed.as_bytes(), part.content, "{name}");
            part.content = changed.into_bytes();
        })
    };
    let some = |part: &str| Some(part.to_owned());
    let mut bad: Vec<(Option<String>, Vec<u8>)> = vec![
        (some("report.html"), put("report.html", &|html| html.replace("Quendolin", "Somebody"))),
        (
            some("proof-00001.json"),
            put("events-00001.ndjson", &|all| {
                all.replacen("Example Wholesale", "Another Wholesale", 1).replacen("\"reason\":\"", "\"reason\":\"X", 1)
            }),
        ),
        (some("events-00001.ndjson"), put("events-00001.ndjson", &|all| all.replacen("{\"", "{ \"", 1))),
        (some("events-00001.ndjson"), put("events-00001.ndjson", &|all| all.trim_end().to_owned())),
        (some("opened-00001.ndjson"), put("opened-00001.ndjson", &|all| all.replacen("zygomatic", "somewhere", 1))),
        (
            some("opened-00001.ndjson"),
            put("opened-00001.ndjson", &|all| all.lines().rev().map(|line| format!("{line}\n")).collect()),
        ),
        (
            some("opened-00001.ndjson"),
            put("opened-00001.ndjson", &|all| {
                all.replacen("/data/administration/clinical", "/data/administration/id", 1)
            }),
        ),
        (
            some("index.json"),
            put("opened-00001.ndjson", &|all| all.lines().skip(1).map(|line| format!("{line}\n")).collect()).clone(),
        ),
        (
            some("proof-00001.json"),
            put("proof-00001.json", &|proof| proof.replacen("\"leaf_index\":", "\"leaf_index\":1", 1)),
        ),
        (some("about.json"), put("about.json", &|about| about.replace("\"version\":1", "\"version\":2"))),
        (some("checkpoint.txt"), put("about.json", &|about| about.replace("\"tree_size\":", "\"tree_size\":1"))),
        (some("about.json"), put("about.json", &|about| about.replace("\"made_for\"", "\"made_bye\""))),
        (some("signature.txt"), put("index.json", &|index| index.replace("\"withheld\":0", "\"withheld\":1"))),
        (some("key.txt"), with(&|parts| parts.swap(0, 1))),
        (some("proof-00001.json"), with(&|parts| parts.swap(3, 4))),
        (some("index.json"), with(&|parts| drop(parts.remove(6)))),
        (some("signature.txt"), with(&|parts| drop(parts.remove(7)))),
        (some("directory"), with(&|parts| parts.truncate(8))),
        (some("events-00001.ndjson"), with(&|parts| parts.insert(4, parts[3].clone()))),
        (some("report.html"), with(&|parts| parts.insert(6, parts[6].clone()))),
        (
            some("readme.txt"),
            with(&|parts| parts.insert(6, Part { name: "readme.txt".to_owned(), content: b"x".to_vec() })),
        ),
        (some("readme.txt"), with(&|parts| parts.push(Part { name: "readme.txt".to_owned(), content: b"x".to_vec() }))),
    ];
    // The opened values of the one that lost a line are two, and the index says three; the part itself is what differs first.
    bad[7].0 = some("opened-00001.ndjson");
    bad[19].0 = some("report.html");
    // Names that lead elsewhere, and a part that says it is larger than any.
    for name in ["../../etc/passwd", "/etc/passwd", "a\\b", "CON:", "\u{1b}[2J"] {
        bad.push((None, with(&|parts| parts.insert(3, Part { name: name.to_owned(), content: b"x".to_vec() }))));
    }
    let mut huge = file.clone();
    huge[18..26].copy_from_slice(&[0xff; 8]);
    bad.push((None, huge));
    bad.push((None, b"PK\x03\x04".repeat(100)));
    bad.push((None, Vec::new()));
    assert_bad(&bad, world);
    // A file that another organisation's server has made is no file of this one.
    let other = world.register_organisation("Elsewhere Clinics");
    let token = world.sign(&other, "auditor", &[Role::Auditor], None);
    let period = json!({"period": {"from": "2026-01-01T00:00:00Z", "to": "2027-01-01T00:00:00Z"}});
    let theirs = ask(world, &token, &period).bytes;
    assert!(bundle::check(theirs.as_slice(), None).is_ok());
    assert_bad(&[(some("key.txt"), theirs)], world);
    let _ = lot;
}

fn what_cannot_be_made_is_a_clear_problem(world: &World) {
    let clinic = world.clinic();
    let lot = story(&clinic);
    let auditor = world.token(Role::Auditor);
    let before = checked_size(world);
    let day = |from: &str, to: &str| json!({"period": {"from": from, "to": to}});
    let nowhere = "lot_01932c07-8d00-7000-8000-0000000000ff";
    for (body, code) in [
        (json!({}), "missing_field"),
        (json!({"lot_id": lot, "patient_ref": "P-1001"}), "invalid_body"),
        (json!({"lot_id": nowhere}), "reference_unknown"),
        (json!({"patient_ref": "nobody-of-that-name"}), "patient_unknown"),
        (day("2026-07-01T00:00:00Z", "2026-07-01T00:00:00Z"), "invalid_value"),
        (day("2026-07-02T00:00:00Z", "2026-07-01T00:00:00Z"), "invalid_value"),
        (day("yesterday", "2026-07-01T00:00:00Z"), "invalid_time"),
    ] {
        assert_problem(&ask(world, &auditor, &body), 422, code, &body.to_string());
    }
    for role in Role::ALL {
        let answer = ask(world, &world.token(*role), &json!({"lot_id": lot}));
        let may = [Role::Admin, Role::Quality, Role::Auditor].contains(role);
        assert_eq!(answer.status, if may { 201 } else { 403 }, "{role}");
    }
    // It is no event, and so changes nothing that the next one tells.
    assert_eq!(checked_size(world), before);
    // A log that is not what was signed proves nothing, and says so.
    world.database.execute("UPDATE log_tiles SET bytes = (SELECT leaf_hash FROM events LIMIT 1)").unwrap();
    world.will_not_verify();
    assert_problem(&ask(world, &auditor, &json!({"lot_id": lot})), 503, "log_disagrees", "tiles that were changed");
}

/// More events than a part has, and more administrations of one patient than a bundle has.
fn a_long_file_comes_in_parts(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 600);
    let other = clinic.receive_inspect_release("LOT2", 600);
    for number in 0..501 {
        let mut body = clinic.administration(&lot, 1);
        body["patient_ref"] = json!("P-2002");
        assert_eq!(clinic.post(Role::Practitioner, "/v1/administrations", &body).0, 201);
        if number % 100 == 0 {
            assert_eq!(clinic.administer(&other, 1).0, 201);
        }
    }
    let file = made(world, &json!({"lot_id": lot}));
    let checked = assert_good(world, &file);
    let chain = world.read(&format!("/v1/lots/{lot}"))["reconciliation"].clone();
    assert_eq!(
        (&chain["administered"], checked.events > 503),
        (&json!(501), true),
        "received, inspected, released, and given"
    );
    let names: Vec<_> = parts(&file).into_iter().map(|part| part.name).collect();
    for name in ["events-00002.ndjson", "proof-00002.json", "report-00001.html", "report-00002.html"] {
        assert!(names.iter().any(|known| known == name), "{name} of {names:?}");
    }
    let report = text(&file, "report.html");
    assert_harmless(&report);
    assert!(report.contains("<a href=\"report-00002.html\">") && !report.contains("<article"));
    let pages: String = names.iter().filter(|name| name.starts_with("report-")).map(|name| text(&file, name)).collect();
    assert_eq!(u64::try_from(pages.matches("<article").count()).unwrap(), checked.events);
    let given = events(&file).iter().filter(|event| event["kind"] == "stock_administered").count();
    assert_eq!(given, 501);
    // Parts of the one for parts of the other.
    let mut swapped = parts(&file);
    let (one, two) = (
        swapped.iter().position(|part| part.name == "events-00001.ndjson").unwrap(),
        swapped.iter().position(|part| part.name == "events-00002.ndjson").unwrap(),
    );
    let content = std::mem::take(&mut swapped[one].content);
    swapped[one].content = std::mem::replace(&mut swapped[two].content, content);
    assert_bad(&[(None, written(&swapped))], world);
    let answer = ask(world, &world.token(Role::Auditor), &json!({"patient_ref": "P-2002"}));
    assert_problem(&answer, 422, "bundle_too_large", "501 administrations");
    let file = made(world, &json!({"patient_ref": "P-1001"}));
    assert_eq!(assert_good(world, &file).opened, 6);
}
