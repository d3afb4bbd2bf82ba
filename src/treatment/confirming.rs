//! Confirming what another recorded: the word of whoever treated, and of whoever prescribed.

use super::events::Deed;
use super::model::{Administration, Confirmation, ConfirmationRole, Standing};
use super::{service, store};
use crate::caller::Caller;
use crate::command::Command;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::identity::Identity;
use crate::ids::{AdministrationId, OrganisationId, PractitionerId, SiteId};
use crate::practitioners::model::Practitioner;
use crate::problem::ProblemCode;

/// Confirms an administration that another recorded, in every role that the practitioner of the token has in it. One that
/// they confirmed before is answered as it stands.
///
/// # Errors
/// `not_found`, `already_voided`, `nothing_to_confirm`, `not_yours_to_confirm`.
pub fn confirm(cmd: &mut Command<'_>, id: &AdministrationId) -> Result<Standing> {
    let organisation = cmd.organisation();
    let lot = expect(cmd, id)?.lot_id;
    // A void and another confirmation of it come one after the other.
    crate::stock::service::lock(cmd, std::slice::from_ref(&lot))?;
    let administration = expect(cmd, id)?;
    if !store::voids(cmd.db, organisation, &[id])?.is_empty() {
        return Err(Error::problem(ProblemCode::AlreadyVoided, "This administration was voided."));
    }
    if administration.to_confirm.is_empty() {
        let detail =
            "This administration waits for nobody: whoever treated recorded it, or the policy asks for no more.";
        return Err(Error::problem(ProblemCode::NothingToConfirm, detail));
    }
    let (practitioner_id, roles) = own_roles(cmd, &administration)?;
    let confirmed = store::confirmations(cmd.db, organisation, &[id])?;
    let roles: Vec<_> = roles.into_iter().filter(|role| confirmed.iter().all(|c| c.role != *role)).collect();
    if !roles.is_empty() {
        let about = service::about(&administration, cmd.now);
        let confirmation = Confirmation {
            organisation_id: organisation.clone(),
            administration_id: id.clone(),
            practitioner_id,
            roles,
            confirmed_by: cmd.caller.subject.clone(),
            confirmed_at: cmd.now,
        };
        cmd.record(about, Deed::AdministrationConfirmed(confirmation))?;
    }
    let now = expect(cmd, id)?;
    cmd.concerns(&now.patient_id)?;
    let standing = service::standing(cmd.db, organisation, vec![now])?;
    standing.into_iter().next().ok_or_else(|| Error::internal("an administration that is not there"))
}

fn expect(cmd: &mut Command<'_>, id: &AdministrationId) -> Result<Administration> {
    store::administration(cmd.db, cmd.organisation(), id)?
        .filter(|administration| cmd.caller.sees(&administration.site_id))
        .ok_or_else(|| Error::not_found("administration"))
}

/// The roles in which an administration waits for the practitioner of the token. Nobody confirms what they recorded
/// themselves, whoever they turn out to be.
fn own_roles(cmd: &mut Command<'_>, of: &Administration) -> Result<(PractitionerId, Vec<ConfirmationRole>)> {
    let named = people(cmd.db, cmd.organisation(), std::slice::from_ref(of))?;
    let caller = Identity::of(&cmd.caller.subject);
    let is_callers = |role: &ConfirmationRole| of.in_role(*role).is_some_and(|id| is_known_by(&named, id, &caller));
    let roles: Vec<_> = of.to_confirm.iter().copied().filter(is_callers).collect();
    let practitioner = roles.first().and_then(|role| of.in_role(*role)).cloned();
    match practitioner.filter(|_| !cmd.caller.is(&of.recorded_by)) {
        Some(practitioner) => Ok((practitioner, roles)),
        None => {
            let detail = "Those confirm who treated or prescribed, with their own token, and not what they recorded \
                          themselves. One of whom no subject is known cannot: an admin sets it.";
            Err(Error::problem(ProblemCode::NotYoursToConfirm, detail))
        }
    }
}

/// An administration that waits for the word of somebody.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// The administration.
    pub administration: Administration,
    /// As what they are in it.
    pub role: ConfirmationRole,
    /// Who they are.
    pub practitioner_id: PractitionerId,
    /// Whether a subject of theirs is known, so that they can confirm.
    pub can_confirm: bool,
}

/// What waits for somebody's word at the sites that the caller sees, or at one of them, the oldest entries first.
///
/// # Errors
/// What the database answers.
pub fn waiting(db: &mut Db, caller: &Caller, site: Option<&SiteId>, most: i64) -> Result<Vec<Waiting>> {
    let organisation = &caller.organisation_id;
    let mut found = match site.map(std::slice::from_ref).or(caller.sites.as_deref()) {
        None => store::unconfirmed(db, organisation, None, most)?,
        Some(sites) => {
            let mut found = Vec::new();
            for site in sites {
                found.extend(store::unconfirmed(db, organisation, Some(site), most)?);
            }
            found
        }
    };
    found.sort_by(|one, other| one.id.cmp(&other.id));
    found.dedup_by(|one, other| one.id == other.id);
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    found.truncate(most);
    let ids: Vec<_> = found.iter().map(|administration| &administration.id).collect();
    let confirmed = store::confirmations(db, organisation, &ids)?;
    let named = people(db, organisation, &found)?;
    let mut waiting = Vec::new();
    for administration in found {
        for role in administration.to_confirm.iter().copied() {
            let is_given = confirmed.iter().any(|c| c.administration_id == administration.id && c.role == role);
            if let (Some(id), false) = (administration.in_role(role), is_given) {
                let can_confirm = named.iter().any(|person| person.id == *id && person.subject.is_some());
                let (practitioner_id, administration) = (id.clone(), administration.clone());
                waiting.push(Waiting { administration, role, practitioner_id, can_confirm });
            }
        }
    }
    waiting.truncate(most);
    Ok(waiting)
}

/// The practitioners who are named in administrations, as they are known now.
fn people(db: &mut Db, organisation: &OrganisationId, of: &[Administration]) -> Result<Vec<Practitioner>> {
    let named = |a: &Administration| std::iter::once(a.practitioner_id.clone()).chain(a.prescriber_id.clone());
    let mut ids: Vec<_> = of.iter().flat_map(named).collect();
    ids.sort();
    ids.dedup();
    crate::practitioners::service::practitioners(db, organisation, &ids)
}

fn is_known_by(named: &[Practitioner], id: &PractitionerId, identity: &Identity) -> bool {
    let mut subjects = named.iter().filter(|person| person.id == *id).filter_map(|person| person.subject.as_ref());
    subjects.any(|subject| Identity::of(subject.as_str()) == *identity)
}
