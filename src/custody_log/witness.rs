//! What the log has outside the database: the key that signs its checkpoints, and beside it the last checkpoint of each
//! organisation that anybody may have seen.
//!
//! They are in the folder `log` of the data directory, for their owner only: `key.pem`, and a file for each organisation. A checkpoint
//! is put there before it is served. A database that is older than what lies there was put in the place of the one that signed it;
//! were its log to grow again, it would be another one under the same name.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey, EncodePrivateKey};
use ed25519_dalek::{SigningKey, VerifyingKey};

use crate::error::{Error, Result};
use crate::files;
use crate::ids::OrganisationId;
use crate::merkle::Hash;
use crate::note::{self, Checkpoint, NOTE_MAX, Note, VerifierKey};

/// The folder of the data directory.
const FOLDER: &str = "log";
/// The file of the key.
const KEY: &str = "key.pem";
/// What the files of checkpoints end with.
const PUBLISHED: &str = ".checkpoint";

/// What the origins of a deployment's logs begin with; the organisation's id follows, after a slash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(String);

impl Default for Origin {
    fn default() -> Self {
        Origin("lotline.local/log".to_owned())
    }
}

impl FromStr for Origin {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        if note::is_name(text) && text.len() <= 200 && text.is_ascii() && !text.ends_with('/') {
            Ok(Origin(text.to_owned()))
        } else {
            Err("it must be a name without spaces and plus signs, such as clinic.example/log".to_owned())
        }
    }
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl Origin {
    fn of(&self, organisation: &OrganisationId) -> String {
        format!("{}/{organisation}", self.0)
    }
}

/// The organisation that an origin names.
pub fn organisation_of(origin: &str) -> Option<OrganisationId> {
    origin.rsplit('/').next()?.parse().ok()
}

/// The key, and the folder that it is in.
pub struct Witness {
    folder: PathBuf,
    key: SigningKey,
    origin: Origin,
}

impl Witness {
    /// Reads the key of a data directory; makes it when there is none.
    ///
    /// # Errors
    /// When the folder cannot be read or written, others could read or change what is in it, or the key is none.
    pub fn open(data_dir: &Path, origin: Origin) -> Result<Self> {
        let folder = data_dir.join(FOLDER);
        files::make_folder(&folder)?;
        expect_private(&folder)?;
        let path = folder.join(KEY);
        if !path.exists() {
            let _turn = files::take_turn(&folder)?;
            if !path.exists() {
                make(&path)?;
            }
        }
        let key = read_key(&path)?;
        Ok(Witness { folder, key, origin })
    }

    /// The key that an organisation's checkpoints are verified with.
    pub fn verifier(&self, organisation: &OrganisationId) -> VerifierKey {
        VerifierKey { name: self.origin.of(organisation), key: self.key.verifying_key() }
    }

    /// Signs a checkpoint.
    pub fn sign(&self, organisation: &OrganisationId, size: u64, root: Hash) -> String {
        let origin = self.origin.of(organisation);
        let text = Checkpoint { origin: origin.clone(), size, root }.to_string();
        note::sign(&text, &origin, &self.key)
    }

    /// Signs another text than a checkpoint; that it is none, its first line says.
    pub fn sign_text(&self, organisation: &OrganisationId, text: &str) -> String {
        note::sign(text, &self.origin.of(organisation), &self.key)
    }

    /// What lies in its folder, for whoever only looks.
    ///
    /// # Errors
    /// As for [`look`].
    pub fn seen(&self) -> Result<Seen> {
        look_into(&self.folder)
    }

    /// The last checkpoint that was published.
    ///
    /// # Errors
    /// A sentence, when it cannot be read: then nobody knows what was published.
    pub fn published(&self, organisation: &OrganisationId) -> std::result::Result<Option<Checkpoint>, String> {
        let path = self.path(organisation);
        let Some(text) = read(&path)? else { return Ok(None) };
        let read = Note::read(&text).and_then(|note| Checkpoint::read(note.text));
        read.map(Some).map_err(|why| format!("{} {why}", path.display()))
    }

