//! Ways back: a movement that was recorded wrongly is reversed by an event that points at it (DOMAIN rule 23).

use std::collections::BTreeMap;

use super::events::Deed;
use super::model::{Movement, MovementKind, MovementReversal, Review, ReviewOutcome};
use super::rules::{self, Transfer};
use super::wire::NewMovementReversal;
use super::{service, store};
use crate::clock::Moment;
use crate::command::{About, Command};
use crate::decision::{Decision, Findings, Refusal};
use crate::error::{Error, Result};
use crate::ids::{HoldId, MovementId, MovementReversalId, PackId};
use crate::problem::{Dependent, DependentType, ProblemCode};
use crate::sites::model::Location;
use crate::stock::books::{self, Books};
use crate::stock::model::{Account, AccountKind, Lot, PackBalance, Posting};
use crate::stock::resting::{self, Posted, Source};

/// Reverses a movement: its units go back to where they were, if they are still where it brought them.
///
/// # Errors
/// `not_found`, `beyond_your_sites` where part of it is at sites that the caller does not see, `occurred_too_early`,
/// `already_reversed`, `nothing_to_reverse`, `retired` for the place, `others_rest_on_it` with what has moved the units on;
/// `gate_refused` for a moment since which they have moved.
pub fn reverse(
    cmd: &mut Command<'_>,
    id: &MovementId,
    new: &NewMovementReversal,
) -> Result<(Movement, Option<Review>, MovementReversal)> {
    let organisation = cmd.organisation();
    let movement = service::expect(cmd, id)?;
    crate::stock::service::lock(cmd, std::slice::from_ref(&movement.lot_id))?;
    let occurred_at = cmd.occurred_at(new.occurred_at)?;
    cmd.not_before(occurred_at, movement.occurred_at)?;
    refuse_reversed(cmd, &movement)?;
    let review = store::reviews(cmd.db, organisation, &[&movement.id])?.into_iter().next();
    let posted = posted(cmd, &movement, review.as_ref())?;
    let places = places(cmd, &movement)?;
    let lot = crate::stock::service::lot(cmd.db, organisation, &movement.lot_id)?
        .ok_or_else(|| Error::internal("a movement without its lot"))?;
    let books = books::at(cmd.db, organisation, &lot.id, cmd.past(occurred_at))?;
    let packs = packs(cmd, &books, &posted.postings)?;
    refuse_moved_on(cmd, &movement, &lot, &posted, &books, &packs)?;

    let back = Back { movement: &movement, places: &places, lot: &lot, books: &books, occurred_at };
    let turned = back.all_turned(cmd, &posted.postings)?;
    let holds = back.holds_following(cmd, &turned)?;
    let mut findings = Findings::default();
    let mut postings = crate::stock::service::enter(&books, &lot, turned, &packs, &mut findings);
    postings.extend(crate::holds::service::taken_since(cmd.db, organisation, &lot, &postings, books.past)?);
    let site_id = Some(movement.site_id.clone()).filter(|_| !places.are_apart());
    let mut subjects = vec![movement.id.to_string(), lot.id.to_string(), movement.from_location_id.to_string()];
    subjects.extend(movement.to_location_id.iter().map(ToString::to_string));
    let decision = Decision::from(findings, cmd.now);
    if !decision.allowed {
        return Err(Error::Refused(Box::new(Refusal {
            operation: "reverse",
            site_id,
            occurred_at,
            subjects,
            request: crate::http::input::as_value(new)?,
            decision,
        })));
    }

    let reversal = MovementReversal {
        id: cmd.mint(MovementReversalId::mint),
        organisation_id: organisation.clone(),
        movement_id: movement.id.clone(),
        reason: new.reason.clone(),
        reversed_by: cmd.caller.subject.clone(),
        occurred_at,
        recorded_at: cmd.now,
    };
    subjects.push(reversal.id.to_string());
    let about = About { occurred_at, site_id, subjects };
    let deed = Deed::MovementReversed { reversal: reversal.clone(), postings, holds, more: None };
    cmd.record_once(about, deed)?;
    Ok((movement, review, reversal))
}

fn refuse_reversed(cmd: &mut Command<'_>, movement: &Movement) -> Result<()> {
    let earlier = store::reversals(cmd.db, cmd.organisation(), &[&movement.id])?;
    let Some(MovementReversal { reversed_by, occurred_at, reason, .. }) = earlier.first() else { return Ok(()) };
    let at = occurred_at.told();
    let detail = format!("The {} was reversed at {at} by {reversed_by}: {reason}", movement.kind);
    Err(Error::problem(ProblemCode::AlreadyReversed, detail))
}

