//! Voiding administrations.

use super::events::Deed;
use super::model::{Administration, Void};
use super::service::{about, closure, is_own};
use super::store;
use super::wire::NewVoid;
use crate::caller::Role;
use crate::command::Command;
use crate::containers::model::Share;
use crate::error::{Error, Result};
use crate::ids::{AdministrationId, VoidId};
use crate::journal;
use crate::prescriptions::model::Draw;
use crate::problem::ProblemCode;
use crate::sealing::Patient;
use crate::sites::model::{Location, Purpose};
use crate::stock::model::{Account, AccountKind, Disposition, Posting};

/// Voids an administration. Units that are back go into quarantine, never straight into stock (DOMAIN rule 23). Those that
/// the books never had go back to where they came from: whoever says that they are there has counted them (rule 22a).
///
/// # Errors
/// `not_found`; `forbidden` for a practitioner who did not record it; `already_voided`, `patient_erased`; `location_required` when it is
/// not clear which quarantine location takes the units.
pub fn void(cmd: &mut Command<'_>, id: &AdministrationId, new: &NewVoid) -> Result<Void> {
    let organisation = cmd.organisation();
    let administration = store::administration(cmd.db, organisation, id)?
        .filter(|administration| cmd.caller.sees(&administration.site_id))
        .ok_or_else(|| Error::not_found("administration"))?;
    if !cmd.caller.has_any(&[Role::Quality]) && !cmd.caller.is(&administration.recorded_by) {
        let detail = "Practitioners void what they recorded themselves; the quality lead may void any.";
        return Err(Error::problem(ProblemCode::Forbidden, detail));
    }
    crate::stock::service::lock(cmd, std::slice::from_ref(&administration.lot_id))?;
    let occurred_at = cmd.occurred_at(new.occurred_at)?;
    cmd.not_before(occurred_at, administration.occurred_at)?;
    if store::voids(cmd.db, organisation, &[&administration.id])?.is_empty() {
        let is_opened = administration.container_id.is_some();
        let goes_back = new.returned_to_stock && !is_opened;
        let location = if goes_back { Some(quarantine(cmd, &administration, new)?) } else { None };
        let (recorded, share, draw) = recorded(cmd, &administration)?;
        let (postings, never_had) = match is_opened && new.returned_to_stock {
            true => (still_in_use(cmd, &administration, recorded)?, 0),
            false => reversal(recorded, location.as_ref()),
        };
        let share = share.filter(|_| new.returned_to_stock);
        let patient = cmd.patient_of(&administration.patient_id)?;
        let id = cmd.mint(VoidId::mint);
        let void = Void {
            reason: patient.seal(id.as_str(), &new.reason)?,
            id,
            organisation_id: organisation.clone(),
            administration_id: administration.id.clone(),
            returned_to_stock: new.returned_to_stock,
            units_to_count: if location.is_some() { never_had } else { 0 },
            location_id: location.map(|location| location.id),
            voided_by: cmd.caller.subject.clone(),
            occurred_at,
            recorded_at: cmd.now,
        };
        let deed = Deed::AdministrationVoided { void: void.clone(), postings, share, draw };
        cmd.record(about(&administration, occurred_at), deed)?;
        close_with(cmd, &administration, &patient, &void)?;
        return Ok(void);
    }
    Err(Error::problem(ProblemCode::AlreadyVoided, "This administration was voided before."))
}

/// The quarantine location that takes units back: the one named, or the only one of the site.
fn quarantine(cmd: &mut Command<'_>, administration: &Administration, new: &NewVoid) -> Result<Location> {
    let site = &administration.site_id;
    if let Some(id) = &new.location_id {
        let location = crate::sites::service::expect_location(cmd.db, cmd.caller, "location_id", id)?;
        let in_use = location.retired_at.is_none();
        return if location.site_id == *site && location.purpose == Purpose::Quarantine && in_use {
            Ok(location)
        } else {
            Err(Error::invalid(
                ProblemCode::LocationRequired,
                "location_id",
                "must be a quarantine location of the site, and not retired",
            ))
        };
    }
    let mut found = crate::sites::service::list_locations(cmd.db, cmd.caller, Some(site), Some(false), "", i64::MAX)?;
    found.retain(|location| location.purpose == Purpose::Quarantine);
    match (found.pop(), found.is_empty()) {
        (Some(only), true) => Ok(only),
        _ => {
            let rule = "must be given: the site does not have exactly one quarantine location";
            Err(Error::invalid(ProblemCode::LocationRequired, "location_id", rule))
        }
    }
}

