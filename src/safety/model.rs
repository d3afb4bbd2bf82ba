//! What an adverse event is, what is recorded about it, and what its clock is.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clock::Moment;
use crate::evidence::photographs::Photograph;
use crate::ids::{
    AdministrationId, AdverseEventEntryId, AdverseEventId, HoldId, LotId, OrganisationId, PatientId, ProductId,
    ProtocolId, SignalReviewId, SiteId, VisitId,
};
use crate::protocols::model::Severity;
use crate::sealing::Sealed;
use crate::values::{Json, Jurisdiction, PatientRef, Prose, Word, words};

words! {
    /// How far an adverse event is.
    AdverseEventState {
        /// It was reported, and nobody has reviewed it.
        Open "open",
        /// Somebody has reviewed it.
        Reviewed "reviewed",
        /// How it ended is known, as far as it will be.
        Closed "closed",
    }
    /// How an adverse event ended (ICH E2B(R3), E.i.7).
    HarmOutcome {
        /// It is over.
        Recovered "recovered",
        /// It gets better.
        Recovering "recovering",
        /// It is as it was.
        NotRecovered "not_recovered",
        /// It is over, and something stays.
        Permanent "permanent",
        /// The patient died.
        Fatal "fatal",
        /// Nobody knows.
        Unknown "unknown",
    }
    /// What is recorded about an adverse event after its report.
    AdverseEventEntryKind {
        /// Somebody who treats or oversees looked at it.
        Review "review",
        /// It was reported to an authority.
        ReportSent "report_sent",
        /// A photograph.
        Photograph "photograph",
        /// Its end.
        Closure "closure",
    }
}

/// An adverse event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdverseEvent {
    /// Its id.
    pub id: AdverseEventId,
    /// The organisation.
    pub organisation_id: OrganisationId,
    /// Where it is followed up.
    pub site_id: SiteId,
    /// Who was harmed: whose key opens what is clinical.
    pub patient_id: PatientId,
    /// The visit that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visit_id: Option<VisitId>,
    /// The version of the protocol that was in force, by which its clock runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protocol_id: Option<ProtocolId>,
    /// Whether no protocol in force knew its kind: then it has no clock.
    pub kind_unlisted: bool,
    /// What happened.
    pub clinical: Sealed<Harm>,
    /// Who reported it, by the subject of the token.
    pub reported_by: String,
    /// When.
    pub recorded_at: Moment,
    /// How far it is.
    #[serde(flatten)]
    pub standing: Standing,
}

/// How far an adverse event is, and what of it is due: all that changes of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// How far it is.
    pub state: AdverseEventState,
    /// By when somebody who may treat must have seen the patient.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub see_by: Option<Moment>,
    /// When somebody has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen_at: Option<Moment>,
    /// To whom it must be reported.
    pub duties: Json<Vec<Duty>>,
    /// When it was reviewed first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reviewed_at: Option<Moment>,
    /// When it was closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<Moment>,
}

/// An adverse event as its table has it.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = crate::db::schema::adverse_events, treat_none_as_default_value = false)]
pub struct Row {
    /// Its id.
    pub id: AdverseEventId,
    /// The organisation.
    pub organisation_id: OrganisationId,
    /// Where.
    pub site_id: SiteId,
    /// Who.
    pub patient_id: PatientId,
    /// The visit.
    pub visit_id: Option<VisitId>,
    /// The version of the protocol.
    pub protocol_id: Option<ProtocolId>,
    /// Whether it has no clock for want of one.
    pub kind_unlisted: bool,
    /// What happened.
    pub clinical: Sealed<Harm>,
    /// Who reported it.
    pub reported_by: String,
    /// When.
    pub recorded_at: Moment,
    /// How far it is.
    pub state: AdverseEventState,
    /// By when the patient must have been seen.
    pub see_by: Option<Moment>,
    /// When they were.
    pub seen_at: Option<Moment>,
    /// To whom it must be reported.
    pub duties: Json<Vec<Duty>>,
    /// When it was reviewed first.
    pub reviewed_at: Option<Moment>,
    /// When it was closed.
    pub closed_at: Option<Moment>,
    /// Where it stands among all.
    pub place: String,
}

impl From<AdverseEvent> for Row {
    fn from(event: AdverseEvent) -> Self {
        let place = event.place();
        let Standing { state, see_by, seen_at, duties, reviewed_at, closed_at } = event.standing;
        Row {
            id: event.id,
            organisation_id: event.organisation_id,
            site_id: event.site_id,
            patient_id: event.patient_id,
            visit_id: event.visit_id,
            protocol_id: event.protocol_id,
            kind_unlisted: event.kind_unlisted,
            clinical: event.clinical,
            reported_by: event.reported_by,
            recorded_at: event.recorded_at,
            state,
            see_by,
            seen_at,
            duties,
            reviewed_at,
            closed_at,
            place,
        }
    }
}

