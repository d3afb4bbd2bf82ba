//! The signing keys of a deployment: files of its data directory, one each, that only their owner may touch.
//!
//! A file is named by its key's id, and says when its key was made in a line before the PEM (RFC 7468 section 2 allows
//! text there), so that copying and restoring it change nothing. The newest key signs; every key verifies until its file is
//! removed. Keys of older versions do not say when they were made: they count as older than all that do, and among
//! themselves the greatest id is the newest, as it was then.
//!
//! A running server [watches](Keys::watch) the files. What it cannot read (a file that is being copied, a folder that is
//! not there) changes nothing of what it has.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock, Weak};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey, EncodePrivateKey};
use jsonwebtoken::{DecodingKey, EncodingKey};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::claims::Proofs;
use crate::clock::{Clock, Moment};
use crate::error::{Error, Result};
use crate::files;
use crate::values::hex;

/// How often a server looks at the files: what was added or removed counts after that.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// How often an unknown key in a token makes it look at once, at the most.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// No key file is longer.
const FILE_MAX: u64 = 64 * 1024;
/// What the line begins with that says when a key was made.
const MADE: &str = "Made: ";

/// A key.
pub struct Key {
    /// When it was made, unless an older version made it.
    pub made_at: Option<Moment>,
    /// The half that signs.
    pub encoding: EncodingKey,
    /// The half that verifies.
    pub decoding: DecodingKey,
}

/// Why a file is not taken for a key.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Flaw {
    /// Others could read it, or put it there.
    Open(String),
    /// It is no key, or not yet.
    Broken(String),
}

/// A key file as `lotline keys` shows it.
#[derive(Debug, Serialize)]
pub struct Listed {
    /// Its id.
    pub id: String,
    /// When it was made; null where an older version made it.
    pub made_at: Option<Moment>,
    /// Whether it signs.
    pub signs: bool,
    /// Why it is not used, if it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flaw: Option<String>,
}

/// The keys that are there, by id.
type Found = BTreeMap<String, std::result::Result<Arc<Key>, Flaw>>;

/// What a process has of them.
#[derive(Clone, Default)]
struct Ring {
    keys: BTreeMap<String, Arc<Key>>,
    newest: Option<String>,
    /// What is wrong with the files, if anything is.
    flaws: Vec<Flaw>,
    /// Tokens that were found good with these keys.
    proofs: Proofs,
}

impl Ring {
    fn of(found: Found) -> Self {
        let mut ring = Ring::default();
        for (id, key) in found {
            match key {
                Ok(key) => drop(ring.keys.insert(id, key)),
                Err(flaw) => ring.flaws.push(flaw),
            }
        }
        ring.newest = newest(&ring.keys);
        ring
    }
}

/// The key that was made last; of several the one with the greatest id.
fn newest(keys: &BTreeMap<String, Arc<Key>>) -> Option<String> {
    keys.iter().max_by_key(|(id, key)| (key.made_at, *id)).map(|(id, _)| id.clone())
}

/// The signing keys of a deployment.
pub struct Keys {
    folder: PathBuf,
    ring: RwLock<Arc<Ring>>,
    looked: Mutex<Instant>,
}

impl Keys {
    /// Reads the keys of a data directory; makes the first one when there is none.
    ///
    /// # Errors
    /// When the directory cannot be read or written, others could read or change a key, or none of the files is one.
    pub fn open(data_dir: &Path) -> Result<Self> {
        let folder = data_dir.join("keys");
        files::make_folder(&folder)?;
        expect_private(&folder)?;
        if ids(&folder).map_err(Error::Unavailable)?.is_empty() {
            // Processes that start at the same moment must agree on the key: one makes it, the others wait for it.
            let _turn = files::take_turn(&folder)?;
            if ids(&folder).map_err(Error::Unavailable)?.is_empty() {
                make(&folder, Clock::system().now())?;
            }
        }
        Self::read(folder)
    }

    /// Reads the keys of a data directory that has some.
    ///
    /// # Errors
    /// When it has none, cannot be read, others could read or change a key, or none of the files is one.
    pub fn kept(data_dir: &Path) -> Result<Self> {
        let folder = data_dir.join("keys");
        if !folder.is_dir() || ids(&folder).map_err(Error::Unavailable)?.is_empty() {
            return Err(none_in(&folder));
        }
        Self::read(folder)
    }

    fn read(folder: PathBuf) -> Result<Self> {
        expect_private(&folder)?;
        let ring = Ring::of(find(&folder).map_err(Error::Unavailable)?);
        for flaw in &ring.flaws {
            match flaw {
                Flaw::Open(why) => return Err(Error::Unavailable(why.clone())),
                Flaw::Broken(why) if ring.keys.is_empty() => return Err(Error::Unavailable(why.clone())),
                Flaw::Broken(why) => tracing::warn!(why, "a key file is not used"),
            }
        }
        if ring.keys.is_empty() {
            return Err(Error::Unavailable(format!("{} has no signing keys any more", folder.display())));
        }
        Ok(Keys { folder, ring: RwLock::new(Arc::new(ring)), looked: Mutex::new(Instant::now()) })
    }

