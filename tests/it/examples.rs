//! The request examples of the OpenAPI document are true: each is sent as it stands, with real ids in place of its own,
//! by somebody who may, when its turn has come; and it is done.

use std::collections::{BTreeMap, BTreeSet};

use lotline::app::docs;
use lotline::app::docs::guide;
use lotline::caller::Role;
use lotline::house;
use lotline::ids::OrganisationId;
use serde_json::{Value, json};

use super::answers::Answers;
use super::support::{World, on_both_databases};

on_both_databases!(every_example_is_done, the_guide_can_be_followed);

/// What the ids of the examples stand for.
const SITE: &str = "site_01932c07-8d00-7000-8000-000000000001";
const SUPPLIER: &str = "sup_01932c07-8d00-7000-8000-000000000002";
const PRACTITIONER: &str = "prac_01932c07-8d00-7000-8000-000000000003";
const GOODS_IN: &str = "loc_01932c07-8d00-7000-8000-000000000004";
const RECEIPT: &str = "rec_01932c07-8d00-7000-8000-000000000005";
const LOT: &str = "lot_01932c07-8d00-7000-8000-000000000006";
const FRIDGE: &str = "loc_01932c07-8d00-7000-8000-000000000007";
const PRODUCT: &str = "prd_01932c07-8d00-7000-8000-000000000007";
const ROOM_2: &str = "loc_01932c07-8d00-7000-8000-000000000008";
const SENSOR: &str = "sen_01932c07-8d00-7000-8000-000000000009";
const ADMINISTRATION: &str = "adm_01932c07-8d00-7000-8000-00000000000c";
const SCAN: &str = "sts_01932c07-8d00-7000-8000-000000000006";
const LINE: &str = "rcl_01932c07-8d00-7000-8000-000000000008";

/// One clinic that does what the examples say.
struct Story<'a> {
    world: &'a World,
    document: &'a Value,
    organisation: OrganisationId,
    ids: BTreeMap<&'static str, String>,
    told: BTreeSet<String>,
    /// What was made, by the path of its list.
    made: BTreeMap<String, String>,
    answers: Option<&'a Answers>,
}

impl<'a> Story<'a> {
    /// A clinic with everything registered.
    fn begin(world: &'a World, document: &'a Value, answers: &'a Answers) -> Self {
        let organisation = world.register_organisation("Example Clinics");
        let (ids, told, made) = (BTreeMap::new(), BTreeSet::new(), BTreeMap::new());
        let mut story = Story { world, document, organisation, ids, told, made, answers: Some(answers) };
        story.make("create_site", SITE);
        story.make("create_location", FRIDGE);
        for (place, purpose, name) in [(GOODS_IN, "quarantine", "Goods in"), (ROOM_2, "stock", "Room 2")] {
            let answer = story.send("create_location", "", json!({"purpose": purpose, "name": name}));
            story.know(place, &answer["id"]);
        }
        story.make("create_sensor", SENSOR);
        story.make("create_product", PRODUCT);
        story.make("create_supplier", SUPPLIER);
        story.make("create_practitioner", PRACTITIONER);
        story.make("create_licence", "licence");
        story.tell("create_licence_check", "licence");
        for (kind, holder, of) in [("facility", SITE, "site"), ("wholesale", SUPPLIER, "supplier")] {
            let holder = json!({"type": of, "id": story.ids[holder]});
            let changes = json!({"kind": kind, "holder": holder, "authority": "Register", "number": "1"});
            let licence = story.send("create_licence", "", changes);
            story.know("licence", &licence["id"]);
            story.send("create_licence_check", "licence", json!({}));
        }
        story
    }

    /// The same with the pack of the examples in quarantine.
    fn received(world: &'a World, document: &'a Value, answers: &'a Answers) -> Self {
        let mut story = Story::begin(world, document, answers);
        let answer = story.make("create_receipt", RECEIPT);
        story.know(LOT, &answer["lines"][0]["lot_id"]);
        story.know(LINE, &answer["lines"][0]["id"]);
        story
    }

    /// The same with the pack ready for use.
    fn released(world: &'a World, document: &'a Value, answers: &'a Answers) -> Self {
        let mut story = Story::received(world, document, answers);
        story.tell("create_inspection", "");
        story.tell("create_release", LOT);
        story
    }

    fn know(&mut self, name: &'static str, id: &Value) {
        self.ids.insert(name, id.as_str().unwrap().to_owned());
    }

    /// Sends the example of an operation as it stands; the answer has the id that the examples know as `name`.
    fn make(&mut self, operation: &str, name: &'static str) -> Value {
        let answer = self.tell(operation, "");
        self.know(name, &answer["id"]);
        let (_, path, _) = example(self.document, operation);
        self.made.insert(path.to_owned(), self.ids[name].clone());
        answer
    }

