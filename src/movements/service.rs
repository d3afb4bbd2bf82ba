//! Moving units, removing them, and counting them.

use super::events::Deed;
use super::model::{Movement, MovementKind, Removal, Review, ReviewOutcome};
use super::store;
use super::wire::{MovementView, NewCount, NewRemoval, NewReview};
use super::{counting, rules};
use crate::caller::Role;
use crate::clock::Moment;
use crate::command::{About, Command, View};
use crate::decision::{Basis, Decision, Findings, ReasonCode, Refusal, Subject, SubjectType};
use crate::error::{Error, Result};
use crate::http::paging::After;
use crate::ids::{LocationId, LotId, MovementId, SiteId};
use crate::problem::ProblemCode;
use crate::sites::model::Location;
use crate::stock::books::{self, Books};
use crate::stock::model::{Account, Balance, Disposition, Lot, Posting};
use crate::stock::rules::{Drawable, Shortfall, distinct_serials};
use crate::stock::service::Wanted;
use crate::values::{Json, Prose, Serial, Units, number};

// What others may ask of the tables, or let follow from their events.
pub(super) use super::counting::Counted;
pub use super::counting::{Line, Settled, post, settle, waiting_at};
pub(super) use super::recording::{Facts, movement, record};
pub use super::store::{differences, of_stock_take};

/// Takes units out for good: wasted, returned or destroyed. Who treats wastes what they broke, and nothing that is set apart.
///
/// # Errors
/// `reference_unknown`, `serials_mismatch`; `forbidden` for a practitioner and units that are not available; `gate_refused` with every reason that applies.
pub fn remove(cmd: &mut Command<'_>, removal: Removal, new: &NewRemoval) -> Result<Movement> {
    let (kind, units) = (removal.kind(), new.units);
    let asked = Asked { lot_id: &new.lot_id, from: &new.from_location_id, units, serials: &new.serials };
    let facts = gather(cmd, kind, &asked, may_take(cmd, new.state)?, &new.reason, new.occurred_at)?;
    let mut findings = Findings::default();
    let (state, postings) = draw(&facts, &mut findings, |_| Account::outside(removal.account()))?;
    let postings = enter(&facts, postings, &mut findings);
    rules::may_remove(&facts.lot, removal, state, &mut findings);
    let site_id = Some(facts.from.site_id.clone());
    let decision = decide(cmd, &facts, new, site_id.clone(), findings)?;
    let movement = Movement { state: Some(state), decision: Some(Json::new(decision)), ..movement(cmd, &facts) };
    record(cmd, movement, site_id, postings, Vec::new())
}

/// From which disposition units may be taken by whoever asks: by who treats, from what is available.
fn may_take(cmd: &Command<'_>, state: Option<Disposition>) -> Result<Option<Disposition>> {
    let available = Some(Disposition::Available);
    if cmd.caller.has_any(&[Role::Quality]) || state == available {
        return Ok(state);
    }
    if state.is_none() {
        return Ok(available);
    }
    let detail = "Practitioners waste what is available; what is set apart is for: quality.";
    Err(Error::problem(ProblemCode::Forbidden, detail))
}

