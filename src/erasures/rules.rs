//! When a patient may be erased.

use super::model::Facts;
use crate::clock::Moment;
use crate::decision::{Decision, Findings, ReasonCode, Subject, SubjectType};
use crate::identity::Identity;
use crate::values::{PatientRef, number};

/// Not while the record must be kept, a recall concerns the patient, or somebody must look into a treatment (API.md, "POST
/// patients/erasures"; GDPR article 17(3)(b) and (c): what the law or public health asks to be kept).
pub fn erase(facts: &Facts, now: Moment) -> Decision {
    let mut findings = Findings::default();
    let patient = || Subject::new(SubjectType::Patient, &facts.patient_id);
    if let Some(treated_at) = facts.treated_at
        && treated_at.plus_years(facts.retention_years) > now
    {
        let message = format!(
            "The patient was treated at {}; that is to be kept for {}.",
            treated_at.told(),
            number(facts.retention_years, "year")
        );
        findings.refuse(ReasonCode::RetentionNotOver, patient(), message);
    }
    for reference in &facts.recalls {
        let message = format!("Recall {reference} is open, and concerns what the patient was given.");
        findings.refuse(ReasonCode::PatientRecalled, Subject::new(SubjectType::Recall, reference), message);
    }
    if facts.deviations > 0 {
        let message = format!("{} of the patient's treatments to close first.", number(facts.deviations, "deviation"));
        findings.refuse(ReasonCode::TreatmentUnsettled, patient(), message);
    }
    Decision::from(findings, now)
}

/// Whether somebody may do it all the same who says why: what is to be kept and who is to be told is for the organisation to weigh,
/// but what came of a deviation could not be written down.
pub fn can_be_overridden(decision: &Decision) -> bool {
    let is_weighed = |code: ReasonCode| matches!(code, ReasonCode::RetentionNotOver | ReasonCode::PatientRecalled);
    decision.reasons.iter().all(|reason| is_weighed(reason.code))
}

/// Whether a text names a patient: it would stay readable when they are gone.
pub fn names(text: &str, patient: &PatientRef) -> bool {
    let (text, name) = (Identity::of(text), Identity::of(patient.as_str()));
    let (text, name) = (text.as_str(), name.as_str());
    let is_outside = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
    text.match_indices(name).any(|(at, found)| {
        let (before, after) = (text.get(..at), text.get(at.saturating_add(found.len())..));
        is_outside(before.and_then(|text| text.chars().next_back()))
            && is_outside(after.and_then(|text| text.chars().next()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> Facts {
        Facts {
            patient_id: "pat_019f0000-0000-7000-8000-000000000001".parse().unwrap(),
            treated_at: Some("2016-11-29T12:00:00Z".parse().unwrap()),
            retention_years: 10,
            recalls: Vec::new(),
            deviations: 0,
        }
    }

    #[test]
    fn what_must_be_kept_is_kept_and_what_is_open_is_closed_first() {
        use ReasonCode::{PatientRecalled, RetentionNotOver, TreatmentUnsettled};
        let cases: [(&str, &dyn Fn(&mut Facts), &[ReasonCode], bool); 6] = [
            ("2026-11-29T12:00:00Z", &|_| {}, &[], true),
            ("2026-11-29T11:59:59Z", &|_| {}, &[RetentionNotOver], true),
            ("2026-11-29T12:00:00Z", &|facts| facts.treated_at = None, &[], true),
            ("2027-01-01T00:00:00Z", &|facts| facts.recalls.push("R1".parse().unwrap()), &[PatientRecalled], true),
            ("2027-01-01T00:00:00Z", &|facts| facts.deviations = 1, &[TreatmentUnsettled], false),
            ("2020-01-01T00:00:00Z", &|facts| facts.deviations = 2, &[RetentionNotOver, TreatmentUnsettled], false),
        ];
        for (now, change, codes, overridable) in cases {
            let mut facts = facts();
            change(&mut facts);
            let decision = erase(&facts, now.parse().unwrap());
            let found: Vec<_> = decision.reasons.iter().map(|reason| reason.code).collect();
            assert_eq!((found.as_slice(), can_be_overridden(&decision)), (codes, overridable), "{now}");
        }
    }

    #[test]
    fn a_reason_that_names_the_patient_is_seen() {
        let patient = "P-1001".parse().unwrap();
        for text in ["P-1001", "asked by p-1001.", "(P-1001)", "by Ｐ-1001 herself"] {
            assert!(names(text, &patient), "{text}");
        }
        for text in ["P-10012", "XP-1001", "asked by the patient", ""] {
            assert!(!names(text, &patient), "{text}");
        }
    }
}
