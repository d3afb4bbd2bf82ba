//! The tables of lots, accounts and packs. Only [`super::ledger`] changes balances.

mod by_number;
mod first_out;
mod period;
mod sought;
mod then;
mod there;
mod waiting;

pub use by_number::{
    all_numbered, has_packs, insert_packs, inside_of_line, move_packs, numbered, pack, pack_balances, packs_by_id,
    packs_in, packs_of_line, received_as, units_in_packs, units_under_serials,
};

pub use first_out::{first_out, lots_of_products, not_run_out, usable};
pub use period::{Flow, Looked, lots_of_period, moved_between, moved_outside};
pub use sought::{By, balances_of_packs, lots_sought, packs_between, packs_numbered, packs_of_lots};
pub use then::{balances_then, deliveries_of, list_stock_then, there_then};
pub use there::{accounts_at, accounts_of, newest_at, on_hand_at, packs_lying};
pub use waiting::waiting;

use std::collections::BTreeSet;

use chrono::NaiveDate;
use diesel::dsl::{exists, sql};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Bool, Date, Nullable, Text};

use super::model::{AccountKind, Balance, Disposition, Lot};
use crate::caller::Caller;
use crate::db::schema::{accounts, administrations, locations, lots, packs};
use crate::db::{Db, Named, Prepared, lock_rows, on_either};
use crate::error::Result;
use crate::http::paging::{Found, horizon};
use crate::ids::{AccountId, LocationId, LotId, OrganisationId, ProductId, SiteId};
use crate::journal::tables::Tables;
use crate::limits::LOOKED_AT_MAX;
use crate::sites::model::{Location, Purpose};
use crate::values::{LotSought, LotText, Serial};

/// The most lots that are compared with a text. More that are alike are told by those that come first.
const ALIKE_MAX: i64 = 100;

/// Adds a lot.
///
/// # Errors
/// What the database answers; a unique violation is always the same lot, received by somebody else at this moment.
pub fn insert_lot(tables: &mut Tables<'_>, lot: &Lot) -> Result<()> {
    let db = tables.db();
    let compared = (lots::lot_key.eq(lot.lot.key()), lots::likeness.eq(lot.lot.likeness()));
    diesel::insert_into(lots::table).values((lot, compared)).execute(db)?;
    Ok(())
}

/// The lot of that id, if the organisation has it.
///
/// # Errors
/// What the database answers.
pub fn lot(db: &mut Db, organisation: &OrganisationId, id: &LotId) -> Result<Option<Lot>> {
    let found = lots::table
        .filter(lots::organisation_id.eq(organisation).and(lots::id.eq(id)))
        .select(Lot::as_select())
        .first(db)
        .optional()?;
    Ok(found)
}

/// The same, for whoever decides over its units: locked as [`lock_lots`] does.
///
/// # Errors
/// What the database answers.
pub fn lot_to_decide(db: &mut Db, organisation: &OrganisationId, id: &LotId) -> Result<Option<Lot>> {
    let Db::Postgres(conn) = db else { return lot(db, organisation, id) };
    let found = lots::table
        .filter(lots::organisation_id.eq(organisation).and(lots::id.eq(id)))
        .select(Lot::as_select())
        .for_no_key_update()
        .first(conn)
        .optional()?;
    Ok(found)
}

/// The lots of these ids, if the organisation has them.
///
/// # Errors
/// What the database answers.
pub fn lots(db: &mut Db, organisation: &OrganisationId, ids: &[&LotId]) -> Result<Vec<Lot>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let query = lots::table
        .filter(lots::organisation_id.eq(organisation).and(lots::id.eq_any(ids.iter().copied())))
        .select(Lot::as_select());
    Ok(Prepared::over(ids.len(), query).load(db)?)
}

