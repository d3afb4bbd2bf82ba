//! How a process is: alive, ready, and in numbers. Anyone may ask, so no answer names an organisation or a person.

use actix_web::{HttpResponse, get, web};
use serde::Serialize;
use tokio::sync::Mutex;
use tokio::time::Instant;
use utoipa::ToSchema;

use crate::evidence::objects::Objects;
use crate::http::commands::State;
use crate::http::input::Inlet;
use crate::problem::{Problem, ProblemBody, ProblemCode};

/// What a process needs before it can answer.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Dependencies {
    /// `ok`, or `unreachable`.
    database: &'static str,
    /// `ok`; `pending` when the database lacks a migration that this program has; `unknown` while the database is
    /// unreachable.
    migrations: &'static str,
    /// `ok`, or `unreachable`: the place of photographs and documents.
    evidence: &'static str,
    /// `ok`; `missing`: the file of the key that signs tokens is not there; `open`: others may read or change keys.
    signing_keys: &'static str,
}

impl Dependencies {
    async fn look(state: &State, evidence: &Objects) -> Self {
        let (database, migrations) = match state.store.is_up_to_date().await {
            Ok(true) => ("ok", "ok"),
            Ok(false) => ("ok", "pending"),
            Err(error) => {
                tracing::warn!(error = ?error, "the database is unreachable");
                ("unreachable", "unknown")
            }
        };
        Dependencies {
            database,
            migrations,
            evidence: if evidence.is_reachable().await { "ok" } else { "unreachable" },
            signing_keys: state.keys.condition(),
        }
    }

    /// What is not as it must be.
    fn missing(&self) -> Vec<String> {
        let all = [
            ("database", self.database),
            ("migrations", self.migrations),
            ("evidence", self.evidence),
            ("signing_keys", self.signing_keys),
        ];
        all.into_iter().filter(|(_, how)| *how != "ok").map(|(what, how)| format!("{what}: {how}")).collect()
    }
}

/// Looks at what a process needs, one after the other: however many ask, the database is asked by one of them at a time.
#[derive(Default)]
pub struct Looks(Mutex<Option<(Instant, Dependencies)>>);

impl Looks {
    /// What was found by a look that began no earlier than the question.
    async fn look(&self, state: &State, evidence: &Objects) -> Dependencies {
        let asked = Instant::now();
        let mut last = self.0.lock().await;
        if let Some((began, found)) = &*last
            && *began >= asked
        {
            return found.clone();
        }
        let began = Instant::now();
        let found = Dependencies::look(state, evidence).await;
        *last = Some((began, found.clone()));
        found
    }
}

/// A process that can answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct Ready {
    /// Each `ok`.
    dependencies: Dependencies,
}

/// A process that cannot answer: a problem, and what it lacks.
#[derive(Debug, Serialize, ToSchema)]
pub struct NotReady {
    #[serde(flatten)]
    problem: ProblemBody,
    /// Each `ok`, or how it is.
    dependencies: Dependencies,
}

/// Says that the process is alive.
#[utoipa::path(operation_id = "get_health", tag = "Operation",
    responses((status = 200, description = "It is.", body = String, content_type = "text/plain", example = "ok\n")))]
#[get("/healthz")]
pub async fn healthz() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ok\n")
}

/// Says whether the process can answer, and what it lacks: database, migrations, evidence, signing keys.
#[utoipa::path(operation_id = "get_readiness", tag = "Operation",
    responses((status = 200, description = "It can.", body = Ready),
        (status = 503, description = "A problem: not_ready, and what is missing.", body = NotReady,
            content_type = "application/problem+json")))]
#[get("/readyz")]
pub async fn readyz(
    state: web::Data<State>,
    evidence: web::Data<Objects>,
    looks: web::Data<Looks>,
    request_id: web::ReqData<crate::http::answers::RequestId>,
) -> HttpResponse {
    let dependencies = looks.look(&state, &evidence).await;
    let missing = dependencies.missing();
    if missing.is_empty() {
        return HttpResponse::Ok().json(Ready { dependencies });
    }
    let problem = Problem::new(ProblemCode::NotReady, format!("{}.", missing.join(", ")));
    let mut response = problem.head();
    response.json(NotReady { problem: problem.body(&request_id.0), dependencies })
}

/// Gives numbers about this process, as Prometheus reads them: requests, decisions of gates with their reasons, queues.
///
/// They name no organisation and no person.
#[utoipa::path(operation_id = "get_metrics", tag = "Operation",
    responses((status = 200, description = "The numbers, text format 0.0.4.", body = String, content_type = "text/plain",
        example = "lotline_decisions_total{decision=\"allowed\",gate=\"create_administration\"} 1\n")))]
#[get("/metrics")]
pub async fn metrics(state: web::Data<State>, inlet: web::Data<Inlet>) -> Result<HttpResponse, Problem> {
    state.metrics.bodies.set(i64::try_from(inlet.taken()).unwrap_or(i64::MAX));
    let text = state.metrics.text()?;
    Ok(HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(text))
}
