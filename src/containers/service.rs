//! Opening units, and discarding what is left of them.

use std::collections::HashMap;

use super::events::Deed;
use super::model::{Container, Standing};
use super::wire::{NewContainer, NewDiscard};
use super::{rules, store};
use crate::caller::Caller;
use crate::catalogue::model::Product;
use crate::clock::Moment;
use crate::command::{About, Command};
use crate::db::Db;
use crate::decision::{Basis, Decision, Findings, ReasonCode, Refusal, Subject, SubjectType};
use crate::error::{Error, Result};
use crate::holds::model::Hold;
use crate::ids::{ContainerId, LotId, OrganisationId, PatientId};
use crate::policies::model::ExpiryOrder;
use crate::problem::ProblemCode;
use crate::sites::model::{Location, Purpose, Site};
use crate::stock::books::{self, Books};
use crate::stock::model::{Account, AccountKind, Balance, Lot, Posting};
use crate::stock::rules::{Drawable, Here, Shortfall, draw, lacking};
use crate::stock::service::Wanted;
use crate::values::Serial;

// What others may ask, or let follow from their events.
pub use super::going_first::{first_expired_first, goes_first};
pub use super::store::{by_ids, give_back, take};

/// The most diluent, in microlitres: a litre.
const DILUENT_UL_MAX: i64 = 1_000_000;

/// What an opening rests on.
struct Facts {
    lot: Lot,
    product: Product,
    location: Location,
    site: Site,
    books: Books,
    holds: Vec<Hold>,
    /// Those of them that are on packs only.
    of_packs: Vec<Hold>,
    opened_at: Moment,
}

/// Opens a unit: one that is available there, has not expired, and that nothing forbids to use. Who treats with it is judged
/// when something of it is given.
///
/// # Errors
/// `reference_unknown`, `diluent_required`, `invalid_value`, `occurred_in_future`, `occurred_too_long_ago`; `gate_refused` with
/// every reason that applies.
pub fn open(cmd: &mut Command<'_>, new: &NewContainer) -> Result<Standing> {
    expect_measured(new)?;
    let facts = gather(cmd, new)?;
    let id = cmd.mint(ContainerId::mint);
    let (zone, hours) = (facts.site.time_zone.rules(), facts.product.in_use_hours);
    let until = |use_by| rules::usable_until(facts.opened_at, hours, use_by, zone);
    let opened = |from: &Account| {
        let until = from.place.as_ref().map(|place| until(place.use_by).day_in(zone));
        until.map_or_else(|| from.clone(), |until| from.opened(id.clone(), until))
    };
    let mut findings = Findings::default();
    judge(cmd, &facts, &mut findings)?;
    let on_hand = on_hand(cmd, &facts, new.serial.as_slice())?;
    let postings = match draw(&on_hand, 1, new.serial.as_slice(), opened) {
        Ok(postings) => crate::stock::service::enter(&facts.books, &facts.lot, postings, &on_hand.packs, &mut findings),
        Err(Shortfall::OnHand(_)) => {
            not_on_hand(&facts, &mut findings);
            Vec::new()
        }
        Err(shortfall) => {
            crate::stock::service::refuse_shortfall(shortfall, &facts.lot, 1, &mut findings)?;
            Vec::new()
        }
    };
    let of_packs = crate::holds::rules::reaching(facts.of_packs.clone(), &postings);
    crate::holds::rules::not_held(&facts.lot, &of_packs, &mut findings);
    let subjects = vec![facts.lot.id.to_string(), facts.location.id.to_string(), facts.product.id.to_string()];
    let decision = Decision::from(findings, cmd.now);
    let drawn = postings.iter().find(|posting| posting.to.container_id.as_ref() == Some(&id));
    let places = drawn.and_then(|posting| posting.from.place.clone().zip(posting.to.place.clone()));
    let Some((sealed, in_use)) = places.filter(|_| decision.allowed) else {
        return Err(Error::Refused(Box::new(Refusal {
            operation: "open a container",
            site_id: Some(facts.site.id.clone()),
            occurred_at: facts.opened_at,
            subjects,
            request: crate::http::input::as_value(new)?,
            decision,
        })));
    };
    let container = Container {
        sealed_use_by: sealed.use_by,
        use_by: in_use.use_by,
        usable_until: until(sealed.use_by),
        ..described(cmd, &facts, id.clone(), new)
    };
    let (mut postings, past) = (postings, facts.books.past);
    postings.extend(crate::holds::service::taken_since(cmd.db, cmd.organisation(), &facts.lot, &postings, past)?);
    let about = about(&container, facts.opened_at);
    cmd.record(about, Deed::ContainerOpened { container: Box::new(container), decision, postings })?;
    stands(cmd, &id)
}

