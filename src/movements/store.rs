//! The table of movements.

use diesel::prelude::*;

use super::model::{Movement, MovementKind, Review};
use crate::caller::Caller;
use crate::db::Db;
use crate::db::schema::{count_reviews, locations, movements};
use crate::error::Result;
use crate::http::paging::After;
use crate::ids::{LotId, MovementId, OrganisationId};

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
