//! What other slices ask of stock.

use chrono::NaiveDate;

use super::books::Books;
use super::label::Label;
use super::model::{Account, AccountKind, Balance, Lot, Pack, PackBalance, Posting, Reconciliation};
use super::rules::{Drawable, Shortfall};
use super::{history, rules, store};
use crate::caller::Extent;
use crate::catalogue::model::{IdentifierScheme, Level};
use crate::clock::Moment;
use crate::command::{Command, View};
use crate::custody_log::past::Past;
use crate::db::Db;
use crate::decision::{Findings, ReasonCode, Subject, SubjectType};
use crate::error::{Error, Result};
use crate::ids::{LotId, OrganisationId, ProductId, SiteId};
use crate::problem::ProblemCode;
use crate::values::{Serial, number};

// What others may ask of the tables, or let follow from their events.
pub use super::presence::{Presence, lots_at, presence};
pub use super::store::{
    By, Flow, Looked, StockFilter, account, accounts_of, all_numbered, balances, balances_of_packs, balances_then,
    has_other_lots, has_packs, insert_lot, insert_packs, inside_of_line, is_visible, list_stock, lot, lots, lots_like,
    lots_named, lots_of_period, lots_of_product, lots_of_products, lots_sought, misplaced, move_packs, moved_between,
    moved_outside, numbered, on_hand_at, pack_balances, packs_between, packs_by_id, packs_in, packs_lying,
    packs_numbered, packs_of_line, packs_of_lots, set_production_date, units_under_serials, visible, waiting,
};

/// A lot with its effective expiry and its reconciliation.
#[derive(Clone, Debug)]
pub struct LotState {
    /// The lot.
    pub lot: Lot,
    /// The earliest day on which units on hand run out: label, opening or assessment, whichever comes first.
    pub effective_expiry: NaiveDate,
    /// Where all its units are.
    pub reconciliation: Reconciliation,
}

impl LotState {
    /// Where a lot stands, by all its accounts.
    pub fn of(lot: Lot, balances: &[Balance]) -> Self {
        let earliest = balances.iter().filter(|balance| balance.units > 0).filter_map(|balance| balance.use_by).min();
        LotState {
            effective_expiry: earliest.unwrap_or(lot.expiry).min(lot.expiry),
            reconciliation: rules::reconcile(balances),
            lot,
        }
    }
}

/// Where lots stand, in one query.
///
/// # Errors
/// What the database answers.
pub fn states(db: &mut Db, organisation: &OrganisationId, lots: Vec<Lot>) -> Result<Vec<LotState>> {
    let ids: Vec<_> = lots.iter().map(|lot| &lot.id).collect();
    let balances = store::balances_with_units(db, organisation, &ids)?;
    Ok(standing(lots, balances))
}

fn standing(lots: Vec<Lot>, mut balances: Vec<Balance>) -> Vec<LotState> {
    let state = |lot: Lot| {
        let (own, rest): (Vec<_>, Vec<_>) =
            std::mem::take(&mut balances).into_iter().partition(|balance| balance.lot_id == lot.id);
        balances = rest;
        LotState::of(lot, &own)
    };
    lots.into_iter().map(state).collect()
}

/// Where lots stood at another time, or as was known then; those that had not come are left out.
///
/// # Errors
/// What the database answers.
pub fn states_then(db: &mut Db, organisation: &OrganisationId, lots: Vec<Lot>, past: &Past) -> Result<Vec<LotState>> {
    if past.is_now() {
        return states(db, organisation, lots);
    }
    let ids: Vec<_> = lots.iter().map(|lot| &lot.id).collect();
    let there = store::there_then(db, organisation, &ids, past)?;
    let mut lots: Vec<_> = lots.into_iter().filter(|lot| there.contains(&lot.id)).collect();
    let ids: Vec<_> = lots.iter().map(|lot| &lot.id).collect();
    let balances = store::balances_then(db, organisation, &ids, past)?;
    if let Some(leaves) = past.leaves() {
        let deliveries = store::deliveries_of(db, organisation, &ids, leaves)?;
        for lot in &mut lots {
            let told = deliveries.iter().filter(|(of, ..)| of == lot.id.as_str());
            lot.production_date =
                history::production_date(lot, told.map(|(_, bytes, known)| (bytes.as_slice(), *known)))?;
        }
    }
    Ok(standing(lots, balances))
}

