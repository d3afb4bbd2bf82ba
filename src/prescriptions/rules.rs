//! Who may prescribe, and whether what was prescribed is enough.

use chrono::NaiveDate;

use super::model::{Drawable, PARTS, Prescribed};
use crate::catalogue::model::{Product, ProductClass};
use crate::clock::Moment;
use crate::decision::{Basis, Decision, Findings, ReasonCode, Subject, SubjectType};
use crate::licences::model::Held;
use crate::licences::rules::{Occasion, prescribes};
use crate::policies::model::Current;
use crate::practitioners::model::Practitioner;
use crate::practitioners::rules::recorded_by_themselves;
use crate::sites::model::Site;
use crate::values::{Amount, number};

/// What is known when something is prescribed.
pub struct Prescribing<'a> {
    /// Of which class.
    pub class: ProductClass,
    /// By whom.
    pub prescriber: &'a Practitioner,
    /// Whether somebody else records it.
    pub is_for_another: bool,
    /// Where.
    pub site: &'a Site,
    /// When.
    pub at: Moment,
    /// What the prescriber holds.
    pub held: &'a [Held],
    /// The organisation's policy.
    pub policy: &'a Current,
}

/// DOMAIN rule 2: whoever prescribes may do so on that day, at that site, for that class.
pub fn may_prescribe(facts: &Prescribing<'_>, evaluated_at: Moment) -> Decision {
    let (zone, at) = (facts.site.time_zone.rules(), facts.at);
    let day = at.day_in(zone);
    let mut findings = Findings::default();
    findings.rests_on(Basis::Moment {
        occurred_at: at,
        site_id: facts.site.id.to_string(),
        time_zone: facts.site.time_zone.to_string(),
        day,
    });
    let subject = Subject::new(SubjectType::Practitioner, &facts.prescriber.id);
    crate::versions::not_retired(facts.prescriber, at, &mut findings);
    let occasion = Occasion::of(facts.class, facts.site, day, at, facts.policy);
    prescribes(&occasion, &subject, facts.held, &mut findings);
    recorded_by_themselves(facts.prescriber, facts.is_for_another, facts.policy, &mut findings);
    Decision::from(findings, evaluated_at)
}

/// How much of a prescription a treatment uses, in millionths of a unit: whole units, or of an opened unit the part that `amount` is
/// (in millionths of the product's own measure). A part is rounded down, so that the parts of one unit never come to more than it.
pub fn parts(units: i64, opened: Option<Option<i64>>, unit_amount: &Amount) -> i64 {
    let Some(amount) = opened else { return units.saturating_mul(PARTS) };
    let whole = i128::from(unit_amount.millionths());
    let part =
        i128::from(amount.unwrap_or_default()).saturating_mul(PARTS.into()).checked_div(whole).unwrap_or_default();
    i64::try_from(part).unwrap_or(i64::MAX).max(1)
}

/// What was prescribed for the patient is enough, and counts on the day. The last day is a good day.
pub fn prescribed(
    product: &Product,
    prescribed: &Prescribed,
    (at, day): (Moment, NaiveDate),
    about: impl FnOnce() -> Subject,
    findings: &mut Findings,
) {
    let (code, message) = match prescribed {
        Prescribed::NotAsked => return,
        Prescribed::Enough(found, _) => {
            findings.rests_on(basis(found));
            return;
        }
        Prescribed::ForNobody => {
            let message = format!("Say for whom: {} is used where it was prescribed for the patient.", product.name);
            (ReasonCode::PrescriptionMissing, message)
        }
        Prescribed::Nothing => {
            (ReasonCode::PrescriptionMissing, format!("Nobody has prescribed {} for the patient.", product.name))
        }
        Prescribed::NothingBy(prescriber) => {
            let message = format!("{prescriber} has not prescribed {} for the patient.", product.name);
            (ReasonCode::PrescriptionMissing, message)
        }
        Prescribed::NotEnough(found) => {
            findings.rests_on(basis(found));
            not_enough(product, found, (at, day))
        }
    };
    findings.refuse(code, about(), message);
}

fn not_enough(product: &Product, found: &Drawable, (at, day): (Moment, NaiveDate)) -> (ReasonCode, String) {
    let name = &product.name;
    if let Some(withdrawn) = found.withdrawn_at.filter(|withdrawn| *withdrawn <= at) {
        return (
            ReasonCode::PrescriptionLapsed,
            format!("The prescription of {name} was withdrawn at {}.", withdrawn.told()),
        );
    }
    if found.valid_until < day {
        return (
            ReasonCode::PrescriptionLapsed,
            format!("The prescription of {name} was for use until {}.", found.valid_until),
        );
    }
    let (left, units) = (crate::values::decimal(found.left()), number(found.units, "unit"));
    let message = format!("A prescription of {name} was for {units}, of which {left} can still be used: not enough.");
    (ReasonCode::PrescriptionExhausted, message)
}

fn basis(found: &Drawable) -> Basis {
    Basis::Prescription {
        id: found.id.to_string(),
        prescriber_id: found.prescriber_id.to_string(),
        valid_until: found.valid_until,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_one_unit_never_come_to_more_than_it() {
        // By hand: 1.25 mL a unit. 0.4 of it is 0.32, a third of 1 mL 0.266…, rounded down; nothing said is the least there is.
        let amount: Amount = "1.25".parse().unwrap();
        for (units, opened, expected) in [
            (2, None, 2_000_000),
            (1, Some(Some(400_000)), 320_000),
            (1, Some(Some(333_333)), 266_666),
            (1, Some(Some(1_250_000)), 1_000_000),
            (1, Some(None), 1),
        ] {
            assert_eq!(parts(units, opened, &amount), expected, "{units} {opened:?}");
        }
    }
}
