//! What goes first at the chair: units of a product that run out before others. SQL only, like the store.

use chrono::NaiveDate;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Date, Text};

use crate::db::schema::{accounts, lots};
use crate::db::{Db, Named, on_either};
use crate::error::Result;
use crate::ids::{LotId, OrganisationId, ProductId, SiteId};
use crate::limits::LOOKED_AT_MAX;
use crate::stock::model::{Balance, Lot};

/// How many accounts are told: one of them may be of a lot that must not be used.
const MOST: i64 = 10;

/// What is asked of accounts with available units of a product at a site that may be used on a day, up to what says in which order and how many:
/// by the lots that have not run out, and not by all that ever lay at the site: in this order on SQLite, too.
macro_rules! of_usable_here {
    ($type:ty, $asked:literal, $organisation:expr, $site:expr, $product:expr, $day:expr) => {
        sql::<$type>(concat!(
            $asked,
            " FROM lots AS other CROSS JOIN accounts AS candidate WHERE other.organisation_id = "
        ))
        .bind::<Text, _>($organisation)
        .sql(" AND other.product_id = ")
        .bind::<Text, _>($product)
        .sql(" AND other.expiry >= ")
        .bind::<Date, _>($day)
        .sql(" AND candidate.organisation_id = ")
        .bind::<Text, _>($organisation)
        .sql(" AND candidate.lot_id = other.id AND candidate.units <> 0 AND candidate.kind = 'available' AND candidate.site_id = ")
        .bind::<Text, _>($site)
        .sql(" AND candidate.use_by >= ")
        .bind::<Date, _>($day)
    };
}

/// Available units of a product at a site, of other lots than this one, that may be used on a day and run out before another
/// day: the first expired first.
///
/// # Errors
/// What the database answers.
pub fn first_out(
    db: &mut Db,
    organisation: &OrganisationId,
    (site, product): (&SiteId, &ProductId),
    lot: &LotId,
    (from, before): (NaiveDate, NaiveDate),
) -> Result<Vec<(Balance, Lot)>> {
    enum FirstOut {}
    Ok(on_either!(db, conn => {
        let earlier = of_usable_here!(Bool, "accounts.id IN (SELECT candidate.id", organisation, site, product, from)
            .sql(" AND other.id <> ")
            .bind::<Text, _>(lot)
            .sql(" AND candidate.use_by < ")
            .bind::<Date, _>(before)
            .sql(" ORDER BY candidate.use_by, candidate.id LIMIT ")
            .bind::<BigInt, _>(MOST)
            .sql(")");
        let query = accounts::table
            .inner_join(lots::table)
            .filter(earlier)
            .select((Balance::as_select(), Lot::as_select()))
            .order((accounts::use_by, accounts::id));
        Named::<FirstOut, _>::of(query).load(conn)?
    }))
}

/// Available units of a product at a site that may be used on a day: of so many of its accounts at the most, what runs out first before
/// the rest.
///
/// # Errors
/// What the database answers.
pub fn usable(
    db: &mut Db,
    (organisation, site): (&OrganisationId, &SiteId),
    product: &ProductId,
    day: NaiveDate,
    accounts_max: i64,
) -> Result<i64> {
    enum Usable {}
    let units: Vec<i64> = on_either!(db, conn => {
        let first = of_usable_here!(BigInt, "SELECT candidate.units", organisation, site, product, day)
            .sql(" ORDER BY other.expiry, other.id LIMIT ")
            .bind::<BigInt, _>(accounts_max);
        Named::<Usable, _>::of(first).load(conn)?
    });
    Ok(units.into_iter().fold(0, i64::saturating_add))
}

/// The lots of products that have not run out on a day; so many at the most.
///
/// # Errors
/// What the database answers.
pub fn lots_of_products(
    db: &mut Db,
    organisation: &OrganisationId,
    products: &[ProductId],
    day: NaiveDate,
    most: i64,
) -> Result<Vec<Lot>> {
    Ok(lots::table
        .filter(lots::organisation_id.eq(organisation).and(lots::product_id.eq_any(products)))
        .filter(lots::expiry.ge(day))
        .select(Lot::as_select())
        .limit(most)
        .load(db)?)
}

/// The lots of a product that have not run out on a day, the first expired first; no more than [`LOOKED_AT_MAX`].
///
/// # Errors
/// What the database answers.
pub fn not_run_out(
    db: &mut Db,
    organisation: &OrganisationId,
    product: &ProductId,
    day: NaiveDate,
) -> Result<Vec<Lot>> {
    Ok(lots::table
        .filter(lots::organisation_id.eq(organisation).and(lots::product_id.eq(product)))
        .filter(lots::expiry.ge(day))
        .select(Lot::as_select())
        .order((lots::expiry, lots::id))
        .limit(LOOKED_AT_MAX)
        .load(db)?)
}
