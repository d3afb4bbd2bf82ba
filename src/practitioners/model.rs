//! What a practitioner is.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clock::Moment;
use crate::ids::{OrganisationId, PractitionerId};
use crate::values::{Name, Word};

/// A person who treats or prescribes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = crate::db::schema::practitioners)]
pub struct Practitioner {
    /// Their id.
    pub id: PractitionerId,
    /// The organisation that they work for.
    pub organisation_id: OrganisationId,
    /// Their name.
    pub name: Name,
    /// What they are: nurse, doctor, dentist, pharmacist.
    pub profession: Word,
    /// When they were registered.
    pub registered_at: Moment,
}
