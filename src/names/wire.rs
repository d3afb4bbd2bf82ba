//! Names beside ids.

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use crate::ids::{ProductId, SiteId};
use crate::values::{LotText, Name};

/// What units of a lot are called, and where they are or were; what has nothing to do with them is left out.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Names {
    /// The product.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_id: Option<ProductId>,
    /// The name of the product.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product: Option<Name>,
    /// The lot text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lot: Option<LotText>,
    /// The labelled expiry of the lot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expiry: Option<NaiveDate>,
    /// The site.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub site_id: Option<SiteId>,
    /// The name of the site.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub site: Option<Name>,
    /// The name of the place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<Name>,
    /// The name of the place that they left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_location: Option<Name>,
    /// The name of the place that they went to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to_location: Option<Name>,
}
