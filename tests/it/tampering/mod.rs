//! Whatever is changed in a database behind the program's back, `verify` names; or it is on the list in `docs/verify.md` of
//! what can only be found from outside.
//!
//! The kinds of tampering are made from the schema as it stands: every column of every table is given another type,
//! another value and none, every row, table, trigger, index and constraint is dropped or added. A new column is tampered
//! with by itself; a new table must get a row in [`fill`] first.

mod postgres;
mod sqlite;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use lotline::caller::Role;
use lotline::custody_log::witness;
use lotline::db::DatabaseUrl;
use lotline::error::Result;
use lotline::evidence::objects::Objects;
use lotline::sealing::Patients;
use lotline::verify::{self, Beside, Report};
use serde_json::{Value, json};

use super::examples::every_example_is_done;
use super::support::clinic::{id, location};
use super::support::{Database, Kind, World};

/// How many kinds there must be at least, on each database.
const KINDS_MIN: usize = 200;

/// What verification cannot find, as `docs/verify.md` says it; each is done here and found to be so.
const BEYOND: &str = include_str!("../../../docs/verify.md");

/// One way to tamper with a database, and what a finding says of it.
struct Attack {
    sql: String,
    finding: String,
}

impl Attack {
    fn new(sql: impl Into<String>, finding: impl Into<String>) -> Self {
        Attack { sql: sql.into(), finding: finding.into() }
    }
}

/// A column as its database describes it.
#[derive(Clone, Debug)]
struct Column {
    table: String,
    name: String,
    kind: String,
    is_key: bool,
}

/// Makes a database in which every table has a row, and stops its server.
fn filled(kind: Kind) -> Option<Database> {
    let world = World::start(kind)?;
    fill(&world);
    world.assert_verified();
    // The last thing that happens rests on nothing, and nothing rests on it; it waits for its leaf.
    let last = json!({"name": "Last", "jurisdiction": "GB-ENG", "time_zone": "Europe/London"});
    world.create(Role::Admin, "/v1/sites", &last);
    let World { database, .. } = world;
    Some(database)
}

