//! The campaign: sites acknowledge, patients are told, units are accounted for.

use super::covered::{self, Covered};
use super::events::Deed;
use super::model::{Acknowledgement, Closing, Contact, Outstanding, Recall, Remaining};
use super::standing::{Standing, WAITING_MAX, at_least, standing};
use super::wire::{
    CampaignView, ContactView, NewClosing, NewContact, NewRecallAcknowledgement, OpenRecall, RecallView,
};
use super::{finding, store};
use crate::command::{About, Command};
use crate::db::Db;
use crate::error::{Error, Result};
use crate::ids::{OrganisationId, RecallContactId, RecallId};
use crate::problem::ProblemCode;
use crate::values::{Prose, number};

/// The open recalls with what is outstanding of them, the oldest first.
///
/// # Errors
/// What the database answers.
pub fn waiting(db: &mut Db, organisation: &OrganisationId) -> Result<Vec<OpenRecall>> {
    let mut found = Vec::new();
    for recall in store::list(db, organisation, Some(true), "", WAITING_MAX)? {
        let (outstanding, more) = at_least(db, organisation, &recall)?;
        found.push(OpenRecall::of(recall, outstanding, more));
    }
    Ok(found)
}

/// Records that a site has seen a recall and looked for what it names. Whoever says so again is answered the same.
///
/// # Errors
/// `not_found`, `recall_closed`; `reference_unknown` for the site.
pub fn acknowledge(cmd: &mut Command<'_>, id: &RecallId, new: &NewRecallAcknowledgement) -> Result<CampaignView> {
    let organisation = cmd.organisation();
    let recall = finding::expect_open(cmd, id)?;
    let site = crate::sites::service::expect_site(cmd.db, cmd.caller, &new.site_id)?;
    let earlier = store::acknowledgements(cmd.db, organisation, id)?;
    if !earlier.iter().any(|row| row.site_id == site.id) {
        let acknowledgement = Acknowledgement {
            recall_id: recall.id.clone(),
            site_id: site.id.clone(),
            organisation_id: organisation.clone(),
            acknowledged_by: cmd.caller.subject.clone(),
            acknowledged_at: cmd.now,
        };
        let mut subjects = vec![recall.id.to_string(), site.id.to_string()];
        subjects.extend(Covered::of(cmd.db, organisation, &recall)?.0.keys().map(ToString::to_string));
        let about = About { occurred_at: cmd.now, site_id: Some(site.id), subjects };
        let deed = Deed::RecallAcknowledged { acknowledgement, reference: recall.reference.clone() };
        cmd.record_once(about, deed)?;
    }
    campaign(cmd, &recall)
}

fn campaign(cmd: &mut Command<'_>, recall: &Recall) -> Result<CampaignView> {
    let covered = Covered::of(cmd.db, cmd.organisation(), recall)?;
    let standing = standing(cmd.db, cmd.organisation(), recall, &covered)?;
    Ok(CampaignView::of(standing, cmd.caller))
}

/// Records what came of telling a patient of a recall: by the administration, for who they are is nobody else's business.
///
/// # Errors
/// `not_found`, `recall_closed`; `reference_unknown` for an administration that it does not concern;
/// `occurred_in_future`, `occurred_too_long_ago`.
pub fn contact(cmd: &mut Command<'_>, id: &RecallId, new: &NewContact) -> Result<ContactView> {
    let organisation = cmd.organisation();
    let recall = finding::expect_open(cmd, id)?;
    let contacted_at = cmd.occurred_at(new.occurred_at)?;
    let unknown = || {
        let rule = "names no administration that stands: none is of that id, or it was voided";
        Error::invalid(ProblemCode::ReferenceUnknown, "administration_id", rule)
    };
    let found = store::administered(cmd.db, organisation, &new.administration_id)?;
    let (lot, serial, site) = found.filter(|(_, _, site)| cmd.caller.sees(site)).ok_or_else(unknown)?;
    let covered = Covered::of(cmd.db, organisation, &recall)?;
    let is_concerned = match covered.0.get(&lot) {
        Some(None) => true,
        Some(Some(packs)) => {
            let serials = covered::serials(cmd.db, organisation, packs)?;
            serial.is_some_and(|serial| serials.contains(&serial))
        }
        None => false,
    };
    if !is_concerned {
        let rule = "is of units that this recall does not cover";
        return Err(Error::invalid(ProblemCode::ReferenceUnknown, "administration_id", rule));
    }
    let contact = Contact {
        id: cmd.mint(RecallContactId::mint),
        organisation_id: organisation.clone(),
        recall_id: recall.id.clone(),
        administration_id: new.administration_id.clone(),
        outcome: new.outcome,
        contacted_by: cmd.caller.subject.clone(),
        contacted_at,
        recorded_at: cmd.now,
    };
    let subjects =
        vec![contact.id.to_string(), recall.id.to_string(), contact.administration_id.to_string(), lot.to_string()];
    let about = About { occurred_at: contacted_at, site_id: Some(site), subjects };
    let deed = Deed::RecallContactRecorded { contact: contact.clone(), reference: recall.reference };
    cmd.record(about, deed)?;
    Ok(ContactView::from(contact))
}