/// The record of an opened unit, usable as long as the lot.
fn described(cmd: &Command<'_>, facts: &Facts, id: ContainerId, new: &NewContainer) -> Container {
    let Facts { lot, product, location, site, opened_at, .. } = facts;
    Container {
        id,
        organisation_id: cmd.organisation().clone(),
        product_id: product.id.clone(),
        lot_id: lot.id.clone(),
        serial: new.serial.clone(),
        site_id: site.id.clone(),
        location_id: location.id.clone(),
        opened_at: *opened_at,
        opened_by: cmd.caller.subject.clone(),
        recorded_at: cmd.now,
        diluent: new.diluent.clone(),
        diluent_ul: new.diluent_ul,
        amount: product.unit_amount.millionths(),
        amount_unit: product.unit_amount_unit.clone(),
        volume_ul: rules::volume_ul(product, new.diluent_ul),
        sealed_use_by: lot.expiry,
        use_by: lot.expiry,
        usable_until: rules::usable_until(*opened_at, None, lot.expiry, site.time_zone.rules()),
        amount_left: 0,
    }
}

/// What is said of a diluent is how much of it there is.
fn expect_measured(new: &NewContainer) -> Result<()> {
    match new.diluent_ul {
        None if new.diluent.is_some() => {
            let rule = "must be given with diluent: how many microlitres were added";
            Err(Error::invalid(ProblemCode::DiluentRequired, "diluent_ul", rule))
        }
        Some(volume) if !(1..=DILUENT_UL_MAX).contains(&volume) => {
            let rule = format!("must be from 1 to {DILUENT_UL_MAX}");
            Err(Error::invalid(ProblemCode::InvalidValue, "diluent_ul", rule))
        }
        _ => Ok(()),
    }
}

fn gather(cmd: &mut Command<'_>, new: &NewContainer) -> Result<Facts> {
    let lot = crate::stock::service::expect_lot(cmd.db, cmd.caller, &new.lot_id)?;
    let location = crate::sites::service::expect_location(cmd.db, cmd.caller, "location_id", &new.location_id)?;
    crate::stock::service::lock(cmd, std::slice::from_ref(&lot.id))?;
    let opened_at = cmd.moment("opened_at", new.opened_at)?;
    let (organisation, past) = (cmd.organisation(), cmd.past(opened_at));
    let books = books::at(cmd.db, organisation, &lot.id, past)?;
    let site = crate::sites::service::expect_site(cmd.db, cmd.caller, &location.site_id)?;
    let product = crate::catalogue::service::find(cmd.db, organisation, &lot.product_id)?
        .ok_or_else(|| Error::internal("a lot without its product"))?;
    let product = crate::versions::at(cmd.db, organisation, product, past)?;
    let location = crate::versions::at(cmd.db, organisation, location, past)?;
    let holds = crate::holds::service::on(cmd.db, organisation, &lot, &books.at_location(&location.id), past)?;
    let (of_packs, holds) = holds.into_iter().partition(Hold::is_of_packs);
    Ok(Facts { lot, product, location, site, books, holds, of_packs, opened_at })
}

/// What forbids to use any unit of the lot there.
fn judge(cmd: &mut Command<'_>, facts: &Facts, findings: &mut Findings) -> Result<()> {
    let day = facts.opened_at.day_in(facts.site.time_zone.rules());
    findings.rests_on(Basis::Moment {
        occurred_at: facts.opened_at,
        site_id: facts.site.id.to_string(),
        time_zone: facts.site.time_zone.to_string(),
        day,
    });
    let here = facts.books.at_location(&facts.location.id);
    let best = here.iter().filter(|account| is_free(facts, account)).filter_map(|account| account.use_by).max();
    let lot = &facts.lot;
    crate::stock::rules::not_expired(lot, best.unwrap_or(lot.expiry).min(lot.expiry), day, findings);
    crate::holds::rules::not_held(lot, &facts.holds, findings);
    let policy = crate::policies::service::at(cmd.db, cmd.organisation(), facts.books.past)?;
    let subject = Subject::new(SubjectType::Lot, &lot.id);
    crate::policies::rules::lot_not_denied(&policy, &facts.product, &lot.lot, subject, findings);
    let (jurisdiction, recheck) = (&facts.site.jurisdiction, policy.approval_recheck_days);
    crate::catalogue::rules::authorised(&facts.product, jurisdiction, day, recheck, findings);
    if policy.expiry_order() == ExpiryOrder::Refuse {
        let own = here.iter().filter(|account| is_free(facts, account)).filter_map(|account| account.use_by).min();
        let (site, days) = (&facts.site.id, (day, own.unwrap_or(lot.expiry)));
        let first = goes_first(cmd.db, &policy, &facts.product, (site, lot), days, facts.books.past)?;
        first_expired_first(&policy, first.as_ref(), lot, findings);
    }
    crate::stock::rules::has_purpose(&facts.location, Purpose::Stock, findings);
    crate::versions::not_retired(&facts.location, facts.opened_at, findings);
    Ok(())
}