    /// Puts a checkpoint where it is found again, durably and whole, unless one of a larger tree lies there.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn publish(&self, organisation: &OrganisationId, note: &str) -> Result<()> {
        let path = self.path(organisation);
        let _turn = files::take_turn(&self.folder)?;
        let size = |note: &str| Note::read(note).and_then(|note| Checkpoint::read(note.text)).map(|read| read.size);
        let lies = read(&path).map_err(Error::Unavailable)?;
        // Whoever was slower leaves what is there.
        if lies.as_deref() == Some(note) || lies.and_then(|lies| size(&lies).ok()) > size(note).ok() {
            return Ok(());
        }
        files::put(&path, note.as_bytes())
    }

    fn path(&self, organisation: &OrganisationId) -> PathBuf {
        self.folder.join(format!("{organisation}{PUBLISHED}"))
    }
}

/// What a data directory has of the log, for whoever only looks.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// The key that verifies, if there is one.
    pub key: Option<VerifyingKey>,
    /// What was published, by the name of its file.
    pub published: Vec<(String, String)>,
}

/// Looks at what a data directory has of the log, and makes nothing.
///
/// # Errors
/// When something is there and cannot be read, or others could have changed it.
pub fn look(data_dir: &Path) -> Result<Seen> {
    look_into(&data_dir.join(FOLDER))
}

fn look_into(folder: &Path) -> Result<Seen> {
    if !folder.is_dir() {
        return Ok(Seen::default());
    }
    expect_private(folder)?;
    let path = folder.join(KEY);
    let key = if path.exists() { Some(read_key(&path)?.verifying_key()) } else { None };
    let listed = std::fs::read_dir(folder).and_then(Iterator::collect::<std::io::Result<Vec<_>>>);
    let mut published = Vec::new();
    for entry in listed.map_err(|e| failed(folder, &e))? {
        let path = entry.path();
        if path.to_string_lossy().ends_with(PUBLISHED)
            && let Some(text) = read(&path).map_err(Error::Unavailable)?
        {
            published.push((path.display().to_string(), text));
        }
    }
    published.sort();
    Ok(Seen { key, published })
}

/// Reads a saved checkpoint: no file of one is longer than a note.
///
/// # Errors
/// A sentence that says why it cannot be read.
pub fn read_file(path: &Path) -> std::result::Result<String, String> {
    read(path)?.ok_or_else(|| format!("{} is not there", path.display()))
}

/// The text of a file of no more than a note's length; none where it is not there.
fn read(path: &Path) -> std::result::Result<Option<String>, String> {
    use std::io::Read;
    let failed = |e: std::io::Error| format!("{}: {e}", path.display());
    let file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    let mut text = String::new();
    let most = u64::try_from(NOTE_MAX).unwrap_or(u64::MAX).saturating_add(1);
    file.take(most).read_to_string(&mut text).map_err(failed)?;
    Ok(Some(text))
}

fn expect_private(path: &Path) -> Result<()> {
    let found = std::fs::metadata(path).map_err(|e| failed(path, &e))?;
    files::expect_private_log(path, &found).map_err(Error::Unavailable)
}

fn read_key(path: &Path) -> Result<SigningKey> {
    expect_private(path)?;
    let text = read(path).map_err(Error::Unavailable)?.unwrap_or_default();
    SigningKey::from_pkcs8_pem(&text).map_err(|e| Error::Unavailable(format!("{}: {e}", path.display())))
}

fn make(path: &Path) -> Result<()> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|e| Error::Unavailable(format!("no randomness: {e}")))?;
    let pem = SigningKey::from_bytes(&seed).to_pkcs8_pem(LineEnding::LF);
    let pem = pem.map_err(|e| Error::internal(format!("encoding a key: {e}")))?;
    files::put(path, pem.as_bytes())
}

fn failed(path: &Path, why: &std::io::Error) -> Error {
    Error::Unavailable(format!("{}: {why}", path.display()))
}
