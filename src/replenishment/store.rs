//! The table of levels, and what of orders it asks.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};

use super::model::Level;
use crate::caller::Caller;
use crate::db::Db;
use crate::db::schema::{levels, order_lines, orders};
use crate::error::Result;
use crate::http::paging::{Found, horizon};
use crate::ids::{LevelId, OrganisationId, ProductId, SiteId, SupplierId};
use crate::journal::tables::Tables;
use crate::purchasing::model::OrderStatus;
use crate::versions::FIRST;

/// Puts a version of a level in force; false when the one before it is not.
///
/// # Errors
/// What the database answers; a unique violation where another was set first at this moment.
pub fn set(tables: &mut Tables<'_>, level: &Level) -> Result<bool> {
    let db = tables.db();
    if level.version == FIRST {
        return Ok(diesel::insert_into(levels::table).values(level).execute(db)? == 1);
    }
    let earlier = levels::table
        .filter(levels::organisation_id.eq(&level.organisation_id).and(levels::id.eq(&level.id)))
        .filter(levels::version.eq(level.version - 1));
    let changed = diesel::update(earlier)
        .set((
            levels::minimum_packs.eq(level.minimum_packs),
            levels::maximum_packs.eq(level.maximum_packs),
            levels::version.eq(level.version),
            levels::set_by.eq(&level.set_by),
            levels::set_at.eq(level.set_at),
        ))
        .execute(db)?;
    Ok(changed == 1)
}

/// The level of a product at a site.
///
/// # Errors
/// What the database answers.
pub fn level(db: &mut Db, organisation: &OrganisationId, site: &SiteId, product: &ProductId) -> Result<Option<Level>> {
    Ok(levels::table
        .filter(levels::site_id.eq(site).and(levels::product_id.eq(product)))
        .filter(levels::organisation_id.eq(organisation))
        .select(Level::as_select())
        .first(db)
        .optional()?)
}

/// The levels of products at a site.
///
/// # Errors
/// What the database answers.
pub fn levels_of(
    db: &mut Db,
    organisation: &OrganisationId,
    site: &SiteId,
    products: &[ProductId],
) -> Result<Vec<Level>> {
    Ok(levels::table
        .filter(levels::site_id.eq(site).and(levels::product_id.eq_any(products)))
        .filter(levels::organisation_id.eq(organisation))
        .select(Level::as_select())
        .load(db)?)
}

/// Which levels.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only of this site.
    pub site_id: Option<SiteId>,
    /// Only of this product.
    pub product_id: Option<ProductId>,
}

/// Levels at sites that the caller sees, by id, after `after`. Those of a site have an order of their own; what else is asked for is
/// looked for.
///
/// # Errors
/// What the database answers.
pub fn list(db: &mut Db, caller: &Caller, filter: &Filter, after: &str, limit: i64) -> Result<Found<Level, 1>> {
    let Filter { site_id, product_id } = filter;
    let only = site_id.as_ref().or(caller.only_site());
    let led = || {
        let led = levels::table
            .filter(levels::organisation_id.eq(&caller.organisation_id).and(levels::id.gt(after)))
            .into_boxed();
        match only {
            Some(site) => led.filter(levels::site_id.eq(site)),
            None => led,
        }
    };
    let is_led = product_id.is_none() && (caller.sites.is_none() || only.is_some());
    let horizon: Option<LevelId> = if is_led { None } else { horizon!(db, led(), levels::id)? };
    let mut query = led().select(Level::as_select()).order(levels::id).limit(limit);
    if let Some(last) = &horizon {
        query = query.filter(levels::id.le(last));
    }
    if let Some(sites) = &caller.sites {
        query = query.filter(levels::site_id.eq_any(sites));
    }
    if let Some(product) = product_id {
        query = query.filter(levels::product_id.eq(product));
    }
    Ok(Found { items: query.load(db)?, looked_at: horizon.map(|id| [id.to_string()]) })
}

/// How many units of products orders for a site wait for (`placed`), or would order (drafts).
///
/// # Errors
/// What the database answers.
pub fn ordered(
    db: &mut Db,
    organisation: &OrganisationId,
    site: &SiteId,
    products: &[ProductId],
    is_placed: bool,
) -> Result<Vec<(ProductId, i64)>> {
    let sum = sql::<BigInt>("CAST(SUM(order_lines.units - order_lines.units_received) AS BIGINT)");
    let statuses: &[OrderStatus] =
        if is_placed { &[OrderStatus::Placed, OrderStatus::PartiallyReceived] } else { &[OrderStatus::Draft] };
    Ok(orders::table
        .inner_join(order_lines::table.on(order_lines::order_id.eq(orders::id)))
        .filter(orders::organisation_id.eq(organisation).and(orders::status.eq_any(statuses)))
        .filter(orders::site_id.eq(site).and(order_lines::organisation_id.eq(organisation)))
        .filter(order_lines::product_id.eq_any(products))
        .filter(sql::<Bool>("order_lines.units > order_lines.units_received"))
        .group_by(order_lines::product_id)
        .select((order_lines::product_id, sum))
        .load(db)?)
}

/// Of whom a product was ordered last, by an order that was placed.
///
/// # Errors
/// What the database answers.
pub fn last_supplier(db: &mut Db, organisation: &OrganisationId, product: &ProductId) -> Result<Option<SupplierId>> {
    Ok(order_lines::table
        .inner_join(orders::table.on(orders::id.eq(order_lines::order_id)))
        .filter(order_lines::organisation_id.eq(organisation).and(order_lines::product_id.eq(product)))
        .filter(orders::placed_at.is_not_null())
        .select(orders::supplier_id)
        .order(order_lines::order_id.desc())
        .first(db)
        .optional()?)
}