    /// The key with an id, if there is one.
    pub fn get(&self, id: &str) -> Option<Arc<Key>> {
        self.ring().keys.get(id).cloned()
    }

    /// The key that signs, with its id.
    ///
    /// # Errors
    /// When every key was removed.
    pub fn newest(&self) -> Result<(String, Arc<Key>)> {
        let ring = self.ring();
        let newest = ring.newest.as_ref().and_then(|id| Some((id.clone(), ring.keys.get(id)?.clone())));
        newest.ok_or_else(|| Error::Unavailable(format!("{} has no signing keys any more", self.folder.display())))
    }

    /// How the files are, in one word for `/readyz`.
    pub fn condition(&self) -> &'static str {
        let Ok((newest, _)) = self.newest() else { return "missing" };
        // Without the newest the next process might make another one: that is said at once.
        if !path(&self.folder, &newest).is_file() {
            return "missing";
        }
        let ring = self.ring();
        if ring.flaws.iter().any(|flaw| matches!(flaw, Flaw::Open(_))) { "open" } else { "ok" }
    }

    /// Looks at the files again: new keys count from now on, and removed ones no more. A folder that cannot be read and
    /// a file that cannot be read change nothing.
    pub fn look(&self) {
        let mut looked = self.looked.lock().unwrap_or_else(PoisonError::into_inner);
        *looked = Instant::now();
        let seen = private(&self.folder).map_err(Flaw::Open).and_then(|()| find(&self.folder).map_err(Flaw::Broken));
        let ring = self.ring();
        let mut now = match seen {
            Ok(found) => {
                // What is being written, or was opened to others, is as it was before.
                let kept =
                    found.iter().filter(|(_, key)| key.is_err()).filter_map(|(id, _)| ring.keys.get_key_value(id));
                let kept: Vec<_> = kept.map(|(id, key)| (id.clone(), key.clone())).collect();
                let mut now = Ring::of(found);
                now.keys.extend(kept);
                now
            }
            Err(flaw) => Ring { flaws: vec![flaw], ..Ring::clone(&ring) },
        };
        now.newest = newest(&now.keys);
        let now = Arc::new(now);
        *self.ring.write().unwrap_or_else(PoisonError::into_inner) = now.clone();
        // Said when it is so.
        for (id, _) in now.keys.iter().filter(|(id, _)| !ring.keys.contains_key(*id)) {
            tracing::info!(key = id, "a signing key was added");
        }
        for (id, _) in ring.keys.iter().filter(|(id, _)| !now.keys.contains_key(*id)) {
            tracing::info!(key = id, "a signing key was removed: its tokens are not taken any more");
        }
        for flaw in now.flaws.iter().filter(|flaw| !ring.flaws.contains(flaw)) {
            let (Flaw::Open(why) | Flaw::Broken(why)) = flaw;
            tracing::warn!(why, "signing keys stay as they are");
        }
    }

    /// Whether nobody has looked at the files for a second: then a key that is not known may have been added since.
    pub fn may_look(&self) -> bool {
        self.looked.try_lock().is_ok_and(|looked| looked.elapsed() >= LOOK_AGAIN)
    }

    /// Tokens that were found good with the keys that there are.
    pub(super) fn proofs(&self) -> Proofs {
        self.ring().proofs.clone()
    }

    fn ring(&self) -> Arc<Ring> {
        self.ring.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Looks at the files every few seconds, for as long as somebody has the keys.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn watch(keys: &Arc<Self>) -> Result<()> {
        let keys: Weak<Self> = Arc::downgrade(keys);
        let watch = move || {
            loop {
                std::thread::sleep(LOOK_EVERY);
                let Some(keys) = keys.upgrade() else { return };
                keys.look();
            }
        };
        let started = std::thread::Builder::new().name("lotline-keys".to_owned()).spawn(watch);
        started.map(drop).map_err(|e| Error::Unavailable(format!("starting a thread: {e}")))
    }
}

/// The key files of a data directory, the oldest key first, whatever is wrong with them.
///
/// # Errors
/// When the folder cannot be read.
pub fn list(data_dir: &Path) -> Result<Vec<Listed>> {
    let found = find(&data_dir.join("keys")).map_err(Error::Unavailable)?;
    let newest = Ring::of(found.clone()).newest;
    let mut listed: Vec<_> = found
        .into_iter()
        .map(|(id, key)| match key {
            Ok(key) => Listed { signs: newest.as_ref() == Some(&id), made_at: key.made_at, flaw: None, id },
            Err(Flaw::Open(why) | Flaw::Broken(why)) => Listed { id, made_at: None, signs: false, flaw: Some(why) },
        })
        .collect();
    listed.sort_by(|a, b| (a.made_at, &a.id).cmp(&(b.made_at, &b.id)));
    Ok(listed)
}

