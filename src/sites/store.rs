//! The tables of sites and locations.

use diesel::prelude::*;

use super::model::{Location, Site};
use crate::caller::Caller;
use crate::db::Db;
use crate::db::schema::{locations, sites};
use crate::error::Result;
use crate::ids::{LocationId, OrganisationId, SiteId};
use crate::journal::tables::Tables;
use crate::values::Name;

/// Adds a site.
///
/// # Errors
/// What the database answers.
pub fn insert_site(tables: &mut Tables<'_>, site: &Site) -> Result<()> {
    let db = tables.db();
    diesel::insert_into(sites::table).values(site).execute(db)?;
    Ok(())
}

/// Adds a location.
///
/// # Errors
/// What the database answers.
pub fn insert_location(tables: &mut Tables<'_>, location: &Location) -> Result<()> {
    let db = tables.db();
    diesel::insert_into(locations::table).values(location).execute(db)?;
    Ok(())
}

/// The site of that id, if the organisation has it.
///
/// # Errors
/// What the database answers.
pub fn site(db: &mut Db, organisation: &OrganisationId, id: &SiteId) -> Result<Option<Site>> {
    let found = sites::table
        .filter(sites::organisation_id.eq(organisation).and(sites::id.eq(id)))
        .select(Site::as_select())
        .first(db)
        .optional()?;
    Ok(found)
}

/// The sites of these ids, if the organisation has them.
///
/// # Errors
/// What the database answers.
pub fn sites(db: &mut Db, organisation: &OrganisationId, ids: &[SiteId]) -> Result<Vec<Site>> {
    Ok(sites::table
        .filter(sites::organisation_id.eq(organisation).and(sites::id.eq_any(ids)))
        .select(Site::as_select())
        .order(sites::id)
        .load(db)?)
}

/// The location of that id, if the organisation has it.
///
/// # Errors
/// What the database answers.
pub fn location(db: &mut Db, organisation: &OrganisationId, id: &LocationId) -> Result<Option<Location>> {
    let found = locations::table
        .filter(locations::organisation_id.eq(organisation).and(locations::id.eq(id)))
        .select(Location::as_select())
        .first(db)
        .optional()?;
    Ok(found)
}

/// The locations of these ids, if the organisation has them.
///
/// # Errors
/// What the database answers.
pub fn locations(db: &mut Db, organisation: &OrganisationId, ids: &[LocationId]) -> Result<Vec<Location>> {
    Ok(locations::table
        .filter(locations::organisation_id.eq(organisation).and(locations::id.eq_any(ids)))
        .select(Location::as_select())
        .order(locations::id)
        .load(db)?)
}

/// Sites that the caller sees, by id, after `after`.
///
/// # Errors
/// What the database answers.
pub fn list_sites(db: &mut Db, caller: &Caller, retired: Option<bool>, after: &str, limit: i64) -> Result<Vec<Site>> {
    let mut query = sites::table
        .filter(sites::organisation_id.eq(&caller.organisation_id).and(sites::id.gt(after)))
        .select(Site::as_select())
        .order(sites::id)
        .limit(limit)
        .into_boxed();
    if let Some(retired) = retired {
        query = query.filter(sites::retired_at.is_not_null().eq(retired));
    }
    if let Some(visible) = &caller.sites {
        query = query.filter(sites::id.eq_any(visible));
    }
    Ok(query.load(db)?)
}

/// Locations that the caller sees, by id, after `after`.
///
/// # Errors
/// What the database answers.
pub fn list_locations(
    db: &mut Db,
    caller: &Caller,
    site: Option<&SiteId>,
    retired: Option<bool>,
    after: &str,
    limit: i64,
) -> Result<Vec<Location>> {
    let mut query = locations::table
        .filter(locations::organisation_id.eq(&caller.organisation_id).and(locations::id.gt(after)))
        .select(Location::as_select())
        .order(locations::id)
        .limit(limit)
        .into_boxed();
    if let Some(retired) = retired {
        query = query.filter(locations::retired_at.is_not_null().eq(retired));
    }
    if let Some(site) = site {
        query = query.filter(locations::site_id.eq(site));
    }
    if let Some(visible) = &caller.sites {
        query = query.filter(locations::site_id.eq_any(visible));
    }
    Ok(query.load(db)?)
}

/// Puts a version of a site in place of the one before it; false when that one is not in force.
///
/// # Errors
/// What the database answers.
pub fn replace_site(tables: &mut Tables<'_>, row: &Site) -> Result<bool> {
    let earlier = sites::table
        .filter(sites::organisation_id.eq(&row.organisation_id).and(sites::id.eq(&row.id)))
        .filter(sites::version.eq(row.version - 1));
    Ok(diesel::update(earlier).set(row).execute(tables.db())? == 1)
}

/// Puts a version of a location in place of the one before it; false when that one is not in force.
///
/// # Errors
/// What the database answers.
pub fn replace_location(tables: &mut Tables<'_>, row: &Location) -> Result<bool> {
    let earlier = locations::table
        .filter(locations::organisation_id.eq(&row.organisation_id).and(locations::id.eq(&row.id)))
        .filter(locations::version.eq(row.version - 1));
    Ok(diesel::update(earlier).set(row).execute(tables.db())? == 1)
}

/// The sites of that name, those in use first.
///
/// # Errors
/// What the database answers.
pub fn sites_of_name(db: &mut Db, organisation: &OrganisationId, name: &Name, limit: i64) -> Result<Vec<Site>> {
    Ok(sites::table
        .filter(sites::organisation_id.eq(organisation).and(sites::name.eq(name)))
        .select(Site::as_select())
        .order((sites::retired_at.is_not_null(), sites::id))
        .limit(limit)
        .load(db)?)
}

/// The locations of that name at a site, those in use first.
///
/// # Errors
/// What the database answers.
pub fn locations_of_name(
    db: &mut Db,
    organisation: &OrganisationId,
    site: &SiteId,
    name: &Name,
    limit: i64,
) -> Result<Vec<Location>> {
    Ok(locations::table
        .filter(locations::site_id.eq(site).and(locations::name.eq(name)))
        .filter(locations::organisation_id.eq(organisation))
        .select(Location::as_select())
        .order((locations::retired_at.is_not_null(), locations::id))
        .limit(limit)
        .load(db)?)
}
