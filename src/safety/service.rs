//! Reporting harm, and reading what was reported.

use super::events::Deed;
use super::model::{Action, AdverseEvent, Entry, Harm, HarmOutcome, Said, Suspect, SuspectRow};
use super::wire::{AdverseEventView, EntryView, HeadView, HoldWith, NewAdverseEvent, SuspectView};
use super::{rules, store};
use crate::caller::Caller;
use crate::clock::Moment;
use crate::command::{About, Command, View};
use crate::db::Db;
use crate::error::{Error, Result};
use crate::evidence::photographs::Found;
use crate::holds::model::{Cause, Scope};
use crate::ids::{
    AdministrationId, AdverseEventEntryId, AdverseEventId, HoldId, LotId, OrganisationId, PatientId, ProductId,
};
use crate::limits::{ADVERSE_EVENT_ACTIONS_MAX, ADVERSE_EVENT_ADMINISTRATIONS_MAX};
use crate::problem::ProblemCode;
use crate::protocols::model::{Protocol, ProtocolKind};
use crate::protocols::rules::that_counts;
use crate::sealing::{Patient, Patients};
use crate::sites::model::Site;
use crate::treatment::model::Standing as Given;
use crate::visits::model::Visit;

// What others may ask of the tables.
pub use super::store::waiting;

/// Reports an adverse event. For want of a protocol, or of a kind in it, nothing is refused.
///
/// # Errors
/// `reference_unknown`, `not_of_this_patient`, `administration_voided`, `list_too_long`, `duplicate_entry`, `missing_field`;
/// `occurred_in_future`, `onset_before_administration`; of a hold what [`crate::holds::service::open`] refuses.
pub fn report(cmd: &mut Command<'_>, new: &NewAdverseEvent) -> Result<AdverseEventId> {
    let patient = cmd.patient(&new.patient_ref)?;
    let given = given(cmd, "administration_ids", &new.administration_ids, &patient.id)?;
    let visit = new.visit_id.as_ref().map(|id| expect_visit(cmd, id, &patient.id)).transpose()?;
    rules::could_begin(new.onset_at, given.iter().map(|given| given.administration.occurred_at), cmd.now)?;
    expect_actions(cmd, &new.actions, &patient.id)?;
    let site = followed_up_at(cmd, new, &given, visit.as_ref())?;
    let suspects: Vec<Suspect> = given.iter().map(suspect).collect();
    let counting = counting(cmd, &patient, &suspects, visit.as_ref(), &site)?;
    let (protocol, known) = rules::by_which(&counting, &new.kind, new.severity).unzip();
    let knowing = counting.iter().filter_map(|protocol| rules::kind_in(protocol, &new.kind));
    let hold_ids = match &new.hold {
        Some(hold) => hold_lots(cmd, hold, &suspects)?,
        None => Vec::new(),
    };
    let reporter = crate::practitioners::service::own(cmd.db, cmd.organisation(), &cmd.caller.subject)?;
    let id = cmd.mint(AdverseEventId::mint);
    let harm = Harm {
        patient_ref: new.patient_ref.clone(),
        kind: new.kind.clone(),
        severity: new.severity,
        onset_at: new.onset_at,
        description: new.description.clone(),
        actions: new.actions.clone(),
        profession: reporter.map(|reporter| reporter.profession),
        hold_ids,
    };
    let event = AdverseEvent {
        organisation_id: cmd.organisation().clone(),
        standing: rules::reported(knowing, new.severity, &site.jurisdiction, cmd.now),
        site_id: site.id,
        visit_id: new.visit_id.clone(),
        protocol_id: protocol.map(|protocol| protocol.id.clone()),
        kind_unlisted: known.flatten().is_none(),
        clinical: patient.seal(id.as_str(), &harm)?,
        patient_id: patient.id,
        id: id.clone(),
        reported_by: cmd.caller.subject.clone(),
        recorded_at: cmd.now,
    };
    let mut about = about(&event, cmd.now);
    about.subjects.extend(suspects.iter().flat_map(|of| [of.administration_id.to_string(), of.lot_id.to_string()]));
    about.subjects.extend(event.visit_id.as_ref().map(ToString::to_string));
    about.subjects.extend(event.protocol_id.as_ref().map(ToString::to_string));
    cmd.record(about, Deed::AdverseEventReported { event: Box::new(event), administrations: suspects })?;
    Ok(id)
}

