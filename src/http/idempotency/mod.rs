//! Idempotency keys: a request that comes again gets the answer of the first time.

pub mod model;
pub mod store;

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::clock::Moment;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::limits::{ANSWERS_KEPT_DAYS, IDEMPOTENCY_KEY_MAX};
use crate::problem::{Problem, ProblemCode};
use crate::sealing::{Patients, Sealed};
use actix_web::HttpRequest;
use model::{Answer, Repeat};

/// The Idempotency-Key of a request: 1 to 128 printable ASCII characters.
///
/// # Errors
/// `invalid_idempotency_key`.
pub fn idempotency_key(request: &HttpRequest) -> std::result::Result<Option<String>, Problem> {
    let mut values = request.headers().get_all("idempotency-key");
    let Some(value) = values.next() else { return Ok(None) };
    let text = value.to_str().unwrap_or_default();
    if values.next().is_some()
        || !(1..=IDEMPOTENCY_KEY_MAX).contains(&text.len())
        || !text.bytes().all(|b| b.is_ascii_graphic())
    {
        let detail =
            "The Idempotency-Key must be given once and have 1 to 128 printable ASCII characters without spaces.";
        return Err(Problem::new(ProblemCode::InvalidIdempotencyKey, detail));
    }
    Ok(Some(text.to_owned()))
}

/// The answer that was given before, if it is still kept: after [`ANSWERS_KEPT_DAYS`] the key is free again, whether
/// the row is gone already or not. `again` makes the body of one that is not kept itself, as of then.
///
/// # Errors
/// `idempotency_key_in_flight`, `idempotency_key_reused`; `answer_no_longer_kept` when what is made is not byte for byte what
/// was answered, or was about a patient who was erased; what the database answers.
pub fn earlier(
    db: &mut Db,
    of: &Repeat,
    now: Moment,
    patients: &Patients,
    again: impl FnOnce(&mut Db, &str) -> Result<Option<Vec<u8>>>,
) -> Result<Option<Answer>> {
    if !store::is_free(db, &of.name())? {
        return Err(in_flight().into());
    }
    let Some((hash, status, body, made_of, digest)) = store::find(db, of, now.plus_days(-ANSWERS_KEPT_DAYS))? else {
        return Ok(None);
    };
    let gone = || Error::problem(ProblemCode::AnswerNoLongerKept, ProblemCode::AnswerNoLongerKept.title());
    if hash.is_empty() {
        return Err(gone()); // what was kept before answers were sealed
    }
    if hash != of.request_hash {
        let detail = "This Idempotency-Key was used for another request. Use a new key for a new request.";
        return Err(Error::problem(ProblemCode::IdempotencyKeyReused, detail));
    }
    let body = match (body, made_of) {
        (None, Some(id)) => {
            let made = again(db, &id)?;
            let keyed = made.as_ref().map(|made| patients.keyed(&of.organisation, made)).transpose()?;
            made.filter(|_| keyed.map(Vec::from) == digest)
        }
        (Some(body), _) => match std::str::from_utf8(&body).ok().and_then(|text| text.parse::<Sealed<String>>().ok()) {
            Some(sealed) => patients.open(&of.organisation, &sealed)?.map(String::into_bytes),
            None => Some(body),
        },
        (None, None) => None,
    };
    let status = u16::try_from(status).unwrap_or(200);
    body.map(|body| Some(Answer { status, body })).ok_or_else(gone)
}

fn in_flight() -> Problem {
    Problem::new(ProblemCode::IdempotencyKeyInFlight, ProblemCode::IdempotencyKeyInFlight.title())
}

/// Marks a key as being worked on, for as long as it lives.
pub struct InFlight {
    set: Arc<Mutex<HashSet<String>>>,
    name: String,
}

impl InFlight {
    /// Marks the key of a request.
    ///
    /// # Errors
    /// `idempotency_key_in_flight`.
    pub fn enter(set: &Arc<Mutex<HashSet<String>>>, repeat: &Repeat) -> std::result::Result<Self, Problem> {
        let name = repeat.name();
        if lock(set).insert(name.clone()) { Ok(InFlight { set: set.clone(), name }) } else { Err(in_flight()) }
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        lock(&self.set).remove(&self.name);
    }
}

/// A set that outlives a panic of whoever held it: every change to it is a single step.
fn lock<T>(set: &Mutex<T>) -> MutexGuard<'_, T> {
    set.lock().unwrap_or_else(PoisonError::into_inner)
}
