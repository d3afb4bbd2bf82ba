//! Reads what happened to a lot since an excursion began, and finds what was there.

use super::exposure::{self, Exposure};
use super::model::Excursion;
use crate::command::Command;
use crate::error::Result;
use crate::ids::LotId;
use crate::stock::history::Line;
use crate::stock::{books, history};

/// Which units of a lot were there during an excursion, as far as is known now.
pub(super) fn exposure_of(cmd: &mut Command<'_>, excursion: &Excursion, lot: &LotId) -> Result<Exposure> {
    let books = books::at(cmd.db, cmd.organisation(), lot, Some(excursion.opened_at))?;
    let books = books.with(&lines_of(cmd, lot));
    let inside: Vec<_> = books.accounts.iter().filter(|account| account.location_id.is_some()).collect();
    let packs = crate::stock::service::packs_in(cmd.db, &inside, false)?;
    let packs = books.turn_back(packs);
    Ok(exposure::replay(excursion, &books, &packs))
}

/// What the command itself has moved of a lot: it is not in the journal yet.
fn lines_of(cmd: &Command<'_>, lot: &LotId) -> Vec<Line> {
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
