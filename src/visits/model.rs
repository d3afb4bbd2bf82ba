//! What a visit is, and what is recorded in it.

use std::sync::Arc;

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::catalogue::model::{Product, ProductClass};
use crate::clock::Moment;
use crate::evidence::photographs::Photograph;
use crate::ids::{
    FollowUpId, OrganisationId, PatientId, PractitionerId, ProductId, ProtocolId, SiteId, VisitEntryId, VisitId,
};
use crate::prescriptions::model::Prescribed;
use crate::protocols::model::{Consequence, Protocol};
use crate::sealing::Sealed;
use crate::values::{PatientRef, Prose, Word, words};

words! {
    /// How far a visit is.
    VisitStatus {
        /// Things are recorded in it.
        Open "open",
        /// It was signed, and does not change any more.
        Signed "signed",
    }
}

/// A visit of a patient.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Queryable, Selectable, Insertable)]
#[diesel(table_name = crate::db::schema::visits, treat_none_as_default_value = false)]
pub struct Visit {
    /// Its id.
    pub id: VisitId,
    /// The organisation.
    pub organisation_id: OrganisationId,
    /// Where.
    pub site_id: SiteId,
    /// Who treats.
    pub practitioner_id: PractitionerId,
    /// Whose visit it is: whose key opens what is clinical.
    pub patient_id: PatientId,
    /// Who, and what is planned.
    pub clinical: Sealed<Clinical>,
    /// Who opened it, by the subject of the token.
    pub opened_by: String,
    /// When it began.
    pub occurred_at: Moment,
    /// When that was recorded.
    pub recorded_at: Moment,
    /// Who signed it, by the subject of the token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed_by: Option<String>,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed_at: Option<Moment>,
}

impl Visit {
    /// How far it is.
    pub fn status(&self) -> VisitStatus {
        if self.signed_at.is_some() { VisitStatus::Signed } else { VisitStatus::Open }
    }
}

/// What is clinical of a visit (DOMAIN rule 24).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clinical {
    /// The patient: a reference that means something only to the clinic, as it was typed.
    pub patient_ref: PatientRef,
    /// What is planned.
    pub planned: Vec<Planned>,
}

/// A treatment that is planned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Planned {
    /// With which product.
    pub product_id: ProductId,
    /// Of which area.
    pub area: Word,
}

/// The signature under a visit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// The visit.
    pub visit_id: VisitId,
    /// Who signed, as a practitioner.
    pub practitioner_id: PractitionerId,
    /// The subject of their token.
    pub signed_by: String,
    /// When.
    pub signed_at: Moment,
}

words! {
    /// What is recorded in a visit.
    VisitEntryKind {
        /// Answers to what the protocol asks.
        Screening "screening",
        /// What was explained, and the consent to it.
        Consent "consent",
        /// The end of every consent that was given before.
        Withdrawal "withdrawal",
        /// Whether the patient is of age, and by what that was seen.
        AgeAttestation "age_attestation",
        /// What is to be reached.
        Goals "goals",
        /// How what was done can be undone, or what is done instead.
        ReversibilityPlan "reversibility_plan",
        /// What the patient was told to do at home, and when to come back.
        Aftercare "aftercare",
        /// A photograph of a view.
        Photograph "photograph",
        /// What was seen after the treatment.
        FollowUp "follow_up",
        /// What is added.
        Addendum "addendum",
    }
}

/// Something that was recorded in a visit. It never changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Queryable, Selectable, Insertable)]
#[diesel(table_name = crate::db::schema::visit_entries, treat_none_as_default_value = false)]
pub struct Entry {
    /// Its id.
    pub id: VisitEntryId,
    /// The organisation.
    pub organisation_id: OrganisationId,
    /// The visit.
    pub visit_id: VisitId,
    /// The patient.
    pub patient_id: PatientId,
    /// What it is.
    pub kind: VisitEntryKind,
    /// The version of the protocol that it rests on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protocol_id: Option<ProtocolId>,
    /// Whether that version was no longer, or not yet, in force when it happened.
    pub is_superseded: bool,
    /// What it says.
    pub said: Sealed<Said>,
    /// Who recorded it, by the subject of the token.
    pub recorded_by: String,
    /// When it happened.
    pub occurred_at: Moment,
    /// When that was recorded.
    pub recorded_at: Moment,
}

/// What an entry says. All of it is clinical.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Said {
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

