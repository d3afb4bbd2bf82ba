//! The table of movements.

use diesel::dsl::{exists, not};
use diesel::prelude::*;

use super::model::{Movement, MovementKind, MovementReversal, Review, ReviewOutcome};
use crate::caller::Caller;
use crate::clock::Moment;
use crate::db::Db;
use crate::db::schema::{count_reviews, locations, movement_reversals, movements};
use crate::error::Result;
use crate::http::paging::After;
use crate::ids::{LotId, MovementId, OrganisationId, SiteId};

/// Adds a movement.
///
/// # Errors
/// What the database answers.
pub fn insert(db: &mut Db, movement: &Movement) -> Result<()> {
    diesel::insert_into(movements::table).values(movement).execute(db)?;
    Ok(())
}

/// Adds what a second person said of a count.
///
/// # Errors
/// What the database answers; a unique violation is always another review of the same count.
pub fn insert_review(db: &mut Db, review: &Review) -> Result<()> {
    diesel::insert_into(count_reviews::table).values(review).execute(db)?;
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
pub fn insert_reversal(db: &mut Db, reversal: &MovementReversal) -> Result<()> {
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
/// since a moment and not reversed; the newest first in each.
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
    let counts = || {
        let mut query = movements::table
            .filter(movements::organisation_id.eq(&caller.organisation_id).and(movements::kind.eq(MovementKind::Count)))
            .select(Movement::as_select())
            .order((movements::recorded_at.desc(), movements::id.desc()))
            .into_boxed();
        if let Some(sites) = &caller.sites {
            query = query.filter(movements::site_id.eq_any(sites));
        }
        if let Some(site) = site {
            query = query.filter(movements::site_id.eq(site));
        }
        query
    };
    let review = || count_reviews::table.filter(count_reviews::movement_id.eq(movements::id));
    let posted = review().filter(count_reviews::outcome.eq(ReviewOutcome::Approved).and(count_reviews::units.ne(0)));
    let reversed = movement_reversals::table.filter(movement_reversals::movement_id.eq(movements::id));
    let mut found: Vec<Movement> =
        counts().filter(movements::waits.and(not(exists(review())))).limit(limit).load(db)?;
    let left = limit.saturating_sub(i64::try_from(found.len()).unwrap_or(limit));
    let since: Vec<Movement> = counts()
        .filter(movements::recorded_at.ge(since).and(movements::units.ne(0)))
        .filter(not(movements::waits).or(exists(posted)))
        .filter(not(exists(reversed)))
        .limit(left)
        .load(db)?;
    found.extend(since);
    Ok(found)
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
}

/// Movements from or to a site that the caller sees, in the order of what happened, after `after`.
///
/// # Errors
/// What the database answers.
pub fn list(db: &mut Db, caller: &Caller, filter: &Filter, after: &After, limit: i64) -> Result<Vec<Movement>> {
    let mut query = movements::table
        .filter(movements::organisation_id.eq(&caller.organisation_id).and(movements::occurred_at.ge(after.at)))
        .filter(movements::occurred_at.gt(after.at).or(movements::id.gt(&after.id)))
        .select(Movement::as_select())
        .order((movements::occurred_at, movements::id))
        .limit(limit)
        .into_boxed();
    if let Some(sites) = &caller.sites {
        let places = locations::table.filter(locations::site_id.eq_any(sites)).select(locations::id);
        query = query
            .filter(movements::site_id.eq_any(sites).or(movements::to_location_id.assume_not_null().eq_any(places)));
    }
    if let Some(id) = &filter.id {
        query = query.filter(movements::id.eq(id));
    }
    if let Some(lot) = &filter.lot_id {
        query = query.filter(movements::lot_id.eq(lot));
    }
    if let Some(kind) = filter.kind {
        query = query.filter(movements::kind.eq(kind));
    }
    Ok(query.load(db)?)
}
