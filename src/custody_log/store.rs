//! The tables of the log.

use std::collections::BTreeMap;

use diesel::dsl::count_star;
use diesel::prelude::*;

use crate::clock::Moment;
use crate::db::schema::{event_subjects, events, log_heads, log_leaves, log_pending, log_tiles};
use crate::db::{Db, PreparedChange, insert_rows, on_either};
use crate::error::{Error, Result};
use crate::ids::{EventId, OrganisationId};
use crate::merkle::{self, Hash, Place, Tiles};

/// How far an organisation's log goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// How many leaves it has.
    pub size: u64,
    /// The last checkpoint, and when it was signed; none before the first leaf.
    pub checkpoint: Option<(String, Moment)>,
}

type Columns = (i64, Option<String>, Option<Moment>);

fn head_of((size, checkpoint, signed_at): Columns) -> Result<Head> {
    let size = u64::try_from(size).map_err(|_| Error::internal("a log of less than no leaves"))?;
    Ok(Head { size, checkpoint: checkpoint.zip(signed_at) })
}

/// How far an organisation's log goes, as is committed.
///
/// # Errors
/// What the database answers.
pub fn head(db: &mut Db, organisation: &OrganisationId) -> Result<Option<Head>> {
    let row: Option<Columns> = log_heads::table
        .filter(log_heads::organisation_id.eq(organisation))
        .select((log_heads::size, log_heads::checkpoint, log_heads::signed_at))
        .first(db)
        .optional()?;
    row.map(head_of).transpose()
}

/// The same, and whoever has it makes leaves: none where somebody else has it at the moment. On SQLite whoever writes is alone.
///
/// # Errors
/// What the database answers.
pub fn take_head(db: &mut Db, organisation: &OrganisationId) -> Result<Option<Head>> {
    let Db::Postgres(conn) = db else { return head(db, organisation) };
    let row: Option<Columns> = log_heads::table
        .filter(log_heads::organisation_id.eq(organisation))
        .select((log_heads::size, log_heads::checkpoint, log_heads::signed_at))
        .for_update()
        .skip_locked()
        .first(conn)
        .optional()?;
    row.map(head_of).transpose()
}

/// Says how far the log goes now.
///
/// # Errors
/// What the database answers.
pub fn set_head(db: &mut Db, organisation: &OrganisationId, size: u64, checkpoint: &str, now: Moment) -> Result<()> {
    let row = log_heads::table.filter(log_heads::organisation_id.eq(organisation));
    let values =
        (log_heads::size.eq(number(size)?), log_heads::checkpoint.eq(checkpoint), log_heads::signed_at.eq(now));
    on_either!(db, conn => PreparedChange(diesel::update(row).set(values)).execute(conn)?);
    Ok(())
}

/// The next organisation, in the order of their ids, of which an event waits for its leaf.
///
/// # Errors
/// What the database answers.
pub fn next_waiting(db: &mut Db, after: &str) -> Result<Option<OrganisationId>> {
    Ok(log_pending::table
        .filter(log_pending::organisation_id.gt(after))
        .order((log_pending::organisation_id, log_pending::event_position))
        .select(log_pending::organisation_id)
        .first(db)
        .optional()?)
}

/// Organisations whose last checkpoint was signed before a moment, the oldest first, so many at the most.
///
/// # Errors
/// What the database answers.
pub fn signed_before(db: &mut Db, moment: Moment, most: i64) -> Result<Vec<OrganisationId>> {
    Ok(log_heads::table
        .filter(log_heads::signed_at.is_not_null().and(log_heads::signed_at.lt(moment)))
        .order(log_heads::signed_at)
        .limit(most)
        .select(log_heads::organisation_id)
        .load(db)?)
}

/// An event that waits for its leaf: position, id, leaf hash, and when it was recorded.
pub type Waiting = (i64, EventId, Vec<u8>, Moment);

/// The first events that wait, in the order of the journal.
///
/// # Errors
/// What the database answers.
pub fn waiting(db: &mut Db, organisation: &OrganisationId, most: i64) -> Result<Vec<Waiting>> {
    Ok(log_pending::table
        .inner_join(events::table.on(events::position.eq(log_pending::event_position)))
        .filter(log_pending::organisation_id.eq(organisation))
        .order(log_pending::event_position)
        .limit(most)
        .select((log_pending::event_position, events::id, events::leaf_hash, events::recorded_at))
        .load(db)?)
}

