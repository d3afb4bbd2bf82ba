//! Requests and answers about practitioners.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model::Practitioner;
use crate::clock::Moment;
use crate::http::paging::{Cursor, Limit};
use crate::ids::{OrganisationId, PractitionerId};
use crate::values::{Name, Word};

/// A practitioner to register.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Dr A. Example", "profession": "doctor"}))]
pub struct NewPractitioner {
    /// Their name.
    pub name: Name,
    /// What they are: nurse, doctor, dentist, pharmacist.
    pub profession: Word,
    /// The subject of their own token, where they have one: nobody checks their own licence.
    #[serde(default)]
    pub subject: Option<Name>,
}

/// A practitioner.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Practitioner)]
pub struct PractitionerView {
    /// Their id.
    pub(super) id: PractitionerId,
    /// The organisation that they work for.
    pub(super) organisation_id: OrganisationId,
    /// Their name.
    pub(super) name: Name,
    /// What they are: nurse, doctor, dentist, pharmacist.
    pub(super) profession: Word,
    /// The subject of their own token; null when none is known.
    pub(super) subject: Option<Name>,
    /// When they were registered.
    pub(super) registered_at: Moment,
    /// Counts its corrections: 1 as registered. In quotes it is the ETag.
    pub(super) version: i64,
    /// When they were retired; absent while they work here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) retired_at: Option<Moment>,
}

impl From<Practitioner> for PractitionerView {
    fn from(practitioner: Practitioner) -> Self {
        PractitionerView {
            id: practitioner.id,
            organisation_id: practitioner.organisation_id,
            name: practitioner.name,
            profession: practitioner.profession,
            subject: practitioner.subject,
            registered_at: practitioner.registered_at,
            version: practitioner.version,
            retired_at: practitioner.retired_at,
        }
    }
}

/// How to page through practitioners.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PractitionerFilter {
    /// Only those with this in their name, in letters of whichever case, with or without accents.
    pub(super) name: Option<Word>,
    /// Only those that are retired, or only those that are not.
    pub(super) retired: Option<bool>,
    /// How many items at the most.
    pub(super) limit: Option<Limit>,
    /// Where the page before ended.
    pub(super) cursor: Option<Cursor>,
}
