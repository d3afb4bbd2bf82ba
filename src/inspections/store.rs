//! The tables of inspections and releases.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::model::{Allocation, Inspection, Release};
use super::rules::Passed;
use crate::db::schema::{inspections, release_allocations, releases};
use crate::db::{Db, on_either};
use crate::error::Result;
use crate::ids::{InspectionId, LotId, OrganisationId};

/// Adds an inspection.
///
/// # Errors
/// What the database answers.
pub fn insert(db: &mut Db, inspection: &Inspection) -> Result<()> {
    diesel::insert_into(inspections::table).values(inspection).execute(db)?;
    Ok(())
}

/// Adds a release with what it used up.
///
/// # Errors
/// What the database answers.
pub fn insert_release(db: &mut Db, release: &Release, allocations: &[Allocation]) -> Result<()> {
    diesel::insert_into(releases::table).values(release).execute(db)?;
    on_either!(db, conn => diesel::insert_into(release_allocations::table).values(allocations).execute(conn)?);
    Ok(())
}

/// The inspection of that id, if the organisation has it.
///
/// # Errors
/// What the database answers.
pub fn inspection(db: &mut Db, organisation: &OrganisationId, id: &InspectionId) -> Result<Option<Inspection>> {
    let found = inspections::table
        .filter(inspections::organisation_id.eq(organisation).and(inspections::id.eq(id)))
        .select(Inspection::as_select())
        .first(db)
        .optional()?;
    Ok(found)
}

/// The inspections of a lot, oldest first, with how many of their units were released.
///
/// # Errors
/// What the database answers.
pub fn of_lot(db: &mut Db, organisation: &OrganisationId, lot: &LotId) -> Result<Vec<Passed>> {
    let found: Vec<Inspection> = inspections::table
        .filter(inspections::organisation_id.eq(organisation).and(inspections::lot_id.eq(lot)))
        .select(Inspection::as_select())
        .order(inspections::id)
        .load(db)?;
    let released: Vec<(InspectionId, i64)> = release_allocations::table
        .filter(release_allocations::organisation_id.eq(organisation))
        .filter(release_allocations::inspection_id.eq_any(found.iter().map(|inspection| &inspection.id)))
        .group_by(release_allocations::inspection_id)
        .select((release_allocations::inspection_id, sql::<BigInt>("CAST(COALESCE(SUM(units), 0) AS BIGINT)")))
        .load(db)?;
    Ok(found
        .into_iter()
        .map(|inspection| {
            let units_released = released.iter().find(|(id, _)| *id == inspection.id).map_or(0, |(_, units)| *units);
            Passed { inspection, units_released }
        })
        .collect())
}