/// Whether what is in an account may be opened: available, and no hold on its account.
fn is_free(facts: &Facts, account: &Balance) -> bool {
    let covers = |hold: &Hold| crate::holds::rules::covers(hold, &facts.lot.id, &account.account());
    account.kind == AccountKind::Available && !facts.holds.iter().any(covers)
}

/// What may be drawn on: what is free there and has not expired.
fn on_hand(cmd: &mut Command<'_>, facts: &Facts, serials: &[Serial]) -> Result<Drawable> {
    let day = facts.opened_at.day_in(facts.site.time_zone.rules());
    let mut here = facts.books.at_location(&facts.location.id);
    here.retain(|account| is_free(facts, account) && account.use_by.is_some_and(|use_by| use_by >= day));
    let wanted = Wanted { units: 1, serials };
    crate::stock::service::drawable(cmd.db, cmd.organisation(), &facts.lot, &facts.books, here, wanted)
}

/// Says why none is there to open, where that is not said already.
fn not_on_hand(facts: &Facts, findings: &mut Findings) {
    let here = facts.books.at_location(&facts.location.id);
    let here: Vec<Here> = here.iter().map(|row| Here { kind: row.kind, units: row.units, free: 0 }).collect();
    let (lot, place) = (&facts.lot, &facts.location.name);
    let is_said = !findings.reasons.is_empty();
    let says_more = |code: &ReasonCode| match code {
        ReasonCode::StockNotOnHand | ReasonCode::LotOnHold => !is_said,
        _ => true,
    };
    for code in lacking(&here, 1).into_iter().filter(says_more) {
        let message = match code {
            ReasonCode::LotQuarantined => format!("Units of lot {} at {place} are in quarantine.", lot.lot),
            ReasonCode::LotRejected => {
                format!("Units of lot {} at {place} are set apart, to be returned or destroyed.", lot.lot)
            }
            ReasonCode::LotOnHold => format!("Units of lot {} at {place} are held.", lot.lot),
            _ => format!("Lot {} has no unopened unit available at {place}.", lot.lot),
        };
        findings.refuse(code, Subject::new(SubjectType::Lot, &lot.id), message);
    }
}

fn about(container: &Container, occurred_at: Moment) -> About {
    let subjects = vec![
        container.id.to_string(),
        container.lot_id.to_string(),
        container.product_id.to_string(),
        container.location_id.to_string(),
    ];
    About { occurred_at, site_id: Some(container.site_id.clone()), subjects }
}

/// Discards what is left of an opened unit: it is wasted, whatever it is but rejected (DOMAIN rules 11 and 20).
///
/// # Errors
/// `not_found`, `container_finished`, `occurred_too_early`, `occurred_in_future`, `occurred_too_long_ago`; `gate_refused` where
/// it was rejected, or moved since.
pub fn discard(cmd: &mut Command<'_>, id: &ContainerId, new: &NewDiscard) -> Result<Standing> {
    let container = find(cmd.db, cmd.caller, id)?.ok_or_else(|| Error::not_found("container"))?;
    crate::stock::service::lock(cmd, std::slice::from_ref(&container.lot_id))?;
    let occurred_at = cmd.occurred_at(new.occurred_at)?;
    cmd.not_before(occurred_at, container.opened_at)?;
    let standing = stands(cmd, id)?;
    let Some(account) = &standing.account else {
        let detail = "This container was finished: nothing is left of it.";
        return Err(Error::problem(ProblemCode::ContainerFinished, detail));
    };
    let organisation = cmd.organisation();
    let lot = crate::stock::service::expect_lot(cmd.db, cmd.caller, &container.lot_id)?;
    let books = books::at(cmd.db, organisation, &lot.id, cmd.past(occurred_at))?;
    // Entered late it leaves where it was then: a hold that has taken it since had one unit less to take (DOMAIN rule 20a).
    let mut there = books.accounts.iter().filter(|then| then.units > 0);
    let then = there.find(|then| then.container_id.as_ref() == Some(id)).unwrap_or(account);
    let mut findings = Findings::default();
    if then.kind == AccountKind::Rejected {
        let message = format!("This container of lot {} was rejected: it can only be returned or destroyed.", lot.lot);
        findings.refuse(ReasonCode::LotRejected, Subject::new(SubjectType::Container, id), message);
    }
    let unit = crate::stock::service::draw_all(cmd.db, account, &Account::outside(AccountKind::Waste))?;
    let unit = unit.into_iter().map(|posting| Posting { from: then.account(), ..posting }).collect();
    let inside: Vec<_> = books.accounts.iter().filter(|account| account.location_id.is_some()).collect();
    let packs = books.turn_back(crate::stock::service::packs_in(cmd.db, &inside, false)?);
    let postings = crate::stock::service::enter(&books, &lot, unit, &packs, &mut findings);
    let decision = Decision::from(findings, cmd.now);
    if !decision.allowed {
        return Err(Error::Refused(Box::new(Refusal {
            operation: "discard a container",
            site_id: Some(container.site_id.clone()),
            occurred_at,
            subjects: vec![id.to_string(), lot.id.to_string()],
            request: crate::http::input::as_value(new)?,
            decision,
        })));
    }
    let (container_id, reason) = (id.clone(), new.reason.clone());
    let deed = Deed::ContainerDiscarded { container_id, reason, decision, postings };
    cmd.record(about(&container, occurred_at), deed)?;
    stands(cmd, id)
}

