//! Making a backup, beside whoever serves.

use std::path::{Path, PathBuf};

use super::manifest::FORM;
use super::{AT_ONCE, DATABASE, FINDINGS_TOLD, Log, MANIFEST, Manifest, SUMS, UNFINISHED, failed, sums};
use crate::clock::Clock;
use crate::custody_log::{store as log_store, witness};
use crate::db::{DatabaseUrl, Db, copying, migrate, open_for_verification};
use crate::error::{Error, Result};
use crate::evidence::objects::Objects;
use crate::files;
use crate::note::{Checkpoint, Note};
use crate::sealing::{Patients, keeping};
use crate::values::hex;
use crate::verify::{self, Beside, Report};

/// What a backup is made of.
pub struct Source<'a> {
    /// The database.
    pub database: &'a DatabaseUrl,
    /// The data directory.
    pub data_dir: &'a Path,
    /// Where patients' keys are.
    pub patients_keys: &'a DatabaseUrl,
    /// Where evidence is; none where nothing was ever uploaded.
    pub evidence: Option<&'a Objects>,
}

/// A backup that was made.
pub struct Made {
    /// What it says of itself.
    pub manifest: Manifest,
    /// The file with the patients' keys, if there are any.
    pub patients_keys: Option<(PathBuf, keeping::Copy)>,
}

/// What is taken away again when a backup does not come about.
struct Draft {
    folder: PathBuf,
    keys: PathBuf,
    is_done: bool,
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.is_done {
            // What cannot be removed has a name that says what it is.
            let _ = std::fs::remove_dir_all(&self.folder);
            let _ = std::fs::remove_file(&self.keys);
        }
    }
}

/// Makes a backup in a new folder. `despite` keeps one of a record that does not agree with its journal.
///
/// # Errors
/// When the folder or what is written beside it is there already, when something cannot be read or written, or when what was written is
/// not as it must be. Nothing is left then.
pub fn make(source: &Source<'_>, to: &Path, despite: bool, clock: &Clock) -> Result<Made> {
    let began_at = clock.now();
    let keys = super::patients_keys_of(to);
    if !super::is_free(to)? || keys.exists() {
        let what = if keys.exists() { &keys } else { to };
        return Err(Error::Unavailable(format!("{} is there already: name a new folder", what.display())));
    }
    expect_apart(source, to)?;
    let draft = begin(to, &keys)?;
    copy_folder(source.data_dir, &draft.folder, "log", |name| name == "key.pem" || name.ends_with(".checkpoint"))?;
    copy_folder(source.data_dir, &draft.folder, "keys", |name| name.ends_with(".pem"))?;
    let file = draft.folder.join(DATABASE);
    match source.database {
        DatabaseUrl::Sqlite(path) => copying::vacuum_into(path, &file)?,
        DatabaseUrl::Postgres(_) => copying::copy_into(source.database, &file)?,
    }
    copy_evidence(source.evidence, &file, &draft.folder)?;
    let patients = Patients::at(source.patients_keys.clone());
    let copy = if keeping::identity(source.patients_keys)?.is_some() {
        keeping::write(source.patients_keys, &draft.keys, clock.now())?;
        // Read again: what counts is what is there.
        Some(keeping::check(&draft.keys)?)
    } else {
        None
    };
    let report = verified(&draft.folder, &patients)?;
    super::expect_agreement(&report.findings, report.left_out, despite)?;
    let mut manifest = described(&draft.folder, source, &report)?;
    manifest.began_at = began_at;
    manifest.verified_at = clock.now();
    manifest.patients_keys = copy.as_ref().map(|copy| copy.identity.clone());
    put_away(&file)?;
    let text = serde_json::to_string_pretty(&manifest).map_err(|e| Error::internal(e.to_string()))?;
    files::put(&draft.folder.join(MANIFEST), format!("{text}\n").as_bytes())?;
    sums::write(&draft.folder)?;
    sums::check(&draft.folder)?;
    finish(draft, to, copy.is_some().then_some(keys.as_path()))?;
    Ok(Made { manifest, patients_keys: copy.map(|copy| (keys, copy)) })
}

/// A backup lies in no other one, whose digests would not know it, and in no folder that a backup is made of or a server writes in.
fn expect_apart(source: &Source<'_>, to: &Path) -> Result<()> {
    let refused = |around: &Path, what: &str| {
        let (to, around) = (to.display(), around.display());
        Err(Error::Unavailable(format!("{to} lies in {around}, which is {what}: name a folder elsewhere")))
    };
    let own: Vec<PathBuf> = ["evidence", "keys", "log"]
        .into_iter()
        .filter_map(|name| source.data_dir.join(name).canonicalize().ok())
        .collect();
    let whole = std::path::absolute(to).map_err(|e| failed(to, &e))?;
    for around in whole.ancestors().skip(1) {
        if around.join(MANIFEST).is_file() && around.join(SUMS).is_file() {
            return refused(around, "a backup");
        }
        if around.canonicalize().is_ok_and(|around| own.contains(&around)) {
            return refused(around, "of the data directory");
        }
    }
    Ok(())
}

