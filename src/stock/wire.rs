//! Requests and answers about stock and lots.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model::{Balance, Disposition, Lot, Reconciliation};
use super::service::LotState;
use crate::clock::Moment;
use crate::custody_log::past::AsOf;
use crate::http::paging::{Cursor, Limit};
use crate::ids::{AccountId, ContainerId, ExcursionId, LocationId, LotId, ProductId, SiteId};
use crate::values::{Gtin, LotSought, LotText, Serial};

/// Units of a lot at a location in a disposition.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StockItem {
    /// The account: what an account hold names.
    pub account_id: AccountId,
    /// The product.
    pub product_id: ProductId,
    /// The lot.
    pub lot_id: LotId,
    /// The lot text.
    pub lot: LotText,
    /// The labelled expiry.
    pub expiry: NaiveDate,
    /// The last day on which these units may be used.
    pub effective_expiry: NaiveDate,
    /// The site.
    pub site_id: SiteId,
    /// The location.
    pub location_id: LocationId,
    /// The disposition.
    pub state: Disposition,
    /// How many.
    pub units: i64,
    /// The excursions that hold them; left out where none does.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub excursion_ids: Vec<ExcursionId>,
    /// The container that the unit is, where it was opened; left out otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container_id: Option<ContainerId>,
    /// The excursions that use up their stability budget, whether they hold them or not; left out where none does.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub charged_ids: Vec<ExcursionId>,
}

impl StockItem {
    /// The item that a balance of a lot is; none for an outside account.
    pub fn of(balance: &Balance, lot: &Lot) -> Option<Self> {
        let place = balance.place()?;
        Some(StockItem {
            account_id: balance.id.clone(),
            product_id: lot.product_id.clone(),
            lot_id: lot.id.clone(),
            lot: lot.lot.clone(),
            expiry: lot.expiry,
            effective_expiry: place.use_by,
            site_id: place.site_id,
            location_id: place.location_id,
            state: balance.kind.disposition()?,
            units: balance.units,
            excursion_ids: balance.excursions().to_vec(),
            container_id: balance.container_id.clone(),
            charged_ids: balance.charges().to_vec(),
        })
    }
}

/// Which stock.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct StockQuery {
    /// Only at this site.
    pub(super) site_id: Option<SiteId>,
    /// Only of this product.
    pub(super) product_id: Option<ProductId>,
    /// Only of this lot.
    pub(super) lot_id: Option<LotId>,
    /// Only at this location.
    pub(super) location_id: Option<LocationId>,
    /// Only in this disposition.
    pub(super) state: Option<Disposition>,
    /// Only what expires before this day.
    #[serde(default, deserialize_with = "crate::values::optional_day")]
    pub(super) expiring_before: Option<NaiveDate>,
    /// What was on hand at that time, as is known now.
    pub(super) at: Option<Moment>,
    /// What was known then: a time, or how many entries the custody log had. The answer names that number; with `at`, what was known then
    /// of that moment.
    pub(super) as_of: Option<AsOf>,
    /// How many items at the most.
    pub(super) limit: Option<Limit>,
    /// Where the page before ended.
    pub(super) cursor: Option<Cursor>,
}

/// Before every day that a label can have: the epoch of both databases' calendars will do.
pub const BEFORE_ALL: NaiveDate = match NaiveDate::from_ymd_opt(1, 1, 1) {
    Some(day) => day,
    None => NaiveDate::MAX,
};

/// A lot, with where all its units are.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Lot)]
pub struct LotView {
    /// Its id.
    pub id: LotId,
    /// The product.
    pub product_id: ProductId,
    /// The lot text.
    pub lot: LotText,
    /// The labelled expiry.
    pub expiry: NaiveDate,
    /// The earliest day on which units on hand run out.
    pub effective_expiry: NaiveDate,
    /// When it was made, where the code said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub production_date: Option<NaiveDate>,
    /// When it was first received.
    pub first_received_at: Moment,
    /// Where all its units are, at all sites.
    pub reconciliation: Reconciliation,
    /// How many entries the custody log had when this was known; only where `as_of` asked for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tree_size: Option<u64>,
}

impl LotView {
    /// The same, of what was known when the custody log had so many entries.
    pub(super) fn of_tree(self, tree_size: Option<u64>) -> Self {
        LotView { tree_size, ..self }
    }
}

impl From<LotState> for LotView {
    fn from(state: LotState) -> Self {
        LotView {
            id: state.lot.id,
            product_id: state.lot.product_id,
            lot: state.lot.lot,
            expiry: state.lot.expiry,
            effective_expiry: state.effective_expiry,
            production_date: state.lot.production_date,
            first_received_at: state.lot.first_received_at,
            reconciliation: state.reconciliation,
            tree_size: None,
        }
    }
}

/// Which lots.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LotQuery {
    /// Only those of the product with this GTIN of a unit, a pack or a case, 14 digits.
    pub(super) gtin: Option<Gtin>,
    /// Only those of this product.
    pub(super) product_id: Option<ProductId>,
    /// Only those whose lot text matches: the same but for case and spaces.
    pub(super) lot: Option<LotSought>,
    /// Lots that had come by that time, and where their units were, as is known now.
    pub(super) at: Option<Moment>,
    /// What was known then: a time, or how many entries the custody log had. The answer names that number; with `at`, what was known then
    /// of that moment.
    pub(super) as_of: Option<AsOf>,
    /// How many items at the most.
    pub(super) limit: Option<Limit>,
    /// Where the page before ended.
    pub(super) cursor: Option<Cursor>,
}

/// When.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LotMoment {
    /// Where its units were at that time, as is known now.
    pub(super) at: Option<Moment>,
    /// What was known then: a time, or how many entries the custody log had. The answer names that number; with `at`, what was known then
    /// of that moment.
    pub(super) as_of: Option<AsOf>,
}

/// Which label.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LabelQuery {
    /// The serial number of a pack of the lot: the label of that pack.
    pub(super) serial: Option<Serial>,
}
