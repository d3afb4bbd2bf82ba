//! Licences over HTTP.

use actix_web::{HttpResponse, get, post, web};

use super::model::{Licence, LicenceAcknowledgement, LicenceCheck, LicenceReversal};
use super::resting::{self, Part, Record};
use super::wire::{CheckView, LicenceFilter, LicenceView, NewAcknowledgement, NewCheck, NewLicence, NewReversal};
use super::{reversals, service, store};
use crate::http::commands::{Commands, Queries};
use crate::http::input::{Body, Query, path_id};
use crate::http::paging::{self, List, Page};
use crate::http::slice::Routes;
use crate::ids::{LicenceCheckId, LicenceId};
use crate::problem::Problem;

/// The routes of this slice.
pub fn routes(cfg: &mut impl Routes) {
    cfg.service(create_licence).service(list_licences).service(get_licence).service(create_check);
    cfg.service(reverse_licence).service(reverse_check).service(acknowledge);
}

/// Registers a licence.
///
/// A site buys and treats under a `facility` licence (its own or its organisation's), a practitioner treats under a
/// `professional_registration`, a supplier sells under a `wholesale` one. It counts once a check says `verified`.
#[utoipa::path(operation_id = "create_licence", tag = "Licences", request_body = NewLicence,
    responses((status = 201, description = "The licence.", body = LicenceView)))]
#[post("/licences")]
async fn create_licence(commands: Commands, body: Body<NewLicence>) -> Result<HttpResponse, Problem> {
    commands.create(body, |cmd, new| service::register(cmd, new).map(LicenceView::from)).await
}

/// Lists licences.
#[utoipa::path(operation_id = "list_licences", tag = "Licences", params(LicenceFilter),
    responses((status = 200, description = "A page of licences.", body = Page<LicenceView>)))]
#[get("/licences")]
async fn list_licences(queries: Queries, filter: Query<LicenceFilter>) -> Result<HttpResponse, Problem> {
    let LicenceFilter { holder_type, holder_id, kind, limit, cursor } = filter.into_inner();
    let filter = store::Filter { id: None, holder_type, holder_id, kind, in_force: false };
    queries
        .search(
            List::of("licences", [paging::id::<LicenceId>]),
            limit,
            cursor,
            move |view, [after], limit| {
                let found = store::list(view.db, view.caller, &filter, &after, limit)?;
                let ids: Vec<_> = found.items.iter().map(|licence| &licence.id).collect();
                let reversals = store::reversals(view.db, &view.caller.organisation_id, &ids)?;
                let reversal =
                    |id: &LicenceId| reversals.iter().find(|of| of.check_id.is_none() && of.licence_id == *id);
                let shown = |licence: Licence| LicenceView {
                    reversal: reversal(&licence.id).cloned(),
                    ..LicenceView::from(licence)
                };
                found.map(|found| Ok(found.into_iter().map(shown).collect()))
            },
            |licence| [licence.id.to_string()],
        )
        .await
}

/// Shows a licence with its checks.
#[utoipa::path(operation_id = "get_licence", tag = "Licences",
    params(("id" = LicenceId, Path, description = "The licence.")),
    responses((status = 200, description = "The licence.", body = LicenceView)))]
#[get("/licences/{id}")]
async fn get_licence(queries: Queries, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    queries
        .find(id, "licence", |view, id: LicenceId| {
            let Some(licence) = store::licence(view.db, view.caller, &id)? else { return Ok(None) };
            let organisation = &view.caller.organisation_id;
            let record = Record::of(view.db, organisation, &id)?;
            let part = Part { at: view.caller.sites.as_deref(), ..Part::default() };
            let touched = resting::touched(view.db, organisation, &id, &record, part)?;
            let reversal = |check: Option<&LicenceCheckId>| record.reversal(check).cloned();
            let shown = |check: &LicenceCheck| CheckView {
                reversal: reversal(Some(&check.id)),
                discount: record.discount(&check.id).cloned(),
                check: check.clone(),
            };
            Ok(Some(LicenceView {
                reversal: reversal(None),
                checks: Some(record.checks.iter().map(shown).collect()),
                touched: Some(touched),
                acknowledged: record.acknowledged.clone(),
                ..LicenceView::from(licence)
            }))
        })
        .await
}