fn suspect(given: &Given) -> Suspect {
    let of = &given.administration;
    Suspect { administration_id: of.id.clone(), lot_id: of.lot_id.clone(), product_id: of.product_id.clone() }
}

/// The administrations that a field names: each of this patient, not voided, and named once.
pub(super) fn given(
    cmd: &mut Command<'_>,
    field: &str,
    ids: &[AdministrationId],
    patient: &PatientId,
) -> Result<Vec<Given>> {
    if ids.len() > ADVERSE_EVENT_ADMINISTRATIONS_MAX {
        let rule = format!("must have at most {ADVERSE_EVENT_ADMINISTRATIONS_MAX} entries");
        return Err(Error::invalid(ProblemCode::ListTooLong, field, rule));
    }
    let mut found = Vec::new();
    for (index, id) in ids.iter().enumerate() {
        let at = format!("{field}[{index}]");
        if ids.iter().take(index).any(|other| other == id) {
            return Err(Error::invalid(ProblemCode::DuplicateEntry, &at, "is named twice"));
        }
        let given = crate::treatment::service::seen(cmd.db, cmd.caller, id)?;
        let given = given.ok_or_else(|| Error::reference_unknown(&at))?;
        if given.administration.patient_id != *patient {
            return Err(Error::invalid(ProblemCode::NotOfThisPatient, &at, "was given to another patient"));
        }
        if given.void.is_some() {
            return Err(Error::invalid(ProblemCode::AdministrationVoided, &at, "was voided: it never happened"));
        }
        found.push(given);
    }
    Ok(found)
}

/// What was done has happened, and with what the patient was given.
pub(super) fn expect_actions(cmd: &mut Command<'_>, actions: &[Action], patient: &PatientId) -> Result<()> {
    if actions.len() > ADVERSE_EVENT_ACTIONS_MAX {
        let rule = format!("must have at most {ADVERSE_EVENT_ACTIONS_MAX} entries");
        return Err(Error::invalid(ProblemCode::ListTooLong, "actions", rule));
    }
    for (index, action) in actions.iter().enumerate() {
        rules::past(&format!("actions[{index}].at"), action.at, cmd.now)?;
        given(cmd, &format!("actions[{index}].administration_ids"), &action.administration_ids, patient)?;
    }
    Ok(())
}

fn expect_visit(cmd: &mut Command<'_>, id: &crate::ids::VisitId, patient: &PatientId) -> Result<Visit> {
    let visit = crate::visits::service::find(cmd.db, cmd.caller, id)?;
    let visit = visit.ok_or_else(|| Error::reference_unknown("visit_id"))?;
    if visit.patient_id == *patient {
        return Ok(visit);
    }
    Err(Error::invalid(ProblemCode::NotOfThisPatient, "visit_id", "is a visit of another patient"))
}

/// Where it is followed up: where somebody says, where the treatment was, or at the only site that whoever reports has.
fn followed_up_at(
    cmd: &mut Command<'_>,
    new: &NewAdverseEvent,
    given: &[Given],
    visit: Option<&Visit>,
) -> Result<Site> {
    let treated = given.first().map(|given| &given.administration.site_id).or(visit.map(|visit| &visit.site_id));
    if let Some(site) = new.site_id.as_ref().or(treated) {
        return crate::sites::service::expect_site(cmd.db, cmd.caller, site);
    }
    let mut own = crate::sites::service::list_sites(cmd.db, cmd.caller, Some(false), "", 2)?;
    let only = own.pop().filter(|_| own.is_empty());
    let rule = "must be given where it is about no treatment, and there is more than one site";
    only.ok_or_else(|| Error::invalid(ProblemCode::MissingField, "site_id", rule))
}

