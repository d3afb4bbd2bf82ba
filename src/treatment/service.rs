//! Scanning and administering.

use std::collections::HashSet;

use super::api::{NewAdministration, NewScan};
use super::facts::{self, Facts, Named, Question};
use super::model::{Administration, ScanPurpose};
use super::{rules, store};
use crate::clock::Moment;
use crate::command::{About, Command};
use crate::custody::model::Deed;
use crate::decision::{Decision, Refusal};
use crate::error::{Error, Result};
use crate::http::commands::View;
use crate::http::problem::{Problem, ProblemCode};
use crate::ids::{AdministrationId, LocationId};
use crate::stock::model::{Account, AccountKind, Lot, Place, Posting};
use crate::values::{Code, Json};

/// What a scan found.
#[derive(Clone, Debug)]
pub struct Scanned {
    /// The facts.
    pub facts: Facts,
    /// What the rules say.
    pub decision: Decision,
}

/// Answers a scan: what it is, where it is, and whether it may be used now.
///
/// # Errors
/// `code_unreadable`, `lot_required`, `reference_unknown`.
pub fn scan(view: &mut View<'_>, new: &NewScan) -> Result<(Named, Scanned)> {
    let named = by_code(&new.code, view.now, "code")?;
    let question = Question {
        named: &named,
        site_id: &new.site_id,
        location_id: None,
        practitioner_id: new.practitioner_id.as_ref(),
        units: 1,
        at: view.now,
    };
    let facts = facts::gather(view.db, view.caller, &question)?;
    let decision = match new.purpose {
        ScanPurpose::Administer => rules::administer(&facts, view.now),
        ScanPurpose::Receive | ScanPurpose::Return => rules::handle(&facts, new.purpose, view.now),
    };
    Ok((named, Scanned { facts, decision }))
}

/// Records an administration, if every rule allows it.
///
/// # Errors
/// `reference_unknown`, `code_unreadable`, `lot_required`, `occurred_in_future`, `occurred_too_long_ago`,
/// `location_required`; `gate_refused` with every reason that applies.
pub fn administer(cmd: &mut Command<'_>, new: &NewAdministration) -> Result<(Administration, Lot)> {
    let organisation = cmd.organisation();
    let at = cmd.occurred_at(new.occurred_at)?;
    let named = named(new, at)?;
    if let Some(prescriber) = &new.prescriber_id {
        crate::practitioners::service::expect(cmd.db, organisation, "prescriber_id", prescriber)?;
    }
    let question = Question {
        named: &named,
        site_id: &new.site_id,
        location_id: new.location_id.as_ref(),
        practitioner_id: Some(&new.practitioner_id),
        units: new.units.get(),
        at,
    };
    let mut facts = facts::gather(cmd.db, cmd.caller, &question)?;
    if let (Some(product), Some(_), None) = (&facts.product, &facts.serial, &facts.pack) {
        // Units under a number that is no pack's are counted, not booked: one at a time.
        crate::catalogue::service::lock(cmd.db, organisation, &[&product.id])?;
        facts = facts::gather(cmd.db, cmd.caller, &question)?;
    }
    let decision = rules::administer(&facts, cmd.now);
    let (Some(product), Some(lot), true) = (&facts.product, &facts.lot, decision.allowed) else {
        return Err(refusal(&facts, new, decision)?);
    };
    let postings = draw(&facts, lot)?;
    let location_id = postings
        .iter()
        .find_map(|posting| posting.from.place.as_ref().map(|place| place.location_id.clone()))
        .ok_or_else(|| Error::internal("an administration that takes nothing"))?;

    let administration = Administration {
        id: cmd.mint(AdministrationId::mint),
        organisation_id: organisation.clone(),
        product_id: product.id.clone(),
        lot_id: lot.id.clone(),
        serial: facts.serial.clone(),
        units: new.units.get(),
        site_id: facts.site.id.clone(),
        location_id,
        practitioner_id: new.practitioner_id.clone(),
        prescriber_id: new.prescriber_id.clone(),
        patient_ref: new.patient_ref.clone(),
        treatment: Json::new(new.treatment.clone()),
        encounter_ref: new.encounter_ref.clone(),
        scan: new.scan.clone(),
        decision: Json::new(decision),
        recorded_by: cmd.caller.subject.clone(),
        occurred_at: at,
        recorded_at: cmd.now,
    };
    let subjects =
        [administration.id.as_str(), lot.id.as_str(), product.id.as_str(), administration.practitioner_id.as_str()];
    let about =
        About { occurred_at: at, site_id: Some(facts.site.id.clone()), subjects: subjects.map(str::to_owned).to_vec() };
    let deed = Deed::StockAdministered { administration: Box::new(administration.clone()), postings };
    cmd.record(about, deed)?;
    Ok((administration, lot.clone()))
}

