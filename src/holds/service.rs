//! Opening and lifting holds.

use std::collections::HashSet;

use super::events::Deed;
use super::model::{Cause, CauseType, Hold, Lift, Scope, ScopeType, available_side};
use super::store::Of;
use super::{rules, store};
use crate::caller::{Extent, Role};
use crate::clock::Moment;
use crate::command::{About, Command};
use crate::db::Db;
use crate::error::{Error, Result};
use crate::ids::{AccountId, EventId, HoldId, LotId, OrganisationId, PackId};
use crate::journal;
use crate::journal::model::{Head, Recordable};
use crate::journal::post::parts;
use crate::problem::ProblemCode;
use crate::sites::model::{Location, Purpose};
use crate::stock::books::{self, Books};
use crate::stock::model::{Account, AccountKind, Balance, Disposition, Lot, Posting};
use crate::values::{Json, Prose, Serial};

// What others may ask of the tables, or let follow from their events.
pub use super::store::{Filter, caused_by, follow, list};

/// Opens a hold at a moment: exactly the available and the opened units that it covers become held, in the same transaction. What came since
/// that moment is held from when it came.
///
/// # Errors
/// `reference_unknown` for the scope; `beyond_your_sites` for one that somebody chose.
pub fn open(cmd: &mut Command<'_>, scope: Scope, reason: &Prose, cause: Cause, opened_at: Moment) -> Result<Hold> {
    let (lots, scope) = covered_lots(cmd, scope)?;
    let (scope_type, scope_id) = scope.parts();
    let extent = match &scope {
        Scope::Packs(_, packs) => extent_of_packs(cmd, packs)?,
        Scope::Lot(_) | Scope::Product(_) | Scope::Account(_) => {
            extent(cmd, scope_type, std::slice::from_ref(&scope_id), &lots)?
        }
    };
    if cause.kind == CauseType::Manual {
        // What the rules hold, such as a suspected falsification, is held by whoever comes upon it.
        cmd.caller.expect_within(&extent, &format!("A hold on this {scope_type}"))?;
    }
    let mut postings = Vec::new();
    let mut free = accounts(cmd, &lots, AccountKind::Available)?;
    free.extend(accounts(cmd, &lots, AccountKind::InUse)?);
    for balance in free {
        if covers(scope_type, std::slice::from_ref(&scope_id), &balance) {
            postings.extend(turn(cmd, &balance, Disposition::Held, opened_at)?);
        }
    }
    let pack_ids = match scope {
        Scope::Packs(_, packs) => Some(Json::new(packs)),
        Scope::Lot(_) | Scope::Product(_) | Scope::Account(_) => None,
    };
    let hold = Hold {
        id: cmd.mint(HoldId::mint),
        organisation_id: cmd.organisation().clone(),
        scope_type,
        scope_id,
        reason: reason.clone(),
        cause_type: cause.kind,
        cause_id: cause.id,
        opened_by: cmd.caller.subject.clone(),
        opened_at,
        lifted_at: None,
        lifted_by: None,
        lift_reason: None,
        cause_reference: cause.reference,
        pack_ids,
    };
    postings.retain(|posting| hold.takes(posting.pack_id.as_ref()));
    let about = about(&hold, &lots, &extent, opened_at);
    cmd.record(about, Deed::HoldOpened { hold: hold.clone(), postings, more: None })?;
    Ok(hold)
}

