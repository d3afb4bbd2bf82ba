//! The examples of answers in the document: what the stories of `examples.rs` were answered, with the ids of the examples. They lie in
//! `openapi/answers.json`, which `LOTLINE_WRITE_ANSWERS=1` writes anew; a run that is answered otherwise fails.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use lotline::caller::Role;
use lotline::house;
use lotline::ids::OrganisationId;
use serde_json::{Value, json};

use super::support::World;

/// What no story asks: what takes a file, what is of another day or another process, and what is answered otherwise each time.
const WITHOUT: [&str; 3] = [
    "create_evidence get_evidence_metadata add_photograph photograph_adverse_event create_image_scan import_readings create_import",
    "confirm_administration get_readiness",
    "get_me get_log_key get_verification get_inclusion_proof get_consistency_proof",
];
/// As many entries of a list as are shown.
const ITEMS_MAX: usize = 2;
/// A digest, whatever of: that of nothing.
const DIGEST: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// What was answered, by the operation.
#[derive(Default)]
pub struct Answers(RefCell<BTreeMap<String, Value>>);

/// What is in a path or a query, and what the examples know it as.
pub type Known<'a> = dyn Fn(&str) -> Option<String> + 'a;

impl Answers {
    /// Takes an answer, unless there is one: one that lists nothing gives way.
    pub fn take(&self, operation: &str, answer: &Value, examples: &BTreeMap<&str, String>, owner: &OrganisationId) {
        let mut all = self.0.borrow_mut();
        let lists_nothing = |answer: &Value| answer["items"].as_array().is_some_and(Vec::is_empty);
        if !answer.is_object() || all.get(operation).is_some_and(|known| !lists_nothing(known)) {
            return;
        }
        all.insert(operation.to_owned(), as_example(answer.clone(), examples, owner));
    }

    /// Asks every GET whose path and query can be said, with a token that may.
    pub fn ask(
        &self,
        world: &World,
        document: &Value,
        owner: &OrganisationId,
        known: &Known<'_>,
        examples: &BTreeMap<&str, String>,
    ) {
        for (path, item) in document["paths"].as_object().unwrap() {
            let operation = item["get"]["operationId"].as_str().filter(|_| path.starts_with("/v1/"));
            let Some((id, target)) = operation.and_then(|id| Some((id, target(path, &item["get"], known)?))) else {
                continue;
            };
            let Some(said) = house::operation(id) else { continue };
            let roles: Vec<Role> = said.roles.to_vec();
            let bearer = format!("Bearer {}", world.sign(owner, "reader", &roles, None));
            let answer = world.http.send("GET", &target, &[("authorization", &bearer)], None);
            let is_json = answer.header("content-type").is_some_and(|found| found == "application/json");
            if answer.status == 200 && is_json {
                self.take(id, &answer.json(), examples, owner);
            }
        }
    }

    /// What was answered is what the document shows, and whatever answers with JSON has an example.
    pub fn compare(&self, document: &Value) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi/answers.json");
        let mut found = self.0.borrow().clone();
        let without: BTreeSet<&str> = WITHOUT.iter().flat_map(|line| line.split_whitespace()).collect();
        found.retain(|operation, _| !without.contains(operation.as_str()));
        if std::env::var_os("LOTLINE_WRITE_ANSWERS").is_some() {
            write(&path, &found);
            return;
        }
        let kept: BTreeMap<String, Value> = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        for (operation, answer) in &found {
            let known = kept.get(operation);
            assert_eq!(
                Some(answer),
                known,
                "{operation} is answered otherwise: LOTLINE_WRITE_ANSWERS=1 writes the file anew"
            );
        }
        let (found, kept): (BTreeSet<_>, BTreeSet<_>) = (found.keys().collect(), kept.keys().collect());
        assert_eq!(found, kept, "operations with an example");
        let operations =
            document["paths"].as_object().unwrap().values().flat_map(|item| item.as_object().unwrap().values());
        let answered = operations.filter(|operation| {
            ["200", "201"]
                .iter()
                .any(|status| operation["responses"][status]["content"]["application/json"].is_object())
        });
        let expected: BTreeSet<&str> = answered.filter_map(|operation| operation["operationId"].as_str()).collect();
        let missing: BTreeSet<_> = expected.into_iter().filter(|id| !found.iter().any(|known| known == id)).collect();
        assert_eq!(missing, without, "operations without an example");
    }
}

