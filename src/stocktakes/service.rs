//! Opening a stock-take, and ending it.

use std::collections::{BTreeMap, BTreeSet};

use super::comparing;
use super::events::Deed;
use super::model::{Ending, Recount, StockTake, StockTakeState, Told};
use super::rules::Compared;
use super::store;
use super::wire::{NewRecount, NewStockTake, StockTakeLine, StockTakeView};
use crate::caller::Caller;
use crate::clock::Moment;
use crate::command::{About, Command, View};
use crate::db::Db;
use crate::decision::{Decision, Findings, ReasonCode, Refusal, Subject, SubjectType};
use crate::error::{Error, Result};
use crate::ids::{LocationId, LotId, StockTakeId};
use crate::limits::STOCK_TAKE_PLACES_MAX;
use crate::movements::model::Movement;
use crate::movements::service::{Line, Settled};
use crate::names::service::{Asked, Known};
use crate::problem::ProblemCode;
use crate::sites::model::Location;
use crate::stock::model::Lot;
use crate::values::{Json, Prose};

pub use super::store::open as waiting;

/// Opens a stock-take over places of one site.
///
/// # Errors
/// `empty_list`, `list_too_long`, `duplicate_entry`, `reference_unknown`; `invalid_value` for places of several sites; `retired` for
/// a place that is; `places_being_counted`, `stock_take_too_large`.
pub fn open(cmd: &mut Command<'_>, new: &NewStockTake) -> Result<StockTake> {
    let places = places(cmd, "location_ids", &new.location_ids)?;
    let Some(site_id) = places.first().map(|place| place.site_id.clone()) else {
        return Err(Error::invalid(ProblemCode::EmptyList, "location_ids", "needs at least one place"));
    };
    if places.iter().any(|place| place.site_id != site_id) {
        let rule = "names places of several sites: open a stock-take for each";
        return Err(Error::invalid(ProblemCode::InvalidValue, "location_ids", rule));
    }
    places.iter().try_for_each(crate::versions::in_use)?;
    refuse_counted(cmd, &places, &new.location_ids)?;
    comparing::lying(cmd.db, cmd.organisation(), &new.location_ids)?;
    let take = StockTake {
        id: cmd.mint(StockTakeId::mint),
        organisation_id: cmd.organisation().clone(),
        site_id,
        location_ids: Json::new(new.location_ids.clone()),
        reason: new.reason.clone(),
        due: new.due,
        state: StockTakeState::Counting,
        round: 1,
        recounts: Json::new(Vec::new()),
        opened_by: cmd.caller.subject.clone(),
        opened_at: cmd.now,
        closed_by: None,
        closed_at: None,
        ended_by: None,
        ended_at: None,
        end_reason: None,
    };
    cmd.record(about(cmd, &take), Deed::StockTakeOpened { stock_take: Box::new(take.clone()) })?;
    Ok(take)
}

/// A place is counted in one stock-take at a time: what another one has shown is no blind count any more.
fn refuse_counted(cmd: &mut Command<'_>, places: &[Location], ids: &[LocationId]) -> Result<()> {
    cmd.lock(|db, organisation| store::lock_places(db, organisation, ids))?;
    let Some(open) = store::open_over(cmd.db, cmd.organisation(), ids)? else { return Ok(()) };
    let place = places.iter().find(|place| open.location_ids.contains(&place.id));
    let name = place.map_or("A place", |place| place.name.as_str());
    let detail = format!("{name} is being counted in stock-take {}: approve or cancel that first.", open.id);
    Err(Error::problem(ProblemCode::PlacesBeingCounted, detail))
}

/// The places that a body names, each once.
fn places(cmd: &mut Command<'_>, field: &str, ids: &[LocationId]) -> Result<Vec<Location>> {
    if ids.len() > STOCK_TAKE_PLACES_MAX {
        let rule = format!("must have at most {STOCK_TAKE_PLACES_MAX} places");
        return Err(Error::invalid(ProblemCode::ListTooLong, field, rule));
    }
    if ids.iter().collect::<BTreeSet<_>>().len() < ids.len() {
        return Err(Error::invalid(ProblemCode::DuplicateEntry, field, "names a place twice"));
    }
    let (db, caller) = (&mut *cmd.db, cmd.caller);
    ids.iter().map(|id| crate::sites::service::expect_location(db, caller, field, id)).collect()
}

/// The stock-take of that id, if the caller sees its site.
///
/// # Errors
/// What the database answers.
pub fn find(db: &mut Db, caller: &Caller, id: &StockTakeId) -> Result<Option<StockTake>> {
    Ok(store::stock_take(db, &caller.organisation_id, id)?.filter(|take| caller.sees(&take.site_id)))
}

