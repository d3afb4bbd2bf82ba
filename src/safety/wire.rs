//! Requests and answers about adverse events.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model::{
    Action, AdverseEvent, AdverseEventEntryKind, AdverseEventState, Closure, Duty, Entry, Harm, HarmOutcome,
    Photographed, ReportSent, Review, Said,
};
use crate::clock::Moment;
use crate::http::paging::{Cursor, Limit};
use crate::ids::{
    AdministrationId, AdverseEventEntryId, AdverseEventId, HoldId, LotId, ProductId, ProtocolId, SiteId, VisitId,
};
use crate::protocols::model::Severity;
use crate::values::{Jurisdiction, LotText, Name, PatientRef, Prose, Serial, UdiDi, Word};

/// An adverse event to report.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "administration_ids": ["adm_01932c07-8d00-7000-8000-00000000000c"], "patient_ref": "P-1001", "kind": "vascular_occlusion",
    "severity": "serious", "onset_at": "2026-07-01T10:30:00Z", "description": "Blanching of the left cheek, pain",
    "actions": [{"text": "Warm compress, massage", "at": "2026-07-01T10:40:00Z"}]
}))]
pub struct NewAdverseEvent {
    /// What it is about: administrations to this patient that were not voided.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub administration_ids: Vec<AdministrationId>,
    /// The visit that it is about.
    #[serde(default)]
    pub visit_id: Option<VisitId>,
    /// Where it is followed up; where the treatment was if left out, or at the only site that there is for the token.
    #[serde(default)]
    pub site_id: Option<SiteId>,
    /// Who was harmed.
    pub patient_ref: PatientRef,
    /// What it is, by its code in the adverse_event protocol that is in force for what was administered. One that no protocol knows is
    /// recorded all the same, marked as `kind_unlisted`, and has no clock.
    pub kind: Word,
    /// How bad it is.
    pub severity: Severity,
    /// When it began; not before what was administered.
    pub onset_at: Moment,
    /// What happened, in words.
    pub description: Prose,
    /// What was done about it.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub actions: Vec<Action>,
    /// Holds every lot of its administrations at once, as `POST /v1/holds` does, for whom it does: somebody of quality.
    #[serde(default)]
    pub hold: Option<HoldWith>,
}

/// Why lots are held with an adverse event.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HoldWith {
    /// Why. A hold is read by many: name no patient.
    pub reason: Prose,
}

/// A review of an adverse event.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewAdverseEventReview, example = json!({"note": "Capillary refill is back", "seen_at": "2026-07-01T11:00:00Z"}))]
pub struct NewReview {
    /// What there is to say of it.
    pub note: Prose,
    /// How bad it is from now on, where that changed.
    #[serde(default)]
    pub severity: Option<Severity>,
    /// When the patient was seen by somebody who may treat: the first of these ends that clock.
    #[serde(default)]
    pub seen_at: Option<Moment>,
    /// What was done about it.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub actions: Vec<Action>,
    /// Holds every lot of its administrations at once.
    #[serde(default)]
    pub hold: Option<HoldWith>,
}

/// That an adverse event was reported to an authority.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewAdverseEventReportSent, example = json!({"to": "MHRA Yellow Card", "reference": "YC-2026-1"}))]
pub struct NewReportSent {
    /// To whom, as the protocol calls them: what was owed to them is done. Others may be told, too.
    pub to: Word,
    /// When; now if left out, at most 30 days back.
    #[serde(default)]
    pub sent_at: Option<Moment>,
    /// What they call it.
    #[serde(default)]
    pub reference: Option<Word>,
}

/// The end of an adverse event.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewAdverseEventClosure, example = json!({"outcome": "recovered", "note": "No mark is left after 14 days"}))]
pub struct NewClosure {
    /// How it ended.
    pub outcome: HarmOutcome,
    /// What there is to say of it.
    pub note: Prose,
}

/// What an entry says.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = AdverseEventEntryContent)]
pub enum EntryContent {
    /// A review.
    Review(Review),
    /// A report to an authority.
    ReportSent(ReportSent),
    /// A photograph.
    Photograph(Photographed),
    /// Its end.
    Closure(Closure),
}

