//! Registering, correcting and retiring sites and locations, and finding them for other slices.

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
use crate::versions::{self, Change, Retirement};

/// Registers a site.
///
/// # Errors
/// What the database answers.
pub fn register_site(cmd: &mut Command<'_>, new: &NewSite) -> Result<Site> {
    let id = cmd.mint(SiteId::mint);
    let site = site(cmd, id, new);
    let about = About { occurred_at: cmd.now, site_id: Some(site.id.clone()), subjects: vec![site.id.to_string()] };
    cmd.record(about, Deed::SiteRegistered(site.clone()))?;
    Ok(site)
}

fn site(cmd: &Command<'_>, id: SiteId, new: &NewSite) -> Site {
    Site {
        id,
        organisation_id: cmd.organisation().clone(),
        name: new.name.clone(),
        jurisdiction: new.jurisdiction.clone(),
        time_zone: new.time_zone.clone(),
        registered_at: cmd.now,
        version: versions::FIRST,
        retired_at: None,
    }
}

/// Corrects a site. Decisions that were made before keep the jurisdiction and the day that they were made by.
///
/// # Errors
/// `not_found`, `precondition_failed`.
pub fn correct_site(cmd: &mut Command<'_>, id: &SiteId, change: &Change, new: &NewSite) -> Result<Site> {
    let earlier = versions::in_force(find_site(cmd.db, cmd.caller, id)?, change)?;
    let now = site(cmd, id.clone(), new);
    versions::correct(cmd, &earlier, now, change)
}

/// Retires a site.
///
/// # Errors
/// `not_found`, `already_retired`.
pub fn retire_site(cmd: &mut Command<'_>, id: &SiteId, retirement: &Retirement) -> Result<Site> {
    let found = find_site(cmd.db, cmd.caller, id)?;
    versions::retire(cmd, found, retirement)
}

/// Registers a location of a site.
///
/// # Errors
/// `reference_unknown` for the site, `band_reversed`, `duplicate_entry`.
pub fn register_location(cmd: &mut Command<'_>, new: &NewLocation) -> Result<Location> {
    let site = expect_site(cmd.db, cmd.caller, &new.site_id)?;
    let id = cmd.mint(LocationId::mint);
    let location = location(cmd, id, new)?;
    let subjects = vec![location.id.to_string(), site.id.to_string()];
    let about = About { occurred_at: cmd.now, site_id: Some(site.id), subjects };
    cmd.record(about, Deed::LocationRegistered(location.clone()))?;
    Ok(location)
}

fn location(cmd: &Command<'_>, id: LocationId, new: &NewLocation) -> Result<Location> {
    if new.min_c > new.max_c {
        return Err(Error::invalid(ProblemCode::BandReversed, "max_c", "must not be below min_c"));
    }
    if let Some(classes) = &new.product_classes {
        crate::catalogue::rules::distinct_classes("product_classes", classes)?;
    }
    Ok(Location {
        id,
        organisation_id: cmd.organisation().clone(),
        site_id: new.site_id.clone(),
        name: new.name.clone(),
        purpose: new.purpose,
        min_mc: new.min_c.milli(),
        max_mc: new.max_c.milli(),
        product_classes: new.product_classes.clone().map(Json::new),
        registered_at: cmd.now,
        version: versions::FIRST,
        retired_at: None,
    })
}

/// Corrects a location: anything but the site that it is in.
///
/// # Errors
/// `not_found`, `precondition_failed`, `identity_fixed`, `band_reversed`, `empty_list`, `duplicate_entry`.
pub fn correct_location(
    cmd: &mut Command<'_>,
    id: &LocationId,
    change: &Change,
    new: &NewLocation,
) -> Result<Location> {
    let earlier = versions::in_force(find_location(cmd.db, cmd.caller, id)?, change)?;
    let now = location(cmd, id.clone(), new)?;
    versions::fixed("site_id", &earlier.site_id, &now.site_id)?;
    versions::correct(cmd, &earlier, now, change)
}

/// Retires a location. What is in it may still leave.
///
/// # Errors
/// `not_found`, `already_retired`.
pub fn retire_location(cmd: &mut Command<'_>, id: &LocationId, retirement: &Retirement) -> Result<Location> {
    let found = find_location(cmd.db, cmd.caller, id)?;
    versions::retire(cmd, found, retirement)
}

/// The site of that id, if the caller sees it.
///
/// # Errors
/// What the database answers.
pub fn find_site(db: &mut Db, caller: &Caller, id: &SiteId) -> Result<Option<Site>> {
    Ok(store::site(db, &caller.organisation_id, id)?.filter(|site| caller.sees(&site.id)))
}

/// The location of that id, if the caller sees its site.
///
/// # Errors
/// What the database answers.
pub fn find_location(db: &mut Db, caller: &Caller, id: &LocationId) -> Result<Option<Location>> {
    Ok(store::location(db, &caller.organisation_id, id)?.filter(|location| caller.sees(&location.site_id)))
}

/// The site that a body names, if the caller sees it.
///
/// # Errors
/// `reference_unknown`.
pub fn expect_site(db: &mut Db, caller: &Caller, id: &SiteId) -> Result<Site> {
    find_site(db, caller, id)?.ok_or_else(|| Error::reference_unknown("site_id"))
}

/// The location that a body names in `field`, if the caller sees its site.
///
/// # Errors
/// `reference_unknown`.
pub fn expect_location(db: &mut Db, caller: &Caller, field: &str, id: &LocationId) -> Result<Location> {
    find_location(db, caller, id)?.ok_or_else(|| Error::reference_unknown(field))
}
