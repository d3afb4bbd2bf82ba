//! The bodies of PUT and PATCH in the document, made from what a POST takes and what is answered: a PUT says everything,
//! a PATCH anything, and either may send back what only the server sets.

use serde_json::{Map, Value};
use utoipa::openapi::schema::{AdditionalProperties, AnyOfBuilder, ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{Components, Content, Object, Paths, Ref, RefOr, Required, Schema};

use crate::http::input::MERGE_PATCH;

const JSON: &str = "application/json";

/// Describes the bodies of everything that is kept in versions.
pub fn describe(paths: &mut Paths, components: &mut Components) {
    for item in paths.paths.values_mut() {
        let (Some(put), Some(patch)) = (&mut item.put, &mut item.patch) else { continue };
        let taken = put.request_body.as_ref().and_then(|body| match body {
            RefOr::T(body) => referred(body.content.get(JSON)?),
            RefOr::Ref(_) => None,
        });
        let answered = put.responses.responses.get("200").and_then(|response| match response {
            RefOr::T(response) => referred(response.content.get(JSON)?),
            RefOr::Ref(_) => None,
        });
        let (Some(taken), Some(answered)) = (taken, answered) else { continue };
        let object = |name: &str| components.schemas.get(name).and_then(plain);
        let (Some(written), Some(answered)) = (object(&taken), object(&answered)) else { continue };
        let (whole, part) = (whole(&written, &answered, components), part(&written, &answered, components));
        let kind = taken.strip_prefix("New").unwrap_or(&taken);
        let bodies = [
            (put, format!("{kind}Replacement"), whole, [JSON].as_slice()),
            (patch, format!("{kind}Patch"), part, &[JSON, MERGE_PATCH]),
        ];
        for (operation, name, schema, media_types) in bodies {
            if let Some(RefOr::T(body)) = &mut operation.request_body {
                body.required = Some(Required::True);
                for media_type in media_types {
                    let content = Content::new(Some(Ref::from_schema_name(&name)));
                    body.content.insert((*media_type).to_owned(), content.into());
                }
            }
            components.schemas.insert(name, Schema::Object(schema).into());
        }
    }
}

/// The name of the schema that a content refers to.
pub(super) fn referred(content: &RefOr<Content>) -> Option<String> {
    match content {
        RefOr::T(content) => match content.schema.as_ref()? {
            RefOr::Ref(reference) => reference.ref_location.rsplit('/').next().map(str::to_owned),
            RefOr::T(_) => None,
        },
        RefOr::Ref(_) => None,
    }
}

/// An object with named properties.
fn plain(schema: &RefOr<Schema>) -> Option<Object> {
    match schema {
        RefOr::T(Schema::Object(object)) if !object.properties.is_empty() => Some(object.clone()),
        _ => None,
    }
}

/// What only the server sets.
fn read_only<'a>(written: &'a Object, answered: &'a Object) -> impl Iterator<Item = (&'a String, &'a RefOr<Schema>)> {
    answered.properties.iter().filter(|(name, _)| !written.properties.contains_key(*name))
}

/// The same as they stand in a request.
fn as_it_stands<'a>(written: &'a Object, answered: &'a Object) -> impl Iterator<Item = (String, RefOr<Schema>)> + 'a {
    let any = || {
        let any = ObjectBuilder::new().schema_type(SchemaType::AnyValue);
        any.description(Some("Set by the server: as it stands, or left out.")).build()
    };
    read_only(written, answered).map(move |(name, _)| (name.clone(), Schema::Object(any()).into()))
}

fn described(rest: &str, written: &Object, answered: &Object) -> String {
    let names: Vec<_> = read_only(written, answered).map(|(name, _)| format!("`{name}`")).collect();
    format!("{rest} What only the server sets may be sent back as it stands: {}.", names.join(", "))
}

/// Every field is needed.
fn whole(written: &Object, answered: &Object, components: &Components) -> Object {
    let mut whole = tightened(written, components);
    whole.description = Some(described("Every field is needed, null for what there is none of.", written, answered));
    whole.example = written.example.clone().map(|example| complete(example, &whole));
    whole.properties.extend(as_it_stands(written, answered));
    whole
}

fn tightened(object: &Object, components: &Components) -> Object {
    let mut tightened = object.clone();
    tightened.required = object.properties.keys().cloned().collect();
    for property in tightened.properties.values_mut() {
        if let Some(inner) = inner(property, components) {
            *property = Schema::Object(self::tightened(&inner, components)).into();
        }
    }
    tightened
}

/// The object that a property refers to.
fn inner(property: &RefOr<Schema>, components: &Components) -> Option<Object> {
    let RefOr::Ref(reference) = property else { return None };
    components.schemas.get(reference.ref_location.rsplit('/').next()?).and_then(plain)
}

/// An example that says everything.
fn complete(example: Value, whole: &Object) -> Value {
    let Value::Object(mut example) = example else { return example };
    for (name, property) in &whole.properties {
        let said = match (example.remove(name), property) {
            (Some(said), RefOr::T(Schema::Object(inner))) => complete(said, inner),
            (Some(said), _) => said,
            (None, property) => nothing(property),
        };
        example.insert(name.clone(), said);
    }
    Value::Object(example)
}

/// What stands for a field that says nothing.
fn nothing(property: &RefOr<Schema>) -> Value {
    match property {
        RefOr::T(Schema::Array(array)) if matches!(array.schema_type, SchemaType::Type(_)) => Value::Array(Vec::new()),
        RefOr::T(Schema::Object(object)) if object.schema_type == SchemaType::Type(Type::Boolean) => Value::Bool(false),
        _ => Value::Null,
    }
}

/// Any field may be left out, and those that need not be there may be taken away.
fn part(written: &Object, answered: &Object, components: &Components) -> Object {
    let mut part = loosened(written, components);
    let rest = "A JSON merge patch (RFC 7396): what is left out stays, null takes away.";
    part.description = Some(described(rest, written, answered));
    let one = written.example.as_ref().and_then(Value::as_object).and_then(|example| {
        let (name, value) =
            example.get_key_value("name").or_else(|| example.iter().find(|(_, value)| value.is_number()))?;
        Some(Value::Object(Map::from_iter([(name.clone(), value.clone())])))
    });
    part.example = one;
    part.properties.extend(as_it_stands(written, answered));
    part
}

fn loosened(object: &Object, components: &Components) -> Object {
    let mut loosened = object.clone();
    loosened.required = Vec::new();
    loosened.example = None;
    for (name, property) in &mut loosened.properties {
        if let Some(inner) = inner(property, components) {
            *property = Schema::Object(self::loosened(&inner, components)).into();
        }
        if !object.required.contains(name) {
            let nothing = ObjectBuilder::new().schema_type(Type::Null).build();
            *property = Schema::AnyOf(AnyOfBuilder::new().item(nothing).item(property.clone()).build()).into();
        }
    }
    if let Some(AdditionalProperties::RefOr(each)) = object.additional_properties.as_deref() {
        let nothing = ObjectBuilder::new().schema_type(Type::Null).build();
        let each = AnyOfBuilder::new().item(nothing).item(each.clone()).build();
        loosened.additional_properties = Some(Box::new(AdditionalProperties::RefOr(Schema::AnyOf(each).into())));
    }
    loosened
}
