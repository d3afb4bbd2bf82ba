//! The digests of the files of a folder, as `sha256sum` writes and reads them.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::{SUMS, failed};
use crate::error::{Error, Result};
use crate::values::hex;

/// How much of a file is in memory at once.
const BUFFER: usize = 64 * 1024;
/// No line is longer, in bytes.
const LINE_MAX: u64 = 4096;

/// The SHA-256 of a file, in hexadecimal.
pub fn digest(path: &Path) -> Result<String> {
    let mut file = File::open(path).map_err(|e| failed(path, &e))?;
    let (mut hash, mut buffer) = (Sha256::new(), vec![0; BUFFER]);
    loop {
        match file.read(&mut buffer).map_err(|e| failed(path, &e))? {
            0 => return Ok(hex::encode(&hash.finalize())),
            count => hash.update(buffer.get(..count).unwrap_or_default()),
        }
    }
}

/// Goes through all files of a folder but their digests, in the order of their names, and makes each folder durable. Anything that is
/// neither a file nor a folder is refused.
fn each_file(root: &Path, inside: &Path, work: &mut impl FnMut(&Path) -> Result<()>) -> Result<()> {
    let folder = root.join(inside);
    let listed = std::fs::read_dir(&folder).and_then(Iterator::collect::<std::io::Result<Vec<_>>>);
    let mut entries = listed.map_err(|e| failed(&folder, &e))?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let (path, name) = (entry.path(), inside.join(entry.file_name()));
        let kind = entry.file_type().map_err(|e| failed(&path, &e))?;
        if kind.is_dir() {
            each_file(root, &name, work)?;
        } else if !kind.is_file() {
            return Err(Error::Unavailable(format!("{}: it is no file", path.display())));
        } else if name != Path::new(SUMS) {
            work(&name)?;
        }
    }
    Ok(())
}

/// Writes the digests of all files of a folder, durably, files and folders included.
pub fn write(root: &Path) -> Result<()> {
    let path = root.join(SUMS);
    let mut to = BufWriter::new(File::create_new(&path).map_err(|e| failed(&path, &e))?);
    let mut folders = std::collections::BTreeSet::from([PathBuf::new()]);
    each_file(root, Path::new(""), &mut |name| {
        let file = root.join(name);
        File::open(&file).and_then(|file| file.sync_all()).map_err(|e| failed(&file, &e))?;
        folders.extend(name.ancestors().skip(1).map(Path::to_owned));
        writeln!(to, "{}  {}", digest(&file)?, name.display()).map_err(|e| failed(&path, &e))
    })?;
    let file = to.into_inner().map_err(|e| failed(&path, e.error()))?;
    file.sync_all().map_err(|e| failed(&path, &e))?;
    folders.iter().try_for_each(|folder| super::sync_folder(&root.join(folder)))
}

/// Compares all files of a folder with their digests: none is missing, none is there beside them.
///
/// # Errors
/// One sentence for the first that differs.
pub fn check(root: &Path) -> Result<()> {
    let path = root.join(SUMS);
    if !path.is_file() {
        let why = "it has no digests: it is no backup, or was cut off while it was made";
        return Err(Error::Unavailable(format!("{}: {why}", root.display())));
    }
    let mut from = BufReader::new(File::open(&path).map_err(|e| failed(&path, &e))?);
    let mut next = || -> Result<Option<String>> {
        let mut line = String::new();
        from.by_ref().take(LINE_MAX).read_line(&mut line).map_err(|e| failed(&path, &e))?;
        Ok((!line.is_empty()).then_some(line))
    };
    // Both are in one order.
    each_file(root, Path::new(""), &mut |name| {
        let expected = format!("{}  {}\n", digest(&root.join(name))?, name.display());
        match next()? {
            Some(line) if line == expected => Ok(()),
            Some(line) if line.trim_end().ends_with(&format!("  {}", name.display())) => {
                Err(Error::Unavailable(format!("{}: it was altered", root.join(name).display())))
            }
            _ => Err(Error::Unavailable(format!(
                "{}: {} is in one and not in the other, or was altered",
                path.display(),
                name.display()
            ))),
        }
    })?;
    match next()? {
        None => Ok(()),
        Some(line) => Err(Error::Unavailable(format!("{}: a file is missing: {}", path.display(), line.trim_end()))),
    }
}