fn fill(world: &World) {
    every_example_is_done(world);
    let clinic = world.clinic();
    // A hold on a place goes with the units that leave it.
    let lot = clinic.receive_inspect_release("LOT1", 6);
    let mut second = location(&clinic.site, "stock");
    second["name"] = json!("Second fridge");
    let second = id(&clinic.create(Role::Admin, "/v1/locations", &second));
    let transfer = |from: &str, to: &str| {
        let body = json!({
            "lot_id": lot, "from_location_id": from, "to_location_id": to, "units": 2, "reason": "Set apart"
        });
        clinic.create(Role::Quality, "/v1/transfers", &body);
    };
    transfer(&clinic.stock, &second);
    let account = clinic.read(&format!("/v1/stock?location_id={second}"))["items"][0]["account_id"].clone();
    let hold = json!({"scope": {"type": "account", "id": account}, "reason": "Door was open"});
    clinic.create(Role::Quality, "/v1/holds", &hold);
    transfer(&second, &clinic.quarantine);
    // An answer that is kept, one that is made again, a file, a refusal.
    let treated = clinic.administration(&lot, 1);
    let at_the_chair = [("idempotency-key", "at-the-chair")];
    let token = world.token(Role::Practitioner);
    assert_eq!(world.http.post_with(&token, "/v1/administrations", &at_the_chair, &treated).status, 201);
    let bearer = format!("Bearer {}", world.token(Role::Purchaser));
    let key = [("idempotency-key", "once-and-again")];
    let body = clinic
        .receipt(json!([{"gtin": super::support::clinic::GTIN, "lot": "LOT2", "expiry": "2027-06-30", "packs": 1}]));
    assert_eq!(world.http.post_with(&world.token(Role::Purchaser), "/v1/receipts", &key, &body).status, 201);
    for file in [&b"%PDF-1.7\nfirst"[..], b"%PDF-1.7\nsecond", b"%PDF-1.7\nthird"] {
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/pdf")];
        assert_eq!(world.http.send("POST", "/v1/evidence", &headers, Some(file)).status, 201);
    }
    assert_eq!(clinic.administer(&lot, 9).0, 409);
    // The same file by somebody else; a delivery of another supplier; a difference that waits for a second person.
    let other = world.token_as("somebody-else", Role::ALL);
    let bearer = format!("Bearer {other}");
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/pdf")];
    assert!(world.http.send("POST", "/v1/evidence", &headers, Some(b"%PDF-1.7\nfirst")).status < 300);
    let supplier = json!({"name": "Second Wholesale", "country": "GB", "approved_classes": ["hybrid_filler"]});
    let supplier = id(&clinic.create(Role::Admin, "/v1/suppliers", &supplier));
    let (receipt, third) = clinic.receive("LOT3", "2027-06-30", 8);
    let correction = json!({"supplier_id": supplier, "reason": "Another delivery note"});
    let (status, said) = world.http.post(&other, &format!("/v1/receipts/{receipt}/corrections"), &correction);
    assert!(status < 300, "{said}");
    let count = json!({"lot_id": third, "location_id": clinic.quarantine, "units_counted": 2, "reason": "Monthly"});
    let (status, said) = world.http.post(&other, "/v1/counts", &count);
    assert!(status < 300, "{said}");
    // What was there before, by the word of two people.
    for (token, lot) in [(&world.token(Role::Quality), "SHELF1"), (&other, "SHELF2")] {
        let bearer = format!("Bearer {token}");
        let headers = [("authorization", bearer.as_str()), ("content-type", "text/csv")];
        let text = format!(
            "site,place,gtin,lot,expiry,packs,attestation\n{},{},{},{lot},2027-06-30,2,Invoice of {lot}\n",
            clinic.site,
            clinic.stock,
            super::support::clinic::GTIN
        );
        let answer = world.http.send("POST", "/v1/imports?kind=opening_stock", &headers, Some(text.as_bytes()));
        assert_eq!(answer.json()["imported"], true, "{}", answer.json());
    }
    // Readings, and one that contradicts another.
    let sensor = super::sensors::sensor(world, &clinic.stock);
    let reading = |celsius| super::sensors::reading(&sensor, "2026-06-30T08:00:00Z", celsius);
    super::sensors::send(world, &[reading(5.0), reading(6.0)]);
    // An excursion that comes to be known when units were used already, and that somebody assesses.
    let place = json!({"site_id": clinic.site, "name": "Cold room", "purpose": "stock", "min_c": 2, "max_c": 8});
    let place = id(&clinic.create(Role::Admin, "/v1/locations", &place));
    let exposed = clinic.receive_inspect_release("WARM", 8);
    let moved = json!({
        "lot_id": exposed, "from_location_id": clinic.stock, "to_location_id": place, "units": 6, "reason": "Restocking"
    });
    clinic.create(Role::Quality, "/v1/transfers", &moved);
    let mut used = clinic.administration(&exposed, 1);
    used["location_id"] = json!(place);
    clinic.create(Role::Practitioner, "/v1/administrations", &used);
    super::excursions::too_warm(world, &place);
    // An opened unit, of which something is given.
    let opened = clinic.receive_inspect_release("OPEN", 2);
    let opening = json!({"lot_id": opened, "location_id": clinic.stock, "diluent": "NaCl 0.9 %", "diluent_ul": 250});
    let container = id(&clinic.create(Role::Practitioner, "/v1/containers", &opening));
    let mut given = clinic.administration(&opened, 1);
    given["container_id"] = json!(container);
    given["treatment"]["amount_used"] = json!("0.25");
    clinic.create(Role::Practitioner, "/v1/administrations", &given);
    // A recall of what somebody was given, and of a pack; and one that somebody else has closed.
    let recalled = clinic.receive_inspect_release("RECALL", 4);
    let given = id(&clinic.administer(&recalled, 1).1);
    let lines = json!([{"scan": super::support::clinic::scan("270630", "PACK", Some("SN77")), "packs": 1}]);
    clinic.create(Role::Purchaser, "/v1/receipts", &clinic.receipt(lines));
    let recall = |reference: &str, fields: Value| {
        let mut body = json!({
            "reference": reference, "classification": "class_2", "gtin": super::support::clinic::GTIN,
            "reason": "Wrong needle in some packs"
        });
        body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        id(&clinic.create(Role::Quality, "/v1/recalls", &body))
    };
    let first = recall("FSN-1", json!({"lots": ["RECALL"], "serials": ["SN77"]}));
    let second = recall("FSN-2", json!({"lots": ["LOT3"], "manufactured": {"to": "2020-01-01"}}));
    let told = json!({"administration_id": given, "outcome": "informed"});
    clinic.create(Role::Quality, &format!("/v1/recalls/{first}/acknowledgements"), &json!({"site_id": clinic.site}));
    clinic.create(Role::Quality, &format!("/v1/recalls/{first}/contacts"), &told);
    let end = json!({"remaining": "return", "reason": "Withdrawn by the maker"});
    let (status, said) = world.http.post(&other, &format!("/v1/recalls/{second}/close"), &end);
    assert!(status < 300, "{said}");
    stock_takes(&clinic, &other);
    visits(&clinic);
    prescriptions(&clinic);
    super::claims::of_two_people(&clinic, &other);
    safety(&clinic);
    // Levels that two people have set, one of them twice.
    let mut second = super::support::clinic::product(&super::support::clinic::gtin(77));
    second["name"] = json!("Second");
    let second = id(&clinic.create(Role::Admin, "/v1/products", &second));
    let own = clinic.token(Role::Purchaser);
    for (token, product, maximum) in [(&own, &clinic.product, 4), (&other, &second, 6), (&other, &second, 7)] {
        let level = json!({"site_id": clinic.site, "product_id": product, "minimum_packs": maximum - 3, "maximum_packs": maximum});
        let bearer = format!("Bearer {token}");
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
        let answer = world.http.send("PUT", "/v1/levels", &headers, Some(level.to_string().as_bytes()));
        assert_eq!(answer.status, 200, "{}", answer.json());
    }
}

