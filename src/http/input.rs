//! What comes in: bodies, queries and ids in paths, each refused with a problem that says what is wrong and where.

use std::str::FromStr;

use actix_web::dev::Payload;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderName};
use actix_web::{FromRequest, HttpRequest};
use futures_util::StreamExt;
use futures_util::future::{LocalBoxFuture, Ready, ready};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::problem::{Problem, ProblemCode};
use crate::error::{Error, Result};
use crate::values::Invalid;

/// The largest JSON body, in bytes.
pub const BODY_MAX: usize = 1024 * 1024;
/// The largest upload, in bytes.
pub const UPLOAD_MAX: usize = 10 * 1024 * 1024;

/// A JSON body.
pub struct Body<T> {
    /// What it says.
    pub value: T,
    /// The SHA-256 of its bytes: tells a repeated request from another one.
    pub digest: [u8; 32],
}

impl<T: DeserializeOwned + 'static> FromRequest for Body<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, std::result::Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let acceptable = is_json(request).and_then(|()| acceptable(request, BODY_MAX));
        let payload = payload.take();
        Box::pin(async move {
            acceptable?;
            let (bytes, digest) = read(payload, BODY_MAX).await?;
            Ok(Body { value: parse(&bytes)?, digest })
        })
    }
}

/// A JSON body that may be left out, for commands that need no more than their path.
pub struct OptionalBody<T>(pub Body<T>);

impl<T: DeserializeOwned + Default + 'static> FromRequest for OptionalBody<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, std::result::Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let acceptable = is_json(request).and_then(|()| acceptable(request, BODY_MAX));
        let payload = payload.take();
        Box::pin(async move {
            let (bytes, digest) = read(payload, BODY_MAX).await?;
            let value = if bytes.is_empty() {
                T::default()
            } else {
                acceptable?;
                parse(&bytes)?
            };
            Ok(OptionalBody(Body { value, digest }))
        })
    }
}

/// A file as the body, of one of the media types `M`.
pub struct Upload<M> {
    /// What the caller says that it is.
    pub media_type: M,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Their SHA-256.
    pub digest: [u8; 32],
}

impl<M: FromStr<Err = Invalid> + 'static> FromRequest for Upload<M> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, std::result::Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let media_type = media_type(request).parse().map_err(|invalid: Invalid| {
            Problem::new(ProblemCode::UnsupportedMediaType, format!("The Content-Type {}.", invalid.rule))
        });
        let acceptable = acceptable(request, UPLOAD_MAX);
        let payload = payload.take();
        Box::pin(async move {
            let media_type = media_type?;
            acceptable?;
            let (bytes, digest) = read(payload, UPLOAD_MAX).await?;
            Ok(Upload { media_type, bytes, digest })
        })
    }
}

/// Reads a body to its end, and its SHA-256 on the way.
async fn read(mut payload: Payload, most: usize) -> std::result::Result<(Vec<u8>, [u8; 32]), Problem> {
    let (mut bytes, mut digest) = (Vec::new(), Sha256::new());
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| Problem::new(ProblemCode::MalformedJson, "The body did not arrive whole."))?;
        if bytes.len().saturating_add(chunk.len()) > most {
            return Err(too_large(most));
        }
        digest.update(&chunk);
        bytes.extend_from_slice(&chunk);
    }
    Ok((bytes, digest.finalize().into()))
}

fn too_large(most: usize) -> Problem {
    Problem::new(ProblemCode::BodyTooLarge, format!("The body may have at most {most} bytes."))
}

