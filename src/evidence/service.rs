//! Keeping evidence, and giving it back.

use super::model::{Evidence, NewEvidence};
use super::objects::{Fetched, Objects};
use super::{rules, store};
use crate::command::{About, Command};
use crate::custody::model::Deed;
use crate::db::violates_unique;
use crate::error::{Error, Result};
use crate::http::problem::ProblemCode;

/// Records a file whose bytes are kept already. The same bytes again are the record that is there.
///
/// # Errors
/// What the database answers.
pub fn keep(cmd: &mut Command<'_>, new: &NewEvidence) -> Result<Evidence> {
    if let Some(known) = store::evidence(cmd.db, cmd.organisation(), &new.sha256)? {
        return Ok(known);
    }
    let evidence = Evidence {
        organisation_id: cmd.organisation().clone(),
        sha256: new.sha256.clone(),
        media_type: new.media_type,
        bytes: new.bytes,
        uploaded_by: cmd.caller.subject.clone(),
        uploaded_at: cmd.now,
    };
    let about = About { occurred_at: cmd.now, site_id: None, subjects: vec![evidence.sha256.to_string()] };
    cmd.record(about, Deed::EvidenceStored(evidence.clone())).map_err(|error| match error {
        // Somebody else sent the same file at this moment.
        Error::Database(e) if violates_unique(&e) => Error::Race,
        other => other,
    })?;
    Ok(evidence)
}

/// The bytes of a file, compared with its digest.
///
/// # Errors
/// `evidence_damaged` when they are others or gone; [`Error::Unavailable`] when the place where they are cannot be read.
pub async fn read(objects: &Objects, evidence: Evidence) -> Result<Vec<u8>> {
    let damaged = |evidence: &Evidence, how: &'static str| {
        let (organisation, sha256) = (evidence.organisation_id.as_str(), evidence.sha256.as_str());
        tracing::error!(organisation, sha256, how, "evidence is damaged");
        Error::problem(ProblemCode::EvidenceDamaged, ProblemCode::EvidenceDamaged.title())
    };
    let bytes = match objects.get(&evidence).await? {
        Fetched::Bytes(bytes) => bytes,
        Fetched::Missing => return Err(damaged(&evidence, "its bytes are gone")),
        Fetched::OtherLength => return Err(damaged(&evidence, "it has another length")),
    };
    // Off the threads that serve connections: ten megabytes take a while.
    let compared = tokio::task::spawn_blocking(move || (rules::is_intact(&evidence, &bytes), evidence, bytes)).await;
    match compared.map_err(|e| Error::internal(format!("comparing a digest: {e}")))? {
        (true, _, bytes) => Ok(bytes.into()),
        (false, evidence, _) => Err(damaged(&evidence, "its digest is another")),
    }
}
