//! Versions over HTTP: a version in quotes is the ETag of what has it, and `If-Match` names the one that is changed.
//!
//! PUT says everything: it needs every field and `If-Match`, so that nothing is emptied or overwritten by being left
//! out. PATCH is merged onto what stands (RFC 7396), and then the same. Either may send back what GET answers.

use std::collections::BTreeSet;

use actix_web::body::MessageBody;
use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::http::header::{ETAG, IF_MATCH};
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use futures_util::future::{Ready, ready};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::openapi::{Object, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::input::{self, Query};
use crate::clock::Moment;
use crate::error::{Error, Result};
use crate::problem::{Problem, ProblemCode};
use crate::values::Prose;
use crate::versions::Change;

#[derive(Deserialize)]
struct Tagged {
    version: i64,
}

/// The same answer with its ETag: the version that its body says. So a repeated answer has the tag that it had at first.
pub fn tagged(response: HttpResponse) -> HttpResponse {
    let (mut response, body) = response.into_parts();
    match body.try_into_bytes() {
        Ok(bytes) => {
            if let Ok(tag) = serde_json::from_slice(&bytes).map(|Tagged { version }| format!("\"{version}\""))
                && let Ok(value) = tag.parse()
            {
                response.headers_mut().insert(ETAG, value);
            }
            response.set_body(bytes).map_into_boxed_body()
        }
        Err(body) => response.set_body(body),
    }
}

/// The version that If-Match names; one that never was, when it names none of ours.
pub fn if_match(request: &HttpRequest) -> Option<i64> {
    let value = request.headers().get(IF_MATCH)?.to_str().unwrap_or_default().trim();
    if value == "*" {
        return None;
    }
    let version = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).and_then(|text| text.parse().ok());
    Some(version.unwrap_or(-1))
}

/// The version that a PUT replaces: none for whichever is in force (`*`).
///
/// # Errors
/// `precondition_required`.
pub fn replaced(request: &HttpRequest) -> std::result::Result<Option<i64>, Problem> {
    if !request.headers().contains_key(IF_MATCH) {
        let detail = "Send If-Match with the ETag of the version that this replaces, so that nobody's change is lost.";
        return Err(Problem::new(ProblemCode::PreconditionRequired, detail));
    }
    Ok(if_match(request))
}

/// The query of a correction.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Why {
    reason: Option<Prose>,
}

impl FromRequest for Change {
    type Error = Problem;
    type Future = Ready<std::result::Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let merges = request.method() == Method::PATCH;
        let replaced = if merges { Ok(None) } else { replaced(request) };
        if let Err(problem) = replaced {
            return ready(Err(problem));
        }
        let why = Query::<Why>::from_request(request, payload).into_inner();
        ready(why.map(|why| Change { expected: if_match(request), reason: why.into_inner().reason, merges }))
    }
}

/// What a PUT or a PATCH says: read only when it is known what stands.
#[derive(Deserialize)]
#[serde(transparent)]
pub struct Sent(Map<String, Value>);

impl Sent {
    /// The same without what GET answers of a thing as it is found at that moment, and nobody says.
    pub fn without(&self, name: &str) -> Self {
        let said = self.0.iter().filter(|(said, _)| *said != name);
        Sent(said.map(|(said, value)| (said.clone(), value.clone())).collect())
    }
}

