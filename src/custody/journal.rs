//! The journal: the only writer of events.

use diesel::prelude::*;
use sha2::{Digest, Sha256};

use super::canonical;
use super::chain::{self, Strand};
use super::model::Event;
use crate::clock::Moment;
use crate::db::schema::{event_subjects, events};
use crate::db::{Db, on_either};
use crate::error::{Error, Result};

/// An event as it is stored.
#[derive(Insertable)]
#[diesel(table_name = events)]
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
#[diesel(table_name = event_subjects)]
struct SubjectRow<'a> {
    organisation_id: &'a str,
    subject: &'a str,
    event_id: &'a str,
    occurred_at: Moment,
    strand: Option<Strand>,
}

/// RFC 6962 section 2.1: the hash of a leaf is over a zero byte and the event's exact bytes.
pub fn leaf_hash(bytes: &[u8]) -> [u8; 32] {
    Sha256::new().chain_update([0_u8]).chain_update(bytes).finalize().into()
}

/// Appends the events of one command, in their order.
///
/// # Errors
/// What the database answers; an internal error for one of more bytes than `most`: what may be sent makes none that large.
pub fn append(db: &mut Db, new: &[Event], most: usize) -> Result<()> {
    let rows = new.iter().map(row).collect::<Result<Vec<_>>>()?;
    if let Some(row) = rows.iter().find(|row| row.bytes.len() > most) {
        return Err(Error::internal(format!("an event {} of {} bytes", row.kind, row.bytes.len())));
    }
    let subjects: Vec<_> = new
        .iter()
        .flat_map(|event| {
            event.subjects.iter().map(|subject| SubjectRow {
                organisation_id: event.organisation_id.as_str(),
                subject,
                event_id: event.id.as_str(),
                occurred_at: event.occurred_at,
                strand: Strand::of(event, subject),
            })
        })
        .collect();
    on_either!(db, conn => {
        diesel::insert_into(events::table).values(&rows).execute(conn)?;
        diesel::insert_into(event_subjects::table).values(&subjects).execute(conn)?;
    });
    chain::tie(db, new)
}

fn row(event: &Event) -> Result<Row<'_>> {
    let bytes = canonical::text(event)?.into_bytes();
    Ok(Row {
        id: event.id.as_str(),
        organisation_id: event.organisation_id.as_str(),
        command_id: event.command_id.as_str(),
        kind: event.deed.kind(),
        version: event.version,
        site_id: event.site_id.as_ref().map(|site| site.as_str()),
        actor: &event.actor.subject,
        occurred_at: event.occurred_at,
        recorded_at: event.recorded_at,
        leaf_hash: leaf_hash(&bytes).to_vec(),
        bytes,
    })
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
