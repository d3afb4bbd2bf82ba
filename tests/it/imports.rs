//! Lists that are brought in: each row by the rules of a request for one such thing, all of them or none, and nothing twice.

use std::collections::BTreeMap;

use lotline::caller::Role;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngSeed, TestRunner};
use serde_json::{Value, json};

use super::support::client::assert_problem;
use super::support::clinic::{EXPIRY, GTIN, gtin, id, product, site};
use super::support::{Answer, Database, Kind, Process, World, on_both_databases, process};

on_both_databases!(
    every_template_comes_in_and_nothing_twice,
    one_row_that_is_refused_keeps_back_all,
    a_dry_run_says_what_a_run_would_and_changes_nothing,
    a_file_is_read_as_whatever_saved_it_wrote_it,
    what_differs_is_refused_with_its_column,
    a_row_is_refused_as_the_request_for_one_is,
    names_lead_to_what_is_meant,
    a_licence_comes_with_its_check,
    what_is_no_list_is_refused_as_a_whole,
    a_repetition_is_answered_as_before,
    a_clinic_is_set_up_with_five_files,
    what_was_on_the_shelf_comes_in_once_and_can_be_used,
    opening_stock_goes_where_it_may_be,
    opening_stock_is_held_like_what_arrives,
    books_balance_whatever_was_on_the_shelf,
);

/// Sends a list, as whoever brings such a list in.
pub fn send(world: &World, query: &str, bytes: &[u8], key: Option<&str>) -> Answer {
    let role = if query.contains("opening_stock") { Role::Quality } else { Role::Admin };
    send_as(world, role, query, bytes, key)
}

fn send_as(world: &World, role: Role, query: &str, bytes: &[u8], key: Option<&str>) -> Answer {
    let bearer = format!("Bearer {}", world.token(role));
    let mut headers = vec![("authorization", bearer.as_str()), ("content-type", "text/csv")];
    headers.extend(key.map(|key| ("idempotency-key", key)));
    world.http.send("POST", &format!("/v1/imports?{query}"), &headers, Some(bytes))
}

fn bring_in(world: &World, kind: &str, text: &str) -> Value {
    let answer = send(world, &format!("kind={kind}"), text.as_bytes(), None);
    assert_eq!(answer.status, 200, "{}", answer.json());
    answer.json()
}

/// Rows, made, unchanged, added to, refused; and whether it was brought in.
fn counts(import: &Value) -> (bool, [u64; 5]) {
    let counts = ["rows", "created", "unchanged", "updated", "refused"].map(|name| import[name].as_u64().unwrap());
    (import["imported"].as_bool().unwrap(), counts)
}

/// The verdicts on what is refused: line, column, code.
fn refused(import: &Value) -> Vec<(u64, String, String)> {
    let verdicts = import["verdicts"].as_array().unwrap();
    let refused = verdicts.iter().filter(|verdict| verdict["outcome"] == "refused");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    refused
        .map(|verdict| (verdict["line"].as_u64().unwrap(), text(&verdict["column"]), text(&verdict["code"])))
        .collect()
}

fn one(line: u64, column: &str, code: &str) -> Vec<(u64, String, String)> {
    vec![(line, column.to_owned(), code.to_owned())]
}

fn every_template_comes_in_and_nothing_twice(world: &World) {
    world.create(Role::Admin, "/v1/sites", &site());
    let kinds = ["products", "suppliers", "practitioners", "licences", "locations"];
    for kind in kinds {
        let answer = world.http.send(
            "GET",
            &format!("/v1/imports/templates/{kind}"),
            &[("authorization", &format!("Bearer {}", world.token(Role::Auditor)))],
            None,
        );
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (200, Some("text/csv; charset=utf-8; header=present"))
        );
        let template = String::from_utf8(answer.bytes).unwrap();
        let import = bring_in(world, kind, &template);
        assert_eq!(counts(&import), (true, [1, 1, 0, 0, 0]), "{kind}: {import}");
        // What was made is what a request would have made.
        let made = import["verdicts"][0]["id"].as_str().unwrap();
        assert_eq!(world.read(&format!("/v1/{kind}/{made}"))["id"], made);
        let state = world.database.state();
        let again = bring_in(world, kind, &template);
        assert_eq!(counts(&again), (true, [1, 0, 1, 0, 0]), "{kind}: {again}");
        assert_eq!(again["verdicts"][0]["id"], made);
        assert_eq!(world.database.state(), state, "{kind}");
    }
    let found = &world.read("/v1/products")["items"][0];
    let expected = product("09521234567899");
    for field in ["gtin", "name", "manufacturer", "class", "units_per_pack", "unit", "single_patient", "approvals"] {
        assert_eq!(found[field], expected[field], "{field}");
    }
    assert_eq!(
        found["storage"],
        json!({"min_c": 2.0, "max_c": 25.0, "do_not_freeze": true, "protect_from_light": false})
    );
    assert_eq!(
        found["identifiers"],
        json!([{"scheme": "gtin", "value": "09521234567806", "level": "unit", "units": 1}])
    );
    assert_problem(&template_of(world, "readings"), 404, "not_found", "no such list");
}

fn template_of(world: &World, kind: &str) -> Answer {
    let bearer = format!("Bearer {}", world.token(Role::Admin));
    world.http.send("GET", &format!("/v1/imports/templates/{kind}"), &[("authorization", &bearer)], None)
}