/// Of these lots those of which something was received, or used though it never was: a lot that a correction took back
/// was never there. `taken_back` says how many units of a lot are not to count.
///
/// # Errors
/// What the database answers.
pub fn ever_there(
    db: &mut Db,
    organisation: &OrganisationId,
    lots: Vec<Lot>,
    taken_back: impl Fn(&Lot) -> i64,
) -> Result<Vec<Lot>> {
    if lots.is_empty() {
        return Ok(lots);
    }
    Ok(states(db, organisation, lots)?
        .into_iter()
        .filter(|state| {
            let known = state.reconciliation.received.saturating_add(state.reconciliation.unaccounted);
            known > taken_back(&state.lot)
        })
        .map(|state| state.lot)
        .collect())
}

/// Available units of a product at a site, of other lots than this one, that may be used on a day and run out before `before`: the
/// first expired first (DOMAIN rule 14), now or at a moment.
///
/// # Errors
/// What the database answers.
pub fn first_out(
    db: &mut Db,
    organisation: &OrganisationId,
    (site, product): (&SiteId, &ProductId),
    lot: &LotId,
    (day, before): (NaiveDate, NaiveDate),
    past: Option<Moment>,
) -> Result<Vec<(Balance, Lot)>> {
    let Some(at) = past else {
        return store::first_out(db, organisation, (site, product), lot, (day, before));
    };
    let mut others = store::not_run_out(db, organisation, product, day)?;
    others.retain(|other| other.id != *lot);
    let ids: Vec<_> = others.iter().map(|other| &other.id).collect();
    let usable = usable_then(db, (organisation, site), &ids, day, at)?;
    let earlier = usable.into_iter().filter(|balance| balance.use_by.is_some_and(|use_by| use_by < before));
    let with_lot = |balance: Balance| {
        let of = others.iter().find(|other| other.id == balance.lot_id).cloned();
        of.map(|of| (balance, of))
    };
    Ok(earlier.filter_map(with_lot).collect())
}

/// How many units of a product at a site may be used on a day, now or at a moment: available, and not run out. Where there are `enough`,
/// they may be told to be fewer than they are, though never fewer than that.
///
/// # Errors
/// What the database answers.
pub fn usable(
    db: &mut Db,
    place: (&OrganisationId, &SiteId),
    product: &ProductId,
    (day, past): (NaiveDate, Option<Moment>),
    enough: i64,
) -> Result<i64> {
    // Every account that is counted has a unit at least.
    let Some(at) = past else { return store::usable(db, place, product, day, enough) };
    let lots = store::not_run_out(db, place.0, product, day)?;
    let ids: Vec<_> = lots.iter().map(|lot| &lot.id).collect();
    Ok(usable_then(db, place, &ids, day, at)?.iter().map(|balance| balance.units).sum())
}

/// Accounts of lots at a site with units that could be used on a day, as they were at a moment.
fn usable_then(
    db: &mut Db,
    (organisation, site): (&OrganisationId, &SiteId),
    lots: &[&LotId],
    day: NaiveDate,
    at: Moment,
) -> Result<Vec<Balance>> {
    let mut then = store::balances_then(db, organisation, lots, &Past { at: Some(at), known: None })?;
    then.retain(|balance| {
        balance.kind == AccountKind::Available
            && balance.units > 0
            && balance.site_id.as_ref() == Some(site)
            && balance.use_by.is_some_and(|use_by| use_by >= day)
    });
    Ok(then)
}