/// The lots of a product whose texts are alike: the one with this text and this expiry first, then those with this text,
/// which are twins, then those that match it, then what is easily taken for it; at most [`ALIKE_MAX`]. For whoever decides
/// over their units they are locked as [`lock_lots`] does, in the same statement.
///
/// # Errors
/// What the database answers.
pub fn lots_like(
    db: &mut Db,
    organisation: &OrganisationId,
    product: &ProductId,
    text: &LotText,
    expiry: Option<NaiveDate>,
    decides: bool,
) -> Result<Vec<Lot>> {
    if let (Db::Postgres(conn), true) = (&mut *db, decides) {
        let mut found: Vec<Lot> = lots::table
            .filter(lots::organisation_id.eq(organisation).and(lots::product_id.eq(product)))
            .filter(lots::likeness.eq(text.likeness()))
            .select(Lot::as_select())
            .order(lots::id)
            .limit(ALIKE_MAX)
            .for_no_key_update()
            .load(conn)?;
        // More are told by those that come first: not by their ids, but by how alike they are.
        if i64::try_from(found.len()).is_ok_and(|found| found < ALIKE_MAX) {
            let is_this = |lot: &Lot| lot.lot == *text && Some(lot.expiry) == expiry;
            found.sort_by_cached_key(|lot| {
                let differs = (!is_this(lot), lot.lot != *text, lot.lot.key() != text.key());
                (differs, lot.expiry, lot.id.clone())
            });
            return Ok(found);
        }
    }
    let labelled = lots::expiry.eq(expiry.unwrap_or_default());
    enum LotsLike {}
    Ok(on_either!(db, conn => Named::<LotsLike, _>::of(lots::table
        .filter(lots::organisation_id.eq(organisation).and(lots::product_id.eq(product)))
        .filter(lots::likeness.eq(text.likeness()))
        .select(Lot::as_select())
        .order((
            lots::lot.eq(text).and(labelled).desc(),
            lots::lot.eq(text).desc(),
            lots::lot_key.eq(text.key()).desc(),
            lots::expiry,
            lots::id,
        ))
        .limit(ALIKE_MAX))
        .load(conn)?))
}

/// The lots of a product that have one of these texts, or a pack with one of these serial numbers, in the order of their
/// ids.
///
/// # Errors
/// What the database answers.
pub fn lots_named(
    db: &mut Db,
    organisation: &OrganisationId,
    product: &ProductId,
    texts: &[LotText],
    serials: &[Serial],
) -> Result<Vec<LotId>> {
    let mut found: Vec<LotId> = lots::table
        .filter(lots::organisation_id.eq(organisation).and(lots::product_id.eq(product)))
        .filter(lots::likeness.eq_any(texts.iter().map(LotText::likeness)).and(lots::lot.eq_any(texts)))
        .select(lots::id)
        .load(db)?;
    if !serials.is_empty() {
        let of_packs: Vec<LotId> = packs::table
            .filter(packs::organisation_id.eq(organisation).and(packs::product_id.eq(product)))
            .filter(packs::serial.eq_any(serials))
            .select(packs::lot_id)
            .distinct()
            .load(db)?;
        found.extend(of_packs);
    }
    found.sort();
    found.dedup();
    Ok(found)
}

