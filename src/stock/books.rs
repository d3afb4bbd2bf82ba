//! A lot's books at a moment (DOMAIN rules 17 and 20a): what was there then, and what has moved since.
//!
//! Now is the usual moment, and then nothing has moved since. What is entered late is judged by the balances of its
//! moment and must leave none below zero at any moment since. Holds are no obstacle to it: a hold takes what is there,
//! so a hold opened later takes that much less ([`Books::enter`]).

use std::collections::{BTreeMap, BTreeSet};

use super::history::Line;
use super::model::{Account, AccountKind, Balance, PackBalance, Posting};
use super::{history, store};
use crate::clock::Moment;
use crate::command::Command;
use crate::db::Db;
use crate::error::Result;
use crate::ids::{AccountId, LocationId, LotId, OrganisationId, PackId, SiteId};

/// A lot's accounts at a moment.
#[derive(Clone, Debug, Default)]
pub struct Books {
    /// The moment, if it is past.
    pub past: Option<Moment>,
    /// Every account of the lot, those outside too, with its units then; the earliest use-by date first.
    pub accounts: Vec<Balance>,
    /// What has moved since, in its order.
    pub since: Vec<Line>,
    in_packs: BTreeMap<AccountId, i64>,
}

/// Units of an account that belong to one numbered pack, or to none.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Strand {
    account: AccountId,
    pack: Option<PackId>,
}

impl Strand {
    fn is_source_of(&self, line: &Line) -> bool {
        line.from == self.account && line.pack_id == self.pack
    }
}

/// Where a replay would have fewer units than none: at a line, or from the beginning.
struct Short {
    strand: Strand,
    line: Option<usize>,
    units: i64,
}

/// Why units cannot be entered as moved at a moment: later there would be fewer than none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clash {
    /// Where.
    pub account: Box<Account>,
    /// When; none stands for the present.
    pub at: Option<Moment>,
    /// How many too few.
    pub short: i64,
    /// Whether a count of a later moment did not find them: then they are off the books already.
    pub is_counted: bool,
}

/// Reads the books of a lot at a moment: one query, two more where units have moved since.
///
/// # Errors
/// What the database answers.
pub fn at(db: &mut Db, organisation: &OrganisationId, lot: &LotId, past: Option<Moment>) -> Result<Books> {
    let accounts = store::balances_of(db, organisation, lot)?;
    let Some(moment) = past.filter(|moment| accounts.iter().any(|account| account.changed_at > *moment)) else {
        return Ok(Books { past, accounts, since: Vec::new(), in_packs: BTreeMap::new() });
    };
    let since = merged(history::since(db, organisation, lot, moment)?);
    let inside: Vec<_> = accounts.iter().filter(|account| account.location_id.is_some()).collect();
    let in_packs = store::units_in_packs(db, &inside)?.into_iter().collect();
    let mut books = Books { past, accounts, since: Vec::new(), in_packs };
    since.iter().for_each(|line| books.undo(line));
    Ok(Books { since, ..books })
}

/// What the command itself has moved of a lot: it is not in the journal yet.
pub fn lines_of(cmd: &Command<'_>, lot: &LotId) -> Vec<Line> {
    let lines = cmd.events().iter().flat_map(|event| {
        event.deed.postings().iter().filter(|posting| posting.lot_id == *lot).map(|posting| Line {
            event_id: event.head.id.clone(),
            at: posting.at.unwrap_or(event.head.occurred_at),
            from: posting.from.id(lot),
            to: posting.to.id(lot),
            pack_id: posting.pack_id.clone(),
            units: posting.units,
            is_of_a_hold: history::is_of_a_hold(event.deed.kind(), posting.at.is_some()),
        })
    });
    lines.collect()
}

/// What a late entry took from a hold is less that the hold moved: one line.
fn merged(lines: Vec<Line>) -> Vec<Line> {
    let mut merged: Vec<Line> = Vec::with_capacity(lines.len());
    for line in lines {
        let undone = merged.iter_mut().find(|earlier| {
            let turned = (&earlier.from, &earlier.to, &earlier.pack_id) == (&line.to, &line.from, &line.pack_id);
            turned && earlier.at == line.at && earlier.units >= line.units && earlier.is_of_a_hold && line.is_of_a_hold
        });
        match undone {
            Some(earlier) => earlier.units -= line.units,
            None => merged.push(line),
        }
    }
    merged
}

