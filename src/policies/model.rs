//! What a policy is, and what holds until somebody sets one.

use std::collections::BTreeMap;

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::catalogue::model::ProductClass;
use crate::clock::Moment;
use crate::ids::{OrganisationId, SupplierId};
use crate::values::{Gln, Gtin, Json, LotText, Name, UdiDi, gtin_of_any_length_optional, words};

/// The checklist of every class until the organisation sets another (DOMAIN rule 10).
pub const CHECKLIST: [Criterion; 3] =
    [Criterion::OuterCartonIntact, Criterion::TamperEvidenceIntact, Criterion::LabelLegible];

const APPROVAL_RECHECK_DAYS: i64 = 365;

words! {
    /// What becomes of an administration that somebody records for another practitioner than themselves, as the subject of
    /// the token says.
    RecordingForOthers {
        /// It is recorded, and waits for the practitioner to confirm it.
        Confirm "confirm",
        /// It is recorded.
        Allow "allow",
        /// It is refused, by a scan and by the administration.
        Refuse "refuse",
    }
}

words! {
    /// What becomes of an administration while another lot of the product is at the site, available, and runs out earlier.
    ExpiryOrder {
        /// A scan tells what should go first.
        Advise "advise",
        /// It is refused, by a scan and by the administration.
        Refuse "refuse",
    }
}

words! {
    /// What the record around a treatment must say before a patient is treated.
    Gate {
        /// The patient answered what the screening protocol asks.
        Screening "screening",
        /// The patient consented to what the consent protocol has explained.
        Consent "consent",
        /// Somebody attested that the patient is of age.
        Age "age",
        /// So many days lie between two treatments of one area, as the retreatment protocol says.
        Interval "interval",
        /// What is used was prescribed for the patient: it is drawn on what was.
        Prescription "prescription",
        /// The site has what the emergency kit asks for, in date.
        EmergencyKit "emergency_kit",
    }
}

words! {
    /// What a visit must have before it is signed.
    VisitPart {
        /// Answers to what is asked.
        Screening "screening",
        /// A consent.
        Consent "consent",
        /// The attestation that the patient is of age, or not.
        AgeAttestation "age_attestation",
        /// What is to be reached.
        Goals "goals",
        /// How what is done can be undone.
        ReversibilityPlan "reversibility_plan",
        /// What the patient was told to do at home.
        Aftercare "aftercare",
        /// When the patient is to come back, as written in the note.
        ReturnPrecautions "return_precautions",
    }
}

/// Policies from before it could be set say nothing of it.
#[allow(clippy::trivially_copy_pass_by_ref)] // the form that serde asks for
fn is_approval_recheck_by_default(days: &i64) -> bool {
    *days == APPROVAL_RECHECK_DAYS
}

