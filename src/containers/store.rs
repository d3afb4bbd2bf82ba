//! The table of opened units.

use std::collections::HashMap;

use diesel::dsl::{exists, max, min, not};
use diesel::prelude::*;

use super::model::{Container, Share};
use crate::caller::Caller;
use crate::db::schema::{accounts, administrations, containers};
use crate::db::{Db, on_either};
use crate::error::Result;
use crate::http::paging::{Found, horizon};
use crate::ids::{ContainerId, LocationId, LotId, OrganisationId, PatientId, SiteId};
use crate::journal::tables::Tables;
use crate::stock::model::Balance;

/// Adds a container, with all that the unit had.
///
/// # Errors
/// What the database answers.
pub fn insert(tables: &mut Tables<'_>, container: &Container) -> Result<()> {
    let db = tables.db();
    let row = (container, containers::amount_left.eq(container.amount));
    on_either!(db, conn => diesel::insert_into(containers::table).values(row).execute(conn)?);
    Ok(())
}

/// Takes a share out of a container; false where there is not so much in it.
///
/// # Errors
/// What the database answers.
pub fn take(tables: &mut Tables<'_>, organisation: &OrganisationId, share: &Share) -> Result<bool> {
    let row = containers::table
        .filter(containers::organisation_id.eq(organisation).and(containers::id.eq(&share.container_id)))
        .filter(containers::amount_left.ge(share.amount));
    let left = containers::amount_left.eq(containers::amount_left - share.amount);
    Ok(diesel::update(row).set(left).execute(tables.db())? == 1)
}

/// Puts a share back that was never taken.
///
/// # Errors
/// What the database answers.
pub fn give_back(tables: &mut Tables<'_>, organisation: &OrganisationId, share: &Share) -> Result<bool> {
    let row = containers::table
        .filter(containers::organisation_id.eq(organisation).and(containers::id.eq(&share.container_id)));
    let left = containers::amount_left.eq(containers::amount_left + share.amount);
    Ok(diesel::update(row).set(left).execute(tables.db())? == 1)
}

/// The container of that id, if the organisation has it.
///
/// # Errors
/// What the database answers.
pub fn container(db: &mut Db, organisation: &OrganisationId, id: &ContainerId) -> Result<Option<Container>> {
    Ok(containers::table
        .filter(containers::organisation_id.eq(organisation).and(containers::id.eq(id)))
        .select(Container::as_select())
        .first(db)
        .optional()?)
}

/// The containers of these ids, if the organisation has them.
///
/// # Errors
/// What the database answers.
pub fn by_ids(db: &mut Db, organisation: &OrganisationId, ids: &[&ContainerId]) -> Result<Vec<Container>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(containers::table
        .filter(containers::organisation_id.eq(organisation).and(containers::id.eq_any(ids.iter().copied())))
        .select(Container::as_select())
        .load(db)?)
}

/// Which containers.
#[derive(Default)]
pub struct Filter {
    /// Only that one.
    pub id: Option<ContainerId>,
    /// Only those of a site.
    pub site_id: Option<SiteId>,
    /// Only those of a location.
    pub location_id: Option<LocationId>,
    /// Only those of a lot.
    pub lot_id: Option<LotId>,
    /// Only those whose unit is on hand, or is not.
    pub on_hand: Option<bool>,
}

/// Containers that the caller sees, by id, after `after`. What has no order of its own is looked for.
///
/// # Errors
/// What the database answers.
pub fn list(db: &mut Db, caller: &Caller, filter: &Filter, after: &str, limit: i64) -> Result<Found<Container, 1>> {
    let led = || {
        let led = containers::table
            .filter(containers::organisation_id.eq(&caller.organisation_id).and(containers::id.gt(after)))
            .into_boxed();
        match (&filter.id, &filter.lot_id) {
            (Some(id), _) => led.filter(containers::id.eq(id)),
            (None, Some(lot)) => led.filter(containers::lot_id.eq(lot)),
            (None, None) => led,
        }
    };
    let horizon: Option<ContainerId> = if filter.id.is_some() { None } else { horizon!(db, led(), containers::id)? };
    let mut query = led().select(Container::as_select()).order(containers::id).limit(limit);
    if let Some(last) = &horizon {
        query = query.filter(containers::id.le(last));
    }
    if let Some(sites) = &caller.sites {
        query = query.filter(containers::site_id.eq_any(sites));
    }
    if let Some(site) = &filter.site_id {
        query = query.filter(containers::site_id.eq(site));
    }
    if let Some(location) = &filter.location_id {
        query = query.filter(containers::location_id.eq(location));
    }
    let unit =
        || accounts::table.filter(accounts::container_id.eq(containers::id.nullable()).and(accounts::units.gt(0)));
    match filter.on_hand {
        Some(true) => query = query.filter(exists(unit())),
        Some(false) => query = query.filter(not(exists(unit()))),
        None => {}
    }
    Ok(Found { items: query.load(db)?, looked_at: horizon.map(|id| [id.to_string()]) })
}

/// The accounts that the units of containers are in, of those that are on hand.
///
/// # Errors
/// What the database answers.
pub fn accounts_of(db: &mut Db, organisation: &OrganisationId, ids: &[&ContainerId]) -> Result<Vec<Balance>> {
    Ok(accounts::table
        .filter(accounts::organisation_id.eq(organisation).and(accounts::units.gt(0)))
        .filter(accounts::container_id.eq_any(ids.iter().copied()))
        .select(Balance::as_select())
        .load(db)?)
}

/// The patients whom anything was recorded for out of containers: for each container the first and the last of them, who are the
/// same where it was one. What was voided counts: a void says that it was recorded wrongly, and not that the opened unit never
/// came near that patient (DOMAIN rule 18).
///
/// # Errors
/// What the database answers.
pub fn patients_of(
    db: &mut Db,
    organisation: &OrganisationId,
    ids: &[&ContainerId],
) -> Result<HashMap<ContainerId, (PatientId, PatientId)>> {
    type Row = (Option<ContainerId>, Option<PatientId>, Option<PatientId>);
    let rows: Vec<Row> = administrations::table
        .filter(administrations::organisation_id.eq(organisation))
        .filter(administrations::container_id.eq_any(ids.iter().copied()))
        .group_by(administrations::container_id)
        .select((administrations::container_id, min(administrations::patient_id), max(administrations::patient_id)))
        .load(db)?;
    Ok(rows.into_iter().filter_map(|(id, first, last)| Some((id?, (first?, last?)))).collect())
}
