//! The application: its routes, and what happens around every request.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use actix_web::body::BoxBody;
use actix_web::dev::{HttpServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, ResponseError, get, web};
use futures_util::FutureExt;
use utoipa_actix_web::OpenApiFactory;

use super::access;
use super::commands::State;
use super::docs;
use super::problem::{Problem, ProblemCode};
use crate::caller::{Caller, Role};

/// The header that names a request in answers and in the log.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Where operations are added: to the server, or to the document. Each takes what it needs of them, so that a worker's
/// routes do not cost it a document of its own.
pub trait Routes {
    /// Adds an operation.
    fn service(&mut self, operation: impl HttpServiceFactory + OpenApiFactory + 'static) -> &mut Self;
}

impl Routes for web::ServiceConfig {
    fn service(&mut self, operation: impl HttpServiceFactory + OpenApiFactory + 'static) -> &mut Self {
        web::ServiceConfig::service(self, operation)
    }
}

impl Routes for utoipa_actix_web::service_config::ServiceConfig<'_> {
    fn service(&mut self, operation: impl HttpServiceFactory + OpenApiFactory + 'static) -> &mut Self {
        utoipa_actix_web::service_config::ServiceConfig::service(self, operation)
    }
}

/// The operations under `/v1`.
pub fn operations(cfg: &mut impl Routes) {
    crate::sites::api::routes(cfg);
    crate::catalogue::api::routes(cfg);
    crate::suppliers::api::routes(cfg);
    crate::practitioners::api::routes(cfg);
    crate::licences::api::routes(cfg);
    crate::policies::api::routes(cfg);
    crate::purchasing::api::routes(cfg);
    crate::receiving::api::routes(cfg);
    crate::inspections::api::routes(cfg);
    crate::evidence::api::routes(cfg);
    crate::holds::api::routes(cfg);
    crate::stock::api::routes(cfg);
    crate::movements::api::routes(cfg);
    crate::treatment::api::routes(cfg);
    crate::attention::api::routes(cfg);
    crate::custody::api::routes(cfg);
}

/// What is outside `/v1`: health, documentation.
pub fn plain_routes(cfg: &mut web::ServiceConfig) {
    cfg.service(healthz).service(readyz).configure(docs::routes);
}

/// The process is alive.
#[get("/healthz")]
async fn healthz() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ok\n")
}

/// The process can answer: its database is there.
#[get("/readyz")]
async fn readyz(state: web::Data<State>) -> HttpResponse {
    match state.store.ping().await {
        Ok(()) => HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ready\n"),
        Err(error) => {
            tracing::warn!(error = ?error, "not ready");
            HttpResponse::ServiceUnavailable()
                .content_type("text/plain; charset=utf-8")
                .body("database: not reachable\n")
        }
    }
}

/// Which operation a method and a path pattern are, and who may call it. Built from the OpenAPI document, so that no
/// route can be missing from it.
#[derive(Clone, Default)]
pub struct Operations(Arc<HashMap<String, Vec<Operation>>>);

#[derive(Clone)]
struct Operation {
    method: String,
    id: String,
    roles: &'static [Role],
}

impl Operations {
    /// The operations of a document.
    pub fn of(document: &utoipa::openapi::OpenApi) -> Self {
        let mut by_path: HashMap<String, Vec<Operation>> = HashMap::new();
        for (path, method, operation) in docs::operations(document) {
            let id = operation.operation_id.clone().unwrap_or_default();
            let roles = access::roles(&id).unwrap_or_default();
            by_path.entry(path.to_owned()).or_default().push(Operation { method: method.to_owned(), id, roles });
        }
        Operations(Arc::new(by_path))
    }

    fn on(&self, request: &HttpRequest) -> &[Operation] {
        request.match_pattern().and_then(|pattern| self.0.get(&pattern)).map_or(&[], Vec::as_slice)
    }

    fn find(&self, request: &HttpRequest) -> Option<&Operation> {
        // HEAD asks for what GET would answer.
        let method = if request.method() == "HEAD" { "GET" } else { request.method().as_str() };
        self.on(request).iter().find(|operation| operation.method == method)
    }
}

/// What no route answers: 405 when the path is known with another method, 404 otherwise.
pub async fn no_route(request: HttpRequest, operations: web::Data<Operations>) -> Result<HttpResponse, Problem> {
    let methods: Vec<_> = operations.on(&request).iter().map(|operation| operation.method.as_str()).collect();
    if methods.is_empty() {
        return Err(Problem::new(ProblemCode::NotFound, "There is nothing at this address."));
    }
    let allow = methods.join(", ");
    let detail = format!("This address answers {allow}, not {}.", request.method());
    Err(Problem { allow: Some(allow), ..Problem::new(ProblemCode::MethodNotAllowed, detail) })
}