    /// Sends the example of an operation as it stands, to the thing that its path names.
    fn tell(&mut self, operation: &str, on: &str) -> Value {
        self.told.insert(operation.to_owned());
        self.send(operation, on, json!({}))
    }

    /// Sends the example of an operation with other values in some fields.
    fn send(&self, operation: &str, on: &str, changes: Value) -> Value {
        let (method, path, example) = example(self.document, operation);
        let mut body = self.real(example);
        changes.as_object().unwrap().iter().for_each(|(name, value)| body[name] = value.clone());
        let known = |name: &str| self.ids.get(name).map_or("", String::as_str);
        let path = path.replace("{id}", known(on)).replace("{check_id}", known("check"));
        // Everybody does one thing, so that whoever releases is not who inspected.
        let roles: Vec<Role> = house::operation(operation).unwrap().roles.to_vec();
        let token = self.world.sign(&self.organisation, operation, &roles, None);
        let bearer = format!("Bearer {token}");
        let mut headers = vec![("authorization", bearer.as_str()), ("content-type", "application/json")];
        headers.extend((method == "PUT").then_some(("if-match", "*")));
        let answer = self.world.http.send(method, &path, &headers, Some(body.to_string().as_bytes()));
        assert!(matches!(answer.status, 200 | 201), "{operation} {body}: {}", answer.json());
        let refused = answer.json()["decision"]["allowed"] == json!(false);
        assert!(!refused, "{operation} {body}: {}", answer.json()["decision"]);
        self.hear(operation, &answer.json());
        answer.json()
    }

    /// Keeps what an operation was answered, for the document.
    fn hear(&self, operation: &str, answer: &Value) {
        if let Some(answers) = self.answers {
            answers.take(operation, answer, &self.ids, &self.organisation);
        }
    }

    /// The event with which the lot came.
    fn first_event(&self) -> Option<String> {
        let token = self.world.sign(&self.organisation, "reader", &[Role::Auditor], None);
        let (_, chain) = self.world.http.get(&token, &format!("/v1/lots/{}/custody", self.ids.get(LOT)?));
        Some(chain["events"][0]["id"].as_str()?.to_owned())
    }

    /// Asks whatever can be asked at the end. What was told.
    fn end(self) -> BTreeSet<String> {
        let known = |asked: &str| {
            let name = match asked {
                "/v1/lots" => LOT,
                "site_id" => SITE,
                "product_id" => PRODUCT,
                "/v1/deviations" => "deviation",
                "/v1/excursions" => "excursion",
                "/v1/movements" => "wastage",
                "/v1/events" => return self.first_event(),
                "from" => return Some("2026-07-01T00:00:00Z".to_owned()),
                "to" => return Some("2026-07-02T00:00:00Z".to_owned()),
                list => return self.made.get(list).cloned(),
            };
            self.ids.get(name).cloned()
        };
        if let Some(answers) = self.answers {
            answers.ask(self.world, self.document, &self.organisation, &known, &self.ids);
        }
        self.told
    }

    /// A value with real ids in place of those of the examples.
    fn real(&self, value: Value) -> Value {
        match value {
            Value::Object(fields) => fields.into_iter().map(|(name, value)| (name, self.real(value))).collect(),
            Value::Array(items) => items.into_iter().map(|item| self.real(item)).collect(),
            Value::String(text) if text.contains("_01932c07-") => {
                json!(self.ids.get(text.as_str()).unwrap_or_else(|| panic!("what is {text}?")))
            }
            other => other,
        }
    }
}

/// The method, the path and the request example of an operation.
fn example<'a>(document: &'a Value, wanted: &str) -> (&'static str, &'a str, Value) {
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, name) in [("post", "POST"), ("put", "PUT"), ("patch", "PATCH")] {
            let operation = &item[method];
            if operation["operationId"] == wanted {
                return (name, path, schema(document, operation).map_or(json!({}), |schema| schema["example"].clone()));
            }
        }
    }
    panic!("there is no operation {wanted}");
}

/// The schema of an operation's JSON body; none where a body says nothing that the path does not.
fn schema<'a>(document: &'a Value, operation: &'a Value) -> Option<&'a Value> {
    let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
    // What may be left out is null or a body.
    let reference =
        schema["oneOf"].as_array().map_or(Some(schema), |any| any.iter().find(|one| !one["$ref"].is_null()))?;
    let name = reference["$ref"].as_str()?.rsplit('/').next()?;
    Some(&document["components"]["schemas"][name]).filter(|schema| !schema["properties"].is_null())
}

