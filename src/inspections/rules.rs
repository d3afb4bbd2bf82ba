//! What may be released, and by whom.

use std::collections::HashSet;

use super::model::{Check, CheckResult, Criterion, Inspection};
use crate::decision::{Basis, Findings, ReasonCode, Subject, SubjectType};
use crate::error::{Error, Result};
use crate::problem::ProblemCode;
use crate::stock::model::Lot;
use crate::values::number;

/// A checklist examines each criterion at most once, and says what was seen where it failed.
///
/// What failed must have failed in some unit: a failed criterion with no failed unit contradicts itself. So does one that applies to
/// every pack and is said not to apply, and a checklist of which nothing applies: nobody has looked at anything then.
///
/// # Errors
/// `empty_list`, `duplicate_entry`, `missing_field`, `contradictory_inspection`.
pub fn well_formed(checks: &[Check], units_failed: i64) -> Result<()> {
    if checks.is_empty() {
        return Err(Error::invalid(ProblemCode::EmptyList, "checks", "needs at least one entry"));
    }
    if checks.iter().all(|check| check.result == CheckResult::NotApplicable) {
        let rule = "says of everything that it does not apply: nothing was looked at";
        return Err(Error::invalid(ProblemCode::ContradictoryInspection, "checks", rule));
    }
    let mut seen = HashSet::new();
    for (index, check) in checks.iter().enumerate() {
        if check.result == CheckResult::NotApplicable && check.criterion.always_applies() {
            let rule = format!("says that {} does not apply: it does to every pack", check.criterion);
            let field = format!("checks[{index}].result");
            return Err(Error::invalid(ProblemCode::ContradictoryInspection, &field, rule));
        }
        if !seen.insert(check.criterion) {
            let rule = format!("examines {} a second time", check.criterion);
            return Err(Error::invalid(ProblemCode::DuplicateEntry, &format!("checks[{index}]"), rule));
        }
        if check.result == CheckResult::Fail && check.note.is_none() {
            let rule = "is missing: say what was seen";
            return Err(Error::invalid(ProblemCode::MissingField, &format!("checks[{index}].note"), rule));
        }
        if check.result == CheckResult::Fail && units_failed == 0 {
            let rule = format!("says that {} failed, and units_failed says that no unit did", check.criterion);
            let field = format!("checks[{index}].result");
            return Err(Error::invalid(ProblemCode::ContradictoryInspection, &field, rule));
        }
    }
    Ok(())
}

/// A criterion left out counts as not examined, and is shown so (DOMAIN rule 10).
pub fn not_examined(checks: &[Check]) -> Vec<Criterion> {
    Criterion::ALL.iter().filter(|c| !checks.iter().any(|check| check.criterion == **c)).copied().collect()
}

/// What of a required checklist an inspection lacks: a criterion that was not examined, or that failed and not only for
/// units that were set apart as failed.
pub fn lacking(inspection: &Inspection, required: &[Criterion]) -> Vec<Criterion> {
    let examined = |criterion: &Criterion| inspection.checks.iter().find(|check| check.criterion == *criterion);
    let holds = |criterion: &Criterion| {
        examined(criterion).is_some_and(|check| check.result != CheckResult::Fail || inspection.units_failed > 0)
    };
    required.iter().filter(|criterion| !holds(criterion)).copied().collect()
}

/// The units that are asked for in a release, by what they have: those without a pass, those of packs that are named
/// or, where none is, all that lie there.
#[derive(Clone, Debug)]
pub struct Asked<'a> {
    /// The lot.
    pub lot: &'a Lot,
    /// How many units.
    pub units: i64,
    /// Units there that passed.
    pub passed: i64,
    /// Units there that wait for an inspection.
    pub waiting: i64,
}

