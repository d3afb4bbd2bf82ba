//! Registering, correcting and retiring sites and locations, and finding them for other slices.

use super::events::Deed;
use super::lying::{self, Spot};
use super::model::{Location, Site};
use super::wire::{LocationView, NewLocation, NewSite};
use super::{rules, store};
use crate::caller::Caller;
use crate::catalogue::model::Product;
use crate::command::{About, Command};
use crate::db::Db;
use crate::db::known::Known;
use crate::error::{Error, Result};
use crate::http::versions::{Sent, edited};
use crate::ids::{LocationId, SiteId};
use crate::ledger::AccountKind;
use crate::problem::{Dependent, DependentType, Problem, ProblemCode};
use crate::values::{Json, number};
use crate::versions::{self, Alike, Change, Reinstatement, Retirement};

// What others may ask of the tables, or let follow from their events.
pub use super::store::{
    list_locations, list_sites, location, locations, locations_of_name, site, sites, sites_of_name,
};

/// Registers a site.
///
/// # Errors
/// What the database answers.
pub fn register_site(cmd: &mut Command<'_>, new: &NewSite) -> Result<Site> {
    let id = cmd.mint(SiteId::mint);
    let site = described_site(cmd, id, new);
    let about = About { occurred_at: cmd.now, site_id: Some(site.id.clone()), subjects: vec![site.id.to_string()] };
    cmd.record(about, Deed::SiteRegistered(site.clone()))?;
    Ok(site)
}