/// Lifts a hold: units that no other open hold covers are free again.
///
/// # Errors
/// `not_found`, `beyond_your_sites`, `hold_already_lifted`, `held_by_recall`, `self_lifted_hold`; `occurred_too_early` for a
/// moment before it was opened.
pub fn lift(cmd: &mut Command<'_>, id: &HoldId, reason: &Prose, lifted_at: Moment) -> Result<Hold> {
    let hold = store::hold(cmd.db, cmd.caller, id)?.ok_or_else(|| Error::not_found("hold"))?;
    let lots = lots_of(cmd, &hold)?;
    let mut scopes = store::followed_to(cmd.db, cmd.organisation(), &hold.id)?;
    scopes.push(hold.scope_id.clone());
    let extent = match &hold.pack_ids {
        Some(packs) => extent_of_packs(cmd, packs)?,
        None => extent(cmd, hold.scope_type, &scopes, &lots)?,
    };
    cmd.caller.expect_within(&extent, &format!("A hold on this {}", hold.scope_type))?;
    if hold.lifted_at.is_some() {
        return Err(Error::problem(ProblemCode::HoldAlreadyLifted, "This hold was lifted before."));
    }
    if hold.cause_type == CauseType::Recall {
        let called = hold.cause_reference.as_ref().map_or_else(String::new, |reference| format!(" {reference}"));
        let detail = format!("Recall{called} holds these units: they are free when it is closed.");
        return Err(Error::problem(ProblemCode::HeldByRecall, detail));
    }
    if rules::needs_another(&hold) && cmd.caller.is(&hold.opened_by) {
        let detail = "You opened this hold over a whole product: somebody else must lift it.";
        return Err(Error::problem(ProblemCode::SelfLiftedHold, detail));
    }
    cmd.not_before(lifted_at, hold.opened_at)?;
    let postings = freed(cmd, &hold, &lots, &scopes, lifted_at)?;
    record_end(cmd, hold, (&lots, &extent), reason, (lifted_at, postings))
}

/// Ends a hold of a recall that is closed, now: its units are free where nothing else holds them or, where they are not to be
/// used any more, rejected with what it covers in quarantine (DOMAIN rule 11).
///
/// # Errors
/// What the database answers.
pub fn end(cmd: &mut Command<'_>, hold: Hold, reason: &Prose, is_free: bool) -> Result<Hold> {
    let lots = lots_of(cmd, &hold)?;
    let scopes = std::slice::from_ref(&hold.scope_id);
    let extent = extent(cmd, hold.scope_type, scopes, &lots)?;
    let at = cmd.now;
    let postings = if is_free { freed(cmd, &hold, &lots, scopes, at)? } else { rejected(cmd, &hold, &lots)? };
    record_end(cmd, hold, (&lots, &extent), reason, (at, postings))
}

/// The units that only this hold holds, which are free from a moment on.
fn freed(cmd: &mut Command<'_>, hold: &Hold, lots: &[LotId], scopes: &[String], at: Moment) -> Result<Vec<Posting>> {
    let mut postings = Vec::new();
    for balance in accounts(cmd, lots, AccountKind::Held)? {
        // What excursions hold is theirs to let go.
        if !balance.excursions().is_empty() || !covers(hold.scope_type, scopes, &balance) {
            continue;
        }
        let mut others = covering_now(cmd, &balance)?;
        others.retain(|other| other.id != hold.id);
        let is_only_its = |posting: &Posting| {
            let pack = posting.pack_id.as_ref();
            hold.takes(pack) && !others.iter().any(|other| other.takes(pack))
        };
        if others.iter().all(Hold::is_of_packs) {
            postings.extend(free(cmd, &balance, at)?.into_iter().filter(is_only_its));
        }
    }
    Ok(postings)
}

/// What a hold covers inside and is not rejected already, rejected now.
fn rejected(cmd: &mut Command<'_>, hold: &Hold, lots: &[LotId]) -> Result<Vec<Posting>> {
    let (mut postings, at) = (Vec::new(), cmd.now);
    for kind in [AccountKind::Held, AccountKind::Quarantined, AccountKind::Passed] {
        for balance in accounts(cmd, lots, kind)? {
            let turned = turn(cmd, &balance, Disposition::Rejected, at)?;
            postings.extend(turned.into_iter().filter(|posting| hold.takes(posting.pack_id.as_ref())));
        }
    }
    Ok(postings)
}