/// The same, locked.
///
/// # Errors
/// `not_found`.
pub(super) fn expect_locked(cmd: &mut Command<'_>, id: &StockTakeId) -> Result<StockTake> {
    cmd.lock(|db, organisation| store::lock(db, organisation, id))?;
    find(cmd.db, cmd.caller, id)?.ok_or_else(|| Error::not_found("stock-take"))
}

pub(super) fn about(cmd: &Command<'_>, take: &StockTake) -> About {
    About { occurred_at: cmd.now, site_id: Some(take.site_id.clone()), subjects: vec![take.id.to_string()] }
}

fn ending(cmd: &Command<'_>, take: &StockTake, reason: Option<&Prose>) -> Ending {
    Ending { stock_take_id: take.id.clone(), by: cmd.caller.subject.clone(), at: cmd.now, reason: reason.cloned() }
}

fn expect_closed(take: &StockTake) -> Result<()> {
    match take.state {
        StockTakeState::Closed => Ok(()),
        StockTakeState::Counting => {
            let detail = "This stock-take is counting: close it first.";
            Err(Error::problem(ProblemCode::StockTakeNotClosed, detail))
        }
        ended => Err(Error::problem(ProblemCode::StockTakeEnded, format!("This stock-take was {ended}."))),
    }
}

/// Says that counting is over. From here on the differences show.
///
/// # Errors
/// `not_found`, `stock_take_not_open`, `stock_take_too_large`.
pub fn close(cmd: &mut Command<'_>, id: &StockTakeId, reason: Option<&Prose>) -> Result<StockTake> {
    let take = expect_locked(cmd, id)?;
    expect_counting(&take)?;
    let closing = ending(cmd, &take, reason);
    cmd.record(about(cmd, &take), Deed::StockTakeClosed { closing: closing.clone() })?;
    Ok(StockTake { state: StockTakeState::Closed, closed_by: Some(closing.by), closed_at: Some(closing.at), ..take })
}

pub(super) fn expect_counting(take: &StockTake) -> Result<()> {
    let detail = match take.state {
        StockTakeState::Counting => return Ok(()),
        StockTakeState::Closed => "This stock-take is closed: reopen what is to be counted again.",
        StockTakeState::Approved => "This stock-take was approved.",
        StockTakeState::Cancelled => "This stock-take was cancelled.",
    };
    Err(Error::problem(ProblemCode::StockTakeNotOpen, detail))
}

/// Has lots at places counted again, or all of a place; where nothing is named, everything that must be. The rest stays counted.
///
/// # Errors
/// `not_found`, `stock_take_not_closed`, `stock_take_ended`, `list_too_long`, `reference_unknown` for a place that is not counted or
/// a lot that nobody knows; `nothing_to_count_again`.
pub fn reopen(cmd: &mut Command<'_>, id: &StockTakeId, new: &NewRecount) -> Result<StockTake> {
    let take = expect_locked(cmd, id)?;
    expect_closed(&take)?;
    let mut again: BTreeSet<(LocationId, Option<LotId>)> = BTreeSet::new();
    for (place, field) in new.location_ids.iter().map(|place| (place, "location_ids")) {
        again.insert((counted_place(&take, place, field)?, None));
    }
    if new.lines.len() > crate::limits::STOCK_TAKE_LINES_MAX {
        let rule = format!("must have at most {} lines", crate::limits::STOCK_TAKE_LINES_MAX);
        return Err(Error::invalid(ProblemCode::ListTooLong, "lines", rule));
    }
    for line in &new.lines {
        let place = counted_place(&take, &line.location_id, "location_id")?;
        crate::stock::service::expect_lot(cmd.db, cmd.caller, &line.lot_id)?;
        again.insert((place, Some(line.lot_id.clone())));
    }
    if again.is_empty() {
        let compared = comparing::compare(cmd.db, &take, cmd.now)?.into_iter();
        again.extend(compared.filter(|line| line.again).map(|line| (line.location_id, Some(line.lot_id))));
    }
    if again.is_empty() {
        let detail = "Nothing has moved since it was counted: name what is to be counted again.";
        return Err(Error::problem(ProblemCode::NothingToCountAgain, detail));
    }
    let (round, since) = (take.round.saturating_add(1), cmd.now);
    let closed_by = &take.closed_by;
    let anew = |(location_id, lot_id)| Recount { location_id, lot_id, round, since, closed_by: closed_by.clone() };
    let recounts: Vec<Recount> = again.into_iter().map(anew).collect();
    let mut all = take.recounts.clone().into_inner();
    if all.len().saturating_add(recounts.len()) > crate::limits::STOCK_TAKE_SCANS_MAX {
        return Err(comparing::too_large());
    }
    all.extend(recounts.iter().cloned());
    let (stock_take_id, reason) = (take.id.clone(), new.reason.clone());
    cmd.record(about(cmd, &take), Deed::StockTakeReopened { stock_take_id, round, recounts, reason })?;
    Ok(StockTake { state: StockTakeState::Counting, round, recounts: Json::new(all), ..take })
}

