//! Stock and lots over HTTP.

use actix_web::http::header;
use actix_web::{HttpResponse, get, web};

use super::label::Drawing;
use super::service::{self};
use super::store::{self, LotFilter, StockFilter};
use super::wire::{BEFORE_ALL, LabelQuery, LotMoment, LotQuery, LotView, StockItem, StockQuery};
use crate::command::View;
use crate::custody_log::past::Log;
use crate::http::commands::Queries;
use crate::http::input::{Query, path_id};
use crate::http::lists::Asked;
use crate::http::paging::{self, Found, List, Page};
use crate::http::slice::Routes;
use crate::ids::{AccountId, LotId};
use crate::problem::Problem;

/// The routes of this slice.
pub fn routes(cfg: &mut impl Routes) {
    cfg.service(list_stock).service(list_lots).service(get_lot);
    cfg.service(get_lot_label_svg).service(get_lot_label_png);
}

/// Lists stock, first expired first out.
///
/// Each item is the units of one lot at one location in one disposition. What expires first comes first, whatever its
/// state, so that nothing is forgotten at the back of the fridge.
#[utoipa::path(operation_id = "list_stock", tag = "Stock", params(StockQuery),
    responses((status = 200, description = "A page of stock.", body = Page<StockItem>)))]
#[get("/stock")]
async fn list_stock(queries: Queries, log: Log, query: Query<StockQuery>) -> Result<HttpResponse, Problem> {
    let StockQuery { site_id, product_id, lot_id, location_id, state, expiring_before, at, as_of, limit, cursor } =
        query.into_inner();
    let filter = StockFilter { site_id, product_id, lot_id, location_id, state, expiring_before };
    let past = log.past(&queries, at, as_of).await?;
    let list = List::of("stock", [paging::day, paging::id::<AccountId>]);
    let key = |item: &StockItem| [item.effective_expiry.to_string(), item.account_id.to_string()];
    let fetch = move |view: &mut View<'_>, [day, account]: [String; 2], limit| {
        let after = (day.parse().unwrap_or(BEFORE_ALL), account.as_str());
        let found = if past.is_now() {
            store::list_stock(view.db, view.caller, &filter, after, limit)?
        } else {
            store::list_stock_then(view.db, view.caller, &filter, &past, after, limit)?
        };
        found.map(|found| Ok(found.iter().filter_map(|(balance, lot)| StockItem::of(balance, lot)).collect()))
    };
    let asked = Asked { list, limit, cursor, tree_size: past.tree_size() };
    queries.list(asked, fetch, key, |_, found| Ok(found), |_, page| Ok(page)).await
}

/// Lists lots with their reconciliation.
#[utoipa::path(operation_id = "list_lots", tag = "Stock", params(LotQuery),
    responses((status = 200, description = "A page of lots.", body = Page<LotView>)))]
#[get("/lots")]
async fn list_lots(queries: Queries, log: Log, query: Query<LotQuery>) -> Result<HttpResponse, Problem> {
    let LotQuery { gtin, product_id, lot, at, as_of, limit, cursor } = query.into_inner();
    let past = log.past(&queries, at, as_of).await?;
    let fetch = move |view: &mut View<'_>, [after]: [String; 1], limit| {
        let organisation = &view.caller.organisation_id;
        let mut filter = LotFilter { product_id: product_id.clone(), lot: lot.clone() };
        if let Some(gtin) = &gtin {
            let named = crate::catalogue::service::find_named(view.db, organisation, &gtin.into())?;
            let Some((product, _)) = named else { return Ok(Found::all(Vec::new())) };
            if filter.product_id.replace(product.id.clone()).is_some_and(|other| other != product.id) {
                return Ok(Found::all(Vec::new()));
            }
        }
        let found = store::list_lots(view.db, view.caller, &filter, &after, limit)?;
        found.sifted(
            limit,
            |lot| [lot.id.to_string()],
            |lots| {
                let states = service::states_then(view.db, organisation, lots, &past)?;
                Ok(states.into_iter().map(LotView::from).collect())
            },
        )
    };
    let list = List::of("lots", [paging::id::<LotId>]);
    let asked = Asked { list, limit, cursor, tree_size: past.tree_size() };
    let key = |lot: &LotView| [lot.id.to_string()];
    queries.list(asked, fetch, key, |_, found| Ok(found), |_, page| Ok(page)).await
}

/// Shows a lot with its reconciliation.
#[utoipa::path(operation_id = "get_lot", tag = "Stock", params(("id" = LotId, Path, description = "The lot."), LotMoment),
    responses((status = 200, description = "The lot.", body = LotView)))]
#[get("/lots/{id}")]
async fn get_lot(
    queries: Queries,
    log: Log,
    id: web::Path<String>,
    moment: Query<LotMoment>,
) -> Result<HttpResponse, Problem> {
    let LotMoment { at, as_of } = moment.into_inner();
    let past = log.past(&queries, at, as_of).await?;
    queries
        .find(id, "lot", move |view, id: LotId| {
            let organisation = &view.caller.organisation_id;
            let Some(lot) = store::lot(view.db, organisation, &id)? else { return Ok(None) };
            if !store::is_visible(view.db, view.caller, &id)? {
                return Ok(None);
            }
            let state = service::states_then(view.db, organisation, vec![lot], &past)?.pop();
            Ok(state.map(|state| LotView::from(state).of_tree(past.tree_size())))
        })
        .await
}

async fn label(queries: Queries, id: &str, query: Query<LabelQuery>) -> Result<Drawing, Problem> {
    let id = path_id(id, "lot")?;
    queries
        .run(move |view| {
            let today = view.now.day_in(chrono_tz::Tz::UTC);
            service::label(view, &id, query.into_inner().serial)?.draw(today)
        })
        .await
}

/// Draws the label of a lot, or of one pack, as SVG.
///
/// A GS1 DataMatrix of GTIN, expiry, lot and, for a pack, serial number, with the same in letters beside it and the expiry
/// as a date. Modules are 0.423 mm wide when it is printed in its own size; the white margin is four modules and must stay.
#[utoipa::path(operation_id = "get_lot_label_svg", tag = "Stock", params(("id" = LotId, Path, description = "The lot."), LabelQuery),
    responses((status = 200, description = "The label.", content((String = "image/svg+xml")))))]
#[get("/lots/{id}/label.svg")]
async fn get_lot_label_svg(
    queries: Queries,
    id: web::Path<String>,
    query: Query<LabelQuery>,
) -> Result<HttpResponse, Problem> {
    let drawing = label(queries, &id, query).await?;
    // A label is a picture of data: as a page of its own it may load and run nothing.
    Ok(HttpResponse::Ok()
        .content_type("image/svg+xml")
        .insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .body(drawing.svg()))
}

/// Draws the label of a lot, or of one pack, as PNG.
///
/// The same label as a picture of 300 dots per inch, 5 dots a module. Print it at that resolution, or a whole multiple of
/// it, without scaling. Letters outside Latin-1 are question marks; the SVG has them all.
#[utoipa::path(operation_id = "get_lot_label_png", tag = "Stock", params(("id" = LotId, Path, description = "The lot."), LabelQuery),
    responses((status = 200, description = "The label.", content((String = "image/png")))))]
#[get("/lots/{id}/label.png")]
async fn get_lot_label_png(
    queries: Queries,
    id: web::Path<String>,
    query: Query<LabelQuery>,
) -> Result<HttpResponse, Problem> {
    let drawing = label(queries, &id, query).await?;
    Ok(HttpResponse::Ok().content_type("image/png").body(drawing.png()?))
}
