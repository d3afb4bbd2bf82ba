//! What became of everything that a recall covers, entry by entry: lot by lot, first what is on hand, then what left for good,
//! then what was administered.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::Serialize;
use utoipa::ToSchema;

use super::covered::{self, Covered, Packs};
use super::model::{ContactOutcome, Recall};
use super::store::{self, Given, Gone};
use crate::clock::Moment;
use crate::command::View;
use crate::error::Result;
use crate::http::paging::{After, Found, List};
use crate::ids::{AdministrationId, ContainerId, EventId, LocationId, LotId, PractitionerId, RecallId, SiteId};
use crate::ledger::{AccountKind, Disposition};
use crate::stock::model::{Balance, Reconciliation};
use crate::values::{PatientRef, Serial};

/// How many lots are looked at for a page: those of which nothing is left to tell cost a few statements, too.
const LOTS_AT_ONCE: usize = 100;

/// Units on hand.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OnHand {
    pub(super) site_id: SiteId,
    pub(super) location_id: LocationId,
    pub(super) lot_id: LotId,
    pub(super) state: Disposition,
    pub(super) units: i64,
    /// The container, where the unit was opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) container_id: Option<ContainerId>,
}

/// Units that a patient was given.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Administered {
    pub(super) administration_id: AdministrationId,
    /// Null when the patient was erased.
    pub(super) patient_ref: Option<PatientRef>,
    pub(super) practitioner_id: PractitionerId,
    pub(super) site_id: SiteId,
    pub(super) occurred_at: Moment,
    pub(super) lot_id: LotId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) serial: Option<Serial>,
    /// How many units; 1 of each share of an opened unit, whose container is named.
    pub(super) units: i64,
    /// The opened unit that this was a share of. The sums count that unit once, when the last of it was given or discarded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) container_id: Option<ContainerId>,
    /// What came last of telling them; null where nobody has tried.
    pub(super) contact: Option<ContactOutcome>,
}

/// Units that left for good or, below zero, came back from there.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Left {
    pub(super) event_id: EventId,
    pub(super) lot_id: LotId,
    /// From which site; null where they were with a patient, whose administration was void.
    pub(super) site_id: Option<SiteId>,
    pub(super) units: i64,
    pub(super) occurred_at: Moment,
}

/// One entry.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Entry {
    /// Units on hand.
    OnHand(OnHand),
    /// Units that left for good.
    Returned(Left),
    /// The same.
    Wasted(Left),
    /// The same.
    Destroyed(Left),
    /// The same.
    Lost(Left),
    /// Units that a patient was given.
    Administered(Administered),
}

/// An entry, and where it stands.
#[derive(Clone, Debug)]
pub struct Placed {
    /// Where.
    pub place: Place,
    /// What.
    pub entry: Entry,
}

/// Sums over everything, whatever page is shown, in units: an opened one is on hand until it is used up, whoever had shares of it.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct Totals {
    pub(super) received: i64,
    pub(super) on_hand: i64,
    /// Units that patients have had whole: shares of an opened one count as it, when it is used up.
    pub(super) administered: i64,
    pub(super) returned: i64,
    pub(super) wasted: i64,
    pub(super) destroyed: i64,
    pub(super) lost: i64,
    pub(super) adjusted: i64,
}

/// What became of everything that a recall covers. Between two places nothing is ever on its way: a transfer is booked at one
/// moment.
#[derive(Debug, Serialize, ToSchema)]
pub struct Impact {
    pub(super) recall_id: RecallId,
    /// Where units are.
    pub(super) on_hand: Vec<OnHand>,
    /// Which of them were opened.
    pub(super) opened: Vec<OnHand>,
    /// Who was given some, by whom and when: administrations that stand.
    pub(super) administered: Vec<Administered>,
    pub(super) returned: Vec<Left>,
    pub(super) wasted: Vec<Left>,
    pub(super) destroyed: Vec<Left>,
    pub(super) lost: Vec<Left>,
    /// Sums over everything, whatever page this is, also of sites that the token is not for.
    pub(super) totals: Totals,
    /// Whether received and adjusted are all the others together.
    pub(super) balanced: bool,
    /// Where the next page starts; null after the last.
    pub(super) next_cursor: Option<String>,
}

