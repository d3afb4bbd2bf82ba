//! How many codes are read in a second, next to what Python makes of the same list.
//!
//! ```text
//! python3 -m venv target/biip && target/biip/bin/pip install -r tests/differential/requirements.txt
//! cargo bench --bench barcode
//! ```
//!
//! measures in one run, in rounds that alternate, each on one core:
//!
//! - reading codes in process, against biip (PyPI) in a Python process of its own, which times only its own loop;
//! - `lotline decode` from start to exit, file to file, against a Python loop that does nothing but write the same lines
//!   from dicts that it has at hand, also to a file.
//!
//! The Python is `LOTLINE_BENCH_PYTHON`, else the one of the venv above, else `python3`. Where it has no biip, the
//! first comparison is left out, and said to be.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // a bench fails like a test

use std::fs::File;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use chrono::NaiveDate;
use lotline::barcode::{self, gtin};

const LOTLINE: &str = env!("CARGO_BIN_EXE_lotline");
const PYTHON: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/barcode.py");
const CODES: u32 = 100_000;
/// Odd, so that there is a middle one.
const ROUNDS: usize = 3;

fn main() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("barcode");
    std::fs::create_dir_all(&folder).unwrap();
    let (input, answers) = (folder.join("codes.txt"), folder.join("answers.jsonl"));
    let codes: Vec<String> = (0..CODES).map(code).collect();
    std::fs::write(&input, codes.iter().map(|code| format!("{code}\n")).collect::<String>()).unwrap();
    stream(&input, &answers);
    let text = std::fs::read_to_string(&answers).unwrap();
    assert_eq!(text.lines().count(), codes.len());
    assert!(text.lines().all(|line| line.starts_with(r#"{"ok":true,"#)), "every code of the list can be read");

    let python = python();
    let with_biip = Command::new(&python).args(["-c", "import biip"]).stderr(Stdio::null()).status().unwrap().success();
    let [mut engine, mut biip, mut decode, mut writing] = [const { Vec::new() }; 4];
    for _ in 0..ROUNDS {
        engine.push(read(&codes));
        if with_biip {
            biip.push(python_rate(&python, "read", &input, &folder));
        }
        decode.push(stream(&input, &answers));
        writing.push(python_rate(&python, "write", &answers, &folder));
    }
    let same = std::fs::read(folder.join("write.jsonl")).unwrap() == text.as_bytes();
    assert!(same, "Python wrote the same lines");

    let (engine, decode, writing) = (middle(engine), middle(decode), middle(writing));
    println!("{CODES} codes: element strings and Digital Links; the middle one of {ROUNDS} rounds");
    println!("read in process                          {engine:>9.0} /s");
    if with_biip {
        let biip = middle(biip);
        println!("read by biip                             {biip:>9.0} /s");
        println!("  Lotline against biip                   {:>9.1} times", engine / biip);
    } else {
        println!("SKIPPED: {} has no biip, so that nothing was compared with it; see the head of", python.display());
        println!("         benches/barcode.rs for how to install it");
    }
    println!("lotline decode, start to exit            {decode:>9.0} /s");
    println!("Python, only writing the same lines      {writing:>9.0} /s");
    println!("  decode against only writing in Python  {:>9.1} times", decode / writing);
    std::fs::remove_dir_all(&folder).unwrap();
}

/// Codes in a second.
fn rate(began: Instant) -> f64 {
    f64::from(CODES) / began.elapsed().as_secs_f64()
}

fn middle(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}

fn read(codes: &[String]) -> f64 {
    let today = NaiveDate::from_ymd_opt(2026, 7, 1).unwrap();
    let began = Instant::now();
    for code in codes {
        black_box(barcode::decode(black_box(code), today)).unwrap();
    }
    rate(began)
}

fn stream(input: &Path, answers: &Path) -> f64 {
    let (input, output) = (File::open(input).unwrap(), File::create(answers).unwrap());
    let began = Instant::now();
    let status = Command::new(LOTLINE).arg("decode").stdin(input).stdout(output).status().unwrap();
    let rate = rate(began);
    assert!(status.success());
    rate
}

/// What the script measured of itself, without its start and without its preparations.
fn python_rate(python: &Path, what: &str, input: &Path, folder: &Path) -> f64 {
    let output = File::create(folder.join(format!("{what}.jsonl"))).unwrap();
    let run = Command::new(python)
        .args([PYTHON, what])
        .stdin(File::open(input).unwrap())
        .stdout(output)
        .stderr(Stdio::piped())
        .spawn();
    let run = run.unwrap().wait_with_output().unwrap();
    let said = String::from_utf8(run.stderr).unwrap();
    assert!(run.status.success(), "{said}");
    f64::from(CODES) / said.trim().parse::<f64>().unwrap()
}

fn python() -> PathBuf {
    let named = std::env::var_os("LOTLINE_BENCH_PYTHON").map(PathBuf::from);
    let venv = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/biip/bin/python");
    named.or(Some(venv).filter(|venv| venv.exists())).unwrap_or_else(|| "python3".into())
}

/// A pack as clinics meet them: GTIN, expiry, lot; most with a serial number, some with a production date; every eighth
/// as a Digital Link.
fn code(number: u32) -> String {
    let mixed = number.wrapping_mul(2_654_435_761);
    let digits = format!("0952{:09}", mixed % 1_000_000_000);
    let gtin = format!("{digits}{}", gtin::check_digit(&digits).unwrap());
    let (month, day) = (mixed % 12 + 1, mixed % 28 + 1);
    let (year, lot) = (27 + mixed % 4, format!("HC{:X}", mixed >> 12));
    if number.is_multiple_of(8) {
        return format!("https://id.gs1.org/01/{gtin}/10/{lot}/21/SN{mixed:X}?17={year}{month:02}{day:02}");
    }
    let start = ["]d2", "]C1", "]Q3", ""][usize::try_from(mixed >> 8 & 3).unwrap()];
    let made = if number.is_multiple_of(3) { format!("11{}{month:02}{day:02}", year - 3) } else { String::new() };
    let serial = if number.is_multiple_of(5) { String::new() } else { format!("\u{1d}21SN{mixed:X}") };
    format!("{start}01{gtin}{made}17{year}{month:02}{day:02}10{lot}{serial}")
}
