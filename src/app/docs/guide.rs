//! The guide: one lot from nothing to an administration and its chain of custody, in the document's own examples.
//!
//! The steps are a table, so that the page and the test that takes them cannot tell two stories.

use std::fmt::Write;

use serde_json::{Map, Value};
use utoipa::openapi::OpenApi;

/// One request of the guide.
pub struct Step {
    /// What it is for; empty where the step before says it.
    pub says: &'static str,
    /// Whose token it takes.
    pub role: &'static str,
    /// The operation.
    pub operation: &'static str,
    /// The name of the thing in its path.
    pub on: &'static str,
    /// What differs from the example of its body, as a JSON object.
    pub changes: &'static str,
    /// Names for ids in the answer, each with where it is there (a JSON pointer).
    pub learns: &'static [(&'static str, &'static str)],
}

/// The names of the guide, each with the id that the examples have for it.
pub const NAMES: &[(&str, &str)] = &[
    ("site", "site_01932c07-8d00-7000-8000-000000000001"),
    ("supplier", "sup_01932c07-8d00-7000-8000-000000000002"),
    ("practitioner", "prac_01932c07-8d00-7000-8000-000000000003"),
    ("goods_in", "loc_01932c07-8d00-7000-8000-000000000004"),
    ("receipt", "rec_01932c07-8d00-7000-8000-000000000005"),
    ("lot", "lot_01932c07-8d00-7000-8000-000000000006"),
    ("fridge", "loc_01932c07-8d00-7000-8000-000000000007"),
    ("product", "prd_01932c07-8d00-7000-8000-000000000007"),
    ("room_2", "loc_01932c07-8d00-7000-8000-000000000008"),
    ("line", "rcl_01932c07-8d00-7000-8000-000000000008"),
    ("order", "ord_01932c07-8d00-7000-8000-000000000009"),
];

const fn step(says: &'static str, role: &'static str, operation: &'static str) -> Step {
    Step { says, role, operation, on: "", changes: "{}", learns: &[] }
}

impl Step {
    const fn on(self, on: &'static str) -> Self {
        Step { on, ..self }
    }

    const fn but(self, changes: &'static str) -> Self {
        Step { changes, ..self }
    }

    const fn learns(self, learns: &'static [(&'static str, &'static str)]) -> Self {
        Step { learns, ..self }
    }
}

