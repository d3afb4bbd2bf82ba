//! Counts by the numbers that are there, and what a stock-take found of a lot at a place: posted as any count is (DOMAIN rule 22a).

use std::collections::{BTreeMap, BTreeSet};

use super::model::{Movement, MovementKind};
use super::recording::{self, Facts};
use super::rules;
use super::wire::NewCount;
use crate::clock::Moment;
use crate::command::Command;
use crate::decision::Findings;
use crate::error::{Error, Result};
use crate::ids::{LocationId, LotId, PackId, StockTakeId};
use crate::problem::ProblemCode;
use crate::sites::model::Location;
use crate::stock::books::{self, Books};
use crate::stock::model::{Account, AccountKind, Balance, Disposition, Lot, PackBalance, Place, Posting};
use crate::stock::rules::{Drawable, distinct_serials};
use crate::stock::service::Wanted;
use crate::values::{Prose, Serial};

pub use super::store::waiting_at;

/// What was counted.
pub(super) struct Counted<'a> {
    pub(super) lot: &'a Lot,
    pub(super) at: &'a Location,
    pub(super) units: i64,
    pub(super) serials: &'a [Serial],
    pub(super) occurred_at: Moment,
}

/// Whether a place may have more than the books say: one in use, at a site in use.
///
/// # Errors
/// `retired`.
pub(super) fn may_take_more(cmd: &mut Command<'_>, at: &Location) -> Result<()> {
    let site = crate::sites::service::expect_site(cmd.db, cmd.caller, &at.site_id)?;
    crate::versions::in_use(&site)?;
    crate::versions::in_use(at)
}

/// DOMAIN rule 22a: units that a count found and the books do not have are quarantined: nobody knows where they were. They
/// may be any of those that were there, so they can be used no longer than the first of them.
pub(super) fn surplus(counted: &Counted<'_>, books: &Books, units: i64) -> Posting {
    let (lot, at) = (counted.lot, counted.at);
    let here = books.accounts.iter().filter(|account| account.location_id.as_ref() == Some(&at.id));
    let use_by = here.filter_map(|account| account.use_by).min().unwrap_or(lot.expiry);
    let place = Place { location_id: at.id.clone(), site_id: at.site_id.clone(), use_by };
    let (from, to) = (Account::outside(AccountKind::Adjustment), Account::inside(Disposition::Quarantined, place));
    Posting { lot_id: lot.id.clone(), from, to, units, pack_id: None, at: None }
}

/// What a count did not find, drawn from where it was at its moment, with the packs that were there; not entered yet. What speaks
/// against it is a reason to refuse.
pub(super) fn missing(
    cmd: &mut Command<'_>,
    counted: &Counted<'_>,
    books: &Books,
    here: Vec<Balance>,
    units: i64,
    findings: &mut Findings,
) -> Result<(Vec<Posting>, Vec<PackBalance>)> {
    let (lot, at) = (counted.lot, counted.at);
    let wanted = Wanted { units, serials: counted.serials };
    let on_hand = crate::stock::service::drawable(cmd.db, cmd.organisation(), lot, books, here, wanted)?;
    match rules::missing(&on_hand, units, counted.serials, at.purpose) {
        Ok(postings) => Ok((postings, on_hand.packs)),
        Err(shortfall) => {
            crate::stock::service::refuse_shortfall(shortfall, lot, units, findings)?;
            Ok((Vec::new(), on_hand.packs))
        }
    }
}

/// The packs that are missing of a lot at a place, where a request names those that are there; none where it names none.
///
/// # Errors
/// `serials_mismatch` where it names missing ones, too, or one that the books do not have there.
pub(super) fn missing_of(
    cmd: &mut Command<'_>,
    books: &Books,
    at: &Location,
    new: &NewCount,
) -> Result<Option<Vec<Serial>>> {
    let present = &new.serials_present;
    if present.is_empty() {
        return Ok(None);
    }
    distinct_serials("serials_present", present)?;
    let refused = |rule: String| Err(Error::invalid(ProblemCode::SerialsMismatch, "serials_present", rule));
    if !new.serials.is_empty() {
        return refused("name the packs that are missing, or those that are there".to_owned());
    }
    let here = books.at_location(&at.id);
    let packs = crate::stock::service::packs_of_books(cmd.db, books, &here)?;
    if let Some(other) = present.iter().find(|serial| !packs.iter().any(|row| row.pack.serial == **serial)) {
        return refused(format!("names {other}, which the books do not have there"));
    }
    let mut missing: Vec<Serial> = packs.into_iter().map(|row| row.pack.serial).collect();
    missing.retain(|serial| !present.contains(serial));
    missing.sort();
    missing.dedup();
    Ok(Some(missing))
}

