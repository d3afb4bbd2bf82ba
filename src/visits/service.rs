//! Opening, signing and reading visits; and what is known around a treatment.

use chrono::NaiveDate;

use super::events::Deed;
use super::model::{Around, Clinical, Entry, Opened, Planned, Said, Signature, Visit, VisitStatus};
use super::rules::{self, Signing};
use super::wire::{EntryView, FollowUpView, Missing, NewVisit, VisitView};
use super::{planning, store};
use crate::caller::Caller;
use crate::catalogue::model::{Product, ProductClass};
use crate::clock::Moment;
use crate::command::{About, Command, View};
use crate::db::Db;
use crate::db::known::Known;
use crate::decision::{Decision, Refusal, Subject, SubjectType};
use crate::error::{Error, Result};
use crate::evidence::photographs::Found;
use crate::ids::{AdministrationId, PatientId, PractitionerId, SiteId, VisitEntryId, VisitId};
use crate::limits::{FOLLOW_UPS_MAX, VISIT_ADMINISTRATIONS_MAX, VISIT_PLANNED_MAX};
use crate::policies::model::Gate;
use crate::problem::{Problem, ProblemCode};
use crate::protocols::model::{Content, ProtocolKind};
use crate::protocols::rules::that_counts;
use crate::sealing::{Patient, Patients};
use crate::versions::in_use;

// What others may ask of the tables.
pub use super::store::{DueFilter, due, unsigned};

/// How many of a patient's newest answers are looked through, whatever the visit.
pub(super) const SCREENINGS_LOOKED_AT: i64 = 200;

/// Opens a visit.
///
/// # Errors
/// `reference_unknown`, `empty_list`, `list_too_long`, `practitioner_required`, `retired`; `occurred_in_future`,
/// `occurred_too_long_ago`.
pub fn open(cmd: &mut Command<'_>, new: &NewVisit) -> Result<Visit> {
    let organisation = cmd.organisation();
    let at = cmd.occurred_at(new.occurred_at)?;
    let site = crate::sites::service::expect_site(cmd.db, cmd.caller, &new.site_id)?;
    in_use(&site)?;
    let practitioner = match &new.practitioner_id {
        Some(id) => Some(crate::practitioners::service::expect(cmd.db, organisation, "practitioner_id", id)?),
        None => crate::practitioners::service::own(cmd.db, organisation, &cmd.caller.subject)?,
    };
    let Some(practitioner) = practitioner else {
        let rule = "must be given: this token is no practitioner's";
        return Err(Error::invalid(ProblemCode::PractitionerRequired, "practitioner_id", rule));
    };
    in_use(&practitioner)?;
    expect_planned(cmd, &new.planned)?;
    let patient = cmd.patient(&new.patient_ref)?;
    let id = cmd.mint(VisitId::mint);
    let clinical = Clinical { patient_ref: new.patient_ref.clone(), planned: new.planned.clone() };
    let visit = Visit {
        organisation_id: organisation.clone(),
        site_id: site.id,
        practitioner_id: practitioner.id,
        clinical: patient.seal(id.as_str(), &clinical)?,
        patient_id: patient.id,
        id,
        opened_by: cmd.caller.subject.clone(),
        occurred_at: at,
        recorded_at: cmd.now,
        signed_by: None,
        signed_at: None,
    };
    cmd.record(about(&visit, at), Deed::VisitOpened(Box::new(visit.clone())))?;
    Ok(visit)
}

fn expect_planned(cmd: &mut Command<'_>, planned: &[Planned]) -> Result<()> {
    if planned.is_empty() {
        return Err(Error::invalid(ProblemCode::EmptyList, "planned", "needs at least one entry"));
    }
    if planned.len() > VISIT_PLANNED_MAX {
        let rule = format!("must have at most {VISIT_PLANNED_MAX} entries");
        return Err(Error::invalid(ProblemCode::ListTooLong, "planned", rule));
    }
    let ids: Vec<_> = planned.iter().map(|planned| &planned.product_id).collect();
    let known = crate::catalogue::service::by_ids(cmd.db, cmd.organisation(), &ids)?;
    match ids.iter().position(|id| !known.iter().any(|product| product.id == **id)) {
        Some(index) => Err(Error::reference_unknown(&format!("planned[{index}].product_id"))),
        None => Ok(()),
    }
}

