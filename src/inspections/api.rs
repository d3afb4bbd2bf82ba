//! Inspections and releases over HTTP.

use crate::http::slice::Routes;
use actix_web::{HttpResponse, get, post, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::{Check, Criterion, Inspection, InspectionReversal, Release, Reversed, Signature};
use super::{reversals, service, store};
use crate::clock::Moment;
use crate::decision::Decision;
use crate::http::commands::{Commands, Queries};
use crate::http::input::{Body, path_id};
use crate::ids::{InspectionId, LocationId, LotId, ReceiptId, ReleaseId};
use crate::problem::Problem;
use crate::values::{Prose, Serial, Sha256Hex, Units};

/// The routes of this slice.
pub fn routes(cfg: &mut impl Routes) {
    cfg.service(create_inspection).service(get_inspection).service(reverse_inspection).service(create_release);
}

/// An inspection of units of a lot that lie in quarantine: what a receipt brought of it, or what lies at a place.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "receipt_id": "rec_01932c07-8d00-7000-8000-000000000005", "lot_id": "lot_01932c07-8d00-7000-8000-000000000006",
    "checks": [
        {"criterion": "outer_carton_intact", "result": "pass"}, {"criterion": "tamper_evidence_intact", "result": "pass"},
        {"criterion": "label_legible", "result": "pass"}
    ],
    "units_passed": 2, "units_failed": 0
}))]
pub struct NewInspection {
    /// The receipt that brought them; or give `location_id`.
    #[serde(default)]
    pub receipt_id: Option<ReceiptId>,
    /// The place where they lie, whatever brought them there: a receipt, a transfer, a void or a count.
    #[serde(default)]
    pub location_id: Option<LocationId>,
    /// The lot.
    pub lot_id: LotId,
    /// What was examined; a criterion left out counts as not examined.
    #[schema(min_items = 1)]
    pub checks: Vec<Check>,
    /// Units that passed.
    #[schema(minimum = 0, maximum = 1000000)]
    pub units_passed: i64,
    /// Units that failed: they can only be returned or destroyed.
    #[schema(minimum = 0, maximum = 1000000)]
    pub units_failed: i64,
    /// Which packs passed, where packs have serial numbers; may be left out where all that lies there was inspected.
    #[serde(default)]
    pub serials_passed: Vec<Serial>,
    /// Which packs failed.
    #[serde(default)]
    pub serials_failed: Vec<Serial>,
    /// Digests of what was kept as evidence.
    #[serde(default)]
    pub evidence: Vec<Sha256Hex>,
    /// When it was inspected; now if left out.
    #[serde(default)]
    pub occurred_at: Option<Moment>,
}

/// An inspection.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Inspection)]
pub struct InspectionView {
    id: InspectionId,
    #[serde(skip_serializing_if = "Option::is_none")]
    receipt_id: Option<ReceiptId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    location_id: Option<LocationId>,
    lot_id: LotId,
    checks: Vec<Check>,
    /// Criteria that nobody looked at.
    not_examined: Vec<Criterion>,
    units_passed: i64,
    units_failed: i64,
    serials_passed: Vec<Serial>,
    serials_failed: Vec<Serial>,
    evidence: Vec<Sha256Hex>,
    inspector: String,
    /// Who signed it, and what that means.
    signature: Signature,
    /// Who took it back, if somebody did: then its units are quarantined again.
    #[serde(skip_serializing_if = "Option::is_none")]
    reversed: Option<Reversed>,
    occurred_at: Moment,
    recorded_at: Moment,
}

impl From<Inspection> for InspectionView {
    fn from(inspection: Inspection) -> Self {
        InspectionView::of(inspection, None)
    }
}

impl InspectionView {
    fn of(inspection: Inspection, reversal: Option<&InspectionReversal>) -> Self {
        InspectionView {
            id: inspection.id,
            receipt_id: inspection.receipt_id,
            location_id: inspection.location_id,
            lot_id: inspection.lot_id,
            checks: inspection.checks.into_inner(),
            not_examined: inspection.not_examined.into_inner(),
            units_passed: inspection.units_passed,
            units_failed: inspection.units_failed,
            serials_passed: inspection.serials_passed.into_inner(),
            serials_failed: inspection.serials_failed.into_inner(),
            evidence: inspection.evidence.into_inner(),
            inspector: inspection.inspector,
            signature: inspection.signature.into_inner(),
            reversed: reversal.map(Reversed::from),
            occurred_at: inspection.occurred_at,
            recorded_at: inspection.recorded_at,
        }
    }
}

/// Records a packaging inspection.
///
/// Part of the units may fail. What failed becomes rejected at once and can only be returned or destroyed; what passed
/// is in state `passed` and waits for its release by somebody else. A pass goes where its units go. An inspection without
/// everything that the checklist of the product's class requires is recorded and passes nothing.
#[utoipa::path(operation_id = "create_inspection", tag = "Receiving", request_body = NewInspection,
    responses((status = 201, description = "The inspection.", body = InspectionView)))]
