//! The tables of stock-takes.

use diesel::prelude::*;

use super::model::{Ending, Recount, Scan, StockTake, StockTakeState, Told};
use crate::caller::Caller;
use crate::clock::Moment;
use crate::db::schema::{locations, stock_take_scans, stock_takes};
use crate::db::{Db, lock_rows, on_either};
use crate::error::{Error, Result};
use crate::http::paging::{Found, horizon};
use crate::ids::{LocationId, OrganisationId, SiteId, StockTakeId, StockTakeScanId};
use crate::journal::tables::Tables;
use crate::values::{Json, Prose};

/// Adds a stock-take.
///
/// # Errors
/// What the database answers.
pub fn insert(tables: &mut Tables<'_>, new: &StockTake) -> Result<()> {
    let db = tables.db();
    diesel::insert_into(stock_takes::table).values(new).execute(db)?;
    Ok(())
}

/// Adds scans.
///
/// # Errors
/// What the database answers.
pub fn insert_scans(tables: &mut Tables<'_>, new: &[Scan]) -> Result<()> {
    let db = tables.db();
    on_either!(db, conn => diesel::insert_into(stock_take_scans::table).values(new).execute(conn)?);
    Ok(())
}

/// Takes back a scan; false when it was taken back before.
///
/// # Errors
/// What the database answers.
pub fn withdraw(
    tables: &mut Tables<'_>,
    organisation: &OrganisationId,
    id: &StockTakeScanId,
    (by, at): (&str, Moment),
    reason: &Prose,
) -> Result<bool> {
    let db = tables.db();
    let standing = stock_take_scans::table
        .filter(stock_take_scans::organisation_id.eq(organisation).and(stock_take_scans::id.eq(id)))
        .filter(stock_take_scans::withdrawn_at.is_null());
    let changed = diesel::update(standing)
        .set((
            stock_take_scans::withdrawn_by.eq(by),
            stock_take_scans::withdrawn_at.eq(at),
            stock_take_scans::withdrawn_reason.eq(reason),
        ))
        .execute(db)?;
    Ok(changed == 1)
}

/// Ends counting; false when it had ended.
///
/// # Errors
/// What the database answers.
pub fn close(tables: &mut Tables<'_>, organisation: &OrganisationId, closing: &Ending) -> Result<bool> {
    let db = tables.db();
    let counting = stock_takes::table
        .filter(stock_takes::organisation_id.eq(organisation).and(stock_takes::id.eq(&closing.stock_take_id)))
        .filter(stock_takes::state.eq(StockTakeState::Counting));
    let changed = diesel::update(counting)
        .set((
            stock_takes::state.eq(StockTakeState::Closed),
            stock_takes::closed_by.eq(&closing.by),
            stock_takes::closed_at.eq(closing.at),
        ))
        .execute(db)?;
    Ok(changed == 1)
}

/// Begins another round of counting; false when it was not closed.
///
/// # Errors
/// What the database answers.
pub fn reopen(
    tables: &mut Tables<'_>,
    organisation: &OrganisationId,
    id: &StockTakeId,
    round: i32,
    recounts: &[Recount],
) -> Result<bool> {
    let db = tables.db();
    let found = stock_take(db, organisation, id)?.ok_or_else(|| Error::internal("a stock-take that is not there"))?;
    let mut all = found.recounts.into_inner();
    all.extend(recounts.iter().cloned());
    let closed = stock_takes::table
        .filter(stock_takes::organisation_id.eq(organisation).and(stock_takes::id.eq(id)))
        .filter(stock_takes::state.eq(StockTakeState::Closed));
    let changed = diesel::update(closed)
        .set((
            stock_takes::state.eq(StockTakeState::Counting),
            stock_takes::round.eq(round),
            stock_takes::recounts.eq(Json::new(all)),
        ))
        .execute(db)?;
    Ok(changed == 1)
}

