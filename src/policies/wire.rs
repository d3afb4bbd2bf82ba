//! Requests and answers about the policy.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::model::{Criterion, DeniedLot, ExpiryOrder, Gate, Policy, PolicyVersion, RecordingForOthers, VisitPart};
use crate::catalogue::model::ProductClass;
use crate::clock::Moment;
use crate::ids::SupplierId;

/// The policy in force.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PolicyInForce)]
pub struct PolicyView {
    /// Its version; 0 when none was ever set and the defaults hold. In quotes it is the ETag.
    pub(super) version: i64,
    /// How old the newest check of a licence may be, in days.
    pub(super) licence_recheck_days: i64,
    /// How old the verification of a product's authorisation may be, in days.
    pub(super) approval_recheck_days: i64,
    /// Goods that arrive with fewer days left than this are flagged `short_dated`.
    pub(super) minimum_remaining_days: i64,
    /// The criteria that a release needs examined, by product class.
    pub(super) checklists: BTreeMap<ProductClass, Vec<Criterion>>,
    /// Suppliers that nothing is bought from.
    pub(super) denied_suppliers: Vec<SupplierId>,
    /// Lots that are neither released nor administered.
    pub(super) denied_lots: Vec<DeniedLot>,
    /// A count that finds at least so many units more than the books have waits for a second person.
    pub(super) count_found_to_approve: i64,
    /// A count that misses at least so many units of the books waits for a second person.
    pub(super) count_missing_to_approve: i64,
    /// How many bytes the organisation's files may have together.
    pub(super) evidence_quota_bytes: i64,
    /// What becomes of an administration that somebody records for another practitioner.
    pub(super) recording_for_others: RecordingForOthers,
    /// What becomes of an administration while another lot of the product is at the site, available, and runs out earlier.
    pub(super) expiry_order: ExpiryOrder,
    /// Whether a licence counts only with two people behind it.
    pub(super) licences_by_two: bool,
    /// For how many days every reading of a sensor is kept; null for ever.
    pub(super) readings_retention_days: Option<i64>,
    /// What is asked of the record around a treatment, by product class.
    pub(super) treatment_gates: BTreeMap<ProductClass, Vec<Gate>>,
    /// What a visit must have before it is signed.
    pub(super) signing_requires: Vec<VisitPart>,
    /// How long records are kept, in years.
    pub(super) retention_years: i64,
    /// Who set it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) set_by: Option<String>,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) set_at: Option<Moment>,
}

impl PolicyView {
    pub(super) fn of(version: i64, policy: Policy) -> Self {
        let (found, missing) = (policy.count_found_to_approve(), policy.count_missing_to_approve());
        let quota = policy.evidence_quota_bytes();
        let (for_others, by_two) = (policy.recording_for_others(), policy.licences_by_two());
        let expiry_order = policy.expiry_order();
        PolicyView {
            version,
            recording_for_others: for_others,
            expiry_order,
            licences_by_two: by_two,
            readings_retention_days: policy.readings_retention_days,
            licence_recheck_days: policy.licence_recheck_days,
            approval_recheck_days: policy.approval_recheck_days,
            minimum_remaining_days: policy.minimum_remaining_days,
            checklists: policy.checklists,
            denied_suppliers: policy.denied_suppliers,
            count_found_to_approve: found,
            count_missing_to_approve: missing,
            evidence_quota_bytes: quota,
            denied_lots: policy.denied_lots,
            treatment_gates: policy.treatment_gates,
            signing_requires: policy.signing_requires,
            retention_years: policy.retention_years,
            set_by: None,
            set_at: None,
        }
    }
}

impl From<PolicyVersion> for PolicyView {
    fn from(found: PolicyVersion) -> Self {
        let view = PolicyView::of(found.version, found.body.into_inner().written_out());
        PolicyView { set_by: Some(found.set_by), set_at: Some(found.set_at), ..view }
    }
}

impl From<Option<PolicyVersion>> for PolicyView {
    fn from(newest: Option<PolicyVersion>) -> Self {
        newest.map_or_else(|| PolicyView::of(0, Policy::default().written_out()), PolicyView::from)
    }
}