impl From<Said> for EntryContent {
    fn from(said: Said) -> Self {
        match said {
            Said::Review(said) => EntryContent::Review(said),
            Said::ReportSent(said) => EntryContent::ReportSent(said),
            Said::Photograph(said) => EntryContent::Photograph(said),
            Said::Closure(said) => EntryContent::Closure(said),
        }
    }
}

/// Something that was recorded about an adverse event. It never changes.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AdverseEventEntry)]
pub struct EntryView {
    pub(super) id: AdverseEventEntryId,
    pub(super) kind: AdverseEventEntryKind,
    /// What it says, by its kind. Null when the patient was erased.
    pub(super) content: Option<EntryContent>,
    /// Who recorded it, by the subject of the token.
    pub(super) recorded_by: String,
    pub(super) recorded_at: Moment,
}

impl EntryView {
    pub(super) fn of(entry: Entry, said: Option<Said>) -> Self {
        EntryView {
            id: entry.id,
            kind: entry.kind,
            content: said.map(EntryContent::from),
            recorded_by: entry.recorded_by,
            recorded_at: entry.recorded_at,
        }
    }
}

/// An administration that an adverse event is about.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AdverseEventAdministration)]
pub struct SuspectView {
    pub(super) administration_id: AdministrationId,
    pub(super) product_id: ProductId,
    pub(super) lot_id: LotId,
    /// Whether it was voided since: then it counts for nothing.
    pub(super) voided: bool,
}

/// An adverse event, as it stands in a list.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AdverseEventHead)]
pub struct HeadView {
    pub(super) id: AdverseEventId,
    pub(super) state: AdverseEventState,
    /// Where it is followed up.
    pub(super) site_id: SiteId,
    /// The visit that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) visit_id: Option<VisitId>,
    /// Null when the patient was erased.
    pub(super) patient_ref: Option<PatientRef>,
    /// What it is. Null when the patient was erased.
    pub(super) kind: Option<Word>,
    /// How bad it was when it was reported. Null when the patient was erased.
    pub(super) reported_severity: Option<Severity>,
    /// When it began. Null when the patient was erased.
    pub(super) onset_at: Option<Moment>,
    /// Whether no protocol in force knew its kind: then it has no clock.
    pub(super) kind_unlisted: bool,
    /// The version of the protocol by which its clock runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) protocol_id: Option<ProtocolId>,
    /// What it is about.
    pub(super) administrations: Vec<SuspectView>,
    /// By when somebody who may treat must have seen the patient; null where no protocol asks for that.
    pub(super) see_by: Option<Moment>,
    /// When somebody had, first.
    pub(super) seen_at: Option<Moment>,
    /// To whom it must be reported, by when, and when that was done.
    pub(super) reports: Vec<Duty>,
    /// What is due first of all that; null where nothing is.
    pub(super) due_at: Option<Moment>,
    /// Whether that has passed.
    pub(super) overdue: bool,
    /// Who reported it, by the subject of the token.
    pub(super) reported_by: String,
    pub(super) recorded_at: Moment,
    /// When it was reviewed first; left out before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reviewed_at: Option<Moment>,
    /// When it was closed; left out before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) closed_at: Option<Moment>,
    #[serde(skip)]
    pub(super) place: String,
}

impl HeadView {
    pub(super) fn of(event: AdverseEvent, harm: Option<&Harm>, suspects: Vec<SuspectView>, now: Moment) -> Self {
        let (place, due_at) = (event.place(), event.standing.due_at());
        HeadView {
            id: event.id,
            state: event.standing.state,
            site_id: event.site_id,
            visit_id: event.visit_id,
            patient_ref: harm.map(|harm| harm.patient_ref.clone()),
            kind: harm.map(|harm| harm.kind.clone()),
            reported_severity: harm.map(|harm| harm.severity),
            onset_at: harm.map(|harm| harm.onset_at),
            kind_unlisted: event.kind_unlisted,
            protocol_id: event.protocol_id,
            administrations: suspects,
            see_by: event.standing.see_by,
            seen_at: event.standing.seen_at,
            reports: event.standing.duties.into_inner(),
            due_at,
            overdue: due_at.is_some_and(|due| due < now),
            reported_by: event.reported_by,
            recorded_at: event.recorded_at,
            reviewed_at: event.standing.reviewed_at,
            closed_at: event.standing.closed_at,
            place,
        }
    }

    /// What a cursor says of it.
    pub(super) fn key(&self) -> [String; 1] {
        [self.place.clone()]
    }
}