const PEOPLE: &str = "name,profession,subject\nDr A. Example,doctor,ann\nB. Example,nurse,\n";

fn one_row_that_is_refused_keeps_back_all(world: &World) {
    let before = world.database.state();
    let import = bring_in(world, "practitioners", &format!("{PEOPLE}=C,nurse,\n\nDr D. Example,,\n"));
    assert_eq!(counts(&import), (false, [4, 2, 0, 0, 2]), "{import}");
    assert_eq!(refused(&import), [one(4, "name", "formula"), one(6, "profession", "missing_field")].concat());
    assert!(import["verdicts"].as_array().unwrap().iter().all(|verdict| verdict.get("id").is_none()), "{import}");
    assert_eq!(world.database.state(), before);
    assert_eq!(counts(&bring_in(world, "practitioners", PEOPLE)), (true, [2, 2, 0, 0, 0]));
    let names: Vec<_> =
        world.read("/v1/practitioners")["items"].as_array().unwrap().iter().map(|p| p["name"].clone()).collect();
    assert_eq!(names, ["Dr A. Example", "B. Example"]);
    // Each is an event of its own kind, of one command.
    let events = world.read("/v1/events?kind=practitioner_registered");
    assert_eq!(events["items"].as_array().unwrap().len(), 2);
}

fn a_dry_run_says_what_a_run_would_and_changes_nothing(world: &World) {
    bring_in(world, "practitioners", "name,profession\nB. Example,nurse\n");
    let before = world.database.state();
    let asked = send(world, "kind=practitioners&dry_run=true", PEOPLE.as_bytes(), None).json();
    assert_eq!((asked["dry_run"].clone(), counts(&asked)), (json!(true), (false, [2, 1, 1, 0, 0])), "{asked}");
    assert_eq!(world.database.state(), before);
    let done = bring_in(world, "practitioners", PEOPLE);
    assert_eq!(counts(&done), (true, [2, 1, 1, 0, 0]));
    let told = |import: &Value| {
        let verdicts = import["verdicts"].as_array().unwrap().iter();
        verdicts.map(|v| (v["line"].clone(), v["outcome"].clone(), v["message"].clone())).collect::<Vec<_>>()
    };
    assert_eq!(told(&asked), told(&done));
}

/// The same two suppliers as each of these would save them. The bytes are those of Python's `"…".encode(…)`.
fn a_file_is_read_as_whatever_saved_it_wrote_it(world: &World) {
    let utf8 =
        "name,country,approved_classes\r\n\"Café, \"\"Médical\"\"\",FR,ha_filler hybrid_filler\r\nÖl AG,DE,other\r\n";
    let semicolons =
        "name;country;approved_classes\n\"Café, \"\"Médical\"\"\";FR;\"hybrid_filler,ha_filler\"\nÖl AG;DE;other\n";
    let latin = |text: &str| text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect::<Vec<_>>();
    let utf16 = |text: &str| [vec![0xff, 0xfe], text.encode_utf16().flat_map(u16::to_le_bytes).collect()].concat();
    let files: [(&str, Vec<u8>); 6] = [
        ("UTF-8", utf8.as_bytes().to_vec()),
        ("UTF-8 with a byte order mark", [b"\xef\xbb\xbf", utf8.as_bytes()].concat()),
        ("Windows-1252 with semicolons", latin(semicolons)),
        ("Windows-1252 with CRLF", latin(utf8)),
        ("UTF-16 with tabulators", utf16(&semicolons.replace(';', "\t"))),
        ("semicolons below sep=", format!("sep=;\n{semicolons}").into_bytes()),
    ];
    for (index, (what, bytes)) in files.iter().enumerate() {
        let answer = send(world, "kind=suppliers", bytes, None);
        assert_eq!(answer.status, 200, "{what}: {}", answer.json());
        let expected = if index == 0 { [2, 2, 0, 0, 0] } else { [2, 0, 2, 0, 0] };
        assert_eq!(counts(&answer.json()), (true, expected), "{what}: {}", answer.json());
    }
    let found = world.read("/v1/suppliers");
    let names: Vec<_> = found["items"].as_array().unwrap().iter().map(|s| s["name"].clone()).collect();
    assert_eq!(names, ["Café, \"Médical\"", "Öl AG"]);
}

