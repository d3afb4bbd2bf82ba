//! What was counted beside what the books say, lot by lot at each place: when counting is over, and not before.
//!
//! Books and shelf are compared as they were when the last of a lot was scanned at a place. That is known where nothing of it has
//! come there or left since the first of it was scanned (or, where nothing was, since counting began): otherwise nobody can say
//! which of the units had been counted, and it is to be counted again.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::model::{Scan, StockTake};
use super::rules::{self, Compared, Here, Seen};
use super::store;
use crate::clock::Moment;
use crate::command::DAYS_BACK;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::ids::{LocationId, LotId, OrganisationId, PackId};
use crate::limits::{STOCK_TAKE_LINES_MAX, STOCK_TAKE_SCANS_MAX};
use crate::problem::ProblemCode;
use crate::stock::books;
use crate::stock::model::{Balance, PackBalance};

/// A lot at a place.
pub(super) type Key = (LocationId, LotId);

/// The scans of a stock-take that count.
///
/// # Errors
/// What the database answers.
pub(super) fn scans(db: &mut Db, take: &StockTake) -> Result<Vec<Scan>> {
    let most = i64::try_from(STOCK_TAKE_SCANS_MAX).unwrap_or(i64::MAX);
    let mut found = store::scans(db, &take.organisation_id, &take.id, "", most)?;
    found.retain(|scan| take.counts(scan));
    Ok(found)
}

/// The lots that lie at the places of a stock-take, by the books.
///
/// # Errors
/// `stock_take_too_large`.
pub(super) fn lying(db: &mut Db, organisation: &OrganisationId, places: &[LocationId]) -> Result<BTreeSet<Key>> {
    let most = i64::try_from(STOCK_TAKE_SCANS_MAX).unwrap_or(i64::MAX);
    let mut found = BTreeSet::new();
    for place in places {
        let lots = crate::stock::service::on_hand_at(db, organisation, place, most.saturating_add(1))?;
        if lots.len() > STOCK_TAKE_SCANS_MAX {
            return Err(too_large());
        }
        found.extend(lots.into_iter().map(|lot| (place.clone(), lot)));
    }
    if found.len() > STOCK_TAKE_LINES_MAX { Err(too_large()) } else { Ok(found) }
}

/// More than one stock-take can have.
pub(super) fn too_large() -> Error {
    let detail = format!(
        "More than {STOCK_TAKE_LINES_MAX} lots at their places, or {STOCK_TAKE_SCANS_MAX} scans or packs: count fewer places at once."
    );
    Error::problem(ProblemCode::StockTakeTooLarge, detail)
}

/// Compares what was counted with the books: every lot that was scanned or that lies there, at each place.
///
/// # Errors
/// `stock_take_too_large`.
pub(super) fn compare(db: &mut Db, take: &StockTake, now: Moment) -> Result<Vec<Compared>> {
    let organisation = &take.organisation_id;
    let mut keys = lying(db, organisation, &take.location_ids)?;
    let mut scanned: BTreeMap<Key, Vec<Scan>> = BTreeMap::new();
    for scan in scans(db, take)? {
        scanned.entry((scan.location_id.clone(), scan.lot_id.clone())).or_default().push(scan);
    }
    keys.extend(scanned.keys().cloned());
    if keys.len() > STOCK_TAKE_LINES_MAX {
        return Err(too_large());
    }
    let accounts = accounts(db, organisation, &keys)?;
    let packs = packs(db, &accounts, &scanned)?;
    let elsewhere = where_packs_are(db, organisation, &scanned)?;
    let sums = sums(&keys, &scanned);
    let mut compared = Vec::with_capacity(keys.len());
    for key in &keys {
        let scans = scanned.get(key).map(Vec::as_slice).unwrap_or_default();
        let none = Vec::new();
        let own = accounts.get(key).unwrap_or(&none);
        let first = scans.iter().map(|scan| scan.scanned_at).min();
        let since = first.unwrap_or_else(|| take.counted_since(&key.0, &key.1));
        let last = scans.iter().map(|scan| scan.scanned_at).max();
        let counted_at = last.or(take.closed_at).unwrap_or(now);
        let is_old = counted_at < now.plus_days(-DAYS_BACK);
        let mut again = is_old;
        if !again && own.iter().any(|account| account.changed_at > since) {
            again = books::at(db, organisation, &key.1, Some(since))?.has_moved_at(&key.0);
        }
        // Of what has moved, the books of when it was counted; too long ago, nobody reads all that moved since.
        let on_books = match again && !is_old {
            true => books::at(db, organisation, &key.1, Some(counted_at))?.units_at(&key.0),
            false => own.iter().map(|account| account.units).sum(),
        };
        let here = Here {
            location: &key.0,
            lot: &key.1,
            on_books,
            packs: packs.get(key).map(Vec::as_slice).unwrap_or_default(),
        };
        let seen = Seen {
            scans,
            places: &take.location_ids,
            sums: &sums,
            where_packs_are: &elsewhere,
            closed_by: take.closed_by.as_ref(),
        };
        compared.push(rules::compare(&here, &seen, counted_at, again));
    }
    Ok(compared)
}

