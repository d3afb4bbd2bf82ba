//! What an administration draws on: now, and in retrospect.

use super::facts::{Facts, Opened};
use crate::containers::model::Share;
use crate::error::Result;
use crate::holds::model::Hold;
use crate::ids::LocationId;
use crate::stock::books::Clash;
use crate::stock::model::{Account, AccountKind, Balance, PackBalance, Posting};
use crate::stock::rules::Drawable;
use std::collections::BTreeSet;

pub(super) fn is_available(facts: &Facts, balance: &Balance) -> bool {
    kind_of(facts, balance) == AccountKind::Available && is_here(facts, balance)
}

/// Whether an account is where units are asked for: anywhere at the site, or at the location that was named.
pub(super) fn is_here(facts: &Facts, balance: &Balance) -> bool {
    facts.location_id.as_ref().is_none_or(|location| balance.location_id.as_ref() == Some(location))
}

/// The account of the opened unit that is meant where nobody said which: nothing unopened of what was named may be used, and one
/// that was opened is there.
pub(super) fn only_opened(facts: &Facts) -> Option<&Balance> {
    let is_opened = |row: &(Balance, i64)| row.0.container_id.is_some() && is_here(facts, &row.0);
    if !facts.stock.iter().any(is_opened) {
        return None;
    }
    let sealed = drawable(facts);
    let of_pack = |account: &Balance| match &facts.pack {
        Some((_, rows)) => rows.iter().any(|row| row.units > 0 && row.account.id == account.id),
        None => true,
    };
    let is_sealed = match &facts.pack {
        Some(_) => !sealed.packs.is_empty(),
        None => !sealed.accounts.is_empty(),
    };
    let opened = facts.stock.iter().filter(|row| is_opened(row) && of_pack(&row.0));
    let mut opened = opened.map(|(account, _)| account).filter(|_| !is_sealed);
    opened.next().filter(|_| opened.next().is_none())
}

/// An account's disposition at the chair: what was available or in use while a hold on the account was open is held.
pub(super) fn kind_of(facts: &Facts, balance: &Balance) -> AccountKind {
    let covers = |hold: &Hold| crate::holds::rules::covers(hold, &balance.lot_id, &balance.account());
    match balance.kind {
        AccountKind::Available | AccountKind::InUse if facts.holds.iter().any(covers) => AccountKind::Held,
        kind => kind,
    }
}

/// What an administration may draw on: available units that have not run out on the day, of the named pack if there is
/// one and packs of the lot are kept by number.
pub fn drawable(facts: &Facts) -> Drawable {
    let usable = |balance: &Balance| is_available(facts, balance) && balance.use_by.is_some_and(|day| day >= facts.day);
    Drawable {
        accounts: facts.stock.iter().filter(|(balance, _)| usable(balance)).cloned().collect(),
        packs: facts
            .pack
            .iter()
            .flat_map(|(_, balances)| balances)
            .filter(|row| row.units > 0 && row.account.site_id.as_ref() == Some(&facts.site.id) && usable(&row.account))
            .cloned()
            .collect(),
        unknown: Vec::new(),
    }
}

/// Whether excursions hold what is in an account, where units are asked for.
pub(super) fn is_exposed(facts: &Facts, balance: &Balance) -> bool {
    is_here(facts, balance) && balance.units > 0 && !balance.excursions().is_empty()
}

/// The places that units may be drawn from, each once: of the named pack if there is one, else of units without numbers. Where
/// an excursion holds units without numbers, the pack at the chair may be one of those, so that their place counts, too.
pub fn places(facts: &Facts) -> Vec<LocationId> {
    let from = drawable(facts);
    let anonymous =
        from.accounts.iter().filter(|(account, in_packs)| account.units > *in_packs).map(|(account, _)| account);
    let places: Vec<_> = match facts.pack {
        Some(_) => from.packs.iter().filter_map(|row| row.account.location_id.clone()).collect(),
        None if from.accounts.is_empty() => Vec::new(),
        None => {
            let exposed = facts.stock.iter().map(|(balance, _)| balance).filter(|balance| is_exposed(facts, balance));
            anonymous.chain(exposed).filter_map(|account| account.location_id.clone()).collect()
        }
    };
    let distinct: BTreeSet<_> = places.into_iter().collect();
    distinct.into_iter().collect()
}

/// The postings of an administration, entered at its moment; none where units are short, which is another rule's to say.
///
/// # Errors
/// When units that it takes were moved since.
pub fn drawn(facts: &Facts) -> Result<Vec<Posting>, Clash> {
    if let Some(opened) = &facts.container {
        return facts.books.enter(used_up(facts, opened), pack_balances(facts));
    }
    let mut from = drawable(facts);
    from.packs.sort_by_key(|row| row.account.use_by);
    let serials: Vec<_> = facts.pack.iter().map(|(pack, _)| pack.serial.clone()).collect();
    let patient = |_: &Account| Account::outside(AccountKind::Patient);
    let postings = crate::stock::rules::draw(&from, facts.units, &serials, patient).unwrap_or_default();
    facts.books.enter(postings, pack_balances(facts))
}

/// The posting of an opened unit that is used up: it is on hand until then.
pub fn used_up(facts: &Facts, opened: &Opened) -> Vec<Posting> {
    let is_used_up = facts.amount.is_some_and(|amount| amount >= opened.container.amount_left);
    let account = opened.account.iter().filter(|_| is_used_up);
    let used = account.map(|account| Posting {
        lot_id: account.lot_id.clone(),
        from: account.account(),
        to: Account::outside(AccountKind::Patient),
        units: 1,
        pack_id: facts.pack.as_ref().map(|(pack, _)| pack.id.clone()),
        at: None,
    });
    used.collect()
}

/// What an administration takes of an opened unit: as much as is left of what it says.
pub fn share(facts: &Facts) -> Option<Share> {
    let opened = facts.container.as_ref()?;
    let amount = facts.amount.unwrap_or_default().min(opened.container.amount_left);
    Some(Share { container_id: opened.container.id.clone(), amount })
}

/// Where the units of the named pack are.
pub fn pack_balances(facts: &Facts) -> &[PackBalance] {
    facts.pack.as_ref().map_or(&[], |(_, balances)| balances)
}

/// What a retrospective record draws on (DOMAIN rule 20): whatever is at the site, released stock first. The patient has
/// had it, so what stood against using it no longer matters.
pub fn drawable_in_retrospect(facts: &Facts) -> Drawable {
    use AccountKind as K;
    let rank = |balance: &Balance| {
        [K::Available, K::Held, K::Quarantined, K::Passed, K::Rejected].iter().position(|kind| *kind == balance.kind)
    };
    let here = |balance: &Balance| {
        rank(balance).is_some()
            && balance.site_id.as_ref() == Some(&facts.site.id)
            && is_here(facts, balance)
            && balance.container_id.is_none()
    };
    let mut accounts: Vec<_> = facts.stock.iter().filter(|(balance, _)| here(balance)).cloned().collect();
    accounts.sort_by_key(|(balance, _)| (rank(balance), balance.use_by));
    let lot = facts.lot.as_ref().map(|lot| &lot.id);
    let own_pack = facts.pack.iter().filter(|(pack, _)| Some(&pack.lot_id) == lot);
    let mut packs: Vec<_> =
        own_pack.flat_map(|(_, rows)| rows).filter(|row| row.units > 0 && here(&row.account)).cloned().collect();
    packs.sort_by_key(|row| (rank(&row.account), row.account.use_by));
    Drawable { accounts, packs, unknown: Vec::new() }
}
