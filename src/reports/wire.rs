//! Requests for reports, and their answers.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model::Sums;
use crate::clock::Moment;
use crate::custody_log::past::AsOf;
use crate::http::period::When;
use crate::ids::{LotId, ProductId, SiteId};
use crate::values::{LotText, Name, TimeZone};

/// Which report on a period.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PeriodReportQuery {
    /// Of which site.
    pub(super) site_id: SiteId,
    /// From this day or moment on.
    #[param(inline)]
    pub(super) from: When,
    /// Up to this day, which counts, or before this moment.
    #[param(inline)]
    pub(super) to: When,
    /// What was known then: a time, or how many entries the custody log had. The answer names that number; asked again with it, the
    /// report is the same for ever.
    pub(super) as_of: Option<AsOf>,
}

/// A lot that was at a site in a period.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReportedLot {
    pub(super) product_id: ProductId,
    /// What the product is called; with `as_of`, what it was called then.
    pub(super) product: Name,
    pub(super) lot_id: LotId,
    /// The lot text.
    pub(super) lot: LotText,
    /// The labelled expiry.
    pub(super) expiry: NaiveDate,
    #[serde(flatten)]
    pub(super) sums: Sums,
}

/// All lots of a product together.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReportedProduct {
    pub(super) product_id: ProductId,
    pub(super) product: Name,
    #[serde(flatten)]
    pub(super) sums: Sums,
}

/// What a site had when a period began, what came, what went, and what it had at its end.
#[derive(Debug, Serialize, ToSchema)]
pub struct PeriodReport {
    pub(super) site_id: SiteId,
    /// What the site is called; with `as_of`, what it was called then.
    pub(super) site: Name,
    /// Whose days are meant.
    pub(super) time_zone: TimeZone,
    /// The first moment of the period.
    pub(super) from: Moment,
    /// The first moment after it.
    pub(super) to: Moment,
    /// When the report was made.
    pub(super) made_at: Moment,
    /// For whom, by the subject of their token.
    pub(super) made_for: String,
    /// How many entries the custody log had when this was known; only where `as_of` asked for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tree_size: Option<u64>,
    /// Lot by lot, by the names of their products, then by expiry: all that were there or moved.
    pub(super) lots: Vec<ReportedLot>,
    /// Product by product.
    pub(super) products: Vec<ReportedProduct>,
    /// All together.
    pub(super) totals: Sums,
}

impl PeriodReport {
    /// The report with these lots, in the order in which they are told.
    pub(super) fn with(self, mut lots: Vec<ReportedLot>) -> Self {
        lots.sort_by(|one, other| {
            let key =
                |lot: &ReportedLot| (lot.product.to_string(), lot.product_id.clone(), lot.expiry, lot.lot_id.clone());
            key(one).cmp(&key(other))
        });
        let (mut products, mut totals) = (Vec::<ReportedProduct>::new(), Sums::default());
        for lot in &lots {
            totals.add(&lot.sums);
            match products.last_mut() {
                Some(product) if product.product_id == lot.product_id => product.sums.add(&lot.sums),
                _ => products.push(ReportedProduct {
                    product_id: lot.product_id.clone(),
                    product: lot.product.clone(),
                    sums: lot.sums,
                }),
            }
        }
        PeriodReport { lots, products, totals, ..self }
    }
}
