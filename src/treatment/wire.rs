//! Requests and answers about scans, administrations and deviations.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model::{
    Administration, Clinical, ConfirmationRole, Confirmed, Deviation, ScanPurpose, Standing, Treatment, Void,
};
use super::pictures::CodeInPicture;
use crate::barcode::Decoded;
use crate::catalogue::model::Identifier;
use crate::catalogue::wire::ProductView;
use crate::clock::Moment;
use crate::decision::{Decision, ReasonCode};
use crate::error::Result;
use crate::http::paging::{Cursor, Limit};
use crate::http::period::When;
use crate::ids::{
    AdministrationId, ContainerId, DeviationId, LocationId, LotId, PractitionerId, ProductId, SiteId, VisitId, VoidId,
};
use crate::picture::Symbology;
use crate::sealing::Patients;
use crate::stock::wire::{LotView, StockItem};
use crate::values::{Codes, LotText, Name, PatientRef, Prose, Serial, UdiDi, Units, Word};

/// A code to look up.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "code": "]d201095212345678991729123110HC24A^21SN0001", "site_id": "site_01932c07-8d00-7000-8000-000000000001",
    "practitioner_id": "prac_01932c07-8d00-7000-8000-000000000003", "purpose": "administer"
}))]
pub struct NewScan {
    /// The code, as the scanner types it; or a list of the codes of one label, where it is printed as several (HIBC
    /// primary and secondary).
    pub code: Codes,
    /// Where you are.
    pub site_id: SiteId,
    /// From which place; asked for where units lie in several.
    #[serde(default)]
    pub location_id: Option<LocationId>,
    /// Who will treat; the practitioner whose token it is if left out.
    #[serde(default)]
    pub practitioner_id: Option<PractitionerId>,
    /// Who prescribed, where the product asks for it.
    #[serde(default)]
    pub prescriber_id: Option<PractitionerId>,
    /// How many units; 1 if left out.
    #[serde(default)]
    pub units: Option<Units>,
    /// Of which opened unit of that lot; found where it is the only one, and nothing unopened may be used.
    #[serde(default)]
    pub container_id: Option<ContainerId>,
    /// For whom, where a unit is opened; it is neither kept nor logged.
    #[serde(default)]
    pub patient_ref: Option<PatientRef>,
    /// In which visit: it is its patient's. What the policy asks for (`treatment_gates`) is looked for in it.
    #[serde(default)]
    pub visit_id: Option<VisitId>,
    /// Of which area; those that are planned in the visit if left out.
    #[serde(default)]
    pub area: Option<Word>,
    /// What for.
    pub purpose: ScanPurpose,
    /// When it happened, for what is entered late; now if left out, at most 30 days back.
    #[serde(default)]
    pub occurred_at: Option<Moment>,
}

/// What a scan found.
#[derive(Debug, Serialize, ToSchema)]
pub struct Scan {
    /// What the code says.
    #[schema(value_type = Object)]
    pub(super) decoded: Decoded,
    /// The product, or null when it is not in the catalogue.
    pub(super) product: Option<ProductView>,
    /// What carries the code, a unit, a pack or a case, and how many units it stands for; or null.
    pub(super) identifier: Option<Identifier>,
    /// The lot, or null when it was never received.
    pub(super) lot: Option<LotView>,
    /// The opened unit that is meant; left out where none is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) container_id: Option<ContainerId>,
    /// Units of the lot at this site, first expired first.
    pub(super) on_hand: Vec<StockItem>,
    /// What is available at this site of another lot of the product and runs out before this one: it should go first. Left out where
    /// nothing does, and where the scan is not to administer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) use_first: Option<UseFirst>,
    /// Whether it may be done now, and every reason why not.
    pub(super) decision: Decision,
}

/// Units that should go first.
#[derive(Debug, Serialize, ToSchema)]
pub struct UseFirst {
    /// Where they are, and until when they may be used.
    #[serde(flatten)]
    pub(super) item: StockItem,
    /// What the place is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) location: Option<Name>,
}