/// Counts the units of a lot at a location, and adjusts the books of that moment to what is there (DOMAIN rule 22a). A
/// difference beyond the policy's threshold waits for a second person.
///
/// # Errors
/// `reference_unknown`, `invalid_units`, `lot_not_at_location`, `serials_mismatch`, `retired` for a place where more is
/// found than the books have; `gate_refused` when packs must be named, or are not known, or units have moved since.
pub fn count(cmd: &mut Command<'_>, new: &NewCount) -> Result<Movement> {
    if !(0..=Units::MOST).contains(&new.units_counted) {
        let rule = format!("must be a whole number from 0 to {}", Units::MOST);
        return Err(Error::invalid(ProblemCode::InvalidUnits, "units_counted", rule));
    }
    let (lot, from) = lot_at(cmd, &new.lot_id, "location_id", &new.location_id, &new.serials)?;
    let occurred_at = cmd.occurred_at(new.occurred_at)?;
    let organisation = cmd.organisation();
    let books = books::at(cmd.db, organisation, &lot.id, cmd.past(occurred_at))?;
    let was_here = books.accounts.iter().any(|account| account.location_id.as_ref() == Some(&from.id));
    if !was_here
        && crate::stock::service::has_other_lots(cmd.db, organisation, &from, &lot.id)?
        && !store::has_units_to_count(cmd.db, organisation, &lot.id, &from.id)?
    {
        let detail = format!(
            "{} holds other lots and never held lot {}: count those, or transfer the lot there first.",
            from.name, lot.lot
        );
        return Err(Error::problem(ProblemCode::LotNotAtLocation, detail));
    }
    let policy = crate::policies::service::at(cmd.db, organisation, cmd.past(occurred_at))?;
    let missing = counting::missing_of(cmd, &books, &from, new)?;
    let serials = missing.as_deref().unwrap_or(&new.serials);
    let counted = Counted { lot: &lot, at: &from, units: new.units_counted, serials, occurred_at };
    let found = differs(cmd, &counted, &books, &crate::http::input::as_value(new)?)?;
    let waits = rules::waits(found.units, &policy);
    let site_id = from.site_id.clone();
    let state = (found.units > 0).then_some(Disposition::Quarantined);
    let facts = Facts {
        kind: MovementKind::Count,
        lot,
        from,
        units: found.units,
        serials,
        state,
        reason: &new.reason,
        occurred_at,
        on_hand: Drawable::default(),
        books,
    };
    let movement = Movement { units_counted: Some(new.units_counted), state, waits, ..movement(cmd, &facts) };
    let postings = if waits { Vec::new() } else { found.postings };
    record(cmd, movement, Some(site_id), postings, Vec::new())
}

/// Approves the difference that a count found, which posts it, or rejects it. The difference is that to the books of the
/// count's moment as they are known now: what was entered since for an earlier moment may explain it.
///
/// # Errors
/// `not_found`, `count_already_reviewed`, `self_reviewed_count`, `retired`; `gate_refused` when units have moved since.
pub fn review(
    cmd: &mut Command<'_>,
    id: &MovementId,
    outcome: ReviewOutcome,
    new: &NewReview,
) -> Result<(Movement, Review)> {
    let organisation = cmd.organisation();
    let count = expect(cmd, id)?;
    crate::stock::service::lock(cmd, std::slice::from_ref(&count.lot_id))?;
    if !count.waits || !store::reviews(cmd.db, organisation, &[&count.id])?.is_empty() {
        let detail = "The difference of this count does not wait for anybody.";
        return Err(Error::problem(ProblemCode::CountAlreadyReviewed, detail));
    }
    if cmd.caller.is(&count.moved_by) {
        let detail = "Whoever counted cannot review the difference: a second person must.";
        return Err(Error::problem(ProblemCode::SelfReviewedCount, detail));
    }
    let lot = crate::stock::service::expect_lot(cmd.db, cmd.caller, &count.lot_id)?;
    let at = crate::sites::service::expect_location(cmd.db, cmd.caller, "location_id", &count.from_location_id)?;
    let books = books::at(cmd.db, organisation, &lot.id, Some(count.occurred_at))?;
    let counted = Counted {
        lot: &lot,
        at: &at,
        units: count.units_counted.unwrap_or(0),
        serials: &count.serials,
        occurred_at: count.occurred_at,
    };
    let found = match outcome {
        ReviewOutcome::Approved => differs(cmd, &counted, &books, &crate::http::input::as_value(new)?)?,
        ReviewOutcome::Rejected => Difference { units: count.units, postings: Vec::new() },
    };
    let review = Review {
        movement_id: count.id.clone(),
        organisation_id: organisation.clone(),
        outcome,
        units: found.units,
        reason: new.reason.clone(),
        reviewed_by: cmd.caller.subject.clone(),
        reviewed_at: cmd.now,
    };
    let subjects = vec![count.id.to_string(), lot.id.to_string(), at.id.to_string()];
    let about = About { occurred_at: count.occurred_at, site_id: Some(at.site_id), subjects };
    let deed = Deed::CountReviewed { review: review.clone(), postings: found.postings };
    cmd.record_once(about, deed)?;
    Ok((count, review))
}

