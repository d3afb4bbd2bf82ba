//! What a site and a location are.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::catalogue::model::ProductClass;
use crate::clock::Moment;
use crate::ids::{LocationId, OrganisationId, SiteId};
use crate::values::{Json, Jurisdiction, Name, TimeZone, words};

/// A place where patients are treated.
#[derive(
    Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Queryable, Selectable, Insertable, AsChangeset, ToSchema,
)]
#[diesel(table_name = crate::db::schema::sites, treat_none_as_null = true)]
pub struct Site {
    /// Its id.
    pub id: SiteId,
    /// The organisation that it belongs to.
    pub organisation_id: OrganisationId,
    /// Its name.
    pub name: Name,
    /// The law that it is under.
    pub jurisdiction: Jurisdiction,
    /// Decides when a day ends.
    pub time_zone: TimeZone,
    /// When it was registered.
    pub registered_at: Moment,
    /// Counts its corrections: 1 as registered. In quotes it is the ETag.
    pub version: i64,
    /// When it was retired: it stays on record, and is not accepted for new use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retired_at: Option<Moment>,
}

words! {
    /// What a location is for.
    Purpose {
        /// Released stock.
        Stock "stock",
        /// What has arrived, failed or was taken out of use.
        Quarantine "quarantine",
        /// What goes back to its supplier.
        Returns "returns",
    }
}

/// A room, fridge or shelf of a site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = crate::db::schema::locations, treat_none_as_null = true)]
pub struct Location {
    /// Its id.
    pub id: LocationId,
    /// The organisation that it belongs to.
    pub organisation_id: OrganisationId,
    /// The site that it is in.
    pub site_id: SiteId,
    /// Its name.
    pub name: Name,
    /// What it is for.
    pub purpose: Purpose,
    /// The lower end of its temperature band, in milli-degrees Celsius.
    pub min_mc: i32,
    /// The upper end of its temperature band, in milli-degrees Celsius.
    pub max_mc: i32,
    /// The classes that it may hold; none means all.
    pub product_classes: Option<Json<Vec<ProductClass>>>,
    /// When it was registered.
    pub registered_at: Moment,
    /// Counts its corrections: 1 as registered. In quotes it is the ETag.
    pub version: i64,
    /// When it was retired: it stays on record, and is not accepted for new use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retired_at: Option<Moment>,
}
