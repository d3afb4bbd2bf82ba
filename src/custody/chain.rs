//! Chains of custody: everything that happened to a lot or by an administration, in the order in which it happened.
//!
//! A chain has strands, and one index of `event_subjects` gives each in its order: what happened to the lot, what happened
//! to one patient's treatment, and what was refused. The deliveries that brought a lot, and the orders that they were ever
//! said to answer, are tied to its chain in `origin_events` as soon as that is known. A page merges the strands and reads
//! no more of any than it has room for, however much lies before and behind it. What is known of a patient is such a chain, too,
//! of the strands of everything that they were given.

use diesel::prelude::*;

use super::store::{self, Treated};
use crate::caller::Caller;
use crate::clock::Moment;
use crate::custody_log::past::Past;
use crate::db::Db;
use crate::db::schema::{event_subjects, events, origin_events};
use crate::error::Result;
use crate::http::paging::{After, Found, later};
use crate::ids::{AdministrationId, EventId, LotId, PatientId};
use crate::journal::model::Strand;
use crate::limits::LOOKED_AT_MAX;

/// Of what a chain is.
pub enum Of<'a> {
    /// A lot.
    Lot(&'a LotId),
    /// An administration of units of a lot: the lot's chain without what was done to other patients.
    Administration(&'a AdministrationId, &'a LotId),
    /// Patients, who are one: everything that happened to what they were given, and to the lots without what was done to others.
    Patients(&'a Treated),
    /// Everything that was recorded from a moment on and before another, in the order in which it was.
    Period(Moment, Moment),
}

/// An event's place in a chain: when it happened and, of what happened at one moment, its id, which is in the order in which
/// it was recorded.
pub type Place = (Moment, EventId);

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
    let Seen { shown, last } = seen(db, caller, of, wanted, after, limit)?;
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let last = last.filter(|_| shown.len() < most);
    let items = bytes_of(db, caller, shown)?.into_iter().map(|(_, bytes)| bytes).collect();
    Ok(Found { items, looked_at: last.map(|(at, id)| After::keys(at, &id)) })
}

/// A piece of a chain, and where it goes on; none at its end.
pub struct Piece {
    /// Places and bytes of events, in their order.
    pub events: Vec<(Place, Vec<u8>)>,
    /// Where it goes on.
    pub next: Option<After>,
}

/// The next events of a chain with their places, for whoever reads all of it, refused attempts included.
///
/// # Errors
/// What the database answers.
pub fn piece(db: &mut Db, caller: &Caller, of: &Of<'_>, after: &After, limit: i64) -> Result<Piece> {
    let all = Wanted { refusals: true, past: Past::default() };
    let Seen { shown, last } = seen(db, caller, of, all, after, limit)?;
    let is_full = shown.len() >= usize::try_from(limit).unwrap_or(usize::MAX);
    let next = if is_full { shown.last().cloned() } else { last };
    let next = next.map(|(at, id)| After { at, id: id.to_string() });
    Ok(Piece { events: bytes_of(db, caller, shown)?, next })
}

/// What is shown of the next places of a chain, and the last that was looked at where there may be more.
struct Seen {
    shown: Vec<Place>,
    last: Option<Place>,
}

fn seen(db: &mut Db, caller: &Caller, of: &Of<'_>, wanted: Wanted, after: &After, limit: i64) -> Result<Seen> {
    let Wanted { refusals, past } = wanted;
    let is_all = caller.sites.is_none() && past.known.is_none();
    let share = if is_all { limit } else { limit.max(LOOKED_AT_MAX) };
    let mut places = places(db, caller, of, refusals, after, share)?;
    let share = usize::try_from(share).unwrap_or(usize::MAX);
    places.truncate(share);
    // They are in the order of what happened: behind the first that had not happened there is nothing.
    places.retain(|(at, _)| past.at.is_none_or(|by| *at <= by));
    let is_cut = places.len() >= share;
    let last = places.last().filter(|_| is_cut).cloned();
    let ids: Vec<_> = places.iter().map(|(_, id)| id).collect();
    let mut visible = store::visible(db, caller, &ids)?;
    if let Some(known) = past.known {
        let leaves = crate::custody_log::service::leaves(db, &caller.organisation_id, &ids)?;
        visible.retain(|id| leaves.get(id).is_some_and(|leaf| *leaf < known.size));
    }
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let shown = places.into_iter().filter(|(_, id)| visible.contains(id)).take(most).collect();
    Ok(Seen { shown, last })
}

fn bytes_of(db: &mut Db, caller: &Caller, places: Vec<Place>) -> Result<Vec<(Place, Vec<u8>)>> {
    let ids: Vec<_> = places.iter().map(|(_, id)| id).collect();
    let mut bytes = store::bytes_of(db, caller, &ids)?;
    Ok(places.into_iter().filter_map(|place| bytes.remove(&place.1).map(|bytes| (place, bytes))).collect())
}