fn record_end(
    cmd: &mut Command<'_>,
    hold: Hold,
    (lots, extent): (&[LotId], &Extent),
    reason: &Prose,
    (lifted_at, postings): (Moment, Vec<Posting>),
) -> Result<Hold> {
    let lift = Lift {
        hold_id: hold.id.clone(),
        lifted_at,
        lifted_by: cmd.caller.subject.clone(),
        lift_reason: reason.clone(),
    };
    let about = about(&hold, lots, extent, lifted_at);
    cmd.record(about, Deed::HoldLifted { lift: lift.clone(), postings, more: None })?;
    Ok(Hold {
        lifted_at: Some(lift.lifted_at),
        lifted_by: Some(lift.lifted_by),
        lift_reason: Some(lift.lift_reason),
        ..hold
    })
}

/// Where a hold reaches. Who is bound to sites decides over one whose units are all there: not over one on a product, which
/// all sites have, nor on a lot of which there are units elsewhere, nor on a place from which units were taken to another
/// site.
fn extent(cmd: &mut Command<'_>, scope_type: ScopeType, scopes: &[String], lots: &[LotId]) -> Result<Extent> {
    if scope_type == ScopeType::Product {
        return Ok(Extent::Shared);
    }
    let ids: Vec<_> = lots.iter().collect();
    let all = crate::stock::service::balances(cmd.db, cmd.organisation(), &ids)?;
    // A place stays covered when it is empty: what comes there is held.
    let is_covered = |balance: &&Balance| match scope_type {
        ScopeType::Account => covers(scope_type, scopes, balance),
        ScopeType::Lot | ScopeType::Product => balance.units > 0,
    };
    Ok(Extent::Sites(all.iter().filter(is_covered).filter_map(|balance| balance.site_id.clone()).collect()))
}

/// The same of packs: the sites where units of them are.
fn extent_of_packs(cmd: &mut Command<'_>, packs: &[PackId]) -> Result<Extent> {
    let rows = crate::stock::service::balances_of_packs(cmd.db, cmd.organisation(), packs)?;
    Ok(Extent::Sites(rows.into_iter().filter(|row| row.units > 0).filter_map(|row| row.account.site_id).collect()))
}

fn free(cmd: &mut Command<'_>, balance: &Balance, at: Moment) -> Result<Vec<Posting>> {
    let Some(disposition) = freed_as(cmd, balance)? else { return Ok(Vec::new()) };
    turn(cmd, balance, disposition, at)
}

/// Turns every unit of an account into another disposition: those that were there at the moment and ever since from then
/// on, the others from when they came.
fn turn(cmd: &mut Command<'_>, balance: &Balance, to: Disposition, at: Moment) -> Result<Vec<Posting>> {
    let all = crate::stock::service::draw_all(cmd.db, balance, &balance.account().turned(to))?;
    let Some(past) = cmd.past(at) else { return Ok(all) };
    let books = books::at(cmd.db, cmd.organisation(), &balance.lot_id, Some(past))?;
    Ok(all
        .into_iter()
        .flat_map(|posting| {
            let since = books.there_since(&posting);
            since.into_iter().map(move |(at, units)| Posting { units, at, ..posting.clone() })
        })
        .collect())
}

/// A hold on a place is an event of its site; one on more is seen wherever there is something of what it covers.
fn about(hold: &Hold, lots: &[LotId], extent: &Extent, occurred_at: Moment) -> About {
    let mut subjects = vec![hold.id.to_string(), hold.scope_id.clone()];
    subjects.extend(lots.iter().map(ToString::to_string));
    let site_id = match (hold.scope_type, extent) {
        (ScopeType::Account, Extent::Sites(sites)) => {
            sites.first().filter(|first| sites.iter().all(|site| site == *first)).cloned()
        }
        _ => None,
    };
    About { occurred_at, site_id, subjects }
}

