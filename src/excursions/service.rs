//! What follows from readings and movements, and what somebody says of it.

use std::collections::{BTreeMap, BTreeSet};

use super::events::Deed;
use super::holding::{about, expose};
use super::judging::{self, Source, measure, moment};
use super::model::{Excursion, ExcursionKind, ExcursionState, ExposedLot, Verdict};
use super::presence::exposure_of;
use super::store;
use super::wire::{ExcursionView, NewAssessment};
use crate::caller::{Caller, Extent};
use crate::clock::Moment;
use crate::command::{Command, Measured, View};
use crate::db::Db;
use crate::error::{Error, Result};
use crate::holds::model::Hold;
use crate::ids::{ExcursionId, HoldId, LocationId, LotId, OrganisationId, SiteId};
use crate::journal::post::parts;
use crate::ledger::{Account, AccountKind, Balance, Disposition, Place, Posting};
use crate::problem::ProblemCode;
use crate::sensors::model::{AlarmMode, series_of};

// What others may ask of the tables.
pub use super::store::{begun_before, exposed_lots};

/// Lets follow what must from the readings that a command has added and the units that it has moved, in its transaction
/// (DOMAIN rule 16).
///
/// # Errors
/// What the database answers.
pub fn judge(cmd: &mut Command<'_>) -> Result<()> {
    let arrivals = Arrivals::of(cmd);
    let mut measured = cmd.take_measured();
    measured.extend(arrivals.on_the_way(cmd)?);
    if !measured.is_empty() {
        judging::readings(cmd, &measured)?;
    }
    arrivals.judge(cmd)
}

/// What a command moved that excursions may be about: units that came to a location, and lots of which it changed the past or
/// brought units back.
#[derive(Default)]
struct Arrivals {
    came: BTreeMap<LocationId, (Moment, BTreeSet<LotId>)>,
    came_late: Vec<(LocationId, Moment, LotId)>,
    moved: BTreeMap<LocationId, Moment>,
    changed: BTreeSet<LotId>,
}

impl Arrivals {
    fn of(cmd: &Command<'_>) -> Self {
        let mut arrivals = Arrivals::default();
        for event in cmd.events() {
            if event.deed.kind() == "stock_administered" && event.deed.postings().is_empty() {
                // What is given out of an opened unit moves nothing: that unit may be one that was exposed.
                arrivals.changed.extend(event.head.subjects.iter().filter_map(|subject| subject.parse().ok()));
            }
            for posting in event.deed.postings() {
                let at = posting.at.unwrap_or(event.head.occurred_at);
                arrivals.note(posting, at, at < cmd.now);
            }
        }
        arrivals
    }

    fn note(&mut self, posting: &Posting, at: Moment, is_late: bool) {
        let (from, to) = (&posting.from, &posting.to);
        let location = |account: &Account| account.place.as_ref().map(|place| place.location_id.clone());
        if location(from) != location(to) && (is_late || (from.place.is_some() && to.place.is_some())) {
            for place in [from, to].into_iter().filter_map(location) {
                let first = self.moved.entry(place).or_insert(at);
                *first = (*first).min(at);
            }
        }
        if let Some(arrived) = location(to).filter(|arrived| location(from).as_ref() != Some(arrived)) {
            if is_late {
                self.came_late.push((arrived.clone(), at, posting.lot_id.clone()));
            }
            let (first, lots) = self.came.entry(arrived).or_insert((at, BTreeSet::new()));
            *first = (*first).min(at);
            lots.insert(posting.lot_id.clone());
        }
        let came_back = from.place.is_none() && to.place.is_some();
        let lost = to.place.is_some() && from.excursion_ids.iter().any(|id| !to.excursion_ids.contains(id));
        if is_late || came_back || lost {
            self.changed.insert(posting.lot_id.clone());
        }
    }

    /// The loggers of transport boxes that units came to or left: what they measured counts while some were there, and that
    /// is otherwise known from then on. What leaves one for good now is known with the next reading.
    fn on_the_way(&self, cmd: &mut Command<'_>) -> Result<Vec<Measured>> {
        let places: Vec<_> = self.moved.keys().collect();
        let loggers = crate::sensors::service::travelling(cmd.db, cmd.organisation(), &places)?;
        let to_us = cmd.now.unix_micros();
        let anew = loggers.into_iter().filter_map(|logger| {
            let from_us = self.moved.get(&logger.location_id)?.unix_micros();
            Some(Measured { sensor_id: logger.id, from_us, to_us, min_mc: 0, max_mc: 0, following: None })
        });
        Ok(anew.collect())
    }