/// What is asked about the pack in a picture.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ImageScanQuery {
    /// Where you are.
    pub(super) site_id: SiteId,
    /// From which place; asked for where units lie in several.
    pub(super) location_id: Option<LocationId>,
    /// Who will treat; the practitioner whose token it is if left out.
    pub(super) practitioner_id: Option<PractitionerId>,
    /// Who prescribed, where the product asks for it.
    pub(super) prescriber_id: Option<PractitionerId>,
    /// How many units; 1 if left out.
    pub(super) units: Option<Units>,
    /// Of which opened unit of that lot; found where it is the only one, and nothing unopened may be used.
    pub(super) container_id: Option<ContainerId>,
    /// In which visit: it is its patient's.
    pub(super) visit_id: Option<VisitId>,
    /// What for.
    pub(super) purpose: ScanPurpose,
}

/// What was found in a picture: the codes, and the answer of POST /v1/scans for the one that names the pack.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImageScan {
    /// What kind of symbol the pack was named by. Left out, like the members of a scan, when several codes were found and
    /// none of them names a product and a lot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) symbology: Option<Symbology>,
    #[serde(flatten)]
    pub(super) scan: Option<Scan>,
    /// Every code that was read.
    pub(super) codes: Vec<CodeInPicture>,
}

/// An administration to record.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "scan": "]d201095212345678991729123110HC24A^21SN0001", "site_id": "site_01932c07-8d00-7000-8000-000000000001",
    "practitioner_id": "prac_01932c07-8d00-7000-8000-000000000003", "patient_ref": "P-1001", "units": 1,
    "treatment": {"area": "midface", "plane": "subdermal", "device": "cannula 22G"}
}))]
pub struct NewAdministration {
    /// The code of the pack, its unit or its case, as the scanner types it, or a list of the codes of one label; or give
    /// `lot_id`. A serial number marks what carries it; that of a case marks nothing in it.
    #[serde(default)]
    pub scan: Option<Codes>,
    /// The lot, when no code is scanned.
    #[serde(default)]
    pub lot_id: Option<LotId>,
    /// The serial number of the pack, when no code is scanned.
    #[serde(default)]
    pub serial: Option<Serial>,
    /// The opened unit that it is taken from, beside the code or the lot or in their place. Where nothing unopened of what is
    /// named may be used, and one opened unit of it is there, it is that one.
    #[serde(default)]
    pub container_id: Option<ContainerId>,
    /// Where.
    pub site_id: SiteId,
    /// From which location; needed only when available units of the lot lie in several.
    #[serde(default)]
    pub location_id: Option<LocationId>,
    /// Who treated; the practitioner whose token it is if left out.
    #[serde(default)]
    pub practitioner_id: Option<PractitionerId>,
    /// Who prescribed.
    #[serde(default)]
    pub prescriber_id: Option<PractitionerId>,
    /// Who was treated: a reference that means something only to your clinic.
    pub patient_ref: PatientRef,
    /// How many units. Of an opened unit 1: how much of it is `treatment.amount_used`, which must be given then, and
    /// `treatment.amount_discarded`.
    pub units: Units,
    /// What was done.
    pub treatment: Treatment,
    /// When; now if left out, at most 30 days back.
    #[serde(default)]
    pub occurred_at: Option<Moment>,
    /// The visit that it belongs to: an open one of this patient at this site. What the policy asks for (`treatment_gates`) is looked for
    /// in it.
    #[serde(default)]
    pub visit_id: Option<VisitId>,
    /// What another system calls the visit; several administrations may share it.
    #[serde(default)]
    pub encounter_ref: Option<Word>,
    /// Given when it has happened already, whatever the rules say: then it is recorded, and a deviation opened.
    #[serde(default)]
    pub retrospective: Option<Retrospective>,
}

/// Why something is recorded though a rule may forbid it.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Retrospective {
    /// The reason.
    pub reason: Prose,
}