/// A scope that the caller names, if they see what it covers: a product, a lot that came to a site of theirs, or what
/// lies there.
///
/// # Errors
/// `reference_unknown`; what the database answers.
pub fn expect_seen(cmd: &mut Command<'_>, scope: Scope) -> Result<Scope> {
    let seen = match &scope {
        Scope::Lot(id) => crate::stock::service::is_visible(cmd.db, cmd.caller, id)?,
        Scope::Packs(id, _) => crate::stock::service::is_visible(cmd.db, cmd.caller, id)?,
        Scope::Product(_) => true,
        Scope::Account(id) => crate::stock::service::account(cmd.db, cmd.organisation(), id)?
            .and_then(|balance| balance.place())
            .is_some_and(|place| cmd.caller.sees(&place.site_id)),
    };
    if seen { Ok(scope) } else { Err(Error::reference_unknown("scope.id")) }
}

/// The packs of a lot that the caller sets aside, or all of what they name where they name none. Who treats sets aside what they have
/// in hand, and nothing wider.
///
/// # Errors
/// `invalid_value` for packs of something that is no lot, `reference_unknown`, `forbidden`.
pub fn of_packs(cmd: &mut Command<'_>, scope: Scope, serials: &[Serial]) -> Result<Scope> {
    if serials.is_empty() {
        if cmd.caller.has_any(&[Role::Quality]) {
            return Ok(scope);
        }
        let detail = "Practitioners hold packs by their serials: name them, or leave the hold to quality and send the rest without it.";
        return Err(Error::problem(ProblemCode::Forbidden, detail));
    }
    let Scope::Lot(id) = scope else {
        return Err(Error::invalid(ProblemCode::InvalidValue, "serials", "are of a lot: the scope must be one"));
    };
    let lot = crate::stock::service::expect_lot(cmd.db, cmd.caller, &id)?;
    let packs = crate::stock::service::expect_packs(cmd.db, cmd.organisation(), &lot, serials)?;
    Ok(Scope::Packs(id, packs.into_iter().map(|pack| pack.id).collect()))
}

/// The lots that a scope covers, and the scope in its normal form: an account is named by its available side.
fn covered_lots(cmd: &mut Command<'_>, scope: Scope) -> Result<(Vec<LotId>, Scope)> {
    let organisation = cmd.organisation();
    let unknown = || Error::reference_unknown("scope.id");
    let (lots, scope) = match scope {
        Scope::Lot(id) => {
            let lot = crate::stock::service::lot(cmd.db, organisation, &id)?.ok_or_else(unknown)?;
            (vec![lot.id], Scope::Lot(id))
        }
        Scope::Packs(id, packs) => (vec![id.clone()], Scope::Packs(id, packs)),
        Scope::Product(id) => {
            let product = crate::catalogue::service::find(cmd.db, organisation, &id)?.ok_or_else(unknown)?;
            (crate::stock::service::lots_of_product(cmd.db, organisation, &product.id)?, Scope::Product(id))
        }
        Scope::Account(id) => {
            let balance = crate::stock::service::account(cmd.db, organisation, &id)?.ok_or_else(unknown)?;
            let available = side_of(&balance).ok_or_else(unknown)?;
            (vec![balance.lot_id], Scope::Account(available))
        }
    };
    Ok((lots, scope))
}

fn lots_of(cmd: &mut Command<'_>, hold: &Hold) -> Result<Vec<LotId>> {
    let organisation = cmd.organisation();
    match hold.scope_type {
        ScopeType::Lot => Ok(vec![hold.scope_id.parse()?]),
        ScopeType::Product => crate::stock::service::lots_of_product(cmd.db, organisation, &hold.scope_id.parse()?),
        ScopeType::Account => {
            if let Some(known) = crate::stock::service::account(cmd.db, organisation, &hold.scope_id.parse()?)? {
                return Ok(vec![known.lot_id]);
            }
            // Nothing was ever available there: whoever opened it named units in another state.
            let opened = journal::store::newest(cmd.db, organisation, hold.id.as_str(), &["hold_opened"], None)?;
            let opened: Option<Head> = opened.map(|bytes| journal::store::deed(&bytes)).transpose()?;
            let subjects = opened.map(|head| head.subjects).unwrap_or_default();
            Ok(subjects.iter().filter_map(|subject| subject.parse().ok()).collect())
        }
    }
}

