//! Registering sites and locations, and finding them for other slices.

use super::api::{NewLocation, NewSite};
use super::model::{Location, Site};
use super::store;
use crate::caller::Caller;
use crate::command::{About, Command};
use crate::custody::model::Deed;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::http::problem::ProblemCode;
use crate::ids::{LocationId, SiteId};
use crate::values::Json;

/// Registers a site.
///
/// # Errors
/// What the database answers.
pub fn register_site(cmd: &mut Command<'_>, new: &NewSite) -> Result<Site> {
    let site = Site {
        id: cmd.mint(SiteId::mint),
        organisation_id: cmd.organisation().clone(),
        name: new.name.clone(),
        jurisdiction: new.jurisdiction.clone(),
        time_zone: new.time_zone.clone(),
        registered_at: cmd.now,
    };
    let about = About { occurred_at: cmd.now, site_id: Some(site.id.clone()), subjects: vec![site.id.to_string()] };
    cmd.record(about, Deed::SiteRegistered(site.clone()))?;
    Ok(site)
}

/// Registers a location of a site.
///
/// # Errors
/// `reference_unknown` for the site, `band_reversed`, `duplicate_entry`.
pub fn register_location(cmd: &mut Command<'_>, new: &NewLocation) -> Result<Location> {
    let site = expect_site(cmd.db, cmd.caller, &new.site_id)?;
    if new.min_c > new.max_c {
        return Err(Error::invalid(ProblemCode::BandReversed, "max_c", "must not be below min_c"));
    }
    if let Some(classes) = &new.product_classes {
        crate::catalogue::rules::distinct_classes("product_classes", classes)?;
    }
    let location = Location {
        id: cmd.mint(LocationId::mint),
        organisation_id: cmd.organisation().clone(),
        site_id: site.id.clone(),
        name: new.name.clone(),
        purpose: new.purpose,
        min_mc: new.min_c.milli(),
        max_mc: new.max_c.milli(),
        product_classes: new.product_classes.clone().map(Json::new),
        registered_at: cmd.now,
    };
    let subjects = vec![location.id.to_string(), site.id.to_string()];
    let about = About { occurred_at: cmd.now, site_id: Some(site.id), subjects };
    cmd.record(about, Deed::LocationRegistered(location.clone()))?;
    Ok(location)
}

/// The site that a body names, if the caller sees it.
///
/// # Errors
/// `reference_unknown`.
pub fn expect_site(db: &mut Db, caller: &Caller, id: &SiteId) -> Result<Site> {
    store::site(db, &caller.organisation_id, id)?
        .filter(|site| caller.sees(&site.id))
        .ok_or_else(|| Error::reference_unknown("site_id"))
}

/// The location that a body names in `field`, if the caller sees its site.
///
/// # Errors
/// `reference_unknown`.
pub fn expect_location(db: &mut Db, caller: &Caller, field: &str, id: &LocationId) -> Result<Location> {
    store::location(db, &caller.organisation_id, id)?
        .filter(|location| caller.sees(&location.site_id))
        .ok_or_else(|| Error::reference_unknown(field))
}