/// DOMAIN rules 10 and 12: only what passed an inspection is released.
pub fn passed(asked: &Asked<'_>, findings: &mut Findings) {
    let subject = || Subject::new(SubjectType::Lot, &asked.lot.id);
    if asked.passed < asked.units && asked.passed + asked.waiting > 0 {
        if asked.passed == 0 {
            let message = format!(
                "Of lot {} nothing there has passed an inspection: {} waiting.",
                asked.lot.lot,
                number(asked.waiting, "unit")
            );
            findings.refuse(ReasonCode::NotInspected, subject(), message);
        } else {
            let passed = number(asked.passed, "unit");
            let message = format!("Lot {} has {passed} there that passed, not {}.", asked.lot.lot, asked.units);
            findings.refuse(ReasonCode::UnitsNotPassed, subject(), message);
        }
    }
}

/// DOMAIN rules 10 and 12: the inspections that the units passed are complete by the checklist of now, and none of those who
/// looked at these units releases them. `others` looked at them too, and passed nothing.
pub fn releasable<'a>(
    lot: &Lot,
    inspections: &[&'a Inspection],
    others: impl IntoIterator<Item = &'a Inspection>,
    required: &[Criterion],
    releaser: &str,
    findings: &mut Findings,
) {
    let mut missing = Vec::new();
    for inspection in inspections {
        findings.rests_on(Basis::Inspection {
            id: inspection.id.to_string(),
            receipt_id: inspection.receipt_id.as_ref().map(ToString::to_string),
            inspector: inspection.inspector.clone(),
            units_passed: inspection.units_passed,
            units_released: None,
        });
        missing.extend(lacking(inspection, required));
    }
    if !missing.is_empty() {
        missing.sort();
        missing.dedup();
        let names = missing.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let message = format!(
            "The checklist of lot {} asks for more than was examined: {names}. Inspect these units again.",
            lot.lot
        );
        findings.refuse(ReasonCode::NotInspected, Subject::new(SubjectType::Lot, &lot.id), message);
    }
    let looked = |inspection: &Inspection| crate::identity::same(&inspection.inspector, releaser);
    if inspections.iter().any(|inspection| looked(inspection)) || others.into_iter().any(looked) {
        let message = "Whoever inspected these units cannot release them: a second person must.";
        findings.refuse(ReasonCode::InspectorCannotRelease, Subject::new(SubjectType::Person, releaser), message);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Moment;
    use crate::ids::{Ids, InspectionId, LotId, OrganisationId, ProductId};
    use crate::inspections::model::{Meaning, Signature};
    use crate::policies::model::CHECKLIST;
    use crate::values::Json;
    use CheckResult::{Fail, NotApplicable, Pass};

    fn lot() -> Lot {
        let (ids, now): (Ids, Moment) = (Ids::system(), "2026-11-21T09:00:00Z".parse().unwrap());
        Lot {
            id: LotId::mint(&ids, now, 0),
            organisation_id: OrganisationId::mint(&ids, now, 0),
            product_id: ProductId::mint(&ids, now, 0),
            lot: "HC24A".parse().unwrap(),
            expiry: "2027-06-30".parse().unwrap(),
            production_date: None,
            first_received_at: now,
        }
    }

    fn inspected(
        lot: &Lot,
        inspector: &str,
        results: &[(Criterion, CheckResult)],
        passed: i64,
        failed: i64,
    ) -> Inspection {
        let (ids, now) = (Ids::system(), lot.first_received_at);
        let checks: Vec<_> = results
            .iter()
            .map(|(criterion, result)| Check { criterion: *criterion, result: *result, note: None })
            .collect();
        let signature = Signature { signer: inspector.to_owned(), meaning: Meaning::Inspected, signed_at: now };
        Inspection {
            id: InspectionId::mint(&ids, now, 0),
            organisation_id: lot.organisation_id.clone(),
            receipt_id: None,
            lot_id: lot.id.clone(),
            not_examined: Json::new(not_examined(&checks)),
            checks: Json::new(checks),
            units_passed: passed,
            units_failed: failed,
            evidence: Json::default(),
            inspector: inspector.to_owned(),
            signature: Json::new(signature),
            occurred_at: now,
            recorded_at: now,
            site_id: None,
            location_id: None,
            serials_passed: Json::default(),
            serials_failed: Json::default(),
            lacks: Json::default(),
        }
    }

    fn third(result: CheckResult) -> Vec<(Criterion, CheckResult)> {
        let mut checks = CHECKLIST.map(|criterion| (criterion, Pass)).to_vec();
        checks[2].1 = result;
        checks
    }

    fn codes(findings: &Findings) -> Vec<&'static str> {
        findings.reasons.iter().map(|reason| reason.code.as_str()).collect()
    }

    #[test]
    fn an_inspection_that_contradicts_itself_is_refused() {
        let check = |result| Check { criterion: Criterion::LabelLegible, result, note: Some("torn".parse().unwrap()) };
        // DOMAIN rule 11: what failed is so many units
        for (result, failed, expected) in [(Pass, 0, true), (Pass, 1, true), (Fail, 1, true), (Fail, 0, false)] {
            assert_eq!(well_formed(&[check(result)], failed).is_ok(), expected, "{result} {failed}");
        }
    }

    #[test]
    fn what_applies_to_every_pack_applies() {
        // DOMAIN rule 10: what need not be there (a carton, an indicator) may not apply; every pack has a label, with a lot and an
        // expiry on it, and there are so many of them.
        let applies = [Criterion::LabelLegible, Criterion::LotAndExpiryMatch, Criterion::UnitCountCorrect];
        let check = |criterion, result| Check { criterion, result, note: None };
        for criterion in Criterion::ALL {
            let other = if *criterion == Criterion::LabelLegible {
                Criterion::UnitCountCorrect
            } else {
                Criterion::LabelLegible
            };
            let checks = [check(other, Pass), check(*criterion, NotApplicable)];
            assert_eq!(well_formed(&checks, 0).is_ok(), !applies.contains(criterion), "{criterion}");
            assert!(well_formed(&checks[1..], 0).is_err(), "{criterion}");
        }
    }

    #[test]
    fn what_passed_is_released_and_never_by_those_who_looked() {
        let lot = lot();
        let by = |who, result| inspected(&lot, who, &third(result), 10, 0);
        let part = inspected(&lot, "ann", &third(Fail), 8, 2);
        let short = inspected(&lot, "ann", &third(Pass)[..2], 10, 0);
        let rows: Vec<(Vec<&Inspection>, Vec<&Inspection>, &str, Vec<&str>)> = vec![
            // DOMAIN rule 12: four eyes, for exactly these units
            (vec![], vec![], "bob", vec![]),
            (vec![&part], vec![], "bob", vec![]),
            (vec![&part], vec![], "ann", vec!["inspector_cannot_release"]),
            (vec![&part], vec![&short], "bob", vec![]),
            // rule 10: a criterion that does not apply is examined, one that failed or was left out is not
            (vec![&short], vec![], "bob", vec!["not_inspected"]),
            (vec![&short], vec![], "ann", vec!["not_inspected", "inspector_cannot_release"]),
        ];
        for (index, (inspections, others, releaser, expected)) in rows.into_iter().enumerate() {
            let mut findings = Findings::default();
            releasable(&lot, &inspections, others, &CHECKLIST, releaser, &mut findings);
            assert_eq!(codes(&findings), expected, "row {index}");
        }
        let carton =
            inspected(&lot, "ann", &[(CHECKLIST[0], NotApplicable), (CHECKLIST[1], Pass), (CHECKLIST[2], Pass)], 10, 0);
        assert_eq!(lacking(&carton, &CHECKLIST), []);
        assert_eq!(lacking(&by("ann", Fail), &CHECKLIST), [CHECKLIST[2]]);
    }

    #[test]
    fn no_more_is_released_than_passed() {
        let lot = lot();
        // DOMAIN rule 12
        for (units, passed, waiting, expected) in [
            (4, 4, 0, None),
            (4, 3, 1, Some("units_not_passed")),
            (4, 3, 0, Some("units_not_passed")),
            (4, 0, 9, Some("not_inspected")),
            // what is not there at all is said by the ledger
            (4, 0, 0, None),
        ] {
            let mut findings = Findings::default();
            super::passed(&Asked { lot: &lot, units, passed, waiting }, &mut findings);
            assert_eq!(codes(&findings), expected.into_iter().collect::<Vec<_>>(), "{units} {passed} {waiting}");
        }
    }
}