fn counted_place(take: &StockTake, place: &LocationId, field: &str) -> Result<LocationId> {
    let found = take.location_ids.iter().find(|counted| *counted == place);
    found.cloned().ok_or_else(|| Error::reference_unknown(field))
}

/// Gives a stock-take up: nothing is posted.
///
/// # Errors
/// `not_found`, `stock_take_ended`.
pub fn cancel(cmd: &mut Command<'_>, id: &StockTakeId, reason: &Prose) -> Result<StockTake> {
    let take = expect_locked(cmd, id)?;
    if take.ended_at.is_some() {
        let detail = format!("This stock-take was {}.", take.state);
        return Err(Error::problem(ProblemCode::StockTakeEnded, detail));
    }
    let ending = ending(cmd, &take, Some(reason));
    cmd.record(about(cmd, &take), Deed::StockTakeCancelled { ending: ending.clone() })?;
    Ok(ended(take, ending, StockTakeState::Cancelled))
}

fn ended(take: StockTake, ending: Ending, state: StockTakeState) -> StockTake {
    let Ending { by, at, reason, .. } = ending;
    StockTake { state, ended_by: Some(by), ended_at: Some(at), end_reason: reason, ..take }
}

/// Approves the differences, and posts each as a count, at the moment of its last scan.
///
/// # Errors
/// `not_found`, `stock_take_not_closed`, `stock_take_ended`, `self_approved_stock_take`, `stock_take_too_large`; `retired` for a place
/// with more than the books have; `gate_refused` with every line that must be counted again, every count that waits, and whatever
/// else speaks against a difference. Then nothing is posted.
pub fn approve(cmd: &mut Command<'_>, id: &StockTakeId, reason: Option<&Prose>) -> Result<StockTake> {
    let take = expect_locked(cmd, id)?;
    expect_closed(&take)?;
    refuse_who_counted(cmd, &take)?;
    let lots = lock_lots(cmd, &take)?;
    let compared = comparing::compare(cmd.db, &take, cmd.now)?;
    if compared.iter().any(|line| !lots.contains_key(&line.lot_id)) {
        // Something came there between two looks: it is looked at again, with that locked too.
        return Err(Error::Race);
    }
    let mut findings = Findings::default();
    let places = crate::sites::service::locations(cmd.db, cmd.organisation(), &take.location_ids)?;
    refuse_moved(cmd, &take, &compared, (&lots, &places), &mut findings)?;
    let settled = match findings.reasons.is_empty() {
        true => settle(cmd, &take, &compared, (&lots, &places), reason, &mut findings)?,
        false => Vec::new(),
    };
    let decision = Decision::from(findings, cmd.now);
    if !decision.allowed {
        return Err(Error::Refused(Box::new(Refusal {
            operation: "approve a stock-take",
            site_id: Some(take.site_id.clone()),
            occurred_at: cmd.now,
            subjects: vec![take.id.to_string()],
            request: serde_json::json!({"stock_take_id": take.id}),
            decision,
        })));
    }
    let differences = i64::try_from(settled.len()).unwrap_or(i64::MAX);
    let told = compared.iter().map(|line| told(line, &settled)).collect();
    for line in settled {
        crate::movements::service::post(cmd, line)?;
    }
    let lines = i64::try_from(compared.len()).unwrap_or(i64::MAX);
    let ending = ending(cmd, &take, reason);
    cmd.record(about(cmd, &take), Deed::StockTakeApproved { ending: ending.clone(), lines, differences, told })?;
    Ok(ended(take, ending, StockTakeState::Approved))
}