/// What somebody says, put together with what stands: `N` is what a caller may write, `V` what is answered.
///
/// What only the server sets may be sent back as it stands. All of what may be written must be said, or (`merges`) the
/// rest stays.
///
/// # Errors
/// `unknown_field`, `read_only_field`, `missing_field`, and whatever else can be wrong with an `N`.
pub fn edited<N, V>(change: &Change, sent: &Sent, standing: &V) -> Result<N>
where
    N: DeserializeOwned + ToSchema,
    V: Serialize + PartialSchema,
{
    let (writable, readable) = (members::<N>(), members::<V>());
    let Value::Object(mut whole) = input::as_value(standing)? else {
        return Err(Error::internal("what has a version is an object"));
    };
    let mut said = sent.0.clone();
    // What a GET answers beside the thing.
    said.remove(super::named::NAMES);
    for name in readable.difference(&writable) {
        let (sent, stands) = (said.remove(name), whole.remove(name).unwrap_or_default());
        if sent.is_some_and(|sent| !is_same(&sent, &stands)) {
            let rule = "is set by the server: send it as it stands, or leave it out";
            return Err(Error::invalid(ProblemCode::ReadOnlyField, name, rule));
        }
    }
    if change.merges {
        merge(&mut whole, said);
        return Ok(input::read(Value::Object(whole))?);
    }
    let mut missing = Vec::new();
    if let RefOr::T(Schema::Object(object)) = N::schema() {
        let mut known = Vec::new();
        N::schemas(&mut known);
        find_missing(&object, &known, &said, "", &mut missing);
    }
    if missing.is_empty() {
        return Ok(input::read(Value::Object(said))?);
    }
    let names = missing.join(", ");
    let detail = format!("The body lacks {names}: a PUT says everything, null for what there is none of.");
    Err(missing.into_iter().fold(Problem::new(ProblemCode::MissingField, detail), Problem::at).into())
}

/// The names of what a body lacks, and of what the objects in it lack.
fn find_missing(
    object: &Object,
    known: &[(String, RefOr<Schema>)],
    said: &Map<String, Value>,
    at: &str,
    found: &mut Vec<String>,
) {
    for (name, property) in &object.properties {
        let RefOr::Ref(reference) = property else {
            found.extend((!said.contains_key(name)).then(|| format!("{at}{name}")));
            continue;
        };
        let inner = reference.ref_location.rsplit('/').next();
        let inner = known.iter().find(|(known, _)| Some(known.as_str()) == inner);
        match (said.get(name), inner) {
            (None, _) => found.push(format!("{at}{name}")),
            (Some(Value::Object(said)), Some((_, RefOr::T(Schema::Object(inner))))) => {
                find_missing(inner, known, said, &format!("{at}{name}."), found);
            }
            _ => {}
        }
    }
}

/// The names of what an object of the document has.
fn members<T: PartialSchema>() -> BTreeSet<String> {
    match T::schema() {
        RefOr::T(Schema::Object(object)) => object.properties.into_keys().collect(),
        _ => BTreeSet::new(),
    }
}

/// Whether somebody sent back what stands, however they write a time.
fn is_same(sent: &Value, stands: &Value) -> bool {
    let moment = |value: &Value| value.as_str().and_then(|text| text.parse::<Moment>().ok());
    sent == stands || moment(sent).is_some_and(|sent| Some(sent) == moment(stands))
}

/// RFC 7396: objects are merged, null takes away, and anything else replaces. Null for what is not there stays, so that
/// a name that nobody knows is refused like any other.
fn merge(onto: &mut Map<String, Value>, patch: Map<String, Value>) {
    for (name, value) in patch {
        match (onto.get_mut(&name), value) {
            (Some(Value::Object(there)), Value::Object(patch)) => merge(there, patch),
            (Some(_), Value::Null) => {
                onto.remove(&name);
            }
            (_, value) => {
                onto.insert(name, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_patch_is_merged_as_rfc_7396_says() {
        // Original, patch, result: the test cases of RFC 7396, appendix A, where both are objects.
        let rows = [
            (json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": "b"}), json!({"b": "c"}), json!({"a": "b", "b": "c"})),
            (json!({"a": "b"}), json!({"a": null}), json!({})),
            (json!({"a": "b", "b": "c"}), json!({"a": null}), json!({"b": "c"})),
            (json!({"a": ["b"]}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": "c"}), json!({"a": ["b"]}), json!({"a": ["b"]})),
            (json!({"a": {"b": "c"}}), json!({"a": {"b": "d", "c": null}}), json!({"a": {"b": "d", "c": null}})),
            (json!({"a": [{"b": "c"}]}), json!({"a": [1]}), json!({"a": [1]})),
            (json!({"e": null}), json!({"a": 1}), json!({"e": null, "a": 1})),
        ];
        for (original, patch, expected) in rows {
            let (Value::Object(mut onto), Value::Object(patch)) = (original, patch) else { panic!("objects") };
            merge(&mut onto, patch);
            assert_eq!(Value::Object(onto), expected);
        }
    }
}
