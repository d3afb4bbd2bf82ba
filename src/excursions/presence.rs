//! Reads what happened to a lot since an excursion began, and finds what was there.

use std::collections::BTreeSet;

use super::exposure::{self, Exposure};
use super::model::Excursion;
use super::rules::Stay;
use super::store;
use crate::clock::Moment;
use crate::command::Command;
use crate::error::Result;
use crate::ids::{LocationId, LotId};
use crate::stock::books;
use crate::stock::books::Books;

/// Which units of a lot were there during an excursion, as far as is known now.
pub(super) fn exposure_of(cmd: &mut Command<'_>, excursion: &Excursion, lot: &LotId) -> Result<Exposure> {
    let books = books::at(cmd.db, cmd.organisation(), lot, Some(excursion.opened_at))?;
    let books = books.with(&books::lines_of(cmd, lot));
    let inside: Vec<_> = books.accounts.iter().filter(|account| account.location_id.is_some()).collect();
    let packs = crate::stock::service::packs_in(cmd.db, &inside, false)?;
    let packs = books.turn_back(packs);
    Ok(exposure::replay(excursion, &books, &packs))
}

/// When units of anything were at a location, from one moment to another, as far as is known now. The first begins no earlier
/// than that moment, and one that goes on at the other has no end.
pub(super) fn stays(cmd: &mut Command<'_>, location: &LocationId, from: Moment, to: Moment) -> Result<Vec<Stay>> {
    let mut stays = Vec::new();
    for lot in store::lots_there(cmd.db, cmd.organisation(), location, from)? {
        let books = books::at(cmd.db, cmd.organisation(), &lot, Some(from))?;
        stays.extend(stays_of_lot(&books.with(&books::lines_of(cmd, &lot)), location, from));
    }
    let mut stays = Stay::merged(stays);
    stays.retain(|stay| stay.from_us <= to.unix_micros());
    Ok(stays)
}

fn stays_of_lot(books: &Books, location: &LocationId, from: Moment) -> Vec<Stay> {
    let here: BTreeSet<_> =
        books.accounts.iter().filter(|row| row.location_id.as_ref() == Some(location)).map(|row| &row.id).collect();
    let mut units: i64 = books.at_location(location).iter().map(|row| row.units).sum();
    let mut began_us = (units > 0).then(|| from.unix_micros());
    let mut stays = Vec::new();
    for together in books.since.chunk_by(|one, other| one.at == other.at) {
        let Some(at_us) = together.first().map(|line| line.at.unix_micros()) else { continue };
        for line in together {
            units = units.saturating_add(if here.contains(&line.to) { line.units } else { 0 });
            units = units.saturating_sub(if here.contains(&line.from) { line.units } else { 0 });
        }
        match (began_us, units > 0) {
            (None, true) => began_us = Some(at_us),
            (Some(from_us), false) => {
                stays.push(Stay { from_us, to_us: Some(at_us) });
                began_us = None;
            }
            _ => {}
        }
    }
    stays.extend(began_us.map(|from_us| Stay { from_us, to_us: None }));
    stays
}