/// The units that the movement itself moved. What it changed in a hold, because it came late, is no part of it.
fn posted(cmd: &mut Command<'_>, movement: &Movement, review: Option<&Review>) -> Result<Posted> {
    let why = match (movement.waits, review.map(|review| review.outcome)) {
        (true, None) => "The difference of this count waits for a second person",
        (true, Some(ReviewOutcome::Rejected)) => "The difference of this count was rejected",
        _ => "This count found what the books say",
    };
    let found = resting::posted_by_movement(cmd.db, cmd.organisation(), &movement.id)?;
    let found = found.map(|posted| {
        let postings = posted.postings.into_iter().filter(|posting| posting.at.is_none()).collect();
        Posted { postings, ids: posted.ids }
    });
    found.filter(|posted| !posted.postings.is_empty()).ok_or_else(|| {
        let detail = format!("{why}: nothing was posted that could be turned round.");
        Error::problem(ProblemCode::NothingToReverse, detail)
    })
}

/// Where the units were, and where they went.
struct Places {
    from: Location,
    day_zone: chrono_tz::Tz,
    to: Option<Location>,
}

impl Places {
    fn are_apart(&self) -> bool {
        self.to.as_ref().is_some_and(|to| to.site_id != self.from.site_id)
    }
}

/// The places of a movement. Where its units come back must be in use.
fn places(cmd: &mut Command<'_>, movement: &Movement) -> Result<Places> {
    let organisation = cmd.organisation();
    let mut location = |id| {
        crate::sites::service::location(cmd.db, organisation, id)?
            .ok_or_else(|| Error::internal("a movement without its location"))
    };
    let from = location(&movement.from_location_id)?;
    let to = movement.to_location_id.as_ref().map(&mut location).transpose()?;
    if std::iter::once(&from).chain(&to).any(|place| !cmd.caller.sees(&place.site_id)) {
        let detail = "Part of the transfer is at a site that your token is not for.";
        return Err(Error::problem(ProblemCode::BeyondYourSites, detail));
    }
    let site = crate::sites::service::expect_site(cmd.db, cmd.caller, &from.site_id)?;
    if movement.kind != MovementKind::Count || movement.units < 0 {
        crate::versions::in_use(&site)?;
        crate::versions::in_use(&from)?;
    }
    Ok(Places { from, day_zone: site.time_zone.rules(), to })
}

/// The packs that postings name, by account, as they were at the moment of the books.
fn packs(cmd: &mut Command<'_>, books: &Books, postings: &[Posting]) -> Result<Vec<PackBalance>> {
    let mut ids: Vec<_> = postings.iter().filter_map(|posting| posting.pack_id.as_ref()).collect();
    ids.sort();
    ids.dedup();
    let mut found = Vec::new();
    for pack in crate::stock::service::packs_by_id(cmd.db, cmd.organisation(), &ids)? {
        found.extend(books.turn_back(crate::stock::service::pack_balances(cmd.db, &pack)?));
    }
    Ok(found)
}

/// Units that have moved on cannot go back: whoever moved them comes first. Those that left for good come back only if they
/// have not come back already.
fn refuse_moved_on(
    cmd: &mut Command<'_>,
    movement: &Movement,
    lot: &Lot,
    posted: &Posted,
    books: &Books,
    packs: &[PackBalance],
) -> Result<()> {
    let organisation = cmd.organisation();
    let what = format!("The {}", movement.kind);
    let gone: Vec<&PackId> =
        posted.postings.iter().filter(|p| p.to.place.is_none()).filter_map(|p| p.pack_id.as_ref()).collect();
    if !gone.is_empty() {
        let arrived = resting::arrived_since(cmd.db, organisation, &gone, movement.recorded_at)?;
        if !arrived.is_empty() {
            return Err(resting::rests_on(cmd.db, cmd.caller, &what, arrived)?);
        }
    }
    let mut wanted: BTreeMap<(&Account, Option<&PackId>), i64> = BTreeMap::new();
    for posting in posted.postings.iter().filter(|posting| posting.to.place.is_some()) {
        *wanted.entry((&posting.to, posting.pack_id.as_ref())).or_default() += posting.units;
    }
    let mut dependents = Vec::new();
    for ((account, pack), units) in wanted {
        let id = account.id(&movement.lot_id);
        let there = match pack {
            Some(pack) => {
                packs.iter().filter(|row| row.pack.id == *pack && row.account.id == id).map(|row| row.units).sum()
            }
            None => {
                let here: Vec<_> = books.accounts.iter().filter(|account| account.id == id).collect();
                let in_packs = books.units_in_packs(cmd.db, &here)?.get(&id).copied().unwrap_or(0);
                here.iter().map(|account| account.units).sum::<i64>() - in_packs
            }
        };
        if there >= units {
            continue;
        }
        let source = Source {
            lot: &movement.lot_id,
            accounts: std::slice::from_ref(&id),
            pack: Some(pack),
            since: movement.occurred_at,
            not_by: &posted.ids,
            undone_too: true,
        };
        dependents.extend(resting::moved_on(cmd.db, organisation, &source)?);
        dependents.extend(held_since(cmd, movement, lot, account)?);
    }
    if dependents.is_empty() {
        return Ok(());
    }
    let mut seen = std::collections::HashSet::new();
    dependents.retain(|dependent| seen.insert(dependent.id.clone()));
    Err(resting::rests_on(cmd.db, cmd.caller, &what, dependents)?)
}

