//! `lotline decode` as a process at the end of a pipe.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::Value;

/// Long enough for anything that does not hang.
const PATIENCE: Duration = Duration::from_secs(60);

struct Decode {
    child: Child,
    answers: Receiver<String>,
}

impl Decode {
    fn start() -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_lotline"))
            .arg("decode")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (sender, answers) = channel();
        std::thread::spawn(move || {
            for line in stdout.lines() {
                sender.send(line.unwrap()).unwrap();
            }
        });
        Self { child, answers }
    }

    /// Writes, and leaves the pipe open.
    fn write(&mut self, bytes: &[u8]) {
        let stdin = self.child.stdin.as_mut().unwrap();
        stdin.write_all(bytes).unwrap();
        stdin.flush().unwrap();
    }

    /// "ok" or the error's code.
    fn answer(&self) -> String {
        let line = self.answers.recv_timeout(PATIENCE).expect("an answer while the pipe is open");
        let answer: Value = serde_json::from_str(&line).unwrap();
        answer["error"]["code"].as_str().unwrap_or("ok").to_owned()
    }

    /// The most memory that the process ever had, in KiB, where the system tells.
    fn memory_max(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        line.trim().trim_end_matches(" kB").parse().ok()
    }
}

impl Drop for Decode {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const GOOD: &[u8] = b"0109520123456788\n";

#[test]
fn answers_come_while_the_pipe_stays_open() {
    let mut decode = Decode::start();
    for _ in 0..3 {
        decode.write(GOOD);
        assert_eq!(decode.answer(), "ok");
    }
    // Half a line waits for its other half, and holds up nothing before it.
    decode.write(b"abc\n01095201");
    assert_eq!(decode.answer(), "format_unknown");
    decode.write(b"23456788\r\n");
    assert_eq!(decode.answer(), "ok");
    decode.write(&GOOD.repeat(5000));
    for _ in 0..5000 {
        assert_eq!(decode.answer(), "ok");
    }
    // The last line needs no line feed, only the end.
    decode.write(b"0109520123456788");
    drop(decode.child.stdin.take());
    assert_eq!(decode.answer(), "ok");
    assert!(decode.child.wait().unwrap().success());
}

#[test]
fn bad_lines_cost_no_memory_and_end_nothing() {
    let mut decode = Decode::start();
    decode.write(b"\n\xff\xfe\n\t\n");
    assert_eq!([decode.answer(), decode.answer(), decode.answer()], ["empty", "not_utf8", "control_character"]);
    let before = decode.memory_max();
    for _ in 0..32 {
        decode.write(&[b'1'; 1024 * 1024]);
    }
    decode.write(b"\n");
    decode.write(GOOD);
    assert_eq!([decode.answer(), decode.answer()], ["too_long", "ok"]);
    if let (Some(before), Some(after)) = (before, decode.memory_max()) {
        assert!(after < before + 8 * 1024, "a line of 32 MiB took {before} to {after} KiB");
    }
}

#[test]
fn whoever_reads_may_stop_reading() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_lotline"))
        .arg("decode")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    // Both ends may break; neither is an error of the program.
    let _ = child.stdin.take().unwrap().write_all(&GOOD.repeat(100_000));
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}
