//! Copies of the store of patients' keys: a file of text that is checked by itself, whatever database the store is in.
//!
//! One line of JSON says what it is, one has the deployment's secret, then comes one for each patient, those who were erased too, and the last
//! has the SHA-256 of all lines before it. Whoever has such a file and a copy of the database reads what was sealed, also of patients who
//! were erased since: it is to be kept elsewhere than the database, and for days, not years.
//!
//! A tombstone wins, on whichever side it is. So a key that was erased comes to life again by no copy, as long as anything is left
//! that knows of it: the store that a copy is taken into, another copy, or the record.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::path::Path;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::cipher::Key;
use super::patients::identity_of;
use super::store::{self, Kept};
use crate::clock::Moment;
use crate::db::{DatabaseUrl, Db, transaction, violates_unique};
use crate::error::{Error, Result};
use crate::ids::{OrganisationId, PatientId};
use crate::values::hex;

/// What the first line says that it is.
const WHAT: &str = "lotline patients' keys";
/// The form of these files.
const FORM: u32 = 1;
/// Patients that are read at once.
const AT_ONCE: i64 = 500;
/// No line is longer, in bytes.
const LINE_MAX: u64 = 64 * 1024;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    file: String,
    form: u32,
    identity: String,
    made_at: Moment,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Secret {
    secret: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: PatientId,
    organisation_id: OrganisationId,
    state: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    made_at: Moment,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    left_at: Option<Moment>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    erased_at: Option<Moment>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct End {
    patients: u64,
    sha256: String,
}

/// What a copy is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copy {
    /// What tells the store from every other.
    pub identity: String,
    /// When it was made.
    pub made_at: Moment,
    /// How many patients it has, those who were erased among them.
    pub patients: u64,
    /// How many of them were erased.
    pub erased: u64,
}

impl From<Kept> for Entry {
    fn from(kept: Kept) -> Self {
        let Kept { id, organisation_id, state, digest, key, reference, made_at, left_at, erased_at } = kept;
        let (digest, key) = (digest.as_deref().map(hex::encode), key.as_deref().map(hex::encode));
        Entry { id, organisation_id, state, digest, key, reference, made_at, left_at, erased_at }
    }
}

impl Entry {
    /// None where it is not one that a store has.
    fn kept(self) -> Option<Kept> {
        let Entry { id, organisation_id, state, digest, key, reference, made_at, left_at, erased_at } = self;
        let key_of = |text: Option<String>| match text {
            None => Some(None),
            Some(text) => hex::decode(&text).filter(|bytes| bytes.len() == 32).map(Some),
        };
        let (digest, key) = (key_of(digest)?, key_of(key)?);
        let is_erased = state == "erased";
        let is_one = ["living", "leaving", "erased"].contains(&state.as_str())
            && key.is_none() == is_erased
            && digest.is_none() == is_erased;
        let kept = Kept { id, organisation_id, state, digest, key, reference, made_at, left_at, erased_at };
        is_one.then_some(kept)
    }
}

/// Writes what a store has at one moment into a file.
///
/// # Errors
/// When the store was never used or does not answer, or the file is there already or cannot be written.
pub fn write(url: &DatabaseUrl, path: &Path, now: Moment) -> Result<Copy> {
    let mut db = store::open(url)?;
    transaction::begin_read(&mut db)?;
    let none = || Error::Unavailable(format!("{url:?} has no patients' keys"));
    let secret = store::kept_secret(&mut db)?.ok_or_else(none)?;
    let failed = |e: std::io::Error| Error::Unavailable(format!("{}: {e}", path.display()));
    let mut lines = Lines { to: BufWriter::new(File::create_new(path).map_err(failed)?), hash: Sha256::new() };
    let identity = identity_of(&secret);
    let mut copy = Copy { identity: identity.clone(), made_at: now, patients: 0, erased: 0 };
    lines.add(&Head { file: WHAT.to_owned(), form: FORM, identity, made_at: now }).map_err(failed)?;
    lines.add(&Secret { secret: hex::encode(&secret) }).map_err(failed)?;
    let mut after = String::new();
    loop {
        let found = store::every(&mut db, &after, AT_ONCE)?;
        let Some(last) = found.last() else { break };
        after = last.id.to_string();
        for kept in found {
            copy.patients += 1;
            copy.erased += u64::from(kept.key.is_none());
            lines.add(&Entry::from(kept)).map_err(failed)?;
        }
    }
    transaction::rollback(&mut db)?;
    let sha256 = hex::encode(&lines.hash.clone().finalize());
    lines.add(&End { patients: copy.patients, sha256 }).map_err(failed)?;
    let file = lines.to.into_inner().map_err(|e| failed(e.into_error()))?;
    file.sync_all().map_err(failed)?;
    Ok(copy)
}