pub(super) fn about(visit: &Visit, occurred_at: Moment) -> About {
    let subjects = vec![visit.id.to_string(), visit.patient_id.to_string(), visit.practitioner_id.to_string()];
    About { occurred_at, site_id: Some(visit.site_id.clone()), subjects }
}

/// The visit of that id, if the caller sees its site.
///
/// # Errors
/// What the database answers.
pub fn find(db: &mut Db, caller: &Caller, id: &VisitId) -> Result<Option<Visit>> {
    Ok(store::find(db, &caller.organisation_id, id)?.filter(|visit| caller.sees(&visit.site_id)))
}

/// Whether there is a visit of a patient at sites that the caller sees.
///
/// # Errors
/// What the database answers.
pub fn any_of(db: &mut Db, caller: &Caller, patients: &[PatientId]) -> Result<bool> {
    let filter = store::Filter { patient: Some(patients.to_vec()), ..store::Filter::default() };
    Ok(!store::list(db, caller, &filter, "", 1)?.items.is_empty())
}

/// The visit that a path names, locked.
///
/// # Errors
/// `not_found`.
pub(super) fn expect_locked(cmd: &mut Command<'_>, id: &VisitId) -> Result<Visit> {
    cmd.lock(|db, organisation| store::lock(db, organisation, id))?;
    find(cmd.db, cmd.caller, id)?.ok_or_else(|| Error::not_found("visit"))
}

/// A visit that is signed does not change.
pub(super) fn expect_open(visit: &Visit) -> Result<()> {
    let Some(signed_at) = visit.signed_at else { return Ok(()) };
    let detail = format!(
        "This visit was signed at {} and does not change any more: leave it out, open another, or add an addendum.",
        signed_at.told()
    );
    Err(Error::problem(ProblemCode::VisitSigned, detail))
}

/// The visit that a scan or an administration names: an open one, at the same site.
///
/// # Errors
/// `reference_unknown`, `invalid_value`, `visit_signed`.
pub fn expect_at(db: &mut Db, caller: &Caller, id: &VisitId, site: &SiteId) -> Result<Visit> {
    let visit = find(db, caller, id)?.ok_or_else(|| Error::reference_unknown("visit_id"))?;
    if visit.site_id != *site {
        crate::sites::service::expect_site(db, caller, site)?;
        return Err(Error::invalid(ProblemCode::InvalidValue, "visit_id", "is a visit at another site"));
    }
    expect_open(&visit)?;
    Ok(visit)
}

/// The same for a command: nothing is recorded in the visit, and nobody signs it, until the transaction ends.
///
/// # Errors
/// The same.
pub fn expect_locked_at(cmd: &mut Command<'_>, id: &VisitId, site: &SiteId) -> Result<Visit> {
    cmd.lock(|db, organisation| store::lock(db, organisation, id))?;
    expect_at(cmd.db, cmd.caller, id, site)
}

/// What is asked around a treatment.
pub struct Asked<'a> {
    /// In which visit.
    pub visit: Option<&'a Visit>,
    /// With which product.
    pub product: &'a Product,
    /// At which site.
    pub site: &'a SiteId,
    /// What the policy asks for with it.
    pub gates: &'a [Gate],
    /// Of which area, where that was said.
    pub area: Option<&'a crate::values::Word>,
    /// When.
    pub at: Moment,
    /// The same, if that is past.
    pub past: Option<Moment>,
    /// The calendar day that is at the site.
    pub day: NaiveDate,
}

/// How far back it matters when the patient was treated before, in days; none where nobody asks.
pub fn days_between(asked: &Asked<'_>, around: &Around) -> Option<i64> {
    let protocol = that_counts(&around.in_force, ProtocolKind::Retreatment);
    match &*protocol.filter(|_| asked.gates.contains(&Gate::Interval))?.content {
        Content::Retreatment(retreatment) => Some(retreatment.least_days),
        _ => None,
    }
}

