//! `lotline verify`

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use crate::config::{Deployment, EvidencePlace};
use crate::custody_log::witness;
use crate::error::{Error, Result};
use crate::evidence::objects::Objects;
use crate::verify::{self, Beside};

#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    deployment: Deployment,
    #[command(flatten)]
    evidence: EvidencePlace,
    /// A checkpoint that was kept (GET /v1/log/checkpoint): the log must lead up to it. May be repeated
    #[arg(long = "checkpoint", value_name = "FILE")]
    checkpoints: Vec<PathBuf>,
}

pub fn run(options: &Options) -> Result<ExitCode> {
    super::close(&options.deployment)?;
    let Deployment { data_dir, .. } = &options.deployment;
    let objects = Objects::open_to_look(options.evidence.evidence_url.as_ref(), data_dir)?;
    let read = |path: &PathBuf| {
        let text = witness::read_file(path).map_err(Error::Unavailable)?;
        Ok((path.display().to_string(), text))
    };
    let checkpoints = options.checkpoints.iter().map(read).collect::<Result<Vec<_>>>()?;
    // Before the database is looked at: what was published by now is in it.
    let log = witness::look(data_dir)?;
    let patients = options.deployment.patients();
    let beside = Beside {
        evidence: Some(objects.as_ref()),
        log: Some(&log),
        checkpoints: &checkpoints,
        patients: Some(&patients),
    };
    let report = verify::check(&options.deployment.database(), &beside)?;
    for finding in &report.findings {
        super::print_line(finding)?;
    }
    if report.left_out > 0 {
        super::print_line(&format!("and {} more", report.left_out))?;
    }
    let looked_at = format!(
        "{} events replayed, {} of them opened and {} of patients who were erased, {} rows, {} readings, {} files of \
         evidence and {} checkpoints compared",
        report.events, report.opened, report.erased, report.rows, report.readings, report.files, report.checkpoints
    );
    if report.findings.is_empty() {
        super::print_line(&format!("{looked_at}: everything agrees"))?;
        Ok(ExitCode::SUCCESS)
    } else {
        super::print_line(&format!("{looked_at}: {} findings", report.findings.len()))?;
        Ok(ExitCode::FAILURE)
    }
}
