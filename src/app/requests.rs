//! What happens around every request: who asks, whether they may, and what is said of it in the log and the numbers.

use std::collections::{HashMap, HashSet};
use std::net::Ipv6Addr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use actix_web::body::BoxBody;
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, ResponseError, web};
use futures_util::FutureExt;

use super::process::Known;
use super::{docs, operations};
use crate::caller::{Caller, Extent, Role};
use crate::command::Turn;
use crate::house;
use crate::http::answers::{self, RequestId};
use crate::http::auth::{Bearer, Issued};
use crate::http::commands::{Note, State};
use crate::http::connection;
use crate::http::outgoing::Outgoing;
use crate::http::rates::Rates;
use crate::http::slice::Reach;
use crate::limits::{HEAD_MAX, HEADERS_MAX, TOO_MANY_WAIT_MS, URI_MAX};
use crate::metrics::{Metrics, Verdict};
use crate::problem::{Problem, ProblemCode, Told};
use crate::values::Invalid;

/// The header that names a request in answers and in the log.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Which operation a method and a path pattern are, and who may call it. Built from the OpenAPI document, so that no
/// route can be missing from it.
#[derive(Clone, Default)]
pub struct Operations(Arc<HashMap<String, Vec<Operation>>>);

#[derive(Clone)]
struct Operation {
    method: String,
    id: String,
    roles: &'static [Role],
    reach: Reach,
    turn: Option<Turn>,
    /// The query parameters that it takes.
    parameters: Vec<String>,
}

impl Operations {
    /// The operations of a document.
    pub fn of(document: &utoipa::openapi::OpenApi) -> Self {
        let mut by_path: HashMap<String, Vec<Operation>> = HashMap::new();
        for (path, method, operation) in docs::operations(document) {
            let id = operation.operation_id.clone().unwrap_or_default();
            let said = house::operation(&id);
            let (roles, reach) = said.map_or((&[][..], Reach::Organisation), |said| (said.roles, said.reach));
            let turn = said.and_then(|said| said.turn);
            let parameters = docs::reading::query_parameters(operation);
            let method = method.to_owned();
            let operation = Operation { method, id, roles, reach, turn, parameters };
            by_path.entry(path.to_owned()).or_default().push(operation);
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

impl Operation {
    /// Whether it knows every parameter of a query, each given once, as text. Their values are its own business.
    fn takes(&self, query: &str) -> Result<(), Problem> {
        let mut seen = HashSet::new();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let refuse = |what: &str| {
                let known = if self.parameters.is_empty() { "none".to_owned() } else { self.parameters.join(", ") };
                Problem::new(ProblemCode::MalformedQuery, format!("A query parameter is {what}; there are: {known}."))
            };
            if !self.parameters.contains(&name.clone().into_owned()) {
                return Err(refuse("unknown"));
            }
            if value.contains('\0') {
                // PostgreSQL keeps no text with one, so none can be found by it.
                return Err(Problem::new(ProblemCode::MalformedQuery, "A query parameter has a NUL character."));
            }
            if !seen.insert(name) {
                return Err(refuse("given twice"));
            }
        }
        Ok(())
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
    Err(Problem { allow: Some(allow.into()), ..Problem::new(ProblemCode::MethodNotAllowed, detail) })
}

/// Around every request: its id, its log line, its numbers, its problem details, and no panic that reaches the connection.
pub async fn outermost(
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let asked = Asked::by(&request);
    let answer = match excessive(&request) {
        Some(problem) => Ok(Ok(request.error_response(problem))),
        None => {
            request.extensions_mut().insert(RequestId(asked.request_id.clone()));
            request.extensions_mut().insert(asked.note.clone());
            AssertUnwindSafe(next.call(request)).catch_unwind().await
        }
    };
    let took = asked.at.elapsed();
    let answer = match answer {
        Ok(Ok(response)) => {
            let response = problems_for_errors(response, &asked.request_id);
            Ok(send_off(response, asked.turn.as_ref(), &asked.method, &asked.request_id))
        }
        Ok(Err(error)) => Err(as_problem(&error)),
        Err(_) => Err(Problem::new(ProblemCode::Internal, ProblemCode::Internal.title())),
    };
    let answered = Answered::with(&answer, took);
    asked.count(&answered);
    match answer {
        Ok(mut response) => {
            asked.head(&mut response);
            asked.log(&response, answered);
            Ok(response)
        }
        Err(problem) => Err(asked.lost(problem).into()),
    }
}

/// What is known of a request as it comes. The request itself must not be kept: the router takes it for its own, and panics
/// when somebody else has it.
struct Asked {
    at: std::time::Instant,
    request_id: String,
    method: Method,
    /// The headers that every answer at its address has.
    headers: &'static [(HeaderName, &'static str)],
    turn: Option<connection::Turn>,
    metrics: Option<Metrics>,
    /// What a gate decides about it.
    note: Note,
}

/// How a request was answered, for the numbers and the log.
struct Answered {
    status: u16,
    /// The pattern of its path: whatever stands in the path stays out of both.
    route: Option<String>,
    operation: Option<String>,
    took: Duration,
}

impl Answered {
    fn with(answer: &Result<ServiceResponse<BoxBody>, Problem>, took: Duration) -> Self {
        let response = match answer {
            Ok(response) => response,
            Err(problem) => return Answered { status: problem.code.status(), route: None, operation: None, took },
        };
        let request = response.request();
        let operations = request.app_data::<web::Data<Operations>>();
        let operation = operations.and_then(|operations| operations.find(request));
        Answered {
            status: response.status().as_u16(),
            route: request.match_pattern(),
            operation: operation.map(|operation| operation.id.clone()),
            took,
        }
    }
}

impl Asked {
    fn by(request: &ServiceRequest) -> Self {
        let at = std::time::Instant::now();
        let turn = request.conn_data::<connection::Turn>().cloned();
        let metrics = request.app_data::<web::Data<State>>().map(|state| state.metrics.clone());
        if let Some(turn) = &turn {
            begin(turn, request);
        }
        if let Some(metrics) = &metrics {
            metrics.in_flight.inc();
        }
        Asked {
            at,
            request_id: request_id(request),
            method: request.method().clone(),
            headers: headers_of(request.path()),
            turn,
            metrics,
            note: Note::default(),
        }
    }