/// Two prescriptions: one of which a unit was drawn, one for somebody else of a class, which another person has withdrawn.
fn prescriptions(clinic: &super::support::Clinic<'_>) {
    let prescriber = clinic.prescriber();
    let policy = json!({"treatment_gates": {"hybrid_filler": ["prescription"]}});
    assert_eq!(clinic.patch("/v1/policies", &policy).status, 200);
    let mut first = clinic.prescription(&prescriber, 2);
    first["patient_ref"] = json!("P-2001");
    clinic.prescribe(&first);
    let lot = clinic.receive_inspect_release("PRESCRIBED", 4);
    let mut given = clinic.administration(&lot, 1);
    given["patient_ref"] = json!("P-2001");
    clinic.create(Role::Practitioner, "/v1/administrations", &given);
    let other = clinic.prescriber();
    let mut second = json!({
        "patient_ref": "P-2002", "class": "neuromodulator", "units": 3, "prescriber_id": other, "seen": "video", "valid_until": "2026-08-31",
        "note": "Forehead", "prescribed_at": "2026-06-30T10:00:00Z"
    });
    let token = clinic.token_as("P-2002", &[Role::Practitioner]);
    let mut made = Vec::new();
    for units in [3, 5] {
        second["units"] = json!(units);
        made.push(id(&clinic.http.post(&token, "/v1/prescriptions", &second).1));
    }
    for (token, made) in [&token, &clinic.token(Role::Quality)].into_iter().zip(&made) {
        let (status, said) = clinic.http.post(
            token,
            &format!("/v1/prescriptions/{made}/withdraw"),
            &json!({"reason": "Another product"}),
        );
        assert_eq!(status, 200, "{said}");
    }
    let none = json!({"treatment_gates": {"hybrid_filler": null}});
    assert_eq!(clinic.patch("/v1/policies", &none).status, 200);
}