/// The accounts of lots with units in a disposition.
fn accounts(cmd: &mut Command<'_>, lots: &[LotId], kind: AccountKind) -> Result<Vec<Balance>> {
    let ids: Vec<_> = lots.iter().collect();
    let mut found = crate::stock::service::balances(cmd.db, cmd.organisation(), &ids)?;
    found.retain(|balance| balance.kind == kind && balance.units > 0);
    Ok(found)
}

/// Whether these scopes cover an account; its lot is covered already.
fn covers(scope_type: ScopeType, scopes: &[String], balance: &Balance) -> bool {
    scope_type != ScopeType::Account
        || side_of(balance).is_some_and(|side| scopes.iter().any(|scope| scope == side.as_str()))
}

fn side_of(balance: &Balance) -> Option<AccountId> {
    available_side(&balance.lot_id, &balance.account())
}

/// The open holds that cover the units of an account, or packs among them.
///
/// # Errors
/// What the database answers.
pub fn covering_now(cmd: &mut Command<'_>, balance: &Balance) -> Result<Vec<Hold>> {
    let organisation = cmd.organisation();
    let lot = crate::stock::service::lot(cmd.db, organisation, &balance.lot_id)?
        .ok_or_else(|| Error::internal("an account without its lot"))?;
    on(cmd.db, organisation, &lot, std::slice::from_ref(balance), None)
}

/// What held units become where nothing holds them any more: in stock available again, or in use where they were opened; those that were set apart meanwhile stay
/// apart, in quarantine. None for an account outside.
///
/// # Errors
/// What the database answers.
pub fn freed_as(cmd: &mut Command<'_>, balance: &Balance) -> Result<Option<Disposition>> {
    let Some(place) = balance.place() else { return Ok(None) };
    let location = crate::sites::service::location(cmd.db, cmd.organisation(), &place.location_id)?
        .ok_or_else(|| Error::internal("an account without its location"))?;
    Ok(Some(match location.purpose {
        Purpose::Stock if balance.container_id.is_some() => Disposition::InUse,
        Purpose::Stock => Disposition::Available,
        Purpose::Quarantine | Purpose::Returns => Disposition::Quarantined,
    }))
}

/// The holds that cover units of a lot at a location at the moment of the lot's books.
///
/// # Errors
/// What the database answers.
pub fn covering(
    db: &mut Db,
    organisation: &OrganisationId,
    lot: &Lot,
    location: &Location,
    books: &Books,
) -> Result<Vec<Hold>> {
    let here = books.accounts.iter().filter(|account| account.location_id.as_ref() == Some(&location.id));
    let here: Vec<_> = here.cloned().collect();
    on(db, organisation, lot, &here, books.past)
}

/// The holds on a lot, its product, or these accounts of it, that are open, or were at a moment in the past.
///
/// # Errors
/// What the database answers.
pub fn on(
    db: &mut Db,
    organisation: &OrganisationId,
    lot: &Lot,
    accounts: &[Balance],
    past: Option<Moment>,
) -> Result<Vec<Hold>> {
    let sides: HashSet<AccountId> = accounts.iter().filter_map(side_of).collect();
    let mut scopes = vec![lot.id.as_str(), lot.product_id.as_str()];
    scopes.extend(sides.iter().map(AccountId::as_str));
    store::holds_on(db, organisation, &scopes, past.map_or(Of::Now, Of::Then))
}

/// The lots and products among these of which every unit is held, wherever it lies: by an open hold that is on no packs or accounts.
///
/// # Errors
/// What the database answers.
pub fn wholly_held(db: &mut Db, organisation: &OrganisationId, scopes: &[&str]) -> Result<HashSet<String>> {
    let holds = store::holds_on(db, organisation, scopes, Of::Now)?.into_iter();
    let whole = holds.filter(|hold| hold.scope_type != ScopeType::Account && !hold.is_of_packs());
    Ok(whole.map(|hold| hold.scope_id).collect())
}

