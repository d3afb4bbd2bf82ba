//! The table of suppliers.

use diesel::prelude::*;

use super::model::Supplier;
use crate::db::Db;
use crate::db::schema::suppliers;
use crate::error::Result;
use crate::ids::{OrganisationId, SupplierId};

/// Adds a supplier.
///
/// # Errors
/// What the database answers.
pub fn insert(db: &mut Db, supplier: &Supplier) -> Result<()> {
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
