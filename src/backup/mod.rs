//! Backups: a folder with everything that a deployment is, and a file beside it with the keys of its patients.
//!
//! | in the folder | what it is |
//! |---|---|
//! | `lotline.db` | the database as it stood at one moment, as a SQLite file whatever it is otherwise |
//! | `evidence/` | photographs and documents, from a bucket too |
//! | `keys/` | the keys that sign tokens |
//! | `log/` | the key that signs the custody log, and its last checkpoints |
//! | `manifest.json` | what this is, by which program, of when; the size and root of each log |
//! | `SHA256SUMS` | the digest of every file (`sha256sum -c` reads it) |
//!
//! One form for both databases: it can be verified on any machine that has this program and nothing else, by the same
//! verification that runs on the deployment itself, and what was on one database is restored on the other. A dump of PostgreSQL's own
//! would need a server of it for that, and programs of the right version beside this one.
//!
//! # The order
//! What is beside the database is read so that it fits what the database says at its moment: the custody log's checkpoints before (they are
//! published after they are committed), evidence and patients' keys after (they are durable before anything that rests on them is
//! committed). So nothing that was acknowledged before a backup began is missing, and nothing has to stop.
//!
//! # Whole or not at all
//! A backup is written under another name, read again, verified, and renamed when that is done. What was cut off has the other
//! name and no digests, and is not restored.

mod making;
mod manifest;
mod restoring;
mod sums;

pub use making::{Made, Source, make};
pub use manifest::{Log, Manifest};
pub use restoring::{Restored, Wanted, restore};

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use tokio::runtime::Runtime;

use crate::db::{DatabaseUrl, open_for_verification};
use crate::error::{Error, Result};
use crate::evidence::model::Evidence;

/// The database, in the folder.
const DATABASE: &str = "lotline.db";
/// What the folder says of itself.
const MANIFEST: &str = "manifest.json";
/// The digests of its files.
const SUMS: &str = "SHA256SUMS";
/// What the name of something ends with that is not whole yet.
const UNFINISHED: &str = ".unfinished";
/// Findings that are told.
const FINDINGS_TOLD: usize = 100;

/// Rows that are read at once.
const AT_ONCE: i64 = 500;

/// Goes through the files of evidence that a database knows, with what waits for whoever has their bytes.
fn each_evidence(database: &DatabaseUrl, mut each: impl FnMut(&Runtime, &Evidence) -> Result<()>) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|e| Error::Unavailable(e.to_string()))?;
    let mut db = open_for_verification(database)?;
    let mut after = (String::new(), String::new());
    loop {
        let found = crate::evidence::store::every(&mut db, &after, AT_ONCE)?;
        let Some(last) = found.last() else { return Ok(()) };
        after = (last.organisation_id.to_string(), last.sha256.to_string());
        found.iter().try_for_each(|evidence| each(&runtime, evidence))?;
    }
}

/// A path with something behind its name.
fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name: OsString = path.components().collect::<PathBuf>().into_os_string();
    name.push(end);
    PathBuf::from(name)
}

/// Where the patients' keys of a backup are.
pub fn patients_keys_of(backup: &Path) -> PathBuf {
    beside(backup, ".patients-keys")
}

fn failed(path: &Path, why: &std::io::Error) -> Error {
    Error::Unavailable(format!("{}: {why}", path.display()))
}

/// Makes what is in a folder durable, its own names included.
fn sync_folder(folder: &Path) -> Result<()> {
    std::fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(|e| failed(folder, &e))
}

/// Whether nothing is in the place of a folder, or an empty one.
fn is_free(path: &Path) -> Result<bool> {
    match std::fs::read_dir(path) {
        Ok(mut inside) => Ok(inside.next().is_none()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(failed(path, &error)),
    }
}

/// Refuses what verification found, unless that is to be kept all the same.
fn expect_agreement(findings: &[String], left_out: u64, despite: bool) -> Result<()> {
    if findings.is_empty() || despite {
        return Ok(());
    }
    let told = findings.iter().take(FINDINGS_TOLD).map(|finding| format!("\n  {finding}")).collect::<String>();
    let all = u64::try_from(findings.len()).unwrap_or(u64::MAX).saturating_add(left_out);
    Err(Error::Unavailable(format!(
        "what was read does not agree with its own journal ({all} findings); --despite-findings goes on all the same:{told}"
    )))
}
