//! The same request, sent again because nobody saw the answer to the first.

use super::facts::Facts;
use super::model::{Administration, Clinical};
use super::store;
use super::wire::NewAdministration;
use crate::command::Command;
use crate::error::{Error, Result};
use crate::problem::ProblemCode;
use crate::sealing::Patient;

/// For how long the same request without a key looks like a repeat, in minutes.
const MINUTES: i64 = 1;

/// Refuses what its caller recorded already within the last minute, in the same words: a finger that pressed twice would take a second
/// unit out of the books. Whoever means it says so with an Idempotency-Key, which no other request has.
///
/// # Errors
/// `looks_like_a_repeat`.
pub fn refuse(cmd: &mut Command<'_>, new: &NewAdministration, facts: &Facts, patient: &Patient) -> Result<()> {
    let Some(lot) = facts.lot.as_ref().or(facts.elsewhere.as_ref()) else { return Ok(()) };
    let since = cmd.now.plus_minutes(-MINUTES);
    let period = (new.occurred_at.unwrap_or(since), facts.at);
    for earlier in store::given(cmd.db, cmd.organisation(), (&patient.id, &lot.id), period)? {
        if earlier.recorded_at < since || !cmd.caller.is(&earlier.recorded_by) || !is_alike(&earlier, new, facts) {
            continue;
        }
        let clinical = patient.open(&earlier.said.clinical)?;
        if says_the_same(&clinical, new) {
            let detail = format!(
                "You recorded the same at {} ({}). If this is another one, send it with an Idempotency-Key of its own.",
                earlier.recorded_at, earlier.id
            );
            return Err(Error::problem(ProblemCode::LooksLikeARepeat, detail));
        }
    }
    Ok(())
}

/// Whether the same units were given, by the same people, at the same place.
fn is_alike(earlier: &Administration, new: &NewAdministration, facts: &Facts) -> bool {
    earlier.serial == facts.serial
        && earlier.units == new.units.get()
        && earlier.site_id == new.site_id
        && facts.practitioner.as_ref().is_some_and(|practitioner| practitioner.id == earlier.practitioner_id)
        && earlier.prescriber_id == new.prescriber_id
        && earlier.container_id.as_ref() == facts.container.as_ref().map(|opened| &opened.container.id)
        && earlier.said.retrospective == new.retrospective.is_some()
}

/// Whether the same was done.
fn says_the_same(earlier: &Clinical, new: &NewAdministration) -> bool {
    earlier.treatment == new.treatment && earlier.encounter_ref == new.encounter_ref
}