/// Ends a stock-take; false when it had ended.
///
/// # Errors
/// What the database answers.
pub fn end(
    tables: &mut Tables<'_>,
    organisation: &OrganisationId,
    ending: &Ending,
    (state, told): (StockTakeState, &[Told]),
) -> Result<bool> {
    let db = tables.db();
    let told = (!told.is_empty()).then(|| Json::new(told.to_vec()));
    let open = stock_takes::table
        .filter(stock_takes::organisation_id.eq(organisation).and(stock_takes::id.eq(&ending.stock_take_id)))
        .filter(stock_takes::ended_at.is_null());
    let changed = diesel::update(open)
        .set((
            stock_takes::state.eq(state),
            stock_takes::ended_by.eq(&ending.by),
            stock_takes::ended_at.eq(ending.at),
            stock_takes::end_reason.eq(&ending.reason),
            stock_takes::told.eq(told),
        ))
        .execute(db)?;
    Ok(changed == 1)
}

/// The stock-take of that id, if the organisation has it.
///
/// # Errors
/// What the database answers.
pub fn stock_take(db: &mut Db, organisation: &OrganisationId, id: &StockTakeId) -> Result<Option<StockTake>> {
    Ok(stock_takes::table
        .filter(stock_takes::organisation_id.eq(organisation).and(stock_takes::id.eq(id)))
        .select(StockTake::as_select())
        .first(db)
        .optional()?)
}

/// Locks a stock-take until the transaction ends: who counts, closes and approves does so one after the other. On SQLite the
/// one writer is lock enough.
///
/// # Errors
/// What the database answers.
pub fn lock(db: &mut Db, organisation: &OrganisationId, id: &StockTakeId) -> Result<()> {
    lock_rows!(
        db,
        stock_takes::table
            .filter(stock_takes::organisation_id.eq(organisation).and(stock_takes::id.eq(id)))
            .select(stock_takes::id)
    );
    Ok(())
}

/// Which stock-takes.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only of this site.
    pub site_id: Option<SiteId>,
    /// Only those that are so far.
    pub state: Option<StockTakeState>,
}

/// Stock-takes at sites that the caller sees, by id, after `after`. Those of a site have an order of their own; what else is
/// asked for is looked for.
///
/// # Errors
/// What the database answers.
pub fn list(db: &mut Db, caller: &Caller, filter: &Filter, after: &str, limit: i64) -> Result<Found<StockTake, 1>> {
    let Filter { site_id, state } = filter;
    let only = site_id.as_ref().or(caller.only_site());
    let led = || {
        let led = stock_takes::table
            .filter(stock_takes::organisation_id.eq(&caller.organisation_id).and(stock_takes::id.gt(after)))
            .into_boxed();
        match only {
            Some(site) => led.filter(stock_takes::site_id.eq(site)),
            None => led,
        }
    };
    let is_led = state.is_none() && (caller.sites.is_none() || only.is_some());
    let horizon: Option<StockTakeId> = if is_led { None } else { horizon!(db, led(), stock_takes::id)? };
    let mut query = led().select(StockTake::as_select()).order(stock_takes::id).limit(limit);
    if let Some(last) = &horizon {
        query = query.filter(stock_takes::id.le(last));
    }
    if let Some(sites) = &caller.sites {
        query = query.filter(stock_takes::site_id.eq_any(sites));
    }
    if let Some(state) = state {
        query = query.filter(stock_takes::state.eq(state));
    }
    Ok(Found { items: query.load(db)?, looked_at: horizon.map(|id| [id.to_string()]) })
}

/// Stock-takes that wait for somebody, the oldest first: so many at the most are looked at.
///
/// # Errors
/// What the database answers.
pub fn open(db: &mut Db, organisation: &OrganisationId, limit: i64) -> Result<Vec<StockTake>> {
    open_after(db, organisation, "", limit)
}

/// How many open stock-takes are looked at together.
const OPEN_AT_ONCE: i64 = 100;

fn open_after(db: &mut Db, organisation: &OrganisationId, after: &str, limit: i64) -> Result<Vec<StockTake>> {
    // The literal words are those of the index.
    let is_open = diesel::dsl::sql::<diesel::sql_types::Bool>("stock_takes.state IN ('counting', 'closed')");
    Ok(stock_takes::table
        .filter(stock_takes::organisation_id.eq(organisation).and(stock_takes::id.gt(after)).and(is_open))
        .select(StockTake::as_select())
        .order(stock_takes::id)
        .limit(limit)
        .load(db)?)
}