/// The movement of that id, if the caller sees it.
pub(super) fn expect(cmd: &mut Command<'_>, id: &MovementId) -> Result<Movement> {
    let filter = store::Filter { id: Some(id.clone()), ..store::Filter::default() };
    let found = store::list(cmd.db, cmd.caller, &filter, &After::START, 1)?.items.into_iter().next();
    found.ok_or_else(|| Error::not_found("movement"))
}

/// How a count differs from the books of its moment, and what makes them agree.
struct Difference {
    units: i64,
    postings: Vec<Posting>,
}

fn differs(
    cmd: &mut Command<'_>,
    counted: &Counted<'_>,
    books: &Books,
    request: &serde_json::Value,
) -> Result<Difference> {
    let here = books.at_location(&counted.at.id);
    let on_books: i64 = here.iter().map(|account| account.units).sum();
    let units = counted.units - on_books;
    if units >= 0 && !counted.serials.is_empty() {
        let rule = "name the packs that are missing, and nothing is";
        return Err(Error::invalid(ProblemCode::SerialsMismatch, "serials", rule));
    }
    let postings = match units {
        0 => Vec::new(),
        1.. => {
            counting::may_take_more(cmd, counted.at)?;
            vec![counting::surplus(counted, books, units)]
        }
        _ => deficit(cmd, counted, books, here, -units, request)?,
    };
    Ok(Difference { units, postings })
}

/// Units that the books have and a count did not find.
fn deficit(
    cmd: &mut Command<'_>,
    counted: &Counted<'_>,
    books: &Books,
    here: Vec<Balance>,
    units: i64,
    request: &serde_json::Value,
) -> Result<Vec<Posting>> {
    let (lot, at) = (counted.lot, counted.at);
    let mut findings = Findings::default();
    let (postings, packs) = counting::missing(cmd, counted, books, here, units, &mut findings)?;
    let postings = crate::stock::service::enter(books, lot, postings, &packs, &mut findings);
    let decision = Decision::from(findings, cmd.now);
    if decision.allowed {
        return Ok(postings);
    }
    Err(Error::Refused(Box::new(Refusal {
        operation: MovementKind::Count.verb(),
        site_id: Some(at.site_id.clone()),
        occurred_at: counted.occurred_at,
        subjects: vec![lot.id.to_string(), at.id.to_string()],
        request: request.clone(),
        decision,
    })))
}

/// Enters postings at the moment of the movement; what speaks against it is a reason to refuse.
pub(super) fn enter(facts: &Facts<'_>, postings: Vec<Posting>, findings: &mut Findings) -> Vec<Posting> {
    crate::stock::service::enter(&facts.books, &facts.lot, postings, &facts.on_hand.packs, findings)
}

/// What every request to move or remove units names.
pub(super) struct Asked<'a> {
    pub(super) lot_id: &'a LotId,
    pub(super) from: &'a LocationId,
    pub(super) units: Units,
    pub(super) serials: &'a [Serial],
}

pub(super) fn gather<'a>(
    cmd: &mut Command<'_>,
    kind: MovementKind,
    asked: &Asked<'a>,
    state: Option<Disposition>,
    reason: &'a Prose,
    occurred_at: Option<Moment>,
) -> Result<Facts<'a>> {
    if state == Some(Disposition::InUse) {
        let rule = "must be one of: quarantined passed available held rejected; an opened unit stays where it is";
        return Err(Error::invalid(ProblemCode::InvalidValue, "state", rule));
    }
    let (lot, from) = lot_at(cmd, asked.lot_id, "from_location_id", asked.from, asked.serials)?;
    let occurred_at = cmd.occurred_at(occurred_at)?;
    let organisation = cmd.organisation();
    let books = books::at(cmd.db, organisation, &lot.id, cmd.past(occurred_at))?;
    let books = books.with(&books::lines_of(cmd, &lot.id));
    let (units, serials) = (asked.units.get(), asked.serials);
    let (here, wanted) = (books.at_location(&from.id), Wanted { units, serials });
    let on_hand = crate::stock::service::drawable(cmd.db, organisation, &lot, &books, here, wanted)?;
    Ok(Facts { kind, lot, from, units, serials, state, reason, occurred_at, on_hand, books })
}