fn what_differs_is_refused_with_its_column(world: &World) {
    let head = "name,country,gln,approved_classes\n";
    bring_in(world, "suppliers", &format!("{head}Example,GB,5012345678900,ha_filler hybrid_filler\n"));
    let before = world.database.state();
    for (row, column) in [
        ("Example,GB,5012345678900,ha_filler", "approved_classes"),
        ("Example,GB,,ha_filler hybrid_filler", "gln"),
        // Its GLN leads to it, whatever it is called.
        ("Exemplar,GB,5012345678900,ha_filler hybrid_filler", "name"),
        ("Example,IE,5012345678900,ha_filler hybrid_filler", "country"),
    ] {
        let import = bring_in(world, "suppliers", &format!("{head}{row}\n"));
        assert_eq!((counts(&import).0, refused(&import)), (false, one(2, column, "differs")), "{row}: {import}");
    }
    // Of what it has no column for, a file says nothing; the order of a list says nothing either.
    let import = bring_in(world, "suppliers", "approved_classes,country,name\nhybrid_filler|ha_filler,GB,Example\n");
    assert_eq!(counts(&import), (true, [1, 0, 1, 0, 0]), "{import}");
    // Rows of one file.
    let import = bring_in(world, "suppliers", &format!("{head}New,GB,,other\nNew,GB,,other\nNew,GB,,ha_filler\n"));
    assert_eq!(counts(&import), (false, [3, 1, 1, 0, 1]), "{import}");
    assert_eq!(refused(&import), one(4, "approved_classes", "contradicts_row"));
    assert!(import["verdicts"][2]["message"].as_str().unwrap().ends_with("in line 2."), "{import}");
    assert_eq!(world.database.state(), before);
    // What was retired is not taken up again by a list.
    let id = id(&world.read("/v1/suppliers")["items"][0]);
    let retired = json!({"reason": "Closed"});
    assert_eq!(world.http.post(&world.token(Role::Admin), &format!("/v1/suppliers/{id}/retire"), &retired).0, 200);
    let import = bring_in(world, "suppliers", "name,country,approved_classes\nExample,GB,ha_filler hybrid_filler\n");
    assert_eq!(refused(&import), one(2, "", "retired"), "{import}");
}

/// A product in a row, with one cell changed.
fn row(changes: &[(&str, &str)]) -> String {
    let mut cells = vec![
        ("gtin", "09521234567899"),
        ("name", "HArmonyCa"),
        ("manufacturer", "Example Aesthetics"),
        ("class", "hybrid_filler"),
        ("units_per_pack", "2"),
        ("unit_presentation", "prefilled syringe"),
        ("unit_amount", "1.25"),
        ("unit_amount_unit", "mL"),
        ("min_c", "2"),
        ("max_c", "25"),
        ("single_patient", "yes"),
    ];
    for (name, value) in changes {
        match cells.iter_mut().find(|cell| cell.0 == *name) {
            Some(cell) => cell.1 = value,
            None => cells.push((name, value)),
        }
    }
    let (names, values): (Vec<_>, Vec<_>) = cells.into_iter().unzip();
    format!("{}\n{}\n", names.join(","), values.join(","))
}

/// Each with the body that says the same: both are refused, for the same reason.
fn a_row_is_refused_as_the_request_for_one_is(world: &World) {
    let approval = |place: &str, on: &str| json!([{"jurisdiction": place, "status": "authorised", "source": "illustrative", "verified_on": on}]);
    let approved = |place: &'static str, on: &'static str| {
        [
            ("approval_jurisdiction", place),
            ("approval_status", "authorised"),
            ("approval_source", "illustrative"),
            ("approval_verified_on", on),
        ]
    };
    let cases: Vec<(Vec<(&str, &str)>, &str, &str, Value)> = vec![
        (vec![("gtin", "09521234567898")], "gtin", "/gtin", json!("09521234567898")),
        (vec![("gtin", "9.52123E+12")], "gtin", "/gtin", json!("9.52123E+12")),
        (vec![("class", "filler")], "class", "/class", json!("filler")),
        (vec![("units_per_pack", "0")], "units_per_pack", "/units_per_pack", json!(0)),
        (vec![("unit_amount", "0")], "unit_amount", "/unit/amount", json!("0")),
        (vec![("max_c", "1")], "max_c", "/storage/max_c", json!(1)),
        (vec![("min_c", "-400")], "min_c", "/storage/min_c", json!(-400)),
        (vec![("in_use_hours", "0")], "in_use_hours", "/in_use_hours", json!(0)),
        (approved("XX", "2026-01-05").to_vec(), "approval_jurisdiction", "/approvals", approval("XX", "2026-01-05")),
        (approved("GB", "05/01/2026").to_vec(), "approval_verified_on", "/approvals", approval("GB", "05/01/2026")),
        (approved("GB", "2199-01-05").to_vec(), "approval_verified_on", "/approvals", approval("GB", "2199-01-05")),
        (
            vec![("stability_budget", "20 5")],
            "stability_budget",
            "/stability_budget",
            json!([{"max_c": 20, "hours": 5}]),
        ),
        (
            vec![("identifiers", "gtin 09521234567806 pack 1")],
            "identifiers",
            "/identifiers",
            json!([{"scheme": "gtin", "value": "09521234567806", "level": "pack", "units": 1}]),
        ),
    ];
    let before = world.database.state();
    for (changes, column, pointer, value) in cases {
        let import = bring_in(world, "products", &row(&changes));
        let mut body = product("09521234567899");
        for field in ["in_use_hours", "stability_budget", "identifiers"] {
            body[field] = if field == "in_use_hours" { Value::Null } else { json!([]) };
        }
        *body.pointer_mut(pointer).unwrap() = value;
        let (status, problem) = world.http.post(&world.token(Role::Admin), "/v1/products", &body);
        assert_eq!(status, 422, "{changes:?}: {problem}");
        assert_eq!(
            refused(&import),
            one(2, column, problem["code"].as_str().unwrap()),
            "{changes:?}: {import} {problem}"
        );
    }
    // What is wrong with a cell before it means anything.
    for (changes, column, code) in [
        (vec![("name", "=HYPERLINK(1)")], "name", "formula"),
        (vec![("name", "@SUM(1)")], "name", "formula"),
        (vec![("manufacturer", "+44")], "manufacturer", "formula"),
        (vec![("name", "A\u{0}B")], "name", "invalid_name"),
        (vec![("name", "")], "name", "missing_field"),
        (vec![("units_per_pack", "two")], "units_per_pack", "invalid_body"),
        (vec![("min_c", "cold")], "min_c", "invalid_temperature"),
        (vec![("single_patient", "perhaps")], "single_patient", "invalid_value"),
        (vec![("identifiers", "gtin 09521234567806")], "identifiers", "invalid_body"),
        (
            vec![("approval_jurisdiction", "GB|IE"), ("approval_status", "authorised|unknown|unknown")],
            "approval_jurisdiction",
            "invalid_body",
        ),
    ] {
        let import = bring_in(world, "products", &row(&changes));
        assert_eq!(refused(&import), one(2, column, code), "{changes:?}: {import}");
    }
    assert_eq!(world.database.state(), before);
}

