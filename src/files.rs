//! Files are for their owner only: the data directory with its keys, the database, and evidence.
//!
//! What this program makes is made under its own umask (077), whatever it was started under: that covers what SQLite and
//! the store of evidence make as well. What an older version left open is closed when a subcommand starts. What belongs
//! to somebody else is refused, for they could change it under us.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags};

use crate::error::{Error, Result};

/// What anybody but the owner may do, as bits of a mode.
const OTHERS: u32 = 0o077;
/// What of that changes something.
const CHANGE: u32 = 0o022;
/// A folder in which everybody may make files, such as `/tmp`.
const STICKY: u32 = 0o1000;
/// What Lotline makes in its data directory; the database has files beside it.
fn is_ours(name: &str) -> bool {
    matches!(name, "keys" | "evidence" | "log" | "turn.lock" | "restoring")
        || name.starts_with("lotline.db")
        || name.starts_with("keys.db")
}

/// From now on this process makes files that only their owner may touch.
pub fn make_for_owner_only() {
    rustix::process::umask(Mode::RWXG | Mode::RWXO);
}

/// Makes a folder, and those above it, for its owner only, unless it is there.
///
/// # Errors
/// When it cannot be made.
pub fn make_folder(folder: &Path) -> Result<()> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(|e| failed(folder, &e))
}

/// Waits until no other process writes in a folder, and keeps others from it for as long as the file is open.
///
/// # Errors
/// When the folder cannot be written.
pub fn take_turn(folder: &Path) -> Result<File> {
    let path = folder.join("turn.lock");
    let taken = File::create(&path).and_then(|file| file.lock().map(|()| file));
    taken.map_err(|e| failed(&path, &e))
}

/// Puts a file where it is found again, durably and whole, for its owner only: it is written beside and renamed, so that nobody
/// reads half of it. Whoever does it has [the turn](take_turn).
///
/// # Errors
/// When the folder cannot be written.
pub fn put(path: &Path, content: &[u8]) -> Result<()> {
    let (draft, folder) = (path.with_extension("draft"), path.parent().unwrap_or(Path::new(".")));
    let write = || -> std::io::Result<()> {
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
        file.write_all(content)?;
        file.sync_all()?;
        std::fs::rename(&draft, path)?;
        File::open(folder)?.sync_all()
    };
    write().map_err(|e| failed(path, &e))
}

/// Looks at the data directory, the embedded database and the patients' keys before they are used: one sentence for each thing that was open
/// to others and is not any more.
///
/// # Errors
/// When the directory belongs to somebody else, or others may change what is in it and it holds other things than Lotline's.
pub fn close_deployment(data_dir: &Path, embedded: Option<&Path>) -> Result<Vec<String>> {
    let mut closed: Vec<String> = close_folder(data_dir, is_ours)?.into_iter().collect();
    let keys = data_dir.join("keys.db");
    for path in embedded.into_iter().chain([keys.as_path()]) {
        for suffix in ["", "-wal", "-shm", "-journal", ".lock"] {
            let mut file = path.as_os_str().to_owned();
            file.push(suffix);
            closed.extend(close_file(Path::new(&file))?);
        }
    }
    Ok(closed)
}

/// Looks at a folder of evidence in the same way. Files are looked at only where their organisation's folder is open,
/// and that is closed last: so they are gone through once, also when this is interrupted.
///
/// # Errors
/// As for [`close_deployment`].
pub fn close_evidence(folder: &Path) -> Result<Vec<String>> {
    let mut closed = Vec::new();
    for organisation in entries(folder)?.into_iter().filter(|(_, found)| found.is_dir() && found.mode() & OTHERS != 0) {
        let (path, _) = organisation;
        let files = entries(&path)?;
        for (file, _) in files.iter().filter(|(_, found)| found.is_file()) {
            set_mode(file, Mode::RUSR | Mode::WUSR).map_err(|e| failed(file, &e))?;
        }
        set_mode(&path, Mode::RWXU).map_err(|e| failed(&path, &e))?;
        closed.push(format!("{} with {} files was open to others, and is not any more", path.display(), files.len()));
    }
    closed.extend(close_folder(folder, |name| name.starts_with("org_"))?);
    Ok(closed)
}

/// Refuses what is not for its owner only, or belongs to somebody else: a key that others could read or put there.
///
/// # Errors
/// A sentence that says what is wrong with it, and what to do.
pub fn expect_private(path: &Path, found: &Metadata) -> std::result::Result<(), String> {
    let said = "whoever has a key can sign tokens";
    let keys = ", and replace its keys (`lotline keys rotate`, then `retire`) unless nobody has been there";
    expect_closed(path, found, said, keys)
}

