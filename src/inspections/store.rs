//! The tables of inspections and releases.

use diesel::dsl::{exists, sql};
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::model::{Allocation, Inspection, InspectionReversal, Release};
use crate::caller::Caller;
use crate::clock::Moment;
use crate::db::schema::{inspection_reversals, inspections, locations, receipts, release_allocations, releases};
use crate::db::{Db, on_either};
use crate::error::{Error, Result};
use crate::http::paging::{After, Found, horizon, later, no_later};
use crate::http::period::Period;
use crate::ids::{InspectionId, LocationId, LotId, OrganisationId, ReceiptId, ReleaseId, SiteId};
use crate::journal::tables::Tables;
use crate::values::Serial;

/// Adds an inspection.
///
/// # Errors
/// What the database answers.
pub fn insert(tables: &mut Tables<'_>, inspection: &Inspection) -> Result<()> {
    let db = tables.db();
    diesel::insert_into(inspections::table).values(inspection).execute(db)?;
    Ok(())
}

/// Adds a release, with what it used up where passes were counted beside the stock.
///
/// # Errors
/// What the database answers.
pub fn insert_release(tables: &mut Tables<'_>, release: &Release, allocations: &[Allocation]) -> Result<()> {
    let db = tables.db();
    diesel::insert_into(releases::table).values(release).execute(db)?;
    if !allocations.is_empty() {
        on_either!(db, conn => diesel::insert_into(release_allocations::table).values(allocations).execute(conn)?);
    }
    Ok(())
}

/// The inspections of these ids, if the organisation has them.
///
/// # Errors
/// What the database answers.
pub fn inspections(db: &mut Db, organisation: &OrganisationId, ids: &[&InspectionId]) -> Result<Vec<Inspection>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(inspections::table
        .filter(inspections::organisation_id.eq(organisation).and(inspections::id.eq_any(ids.iter().copied())))
        .select(Inspection::as_select())
        .load(db)?)
}

/// The inspections of a lot, oldest first.
///
/// # Errors
/// What the database answers.
pub fn of_lot(db: &mut Db, organisation: &OrganisationId, lot: &LotId) -> Result<Vec<Inspection>> {
    Ok(inspections::table
        .filter(inspections::organisation_id.eq(organisation).and(inspections::lot_id.eq(lot)))
        .select(Inspection::as_select())
        .order(inspections::id)
        .load(db)?)
}

/// Which inspections, or which releases.
#[derive(Clone, Default)]
pub struct Filter {
    /// Only at this site.
    pub site_id: Option<SiteId>,
    /// Only of units at this place; of a release, from or to it.
    pub location_id: Option<LocationId>,
    /// Only of this lot.
    pub lot_id: Option<LotId>,
    /// Only those that name this pack.
    pub serial: Option<Serial>,
    /// From when until when.
    pub period: Period,
}

impl Filter {
    /// How a list of serial numbers looks that has this one, to [`LIKE`](diesel::TextExpressionMethods::like).
    fn pattern(serial: &Serial) -> Result<String> {
        let quoted = serde_json::to_string(serial).map_err(|e| Error::internal(e.to_string()))?;
        let plain = quoted.replace('!', "!!").replace('%', "!%").replace('_', "!_");
        Ok(format!("%{plain}%"))
    }
}