/// Around every request: its id, its log line, its problem details, and no panic that reaches the connection.
pub async fn outermost(
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let request_id = request_id(&request);
    let started = std::time::Instant::now();
    // The request itself must not be kept: the router takes it for its own, and panics when somebody else has it.
    let method = request.method().clone();
    let problem = match AssertUnwindSafe(next.call(request)).catch_unwind().await {
        Ok(Ok(response)) => {
            let mut response = problems_for_errors(response, &request_id);
            if let Ok(value) = HeaderValue::from_str(&request_id) {
                response.headers_mut().insert(REQUEST_ID, value);
            }
            let caller = response.request().extensions().get::<Arc<Caller>>().cloned();
            tracing::info!(
                request_id,
                method = %method,
                // The pattern, not the path: whatever stands in a path stays out of the log.
                route = response.request().match_pattern().unwrap_or_default(),
                status = response.status().as_u16(),
                micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX),
                organisation = caller.as_ref().map(|caller| caller.organisation_id.as_str()),
                actor = caller.as_ref().map(|caller| caller.subject.as_str()),
                "request"
            );
            return Ok(response);
        }
        Ok(Err(error)) => as_problem(&error),
        Err(_) => Problem::new(ProblemCode::Internal, ProblemCode::Internal.title()),
    };
    tracing::error!(request_id, method = %method, status = problem.code.status(), "a request was lost");
    Err(Lost { problem, request_id }.into())
}

/// The answer to a request that is gone: its handler panicked.
#[derive(Debug)]
struct Lost {
    problem: Problem,
    request_id: String,
}

impl std::fmt::Display for Lost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.problem.fmt(f)
    }
}

impl ResponseError for Lost {
    fn error_response(&self) -> HttpResponse {
        let mut response = self.problem.respond(&self.request_id);
        if let Ok(value) = HeaderValue::from_str(&self.request_id) {
            response.headers_mut().insert(REQUEST_ID, value);
        }
        response
    }
}

/// The caller's request id if it is harmless, or one of ours.
fn request_id(request: &ServiceRequest) -> String {
    let given = request.headers().get(&REQUEST_ID).and_then(|value| value.to_str().ok()).filter(|id| {
        (8..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    });
    given.map_or_else(
        || {
            let state = request.app_data::<web::Data<State>>();
            state.map(|state| state.ids.uuid(state.clock.now(), 0).to_string()).unwrap_or_default()
        },
        str::to_owned,
    )
}

/// Every error answer is a problem, whoever made it.
fn problems_for_errors(response: ServiceResponse<BoxBody>, request_id: &str) -> ServiceResponse<BoxBody> {
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return response;
    }
    if let Some(error) = response.response().error() {
        let problem = as_problem(error);
        return response.into_response(problem.respond(request_id));
    }
    let is_text = response.headers().get(CONTENT_TYPE).is_some_and(|value| value.as_bytes().starts_with(b"text/plain"));
    if is_text {
        return response; // health, which is read by machines
    }
    let problem = for_status(status.as_u16());
    response.into_response(problem.respond(request_id))
}

fn as_problem(error: &actix_web::Error) -> Problem {
    match error.as_error::<Problem>() {
        Some(problem) => problem.clone(),
        None => for_status(error.as_response_error().status_code().as_u16()),
    }
}

/// A problem for an error that is not one of ours.
fn for_status(status: u16) -> Problem {
    let code = ProblemCode::ALL.iter().find(|code| code.status() == status).copied().unwrap_or(match status {
        400..=499 => ProblemCode::MalformedQuery,
        _ => ProblemCode::Internal,
    });
    Problem::new(code, code.title())
}

/// Around every operation: who asks, and whether they may.
pub async fn authenticate(
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let (Some(state), Some(operations)) =
        (request.app_data::<web::Data<State>>().cloned(), request.app_data::<web::Data<Operations>>().cloned())
    else {
        return Err(Problem::new(ProblemCode::Internal, ProblemCode::Internal.title()).into());
    };
    let Some(operation) = operations.find(request.request()) else {
        return next.call(request).await; // no_route answers
    };
    match admit(&request, &state, operation).await {
        Ok(()) => next.call(request).await,
        Err(problem) => Ok(request.error_response(problem)),
    }
}

/// Notes the caller in the request, if they may call the operation.
async fn admit(request: &ServiceRequest, state: &State, operation: &Operation) -> Result<(), Problem> {
    let caller = bearer(request).and_then(|token| state.keys.verify(token)).ok_or_else(unauthenticated)?;
    if !state.knows(&caller.organisation_id).await? {
        return Err(unauthenticated());
    }
    let allowed = caller.has_any(operation.roles);
    request.extensions_mut().insert(Arc::new(caller));
    if allowed {
        return Ok(());
    }
    let roles: Vec<_> = operation.roles.iter().map(Role::as_str).collect();
    Err(Problem::new(ProblemCode::Forbidden, format!("{} is for: {}.", operation.id, roles.join(", "))))
}

fn bearer(request: &ServiceRequest) -> Option<&str> {
    let mut values = request.headers().get_all(AUTHORIZATION);
    let value = values.next()?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    (values.next().is_none() && scheme.eq_ignore_ascii_case("bearer")).then_some(token.trim())
}

/// The same words for every token that is not good: why it is not is nobody's business.
fn unauthenticated() -> Problem {
    Problem::new(ProblemCode::Unauthenticated, "Send a valid token: Authorization: Bearer …")
}
