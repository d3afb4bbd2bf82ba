//! Photographs of a patient: sealed under their key before they are written anywhere, and opened for whoever reads what they belong to.
//!
//! Whoever records one keeps what is said of it ([`Photograph`]), sealed like the rest; its bytes are evidence that nobody else can read,
//! and end with the patient's key.

use actix_web::HttpResponse;
use actix_web::body::SizedStream;
use actix_web::http::header;
use actix_web::web::Bytes;
use futures_util::stream;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use tokio::sync::OwnedSemaphorePermit;
use utoipa::{IntoParams, ToSchema};

use super::model::{Evidence, MediaType, NewEvidence};
use super::service::{self, Objects};
use crate::clock::Moment;
use crate::command::{Command, View};
use crate::error::{Error, Result};
use crate::http::commands::{Commands, State};
use crate::http::input::Body;
use crate::http::uploads::File;
use crate::ids::{OrganisationId, PatientId};
use crate::problem::{Problem, ProblemCode};
use crate::sealing::{Patient, Patients};
use crate::values::{Sha256Hex, Word};

/// A photograph. Its bytes are evidence that is sealed under the patient's key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Photograph {
    /// Of which view, such as `left oblique`.
    pub view: Word,
    /// What kind of picture it is.
    #[schema(value_type = String, example = "image/jpeg")]
    pub media_type: MediaType,
    /// How many bytes it has.
    pub bytes: i64,
    /// The digest of the picture.
    pub sha256: Sha256Hex,
    /// The digest of what is kept of it, as evidence names it.
    pub sealed_sha256: Sha256Hex,
}

impl Photograph {
    /// What is said of a photograph, where that is what somebody said when they recorded something.
    pub fn told(said: &Value) -> Option<Self> {
        let told = said.get("photograph")?;
        serde_json::from_value(told.get("photograph").unwrap_or(told).clone()).ok()
    }

    /// How names of files of its kind end.
    pub fn ending(&self) -> &'static str {
        match self.media_type {
            MediaType::Png => "png",
            MediaType::Jpeg => "jpg",
            MediaType::Webp => "webp",
            MediaType::Pdf | MediaType::Sealed => "bin",
        }
    }
}

/// Of what a photograph is.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PhotographQuery {
    /// The view, such as `left oblique`: photographs of one view stand beside each other.
    pub view: Word,
    /// When it was taken; now if left out, at most 30 days back.
    pub taken_at: Option<Moment>,
}

/// A photograph that is to be recorded.
pub struct NewPhotograph {
    /// What is said of it.
    pub photograph: Photograph,
    /// When it was taken.
    pub taken_at: Option<Moment>,
}

/// Whose a photograph is, and what it belongs to.
pub struct Whose {
    /// The organisation.
    pub organisation_id: OrganisationId,
    /// The patient.
    pub patient_id: PatientId,
    /// The id of what it belongs to. The same picture of the same thing is sealed to the same bytes.
    pub thing: String,
}

/// What is taken as a photograph: a picture, no document.
fn acceptable(declared: Option<MediaType>, bytes: &[u8]) -> std::result::Result<MediaType, Problem> {
    match super::rules::acceptable(declared, bytes)? {
        MediaType::Pdf | MediaType::Sealed => {
            Err(Problem::new(ProblemCode::EvidenceTypeMismatch, "A photograph is a PNG, JPEG or WebP image."))
        }
        picture => Ok(picture),
    }
}

/// A picture that was sent.
struct Picture {
    view: Word,
    media_type: MediaType,
    bytes: Vec<u8>,
    digest: [u8; 32],
}

/// Seals a picture of a patient, and says what is kept of it.
fn seal(patients: &Patients, whose: &Whose, picture: Picture) -> Result<(NewEvidence, Vec<u8>, Photograph)> {
    let patient = patients.by_id(&whose.organisation_id, &whose.patient_id)?;
    let patient =
        patient.ok_or_else(|| Error::problem(ProblemCode::PatientErased, ProblemCode::PatientErased.title()))?;
    let sealed = patient.seal_bytes(&whose.thing, &picture.bytes)?;
    let length = |bytes: &[u8]| i64::try_from(bytes.len()).map_err(|e| Error::internal(e.to_string()));
    let new = NewEvidence {
        sha256: Sha256Hex::from(<[u8; 32]>::from(Sha256::digest(&sealed))),
        media_type: MediaType::Sealed,
        bytes: length(&sealed)?,
    };
    let photograph = Photograph {
        view: picture.view,
        media_type: picture.media_type,
        bytes: length(&picture.bytes)?,
        sha256: Sha256Hex::from(picture.digest),
        sealed_sha256: new.sha256.clone(),
    };
    Ok((new, sealed, photograph))
}