/// What is told of a line for ever: what its approval takes off the books is among it.
fn told(line: &Compared, settled: &[Settled]) -> Told {
    let its = settled.iter().find(|settled| settled.is_of(&line.location_id, &line.lot_id));
    Told {
        location_id: line.location_id.clone(),
        lot_id: line.lot_id.clone(),
        counted: line.counted,
        on_books: line.on_books,
        counted_at: line.counted_at,
        counted_by: line.counted_by.clone(),
        missing: line.missing.clone(),
        found: line.found.iter().map(|(_, serial, _)| serial.clone()).collect(),
        elsewhere: line.elsewhere.clone(),
        written_off: its.map(|settled| settled.written_off().to_vec()).unwrap_or_default(),
    }
}

/// Four eyes: whoever scanned anything, and whoever said that what was not scanned is not there, cannot approve it.
fn refuse_who_counted(cmd: &mut Command<'_>, take: &StockTake) -> Result<()> {
    if counted_in(cmd.db, cmd.caller, take)? {
        let detail = "You counted in this stock-take, or closed it: a second person must approve it.";
        return Err(Error::problem(ProblemCode::SelfApprovedStockTake, detail));
    }
    Ok(())
}

/// Locks every lot that is compared: those that were scanned, and those that lie there.
fn lock_lots(cmd: &mut Command<'_>, take: &StockTake) -> Result<BTreeMap<LotId, Lot>> {
    let mut ids: BTreeSet<LotId> = comparing::scans(cmd.db, take)?.into_iter().map(|scan| scan.lot_id).collect();
    ids.extend(comparing::lying(cmd.db, cmd.organisation(), &take.location_ids)?.into_iter().map(|(_, lot)| lot));
    let ids: Vec<LotId> = ids.into_iter().collect();
    crate::stock::service::lock(cmd, &ids)?;
    let lots = crate::stock::service::lots(cmd.db, cmd.organisation(), &ids.iter().collect::<Vec<_>>())?;
    Ok(lots.into_iter().map(|lot| (lot.id.clone(), lot)).collect())
}

/// What is known of the lots and places of a stock-take.
type KnownHere<'a> = (&'a BTreeMap<LotId, Lot>, &'a [Location]);

fn named<'a>(line: &Compared, (lots, places): KnownHere<'a>) -> Result<(&'a Lot, &'a Location)> {
    let lot = lots.get(&line.lot_id);
    let place = places.iter().find(|place| place.id == line.location_id);
    lot.zip(place).ok_or_else(|| Error::internal("a line of a stock-take without its lot or its place"))
}

/// Lines that moved since they were counted, and those of which another count waits: two differences to the same books would both
/// be posted.
fn refuse_moved(
    cmd: &mut Command<'_>,
    take: &StockTake,
    compared: &[Compared],
    known: KnownHere<'_>,
    findings: &mut Findings,
) -> Result<()> {
    let waiting = crate::movements::service::waiting_at(cmd.db, cmd.organisation(), &take.site_id)?;
    for line in compared {
        let (lot, place) = named(line, known)?;
        let subject = || Subject::new(SubjectType::Lot, &lot.id);
        if line.again {
            let message = format!(
                "Units of lot {} came to {} or left it since they were counted: count them again.",
                lot.lot, place.name
            );
            findings.refuse(ReasonCode::StockMovedMeanwhile, subject(), message);
        }
        if waiting.contains(&(line.location_id.clone(), line.lot_id.clone())) {
            let message = format!(
                "A count of lot {} at {} waits for a second person: approve or reject it first.",
                lot.lot, place.name
            );
            findings.refuse(ReasonCode::CountWaits, subject(), message);
        }
    }
    Ok(())
}

/// What posts the differences.
fn settle(
    cmd: &mut Command<'_>,
    take: &StockTake,
    compared: &[Compared],
    known: KnownHere<'_>,
    reason: Option<&Prose>,
    findings: &mut Findings,
) -> Result<Vec<Settled>> {
    let given = reason.or(take.reason.as_ref()).cloned();
    let reason = given.map_or_else(|| "Stock-take".parse(), Ok)?;
    let mut settled = Vec::new();
    for line in compared.iter().filter(|line| line.differs) {
        let (lot, at) = named(line, known)?;
        let line = Line {
            lot: lot.clone(),
            at: at.clone(),
            units: line.counted,
            packs: line.packs.clone(),
            found: line.found.clone(),
            occurred_at: line.counted_at,
            counted_by: line.counted_by.clone(),
        };
        settled.push(crate::movements::service::settle(cmd, (&line, &take.id), &reason, findings)?);
    }
    Ok(settled)
}

