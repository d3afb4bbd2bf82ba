//! `lotline backup`

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use crate::backup::{self, Made, Manifest, Source};
use crate::clock::Clock;
use crate::config::{Deployment, EvidencePlace};
use crate::error::Result;
use crate::evidence::objects::Objects;

#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    deployment: Deployment,
    #[command(flatten)]
    evidence: EvidencePlace,
    /// The folder to write, which must be new or empty
    #[arg(value_name = "FOLDER")]
    to: PathBuf,
    /// Keep it also where the record does not agree with its own journal, and say so in it
    #[arg(long)]
    despite_findings: bool,
}

pub fn run(options: &Options) -> Result<ExitCode> {
    super::close(&options.deployment)?;
    let Options { deployment, to, .. } = options;
    let evidence = Objects::open_to_look(options.evidence.evidence_url.as_ref(), &deployment.data_dir)?;
    let source = Source {
        database: &deployment.database(),
        data_dir: &deployment.data_dir,
        patients_keys: &deployment.patients_url(),
        evidence: evidence.as_ref(),
    };
    let made = backup::make(&source, to, options.despite_findings, &Clock::system())?;
    print(options, &made)?;
    Ok(if made.manifest.findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn print(options: &Options, made: &Made) -> Result<()> {
    let Made { manifest, patients_keys } = made;
    let Manifest { events, rows, readings, evidence_files, .. } = manifest;
    let folder = options.to.display();
    let line = |text: String| super::print_line(&text);
    let verdict = if manifest.findings.is_empty() { "read again and verified" } else { "kept DESPITE findings" };
    line(format!("{folder}: a backup of what was recorded until {}, {verdict}", manifest.began_at))?;
    line(format!("  the database: {events} events, {rows} rows of the record, {readings} readings"))?;
    line(format!("  evidence: {evidence_files} files, as they are"))?;
    line(format!(
        "  signing keys: {}, and the key of the custody log. Whoever has this folder can sign tokens and checkpoints",
        manifest.signing_keys.len()
    ))?;
    for log in &manifest.logs {
        line(format!("  custody log {}: {} entries, root {}", log.origin, log.tree_size, log.root))?;
    }
    match patients_keys {
        Some((path, copy)) => line(format!(
            "The patients' keys are not in it. They are in {}: {} patients, {} of them erased. Keep that file elsewhere, and for days, \
             not years: whoever has both reads what was recorded of patients, also of those who are erased after this",
            path.display(),
            copy.patients,
            copy.erased
        ))?,
        None => line("There are no patients' keys yet".to_owned())?,
    }
    for finding in &manifest.findings {
        line(format!("  found: {finding}"))?;
    }
    Ok(())
}
