//! Requests and answers about visits.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model::{
    Added, Answer, Clinical, Consented, Entry, FollowUp, FollowUpKind, FollowedUp, Goals, Means, OfAge, Planned,
    Reversal, Said, Screened, Symptom, Told, TreatmentOutcome, Visit, VisitEntryKind, VisitStatus, Withdrawn,
};
use crate::catalogue::model::ProductClass;
use crate::clock::Moment;
use crate::decision::ReasonCode;
use crate::error::Result;
use crate::evidence::photographs::Photograph;
use crate::http::paging::{Cursor, Limit};
use crate::ids::{AdministrationId, FollowUpId, PractitionerId, ProductId, ProtocolId, SiteId, VisitEntryId, VisitId};
use crate::sealing::Patient;
use crate::values::{PatientRef, Prose, Word};

/// A visit to open.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "site_id": "site_01932c07-8d00-7000-8000-000000000001", "patient_ref": "P-1001",
    "practitioner_id": "prac_01932c07-8d00-7000-8000-000000000003",
    "planned": [{"product_id": "prd_01932c07-8d00-7000-8000-000000000007", "area": "midface"}]
}))]
pub struct NewVisit {
    /// Where.
    pub site_id: SiteId,
    /// Whose visit it is: a reference that means something only to your clinic.
    pub patient_ref: PatientRef,
    /// Who treats; the practitioner whose token it is if left out.
    #[serde(default)]
    pub practitioner_id: Option<PractitionerId>,
    /// What is planned: by it the protocols are found that the visit rests on.
    #[schema(min_items = 1, max_items = 20)]
    pub planned: Vec<Planned>,
    /// When it began; now if left out, at most 30 days back.
    #[serde(default)]
    pub occurred_at: Option<Moment>,
}

/// Answers to record.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"answers": [
    {"question": "pregnancy", "value": false}, {"question": "infection", "value": "2026-05-01", "note": "A cold"}
]}))]
pub struct NewScreening {
    /// The version whose questions were asked; the one in force for what is planned if left out. One that is not in force is kept, and
    /// marked.
    #[serde(default)]
    pub protocol_id: Option<ProtocolId>,
    /// The answers.
    #[schema(min_items = 1, max_items = 100)]
    pub answers: Vec<Answer>,
    /// When; now if left out, at most 30 days back.
    #[serde(default)]
    pub occurred_at: Option<Moment>,
}

/// What was explained, and the consent.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "explained": [{"point": "risks", "by": ["spoken", "written"], "to_whom": "the patient"}],
    "agreed": {"witness": "N. Example, nurse"}
}))]
pub struct NewConsent {
    /// The version whose points were explained; the one in force for what is planned if left out.
    #[serde(default)]
    pub protocol_id: Option<ProtocolId>,
    /// What was explained. What was explained before, in a request of its own, need not be said again.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub explained: Vec<NewExplained>,
    /// The consent; left out where the patient still thinks about it.
    #[serde(default)]
    pub agreed: Option<NewAgreed>,
}

/// A point that was explained.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewExplained {
    /// The point, by its code.
    pub point: Word,
    /// How.
    #[schema(min_items = 1)]
    pub by: Vec<Means>,
    /// To whom: the patient, or somebody who decides or interprets for them.
    pub to_whom: Word,
    /// When; at the consent if left out, or now.
    #[serde(default)]
    pub at: Option<Moment>,
}

/// A consent: signed, attested by a witness, or both.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAgreed {
    /// When it was given; now if left out.
    #[serde(default)]
    pub at: Option<Moment>,
    /// Who saw it given.
    #[serde(default)]
    pub witness: Option<Word>,
    /// The signature: a photograph of this visit that shows it, by its entry.
    #[serde(default)]
    pub signature: Option<VisitEntryId>,
}

/// A withdrawal of consent.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewConsentWithdrawal, example = json!({"reason": "Wants to think about it"}))]
pub struct NewWithdrawal {
    /// Why, where that was said: nobody must give a reason.
    #[serde(default)]
    pub reason: Option<Prose>,
    /// When; now if left out, at most 30 days back.
    #[serde(default)]
    pub occurred_at: Option<Moment>,
}