/// The lot and the location that a body names, with the lot locked.
fn lot_at(
    cmd: &mut Command<'_>,
    lot: &LotId,
    field: &str,
    location: &LocationId,
    serials: &[Serial],
) -> Result<(Lot, Location)> {
    distinct_serials("serials", serials)?;
    let lot = crate::stock::service::expect_lot(cmd.db, cmd.caller, lot)?;
    let location = crate::sites::service::expect_location(cmd.db, cmd.caller, field, location)?;
    crate::stock::service::lock(cmd, std::slice::from_ref(&lot.id))?;
    Ok((lot, location))
}

/// Takes the units from the disposition named, or from the first that has enough. A shortfall is a reason to refuse.
pub(super) fn draw(
    facts: &Facts<'_>,
    findings: &mut Findings,
    to: impl Fn(&Account) -> Account,
) -> Result<(Disposition, Vec<Posting>)> {
    let preferred = rules::preferred(facts.kind, facts.from.purpose);
    let states = facts.state.as_ref().map_or(preferred, std::slice::from_ref);
    let sources = rules::by_state(&facts.on_hand, states);
    match rules::choose(&sources, facts.units, facts.serials, to) {
        Ok(drawn) => Ok(drawn),
        Err(Shortfall::OnHand(_)) => {
            let counts: Vec<_> = sources
                .iter()
                .map(|(state, from)| format!("{} {state}", rules::units_in(from, facts.serials)))
                .collect();
            let (lot, at, wanted) = (&facts.lot, &facts.from.name, number(facts.units, "unit"));
            let message =
                format!("Of lot {} {at} has {}; asked for: {wanted} of one state.", lot.lot, counts.join(", "));
            findings.refuse(ReasonCode::StockNotOnHand, Subject::new(SubjectType::Lot, &lot.id), message);
            Ok((first(states)?, Vec::new()))
        }
        Err(shortfall) => {
            crate::stock::service::refuse_shortfall(shortfall, &facts.lot, facts.units, findings)?;
            Ok((first(states)?, Vec::new()))
        }
    }
}

fn first(states: &[Disposition]) -> Result<Disposition> {
    states.first().copied().ok_or_else(|| Error::internal("a movement that draws on nothing"))
}

pub(super) fn decide(
    cmd: &Command<'_>,
    facts: &Facts<'_>,
    request: &impl serde::Serialize,
    site_id: Option<SiteId>,
    mut findings: Findings,
) -> Result<Decision> {
    let of = |state: Disposition| -> i64 {
        let accounts = facts.on_hand.accounts.iter().filter(|(account, _)| account.kind == state.into());
        accounts.map(|(account, _)| account.units).sum()
    };
    findings.rests_on(Basis::Stock {
        lot_id: facts.lot.id.to_string(),
        available: of(Disposition::Available),
        quarantined: of(Disposition::Quarantined) + of(Disposition::Passed),
        held: of(Disposition::Held),
        rejected: of(Disposition::Rejected),
    });
    let decision = Decision::from(findings, cmd.now);
    if decision.allowed {
        return Ok(decision);
    }
    Err(Error::Refused(Box::new(Refusal {
        operation: facts.kind.verb(),
        site_id,
        occurred_at: facts.occurred_at,
        subjects: vec![facts.lot.id.to_string(), facts.from.id.to_string()],
        request: crate::http::input::as_value(request)?,
        decision,
    })))
}

/// Movements with what became of the differences that waited, and whether they were reversed.
///
/// # Errors
/// What the database answers.
pub fn views(view: &mut View<'_>, found: Vec<Movement>) -> crate::error::Result<Vec<MovementView>> {
    let waiting: Vec<_> = found.iter().filter(|movement| movement.waits).map(|movement| &movement.id).collect();
    let reviews = store::reviews(view.db, &view.caller.organisation_id, &waiting)?;
    let ids: Vec<_> = found.iter().map(|movement| &movement.id).collect();
    let reversals = store::reversals(view.db, &view.caller.organisation_id, &ids)?;
    let of = |movement: Movement| {
        let reversal = reversals.iter().find(|reversal| reversal.movement_id == movement.id);
        let review = reviews.iter().find(|review| review.movement_id == movement.id);
        MovementView::of(movement, review, reversal)
    };
    Ok(found.into_iter().map(of).collect())
}
