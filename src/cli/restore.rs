//! `lotline restore`

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use crate::backup::{self, Wanted};
use crate::config::{Deployment, EvidencePlace};
use crate::db::DatabaseUrl;
use crate::error::Result;

#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    deployment: Deployment,
    #[command(flatten)]
    evidence: EvidencePlace,
    /// The folder that `lotline backup` has written
    #[arg(value_name = "FOLDER")]
    from: PathBuf,
    /// The patients' keys of the backup, if they are not in FOLDER.patients-keys
    #[arg(long, value_name = "FILE")]
    patients_keys: Option<PathBuf>,
    /// Another store of the same patients' keys, or a newer copy of it: whoever was erased there stays erased. A path, sqlite://PATH or
    /// postgres://USER@HOST/DATABASE; may be repeated
    #[arg(long, value_name = "PLACE", value_parser = place)]
    erased_in: Vec<DatabaseUrl>,
    /// Bring it back also where it does not agree with its own journal
    #[arg(long)]
    despite_findings: bool,
}

fn place(text: &str) -> std::result::Result<DatabaseUrl, String> {
    if text.contains("://") {
        text.parse().map_err(|e: crate::db::InvalidUrl| e.to_string())
    } else {
        Ok(DatabaseUrl::Sqlite(PathBuf::from(text)))
    }
}

pub fn run(options: &Options) -> Result<ExitCode> {
    let Options { deployment, from, .. } = options;
    let beside = backup::patients_keys_of(from);
    let patients_keys = options.patients_keys.clone().or_else(|| beside.is_file().then_some(beside));
    let restored = backup::restore(&Wanted {
        from,
        patients_keys: patients_keys.as_deref(),
        erased_in: &options.erased_in,
        data_dir: &deployment.data_dir,
        database: &deployment.database(),
        keys: &deployment.patients_url(),
        evidence: options.evidence.evidence_url.as_ref(),
        despite: options.despite_findings,
    })?;
    let (manifest, report) = (&restored.manifest, &restored.report);
    let line = |text: String| super::print_line(&text);
    let verdict = if report.findings.is_empty() { "verified" } else { "it DOES NOT AGREE with its journal" };
    line(format!(
        "{:?}: what was recorded until {}, {} events, {} rows of the record, {} readings, {} files of evidence: {verdict}",
        deployment.database(),
        manifest.began_at,
        report.events,
        report.rows,
        report.readings,
        report.files
    ))?;
    for finding in &report.findings {
        line(format!("  found: {finding}"))?;
    }
    if let Some(copy) = &restored.patients_keys {
        line(format!(
            "The patients' keys are of {}. Who was erased later is erased again only where something was left that knows of it \
             (--erased-in, or the store that was there): otherwise erase them again before anybody reads",
            copy.made_at
        ))?;
    }
    line(format!(
        "If anything was recorded after {}, the custody log had entries that are lost: start with another --log-origin then, and say so \
         to those who keep checkpoints",
        manifest.began_at
    ))?;
    Ok(if report.findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