struct Lines {
    to: BufWriter<File>,
    hash: Sha256,
}

impl Lines {
    fn add(&mut self, line: &impl Serialize) -> std::io::Result<()> {
        let mut line = serde_json::to_vec(line)?;
        line.push(b'\n');
        self.hash.update(&line);
        self.to.write_all(&line)
    }
}

/// Reads a copy to its end and checks all of it.
///
/// # Errors
/// When it is none, not whole, or was altered.
pub fn check(path: &Path) -> Result<Copy> {
    read(path, |_| Ok(()))
}

/// What tells a store from every other; none where it was never used. A file that is not there is not made.
///
/// # Errors
/// When the store does not answer.
pub fn identity(url: &DatabaseUrl) -> Result<Option<String>> {
    if url.file().is_some_and(|path| !path.exists()) {
        return Ok(None);
    }
    Ok(store::kept_secret(&mut store::open(url)?)?.map(|secret| identity_of(&secret)))
}

/// Takes a copy into a store, which is made where it is not there. Who was erased in either of them is erased then.
///
/// # Errors
/// As [`check`], and nothing of it is taken then; when the store is another one, or does not answer.
pub fn take_in(path: &Path, url: &DatabaseUrl) -> Result<Copy> {
    let found = check(path)?;
    let mut db = store::open(url)?;
    transaction::begin_write(&mut db)?;
    match merge(&mut db, path, &found, url) {
        Ok(()) => {
            transaction::commit(&mut db)?;
            store::overwrite(&mut db)?;
            Ok(found)
        }
        Err(error) => {
            transaction::rollback(&mut db)?;
            Err(error)
        }
    }
}

fn merge(db: &mut Db, path: &Path, found: &Copy, url: &DatabaseUrl) -> Result<()> {
    let other = || Error::Unavailable(format!("{} and {url:?} are of different deployments", path.display()));
    let there = store::kept_secret(db)?;
    if there.is_some_and(|there| identity_of(&there) != found.identity) {
        return Err(other());
    }
    let taken = read(path, |part| match part {
        Part::Secret(secret) => store::keep_secret(db, &secret),
        Part::Patient(kept) => store::take_in(db, &kept).map_err(|error| match error {
            Error::Database(error) if violates_unique(&error) => Error::Unavailable(format!(
                "{url:?} has another patient by the reference of {}: the two are not copies of one store",
                kept.id
            )),
            error => error,
        }),
    })?;
    if taken == *found { Ok(()) } else { Err(Error::Unavailable(format!("{} was changed meanwhile", path.display()))) }
}

