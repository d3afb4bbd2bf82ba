//! The tables of lots, accounts and packs. Only [`super::ledger`] changes balances.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use diesel::dsl::{exists, sql};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Bool, Date, Nullable, Text};

use super::model::{AccountKind, Balance, Disposition, Lot, Numbered, Pack, PackBalance};
use crate::caller::Caller;
use crate::catalogue::model::Identifier;
use crate::db::schema::administration_voids;
use crate::db::schema::{accounts, administrations, locations, lots, pack_balances, packs, receipt_lines};
use crate::db::{Db, on_either};
use crate::error::Result;
use crate::http::paging::{Found, horizon};
use crate::ids::{AccountId, LocationId, LotId, OrganisationId, PackId, ProductId, ReceiptLineId, SiteId};
use crate::journal::tables::Tables;
use crate::limits::LOOKED_AT_MAX;
use crate::sites::model::{Location, Purpose};
use crate::values::Json;
use crate::values::{LotSought, LotText, Serial};
use diesel::dsl::not;
use diesel::sql_types::BigInt;

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

/// Adds packs.
///
/// # Errors
/// What the database answers; a unique violation is always a serial number.
pub fn insert_packs(tables: &mut Tables<'_>, new: &[Pack]) -> Result<()> {
    let db = tables.db();
    on_either!(db, conn => diesel::insert_into(packs::table).values(new).execute(conn)?);
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
    Ok(lots::table
        .filter(lots::organisation_id.eq(organisation).and(lots::id.eq_any(ids.iter().copied())))
        .select(Lot::as_select())
        .load(db)?)
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
    Ok(lots::table
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
        .limit(ALIKE_MAX)
        .load(db)?)
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
    if let Db::Postgres(conn) = db {
        lots::table
            .filter(lots::organisation_id.eq(organisation).and(lots::id.eq_any(ids)))
            .select(lots::id)
            .order(lots::id)
            .for_no_key_update()
            .load::<String>(conn)?;
    }
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
    Ok(accounts::table
        .filter(accounts::organisation_id.eq(organisation))
        .filter(accounts::lot_id.eq_any(ids.iter().copied()))
        .select(Balance::as_select())
        .order((accounts::use_by, accounts::id))
        .load(db)?)
}

/// The accounts of lots that are not empty, the earliest use-by date first.
///
/// # Errors
/// What the database answers.
pub fn balances_with_units(db: &mut Db, organisation: &OrganisationId, ids: &[&LotId]) -> Result<Vec<Balance>> {
    Ok(accounts::table
        .filter(accounts::organisation_id.eq(organisation))
        .filter(accounts::lot_id.eq_any(ids.iter().copied()).and(sql::<Bool>("accounts.units <> 0")))
        .select(Balance::as_select())
        .order((accounts::use_by, accounts::id))
        .load(db)?)
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

/// The pack with a serial number of a product, if it was received: a number that was only ever mis-keyed is no pack's.
///
/// # Errors
/// What the database answers.
pub fn pack(db: &mut Db, organisation: &OrganisationId, product: &ProductId, serial: &Serial) -> Result<Option<Pack>> {
    let line = receipt_lines::table.filter(receipt_lines::id.eq(packs::receipt_line_id).and(receipt_lines::stands));
    let units = pack_balances::table.filter(pack_balances::pack_id.eq(packs::id).and(pack_balances::units.ne(0)));
    let found = packs::table
        .filter(
            packs::organisation_id.eq(organisation).and(packs::product_id.eq(product)).and(packs::serial.eq(serial)),
        )
        .filter(diesel::dsl::exists(line).or(diesel::dsl::exists(units)))
        .select(Pack::as_select())
        .first(db)
        .optional()?;
    Ok(found)
}

/// The packs of these ids, if the organisation has them.
///
/// # Errors
/// What the database answers.
pub fn packs_by_id(db: &mut Db, organisation: &OrganisationId, ids: &[&PackId]) -> Result<Vec<Pack>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(packs::table
        .filter(packs::organisation_id.eq(organisation).and(packs::id.eq_any(ids.iter().copied())))
        .select(Pack::as_select())
        .order(packs::id)
        .load(db)?)
}

/// Whether units of a lot were ever received under serial numbers. A case's number is none of those.
///
/// # Errors
/// What the database answers.
pub fn has_packs(db: &mut Db, organisation: &OrganisationId, lot: &LotId) -> Result<bool> {
    let units = pack_balances::table.filter(pack_balances::pack_id.eq(packs::id).and(pack_balances::units.ne(0)));
    let of_lot = packs::table
        .filter(packs::organisation_id.eq(organisation).and(packs::lot_id.eq(lot)))
        .filter(diesel::dsl::exists(units));
    Ok(diesel::select(diesel::dsl::exists(of_lot)).get_result(db)?)
}

