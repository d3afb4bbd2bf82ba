//! Receipts over HTTP.

use actix_web::{HttpResponse, get, post, web};

use super::service::{self};
use super::wire::{NewCorrection, NewReceipt, NewReceiptVoid, ReceiptFilter, ReceiptView};
use super::{corrections, store, voids};
use crate::http::commands::{Commands, Queries};
use crate::http::input::{Body, Query, path_id};
use crate::http::paging::{self, After, List, Page};
use crate::http::period::Period;
use crate::http::slice::Routes;
use crate::ids::ReceiptId;
use crate::problem::Problem;

/// The routes of this slice.
pub fn routes(cfg: &mut impl Routes) {
    cfg.service(create_receipt)
        .service(list_receipts)
        .service(get_receipt)
        .service(create_correction)
        .service(create_void);
}

/// Receives goods into a quarantine location.
///
/// Scan each pack, unit or case by whichever of its codes, or type what its label says: lot and expiry are never guessed.
/// Everything starts quarantined; inspect
/// it next. What is suspicious (a twin lot, an expired pack, a supplier that is not vetted) is received and flagged.
#[utoipa::path(operation_id = "create_receipt", tag = "Receiving", request_body = NewReceipt,
    responses((status = 201, description = "The receipt.", body = ReceiptView)))]
#[post("/receipts")]
async fn create_receipt(commands: Commands, body: Body<NewReceipt>) -> Result<HttpResponse, Problem> {
    commands.create(body, |cmd, new| service::receive(cmd, new).map(ReceiptView::from)).await
}

/// Lists receipts, in the order of what happened.
#[utoipa::path(operation_id = "list_receipts", tag = "Receiving", params(ReceiptFilter),
    responses((status = 200, description = "A page of receipts.", body = Page<ReceiptView>)))]
#[get("/receipts")]
async fn list_receipts(queries: Queries, filter: Query<ReceiptFilter>) -> Result<HttpResponse, Problem> {
    let asked = filter.into_inner();
    let (limit, cursor) = (asked.limit, asked.cursor.clone());
    queries
        .search(
            List::of("receipts", [paging::moment, paging::id::<ReceiptId>]),
            limit,
            cursor,
            move |view, after, limit| {
                let ReceiptFilter { order_id, site_id, supplier_id, lot_id, delivery_note, from, to, .. } =
                    asked.clone();
                let zone = crate::sites::service::zone_asked(view.db, view.caller, site_id.as_ref())?;
                let period = Period::of(from, to, zone);
                let filter = store::Filter { order_id, site_id, supplier_id, lot_id, delivery_note, period };
                let found = store::list(view.db, view.caller, &filter, &After::of(after)?, limit)?;
                found.map(|found| {
                    let received = service::with_lines(view.db, view.caller, found)?;
                    Ok(received.into_iter().map(ReceiptView::from).collect())
                })
            },
            |receipt: &ReceiptView| After::keys(receipt.occurred_at, &receipt.id),
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

/// Corrects a mis-keyed line, or the supplier or the order of the receipt, while all units of it are inside.
///
/// The old line stays and is shown as corrected. Its units go back from wherever they are, and the right ones are received
/// as a new line into quarantine, to be inspected and released anew; with 0 packs none are. Another supplier or order
/// replaces every line; another order alone leaves the units where they are.
#[utoipa::path(operation_id = "create_receipt_correction", tag = "Receiving", request_body = NewCorrection,
    params(("id" = ReceiptId, Path, description = "The receipt.")),
    responses((status = 201, description = "The receipt, corrected.", body = ReceiptView)))]
#[post("/receipts/{id}/corrections")]
async fn create_correction(
    commands: Commands,
    id: web::Path<String>,
    body: Body<NewCorrection>,
) -> Result<HttpResponse, Problem> {
    let id: ReceiptId = path_id(&id, "receipt")?;
    commands.create(body, move |cmd, new| corrections::correct(cmd, &id, new).map(ReceiptView::from)).await
}

/// Voids a receipt that was entered twice or never came, while all units of it are inside.
///
/// It stays and is shown as voided. Its units go back to the supplier's account, its serial numbers are free again, and
/// nothing of it counts into its order.
#[utoipa::path(operation_id = "create_receipt_void", tag = "Receiving", request_body = NewReceiptVoid,
    params(("id" = ReceiptId, Path, description = "The receipt.")),
    responses((status = 201, description = "The receipt, voided.", body = ReceiptView)))]
#[post("/receipts/{id}/voids")]
async fn create_void(
    commands: Commands,
    id: web::Path<String>,
    body: Body<NewReceiptVoid>,
) -> Result<HttpResponse, Problem> {
    let id: ReceiptId = path_id(&id, "receipt")?;
    commands.create(body, move |cmd, new| voids::void(cmd, &id, new).map(ReceiptView::from)).await
}
