//! Prescribing, withdrawing, and what is drawn on.

use std::collections::BTreeSet;

use super::events::Deed;
use super::model::{Asked, Clinical, Draw, Prescribed, Prescription, Withdrawal};
use super::rules::{self, Prescribing};
use super::store;
use super::wire::NewPrescription;
use crate::caller::Caller;
use crate::catalogue::model::ProductClass;
use crate::clock::Moment;
use crate::command::{About, Command};
use crate::db::Db;
use crate::decision::{Decision, Refusal};
use crate::error::{Error, Result};
use crate::ids::{PatientId, PrescriptionId, SiteId};
use crate::practitioners::model::Practitioner;
use crate::problem::ProblemCode;
use crate::sealing::Patient;
use crate::sites::model::Site;
use crate::values::Prose;
use crate::versions::in_use;

// What the events of administrations do with the table.
pub use super::store::{draw, give_back};

/// Where no site is named, so many of those that the caller sees are looked at.
const SITES_LOOKED_AT: i64 = 50;

/// Records a prescription.
///
/// # Errors
/// `missing_field`, `invalid_body`, `reference_unknown`, `retired`, `practitioner_required`, `validity_reversed`, `occurred_in_future`,
/// `occurred_too_long_ago`; `gate_refused` with every reason why the prescriber may not.
pub fn prescribe(cmd: &mut Command<'_>, new: &NewPrescription) -> Result<Prescription> {
    let organisation = cmd.organisation();
    let at = cmd.moment("prescribed_at", new.prescribed_at)?;
    let class = class_of(cmd, new)?;
    let sites = sites_of(cmd, new.site_id.as_ref())?;
    let prescriber = prescriber_of(cmd, new)?;
    let (site, decision) = judged(cmd, (&prescriber, class), sites, at)?;
    let day = at.day_in(site.time_zone.rules());
    if new.valid_until < day {
        let rule = format!("lies before the day on which it was prescribed, {day}");
        return Err(Error::invalid(ProblemCode::ValidityReversed, "valid_until", rule));
    }
    let patient = cmd.patient(&new.patient_ref)?;
    if !decision.allowed {
        return Err(refused(new, (&prescriber, &site), &patient, decision, at)?);
    }
    let id = cmd.mint(PrescriptionId::mint);
    let clinical = Clinical { patient_ref: new.patient_ref.clone(), note: new.note.clone() };
    let prescription = Prescription {
        organisation_id: organisation.clone(),
        site_id: site.id,
        prescriber_id: prescriber.id,
        product_id: new.product_id.clone(),
        class: new.class,
        units: new.units.get(),
        seen: new.seen,
        valid_until: new.valid_until,
        clinical: patient.seal(id.as_str(), &clinical)?,
        patient_id: patient.id,
        id,
        recorded_by: cmd.caller.subject.clone(),
        prescribed_at: at,
        recorded_at: cmd.now,
        drawn: 0,
        withdrawn_by: None,
        withdrawn_at: None,
        withdrawal_reason: None,
    };
    let deed = Deed::PrescriptionMade { prescription: Box::new(prescription.clone()), decision };
    cmd.record(about(&prescription, at), deed)?;
    Ok(prescription)
}

/// The class that is prescribed: a product's, or the one that is named.
fn class_of(cmd: &mut Command<'_>, new: &NewPrescription) -> Result<ProductClass> {
    match (&new.product_id, new.class) {
        (Some(id), None) => {
            let product = crate::catalogue::service::expect(cmd.db, cmd.organisation(), id)?;
            in_use(&product)?;
            Ok(product.class)
        }
        (None, Some(class)) => Ok(class),
        (None, None) => Err(Error::invalid(ProblemCode::MissingField, "product_id", "or class must be given")),
        (Some(_), Some(_)) => {
            let rule = "is one product: give it, or a class, and not both";
            Err(Error::invalid(ProblemCode::InvalidBody, "product_id", rule))
        }
    }
}

/// Where it may be prescribed: at the site that is named, or else at those that the caller sees, one of each jurisdiction.
fn sites_of(cmd: &mut Command<'_>, id: Option<&SiteId>) -> Result<Vec<Site>> {
    if let Some(id) = id {
        let site = crate::sites::service::expect_site(cmd.db, cmd.caller, id)?;
        in_use(&site)?;
        return Ok(vec![site]);
    }
    let mut sites = crate::sites::service::first_in_use(cmd.db, cmd.caller, SITES_LOOKED_AT)?;
    let mut met = BTreeSet::new();
    sites.retain(|site| met.insert(site.jurisdiction.clone()));
    Ok(sites)
}

