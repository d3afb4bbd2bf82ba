//! What evidence is.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::clock::Moment;
use crate::ids::{OrganisationId, SiteId};
use crate::values::{Sha256Hex, words};

words! {
    /// What kind of file it is.
    MediaType {
        /// A PNG image.
        Png "image/png",
        /// A JPEG photograph.
        Jpeg "image/jpeg",
        /// A WebP image.
        Webp "image/webp",
        /// A PDF document.
        Pdf "application/pdf",
        /// What is clinical, sealed under a patient's key: nobody uploads it as that.
        Sealed "application/vnd.lotline.sealed",
    }
}

/// A file that is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Queryable, Selectable, Insertable)]
#[diesel(table_name = crate::db::schema::evidence)]
pub struct Evidence {
    /// The organisation.
    pub organisation_id: OrganisationId,
    /// The digest of its bytes, which is also its name.
    pub sha256: Sha256Hex,
    /// What kind of file it is.
    pub media_type: MediaType,
    /// How many bytes it has.
    pub bytes: i64,
    /// Who uploaded it first.
    pub uploaded_by: String,
    /// When it was uploaded first.
    pub uploaded_at: Moment,
}

/// A file whose bytes are kept already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEvidence {
    /// The digest of its bytes.
    pub sha256: Sha256Hex,
    /// What kind of file it is.
    pub media_type: MediaType,
    /// How many bytes it has.
    pub bytes: i64,
}

/// A file that was uploaded first, and for which sites.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stored {
    /// The file.
    #[serde(flatten)]
    pub evidence: Evidence,
    /// The sites of the token that it was uploaded with, whose it is from then on; none for a token of the whole
    /// organisation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sites: Vec<SiteId>,
}

/// A file that is kept was uploaded again, by somebody else or for sites that did not have it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repeated {
    /// The digest of its bytes.
    pub sha256: Sha256Hex,
    /// Whose it is now, too.
    pub sites: Vec<SiteId>,
    /// Who uploaded it.
    pub uploaded_by: String,
    /// When.
    pub uploaded_at: Moment,
}
