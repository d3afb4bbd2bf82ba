//! What a claim comes to, and what may become of it.

use super::model::{Claim, ClaimState};
use crate::error::{Error, Result};
use crate::problem::ProblemCode;

/// What units of a line cost together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// In minor units.
    pub minor: i64,
    /// How many units that is for.
    pub units: i64,
}

/// What so many of them cost, to the nearest minor unit, halves up.
pub fn amount(cost: Cost, units: i64) -> Option<i64> {
    nearest(i128::from(cost.minor).saturating_mul(units.into()), cost.units.into())
}

/// How much more so many units cost by the invoice than by the order, rounded likewise; none where it is not more.
pub fn difference(invoiced: Cost, ordered: Cost, units: i64) -> Option<i64> {
    let by_invoice = i128::from(invoiced.minor).saturating_mul(ordered.units.into());
    let by_order = i128::from(ordered.minor).saturating_mul(invoiced.units.into());
    let more = by_invoice.saturating_sub(by_order);
    let of = i128::from(invoiced.units).saturating_mul(ordered.units.into());
    nearest(more.saturating_mul(units.into()), of).filter(|more| *more > 0)
}

fn nearest(dividend: i128, divisor: i128) -> Option<i64> {
    let doubled = dividend.checked_mul(2)?.checked_add(divisor)?;
    i64::try_from(doubled.checked_div_euclid(divisor.checked_mul(2)?)?).ok()
}

/// What somebody wants to do with a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Say that it was sent.
    Send,
    /// Say what came of it.
    Settle,
    /// Ask for it no longer.
    Withdraw,
}

/// The state machine of a claim.
///
/// # Errors
/// `claim_not_open`, `claim_not_sent`, `claim_ended`.
pub fn may(step: Step, claim: &Claim) -> Result<()> {
    use ClaimState as S;
    let (code, is_allowed) = match step {
        Step::Send => (ProblemCode::ClaimNotOpen, claim.state == S::Open),
        Step::Settle => (ProblemCode::ClaimNotSent, claim.state == S::Sent),
        Step::Withdraw => (ProblemCode::ClaimEnded, matches!(claim.state, S::Open | S::Sent)),
    };
    if is_allowed {
        return Ok(());
    }
    let next = if step == Step::Settle && claim.state == S::Open { ": send it first" } else { "" };
    Err(Error::problem(code, format!("This claim is {}{next}.", claim.state)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_to_the_nearest_minor_unit() {
        // By hand: 28900 for 2 units; 100 for 3 are 33.3…, 66.6…; 5 for 2 are 2.5.
        for (minor, of, units, expected) in [
            (28_900, 2, 1, Some(14_450)),
            (28_900, 2, 2, Some(28_900)),
            (100, 3, 1, Some(33)),
            (100, 3, 2, Some(67)),
            (5, 2, 1, Some(3)),
            (0, 2, 1, Some(0)),
            (100, 0, 1, None),
        ] {
            assert_eq!(amount(Cost { minor, units: of }, units), expected, "{units} of {of} for {minor}");
        }
    }

    #[test]
    fn a_difference_is_what_the_invoice_asks_more() {
        // By hand: 300 for 2 against 289 for 2, 5.5 a unit; 1445 for a case of 10 against 289 for a pack of 2 is the same.
        let cost = |minor, units| Cost { minor, units };
        for (invoiced, ordered, units, expected) in [
            (cost(300, 2), cost(289, 2), 2, Some(11)),
            (cost(300, 2), cost(289, 2), 1, Some(6)),
            (cost(1445, 10), cost(289, 2), 10, None),
            (cost(1500, 10), cost(289, 2), 10, Some(55)),
            (cost(280, 2), cost(289, 2), 2, None),
        ] {
            assert_eq!(difference(invoiced, ordered, units), expected, "{invoiced:?} {ordered:?} {units}");
        }
    }
}
