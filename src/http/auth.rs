//! Authentication: bearer tokens, JWT (RFC 7519) signed with Ed25519 (RFC 8037).
//!
//! The algorithm comes from our key and never from the token's header. Keys lie in the data directory, one file each
//! with mode 0600; a token names its key, and only names that we have are looked up.

use std::collections::HashMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey, EncodePrivateKey};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::caller::{Caller, Role};
use crate::clock::Moment;
use crate::error::{Error, Result};
use crate::http::limits::TOKEN_MAX;
use crate::ids::{OrganisationId, SiteId};

/// Who issues the tokens of a local deployment, and whom they are for.
pub const ISSUER: &str = "lotline";
/// The audience of a token for this API.
pub const AUDIENCE: &str = "lotline";
/// How far the clocks of issuer and server may be apart, in seconds.
const LEEWAY_SECONDS: u64 = 30;
/// The longest time that a token may live, in seconds: no longer is issued, and none that says more is believed.
pub const TTL_MAX_SECONDS: i64 = 24 * 3600;

/// What a token says.
#[derive(Debug, Serialize, Deserialize)]
pub struct Claims {
    /// Who issued it.
    pub iss: String,
    /// For whom.
    pub aud: String,
    /// The bearer.
    pub sub: String,
    /// When it ends, seconds since 1970.
    pub exp: i64,
    /// From when on it counts, seconds since 1970.
    pub nbf: i64,
    /// When it was issued, seconds since 1970.
    pub iat: i64,
    /// The bearer's organisation.
    pub org: OrganisationId,
    /// The bearer's roles.
    pub roles: Vec<Role>,
    /// The sites that they see; none means all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sites: Option<Vec<SiteId>>,
}

impl Claims {
    /// Whether the token was issued by now, and for no longer than tokens may live.
    fn issued_in_time(&self, now: u64) -> bool {
        let issued = i64::try_from(now.saturating_add(LEEWAY_SECONDS)).is_ok_and(|latest| self.iat <= latest);
        let lifetime = self.exp.checked_sub(self.iat);
        issued && lifetime.is_some_and(|seconds| (1..=TTL_MAX_SECONDS).contains(&seconds))
    }
}

/// The signing keys of a deployment.
pub struct Keys {
    current: String,
    signing: HashMap<String, (EncodingKey, DecodingKey)>,
    folder: PathBuf,
}

impl Keys {
    /// Reads the keys of a data directory; makes the first one when there is none.
    ///
    /// # Errors
    /// When the directory cannot be read or written, or a key file is not a key.
    pub fn open(data_dir: &Path) -> Result<Self> {
        let folder = data_dir.join("keys");
        make_private_folder(&folder)?;
        if key_files(&folder)?.is_empty() {
            // Processes that start at the same moment must agree on the key: one makes it, the others wait for it.
            let _turn = take_turn(&folder)?;
            if key_files(&folder)?.is_empty() {
                make_key(&folder)?;
            }
        }
        Self::read(folder)
    }

    /// Reads the keys of a data directory that has some.
    ///
    /// # Errors
    /// When it has none, cannot be read, or a key file is not a key.
    pub fn kept(data_dir: &Path) -> Result<Self> {
        let folder = data_dir.join("keys");
        let names = if folder.is_dir() { key_files(&folder)? } else { Vec::new() };
        if names.is_empty() {
            let folder = folder.display();
            let why = format!("{folder} has no signing keys: name the data directory that `init` or `serve` was given");
            return Err(Error::Unavailable(why));
        }
        Self::read(folder)
    }

    fn read(folder: PathBuf) -> Result<Self> {
        let names = key_files(&folder)?;
        let mut signing = HashMap::new();
        for name in &names {
            let path = folder.join(format!("{name}.pem"));
            let pem = std::fs::read_to_string(&path).map_err(|e| unreadable(&path, &e))?;
            let key = SigningKey::from_pkcs8_pem(&pem).map_err(|e| unreadable(&path, &e))?;
            let public = URL_SAFE_NO_PAD.encode(key.verifying_key().as_bytes());
            let encoding = EncodingKey::from_ed_pem(pem.as_bytes()).map_err(|e| unreadable(&path, &e))?;
            let decoding = DecodingKey::from_ed_components(&public).map_err(|e| unreadable(&path, &e))?;
            signing.insert(name.clone(), (encoding, decoding));
        }
        // The newest by name; names are hashes, so any is as good, but every process takes the same.
        let current = names.into_iter().max().ok_or_else(|| Error::internal("no signing key"))?;
        Ok(Keys { current, signing, folder })
    }

