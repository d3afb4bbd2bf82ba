//! A blocking HTTP client that takes every answer for an answer, whatever its status.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, RwLock};
use std::time::Duration;

use serde_json::Value;

use super::contract;
use ureq::http::{HeaderMap, Request};

/// More than any answer has.
const BODY_MAX: u64 = 64 * 1024 * 1024;

/// A client of one server. Cheap to clone; connections are kept alive and shared.
#[derive(Clone)]
pub struct Client {
    agent: ureq::Agent,
    address: Arc<RwLock<String>>,
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl Client {
    /// A client of the server at `address`.
    pub fn of(address: impl std::fmt::Display) -> Self {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .allow_non_standard_methods(true)
            .timeout_global(Some(Duration::from_secs(60)))
            .max_idle_connections_per_host(64)
            .max_idle_connections(64)
            .build()
            .new_agent();
        Client { agent, address: Arc::new(RwLock::new(address.to_string())) }
    }

    /// Where the server is.
    pub fn address(&self) -> String {
        self.address.read().unwrap().clone()
    }

    /// From now on, this client and its clones ask the server at `address`.
    pub fn turn_to(&self, address: &str) {
        *self.address.write().unwrap() = address.to_owned();
    }

    /// Sends a request as it is.
    pub fn try_send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&[u8]>,
    ) -> Result<Answer, ureq::Error> {
        let mut request =
            Request::builder().method(method).uri(format!("http://{}{path}", self.address.read().unwrap()));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut response = match body {
            Some(body) => self.agent.run(request.body(body).unwrap())?,
            None => self.agent.run(request.body(()).unwrap())?,
        };
        let bytes = response.body_mut().with_config().limit(BODY_MAX).read_to_vec()?;
        let answer = Answer { status: response.status().as_u16(), headers: response.headers().clone(), bytes };
        if let Some(wrong) = contract::undeclared(method, path, &answer) {
            panic!("the document is not true: {wrong}");
        }
        Ok(answer)
    }

    /// Sends a request as it is; it must be answered.
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<&[u8]>) -> Answer {
        self.try_send(method, path, headers, body).unwrap_or_else(|error| panic!("{method} {path}: {error}"))
    }

    /// Sends JSON, with more headers.
    pub fn post_with(&self, token: &str, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        let bearer = format!("Bearer {token}");
        let mut all = vec![("authorization", bearer.as_str()), ("content-type", "application/json")];
        all.extend(headers);
        self.send("POST", path, &all, Some(body.to_string().as_bytes()))
    }

    /// Sends JSON: the status and the body of the answer. An administration is sent on purpose each time, with a key of its own
    /// (the same within a minute is a repeat otherwise). To a server that is too busy it comes again, as it is told to:
    /// how busy a machine is decides no test.
    pub fn post(&self, token: &str, path: &str, body: &Value) -> (u16, Value) {
        static SENT: AtomicU64 = AtomicU64::new(0);
        let key = format!("{}-{}", std::process::id(), SENT.fetch_add(1, Ordering::SeqCst));
        let on_purpose = [("idempotency-key", key.as_str())];
        let headers: &[_] = if path == "/v1/administrations" { &on_purpose } else { &[] };
        let mut answer = self.post_with(token, path, headers, body);
        for _ in 0..20 {
            if answer.status != 503 {
                break;
            }
            assert!(answer.header("retry-after").is_some(), "{answer:?}");
            std::thread::sleep(Duration::from_millis(200));
            answer = self.post_with(token, path, headers, body);
        }
        let json = if path.ends_with("/search") { answer.json() } else { answer.without_names() };
        SEEN.lock().unwrap().extend(codes(&json).into_iter().chain(codes(&json["decision"])));
        (answer.status, json)
    }

    /// Asks: the status and the body of the answer.
    pub fn get(&self, token: &str, path: &str) -> (u16, Value) {
        let answer = self.send("GET", path, &[("authorization", &format!("Bearer {token}"))], None);
        let json = answer.json();
        SEEN.lock().unwrap().extend(codes(&json["decision"]));
        (answer.status, json)
    }
}

/// Every reason code that a scenario of this process was answered.
pub static SEEN: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

impl Answer {
    /// The body as JSON; null when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or(Value::Null)
    }

    /// The same without what is told beside the thing, which is looked at where it is what is asked about (tests/it/names.rs).
    pub fn without_names(&self) -> Value {
        let mut json = self.json();
        json.as_object_mut().map(|answer| answer.remove("names"));
        json
    }

    /// A header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// The codes of a decision's or a refusal's reasons, in their order.
pub fn codes(answer: &Value) -> Vec<String> {
    let reasons = answer["reasons"].as_array().or_else(|| answer["decision"]["reasons"].as_array());
    reasons.into_iter().flatten().map(|reason| reason["code"].as_str().unwrap().to_owned()).collect()
}

/// Asserts that an answer is a problem (RFC 9457) with this status and code, in the one shape of all problems.
pub fn assert_problem(answer: &Answer, status: u16, code: &str, what: &str) {
    let problem = answer.json();
    assert_eq!((answer.status, problem["code"].as_str()), (status, Some(code)), "{what}: {problem}");
    assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{what}");
    assert_eq!(problem["status"], status, "{what}");
    assert_eq!(problem["type"], format!("/docs/problems#{code}"), "{what}");
    for member in ["title", "detail", "instance"] {
        assert!(problem[member].as_str().is_some_and(|text| !text.is_empty()), "{what}: {member} of {problem}");
    }
    let known = ["type", "title", "status", "detail", "instance", "code", "fields", "reasons", "dependents"];
    assert!(problem.as_object().unwrap().keys().all(|member| known.contains(&member.as_str())), "{what}: {problem}");
    let instance = problem["instance"].as_str().unwrap().strip_prefix("urn:request:");
    assert_eq!(instance, answer.header("x-request-id"), "{what}");
}
