//! Requests and answers about inspections and releases.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model::{Check, Criterion, Inspection, InspectionReversal, Release, Reversed, Signature};
use crate::clock::Moment;
use crate::decision::Decision;
use crate::http::paging::{Cursor, Limit};
use crate::http::period::When;
use crate::ids::{InspectionId, LocationId, LotId, ReceiptId, ReleaseId, SiteId};
use crate::names::wire::Names;
use crate::values::{Prose, Serial, Sha256Hex, Units};

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
    pub(super) id: InspectionId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) receipt_id: Option<ReceiptId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) location_id: Option<LocationId>,
    pub(super) lot_id: LotId,
    pub(super) checks: Vec<Check>,
    /// Criteria that nobody looked at.
    pub(super) not_examined: Vec<Criterion>,
    /// What the checklist asks for and this inspection does not have. While it lacks anything, none of its units has a pass: inspect
    /// them again, with the whole checklist.
    pub(super) lacks: Vec<Criterion>,
    /// How many units were found good; they have a pass where the inspection lacks nothing.
    pub(super) units_passed: i64,
    pub(super) units_failed: i64,
    pub(super) serials_passed: Vec<Serial>,
    pub(super) serials_failed: Vec<Serial>,
    pub(super) evidence: Vec<Sha256Hex>,
    pub(super) inspector: String,
    /// Who signed it, and what that means.
    pub(super) signature: Signature,
    /// Who took it back, if somebody did: then its units are quarantined again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reversed: Option<Reversed>,
    pub(super) occurred_at: Moment,
    pub(super) recorded_at: Moment,
}

impl From<Inspection> for InspectionView {
    fn from(inspection: Inspection) -> Self {
        InspectionView::of(inspection, None)
    }
}

impl InspectionView {
    pub(super) fn of(inspection: Inspection, reversal: Option<&InspectionReversal>) -> Self {
        InspectionView {
            id: inspection.id,
            receipt_id: inspection.receipt_id,
            location_id: inspection.location_id,
            lot_id: inspection.lot_id,
            checks: inspection.checks.into_inner(),
            not_examined: inspection.not_examined.into_inner(),
            lacks: inspection.lacks.into_inner(),
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

/// Why an inspection is reversed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "Recorded for the wrong delivery"}))]
pub struct NewInspectionReversal {
    /// Why.
    pub reason: Prose,
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
    pub(super) id: ReleaseId,
    pub(super) lot_id: LotId,
    pub(super) from_location_id: LocationId,
    pub(super) to_location_id: LocationId,
    pub(super) units: i64,
    pub(super) serials: Vec<Serial>,
    pub(super) reason: Prose,
    pub(super) released_by: String,
    /// Who signed it, and what that means.
    pub(super) signature: Signature,
    pub(super) decision: Decision,
    pub(super) occurred_at: Moment,
    pub(super) recorded_at: Moment,
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

/// An inspection in a list, with its names.
#[derive(Debug, Serialize, ToSchema)]
pub struct ListedInspection {
    /// The inspection.
    #[serde(flatten)]
    pub(super) inspection: InspectionView,
    /// What it was of, and where.
    pub(super) names: Names,
}

/// A release in a list, with its names.
#[derive(Debug, Serialize, ToSchema)]
pub struct ListedRelease {
    /// The release.
    #[serde(flatten)]
    pub(super) release: ReleaseView,
    /// What was released, from where, and to where.
    pub(super) names: Names,
}

/// Which inspections, or which releases.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct InspectionFilter {
    /// Only at this site.
    pub(super) site_id: Option<SiteId>,
    /// Only of units at this place; of a release, from or to it.
    pub(super) location_id: Option<LocationId>,
    /// Only of this lot.
    pub(super) lot_id: Option<LotId>,
    /// Only those that name the pack with this number.
    pub(super) serial: Option<Serial>,
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