/// Pairs of lots whose texts are alike though not the same, both with units on hand where the caller sees them, one of them at
/// `site`: the newest first, in each the older lot first.
///
/// # Errors
/// What the database answers.
pub fn alike(view: &mut View<'_>, site: Option<&SiteId>, limit: i64) -> Result<Vec<(Lot, Lot)>> {
    let organisation = &view.caller.organisation_id;
    let mut pairs = store::alike(view.db, organisation)?;
    let ids: Vec<_> = pairs.iter().flat_map(|(older, newer)| [older, newer]).collect();
    let on_hand = store::sites_with_units(view.db, organisation, &ids)?;
    let is_there = |lot: &LotId, at: Option<&SiteId>| {
        let mut places = on_hand.iter().filter(|(of, place)| of == lot && view.caller.sees(place));
        places.any(|(_, place)| at.is_none_or(|at| at == place))
    };
    pairs.retain(|(older, newer)| {
        let both = is_there(older, None) && is_there(newer, None);
        both && (site.is_none() || is_there(older, site) || is_there(newer, site))
    });
    pairs.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let ids: Vec<_> = pairs.iter().flat_map(|(older, newer)| [older, newer]).collect();
    let lots = store::lots(view.db, organisation, &ids)?;
    let find = |id: &LotId| lots.iter().find(|lot| lot.id == *id).cloned();
    Ok(pairs.iter().filter_map(|(older, newer)| Some((find(older)?, find(newer)?))).collect())
}

/// What a movement of units of a lot may draw on: these accounts of its books, and the packs in them that are named. Where
/// none is named and all units of a disposition are wanted, all its packs are.
///
/// # Errors
/// What the database answers.
pub fn drawable(
    db: &mut Db,
    organisation: &OrganisationId,
    lot: &Lot,
    books: &Books,
    accounts: Vec<Balance>,
    wanted: Wanted<'_>,
) -> Result<Drawable> {
    let here: Vec<&Balance> = accounts.iter().collect();
    let in_packs = books.units_in_packs(db, &here)?;
    let mut found = Drawable::default();
    if wanted.serials.is_empty() && is_all_of_a_kind(&accounts, wanted.units) {
        let numbered: Vec<_> = here.into_iter().filter(|account| in_packs.contains_key(&account.id)).collect();
        if !numbered.is_empty() {
            found.packs = books.turn_back(store::packs_in(db, &numbered, !books.is_past())?);
        }
    }
    for serial in wanted.serials {
        match store::pack(db, organisation, &lot.product_id, serial)?.filter(|pack| pack.lot_id == lot.id) {
            Some(pack) => found.packs.extend(books.turn_back(store::pack_balances(db, &pack)?)),
            None => found.unknown.push(serial.clone()),
        }
    }
    found.packs.retain(|row| row.units > 0 && accounts.iter().any(|account| account.id == row.account.id));
    found.accounts = accounts
        .into_iter()
        .map(|account| {
            let units = in_packs.get(&account.id).copied().unwrap_or(0);
            (account, units)
        })
        .collect();
    Ok(found)
}

/// The packs with numbers that had units in accounts of a lot's books, at the moment of those.
///
/// # Errors
/// What the database answers.
pub fn packs_of_books(db: &mut Db, books: &Books, accounts: &[Balance]) -> Result<Vec<PackBalance>> {
    let here: Vec<&Balance> = accounts.iter().collect();
    let in_packs = books.units_in_packs(db, &here)?;
    let numbered: Vec<_> = here.into_iter().filter(|account| in_packs.contains_key(&account.id)).collect();
    if numbered.is_empty() {
        return Ok(Vec::new());
    }
    let mut packs = books.turn_back(store::packs_in(db, &numbered, !books.is_past())?);
    packs.retain(|row| row.units > 0);
    Ok(packs)
}

/// The units that somebody wants to move.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// How many.
    pub units: i64,
    /// Of which packs, where packs have numbers and some of them are wanted.
    pub serials: &'a [Serial],
}

