//! What every fuzz target holds the barcode engine to: it does not panic, it allocates at most 1 MiB
//! for whatever is given to it, and what it has read it can build and read again. That it does not
//! hang is for the fuzzer's own time limit.
//!
//! The engine is compiled from its sources, because it needs neither the databases nor the web
//! server of the program, and those would have to be built under instrumentation, too.

#![forbid(unsafe_code)]

#[path = "../../../src/barcode/mod.rs"]
pub mod barcode;
#[path = "../../../src/cli/decode.rs"]
pub mod decode;

use barcode::{Decoded, Element, MAX_INPUT, Scheme, gs1, hibc, iccbba};
use cap::Cap;
use chrono::NaiveDate;
use std::alloc::System;

#[global_allocator]
static ALLOCATOR: Cap<System> = Cap::new(System, usize::MAX);

const ALLOCATED_MAX: usize = 1024 * 1024;

/// The day of all tests: two-digit years need one.
pub fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 7, 1).expect("a day")
}

/// Holds one code to all of it. Not what is alive at a time but the sum of all that was ever
/// allocated must stay below the limit.
pub fn check(input: &[u8]) -> Option<Decoded> {
    let before = ALLOCATOR.total_allocated();
    let outcome = barcode::decode_bytes(input, today());
    let allocated = ALLOCATOR.total_allocated() - before;
    assert!(allocated <= ALLOCATED_MAX, "{allocated} bytes allocated for {} bytes", input.len());
    match outcome {
        Ok(decoded) => {
            reads_back(&decoded);
            Some(decoded)
        }
        Err(error) => {
            assert!(error.position <= input.len(), "{error:?}");
            assert!(!error.message.is_empty() && error.message.len() < 1000, "{error:?}");
            assert!(barcode::ERRORS.iter().any(|(code, _)| *code == error.code), "{error:?}");
            None
        }
    }
}

/// The first byte says how the code begins, and whether the rest is repeated up to the longest
/// input that is looked at: a fuzzer seldom finds long inputs by itself.
pub fn assemble(data: &[u8], starts: &[&str]) -> Option<Vec<u8>> {
    let (choice, rest) = data.split_first()?;
    let start = starts.get(usize::from(choice & 0x7f) % starts.len())?;
    let mut code = start.as_bytes().to_vec();
    if choice & 0x80 != 0 && !rest.is_empty() {
        let room = MAX_INPUT.saturating_sub(code.len());
        code.extend(rest.iter().cycle().take(room));
    } else {
        code.extend(rest);
    }
    Some(code)
}

/// What was read, built again in every form that it has, reads as the same.
fn reads_back(decoded: &Decoded) {
    let elements = &decoded.elements;
    match decoded.scheme {
        Scheme::Gs1 => {
            let built = gs1::element_string::build(elements, today()).expect("what was read can be built");
            same(decoded, &format!("]d2{built}"));
            same(decoded, &gs1::bracketed::build(elements));
            assert_eq!(decoded.digital_link, gs1::digital_link::build(elements));
            if let Some(link) = &decoded.digital_link {
                let again = read(link);
                // A link has its own order, and says each thing once.
                assert_eq!(sorted(&again.elements), sorted(elements), "{link}");
                assert_eq!(again.digital_link.as_ref(), Some(link));
                facts(decoded, &again);
            }
        }
        Scheme::Hibc => same(decoded, &hibc::build(elements, today()).expect("what was read can be built")),
        Scheme::Iccbba => same(decoded, &iccbba::build(elements).expect("what was read can be built")),
    }
}

fn read(code: &str) -> Decoded {
    barcode::decode(code, today()).unwrap_or_else(|error| panic!("{code:?}: {error}"))
}

fn same(decoded: &Decoded, built: &str) {
    let again = read(built);
    assert_eq!(again.elements, decoded.elements, "{built:?}");
    facts(decoded, &again);
}

fn facts(one: &Decoded, other: &Decoded) {
    let of = |decoded: &Decoded| {
        let Decoded { gtin, udi_di, lot, expiry, serial, production_date, .. } = decoded.clone();
        (gtin, udi_di, lot, expiry, serial, production_date)
    };
    assert_eq!(of(one), of(other));
}

fn sorted(elements: &[Element]) -> Vec<(&str, &str)> {
    let mut pairs: Vec<_> = elements.iter().map(|element| (element.ai.as_str(), element.value.as_str())).collect();
    pairs.sort_unstable();
    pairs.dedup();
    pairs
}

/// A whole stream: as many answers as lines, each one line of JSON that says of its line what
/// decoding it alone says. Memory that is alive at a time stays below the limit, however the stream
/// arrives.
pub fn check_stream(input: &[u8], chunk: usize) {
    let lines = input.split(|byte| *byte == b'\n').count() - usize::from(input.is_empty() || input.ends_with(b"\n"));
    let reader = || std::io::BufReader::with_capacity(chunk.max(1), input);
    let whole = reader();
    // An allocation beyond the limit fails, which ends the process: a finding.
    ALLOCATOR.set_limit(ALLOCATOR.allocated() + ALLOCATED_MAX).expect("less is allocated than the limit");
    decode::run(whole, std::io::sink(), today()).expect("neither side fails");
    ALLOCATOR.set_limit(usize::MAX).expect("nothing is above all");
    let mut answers = Answers { input: input.split(|byte| *byte == b'\n'), begun: Vec::new(), lines: 0 };
    decode::run(reader(), &mut answers, today()).expect("neither side fails");
    assert_eq!(answers.lines, lines);
    assert!(answers.begun.is_empty(), "every answer is a whole line");
}

struct Answers<I> {
    input: I,
    begun: Vec<u8>,
    lines: usize,
}

impl<'a, I: Iterator<Item = &'a [u8]>> std::io::Write for Answers<I> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.begun.extend(bytes);
        let whole = self.begun.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        for answer in self.begun[..whole].split_inclusive(|byte| *byte == b'\n') {
            let answer: serde_json::Value = serde_json::from_slice(answer).expect("an answer is JSON");
            self.lines += 1;
            let line = self.input.next().expect("no more answers than lines");
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            let expected = match barcode::decode_bytes(line, today()) {
                Ok(decoded) => serde_json::to_value(decoded).map(|mut value| {
                    value["ok"] = true.into();
                    value
                }),
                Err(error) => Ok(serde_json::json!({"ok": false, "error": error})),
            };
            assert_eq!(answer, expected.expect("what was read is JSON"));
        }
        self.begun.drain(..whole);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