fn names_lead_to_what_is_meant(world: &World) {
    let head = "site,name,purpose,min_c,max_c\n";
    let import = bring_in(world, "locations", &format!("{head}Harley Street,Fridge 1,stock,2,8\n"));
    assert_eq!(refused(&import), one(2, "site", "reference_unknown"), "{import}");
    let first = id(&world.create(Role::Admin, "/v1/sites", &site()));
    bring_in(world, "locations", &format!("{head}Harley Street,Fridge 1,stock,2,8\n"));
    let second = id(&world.create(Role::Admin, "/v1/sites", &site()));
    let import = bring_in(world, "locations", &format!("{head}Harley Street,Fridge 2,stock,2,8\n"));
    assert_eq!(refused(&import), one(2, "site", "ambiguous_name"), "{import}");
    // Its id says which is meant; the same name is another place there.
    let import =
        bring_in(world, "locations", &format!("{head}{second},Fridge 1,stock,2,8\n{first},Fridge 1,stock,2,8\n"));
    assert_eq!(counts(&import), (true, [2, 1, 1, 0, 0]), "{import}");
    // Another organisation's is nothing.
    let other = world.register_organisation("Elsewhere Clinics");
    let token = world.sign(&other, "mary", &[Role::Admin], None);
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str()), ("content-type", "text/csv")];
    for named in ["Harley Street", first.as_str()] {
        let text = format!("{head}{named},Fridge 1,stock,2,8\n");
        let answer = world.http.send("POST", "/v1/imports?kind=locations", &headers, Some(text.as_bytes()));
        assert_eq!(refused(&answer.json()), one(2, "site", "reference_unknown"), "{named}: {}", answer.json());
    }
}

const LICENCES: &str = "holder_type,holder,kind,authority,number,jurisdiction,product_classes,valid_from,valid_to,check_outcome,check_source\n";

fn a_licence_comes_with_its_check(world: &World) {
    world.create(Role::Admin, "/v1/sites", &site());
    bring_in(world, "practitioners", PEOPLE);
    let rows = "practitioner,Dr A. Example,professional_registration,GMC,1234567,GB,*,2026-01-01,2029-12-31,verified,the register\n\
                organisation,,facility,CQC,1-200,GB,*,2026-01-01,2029-12-31,verified,the register\n\
                site,Harley Street,facility,CQC,1-100,GB,*,2026-01-01,2029-12-31,,\n";
    let text = format!("{LICENCES}{rows}");
    assert_eq!(counts(&bring_in(world, "licences", &text)), (true, [3, 3, 0, 0, 0]));
    let import = bring_in(world, "licences", &text);
    assert_eq!(counts(&import), (true, [3, 0, 3, 0, 0]), "{import}");
    let shown = world.read(&format!("/v1/licences/{}", import["verdicts"][0]["id"].as_str().unwrap()));
    assert_eq!(shown["checks"].as_array().unwrap().len(), 1, "{shown}");
    assert_eq!(
        (&shown["checks"][0]["outcome"], &shown["checks"][0]["source"]),
        (&json!("verified"), &json!("the register"))
    );
    // A check that is new is added, and once.
    let later = text.replace("2029-12-31,,", "2029-12-31,verified,the register");
    assert_eq!(counts(&bring_in(world, "licences", &later)), (true, [3, 0, 2, 1, 0]));
    assert_eq!(counts(&bring_in(world, "licences", &later)), (true, [3, 0, 3, 0, 0]));
    let before = world.database.state();
    for (from, to, column, code) in [
        ("1234567", "123", "number", "invalid_licence_number"),
        ("Dr A. Example", "Dr Z", "holder", "reference_unknown"),
        ("practitioner,Dr A. Example", "practitioner,", "holder", "missing_field"),
        ("practitioner,Dr", "doctor,Dr", "holder_type", "invalid_value"),
        ("GMC,1234567,GB,*,2026-01-01,2029", "GMC,1234567,GB,*,2026-01-01,2030", "valid_to", "differs"),
        ("2029-12-31,verified", "2025-12-31,verified", "valid_to", "validity_reversed"),
        ("verified,the register\norg", "looked,the register\norg", "check_outcome", "invalid_value"),
    ] {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text, "{from}");
        let import = bring_in(world, "licences", &changed);
        assert_eq!(refused(&import), one(2, column, code), "{from} {to}: {import}");
    }
    assert_eq!(world.database.state(), before);
}

