//! The morning list over HTTP.

use crate::http::slice::Routes;
use actix_web::{HttpResponse, get};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::people::{LicenceByOne, UnconfirmedAdministration};
use super::rules::{Lapse, Likeness};
use super::service::{self, Attention};
use crate::clock::Moment;
use crate::custody::refusals::Refused;
use crate::holds::api::HoldView;
use crate::http::commands::Queries;
use crate::http::input::Query;
use crate::ids::{AdministrationId, LicenceId, LocationId, LotId, OrderId, ProductId, ReleaseId, SiteId, SupplierId};
use crate::licences::api::Holder;
use crate::licences::model::LicenceKind;
use crate::movements::api::MovementView;
use crate::problem::{Problem, ProblemCode};
use crate::purchasing::model::OrderStatus;
use crate::stock::api::StockItem;
use crate::stock::model::{Balance, Lot};
use crate::treatment::api::DeviationView;
use crate::values::{Jurisdiction, LotText, Name, Word};

/// How far ahead the list can look, in days.
const DAYS_MAX: u32 = 366;

/// The routes of this slice.
pub fn routes(cfg: &mut impl Routes) {
    cfg.service(get_attention);
}

/// A licence that does not count, or soon will not.
#[derive(Debug, Serialize, ToSchema)]
pub struct LapsingLicence {
    licence_id: LicenceId,
    holder: Holder,
    kind: LicenceKind,
    authority: Word,
    number: Word,
    /// What is wrong.
    lapse: Lapse,
    /// Since or from which day.
    on: NaiveDate,
}

/// An authorisation of a product that is no longer verified, or soon will not be.
#[derive(Debug, Serialize, ToSchema)]
pub struct ApprovalToVerify {
    product_id: ProductId,
    name: Name,
    jurisdiction: Jurisdiction,
    /// When somebody looked last.
    verified_on: NaiveDate,
    /// The last day for which that counts.
    verify_by: NaiveDate,
}

/// An order whose goods were expected before today.
#[derive(Debug, Serialize, ToSchema)]
pub struct OverdueOrder {
    order_id: OrderId,
    site_id: SiteId,
    supplier_id: SupplierId,
    status: OrderStatus,
    expected_on: Option<NaiveDate>,
}

/// A licence that was lost earlier than anybody knew.
#[derive(Debug, Serialize, ToSchema)]
pub struct TouchedByLicence {
    licence_id: LicenceId,
    holder: Holder,
    /// Orders that were placed meanwhile.
    orders: Vec<OrderId>,
    /// Administrations meanwhile.
    administrations: Vec<AdministrationId>,
    /// Releases to stock meanwhile.
    releases: Vec<ReleaseId>,
    /// Whether there are more than are listed.
    more: bool,
}

/// A lot of a pair whose texts are alike.
#[derive(Debug, Serialize, ToSchema)]
pub struct SimilarLot {
    lot_id: LotId,
    lot: LotText,
    expiry: NaiveDate,
    first_received_at: Moment,
}

impl From<Lot> for SimilarLot {
    fn from(lot: Lot) -> Self {
        let Lot { id, lot, expiry, first_received_at, .. } = lot;
        SimilarLot { lot_id: id, lot, expiry, first_received_at }
    }
}

/// Two lots of a product that are kept apart by their texts, which are alike: one of them may have been typed wrong. Listed
/// as long as both have units on hand.
#[derive(Debug, Serialize, ToSchema)]
pub struct SimilarLots {
    product_id: ProductId,
    likeness: Likeness,
    /// The two, the older first.
    lots: [SimilarLot; 2],
}

/// Units that came back with a void of what was recorded in retrospect, and that were never received.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnitsToCount {
    administration_id: AdministrationId,
    site_id: SiteId,
    /// Where they are said to be.
    location_id: Option<LocationId>,
    lot_id: LotId,
    units: i64,
    voided_at: Moment,
}

/// Somebody who was refused at least five times within seven days: a rule is misunderstood, something is not set up, or
/// somebody is trying. `GET /v1/events?kind=gate_refused&actor=` tells each.
#[derive(Debug, Serialize, ToSchema)]
pub struct RefusedOften {
    /// The subject of their token.
    subject: String,
    /// How often, within these days (UTC).
    times: i64,
    /// When the first of these was.
    since: Moment,
    /// When the last was.
    last_at: Moment,
    /// Why, the last time: the codes of the reasons.
    last_reasons: Vec<String>,
}

impl From<Refused> for RefusedOften {
    fn from(refused: Refused) -> Self {
        let Refused { subject, times, since, last_at, last_reasons } = refused;
        RefusedOften { subject, times, since, last_at, last_reasons }
    }
}