/// Makes the folder that is written in; whoever comes second, or after one that was cut off, is told.
fn begin(to: &Path, keys: &Path) -> Result<Draft> {
    let (folder, keys) = (super::beside(to, UNFINISHED), super::beside(keys, UNFINISHED));
    if let Some(parent) = to.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        files::make_folder(parent)?;
    }
    let there = |path: &Path| {
        Error::Unavailable(format!(
            "{} is there already: somebody else is at it, or one was cut off; remove it in that case",
            path.display()
        ))
    };
    if keys.exists() {
        return Err(there(&keys));
    }
    match std::fs::create_dir(&folder) {
        Ok(()) => Ok(Draft { folder, keys, is_done: false }),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Err(there(&folder)),
        Err(error) => Err(failed(&folder, &error)),
    }
}

/// Copies some files of a folder of the data directory. One that is removed meanwhile is not there.
fn copy_folder(from: &Path, to: &Path, name: &str, is_wanted: impl Fn(&str) -> bool) -> Result<()> {
    let (from, to) = (from.join(name), to.join(name));
    files::make_folder(&to)?;
    let listed = match std::fs::read_dir(&from) {
        Ok(listed) => listed.collect::<std::io::Result<Vec<_>>>().map_err(|e| failed(&from, &e))?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failed(&from, &error)),
    };
    for entry in listed.iter().filter(|entry| entry.file_name().to_str().is_some_and(&is_wanted)) {
        match std::fs::read(entry.path()) {
            Ok(content) => files::put(&to.join(entry.file_name()), &content)?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(failed(&entry.path(), &error)),
        }
    }
    Ok(())
}

/// Copies the files that the database in the backup knows. What cannot be read is left out: verification says so.
fn copy_evidence(from: Option<&Objects>, database: &Path, folder: &Path) -> Result<()> {
    let to = folder.join("evidence");
    files::make_folder(&to)?;
    let Some(from) = from else { return Ok(()) };
    super::each_evidence(&DatabaseUrl::Sqlite(database.to_owned()), |runtime, evidence| {
        let of = to.join(evidence.organisation_id.as_str());
        files::make_folder(&of)?;
        let path = of.join(evidence.sha256.as_str());
        let mut file = std::fs::File::create_new(&path).map_err(|e| failed(&path, &e))?;
        let size = u64::try_from(evidence.bytes).unwrap_or_default();
        let mut at = 0;
        while at < size {
            let Ok(piece) = runtime.block_on(from.piece(evidence, at)) else { break };
            std::io::Write::write_all(&mut file, &piece).map_err(|e| failed(&path, &e))?;
            at += u64::try_from(piece.len().max(1)).unwrap_or(u64::MAX);
        }
        Ok(())
    })
}

/// Verifies what was written.
fn verified(folder: &Path, patients: &Patients) -> Result<Report> {
    let objects = Objects::in_folder(&folder.join("evidence"))?;
    let seen = witness::look(folder)?;
    let beside =
        Beside { evidence: Some(Some(&objects)), log: Some(&seen), checkpoints: &[], patients: Some(patients) };
    verify::check(&DatabaseUrl::Sqlite(folder.join(DATABASE)), &beside)
}

/// Closes a file for good: no log of SQLite's lies beside it.
fn put_away(file: &Path) -> Result<()> {
    copying::put_away(file)?;
    for end in ["-wal", "-shm", "-journal"] {
        let beside = super::beside(file, end);
        if beside.exists() {
            return Err(Error::Unavailable(format!("{}: somebody else is at it", beside.display())));
        }
    }
    Ok(())
}

fn described(folder: &Path, source: &Source<'_>, report: &Report) -> Result<Manifest> {
    let mut db = open_for_verification(&DatabaseUrl::Sqlite(folder.join(DATABASE)))?;
    let keys = crate::http::keys::list(folder)?;
    let began_at = crate::clock::Moment::FIRST;
    Ok(Manifest {
        form: FORM,
        lotline: env!("CARGO_PKG_VERSION").to_owned(),
        migration: migrate::newest(&mut db)?,
        database: if source.database.file().is_some() { "sqlite" } else { "postgres" }.to_owned(),
        began_at,
        verified_at: began_at,
        events: report.events,
        rows: report.rows,
        readings: report.readings,
        evidence_files: report.files,
        signing_keys: keys.into_iter().map(|key| key.id).collect(),
        patients_keys: None,
        logs: logs(&mut db)?,
        findings: report.findings.iter().take(FINDINGS_TOLD).cloned().collect(),
    })
}

fn logs(db: &mut Db) -> Result<Vec<Log>> {
    let (mut logs, mut after) = (Vec::new(), String::new());
    loop {
        let found = log_store::checkpoints(db, &after, AT_ONCE)?;
        let Some((last, _)) = found.last() else { return Ok(logs) };
        after = last.to_string();
        for (organisation_id, note) in found {
            // One that cannot be read is among the findings.
            let Ok(read) = Note::read(&note).and_then(|note| Checkpoint::read(note.text)) else { continue };
            let root = hex::encode(&read.root);
            logs.push(Log { organisation_id, origin: read.origin, tree_size: read.size, root });
        }
    }
}

/// Gives everything its name: the patients' keys first, so that whoever sees a backup has them.
fn finish(mut draft: Draft, to: &Path, keys: Option<&Path>) -> Result<()> {
    if let Some(keys) = keys {
        std::fs::rename(&draft.keys, keys).map_err(|e| failed(keys, &e))?;
    }
    if let Err(error) = std::fs::rename(&draft.folder, to) {
        if let Some(keys) = keys {
            let _ = std::fs::remove_file(keys);
        }
        return Err(failed(to, &error));
    }
    draft.is_done = true;
    let parent = to.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    super::sync_folder(parent)
}
