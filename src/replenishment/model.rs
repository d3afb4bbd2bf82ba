//! What a level is.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::clock::Moment;
use crate::ids::{LevelId, OrganisationId, ProductId, SiteId};

/// How much of a product a site keeps, in packs: below the minimum it is bought, up to the maximum.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = crate::db::schema::levels)]
pub struct Level {
    /// Its id.
    pub id: LevelId,
    /// The organisation.
    pub organisation_id: OrganisationId,
    /// The site.
    pub site_id: SiteId,
    /// The product.
    pub product_id: ProductId,
    /// The least that is kept.
    pub minimum_packs: i64,
    /// The most that is bought up to; nothing where it is 0.
    pub maximum_packs: i64,
    /// Counts how often it was set.
    pub version: i64,
    /// Who set it, by the subject of the token.
    pub set_by: String,
    /// When.
    pub set_at: Moment,
}