/// The next places of a chain: so many, in their order, and no more of a strand than that.
fn places(db: &mut Db, caller: &Caller, of: &Of<'_>, refusals: bool, after: &After, share: i64) -> Result<Vec<Place>> {
    let mut merged = Merged { places: Vec::new(), most: usize::try_from(share).unwrap_or(usize::MAX) };
    match of {
        Of::Lot(lot) => {
            merged.add(origins(db, caller, lot, after, share)?);
            let strands = [Strand::Course, Strand::Treatment].into_iter().chain(refusals.then_some(Strand::Refusal));
            for strand in strands {
                merged.add(strand_of(db, caller, lot.as_str(), strand, after, share)?);
            }
        }
        Of::Administration(id, lot) => {
            merged.add(origins(db, caller, lot, after, share)?);
            merged.add(strand_of(db, caller, lot.as_str(), Strand::Course, after, share)?);
            let strands = [Strand::Course, Strand::Treatment].into_iter().chain(refusals.then_some(Strand::Refusal));
            for strand in strands {
                merged.add(strand_of(db, caller, id.as_str(), strand, after, share)?);
            }
        }
        Of::Patients(treated) => {
            merged.add(of_patients(db, caller, treated, after, share)?);
            for lot in &treated.lots {
                merged.add(origins(db, caller, lot, after, share)?);
                merged.add(strand_of(db, caller, lot.as_str(), Strand::Course, after, share)?);
            }
        }
        Of::Period(from, to) => merged.add(recorded(db, caller, (*from, *to), after, share)?),
    }
    Ok(merged.end())
}

/// The first places of several strands, of which no more are held than a few times as many as are wanted.
struct Merged {
    places: Vec<Place>,
    most: usize,
}

impl Merged {
    fn add(&mut self, places: Vec<Place>) {
        self.places.extend(places);
        if self.places.len() > self.most.saturating_mul(4) {
            self.settle();
        }
    }

    fn settle(&mut self) {
        self.places.sort();
        self.places.dedup();
        self.places.truncate(self.most);
    }

    fn end(mut self) -> Vec<Place> {
        self.settle();
        self.places
    }
}

/// What is about patients themselves, or about what they were given.
fn of_patients(db: &mut Db, caller: &Caller, of: &Treated, after: &After, limit: i64) -> Result<Vec<Place>> {
    let about =
        of.administrations.iter().map(AdministrationId::as_str).chain(of.patients.iter().map(PatientId::as_str));
    let about: Vec<_> = about.collect();
    Ok(event_subjects::table
        .filter(event_subjects::organisation_id.eq(&caller.organisation_id))
        .filter(event_subjects::subject.eq_any(about))
        .filter(later!("occurred_at", "event_id", after))
        .select((event_subjects::occurred_at, event_subjects::event_id))
        .order((event_subjects::occurred_at, event_subjects::event_id))
        .limit(limit)
        .load(db)?)
}

/// What was recorded in a period: ids carry the time, so they lead to it, and theirs is its order.
fn recorded(db: &mut Db, caller: &Caller, period: (Moment, Moment), after: &After, limit: i64) -> Result<Vec<Place>> {
    let (first, end) = ids_of(period);
    Ok(events::table
        .filter(events::organisation_id.eq(&caller.organisation_id))
        .filter(events::id.gt(first.max(after.id.clone())).and(events::id.lt(end)))
        .filter(events::recorded_at.ge(period.0).and(events::recorded_at.lt(period.1)))
        .select((events::recorded_at, events::id))
        .order(events::id)
        .limit(limit)
        .load(db)?)
}

/// Between which ids lies what was recorded in a period, to the millisecond.
fn ids_of((from, to): (Moment, Moment)) -> (String, String) {
    let behind = Moment::at_unix_micros(to.unix_micros().saturating_add(1_000));
    (EventId::earliest(from), EventId::earliest(behind))
}

/// The first and the last event of a period.
///
/// # Errors
/// What the database answers.
pub fn ends_of(db: &mut Db, caller: &Caller, period: (Moment, Moment)) -> Result<Option<(EventId, EventId)>> {
    let (first, end) = ids_of(period);
    let within = || {
        events::table
            .filter(events::organisation_id.eq(&caller.organisation_id))
            .filter(events::id.gt(first.clone()).and(events::id.lt(end.clone())))
            .select(events::id)
    };
    let first: Option<EventId> = within().order(events::id.asc()).first(db).optional()?;
    let last: Option<EventId> = within().order(events::id.desc()).first(db).optional()?;
    Ok(first.zip(last))
}

fn strand_of(
    db: &mut Db,
    caller: &Caller,
    subject: &str,
    strand: Strand,
    after: &After,
    limit: i64,
) -> Result<Vec<Place>> {
    Ok(event_subjects::table
        .filter(event_subjects::organisation_id.eq(&caller.organisation_id).and(event_subjects::subject.eq(subject)))
        .filter(event_subjects::strand.eq(strand))
        .filter(later!("occurred_at", "event_id", after))
        .select((event_subjects::occurred_at, event_subjects::event_id))
        .order((event_subjects::occurred_at, event_subjects::event_id))
        .limit(limit)
        .load(db)?)
}

fn origins(db: &mut Db, caller: &Caller, lot: &LotId, after: &After, limit: i64) -> Result<Vec<Place>> {
    Ok(origin_events::table
        .filter(origin_events::organisation_id.eq(&caller.organisation_id).and(origin_events::lot_id.eq(lot)))
        .filter(later!("occurred_at", "event_id", after))
        .select((origin_events::occurred_at, origin_events::event_id))
        .order((origin_events::occurred_at, origin_events::event_id))
        .limit(limit)
        .load(db)?)
}
