//! How handlers reach the database: [`Queries`] to read, [`Commands`] to change, each with the caller in hand.

use std::collections::{BTreeSet, HashSet};
use std::sync::{Arc, Mutex, OnceLock};

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse, web};
use diesel::prelude::*;
use futures_util::future::{Ready, ready};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::auth::Keys;
use super::input::Body;
use super::paging::{Cursor, Found, Limit, List, page, search};
use super::shown::shown;
use super::slice::Operation;
use crate::caller::Caller;
use crate::clock::{Clock, Moment};
use crate::command::{Command, Turn, View};
use crate::db::schema::idempotency_keys;
use crate::db::{Db, Lane, Store, on_either};
use crate::decision::Decision;
use crate::error::{Error, Result};
use crate::identity::Identity;
use crate::ids::{Ids, OrganisationId, SiteId};
use crate::journal::model::Reader;
use crate::limits::{ANSWERS_KEPT_DAYS, IDEMPOTENCY_KEY_MAX};
use crate::metrics::{Metrics, Verdict};
use crate::problem::{Problem, ProblemCode};

/// What every request may need.
#[derive(Clone)]
pub struct State {
    /// The database.
    pub store: Store,
    /// The signing keys.
    pub keys: Arc<Keys>,
    /// The clock.
    pub clock: Clock,
    /// The source of identifiers.
    pub ids: Ids,
    /// Who may call which operation.
    pub access: fn(&str) -> Option<&'static Operation>,
    /// Reads events of every slice.
    pub reader: Reader,
    /// Idempotency keys that requests of this process are working on.
    pub in_flight: Arc<Mutex<HashSet<String>>>,
    /// The numbers of this process.
    pub metrics: Metrics,
}

/// What a gate decided about a request: noted by whoever asked it, read when the request is over.
#[derive(Clone, Default)]
pub struct Note(Arc<OnceLock<Verdict>>);

impl Note {
    /// The note of a request.
    pub fn of(request: &HttpRequest) -> Self {
        request.extensions().get::<Note>().cloned().unwrap_or_default()
    }

    /// What was noted.
    pub fn verdict(&self) -> Option<&Verdict> {
        self.0.get()
    }

    /// Notes a decision; the first stays.
    pub fn take(&self, verdict: Verdict) {
        let _ = self.0.set(verdict);
    }
}

/// A set that outlives a panic of whoever held it: every change to it is a single step.
fn lock<T>(set: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    set.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn context(request: &HttpRequest) -> std::result::Result<(State, Arc<Caller>), Problem> {
    let state = request.app_data::<web::Data<State>>().map(|state| state.get_ref().clone());
    let caller = request.extensions().get::<Arc<Caller>>().cloned();
    match (state, caller) {
        (Some(state), Some(caller)) => Ok((state, caller)),
        _ => Err(Problem::new(ProblemCode::Unauthenticated, "Send a token: Authorization: Bearer …")),
    }
}

/// Reads.
pub struct Queries {
    state: State,
    caller: Arc<Caller>,
    note: Note,
    lane: Lane,
}

impl FromRequest for Queries {
    type Error = Problem;
    type Future = Ready<std::result::Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(context(request).map(|(state, caller)| Queries {
            state,
            caller,
            note: Note::of(request),
            lane: Lane::Chair,
        }))
    }
}

impl Queries {
    /// The same for a report: scans and administrations do not wait for it.
    pub fn report(self) -> Self {
        Queries { lane: Lane::Reports, ..self }
    }

