//! What can happen to excursions.

use chrono::NaiveDate;

use super::model::{Administered, Excursion, ExcursionKind, ExcursionState, ExposedLot, Verdict};
use super::store;
use crate::decision::Decision;
use crate::error::Result;
use crate::ids::{ExcursionId, HoldId};
use crate::journal::events;
use crate::journal::model::{Head, Recordable, once, units_of, units_were};
use crate::journal::tables::Tables;
use crate::ledger::Posting;
use crate::values::{Prose, number};

events! {
    /// A sensor measured what its alarm rules do not allow, or nothing.
    ExcursionOpened "excursion_opened" {
        /// The excursion.
        excursion: Box<Excursion>,
    }
    /// Readings that came later changed what is known of it.
    ExcursionChanged "excursion_changed" {
        /// The excursion, as it is known now.
        excursion: Box<Excursion>,
    }
    /// Units were there meanwhile: it holds them, or uses up their stability budget.
    ExcursionExposed "excursion_exposed" {
        /// The excursion.
        excursion_id: ExcursionId,
        /// How many units of which lots it is about, all in all.
        lots: Vec<ExposedLot>,
        /// What was administered of them.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        administered: Vec<Administered>,
        /// The units that moved.
        postings: Vec<Posting>,
    }
    /// Somebody said what is to become of the units.
    ExcursionAssessed "excursion_assessed" {
        /// The excursion, with what they said.
        excursion: Box<Excursion>,
    }
    /// Units are not held by it any more.
    ExcursionSettled "excursion_settled" {
        /// The excursion.
        excursion_id: ExcursionId,
        /// What was said of them.
        disposition: Verdict,
        /// Until when they may be used, where that is earlier than before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        new_expiry: Option<NaiveDate>,
        /// The units that moved.
        postings: Vec<Posting>,
        /// Holds on the accounts that they came from: they cover them where they are now, too.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        holds: Vec<HoldId>,
    }
}

impl Recordable for Deed {
    fn apply(&self, tables: &mut Tables<'_>, head: &Head) -> Result<()> {
        let organisation = &head.organisation_id;
        match self {
            Deed::ExcursionOpened { excursion } => store::insert(tables, excursion),
            Deed::ExcursionChanged { excursion } => once(store::replace(tables, excursion)?),
            Deed::ExcursionAssessed { excursion } => {
                once(store::replace(tables, excursion)?)?;
                store::let_go(tables, organisation, &excursion.id)
            }
            Deed::ExcursionExposed { excursion_id, lots, administered, .. } => {
                lots.iter().try_for_each(|lot| store::expose(tables, organisation, excursion_id, lot))?;
                administered.iter().try_for_each(|row| store::administered(tables, organisation, excursion_id, row))
            }
            Deed::ExcursionSettled { postings, holds, .. } => {
                crate::holds::service::follow(tables, organisation, holds, postings)
            }
        }
    }

    fn postings(&self) -> &[Posting] {
        match self {
            Deed::ExcursionExposed { postings, .. } | Deed::ExcursionSettled { postings, .. } => postings,
            Deed::ExcursionOpened { .. } | Deed::ExcursionChanged { .. } | Deed::ExcursionAssessed { .. } => &[],
        }
    }

    fn decision(&self) -> Option<&Decision> {
        None
    }

    fn summary(&self) -> String {
        match self {
            Deed::ExcursionOpened { excursion } => format!("{} since {}.", what(excursion.kind), excursion.opened_at),
            Deed::ExcursionChanged { excursion } => match (excursion.state, excursion.closed_at) {
                (ExcursionState::Withdrawn, _) => {
                    "Readings that came later show that there was no excursion.".to_owned()
                }
                (_, Some(closed_at)) => {
                    format!("{} from {} to {closed_at}.", what(excursion.kind), excursion.opened_at)
                }
                (_, None) => format!("{} since {}, and still.", what(excursion.kind), excursion.opened_at),
            },
            Deed::ExcursionExposed { excursion_id, lots, administered, postings } => {
                let exposed = lots.iter().map(|lot| lot.units_exposed).sum();
                let used = administered.iter().map(|row| row.units).sum::<i64>();
                let used = if used > 0 { format!("; {} administered", units_were(used)) } else { String::new() };
                let is_held = |posting: &&Posting| posting.to.excursion_ids.contains(excursion_id);
                let held = postings.iter().filter(is_held).map(|posting| posting.units).sum::<i64>();
                let covered = lots.iter().map(|lot| lot.units_within_budget).sum::<i64>();
                let covered = if covered > 0 { format!("; {covered} within the budget") } else { String::new() };
                let held = number(held, "unit");
                format!("{} there; {held} held from now on{covered}{used}.", units_were(exposed))
            }
            Deed::ExcursionAssessed { excursion } => {
                let reason = excursion.assessment_reason.as_ref().map(Prose::to_string).unwrap_or_default();
                match excursion.disposition {
                    Some(Verdict::Release) | None => format!("What was there may be used: {reason}"),
                    Some(Verdict::Return) => format!("What was there goes back: {reason}"),
                    Some(Verdict::Destroy) => format!("What was there is destroyed: {reason}"),
                }
            }
            Deed::ExcursionSettled { disposition, postings, .. } => {
                let units = number(units_of(postings), "unit");
                match disposition {
                    Verdict::Release => format!("{units} not held by the excursion any more."),
                    Verdict::Return => format!("{units} to return."),
                    Verdict::Destroy => format!("{units} to destroy."),
                }
            }
        }
    }
}

fn what(kind: ExcursionKind) -> &'static str {
    match kind {
        ExcursionKind::Above => "It was too warm",
        ExcursionKind::Below => "It was too cold",
        ExcursionKind::Silent => "The sensor was silent",
    }
}