/// An adverse event, with all that was recorded about it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AdverseEvent)]
pub struct AdverseEventView {
    #[serde(flatten)]
    pub(super) head: HeadView,
    /// How bad it is, as was said last. Null when the patient was erased.
    pub(super) severity: Option<Severity>,
    /// What happened. Null when the patient was erased.
    pub(super) description: Option<Prose>,
    /// What was done about it, in the order in which it was recorded.
    pub(super) actions: Vec<Action>,
    /// How it ended; null before that is known.
    pub(super) outcome: Option<HarmOutcome>,
    /// The holds that were opened with it.
    pub(super) hold_ids: Vec<HoldId>,
    /// What was recorded about it since, the earliest first.
    pub(super) entries: Vec<EntryView>,
}

/// Which adverse events.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AdverseEventFilter {
    /// Only at this site.
    pub(super) site_id: Option<SiteId>,
    /// Only those that are so far.
    pub(super) state: Option<AdverseEventState>,
    /// Only those about this product.
    pub(super) product_id: Option<ProductId>,
    /// Only those about this lot.
    pub(super) lot_id: Option<LotId>,
    /// How many items at the most.
    pub(super) limit: Option<Limit>,
    /// Where the page before ended.
    pub(super) cursor: Option<Cursor>,
}

/// What a regulator asks of whoever reports harm by a device: what MHRA's Yellow Card, FDA's MedWatch 3500A and the European
/// manufacturer's incident report (MIR) ask of a user.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RegulatorReport)]
pub struct RegulatorReport {
    /// The adverse event: the reference of whoever reports.
    pub(super) adverse_event_id: AdverseEventId,
    pub(super) state: AdverseEventState,
    /// When it was reported here.
    pub(super) reported_at: Moment,
    /// The site, and the law that it is under.
    pub(super) site: ReportedSite,
    /// The patient, by a reference that means something only to the clinic. Null when the patient was erased.
    pub(super) patient_ref: Option<PatientRef>,
    /// What happened. Null when the patient was erased.
    pub(super) event: Option<ReportedHarm>,
    /// What had been administered.
    pub(super) devices: Vec<ReportedDevice>,
    /// What was done, in the order in which it was recorded.
    pub(super) actions: Vec<Action>,
    /// What was observed since, the earliest first.
    pub(super) course: Vec<ReportedCourse>,
    /// How it ended; null before that is known.
    pub(super) outcome: Option<HarmOutcome>,
    /// What there is to say of that.
    pub(super) outcome_note: Option<Prose>,
    /// Whom it must be reported to, and when that was done.
    pub(super) reports: Vec<Duty>,
    /// The profession of whoever reported it; null where the token was no practitioner's.
    pub(super) reporter_profession: Option<Word>,
}

/// The site of a report.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReportedSite {
    pub(super) site_id: SiteId,
    pub(super) name: Name,
    pub(super) jurisdiction: Jurisdiction,
}

/// What happened.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReportedHarm {
    /// By the protocol's code.
    pub(super) kind: Word,
    /// What that is, in the protocol's words; null where no protocol knows it.
    pub(super) kind_text: Option<Prose>,
    /// How bad it is, as was said last.
    pub(super) severity: Severity,
    /// Whether it threatens life, sight or function, or led to a hospital or to death.
    pub(super) serious: bool,
    pub(super) onset_at: Moment,
    pub(super) description: Prose,
}

/// What had been administered.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReportedDevice {
    pub(super) administration_id: AdministrationId,
    pub(super) product_id: ProductId,
    pub(super) product: Name,
    pub(super) manufacturer: Name,
    /// The device identifier: the one that was scanned, or the product's GTIN.
    pub(super) udi_di: Option<UdiDi>,
    pub(super) lot_id: LotId,
    pub(super) lot: LotText,
    pub(super) expiry: NaiveDate,
    pub(super) serial: Option<Serial>,
    pub(super) units: i64,
    pub(super) administered_at: Moment,
    /// The area treated. Null when the patient was erased.
    pub(super) area: Option<Word>,
    /// Whether the administration was voided since.
    pub(super) voided: bool,
}

/// What was observed.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReportedCourse {
    pub(super) at: Moment,
    pub(super) severity: Option<Severity>,
    pub(super) seen_at: Option<Moment>,
    pub(super) note: Prose,
}
