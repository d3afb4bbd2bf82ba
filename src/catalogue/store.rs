//! The table of products.

use diesel::prelude::*;

use super::model::{Product, ProductClass};
use crate::db::Db;
use crate::db::schema::products;
use crate::error::Result;
use crate::ids::{OrganisationId, ProductId};
use crate::values::Gtin;

/// Adds a product.
///
/// # Errors
/// What the database answers; a unique violation is always the GTIN.
pub fn insert(db: &mut Db, product: &Product) -> Result<()> {
    diesel::insert_into(products::table).values(product).execute(db)?;
    Ok(())
}

/// The product of that id, if the organisation has it.
///
/// # Errors
/// What the database answers.
pub fn product(db: &mut Db, organisation: &OrganisationId, id: &ProductId) -> Result<Option<Product>> {
    let found = products::table
        .filter(products::organisation_id.eq(organisation).and(products::id.eq(id)))
        .select(Product::as_select())
        .first(db)
        .optional()?;
    Ok(found)
}

/// The product with that GTIN, if the organisation has it.
///
/// # Errors
/// What the database answers.
pub fn product_by_gtin(db: &mut Db, organisation: &OrganisationId, gtin: &Gtin) -> Result<Option<Product>> {
    let found = products::table
        .filter(products::organisation_id.eq(organisation).and(products::gtin.eq(gtin)))
        .select(Product::as_select())
        .first(db)
        .optional()?;
    Ok(found)
}

/// Locks products until the transaction ends, in the order of their ids: for commands that decide by what is not there
/// yet (another expiry of a lot text, an earlier use of a number) and must not pass each other. On SQLite the one writer
/// is lock enough.
///
/// # Errors
/// What the database answers.
pub fn lock(db: &mut Db, organisation: &OrganisationId, ids: &[&ProductId]) -> Result<()> {
    if let Db::Postgres(conn) = db {
        products::table
            .filter(products::organisation_id.eq(organisation).and(products::id.eq_any(ids.iter().copied())))
            .select(products::id)
            .order(products::id)
            .for_no_key_update()
            .load::<String>(conn)?;
    }
    Ok(())
}

/// The versions in force of products.
///
/// # Errors
/// What the database answers.
pub fn versions(db: &mut Db, organisation: &OrganisationId, ids: &[&ProductId]) -> Result<Vec<(ProductId, i64)>> {
    Ok(products::table
        .filter(products::organisation_id.eq(organisation).and(products::id.eq_any(ids.iter().copied())))
        .select((products::id, products::version))
        .load(db)?)
}

/// Products by id, after `after`.
///
/// # Errors
/// What the database answers.
pub fn list(
    db: &mut Db,
    organisation: &OrganisationId,
    gtin: Option<&Gtin>,
    class: Option<ProductClass>,
    retired: Option<bool>,
    after: &str,
    limit: i64,
) -> Result<Vec<Product>> {
    let mut query = products::table
        .filter(products::organisation_id.eq(organisation).and(products::id.gt(after)))
        .select(Product::as_select())
        .order(products::id)
        .limit(limit)
        .into_boxed();
    if let Some(retired) = retired {
        query = query.filter(products::retired_at.is_not_null().eq(retired));
    }
    if let Some(gtin) = gtin {
        query = query.filter(products::gtin.eq(gtin));
    }
    if let Some(class) = class {
        query = query.filter(products::class.eq(class));
    }
    Ok(query.load(db)?)
}