/// The adverse_event protocols that count for what it is about: one for each product, or that for everything.
fn counting(
    cmd: &mut Command<'_>,
    patient: &Patient,
    suspects: &[Suspect],
    visit: Option<&Visit>,
    site: &Site,
) -> Result<Vec<Protocol>> {
    let day = cmd.now.day_in(site.time_zone.rules());
    let mut products: Vec<ProductId> = suspects.iter().map(|suspect| suspect.product_id.clone()).collect();
    if let Some(visit) = visit.filter(|_| products.is_empty()) {
        products = patient.open(&visit.clinical)?.planned.into_iter().map(|planned| planned.product_id).collect();
    }
    products.sort();
    products.dedup();
    let ids: Vec<&ProductId> = products.iter().collect();
    let mut counting: Vec<Protocol> = Vec::new();
    for product in crate::catalogue::service::by_ids(cmd.db, cmd.organisation(), &ids)? {
        let in_force = crate::protocols::service::in_force(&mut cmd.known, cmd.db, &product, day)?;
        let counts = that_counts(&in_force, ProtocolKind::AdverseEvent);
        counting.extend(counts.filter(|counts| !counting.iter().any(|other| other.id == counts.id)).cloned());
    }
    if products.is_empty() {
        let in_force = crate::protocols::service::in_force_for_all(cmd.db, cmd.organisation(), day)?;
        counting.extend(that_counts(&in_force, ProtocolKind::AdverseEvent).cloned());
    }
    Ok(counting)
}

/// Holds every lot of what an adverse event is about, as `POST /v1/holds` does and for whom it does.
pub(super) fn hold_lots(cmd: &mut Command<'_>, hold: &HoldWith, suspects: &[Suspect]) -> Result<Vec<HoldId>> {
    let mut lots: Vec<&LotId> = suspects.iter().map(|suspect| &suspect.lot_id).collect();
    lots.sort();
    lots.dedup();
    if lots.is_empty() {
        let rule = "holds nothing: the adverse event is about no administration";
        return Err(Error::invalid(ProblemCode::InvalidValue, "hold", rule));
    }
    let mut opened = Vec::new();
    for lot in lots {
        let scope = crate::holds::service::expect_seen(cmd, Scope::Lot(lot.clone()))?;
        let scope = crate::holds::service::of_packs(cmd, scope, &[])?;
        let now = cmd.now;
        opened.push(crate::holds::service::open(cmd, scope, &hold.reason, Cause::manual(), now)?.id);
    }
    Ok(opened)
}

pub(super) fn about(event: &AdverseEvent, occurred_at: Moment) -> About {
    let subjects = vec![event.id.to_string(), event.patient_id.to_string()];
    About { occurred_at, site_id: Some(event.site_id.clone()), subjects }
}

/// The adverse event of that id, if the caller sees its site.
///
/// # Errors
/// What the database answers.
pub fn find(db: &mut Db, caller: &Caller, id: &AdverseEventId) -> Result<Option<AdverseEvent>> {
    Ok(store::find(db, &caller.organisation_id, id)?.filter(|event| caller.sees(&event.site_id)))
}

/// Whether there is an adverse event of a patient at sites that the caller sees.
///
/// # Errors
/// What the database answers.
pub fn any_of(db: &mut Db, caller: &Caller, patients: &[PatientId]) -> Result<bool> {
    let filter = store::Filter { patient: Some(patients.to_vec()), ..store::Filter::default() };
    Ok(!store::list(db, caller, &filter, "", 1)?.items.is_empty())
}

/// An adverse event with all that was recorded about it, opened as far as it can be.
pub(super) struct Whole {
    pub event: AdverseEvent,
    pub harm: Option<Harm>,
    pub suspects: Vec<SuspectRow>,
    pub entries: Vec<(Entry, Option<Said>)>,
}

/// Reads it.
///
/// # Errors
/// What the database and the store of patients' keys answer.
pub(super) fn whole(db: &mut Db, patients: &Patients, event: AdverseEvent) -> Result<Whole> {
    let organisation = event.organisation_id.clone();
    let entries = store::entries(db, &organisation, &event.id)?;
    let suspects = store::suspects(db, &organisation, &[&event.id])?;
    let patient = patients.by_id(&organisation, &event.patient_id)?;
    let opened = |entry: Entry| -> Result<(Entry, Option<Said>)> {
        let said = patient.as_ref().map(|patient| patient.open(&entry.said)).transpose()?;
        Ok((entry, said))
    };
    let entries = entries.into_iter().map(opened).collect::<Result<Vec<_>>>()?;
    let harm = patient.as_ref().map(|patient| patient.open(&event.clinical)).transpose()?;
    Ok(Whole { event, harm, suspects, entries })
}

impl Whole {
    /// What was done, in the order in which it was recorded.
    pub(super) fn actions(&self) -> Vec<Action> {
        let first = self.harm.iter().flat_map(|harm| &harm.actions);
        let since = self.entries.iter().flat_map(|(_, said)| match said {
            Some(Said::Review(review)) => review.actions.as_slice(),
            _ => &[],
        });
        first.chain(since).cloned().collect()
    }