    /// Runs a query.
    ///
    /// # Errors
    /// What the query answers, as a problem.
    pub async fn run<T, F>(self, query: F) -> std::result::Result<T, Problem>
    where
        T: Send + 'static,
        F: FnOnce(&mut View<'_>) -> Result<T> + Send + 'static,
    {
        let (caller, now, reader) = (self.caller, self.state.clock.now(), self.state.reader);
        // Nobody at the chair waits for a share: many may scan with the token of one device.
        let who = (self.lane == Lane::Reports)
            .then(|| format!("{} {}", caller.organisation_id, Identity::of(&caller.subject).as_str()));
        let read = move |db: &mut Db| query(&mut View { db, caller: &caller, now, reader });
        let answer = self.state.store.read_for(who.as_deref(), self.lane, read).await;
        answer.map_err(Problem::from)
    }

    /// Answers with what a query finds.
    ///
    /// # Errors
    /// What the query answers, as a problem.
    pub async fn show<T, F>(self, query: F) -> std::result::Result<HttpResponse, Problem>
    where
        T: Serialize + Send + 'static,
        F: FnOnce(&mut View<'_>) -> Result<T> + Send + 'static,
    {
        let (reader, access) = (self.caller.clone(), self.state.access);
        self.run(query).await.and_then(|found| answer(&found, &reader, access))
    }

    /// Answers with what a gate decides, where one was asked, beside what else a query finds.
    ///
    /// # Errors
    /// What the query answers, as a problem.
    pub async fn judge<T, F>(
        self,
        query: F,
        decision: fn(&T) -> Option<&Decision>,
    ) -> std::result::Result<HttpResponse, Problem>
    where
        T: Serialize + Send + 'static,
        F: FnOnce(&mut View<'_>) -> Result<T> + Send + 'static,
    {
        let (note, reader, access) = (self.note.clone(), self.caller.clone(), self.state.access);
        let found = self.run(query).await?;
        if let Some(decision) = decision(&found) {
            note.take(verdict(decision, false));
        }
        answer(&found, &reader, access)
    }

    /// Answers with the thing that a path names.
    ///
    /// # Errors
    /// `not_found`; what the query answers.
    pub async fn find<I, T, F>(
        self,
        id: web::Path<String>,
        what: &'static str,
        query: F,
    ) -> std::result::Result<HttpResponse, Problem>
    where
        I: std::str::FromStr,
        T: Serialize + Send + 'static,
        F: FnOnce(&mut View<'_>, I) -> Result<Option<T>> + Send + 'static,
    {
        self.show(move |view| {
            let id = id.parse().map_err(|_| Error::not_found(what))?;
            query(view, id)?.ok_or_else(|| Error::not_found(what))
        })
        .await
    }

    /// Answers with one page of a list.
    ///
    /// # Errors
    /// `invalid_cursor`; what the query answers.
    pub async fn page<T, F, K, const N: usize>(
        self,
        list: List<N>,
        limit: Option<Limit>,
        cursor: Option<Cursor>,
        fetch: F,
        key: K,
    ) -> std::result::Result<HttpResponse, Problem>
    where
        T: Serialize + Send + 'static,
        F: FnOnce(&mut View<'_>, [String; N], i64) -> Result<Vec<T>> + Send + 'static,
        K: Fn(&T) -> [String; N] + Send + 'static,
    {
        self.report().show(move |view| page(list, limit, cursor, |after, limit| fetch(view, after, limit), key)).await
    }

    /// Answers with one page of a list in which what is asked for is looked for.
    ///
    /// # Errors
    /// `invalid_cursor`; what the query answers.
    pub async fn search<T, F, K, const N: usize>(
        self,
        list: List<N>,
        limit: Option<Limit>,
        cursor: Option<Cursor>,
        fetch: F,
        key: K,
    ) -> std::result::Result<HttpResponse, Problem>
    where
        T: Serialize + Send + 'static,
        F: FnOnce(&mut View<'_>, [String; N], i64) -> Result<Found<T, N>> + Send + 'static,
        K: Fn(&T) -> [String; N] + Send + 'static,
    {
        self.report().show(move |view| search(list, limit, cursor, |after, limit| fetch(view, after, limit), key)).await
    }
}

/// Changes.
pub struct Commands {
    state: State,
    caller: Arc<Caller>,
    /// Method and path with its query, part of what a repeated request must repeat.
    target: String,
    idempotency_key: Option<String>,
    turn: Turn,
    note: Note,
}

impl FromRequest for Commands {
    type Error = Problem;
    type Future = Ready<std::result::Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(context(request).and_then(|(state, caller)| {
            let target = format!("{} {}", request.method(), request.uri());
            let idempotency_key = idempotency_key(request)?;
            // An operation that only reads, by the access table, has none.
            let turn = request.extensions().get::<Turn>().copied();
            let turn = turn.ok_or_else(|| Problem::new(ProblemCode::Internal, ProblemCode::Internal.title()))?;
            Ok(Commands { state, caller, target, idempotency_key, turn, note: Note::of(request) })
        }))
    }
}

/// The Idempotency-Key of a request: 1 to 128 printable ASCII characters.
fn idempotency_key(request: &HttpRequest) -> std::result::Result<Option<String>, Problem> {
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

/// An answer that was given, as it is kept for a repeated request.
struct Answer {
    status: u16,
    body: Vec<u8>,
}

/// What a query found, as its reader may see it.
fn answer(
    found: &impl Serialize,
    reader: &Caller,
    access: fn(&str) -> Option<&'static Operation>,
) -> std::result::Result<HttpResponse, Problem> {
    let body = serde_json::to_vec(found).map_err(|e| Error::internal(e.to_string()))?;
    Ok(HttpResponse::Ok().content_type("application/json").body(shown(body, reader, access)))
}

/// How a command ended: done (also before, when it is repeated), or refused and journalled.
enum Outcome {
    Done(Answer, Option<Verdict>),
    Refused(Problem, Verdict),
}

fn verdict(decision: &Decision, done: bool) -> Verdict {
    let codes = decision.reasons.iter().map(|reason| reason.code.as_str()).collect();
    Verdict { allowed: decision.allowed, in_retrospect: done && !decision.allowed, codes }
}

impl Commands {
    /// Who gives the command.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// Runs a command that makes something: 201.
    ///
    /// # Errors
    /// What the command answers, as a problem.
    pub async fn create<B, T, F>(self, body: Body<B>, run: F) -> std::result::Result<HttpResponse, Problem>
    where
        B: Send + Sync + 'static,
        T: Serialize,
        F: Fn(&mut Command<'_>, &B) -> Result<T> + Send + 'static,
    {
        self.run(body, StatusCode::CREATED, run).await
    }

    /// Runs a command that changes something: 200.
    ///
    /// # Errors
    /// What the command answers, as a problem.
    pub async fn change<B, T, F>(self, body: Body<B>, run: F) -> std::result::Result<HttpResponse, Problem>
    where
        B: Send + Sync + 'static,
        T: Serialize,
        F: Fn(&mut Command<'_>, &B) -> Result<T> + Send + 'static,
    {
        self.run(body, StatusCode::OK, run).await
    }

    async fn run<B, T, F>(self, body: Body<B>, status: StatusCode, run: F) -> std::result::Result<HttpResponse, Problem>
    where
        B: Send + Sync + 'static,
        T: Serialize,
        F: Fn(&mut Command<'_>, &B) -> Result<T> + Send + 'static,
    {
        let Commands { state, caller, target, idempotency_key, turn, note } = self;
        let Body { value, digest } = body;
        let repeat = idempotency_key.map(|key| Repeat::of(&caller, key, &target, &digest));
        let _in_flight = repeat.as_ref().map(|repeat| InFlight::enter(&state, repeat)).transpose()?;
        let (store, clock, ids, access) = (state.store.clone(), state.clock.clone(), state.ids.clone(), state.access);
        let reader = caller.clone();
        let permit = store.stand_in_line(turn).await?;
        let outcome = store
            .write(move |db| {
                // Kept until the command is over, also when its caller has gone.
                let _permit = &permit;
                if let Some(repeat) = &repeat
                    && let Some(answer) = repeat.earlier(db, clock.now())?
                {
                    return Ok(Outcome::Done(answer, None));
                }
                let mut command = Command::begin(db, turn, &caller, &clock, &ids)?;
                match run(&mut command, &value) {
                    Ok(done) => {
                        let body = serde_json::to_vec(&done).map_err(|e| Error::internal(e.to_string()))?;
                        let (now, verdict) = (command.now, command.decision().map(|decision| verdict(decision, true)));
                        command.finish()?;
                        let answer = Answer { status: status.as_u16(), body };
                        if let Some(repeat) = &repeat {
                            repeat.keep(db, &answer, now)?;
                        }
                        Ok(Outcome::Done(answer, verdict))
                    }
                    Err(Error::Refused(refusal)) => {
                        let problem = Problem::refused(refusal.decision.reasons.clone());
                        let verdict = verdict(&refusal.decision, false);
                        command.finish_refused(*refusal)?;
                        Ok(Outcome::Refused(problem, verdict))
                    }
                    Err(other) => Err(other),
                }
            })
            .await?;
        match outcome {
            Outcome::Done(answer, verdict) => {
                if let Some(verdict) = verdict {
                    note.take(verdict);
                }
                let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
                let body = shown(answer.body, &reader, access);
                Ok(HttpResponse::build(status).content_type("application/json").body(body))
            }
            Outcome::Refused(problem, verdict) => {
                note.take(verdict);
                Err(problem)
            }
        }
    }
}

/// A request that may come again: the same key and body get the same answer, byte for byte.
///
/// The answer is kept in the transaction of its effect, so there is never one without the other.
#[derive(Clone)]
struct Repeat {
    organisation: OrganisationId,
    person: Identity,
    subject: String,
    key: String,
    request_hash: Vec<u8>,
}

impl Repeat {
    fn of(caller: &Caller, key: String, target: &str, body: &[u8; 32]) -> Self {
        let mut hash = Sha256::new().chain_update(target.as_bytes()).chain_update([0]).chain_update(body);
        if let Some(sites) = &caller.sites {
            // An answer may tell of sites: who sees others now, asks something else.
            let distinct: BTreeSet<_> = sites.iter().map(SiteId::as_str).collect();
            for site in distinct {
                hash.update([0]);
                hash.update(site.as_bytes());
            }
            hash.update([1]);
        }
        Repeat {
            organisation: caller.organisation_id.clone(),
            person: Identity::of(&caller.subject),
            subject: caller.subject.clone(),
            key,
            request_hash: hash.finalize().to_vec(),
        }
    }

    /// Names the key among all callers of all organisations.
    fn name(&self) -> String {
        format!("{}\u{0}{}\u{0}{}", self.organisation, self.person.as_str(), self.key)
    }

    /// The answer that was given before, if it is still kept: after [`ANSWERS_KEPT_DAYS`] the key is free again, whether
    /// the row is gone already or not.
    fn earlier(&self, db: &mut Db, now: Moment) -> Result<Option<Answer>> {
        if let Db::Postgres(conn) = db {
            // Other processes of the deployment may be at it: held until the transaction ends.
            let hash = Sha256::digest(self.name().as_bytes());
            let number = hash.iter().take(8).fold(0_i64, |number, byte| (number << 8) | i64::from(*byte));
            let free: bool = diesel::select(diesel::dsl::sql::<diesel::sql_types::Bool>(&format!(
                "pg_try_advisory_xact_lock({number})"
            )))
            .get_result(conn)?;
            if !free {
                return Err(in_flight().into());
            }
        }
        let found: Option<(Vec<u8>, i32, Vec<u8>)> = idempotency_keys::table
            .filter(idempotency_keys::organisation_id.eq(&self.organisation))
            // Answers from before people were compared so are kept under what they typed.
            .filter(idempotency_keys::subject.eq(self.person.as_str()).or(idempotency_keys::subject.eq(&self.subject)))
            .filter(idempotency_keys::idempotency_key.eq(&self.key))
            .filter(idempotency_keys::created_at.gt(now.plus_days(-ANSWERS_KEPT_DAYS)))
            .select((idempotency_keys::request_hash, idempotency_keys::status, idempotency_keys::body))
            .first(db)
            .optional()?;
        match found {
            None => Ok(None),
            Some((hash, status, body)) if hash == self.request_hash => {
                Ok(Some(Answer { status: u16::try_from(status).unwrap_or(200), body }))
            }
            Some(_) => {
                let detail = "This Idempotency-Key was used for another request. Use a new key for a new request.";
                Err(Error::problem(ProblemCode::IdempotencyKeyReused, detail))
            }
        }
    }

    fn keep(&self, db: &mut Db, answer: &Answer, now: Moment) -> Result<()> {
        let kept = (
            idempotency_keys::request_hash.eq(&self.request_hash),
            idempotency_keys::status.eq(i32::from(answer.status)),
            idempotency_keys::body.eq(&answer.body),
            idempotency_keys::created_at.eq(now),
        );
        // In the place of one whose time is over, where that is not gone yet.
        on_either!(db, conn => diesel::insert_into(idempotency_keys::table)
            .values((
                idempotency_keys::organisation_id.eq(&self.organisation),
                idempotency_keys::subject.eq(self.person.as_str()),
                idempotency_keys::idempotency_key.eq(&self.key),
                kept,
            ))
            .on_conflict((
                idempotency_keys::organisation_id,
                idempotency_keys::subject,
                idempotency_keys::idempotency_key,
            ))
            .do_update()
            .set(kept)
            .execute(conn)?);
        Ok(())
    }
}

/// Ends kept answers from before a moment, a few at a time: how many it ended.
///
/// # Errors
/// What the database answers.
pub fn end_answers(db: &mut Db, until: Moment, most: i64) -> Result<usize> {
    // The moment is asked once more where the row is locked: another process may have kept a new answer there meanwhile.
    let ended = diesel::sql_query(
        "DELETE FROM idempotency_keys WHERE (organisation_id, subject, idempotency_key) IN \
         (SELECT organisation_id, subject, idempotency_key FROM idempotency_keys WHERE created_at <= $1 \
         ORDER BY created_at LIMIT $2) AND created_at <= $1",
    )
    .bind::<diesel::sql_types::Timestamp, _>(until)
    .bind::<diesel::sql_types::BigInt, _>(most);
    Ok(ended.execute(db)?)
}

fn in_flight() -> Problem {
    Problem::new(ProblemCode::IdempotencyKeyInFlight, ProblemCode::IdempotencyKeyInFlight.title())
}

/// Marks a key as being worked on, for as long as it lives.
struct InFlight {
    set: Arc<Mutex<HashSet<String>>>,
    name: String,
}

impl InFlight {
    fn enter(state: &State, repeat: &Repeat) -> std::result::Result<Self, Problem> {
        let name = repeat.name();
        if lock(&state.in_flight).insert(name.clone()) {
            Ok(InFlight { set: state.in_flight.clone(), name })
        } else {
            Err(in_flight())
        }
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        lock(&self.set).remove(&self.name);
    }
}