impl Impact {
    /// A page of entries by their kinds.
    pub fn of(recall_id: RecallId, entries: Vec<Placed>, next_cursor: Option<String>, sums: Reconciliation) -> Self {
        let Reconciliation { received, on_hand, administered, wasted, returned, destroyed, lost, adjusted, .. } = sums;
        let totals = Totals { received, on_hand, administered, returned, wasted, destroyed, lost, adjusted };
        let mut impact = Impact {
            recall_id,
            on_hand: Vec::new(),
            opened: Vec::new(),
            administered: Vec::new(),
            returned: Vec::new(),
            wasted: Vec::new(),
            destroyed: Vec::new(),
            lost: Vec::new(),
            totals,
            balanced: sums.balanced,
            next_cursor,
        };
        for Placed { entry, .. } in entries {
            match entry {
                Entry::OnHand(row) => {
                    impact.opened.extend(row.container_id.is_some().then(|| row.clone()));
                    impact.on_hand.push(row);
                }
                Entry::Returned(row) => impact.returned.push(row),
                Entry::Wasted(row) => impact.wasted.push(row),
                Entry::Destroyed(row) => impact.destroyed.push(row),
                Entry::Lost(row) => impact.lost.push(row),
                Entry::Administered(row) => impact.administered.push(row),
            }
        }
        impact
    }
}

/// The parts of what is told of a lot, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    OnHand,
    Gone,
    Administered,
    Done,
}

/// Where an entry stands: its lot, the part, and its moment and id there.
#[derive(Clone, Debug)]
pub struct Place {
    lot: LotId,
    part: Part,
    at: Moment,
    id: String,
    line: i32,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = match self.part {
            Part::OnHand => "h",
            Part::Gone => "g",
            Part::Administered => "a",
            Part::Done => "d",
        };
        write!(f, "{} {part} {} {} {}", self.lot, self.at, self.id, self.line)
    }
}

impl FromStr for Place {
    type Err = ();

    fn from_str(text: &str) -> std::result::Result<Self, ()> {
        let mut words = text.split(' ');
        let mut next = || words.next().ok_or(());
        let (lot, part, at, id, line) = (next()?, next()?, next()?, next()?, next()?);
        let (part, prefix) = match part {
            "h" => (Part::OnHand, crate::ids::AccountId::PREFIX),
            "g" => (Part::Gone, EventId::PREFIX),
            "a" => (Part::Administered, AdministrationId::PREFIX),
            "d" => (Part::Done, ""),
            _ => return Err(()),
        };
        if !id.is_empty() && !crate::ids::is_well_formed(prefix, id) {
            return Err(());
        }
        let (lot, at) = (lot.parse().map_err(|_| ())?, at.parse().map_err(|_| ())?);
        let place = Place { lot, part, at, id: id.to_owned(), line: line.parse().map_err(|_| ())? };
        if place.to_string() == text { Ok(place) } else { Err(()) }
    }
}

/// The list of entries, as pages go on in it.
pub const LIST: List<1> = List::of("impact", [crate::http::paging::id::<Place>]);

/// What a recall covers, and the sums over it.
///
/// # Errors
/// What the database answers.
pub fn sums(view: &mut View<'_>, recall: &Recall) -> Result<Reconciliation> {
    let organisation = &view.caller.organisation_id;
    let covered = Covered::of(view.db, organisation, recall)?;
    Ok(covered::totals(view.db, organisation, &covered)?.0)
}