fn described_site(cmd: &Command<'_>, id: SiteId, new: &NewSite) -> Site {
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
/// `not_found`, `precondition_failed`, `retired`, what [`edited`] refuses.
pub fn correct_site(cmd: &mut Command<'_>, id: &SiteId, change: &Change, sent: &Sent) -> Result<Site> {
    let earlier = versions::in_force(find_site(cmd.db, cmd.caller, id)?, change)?;
    let new = edited(change, sent, &earlier)?;
    let now = described_site(cmd, id.clone(), &new);
    versions::correct(cmd, &earlier, now, change)
}

/// Retires a site where nothing lies.
///
/// # Errors
/// `not_found`, `already_retired`, `place_in_use`.
pub fn retire_site(cmd: &mut Command<'_>, id: &SiteId, retirement: &Retirement) -> Result<Site> {
    let found = find_site(cmd.db, cmd.caller, id)?;
    if let Some(site) = found.as_ref().filter(|site| site.retired_at.is_none()) {
        let spot = Spot { site_id: &site.id, location_id: None };
        refuse_lying(cmd, spot, site.name.as_str(), |_| true, |_| false)?;
    }
    versions::retire(cmd, found, retirement)
}

/// Puts a retired site back into use.
///
/// # Errors
/// `not_found`, `not_retired`.
pub fn reinstate_site(cmd: &mut Command<'_>, id: &SiteId, reinstatement: &Reinstatement) -> Result<Site> {
    let found = find_site(cmd.db, cmd.caller, id)?;
    versions::reinstate(cmd, found, reinstatement)
}

/// Registers a location of a site.
///
/// # Errors
/// `reference_unknown` for the site, `band_reversed`, `duplicate_entry`.
pub fn register_location(cmd: &mut Command<'_>, new: &NewLocation) -> Result<Location> {
    let site = expect_site(cmd.db, cmd.caller, &new.site_id)?;
    let id = cmd.mint(LocationId::mint);
    let location = described_location(cmd, id, new)?;
    let subjects = vec![location.id.to_string(), site.id.to_string()];
    let about = About { occurred_at: cmd.now, site_id: Some(site.id), subjects };
    cmd.record(about, Deed::LocationRegistered(location.clone()))?;
    Ok(location)
}

/// The location of that name at its site, with what it would be by this, so that a list can be brought in twice.
///
/// # Errors
/// As for [`register_location`].
pub fn location_alike(cmd: &mut Command<'_>, new: &NewLocation) -> Result<Option<Alike<Location>>> {
    let site = expect_site(cmd.db, cmd.caller, &new.site_id)?;
    let found = store::locations_of_name(cmd.db, cmd.organisation(), &site.id, &new.name, 1)?.pop();
    found.map(|stands| Ok(Alike { asked: described_location(cmd, stands.id.clone(), new)?, stands })).transpose()
}

fn described_location(cmd: &Command<'_>, id: LocationId, new: &NewLocation) -> Result<Location> {
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
/// `not_found`, `precondition_failed`, `retired`, `identity_fixed`, `place_in_use`, `band_reversed`, `empty_list`,
/// `duplicate_entry`, what [`edited`] refuses.
pub fn correct_location(cmd: &mut Command<'_>, id: &LocationId, change: &Change, sent: &Sent) -> Result<Location> {
    let earlier = versions::in_force(find_location(cmd.db, cmd.caller, id)?, change)?;
    let new = edited(change, sent, &LocationView::from(earlier.clone()))?;
    let now = described_location(cmd, id.clone(), &new)?;
    versions::fixed("site_id", &earlier.site_id, &now.site_id)?;
    if earlier.retired_at.is_none() {
        let spot = Spot { site_id: &earlier.site_id, location_id: Some(id) };
        let may_go = |kind| !rules::may_stay(kind, earlier.purpose, now.purpose);
        refuse_lying(cmd, spot, earlier.name.as_str(), may_go, |product| rules::is_put_out(product, &earlier, &now))?;
    }
    versions::correct(cmd, &earlier, now, change)
}

/// Retires a location where nothing lies.
///
/// # Errors
/// `not_found`, `already_retired`, `place_in_use`.
pub fn retire_location(cmd: &mut Command<'_>, id: &LocationId, retirement: &Retirement) -> Result<Location> {
    let found = find_location(cmd.db, cmd.caller, id)?;
    if let Some(location) = found.as_ref().filter(|location| location.retired_at.is_none()) {
        let spot = Spot { site_id: &location.site_id, location_id: Some(id) };
        refuse_lying(cmd, spot, location.name.as_str(), |_| true, |_| false)?;
    }
    versions::retire(cmd, found, retirement)
}

/// The most lots that a refusal names.
const NAMED: i64 = 20;

/// Units that must not stay at a place, by their disposition or their product, stand in the way of its change.
fn refuse_lying(
    cmd: &mut Command<'_>,
    spot: Spot<'_>,
    name: &str,
    by_kind: impl Fn(AccountKind) -> bool,
    by_product: impl Fn(&Product) -> bool,
) -> Result<()> {
    let organisation = cmd.organisation();
    let (mut kinds, mut products) = (Vec::new(), Vec::new());
    for (product, kind) in lying::sorts(cmd.db, organisation, spot)? {
        if by_kind(kind) {
            kinds.push(kind);
        } else if let Some(product) = crate::catalogue::service::find(cmd.db, organisation, &product)?
            && by_product(&product)
        {
            products.push(product.id);
        }
    }
    if kinds.is_empty() && products.is_empty() {
        return Ok(());
    }
    let there = lying::of_sorts(cmd.db, organisation, spot, &kinds, &products, NAMED)?;
    let (units, lots) = (number(there.units, "unit"), number(there.lots_in_all, "lot"));
    let detail = format!("{units} of {lots} in {name} could not stay there: move them first.");
    let dependents = there.lots.iter().map(|lot| Dependent::new(DependentType::Lot, lot)).collect();
    Err(Error::Problem(Problem { dependents, ..Problem::new(ProblemCode::PlaceInUse, detail) }))
}

/// Puts a retired location of a site that is in use back into use.
///
/// # Errors
/// `not_found`, `not_retired`, `retired` for its site.
pub fn reinstate_location(cmd: &mut Command<'_>, id: &LocationId, reinstatement: &Reinstatement) -> Result<Location> {
    let found = find_location(cmd.db, cmd.caller, id)?;
    if let Some(location) = found.as_ref().filter(|location| location.retired_at.is_some()) {
        let site = store::site(cmd.db, cmd.organisation(), &location.site_id)?;
        site.as_ref().map_or(Ok(()), versions::in_use)?;
    }
    versions::reinstate(cmd, found, reinstatement)
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

/// The first sites that the caller sees and that are not retired; so many at the most.
///
/// # Errors
/// What the database answers.
pub fn first_in_use(db: &mut Db, caller: &Caller, most: i64) -> Result<Vec<Site>> {
    store::list_sites(db, caller, Some(false), "", most)
}

/// The site that a body names, if the caller sees it: from memory where it was read before.
///
/// # Errors
/// `reference_unknown`.
pub fn remembered_site(known: &mut Known<'_>, db: &mut Db, caller: &Caller, id: &SiteId) -> Result<Site> {
    let organisation = &caller.organisation_id;
    let found = known.get(db, || id.to_string(), |db| site(db, organisation, id))?;
    found.filter(|site| caller.sees(&site.id)).ok_or_else(|| Error::reference_unknown("site_id"))
}

/// The time zone that days of a list are of: that of the site that is asked for, or else UTC.
///
/// # Errors
/// What the database answers.
pub fn zone_asked(db: &mut Db, caller: &Caller, site: Option<&SiteId>) -> Result<chrono_tz::Tz> {
    let found = site.map(|site| find_site(db, caller, site)).transpose()?.flatten();
    Ok(found.map_or(chrono_tz::Tz::UTC, |site| site.time_zone.rules()))
}

/// The location that a body names in `field`, if the caller sees its site.
///
/// # Errors
/// `reference_unknown`.
pub fn expect_location(db: &mut Db, caller: &Caller, field: &str, id: &LocationId) -> Result<Location> {
    find_location(db, caller, id)?.ok_or_else(|| Error::reference_unknown(field))
}

/// The same, where it must be one of a site.
///
/// # Errors
/// `reference_unknown`.
pub fn expect_location_at(
    db: &mut Db,
    caller: &Caller,
    field: &str,
    id: &LocationId,
    site: &SiteId,
) -> Result<Location> {
    let location = expect_location(db, caller, field, id)?;
    if location.site_id == *site {
        return Ok(location);
    }
    let detail = format!("{field} names {}, which is a place of another site.", location.name);
    Err(Error::Problem(Problem::new(ProblemCode::ReferenceUnknown, detail).at(field)))
}