impl Books {
    /// The same with what a command that is under way has moved since: the journal does not know it yet.
    pub fn with(mut self, lines: &[Line]) -> Self {
        let Some(moment) = self.past else { return self };
        for line in lines.iter().filter(|line| line.at > moment) {
            self.undo(line);
            self.since.push(line.clone());
        }
        self.since.sort_by_key(|line| line.at);
        self.since = merged(self.since);
        self
    }

    /// Puts units back to where they were before a line.
    fn undo(&mut self, line: &Line) {
        for (id, units) in [(&line.from, line.units), (&line.to, -line.units)] {
            self.accounts.iter_mut().filter(|account| account.id == *id).for_each(|account| account.units += units);
            if line.pack_id.is_some() {
                *self.in_packs.entry(id.clone()).or_default() += units;
            }
        }
    }

    /// Whether anything has moved since: what is entered now comes late.
    pub fn is_past(&self) -> bool {
        !self.since.is_empty()
    }

    /// Whether units have come to a location since, or left it. What only became something else where it lies has not moved.
    pub fn has_moved_at(&self, location: &LocationId) -> bool {
        let is_there = |id: &AccountId| {
            let account = self.accounts.iter().find(|account| account.id == *id);
            account.is_some_and(|account| account.location_id.as_ref() == Some(location))
        };
        self.since.iter().any(|line| line.units > 0 && is_there(&line.from) != is_there(&line.to))
    }

    /// Accounts with units at a site.
    pub fn at_site(&self, site: &SiteId) -> Vec<Balance> {
        self.on_hand(|account| account.site_id.as_ref() == Some(site))
    }

    /// Accounts with units at a location.
    pub fn at_location(&self, location: &LocationId) -> Vec<Balance> {
        self.on_hand(|account| account.location_id.as_ref() == Some(location))
    }

    /// How many units were at a location.
    pub fn units_at(&self, location: &LocationId) -> i64 {
        self.at_location(location).iter().map(|account| account.units).sum()
    }

    fn on_hand(&self, wanted: impl Fn(&Balance) -> bool) -> Vec<Balance> {
        self.accounts.iter().filter(|account| account.units > 0 && wanted(account)).cloned().collect()
    }

    /// How many units of each of these accounts belonged to numbered packs.
    ///
    /// # Errors
    /// What the database answers.
    pub fn units_in_packs(&self, db: &mut Db, accounts: &[&Balance]) -> Result<BTreeMap<AccountId, i64>> {
        if self.is_past() {
            return Ok(self.in_packs.clone());
        }
        Ok(store::units_in_packs(db, accounts)?.into_iter().collect())
    }

    /// Where a pack's units were, from where they are.
    pub fn turn_back(&self, packs: Vec<PackBalance>) -> Vec<PackBalance> {
        packs
            .into_iter()
            .map(|mut row| {
                for line in self.since.iter().filter(|line| line.pack_id.as_ref() == Some(&row.pack.id)) {
                    row.units += if line.from == row.account.id { line.units } else { 0 };
                    row.units -= if line.to == row.account.id { line.units } else { 0 };
                }
                if let Some(then) = self.accounts.iter().find(|account| account.id == row.account.id) {
                    row.account = then.clone();
                }
                row
            })
            .collect()
    }

    /// Since when the units that a posting takes out of an account now have been there: since the moment of these books
    /// (none) or since they came. The posting must take all that its pack has there or, without a number, all that has none.
    pub fn there_since(&self, posting: &Posting) -> Vec<(Option<Moment>, i64)> {
        let account = posting.from.id(&posting.lot_id);
        let (mut units, mut least) = (posting.units, posting.units);
        let mut there = Vec::new();
        for line in self.since.iter().rev().filter(|line| line.pack_id == posting.pack_id) {
            units += if line.from == account { line.units } else { 0 };
            units -= if line.to == account { line.units } else { 0 };
            let left = least.min(units).max(0);
            there.push((Some(line.at), least - left));
            least = left;
        }
        there.push((None, least));
        there.retain(|(_, units)| *units > 0);
        there
    }

