//! What lies at a place: asked before the place is changed or retired.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};

use crate::db::Db;
use crate::db::schema::{accounts, lots};
use crate::error::Result;
use crate::ids::{LocationId, LotId, OrganisationId, ProductId, SiteId};
use crate::ledger::AccountKind;

/// Accounts that have units somewhere, in these words, so that the indexes of what is on hand are seen to fit.
const ON_HAND: &str = "accounts.units > 0 AND accounts.use_by IS NOT NULL";

/// A place: a site, or one of its locations.
#[derive(Clone, Copy)]
pub struct Spot<'a> {
    /// The site.
    pub site_id: &'a SiteId,
    /// The location; none for all of the site.
    pub location_id: Option<&'a LocationId>,
}

/// Units that lie somewhere.
pub struct Lying {
    /// The first of the lots.
    pub lots: Vec<LotId>,
    /// How many lots there are.
    pub lots_in_all: i64,
    /// How many units there are of them.
    pub units: i64,
}

/// Which products have units at a place, and in which dispositions.
///
/// # Errors
/// What the database answers.
pub fn sorts(db: &mut Db, organisation: &OrganisationId, at: Spot<'_>) -> Result<Vec<(ProductId, AccountKind)>> {
    let mut query = accounts::table
        .inner_join(lots::table)
        .filter(accounts::organisation_id.eq(organisation).and(accounts::site_id.eq(at.site_id)))
        .filter(sql::<Bool>(ON_HAND))
        .select((lots::product_id, accounts::kind))
        .distinct()
        .into_boxed();
    if let Some(location) = at.location_id {
        query = query.filter(accounts::location_id.eq(location));
    }
    Ok(query.load(db)?)
}

/// The units at a place that are of these dispositions or these products.
///
/// # Errors
/// What the database answers.
pub fn of_sorts(
    db: &mut Db,
    organisation: &OrganisationId,
    at: Spot<'_>,
    kinds: &[AccountKind],
    products: &[ProductId],
    most: i64,
) -> Result<Lying> {
    macro_rules! there {
        ($select:expr) => {{
            let mut query = accounts::table
                .inner_join(lots::table)
                .filter(accounts::organisation_id.eq(organisation).and(accounts::site_id.eq(at.site_id)))
                .filter(sql::<Bool>(ON_HAND))
                .filter(accounts::kind.eq_any(kinds).or(lots::product_id.eq_any(products)))
                .select($select)
                .into_boxed();
            if let Some(location) = at.location_id {
                query = query.filter(accounts::location_id.eq(location));
            }
            query
        }};
    }
    let first = there!(lots::id).distinct().order(lots::id).limit(most).load(db)?;
    let count = sql::<BigInt>("COUNT(DISTINCT accounts.lot_id)");
    let sum = sql::<BigInt>("CAST(COALESCE(SUM(accounts.units), 0) AS BIGINT)");
    let (lots_in_all, units) = there!((count, sum)).first(db)?;
    Ok(Lying { lots: first, lots_in_all, units })
}
