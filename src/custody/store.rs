//! Reading the journal.

use std::collections::{BTreeMap, BTreeSet};

use diesel::dsl::{exists, not};
use diesel::prelude::*;

use crate::caller::{Caller, Role};
use crate::clock::Moment;
use crate::command::DAYS_BACK;
use crate::db::Db;
use crate::db::schema::{accounts, administrations, event_subjects, events, locations};
use crate::error::Result;
use crate::http::paging::Found;
use crate::ids::{AdministrationId, EventId, LotId, PatientId, SiteId};
use crate::limits::LOOKED_AT_MAX;

/// Which events.
#[derive(Default)]
pub struct Filter {
    /// Only of this kind.
    pub kind: Option<String>,
    /// Only about this.
    pub subject: Option<String>,
    /// Only by this actor.
    pub actor: Option<String>,
    /// Only what happened from this moment on.
    pub from: Option<Moment>,
    /// Only what happened before this moment.
    pub to: Option<Moment>,
}

type Backend = <Db as Connection>::Backend;
type Events<'a, T> = events::BoxedQuery<'a, Backend, T>;

/// What happens in a stock-take while nobody is to be told what others count.
const COUNTED_BLIND: [&str; 2] = ["stock_take_scanned", "stock_take_scan_withdrawn"];

/// Of events those that the caller may see.
///
/// What is of no one site is seen by those who see a site, a location and a lot that it is about, if it is about any: a hold
/// on a lot that is elsewhere, or a transfer between others, is not theirs.
fn seen_by<'a, T: 'a>(caller: &'a Caller, query: Events<'a, T>) -> Events<'a, T> {
    // What was scanned in a stock-take is told there: to whoever counts only what is theirs, until counting is over.
    let blind = !caller.has_any(&[Role::Admin, Role::Auditor]);
    let query = if blind { query.filter(events::kind.ne_all(COUNTED_BLIND)) } else { query };
    let Some(sites) = &caller.sites else { return query };
    let subjects = || event_subjects::table.filter(event_subjects::event_id.eq(events::id));
    let about = |kind: &'static str| subjects().filter(event_subjects::subject.like(kind));
    let seen_sites = sites.iter().map(SiteId::as_str);
    let locations = locations::table
        .filter(locations::id.eq(event_subjects::subject).and(locations::site_id.eq_any(sites)))
        .select(locations::id);
    let lots = accounts::table
        .filter(accounts::lot_id.eq(event_subjects::subject))
        .filter(accounts::site_id.assume_not_null().eq_any(sites))
        .select(accounts::lot_id);
    let theirs = not(exists(about("site_%")))
        .or(exists(subjects().filter(event_subjects::subject.eq_any(seen_sites))))
        .and(not(exists(about("loc_%"))).or(exists(subjects().filter(exists(locations)))))
        .and(not(exists(about("lot_%"))).or(exists(subjects().filter(exists(lots)))));
    // A file is seen where it was uploaded, not wherever no site is named.
    let shared = events::kind.ne_all(["evidence_stored", "evidence_repeated"]);
    let theirs = theirs
        .and(shared.or(exists(subjects().filter(event_subjects::subject.eq_any(sites.iter().map(SiteId::as_str))))));
    // What became of a patient's key tells where else they were treated.
    let theirs = theirs.and(not(exists(about("pat_%"))));
    let here = events::site_id.is_not_null().and(events::site_id.assume_not_null().eq_any(sites));
    query.filter(here.or(events::site_id.is_null().and(theirs)))
}