/// Pairs of lots of a product whose texts are alike though not the same, the newest pairs first: of the newest
/// [`LOOKED_AT_MAX`] lots those for which there is an older one.
///
/// # Errors
/// What the database answers.
pub fn alike(db: &mut Db, organisation: &OrganisationId) -> Result<Vec<(LotId, LotId)>> {
    let newest: Option<LotId> = lots::table
        .filter(lots::organisation_id.eq(organisation))
        .select(lots::id)
        .order(lots::id.desc())
        .offset(LOOKED_AT_MAX)
        .limit(1)
        .first(db)
        .optional()?;
    // Each lot has few that are alike: PostgreSQL is to look for them one by one, as SQLite does.
    let lots = match db {
        Db::Sqlite(_) => "lots",
        Db::Postgres(_) => {
            "LATERAL (SELECT * FROM lots AS alike WHERE alike.organisation_id = newer.organisation_id \
            AND alike.product_id = newer.product_id AND alike.likeness = newer.likeness ORDER BY alike.id DESC LIMIT 20)"
        }
    };
    let pairs: Vec<Pair> = sql_query(format!(
        "SELECT older.id AS older, newer.id AS newer FROM lots AS newer JOIN {lots} AS older ON TRUE \
         WHERE newer.organisation_id = $1 AND newer.id > $2 AND older.organisation_id = newer.organisation_id \
         AND older.product_id = newer.product_id AND older.likeness = newer.likeness \
         AND older.id < newer.id AND older.lot <> newer.lot ORDER BY newer.id DESC, older.id DESC LIMIT {LOOKED_AT_MAX}",
    ))
    .bind::<Text, _>(organisation)
    .bind::<Text, _>(newest.as_ref().map_or("", LotId::as_str))
    .load(db)?;
    Ok(pairs.into_iter().map(|pair| (pair.older, pair.newer)).collect())
}

#[derive(QueryableByName)]
struct Pair {
    #[diesel(sql_type = Text)]
    older: LotId,
    #[diesel(sql_type = Text)]
    newer: LotId,
}

/// At which sites there are units of lots.
///
/// # Errors
/// What the database answers.
pub fn sites_with_units(db: &mut Db, organisation: &OrganisationId, ids: &[&LotId]) -> Result<Vec<(LotId, SiteId)>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let found: Vec<(LotId, Option<SiteId>)> = accounts::table
        .filter(accounts::organisation_id.eq(organisation).and(accounts::lot_id.eq_any(ids.iter().copied())))
        .filter(sql::<Bool>("accounts.units <> 0"))
        .select((accounts::lot_id, accounts::site_id))
        .distinct()
        .load(db)?;
    Ok(found.into_iter().filter_map(|(lot, site)| Some((lot, site?))).collect())
}

/// Locks lots until the transaction ends, in the order of their ids. On SQLite the one writer is lock enough.
///
/// # Errors
/// What the database answers.
pub(super) fn lock_lots(db: &mut Db, organisation: &OrganisationId, ids: &[LotId]) -> Result<()> {
    lock_rows!(
        db,
        lots::table
            .filter(lots::organisation_id.eq(organisation).and(lots::id.eq_any(ids)))
            .select(lots::id)
            .order(lots::id)
    );
    Ok(())
}

/// Whether a location has units of other lots.
///
/// # Errors
/// What the database answers.
pub fn has_other_lots(db: &mut Db, organisation: &OrganisationId, location: &Location, lot: &LotId) -> Result<bool> {
    let found: Option<String> = accounts::table
        .filter(accounts::organisation_id.eq(organisation))
        .filter(accounts::site_id.eq(&location.site_id).and(accounts::location_id.eq(&location.id)))
        .filter(accounts::lot_id.ne(lot).and(accounts::units.gt(0)))
        .select(accounts::id)
        .first(db)
        .optional()?;
    Ok(found.is_some())
}

/// Every lot of a product.
///
/// # Errors
/// What the database answers.
pub fn lots_of_product(db: &mut Db, organisation: &OrganisationId, product: &ProductId) -> Result<Vec<LotId>> {
    Ok(lots::table
        .filter(lots::organisation_id.eq(organisation).and(lots::product_id.eq(product)))
        .select(lots::id)
        .order(lots::id)
        .load(db)?)
}

/// Which lots.
#[derive(Default)]
pub struct LotFilter {
    /// Only those of this product.
    pub product_id: Option<ProductId>,
    /// Only those whose text matches.
    pub lot: Option<LotSought>,
}