/// A stock-take as it is shown, with its lines where they may be.
///
/// # Errors
/// `stock_take_too_large`.
pub fn view(db: &mut Db, now: Moment, take: StockTake) -> Result<StockTakeView> {
    let organisation = take.organisation_id.clone();
    let told: Option<Vec<(Told, bool)>> = match take.state {
        StockTakeState::Counting | StockTakeState::Cancelled => None,
        StockTakeState::Closed => {
            let compared = comparing::compare(db, &take, now)?;
            Some(compared.iter().map(|line| (told(line, &[]), line.again)).collect())
        }
        StockTakeState::Approved => {
            let told = match store::told(db, &organisation, &take.id)? {
                Some(told) => told,
                None => as_posted(db, &take)?,
            };
            Some(told.into_iter().map(|line| (line, false)).collect())
        }
    };
    let posted = match take.state {
        StockTakeState::Approved => crate::movements::service::of_stock_take(db, &organisation, &take.id)?,
        _ => Vec::new(),
    };
    let lots = told.iter().flatten().map(|(line, _)| line.lot_id.clone()).collect();
    let known = known(db, std::slice::from_ref(&take), lots)?;
    let lines = told.map(|told| {
        let of = |(line, again): (Told, bool)| {
            let is_its = |count: &&Movement| count.from_location_id == line.location_id && count.lot_id == line.lot_id;
            let movement_id = posted.iter().find(is_its).map(|count| count.id.clone());
            StockTakeLine::of(line, (again, movement_id), &known)
        };
        told.into_iter().map(of).collect()
    });
    Ok(StockTakeView::of(take, &known, lines))
}

/// The lines of a stock-take that was approved before they were kept: what was counted, and what was posted. Books that were not
/// adjusted agreed with it.
fn as_posted(db: &mut Db, take: &StockTake) -> Result<Vec<Told>> {
    let posted = crate::movements::service::of_stock_take(db, &take.organisation_id, &take.id)?;
    let line = |(location_id, lot_id): (LocationId, LotId), counted, on_books, counted_at| Told {
        location_id,
        lot_id,
        counted,
        on_books,
        counted_at,
        counted_by: Vec::new(),
        missing: Vec::new(),
        found: Vec::new(),
        elsewhere: Vec::new(),
        written_off: Vec::new(),
    };
    let mut lines: BTreeMap<(LocationId, LotId), Told> = BTreeMap::new();
    for scan in comparing::scans(db, take)? {
        let key = (scan.location_id, scan.lot_id);
        let entry = lines.entry(key.clone()).or_insert_with(|| line(key, 0, 0, scan.scanned_at));
        entry.counted += scan.units;
        entry.on_books = entry.counted;
        entry.counted_at = entry.counted_at.max(scan.scanned_at);
        if !entry.counted_by.contains(&scan.scanned_by) {
            entry.counted_by.push(scan.scanned_by);
        }
    }
    for count in posted {
        let key = (count.from_location_id.clone(), count.lot_id.clone());
        let counted = count.units_counted.unwrap_or(0);
        let counted_by = lines.remove(&key).map(|line| line.counted_by).unwrap_or_default();
        let of = line(key.clone(), counted, counted - count.units, count.occurred_at);
        lines.insert(key, Told { counted_by, ..of });
    }
    Ok(lines.into_values().collect())
}

/// What the places of stock-takes and lots are called.
pub(super) fn known(db: &mut Db, takes: &[StockTake], lots: BTreeSet<LotId>) -> Result<Known> {
    let Some(first) = takes.first() else { return Ok(Known::default()) };
    let asked = Asked {
        lots,
        sites: takes.iter().map(|take| take.site_id.clone()).collect(),
        places: takes.iter().flat_map(|take| take.location_ids.iter().cloned()).collect(),
        ..Asked::default()
    };
    crate::names::service::known(db, &first.organisation_id, asked)
}

/// Stock-takes as lists show them: without their lines.
///
/// # Errors
/// What the database answers.
pub fn views(view: &mut View<'_>, found: Vec<StockTake>) -> Result<Vec<StockTakeView>> {
    let known = known(view.db, &found, BTreeSet::new())?;
    Ok(found.into_iter().map(|take| StockTakeView::of(take, &known, None)).collect())
}

/// Whether the caller scanned anything in a stock-take, or said that counting is over.
///
/// # Errors
/// What the database answers.
pub fn counted_in(db: &mut Db, caller: &Caller, take: &StockTake) -> Result<bool> {
    let scanners = store::scanners(db, &take.organisation_id, &take.id)?;
    let closers = take.recounts.iter().filter_map(|recount| recount.closed_by.as_ref()).chain(&take.closed_by);
    Ok(scanners.iter().chain(closers).any(|subject| caller.is(subject)))
}