/// The entries after a place, as far as the caller sees their sites.
///
/// # Errors
/// What the database answers.
pub fn entries(view: &mut View<'_>, recall: &Recall, after: &str, limit: i64) -> Result<Found<Placed, 1>> {
    let covered = Covered::of(view.db, &view.caller.organisation_id, recall)?;
    let after: Option<Place> = after.parse().ok();
    let mut found: Vec<Placed> = Vec::new();
    let mut looked_at = None;
    let mut lots = covered.0.iter().filter(|(lot, _)| after.as_ref().is_none_or(|after| **lot >= after.lot));
    for (lot, packs) in lots.by_ref().take(LOTS_AT_ONCE) {
        let mut walk = Walk::of(view, recall, (lot, packs), after.as_ref().filter(|after| after.lot == *lot))?;
        while let Some(part) = walk.next {
            let left = limit.saturating_sub(i64::try_from(found.len()).unwrap_or(i64::MAX));
            if left <= 0 {
                break;
            }
            found.extend(walk.take(view, part, left)?);
        }
        if walk.next.is_some() {
            looked_at = Some(walk.after);
            break;
        }
        looked_at = Some(Place { part: Part::Done, ..Place::start(lot) });
    }
    let is_filled = i64::try_from(found.len()).is_ok_and(|found| found >= limit);
    let looked_at = looked_at.filter(|_| is_filled || lots.next().is_some());
    found.retain(|placed| placed.entry.site().map_or(view.caller.sites.is_none(), |site| view.caller.sees(site)));
    Ok(Found { items: found, looked_at: looked_at.map(|place| [place.to_string()]) })
}

impl Entry {
    fn site(&self) -> Option<&SiteId> {
        match self {
            Entry::OnHand(row) => Some(&row.site_id),
            Entry::Returned(row) | Entry::Wasted(row) | Entry::Destroyed(row) | Entry::Lost(row) => {
                row.site_id.as_ref()
            }
            Entry::Administered(row) => Some(&row.site_id),
        }
    }
}

impl Place {
    fn start(lot: &LotId) -> Self {
        Place { lot: lot.clone(), part: Part::OnHand, at: Moment::FIRST, id: String::new(), line: 0 }
    }
}

/// What is told of one lot, part by part.
struct Walk<'a> {
    recall: &'a Recall,
    lot: &'a LotId,
    packs: &'a Packs,
    serials: Option<Vec<Serial>>,
    next: Option<Part>,
    after: Place,
}

impl<'a> Walk<'a> {
    fn of(
        view: &mut View<'_>,
        recall: &'a Recall,
        (lot, packs): (&'a LotId, &'a Packs),
        after: Option<&Place>,
    ) -> Result<Self> {
        let organisation = &view.caller.organisation_id;
        let serials = packs.as_ref().map(|packs| covered::serials(view.db, organisation, packs)).transpose()?;
        let after = after.cloned().unwrap_or_else(|| Place::start(lot));
        let next = Some(after.part).filter(|part| *part != Part::Done);
        Ok(Walk { recall, lot, packs, serials, next, after })
    }

    /// Some entries of a part; then the same part goes on, or the next one, or none.
    fn take(&mut self, view: &mut View<'_>, part: Part, limit: i64) -> Result<Vec<Placed>> {
        let (found, last) = match part {
            Part::OnHand => self.on_hand(view, limit)?,
            Part::Gone => self.gone(view, limit)?,
            Part::Administered => self.administered(view, limit)?,
            Part::Done => (Vec::new(), None),
        };
        if let Some(last) = last {
            self.after = last;
        } else {
            self.next = match part {
                Part::OnHand => Some(Part::Gone),
                Part::Gone => Some(Part::Administered),
                Part::Administered | Part::Done => None,
            };
            let start = Place::start(self.lot);
            self.after = Place { part: self.next.unwrap_or(Part::Done), ..start };
        }
        Ok(found)
    }

    fn on_hand(&self, view: &mut View<'_>, limit: i64) -> Result<Taken> {
        let mut all = covered::balances(view.db, &view.caller.organisation_id, self.lot, self.packs)?;
        all.sort_by(|a, b| a.id.cmp(&b.id));
        let is_on_hand = |balance: &Balance| balance.units > 0 && balance.kind.disposition().is_some();
        all.retain(|balance| is_on_hand(balance) && balance.id.as_str() > self.after.id.as_str());
        let most = usize::try_from(limit).unwrap_or(usize::MAX);
        let has_more = all.len() > most;
        let found = all.into_iter().take(most).filter_map(|balance| {
            let (place, state) = (balance.place()?, balance.kind.disposition()?);
            let entry = Entry::OnHand(OnHand {
                site_id: place.site_id,
                location_id: place.location_id,
                lot_id: self.lot.clone(),
                state,
                units: balance.units,
                container_id: balance.container_id,
            });
            Some(Placed { place: Place { id: balance.id.to_string(), ..Place::start(self.lot) }, entry })
        });
        let found: Vec<_> = found.collect();
        let last = found.last().map(|placed| placed.place.clone()).filter(|_| has_more);
        Ok((found, last))
    }

