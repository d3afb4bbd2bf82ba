//! Stock-takes over HTTP.

use actix_web::{HttpResponse, get, post, web};

use super::model::StockTakeState;
use super::wire::{
    NewCancellation, NewRecount, NewScans, NewStockTake, NewWithdrawal, ScanFilter, ScanView, ScansTaken,
    StockTakeFilter, StockTakeRemark, StockTakeView,
};
use super::{scanning, service, store};
use crate::error::Error;
use crate::http::commands::{Commands, Queries};
use crate::http::input::{Body, OptionalBody, Query, path_id};
use crate::http::paging::{self, Found, List, Page};
use crate::http::slice::Routes;
use crate::ids::{StockTakeId, StockTakeScanId};
use crate::problem::Problem;

/// The routes of this slice.
pub fn routes(cfg: &mut impl Routes) {
    cfg.service(create_stock_take).service(list_stock_takes).service(get_stock_take);
    cfg.service(record_stock_take_scans).service(list_stock_take_scans).service(withdraw_stock_take_scan);
    cfg.service(close_stock_take).service(reopen_stock_take).service(approve_stock_take).service(cancel_stock_take);
}

/// Opens a stock-take: some places of a site are counted, blind.
///
/// Scan what lies there in any order, by several people and over several days. Nobody is told what the books say, or what others have
/// counted, until it is closed. What lies there by the books and nobody scans is counted as none.
#[utoipa::path(operation_id = "create_stock_take", tag = "Stock-takes", request_body = NewStockTake,
    responses((status = 201, description = "The stock-take.", body = StockTakeView)))]
#[post("/stock-takes")]
async fn create_stock_take(commands: Commands, body: Body<NewStockTake>) -> Result<HttpResponse, Problem> {
    commands
        .create(body, |cmd, new| {
            let take = service::open(cmd, new)?;
            service::view(cmd.db, cmd.now, take)
        })
        .await
}

/// Lists stock-takes, without what was counted.
#[utoipa::path(operation_id = "list_stock_takes", tag = "Stock-takes", params(StockTakeFilter),
    responses((status = 200, description = "A page of stock-takes.", body = Page<StockTakeView>)))]
#[get("/stock-takes")]
async fn list_stock_takes(queries: Queries, filter: Query<StockTakeFilter>) -> Result<HttpResponse, Problem> {
    let StockTakeFilter { site_id, state, limit, cursor } = filter.into_inner();
    let filter = store::Filter { site_id, state };
    queries
        .search(
            List::of("stock takes", [paging::id::<StockTakeId>]),
            limit,
            cursor,
            move |view, [after], limit| {
                let found = store::list(view.db, view.caller, &filter, &after, limit)?;
                found.map(|found| service::views(view, found))
            },
            |take: &StockTakeView| [take.id.to_string()],
        )
        .await
}

/// Shows a stock-take: while people count, how far it is; from its closing on, what was counted beside what the books say.
#[utoipa::path(operation_id = "get_stock_take", tag = "Stock-takes",
    params(("id" = StockTakeId, Path, description = "The stock-take.")),
    responses((status = 200, description = "The stock-take.", body = StockTakeView)))]
#[get("/stock-takes/{id}")]
async fn get_stock_take(queries: Queries, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    queries
        .report()
        .find(id, "stock-take", |view, id: StockTakeId| {
            let found = service::find(view.db, view.caller, &id)?;
            found.map(|take| service::view(view.db, view.now, take)).transpose()
        })
        .await
}

/// Takes scans into a stock-take.
///
/// Each is told apart: one that cannot be read, of a lot that the books do not know, or of a pack that was scanned before, is said and
/// loses none of the others. A pack with a number counts once; units without one add up.
#[utoipa::path(operation_id = "record_stock_take_scans", tag = "Stock-takes", request_body = NewScans,
    params(("id" = StockTakeId, Path, description = "The stock-take.")),
    responses((status = 201, description = "What became of each scan.", body = ScansTaken)))]
#[post("/stock-takes/{id}/scans")]
async fn record_stock_take_scans(
    commands: Commands,
    id: web::Path<String>,
    body: Body<NewScans>,
) -> Result<HttpResponse, Problem> {
    let id: StockTakeId = path_id(&id, "stock-take")?;
    commands.create(body, move |cmd, new| scanning::scan(cmd, &id, new)).await
}

/// Lists the scans of a stock-take in their order: one's own while people count, those of everybody afterwards.
#[utoipa::path(operation_id = "list_stock_take_scans", tag = "Stock-takes",
    params(("id" = StockTakeId, Path, description = "The stock-take."), ScanFilter),
    responses((status = 200, description = "A page of scans.", body = Page<ScanView>)))]
