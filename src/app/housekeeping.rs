//! What time alone brings about: what ends by itself, and sensors that fall silent, every minute; and twice a second what was
//! recorded becomes part of the custody log. In steps so small that nobody waits for them.

use std::time::Duration;

use super::process::Process;
use crate::custody_log::sequencing::{self, Troubles};
use crate::error::Result;
use crate::http::idempotency::store::end_answers;
use crate::limits::ANSWERS_KEPT_DAYS;

/// How long from one sweep to the next. Each process of a deployment sweeps; they do not get into each other's way.
const PERIOD: Duration = Duration::from_secs(60);
/// Rows that end in one step.
const AT_ONCE: usize = 100;
/// Pieces of readings that are let go in one sweep: a day of a sensor each, as a rule.
const PIECES: usize = 500;

/// Begins with everything, and makes the custody log so often, if at all.
pub(super) fn begin(process: &Process, log_every: Option<Duration>) {
    actix_web::rt::spawn(run(process.clone()));
    if let Some(period) = log_every {
        actix_web::rt::spawn(log(process.clone(), period));
    }
}

/// Sweeps for as long as the server runs.
async fn run(process: Process) {
    loop {
        actix_web::rt::time::sleep(PERIOD).await;
        if let Err(error) = sweep(&process).await {
            tracing::warn!(?error, "what is over by the clock is as it was");
        }
    }
}

/// Makes the custody log of what was recorded, for as long as the server runs.
async fn log(process: Process, period: Duration) {
    let mut troubles = Troubles::default();
    loop {
        if let Err(error) = sequencing::sweep(&process.state, &process.witness, &mut troubles).await {
            tracing::warn!(?error, "what was recorded waits for its place in the custody log");
        }
        actix_web::rt::time::sleep(period).await;
    }
}

/// Does everything whose time has come by the clock.
///
/// # Errors
/// What the database answers.
pub async fn sweep(process: &Process) -> Result<()> {
    let Process { state, evidence, .. } = process;
    let until = state.clock.now().plus_days(-ANSWERS_KEPT_DAYS);
    let most = i64::try_from(AT_ONCE).unwrap_or(i64::MAX);
    while state.store.write(move |db| end_answers(db, until, most)).await? == AT_ONCE {}
    while crate::evidence::service::sweep(state, evidence, AT_ONCE).await? == AT_ONCE {}
    crate::erasures::service::sweep(state).await?;
    // Whoever has waited for three intervals can wait for another minute: the rest has until the next time.
    crate::excursions::silence::watch(state, most).await?;
    crate::sensors::retention::sweep(state, PIECES).await
}
