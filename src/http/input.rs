//! What comes in: bodies, queries and ids in paths, each refused with a problem that says what is wrong and where.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderName};
use actix_web::web::{Bytes, Data};
use actix_web::{FromRequest, HttpRequest};
use futures_util::StreamExt;
use futures_util::future::{LocalBoxFuture, Ready, ready};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use super::connection::Turn;
use super::strict::Strict;
use crate::error::{Error, Result};
use crate::limits::{BODIES_MEMORY, BODY_MAX, BODY_RATE, BODY_SMALL, DEPTH_MAX, UPLOAD_MAX};
use crate::problem::{Problem, ProblemCode};
use crate::values::Invalid;

/// What bodies that are arriving have in common: their time, and the memory that they may take together.
pub struct Inlet {
    timeout: Duration,
    room: Arc<Semaphore>,
}

impl Inlet {
    /// With so much time for a body, beside the second that each [`BODY_RATE`] bytes of it are given.
    pub fn new(timeout: Duration) -> Self {
        Inlet { timeout, room: Arc::new(Semaphore::new(BODIES_MEMORY)) }
    }

    /// How much memory bodies have now, in bytes: what each is longer than [`BODY_SMALL`].
    pub fn taken(&self) -> usize {
        BODIES_MEMORY.saturating_sub(self.room.available_permits())
    }

    /// The inlet of the server that has this request.
    pub(super) fn of(request: &HttpRequest) -> std::result::Result<Arriving, Problem> {
        let found = request.app_data::<Data<Inlet>>().cloned();
        let inlet = found.ok_or_else(|| Problem::new(ProblemCode::Internal, ProblemCode::Internal.title()))?;
        Ok(Arriving { inlet, turn: request.conn_data::<Turn>().cloned() })
    }
}

/// A body that is on its way.
pub(super) struct Arriving {
    inlet: Data<Inlet>,
    turn: Option<Turn>,
}

impl Arriving {
    /// Begins to read it. Meanwhile the connection waits for its peer.
    pub(super) fn begin(self, payload: Payload, most: usize) -> std::result::Result<Incoming, Problem> {
        let room = self.inlet.room.clone().try_acquire_many_owned(0).map_err(|_| no_room())?;
        let started = Instant::now();
        let Arriving { inlet, turn } = self;
        Ok(Incoming { inlet, waiting: Waiting(turn), payload, most, length: 0, said: None, started, room })
    }

    /// Reads it to its end, and its SHA-256 on the way.
    async fn read(self, payload: Payload, most: usize) -> std::result::Result<Arrived, Problem> {
        let mut incoming = self.begin(payload, most)?;
        let (mut bytes, mut digest) = (Vec::new(), Sha256::new());
        while let Some(chunk) = incoming.next().await? {
            digest.update(&chunk);
            bytes.extend_from_slice(&chunk);
        }
        Ok(Arrived { bytes, digest: digest.finalize().into(), room: incoming.into_room() })
    }
}

/// A body that is being read, piece by piece: within its time, its length, and the memory that all bodies have together.
pub(super) struct Incoming {
    inlet: Data<Inlet>,
    waiting: Waiting,
    payload: Payload,
    most: usize,
    length: usize,
    said: Option<usize>,
    started: Instant,
    room: OwnedSemaphorePermit,
}

impl Incoming {
    /// The next piece, or none at its end. Says to the connection when it begins, and again when much has come.
    pub(super) async fn next(&mut self) -> std::result::Result<Option<Bytes>, Problem> {
        let earned = self.length / BODY_RATE;
        if self.said.replace(earned) != Some(earned) {
            self.waiting.goes_on();
        }
        let until = self.started + self.inlet.timeout + Duration::from_secs(u64::try_from(earned).unwrap_or_default());
        let chunk = tokio::time::timeout_at(until, self.payload.next()).await.map_err(|_| too_slow())?;
        let Some(chunk) = chunk else { return Ok(None) };
        let chunk = chunk.map_err(|_| Problem::new(ProblemCode::MalformedJson, "The body did not arrive whole."))?;
        self.length = self.length.saturating_add(chunk.len());
        if self.length > self.most {
            return Err(too_large(self.most));
        }
        let needed = self.length.saturating_sub(BODY_SMALL).saturating_sub(self.room.num_permits());
        let needed = u32::try_from(needed).map_err(|_| no_room())?;
        self.room.merge(self.inlet.room.clone().try_acquire_many_owned(needed).map_err(|_| no_room())?);
        Ok(Some(chunk))
    }

    /// The memory that was taken for it, to be kept as long as its bytes are.
    pub(super) fn into_room(self) -> OwnedSemaphorePermit {
        self.room
    }
}

/// The turn of a connection that waits for its peer. However that ends, the request is worked on from there.
struct Waiting(Option<Turn>);

impl Waiting {
    fn goes_on(&self) {
        self.0.iter().for_each(Turn::waits);
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.iter().for_each(Turn::works);
    }
}