/// Inspections at sites that the caller sees, in the order of what happened, after `after`. Those of a lot have an order of their own;
/// what else is asked for is looked for. One from before passes were postings is at the site of its receipt.
///
/// # Errors
/// What the database answers.
// Long because each filter says where it looks, older records included, and they are seen to exclude each other when they stand together.
pub fn list(db: &mut Db, caller: &Caller, filter: &Filter, after: &After, limit: i64) -> Result<Found<Inspection, 2>> {
    let after = after.from(filter.period.from);
    let led = || {
        let mut led = inspections::table
            .filter(inspections::organisation_id.eq(&caller.organisation_id))
            .filter(later!("occurred_at", "id", after))
            .into_boxed();
        if let Some(to) = filter.period.to {
            led = led.filter(inspections::occurred_at.lt(to));
        }
        if let Some(lot) = &filter.lot_id {
            led = led.filter(inspections::lot_id.eq(lot));
        }
        led
    };
    let Filter { site_id, location_id, serial, .. } = filter;
    let is_led = caller.sites.is_none() && site_id.is_none() && location_id.is_none() && serial.is_none();
    let keys = (inspections::occurred_at, inspections::id);
    let horizon: Option<(Moment, InspectionId)> = if is_led { None } else { horizon!(db, led(), keys)? };
    let mut query = led().select(Inspection::as_select()).order(keys).limit(limit);
    if let Some(last) = &horizon {
        query = query.filter(no_later!("occurred_at", "id", last));
    }
    let received = || {
        receipts::table
            .filter(receipts::organisation_id.eq(&caller.organisation_id))
            .filter(receipts::id.nullable().eq(inspections::receipt_id))
    };
    let at = |sites: &[SiteId]| {
        let older =
            inspections::site_id.is_null().and(exists(received().filter(receipts::site_id.eq_any(sites.to_vec()))));
        inspections::site_id.assume_not_null().eq_any(sites.to_vec()).or(older)
    };
    if let Some(sites) = &caller.sites {
        query = query.filter(at(sites));
    }
    if let Some(site) = site_id {
        query = query.filter(at(std::slice::from_ref(site)));
    }
    if let Some(place) = location_id {
        let arrived =
            inspections::location_id.is_null().and(exists(received().filter(receipts::location_id.eq(place))));
        query = query.filter(inspections::location_id.assume_not_null().eq(place).or(arrived));
    }
    if let Some(serial) = serial {
        let pattern = Filter::pattern(serial)?;
        let named = inspections::serials_passed.like(pattern.clone()).escape('!');
        query = query.filter(named.or(inspections::serials_failed.like(pattern).escape('!')));
    }
    let found = Found { items: query.load(db)?, looked_at: horizon.map(|(at, id)| After::keys(at, &id)) };
    found.sifted(
        limit,
        |row: &Inspection| After::keys(row.occurred_at, &row.id),
        |mut rows| {
            let names =
                |row: &Inspection, serial| row.serials_passed.contains(serial) || row.serials_failed.contains(serial);
            // One of the databases takes upper for lower case.
            rows.retain(|row| serial.as_ref().is_none_or(|serial| names(row, serial)));
            Ok(rows)
        },
    )
}

/// Releases at sites that the caller sees, in the order of what happened, after `after`. Those of a lot have an order of their own;
/// what else is asked for is looked for.
///
/// # Errors
/// What the database answers.
pub fn list_releases(
    db: &mut Db,
    caller: &Caller,
    filter: &Filter,
    after: &After,
    limit: i64,
) -> Result<Found<Release, 2>> {
    let after = after.from(filter.period.from);
    let led = || {
        let mut led = releases::table
            .filter(releases::organisation_id.eq(&caller.organisation_id))
            .filter(later!("occurred_at", "id", after))
            .into_boxed();
        if let Some(to) = filter.period.to {
            led = led.filter(releases::occurred_at.lt(to));
        }
        if let Some(lot) = &filter.lot_id {
            led = led.filter(releases::lot_id.eq(lot));
        }
        led
    };
    let Filter { site_id, location_id, serial, .. } = filter;
    let is_led = caller.sites.is_none() && site_id.is_none() && location_id.is_none() && serial.is_none();
    let keys = (releases::occurred_at, releases::id);
    let horizon: Option<(Moment, ReleaseId)> = if is_led { None } else { horizon!(db, led(), keys)? };
    let mut query = led().select(Release::as_select()).order(keys).limit(limit);
    if let Some(last) = &horizon {
        query = query.filter(no_later!("occurred_at", "id", last));
    }
    // Both places of a release are at one site.
    let at = |sites: Vec<SiteId>| {
        let there = locations::table.filter(locations::id.eq(releases::to_location_id));
        exists(there.filter(locations::site_id.eq_any(sites)))
    };
    if let Some(sites) = &caller.sites {
        query = query.filter(at(sites.clone()));
    }
    if let Some(site) = site_id {
        query = query.filter(at(vec![site.clone()]));
    }
    if let Some(place) = location_id {
        query = query.filter(releases::from_location_id.eq(place).or(releases::to_location_id.eq(place)));
    }
    if let Some(serial) = serial {
        query = query.filter(releases::serials.like(Filter::pattern(serial)?).escape('!'));
    }
    let found = Found { items: query.load(db)?, looked_at: horizon.map(|(at, id)| After::keys(at, &id)) };
    found.sifted(
        limit,
        |row: &Release| After::keys(row.occurred_at, &row.id),
        |mut rows| {
            rows.retain(|row| serial.as_ref().is_none_or(|serial| row.serials.contains(serial)));
            Ok(rows)
        },
    )
}