/// What an organisation decides for itself. What is left out is as by default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({
    "licence_recheck_days": 180, "approval_recheck_days": 365, "minimum_remaining_days": 90,
    "checklists": {"neuromodulator": ["outer_carton_intact", "tamper_evidence_intact", "label_legible", "cold_chain_indicator"]},
    "denied_suppliers": ["sup_01932c07-8d00-7000-8000-000000000002"],
    "denied_lots": [{"gtin": "09521234567899", "lot": "HC24A"}], "treatment_gates": {"ha_filler": ["screening", "consent"]},
    "signing_requires": ["aftercare"], "retention_years": 10
}))]
pub struct Policy {
    /// How old the newest check of a licence may be, in days.
    #[schema(minimum = 1, maximum = 3650, default = 365)]
    pub licence_recheck_days: i64,
    /// How old the verification of a product's authorisation may be, in days.
    #[schema(minimum = 1, maximum = 3650, default = 365)]
    #[serde(skip_serializing_if = "is_approval_recheck_by_default")]
    pub approval_recheck_days: i64,
    /// Goods that arrive with fewer days left than this are flagged `short_dated`.
    #[schema(minimum = 0, maximum = 3650, default = 0)]
    pub minimum_remaining_days: i64,
    /// The criteria that a release needs examined, by product class; a class that is left out has the
    /// first three.
    pub checklists: BTreeMap<ProductClass, Vec<Criterion>>,
    /// Suppliers that nothing is bought from, whatever else speaks for them.
    pub denied_suppliers: Vec<SupplierId>,
    /// Lots that are neither released nor administered.
    pub denied_lots: Vec<DeniedLot>,
    /// A count that finds at least so many units more than the books have waits for a second person.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 1000000, default = 1)]
    pub count_found_to_approve: Option<i64>,
    /// A count that misses at least so many units of the books waits for a second person.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 1000000, default = 3)]
    pub count_missing_to_approve: Option<i64>,
    /// How many bytes the organisation's files (evidence) may have together.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 1125899906842624_i64, default = 107374182400_i64)]
    pub evidence_quota_bytes: Option<i64>,
    /// What becomes of an administration that somebody records for another practitioner than themselves.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(default = "confirm")]
    pub recording_for_others: Option<RecordingForOthers>,
    /// What becomes of an administration while another lot of the product is at the site, available, and runs out earlier.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(default = "advise")]
    pub expiry_order: Option<ExpiryOrder>,
    /// Whether a licence counts only with two people behind it: one who registered it, another who verified it, and a holder
    /// whose own subject is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(default = false)]
    pub licences_by_two: Option<bool>,
    /// For how many days every reading of a sensor is kept; from older ones only hours are. Left out or null, for ever.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 91, maximum = 36500)]
    pub readings_retention_days: Option<i64>,
    /// What is asked of the record around a treatment, by product class, by a scan and by the administration; nothing of a class that is
    /// left out. Of a reversal agent nothing ever is: it is for an emergency.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub treatment_gates: BTreeMap<ProductClass, Vec<Gate>>,
    /// What a visit must have before it is signed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub signing_requires: Vec<VisitPart>,
    /// How long records are kept, in years.
    #[schema(minimum = 1, maximum = 100, default = 10)]
    pub retention_years: i64,
}

/// A lot on the list of denied lots: one that an authority or a maker warned of.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeniedLot {
    /// A GTIN of the product, of whatever level; or give `udi_di`.
    #[serde(default, deserialize_with = "gtin_of_any_length_optional", skip_serializing_if = "Option::is_none")]
    pub gtin: Option<Gtin>,
    /// Another device identifier of the product, where it has no GTIN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub udi_di: Option<UdiDi>,
    /// The lot text, whatever the expiry; case makes no difference.
    pub lot: LotText,
}

impl Default for Policy {
    fn default() -> Self {
        Policy {
            licence_recheck_days: 365,
            approval_recheck_days: APPROVAL_RECHECK_DAYS,
            minimum_remaining_days: 0,
            checklists: BTreeMap::new(),
            denied_suppliers: Vec::new(),
            denied_lots: Vec::new(),
            count_found_to_approve: None,
            count_missing_to_approve: None,
            evidence_quota_bytes: None,
            recording_for_others: None,
            expiry_order: None,
            licences_by_two: None,
            readings_retention_days: None,
            treatment_gates: BTreeMap::new(),
            signing_requires: Vec::new(),
            retention_years: 10,
        }
    }
}

impl Policy {
    /// The criteria that a release of this class needs examined.
    pub fn checklist(&self, class: ProductClass) -> &[Criterion] {
        self.checklists.get(&class).map_or(&CHECKLIST, Vec::as_slice)
    }

    /// From how many found units on a difference waits for a second person.
    pub fn count_found_to_approve(&self) -> i64 {
        self.count_found_to_approve.unwrap_or(1)
    }

    /// From how many missing units on a difference waits for a second person.
    pub fn count_missing_to_approve(&self) -> i64 {
        self.count_missing_to_approve.unwrap_or(3)
    }