fn what_is_no_list_is_refused_as_a_whole(world: &World) {
    let before = world.database.state();
    let head = "name,country,approved_classes";
    let million = format!("{head}\n{}", "A,GB,*\n".repeat(1_000_000));
    for (text, code, said) in [
        ("", "import_file_unclear", "The file is empty"),
        ("\u{feff}\r\n\r\n", "import_file_unclear", "The file is empty"),
        (head, "import_file_unclear", "no rows"),
        ("name,country\nA,GB\n", "import_file_unclear", "approved_classes"),
        (&format!("{head},colour\nA,GB,other,red\n"), "import_file_unclear", "Column 4, colour,"),
        (&format!("{head},name\nA,GB,other,A\n"), "import_file_unclear", "name twice"),
        ("\u{0}\u{0}", "import_file_unclear", "Column 1 is none of suppliers"),
        (&million, "list_too_long", "at most 1000 rows"),
    ] {
        let answer = send(world, "kind=suppliers", text.as_bytes(), None);
        assert_problem(&answer, 422, code, said);
        assert!(answer.json()["detail"].as_str().unwrap().contains(said), "{}", answer.json());
    }
    for query in ["", "kind=colours", "kind=suppliers&dry_run=perhaps", "kind=suppliers&colour=red"] {
        assert_problem(&send(world, query, b"a", None), 400, "malformed_query", query);
    }
    let large = vec![b'a'; 11 * 1024 * 1024];
    assert_problem(&send(world, "kind=suppliers", &large, None), 413, "body_too_large", "a large file");
    assert_eq!(world.database.state(), before);
}

fn a_repetition_is_answered_as_before(world: &World) {
    let first = send(world, "kind=practitioners", PEOPLE.as_bytes(), Some("people"));
    assert_eq!(counts(&first.json()), (true, [2, 2, 0, 0, 0]));
    let again = send(world, "kind=practitioners", PEOPLE.as_bytes(), Some("people"));
    assert_eq!((again.status, again.bytes), (first.status, first.bytes));
    let other = send(world, "kind=practitioners", b"name,profession\nC,nurse\n", Some("people"));
    assert_eq!(other.status, 422, "{}", other.json());
    let asked = send(world, "kind=practitioners&dry_run=true", PEOPLE.as_bytes(), Some("people"));
    assert_eq!(asked.status, 422, "{}", asked.json());
}