impl Said {
    /// What it is.
    pub fn kind(&self) -> VisitEntryKind {
        match self {
            Said::Screening(_) => VisitEntryKind::Screening,
            Said::Consent(_) => VisitEntryKind::Consent,
            Said::Withdrawal(_) => VisitEntryKind::Withdrawal,
            Said::AgeAttestation(_) => VisitEntryKind::AgeAttestation,
            Said::Goals(_) => VisitEntryKind::Goals,
            Said::ReversibilityPlan(_) => VisitEntryKind::ReversibilityPlan,
            Said::Aftercare(_) => VisitEntryKind::Aftercare,
            Said::Photograph(_) => VisitEntryKind::Photograph,
            Said::FollowUp(_) => VisitEntryKind::FollowUp,
            Said::Addendum(_) => VisitEntryKind::Addendum,
        }
    }
}

/// Which version of which document something rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Rested {
    /// The version.
    pub protocol_id: ProtocolId,
    /// For which product, class or everything it is.
    #[schema(value_type = String)]
    pub scope: String,
    /// Its number.
    pub version: i64,
}

impl Rested {
    /// On a version.
    pub fn on(protocol: &Protocol) -> Self {
        Rested { protocol_id: protocol.id.clone(), scope: protocol.scope.clone(), version: protocol.version }
    }
}

/// Answers to what a protocol asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Screened {
    /// The version whose questions they answer.
    pub protocol: Rested,
    /// The answers.
    pub answers: Vec<Answer>,
    /// What follows from them, but for answers from which nothing does.
    pub findings: Vec<Finding>,
}

/// An answer to a question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// The question, by its code.
    pub question: Word,
    /// The answer: `true` or `false`, the code of a choice, a whole number, a day or null, a text or null, as the question asks.
    #[schema(value_type = Value)]
    pub value: serde_json::Value,
    /// What whoever asked has to say of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Prose>,
}

/// What follows from an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Finding {
    /// The question, by its code.
    pub question: Word,
    /// What follows.
    pub consequence: Consequence,
}

impl Screened {
    /// The questions whose answers have a consequence.
    pub fn with(&self, consequence: Consequence) -> impl Iterator<Item = &Word> {
        self.findings.iter().filter(move |finding| finding.consequence == consequence).map(|finding| &finding.question)
    }

    /// The questions that somebody is to look at, and of which nobody has said that they did.
    pub fn to_review(&self) -> impl Iterator<Item = &Word> {
        self.with(Consequence::Review).filter(|question| {
            !self.answers.iter().any(|answer| answer.question == **question && answer.note.is_some())
        })
    }
}

words! {
    /// How something was explained.
    Means {
        /// By mouth.
        Spoken "spoken",
        /// On paper, or on a screen to keep.
        Written "written",
    }
}

/// What was explained, and the consent to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Consented {
    /// The version whose points were explained.
    pub protocol: Rested,
    /// The points that were explained.
    pub explained: Vec<Explained>,
    /// The consent, once it was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreed: Option<Agreed>,
}

/// A point that was explained.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Explained {
    /// The point, by its code.
    pub point: Word,
    /// How.
    pub by: Vec<Means>,
    /// To whom: the patient, or somebody who decides or interprets for them.
    pub to_whom: Word,
    /// When.
    pub at: Moment,
}

/// A consent: signed, attested by a witness, or both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Agreed {
    /// When it was given.
    pub at: Moment,
    /// Who saw it given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub witness: Option<Word>,
    /// The photograph of the same visit that shows the signature.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<VisitEntryId>,
}

/// The end of every consent that was given before in the visit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Withdrawn {
    /// Why, or null where that was not said: nobody must give a reason.
    pub reason: Option<Prose>,
}

/// Whether a patient is of age, as somebody has seen. Never a date of birth.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OfAge {
    /// Whether they are, on the day.
    pub of_age: bool,
    /// By what that was seen, such as a passport.
    pub seen: Word,
}

/// What is to be reached, as one can see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Goals {
    /// At once, such as contour, projection, symmetry.
    pub immediate: Vec<Prose>,
    /// Later, such as skin quality, texture, firmness.
    pub later: Vec<Prose>,
}

/// How what is done can be undone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reversal {
    /// With which product, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product_id: Option<ProductId>,
    /// How many units of it could be used at the site at that moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub units_in_date: Option<i64>,
    /// What is done where nothing undoes it, or beside that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instead: Option<Prose>,
}

