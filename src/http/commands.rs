//! How handlers reach the database: [`Queries`] to read, [`Commands`] to change, each with the caller in hand.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, OnceLock};

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse, web};
use futures_util::future::{Ready, ready};
use serde::Serialize;

use super::accept::{self, Format};
use super::auth::Keys;
use super::idempotency::model::{Answer, Kept, Repeat};
use super::idempotency::{self, InFlight};
use super::input::Body;
use super::named::{Naming, named};
use super::shown::shown;
use super::slice::Access;
use crate::caller::Caller;
use crate::clock::{Clock, Moment};
use crate::command::{Command, Judge, Means, Turn, View};
use crate::db::{Db, Lane, Store};
use crate::decision::Decision;
use crate::error::{Error, Result};
use crate::identity::Identity;
use crate::ids::Ids;
use crate::journal::model::Reader;
use crate::metrics::{Metrics, Verdict};
use crate::problem::{Problem, ProblemCode};
use crate::sealing::Patients;
use crate::values::PatientRef;

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
    /// What follows from what commands do.
    pub judge: Judge,
    /// What things are called.
    pub naming: Naming,
    /// The patients' keys.
    pub patients: Patients,
    /// Idempotency keys that requests of this process are working on.
    pub in_flight: Arc<Mutex<HashSet<String>>>,
    /// The numbers of this process.
    pub metrics: Metrics,
}

impl State {
    /// What a command needs of it.
    pub fn means(&self) -> Means {
        Means {
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            memory: self.store.memory().clone(),
            judge: self.judge,
            patients: self.patients.clone(),
        }
    }

    /// Gives a command that no request asked for: what ends by itself.
    ///
    /// # Errors
    /// What the command answers.
    pub async fn give<T, F>(&self, caller: Caller, turn: Turn, run: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&mut Command<'_>) -> Result<T> + Send + 'static,
    {
        let means = self.means();
        let permit = self.store.stand_in_line(turn).await?;
        let command = move |db: &mut Db| {
            let _permit = &permit;
            let mut command = Command::begin(db, turn, &caller, &means)?;
            let done = run(&mut command)?;
            command.finish()?;
            Ok(done)
        };
        self.store.write(command).await
    }
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
#[derive(Clone)]
pub struct Queries {
    state: State,
    caller: Arc<Caller>,
    note: Note,
    lane: Lane,
    format: Format,
    /// Whether things are called by their names: not where somebody asks for what was known, and will be answered for ever.
    names: bool,
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
            format: Format::wanted(request, accept::OF_LISTS),
            names: !request.query_string().split('&').any(|asked| asked.starts_with("as_of=")),
        }))
    }
}

impl Queries {
    /// Who asks.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// Who may call which operation.
    pub fn access(&self) -> Access {
        self.state.access
    }

    /// The patients' keys.
    pub fn patients(&self) -> &Patients {
        &self.state.patients
    }

    /// The form in which somebody wants a list.
    pub fn format(&self) -> Format {
        self.format
    }

    /// The present moment.
    pub fn now(&self) -> Moment {
        self.state.clock.now()
    }

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
        let (memory, patients) = (self.state.store.memory().clone(), self.state.patients.clone());
        let read = move |db: &mut Db| {
            let known = memory.of(&caller.organisation_id);
            query(&mut View::new(db, &caller, now, reader, known, &patients))
        };
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
        self.judge(query, |_| None).await
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
        let (note, names) = (self.note.clone(), self.names);
        let (access, naming) = (self.state.access, self.state.naming);
        let judge = move |view: &mut View<'_>| {
            let found = query(view)?;
            let mut body = shown(bytes(&found)?, view.caller, access);
            if names {
                body = named(body, view, access, naming)?;
            }
            Ok((body, decision(&found).map(|decision| verdict(decision, false))))
        };
        let (body, verdict) = self.run(judge).await?;
        if let Some(verdict) = verdict {
            note.take(verdict);
        }
        Ok(HttpResponse::Ok().content_type("application/json").body(body))
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

fn bytes(found: &impl Serialize) -> Result<Vec<u8>> {
    serde_json::to_vec(found).map_err(|e| Error::internal(e.to_string()))
}

/// How an answer is made again from what the journal says, as it was when it was given.
pub struct Again<T> {
    /// The id of what an answer shows.
    pub id: fn(&T) -> String,
    /// What is shown of what has that id, as of when it was recorded.
    pub read: fn(&mut Db, &Caller, &Patients, &str) -> Result<Option<T>>,
}

/// How a command ended: done (also before, when it is repeated), with its answer as its reader sees it, or refused and journalled.
enum Outcome {
    Done(Answer, Option<Verdict>),
    Refused(Problem, Verdict),
}

