//! The morning list over HTTP.

use actix_web::{HttpResponse, get};

use super::naming::named;
use super::service;
use super::waiting::is_place;
use super::wire::{AttentionQuery, AttentionView, DAYS_MAX, WorkItem, WorkQuery};
use super::work;
use crate::http::commands::Queries;
use crate::http::input::Query;
use crate::http::paging::{self, After, List, Page};
use crate::http::slice::Routes;
use crate::problem::{Problem, ProblemCode};

/// The routes of this slice.
pub fn routes(cfg: &mut impl Routes) {
    cfg.service(get_attention).service(get_work);
}

/// Shows what somebody should look at this morning.
///
/// Expiring stock, stock that must be moved away, licences that lapse, authorisations to verify again, lots that are easily
/// confused, what counts found otherwise than the books, open recalls, holds and deviations, excursions to assess, sensors that are
/// silent, stuck or to be calibrated, who is refused over and over, adverse events of which something is due, and lots and products of which
/// harm came more often than of others. An excursion that is over waits no more where
/// stability budgets cover all that was there.
#[utoipa::path(operation_id = "get_attention", tag = "Attention", params(AttentionQuery),
    responses((status = 200, description = "The list.", body = AttentionView)))]
#[get("/attention")]
async fn get_attention(queries: Queries, query: Query<AttentionQuery>) -> Result<HttpResponse, Problem> {
    let AttentionQuery { site_id, days } = query.into_inner();
    let days = ahead(days)?;
    queries.report().show(move |view| service::attention(view, site_id, days).map(AttentionView::from)).await
}

/// Shows what waits for whoever asks: what they may settle by their roles, at the sites of their token, and what is theirs by name.
///
/// The earliest first, by when it is due or else since when it waits. What somebody must not do is not their work: to release what
/// they inspected, to approve what they counted, to close what they recorded, to verify what they registered. Of each kind 200 are
/// looked for at a time, and more come when some of them are done.
#[utoipa::path(operation_id = "get_work", tag = "Attention", params(WorkQuery),
    responses((status = 200, description = "A page of what waits.", body = Page<WorkItem>)))]
#[get("/work")]
async fn get_work(queries: Queries, query: Query<WorkQuery>) -> Result<HttpResponse, Problem> {
    let WorkQuery { site_id, kind, days, limit, cursor } = query.into_inner();
    let days = ahead(days)?;
    let access = queries.access();
    queries
        .page(
            List::of("work", [paging::moment, is_place]),
            limit,
            cursor,
            move |view, after, limit| {
                let After { at, id } = After::of(after)?;
                let mut found = work::work(view, access, (site_id.clone(), kind, days))?;
                found.retain(|waiting| waiting.place() > (at, id.clone()));
                found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
                named(view, found)
            },
            WorkItem::keys,
        )
        .await
}

/// How many days ahead is looked.
fn ahead(days: Option<u16>) -> Result<u32, Problem> {
    let days = u32::from(days.unwrap_or(30));
    if days > DAYS_MAX {
        return Err(Problem::new(ProblemCode::MalformedQuery, format!("days must be from 0 to {DAYS_MAX}.")));
    }
    Ok(days)
}