/// What is decided of a prescription, and of which site: of the first where the prescriber may, or else of the first.
fn judged(
    cmd: &mut Command<'_>,
    (prescriber, class): (&Practitioner, ProductClass),
    sites: Vec<Site>,
    at: Moment,
) -> Result<(Site, Decision)> {
    let organisation = cmd.organisation();
    let past = cmd.past(at);
    let is_own = prescriber.subject.as_ref().is_some_and(|subject| cmd.caller.is(subject.as_str()));
    let prescriber = crate::versions::at(cmd.db, organisation, prescriber.clone(), past)?;
    let held = crate::licences::service::held_by(cmd.db, organisation, &[prescriber.id.as_str()])?;
    let policy = crate::policies::service::remembered(&mut cmd.known, cmd.db, organisation, past)?;
    let mut first = None;
    for site in sites {
        let then = crate::versions::at(cmd.db, organisation, site.clone(), past)?;
        let facts = Prescribing {
            class,
            prescriber: &prescriber,
            is_for_another: !is_own,
            site: &then,
            at,
            held: &held,
            policy: &policy,
        };
        let decision = rules::may_prescribe(&facts, cmd.now);
        if decision.allowed {
            return Ok((site, decision));
        }
        first.get_or_insert((site, decision));
    }
    first.ok_or_else(|| Error::invalid(ProblemCode::MissingField, "site_id", "is missing, and there is no site"))
}

fn prescriber_of(cmd: &mut Command<'_>, new: &NewPrescription) -> Result<Practitioner> {
    let organisation = cmd.organisation();
    let prescriber = match &new.prescriber_id {
        Some(id) => Some(crate::practitioners::service::expect(cmd.db, organisation, "prescriber_id", id)?),
        None => crate::practitioners::service::own(cmd.db, organisation, &cmd.caller.subject)?,
    };
    prescriber.ok_or_else(|| {
        let rule = "must be given: this token is no practitioner's";
        Error::invalid(ProblemCode::PractitionerRequired, "prescriber_id", rule)
    })
}

fn refused(
    new: &NewPrescription,
    (prescriber, site): (&Practitioner, &Site),
    patient: &Patient,
    decision: Decision,
    at: Moment,
) -> Result<Error> {
    Ok(Error::Refused(Box::new(Refusal {
        operation: "prescribe",
        site_id: Some(site.id.clone()),
        occurred_at: at,
        subjects: vec![prescriber.id.to_string()],
        request: patient.seal_request(&at.to_string(), &crate::http::input::as_value(new)?)?,
        decision,
    })))
}

fn about(prescription: &Prescription, occurred_at: Moment) -> About {
    let Prescription { id, patient_id, prescriber_id, product_id, .. } = prescription;
    let subjects = [id.to_string(), patient_id.to_string(), prescriber_id.to_string()];
    let subjects = subjects.into_iter().chain(product_id.iter().map(ToString::to_string)).collect();
    About { occurred_at, site_id: Some(prescription.site_id.clone()), subjects }
}

/// Withdraws a prescription: from now on nothing is drawn on it.
///
/// # Errors
/// `not_found`, `prescription_withdrawn`, `patient_erased`.
pub fn withdraw(cmd: &mut Command<'_>, id: &PrescriptionId, reason: &Prose) -> Result<Prescription> {
    cmd.lock(|db, organisation| store::lock(db, organisation, id))?;
    let found = find(cmd.db, cmd.caller, id)?.ok_or_else(|| Error::not_found("prescription"))?;
    if let Some(at) = found.withdrawn_at {
        let detail = format!("This prescription was withdrawn at {}.", at.told());
        return Err(Error::problem(ProblemCode::PrescriptionWithdrawn, detail));
    }
    let patient = cmd.patient_of(&found.patient_id)?;
    let withdrawal = Withdrawal {
        prescription_id: found.id.clone(),
        by: cmd.caller.subject.clone(),
        at: cmd.now,
        reason: patient.seal(&cmd.now.to_string(), reason)?,
    };
    cmd.record(about(&found, cmd.now), Deed::PrescriptionWithdrawn(withdrawal.clone()))?;
    Ok(Prescription {
        withdrawn_by: Some(withdrawal.by),
        withdrawn_at: Some(withdrawal.at),
        withdrawal_reason: Some(withdrawal.reason),
        ..found
    })
}

/// The prescription of that id, if the caller sees its site.
///
/// # Errors
/// What the database answers.
pub fn find(db: &mut Db, caller: &Caller, id: &PrescriptionId) -> Result<Option<Prescription>> {
    Ok(store::find(db, &caller.organisation_id, id)?.filter(|found| caller.sees(&found.site_id)))
}

/// Whether anything was prescribed for a patient at sites that the caller sees.
///
/// # Errors
/// What the database answers.
pub fn any_of(db: &mut Db, caller: &Caller, patients: &[PatientId]) -> Result<bool> {
    let filter = store::Filter { patient: Some(patients.to_vec()), ..store::Filter::default() };
    Ok(!store::list(db, caller, &filter, "", 1)?.items.is_empty())
}

/// What was prescribed of what is to be used. Where something is to be drawn, nobody else draws on the same until the transaction
/// ends.
///
/// # Errors
/// What the database answers.
pub fn prescribed(db: &mut Db, asked: &Asked<'_>, decides: bool) -> Result<Prescribed> {
    if decides {
        store::lock_all(db, asked.patient, asked.product)?;
    }
    Ok(match store::best(db, asked)? {
        None => asked.prescriber.map_or(Prescribed::Nothing, |named| Prescribed::NothingBy(named.name.clone())),
        Some((found, false)) => Prescribed::NotEnough(found),
        Some((found, true)) => {
            let draw = Draw { prescription_id: found.id.clone(), parts: asked.parts };
            Prescribed::Enough(found, draw)
        }
    })
}