/// Adds a check of a licence.
///
/// Checks are only ever added. One that says verified speaks for every day of the validity, earlier ones included, that no
/// adverse state covers. One that says anything else covers from `effective_on` (or from the check) to the next verification,
/// and no later check makes its days good. Whoever checks is independent of the holder, by every subject that either ever
/// had and by way of others; a verification that turns out not to be so stops counting then. What rested on the licence meanwhile is listed: see the licence's `touched`.
#[utoipa::path(operation_id = "create_licence_check", tag = "Licences", request_body = NewCheck,
    params(("id" = LicenceId, Path, description = "The licence.")),
    responses((status = 201, description = "The check.", body = LicenceCheck)))]
#[post("/licences/{id}/checks")]
async fn create_check(
    commands: Commands,
    id: web::Path<String>,
    body: Body<NewCheck>,
) -> Result<HttpResponse, Problem> {
    let id: LicenceId = path_id(&id, "licence")?;
    commands.create(body, move |cmd, new| service::check(cmd, &id, new)).await
}

/// Reverses a mis-keyed licence, with all its checks.
///
/// It counts for nothing any more, and stays on record. Refused with the list when decisions rest on it.
#[utoipa::path(operation_id = "create_licence_reversal", tag = "Licences", request_body = NewReversal,
    params(("id" = LicenceId, Path, description = "The licence.")),
    responses((status = 201, description = "The reversal.", body = LicenceReversal)))]
#[post("/licences/{id}/reversals")]
async fn reverse_licence(
    commands: Commands,
    id: web::Path<String>,
    body: Body<NewReversal>,
) -> Result<HttpResponse, Problem> {
    let id: LicenceId = path_id(&id, "licence")?;
    commands.create(body, move |cmd, new| reversals::reverse(cmd, &id, None, new)).await
}

/// Reverses a mis-keyed check of a licence.
///
/// It counts for nothing any more, and stays on record. Refused with the list when decisions rest on it. What became untrue
/// with it (a verification that had ended a suspension) is listed: see the licence's `touched`.
#[utoipa::path(operation_id = "create_licence_check_reversal", tag = "Licences", request_body = NewReversal,
    params(("id" = LicenceId, Path, description = "The licence."),
        ("check_id" = LicenceCheckId, Path, description = "The check.")),
    responses((status = 201, description = "The reversal.", body = LicenceReversal)))]
#[post("/licences/{id}/checks/{check_id}/reversals")]
async fn reverse_check(
    commands: Commands,
    path: web::Path<(String, String)>,
    body: Body<NewReversal>,
) -> Result<HttpResponse, Problem> {
    let (id, check) = path.into_inner();
    let (id, check): (LicenceId, LicenceCheckId) = (path_id(&id, "licence")?, path_id(&check, "check of the licence")?);
    commands.create(body, move |cmd, new| reversals::reverse(cmd, &id, Some(&check), new)).await
}

/// Acknowledges what a licence has touched that was lost earlier than anybody knew.
///
/// It leaves the morning list until a later entry touches more.
#[utoipa::path(operation_id = "create_licence_acknowledgement", tag = "Licences", request_body = NewAcknowledgement,
    params(("id" = LicenceId, Path, description = "The licence.")),
    responses((status = 201, description = "The acknowledgement.", body = LicenceAcknowledgement)))]
#[post("/licences/{id}/acknowledgements")]
async fn acknowledge(
    commands: Commands,
    id: web::Path<String>,
    body: Body<NewAcknowledgement>,
) -> Result<HttpResponse, Problem> {
    let id: LicenceId = path_id(&id, "licence")?;
    commands.create(body, move |cmd, new| reversals::acknowledge(cmd, &id, new)).await
}
