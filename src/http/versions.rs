//! Versions over HTTP: a version in quotes is the ETag of what has it, and `If-Match` names the one that is changed.

use actix_web::body::MessageBody;
use actix_web::dev::Payload;
use actix_web::http::header::{ETAG, IF_MATCH};
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use futures_util::future::{Ready, ready};
use serde::Deserialize;

use super::input::Query;
use super::problem::Problem;
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

/// The query of a correction.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Why {
    reason: Option<Prose>,
}

impl FromRequest for Change {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let why = Query::<Why>::from_request(request, payload).into_inner();
        ready(why.map(|why| Change { expected: if_match(request), reason: why.into_inner().reason }))
    }
}
