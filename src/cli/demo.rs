//! `lotline demo`
use crate::error::Result;
use clap::Args;
use std::process::ExitCode;
#[derive(Args)]
/// Its options.
pub struct Options {
    #[arg(long)]
    exit: bool,
}
/// Runs it.
pub fn run(_o: &Options) -> Result<ExitCode> {
    Ok(ExitCode::SUCCESS)
}