/// Whether the patient is of age.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"of_age": true, "seen": "passport"}))]
pub struct NewAgeAttestation {
    /// Whether they are, on the day.
    pub of_age: bool,
    /// By what that was seen, such as a passport. Neither its number nor a date of birth.
    pub seen: Word,
    /// When; now if left out, at most 30 days back.
    #[serde(default)]
    pub occurred_at: Option<Moment>,
}

/// What is to be reached, as one can see it.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"immediate": ["Symmetry of the cheeks"], "later": ["Firmer skin after three months"]}))]
pub struct NewGoals {
    /// At once, such as contour, projection, symmetry.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub immediate: Vec<Prose>,
    /// Later, such as skin quality, texture, firmness.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub later: Vec<Prose>,
    /// When; now if left out, at most 30 days back.
    #[serde(default)]
    pub occurred_at: Option<Moment>,
}

/// How what is done can be undone.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"instead": "Nothing dissolves it: massage, warmth, referral to the hospital on call"}))]
pub struct NewReversalPlan {
    /// With which product, where there is one: how many units of it are in date at the site is noted.
    #[serde(default)]
    pub product_id: Option<ProductId>,
    /// What is done where nothing undoes it, or beside that.
    #[serde(default)]
    pub instead: Option<Prose>,
    /// When; now if left out, at most 30 days back.
    #[serde(default)]
    pub occurred_at: Option<Moment>,
}

/// What the patient was told to do at home.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "language": "en-GB", "by": ["spoken", "written"], "return_precautions": "Call at once if the skin turns white or vision changes"
}))]
pub struct NewAftercare {
    /// The version that says it; the one in force for what is planned if left out.
    #[serde(default)]
    pub protocol_id: Option<ProtocolId>,
    /// In which of its languages.
    pub language: Word,
    /// How.
    #[schema(min_items = 1)]
    pub by: Vec<Means>,
    /// When to come back or to call, as it is written in the note.
    #[serde(default)]
    pub return_precautions: Option<Prose>,
    /// When; now if left out, at most 30 days back.
    #[serde(default)]
    pub occurred_at: Option<Moment>,
}

/// Something to add to a visit.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"text": "The patient called: no pain, slight swelling"}))]
pub struct NewAddendum {
    /// The text.
    pub text: Prose,
}

/// A signature: the token says whose.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSignature {}

/// What an entry says.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum EntryContent {
    /// Answers.
    Screening(Screened),
    /// What was explained, and the consent.
    Consent(Consented),
    /// The end of a consent.
    Withdrawal(Withdrawn),
    /// Whether the patient is of age.
    AgeAttestation(OfAge),
    /// What is to be reached.
    Goals(Goals),
    /// How it can be undone.
    ReversibilityPlan(Reversal),
    /// What the patient was told.
    Aftercare(Told),
    /// A photograph.
    Photograph(Photograph),
    /// What was seen after the treatment.
    FollowUp(FollowedUp),
    /// What is added.
    Addendum(Added),
}

impl From<Said> for EntryContent {
    fn from(said: Said) -> Self {
        match said {
            Said::Screening(said) => EntryContent::Screening(said),
            Said::Consent(said) => EntryContent::Consent(said),
            Said::Withdrawal(said) => EntryContent::Withdrawal(said),
            Said::AgeAttestation(said) => EntryContent::AgeAttestation(said),
            Said::Goals(said) => EntryContent::Goals(said),
            Said::ReversibilityPlan(said) => EntryContent::ReversibilityPlan(said),
            Said::Aftercare(said) => EntryContent::Aftercare(said),
            Said::Photograph(said) => EntryContent::Photograph(said),
            Said::FollowUp(said) => EntryContent::FollowUp(said),
            Said::Addendum(said) => EntryContent::Addendum(said),
        }
    }
}

