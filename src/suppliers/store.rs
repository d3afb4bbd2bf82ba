//! The table of suppliers.

use diesel::prelude::*;

use super::model::Supplier;
use crate::db::Db;
use crate::db::schema::suppliers;
use crate::error::Result;
use crate::ids::{OrganisationId, SupplierId};
use crate::journal::tables::Tables;
use crate::values::{Gln, Name};

/// Adds a supplier.
///
/// # Errors
/// What the database answers.
pub fn insert(tables: &mut Tables<'_>, supplier: &Supplier) -> Result<()> {
    let db = tables.db();
    diesel::insert_into(suppliers::table).values(supplier).execute(db)?;
    Ok(())
}

/// The supplier of that id, if the organisation has it.
///
/// # Errors
/// What the database answers.
pub fn supplier(db: &mut Db, organisation: &OrganisationId, id: &SupplierId) -> Result<Option<Supplier>> {
    let found = suppliers::table
        .filter(suppliers::organisation_id.eq(organisation).and(suppliers::id.eq(id)))
        .select(Supplier::as_select())
        .first(db)
        .optional()?;
    Ok(found)
}

/// The suppliers of these ids, if the organisation has them.
///
/// # Errors
/// What the database answers.
pub fn by_ids(db: &mut Db, organisation: &OrganisationId, ids: &[&SupplierId]) -> Result<Vec<Supplier>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(suppliers::table
        .filter(suppliers::organisation_id.eq(organisation).and(suppliers::id.eq_any(ids.iter().copied())))
        .select(Supplier::as_select())
        .load(db)?)
}

/// Suppliers by id, after `after`.
///
/// # Errors
/// What the database answers.
pub fn list(
    db: &mut Db,
    organisation: &OrganisationId,
    retired: Option<bool>,
    after: &str,
    limit: i64,
) -> Result<Vec<Supplier>> {
    let mut query = suppliers::table
        .filter(suppliers::organisation_id.eq(organisation).and(suppliers::id.gt(after)))
        .select(Supplier::as_select())
        .order(suppliers::id)
        .limit(limit)
        .into_boxed();
    if let Some(retired) = retired {
        query = query.filter(suppliers::retired_at.is_not_null().eq(retired));
    }
    Ok(query.load(db)?)
}

/// Puts a version of a supplier in place of the one before it; false when that one is not in force.
///
/// # Errors
/// What the database answers.
pub fn replace(tables: &mut Tables<'_>, row: &Supplier) -> Result<bool> {
    let earlier = suppliers::table
        .filter(suppliers::organisation_id.eq(&row.organisation_id).and(suppliers::id.eq(&row.id)))
        .filter(suppliers::version.eq(row.version - 1));
    Ok(diesel::update(earlier).set(row).execute(tables.db())? == 1)
}

/// The suppliers of that name, those in use first.
///
/// # Errors
/// What the database answers.
pub fn of_name(db: &mut Db, organisation: &OrganisationId, name: &Name, limit: i64) -> Result<Vec<Supplier>> {
    Ok(suppliers::table
        .filter(suppliers::organisation_id.eq(organisation).and(suppliers::name.eq(name)))
        .select(Supplier::as_select())
        .order((suppliers::retired_at.is_not_null(), suppliers::id))
        .limit(limit)
        .load(db)?)
}

/// The supplier with a GLN, one in use before others.
///
/// # Errors
/// What the database answers.
pub fn of_gln(db: &mut Db, organisation: &OrganisationId, gln: &Gln) -> Result<Option<Supplier>> {
    Ok(suppliers::table
        .filter(suppliers::organisation_id.eq(organisation).and(suppliers::gln.eq(gln)))
        .select(Supplier::as_select())
        .order((suppliers::retired_at.is_not_null(), suppliers::id))
        .first(db)
        .optional()?)
}