/// Holds that were opened before the movement was entered, for a moment after it: it took what they cover with it.
fn held_since(cmd: &mut Command<'_>, movement: &Movement, lot: &Lot, account: &Account) -> Result<Vec<Dependent>> {
    if account.kind != AccountKind::Available {
        return Ok(Vec::new());
    }
    let organisation = cmd.organisation();
    let holds = crate::holds::service::opened_since(cmd.db, organisation, lot, account, movement.occurred_at)?;
    Ok(holds.iter().map(|hold| Dependent::new(DependentType::Hold, &hold.id)).collect())
}

/// What units go back to.
struct Back<'a> {
    movement: &'a Movement,
    places: &'a Places,
    lot: &'a Lot,
    books: &'a Books,
    occurred_at: Moment,
}

impl Back<'_> {
    fn all_turned(&self, cmd: &mut Command<'_>, postings: &[Posting]) -> Result<Vec<Posting>> {
        let mut turned = Vec::with_capacity(postings.len());
        for posting in postings {
            turned.push(self.turned(cmd, posting)?);
        }
        Ok(turned)
    }

    /// The holds that go back with held units: a transfer took them with it.
    fn holds_following(&self, cmd: &mut Command<'_>, turned: &[Posting]) -> Result<Vec<HoldId>> {
        if self.movement.kind != MovementKind::Transfer {
            return Ok(Vec::new());
        }
        let held: Vec<_> = turned.iter().filter(|posting| posting.to.kind == AccountKind::Held).cloned().collect();
        crate::holds::service::following(cmd.db, cmd.organisation(), self.lot, &held, self.books.past)
    }

    /// A posting turned round.
    fn turned(&self, cmd: &mut Command<'_>, posting: &Posting) -> Result<Posting> {
        let Some(place) = &posting.from.place else {
            let (from, to) = (posting.to.clone(), posting.from.clone());
            return Ok(Posting { from, to, ..posting.clone() });
        };
        let organisation = cmd.organisation();
        let to = match (posting.from.kind, self.movement.kind) {
            (AccountKind::Held, _) => {
                let (account, at) = (&posting.from, self.occurred_at);
                let units = (account, posting.pack_id.as_ref());
                let holds = crate::holds::service::still_covering(cmd.db, organisation, self.lot, units, at)?;
                posting.from.turned(rules::comes_back_as(AccountKind::Held, !holds.is_empty()))
            }
            (AccountKind::Available, MovementKind::Transfer) if posting.to.kind == AccountKind::Available => {
                if self.may_be_in_stock(cmd, posting, place.use_by)? {
                    posting.from.clone()
                } else {
                    posting.from.turned(rules::comes_back_as(AccountKind::Available, false))
                }
            }
            // What was set apart stays so, and a pass goes where its units go.
            (AccountKind::Passed | AccountKind::Quarantined | AccountKind::Rejected, MovementKind::Transfer) => {
                posting.from.clone()
            }
            (kind, _) => posting.from.turned(rules::comes_back_as(kind, false)),
        };
        Ok(Posting { from: posting.to.clone(), to, ..posting.clone() })
    }

    /// Whether available units might be transferred to where they were, by the rules for that.
    fn may_be_in_stock(&self, cmd: &mut Command<'_>, posting: &Posting, use_by: chrono::NaiveDate) -> Result<bool> {
        let (organisation, to) = (cmd.organisation(), &self.places.from);
        let Some(from) = self.places.to.as_ref().filter(|_| to.purpose == crate::sites::model::Purpose::Stock) else {
            return Ok(false);
        };
        let product = crate::catalogue::service::find(cmd.db, organisation, &self.lot.product_id)?
            .ok_or_else(|| Error::internal("a lot without its product"))?;
        let holds = crate::holds::service::covering(cmd.db, organisation, self.lot, to, self.books)?;
        let holds = crate::holds::rules::reaching(holds, std::slice::from_ref(posting));
        let asked = Transfer {
            lot: self.lot,
            product: &product,
            from,
            to,
            state: crate::stock::model::Disposition::Available,
            use_by,
            day: self.occurred_at.day_in(self.places.day_zone),
            holds: &holds,
        };
        let mut findings = Findings::default();
        rules::may_transfer(&asked, &mut findings);
        Ok(findings.reasons.is_empty())
    }
}
