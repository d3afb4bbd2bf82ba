//! What the postings of a lot tell of its past. SQL only, like the store.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use serde::Deserialize;

use super::model::{Account, AccountKind, Lot};
use super::origins::Flow;
use crate::clock::Moment;
use crate::db::Db;
use crate::db::schema::{accounts, administration_voids, event_subjects, events, movement_reversals, postings};
use crate::error::{Error, Result};
use crate::ids::{AccountId, EventId, LotId, OrganisationId, PackId, ReceiptId};

/// What moved of a lot after a moment, in the order in which it counts.
///
/// # Errors
/// What the database answers.
pub fn since(db: &mut Db, organisation: &OrganisationId, lot: &LotId, moment: Moment) -> Result<Vec<Line>> {
    type Row = (EventId, Moment, AccountId, AccountId, Option<PackId>, i64, String, Moment);
    let rows: Vec<Row> = postings::table
        .inner_join(events::table.on(events::id.eq(postings::event_id)))
        .filter(postings::organisation_id.eq(organisation))
        .filter(postings::lot_id.eq(lot).and(postings::counts_at.gt(moment)))
        .select((
            postings::event_id,
            postings::counts_at,
            postings::from_account,
            postings::to_account,
            postings::pack_id,
            postings::units,
            events::kind,
            events::occurred_at,
        ))
        .order((postings::counts_at, events::position, postings::line))
        .load(db)?;
    Ok(rows
        .into_iter()
        .map(|(event_id, at, from, to, pack_id, units, kind, occurred_at)| Line {
            event_id,
            at,
            from,
            to,
            pack_id,
            units,
            is_of_a_hold: is_of_a_hold(&kind, at != occurred_at),
        })
        .collect())
}

/// The last postings of a lot that count after a moment, the latest first: no more than so many.
///
/// # Errors
/// What the database answers.
pub fn latest(
    db: &mut Db,
    organisation: &OrganisationId,
    lot: &LotId,
    since: Moment,
    most: i64,
) -> Result<Vec<(Moment, AccountId, AccountId, i64)>> {
    Ok(postings::table
        .filter(postings::organisation_id.eq(organisation))
        .filter(postings::lot_id.eq(lot).and(postings::counts_at.gt(since)))
        .select((postings::counts_at, postings::from_account, postings::to_account, postings::units))
        .order(postings::counts_at.desc())
        .limit(most)
        .load(db)?)
}

/// Whether an event of a kind moved units as a hold does: what counts at another moment than its event is what the event
/// changed in one.
pub fn is_of_a_hold(kind: &str, has_its_own_moment: bool) -> bool {
    kind.starts_with("hold_") || kind.starts_with("excursion_") || has_its_own_moment
}

/// How units of a lot without numbers flowed up to a moment, or now, in the order in which it counts: into quarantine and on to
/// stock. What left stock for good is left out: there is as much of it as there were patients, and it tells of no unit
/// that is still to be released.
///
/// # Errors
/// What the database answers.
pub fn flows(db: &mut Db, organisation: &OrganisationId, lot: &Lot, until: Option<Moment>) -> Result<Vec<Flow>> {
    let lot = &lot.id;
    let in_stock = || {
        accounts::table
            .filter(accounts::lot_id.eq(lot).and(accounts::kind.eq(AccountKind::Available)))
            .select(accounts::id)
    };
    let inside =
        accounts::table.filter(accounts::lot_id.eq(lot).and(accounts::location_id.is_not_null())).select(accounts::id);
    let flows = postings::table
        .inner_join(events::table.on(events::id.eq(postings::event_id)))
        .filter(postings::organisation_id.eq(organisation))
        .filter(postings::lot_id.eq(lot).and(postings::pack_id.is_null()))
        .filter(postings::from_account.ne_all(in_stock()).or(postings::to_account.eq_any(inside)))
        .select((postings::event_id, postings::from_account, postings::to_account, postings::units))
        .order((postings::counts_at, events::position, postings::line));
    let rows: Vec<(EventId, AccountId, AccountId, i64)> = match until {
        Some(until) => flows.filter(postings::counts_at.le(until)).load(db)?,
        None => flows.load(db)?,
    };
    let receipts = receipts_by_event(db, organisation, lot)?;
    Ok(rows
        .into_iter()
        .map(|(event, from, to, units)| Flow { from, to, units, receipt: receipts.get(&event).cloned() })
        .collect())
}

/// The receipts that brought units of a lot, by the events that say so: one for each delivery of it.
fn receipts_by_event(db: &mut Db, organisation: &OrganisationId, lot: &LotId) -> Result<HashMap<EventId, ReceiptId>> {
    #[derive(Deserialize)]
    struct Event {
        data: Data,
    }
    #[derive(Deserialize)]
    struct Data {
        // What was there before Lotline came by no delivery that anybody could name.
        #[serde(default)]
        line: Option<Line>,
    }
    #[derive(Deserialize)]
    struct Line {
        receipt_id: ReceiptId,
    }
    let supplier = Account::outside(AccountKind::Supplier).id(lot);
    let rows: Vec<(EventId, Vec<u8>)> = events::table
        .inner_join(postings::table.on(postings::event_id.eq(events::id)))
        .filter(postings::organisation_id.eq(organisation))
        .filter(postings::lot_id.eq(lot).and(postings::from_account.eq(supplier)).and(postings::pack_id.is_null()))
        .select((events::id, events::bytes))
        .load(db)?;
    let mut found = HashMap::new();
    for (id, bytes) in rows {
        let event: Event =
            serde_json::from_slice(&bytes).map_err(|e| Error::internal(format!("a receiving event: {e}")))?;
        found.extend(event.data.line.map(|line| (id, line.receipt_id)));
    }
    Ok(found)
}