/// What a stock-take found of a lot at a place.
pub struct Line {
    /// The lot.
    pub lot: Lot,
    /// The place.
    pub at: Location,
    /// How many units in all.
    pub units: i64,
    /// The packs of them that were counted by their numbers and that the books have there, with their units; none where nothing
    /// was counted by numbers, so that only the sum counts.
    pub packs: Option<BTreeMap<PackId, i64>>,
    /// The packs of them that the books have nowhere any more, or have at another place where they were missing.
    pub found: Vec<(PackId, Serial, i64)>,
    /// When it was counted.
    pub occurred_at: Moment,
    /// Who counted, by the subjects of the tokens.
    pub counted_by: Vec<String>,
}

/// A line as it is to be posted.
pub struct Settled {
    movement: Movement,
    postings: Vec<Posting>,
    counted_by: Vec<String>,
    written_off: Vec<Serial>,
}

impl Settled {
    /// Whether it is of a lot at a place.
    pub fn is_of(&self, location: &LocationId, lot: &LotId) -> bool {
        self.movement.from_location_id == *location && self.movement.lot_id == *lot
    }

    /// The packs of which it takes units off the books.
    pub fn written_off(&self) -> &[Serial] {
        &self.written_off
    }
}

/// What makes the books of a line's moment agree with it. What speaks against that is a reason to refuse.
///
/// # Errors
/// `retired` for a place where more is found than the books have.
pub fn settle(
    cmd: &mut Command<'_>,
    (line, stock_take): (&Line, &StockTakeId),
    reason: &Prose,
    findings: &mut Findings,
) -> Result<Settled> {
    let Line { lot, at, units, occurred_at, .. } = line;
    let books = books::at(cmd.db, cmd.organisation(), &lot.id, cmd.past(*occurred_at))?;
    let here = books.at_location(&at.id);
    let on_books: i64 = here.iter().map(|account| account.units).sum();
    let there = match &line.packs {
        Some(_) => crate::stock::service::packs_of_books(cmd.db, &books, &here)?,
        None => Vec::new(),
    };
    let apart = apart(line, on_books, &there);
    let mut drawing = Drawing { line, books: &books, here, postings: Vec::new(), packs: Vec::new() };
    drawing.draw_missing(cmd, &apart, findings)?;
    if apart.found > 0 || !line.found.is_empty() {
        may_take_more(cmd, at)?;
    }
    drawing.add_found(apart.found);
    let Drawing { postings, packs, .. } = drawing;
    let postings = crate::stock::service::enter(&books, lot, postings, &packs, findings);
    let written_off = written_off(&postings, &packs);
    let mut serials = apart.gone;
    serials.extend(apart.opened.into_iter().map(|(serial, _)| serial));
    let more: Vec<_> = written_off.iter().filter(|serial| !serials.contains(serial)).cloned().collect();
    serials.extend(more);
    serials.extend(line.found.iter().map(|(_, serial, _)| serial.clone()));
    let state = (apart.found > 0 || !line.found.is_empty()).then_some(Disposition::Quarantined);
    let facts = Facts {
        kind: MovementKind::Count,
        lot: lot.clone(),
        from: at.clone(),
        units: units - on_books,
        serials: &serials,
        state,
        reason,
        occurred_at: *occurred_at,
        on_hand: Drawable::default(),
        books,
    };
    let stock_take_id = Some(stock_take.clone());
    let movement = Movement { units_counted: Some(*units), state, stock_take_id, ..recording::movement(cmd, &facts) };
    Ok(Settled { movement, postings, counted_by: line.counted_by.clone(), written_off })
}

