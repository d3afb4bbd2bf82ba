//! The journal and chains of custody over HTTP.

use actix_web::{HttpResponse, get, web};

use super::bundles::api::create_evidence_bundle;
use super::chain::{self, Of, Wanted};
use super::proofs::{get_consistency_proof, get_inclusion_proof, get_log_checkpoint, get_log_key};
use super::seeing::seen;
use super::store::{self, Filter};
use super::telling::tell;
use super::wire::{ChainQuery, Custody, EventFilter, EventView};
use crate::caller::Extent;
use crate::command::View;
use crate::custody_log::past::{Log, Past};
use crate::error::{Error, Result};
use crate::http::commands::Queries;
use crate::http::input::{Query, path_id};
use crate::http::lists::Asked;
use crate::http::paging::{self, After, Limit, List, Page};
use crate::http::slice::Routes;
use crate::ids::{AdministrationId, EventId, LotId};
use crate::problem::Problem;

/// The routes of this slice.
pub fn routes(cfg: &mut impl Routes) {
    cfg.service(get_lot_custody).service(get_administration_custody);
    cfg.service(list_events).service(get_event).service(get_event_bytes);
    cfg.service(get_log_key).service(get_log_checkpoint).service(get_inclusion_proof).service(get_consistency_proof);
    cfg.service(create_evidence_bundle);
}

/// Events as somebody sees them, from their bytes.
fn read(view: &mut View<'_>, found: Vec<Vec<u8>>) -> Result<Vec<EventView>> {
    let events = found.iter().map(|bytes| EventView::read(bytes, view.reader, view.patients)).collect::<Result<_>>()?;
    let (mut events, _) = seen(view, events)?;
    let ids: Vec<EventId> = events.iter().map(|event| event.id.clone()).collect();
    let ids: Vec<_> = ids.iter().collect();
    let leaves = crate::custody_log::service::leaves(view.db, &view.caller.organisation_id, &ids)?;
    for event in &mut events {
        event.leaf_index = leaves.get(&event.id).copied();
    }
    Ok(events)
}

/// What nobody knew of then is not found.
fn expect_known(view: &mut View<'_>, id: &str, what: &'static str, past: &Past) -> Result<()> {
    let Some(known) = past.known else { return Ok(()) };
    let first = crate::custody_log::service::first_leaf_about(view.db, &view.caller.organisation_id, id)?;
    if first.is_some_and(|first| first < known.size) { Ok(()) } else { Err(Error::not_found(what)) }
}

/// Answers with a chain. What it is of is looked for beside each part of it.
async fn custody<O>(
    queries: Queries,
    asked: ChainQuery,
    past: Past,
    of: O,
) -> std::result::Result<HttpResponse, Problem>
where
    O: Fn(&mut View<'_>) -> Result<Chain> + Send + Sync + 'static,
{
    let ChainQuery { limit, cursor, refusals, .. } = asked;
    let wanted = Wanted { refusals: refusals.unwrap_or(false), past };
    let list = List::of("custody", [paging::moment, paging::id::<EventId>]).usually(Limit::MOST);
    let fetch = move |view: &mut View<'_>, after, limit| {
        let chain = of(view)?;
        let of = match &chain {
            Chain::Lot(lot) => Of::Lot(lot),
            Chain::Administration(id, lot) => Of::Administration(id, lot),
        };
        let found = chain::page(view.db, view.caller, &of, wanted, &After::of(after)?, limit)?;
        found.map(|found| {
            let mut events = read(view, found)?;
            // What was known then is answered for ever, and things are called as they are called now.
            if past.known.is_none() {
                tell(view, &mut events)?;
            }
            Ok(events)
        })
    };
    let key = |event: &EventView| After::keys(event.occurred_at, &event.id);
    let shown = |_: &mut View<'_>, page: Page<EventView>| {
        Ok(Custody { events: page.items, next_cursor: page.next_cursor, tree_size: page.tree_size })
    };
    let asked = Asked { list, limit, cursor, tree_size: past.tree_size() };
    queries.list(asked, fetch, key, |_, found| Ok(found), shown).await
}

/// What a chain is of.
enum Chain {
    Lot(LotId),
    Administration(AdministrationId, LotId),
}

/// Shows the chain of custody of a lot.
///
/// Everything that happened to it, oldest first: the orders and deliveries that brought it, inspections, releases, holds and
/// administrations, each with who, when, what, and the id of its event. What a rule refused is told where `refusals` asks for
/// it. What is entered late stands where it happened, which may be on a page that was read before; `GET /v1/events?subject=`
/// tells the same in the order in which it was recorded.
#[utoipa::path(operation_id = "get_lot_custody", tag = "Custody",
    params(("id" = LotId, Path, description = "The lot."), ChainQuery),
    responses((status = 200, description = "The chain of custody.", body = Custody)))]
