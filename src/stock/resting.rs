//! What rests on a movement or an inspection: what the journal says has moved the same units on since.

use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel::sql_types::Bool;
use serde::Deserialize;
use serde_json::Value;

use crate::caller::Caller;
use crate::clock::Moment;
use crate::db::Db;
use crate::db::schema::{
    administration_voids, event_subjects, events, inspection_reversals, movement_reversals, packs, postings,
    receipt_lines, receipts,
};
use crate::error::{Error, Result};
use crate::ids::{AccountId, EventId, InspectionId, LotId, MovementId, OrganisationId, PackId, ReceiptId};
use crate::journal;
use crate::ledger::Posting;
use crate::problem::{Dependent, DependentType, Problem, ProblemCode};

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

/// What an event of any slice says of the units that it moved.
#[derive(Deserialize)]
struct Moved {
    id: EventId,
    kind: String,
    subjects: Vec<String>,
    data: Value,
}

impl Moved {
    fn postings(&self) -> Result<Vec<Posting>> {
        let postings = self.data.get("postings").unwrap_or(&Value::Null);
        let read = <Option<Vec<Posting>>>::deserialize(postings);
        Ok(read.map_err(|e| Error::internal(format!("an event: {e}")))?.unwrap_or_default())
    }
}

fn posted(db: &mut Db, organisation: &OrganisationId, kinds: &[&str], subject: &str) -> Result<Vec<Posted>> {
    let about = event_subjects::table
        .filter(event_subjects::organisation_id.eq(organisation).and(event_subjects::subject.eq(subject)))
        .select(event_subjects::event_id);
    let found: Vec<Vec<u8>> = events::table
        .filter(events::organisation_id.eq(organisation))
        .filter(events::kind.eq_any(kinds.iter().copied().chain([CONTINUED])))
        .filter(events::id.eq_any(about))
        .select(events::bytes)
        .order(events::position)
        .load(db)?;
    let mut all: Vec<Posted> = Vec::new();
    for bytes in &found {
        let moved: Moved = journal::store::deed(bytes)?;
        let postings = moved.postings()?;
        if moved.kind != CONTINUED {
            all.push(Posted { ids: vec![moved.id], postings });
            continue;
        }
        // It may continue an event of another kind about the same thing.
        let begun = moved.data.get("event_id").and_then(Value::as_str);
        if let Some(posted) = all.iter_mut().find(|posted| posted.ids.iter().any(|id| Some(id.as_str()) == begun)) {
            posted.ids.push(moved.id);
            posted.postings.extend(postings);
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
        let dependent = dependent(&journal::store::deed(bytes)?, source.lot);
        if !dependents.contains(&dependent) {
            dependents.push(dependent);
        }
    }
    Ok(dependents)
}

/// What somebody calls what an event of a kind did, and where its data name it. What is not here moved units of the lot.
const CALLED: &[(&str, DependentType, &str)] = &[
    ("stock_administered", DependentType::Administration, "/administration/id"),
    ("administration_voided", DependentType::Administration, "/void/administration_id"),
    ("stock_released", DependentType::Release, "/release/id"),
    ("stock_passed", DependentType::Inspection, "/inspection_id"),
    ("stock_rejected", DependentType::Inspection, "/inspection_id"),
    ("inspection_reversed", DependentType::Inspection, "/reversal/inspection_id"),
    ("stock_transferred", DependentType::Movement, "/movement/id"),
    ("stock_wasted", DependentType::Movement, "/movement/id"),
    ("stock_returned", DependentType::Movement, "/movement/id"),
    ("stock_destroyed", DependentType::Movement, "/movement/id"),
    ("stock_counted", DependentType::Movement, "/movement/id"),
    ("count_reviewed", DependentType::Movement, "/review/movement_id"),
    ("movement_reversed", DependentType::Movement, "/reversal/movement_id"),
    ("hold_opened", DependentType::Hold, "/hold/id"),
    ("hold_lifted", DependentType::Hold, "/lift/hold_id"),
    ("hold_continued", DependentType::Hold, "/hold_id"),
    ("excursion_exposed", DependentType::Excursion, "/excursion_id"),
    ("excursion_settled", DependentType::Excursion, "/excursion_id"),
    ("container_opened", DependentType::Container, "/container/id"),
    ("container_discarded", DependentType::Container, "/container_id"),
    ("receipt_corrected", DependentType::Receipt, "/line/receipt_id"),
];

/// The kind of events that go on moving what another began to.
const CONTINUED: &str = "postings_continued";

/// What somebody calls what an event did.
fn dependent(moved: &Moved, lot: &LotId) -> Dependent {
    let of_lot = || Dependent::new(DependentType::Lot, lot);
    if moved.kind == CONTINUED {
        // What it continues is about the same things.
        let called =
            [("rel_", DependentType::Release), ("insp_", DependentType::Inspection), ("mov_", DependentType::Movement)];
        let mut found = called.into_iter().filter_map(|(prefix, kind)| {
            let subject = moved.subjects.iter().find(|subject| subject.starts_with(prefix))?;
            Some(Dependent::new(kind, subject))
        });
        return found.next().unwrap_or_else(of_lot);
    }
    let called = CALLED.iter().find(|(kind, ..)| *kind == moved.kind);
    let named = called.and_then(|(_, kind, place)| Some((kind, moved.data.pointer(place)?.as_str()?)));
    named.map_or_else(of_lot, |(kind, id)| Dependent::new(*kind, id))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_called_something_can_happen() {
        for (kind, ..) in CALLED {
            assert!(crate::house::kinds(kind).is_some(), "{kind}");
        }
        assert!(crate::house::kinds(CONTINUED).is_some());
    }
}
