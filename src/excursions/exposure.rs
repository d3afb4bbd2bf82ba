//! Which units were at a location during an excursion, and where they are now (DOMAIN rule 16). A pure replay of the postings
//! of one lot.

use std::collections::{BTreeMap, BTreeSet};

use super::model::Excursion;
use crate::ids::{AccountId, ContainerId, EventId, LotId, PackId};
use crate::stock::books::Books;
use crate::stock::history::Line;
use crate::stock::model::{Account, AccountKind, Balance, PackBalance, Posting};

/// Units of an account that belong to one numbered pack, or to none.
type Strand = (AccountId, Option<PackId>);

/// How many units there are, and how many of them were exposed at the most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Units {
    all: i64,
    exposed: i64,
}

/// What an excursion did to a lot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exposure {
    /// How many units were exposed, wherever they are now.
    pub units: i64,
    /// How many of them are on hand, and may come into use again.
    pub on_hand: i64,
    /// What lets the excursion hold them: those that it does not hold yet.
    pub postings: Vec<Posting>,
    /// The events by which exposed units went to patients, with how many.
    pub administered: Vec<(EventId, i64)>,
    /// The exposed units that were opened: what was given out of them moved no unit.
    pub containers: BTreeSet<ContainerId>,
}

/// Replays what happened to a lot since an excursion began.
///
/// Whatever was at the location then or came there before it ended was exposed. Where exposed units without numbers lie among
/// others, those that were not exposed count as having left first, so that all that may be exposed is found; of what comes
/// back from outside, the exposed ones come first. What the excursion holds already it holds until somebody assesses it.
///
/// `books` are the lot's of the moment at which the excursion began, `packs` its numbered packs then.
pub fn replay(excursion: &Excursion, lot: &LotId, books: &Books, packs: &[PackBalance]) -> Exposure {
    let accounts: BTreeMap<&AccountId, &Balance> =
        books.accounts.iter().map(|account| (&account.id, account)).collect();
    let mut replay = Replay { excursion, accounts, units: BTreeMap::new(), containers: BTreeSet::new() };
    let mut in_packs: BTreeMap<&AccountId, i64> = BTreeMap::new();
    for row in packs {
        replay.begin(&row.account, Some(row.pack.id.clone()), row.units);
        let sum = in_packs.entry(&row.account.id).or_default();
        *sum = sum.saturating_add(row.units);
    }
    for account in &books.accounts {
        let numbered = in_packs.get(&account.id).copied().unwrap_or_default();
        replay.begin(account, None, account.units.saturating_sub(numbered));
    }
    let mut exposure = Exposure::default();
    for line in &books.since {
        let exposed = replay.step(line);
        if exposed > 0 && replay.kind(&line.to) == Some(AccountKind::Patient) {
            exposure.administered.push((line.event_id.clone(), exposed));
        }
    }
    replay.end(lot, &mut exposure);
    exposure
}

struct Replay<'a> {
    excursion: &'a Excursion,
    accounts: BTreeMap<&'a AccountId, &'a Balance>,
    units: BTreeMap<Strand, Units>,
    containers: BTreeSet<ContainerId>,
}

impl Replay<'_> {
    fn begin(&mut self, account: &Balance, pack: Option<PackId>, all: i64) {
        let is_exposed = self.is_there(account) || self.is_held(account);
        if account.location_id.is_some() && all > 0 {
            let exposed = if is_exposed { all } else { 0 };
            self.containers.extend(account.container_id.clone().filter(|_| is_exposed));
            self.units.insert((account.id.clone(), pack), Units { all, exposed });
        }
    }

    fn is_there(&self, account: &Balance) -> bool {
        account.location_id.as_ref() == Some(&self.excursion.location_id)
    }

    /// Whether the excursion itself holds what is in an account.
    fn is_held(&self, account: &Balance) -> bool {
        account.excursions().contains(&self.excursion.id)
    }

    fn kind(&self, account: &AccountId) -> Option<AccountKind> {
        self.accounts.get(account).map(|account| account.kind)
    }

    /// Moves units; how many of them were exposed.
    fn step(&mut self, line: &Line) -> i64 {
        let (Some(from), Some(to)) = (self.accounts.get(&line.from).copied(), self.accounts.get(&line.to).copied())
        else {
            return 0;
        };
        let (is_held, was_held) = (self.is_held(to), self.is_held(from));
        let source = self.units.entry((line.from.clone(), line.pack_id.clone())).or_default();
        let unexposed = source.all.saturating_sub(source.exposed).max(0);
        let leaving = match from.location_id {
            // What the excursion took to hold it was exposed, and so is what comes back first.
            Some(_) if is_held && !was_held => line.units.min(source.exposed),
            None => line.units.min(source.exposed),
            Some(_) => line.units.saturating_sub(unexposed).clamp(0, source.exposed),
        };
        source.all = source.all.saturating_sub(line.units);
        source.exposed = source.exposed.saturating_sub(leaving);
        let during = self.excursion.closed_at.is_none_or(|closed_at| line.at <= closed_at);
        let arriving = if is_held || (during && self.is_there(to)) { line.units } else { leaving };
        self.containers.extend(to.container_id.clone().filter(|_| arriving > 0));
        let target = self.units.entry((line.to.clone(), line.pack_id.clone())).or_default();
        target.all = target.all.saturating_add(line.units);
        target.exposed = target.exposed.saturating_add(arriving);
        arriving
    }

    /// Where the exposed units are now, and what holds those that are not held yet. What failed inspection never comes into use
    /// anyway.
    fn end(self, lot: &LotId, exposure: &mut Exposure) {
        exposure.containers.clone_from(&self.containers);
        for ((id, pack_id), Units { all, exposed }) in &self.units {
            let Some(account) = self.accounts.get(id).copied().filter(|account| !account.kind.is_source()) else {
                continue;
            };
            exposure.units = exposure.units.saturating_add(*exposed);
            let units = (*exposed).min(*all);
            if account.location_id.is_none() || account.kind == AccountKind::Rejected || units <= 0 {
                continue;
            }
            exposure.on_hand = exposure.on_hand.saturating_add(units);
            if self.excursion.holds() && !self.is_held(account) {
                let from: Account = account.account();
                let to = from.exposed_to(&self.excursion.id);
                let (lot_id, pack_id) = (lot.clone(), pack_id.clone());
                exposure.postings.push(Posting { lot_id, from, to, units, pack_id, at: None });
            }
        }
    }
}