/// Lots that were at a site which the caller sees, or were used there though the books never had them, by id, after `after`.
/// Those whose text matches, or else those of a product, have an order of their own; what else is asked for is looked for.
///
/// # Errors
/// What the database answers.
pub fn list_lots(db: &mut Db, caller: &Caller, filter: &LotFilter, after: &str, limit: i64) -> Result<Found<Lot, 1>> {
    let led = || {
        let led =
            lots::table.filter(lots::organisation_id.eq(&caller.organisation_id).and(lots::id.gt(after))).into_boxed();
        match (&filter.lot, &filter.product_id) {
            (Some(text), _) => led.filter(lots::lot_key.eq(text.key())),
            (None, Some(product)) => led.filter(lots::product_id.eq(product)),
            (None, None) => led,
        }
    };
    let is_led = caller.sites.is_none() && (filter.lot.is_none() || filter.product_id.is_none());
    let horizon: Option<LotId> = if is_led { None } else { horizon!(db, led(), lots::id)? };
    let mut query = led().select(Lot::as_select()).order(lots::id).limit(limit);
    if let Some(last) = &horizon {
        query = query.filter(lots::id.le(last));
    }
    if let Some(product) = &filter.product_id {
        query = query.filter(lots::product_id.eq(product));
    }
    if let Some(sites) = &caller.sites {
        let there = accounts::table
            .filter(accounts::lot_id.eq(lots::id).and(accounts::site_id.assume_not_null().eq_any(sites)));
        let used = administrations::table
            .filter(administrations::organisation_id.eq(&caller.organisation_id))
            .filter(administrations::lot_id.eq(lots::id).and(administrations::location_id.is_null()))
            .filter(administrations::site_id.eq_any(sites));
        query = query.filter(exists(there).or(exists(used)));
    }
    Ok(Found { items: query.load(db)?, looked_at: horizon.map(|id| [id.to_string()]) })
}

/// Whether a lot was ever at one of the sites that the caller sees, or was used there though the books never had it.
///
/// # Errors
/// What the database answers.
pub fn is_visible(db: &mut Db, caller: &Caller, lot: &LotId) -> Result<bool> {
    let Some(sites) = &caller.sites else { return Ok(true) };
    if !visible(db, caller, &[lot])?.is_empty() {
        return Ok(true);
    }
    let used: Option<String> = administrations::table
        .filter(administrations::organisation_id.eq(&caller.organisation_id).and(administrations::lot_id.eq(lot)))
        .filter(administrations::location_id.is_null().and(administrations::site_id.eq_any(sites)))
        .select(administrations::id)
        .first(db)
        .optional()?;
    Ok(used.is_some())
}

/// Of these lots those that were ever at one of the sites that the caller sees.
///
/// # Errors
/// What the database answers.
pub fn visible(db: &mut Db, caller: &Caller, ids: &[&LotId]) -> Result<Vec<LotId>> {
    let Some(sites) = caller.sites.as_ref().filter(|_| !ids.is_empty()) else {
        return Ok(ids.iter().copied().cloned().collect());
    };
    Ok(accounts::table
        .filter(accounts::organisation_id.eq(&caller.organisation_id))
        .filter(accounts::lot_id.eq_any(ids.iter().copied()))
        .filter(accounts::site_id.assume_not_null().eq_any(sites))
        .select(accounts::lot_id)
        .distinct()
        .load(db)?)
}

/// All accounts of lots, the earliest use-by date first.
///
/// # Errors
/// What the database answers.
pub fn balances(db: &mut Db, organisation: &OrganisationId, ids: &[&LotId]) -> Result<Vec<Balance>> {
    let query = accounts::table
        .filter(accounts::organisation_id.eq(organisation))
        .filter(accounts::lot_id.eq_any(ids.iter().copied()))
        .select(Balance::as_select())
        .order((accounts::use_by, accounts::id));
    Ok(Prepared::over(ids.len(), query).load(db)?)
}

/// All accounts of a lot, the earliest use-by date first.
///
/// # Errors
/// What the database answers.
pub fn balances_of(db: &mut Db, organisation: &OrganisationId, lot: &LotId) -> Result<Vec<Balance>> {
    enum BalancesOf {}
    Ok(on_either!(db, conn => Named::<BalancesOf, _>::of(accounts::table
        .filter(accounts::organisation_id.eq(organisation).and(accounts::lot_id.eq(lot)))
        .select(Balance::as_select())
        .order((accounts::use_by, accounts::id)))
        .load(conn)?))
}