    fn judge(&self, cmd: &mut Command<'_>) -> Result<()> {
        if self.came.is_empty() && self.changed.is_empty() {
            return Ok(());
        }
        let came: Vec<_> = self.came.iter().map(|(location, (at, _))| (location, *at)).collect();
        let changed: Vec<_> = self.changed.iter().collect();
        for excursion in store::touching(cmd.db, cmd.organisation(), &came, &changed)? {
            let mut lots = self.changed.clone();
            lots.extend(self.came.get(&excursion.location_id).into_iter().flat_map(|(_, lots)| lots.iter().cloned()));
            expose(cmd, &excursion, &lots)?;
        }
        self.came_late.iter().try_for_each(|(location, at, lot)| extend_assessed(cmd, location, *at, lot))
    }
}

/// Units that are entered late as having been there during an excursion that was assessed without them: nobody has said what is
/// to become of them, so another excursion of the same time holds what may be they.
fn extend_assessed(cmd: &mut Command<'_>, location: &LocationId, at: Moment, lot: &LotId) -> Result<()> {
    let organisation = cmd.organisation();
    let all = store::assessed_at(cmd.db, organisation, location, at)?;
    let is_same = |one: &Excursion, other: &Excursion| {
        let of = |row: &Excursion| (row.sensor_id.clone(), row.rule.clone(), row.opened_at, row.closed_at);
        of(one) == of(other)
    };
    for (place, assessed) in all.iter().enumerate() {
        // Of those of the same time, which extend each other, the last one counts; what any of them knew was assessed.
        if all.iter().skip(place.saturating_add(1)).any(|later| is_same(assessed, later)) {
            continue;
        }
        let mut known = 0;
        for same in all.iter().filter(|other| is_same(assessed, other)) {
            let said = store::lots_of(cmd.db, organisation, &same.id)?;
            known = said.iter().filter(|row| row.lot_id == *lot).map(|row| row.units_exposed).fold(known, i64::max);
        }
        let waits = store::waits_beside(cmd.db, organisation, assessed)?;
        if waits || exposure_of(cmd, assessed, lot)?.units <= known {
            continue;
        }
        let again = Excursion {
            id: cmd.mint(ExcursionId::mint),
            state: ExcursionState::Closed,
            extends: Some(assessed.id.clone()),
            recorded_at: cmd.now,
            assessed_at: None,
            assessed_by: None,
            disposition: None,
            new_expiry: None,
            assessment_reason: None,
            ..assessed.clone()
        };
        let lots = BTreeSet::from([lot.clone()]);
        let about = about(cmd, &again, lots.iter());
        cmd.record(about, Deed::ExcursionOpened { excursion: Box::new(again.clone()) })?;
        expose(cmd, &again, &lots)?;
    }
    Ok(())
}

