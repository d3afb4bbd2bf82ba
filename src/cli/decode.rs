//! `lotline decode`: one code a line in, one line of JSON out, for a pipe as for a person.

use crate::barcode::{Decoded, Error, MAX_INPUT, decode_bytes};
use chrono::NaiveDate;
use serde::Serialize;
use std::io::{BufRead, ErrorKind, Result, Write};

/// Answers are written at least every so many bytes, so that memory stays constant.
const BATCH: usize = 64 * 1024;

/// What is kept of a line: enough to see that it is too long even when its last byte is a carriage
/// return.
const KEPT: usize = MAX_INPUT + 2;

#[derive(Serialize)]
struct Success<'a> {
    ok: bool,
    #[serde(flatten)]
    decoded: &'a Decoded,
}

#[derive(Serialize)]
struct Failure<'a> {
    ok: bool,
    error: &'a Error,
}

/// Reads codes from `input`, one a line (a carriage return before the line feed is no part of it),
/// and writes the answer to each as one line of JSON. A line that holds no readable code (empty,
/// too long, not text, not a code) gets an error for an answer, and the stream goes on. `today`
/// places two-digit years in a century.
///
/// Memory is constant: of a line, no more than 64 KiB are kept. Answers are flushed whenever
/// `input` has nothing more at hand, so that whoever typed a line sees its answer.
///
/// # Errors
/// Only those of `input` and `output`.
pub fn run(mut input: impl BufRead, mut output: impl Write, today: NaiveDate) -> Result<()> {
    let mut begun = Vec::new();
    let mut answers = Vec::with_capacity(2 * BATCH);
    loop {
        let chunk = match input.fill_buf() {
            Ok(chunk) => chunk,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if chunk.is_empty() {
            break;
        }
        let mut lines = chunk.split(|byte| *byte == b'\n');
        let unfinished = lines.next_back().unwrap_or_default();
        for line in lines {
            if begun.is_empty() {
                answer(line, today, &mut answers)?;
            } else {
                keep(&mut begun, line);
                answer(&begun, today, &mut answers)?;
                begun.clear();
            }
            if answers.len() >= BATCH {
                output.write_all(&answers)?;
                answers.clear();
            }
        }
        keep(&mut begun, unfinished);
        let used = chunk.len();
        input.consume(used);
        output.write_all(&answers)?;
        output.flush()?;
        answers.clear();
    }
    if !begun.is_empty() {
        answer(&begun, today, &mut answers)?;
        output.write_all(&answers)?;
        output.flush()?;
    }
    Ok(())
}

fn keep(begun: &mut Vec<u8>, more: &[u8]) {
    let room = KEPT.saturating_sub(begun.len()).min(more.len());
    begun.extend_from_slice(more.get(..room).unwrap_or_default());
}

fn answer(line: &[u8], today: NaiveDate, answers: &mut Vec<u8>) -> Result<()> {
    let code = line.strip_suffix(b"\r").unwrap_or(line);
    match decode_bytes(code, today) {
        Ok(decoded) => serde_json::to_writer(&mut *answers, &Success { ok: true, decoded: &decoded })?,
        Err(error) => serde_json::to_writer(&mut *answers, &Failure { ok: false, error: &error })?,
    }
    answers.push(b'\n');
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};
    use std::io::{BufReader, Read};

    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 7, 1).unwrap()
    }

    fn answers(input: &[u8]) -> Vec<Value> {
        let mut output = Vec::new();
        run(input, &mut output, today()).unwrap();
        let text = String::from_utf8(output).unwrap();
        assert!(text.is_empty() || text.ends_with('\n'));
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn error_codes(input: &[u8]) -> Vec<String> {
        let code = |answer: &Value| answer["error"]["code"].as_str().unwrap_or("ok").to_owned();
        answers(input).iter().map(code).collect()
    }

    #[test]
    fn the_shape_that_the_api_fixes() {
        let expected = json!({
            "ok": true, "scheme": "gs1", "gtin": "09520123456788", "udi_di": "09520123456788", "lot": "A(1",
            "expiry": "2027-02-28", "serial": "S/1", "production_date": "2026-01-31",
            "elements": [
                {"ai": "01", "value": "09520123456788"}, {"ai": "11", "value": "260131"}, {"ai": "17", "value": "270200"},
                {"ai": "10", "value": "A(1"}, {"ai": "21", "value": "S/1"},
            ],
            "digital_link": "https://id.gs1.org/01/09520123456788/10/A%281/21/S%2F1?11=260131&17=270200",
            "warnings": [{"code": "day_zero", "message": "AI 17 (expiry date) has no day (00): read as 2027-02-28, the last day of the month."}],
        });
        assert_eq!(answers(b"]d20109520123456788112601311727020010A(1\x1d21S/1\n"), [expected]);
        let expected = json!({"ok": true, "scheme": "hibc", "udi_di": "A123BJC5D6E71", "elements": [{"ai": "+", "value": "A123BJC5D6E71"}], "warnings": []});
        assert_eq!(answers(b"+A123BJC5D6E71G\n"), [expected]);
        let error = &answers(b"0109520123456789\n")[0];
        assert_eq!(error["ok"], false);
        assert_eq!(
            (error["error"]["code"].as_str(), error["error"]["position"].as_u64()),
            (Some("check_digit"), Some(15))
        );
        assert!(error["error"]["message"].as_str().unwrap().contains("AI 01 (GTIN)"));
    }

    #[test]
    fn fields_in_the_order_of_the_api() {
        let mut output = Vec::new();
        run(&b"0109520123456788\n"[..], &mut output, today()).unwrap();
        assert!(output.starts_with(br#"{"ok":true,"scheme":"gs1","gtin":"#), "{}", String::from_utf8_lossy(&output));
    }

    #[test]
    fn every_stand_in_for_the_separator() {
        for separator in ["\u{1d}", "^", "{GS}", "\\u001d", "\\u001D"] {
            let line = format!("010952012345678810LOT{separator}21SER\n");
            let answer = &answers(line.as_bytes())[0];
            assert_eq!((answer["lot"].as_str(), answer["serial"].as_str()), (Some("LOT"), Some("SER")), "{line}");
        }
    }

    #[test]
    fn bad_lines_get_an_error_and_the_stream_goes_on() {
        let input = b"\n\xff\xfe\n\r\n0109520123456788\r\nabc\n01095201\x0023456788\n0109520123456788";
        assert_eq!(
            error_codes(input),
            ["empty", "not_utf8", "empty", "ok", "format_unknown", "control_character", "ok"]
        );
        assert!(answers(b"").is_empty());
    }

    #[test]
    fn long_lines() {
        let line = |length: usize| [vec![b'1'; length], b"\n".to_vec()].concat();
        assert_eq!(error_codes(&line(MAX_INPUT)), ["too_many_elements"]);
        assert_eq!(error_codes(&line(MAX_INPUT + 1)), ["too_long"]);
        let mut input = line(5_000_000);
        input.extend(b"0109520123456788\n");
        let multibyte = "é".repeat(MAX_INPUT);
        input.extend(multibyte.as_bytes());
        assert_eq!(error_codes(&input), ["too_long", "ok", "too_long"]);
        let mut output = Vec::new();
        run(BufReader::with_capacity(7, input.as_slice()), &mut output, today()).unwrap();
        assert_eq!(output.iter().filter(|byte| **byte == b'\n').count(), 3);
    }

    /// Gives one line at a time, and checks that the answer to each was flushed before the next is
    /// asked for.
    struct Person<'a> {
        lines: Vec<&'static [u8]>,
        flushed: &'a std::cell::Cell<usize>,
        given: usize,
    }

    impl Read for Person<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
            assert_eq!(self.flushed.get(), self.given, "answers flushed before waiting for more");
            let Some(line) = self.lines.pop() else {
                return Ok(0);
            };
            self.given += 1;
            buffer[..line.len()].copy_from_slice(line);
            Ok(line.len())
        }
    }

    struct Screen<'a>(&'a std::cell::Cell<usize>, usize);

    impl Write for Screen<'_> {
        fn write(&mut self, bytes: &[u8]) -> Result<usize> {
            self.1 += bytes.iter().filter(|byte| **byte == b'\n').count();
            Ok(bytes.len())
        }
        fn flush(&mut self) -> Result<()> {
            self.0.set(self.1);
            Ok(())
        }
    }

    #[test]
    fn a_person_sees_each_answer_at_once() {
        let flushed = std::cell::Cell::new(0);
        let person = Person { lines: vec![b"abc\n", b"\n", b"0109520123456788\n"], flushed: &flushed, given: 0 };
        run(BufReader::new(person), Screen(&flushed, 0), today()).unwrap();
        assert_eq!(flushed.get(), 3);
    }
}
