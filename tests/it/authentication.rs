//! What each role may do: what the slices say of their operations is the whole truth. What is no token at all is in `tokens.rs`.

use std::collections::BTreeSet;

use lotline::app::docs;
use lotline::caller::Role;
use lotline::command::Turn;
use lotline::house;
use serde_json::{Value, json};

use super::support::client::assert_problem;
use super::support::clinic::{GTIN, id, licence, location, scan, site};
use super::support::{World, on_both_databases};

on_both_databases!(every_role_may_what_the_table_says, a_token_for_a_site_sees_its_sites_only);

fn with(value: &Value, field: &str, new: Value) -> Value {
    let mut value = value.clone();
    value[field] = new;
    value
}

#[test]
fn the_access_table_and_the_document_have_the_same_operations() {
    let document = docs::document();
    let ids = docs::operations(document).into_iter().map(|(_, _, operation)| operation.operation_id.clone().unwrap());
    let (public, operations): (Vec<_>, Vec<_>) = ids.partition(|id| lotline::app::PUBLIC.contains(&id.as_str()));
    assert_eq!(public.len(), lotline::app::PUBLIC.len());
    let documented: BTreeSet<_> = operations.iter().map(String::as_str).collect();
    let rows: Vec<_> = house::operations().map(|said| said.id).collect();
    assert_eq!(documented, rows.iter().copied().collect());
    assert_eq!((operations.len(), rows.len()), (documented.len(), documented.len()), "each once");
    assert!(house::operations().all(|said| !said.roles.is_empty()));
    for (path, method, operation) in docs::operations(document) {
        assert!(operation.summary.as_ref().is_some_and(|summary| !summary.is_empty()), "{method} {path}");
        // What may run beside a command is said of each, and of nothing that only reads.
        let id = operation.operation_id.as_deref().unwrap();
        let reads = method == "GET"
            || [
                "create_scan",
                "create_image_scan",
                "search_administrations",
                "search_visits",
                "search_prescriptions",
                "create_evidence_bundle",
                "create_verification",
            ]
            .contains(&id);
        assert_eq!(house::operation(id).is_none_or(|said| said.turn.is_none()), reads, "{id}: a turn");
    }
}

/// What the decisions of others rest on is changed alone: master data, licences, policies, holds, recalls.
#[test]
fn what_others_rest_on_is_changed_alone() {
    let nouns = ["site", "location", "sensor", "product", "supplier", "practitioner"];
    let verbs = ["create", "correct", "patch", "retire", "reinstate"];
    let mut expected: BTreeSet<_> =
        verbs.iter().flat_map(|verb| nouns.iter().map(move |noun| format!("{verb}_{noun}"))).collect();
    let others = [
        "create_licence create_licence_check create_licence_reversal create_licence_check_reversal",
        "create_licence_acknowledgement set_policies patch_policies create_protocol create_hold lift_hold assess_excursion create_adverse_event review_adverse_event review_signal",
        "erase_patient create_recall add_recall_lot close_recall create_import",
    ];
    expected.extend(others.join(" ").split(' ').map(str::to_owned));
    let alone = house::operations().filter(|said| said.turn == Some(Turn::Alone));
    assert_eq!(alone.map(|said| said.id.to_owned()).collect::<BTreeSet<_>>(), expected);
}

/// For every operation and role: refused with 403 before anything else is looked at, unless the table allows it.
fn every_role_may_what_the_table_says(world: &World) {
    world.log();
    let before = world.database.state();
    let document = docs::document();
    for (path, method, operation) in docs::operations(document) {
        if lotline::app::PUBLIC.contains(&operation.operation_id.as_deref().unwrap()) {
            continue;
        }
        let allowed = house::operation(operation.operation_id.as_deref().unwrap()).unwrap().roles;
        let path = ["{id}", "{check_id}", "{entry_id}", "{sha256}", "{kind}"]
            .iter()
            .fold(path.to_owned(), |path, name| path.replace(name, "nothing"));
        assert!(!path.contains('{'), "{path}");
        for role in Role::ALL {
            let bearer = format!("Bearer {}", world.token(*role));
            // A body that is none: whoever may call the operation is told so, nobody else.
            let body = (method != "GET").then_some(b"{".as_slice());
            let json = ("content-type", "application/json");
            let headers = [("authorization", bearer.as_str()), json, ("if-match", "*")];
            let answer = world.http.send(method, &path, &headers, body);
            let what = format!("{method} {path} as {role}");
            if allowed.contains(role) {
                assert!(matches!(answer.status, 200 | 400 | 404 | 415), "{what}: {}", answer.json());
            } else {
                assert_problem(&answer, 403, "forbidden", &what);
            }
        }
        // No role, no right; several roles have the rights of each.
        let nobody = world.sign(&world.organisation, "nobody", &[], None);
        let headers = [("authorization", format!("Bearer {nobody}"))];
        let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
        let body = (method != "GET").then_some(b"{".as_slice());
        assert_problem(&world.http.send(method, &path, &headers, body), 403, "forbidden", &path);
    }
    assert_eq!(world.database.state(), before);
}