/// Takes the tombstones of another store, or of a copy, into a store: how many there are.
///
/// # Errors
/// When there is nothing, or it is of another deployment; what the stores answer.
pub fn bury_those_of(elsewhere: &DatabaseUrl, url: &DatabaseUrl) -> Result<u64> {
    let mut to = store::open(url)?;
    let copy = elsewhere.file().filter(|path| is_a_copy(path));
    let identity = store::kept_secret(&mut to)?.map(|secret| identity_of(&secret));
    let other = || Error::Unavailable(format!("{elsewhere:?} has not the patients' keys of this deployment"));
    let mut buried = 0;
    if let Some(path) = copy {
        if Some(check(path)?.identity) != identity {
            return Err(other());
        }
        read(path, |part| {
            if let Part::Patient(kept) = part {
                buried += bury(&mut to, &kept)?;
            }
            Ok(())
        })?;
    } else {
        if elsewhere.file().is_some_and(|path| !path.is_file()) {
            return Err(Error::Unavailable(format!("{elsewhere:?} is not there")));
        }
        let mut from = store::open(elsewhere)?;
        if store::kept_secret(&mut from)?.map(|secret| identity_of(&secret)) != identity {
            return Err(other());
        }
        let mut after = String::new();
        loop {
            let found = store::every(&mut from, &after, AT_ONCE)?;
            let Some(last) = found.last() else { break };
            after = last.id.to_string();
            for kept in &found {
                buried += bury(&mut to, kept)?;
            }
        }
    }
    store::overwrite(&mut to)?;
    Ok(buried)
}

fn bury(to: &mut Db, kept: &Kept) -> Result<u64> {
    if kept.key.is_none() {
        store::take_in(to, kept)?;
    }
    Ok(u64::from(kept.key.is_none()))
}

/// Whether a file is such a copy, by its first bytes.
fn is_a_copy(path: &Path) -> bool {
    let mut first = [0; 8];
    File::open(path).and_then(|mut file| file.read_exact(&mut first)).is_ok() && first == *b"{\"file\":"
}

/// What is in a copy.
enum Part {
    Secret(Key),
    Patient(Kept),
}

/// Reads a copy from its beginning to its end.
fn read(path: &Path, mut each: impl FnMut(Part) -> Result<()>) -> Result<Copy> {
    let wrong = |why: &str| Error::Unavailable(format!("{}: {why}", path.display()));
    let mut from = BufReader::new(File::open(path).map_err(|e| wrong(&e.to_string()))?);
    let mut hash = Sha256::new();
    let mut next = || -> Result<Option<(String, Sha256)>> {
        let (mut line, before) = (String::new(), hash.clone());
        from.by_ref().take(LINE_MAX).read_line(&mut line).map_err(|e| wrong(&e.to_string()))?;
        hash.update(&line);
        Ok((!line.is_empty()).then_some((line, before)))
    };
    let altered = || wrong("it is no copy of patients' keys, not whole, or was altered");
    let head: Head = next()?.and_then(|(line, _)| parse(&line)).ok_or_else(altered)?;
    if head.file != WHAT || head.form != FORM {
        return Err(wrong("it is of a form that this program does not know"));
    }
    let Secret { secret: text } = next()?.and_then(|(line, _)| parse(&line)).ok_or_else(altered)?;
    let key: Key = hex::decode(&text).and_then(|bytes| bytes.try_into().ok()).ok_or_else(altered)?;
    if identity_of(&key) != head.identity {
        return Err(altered());
    }
    each(Part::Secret(key))?;
    let mut copy = Copy { identity: head.identity, made_at: head.made_at, patients: 0, erased: 0 };
    loop {
        let (line, before) = next()?.ok_or_else(altered)?;
        if let Some(End { patients, sha256 }) = parse(&line) {
            let is_whole = patients == copy.patients && sha256 == hex::encode(&before.finalize()) && next()?.is_none();
            return if is_whole { Ok(copy) } else { Err(altered()) };
        }
        let kept = parse::<Entry>(&line).and_then(Entry::kept).ok_or_else(altered)?;
        copy.patients += 1;
        copy.erased += u64::from(kept.key.is_none());
        each(Part::Patient(kept))?;
    }
}

/// A line, which ends with its line feed.
fn parse<T: DeserializeOwned>(line: &str) -> Option<T> {
    serde_json::from_str(line.strip_suffix('\n')?).ok()
}
