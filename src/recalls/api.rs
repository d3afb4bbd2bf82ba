//! Recalls over HTTP.

use actix_web::{HttpResponse, get, post, web};

use super::impact::{self, Impact, Placed};
use super::wire::{
    CampaignView, ContactView, ImpactLimit, ImpactQuery, NewClosing, NewContact, NewRecall, NewRecallAcknowledgement,
    NewRecalledLot, RecallFilter, RecallView,
};
use super::{campaign, export, finding, service, store};
use crate::error::Result;
use crate::http::accept::Format;
use crate::http::commands::{Commands, Queries};
use crate::http::files;
use crate::http::input::{Body, Query, path_id};
use crate::http::paging::{self, Limit, List, Page};
use crate::http::slice::Routes;
use crate::ids::RecallId;
use crate::limits::IMPACT_MAX;
use crate::problem::Problem;

/// The routes of this slice.
pub fn routes(cfg: &mut impl Routes) {
    cfg.service(create_recall).service(list_recalls).service(get_recall).service(get_recall_impact);
    cfg.service(add_recall_lot).service(acknowledge_recall).service(record_recall_contact).service(close_recall);
}

/// Opens a recall.
///
/// Every available and every opened unit that it names becomes held at once. After the answer nothing of it is administered or released, at any
/// site, until it is closed; what is in quarantine stays there, and may be inspected, returned or destroyed. One that matches
/// nothing says so, and keeps watch: what it names is held when it arrives. `near_misses` are lots that it does not name but may mean: somebody must
/// look. The same reference with the same content again is the same recall.
#[utoipa::path(operation_id = "create_recall", tag = "Recalls", request_body = NewRecall,
    responses((status = 201, description = "The recall.", body = RecallView)))]
#[post("/recalls")]
async fn create_recall(commands: Commands, body: Body<NewRecall>) -> Result<HttpResponse, Problem> {
    commands.create(body, service::open).await
}

/// Lists recalls.
#[utoipa::path(operation_id = "list_recalls", tag = "Recalls", params(RecallFilter),
    responses((status = 200, description = "A page of recalls.", body = Page<RecallView>)))]
#[get("/recalls")]
async fn list_recalls(queries: Queries, filter: Query<RecallFilter>) -> Result<HttpResponse, Problem> {
    let RecallFilter { reference, open, limit, cursor } = filter.into_inner();
    queries
        .page(
            List::of("recalls", [paging::id::<RecallId>]),
            limit,
            cursor,
            move |view, [after], limit| {
                let organisation = &view.caller.organisation_id;
                let found = match &reference {
                    Some(reference) => store::by_reference(view.db, organisation, reference)?
                        .filter(|recall| open.is_none_or(|open| open == recall.closed_at.is_none()))
                        .filter(|recall| recall.id.as_str() > after.as_str())
                        .into_iter()
                        .collect(),
                    None => store::list(view.db, organisation, open, &after, limit)?,
                };
                Ok(found.into_iter().map(RecallView::of).collect())
            },
            |recall: &RecallView| [recall.id.to_string()],
        )
        .await
}

/// Shows a recall: what it covers, what only looks like that, and how far its campaign is.
#[utoipa::path(operation_id = "get_recall", tag = "Recalls", params(("id" = RecallId, Path, description = "The recall.")),
    responses((status = 200, description = "The recall.", body = RecallView)))]
#[get("/recalls/{id}")]
async fn get_recall(queries: Queries, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    queries
        .report()
        .find(id, "recall", |view, id: RecallId| {
            let found = finding::expect(view.db, &view.caller.organisation_id, &id)?;
            finding::view(view.db, view.caller, found).map(Some)
        })
        .await
}

/// Shows what became of everything that a recall covers.
///
/// Where units are, which were opened, who was given some, what was returned, wasted, destroyed and lost, and whether that is all. JSON is paged;
/// with `Accept: text/csv` or `application/x-ndjson` the answer is a stream of all entries, without the sums.
#[utoipa::path(operation_id = "get_recall_impact", tag = "Recalls",
    params(("id" = RecallId, Path, description = "The recall."), ImpactQuery),
    responses((status = 200, description = "The impact.", content(
        (Impact = "application/json"), (String = "text/csv"), (String = "application/x-ndjson")))))]
