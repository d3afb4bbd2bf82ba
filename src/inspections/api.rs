//! Inspections and releases over HTTP.

use actix_web::{HttpResponse, get, post, web};

use super::store::Filter;
use super::wire::{
    InspectionFilter, InspectionView, ListedInspection, ListedRelease, NewInspection, NewInspectionReversal,
    NewRelease, ReleaseView,
};
use super::{listing, releasing, reversals, service, store};
use crate::http::commands::{Commands, Queries};
use crate::http::input::{Body, Query, path_id};
use crate::http::paging::{self, After, List, Page};
use crate::http::period::Period;
use crate::http::slice::Routes;
use crate::ids::{InspectionId, LotId, ReleaseId};
use crate::problem::Problem;

/// The routes of this slice.
pub fn routes(cfg: &mut impl Routes) {
    cfg.service(create_inspection).service(list_inspections).service(get_inspection).service(reverse_inspection);
    cfg.service(create_release).service(list_releases);
}

/// Records a packaging inspection.
///
/// Part of the units may fail. What failed becomes rejected at once and can only be returned or destroyed; what passed
/// is in state `passed` and waits for its release by somebody else. A pass goes where its units go. An inspection without
/// everything that the checklist of the product's class requires is recorded and passes nothing.
#[utoipa::path(operation_id = "create_inspection", tag = "Receiving", request_body = NewInspection,
    responses((status = 201, description = "The inspection.", body = InspectionView)))]
#[post("/inspections")]
async fn create_inspection(commands: Commands, body: Body<NewInspection>) -> Result<HttpResponse, Problem> {
    commands
        .create(body, |cmd, new| {
            crate::stock::rules::distinct_serials("serials_passed", &new.serials_passed)?;
            crate::stock::rules::distinct_serials("serials_failed", &new.serials_failed)?;
            service::inspect(cmd, new).map(InspectionView::from)
        })
        .await
}

/// Lists inspections, in the order of what happened.
#[utoipa::path(operation_id = "list_inspections", tag = "Receiving", params(InspectionFilter),
    responses((status = 200, description = "A page of inspections.", body = Page<ListedInspection>)))]
#[get("/inspections")]
async fn list_inspections(queries: Queries, query: Query<InspectionFilter>) -> Result<HttpResponse, Problem> {
    let InspectionFilter { site_id, location_id, lot_id, serial, from, to, limit, cursor } = query.into_inner();
    let asked = Filter { site_id, location_id, lot_id, serial, period: Period::default() };
    queries
        .search(
            List::of("inspections", [paging::moment, paging::id::<InspectionId>]),
            limit,
            cursor,
            move |view, after, limit| {
                let zone = crate::sites::service::zone_asked(view.db, view.caller, asked.site_id.as_ref())?;
                let filter = Filter { period: Period::of(from, to, zone), ..asked.clone() };
                let found = store::list(view.db, view.caller, &filter, &After::of(after)?, limit)?;
                found.map(|found| listing::inspections(view, found))
            },
            |listed: &ListedInspection| After::keys(listed.inspection.occurred_at, &listed.inspection.id),
        )
        .await
}

/// Lists releases, in the order of what happened.
#[utoipa::path(operation_id = "list_releases", tag = "Receiving", params(InspectionFilter),
    responses((status = 200, description = "A page of releases.", body = Page<ListedRelease>)))]
#[get("/releases")]
async fn list_releases(queries: Queries, query: Query<InspectionFilter>) -> Result<HttpResponse, Problem> {
    let InspectionFilter { site_id, location_id, lot_id, serial, from, to, limit, cursor } = query.into_inner();
    let asked = Filter { site_id, location_id, lot_id, serial, period: Period::default() };
    queries
        .search(
            List::of("releases", [paging::moment, paging::id::<ReleaseId>]),
            limit,
            cursor,
            move |view, after, limit| {
                let zone = crate::sites::service::zone_asked(view.db, view.caller, asked.site_id.as_ref())?;
                let filter = Filter { period: Period::of(from, to, zone), ..asked.clone() };
                let found = store::list_releases(view.db, view.caller, &filter, &After::of(after)?, limit)?;
                found.map(|found| listing::releases(view, found))
            },
            |listed: &ListedRelease| After::keys(listed.release.occurred_at, &listed.release.id),
        )
        .await
}

/// Shows an inspection.
#[utoipa::path(operation_id = "get_inspection", tag = "Receiving",
    params(("id" = InspectionId, Path, description = "The inspection.")),
    responses((status = 200, description = "The inspection.", body = InspectionView)))]
#[get("/inspections/{id}")]
async fn get_inspection(queries: Queries, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    queries
        .find(id, "inspection", |view, id: InspectionId| {
            let Some(found) = service::find(view.db, view.caller, &id)? else { return Ok(None) };
            let reversals = store::reversals(view.db, &view.caller.organisation_id, &[&found.id])?;
            Ok(Some(InspectionView::of(found, reversals.first())))
        })
        .await
}

/// Reverses an inspection that was recorded wrongly.
///
/// What passed or failed in it is quarantined again, wherever it was set apart since, and can be inspected again; whoever
/// looked at the units still does not release them. Refused with the list when some of them have moved on.
#[utoipa::path(operation_id = "create_inspection_reversal", tag = "Receiving", request_body = NewInspectionReversal,
    params(("id" = InspectionId, Path, description = "The inspection.")),
    responses((status = 201, description = "The inspection, reversed.", body = InspectionView)))]
#[post("/inspections/{id}/reversals")]
async fn reverse_inspection(
    commands: Commands,
    id: web::Path<String>,
    body: Body<NewInspectionReversal>,
) -> Result<HttpResponse, Problem> {
    let id: InspectionId = path_id(&id, "inspection")?;
    commands
        .create(body, move |cmd, new| {
            let (inspection, reversal) = reversals::reverse(cmd, &id, new)?;
            Ok(InspectionView::of(inspection, Some(&reversal)))
        })
        .await
}

/// Releases units of a lot from quarantine to stock.
///
/// Only what passed is released, by none of those who inspected it, and only if its supplier was vetted on the day on which
/// it arrived. Where units without numbers came by several receipts, all of these must be good.
#[utoipa::path(operation_id = "create_release", tag = "Receiving", request_body = NewRelease,
    params(("id" = LotId, Path, description = "The lot.")),
    responses((status = 201, description = "The release.", body = ReleaseView)))]
#[post("/lots/{id}/releases")]
async fn create_release(
    commands: Commands,
    id: web::Path<String>,
    body: Body<NewRelease>,
) -> Result<HttpResponse, Problem> {
    let id: LotId = path_id(&id, "lot")?;
    commands
        .create(body, move |cmd, new| {
            crate::stock::rules::distinct_serials("serials", &new.serials)?;
            releasing::release(cmd, &id, new).map(ReleaseView::from)
        })
        .await
}