    /// Whether the file of the key that signs is still there: without it the next process would make another one.
    pub fn are_kept(&self) -> bool {
        self.folder.join(format!("{}.pem", self.current)).is_file()
    }

    /// Signs a token.
    ///
    /// # Errors
    /// When the claims cannot be encoded.
    pub fn sign(&self, claims: &Claims) -> Result<String> {
        let (key, _) = self.signing.get(&self.current).ok_or_else(|| Error::internal("no signing key"))?;
        let header = Header { kid: Some(self.current.clone()), ..Header::new(Algorithm::EdDSA) };
        jsonwebtoken::encode(&header, claims, key).map_err(|e| Error::internal(format!("signing: {e}")))
    }

    /// The bearer of a token, if it is one of ours and valid now. Why not is nobody's business.
    pub fn verify(&self, token: &str) -> Option<Caller> {
        if token.len() > TOKEN_MAX {
            return None;
        }
        let header = StrictHeader::read(token)?;
        let (_, key) = self.signing.get(&header.kid)?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.leeway = LEEWAY_SECONDS;
        validation.validate_nbf = true;
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
        let claims = jsonwebtoken::decode::<Claims>(token, key, &validation).ok()?.claims;
        let plain = |text: &str| !text.is_empty() && text.len() <= 200 && !text.chars().any(char::is_control);
        (plain(&claims.sub) && claims.issued_in_time(jsonwebtoken::get_current_timestamp())).then_some(Caller {
            organisation_id: claims.org,
            subject: claims.sub,
            roles: claims.roles,
            sites: claims.sites,
        })
    }
}

/// The only header that our tokens have: no key, no address of a key, no extension.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StrictHeader {
    typ: String,
    alg: String,
    kid: String,
}

impl StrictHeader {
    fn read(token: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(token.split('.').next()?).ok()?;
        let header: StrictHeader = serde_json::from_slice(&bytes).ok()?;
        (header.typ == "JWT" && header.alg == "EdDSA").then_some(header)
    }
}

/// The claims of a token of this deployment.
pub fn claims(caller: &Caller, now: Moment, ttl_seconds: i64) -> Claims {
    Claims {
        iss: ISSUER.to_owned(),
        aud: AUDIENCE.to_owned(),
        sub: caller.subject.clone(),
        exp: now.unix_seconds().saturating_add(ttl_seconds.min(TTL_MAX_SECONDS)),
        nbf: now.unix_seconds(),
        iat: now.unix_seconds(),
        org: caller.organisation_id.clone(),
        roles: caller.roles.clone(),
        sites: caller.sites.clone(),
    }
}

fn unreadable(path: &Path, why: &dyn std::fmt::Display) -> Error {
    Error::Unavailable(format!("{}: {why}", path.display()))
}

fn make_private_folder(folder: &Path) -> Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(|e| unreadable(folder, &e))
}

fn key_files(folder: &Path) -> Result<Vec<String>> {
    let entries = std::fs::read_dir(folder).map_err(|e| unreadable(folder, &e))?;
    let mut names: Vec<_> =
        entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.strip_suffix(".pem").map(str::to_owned)).collect();
    names.sort();
    Ok(names)
}

/// Waits until no other process makes a key in this folder, and keeps others from it for as long as the file is open.
fn take_turn(folder: &Path) -> Result<std::fs::File> {
    let path = folder.join("turn.lock");
    let file = std::fs::File::create(&path).map_err(|e| unreadable(&path, &e))?;
    file.lock().map_err(|e| unreadable(&path, &e))?;
    Ok(file)
}

/// Makes a key. Written beside and renamed, so that nobody reads half a key.
fn make_key(folder: &Path) -> Result<PathBuf> {
    use std::os::unix::fs::OpenOptionsExt;
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|e| Error::Unavailable(format!("no randomness: {e}")))?;
    let key = SigningKey::from_bytes(&seed);
    let pem = key.to_pkcs8_pem(LineEnding::LF).map_err(|e| Error::internal(format!("encoding a key: {e}")))?;
    let digest = Sha256::digest(key.verifying_key().as_bytes());
    let name: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let (path, draft) = (folder.join(format!("{name}.pem")), folder.join(format!("{name}.draft")));
    let write = || -> std::io::Result<()> {
        let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
        file.write_all(pem.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&draft, &path)
    };
    write().map_err(|e| unreadable(&path, &e))?;
    Ok(path)
}
