//! Reviewing what is due after a treatment, and giving it up.

use super::events::Deed;
use super::model::{Ending, FollowUp, FollowedUp, Rested, Said, Visit};
use super::planning::ending;
use super::recording::Recorded;
use super::service::about;
use super::wire::{FollowUpClosing, FollowUpView, NewFollowUpReview};
use super::{recording, rules, store};
use crate::caller::Caller;
use crate::command::Command;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::ids::FollowUpId;
use crate::problem::ProblemCode;
use crate::protocols::model::Content;

/// What is due, locked, with its visit.
fn expect_due(cmd: &mut Command<'_>, id: &FollowUpId) -> Result<(FollowUp, Visit)> {
    cmd.lock(|db, organisation| store::lock_follow_up(db, organisation, id))?;
    let found = find(cmd.db, cmd.caller, id)?;
    let (found, visit) = found.ok_or_else(|| Error::not_found("follow-up"))?;
    match found.ended_at {
        None => Ok((found, visit)),
        Some(at) => {
            let detail = format!("This follow-up ended at {}.", at.told());
            Err(Error::problem(ProblemCode::FollowUpEnded, detail))
        }
    }
}

/// What is due, with its visit, if the caller sees its site.
///
/// # Errors
/// What the database answers.
pub fn find(db: &mut Db, caller: &Caller, id: &FollowUpId) -> Result<Option<(FollowUp, Visit)>> {
    Ok(store::follow_up(db, &caller.organisation_id, id)?.filter(|(found, _)| caller.sees(&found.site_id)))
}

/// Records what was seen, as an entry of the visit after which it was due; signed or not, for it does not change what was signed.
///
/// # Errors
/// `not_found`, `follow_up_ended`, `nothing_to_review`, `visit_full`, `patient_erased`, `occurred_in_future`, `occurred_too_long_ago`;
/// what [`rules::followed_up`] refuses.
pub fn review(cmd: &mut Command<'_>, id: &FollowUpId, new: &NewFollowUpReview) -> Result<Recorded> {
    let (due, visit) = expect_due(cmd, id)?;
    let Some(check) = due.check_code.clone() else {
        let detail = "It is usual to treat the patient again: there is nothing to review. Treat them, or close it.";
        return Err(Error::problem(ProblemCode::NothingToReview, detail));
    };
    let protocol = crate::protocols::service::find(cmd.db, cmd.organisation(), &due.protocol_id)?;
    let protocol = protocol.ok_or_else(|| Error::internal("a follow-up without its protocol"))?;
    let Content::FollowUp(asked) = &*protocol.content else { return Err(Error::internal("no checks")) };
    rules::followed_up(asked, &new.symptoms, new.outcome.as_ref())?;
    let said = FollowedUp {
        protocol: Rested::on(&protocol),
        check,
        symptoms: new.symptoms.clone(),
        outcome: new.outcome.clone(),
        note: new.note.clone(),
    };
    let (entry, said) = recording::follow_up(cmd, &visit, new.occurred_at, Said::FollowUp(said), &protocol)?;
    let ending = Ending { entry_id: Some(entry.id.clone()), ..ending(cmd, due.id) };
    cmd.record(about(&visit, cmd.now), Deed::FollowUpEnded(ending))?;
    Ok((entry, said))
}

/// Gives up what was due: the patient does not come, or does not want it.
///
/// # Errors
/// `not_found`, `follow_up_ended`.
pub fn close(cmd: &mut Command<'_>, id: &FollowUpId, new: &FollowUpClosing) -> Result<FollowUpView> {
    let (due, visit) = expect_due(cmd, id)?;
    // Of whoever was erased nothing is said any more; what was due all the same ends.
    cmd.concerns(&visit.patient_id)?;
    let patient = cmd.concerned().cloned();
    let reason = patient.as_ref().map(|patient| patient.seal(due.id.as_str(), &new.reason)).transpose()?;
    let ending = Ending { reason, ..ending(cmd, due.id.clone()) };
    cmd.record(about(&visit, cmd.now), Deed::FollowUpEnded(ending.clone()))?;
    let ended = FollowUp { ended_by: Some(ending.by), ended_at: Some(ending.at), end_reason: ending.reason, ..due };
    FollowUpView::of(ended, patient.as_ref(), &visit)
}
