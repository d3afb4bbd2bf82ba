//! A request that may come again, and what it was answered.

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};

use crate::caller::Caller;
use crate::identity::Identity;
use crate::ids::{OrganisationId, SiteId};

/// An answer that was given.
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its body.
    pub body: Vec<u8>,
}

/// What is kept of it for a repeated request.
pub enum Kept {
    /// Its body.
    Body(Vec<u8>),
    /// What it follows from: it is made again, as of then.
    MadeOf {
        /// The id of what it shows.
        id: String,
        /// The SHA-256 of its body: what is made again and differs is not the answer that was given.
        digest: Vec<u8>,
    },
}

impl Kept {
    /// What is kept of the answer that shows what has an id, if that can be read again as it was.
    pub fn of(answer: &Answer, id: Option<String>) -> Self {
        match id {
            Some(id) => Kept::MadeOf { id, digest: Sha256::digest(&answer.body).to_vec() },
            None => Kept::Body(answer.body.clone()),
        }
    }
}

/// A request that may come again: the same key and body get the same answer, byte for byte.
///
/// The answer is kept in the transaction of its effect, so there is never one without the other.
#[derive(Clone)]
pub struct Repeat {
    /// Whose data.
    pub organisation: OrganisationId,
    /// Who asks, as people are compared.
    pub person: Identity,
    /// The same, as they spell it.
    pub subject: String,
    /// The key.
    pub key: String,
    /// What is asked, as a digest.
    pub request_hash: Vec<u8>,
}

impl Repeat {
    /// The request of a caller for a target (method and path with its query) with a body of this digest.
    pub fn of(caller: &Caller, key: String, target: &str, body: &[u8; 32]) -> Self {
        let mut hash = Sha256::new().chain_update(target.as_bytes()).chain_update([0]).chain_update(body);
        if let Some(sites) = &caller.sites {
            // An answer may tell of sites: who sees others now, asks something else.
            let distinct: BTreeSet<_> = sites.iter().map(SiteId::as_str).collect();
            for site in distinct {
                hash.update([0]);
                hash.update(site.as_bytes());
            }
            hash.update([1]);
        }
        Repeat {
            organisation: caller.organisation_id.clone(),
            person: Identity::of(&caller.subject),
            subject: caller.subject.clone(),
            key,
            request_hash: hash.finalize().to_vec(),
        }
    }

    /// Names the key among all callers of all organisations.
    pub fn name(&self) -> String {
        format!("{}\u{0}{}\u{0}{}", self.organisation, self.person.as_str(), self.key)
    }
}