#[post("/inspections")]
async fn create_inspection(commands: Commands, body: Body<NewInspection>) -> Result<HttpResponse, Problem> {
    commands
        .create(body, |cmd, new| {
            service::distinct_serials("serials_passed", &new.serials_passed)?;
            service::distinct_serials("serials_failed", &new.serials_failed)?;
            service::inspect(cmd, new).map(InspectionView::from)
        })
        .await
}

/// Shows an inspection.
#[utoipa::path(operation_id = "get_inspection", tag = "Receiving",
    params(("id" = InspectionId, Path, description = "The inspection.")),
    responses((status = 200, description = "The inspection.", body = InspectionView)))]
#[get("/inspections/{id}")]
async fn get_inspection(queries: Queries, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    queries
        .find(id, "inspection", |view, id: InspectionId| {
            let Some(found) = service::find(view.db, view.caller, &id)? else { return Ok(None) };
            let reversals = store::reversals(view.db, &view.caller.organisation_id, &[&found.id])?;
            Ok(Some(InspectionView::of(found, reversals.first())))
        })
        .await
}

/// Why an inspection is reversed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "Recorded for the wrong delivery"}))]
pub struct NewInspectionReversal {
    /// Why.
    pub reason: Prose,
}

/// Reverses an inspection that was recorded wrongly.
///
/// What passed or failed in it is quarantined again, wherever it was set apart since, and can be inspected again; whoever
/// looked at the units still does not release them. Refused with the list when some of them have moved on.
#[utoipa::path(operation_id = "create_inspection_reversal", tag = "Receiving", request_body = NewInspectionReversal,
    params(("id" = InspectionId, Path, description = "The inspection.")),
    responses((status = 201, description = "The inspection, reversed.", body = InspectionView)))]
#[post("/inspections/{id}/reversals")]
async fn reverse_inspection(
    commands: Commands,
    id: web::Path<String>,
    body: Body<NewInspectionReversal>,
) -> Result<HttpResponse, Problem> {
    let id: InspectionId = path_id(&id, "inspection")?;
    commands
        .create(body, move |cmd, new| {
            let (inspection, reversal) = reversals::reverse(cmd, &id, new)?;
            Ok(InspectionView::of(inspection, Some(&reversal)))
        })
        .await
}

/// A release from quarantine to stock.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "from_location_id": "loc_01932c07-8d00-7000-8000-000000000004", "to_location_id": "loc_01932c07-8d00-7000-8000-000000000007",
    "units": 2, "serials": ["SN0001"], "reason": "Inspection complete"
}))]
pub struct NewRelease {
    /// From which quarantine location.
    pub from_location_id: LocationId,
    /// To which stock location of the same site.
    pub to_location_id: LocationId,
    /// How many units.
    pub units: Units,
    /// Which packs, where packs have serial numbers.
    #[serde(default)]
    pub serials: Vec<Serial>,
    /// Why.
    pub reason: Prose,
    /// When it was released; now if left out.
    #[serde(default)]
    pub occurred_at: Option<Moment>,
}

/// A release.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Release)]
pub struct ReleaseView {
    id: ReleaseId,
    lot_id: LotId,
    from_location_id: LocationId,
    to_location_id: LocationId,
    units: i64,
    serials: Vec<Serial>,
    reason: Prose,
    released_by: String,
    /// Who signed it, and what that means.
    signature: Signature,
    decision: Decision,
    occurred_at: Moment,
    recorded_at: Moment,
}

impl From<Release> for ReleaseView {
    fn from(release: Release) -> Self {
        ReleaseView {
            id: release.id,
            lot_id: release.lot_id,
            from_location_id: release.from_location_id,
            to_location_id: release.to_location_id,
            units: release.units,
            serials: release.serials.into_inner(),
            reason: release.reason,
            released_by: release.released_by,
            signature: release.signature.into_inner(),
            decision: release.decision.into_inner(),
            occurred_at: release.occurred_at,
            recorded_at: release.recorded_at,
        }
    }
}

/// Releases units of a lot from quarantine to stock.
///
/// Only what passed is released, by none of those who inspected it, and only if its supplier was vetted on the day on which
/// it arrived. Where units without numbers came by several receipts, all of these must be good.
#[utoipa::path(operation_id = "create_release", tag = "Receiving", request_body = NewRelease,
    params(("id" = LotId, Path, description = "The lot.")),
    responses((status = 201, description = "The release.", body = ReleaseView)))]
#[post("/lots/{id}/releases")]
async fn create_release(
    commands: Commands,
    id: web::Path<String>,
    body: Body<NewRelease>,
) -> Result<HttpResponse, Problem> {
    let id: LotId = path_id(&id, "lot")?;
    commands
        .create(body, move |cmd, new| {
            service::distinct_serials("serials", &new.serials)?;
            service::release(cmd, &id, new).map(ReleaseView::from)
        })
        .await
}
