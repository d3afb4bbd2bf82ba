//! The words of a report: what came, what went, and how both add up.

use serde::Serialize;
use utoipa::ToSchema;

use crate::stock::model::AccountKind;

/// One end of a movement, as a site sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// At the site.
    Here,
    /// At another.
    Elsewhere,
    /// At none.
    Outside(AccountKind),
}

/// What a site had, what came and what went, in units. A row adds up: what it had and what came is what went and what it has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Sums {
    /// What was there when the period began.
    pub opening: i64,
    /// What was delivered, without what a correction or a void of a receipt took back.
    pub received: i64,
    /// What came from other sites.
    pub transferred_in: i64,
    /// What was put back, or put down as wasted, because its administration was voided.
    pub voided: i64,
    /// What was administered though the books did not have it, without what of it was voided.
    pub unaccounted: i64,
    /// What counts found beyond the books, without what they found missing where that is no loss.
    pub adjusted: i64,
    /// What was given to patients. An opened unit counts when it is used up.
    pub administered: i64,
    /// What was wasted, without what was found not to be.
    pub wasted: i64,
    /// What was returned to suppliers.
    pub returned: i64,
    /// What was destroyed.
    pub destroyed: i64,
    /// What was lost, without what was found again.
    pub lost: i64,
    /// What went to other sites.
    pub transferred_out: i64,
    /// What was there when the period ended.
    pub closing: i64,
}

impl Sums {
    /// Adds a movement that the site had part in.
    pub fn take(&mut self, from: End, to: End, units: i64) {
        match from {
            End::Here => {}
            End::Elsewhere => self.transferred_in = self.transferred_in.saturating_add(units),
            End::Outside(kind) => self.crossed(kind, units),
        }
        match to {
            End::Here => {}
            End::Elsewhere => self.transferred_out = self.transferred_out.saturating_add(units),
            End::Outside(kind) => self.crossed(kind, units.saturating_neg()),
        }
    }

    /// Units that came from outside or, below zero, went there.
    fn crossed(&mut self, kind: AccountKind, came: i64) {
        let went = came.saturating_neg();
        match kind {
            AccountKind::Supplier => self.received = self.received.saturating_add(came),
            AccountKind::Adjustment => self.adjusted = self.adjusted.saturating_add(came),
            AccountKind::Unaccounted => self.unaccounted = self.unaccounted.saturating_add(came),
            // Both are told: how much was given, and how much of what was given was not, after all.
            AccountKind::Patient if came > 0 => self.voided = self.voided.saturating_add(came),
            AccountKind::Patient => self.administered = self.administered.saturating_add(went),
            AccountKind::Waste => self.wasted = self.wasted.saturating_add(went),
            AccountKind::Returned => self.returned = self.returned.saturating_add(went),
            AccountKind::Destroyed => self.destroyed = self.destroyed.saturating_add(went),
            AccountKind::Lost => self.lost = self.lost.saturating_add(went),
            AccountKind::Quarantined
            | AccountKind::Passed
            | AccountKind::Available
            | AccountKind::Held
            | AccountKind::Rejected
            | AccountKind::InUse => {}
        }
    }

    /// By how much more there is at the end.
    fn gained(&self) -> i64 {
        let came = [self.received, self.transferred_in, self.voided, self.unaccounted, self.adjusted];
        let went = [self.administered, self.wasted, self.returned, self.destroyed, self.lost, self.transferred_out];
        came.iter().sum::<i64>().saturating_sub(went.iter().sum())
    }

    /// With what was there at the end, and so at the beginning.
    pub fn ending_with(self, closing: i64) -> Self {
        Sums { opening: closing.saturating_sub(self.gained()), closing, ..self }
    }

    /// Whether nothing was there and nothing moved.
    pub fn is_nothing(&self) -> bool {
        *self == Sums::default()
    }

    /// Adds another row.
    pub fn add(&mut self, other: &Self) {
        for (sum, more) in self.fields_mut().into_iter().zip(other.fields()) {
            *sum = sum.saturating_add(more);
        }
    }

    /// In the order in which they are told.
    pub fn fields(&self) -> [i64; 13] {
        [
            self.opening,
            self.received,
            self.transferred_in,
            self.voided,
            self.unaccounted,
            self.adjusted,
            self.administered,
            self.wasted,
            self.returned,
            self.destroyed,
            self.lost,
            self.transferred_out,
            self.closing,
        ]
    }

    fn fields_mut(&mut self) -> [&mut i64; 13] {
        [
            &mut self.opening,
            &mut self.received,
            &mut self.transferred_in,
            &mut self.voided,
            &mut self.unaccounted,
            &mut self.adjusted,
            &mut self.administered,
            &mut self.wasted,
            &mut self.returned,
            &mut self.destroyed,
            &mut self.lost,
            &mut self.transferred_out,
            &mut self.closing,
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each row is a movement, and what it makes of a site that has 10 units at the end.
    #[test]
    fn whatever_moves_a_row_adds_up() {
        use AccountKind as K;
        use End::{Elsewhere, Here, Outside};
        let rows = [
            (Outside(K::Supplier), Here, Sums { received: 3, opening: 7, ..Sums::default() }),
            (Here, Outside(K::Supplier), Sums { received: -3, opening: 13, ..Sums::default() }),
            (Elsewhere, Here, Sums { transferred_in: 3, opening: 7, ..Sums::default() }),
            (Here, Elsewhere, Sums { transferred_out: 3, opening: 13, ..Sums::default() }),
            (Here, Here, Sums { opening: 10, ..Sums::default() }),
            (Here, Outside(K::Patient), Sums { administered: 3, opening: 13, ..Sums::default() }),
            (Outside(K::Patient), Here, Sums { voided: 3, opening: 7, ..Sums::default() }),
            (Outside(K::Patient), Outside(K::Waste), Sums { voided: 3, wasted: 3, opening: 10, ..Sums::default() }),
            (
                Outside(K::Unaccounted),
                Outside(K::Patient),
                Sums { unaccounted: 3, administered: 3, opening: 10, ..Sums::default() },
            ),
            (
                Outside(K::Patient),
                Outside(K::Unaccounted),
                Sums { unaccounted: -3, voided: 3, opening: 10, ..Sums::default() },
            ),
            (Here, Outside(K::Waste), Sums { wasted: 3, opening: 13, ..Sums::default() }),
            (Outside(K::Waste), Here, Sums { wasted: -3, opening: 7, ..Sums::default() }),
            (Here, Outside(K::Returned), Sums { returned: 3, opening: 13, ..Sums::default() }),
            (Here, Outside(K::Destroyed), Sums { destroyed: 3, opening: 13, ..Sums::default() }),
            (Here, Outside(K::Lost), Sums { lost: 3, opening: 13, ..Sums::default() }),
            (Outside(K::Adjustment), Here, Sums { adjusted: 3, opening: 7, ..Sums::default() }),
            (Here, Outside(K::Adjustment), Sums { adjusted: -3, opening: 13, ..Sums::default() }),
        ];
        for (from, to, expected) in rows {
            let mut sums = Sums::default();
            sums.take(from, to, 3);
            assert_eq!(sums.ending_with(10), Sums { closing: 10, ..expected }, "{from:?} {to:?}");
        }
    }
}
