//! How much of a stability budget warmth uses up. Pure arithmetic over readings.
//!
//! A product says for how many hours in all, over its life, a unit of it may be warmer than its label allows, up to which
//! temperatures. Time out of storage is cumulative (USP <1079.2>, "Mean Kinetic Temperature in the Evaluation of Temperature
//! Excursions": an excursion is allowed as far as stability data cover it, together with those before it). Of several
//! temperatures each hour uses its part of the hours of one, and the parts add up to one at the most: that is the careful
//! reading, as a unit that has spent half of either budget is not given the other half of both.

use crate::catalogue::model::{Product, StabilityAllowance};
use crate::sensors::hours::{HOUR_US, Hour};
use crate::sensors::model::Reading;

/// What a product allows: from which temperature on warmth counts, and for how long up to which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Budget {
    label_max_mc: i32,
    allowances: Vec<StabilityAllowance>,
}

/// How warm it was, for a budget: the number of the allowance that it counts against, the lowest temperature first. Their
/// number itself stands for warmer than any of them: that uses up everything at once.
pub type Warmth = usize;

impl Budget {
    /// The budget of a product, if it has one.
    pub fn of(product: &Product) -> Option<Budget> {
        let mut allowances = product.stability_budget.to_vec();
        // Of two for one temperature, which a product from before they were refused may have, the shorter one counts.
        allowances.sort_by_key(|allowance| (allowance.max_mc, allowance.hours));
        allowances.dedup_by_key(|allowance| allowance.max_mc);
        (!allowances.is_empty()).then_some(Budget { label_max_mc: product.storage_max_mc, allowances })
    }

    /// What a temperature counts against; none for one that the label allows.
    pub fn warmth(&self, milli_c: i32) -> Option<Warmth> {
        let up_to = self.allowances.iter().position(|allowance| milli_c <= allowance.max_mc);
        (milli_c > self.label_max_mc).then(|| up_to.unwrap_or(self.allowances.len()))
    }

    /// Whether it covers all that a unit was exposed to, which may overlap: of what was measured at one time the warmest counts,
    /// once.
    pub fn covers(&self, exposed: &[Warm]) -> bool {
        let is_beyond = exposed.iter().any(|warm| warm.warmth >= self.allowances.len());
        !is_beyond && self.covers_time(&self.time_of(exposed))
    }

    /// How long each allowance was used, in microseconds.
    fn time_of(&self, exposed: &[Warm]) -> Vec<i64> {
        let mut turns: Vec<(i64, Warmth, i32)> =
            exposed.iter().flat_map(|warm| [(warm.from_us, warm.warmth, 1), (warm.to_us, warm.warmth, -1)]).collect();
        turns.sort_unstable();
        let mut used = vec![0_i64; self.allowances.len()];
        let mut measured = vec![0_i32; self.allowances.len()];
        let mut since_us = 0;
        for (at_us, warmth, turn) in turns {
            if let Some(warmest) = measured.iter().rposition(|count| *count > 0)
                && let Some(used) = used.get_mut(warmest)
            {
                *used = used.saturating_add(at_us.saturating_sub(since_us));
            }
            if let Some(count) = measured.get_mut(warmth) {
                *count = count.saturating_add(turn);
            }
            since_us = at_us;
        }
        used
    }

    /// Σ time ÷ hours ≤ 1, over a common denominator. What is too long to be computed is too long.
    fn covers_time(&self, used_us: &[i64]) -> bool {
        let (mut time, mut denominator) = (0_i128, 1_i128);
        for (allowance, used_us) in self.allowances.iter().zip(used_us).filter(|(_, used_us)| **used_us > 0) {
            let hours = i128::from(allowance.hours);
            let used_us = i128::from(*used_us);
            // Of microseconds by hours: 2^49 by 2^17, five times, is less than 2^127.
            if used_us > hours.saturating_mul(HOUR_US.into()) {
                return false;
            }
            let sum = time.checked_mul(hours).zip(used_us.checked_mul(denominator));
            let sum = sum.and_then(|(time, used)| time.checked_add(used)).zip(denominator.checked_mul(hours));
            let Some(sum) = sum else { return false };
            (time, denominator) = sum;
        }
        denominator.checked_mul(HOUR_US.into()).is_some_and(|whole| time <= whole)
    }
}

