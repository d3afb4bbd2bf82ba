//! What sends readings: calls of 10,000, each later than all before it, within the band of their location.

use std::fmt::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use serde_json::json;

use crate::shared::clinic::Clinic;

/// Readings of a call.
pub const READINGS: u64 = 10_000;
/// The first of each sensor: 2010-01-01, as seconds since 1970.
const FIRST: u64 = 1_262_304_000;
/// Seconds between two readings of a sensor.
const EVERY: u64 = 300;

/// How they are written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Json,
    Ndjson,
}

/// A device that sends what some sensors measured.
pub struct Feed {
    agent: ureq::Agent,
    url: String,
    token: String,
    sensors: Vec<(String, u64)>,
    next: usize,
}

/// What was measured: when, in seconds since 1970, and how warm it was, in milli-degrees.
pub fn measured(number: u64) -> (u64, u64) {
    (FIRST + number * EVERY, 18_000 + number * 7_919 % 4_000)
}

impl Feed {
    /// So many sensors at a place of their own.
    pub fn of(clinic: &Clinic, sensors: usize) -> Self {
        let body = json!({
            "site_id": clinic.site(), "name": "Cupboard", "purpose": "stock", "min_c": 15, "max_c": 25,
        });
        let location = clinic.register("/v1/locations", &body);
        let sensors = (0..sensors).map(|number| {
            let body = json!({"location_id": location, "name": format!("Sensor {number}"), "interval_seconds": EVERY});
            (clinic.register("/v1/sensors", &body), 0)
        });
        let agent = ureq::Agent::config_builder().http_status_as_error(false).build().new_agent();
        let (url, token) = (format!("http://{}", clinic.address()), clinic.token("device"));
        Feed { agent, url, token, sensors: sensors.collect(), next: 0 }
    }

    /// Sends what comes next of so many sensors: how long it took, in seconds.
    pub fn send(&mut self, form: Form, sensors: usize) -> f64 {
        let body = self.body(form, sensors);
        let media_type = if form == Form::Json { "application/json" } else { "application/x-ndjson" };
        let request = self.agent.post(format!("{}/v1/readings", self.url)).header("Content-Type", media_type);
        let request = request.header("Authorization", format!("Bearer {}", self.token));
        let began = Instant::now();
        let mut answer = request.send(body.as_bytes()).unwrap();
        let said = answer.body_mut().read_to_string().unwrap();
        let seconds = began.elapsed().as_secs_f64();
        assert!(said.starts_with(&format!("{{\"accepted\":{READINGS},\"duplicates\":0")), "{said}");
        seconds
    }

    /// In the order of time, as a device has them.
    fn body(&mut self, form: Form, sensors: usize) -> String {
        let of: Vec<usize> = (0..sensors).map(|place| (self.next + place) % self.sensors.len()).collect();
        self.next += sensors;
        let mut rows = String::with_capacity(READINGS as usize * 110);
        for number in 0..READINGS as usize {
            let (sensor, count) = &mut self.sensors[of[number % sensors]];
            let (at, milli) = measured(*count);
            *count += 1;
            let at = chrono::DateTime::from_timestamp(at as i64, 0).unwrap().format("%Y-%m-%dT%H:%M:%SZ");
            let separator = match (number, form) {
                (0, _) => "",
                (_, Form::Json) => ",",
                (_, Form::Ndjson) => "\n",
            };
            let celsius = milli as f64 / 1000.0;
            write!(rows, "{separator}{{\"sensor_id\":\"{sensor}\",\"at\":\"{at}\",\"celsius\":{celsius}}}").unwrap();
        }
        if form == Form::Json { format!("{{\"readings\":[{rows}]}}") } else { rows }
    }

    /// Sends without a pause while something else is done: what that answers, and how many calls were done meanwhile.
    pub fn during<T>(&mut self, work: impl FnOnce() -> T) -> (T, u64) {
        let stop = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let sending = scope.spawn(|| {
                let mut calls = 0;
                while !stop.load(Ordering::Relaxed) {
                    self.send(Form::Json, 1);
                    calls += 1;
                }
                calls
            });
            let done = work();
            stop.store(true, Ordering::Relaxed);
            (done, sending.join().unwrap())
        })
    }

    /// Reads something: how long it took, in seconds.
    pub fn get(&self, path: &str, token: &str) -> f64 {
        let request = self.agent.get(format!("{}{path}", self.url)).header("Authorization", format!("Bearer {token}"));
        let began = Instant::now();
        let mut answer = request.call().unwrap();
        let said = answer.body_mut().read_to_string().unwrap();
        let seconds = began.elapsed().as_secs_f64();
        assert_eq!(answer.status(), 200, "{said}");
        seconds
    }
}
