//! Writing events, and reading those of some kinds about something.

use diesel::dsl::exists;
use diesel::prelude::*;
use serde::de::DeserializeOwned;

use super::model::{Event, Head, Strand};
use super::tables::Tables;
use crate::clock::Moment;
use crate::db::schema::{event_subjects, events, refusals_by_day};
use crate::db::{Db, insert_rows, on_either};
use crate::decision::Decision;
use crate::error::{Error, Result};
use crate::ids::{EventId, OrganisationId, SiteId};
use crate::merkle::{self, Hash};

/// An event as it is stored.
#[derive(Insertable)]
#[diesel(table_name = events, treat_none_as_default_value = false)]
struct Row<'a> {
    id: &'a str,
    organisation_id: &'a str,
    command_id: &'a str,
    kind: &'a str,
    version: i32,
    site_id: Option<&'a str>,
    actor: &'a str,
    occurred_at: Moment,
    recorded_at: Moment,
    bytes: Vec<u8>,
    leaf_hash: Vec<u8>,
}

#[derive(Insertable)]
#[diesel(table_name = event_subjects, treat_none_as_default_value = false)]
struct SubjectRow {
    organisation_id: OrganisationId,
    subject: String,
    event_id: EventId,
    occurred_at: Moment,
    strand: Option<Strand>,
}

/// RFC 6962 section 2.1: the hash of a leaf is over a zero byte and the event's exact bytes.
pub fn leaf_hash(bytes: &[u8]) -> Hash {
    merkle::leaf(bytes)
}

/// Appends the events of one command, in their order.
///
/// # Errors
/// What the database answers; an internal error for one of more bytes than `most`: what may be sent makes none that large.
pub fn append(tables: &mut Tables<'_>, new: &[Event], most: usize) -> Result<()> {
    let rows = new.iter().map(row).collect::<Result<Vec<_>>>()?;
    if let Some(row) = rows.iter().find(|row| row.bytes.len() > most) {
        return Err(Error::internal(format!("an event {} of {} bytes", row.kind, row.bytes.len())));
    }
    let subjects: Vec<_> = new
        .iter()
        .flat_map(|event| {
            event.head.subjects.iter().map(|subject| SubjectRow {
                organisation_id: event.head.organisation_id.clone(),
                subject: subject.clone(),
                event_id: event.head.id.clone(),
                occurred_at: event.head.occurred_at,
                strand: Strand::of(event, subject),
            })
        })
        .collect();
    for row in &rows {
        on_either!(tables.db(), conn => diesel::insert_into(events::table).values(row).execute(conn)?);
    }
    insert_rows!(tables.db(), event_subjects::table, subjects);
    Ok(())
}

fn row(event: &Event) -> Result<Row<'_>> {
    let bytes = event.canonical()?.into_bytes();
    let head = &event.head;
    Ok(Row {
        id: head.id.as_str(),
        organisation_id: head.organisation_id.as_str(),
        command_id: head.command_id.as_str(),
        kind: event.deed.kind(),
        version: head.version,
        site_id: head.site_id.as_ref().map(|site| site.as_str()),
        actor: &head.actor.subject,
        occurred_at: head.occurred_at,
        recorded_at: head.recorded_at,
        leaf_hash: leaf_hash(&bytes).to_vec(),
        bytes,
    })
}

/// Counts a refusal into its day (UTC), actor and site.
///
/// # Errors
/// What the database answers.
pub fn count_refusal(tables: &mut Tables<'_>, head: &Head, decision: &Decision) -> Result<()> {
    let codes: Vec<_> = decision.reasons.iter().map(|reason| reason.code.as_str()).collect();
    let codes = codes.join(" ");
    let first = (
        refusals_by_day::organisation_id.eq(&head.organisation_id),
        refusals_by_day::day.eq(head.recorded_at.day_in(chrono_tz::Tz::UTC)),
        refusals_by_day::actor.eq(&head.actor.subject),
        refusals_by_day::site_id.eq(head.site_id.as_ref().map_or("", SiteId::as_str)),
        refusals_by_day::times.eq(1),
        refusals_by_day::first_at.eq(head.recorded_at),
        refusals_by_day::last_at.eq(head.recorded_at),
        refusals_by_day::last_reasons.eq(&codes),
    );
    let again = (
        refusals_by_day::times.eq(refusals_by_day::times + 1),
        refusals_by_day::last_at.eq(head.recorded_at),
        refusals_by_day::last_reasons.eq(&codes),
    );
    let key =
        (refusals_by_day::organisation_id, refusals_by_day::day, refusals_by_day::actor, refusals_by_day::site_id);
    on_either!(tables.db(), conn => {
        diesel::insert_into(refusals_by_day::table).values(first).on_conflict(key).do_update().set(again).execute(conn)?
    });
    Ok(())
}