/// Closes a recall, by somebody else than who opened it, when everything is accounted for or there is a reason. What is left is
/// free, or rejected until it has gone.
///
/// # Errors
/// `not_found`, `recall_closed`, `self_closed_recall`, `recall_outstanding`; `missing_field` where units are left and nobody says
/// what is to become of them.
pub fn close(cmd: &mut Command<'_>, id: &RecallId, new: &NewClosing) -> Result<RecallView> {
    let organisation = cmd.organisation();
    let recall = finding::expect_open(cmd, id)?;
    if cmd.caller.is(&recall.opened_by) {
        let detail = "You opened this recall: somebody else must close it.";
        return Err(Error::problem(ProblemCode::SelfClosedRecall, detail));
    }
    let covered = Covered::of(cmd.db, organisation, &recall)?;
    let Standing { effectiveness, outstanding, .. } = standing(cmd.db, organisation, &recall, &covered)?;
    if !outstanding.is_nothing() && new.reason.is_none() {
        let Outstanding { sites, administrations, units_on_hand, units_lost } = outstanding;
        let detail = format!(
            "Not accounted for: {}, {}, {} on hand, {} lost. Give a reason to close it all the same.",
            number(sites, "site"),
            number(administrations, "administration"),
            number(units_on_hand, "unit"),
            number(units_lost, "unit"),
        );
        return Err(Error::problem(ProblemCode::RecallOutstanding, detail));
    }
    if outstanding.units_on_hand > 0 && new.remaining.is_none() {
        let rule = "must be given: what is to become of the units that are left";
        return Err(Error::invalid(ProblemCode::MissingField, "remaining", rule));
    }
    let closing = Closing { remaining: new.remaining, reason: new.reason.clone(), effectiveness, outstanding };
    let mut subjects = vec![recall.id.to_string()];
    subjects.extend(covered.0.keys().map(ToString::to_string));
    let about = About { occurred_at: cmd.now, site_id: None, subjects };
    let deed = Deed::RecallClosed {
        recall_id: recall.id.clone(),
        reference: recall.reference.clone(),
        closed_by: cmd.caller.subject.clone(),
        closed_at: cmd.now,
        closing,
    };
    cmd.record(about, deed)?;
    let reason = match &new.reason {
        Some(reason) => reason.clone(),
        None => closed_reason(&recall, outstanding.units_on_hand)?,
    };
    let is_free = new.remaining.is_none_or(|remaining| remaining == Remaining::Release);
    let holds = crate::holds::service::caused_by(cmd.db, organisation, recall.id.as_str(), true)?;
    for hold in holds {
        crate::holds::service::end(cmd, hold, &reason, is_free)?;
    }
    let closed = store::recall(cmd.db, organisation, id)?.ok_or_else(|| Error::internal("a recall that is gone"))?;
    finding::view(cmd.db, cmd.caller, closed)
}

/// A sentence for the holds of a recall that is closed.
fn closed_reason(recall: &Recall, units: i64) -> Result<Prose> {
    Ok(format!("Recall {} was closed with {} on hand.", recall.reference, number(units, "unit")).parse()?)
}