/// A time during which it was warmer than a label allows, in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Warm {
    /// When it began.
    pub from_us: i64,
    /// When it ended, or what is known of it did.
    pub to_us: i64,
    /// How warm it was.
    pub warmth: Warmth,
    /// Whether the last reading says so: it was as warm for whoever came after that.
    pub is_last: bool,
}

impl Warm {
    /// The part of it that units were there for which were so from one moment to another.
    pub fn during(&self, since_us: i64, until_us: i64) -> Option<Warm> {
        let is_met = self.from_us <= until_us && (self.to_us > since_us || self.is_last);
        let (from_us, to_us) = (self.from_us.max(since_us), self.to_us.min(until_us));
        (is_met && since_us <= until_us).then_some(Warm { from_us, to_us: to_us.max(from_us), ..*self })
    }
}

/// Finds how warm it was during an excursion in the readings of its sensor, given in the order of their time, from the last one
/// before it on.
///
/// A temperature stands as it does for alarms ([`super::rules::Bouts`]).
pub struct Warming<'a> {
    budget: &'a Budget,
    from_us: i64,
    to_us: i64,
    interval_us: i64,
    silent_after_us: i64,
    last: Option<Reading>,
    found: Vec<Warm>,
}

impl<'a> Warming<'a> {
    /// Without any reading: for a budget, from when until when, of a sensor that measures at such an interval and is silent after
    /// so long.
    pub fn new(budget: &'a Budget, (from_us, to_us): (i64, i64), interval_us: i64, silent_after_us: i64) -> Self {
        Warming { budget, from_us, to_us, interval_us, silent_after_us, last: None, found: Vec::new() }
    }

    /// Takes the next reading.
    pub fn take(&mut self, reading: Reading) {
        if let Some(last) = self.last.replace(reading) {
            let follows = reading.at_us.saturating_sub(last.at_us) <= self.silent_after_us;
            let until_us = if follows { reading.at_us } else { last.at_us.saturating_add(self.interval_us) };
            self.stood(last, until_us, false);
        }
    }

    /// Takes an hour of readings that were let go. It was as warm as the warmest of them for all of it, and for as long after it as
    /// a reading may stand: no longer and no warmer can it have been.
    pub fn take_hour(&mut self, hour: &Hour) {
        let warmest = Reading { at_us: hour.from_us, milli_c: hour.max_mc };
        let until_us = hour.from_us.saturating_add(HOUR_US).saturating_add(self.silent_after_us);
        self.last = None;
        self.stood(warmest, until_us, false);
    }

    fn stood(&mut self, reading: Reading, until_us: i64, is_last: bool) {
        let Some(warmth) = self.budget.warmth(reading.milli_c) else { return };
        let (from_us, to_us) = (reading.at_us.max(self.from_us), until_us.min(self.to_us));
        if to_us < from_us || (to_us == from_us && !is_last) {
            return;
        }
        match self.found.last_mut() {
            Some(before) if before.warmth == warmth && before.to_us == from_us => {
                (before.to_us, before.is_last) = (to_us, is_last);
            }
            _ => self.found.push(Warm { from_us, to_us, warmth, is_last }),
        }
    }

    /// All that was found. Of one that goes on, the last reading says how warm it is.
    pub fn found(mut self, goes_on: bool) -> Vec<Warm> {
        if let Some(last) = self.last {
            // One that has ended ended with the next reading, or an interval after this one.
            let until_us = if goes_on { last.at_us } else { last.at_us.saturating_add(self.silent_after_us) };
            self.stood(last, until_us, goes_on);
        }
        self.found
    }
}