/// Makes a key, which signs from now on; its id.
///
/// # Errors
/// When nothing was ever started in the data directory (its name may be mistyped), others could put a key there, or it
/// cannot be written.
pub fn add(data_dir: &Path, clock: &Clock) -> Result<String> {
    let folder = data_dir.join("keys");
    if !folder.is_dir() {
        return Err(none_in(&folder));
    }
    expect_private(&folder)?;
    let _turn = files::take_turn(&folder)?;
    // The newest by what the files say, though a clock was wrong when an earlier one was made.
    let last = find(&folder).map_err(Error::Unavailable)?.into_values().filter_map(|key| key.ok()?.made_at).max();
    let now = clock.now();
    make(&folder, last.map_or(now, |last| now.max(last.next())))
}

/// Removes a key: its tokens are not taken any more.
///
/// # Errors
/// When there is none of that id, when no other could sign, or when it cannot be removed.
pub fn remove(data_dir: &Path, id: &str) -> Result<()> {
    let folder = data_dir.join("keys");
    let _turn = files::take_turn(&folder)?;
    let found = find(&folder).map_err(Error::Unavailable)?;
    if !found.contains_key(id) {
        return Err(Error::Unavailable(format!("{} has no key {id}: see `lotline keys list`", folder.display())));
    }
    if !found.iter().any(|(other, key)| other != id && key.is_ok()) {
        return Err(Error::Unavailable(format!("{id} is the only key: make another with `lotline keys rotate` first")));
    }
    let path = path(&folder, id);
    let removed = std::fs::remove_file(&path).and_then(|()| std::fs::File::open(&folder)?.sync_all());
    removed.map_err(|e| unreadable(&path, &e))
}

fn none_in(folder: &Path) -> Error {
    let folder = folder.display();
    Error::Unavailable(format!(
        "{folder} has no signing keys: name the data directory that `init` or `serve` was given"
    ))
}

fn path(folder: &Path, id: &str) -> PathBuf {
    folder.join(format!("{id}.pem"))
}

fn unreadable(path: &Path, why: &dyn std::fmt::Display) -> Error {
    Error::Unavailable(format!("{}: {why}", path.display()))
}

fn private(folder: &Path) -> std::result::Result<(), String> {
    match std::fs::metadata(folder) {
        Ok(found) => files::expect_private(folder, &found),
        Err(_) => Ok(()), // what cannot be looked at cannot be read either, and says why
    }
}

fn expect_private(folder: &Path) -> Result<()> {
    private(folder).map_err(Error::Unavailable)
}

/// The ids of the key files in a folder.
fn ids(folder: &Path) -> std::result::Result<Vec<String>, String> {
    let listed = std::fs::read_dir(folder).and_then(Iterator::collect::<std::io::Result<Vec<_>>>);
    let names = listed.map_err(|e| format!("{}: {e}", folder.display()))?;
    Ok(names.iter().filter_map(|name| name.file_name().to_str()?.strip_suffix(".pem").map(str::to_owned)).collect())
}

/// Reads every key file of a folder. One that is removed meanwhile is not there.
fn find(folder: &Path) -> std::result::Result<Found, String> {
    let mut found = Found::new();
    for id in ids(folder)? {
        let path = path(folder, &id);
        match std::fs::metadata(&path) {
            Ok(about) => drop(found.insert(id, read_file(&path, &about).map(Arc::new))),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => drop(found.insert(id, Err(Flaw::Broken(format!("{}: {error}", path.display()))))),
        }
    }
    Ok(found)
}

fn read_file(path: &Path, about: &std::fs::Metadata) -> std::result::Result<Key, Flaw> {
    files::expect_private(path, about).map_err(Flaw::Open)?;
    let broken = |why: &dyn std::fmt::Display| Flaw::Broken(format!("{}: {why}", path.display()));
    if !about.is_file() || about.len() > FILE_MAX {
        return Err(broken(&"it is no key file"));
    }
    let text = std::fs::read_to_string(path).map_err(|e| broken(&e))?;
    let made_at = text.lines().next().and_then(|line| line.strip_prefix(MADE)?.trim().parse().ok());
    let pem = text.find("-----BEGIN").and_then(|at| text.get(at..)).unwrap_or_default();
    let key = SigningKey::from_pkcs8_pem(pem).map_err(|e| broken(&e))?;
    let public = URL_SAFE_NO_PAD.encode(key.verifying_key().as_bytes());
    let encoding = EncodingKey::from_ed_pem(pem.as_bytes()).map_err(|e| broken(&e))?;
    let decoding = DecodingKey::from_ed_components(&public).map_err(|e| broken(&e))?;
    Ok(Key { made_at, encoding, decoding })
}

/// What a key is called: the beginning of the digest of its public half.
pub fn id_of(public: &[u8; 32]) -> String {
    hex::first(&Sha256::digest(public), 8)
}

/// Makes a key.
fn make(folder: &Path, made_at: Moment) -> Result<String> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|e| Error::Unavailable(format!("no randomness: {e}")))?;
    let key = SigningKey::from_bytes(&seed);
    let pem = key.to_pkcs8_pem(LineEnding::LF).map_err(|e| Error::internal(format!("encoding a key: {e}")))?;
    let id = id_of(key.verifying_key().as_bytes());
    files::put(&path(folder, &id), format!("{MADE}{made_at}\n{}", pem.as_str()).as_bytes())?;
    Ok(id)
}
