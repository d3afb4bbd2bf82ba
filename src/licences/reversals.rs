//! Ways back: a mis-keyed licence or check is reversed, and what a lost licence has touched is acknowledged.

use super::events::Deed;
use super::model::{LicenceAcknowledgement, LicenceReversal};
use super::resting::{self, Part, Record};
use super::wire::{NewAcknowledgement, NewReversal};
use super::{people, service, store};
use crate::command::{About, Command};
use crate::db::violates_unique;
use crate::error::{Error, Result};
use crate::ids::{LicenceAcknowledgementId, LicenceCheckId, LicenceId, LicenceReversalId};
use crate::problem::{Problem, ProblemCode};

/// Reverses a mis-keyed licence with all its checks, or one of its checks, on which nothing rests.
///
/// # Errors
/// `not_found`, `beyond_your_sites`, `self_approved_check`, `circular_check`, `already_reversed`, `others_rest_on_it`.
pub fn reverse(
    cmd: &mut Command<'_>,
    id: &LicenceId,
    check: Option<&LicenceCheckId>,
    new: &NewReversal,
) -> Result<LicenceReversal> {
    let organisation = cmd.organisation();
    let licence = service::expect_own(cmd, id)?;
    people::expect_independent(cmd, &licence)?;
    let record = Record::of(cmd.db, organisation, &licence.id)?;
    if let Some(check) = check
        && !record.checks.iter().any(|known| known.id == *check)
    {
        return Err(Error::not_found("check of the licence"));
    }
    resting::refuse_reversed(&record, None)?;
    resting::refuse_reversed(&record, check)?;
    let dependents = resting::dependents(cmd.db, organisation, &licence.id, check)?;
    if !dependents.is_empty() {
        let what = if check.is_some() { "The check" } else { "The licence" };
        return Err(Error::Problem(Problem::rests_on(what, dependents)));
    }
    let reversal = LicenceReversal {
        id: cmd.mint(LicenceReversalId::mint),
        organisation_id: organisation.clone(),
        licence_id: licence.id.clone(),
        check_id: check.cloned(),
        reason: new.reason.clone(),
        reversed_by: cmd.caller.subject.clone(),
        reversed_at: cmd.now,
    };
    let mut subjects = vec![licence.id.to_string(), licence.holder_id];
    subjects.extend(check.map(ToString::to_string));
    let deed = if check.is_some() { Deed::LicenceCheckReversed } else { Deed::LicenceReversed };
    let about = About { occurred_at: cmd.now, site_id: None, subjects };
    cmd.record(about, deed(reversal.clone())).map_err(|error| match error {
        // Somebody else reversed it at this moment: start again, and say so.
        Error::Database(e) if violates_unique(&e) => Error::Race,
        other => other,
    })?;
    Ok(reversal)
}

/// Says that somebody has seen what a licence has touched until now: it leaves the morning list.
///
/// # Errors
/// `not_found`, `nothing_to_acknowledge`, `beyond_your_sites` when part of it is at sites that the caller does not see.
pub fn acknowledge(cmd: &mut Command<'_>, id: &LicenceId, new: &NewAcknowledgement) -> Result<LicenceAcknowledgement> {
    let organisation = cmd.organisation();
    let licence = store::licence(cmd.db, cmd.caller, id)?.ok_or_else(|| Error::not_found("licence"))?;
    let record = Record::of(cmd.db, organisation, &licence.id)?;
    let new_only = Part { is_new: true, ..Part::default() };
    if resting::touched(cmd.db, organisation, &licence.id, &record, new_only)?.is_empty() {
        let detail = "The licence has touched nothing that was not acknowledged.";
        return Err(Error::problem(ProblemCode::NothingToAcknowledge, detail));
    }
    if let Some(sites) = &cmd.caller.sites {
        let unseen = Part { beyond: Some(sites), ..new_only };
        if !resting::touched(cmd.db, organisation, &licence.id, &record, unseen)?.is_empty() {
            let detail = "Part of what the licence has touched is at sites that your token is not for.";
            return Err(Error::problem(ProblemCode::BeyondYourSites, detail));
        }
    }
    let acknowledgement = LicenceAcknowledgement {
        id: cmd.mint(LicenceAcknowledgementId::mint),
        organisation_id: organisation.clone(),
        licence_id: licence.id.clone(),
        note: new.note.clone(),
        acknowledged_by: cmd.caller.subject.clone(),
        acknowledged_at: cmd.now,
    };
    let subjects = vec![licence.id.to_string(), licence.holder_id];
    let about = About { occurred_at: cmd.now, site_id: None, subjects };
    cmd.record(about, Deed::LicenceAcknowledged(acknowledgement.clone()))?;
    Ok(acknowledgement)
}
