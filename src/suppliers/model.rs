//! What a supplier is.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::catalogue::model::ProductClass;
use crate::clock::Moment;
use crate::ids::{OrganisationId, SupplierId};
use crate::values::{Country, Gln, Json, Name};

/// Who sells to us.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = crate::db::schema::suppliers, treat_none_as_null = true)]
pub struct Supplier {
    /// Its id.
    pub id: SupplierId,
    /// The organisation that buys from it.
    pub organisation_id: OrganisationId,
    /// Its name.
    pub name: Name,
    /// Where it is.
    pub country: Country,
    /// Its GLN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gln: Option<Gln>,
    /// The classes that it is approved for.
    pub approved_classes: Json<Vec<ProductClass>>,
    /// When it was registered.
    pub registered_at: Moment,
    /// Counts its corrections: 1 as registered. In quotes it is the ETag.
    pub version: i64,
    /// When it was retired: it stays on record, and is not accepted for new use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retired_at: Option<Moment>,
}
