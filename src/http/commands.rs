//! How handlers reach the database: [`Queries`] to read, [`Commands`] to change, each with the caller in hand.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, OnceLock};

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse, web};
use futures_util::future::{Ready, ready};
use serde::Serialize;

use super::auth::Keys;
use super::idempotency::model::{Answer, Repeat};
use super::idempotency::{self, InFlight};
use super::input::Body;
use super::paging::{Cursor, Found, Limit, List, page, search};
use super::shown::shown;
use super::slice::Access;
use crate::caller::Caller;
use crate::clock::Clock;
use crate::command::{Command, Turn, View};
use crate::db::{Db, Lane, Store};
use crate::decision::Decision;
use crate::error::{Error, Result};
use crate::identity::Identity;
use crate::ids::Ids;
use crate::journal::model::Reader;
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
    pub access: Access,
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
            let idempotency_key = idempotency::idempotency_key(request)?;
            // An operation that only reads has none: its slice gives it no turn.
            let turn = request.extensions().get::<Turn>().copied();
            let turn = turn.ok_or_else(|| Problem::new(ProblemCode::Internal, ProblemCode::Internal.title()))?;
            Ok(Commands { state, caller, target, idempotency_key, turn, note: Note::of(request) })
        }))
    }
}

/// What a query found, as its reader may see it.
fn answer(found: &impl Serialize, reader: &Caller, access: Access) -> std::result::Result<HttpResponse, Problem> {
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
        let _in_flight = repeat.as_ref().map(|repeat| InFlight::enter(&state.in_flight, repeat)).transpose()?;
        let (store, clock, ids, access) = (state.store.clone(), state.clock.clone(), state.ids.clone(), state.access);
        let reader = caller.clone();
        let permit = store.stand_in_line(turn).await?;
        let outcome = store
            .write(move |db| {
                // Kept until the command is over, also when its caller has gone.
                let _permit = &permit;
                if let Some(repeat) = &repeat
                    && let Some(answer) = idempotency::earlier(db, repeat, clock.now())?
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
                            idempotency::store::keep(db, repeat, &answer, now)?;
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