/// The accounts of lots that are not empty, the earliest use-by date first.
///
/// # Errors
/// What the database answers.
pub fn balances_with_units(db: &mut Db, organisation: &OrganisationId, ids: &[&LotId]) -> Result<Vec<Balance>> {
    let query = accounts::table
        .filter(accounts::organisation_id.eq(organisation))
        .filter(accounts::lot_id.eq_any(ids.iter().copied()).and(sql::<Bool>("accounts.units <> 0")))
        .select(Balance::as_select())
        .order((accounts::use_by, accounts::id));
    Ok(Prepared::over(ids.len(), query).load(db)?)
}

/// The account of that id, if the organisation has it.
///
/// # Errors
/// What the database answers.
pub fn account(db: &mut Db, organisation: &OrganisationId, id: &AccountId) -> Result<Option<Balance>> {
    let found = accounts::table
        .filter(accounts::organisation_id.eq(organisation).and(accounts::id.eq(id)))
        .select(Balance::as_select())
        .first(db)
        .optional()?;
    Ok(found)
}

/// Corrects when a lot was made.
///
/// # Errors
/// What the database answers.
pub fn set_production_date(
    tables: &mut Tables<'_>,
    organisation: &OrganisationId,
    lot: &LotId,
    day: NaiveDate,
) -> Result<()> {
    let db = tables.db();
    diesel::update(lots::table.filter(lots::organisation_id.eq(organisation).and(lots::id.eq(lot))))
        .set(lots::production_date.eq(day))
        .execute(db)?;
    Ok(())
}

/// Which stock.
#[derive(Default)]
pub struct StockFilter {
    /// Only at this site.
    pub site_id: Option<SiteId>,
    /// Only of this product.
    pub product_id: Option<ProductId>,
    /// Only of this lot.
    pub lot_id: Option<LotId>,
    /// Only at this location.
    pub location_id: Option<LocationId>,
    /// Only in this disposition.
    pub state: Option<Disposition>,
    /// Only what expires before this day.
    pub expiring_before: Option<NaiveDate>,
}

/// What is on hand, in the words of the indexes of that: an account that was emptied is not looked at.
const ON_HAND: &str = "(accounts.units > 0 AND accounts.use_by IS NOT NULL)";

