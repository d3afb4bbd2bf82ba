//! Which units were at a location during an excursion, and where they are now (DOMAIN rule 16). A pure replay of the postings
//! of one lot.

use std::collections::{BTreeMap, BTreeSet};

use super::model::Excursion;
use crate::ids::{AccountId, ContainerId, EventId, PackId};
use crate::stock::books::Books;
use crate::stock::history::Line;
use crate::stock::model::{AccountKind, Balance, PackBalance};

/// Units of an account that belong to one numbered pack, or to none.
type Strand = (AccountId, Option<PackId>);

/// How many units there are, how many of them were exposed at the most, and from when until when any of those can have been
/// there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Units {
    all: i64,
    exposed: i64,
    came_us: i64,
    left_us: i64,
    were_held: bool,
}

impl Default for Units {
    fn default() -> Self {
        Units { all: 0, exposed: 0, came_us: i64::MAX, left_us: i64::MIN, were_held: false }
    }
}

/// Exposed units of an account that belong to one numbered pack, or to none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exposed {
    /// Where they are now, also outside.
    pub account: Balance,
    /// Their pack, if it has a number.
    pub pack_id: Option<PackId>,
    /// How many.
    pub units: i64,
    /// From when until when any of them can have been there, in microseconds: from before the excursion, until after it. Where the
    /// first is later, none was, as far as is known now.
    pub there_us: (i64, i64),
    /// Whether the excursion has held any of them before: it does so until somebody has assessed it.
    pub were_held: bool,
}

impl Exposed {
    /// Whether they are on hand and may come into use again: what failed inspection never does.
    pub fn may_be_used(&self) -> bool {
        self.account.location_id.is_some() && self.account.kind != AccountKind::Rejected
    }
}

/// What an excursion did to a lot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exposure {
    /// How many units were exposed, wherever they are now.
    pub units: i64,
    /// Where they are, as many as are there.
    pub strands: Vec<Exposed>,
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
pub fn replay(excursion: &Excursion, books: &Books, packs: &[PackBalance]) -> Exposure {
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
    replay.end(&mut exposure);
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
            let came_us = if self.is_there(account) { i64::MIN } else { i64::MAX };
            let were_held = self.is_held(account);
            self.units
                .insert((account.id.clone(), pack), Units { all, exposed, came_us, left_us: i64::MIN, were_held });
        }
    }

    fn is_there(&self, account: &Balance) -> bool {
        account.location_id.as_ref() == Some(&self.excursion.location_id)
    }

    /// Whether the excursion itself holds what is in an account.
    fn is_held(&self, account: &Balance) -> bool {
        account.excursions().contains(&self.excursion.id)
    }

    /// Whether what is in an account was found to be exposed.
    fn is_known(&self, account: &Balance) -> bool {
        self.is_held(account) || account.charges().contains(&self.excursion.id)
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
        let is_found = self.is_known(to) && !self.is_known(from);
        let (at_us, was_there) = (line.at.unix_micros(), self.is_there(from));
        let source = self.units.entry((line.from.clone(), line.pack_id.clone())).or_default();
        let unexposed = source.all.saturating_sub(source.exposed).max(0);
        let leaving = match from.location_id {
            // What the excursion took was exposed, and so is what comes back first.
            Some(_) if is_found || (is_held && !was_held) => line.units.min(source.exposed),
            None => line.units.min(source.exposed),
            Some(_) => line.units.saturating_sub(unexposed).clamp(0, source.exposed),
        };
        source.all = source.all.saturating_sub(line.units);
        source.exposed = source.exposed.saturating_sub(leaving);
        let (mut came_us, mut left_us, mut were_held) = (i64::MAX, i64::MIN, is_held);
        if leaving > 0 {
            came_us = source.came_us;
            left_us = if was_there { at_us } else { source.left_us };
            were_held |= source.were_held || was_held;
        }
        if source.exposed == 0 {
            // What comes next has a past of its own.
            *source = Units { all: source.all, ..Units::default() };
        }
        let during = self.excursion.closed_at.is_none_or(|closed_at| line.at <= closed_at);
        let comes = during && self.is_there(to);
        if comes && leaving < line.units {
            came_us = came_us.min(at_us);
        }
        let arriving = if is_held || comes { line.units } else { leaving };
        self.containers.extend(to.container_id.clone().filter(|_| arriving > 0));
        let target = self.units.entry((line.to.clone(), line.pack_id.clone())).or_default();
        target.all = target.all.saturating_add(line.units);
        target.exposed = target.exposed.saturating_add(arriving);
        target.came_us = target.came_us.min(came_us);
        target.left_us = target.left_us.max(left_us);
        target.were_held |= were_held;
        arriving
    }

    /// Where the exposed units are now.
    fn end(self, exposure: &mut Exposure) {
        exposure.containers.clone_from(&self.containers);
        for ((id, pack_id), found) in &self.units {
            let Some(account) = self.accounts.get(id).copied().filter(|account| !account.kind.is_source()) else {
                continue;
            };
            exposure.units = exposure.units.saturating_add(found.exposed);
            let units = found.exposed.min(found.all);
            if units > 0 {
                let until_us = if self.is_there(account) { i64::MAX } else { found.left_us };
                exposure.strands.push(Exposed {
                    account: account.clone(),
                    pack_id: pack_id.clone(),
                    units,
                    there_us: (found.came_us, until_us),
                    were_held: found.were_held,
                });
            }
        }
    }
}
