//! Examples of answers in the document: what a run of the request examples was answered (`openapi/answers.json`), which `tests/it` holds to
//! what is answered now.

use std::collections::BTreeMap;

use serde_json::Value;
use utoipa::openapi::{OpenApi, RefOr};

use super::reading::operations_mut;

const ANSWERS: &str = include_str!("../../../openapi/answers.json");
const JSON: &str = "application/json";

/// Gives each answer in JSON its example, where there is one.
pub fn add(document: &mut OpenApi) {
    // A test reads it; a document without examples is better than none.
    let mut answers: BTreeMap<String, Value> = serde_json::from_str(ANSWERS).unwrap_or_default();
    for operation in document.paths.paths.values_mut().flat_map(operations_mut) {
        let Some(answer) = operation.operation_id.as_ref().and_then(|id| answers.remove(id)) else { continue };
        let given = ["200", "201"].into_iter().find(|status| operation.responses.responses.contains_key(*status));
        if let Some(RefOr::T(response)) = given.and_then(|status| operation.responses.responses.get_mut(status))
            && let Some(RefOr::T(content)) = response.content.get_mut(JSON)
        {
            content.example = Some(answer);
        }
    }
}