/// The files of a clinic: 40 products, 3 suppliers, 12 people, their licences and those of the clinic and its suppliers, 6 places.
pub fn a_clinic() -> [(&'static str, usize, String); 5] {
    let products: String = (1..=40)
        .map(|n| {
            format!("{},Product {n},Example Aesthetics,ha_filler,2,syringe,\"1,25\",mL,2,25,yes,GB,authorised,illustrative,2026-01-05\n", gtin(n))
        })
        .collect();
    let people: String = (1..=12).map(|n| format!("Dr {n} Example,doctor,doctor-{n}\n")).collect();
    let registrations: String = (1..=12)
        .map(|n| format!("practitioner,Dr {n} Example,professional_registration,GMC,{},GB,*,2026-01-01,2029-12-31,verified,the register\n", 1_000_000 + n))
        .collect();
    let others = "site,Harley Street,facility,CQC,1-100,GB,*,2026-01-01,2029-12-31,verified,the register\n\
                  supplier,Supplier 1,wholesale,MHRA,WDA 1,GB,*,2026-01-01,2029-12-31,verified,the register\n";
    let places = "Harley Street;Goods in;quarantine;15;25\nHarley Street;Fridge 1;stock;2;8\nHarley Street;Fridge 2;stock;2;8\n\
                  Harley Street;Cupboard;stock;15;25\nHarley Street;Freezer;stock;-20;-10\nHarley Street;Set apart;returns;2;25\n";
    [
        ("products", 40, format!("gtin,name,manufacturer,class,units_per_pack,unit_presentation,unit_amount,unit_amount_unit,min_c,max_c,single_patient,approval_jurisdiction,approval_status,approval_source,approval_verified_on\n{products}")),
        ("suppliers", 3, "name,country,approved_classes\nSupplier 1,GB,ha_filler\nSupplier 2,GB,ha_filler\nSupplier 3,IE,ha_filler\n".to_owned()),
        ("practitioners", 12, format!("name,profession,subject\n{people}")),
        ("licences", 14, format!("{LICENCES}{registrations}{others}")),
        ("locations", 6, format!("site;name;purpose;min_c;max_c\n{places}")),
    ]
}

fn a_clinic_is_set_up_with_five_files(world: &World) {
    world.create(Role::Admin, "/v1/sites", &site());
    for (is_again, took) in [(false, std::time::Instant::now()), (true, std::time::Instant::now())] {
        let before = world.database.state();
        for (kind, rows, text) in a_clinic() {
            let import = bring_in(world, kind, &text);
            let rows = u64::try_from(rows).unwrap();
            let expected = if is_again { [rows, 0, rows, 0, 0] } else { [rows, rows, 0, 0, 0] };
            assert_eq!(counts(&import), (true, expected), "{kind}: {import}");
        }
        assert!(took.elapsed().as_secs() < 60, "{:?}", took.elapsed());
        println!("set-up on {:?}, again: {is_again}: {:?}", world.database.kind, took.elapsed());
        assert_eq!(world.database.state() == before, is_again);
    }
    // It is a clinic in which an order can be placed.
    let first = |list: &str| id(&world.read(&format!("/v1/{list}?limit=1"))["items"][0]);
    let (site, product, supplier) = (first("sites"), first("products"), first("suppliers"));
    let path = format!("/v1/eligibility?site_id={site}&product_id={product}&supplier_id={supplier}");
    let eligible = world.read(&path);
    assert_eq!(eligible["decision"]["allowed"], true, "{eligible}");
}

const OPENING: &str = "site,place,gtin,lot,expiry,units,attestation\n";

/// A row of opening stock.
fn shelf(place: &str, lot: &str, expiry: &str, units: i64) -> String {
    format!(
        "Harley Street,{place},09521234567899,{lot},{expiry},{units},Invoice 7 of 2026-03-02; kept in this fridge since\n"
    )
}

fn what_was_on_the_shelf_comes_in_once_and_can_be_used(world: &World) {
    let clinic = world.clinic();
    let text = format!("{OPENING}{}", shelf("Fridge for stock", "OLD1", EXPIRY, 6));
    for (role, query) in [(Role::Admin, "kind=opening_stock"), (Role::Quality, "kind=suppliers")] {
        assert_problem(&send_as(world, role, query, text.as_bytes(), None), 403, "forbidden", query);
    }
    let before = world.database.state();
    let asked = send(world, "kind=opening_stock&dry_run=true", text.as_bytes(), None).json();
    assert_eq!(counts(&asked), (false, [1, 1, 0, 0, 0]), "{asked}");
    assert_eq!(world.database.state(), before);
    assert_eq!(counts(&bring_in(world, "opening_stock", &text)), (true, [1, 1, 0, 0, 0]));
    let lot = id(&world.read("/v1/lots?lot=OLD1")["items"][0]);
    let books = |received: i64, on_hand: i64, administered: i64| {
        json!({
            "received": received, "on_hand": on_hand, "administered": administered, "wasted": 0, "returned": 0,
            "destroyed": 0, "lost": 0, "adjusted": 0, "unaccounted": 0, "balanced": true
        })
    };
    let reconciled = || world.read(&format!("/v1/lots/{lot}"))["reconciliation"].clone();
    assert_eq!(reconciled(), books(6, 6, 0));
    let (status, made) = clinic.administer(&lot, 1);
    assert_eq!(status, 201, "{made}");
    assert_eq!(reconciled(), books(6, 5, 1));
    // Its chain begins with where it comes from.
    let administration = id(&made);
    for path in [format!("/v1/lots/{lot}/custody"), format!("/v1/administrations/{administration}/custody")] {
        let chain = world.read(&path);
        let first = &chain["events"][0];
        assert_eq!(first["kind"], "opening_stock_attested", "{chain}");
        assert_eq!(first["actor"]["roles"], json!(["quality"]));
        let said = "6 units were there before Lotline, attested: Invoice 7 of 2026-03-02; kept in this fridge since";
        assert_eq!(first["summary"], said);
    }
    // Once: also when some of it is used.
    let state = world.database.state();
    assert_eq!(counts(&bring_in(world, "opening_stock", &text)), (true, [1, 0, 1, 0, 0]));
    let more = format!("{OPENING}{}", shelf("Fridge for stock", "OLD1", EXPIRY, 7));
    assert_eq!(refused(&bring_in(world, "opening_stock", &more)), one(2, "units", "differs"));
    let otherwise = text.replace("Invoice 7", "Invoice 8");
    assert_eq!(refused(&bring_in(world, "opening_stock", &otherwise)), one(2, "attestation", "differs"));
    // Two boxes are one row.
    let two = format!("{OPENING}{0}{0}", shelf("Fridge for stock", "OLD2", EXPIRY, 2));
    assert_eq!(refused(&bring_in(world, "opening_stock", &two)), one(3, "lot", "contradicts_row"));
    assert_eq!(world.database.state(), state);
    // More of it may arrive, and is inspected like anything else.
    assert_eq!(clinic.receive_inspect_release("OLD1", 4), lot);
    assert_eq!(reconciled(), books(10, 9, 1));
}

fn opening_stock_goes_where_it_may_be(world: &World) {
    let clinic = world.clinic();
    let warm = json!({"site_id": clinic.site, "name": "Window", "purpose": "stock", "min_c": 0, "max_c": 40});
    clinic.create(Role::Admin, "/v1/locations", &warm);
    let apart = json!({"site_id": clinic.site, "name": "Apart", "purpose": "returns", "min_c": 2, "max_c": 8});
    clinic.create(Role::Admin, "/v1/locations", &apart);
    let before = world.database.state();
    let good = "Fridge for stock";
    for (row, column, code) in [
        (shelf(good, "L", "2020-01-31", 1), "", "lot_expired"),
        (shelf("Window", "L", EXPIRY, 1), "", "location_band_mismatch"),
        (shelf("Apart", "L", EXPIRY, 1), "", "location_purpose_mismatch"),
        (shelf("Nowhere", "L", EXPIRY, 1), "place", "reference_unknown"),
        (shelf(good, "L", EXPIRY, 0), "units", "invalid_units"),
        (shelf(good, "L", EXPIRY, 1_000_001), "units", "invalid_units"),
        (shelf(good, "L", "30/06/2027", 1), "expiry", "invalid_date"),
        (shelf(good, "=L", EXPIRY, 1), "lot", "formula"),
        (shelf(good, "L M", EXPIRY, 1), "lot", "invalid_lot"),
        (shelf(good, "L", EXPIRY, 1).replace("09521234567899", "09521234567806"), "gtin", "reference_unknown"),
    ] {
        let import = bring_in(world, "opening_stock", &format!("{OPENING}{row}"));
        assert_eq!(refused(&import), one(2, column, code), "{row}: {import}");
    }
    assert_eq!(world.database.state(), before);
    // What has expired is in the books in quarantine, whence it is destroyed; packs count as many units as they hold.
    let text = "site;place;gtin;lot;expiry;packs;attestation\n\
                Harley Street;Fridge for quarantine;9521234567899;-X1;2020-01-31;3;Found behind the door\n";
    assert_eq!(counts(&bring_in(world, "opening_stock", text)), (true, [1, 1, 0, 0, 0]));
    let lot = id(&world.read("/v1/lots?lot=-X1")["items"][0]);
    let stock = world.read(&format!("/v1/stock?location_id={}", clinic.quarantine));
    assert_eq!(
        (&stock["items"][0]["lot_id"], &stock["items"][0]["state"], &stock["items"][0]["units"]),
        (&json!(lot), &json!("quarantined"), &json!(6))
    );
    assert_eq!(clinic.administer(&lot, 1).0, 409);
    let destroyed = json!({"lot_id": lot, "from_location_id": clinic.quarantine, "units": 6, "reason": "Expired"});
    clinic.create(Role::Quality, "/v1/destructions", &destroyed);
    assert_eq!(world.read(&format!("/v1/lots/{lot}"))["reconciliation"]["balanced"], true);
}

fn opening_stock_is_held_like_what_arrives(world: &World) {
    let clinic = world.clinic();
    clinic.receive_inspect_release("TWIN", 2);
    let recall = json!({
        "reference": "FSN-9", "classification": "class_2", "gtin": GTIN, "lots": ["BAD"], "reason": "Particles"
    });
    clinic.create(Role::Quality, "/v1/recalls", &recall);
    let rows = [shelf("Fridge for stock", "TWIN", "2027-07-31", 3), shelf("Fridge for stock", "BAD", EXPIRY, 2)];
    assert_eq!(
        counts(&bring_in(world, "opening_stock", &format!("{OPENING}{}", rows.concat()))),
        (true, [2, 2, 0, 0, 0])
    );
    let held = world.read(&format!("/v1/stock?location_id={}&state=held", clinic.stock));
    let found: Vec<_> =
        held["items"].as_array().unwrap().iter().map(|item| (item["lot"].clone(), item["units"].clone())).collect();
    assert_eq!(found.len(), 2, "{held}");
    assert!(found.contains(&(json!("TWIN"), json!(3))) && found.contains(&(json!("BAD"), json!(2))), "{held}");
}

/// Random lists of opening stock against a model of its own: what each row must come to, and that lots have what came in.
fn books_balance_whatever_was_on_the_shelf(world: &World) {
    let clinic = world.clinic();
    let apart = json!({"site_id": clinic.site, "name": "Apart", "purpose": "returns", "min_c": 2, "max_c": 8});
    clinic.create(Role::Admin, "/v1/locations", &apart);
    let places = ["Fridge for stock", "Fridge for quarantine", "Apart"];
    let expiries = ["2020-01-31", "2027-06-30", "2027-07-31"];
    let row = (0..20_usize, 0..3_usize, 0..3_usize, 1..4_i64);
    let config = Config { rng_seed: RngSeed::Fixed(20_261_129), failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new(config);
    // What is attested, by place, lot and expiry; what came in and what was wasted since, by lot and expiry.
    let mut known: BTreeMap<(usize, usize, usize), i64> = BTreeMap::new();
    let mut wasted: BTreeMap<(usize, usize), i64> = BTreeMap::new();
    let (mut came_in, mut kept_back) = (0, 0);
    for _ in 0..40 {
        let rows = prop::collection::vec(row.clone(), 1..4).new_tree(&mut runner).unwrap().current();
        // A place apart is seldom: most lists would fail for it.
        let rows: Vec<_> = rows
            .into_iter()
            .map(|(at, lot, expiry, units)| (if at == 0 { 2 } else { at % 2 }, lot, expiry, units))
            .collect();
        let mut now = known.clone();
        let expected: Vec<_> = rows
            .iter()
            .map(|(place, lot, expiry, units)| {
                let key = (*place, *lot, *expiry);
                match (known.get(&key), now.get(&key), place, expiry) {
                    (Some(before), ..) if before == units => "unchanged",
                    (Some(_), ..) => "differs",
                    (None, Some(_), ..) => "contradicts_row",
                    (None, None, 2, _) => "location_purpose_mismatch",
                    (None, None, 0, 0) => "lot_expired",
                    _ => {
                        now.insert(key, *units);
                        "created"
                    }
                }
            })
            .collect();
        let text: String = rows
            .iter()
            .map(|(p, lot, e, units)| shelf(places[*p], &format!("LOT{lot}"), expiries[*e], *units))
            .collect();
        let import = bring_in(world, "opening_stock", &format!("{OPENING}{text}"));
        let codes: Vec<_> =
            import["verdicts"].as_array().unwrap().iter().map(|v| v["code"].as_str().unwrap()).collect();
        assert_eq!(codes, expected, "{text}{import}");
        let all = expected.iter().all(|code| ["created", "unchanged"].contains(code));
        assert_eq!(import["imported"], all, "{import}");
        if all {
            known = now;
            came_in += 1;
        } else {
            kept_back += 1;
        }
        for lot in world.read("/v1/lots")["items"].as_array().unwrap() {
            let number: usize = lot["lot"].as_str().unwrap().strip_prefix("LOT").unwrap().parse().unwrap();
            let expiry = expiries.iter().position(|expiry| lot["expiry"] == *expiry).unwrap();
            let received: i64 =
                known.iter().filter(|((_, lot, of), _)| (*lot, *of) == (number, expiry)).map(|(_, units)| units).sum();
            let gone = wasted.entry((number, expiry)).or_default();
            let told = world.read(&format!("/v1/lots/{}", id(lot)))["reconciliation"].clone();
            assert_eq!(
                (told["received"].clone(), told["on_hand"].clone()),
                (json!(received), json!(received - *gone)),
                "{lot}"
            );
            assert_eq!(told["balanced"], true, "{lot}");
            let waste =
                json!({"lot_id": lot["id"], "from_location_id": clinic.quarantine, "units": 1, "reason": "Broken"});
            if known.contains_key(&(1, number, expiry)) && *gone < known[&(1, number, expiry)] {
                clinic.create(Role::Quality, "/v1/wastages", &waste);
                *gone += 1;
            }
        }
    }
    assert!(came_in > 5 && kept_back > 5, "{came_in} came in, {kept_back} were kept back");
}

/// One command sets up a clinic; given again, it makes nothing twice.
fn a_sample_clinic(database: &Database) {
    let init = || {
        let mut command = process::lotline("init", database);
        command.args(["--organisation", "Sample Clinic", "--sample"]);
        let output = process::run(command);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice::<Value>(&output.stdout).unwrap()
    };
    let (first, second) = (init(), init());
    assert_eq!(first["organisation_id"], second["organisation_id"]);
    let server = Process::serve(database);
    let token = second["admin_token"].as_str().unwrap();
    for (list, expected) in
        [("sites", 1), ("products", 8), ("suppliers", 2), ("practitioners", 3), ("licences", 5), ("locations", 6)]
    {
        let (status, found) = server.http.get(token, &format!("/v1/{list}"));
        assert_eq!((status, found["items"].as_array().unwrap().len()), (200, expected), "{list}: {found}");
    }
    // It may buy.
    let first = |list: &str| id(&server.http.get(token, &format!("/v1/{list}?limit=1")).1["items"][0]);
    let path = format!("/v1/eligibility?site_id={}&product_id={}", first("sites"), first("products"));
    let eligible = server.http.get(token, &format!("{path}&supplier_id={}", first("suppliers"))).1;
    assert_eq!(eligible["decision"]["allowed"], true, "{eligible}");
    drop(server);
    let verified = process::run(process::lotline("verify", database));
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
}

#[test]
fn a_sample_clinic_is_set_up_by_one_command() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        if let Some(database) = Database::create(kind) {
            a_sample_clinic(&database);
        }
    }
}

