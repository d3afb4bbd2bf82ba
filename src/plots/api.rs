//! Plots over HTTP.

use actix_web::http::header;
use actix_web::{HttpResponse, get, web};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{drawing, funnel, levels, service};
use crate::http::commands::Queries;
use crate::http::input::{Query, path_id};
use crate::http::slice::Routes;
use crate::ids::{LocationId, ProductId, SiteId};
use crate::limits::FUNNEL_LOTS_MAX;
use crate::problem::Problem;
use crate::sensors::rules;
use crate::sensors::wire::ClimateQuery;

/// The routes of this overview.
pub fn routes(cfg: &mut impl Routes) {
    cfg.service(get_climate_svg).service(get_replenishment_plot_svg).service(get_signals_plot);
}

/// Draws how warm a location was, as SVG.
///
/// What `climate` tells, as a curve: of each span of time the lowest to the highest, and the mean; the location's band; where
/// nothing was measured, nothing is drawn. Excursions are hatched, each kind in its own way; beneath is a bar for each lot of
/// which units were there, exposed ones first. The axis has the local times of the site. It can be read 360 pixels wide, on
/// paper, and without colours, and says the same in words to whoever cannot see it.
#[utoipa::path(operation_id = "get_climate_svg", tag = "Sensors",
    params(("id" = LocationId, Path, description = "The location."), ClimateQuery),
    responses((status = 200, description = "The plot.", content((String = "image/svg+xml")))))]
#[get("/locations/{id}/climate.svg")]
async fn get_climate_svg(
    queries: Queries,
    id: web::Path<String>,
    query: Query<ClimateQuery>,
) -> Result<HttpResponse, Problem> {
    let ClimateQuery { from, to, resolution } = query.into_inner();
    let id: LocationId = path_id(&id, "location")?;
    let asked = rules::buckets(from, to, resolution.as_deref())?;
    let drawn =
        queries.report().run(move |view| service::plot(view, &id, asked).map(|plot| drawing::draw(&plot))).await?;
    Ok(picture(drawn))
}

/// A picture of data: as a page of its own it may load and run nothing.
fn picture(drawn: String) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("image/svg+xml; charset=utf-8")
        .insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .body(drawn)
}

/// Of which product at which site.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LevelPlotQuery {
    /// The site.
    site_id: SiteId,
    /// The product.
    product_id: ProductId,
}

/// Draws what a site had of a product over the last 13 weeks, against its level, as SVG.
///
/// A point for each week, the last now: units at the site, whatever their disposition; the minimum and the maximum as lines. It can be read
/// 360 pixels wide, on paper and without colours, and says the same in words.
#[utoipa::path(operation_id = "get_replenishment_plot_svg", tag = "Replenishment", params(LevelPlotQuery),
    responses((status = 200, description = "The plot.", content((String = "image/svg+xml")))))]
#[get("/replenishment/plot.svg")]
async fn get_replenishment_plot_svg(queries: Queries, query: Query<LevelPlotQuery>) -> Result<HttpResponse, Problem> {
    let LevelPlotQuery { site_id, product_id } = query.into_inner();
    let drawn = queries
        .report()
        .run(move |view| levels::plot(view, &site_id, &product_id).map(|plot| levels::draw(&plot)))
        .await?;
    Ok(picture(drawn))
}

/// Of which product.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SignalsPlotQuery {
    /// The product.
    product_id: ProductId,
}

/// Draws the adverse events of each lot of a product against the units of it that were administered, as SVG.
///
/// A funnel: a point for each lot, 200 at the most and those with the most adverse events first; the rate of the product as a line; exact
/// Poisson limits as curves, between which 95 % of the lots lie that are like the others. What is flagged is filled and named. It can be
/// read on paper and without colours, and says the same in words.
#[utoipa::path(operation_id = "get_signals_plot", tag = "Safety", params(SignalsPlotQuery),
    responses((status = 200, description = "The plot.", content((String = "image/svg+xml")))))]
#[get("/signals/plot.svg")]
async fn get_signals_plot(queries: Queries, query: Query<SignalsPlotQuery>) -> Result<HttpResponse, Problem> {
    let SignalsPlotQuery { product_id } = query.into_inner();
    let drawn = queries
        .report()
        .run(move |view| {
            crate::safety::signals::funnel(view, &product_id, FUNNEL_LOTS_MAX).map(|plot| funnel::draw(&plot))
        })
        .await?;
    Ok(picture(drawn))
}