    fn gone(&self, view: &mut View<'_>, limit: i64) -> Result<Taken> {
        let after = After { at: self.after.at, id: self.after.id.clone() };
        let organisation = &view.caller.organisation_id;
        let found = store::gone(view.db, organisation, self.lot, (&after, self.after.line), limit)?;
        let last = last_of(&found, limit).map(|row| self.place_of(row));
        let is_covered = |row: &Gone| match self.packs {
            Some(packs) => row.pack_id.as_ref().is_some_and(|pack| packs.contains(pack)),
            None => true,
        };
        Ok((found.iter().filter(|row| is_covered(row)).filter_map(|row| self.left(row)).collect(), last))
    }

    fn place_of(&self, row: &Gone) -> Place {
        let (at, id) = (row.counts_at, row.event_id.to_string());
        Place { lot: self.lot.clone(), part: Part::Gone, at, id, line: row.line }
    }

    fn left(&self, row: &Gone) -> Option<Placed> {
        let is_out = store::GONE.contains(&row.to_kind);
        let (kind, units) = if is_out { (row.to_kind, row.units) } else { (row.from_kind, -row.units) };
        let left = Left {
            event_id: row.event_id.clone(),
            lot_id: self.lot.clone(),
            site_id: row.site_id.clone(),
            units,
            occurred_at: row.counts_at,
        };
        let entry = match kind {
            AccountKind::Waste => Entry::Wasted(left),
            AccountKind::Returned => Entry::Returned(left),
            AccountKind::Destroyed => Entry::Destroyed(left),
            AccountKind::Lost => Entry::Lost(left),
            _ => return None,
        };
        Some(Placed { place: self.place_of(row), entry })
    }

    fn administered(&self, view: &mut View<'_>, limit: i64) -> Result<Taken> {
        let after = After { at: self.after.at, id: self.after.id.clone() };
        let organisation = &view.caller.organisation_id;
        let found = store::given(view.db, organisation, self.lot, self.serials.as_deref(), &after, limit)?;
        let ids: Vec<_> = found.iter().map(|given| &given.id).collect();
        // The last of them stays.
        let told: BTreeMap<AdministrationId, ContactOutcome> =
            store::contacts(view.db, organisation, &self.recall.id, &ids)?
                .into_iter()
                .map(|contact| (contact.administration_id, contact.outcome))
                .collect();
        let place_of = |given: &Given| {
            let (at, id) = (given.occurred_at, given.id.to_string());
            Place { lot: self.lot.clone(), part: Part::Administered, at, id, line: 0 }
        };
        let last = last_of(&found, limit).map(place_of);
        let references = view.patients.references(organisation, found.iter().map(|given| given.patient_id.clone()))?;
        let placed = found.into_iter().map(|given| {
            let place = place_of(&given);
            let entry = Entry::Administered(Administered {
                contact: told.get(&given.id).copied(),
                administration_id: given.id,
                patient_ref: references.get(&given.patient_id).cloned(),
                practitioner_id: given.practitioner_id,
                site_id: given.site_id,
                occurred_at: given.occurred_at,
                lot_id: given.lot_id,
                serial: given.serial,
                units: given.units,
                container_id: given.container_id,
            });
            Placed { place, entry }
        });
        Ok((placed.collect(), last))
    }
}

/// Entries of a part, and the last that was looked at, where there may be more.
type Taken = (Vec<Placed>, Option<Place>);

/// The last of rows that are as many as were asked for: there may be more.
fn last_of<T>(rows: &[T], limit: i64) -> Option<&T> {
    rows.last().filter(|_| i64::try_from(rows.len()).is_ok_and(|found| found >= limit))
}