/// Does all of them, each when its turn has come: whatever can be recorded is recorded then.
pub fn every_example_is_done(world: &World) {
    let document = &serde_json::to_value(docs::document()).unwrap();
    let (mut told, answers) = (BTreeSet::new(), &Answers::default());
    let mut end = |story: Story<'_>| told.extend(story.end());

    let mut story = Story::begin(world, document, answers);
    for (operation, on) in [
        ("correct_site", SITE),
        ("correct_location", FRIDGE),
        ("correct_sensor", SENSOR),
        ("patch_sensor", SENSOR),
        ("create_readings", ""),
        ("retire_sensor", SENSOR),
        ("reinstate_sensor", SENSOR),
        ("correct_product", PRODUCT),
        ("correct_supplier", SUPPLIER),
        ("correct_practitioner", PRACTITIONER),
        ("set_policies", ""),
        ("patch_site", SITE),
        ("patch_location", FRIDGE),
        ("patch_product", PRODUCT),
        ("patch_supplier", SUPPLIER),
        ("patch_practitioner", PRACTITIONER),
        ("patch_policies", ""),
        ("retire_practitioner", PRACTITIONER),
        ("retire_supplier", SUPPLIER),
        ("retire_product", PRODUCT),
        ("retire_location", FRIDGE),
        ("retire_site", SITE),
        ("reinstate_site", SITE),
        ("reinstate_location", FRIDGE),
        ("reinstate_product", PRODUCT),
        ("reinstate_supplier", SUPPLIER),
        ("reinstate_practitioner", PRACTITIONER),
    ] {
        story.tell(operation, on);
    }
    end(story);

    let mut story = Story::begin(world, document, answers);
    story.make("create_order", "order");
    story.send("place_order", "order", json!({}));
    let lost = json!({"outcome": "suspended", "effective_on": "2026-06-30"});
    story.send("create_licence_check", "licence", lost);
    story.tell("create_licence_acknowledgement", "licence");
    story.make("create_licence", "licence");
    let check = story.send("create_licence_check", "licence", json!({}));
    story.know("check", &check["id"]);
    story.tell("create_licence_check_reversal", "licence");
    story.tell("create_licence_reversal", "licence");
    end(story);

    let mut story = Story::begin(world, document, answers);
    story.make("create_order", "order");
    story.tell("change_order", "order");
    story.tell("cancel_order", "order");
    story.make("create_order", "order");
    story.send("place_order", "order", json!({}));
    story.send("create_receipt", "", json!({"order_id": story.ids["order"]}));
    story.tell("close_order", "order");
    end(story);

    let mut story = Story::received(world, document, answers);
    story.tell("create_receipt_correction", RECEIPT);
    story.tell("create_receipt_void", RECEIPT);
    end(story);

    let mut story = Story::received(world, document, answers);
    story.make("create_claim", "claim");
    story.tell("send_claim", "claim");
    story.tell("settle_claim", "claim");
    story.make("create_claim", "claim");
    story.tell("withdraw_claim", "claim");
    end(story);

    let mut story = Story::released(world, document, answers);
    story.make("create_hold", "hold");
    story.tell("lift_hold", "hold");
    story.tell("create_scan", "");
    story.make("create_administration", "administration");
    story.tell("search_administrations", "");
    story.tell("create_evidence_bundle", "");
    story.tell("void_administration", "administration");
    end(story);

    let mut story = Story::released(world, document, answers);
    let prescriber = json!({"type": "practitioner", "id": story.ids[PRACTITIONER]});
    let licence = story.send("create_licence", "", json!({"kind": "prescriber", "holder": prescriber}));
    story.know("licence", &licence["id"]);
    story.tell("create_licence_check", "licence");
    story.make("create_prescription", "prescription");
    story.tell("search_prescriptions", "");
    story.tell("withdraw_prescription", "prescription");
    end(story);

    let mut story = Story::released(world, document, answers);
    story.make("create_visit", "visit");
    story.make("create_protocol", "protocol");
    let consent = json!({"kind": "consent", "content": super::visits::consent_content()});
    story.send("create_protocol", "", consent);
    story.send("create_protocol", "", json!({"kind": "aftercare", "content": super::visits::aftercare_content()}));
    for operation in [
        "add_screening",
        "add_consent",
        "withdraw_consent",
        "attest_age",
        "set_goals",
        "plan_reversal",
        "give_aftercare",
        "add_addendum",
    ] {
        story.tell(operation, "visit");
    }
    story.tell("search_visits", "");
    let checks = json!({
        "checks": [{"code": "call", "after_days": 2, "look_at": "Pain"}, {"code": "review", "after_days": 14, "look_at": "Symmetry"}],
        "symptoms": ["swelling", "pain"], "scale": ["much improved", "no change"]
    });
    story.send("create_protocol", "", json!({"kind": "follow_up", "applies_to": {}, "content": checks}));
    let token = story.world.sign(&story.organisation, "dr-a", &[Role::Practitioner], None);
    let own = json!({"subject": "dr-a"});
    story.send("patch_practitioner", PRACTITIONER, own);
    story.send("patch_policies", "", json!({"signing_requires": []}));
    story.make("create_visit", "visit");
    let visit = story.ids["visit"].clone();
    story.send("create_administration", "", json!({"visit_id": visit}));
    let (status, signed) = story.world.http.post(&token, &format!("/v1/visits/{visit}/sign"), &json!({}));
    assert_eq!(status, 200, "{signed}");
    story.hear("sign_visit", &signed);
    story.know("follow-up", &signed["follow_ups"][0]["id"]);
    story.tell("review_follow_up", "follow-up");
    story.know("follow-up", &signed["follow_ups"][1]["id"]);
    story.tell("close_follow_up", "follow-up");
    end(story);

    let mut story = Story::released(world, document, answers);
    story.make("open_container", "container");
    story.tell("discard_container", "container");
    end(story);

    let mut story = Story::begin(world, document, answers);
    let too_warm = ["08:00", "08:15", "08:30"]
        .map(|time| super::sensors::reading(&story.ids[SENSOR], &format!("2026-07-01T{time}:00Z"), 9.0));
    story.send("create_readings", "", json!({"readings": too_warm}));
    let token = world.sign(&story.organisation, "quinn", &[Role::Quality], None);
    let found = world.http.get(&token, "/v1/excursions").1;
    story.know("excursion", &found["items"][0]["id"]);
    story.tell("assess_excursion", "excursion");
    end(story);

    let mut story = Story::released(world, document, answers);
    story.send("create_administration", "", json!({}));
    story.tell("erase_patient", "");
    end(story);

    let mut story = Story::released(world, document, answers);
    let given = story.send("create_administration", "", json!({}));
    story.know(ADMINISTRATION, &given["id"]);
    story.make("create_recall", "recall");
    story.tell("acknowledge_recall", "recall");
    story.tell("record_recall_contact", "recall");
    story.tell("close_recall", "recall");
    end(story);

    let mut story = Story::received(world, document, answers);
    let recall = story.send("create_recall", "", json!({"lots": ["HC204"]}));
    story.know("recall", &recall["id"]);
    story.tell("add_recall_lot", "recall");
    end(story);

    let mut story = Story::released(world, document, answers);
    let given = story.send("create_administration", "", json!({}));
    story.know(ADMINISTRATION, &given["id"]);
    // Harm comes later.
    world.clock.set("2026-07-01T11:30:00Z");
    story.make("create_adverse_event", "adverse event");
    for operation in ["review_adverse_event", "record_adverse_event_report", "close_adverse_event"] {
        story.tell(operation, "adverse event");
    }
    story.tell("review_signal", "");
    end(story);

    for operation in ["approve_count", "reject_count"] {
        let mut story = Story::released(world, document, answers);
        let count = story.send("create_count", "", json!({"units_counted": 9}));
        story.know("count", &count["id"]);
        story.tell(operation, "count");
        end(story);
    }

    let mut story = Story::released(world, document, answers);
    story.tell("set_level", "");
    story.tell("create_replenishment_orders", "");
    story.make("create_stock_take", "take");
    story.tell("record_stock_take_scans", "take");
    // Whoever takes a scan back is who made it.
    let token = world.sign(&story.organisation, "withdraw_stock_take_scan", &[Role::Quality], None);
    let (_, path, body) = example(document, "record_stock_take_scans");
    let path = path.replace("{id}", &story.ids["take"]);
    let (status, taken) = world.http.post(&token, &path, &story.real(body));
    assert_eq!(status, 201, "{taken}");
    story.know(SCAN, &taken["scans"][0]["scan"]["id"]);
    story.tell("withdraw_stock_take_scan", "take");
    story.tell("close_stock_take", "take");
    story.tell("reopen_stock_take", "take");
    story.send("record_stock_take_scans", "take", json!({}));
    story.send("close_stock_take", "take", json!({}));
    story.tell("approve_stock_take", "take");
    story.make("create_stock_take", "take");
    story.tell("cancel_stock_take", "take");
    end(story);

    for operation in ["create_transfer", "create_count", "create_wastage", "create_return", "create_destruction"] {
        let mut story = Story::released(world, document, answers);
        story.tell(operation, "");
        end(story);
    }

    let mut story = Story::received(world, document, answers);
    story.make("create_inspection", "inspection");
    story.tell("create_inspection_reversal", "inspection");
    end(story);

    let mut story = Story::released(world, document, answers);
    story.make("create_wastage", "wastage");
    story.tell("create_movement_reversal", "wastage");
    end(story);

    let mut story = Story::received(world, document, answers);
    let (_, path, body) = example(document, "create_administration");
    let mut body = story.real(body);
    body["retrospective"] = json!({"reason": "Found in the paper notes"});
    let token = world.sign(&story.organisation, "nia", &[Role::Practitioner], None);
    let (status, late) = world.http.post(&token, path, &body);
    assert_eq!(status, 201, "{late}");
    story.know("deviation", &late["deviation"]["id"]);
    story.tell("close_deviation", "deviation");
    end(story);

    let with_example: BTreeSet<_> = document["paths"]
        .as_object()
        .unwrap()
        .values()
        .flat_map(|item| item.as_object().unwrap().values())
        .filter(|operation| schema(document, operation).is_some())
        .map(|operation| operation["operationId"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(told, with_example, "every example is told");
    answers.compare(document);
}

/// The guide, by the table that its page is made from: by the roles that it names, and with what it learns on the way.
fn the_guide_can_be_followed(world: &World) {
    let document = docs::document();
    let mut story = Story {
        world,
        document: &Value::Null,
        organisation: world.register_organisation("Example Clinics"),
        ids: BTreeMap::new(),
        told: BTreeSet::new(),
        made: BTreeMap::new(),
        answers: None,
    };
    let mut scans = Vec::new();
    for step in guide::STEPS {
        let operations = docs::operations(document);
        let (path, method, _) =
            operations.into_iter().find(|found| found.2.operation_id.as_deref() == Some(step.operation)).unwrap();
        let role: Role = step.role.parse().unwrap();
        let bearer = format!("Bearer {}", world.sign(&story.organisation, step.role, &[role], None));
        let path = path.replace("{id}", story.ids.get(step.on).map_or("", String::as_str));
        let body = (method != "GET").then(|| guide::body(document, step).map_or(json!({}), |body| story.real(body)));
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
        let text = body.map(|body| body.to_string().into_bytes());
        let answer = world.http.send(method, &path, &headers, text.as_deref());
        assert!(matches!(answer.status, 200 | 201), "{} {}", step.operation, answer.json());
        if step.operation == "create_scan" {
            scans.push(answer.json()["decision"]["allowed"].clone());
        }
        for (name, pointer) in step.learns {
            let id = answer.json().pointer(pointer).unwrap().clone();
            story.know(name, &id);
            if let Some((_, example)) = guide::NAMES.iter().find(|(known, _)| known == name) {
                story.know(example, &id);
            }
        }
    }
    assert_eq!(scans, [json!(false), json!(true)]);
    let script = guide::script(document);
    assert!(!script.contains("_01932c07-"), "an id of the examples is left in it: {script}");
}

/// What the document and the answers point at is there: the pages, and on them a place for each code.
#[test]
fn every_address_of_the_pages_leads_somewhere() {
    let Some(world) = World::start(super::support::Kind::Sqlite) else { return };
    let page = |path: &str| {
        let answer = world.http.send("GET", path, &[], None);
        assert_eq!(answer.status, 200, "{path}");
        String::from_utf8(answer.bytes).unwrap()
    };
    let (problems, reasons) = (page("/docs/problems"), page("/docs/reasons"));
    let document = page("/openapi.json");
    let mut pages = BTreeSet::new();
    for address in document.split("(/docs/").skip(1).map(|rest| rest.split(')').next().unwrap()) {
        match address.split_once('#') {
            Some(("problems", code)) => assert!(problems.contains(&format!("<tr id={code}>")), "{code}"),
            Some(("reasons", code)) => assert!(reasons.contains(&format!("<tr id={code}>")), "{code}"),
            _ => assert!(pages.insert(address.to_owned()) || !page(&format!("/docs/{address}")).is_empty()),
        }
    }
    assert!(pages.iter().all(|name| page(&format!("/docs/{name}")).starts_with("<!doctype html>")), "{pages:?}");
    for code in lotline::house::problems() {
        assert!(problems.contains(&format!("<tr id={}>", code.as_str())), "{}", code.as_str());
    }
    for code in lotline::decision::ReasonCode::ALL {
        assert!(reasons.contains(&format!("<tr id={}>", code.as_str())), "{}", code.as_str());
    }
}