/// The bytes of events that the caller may see, by id, after `after`.
///
/// Ids carry the time and the order within a command, so this is the order in which things were recorded. Where something is
/// asked for that the order of the ids does not give, it is looked for among the next [`LOOKED_AT_MAX`] events.
///
/// # Errors
/// What the database answers.
pub fn list(db: &mut Db, caller: &Caller, filter: &Filter, after: &str, limit: i64) -> Result<Found<Vec<u8>, 1>> {
    // What happened from a moment on was recorded no earlier than that, and no later than it may be entered (rule 20a).
    let from = filter.from.map(EventId::earliest).unwrap_or_default();
    let after = after.max(from.as_str());
    let until = filter.to.map(|to| EventId::earliest(to.plus_days(DAYS_BACK + 1)));
    let (about, horizon) = match &filter.subject {
        Some(subject) => about(db, caller, subject, after, until.as_deref())?,
        None => (None, horizon(db, caller, filter, after, until.as_deref())?),
    };
    let mut query = seen_by(caller, events::table.select(events::bytes).into_boxed())
        .filter(events::organisation_id.eq(&caller.organisation_id))
        .order(events::id)
        .limit(limit);
    if about.is_none() {
        query = query.filter(events::id.gt(after));
        if let Some(last) = &horizon {
            query = query.filter(events::id.le(last));
        }
        if let Some(until) = &until {
            query = query.filter(events::id.lt(until));
        }
    }
    if let Some(about) = &about {
        query = query.filter(events::id.eq_any(about));
    }
    if let Some(kind) = &filter.kind {
        query = query.filter(events::kind.eq(kind));
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
    Ok(Found { items: query.load(db)?, looked_at: horizon.map(|id| [id]) })
}

/// After every id.
const LAST: &str = "~";

/// The ids of the next events about a subject, and the last of them where there are more than are looked at.
fn about(
    db: &mut Db,
    caller: &Caller,
    subject: &str,
    after: &str,
    until: Option<&str>,
) -> Result<(Option<Vec<String>>, Option<String>)> {
    let mut ids: Vec<String> = event_subjects::table
        .filter(event_subjects::organisation_id.eq(&caller.organisation_id).and(event_subjects::subject.eq(subject)))
        .filter(event_subjects::event_id.gt(after).and(event_subjects::event_id.lt(until.unwrap_or(LAST))))
        .select(event_subjects::event_id)
        .order(event_subjects::event_id)
        .limit(LOOKED_AT_MAX + 1)
        .load(db)?;
    let most = usize::try_from(LOOKED_AT_MAX).unwrap_or(usize::MAX);
    let is_cut = ids.len() > most;
    ids.truncate(most);
    let last = ids.last().filter(|_| is_cut).cloned();
    Ok((Some(ids), last))
}

/// The last event that is looked at for a page, where an index does not lead to what is asked for: of those by the actor or of
/// the kind, the first of these that is asked for. None when all that follow are looked at.
fn horizon(db: &mut Db, caller: &Caller, filter: &Filter, after: &str, until: Option<&str>) -> Result<Option<String>> {
    let is_led = !(filter.kind.is_some() && filter.actor.is_some()) && filter.from.is_none() && filter.to.is_none();
    if is_led && caller.sites.is_none() {
        return Ok(None);
    }
    let mut query = events::table
        .filter(events::organisation_id.eq(&caller.organisation_id).and(events::id.gt(after)))
        .select(events::id)
        .order(events::id)
        .offset(LOOKED_AT_MAX)
        .limit(1)
        .into_boxed();
    if let Some(until) = until {
        query = query.filter(events::id.lt(until));
    }
    if let Some(actor) = &filter.actor {
        query = query.filter(events::actor.eq(actor));
    } else if let Some(kind) = &filter.kind {
        query = query.filter(events::kind.eq(kind));
    }
    Ok(query.first(db).optional()?)
}

/// Which of these events the caller may see.
///
/// # Errors
/// What the database answers.
pub fn visible(db: &mut Db, caller: &Caller, ids: &[&EventId]) -> Result<BTreeSet<EventId>> {
    if caller.sites.is_none() {
        return Ok(ids.iter().map(|id| (*id).clone()).collect());
    }
    let seen: Vec<EventId> = seen_by(caller, events::table.select(events::id).into_boxed())
        .filter(events::organisation_id.eq(&caller.organisation_id).and(events::id.eq_any(ids.iter().copied())))
        .load(db)?;
    Ok(seen.into_iter().collect())
}

/// The exact bytes of events.
///
/// # Errors
/// What the database answers.
pub fn bytes_of(db: &mut Db, caller: &Caller, ids: &[&EventId]) -> Result<BTreeMap<EventId, Vec<u8>>> {
    let found: Vec<(EventId, Vec<u8>)> = events::table
        .filter(events::organisation_id.eq(&caller.organisation_id).and(events::id.eq_any(ids.iter().copied())))
        .select((events::id, events::bytes))
        .load(db)?;
    Ok(found.into_iter().collect())
}

/// The exact bytes of an event, if the caller may see it.
///
/// # Errors
/// What the database answers.
pub fn bytes(db: &mut Db, caller: &Caller, id: &EventId) -> Result<Option<Vec<u8>>> {
    let event = seen_by(caller, events::table.select(events::bytes).into_boxed())
        .filter(events::organisation_id.eq(&caller.organisation_id).and(events::id.eq(id)));
    Ok(event.first(db).optional()?)
}

/// What patients were given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Treated {
    /// Who.
    pub patients: Vec<PatientId>,
    /// Their administrations.
    pub administrations: Vec<AdministrationId>,
    /// The lots that these were of.
    pub lots: Vec<LotId>,
}

/// What patients were given at sites that the caller sees: `most` administrations and one more, where there are more.
///
/// # Errors
/// What the database answers.
pub fn treated(db: &mut Db, caller: &Caller, patients: Vec<PatientId>, most: i64) -> Result<Treated> {
    let mut query = administrations::table
        .filter(administrations::organisation_id.eq(&caller.organisation_id))
        .filter(administrations::patient_id.eq_any(patients.clone()))
        .select((administrations::id, administrations::lot_id))
        .order((administrations::occurred_at, administrations::id))
        .limit(most.saturating_add(1))
        .into_boxed();
    if let Some(sites) = &caller.sites {
        query = query.filter(administrations::site_id.eq_any(sites));
    }
    let found: Vec<(AdministrationId, LotId)> = query.load(db)?;
    let lots: BTreeSet<LotId> = found.iter().map(|(_, lot)| lot.clone()).collect();
    let administrations = found.into_iter().map(|(id, _)| id).collect();
    Ok(Treated { patients, administrations, lots: lots.into_iter().collect() })
}
