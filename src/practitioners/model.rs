//! What a practitioner is.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::clock::Moment;
use crate::ids::{OrganisationId, PractitionerId};
use crate::values::{Name, Word};

/// A person who treats or prescribes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = crate::db::schema::practitioners, treat_none_as_null = true)]
pub struct Practitioner {
    /// Their id.
    pub id: PractitionerId,
    /// The organisation that they work for.
    pub organisation_id: OrganisationId,
    /// Their name.
    pub name: Name,
    /// What they are: nurse, doctor, dentist, pharmacist.
    pub profession: Word,
    /// The subject of their own token, where they have one: nobody checks their own licence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Name>,
    /// When they were registered.
    pub registered_at: Moment,
    /// Counts its corrections: 1 as registered. In quotes it is the ETag.
    pub version: i64,
    /// When it was retired: it stays on record, and is not accepted for new use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retired_at: Option<Moment>,
}
