//! The way back of an inspection: what passed or failed in it is quarantined again (DOMAIN rule 23).

use super::events::Deed;
use super::model::{Inspection, InspectionReversal};
use super::wire::NewInspectionReversal;
use super::{service, store};
use crate::command::{About, Command};
use crate::error::{Error, Result};
use crate::ids::{AccountId, InspectionId, InspectionReversalId};
use crate::problem::{Dependent, ProblemCode};
use crate::stock::books::{self, Books};
use crate::stock::model::{Account, Disposition, Posting};
use crate::stock::resting::{self, Source};

/// Reverses an inspection, unless units that passed or failed in it have moved on. They can be inspected again.
///
/// # Errors
/// `not_found`, `already_reversed`, `beyond_your_sites` where part of its units is at sites that the caller does not see,
/// `others_rest_on_it` with what has moved them on.
pub fn reverse(
    cmd: &mut Command<'_>,
    id: &InspectionId,
    new: &NewInspectionReversal,
) -> Result<(Inspection, InspectionReversal)> {
    let organisation = cmd.organisation();
    let inspection = service::find(cmd.db, cmd.caller, id)?.ok_or_else(|| Error::not_found("inspection"))?;
    crate::stock::service::lock(cmd, std::slice::from_ref(&inspection.lot_id))?;
    if let Some(earlier) = store::reversals(cmd.db, organisation, &[&inspection.id])?.first() {
        let InspectionReversal { reversed_at, reversed_by, reason, .. } = earlier;
        let at = reversed_at.told();
        let detail = format!("The inspection was reversed at {at} by {reversed_by}: {reason}");
        return Err(Error::problem(ProblemCode::AlreadyReversed, detail));
    }
    let books = books::at(cmd.db, organisation, &inspection.lot_id, None)?;
    let (passed, mut dependents) = passed(cmd, &inspection, &books)?;
    let rejected = rejected(cmd, &inspection, &books, &mut dependents)?;
    if !dependents.is_empty() {
        return Err(resting::rests_on(cmd.db, cmd.caller, "The inspection", dependents)?);
    }
    let postings = [passed, rejected].concat();
    stay(cmd, &postings)?;
    let reversal = InspectionReversal {
        id: cmd.mint(InspectionReversalId::mint),
        organisation_id: organisation.clone(),
        inspection_id: inspection.id.clone(),
        units: postings.iter().map(|posting| posting.units).sum(),
        reason: new.reason.clone(),
        reversed_by: cmd.caller.subject.clone(),
        reversed_at: cmd.now,
    };
    let mut subjects = vec![reversal.id.to_string(), inspection.id.to_string(), inspection.lot_id.to_string()];
    subjects.extend(inspection.receipt_id.iter().map(ToString::to_string));
    subjects.extend(inspection.location_id.iter().map(ToString::to_string));
    let about = About { occurred_at: cmd.now, site_id: inspection.site_id.clone(), subjects };
    let deed = Deed::InspectionReversed { reversal: reversal.clone(), postings };
    cmd.record_once(about, deed)?;
    Ok((inspection, reversal))
}

/// The units that have the pass of the inspection, wherever they are, and what took others of them away.
fn passed(cmd: &mut Command<'_>, inspection: &Inspection, books: &Books) -> Result<(Vec<Posting>, Vec<Dependent>)> {
    let own = books.accounts.iter().filter(|account| account.inspection_id.as_ref() == Some(&inspection.id));
    let accounts: Vec<AccountId> = own.clone().map(|account| account.id.clone()).collect();
    if accounts.is_empty() {
        return Ok((Vec::new(), Vec::new()));
    }
    let source = Source {
        lot: &inspection.lot_id,
        accounts: &accounts,
        pack: None,
        since: inspection.occurred_at,
        not_by: &[],
        undone_too: false,
    };
    let dependents = resting::moved_on(cmd.db, cmd.organisation(), &source)?;
    let mut postings = Vec::new();
    for account in own.filter(|account| account.units > 0) {
        let to = account.account().turned(Disposition::Quarantined);
        postings.extend(crate::stock::service::draw_all(cmd.db, account, &to)?);
    }
    Ok((postings, dependents))
}

/// The units that the inspection rejected. Those without numbers lie with others that were rejected there: if any of them
/// have gone, nobody knows whose they were.
fn rejected(
    cmd: &mut Command<'_>,
    inspection: &Inspection,
    books: &Books,
    dependents: &mut Vec<Dependent>,
) -> Result<Vec<Posting>> {
    let organisation = cmd.organisation();
    let Some(posted) = resting::rejected_by(cmd.db, organisation, &inspection.id)? else { return Ok(Vec::new()) };
    let mut turned = Vec::with_capacity(posted.postings.len());
    for posting in posted.postings.into_iter().filter(|posting| posting.at.is_none()) {
        let id = posting.to.id(&inspection.lot_id);
        let pack = posting.pack_id.as_ref();
        let mut source = Source {
            lot: &inspection.lot_id,
            accounts: std::slice::from_ref(&id),
            pack: Some(pack),
            since: inspection.occurred_at,
            not_by: &posted.ids,
            undone_too: false,
        };
        let mut gone = resting::moved_on(cmd.db, organisation, &source)?;
        let there = books.accounts.iter().find(|account| account.id == id).map_or(0, |account| account.units);
        if gone.is_empty() && there < posting.units {
            source.undone_too = true;
            gone = resting::moved_on(cmd.db, organisation, &source)?;
        }
        gone.retain(|dependent| !dependents.contains(dependent));
        dependents.extend(gone);
        let to = posting.to.turned(Disposition::Quarantined);
        turned.push(Posting { from: posting.to, to, ..posting });
    }
    Ok(turned)
}

/// The places where units stay are in use, and seen by the caller.
fn stay(cmd: &mut Command<'_>, postings: &[Posting]) -> Result<()> {
    let of = |account: &Account| account.place.as_ref().map(|place| place.location_id.clone());
    let mut places: Vec<_> = postings.iter().filter_map(|posting| of(&posting.to)).collect();
    places.sort();
    places.dedup();
    for id in places {
        let location = crate::sites::service::location(cmd.db, cmd.organisation(), &id)?
            .ok_or_else(|| Error::internal("an account without its location"))?;
        if !cmd.caller.sees(&location.site_id) {
            let detail = "Part of the units is at a site that your token is not for.";
            return Err(Error::problem(ProblemCode::BeyondYourSites, detail));
        }
    }
    Ok(())
}
