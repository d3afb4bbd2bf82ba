//! When units of a lot were at a location.

use std::collections::BTreeSet;

use super::{history, store};
use crate::clock::Moment;
use crate::db::Db;
use crate::error::Result;
use crate::ids::{AccountId, LocationId, LotId, OrganisationId};
use crate::limits::{LOOKED_AT_MAX, PRESENCE_POSTINGS_MAX};

/// When units of a lot were at a location, within a span of time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Presence {
    /// The times, the earliest first. None has an end that is the end of the span: units are still there then.
    pub times: Vec<(Moment, Option<Moment>)>,
    /// Since when that is known, where more moved since than is looked at.
    pub known_since: Option<Moment>,
}

/// When units of a lot were at a location between two moments, by when its postings count. It is followed back from what is
/// there now, over [`PRESENCE_POSTINGS_MAX`] postings of the lot at the most.
///
/// # Errors
/// What the database answers.
pub fn presence(
    db: &mut Db,
    organisation: &OrganisationId,
    lot: &LotId,
    location: &LocationId,
    (from, to): (Moment, Moment),
) -> Result<Presence> {
    let accounts = store::accounts_at(db, organisation, location, lot)?;
    let now: i64 = accounts.iter().map(|(_, units, _)| units).sum();
    if accounts.iter().all(|(_, _, changed_at)| *changed_at <= from) {
        // Nothing moved there since: no posting has to be looked at.
        return Ok(follow(now, &[], (from, to), None));
    }
    let here: BTreeSet<&AccountId> = accounts.iter().map(|(id, _, _)| id).collect();
    let found = history::latest(db, organisation, lot, from, PRESENCE_POSTINGS_MAX)?;
    let is_cut = i64::try_from(found.len()).is_ok_and(|found| found >= PRESENCE_POSTINGS_MAX);
    let known_since = found.last().filter(|_| is_cut).map(|(at, ..)| *at);
    let units = |account: &AccountId, units: i64| if here.contains(account) { units } else { 0 };
    let moved: Vec<(Moment, i64)> = found
        .iter()
        .map(|(at, came_from, went_to, moved)| (*at, units(went_to, *moved).saturating_sub(units(came_from, *moved))))
        .collect();
    Ok(follow(now, &moved, (from, to), known_since))
}

/// Goes back from the units that are there now over what came and left, the latest first. What counts at one moment counts at
/// once. Before `known_since` nothing is known.
fn follow(now: i64, moved: &[(Moment, i64)], (from, to): (Moment, Moment), known_since: Option<Moment>) -> Presence {
    let from = known_since.map_or(from, |known| known.max(from));
    let mut times: Vec<(Moment, Option<Moment>)> = Vec::new();
    let (mut units, mut until) = (now, None);
    let mut note = |begins: Moment, until: Option<Moment>, units: i64| {
        let (begins, until) = (begins.max(from), until.filter(|until| *until < to));
        if units <= 0 || begins >= until.unwrap_or(to) {
            return;
        }
        match times.last_mut() {
            Some((later, _)) if Some(*later) == until => *later = begins,
            _ => times.push((begins, until)),
        }
    };
    for together in moved.chunk_by(|(one, _), (other, _)| one == other) {
        let Some((at, _)) = together.first() else { continue };
        note(*at, until, units);
        units = together.iter().fold(units, |units, (_, came)| units.saturating_sub(*came));
        until = Some(*at);
    }
    if known_since.is_none() {
        note(from, until, units);
    }
    times.reverse();
    Presence { times, known_since }
}

/// Lots of which units are at a location, or were at a moment or later; the newest first. No more than [`LOOKED_AT_MAX`] of
/// the accounts of the newest lots there, and of those with units, are looked at; also whether that is all of them.
///
/// # Errors
/// What the database answers.
pub fn lots_at(
    db: &mut Db,
    organisation: &OrganisationId,
    location: &LocationId,
    since: Moment,
) -> Result<(Vec<LotId>, bool)> {
    let newest = store::newest_at(db, organisation, location, LOOKED_AT_MAX)?;
    let on_hand = store::on_hand_at(db, organisation, location, LOOKED_AT_MAX)?;
    let is_all = [newest.len(), on_hand.len()]
        .into_iter()
        .all(|found| i64::try_from(found).is_ok_and(|found| found < LOOKED_AT_MAX));
    let moved = newest.into_iter().filter(|(_, units, changed_at)| *units > 0 || *changed_at > since);
    let mut lots: Vec<LotId> = moved.map(|(lot, ..)| lot).chain(on_hand).collect();
    lots.sort_by(|one, other| other.cmp(one));
    lots.dedup();
    Ok((lots, is_all))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: i64) -> Moment {
        Moment::at_unix_seconds(hour * 3600)
    }

    fn hours(now: i64, moved: &[(i64, i64)], known: Option<i64>) -> Vec<(i64, Option<i64>)> {
        let moved: Vec<_> = moved.iter().map(|(hour, units)| (at(*hour), *units)).collect();
        let hour = |moment: Moment| moment.unix_seconds() / 3600;
        let found = follow(now, &moved, (at(10), at(20)), known.map(at));
        found.times.into_iter().map(|(from, to)| (hour(from), to.map(hour))).collect()
    }

    #[test]
    fn units_are_there_from_when_they_come_until_the_last_leaves() {
        assert_eq!(hours(5, &[], None), [(10, None)]);
        assert_eq!(hours(0, &[], None), []);
        // Some leave, and the last.
        assert_eq!(hours(0, &[(15, -2), (12, -3)], None), [(10, Some(15))]);
        // They come, leave, and come again.
        assert_eq!(hours(4, &[(18, 4), (15, -6), (12, 6)], None), [(12, Some(15)), (18, None)]);
        // What leaves after the span was there to its end; what comes after it was not.
        assert_eq!(hours(0, &[(25, -6)], None), [(10, None)]);
        assert_eq!(hours(6, &[(25, 6)], None), []);
        // What comes and leaves at one moment changes nothing, and does not divide what was there.
        assert_eq!(hours(6, &[(15, 6), (15, -6)], None), [(10, None)]);
        assert_eq!(hours(0, &[(15, -6), (15, 6)], None), []);
        // What leaves at the end of the span, and what comes there.
        assert_eq!(hours(0, &[(20, -6)], None), [(10, None)]);
        assert_eq!(hours(6, &[(20, 6)], None), []);
    }

    #[test]
    fn before_what_was_followed_nothing_is_known() {
        assert_eq!(hours(4, &[(18, -1), (15, -1)], Some(15)), [(15, None)]);
        assert_eq!(hours(0, &[(18, -1), (15, -1)], Some(15)), [(15, Some(18))]);
        assert_eq!(hours(0, &[(25, -1), (22, -1)], Some(22)), []);
    }
}
