//! What rests on a movement or an inspection: what the journal says has moved the same units on since.

use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::model::{Deed, Event};
use crate::caller::Caller;
use crate::clock::Moment;
use crate::db::Db;
use crate::db::schema::{
    administration_voids, event_subjects, events, inspection_reversals, movement_reversals, packs, postings,
    receipt_lines, receipts,
};
use crate::error::{Error, Result};
use crate::ids::{AccountId, EventId, InspectionId, LotId, MovementId, OrganisationId, PackId, ReceiptId};
use crate::problem::{Dependent, DependentType, Problem, ProblemCode};
use crate::stock::model::Posting;

/// That something cannot be taken back because of what rests on it: what happened at sites that the caller does not see is
/// not named.
///
/// # Errors
/// What the database answers.
pub fn rests_on(db: &mut Db, caller: &Caller, what: &str, mut dependents: Vec<Dependent>) -> Result<Error> {
    if let Some(sites) = &caller.sites {
        let known: Vec<String> = event_subjects::table
            .inner_join(events::table.on(events::id.eq(event_subjects::event_id)))
            .filter(event_subjects::organisation_id.eq(&caller.organisation_id))
            .filter(event_subjects::subject.eq_any(dependents.iter().map(|dependent| &dependent.id)))
            .filter(events::site_id.is_null().or(events::site_id.assume_not_null().eq_any(sites)))
            .select(event_subjects::subject)
            .distinct()
            .load(db)?;
        dependents.retain(|dependent| known.contains(&dependent.id));
    }
    if dependents.is_empty() {
        let detail = format!("{what} cannot be taken back: what rests on it is at sites that your token is not for.");
        return Ok(Error::problem(ProblemCode::BeyondYourSites, detail));
    }
    Ok(Error::Problem(Problem::rests_on(what, dependents)))
}

/// An event with the postings that it made.
pub struct Posted {
    /// The event, and those that continue it.
    pub ids: Vec<EventId>,
    /// What they posted.
    pub postings: Vec<Posting>,
}

fn read(bytes: &[u8]) -> Result<Event> {
    serde_json::from_slice(bytes).map_err(|e| Error::internal(format!("an event: {e}")))
}

fn posted(db: &mut Db, organisation: &OrganisationId, kinds: &[&str], subject: &str) -> Result<Vec<Posted>> {
    let about = event_subjects::table
        .filter(event_subjects::organisation_id.eq(organisation).and(event_subjects::subject.eq(subject)))
        .select(event_subjects::event_id);
    let found: Vec<Vec<u8>> = events::table
        .filter(events::organisation_id.eq(organisation))
        .filter(events::kind.eq_any(kinds.iter().copied().chain(["postings_continued"])))
        .filter(events::id.eq_any(about))
        .select(events::bytes)
        .order(events::position)
        .load(db)?;
    let mut all: Vec<Posted> = Vec::new();
    for bytes in &found {
        match read(bytes)? {
            Event { id, deed: Deed::PostingsContinued { event_id, postings, .. }, .. } => {
                // It may continue an event of another kind about the same thing.
                if let Some(posted) = all.iter_mut().find(|posted| posted.ids.contains(&event_id)) {
                    posted.ids.push(id);
                    posted.postings.extend(postings);
                }
            }
            Event { id, deed, .. } => all.push(Posted { ids: vec![id], postings: deed.postings().to_vec() }),
        }
    }
    Ok(all)
}

/// What a movement posted: in its own event, or in that of its approval where it waited for one.
///
/// # Errors
/// What the database answers.
pub fn posted_by_movement(db: &mut Db, organisation: &OrganisationId, id: &MovementId) -> Result<Option<Posted>> {
    let kinds =
        ["stock_transferred", "stock_wasted", "stock_returned", "stock_destroyed", "stock_counted", "count_reviewed"];
    let found = posted(db, organisation, &kinds, id.as_str())?;
    Ok(found.into_iter().find(|posted| !posted.postings.is_empty()))
}

/// What an inspection rejected.
///
/// # Errors
/// What the database answers.
pub fn rejected_by(db: &mut Db, organisation: &OrganisationId, id: &InspectionId) -> Result<Option<Posted>> {
    Ok(posted(db, organisation, &["stock_rejected"], id.as_str())?.into_iter().next())
}

/// Units that may have moved on.
pub struct Source<'a> {
    /// Of this lot.
    pub lot: &'a LotId,
    /// Out of any of these accounts, to none of them.
    pub accounts: &'a [AccountId],
    /// Of this pack or, inside, those without numbers; all of them where nothing is said.
    pub pack: Option<Option<&'a PackId>>,
    /// At this moment or later.
    pub since: Moment,
    /// By another event than these.
    pub not_by: &'a [EventId],
    /// Also by what was reversed or voided.
    pub undone_too: bool,
}

