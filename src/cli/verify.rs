//! `lotline verify`

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use crate::archive::printable;
use crate::config::{Deployment, EvidencePlace};
use crate::custody_log::witness;
use crate::error::{Error, Result};
use crate::evidence::objects::Objects;
use crate::note::VerifierKey;
use crate::verify::bundle::{self, Checked};
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
    /// An evidence bundle (POST /v1/evidence-bundles), to be checked instead: it needs no network, no database and no data directory
    #[arg(long, value_name = "FILE", conflicts_with = "checkpoints")]
    bundle: Option<PathBuf>,
    /// The key that must have signed it (GET /v1/log/key), from a source that you trust; without one the file vouches for itself
    #[arg(long, value_name = "VKEY", requires = "bundle")]
    key: Option<String>,
}

pub fn run(options: &Options) -> Result<ExitCode> {
    match &options.bundle {
        Some(file) => check_bundle(file, options.key.as_deref()),
        None => check_database(options),
    }
}

/// Checks an evidence bundle.
fn check_bundle(path: &Path, key: Option<&str>) -> Result<ExitCode> {
    let unread = |e: &dyn std::fmt::Display| Error::Unavailable(format!("{}: {e}", path.display()));
    let key = key.map(str::parse::<VerifierKey>).transpose();
    let key = key.map_err(|why| Error::Unavailable(format!("--key {why}")))?;
    let file = std::fs::File::open(path).map_err(|e| unread(&e))?;
    let checked = match bundle::check(std::io::BufReader::new(file), key.as_ref()) {
        Ok(checked) => checked,
        Err(wrong) => {
            super::print_line(&wrong.to_string())?;
            return Ok(ExitCode::FAILURE);
        }
    };
    if key.is_none() {
        super::print_line(&format!(
            "warning: no key was given, so the file vouches for itself: anybody can make one that does. Compare its key with one \
             that you have from elsewhere: {}",
            checked.key
        ))?;
    }
    let Checked { about, key, events, opened, withheld, photographs, missing } = checked;
    let made_for: String = about.made_for.chars().map(printable).collect();
    let left_out = if withheld == 0 { String::new() } else { format!(", {withheld} left out") };
    let pictures = match (photographs, missing) {
        (0, 0) => String::new(),
        (_, 0) => format!(", photographs: {photographs}"),
        _ => format!(", photographs: {photographs}, and {missing} that were damaged or gone when it was made"),
    };
    super::print_line(&format!(
        "{events} events, {opened} sealed values opened{pictures}{left_out}, made {} for {}, at {} entries of {}: everything agrees",
        about.made_at, made_for, about.tree_size, key.name
    ))?;
    Ok(ExitCode::SUCCESS)
}

/// Compares a database with its journal and with what lies beside it.
fn check_database(options: &Options) -> Result<ExitCode> {
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
