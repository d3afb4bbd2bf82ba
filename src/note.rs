//! Signed notes (C2SP signed-note) with Ed25519 signatures, and the checkpoints of a log in them (C2SP tlog-checkpoint).
//!
//! A note is a text and, after an empty line, a line for each signature: an em dash, the name of a key, and in base64 four bytes
//! that tell keys of that name apart and the signature of the text. A checkpoint is such a text: the log's origin, its size
//! and its root. Lines after these are nobody's but the log's; ours has none, so that one size has one checkpoint for each key.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};

use crate::merkle::Hash;

/// No note that is read is longer, in bytes.
pub const NOTE_MAX: usize = 64 * 1024;
/// What a signature's line begins with.
const DASH: &str = "\u{2014} ";
/// The kind of signature: Ed25519 over the text.
const ED25519: u8 = 1;
/// What tells keys of one name apart: so many bytes.
const ID_BYTES: usize = 4;

/// Whether a key may have this name: no space, no plus sign, not empty (C2SP signed-note).
pub fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c.is_control() || c == '+')
}

/// A key that verifies, with its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifierKey {
    /// Whose key it is: of a log, its origin.
    pub name: String,
    /// The key.
    pub key: VerifyingKey,
}

impl VerifierKey {
    /// The first four bytes of SHA-256 over the name, a newline, the kind and the key.
    fn id(&self) -> [u8; ID_BYTES] {
        let digest = Sha256::new()
            .chain_update(self.name.as_bytes())
            .chain_update([b'\n', ED25519])
            .chain_update(self.key.as_bytes())
            .finalize();
        digest.first_chunk().copied().unwrap_or_default()
    }
}

/// As C2SP signed-note writes it: name, id in hexadecimal and, in base64, kind and key, with plus signs between.
impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = STANDARD.encode([&[ED25519][..], self.key.as_bytes()].concat());
        let id = u32::from_be_bytes(self.id());
        write!(f, "{}+{id:08x}+{key}", self.name)
    }
}

impl FromStr for VerifierKey {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(_), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err("is not NAME+ID+KEY");
        };
        let key = STANDARD.decode(key).map_err(|_| "has a key that is no base64")?;
        let Some((&ED25519, key)) = key.split_first() else { return Err("has no Ed25519 key") };
        let key = key.try_into().map_err(|_| "has a key of another length")?;
        let key = VerifyingKey::from_bytes(key).map_err(|_| "has a key that is none")?;
        let read = VerifierKey { name: name.to_owned(), key };
        if !is_name(name) || read.to_string() != text {
            return Err("has an id that is not that of its name and key");
        }
        Ok(read)
    }
}

/// The note of a text that ends its last line, signed.
pub fn sign(text: &str, name: &str, key: &SigningKey) -> String {
    let id = VerifierKey { name: name.to_owned(), key: key.verifying_key() }.id();
    let signature = STANDARD.encode([&id[..], &key.sign(text.as_bytes()).to_bytes()].concat());
    format!("{text}\n{DASH}{name} {signature}\n")
}

/// A note that was read; who signed it is for the reader to ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note<'a> {
    /// The text, with the end of its last line.
    pub text: &'a str,
    /// Names, ids and signatures, of whatever kind.
    signatures: Vec<(&'a str, Vec<u8>)>,
}

impl<'a> Note<'a> {
    /// Reads a note.
    ///
    /// # Errors
    /// What is not as it must be.
    pub fn read(note: &'a str) -> Result<Self, &'static str> {
        if note.len() > NOTE_MAX {
            return Err("is longer than any note");
        }
        if note.contains(|c: char| c.is_control() && c != '\n') {
            return Err("has control characters");
        }
        let (text, lines) = note.rsplit_once("\n\n").ok_or("has no signatures after an empty line")?;
        let text = note.get(..text.len().saturating_add(1)).unwrap_or_default();
        let lines = lines.strip_suffix('\n').ok_or("does not end its last line")?;
        let signature = |line: &'a str| {
            let (name, signature) = line.strip_prefix(DASH)?.split_once(' ')?;
            let bytes = STANDARD.decode(signature).ok()?;
            (is_name(name) && bytes.len() > ID_BYTES).then_some((name, bytes))
        };
        let signatures: Option<Vec<_>> = lines.split('\n').map(signature).collect();
        Ok(Note { text, signatures: signatures.ok_or("has a line among its signatures that is none")? })
    }

    /// Whether a key has signed it: with its id, and every signature that claims so is one.
    pub fn is_signed_by(&self, key: &VerifierKey) -> bool {
        let id = key.id();
        let is_good = |bytes: &[u8]| {
            let signature = Signature::from_slice(bytes);
            signature.is_ok_and(|signature| key.key.verify_strict(self.text.as_bytes(), &signature).is_ok())
        };
        let own = self.signatures.iter().filter(|(name, _)| *name == key.name);
        let mut own = own.filter_map(|(_, bytes)| bytes.strip_prefix(&id)).peekable();
        own.peek().is_some() && own.all(is_good)
    }

    /// Whether a signature of it claims to be of a key, right or wrong.
    pub fn claims(&self, key: &VerifierKey) -> bool {
        self.signatures.iter().any(|(name, bytes)| *name == key.name && bytes.starts_with(&key.id()))
    }
}

/// What a log says of itself: how many leaves it has, and their root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log.
    pub origin: String,
    /// How many leaves.
    pub size: u64,
    /// Their root.
    pub root: Hash,
}

impl Checkpoint {
    /// Reads the text of a note as one. Lines after the root are left to whoever wrote them.
    ///
    /// # Errors
    /// What is not as it must be.
    pub fn read(text: &str) -> Result<Self, &'static str> {
        let mut lines = text.strip_suffix('\n').ok_or("does not end its last line")?.split('\n');
        let origin = lines.next().filter(|origin| !origin.is_empty()).ok_or("names no log")?;
        let number = lines.next().ok_or("has no size")?;
        let size: u64 = number.parse().map_err(|_| "has a size that is no number")?;
        if size.to_string() != number {
            return Err("has a size that is written otherwise than as a decimal number");
        }
        let root = lines.next().ok_or("has no root")?;
        let root = STANDARD.decode(root).map_err(|_| "has a root that is no base64")?;
        let root = root.try_into().map_err(|_| "has a root that is no SHA-256")?;
        if lines.any(str::is_empty) {
            return Err("has an empty line");
        }
        Ok(Checkpoint { origin: origin.to_owned(), size, root })
    }
}

/// The text of its note.
impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Checkpoint { origin, size, root } = self;
        writeln!(f, "{origin}\n{size}\n{}", STANDARD.encode(root))
    }
}