    /// How bad it is, as was said last.
    pub(super) fn severity(&self) -> Option<crate::protocols::model::Severity> {
        let since = self.entries.iter().rev().find_map(|(_, said)| match said {
            Some(Said::Review(review)) => review.severity,
            _ => None,
        });
        since.or(self.harm.as_ref().map(|harm| harm.severity))
    }

    /// How it ended.
    pub(super) fn closure(&self) -> Option<&super::model::Closure> {
        self.entries.iter().find_map(|(_, said)| match said {
            Some(Said::Closure(closure)) => Some(closure),
            _ => None,
        })
    }

    fn hold_ids(&self) -> Vec<HoldId> {
        let first = self.harm.iter().flat_map(|harm| &harm.hold_ids);
        let since = self.entries.iter().flat_map(|(_, said)| match said {
            Some(Said::Review(review)) => review.hold_ids.as_slice(),
            _ => &[],
        });
        first.chain(since).cloned().collect()
    }

    fn shown(self, now: Moment) -> AdverseEventView {
        let (severity, actions, hold_ids) = (self.severity(), self.actions(), self.hold_ids());
        let outcome: Option<HarmOutcome> = self.closure().map(|closure| closure.outcome);
        let Whole { event, harm, suspects, entries } = self;
        AdverseEventView {
            head: HeadView::of(event, harm.as_ref(), suspects.into_iter().map(SuspectView::from).collect(), now),
            severity,
            description: harm.map(|harm| harm.description),
            actions,
            outcome,
            hold_ids,
            entries: entries.into_iter().map(|(entry, said)| EntryView::of(entry, said)).collect(),
        }
    }
}

impl From<SuspectRow> for SuspectView {
    fn from(row: SuspectRow) -> Self {
        let SuspectRow { administration_id, lot_id, product_id, voided, .. } = row;
        SuspectView { administration_id, product_id, lot_id, voided }
    }
}

/// The adverse event of that id as it stands, if the caller sees its site.
///
/// # Errors
/// What the database and the store of patients' keys answer.
pub fn show(
    db: &mut Db,
    patients: &Patients,
    (caller, now): (&Caller, Moment),
    id: &AdverseEventId,
) -> Result<Option<AdverseEventView>> {
    let Some(event) = find(db, caller, id)? else { return Ok(None) };
    Ok(Some(whole(db, patients, event)?.shown(now)))
}

/// A photograph of an adverse event.
///
/// # Errors
/// `not_found`, also for an entry that is none; what the database and the store of patients' keys answer.
pub fn photograph(view: &mut View<'_>, id: &AdverseEventId, entry: &AdverseEventEntryId) -> Result<Found> {
    let missing = || Error::not_found("photograph");
    let event = find(view.db, view.caller, id)?.ok_or_else(|| Error::not_found("adverse event"))?;
    let entry = store::entry(view.db, &event.organisation_id, &event.id, entry)?.ok_or_else(missing)?;
    let patient = view.patients.by_id(&event.organisation_id, &event.patient_id)?.ok_or_else(missing)?;
    match patient.open(&entry.said)? {
        Said::Photograph(said) => crate::evidence::photographs::find(view, patient, said.photograph),
        _ => Err(missing()),
    }
}

/// Adverse events as they stand in a list.
///
/// # Errors
/// What the database and the store of patients' keys answer.
pub fn heads(view: &mut View<'_>, found: Vec<AdverseEvent>) -> Result<Vec<HeadView>> {
    let organisation: &OrganisationId = &view.caller.organisation_id;
    let patients = view.patients.of_page(organisation, found.iter().map(|event| &event.patient_id))?;
    let ids: Vec<&AdverseEventId> = found.iter().map(|event| &event.id).collect();
    let mut suspects = if ids.is_empty() { Vec::new() } else { store::suspects(view.db, organisation, &ids)? };
    let now = view.now;
    found
        .into_iter()
        .map(|event| {
            let harm: Option<Harm> = patients.open(organisation, &event.clinical)?;
            let (own, rest): (Vec<_>, Vec<_>) =
                std::mem::take(&mut suspects).into_iter().partition(|row| row.adverse_event_id == event.id);
            suspects = rest;
            Ok(HeadView::of(event, harm.as_ref(), own.into_iter().map(SuspectView::from).collect(), now))
        })
        .collect()
}