/// What a request was answered that was sent before.
fn answered<T: Serialize>(
    db: &mut Db,
    repeat: Option<&Repeat>,
    again: Option<&Again<T>>,
    caller: &Caller,
    (now, patients): (Moment, &Patients),
) -> Result<Option<Answer>> {
    let Some(repeat) = repeat else { return Ok(None) };
    idempotency::earlier(db, repeat, now, patients, |db, id| match again {
        Some(again) => (again.read)(db, caller, patients, id)?.as_ref().map(bytes).transpose(),
        None => Ok(None),
    })
}

/// Ends a command that has done what it was told, with what is kept of its answer in its transaction.
fn finish(
    command: Command<'_>,
    answer: &Answer,
    repeat: Option<&Repeat>,
    made_of: Option<String>,
) -> Result<Option<Verdict>> {
    let (now, verdict) = (command.now, command.decision().map(|decision| verdict(decision, true)));
    let kept = repeat.map(|repeat| Kept::of(answer, repeat, made_of, command.concerned(), command.patients));
    let kept = kept.transpose()?;
    let db = command.finish()?;
    if let (Some(repeat), Some(kept)) = (repeat, &kept) {
        idempotency::store::keep(db, repeat, answer.status, kept, now)?;
    }
    Ok(verdict)
}

fn verdict(decision: &Decision, done: bool) -> Verdict {
    let codes = decision.reasons.iter().map(|reason| reason.code.as_str()).collect();
    Verdict { allowed: decision.allowed, in_retrospect: done && !decision.allowed, codes }
}

/// An answer as its reader sees it, with what things are called now that it has the ids of.
fn told(
    db: &mut Db,
    caller: &Caller,
    answer: Answer,
    means: &Means,
    (access, naming, reader): (Access, Naming, Reader),
) -> Result<Answer> {
    let known = means.memory.of(&caller.organisation_id);
    let mut view = View::new(db, caller, means.clock.now(), reader, known, &means.patients);
    let body = named(shown(answer.body, caller, access), &mut view, access, naming)?;
    Ok(Answer { body, ..answer })
}

impl Commands {
    /// What requests of this process may need.
    pub fn state(&self) -> State {
        self.state.clone()
    }

    /// Who gives the command.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// Whether the request has an Idempotency-Key: it can be sent again, and is done once.
    pub fn is_keyed(&self) -> bool {
        self.idempotency_key.is_some()
    }

    /// Makes the key of a patient whom a command is about to name, where it is not there: it must be durable before the command
    /// commits, and nobody is to wait for the disk in the one thread that writes.
    ///
    /// # Errors
    /// `unavailable` when the store of keys does not answer.
    pub async fn expect_patient(&self, reference: &PatientRef) -> std::result::Result<(), Problem> {
        let State { patients, clock, ids, .. } = self.state.clone();
        let (organisation, reference) = (self.caller.organisation_id.clone(), reference.clone());
        let known = tokio::task::spawn_blocking(move || patients.of(&organisation, &reference, clock.now(), &ids));
        known.await.map_err(|e| Error::internal(format!("a patient's key: {e}")))??;
        Ok(())
    }