/// The steps, in their order.
pub const STEPS: &[Step] = &[
    step(
        "An admin sets up a site with a place where goods arrive and one that they are used from.",
        "admin",
        "create_site",
    )
    .learns(&[("site", "/id")]),
    step("", "admin", "create_location")
        .but(r#"{"name": "Goods in", "purpose": "quarantine"}"#)
        .learns(&[("goods_in", "/id")]),
    step("", "admin", "create_location").learns(&[("fridge", "/id")]),
    step("A product, who sells it and who uses it.", "admin", "create_product").learns(&[("product", "/id")]),
    step("", "admin", "create_supplier").learns(&[("supplier", "/id")]),
    step("", "admin", "create_practitioner").learns(&[("practitioner", "/id")]),
    step(
        "Practitioner, site and supplier each need a licence, and it counts once somebody has looked it up.",
        "admin",
        "create_licence",
    )
    .learns(&[("licence", "/id")]),
    step("", "admin", "create_licence_check").on("licence"),
    step("", "admin", "create_licence")
        .but(
            r#"{"holder": {"type": "site", "id": "site_01932c07-8d00-7000-8000-000000000001"}, "kind": "facility",
            "authority": "CQC", "number": "1-0000000001"}"#,
        )
        .learns(&[("licence", "/id")]),
    step("", "admin", "create_licence_check").on("licence").but(r#"{"source": "public register"}"#),
    step("", "admin", "create_licence")
        .but(
            r#"{"holder": {"type": "supplier", "id": "sup_01932c07-8d00-7000-8000-000000000002"}, "kind": "wholesale",
            "authority": "MHRA", "number": "WDA 00000"}"#,
        )
        .learns(&[("licence", "/id")]),
    step("", "admin", "create_licence_check").on("licence").but(r#"{"source": "public register"}"#),
    step("Purchasing orders. Placing the order asks whether all of them may.", "purchaser", "create_order")
        .learns(&[("order", "/id")]),
    step("", "purchaser", "place_order").on("order"),
    step(
        "A pack arrives and is scanned; ^ stands for the separator that a keyboard cannot type. It lies in quarantine.",
        "purchaser",
        "create_receipt",
    )
    .but(r#"{"order_id": "ord_01932c07-8d00-7000-8000-000000000009"}"#)
    .learns(&[("receipt", "/id"), ("lot", "/lines/0/lot_id")]),
    step("At the chair its scan says no (lot_quarantined).", "practitioner", "create_scan"),
    step("Somebody inspects it, and somebody else releases it.", "purchaser", "create_inspection"),
    step("", "quality", "create_release").on("lot"),
    step("Now the scan says yes, and what is done is recorded.", "practitioner", "create_scan"),
    step("", "practitioner", "create_administration").learns(&[("administration", "/id")]),
    step(
        "An auditor reads where the lot went, how it came to the patient, and what the patient got.",
        "auditor",
        "get_lot_custody",
    )
    .on("lot"),
    step("", "auditor", "get_administration_custody").on("administration"),
    step("", "auditor", "search_administrations"),
];

/// The request example of an operation's body.
pub fn example(document: &OpenApi, operation: &str) -> Option<Value> {
    let (_, _, found) = super::reading::operations(document)
        .into_iter()
        .find(|(_, _, one)| one.operation_id.as_deref() == Some(operation))?;
    let body = serde_json::to_value(found.request_body.as_ref()?).ok()?;
    let schema = body.pointer("/content/application~1json/schema")?;
    let name =
        schema.get("$ref").or_else(|| schema.get("oneOf")?.as_array()?.iter().find_map(|one| one.get("$ref")))?;
    let name = name.as_str()?.rsplit('/').next()?;
    serde_json::to_value(document.components.as_ref()?.schemas.get(name)?).ok()?.get("example").cloned()
}

/// The body of a step: the example of its operation, but for what it changes.
pub fn body(document: &OpenApi, step: &Step) -> Option<Value> {
    let mut body = example(document, step.operation).unwrap_or_default();
    let changes: Map<String, Value> = serde_json::from_str(step.changes).ok()?;
    if let Some(fields) = body.as_object_mut() {
        fields.extend(changes);
    }
    Some(body).filter(|body| !body.is_null())
}

/// The method and the path below `/v1/` of a step, the thing in the path by its name.
fn request_line<'a>(document: &'a OpenApi, step: &Step) -> Option<(&'static str, &'a str)> {
    let found = super::reading::operations(document);
    let (path, method, _) =
        found.into_iter().find(|(_, _, one)| one.operation_id.as_deref() == Some(step.operation))?;
    Some((method, path.strip_prefix("/v1/")?))
}

/// The guide as a shell script, each step below what it is for.
pub fn script(document: &OpenApi) -> String {
    let mut script = String::from(BEGINNING);
    for step in STEPS {
        let Some((method, path)) = request_line(document, step) else { continue };
        if !step.says.is_empty() {
            let _ = write!(script, "\n# {}\n", step.says);
        }
        let path = path.replace("{id}", &format!("${}", step.on));
        let request = if method == "GET" {
            format!("get ${}_token {path}", step.role)
        } else {
            let body = body(document, step).unwrap_or_else(|| Value::Object(Map::new())).to_string();
            let body = NAMES.iter().fold(body, |body, (name, id)| body.replace(id, &format!("'${name}'")));
            let body = body.replace(VERIFIED_ON, "'$today'");
            format!("post ${}_token {path} '{body}'", step.role)
        };
        let _ = match step.learns {
            [] => writeln!(script, "{request} | jq ."),
            learns => {
                let keep = learns.iter().map(|(name, pointer)| {
                    let member = pointer.split('/').skip(1).map(|part| match part.parse::<usize>() {
                        Ok(index) => format!("[{index}]"),
                        Err(_) => format!(".{part}"),
                    });
                    format!("{name}=$(echo \"$answer\" | jq -r '{}')", member.collect::<String>())
                });
                writeln!(script, "answer=$({request})\n{}", keep.collect::<Vec<_>>().join("\n"))
            }
        };
    }
    script
}

/// The day in the examples on which somebody looked at an authorisation: whoever follows the guide looks today.
const VERIFIED_ON: &str = "2026-01-05";

/// What comes before the first request.
const BEGINNING: &str = r#"# An organisation with its first admin, and a token for each of the others (a day at most).
made=$(lotline init --organisation 'Example Clinics')
organisation=$(echo "$made" | jq -r .organisation_id)
admin_token=$(echo "$made" | jq -r .admin_token)
token() { lotline token --organisation "$organisation" --ttl 8h --subject "$1" --role "$2"; }
purchaser_token=$(token pat purchaser)
quality_token=$(token quinn quality)
practitioner_token=$(token nia practitioner)
auditor_token=$(token omar auditor)

lotline serve --log warn &
today=$(date -u +%F)
until curl -sf http://127.0.0.1:8080/readyz; do sleep 0.1; done
get() { curl -sS "http://127.0.0.1:8080/v1/$2" -H "Authorization: Bearer $1"; }
post() { curl -sS "http://127.0.0.1:8080/v1/$2" -H "Authorization: Bearer $1" -H 'Content-Type: application/json' -d "$3"; }
"#;