/// An administration.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Administration)]
pub struct AdministrationView {
    pub(super) id: AdministrationId,
    pub(super) product_id: ProductId,
    pub(super) lot_id: LotId,
    pub(super) lot: LotText,
    pub(super) expiry: NaiveDate,
    pub(super) serial: Option<Serial>,
    /// The device identifier, where a code was scanned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) udi_di: Option<UdiDi>,
    /// How many units; of an opened unit 1, of which `treatment.amount_used` was used.
    pub(super) units: i64,
    /// The opened unit that it was taken from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) container_id: Option<ContainerId>,
    pub(super) site_id: SiteId,
    /// Null when the books had no unit of the lot at the site.
    pub(super) location_id: Option<LocationId>,
    pub(super) practitioner_id: PractitionerId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) prescriber_id: Option<PractitionerId>,
    /// The visit that it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) visit_id: Option<VisitId>,
    /// Null when the patient was erased.
    pub(super) patient_ref: Option<PatientRef>,
    /// Null when the patient was erased.
    pub(super) treatment: Option<Treatment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) encounter_ref: Option<Word>,
    pub(super) recorded_by: String,
    pub(super) occurred_at: Moment,
    pub(super) recorded_at: Moment,
    /// What the rules said, with the facts that they rested on.
    pub(super) decision: Decision,
    /// Why it was recorded though a rule may have forbidden it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) retrospective: Option<Retrospective>,
    /// What was opened for the quality lead, when it was against a rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) deviation: Option<DeviationView>,
    /// Whether it waits for the word of somebody for whom another recorded it.
    pub(super) unconfirmed: bool,
    /// Whose word it waited or waits for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) confirmations: Vec<ConfirmationView>,
    /// Whether it was voided later.
    pub(super) voided: bool,
    /// By whom, when and why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) void: Option<VoidView>,
}

/// The word of somebody for whom another recorded an administration.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Confirmation)]
pub struct ConfirmationView {
    pub(super) practitioner_id: PractitionerId,
    /// As what they are in it.
    pub(super) role: ConfirmationRole,
    /// The subject of the token with which they confirmed; null as long as it waits.
    pub(super) confirmed_by: Option<String>,
    /// When they confirmed; null as long as it waits.
    pub(super) confirmed_at: Option<Moment>,
}

pub(super) fn confirmations(of: &Administration, confirmed: &[Confirmed]) -> Vec<ConfirmationView> {
    let view = |role: &ConfirmationRole| {
        let given = confirmed.iter().find(|given| given.role == *role);
        Some(ConfirmationView {
            practitioner_id: of.in_role(*role)?.clone(),
            role: *role,
            confirmed_by: given.map(|given| given.confirmed_by.clone()),
            confirmed_at: given.map(|given| given.confirmed_at),
        })
    };
    of.to_confirm.iter().filter_map(view).collect()
}

impl AdministrationView {
    /// What is shown of an administration to who may read it, as far as its patient was not erased.
    ///
    /// # Errors
    /// What the store of patients' keys answers.
    pub(super) fn of(standing: Standing, patients: &Patients) -> Result<Self> {
        let Standing { administration, lot, void, deviation, confirmed } = standing;
        let confirmations = confirmations(&administration, &confirmed);
        let said = administration.said;
        let (patient_ref, treatment, encounter_ref, reason) =
            match patients.open(&administration.organisation_id, &said.clinical)? {
                Some(Clinical { patient_ref, treatment, encounter_ref, retrospective_reason }) => {
                    (Some(patient_ref), Some(treatment), encounter_ref, retrospective_reason)
                }
                None => (None, None, None, None),
            };
        let unconfirmed = administration.unconfirmed > 0 && void.is_none();
        Ok(AdministrationView {
            id: administration.id,
            product_id: administration.product_id,
            lot_id: administration.lot_id,
            lot: lot.lot,
            expiry: lot.expiry,
            serial: administration.serial,
            udi_di: administration.udi_di,
            units: administration.units,
            container_id: administration.container_id,
            site_id: administration.site_id,
            location_id: administration.location_id,
            practitioner_id: administration.practitioner_id,
            prescriber_id: administration.prescriber_id,
            visit_id: administration.visit_id,
            patient_ref,
            treatment,
            encounter_ref,
            recorded_by: administration.recorded_by,
            occurred_at: administration.occurred_at,
            recorded_at: administration.recorded_at,
            decision: said.decision.into_inner(),
            retrospective: reason.map(|reason| Retrospective { reason }),
            deviation: deviation.map(|deviation| DeviationView::read(deviation, patients)).transpose()?,
            unconfirmed,
            confirmations,
            voided: void.is_some(),
            void: void.map(|void| VoidView::of(void, patients)).transpose()?,
        })
    }
}

/// Which administrations.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AdministrationFilter {
    /// Only of this lot.
    pub(super) lot_id: Option<LotId>,
    /// Only by this practitioner.
    pub(super) practitioner_id: Option<PractitionerId>,
    /// Only at this site.
    pub(super) site_id: Option<SiteId>,
    /// Only of this product.
    pub(super) product_id: Option<ProductId>,
    /// Only in this visit.
    pub(super) visit_id: Option<VisitId>,
    /// Only from this day or moment on.
    #[param(inline)]
    pub(super) from: Option<When>,
    /// Only up to this day, which counts, or before this moment.
    #[param(inline)]
    pub(super) to: Option<When>,
    /// How many items at the most.
    pub(super) limit: Option<Limit>,
    /// Where the page before ended.
    pub(super) cursor: Option<Cursor>,
}