/// What somebody should look at; at most 200 entries of each kind.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Attention)]
pub struct AttentionView {
    /// Units on hand that expire soon, or have expired; first expired first.
    expiring_stock: Vec<StockItem>,
    /// Units that must not stay where stock for use is: held, rejected or expired.
    held_stock_to_move: Vec<StockItem>,
    /// Licences that do not count, or soon will not.
    lapsing_licences: Vec<LapsingLicence>,
    /// Authorisations of products that are no longer verified, or soon will not be; the oldest first.
    approvals_to_verify: Vec<ApprovalToVerify>,
    /// Orders whose goods were expected before today.
    overdue_orders: Vec<OverdueOrder>,
    /// Licences that were lost earlier than anybody knew, with what rested on them meanwhile and nobody has acknowledged.
    touched_by_licences: Vec<TouchedByLicence>,
    /// Lots whose texts are easily taken for each other; the newest first.
    similar_lots: Vec<SimilarLots>,
    /// Counts that found a difference: those that wait for a second person, then those of the last 7 days.
    count_differences: Vec<MovementView>,
    /// Units that came back with a void and that the books never had: they are no stock until somebody counts them there; the
    /// newest first.
    units_to_count: Vec<UnitsToCount>,
    /// Licences that rest on less than two people: nobody but whoever registered one has verified it, or its holder is known
    /// by no subject.
    licences_by_one: Vec<LicenceByOne>,
    /// Administrations that wait for the word of somebody for whom another recorded them; the oldest entries first.
    unconfirmed_administrations: Vec<UnconfirmedAdministration>,
    /// Open holds.
    open_holds: Vec<HoldView>,
    /// Open deviations.
    deviations: Vec<DeviationView>,
    /// Who was refused over and over; the most often first.
    refused_often: Vec<RefusedOften>,
}

impl From<Attention> for AttentionView {
    fn from(attention: Attention) -> Self {
        let items =
            |found: &[(Balance, Lot)]| found.iter().filter_map(|(balance, lot)| StockItem::of(balance, lot)).collect();
        AttentionView {
            expiring_stock: items(&attention.expiring),
            held_stock_to_move: items(&attention.to_move),
            lapsing_licences: attention
                .lapsing
                .into_iter()
                .map(|(licence, lapse, on)| LapsingLicence {
                    licence_id: licence.id,
                    holder: Holder { kind: licence.holder_type, id: licence.holder_id },
                    kind: licence.kind,
                    authority: licence.authority,
                    number: licence.number,
                    lapse,
                    on,
                })
                .collect(),
            approvals_to_verify: attention
                .approvals
                .into_iter()
                .map(|(product, jurisdiction, verified_on, verify_by)| ApprovalToVerify {
                    product_id: product.id,
                    name: product.name,
                    jurisdiction,
                    verified_on,
                    verify_by,
                })
                .collect(),
            overdue_orders: attention
                .overdue
                .into_iter()
                .map(|order| OverdueOrder {
                    order_id: order.id,
                    site_id: order.site_id,
                    supplier_id: order.supplier_id,
                    status: order.status,
                    expected_on: order.expected_on,
                })
                .collect(),
            touched_by_licences: attention
                .touched
                .into_iter()
                .map(|(licence, touched)| TouchedByLicence {
                    licence_id: licence.id,
                    holder: Holder { kind: licence.holder_type, id: licence.holder_id },
                    orders: touched.orders,
                    administrations: touched.administrations,
                    releases: touched.releases,
                    more: touched.more,
                })
                .collect(),
            similar_lots: attention
                .similar
                .into_iter()
                .map(|(older, newer)| SimilarLots {
                    product_id: newer.product_id.clone(),
                    likeness: Likeness::of(&older.lot, &newer.lot),
                    lots: [older.into(), newer.into()],
                })
                .collect(),
            count_differences: attention.differences,
            units_to_count: attention
                .to_count
                .into_iter()
                .map(|(void, administration)| UnitsToCount {
                    administration_id: administration.id,
                    site_id: administration.site_id,
                    location_id: void.location_id,
                    lot_id: administration.lot_id,
                    units: void.units_to_count,
                    voided_at: void.occurred_at,
                })
                .collect(),
            licences_by_one: attention.by_one,
            unconfirmed_administrations: attention
                .unconfirmed
                .into_iter()
                .map(UnconfirmedAdministration::from)
                .collect(),
            open_holds: attention.holds.into_iter().map(HoldView::from).collect(),
            deviations: attention.deviations.into_iter().map(DeviationView::from).collect(),
            refused_often: attention.refused.into_iter().map(RefusedOften::from).collect(),
        }
    }
}

/// For where and how far ahead.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AttentionQuery {
    /// Only this site.
    site_id: Option<SiteId>,
    /// How many days ahead; 30 if left out.
    #[param(minimum = 0, maximum = 366)]
    days: Option<u16>,
}

/// Shows what somebody should look at this morning.
///
/// Expiring stock, stock that must be moved away, licences that lapse, authorisations to verify again, lots that are easily
/// confused, what counts found otherwise than the books, open holds and deviations, and who is refused over and over.
#[utoipa::path(operation_id = "get_attention", tag = "Attention", params(AttentionQuery),
    responses((status = 200, description = "The list.", body = AttentionView)))]
#[get("/attention")]
async fn get_attention(queries: Queries, query: Query<AttentionQuery>) -> Result<HttpResponse, Problem> {
    let AttentionQuery { site_id, days } = query.into_inner();
    let days = u32::from(days.unwrap_or(30));
    if days > DAYS_MAX {
        return Err(Problem::new(ProblemCode::MalformedQuery, format!("days must be from 0 to {DAYS_MAX}.")));
    }
    queries.report().show(move |view| service::attention(view, site_id, days).map(AttentionView::from)).await
}
