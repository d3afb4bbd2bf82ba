//! Requests and answers about suppliers.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model::Supplier;
use crate::catalogue::model::ProductClass;
use crate::clock::Moment;
use crate::http::paging::{Cursor, Limit};
use crate::ids::{OrganisationId, SupplierId};
use crate::values::{Country, Gln, Name, Word};

/// A supplier to register.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Example Medical Supplies", "country": "GB", "approved_classes": ["hybrid_filler", "ha_filler"]}))]
pub struct NewSupplier {
    /// Its name.
    pub name: Name,
    /// Where it is, ISO 3166-1 alpha-2.
    #[serde(deserialize_with = "crate::values::listed_country")]
    pub country: Country,
    /// Its GLN.
    #[serde(default)]
    pub gln: Option<Gln>,
    /// The classes that it is approved for.
    #[schema(min_items = 1)]
    pub approved_classes: Vec<ProductClass>,
}

/// A supplier.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Supplier)]
pub struct SupplierView {
    /// Its id.
    pub(super) id: SupplierId,
    /// The organisation that buys from it.
    pub(super) organisation_id: OrganisationId,
    /// Its name.
    pub(super) name: Name,
    /// Where it is.
    pub(super) country: Country,
    /// Its GLN; null when it has none.
    pub(super) gln: Option<Gln>,
    /// The classes that it is approved for.
    pub(super) approved_classes: Vec<ProductClass>,
    /// When it was registered.
    pub(super) registered_at: Moment,
    /// Counts its corrections: 1 as registered. In quotes it is the ETag.
    pub(super) version: i64,
    /// When it was retired; absent while it is in use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) retired_at: Option<Moment>,
}

impl From<Supplier> for SupplierView {
    fn from(supplier: Supplier) -> Self {
        SupplierView {
            id: supplier.id,
            organisation_id: supplier.organisation_id,
            name: supplier.name,
            country: supplier.country,
            gln: supplier.gln,
            approved_classes: supplier.approved_classes.into_inner(),
            registered_at: supplier.registered_at,
            version: supplier.version,
            retired_at: supplier.retired_at,
        }
    }
}

/// How to page through suppliers.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SupplierFilter {
    /// Only those with this in their name, in letters of whichever case, with or without accents.
    pub(super) name: Option<Word>,
    /// Only those that are retired, or only those that are not.
    pub(super) retired: Option<bool>,
    /// How many items at the most.
    pub(super) limit: Option<Limit>,
    /// Where the page before ended.
    pub(super) cursor: Option<Cursor>,
}