/// Something that was recorded in a visit. It never changes.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = VisitEntry)]
pub struct EntryView {
    pub(super) id: VisitEntryId,
    pub(super) visit_id: VisitId,
    pub(super) kind: VisitEntryKind,
    /// The version of the protocol that it rests on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) protocol_id: Option<ProtocolId>,
    /// Whether that version was no longer, or not yet, in force when it happened.
    pub(super) is_superseded: bool,
    /// What it says, by its kind. Null when the patient was erased.
    pub(super) content: Option<EntryContent>,
    /// Who recorded it, by the subject of the token.
    pub(super) recorded_by: String,
    pub(super) occurred_at: Moment,
    pub(super) recorded_at: Moment,
}

impl EntryView {
    pub(super) fn of(entry: Entry, said: Option<Said>) -> Self {
        EntryView {
            id: entry.id,
            visit_id: entry.visit_id,
            kind: entry.kind,
            protocol_id: entry.protocol_id,
            is_superseded: entry.is_superseded,
            content: said.map(EntryContent::from),
            recorded_by: entry.recorded_by,
            occurred_at: entry.occurred_at,
            recorded_at: entry.recorded_at,
        }
    }
}

/// Something that a visit lacks before it can be signed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MissingOfVisit)]
pub struct Missing {
    pub(super) code: ReasonCode,
    pub(super) message: String,
}

/// A visit, as it stands in a list.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = VisitHead)]
pub struct HeadView {
    pub(super) id: VisitId,
    pub(super) status: VisitStatus,
    pub(super) site_id: SiteId,
    pub(super) practitioner_id: PractitionerId,
    /// Null when the patient was erased.
    pub(super) patient_ref: Option<PatientRef>,
    /// Null when the patient was erased.
    pub(super) planned: Option<Vec<Planned>>,
    /// Who opened it, by the subject of the token.
    pub(super) opened_by: String,
    pub(super) occurred_at: Moment,
    pub(super) recorded_at: Moment,
    /// Who signed it, by the subject of the token; left out while it is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) signed_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) signed_at: Option<Moment>,
}

impl HeadView {
    pub(super) fn of(visit: Visit, clinical: Option<Clinical>) -> Self {
        let (patient_ref, planned) = clinical.map(|clinical| (clinical.patient_ref, clinical.planned)).unzip();
        HeadView {
            status: visit.status(),
            id: visit.id,
            site_id: visit.site_id,
            practitioner_id: visit.practitioner_id,
            patient_ref,
            planned,
            opened_by: visit.opened_by,
            occurred_at: visit.occurred_at,
            recorded_at: visit.recorded_at,
            signed_by: visit.signed_by,
            signed_at: visit.signed_at,
        }
    }
}

/// A visit, with all that was recorded in it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Visit)]
pub struct VisitView {
    #[serde(flatten)]
    pub(super) head: HeadView,
    /// What was recorded in it, in the order of what happened.
    pub(super) entries: Vec<EntryView>,
    /// What was administered in it.
    pub(super) administration_ids: Vec<AdministrationId>,
    /// What is and was due after it; planned when it is signed.
    pub(super) follow_ups: Vec<FollowUpView>,
    /// What it lacks before it can be signed, all at once; nothing once it is.
    pub(super) missing: Vec<Missing>,
}

impl VisitView {
    pub(super) fn of(
        visit: Visit,
        clinical: Option<Clinical>,
        entries: Vec<EntryView>,
        administration_ids: Vec<AdministrationId>,
        follow_ups: Vec<FollowUpView>,
        missing: Vec<Missing>,
    ) -> Self {
        VisitView { head: HeadView::of(visit, clinical), entries, administration_ids, follow_ups, missing }
    }
}

/// Which visits.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct VisitFilter {
    /// Only at this site.
    pub(super) site_id: Option<SiteId>,
    /// Only of this practitioner.
    pub(super) practitioner_id: Option<PractitionerId>,
    /// Only those that are open, or only those that are signed.
    pub(super) open: Option<bool>,
    /// How many items at the most.
    pub(super) limit: Option<Limit>,
    /// Where the page before ended.
    pub(super) cursor: Option<Cursor>,
}