/// Two visits: one that is signed and in which somebody was treated, one of somebody else that is open; answers to two versions.
fn visits(clinic: &super::support::Clinic<'_>) {
    let mut written = Vec::new();
    for (_, protocol) in super::visits::protocols() {
        written.push(id(&clinic.create(Role::Quality, "/v1/protocols", &protocol)));
    }
    let (_, mut next) = super::visits::protocols()[0].clone();
    next["title"] = json!("Before a filler, again");
    (next["source"], next["reason"]) = (json!("Another source"), json!("A question was unclear"));
    (next["effective_from"], next["content"]["valid_days"]) = (json!("2026-07-01"), json!(29));
    clinic.create(Role::Admin, "/v1/protocols", &next);
    let lot = clinic.receive_inspect_release("VISITED", 4);
    let token = clinic.own_token();
    let open = |role: Role, patient: &str, area: &str| {
        let visit = json!({
            "site_id": clinic.site, "practitioner_id": clinic.practitioner, "patient_ref": patient,
            "planned": [{"product_id": clinic.product, "area": area}]
        });
        id(&clinic.http.post(&clinic.token_as(patient, &[role]), "/v1/visits", &visit).1)
    };
    let first = open(Role::Practitioner, "P-2001", "midface");
    let second = open(Role::Practitioner, "P-2002", "chin");
    let enter = |token: &str, visit: &str, what: &str, body: &Value| {
        let (status, said) = clinic.http.post(token, &format!("/v1/visits/{visit}/{what}"), body);
        assert!(status < 300, "{what} {body}: {said}");
    };
    let mut by_first = super::visits::answers();
    by_first["protocol_id"] = json!(written[0]);
    by_first["occurred_at"] = json!("2026-06-30T10:00:00Z");
    enter(&token, &first, "screenings", &super::visits::answers());
    enter(&clinic.token(Role::Practitioner), &second, "screenings", &by_first);
    by_first.as_object_mut().unwrap().remove("occurred_at");
    enter(&token, &first, "screenings", &by_first);
    enter(&token, &first, "goals", &json!({"later": ["Firmer skin"]}));
    let mut given = clinic.administration(&lot, 1);
    (given["visit_id"], given["patient_ref"]) = (json!(first), json!("P-2001"));
    clinic.create(Role::Practitioner, "/v1/administrations", &given);
    (given["visit_id"], given["patient_ref"]) = (json!(second), json!("P-2002"));
    clinic.create(Role::Practitioner, "/v1/administrations", &given);
    enter(&token, &first, "sign", &json!({}));
    let third = open(Role::Practitioner, "P-2003", "lips");
    enter(&token, &third, "sign", &json!({}));
}

/// Two adverse events: one that went all the way, with a void and a review of its lot; one of somebody else of which only the report is there.
fn safety(clinic: &super::support::Clinic<'_>) {
    clinic.create(Role::Quality, "/v1/protocols", &super::safety::protocol());
    let [lot, other] = ["HARMED", "HARMED2"].map(|lot| clinic.receive_inspect_release(lot, 8));
    let visit = clinic.visit("P-1001");
    let given = [&lot, &lot, &other].map(|lot| clinic.given_to(lot, "P-1001", 1));
    let elsewhere = clinic.given_to(&other, "P-2002", 1);
    let mut harm = super::safety::harm(&[&given[0], &given[1], &given[2]]);
    (harm["onset_at"], harm["visit_id"]) = (json!(clinic.clock.now().to_string()), json!(visit));
    let event = id(&clinic.create(Role::Practitioner, "/v1/adverse-events", &harm));
    let mut second = super::safety::harm(&[&elsewhere]);
    (second["onset_at"], second["patient_ref"]) = (json!(clinic.clock.now().to_string()), json!("P-2002"));
    second["kind"] = json!("itching");
    let second = id(&clinic.create(Role::Quality, "/v1/adverse-events", &second));
    let enter = |role: Role, event: &str, what: &str, body: Value| {
        let (status, said) = clinic.post(role, &format!("/v1/adverse-events/{event}/{what}"), &body);
        assert!(status < 300, "{what} {body}: {said}");
    };
    let seen_at = clinic.clock.now().to_string();
    enter(Role::Practitioner, &event, "reviews", json!({"note": "Better", "severity": "mild", "seen_at": seen_at}));
    enter(Role::Quality, &event, "reports-sent", json!({"to": "MHRA Yellow Card"}));
    enter(Role::Quality, &event, "close", json!({"outcome": "recovered", "note": "Gone"}));
    enter(Role::Practitioner, &second, "reviews", json!({"note": "As before"}));
    let void = json!({"reason": "Not used", "returned_to_stock": false});
    clinic.create(Role::Quality, &format!("/v1/administrations/{}/voids", given[0]), &void);
    for subject in [json!({"lot_id": lot}), json!({"lot_id": other}), json!({"product_id": clinic.product})] {
        let mut review = subject;
        review["conclusion"] = json!(format!("Nothing of {review}"));
        clinic.create(Role::Quality, "/v1/signals/reviews", &review);
    }
}

