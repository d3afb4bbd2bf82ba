//! Table tests of the whole engine; each table names the rule's source.

// A test says that it failed by panicking.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod gs1;
mod hibc_and_iccbba;
mod label;

use super::*;

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 7, 1).unwrap()
}

fn ymd(year: i32, month: u32, day: u32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(year, month, day)
}

fn read(input: &str) -> Decoded {
    decode(input, today()).unwrap_or_else(|error| panic!("{input:?}: {error}"))
}

/// Code and position of the refusal.
fn refusal(input: &str) -> (&'static str, usize) {
    let error = decode(input, today()).expect_err(input);
    assert!(ERRORS.iter().any(|(code, _)| *code == error.code), "{input}");
    assert!(error.position <= input.len(), "{input}");
    (error.code, error.position)
}

fn warned(input: &str) -> Vec<&'static str> {
    let codes: Vec<&str> = read(input).warnings.iter().map(|warning| warning.code).collect();
    assert!(codes.iter().all(|code| WARNINGS.iter().any(|(known, _)| known == code)), "{input}");
    codes
}

fn elements(input: &str) -> String {
    let pairs: Vec<String> = read(input).elements.iter().map(|e| format!("{}={}", e.ai, e.value)).collect();
    pairs.join(" ")
}