/// What is known around a treatment, but for what was done before: whoever has the administrations says that.
///
/// # Errors
/// What the database and the store of patients' keys answer.
pub fn around(db: &mut Db, known: &mut Known<'_>, patients: &Patients, asked: &Asked<'_>) -> Result<Around> {
    let mut around = Around::default();
    if asked.product.class == ProductClass::ReversalAgent {
        return Ok(around);
    }
    around.areas = asked.area.cloned().into_iter().collect();
    if let Some(visit) = asked.visit {
        let mut said = Vec::new();
        if let Some(patient) = patients.by_id(&visit.organisation_id, &visit.patient_id)? {
            said = counting(db, &patient, visit, asked.at)?;
            if around.areas.is_empty() && asked.gates.contains(&Gate::Interval) {
                let planned = patient.open(&visit.clinical)?.planned.into_iter();
                around.areas =
                    planned.filter(|of| of.product_id == asked.product.id).map(|planned| planned.area).collect();
            }
        }
        around.visit = Some((visit.id.clone(), said));
    }
    if asked.gates.is_empty() {
        return Ok(around);
    }
    around.in_force = crate::protocols::service::in_force(known, db, asked.product, asked.day)?;
    if asked.gates.contains(&Gate::EmergencyKit)
        && let Some(kit) = that_counts(&around.in_force, ProtocolKind::EmergencyKit)
        && let Content::EmergencyKit(kit) = &*kit.content
    {
        let place = (&asked.product.organisation_id, asked.site);
        for item in &kit.items {
            let (id, days) = (&item.product_id, (asked.day, asked.past));
            let product = crate::catalogue::service::remembered(known, db, place.0, id)?;
            let units = crate::stock::service::usable(db, place, id, days, item.units.get())?;
            around.kit.extend(product.map(|product| (product, units)));
        }
    }
    Ok(around)
}

/// What entries say, opened with the key of their patient.
pub(super) fn open_all(patient: &Patient, entries: &[Entry]) -> Result<Vec<Opened>> {
    entries.iter().map(|entry| Ok(Opened { at: entry.occurred_at, said: patient.open(&entry.said)? })).collect()
}

/// What counts in a visit at a moment, in the order of time: what was recorded in it by then, and what the patient answered in others since it
/// began, for the newest answers count wherever they were given.
fn counting(db: &mut Db, patient: &Patient, visit: &Visit, until: Moment) -> Result<Vec<Opened>> {
    let mut entries = store::counting(db, visit, SCREENINGS_LOOKED_AT)?;
    entries.retain(|(at, ..)| *at <= until);
    entries.sort_by(|(one_at, one, _), (other_at, other, _)| (one_at, one).cmp(&(other_at, other)));
    entries.iter().map(|(at, _, said)| Ok(Opened { at: *at, said: patient.open(said)? })).collect()
}

/// Signs a visit: it never changes again.
///
/// # Errors
/// `not_found`, `visit_signed`, `not_yours_to_sign`, `patient_erased`; `gate_refused` with all that is missing.
pub fn sign(cmd: &mut Command<'_>, id: &VisitId) -> Result<Visit> {
    let visit = expect_locked(cmd, id)?;
    expect_open(&visit)?;
    let practitioner_id = signer(cmd, &visit)?;
    let patient = cmd.patient_of(&visit.patient_id)?;
    let entries = open_all(&patient, &store::entries(cmd.db, cmd.organisation(), &visit.id)?)?;
    let decision = may_be_signed(cmd.db, &visit, &entries, cmd.now)?;
    if !decision.allowed {
        return Err(refused(cmd, &visit, decision));
    }
    let signature = Signature {
        visit_id: visit.id.clone(),
        practitioner_id,
        signed_by: cmd.caller.subject.clone(),
        signed_at: cmd.now,
    };
    let signed =
        Visit { signed_by: Some(signature.signed_by.clone()), signed_at: Some(signature.signed_at), ..visit.clone() };
    let (planned, ended) = planning::planned(cmd, &visit)?;
    cmd.record(about(&visit, cmd.now), Deed::VisitSigned { signature, decision, planned, ended })?;
    Ok(signed)
}

/// As which practitioner the caller signs: the visit's own, or one who treated in it.
fn signer(cmd: &mut Command<'_>, visit: &Visit) -> Result<PractitionerId> {
    let organisation = cmd.organisation();
    let own = crate::practitioners::service::own(cmd.db, organisation, &cmd.caller.subject)?;
    let refused = || {
        let detail = "Only the practitioner of this visit, or one who treated in it, signs it, with their own token.";
        Error::problem(ProblemCode::NotYoursToSign, detail)
    };
    let own = own.ok_or_else(refused)?;
    if own.id == visit.practitioner_id {
        return Ok(own.id);
    }
    if store::has_treated(cmd.db, organisation, &visit.id, &own.id)? { Ok(own.id) } else { Err(refused()) }
}