fn header(request: &HttpRequest, name: HeaderName) -> &str {
    request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// The Content-Type without its parameters.
fn media_type(request: &HttpRequest) -> String {
    header(request, CONTENT_TYPE).split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn is_json(request: &HttpRequest) -> std::result::Result<(), Problem> {
    if media_type(request) == "application/json" {
        return Ok(());
    }
    let detail = "Send the body as JSON, with Content-Type: application/json.";
    Err(Problem::new(ProblemCode::UnsupportedMediaType, detail))
}

fn acceptable(request: &HttpRequest, most: usize) -> std::result::Result<(), Problem> {
    if !matches!(header(request, CONTENT_ENCODING), "" | "identity") {
        return Err(Problem::new(ProblemCode::UnsupportedMediaType, "Send the body uncompressed."));
    }
    let length = header(request, CONTENT_LENGTH).parse::<usize>();
    if length.is_ok_and(|length| length > most) { Err(too_large(most)) } else { Ok(()) }
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> std::result::Result<T, Problem> {
    use serde_json::error::Category;
    let text =
        std::str::from_utf8(bytes).map_err(|_| Problem::new(ProblemCode::MalformedJson, "The body is not UTF-8."))?;
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        let inner = error.into_inner();
        match inner.classify() {
            Category::Data => refused(&path, &inner.to_string()),
            _ => malformed(&inner),
        }
    })?;
    reader.end().map_err(|error| malformed(&error))?;
    Ok(value)
}

fn malformed(error: &serde_json::Error) -> Problem {
    let detail = format!("The body is not JSON: it breaks off at line {}, column {}.", error.line(), error.column());
    Problem::new(ProblemCode::MalformedJson, detail)
}

/// What serde says, in our codes. It may quote what the caller sent in place of a number or a word, but never the value
/// of a field that takes any text, so no patient reference.
fn refused(path: &str, message: &str) -> Problem {
    let message = message.rsplit_once(" at line ").map_or(message, |(message, _)| message);
    let field = if path == "." { "" } else { path };
    let problem = if let Some(invalid) = Invalid::parse(message) {
        let code = ProblemCode::named(&invalid.code).unwrap_or(ProblemCode::InvalidBody);
        Problem::new(code, format!("{field} {}.", invalid.rule))
    } else if let Some(name) = message.strip_prefix("unknown field ") {
        Problem::new(ProblemCode::UnknownField, format!("The body has an unknown field {name}."))
    } else if let Some(name) = message.strip_prefix("missing field ") {
        let place = if field.is_empty() { "The body" } else { field };
        Problem::new(ProblemCode::MissingField, format!("{place} lacks {}.", name.replace('`', "")))
    } else if let Some((_, expected)) = message.rsplit_once("expected ") {
        let place = if field.is_empty() { "The body" } else { field };
        Problem::new(ProblemCode::InvalidBody, format!("{place} must be {expected}."))
    } else {
        let place = if field.is_empty() { "The body" } else { field };
        Problem::new(ProblemCode::InvalidBody, format!("{place} does not fit: {message}."))
    };
    if field.is_empty() { problem } else { problem.at(field) }
}

/// Query parameters.
pub struct Query<T>(T);

impl<T> Query<T> {
    /// The parameters.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = Problem;
    type Future = Ready<std::result::Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let parsed = actix_web::web::Query::<T>::from_query(request.query_string());
        ready(parsed.map(|query| Query(query.into_inner())).map_err(|error| {
            let message = match &error {
                actix_web::error::QueryPayloadError::Deserialize(e) => e.to_string(),
                other => other.to_string(),
            };
            let detail = Invalid::parse(&message).map_or(message, |invalid| format!("A parameter {}", invalid.rule));
            Problem::new(ProblemCode::MalformedQuery, format!("{}.", detail.trim_end_matches('.')))
        }))
    }
}

/// An id in a path: what is not one names nothing.
///
/// # Errors
/// `not_found`.
pub fn path_id<T: std::str::FromStr>(text: &str, what: &str) -> std::result::Result<T, Problem> {
    text.parse().map_err(|_| Problem::new(ProblemCode::NotFound, format!("There is no such {what}.")))
}

/// A request as the journal keeps it.
///
/// # Errors
/// Never, for the bodies of this API.
pub fn as_value(request: &impl Serialize) -> Result<serde_json::Value> {
    serde_json::to_value(request).map_err(|e| Error::internal(format!("a request cannot be kept: {e}")))
}
