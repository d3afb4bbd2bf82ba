//! Policies over HTTP.

use std::collections::BTreeMap;

use crate::http::slice::Routes;
use actix_web::{HttpResponse, get, patch, put};
use serde::Serialize;
use utoipa::ToSchema;

use super::model::{DeniedLot, Policy, PolicyVersion, RecordingForOthers};
use super::{service, store};
use crate::catalogue::model::ProductClass;
use crate::clock::Moment;
use crate::http::commands::{Commands, Queries};
use crate::http::input::Body;
use crate::http::versions::{Sent, tagged};
use crate::ids::SupplierId;
use crate::inspections::model::Criterion;
use crate::problem::Problem;
use crate::versions::Change;

/// The routes of this slice.
pub fn routes(cfg: &mut impl Routes) {
    cfg.service(get_policies).service(set_policies).service(patch_policies);
}

/// The policy in force.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PolicyInForce)]
pub struct PolicyView {
    /// Its version; 0 when none was ever set and the defaults hold. In quotes it is the ETag.
    version: i64,
    /// How old the newest check of a licence may be, in days.
    licence_recheck_days: i64,
    /// How old the verification of a product's authorisation may be, in days.
    approval_recheck_days: i64,
    /// Goods that arrive with fewer days left than this are flagged `short_dated`.
    minimum_remaining_days: i64,
    /// The criteria that a release needs examined, by product class.
    checklists: BTreeMap<ProductClass, Vec<Criterion>>,
    /// Suppliers that nothing is bought from.
    denied_suppliers: Vec<SupplierId>,
    /// Lots that are neither released nor administered.
    denied_lots: Vec<DeniedLot>,
    /// A count that finds at least so many units more than the books have waits for a second person.
    count_found_to_approve: i64,
    /// A count that misses at least so many units of the books waits for a second person.
    count_missing_to_approve: i64,
    /// How many bytes the organisation's files may have together.
    evidence_quota_bytes: i64,
    /// What becomes of an administration that somebody records for another practitioner.
    recording_for_others: RecordingForOthers,
    /// Whether a licence counts only with two people behind it.
    licences_by_two: bool,
    /// How long records are kept, in years.
    retention_years: i64,
    /// Who set it.
    #[serde(skip_serializing_if = "Option::is_none")]
    set_by: Option<String>,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    set_at: Option<Moment>,
}

impl PolicyView {
    fn of(version: i64, policy: Policy) -> Self {
        let (found, missing) = (policy.count_found_to_approve(), policy.count_missing_to_approve());
        let quota = policy.evidence_quota_bytes();
        let (for_others, by_two) = (policy.recording_for_others(), policy.licences_by_two());
        PolicyView {
            version,
            recording_for_others: for_others,
            licences_by_two: by_two,
            licence_recheck_days: policy.licence_recheck_days,
            approval_recheck_days: policy.approval_recheck_days,
            minimum_remaining_days: policy.minimum_remaining_days,
            checklists: policy.checklists,
            denied_suppliers: policy.denied_suppliers,
            count_found_to_approve: found,
            count_missing_to_approve: missing,
            evidence_quota_bytes: quota,
            denied_lots: policy.denied_lots,
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

/// Shows the policy in force: re-check interval, checklists, denied suppliers and lots.
#[utoipa::path(operation_id = "get_policies", tag = "Policies",
    responses((status = 200, description = "The policy.", body = PolicyView,
        headers(("ETag" = String, description = "Its version in quotes, for If-Match.")))))]
#[get("/policies")]
async fn get_policies(queries: Queries) -> Result<HttpResponse, Problem> {
    let found = queries.run(|view| store::in_force(view.db, &view.caller.organisation_id, None)).await?;
    Ok(tagged(HttpResponse::Ok().json(PolicyView::from(found))))
}

/// Sets the policy, as a new version.
///
/// The body is the whole policy, every field of it; what GET answers may be sent back. Decisions that were made before
/// are not changed.
#[utoipa::path(operation_id = "set_policies", tag = "Policies", request_body = Policy,
    params(("If-Match" = String, Header, description = "The ETag of the version that this replaces, or *.")),
    responses((status = 200, description = "The policy, now in force.", body = PolicyView,
        headers(("ETag" = String, description = "Its version in quotes, for If-Match.")))))]
#[put("/policies")]
async fn set_policies(commands: Commands, change: Change, body: Body<Sent>) -> Result<HttpResponse, Problem> {
    commands.change(body, move |cmd, sent| service::set(cmd, &change, sent).map(PolicyView::from)).await.map(tagged)
}

/// Changes what it names of the policy, as a new version.
///
/// A JSON merge patch (RFC 7396): what is left out stays, null is as by default again. The same rules as for the whole.
#[utoipa::path(operation_id = "patch_policies", tag = "Policies", request_body = Policy,
    params(("If-Match" = Option<String>, Header, description = "The ETag of the version that this changes.")),
    responses((status = 200, description = "The policy, now in force.", body = PolicyView,
        headers(("ETag" = String, description = "Its version in quotes, for If-Match.")))))]
#[patch("/policies")]
async fn patch_policies(commands: Commands, change: Change, body: Body<Sent>) -> Result<HttpResponse, Problem> {
    commands.change(body, move |cmd, sent| service::set(cmd, &change, sent).map(PolicyView::from)).await.map(tagged)
}
