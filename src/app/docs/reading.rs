//! Reading a document: its operations and what they take.

use utoipa::openapi::RefOr;
use utoipa::openapi::path::{Operation, ParameterIn};

/// Every operation of a document: path, method, operation.
pub fn operations(document: &utoipa::openapi::OpenApi) -> Vec<(&str, &'static str, &Operation)> {
    document
        .paths
        .paths
        .iter()
        .flat_map(|(path, item)| {
            let of = [("GET", &item.get), ("POST", &item.post), ("PUT", &item.put), ("PATCH", &item.patch)];
            of.into_iter().filter_map(|(method, operation)| {
                operation.as_ref().map(|operation| (path.as_str(), method, operation))
            })
        })
        .collect()
}

/// The same, to be changed, of one path.
pub fn operations_mut(item: &mut utoipa::openapi::PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.post, &mut item.put, &mut item.patch].into_iter().filter_map(Option::as_mut)
}

/// The query parameters of an operation.
pub fn query_parameters(operation: &Operation) -> Vec<String> {
    let parameters = operation.parameters.iter().flatten().filter_map(|parameter| match parameter {
        RefOr::T(parameter) => Some(parameter),
        RefOr::Ref(_) => None,
    });
    let in_query = parameters.filter(|parameter| parameter.parameter_in == ParameterIn::Query);
    in_query.map(|parameter| parameter.name.clone()).collect()
}
