//! Where the answer of an operation leads: the links of the document.

use utoipa::openapi::link::Link;
use utoipa::openapi::{OpenApi, RefOr};

use crate::house;

/// Adds the links to the answers of a document.
pub fn add(document: &mut OpenApi) {
    let all = house::operations().flat_map(|from| from.leads.iter().map(|leads| (from.id, leads)));
    for (from, row) in all {
        let in_address =
            super::reading::operations(document).into_iter().any(|(path, _, operation)| {
                operation.operation_id.as_deref() == Some(row.to)
                    && (path.contains(&format!("{{{}}}", row.parameter))
                        || operation.parameters.iter().flatten().any(
                            |parameter| matches!(parameter, RefOr::T(parameter) if parameter.name == row.parameter),
                        ))
            });
        let link = Link::builder().operation_id(row.to).description(row.what);
        let link = if in_address {
            link.parameter(row.parameter, row.value)
        } else {
            // The rest of the body is the caller's to say.
            link.request_body(Some(serde_json::json!({ row.parameter: row.value })))
        };
        let link = link.build();
        for item in document.paths.paths.values_mut() {
            for operation in super::reading::operations_mut(item) {
                if operation.operation_id.as_deref() != Some(from) {
                    continue;
                }
                for (status, response) in &mut operation.responses.responses {
                    if let (true, RefOr::T(response)) = (status.starts_with('2'), response) {
                        response.links.insert(row.to.to_owned(), link.clone().into());
                    }
                }
            }
        }
    }
}