    /// Counts the answer.
    fn count(&self, answered: &Answered) {
        let Some(metrics) = &self.metrics else { return };
        let route = answered.route.as_deref().unwrap_or("unmatched");
        metrics.in_flight.dec();
        metrics.answered(self.method.as_str(), route, answered.status, answered.took.as_secs_f64());
        if let (Some(verdict), Some(operation)) = (self.note.verdict(), &answered.operation) {
            metrics.decided(operation, verdict);
        }
    }

    /// Adds the headers that an answer has whatever it says.
    fn head(&self, response: &mut ServiceResponse<BoxBody>) {
        if let Ok(value) = HeaderValue::from_str(&self.request_id) {
            response.headers_mut().insert(REQUEST_ID, value);
        }
        for (name, value) in self.headers {
            response.headers_mut().insert(name.clone(), HeaderValue::from_static(value));
        }
        let told = response.request().extensions().get::<Told>().cloned();
        told.iter().for_each(|told| answers::tell(told, response.headers_mut()));
    }

    /// Says in the log who asked for what, and how it was answered.
    fn log(&self, response: &ServiceResponse<BoxBody>, answered: Answered) {
        let caller = response.request().extensions().get::<Arc<Caller>>().cloned();
        let issued = response.request().extensions().get::<Issued>().cloned();
        let verdict = self.note.verdict();
        tracing::info!(
            request_id = self.request_id,
            method = known(&self.method),
            route = answered.route.unwrap_or_default(),
            operation = answered.operation,
            status = answered.status,
            micros = u64::try_from(answered.took.as_micros()).unwrap_or(u64::MAX),
            organisation = caller.as_ref().map(|caller| caller.organisation_id.as_str()),
            actor = caller.as_ref().map(|caller| caller.subject.as_str()),
            token = issued.as_ref().and_then(|issued| issued.token_id.as_ref()).map(|id| id.as_str()),
            decision = verdict.map(Verdict::word),
            reasons = verdict.filter(|verdict| !verdict.allowed).map(|verdict| verdict.codes.join(" ")),
            "request"
        );
    }