/// What an administration moved to the patient, and took of an opened unit and of a prescription.
fn recorded(
    cmd: &mut Command<'_>,
    administration: &Administration,
) -> Result<(Vec<Posting>, Option<Share>, Option<Draw>)> {
    let id = administration.id.as_str();
    let event = journal::store::newest(cmd.db, cmd.organisation(), id, &["stock_administered"], None)?;
    let event = event.ok_or_else(|| Error::internal("an administration without its event"))?;
    let Deed::StockAdministered { mut postings, share, draw, .. } = journal::store::deed(&event)? else {
        return Err(Error::internal("an administration with another event"));
    };
    // What an administration that came late changed in a hold is no part of it.
    postings.retain(|posting| posting.to.kind == AccountKind::Patient);
    Ok((postings, share, draw))
}

/// What was recorded wrongly is still in the opened unit: one that was used up by it is on hand again, held if a hold covers it.
fn still_in_use(
    cmd: &mut Command<'_>,
    administration: &Administration,
    recorded: Vec<Posting>,
) -> Result<Vec<Posting>> {
    let Some(posting) = recorded.into_iter().next() else {
        if let Some(container) = &administration.container_id
            && !crate::containers::service::is_on_hand(cmd.db, cmd.organisation(), container)?
        {
            let detail = "The container was finished since: say returned_to_stock false.";
            return Err(Error::problem(ProblemCode::ContainerFinished, detail));
        }
        return Ok(Vec::new());
    };
    let account = posting.from.id(&posting.lot_id);
    let balance = crate::stock::service::account(cmd.db, cmd.organisation(), &account)?;
    let balance = balance.ok_or_else(|| Error::internal("an account that units came from is not there"))?;
    let covering = crate::holds::service::covering_now(cmd, &balance)?;
    let is_covered = covering.iter().any(|hold| hold.takes(posting.pack_id.as_ref()));
    let is_free = posting.from.excursion_ids.is_empty() && !is_covered;
    let kind = if is_free { Disposition::InUse } else { Disposition::Held };
    let to = match posting.from.kind {
        AccountKind::InUse | AccountKind::Held if posting.from.excursion_ids.is_empty() => posting.from.turned(kind),
        _ => posting.from.clone(),
    };
    Ok(vec![Posting { from: posting.to.clone(), to, ..posting }])
}

/// Turns an administration's postings round. What the books never had goes back to where it came from; how much that is.
fn reversal(recorded: Vec<Posting>, location: Option<&Location>) -> (Vec<Posting>, i64) {
    let turned: Vec<_> = recorded
        .into_iter()
        .map(|posting| {
            let to = match (location, &posting.from.place) {
                (_, None) => posting.from.clone(),
                (Some(location), Some(_)) => {
                    posting.from.turned(Disposition::Quarantined).moved(&location.id, &location.site_id)
                }
                (None, Some(_)) => Account::outside(AccountKind::Waste),
            };
            Posting { from: Account::outside(AccountKind::Patient), to, ..posting }
        })
        .collect();
    let never_had = turned.iter().filter(|posting| posting.to.kind == AccountKind::Unaccounted);
    let never_had = never_had.map(|posting| posting.units).sum();
    (turned, never_had)
}

/// What is void did not happen as it was recorded, so that nothing is left to look into: its deviation ends with it, unless
/// it is about whoever voids. Those leave it to somebody else, who sees the void.
fn close_with(cmd: &mut Command<'_>, administration: &Administration, patient: &Patient, void: &Void) -> Result<()> {
    if is_own(cmd, administration)? {
        return Ok(());
    }
    let found = store::deviations_of(cmd.db, cmd.organisation(), &[&administration.id])?;
    for deviation in found.iter().filter(|deviation| deviation.closed_at.is_none()) {
        let resolution = format!("The administration was voided: {}.", void.id).parse()?;
        let mut about = about(administration, void.occurred_at);
        about.subjects.extend([deviation.id.to_string(), void.id.to_string()]);
        let closure = closure(cmd, patient, deviation, &resolution)?;
        cmd.record(about, Deed::DeviationClosed(closure))?;
    }
    Ok(())
}
