//! Levels and replenishment over HTTP.

use actix_web::{HttpResponse, get, post, put};

use super::wire::{
    LevelFilter, LevelView, NewLevel, NewReplenishment, Replenished, ReplenishmentItem, ReplenishmentQuery,
};
use super::{service, store};
use crate::error::Error;
use crate::http::commands::{Commands, Queries};
use crate::http::input::{Body, Query};
use crate::http::paging::{self, Found, List, Page};
use crate::http::slice::Routes;
use crate::ids::{LevelId, ProductId};
use crate::problem::Problem;

/// The routes of this slice.
pub fn routes(cfg: &mut impl Routes) {
    cfg.service(set_level).service(list_levels).service(get_replenishment).service(create_replenishment_orders);
}

/// Sets how much of a product a site keeps: at least, and at most.
///
/// There is one level for each product at each site. One that says what stands changes nothing; every version stays in the journal.
#[utoipa::path(operation_id = "set_level", tag = "Replenishment", request_body = NewLevel,
    responses((status = 200, description = "The level, now in force.", body = LevelView)))]
#[put("/levels")]
async fn set_level(commands: Commands, body: Body<NewLevel>) -> Result<HttpResponse, Problem> {
    commands
        .change(body, |cmd, new| {
            let (level, _) = service::set(cmd, new)?;
            let organisation = cmd.organisation();
            let view = service::views(cmd.db, organisation, vec![level])?.pop();
            view.ok_or_else(|| Error::internal("a level that is not there"))
        })
        .await
}

/// Lists levels.
#[utoipa::path(operation_id = "list_levels", tag = "Replenishment", params(LevelFilter),
    responses((status = 200, description = "A page of levels.", body = Page<LevelView>)))]
#[get("/levels")]
async fn list_levels(queries: Queries, filter: Query<LevelFilter>) -> Result<HttpResponse, Problem> {
    let LevelFilter { site_id, product_id, limit, cursor } = filter.into_inner();
    let filter = store::Filter { site_id, product_id };
    queries
        .search(
            List::of("levels", [paging::id::<LevelId>]),
            limit,
            cursor,
            move |view, [after], limit| {
                let found = store::list(view.db, view.caller, &filter, &after, limit)?;
                found.map(|found| service::views(view.db, &view.caller.organisation_id, found))
            },
            |level: &LevelView| [level.id.to_string()],
        )
        .await
}

/// Shows what a site has of each product, how long it lasts, what is on order, and what is to be bought.
///
/// Of every product with a level, with units at the site or on order, or of which any were used in the last 13 weeks. A page looks at so
/// many products as were asked for, and may have fewer.
#[utoipa::path(operation_id = "get_replenishment", tag = "Replenishment", params(ReplenishmentQuery),
    responses((status = 200, description = "A page of products.", body = Page<ReplenishmentItem>)))]
#[get("/replenishment")]
async fn get_replenishment(queries: Queries, query: Query<ReplenishmentQuery>) -> Result<HttpResponse, Problem> {
    let ReplenishmentQuery { site_id, limit, cursor } = query.into_inner();
    queries
        .search(
            List::of("replenishment", [paging::id::<ProductId>]),
            limit,
            cursor,
            move |view, [after], limit| {
                let organisation = &view.caller.organisation_id;
                let site = crate::sites::service::expect_site(view.db, view.caller, &site_id)?;
                let products = crate::catalogue::service::in_order(view.db, organisation, &after, limit)?;
                let now = view.now;
                Found::all(products).sifted(
                    limit,
                    |product| [product.id.to_string()],
                    |products| {
                        let items = service::items(view.db, organisation, &site, products, now)?;
                        Ok(items.into_iter().map(ReplenishmentItem::from).collect())
                    },
                )
            },
            |item: &ReplenishmentItem| [item.product.id.to_string()],
        )
        .await
}

/// Writes drafts of orders of what is suggested: one for each supplier.
///
/// Of the products that are named, each of the supplier named for it or of whom it was ordered last, and with the packs named or as many as
/// are suggested. Without products: of everything that is suggested for the site; what was never bought is said and left out. Drafts
/// are placed like any others, and then the gate judges them.
#[utoipa::path(operation_id = "create_replenishment_orders", tag = "Replenishment", request_body = NewReplenishment,
    responses((status = 201, description = "The drafts.", body = Replenished)))]
#[post("/replenishment/orders")]
async fn create_replenishment_orders(
    commands: Commands,
    body: Body<NewReplenishment>,
) -> Result<HttpResponse, Problem> {
    commands.create(body, service::order).await
}
