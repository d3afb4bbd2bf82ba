//! A movement as it is recorded, with what it asked for.

use super::events::Deed;
use super::model::{Movement, MovementKind};
use crate::clock::Moment;
use crate::command::{About, Command};
use crate::error::Result;
use crate::ids::{HoldId, MovementId, SiteId};
use crate::sites::model::Location;
use crate::stock::books::Books;
use crate::stock::model::{Disposition, Lot, Posting};
use crate::stock::rules::Drawable;
use crate::values::{Json, Prose, Serial};

/// What a movement asks for, and what lies at the location that it starts from.
pub(super) struct Facts<'a> {
    pub(super) kind: MovementKind,
    pub(super) lot: Lot,
    pub(super) from: Location,
    pub(super) units: i64,
    pub(super) serials: &'a [Serial],
    pub(super) state: Option<Disposition>,
    pub(super) reason: &'a Prose,
    pub(super) occurred_at: Moment,
    pub(super) on_hand: Drawable,
    pub(super) books: Books,
}

/// A movement that asks for this, of now and by the caller.
pub(super) fn movement(cmd: &mut Command<'_>, facts: &Facts<'_>) -> Movement {
    Movement {
        id: cmd.mint(MovementId::mint),
        organisation_id: cmd.organisation().clone(),
        kind: facts.kind,
        lot_id: facts.lot.id.clone(),
        site_id: facts.from.site_id.clone(),
        from_location_id: facts.from.id.clone(),
        to_location_id: None,
        units: facts.units,
        units_counted: None,
        state: None,
        serials: Json::new(facts.serials.to_vec()),
        reason: facts.reason.clone(),
        moved_by: cmd.caller.subject.clone(),
        decision: None,
        occurred_at: facts.occurred_at,
        recorded_at: cmd.now,
        waits: false,
        departure_id: None,
        stock_take_id: None,
    }
}

/// Records a movement, with the holds that follow its units. One between two sites belongs to neither alone: its event
/// names no site, so both see it.
pub(super) fn record(
    cmd: &mut Command<'_>,
    movement: Movement,
    site_id: Option<SiteId>,
    postings: Vec<Posting>,
    holds: Vec<HoldId>,
) -> Result<Movement> {
    let about = about(&movement, site_id);
    let kept = Box::new(movement.clone());
    cmd.record(
        about,
        match movement.kind {
            MovementKind::Transfer => Deed::StockTransferred { movement: kept, postings, holds },
            MovementKind::Wastage => Deed::StockWasted { movement: kept, postings },
            MovementKind::Return => Deed::StockReturned { movement: kept, postings },
            MovementKind::Destruction => Deed::StockDestroyed { movement: kept, postings },
            MovementKind::Count => Deed::StockCounted { movement: kept, postings, counted_by: Vec::new() },
        },
    )?;
    Ok(movement)
}

/// Records a count that others did than whoever gives the command.
pub(super) fn record_count(
    cmd: &mut Command<'_>,
    movement: Movement,
    postings: Vec<Posting>,
    counted_by: Vec<String>,
) -> Result<Movement> {
    let about = about(&movement, Some(movement.site_id.clone()));
    cmd.record(about, Deed::StockCounted { movement: Box::new(movement.clone()), postings, counted_by })?;
    Ok(movement)
}

fn about(movement: &Movement, site_id: Option<SiteId>) -> About {
    let mut subjects =
        vec![movement.id.to_string(), movement.lot_id.to_string(), movement.from_location_id.to_string()];
    subjects.extend(movement.to_location_id.iter().map(ToString::to_string));
    About { occurred_at: movement.occurred_at, site_id, subjects }
}