/// Whose visits.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"patient_ref": "P-1001"}))]
pub struct VisitSearch {
    /// The patient.
    pub patient_ref: PatientRef,
    /// How many items at the most.
    #[serde(default)]
    pub limit: Option<Limit>,
    /// Where the page before ended.
    #[serde(default)]
    pub cursor: Option<Cursor>,
}

/// What is or was due after a treatment.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FollowUpDue)]
pub struct FollowUpView {
    pub(super) id: FollowUpId,
    pub(super) kind: FollowUpKind,
    pub(super) visit_id: VisitId,
    pub(super) site_id: SiteId,
    pub(super) practitioner_id: PractitionerId,
    /// Null when the patient was erased.
    pub(super) patient_ref: Option<PatientRef>,
    /// The version of the protocol that says so.
    pub(super) protocol_id: ProtocolId,
    /// Which of its checks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) check: Option<Word>,
    /// The class that it is usual to be treated with again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) class: Option<ProductClass>,
    /// On which day, at the site.
    pub(super) due_on: NaiveDate,
    pub(super) planned_at: Moment,
    /// Who ended it, by the subject of the token; left out while it is due.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ended_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ended_at: Option<Moment>,
    /// The entry that says what was seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) entry_id: Option<VisitEntryId>,
    /// The visit in which the patient was treated again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) treated_again_in: Option<VisitId>,
    /// Why it was given up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<Prose>,
}

impl FollowUpView {
    /// With what its patient's key opens.
    pub(super) fn of(due: FollowUp, patient: Option<&Patient>, visit: &Visit) -> Result<Self> {
        let clinical = patient.map(|patient| patient.open(&visit.clinical)).transpose()?;
        let reason = patient.zip(due.end_reason.as_ref()).map(|(patient, reason)| patient.open(reason)).transpose()?;
        Ok(FollowUpView {
            id: due.id,
            kind: due.kind,
            visit_id: due.visit_id,
            site_id: due.site_id,
            practitioner_id: due.practitioner_id,
            patient_ref: clinical.map(|clinical| clinical.patient_ref),
            protocol_id: due.protocol_id,
            check: due.check_code,
            class: due.class,
            due_on: due.due_on,
            planned_at: due.planned_at,
            ended_by: due.ended_by,
            ended_at: due.ended_at,
            entry_id: due.entry_id,
            treated_again_in: due.ended_in,
            reason,
        })
    }
}

/// Which of what is due.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FollowUpQuery {
    /// Only after visits at this site.
    pub(super) site_id: Option<SiteId>,
    /// Only of this kind.
    pub(super) kind: Option<FollowUpKind>,
    /// Only what is due up to this day.
    #[serde(default, deserialize_with = "crate::values::optional_day")]
    pub(super) until: Option<NaiveDate>,
    /// How many items at the most.
    pub(super) limit: Option<Limit>,
    /// Where the page before ended.
    pub(super) cursor: Option<Cursor>,
}

/// What was seen after a treatment.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "symptoms": [{"symptom": "swelling", "present": false}, {"symptom": "pain", "present": true, "note": "On touch"}],
    "outcome": {"rating": "much improved", "said_by": "patient"}, "note": "Seen by video"
}))]
pub struct NewFollowUpReview {
    /// Each symptom that the protocol asks for, and whether the patient has it.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub symptoms: Vec<Symptom>,
    /// How it has come out, on the protocol's scale.
    #[serde(default)]
    pub outcome: Option<TreatmentOutcome>,
    /// What else is to be said.
    #[serde(default)]
    pub note: Option<Prose>,
    /// When; now if left out, at most 30 days back.
    #[serde(default)]
    pub occurred_at: Option<Moment>,
}

/// Why what was due is given up.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "The patient has moved away"}))]
pub struct FollowUpClosing {
    /// Why.
    pub reason: Prose,
}