    /// Enters postings at the moment of these books: with what they change in holds that were opened or lifted since,
    /// which move what is there. `packs` are the packs that the postings name, as they were then.
    ///
    /// # Errors
    /// The first clash: units that somebody has moved since would not have been there, or a count has missed them already.
    pub fn enter(&self, postings: Vec<Posting>, packs: &[PackBalance]) -> std::result::Result<Vec<Posting>, Clash> {
        let lot = postings.first().map(|posting| posting.lot_id.clone());
        let Some(lot) = lot.filter(|_| self.is_past()) else { return Ok(postings) };
        if let Some(clash) = self.counted_since(&postings) {
            return Err(clash);
        }
        let mut units = self.strands(packs);
        let mut touched: BTreeSet<Strand> = BTreeSet::new();
        for posting in &postings {
            let (from, to) = (posting.from.id(&lot), posting.to.id(&lot));
            if posting.from.place.is_some() {
                let strand = Strand { account: from, pack: posting.pack_id.clone() };
                *units.entry(strand.clone()).or_default() -= posting.units;
                touched.insert(strand);
            }
            if posting.to.place.is_some() {
                *units.entry(Strand { account: to, pack: posting.pack_id.clone() }).or_default() += posting.units;
            }
        }
        // How many units fewer each hold moved, had the entry come in time.
        let mut fewer: BTreeMap<usize, i64> = BTreeMap::new();
        while let Err(short) = self.replay(units.clone(), touched.clone(), &fewer) {
            let gives_way = |(_, line): &(usize, &Line)| line.is_of_a_hold && short.strand.is_source_of(line);
            let before = self.since.iter().enumerate().take(short.line.map_or(0, |line| line.saturating_add(1)));
            let left = |index: &usize, line: &Line| line.units - fewer.get(index).copied().unwrap_or(0);
            let hold = before.rev().filter(gives_way).find(|(index, line)| left(index, line) > 0);
            let Some((index, line)) = hold else {
                let account =
                    self.account(&short.strand.account).unwrap_or_else(|| Account::outside(AccountKind::Lost));
                let at = short.line.and_then(|line| self.since.get(line)).map(|line| line.at).or(self.past);
                return Err(Clash { account: Box::new(account), at, short: short.units, is_counted: false });
            };
            let given = short.units.min(left(&index, line));
            *fewer.entry(index).or_default() += given;
        }
        if let Some(clash) = self.freed_elsewhere(&postings, &fewer) {
            return Err(clash);
        }
        let undone = fewer.into_iter().filter_map(|(index, units)| {
            let line = self.since.get(index)?;
            let (from, to) = (self.account(&line.to)?, self.account(&line.from)?);
            let (pack_id, at) = (line.pack_id.clone(), Some(line.at));
            Some(Posting { lot_id: lot.clone(), from, to, units, pack_id, at })
        });
        Ok(postings.iter().cloned().chain(undone).collect())
    }

    /// Held units that go to another place though the hold was lifted since: it freed them where they were, and nobody has freed them
    /// there. They can be moved now, as what they are.
    fn freed_elsewhere(&self, postings: &[Posting], fewer: &BTreeMap<usize, i64>) -> Option<Clash> {
        let goes_held = |posting: &&Posting| posting.to.kind == AccountKind::Held && posting.to.place.is_some();
        let posting = postings.iter().find(goes_held)?;
        let is_lift = |line: &Line| self.account(&line.from).is_some_and(|from| from.kind == AccountKind::Held);
        fewer.iter().find_map(|(index, units)| {
            let line = self.since.get(*index).filter(|line| is_lift(line))?;
            let account = Box::new(posting.from.clone());
            Some(Clash { account, at: Some(line.at), short: *units, is_counted: false })
        })
    }