    /// Runs a command that makes something: 201.
    ///
    /// # Errors
    /// What the command answers, as a problem.
    pub async fn create<B, T, F>(self, body: Body<B>, run: F) -> std::result::Result<HttpResponse, Problem>
    where
        B: Send + Sync + 'static,
        T: Serialize + 'static,
        F: Fn(&mut Command<'_>, &B) -> Result<T> + Send + 'static,
    {
        self.run(body, StatusCode::CREATED, None, run).await
    }

    /// The same for something whose answer follows from its event: it is not kept for a repeated request, but made again.
    ///
    /// # Errors
    /// What the command answers, as a problem; `answer_no_longer_kept`.
    pub async fn create_told<B, T, F>(
        self,
        body: Body<B>,
        again: Again<T>,
        run: F,
    ) -> std::result::Result<HttpResponse, Problem>
    where
        B: Send + Sync + 'static,
        T: Serialize + 'static,
        F: Fn(&mut Command<'_>, &B) -> Result<T> + Send + 'static,
    {
        self.run(body, StatusCode::CREATED, Some(again), run).await
    }

    /// Runs a command that changes something: 200.
    ///
    /// # Errors
    /// What the command answers, as a problem.
    pub async fn change<B, T, F>(self, body: Body<B>, run: F) -> std::result::Result<HttpResponse, Problem>
    where
        B: Send + Sync + 'static,
        T: Serialize + 'static,
        F: Fn(&mut Command<'_>, &B) -> Result<T> + Send + 'static,
    {
        self.run(body, StatusCode::OK, None, run).await
    }

    /// Changes a lot, part by part, each in a transaction of its own, so that nobody waits for the whole: 200 with what they come
    /// to. When it breaks off, what is done stays done: a command that is given in parts may be given again.
    ///
    /// # Errors
    /// What the command answers, as a problem.
    pub async fn change_in_parts<P, T, F>(
        self,
        body: Body<Vec<P>>,
        run: F,
    ) -> std::result::Result<HttpResponse, Problem>
    where
        P: Send + Sync + 'static,
        T: Serialize + Default + Clone + Send + Sync + 'static,
        F: Fn(&mut Command<'_>, &P, &mut T) -> Result<()> + Send + Sync + Clone + 'static,
    {
        let Body { mut value, digest } = body;
        let (last, mut so_far) = (value.pop(), T::default());
        // A key that was used for something else is refused before anything is done.
        if !value.is_empty() && !self.was_answered(&digest).await? {
            for part in value {
                so_far = self.do_part(part, so_far, run.clone()).await?;
            }
        }
        let run_last = move |cmd: &mut Command<'_>, last: &Option<P>| {
            let mut whole = so_far.clone();
            last.as_ref().map_or(Ok(()), |part| run(cmd, part, &mut whole))?;
            Ok(whole)
        };
        self.run(Body { value: last, digest }, StatusCode::OK, None, run_last).await
    }

    /// Whether the request was done before.
    async fn was_answered(&self, digest: &[u8; 32]) -> std::result::Result<bool, Problem> {
        let Some(key) = self.idempotency_key.clone() else { return Ok(false) };
        let (caller, now, patients) = (self.caller.clone(), self.state.clock.now(), self.state.patients.clone());
        let repeat = Repeat::of(&caller, key, &self.target, digest, &patients)?;
        let earlier = move |db: &mut Db| answered::<()>(db, Some(&repeat), None, &caller, (now, &patients));
        Ok(self.state.store.write(earlier).await?.is_some())
    }

    /// Does one part, with what all before it came to.
    async fn do_part<P, T, F>(&self, part: P, so_far: T, run: F) -> std::result::Result<T, Problem>
    where
        P: Send + Sync + 'static,
        T: Clone + Send + Sync + 'static,
        F: Fn(&mut Command<'_>, &P, &mut T) -> Result<()> + Send + Sync + 'static,
    {
        let (store, caller, turn) = (self.state.store.clone(), self.caller.clone(), self.turn);
        let means = self.state.means();
        let permit = store.stand_in_line(turn).await?;
        let done = store
            .write(move |db| {
                let _permit = &permit;
                let mut whole = so_far.clone();
                let mut command = Command::begin(db, turn, &caller, &means)?;
                run(&mut command, &part, &mut whole)?;
                command.finish()?;
                Ok(whole)
            })
            .await?;
        Ok(done)
    }

    async fn run<B, T, F>(
        self,
        body: Body<B>,
        status: StatusCode,
        again: Option<Again<T>>,
        run: F,
    ) -> std::result::Result<HttpResponse, Problem>
    where
        B: Send + Sync + 'static,
        T: Serialize + 'static,
        F: Fn(&mut Command<'_>, &B) -> Result<T> + Send + 'static,
    {
        let Commands { state, caller, target, idempotency_key, turn, note } = self;
        let Body { value, digest } = body;
        let repeated = |key| Repeat::of(&caller, key, &target, &digest, &state.patients);
        let repeat = idempotency_key.map(repeated).transpose()?;
        let _in_flight = repeat.as_ref().map(|repeat| InFlight::enter(&state.in_flight, repeat)).transpose()?;
        let (store, means) = (state.store.clone(), state.means());
        let saying = (state.access, state.naming, state.reader);
        let permit = store.stand_in_line(turn).await?;
        let outcome = store
            .write(move |db| {
                // Kept until the command is over, also when its caller has gone.
                let _permit = &permit;
                let with = (means.clock.now(), &means.patients);
                if let Some(answer) = answered(db, repeat.as_ref(), again.as_ref(), &caller, with)? {
                    return Ok(Outcome::Done(told(db, &caller, answer, &means, saying)?, None));
                }
                let mut command = Command::begin(db, turn, &caller, &means)?;
                match run(&mut command, &value) {
                    Ok(done) => {
                        let answer = Answer { status: status.as_u16(), body: bytes(&done)? };
                        let made_of = again.as_ref().map(|again| (again.id)(&done));
                        let verdict = finish(command, &answer, repeat.as_ref(), made_of)?;
                        Ok(Outcome::Done(told(db, &caller, answer, &means, saying)?, verdict))
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
                Ok(HttpResponse::build(status).content_type("application/json").body(answer.body))
            }
            Outcome::Refused(problem, verdict) => {
                note.take(verdict);
                Err(problem)
            }
        }
    }
}