/// Two stock-takes of all places: one that was counted again and is approved, one that somebody else gives up.
fn stock_takes(clinic: &super::support::Clinic<'_>, other: &str) {
    let numbered = json!([{"scan": super::support::clinic::scan("270630", "TAKEN", Some("SN88")), "packs": 1}]);
    let made = clinic.create(Role::Purchaser, "/v1/receipts", &clinic.receipt(numbered));
    let lot = made["lines"][0]["lot_id"].as_str().unwrap().to_owned();
    let place = |name: &str| {
        let place = json!({"site_id": clinic.site, "name": name, "purpose": "quarantine", "min_c": 2, "max_c": 8});
        id(&clinic.create(Role::Admin, "/v1/locations", &place))
    };
    let [first, second] = ["Shelf 1", "Shelf 2"].map(place);
    let own = clinic.token(Role::Purchaser);
    let send = |token: &str, path: &str, body: Value| {
        let (status, said) = clinic.http.post(token, &format!("/v1/stock-takes{path}"), &body);
        assert!(status < 300, "{path} {body}: {said}");
        said
    };
    let mut takes = Vec::new();
    for (token, place, due) in
        [(own.as_str(), &first, "2026-08-01T00:00:00Z"), (other, &second, "2026-09-01T00:00:00Z")]
    {
        let take = id(&send(token, "", json!({"location_ids": [place], "reason": format!("Of {place}"), "due": due})));
        let scans = json!({"scans": [
            {"lot_id": lot, "units": 3}, {"lot_id": lot, "serial": "SN88", "units": 2}, {"lot_id": lot, "units": 1}
        ]});
        let taken = send(token, &format!("/{take}/scans"), scans);
        let back = json!({"scan_id": taken["scans"][2]["scan"]["id"], "reason": format!("Not at {place}")});
        send(token, &format!("/{take}/withdrawals"), back);
        send(token, &format!("/{take}/close"), json!({}));
        takes.push(take);
    }
    send(&own, &format!("/{}/reopen", takes[0]), json!({"location_ids": [first], "reason": "Once more"}));
    let scans = json!({"scans": [{"lot_id": lot, "units": 1}]});
    send(&own, &format!("/{}/scans", takes[0]), scans);
    send(&own, &format!("/{}/close", takes[0]), json!({}));
    send(&clinic.token(Role::Quality), &format!("/{}/approve", takes[0]), json!({"reason": "So it is"}));
    send(other, &format!("/{}/cancel", takes[1]), json!({"reason": "The wrong shelf"}));
}

/// Removes what happened last with everything that follows from it, but for its number.
const LAST_REMOVED: &str = "CREATE TEMPORARY TABLE last AS SELECT id FROM events ORDER BY position DESC LIMIT 1; \
    DELETE FROM sites WHERE id IN (SELECT subject FROM event_subjects WHERE event_id IN (SELECT id FROM last)); \
    DELETE FROM event_subjects WHERE event_id IN (SELECT id FROM last); \
    DELETE FROM log_pending WHERE event_position IN (SELECT position FROM events WHERE id IN (SELECT id FROM last)); DELETE FROM events WHERE id IN (SELECT id FROM last)";