/// How the request names the pack: by scan, or by lot and serial number.
fn named(new: &NewAdministration, at: Moment) -> Result<Named> {
    match (&new.scan, &new.lot_id) {
        (Some(code), None) if new.serial.is_none() => by_code(code, at, "scan"),
        (None, Some(id)) => Ok(Named::Lot { id: id.clone(), serial: new.serial.clone() }),
        (None, None) => Err(Error::invalid(ProblemCode::MissingField, "scan", "or lot_id must be given")),
        _ => {
            Err(Error::invalid(ProblemCode::InvalidBody, "scan", "stands for lot_id and serial: give one or the other"))
        }
    }
}

fn by_code(code: &Code, at: Moment, field: &str) -> Result<Named> {
    let decoded = crate::receiving::rules::decode(code, at.day_in(chrono_tz::Tz::UTC))
        .map_err(|problem: Problem| problem.at(field))?;
    Ok(Named::Scan { code: code.clone(), decoded: Box::new(decoded) })
}

/// Takes the units from one location: the one named, or the only one that has them.
fn draw(facts: &Facts, lot: &Lot) -> Result<Vec<Posting>> {
    let mut from = rules::drawable(facts);
    let serials: Vec<_> = facts.pack.iter().map(|(pack, _)| pack.serial.clone()).collect();
    let places = || from.accounts.iter().filter(|(balance, _)| balance.units > 0);
    let locations: HashSet<&LocationId> = if serials.is_empty() {
        places().filter_map(|(balance, _)| balance.location_id.as_ref()).collect()
    } else {
        from.packs.iter().filter_map(|row| row.account.location_id.as_ref()).collect()
    };
    if locations.len() > 1 {
        let rule = format!("must be given: units of lot {} lie in {} locations", lot.lot, locations.len());
        return Err(Error::invalid(ProblemCode::LocationRequired, "location_id", rule));
    }
    from.packs.sort_by_key(|row| row.account.use_by);
    let patient = |_: &Place| Account::outside(AccountKind::Patient);
    crate::stock::rules::draw(&from, facts.units, &serials, patient)
        .map_err(|shortfall| Error::internal(format!("allowed, but {shortfall:?}")))
}

fn refusal(facts: &Facts, new: &NewAdministration, decision: Decision) -> Result<Error> {
    let mut subjects = vec![new.practitioner_id.to_string()];
    subjects.extend(facts.lot.iter().map(|lot| lot.id.to_string()));
    subjects.extend(facts.product.iter().map(|product| product.id.to_string()));
    Ok(Error::Refused(Box::new(Refusal {
        operation: "administer",
        site_id: Some(facts.site.id.clone()),
        occurred_at: facts.at,
        subjects,
        request: crate::http::input::as_value(new)?,
        decision,
    })))
}

/// Administrations with their lots.
///
/// # Errors
/// What the database answers.
pub fn with_lots(view: &mut View<'_>, found: Vec<Administration>) -> Result<Vec<(Administration, Lot)>> {
    let ids: Vec<_> = found.iter().map(|administration| &administration.lot_id).collect();
    let lots = crate::stock::store::lots(view.db, &view.caller.organisation_id, &ids)?;
    found
        .into_iter()
        .map(|administration| {
            let lot = lots.iter().find(|lot| lot.id == administration.lot_id).cloned();
            lot.map(|lot| (administration, lot)).ok_or_else(|| Error::internal("an administration without its lot"))
        })
        .collect()
}

/// The administration of that id, if the caller sees its site.
///
/// # Errors
/// What the database answers.
pub fn find(view: &mut View<'_>, id: &AdministrationId) -> Result<Option<(Administration, Lot)>> {
    let found = store::administration(view.db, &view.caller.organisation_id, id)?
        .filter(|administration| view.caller.sees(&administration.site_id));
    Ok(with_lots(view, found.into_iter().collect())?.into_iter().next())
}
