//! Erasing a patient, and destroying the keys of those who were erased.

use super::events::Deed;
use super::model::{Erasure, Facts};
use super::wire::NewErasure;
use super::{rules, store};
use crate::command::{About, Command};
use crate::db::Db;
use crate::decision::Refusal;
use crate::error::{Error, Result};
use crate::http::commands::State;
use crate::ids::{ErasureId, PatientId};
use crate::problem::ProblemCode;
use crate::sealing::Patients;

/// How long an erasure that is not committed may still be on its way, in minutes: no transaction takes as long.
const ON_ITS_WAY_MINUTES: i64 = 10;
/// Erasures that are looked at in one step.
const AT_ONCE: i64 = 500;

/// Erases a patient: all that was recorded under the reference, and under it in all its spellings.
///
/// # Errors
/// `patient_unknown`; `invalid_value` for a reason that names them; `gate_refused` with every reason that applies.
pub fn erase(cmd: &mut Command<'_>, new: &NewErasure) -> Result<Erasure> {
    let organisation = cmd.organisation();
    for (field, text) in [("reason", Some(&new.reason)), ("override_reason", new.override_reason.as_ref())] {
        if text.is_some_and(|text| rules::names(text.as_str(), &new.patient_ref)) {
            let rule = "must not name the patient: it stays readable when they are gone";
            return Err(Error::invalid(ProblemCode::InvalidValue, field, rule));
        }
    }
    let patients = cmd.patients.named(organisation, &new.patient_ref)?;
    let Some(patient_id) = patients.last().cloned() else {
        return Err(Error::invalid(
            ProblemCode::PatientUnknown,
            "patient_ref",
            "names nobody of whom anything is recorded",
        ));
    };
    let decision = rules::erase(&facts(cmd, &patients)?, cmd.now);
    let is_overridden = new.override_reason.is_some() && rules::can_be_overridden(&decision);
    if !decision.allowed && !is_overridden {
        let request = crate::http::input::as_value(new)?;
        let patient = cmd.patient_of(&patient_id)?;
        return Err(Error::Refused(Box::new(Refusal {
            operation: "erase_patient",
            site_id: None,
            occurred_at: cmd.now,
            subjects: vec![patient_id.to_string()],
            request: patient.seal_request(&cmd.now.to_string(), &request)?,
            decision,
        })));
    }
    let mut erased = None;
    for patient_id in patients {
        // Whoever is recorded under the reference from here on is another one.
        cmd.patients.leave(organisation, &patient_id, cmd.now)?;
        let erasure = Erasure {
            id: cmd.mint(ErasureId::mint),
            organisation_id: organisation.clone(),
            patient_id,
            reason: new.reason.clone(),
            override_reason: new.override_reason.clone().filter(|_| is_overridden),
            erased_by: cmd.caller.subject.clone(),
            erased_at: cmd.now,
        };
        let subjects = vec![erasure.id.to_string(), erasure.patient_id.to_string()];
        let about = About { occurred_at: cmd.now, site_id: None, subjects };
        cmd.record(about, Deed::PatientErased { erasure: erasure.clone(), decision: Box::new(decision.clone()) })?;
        erased = Some(erasure);
    }
    erased.ok_or_else(|| Error::internal("nobody was erased"))
}

fn facts(cmd: &mut Command<'_>, patients: &[PatientId]) -> Result<Facts> {
    let organisation = cmd.organisation();
    Ok(Facts {
        patient_id: patients.last().cloned().ok_or_else(|| Error::internal("no patient"))?,
        treated_at: store::treated_at(cmd.db, organisation, patients)?,
        retention_years: crate::policies::service::current(cmd.db, organisation)?.policy.retention_years,
        recalls: crate::recalls::service::concerning(cmd.db, organisation, patients)?,
        deviations: store::open_deviations(cmd.db, organisation, patients)?,
    })
}

/// Destroys the keys of those whose erasure is committed; takes back what was never committed.
///
/// # Errors
/// What the database and the store of keys answer.
pub async fn sweep(state: &State) -> Result<()> {
    let (patients, now) = (state.patients.clone(), state.clock.now());
    state
        .store
        .write(move |db| {
            for (organisation, patient, left_at) in patients.leaving()? {
                match store::erased_at(db, &organisation, &patient)? {
                    Some(at) => patients.erase(&organisation, &patient, at)?,
                    None if left_at.plus_minutes(ON_ITS_WAY_MINUTES) < now => patients.stay(&organisation, &patient)?,
                    None => {}
                }
            }
            Ok(())
        })
        .await
}

/// Destroys the keys of everybody who was ever erased, where they are there again: an older copy of them was restored. When a
/// process starts.
///
/// # Errors
/// What the database and the store of keys answer.
pub fn erase_again(db: &mut Db, patients: &Patients) -> Result<()> {
    let mut after = String::new();
    loop {
        let found = store::all(db, &after, AT_ONCE)?;
        let Some(last) = found.last() else { return Ok(()) };
        after = last.patient_id.to_string();
        for erasure in &found {
            if !patients.is_erased(&erasure.organisation_id, &erasure.patient_id)? {
                patients.erase(&erasure.organisation_id, &erasure.patient_id, erasure.erased_at)?;
            }
        }
    }
}