/// What has moved units on: one more than a problem names, at the most.
///
/// # Errors
/// What the database answers.
pub fn moved_on(db: &mut Db, organisation: &OrganisationId, source: &Source<'_>) -> Result<Vec<Dependent>> {
    let most = i64::try_from(Dependent::MOST).unwrap_or(i64::MAX).saturating_add(1);
    let (pack, of_none, of_any) = match source.pack {
        Some(Some(pack)) => (pack.as_str(), false, false),
        Some(None) => ("", true, false),
        None => ("", false, true),
    };
    let no_number = postings::pack_id.is_null().and(of_none.into_sql::<Bool>());
    let lines = postings::table
        .filter(postings::organisation_id.eq(organisation))
        .filter(postings::lot_id.eq(source.lot).and(postings::counts_at.ge(source.since)))
        .filter(postings::from_account.eq_any(source.accounts).and(postings::to_account.ne_all(source.accounts)))
        .filter(postings::pack_id.eq(pack).or(no_number).or(of_any.into_sql::<Bool>()))
        .filter(postings::event_id.ne_all(source.not_by))
        .select(postings::event_id);
    let mut query = events::table
        .filter(events::organisation_id.eq(organisation).and(events::id.eq_any(lines)))
        .select(events::bytes)
        .order(events::position)
        .limit(most)
        .into_boxed();
    if !source.undone_too {
        let about = || event_subjects::table.filter(event_subjects::event_id.eq(events::id));
        // By what each event is about, so that no more is looked at than was undone of it.
        let reversed = movement_reversals::table
            .filter(movement_reversals::organisation_id.eq(organisation))
            .filter(movement_reversals::movement_id.eq(event_subjects::subject));
        let unsaid = inspection_reversals::table
            .filter(inspection_reversals::organisation_id.eq(organisation))
            .filter(inspection_reversals::inspection_id.eq(event_subjects::subject));
        let voided = administration_voids::table
            .filter(administration_voids::organisation_id.eq(organisation))
            .filter(administration_voids::administration_id.eq(event_subjects::subject));
        query = query
            .filter(not(exists(about().filter(exists(reversed)))))
            .filter(not(exists(about().filter(exists(unsaid)))))
            .filter(not(exists(about().filter(exists(voided)))));
    }
    let found: Vec<Vec<u8>> = query.load(db)?;
    let mut dependents = Vec::with_capacity(found.len());
    for bytes in &found {
        let dependent = dependent(&read(bytes)?, source.lot);
        if !dependents.contains(&dependent) {
            dependents.push(dependent);
        }
    }
    Ok(dependents)
}

/// What somebody calls what an event did.
fn dependent(event: &Event, lot: &LotId) -> Dependent {
    use DependentType as T;
    match &event.deed {
        Deed::StockAdministered { administration, .. } => Dependent::new(T::Administration, &administration.id),
        Deed::AdministrationVoided { void, .. } => Dependent::new(T::Administration, &void.administration_id),
        Deed::StockReleased { release, .. } => Dependent::new(T::Release, &release.id),
        Deed::StockPassed { inspection_id, .. } | Deed::StockRejected { inspection_id, .. } => {
            Dependent::new(T::Inspection, inspection_id)
        }
        Deed::InspectionReversed { reversal, .. } => Dependent::new(T::Inspection, &reversal.inspection_id),
        Deed::StockTransferred { movement, .. }
        | Deed::StockWasted { movement, .. }
        | Deed::StockReturned { movement, .. }
        | Deed::StockDestroyed { movement, .. }
        | Deed::StockCounted { movement, .. } => Dependent::new(T::Movement, &movement.id),
        Deed::CountReviewed { review, .. } => Dependent::new(T::Movement, &review.movement_id),
        Deed::MovementReversed { reversal, .. } => Dependent::new(T::Movement, &reversal.movement_id),
        Deed::HoldOpened { hold, .. } => Dependent::new(T::Hold, &hold.id),
        Deed::HoldLifted { lift, .. } => Dependent::new(T::Hold, &lift.hold_id),
        Deed::HoldContinued { hold_id, .. } => Dependent::new(T::Hold, hold_id),
        // What it continues is about the same things.
        Deed::PostingsContinued { .. } => [("rel_", T::Release), ("insp_", T::Inspection), ("mov_", T::Movement)]
            .into_iter()
            .find_map(|(prefix, of)| {
                let subject = event.subjects.iter().find(|subject| subject.starts_with(prefix))?;
                Some(Dependent::new(of, subject))
            })
            .unwrap_or_else(|| Dependent::new(T::Lot, lot)),
        Deed::ReceiptCorrected { line, .. } => Dependent::new(T::Receipt, &line.receipt_id),
        _ => Dependent::new(T::Lot, lot),
    }
}

/// The receipts by which packs have arrived that were recorded after a moment: those that left before have arrived again.
///
/// # Errors
/// What the database answers.
pub fn arrived_since(
    db: &mut Db,
    organisation: &OrganisationId,
    ids: &[&PackId],
    moment: Moment,
) -> Result<Vec<Dependent>> {
    let found: Vec<ReceiptId> = packs::table
        .inner_join(receipt_lines::table.on(receipt_lines::id.eq(packs::receipt_line_id)))
        .inner_join(receipts::table.on(receipts::id.eq(receipt_lines::receipt_id)))
        .filter(packs::organisation_id.eq(organisation).and(packs::id.eq_any(ids.iter().copied())))
        .filter(receipts::recorded_at.gt(moment))
        .select(receipts::id)
        .order(receipts::id)
        .distinct()
        .load(db)?;
    Ok(found.iter().map(|id| Dependent::new(DependentType::Receipt, id)).collect())
}