    /// The answer to a request that is gone. It is small, and on its way at once.
    fn lost(self, problem: Problem) -> Lost {
        self.turn.iter().for_each(|turn| drop(turn.answers()));
        let (method, status) = (known(&self.method), problem.code.status());
        tracing::error!(request_id = self.request_id, method, status, "a request was lost");
        Lost { problem, request_id: self.request_id }
    }
}

/// Tells the connection of a request what arrives on it next.
fn begin(turn: &connection::Turn, request: &ServiceRequest) {
    let (head, payload) = request.parts();
    let length = head.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    turn.begins(!matches!(payload, Payload::None), length);
}

/// An answer whose body goes out in slices. One to a question that finds no room in memory says so instead; a change has
/// been made when it is answered, so it is answered.
fn send_off(
    response: ServiceResponse<BoxBody>,
    turn: Option<&connection::Turn>,
    method: &Method,
    request_id: &str,
) -> ServiceResponse<BoxBody> {
    let Some(turn) = turn else { return response };
    let (answering, mut has_room) = (turn.answers(), true);
    let response = response.map_body(|_, body| {
        let (body, fits) = Outgoing::new(body, answering);
        has_room = fits;
        BoxBody::new(body)
    });
    if has_room || !method.is_safe() {
        return response;
    }
    let problem = Problem::new(ProblemCode::Overloaded, "Too many answers wait to be read; try again in a second.");
    let response = response.into_response(problem.respond(request_id));
    let answering = turn.answers();
    response.map_body(|_, body| BoxBody::new(Outgoing::new(body, answering).0))
}

/// The headers that every answer at an address has.
fn headers_of(path: &str) -> &'static [(HeaderName, &'static str)] {
    if path == "/v1" || path.starts_with("/v1/") {
        // Who was treated with what is kept by nobody on the way.
        const { &[(CACHE_CONTROL, "no-store")] }
    } else if path.starts_with("/docs") || path == "/openapi.json" {
        docs::HEADERS
    } else {
        &[]
    }
}

/// A method as the log and the numbers name it: whoever makes one up finds it nowhere.
fn known(method: &Method) -> &str {
    match method.as_str() {
        name @ ("GET" | "HEAD" | "POST" | "PUT" | "DELETE" | "PATCH" | "OPTIONS") => name,
        _ => "other",
    }
}