/// Says what is to become of the units that an excursion holds. Released ones are free where nothing else holds them, in stock
/// at once and elsewhere in quarantine; what goes back or is destroyed is rejected (DOMAIN rules 11 and 16).
///
/// # Errors
/// `not_found`, `beyond_your_sites`, `excursion_assessed`; `invalid_value` for an expiry of what may not be used.
pub fn assess(cmd: &mut Command<'_>, id: &ExcursionId, new: &NewAssessment) -> Result<ExcursionView> {
    let excursion = find(cmd.db, cmd.caller, id)?.ok_or_else(|| Error::not_found("excursion"))?;
    if new.new_expiry.is_some() && new.disposition != Verdict::Release {
        let rule = "is for what may be used: leave it out";
        return Err(Error::invalid(ProblemCode::InvalidValue, "new_expiry", rule));
    }
    let organisation = cmd.organisation();
    let lots: Vec<_> = store::lots_of(cmd.db, organisation, id)?.into_iter().map(|lot| lot.lot_id).collect();
    let held = concerned(cmd, &excursion, new, &lots)?;
    let sites = held.iter().filter_map(|balance| balance.site_id.clone()).chain([excursion.site_id.clone()]);
    cmd.caller.expect_within(&Extent::Sites(sites.collect()), "What the excursion holds")?;
    if excursion.assessed_at.is_some() {
        let detail = "This excursion was assessed before.";
        return Err(Error::problem(ProblemCode::ExcursionAssessed, detail));
    }
    let known = as_of_now(cmd.db, cmd.organisation(), excursion, cmd.now)?;
    let is_withdrawn = known.state == ExcursionState::Withdrawn;
    // Of one that goes on is assessed what is known: what comes later is another one.
    let until = known.closed_at.map_or_else(|| known_until(cmd.db, &known, cmd.now), Ok)?;
    let assessed = Excursion {
        state: if is_withdrawn { ExcursionState::Withdrawn } else { ExcursionState::Assessed },
        closed_at: Some(until),
        assessed_at: Some(cmd.now),
        assessed_by: Some(cmd.caller.subject.clone()),
        disposition: Some(new.disposition),
        new_expiry: new.new_expiry,
        assessment_reason: Some(new.reason.clone()),
        ..known
    };
    let about_all = about(cmd, &assessed, lots.iter());
    cmd.record(about_all, Deed::ExcursionAssessed { excursion: Box::new(assessed.clone()) })?;
    let (mut postings, mut holds) = (Vec::new(), BTreeSet::new());
    for balance in &held {
        let settled = settled(cmd, &assessed, new, balance)?;
        let drawn = crate::stock::service::draw_all(cmd.db, balance, &settled.to)?;
        postings.extend(drawn.into_iter().map(|posting| settled.kept(posting)));
        holds.extend(settled.following);
    }
    let holds: Vec<HoldId> = holds.into_iter().collect();
    for postings in parts(&postings) {
        let moved: BTreeSet<_> = postings.iter().map(|posting| &posting.lot_id).collect();
        let about = about(cmd, &assessed, moved.into_iter());
        let deed = Deed::ExcursionSettled {
            excursion_id: assessed.id.clone(),
            disposition: new.disposition,
            new_expiry: new.new_expiry,
            postings: postings.to_vec(),
            holds: holds.clone(),
        };
        cmd.record(about, deed)?;
    }
    let organisation = cmd.organisation();
    let lots = store::lots_of(cmd.db, organisation, id)?;
    Ok(ExcursionView::of(assessed, lots))
}

/// The accounts whose units it is about what somebody says: what the excursion holds and, where they may not be used as before,
/// also those that a budget covers.
fn concerned(
    cmd: &mut Command<'_>,
    excursion: &Excursion,
    new: &NewAssessment,
    lots: &[LotId],
) -> Result<Vec<Balance>> {
    let ids: Vec<_> = lots.iter().collect();
    let mut found = crate::stock::service::balances(cmd.db, cmd.organisation(), &ids)?;
    let is_as_before = |balance: &Balance| match (new.disposition, new.new_expiry) {
        (Verdict::Release, None) => true,
        (Verdict::Release, Some(new_expiry)) => balance.use_by.is_none_or(|use_by| use_by <= new_expiry),
        (Verdict::Return | Verdict::Destroy, _) => balance.kind == AccountKind::Rejected,
    };
    found.retain(|balance| {
        let is_covered = excursion.is_unsettled() && balance.charges().contains(&excursion.id);
        let is_held = balance.excursions().contains(&excursion.id);
        balance.units > 0 && (is_held || (is_covered && !is_as_before(balance)))
    });
    Ok(found)
}

/// Where units go that an excursion lets go.
struct Settled {
    /// To this account.
    to: Account,
    /// Those of packs that these holds cover stay held, in this one.
    of_packs: Vec<Hold>,
    held: Account,
    /// The holds on accounts that follow them there.
    following: Vec<HoldId>,
}

impl Settled {
    fn kept(&self, posting: Posting) -> Posting {
        let is_kept = self.of_packs.iter().any(|hold| hold.takes(posting.pack_id.as_ref()));
        if is_kept { Posting { to: self.held.clone(), ..posting } } else { posting }
    }
}