/// The numbers of the packs whose units leave the books, each once, in their order.
fn written_off(postings: &[Posting], packs: &[PackBalance]) -> Vec<Serial> {
    let gone = postings.iter().filter(|posting| posting.to.kind == AccountKind::Adjustment);
    let gone: BTreeSet<&PackId> = gone.filter_map(|posting| posting.pack_id.as_ref()).collect();
    let serials = packs.iter().filter(|row| gone.contains(&row.pack.id)).map(|row| row.pack.serial.clone());
    serials.collect::<BTreeSet<_>>().into_iter().collect()
}

/// Records a line as a count. A second person has seen it already: it waits for none.
///
/// # Errors
/// What the database answers.
pub fn post(cmd: &mut Command<'_>, settled: Settled) -> Result<Movement> {
    let Settled { movement, postings, counted_by, .. } = settled;
    recording::record_count(cmd, movement, postings, counted_by)
}

/// How what was counted differs from the books, pack by pack.
#[derive(Debug, Default, PartialEq, Eq)]
struct Apart {
    /// Packs of which nothing is there, by their numbers.
    gone: Vec<Serial>,
    /// How many units these had.
    gone_units: i64,
    /// Packs of which a part is missing, with how many units.
    opened: Vec<(Serial, i64)>,
    /// Units without a number that are missing.
    missing: i64,
    /// Units without a number that are more than the books have.
    found: i64,
}

/// Takes apart how a line differs from the books: the packs that they have there, and all units.
fn apart(line: &Line, on_books: i64, there: &[PackBalance]) -> Apart {
    let Some(counted) = &line.packs else {
        let more = line.units - on_books;
        return Apart { missing: (-more).max(0), found: more.max(0), ..Apart::default() };
    };
    let mut held: BTreeMap<&PackId, (&Serial, i64)> = BTreeMap::new();
    for row in there {
        held.entry(&row.pack.id).or_insert((&row.pack.serial, 0)).1 += row.units;
    }
    let mut apart = Apart::default();
    let in_packs: i64 = held.values().map(|(_, units)| units).sum();
    let numbered = counted.values().sum::<i64>() + line.found.iter().map(|(_, _, units)| units).sum::<i64>();
    let mut more = (line.units - numbered) - (on_books - in_packs);
    for (id, (serial, units)) in held {
        match counted.get(id).copied().unwrap_or(0) {
            0 => {
                apart.gone.push(serial.clone());
                apart.gone_units += units;
            }
            some if some < units => apart.opened.push((serial.clone(), units - some)),
            some => more += some - units,
        }
    }
    (apart.missing, apart.found) = ((-more).max(0), more.max(0));
    apart
}

/// A line while its postings are drawn.
struct Drawing<'a> {
    line: &'a Line,
    books: &'a Books,
    here: Vec<Balance>,
    postings: Vec<Posting>,
    packs: Vec<PackBalance>,
}

impl Drawing<'_> {
    fn draw_missing(&mut self, cmd: &mut Command<'_>, apart: &Apart, findings: &mut Findings) -> Result<()> {
        if apart.gone_units > 0 {
            self.draw(cmd, &apart.gone, apart.gone_units, findings)?;
        }
        for (serial, units) in &apart.opened {
            self.draw(cmd, std::slice::from_ref(serial), *units, findings)?;
        }
        if apart.missing > 0 {
            self.draw(cmd, &[], apart.missing, findings)?;
        }
        Ok(())
    }

    fn draw(&mut self, cmd: &mut Command<'_>, serials: &[Serial], units: i64, findings: &mut Findings) -> Result<()> {
        let Line { lot, at, occurred_at, .. } = self.line;
        let counted = Counted { lot, at, units: self.line.units, serials, occurred_at: *occurred_at };
        let (postings, packs) = missing(cmd, &counted, self.books, self.here.clone(), units, findings)?;
        self.postings.extend(postings);
        self.packs.extend(packs);
        Ok(())
    }

    fn add_found(&mut self, units: i64) {
        let Line { lot, at, occurred_at, .. } = self.line;
        let counted = Counted { lot, at, units: self.line.units, serials: &[], occurred_at: *occurred_at };
        if units > 0 {
            self.postings.push(surplus(&counted, self.books, units));
        }
        for (pack, _, units) in &self.line.found {
            let found = surplus(&counted, self.books, *units);
            self.postings.push(Posting { pack_id: Some(pack.clone()), ..found });
        }
    }
}
