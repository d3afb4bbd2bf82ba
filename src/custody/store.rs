//! Reading the journal.

use diesel::dsl::{exists, not};
use diesel::prelude::*;

use super::model::Event;
use crate::caller::Caller;
use crate::clock::Moment;
use crate::db::Db;
use crate::db::schema::{accounts, event_subjects, events, locations};
use crate::error::{Error, Result};
use crate::ids::{AdministrationId, EventId, OrganisationId, SiteId};
use crate::stock::model::Posting;

/// Which events.
#[derive(Default)]
pub struct Filter {
    /// Only that one.
    pub id: Option<EventId>,
    /// Only of these kinds; none means all.
    pub kinds: Vec<String>,
    /// Only about any of these; none means all.
    pub subjects: Vec<String>,
    /// Only by this actor.
    pub actor: Option<String>,
    /// Only what happened from this moment on.
    pub from: Option<Moment>,
    /// Only what happened before this moment.
    pub to: Option<Moment>,
}

/// The bytes of events that the caller may see, by id, after `after`.
///
/// Ids carry the time and the order within a command, so this is the order in which things were recorded.
///
/// # Errors
/// What the database answers.
pub fn list(db: &mut Db, caller: &Caller, filter: &Filter, after: &str, limit: i64) -> Result<Vec<Vec<u8>>> {
    let mut query = events::table
        .filter(events::organisation_id.eq(&caller.organisation_id).and(events::id.gt(after)))
        .select(events::bytes)
        .order(events::id)
        .limit(limit)
        .into_boxed();
    if let Some(sites) = &caller.sites {
        // What is of no one site is seen by those who see a site, a location and a lot that it is about, if it is about
        // any: a hold on a lot that is elsewhere, or a transfer between others, is not theirs.
        let subjects = || event_subjects::table.filter(event_subjects::event_id.eq(events::id));
        let about = |kind: &'static str| subjects().filter(event_subjects::subject.like(kind));
        let seen_sites = sites.iter().map(SiteId::as_str);
        let locations = locations::table.filter(locations::site_id.eq_any(sites)).select(locations::id);
        let lots = accounts::table.filter(accounts::site_id.assume_not_null().eq_any(sites)).select(accounts::lot_id);
        let theirs = not(exists(about("site_%")))
            .or(exists(subjects().filter(event_subjects::subject.eq_any(seen_sites))))
            .and(not(exists(about("loc_%"))).or(exists(subjects().filter(event_subjects::subject.eq_any(locations)))))
            .and(not(exists(about("lot_%"))).or(exists(subjects().filter(event_subjects::subject.eq_any(lots)))));
        // A file is seen where it was uploaded, not wherever no site is named.
        let shared = events::kind.ne_all(["evidence_stored", "evidence_repeated"]);
        let theirs = theirs.and(
            shared.or(exists(subjects().filter(event_subjects::subject.eq_any(sites.iter().map(SiteId::as_str))))),
        );
        let here = events::site_id.is_not_null().and(events::site_id.assume_not_null().eq_any(sites));
        query = query.filter(here.or(events::site_id.is_null().and(theirs)));
    }
    if let Some(id) = &filter.id {
        query = query.filter(events::id.eq(id));
    }
    if !filter.kinds.is_empty() {
        query = query.filter(events::kind.eq_any(&filter.kinds));
    }
    if !filter.subjects.is_empty() {
        let about = event_subjects::table
            .filter(event_subjects::organisation_id.eq(&caller.organisation_id))
            .filter(event_subjects::subject.eq_any(&filter.subjects))
            .select(event_subjects::event_id);
        query = query.filter(events::id.eq_any(about));
    }
    if let Some(actor) = &filter.actor {
        query = query.filter(events::actor.eq(actor));
    }
    if let Some(from) = filter.from {
        query = query.filter(events::occurred_at.ge(from));
    }
    if let Some(to) = filter.to {
        query = query.filter(events::occurred_at.lt(to));
    }
    Ok(query.load(db)?)
}

/// The exact bytes of an event, if the caller may see it.
///
/// # Errors
/// What the database answers.
pub fn bytes(db: &mut Db, caller: &Caller, id: &EventId) -> Result<Option<Vec<u8>>> {
    let filter = Filter { id: Some(id.clone()), ..Filter::default() };
    Ok(list(db, caller, &filter, "", 1)?.into_iter().next())
}

/// The newest event of some kinds about something, of those that happened by a moment.
///
/// # Errors
/// What the database answers; an internal error when its bytes cannot be read.
pub fn newest(
    db: &mut Db,
    organisation: &OrganisationId,
    subject: &str,
    kinds: &[&str],
    by: Option<Moment>,
) -> Result<Option<Event>> {
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
    let bytes: Option<Vec<u8>> = query.first(db).optional()?;
    let read = |bytes: Vec<u8>| serde_json::from_slice(&bytes).map_err(|e| Error::internal(format!("an event: {e}")));
    bytes.map(read).transpose()
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

/// The postings that an administration made: they are in its event.
///
/// # Errors
/// What the database answers; an internal error when the event is not there.
pub fn administered(db: &mut Db, organisation: &OrganisationId, id: &AdministrationId) -> Result<Vec<Posting>> {
    let about = event_subjects::table
        .filter(event_subjects::organisation_id.eq(organisation).and(event_subjects::subject.eq(id.as_str())))
        .select(event_subjects::event_id);
    let bytes: Vec<u8> = events::table
        .filter(events::organisation_id.eq(organisation).and(events::kind.eq("stock_administered")))
        .filter(events::id.eq_any(about))
        .select(events::bytes)
        .first(db)?;
    let event: Event = serde_json::from_slice(&bytes).map_err(|e| Error::internal(format!("an event: {e}")))?;
    Ok(event.deed.postings().to_vec())
}