/// A body that is there.
struct Arrived {
    bytes: Vec<u8>,
    digest: [u8; 32],
    room: OwnedSemaphorePermit,
}

fn no_room() -> Problem {
    Problem::new(ProblemCode::Overloaded, "Too many large bodies are arriving; try again in a second.")
}

fn too_slow() -> Problem {
    Problem::new(ProblemCode::RequestTimeout, ProblemCode::RequestTimeout.title())
}

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
        let (inlet, payload) = (Inlet::of(request), payload.take());
        Box::pin(async move {
            acceptable?;
            let arrived = inlet?.read(payload, BODY_MAX).await?;
            Ok(Body { value: parse(&arrived.bytes)?, digest: arrived.digest })
        })
    }
}

/// A JSON body that may be left out or null, for commands that need no more than their path.
pub struct OptionalBody<T>(pub Body<T>);

impl<T: DeserializeOwned + Default + 'static> FromRequest for OptionalBody<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, std::result::Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let acceptable = is_json(request).and_then(|()| acceptable(request, BODY_MAX));
        let (inlet, payload) = (Inlet::of(request), payload.take());
        Box::pin(async move {
            let Arrived { bytes, digest, room: _room } = inlet?.read(payload, BODY_MAX).await?;
            let value = if bytes.is_empty() {
                T::default()
            } else {
                acceptable?;
                parse::<Option<T>>(&bytes)?.unwrap_or_default()
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
    /// The memory that they take of what all bodies may; to be kept as long as they are.
    pub room: OwnedSemaphorePermit,
}

impl<M: FromStr<Err = Invalid> + 'static> FromRequest for Upload<M> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, std::result::Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let media_type = media_type(request).parse().map_err(|invalid: Invalid| {
            Problem::new(ProblemCode::UnsupportedMediaType, format!("The Content-Type {}.", invalid.rule))
        });
        let acceptable = acceptable(request, UPLOAD_MAX);
        let (inlet, payload) = (Inlet::of(request), payload.take());
        Box::pin(async move {
            let media_type = media_type?;
            acceptable?;
            let Arrived { bytes, digest, room } = inlet?.read(payload, UPLOAD_MAX).await?;
            Ok(Upload { media_type, bytes, digest, room })
        })
    }
}

pub(super) fn too_large(most: usize) -> Problem {
    Problem::new(ProblemCode::BodyTooLarge, format!("The body may have at most {most} bytes."))
}