    /// Units that leave a place where a count of a later moment has missed some: that count saw them gone, and its difference took
    /// them off the books (DOMAIN rule 22a). What its reversal or a later count brought back there is there to be taken.
    fn counted_since(&self, postings: &[Posting]) -> Option<Clash> {
        let mut leaving: BTreeMap<(&LocationId, Option<&PackId>), (&Posting, i64)> = BTreeMap::new();
        for posting in postings {
            let Some(from) = &posting.from.place else { continue };
            if posting.to.place.as_ref().is_some_and(|to| to.location_id == from.location_id) {
                continue;
            }
            let key = (&from.location_id, posting.pack_id.as_ref());
            leaving.entry(key).or_insert((posting, 0)).1 += posting.units;
        }
        leaving.into_iter().find_map(|((location, pack), (posting, units))| {
            let of_pack = self.since.iter().filter(|line| line.pack_id.as_ref() == pack);
            let (mut missing, mut first) = (0, None);
            for line in of_pack {
                let missed = self.is_at(&line.from, location) && self.is_adjustment(&line.to);
                let back = self.is_adjustment(&line.from) && self.is_at(&line.to, location);
                missing += if missed { line.units } else { 0 };
                missing -= if back { line.units } else { 0 };
                first = first.or(Some(line.at).filter(|_| missed));
            }
            let short = missing.min(units);
            let account = Box::new(posting.from.clone());
            (short > 0).then_some(Clash { account, at: first, short, is_counted: true })
        })
    }

    fn is_at(&self, account: &AccountId, location: &LocationId) -> bool {
        let mut all = self.accounts.iter();
        all.any(|balance| balance.id == *account && balance.location_id.as_ref() == Some(location))
    }

    fn is_adjustment(&self, account: &AccountId) -> bool {
        self.accounts.iter().any(|balance| balance.id == *account && balance.kind == AccountKind::Adjustment)
    }

    /// What has moved since, once more, from units as they would have been; fewer by so many where a hold moved them. Only
    /// strands that an entry touches can fall short: all others are as they were.
    fn replay(
        &self,
        mut units: BTreeMap<Strand, i64>,
        mut touched: BTreeSet<Strand>,
        fewer: &BTreeMap<usize, i64>,
    ) -> std::result::Result<(), Short> {
        if let Some((strand, left)) =
            touched.iter().find_map(|strand| units.get_key_value(strand).filter(|(_, u)| **u < 0))
        {
            return Err(Short { strand: strand.clone(), line: None, units: -left });
        }
        for (index, line) in self.since.iter().enumerate() {
            let strand = |account: &AccountId| Strand { account: account.clone(), pack: line.pack_id.clone() };
            let (from, to) = (strand(&line.from), strand(&line.to));
            let undone = fewer.get(&index).copied().unwrap_or(0);
            if undone > 0 {
                touched.insert(to.clone());
            }
            *units.entry(to).or_default() += line.units - undone;
            let left = units.entry(from.clone()).or_default();
            *left -= line.units - undone;
            if *left < 0 && touched.contains(&from) {
                return Err(Short { units: -*left, strand: from, line: Some(index) });
            }
        }
        Ok(())
    }

    /// Takes as many of the units as can be entered at the moment of these books, account by account; the rest is not
    /// taken. What it answers is entered already.
    pub fn enter_what_can_be(&self, postings: Vec<Posting>, packs: &[PackBalance]) -> Vec<Posting> {
        let mut entered: Vec<Posting> = Vec::new();
        for posting in postings {
            let mut asked = posting;
            while asked.units > 0 {
                let mut all: Vec<Posting> = entered.iter().filter(|posting| posting.at.is_none()).cloned().collect();
                all.push(asked.clone());
                match self.enter(all, packs) {
                    Ok(found) => {
                        entered = found;
                        break;
                    }
                    Err(clash) => asked.units -= clash.short.max(1),
                }
            }
        }
        entered
    }

    fn account(&self, id: &AccountId) -> Option<Account> {
        self.accounts.iter().find(|account| account.id == *id).map(Balance::account)
    }

    /// Units inside, strand by strand: of these packs, and of no pack at all.
    fn strands(&self, packs: &[PackBalance]) -> BTreeMap<Strand, i64> {
        let strand =
            |account: &Balance, pack: Option<&PackId>| Strand { account: account.id.clone(), pack: pack.cloned() };
        let numbered = packs.iter().map(|row| (strand(&row.account, Some(&row.pack.id)), row.units));
        let anonymous = self.accounts.iter().filter(|account| account.location_id.is_some()).map(|account| {
            let in_packs = self.in_packs.get(&account.id).copied().unwrap_or(0);
            (strand(account, None), account.units - in_packs)
        });
        numbered.chain(anonymous).collect()
    }
}