fn write(path: &PathBuf, found: &BTreeMap<String, Value>) {
    let mut text = serde_json::to_string_pretty(found).unwrap();
    text.push('\n');
    std::fs::write(path, text).unwrap();
}

/// The path of a GET with everything in it; none where something of it is not known.
fn target(path: &str, operation: &Value, known: &Known<'_>) -> Option<String> {
    let mut target = path.to_owned();
    if let Some((list, _)) = path.split_once("/{") {
        if path.matches('{').count() > 1 {
            return None;
        }
        let (_, end) = path.split_once('}')?;
        target = format!("{list}/{}{end}", known(list)?);
    }
    let required = operation["parameters"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|parameter| parameter["in"] == "query" && parameter["required"] == json!(true));
    let said: Option<Vec<String>> = required
        .map(|parameter| {
            let name = parameter["name"].as_str()?;
            Some(format!("{name}={}", known(name)?))
        })
        .collect();
    let said = said?;
    Some(if said.is_empty() { target } else { format!("{target}?{}", said.join("&")) })
}

/// An answer as it stands in the document: with the ids of the examples, few entries of a list, and nothing that is another each time.
fn as_example(mut answer: Value, examples: &BTreeMap<&str, String>, owner: &OrganisationId) -> Value {
    if let Some(items) = answer.get_mut("items").and_then(Value::as_array_mut) {
        items.truncate(ITEMS_MAX);
    }
    let text = answer.to_string();
    let mut ids: BTreeMap<String, String> = examples
        .iter()
        .filter(|(name, _)| name.contains("_01932c07-"))
        .map(|(name, id)| (id.clone(), (*name).to_owned()))
        .collect();
    ids.insert(owner.to_string(), "org_01932c07-8d00-7000-8000-000000000001".to_owned());
    let mut said = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let is_of_word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        let end = rest.find(|c| !is_of_word(c)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        let other = after.chars().next().map_or(0, char::len_utf8);
        said.push_str(&as_word(word, &mut ids));
        said.push_str(&after[..other]);
        rest = &after[other..];
    }
    to_the_second(serde_json::from_str(&said).unwrap())
}

/// The clock of a test goes on with every look at it.
fn to_the_second(value: Value) -> Value {
    match value {
        Value::Object(fields) => fields.into_iter().map(|(name, value)| (name, to_the_second(value))).collect(),
        Value::Array(items) => items.into_iter().map(to_the_second).collect(),
        Value::String(text) => match text.split_once('.') {
            Some((second, part)) if part.len() == 7 && part.ends_with('Z') && second.len() == 19 => {
                json!(format!("{second}.000000Z"))
            }
            _ => json!(text),
        },
        other => other,
    }
}

fn as_word(word: &str, ids: &mut BTreeMap<String, String>) -> String {
    if word.len() == DIGEST.len() && word.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return DIGEST.to_owned();
    }
    let Some((prefix, uuid)) = word.rsplit_once('_') else { return word.to_owned() };
    let is_id = uuid.len() == 36
        && uuid
            .bytes()
            .enumerate()
            .all(|(at, byte)| if [8, 13, 18, 23].contains(&at) { byte == b'-' } else { byte.is_ascii_hexdigit() });
    if !is_id {
        return word.to_owned();
    }
    let number = ids.len();
    ids.entry(word.to_owned()).or_insert_with(|| format!("{prefix}_01932c07-8d00-7000-8000-{number:012x}")).clone()
}
