//! How long stock lasts, and how much is to be bought. Whole numbers throughout: what is said is the same on every machine.

use chrono::NaiveDate;

use crate::error::{Error, Result};
use crate::problem::ProblemCode;

/// Days over which use is looked at: 13 weeks.
pub const DAYS: i64 = 13 * 7;

/// The most packs that a level may say.
pub const PACKS_MAX: i64 = 10_000;

/// Whether a level makes sense.
///
/// # Errors
/// `invalid_level`.
pub fn well_formed(minimum: i64, maximum: i64) -> Result<()> {
    for (field, packs) in [("minimum_packs", minimum), ("maximum_packs", maximum)] {
        if !(0..=PACKS_MAX).contains(&packs) {
            let rule = format!("must be a whole number from 0 to {PACKS_MAX}");
            return Err(Error::invalid(ProblemCode::InvalidLevel, field, rule));
        }
    }
    if maximum < minimum {
        return Err(Error::invalid(ProblemCode::InvalidLevel, "maximum_packs", "must not be below minimum_packs"));
    }
    Ok(())
}

/// Units that may be used until a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usable {
    /// The last day.
    pub use_by: NaiveDate,
    /// How many.
    pub units: i64,
}

/// How long stock lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cover {
    /// For how many whole days; none where nothing was used, so that nobody can say.
    pub days: Option<i64>,
    /// How many units run out before they are used, if so many are used as before.
    pub expires_unused: i64,
}

/// How long units last when what runs out first is used first (DOMAIN rule 14), and so many were used in [`DAYS`]. A lot counts for
/// its last day, too (rule 15). What a lot has left when it runs out is no cover.
pub fn cover(today: NaiveDate, used: i64, stock: &[Usable]) -> Cover {
    let mut lots: Vec<Usable> = stock.iter().copied().filter(|lot| lot.units > 0 && lot.use_by >= today).collect();
    if used <= 0 {
        return Cover { days: None, expires_unused: 0 };
    }
    lots.sort_by_key(|lot| lot.use_by);
    // Time goes in parts of a day of which `used` are one: so a unit lasts DAYS of them, exactly.
    let (mut at, mut unused) = (0_i64, 0_i64);
    for lot in lots {
        let days = lot.use_by.signed_duration_since(today).num_days().saturating_add(1);
        let left = days.saturating_mul(used).saturating_sub(at).max(0);
        let lasts = lot.units.saturating_mul(DAYS).min(left);
        at = at.saturating_add(lasts);
        unused = unused.saturating_add(lot.units.saturating_sub(lasts / DAYS));
    }
    Cover { days: Some(at / used), expires_unused: unused }
}

/// What there is and will be of a product at a site, in units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// What lies there and may be used, or will be when it was looked at.
    pub on_hand: i64,
    /// What of it runs out before it is used.
    pub expires_unused: i64,
    /// What is ordered and has not come, or stands in a draft.
    pub coming: i64,
}

/// How many packs are to be bought of a product of which a site keeps from `minimum` to `maximum` packs of `pack` units: none at the
/// minimum or above; below it as many as fit under the maximum, and at least what brings it to the minimum.
pub fn suggested(position: Position, (minimum, maximum): (i64, i64), pack: i64) -> i64 {
    let pack = pack.max(1);
    let there = position.on_hand.saturating_sub(position.expires_unused).saturating_add(position.coming);
    let short = minimum.saturating_mul(pack).saturating_sub(there);
    if short <= 0 {
        return 0;
    }
    let fits = maximum.saturating_mul(pack).saturating_sub(there).max(0) / pack;
    let least = short.saturating_add(pack.saturating_sub(1)) / pack;
    fits.max(least)
}

/// Units a week, in millionths of a unit.
pub fn per_week(units: i64, weeks: i64) -> i64 {
    units.max(0).saturating_mul(1_000_000) / weeks.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(offset: i64) -> NaiveDate {
        "2026-07-01".parse::<NaiveDate>().unwrap() + chrono::TimeDelta::days(offset)
    }

    /// The numbers were computed apart, with Python's fractions: a unit lasts 91/used days, lots in the order of their last day, each
    /// up to the end of it; `tests/expected/cover.py` prints this table.
    #[test]
    fn stock_lasts_as_long_as_it_is_used_before_it_runs_out() {
        type Row = (i64, &'static [(i64, i64)], Option<i64>, i64);
        let rows: &[Row] = &[
            (0, &[(100, 5)], None, 0),
            (91, &[], Some(0), 0),
            (91, &[(365, 10)], Some(10), 0),
            (13, &[(365, 10)], Some(70), 0),
            (13, &[(6, 10)], Some(7), 9),
            (13, &[(6, 10), (365, 10)], Some(77), 9),
            (13, &[(0, 1), (365, 1)], Some(8), 1),
            (7, &[(365, 3)], Some(39), 0),
            (7, &[(13, 2), (13, 2), (400, 4)], Some(66), 3),
            (182, &[(4, 12), (9, 2)], Some(6), 2),
            (91, &[(-1, 50), (30, 5)], Some(5), 0),
            (3, &[(29, 1), (30, 1), (31, 1)], Some(32), 3),
            (1000, &[(365, 1)], Some(0), 0),
            (5, &[(20, 0), (40, 7), (2000, 100)], Some(1861), 5),
        ];
        for (used, lots, days, expires_unused) in rows {
            let stock: Vec<Usable> =
                lots.iter().map(|(last, units)| Usable { use_by: day(*last), units: *units }).collect();
            let expected = Cover { days: *days, expires_unused: *expires_unused };
            assert_eq!(cover(day(0), *used, &stock), expected, "{used} {lots:?}");
            let turned: Vec<Usable> = stock.iter().rev().copied().collect();
            assert_eq!(cover(day(0), *used, &turned), expected, "in whatever order");
        }
    }

    /// (on hand, expires unused, coming, minimum, maximum, units of a pack) and the packs, by the same script.
    #[test]
    fn packs_are_suggested_up_to_the_maximum() {
        let rows: &[(i64, i64, i64, i64, i64, i64, i64)] = &[
            (0, 0, 0, 2, 5, 2, 5),
            (3, 0, 0, 2, 5, 2, 3),
            (4, 0, 0, 2, 5, 2, 0),
            (3, 0, 1, 2, 5, 2, 0),
            (3, 0, 0, 2, 2, 2, 1),
            (10, 8, 0, 2, 5, 2, 4),
            (10, 8, 4, 2, 5, 2, 0),
            (0, 0, 0, 0, 5, 2, 0),
            (0, 0, 0, 0, 0, 2, 0),
            (1, 0, 0, 1, 1, 10, 1),
            (7, 0, 0, 1, 3, 10, 2),
            (0, 0, 3, 4, 10, 1, 7),
        ];
        for (on_hand, expires_unused, coming, minimum, maximum, pack, packs) in rows {
            let position = Position { on_hand: *on_hand, expires_unused: *expires_unused, coming: *coming };
            assert_eq!(
                suggested(position, (*minimum, *maximum), *pack),
                *packs,
                "{position:?} {minimum} {maximum} {pack}"
            );
        }
    }

    #[test]
    fn a_level_is_a_range_of_packs() {
        for (minimum, maximum, is_one) in
            [(0, 0, true), (2, 2, true), (1, 10_000, true), (3, 2, false), (-1, 2, false), (0, 10_001, false)]
        {
            assert_eq!(well_formed(minimum, maximum).is_ok(), is_one, "{minimum} {maximum}");
        }
    }
}
