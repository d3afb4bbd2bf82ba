//! Where the bytes are: a folder, or a bucket that speaks S3.

use std::path::{Path as Folder, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use actix_web::web::Bytes;
use futures_util::StreamExt;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{GetResult, GetResultPayload, ObjectStore, ObjectStoreExt};
use sha2::{Digest, Sha256};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use url::Url;

use super::model::Evidence;
use crate::error::{Error, Result};
use crate::ids::OrganisationId;
use crate::limits::DIGESTS_AT_ONCE;
use crate::values::Sha256Hex;

/// How long reading or writing one file may take before the caller is told to come back.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long a look at whether it is there may take.
const GLANCE: Duration = Duration::from_secs(5);

/// Where evidence is kept, as `--evidence-url` names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvidenceUrl(Url);

impl std::str::FromStr for EvidenceUrl {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let url: Url = text.parse().map_err(|e| format!("it is no URL: {e}"))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err("credentials do not belong here: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY".to_owned());
        }
        match url.scheme() {
            "file" => Ok(EvidenceUrl(url)),
            "s3" if url.host_str().is_none() => Err("it names no bucket: s3://BUCKET/PREFIX".to_owned()),
            "s3" => Ok(EvidenceUrl(url)),
            other => Err(format!("{other}: is not known; use file:///FOLDER or s3://BUCKET/PREFIX")),
        }
    }
}

/// The bytes of all evidence. Cheap to clone.
#[derive(Clone)]
pub struct Objects {
    store: Arc<dyn ObjectStore>,
    prefix: Path,
    /// The folder, where it is one of this machine.
    folder: Option<Arc<Folder>>,
    /// Who may read a whole file at the moment.
    turns: Arc<Semaphore>,
    /// Who may hold a whole file in memory.
    held: Arc<Semaphore>,
}

/// What was found in the place of a file.
#[derive(Debug, PartialEq, Eq)]
pub enum Found {
    /// As many bytes as were uploaded, and their digest.
    Digest(Sha256Hex),
    /// Nothing.
    Missing,
    /// Something shorter or longer.
    OtherLength,
}

/// How much of a file is in memory while its digest is made.
const BUFFER: usize = 64 * 1024;
/// How much of a file of this machine is in memory while it is given out.
const PIECE_OF_FILE: u64 = 64 * 1024;
/// The same for a bucket, where each piece is a request.
const PIECE_OF_BUCKET: u64 = 256 * 1024;

impl Objects {
    /// The place that a deployment names, or the folder `evidence` of its data directory.
    ///
    /// # Errors
    /// When it cannot be used.
    pub fn open(url: Option<&EvidenceUrl>, data_dir: &Folder) -> Result<Self> {
        if let Some(folder) = Self::folder(url, data_dir)? {
            return Self::in_folder(&folder);
        }
        let Some(EvidenceUrl(url)) = url else { return Err(Error::internal("evidence without a place")) };
        let refused = |why: String| Error::Unavailable(format!("--evidence-url {url}: {why}"));
        let (store, prefix) = object_store::parse_url_opts(url, settings()).map_err(|e| refused(e.to_string()))?;
        Ok(Objects { store: Arc::from(store), prefix, folder: None, turns: turns(), held: turns() })
    }

    /// The folder that evidence is in, where it is one of this machine.
    ///
    /// # Errors
    /// When its URL names none.
    pub fn folder(url: Option<&EvidenceUrl>, data_dir: &Folder) -> Result<Option<PathBuf>> {
        match url {
            None => Ok(Some(data_dir.join("evidence"))),
            Some(EvidenceUrl(url)) if url.scheme() == "file" => url
                .to_file_path()
                .map(Some)
                .map_err(|()| Error::Unavailable(format!("--evidence-url {url}: it names no folder of this machine"))),
            Some(_) => Ok(None),
        }
    }

    /// The same place for looking at what is in it: a folder that is not there is not made.
    ///
    /// # Errors
    /// When it cannot be used.
    pub fn open_to_look(url: Option<&EvidenceUrl>, data_dir: &Folder) -> Result<Option<Self>> {
        let folder = Self::folder(url, data_dir)?;
        let is_there = folder.is_none_or(|folder| folder.is_dir());
        if is_there { Self::open(url, data_dir).map(Some) } else { Ok(None) }
    }

