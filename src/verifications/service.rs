//! Beginning a verification, and seeing to it that what it finds is kept.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use tokio::sync::oneshot;

use super::model::{Outcome, State as Stands, Verification};
use super::store;
use super::wire::VerificationView;
use crate::caller::Caller;
use crate::command::View;
use crate::db::{Db, violates_unique};
use crate::error::{Error, Result};
use crate::http::commands::State;
use crate::ids::VerificationId;
use crate::limits::VERIFICATIONS_KEPT;
use crate::organisations;
use crate::problem::ProblemCode;

/// How often is written that one goes on.
const TOUCH_EVERY: Duration = Duration::from_secs(5);
/// How often it is tried to write how one ended.
const ATTEMPTS: usize = 60;

/// How far one is: steps that are done, and steps in all.
#[derive(Default)]
pub struct Progress {
    done: AtomicI64,
    all: AtomicI64,
}

impl Progress {
    /// Says how far it is.
    pub fn tell(&self, done: usize, all: usize) {
        self.done.store(i64::try_from(done).unwrap_or(i64::MAX), Ordering::Relaxed);
        self.all.store(i64::try_from(all).unwrap_or(i64::MAX), Ordering::Relaxed);
    }

    fn read(&self) -> (i64, i64) {
        (self.done.load(Ordering::Relaxed), self.all.load(Ordering::Relaxed))
    }
}

/// Verifies the deployment, and says how far it is meanwhile.
pub type Verify = dyn Fn(&Progress) -> Result<Outcome> + Send + Sync;

/// Who verifies in a process.
#[derive(Clone)]
pub struct Runner {
    verify: Arc<Verify>,
    /// A name that no other process has.
    process: Arc<str>,
    /// Whether no other process shares the database.
    alone: bool,
}

impl Runner {
    /// One that verifies so, in a process of that name.
    pub fn new(process: &str, alone: bool, verify: Arc<Verify>) -> Self {
        Runner { verify, process: Arc::from(process), alone }
    }
}

/// Begins a verification.
///
/// # Errors
/// `verification_running`; what the database answers.
pub async fn begin(state: &State, runner: &Runner, caller: &Caller) -> Result<VerificationView> {
    let now = state.clock.now();
    let new = Verification {
        id: VerificationId::mint(&state.ids, now, 0),
        organisation_id: caller.organisation_id.clone(),
        started_by: caller.subject.clone(),
        started_at: now,
        process: runner.process.to_string(),
        state: Stands::Running,
        touched_at: now,
        steps_done: 0,
        steps: 0,
        ended_at: None,
        outcome: None,
    };
    let (kept, by) = (new.clone(), runner.clone());
    state.store.write(move |db| keep(db, &kept, &by)).await?;
    let progress = Arc::new(Progress::default());
    let (sender, receiver) = oneshot::channel();
    let (verify, telling) = (runner.verify.clone(), progress.clone());
    let work = move || {
        let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| verify(&telling)));
        // Nobody waits any more where the server stops.
        let _ = sender.send(done.unwrap_or_else(|_| Err(Error::internal("a verification panicked"))));
    };
    let started = std::thread::Builder::new().name("lotline-verify".to_owned()).spawn(work);
    actix_web::rt::spawn(watch(state.clone(), new.id.clone(), progress, receiver));
    started.map_err(|e| Error::Unavailable(format!("starting a thread: {e}")))?;
    Ok(VerificationView::of(new, true, false))
}

/// Keeps one that begins, if none is running; one whose process has ended is over.
fn keep(db: &mut Db, new: &Verification, runner: &Runner) -> Result<()> {
    let running = || Error::problem(ProblemCode::VerificationRunning, ProblemCode::VerificationRunning.title());
    if let Some(other) = store::running(db)? {
        if !other.is_interrupted(&runner.process, runner.alone, new.started_at) {
            return Err(running());
        }
        store::end(db, &other.id, Stands::Interrupted, None, new.started_at)?;
    }
    store::insert(db, new).map_err(|error| match error {
        Error::Database(error) if violates_unique(&error) => running(),
        error => error,
    })?;
    store::keep_last(db, &new.organisation_id, VERIFICATIONS_KEPT)
}

/// Writes how far one is, and how it ended.
async fn watch(
    state: State,
    id: VerificationId,
    progress: Arc<Progress>,
    mut receiver: oneshot::Receiver<Result<Outcome>>,
) {
    let found = loop {
        match tokio::time::timeout(TOUCH_EVERY, &mut receiver).await {
            Ok(found) => break found.unwrap_or_else(|_| Err(Error::internal("a verification was dropped"))),
            Err(_) => {
                let (id, at, now) = (id.clone(), progress.read(), state.clock.now());
                if let Err(error) = state.store.write(move |db| store::touch(db, &id, at, now)).await {
                    tracing::warn!(?error, "how far a verification is cannot be written");
                }
            }
        }
    };
    let (stands, outcome) = match found {
        Ok(outcome) => {
            for finding in &outcome.findings {
                tracing::error!(verification = %id, finding, "the record does not agree with its journal");
            }
            (Stands::Done, Some(outcome))
        }
        Err(error) => {
            tracing::error!(verification = %id, ?error, "a verification could not be done");
            (Stands::Failed, None)
        }
    };
    for _ in 0..ATTEMPTS {
        let (id, at, outcome, now) = (id.clone(), progress.read(), outcome.clone(), state.clock.now());
        let write = state.store.write(move |db| {
            store::touch(db, &id, at, now)?;
            store::end(db, &id, stands, outcome.clone(), now)
        });
        match write.await {
            Ok(()) => return,
            Err(error) => tracing::warn!(?error, "what a verification found cannot be written"),
        }
        tokio::time::sleep(TOUCH_EVERY).await;
    }
}

/// One as whoever asks sees it.
///
/// # Errors
/// What the database answers.
pub fn shown(view: &mut View<'_>, runner: &Runner, verification: Verification) -> Result<VerificationView> {
    let whole = view.caller.sites.is_none() && organisations::service::is_only(view.db, &view.caller.organisation_id)?;
    let over = verification.is_interrupted(&runner.process, runner.alone, view.now);
    Ok(VerificationView::of(verification, whole, over))
}