#[get("/recalls/{id}/impact")]
async fn get_recall_impact(
    queries: Queries,
    id: web::Path<String>,
    query: Query<ImpactQuery>,
) -> Result<HttpResponse, Problem> {
    let id: RecallId = path_id(&id, "recall")?;
    let format = queries.format();
    if format != Format::Json {
        return export(queries, id, format).await;
    }
    let ImpactQuery { limit, cursor } = query.into_inner();
    let limit = Limit::own(limit.map_or(IMPACT_MAX, |ImpactLimit(limit)| limit));
    queries
        .report()
        .show(move |view| {
            let recall = finding::expect(view.db, &view.caller.organisation_id, &id)?;
            let sums = impact::sums(view, &recall)?;
            let fetch = |[after]: [String; 1], limit| impact::entries(view, &recall, &after, limit);
            let page =
                paging::search(impact::LIST, Some(limit), cursor, fetch, |placed: &Placed| [placed.place.to_string()])?;
            Ok(Impact::of(recall.id.clone(), page.items, page.next_cursor, sums))
        })
        .await
}

/// Streams all entries from a place on, a page of them at a time.
async fn export(queries: Queries, id: RecallId, format: Format) -> Result<HttpResponse, Problem> {
    let name = format!("recall-impact-{}", queries.now().day_in(chrono_tz::Tz::UTC));
    let part = move |after: Option<String>| {
        let (queries, id) = (queries.clone(), id.clone());
        let read = queries.report().run(move |view| {
            let recall = finding::expect(view.db, &view.caller.organisation_id, &id)?;
            let mut text = if after.is_none() { export::head(format) } else { String::new() };
            let found = impact::entries(view, &recall, &after.unwrap_or_default(), IMPACT_MAX)?;
            export::write(format, &mut text, &found.items)?;
            Ok((text, found.looked_at.map(|[place]| Some(place))))
        });
        async { read.await.map(|(text, next)| (files::ready(text), next)) }
    };
    files::stream(format, &name, None, part).await
}

/// Takes a lot in that a recall does not name but means, or packs of it.
#[utoipa::path(operation_id = "add_recall_lot", tag = "Recalls", request_body = NewRecalledLot,
    params(("id" = RecallId, Path, description = "The recall.")),
    responses((status = 201, description = "The recall.", body = RecallView)))]
#[post("/recalls/{id}/lots")]
async fn add_recall_lot(
    commands: Commands,
    id: web::Path<String>,
    body: Body<NewRecalledLot>,
) -> Result<HttpResponse, Problem> {
    let id: RecallId = path_id(&id, "recall")?;
    commands.create(body, move |cmd, new| service::take_in(cmd, &id, new)).await
}

/// Records that a site has seen a recall, and looked for what it names.
#[utoipa::path(operation_id = "acknowledge_recall", tag = "Recalls", request_body = NewRecallAcknowledgement,
    params(("id" = RecallId, Path, description = "The recall.")),
    responses((status = 201, description = "How far the recall is.", body = CampaignView)))]
#[post("/recalls/{id}/acknowledgements")]
async fn acknowledge_recall(
    commands: Commands,
    id: web::Path<String>,
    body: Body<NewRecallAcknowledgement>,
) -> Result<HttpResponse, Problem> {
    let id: RecallId = path_id(&id, "recall")?;
    commands.create(body, move |cmd, new| campaign::acknowledge(cmd, &id, new)).await
}

/// Records what came of telling a patient of a recall.
///
/// By the administration, never by the reference of the patient. Somebody may try more than once: the last counts where it is
/// shown, and one that reached them counts for the campaign.
#[utoipa::path(operation_id = "record_recall_contact", tag = "Recalls", request_body = NewContact,
    params(("id" = RecallId, Path, description = "The recall.")),
    responses((status = 201, description = "What came of it.", body = ContactView)))]
#[post("/recalls/{id}/contacts")]
async fn record_recall_contact(
    commands: Commands,
    id: web::Path<String>,
    body: Body<NewContact>,
) -> Result<HttpResponse, Problem> {
    let id: RecallId = path_id(&id, "recall")?;
    commands.create(body, move |cmd, new| campaign::contact(cmd, &id, new)).await
}

/// Closes a recall.
///
/// Not by who opened it. Released units are free where nothing else holds them; what goes back or is destroyed is rejected until it
/// has, with what is in quarantine.
#[utoipa::path(operation_id = "close_recall", tag = "Recalls", request_body = NewClosing,
    params(("id" = RecallId, Path, description = "The recall.")),
    responses((status = 200, description = "The recall, closed.", body = RecallView)))]
#[post("/recalls/{id}/close")]
async fn close_recall(
    commands: Commands,
    id: web::Path<String>,
    body: Body<NewClosing>,
) -> Result<HttpResponse, Problem> {
    let id: RecallId = path_id(&id, "recall")?;
    commands.change(body, move |cmd, new| campaign::close(cmd, &id, new)).await
}