/// What verification says of a database and the files of another.
fn look(database: &Database, files: &Path) -> Result<Report> {
    let patients = Patients::at(DatabaseUrl::Sqlite(files.join("keys.db")));
    let (objects, log) = (Objects::open_to_look(None, files).unwrap(), witness::look(files).unwrap());
    let beside =
        Beside { evidence: Some(objects.as_ref()), log: Some(&log), checkpoints: &[], patients: Some(&patients) };
    verify::check(&database.url, &beside)
}

/// Does several attacks on one copy, each elsewhere in it, and looks once: every one is named.
fn assert_named(original: &Database, copy: &Database, attacks: &[Attack]) -> usize {
    for attack in attacks {
        copy.execute(&attack.sql).unwrap_or_else(|error| panic!("{}: {error}", attack.sql));
    }
    let said = match look(copy, original.dir()) {
        Ok(report) => report.findings,
        Err(error) => vec![format!("{error:?}")],
    };
    let silent: Vec<_> =
        attacks.iter().filter(|attack| !said.iter().any(|line| line.contains(&attack.finding))).collect();
    let silent: Vec<_> = silent.iter().map(|attack| format!("{}\n    {}", attack.finding, attack.sql)).collect();
    assert!(silent.is_empty(), "not named:\n{}\nbut:\n{}", silent.join("\n"), said.join("\n"));
    attacks.len()
}

/// What is on the list is not found, and the list says so.
fn assert_beyond(original: &Database, copy: &Database, sql: &str, listed: &str) {
    assert!(BEYOND.contains(listed), "docs/verify.md does not say: {listed}");
    copy.tamper(sql);
    let said = look(copy, original.dir()).unwrap().findings;
    assert_eq!(said, Vec::<String>::new(), "found after all, take it from the list: {listed}");
}

/// Whether a table is compared with something: what is of no record and no answer that is kept is not.
fn is_looked_at(table: &str) -> bool {
    table == "idempotency_keys" || is_of_the_log(table) || !verify::NOT_RECORDED.contains(&table)
}

/// Whether a table is of the custody log, which is no part of the record and compared with all of it.
fn is_of_the_log(table: &str) -> bool {
    table.starts_with("log_")
}

/// Two leaves that have each other's event, and one that another organisation has: what the tree is of.
fn of_the_log(original: &Database) -> Vec<Attack> {
    let leaf = |which: &str| {
        let columns = "organisation_id || '|' || CAST(leaf_index AS TEXT) || '|' || event_id AS line";
        original.lines(&format!("SELECT {columns} FROM log_leaves {which} LIMIT 1")).remove(0)
    };
    let first = leaf("WHERE leaf_index = 0 ORDER BY organisation_id");
    let [whose, _, event] = first.split('|').collect::<Vec<_>>()[..] else { panic!("{first}") };
    let second = leaf(&format!("WHERE leaf_index = 1 AND organisation_id = '{whose}'"));
    let another = leaf(&format!("WHERE leaf_index = 0 AND organisation_id <> '{whose}'"));
    let swapped = |other: &str| {
        let [theirs, index, with] = other.split('|').collect::<Vec<_>>()[..] else { panic!("{other}") };
        let put = |whose: &str, index: &str, event: &str| {
            format!(
                "UPDATE log_leaves SET event_id = '{event}' WHERE organisation_id = '{whose}' AND leaf_index = {index}"
            )
        };
        [put(whose, "0", "none"), put(theirs, index, event), put(whose, "0", with)].join("; ")
    };
    vec![
        Attack::new(swapped(&second), format!("log_tiles {whose}/0/0: bytes is ")),
        Attack::new(swapped(&another), format!("log_leaves {whose}/0: event_id is ")),
    ]
}

/// The columns by table, in the order of the tables.
fn by_table(columns: &[Column]) -> BTreeMap<&str, Vec<&Column>> {
    let mut tables: BTreeMap<&str, Vec<&Column>> = BTreeMap::new();
    for column in columns {
        tables.entry(&column.table).or_default().push(column);
    }
    tables
}