impl From<Row> for AdverseEvent {
    fn from(row: Row) -> Self {
        let Row { state, see_by, seen_at, duties, reviewed_at, closed_at, .. } = row;
        AdverseEvent {
            id: row.id,
            organisation_id: row.organisation_id,
            site_id: row.site_id,
            patient_id: row.patient_id,
            visit_id: row.visit_id,
            protocol_id: row.protocol_id,
            kind_unlisted: row.kind_unlisted,
            clinical: row.clinical,
            reported_by: row.reported_by,
            recorded_at: row.recorded_at,
            standing: Standing { state, see_by, seen_at, duties, reviewed_at, closed_at },
        }
    }
}

impl AdverseEvent {
    /// Where it stands among all: by what is due first, then those for which somebody must still do something, then the rest.
    pub fn place(&self) -> String {
        place(&self.id, self.recorded_at, &self.standing)
    }
}

/// Where an adverse event stands among all, as texts compare: by what is due first, then what is not closed, then the rest.
pub fn place(id: &AdverseEventId, recorded_at: Moment, standing: &Standing) -> String {
    let (urgency, at) = match (standing.due_at(), standing.state) {
        (Some(due), _) => (0, due),
        (None, AdverseEventState::Closed) => (2, recorded_at),
        (None, _) => (1, recorded_at),
    };
    // Seventeen digits reach beyond the year 5000, and adverse events are of this century.
    format!("{urgency}.{:017}.{id}", at.unix_micros().max(0))
}

impl Standing {
    /// By when the patient must be seen, as long as nobody has and it is not closed.
    pub fn to_see_by(&self) -> Option<Moment> {
        self.see_by.filter(|_| self.seen_at.is_none() && self.state != AdverseEventState::Closed)
    }

    /// What is due first, if anything is.
    pub fn due_at(&self) -> Option<Moment> {
        let unsent = self.duties.iter().filter(|duty| duty.sent_at.is_none()).map(|duty| duty.due_at);
        unsent.chain(self.to_see_by()).min()
    }
}

/// A report that must be made to an authority.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = AdverseEventDuty)]
pub struct Duty {
    /// To whom.
    pub to: Word,
    /// In which jurisdiction.
    pub jurisdiction: Jurisdiction,
    /// By when.
    pub due_at: Moment,
    /// When it was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<Moment>,
}

/// What is clinical of an adverse event (DOMAIN rule 24).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Harm {
    /// The patient: a reference that means something only to the clinic, as it was typed.
    pub patient_ref: PatientRef,
    /// What it was, by the protocol's code.
    pub kind: Word,
    /// How bad it was when it was reported.
    pub severity: Severity,
    /// When it began.
    pub onset_at: Moment,
    /// What happened, in words.
    pub description: Prose,
    /// What was done.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<Action>,
    /// The profession of whoever reported it, where the token is a practitioner's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profession: Option<Word>,
    /// The holds that were opened with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hold_ids: Vec<HoldId>,
}

/// Something that was done about an adverse event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AdverseEventAction)]
pub struct Action {
    /// What.
    pub text: Prose,
    /// When.
    pub at: Moment,
    /// With what: administrations to the same patient, such as that of hyaluronidase.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 20)]
    pub administration_ids: Vec<AdministrationId>,
}

/// An administration that an adverse event is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspect {
    /// The administration.
    pub administration_id: AdministrationId,
    /// Its lot.
    pub lot_id: LotId,
    /// Its product.
    pub product_id: ProductId,
}

/// The same as its table has it.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = crate::db::schema::adverse_event_administrations, treat_none_as_default_value = false)]
pub struct SuspectRow {
    /// The adverse event.
    pub adverse_event_id: AdverseEventId,
    /// The administration.
    pub administration_id: AdministrationId,
    /// The organisation.
    pub organisation_id: OrganisationId,
    /// Its lot.
    pub lot_id: LotId,
    /// Its product.
    pub product_id: ProductId,
    /// Whether it was voided since.
    pub voided: bool,
}

/// An administration of an adverse event that was voided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withdrawn {
    /// The adverse event.
    pub adverse_event_id: AdverseEventId,
    /// The administration.
    pub administration_id: AdministrationId,
    /// The lot that the adverse event is about no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lot_id: Option<LotId>,
    /// The product that it is about no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product_id: Option<ProductId>,
}

