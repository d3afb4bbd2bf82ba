//! Receipts over HTTP.

use actix_web::{HttpResponse, get, post, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::Flag;
use super::service::{self, Received};
use super::store;
use crate::clock::Moment;
use crate::http::commands::{Commands, Queries};
use crate::http::input::{Body, Query};
use crate::http::paging::{Cursor, Limit, Page};
use crate::http::problem::Problem;
use crate::ids::{LocationId, LotId, ProductId, ReceiptId, ReceiptLineId, SiteId, SupplierId};
use crate::values::{Code, Gtin, LotText, Packs, Serial, Word, gtin_of_any_length_optional};

/// The routes of this slice.
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(create_receipt).service(list_receipts).service(get_receipt);
}

/// Goods that arrived.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "supplier_id": "sup_01932c07-8d00-7000-8000-000000000002", "site_id": "site_01932c07-8d00-7000-8000-000000000001",
    "location_id": "loc_01932c07-8d00-7000-8000-000000000004", "delivery_note": "DN-1001",
    "lines": [{"scan": "]d201095212345678991727063010HC24A^21SN0001", "packs": 1}]
}))]
pub struct NewReceipt {
    /// Who sent it.
    pub supplier_id: SupplierId,
    /// Where it arrived.
    pub site_id: SiteId,
    /// The quarantine location that it was put into.
    pub location_id: LocationId,
    /// The number of the delivery note.
    #[serde(default)]
    pub delivery_note: Option<Word>,
    /// What it held.
    pub lines: Vec<NewLine>,
    /// When it arrived; now if left out.
    #[serde(default)]
    pub occurred_at: Option<Moment>,
}

/// Packs of one lot: a scanned code, or what the label says.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewLine {
    /// The code, as the scanner types it.
    #[serde(default)]
    pub scan: Option<Code>,
    /// The GTIN, when no code was scanned.
    #[serde(default, deserialize_with = "gtin_of_any_length_optional")]
    pub gtin: Option<Gtin>,
    /// The lot text, when no code was scanned.
    #[serde(default)]
    pub lot: Option<LotText>,
    /// The expiry, when no code was scanned.
    #[serde(default, deserialize_with = "crate::values::optional_day")]
    pub expiry: Option<NaiveDate>,
    /// The serial number of the one pack, when no code was scanned.
    #[serde(default)]
    pub serial: Option<Serial>,
    /// When it was made, when no code was scanned.
    #[serde(default, deserialize_with = "crate::values::optional_day")]
    pub production_date: Option<NaiveDate>,
    /// How many packs.
    pub packs: Packs,
}

/// A receipt.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Receipt)]
pub struct ReceiptView {
    id: ReceiptId,
    supplier_id: SupplierId,
    site_id: SiteId,
    location_id: LocationId,
    #[serde(skip_serializing_if = "Option::is_none")]
    delivery_note: Option<Word>,
    received_by: String,
    occurred_at: Moment,
    recorded_at: Moment,
    lines: Vec<ReceiptLineView>,
}

/// Packs of one lot in a receipt.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReceiptLine)]
pub struct ReceiptLineView {
    id: ReceiptLineId,
    product_id: ProductId,
    lot_id: LotId,
    lot: LotText,
    expiry: NaiveDate,
    serials: Vec<Serial>,
    packs: i64,
    units: i64,
    /// What was unusual about it.
    flags: Vec<Flag>,
}

impl From<Received> for ReceiptView {
    fn from(Received { receipt, lines }: Received) -> Self {
        ReceiptView {
            id: receipt.id,
            supplier_id: receipt.supplier_id,
            site_id: receipt.site_id,
            location_id: receipt.location_id,
            delivery_note: receipt.delivery_note,
            received_by: receipt.received_by,
            occurred_at: receipt.occurred_at,
            recorded_at: receipt.recorded_at,
            lines: lines
                .into_iter()
                .map(|(line, lot)| ReceiptLineView {
                    id: line.id,
                    product_id: line.product_id,
                    lot_id: line.lot_id,
                    lot: lot.lot,
                    expiry: lot.expiry,
                    serials: line.serials.into_inner(),
                    packs: line.packs,
                    units: line.units,
                    flags: line.flags.into_inner(),
                })
                .collect(),
        }
    }
}

/// Receives goods into a quarantine location.
///
/// Scan each pack, or type what its label says: lot and expiry are never guessed. Everything starts quarantined; inspect
/// it next. What is suspicious (a twin lot, an expired pack, a supplier that is not vetted) is received and flagged.
#[utoipa::path(operation_id = "create_receipt", tag = "Receiving", request_body = NewReceipt,
    responses((status = 201, description = "The receipt.", body = ReceiptView)))]
#[post("/receipts")]
async fn create_receipt(commands: Commands, body: Body<NewReceipt>) -> Result<HttpResponse, Problem> {
    commands.create(body, |cmd, new| service::receive(cmd, new).map(ReceiptView::from)).await
}

/// How to page through receipts.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ReceiptFilter {
    /// How many items at the most.
    limit: Option<Limit>,
    /// Where the page before ended.
    cursor: Option<Cursor>,
}

/// Lists receipts.
#[utoipa::path(operation_id = "list_receipts", tag = "Receiving", params(ReceiptFilter),
    responses((status = 200, description = "A page of receipts.", body = Page<ReceiptView>)))]
#[get("/receipts")]
async fn list_receipts(queries: Queries, filter: Query<ReceiptFilter>) -> Result<HttpResponse, Problem> {
    let ReceiptFilter { limit, cursor } = filter.into_inner();
    queries
        .page(
            "receipts",
            limit,
            cursor,
            |view, [after], limit| {
                let found = store::list(view.db, view.caller, &after, limit)?;
                let received = service::with_lines(view.db, view.caller, found)?;
                Ok(received.into_iter().map(ReceiptView::from).collect())
            },
            |receipt: &ReceiptView| [receipt.id.to_string()],
        )
        .await
}

/// Shows a receipt.
#[utoipa::path(operation_id = "get_receipt", tag = "Receiving",
    params(("id" = ReceiptId, Path, description = "The receipt.")),
    responses((status = 200, description = "The receipt.", body = ReceiptView)))]
#[get("/receipts/{id}")]
async fn get_receipt(queries: Queries, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    queries
        .find(id, "receipt", |view, id: ReceiptId| Ok(service::find(view.db, view.caller, &id)?.map(ReceiptView::from)))
        .await
}