/// Moves packs to the lot and the receipt line that they are of: those of a mis-keyed line, and those that arrive again.
///
/// # Errors
/// What the database answers.
pub fn move_packs(
    tables: &mut Tables<'_>,
    organisation: &OrganisationId,
    ids: &[PackId],
    lot: &LotId,
    line: &ReceiptLineId,
) -> Result<()> {
    let db = tables.db();
    diesel::update(packs::table.filter(packs::organisation_id.eq(organisation).and(packs::id.eq_any(ids))))
        .set((packs::lot_id.eq(lot), packs::receipt_line_id.eq(line)))
        .execute(db)?;
    Ok(())
}

/// The packs of a receipt line.
///
/// # Errors
/// What the database answers.
pub fn packs_of_line(db: &mut Db, organisation: &OrganisationId, line: &ReceiptLineId) -> Result<Vec<Pack>> {
    Ok(packs::table
        .filter(packs::organisation_id.eq(organisation).and(packs::receipt_line_id.eq(line)))
        .select(Pack::as_select())
        .order(packs::id)
        .load(db)?)
}

/// The units of a receipt line's packs that are inside, pack by pack.
///
/// # Errors
/// What the database answers.
pub fn inside_of_line(db: &mut Db, organisation: &OrganisationId, line: &ReceiptLineId) -> Result<Vec<PackBalance>> {
    let rows: Vec<(Pack, Balance, i64)> = packs::table
        .inner_join(pack_balances::table.on(pack_balances::pack_id.eq(packs::id)))
        .inner_join(accounts::table.on(accounts::id.eq(pack_balances::account_id)))
        .filter(packs::organisation_id.eq(organisation).and(packs::receipt_line_id.eq(line)))
        .filter(accounts::location_id.is_not_null().and(pack_balances::units.gt(0)))
        .select((Pack::as_select(), Balance::as_select(), pack_balances::units))
        .order((packs::id, accounts::id))
        .load(db)?;
    Ok(rows.into_iter().map(|(pack, account, units)| PackBalance { pack, account, units }).collect())
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

/// What was received under a serial number of a product, and where its units are, in one query; a pack that was received
/// has at least the account that it came from, unless the number is that of a case.
///
/// # Errors
/// What the database answers.
pub fn numbered(
    db: &mut Db,
    organisation: &OrganisationId,
    product: &ProductId,
    serial: &Serial,
) -> Result<Option<Numbered>> {
    let rows = packs::table
        .inner_join(receipt_lines::table.on(receipt_lines::id.eq(packs::receipt_line_id)))
        .left_join(pack_balances::table.on(pack_balances::pack_id.eq(packs::id)))
        .left_join(accounts::table.on(accounts::id.nullable().eq(pack_balances::account_id.nullable())))
        .filter(
            packs::organisation_id.eq(organisation).and(packs::product_id.eq(product)).and(packs::serial.eq(serial)),
        )
        .select((
            Pack::as_select(),
            (receipt_lines::units, receipt_lines::packs, receipt_lines::stands),
            Option::<Balance>::as_select(),
            pack_balances::units.nullable(),
        ))
        .order((accounts::use_by.nullable(), accounts::id.nullable()))
        .load(db)?;
    Ok(by_number(rows).into_iter().next().filter(Numbered::was_here))
}

/// The same of several serial numbers, also of those that were only mis-keyed.
///
/// # Errors
/// What the database answers.
pub fn all_numbered(
    db: &mut Db,
    organisation: &OrganisationId,
    product: &ProductId,
    serials: &[Serial],
) -> Result<Vec<Numbered>> {
    if serials.is_empty() {
        return Ok(Vec::new());
    }
    let rows = packs::table
        .inner_join(receipt_lines::table.on(receipt_lines::id.eq(packs::receipt_line_id)))
        .left_join(pack_balances::table.on(pack_balances::pack_id.eq(packs::id)))
        .left_join(accounts::table.on(accounts::id.nullable().eq(pack_balances::account_id.nullable())))
        .filter(packs::organisation_id.eq(organisation).and(packs::product_id.eq(product)))
        .filter(packs::serial.eq_any(serials))
        .select((
            Pack::as_select(),
            (receipt_lines::units, receipt_lines::packs, receipt_lines::stands),
            Option::<Balance>::as_select(),
            pack_balances::units.nullable(),
        ))
        .order((packs::serial, accounts::use_by.nullable(), accounts::id.nullable()))
        .load(db)?;
    Ok(by_number(rows))
}

/// A pack with units and packs of its line and whether that stands, and one of its accounts with its units there.
type NumberedRow = (Pack, (i64, i64, bool), Option<Balance>, Option<i64>);

fn by_number(rows: Vec<NumberedRow>) -> Vec<Numbered> {
    let mut found: Vec<Numbered> = Vec::new();
    for (pack, (units, packs, stands), account, units_there) in rows {
        if found.last().is_none_or(|last| last.pack.id != pack.id) {
            let marks = units.checked_div(packs).unwrap_or(0);
            found.push(Numbered { pack: pack.clone(), marks, stands, balances: Vec::new() });
        }
        if let (Some(last), Some(account), Some(units)) = (found.last_mut(), account, units_there) {
            last.balances.push(PackBalance { pack, account, units });
        }
    }
    found
}

/// A pack's units by account.
///
/// # Errors
/// What the database answers.
pub fn pack_balances(db: &mut Db, pack: &Pack) -> Result<Vec<PackBalance>> {
    let rows: Vec<(Balance, i64)> = pack_balances::table
        .inner_join(accounts::table.on(accounts::id.eq(pack_balances::account_id)))
        .filter(pack_balances::pack_id.eq(&pack.id))
        .select((Balance::as_select(), pack_balances::units))
        .order((accounts::use_by, accounts::id))
        .load(db)?;
    Ok(rows.into_iter().map(|(account, units)| PackBalance { pack: pack.clone(), account, units }).collect())
}

/// How many units of each account belong to packs with serial numbers.
///
/// # Errors
/// What the database answers.
pub fn units_in_packs(db: &mut Db, accounts: &[&Balance]) -> Result<Vec<(AccountId, i64)>> {
    let sum = diesel::dsl::sql::<diesel::sql_types::BigInt>("CAST(COALESCE(SUM(units), 0) AS BIGINT)");
    Ok(pack_balances::table
        .filter(pack_balances::account_id.eq_any(accounts.iter().map(|balance| &balance.id)))
        .group_by(pack_balances::account_id)
        .select((pack_balances::account_id, sum))
        .load(db)?)
}

/// The packs that hold or held units in accounts, with how many; `now` leaves out those that hold none any more.
///
/// # Errors
/// What the database answers.
pub fn packs_in(db: &mut Db, accounts: &[&Balance], now: bool) -> Result<Vec<PackBalance>> {
    let least = if now { 1 } else { i64::MIN };
    let rows: Vec<(Pack, AccountId, i64)> = pack_balances::table
        .inner_join(packs::table.on(packs::id.eq(pack_balances::pack_id)))
        .filter(pack_balances::account_id.eq_any(accounts.iter().map(|account| &account.id)))
        .filter(pack_balances::units.ge(least))
        .select((Pack::as_select(), pack_balances::account_id, pack_balances::units))
        .order((pack_balances::account_id, pack_balances::pack_id))
        .load(db)?;
    Ok(rows
        .into_iter()
        .filter_map(|(pack, id, units)| {
            let account = accounts.iter().find(|account| account.id == id)?;
            Some(PackBalance { pack, account: (*account).clone(), units })
        })
        .collect())
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
pub fn list_stock(
    db: &mut Db,
    caller: &Caller,
    filter: &StockFilter,
    after: (NaiveDate, &str),
    limit: i64,
) -> Result<Found<(Balance, Lot), 2>> {
    let use_by = accounts::use_by.assume_not_null();
    let only = match caller.sites.as_deref() {
        Some([only]) => Some(only),
        _ => None,
    };
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

/// What a line was received as; none for lines from before it was kept.
///
/// # Errors
/// What the database answers.
pub fn received_as(db: &mut Db, organisation: &OrganisationId, line: &ReceiptLineId) -> Result<Option<Identifier>> {
    let found: Option<Option<Json<Identifier>>> = receipt_lines::table
        .filter(receipt_lines::organisation_id.eq(organisation).and(receipt_lines::id.eq(line)))
        .select(receipt_lines::identifier)
        .first(db)
        .optional()?;
    Ok(found.flatten().map(Json::into_inner))
}

/// How many units of a product were administered under each of these serial numbers and not voided; numbers that none were
/// administered under are left out.
///
/// # Errors
/// What the database answers.
pub fn units_under_serials(
    db: &mut Db,
    organisation: &OrganisationId,
    product: &ProductId,
    serials: &[Serial],
) -> Result<Vec<(Serial, i64)>> {
    if serials.is_empty() {
        return Ok(Vec::new());
    }
    let voided = administration_voids::table.filter(administration_voids::administration_id.eq(administrations::id));
    let found: Vec<(Option<Serial>, i64)> = administrations::table
        .filter(administrations::organisation_id.eq(organisation))
        .filter(administrations::product_id.eq(product).and(administrations::serial.eq_any(serials)))
        .filter(not(exists(voided)))
        .group_by(administrations::serial)
        .select((administrations::serial, sql::<BigInt>("CAST(COALESCE(SUM(units), 0) AS BIGINT)")))
        .load(db)?;
    Ok(found.into_iter().filter_map(|(serial, units)| Some((serial?, units))).collect())
}
