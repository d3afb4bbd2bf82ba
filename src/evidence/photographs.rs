//! Photographs of a visit: sealed under the patient's key before they are written anywhere, and opened for whoever reads them.

use sha2::{Digest, Sha256};

use super::model::{Entry, Photograph, Said, Visit};
use super::{service, store};
use crate::clock::Moment;
use crate::command::View;
use crate::error::{Error, Result};
use crate::evidence::model::{Evidence, MediaType, NewEvidence};
use crate::ids::{VisitEntryId, VisitId};
use crate::problem::{Problem, ProblemCode};
use crate::sealing::{Patient, Patients};
use crate::values::{Sha256Hex, Word};

/// A picture that was sent.
pub struct Picture {
    /// What it is.
    pub media_type: MediaType,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Their SHA-256.
    pub digest: [u8; 32],
}

/// A photograph that is to be recorded.
pub struct NewPhotograph {
    /// What is said of it.
    pub photograph: Photograph,
    /// When it was taken.
    pub taken_at: Option<Moment>,
}

/// What is taken as a photograph: a picture, no document.
///
/// # Errors
/// `evidence_empty`, `evidence_type_mismatch`.
pub fn acceptable(declared: Option<MediaType>, bytes: &[u8]) -> std::result::Result<MediaType, Problem> {
    match crate::evidence::rules::acceptable(declared, bytes)? {
        MediaType::Pdf | MediaType::Sealed => {
            Err(Problem::new(ProblemCode::EvidenceTypeMismatch, "A photograph is a PNG, JPEG or WebP image."))
        }
        picture => Ok(picture),
    }
}

/// Seals a picture of a patient, and says what is kept of it. What is sent again is sealed to the same.
///
/// # Errors
/// `patient_erased`; what the store of patients' keys answers.
pub fn seal(
    patients: &Patients,
    visit: &Visit,
    view: Word,
    picture: &Picture,
) -> Result<(NewEvidence, Vec<u8>, Photograph)> {
    let patient = patients.by_id(&visit.organisation_id, &visit.patient_id)?;
    let patient =
        patient.ok_or_else(|| Error::problem(ProblemCode::PatientErased, ProblemCode::PatientErased.title()))?;
    let sealed = patient.seal_bytes(visit.id.as_str(), &picture.bytes)?;
    let length = |bytes: &[u8]| i64::try_from(bytes.len()).map_err(|e| Error::internal(e.to_string()));
    let new = NewEvidence {
        sha256: Sha256Hex::from(<[u8; 32]>::from(Sha256::digest(&sealed))),
        media_type: MediaType::Sealed,
        bytes: length(&sealed)?,
    };
    let photograph = Photograph {
        view,
        media_type: picture.media_type,
        bytes: length(&picture.bytes)?,
        sha256: Sha256Hex::from(picture.digest),
        sealed_sha256: new.sha256.clone(),
    };
    Ok((new, sealed, photograph))
}

/// A photograph of a visit: what is kept of it, whose it is, and what was said of it.
///
/// # Errors
/// `not_found`, also for an entry that is none; what the store of patients' keys answers.
pub fn find(view: &mut View<'_>, id: &VisitId, entry: &VisitEntryId) -> Result<(Evidence, Patient, Photograph)> {
    let missing = || Error::not_found("photograph");
    let visit = service::find(view.db, view.caller, id)?.ok_or_else(|| Error::not_found("visit"))?;
    let organisation = &visit.organisation_id;
    let entry: Entry = store::entry(view.db, organisation, &visit.id, entry)?.ok_or_else(missing)?;
    let patient = view.patients.by_id(organisation, &visit.patient_id)?.ok_or_else(missing)?;
    let Said::Photograph(photograph) = patient.open(&entry.said)? else { return Err(missing()) };
    let evidence = crate::evidence::service::kept(view.db, organisation, &photograph.sealed_sha256)?;
    Ok((evidence.ok_or_else(missing)?, patient, photograph))
}

/// The picture itself.
///
/// # Errors
/// `evidence_damaged` where what is kept does not open.
pub fn open(patient: &Patient, sealed: &[u8]) -> Result<Vec<u8>> {
    let damaged = || Error::problem(ProblemCode::EvidenceDamaged, ProblemCode::EvidenceDamaged.title());
    patient.open_bytes(sealed).ok_or_else(damaged)
}
