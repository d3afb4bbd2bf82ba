//! Numbers about a process, in the text format of Prometheus at `/metrics`.
//!
//! Anyone may read them, as they may `/healthz`: so they name no organisation, no person, no place and no address. Every
//! label takes its values from a table of this program (operations, route patterns, methods, statuses, reason codes), so
//! that no caller can make them grow.

use prometheus::core::Collector;
use prometheus::{
    Encoder, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, Opts, Registry, TextEncoder,
};

use crate::error::{Error, Result};

/// Seconds: from a look-up in memory to what the longest time-out allows.
const SECONDS: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0];

/// The numbers of a process. Cheap to clone.
#[derive(Clone)]
pub struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    durations: HistogramVec,
    decisions: IntCounterVec,
    reasons: IntCounterVec,
    /// Requests that are being worked on.
    pub in_flight: IntGauge,
    /// Connections that are open.
    pub connections: IntGauge,
    /// Connections that had to give way while they waited for their peers.
    pub connections_broken_off: IntCounter,
    /// Memory that bodies have, in bytes, as it was when somebody asked.
    pub bodies: IntGauge,
}

/// What a gate decided about a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Whether there was no reason against it.
    pub allowed: bool,
    /// Whether it was recorded all the same, because it had happened already.
    pub in_retrospect: bool,
    /// The codes of the reasons against it.
    pub codes: Vec<&'static str>,
}

impl Verdict {
    /// The word for it.
    pub fn word(&self) -> &'static str {
        match (self.allowed, self.in_retrospect) {
            (true, _) => "allowed",
            (false, true) => "recorded_in_retrospect",
            (false, false) => "refused",
        }
    }
}

impl Metrics {
    /// Numbers that begin at nothing, with those that a database keeps about itself.
    ///
    /// # Errors
    /// When two numbers have the same name, which is a defect.
    pub fn new(database: Vec<Box<dyn Collector>>) -> Result<Self> {
        let (registry, labels) = (Registry::new(), ["method", "route"]);
        let counter =
            |name: &str, help: &str, labels: &[&str]| IntCounterVec::new(Opts::new(name, help), labels).map_err(defect);
        let metrics = Metrics {
            requests: counter("lotline_http_requests_total", "Requests answered.", &["method", "route", "status"])?,
            durations: HistogramVec::new(
                HistogramOpts::new(
                    "lotline_http_request_duration_seconds",
                    "Time from the head of a request to its answer.",
                )
                .buckets(SECONDS.to_vec()),
                &labels,
            )
            .map_err(defect)?,
            decisions: counter("lotline_decisions_total", "Decisions of gates, by operation.", &["gate", "decision"])?,
            reasons: counter(
                "lotline_decision_reasons_total",
                "Reasons that gates found against a step.",
                &["gate", "reason"],
            )?,
            in_flight: IntGauge::new("lotline_http_requests_in_flight", "Requests being worked on.").map_err(defect)?,
            connections: IntGauge::new("lotline_http_connections", "Open connections.").map_err(defect)?,
            connections_broken_off: IntCounter::new(
                "lotline_http_connections_broken_off_total",
                "Connections that waited for their peers and had to give way.",
            )
            .map_err(defect)?,
            bodies: IntGauge::new("lotline_http_bodies_bytes", "Memory that large bodies have.").map_err(defect)?,
            registry,
        };
        let own: [Box<dyn Collector>; 8] = [
            Box::new(metrics.requests.clone()),
            Box::new(metrics.durations.clone()),
            Box::new(metrics.decisions.clone()),
            Box::new(metrics.reasons.clone()),
            Box::new(metrics.in_flight.clone()),
            Box::new(metrics.connections.clone()),
            Box::new(metrics.connections_broken_off.clone()),
            Box::new(metrics.bodies.clone()),
        ];
        for collector in own.into_iter().chain(database) {
            metrics.registry.register(collector).map_err(defect)?;
        }
        Ok(metrics)
    }

    /// Counts an answer.
    pub fn answered(&self, method: &str, route: &str, status: u16, seconds: f64) {
        let method = match method {
            "GET" | "HEAD" | "POST" | "PUT" | "DELETE" | "PATCH" | "OPTIONS" => method,
            _ => "other",
        };
        self.requests.with_label_values(&[method, route, &status.to_string()]).inc();
        self.durations.with_label_values(&[method, route]).observe(seconds);
    }

    /// Counts a decision of the gate of an operation.
    pub fn decided(&self, operation: &str, verdict: &Verdict) {
        self.decisions.with_label_values(&[operation, verdict.word()]).inc();
        for code in &verdict.codes {
            self.reasons.with_label_values(&[operation, code]).inc();
        }
    }

    /// All of them, as Prometheus reads them (text format 0.0.4).
    ///
    /// # Errors
    /// Never, with the names of this file.
    pub fn text(&self) -> Result<Vec<u8>> {
        let mut text = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut text).map_err(defect)?;
        Ok(text)
    }
}

/// A histogram of seconds that is not in a registry yet.
///
/// # Errors
/// When the name is not one.
pub fn seconds(name: &str, help: &str) -> Result<Histogram> {
    histogram(name, help, SECONDS)
}

/// A histogram that is not in a registry yet.
///
/// # Errors
/// When the name is not one.
pub fn histogram(name: &str, help: &str, buckets: &[f64]) -> Result<Histogram> {
    Histogram::with_opts(HistogramOpts::new(name, help).buckets(buckets.to_vec())).map_err(defect)
}

/// How many, as a number of Prometheus.
pub fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

fn defect(error: prometheus::Error) -> Error {
    Error::internal(format!("metrics: {error}"))
}
