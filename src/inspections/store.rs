//! The tables of inspections and releases.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::model::{Allocation, Inspection, InspectionReversal, Release};
use crate::db::schema::{inspection_reversals, inspections, release_allocations, releases};
use crate::db::{Db, on_either};
use crate::error::Result;
use crate::ids::{InspectionId, LotId, OrganisationId};
use crate::journal::tables::Tables;

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