fn is_all_of_a_kind(accounts: &[Balance], units: i64) -> bool {
    let of = |kind| -> i64 { accounts.iter().filter(|a| a.kind == kind).map(|a| a.units).sum() };
    accounts.iter().any(|account| of(account.kind) == units) || of_all(accounts) == units
}

fn of_all(accounts: &[Balance]) -> i64 {
    accounts.iter().map(|account| account.units).sum()
}

/// Takes every unit out of an account, pack by pack.
///
/// # Errors
/// What the database answers.
pub fn draw_all(db: &mut Db, account: &Balance, to: &Account) -> Result<Vec<Posting>> {
    let packs = store::packs_in(db, &[account], true)?;
    let anonymous = account.units - packs.iter().map(|row| row.units).sum::<i64>();
    let (lot_id, from) = (&account.lot_id, account.account());
    let posting = |units, pack_id| Posting {
        lot_id: lot_id.clone(),
        from: from.clone(),
        to: to.clone(),
        units,
        pack_id,
        at: None,
    };
    let mut postings: Vec<_> = packs.into_iter().map(|row| posting(row.units, Some(row.pack.id))).collect();
    if anonymous > 0 {
        postings.push(posting(anonymous, None));
    }
    Ok(postings)
}

/// Enters postings at the moment of the lot's books. What units that somebody has moved since speak against is refused,
/// with which, where and when (DOMAIN rule 20a).
pub fn enter(
    books: &Books,
    lot: &Lot,
    postings: Vec<Posting>,
    packs: &[PackBalance],
    findings: &mut Findings,
) -> Vec<Posting> {
    books.enter(postings, packs).unwrap_or_else(|clash| {
        rules::clashes(lot, &clash, findings);
        Vec::new()
    })
}

/// The sites where units of a lot lie.
///
/// # Errors
/// What the database answers.
pub fn extent_of(db: &mut Db, organisation: &OrganisationId, lot: &LotId) -> Result<Extent> {
    let all = store::balances_of(db, organisation, lot)?;
    let there = all.into_iter().filter(|balance| balance.units > 0).filter_map(|balance| balance.site_id);
    Ok(Extent::Sites(there.collect()))
}

/// The lot that a path names, if it was ever at a site that the caller sees.
///
/// # Errors
/// `not_found`.
pub fn find_lot(db: &mut Db, caller: &crate::caller::Caller, id: &LotId) -> Result<Lot> {
    let found = store::lot(db, &caller.organisation_id, id)?;
    seen(db, caller, found)?.ok_or_else(|| Error::not_found("lot"))
}

fn seen(db: &mut Db, caller: &crate::caller::Caller, found: Option<Lot>) -> Result<Option<Lot>> {
    let Some(lot) = found else { return Ok(None) };
    Ok(store::is_visible(db, caller, &lot.id)?.then_some(lot))
}

/// Locks lots until the transaction ends: whoever decides over units of a lot does so one after the other, and reads
/// what is there only then. Lots are locked before products, see [`crate::catalogue::service::lock`].
///
/// # Errors
/// What the database answers.
pub fn lock(cmd: &mut Command<'_>, lots: &[LotId]) -> Result<()> {
    cmd.lock(|db, organisation| store::lock_lots(db, organisation, lots))
}

/// The lot that a body names, if it was ever at a site that the caller sees.
///
/// # Errors
/// `reference_unknown`.
pub fn expect_lot(db: &mut Db, caller: &crate::caller::Caller, id: &LotId) -> Result<Lot> {
    let found = store::lot(db, &caller.organisation_id, id)?;
    seen(db, caller, found)?.ok_or_else(|| Error::reference_unknown("lot_id"))
}

/// The same, locked as [`lock`] does, in the same statement.
///
/// # Errors
/// `reference_unknown`.
pub fn expect_lot_to_decide(db: &mut Db, caller: &crate::caller::Caller, id: &LotId) -> Result<Lot> {
    let found = store::lot_to_decide(db, &caller.organisation_id, id)?;
    seen(db, caller, found)?.ok_or_else(|| Error::reference_unknown("lot_id"))
}