/// Units on hand, first expired first out: by use-by date, then by account. Those of a lot, at a location or at a site (the
/// first of these that is asked for, or the only site that the caller sees) have an order of their own; what else is asked for
/// is looked for.
///
/// # Errors
/// What the database answers.
// Long because each filter has the index that leads it, and they are seen to exclude each other when they stand together.
pub fn list_stock(
    db: &mut Db,
    caller: &Caller,
    filter: &StockFilter,
    after: (NaiveDate, &str),
    limit: i64,
) -> Result<Found<(Balance, Lot), 2>> {
    let use_by = accounts::use_by.assume_not_null();
    let only = caller.only_site();
    let led = || {
        let later = sql::<Bool>("(accounts.use_by, accounts.id) > (")
            .bind::<Date, _>(after.0)
            .sql(", ")
            .bind::<Text, _>(after.1)
            .sql(")");
        let mut led = accounts::table
            .inner_join(lots::table)
            .filter(accounts::organisation_id.eq(&caller.organisation_id))
            .filter(sql::<Bool>(ON_HAND).and(later))
            .into_boxed();
        if let Some(day) = filter.expiring_before {
            led = led.filter(use_by.lt(day));
        }
        if let Some(lot) = &filter.lot_id {
            led = led.filter(accounts::lot_id.eq(lot).and(sql::<Bool>("accounts.units <> 0")));
        } else if let Some(location) = &filter.location_id {
            led = led.filter(accounts::location_id.eq(location));
        } else if let Some(site) = filter.site_id.as_ref().or(only) {
            led = led.filter(accounts::site_id.eq(site));
        }
        led
    };
    let asked = [filter.lot_id.is_some(), filter.location_id.is_some(), filter.site_id.is_some() || only.is_some()];
    let is_led = asked.into_iter().filter(|asked| *asked).count() < 2
        && filter.product_id.is_none()
        && filter.state.is_none()
        && (caller.sites.is_none() || only.is_some());
    let horizon: Option<(Option<NaiveDate>, AccountId)> =
        if is_led { None } else { horizon!(db, led(), (accounts::use_by, accounts::id))? };
    let mut query =
        led().select((Balance::as_select(), Lot::as_select())).order((accounts::use_by, accounts::id)).limit(limit);
    if let Some((day, id)) = &horizon {
        let no_later = sql::<Bool>("(accounts.use_by, accounts.id) <= (")
            .bind::<Nullable<Date>, _>(*day)
            .sql(", ")
            .bind::<Text, _>(id)
            .sql(")");
        query = query.filter(no_later);
    }
    if let Some(sites) = &caller.sites {
        query = query.filter(accounts::site_id.assume_not_null().eq_any(sites));
    }
    if let Some(site) = &filter.site_id {
        query = query.filter(accounts::site_id.eq(site));
    }
    if let Some(product) = &filter.product_id {
        query = query.filter(lots::product_id.eq(product));
    }
    if let Some(location) = &filter.location_id {
        query = query.filter(accounts::location_id.eq(location));
    }
    if let Some(state) = filter.state {
        query = query.filter(accounts::kind.eq(AccountKind::from(state)));
    }
    let looked_at = horizon.as_ref().map(|(day, id)| [day.unwrap_or(NaiveDate::MAX).to_string(), id.to_string()]);
    Ok(Found { items: query.load(db)?, looked_at })
}

/// Units in a location for stock that must not stay there: held, rejected, or expired by `today`; no more than
/// [`LOOKED_AT_MAX`] of those set apart and of those expired are looked at.
///
/// # Errors
/// What the database answers.
pub fn misplaced(
    db: &mut Db,
    caller: &Caller,
    site: Option<&SiteId>,
    today: NaiveDate,
    limit: i64,
) -> Result<Vec<(Balance, Lot)>> {
    let use_by = accounts::use_by.assume_not_null();
    let on_hand = || {
        accounts::table
            .inner_join(lots::table)
            .filter(accounts::organisation_id.eq(&caller.organisation_id).and(sql::<Bool>(ON_HAND)))
            .select((Balance::as_select(), Lot::as_select()))
            .order((accounts::use_by, accounts::id))
            .limit(LOOKED_AT_MAX)
    };
    let mut found: Vec<(Balance, Lot)> = on_hand().filter(use_by.lt(today)).load(db)?;
    let set_apart = sql::<Bool>("accounts.kind IN ('held', 'rejected')");
    found.extend(on_hand().filter(use_by.ge(today).and(set_apart)).load(db)?);
    let places: Vec<_> = found.iter().filter_map(|(account, _)| account.location_id.clone()).collect();
    let for_stock: BTreeSet<LocationId> = locations::table
        .filter(locations::organisation_id.eq(&caller.organisation_id).and(locations::id.eq_any(places)))
        .filter(locations::purpose.eq(Purpose::Stock))
        .select(locations::id)
        .load(db)?
        .into_iter()
        .collect();
    found.retain(|(account, _)| {
        let is_seen = |at: &SiteId| caller.sees(at) && site.is_none_or(|site| site == at);
        account.site_id.as_ref().is_some_and(is_seen)
            && account.location_id.as_ref().is_some_and(|place| for_stock.contains(place))
    });
    found.sort_by(|(a, _), (b, _)| (a.use_by, &a.id).cmp(&(b.use_by, &b.id)));
    found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(found)
}