fn a_token_for_a_site_sees_its_sites_only(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 4);
    let administration = id(&clinic.administer(&lot, 1).1);
    let elsewhere = id(&clinic.create(Role::Admin, "/v1/sites", &site()));
    let fridge = id(&clinic.create(Role::Admin, "/v1/locations", &location(&elsewhere, "quarantine")));
    clinic.checked_licence(&licence(("site", &elsewhere), "facility", "CQC", "1-200"));
    let bound = |site: &str| world.sign(&world.organisation, "bound", Role::ALL, Some(vec![site.parse().unwrap()]));
    let (here, there) = (bound(&clinic.site), bound(&elsewhere));
    let get =
        |token: &str, path: &str| world.http.send("GET", path, &[("authorization", &format!("Bearer {token}"))], None);
    let receipts = world.read("/v1/receipts");
    let receipt = receipts["items"][0]["id"].as_str().unwrap();
    let event = world.read(&format!("/v1/lots/{lot}/custody"))["events"][0]["id"].as_str().unwrap().to_owned();
    for path in [
        format!("/v1/sites/{}", clinic.site),
        format!("/v1/locations/{}", clinic.stock),
        format!("/v1/receipts/{receipt}"),
        format!("/v1/lots/{lot}"),
        format!("/v1/lots/{lot}/custody"),
        format!("/v1/administrations/{administration}"),
        format!("/v1/administrations/{administration}/custody"),
        format!("/v1/events/{event}"),
        format!("/v1/events/{event}/bytes"),
    ] {
        assert_eq!(get(&here, &path).status, 200, "{path}");
        assert_problem(&get(&there, &path), 404, "not_found", &path);
    }
    for (path, theirs) in [
        ("/v1/sites", 1),
        ("/v1/locations", 1),
        ("/v1/receipts", 0),
        ("/v1/stock", 0),
        ("/v1/lots", 0),
        ("/v1/administrations", 0),
    ] {
        assert_eq!(get(&there, path).json()["items"].as_array().unwrap().len(), theirs, "{path}");
        assert!(!get(&here, path).json()["items"].as_array().unwrap().is_empty(), "{path}");
    }
    let found = world.http.post(&there, "/v1/administrations/search", &json!({"patient_ref": "P-1001"}));
    assert_eq!((found.0, &found.1["items"]), (200, &json!([])));

    let before = world.database.state();
    let unknown = |path: &str, body: &Value| {
        assert_problem(&world.http.post_with(&there, path, &[], body), 422, "reference_unknown", path);
    };
    unknown("/v1/administrations", &clinic.administration(&lot, 1));
    unknown("/v1/administrations", &with(&clinic.administration(&lot, 1), "site_id", json!(elsewhere)));
    unknown("/v1/scans", &clinic.question(&scan("270630", "LOT1", None)));
    unknown("/v1/receipts", &clinic.receipt(json!([{"gtin": GTIN, "lot": "L", "expiry": "2027-06-30", "packs": 1}])));
    unknown("/v1/inspections", &clinic.inspection(receipt, &lot, 1, 0));
    unknown("/v1/locations", &location(&clinic.site, "stock"));
    let release = format!("/v1/lots/{lot}/releases");
    assert_problem(&world.http.post_with(&there, &release, &[], &clinic.release(1)), 404, "not_found", &release);
    assert_eq!(world.database.state(), before);

    // At their own site they may, and of a lot that came to both they see their own units only.
    let mut receipt = clinic.receipt(json!([{"gtin": GTIN, "lot": "LOT1", "expiry": "2027-06-30", "packs": 1}]));
    receipt["site_id"] = json!(elsewhere);
    receipt["location_id"] = json!(fridge);
    assert_eq!(world.http.post(&there, "/v1/receipts", &receipt).0, 201);
    let stock = get(&there, "/v1/stock").json();
    assert_eq!((stock["items"].as_array().unwrap().len(), &stock["items"][0]["units"]), (1, &json!(2)));
    assert_eq!(get(&there, &format!("/v1/lots/{lot}")).status, 200);
    assert_problem(
        &get(&there, &format!("/v1/administrations/{administration}")),
        404,
        "not_found",
        "still not theirs",
    );
    let chain = get(&there, &format!("/v1/lots/{lot}/custody")).json();
    let kinds: Vec<_> = chain["events"].as_array().unwrap().iter().map(|event| event["kind"].clone()).collect();
    assert_eq!(kinds, ["receipt_recorded", "stock_received"]);
}