/// The same of what signs the custody log.
///
/// # Errors
/// The same.
pub fn expect_private_log(path: &Path, found: &Metadata) -> std::result::Result<(), String> {
    expect_closed(path, found, "whoever has the key can sign checkpoints of the custody log", "")
}

fn expect_closed(path: &Path, found: &Metadata, why: &str, then: &str) -> std::result::Result<(), String> {
    expect_own(path, found)?;
    let open = found.mode() & OTHERS;
    if open == 0 {
        return Ok(());
    }
    let may = if open & CHANGE == 0 { "read" } else { "change" };
    let (path, mode, right) = (path.display(), found.mode() & 0o7777, found.mode() & 0o700);
    Err(format!("{path} has mode {mode:04o}, so that others may {may} it, and {why}: chmod {right:o} it{then}"))
}

fn expect_own(path: &Path, found: &Metadata) -> std::result::Result<(), String> {
    let (owner, we) = (found.uid(), rustix::process::geteuid().as_raw());
    if owner == we {
        return Ok(());
    }
    Err(format!("{} belongs to user {owner}, and this process runs as user {we}: run it as its owner", path.display()))
}

/// Closes a folder of ours that is open to others. One that is not there is made later.
fn close_folder(folder: &Path, is_ours: impl Fn(&str) -> bool) -> Result<Option<String>> {
    let found = match std::fs::metadata(folder) {
        Ok(found) => found,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(folder, &error)),
    };
    expect_own(folder, &found).map_err(Error::Unavailable)?;
    if found.mode() & OTHERS == 0 {
        return Ok(None);
    }
    let (path, mode) = (folder.display(), found.mode() & 0o7777);
    let inside = entries(folder)?;
    let ours = |(path, _): &(PathBuf, Metadata)| path.file_name().and_then(|name| name.to_str()).is_some_and(&is_ours);
    let (has_ours, has_others) = (inside.iter().any(ours), !inside.iter().all(ours));
    // Other things may be somebody's who needs them; what we make beside them is for its owner only all the same.
    if has_others && mode & CHANGE == 0 {
        return Ok(Some(format!(
            "{path} has mode {mode:04o} and is left so, for it holds other things than Lotline's; what Lotline makes in it \
             is for its owner only"
        )));
    }
    if mode & STICKY != 0 || (has_others && !has_ours) {
        return Err(Error::Unavailable(format!(
            "{path} has mode {mode:04o}, so that others may change what is in it, and it holds other things than \
             Lotline's: name a folder of its own, or chmod 700 it"
        )));
    }
    set_mode(folder, Mode::RWXU).map_err(|e| failed(folder, &e))?;
    Ok(Some(was_open(folder, &found, 0o700)))
}

fn close_file(file: &Path) -> Result<Option<String>> {
    match std::fs::metadata(file) {
        Ok(found) if found.is_file() && found.mode() & OTHERS != 0 => {
            set_mode(file, Mode::RUSR | Mode::WUSR).map_err(|e| failed(file, &e))?;
            Ok(Some(was_open(file, &found, 0o600)))
        }
        Ok(_) => Ok(None),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed(file, &error)),
    }
}

fn was_open(path: &Path, found: &Metadata, mode: u32) -> String {
    format!(
        "{} had mode {:04o}, and has {mode:04o} now: it is for its owner only",
        path.display(),
        found.mode() & 0o7777
    )
}

/// What is in a folder, links not followed; nothing when it is not there.
fn entries(folder: &Path) -> Result<Vec<(PathBuf, Metadata)>> {
    let listed = match std::fs::read_dir(folder) {
        Ok(listed) => listed,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(folder, &error)),
    };
    let found = listed.map(|entry| entry.and_then(|entry| Ok((entry.path(), entry.metadata()?))));
    found.collect::<std::io::Result<_>>().map_err(|e| failed(folder, &e))
}

/// Sets the mode of what is opened, which nobody can exchange in between.
fn set_mode(path: &Path, mode: Mode) -> std::io::Result<()> {
    let opened = rustix::fs::open(path, OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC, Mode::empty())?;
    Ok(rustix::fs::fchmod(opened, mode)?)
}

fn failed(path: &Path, why: &std::io::Error) -> Error {
    Error::Unavailable(format!("{}: {why}", path.display()))
}