fn stands(cmd: &mut Command<'_>, id: &ContainerId) -> Result<Standing> {
    let organisation = cmd.organisation();
    let found = store::container(cmd.db, organisation, id)?;
    let standing = standing(cmd.db, organisation, found.into_iter().collect())?.into_iter().next();
    if let Some(patient) = standing.as_ref().and_then(|standing| standing.patient.as_ref()) {
        cmd.concerns(patient)?;
    }
    standing.ok_or_else(|| Error::internal("a container that is not there"))
}

/// The container of that id, if the caller sees its site.
///
/// # Errors
/// What the database answers.
pub fn find(db: &mut Db, caller: &Caller, id: &ContainerId) -> Result<Option<Container>> {
    Ok(store::container(db, &caller.organisation_id, id)?.filter(|container| caller.sees(&container.site_id)))
}

/// Containers as they stand.
///
/// # Errors
/// What the database answers.
pub fn standing(db: &mut Db, organisation: &OrganisationId, found: Vec<Container>) -> Result<Vec<Standing>> {
    let ids: Vec<_> = found.iter().map(|container| &container.id).collect();
    let accounts = store::accounts_of(db, organisation, &ids)?;
    let mut accounts: HashMap<ContainerId, Balance> =
        accounts.into_iter().filter_map(|account| Some((account.container_id.clone()?, account))).collect();
    let mut patients = store::patients_of(db, organisation, &ids)?;
    let stands = found.into_iter().map(|container| Standing {
        account: accounts.remove(&container.id),
        patient: patients.remove(&container.id).filter(|(first, last)| first == last).map(|(first, _)| first),
        container,
    });
    Ok(stands.collect())
}

/// Whether something was recorded out of a container for another patient than this one, voided or not; none is one of whom nothing
/// was recorded yet.
///
/// # Errors
/// What the database answers.
pub fn is_anothers(
    db: &mut Db,
    organisation: &OrganisationId,
    id: &ContainerId,
    patient: Option<&PatientId>,
) -> Result<bool> {
    let served = store::patients_of(db, organisation, &[id])?.remove(id);
    Ok(served.is_some_and(|(first, last)| patient != Some(&first) || patient != Some(&last)))
}

/// The container of a lot whose unit is in an account, with what is left in it.
///
/// # Errors
/// What the database answers.
pub fn in_account(db: &mut Db, organisation: &OrganisationId, account: &Balance) -> Result<Option<Container>> {
    match &account.container_id {
        Some(id) => store::container(db, organisation, id),
        None => Ok(None),
    }
}

/// A container that a request names, of the lot that it names beside it.
///
/// # Errors
/// `reference_unknown`; `invalid_value` where it is of another lot.
pub fn expect_of(db: &mut Db, caller: &Caller, id: &ContainerId, lot: Option<&LotId>) -> Result<Container> {
    let found = find(db, caller, id)?.ok_or_else(|| Error::reference_unknown("container_id"))?;
    if lot.is_some_and(|lot| *lot != found.lot_id) {
        let rule = "is a container of another lot than that which is named beside it";
        return Err(Error::invalid(ProblemCode::InvalidValue, "container_id", rule));
    }
    Ok(found)
}

/// Whether the unit of a container is on hand.
///
/// # Errors
/// What the database answers.
pub fn is_on_hand(db: &mut Db, organisation: &OrganisationId, id: &ContainerId) -> Result<bool> {
    Ok(!store::accounts_of(db, organisation, &[id])?.is_empty())
}
