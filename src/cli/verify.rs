//! `lotline verify`

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
    super::close(&options.deployment)?;
    let report = crate::custody::verify::verify(&options.deployment.database())?;
    for finding in &report.findings {
        super::print_line(finding)?;
    }
    let (events, rows) = (report.events, report.rows);
    if report.findings.is_empty() {
        super::print_line(&format!("{events} events replayed, {rows} rows compared: everything agrees"))?;
        Ok(ExitCode::SUCCESS)
    } else {
        let wrong = report.findings.len();
        super::print_line(&format!("{events} events replayed, {rows} rows compared: {wrong} disagree"))?;
        Ok(ExitCode::FAILURE)
    }
}
