//! A request that may come again, and what it was answered.

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};

use crate::caller::Caller;
use crate::error::Result;
use crate::identity::Identity;
use crate::ids::{OrganisationId, SiteId};
use crate::sealing::{Patient, Patients};

/// An answer that was given.
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its body.
    pub body: Vec<u8>,
}

/// What is kept of it for a repeated request.
pub enum Kept {
    /// Its body; sealed, where it names a patient.
    Body(Vec<u8>),
    /// What it follows from: it is made again, as of then.
    MadeOf {
        /// The id of what it shows.
        id: String,
        /// A keyed digest of its body: what is made again and differs is not the answer that was given.
        digest: Vec<u8>,
    },
}

impl Kept {
    /// What is kept of an answer to a request, which concerns a patient or none, and shows what has an id, if that can be read
    /// again as it was.
    ///
    /// # Errors
    /// What the store of patients' keys answers.
    pub fn of(
        answer: &Answer,
        to: &Repeat,
        id: Option<String>,
        concerned: Option<&Patient>,
        patients: &Patients,
    ) -> Result<Self> {
        Ok(match (id, concerned) {
            (Some(id), _) => Kept::MadeOf { id, digest: patients.keyed(&to.organisation, &answer.body)?.to_vec() },
            (None, None) => Kept::Body(answer.body.clone()),
            (None, Some(patient)) => {
                let text = String::from_utf8_lossy(&answer.body).into_owned();
                Kept::Body(patient.seal(&to.name(), &text)?.as_str().as_bytes().to_vec())
            }
        })
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
    /// The request of a caller for a target (method and path with its query) with a body of this digest. What is kept of it is
    /// keyed, so that nobody can guess a body and compare.
    ///
    /// # Errors
    /// What the store of patients' keys answers.
    pub fn of(caller: &Caller, key: String, target: &str, body: &[u8; 32], patients: &Patients) -> Result<Self> {
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
        Ok(Repeat {
            organisation: caller.organisation_id.clone(),
            person: Identity::of(&caller.subject),
            subject: caller.subject.clone(),
            key,
            request_hash: patients.keyed(&caller.organisation_id, &hash.finalize())?.to_vec(),
        })
    }

    /// Names the key among all callers of all organisations.
    pub fn name(&self) -> String {
        format!("{}\u{0}{}\u{0}{}", self.organisation, self.person.as_str(), self.key)
    }
}
