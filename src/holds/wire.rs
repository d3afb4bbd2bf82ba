//! Requests and answers about holds.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model::{CauseType, Hold, Scope, ScopeType};
use crate::clock::Moment;
use crate::error::{Error, Result};
use crate::http::paging::{Cursor, Limit};
use crate::ids::{HoldId, PackId};
use crate::values::{Json, Prose, Serial, Word};

/// What a hold covers.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HoldScope {
    /// A lot, a product, or an account of stock.
    #[serde(rename = "type")]
    pub kind: ScopeType,
    /// Its id: of a lot, of a product, or the `account_id` of an item of stock (`acct_…`).
    pub id: String,
}

impl HoldScope {
    pub(super) fn scope(&self) -> Result<Scope> {
        let unknown = |_| Error::reference_unknown("scope.id");
        Ok(match self.kind {
            ScopeType::Lot => Scope::Lot(self.id.parse().map_err(unknown)?),
            ScopeType::Product => Scope::Product(self.id.parse().map_err(unknown)?),
            ScopeType::Account => Scope::Account(self.id.parse().map_err(unknown)?),
        })
    }
}

/// A hold to open.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "scope": {"type": "lot", "id": "lot_01932c07-8d00-7000-8000-000000000006"}, "reason": "Swelling reported; under review"
}))]
pub struct NewHold {
    /// What it covers.
    pub scope: HoldScope,
    /// Of a lot, only the packs with these serial numbers; all of it if left out.
    #[serde(default)]
    #[schema(max_items = 500)]
    pub serials: Vec<Serial>,
    /// Why.
    pub reason: Prose,
    /// From when on; now if left out, at most 30 days back.
    #[serde(default)]
    pub occurred_at: Option<Moment>,
}

/// Why a hold was opened.
#[derive(Debug, Serialize, ToSchema)]
pub struct HoldCause {
    /// The kind of cause.
    #[serde(rename = "type")]
    pub(super) kind: CauseType,
    /// The recall, excursion or twin lot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<String>,
    /// What it is called: the reference of a recall.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reference: Option<Word>,
}

/// A hold.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Hold)]
pub struct HoldView {
    pub(super) id: HoldId,
    pub(super) scope: HoldScope,
    pub(super) reason: Prose,
    pub(super) cause: HoldCause,
    pub(super) opened_by: String,
    pub(super) opened_at: Moment,
    /// Null while it is open.
    pub(super) lifted_at: Option<Moment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) lifted_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) lift_reason: Option<Prose>,
    /// The packs that it covers, where it does not cover all of the lot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) pack_ids: Option<Vec<PackId>>,
}

impl From<Hold> for HoldView {
    fn from(hold: Hold) -> Self {
        HoldView {
            id: hold.id,
            scope: HoldScope { kind: hold.scope_type, id: hold.scope_id },
            reason: hold.reason,
            cause: HoldCause { kind: hold.cause_type, id: hold.cause_id, reference: hold.cause_reference },
            opened_by: hold.opened_by,
            opened_at: hold.opened_at,
            lifted_at: hold.lifted_at,
            lifted_by: hold.lifted_by,
            lift_reason: hold.lift_reason,
            pack_ids: hold.pack_ids.map(Json::into_inner),
        }
    }
}

/// Which holds.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct HoldFilter {
    /// Only open ones, or only lifted ones.
    pub(super) open: Option<bool>,
    /// How many items at the most.
    pub(super) limit: Option<Limit>,
    /// Where the page before ended.
    pub(super) cursor: Option<Cursor>,
}

/// The end of a hold.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "Review complete: unrelated"}))]
pub struct NewLift {
    /// Why it may be lifted.
    pub reason: Prose,
    /// From when on; now if left out, at most 30 days back and not before the hold was opened.
    #[serde(default)]
    pub occurred_at: Option<Moment>,
}