/// Why a head is more than is taken. What is more than actix reads never comes here.
fn excessive(request: &ServiceRequest) -> Option<Problem> {
    let uri = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
    let headers = request.headers();
    let counted = headers.iter().filter(|(name, _)| *name != AUTHORIZATION);
    let bytes: usize = counted.map(|(name, value)| name.as_str().len().saturating_add(value.len())).sum();
    if uri > URI_MAX {
        let detail = format!("The address with its query may have at most {URI_MAX} bytes.");
        Some(Problem::new(ProblemCode::UriTooLong, detail))
    } else if headers.len() > HEADERS_MAX || bytes > HEAD_MAX {
        let detail = format!("A request may have at most {HEADERS_MAX} headers with {HEAD_MAX} bytes in all.");
        Some(Problem::new(ProblemCode::HeadTooLarge, detail))
    } else {
        None
    }
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
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
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
    let media_type = response.headers().get(CONTENT_TYPE).map(HeaderValue::as_bytes);
    if media_type == Some(b"application/problem+json") {
        return response; // readiness, which says more than other problems
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
    let code = house::problems().into_iter().find(|code| code.status() == status).unwrap_or(match status {
        400..=499 => ProblemCode::MalformedQuery,
        _ => ProblemCode::Internal,
    });
    Problem::new(code, code.title())
}

/// Around every operation: who asks, how often, and whether they may.
pub async fn authenticate(
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let (Some(state), Some(known), Some(operations), Some(rates)) = (
        request.app_data::<web::Data<State>>().cloned(),
        request.app_data::<web::Data<Known>>().cloned(),
        request.app_data::<web::Data<Operations>>().cloned(),
        request.app_data::<web::Data<Rates>>().cloned(),
    ) else {
        return Err(Problem::new(ProblemCode::Internal, ProblemCode::Internal.title()).into());
    };
    let operation = operations.find(request.request());
    let is_one_of = |ids: &[&str]| operation.is_some_and(|operation| ids.contains(&operation.id.as_str()));
    let (caller, issued) = match verify(&request, &state).await {
        Some(Bearer { caller, issued }) => (Some(caller), Some(issued)),
        None => (None, None),
    };
    let mut told = None;
    let counted = match &caller {
        Some(caller) => rates.request(caller),
        None if is_one_of(operations::PROBES) => Ok(()),
        None => {
            let connected = request.peer_addr().map_or(Ipv6Addr::UNSPECIFIED.into(), |address| address.ip());
            rates.anonymous(connected, request.headers()).map(|remains| told = remains)
        }
    };
    if counted.is_err() {
        // Meanwhile its place is the first that others get.
        request.conn_data::<connection::Turn>().iter().for_each(|turn| turn.waits());
        tokio::time::sleep(Duration::from_millis(TOO_MANY_WAIT_MS.into())).await;
    }
    let admitted = match operation.filter(|_| !is_one_of(operations::PUBLIC)) {
        // No_route answers, or anyone may ask.
        None => counted,
        Some(operation) => match (counted, &caller) {
            (Ok(_), Some(caller)) => admit(&request, (&state, &known), operation, caller, issued).await,
            (Ok(_), None) => Err(unauthenticated()),
            (Err(problem), _) => Err(problem),
        },
    };
    let response = match admitted {
        Ok(()) => next.call(request).await?,
        Err(problem) => request.error_response(problem),
    };
    let status = response.status();
    if status.is_client_error() && status != StatusCode::TOO_MANY_REQUESTS {
        told = told.or_else(|| rates.failed(caller.as_ref()?));
    }
    if let Some(told) = told {
        response.request().extensions_mut().insert(told);
    }
    Ok(response)
}

/// Notes the caller in the request, if they may call the operation.
async fn admit(
    request: &ServiceRequest,
    (state, known): (&State, &Known),
    operation: &Operation,
    caller: &Arc<Caller>,
    issued: Option<Issued>,
) -> Result<(), Problem> {
    crate::identity::well_formed(&caller.subject).map_err(|invalid| nobodys_name(&invalid))?;
    if !known.has(state, &caller.organisation_id).await? {
        return Err(unauthenticated());
    }
    if let Some(turn) = request.conn_data::<connection::Turn>() {
        turn.has_token();
    }
    let allowed = caller.has_any(operation.roles);
    let reaches = operation.reach != Reach::Organisation || caller.reaches(&Extent::Shared);
    request.extensions_mut().insert(caller.clone());
    if let Some(issued) = issued {
        request.extensions_mut().insert(issued);
    }
    if let Some(turn) = operation.turn {
        request.extensions_mut().insert(turn);
    }
    if !allowed {
        let roles: Vec<_> = operation.roles.iter().map(Role::as_str).collect();
        return Err(Problem::new(ProblemCode::Forbidden, format!("{} is for: {}.", operation.id, roles.join(", "))));
    }
    if !reaches {
        let detail = format!("{} changes what all sites share, and your token is not for all of them.", operation.id);
        return Err(Problem::new(ProblemCode::BeyondYourSites, detail));
    }
    operation.takes(request.query_string())
}

/// Whose token a request has. One of a key that is not known may be of a new one.
async fn verify(request: &ServiceRequest, state: &State) -> Option<Bearer> {
    let token = bearer(request)?;
    let found = state.keys.verify(token);
    if found.is_some() || !state.keys.may_be_newer(token) {
        return found;
    }
    let keys = state.keys.clone();
    web::block(move || keys.look()).await.ok()?;
    state.keys.verify(token)
}

fn bearer(request: &ServiceRequest) -> Option<&str> {
    let mut values = request.headers().get_all(AUTHORIZATION);
    let value = values.next()?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    (values.next().is_none() && scheme.eq_ignore_ascii_case("bearer")).then_some(token.trim())
}

/// A token whose subject can be taken for another person's is good for nothing, and its bearer is told: it is one of ours.
fn nobodys_name(invalid: &Invalid) -> Problem {
    let detail = format!("The subject of the token {}. Ask for a token with another subject.", invalid.rule);
    Problem::new(ProblemCode::Unauthenticated, detail)
}

/// The same words for every token that is not good: why it is not is nobody's business.
fn unauthenticated() -> Problem {
    Problem::new(ProblemCode::Unauthenticated, "Send a valid token: Authorization: Bearer …")
}