    /// How many bytes the organisation's files may have together: 100 GiB where nothing is said, ten thousand of the largest.
    pub fn evidence_quota_bytes(&self) -> i64 {
        self.evidence_quota_bytes.unwrap_or(100 << 30)
    }

    /// What becomes of an administration that somebody records for another practitioner.
    pub fn recording_for_others(&self) -> RecordingForOthers {
        self.recording_for_others.unwrap_or(RecordingForOthers::Confirm)
    }

    /// What becomes of an administration while something else should go first.
    pub fn expiry_order(&self) -> ExpiryOrder {
        self.expiry_order.unwrap_or(ExpiryOrder::Advise)
    }

    /// What is asked of the record around a treatment with products of this class.
    pub fn gates(&self, class: ProductClass) -> &[Gate] {
        self.treatment_gates.get(&class).map_or(&[], Vec::as_slice)
    }

    /// Whether a licence counts only with two people behind it.
    pub fn licences_by_two(&self) -> bool {
        self.licences_by_two.unwrap_or(false)
    }

    /// The same policy with the checklist of every class written out, and what older versions do not say.
    pub fn written_out(mut self) -> Self {
        self.count_found_to_approve = Some(self.count_found_to_approve());
        self.count_missing_to_approve = Some(self.count_missing_to_approve());
        self.evidence_quota_bytes = Some(self.evidence_quota_bytes());
        self.recording_for_others = Some(self.recording_for_others());
        self.expiry_order = Some(self.expiry_order());
        self.licences_by_two = Some(self.licences_by_two());
        self.checklists = ProductClass::ALL.iter().map(|class| (*class, self.checklist(*class).to_vec())).collect();
        self
    }
}

/// A version of an organisation's policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Queryable, Selectable, Insertable)]
#[diesel(table_name = crate::db::schema::policies)]
pub struct PolicyVersion {
    /// The organisation.
    pub organisation_id: OrganisationId,
    /// Its number, from 1.
    pub version: i64,
    /// What it says.
    pub body: Json<Policy>,
    /// Who set it, by the subject of the token.
    pub set_by: String,
    /// When.
    pub set_at: Moment,
}

/// The policy in force, as facts and rules know it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Current {
    /// Its version; 0 when none was ever set.
    pub version: i64,
    /// What it says.
    pub policy: Policy,
    /// What the suppliers that it denies are called and known by, so that none of them comes back under another id.
    pub denied_as: Vec<DeniedAs>,
}

/// What a denied supplier is called and known by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeniedAs {
    /// Its name, as it was registered or corrected last.
    pub name: Name,
    /// Its GLN.
    pub gln: Option<Gln>,
}

impl std::ops::Deref for Current {
    type Target = Policy;

    fn deref(&self) -> &Policy {
        &self.policy
    }
}

words! {
    /// What is looked at.
    Criterion {
        /// The outer carton is intact.
        OuterCartonIntact "outer_carton_intact",
        /// The tamper evidence is intact.
        TamperEvidenceIntact "tamper_evidence_intact",
        /// The label is legible.
        LabelLegible "label_legible",
        /// Language and leaflet are those of the market.
        LanguageAndLeaflet "language_and_leaflet",
        /// Lot and expiry match the documents.
        LotAndExpiryMatch "lot_and_expiry_match",
        /// The cold-chain indicator is within limits.
        ColdChainIndicator "cold_chain_indicator",
        /// The unit count is correct.
        UnitCountCorrect "unit_count_correct",
        /// The authenticity feature is present.
        AuthenticityFeature "authenticity_feature",
    }
}

impl Criterion {
    /// Whether it applies to every pack there is: each has a label that names a lot and an expiry, and can be counted. A carton, an
    /// indicator or a feature need not be there.
    pub fn always_applies(self) -> bool {
        matches!(self, Criterion::LabelLegible | Criterion::LotAndExpiryMatch | Criterion::UnitCountCorrect)
    }
}
