//! Requests and answers about licences.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model::{
    CheckOutcome, Discount, HolderType, Licence, LicenceAcknowledgement, LicenceCheck, LicenceKind, LicenceReversal,
    Scope, Touched,
};
use crate::clock::Moment;
use crate::http::paging::{Cursor, Limit};
use crate::ids::LicenceId;
use crate::values::{Jurisdiction, Prose, Sha256Hex, Word};

/// Who holds a licence.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Holder {
    /// What kind of holder.
    #[serde(rename = "type")]
    pub kind: HolderType,
    /// Its id.
    pub id: String,
}

/// A licence to register.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "holder": {"type": "practitioner", "id": "prac_01932c07-8d00-7000-8000-000000000003"}, "kind": "professional_registration",
    "authority": "GMC", "number": "1234567", "jurisdiction": "GB", "product_classes": ["*"],
    "valid_from": "2026-01-01", "valid_to": "2029-12-31"
}))]
pub struct NewLicence {
    /// Who holds it.
    pub holder: Holder,
    /// What it allows.
    pub kind: LicenceKind,
    /// Who issued it; the numbers of known authorities are checked.
    pub authority: Word,
    /// Its number.
    pub number: Word,
    /// Where it counts: `GB` covers `GB-ENG`.
    #[serde(deserialize_with = "crate::values::listed_jurisdiction")]
    pub jurisdiction: Jurisdiction,
    /// The classes that it covers, or `["*"]`.
    pub product_classes: Scope,
    /// The first day of its validity.
    #[serde(deserialize_with = "crate::values::day")]
    pub valid_from: NaiveDate,
    /// The last day of its validity.
    #[serde(deserialize_with = "crate::values::day")]
    pub valid_to: NaiveDate,
}

/// A licence.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Licence)]
pub struct LicenceView {
    pub(super) id: LicenceId,
    pub(super) holder: Holder,
    pub(super) kind: LicenceKind,
    pub(super) authority: Word,
    pub(super) number: Word,
    /// Whether the number was checked against the authority's format; false for authorities that are not known.
    pub(super) number_validated: bool,
    pub(super) jurisdiction: Jurisdiction,
    pub(super) product_classes: Scope,
    pub(super) valid_from: NaiveDate,
    pub(super) valid_to: NaiveDate,
    pub(super) registered_at: Moment,
    /// The reversal, if it was mis-keyed and counts for nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reversal: Option<LicenceReversal>,
    /// Its checks, oldest first (only where one licence is shown).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) checks: Option<Vec<CheckView>>,
    /// What rested on it for a moment at which, as a later entry says, it was lost already (only where one licence is shown).
    /// The decisions stay as they were made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) touched: Option<Touched>,
    /// The last time that somebody acknowledged what it had touched (only where one licence is shown).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) acknowledged: Option<LicenceAcknowledgement>,
}

/// A check of a licence, with what became of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct CheckView {
    #[serde(flatten)]
    pub(super) check: LicenceCheck,
    /// The reversal, if it was mis-keyed and counts for nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reversal: Option<LicenceReversal>,
    /// Why it stopped counting, if whoever made it turned out not to be independent of the holder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) discount: Option<Discount>,
}

impl From<Licence> for LicenceView {
    fn from(licence: Licence) -> Self {
        LicenceView {
            id: licence.id,
            holder: Holder { kind: licence.holder_type, id: licence.holder_id },
            kind: licence.kind,
            authority: licence.authority,
            number: licence.number,
            number_validated: licence.number_validated,
            jurisdiction: licence.jurisdiction,
            product_classes: licence.product_classes.into_inner(),
            valid_from: licence.valid_from,
            valid_to: licence.valid_to,
            registered_at: licence.registered_at,
            reversal: None,
            checks: None,
            touched: None,
            acknowledged: None,
        }
    }
}

/// Which licences.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LicenceFilter {
    /// Only those of this kind of holder.
    pub(super) holder_type: Option<HolderType>,
    /// Only those of this holder.
    pub(super) holder_id: Option<String>,
    /// Only those of this kind.
    pub(super) kind: Option<LicenceKind>,
    /// How many items at the most.
    pub(super) limit: Option<Limit>,
    /// Where the page before ended.
    pub(super) cursor: Option<Cursor>,
}

/// A check of a licence.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"outcome": "verified", "source": "https://www.gmc-uk.org/registrants/1234567"}))]
pub struct NewCheck {
    /// What the authority said.
    pub outcome: CheckOutcome,
    /// Where that is written.
    pub source: Prose,
    /// When it was looked up; now if left out.
    #[serde(default)]
    pub checked_at: Option<Moment>,
    /// From which day on it is so, when that is another day.
    #[serde(default, deserialize_with = "crate::values::optional_day")]
    pub effective_on: Option<NaiveDate>,
    /// The digest of what was kept as evidence.
    #[serde(default)]
    pub evidence_sha256: Option<Sha256Hex>,
    /// A note.
    #[serde(default)]
    pub note: Option<Prose>,
}

/// Why something mis-keyed is reversed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "Keyed for the wrong practitioner"}))]
pub struct NewReversal {
    /// Why.
    pub reason: Prose,
}

/// What follows from what a licence has touched.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"note": "The patients were told; the register was down that week"}))]
pub struct NewAcknowledgement {
    /// What follows from it.
    pub note: Prose,
}