pub(super) fn header(request: &HttpRequest, name: HeaderName) -> &str {
    request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// The Content-Type without its parameters.
pub(super) fn media_type(request: &HttpRequest) -> String {
    header(request, CONTENT_TYPE).split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// The media type of a PATCH (RFC 7396).
pub const MERGE_PATCH: &str = "application/merge-patch+json";

fn is_json(request: &HttpRequest) -> std::result::Result<(), Problem> {
    let media_type = media_type(request);
    if media_type == "application/json" || (request.method() == Method::PATCH && media_type == MERGE_PATCH) {
        return Ok(());
    }
    let detail = "Send the body as JSON, with Content-Type: application/json.";
    Err(Problem::new(ProblemCode::UnsupportedMediaType, detail))
}

pub(super) fn acceptable(request: &HttpRequest, most: usize) -> std::result::Result<(), Problem> {
    if !matches!(header(request, CONTENT_ENCODING), "" | "identity") {
        return Err(Problem::new(ProblemCode::UnsupportedMediaType, "Send the body uncompressed."));
    }
    let length = header(request, CONTENT_LENGTH).parse::<usize>();
    if length.is_ok_and(|length| length > most) { Err(too_large(most)) } else { Ok(()) }
}

/// What the bytes of a body mean.
///
/// # Errors
/// `malformed_json`, `nested_too_deeply`; whatever a `T` refuses.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> std::result::Result<T, Problem> {
    through(bytes, |reader| serde_path_to_error::deserialize(Strict(reader)))
}

/// The same for a list that may be longer than others ([`LIST_MAX`](crate::limits::LIST_MAX)), and whose entries are read
/// strictly one by one.
///
/// # Errors
/// As [`parse`].
pub fn parse_long<'de, T: Deserialize<'de>>(bytes: &'de [u8]) -> std::result::Result<T, Problem> {
    through(bytes, |reader| serde_path_to_error::deserialize(reader))
}

type Refused = serde_path_to_error::Error<serde_json::Error>;

fn through<'de, T>(
    bytes: &'de [u8],
    read: impl FnOnce(&mut serde_json::Deserializer<serde_json::de::StrRead<'de>>) -> std::result::Result<T, Refused>,
) -> std::result::Result<T, Problem> {
    use serde_json::error::Category;
    let text =
        std::str::from_utf8(bytes).map_err(|_| Problem::new(ProblemCode::MalformedJson, "The body is not UTF-8."))?;
    if depth(bytes) > DEPTH_MAX {
        let detail = format!("Arrays and objects may lie in each other {DEPTH_MAX} levels deep.");
        return Err(Problem::new(ProblemCode::NestedTooDeeply, detail));
    }
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = read(&mut reader).map_err(|error| {
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

/// What a body that was put together means.
///
/// # Errors
/// As for one that was sent.
pub fn read<T: DeserializeOwned>(value: serde_json::Value) -> std::result::Result<T, Problem> {
    serde_path_to_error::deserialize(Strict(value)).map_err(|error| {
        let path = error.path().to_string();
        refused(&path, &error.into_inner().to_string())
    })
}

/// How deep brackets lie in each other; those in texts do not count.
fn depth(json: &[u8]) -> usize {
    let (mut depth, mut deepest, mut in_text, mut escaped) = (0_usize, 0, false, false);
    for byte in json {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            b'[' | b'{' if !in_text => {
                depth = depth.saturating_add(1);
                deepest = deepest.max(depth);
            }
            b']' | b'}' if !in_text => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

fn malformed(error: &serde_json::Error) -> Problem {
    let detail = format!("The body is not JSON: it breaks off at line {}, column {}.", error.line(), error.column());
    Problem::new(ProblemCode::MalformedJson, detail)
}

/// What serde says, in our codes. It may quote what the caller sent in place of a number or a word, but never the value
/// of a field that takes any text, so no patient reference.
fn refused(path: &str, message: &str) -> Problem {
    let message = message.rsplit_once(" at line ").map_or(message, |(message, _)| message);
    // A name that is none of ours could be what a field was to hold: it is not repeated.
    let ours =
        path.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'.' | b'[' | b']'));
    let field = if path == "." || !ours { "" } else { path };
    let problem = if let Some(invalid) = Invalid::parse(message) {
        Problem::new(invalid.code, format!("{field} {}.", invalid.rule))
    } else if let Some(name) = message.strip_prefix("unknown field ") {
        Problem::new(ProblemCode::UnknownField, unknown_field(name))
    } else if let Some(name) = message.strip_prefix("duplicate field ") {
        let place = if field.is_empty() { "The body" } else { field };
        Problem::new(ProblemCode::DuplicateField, format!("{place} names {} twice.", name.replace('`', "")))
    } else if let Some(name) = message.strip_prefix("missing field ") {
        let place = if field.is_empty() { "The body" } else { field };
        Problem::new(ProblemCode::MissingField, format!("{place} lacks {}.", name.replace('`', "")))
    } else if let Some((_, expected)) = message.rsplit_once("expected ") {
        let place = if field.is_empty() { "The body" } else { field };
        Problem::new(ProblemCode::InvalidBody, format!("{place} must be {}.", plainly(expected)))
    } else {
        let place = if field.is_empty() { "The body" } else { field };
        Problem::new(ProblemCode::InvalidBody, format!("{place} does not fit: {message}."))
    };
    if field.is_empty() { problem } else { problem.at(field) }
}

/// What serde expected, in words of people who do not write programs.
fn plainly(expected: &str) -> &str {
    match expected {
        "i8" | "i16" | "i32" | "i64" | "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number",
        "a string" => "text",
        "a boolean" => "true or false",
        "a sequence" => "a list",
        "a map" => "an object",
        expected if expected.starts_with("struct ") => "an object",
        expected => expected,
    }
}

/// What serde says of a field that is not known; its name only when it looks like one of ours.
fn unknown_field(message: &str) -> String {
    let name = message.split('`').nth(1).unwrap_or_default();
    let looks_like_ours = name.len() <= 40 && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    if looks_like_ours {
        format!("The body has an unknown field {message}.")
    } else {
        let known = message.split_once(", ").map(|(_, known)| format!(", {known}")).unwrap_or_default();
        format!("The body has an unknown field{known}.")
    }
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
        let pairs = url::form_urlencoded::parse(request.query_string().as_bytes());
        let parsed = serde_path_to_error::deserialize(serde_urlencoded::Deserializer::new(pairs));
        ready(parsed.map(Query).map_err(|error| {
            let (name, message) = (error.path().to_string(), error.into_inner().to_string());
            let (rule, name) = match (Invalid::parse(&message), name.as_str()) {
                (Some(invalid), "." | "") => (format!("A parameter {}", invalid.rule), None),
                (Some(invalid), name) => (format!("{name} {}", invalid.rule), Some(name)),
                (None, "." | "") => (message, None),
                (None, name) => match unparsed(&message) {
                    Some(rule) => (format!("{name} {rule}"), Some(name)),
                    None => (format!("{name}: {message}"), Some(name)),
                },
            };
            let problem = Problem::new(ProblemCode::MalformedQuery, format!("{}.", rule.trim_end_matches('.')));
            match name {
                Some(name) => problem.at(name),
                None => problem,
            }
        }))
    }
}

/// What a parameter must be that could not be parsed, by what the parser says of it.
fn unparsed(message: &str) -> Option<&'static str> {
    if message.contains("digit found in string") || message.contains("integer") || message.contains("number too") {
        Some("must be a whole number that is not too large or too small")
    } else if message.contains("`true` or `false`") {
        Some("must be true or false")
    } else {
        None
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
