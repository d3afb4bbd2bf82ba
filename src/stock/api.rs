//! Stock and lots over HTTP.

use crate::http::slice::Routes;
use actix_web::http::header;
use actix_web::{HttpResponse, get, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::label::Drawing;
use super::model::{Balance, Disposition, Lot, Reconciliation};
use super::service::{self, LotState};
use super::store::{self, LotFilter, StockFilter};
use crate::clock::Moment;
use crate::http::commands::Queries;
use crate::http::input::{Query, path_id};
use crate::http::paging::{self, Cursor, Found, Limit, List, Page};
use crate::ids::{AccountId, LocationId, LotId, ProductId, SiteId};
use crate::problem::Problem;
use crate::values::{Gtin, LotSought, LotText, Serial};

/// The routes of this slice.
pub fn routes(cfg: &mut impl Routes) {
    cfg.service(list_stock).service(list_lots).service(get_lot);
    cfg.service(get_lot_label_svg).service(get_lot_label_png);
}

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
        })
    }
}

/// Which stock.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct StockQuery {
    /// Only at this site.
    site_id: Option<SiteId>,
    /// Only of this product.
    product_id: Option<ProductId>,
    /// Only of this lot.
    lot_id: Option<LotId>,
    /// Only at this location.
    location_id: Option<LocationId>,
    /// Only in this disposition.
    state: Option<Disposition>,
    /// Only what expires before this day.
    #[serde(default, deserialize_with = "crate::values::optional_day")]
    expiring_before: Option<NaiveDate>,
    /// How many items at the most.
    limit: Option<Limit>,
    /// Where the page before ended.
    cursor: Option<Cursor>,
}

/// Lists stock, first expired first out.
///
/// Each item is the units of one lot at one location in one disposition. What expires first comes first, whatever its
/// state, so that nothing is forgotten at the back of the fridge.
#[utoipa::path(operation_id = "list_stock", tag = "Stock", params(StockQuery),
    responses((status = 200, description = "A page of stock.", body = Page<StockItem>)))]
#[get("/stock")]
async fn list_stock(queries: Queries, query: Query<StockQuery>) -> Result<HttpResponse, Problem> {
    let StockQuery { site_id, product_id, lot_id, location_id, state, expiring_before, limit, cursor } =
        query.into_inner();
    let filter = StockFilter { site_id, product_id, lot_id, location_id, state, expiring_before };
    queries
        .search(
            List::of("stock", [paging::day, paging::id::<AccountId>]),
            limit,
            cursor,
            move |view, [day, account], limit| {
                let day = day.parse().unwrap_or(BEFORE_ALL);
                let found = store::list_stock(view.db, view.caller, &filter, (day, &account), limit)?;
                found.map(|found| Ok(found.iter().filter_map(|(balance, lot)| StockItem::of(balance, lot)).collect()))
            },
            |item: &StockItem| [item.effective_expiry.to_string(), item.account_id.to_string()],
        )
        .await
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
        }
    }
}

/// Which lots.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LotQuery {
    /// Only those of the product with this GTIN of a unit, a pack or a case, 14 digits.
    gtin: Option<Gtin>,
    /// Only those of this product.
    product_id: Option<ProductId>,
    /// Only those whose lot text matches: the same but for case and spaces.
    lot: Option<LotSought>,
    /// How many items at the most.
    limit: Option<Limit>,
    /// Where the page before ended.
    cursor: Option<Cursor>,
}

/// Lists lots with their reconciliation.
#[utoipa::path(operation_id = "list_lots", tag = "Stock", params(LotQuery),
    responses((status = 200, description = "A page of lots.", body = Page<LotView>)))]
#[get("/lots")]
async fn list_lots(queries: Queries, query: Query<LotQuery>) -> Result<HttpResponse, Problem> {
    let LotQuery { gtin, product_id, lot, limit, cursor } = query.into_inner();
    queries
        .search(
            List::of("lots", [paging::id::<LotId>]),
            limit,
            cursor,
            move |view, [after], limit| {
                let organisation = &view.caller.organisation_id;
                let mut filter = LotFilter { product_id, lot };
                if let Some(gtin) = gtin {
                    let named = crate::catalogue::service::find_named(view.db, organisation, &(&gtin).into())?;
                    let Some((product, _)) = named else { return Ok(Found::all(Vec::new())) };
                    if filter.product_id.replace(product.id.clone()).is_some_and(|other| other != product.id) {
                        return Ok(Found::all(Vec::new()));
                    }
                }
                let found = store::list_lots(view.db, view.caller, &filter, &after, limit)?;
                found.map(|lots| {
                    Ok(service::states(view.db, organisation, lots)?.into_iter().map(LotView::from).collect())
                })
            },
            |lot: &LotView| [lot.id.to_string()],
        )
        .await
}

/// Shows a lot with its reconciliation.
#[utoipa::path(operation_id = "get_lot", tag = "Stock", params(("id" = LotId, Path, description = "The lot.")),
    responses((status = 200, description = "The lot.", body = LotView)))]
#[get("/lots/{id}")]
async fn get_lot(queries: Queries, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    queries
        .find(id, "lot", |view, id: LotId| {
            let organisation = &view.caller.organisation_id;
            let Some(lot) = store::lot(view.db, organisation, &id)? else { return Ok(None) };
            if !store::is_visible(view.db, view.caller, &id)? {
                return Ok(None);
            }
            Ok(service::states(view.db, organisation, vec![lot])?.into_iter().map(LotView::from).next())
        })
        .await
}

/// Which label.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LabelQuery {
    /// The serial number of a pack of the lot: the label of that pack.
    serial: Option<Serial>,
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
