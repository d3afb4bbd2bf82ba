//! The table of movements.

use std::collections::BTreeSet;

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::model::{Movement, MovementKind, MovementReversal, Review, ReviewOutcome};
use crate::caller::Caller;
use crate::clock::Moment;
use crate::db::Db;
use crate::db::schema::{
    administration_voids, administrations, count_reviews, counts_waiting, locations, lots, movement_reversals,
    movements,
};
use crate::error::Result;
use crate::http::paging::{After, Found, horizon, later, no_later};
use crate::http::period::Period;
use crate::ids::{LocationId, LotId, MovementId, OrganisationId, ProductId, SiteId, StockTakeId};
use crate::journal::tables::Tables;
use crate::limits::LOOKED_AT_MAX;
use diesel::dsl::exists;

/// Adds a movement.
///
/// # Errors
/// What the database answers.
pub fn insert(tables: &mut Tables<'_>, movement: &Movement) -> Result<()> {
    let db = tables.db();
    diesel::insert_into(movements::table).values(movement).execute(db)?;
    if movement.waits {
        diesel::insert_into(counts_waiting::table)
            .values((
                counts_waiting::movement_id.eq(&movement.id),
                counts_waiting::organisation_id.eq(&movement.organisation_id),
                counts_waiting::site_id.eq(&movement.site_id),
                counts_waiting::recorded_at.eq(movement.recorded_at),
            ))
            .execute(db)?;
    }
    Ok(())
}

/// Adds what a second person said of a count.
///
/// # Errors
/// What the database answers; a unique violation is always another review of the same count.
pub fn insert_review(tables: &mut Tables<'_>, review: &Review) -> Result<()> {
    let db = tables.db();
    diesel::insert_into(count_reviews::table).values(review).execute(db)?;
    let waited = counts_waiting::table
        .filter(counts_waiting::organisation_id.eq(&review.organisation_id))
        .filter(counts_waiting::movement_id.eq(&review.movement_id));
    diesel::delete(waited).execute(db)?;
    Ok(())
}

/// The reviews of counts.
///
/// # Errors
/// What the database answers.
pub fn reviews(db: &mut Db, organisation: &OrganisationId, ids: &[&MovementId]) -> Result<Vec<Review>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(count_reviews::table
        .filter(count_reviews::organisation_id.eq(organisation))
        .filter(count_reviews::movement_id.eq_any(ids.iter().copied()))
        .select(Review::as_select())
        .load(db)?)
}

/// Adds the reversal of a movement.
///
/// # Errors
/// What the database answers; a unique violation is always another reversal of the same movement.
pub fn insert_reversal(tables: &mut Tables<'_>, reversal: &MovementReversal) -> Result<()> {
    let db = tables.db();
    diesel::insert_into(movement_reversals::table).values(reversal).execute(db)?;
    Ok(())
}

/// The reversals of movements.
///
/// # Errors
/// What the database answers.
pub fn reversals(db: &mut Db, organisation: &OrganisationId, ids: &[&MovementId]) -> Result<Vec<MovementReversal>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(movement_reversals::table
        .filter(movement_reversals::organisation_id.eq(organisation))
        .filter(movement_reversals::movement_id.eq_any(ids.iter().copied()))
        .select(MovementReversal::as_select())
        .load(db)?)
}

/// Counts whose differences somebody should look at: those that wait for a second person, and then those that were posted
/// since a moment and not reversed; the newest first in each. No more than [`LOOKED_AT_MAX`] of each are looked at.
///
/// # Errors
/// What the database answers.
pub fn differences(
    db: &mut Db,
    caller: &Caller,
    site: Option<&SiteId>,
    since: Moment,
    limit: i64,
) -> Result<Vec<Movement>> {
    let is_seen = |at: &SiteId| caller.sees(at) && site.is_none_or(|site| site == at);
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let waiting: Vec<(MovementId, SiteId)> = counts_waiting::table
        .filter(counts_waiting::organisation_id.eq(&caller.organisation_id))
        .select((counts_waiting::movement_id, counts_waiting::site_id))
        .order((counts_waiting::recorded_at.desc(), counts_waiting::movement_id.desc()))
        .limit(LOOKED_AT_MAX)
        .load(db)?;
    let waiting: Vec<_> = waiting.into_iter().filter(|(_, at)| is_seen(at)).take(most).map(|(id, _)| id).collect();
    let mut found = by_ids(db, caller, &waiting)?;
    // The literal words are those of the index.
    let differs = sql::<Bool>("movements.kind = 'count' AND movements.units <> 0");
    let recent: Vec<(MovementId, SiteId, bool)> = movements::table
        .filter(movements::organisation_id.eq(&caller.organisation_id))
        .filter(movements::recorded_at.ge(since).and(differs))
        .select((movements::id, movements::site_id, movements::waits))
        .order((movements::recorded_at.desc(), movements::id.desc()))
        .limit(LOOKED_AT_MAX)
        .load(db)?;
    let ids: Vec<_> = recent.iter().map(|(id, ..)| id).collect();
    let approved = |review: &Review| review.outcome == ReviewOutcome::Approved && review.units != 0;
    let posted: BTreeSet<_> =
        reviews(db, &caller.organisation_id, &ids)?.into_iter().filter(approved).map(|of| of.movement_id).collect();
    let reversed: BTreeSet<_> =
        reversals(db, &caller.organisation_id, &ids)?.into_iter().map(|reversal| reversal.movement_id).collect();
    let recent: Vec<_> = recent
        .into_iter()
        .filter(|(id, at, waits)| is_seen(at) && (!waits || posted.contains(id)) && !reversed.contains(id))
        .take(most.saturating_sub(found.len()))
        .map(|(id, ..)| id)
        .collect();
    found.extend(by_ids(db, caller, &recent)?);
    Ok(found)
}

