//! What an inspection and a release are.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clock::Moment;
use crate::decision::Decision;
use crate::ids::{InspectionId, InspectionReversalId, LocationId, LotId, OrganisationId, ReceiptId, ReleaseId, SiteId};
pub use crate::policies::model::Criterion;
use crate::values::{Json, Prose, Serial, Sha256Hex, words};

words! {
    /// How a criterion turned out.
    CheckResult {
        /// It is as it must be.
        Pass "pass",
        /// It is not; the note says why.
        Fail "fail",
        /// It does not apply to this product.
        NotApplicable "not_applicable",
    }
}

words! {
    /// What a signature under a record means (21 CFR 11.50(a)(3)).
    Meaning {
        /// The signer has looked at the packaging and answers for what they found.
        Inspected "inspected",
        /// The signer has released the units for use and answers for that.
        Released "released",
    }
}

/// Who signed a record, when, and what that means (21 CFR 11.50).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Signature {
    /// The signer, by the subject of their token.
    pub signer: String,
    /// What the signature means.
    pub meaning: Meaning,
    /// When it was given.
    pub signed_at: Moment,
}

/// One criterion of a checklist, examined.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// What was looked at.
    pub criterion: Criterion,
    /// How it turned out.
    pub result: CheckResult,
    /// What was seen; needed when it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Prose>,
}

/// An inspection of units of a lot in quarantine: of those that a receipt brought, or of those that lie at a place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Queryable, Selectable, Insertable)]
#[diesel(table_name = crate::db::schema::inspections)]
pub struct Inspection {
    /// Its id.
    pub id: InspectionId,
    /// The organisation that inspected.
    pub organisation_id: OrganisationId,
    /// The receipt, where the units were looked at as what it brought.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt_id: Option<ReceiptId>,
    /// The lot.
    pub lot_id: LotId,
    /// What was examined.
    pub checks: Json<Vec<Check>>,
    /// What was not.
    pub not_examined: Json<Vec<Criterion>>,
    /// Units that passed.
    pub units_passed: i64,
    /// Units that failed.
    pub units_failed: i64,
    /// Digests of what was kept as evidence.
    pub evidence: Json<Vec<Sha256Hex>>,
    /// Who inspected, by the subject of the token.
    pub inspector: String,
    /// Their signature.
    pub signature: Json<Signature>,
    /// When it was inspected.
    pub occurred_at: Moment,
    /// When that was recorded.
    pub recorded_at: Moment,
    /// At which site; none in events from before passes were postings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site_id: Option<SiteId>,
    /// The place, where the units were looked at as what lies there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location_id: Option<LocationId>,
    /// The packs that passed, where packs have serial numbers.
    #[serde(default, skip_serializing_if = "Json::is_bare")]
    pub serials_passed: Json<Vec<Serial>>,
    /// The packs that failed.
    #[serde(default, skip_serializing_if = "Json::is_bare")]
    pub serials_failed: Json<Vec<Serial>>,
    /// What the checklist asked for and the inspection does not have: as long as it lacks anything, it passes no unit.
    #[serde(default, skip_serializing_if = "Json::is_bare")]
    pub lacks: Json<Vec<Criterion>>,
}

/// A release of units from quarantine to stock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Queryable, Selectable, Insertable)]
#[diesel(table_name = crate::db::schema::releases)]
pub struct Release {
    /// Its id.
    pub id: ReleaseId,
    /// The organisation that released.
    pub organisation_id: OrganisationId,
    /// The lot.
    pub lot_id: LotId,
    /// From which quarantine location.
    pub from_location_id: LocationId,
    /// To which stock location.
    pub to_location_id: LocationId,
    /// How many units.
    pub units: i64,
    /// Which packs, where packs have serial numbers.
    pub serials: Json<Vec<Serial>>,
    /// Why.
    pub reason: Prose,
    /// Who released, by the subject of the token.
    pub released_by: String,
    /// Their signature.
    pub signature: Json<Signature>,
    /// What the rules said.
    pub decision: Json<Decision>,
    /// When it was released.
    pub occurred_at: Moment,
    /// When that was recorded.
    pub recorded_at: Moment,
}

/// Which passed units a release used up, in histories from before passes were postings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Queryable, Selectable, Insertable)]
#[diesel(table_name = crate::db::schema::release_allocations)]
pub struct Allocation {
    /// The release.
    pub release_id: ReleaseId,
    /// The inspection that the units passed in.
    pub inspection_id: InspectionId,
    /// The organisation.
    pub organisation_id: OrganisationId,
    /// How many units.
    pub units: i64,
}

/// Passed units of an inspection that, in a history from before passes were postings, could not be told from others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settled {
    /// The inspection.
    pub inspection_id: InspectionId,
    /// How many units must be inspected again.
    pub units: i64,
}

/// The reversal of an inspection: what passed or failed in it is quarantined again, and both stay on record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Queryable, Selectable, Insertable)]
#[diesel(table_name = crate::db::schema::inspection_reversals)]
pub struct InspectionReversal {
    /// Its id.
    pub id: InspectionReversalId,
    /// The organisation.
    pub organisation_id: OrganisationId,
    /// The inspection.
    pub inspection_id: InspectionId,
    /// How many units are quarantined again; none where it had passed and failed none.
    pub units: i64,
    /// Why.
    pub reason: Prose,
    /// Who reversed it, by the subject of the token.
    pub reversed_by: String,
    /// When.
    pub reversed_at: Moment,
}

/// That something was reversed, as it is shown at it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Reversed {
    /// Who reversed it.
    pub by: String,
    /// When.
    pub at: Moment,
    /// Why.
    pub reason: Prose,
}

impl From<&InspectionReversal> for Reversed {
    fn from(reversal: &InspectionReversal) -> Self {
        let InspectionReversal { reversed_by, reversed_at, reason, .. } = reversal;
        Reversed { by: reversed_by.clone(), at: *reversed_at, reason: reason.clone() }
    }
}
