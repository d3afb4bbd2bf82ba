//! Plots over HTTP.

use actix_web::http::header;
use actix_web::{HttpResponse, get, web};

use super::{drawing, service};
use crate::http::commands::Queries;
use crate::http::input::{Query, path_id};
use crate::http::slice::Routes;
use crate::ids::LocationId;
use crate::problem::Problem;
use crate::sensors::rules;
use crate::sensors::wire::ClimateQuery;

/// The routes of this overview.
pub fn routes(cfg: &mut impl Routes) {
    cfg.service(get_climate_svg);
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
    // A picture of data: as a page of its own it may load and run nothing.
    Ok(HttpResponse::Ok()
        .content_type("image/svg+xml; charset=utf-8")
        .insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .body(drawn))
}