fn refused(cmd: &Command<'_>, visit: &Visit, decision: Decision) -> Error {
    Error::Refused(Box::new(Refusal {
        operation: "sign_visit",
        site_id: Some(visit.site_id.clone()),
        occurred_at: cmd.now,
        subjects: vec![visit.id.to_string()],
        request: serde_json::json!({ "visit_id": visit.id }),
        decision,
    }))
}

/// A visit as it stands, with all that was recorded in it, and what is missing before it can be signed.
///
/// # Errors
/// What the database and the store of patients' keys answer.
pub fn shown(db: &mut Db, patients: &Patients, visit: Visit, now: Moment) -> Result<VisitView> {
    let organisation = visit.organisation_id.clone();
    let entries = store::entries(db, &organisation, &visit.id)?;
    let patient = patients.by_id(&organisation, &visit.patient_id)?;
    let opened = match &patient {
        Some(patient) => open_all(patient, &entries)?,
        None => Vec::new(),
    };
    let missing = match visit.status() {
        VisitStatus::Open if patient.is_some() => may_be_signed(db, &visit, &opened, now)?.reasons,
        VisitStatus::Open | VisitStatus::Signed => Vec::new(),
    };
    let missing = missing.into_iter().map(|reason| Missing { code: reason.code, message: reason.message }).collect();
    let administered = store::administered(db, &organisation, &visit.id, VISIT_ADMINISTRATIONS_MAX)?;
    let administrations: Vec<AdministrationId> = administered.into_iter().map(|(id, _)| id).collect();
    let said = opened.into_iter().map(|opened| Some(opened.said)).chain(std::iter::repeat_with(|| None));
    let entries = entries.into_iter().zip(said).map(|(entry, said)| EntryView::of(entry, said)).collect();
    let due = store::follow_ups_of(db, &organisation, &visit.id, FOLLOW_UPS_MAX)?.into_iter();
    let follow_ups: Result<Vec<_>> = due.map(|due| FollowUpView::of(due, patient.as_ref(), &visit)).collect();
    let clinical = patient.as_ref().map(|patient| patient.open(&visit.clinical)).transpose()?;
    Ok(VisitView::of(visit, clinical, entries, administrations, follow_ups?, missing))
}

/// Whether a visit may be signed, by the policy in force.
fn may_be_signed(db: &mut Db, visit: &Visit, entries: &[Opened], now: Moment) -> Result<Decision> {
    let policy = crate::policies::service::current(db, &visit.organisation_id)?;
    let subject = Subject::new(SubjectType::Visit, &visit.id);
    Ok(rules::may_be_signed(&Signing { entries, policy: &policy, visit: subject }, now))
}

/// The visit of that id as it stands, if the caller sees its site.
///
/// # Errors
/// What the database and the store of patients' keys answer.
pub fn show(view: &mut View<'_>, id: &VisitId) -> Result<Option<VisitView>> {
    let Some(visit) = find(view.db, view.caller, id)? else { return Ok(None) };
    shown(view.db, view.patients, visit, view.now).map(Some)
}

/// A photograph of a visit.
///
/// # Errors
/// `not_found`, also for an entry that is none; what the database and the store of patients' keys answer.
pub fn photograph(view: &mut View<'_>, id: &VisitId, entry: &VisitEntryId) -> Result<Found> {
    let missing = || Error::not_found("photograph");
    let visit = find(view.db, view.caller, id)?.ok_or_else(|| Error::not_found("visit"))?;
    let entry = store::entry(view.db, &visit.organisation_id, &visit.id, entry)?.ok_or_else(missing)?;
    let patient = view.patients.by_id(&visit.organisation_id, &visit.patient_id)?.ok_or_else(missing)?;
    match patient.open(&entry.said)? {
        Said::Photograph(photograph) => crate::evidence::photographs::find(view, patient, photograph),
        _ => Err(missing()),
    }
}

/// The problem of a body that names no version where none, or more than one, is in force.
pub(super) fn without_protocol(kind: ProtocolKind, found: usize) -> Error {
    let why = match found {
        0 => format!("no {kind} protocol is in force for what is planned"),
        _ => format!("several {kind} protocols are in force for what is planned"),
    };
    Problem::new(ProblemCode::ProtocolMissing, format!("protocol_id must be given: {why}.")).at("protocol_id").into()
}