#[derive(Insertable)]
#[diesel(table_name = log_leaves, treat_none_as_default_value = false)]
struct Leaf {
    organisation_id: OrganisationId,
    leaf_index: i64,
    event_id: EventId,
    known_at: Moment,
}

/// The position of the last event of an organisation that waits for its leaf, or of the first.
///
/// # Errors
/// What the database answers.
pub fn waits(db: &mut Db, organisation: &OrganisationId, last: bool) -> Result<Option<i64>> {
    let mut marks = log_pending::table
        .filter(log_pending::organisation_id.eq(organisation))
        .select(log_pending::event_position)
        .limit(1)
        .into_boxed();
    marks = if last {
        marks.order(log_pending::event_position.desc())
    } else {
        marks.order(log_pending::event_position.asc())
    };
    Ok(marks.first(db).optional()?)
}

/// Gives events that waited their leaves, from `first` on, and takes their marks away: theirs, and no mark of somebody who has
/// committed meanwhile.
///
/// # Errors
/// What the database answers.
pub fn settle(db: &mut Db, organisation: &OrganisationId, first: u64, waited: Vec<Waiting>) -> Result<()> {
    let positions: Vec<i64> = waited.iter().map(|(position, ..)| *position).collect();
    let mut leaves = Vec::with_capacity(waited.len());
    let mut known_at = match first.checked_sub(1) {
        Some(last) => known_at(db, organisation, last)?,
        None => Moment::FIRST,
    };
    for ((_, event_id, _, recorded_at), index) in waited.into_iter().zip(first..) {
        known_at = known_at.max(recorded_at);
        leaves.push(Leaf { organisation_id: organisation.clone(), leaf_index: number(index)?, event_id, known_at });
    }
    insert_rows!(&mut *db, log_leaves::table, leaves);
    let marks = log_pending::table
        .filter(log_pending::organisation_id.eq(organisation).and(log_pending::event_position.eq_any(&positions)));
    let gone = on_either!(db, conn => diesel::delete(marks).execute(conn)?);
    if gone == positions.len() { Ok(()) } else { Err(Error::Race) }
}

/// When the last of the leaves up to one was recorded.
///
/// # Errors
/// What the database answers; an internal error when there is no such leaf.
pub fn known_at(db: &mut Db, organisation: &OrganisationId, leaf: u64) -> Result<Moment> {
    let found: Option<Moment> = log_leaves::table
        .filter(log_leaves::organisation_id.eq(organisation).and(log_leaves::leaf_index.eq(number(leaf)?)))
        .select(log_leaves::known_at)
        .first(db)
        .optional()?;
    found.ok_or_else(|| Error::internal(format!("{organisation}: leaf {leaf} is missing")))
}

/// Keeps a tile, in the place of the shorter one that was there.
///
/// # Errors
/// What the database answers.
pub fn put_tile(db: &mut Db, organisation: &OrganisationId, place: Place, tile: &[Hash]) -> Result<()> {
    let bytes = merkle::to_bytes(tile);
    let row = (
        log_tiles::organisation_id.eq(organisation),
        log_tiles::level.eq(i32::try_from(place.level).unwrap_or(i32::MAX)),
        log_tiles::tile_index.eq(number(place.index)?),
        log_tiles::bytes.eq(&bytes),
    );
    on_either!(db, conn => PreparedChange(diesel::insert_into(log_tiles::table)
        .values(row)
        .on_conflict((log_tiles::organisation_id, log_tiles::level, log_tiles::tile_index))
        .do_update()
        .set(log_tiles::bytes.eq(&bytes)))
        .execute(conn)?);
    Ok(())
}

/// The tiles of an organisation.
pub struct Rows<'a> {
    /// The database.
    pub db: &'a mut Db,
    /// Whose.
    pub organisation: &'a OrganisationId,
}

impl Tiles for Rows<'_> {
    type Error = Error;

    fn tile(&mut self, place: Place, width: usize) -> Result<Vec<Hash>> {
        let level = i32::try_from(place.level).unwrap_or(i32::MAX);
        let bytes: Option<Vec<u8>> = log_tiles::table
            .filter(log_tiles::organisation_id.eq(self.organisation).and(log_tiles::level.eq(level)))
            .filter(log_tiles::tile_index.eq(number(place.index)?))
            .select(log_tiles::bytes)
            .first(self.db)
            .optional()?;
        let mut tile = bytes.and_then(|bytes| merkle::from_bytes(&bytes)).unwrap_or_default();
        if tile.len() < width {
            let Place { level, index } = place;
            return Err(Error::internal(format!("{}: tile {level}/{index} has too few hashes", self.organisation)));
        }
        tile.truncate(width);
        Ok(tile)
    }
}