/// The counts that a stock-take came to.
///
/// # Errors
/// What the database answers.
pub fn of_stock_take(db: &mut Db, organisation: &OrganisationId, id: &StockTakeId) -> Result<Vec<Movement>> {
    Ok(movements::table
        .filter(movements::stock_take_id.eq(id).and(movements::stock_take_id.is_not_null()))
        .filter(movements::organisation_id.eq(organisation))
        .select(Movement::as_select())
        .order(movements::id)
        .load(db)?)
}

/// Counts at a site that wait for a second person, as (place, lot).
///
/// # Errors
/// What the database answers.
pub fn waiting_at(db: &mut Db, organisation: &OrganisationId, site: &SiteId) -> Result<Vec<(LocationId, LotId)>> {
    Ok(counts_waiting::table
        .inner_join(movements::table.on(movements::id.eq(counts_waiting::movement_id)))
        .filter(counts_waiting::organisation_id.eq(organisation).and(counts_waiting::site_id.eq(site)))
        .select((movements::from_location_id, movements::lot_id))
        .load(db)?)
}

/// Movements, the newest first.
fn by_ids(db: &mut Db, caller: &Caller, ids: &[MovementId]) -> Result<Vec<Movement>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(movements::table
        .filter(movements::organisation_id.eq(&caller.organisation_id).and(movements::id.eq_any(ids)))
        .select(Movement::as_select())
        .order((movements::recorded_at.desc(), movements::id.desc()))
        .load(db)?)
}

/// Which movements.
#[derive(Default)]
pub struct Filter {
    /// Only this one.
    pub id: Option<MovementId>,
    /// Only of this lot.
    pub lot_id: Option<LotId>,
    /// Only of this kind.
    pub kind: Option<MovementKind>,
    /// Only from or to this site.
    pub site_id: Option<SiteId>,
    /// Only from or to this place.
    pub location_id: Option<LocationId>,
    /// Only of this product.
    pub product_id: Option<ProductId>,
    /// From when until when.
    pub period: Period,
}

/// Movements from or to a site that the caller sees, in the order of what happened, after `after`. Those of a lot have an order
/// of their own; what else is asked for is looked for.
///
/// # Errors
/// What the database answers.
pub fn list(db: &mut Db, caller: &Caller, filter: &Filter, after: &After, limit: i64) -> Result<Found<Movement, 2>> {
    let after = after.from(filter.period.from);
    let led = || {
        let mut led = movements::table
            .filter(movements::organisation_id.eq(&caller.organisation_id))
            .filter(later!("occurred_at", "id", after))
            .into_boxed();
        if let Some(to) = filter.period.to {
            led = led.filter(movements::occurred_at.lt(to));
        }
        if let Some(id) = &filter.id {
            led = led.filter(movements::id.eq(id));
        }
        if let Some(lot) = &filter.lot_id {
            led = led.filter(movements::lot_id.eq(lot));
        }
        led
    };
    let Filter { kind, site_id, location_id, product_id, .. } = filter;
    let is_more = kind.is_some() || site_id.is_some() || location_id.is_some() || product_id.is_some();
    let is_led = filter.id.is_some() || (caller.sites.is_none() && !is_more);
    let keys = (movements::occurred_at, movements::id);
    let horizon: Option<(Moment, MovementId)> = if is_led { None } else { horizon!(db, led(), keys)? };
    let mut query = led().select(Movement::as_select()).order(keys).limit(limit);
    if let Some(last) = &horizon {
        query = query.filter(no_later!("occurred_at", "id", last));
    }
    let at = |sites: &[SiteId]| {
        let places = locations::table.filter(locations::site_id.eq_any(sites.to_vec())).select(locations::id);
        movements::site_id.eq_any(sites.to_vec()).or(movements::to_location_id.assume_not_null().eq_any(places))
    };
    if let Some(sites) = &caller.sites {
        query = query.filter(at(sites));
    }
    if let Some(site) = site_id {
        query = query.filter(at(std::slice::from_ref(site)));
    }
    if let Some(place) = location_id {
        let arrived =
            movements::to_location_id.assume_not_null().eq(place).and(movements::to_location_id.is_not_null());
        query = query.filter(movements::from_location_id.eq(place).or(arrived));
    }
    if let Some(product) = product_id {
        let of_product = lots::table.filter(lots::id.eq(movements::lot_id).and(lots::product_id.eq(product)));
        query = query.filter(exists(of_product));
    }
    if let Some(kind) = kind {
        query = query.filter(movements::kind.eq(kind));
    }
    Ok(Found { items: query.load(db)?, looked_at: horizon.map(|(at, id)| After::keys(at, &id)) })
}

/// Whether a void brought units of a lot that the books never had to a place.
///
/// # Errors
/// What the database answers.
pub fn has_units_to_count(
    db: &mut Db,
    organisation: &OrganisationId,
    lot: &LotId,
    location: &LocationId,
) -> Result<bool> {
    let of_lot = administrations::table
        .filter(administrations::id.eq(administration_voids::administration_id))
        .filter(administrations::lot_id.eq(lot));
    let found: Option<String> = administration_voids::table
        .filter(administration_voids::organisation_id.eq(organisation).and(sql::<Bool>("units_to_count > 0")))
        .filter(administration_voids::location_id.eq(location).and(exists(of_lot)))
        .select(administration_voids::id)
        .first(db)
        .optional()?;
    Ok(found.is_some())
}
