//! Requests and answers about sites and locations.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model::{Location, Purpose};
use crate::catalogue::model::ProductClass;
use crate::clock::Moment;
use crate::http::paging::{Cursor, Limit};
use crate::ids::{LocationId, SiteId};
use crate::values::{Celsius, Jurisdiction, Name, TimeZone, Word};

/// A site to register.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Harley Street", "jurisdiction": "GB-ENG", "time_zone": "Europe/London"}))]
pub struct NewSite {
    /// Its name.
    pub name: Name,
    /// The law that it is under, ISO 3166-1 or 3166-2.
    #[serde(deserialize_with = "crate::values::listed_jurisdiction")]
    pub jurisdiction: Jurisdiction,
    /// Its IANA time zone: decides when a day ends.
    pub time_zone: TimeZone,
}

/// How to page through a list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SiteFilter {
    /// Only those with this in their name, in letters of whichever case, with or without accents.
    pub(super) name: Option<Word>,
    /// Only those that are retired, or only those that are not.
    pub(super) retired: Option<bool>,
    /// How many items at the most.
    pub(super) limit: Option<Limit>,
    /// Where the page before ended.
    pub(super) cursor: Option<Cursor>,
}

/// A location to register.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"site_id": "site_01932c07-8d00-7000-8000-000000000001", "name": "Fridge 1", "purpose": "stock", "min_c": 2, "max_c": 8}))]
pub struct NewLocation {
    /// The site that it is in.
    pub site_id: SiteId,
    /// Its name.
    pub name: Name,
    /// What it is for.
    pub purpose: Purpose,
    /// The lower end of its temperature band, °C.
    pub min_c: Celsius,
    /// The upper end of its temperature band, °C.
    pub max_c: Celsius,
    /// The classes that it may hold; leave it out for all.
    #[serde(default)]
    #[schema(min_items = 1)]
    pub product_classes: Option<Vec<ProductClass>>,
}

/// A location.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Location)]
pub struct LocationView {
    /// Its id.
    pub(super) id: LocationId,
    /// The site that it is in.
    pub(super) site_id: SiteId,
    /// Its name.
    pub(super) name: Name,
    /// What it is for.
    pub(super) purpose: Purpose,
    /// The lower end of its temperature band, °C.
    pub(super) min_c: Celsius,
    /// The upper end of its temperature band, °C.
    pub(super) max_c: Celsius,
    /// The classes that it may hold; null when it may hold all.
    pub(super) product_classes: Option<Vec<ProductClass>>,
    /// When it was registered.
    pub(super) registered_at: Moment,
    /// Counts its corrections: 1 as registered. In quotes it is the ETag.
    pub(super) version: i64,
    /// When it was retired; absent while it is in use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) retired_at: Option<Moment>,
}

impl From<Location> for LocationView {
    fn from(location: Location) -> Self {
        LocationView {
            id: location.id,
            site_id: location.site_id,
            name: location.name,
            purpose: location.purpose,
            min_c: Celsius::from_milli(location.min_mc),
            max_c: Celsius::from_milli(location.max_mc),
            product_classes: location.product_classes.map(|classes| classes.into_inner()),
            registered_at: location.registered_at,
            version: location.version,
            retired_at: location.retired_at,
        }
    }
}

/// Which locations.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LocationFilter {
    /// Only those of this site.
    pub(super) site_id: Option<SiteId>,
    /// Only those with this in their name, in letters of whichever case, with or without accents.
    pub(super) name: Option<Word>,
    /// Only those that are retired, or only those that are not.
    pub(super) retired: Option<bool>,
    /// How many items at the most.
    pub(super) limit: Option<Limit>,
    /// Where the page before ended.
    pub(super) cursor: Option<Cursor>,
}
