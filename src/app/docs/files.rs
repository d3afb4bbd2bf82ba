//! Lists as files: every operation that answers with pages answers with all of them, too ([`crate::http::lists`]).

use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{Components, Content, RefOr, Schema};

use super::edits::referred;
use crate::http::accept::{Format, OF_LISTS};

/// What every list says of it.
const SAID: &str = "With `Accept: text/csv` or `application/x-ndjson` the answer is a file of the whole list, from `cursor` on where \
    there is one, and of `limit` entries at the most where that is given.";

/// Says of an operation that lists something in which other forms it does.
pub fn describe(operation: &mut Operation, components: &Components) {
    let Some(RefOr::T(answer)) = operation.responses.responses.get_mut("200") else { return };
    let paged = answer.content.get(Format::Json.name()).and_then(referred);
    let paged = paged.and_then(|name| components.schemas.get(&name)).is_some_and(
        |schema| matches!(schema, RefOr::T(Schema::Object(object)) if object.properties.contains_key("next_cursor")),
    );
    if !paged || answer.content.contains_key(Format::Csv.name()) {
        return;
    }
    for format in OF_LISTS.iter().filter(|format| **format != Format::Json) {
        let text = ObjectBuilder::new().schema_type(Type::String).build();
        answer.content.insert(format.name().to_owned(), Content::new(Some(Schema::Object(text))).into());
    }
    let said = operation.description.take().filter(|said| !said.is_empty());
    operation.description = Some(said.map_or_else(|| SAID.to_owned(), |said| format!("{said}\n\n{SAID}")));
}
