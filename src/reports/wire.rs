//! Requests for reports, and their answers.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model::Sums;
use crate::claims::model::ClaimReason;
use crate::clock::Moment;
use crate::custody_log::past::AsOf;
use crate::http::period::When;
use crate::ids::{LotId, ProductId, SiteId, SupplierId};
use crate::receiving::model::Flag;
use crate::values::{Currency, LotText, Name, TimeZone};

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

/// Which period of a supplier.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ScorecardQuery {
    /// From this day or moment on.
    #[param(inline)]
    pub(super) from: When,
    /// Up to this day, which counts, or before this moment: 366 days at the most.
    #[param(inline)]
    pub(super) to: When,
}

/// What was ordered of a supplier in a period, what came and when, and what was wrong with it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Scorecard {
    pub(super) supplier_id: SupplierId,
    /// What the supplier is called now.
    pub(super) supplier: Name,
    pub(super) from: Moment,
    /// The moment before which it ends.
    pub(super) to: Moment,
    /// Orders that were placed in the period.
    pub(super) orders: ScoredOrders,
    /// How long they took.
    pub(super) lead_time: ScoredTimes,
    /// Deliveries that arrived in the period, and were not voided.
    pub(super) receipts: ScoredReceipts,
    /// What was inspected of these deliveries, by inspections that name their receipt and were not reversed.
    pub(super) inspections: ScoredInspections,
    /// Claims that were opened in the period.
    pub(super) claims: ScoredClaims,
}

/// Orders of a scorecard.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct ScoredOrders {
    /// How many.
    pub(super) orders: i64,
    /// How many lines they have.
    pub(super) lines: i64,
    /// How many units these ordered.
    pub(super) units_ordered: i64,
    /// How many came for them until now, whenever they came: more than were ordered count, too.
    pub(super) units_received: i64,
    /// How many wait for goods still.
    pub(super) open: i64,
    /// How many ended with units missing: closed short, or cancelled.
    pub(super) short: i64,
    /// How many of their lines have units missing.
    pub(super) lines_short: i64,
    /// How many units these lack.
    pub(super) units_short: i64,
}

/// How long orders took until their first goods came, in whole days: from the day on which an order was placed to the day of the first
/// receipt that answers it, as the calendar of the site has them.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScoredTimes {
    /// How many orders that is told of: those of which anything came.
    pub(super) orders: i64,
    /// How many orders of the period nothing came of yet, or ever.
    pub(super) without_goods: i64,
    /// The order in the middle; of two, the one that took longer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) median_days: Option<i64>,
    /// The one that took longest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) worst_days: Option<i64>,
}

/// Deliveries of a scorecard.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScoredReceipts {
    /// How many.
    pub(super) receipts: i64,
    /// How many lines of them stand.
    pub(super) lines: i64,
    /// How many units these brought.
    pub(super) units: i64,
    /// How many of these came in place of others (`replaces`).
    pub(super) units_replacing: i64,
    /// What was flagged on arrival: `short_dated` by the policy of that day (`minimum_remaining_days`).
    pub(super) flags: Vec<ScoredFlag>,
}

/// Lines with a flag.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScoredFlag {
    pub(super) flag: Flag,
    /// How many lines have it.
    pub(super) lines: i64,
    /// How many units these brought.
    pub(super) units: i64,
}

/// Inspections of a scorecard.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScoredInspections {
    /// How many.
    pub(super) inspections: i64,
    /// How many units passed.
    pub(super) units_passed: i64,
    /// How many units were rejected.
    pub(super) units_failed: i64,
}

/// Claims of a scorecard.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct ScoredClaims {
    /// How many are written and not sent.
    pub(super) open: i64,
    /// How many were sent and wait for an answer.
    pub(super) sent: i64,
    /// How many were settled.
    pub(super) settled: i64,
    /// How many were withdrawn: nothing else counts them.
    pub(super) withdrawn: i64,
    /// How many units are claimed, by why.
    pub(super) units: Vec<ScoredReason>,
    /// What was credited, by currency.
    pub(super) credits: Vec<ScoredCredit>,
}

/// Units that are claimed for a reason.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScoredReason {
    pub(super) reason: ClaimReason,
    pub(super) units: i64,
}

/// What was credited in a currency.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScoredCredit {
    pub(super) currency: Currency,
    /// By how many claims.
    pub(super) claims: i64,
    /// Together, in minor units.
    pub(super) credit_minor: i64,
}
