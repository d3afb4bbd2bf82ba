//! The morning list over HTTP.

use actix_web::{HttpResponse, get};

use super::service::{self};
use super::wire::{AttentionQuery, AttentionView, DAYS_MAX};
use crate::http::commands::Queries;
use crate::http::input::Query;
use crate::http::slice::Routes;
use crate::problem::{Problem, ProblemCode};

/// The routes of this slice.
pub fn routes(cfg: &mut impl Routes) {
    cfg.service(get_attention);
}

/// Shows what somebody should look at this morning.
///
/// Expiring stock, stock that must be moved away, licences that lapse, authorisations to verify again, lots that are easily
/// confused, what counts found otherwise than the books, open recalls, holds and deviations, excursions to assess, sensors that are
/// silent, stuck or to be calibrated, and who is refused over and over. An excursion that is over waits no more where
/// stability budgets cover all that was there.
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
