//! Chains of custody: everything that happened to a lot or by an administration, in the order in which it happened.
//!
//! A chain has strands, and one index of `event_subjects` gives each in its order: what happened to the lot, what happened
//! to one patient's treatment, and what was refused. The deliveries that brought a lot, and the orders that they were ever
//! said to answer, are tied to its chain in `origin_events` as soon as that is known. A page merges the strands and reads
//! no more of any than it has room for, however much lies before and behind it.

use diesel::prelude::*;

use super::store;
use crate::caller::Caller;
use crate::clock::Moment;
use crate::custody_log::past::Past;
use crate::db::Db;
use crate::db::schema::{event_subjects, origin_events};
use crate::error::Result;
use crate::http::paging::{After, Found, later};
use crate::ids::{AdministrationId, EventId, LotId};
use crate::journal::model::Strand;
use crate::limits::LOOKED_AT_MAX;

/// Of what a chain is.
pub enum Of<'a> {
    /// A lot.
    Lot(&'a LotId),
    /// An administration of units of a lot: the lot's chain without what was done to other patients.
    Administration(&'a AdministrationId, &'a LotId),
}

/// An event's place in a chain: when it happened and, of what happened at one moment, its id, which is in the order in which
/// it was recorded.
type Place = (Moment, EventId);

/// What of a chain is wanted.
#[derive(Clone, Copy)]
pub struct Wanted {
    /// Refused attempts, too.
    pub refusals: bool,
    /// What had happened by then, or was known then.
    pub past: Past,
}

/// The bytes of the events of a chain, oldest first, after `after`; refused attempts only where they are asked for.
///
/// Whoever sees only some sites, or asks what was known, gets what they may see, or what was known, of the next [`LOOKED_AT_MAX`]
/// events.
///
/// # Errors
/// What the database answers.
pub fn page(
    db: &mut Db,
    caller: &Caller,
    of: &Of<'_>,
    wanted: Wanted,
    after: &After,
    limit: i64,
) -> Result<Found<Vec<u8>, 2>> {
    let Wanted { refusals, past } = wanted;
    let (lot, mut strands) = match of {
        Of::Lot(lot) => (lot, vec![(lot.as_str(), Strand::Course), (lot.as_str(), Strand::Treatment)]),
        Of::Administration(id, lot) => {
            let own = [Strand::Course, Strand::Treatment].map(|strand| (id.as_str(), strand));
            (lot, std::iter::once((lot.as_str(), Strand::Course)).chain(own).collect())
        }
    };
    if refusals {
        strands.push((strands.last().map_or("", |(subject, _)| subject), Strand::Refusal));
    }
    let is_all = caller.sites.is_none() && past.known.is_none();
    let share = if is_all { limit } else { limit.max(LOOKED_AT_MAX) };
    let by = past.at.unwrap_or(Moment::LAST);
    let mut places = origins(db, caller, lot, (after, by), share)?;
    for (subject, strand) in strands {
        places.extend(strand_of(db, caller, subject, strand, (after, by), share)?);
    }
    places.sort();
    places.dedup();
    let share = usize::try_from(share).unwrap_or(usize::MAX);
    let is_cut = places.len() >= share;
    places.truncate(share);

    let ids: Vec<_> = places.iter().map(|(_, id)| id).collect();
    let mut seen = store::visible(db, caller, &ids)?;
    if let Some(known) = past.known {
        let leaves = crate::custody_log::service::leaves(db, &caller.organisation_id, &ids)?;
        seen.retain(|id| leaves.get(id).is_some_and(|leaf| *leaf < known.size));
    }
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let shown: Vec<_> = places.iter().filter(|(_, id)| seen.contains(id)).take(most).collect();
    let ids: Vec<_> = shown.iter().map(|(_, id)| id).collect();
    let mut bytes = store::bytes_of(db, caller, &ids)?;
    let items = ids.iter().filter_map(|id| bytes.remove(*id)).collect();
    let last = places.last().filter(|_| is_cut && shown.len() < most);
    Ok(Found { items, looked_at: last.map(|(at, id)| After::keys(*at, id)) })
}

fn strand_of(
    db: &mut Db,
    caller: &Caller,
    subject: &str,
    strand: Strand,
    (after, by): (&After, Moment),
    limit: i64,
) -> Result<Vec<Place>> {
    Ok(event_subjects::table
        .filter(event_subjects::organisation_id.eq(&caller.organisation_id).and(event_subjects::subject.eq(subject)))
        .filter(event_subjects::strand.eq(strand).and(event_subjects::occurred_at.le(by)))
        .filter(later!("occurred_at", "event_id", after))
        .select((event_subjects::occurred_at, event_subjects::event_id))
        .order((event_subjects::occurred_at, event_subjects::event_id))
        .limit(limit)
        .load(db)?)
}

fn origins(db: &mut Db, caller: &Caller, lot: &LotId, (after, by): (&After, Moment), limit: i64) -> Result<Vec<Place>> {
    Ok(origin_events::table
        .filter(origin_events::organisation_id.eq(&caller.organisation_id).and(origin_events::lot_id.eq(lot)))
        .filter(origin_events::occurred_at.le(by))
        .filter(later!("occurred_at", "event_id", after))
        .select((origin_events::occurred_at, origin_events::event_id))
        .order((origin_events::occurred_at, origin_events::event_id))
        .limit(limit)
        .load(db)?)
}
