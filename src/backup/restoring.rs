//! Bringing a backup back: into a new data directory and a new database, and nowhere else.

use std::path::{Path, PathBuf};

use super::manifest::FORM;
use super::{DATABASE, MANIFEST, Manifest, failed, sums};
use crate::custody_log::witness;
use crate::db::{DatabaseUrl, copying, open_for_verification};
use crate::error::{Error, Result};
use crate::evidence::objects::{EvidenceUrl, Objects};
use crate::files;
use crate::sealing::{Patients, keeping};
use crate::verify::{self, Beside, Report};

/// What the folder of the data directory is called that everything lies in until it is verified.
const STAGE: &str = "restoring";

/// What is wanted.
pub struct Wanted<'a> {
    /// The backup.
    pub from: &'a Path,
    /// The file of its patients' keys; without one, the store that is there already has them.
    pub patients_keys: Option<&'a Path>,
    /// Other stores or copies of patients' keys: who was erased in one of them is erased.
    pub erased_in: &'a [DatabaseUrl],
    /// The new data directory.
    pub data_dir: &'a Path,
    /// The new database.
    pub database: &'a DatabaseUrl,
    /// Where patients' keys are from now on.
    pub keys: &'a DatabaseUrl,
    /// Where evidence is from now on, if it is not in the data directory.
    pub evidence: Option<&'a EvidenceUrl>,
    /// Whether what does not agree with its journal is brought back all the same.
    pub despite: bool,
}

/// What was brought back.
pub struct Restored {
    /// What the backup said of itself.
    pub manifest: Manifest,
    /// What verification found of what is there now.
    pub report: Report,
    /// Of when the patients' keys are, if a copy of them was taken in.
    pub patients_keys: Option<keeping::Copy>,
}

/// Brings a backup back.
///
/// # Errors
/// When there is anything where it is to be, the backup is not whole, or its patients' keys are not there; what cannot be read or
/// written. Nothing is in the data directory or in the database then; a store of patients' keys that was there before has those of the
/// backup, too.
pub fn restore(wanted: &Wanted<'_>) -> Result<Restored> {
    expect_new(wanted)?;
    sums::check(wanted.from)?;
    let manifest = read_manifest(wanted.from)?;
    let copy = expect_keys(wanted, &manifest)?;
    let stage = Stage::begin(wanted.data_dir)?;
    let mut new_keys = NewKeys::of(wanted.keys);
    for folder in ["keys", "log"] {
        copy_folder(&wanted.from.join(folder), &stage.0.join(folder))?;
    }
    let staged = stage.0.join(DATABASE);
    std::fs::copy(wanted.from.join(DATABASE), &staged).map_err(|e| failed(&staged, &e))?;
    let database = DatabaseUrl::Sqlite(staged.clone());
    let patients = bury(wanted)?;
    for note in crate::upgrade::run(&database, &patients)? {
        tracing::warn!(note, "to be looked at");
    }
    crate::erasures::service::erase_again(&mut open_for_verification(&database)?, &patients)?;
    let evidence = Objects::open(wanted.evidence, &stage.0)?;
    copy_evidence(wanted.from, &database, &evidence)?;
    let mut report = verified(&database, &stage.0, &evidence, &patients)?;
    super::expect_agreement(&report.findings, report.left_out, wanted.despite)?;
    copying::put_away(&staged)?;
    if let DatabaseUrl::Postgres(_) = wanted.database {
        copying::copy_out(&staged, wanted.database)?;
        report = verified(wanted.database, &stage.0, &evidence, &patients)?;
        std::fs::remove_file(&staged).map_err(|e| failed(&staged, &e))?;
    }
    new_keys.is_kept = true;
    stage.finish(wanted)?;
    Ok(Restored { manifest, report, patients_keys: copy })
}

/// Nothing may be in the place of anything but patients' keys.
fn expect_new(wanted: &Wanted<'_>) -> Result<()> {
    let refused = |what: &Path| {
        let why = "a backup is restored into a new data directory and a new database only";
        Err(Error::Unavailable(format!("{} is there already: {why}", what.display())))
    };
    if let DatabaseUrl::Sqlite(path) = wanted.database {
        for end in ["", "-wal", "-journal", ".lock"] {
            let file = super::beside(path, end);
            if file.exists() {
                return refused(&file);
            }
        }
    }
    for name in [DATABASE, "keys", "log", "evidence"] {
        let path = wanted.data_dir.join(name);
        if path.exists() && !(path.is_dir() && super::is_free(&path)?) {
            return refused(&path);
        }
    }
    match wanted.database {
        DatabaseUrl::Postgres(_) => copying::expect_new(wanted.database),
        DatabaseUrl::Sqlite(_) => Ok(()),
    }
}

fn read_manifest(from: &Path) -> Result<Manifest> {
    let path = from.join(MANIFEST);
    let text = std::fs::read_to_string(&path).map_err(|e| failed(&path, &e))?;
    let form: Option<u32> = serde_json::from_str::<serde_json::Value>(&text)
        .ok()
        .and_then(|value| value.get("form")?.as_u64()?.try_into().ok());
    match form {
        Some(form) if form > FORM => Err(Error::Unavailable(format!("{}: a newer version made it", path.display()))),
        _ => serde_json::from_str(&text).map_err(|e| Error::Unavailable(format!("{}: {e}", path.display()))),
    }
}