    /// A folder, which is made when it is not there.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn in_folder(folder: &Folder) -> Result<Self> {
        let unavailable = |why: String| Error::Unavailable(format!("{}: {why}", folder.display()));
        crate::files::make_folder(folder)?;
        let store = LocalFileSystem::new_with_prefix(folder).map_err(|e| unavailable(e.to_string()))?;
        // What was answered outlives a power cut, as it does in the database.
        Ok(Objects {
            store: Arc::new(store.with_fsync(true)),
            prefix: Path::default(),
            folder: Some(Arc::from(folder)),
            turns: turns(),
            held: turns(),
        })
    }

    /// Whether the place is there and answers.
    pub async fn is_reachable(&self) -> bool {
        match &self.folder {
            Some(folder) => folder.is_dir(),
            None => {
                let mut listed = self.store.list(Some(&self.prefix));
                let first = tokio::time::timeout(GLANCE, listed.next()).await;
                matches!(first, Ok(None | Some(Ok(_))))
            }
        }
    }

    /// Keeps bytes under their digest, durable when it returns. Bytes that are there are written again, which mends them.
    ///
    /// # Errors
    /// [`Error::Problem`] `unavailable` when they cannot be written.
    pub async fn put(&self, organisation: &OrganisationId, sha256: &Sha256Hex, bytes: Bytes) -> Result<()> {
        let key = self.key(organisation, sha256);
        patiently(self.store.put(&key, bytes.into())).await?.map_err(|e| unavailable(&e.to_string()))?;
        Ok(())
    }

    /// Removes bytes. Those that are not there are removed already.
    ///
    /// # Errors
    /// [`Error::Problem`] `unavailable` when they cannot be.
    pub async fn remove(&self, organisation: &OrganisationId, sha256: &Sha256Hex) -> Result<()> {
        let key = self.key(organisation, sha256);
        match patiently(self.store.delete(&key)).await? {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(unavailable(&error.to_string())),
        }
    }

    /// A place to hold a whole file in memory: so many are held at a time, whoever asks for more waits.
    ///
    /// # Errors
    /// An internal error where nobody gives out places any more.
    pub async fn held(&self) -> Result<OwnedSemaphorePermit> {
        self.held.clone().acquire_owned().await.map_err(|e| Error::internal(e.to_string()))
    }

    /// What is in the place of a file. Some files are read at a time, the others wait.
    ///
    /// # Errors
    /// [`Error::Problem`] `unavailable` when it cannot be read.
    pub async fn find(&self, evidence: &Evidence) -> Result<Found> {
        let key = self.key(&evidence.organisation_id, &evidence.sha256);
        let _turn = self.turns.acquire().await.map_err(|e| Error::internal(e.to_string()))?;
        let read = async {
            let found = self.store.get(&key).await?;
            if i64::try_from(found.meta.size) != Ok(evidence.bytes) {
                return Ok(Found::OtherLength);
            }
            digest(found).await.map(Found::Digest)
        };
        match patiently(read).await? {
            Ok(found) => Ok(found),
            Err(object_store::Error::NotFound { .. }) => Ok(Found::Missing),
            Err(error) => Err(unavailable(&error.to_string())),
        }
    }

    /// The SHA-256 of what is in the place of a file, in hexadecimal, read piece by piece; none where nothing is.
    ///
    /// # Errors
    /// [`Error::Problem`] `unavailable` when it cannot be read.
    pub async fn digest(&self, evidence: &Evidence) -> Result<Option<String>> {
        let key = self.key(&evidence.organisation_id, &evidence.sha256);
        let read = async { digest(self.store.get(&key).await?).await.map(|digest| digest.to_string()) };
        match patiently(read).await? {
            Ok(digest) => Ok(Some(digest)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(unavailable(&error.to_string())),
        }
    }

    /// A piece of a file from a byte on; its digest is not compared here.
    ///
    /// # Errors
    /// [`Error::Problem`] `unavailable` when it cannot be read.
    pub async fn piece(&self, evidence: &Evidence, from: u64) -> Result<Bytes> {
        let key = self.key(&evidence.organisation_id, &evidence.sha256);
        let most = if self.folder.is_some() { PIECE_OF_FILE } else { PIECE_OF_BUCKET };
        let end = from.saturating_add(most).min(u64::try_from(evidence.bytes).unwrap_or_default());
        let read = patiently(self.store.get_range(&key, from..end)).await?;
        read.map_err(|e| unavailable(&e.to_string()))
    }

    fn key(&self, organisation: &OrganisationId, sha256: &Sha256Hex) -> Path {
        self.prefix.clone().join(organisation.as_str()).join(sha256.as_str())
    }
}

/// How many files are read whole at a time: each takes a processor while its digest is made.
fn turns() -> Arc<Semaphore> {
    Arc::new(Semaphore::new(DIGESTS_AT_ONCE))
}

/// The digest of what was found, without having all of it in memory.
async fn digest(found: GetResult) -> object_store::Result<Sha256Hex> {
    let generic = |source| object_store::Error::Generic { store: "evidence", source };
    let mut hash = Sha256::new();
    let hash = match found.payload {
        // Off the threads that serve connections: ten megabytes take a while.
        GetResultPayload::File(mut file, _) => {
            let read = tokio::task::spawn_blocking(move || {
                let mut buffer = vec![0; BUFFER];
                loop {
                    match std::io::Read::read(&mut file, &mut buffer)? {
                        0 => return Ok(hash),
                        count => hash.update(buffer.get(..count).unwrap_or_default()),
                    }
                }
            });
            let read: std::io::Result<Sha256> = read.await?;
            read.map_err(|e| generic(e.into()))?
        }
        GetResultPayload::Stream(mut bytes) => {
            while let Some(piece) = bytes.next().await {
                hash.update(&piece?);
            }
            hash
        }
    };
    Ok(Sha256Hex::from(<[u8; 32]>::from(hash.finalize())))
}

async fn patiently<T>(work: impl Future<Output = T>) -> Result<T> {
    tokio::time::timeout(PATIENCE, work).await.map_err(|_| unavailable("no answer in time"))
}

/// The text goes to the log, not to the caller.
fn unavailable(why: &str) -> Error {
    use crate::problem::ProblemCode;
    tracing::error!(why, "evidence cannot be reached");
    Error::problem(ProblemCode::Unavailable, "Evidence cannot be reached at the moment; try again.")
}

/// What S3 needs to know beside the URL: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION, AWS_ENDPOINT, …
fn settings() -> Vec<(String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .filter(|(name, _)| name.starts_with("AWS_"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_folder_or_a_bucket() {
        for (text, good) in [
            ("file:///var/lib/lotline/evidence", true),
            ("s3://bucket", true),
            ("s3://bucket/prefix", true),
            ("s3:///prefix", false),
            ("s3://key:secret@bucket", false),
            ("memory:///", false), // gone with the process
            ("https://bucket.s3.amazonaws.com", false),
            ("gs://bucket", false),
            ("/var/lib/lotline/evidence", false),
            ("", false),
        ] {
            let parsed = text.parse::<EvidenceUrl>();
            assert_eq!(parsed.is_ok(), good, "{text}: {parsed:?}");
        }
    }
}