#[get("/stock-takes/{id}/scans")]
async fn list_stock_take_scans(
    queries: Queries,
    id: web::Path<String>,
    filter: Query<ScanFilter>,
) -> Result<HttpResponse, Problem> {
    let id: StockTakeId = path_id(&id, "stock-take")?;
    let ScanFilter { limit, cursor } = filter.into_inner();
    queries
        .search(
            List::of("stock take scans", [paging::id::<StockTakeScanId>]),
            limit,
            cursor,
            move |view, [after], limit| {
                let found = service::find(view.db, view.caller, &id)?;
                let take = found.ok_or_else(|| Error::not_found("stock-take"))?;
                let scans = store::scans(view.db, &view.caller.organisation_id, &id, &after, limit)?;
                let is_blind = take.state == StockTakeState::Counting;
                Found::all(scans).sifted(
                    limit,
                    |scan| [scan.id.to_string()],
                    |mut scans| {
                        scans.retain(|scan| !is_blind || view.caller.is(&scan.scanned_by));
                        let lots = scans.iter().map(|scan| scan.lot_id.clone()).collect();
                        let known = service::known(view.db, std::slice::from_ref(&take), lots)?;
                        Ok(scans.into_iter().map(|scan| ScanView::of(&take, scan, &known)).collect())
                    },
                )
            },
            |scan: &ScanView| [scan.id.to_string()],
        )
        .await
}

/// Takes back a scan of one's own, while people count.
#[utoipa::path(operation_id = "withdraw_stock_take_scan", tag = "Stock-takes", request_body = NewWithdrawal,
    params(("id" = StockTakeId, Path, description = "The stock-take.")),
    responses((status = 201, description = "The scan, taken back.", body = ScanView)))]
#[post("/stock-takes/{id}/withdrawals")]
async fn withdraw_stock_take_scan(
    commands: Commands,
    id: web::Path<String>,
    body: Body<NewWithdrawal>,
) -> Result<HttpResponse, Problem> {
    let id: StockTakeId = path_id(&id, "stock-take")?;
    commands.create(body, move |cmd, new| scanning::withdraw(cmd, &id, new)).await
}

/// Says that counting is over: from here on the differences show.
#[utoipa::path(operation_id = "close_stock_take", tag = "Stock-takes", request_body = Option<StockTakeRemark>,
    params(("id" = StockTakeId, Path, description = "The stock-take.")),
    responses((status = 200, description = "The stock-take with its differences.", body = StockTakeView)))]
#[post("/stock-takes/{id}/close")]
async fn close_stock_take(
    commands: Commands,
    id: web::Path<String>,
    body: OptionalBody<StockTakeRemark>,
) -> Result<HttpResponse, Problem> {
    let id: StockTakeId = path_id(&id, "stock-take")?;
    commands
        .change(body.0, move |cmd, new| {
            let take = service::close(cmd, &id, new.reason.as_ref())?;
            service::view(cmd.db, cmd.now, take)
        })
        .await
}

/// Has something of a closed stock-take counted again; the rest stays counted.
///
/// Where nothing is named, everything that must be: of which units came or left since it was counted.
#[utoipa::path(operation_id = "reopen_stock_take", tag = "Stock-takes", request_body = NewRecount,
    params(("id" = StockTakeId, Path, description = "The stock-take.")),
    responses((status = 200, description = "The stock-take, counting.", body = StockTakeView)))]
#[post("/stock-takes/{id}/reopen")]
async fn reopen_stock_take(
    commands: Commands,
    id: web::Path<String>,
    body: Body<NewRecount>,
) -> Result<HttpResponse, Problem> {
    let id: StockTakeId = path_id(&id, "stock-take")?;
    commands
        .change(body, move |cmd, new| {
            let take = service::reopen(cmd, &id, new)?;
            service::view(cmd.db, cmd.now, take)
        })
        .await
}

/// Approves the differences of a closed stock-take, which posts all of them as counts.
///
/// By nobody who counted in it or closed it. Missing units are adjusted, found ones quarantined, as with every count. Where units of a
/// lot came to a place or left it since it was counted there, all is refused with each such line; `reopen` has those counted again.
#[utoipa::path(operation_id = "approve_stock_take", tag = "Stock-takes", request_body = Option<StockTakeRemark>,
    params(("id" = StockTakeId, Path, description = "The stock-take.")),
    responses((status = 200, description = "The stock-take, approved.", body = StockTakeView)))]
#[post("/stock-takes/{id}/approve")]
async fn approve_stock_take(
    commands: Commands,
    id: web::Path<String>,
    body: OptionalBody<StockTakeRemark>,
) -> Result<HttpResponse, Problem> {
    let id: StockTakeId = path_id(&id, "stock-take")?;
    commands
        .change(body.0, move |cmd, new| {
            let take = service::approve(cmd, &id, new.reason.as_ref())?;
            service::view(cmd.db, cmd.now, take)
        })
        .await
}

/// Gives a stock-take up: nothing is posted, and what was scanned stays on record.
#[utoipa::path(operation_id = "cancel_stock_take", tag = "Stock-takes", request_body = NewCancellation,
    params(("id" = StockTakeId, Path, description = "The stock-take.")),
    responses((status = 200, description = "The stock-take, cancelled.", body = StockTakeView)))]
#[post("/stock-takes/{id}/cancel")]
async fn cancel_stock_take(
    commands: Commands,
    id: web::Path<String>,
    body: Body<NewCancellation>,
) -> Result<HttpResponse, Problem> {
    let id: StockTakeId = path_id(&id, "stock-take")?;
    commands
        .change(body, move |cmd, new| {
            let take = service::cancel(cmd, &id, &new.reason)?;
            service::view(cmd.db, cmd.now, take)
        })
        .await
}