/// Keeps a picture of a patient, and records with `record` what is said of it. Where what it should belong to is not there, that is
/// told as of everything: after it was looked for what a key was used for.
///
/// # Errors
/// `not_found`, `evidence_empty`, `evidence_type_mismatch`, `patient_erased`, what [`service::bring`] refuses, and `record`.
pub async fn take<T, F>(
    (state, objects): (&State, &Objects),
    commands: Commands,
    (whose, what): (Option<Whose>, &'static str),
    (query, upload): (PhotographQuery, File<MediaType>),
    record: F,
) -> std::result::Result<HttpResponse, Problem>
where
    T: Serialize + 'static,
    F: Fn(&mut Command<'_>, &NewPhotograph) -> Result<T> + Send + 'static,
{
    let PhotographQuery { view, taken_at } = query;
    let File { declared, bytes, digest, room: _room } = upload;
    let picture = Picture { view, media_type: acceptable(declared, &bytes)?, bytes, digest };
    let Some(whose) = whose else {
        let missing = move |_: &mut Command<'_>, (): &()| -> Result<T> { Err(Error::not_found(what)) };
        return commands.create(Body { value: (), digest }, missing).await;
    };
    let patients = state.patients.clone();
    let sealed = tokio::task::spawn_blocking(move || seal(&patients, &whose, picture)).await;
    let (new, sealed, photograph) = sealed.map_err(|e| Error::internal(format!("sealing a picture: {e}")))??;
    let body = Body { value: NewPhotograph { photograph, taken_at }, digest };
    let record = move |cmd: &mut Command<'_>, new: &NewPhotograph, _| record(cmd, new);
    service::bring(state, objects, commands, (new, Bytes::from(sealed)), body, record).await
}

/// A photograph that is kept, with the key of its patient.
pub struct Found {
    evidence: Evidence,
    patient: Patient,
    photograph: Photograph,
}

/// What is kept of a photograph.
///
/// # Errors
/// `not_found`; what the database answers.
pub fn find(view: &mut View<'_>, patient: Patient, photograph: Photograph) -> Result<Found> {
    let evidence = service::kept(view.db, &view.caller.organisation_id, &photograph.sealed_sha256)?;
    let evidence = evidence.ok_or_else(|| Error::not_found("photograph"))?;
    Ok(Found { evidence, patient, photograph })
}

/// The picture itself, with what is said of it. Few are open at a time, each until what comes with it is dropped.
///
/// # Errors
/// `evidence_damaged` where what is kept is another, is gone or does not open; what the place where it is answers.
pub async fn open(objects: &Objects, found: Found) -> Result<(Vec<u8>, Photograph, OwnedSemaphorePermit)> {
    let Found { evidence, patient, photograph } = found;
    let (sealed, held) = service::whole(objects, evidence).await?;
    let opened = tokio::task::spawn_blocking(move || patient.open_bytes(&sealed)).await;
    let damaged = || Error::problem(ProblemCode::EvidenceDamaged, ProblemCode::EvidenceDamaged.title());
    let picture = opened.map_err(|e| Error::internal(format!("opening a picture: {e}")))?.ok_or_else(damaged)?;
    Ok((picture, photograph, held))
}

/// Gives a photograph to whoever may read it.
///
/// # Errors
/// The same.
pub async fn give(objects: &Objects, found: Found) -> std::result::Result<HttpResponse, Problem> {
    let (picture, photograph, held) = open(objects, found).await?;
    let length = u64::try_from(picture.len()).map_err(|e| Error::internal(e.to_string()))?;
    // The place in memory is free once the picture is on its way.
    let pieces = stream::unfold((Some(picture), held), |(picture, held)| async move {
        let picture = picture?;
        Some((Ok::<_, std::io::Error>(Bytes::from(picture)), (None, held)))
    });
    Ok(HttpResponse::Ok()
        .content_type(photograph.media_type.as_str())
        .insert_header((header::CONTENT_DISPOSITION, "attachment"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(SizedStream::new(length, Box::pin(pieces))))
}