/// When a lot was made, as far as was known: from what its deliveries and their corrections told, in their order, each with whether it
/// was known. What nothing later corrected stands as it is.
///
/// # Errors
/// An internal error when one cannot be read.
pub fn production_date<'a>(lot: &Lot, told: impl Iterator<Item = (&'a [u8], bool)>) -> Result<Option<NaiveDate>> {
    #[derive(Deserialize)]
    struct Event {
        data: Data,
    }
    #[derive(Deserialize)]
    struct Data {
        #[serde(default)]
        production_date: Option<NaiveDate>,
        #[serde(default)]
        new_lot: Option<Lot>,
    }
    let (mut known, mut is_corrected) = (None, false);
    for (bytes, is_known) in told {
        let Event { data } =
            serde_json::from_slice(bytes).map_err(|e| Error::internal(format!("a receiving event: {e}")))?;
        is_corrected |= data.production_date.is_some() && !is_known;
        if is_known {
            let first = data.new_lot.filter(|new| new.id == lot.id).and_then(|new| new.production_date);
            known = data.production_date.or(first).or(known);
        }
    }
    Ok(if is_corrected { known } else { lot.production_date })
}

/// Whether units without numbers ever left quarantine at a site for anywhere but these accounts: they were returned, wasted,
/// taken elsewhere, and nobody released them.
///
/// # Errors
/// What the database answers.
pub fn left_quarantine(db: &mut Db, organisation: &OrganisationId, lot: &LotId, known: &[AccountId]) -> Result<bool> {
    let quarantined = accounts::table
        .filter(accounts::lot_id.eq(lot).and(accounts::kind.eq(AccountKind::Quarantined)))
        .filter(accounts::id.eq_any(known))
        .select(accounts::id);
    let left = postings::table
        .filter(postings::organisation_id.eq(organisation))
        .filter(postings::lot_id.eq(lot).and(postings::pack_id.is_null()))
        .filter(postings::from_account.eq_any(quarantined).and(postings::to_account.ne_all(known)));
    Ok(diesel::select(diesel::dsl::exists(left)).get_result(db)?)
}

/// The subjects of events by which units of a lot, or of these packs of it, left the organisation, with their kinds'
/// prefixes: what took them.
///
/// # Errors
/// What the database answers.
pub fn took(
    db: &mut Db,
    organisation: &OrganisationId,
    lot: &LotId,
    packs: &[PackId],
    limit: i64,
) -> Result<Vec<String>> {
    let inside =
        accounts::table.filter(accounts::lot_id.eq(lot).and(accounts::location_id.is_not_null())).select(accounts::id);
    let gone = accounts::table
        .filter(accounts::lot_id.eq(lot).and(accounts::location_id.is_null()))
        .filter(accounts::kind.ne(AccountKind::Supplier))
        .select(accounts::id);
    let back = administration_voids::table
        .filter(administration_voids::organisation_id.eq(organisation).and(administration_voids::returned_to_stock))
        .filter(administration_voids::administration_id.eq(event_subjects::subject));
    let reversed = movement_reversals::table
        .filter(movement_reversals::organisation_id.eq(organisation))
        .filter(movement_reversals::movement_id.eq(event_subjects::subject));
    let mut query = postings::table
        .inner_join(event_subjects::table.on(event_subjects::event_id.eq(postings::event_id)))
        .filter(postings::organisation_id.eq(organisation).and(postings::lot_id.eq(lot)))
        .filter(postings::from_account.eq_any(inside).and(postings::to_account.eq_any(gone)))
        .filter(event_subjects::subject.like("adm_%").or(event_subjects::subject.like("mov_%")))
        .filter(not(exists(back)).and(not(exists(reversed))))
        .select(event_subjects::subject)
        .distinct()
        .order(event_subjects::subject)
        .limit(limit)
        .into_boxed();
    if !packs.is_empty() {
        query = query.filter(postings::pack_id.assume_not_null().eq_any(packs));
    }
    Ok(query.load(db)?)
}

/// Units that moved after the moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// By which event.
    pub event_id: EventId,
    /// When.
    pub at: Moment,
    /// From which account.
    pub from: AccountId,
    /// To which.
    pub to: AccountId,
    /// Of which pack, where packs have numbers.
    pub pack_id: Option<PackId>,
    /// How many.
    pub units: i64,
    /// Whether a hold or an excursion moved them, or its end: then nobody had them in their hands, and it moves what is there.
    pub is_of_a_hold: bool,
}
