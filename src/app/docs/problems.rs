//! Which problems each operation can answer.
//!
//! Most follow from the operation's form: what it takes decides how that can be wrong, and the schema of a value says
//! which problem refuses it ([`PROBLEM_OF`]). The rest is said by its slice. The tests compare every answer that they get
//! with the document, so that what is missing here is found.

use std::collections::BTreeSet;

use utoipa::openapi::path::{Operation, Parameter, ParameterIn};
use utoipa::openapi::schema::{AdditionalProperties, ArrayItems};
use utoipa::openapi::{Components, RefOr, Required, Schema};

use crate::house;
use crate::http::slice::Reach;
use crate::problem::{ProblemCode, ProblemCode as P};
use crate::values::PROBLEM_OF;

/// Whether an operation changes something, and so may be repeated with an `Idempotency-Key`.
pub fn changes(id: &str) -> bool {
    house::operation(id).is_some_and(|said| said.turn.is_some())
}

/// Every problem that an operation can answer, in the order of the table of all problems.
pub fn of(operation: &Operation, components: &Components) -> Vec<ProblemCode> {
    let id = operation.operation_id.as_deref().unwrap_or_default();
    let mut found = vec![
        P::MalformedQuery,
        P::Unauthenticated,
        P::Forbidden,
        P::UriTooLong,
        P::TooManyRequests,
        P::HeadTooLarge,
        P::Internal,
        P::Unavailable,
        P::ReadTimeLimit,
    ];
    let mut values = Values { components, codes: BTreeSet::new(), seen: BTreeSet::new() };
    for parameter in operation.parameters.iter().flatten() {
        let RefOr::T(parameter) = parameter else { continue };
        match parameter.parameter_in {
            ParameterIn::Path => found.push(P::NotFound),
            ParameterIn::Query if parameter.name == "cursor" => found.extend([P::MalformedQuery, P::InvalidCursor]),
            ParameterIn::Query => found.push(P::MalformedQuery),
            ParameterIn::Header if parameter.name == "If-Match" => {
                found.extend(of_versions(operation, parameter));
            }
            _ => {}
        }
    }
    if let Some(RefOr::T(body)) = &operation.request_body {
        found.extend([P::RequestTimeout, P::BodyTooLarge, P::UnsupportedMediaType, P::MalformedJson]);
        if let Some(RefOr::T(content)) = body.content.get("application/json") {
            found.extend([
                P::NestedTooDeeply,
                P::InvalidBody,
                P::UnknownField,
                P::DuplicateField,
                P::ListTooLong,
                P::NotText,
            ]);
            content.schema.iter().for_each(|schema| values.walk(schema));
        }
        if body.content.contains_key("multipart/form-data") {
            found.extend([P::MalformedForm, P::MissingField, P::DuplicateField, P::UnknownField]);
        }
    }
    let said = house::operation(id);
    if said.is_some_and(|said| said.reach != Reach::Sites) {
        found.push(P::BeyondYourSites);
    }
    if changes(id) {
        found.extend([
            P::InvalidIdempotencyKey,
            P::IdempotencyKeyInFlight,
            P::IdempotencyKeyReused,
            P::AnswerNoLongerKept,
            P::Overloaded,
        ]);
    }
    found.extend(values.codes.iter().filter_map(|code| ProblemCode::named(code)));
    found.extend(said.iter().flat_map(|said| said.problems.iter().copied()));
    house::problems().into_iter().filter(|code| found.contains(code)).collect()
}

/// The problems of what changes a version that the caller has read.
fn of_versions(operation: &Operation, if_match: &Parameter) -> Vec<ProblemCode> {
    let mut found = vec![P::PreconditionFailed];
    // What is kept in versions, with a reason for each, takes what GET answers.
    let mut names = operation.parameters.iter().flatten();
    if names.any(|parameter| matches!(parameter, RefOr::T(it) if it.name == "reason")) {
        found.extend([P::ReadOnlyField, P::MissingField]);
    }
    found.extend(matches!(if_match.required, Required::True).then_some(P::PreconditionRequired));
    found
}

/// The problems that refuse the values of a schema.
struct Values<'a> {
    components: &'a Components,
    codes: BTreeSet<String>,
    seen: BTreeSet<String>,
}

impl Values<'_> {
    fn walk(&mut self, schema: &RefOr<Schema>) {
        let schema = match schema {
            RefOr::T(schema) => schema,
            RefOr::Ref(reference) => {
                let name = reference.ref_location.rsplit('/').next().unwrap_or_default();
                if !self.seen.insert(name.to_owned()) {
                    return;
                }
                let components = self.components;
                if let Some(schema) = components.schemas.get(name) {
                    self.walk(schema);
                }
                return;
            }
        };
        match schema {
            Schema::Object(object) => {
                let named =
                    object.extensions.as_ref().and_then(|all| all.get(PROBLEM_OF)).and_then(|code| code.as_str());
                self.codes.extend(named.map(str::to_owned));
                let is_date = serde_json::to_value(&object.format).is_ok_and(|format| format == "date");
                if is_date {
                    self.codes.insert(P::InvalidDate.as_str().to_owned());
                }
                if !object.required.is_empty() {
                    self.codes.insert(P::MissingField.as_str().to_owned());
                }
                object.properties.values().for_each(|property| self.walk(property));
                if let Some(AdditionalProperties::RefOr(schema)) = object.additional_properties.as_deref() {
                    self.walk(schema);
                }
            }
            Schema::Array(array) => {
                if array.min_items.is_some_and(|least| least > 0) {
                    self.codes.insert(P::EmptyList.as_str().to_owned());
                }
                if let ArrayItems::RefOrSchema(items) = &array.items {
                    self.walk(items);
                }
            }
            Schema::OneOf(one) => one.items.iter().for_each(|item| self.walk(item)),
            Schema::AllOf(all) => all.items.iter().for_each(|item| self.walk(item)),
            Schema::AnyOf(any) => any.items.iter().for_each(|item| self.walk(item)),
            _ => {}
        }
    }
}
