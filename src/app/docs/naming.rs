//! Names beside ids in the document: every answer that is an object may have them ([`crate::http::named`]).

use utoipa::openapi::schema::{AdditionalProperties, ObjectBuilder, Type};
use utoipa::openapi::{OpenApi, RefOr, Schema};

use super::edits::referred;
use crate::http::named::NAMES;

/// Gives what is answered a place for the names.
pub fn describe(document: &mut OpenApi) {
    let answered: Vec<String> = document
        .paths
        .paths
        .iter()
        .filter(|(path, _)| path.starts_with("/v1/"))
        .flat_map(|(_, item)| [&item.get, &item.post, &item.put, &item.patch, &item.delete].into_iter().flatten())
        .flat_map(|operation| {
            ["200", "201"].map(|status| operation.responses.responses.get(status)).into_iter().flatten()
        })
        .filter_map(|answer| match answer {
            RefOr::T(answer) => referred(answer.content.get("application/json")?),
            RefOr::Ref(_) => None,
        })
        .collect();
    let components = document.components.get_or_insert_default();
    for name in answered {
        let object = match components.schemas.get_mut(&name) {
            Some(RefOr::T(Schema::Object(object))) => Some(object),
            // One that has the members of another has its own in the last part.
            Some(RefOr::T(Schema::AllOf(parts))) => parts.items.iter_mut().rev().find_map(|part| match part {
                RefOr::T(Schema::Object(object)) => Some(object),
                _ => None,
            }),
            _ => None,
        };
        if let Some(object) = object {
            let name = ObjectBuilder::new().schema_type(Type::String).build();
            let names = ObjectBuilder::new()
                .schema_type(Type::Object)
                .additional_properties(Some(AdditionalProperties::RefOr(Schema::Object(name).into())))
                .description(Some(
                    "What the sites, places, products, suppliers, practitioners and protocols are called whose ids are in the answer, by their ids. None \
                     where `as_of` asks.",
                ))
                .build();
            object.properties.insert(NAMES.to_owned(), Schema::Object(names).into());
        }
    }
}