/// All accounts of the lots, at each place.
fn accounts(db: &mut Db, organisation: &OrganisationId, keys: &BTreeSet<Key>) -> Result<BTreeMap<Key, Vec<Balance>>> {
    let mut by_place: BTreeMap<&LocationId, Vec<&LotId>> = BTreeMap::new();
    for (place, lot) in keys {
        by_place.entry(place).or_default().push(lot);
    }
    let mut found: BTreeMap<Key, Vec<Balance>> = BTreeMap::new();
    for (place, lots) in by_place {
        for account in crate::stock::service::accounts_of(db, organisation, place, &lots)? {
            found.entry((place.clone(), account.lot_id.clone())).or_default().push(account);
        }
    }
    Ok(found)
}

/// The packs that lie there, of lots of which something was scanned by its number.
fn packs(
    db: &mut Db,
    accounts: &BTreeMap<Key, Vec<Balance>>,
    scanned: &BTreeMap<Key, Vec<Scan>>,
) -> Result<BTreeMap<Key, Vec<PackBalance>>> {
    let by_number = scanned.iter().filter(|(_, scans)| scans.iter().any(|scan| scan.pack_id.is_some()));
    let accounts: Vec<&Balance> =
        by_number.filter_map(|(key, _)| accounts.get(key)).flatten().filter(|account| account.units > 0).collect();
    let mut found: BTreeMap<Key, Vec<PackBalance>> = BTreeMap::new();
    if accounts.is_empty() {
        return Ok(found);
    }
    let most = i64::try_from(STOCK_TAKE_SCANS_MAX).unwrap_or(i64::MAX);
    let rows = crate::stock::service::packs_lying(db, &accounts, most.saturating_add(1))?;
    if rows.len() > STOCK_TAKE_SCANS_MAX {
        return Err(too_large());
    }
    for row in rows {
        if let Some(place) = row.account.location_id.clone() {
            found.entry((place, row.account.lot_id.clone())).or_default().push(row);
        }
    }
    Ok(found)
}

/// Where the units of scanned packs are by the books.
fn where_packs_are(
    db: &mut Db,
    organisation: &OrganisationId,
    scanned: &BTreeMap<Key, Vec<Scan>>,
) -> Result<HashMap<PackId, Vec<PackBalance>>> {
    let ids: Vec<PackId> = scanned.values().flatten().filter_map(|scan| scan.pack_id.clone()).collect();
    let mut found: HashMap<PackId, Vec<PackBalance>> = HashMap::new();
    if ids.is_empty() {
        return Ok(found);
    }
    for row in crate::stock::service::balances_of_packs(db, organisation, &ids)? {
        found.entry(row.pack.id.clone()).or_default().push(row);
    }
    Ok(found)
}

/// How many units of each lot were counted at each place, and whether any of them by its number.
fn sums(keys: &BTreeSet<Key>, scanned: &BTreeMap<Key, Vec<Scan>>) -> HashMap<Key, (i64, bool)> {
    let sum = |key: &Key| {
        let scans = scanned.get(key).map(Vec::as_slice).unwrap_or_default();
        let units = scans.iter().map(|scan| scan.units).sum();
        (units, scans.iter().any(|scan| scan.pack_id.is_some()))
    };
    keys.iter().map(|key| (key.clone(), sum(key))).collect()
}
