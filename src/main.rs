//! The command line: parse and dispatch, nothing else.

#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    lotline::cli::run()
}