/// The packs of a lot that a body names by their serial numbers, each once.
///
/// # Errors
/// `duplicate_entry`, `list_too_long`; `reference_unknown` for a number that no pack of the lot has.
pub fn expect_packs(db: &mut Db, organisation: &OrganisationId, lot: &Lot, serials: &[Serial]) -> Result<Vec<Pack>> {
    rules::distinct_serials("serials", serials)?;
    let mut packs = store::packs_numbered(db, organisation, &lot.product_id, serials)?;
    packs.retain(|pack| pack.lot_id == lot.id);
    if packs.len() < serials.len() { Err(Error::reference_unknown("serials")) } else { Ok(packs) }
}

/// Turns a shortfall into reasons, or into a problem where the request itself does not add up.
///
/// # Errors
/// `serials_mismatch` when the named packs hold another number of units.
pub fn refuse_shortfall(shortfall: Shortfall, lot: &Lot, units: i64, findings: &mut Findings) -> Result<()> {
    let subject = || Subject::new(SubjectType::Lot, &lot.id);
    match shortfall {
        Shortfall::SerialsUnknown(serials) => {
            for serial in serials {
                let message = format!("No pack of lot {} with serial number {serial} was received.", lot.lot);
                findings.refuse(ReasonCode::SerialUnknown, Subject::new(SubjectType::Serial, &serial), message);
            }
        }
        Shortfall::SerialsRequired => {
            let message = format!("Lot {} is kept by serial number: name the packs.", lot.lot);
            findings.refuse(ReasonCode::SerialsRequired, subject(), message);
        }
        Shortfall::OnHand(on_hand) => {
            let message = format!("Lot {} has {} of that kind on hand, not {units}.", lot.lot, number(on_hand, "unit"));
            findings.refuse(ReasonCode::StockNotOnHand, subject(), message);
        }
        Shortfall::PacksHave(0) => {
            let message = format!("The packs named hold no such units of lot {} there.", lot.lot);
            findings.refuse(ReasonCode::StockNotOnHand, subject(), message);
        }
        Shortfall::PacksHave(held) => {
            let rule = format!("name packs that hold {}, not {units}", number(held, "unit"));
            return Err(Error::invalid(ProblemCode::SerialsMismatch, "serials", rule));
        }
    }
    Ok(())
}

/// What the label of a lot says, or of the pack of it with this serial number.
///
/// # Errors
/// `not_found` when the caller sees no such lot, or the lot has no such pack; `label_not_possible` where what it is of has
/// no GTIN.
pub fn label(view: &mut View<'_>, id: &LotId, serial: Option<Serial>) -> Result<Label> {
    let organisation = &view.caller.organisation_id;
    let lot = find_lot(view.db, view.caller, id)?;
    let product = crate::catalogue::service::find(view.db, organisation, &lot.product_id)?;
    let product = product.ok_or_else(|| Error::internal("a lot of no product"))?;
    let mut gtin = product.gtin;
    if let Some(serial) = &serial {
        let pack = store::pack(view.db, organisation, &lot.product_id, serial)?;
        let pack = pack.filter(|pack| pack.lot_id == lot.id).ok_or_else(|| Error::not_found("pack of the lot"))?;
        // A number stands beside the identifier of what it marks: a unit's is none of a pack.
        let line = store::received_as(view.db, organisation, &pack.receipt_line_id)?;
        if let Some(own) = line.filter(|own| own.scheme == IdentifierScheme::Gtin || own.level != Level::Pack) {
            gtin = (own.scheme == IdentifierScheme::Gtin).then(|| own.value.as_str().parse()).transpose()?;
        }
    }
    let gtin = gtin.ok_or_else(|| {
        let detail = format!("{} has no GTIN for this, which the code of a label starts with.", product.name);
        Error::problem(ProblemCode::LabelNotPossible, detail)
    })?;
    Ok(Label { product: product.name, gtin, expiry: lot.expiry, lot: lot.lot, serial })
}
