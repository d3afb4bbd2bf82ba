//! What may be released, and by whom.

use std::collections::HashSet;

use super::model::{Check, CheckResult, Criterion, Inspection};
use crate::decision::{Basis, Findings, ReasonCode, Subject, SubjectType};
use crate::error::{Error, Result};
use crate::http::problem::ProblemCode;
use crate::stock::model::Lot;
use crate::values::number;

/// A checklist examines each criterion at most once, and says what was seen where it failed.
///
/// # Errors
/// `empty_list`, `duplicate_entry`, `missing_field`.
pub fn well_formed(checks: &[Check]) -> Result<()> {
    if checks.is_empty() {
        return Err(Error::invalid(ProblemCode::EmptyList, "checks", "needs at least one entry"));
    }
    let mut seen = HashSet::new();
    for (index, check) in checks.iter().enumerate() {
        if !seen.insert(check.criterion) {
            let rule = format!("examines {} a second time", check.criterion);
            return Err(Error::invalid(ProblemCode::DuplicateEntry, &format!("checks[{index}]"), rule));
        }
        if check.result == CheckResult::Fail && check.note.is_none() {
            let rule = "is missing: say what was seen";
            return Err(Error::invalid(ProblemCode::MissingField, &format!("checks[{index}].note"), rule));
        }
    }
    Ok(())
}

/// A criterion left out counts as not examined, and is shown so (DOMAIN rule 10).
pub fn not_examined(checks: &[Check]) -> Vec<Criterion> {
    Criterion::ALL.iter().filter(|c| !checks.iter().any(|check| check.criterion == **c)).copied().collect()
}

/// Whether an inspection's checklist has everything that the product's class requires: passed, or not applicable.
pub fn is_complete(inspection: &Inspection, required: &[Criterion]) -> bool {
    required.iter().all(|criterion| {
        inspection.checks.iter().any(|check| check.criterion == *criterion && check.result != CheckResult::Fail)
            // part of a line may fail: the units that passed did so in every criterion
            || (inspection.units_failed > 0 && inspection.checks.iter().any(|check| check.criterion == *criterion))
    })
}

/// An inspection with how many of its passed units were released.
#[derive(Clone, Debug)]
pub struct Passed {
    /// The inspection.
    pub inspection: Inspection,
    /// Units of it that were released before.
    pub units_released: i64,
}

impl Passed {
    /// Units that passed and were not released.
    pub fn units_left(&self) -> i64 {
        self.inspection.units_passed.saturating_sub(self.units_released).max(0)
    }
}

/// Units received and units inspected: of a lot in one receipt, or of a lot in all of them.
#[derive(Clone, Copy, Debug)]
pub struct Inspected {
    /// Units received.
    pub received: i64,
    /// Units inspected, passed or failed.
    pub inspected: i64,
}

/// How many units of a receipt may still be inspected.
///
/// Units are inspected once: no more than the receipt brought. Units that came back into quarantine (a void, a transfer)
/// wait for inspection again, under any receipt of their lot: they are what waits beyond those never looked at.
pub fn units_waiting(of_receipt: Inspected, of_lot: Inspected, in_quarantine_not_passed: i64) -> i64 {
    let never = |counted: Inspected| (counted.received - counted.inspected).max(0);
    let came_back = (in_quarantine_not_passed - never(of_lot)).max(0);
    (never(of_receipt) + came_back).min(in_quarantine_not_passed).max(0)
}