/// The command line sends a list to a server and says what became of it; it fails when nothing came in.
#[test]
fn the_command_line_sends_a_list_and_prints_verdicts() {
    let database = Database::create(Kind::Sqlite).unwrap();
    let (_, admin) = process::init(&database, "Example Clinics");
    let server = Process::serve(&database);
    let file = database.dir().join("people.csv");
    let import = |text: &str, more: &[&str]| {
        std::fs::write(&file, text).unwrap();
        let mut command = process::program();
        command.args(["import", "practitioners"]).arg(&file).args(more).args(["--server", &server.address]);
        command.env("LOTLINE_TOKEN", &admin);
        let output = process::run(command);
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    };
    let said = |code: i32, lines: &str| (Some(code), lines.to_owned(), String::new());
    let asked = "2 rows: 2 new, 0 as they stand, 0 added to, 0 refused. Nothing was changed: it was only asked.\n";
    assert_eq!(import(PEOPLE, &["--dry-run"]), said(0, asked));
    let all = "line 2: Dr A. Example: new.\nline 3: B. Example: new.\n2 rows: 2 new, 0 as they stand, 0 added to, 0 refused. Brought in.\n";
    assert_eq!(import(PEOPLE, &["--all"]), said(0, all));
    let again = "2 rows: 0 new, 2 as they stand, 0 added to, 0 refused. Brought in.\n";
    assert_eq!(import(PEOPLE, &[]), said(0, again));
    let wrong = "line 4, name: name must be a text and no formula: it begins with =, +, - or @. (formula)\n\
                 3 rows: 0 new, 2 as they stand, 0 added to, 1 refused. Nothing was brought in.\n";
    assert_eq!(import(&format!("{PEOPLE}=C,nurse,\n"), &[]), said(1, wrong));
    let (code, printed, why) = import("name,colour\n", &[]);
    assert_eq!((code, printed.as_str()), (Some(1), ""));
    assert!(why.contains("Column 2, colour,") && why.contains("422 import_file_unclear"), "{why}");
    let (code, _, why) = import(PEOPLE, &["--token", "nonsense"]);
    assert_eq!(code, Some(1));
    assert!(why.contains("401 unauthenticated"), "{why}");
}
