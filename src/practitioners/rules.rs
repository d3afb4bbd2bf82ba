//! What the subject of a practitioner's token may be, and who records what they do.

use super::model::Practitioner;
use crate::decision::{Basis, Findings, ReasonCode, Subject, SubjectType};
use crate::error::{Error, Result};
use crate::identity;
use crate::policies::model::{Current, RecordingForOthers};
use crate::problem::Problem;
use crate::values::Name;

/// Nobody goes by a name that can be taken for another person's (UTS 39): tokens with such a subject are refused, too.
///
/// # Errors
/// `mixed_scripts`, `invalid_name`.
pub fn subject_is_well_formed(subject: Option<&Name>) -> Result<()> {
    let checked = subject.map_or(Ok(()), |subject| identity::well_formed(subject.as_str()));
    checked.map_err(|invalid| Error::Problem(Problem::from(invalid).at("subject")))
}

/// Where the organisation says so, practitioners record what they did themselves, and nobody does for them.
pub fn recorded_by_themselves(
    practitioner: &Practitioner,
    is_for_another: bool,
    policy: &Current,
    findings: &mut Findings,
) {
    if is_for_another && policy.recording_for_others() == RecordingForOthers::Refuse {
        findings.rests_on(Basis::Policy { version: policy.version });
        let message = format!("{} must record this, with their own token.", practitioner.name);
        let subject = Subject::new(SubjectType::Practitioner, &practitioner.id);
        findings.refuse(ReasonCode::RecordedForAnother, subject, message);
    }
}