/// What an event of a slice says happened, from its bytes.
///
/// # Errors
/// An internal error when they cannot be read.
pub fn deed<D: DeserializeOwned>(bytes: &[u8]) -> Result<D> {
    serde_json::from_slice(bytes).map_err(|e| Error::internal(format!("an event: {e}")))
}

/// The bytes of the newest event of some kinds about something, of those that happened by a moment.
///
/// # Errors
/// What the database answers.
pub fn newest(
    db: &mut Db,
    organisation: &OrganisationId,
    subject: &str,
    kinds: &[&str],
    by: Option<Moment>,
) -> Result<Option<Vec<u8>>> {
    let about = event_subjects::table
        .filter(event_subjects::organisation_id.eq(organisation).and(event_subjects::subject.eq(subject)))
        .select(event_subjects::event_id);
    let mut query = events::table
        .filter(events::organisation_id.eq(organisation).and(events::kind.eq_any(kinds.iter().copied())))
        .filter(events::id.eq_any(about))
        .select(events::bytes)
        .order(events::position.desc())
        .into_boxed();
    if let Some(by) = by {
        query = query.filter(events::occurred_at.le(by));
    }
    Ok(query.first(db).optional()?)
}

/// The bytes of the events of some kinds about something, in the order of the journal.
///
/// # Errors
/// What the database answers.
pub fn told(db: &mut Db, organisation: &OrganisationId, subject: &str, kinds: &[&str]) -> Result<Vec<Vec<u8>>> {
    let about = event_subjects::table
        .filter(event_subjects::organisation_id.eq(organisation).and(event_subjects::subject.eq(subject)))
        .select(event_subjects::event_id);
    Ok(events::table
        .filter(events::organisation_id.eq(organisation).and(events::kind.eq_any(kinds.iter().copied())))
        .filter(events::id.eq_any(about))
        .select(events::bytes)
        .order(events::position)
        .load(db)?)
}

/// The next events of some kinds, with their positions, after a position.
///
/// # Errors
/// What the database answers.
pub fn of_kinds(db: &mut Db, kinds: &[&str], after: i64, limit: i64) -> Result<Vec<(i64, Vec<u8>)>> {
    Ok(events::table
        .filter(events::position.gt(after).and(events::kind.eq_any(kinds.iter().copied())))
        .select((events::position, events::bytes))
        .order(events::position)
        .limit(limit)
        .load(db)?)
}

/// Writes an event anew: only for [`upgrade`](crate::upgrade), before the log commits to it.
///
/// # Errors
/// What the database answers.
pub fn rewrite(tables: &mut Tables<'_>, position: i64, version: i32, bytes: &[u8]) -> Result<()> {
    let written =
        (events::version.eq(version), events::bytes.eq(bytes), events::leaf_hash.eq(leaf_hash(bytes).to_vec()));
    diesel::update(events::table.filter(events::position.eq(position))).set(written).execute(tables.db())?;
    Ok(())
}

/// Whether an event of a kind is about something.
///
/// # Errors
/// What the database answers.
pub fn is_told(db: &mut Db, organisation: &OrganisationId, kind: &str, subject: &str) -> Result<bool> {
    let about = event_subjects::table
        .filter(event_subjects::organisation_id.eq(organisation).and(event_subjects::subject.eq(subject)))
        .select(event_subjects::event_id);
    let told = events::table
        .filter(events::organisation_id.eq(organisation).and(events::kind.eq(kind)))
        .filter(events::id.eq_any(about));
    Ok(diesel::select(exists(told)).get_result(db)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_leaf_hash_is_that_of_rfc_6962() {
        // The leaf hash of the empty entry: printf '\0' | sha256sum.
        let hex: String = leaf_hash(b"").iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(hex, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
    }
}
