//! Requests and answers about packs.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::http::paging::{Cursor, Limit};
use crate::ids::{AccountId, LocationId, LotId, PackId, ProductId, ReceiptLineId, SiteId};
use crate::ledger::{AccountKind, Disposition};
use crate::names::wire::Names;
use crate::values::{Name, Serial};

/// Units of a pack that are, or went, to one account.
#[derive(Debug, Serialize, ToSchema)]
pub struct PackUnits {
    /// In which disposition they are, or how they left.
    pub(super) state: AccountKind,
    /// How many.
    pub(super) units: i64,
    /// Where; left out of those that left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) site_id: Option<SiteId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) site: Option<Name>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) location_id: Option<LocationId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) location: Option<Name>,
    /// What an account hold names; left out of those that left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) account_id: Option<AccountId>,
}

/// A pack: what was received under a serial number.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Pack)]
pub struct PackView {
    pub(super) id: PackId,
    pub(super) serial: Serial,
    pub(super) product_id: ProductId,
    pub(super) lot_id: LotId,
    /// The line of the receipt with which it came last.
    pub(super) receipt_line_id: ReceiptLineId,
    /// What it is called.
    pub(super) names: Names,
    /// How many of its units are on hand, at all sites that the caller sees.
    pub(super) units_on_hand: i64,
    /// Where its units are, and how those that left did. Empty where the number is a case's, which numbers nothing of what is in it, or
    /// a mis-keyed one. Units at sites that the caller does not see are left out.
    pub(super) units: Vec<PackUnits>,
}

/// Which packs.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PackFilter {
    /// Only with units at this site.
    pub(super) site_id: Option<SiteId>,
    /// Only with units at this place.
    pub(super) location_id: Option<LocationId>,
    /// Only of this product.
    pub(super) product_id: Option<ProductId>,
    /// Only of this lot.
    pub(super) lot_id: Option<LotId>,
    /// Only with this number.
    pub(super) serial: Option<Serial>,
    /// Only with units in this disposition; with `site_id` or `location_id`, there.
    pub(super) state: Option<Disposition>,
    /// How many items at the most.
    pub(super) limit: Option<Limit>,
    /// Where the page before ended.
    pub(super) cursor: Option<Cursor>,
}