#[get("/lots/{id}/custody")]
async fn get_lot_custody(
    queries: Queries,
    log: Log,
    id: web::Path<String>,
    asked: Query<ChainQuery>,
) -> Result<HttpResponse, Problem> {
    let asked = asked.into_inner();
    let past = log.past(&queries, asked.at, asked.as_of).await?;
    let id: LotId = path_id(&id, "lot")?;
    let of = move |view: &mut View<'_>| {
        crate::stock::service::find_lot(view.db, view.caller, &id)?;
        expect_known(view, id.as_str(), "lot", &past)?;
        Ok(Chain::Lot(id.clone()))
    };
    custody(queries, asked, past, of).await
}

/// Shows the chain of custody of an administration.
///
/// How the units came to this patient, oldest first: the lot's chain without what was done to other patients, and
/// everything that happened to the administration itself; with `refusals`, also what was refused of it.
#[utoipa::path(operation_id = "get_administration_custody", tag = "Custody",
    params(("id" = AdministrationId, Path, description = "The administration."), ChainQuery),
    responses((status = 200, description = "The chain of custody.", body = Custody)))]
#[get("/administrations/{id}/custody")]
async fn get_administration_custody(
    queries: Queries,
    log: Log,
    id: web::Path<String>,
    asked: Query<ChainQuery>,
) -> Result<HttpResponse, Problem> {
    let asked = asked.into_inner();
    let past = log.past(&queries, asked.at, asked.as_of).await?;
    let id: AdministrationId = path_id(&id, "administration")?;
    let of = move |view: &mut View<'_>| {
        let found = crate::treatment::service::find(view, &id)?.ok_or_else(|| Error::not_found("administration"))?;
        expect_known(view, id.as_str(), "administration", &past)?;
        Ok(Chain::Administration(id.clone(), found.administration.lot_id))
    };
    custody(queries, asked, past, of).await
}

/// Lists events of the journal, oldest first, refusals included.
///
/// What was scanned in stock-takes is told there, and here to admins and auditors only: whoever counts is not to know what others count.
#[utoipa::path(operation_id = "list_events", tag = "Custody", params(EventFilter),
    responses((status = 200, description = "A page of events.", body = Page<EventView>)))]
#[get("/events")]
async fn list_events(queries: Queries, filter: Query<EventFilter>) -> Result<HttpResponse, Problem> {
    let EventFilter { kind, subject, actor, from, to, limit, cursor } = filter.into_inner();
    let filter = Filter { kind, subject, actor, from, to };
    queries
        .search(
            List::of("events", [paging::id::<EventId>]),
            limit,
            cursor,
            move |view, [after], limit| {
                let found = store::list(view.db, view.caller, &filter, &after, limit)?;
                found.map(|found| read(view, found))
            },
            |event: &EventView| [event.id.to_string()],
        )
        .await
}

fn visible_bytes(view: &mut View<'_>, id: &EventId) -> Result<Option<Vec<u8>>> {
    store::bytes(view.db, view.caller, id)
}

/// Shows an event.
#[utoipa::path(operation_id = "get_event", tag = "Custody", params(("id" = EventId, Path, description = "The event.")),
    responses((status = 200, description = "The event.", body = EventView)))]
#[get("/events/{id}")]
async fn get_event(queries: Queries, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    queries
        .find(id, "event", |view, id: EventId| {
            let found = visible_bytes(view, &id)?;
            Ok(read(view, found.into_iter().collect())?.pop())
        })
        .await
}

/// Gives the exact bytes of an event.
///
/// They are canonical JSON (RFC 8785), and whole or not at all: with a token for some sites, those of an event that concerns
/// others as well are refused. The leaf hash of the log is SHA-256 over a zero byte and these bytes (RFC 6962).
#[utoipa::path(operation_id = "get_event_bytes", tag = "Custody",
    params(("id" = EventId, Path, description = "The event.")),
    responses((status = 200, description = "The bytes.", body = String, content_type = "application/octet-stream")))]
#[get("/events/{id}/bytes")]
async fn get_event_bytes(queries: Queries, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let id = crate::http::input::path_id::<EventId>(&id, "event")?;
    let bytes = queries
        .run(move |view| {
            let bytes = visible_bytes(view, &id)?.ok_or_else(|| Error::not_found("event"))?;
            let (_, whole) = seen(view, vec![EventView::read(&bytes, view.reader, view.patients)?])?;
            if !whole {
                view.caller.expect_within(&Extent::Shared, "What this event says")?;
            }
            Ok(bytes)
        })
        .await?;
    Ok(HttpResponse::Ok().content_type("application/octet-stream").body(bytes))
}