/// The patients' keys are in a copy that is whole, or in the store that is there.
fn expect_keys(wanted: &Wanted<'_>, manifest: &Manifest) -> Result<Option<keeping::Copy>> {
    let Some(identity) = &manifest.patients_keys else { return Ok(None) };
    let there = Patients::at(wanted.keys.clone());
    let copy = wanted.patients_keys.map(keeping::check).transpose()?;
    if copy.as_ref().is_some_and(|copy| copy.identity != *identity) {
        return Err(Error::Unavailable("the file of patients' keys is of another deployment".to_owned()));
    }
    if keeping::identity(wanted.keys)?.is_some_and(|found| found != *identity) {
        return Err(Error::Unavailable(format!("{:?} has the patients' keys of another deployment", wanted.keys)));
    }
    if copy.is_none() && !there.is_there() {
        return Err(Error::Unavailable(format!(
            "the patients' keys are neither in {} nor in {:?}: nothing that is sealed could be read (--patients-keys FILE)",
            super::patients_keys_of(wanted.from).display(),
            wanted.keys
        )));
    }
    Ok(copy)
}

/// A store of patients' keys that was not there before: a restore that does not come about leaves none.
struct NewKeys {
    file: Option<PathBuf>,
    is_kept: bool,
}

impl NewKeys {
    fn of(keys: &DatabaseUrl) -> Self {
        NewKeys { file: keys.file().filter(|file| !file.exists()).map(Path::to_path_buf), is_kept: false }
    }
}

impl Drop for NewKeys {
    fn drop(&mut self) {
        let Some(file) = self.file.as_ref().filter(|_| !self.is_kept) else { return };
        for end in ["", "-wal", "-shm", "-journal"] {
            // What cannot be removed is keys that the backup's own file has, too.
            let _ = std::fs::remove_file(super::beside(file, end));
        }
    }
}

/// Takes in the patients' keys, and buries everybody who was erased as far as anybody knows.
fn bury(wanted: &Wanted<'_>) -> Result<Patients> {
    if let Some(copy) = wanted.patients_keys {
        keeping::take_in(copy, wanted.keys)?;
    }
    for elsewhere in wanted.erased_in {
        keeping::bury_those_of(elsewhere, wanted.keys)?;
    }
    Ok(Patients::at(wanted.keys.clone()))
}

/// Copies the files of a folder, which has no folders in it.
fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    files::make_folder(to)?;
    let listed = match std::fs::read_dir(from) {
        Ok(listed) => listed.collect::<std::io::Result<Vec<_>>>().map_err(|e| failed(from, &e))?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failed(from, &error)),
    };
    for entry in listed {
        let content = std::fs::read(entry.path()).map_err(|e| failed(&entry.path(), &e))?;
        files::put(&to.join(entry.file_name()), &content)?;
    }
    Ok(())
}

/// Puts the files that the database knows where evidence is from now on. One that the backup does not have is a finding.
fn copy_evidence(from: &Path, database: &DatabaseUrl, to: &Objects) -> Result<()> {
    super::each_evidence(database, |runtime, evidence| {
        let (organisation, sha256) = (&evidence.organisation_id, &evidence.sha256);
        let path = from.join("evidence").join(organisation.as_str()).join(sha256.as_str());
        match std::fs::read(&path) {
            Ok(bytes) => runtime.block_on(to.put(organisation, sha256, bytes.into())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(failed(&path, &error)),
        }
    })
}

fn verified(database: &DatabaseUrl, folder: &Path, evidence: &Objects, patients: &Patients) -> Result<Report> {
    let seen = witness::look(folder)?;
    let beside =
        Beside { evidence: Some(Some(evidence)), log: Some(&seen), checkpoints: &[], patients: Some(patients) };
    verify::check(database, &beside)
}

/// Where everything lies until it is verified: in the data directory, so that it comes to its place by its name alone, and whoever
/// restores need be able to write nowhere else.
struct Stage(PathBuf);

impl Stage {
    fn begin(data_dir: &Path) -> Result<Self> {
        files::make_folder(data_dir)?;
        let folder = data_dir.join(STAGE);
        match std::fs::create_dir(&folder) {
            Ok(()) => Ok(Stage(folder)),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Err(Error::Unavailable(format!(
                "{} is there already: somebody else is at it, or one was cut off; remove it in that case",
                folder.display()
            ))),
            Err(error) => Err(failed(&folder, &error)),
        }
    }

    /// Gives everything its name, the database last: without it nothing serves what else is there.
    fn finish(self, wanted: &Wanted<'_>) -> Result<()> {
        for name in ["keys", "log", "evidence"] {
            let (from, to) = (self.0.join(name), wanted.data_dir.join(name));
            if from.exists() {
                std::fs::rename(&from, &to).map_err(|e| failed(&to, &e))?;
                super::sync_folder(&to)?;
            }
        }
        if let DatabaseUrl::Sqlite(path) = wanted.database {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
            files::make_folder(folder)?;
            let staged = self.0.join(DATABASE);
            std::fs::File::open(&staged).and_then(|file| file.sync_all()).map_err(|e| failed(&staged, &e))?;
            // A link takes the place of nothing that is there, not even of what came a moment ago.
            let linked = std::fs::hard_link(&staged, path).or_else(|error| match error.kind() {
                std::io::ErrorKind::AlreadyExists => Err(error),
                _ => copy_new(&staged, path),
            });
            linked.map_err(|e| failed(path, &e))?;
            super::sync_folder(folder)?;
        }
        super::sync_folder(wanted.data_dir)
    }
}

/// Copies a file to another file system, where there is none of that name.
fn copy_new(from: &Path, to: &Path) -> std::io::Result<()> {
    let (mut from, mut file) = (std::fs::File::open(from)?, std::fs::File::create_new(to)?);
    std::io::copy(&mut from, &mut file)?;
    file.sync_all()
}

impl Drop for Stage {
    fn drop(&mut self) {
        // What cannot be removed has a name that says what it is.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
