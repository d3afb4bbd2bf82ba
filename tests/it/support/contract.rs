//! The document against what is answered: every answer that any test gets must be one that its operation declares.

use std::sync::OnceLock;

use serde_json::Value;

use super::Answer;

struct Operation {
    method: String,
    path: Vec<String>,
    responses: Value,
}

static OPERATIONS: OnceLock<Vec<Operation>> = OnceLock::new();

/// The operations of the document, fixed addresses before those with parameters.
fn operations() -> &'static [Operation] {
    OPERATIONS.get_or_init(|| {
        let document = serde_json::to_value(lotline::app::docs::document()).unwrap();
        let mut all = Vec::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                all.push(Operation {
                    method: method.to_uppercase(),
                    path: path.split('/').map(str::to_owned).collect(),
                    responses: operation["responses"].clone(),
                });
            }
        }
        all.sort_by_key(|operation| operation.path.iter().filter(|part| part.starts_with('{')).count());
        all
    })
}

fn find(method: &str, target: &str) -> Option<&'static Operation> {
    let method = if method == "HEAD" { "GET" } else { method };
    let parts: Vec<_> = target.split('?').next().unwrap().split('/').collect();
    operations().iter().find(|operation| {
        let same = |(known, part): (&String, &&str)| known == part || (known.starts_with('{') && !part.is_empty());
        operation.method == method && operation.path.len() == parts.len() && operation.path.iter().zip(&parts).all(same)
    })
}

/// What is wrong with an answer by the document, if anything: its status, its media type, or the code of its problem.
pub fn undeclared(method: &str, target: &str, answer: &Answer) -> Option<String> {
    let operation = find(method, target)?;
    let declared = &operation.responses[answer.status.to_string()];
    if declared.is_null() {
        return Some(format!("{method} {target} does not declare {}: {}", answer.status, answer.json()));
    }
    let media_type = answer.header("content-type").unwrap_or_default().split(';').next().unwrap_or_default();
    if method != "HEAD" && declared["content"][media_type].is_null() {
        return Some(format!("{method} {target} {} does not declare {media_type:?}", answer.status));
    }
    let problem = answer.json();
    let code = &problem["code"];
    let codes = declared["x-problems"].as_array();
    (method != "HEAD" && codes.is_some_and(|codes| !codes.contains(code)))
        .then(|| format!("{method} {target} {} does not declare {code}: {problem}", answer.status))
}

#[test]
fn what_is_not_declared_is_found() {
    let mut headers = ureq::http::HeaderMap::new();
    headers.insert("content-type", "application/problem+json".parse().unwrap());
    let answer = |status, code: &str| Answer {
        status,
        headers: headers.clone(),
        bytes: serde_json::json!({ "code": code }).to_string().into_bytes(),
    };
    assert_eq!(undeclared("POST", "/v1/orders/ord_1/place", &answer(409, "order_not_draft")), None);
    assert!(undeclared("POST", "/v1/orders/ord_1/place", &answer(409, "order_not_closable")).is_some());
    assert!(undeclared("POST", "/v1/orders/ord_1/place", &answer(402, "order_not_draft")).is_some());
    assert!(undeclared("GET", "/v1/orders?limit=1", &answer(200, "")).is_some(), "a problem is no page of orders");
}