/// DOMAIN rules 10 and 12: no more units are released than passed a complete checklist, and who releases is none of
/// those who inspected that lot of that receipt.
///
/// Answers which inspections the units are taken from, oldest first; it covers all units only when nothing refuses.
pub fn release<'a>(
    lot: &Lot,
    inspections: &'a [Passed],
    required: &[Criterion],
    releaser: &str,
    units: i64,
    findings: &mut Findings,
) -> Vec<(&'a Inspection, i64)> {
    let subject = || Subject::new(SubjectType::Lot, &lot.id);
    let mut wanted = units;
    let mut taken = Vec::new();
    for passed in inspections.iter().filter(|passed| is_complete(&passed.inspection, required)) {
        let take = passed.units_left().min(wanted);
        if take > 0 {
            wanted -= take;
            taken.push((&passed.inspection, take));
        }
    }
    for passed in inspections {
        findings.rests_on(Basis::Inspection {
            id: passed.inspection.id.to_string(),
            receipt_id: passed.inspection.receipt_id.to_string(),
            inspector: passed.inspection.inspector.clone(),
            units_passed: passed.inspection.units_passed,
            units_released: passed.units_released,
        });
    }
    let incomplete: i64 =
        inspections.iter().filter(|passed| !is_complete(&passed.inspection, required)).map(Passed::units_left).sum();
    if inspections.is_empty() || (wanted > 0 && incomplete > 0) {
        let missing = required.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let message = format!("Lot {} needs an inspection with a complete checklist: {missing}.", lot.lot);
        findings.refuse(ReasonCode::NotInspected, subject(), message);
    }
    if !inspections.is_empty() && wanted > incomplete {
        let passed = units - wanted + incomplete;
        let message =
            format!("Lot {} has {} passed and not yet released, not {units}.", lot.lot, number(passed, "unit"));
        findings.refuse(ReasonCode::UnitsNotPassed, subject(), message);
    }
    let receipts: HashSet<_> = taken.iter().map(|(inspection, _)| &inspection.receipt_id).collect();
    let own =
        inspections.iter().any(|p| receipts.contains(&p.inspection.receipt_id) && p.inspection.inspector == releaser);
    if own {
        let message = "Whoever inspected these units cannot release them: a second person must.";
        findings.refuse(ReasonCode::InspectorCannotRelease, Subject::new(SubjectType::Person, releaser), message);
    }
    taken
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Moment;
    use crate::ids::{Ids, InspectionId, LotId, OrganisationId, ProductId, ReceiptId};
    use crate::inspections::model::{Meaning, Signature};
    use crate::policies::model::CHECKLIST;
    use crate::values::Json;

    struct World {
        ids: Ids,
        now: Moment,
        organisation: OrganisationId,
        lot: Lot,
    }

    fn world() -> World {
        let (ids, now) = (Ids::system(), "2026-11-21T09:00:00Z".parse().unwrap());
        let organisation = OrganisationId::mint(&ids, now, 0);
        let lot = Lot {
            id: LotId::mint(&ids, now, 0),
            organisation_id: organisation.clone(),
            product_id: ProductId::mint(&ids, now, 0),
            lot: "HC24A".parse().unwrap(),
            expiry: "2027-06-30".parse().unwrap(),
            production_date: None,
            first_received_at: now,
        };
        World { ids, now, organisation, lot }
    }

    impl World {
        fn inspected(
            &self,
            receipt: &ReceiptId,
            inspector: &str,
            results: &[(Criterion, CheckResult)],
            passed: i64,
            failed: i64,
            released: i64,
        ) -> Passed {
            let checks: Vec<_> = results
                .iter()
                .map(|(criterion, result)| Check { criterion: *criterion, result: *result, note: None })
                .collect();
            let inspection = Inspection {
                id: InspectionId::mint(&self.ids, self.now, 0),
                organisation_id: self.organisation.clone(),
                receipt_id: receipt.clone(),
                lot_id: self.lot.id.clone(),
                not_examined: Json::new(not_examined(&checks)),
                checks: Json::new(checks),
                units_passed: passed,
                units_failed: failed,
                evidence: Json::new(Vec::new()),
                inspector: inspector.to_owned(),
                signature: Json::new(Signature {
                    signer: inspector.to_owned(),
                    meaning: Meaning::Inspected,
                    signed_at: self.now,
                }),
                occurred_at: self.now,
                recorded_at: self.now,
            };
            Passed { inspection, units_released: released }
        }

        fn codes(&self, inspections: &[Passed], releaser: &str, units: i64) -> (Vec<&'static str>, i64) {
            let mut findings = Findings::default();
            let taken = release(&self.lot, inspections, &CHECKLIST, releaser, units, &mut findings);
            let codes = findings.reasons.iter().map(|reason| reason.code.as_str()).collect();
            (codes, taken.iter().map(|(_, units)| units).sum())
        }
    }

    #[test]
    fn units_are_inspected_once_unless_they_came_back() {
        let of = |received, inspected| Inspected { received, inspected };
        for (receipt, lot, waiting_in_quarantine, expected) in [
            (of(10, 0), of(10, 0), 10, 10),  // nothing inspected yet
            (of(10, 10), of(10, 10), 0, 0),  // inspected and waiting for release: not twice
            (of(10, 4), of(10, 4), 6, 6),    // part of it
            (of(10, 0), of(25, 15), 10, 10), // another receipt of the lot was inspected
            (of(15, 15), of(25, 15), 10, 0), // and cannot be inspected for this one
            (of(10, 10), of(10, 10), 1, 1),  // all released, one voided: it came back
            (of(10, 10), of(10, 10), 11, 11),
        ] {
            assert_eq!(units_waiting(receipt, lot, waiting_in_quarantine), expected, "{receipt:?} {lot:?}");
        }
    }

    #[test]
    fn no_more_is_released_than_passed_and_never_by_the_inspector() {
        use CheckResult::{Fail, NotApplicable, Pass};
        let w = world();
        let (first, second) = (ReceiptId::mint(&w.ids, w.now, 1), ReceiptId::mint(&w.ids, w.now, 2));
        let all = [CHECKLIST.map(|c| (c, Pass))].concat();
        let with = |result| {
            let mut checks = all.clone();
            checks[2].1 = result;
            checks
        };
        let ann = |passed, failed, released| w.inspected(&first, "ann", &all, passed, failed, released);
        let rows: Vec<(Vec<Passed>, &str, i64, Vec<&str>, i64)> = vec![
            // DOMAIN rule 12: no more units than passed
            (vec![ann(10, 0, 0)], "bob", 10, vec![], 10),
            (vec![ann(10, 0, 4)], "bob", 6, vec![], 6),
            (vec![ann(10, 0, 4)], "bob", 7, vec!["units_not_passed"], 6),
            (vec![ann(8, 2, 0)], "bob", 9, vec!["units_not_passed"], 8),
            // four eyes, by lot and receipt: whoever inspected another receipt of the lot may release this one
            (vec![ann(10, 0, 0)], "ann", 10, vec!["inspector_cannot_release"], 10),
            (vec![ann(10, 0, 10), w.inspected(&second, "bob", &all, 5, 0, 0)], "ann", 5, vec![], 5),
            (
                vec![ann(10, 0, 0), w.inspected(&first, "bob", &all, 5, 0, 0)],
                "bob",
                10,
                vec!["inspector_cannot_release"],
                10,
            ),
            // rule 10: a release needs the checklist complete
            (vec![], "bob", 1, vec!["not_inspected"], 0),
            (vec![w.inspected(&first, "ann", &all[..2], 10, 0, 0)], "bob", 10, vec!["not_inspected"], 0),
            (vec![w.inspected(&first, "ann", &with(NotApplicable), 10, 0, 0)], "bob", 10, vec![], 10),
            (vec![w.inspected(&first, "ann", &with(Fail), 10, 0, 0)], "bob", 10, vec!["not_inspected"], 0),
            // rule 11: part of a line may fail, and the rest is released
            (vec![w.inspected(&first, "ann", &with(Fail), 8, 2, 0)], "bob", 8, vec![], 8),
            // both at once
            (vec![ann(10, 0, 0)], "ann", 11, vec!["units_not_passed", "inspector_cannot_release"], 10),
        ];
        for (index, (inspections, releaser, units, codes, taken)) in rows.into_iter().enumerate() {
            assert_eq!(w.codes(&inspections, releaser, units), (codes, taken), "row {index}");
        }
    }
}