fn settled(cmd: &mut Command<'_>, excursion: &Excursion, new: &NewAssessment, balance: &Balance) -> Result<Settled> {
    let account = balance.account();
    if new.disposition != Verdict::Release {
        let to = account.turned(Disposition::Rejected);
        return Ok(Settled { held: to.clone(), to, of_packs: Vec::new(), following: Vec::new() });
    }
    let holds = crate::holds::service::covering_now(cmd, balance)?;
    let (of_packs, holds): (Vec<_>, Vec<_>) = holds.into_iter().partition(Hold::is_of_packs);
    let freed_as = crate::holds::service::freed_as(cmd, balance)?;
    let (Some(place), Some(freed_as)) = (balance.place(), freed_as) else {
        return Err(Error::internal("held units that are nowhere"));
    };
    let left = account.freed_of(&excursion.id);
    let is_free = left != account && left.excursion_ids.is_empty() && holds.is_empty();
    let freed = if is_free { left.turned(freed_as) } else { left.clone() };
    let use_by = new.new_expiry.map_or(place.use_by, |new_expiry| new_expiry.min(place.use_by));
    let following = if use_by == place.use_by { Vec::new() } else { holds.into_iter().map(|hold| hold.id).collect() };
    let place = Place { use_by, ..place };
    let held = Account { place: Some(place.clone()), ..left };
    Ok(Settled { to: Account { place: Some(place), ..freed }, of_packs, held, following })
}

/// The excursion of that id, if the caller sees it.
///
/// # Errors
/// What the database answers.
pub fn find(db: &mut Db, caller: &Caller, id: &ExcursionId) -> Result<Option<Excursion>> {
    let filter = store::Filter { id: Some(id.clone()), ..store::Filter::default() };
    Ok(store::list(db, caller, &filter, "", 1)?.items.into_iter().next())
}

/// The excursions that wait for somebody, the earliest first.
///
/// # Errors
/// What the database answers.
pub fn waiting(view: &mut View<'_>, site: Option<&SiteId>, limit: i64) -> Result<Vec<ExcursionView>> {
    let found = store::to_assess(view.db, view.caller, site, limit)?;
    views(view, found)
}

/// What is shown of excursions.
///
/// # Errors
/// What the database answers.
pub fn views(view: &mut View<'_>, found: Vec<Excursion>) -> Result<Vec<ExcursionView>> {
    let organisation = &view.caller.organisation_id;
    let ids: Vec<_> = found.iter().map(|excursion| &excursion.id).collect();
    let mut lots: BTreeMap<ExcursionId, Vec<ExposedLot>> = BTreeMap::new();
    for (id, lot) in store::lots(view.db, organisation, &ids)? {
        lots.entry(id).or_default().push(lot);
    }
    let mut shown = Vec::with_capacity(found.len());
    for excursion in found {
        let lots = lots.remove(&excursion.id).unwrap_or_default();
        shown.push(ExcursionView::of(as_of_now(view.db, organisation, excursion, view.now)?, lots));
    }
    Ok(shown)
}

/// One that goes on, as far as it is known now: what it was when it was found says no more than that it had begun.
fn as_of_now(db: &mut Db, organisation: &OrganisationId, excursion: Excursion, now: Moment) -> Result<Excursion> {
    if excursion.state != ExcursionState::Open {
        return Ok(excursion);
    }
    let sensors = crate::sensors::service::sensors(db, organisation, &[&excursion.sensor_id])?;
    let location = crate::sites::service::location(db, organisation, &excursion.location_id)?;
    let (Some(sensor), Some(location)) = (sensors.into_iter().next(), location) else { return Ok(excursion) };
    let is_cumulative = excursion.rule.as_deref().is_some_and(|rule| rule.mode == AlarmMode::Cumulative);
    let until_us = known_until(db, &excursion, now)?.unix_micros();
    let outside_us = until_us.saturating_sub(excursion.opened_at.unix_micros());
    let minutes = if is_cumulative { excursion.minutes } else { outside_us.div_euclid(60_000_000) };
    measure(db, &Source { sensor, location }, Excursion { minutes, ..excursion })
}

/// Until when one that goes on is known: how warm it was until the last reading, a silence until now.
fn known_until(db: &mut Db, excursion: &Excursion, now: Moment) -> Result<Moment> {
    if excursion.kind == ExcursionKind::Silent {
        return Ok(now.max(excursion.opened_at));
    }
    let last = crate::sensors::service::nearest(db, series_of(&excursion.sensor_id), i64::MAX, true, None)?;
    Ok(last.map_or(excursion.opened_at, |last| moment(last.at_us).max(excursion.opened_at)))
}