/// What a row of a table is called in findings, as SQL.
fn name_of_row(columns: &[&Column]) -> String {
    let key = columns.iter().filter(|column| column.is_key);
    key.map(|column| format!("CAST({} AS TEXT)", column.name)).collect::<Vec<_>>().join(" || '/' || ")
}

/// A row in which a column has a value, if there is one, or any; none where the table has none.
fn row_with(database: &Database, table: &str, name: &str, column: &str) -> Option<String> {
    let ask =
        |only: &str| database.lines(&format!("SELECT {name} AS line FROM {table} {only} ORDER BY 1 LIMIT 1")).pop();
    ask(&format!("WHERE {column} IS NOT NULL")).or_else(|| ask(""))
}

/// A row of made-up values, in a table in which nothing is: the world has nothing to fill it with.
fn made_up(table: &str, columns: &[&Column]) -> Attack {
    let value = |column: &Column| match column.kind.to_uppercase().as_str() {
        "BLOB" | "BYTEA" => "''",
        "INTEGER" | "BIGINT" => "1",
        "BOOLEAN" => "true",
        "DATE" | "TIMESTAMP WITHOUT TIME ZONE" => "'2026-07-01'",
        _ => "'x'",
    };
    let names = columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>().join(", ");
    let values = columns.iter().map(|column| value(column)).collect::<Vec<_>>().join(", ");
    let key = columns.iter().filter(|column| column.is_key).map(|column| value(column).trim_matches('\''));
    let key = key.collect::<Vec<_>>().join("/");
    println!("{table} has no row, so that only a row is added");
    Attack::new(
        format!("INSERT INTO {table} ({names}) VALUES ({values})"),
        format!("{table} {key}: the row is in no event"),
    )
}

/// Copies the files of evidence.
fn copy_files(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_files(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Every file of a folder and those in it.
fn files_in(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files_in(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

#[test]
fn altered_and_lost_files_are_named() {
    let original = filled(Kind::Sqlite).unwrap();
    let evidence = original.dir().join("evidence");
    let damage: [&dyn Fn(&Path); 6] = [
        &|file| {
            let mut bytes = fs::read(file).unwrap();
            *bytes.last_mut().unwrap() ^= 1;
            fs::write(file, bytes).unwrap();
        },
        &|file| fs::write(file, b"").unwrap(),
        &|file| fs::write(file, [fs::read(file).unwrap(), b"more".to_vec()].concat()).unwrap(),
        &|file| fs::remove_file(file).unwrap(),
        &|file| {
            fs::remove_file(file).unwrap();
            fs::create_dir(file).unwrap();
        },
        &|file| {
            fs::remove_file(file).unwrap();
            std::os::unix::fs::symlink("/dev/null", file).unwrap();
        },
    ];
    for damage in damage {
        let copy = super::support::database::TempDir::new();
        copy_files(&evidence, &copy.path().join("evidence"));
        for name in ["keys.db", "keys.db-wal"].into_iter().filter(|name| original.dir().join(name).exists()) {
            fs::copy(original.dir().join(name), copy.path().join(name)).unwrap();
        }
        let files = files_in(&copy.path().join("evidence"));
        assert!(files.len() >= 3);
        damage(&files[1]);
        let report = look(&original, copy.path()).unwrap();
        let sha256 = files[1].file_name().unwrap().to_str().unwrap();
        assert_eq!(report.findings.len(), 1, "{:?}", report.findings);
        assert!(
            report.findings[0].starts_with("evidence ") && report.findings[0].contains(sha256),
            "{:?}",
            report.findings
        );
        assert_eq!(report.files, u64::try_from(files.len()).unwrap());
    }
    let nowhere = super::support::database::TempDir::new();
    let report = look(&original, nowhere.path()).unwrap();
    for said in ["cannot be reached", "the patients' keys are not there"] {
        assert_eq!(report.findings.iter().filter(|finding| finding.contains(said)).count(), 1, "{:?}", report.findings);
    }
    assert!(!nowhere.path().join("keys.db").exists(), "looking makes nothing");
    assert!(!nowhere.path().join("evidence").exists(), "looking makes nothing");
}
