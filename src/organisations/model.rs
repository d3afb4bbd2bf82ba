//! What an organisation is, and the policy that its rules are judged by.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::clock::Moment;
use crate::ids::OrganisationId;
use crate::values::Name;

/// A clinic or a group of clinics.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Queryable, Selectable, Insertable)]
#[diesel(table_name = crate::db::schema::organisations)]
pub struct Organisation {
    /// Its id.
    pub id: OrganisationId,
    /// Its name.
    pub name: Name,
    /// When it was made.
    pub registered_at: Moment,
}

/// How often a licence must be checked again, in days, unless the organisation says otherwise (DOMAIN rule 1).
pub const LICENCE_RECHECK_DAYS: i64 = 365;