/// Something that was recorded about an adverse event. It never changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Queryable, Selectable, Insertable)]
#[diesel(table_name = crate::db::schema::adverse_event_entries, treat_none_as_default_value = false)]
pub struct Entry {
    /// Its id.
    pub id: AdverseEventEntryId,
    /// The organisation.
    pub organisation_id: OrganisationId,
    /// The adverse event.
    pub adverse_event_id: AdverseEventId,
    /// The patient.
    pub patient_id: PatientId,
    /// What it is.
    pub kind: AdverseEventEntryKind,
    /// What it says.
    pub said: Sealed<Said>,
    /// Who recorded it, by the subject of the token.
    pub recorded_by: String,
    /// When.
    pub recorded_at: Moment,
}

/// What an entry says. All of it is clinical.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Said {
    /// What somebody saw, did and thinks of it.
    Review(Review),
    /// That it was reported to an authority.
    ReportSent(ReportSent),
    /// How it looked.
    Photograph(Photographed),
    /// How it ended.
    Closure(Closure),
}

impl Said {
    /// What it is.
    pub fn kind(&self) -> AdverseEventEntryKind {
        match self {
            Said::Review(_) => AdverseEventEntryKind::Review,
            Said::ReportSent(_) => AdverseEventEntryKind::ReportSent,
            Said::Photograph(_) => AdverseEventEntryKind::Photograph,
            Said::Closure(_) => AdverseEventEntryKind::Closure,
        }
    }
}

/// What somebody saw, did and thinks of an adverse event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AdverseEventReview)]
pub struct Review {
    /// What they say.
    pub note: Prose,
    /// How bad it is from then on, where that changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// When the patient was seen by somebody who may treat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen_at: Option<Moment>,
    /// What was done.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<Action>,
    /// The holds that were opened with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hold_ids: Vec<HoldId>,
}

/// That an adverse event was reported to an authority.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AdverseEventReportSent)]
pub struct ReportSent {
    /// To whom.
    pub to: Word,
    /// When.
    pub sent_at: Moment,
    /// What they call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<Word>,
}

/// How an adverse event looked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AdverseEventPhotograph)]
pub struct Photographed {
    /// When the photograph was taken.
    pub taken_at: Moment,
    /// What is kept of it.
    pub photograph: Photograph,
}

/// How an adverse event ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AdverseEventClosure)]
pub struct Closure {
    /// How.
    pub outcome: HarmOutcome,
    /// What there is to say of it.
    pub note: Prose,
}

/// How many adverse events a lot or a product has, as it is counted.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = crate::db::schema::signal_counts, treat_none_as_default_value = false)]
pub struct Count {
    /// The id of the lot or the product.
    pub subject: String,
    /// The organisation.
    pub organisation_id: OrganisationId,
    /// The product, or that of the lot.
    pub product_id: ProductId,
    /// The lot; none where it is of a product.
    pub lot_id: Option<LotId>,
    /// Those that count.
    pub events: i64,
    /// Those that were ever reported.
    pub reported: i64,
    /// Those of them that somebody has looked at.
    pub reviewed: i64,
    /// The newest review.
    pub review_id: Option<SignalReviewId>,
    /// When one was reported last.
    pub reported_at: Moment,
}

impl Count {
    /// Whether any was reported that nobody has looked at.
    pub fn is_to_review(&self) -> bool {
        self.reported > self.reviewed
    }
}

/// What somebody has concluded of a signal, with the figures as they were.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Queryable, Selectable, Insertable)]
#[diesel(table_name = crate::db::schema::signal_reviews, treat_none_as_default_value = false)]
pub struct SignalReview {
    /// Its id.
    pub id: SignalReviewId,
    /// The organisation.
    pub organisation_id: OrganisationId,
    /// The product, or that of the lot.
    pub product_id: ProductId,
    /// The lot; none where it is of the product.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lot_id: Option<LotId>,
    /// Adverse events of it.
    pub events: i64,
    /// Units of it that were administered.
    pub units: i64,
    /// Adverse events of what it was compared with.
    pub other_events: i64,
    /// Units of that.
    pub other_units: i64,
    /// The ratio of the two rates, as a decimal number; none where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_ratio: Option<String>,
    /// The lower end of its 95 % interval.
    pub lower_limit: String,
    /// The upper end; none where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upper_limit: Option<String>,
    /// Whether that flagged it.
    pub flagged: bool,
    /// How many were ever reported by then.
    pub reported: i64,
    /// What was concluded.
    pub conclusion: Prose,
    /// By whom, by the subject of the token.
    pub reviewed_by: String,
    /// When.
    pub reviewed_at: Moment,
}