/// What a patient was told to do at home.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Told {
    /// The version that says it.
    pub protocol: Rested,
    /// In which of its languages.
    pub language: Word,
    /// How.
    pub by: Vec<Means>,
    /// When to come back or to call, as it was written in the note; none where it was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub return_precautions: Option<Prose>,
}

/// What is added to a visit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Added {
    /// The text.
    pub text: Prose,
}

/// An entry, opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// When it happened.
    pub at: Moment,
    /// What it says.
    pub said: Said,
}

/// What is known of a treatment that is about to be, or was: what [`may_be_treated`](super::rules::may_be_treated) sees.
#[derive(Clone, Debug, Default)]
pub struct Around {
    /// The visit, with what was recorded in it by the moment, and what the patient answered elsewhere since it began, in the order of
    /// time.
    pub visit: Option<(VisitId, Vec<Opened>)>,
    /// What is in force for the product on the day, read where something is asked of it.
    pub in_force: Arc<[Protocol]>,
    /// When the patient was treated before with the product's class, and of which area; newest first.
    pub earlier: Vec<Earlier>,
    /// Whether nobody says whom it is for.
    pub is_for_nobody: bool,
    /// Of which areas it is; those that are planned where nobody says.
    pub areas: Vec<Word>,
    /// What was prescribed for the patient.
    pub prescribed: Prescribed,
    /// Each product of the emergency kit, with how many units of it could be used at the site.
    pub kit: Vec<(Product, i64)>,
}

/// An earlier treatment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Earlier {
    /// When.
    pub at: Moment,
    /// Of which area.
    pub area: Word,
}

words! {
    /// What is due after a treatment.
    FollowUpKind {
        /// Somebody looks at the patient, as the follow-up protocol says.
        Check "check",
        /// It is usual to treat again, as the retreatment protocol says.
        Retreatment "retreatment",
    }
}

/// What is due after a treatment. It is planned when the visit is signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Queryable, Selectable, Insertable)]
#[diesel(table_name = crate::db::schema::follow_ups, treat_none_as_default_value = false)]
pub struct FollowUp {
    /// Its id.
    pub id: FollowUpId,
    /// The organisation.
    pub organisation_id: OrganisationId,
    /// The visit after which it is due.
    pub visit_id: VisitId,
    /// Where that was.
    pub site_id: SiteId,
    /// The patient.
    pub patient_id: PatientId,
    /// Who treated.
    pub practitioner_id: PractitionerId,
    /// What is due.
    pub kind: FollowUpKind,
    /// The version of the protocol that says so.
    pub protocol_id: ProtocolId,
    /// Which of its checks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check_code: Option<Word>,
    /// The class that it is usual to be treated with again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<ProductClass>,
    /// On which day, at the site.
    pub due_on: NaiveDate,
    /// When that was planned.
    pub planned_at: Moment,
    /// Who ended it, by the subject of the token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_by: Option<String>,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Moment>,
    /// The entry that says what was seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry_id: Option<VisitEntryId>,
    /// The visit in which the patient was treated again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_in: Option<VisitId>,
    /// Why it was given up, sealed under the patient's key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_reason: Option<Sealed<Prose>>,
}

/// How what was due ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ending {
    /// What was due.
    pub follow_up_id: FollowUpId,
    /// Who ended it, by the subject of the token.
    pub by: String,
    /// When.
    pub at: Moment,
    /// The entry that says what was seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry_id: Option<VisitEntryId>,
    /// The visit in which the patient was treated again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visit_id: Option<VisitId>,
    /// Why it was given up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Sealed<Prose>>,
}

/// What was seen after a treatment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FollowedUp {
    /// The version that asks for it.
    pub protocol: Rested,
    /// Which of its checks.
    pub check: Word,
    /// Each symptom that it asks for, and whether the patient has it.
    pub symptoms: Vec<Symptom>,
    /// How it has come out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<TreatmentOutcome>,
    /// What else is to be said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Prose>,
}

/// Whether a patient has a symptom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Symptom {
    /// The symptom, as the protocol calls it.
    pub symptom: Word,
    /// Whether they have it.
    pub present: bool,
    /// What is to be said of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Prose>,
}

words! {
    /// Who says how it has come out.
    SaidBy {
        /// The patient.
        Patient "patient",
        /// Whoever looks at them.
        Observer "observer",
    }
}

/// How a treatment has come out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TreatmentOutcome {
    /// The step of the protocol's scale.
    pub rating: Word,
    /// Who says so.
    pub said_by: SaidBy,
}