/// The holds that cover units of an account of a lot now and did at a moment, of a pack where they are of one: those that come
/// back to it since then are still held.
///
/// # Errors
/// What the database answers.
pub fn still_covering(
    db: &mut Db,
    organisation: &OrganisationId,
    lot: &Lot,
    (account, pack): (&Account, Option<&PackId>),
    since: Moment,
) -> Result<Vec<Hold>> {
    let side = available_side(&lot.id, account);
    let mut scopes = vec![lot.id.as_str(), lot.product_id.as_str()];
    scopes.extend(side.iter().map(AccountId::as_str));
    let mut found = store::holds_on(db, organisation, &scopes, Of::Now)?;
    found.retain(|hold| hold.opened_at <= since && hold.takes(pack));
    Ok(found)
}

/// The holds on a lot, its product, or an account of it that were opened after a moment, lifted or not.
///
/// # Errors
/// What the database answers.
pub fn opened_since(
    db: &mut Db,
    organisation: &OrganisationId,
    lot: &Lot,
    account: &Account,
    moment: Moment,
) -> Result<Vec<Hold>> {
    let side = available_side(&lot.id, account);
    let mut scopes = vec![lot.id.as_str(), lot.product_id.as_str()];
    scopes.extend(side.iter().map(AccountId::as_str));
    store::holds_on(db, organisation, &scopes, Of::Since(moment))
}

/// What holds that were opened since take of units that are entered late as having become available: had the entry come
/// in time, they would have taken them (DOMAIN rule 20a).
///
/// # Errors
/// What the database answers.
pub fn taken_since(
    db: &mut Db,
    organisation: &OrganisationId,
    lot: &Lot,
    entered: &[Posting],
    past: Option<Moment>,
) -> Result<Vec<Posting>> {
    let Some(past) = past else { return Ok(Vec::new()) };
    let is_free = |kind: AccountKind| matches!(kind, AccountKind::Available | AccountKind::InUse);
    let freed: Vec<_> = entered.iter().filter(|p| p.at.is_none() && is_free(p.to.kind)).collect();
    let mut taken = Vec::new();
    for posting in freed {
        let Some(side) = available_side(&lot.id, &posting.to) else { continue };
        let scopes = [lot.id.as_str(), lot.product_id.as_str(), side.as_str()];
        let mut since = store::holds_on(db, organisation, &scopes, Of::Since(past))?;
        since.retain(|hold| hold.takes(posting.pack_id.as_ref()));
        taken.extend(rules::take(posting, &since));
    }
    Ok(taken)
}

/// The holds on the accounts that units are drawn from, that are open or were at a moment in the past: they follow held
/// units, and keep others where they are.
///
/// # Errors
/// What the database answers.
pub fn on_drawn(
    db: &mut Db,
    organisation: &OrganisationId,
    lot: &Lot,
    drawn: &[Posting],
    past: Option<Moment>,
) -> Result<Vec<Hold>> {
    let sides: HashSet<AccountId> = drawn.iter().filter_map(|posting| available_side(&lot.id, &posting.from)).collect();
    let scopes: Vec<_> = sides.iter().map(AccountId::as_str).collect();
    store::holds_on(db, organisation, &scopes, past.map_or(Of::Now, Of::Then))
}

/// Those of them that follow held units to where they go.
///
/// # Errors
/// What the database answers.
pub fn following(
    db: &mut Db,
    organisation: &OrganisationId,
    lot: &Lot,
    drawn: &[Posting],
    past: Option<Moment>,
) -> Result<Vec<HoldId>> {
    Ok(on_drawn(db, organisation, lot, drawn, past)?.into_iter().map(|hold| hold.id).collect())
}

/// Events that go on moving what another began to, with the holds that follow the units.
pub fn continuing(event: &EventId, rest: &[Posting], holds: &[HoldId]) -> Vec<Box<dyn Recordable>> {
    let continued = |postings: &[Posting]| -> Box<dyn Recordable> {
        let (event_id, postings, holds) = (event.clone(), postings.to_vec(), holds.to_vec());
        Box::new(Deed::PostingsContinued { event_id, postings, holds })
    };
    parts(rest).into_iter().map(continued).collect()
}