/// The stock-take that is open at a place: its places are counted, or its differences wait.
///
/// # Errors
/// What the database answers.
pub fn open_over(db: &mut Db, organisation: &OrganisationId, places: &[LocationId]) -> Result<Option<StockTake>> {
    let mut after = String::new();
    loop {
        let found = open_after(db, organisation, &after, OPEN_AT_ONCE)?;
        let Some(last) = found.last() else { return Ok(None) };
        after = last.id.to_string();
        let is_over = |take: &StockTake| take.location_ids.iter().any(|place| places.contains(place));
        if let Some(take) = found.into_iter().find(is_over) {
            return Ok(Some(take));
        }
    }
}

/// Locks places until the transaction ends: two stock-takes that are opened over one of them come one after the other. On SQLite
/// the one writer is lock enough.
///
/// # Errors
/// What the database answers.
pub fn lock_places(db: &mut Db, organisation: &OrganisationId, places: &[LocationId]) -> Result<()> {
    lock_rows!(
        db,
        locations::table
            .filter(locations::organisation_id.eq(organisation).and(locations::id.eq_any(places)))
            .select(locations::id)
            .order(locations::id)
    );
    Ok(())
}

/// What was told of the lines of a stock-take when it was approved; none where that was not kept yet.
///
/// # Errors
/// What the database answers.
pub fn told(db: &mut Db, organisation: &OrganisationId, id: &StockTakeId) -> Result<Option<Vec<Told>>> {
    let found: Option<Option<Json<Vec<Told>>>> = stock_takes::table
        .filter(stock_takes::organisation_id.eq(organisation).and(stock_takes::id.eq(id)))
        .select(stock_takes::told)
        .first(db)
        .optional()?;
    Ok(found.flatten().map(Json::into_inner))
}

/// The scans of a stock-take in their order, after `after`.
///
/// # Errors
/// What the database answers.
pub fn scans(
    db: &mut Db,
    organisation: &OrganisationId,
    id: &StockTakeId,
    after: &str,
    limit: i64,
) -> Result<Vec<Scan>> {
    Ok(stock_take_scans::table
        .filter(stock_take_scans::stock_take_id.eq(id).and(stock_take_scans::id.gt(after)))
        .filter(stock_take_scans::organisation_id.eq(organisation))
        .select(Scan::as_select())
        .order((stock_take_scans::stock_take_id, stock_take_scans::id))
        .limit(limit)
        .load(db)?)
}

/// The scan of that id.
///
/// # Errors
/// What the database answers.
pub fn scan(db: &mut Db, organisation: &OrganisationId, id: &StockTakeScanId) -> Result<Option<Scan>> {
    Ok(stock_take_scans::table
        .filter(stock_take_scans::organisation_id.eq(organisation).and(stock_take_scans::id.eq(id)))
        .select(Scan::as_select())
        .first(db)
        .optional()?)
}

/// Who scanned anything in a stock-take, what was taken back included.
///
/// # Errors
/// What the database answers.
pub fn scanners(db: &mut Db, organisation: &OrganisationId, id: &StockTakeId) -> Result<Vec<String>> {
    Ok(stock_take_scans::table
        .filter(stock_take_scans::stock_take_id.eq(id).and(stock_take_scans::organisation_id.eq(organisation)))
        .select(stock_take_scans::scanned_by)
        .distinct()
        .load(db)?)
}

/// How many scans a stock-take has.
///
/// # Errors
/// What the database answers.
pub fn count(db: &mut Db, organisation: &OrganisationId, id: &StockTakeId) -> Result<i64> {
    Ok(stock_take_scans::table
        .filter(stock_take_scans::stock_take_id.eq(id).and(stock_take_scans::organisation_id.eq(organisation)))
        .count()
        .get_result(db)?)
}