/// Adds the reversal of an inspection.
///
/// # Errors
/// What the database answers; a unique violation is always another reversal of the same inspection.
pub fn insert_reversal(tables: &mut Tables<'_>, reversal: &InspectionReversal) -> Result<()> {
    let db = tables.db();
    diesel::insert_into(inspection_reversals::table).values(reversal).execute(db)?;
    Ok(())
}

/// The reversals of inspections.
///
/// # Errors
/// What the database answers.
pub fn reversals(db: &mut Db, organisation: &OrganisationId, ids: &[&InspectionId]) -> Result<Vec<InspectionReversal>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(inspection_reversals::table
        .filter(inspection_reversals::organisation_id.eq(organisation))
        .filter(inspection_reversals::inspection_id.eq_any(ids.iter().copied()))
        .select(InspectionReversal::as_select())
        .load(db)?)
}

/// Lots that have inspections from before passes were postings.
///
/// # Errors
/// What the database answers.
pub fn lots_with_counted_passes(db: &mut Db) -> Result<Vec<(OrganisationId, LotId)>> {
    Ok(inspections::table
        .filter(inspections::site_id.is_null().and(inspections::units_passed.gt(0)))
        .select((inspections::organisation_id, inspections::lot_id))
        .order((inspections::organisation_id, inspections::lot_id))
        .distinct()
        .load(db)?)
}

/// The inspections of a lot from before passes were postings, oldest first, with how many of their passed units were not
/// released.
///
/// # Errors
/// What the database answers.
pub fn counted_passes(db: &mut Db, organisation: &OrganisationId, lot: &LotId) -> Result<Vec<(Inspection, i64)>> {
    let mut found = of_lot(db, organisation, lot)?;
    found.retain(|inspection| inspection.site_id.is_none());
    let released: Vec<(InspectionId, i64)> = release_allocations::table
        .filter(release_allocations::organisation_id.eq(organisation))
        .filter(release_allocations::inspection_id.eq_any(found.iter().map(|inspection| &inspection.id)))
        .group_by(release_allocations::inspection_id)
        .select((release_allocations::inspection_id, sql::<BigInt>("CAST(COALESCE(SUM(units), 0) AS BIGINT)")))
        .load(db)?;
    let left = |inspection: &Inspection| {
        let released = released.iter().find(|(id, _)| *id == inspection.id).map_or(0, |(_, units)| *units);
        inspection.units_passed - released
    };
    Ok(found
        .into_iter()
        .map(|inspection| (left(&inspection), inspection))
        .filter(|(left, _)| *left > 0)
        .map(|(left, inspection)| (inspection, left))
        .collect())
}

/// How many inspections were made of what receipts brought and were not reversed, how many units passed in them, and how many failed.
///
/// # Errors
/// What the database answers.
pub fn of_receipts(db: &mut Db, organisation: &OrganisationId, receipts: &[&ReceiptId]) -> Result<(i64, i64, i64)> {
    if receipts.is_empty() {
        return Ok((0, 0, 0));
    }
    let reversed = inspection_reversals::table
        .filter(inspection_reversals::organisation_id.eq(inspections::organisation_id))
        .filter(inspection_reversals::inspection_id.eq(inspections::id));
    let sum = |of: &str| sql::<BigInt>(&format!("CAST(COALESCE(SUM(inspections.{of}), 0) AS BIGINT)"));
    Ok(inspections::table
        .filter(inspections::organisation_id.eq(organisation))
        .filter(inspections::receipt_id.eq_any(receipts.iter().copied()))
        .filter(diesel::dsl::not(exists(reversed)))
        .select((sql::<BigInt>("COUNT(*)"), sum("units_passed"), sum("units_failed")))
        .first(db)?)
}
