//! `lotline migrate`

use std::process::ExitCode;

use clap::Args;

use crate::config::Deployment;
use crate::error::Result;

#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    deployment: Deployment,
}

pub fn run(options: &Options) -> Result<ExitCode> {
    let url = options.deployment.database();
    super::close(&options.deployment)?;
    super::upgrade(&url, &options.deployment.patients())?;
    eprintln!("{url:?} is up to date");
    Ok(ExitCode::SUCCESS)
}
