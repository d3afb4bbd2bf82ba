//! Requests and answers about evidence.

use serde::Serialize;
use utoipa::ToSchema;

use super::model::MediaType;
use super::service::Shown;
use crate::clock::Moment;
use crate::values::Sha256Hex;

/// A file that is kept.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Evidence)]
pub struct EvidenceView {
    /// The digest of its bytes, which is also its name.
    pub(super) sha256: Sha256Hex,
    pub(super) media_type: MediaType,
    /// How many bytes it has.
    pub(super) bytes: i64,
    /// Who uploaded it first; left out where your token is for some sites only, and it was somebody else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) uploaded_by: Option<String>,
    /// When it was uploaded first; left out likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) uploaded_at: Option<Moment>,
}

impl From<Shown> for EvidenceView {
    fn from(Shown { evidence, is_theirs }: Shown) -> Self {
        EvidenceView {
            sha256: evidence.sha256,
            media_type: evidence.media_type,
            bytes: evidence.bytes,
            uploaded_by: is_theirs.then_some(evidence.uploaded_by),
            uploaded_at: is_theirs.then_some(evidence.uploaded_at),
        }
    }
}
