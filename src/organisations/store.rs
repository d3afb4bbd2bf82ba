//! The table of organisations.

use diesel::prelude::*;

use super::model::Organisation;
use crate::db::Db;
use crate::db::schema::organisations;
use crate::error::Result;
use crate::ids::OrganisationId;
use crate::journal::tables::Tables;
use crate::values::Name;

/// Adds an organisation.
///
/// # Errors
/// What the database answers.
pub fn insert(tables: &mut Tables<'_>, organisation: &Organisation) -> Result<()> {
    let db = tables.db();
    diesel::insert_into(organisations::table).values(organisation).execute(db)?;
    Ok(())
}

/// The organisation of that id.
///
/// # Errors
/// What the database answers.
pub fn organisation(db: &mut Db, id: &OrganisationId) -> Result<Option<Organisation>> {
    let found = organisations::table.filter(organisations::id.eq(id)).select(Organisation::as_select());
    Ok(found.first(db).optional()?)
}

/// Whether an organisation is in this database.
///
/// # Errors
/// What the database answers.
pub fn exists(db: &mut Db, id: &OrganisationId) -> Result<bool> {
    let found = organisations::table.find(id.as_str()).select(organisations::id).first::<String>(db).optional()?;
    Ok(found.is_some())
}

/// The first organisation of a name: of those on this machine, which whoever sets one up has to tell apart by id.
///
/// # Errors
/// What the database answers.
pub fn of_name(db: &mut Db, name: &Name) -> Result<Option<Organisation>> {
    let found = organisations::table.filter(organisations::name.eq(name)).order(organisations::id);
    Ok(found.select(Organisation::as_select()).first(db).optional()?)
}

/// Whether a deployment has no other organisation.
///
/// # Errors
/// What the database answers.
pub fn is_only(db: &mut Db, id: &OrganisationId) -> Result<bool> {
    let other = organisations::table.filter(organisations::id.ne(id)).select(organisations::id);
    Ok(other.first::<String>(db).optional()?.is_none())
}