/// The leaf of an event.
///
/// # Errors
/// What the database answers.
pub fn leaf(db: &mut Db, organisation: &OrganisationId, event: &EventId) -> Result<Option<u64>> {
    Ok(leaves(db, organisation, &[event])?.remove(event))
}

/// The leaves of events that have one.
///
/// # Errors
/// What the database answers.
pub fn leaves(db: &mut Db, organisation: &OrganisationId, events: &[&EventId]) -> Result<BTreeMap<EventId, u64>> {
    let found: Vec<(EventId, i64)> = log_leaves::table
        .filter(log_leaves::organisation_id.eq(organisation))
        .filter(log_leaves::event_id.eq_any(events.iter().copied()))
        .select((log_leaves::event_id, log_leaves::leaf_index))
        .load(db)?;
    Ok(found.into_iter().filter_map(|(id, index)| Some((id, u64::try_from(index).ok()?))).collect())
}

/// The leaf of the first event about something: before it, nobody knew of that.
///
/// # Errors
/// What the database answers.
pub fn first_leaf_about(db: &mut Db, organisation: &OrganisationId, subject: &str) -> Result<Option<u64>> {
    let first: Option<EventId> = event_subjects::table
        .filter(event_subjects::organisation_id.eq(organisation).and(event_subjects::subject.eq(subject)))
        .order(event_subjects::event_id)
        .select(event_subjects::event_id)
        .first(db)
        .optional()?;
    match first {
        Some(event) => leaf(db, organisation, &event),
        None => Ok(None),
    }
}

/// The events of some kinds about some things that a log of so many leaves has, with their positions. Those of the kinds are gone
/// through, which are few: of a site there may be very many others.
///
/// # Errors
/// What the database answers.
pub fn told_by(
    db: &mut Db,
    organisation: &OrganisationId,
    subjects: &[&str],
    kinds: &[&str],
    size: u64,
) -> Result<Vec<(i64, Vec<u8>)>> {
    // A number, and no condition that a database could begin with.
    let about = event_subjects::table
        .filter(event_subjects::organisation_id.eq(events::organisation_id))
        .filter(event_subjects::event_id.eq(events::id))
        .filter(event_subjects::subject.eq_any(subjects.iter().copied()))
        .select(count_star())
        .single_value()
        .assume_not_null();
    Ok(events::table
        .inner_join(log_leaves::table.on(log_leaves::event_id.eq(events::id)))
        .filter(events::organisation_id.eq(organisation).and(events::kind.eq_any(kinds.iter().copied())))
        .filter(about.gt(0).and(log_leaves::leaf_index.lt(number(size)?)))
        .select((events::position, events::bytes))
        .order(events::position)
        .load(db)?)
}

/// The hash of an event's leaf.
///
/// # Errors
/// What the database answers.
pub fn leaf_hash(db: &mut Db, organisation: &OrganisationId, event: &EventId) -> Result<Option<Vec<u8>>> {
    Ok(events::table
        .filter(events::organisation_id.eq(organisation).and(events::id.eq(event)))
        .select(events::leaf_hash)
        .first(db)
        .optional()?)
}

fn number(of: u64) -> Result<i64> {
    i64::try_from(of).map_err(|_| Error::internal("a log of more leaves than can be counted"))
}

/// The last checkpoint of every organisation that has one, after one in the order of their ids, so many at the most.
///
/// # Errors
/// What the database answers.
pub fn checkpoints(db: &mut Db, after: &str, most: i64) -> Result<Vec<(OrganisationId, String)>> {
    let rows: Vec<(OrganisationId, Option<String>)> = log_heads::table
        .filter(log_heads::organisation_id.gt(after).and(log_heads::checkpoint.is_not_null()))
        .order(log_heads::organisation_id)
        .limit(most)
        .select((log_heads::organisation_id, log_heads::checkpoint))
        .load(db)?;
    Ok(rows.into_iter().filter_map(|(organisation, note)| Some((organisation, note?))).collect())
}
