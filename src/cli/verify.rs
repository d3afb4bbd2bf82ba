//! `lotline verify`

use std::process::ExitCode;

use clap::Args;

use crate::config::{Deployment, EvidencePlace};
use crate::error::Result;
use crate::evidence::objects::Objects;
use crate::verify;

#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    deployment: Deployment,
    #[command(flatten)]
    evidence: EvidencePlace,
}

pub fn run(options: &Options) -> Result<ExitCode> {
    super::close(&options.deployment)?;
    let Deployment { data_dir, .. } = &options.deployment;
    let objects = Objects::open_to_look(options.evidence.evidence_url.as_ref(), data_dir)?;
    let report = verify::verify_with(&options.deployment.database(), objects.as_ref(), &options.deployment.patients())?;
    for finding in &report.findings {
        super::print_line(finding)?;
    }
    if report.left_out > 0 {
        super::print_line(&format!("and {} more", report.left_out))?;
    }
    let looked_at = format!(
        "{} events replayed, {} of them opened and {} of patients who were erased, {} rows, {} readings and {} files of \
         evidence compared",
        report.events, report.opened, report.erased, report.rows, report.readings, report.files
    );
    if report.findings.is_empty() {
        super::print_line(&format!("{looked_at}: everything agrees"))?;
        Ok(ExitCode::SUCCESS)
    } else {
        super::print_line(&format!("{looked_at}: {} findings", report.findings.len()))?;
        Ok(ExitCode::FAILURE)
    }
}