/// Whose administrations.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"patient_ref": "P-1001"}))]
pub struct AdministrationSearch {
    /// The patient.
    pub patient_ref: PatientRef,
    /// How many items at the most.
    #[serde(default)]
    pub limit: Option<Limit>,
    /// Where the page before ended.
    #[serde(default)]
    pub cursor: Option<Cursor>,
}

/// A void.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "Recorded for the wrong patient", "returned_to_stock": true}))]
pub struct NewVoid {
    /// Why.
    pub reason: Prose,
    /// Whether the units are back; then those that the books had go into quarantine, and the others are to be counted there.
    /// Otherwise they count as wasted. Of an opened unit: whether what was recorded is still in it.
    pub returned_to_stock: bool,
    /// Into which quarantine location; needed only when the site has several.
    #[serde(default)]
    pub location_id: Option<LocationId>,
    /// When; now if left out.
    #[serde(default)]
    pub occurred_at: Option<Moment>,
}

/// The void of an administration.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Void)]
pub struct VoidView {
    pub(super) id: VoidId,
    pub(super) administration_id: AdministrationId,
    /// Null when the patient was erased.
    pub(super) reason: Option<Prose>,
    pub(super) returned_to_stock: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) location_id: Option<LocationId>,
    /// Units that are back and that the books never had: they are no stock until somebody counts them at that location
    /// (POST /v1/counts). Left out when there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) units_to_count: Option<i64>,
    pub(super) voided_by: String,
    pub(super) occurred_at: Moment,
    pub(super) recorded_at: Moment,
}

impl VoidView {
    /// What is shown of a void to who may read it.
    ///
    /// # Errors
    /// What the store of patients' keys answers.
    pub(super) fn of(void: Void, patients: &Patients) -> Result<Self> {
        Ok(VoidView {
            id: void.id,
            administration_id: void.administration_id,
            reason: patients.open(&void.organisation_id, &void.reason)?,
            returned_to_stock: void.returned_to_stock,
            location_id: void.location_id,
            units_to_count: Some(void.units_to_count).filter(|units| *units > 0),
            voided_by: void.voided_by,
            occurred_at: void.occurred_at,
            recorded_at: void.recorded_at,
        })
    }
}

/// A practitioner's word.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewConfirmation {}

/// Something that happened against a rule.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Deviation)]
pub struct DeviationView {
    /// Its id.
    pub id: DeviationId,
    pub(super) site_id: SiteId,
    pub(super) administration_id: AdministrationId,
    /// The rules that it was against.
    pub(super) reason_codes: Vec<ReasonCode>,
    /// Units that the books did not have.
    pub(super) units_unaccounted: i64,
    pub(super) opened_by: String,
    pub(super) opened_at: Moment,
    /// Null while it is open.
    pub(super) closed_at: Option<Moment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) closed_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) resolution: Option<Prose>,
}

impl DeviationView {
    /// What is shown of a deviation to who may read it.
    ///
    /// # Errors
    /// What the store of patients' keys answers.
    pub fn read(deviation: Deviation, patients: &Patients) -> Result<Self> {
        let sealed = deviation.resolution.as_ref();
        let resolution = sealed.map(|sealed| patients.open(&deviation.organisation_id, sealed)).transpose()?.flatten();
        Ok(DeviationView {
            id: deviation.id,
            site_id: deviation.site_id,
            administration_id: deviation.administration_id,
            reason_codes: deviation.reason_codes.into_inner(),
            units_unaccounted: deviation.units_unaccounted,
            opened_by: deviation.opened_by,
            opened_at: deviation.opened_at,
            closed_at: deviation.closed_at,
            closed_by: deviation.closed_by,
            resolution,
        })
    }
}

/// Which deviations.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DeviationFilter {
    /// Only open ones, or only closed ones.
    pub(super) open: Option<bool>,
    /// How many items at the most.
    pub(super) limit: Option<Limit>,
    /// Where the page before ended.
    pub(super) cursor: Option<Cursor>,
}

/// The end of a deviation.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"resolution": "Patient informed; stock control retrained"}))]
pub struct NewClosure {
    /// What came of it.
    pub resolution: Prose,
}
